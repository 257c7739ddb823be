//! A look at an account: it is rolled, its guarantor's house answers for it, it is liquidated if it has to be, and it gets its places
//! in the trigger index. In every block some are looked at: those whose levels prices reached, those on the watch list, those that
//! a trade or a run left to be looked at, and a few in turn.
//!
//! A look begins only if the heaviest one still fits in what the block has for looks, and is charged for what it came to. One account
//! of the watch list, of an owner and of the sweep is looked at whatever that is: they come out of it first.

use crate::{
	books::Books, liquidation::Verdict, triggers::change_index, types::AccountKeyOf, Accounts, Config, Levels,
	MarginCalls, Moved, OwnersToCheck, Pallet, Triggers, WatchCursor, Watchlist, WeightInfo, MAX_POSITIONS,
};
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::{DispatchError, DispatchResult},
	storage::with_storage_layer,
	traits::Get,
	weights::Weight,
	BoundedVec,
};
use gcx_primitives::{AccountKey, SegmentSide, SubAccount};

/// What looks may weigh in a block, and what they did.
pub(crate) struct Looks {
	limit: Weight,
	spent: Weight,
	/// The heaviest one.
	most: Weight,
	/// How many are still promised.
	promised: u64,
}

impl Looks {
	/// So many are promised; others may weigh what is left of the limit.
	pub(crate) fn new<T: Config>(limit: Weight, promised: u64) -> Self {
		Self { limit, spent: Weight::zero(), most: Pallet::<T>::heaviest_look(), promised }
	}

	/// As many as there is something to look at.
	#[cfg(any(test, feature = "runtime-benchmarks"))]
	pub(crate) fn without_limit<T: Config>() -> Self {
		Self::new::<T>(Weight::MAX, 0)
	}

	/// What they weighed.
	pub(crate) fn spent(&self) -> Weight {
		self.spent
	}

	/// Whether another one fits into a share of the limit, with all that are promised.
	pub(crate) fn fits_in(&self, share: Weight) -> bool {
		let count = self.promised.saturating_add(1);
		self.spent.saturating_add(self.most.saturating_mul(count)).all_lte(share)
	}

	/// Whether another one fits.
	pub(crate) fn fits(&self) -> bool {
		self.fits_in(self.limit)
	}

	/// Half of the limit.
	pub(crate) fn half(&self) -> Weight {
		self.limit / 2
	}

	/// Whether the `index`-th of at most `most` fits: the first is promised.
	pub(crate) fn admits(&mut self, index: u32, most: u32) -> bool {
		if index == 0 && most > 0 {
			self.promised = self.promised.saturating_sub(1);
			return true;
		}
		index < most && self.fits()
	}
}

impl<T: Config> Pallet<T> {
	/// What a look weighs at the most.
	pub(crate) fn heaviest_look() -> Weight {
		T::WeightInfo::hand_over().max(T::WeightInfo::inspect(2 * MAX_POSITIONS))
	}

	/// Rolls an account, lets its guarantor's house answer for it, liquidates it if it has to be, and puts it where it belongs in
	/// the trigger index. Returns what it weighed as well.
	pub(crate) fn look(key: &AccountKeyOf<T>, by: Option<T::AccountId>) -> Result<(Verdict, Weight), DispatchError> {
		let mut books = Books::<T>::new();
		let account = books.known_account(key)?;
		books.look_at(key);
		let guarantor = account.segment.guarantor.clone();
		let verdict = match account.segment.side {
			SegmentSide::House => Verdict::Sound,
			SegmentSide::Customers => books.judge(key, by)?,
		};
		// Who has no house is looked at through its customers.
		let is_house = account.segment.side == SegmentSide::House;
		books.follow_state(&guarantor)?;
		if is_house || MarginCalls::<T>::contains_key(&guarantor) {
			books.check_margin_call(&guarantor)?;
		}
		let positions = books.close_and_count()?;
		let weight = match verdict {
			Verdict::HandedOver => Self::heaviest_look(),
			Verdict::Sound
			| Verdict::Spared
			| Verdict::Begun
			| Verdict::Offered
			| Verdict::Recovered
			| Verdict::NoHouse => T::WeightInfo::inspect(positions),
		};
		Ok((verdict, weight))
	}

