//! Fees in the settlement asset buy tokens that burn. The price that is offered begins below the index and rises at a constant pace,
//! so that it finds the market's price from below: a Dutch auction of the buyer's.

use crate::{Books, BuyBack, BuyBackTerms, Config, Era, Error, Event, Offer, Pallet, Parameters};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use gcx_math::{auction::moving, issuance::tokens_floor, pool::mul_div};
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price};
use sp_runtime::Rounding;

impl<T: Config> Pallet<T> {
	pub(crate) fn is_offer_over(offer: &BuyBack) -> bool {
		Self::now().saturating_sub(offer.began) >= Parameters::<T>::get().buy_back.period
	}

	/// Offers all fees that buy tokens, if the token has a fresh price. It replaces an offer that is over.
	pub(crate) fn begin_offer(terms: &BuyBackTerms, max_price_age: u64) -> DispatchResult {
		if let Some(over) = Offer::<T>::take() {
			Self::deposit_event(Event::BuyBackEnded { left: over.offered });
		}
		let Some(index) = Self::price(max_price_age) else { return Ok(()) };
		let share = |share: Ppm| -> Result<Price, ArithmeticError> {
			let price = share.mul_floor(Cash(index.0.into()))?;
			Ok(Price(i64::try_from(price.0).map_err(|_| ArithmeticError::Overflow)?.max(1)))
		};
		let (first, last) = (share(terms.first)?, share(terms.last)?);
		let (began, offered) = (Self::now(), Books::<T>::get().buy_back);
		Offer::<T>::put(BuyBack { began, first, last, offered });
		let until = began.saturating_add(terms.period);
		Self::deposit_event(Event::BuyBackBegun { offered, first, last, until });
		Ok(())
	}

	/// What is offered for each priced unit of tokens now, rounded down.
	pub(crate) fn offered_price(offer: &BuyBack) -> Price {
		let elapsed = Self::now().saturating_sub(offer.began);
		let [first, last] = [offer.first, offer.last].map(|price| u128::from(price.0.unsigned_abs()));
		// Between two prices.
		Price(i64::try_from(moving(first, last, elapsed, Parameters::<T>::get().buy_back.period)).unwrap_or(i64::MAX))
	}

	pub(crate) fn do_sell_tokens(who: T::AccountId, amount: u128, min_price: Price) -> DispatchResult {
		let mut offer = Offer::<T>::get().ok_or(Error::<T>::NoOffer)?;
		ensure!(!Self::is_offer_over(&offer), Error::<T>::OfferOver);
		let price = Self::offered_price(&offer);
		ensure!(price >= min_price, Error::<T>::PriceTooLow);
		let unit = T::TokenUnit::get();
		let tokens = amount.min(tokens_floor(offer.offered, price, unit)?);
		let paid = mul_div(tokens, u128::from(price.0.unsigned_abs()), unit, Rounding::Down)?;
		let paid = Cash(i128::try_from(paid).map_err(|_| ArithmeticError::Overflow)?);
		ensure!(paid > Cash::ZERO, Error::<T>::NothingToMove);

		let (exact, expendable) = (Precision::Exact, Preservation::Expendable);
		drop(T::NativeBalance::withdraw(&who, tokens, exact, expendable, Fortitude::Polite)?);
		Self::send_cash(&who, paid)?;
		let mut books = Books::<T>::get();
		books.buy_back = books.buy_back.checked_sub(paid)?;
		books.burned.bought_back = books.burned.bought_back.saturating_add(tokens);
		Books::<T>::put(books);
		Era::<T>::mutate(|era| era.burned = era.burned.saturating_add(tokens));
		offer.offered = offer.offered.checked_sub(paid)?;
		let left = offer.offered;
		Self::deposit_event(Event::BoughtBack { who, tokens, price, paid, left });
		if left < Parameters::<T>::get().buy_back.min_offer {
			Offer::<T>::kill();
			Self::deposit_event(Event::BuyBackEnded { left });
		} else {
			Offer::<T>::put(offer);
		}
		Ok::<_, DispatchError>(())
	}
}
