//! How much a class's price moves, and the scan fraction that follows from it.
//!
//! Source: J.P. Morgan/Reuters, *RiskMetrics Technical Document*, 4th ed. (1996), section 5.2: exponentially weighted
//! variance. The floor, the largest move of a long memory and the bounds on a day's change are against procyclicality
//! (EMIR RTS 153/2013, article 28).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The largest move and the largest scan fraction that the model knows: tenfold. What is larger counts as this.
pub const MAX_MOVE: Ppm = Ppm(10 * Ppm::PARTS);

/// The size of the move from one fix to the next: `|current − previous| / max(|previous|, floor)`, rounded up, at most
/// [`MAX_MOVE`].
///
/// # Errors
/// `DivisionByZero` if both the previous price and the floor are zero.
pub fn move_ceil(previous: Price, current: Price, floor: Price) -> Result<Ppm, ArithmeticError> {
	let base = previous.0.unsigned_abs().max(floor.0.unsigned_abs());
	if base == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	let parts = u128::from(current.0.abs_diff(previous.0)) * u128::from(Ppm::PARTS);
	let size = parts.div_ceil(u128::from(base));
	Ok(u32::try_from(size).map_or(MAX_MOVE, |size| Ppm(size).min(MAX_MOVE)))
}

/// Exponentially weighted variance of daily moves, in parts per million squared (10⁻¹²).
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
#[serde(transparent)]
pub struct Variance(pub u64);

impl Variance {
	/// `λ σ² + (1 − λ) r²`, rounded up; the decay λ is what stays of the variance before. A decay above one counts as
	/// one.
	pub fn after(self, size: Ppm, decay: Ppm) -> Self {
		let parts = u128::from(Ppm::PARTS);
		let decay = u128::from(decay.0).min(parts);
		let square = u128::from(size.min(MAX_MOVE).0).pow(2);
		let sum = decay * u128::from(self.0) + (parts - decay) * square;
		// A weighted mean of two numbers below 2⁶⁴ is below 2⁶⁴.
		Self(u64::try_from(sum.div_ceil(parts)).unwrap_or(u64::MAX))
	}

	/// `confidence · σ · √days`, rounded up, at most [`MAX_MOVE`]: the move over `days` days that is expected to be
	/// exceeded only as rarely as `confidence` standard deviations say.
	pub fn move_ceil(self, confidence: Ppm, days: u32) -> Ppm {
		let confidence = u128::from(confidence.min(MAX_MOVE).0);
		let square = (confidence.pow(2)).checked_mul(u128::from(days)).and_then(|q| q.checked_mul(self.0.into()));
		let Some(square) = square else { return MAX_MOVE };
		let floor = square.isqrt();
		let root = floor + u128::from(floor * floor < square);
		u32::try_from(root.div_ceil(Ppm::PARTS.into())).map_or(MAX_MOVE, |size| Ppm(size).min(MAX_MOVE))
	}
}

/// How the scan fraction of a class follows from its moves.
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
pub struct ScanModel {
	/// q: standard deviations covered.
	pub confidence: Ppm,
	/// h: days that closing out a portfolio takes.
	pub horizon_days: u32,
	/// The least scan fraction.
	pub floor: Ppm,
}

impl Default for ScanModel {
	fn default() -> Self {
		Self {
			confidence: Ppm::percent(300),
			horizon_days: 2,
			// Prices of compute step when new hardware comes to market.
			floor: Ppm::percent(20),
		}
	}
}

impl ScanModel {
	/// Whether the figures are within what the model allows.
	pub fn is_valid(&self) -> bool {
		(Ppm::ONE..=MAX_MOVE).contains(&self.confidence)
			&& (1..=30).contains(&self.horizon_days)
			&& Ppm::ZERO < self.floor
			&& self.floor <= MAX_MOVE
	}

	/// What the scan fraction should be: `max(q σ √h, largest move in memory, floor)`.
	pub fn target(&self, variance: Variance, largest_move: Ppm) -> Ppm {
		variance.move_ceil(self.confidence, self.horizon_days).max(largest_move).max(self.floor).min(MAX_MOVE)
	}

