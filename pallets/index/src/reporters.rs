//! Classes, owners, reporters and their bonds: what the calls do.

use crate::{
	types::{BalanceOf, ParametersOf},
	ClassSettings, Classes, Config, Error, Event, HoldReason, Owners, Pallet, Parameters, PendingParameters, Reporter,
	Reporters, Settings, PARAMETER_DELAY,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::hold::{Balanced, Mutate},
		tokens::Precision,
		Get, OnUnbalanced,
	},
};
use gcx_primitives::{ClassId, Day, Price, PriceIndex};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	ArithmeticError,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_class(class: ClassId, floor: Price) -> DispatchResult {
		ensure!(floor > Price::ZERO && floor.is_bounded(), Error::<T>::InvalidFloor);
		match Settings::<T>::get(class) {
			None => {
				Classes::<T>::try_append(class).map_err(|_| Error::<T>::TooManyClasses)?;
				Settings::<T>::insert(class, ClassSettings { floor, next_floor: None });
				Self::deposit_event(Event::ClassAdmitted { class, floor });
			},
			Some(settings) => {
				let today = Self::today();
				let from = Day(today.0.saturating_add(PARAMETER_DELAY));
				let now = settings.floor_on(today);
				Settings::<T>::insert(class, ClassSettings { floor: now, next_floor: Some((from, floor)) });
				Self::deposit_event(Event::FloorApproved { class, floor, from });
			},
		}
		Ok(())
	}

	pub(crate) fn do_admit_owner(owner: T::AccountId) -> DispatchResult {
		ensure!(!Owners::<T>::contains_key(&owner), Error::<T>::AlreadyAdmitted);
		Owners::<T>::insert(&owner, ());
		Self::deposit_event(Event::OwnerAdmitted { owner });
		Ok(())
	}

	pub(crate) fn do_expel_owner(owner: T::AccountId) -> DispatchResult {
		Owners::<T>::take(&owner).ok_or(Error::<T>::NotAdmitted)?;
		Self::deposit_event(Event::OwnerExpelled { owner: owner.clone() });
		let staying = |(_, reporter): &(_, Reporter<_, _>)| reporter.owner == owner && reporter.leaving.is_none();
		let reporters: Vec<_> = Reporters::<T>::iter().filter(staying).collect();
		for (account, reporter) in reporters {
			Self::begin_to_leave(account, reporter);
		}
		Ok(())
	}

	pub(crate) fn do_register(owner: T::AccountId, account: T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		ensure!(Owners::<T>::contains_key(&owner), Error::<T>::NotAdmitted);
		ensure!(!Reporters::<T>::contains_key(&account), Error::<T>::AlreadyReporter);
		ensure!(bond >= Parameters::<T>::get().min_bond, Error::<T>::BondTooSmall);
		ensure!(Reporters::<T>::count() < T::MaxReporters::get(), Error::<T>::TooManyReporters);
		let mine = Reporters::<T>::iter_values().filter(|reporter| reporter.owner == owner).count();
		let limit = usize::try_from(T::MaxReportersPerOwner::get()).unwrap_or(usize::MAX);
		ensure!(mine < limit, Error::<T>::TooManyReportersOfOwner);
		T::NativeBalance::hold(&HoldReason::ReporterBond.into(), &owner, bond)?;
		Reporters::<T>::insert(&account, Reporter { owner: owner.clone(), bond, leaving: None });
		Self::deposit_event(Event::Registered { reporter: account, owner, bond });
		Ok(())
	}

	pub(crate) fn do_bond_extra(owner: T::AccountId, account: T::AccountId, extra: BalanceOf<T>) -> DispatchResult {
		ensure!(!extra.is_zero(), Error::<T>::NothingToAdd);
		let mut reporter = Self::reporter_of(&owner, &account)?;
		ensure!(reporter.leaving.is_none(), Error::<T>::AlreadyLeaving);
		reporter.bond = reporter.bond.checked_add(&extra).ok_or(ArithmeticError::Overflow)?;
		T::NativeBalance::hold(&HoldReason::ReporterBond.into(), &owner, extra)?;
		Self::deposit_event(Event::BondRaised { reporter: account.clone(), extra, bond: reporter.bond });
		Reporters::<T>::insert(account, reporter);
		Ok(())
	}

	pub(crate) fn do_unregister(owner: T::AccountId, account: T::AccountId) -> DispatchResult {
		let reporter = Self::reporter_of(&owner, &account)?;
		ensure!(reporter.leaving.is_none(), Error::<T>::AlreadyLeaving);
		Self::begin_to_leave(account, reporter);
		Ok(())
	}

	pub(crate) fn do_withdraw(account: T::AccountId) -> DispatchResult {
		let Reporter { owner, bond, leaving } = Reporters::<T>::get(&account).ok_or(Error::<T>::NotReporter)?;
		let until = leaving.ok_or(Error::<T>::NotLeaving)?;
		ensure!(Self::today() > until, Error::<T>::StillUnbonding);
		T::NativeBalance::release(&HoldReason::ReporterBond.into(), &owner, bond, Precision::Exact)?;
		Reporters::<T>::remove(&account);
		Self::deposit_event(Event::Withdrawn { reporter: account, owner, bond });
		Ok(())
	}

	/// Takes up to `amount` of a reporter's bond.
	pub(crate) fn do_slash(account: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let mut reporter = Reporters::<T>::get(&account).ok_or(Error::<T>::NotReporter)?;
		let due = amount.min(reporter.bond);
		let (taken, missing) = T::NativeBalance::slash(&HoldReason::ReporterBond.into(), &reporter.owner, due);
		frame_support::defensive_assert!(missing.is_zero(), "a reporter's bond is held in full");
		T::OnSlash::on_unbalanced(taken);
		// `due` is at most the bond.
		reporter.bond -= due;
		Self::deposit_event(Event::Slashed { reporter: account.clone(), amount: due, left: reporter.bond });
		Reporters::<T>::insert(account, reporter);
		Ok(())
	}

	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		let from = Day(Self::today().0.saturating_add(PARAMETER_DELAY));
		PendingParameters::<T>::put((from, parameters.clone()));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The parameters in force. Puts approved ones into force when their day has come.
	pub(crate) fn parameters() -> ParametersOf<T> {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= Self::today() => {
				PendingParameters::<T>::kill();
				Parameters::<T>::put(parameters.clone());
				Self::deposit_event(Event::ParametersChanged { parameters: parameters.clone() });
				parameters
			},
			Some(_) | None => Parameters::<T>::get(),
		}
	}

	fn reporter_of(
		owner: &T::AccountId,
		account: &T::AccountId,
	) -> Result<Reporter<T::AccountId, BalanceOf<T>>, Error<T>> {
		Reporters::<T>::get(account).filter(|reporter| reporter.owner == *owner).ok_or(Error::<T>::NotReporter)
	}

	fn begin_to_leave(account: T::AccountId, mut reporter: Reporter<T::AccountId, BalanceOf<T>>) {
		let until = Day(Self::today().0.saturating_add(T::UnbondingDays::get()));
		reporter.leaving = Some(until);
		Reporters::<T>::insert(&account, reporter);
		Self::deposit_event(Event::Leaving { reporter: account, until });
	}
}
