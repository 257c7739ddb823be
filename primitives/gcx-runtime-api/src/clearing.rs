//! What clients see of the clearing house.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use gcx_math::margin::{MarginParameters, Requirement};
use gcx_primitives::{
	ArithmeticError, Cash, CollateralId, ContractState, ContractTerms, DeliveryDays, GuarantorState, InstrumentId,
	InstrumentTerms, Lots, Ppm, Price, RunId, SegmentSide, SettlementKind,
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
}

impl ContractView {
	/// A contract in the state that it is in now.
	pub fn new(terms: &ContractTerms, state: ContractState) -> Self {
		let ContractTerms { settlement, delivery, opens, reduce_only_from, expires, .. } = *terms;
		Self { state, settlement, delivery, opens, reduce_only_from, expires }
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
	/// Fees that were not collected yet.
	pub fees: Cash,
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
	}
}
