#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attestors;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block;
mod challenges;
mod closing;
mod disputes;
mod keys;
#[cfg(test)]
mod mock;
mod panel;
mod rounds;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
mod views;

pub mod weights;
pub mod worker;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use keys::{sr25519, KEY_TYPE};
pub use pallet::*;
pub use panel::commitment;
pub use types::{
	Answer, AttestationParameters, Attestor, BeaconState, Commits, Disputed, Domain, Draw, Equivocation, Finding, Halt,
	Member, Offence, Outcome, Payload, Purpose, Record, Report, Reveals, Round, Signed, SolveCommitment, Stage,
	Waiting,
};
pub use weights::WeightInfo;

use gcx_primitives::Ppm;

/// The most attestors of a panel.
pub const MAX_PANEL: u32 = 16;
/// The most devices of a resource that are examined in a round: so many of the largest solutions fit in a document.
pub const MAX_DRAWN_DEVICES: u32 = 8;
/// The least that an attestor's standing falls to.
pub const MIN_STANDING: Ppm = Ppm::percent(1);

#[frame_support::pallet]
pub mod pallet {
	use crate::{
		types::{AttestorOf, BalanceOf, CreditOf, EquivocationOf, ParametersOf, RoundOf, SignatureOf, WaitingOf},
		BeaconState, Commits, Disputed, Finding, Halt, Member, Offence, Outcome, Payload, Reveals, SolveCommitment,
		WeightInfo,
	};
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold, Balanced, Inspect},
			OnUnbalanced, Randomness, Time,
		},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use gcx_evidence::solve::{BYTES_PER_UNKNOWN, MAX_ORDER};
	use gcx_primitives::{
		ChallengeVerdict, ComputeResources, Day, DealId, OnPerformance, OnTenancyChallenged, ProofChallenge,
		ResourceId, RoundId, MAX_DEVICES,
	};
	use sp_application_crypto::RuntimeAppPublic;
	use sp_runtime::{traits::Convert, AccountId32, MultiSignature};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The most bytes of a solution.
	pub type MaxSolution = ConstU32<{ MAX_ORDER * BYTES_PER_UNKNOWN as u32 }>;

	/// Two signatures of a provider's agent: each of the digest of a result's content.
	pub type SignedDigest = ([u8; 32], MultiSignature);

	/// What the runtime provides. Its transactions need `frame_system::AuthorizeCall` in their pipeline.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: Into<AccountId32>>
		+ CreateAuthorizedTransaction<Call<Self>>
	{
		/// The token that is bonded and paid.
		type NativeBalance: Inspect<Self::AccountId>
			+ Balanced<Self::AccountId>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Balanced<Self::AccountId>;

		/// The runtime's reasons for holds, [`HoldReason`] among them.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who admits owners and changes parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock, in milliseconds since the Unix epoch.
		type Clock: Time<Moment = u64>;

		/// The slot of this block. It has to be known when this pallet's `on_initialize` runs.
		type Slot: Get<u64>;

		/// Length of a slot in milliseconds.
		#[pallet::constant]
		type SlotDuration: Get<u64>;

		/// What the block before contributed to the chain's randomness, if it did: nobody but its author knew that earlier.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// The resources.
		type Compute: ComputeResources<Self::AccountId>;

		/// The type of attestors' keys.
		type AuthorityId: sp_runtime::traits::Member + Parameter + RuntimeAppPublic + MaxEncodedLen;

		/// The account whose key it is.
		type AttestorAccount: Convert<Self::AuthorityId, Self::AccountId>;

		/// The most attestors, those that are leaving among them.
		#[pallet::constant]
		type MaxAttestors: Get<u32>;

		/// The most attestors of one owner, those that are leaving among them.
		#[pallet::constant]
		type MaxAttestorsPerOwner: Get<u32>;

		/// The most rounds that are open at a time.
		#[pallet::constant]
		type MaxRounds: Get<u32>;

		/// The most rounds that are brought on in a block, and the most that are opened, of draws and challenges together.
		#[pallet::constant]
		type RoundsPerBlock: Get<u32>;

		/// Who is told what came of challenges.
		type OnChallenged: OnTenancyChallenged<Self::AccountId>;

		/// Decides challenges itself, of the classes that can be proven.
		type Proof: ProofChallenge<Self::AccountId>;

		/// The most challenges that wait for their rounds.
		#[pallet::constant]
		type MaxChallenges: Get<u32>;

		/// One in so many slots is the one in which a challenge's round is opened, at random; it is opened at the latest after four
		/// times as many.
		#[pallet::constant]
		type ChallengeSpread: Get<u32>;

		/// Slots for which a bond stays held, and slashable, after its attestor stopped.
		#[pallet::constant]
		type UnbondingSlots: Get<u64>;

		/// Slots between the approval of new parameters and the first block in which they hold.
		#[pallet::constant]
		type ParameterDelaySlots: Get<u64>;

		/// More slots without a block than these are a halt: windows that it touches begin again.
		#[pallet::constant]
		type HaltSlots: Get<u64>;

		/// Takes the slashed money. Dropping it burns it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// Who is told which attestors found what the quorum did.
		type Performance: OnPerformance<Self::AccountId>;

		/// Takes the part of a fee that nobody earned. Dropping it burns it.
		type OnUnpaid: OnUnbalanced<CreditOf<Self>>;

		/// Measured weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets benchmarks up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper;
	}

	/// Why this pallet holds funds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bonds of an owner's attestors.
		#[codec(index = 0)]
		AttestorBond,
		/// The fees of a provider's open rounds.
		#[codec(index = 1)]
		RoundFee,
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What governs attestation now.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, ParametersOf<T>, ValueQuery>;

	/// Approved parameters and the slot from which they are in force.
	#[pallet::storage]
	pub type PendingParameters<T: Config> = StorageValue<_, (u64, ParametersOf<T>), OptionQuery>;

	/// Randomness of all blocks so far.
	#[pallet::storage]
	pub type Beacon<T: Config> = StorageValue<_, BeaconState, ValueQuery>;

	/// The slot of this block.
	#[pallet::storage]
	pub type LastSlot<T: Config> = StorageValue<_, u64, OptionQuery>;

	/// The last time in which the chain stood still.
	#[pallet::storage]
	pub type LastHalt<T: Config> = StorageValue<_, Halt, OptionQuery>;

	/// Who may own attestors.
	#[pallet::storage]
	pub type Owners<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, (), OptionQuery>;

	/// Every attestor that is bonded, whatever it is doing.
	#[pallet::storage]
	pub type Attestors<T: Config> = CountedStorageMap<_, Twox64Concat, T::AccountId, AttestorOf<T>, OptionQuery>;

	/// The round that a resource is in, or was in last: it stays until the next one opens.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, ResourceId, RoundOf<T>, OptionQuery>;

	/// Open rounds with the last slot of the window that each is in, by these and then by resource.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageValue<_, BoundedVec<(u64, ResourceId), T::MaxRounds>, ValueQuery>;

	/// Challenges whose rounds are not yet open, in the order in which they were asked for.
	#[pallet::storage]
	pub type Requested<T: Config> = StorageValue<_, BoundedVec<WaitingOf<T>, T::MaxChallenges>, ValueQuery>;

	/// What the panel of a resource's last round has done.
	#[pallet::storage]
	pub type Members<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ResourceId, Twox64Concat, T::AccountId, Member, ValueQuery>;

	/// What the chain itself has established about a resource's last round.
	#[pallet::storage]
	pub type Disputes<T: Config> = StorageMap<_, Twox64Concat, ResourceId, Disputed, ValueQuery>;

	/// The run of the last round of a resource that was attested: it cannot be the answer to another.
	#[pallet::storage]
	pub type LastRuns<T: Config> = StorageMap<_, Twox64Concat, ResourceId, [u8; 32], OptionQuery>;

	#[allow(missing_docs, reason = "a variant says what its fields are")]
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account may own attestors.
		OwnerAdmitted { owner: T::AccountId },
		/// An account may no longer own attestors; what they find counts no more.
		OwnerExpelled { owner: T::AccountId },
		/// An attestor was bonded.
		Registered { attestor: T::AccountId, owner: T::AccountId, bond: BalanceOf<T> },
		/// An attestor's bond was raised by `extra` to `bond`.
		BondRaised { attestor: T::AccountId, extra: BalanceOf<T>, bond: BalanceOf<T> },
		/// An attestor stopped. Its bond can be withdrawn after the slot `until`.
		Leaving { attestor: T::AccountId, until: u64 },
		/// A bond was given back in full.
		Withdrawn { attestor: T::AccountId, owner: T::AccountId, bond: BalanceOf<T> },
		/// An attestor lost `amount` of its bond; `left` remains. Of that the reporter got `reward`.
		Slashed {
			attestor: T::AccountId,
			offence: Offence,
			amount: BalanceOf<T>,
			left: BalanceOf<T>,
			reporter: Option<T::AccountId>,
			reward: BalanceOf<T>,
		},
		/// A buyer challenges a resource that delivers to it; `tenant` is its endpoint's account.
		ChallengeRequested { resource: ResourceId, deal: DealId, day: Day, tenant: T::AccountId },
		/// The round that was just opened is that of a challenge.
		ChallengeOpened { resource: ResourceId, round: RoundId, deal: DealId, day: Day },
		/// What came of a challenge.
		ChallengeDecided { resource: ResourceId, deal: DealId, day: Day, verdict: ChallengeVerdict<T::AccountId> },
		/// A resource was drawn, or challenged: its provider answers up to the slot `answer_until`.
		Opened { resource: ResourceId, round: RoundId, nonce: [u8; 32], answer_until: u64 },
		/// A provider answered, and `fee` is held of it.
		Answered { resource: ResourceId, round: RoundId, solve: Option<SolveCommitment>, fee: BalanceOf<T> },
		/// What is examined, and by whom, was drawn: the panel commits up to the slot `commit_until`.
		Drawn {
			resource: ResourceId,
			round: RoundId,
			rows: [u8; 32],
			devices: Vec<u32>,
			panel: Vec<T::AccountId>,
			commit_until: u64,
		},
		/// An attestor committed to a finding.
		Committed { resource: ResourceId, round: RoundId, attestor: T::AccountId },
		/// The panel reveals up to the slot `reveal_until`.
		Revealing { resource: ResourceId, round: RoundId, reveal_until: u64 },
		/// An attestor revealed its finding.
		Revealed { resource: ResourceId, round: RoundId, attestor: T::AccountId, finding: Finding },
		/// The chain stood still in a window, which therefore goes on up to the slot `until`.
		Extended { resource: ResourceId, round: RoundId, until: u64 },
		/// An attestor found what the quorum found, and its owner was paid for it.
		Agreed { resource: ResourceId, round: RoundId, attestor: T::AccountId, paid: BalanceOf<T> },
		/// An attestor found something else than the quorum.
		Outlier { resource: ResourceId, round: RoundId, attestor: T::AccountId },
		/// A round came to an outcome. Of the fee `paid` went to attestors and `unpaid` to nobody.
		Closed {
			resource: ResourceId,
			round: RoundId,
			outcome: Outcome,
			fee: BalanceOf<T>,
			paid: BalanceOf<T>,
			unpaid: BalanceOf<T>,
		},
		/// The chain itself found that a device's solution solves its system, or that it does not.
		SolveExamined { resource: ResourceId, round: RoundId, device: u32, solves: bool, by: T::AccountId },
		/// A provider was shown to have signed two results for one round.
		DoubleSigned { resource: ResourceId, round: RoundId, by: T::AccountId },
		/// New parameters were approved; they are in force from the slot `from`.
		ParametersApproved { from: u64, parameters: ParametersOf<T> },
		/// The parameters that are in force from now.
		ParametersChanged { parameters: ParametersOf<T> },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account may not own attestors.
		NotAdmitted,
		/// The account may own attestors already.
		AlreadyAdmitted,
		/// The account is an attestor already.
		AlreadyAttestor,
		/// The account is not an attestor, or not the caller's.
		NotAttestor,
		/// There are as many attestors as there can be.
		TooManyAttestors,
		/// The owner has as many attestors as one can have.
		TooManyAttestorsOfOwner,
		/// The bond is smaller than `Parameters.min_bond`.
		BondTooSmall,
		/// The amount to add is zero.
		NothingToAdd,
		/// The attestor is leaving.
		AlreadyLeaving,
		/// The attestor is not leaving; `unregister` comes first.
		NotLeaving,
		/// The unbonding time is not over; the bond can still be slashed.
		StillUnbonding,
		/// The attestor is on the panel of a round that is open.
		OnDuty,
		/// The parameters contradict each other or the runtime's bounds.
		InvalidParameters,
		/// It is not the resource's last round.
		UnknownRound,
		/// The caller is neither the resource's provider nor its agent.
		NotProvider,
		/// The round waits for no answer, or no longer.
		NotAnswering,
		/// The provider answered already.
		AlreadyAnswered,
		/// The class asks for a solve.
		SolveMissing,
		/// The class asks for no solve.
		SolveUnexpected,
		/// The order of the system is not one that is examined.
		OrderOutOfRange,
		/// The round is about something else: it was drawn otherwise, or the chain is another.
		WrongSubject,
		/// The attestor is not on the panel of the round.
		NotOnPanel,
		/// The window for commitments is not open.
		NotCommitting,
		/// The attestor committed already.
		AlreadyCommitted,
		/// The window for findings is not open.
		NotRevealing,
		/// The attestor did not commit.
		NotCommitted,
		/// The attestor revealed already.
		AlreadyRevealed,
		/// Finding and salt are not what the attestor committed to.
		WrongReveal,
		/// The finding is none that an attestor can have.
		InvalidFinding,
		/// A signature is not of who is said to have signed.
		BadSignature,
		/// Both statements, or results, are the same.
		NoContradiction,
		/// This offence was punished already.
		AlreadyPunished,
		/// The round is still open.
		StillOpen,
		/// There is no solve to dispute.
		NothingToDispute,
		/// The hashes are not what the provider committed to.
		WrongHashes,
		/// The device was not drawn.
		NotDrawn,
		/// The solution is not the one that was committed to.
		WrongSolution,
		/// It was established already.
		AlreadyEstablished,
		/// The round is where the clock says it is.
		NothingToAdvance,
		/// There is no such resource.
		UnknownResource,
		/// This delivery is challenged for the day already.
		AlreadyChallenged,
		/// As many challenges wait as can.
		TooManyChallenges,
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The attestors: account, owner, bond. Each owner is admitted and needs the balance.
		pub attestors: Vec<(T::AccountId, T::AccountId, BalanceOf<T>)>,
		/// The parameters in force from the start; none for the loosest that are valid.
		pub parameters: Option<ParametersOf<T>>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { attestors: Vec::new(), parameters: None }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let parameters = self.parameters.clone().unwrap_or_else(|| ParametersOf::<T> {
				min_bond: T::NativeBalance::minimum_balance(),
				..Default::default()
			});
			assert!(parameters.is_valid::<T>(), "genesis: attestation's parameters contradict each other");
			Parameters::<T>::put(parameters);
			for (attestor, owner, bond) in &self.attestors {
				Owners::<T>::insert(owner, ());
				if let Err(error) = Pallet::<T>::do_register(owner.clone(), attestor.clone(), *bond) {
					panic!("genesis: {owner:?} cannot bond {bond:?} for {attestor:?}: {error:?}");
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Takes up the randomness of the block before, brings due rounds on, and opens new ones: of challenges, then of draws.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::begin_block()
		}

		/// Examines what the resources of this node's attestors answered. See [`crate::worker`].
		fn offchain_worker(_: BlockNumberFor<T>) {
			crate::worker::run::<T>();
		}

		fn integrity_test() {
			assert!(T::SlotDuration::get() > 0, "a slot has a length");
			assert!(T::MaxRounds::get() > 0 && T::RoundsPerBlock::get() > 0, "there is a round at a time");
			assert!(T::MaxAttestors::get() > 0 && T::MaxAttestorsPerOwner::get() > 0, "there is an attestor");
			assert!(T::HaltSlots::get() > 0, "blocks are at least a slot apart");
			assert!(T::MaxChallenges::get() > 0 && T::ChallengeSpread::get() > 0, "a challenge has its slot");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Lets an account own attestors.
		///
		/// # Errors
		/// [`Error::AlreadyAdmitted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::admit_owner())]
		pub fn admit_owner(origin: OriginFor<T>, owner: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_admit_owner(owner)
		}

		/// No longer lets an account own attestors. Those it has begin to leave; what they find counts no more.
		///
		/// # Errors
		/// [`Error::NotAdmitted`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::expel_owner())]
		pub fn expel_owner(origin: OriginFor<T>, owner: T::AccountId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_expel_owner(owner)
		}

		/// Approves new parameters, in force after [`Config::ParameterDelaySlots`]. Replaces an approval that is not yet in
		/// force.
		///
		/// # Errors
		/// [`Error::InvalidParameters`], or `BadOrigin` for anyone but governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: ParametersOf<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}

		/// Holds `bond` of the caller's balance for an account that attests in its name. The account is the public key of the
		/// attestor's key of type `atst`.
		///
		/// # Errors
		/// [`Error::NotAdmitted`], [`Error::AlreadyAttestor`], [`Error::BondTooSmall`], [`Error::TooManyAttestors`],
		/// [`Error::TooManyAttestorsOfOwner`], or the token's error if the balance does not suffice.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			attestor: T::AccountId,
			#[pallet::compact] bond: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_register(ensure_signed(origin)?, attestor, bond)
		}

		/// Adds `extra` to the bond of one of the caller's attestors.
		///
		/// # Errors
		/// [`Error::NothingToAdd`], [`Error::NotAttestor`], [`Error::AlreadyLeaving`], or the token's error if the balance
		/// does not suffice.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::bond_extra())]
		pub fn bond_extra(
			origin: OriginFor<T>,
			attestor: T::AccountId,
			#[pallet::compact] extra: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, attestor, extra)
		}

		/// Stops one of the caller's attestors. Its bond stays held, and slashable, for [`Config::UnbondingSlots`].
		///
		/// # Errors
		/// [`Error::NotAttestor`], [`Error::AlreadyLeaving`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::unregister())]
		pub fn unregister(origin: OriginFor<T>, attestor: T::AccountId) -> DispatchResult {
			Self::do_unregister(ensure_signed(origin)?, attestor)
		}

		/// Gives the whole remaining bond of a stopped attestor back to its owner. Anyone may ask for it: the attestor's place is
		/// free then.
		///
		/// # Errors
		/// [`Error::NotAttestor`], [`Error::NotLeaving`], [`Error::StillUnbonding`], [`Error::OnDuty`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, attestor: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(attestor)
		}

		/// Answers a draw, with the solve where the class asks for one. By the resource's agent or provider; the round's fee is
		/// held of the provider. Free if it succeeds.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::NotProvider`], [`Error::NotAnswering`], [`Error::AlreadyAnswered`],
		/// [`Error::SolveMissing`], [`Error::SolveUnexpected`], [`Error::OrderOutOfRange`], or the token's error if the
		/// provider's balance does not suffice.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::answer_draw())]
		pub fn answer_draw(
			origin: OriginFor<T>,
			resource: ResourceId,
			round: RoundId,
			solve: Option<SolveCommitment>,
		) -> DispatchResultWithPostInfo {
			Self::do_answer(ensure_signed(origin)?, resource, round, solve)
		}

		/// Commits the caller, an attestor, to a finding: the hash is [`commitment`](crate::commitment). Free if it succeeds.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::NotOnPanel`], [`Error::NotCommitting`], [`Error::AlreadyCommitted`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::commit())]
		pub fn commit(
			origin: OriginFor<T>,
			resource: ResourceId,
			round: RoundId,
			hash: [u8; 32],
		) -> DispatchResultWithPostInfo {
			Self::do_commit(ensure_signed(origin)?, resource, round, hash)
		}

		/// Reveals what the caller committed to. Free if it succeeds.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::NotOnPanel`], [`Error::NotRevealing`], [`Error::NotCommitted`],
		/// [`Error::AlreadyRevealed`], [`Error::WrongReveal`], [`Error::InvalidFinding`].
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::reveal())]
		pub fn reveal(
			origin: OriginFor<T>,
			resource: ResourceId,
			round: RoundId,
			finding: Finding,
			salt: [u8; 32],
		) -> DispatchResultWithPostInfo {
			Self::do_reveal(ensure_signed(origin)?, resource, round, finding, salt)
		}

		/// As [`Pallet::commit`], by a general transaction that the attestor's key signed the content of. Free.
		///
		/// # Errors
		/// As [`Pallet::commit`]; what is not signed by the key, or is of another round, does not become a transaction.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::commit())]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_commit())]
		#[pallet::authorize(Self::authorize_commit)]
		pub fn commit_authorized(
			origin: OriginFor<T>,
			payload: Payload<T::AuthorityId, Commits>,
			_signature: SignatureOf<T>,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let Payload { resource, round, attestor, statement: Commits(hash), .. } = payload;
			Self::do_commit(T::AttestorAccount::convert(attestor), resource, round, hash)
		}

		/// As [`Pallet::reveal`], by a general transaction that the attestor's key signed the content of. Free.
		///
		/// # Errors
		/// As [`Pallet::reveal`]; what is not signed by the key, or is of another round, does not become a transaction.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::reveal())]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_reveal())]
		#[pallet::authorize(Self::authorize_reveal)]
		pub fn reveal_authorized(
			origin: OriginFor<T>,
			payload: Payload<T::AuthorityId, Reveals>,
			_signature: SignatureOf<T>,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let Payload { resource, round, attestor, statement: Reveals { finding, salt }, .. } = payload;
			Self::do_reveal(T::AttestorAccount::convert(attestor), resource, round, finding, salt)
		}

		/// Shows that an attestor signed two statements of one kind about a resource's last round. It is slashed, and the
		/// caller gets a share of that.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::WrongSubject`], [`Error::NotOnPanel`], [`Error::NoContradiction`],
		/// [`Error::BadSignature`], [`Error::AlreadyPunished`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::report_equivocation())]
		pub fn report_equivocation(origin: OriginFor<T>, proof: Box<EquivocationOf<T>>) -> DispatchResult {
			Self::do_report_equivocation(ensure_signed(origin)?, *proof)
		}

		/// Shows that a provider's agent signed two results for a resource's last round. The provider is slashed by
		/// whoever keeps its bond.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::NoContradiction`], [`Error::BadSignature`], [`Error::AlreadyEstablished`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::report_double_signing())]
		pub fn report_double_signing(
			origin: OriginFor<T>,
			resource: ResourceId,
			round: RoundId,
			first: SignedDigest,
			second: SignedDigest,
		) -> DispatchResult {
			Self::do_report_double_signing(ensure_signed(origin)?, resource, round, first, second)
		}

		/// Has the chain itself examine the solution of a drawn device, of a resource's last round, when that is closed. If it
		/// is wrong, the provider is slashed and so are the attestors that accepted it; if those of all drawn devices are
		/// right, the attestors that refused the solve are slashed. The caller gets a share.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::StillOpen`], [`Error::NothingToDispute`], [`Error::NotDrawn`],
		/// [`Error::AlreadyEstablished`], [`Error::WrongHashes`], [`Error::WrongSolution`].
		#[pallet::call_index(14)]
		#[pallet::weight(Pallet::<T>::dispute_weight(hashes.len(), solution.len()))]
		pub fn dispute_solve(
			origin: OriginFor<T>,
			resource: ResourceId,
			round: RoundId,
			hashes: BoundedVec<[u8; 32], ConstU32<MAX_DEVICES>>,
			device: u32,
			solution: BoundedVec<u8, MaxSolution>,
		) -> DispatchResult {
			Self::do_dispute_solve(ensure_signed(origin)?, resource, round, &hashes, device, &solution)
		}

		/// Brings a round to where the clock says it is, by one step. Anyone may, so that attestation depends on no hook.
		///
		/// # Errors
		/// [`Error::UnknownRound`], [`Error::NothingToAdvance`].
		#[pallet::call_index(15)]
		#[pallet::weight(Pallet::<T>::advance_weight())]
		pub fn advance(origin: OriginFor<T>, resource: ResourceId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_advance(resource)
		}
	}
}
