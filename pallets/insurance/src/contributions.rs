//! Guarantors' contributions: what their risk requires, paying in, taking back what is not needed.

use crate::{Books, Config, Contributions, Draws, Error, Event, Lent, Pallet, MAX_CONTRIBUTORS};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult};
use gcx_math::pool::part_ceil;
use gcx_primitives::{ArithmeticError, Cash, GuarantorState, Guarantors, PoolRisk};
use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};

impl<T: Config> Pallet<T> {
	/// What a guarantor has to have contributed: its part of what skin in the game leaves of the requirement, pro rata
	/// to its risk, rounded up, and at least the smallest contribution. One that left answers as long as its bond does,
	/// and then with nothing; so does an account that is no guarantor.
	///
	/// # Errors
	/// The risk that clearing reports is negative, or too large.
	pub fn required_contribution(guarantor: &T::AccountId) -> Result<Cash, ArithmeticError> {
		let answers = match T::Guarantors::state(guarantor) {
			Some(Active | ReduceOnly | Defaulted) => true,
			Some(Exited) => Self::own_bond(guarantor)? > 0,
			None => false,
		};
		if !answers {
			return Ok(Cash::ZERO);
		}
		let least = Self::parameters().min_contribution;
		let (risk, all) = (T::Risk::risk(guarantor), T::Risk::total_risk());
		let mutual = T::Risk::requirement().checked_sub(Books::<T>::get().skin)?.max(Cash::ZERO);
		if risk.is_zero() || all.is_zero() || mutual.is_zero() {
			return Ok(least);
		}
		Ok(part_ceil(mutual, risk, all)?.max(least))
	}

	/// A guarantor's own bond, and what is leaving it, in the token's smallest unit.
	pub(crate) fn own_bond(guarantor: &T::AccountId) -> Result<u128, ArithmeticError> {
		let Some(resources) = T::Guarantors::own_resources(guarantor) else { return Ok(0) };
		resources.bond.checked_add(resources.unbonding).ok_or(ArithmeticError::Overflow)
	}

	pub(crate) fn do_contribute(who: T::AccountId, amount: u128) -> DispatchResult {
		let amount = Self::positive(amount)?;
		let is_standing = T::Guarantors::state(&who).is_some_and(GuarantorState::is_standing);
		ensure!(is_standing, Error::<T>::NotStanding);
		// What came in before is the others'.
		Self::divide_income()?;
		if !Contributions::<T>::contains_key(&who) {
			Self::make_room()?;
		}
		let mut contribution = Contributions::<T>::get(&who).unwrap_or_default();
		contribution.amount = contribution.amount.checked_add(amount)?;
		let is_enough = contribution.amount >= Self::parameters().min_contribution;
		ensure!(is_enough, Error::<T>::ContributionTooSmall);
		Self::receive(&who, amount)?;
		Contributions::<T>::insert(&who, contribution);
		let mut books = Books::<T>::get();
		books.contributed = books.contributed.checked_add(amount)?;
		books.recorded = books.recorded.checked_add(amount)?;
		Books::<T>::put(books);
		Self::deposit_event(Event::Contributed { guarantor: who, amount, contribution: contribution.amount });
		Ok(())
	}

	pub(crate) fn do_withdraw_contribution(who: T::AccountId, amount: u128) -> DispatchResult {
		let amount = Self::positive(amount)?;
		ensure!(Contributions::<T>::contains_key(&who), Error::<T>::NoContribution);
		match T::Guarantors::state(&who) {
			Some(Active | Exited) | None => (),
			Some(ReduceOnly | Defaulted) => return Err(Error::<T>::NotActive.into()),
		}
		ensure!(Draws::<T>::get().until <= Self::now(), Error::<T>::ContributionsLocked);
		ensure!(T::Risk::is_calm(), Error::<T>::LossOpen);
		ensure!(!Lent::<T>::contains_key(&who), Error::<T>::MoneyLent);
		Self::divide_income()?;
		let mut contribution = Contributions::<T>::get(&who).ok_or(Error::<T>::NoContribution)?;
		contribution.amount = contribution.amount.checked_sub(amount)?;
		ensure!(contribution.amount >= Cash::ZERO, Error::<T>::NotSoMuch);
		let needed = Self::required_contribution(&who)?;
		ensure!(contribution.amount >= needed, Error::<T>::ContributionNeeded);
		let mut books = Books::<T>::get();
		ensure!(amount <= books.liquid()?, Error::<T>::NotLiquid);
		books.contributed = books.contributed.checked_sub(amount)?;
		books.recorded = books.recorded.checked_sub(amount)?;
		Books::<T>::put(books);
		Self::pay(&who, amount)?;
		if contribution.amount.is_zero() {
			Contributions::<T>::remove(&who);
		} else {
			Contributions::<T>::insert(&who, contribution);
		}
		let left = contribution.amount;
		Self::deposit_event(Event::ContributionWithdrawn { guarantor: who, amount, needed, left });
		Ok(())
	}

	/// Makes sure that one more can contribute. Those are forgotten that lost all and are not there to be repaid.
	fn make_room() -> DispatchResult {
		let lost: Vec<_> = Contributions::<T>::iter()
			.filter(|(_, contribution)| contribution.amount.is_zero())
			.map(|(who, _)| who)
			.filter(|who| match T::Guarantors::state(who) {
				Some(Active | ReduceOnly | Defaulted) => false,
				Some(Exited) | None => true,
			})
			.collect();
		for who in lost {
			Contributions::<T>::remove(who);
		}
		ensure!(Contributions::<T>::count() < MAX_CONTRIBUTORS, Error::<T>::TooManyContributors);
		Ok(())
	}
}
