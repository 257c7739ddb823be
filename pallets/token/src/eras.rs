//! The end of an era: what it may bring, who shares that, and what of an old era nobody claimed.

use crate::{
	BestEra, Books, Config, CurrentEra, Era, Eras, Event, IssuanceYear, Pallet, Parameters, PastEra, RewardRole,
	TokenParameters, Year,
};
use frame_support::{
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{Balanced, Mutate},
		Get, Imbalance,
	},
};
use gcx_math::{
	fees::part_floor,
	issuance::{issuance_floor, tokens_floor, EraFigures},
};
use gcx_primitives::{Cash, Price, TokenIncome};
use sp_runtime::ArithmeticError;

/// Milliseconds in a year of 365 days.
const YEAR: u64 = 365 * 24 * 60 * 60 * 1_000;

/// What an era brings.
struct Rewards {
	past: PastEra,
	/// New tokens.
	issued: u128,
	/// Of fees.
	of_fees: u128,
}

impl<T: Config> Pallet<T> {
	/// Whether the era's time is over.
	pub(crate) fn is_era_over(era: &CurrentEra) -> bool {
		Self::now().saturating_sub(era.began) >= T::EraLength::get()
	}

	/// What was issued this year.
	pub(crate) fn this_year() -> IssuanceYear {
		let year = u32::try_from(Self::now() / YEAR).unwrap_or(u32::MAX);
		let last = Year::<T>::get();
		if last.year == year {
			last
		} else {
			IssuanceYear { year, issued: 0 }
		}
	}

	/// Ends the era and begins the next one. Without a fresh price nothing is issued, and the best era stays what it was: growth is
	/// measured by an era that has a price.
	pub(crate) fn end_era() -> DispatchResult {
		let era = Era::<T>::get();
		let parameters = Parameters::<T>::get();
		let price = Self::price(parameters.max_price_age);
		let (best, mut year) = (BestEra::<T>::get(), Self::this_year());
		let issuable = price.map_or(0, |price| {
			let cap_left = parameters.issuance.cap_per_year.saturating_sub(year.issued);
			let figures = EraFigures { fees: era.fees, best, burned: era.burned, cap_left };
			// A figure that does not fit is no growth that anybody can believe in.
			issuance_floor(&figures, parameters.issuance.alpha, price, T::TokenUnit::get()).unwrap_or(0)
		});
		let Rewards { past, issued, of_fees } = Self::divide(&parameters, &era, issuable, price);

		let mut books = Books::<T>::get();
		if issued > 0 {
			T::NativeBalance::mint_into(&T::PotAccount::get(), issued)?;
			year.issued = year.issued.saturating_add(issued);
			books.issued = books.issued.saturating_add(issued);
			books.rewards = books.rewards.saturating_add(issued);
		}
		// What no role may have of the fees is the treasury's after all.
		let back = era.of_fees.saturating_sub(of_fees);
		books.rewards = books.rewards.checked_sub(back).ok_or(ArithmeticError::Underflow)?;
		books.tokens.rewards = books.tokens.rewards.checked_sub(back).ok_or(ArithmeticError::Underflow)?;
		books.tokens.treasury = books.tokens.treasury.saturating_add(back);
		books.tokens_for_treasury = books.tokens_for_treasury.saturating_add(back);
		Books::<T>::put(books);
		Year::<T>::put(year);
		if price.is_some() {
			BestEra::<T>::put(best.max(era.fees));
		}
		if past.left > 0 {
			Eras::<T>::insert(era.index, past);
		}
		let CurrentEra { index, fees, burned, .. } = era;
		Self::deposit_event(Event::EraEnded { era: index, fees, best, burned, issued, of_fees });
		Self::expire(index)?;
		Era::<T>::put(CurrentEra { index: index.saturating_add(1), began: Self::now(), ..Default::default() });
		Ok(())
	}

