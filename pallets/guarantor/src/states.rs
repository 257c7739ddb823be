//! What a guarantor may do, who decides it, and what clearing sees of the guarantors.

use crate::{
	types::{BalanceOf, CreditOf, GuarantorOf},
	Config, Customers, Error, Event, ExitLock, Guarantors, Pallet,
};
use frame_support::{defensive, ensure, pallet_prelude::DispatchResult};
use gcx_primitives::{CustomerPositions, GuarantorState, Membership, OwnResources, ReduceOnlyReason};
use sp_runtime::DispatchError;
use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_state(guarantor: T::AccountId, to: GuarantorState) -> DispatchResult {
		let mut record = Self::guarantor(&guarantor)?;
		match (record.state, to) {
			(Active | ReduceOnly, ReduceOnly) => Self::restrict(&guarantor, record, ReduceOnlyReason::Governance),
			(ReduceOnly, Active) => {
				for reason in core::mem::take(&mut record.reduced_for) {
					Self::deposit_event(Event::Lifted { guarantor: guarantor.clone(), reason });
				}
				Self::move_to(&guarantor, record, Active);
			},
			(Active | ReduceOnly, Defaulted) => Self::default_on(&guarantor, record),
			(Defaulted, ReduceOnly) if T::Positions::is_default_open(&guarantor) => {
				return Err(Error::<T>::DefaultOpen.into());
			},
			(Defaulted, ReduceOnly) => Self::restrict(&guarantor, record, ReduceOnlyReason::Governance),
			(Active | Defaulted, Active)
			| (Defaulted, Defaulted)
			| (Active | ReduceOnly | Defaulted, Exited)
			| (Exited, Active | ReduceOnly | Defaulted | Exited) => return Err(Error::<T>::WrongState.into()),
		}
		Ok(())
	}

	/// Stores a record in another state.
	pub(crate) fn move_to(guarantor: &T::AccountId, mut record: GuarantorOf<T>, to: GuarantorState) {
		let from = core::mem::replace(&mut record.state, to);
		Guarantors::<T>::insert(guarantor, record);
		if from != to {
			Self::deposit_event(Event::StateChanged { guarantor: guarantor.clone(), from, to });
		}
	}

	/// Adds a reason to be reduce-only.
	fn restrict(guarantor: &T::AccountId, mut record: GuarantorOf<T>, reason: ReduceOnlyReason) {
		match record.reduced_for.try_insert(reason) {
			Ok(true) => Self::deposit_event(Event::Restricted { guarantor: guarantor.clone(), reason }),
			Ok(false) => (),
			Err(_) => {
				defensive!("there is room for every reason");
			},
		}
		Self::move_to(guarantor, record, ReduceOnly);
	}

	fn default_on(guarantor: &T::AccountId, mut record: GuarantorOf<T>) {
		record.reduced_for.clear();
		Self::move_to(guarantor, record, Defaulted);
	}

	/// The record of a guarantor that is neither in default nor gone.
	fn standing(who: &T::AccountId) -> Result<GuarantorOf<T>, DispatchError> {
		let record = Self::guarantor(who)?;
		ensure!(record.state.is_standing(), Error::<T>::NotStanding);
		Ok(record)
	}
}

impl<T: Config> gcx_primitives::Guarantors<T::AccountId> for Pallet<T> {
	type Balance = BalanceOf<T>;
	type Credit = CreditOf<T>;
	type Error = DispatchError;

	fn membership(customer: &T::AccountId) -> Option<Membership<T::AccountId>> {
		Customers::<T>::get(customer)
	}

	fn state(guarantor: &T::AccountId) -> Option<GuarantorState> {
		Guarantors::<T>::get(guarantor).map(|record| record.state)
	}

	fn customers(guarantor: &T::AccountId) -> u32 {
		Guarantors::<T>::get(guarantor).map_or(0, |record| record.customers)
	}

	fn own_resources(guarantor: &T::AccountId) -> Option<OwnResources<BalanceOf<T>>> {
		Guarantors::<T>::get(guarantor)?.resources().ok()
	}

	fn set_reduce_only(guarantor: &T::AccountId, reason: ReduceOnlyReason) -> DispatchResult {
		Self::restrict(guarantor, Self::standing(guarantor)?, reason);
		Ok(())
	}

	fn restore(guarantor: &T::AccountId, reason: ReduceOnlyReason) -> DispatchResult {
		let mut record = Self::standing(guarantor)?;
		if record.reduced_for.remove(&reason) {
			Self::deposit_event(Event::Lifted { guarantor: guarantor.clone(), reason });
			let to = if record.reduced_for.is_empty() { Active } else { ReduceOnly };
			Self::move_to(guarantor, record, to);
		}
		Ok(())
	}

	fn set_defaulted(guarantor: &T::AccountId) -> DispatchResult {
		let record = Self::guarantor(guarantor)?;
		match record.state {
			Active | ReduceOnly => Self::default_on(guarantor, record),
			Defaulted => (),
			Exited => return Err(Error::<T>::NotStanding.into()),
		}
		Ok(())
	}

	fn lock_exit(guarantor: &T::AccountId, until: u64) -> DispatchResult {
		ensure!(Guarantors::<T>::contains_key(guarantor), Error::<T>::NotGuarantor);
		if ExitLock::<T>::get(guarantor).is_none_or(|locked| locked < until) {
			ExitLock::<T>::insert(guarantor, until);
			Self::deposit_event(Event::ExitLocked { guarantor: guarantor.clone(), until });
		}
		Ok(())
	}

	fn slash(guarantor: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
		Self::do_slash(guarantor, amount)
	}
}
