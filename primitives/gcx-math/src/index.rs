//! From many reported prices to one, and the averages of prices.
//!
//! The median and the filter are those of [`crate::robust`]. Further sources: Leys et al., *Detecting outliers*, Journal of
//! Experimental Social Psychology 49 (2013), for three deviations and the constant 1.4826; IOSCO, *Principles for Financial
//! Benchmarks* (2013), principles 6 and 7, for asking a minimum of independent inputs.

use crate::{
	robust::{self, Weighted},
	volatility::{move_ceil, Variance},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Fix, Ppm, Price, PriceStatistics};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// One reported price and how much it counts: from nothing to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedPrice {
	/// The price.
	pub price: Price,
	/// Its weight. More than one counts as one.
	pub weight: Ppm,
}

/// How prices are combined.
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
pub struct CombinationModel {
	/// Median absolute deviations that a price may be away from the median.
	pub deviations: Ppm,
	/// The distance from the median that is always allowed, as a share of it: when most reporters agree to the last
	/// digit, an honest one beside them is no outlier.
	pub tolerance: Ppm,
	/// The share of the weight that is cut off at each end before the mean is taken. Under one half.
	pub trim: Ppm,
}

impl Default for CombinationModel {
	fn default() -> Self {
		// Three standard deviations of a normal distribution are 3 · 1.4826 median absolute ones.
		Self { deviations: Ppm(4_447_800), tolerance: Ppm::percent(5), trim: Ppm::percent(10) }
	}
}

impl CombinationModel {
	/// Whether the figures are within what the model allows.
	pub fn is_valid(&self) -> bool {
		self.deviations >= Ppm::ONE && self.tolerance <= Ppm::ONE && self.trim < Ppm::percent(50)
	}

	/// Which prices are [within](robust::within) the filter: not too far from the weighted median. In the order of `prices`.
	///
	/// Prices that are not [bounded](Price::is_bounded) or have no weight are never within.
	pub fn within(&self, prices: &[WeightedPrice]) -> Vec<bool> {
		let usable = |price: &WeightedPrice| match price.price.is_bounded() {
			true => weighted(price),
			false => Weighted { weight: Ppm::ZERO, ..weighted(price) },
		};
		let prices: Vec<_> = prices.iter().map(usable).collect();
		robust::within(&prices, self.deviations, self.tolerance)
	}

	/// The weighted mean of the prices after the share `trim` of the weight is cut off at each end, rounded to the nearest,
	/// up from the middle. None of no weight.
	///
	/// # Errors
	/// `Overflow` for a price that is not [bounded](Price::is_bounded).
	pub fn trimmed_mean(&self, prices: &[WeightedPrice]) -> Result<Option<Price>, ArithmeticError> {
		if prices.iter().any(|price| !price.price.is_bounded()) {
			return Err(ArithmeticError::Overflow);
		}
		let mut sorted = prices.to_vec();
		sorted.sort_unstable_by_key(|price| price.price);
		let parts = i128::from(Ppm::PARTS);
		let total: i128 = sorted.iter().map(weight_of).sum();
		// Everything in millionths of the weight, so that a cut through one price is exact.
		let trim = i128::from(self.trim.0.min(Ppm::PARTS / 2 - 1));
		let (from, to) = (total * trim, total * (parts - trim));
		let (mut below, mut sum, mut counted) = (0i128, 0i128, 0i128);
		for price in &sorted {
			let above = below + weight_of(price) * parts;
			let inside = (above.min(to) - below.max(from)).max(0);
			sum = i128::from(price.price.0)
				.checked_mul(inside)
				.and_then(|more| sum.checked_add(more))
				.ok_or(ArithmeticError::Overflow)?;
			counted += inside;
			below = above;
		}
		nearest(sum, counted).map(|mean| mean.map(Price))
	}
}

fn weight_of(price: &WeightedPrice) -> i128 {
	i128::from(price.weight.min(Ppm::ONE).0)
}

fn weighted(price: &WeightedPrice) -> Weighted {
	Weighted { value: price.price.0.into(), weight: price.weight }
}