	/// Tomorrow's scan fraction: towards the target, but up by at most a quarter and down by at most a twentieth of
	/// itself. A fraction that has none yet starts at its target.
	pub fn next_fraction(&self, fraction: Ppm, variance: Variance, largest_move: Ppm) -> Ppm {
		let target = self.target(variance, largest_move);
		if fraction == Ppm::ZERO {
			return target;
		}
		// The down step rounds up and the up step down: neither goes beyond what is announced. A fraction of under four
		// millionths may go up by one.
		let highest = Ppm(fraction.0.saturating_add((fraction.0 / 4).max(1)));
		let lowest = Ppm(fraction.0 - fraction.0 / 20);
		target.clamp(lowest, highest)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_primitives::MAX_PRICE;
	use proptest::prelude::*;

	#[test]
	fn a_move_is_relative_to_the_price_before_or_the_floor() {
		let size = |previous, current, floor| move_ceil(Price(previous), Price(current), Price(floor));
		assert_eq!(size(2_000_000, 2_500_000, 0), Ok(Ppm::percent(25)));
		assert_eq!(size(2_000_000, 1_500_000, 0), Ok(Ppm::percent(25)));
		assert_eq!(size(-2_000_000, -2_500_000, 0), Ok(Ppm::percent(25)));
		assert_eq!(size(3, 2, 0), Ok(Ppm(333_334)));
		assert_eq!(size(0, 100_000, 1_000_000), Ok(Ppm::percent(10)));
		assert_eq!(size(0, 100_000, 0), Err(ArithmeticError::DivisionByZero));
		assert_eq!(size(1, MAX_PRICE, 0), Ok(MAX_MOVE));
		assert_eq!(size(i64::MIN, i64::MAX, 0), Ok(Ppm(2 * Ppm::PARTS)));
	}

	#[test]
	fn oil_through_zero_has_a_move() {
		// WTI, 17 and 20 April 2020: 18.27 and −37.63 dollars.
		let down = move_ceil(Price(18_270_000), Price(-37_630_000), Price(1_000_000)).unwrap();
		assert_eq!(down, Ppm(3_059_661));
	}

	#[test]
	fn a_constant_move_is_its_own_standard_deviation() {
		let variance = (0..2_000).fold(Variance(0), |variance, _| variance.after(Ppm::percent(4), Ppm::percent(97)));
		let deviation = variance.move_ceil(Ppm::ONE, 1);
		assert!(deviation >= Ppm(39_999) && deviation <= Ppm(40_001), "{deviation:?}");
		// Three standard deviations over two days: 3 · 4 % · √2.
		let covered = variance.move_ceil(Ppm::percent(300), 2);
		assert!(covered >= Ppm(169_700) && covered <= Ppm(169_712), "{covered:?}");
	}

	#[test]
	fn the_scan_fraction_starts_at_its_target_and_then_moves_in_steps() {
		let model = ScanModel::default();
		let calm = Variance(0);
		assert_eq!(model.next_fraction(Ppm::ZERO, calm, Ppm::ZERO), Ppm::percent(20));
		// A move of 200 % overnight: the fraction rises by a quarter a day until it is there.
		let shock = Ppm::percent(200);
		let mut fraction = Ppm::percent(20);
		let days = core::iter::from_fn(|| {
			let next = model.next_fraction(fraction, calm, shock);
			(next != fraction).then(|| fraction = next)
		});
		assert_eq!(days.count(), 11);
		assert_eq!(fraction, shock);
		// Forgotten, it falls by a twentieth a day, also where the floor would be lower at once.
		assert_eq!(model.next_fraction(fraction, calm, Ppm::ZERO), Ppm::percent(190));
		assert_eq!(model.next_fraction(Ppm(201_000), calm, Ppm::ZERO), Ppm::percent(20));
		// Below its floor it rises in steps too: the bound of a day overrides the target.
		assert_eq!(model.next_fraction(Ppm::percent(10), calm, Ppm::ZERO), Ppm(125_000));
		assert_eq!(model.next_fraction(Ppm(1), calm, Ppm::ZERO), Ppm(2));
	}

	proptest! {
		#[test]
		fn variance_stays_between_the_old_one_and_the_new_square(
			variance in 0..=10u64.pow(14), size in 0..=MAX_MOVE.0, decay in 0..=Ppm::PARTS,
		) {
			let square = u64::from(size).pow(2);
			let after = Variance(variance).after(Ppm(size), Ppm(decay)).0;
			prop_assert!(after >= variance.min(square) && after <= variance.max(square));
		}

		#[test]
		fn the_covered_move_is_the_smallest_that_covers(
			variance in 0..=10u64.pow(14), confidence in 0..=MAX_MOVE.0, days in 1..=30u32,
		) {
			let size = Variance(variance).move_ceil(Ppm(confidence), days);
			let square = u128::from(confidence).pow(2) * u128::from(days) * u128::from(variance);
			let scaled = |size: u32| (u128::from(size) * 1_000_000).pow(2);
			prop_assert!(size == MAX_MOVE || scaled(size.0) >= square);
			prop_assert!(size == Ppm::ZERO || scaled(size.0 - 1) < square);
		}

		#[test]
		fn the_fraction_never_changes_by_more_than_a_day_allows(
			fraction in 1..=MAX_MOVE.0, variance in 0..=10u64.pow(14), largest in 0..=MAX_MOVE.0,
		) {
			let model = ScanModel::default();
			let next = model.next_fraction(Ppm(fraction), Variance(variance), Ppm(largest));
			prop_assert!(u64::from(next.0) * 4 <= (u64::from(fraction) * 5).max(u64::from(fraction + 1) * 4));
			prop_assert!(u64::from(next.0) * 20 >= u64::from(fraction) * 19);
			prop_assert!(next <= MAX_MOVE.max(Ppm(fraction)));
		}
	}
}
