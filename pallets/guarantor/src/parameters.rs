//! The governed parameters, the clock, and what the runtime's constants must keep to.

use crate::{types::ParametersOf, Config, Error, Event, Pallet, Parameters, PendingParameters, MAX_UNBONDING};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{Get, Time},
};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		// An earlier approval that has come into force meanwhile is not replaced.
		Self::parameters();
		let from = Self::in_time(T::ParameterDelay::get())?;
		PendingParameters::<T>::put((from, parameters.clone()));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The parameters in force. Puts approved ones into force when their time has come.
	pub(crate) fn parameters() -> ParametersOf<T> {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= Self::now() => {
				PendingParameters::<T>::kill();
				Parameters::<T>::put(parameters.clone());
				Self::deposit_event(Event::ParametersChanged { parameters: parameters.clone() });
				parameters
			},
			Some(_) | None => Parameters::<T>::get(),
		}
	}

	/// The time in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}

	/// The time so many milliseconds from now.
	pub(crate) fn in_time(milliseconds: u64) -> Result<u64, ArithmeticError> {
		Self::now().checked_add(milliseconds).ok_or(ArithmeticError::Overflow)
	}

	/// What the runtime's constants must keep to.
	pub(crate) fn check_constants() {
		assert!(T::MaxGuarantors::get() > 0, "customers need a guarantor");
		assert!(T::MaxCustomersPerGuarantor::get() > 0, "a guarantor needs a customer");
		assert!(T::ParameterDelay::get() > 0, "parameters would change without a warning");
		let shortest = T::MinUnbonding::get();
		assert!(shortest > 0, "stake could leave before a loss is known");
		let at_genesis = ParametersOf::<T>::default().unbonding;
		assert!(shortest <= at_genesis && at_genesis <= MAX_UNBONDING, "the unbonding time at genesis is not valid");
	}
}
