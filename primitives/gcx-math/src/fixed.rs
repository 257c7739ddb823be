//! Natural logarithm and exponential of fixed-point numbers with 18 decimals, on integers alone, so that every node comes
//! to the same last digit. The square root is `FixedU128::checked_sqrt`, which rounds down.
//!
//! Method: reduction to a power of two and a short series, evaluated by Horner's rule in 62 fractional bits (Muller,
//! *Elementary Functions*, 3rd ed., chapters 3 and 11).

use gcx_primitives::ArithmeticError;
use sp_arithmetic::{FixedI128, FixedU128};

/// Fractional bits of the series.
const BITS: u32 = 62;
/// One, in the precision of the series.
const ONE: i128 = 1 << BITS;
/// √2 in the precision of the series.
const SQRT_2: i128 = 6_521_908_912_666_391_106;
/// Fractional bits of the constants below and of reduced arguments.
const FINE_BITS: u32 = 100;
/// ln 2 · 2¹⁰⁰.
const LN_2: i128 = 878_668_439_483_319_573_618_263_538_048;
/// ln 10¹⁸ · 2¹⁰⁰: what the 18 decimals of an argument add to its logarithm.
const LN_DECIMALS: i128 = 52_539_720_753_788_557_657_957_422_318_541;
/// 10¹⁸.
const DECIMALS: i128 = 1_000_000_000_000_000_000;

/// Largest error of [`ln`], and of [`exp`] relative to its result: 10⁻¹⁷ (for `exp` and never less than one unit of the
/// last decimal).
pub const ERROR_UNITS: i128 = 10;

/// Natural logarithm. The error is at most [`ERROR_UNITS`] units of the last decimal.
///
/// # Errors
/// `Underflow` for zero, which has none.
pub fn ln(x: FixedU128) -> Result<FixedI128, ArithmeticError> {
	let units = x.into_inner();
	if units == 0 {
		return Err(ArithmeticError::Underflow);
	}
	// units = mantissa · 2^power with the mantissa in [1/√2, √2).
	let top = 127 - units.leading_zeros();
	let aligned = if top > BITS { units >> (top - BITS) } else { units << (BITS - top) };
	let mut mantissa = i128::try_from(aligned).map_err(|_| ArithmeticError::Overflow)?;
	let mut power = i128::from(top);
	if mantissa > SQRT_2 {
		mantissa >>= 1;
		power += 1;
	}
	// ln m = 2 artanh z, z = (m − 1) / (m + 1), |z| ≤ 0.172: 13 terms reach 2⁻⁶⁴.
	let z = ((mantissa - ONE) << BITS) / (mantissa + ONE);
	let square = (z * z) >> BITS;
	let series = (0..13).rev().fold(0, |sum, term| ONE / (2 * term + 1) + ((sum * square) >> BITS));
	let of_mantissa = (2 * z * series) >> BITS;

	let fine = (of_mantissa << (FINE_BITS - BITS)) + power * LN_2 - LN_DECIMALS;
	// |fine| < 48 · 2¹⁰⁰: 60 fractional bits leave room for the 18 decimals.
	let coarse = shift_round(fine, FINE_BITS - 60);
	Ok(FixedI128::from_inner(shift_round(coarse * DECIMALS, 60)))
}

/// Exponential. The error is at most 10⁻¹⁷ of the result, and never less than one unit of the last decimal.
///
/// # Errors
/// `Overflow` from about 47.276 on, where the result no longer fits.
pub fn exp(x: FixedI128) -> Result<FixedU128, ArithmeticError> {
	const LARGEST: i128 = 48 * DECIMALS;
	let units = x.into_inner();
	if units > LARGEST {
		return Err(ArithmeticError::Overflow);
	}
	if units < -LARGEST {
		return Ok(FixedU128::from_inner(0));
	}
	// x = power · ln 2 + rest with |rest| ≤ ln 2 / 2.
	let fine = ((units << 60) / DECIMALS) << (FINE_BITS - 60);
	let power = (fine + LN_2 / 2).div_euclid(LN_2);
	let rest = shift_round(fine - power * LN_2, FINE_BITS - BITS);
	// 20 terms of Taylor's series reach 2⁻⁸⁰.
	let series = (1..=20).rev().fold(ONE, |sum, term| ONE + ((rest * sum) >> BITS) / term);

	let scaled = series * DECIMALS; // < 2¹²³
	let shift = i128::from(BITS) - power;
	let units = match u32::try_from(shift) {
		Ok(right) => u128::try_from(shift_round(scaled, right)).ok(),
		Err(_) => u32::try_from(-shift).ok().and_then(|left| {
			let scaled = u128::try_from(scaled).ok()?;
			(scaled.leading_zeros() >= left).then(|| scaled << left)
		}),
	};
	units.map(FixedU128::from_inner).ok_or(ArithmeticError::Overflow)
}

