//! Scan ranges and risk arrays: how far a price may move, and what one lot gains or loses when it does.
//!
//! Source: CME Group, *Standard Portfolio Analysis of Risk (SPAN)*, 16 scenarios of price and volatility.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, ComputeHours, Lots, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The scenarios of a risk array.
pub const SCENARIOS: usize = 16;

/// The price moves of the scenarios in hundredths of the scan range. Each of the first seven comes twice, with
/// volatility up and down; then the extreme moves of three scan ranges, of which a third (33 %) counts.
///
/// A third of a scan range is exact, because a scan range is a multiple of 300.
const MOVES: [Move; SCENARIOS] = {
	use Move::{Extreme, Thirds};
	[
		Thirds(0),
		Thirds(0),
		Thirds(1),
		Thirds(1),
		Thirds(-1),
		Thirds(-1),
		Thirds(2),
		Thirds(2),
		Thirds(-2),
		Thirds(-2),
		Thirds(3),
		Thirds(3),
		Thirds(-3),
		Thirds(-3),
		Extreme(1),
		Extreme(-1),
	]
};

/// One scenario's price move.
#[derive(Clone, Copy)]
enum Move {
	/// So many thirds of the scan range.
	Thirds(i64),
	/// Three scan ranges up or down, counted at 33 %: 99 hundredths of one.
	Extreme(i64),
}

/// How far a price may move over the margin's horizon, in the unit of a [`Price`]. A multiple of [`ScanRange::UNIT`].
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
pub struct ScanRange(i64);

impl ScanRange {
	/// Every scan range is a multiple of this, so that thirds and hundredths of it are integers.
	pub const UNIT: i64 = 300;

	/// `max(|mark|, mean, floor) · fraction`, rounded up to a multiple of [`Self::UNIT`].
	///
	/// `mean` is the 30-day mean of the size of the fixes and `floor` the class's floor price: a price near zero still
	/// moves.
	pub fn new(mark: Price, mean: Price, floor: Price, fraction: Ppm) -> Result<Self, ArithmeticError> {
		let size = mark.checked_abs()?.max(mean).max(floor);
		Self::of_share(size, fraction, 1, 1)
	}

	/// In the averaging window of a cash contract: `remaining / days · |fix| · fraction`, rounded up to a multiple of
	/// [`Self::UNIT`]. The days already fixed no longer move.
	///
	/// # Errors
	/// `DivisionByZero` if the window has no days.
	pub fn in_averaging_window(fix: Price, fraction: Ppm, remaining: u32, days: u32) -> Result<Self, ArithmeticError> {
		Self::of_share(fix.checked_abs()?, fraction, remaining, days)
	}

	/// The range in the unit of a price.
	pub const fn get(self) -> i64 {
		self.0
	}

	fn of_share(size: Price, fraction: Ppm, part: u32, whole: u32) -> Result<Self, ArithmeticError> {
		let numerator = u128::from(size.0.unsigned_abs())
			.checked_mul(u128::from(fraction.0))
			.and_then(|product| product.checked_mul(u128::from(part)))
			.ok_or(ArithmeticError::Overflow)?;
		let unit = u128::from(Self::UNIT.unsigned_abs());
		let denominator = u128::from(Ppm::PARTS) * u128::from(whole) * unit;
		if denominator == 0 {
			return Err(ArithmeticError::DivisionByZero);
		}
		i64::try_from(numerator.div_ceil(denominator))
			.ok()
			.and_then(|units| units.checked_mul(Self::UNIT))
			.map(Self)
			.ok_or(ArithmeticError::Overflow)
	}
}

/// What one long lot gains in each scenario. A short lot loses the same: for futures the array is odd.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct RiskArray(pub [i128; SCENARIOS]);

impl RiskArray {
	/// The array of a future: `multiplier · range · x` for each scenario's move x. Exact. Volatility does not move a
	/// future, so its pairs of scenarios are equal.
	pub fn of_future(multiplier: ComputeHours, range: ScanRange) -> Result<Self, ArithmeticError> {
		let whole = Lots(1).value(multiplier, Price(range.0))?;
		// Both are exact: the range is a multiple of 300.
		let (third, hundredth) = (whole.0 / 3, whole.0 / 100);
		Ok(Self(MOVES.map(|scenario| match scenario {
			Move::Thirds(count) => i128::from(count) * third,
			Move::Extreme(sign) => i128::from(sign) * 99 * hundredth,
		})))
	}

	/// Adds what `lots` lots gain in each scenario to `gains`.
	pub(crate) fn add_to(&self, lots: Lots, gains: &mut [i128; SCENARIOS]) -> Result<(), ArithmeticError> {
		for (gain, per_lot) in gains.iter_mut().zip(self.0) {
			*gain = per_lot
				.checked_mul(i128::from(lots.0))
				.and_then(|more| gain.checked_add(more))
				.ok_or(ArithmeticError::Overflow)?;
		}
		Ok(())
	}

