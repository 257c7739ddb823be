//! The mean of daily fixes that a cash contract is paid out at, while its days go by.
//!
//! Sources: for a future on the mean of a month's prices, whose value comes to rest as the days are fixed, Kemna and Vorst, *A
//! pricing method for options based on average asset values*, Journal of Banking & Finance 14 (1990), section 2; for asking a
//! minimum of days, IOSCO, *Principles for Financial Benchmarks* (2013), principle 6.

use crate::{index::nearest, scan::ScanRange};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, DeliveryDays, Fix, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::traits::SaturatedConversion;

/// The share of a contract's days that must have a fix.
pub const MIN_FIXED: Ppm = Ppm::percent(80);

/// What is known of the mean of some days' fixes.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub struct Average {
	/// The sum of the fixes that there are, in the unit of a [`Price`].
	#[serde(with = "gcx_primitives::decimal")]
	pub sum: i128,
	/// How many there are.
	pub fixed: u32,
	/// How many may still come.
	pub remaining: u32,
}

impl Average {
	/// Of the fixes that there are, each of another day, and of so many days to come.
	pub fn new(fixes: &[Fix], remaining: u32) -> Self {
		let sum = fixes.iter().fold(0i128, |sum, fix| sum.saturating_add(fix.price.0.into()));
		Self { sum, fixed: fixes.len().saturated_into(), remaining }
	}

	/// Whether there are enough fixes for a contract of these days: [`MIN_FIXED`] of them, and one at least.
	pub fn suffices(&self, days: &DeliveryDays) -> bool {
		let needed = u64::from(days.count()) * u64::from(MIN_FIXED.0);
		self.fixed > 0 && u64::from(self.fixed) * u64::from(Ppm::PARTS) >= needed
	}

	/// The arithmetic mean of the fixes that there are, rounded to the nearest, up from the middle; none without any.
	///
	/// # Errors
	/// `Overflow` only for prices beyond the exchange's bounds.
	pub fn mean_nearest(&self) -> Result<Option<Price>, ArithmeticError> {
		Ok(nearest(self.sum, self.fixed.into())?.map(Price))
	}

	/// The same if every day to come is fixed at `fix`; none if there is no fix and none will come.
	///
	/// # Errors
	/// As [`Self::mean_nearest`].
	pub fn expected_nearest(&self, fix: Price) -> Result<Option<Price>, ArithmeticError> {
		let to_come = i128::from(fix.0).checked_mul(self.remaining.into()).ok_or(ArithmeticError::Overflow)?;
		let sum = self.sum.checked_add(to_come).ok_or(ArithmeticError::Overflow)?;
		Ok(nearest(sum, self.days().into())?.map(Price))
	}

	/// How far the mean may move from `mark`: only what the days to come bring to it does, `remaining / days · |price of these days|`,
	/// where that price is the one at which the mean would be the mark, and its size at least `floor`. Rounded up to a multiple of
	/// [`ScanRange::UNIT`]; nothing if no fix will come and the mark is the mean.
	///
	/// # Errors
	/// `DivisionByZero` if there is no fix and none will come, `Overflow` only for prices beyond the exchange's bounds.
	pub fn scan_range(&self, mark: Price, floor: Price, fraction: Ppm) -> Result<ScanRange, ArithmeticError> {
		let days = i128::from(self.days());
		let to_come = i128::from(mark.0).checked_mul(days).and_then(|whole| whole.checked_sub(self.sum));
		let to_come = to_come.and_then(i128::checked_abs).ok_or(ArithmeticError::Overflow)?;
		let least = i128::from(floor.0).checked_mul(self.remaining.into()).ok_or(ArithmeticError::Overflow)?;
		// Of a mean of days that are all fixed there is a rest of rounding: less than half a unit a day.
		let open = if self.remaining == 0 && to_come <= days { 0 } else { to_come.max(least) };
		let open = i64::try_from(open).map_err(|_| ArithmeticError::Overflow)?;
		ScanRange::in_averaging_window(Price(open), fraction, 1, self.days())
	}

