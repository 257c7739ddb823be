//! The arithmetic of a mutual fund: shares of what many put in, a loss borne by several, and tokens that are sold for
//! it.
//!
//! Amounts are never negative here: a negative one is an `Underflow`.

use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// `amount · numerator / denominator`, in full precision, rounded as named.
///
/// # Errors
/// `DivisionByZero`, or `Overflow` where the result does not fit.
pub fn mul_div(amount: u128, numerator: u128, denominator: u128, rounding: Rounding) -> Result<u128, ArithmeticError> {
	if denominator == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	multiply_by_rational_with_rounding(amount, numerator, denominator, rounding).ok_or(ArithmeticError::Overflow)
}

/// `amount · part / whole`, rounded down.
///
/// # Errors
/// One of them is negative, the whole is zero, or the result does not fit.
pub fn part_floor(amount: Cash, part: Cash, whole: Cash) -> Result<Cash, ArithmeticError> {
	cash(mul_div(natural(amount)?, natural(part)?, natural(whole)?, Rounding::Down)?)
}

/// `amount · part / whole`, rounded up.
///
/// # Errors
/// As [`part_floor`].
pub fn part_ceil(amount: Cash, part: Cash, whole: Cash) -> Result<Cash, ArithmeticError> {
	cash(mul_div(natural(amount)?, natural(part)?, natural(whole)?, Rounding::Up)?)
}

fn natural(amount: Cash) -> Result<u128, ArithmeticError> {
	u128::try_from(amount.0).map_err(|_| ArithmeticError::Underflow)
}

fn cash(amount: u128) -> Result<Cash, ArithmeticError> {
	i128::try_from(amount).map(Cash).map_err(|_| ArithmeticError::Overflow)
}

/// Money that many share. A share's worth rises with income and falls with losses, for all alike and in one step.
///
/// Who joins gets its shares rounded down, who leaves its money: roundings go to those who stay.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct SharePool {
	/// Counts how often all of the money was lost. Shares of an earlier series are worth nothing.
	pub series: u32,
	/// The money. Zero if there are no shares.
	pub value: Cash,
	/// The shares of this series.
	pub shares: u128,
}

impl SharePool {
	/// Shares that the first to join gets for each unit of money. With so many a single share is worth next to nothing,
	/// however the price rises.
	pub const SHARES_PER_UNIT: u128 = 1_000_000;

	/// What so many shares are worth, rounded down. Nothing if there are none.
	///
	/// # Errors
	/// `Overflow` if they are far more than there are.
	pub fn value_of(&self, shares: u128) -> Result<Cash, ArithmeticError> {
		if self.shares == 0 {
			return Ok(Cash::ZERO);
		}
		cash(mul_div(shares, natural(self.value)?, self.shares, Rounding::Down)?)
	}

	/// How many shares so much money buys, rounded down.
	///
	/// # Errors
	/// `DivisionByZero` where shares are worth nothing, `Overflow` where they are worth so little that they cannot be
	/// counted.
	pub fn shares_for(&self, amount: Cash) -> Result<u128, ArithmeticError> {
		if self.shares == 0 {
			return natural(amount)?.checked_mul(Self::SHARES_PER_UNIT).ok_or(ArithmeticError::Overflow);
		}
		mul_div(natural(amount)?, self.shares, natural(self.value)?, Rounding::Down)
	}

	/// Adds money and returns its shares, rounded down.
	///
	/// # Errors
	/// As [`SharePool::shares_for`]; nothing changes then.
	pub fn join(&mut self, amount: Cash) -> Result<u128, ArithmeticError> {
		let shares = self.shares_for(amount)?;
		let all = self.shares.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
		self.value = self.value.checked_add(amount)?;
		self.shares = all;
		Ok(shares)
	}

	/// Gives shares back and returns their money, rounded down; the last shares get all of it.
	///
	/// # Errors
	/// `Underflow` if there are not so many shares; nothing changes then.
	pub fn leave(&mut self, shares: u128) -> Result<Cash, ArithmeticError> {
		let left = self.shares.checked_sub(shares).ok_or(ArithmeticError::Underflow)?;
		let amount = self.value_of(shares)?;
		self.value = self.value.checked_sub(amount)?;
		self.shares = left;
		Ok(amount)
	}

	/// Makes every share worth more.
	///
	/// # Errors
	/// `DivisionByZero` if there are no shares, `Overflow` if the sum does not fit; nothing changes then.
	pub fn raise(&mut self, amount: Cash) -> Result<(), ArithmeticError> {
		if self.shares == 0 {
			return Err(ArithmeticError::DivisionByZero);
		}
		self.value = self.value.checked_add(amount)?;
		Ok(())
	}

	/// Makes every share worth less.
	///
	/// # Errors
	/// `Underflow` if there is not so much; nothing changes then.
	pub fn lower(&mut self, amount: Cash) -> Result<(), ArithmeticError> {
		self.value = cash(natural(self.value)?.checked_sub(natural(amount)?).ok_or(ArithmeticError::Underflow)?)?;
		Ok(())
	}

	/// Begins a new series if there are shares and they are worth nothing. Returns whether it did.
	pub fn end_worthless_series(&mut self) -> bool {
		let worthless = self.value.is_zero() && self.shares > 0;
		if worthless {
			// So many total losses do not happen; were the counter full, shares would come back worthless.
			self.series = self.series.wrapping_add(1);
			self.shares = 0;
		}
		worthless
	}
}

