//! The governed parameters, the clock, and what the runtime's constants must keep to.

use crate::{
	types::ParametersOf, Config, Error, Event, Pallet, Parameters, PendingParameters, WeightInfo, PARAMETER_DELAY,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Weight},
	traits::{Get, Time},
};
use gcx_primitives::Day;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parameters(parameters: ParametersOf<T>) -> DispatchResult {
		ensure!(parameters.is_valid::<T>(), Error::<T>::InvalidParameters);
		// An earlier approval that has come into force meanwhile is not replaced.
		Self::renew_parameters();
		let from = Self::days_from_now(PARAMETER_DELAY);
		PendingParameters::<T>::put((from, parameters.clone()));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The parameters in force: those approved, when their day has come.
	pub(crate) fn parameters() -> ParametersOf<T> {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= Self::today() => parameters,
			Some(_) | None => Parameters::<T>::get(),
		}
	}

	/// Stores approved parameters as those in force when their day has come. Returns what that weighs.
	pub(crate) fn renew_parameters() -> Weight {
		let Some((_, parameters)) = PendingParameters::<T>::get().filter(|(from, _)| *from <= Self::today()) else {
			return T::DbWeight::get().reads(2);
		};
		PendingParameters::<T>::kill();
		Parameters::<T>::put(parameters.clone());
		Self::deposit_event(Event::ParametersChanged { parameters });
		T::WeightInfo::renew_parameters()
	}

	/// The time in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}

	pub(crate) fn today() -> Day {
		T::Today::get()
	}

	/// The day so many days from today.
	pub(crate) fn days_from_now(days: u32) -> Day {
		Day(Self::today().0.saturating_add(days))
	}

	/// What the runtime's constants must keep to.
	pub(crate) fn check_constants() {
		assert!(T::MaxClasses::get() > 0, "there is something to compute");
		assert!(T::MaxVersionsPerClass::get() > 1, "a class could never have a new version");
		assert!(T::MaxResourcesPerProvider::get() > 0, "a provider needs a resource");
		assert!((1..=8).contains(&T::MaxFloors::get()), "checks grow with two to the power of the floors");
		assert!(T::MaxDaysAhead::get() >= gcx_primitives::MAX_DELIVERY_DAYS, "a contract's days could not be sold");
		assert!(T::UnbondingDays::get() > 0, "a bond could leave before an offence is known");
	}
}
