//! What is done for accounts in every block: those whose levels prices reached, those on the watch list, and a few in turn, so that
//! every account is rolled and its guarantor answers for it whatever the traffic.

use crate::{looks::Looks, Accounts, AccountsCursor, Collaterals, Config, Pallet, Subject, SweepUntil};
use frame_support::{pallet_prelude::Weight, traits::Get, BoundedVec};
use gcx_primitives::AccountKey;

/// How many accounts of the watch list are looked at for each one of the sweep.
const WATCHED: u32 = 4;
/// How many accounts are looked at whatever looks may weigh: one of the watch list, of the owners that are to be looked at, and of
/// the sweep.
pub(crate) const PROMISED: u64 = 3;

impl<T: Config> Pallet<T> {
	/// Looks at accounts as far as the weight goes, and at those that are promised whatever it is. Returns what it weighed.
	pub(crate) fn inspect_next(limit: Weight) -> Weight {
		let most = T::AccountsPerBlock::get();
		let mut looks = Looks::new::<T>(limit, PROMISED);
		Self::note_collateral();
		// Half at first: what was found is on the watch list, and needs the rest.
		let half = looks.half();
		Self::inspect_reached(&mut looks, half);
		Self::inspect_watched(&mut looks, most.saturating_mul(WATCHED));
		Self::inspect_owners(&mut looks);
		Self::sweep(&mut looks, most);
		Self::inspect_reached(&mut looks, limit);
		// What is left goes to a sweep that the trigger index waits for.
		while SweepUntil::<T>::exists() && looks.fits() {
			if Self::sweep(&mut looks, 1) == 0 {
				break;
			}
		}
		looks.spent()
	}

	/// Prices of collateral are the index's: each is looked at in turn.
	fn note_collateral() {
		let block = frame_system::Pallet::<T>::block_number();
		let turn = block % crate::MAX_COLLATERALS.into();
		let turn = usize::try_from(sp_runtime::SaturatedConversion::saturated_into::<u32>(turn)).unwrap_or(0);
		if let Some(id) = Collaterals::<T>::iter_keys().nth(turn) {
			Self::note_move(Subject::Collateral(id));
		}
	}

	/// An assumption of the trigger index failed: all accounts are swept once as fast as weight allows.
	pub(crate) fn sweep_all() {
		match AccountsCursor::<T>::get() {
			Some(cursor) => SweepUntil::<T>::put(cursor),
			None => SweepUntil::<T>::put(BoundedVec::default()),
		}
	}

	/// Looks at the next accounts, round and round: at most so many, and one at least. Returns how many.
	pub(crate) fn sweep(looks: &mut Looks, most: u32) -> u32 {
		let mut swept = 0u32;
		let cursor = AccountsCursor::<T>::get();
		let rest = cursor.clone().map(|cursor| Accounts::<T>::iter_keys_from(cursor.into_inner()));
		let mut round = rest.into_iter().flatten().chain(Accounts::<T>::iter_keys());
		let mut before = cursor.map(BoundedVec::into_inner).unwrap_or_default();
		while looks.admits(swept, most) {
			let Some((owner, sub)) = round.next() else { break };
			let key = Accounts::<T>::hashed_key_for(&owner, sub);
			Self::inspect_or_park(looks, &AccountKey { owner, sub });
			swept = swept.saturating_add(1);
			// The round is over where it comes by the key at which it began. A look may begin another one.
			if SweepUntil::<T>::get().is_some_and(|until| passes(&before, &key, &until)) {
				SweepUntil::<T>::kill();
			}
			before = key;
		}
		match BoundedVec::try_from(before) {
			Ok(cursor) if swept > 0 => AccountsCursor::<T>::put(cursor),
			_ => SweepUntil::<T>::kill(),
		}
		swept
	}
}

/// Whether going round from one key to the next comes to, or over, the key `until`.
fn passes(from: &[u8], to: &[u8], until: &[u8]) -> bool {
	if from < to {
		from < until && until <= to
	} else {
		// Once round.
		until > from || until <= to
	}
}
