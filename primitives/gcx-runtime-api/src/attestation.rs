//! What clients see of attestation: a resource's last round, and the attestors.

use crate::Amount;
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use gcx_evidence::Reason;
use gcx_primitives::{ClassId, Day, DealId, Measurement, Ppm, ReferenceVersion, ResourceId, RoundId};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a round waits for in this slot.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub enum RoundPhase {
	/// The provider's answer.
	Answering,
	/// The draw of what is examined and by whom.
	Drawing,
	/// Commitments of the panel.
	Committing,
	/// Findings of the panel.
	Revealing,
	/// The step that follows a window which is over: the next block takes it, or anyone.
	Due,
	/// Nothing: it has an outcome.
	Closed,
}

/// Why a round was opened.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "purpose")]
pub enum PurposeView<AccountId> {
	/// The resource was drawn.
	Draw,
	/// A buyer asked for it: the work is of its tenancy.
	Challenge {
		/// The delivery that it is about.
		deal: DealId,
		/// The day of it.
		day: Day,
		/// The account to which the buyer's endpoint answers.
		tenant: AccountId,
	},
}

/// What a provider answered.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct AnswerView {
	/// The slot in which it came.
	pub slot: u64,
	/// Rows and columns of each device's system; none where the class asks for no solve.
	pub order: Option<u32>,
	/// What it committed to, in hexadecimal with 0x.
	pub commitment: Option<String>,
	/// The fee, in the native token's smallest unit.
	pub fee: Amount,
}

/// What an attestor found.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "found", content = "reason")]
pub enum FindingView {
	/// The results hold together.
	Attested,
	/// They do not.
	Refused(Reason),
	/// It received none.
	Abstained(Reason),
}

/// A member of a round's panel.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct MemberView<AccountId> {
	/// Who.
	pub attestor: AccountId,
	/// Whether it committed.
	pub committed: bool,
	/// What it revealed.
	pub finding: Option<FindingView>,
}

/// What a round came to.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "outcome")]
pub enum OutcomeView {
	/// A quorum attested.
	Attested {
		/// The provider's run, in hexadecimal with 0x.
		run: String,
		/// Hash of the signed content of its results, in hexadecimal with 0x.
		evidence: String,
		/// Double-precision operations per second and device of the solve, at most.
		solved: Option<u64>,
		/// Recomputed figures of declared results, per device.
		declared: Vec<Measurement>,
		/// Mean power of the whole resource in milliwatts.
		milliwatts: Option<u64>,
		/// Attestors that found so.
		agreed: u32,
		/// Attestors that found otherwise.
		outliers: u32,
	},
	/// A quorum refused.
	Refused {
		/// The reason with the greatest weight.
		reason: Reason,
		/// Attestors that refused.
		agreed: u32,
		/// Attestors that did not.
		outliers: u32,
	},
	/// There was no quorum, or no majority.
	NoQuorum {
		/// Findings that counted.
		counted: u32,
		/// Their owners.
		owners: u32,
	},
	/// The draw was not answered.
	Missed,
	/// There were too few attestors to draw a panel from.
	NoPanel {
		/// Attestors that could be drawn.
		attestors: u32,
		/// Their owners.
		owners: u32,
	},
	/// The chain stood still while the provider could have answered.
	StoodStill,
}

/// How many members of a panel gave a reason.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct ReasonCount {
	/// Why they refused or abstained.
	pub reason: Reason,
	/// How many.
	pub members: u32,
}

/// A resource's last round. Deadlines are the last slots in which what they are for is accepted.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct RoundView<AccountId> {
	/// The resource.
	pub resource: ResourceId,
	/// Which of its rounds.
	pub round: RoundId,
	/// Why it was opened.
	pub purpose: PurposeView<AccountId>,
	/// From which the systems to solve follow, in hexadecimal with 0x.
	pub nonce: String,
	/// The resource's class.
	pub class: ClassId,
	/// The reference system that it is measured against.
	pub version: ReferenceVersion,
	/// Whose it is.
	pub provider: AccountId,
	/// Whose key signs its results.
	pub agent: AccountId,
	/// How many devices it has.
	pub devices: u32,
	/// Whether the seeded solve is asked for.
	pub solves: bool,
	/// What it waits for.
	pub phase: RoundPhase,
	/// The present slot.
	pub slot: u64,
	/// The slot in which it was opened.
	pub opened_slot: u64,
	/// When it was opened, in milliseconds since the Unix epoch.
	pub opened_at: u64,
	/// For the provider's answer.
	pub answer_until: u64,
	/// For commitments.
	pub commit_until: u64,
	/// For findings.
	pub reveal_until: u64,
	/// What the provider answered.
	pub answer: Option<AnswerView>,
	/// The devices that are examined.
	pub examined: Vec<u32>,
	/// Who examines them.
	pub panel: Vec<MemberView<AccountId>>,
	/// What it came to.
	pub outcome: Option<OutcomeView>,
	/// Why members refused or abstained, the most frequent reason first.
	pub reasons: Vec<ReasonCount>,
}

/// An attestor.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct AttestorView<AccountId> {
	/// Its account: the public key that it signs with.
	pub attestor: AccountId,
	/// Who bonded it.
	pub owner: AccountId,
	/// What is held for it, in the native token's smallest unit.
	pub bond: Amount,
	/// How much its findings count.
	pub standing: Ppm,
	/// It is leaving: its bond can be withdrawn after this slot.
	pub leaving: Option<u64>,
	/// Open rounds whose panel it is on.
	pub duties: u32,
	/// Rounds in which it found what the quorum found.
	pub agreed: u32,
	/// Rounds in which it found something else.
	pub outlier: u32,
	/// Rounds in which it received nothing, or there was no quorum.
	pub undecided: u32,
	/// Rounds in which it committed and did not reveal.
	pub silent: u32,
	/// Rounds in which it did not commit.
	pub missed: u32,
}

sp_api::decl_runtime_apis! {
	/// Attestation: rounds and attestors.
	pub trait AttestationApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The last round of a resource, open or closed; none if it had none.
		fn attestation_round(resource: ResourceId) -> Option<RoundView<AccountId>>;

		/// The resources whose rounds are open, those that are due first at the front.
		fn open_rounds() -> Vec<ResourceId>;

		/// The attestors, by account.
		fn attestors() -> Vec<AttestorView<AccountId>>;
	}
}
