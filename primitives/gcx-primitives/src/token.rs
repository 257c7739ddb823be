//! What trading costs, and what the keeper of the chain's token is told by those who trade, clear, examine and deliver.

use crate::{Cash, Ppm, Role};
use sp_arithmetic::ArithmeticError;

/// What a party to a trade will pay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FeeQuote {
	/// What the trade counts for, without a sign.
	pub notional: Cash,
	/// The fee in the settlement asset, rounded up. What an order allows is compared with this, whatever it is paid in.
	pub full: Cash,
	/// What the margin account pays of it: all, or nothing if the fee is paid in tokens.
	pub cash: Cash,
	/// What is paid in tokens instead, in their smallest unit, and what that was worth.
	pub tokens: Option<(u128, Cash)>,
}

impl FeeQuote {
	/// A fee in the settlement asset.
	pub const fn in_cash(notional: Cash, fee: Cash) -> Self {
		Self { notional, full: fee, cash: fee, tokens: None }
	}

	/// What is paid, in the settlement asset: less than the fee if it is paid in tokens at a discount.
	pub fn worth(&self) -> Cash {
		self.tokens.map_or(self.cash, |(_, worth)| worth)
	}
}

/// What trading costs. A value of it is the fees of one call: what it reads of an account is read once, and what the call's first
/// trades change counts for the next ones.
pub trait TradingFees<AccountId>: Sized {
	/// Begins. There must not be two at a time.
	fn open() -> Self;

	/// The fee of a party to a trade that counts for `notional` (not negative). Nothing changes.
	///
	/// # Errors
	/// `Overflow` if the fee is beyond the type.
	fn quote(&mut self, payer: &AccountId, role: Role, notional: Cash) -> Result<FeeQuote, ArithmeticError>;

	/// The trade was taken over: it counts, and tokens are paid. Nothing else may have happened since the quote.
	fn charge(&mut self, payer: &AccountId, quote: &FeeQuote);

	/// Writes what the trades changed.
	fn close(self);
}

/// Who is told that the fees of a guarantor's customers, or of its house, have arrived where fees go.
pub trait FeesCollected<AccountId> {
	/// So much has arrived: more than nothing.
	fn collected(guarantor: &AccountId, amount: Cash);
}

impl<AccountId> FeesCollected<AccountId> for () {
	fn collected(_: &AccountId, _: Cash) {}
}

/// What burns of slashes.
pub trait PerformanceBurn<Credit> {
	/// The share that burns of what is left of a slash once the injured are whole.
	fn share() -> Ppm;

	/// Burns tokens for good, and counts them.
	fn burn(tokens: Credit);
}

/// Nothing burns of slashes, and what is burnt all the same is not counted.
impl<Credit> PerformanceBurn<Credit> for () {
	fn share() -> Ppm {
		Ppm::ZERO
	}

	fn burn(tokens: Credit) {
		drop(tokens);
	}
}

/// Who is told what earns rewards.
pub trait OnPerformance<AccountId> {
	/// An attestor found in a round what the quorum did.
	fn attested(attestor: &AccountId);

	/// A provider delivered compute that was sold at `value`, with so good a grade: at most the whole counts.
	fn delivered(provider: &AccountId, value: Cash, factor: Ppm);
}

impl<AccountId> OnPerformance<AccountId> for () {
	fn attested(_: &AccountId) {}

	fn delivered(_: &AccountId, _: Cash, _: Ppm) {}
}

/// Who has a seat on the exchange.
pub trait SeatHolders<AccountId> {
	/// Whether this account does.
	fn has_seat(who: &AccountId) -> bool;
}

/// Who turns tokens into the settlement asset for the insurance pool.
pub trait TokenIncome<Credit> {
	/// Puts tokens up for sale, whose proceeds are the pool's income.
	///
	/// # Errors
	/// They come back if they cannot be sold.
	fn sell_income(tokens: Credit) -> Result<(), Credit>;
}

impl<Credit> TokenIncome<Credit> for () {
	fn sell_income(tokens: Credit) -> Result<(), Credit> {
		Err(tokens)
	}
}
