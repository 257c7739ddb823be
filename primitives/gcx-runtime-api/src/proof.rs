//! What clients see of proof of compute: roll-calls, and each resource's part in them.

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use gcx_math::proof::RawParameters;
use gcx_primitives::{ClassId, ResourceId, RollCallId};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a roll-call waits for.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub enum RollCallPhase {
	/// Resources commit.
	Committing,
	/// The window for commitments is over, and what is drawn is not known yet.
	Drawing,
	/// What was drawn is shown.
	Opening,
	/// Outcomes are reckoned.
	Reckoning,
}

/// A roll-call that is going on. Deadlines are the last slots in which what they are for is accepted.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct RollCallView {
	/// Its number.
	pub roll_call: RollCallId,
	/// The class that it calls.
	pub class: ClassId,
	/// The one resource of it that it calls, if it is a challenge.
	pub challenged: Option<ResourceId>,
	/// What it waits for.
	pub phase: RollCallPhase,
	/// What each device computes: as many rounds as it comes to, up to so many.
	pub parameters: RawParameters,
	/// From which every device's seed follows, in hexadecimal with 0x.
	pub nonce: String,
	/// The slot from which on it could be known.
	pub seed_slot: u64,
	/// The last slot for commitments.
	pub commit_until: u64,
	/// From which what is drawn follows, in hexadecimal with 0x, once it is known.
	pub randomness: Option<String>,
	/// The last slot for openings, once something is drawn.
	pub open_until: Option<u64>,
	/// Resources that were called, so far.
	pub called: u32,
	/// Resources that committed.
	pub committed: u32,
}

/// What a resource committed to in a roll-call.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct CommitmentView {
	/// Devices that it had then.
	pub devices: u32,
	/// Rounds that each of them did.
	pub rounds: u32,
	/// The root over all of it, in hexadecimal with 0x.
	pub commitment: String,
	/// How many of its cells are drawn; none before the draw, and if it was not drawn.
	pub drawn: Option<u32>,
	/// Which of them were shown and found to be right, from zero on.
	pub shown: Vec<u32>,
}

/// A resource in a roll-call that is going on.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct MembershipView {
	/// The roll-call of its class.
	pub roll_call: RollCallView,
	/// Whether it was called, or committed without being called.
	pub called: bool,
	/// What it committed to.
	pub committed: Option<CommitmentView>,
}

/// What a roll-call came to for a resource.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub enum ProofOutcomeView {
	/// The chain checked all that was drawn.
	Proven {
		/// 8-bit integer operations per second and device, at least.
		operations: u64,
	},
	/// It committed, and was not drawn.
	Undrawn,
	/// It did not commit.
	Absent,
	/// It committed, and did not show all that was drawn: it was slashed.
	Unshown,
}

/// A roll-call that a resource was in.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct PassageView {
	/// Which.
	pub roll_call: RollCallId,
	/// When it was reckoned, in milliseconds since the Unix epoch.
	pub at: u64,
	/// What it came to.
	#[serde(flatten)]
	pub outcome: ProofOutcomeView,
}

/// A resource's part in roll-calls.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ProofView {
	/// The resource.
	pub resource: ResourceId,
	/// Its class.
	pub class: ClassId,
	/// Its devices.
	pub devices: u32,
	/// Whether it is not called now: it is maintained, delivers, is in jail or leaves. It may answer all the same, unless it is in jail or
	/// leaves.
	pub exempt: bool,
	/// The slot of this block.
	pub slot: u64,
	/// Milliseconds of a slot.
	pub slot_millis: u64,
	/// The roll-calls that are going on: of its class, and challenges of the resource.
	pub current: Vec<MembershipView>,
	/// The last ones that it was in, the oldest first.
	pub history: Vec<PassageView>,
}

/// What all roll-calls that are over came to, since the chain began: resources that were called, by outcome.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ProofTotals {
	/// Roll-calls.
	pub roll_calls: u64,
	/// Resources that showed all that was drawn.
	pub proven: u64,
	/// Resources that committed, and were not drawn.
	pub undrawn: u64,
	/// Resources that did not commit.
	pub absent: u64,
	/// Resources that committed, and did not show all that was drawn.
	pub unshown: u64,
	/// Resources that were called in vain: the chain stood still.
	pub void: u64,
}

sp_api::decl_runtime_apis! {
	/// Proof of compute: roll-calls, and resources in them.
	pub trait ProofApi {
		/// The roll-calls that are going on, the oldest first.
		fn roll_calls() -> Vec<RollCallView>;

		/// What all roll-calls that are over came to.
		fn proof_totals() -> ProofTotals;

		/// A resource's part in roll-calls; none if there is no such resource.
		fn proof(resource: ResourceId) -> Option<ProofView>;
	}
}
