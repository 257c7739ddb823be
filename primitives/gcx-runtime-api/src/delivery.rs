//! What clients see of physical delivery: deliveries, who takes part in them, and deals with their windows.

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use gcx_primitives::{
	AccountKey, Capacity, Cash, ChallengeVerdict, ClassId, ComputeHours, Day, DealId, DeliveryDays, Grade,
	InstrumentId, Lots, Price, ReferenceVersion, Region, ResourceId, Side, SubAccount,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// How far a delivery is. Times are milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "stage")]
pub enum DeliveryStage {
	/// Positions are taken over; sellers nominate, buyers say where they want their lots.
	Nominating {
		/// Until then, or later if not all positions are taken over by then.
		until: u64,
	},
	/// Buyers and sellers are matched.
	Matching,
	/// Windows are settled.
	Delivering,
	/// Nothing is open any more.
	Closing,
}

/// The delivery of a contract that ended.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
	/// The contract.
	pub instrument: InstrumentId,
	/// Compute Hours of which class are delivered.
	pub class: ClassId,
	/// And of which of its reference systems.
	pub version: ReferenceVersion,
	/// The lowest grade.
	pub floor: Grade,
	/// On which days.
	pub days: DeliveryDays,
	/// Compute Hours per lot.
	pub multiplier: ComputeHours,
	/// The final price.
	pub price: Price,
	/// What a lot costs at that price.
	pub value: Cash,
	/// Lots that are delivered.
	pub open_interest: Lots,
	/// Long lots that were taken over.
	pub taken_long: Lots,
	/// Short lots that were taken over, as a positive number.
	pub taken_short: Lots,
	/// How far it is.
	pub stage: DeliveryStage,
	/// Deals that are open.
	pub deals: u32,
	/// Capacity that was delivered and paid.
	pub delivered: Capacity,
	/// Capacity that was not, and whose buyers were made whole.
	pub compensated: Capacity,
	/// Capacity that nobody owes any more.
	pub released: Capacity,
	/// What was put into escrow.
	pub escrowed: Cash,
	/// What of it was paid to the other party.
	pub paid: Cash,
	/// What of it went back to who put it in.
	pub returned: Cash,
	/// What of it went to the insurance pool.
	pub forfeited: Cash,
}

/// A position in delivery, or one that is not yet and has capacity set aside for it.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPositionView<AccountId> {
	/// Lots that were taken over; short is negative. Nothing before the contract's end.
	pub lots: Lots,
	/// Lots of these that are not matched yet, as a positive number.
	pub left: Lots,
	/// What is in escrow for those.
	pub escrow: Cash,
	/// Lots of a short, not matched yet or not taken over, for which capacity is set aside and no resource is nominated.
	pub covered: Lots,
	/// Lots of a short that are not matched yet and for which a resource is nominated.
	pub nominated: Lots,
	/// The region that a long asked for.
	pub region: Option<Region>,
	/// Whose vouchers count for a long.
	pub key: Option<AccountId>,
	/// Where a long's side answers.
	pub endpoint: Option<String>,
	/// Open deals.
	pub deals: u32,
}

/// What stands behind a seller's side of a deal.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "backing", content = "resource")]
pub enum BackingView {
	/// A resource is nominated.
	Resource(ResourceId),
	/// Capacity of the seller is sold, of no resource.
	Sold,
	/// A deposit of all that it is worth.
	Deposit,
}

/// A buyer's objection.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ObjectionView<AccountId> {
	/// What the buyer put into escrow for it.
	pub bond: Cash,
	/// The capacity that the resource has to show.
	pub least: Capacity,
	/// What came of the challenge, if that is known.
	pub verdict: Option<ChallengeVerdict<AccountId>>,
}

/// A delivery day of a deal that has begun and is not settled. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct WindowView<AccountId> {
	/// The day.
	pub day: Day,
	/// When it begins.
	pub opens: u64,
	/// When posts and vouchers are no longer accepted, and it is settled.
	pub closes: u64,
	/// What is to be delivered.
	pub quantity: Capacity,
	/// What is due for that.
	pub due: Cash,
	/// What the seller said to have available.
	pub available: Option<Capacity>,
	/// What the buyer's key signed for.
	pub vouchered: Capacity,
	/// The buyer's objection.
	pub objection: Option<ObjectionView<AccountId>>,
}

/// Some lots of one buyer and of one seller.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct DealView<AccountId> {
	/// The deal.
	pub deal: DealId,
	/// The contract that ended.
	pub instrument: InstrumentId,
	/// Who bought.
	pub buyer: AccountKey<AccountId>,
	/// Who sold.
	pub seller: AccountKey<AccountId>,
	/// How many lots.
	pub lots: Lots,
	/// What stands behind the seller.
	pub backing: BackingView,
	/// Whose vouchers count.
	pub key: Option<AccountId>,
	/// Where the buyer's side answers.
	pub endpoint: Option<String>,
	/// The first day that is delivered, and the last.
	pub days: DeliveryDays,
	/// What is left of the price.
	pub escrow: Cash,
	/// What is left of the deposit.
	pub deposit: Cash,
	/// Which party alone agrees on an alternative.
	pub agreed: Option<Side>,
	/// The windows that have begun and are not settled, the oldest first.
	pub windows: Vec<WindowView<AccountId>>,
}

sp_api::decl_runtime_apis! {
	/// Physical delivery.
	pub trait DeliveryApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The contracts that are being delivered, in the order in which that began.
		fn deliveries() -> Vec<InstrumentId>;

		/// The delivery of a contract; none if it is not being delivered.
		fn delivery(instrument: InstrumentId) -> Option<DeliveryView>;

		/// An account's position in a contract's delivery, or what it set aside for it before; none if there is neither.
		fn delivery_position(owner: AccountId, sub: SubAccount, instrument: InstrumentId) -> Option<DeliveryPositionView<AccountId>>;

		/// A deal; none if there is none, or it is closed.
		fn deal(deal: DealId) -> Option<DealView<AccountId>>;

		/// The open deals of an account, on either side, in the order of their ids.
		fn deals_of(owner: AccountId, sub: SubAccount) -> Vec<DealId>;
	}
}
