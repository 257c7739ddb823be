//! What of an account is for sale: what lowers its requirement most, and the least of it that restores initial margin. That is one
//! position, or a slice of all where no single one does. Who has margin and lacks cash only sells collateral.

use crate::{
	books::Books,
	margin::Standing,
	trades::{Change, Leg},
	types::{AccountKeyOf, MarginAccountOf},
	Config, MarginAccount,
};
use alloc::{vec, vec::Vec};
use gcx_primitives::{ArithmeticError, Cash, CollateralId, InstrumentId, Lots, Ppm, Price, Refusal};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// What of an account is for sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
	/// Lots as the account has them, of each instrument at most once.
	Positions(Vec<(InstrumentId, Lots)>),
	/// An amount of collateral, in the asset's smallest unit.
	Collateral(CollateralId, u128),
	/// There is nothing that helps.
	Nothing,
}

impl<T: Config> Books<T> {
	/// An account without some of its lots, at mark and after the largest penalty.
	fn without(&mut self, key: &AccountKeyOf<T>, lots: &[(InstrumentId, Lots)]) -> Result<Change<T>, Refusal> {
		let legs = self.legs(lots, &[])?;
		let cost = self.parameters.max_penalty.mul_ceil(self.value_at_mark(lots)?)?;
		let legs: Result<Vec<_>, _> = legs.into_iter().map(Leg::opposite).collect();
		self.change(key, &legs?, cost)
	}

	/// Lots as legs of who takes them, each so far from the mark that it is better for the taker.
	pub(crate) fn legs(&mut self, lots: &[(InstrumentId, Lots)], widths: &[i64]) -> Result<Vec<Leg>, Refusal> {
		let mut legs = Vec::with_capacity(lots.len());
		for (index, (instrument, lots)) in lots.iter().enumerate() {
			let mark = self.instrument(*instrument)?.risk.mark;
			let width = Price(widths.get(index).copied().unwrap_or(0));
			let price = if *lots > Lots::ZERO { mark.checked_sub(width)? } else { mark.checked_add(width)? };
			legs.push(Leg { instrument: *instrument, lots: *lots, price });
		}
		Ok(legs)
	}

	/// What lots are worth at mark, without sign.
	pub(crate) fn value_at_mark(&mut self, lots: &[(InstrumentId, Lots)]) -> Result<Cash, Refusal> {
		let mut sum = Cash::ZERO;
		for (instrument, lots) in lots {
			let instrument = self.instrument(*instrument)?;
			let size = instrument.size()?;
			sum = sum.checked_add(lots.checked_abs()?.value(instrument.terms.multiplier, size)?)?;
		}
		Ok(sum)
	}

