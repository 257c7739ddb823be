//! A chain with real `balances` and `timestamp`, resources in memory, and a scenario builder.

use crate as pallet_attestation;
use crate::{
	sr25519::{AuthorityId, AuthorityPair, KeyAccount},
	types::CreditOf,
	AttestationParameters, Finding, Report, SolveCommitment, Stage,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Balanced, ConstU32, ConstU64, Hooks, OnUnbalanced, Randomness},
	weights::Weight,
};
use frame_system::EnsureRoot;
use gcx_primitives::{
	Capacity, ChallengeRequest, ChallengeVerdict, ClassId, ComputeResources, Day, DealId, Measurement, Metric,
	OnTenancyChallenged, Ppm, ProofChallenge, ProofOpening, ProviderOffence, ReferenceVersion, Region, ResourceId,
	ResourceState, RoundId, Subject, TenancyChallenge,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Convert, IdentityLookup},
	AccountId32, BuildStorage, MultiSignature,
};
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = AccountId32;
pub type Balance = u64;

/// Length of a slot of the tests in milliseconds.
pub const SLOT: u64 = 6_000;
/// What every account of the tests starts with.
pub const ENDOWMENT: Balance = 1_000_000;
/// The resource of the tests.
pub const RESOURCE: ResourceId = ResourceId(1);
/// The slot of the first block.
pub const FIRST_SLOT: u64 = 1_000;
/// Hash of the first block.
pub const GENESIS: [u8; 32] = [9; 32];

pub type TxExtension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = sp_runtime::generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, TxExtension>;
type Block = sp_runtime::generic::Block<sp_runtime::generic::Header<u64, BlakeTwo256>, Extrinsic>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Attestation: pallet_attestation,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU64<1>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> frame_system::offchain::CreateTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;
	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
		Extrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> frame_system::offchain::CreateAuthorizedTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		TxExtension::new()
	}
}

/// What the keeper of resources was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
	Attested(ResourceId, gcx_primitives::Attestation),
	Unattested(ResourceId),
	Refused(ResourceId),
	Missed(ResourceId),
	Offended(ResourceId, ProviderOffence, Option<AccountId>),
}

parameter_types! {
	pub static CurrentSlot: u64 = FIRST_SLOT;
	/// Whether blocks contribute randomness.
	pub static Fresh: bool = true;
	/// What differs from one random chain to another.
	pub static Luck: u64 = 0;
	pub static Resources: BTreeMap<ResourceId, (Subject<AccountId>, ResourceState)> = BTreeMap::new();
	pub static Heard: Vec<Told> = Vec::new();
	/// Owners of attestors that found what the quorum did.
	pub static Performed: Vec<AccountId> = Vec::new();
	/// The resources that are nominated for today.
	pub static Delivering: BTreeSet<ResourceId> = BTreeSet::new();
	/// What came of challenges, the oldest first.
	pub static Decided: Vec<(DealId, Day, ChallengeVerdict<AccountId>)> = Vec::new();
	pub static ChallengeSpread: u32 = 3;
	/// What becomes of challenges that are to be decided by proof.
	pub static ProofOpens: ProofOpening = ProofOpening::NotProvable;
	/// Those that were opened.
	pub static HandedOver: Vec<ChallengeRequest<AccountId>> = Vec::new();
}

/// What is decided by proof, and what became of it.
pub struct Prover;
impl ProofChallenge<AccountId> for Prover {
	fn open(request: &ChallengeRequest<AccountId>) -> ProofOpening {
		match ProofOpens::get() {
			ProofOpening::Opened => {
				HandedOver::mutate(|handed| handed.push(request.clone()));
				ProofOpening::Opened
			},
			other => other,
		}
	}

	fn is_open(resource: ResourceId, deal: DealId, day: Day) -> bool {
		HandedOver::get().iter().any(|request| (request.resource, request.deal, request.day) == (resource, deal, day))
	}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// Who wants to know what came of challenges.
pub struct Court;
impl OnTenancyChallenged<AccountId> for Court {
	fn decided(deal: DealId, day: Day, verdict: ChallengeVerdict<AccountId>) {
		// All else is done when it is told: it could ask for another challenge of the same day.
		undone(|| {
			let again = challenge_of(RESOURCE, deal.0, day.0);
			assert_ne!(again, Err(crate::Error::<Test>::AlreadyChallenged.into()));
		});
		Decided::mutate(|decided| decided.push((deal, day, verdict)));
	}

	fn weight() -> Weight {
		Weight::from_parts(1_000, 10)
	}
}

/// Hashes of the slot before: each block contributes.
pub struct SlotRandomness;
impl Randomness<Option<H256>, u64> for SlotRandomness {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let content = codec::Encode::encode(&(subject, System::block_number(), Luck::get()));
		(Fresh::get().then(|| H256(sp_io::hashing::blake2_256(&content))), 0)
	}
}

