//! How many new tokens an era brings: no more than the exchange grew by, no more than its fees burned, no more than a year allows.

use crate::pool::mul_div;
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price};
use sp_arithmetic::Rounding;

/// What an era was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EraFigures {
	/// Fees that were charged in it, net of rebates.
	pub fees: Cash,
	/// The most that an era before it had of them.
	pub best: Cash,
	/// Tokens that fees burned in it.
	pub burned: u128,
	/// Tokens that may still be issued this year.
	pub cap_left: u128,
}

/// How many tokens an era may bring: the least of three, each rounded down.
///
/// - what is left of the year's cap;
/// - `alpha` of the growth of fees over the best era before, in tokens at `price` for each `unit` of them. No growth, no tokens;
/// - what fees burned in the era: so nothing issued is worth more than that.
///
/// # Errors
/// The price or the unit is not positive, or a figure does not fit.
pub fn issuance_floor(era: &EraFigures, alpha: Ppm, price: Price, unit: u128) -> Result<u128, ArithmeticError> {
	let growth = era.fees.checked_sub(era.best)?.max(Cash::ZERO);
	let by_growth = tokens_floor(alpha.mul_floor(growth)?, price, unit)?;
	Ok(by_growth.min(era.burned).min(era.cap_left))
}

/// How many tokens so much buys at a price per `unit` of them, rounded down.
///
/// # Errors
/// The price or the unit is not positive, the amount is negative, or the number does not fit.
pub fn tokens_floor(amount: Cash, price: Price, unit: u128) -> Result<u128, ArithmeticError> {
	tokens(amount, price, unit, Rounding::Down)
}

/// The same, rounded up.
///
/// # Errors
/// As [`tokens_floor`].
pub fn tokens_ceil(amount: Cash, price: Price, unit: u128) -> Result<u128, ArithmeticError> {
	tokens(amount, price, unit, Rounding::Up)
}

fn tokens(amount: Cash, price: Price, unit: u128, rounding: Rounding) -> Result<u128, ArithmeticError> {
	let amount = u128::try_from(amount.0).map_err(|_| ArithmeticError::Underflow)?;
	let price = u128::try_from(price.0).map_err(|_| ArithmeticError::Underflow)?;
	if unit == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	mul_div(amount, unit, price, rounding)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Two dollars for a token of a thousand units.
	const PRICE: Price = Price(2_000_000);
	const UNIT: u128 = 1_000;

	fn era() -> EraFigures {
		EraFigures { fees: Cash(300_000_000), best: Cash(100_000_000), burned: 1 << 100, cap_left: 1 << 100 }
	}

	fn issued(era: EraFigures) -> u128 {
		issuance_floor(&era, Ppm::percent(50), PRICE, UNIT).unwrap()
	}

	#[test]
	fn half_of_the_growth_becomes_tokens() {
		// Two hundred dollars more than ever: a hundred dollars are fifty tokens.
		assert_eq!(issued(era()), 50_000);
	}

	#[test]
	fn the_least_of_the_three_bounds_holds() {
		assert_eq!(issued(EraFigures { burned: 49_999, ..era() }), 49_999);
		assert_eq!(issued(EraFigures { cap_left: 7, ..era() }), 7);
		assert_eq!(issued(EraFigures { burned: 0, ..era() }), 0);
	}

	#[test]
	fn without_growth_there_is_nothing() {
		assert_eq!(issued(EraFigures { best: Cash(300_000_000), ..era() }), 0);
		assert_eq!(issued(EraFigures { best: Cash(i128::MAX), ..era() }), 0);
		assert_eq!(issued(EraFigures { fees: Cash::ZERO, best: Cash::ZERO, ..era() }), 0);
	}

	#[test]
	fn figures_that_cannot_be_are_refused() {
		let bad = |price, unit| issuance_floor(&era(), Ppm::ONE, price, unit);
		assert_eq!(bad(Price(0), UNIT), Err(ArithmeticError::DivisionByZero));
		assert_eq!(bad(Price(-1), UNIT), Err(ArithmeticError::Underflow));
		assert_eq!(bad(PRICE, 0), Err(ArithmeticError::DivisionByZero));
		let beyond = EraFigures { fees: Cash(i128::MAX), best: Cash::ZERO, ..era() };
		assert_eq!(issuance_floor(&beyond, Ppm::ONE, Price(1), 1_000_000_000_000), Err(ArithmeticError::Overflow));
	}

	#[test]
	fn tokens_round_as_they_say() {
		assert_eq!(tokens_floor(Cash(3), PRICE, UNIT), Ok(0));
		assert_eq!(tokens_ceil(Cash(3), PRICE, UNIT), Ok(1));
		assert_eq!(tokens_ceil(Cash(-3), PRICE, UNIT), Err(ArithmeticError::Underflow));
	}

	proptest! {
		// Fees that are paid to be rewarded cost more than all that they let be issued.
		#[test]
		fn what_an_era_brings_is_worth_no_more_than_the_share_of_its_growth(
			fees in 0i128..1 << 80, best in 0i128..1 << 80, burned in 0u128..1 << 90, cap_left in 0u128..1 << 90,
			alpha in 0u32..=1_000_000, price in 1i64..1 << 40,
		) {
			let era = EraFigures { fees: Cash(fees), best: Cash(best), burned, cap_left };
			let issued = issuance_floor(&era, Ppm(alpha), Price(price), UNIT).unwrap();
			prop_assert!(issued <= burned && issued <= cap_left);
			let worth = mul_div(issued, price.unsigned_abs().into(), UNIT, Rounding::Down).unwrap();
			prop_assert!(worth <= Ppm(alpha).mul_floor(Cash((fees - best).max(0))).unwrap().0.unsigned_abs());
		}
	}
}
