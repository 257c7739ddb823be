//! What the pallet does by itself as a block begins. Each step is bounded, and one that fails does not keep the others from theirs.

use crate::{Books, Config, Era, Event, Offer, Pallet, Parameters, Sale, SeatSale, Seats, WeightInfo};
use frame_support::{
	pallet_prelude::DispatchResult,
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation, Get, Time},
	weights::Weight,
};
use gcx_primitives::Cash;

impl<T: Config> Pallet<T> {
	/// Sends the insurance pool its fees, ends an era that is over, begins an offer for tokens and a sale of seats. Returns what it
	/// weighs.
	pub(crate) fn begin_block() -> Weight {
		let mut weight = T::WeightInfo::idle();
		// The first block knows no time yet.
		if Self::now() == 0 {
			return weight;
		}
		if Books::<T>::get().cash_for_pool > Cash::ZERO {
			weight.saturating_accrue(T::WeightInfo::pay_pool());
			Self::attempt("pay the pool", Self::pay_pool);
		}
		let era = Era::<T>::get();
		if era.began == 0 {
			Era::<T>::mutate(|era| era.began = Self::now());
		} else if Self::is_era_over(&era) {
			weight.saturating_accrue(T::WeightInfo::end_era());
			Self::attempt("end the era", Self::end_era);
			Self::attempt("pay the treasury", Self::pay_treasury);
			Self::attempt("sell tokens for the pool", Self::sell_for_pool);
		}
		let parameters = Parameters::<T>::get();
		let is_due = Books::<T>::get().buy_back >= parameters.buy_back.min_offer;
		if is_due && Offer::<T>::get().is_none_or(|offer| Self::is_offer_over(&offer)) {
			weight.saturating_accrue(T::WeightInfo::begin_offer());
			Self::attempt("offer fees for tokens", || {
				Self::begin_offer(&parameters.buy_back, parameters.max_price_age)
			});
		}
		if Sale::<T>::get().is_none() && Seats::<T>::count() < parameters.seats.count {
			Self::begin_sale(&parameters.seats, parameters.seats.start);
		}
		weight
	}

	/// The time in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}

	fn pay_pool() -> DispatchResult {
		let amount = Books::<T>::mutate(|books| core::mem::take(&mut books.cash_for_pool));
		Self::send_cash(&T::PoolAccount::get(), amount)?;
		Self::deposit_event(Event::PoolPaid { amount });
		Ok(())
	}

	/// Sends cash from the pot.
	pub(crate) fn send_cash(to: &T::AccountId, amount: Cash) -> DispatchResult {
		if amount > Cash::ZERO {
			let (pot, amount) = (T::PotAccount::get(), amount.0.unsigned_abs());
			T::SettlementAsset::transfer(&pot, to, amount, Preservation::Preserve)?;
		}
		Ok(())
	}

	/// Lets the price of a seat fall from now.
	pub(crate) fn begin_sale(terms: &crate::SeatTerms, first: u128) {
		let (began, floor) = (Self::now(), terms.floor);
		let first = first.max(floor);
		Sale::<T>::put(SeatSale { began, first });
		Self::deposit_event(Event::SeatSaleBegun { first, floor, until: began.saturating_add(terms.period) });
	}

	/// Takes a step, or leaves everything as it was and says what failed.
	fn attempt(what: &str, step: impl FnOnce() -> DispatchResult) {
		if let Err(error) = with_storage_layer(step) {
			log::error!(target: "runtime::token", "cannot {what}: {error:?}");
		}
	}
}
