//! What clients see of the clearing house.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use gcx_math::{
	averaging::Average,
	margin::{MarginParameters, Requirement},
};
use gcx_primitives::{
	ArithmeticError, Cash, CollateralId, ContractState, ContractTerms, DefaultStage, DeliveryDays, FinalPrice,
	GuarantorState, InstrumentId, InstrumentTerms, Lots, PoolUse, Ppm, Price, RunId, SegmentSide, SettlementKind,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What an account's positions require, in the settlement asset's smallest unit, and what there is to meet it.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct MarginView {
	/// Cash, what positions gained since their settlement prices, and what collateral counts for. Of a house what it advanced
	/// to its customers is taken off.
	pub equity: Cash,
	/// Initial margin, with the guarantor's multiplier.
	pub initial_margin: Cash,
	/// Maintenance margin.
	pub maintenance_margin: Cash,
	/// The part of the requirement that is for price moves.
	pub scan: Cash,
	/// For months that offset each other.
	pub spread: Cash,
	/// For what the owner holds beyond the market's normal size.
	pub concentration: Cash,
	/// For physical contracts near delivery.
	pub delivery: Cash,
}

impl MarginView {
	/// The figures of a requirement.
	///
	/// # Errors
	/// A sum is out of bounds.
	pub fn new(
		requirement: &Requirement,
		equity: Cash,
		multiplier: Ppm,
		parameters: &MarginParameters,
	) -> Result<Self, ArithmeticError> {
		let Requirement { scan, spread, concentration, delivery } = *requirement;
		let initial_margin = requirement.initial(multiplier)?;
		let maintenance_margin = requirement.maintenance(parameters)?;
		Ok(Self { equity, initial_margin, maintenance_margin, scan, spread, concentration, delivery })
	}
}

/// A position at the settlement price in force and at mark.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct PositionView {
	/// Of what.
	pub instrument: InstrumentId,
	/// How many lots; short is negative.
	pub lots: Lots,
	/// The settlement price that cash already has.
	pub settlement: Price,
	/// The mark; none while prices are stale.
	pub mark: Option<Price>,
	/// What the position gained from the settlement price to the mark, or to the last mark.
	pub unrealised: Cash,
}

/// An asset of collateral in an account.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct CollateralView {
	/// Which.
	pub collateral: CollateralId,
	/// How much, in the asset's smallest unit.
	#[serde(with = "gcx_primitives::decimal")]
	pub amount: u128,
	/// What it counts for, in the settlement asset; nothing without a fresh price.
	pub value: Cash,
}

/// A margin account.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct AccountView<AccountId> {
	/// Whose segment it is in.
	pub guarantor: AccountId,
	/// Of the guarantor's customers or of its house.
	pub side: SegmentSide,
	/// Cash, settled up to the last run.
	pub cash: Cash,
	/// The part of it that no run has paid yet.
	pub unpaid: Cash,
	/// Margin.
	pub margin: MarginView,
	/// What can be withdrawn, as far as the egress fuse lets it through.
	pub withdrawable: Cash,
	/// It owes cash and may only reduce.
	pub reduce_only: bool,
	/// What stands behind its positions besides cash.
	pub collateral: Vec<CollateralView>,
	/// What it holds.
	pub positions: Vec<PositionView>,
}

/// An account's margin before and after a hypothetical trade.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct MarginPreview {
	/// As it is.
	pub before: MarginView,
	/// As it would be.
	pub after: MarginView,
}

/// An instrument as clearing keeps it.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentView {
	/// Its number.
	pub instrument: InstrumentId,
	/// What was listed.
	pub terms: InstrumentTerms,
	/// The settlement price in force.
	pub settlement: Price,
	/// The run that it is of.
	pub settled: RunId,
	/// The mark; none while prices are stale.
	pub mark: Option<Price>,
	/// The lowest price that a trade can have now.
	pub lowest: Price,
	/// The highest.
	pub highest: Price,
	/// How far margin lets the price move.
	pub scan_range: i64,
	/// Lots held long, as many as are held short.
	pub open_interest: Lots,
	/// What was known of the mean that it is paid out at, at the last look; none before the first of its days.
	pub average: Option<Average>,
	/// An invariant of it broke; nobody trades it.
	pub quarantined: bool,
	/// The contract that the market lists it as; none for one that it has forgotten.
	pub contract: Option<ContractView>,
}

/// A contract as the market lists it. Times are milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ContractView {
	/// What can be done with it now.
	pub state: ContractState,
	/// How it ends.
	pub settlement: SettlementKind,
	/// The days whose fixes are averaged, or on which compute is delivered.
	pub delivery: DeliveryDays,
	/// It is traded from this time on.
	pub opens: u64,
	/// From this time on positions are only lowered.
	pub reduce_only_from: u64,
	/// It is no longer traded from this time on.
	pub expires: u64,
	/// How far it is from its final price, if it is settled in cash.
	pub final_price: FinalPrice,
}

impl ContractView {
	/// A contract in the state that it is in now.
	pub fn new(terms: &ContractTerms, state: ContractState, final_price: FinalPrice) -> Self {
		let ContractTerms { settlement, delivery, opens, reduce_only_from, expires, .. } = *terms;
		Self { state, settlement, delivery, opens, reduce_only_from, expires, final_price }
	}
}

