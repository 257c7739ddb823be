//! Owners, attestors, their bonds and parameters: what the calls do, and who is slashed.

use crate::{
	types::{AttestorOf, BalanceOf, ParametersOf},
	Attestor, Attestors, Config, Error, Event, HoldReason, Offence, Owners, Pallet, Parameters, PendingParameters,
	Record, MIN_STANDING,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{
			hold::{Balanced as _, Mutate},
			Balanced,
		},
		tokens::Precision,
		Get, Imbalance, OnUnbalanced,
	},
};
use gcx_primitives::Ppm;
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	ArithmeticError, Permill,
};

/// `amount · share`, rounded down; a share of more than one counts as one.
pub(crate) fn share_of<Balance: sp_runtime::traits::AtLeast32BitUnsigned + Clone>(
	share: Ppm,
	amount: Balance,
) -> Balance {
	Permill::from_parts(share.0).mul_floor(amount)
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_admit_owner(owner: T::AccountId) -> DispatchResult {
		ensure!(!Owners::<T>::contains_key(&owner), Error::<T>::AlreadyAdmitted);
		Owners::<T>::insert(&owner, ());
		Self::deposit_event(Event::OwnerAdmitted { owner });
		Ok(())
	}

	pub(crate) fn do_expel_owner(owner: T::AccountId) -> DispatchResult {
		Owners::<T>::take(&owner).ok_or(Error::<T>::NotAdmitted)?;
		Self::deposit_event(Event::OwnerExpelled { owner: owner.clone() });
		let staying = |(_, attestor): &(_, Attestor<_, _>)| attestor.owner == owner && attestor.leaving.is_none();
		let attestors: Vec<_> = Attestors::<T>::iter().filter(staying).collect();
		for (account, attestor) in attestors {
			Self::begin_to_leave(account, attestor);
		}
		Ok(())
	}

	pub(crate) fn do_register(owner: T::AccountId, account: T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		ensure!(Owners::<T>::contains_key(&owner), Error::<T>::NotAdmitted);
		ensure!(!Attestors::<T>::contains_key(&account), Error::<T>::AlreadyAttestor);
		ensure!(bond >= Parameters::<T>::get().min_bond, Error::<T>::BondTooSmall);
		ensure!(Attestors::<T>::count() < T::MaxAttestors::get(), Error::<T>::TooManyAttestors);
		let mine = Attestors::<T>::iter_values().filter(|attestor| attestor.owner == owner).count();
		let limit = usize::try_from(T::MaxAttestorsPerOwner::get()).unwrap_or(usize::MAX);
		ensure!(mine < limit, Error::<T>::TooManyAttestorsOfOwner);
		T::NativeBalance::hold(&HoldReason::AttestorBond.into(), &owner, bond)?;
		let (standing, record) = (Ppm::ONE, Record::default());
		let attestor = Attestor { owner: owner.clone(), bond, leaving: None, standing, duties: 0, record };
		Attestors::<T>::insert(&account, attestor);
		Self::deposit_event(Event::Registered { attestor: account, owner, bond });
		Ok(())
	}

	pub(crate) fn do_bond_extra(owner: T::AccountId, account: T::AccountId, extra: BalanceOf<T>) -> DispatchResult {
		ensure!(!extra.is_zero(), Error::<T>::NothingToAdd);
		let mut attestor = Self::attestor_of(&owner, &account)?;
		ensure!(attestor.leaving.is_none(), Error::<T>::AlreadyLeaving);
		attestor.bond = attestor.bond.checked_add(&extra).ok_or(ArithmeticError::Overflow)?;
		T::NativeBalance::hold(&HoldReason::AttestorBond.into(), &owner, extra)?;
		Self::deposit_event(Event::BondRaised { attestor: account.clone(), extra, bond: attestor.bond });
		Attestors::<T>::insert(account, attestor);
		Ok(())
	}

	pub(crate) fn do_unregister(owner: T::AccountId, account: T::AccountId) -> DispatchResult {
		let attestor = Self::attestor_of(&owner, &account)?;
		ensure!(attestor.leaving.is_none(), Error::<T>::AlreadyLeaving);
		Self::begin_to_leave(account, attestor);
		Ok(())
	}

	pub(crate) fn do_withdraw(account: T::AccountId) -> DispatchResult {
		let Attestor { owner, bond, leaving, duties, .. } =
			Attestors::<T>::get(&account).ok_or(Error::<T>::NotAttestor)?;
		let until = leaving.ok_or(Error::<T>::NotLeaving)?;
		ensure!(T::Slot::get() > until, Error::<T>::StillUnbonding);
		ensure!(duties == 0, Error::<T>::OnDuty);
		T::NativeBalance::release(&HoldReason::AttestorBond.into(), &owner, bond, Precision::Exact)?;
		Attestors::<T>::remove(&account);
		Self::deposit_event(Event::Withdrawn { attestor: account, owner, bond });
		Ok(())
	}

	/// Takes up to `amount` of an attestor's bond. Of that the reporter, if there is one, gets its share, rounded down. Nothing
	/// happens to who is no attestor any more.
	pub(crate) fn slash(
		account: &T::AccountId,
		amount: BalanceOf<T>,
		offence: Offence,
		reporter: Option<&T::AccountId>,
	) {
		let Some(mut attestor) = Attestors::<T>::get(account) else { return };
		let due = amount.min(attestor.bond);
		let (mut taken, missing) = T::NativeBalance::slash(&HoldReason::AttestorBond.into(), &attestor.owner, due);
		frame_support::defensive_assert!(missing.is_zero(), "an attestor's bond is held in full");
		// `due` is at most the bond.
		attestor.bond -= due;
		let left = attestor.bond;
		Attestors::<T>::insert(account, attestor);
		let mut reward = BalanceOf::<T>::zero();
		if let Some(reporter) = reporter {
			reward = share_of(Parameters::<T>::get().reporter_share, taken.peek());
			let (part, rest) = taken.split(reward);
			taken = rest;
			// Who cannot take it, because the account would be too small, goes without.
			if let Err(part) = T::NativeBalance::resolve(reporter, part) {
				reward = Zero::zero();
				taken = taken.merge(part);
			}
		}
		T::OnSlash::on_unbalanced(taken);
		let (attestor, reporter) = (account.clone(), reporter.cloned());
		Self::deposit_event(Event::Slashed { attestor, offence, amount: due, left, reporter, reward });
	}

	/// Takes a share of an attestor's bond.
	pub(crate) fn slash_share(account: &T::AccountId, share: Ppm, offence: Offence, reporter: Option<&T::AccountId>) {
		let bond = Attestors::<T>::get(account).map_or(Zero::zero(), |attestor| attestor.bond);
		Self::slash(account, share_of(share, bond), offence, reporter);
	}

	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		// Slots are counted from the Unix epoch: the sum fits.
		let from = T::Slot::get().saturating_add(T::ParameterDelaySlots::get());
		PendingParameters::<T>::put((from, parameters.clone()));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// Puts approved parameters into force when their slot has come.
	pub(crate) fn enforce_parameters(slot: u64) {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= slot => {
				PendingParameters::<T>::kill();
				Parameters::<T>::put(parameters.clone());
				Self::deposit_event(Event::ParametersChanged { parameters });
			},
			Some(_) | None => (),
		}
	}

	/// Whether what an attestor finds counts: it is bonded with as much as is asked for, and its owner was not expelled.
	pub(crate) fn counts(attestor: &AttestorOf<T>, parameters: &ParametersOf<T>) -> bool {
		attestor.bond >= parameters.min_bond && Owners::<T>::contains_key(&attestor.owner)
	}

	/// What is left of a standing after its attestor was an outlier.
	pub(crate) fn lowered(standing: Ppm, parameters: &ParametersOf<T>) -> Ppm {
		Ppm(standing.0.saturating_sub(parameters.standing_down.0)).max(MIN_STANDING)
	}

	/// What a standing recovers to when its attestor agreed.
	pub(crate) fn raised(standing: Ppm, parameters: &ParametersOf<T>) -> Ppm {
		Ppm(standing.0.saturating_add(parameters.standing_up.0)).min(Ppm::ONE)
	}

	fn attestor_of(owner: &T::AccountId, account: &T::AccountId) -> Result<AttestorOf<T>, Error<T>> {
		Attestors::<T>::get(account).filter(|attestor| attestor.owner == *owner).ok_or(Error::<T>::NotAttestor)
	}

	fn begin_to_leave(account: T::AccountId, mut attestor: AttestorOf<T>) {
		let until = T::Slot::get().saturating_add(T::UnbondingSlots::get());
		attestor.leaving = Some(until);
		Attestors::<T>::insert(&account, attestor);
		Self::deposit_event(Event::Leaving { attestor: account, until });
	}
}