/// Resources in memory.
pub struct InMemory;
impl ComputeResources<AccountId> for InMemory {
	fn drawable() -> u32 {
		u32::try_from(Resources::get().len()).expect("few")
	}

	fn drawable_at(index: u32) -> Option<ResourceId> {
		Resources::get().keys().nth(usize::try_from(index).ok()?).copied()
	}

	fn subject(resource: ResourceId) -> Option<Subject<AccountId>> {
		Resources::get().get(&resource).map(|(subject, _)| subject.clone())
	}

	fn state(resource: ResourceId) -> Option<ResourceState> {
		Resources::get().get(&resource).map(|(_, state)| *state)
	}

	fn region(resource: ResourceId) -> Option<Region> {
		Self::subject(resource).map(|_| Region(276))
	}

	fn is_delivering(resource: ResourceId) -> bool {
		Delivering::get().contains(&resource)
	}

	fn capacity_shown(resource: ResourceId, devices: u32, solved: u64) -> Capacity {
		let solves = Self::subject(resource).is_some_and(|subject| subject.solves);
		Capacity(if solves { u128::from(devices) * u128::from(solved) } else { 0 })
	}

	fn attested(resource: ResourceId, attestation: gcx_primitives::Attestation) {
		Heard::mutate(|heard| heard.push(Told::Attested(resource, attestation)));
	}

	fn unattested(resource: ResourceId) {
		Heard::mutate(|heard| heard.push(Told::Unattested(resource)));
	}

	fn refused(resource: ResourceId) {
		Heard::mutate(|heard| heard.push(Told::Refused(resource)));
	}

	fn missed(resource: ResourceId) {
		Heard::mutate(|heard| heard.push(Told::Missed(resource)));
	}

	fn offended(resource: ResourceId, offence: ProviderOffence, reporter: Option<AccountId>) {
		Heard::mutate(|heard| heard.push(Told::Offended(resource, offence, reporter)));
	}
}

/// Gathers what it gets on an account of its own.
pub struct Gathered<const ACCOUNT: u8>;
impl<const ACCOUNT: u8> Gathered<ACCOUNT> {
	/// All that it got.
	pub fn get() -> Balance {
		Balances::free_balance(account(ACCOUNT))
	}
}
impl<const ACCOUNT: u8> OnUnbalanced<CreditOf<Test>> for Gathered<ACCOUNT> {
	fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
		Balances::resolve(&account(ACCOUNT), credit).expect("the account takes any amount");
	}
}
pub type Slashed = Gathered<200>;
pub type Unpaid = Gathered<201>;

/// Takes note of who agreed.
pub struct Performances;
impl gcx_primitives::OnPerformance<AccountId> for Performances {
	fn attested(attestor: &AccountId) {
		Performed::mutate(|all| all.push(attestor.clone()));
	}
	fn delivered(_: &AccountId, _: gcx_primitives::Cash, _: Ppm) {}
}

impl pallet_attestation::Config for Test {
	type Performance = Performances;
	type AttestorAccount = KeyAccount;
	type AuthorityId = AuthorityId;
	type ChallengeSpread = ChallengeSpread;
	type Clock = Timestamp;
	type Compute = InMemory;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HaltSlots = ConstU64<5>;
	type MaxAttestors = ConstU32<8>;
	type MaxAttestorsPerOwner = ConstU32<3>;
	type MaxChallenges = ConstU32<5>;
	type MaxRounds = ConstU32<6>;
	type NativeBalance = Balances;
	type OnChallenged = Court;
	type OnSlash = Slashed;
	type OnUnpaid = Unpaid;
	type ParameterDelaySlots = ConstU64<10>;
	type Proof = Prover;
	type Randomness = SlotRandomness;
	type RoundsPerBlock = ConstU32<3>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slot = CurrentSlot;
	type SlotDuration = ConstU64<SLOT>;
	type UnbondingSlots = ConstU64<30>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = BenchmarkWorld;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkWorld;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for BenchmarkWorld {
	fn set_slot(slot: u64) {
		CurrentSlot::set(slot);
	}

	fn add_resource() -> ResourceId {
		RESOURCE
	}
}

/// A chain whose runtime can sign, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn with_keystore() -> sp_io::TestExternalities {
	let mut ext = World::default().build();
	ext.register_extension(sp_keystore::KeystoreExt::new(sp_keystore::testing::MemoryKeystore::new()));
	ext
}

pub fn account(number: u8) -> AccountId {
	AccountId::new([number; 32])
}

