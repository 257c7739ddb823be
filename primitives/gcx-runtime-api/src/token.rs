//! What clients see of the token: how much there is and why, what trading costs an account, what it earned, and seats.

use crate::Amount;
use codec::{Codec, Decode, Encode};
use gcx_primitives::{Cash, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Tokens that were burned, by what for.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct BurnedView {
	/// Of fees of trades that were paid in tokens.
	pub trading: Amount,
	/// Bought by fees of trades that were paid in the settlement asset.
	pub bought_back: Amount,
	/// Of the chain's own fees.
	pub chain: Amount,
	/// For bad performance: of slashes, and of bonds.
	pub performance: Amount,
	/// Of seats that changed hands.
	pub seats: Amount,
	/// Rewards that nobody claimed.
	pub unclaimed: Amount,
	/// Balances too small to be kept.
	pub dust: Amount,
	/// By their holders.
	pub other: Amount,
}

/// The era that is going on.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct EraView {
	/// Its number.
	pub era: u32,
	/// When it ends, in milliseconds since the Unix epoch.
	pub ends: u64,
	/// Its fees net of rebates so far, in the settlement asset.
	pub fees: Cash,
	/// The most that an era before it had.
	pub best: Cash,
	/// How far it is beyond that: only what has grown lets tokens be issued.
	pub growth: Cash,
}

/// The token as a whole, in its smallest unit: `genesis + issued = issuance + all that burned`.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
	/// Tokens that there were as the chain began.
	pub genesis: Amount,
	/// Tokens that were issued since.
	pub issued: Amount,
	/// Tokens that were burned since.
	pub burned: BurnedView,
	/// Tokens that there are.
	pub issuance: Amount,
	/// Of those, what is on hold of its owners, for whatever reason.
	pub held: Amount,
	/// Of what is held, and of what is delegated: what answers for validators, reporters, attestors, guarantors, providers and
	/// venues.
	pub staked: Amount,
	/// What may still be issued this year.
	pub cap_left: Amount,
	/// What a token costs in millionths of the settlement asset, if that is known and fresh.
	pub price: Option<Price>,
	/// The era that is going on.
	pub era: EraView,
}

/// What trading costs.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct TierView {
	/// The volume of 30 days above which these rates are paid.
	pub from: Cash,
	/// In millionths of what is traded, by the party whose order waited.
	pub maker: Ppm,
	/// In millionths of what is traded, by the party whose order met it.
	pub taker: Ppm,
}

/// What trading costs an account.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct FeesView {
	/// What it traded in 30 days.
	pub volume: Cash,
	/// Its tier, from zero on.
	pub tier: u32,
	/// What that costs.
	pub rates: TierView,
	/// The tier after it, if there is one.
	pub next: Option<TierView>,
	/// Whether it has a seat: then its tier is the last one, whatever it trades.
	pub has_seat: bool,
	/// Whether it pays in tokens, as long as it has them and they have a price.
	pub pays_in_tokens: bool,
	/// What fees are less then, in millionths.
	pub discount: Ppm,
}

/// What an account can claim, in the token's smallest unit if nothing else is said.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct RewardsView {
	/// For blocks that it made.
	pub validator: Amount,
	/// For rounds of its attestors.
	pub attestor: Amount,
	/// For compute that it delivered.
	pub operator: Amount,
	/// For fees that it paid.
	pub trader: Amount,
	/// As a guarantor: its share of the fees of those it stands behind that were paid in tokens.
	pub rebate: Amount,
	/// And of those that were paid in the settlement asset.
	pub cash_rebate: Cash,
}

/// Seats on the exchange.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct SeatsView {
	/// How many there are.
	pub count: u32,
	/// How many have a holder.
	pub taken: u32,
	/// What the next one costs now, in the token's smallest unit; none if there is none.
	pub price: Option<Amount>,
}

sp_api::decl_runtime_apis! {
	/// The token.
	pub trait TokenApi<AccountId> where AccountId: Codec {
		/// The token as a whole.
		fn token() -> TokenView;

		/// What trading costs an account.
		fn fees(account: AccountId) -> FeesView;

		/// What an account can claim.
		fn rewards(account: AccountId) -> RewardsView;

		/// Seats on the exchange.
		fn seats() -> SeatsView;
	}
}
