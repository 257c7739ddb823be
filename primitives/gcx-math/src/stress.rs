//! What a portfolio would lose in extreme but plausible conditions: what the default fund is measured by.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 4, key consideration 4 (Cover 2),
//! and *Resilience of central counterparties: further guidance* (2017), section 4, on stress beyond margin's own moves.

use crate::margin::{concentration_ceil, Holding, MarginParameters};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, ClassId, Price};
use scale_info::TypeInfo;

/// Scan ranges that every price moves by. The whole move counts, where margin's extreme scenarios count a third.
pub const STRESS_RANGES: i64 = 3;

/// What a portfolio loses when every price rises or falls by [`STRESS_RANGES`] scan ranges at once, with what closing it out
/// costs. Neither is negative.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Stress {
	/// The loss when every price rises.
	pub up: Cash,
	/// The loss when every price falls.
	pub down: Cash,
}

impl Stress {
	/// What of each loss exceeds the resources that stand before it, at least nothing. Negative resources are a debt: the
	/// loss is more by them.
	///
	/// # Errors
	/// `Underflow` if a figure is beyond the exchange's bounds.
	pub fn beyond(&self, resources: Cash) -> Result<Self, ArithmeticError> {
		let beyond = |loss: Cash| Ok(loss.checked_sub(resources)?.max(Cash::ZERO));
		Ok(Self { up: beyond(self.up)?, down: beyond(self.down)? })
	}

	/// The larger loss.
	pub fn max(&self) -> Cash {
		self.up.max(self.down)
	}
}

/// The stressed losses of a portfolio: over its classes the sum of `max(0, ∓Σ lots · multiplier · 3 · range)` when prices rise or
/// fall, and on both sides its concentration charge. Exact but for the charge, which is rounded up.
///
/// As in margin, classes add up: a gain in one does not offset a loss in another. The holdings come in any order, each
/// instrument at most once. A portfolio without lots loses nothing.
///
/// # Errors
/// `Overflow` if a figure is beyond the exchange's bounds.
pub fn stressed_losses(holdings: &[Holding], parameters: &MarginParameters) -> Result<Stress, ArithmeticError> {
	let mut gains: Vec<(ClassId, Cash)> = Vec::new();
	let mut concentration = Cash::ZERO;
	for holding in holdings {
		let rise = holding.risk.range.get().checked_mul(STRESS_RANGES).ok_or(ArithmeticError::Overflow)?;
		let gain = holding.lots.value(holding.risk.multiplier, Price(rise))?;
		let class = holding.risk.group.class;
		match gains.iter_mut().find(|(known, _)| *known == class) {
			Some((_, sum)) => *sum = sum.checked_add(gain)?,
			None => gains.push((class, gain)),
		}
		concentration = concentration.checked_add(concentration_ceil(holding, parameters)?)?;
	}
	let mut stress = Stress { up: concentration, down: concentration };
	for (_, gain) in gains {
		stress.up = stress.up.checked_add(gain.checked_neg()?.max(Cash::ZERO))?;
		stress.down = stress.down.checked_add(gain.max(Cash::ZERO))?;
	}
	Ok(stress)
}

#[cfg(test)]
mod tests;