	/// The days that count: a day that is over and has no fix does not.
	fn days(&self) -> u32 {
		self.fixed.saturating_add(self.remaining)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::{Day, MAX_PRICE};
	use proptest::prelude::*;

	fn average(prices: &[i64], remaining: u32) -> Average {
		let fix = |(day, price): (u32, &i64)| Fix { day: Day(day), price: Price(*price), time: 0 };
		let fixes: Vec<_> = (0..).zip(prices).map(fix).collect();
		Average::new(&fixes, remaining)
	}

	fn days(count: u32) -> DeliveryDays {
		DeliveryDays { first: Day(100), last: Day(100 + count - 1) }
	}

	#[test]
	fn a_mean_is_rounded_to_the_nearest_up_from_the_middle() {
		for (prices, mean) in [(&[1, 2][..], 2), (&[-1, -2], -1), (&[1, 1, 2], 1), (&[-1, -1, -2], -1), (&[7, -7], 0)] {
			assert_eq!(average(prices, 0).mean_nearest(), Ok(Some(Price(mean))), "{prices:?}");
		}
		assert_eq!(average(&[], 3).mean_nearest(), Ok(None));
	}

	#[test]
	fn days_to_come_count_at_the_price_of_today() {
		// 30 days, ten of them at two dollars, today at five: (10 · 2 + 20 · 5) / 30.
		let average = average(&[2_000_000; 10], 20);
		assert_eq!(average.expected_nearest(Price(5_000_000)), Ok(Some(Price(4_000_000))));
	}

	#[test]
	fn before_the_first_day_the_mean_is_the_price_of_today_and_after_the_last_it_is_what_it_is() {
		assert_eq!(average(&[], 30).expected_nearest(Price(5)), Ok(Some(Price(5))));
		assert_eq!(average(&[3, 5], 0).expected_nearest(Price(1_000)), Ok(Some(Price(4))));
		assert_eq!(average(&[], 0).expected_nearest(Price(5)), Ok(None));
	}

	#[test]
	fn four_fifths_of_the_days_suffice_and_one_less_does_not() {
		for (count, needed) in [(1, 1), (2, 2), (4, 4), (5, 4), (30, 24), (31, 25), (92, 74)] {
			let enough = average(&vec![1; needed], 0);
			let too_few = average(&vec![1; needed - 1], 0);
			assert!(enough.suffices(&days(count)) && !too_few.suffices(&days(count)), "{count} days");
		}
	}

	#[test]
	fn the_range_shrinks_with_the_days_to_nothing() {
		let range = |fixed: usize, remaining| {
			let average = average(&vec![3_000_000; fixed], remaining);
			average.scan_range(Price(3_000_000), Price(10_000), Ppm::percent(20)).unwrap().get()
		};
		// As `ScanRange::in_averaging_window` has it.
		assert_eq!(range(0, 30), 600_000);
		assert_eq!(range(15, 15), 300_000);
		assert_eq!(range(29, 1), 20_100);
		assert_eq!(range(30, 0), 0);
		assert!((0..30).all(|fixed| range(fixed, 30 - fixed as u32) > range(fixed + 1, 29 - fixed as u32)));
	}

	#[test]
	fn a_price_near_zero_still_moves_while_days_are_to_come() {
		let range = |remaining| {
			let average = average(&[0; 10], remaining);
			average.scan_range(Price(0), Price(30_000), Ppm::ONE).unwrap().get()
		};
		assert_eq!((range(20), range(0)), (20_100, 0));
	}

	#[test]
	fn a_mark_that_lags_behind_the_mean_leaves_the_range_of_what_it_lags_behind() {
		// All is fixed at three dollars; the day's limit held the mark back at two.
		let average = average(&[3_000_000; 30], 0);
		let range = average.scan_range(Price(2_000_000), Price(10_000), Ppm::percent(30)).unwrap();
		assert_eq!(range.get(), 300_000);
	}

	proptest! {
		#[test]
		fn the_range_is_the_share_of_the_days_to_come_of_their_price(
			prices in prop::collection::vec(-MAX_PRICE..=MAX_PRICE, 0..102),
			remaining in 1..102u32,
			fix in -MAX_PRICE..=MAX_PRICE,
			fraction in 0..=3_000_000u32,
		) {
			let average = average(&prices, remaining);
			let mark = average.expected_nearest(Price(fix)).unwrap().unwrap();
			let range = average.scan_range(mark, Price(0), Ppm(fraction)).unwrap().get();
			let days = prices.len() as u32 + remaining;
			let share = ScanRange::in_averaging_window(Price(fix), Ppm(fraction), remaining, days).unwrap().get();
			// The mark is rounded by half a unit.
			prop_assert!((range - share).abs() <= ScanRange::UNIT * (1 + i64::from(fraction / 1_000_000)));
		}

		#[test]
		fn a_move_of_the_price_moves_the_mean_by_the_share_of_the_days_to_come(
			prices in prop::collection::vec(-MAX_PRICE..=MAX_PRICE, 0..102),
			remaining in 1..102u32,
			fix in -MAX_PRICE / 2..=MAX_PRICE / 2,
			step in 0..=MAX_PRICE / 2,
		) {
			let average = average(&prices, remaining);
			let mean = |fix: i64| average.expected_nearest(Price(fix)).unwrap().unwrap().0;
			let moved = i128::from(mean(fix + step) - mean(fix));
			let days = prices.len() as i128 + i128::from(remaining);
			// Exact but for the rounding of each.
			let exact = i128::from(step) * i128::from(remaining);
			prop_assert!((moved * days - exact).abs() <= days);
		}
	}
}
