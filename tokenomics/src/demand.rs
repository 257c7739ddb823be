//! How much is traded in a day.

use crate::{randomness::Randomness, units::DAYS_PER_YEAR};
use clap::ValueEnum;
use std::fmt;

/// Dollars that the trades of the first day count for.
pub const FIRST_DAY: f64 = 25_000_000.0;
/// What the notional grows to in the first year of growth.
const FIRST_YEAR: f64 = 1.6;
/// What is left of the pace of growth after each year.
const PACE_KEPT: f64 = 0.8;
/// Years of growth before a collapse.
const BOOM_YEARS: f64 = 3.0;
/// What a collapse leaves.
const LEFT: f64 = 0.1;
/// The standard deviation of the logarithm of a day's notional about its trend.
const NOISE: f64 = 0.25;

/// How the notional goes over the years.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, ValueEnum)]
pub enum Demand {
	/// It grows by 60 per cent in the first year, and each year at four fifths of the pace of the year before.
	Growth,
	/// It has no trend.
	Flat,
	/// It grows for three years, falls by 90 per cent within a year, and stays there.
	Collapse,
}

impl Demand {
	/// All of them.
	pub const ALL: [Self; 3] = [Self::Growth, Self::Flat, Self::Collapse];

	/// Its name, as on the command line.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Growth => "growth",
			Self::Flat => "flat",
			Self::Collapse => "collapse",
		}
	}

	/// The trend after so many days, in notionals of the first day.
	pub fn trend(self, day: u32) -> f64 {
		let years = f64::from(day) / f64::from(DAYS_PER_YEAR);
		match self {
			Self::Growth => grown(years),
			Self::Flat => 1.0,
			Self::Collapse => grown(years.min(BOOM_YEARS)) * libm::pow(LEFT, (years - BOOM_YEARS).clamp(0.0, 1.0)),
		}
	}

	/// The notional of a day in dollars, with so much of the usual noise.
	pub fn notional(self, day: u32, noise: f64, randomness: &mut Randomness) -> f64 {
		let deviation = NOISE * noise;
		// The mean is the trend.
		let factor = libm::exp(deviation * randomness.normal() - deviation * deviation / 2.0);
		FIRST_DAY * self.trend(day) * factor
	}
}

impl fmt::Display for Demand {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		formatter.write_str(self.name())
	}
}

/// Growth at a pace that shrinks steadily: the pace is integrated from the start.
fn grown(years: f64) -> f64 {
	let integrated = |years| 1.0 - libm::pow(PACE_KEPT, years);
	libm::pow(FIRST_YEAR, integrated(years) / integrated(1.0))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::randomness::Stream;

	fn near(value: f64, expected: f64) -> bool {
		(value / expected - 1.0).abs() < 1e-9
	}

	#[test]
	fn growth_is_of_60_per_cent_in_the_first_year_and_slows() {
		let after = |years| Demand::Growth.trend(years * DAYS_PER_YEAR);
		assert!(near(after(0), 1.0) && near(after(1), 1.6));
		let rates: Vec<_> = (0..9).map(|year| after(year + 1) / after(year)).collect();
		assert!(rates.windows(2).all(|pair| pair[1] < pair[0] && pair[1] > 1.0), "{rates:?}");
	}

	#[test]
	fn a_collapse_leaves_a_tenth_of_the_boom_and_stays() {
		let after = |years| Demand::Collapse.trend(years * DAYS_PER_YEAR);
		assert!(near(after(3), Demand::Growth.trend(3 * DAYS_PER_YEAR)));
		assert!(near(after(4), after(3) / 10.0) && near(after(10), after(4)));
	}

	#[test]
	fn noise_can_be_left_out() {
		let mut randomness = Randomness::new(1, Stream::Demand);
		assert!(near(Demand::Flat.notional(1_000, 0.0, &mut randomness), FIRST_DAY));
		assert!(!near(Demand::Flat.notional(1_000, 1.0, &mut randomness), FIRST_DAY));
	}
}
