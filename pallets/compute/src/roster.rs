//! The resources that are examined, in seats without a gap, so that one can be drawn by a number.

use crate::{Config, Pallet, Roster, Seats};
use frame_support::defensive;
use gcx_primitives::ResourceId;

impl<T: Config> Pallet<T> {
	/// Gives a resource the next seat. One that has a seat keeps it.
	pub(crate) fn seat(resource: ResourceId) {
		if Seats::<T>::contains_key(resource) {
			return;
		}
		let seat = Roster::<T>::count();
		Roster::<T>::insert(seat, resource);
		Seats::<T>::insert(resource, seat);
	}

	/// Takes a resource's seat away, and gives it to whoever has the last one.
	pub(crate) fn unseat(resource: ResourceId) {
		let Some(seat) = Seats::<T>::take(resource) else { return };
		let last = Roster::<T>::count().checked_sub(1).and_then(|last| Roster::<T>::take(last).map(|who| (last, who)));
		let Some((last, moved)) = last else {
			defensive!("who has a seat is on the roster");
			return;
		};
		if last != seat {
			Roster::<T>::insert(seat, moved);
			Seats::<T>::insert(moved, seat);
		}
	}
}
