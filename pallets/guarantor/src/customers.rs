//! Customers: they ask, a guarantor accepts, each may part when nothing is open. Who is a customer and asks another
//! guarantor is ported: it changes hands with all that it has.

use crate::{Applications, Config, Customers, Error, Event, Guarantors, Pallet, Requests, WeightInfo};
use frame_support::{
	dispatch::DispatchResultWithPostInfo, ensure, pallet_prelude::DispatchResult, traits::Get, weights::Weight,
};
use gcx_primitives::{CustomerLimits, CustomerPositions, Membership};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_request(customer: T::AccountId, guarantor: T::AccountId) -> DispatchResult {
		ensure!(!Guarantors::<T>::contains_key(&customer), Error::<T>::GuarantorAsCustomer);
		ensure!(!Self::is_customer_of(&customer, &guarantor), Error::<T>::AlreadyCustomer);
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

	/// Returns what it weighed where that is less than announced: nothing is moved of who is nobody's customer yet.
	pub(crate) fn do_accept(
		guarantor: T::AccountId,
		customer: T::AccountId,
		limits: CustomerLimits,
	) -> DispatchResultWithPostInfo {
		Self::ensure_requested(&customer, &guarantor)?;
		Requests::<T>::remove(&customer);
		let weight: Option<Weight> = match Customers::<T>::get(&customer) {
			None => {
				Self::enrol(customer, guarantor, limits)?;
				Some(T::WeightInfo::accept())
			},
			Some(membership) => {
				Self::port(customer, membership.guarantor, guarantor, limits)?;
				None
			},
		};
		Ok(weight.into())
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
		ensure!(T::Positions::has_none(&customer), Error::<T>::HasPositions);
		Self::take_from(&customer, &guarantor)?;
		Self::deposit_event(Event::Left { customer, guarantor });
		Ok(())
	}

	pub(crate) fn do_dismiss(guarantor: T::AccountId, customer: T::AccountId) -> DispatchResult {
		Self::ensure_customer(&customer, &guarantor)?;
		ensure!(T::Positions::has_none(&customer), Error::<T>::HasPositions);
		Self::take_from(&customer, &guarantor)?;
		Self::deposit_event(Event::Dismissed { customer, guarantor });
		Ok(())
	}

	/// Makes an account that is nobody's customer a guarantor's.
	pub(crate) fn enrol(customer: T::AccountId, guarantor: T::AccountId, limits: CustomerLimits) -> DispatchResult {
		ensure!(!Guarantors::<T>::contains_key(&customer), Error::<T>::GuarantorAsCustomer);
		ensure!(!Customers::<T>::contains_key(&customer), Error::<T>::AlreadyCustomer);
		// Who applied, or did so once, may have a house: its money would be nobody's customer's.
		ensure!(!Applications::<T>::contains_key(&customer), Error::<T>::AlreadyApplied);
		ensure!(T::Positions::has_none(&customer), Error::<T>::HasPositions);
		Self::ensure_takes(&guarantor, &limits)?;
		Self::put_under(&customer, &guarantor, limits)?;
		Self::deposit_event(Event::Accepted { customer, guarantor, limits });
		Ok(())
	}

	/// Moves a customer from its guarantor, in whatever state that is, to another, with all that it has.
	fn port(customer: T::AccountId, from: T::AccountId, to: T::AccountId, limits: CustomerLimits) -> DispatchResult {
		ensure!(from != to, Error::<T>::AlreadyCustomer);
		Self::ensure_takes(&to, &limits)?;
		T::Positions::port(&customer, &from, &to).map_err(Into::into)?;
		Self::take_from(&customer, &from)?;
		Self::put_under(&customer, &to, limits)?;
		Self::deposit_event(Event::Ported { customer, from, to, limits });
		Ok(())
	}

	/// A guarantor may take one more customer, with these limits.
	fn ensure_takes(guarantor: &T::AccountId, limits: &CustomerLimits) -> DispatchResult {
		ensure!(limits.is_valid(), Error::<T>::InvalidLimits);
		let record = Self::guarantor(guarantor)?;
		ensure!(record.state.takes_on(), Error::<T>::NotActive);
		ensure!(record.bond >= Self::parameters().min_bond, Error::<T>::BondTooSmall);
		ensure!(record.customers < T::MaxCustomersPerGuarantor::get(), Error::<T>::TooManyCustomers);
		Ok(())
	}

	/// Stores under whom a customer is, who counts it.
	fn put_under(customer: &T::AccountId, guarantor: &T::AccountId, limits: CustomerLimits) -> DispatchResult {
		let mut record = Self::guarantor(guarantor)?;
		record.customers = record.customers.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Guarantors::<T>::insert(guarantor, record);
		Customers::<T>::insert(customer, Membership { guarantor: guarantor.clone(), limits });
		Ok(())
	}

	/// Forgets under whom a customer was, who counts it no more.
	fn take_from(customer: &T::AccountId, guarantor: &T::AccountId) -> DispatchResult {
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
		ensure!(Self::is_customer_of(customer, guarantor), Error::<T>::NotCustomer);
		Ok(())
	}

	fn is_customer_of(customer: &T::AccountId, guarantor: &T::AccountId) -> bool {
		Customers::<T>::get(customer).is_some_and(|membership| membership.guarantor == *guarantor)
	}
}