/// The mean of the sizes of prices, rounded up. None of nothing.
///
/// # Errors
/// `Overflow` if the prices are beyond the exchange's bounds.
pub fn mean_size_ceil(prices: impl IntoIterator<Item = Price>) -> Result<Option<Price>, ArithmeticError> {
	let (mut sum, mut count) = (0u128, 0u128);
	for price in prices {
		sum = sum.checked_add(price.0.unsigned_abs().into()).ok_or(ArithmeticError::Overflow)?;
		count += 1;
	}
	if count == 0 {
		return Ok(None);
	}
	i64::try_from(sum.div_ceil(count)).map(|mean| Some(Price(mean))).map_err(|_| ArithmeticError::Overflow)
}

/// Days of the calendar over which the size of the fixes is averaged.
pub const MEAN_DAYS: u32 = 30;
/// Moves that are remembered for the largest.
pub const MOVE_MEMORY: usize = 250;

/// What follows from a series of fixes, the oldest first, of which the last is new and `before` followed from those before
/// it. The first move stands for all that is not known of the variance yet; a gap of days counts as one move.
///
/// # Errors
/// `DivisionByZero` if floor and a price are zero, `Overflow` if the prices are beyond the exchange's bounds.
pub fn statistics(
	series: &[Fix],
	before: PriceStatistics,
	floor: Price,
	decay: Ppm,
) -> Result<PriceStatistics, ArithmeticError> {
	let from = series.last().map_or(0, |newest| newest.day.0.saturating_sub(MEAN_DAYS - 1));
	let recent = series.iter().rev().take_while(|fix| fix.day.0 >= from).map(|fix| fix.price);
	let mean_size = mean_size_ceil(recent)?.unwrap_or_default();
	let (mut largest_move, mut newest_move) = (Ppm::ZERO, None);
	for (newer, older) in series.iter().rev().zip(series.iter().rev().skip(1)).take(MOVE_MEMORY) {
		let size = move_ceil(older.price, newer.price, floor)?;
		largest_move = largest_move.max(size);
		newest_move = newest_move.or(Some(size));
	}
	let decay = if series.len() == 2 { Ppm::ZERO } else { decay };
	let Variance(variance) = newest_move.map_or(Variance(0), |newest| Variance(before.variance).after(newest, decay));
	Ok(PriceStatistics { mean_size, variance, largest_move })
}

