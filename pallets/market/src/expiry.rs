//! The end of an expired contract. What is settled in cash comes to its final price: the arithmetic mean of all fixes of its delivery
//! days, to the nearest. If fewer than [`MIN_FIXED`](gcx_math::averaging::MIN_FIXED) of the days have a fix, the window grows, day by
//! day, up to [`Config::MaxExtension`]; then governance decides. What is delivered ends at its mark, the first that it has once it has
//! expired; without one for [`Config::MaxExtension`] days governance decides as well. Clearing settles the contract at that price in
//! its next run.

use crate::{Config, Contract, Contracts, Error, Event, Pallet};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_math::averaging::Average;
use gcx_primitives::{FinalPrice, InstrumentId, Instruments, Lots, Price, PriceIndex, SettlementKind};

impl<T: Config> Pallet<T> {
	/// Takes the next step towards the end of an expired contract: it is forgotten if nobody holds it, else it comes nearer to its
	/// final price.
	pub(crate) fn wind_up(instrument: InstrumentId, contract: Contract) -> DispatchResult {
		let held = T::Instruments::open_interest(instrument).unwrap_or(Lots::ZERO);
		match (held.is_zero(), contract.terms.settlement) {
			(true, _) => Self::settle(instrument, &contract),
			(false, SettlementKind::Cash) => Self::conclude(instrument, contract),
			(false, SettlementKind::Physical { .. }) => Self::conclude_physical(instrument, contract),
		}
	}

	/// Ends a physical contract at its mark.
	fn conclude_physical(instrument: InstrumentId, mut contract: Contract) -> DispatchResult {
		match contract.final_price {
			FinalPrice::Awaited { .. } => {},
			FinalPrice::Undecided => return Err(Error::<T>::AwaitsGovernance.into()),
			FinalPrice::Known(_) => return Err(Error::<T>::StillHeld.into()),
		}
		let patience = T::DayLength::get().saturating_mul(T::MaxExtension::get().into());
		contract.final_price = match T::Instruments::mark(instrument) {
			Some(price) => {
				T::Instruments::end(instrument, price).map_err(Into::into)?;
				Self::deposit_event(Event::DeliveryPriceSet { instrument, price });
				FinalPrice::Known(price)
			},
			None => {
				let is_late = Self::now() > contract.terms.expires.saturating_add(patience);
				ensure!(is_late, Error::<T>::AwaitsMark);
				Self::deposit_event(Event::DeliveryPriceUndecided { instrument });
				FinalPrice::Undecided
			},
		};
		Contracts::<T>::insert(instrument, contract);
		Ok(())
	}

	/// Takes the next step towards a final price.
	pub(crate) fn conclude(instrument: InstrumentId, mut contract: Contract) -> DispatchResult {
		let extended = match contract.final_price {
			FinalPrice::Awaited { extended } => extended,
			FinalPrice::Undecided => return Err(Error::<T>::AwaitsGovernance.into()),
			FinalPrice::Known(_) => return Err(Error::<T>::StillHeld.into()),
		};
		let days = contract.terms.delivery;
		let window = days.extended(extended);
		let class = contract.terms.instrument.class;
		let is_over = T::Index::closed_day(class).is_some_and(|closed| closed >= window.last);
		ensure!(is_over, Error::<T>::AwaitsFixes);
		let fixes = T::Index::fixes(class, window.first, window.last);
		let average = Average::new(&fixes, 0);
		let fixed = average.fixed;
		match average.mean_nearest()?.filter(|_| average.suffices(&days)) {
			Some(price) => {
				T::Instruments::end(instrument, price).map_err(Into::into)?;
				contract.final_price = FinalPrice::Known(price);
				Self::deposit_event(Event::FinalPriceSet { instrument, price, fixed, last: window.last });
			},
			None if extended < T::MaxExtension::get() => {
				let extended = extended.saturating_add(1);
				let window = days.extended(extended);
				T::Instruments::average(instrument, Some(window)).map_err(Into::into)?;
				contract.final_price = FinalPrice::Awaited { extended };
				Self::deposit_event(Event::AveragingExtended { instrument, fixed, last: window.last });
			},
			None => {
				T::Instruments::average(instrument, None).map_err(Into::into)?;
				contract.final_price = FinalPrice::Undecided;
				Self::deposit_event(Event::FinalPriceUndecided { instrument, fixed, last: window.last });
			},
		}
		Contracts::<T>::insert(instrument, contract);
		Ok(())
	}

	/// Governance decides on a final price where there were too few fixes.
	pub(crate) fn do_decide(instrument: InstrumentId, price: Price) -> DispatchResult {
		let mut contract = Self::contract(instrument)?;
		ensure!(contract.final_price == FinalPrice::Undecided, Error::<T>::NotUndecided);
		ensure!(price.is_bounded(), Error::<T>::PriceOutOfRange);
		T::Instruments::end(instrument, price).map_err(Into::into)?;
		contract.final_price = FinalPrice::Known(price);
		Contracts::<T>::insert(instrument, contract);
		Self::deposit_event(Event::FinalPriceDecided { instrument, price });
		Ok(())
	}
}
