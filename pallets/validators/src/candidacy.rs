//! Bonds and candidacy: what the calls do.

use crate::{
	types::{BalanceOf, ParametersOf},
	Bond, BondStatus, Bonds, Candidates, Config, Error, Event, HoldReason, Pallet, Parameters, PendingParameters,
	PARAMETER_DELAY,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	ArithmeticError,
};
use sp_staking::SessionIndex;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond(who: T::AccountId, value: BalanceOf<T>) -> DispatchResult {
		ensure!(!Bonds::<T>::contains_key(&who), Error::<T>::AlreadyBonded);
		ensure!(value >= Parameters::<T>::get().min_bond, Error::<T>::BondTooSmall);
		Self::admit_candidate(&who, value)?;
		T::NativeBalance::hold(&HoldReason::ValidatorBond.into(), &who, value)?;
		Bonds::<T>::insert(&who, Bond { amount: value, status: BondStatus::Candidate, jailed_until: 0 });
		Self::deposit_event(Event::Bonded { who, bond: value });
		Ok(())
	}

	pub(crate) fn do_bond_extra(who: T::AccountId, extra: BalanceOf<T>) -> DispatchResult {
		ensure!(!extra.is_zero(), Error::<T>::NothingToAdd);
		let mut bond = Bonds::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		let raised = bond.amount.checked_add(&extra).ok_or(ArithmeticError::Overflow)?;
		match bond.status {
			BondStatus::Candidate => {
				Self::remove_candidate(&who);
				Self::admit_candidate(&who, raised)?;
			},
			BondStatus::Chilled => {},
			BondStatus::Unbonding { .. } => return Err(Error::<T>::AlreadyUnbonding.into()),
		}
		T::NativeBalance::hold(&HoldReason::ValidatorBond.into(), &who, extra)?;
		bond.amount = raised;
		Bonds::<T>::insert(&who, bond);
		Self::deposit_event(Event::BondRaised { who, extra, bond: raised });
		Ok(())
	}

	pub(crate) fn do_chill(who: T::AccountId) -> DispatchResult {
		let bond = Bonds::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		ensure!(bond.status == BondStatus::Candidate, Error::<T>::NotCandidate);
		Self::ensure_floor_without(&who)?;
		Self::remove_candidate(&who);
		Bonds::<T>::insert(&who, Bond { status: BondStatus::Chilled, ..bond });
		Self::deposit_event(Event::Chilled { who });
		Ok(())
	}

	pub(crate) fn do_validate(who: T::AccountId) -> DispatchResult {
		let bond = Bonds::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		ensure!(bond.status != BondStatus::Candidate, Error::<T>::AlreadyCandidate);
		ensure!(!bond.is_jailed(Self::session_now()), Error::<T>::Jailed);
		ensure!(bond.amount >= Parameters::<T>::get().min_bond, Error::<T>::BondTooSmall);
		Self::admit_candidate(&who, bond.amount)?;
		Self::deposit_event(Event::Validating { who: who.clone(), bond: bond.amount });
		Bonds::<T>::insert(&who, Bond { status: BondStatus::Candidate, ..bond });
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId) -> DispatchResult {
		let bond = Bonds::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		match bond.status {
			BondStatus::Candidate => {
				Self::ensure_floor_without(&who)?;
				Self::remove_candidate(&who);
			},
			BondStatus::Chilled => {},
			BondStatus::Unbonding { .. } => return Err(Error::<T>::AlreadyUnbonding.into()),
		}
		// The next session is planned already, and may seat the caller.
		let until = Self::slashable_until(Self::session_now().saturating_add(1));
		Self::deposit_event(Event::Unbonding { who: who.clone(), bond: bond.amount, until });
		Bonds::<T>::insert(&who, Bond { status: BondStatus::Unbonding { until }, ..bond });
		Ok(())
	}

	pub(crate) fn do_withdraw_unbonded(who: T::AccountId) -> DispatchResult {
		let bond = Bonds::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		match bond.status {
			BondStatus::Candidate | BondStatus::Chilled => return Err(Error::<T>::NotUnbonding.into()),
			BondStatus::Unbonding { until } => {
				ensure!(Self::session_now() > until, Error::<T>::StillUnbonding)
			},
		}
		T::NativeBalance::release(&HoldReason::ValidatorBond.into(), &who, bond.amount, Precision::Exact)?;
		Bonds::<T>::remove(&who);
		Self::deposit_event(Event::Withdrawn { who, bond: bond.amount });
		Ok(())
	}

	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		let from = Self::session_now().saturating_add(PARAMETER_DELAY);
		PendingParameters::<T>::put((from, parameters.clone()));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The last session in which an offence committed in `session` can still be reported.
	pub(crate) fn slashable_until(session: SessionIndex) -> SessionIndex {
		session.saturating_add(T::UnbondingSessions::get())
	}

	/// Index of the present session.
	pub(crate) fn session_now() -> SessionIndex {
		pallet_session::CurrentIndex::<T>::get()
	}

	/// Puts `who` on the list of candidates, behind equal bonds. A full list drops its lowest bond, whose owner is
	/// chilled, or refuses `who` if it bids no more than that.
	fn admit_candidate(who: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		Candidates::<T>::try_mutate(|candidates| {
			if candidates.is_full() {
				let lowest = candidates.last().map(|(_, lowest)| *lowest).unwrap_or_default();
				ensure!(bond > lowest, Error::<T>::OutbidByAll);
				if let Some((outbid, bond)) = candidates.pop() {
					Bonds::<T>::mutate_extant(&outbid, |bond| bond.status = BondStatus::Chilled);
					Self::deposit_event(Event::Outbid { who: outbid, bond, by: who.clone() });
				}
			}
			let place = candidates.partition_point(|(_, other)| *other >= bond);
			candidates.try_insert(place, (who.clone(), bond)).map_err(|_| Error::<T>::OutbidByAll.into())
		})
	}

	/// Takes `who` off the list of candidates, if it is there.
	pub(crate) fn remove_candidate(who: &T::AccountId) {
		Candidates::<T>::mutate(|candidates| candidates.retain(|(other, _)| other != who));
	}

	/// Refuses if the floor needs `who`: if it is eligible and too few others are.
	fn ensure_floor_without(who: &T::AccountId) -> DispatchResult {
		let parameters = Parameters::<T>::get();
		let candidates = Candidates::<T>::get();
		let mut others = 0u32;
		let mut counted = false;
		for (candidate, bond) in candidates.iter() {
			if !Self::is_eligible(candidate, *bond, &parameters) {
				continue;
			}
			if candidate == who {
				counted = true;
			} else {
				others = others.saturating_add(1);
			}
			if others >= parameters.floor {
				return Ok(());
			}
		}
		ensure!(!counted, Error::<T>::TooFewValidators);
		Ok(())
	}
}
