//! What clients see of compute: classes, and resources with their grades and capacity.

use crate::Amount;
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use gcx_primitives::{
	Capacity, ClassId, Day, DeliveryDays, Grade, Measurement, Metric, Ppm, ReferenceSystem, ReferenceVersion, Region,
	ResourceId, ResourceState, RoundId, Tier,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A class of compute.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ClassView {
	/// Its number.
	pub class: ClassId,
	/// What it is called.
	pub name: String,
	/// The version of its reference system that a resource registered now is measured against.
	pub current: ReferenceVersion,
	/// The metric that the seeded solve measures. None if nothing of this class can be attested.
	pub attested_by: Option<Metric>,
	/// What a seller's bond must cover per Compute Hour sold, in the native token's smallest unit.
	pub loss_per_hour: Amount,
	/// What all of its resources that may sell can deliver a day.
	pub capacity: Capacity,
	/// The versions that are not retired, the oldest first.
	pub versions: Vec<ReferenceView>,
}

/// A version of a class's reference system.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceView {
	/// Which.
	pub version: ReferenceVersion,
	/// What is measured, and against what.
	pub system: ReferenceSystem,
	/// Resources that are measured against it.
	pub resources: u32,
	/// Contracts that are written in its Compute Hours.
	pub pins: u32,
}

/// A grade as it is written, its parts, and how old it is.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct GradeView {
	/// Such as `A2Y`.
	pub grade: String,
	/// Its parts.
	pub parts: Grade,
	/// Milliseconds since the round that it follows from was closed.
	pub age: u64,
}

/// What is known of a resource's speed by one tier.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
	/// The tier.
	pub tier: Tier,
	/// Compute Hours of the resource's reference version per hour and device: a decimal fraction.
	pub rate: String,
	/// Milliseconds since the round was closed.
	pub age: u64,
	/// Whether it is too old to count.
	pub is_expired: bool,
	/// The round.
	pub round: RoundId,
	/// The run that the provider answered with, in hexadecimal.
	pub run: String,
	/// Hash of the signed content of its results, in hexadecimal.
	pub evidence: String,
	/// What was measured, per device.
	pub measurements: Vec<Measurement>,
}

/// How draws were answered, and windows of delivery met. Older ones count less.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct UptimeView {
	/// Draws answered to a quorum's satisfaction, and windows in which all that was due was delivered.
	pub answered: u64,
	/// Draws not answered so, and windows in which it was not.
	pub missed: u64,
	/// The share that the grade follows from: a decimal fraction.
	pub uptime: String,
}

/// The capacity of today.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct CapacityView {
	/// Today.
	pub day: Day,
	/// What the resource can deliver today.
	pub capacity: Capacity,
	/// What of that is nominated for delivery.
	pub nominated: Capacity,
	/// What of that its provider set aside.
	pub pledged: Capacity,
	/// What all of the provider's resources of the class together are sold for today, at any grade, and not nominated.
	pub sold: Capacity,
	/// What the provider could sell more of today, at this resource's grade.
	pub sellable: Capacity,
	/// How far what is spoken for of the provider's day in this class exceeds what can be delivered of it.
	pub shortfall: Capacity,
	/// The share of what was due that the resource delivered in its best window of late; none without a window. It sells at most
	/// 1.05 times that share of its rate.
	pub best_delivery: Option<Ppm>,
}

/// How all of a provider's resources did since it registered.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ReputationView {
	/// Rounds in which a quorum attested the answer.
	pub passed: u32,
	/// Rounds in which a quorum refused the answer.
	pub refused: u32,
	/// Rounds that were not answered in time.
	pub missed: u32,
	/// Times that it was slashed.
	pub offences: u32,
	/// What it was slashed in all, for offences and for what it did not deliver, in the native token's smallest unit.
	pub slashed: Amount,
	/// What it delivered of what was due.
	pub delivered: Capacity,
	/// What it did not deliver.
	pub undelivered: Capacity,
	/// What is held of it, in the same unit.
	pub bond: Amount,
	/// What of its bond is for what is sold and not delivered.
	pub at_risk: Amount,
}

/// A resource.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ResourceView<AccountId> {
	/// Its number.
	pub resource: ResourceId,
	/// Whose it is.
	pub provider: AccountId,
	/// The account whose key signs its results and answers its draws.
	pub agent: AccountId,
	/// Its class.
	pub class: ClassId,
	/// The reference system that it is measured against.
	pub version: ReferenceVersion,
	/// Where it is.
	pub region: Region,
	/// How many devices it has.
	pub devices: u32,
	/// The day on which it was registered.
	pub since: Day,
	/// What can be done with it today.
	pub state: ResourceState,
	/// Rounds passed since it was registered or last jailed.
	pub passed: u32,
	/// Rounds failed in a row.
	pub failures: u32,
	/// Its grade; none if it has none that is young enough.
	pub grade: Option<GradeView>,
	/// The strongest tier of evidence that is young enough.
	pub tier: Option<Tier>,
	/// The rate by that tier, per device: a decimal fraction.
	pub rate: Option<String>,
	/// The evidence, of each tier that there is any of.
	pub evidence: Vec<EvidenceView>,
	/// How it answered draws.
	pub uptime: UptimeView,
	/// Its capacity today.
	pub capacity: CapacityView,
	/// Declared maintenance, to come and lately past.
	pub maintenance: Vec<DeliveryDays>,
	/// How its provider did.
	pub reputation: ReputationView,
}

sp_api::decl_runtime_apis! {
	/// Compute: classes, resources, and what something takes.
	pub trait ComputeApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The classes of compute.
		fn compute_classes() -> Vec<ClassId>;

		/// A class; none if there is none of this number.
		fn compute_class(class_id: ClassId) -> Option<ClassView>;

		/// A resource; none if there is none of this number.
		fn resource(resource: ResourceId) -> Option<ResourceView<AccountId>>;

		/// What some work takes of a class, and how many reference devices are done within so many hours.
		fn estimate(
			class_id: ClassId,
			work: crate::Work,
			deadline_hours: Option<u32>,
		) -> Result<crate::Estimate, crate::NoEstimate>;
	}
}