/// A segment's books.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct SegmentView {
	/// What its custody holds.
	pub custody: Cash,
	/// What other segments owe it, less what it owes them, with its positions settled up to the last run.
	pub net: Cash,
	/// Fees of trades that were not collected yet.
	pub fees: Cash,
	/// What its accounts owe the pool for liquidations and deliveries, and was not collected yet.
	pub penalties: Cash,
	/// What its accounts put aside for deliveries.
	pub escrow: Cash,
	/// What it got of the other segment's money, or gave if negative.
	pub advances: Cash,
	/// What the last run could not pay it, or it could not pay if negative.
	pub owed: Cash,
	/// Its net lots of each instrument that it holds.
	pub positions: Vec<(InstrumentId, Lots)>,
}

/// What stands behind a guarantor's customers, and what they come to.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct GuarantorView {
	/// What it may do.
	pub state: GuarantorState,
	/// How many customers it has.
	pub customers: u32,
	/// Margin of its house account.
	pub house_account: Option<MarginView>,
	/// The books of its customers' segment.
	pub customer_segment: SegmentView,
	/// The books of its house.
	pub house_segment: SegmentView,
	/// What its house lacks, if it is called for that.
	pub margin_call: Option<Cash>,
	/// Until when, in milliseconds since the Unix epoch.
	pub margin_call_deadline: Option<u64>,
}

/// The insurance pool: what it has, what it has to have, who relies on it. All money is of the settlement asset.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct PoolView<AccountId> {
	/// All that absorbs losses: skin in the game, contributions, outsiders' money, lent or not.
	pub size: Cash,
	/// The exchange's own tranche.
	pub skin: Cash,
	/// What guarantors contributed together.
	pub contributions: Cash,
	/// What outsiders contributed, with its income and losses.
	pub outside: Cash,
	/// Of all that, what segments were lent to pay a run with.
	pub lent: Cash,
	/// What the pool has to have: what the two guarantors lack under stress that lack most.
	pub requirement: Cash,
	/// Whether no loss is open: redemptions are executed only then.
	pub is_calm: bool,
	/// The guarantors, in no order.
	pub guarantors: Vec<PoolGuarantorView<AccountId>>,
	/// Defaults that are worked out, or were until governance brings the guarantor back.
	pub defaults: Vec<DefaultView<AccountId>>,
}

/// How far a guarantor relies on the pool.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct PoolGuarantorView<AccountId> {
	/// Who.
	pub guarantor: AccountId,
	/// What it contributed.
	pub contribution: Cash,
	/// What its risk requires of it.
	pub required: Cash,
	/// What its customers and house would lack under stress, in the worse direction, before its own resources.
	pub stress: Cash,
	/// What of that its own resources do not cover, as it was when it was last looked at.
	pub need: Cash,
	/// How much of the pool that is.
	pub pool_use: PoolUse,
	/// What its segments were lent.
	pub lent: Cash,
}

/// A guarantor in default.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct DefaultView<AccountId> {
	/// Who.
	pub guarantor: AccountId,
	/// How far it is worked out.
	pub stage: DefaultStage,
	/// What there is to absorb, as far as it is known.
	pub loss: Cash,
	/// What layers took of it.
	pub taken: Cash,
}

/// An account that lacks margin or is for sale.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct LiquidationView<AccountId> {
	/// Whose account.
	pub owner: AccountId,
	/// Which.
	pub sub: gcx_primitives::SubAccount,
	/// Under whom.
	pub guarantor: AccountId,
	/// What it has at mark.
	pub equity: Cash,
	/// What it needs to stay open.
	pub maintenance: Cash,
	/// What it needs to be left alone again.
	pub initial: Cash,
	/// Since when it is for sale, in milliseconds since the Unix epoch; none if nobody has put it up yet.
	pub since: Option<u64>,
	/// Whether `liquidate` would do something now: put it up for sale, or hand over what nobody took.
	pub is_due: bool,
	/// Lots for sale, as the account has them.
	pub lots: Vec<(InstrumentId, Lots)>,
	/// Collateral for sale, in the asset's smallest unit.
	pub collateral: Option<(CollateralId, Amount)>,
}

/// An amount of an asset in its smallest unit: a decimal string in JSON, where numbers are exact up to 2⁵³ only.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(transparent)]
pub struct Amount(#[serde(with = "gcx_primitives::decimal")] pub u128);

sp_api::decl_runtime_apis! {
	/// The clearing house.
	pub trait ClearingApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// A margin account at the settlement prices in force and at mark; none if there is none.
		fn account(owner: AccountId, sub: gcx_primitives::SubAccount) -> Option<AccountView<AccountId>>;

		/// How an account would stand after it bought lots (sold, if negative) at a price and paid its fee as a taker, or why it
		/// may not.
		fn margin_preview(
			owner: AccountId,
			sub: gcx_primitives::SubAccount,
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
		) -> Result<MarginPreview, gcx_primitives::Refusal>;

		/// The instruments.
		fn instruments() -> Vec<InstrumentView>;

		/// What stands behind a guarantor's customers and what they come to; none for an account that is no guarantor.
		fn guarantor(guarantor: AccountId) -> Option<GuarantorView>;

		/// The insurance pool.
		fn pool() -> PoolView<AccountId>;

		/// The accounts that lack margin or are for sale, the largest requirement first, at most so many.
		fn liquidatable(limit: u32) -> Vec<LiquidationView<AccountId>>;

		/// Guarantors whose default goes on if anyone takes its next step now.
		fn due_defaults() -> Vec<AccountId>;
	}
}
