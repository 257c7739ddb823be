//! Stake that outsiders delegate to a guarantor, and what the guarantor keeps of its rewards.
//!
//! The money is on an account of its own for each guarantor, which nobody has a key for. Who delegated has shares of
//! the stake, so that a slash or a reward reaches all of them in one step. What leaves goes over into a second pool,
//! which is slashed alike and not rewarded.

use crate::{
	types::{BalanceOf, DelegationOf, GuarantorOf},
	Config, Delegations, Error, Event, Guarantors, LeavingShares, Pallet,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::Mutate, tokens::Preservation, Get},
	BoundedVec,
};
use gcx_primitives::{keyless_account, GuarantorState, Ppm};
use sp_runtime::{
	traits::{CheckedAdd, CheckedSub, Zero},
	ArithmeticError,
};

impl<T: Config> Pallet<T> {
	/// The account that holds what was delegated to a guarantor. Derived by a hash of the whole id, so that no two
	/// guarantors share one.
	pub fn pool_account(guarantor: &T::AccountId) -> T::AccountId {
		let domain = (b"gcx/guarantor", T::PalletId::get(), guarantor);
		keyless_account(domain.using_encoded(sp_io::hashing::blake2_256))
	}

	pub(crate) fn do_delegate(who: T::AccountId, delegator: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let parameters = Self::parameters();
		ensure!(who != delegator, Error::<T>::OwnGuarantor);
		let mut record = Self::guarantor(&who)?;
		ensure!(record.state.takes_on(), Error::<T>::NotActive);
		ensure!(amount >= parameters.min_delegation, Error::<T>::DelegationTooSmall);
		let mut delegation = match Delegations::<T>::get(&who, &delegator) {
			Some(delegation) => delegation,
			None => {
				record.delegations = record.delegations.checked_add(1).ok_or(ArithmeticError::Overflow)?;
				DelegationOf::<T>::default()
			},
		};
		delegation.settle(&record.delegated);
		let shares = record.delegated.join(amount).map_err(|_| Error::<T>::PoolWornOut)?;
		ensure!(!shares.is_zero(), Error::<T>::DelegationTooSmall);
		Self::ensure_delegation_ratio(&record, &parameters)?;
		delegation.shares = delegation.shares.checked_add(&shares).ok_or(ArithmeticError::Overflow)?;
		T::NativeBalance::transfer(&delegator, &Self::pool_account(&who), amount, Preservation::Preserve)?;
		Self::store_delegation(&who, &delegator, record, delegation)?;
		Self::deposit_event(Event::Delegated { guarantor: who, delegator, amount, shares });
		Ok(())
	}

	pub(crate) fn do_undelegate(who: T::AccountId, delegator: T::AccountId, shares: BalanceOf<T>) -> DispatchResult {
		let parameters = Self::parameters();
		let mut record = Self::guarantor(&who)?;
		let mut delegation = Delegations::<T>::get(&who, &delegator).ok_or(Error::<T>::NoDelegation)?;
		delegation.settle(&record.delegated);
		Self::begin_to_leave(&who, &delegator, &mut record, &mut delegation, shares)?;
		if !delegation.shares.is_zero() {
			let stays = record.delegated.value_of(delegation.shares)?;
			ensure!(stays >= parameters.min_delegation, Error::<T>::DelegationTooSmall);
		}
		Self::store_delegation(&who, &delegator, record, delegation)
	}

	pub(crate) fn do_withdraw_undelegated(who: T::AccountId, delegator: T::AccountId) -> DispatchResult {
		let mut record = Self::guarantor(&who)?;
		let before = Delegations::<T>::get(&who, &delegator).ok_or(Error::<T>::NoDelegation)?;
		Self::ensure_released(&who, &record)?;
		let mut delegation = before.clone();
		delegation.settle(&record.delegated);
		let amount = Self::collect_due(&mut record, &mut delegation)?;
		if record.state == GuarantorState::Exited && !delegation.shares.is_zero() {
			let shares = delegation.shares;
			Self::begin_to_leave(&who, &delegator, &mut record, &mut delegation, shares)?;
		}
		ensure!(delegation != before, Error::<T>::NothingDue);
		if !amount.is_zero() {
			// The account's minimum balance is the guarantor's: what is due is there beyond it.
			T::NativeBalance::transfer(&Self::pool_account(&who), &delegator, amount, Preservation::Preserve)?;
		}
		Self::store_delegation(&who, &delegator, record, delegation)?;
		Self::deposit_event(Event::Undelegated { guarantor: who, delegator, amount });
		Ok(())
	}

