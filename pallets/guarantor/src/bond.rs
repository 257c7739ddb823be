//! A guarantor's own bond: raising it, letting part of it leave, getting back what is due.

use crate::{
	pool::rate_floor,
	types::{BalanceOf, GuarantorOf, ParametersOf},
	BondChunk, Config, Error, Event, ExitLock, Guarantors, HoldReason, Pallet, MAX_CHUNKS,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::hold::Mutate, tokens::Precision},
	BoundedVec,
};
use sp_runtime::{
	traits::{CheckedAdd, CheckedSub, Zero},
	ArithmeticError,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond_extra(who: T::AccountId, extra: BalanceOf<T>) -> DispatchResult {
		ensure!(!extra.is_zero(), Error::<T>::NothingToAdd);
		let mut record = Self::guarantor(&who)?;
		ensure!(record.state.is_standing(), Error::<T>::NotStanding);
		record.bond = record.bond.checked_add(&extra).ok_or(ArithmeticError::Overflow)?;
		T::NativeBalance::hold(&HoldReason::GuarantorBond.into(), &who, extra)?;
		Self::deposit_event(Event::BondRaised { guarantor: who.clone(), extra, bond: record.bond });
		Guarantors::<T>::insert(who, record);
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let parameters = Self::parameters();
		let mut record = Self::guarantor(&who)?;
		ensure!(record.state.takes_on(), Error::<T>::NotActive);
		ensure!(!amount.is_zero(), Error::<T>::NotSoMuch);
		record.bond = record.bond.checked_sub(&amount).ok_or(Error::<T>::NotSoMuch)?;
		ensure!(record.bond >= parameters.min_bond, Error::<T>::BondTooSmall);
		Self::ensure_delegation_ratio(&record, &parameters)?;
		// The last place is kept for `exit`.
		let leaving = u32::try_from(record.unbonding.len()).map_err(|_| Error::<T>::TooManyChunks)?;
		ensure!(leaving.saturating_add(1) < MAX_CHUNKS, Error::<T>::TooManyChunks);
		let due = Self::in_time(parameters.unbonding)?;
		record.unbonding.try_push(BondChunk { amount, due }).map_err(|_| Error::<T>::TooManyChunks)?;
		let left = record.bond;
		Guarantors::<T>::insert(&who, record);
		Self::deposit_event(Event::Unbonding { guarantor: who, amount, left, due });
		Ok(())
	}

	pub(crate) fn do_withdraw_unbonded(who: T::AccountId) -> DispatchResult {
		let mut record = Self::guarantor(&who)?;
		Self::ensure_released(&who, &record)?;
		let now = Self::now();
		let (due, later): (Vec<_>, Vec<_>) = record.unbonding.into_iter().partition(|chunk| chunk.due <= now);
		ensure!(!due.is_empty(), Error::<T>::NothingDue);
		let amount = due.iter().try_fold(BalanceOf::<T>::zero(), |sum, chunk| {
			sum.checked_add(&chunk.amount).ok_or(ArithmeticError::Overflow)
		})?;
		record.unbonding = BoundedVec::truncate_from(later);
		let left = record.unbonding_total()?;
		T::NativeBalance::release(&HoldReason::GuarantorBond.into(), &who, amount, Precision::Exact)?;
		Guarantors::<T>::insert(&who, record);
		Self::deposit_event(Event::Withdrawn { guarantor: who, amount, left });
		Ok(())
	}

	/// Refuses what would leave more delegated stake than the guarantor's own bond allows, rounded down.
	pub(crate) fn ensure_delegation_ratio(record: &GuarantorOf<T>, parameters: &ParametersOf<T>) -> DispatchResult {
		let most = rate_floor(parameters.max_delegation_ratio, record.bond)?;
		ensure!(record.delegated.stake <= most, Error::<T>::DelegationRatioExceeded);
		Ok(())
	}

	/// Refuses to pay stake out while a loss may be open, or exits are locked.
	pub(crate) fn ensure_released(who: &T::AccountId, record: &GuarantorOf<T>) -> DispatchResult {
		ensure!(record.state.releases_stake(), Error::<T>::StakeSuspended);
		Self::ensure_unlocked(who)
	}

	/// Refuses while exits are locked.
	pub(crate) fn ensure_unlocked(who: &T::AccountId) -> DispatchResult {
		ensure!(ExitLock::<T>::get(who).is_none_or(|until| until <= Self::now()), Error::<T>::ExitLocked);
		Ok(())
	}
}
