//! What an account's positions require, and what it has to meet it.

use crate::{
	books::{BookError, Books},
	types::{AccountKeyOf, MarginAccountOf},
	Config, Owner,
};
use alloc::vec::Vec;
use gcx_math::{
	margin::{Holding, Requirement},
	stress::{stressed_losses, Stress},
};
use gcx_primitives::{ArithmeticError, Cash, Ppm, SegmentSide};

/// An account's positions at mark, and what they require.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
	/// What the positions require, by parts.
	pub requirement: Requirement,
	/// Cash; of a house, less what it advanced to its customers.
	pub cash: Cash,
	/// What collateral counts for.
	pub collateral: Cash,
	/// Both, with what the positions gained or lost since the last settlement price.
	pub equity: Cash,
	/// What the losing ones among them lost. Not positive.
	pub losses: Cash,
	/// Whether every one has a mark.
	pub is_fresh: bool,
	/// What they would lose under stress.
	pub stress: Stress,
}

impl Standing {
	/// Initial margin with a guarantor's multiplier.
	pub fn initial(&self, multiplier: Ppm) -> Result<Cash, ArithmeticError> {
		self.requirement.initial(multiplier)
	}

	/// How much initial margin exceeds equity; negative if it does not.
	pub fn shortfall(&self, multiplier: Ppm) -> Result<Cash, ArithmeticError> {
		self.initial(multiplier)?.checked_sub(self.equity)
	}
}

impl<T: Config> Books<T> {
	/// How an account stands. The owner's figures include it.
	pub(crate) fn standing(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
		owner: &Owner,
	) -> Result<Standing, BookError> {
		let covers = self.covers(key, account)?;
		let mut holdings = Vec::with_capacity(account.positions.len());
		let (mut unrealised, mut losses, mut is_fresh) = (Cash::ZERO, Cash::ZERO, true);
		for (position, covered_lots) in account.positions.iter().zip(covers) {
			let instrument = self.instrument_on_the_table(position.instrument)?;
			holdings.push(Holding {
				risk: &instrument.risk,
				lots: position.lots,
				owner_lots: owner.gross(position.instrument),
				covered_lots,
			});
			let gain = instrument.unrealised(position.lots, position.basis)?;
			unrealised = unrealised.checked_add(gain)?;
			losses = losses.checked_add(gain.min(Cash::ZERO))?;
			is_fresh &= instrument.mark.is_some();
		}
		let requirement = Requirement::of(&holdings, &self.parameters.margin)?;
		let stress = stressed_losses(&holdings, &self.parameters.margin)?;
		let cash = match account.segment.side {
			SegmentSide::Customers => account.cash,
			SegmentSide::House => account.cash.checked_sub(self.ledger(&account.segment).given)?,
		};
		let collateral = self.collateral_value(account)?;
		let equity = Cash::checked_sum([cash, unrealised, collateral])?;
		Ok(Standing { requirement, cash, collateral, equity, losses, is_fresh, stress })
	}

	/// What an account that stands so has beyond what it needs, or lacks if negative: of its paid cash what is left of the share
	/// of initial margin that has to be cash; of that with its collateral what is left of unrealised losses and full initial
	/// margin. The smaller counts. Unrealised gains do not count, nor do trades that no run has paid.
	pub(crate) fn excess(
		&self,
		account: &MarginAccountOf<T>,
		standing: &Standing,
		multiplier: Ppm,
	) -> Result<Cash, ArithmeticError> {
		// What a house advanced is not there either.
		let advanced = account.cash.checked_sub(standing.cash)?;
		let paid = account.paid(self.settlements.current)?.checked_sub(advanced)?;
		let initial = standing.initial(multiplier)?;
		let by_cash = paid.checked_sub(self.parameters.min_cash.mul_ceil(initial)?)?;
		let by_equity = Cash::checked_sum([paid, standing.losses, standing.collateral])?.checked_sub(initial)?;
		Ok(by_cash.min(by_equity))
	}
}