	/// Looks at the accounts whose levels were reached, as long as a look fits in `share`. Returns how many.
	pub(crate) fn inspect_reached(looks: &mut Looks, share: Weight) -> u32 {
		let mut looked = 0u32;
		while looks.fits_in(share) {
			let Some(subject) = Moved::<T>::iter_keys().next() else { break };
			match Self::first_reached(subject) {
				Some(place) => {
					let (direction, (level, key)) = &place;
					Self::inspect_or_park(looks, key);
					// What is still where it was would be found for ever.
					if Self::first_reached(subject).as_ref() == Some(&place) {
						Self::park(key);
						// Of an account that is not there, or cannot be read.
						Levels::<T>::remove((subject, *direction), (*level, key));
					}
					looked = looked.saturating_add(1);
				},
				None => {
					Moved::<T>::remove(subject);
					looks.spent.saturating_accrue(T::DbWeight::get().reads_writes(4, 1));
				},
			}
		}
		looked
	}

	/// Looks at the next accounts of the watch list, the largest first, round and round: at most so many, and one at least. Returns
	/// how many.
	pub(crate) fn inspect_watched(looks: &mut Looks, most: u32) -> u32 {
		let cursor = WatchCursor::<T>::get();
		let rest = cursor.map(|cursor| Watchlist::<T>::iter_keys_from(cursor.into_inner()));
		let mut round = rest.into_iter().flatten().chain(Watchlist::<T>::iter_keys());
		let mut seen = Vec::new();
		let mut looked = 0u32;
		while looks.admits(looked, most) {
			// A short list comes round more than once.
			let Some(place) = round.next().filter(|place| !seen.contains(place)) else { break };
			Self::inspect_or_park(looks, &place.1);
			WatchCursor::<T>::set(BoundedVec::try_from(Watchlist::<T>::hashed_key_for(&place)).ok());
			seen.push(place);
			looked = looked.saturating_add(1);
		}
		looked
	}

	/// Looks at the accounts of owners that a trade or a run left to be looked at, as long as a look fits, and at one at least.
	/// Returns how many.
	pub(crate) fn inspect_owners(looks: &mut Looks) -> u32 {
		let mut looked = 0u32;
		while looks.admits(looked, u32::MAX) {
			let Some((owner, from)) = OwnersToCheck::<T>::iter().next() else { break };
			let rest = |from: u8| {
				(from..T::MaxSubAccounts::get()).map(SubAccount).find(|sub| Accounts::<T>::contains_key(&owner, *sub))
			};
			let next = rest(from.0);
			if let Some(sub) = next {
				Self::inspect_or_park(looks, &AccountKey { owner: owner.clone(), sub });
			}
			// Looking does not raise it: what was noted meanwhile is of a trade.
			match next.and_then(|sub| sub.0.checked_add(1)).and_then(rest) {
				Some(sub) => OwnersToCheck::<T>::insert(&owner, sub),
				None => OwnersToCheck::<T>::remove(&owner),
			}
			looked = looked.saturating_add(1);
		}
		looked
	}

	/// Looks at an account, wholly or not at all. One that cannot be is put on the watch list, so that it stops nobody else.
	pub(crate) fn inspect_or_park(looks: &mut Looks, key: &AccountKeyOf<T>) {
		let error = match with_storage_layer(|| Self::look(key, None)) {
			Ok((_, weight)) => return looks.spent.saturating_accrue(weight),
			Err(error) => error,
		};
		log::error!(target: "runtime::clearing", "{key:?} cannot be looked at: {error:?}");
		// It is rolled all the same: an instrument that ended is not there for ever.
		let _ = with_storage_layer(|| -> DispatchResult {
			let mut books = Books::<T>::new();
			books.known_account(key)?;
			books.close()
		});
		Self::park(key);
		looks.spent.saturating_accrue(Self::heaviest_look());
	}

	/// Takes an account's levels out of the index and puts it on the watch list.
	fn park(key: &AccountKeyOf<T>) {
		Accounts::<T>::mutate(&key.owner, key.sub, |account| {
			let Some(account) = account else { return };
			let rank = account.triggers.watched.unwrap_or(account.requirement);
			let parked = Triggers { levels: BoundedVec::new(), watched: Some(rank) };
			change_index::<T>(key, &account.triggers, &parked);
			account.triggers = parked;
		});
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_look_begins_if_the_heaviest_fits_beside_those_that_are_promised() {
		let unit = |count| Weight::from_parts(count, count);
		let mut looks = Looks { limit: unit(10), spent: Weight::zero(), most: unit(3), promised: 2 };
		assert!(looks.fits() && !looks.fits_in(looks.half()));
		looks.spent = unit(2);
		assert!(!looks.fits());
		// The first of each kind is one of those.
		assert!(looks.admits(0, 5) && looks.fits());
		assert!(looks.admits(1, 5) && !looks.admits(5, 5));
		looks.spent = unit(11);
		assert!(looks.admits(0, 5) && !looks.admits(1, 5) && !looks.admits(0, 0));
	}
}