	/// What of an account is for sale now.
	pub(crate) fn offer(&mut self, key: &AccountKeyOf<T>) -> Result<Offer, Refusal> {
		let account = self.account(key)?.ok_or(Refusal::UnknownAccount)?;
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, &account, &owner)?;
		let required = standing.requirement.total()?;
		let closes = self.is_closing_out(&account.segment.guarantor);
		if closes && !account.positions.is_empty() {
			return Ok(Offer::Positions(slice(&account, SLICES)?));
		}
		if account.positions.is_empty() || standing.equity >= required {
			return self.offer_for_cash(&account);
		}
		let mut best: Option<(InstrumentId, Lots, Cash)> = None;
		for position in &account.positions {
			let left = self.without(key, &[(position.instrument, position.lots)])?.standing.requirement.total()?;
			let lowest = best.map_or(required, |(_, _, least)| least);
			if left < lowest {
				best = Some((position.instrument, position.lots, left));
			}
		}
		match best {
			Some((instrument, lots, _)) => {
				let most = lots.0.unsigned_abs();
				let part = |count: u64| {
					let count = i64::try_from(count).map_err(|_| ArithmeticError::Overflow)?;
					Ok(vec![(instrument, Lots(count.checked_mul(lots.0.signum()).ok_or(ArithmeticError::Overflow)?))])
				};
				Ok(Offer::Positions(part(self.least_that_helps(key, most, &part)?)?))
			},
			None => {
				let part = |share: u64| slice(&account, share);
				Ok(Offer::Positions(part(self.least_that_helps(key, SLICES, &part)?)?))
			},
		}
	}

	/// The least of `1..=most` parts without which the account has initial margin; `most` if it has not even then. Found by
	/// halving: what helps is tried, so that the answer helps if `most` does.
	fn least_that_helps(
		&mut self,
		key: &AccountKeyOf<T>,
		most: u64,
		part: &dyn Fn(u64) -> Result<Vec<(InstrumentId, Lots)>, Refusal>,
	) -> Result<u64, Refusal> {
		let (mut too_little, mut helps) = (0, most);
		if !self.helps(key, &part(most)?)? {
			return Ok(most);
		}
		while helps.saturating_sub(too_little) > 1 {
			let middle = too_little.midpoint(helps);
			if self.helps(key, &part(middle)?)? {
				helps = middle;
			} else {
				too_little = middle;
			}
		}
		Ok(helps)
	}

	fn helps(&mut self, key: &AccountKeyOf<T>, lots: &[(InstrumentId, Lots)]) -> Result<bool, Refusal> {
		let Standing { equity, requirement, .. } = self.without(key, lots)?.standing;
		Ok(equity >= requirement.total()?)
	}

	/// What an account with margin sells for the cash that it lacks: collateral, the most valuable first; without any, the position
	/// that gained most since the last run.
	fn offer_for_cash(&mut self, account: &MarginAccountOf<T>) -> Result<Offer, Refusal> {
		if account.gap().is_zero() {
			return Ok(Offer::Nothing);
		}
		if let Some((id, amount)) = self.collateral_for_cash(account)? {
			return Ok(Offer::Collateral(id, amount));
		}
		let mut gainer: Option<(InstrumentId, Lots, Cash)> = None;
		for position in &account.positions {
			let gain = self.instrument(position.instrument)?.unrealised(position.lots, position.basis)?;
			if gain > gainer.map_or(Cash::ZERO, |(.., most)| most) {
				gainer = Some((position.instrument, position.lots, gain));
			}
		}
		Ok(gainer.map_or(Offer::Nothing, |(instrument, lots, _)| Offer::Positions(vec![(instrument, lots)])))
	}

	/// How much of an account's most valuable collateral counts for what it owes; none if it owes nothing or has none.
	pub(crate) fn collateral_for_cash(
		&mut self,
		account: &MarginAccountOf<T>,
	) -> Result<Option<(CollateralId, u128)>, Refusal> {
		let gap = account.gap();
		let mut best: Option<(CollateralId, u128, Cash)> = None;
		for line in &account.collateral {
			let value = self.line_value(line)?;
			if value > best.map_or(Cash::ZERO, |(.., most)| most) {
				best = Some((line.id, line.amount, value));
			}
		}
		let Some((id, held, value)) = best.filter(|_| !gap.is_zero()) else { return Ok(None) };
		let needed =
			multiply_by_rational_with_rounding(held, gap.0.unsigned_abs(), value.0.unsigned_abs(), Rounding::Up);
		Ok(Some((id, needed.map_or(held, |needed| needed.min(held)))))
	}
}

/// Parts of a portfolio that is taken in slices.
pub(crate) const SLICES: u64 = 1_000;

/// So many thousandths of every position, rounded up.
pub(crate) fn slice<A>(account: &MarginAccount<A>, share: u64) -> Result<Vec<(InstrumentId, Lots)>, Refusal> {
	let share = Ppm(u32::try_from(share.saturating_mul(1_000)).map_err(|_| Refusal::OutOfBounds)?);
	let lots: Vec<_> = account.positions.iter().map(|position| (position.instrument, position.lots)).collect();
	Ok(parts(&lots, share)?)
}

/// A part of each, rounded up.
pub(crate) fn parts(lots: &[(InstrumentId, Lots)], part: Ppm) -> Result<Vec<(InstrumentId, Lots)>, ArithmeticError> {
	let part = |lots: Lots| {
		let size = part.mul_ceil(Cash(lots.checked_abs()?.0.into()))?;
		let size = i64::try_from(size.0).map_err(|_| ArithmeticError::Overflow)?;
		Ok(Lots(size.checked_mul(lots.0.signum()).ok_or(ArithmeticError::Overflow)?))
	};
	lots.iter().map(|(instrument, lots)| Ok((*instrument, part(*lots)?))).collect()
}
