//! The pallet's types.

use crate::{Config, MAX_DRAWN_DEVICES, MAX_PANEL};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{
		fungible::{Credit, Inspect},
		ConstU32, Get,
	},
	BoundedVec,
};
use gcx_evidence::Reason;
use gcx_primitives::{
	ChallengeRequest, ClassId, Day, DealId, Measurements, Ppm, ReferenceVersion, ResourceId, RoundId,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::Zero;

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount that was taken from a hold and is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Attestor`] of the runtime's types.
pub type AttestorOf<T> = Attestor<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`Round`] of the runtime's types.
pub type RoundOf<T> = Round<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`Waiting`] of the runtime's types.
pub type WaitingOf<T> = Waiting<<T as frame_system::Config>::AccountId>;

/// [`AttestationParameters`] of the runtime's balance type.
pub type ParametersOf<T> = AttestationParameters<BalanceOf<T>>;

/// Signature of an attestor's key.
pub type SignatureOf<T> = <<T as Config>::AuthorityId as sp_application_crypto::RuntimeAppPublic>::Signature;

/// [`Equivocation`] of the runtime's types.
pub type EquivocationOf<T> = Equivocation<<T as Config>::AuthorityId, SignatureOf<T>>;

macro_rules! stored {
	($type:item) => {
		#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		$type
	};
}

stored! {
	/// A bonded account that examines results, for an owner that answers for it.
	pub struct Attestor<AccountId, Balance> {
		/// Who bonded it. The bond is held on this account, and it is paid for the attestor's work.
		pub owner: AccountId,
		/// What is held, in the token's smallest unit.
		pub bond: Balance,
		/// It is leaving: it is drawn no more, and its bond can be withdrawn after this slot.
		pub leaving: Option<u64>,
		/// How much its findings count: falls when it is an outlier, recovers when it agrees.
		pub standing: Ppm,
		/// Open rounds whose panel it is on.
		pub duties: u32,
		/// What it has done.
		pub record: Record,
	}
}

stored! {
	/// How often an attestor did what, over all rounds whose panel it was on.
	#[derive(Copy, Default)]
	pub struct Record {
		/// It found what the quorum found.
		pub agreed: u32,
		/// It found something else.
		pub outlier: u32,
		/// It received nothing to examine, or there was no quorum.
		pub undecided: u32,
		/// It committed and did not reveal.
		pub silent: u32,
		/// It did not commit.
		pub missed: u32,
	}
}

stored! {
	/// What a round waits for.
	#[derive(Copy)]
	pub enum Stage {
		/// The provider's answer, or the draw that follows it.
		Answer,
		/// Commitments of the panel.
		Commit,
		/// Findings of the panel.
		Reveal,
		/// Nothing: it has an outcome.
		Closed,
	}
}

stored! {
	/// Why a round was opened.
	pub enum Purpose<AccountId> {
		/// The resource was drawn.
		#[codec(index = 0)]
		Draw,
		/// A buyer asked for it. Nothing but the nonce, and who is told what came of it, is other than in a draw.
		#[codec(index = 1)]
		Challenge {
			/// The delivery that it is about.
			deal: DealId,
			/// The day of it.
			day: Day,
			/// The account to which the buyer's endpoint answers.
			tenant: AccountId,
		},
	}
}

stored! {
	/// A challenge whose round is not yet open.
	pub struct Waiting<AccountId> {
		/// What was asked for.
		pub request: ChallengeRequest<AccountId>,
		/// The slot in which it was asked for, or the last one since in which its resource could have no round.
		pub since: u64,
	}
}

stored! {
	/// A resource's attestation round. Deadlines are slots, the last ones in which what they are for is accepted; they move back
	/// if the chain stands still, or is late.
	pub struct Round<AccountId, Balance> {
		/// Which of the resource's rounds.
		pub id: RoundId,
		/// Why it was opened.
		pub purpose: Purpose<AccountId>,
		/// From which the systems to solve follow.
		pub nonce: [u8; 32],
		/// The resource's class.
		pub class: ClassId,
		/// The reference system that it is measured against.
		pub version: ReferenceVersion,
		/// Whose the resource is.
		pub provider: AccountId,
		/// Whose key signs its results.
		pub agent: AccountId,
		/// Devices of the resource.
		pub devices: u32,
		/// Whether the seeded solve is asked for.
		pub solves: bool,
		/// The slot of the block whose contribution made the nonce: from then on it could be known.
		pub seed_slot: u64,
		/// The slot in which it was opened.
		pub opened_slot: u64,
		/// The chain's clock when it was opened, in milliseconds since the Unix epoch: the time of the block before.
		pub opened_at: u64,
		/// What it waits for.
		pub stage: Stage,
		/// The slot in which this stage began.
		pub since: u64,
		/// The last slot for the provider's answer.
		pub answer_until: u64,
		/// The last slot for commitments.
		pub commit_until: u64,
		/// The last slot for findings.
		pub reveal_until: u64,
		/// What the provider answered.
		pub answer: Option<Answer<Balance>>,
		/// What was drawn after the answer.
		pub draw: Option<Draw<AccountId>>,
		/// What it came to.
		pub outcome: Option<Outcome>,
	}
}

impl<AccountId: Encode + PartialEq, Balance: Encode> Round<AccountId, Balance> {
	/// What tells this round from one of the same number on another fork of the chain: a hash of its number, nonce, answer and
	/// draw. What attestors sign is bound to it, so that honest work on two forks is no equivocation.
	pub fn digest(&self) -> [u8; 32] {
		sp_io::hashing::blake2_256(&(b"gcx/round/1", self.id, self.nonce, &self.answer, &self.draw).encode())
	}

	/// The last slot of the window that it is in; none if it is closed.
	pub fn due(&self) -> Option<u64> {
		match self.stage {
			Stage::Answer => Some(self.answer_until),
			Stage::Commit => Some(self.commit_until),
			Stage::Reveal => Some(self.reveal_until),
			Stage::Closed => None,
		}
	}

	/// The attestors that were drawn; none before the draw.
	pub fn panel(&self) -> &[AccountId] {
		self.draw.as_ref().map_or(&[], |draw| draw.panel.as_slice())
	}

	/// The fee that is held of the provider.
	pub fn held_fee(&self) -> Option<&Balance> {
		self.answer.as_ref().filter(|_| self.outcome.is_none()).map(|answer| &answer.fee)
	}
}

stored! {
	/// A provider's answer to a draw.
	pub struct Answer<Balance> {
		/// The slot in which it came.
		pub slot: u64,
		/// The solve that it commits to, if the class asks for one.
		pub solve: Option<SolveCommitment>,
		/// What is held of the provider for the attestors' work.
		pub fee: Balance,
	}
}

stored! {
	/// A solve that a provider commits to.
	#[derive(Copy)]
	pub struct SolveCommitment {
		/// Rows and columns of each device's system.
		pub order: u32,
		/// Hash over the hashes of all devices' solutions: [`gcx_evidence::solve::commitment`].
		pub commitment: [u8; 32],
	}
}

stored! {
	/// What was drawn when a provider could no longer change its answer.
	pub struct Draw<AccountId> {
		/// The seed of the rows that are examined.
		pub rows: [u8; 32],
		/// The devices that are examined, in order.
		pub devices: BoundedVec<u32, ConstU32<MAX_DRAWN_DEVICES>>,
		/// The attestors that examine them, each once.
		pub panel: BoundedVec<AccountId, ConstU32<MAX_PANEL>>,
	}
}

stored! {
	/// What a round came to.
	pub enum Outcome {
		/// More than half of the counting weight found the same.
		#[codec(index = 0)]
		Attested {
			/// The provider's run.
			run: [u8; 32],
			/// Hash of the signed content of its results.
			evidence: [u8; 32],
			/// Double-precision operations per second and device of the solve, at most.
			solved: Option<u64>,
			/// Recomputed figures of declared results, per device.
			declared: Measurements,
			/// Mean power of the whole resource in milliwatts.
			milliwatts: Option<u64>,
			/// Attestors that found so.
			agreed: u32,
			/// Attestors that found otherwise.
			outliers: u32,
		},
		/// More than half of the counting weight refused the results.
		#[codec(index = 1)]
		Refused {
			/// The reason with the greatest weight.
			reason: Reason,
			/// Attestors that refused, for whatever reason.
			agreed: u32,
			/// Attestors that did not.
			outliers: u32,
		},
		/// Too few findings, of too few owners, or no majority.
		#[codec(index = 2)]
		NoQuorum {
			/// Findings that count.
			counted: u32,
			/// Their owners.
			owners: u32,
		},
		/// The draw was not answered.
		#[codec(index = 3)]
		Missed,
		/// There were too few attestors, or of too few owners, to draw a panel from. The provider has its fee back.
		#[codec(index = 4)]
		NoPanel {
			/// Attestors that could be drawn.
			attestors: u32,
			/// Their owners.
			owners: u32,
		},
		/// The chain stood still while the provider could have answered.
		#[codec(index = 5)]
		StoodStill,
	}
}

stored! {
	/// What an attestor found in a provider's results.
	#[derive(Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub enum Finding {
		/// They hold together.
		#[codec(index = 0)]
		Attested(Report),
		/// They do not.
		#[codec(index = 1)]
		Refused(Reason),
		/// It received none.
		#[codec(index = 2)]
		Abstained(Reason),
	}
}

impl Finding {
	/// Whether it is one that an attestor can have: silence is abstained from and nothing else is; no figure is there twice, or
	/// nothing.
	pub fn is_valid(&self) -> bool {
		match self {
			Self::Attested(report) => report.is_valid(),
			Self::Refused(reason) => !reason.is_silence(),
			Self::Abstained(reason) => reason.is_silence(),
		}
	}
}

stored! {
	/// What an attestor found in results that hold together.
	#[derive(Serialize, Deserialize)]
	#[serde(rename_all = "camelCase")]
	pub struct Report {
		/// The provider's run.
		pub run: [u8; 32],
		/// Hash of the signed content of its results.
		pub evidence: [u8; 32],
		/// Recomputed figures of declared results, per device.
		pub declared: Measurements,
		/// Mean power of the whole resource during the run in milliwatts, if it was measured.
		pub milliwatts: Option<u64>,
	}
}

impl Report {
	fn is_valid(&self) -> bool {
		let mut metrics: Vec<_> = self.declared.iter().map(|measurement| measurement.metric).collect();
		metrics.sort_unstable();
		let twice = metrics.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
		!twice && self.milliwatts != Some(0) && self.declared.iter().all(|measurement| measurement.value > 0)
	}
}

stored! {
	/// What a member of a panel has done in its round.
	#[derive(Default)]
	pub struct Member {
		/// What it committed to.
		pub commitment: Option<[u8; 32]>,
		/// What it revealed.
		pub finding: Option<Finding>,
		/// It was slashed for signing two statements.
		pub equivocated: bool,
		/// It was slashed for a finding that the chain disproved.
		pub disproved: bool,
	}
}

stored! {
	/// What the chain itself has established about a round.
	#[derive(Default)]
	pub struct Disputed {
		/// Devices whose solutions were shown to be right.
		pub solved: BoundedVec<u32, ConstU32<MAX_DRAWN_DEVICES>>,
		/// A solution was shown to be wrong.
		pub false_solve: bool,
		/// The provider was shown to have signed two results.
		pub double_signed: bool,
	}
}

stored! {
	/// Randomness of all blocks so far.
	#[derive(Copy, Default)]
	pub struct BeaconState {
		/// A hash over what every block contributed.
		pub value: [u8; 32],
		/// The slot of the newest block whose contribution is in it.
		pub of: u64,
	}
}

stored! {
	/// A time in which the chain had no blocks.
	#[derive(Copy)]
	pub struct Halt {
		/// The slot of the last block before.
		pub from: u64,
		/// The slot of the first block after.
		pub until: u64,
	}
}

impl Halt {
	/// Whether it took anything from the window from one slot to another.
	pub fn touches(&self, since: u64, until: u64) -> bool {
		self.from < until && since < self.until
	}
}

stored! {
	/// A statement of an attestor about a round, as its key signs it.
	pub struct Payload<AuthorityId, Statement> {
		/// Hash of the chain's first block.
		pub genesis: [u8; 32],
		/// The resource.
		pub resource: ResourceId,
		/// The round.
		pub round: RoundId,
		/// [`Round::digest`].
		pub drawn: [u8; 32],
		/// The attestor's key.
		pub attestor: AuthorityId,
		/// What it says.
		pub statement: Statement,
	}
}

/// What an attestor can state: each kind is signed in a domain of its own.
pub trait Domain: Encode {
	/// The first bytes of what is signed.
	const DOMAIN: &'static [u8];
}

stored! {
	/// An attestor commits to a finding.
	#[derive(Copy)]
	pub struct Commits(pub [u8; 32]);
}

impl Domain for Commits {
	const DOMAIN: &'static [u8] = b"gcx/attestation/commit/1";
}

stored! {
	/// An attestor reveals its finding.
	pub struct Reveals {
		/// What it found.
		pub finding: Finding,
		/// The salt of its commitment.
		pub salt: [u8; 32],
	}
}

impl Domain for Reveals {
	const DOMAIN: &'static [u8] = b"gcx/attestation/reveal/1";
}

impl<AuthorityId: Encode, Statement: Domain> Payload<AuthorityId, Statement> {
	/// The bytes that the attestor's key signs.
	pub fn signed_bytes(&self) -> Vec<u8> {
		(Statement::DOMAIN, self).encode()
	}
}

/// A statement of an attestor and its signature.
pub type Signed<AuthorityId, Signature, Statement> = (Payload<AuthorityId, Statement>, Signature);

/// Two statements that an attestor signed of which it may sign one.
#[allow(clippy::large_enum_variant, reason = "what holds one is boxed")]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Equivocation<AuthorityId, Signature> {
	/// Two commitments.
	Commitments(Signed<AuthorityId, Signature, Commits>, Signed<AuthorityId, Signature, Commits>),
	/// Two findings.
	Findings(Signed<AuthorityId, Signature, Reveals>, Signed<AuthorityId, Signature, Reveals>),
}

/// Why an attestor is slashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Offence {
	/// It committed and did not reveal.
	Silence,
	/// It signed two statements of one kind about one round.
	Equivocation,
	/// The chain found the opposite of what it revealed.
	WrongEvidence,
}

/// What governs attestation.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct AttestationParameters<Balance> {
	/// The smallest bond of an attestor, in the token's smallest unit.
	pub min_bond: Balance,
	/// What an attestor loses that commits and does not reveal, in the token's smallest unit.
	pub silence_penalty: Balance,
	/// The share of its bond that an attestor loses that signs two statements of one kind about one round.
	pub equivocation_slash: Ppm,
	/// The share of its bond that an attestor loses whose finding the chain disproves.
	pub wrong_evidence_slash: Ppm,
	/// The share of what is slashed that goes to who reported it. At most a half, so that nobody gains by reporting itself.
	pub reporter_share: Ppm,
	/// What a provider pays for a round that it answers, in the token's smallest unit.
	pub round_fee: Balance,
	/// The fewest findings that make a quorum.
	pub quorum_attestors: u32,
	/// The fewest different owners that they must come from.
	pub quorum_owners: u32,
	/// How many attestors are drawn for a round.
	pub panel_size: u32,
	/// How many resources are looked at in a block, to open a round for.
	pub draws_per_block: u32,
	/// How many devices of a resource are examined.
	pub device_draws: u32,
	/// The fewest slots from the opening of a resource's round to that of the next.
	pub min_interval_slots: u64,
	/// Slots that a provider has to answer.
	pub answer_slots: u64,
	/// Slots that attestors have to commit.
	pub commit_slots: u64,
	/// Slots that attestors have to reveal.
	pub reveal_slots: u64,
	/// The fewest slots from the end of a resource's round to the opening of the next: so long it can be disputed.
	pub dispute_slots: u64,
	/// Median absolute deviations that a figure may be away from the median.
	pub deviations: Ppm,
	/// The distance from the median that is always allowed, as a share of it.
	pub tolerance: Ppm,
	/// What an outlier loses of its standing.
	pub standing_down: Ppm,
	/// What who agrees gains of standing.
	pub standing_up: Ppm,
}

/// The longest window, in slots: years. Sums of windows do not overflow.
pub(crate) const MAX_WINDOW: u64 = 1 << 40;

/// No bonds, no fees and short windows: what storage holds before genesis.
impl<Balance: Zero> Default for AttestationParameters<Balance> {
	fn default() -> Self {
		Self {
			min_bond: Zero::zero(),
			silence_penalty: Zero::zero(),
			equivocation_slash: Ppm::ONE,
			wrong_evidence_slash: Ppm::ONE,
			reporter_share: Ppm::percent(10),
			round_fee: Zero::zero(),
			quorum_attestors: 3,
			quorum_owners: 3,
			panel_size: 4,
			draws_per_block: 1,
			device_draws: 1,
			min_interval_slots: 100,
			answer_slots: 20,
			commit_slots: 20,
			reveal_slots: 20,
			dispute_slots: 20,
			// Three standard deviations of a normal distribution are 3 · 1.4826 median absolute ones.
			deviations: Ppm(4_447_800),
			tolerance: Ppm::percent(1),
			standing_down: Ppm::percent(20),
			standing_up: Ppm::percent(1),
		}
	}
}

impl<Balance> AttestationParameters<Balance> {
	/// Whether the parameters agree with each other and with the runtime's bounds.
	pub fn is_valid<T: Config>(&self) -> bool
	where
		Balance: PartialOrd<Balance> + PartialOrd<BalanceOf<T>>,
	{
		let bonds = self.min_bond >= T::NativeBalance::minimum_balance() && self.silence_penalty <= self.min_bond;
		let shares = [self.equivocation_slash, self.wrong_evidence_slash, self.standing_down, self.standing_up]
			.into_iter()
			.all(|share| share <= Ppm::ONE);
		let quorum = 1 <= self.quorum_owners
			&& self.quorum_owners <= self.quorum_attestors
			&& self.quorum_attestors <= self.panel_size
			&& self.panel_size <= MAX_PANEL;
		let draws = self.draws_per_block <= T::RoundsPerBlock::get()
			&& 1 <= self.device_draws
			&& self.device_draws <= MAX_DRAWN_DEVICES;
		let windows = [self.answer_slots, self.commit_slots, self.reveal_slots];
		let sum: u64 = windows.iter().map(|window| (*window).min(MAX_WINDOW)).sum();
		let times = windows.iter().chain([&self.dispute_slots]).all(|window| 1 <= *window && *window <= MAX_WINDOW)
			&& sum <= self.min_interval_slots
			&& self.min_interval_slots <= MAX_WINDOW;
		let filter = self.deviations >= Ppm::ONE && self.tolerance <= Ppm::ONE;
		bonds && shares && self.reporter_share <= Ppm::percent(50) && quorum && draws && times && filter
	}
}
