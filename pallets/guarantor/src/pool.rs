//! The arithmetic of shared stake, without storage: shares of a pool, and an amount divided pro rata.
//!
//! A pool counts its stake itself. What its account holds beyond that, say because somebody sent it money, is nobody's
//! share: the price of a share cannot be moved from outside.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Ppm};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, traits::AtLeast32BitUnsigned, Rounding};

/// `amount · numerator / denominator`, in full precision, rounded as named.
pub(crate) fn mul_div<Balance: AtLeast32BitUnsigned + Copy>(
	amount: Balance,
	numerator: Balance,
	denominator: Balance,
	rounding: Rounding,
) -> Result<Balance, ArithmeticError> {
	let wide = |balance: Balance| balance.try_into().map_err(|_| ArithmeticError::Overflow);
	let (amount, numerator, denominator): (u128, u128, u128) = (wide(amount)?, wide(numerator)?, wide(denominator)?);
	if denominator == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	multiply_by_rational_with_rounding(amount, numerator, denominator, rounding)
		.and_then(|product| Balance::try_from(product).ok())
		.ok_or(ArithmeticError::Overflow)
}

/// `amount · rate`, rounded down.
pub(crate) fn rate_floor<Balance: AtLeast32BitUnsigned + Copy>(
	rate: Ppm,
	amount: Balance,
) -> Result<Balance, ArithmeticError> {
	mul_div(amount, rate.0.into(), Ppm::PARTS.into(), Rounding::Down)
}

/// Stake that many share. A share's worth rises with rewards and falls with slashes, for all alike and in one step.
///
/// Roundings go to those who stay: who joins gets its shares rounded down, who leaves its stake.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SharePool<Balance> {
	/// Counts how often all of the stake was slashed. Shares of an earlier series are worth nothing.
	pub series: u32,
	/// The stake, in the token's smallest unit. Zero only if there are no shares.
	pub stake: Balance,
	/// The shares of this series.
	pub shares: Balance,
}

impl<Balance: AtLeast32BitUnsigned + Copy> SharePool<Balance> {
	/// What so many shares are worth, rounded down.
	///
	/// # Errors
	/// `DivisionByZero` if there are none.
	pub fn value_of(&self, shares: Balance) -> Result<Balance, ArithmeticError> {
		mul_div(shares, self.stake, self.shares, Rounding::Down)
	}

	/// How many shares so much stake buys, rounded down. The first buys one for each unit.
	///
	/// # Errors
	/// `Overflow` where a share is worth so little that they cannot be counted.
	pub fn shares_for(&self, stake: Balance) -> Result<Balance, ArithmeticError> {
		if self.shares.is_zero() {
			return Ok(stake);
		}
		mul_div(stake, self.shares, self.stake, Rounding::Down)
	}

	/// Adds stake and returns its shares, rounded down.
	///
	/// # Errors
	/// As [`SharePool::shares_for`]; nothing changes then.
	pub fn join(&mut self, stake: Balance) -> Result<Balance, ArithmeticError> {
		let shares = self.shares_for(stake)?;
		let all_shares = self.shares.checked_add(&shares).ok_or(ArithmeticError::Overflow)?;
		self.stake = self.stake.checked_add(&stake).ok_or(ArithmeticError::Overflow)?;
		self.shares = all_shares;
		Ok(shares)
	}

	/// Gives shares back and returns their stake, rounded down; the last shares get all of it.
	///
	/// # Errors
	/// `Underflow` if there are not so many shares; nothing changes then.
	pub fn leave(&mut self, shares: Balance) -> Result<Balance, ArithmeticError> {
		let left = self.shares.checked_sub(&shares).ok_or(ArithmeticError::Underflow)?;
		if shares.is_zero() {
			return Ok(shares);
		}
		let stake = self.value_of(shares)?;
		self.stake = self.stake.checked_sub(&stake).ok_or(ArithmeticError::Underflow)?;
		self.shares = left;
		Ok(stake)
	}

	/// Makes every share worth more.
	///
	/// # Errors
	/// `DivisionByZero` if there are no shares, `Overflow` if the sum does not fit; nothing changes then.
	pub fn raise(&mut self, stake: Balance) -> Result<(), ArithmeticError> {
		if self.shares.is_zero() {
			return Err(ArithmeticError::DivisionByZero);
		}
		self.stake = self.stake.checked_add(&stake).ok_or(ArithmeticError::Overflow)?;
		Ok(())
	}

	/// Begins a new series if all stake is gone.
	fn end_series_if_empty(&mut self) {
		if self.stake.is_zero() && !self.shares.is_zero() {
			// So many total losses do not happen; were the counter full, shares would come back worthless.
			self.series = self.series.wrapping_add(1);
			self.shares = Balance::zero();
		}
	}
}

/// An amount that several parts of a whole bear pro rata. Each takes its part rounded up, while there is any, so that
/// the first bear the roundings and all together bear exactly the amount.
pub(crate) struct ProRata<Balance> {
	/// What is still to be taken. At most the whole.
	due: Balance,
	/// The parts that are still to bear it.
	whole: Balance,
}

impl<Balance: AtLeast32BitUnsigned + Copy> ProRata<Balance> {
	/// `amount` of a whole, or all of it if that is less.
	pub fn of(amount: Balance, whole: Balance) -> Self {
		Self { due: amount.min(whole), whole }
	}

	/// Takes from one part what it has to bear, and returns it.
	///
	/// # Errors
	/// `Underflow` if the parts are more than the whole.
	pub fn take(&mut self, part: &mut Balance) -> Result<Balance, ArithmeticError> {
		if part.is_zero() || self.due.is_zero() {
			self.whole = self.whole.checked_sub(part).ok_or(ArithmeticError::Underflow)?;
			return Ok(Balance::zero());
		}
		let took = mul_div(self.due, *part, self.whole, Rounding::Up)?;
		self.whole = self.whole.checked_sub(part).ok_or(ArithmeticError::Underflow)?;
		self.due = self.due.checked_sub(&took).ok_or(ArithmeticError::Underflow)?;
		*part = part.checked_sub(&took).ok_or(ArithmeticError::Underflow)?;
		Ok(took)
	}

	/// As [`ProRata::take`], from a pool, whose shares are worth less for it.
	pub fn take_from_pool(&mut self, pool: &mut SharePool<Balance>) -> Result<Balance, ArithmeticError> {
		let took = self.take(&mut pool.stake)?;
		pool.end_series_if_empty();
		Ok(took)
	}
}
