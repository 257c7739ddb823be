//! The sweep: a few accounts a block, in turn, so that every account is rolled and its guarantor answers for it whatever the
//! traffic.

use crate::{Accounts, AccountsCursor, Config, Pallet};
use frame_support::BoundedVec;

impl<T: Config> Pallet<T> {
	/// Checks the next `count` accounts, round and round. Returns how many it was.
	pub(crate) fn check_next(count: u32) -> u32 {
		let mut checked = 0;
		let mut last = None;
		let rest = AccountsCursor::<T>::get().map(|cursor| Accounts::<T>::iter_keys_from(cursor.into_inner()));
		let round = rest.into_iter().flatten().chain(Accounts::<T>::iter_keys());
		for (owner, sub) in round.take(usize::try_from(count).unwrap_or(usize::MAX)) {
			last = Some(Accounts::<T>::hashed_key_for(&owner, sub));
			let check = frame_support::storage::with_storage_layer(|| Self::do_check(owner.clone(), sub));
			if let Err(error) = check {
				log::error!(target: "runtime::clearing", "{owner:?}/{sub:?} cannot be checked: {error:?}");
			}
			checked += 1;
		}
		if let Some(cursor) = last.and_then(|key| BoundedVec::try_from(key).ok()) {
			AccountsCursor::<T>::put(cursor);
		}
		checked
	}
}
