//! The margin model from fix to fix, by the functions that the chain calls.

use crate::{error::Error, series::DailyFix};
use gcx_math::{
	index::{statistics, MOVE_MEMORY},
	scan::ScanRange,
	volatility::{ScanModel, Variance},
};
use gcx_primitives::{Day, Fix, Ppm, Price, PriceStatistics};

/// What stays of the variance from fix to fix: the chain's parameter at genesis.
const DECAY: Ppm = Ppm::percent(97);

/// What the margin model knows on the evening of a day with a fix.
#[derive(Clone, Copy, Debug)]
pub struct DailyRisk {
	/// The day.
	pub day: Day,
	/// Its fix.
	pub price: Price,
	/// The scan fraction.
	pub fraction: Ppm,
	/// How far the price may move from here.
	pub range: ScanRange,
}

/// Replays the fixes, the oldest first, one step of the scan fraction for each.
///
/// # Errors
/// `Arithmetic` if the floor is not positive or a price beyond the exchange's bounds.
pub fn replay(fixes: &[DailyFix], floor: Price) -> Result<Vec<DailyRisk>, Error> {
	let model = ScanModel::default();
	let series: Vec<_> = fixes.iter().map(|fix| Fix { day: fix.day, price: fix.price, time: 0 }).collect();
	let (mut known, mut fraction) = (PriceStatistics::default(), Ppm::ZERO);
	let mut days = Vec::with_capacity(fixes.len());
	for (at, fix) in series.iter().enumerate() {
		// As much of the series as the largest move is remembered of.
		let memory = &series[at.saturating_sub(MOVE_MEMORY)..=at];
		known = statistics(memory, known, floor, DECAY)?;
		fraction = model.next_fraction(fraction, Variance(known.variance), known.largest_move);
		let range = ScanRange::new(fix.price, known.mean_size, floor, fraction)?;
		days.push(DailyRisk { day: fix.day, price: fix.price, fraction, range });
	}
	Ok(days)
}

#[cfg(test)]
pub mod tests {
	use super::*;

	/// The fixes of consecutive days.
	pub fn daily(prices: &[i64]) -> Vec<DailyFix> {
		(0..).map(Day).zip(prices).map(|(day, price)| DailyFix { day, price: Price(*price) }).collect()
	}

	fn fractions(prices: &[i64]) -> Vec<u32> {
		replay(&daily(prices), Price(1)).unwrap().iter().map(|day| day.fraction.0).collect()
	}

	#[test]
	fn a_still_price_has_the_least_fraction() {
		let days = replay(&daily(&[3_000_000; 300]), Price(1)).unwrap();
		assert!(days.iter().all(|day| day.fraction == Ppm::percent(20) && day.range.get() == 600_000));
	}

	#[test]
	fn a_shock_raises_the_fraction_by_a_quarter_a_day() {
		// 50 % once, alone the first move: σ is 50 %, the target 3 · 50 % · √2 = 212 %.
		assert_eq!(fractions(&[100, 150, 150, 150]), [200_000, 250_000, 312_500, 390_625]);
	}

	#[test]
	fn the_largest_move_is_forgotten_after_250_fixes() {
		let mut prices = vec![100_000_000; 20];
		prices.extend([140_000_000; 400]);
		let fractions = fractions(&prices);
		// The move came with fix 20; with fix 20 + 250 it is not among the last 250 any more. By then, the variance of one
		// move of 40 % asks for less than it does.
		assert_eq!(fractions[269], 400_000);
		assert_eq!(fractions[270], 380_000);
		assert_eq!(fractions.last(), Some(&200_000));
	}

	#[test]
	fn the_range_is_of_the_mean_where_the_price_fell_and_of_the_floor_where_it_is_near_zero() {
		let fell = replay(&daily(&[100_000_000, 100_000_000, 10_000_000]), Price(1)).unwrap();
		let mean_times_fraction = 70_000_000 * i64::from(fell[2].fraction.0) / 1_000_000;
		assert_eq!(fell[2].range.get(), (mean_times_fraction + 299) / 300 * 300);
		let floored = replay(&daily(&[100, 100]), Price(3_000_000)).unwrap();
		assert_eq!(floored[1].range.get(), 600_000);
	}

	#[test]
	fn the_mean_is_over_thirty_days_of_the_calendar_not_over_thirty_fixes() {
		let mut fixes = daily(&[100_000_000, 10_000_000]);
		fixes[1].day = Day(29);
		let both = replay(&fixes, Price(1)).unwrap()[1];
		fixes[1].day = Day(30);
		let one = replay(&fixes, Price(1)).unwrap()[1];
		assert_eq!(both.fraction, one.fraction);
		assert!(both.range.get() > 5 * one.range.get());
	}
}
