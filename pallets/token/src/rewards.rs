//! What is earned, and how it is paid. Nothing is paid unasked: an account's points become tokens when it earns again in a later
//! era, or claims.

use crate::{Books, Config, Earners, Earning, Era, Eras, Error, Event, Pallet, Rebates, RewardRole, Traders};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{Balanced, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		Get, Imbalance,
	},
};
use gcx_math::fees::part_floor;
use gcx_primitives::{Cash, GuarantorRewards, OnPerformance, Ppm, PriceIndex};
use sp_runtime::ArithmeticError;

impl<T: Config> OnPerformance<T::AccountId> for Pallet<T> {
	fn attested(attestor: &T::AccountId) {
		Self::add_points(RewardRole::Attestor, attestor, 1);
	}

	fn delivered(provider: &T::AccountId, value: Cash, factor: Ppm) {
		let counted = part_floor(value.0.unsigned_abs(), factor.min(Ppm::ONE));
		Self::add_points(RewardRole::Operator, provider, counted);
	}
}

impl<T: Config> Pallet<T> {
	/// A validator made this block.
	pub fn authored(validator: &T::AccountId) {
		Self::add_points(RewardRole::Validator, validator, 1);
	}

	fn add_points(role: RewardRole, who: &T::AccountId, points: u128) {
		if points == 0 {
			return;
		}
		let mut era = Era::<T>::get();
		let all = era.points.of_mut(role);
		*all = all.saturating_add(points);
		let mut earning = Earners::<T>::get(role, who).unwrap_or_default();
		Self::earn(role, &mut earning, era.index, points);
		Era::<T>::put(era);
		Earners::<T>::insert(role, who, earning);
	}

	/// Adds points of the era `now`; points of an era before become what they earned, rounded down.
	pub(crate) fn earn(role: RewardRole, earning: &mut Earning, now: u32, points: u128) {
		if earning.era != now {
			if earning.points > 0 {
				Eras::<T>::mutate_extant(earning.era, |past| {
					let reward = past.reward(role, earning.points).min(past.left);
					past.left = past.left.saturating_sub(reward);
					earning.owed = earning.owed.saturating_add(reward);
				});
			}
			earning.era = now;
			earning.points = 0;
		}
		earning.points = earning.points.saturating_add(points);
	}

	/// What an account could claim in a role.
	pub fn claimable(role: RewardRole, who: &T::AccountId) -> u128 {
		let earning = match role {
			RewardRole::Trader => Traders::<T>::get(who).map(|trader| trader.earning),
			RewardRole::Validator | RewardRole::Attestor | RewardRole::Operator => Earners::<T>::get(role, who),
		};
		let Some(earning) = earning else { return 0 };
		let past = Eras::<T>::get(earning.era).map_or(0, |past| past.reward(role, earning.points).min(past.left));
		earning.owed.saturating_add(past)
	}

	pub(crate) fn do_claim(role: RewardRole, who: T::AccountId) -> DispatchResult {
		let now = Era::<T>::get().index;
		let amount = match role {
			RewardRole::Trader => {
				let mut trader = Traders::<T>::get(&who).ok_or(Error::<T>::NothingToClaim)?;
				let amount = Self::take_owed(role, &mut trader.earning, now);
				Traders::<T>::insert(&who, trader);
				amount
			},
			RewardRole::Validator | RewardRole::Attestor | RewardRole::Operator => {
				let mut earning = Earners::<T>::get(role, &who).ok_or(Error::<T>::NothingToClaim)?;
				let amount = Self::take_owed(role, &mut earning, now);
				if earning.points == 0 {
					Earners::<T>::remove(role, &who);
				} else {
					Earners::<T>::insert(role, &who, earning);
				}
				amount
			},
		};
		ensure!(amount > 0, Error::<T>::NothingToClaim);
		let mut books = Books::<T>::get();
		books.rewards = books.rewards.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		Books::<T>::put(books);
		T::NativeBalance::transfer(&T::PotAccount::get(), &who, amount, Preservation::Preserve)?;
		Self::deposit_event(Event::RewardPaid { who, role, amount });
		Ok(())
	}

	pub(crate) fn do_forget(role: RewardRole, who: T::AccountId) -> DispatchResult {
		let (mut earning, counts) = match role {
			RewardRole::Trader => {
				let trader = Traders::<T>::take(&who).ok_or(Error::<T>::NothingToForget)?;
				let pays_in_tokens = trader.pays_in_tokens && Self::behind(&who).is_some();
				(trader.earning, pays_in_tokens || !trader.volume.is_empty(T::Index::today()))
			},
			RewardRole::Validator | RewardRole::Attestor | RewardRole::Operator => {
				(Earners::<T>::take(role, &who).ok_or(Error::<T>::NothingToForget)?, false)
			},
		};
		let owed = Self::take_owed(role, &mut earning, Era::<T>::get().index);
		ensure!(!counts && owed == 0 && earning.points == 0, Error::<T>::StillNeeded);
		Self::deposit_event(Event::Forgotten { who, role });
		Ok(())
	}

	fn take_owed(role: RewardRole, earning: &mut Earning, now: u32) -> u128 {
		Self::earn(role, earning, now, 0);
		core::mem::take(&mut earning.owed)
	}

	pub(crate) fn do_claim_rebate(guarantor: T::AccountId) -> DispatchResult {
		let rebate = Rebates::<T>::take(&guarantor).ok_or(Error::<T>::NothingToClaim)?;
		let mut books = Books::<T>::get();
		books.cash_rebates = books.cash_rebates.checked_sub(rebate.cash)?;
		books.token_rebates = books.token_rebates.checked_sub(rebate.tokens).ok_or(ArithmeticError::Underflow)?;
		Books::<T>::put(books);
		let pot = T::PotAccount::get();
		if !rebate.cash.is_zero() {
			let cash = rebate.cash.0.unsigned_abs();
			T::SettlementAsset::transfer(&pot, &guarantor, cash, Preservation::Preserve)?;
		}
		if rebate.tokens > 0 {
			let tokens = Self::take_from_pot(rebate.tokens)?;
			if let Err(unshared) = T::GuarantorRewards::reward(&guarantor, tokens) {
				// It is a guarantor no more: it has what it earned while it was one.
				let unpaid = T::NativeBalance::resolve(&guarantor, unshared).err().map(|unpaid| unpaid.peek());
				ensure!(unpaid.is_none(), sp_runtime::TokenError::BelowMinimum);
			}
		}
		Self::deposit_event(Event::RebatePaid { guarantor, cash: rebate.cash, tokens: rebate.tokens });
		Ok(())
	}

	/// Takes tokens off the pot.
	pub(crate) fn take_from_pot(amount: u128) -> Result<crate::types::CreditOf<T>, sp_runtime::DispatchError> {
		let (exact, keep) = (Precision::Exact, Preservation::Preserve);
		T::NativeBalance::withdraw(&T::PotAccount::get(), amount, exact, keep, Fortitude::Force)
	}
}
