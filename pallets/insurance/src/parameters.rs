//! The governed parameters, the clock, and what the runtime's constants must keep to.

use crate::{types::max_cooling_off, Config, Error, Event, InsuranceParameters, Pallet, Parameters, PendingParameters};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{Get, Time},
};
use sp_runtime::{traits::Zero, ArithmeticError};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parameters(parameters: InsuranceParameters) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		// An earlier approval that has come into force meanwhile is not replaced.
		Self::renew_parameters();
		let from = Self::in_time(T::ParameterDelay::get())?;
		PendingParameters::<T>::put((from, parameters));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The parameters in force: those approved, when their time has come.
	pub(crate) fn parameters() -> InsuranceParameters {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= Self::now() => parameters,
			Some(_) | None => Parameters::<T>::get(),
		}
	}

	/// Stores approved parameters as those in force when their time has come.
	pub(crate) fn renew_parameters() {
		if let Some((_, parameters)) = PendingParameters::<T>::get().filter(|(from, _)| *from <= Self::now()) {
			PendingParameters::<T>::kill();
			Parameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersChanged { parameters });
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
		assert!(T::MinDeposit::get() > 0, "a deposit is something");
		assert!(i128::try_from(T::MinDeposit::get()).is_ok(), "the smallest deposit is an amount of cash");
		assert!(T::RedemptionPeriod::get() > 0, "redemptions mature at times");
		assert!(T::MinCoolingOff::get() > 0, "an outsider could leave ahead of a loss");
		assert!(T::MinCoolingOff::get() <= max_cooling_off::<T>(), "there are too few buckets for the cooling-off");
		assert!(T::ExitLock::get() > 0, "a guarantor could leave between two losses");
		assert!(T::ParameterDelay::get() > 0, "parameters would change without a warning");
		assert!(T::BondUnit::get() > 0, "a price is of something");
		assert!(!T::DistributionPeriod::get().is_zero(), "income would never be divided");
		assert!(T::PaymentsPerBlock::get() > 0, "nobody would be paid");
	}
}
