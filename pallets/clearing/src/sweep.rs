//! What is done for accounts in every block: those whose levels prices reached, those on the watch list, and a few in turn, so that
//! every account is rolled and its guarantor answers for it whatever the traffic.

use crate::{Accounts, AccountsCursor, Collaterals, Config, Pallet, Subject, SweepUntil, WeightInfo};
use frame_support::{pallet_prelude::Weight, traits::Get, weights::WeightMeter, BoundedVec};
use gcx_primitives::AccountKey;

/// How many accounts of the watch list are looked at for each one of the sweep.
const WATCHED: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Looks at accounts as far as the weight goes, and at the least that is promised whatever it is. Returns what it weighed.
	pub(crate) fn inspect_next(limit: Weight) -> Weight {
		let each = T::WeightInfo::inspect();
		let least = T::AccountsPerBlock::get();
		let mut looked = Self::inspect_watched(least.saturating_mul(WATCHED));
		looked = looked.saturating_add(Self::inspect_owners(least.saturating_mul(WATCHED)));
		looked = looked.saturating_add(Self::sweep(least));
		// What is promised comes out of the limit first.
		let promised = each.saturating_mul(looked.into());
		let mut meter = WeightMeter::with_limit(limit.saturating_sub(promised));
		Self::note_collateral();
		Self::inspect_reached(&mut meter);
		// What is left goes to a sweep that the trigger index waits for.
		while SweepUntil::<T>::exists() && meter.try_consume(each.saturating_mul(least.into())).is_ok() {
			if Self::sweep(least) == 0 {
				break;
			}
		}
		meter.consumed().saturating_add(promised)
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

	/// Looks at the next `count` accounts, round and round. Returns how many it was.
	pub(crate) fn sweep(count: u32) -> u32 {
		let mut swept = 0;
		let mut last = None;
		let until = SweepUntil::<T>::get();
		let cursor = AccountsCursor::<T>::get();
		let rest = cursor.clone().map(|cursor| Accounts::<T>::iter_keys_from(cursor.into_inner()));
		let round = rest.into_iter().flatten().chain(Accounts::<T>::iter_keys());
		let next: alloc::vec::Vec<_> = round.take(usize::try_from(count).unwrap_or(usize::MAX)).collect();
		let mut before = cursor.map(BoundedVec::into_inner).unwrap_or_default();
		for (owner, sub) in next {
			let key = Accounts::<T>::hashed_key_for(&owner, sub);
			Self::inspect_or_park(&AccountKey { owner, sub });
			swept += 1;
			// The round is over where it comes by the key at which it began.
			let is_past = until.as_ref().is_some_and(|until| passes(&before, &key, until));
			if is_past {
				SweepUntil::<T>::kill();
			}
			before.clone_from(&key);
			last = Some(key);
		}
		if swept == 0 {
			SweepUntil::<T>::kill();
		}
		if let Some(cursor) = last.and_then(|key| BoundedVec::try_from(key).ok()) {
			AccountsCursor::<T>::put(cursor);
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
