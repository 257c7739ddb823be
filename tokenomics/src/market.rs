//! The market price of GCX. What all GCX are worth is a geometric random walk whose drift is half of the growth of fees; what burns
//! makes the others dearer.

use crate::{
	chain::GENESIS_SUPPLY,
	randomness::{Randomness, Stream},
	simulation::BLOCKS,
	units::{self, in_gcx, DAYS_PER_YEAR},
};
use gcx_primitives::Price;
use std::collections::VecDeque;

/// Dollars for a GCX at first.
const FIRST_PRICE: f64 = 1.0;
/// The standard deviation of the logarithm of what all GCX are worth after a year, beside its drift.
const VOLATILITY: f64 = 0.5;
/// The drift, of the growth of fees: the market expects half of any change to pass.
const OF_GROWTH: f64 = 0.5;
/// Growth is that of the mean of so many days.
const DAYS_OF_FEES: usize = 30;

/// The market.
#[derive(Debug)]
pub struct Market {
	/// The logarithm of what all GCX are worth, of what they were at first.
	walk: f64,
	drift: f64,
	fees: VecDeque<f64>,
	randomness: Randomness,
}

impl Market {
	/// A market of its first day.
	pub fn new(seed: u64) -> Self {
		Self { walk: 0.0, drift: 0.0, fees: VecDeque::new(), randomness: Randomness::new(seed, Stream::Price) }
	}

	/// The price now, where there are so many tokens.
	pub fn price(&self, supply: u128) -> Price {
		let scarcity = in_gcx(GENESIS_SUPPLY) / in_gcx(supply.max(1));
		units::price(FIRST_PRICE * libm::exp(self.walk) * scarcity)
	}

	/// Lets the time between two blocks pass.
	pub fn step(&mut self) {
		let steps = f64::from(BLOCKS) * f64::from(DAYS_PER_YEAR);
		let chance = self.randomness.normal() * VOLATILITY / libm::sqrt(steps);
		self.walk += self.drift / f64::from(BLOCKS) + chance;
	}

	/// A day brought so many dollars of fees. The day after drifts with the mean of 30 days; before there are 30, nothing
	/// drifts.
	pub fn day_is_over(&mut self, fees: f64) {
		self.fees.push_back(fees);
		let before = self.fees.iter().take(DAYS_OF_FEES).sum::<f64>();
		self.drift = 0.0;
		if self.fees.len() > DAYS_OF_FEES {
			self.fees.pop_front();
			let now = self.fees.iter().sum::<f64>();
			if before > 0.0 && now > 0.0 {
				self.drift = OF_GROWTH * libm::log(now / before);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The walk after so many days of such fees.
	fn after(days: u32, fees: impl Fn(u32) -> f64) -> f64 {
		let mut market = Market::new(3);
		for day in 0..days {
			(0..BLOCKS).for_each(|_| market.step());
			market.day_is_over(fees(day));
		}
		market.walk
	}

	#[test]
	fn the_price_follows_half_of_the_growth_of_fees_beside_its_chance() {
		let (flat, grown) = (after(730, |_| 5.0), after(730, |day| 5.0 * libm::exp(f64::from(day) / 365.0)));
		// Thirty days to know the mean, and the last day's drift is of the day after.
		assert!((grown - flat - OF_GROWTH * 699.0 / 365.0).abs() < 0.01, "{}", grown - flat);
	}

	#[test]
	fn a_market_without_fees_has_a_price() {
		assert!(after(100, |_| 0.0).is_finite());
		assert_eq!(Market::new(1).price(GENESIS_SUPPLY), Price(1_000_000));
		assert_eq!(Market::new(1).price(GENESIS_SUPPLY / 2), Price(2_000_000));
	}
}