	/// The largest loss of `lots` lots over the scenarios, at least nothing.
	pub fn largest_loss(&self, lots: Lots) -> Result<Cash, ArithmeticError> {
		let mut gains = [0; SCENARIOS];
		self.add_to(lots, &mut gains)?;
		largest_loss(&gains)
	}
}

/// The largest loss among the scenarios, at least nothing.
pub(crate) fn largest_loss(gains: &[i128; SCENARIOS]) -> Result<Cash, ArithmeticError> {
	let worst = gains.iter().fold(0, |worst, gain| worst.min(*gain));
	Cash(worst).checked_neg()
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::{MAX_MULTIPLIER, MAX_PRICE};
	use proptest::prelude::*;

	#[test]
	fn a_scan_range_is_the_fraction_of_the_largest_price_rounded_up_to_300() {
		// 20 % of 2.50 dollars is 500,000 millionths: 1,667 times 300 is the next multiple.
		let range =
			|mark, mean, floor| ScanRange::new(Price(mark), Price(mean), Price(floor), Ppm::percent(20)).unwrap().get();
		assert_eq!(range(2_500_000, 0, 0), 500_100);
		assert_eq!(range(-2_500_000, 0, 0), 500_100);
		assert_eq!(range(0, 2_500_000, 0), 500_100);
		assert_eq!(range(0, 0, 2_500_000), 500_100);
		assert_eq!(range(1_500, 0, 0), 300);
		assert_eq!(range(1_501, 0, 0), 600);
		assert_eq!(range(0, 0, 0), 0);
	}

	#[test]
	fn a_scan_range_shrinks_with_the_days_that_are_left() {
		let range =
			|remaining| ScanRange::in_averaging_window(Price(-3_000_000), Ppm::percent(20), remaining, 30).unwrap();
		assert_eq!(range(30), ScanRange(600_000));
		assert_eq!(range(10), ScanRange(200_100)); // exactly 200,000, up to the next multiple of 300
		assert_eq!(range(0), ScanRange(0));
		let no_days = ScanRange::in_averaging_window(Price(1), Ppm::ONE, 1, 0);
		assert_eq!(no_days, Err(ArithmeticError::DivisionByZero));
	}

	#[test]
	fn a_scan_range_beyond_a_price_is_refused() {
		let huge = ScanRange::new(Price(i64::MAX), Price(0), Price(0), Ppm(u32::MAX));
		assert_eq!(huge, Err(ArithmeticError::Overflow));
		let negative = ScanRange::new(Price(i64::MIN), Price(0), Price(0), Ppm::ONE);
		assert_eq!(negative, Err(ArithmeticError::Overflow));
	}

	#[test]
	fn the_extreme_moves_never_bind_for_a_future() {
		let array = RiskArray::of_future(ComputeHours(100), ScanRange(500_100)).unwrap();
		assert_eq!(array.largest_loss(Lots(1)), Ok(Cash(50_010_000)));
		assert_eq!(array.largest_loss(Lots(-1)), Ok(Cash(50_010_000)));
		assert_eq!(array.largest_loss(Lots(0)), Ok(Cash(0)));
		assert_eq!(array.0[14], 49_509_900);
	}

	proptest! {
		#[test]
		fn a_risk_array_is_exact_and_odd(
			multiplier in 1..=MAX_MULTIPLIER, size in 0..=MAX_PRICE, fraction in 0..=10 * Ppm::PARTS,
		) {
			let range = ScanRange::new(Price(size), Price(0), Price(0), Ppm(fraction)).unwrap();
			prop_assert_eq!(range.get() % ScanRange::UNIT, 0);
			let exact = i128::from(size) * i128::from(fraction);
			prop_assert!(i128::from(range.get()) * 1_000_000 >= exact);
			prop_assert!((i128::from(range.get()) - 300) * 1_000_000 < exact.max(1));

			let array = RiskArray::of_future(ComputeHours(multiplier), range).unwrap();
			let whole = i128::from(range.get()) * i128::from(multiplier);
			for (index, x) in [0, 33, -33, 66, -66, 100, -100].into_iter().enumerate() {
				let thirds = match x { 33 => 1, 66 => 2, 100 => 3, -33 => -1, -66 => -2, -100 => -3, _ => 0 };
				prop_assert_eq!(array.0[2 * index] * 3, whole * thirds);
				prop_assert_eq!(array.0[2 * index], array.0[2 * index + 1]);
			}
			prop_assert_eq!(array.0[14] * 100, whole * 99);
			prop_assert_eq!(array.0[15], -array.0[14]);
		}
	}
}
