//! What governance decides of clearing, and within which bounds.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_math::{margin::MarginParameters, volatility::ScanModel};
use gcx_primitives::Ppm;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The governed figures of clearing. They change only as a settlement run begins.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct ClearingParameters {
	/// The margin model.
	pub margin: MarginParameters,
	/// How scan fractions follow from prices.
	pub scan: ScanModel,
	/// The least cash of who opens risk, as a share of initial margin: variation margin is paid in cash.
	pub min_cash: Ppm,
	/// How far from the mark a trade may be that is let through only because it lowers risk, as a share of the mark's size or
	/// of the class's floor price if that is more: no further than a liquidation would be.
	pub max_penalty: Ppm,
	/// The oldest fix that a mark is made of, in milliseconds.
	pub max_fix_age: u64,
	/// How long trades are averaged for a mark, in milliseconds; the mean then counts for as long again.
	pub trade_window: u64,
	/// The oldest settlement price that a mark is made of, in milliseconds.
	pub max_settlement_age: u64,
	/// How long a guarantor has to meet a margin call, in milliseconds.
	pub margin_call_period: u64,
	/// How accounts under maintenance margin are liquidated.
	pub liquidation: LiquidationParameters,
	/// How defaults of guarantors are worked out.
	pub default: DefaultParameters,
	/// How far guarantors may rely on the insurance pool.
	pub cover: CoverParameters,
}

/// How defaults are worked out. Times are in milliseconds.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct DefaultParameters {
	/// How long customers of a failed guarantor can move before what they hold is closed out.
	pub porting_period: u64,
	/// How long the discount of the auction of a failed house grows.
	pub auction_period: u64,
	/// The largest discount in it, as a share of the mark's size or of the class's floor price if that is more.
	pub max_discount: Ppm,
}

impl Default for DefaultParameters {
	fn default() -> Self {
		const HOUR: u64 = 3_600_000;
		Self { porting_period: 24 * HOUR, auction_period: 6 * HOUR, max_discount: Ppm::percent(30) }
	}
}

impl DefaultParameters {
	/// Whether no time is zero and the discount is at most the whole.
	pub fn is_valid(&self) -> bool {
		self.porting_period > 0 && self.auction_period > 0 && self.max_discount <= Ppm::ONE
	}
}

/// How far guarantors may rely on the insurance pool. Shares are of the pool.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct CoverParameters {
	/// K: what a guarantor's customers may lack under stress, as a multiple of its free house funds, bond and contribution.
	pub multiple: Ppm,
	/// From what use of the pool on everybody is told.
	pub warning: Ppm,
	/// From what use on the guarantor is called for what is beyond.
	pub call: Ppm,
	/// From what use on it may only reduce.
	pub restriction: Ppm,
}

impl Default for CoverParameters {
	fn default() -> Self {
		Self {
			multiple: Ppm::percent(300),
			warning: Ppm::percent(40),
			call: Ppm::percent(45),
			restriction: Ppm::percent(90),
		}
	}
}

impl CoverParameters {
	/// Whether the shares are in order and the last is at most the whole.
	pub fn is_valid(&self) -> bool {
		self.warning <= self.call && self.call <= self.restriction && self.restriction <= Ppm::ONE
	}
}

/// How accounts are liquidated. Times are in milliseconds.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct LiquidationParameters {
	/// What an account pays to the pool of what is taken from it, as a share of its value at mark. A part of `max_penalty`;
	/// the rest is the largest discount of who takes it.
	pub pool_penalty: Ppm,
	/// The share of that which goes to who found the account.
	pub caller_share: Ppm,
	/// How long the discount grows, and how long others can take what is for sale before the guarantor's house has to.
	pub auction_period: u64,
	/// How long the owner of an account with negative cash can pay in.
	pub cash_call_period: u64,
	/// How long nobody is liquidated after prices, or the chain, come back.
	pub grace_period: u64,
	/// The longest time between two blocks that is not an outage.
	pub max_block_time: u64,
}

impl Default for LiquidationParameters {
	fn default() -> Self {
		const MINUTE: u64 = 60_000;
		Self {
			pool_penalty: Ppm::percent(1),
			caller_share: Ppm::percent(20),
			auction_period: 30 * MINUTE,
			cash_call_period: 60 * MINUTE,
			grace_period: 10 * MINUTE,
			max_block_time: 10 * MINUTE,
		}
	}
}

impl LiquidationParameters {
	/// Whether the shares are shares and no time is zero.
	pub fn is_valid(&self) -> bool {
		self.pool_penalty <= Ppm::ONE
			&& self.caller_share <= Ppm::ONE
			&& [self.auction_period, self.cash_call_period, self.grace_period, self.max_block_time]
				.iter()
				.all(|time| *time > 0)
	}
}

impl Default for ClearingParameters {
	fn default() -> Self {
		const HOUR: u64 = 3_600_000;
		Self {
			margin: MarginParameters::default(),
			scan: ScanModel::default(),
			min_cash: Ppm::percent(25),
			max_penalty: Ppm::percent(5),
			max_fix_age: 48 * HOUR,
			trade_window: HOUR,
			max_settlement_age: 48 * HOUR,
			margin_call_period: 2 * HOUR,
			liquidation: LiquidationParameters::default(),
			default: DefaultParameters::default(),
			cover: CoverParameters::default(),
		}
	}
}

impl ClearingParameters {
	/// Whether the figures are within what the exchange allows.
	pub fn is_valid(&self) -> bool {
		self.margin.is_valid()
			&& self.scan.is_valid()
			&& self.min_cash <= Ppm::ONE
			&& self.max_penalty <= Ppm::percent(50)
			&& self.liquidation.is_valid()
			&& self.default.is_valid()
			&& self.cover.is_valid()
			&& self.liquidation.pool_penalty <= self.max_penalty
			&& [self.max_fix_age, self.trade_window, self.max_settlement_age, self.margin_call_period]
				.iter()
				.all(|time| *time > 0)
	}
}
