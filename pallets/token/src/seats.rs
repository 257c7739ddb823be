//! Seats on the exchange. What is paid for one is held of its holder as long as it has it.

use crate::{
	Config, Error, Event, HoldReason, NextSeat, Pallet, Parameters, Sale, Seat, SeatId, SeatOffer, SeatOffers, Seats,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{
		fungible::{
			hold::{Balanced, Mutate as _},
			Mutate,
		},
		tokens::{Precision, Preservation},
		Imbalance,
	},
};
use gcx_math::{
	auction::moving,
	fees::{part_ceil, part_floor},
};
use gcx_primitives::SeatHolders;
use sp_runtime::ArithmeticError;

impl<T: Config> SeatHolders<T::AccountId> for Pallet<T> {
	fn has_seat(who: &T::AccountId) -> bool {
		Seats::<T>::contains_key(who)
	}
}

impl<T: Config> Pallet<T> {
	/// What the next seat of the exchange costs now; none if there is none, or no sale has begun.
	pub fn seat_price() -> Option<u128> {
		let terms = Parameters::<T>::get().seats;
		if Seats::<T>::count() >= terms.count {
			return None;
		}
		let sale = Sale::<T>::get()?;
		let elapsed = Self::now().saturating_sub(sale.began);
		Some(moving(sale.first.max(terms.floor), terms.floor, elapsed, terms.period))
	}

	pub(crate) fn do_buy_seat(who: T::AccountId, max_price: u128) -> DispatchResult {
		let terms = Parameters::<T>::get().seats;
		ensure!(!Seats::<T>::contains_key(&who), Error::<T>::AlreadySeated);
		ensure!(Seats::<T>::count() < terms.count, Error::<T>::NoSeatLeft);
		let stake = Self::seat_price().ok_or(Error::<T>::SaleNotBegun)?;
		ensure!(stake <= max_price, Error::<T>::PriceTooHigh);
		T::NativeBalance::hold(&HoldReason::Seat.into(), &who, stake)?;
		let id = NextSeat::<T>::get();
		NextSeat::<T>::put(SeatId(id.0.checked_add(1).ok_or(ArithmeticError::Overflow)?));
		Seats::<T>::insert(&who, Seat { id, stake });
		Self::deposit_event(Event::SeatBought { seat: id, who, stake });
		if Seats::<T>::count() < terms.count {
			Self::begin_sale(&terms, part_floor(stake, terms.rise));
		} else {
			Sale::<T>::kill();
		}
		Ok(())
	}

	pub(crate) fn do_offer_seat(who: T::AccountId, price: u128, to: Option<T::AccountId>) -> DispatchResult {
		let Seat { id, .. } = Seats::<T>::get(&who).ok_or(Error::<T>::NoSeat)?;
		SeatOffers::<T>::insert(&who, SeatOffer { price, to: to.clone() });
		Self::deposit_event(Event::SeatOffered { seat: id, who, price, to });
		Ok(())
	}

	pub(crate) fn do_withdraw_offer(who: T::AccountId) -> DispatchResult {
		ensure!(SeatOffers::<T>::take(&who).is_some(), Error::<T>::NotOffered);
		let Seat { id, .. } = Seats::<T>::get(&who).ok_or(Error::<T>::NoSeat)?;
		Self::deposit_event(Event::SeatOfferWithdrawn { seat: id, who });
		Ok(())
	}

	pub(crate) fn do_take_seat(who: T::AccountId, holder: T::AccountId, max_price: u128) -> DispatchResult {
		let offer = SeatOffers::<T>::take(&holder).ok_or(Error::<T>::NotOffered)?;
		ensure!(offer.to.as_ref().is_none_or(|to| *to == who), Error::<T>::NotOffered);
		ensure!(!Seats::<T>::contains_key(&who), Error::<T>::AlreadySeated);
		let price = offer.price;
		ensure!(price <= max_price, Error::<T>::PriceTooHigh);
		let seat = Seats::<T>::take(&holder).ok_or(Error::<T>::NotOffered)?;
		let burned = Self::release_stake(&holder, &seat)?;
		if price > 0 {
			T::NativeBalance::transfer(&who, &holder, price, Preservation::Preserve)?;
		}
		let Seat { id, stake } = seat;
		T::NativeBalance::hold(&HoldReason::Seat.into(), &who, stake)?;
		Seats::<T>::insert(&who, seat);
		Self::deposit_event(Event::SeatTransferred { seat: id, from: holder, to: who, price, stake, burned });
		Ok(())
	}

	pub(crate) fn do_surrender_seat(who: T::AccountId) -> DispatchResult {
		let seat = Seats::<T>::take(&who).ok_or(Error::<T>::NoSeat)?;
		SeatOffers::<T>::remove(&who);
		let burned = Self::release_stake(&who, &seat)?;
		let Seat { id, stake } = seat;
		Self::deposit_event(Event::SeatSurrendered { seat: id, who, stake, burned });
		Ok(())
	}

	/// Burns the governed share of a stake, rounded up, and releases the rest. Returns what burned.
	fn release_stake(holder: &T::AccountId, seat: &Seat) -> Result<u128, DispatchError> {
		let reason = HoldReason::Seat.into();
		let due = part_ceil(seat.stake, Parameters::<T>::get().seats.resale_burn).min(seat.stake);
		let (burnt, _) = T::NativeBalance::slash(&reason, holder, due);
		let burned = burnt.peek();
		drop(burnt);
		let rest = seat.stake.checked_sub(burned).ok_or(ArithmeticError::Underflow)?;
		T::NativeBalance::release(&reason, holder, rest, Precision::Exact)?;
		Self::count_burned(|all| all.seats = all.seats.saturating_add(burned));
		Ok(burned)
	}
}
