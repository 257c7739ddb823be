//! What a simulation brings: a record of each era and of each year.

use crate::demand::Demand;
use gcx_primitives::{Cash, Price};
use pallet_token::{Burned, ByRole};

/// What kept the issue of an era from being larger.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bound {
	/// The token had no fresh price.
	NoPrice,
	/// Fees were no more than those of the best era before.
	NoGrowth,
	/// The share of the growth of fees.
	Growth,
	/// What fees burned in the era.
	Burn,
	/// What was left of the year's cap.
	Cap,
}

impl Bound {
	/// What it is called in tables.
	pub const fn name(self) -> &'static str {
		match self {
			Self::NoPrice => "no price",
			Self::NoGrowth => "no growth",
			Self::Growth => "growth",
			Self::Burn => "burn",
			Self::Cap => "cap",
		}
	}
}

/// A day that is over. Tokens are in their smallest unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EraRecord {
	/// Days before it.
	pub day: u32,
	/// What its trades count for.
	pub notional: Cash,
	/// Fees net of rebates.
	pub fees: Cash,
	/// The most of them that an era before it had.
	pub best: Cash,
	/// The price of GCX at its end.
	pub price: Price,
	/// Tokens that fees burned.
	pub burned: u128,
	/// Tokens that could have been issued.
	pub issuable: u128,
	/// Tokens that were.
	pub issued: u128,
	/// What bound the issue.
	pub bound: Bound,
	/// Tokens of fees that are rewards.
	pub of_fees: u128,
	/// Rewards that each role shares.
	pub rewards: ByRole<u128>,
	/// The reward of operators is what the value of their deliveries allows, and not their share.
	pub operators_capped: bool,
	/// Tokens that there are after it.
	pub supply: u128,
	/// Tokens that burned since genesis, by what for.
	pub burned_ever: Burned,
}

/// Tokens, and what they were worth when they came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Valued {
	/// Tokens.
	pub tokens: u128,
	/// Dollars.
	pub worth: Cash,
}

/// What was counted beside the chain, in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
	/// What trades count for.
	pub notional: Cash,
	/// What both parties' sides of them count for.
	pub sides: Cash,
	/// Of those, the sides of parties with a seat.
	pub seated: Cash,
	/// What fees were worth, rebates among them.
	pub fees: Cash,
	/// Of those, fees that were paid in tokens.
	pub in_tokens: Cash,
	/// Of the chain's own fees, what validators have.
	pub to_authors: Valued,
	/// New tokens.
	pub issued: Valued,
	/// Rewards, new tokens among them.
	pub rewards: ByRole<Valued>,
	/// Seats that were bought of the exchange.
	pub seats_bought: u32,
	/// Seats that were given back.
	pub seats_surrendered: u32,
	/// Fees that came in the settlement asset though tokens were chosen.
	pub fallbacks: u32,
}

/// A year that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearRecord {
	/// Its number, from one on.
	pub year: u32,
	/// What was counted.
	pub tally: Tally,
	/// The price of GCX at its end.
	pub price: Price,
	/// Tokens at its end.
	pub supply: u128,
	/// Tokens that were burned in it, by what for.
	pub burned: Burned,
	/// What came to the insurance pool: fees, and the price of tokens sold for it.
	pub to_pool: Cash,
	/// Dollars that came to the treasury.
	pub to_treasury: Cash,
	/// Tokens that came to the treasury: of fees, and of slashes.
	pub tokens_to_treasury: u128,
	/// Dollars of fees that were to buy tokens.
	pub for_buy_back: Cash,
	/// Dollars that bought them.
	pub bought_back: Cash,
	/// Seats at its end.
	pub seats: u32,
	/// What is held for them.
	pub seat_stakes: u128,
}

/// A path, simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
	/// The path.
	pub demand: Demand,
	/// The share of the notional of those who chose to pay in tokens.
	pub in_tokens: f64,
	/// Its days.
	pub eras: Vec<EraRecord>,
	/// Its years.
	pub years: Vec<YearRecord>,
}

/// How the burn of a kind is called, and where its figure is.
pub type BurnKind = (&'static str, fn(&Burned) -> u128);

/// The kinds of burn.
pub const BURN_KINDS: [BurnKind; 7] = [
	("fees of trades", |burned| burned.trading),
	("bought back", |burned| burned.bought_back),
	("fees of the chain", |burned| burned.chain),
	("performance", |burned| burned.performance),
	("seats", |burned| burned.seats),
	("unclaimed rewards", |burned| burned.unclaimed),
	("dust", |burned| burned.dust),
];

/// How the rewards of a role are called, and where their figure is.
pub type RoleOf<V> = (&'static str, fn(&ByRole<V>) -> V);

/// The roles.
pub const fn roles<V: Copy>() -> [RoleOf<V>; 4] {
	[
		("validators", |all| all.validators),
		("attestors", |all| all.attestors),
		("operators", |all| all.operators),
		("traders", |all| all.traders),
	]
}

/// What burned since an earlier state.
pub fn burned_since(now: &Burned, before: &Burned) -> Burned {
	let since = |kind: fn(&Burned) -> u128| kind(now).saturating_sub(kind(before));
	let [trading, bought_back, chain, performance, seats, unclaimed, dust] = BURN_KINDS.map(|(_, kind)| since(kind));
	Burned { trading, bought_back, chain, performance, seats, unclaimed, dust }
}
