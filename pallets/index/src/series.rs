//! The series of final fixes and what follows from it.

use crate::{
	Commitments, Config, Event, Latest, Pallet, Parameters, Reports, Rounds, Series, Settings, Stage, MEAN_DAYS,
	MOVE_MEMORY,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use gcx_math::{
	index::mean_size_ceil,
	volatility::{move_ceil, Variance},
};
use gcx_primitives::{ClassId, Day, Fix, Ppm, Price, PriceIndex, PriceStatistics};
use gcx_runtime_api::{IndexState, RoundState};

impl<T: Config> Pallet<T> {
	/// Appends a final price to the series of its class. A full series forgets its oldest fix.
	pub(crate) fn fix(class: ClassId, day: Day, price: Price) {
		let fix = Fix { day, price, time: Self::reported_at(day) };
		let floor = Settings::<T>::get(class).map_or(Price(1), |settings| settings.floor_on(day));
		let statistics = Series::<T>::mutate(class, |series| {
			if series.is_full() {
				series.remove(0);
			}
			let before = Latest::<T>::get(class).map(|(_, statistics)| statistics);
			if series.try_push(fix).is_err() {
				frame_support::defensive!("there is room after the oldest fix was forgotten");
			}
			Self::statistics_of(series, before, floor)
		});
		Latest::<T>::insert(class, (fix, statistics));
		Self::deposit_event(Event::Fixed { class, fix, statistics });
	}

	/// The statistics of a series whose last fix is new, given those before it.
	fn statistics_of(series: &[Fix], before: Option<PriceStatistics>, floor: Price) -> PriceStatistics {
		let from = series.last().map_or(0, |newest| newest.day.0.saturating_sub(MEAN_DAYS - 1));
		let recent = series.iter().rev().take_while(|fix| fix.day.0 >= from).map(|fix| fix.price);
		// Prices are bounded and the floor is positive: none of these fails.
		let mean_size = mean_size_ceil(recent).ok().flatten().unwrap_or_default();
		let moves = || {
			let pairs = series.windows(2).rev().take(MOVE_MEMORY);
			pairs.filter_map(|pair| match pair {
				[previous, current] => move_ceil(previous.price, current.price, floor).ok(),
				_ => None,
			})
		};
		let variance = match (before, moves().next()) {
			(_, None) => Variance(0),
			// The first move stands for all that is not known.
			(Some(_), Some(newest)) if series.len() == 2 => Variance(0).after(newest, Ppm::ZERO),
			(before, Some(newest)) => {
				let before = Variance(before.unwrap_or_default().variance);
				before.after(newest, Parameters::<T>::get().decay)
			},
		};
		PriceStatistics { mean_size, variance: variance.0, largest_move: moves().max().unwrap_or_default() }
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
}