/// The key pair of an attestor of the tests.
pub fn pair(attestor: u8) -> AuthorityPair {
	let derived = || AuthorityPair::from_string(&format!("//Attestor{attestor}"), None).expect("a path");
	// Deriving one takes longer than what most tests do with it.
	PAIRS.with_borrow_mut(|pairs| pairs.entry(attestor).or_insert_with(derived).clone())
}

thread_local! {
	static PAIRS: std::cell::RefCell<BTreeMap<u8, AuthorityPair>> = Default::default();
	static AGENT: sp_core::sr25519::Pair = sp_core::sr25519::Pair::from_string("//Agent", None).expect("a path");
}

pub fn key(attestor: u8) -> AuthorityId {
	pair(attestor).public()
}

/// The account of an attestor of the tests.
pub fn attestor(number: u8) -> AccountId {
	KeyAccount::convert(key(number))
}

pub fn provider() -> AccountId {
	account(41)
}

/// The key pair of the provider's agent.
pub fn agent_pair() -> sp_core::sr25519::Pair {
	AGENT.with(Clone::clone)
}

pub fn agent() -> AccountId {
	agent_pair().public().into()
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn subject(solves: bool) -> Subject<AccountId> {
	let (provider, agent) = (provider(), agent());
	Subject { provider, agent, class: ClassId(1), version: ReferenceVersion(1), devices: 2, solves }
}

pub fn parameters() -> AttestationParameters<Balance> {
	AttestationParameters {
		min_bond: 100,
		silence_penalty: 10,
		equivocation_slash: Ppm::percent(50),
		wrong_evidence_slash: Ppm::percent(80),
		reporter_share: Ppm::percent(10),
		round_fee: 103,
		quorum_attestors: 3,
		quorum_owners: 3,
		panel_size: 4,
		draws_per_block: 1,
		device_draws: 2,
		min_interval_slots: 20,
		answer_slots: 4,
		commit_slots: 4,
		reveal_slots: 4,
		dispute_slots: 4,
		deviations: Ppm(4_447_800),
		tolerance: Ppm::percent(1),
		standing_down: Ppm::percent(20),
		standing_up: Ppm::percent(1),
	}
}

/// The chain that a test begins with: the attestors 1, 2, 3, 4 of the owners 11, 12, 13, 14, bonded with 400 each, and one
/// resource of two devices. Accounts up to 60 have money.
pub struct World {
	pub attestors: Vec<(u8, u8, Balance)>,
	pub parameters: AttestationParameters<Balance>,
	pub resources: Vec<(ResourceId, Subject<AccountId>)>,
}

impl Default for World {
	fn default() -> Self {
		Self {
			attestors: (1..=4).map(|number| (number, 10 + number, 400)).collect(),
			parameters: parameters(),
			resources: vec![(RESOURCE, subject(true))],
		}
	}
}

impl World {
	pub fn attestors(mut self, attestors: &[(u8, u8)]) -> Self {
		self.attestors = attestors.iter().map(|(attestor, owner)| (*attestor, *owner, 400)).collect();
		self
	}

	pub fn change(mut self, change: impl FnOnce(&mut AttestationParameters<Balance>)) -> Self {
		change(&mut self.parameters);
		self
	}

	pub fn resources(mut self, resources: &[(ResourceId, Subject<AccountId>)]) -> Self {
		self.resources = resources.to_vec();
		self
	}

	/// A class that asks for no solve.
	pub fn declared(self) -> Self {
		self.resources(&[(RESOURCE, subject(false))])
	}

	pub fn build(self) -> sp_io::TestExternalities {
		CurrentSlot::set(FIRST_SLOT);
		Fresh::set(true);
		Luck::set(0);
		Heard::set(Vec::new());
		Performed::set(Vec::new());
		Delivering::set(BTreeSet::new());
		Decided::set(Vec::new());
		ProofOpens::set(ProofOpening::NotProvable);
		HandedOver::set(Vec::new());
		ChallengeSpread::set(3);
		let resources = self.resources.into_iter();
		Resources::set(resources.map(|(id, subject)| (id, (subject, ResourceState::Active))).collect());
		let attestors =
			self.attestors.iter().map(|(number, owner, bond)| (attestor(*number), account(*owner), *bond)).collect();
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=60).map(|who| (account(who), ENDOWMENT)).collect(),
				..Default::default()
			},
			attestation: crate::GenesisConfig { attestors, parameters: Some(self.parameters) },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
			System::set_block_number(1);
			pallet_timestamp::Now::<Test>::put(FIRST_SLOT * SLOT);
			crate::LastSlot::<Test>::put(FIRST_SLOT);
		});
		ext
	}

	/// Runs `test` and checks the invariants afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Attestation::do_try_state().expect("the invariants hold after the test");
		})
	}
}