	pub(crate) fn do_set_commission(who: T::AccountId, commission: Ppm) -> DispatchResult {
		let parameters = Self::parameters();
		let mut record = Self::guarantor(&who)?;
		let within = parameters.min_commission..=parameters.max_commission;
		ensure!(within.contains(&commission), Error::<T>::CommissionOutOfBounds);
		let now = Self::now();
		let current = record.commission_at(now, &parameters);
		let from = if commission <= current {
			(record.commission, record.next_commission) = (commission, None);
			now
		} else {
			let from = Self::in_time(parameters.unbonding)?;
			(record.commission, record.next_commission) = (current, Some((from, commission)));
			from
		};
		Guarantors::<T>::insert(&who, record);
		Self::deposit_event(Event::CommissionSet { guarantor: who, commission, from });
		Ok(())
	}

	/// Moves shares from the pool to the one of leaving stake. Shares that are worth nothing are just gone.
	fn begin_to_leave(
		who: &T::AccountId,
		delegator: &T::AccountId,
		record: &mut GuarantorOf<T>,
		delegation: &mut DelegationOf<T>,
		shares: BalanceOf<T>,
	) -> DispatchResult {
		ensure!(!shares.is_zero(), Error::<T>::NotSoMuch);
		delegation.shares = delegation.shares.checked_sub(&shares).ok_or(Error::<T>::NotSoMuch)?;
		let due = Self::in_time(Self::parameters().unbonding)?;
		let amount = record.delegated.leave(shares)?;
		if !amount.is_zero() {
			let leaving = record.undelegating.join(amount).map_err(|_| Error::<T>::PoolWornOut)?;
			delegation
				.leaving
				.try_push(LeavingShares { series: record.undelegating.series, shares: leaving, due })
				.map_err(|_| Error::<T>::TooManyChunks)?;
		}
		let (guarantor, delegator) = (who.clone(), delegator.clone());
		Self::deposit_event(Event::Undelegating { guarantor, delegator, shares, amount, due });
		Ok(())
	}

	/// Takes out of the leaving shares those that are due, and those that became worthless, and returns their stake.
	fn collect_due(
		record: &mut GuarantorOf<T>,
		delegation: &mut DelegationOf<T>,
	) -> Result<BalanceOf<T>, ArithmeticError> {
		let (now, series) = (Self::now(), record.undelegating.series);
		let leaving = core::mem::take(&mut delegation.leaving).into_iter();
		let (due, later): (Vec<_>, Vec<_>) =
			leaving.filter(|part| part.series == series).partition(|part| part.due <= now);
		delegation.leaving = BoundedVec::truncate_from(later);
		due.iter().try_fold(BalanceOf::<T>::zero(), |sum, part| {
			sum.checked_add(&record.undelegating.leave(part.shares)?).ok_or(ArithmeticError::Overflow)
		})
	}

	/// Stores both sides of a delegation, and forgets it if nothing is left of it.
	fn store_delegation(
		who: &T::AccountId,
		delegator: &T::AccountId,
		mut record: GuarantorOf<T>,
		delegation: DelegationOf<T>,
	) -> DispatchResult {
		if delegation.is_empty() {
			Delegations::<T>::remove(who, delegator);
			record.delegations = record.delegations.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
		} else {
			Delegations::<T>::insert(who, delegator, delegation);
		}
		Guarantors::<T>::insert(who, record);
		Ok(())
	}
}
