//! Customers: they ask, a guarantor accepts, each may part when nothing is open.

use crate::{Applications, Config, Customers, Error, Event, Guarantors, Pallet, Requests};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{CustomerLimits, CustomerPositions, Membership};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(customer: T::AccountId, guarantor: T::AccountId) -> DispatchResult {
		ensure!(!Guarantors::<T>::contains_key(&customer), Error::<T>::GuarantorAsCustomer);
		ensure!(!Customers::<T>::contains_key(&customer), Error::<T>::AlreadyCustomer);
		ensure!(!Requests::<T>::contains_key(&customer), Error::<T>::AlreadyRequested);
		ensure!(Self::guarantor(&guarantor)?.state.takes_on(), Error::<T>::NotActive);
		Requests::<T>::insert(&customer, &guarantor);
		Self::deposit_event(Event::Requested { customer, guarantor });
		Ok(())
	}

	pub(crate) fn do_cancel_request(customer: T::AccountId) -> DispatchResult {
		let guarantor = Requests::<T>::take(&customer).ok_or(Error::<T>::NoRequest)?;
		Self::deposit_event(Event::RequestCancelled { customer, guarantor });
		Ok(())
	}

	pub(crate) fn do_accept(guarantor: T::AccountId, customer: T::AccountId, limits: CustomerLimits) -> DispatchResult {
		Self::ensure_requested(&customer, &guarantor)?;
		Self::enrol(customer.clone(), guarantor, limits)?;
		Requests::<T>::remove(customer);
		Ok(())
	}

	pub(crate) fn do_decline(guarantor: T::AccountId, customer: T::AccountId) -> DispatchResult {
		Self::ensure_requested(&customer, &guarantor)?;
		Requests::<T>::remove(&customer);
		Self::deposit_event(Event::Declined { customer, guarantor });
		Ok(())
	}

	pub(crate) fn do_set_limits(
		guarantor: T::AccountId,
		customer: T::AccountId,
		limits: CustomerLimits,
	) -> DispatchResult {
		Self::ensure_customer(&customer, &guarantor)?;
		ensure!(limits.is_valid(), Error::<T>::InvalidLimits);
		Customers::<T>::insert(&customer, Membership { guarantor: guarantor.clone(), limits });
		Self::deposit_event(Event::LimitsSet { customer, guarantor, limits });
		Ok(())
	}

	pub(crate) fn do_leave(customer: T::AccountId) -> DispatchResult {
		let guarantor = Customers::<T>::get(&customer).ok_or(Error::<T>::NotCustomer)?.guarantor;
		Self::part(&customer, &guarantor)?;
		Self::deposit_event(Event::Left { customer, guarantor });
		Ok(())
	}

	pub(crate) fn do_dismiss(guarantor: T::AccountId, customer: T::AccountId) -> DispatchResult {
		Self::ensure_customer(&customer, &guarantor)?;
		Self::part(&customer, &guarantor)?;
		Self::deposit_event(Event::Dismissed { customer, guarantor });
		Ok(())
	}

	/// Makes an account a guarantor's customer.
	pub(crate) fn enrol(customer: T::AccountId, guarantor: T::AccountId, limits: CustomerLimits) -> DispatchResult {
		ensure!(!Guarantors::<T>::contains_key(&customer), Error::<T>::GuarantorAsCustomer);
		ensure!(!Customers::<T>::contains_key(&customer), Error::<T>::AlreadyCustomer);
		// Who applied, or did so once, may have a house: its money would be nobody's customer's.
		ensure!(!Applications::<T>::contains_key(&customer), Error::<T>::AlreadyApplied);
		ensure!(T::Positions::has_none(&customer), Error::<T>::HasPositions);
		ensure!(limits.is_valid(), Error::<T>::InvalidLimits);
		let mut record = Self::guarantor(&guarantor)?;
		ensure!(record.state.takes_on(), Error::<T>::NotActive);
		ensure!(record.bond >= Self::parameters().min_bond, Error::<T>::BondTooSmall);
		ensure!(record.customers < T::MaxCustomersPerGuarantor::get(), Error::<T>::TooManyCustomers);
		record.customers = record.customers.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Guarantors::<T>::insert(&guarantor, record);
		Customers::<T>::insert(&customer, Membership { guarantor: guarantor.clone(), limits });
		Self::deposit_event(Event::Accepted { customer, guarantor, limits });
		Ok(())
	}

	/// Ends a membership with nothing open.
	fn part(customer: &T::AccountId, guarantor: &T::AccountId) -> DispatchResult {
		ensure!(T::Positions::has_none(customer), Error::<T>::HasPositions);
		let mut record = Self::guarantor(guarantor)?;
		record.customers = record.customers.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
		Guarantors::<T>::insert(guarantor, record);
		Customers::<T>::remove(customer);
		Ok(())
	}

	fn ensure_requested(customer: &T::AccountId, guarantor: &T::AccountId) -> DispatchResult {
		ensure!(Requests::<T>::get(customer).as_ref() == Some(guarantor), Error::<T>::NoRequest);
		Ok(())
	}

	fn ensure_customer(customer: &T::AccountId, guarantor: &T::AccountId) -> DispatchResult {
		let known = Customers::<T>::get(customer).is_some_and(|membership| membership.guarantor == *guarantor);
		ensure!(known, Error::<T>::NotCustomer);
		Ok(())
	}
}