/// `sum / count` to the nearest, up from the middle. None if the count is not positive.
pub(crate) fn nearest(sum: i128, count: i128) -> Result<Option<i64>, ArithmeticError> {
	if count <= 0 {
		return Ok(None);
	}
	let (whole, rest) = (sum.div_euclid(count), sum.rem_euclid(count));
	i64::try_from(whole + i128::from(rest >= count - rest)).map(Some).map_err(|_| ArithmeticError::Overflow)
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::MAX_PRICE;
	use proptest::prelude::*;

	fn weighted_median(prices: &mut [WeightedPrice]) -> Option<Price> {
		let mut values: Vec<_> = prices.iter().map(weighted).collect();
		robust::weighted_median(&mut values).map(|median| Price(i64::try_from(median).unwrap()))
	}

	fn prices(reports: &[(i64, u32)]) -> Vec<WeightedPrice> {
		reports.iter().map(|(price, weight)| WeightedPrice { price: Price(*price), weight: Ppm(*weight) }).collect()
	}

	fn median(reports: &[(i64, u32)]) -> Option<i64> {
		weighted_median(&mut prices(reports)).map(|price| price.0)
	}

	fn mean(reports: &[(i64, u32)]) -> Option<i64> {
		CombinationModel::default().trimmed_mean(&prices(reports)).unwrap().map(|price| price.0)
	}

	#[test]
	fn the_median_weighs() {
		assert_eq!(median(&[(3, 1), (1, 1), (2, 1)]), Some(2));
		assert_eq!(median(&[(1, 1), (4, 1)]), Some(2));
		assert_eq!(median(&[(-1, 1), (-4, 1)]), Some(-2));
		assert_eq!(median(&[(1, 5), (2, 1), (3, 1)]), Some(1));
		assert_eq!(median(&[(1, 2), (2, 0), (3, 2)]), Some(2));
		assert_eq!(median(&[(1, 0)]), None);
		assert_eq!(median(&[]), None);
	}

	#[test]
	fn an_outlier_is_filtered_and_an_honest_neighbour_is_not() {
		let model = CombinationModel::default();
		let within = |reports: &[(i64, u32)]| model.within(&prices(reports));
		assert_eq!(within(&[(100, 1), (101, 1), (99, 1), (10_000, 1)]), [true, true, true, false]);
		// Most agree to the digit: the deviation is 0, the tolerance of 5 % stands in.
		assert_eq!(within(&[(100, 1), (100, 1), (100, 1), (105, 1), (106, 1)]), [true, true, true, true, false]);
		// Nothing counts that has no weight or no sense.
		assert_eq!(within(&[(100, 1), (100, 0), (i64::MAX, 1), (i64::MIN, 1)]), [true, false, false, false]);
		assert_eq!(within(&[(100, 0)]), [false]);
		// Signed end to end.
		assert_eq!(within(&[(-100, 1), (-101, 1), (-99, 1), (100, 1)]), [true, true, true, false]);
	}

	#[test]
	fn a_mean_cuts_the_ends_off() {
		assert_eq!(mean(&[]), None);
		assert_eq!(mean(&[(7, 0)]), None);
		assert_eq!(mean(&[(7, 1)]), Some(7));
		// Ten reports: the lowest and the highest are cut.
		let ten: Vec<_> = (1..=10).map(|price| (if price == 10 { 1_000 } else { price }, 1)).collect();
		assert_eq!(mean(&ten), Some(6)); // 5.5
								   // Five reports: half of the lowest and half of the highest are cut. (0 + 2·(2+4+6) + 100) / 8 = 15.5
		assert_eq!(mean(&[(0, 10), (2, 10), (4, 10), (6, 10), (100, 10)]), Some(16));
		assert_eq!(mean(&[(-3, 1), (-4, 1)]), Some(-3)); // −3.5
		let unbounded = CombinationModel::default().trimmed_mean(&prices(&[(i64::MAX, 1)]));
		assert_eq!(unbounded, Err(ArithmeticError::Overflow));
	}

	#[test]
	fn mean_size_is_rounded_up() {
		let of = |prices: &[i64]| prices.iter().copied().map(Price).collect::<Vec<_>>();
		assert_eq!(mean_size_ceil(of(&[1, -2])), Ok(Some(Price(2))));
		assert_eq!(mean_size_ceil(of(&[])), Ok(None));
	}

	fn reports() -> impl Strategy<Value = Vec<(i64, u32)>> {
		prop::collection::vec((-MAX_PRICE..=MAX_PRICE, 0..=Ppm::PARTS), 1..40)
	}

	proptest! {
		#[test]
		fn the_mean_is_among_the_prices(reports in reports()) {
			let weighing = || reports.iter().filter(|(_, weight)| *weight > 0).map(|(price, _)| *price);
			match mean(&reports) {
				None => prop_assert_eq!(weighing().count(), 0),
				Some(mean) => {
					prop_assert!(weighing().min().unwrap() <= mean && mean <= weighing().max().unwrap());
				},
			}
		}

		#[test]
		fn the_order_of_the_reports_does_not_matter(reports in reports(), swap: prop::sample::Index) {
			let mut turned = reports.clone();
			turned.rotate_left(swap.index(reports.len()));
			prop_assert_eq!(mean(&turned), mean(&reports));
			prop_assert_eq!(median(&turned), median(&reports));
		}

		// The thief's case: under half of the weight cannot carry the price out of the range of the honest.
		#[test]
		fn a_minority_of_the_weight_cannot_move_the_price_away(
			honest in prop::collection::vec(1_000_000i64..1_050_000, 5..15),
			liars in prop::collection::vec(-MAX_PRICE..=MAX_PRICE, 0..5),
		) {
			let liars = &liars[..liars.len().min(honest.len() - 1)];
			let all: Vec<_> = honest.iter().chain(liars).map(|price| (*price, Ppm::PARTS)).collect();
			let all = prices(&all);
			let model = CombinationModel::default();
			let kept: Vec<_> =
				all.iter().zip(model.within(&all)).filter(|(_, within)| *within).map(|(price, _)| *price).collect();
			let mean = model.trimmed_mean(&kept).unwrap().unwrap().0;
			// The median lies in the honest range, of width 5 %; what passes the filter is near it.
			prop_assert!((700_000..=1_350_000).contains(&mean), "{}", mean);
		}
	}
}