	/// Divides what may be issued, and what there is of fees, among the roles. A role in which nobody has a point gets nothing, and
	/// one whose points are cash no more than the parameters allow for them, for which there has to be a price. Fees come first.
	fn divide(parameters: &TokenParameters, era: &CurrentEra, issuable: u128, price: Option<Price>) -> Rewards {
		let mut rewards = Rewards { past: PastEra { points: era.points, ..Default::default() }, issued: 0, of_fees: 0 };
		for role in RewardRole::ALL {
			let (points, share) = (*era.points.of(role), parameters.rewards.share(role));
			let most = match parameters.rewards.cap(role) {
				_ if points == 0 => 0,
				None => u128::MAX,
				Some(cap) => price.map_or(0, |price| {
					let worth = Cash(i128::try_from(part_floor(points, cap)).unwrap_or(i128::MAX));
					tokens_floor(worth, price, T::TokenUnit::get()).unwrap_or(0)
				}),
			};
			let of_fees = part_floor(era.of_fees, share).min(most);
			let issued = part_floor(issuable, share).min(most.saturating_sub(of_fees));
			let budget = of_fees.saturating_add(issued);
			*rewards.past.budgets.of_mut(role) = budget;
			rewards.past.left = rewards.past.left.saturating_add(budget);
			rewards.issued = rewards.issued.saturating_add(issued);
			rewards.of_fees = rewards.of_fees.saturating_add(of_fees);
		}
		rewards
	}

	/// Burns what nobody claimed of an era that is too long ago.
	fn expire(ended: u32) -> DispatchResult {
		let Some(old) = ended.checked_sub(T::RewardEras::get()) else { return Ok(()) };
		let Some(PastEra { left, .. }) = Eras::<T>::take(old) else { return Ok(()) };
		if left == 0 {
			return Ok(());
		}
		drop(Self::take_from_pot(left)?);
		let mut books = Books::<T>::get();
		books.rewards = books.rewards.checked_sub(left).ok_or(ArithmeticError::Underflow)?;
		books.burned.unclaimed = books.burned.unclaimed.saturating_add(left);
		Books::<T>::put(books);
		Self::deposit_event(Event::RewardsExpired { era: old, amount: left });
		Ok(())
	}

	/// Pays the treasury its share of the fees.
	pub(crate) fn pay_treasury() -> DispatchResult {
		let mut books = Books::<T>::get();
		let cash = core::mem::take(&mut books.cash_for_treasury);
		let tokens = core::mem::take(&mut books.tokens_for_treasury);
		if cash.is_zero() && tokens == 0 {
			return Ok(());
		}
		Books::<T>::put(books);
		Self::send_cash(&T::TreasuryAccount::get(), cash)?;
		if tokens > 0 {
			let credit = Self::take_from_pot(tokens)?;
			let unpaid = T::NativeBalance::resolve(&T::TreasuryAccount::get(), credit).err();
			frame_support::ensure!(unpaid.is_none(), sp_runtime::TokenError::BelowMinimum);
		}
		Self::deposit_event(Event::TreasuryPaid { cash, tokens });
		Ok(())
	}

	/// Has the insurance pool's tokens sold, as soon as they are as many as a price is of.
	pub(crate) fn sell_for_pool() -> DispatchResult {
		let mut books = Books::<T>::get();
		let amount = books.tokens_for_pool;
		if amount < T::TokenUnit::get() {
			return Ok(());
		}
		books.tokens_for_pool = 0;
		Books::<T>::put(books);
		let tokens = Self::take_from_pot(amount)?;
		if let Err(back) = T::PoolIncome::sell_income(tokens) {
			Books::<T>::mutate(|books| books.tokens_for_pool = back.peek());
			let unpaid = T::NativeBalance::resolve(&T::PotAccount::get(), back).err();
			frame_support::ensure!(unpaid.is_none(), sp_runtime::TokenError::BelowMinimum);
		} else {
			Self::deposit_event(Event::PoolTokensForSale { amount });
		}
		Ok(())
	}
}
