//! The series of final fixes and what follows from it.

use crate::{
	types::ParametersOf, Commitments, Config, Event, Latest, Pallet, Reports, Rounds, Series, Settings, Stage,
};
use alloc::vec::Vec;
use frame_support::{defensive, traits::Get};
use gcx_math::index::statistics;
use gcx_primitives::{ClassId, Day, Fix, Price, PriceIndex, PriceStatistics};
use gcx_runtime_api::{IndexState, RoundState};

impl<T: Config> Pallet<T> {
	/// Appends a final price to the series of its class. A full series forgets its oldest fix.
	pub(crate) fn fix(class: ClassId, day: Day, price: Price, parameters: &ParametersOf<T>) {
		let reported = Self::start_of(day).saturating_add(parameters.windows.reported());
		let fix = Fix { day, price, time: reported };
		let floor = Settings::<T>::get(class).map_or(Price(1), |settings| settings.floor_on(day));
		let before = Latest::<T>::get(class).map(|(_, statistics)| statistics).unwrap_or_default();
		let statistics = Series::<T>::mutate(class, |series| {
			if series.is_full() {
				series.remove(0);
			}
			if series.try_push(fix).is_err() {
				defensive!("there is room after the oldest fix was forgotten");
			}
			statistics(series, before, floor, parameters.decay)
		});
		let statistics = statistics.unwrap_or_else(|_| {
			defensive!("prices are bounded and the floor is positive");
			before
		});
		Latest::<T>::insert(class, (fix, statistics));
		Self::deposit_event(Event::Fixed { class, fix, statistics });
	}
}

impl<T: Config> Pallet<T> {
	/// The index of a class for clients; none if it has none.
	pub fn state(class: ClassId) -> Option<IndexState> {
		let (today, now) = (Self::today(), Self::now());
		let settings = Settings::<T>::get(class)?;
		let latest = Latest::<T>::get(class);
		Some(IndexState {
			class,
			today,
			now,
			floor: settings.floor_on(today),
			round: Self::round_state(class, today),
			latest: latest.map(|(fix, _)| fix),
			age: latest.map(|(fix, _)| now.saturating_sub(fix.time)),
			statistics: latest.map(|(_, statistics)| statistics),
		})
	}

	fn round_state(class: ClassId, today: Day) -> RoundState {
		let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
		match Rounds::<T>::get(class).filter(|round| round.day == today).map(|round| round.stage) {
			None => RoundState::NotBegun,
			Some(Stage::Reporting) => RoundState::Reporting {
				committed: count(Commitments::<T>::iter_key_prefix(class).count()),
				reported: count(Reports::<T>::decode_len(class).unwrap_or(0)),
			},
			Some(Stage::Proposed { price, until }) => RoundState::Proposed { price, until },
			Some(Stage::Disputed { price, .. }) => RoundState::Disputed { price },
			Some(Stage::Closed) => RoundState::Closed,
		}
	}
}

impl<T: Config> PriceIndex for Pallet<T> {
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix> {
		let (fix, _) = Latest::<T>::get(class)?;
		(Self::now().saturating_sub(fix.time) <= max_age).then_some(fix)
	}

	fn fixes(class: ClassId, from: Day, to: Day) -> Vec<Fix> {
		Series::<T>::get(class).into_iter().filter(|fix| (from..=to).contains(&fix.day)).collect()
	}

	fn statistics(class: ClassId) -> Option<PriceStatistics> {
		Latest::<T>::get(class).map(|(_, statistics)| statistics)
	}

	fn floor_price(class: ClassId) -> Option<Price> {
		Settings::<T>::get(class).map(|settings| settings.floor_on(Self::today()))
	}

	fn today() -> Day {
		let day = Self::now().checked_div(T::DayLength::get()).unwrap_or(0);
		Day(u32::try_from(day).unwrap_or(u32::MAX))
	}

	fn closed_day(class: ClassId) -> Option<Day> {
		let round = Rounds::<T>::get(class).filter(|round| round.stage != Stage::Closed);
		// A round may be closed only after its day.
		let open = round.map_or(Self::today(), |round| round.day.min(Self::today()));
		open.0.checked_sub(1).map(Day)
	}
}
