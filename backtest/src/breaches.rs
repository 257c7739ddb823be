//! Moves beyond the scan range that was known before them.

use crate::{error::Error, replay::DailyRisk, series::size_of_move};
use gcx_primitives::{Day, Price};

/// A move from one fix to a later one, and the scan range at the first of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Move {
	/// The day of the first fix.
	pub from: Day,
	/// The day of the later one.
	pub to: Day,
	/// The later fix.
	pub price: Price,
	/// The size of the move.
	pub size: Price,
	/// The scan range that was known on the first day.
	pub range: Price,
}

impl Move {
	/// Whether the move is beyond the scan range. One that uses it up exactly is not.
	pub fn is_breach(&self) -> bool {
		self.size > self.range
	}

	/// The size of the move in scan ranges.
	pub fn multiple(&self) -> f64 {
		self.size.0 as f64 / self.range.0 as f64
	}
}

/// All moves over one horizon.
#[derive(Debug)]
pub struct Horizon {
	/// Fixes from the start of a move to its end.
	pub days: usize,
	/// The moves, the oldest first.
	pub moves: Vec<Move>,
}

impl Horizon {
	/// The moves over `days` fixes.
	///
	/// # Errors
	/// `Arithmetic` if prices are beyond the exchange's bounds.
	pub fn of(days: usize, risks: &[DailyRisk]) -> Result<Self, Error> {
		let later = risks.iter().skip(days);
		let moves = risks.iter().zip(later).map(|(known, later)| {
			Ok(Move {
				from: known.day,
				to: later.day,
				price: later.price,
				size: size_of_move(known.price, later.price)?,
				range: Price(known.range.get()),
			})
		});
		Ok(Self { days, moves: moves.collect::<Result<_, Error>>()? })
	}

	/// The moves beyond the scan range.
	pub fn breaches(&self) -> impl Iterator<Item = &Move> {
		self.moves.iter().filter(|candidate| candidate.is_breach())
	}

	/// The largest move in scan ranges, whether or not it is a breach.
	pub fn largest(&self) -> Option<&Move> {
		self.moves.iter().max_by(|a, b| a.multiple().total_cmp(&b.multiple()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::replay::{replay, tests::daily};

	fn horizon(days: usize, prices: &[i64]) -> Horizon {
		Horizon::of(days, &replay(&daily(prices), Price(1)).unwrap()).unwrap()
	}

	#[test]
	fn a_move_of_just_the_scan_range_is_no_breach_and_one_more_is() {
		// 20 % of 3.00 dollars is 0.60, a multiple of 300.
		assert_eq!(horizon(1, &[3_000_000, 3_600_000]).breaches().count(), 0);
		assert_eq!(horizon(1, &[3_000_000, 2_400_000]).breaches().count(), 0);
		assert_eq!(horizon(1, &[3_000_000, 3_600_001]).breaches().count(), 1);
		assert_eq!(horizon(1, &[3_000_000, 2_399_999]).breaches().count(), 1);
	}

	#[test]
	fn the_range_is_the_one_of_the_first_day_of_the_move() {
		// From 3.00 by way of 3.50 to 4.00: no day breaches 0.60, two days do.
		let prices = [3_000_000, 3_500_000, 4_000_000];
		assert_eq!(horizon(1, &prices).breaches().count(), 0);
		let two = horizon(2, &prices);
		assert_eq!(two.moves.len(), 1);
		let largest = two.largest().unwrap();
		assert_eq!((largest.from, largest.to, largest.size), (Day(0), Day(2), Price(1_000_000)));
		assert_eq!(largest.range, Price(600_000));
		assert!(largest.is_breach() && (largest.multiple() - 5.0 / 3.0).abs() < 1e-12);
	}

	#[test]
	fn oil_through_zero_is_one_move() {
		// From 18.27 to −37.63 dollars at the least fraction: 55.90 against 3.6540.
		let one = horizon(1, &[18_270_000, -37_630_000]);
		let largest = one.largest().unwrap();
		assert_eq!((largest.size, largest.range), (Price(55_900_000), Price(3_654_000)));
	}
}
