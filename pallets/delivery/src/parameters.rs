//! The governed parameters, the clock, and what the runtime's constants must keep to.

use crate::{
	Config, DeliveryParameters, Error, Event, Heartbeat, Pallet, Parameters, PendingParameters, Pulse, WeightInfo,
	PARAMETER_DELAY,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Weight},
	traits::{Get, Time},
};
use gcx_primitives::Day;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_parameters(parameters: DeliveryParameters) -> DispatchResult {
		ensure!(parameters.is_valid(), Error::<T>::InvalidParameters);
		// An earlier approval that has come into force meanwhile is not replaced.
		Self::renew_parameters();
		let from = Day(Self::today().0.saturating_add(PARAMETER_DELAY));
		PendingParameters::<T>::put((from, parameters));
		Self::deposit_event(Event::ParametersApproved { from, parameters });
		Ok(())
	}

	/// The parameters in force: those approved, when their day has come.
	pub(crate) fn parameters() -> DeliveryParameters {
		match PendingParameters::<T>::get() {
			Some((from, parameters)) if from <= Self::today() => parameters,
			Some(_) | None => Parameters::<T>::get(),
		}
	}

	/// Stores approved parameters as those in force when their day has come. Returns what that weighs.
	pub(crate) fn renew_parameters() -> Weight {
		let Some((_, parameters)) = PendingParameters::<T>::get().filter(|(from, _)| *from <= Self::today()) else {
			return Weight::zero();
		};
		PendingParameters::<T>::kill();
		Parameters::<T>::put(parameters);
		Self::deposit_event(Event::ParametersChanged { parameters });
		T::WeightInfo::renew_parameters()
	}

	/// Notes when a block came, and brings approved parameters into force. Returns what that weighs beyond a block in which nothing
	/// is due.
	pub(crate) fn beat() -> Weight {
		let now = Self::now();
		Heartbeat::<T>::mutate(|pulse| *pulse = Pulse { grace: Self::grace_of(pulse, now), last: now });
		Self::renew_parameters()
	}

	/// When the chain came back after it last stood still, in milliseconds since the Unix epoch; now, if it does in this block. Until
	/// then nobody could do anything, and no time ran out.
	pub(crate) fn grace() -> u64 {
		Self::grace_of(&Heartbeat::<T>::get(), Self::now())
	}

	fn grace_of(pulse: &Pulse, now: u64) -> u64 {
		let stood_still = pulse.last > 0 && now.saturating_sub(pulse.last) > T::MaxBlockTime::get();
		if stood_still {
			now
		} else {
			pulse.grace
		}
	}

	/// The time in milliseconds since the Unix epoch.
	pub(crate) fn now() -> u64 {
		T::Clock::now()
	}

	/// The day on which a time falls.
	pub(crate) fn day_of(time: u64) -> Day {
		let day = time.checked_div(T::DayLength::get()).unwrap_or(0);
		Day(u32::try_from(day).unwrap_or(u32::MAX))
	}

	/// Today.
	pub(crate) fn today() -> Day {
		Self::day_of(Self::now())
	}

	/// When a day begins, in milliseconds since the Unix epoch.
	pub(crate) fn start_of(day: Day) -> u64 {
		u64::from(day.0).saturating_mul(T::DayLength::get())
	}

	/// When a day ends: the next one begins then.
	pub(crate) fn end_of(day: Day) -> u64 {
		Self::start_of(Day(day.0.saturating_add(1)))
	}

	/// The first day that is whole from now on.
	pub(crate) fn first_whole_day() -> Day {
		let today = Self::today();
		if Self::start_of(today) == Self::now() {
			today
		} else {
			Day(today.0.saturating_add(1))
		}
	}

	/// What the runtime's constants must keep to.
	pub(crate) fn check_constants() {
		let day = T::DayLength::get();
		assert!(day > 0, "a day takes time");
		assert!(T::NominationPeriod::get() > 0 && T::MatchingPeriod::get() > 0, "nominations and matching take time");
		assert!(T::MatchingPeriod::get() <= day, "what is matched within a day of its first is not late");
		assert!((1..=day).contains(&T::SubmitPeriod::get()), "windows are settled on the day after, at the latest");
		assert!(T::MaxBlockTime::get() > 0, "a block takes time");
		assert!(T::MaxDeliveries::get() > 0, "something is delivered");
		assert!(Self::step_weight().all_lte(T::BlockWeight::get()), "a block could take no step");
	}
}
