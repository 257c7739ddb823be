//! Venues: who may submit fills, and their bonds.

use crate::{
	types::{BalanceOf, VenueOf},
	Config, Error, Event, HoldReason, Pallet, Venue, Venues,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use sp_runtime::{traits::CheckedAdd, ArithmeticError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_venue(who: T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		ensure!(!Venues::<T>::contains_key(&who), Error::<T>::AlreadyVenue);
		ensure!(bond >= T::MinVenueBond::get(), Error::<T>::BondTooSmall);
		ensure!(Venues::<T>::count() < T::MaxVenues::get(), Error::<T>::TooManyVenues);
		T::NativeBalance::hold(&HoldReason::VenueBond.into(), &who, bond)?;
		Venues::<T>::insert(&who, Venue { bond, suspended: false, leaving: None });
		Self::deposit_event(Event::VenueRegistered { venue: who, bond });
		Ok(())
	}

	pub(crate) fn do_deregister_venue(who: T::AccountId) -> DispatchResult {
		let mut venue = Self::venue(&who)?;
		ensure!(venue.leaving.is_none(), Error::<T>::VenueLeaving);
		let now = frame_system::Pallet::<T>::block_number();
		let due = now.checked_add(&T::VenueUnbonding::get()).ok_or(ArithmeticError::Overflow)?;
		venue.leaving = Some(due);
		Venues::<T>::insert(&who, venue);
		Self::deposit_event(Event::VenueLeft { venue: who, due });
		Ok(())
	}

	pub(crate) fn do_withdraw_venue_bond(who: T::AccountId) -> DispatchResult {
		let venue = Self::venue(&who)?;
		let due = venue.leaving.ok_or(Error::<T>::VenueNotLeaving)?;
		ensure!(!venue.suspended, Error::<T>::VenueSuspended);
		ensure!(due <= frame_system::Pallet::<T>::block_number(), Error::<T>::StillUnbonding);
		T::NativeBalance::release(&HoldReason::VenueBond.into(), &who, venue.bond, Precision::Exact)?;
		Venues::<T>::remove(&who);
		Self::deposit_event(Event::VenueBondWithdrawn { venue: who, bond: venue.bond });
		Ok(())
	}

	pub(crate) fn do_suspend_venue(who: T::AccountId) -> DispatchResult {
		let mut venue = Self::venue(&who)?;
		ensure!(!venue.suspended, Error::<T>::VenueSuspended);
		venue.suspended = true;
		Venues::<T>::insert(&who, venue);
		Self::deposit_event(Event::VenueSuspended { venue: who });
		Ok(())
	}

	pub(crate) fn do_reinstate_venue(who: T::AccountId) -> DispatchResult {
		let mut venue = Self::venue(&who)?;
		ensure!(venue.suspended, Error::<T>::VenueNotSuspended);
		venue.suspended = false;
		Venues::<T>::insert(&who, venue);
		Self::deposit_event(Event::VenueReinstated { venue: who });
		Ok(())
	}

	/// Refuses fills of who may not submit any.
	pub(crate) fn ensure_submits(who: &T::AccountId) -> DispatchResult {
		let venue = Self::venue(who)?;
		ensure!(!venue.suspended, Error::<T>::VenueSuspended);
		ensure!(venue.leaving.is_none(), Error::<T>::VenueLeaving);
		Ok(())
	}

	fn venue(who: &T::AccountId) -> Result<VenueOf<T>, Error<T>> {
		Venues::<T>::get(who).ok_or(Error::<T>::NotVenue)
	}
}
