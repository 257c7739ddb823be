//! What validators, attestors and operators do, what they are slashed for, and what they claim.

use crate::{
	chain::{attempted, free, fund_with_tokens, taken, AccountId, Runtime, RuntimeOrigin, Token, GUARANTORS, MARKET},
	error::Error,
	people::{ATTESTORS, OPERATORS, VALIDATORS},
	simulation::{Simulation, BLOCKS},
	units::{self, DAYS_PER_YEAR, GCX},
};
use frame_support::traits::OnUnbalanced;
use gcx_primitives::{OnPerformance, Ppm};
use pallet_token::{Error as Refusal, RewardRole, Slashed};

/// Blocks between two rounds of attestation.
const ROUND: u32 = 2;
/// The probability that an attestor finds what the quorum does.
const FINDS: f64 = 0.95;
/// The share of the notional that is delivered.
pub(crate) const DELIVERED: f64 = 0.05;
/// The worst factor of a grade; the best is the whole.
const WORST_GRADE: f64 = 0.8;
/// Slashes of operators in a year, and what one takes.
const SLASHES: f64 = 4.0;
const SLASH: u128 = 500 * GCX;
/// The probability that somebody claims on a day.
const CLAIMS: f64 = 0.1;

impl Simulation<'_> {
	/// The work of a block: a round of attestation now and then, and the day's deliveries at its end.
	pub(crate) fn do_work(&mut self, block: u32, notional: f64) -> Result<(), Error> {
		if block.is_multiple_of(ROUND) {
			for attestor in ATTESTORS {
				if self.work.happens(FINDS) {
					Token::attested(&attestor);
				}
			}
		}
		if block + 1 < BLOCKS {
			return Ok(());
		}
		for (operator, part) in OPERATORS {
			let grade = WORST_GRADE + (1.0 - WORST_GRADE) * self.work.uniform();
			let factor = Ppm((grade * f64::from(Ppm::PARTS)) as u32);
			Token::delivered(&operator, units::cash(notional * DELIVERED * part), factor);
		}
		self.slash()
	}

	fn slash(&mut self) -> Result<(), Error> {
		let (slashed, at) = (self.work.happens(SLASHES / f64::from(DAYS_PER_YEAR)), self.work.one_of(OPERATORS.len()));
		if let Some((operator, _)) = OPERATORS.get(at).filter(|_| slashed) {
			fund_with_tokens(*operator, SLASH, 0)?;
			Slashed::<Runtime>::on_unbalanced(taken(*operator, SLASH.min(free(*operator)))?);
		}
		Ok(())
	}

	/// Some claim what they earned.
	pub(crate) fn claim(&mut self) -> Result<(), Error> {
		let traders: Vec<_> = self.traders.iter().map(|trader| trader.who).collect();
		let earners: [(RewardRole, Vec<AccountId>); 4] = [
			(RewardRole::Validator, VALIDATORS.to_vec()),
			(RewardRole::Attestor, ATTESTORS.to_vec()),
			(RewardRole::Operator, OPERATORS.map(|(who, _)| who).to_vec()),
			(RewardRole::Trader, traders),
		];
		for (role, all) in earners {
			for who in all {
				if self.work.happens(CLAIMS) {
					let paid = Token::claim(RuntimeOrigin::signed(MARKET), role, who);
					attempted("pay a reward", paid, [Refusal::NothingToClaim])?;
				}
			}
		}
		for guarantor in GUARANTORS {
			if self.work.happens(CLAIMS) {
				let paid = Token::claim_rebate(RuntimeOrigin::signed(MARKET), guarantor);
				attempted("pay a rebate", paid, [Refusal::NothingToClaim])?;
			}
		}
		Ok(())
	}
}
