//! How an account becomes a guarantor, leaves, and is forgotten.

use crate::{
	types::{BalanceOf, GuarantorOf, ParametersOf},
	Applications, BondChunk, Config, Customers, Error, Event, ExitLock, GenesisConfig, Guarantor, Guarantors,
	HoldReason, Pallet, Parameters,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{hold::Mutate as _, Inspect, Mutate as _},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};
use gcx_primitives::{CustomerPositions, GuarantorState, HouseFunds};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	ArithmeticError, DispatchError,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_apply(who: T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		let gone = |record: GuarantorOf<T>| record.state == GuarantorState::Exited;
		ensure!(Guarantors::<T>::get(&who).is_none_or(gone), Error::<T>::AlreadyGuarantor);
		ensure!(!Applications::<T>::contains_key(&who), Error::<T>::AlreadyApplied);
		ensure!(!Customers::<T>::contains_key(&who), Error::<T>::AlreadyCustomer);
		ensure!(bond >= Self::parameters().min_bond, Error::<T>::BondTooSmall);
		Self::put_up(&who, bond)?;
		Applications::<T>::insert(&who, bond);
		Self::deposit_event(Event::Applied { who, bond });
		Ok(())
	}

	pub(crate) fn do_withdraw_application(who: T::AccountId) -> DispatchResult {
		let bond = Self::end_application(&who)?;
		Self::deposit_event(Event::ApplicationWithdrawn { who, bond });
		Ok(())
	}

	pub(crate) fn do_refuse(who: T::AccountId) -> DispatchResult {
		let bond = Self::end_application(&who)?;
		Self::deposit_event(Event::ApplicationRefused { who, bond });
		Ok(())
	}

	pub(crate) fn do_admit(who: T::AccountId) -> DispatchResult {
		let parameters = Self::parameters();
		let bond = Applications::<T>::get(&who).ok_or(Error::<T>::NoApplication)?;
		ensure!(bond >= parameters.min_bond, Error::<T>::BondTooSmall);
		ensure!(T::HouseFunds::house_funds(&who) >= parameters.min_house, Error::<T>::HouseFundsTooSmall);
		let bond = match Guarantors::<T>::get(&who) {
			None => Self::install(&who, bond, &parameters)?,
			Some(mut record) => {
				// It left before. What is still on its way out of then stays so, and keeps answering.
				record.bond = record.bond.checked_add(&bond).ok_or(ArithmeticError::Overflow)?;
				let bond = record.bond;
				Self::move_to(&who, record, GuarantorState::Active);
				bond
			},
		};
		Applications::<T>::remove(&who);
		Self::deposit_event(Event::Admitted { guarantor: who, bond });
		Ok(())
	}

	pub(crate) fn do_exit(who: T::AccountId) -> DispatchResult {
		let parameters = Self::parameters();
		let mut record = Self::guarantor(&who)?;
		ensure!(record.state != GuarantorState::Defaulted, Error::<T>::InDefault);
		ensure!(record.state.is_standing(), Error::<T>::NotStanding);
		ensure!(record.customers == 0, Error::<T>::HasCustomers);
		ensure!(T::Positions::house_is_flat(&who), Error::<T>::HouseNotFlat);
		Self::ensure_unlocked(&who)?;
		let due = Self::in_time(parameters.unbonding)?;
		let bond = core::mem::replace(&mut record.bond, Zero::zero());
		if !bond.is_zero() {
			record.unbonding.try_push(BondChunk { amount: bond, due }).map_err(|_| Error::<T>::TooManyChunks)?;
		}
		record.reduced_for.clear();
		Self::move_to(&who, record, GuarantorState::Exited);
		Self::deposit_event(Event::Exited { guarantor: who, bond, due });
		Ok(())
	}

	pub(crate) fn do_reap(guarantor: T::AccountId) -> DispatchResult {
		let record = Self::guarantor(&guarantor)?;
		ensure!(record.state == GuarantorState::Exited, Error::<T>::NotExited);
		Self::ensure_unlocked(&guarantor)?;
		ensure!(record.unbonding.is_empty(), Error::<T>::StillBonded);
		ensure!(record.delegations == 0, Error::<T>::StillDelegated);
		Guarantors::<T>::remove(&guarantor);
		ExitLock::<T>::remove(&guarantor);
		let surplus = Self::close_pool_account(&guarantor)?;
		Self::deposit_event(Event::Reaped { guarantor, surplus });
		Ok(())
	}

	/// What genesis says, or a panic that says what is wrong with it.
	pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
		let parameters = genesis.parameters.clone().unwrap_or_else(|| ParametersOf::<T> {
			min_bond: T::NativeBalance::minimum_balance(),
			min_delegation: T::NativeBalance::minimum_balance(),
			..Default::default()
		});
		assert!(parameters.is_valid::<T>(), "genesis: the guarantors' parameters contradict each other");
		Parameters::<T>::put(parameters);
		for (who, bond) in &genesis.guarantors {
			if let Err(error) = Self::found(who, *bond) {
				panic!("genesis: {who:?} cannot be a guarantor with {bond:?}: {error:?}");
			}
		}
		for (customer, guarantor, limits) in &genesis.customers {
			if let Err(error) = Self::enrol(customer.clone(), guarantor.clone(), *limits) {
				panic!("genesis: {customer:?} cannot be a customer of {guarantor:?}: {error:?}");
			}
		}
	}

	/// Makes a founding guarantor. Clearing has no house funds yet, so that they are not asked for.
	fn found(who: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		let parameters = Self::parameters();
		ensure!(!Guarantors::<T>::contains_key(who), Error::<T>::AlreadyGuarantor);
		ensure!(bond >= parameters.min_bond, Error::<T>::BondTooSmall);
		Self::put_up(who, bond)?;
		Self::install(who, bond, &parameters).map(drop)
	}

	/// Stores a new guarantor, with the smallest commission there can be, and returns its bond.
	fn install(
		who: &T::AccountId,
		bond: BalanceOf<T>,
		parameters: &ParametersOf<T>,
	) -> Result<BalanceOf<T>, DispatchError> {
		ensure!(Guarantors::<T>::count() < T::MaxGuarantors::get(), Error::<T>::TooManyGuarantors);
		Guarantors::<T>::insert(who, Guarantor::new(bond, parameters.min_commission));
		Ok(bond)
	}

	/// Holds a bond, and gives the account for delegated stake its minimum balance: stake alone could fall below it by
	/// a slash, and the rest would be lost with the account.
	fn put_up(who: &T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		T::NativeBalance::hold(&HoldReason::GuarantorBond.into(), who, bond)?;
		let (pool, least) = (Self::pool_account(who), T::NativeBalance::minimum_balance());
		if T::NativeBalance::balance(&pool) < least {
			T::NativeBalance::transfer(who, &pool, least, Preservation::Preserve)?;
		}
		Ok(())
	}

	/// Gives an application's bond back, and the minimum balance that came with it.
	fn end_application(who: &T::AccountId) -> Result<BalanceOf<T>, DispatchError> {
		let bond = Applications::<T>::take(who).ok_or(Error::<T>::NoApplication)?;
		T::NativeBalance::release(&HoldReason::GuarantorBond.into(), who, bond, Precision::Exact)?;
		Self::close_pool_account(who)?;
		Ok(bond)
	}

	/// Empties the account for delegated stake of who is no guarantor any more, and does not ask to be one.
	fn close_pool_account(who: &T::AccountId) -> Result<BalanceOf<T>, DispatchError> {
		if Guarantors::<T>::contains_key(who) || Applications::<T>::contains_key(who) {
			return Ok(Zero::zero());
		}
		let pool = Self::pool_account(who);
		let surplus = T::NativeBalance::reducible_balance(&pool, Preservation::Expendable, Fortitude::Polite);
		if !surplus.is_zero() {
			T::NativeBalance::transfer(&pool, who, surplus, Preservation::Expendable)?;
		}
		Ok(surplus)
	}

	/// The record of a guarantor.
	pub(crate) fn guarantor(who: &T::AccountId) -> Result<GuarantorOf<T>, Error<T>> {
		Guarantors::<T>::get(who).ok_or(Error::<T>::NotGuarantor)
	}
}