/// Lets so many slots go by and makes a block in the last of them. The clock follows when the block has begun.
pub fn block_after(slots: u64) {
	CurrentSlot::mutate(|slot| *slot += slots);
	System::set_block_number(System::block_number() + 1);
	Attestation::on_initialize(System::block_number());
	pallet_timestamp::Now::<Test>::put(CurrentSlot::get() * SLOT);
}

/// Makes a block in each of so many slots.
pub fn blocks(slots: u64) {
	(0..slots).for_each(|_| block_after(1));
}

pub fn slot() -> u64 {
	CurrentSlot::get()
}

pub type TestRound = crate::types::RoundOf<Test>;

/// The last round of a resource.
pub fn round_of(resource: ResourceId) -> TestRound {
	crate::Rounds::<Test>::get(resource).expect("there was a round")
}

/// The last round of the resource of the tests.
pub fn round() -> TestRound {
	round_of(RESOURCE)
}

/// A delivery of the resource is challenged for a day.
pub fn challenge_of(resource: ResourceId, deal: u32, day: u32) -> Result<(), sp_runtime::DispatchError> {
	let (deal, day, tenant) = (DealId(deal), Day(day), account(50));
	// As a call does: with an error nothing is left of it.
	frame_support::storage::with_storage_layer(|| {
		Attestation::request(ChallengeRequest { deal, day, resource, tenant })
	})
}

/// The resource of the tests delivers today, so that it is not drawn, and the delivery is challenged.
pub fn challenged() {
	Delivering::mutate(|delivering| delivering.insert(RESOURCE));
	assert_ok!(challenge_of(RESOURCE, 1, 1));
}

/// Makes blocks until the resource's round is at a stage.
pub fn until(stage: Stage) {
	for _ in 0..100 {
		if crate::Rounds::<Test>::get(RESOURCE).is_some_and(|round| round.stage == stage) {
			return;
		}
		block_after(1);
	}
	panic!("the round never came to {stage:?}: {:?}", crate::Rounds::<Test>::get(RESOURCE));
}

/// Makes blocks until a round is open, and says which.
pub fn open() -> RoundId {
	until(Stage::Answer);
	round().id
}

/// A solve that nobody looks into.
pub const SOLVE: SolveCommitment = SolveCommitment { order: 1_024, commitment: [5; 32] };

/// The agent answers the open round.
pub fn answer(solve: Option<SolveCommitment>) {
	assert_ok!(Attestation::answer_draw(signed(agent()), RESOURCE, round().id, solve));
}

/// A round is opened, answered with a solve if the class asks for one, and drawn.
pub fn drawn() {
	open();
	answer(round().solves.then_some(SOLVE));
	until(Stage::Commit);
}

pub fn report(value: u64) -> Report {
	let declared = vec![Measurement { metric: Metric::StreamTriad, value }].try_into().expect("one");
	Report { run: [1; 32], evidence: [2; 32], declared, milliwatts: None }
}

pub fn attested(value: u64) -> Finding {
	Finding::Attested(report(value))
}

pub fn salt(number: u8) -> [u8; 32] {
	[number; 32]
}

/// The commitment of an attestor to a finding in the open round.
pub fn hash(number: u8, finding: &Finding) -> [u8; 32] {
	let TestRound { id, version, .. } = round();
	crate::commitment(GENESIS, RESOURCE, id, version, finding, &attestor(number), &salt(number))
}

pub fn commit(number: u8, finding: &Finding) {
	let hash = hash(number, finding);
	assert_ok!(Attestation::commit(signed(attestor(number)), RESOURCE, round().id, hash));
}

pub fn reveal(number: u8, finding: &Finding) {
	let (id, salt) = (round().id, salt(number));
	assert_ok!(Attestation::reveal(signed(attestor(number)), RESOURCE, id, finding.clone(), salt));
}

/// All of these commit and reveal; then the round is closed.
pub fn examined(findings: &[(u8, Finding)]) {
	findings.iter().for_each(|(number, finding)| commit(*number, finding));
	until(Stage::Reveal);
	findings.iter().for_each(|(number, finding)| reveal(*number, finding));
	until(Stage::Closed);
}

/// The last that the keeper of resources was told.
pub fn told() -> Option<Told> {
	Heard::get().last().cloned()
}

pub fn held(reason: crate::HoldReason, who: &AccountId) -> Balance {
	<Balances as frame_support::traits::fungible::InspectHold<AccountId>>::balance_on_hold(&reason.into(), who)
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

/// Does something and takes it back.
pub fn undone(something: impl FnOnce()) {
	let result = frame_support::storage::with_storage_layer(|| {
		something();
		Err::<(), _>(sp_runtime::DispatchError::Other("undone"))
	});
	assert!(result.is_err());
}