/// `value / 2^bits`, rounded to the nearest, up from the middle. Nothing is left of a value by 127 bits and more.
fn shift_round(value: i128, bits: u32) -> i128 {
	match bits {
		0 => value,
		1..=126 => ((value >> (bits - 1)) + 1) >> 1,
		_ => 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	// Rounded from 80 digits.
	const LOGARITHMS: [(u128, i128); 16] = [
		(1, -41_446_531_673_892_822_312),
		(2, -40_753_384_493_332_877_003),
		(1_000_000_000, -20_723_265_836_946_411_156),
		(100_000_000_000_000_000, -2_302_585_092_994_045_684),
		(500_000_000_000_000_000, -693_147_180_559_945_309),
		(999_999_999_999_999_999, -1),
		(1_000_000_000_000_000_000, 0),
		(1_000_000_000_000_000_001, 1),
		(1_414_213_562_373_095_048, 346_573_590_279_972_654),
		(1_414_213_562_373_095_049, 346_573_590_279_972_655),
		(2_000_000_000_000_000_000, 693_147_180_559_945_309),
		(2_718_281_828_459_045_235, 1_000_000_000_000_000_000),
		(10_000_000_000_000_000_000, 2_302_585_092_994_045_684),
		(1_000_000_000_000_000_000_000_000_000, 20_723_265_836_946_411_156),
		(170_141_183_460_469_231_731_687_303_715_884_105_728, 46_583_160_257_220_231_984),
		(u128::MAX, 47_276_307_437_780_177_293),
	];
	const EXPONENTIALS: [(i128, u128); 15] = [
		(-50_000_000_000_000_000_000, 0),
		(-42_000_000_000_000_000_000, 1),
		(-41_446_531_673_892_822_312, 1),
		(-10_000_000_000_000_000_000, 45_399_929_762_485),
		(-1_000_000_000_000_000_000, 367_879_441_171_442_322),
		(-1, 999_999_999_999_999_999),
		(0, 1_000_000_000_000_000_000),
		(1, 1_000_000_000_000_000_001),
		(100_000_000_000_000_000, 1_105_170_918_075_647_625),
		(346_573_590_279_972_655, 1_414_213_562_373_095_049),
		(1_000_000_000_000_000_000, 2_718_281_828_459_045_235),
		(10_000_000_000_000_000_000, 22_026_465_794_806_716_516_958),
		(40_000_000_000_000_000_000, 235_385_266_837_019_985_407_899_910_749_034_805),
		(47_000_000_000_000_000_000, 258_131_288_619_006_739_623_285_800_215_273_380_432),
		(47_276_007_947_000_000_000, 340_180_470_748_632_435_316_675_778_736_054_659_377),
	];

	/// How far `exp` may be from `exact`.
	fn allowed(exact: u128) -> u128 {
		(exact / 100_000_000_000_000_000).max(1)
	}

	#[test]
	fn logarithms_agree_with_high_precision() {
		for (x, expected) in LOGARITHMS {
			let error = (ln(FixedU128::from_inner(x)).unwrap().into_inner() - expected).abs();
			assert!(error <= ERROR_UNITS, "ln {x}: {error} units off");
		}
		assert_eq!(ln(FixedU128::from_inner(DECIMALS.unsigned_abs())), Ok(FixedI128::from_inner(0)));
	}

	#[test]
	fn exponentials_agree_with_high_precision() {
		for (x, expected) in EXPONENTIALS {
			let error = exp(FixedI128::from_inner(x)).unwrap().into_inner().abs_diff(expected);
			assert!(error <= allowed(expected), "exp {x}: {error} units off {expected}");
		}
	}

	#[test]
	fn what_has_no_result_is_refused() {
		assert_eq!(ln(FixedU128::from_inner(0)), Err(ArithmeticError::Underflow));
		assert_eq!(exp(FixedI128::from_inner(47_276_307_437_780_177_400)), Err(ArithmeticError::Overflow));
		assert_eq!(exp(FixedI128::from_inner(i128::MAX)), Err(ArithmeticError::Overflow));
		assert_eq!(exp(FixedI128::from_inner(i128::MIN)), Ok(FixedU128::from_inner(0)));
	}

	proptest! {
		#[test]
		fn the_exponential_undoes_the_logarithm(x in 1..=u128::MAX >> 1) {
			let back = exp(ln(FixedU128::from_inner(x)).unwrap()).unwrap().into_inner();
			// An error of 10⁻¹⁷ in the logarithm is one of 10⁻¹⁷ relative to the result.
			prop_assert!(back.abs_diff(x) <= 2 * allowed(x), "{} comes back as {}", x, back);
		}

		#[test]
		fn the_logarithm_of_a_product_is_the_sum(a in 1u64.., b in 1u64..) {
			let unit = u128::from(1_000_000_000u64);
			let of = |x: u128| ln(FixedU128::from_inner(x)).unwrap().into_inner();
			// a and b in 9 decimals: their product has 18.
			let sum = of(u128::from(a) * unit) + of(u128::from(b) * unit);
			prop_assert!((of(u128::from(a) * u128::from(b)) - sum).abs() <= 3 * ERROR_UNITS);
		}

		#[test]
		fn both_are_monotone_beyond_their_error(x in 1..=u128::MAX / 2, more in 1u128..) {
			let y = x.saturating_add(more);
			let of = |x: u128| ln(FixedU128::from_inner(x)).unwrap().into_inner();
			prop_assert!(of(y) + ERROR_UNITS >= of(x));
		}

		#[test]
		fn no_argument_panics(x: u128, y: i128) {
			let _ = ln(FixedU128::from_inner(x));
			let _ = exp(FixedI128::from_inner(y));
		}
	}
}