/// Who bears part of a loss.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bearer {
	/// The most that it can bear.
	pub has: Cash,
	/// How much of the loss is its own: it bears pro rata to this.
	pub weight: Cash,
}

/// Divides a loss among several: pro rata to their weights, none more than it has, and what one cannot bear is spread
/// over the others in the same way. Those without weight bear only what the others cannot, pro rata to what they have.
///
/// Returns what each bears. All together they bear exactly the loss, or all that they have if that is less. Each part
/// is rounded up while there is any, so that the first bear the roundings: at most one unit each.
///
/// # Errors
/// An amount is negative, or their sum does not fit.
pub fn apportion(loss: Cash, bearers: &[Bearer]) -> Result<Vec<Cash>, ArithmeticError> {
	let mut parts = vec![Cash::ZERO; bearers.len()];
	let all = Cash::checked_sum(bearers.iter().map(|bearer| bearer.has))?;
	let mut due = loss.min(all);
	natural(due)?;
	let by_weight = bearers.iter().map(|bearer| bearer.weight).collect();
	due = spread(due, bearers, by_weight, &mut parts)?;
	let by_means = bearers.iter().map(|bearer| if bearer.weight.is_zero() { bearer.has } else { Cash::ZERO }).collect();
	spread(due, bearers, by_means, &mut parts)?;
	Ok(parts)
}

/// Spreads an amount by weight over those who have nothing to bear yet and something to bear it with. Returns what they
/// cannot.
fn spread(
	mut due: Cash,
	bearers: &[Bearer],
	mut weights: Vec<Cash>,
	parts: &mut [Cash],
) -> Result<Cash, ArithmeticError> {
	for (weight, bearer) in weights.iter_mut().zip(bearers) {
		if bearer.has.is_zero() {
			*weight = Cash::ZERO;
		}
	}
	// Each round either exhausts somebody, who then has no weight any more, or is the last.
	loop {
		let mut whole = Cash::checked_sum(weights.iter().copied())?;
		if due.is_zero() || whole.is_zero() {
			return Ok(due);
		}
		let (due_at_first, whole_at_first) = (due, whole);
		let mut is_last = true;
		for ((bearer, weight), part) in bearers.iter().zip(weights.iter_mut()).zip(parts.iter_mut()) {
			if !weight.is_zero() && part_ceil(due_at_first, *weight, whole_at_first)? >= bearer.has {
				*part = bearer.has.min(due);
				due = due.checked_sub(*part)?;
				*weight = Cash::ZERO;
				is_last = false;
			}
		}
		if is_last {
			for (weight, part) in weights.iter().zip(parts.iter_mut()).filter(|(weight, _)| !weight.is_zero()) {
				*part = part_ceil(due, *weight, whole)?;
				due = due.checked_sub(*part)?;
				whole = whole.checked_sub(*weight)?;
			}
			return Ok(due);
		}
	}
}

/// What tokens count for as security: `amount / unit · price · (1 − haircut)`, rounded down twice. Nothing at a price
/// that is not positive.
///
/// # Errors
/// The unit is zero, or the value does not fit.
pub fn secured_value_floor(amount: u128, unit: u128, price: Price, haircut: Ppm) -> Result<Cash, ArithmeticError> {
	let price = u128::try_from(price.0).unwrap_or(0);
	remainder(haircut).mul_floor(cash(mul_div(amount, price, unit, Rounding::Down)?)?)
}

/// How many tokens count for at least `value` as security: the least `amount` with a [`secured_value_floor`] of it.
///
/// # Errors
/// The price is not positive, the haircut leaves nothing, or there are no so many tokens.
pub fn securing_amount_ceil(value: Cash, unit: u128, price: Price, haircut: Ppm) -> Result<u128, ArithmeticError> {
	let price = u128::try_from(price.0).map_err(|_| ArithmeticError::Underflow)?;
	let gross = mul_div(natural(value)?, Ppm::PARTS.into(), remainder(haircut).0.into(), Rounding::Up)?;
	mul_div(gross, unit, price, Rounding::Up)
}

fn remainder(haircut: Ppm) -> Ppm {
	Ppm(Ppm::PARTS.saturating_sub(haircut.0))
}

/// The price in a falling-price (Dutch) auction: from `first` down by `discount` of it at a constant pace over
/// `period`, rounded up; there it stays. Never less than one.
///
/// # Errors
/// The first price is negative, or the period is zero.
pub fn falling_price(first: Price, discount: Ppm, elapsed: u64, period: u64) -> Result<Price, ArithmeticError> {
	let deepest = natural(discount.mul_floor(Cash(first.0.into()))?)?;
	let fallen = mul_div(deepest, elapsed.min(period).into(), period.into(), Rounding::Down)?;
	let fallen = i64::try_from(fallen).map_err(|_| ArithmeticError::Overflow)?;
	Ok(first.checked_sub(Price(fallen))?.max(Price(1)))
}

/// What `amount` tokens cost at a price per `unit` of them, rounded up.
///
/// # Errors
/// The price is negative, the unit is zero, or the cost does not fit.
pub fn cost_ceil(amount: u128, unit: u128, price: Price) -> Result<Cash, ArithmeticError> {
	let price = u128::try_from(price.0).map_err(|_| ArithmeticError::Underflow)?;
	cash(mul_div(amount, price, unit, Rounding::Up)?)
}

#[cfg(test)]
mod tests;
