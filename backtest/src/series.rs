//! One price per day, combined from the day's rows as the index combines its reports.

use crate::{error::Error, options::Options, rows::Rows};
use gcx_math::index::{CombinationModel, WeightedPrice};
use gcx_primitives::{ArithmeticError, Day, Ppm, Price};
use std::collections::BTreeMap;

/// The fewest days with a fix that a back-test is made of.
pub const FEWEST_FIXES: usize = 10;

/// The price of a day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DailyFix {
	/// The day.
	pub day: Day,
	/// Its price.
	pub price: Price,
}

/// A series of daily fixes and how it came about.
#[derive(Debug)]
pub struct Series {
	/// The file's name, and the item where the file names one.
	pub name: String,
	/// The rows that it is made of.
	pub rows: Rows,
	/// The fixes, the oldest first, at most one a day. At least [`FEWEST_FIXES`].
	pub fixes: Vec<DailyFix>,
	/// Usable prices that the filter left out.
	pub filtered: usize,
	/// Days on which there were prices, but fewer than the quorum within the filter.
	pub below_quorum: usize,
}

impl Series {
	/// The daily series of the rows.
	///
	/// # Errors
	/// `TooFewDays` if fewer than [`FEWEST_FIXES`] days have a fix.
	pub fn of(rows: Rows, options: &Options) -> Result<Self, Error> {
		let mut reports = BTreeMap::<Day, Vec<WeightedPrice>>::new();
		for (day, price) in &rows.prices {
			reports.entry(*day).or_default().push(WeightedPrice { price: *price, weight: Ppm::ONE });
		}
		let stem = options.file.file_stem().unwrap_or_default().to_string_lossy();
		let name = rows.item.as_ref().map_or(stem.to_string(), |item| format!("{stem}, {item}"));
		let mut series = Self { name, rows, fixes: Vec::new(), filtered: 0, below_quorum: 0 };
		for (day, reports) in reports {
			let within = agreeing(&reports);
			series.filtered += reports.len() - within.len();
			if within.len() < usize::try_from(options.quorum).unwrap_or(usize::MAX) {
				series.below_quorum += 1;
			} else if let Some(price) = CombinationModel::default().trimmed_mean(&within)? {
				series.fixes.push(DailyFix { day, price });
			}
		}
		if series.fixes.len() < FEWEST_FIXES {
			let (file, fixes) = (options.file.clone(), series.fixes.len());
			return Err(Error::TooFewDays { file, fixes, needed: FEWEST_FIXES });
		}
		Ok(series)
	}

	/// The days from the first fix to the last that have none, and the most of them in a row.
	pub fn days_without_fix(&self) -> (u32, u32) {
		let gaps = || self.fixes.windows(2).map(|pair| pair[1].day.0 - pair[0].day.0 - 1);
		(gaps().sum(), gaps().max().unwrap_or_default())
	}

	/// The lowest and the highest fix.
	pub fn extremes(&self) -> Option<(DailyFix, DailyFix)> {
		let lowest = self.fixes.iter().min_by_key(|fix| fix.price)?;
		let highest = self.fixes.iter().max_by_key(|fix| fix.price)?;
		Some((*lowest, *highest))
	}
}

/// The prices within the index's filter.
fn agreeing(reports: &[WeightedPrice]) -> Vec<WeightedPrice> {
	let within = CombinationModel::default().within(reports);
	reports.iter().zip(within).filter(|(_, within)| *within).map(|(report, _)| *report).collect()
}

/// The size of the move between two prices, in millionths.
///
/// # Errors
/// `Overflow` if it does not fit; between bounded prices it does.
pub fn size_of_move(from: Price, to: Price) -> Result<Price, ArithmeticError> {
	to.checked_sub(from)?.checked_abs()
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	fn rows(prices: &[(u32, i64)]) -> Rows {
		Rows {
			column: "price".to_owned(),
			item: None,
			in_file: prices.len(),
			in_series: prices.len(),
			prices: prices.iter().map(|(day, price)| (Day(*day), Price(*price))).collect(),
			unusable: BTreeMap::new(),
		}
	}

	fn series(prices: &[(u32, i64)], arguments: &[&str]) -> Result<Series, Error> {
		Series::of(rows(prices), &Options::parse_from(["gcx-backtest", "f.csv"].iter().chain(arguments)))
	}

	#[test]
	fn a_series_is_in_the_order_of_its_days_and_knows_its_gaps() {
		let prices: Vec<_> = (0..10).rev().map(|day| (day + if day > 4 { 3 } else { 0 }, i64::from(day) + 1)).collect();
		let series = series(&prices, &[]).unwrap();
		assert!(series.fixes.is_sorted_by_key(|fix| fix.day));
		assert_eq!(series.days_without_fix(), (3, 3));
		let (lowest, highest) = series.extremes().unwrap();
		assert_eq!((lowest.price, highest.price), (Price(1), Price(10)));
	}

	#[test]
	fn an_outlier_among_the_rows_of_a_day_does_not_move_its_price() {
		let day = |day| [(day, 12_290_000), (day, 12_300_000), (day, 98_320_000), (day, 12_310_000)];
		let prices: Vec<_> = (0..10).flat_map(day).collect();
		let series = series(&prices, &["--quorum", "3"]).unwrap();
		assert!(series.fixes.iter().all(|fix| fix.price == Price(12_300_000)));
		assert_eq!((series.filtered, series.below_quorum), (10, 0));
	}

	#[test]
	fn a_day_below_quorum_has_no_fix() {
		let prices: Vec<_> = (0..11).flat_map(|day| [(day, 100), (day, 101)]).chain([(11, 100)]).collect();
		let series = series(&prices, &["--quorum", "2"]).unwrap();
		assert_eq!((series.fixes.len(), series.below_quorum), (11, 1));
	}

	#[test]
	fn a_short_series_is_refused() {
		let prices: Vec<_> = (0..9).map(|day| (day, 100)).collect();
		let refusal = series(&prices, &[]).unwrap_err().to_string();
		assert_eq!(refusal, "f.csv has 9 days with a price and a back-test needs 10");
	}
}
