//! Slots, epochs and resources in memory, honest and other provers, and a scenario builder.

use crate as pallet_proof;
use crate::{Outcome, ProposedTerms, RollCall, Shown, Stage};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks, Randomness, Time},
	weights::Weight,
};
use frame_system::EnsureRoot;
use gcx_math::proof::{
	device_leaf, merkle, reference::Transcript, DeviceCell, DeviceOpening, Draw, Hash, Parameters, RawParameters,
};
use gcx_primitives::{
	Attestation, Beacon, Capacity, ChallengeVerdict, ClassId, ComputeResources, Day, DealId, OnTenancyChallenged, Ppm,
	ProofChallenge, ProvableResources, ProvenCompute, ProviderOffence, ReferenceVersion, Region, ResourceId,
	ResourceState, RollCallId, Subject,
};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use sp_runtime::{BuildStorage, DispatchError};
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = u64;

/// Length of a slot of the tests in milliseconds.
pub const SLOT: u64 = 6_000;
/// Slots of an epoch of the tests.
pub const EPOCH_SLOTS: u64 = 100;
/// The slot of the first block.
pub const FIRST_SLOT: u64 = 1_000;
/// Slots without a block that are a halt.
pub const HALT: u64 = 5;
/// The class that is called, and one that cannot be.
pub const CLASS: ClassId = ClassId(3);
pub const OTHER_CLASS: ClassId = ClassId(4);
/// Operations per second of the reference's device.
pub const REFERENCE: u64 = 1_000;
/// The provider of the tests and its agent.
pub const PROVIDER: AccountId = 1;
pub const AGENT: AccountId = 11;
pub const STRANGER: AccountId = 99;
pub const COMMIT_SLOTS: u32 = 10;
pub const OPEN_SLOTS: u32 = 8;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Proof: pallet_proof,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// What the keeper of resources was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
	Proven(ResourceId, ProvenCompute),
	Absent(ResourceId),
	Offended(ResourceId, ProviderOffence),
}

/// A resource of the tests.
#[derive(Clone, Debug)]
pub struct Machine {
	pub subject: Subject<AccountId>,
	pub state: ResourceState,
	pub delivers: bool,
}

parameter_types! {
	pub static CurrentSlot: u64 = FIRST_SLOT;
	pub static NewestSlot: u64 = FIRST_SLOT - 1;
	pub static CurrentEpoch: u64 = 0;
	/// The last time in which there were no blocks.
	pub static Halted: Option<(u64, u64)> = None;
	/// What differs from one random chain to another.
	pub static Luck: u64 = 0;
	pub static Machines: BTreeMap<ResourceId, Machine> = BTreeMap::new();
	/// The roster: resources that are examined, seat by seat.
	pub static Roster: Vec<ResourceId> = Vec::new();
	pub static Heard: Vec<Told> = Vec::new();
	/// What came of challenges, the oldest first.
	pub static Decided: Vec<(DealId, Day, ChallengeVerdict<AccountId>)> = Vec::new();
	pub static Provable: BTreeSet<ClassId> = BTreeSet::from([CLASS]);
	/// What a step costs, of a budget of 100 a block.
	pub static StepWeight: u64 = 0;
	pub BlockWeight: Weight = Weight::from_parts(100, 0);
	pub ReckonedWeight: Weight = Weight::from_parts(1, 0);
	pub const MaxShareOfTime: Ppm = Ppm::percent(10);
}

pub struct SlotBeacon;
impl Beacon for SlotBeacon {
	fn slot() -> u64 {
		CurrentSlot::get()
	}

	fn value() -> Hash {
		blake2_256(&codec::Encode::encode(&(NewestSlot::get(), Luck::get())))
	}

	fn newest() -> u64 {
		NewestSlot::get()
	}

	fn stood_still(since: u64, until: u64) -> bool {
		Halted::get().is_some_and(|(from, to)| from < until && since < to)
	}
}

pub struct EpochRandomness;
impl Randomness<H256, u64> for EpochRandomness {
	fn random(subject: &[u8]) -> (H256, u64) {
		(H256(blake2_256(&codec::Encode::encode(&(subject, CurrentEpoch::get(), Luck::get())))), 0)
	}
}

pub struct Clock;
impl Time for Clock {
	type Moment = u64;
	fn now() -> u64 {
		CurrentSlot::get() * SLOT
	}
}

/// Who wants to know what came of challenges.
pub struct Court;
impl OnTenancyChallenged<AccountId> for Court {
	fn decided(deal: DealId, day: Day, verdict: ChallengeVerdict<AccountId>) {
		// It is over: another one of the same day could be opened.
		let resources: Vec<_> = Machines::get().into_keys().collect();
		assert!(!resources.into_iter().any(|resource| Proof::is_open(resource, deal, day)));
		Decided::mutate(|decided| decided.push((deal, day, verdict)));
	}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// Resources in memory.
pub struct InMemory;
impl ComputeResources<AccountId> for InMemory {
	fn drawable() -> u32 {
		u32::try_from(Roster::get().len()).expect("few")
	}
	fn drawable_at(index: u32) -> Option<ResourceId> {
		Roster::get().get(usize::try_from(index).ok()?).copied()
	}
	fn subject(resource: ResourceId) -> Option<Subject<AccountId>> {
		Machines::get().remove(&resource).map(|machine| machine.subject)
	}
	fn state(resource: ResourceId) -> Option<ResourceState> {
		Machines::get().remove(&resource).map(|machine| machine.state)
	}
	fn region(_: ResourceId) -> Option<Region> {
		None
	}
	fn is_delivering(resource: ResourceId) -> bool {
		Machines::get().remove(&resource).is_some_and(|machine| machine.delivers)
	}
	fn capacity_shown(_: ResourceId, _: u32, _: u64) -> Capacity {
		Capacity::ZERO
	}
	fn attested(_: ResourceId, _: Attestation) {}
	fn unattested(_: ResourceId) {}
	fn refused(_: ResourceId) {}
	fn missed(_: ResourceId) {}
	fn offended(resource: ResourceId, offence: ProviderOffence, _: Option<AccountId>) {
		Heard::mutate(|heard| heard.push(Told::Offended(resource, offence)));
	}
}
impl ProvableResources<AccountId> for InMemory {
	fn proof_reference(class: ClassId) -> Option<u64> {
		Provable::get().contains(&class).then_some(REFERENCE)
	}
	fn capacity_proven(_: ResourceId, devices: u32, operations: u64) -> Capacity {
		Capacity(u128::from(devices) * u128::from(operations))
	}
	fn proven(resource: ResourceId, proof: ProvenCompute) {
		Heard::mutate(|heard| heard.push(Told::Proven(resource, proof)));
	}
	fn absent(resource: ResourceId) {
		Heard::mutate(|heard| heard.push(Told::Absent(resource)));
	}
}

/// Every step of a roll-call weighs [`StepWeight`].
pub struct Steps;
impl crate::WeightInfo for Steps {
	fn set_terms() -> Weight {
		Weight::zero()
	}
	fn remove_terms() -> Weight {
		Weight::zero()
	}
	fn commit() -> Weight {
		Weight::zero()
	}
	fn open(blocks: u32) -> Weight {
		Weight::from_parts(u64::from(blocks) + 5, 0)
	}
	fn begin_block() -> Weight {
		Weight::zero()
	}
	fn call_class() -> Weight {
		Weight::zero()
	}
	fn challenge() -> Weight {
		Weight::zero()
	}
	fn look_up() -> Weight {
		Weight::from_parts(StepWeight::get(), 0)
	}
	fn turn() -> Weight {
		Weight::from_parts(StepWeight::get(), 0)
	}
	fn reckon() -> Weight {
		Weight::from_parts(StepWeight::get(), 0)
	}
}

impl pallet_proof::Config for Test {
	type Beacon = SlotBeacon;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = BenchmarkWorld;
	type BlockWeight = BlockWeight;
	type Clock = Clock;
	type Compute = InMemory;
	type Epoch = CurrentEpoch;
	type EpochSlots = ConstU64<EPOCH_SLOTS>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type MaxChallenges = ConstU32<2>;
	type MaxRollCalls = ConstU32<2>;
	type OnChallenged = Court;
	type MaxShareOfTime = MaxShareOfTime;
	type Randomness = EpochRandomness;
	type ReckonedWeight = ReckonedWeight;
	type SlotDuration = ConstU64<SLOT>;
	type WeightInfo = Steps;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkWorld;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for BenchmarkWorld {
	fn set_slot(slot: u64) {
		CurrentSlot::set(slot);
		NewestSlot::set(slot - 1);
	}

	fn add_resource() -> ResourceId {
		resource(1)
	}
}

/// A chain for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn for_benchmarks() -> sp_io::TestExternalities {
	Machines::set(BTreeMap::new());
	Roster::set(Vec::new());
	RuntimeGenesisConfig::default().build_storage().expect("the genesis is valid").into()
}

/// Two tiles a round, and three rounds at most.
pub const COMPUTATION: RawParameters =
	RawParameters { rows: 8, columns: 4, depth: 64, tile: 4, patch: 1, rounds: 3, openings: 4 };

pub fn terms() -> ProposedTerms {
	ProposedTerms {
		parameters: COMPUTATION,
		every: 2,
		commit_slots: COMMIT_SLOTS,
		open_slots: OPEN_SLOTS,
		suspect_openings: 8,
		opened: 100,
	}
}

pub fn computation() -> Parameters {
	COMPUTATION.try_into().expect("in bounds")
}

/// Runs `test` on a chain on which [`CLASS`] is called by [`terms`], and checks the invariants afterwards.
pub fn run(test: impl FnOnce()) {
	run_with(vec![(CLASS, terms())], test)
}

pub fn run_with(terms: Vec<(ClassId, ProposedTerms)>, test: impl FnOnce()) {
	CurrentSlot::set(FIRST_SLOT);
	NewestSlot::set(FIRST_SLOT - 1);
	CurrentEpoch::set(0);
	Halted::set(None);
	Machines::set(BTreeMap::new());
	Roster::set(Vec::new());
	Heard::set(Vec::new());
	Decided::set(Vec::new());
	Provable::set(BTreeSet::from([CLASS]));
	StepWeight::set(0);
	let proof = crate::GenesisConfig { terms, ..Default::default() };
	let storage = RuntimeGenesisConfig { system: Default::default(), proof }.build_storage();
	let mut ext: sp_io::TestExternalities = storage.expect("the genesis is valid").into();
	ext.execute_with(|| {
		System::set_block_number(1);
		Proof::on_initialize(1);
		test();
		Proof::do_try_state().expect("the invariants hold after the test");
	});
}

/// A block in a slot, whose parent was in the slot of the block before.
pub fn block_in(slot: u64) {
	let before = CurrentSlot::get();
	assert!(slot > before);
	NewestSlot::set(before);
	CurrentSlot::set(slot);
	if slot - before > HALT {
		Halted::set(Some((before, slot)));
	}
	let number = System::block_number() + 1;
	System::set_block_number(number);
	Proof::on_initialize(number);
	Proof::do_try_state().expect("the invariants hold in every block");
}

/// So many slots with a block each.
pub fn blocks(slots: u64) {
	for _ in 0..slots {
		block_in(CurrentSlot::get() + 1);
	}
}

/// Blocks up to a slot.
pub fn go_to(slot: u64) {
	blocks(slot.saturating_sub(CurrentSlot::get()));
}

/// The next epoch begins with the next block.
pub fn next_epoch() {
	CurrentEpoch::mutate(|epoch| *epoch += 1);
	blocks(1);
}

/// A resource of [`PROVIDER`]'s with so many devices.
pub fn resource(devices: u32) -> ResourceId {
	resource_of(PROVIDER, AGENT, CLASS, devices)
}

pub fn resource_of(provider: AccountId, agent: AccountId, class: ClassId, devices: u32) -> ResourceId {
	let id = ResourceId(u32::try_from(Machines::get().len()).expect("few") + 1);
	let subject = Subject { provider, agent, class, version: ReferenceVersion(1), devices, solves: false };
	Machines::mutate(|machines| {
		machines.insert(id, Machine { subject, state: ResourceState::Active, delivers: false })
	});
	Roster::mutate(|roster| roster.push(id));
	id
}

pub fn change(resource: ResourceId, change: impl FnOnce(&mut Machine)) {
	Machines::mutate(|machines| change(machines.get_mut(&resource).expect("it is there")));
}

/// A resource leaves the roster: the last one takes its seat.
pub fn unseat(resource: ResourceId) {
	Roster::mutate(|roster| {
		let seat = roster.iter().position(|other| *other == resource).expect("it has a seat");
		roster.swap_remove(seat);
	});
}

/// The roll-call that is going on.
pub fn current() -> (RollCallId, RollCall) {
	let id = *crate::Agenda::<Test>::get().first().expect("one is going on");
	(id, crate::RollCalls::<Test>::get(id).expect("it is there"))
}

/// A class is called now.
pub fn called() -> RollCallId {
	next_epoch();
	current().0
}

/// The computation of a resource's device in a roll-call.
pub fn draw(id: RollCallId, resource: ResourceId, device: u32) -> Draw {
	let roll_call = crate::RollCalls::<Test>::get(id).expect("it is going on");
	let (class, nonce) = (roll_call.class, roll_call.nonce);
	Draw { genesis: Proof::genesis(), class, resource, device, roll_call: id.0, nonce }
}

/// What a resource did: a transcript of each device.
#[derive(Clone, Debug)]
pub struct Work {
	pub resource: ResourceId,
	pub rounds: u32,
	pub devices: Vec<Transcript>,
}

impl Work {
	/// All devices did so many rounds.
	pub fn honest(id: RollCallId, resource: ResourceId, rounds: u32) -> Self {
		let devices = InMemory::subject(resource).expect("it is there").devices;
		Self::of(resource, rounds, (0..devices).map(|device| honest_device(id, resource, device, rounds)))
	}

	/// What each device did.
	pub fn of(resource: ResourceId, rounds: u32, devices: impl IntoIterator<Item = Transcript>) -> Self {
		Self { resource, rounds, devices: devices.into_iter().collect() }
	}

	fn leaves(&self) -> Vec<Hash> {
		self.devices.iter().map(|device| device_leaf(&device.commitment().expect("rounds"), blake2_256)).collect()
	}

	pub fn commitment(&self) -> Hash {
		merkle::root(&self.leaves(), blake2_256).expect("there are devices")
	}

	pub fn commit(&self, id: RollCallId) -> Result<(), DispatchError> {
		commit(AGENT, id, self.resource, self.rounds, self.commitment())
	}

	/// What there is to show of a cell.
	pub fn show(&self, at: &DeviceCell) -> DeviceOpening {
		let device = &self.devices[at.device as usize];
		DeviceOpening {
			commitment: device.commitment().expect("rounds"),
			path: merkle::path(&self.leaves(), at.device, blake2_256)
				.expect("it is there")
				.try_into()
				.expect("in bounds"),
			opening: device.open(&at.cell).expect("it was computed"),
		}
	}

	/// What there is to show of all that was drawn.
	pub fn shown(&self, id: RollCallId) -> Vec<Shown> {
		let drawn = Proof::drawn_cells(id, self.resource).expect("it was drawn");
		(0..).zip(&drawn).map(|(index, at)| Shown { index, opening: self.show(at) }).collect()
	}

	pub fn open(&self, id: RollCallId) -> Result<(), DispatchError> {
		open(AGENT, id, self.resource, self.shown(id))
	}
}

/// An honest device, after so many rounds.
pub fn honest_device(id: RollCallId, resource: ResourceId, device: u32, rounds: u32) -> Transcript {
	let seed = draw(id, resource, device).seed(&asked(id), blake2_256);
	Transcript::honest(asked(id).with_rounds(rounds).expect("rounds"), seed, blake2_256)
}

/// What a roll-call asks for.
pub fn asked(id: RollCallId) -> Parameters {
	crate::RollCalls::<Test>::get(id).expect("it is going on").terms.parameters
}

pub fn commit(
	who: AccountId,
	id: RollCallId,
	resource: ResourceId,
	rounds: u32,
	commitment: Hash,
) -> Result<(), DispatchError> {
	let result = Proof::commit(RuntimeOrigin::signed(who), id, resource, rounds, commitment);
	result.map(|_| ()).map_err(|error| error.error)
}

pub fn open(who: AccountId, id: RollCallId, resource: ResourceId, shown: Vec<Shown>) -> Result<(), DispatchError> {
	let shown = shown.try_into().expect("few");
	Proof::open(RuntimeOrigin::signed(who), id, resource, shown).map(|_| ()).map_err(|error| error.error)
}

/// Blocks until cells are drawn, or the roll-call is void.
pub fn until_drawn(id: RollCallId) {
	let RollCall { commit_until, .. } = crate::RollCalls::<Test>::get(id).expect("it is going on");
	go_to(commit_until + 2);
	assert!(matches!(current().1.stage, Stage::Opening { .. }));
}

/// Blocks until the roll-call is over.
pub fn until_closed(id: RollCallId) {
	for _ in 0..200 {
		if !crate::RollCalls::<Test>::contains_key(id) {
			return;
		}
		blocks(1);
	}
	panic!("{id:?} does not end: {:?}", crate::RollCalls::<Test>::get(id));
}

/// The last outcome of a resource.
pub fn outcome(resource: ResourceId) -> Option<Outcome> {
	crate::Histories::<Test>::get(resource).last().map(|passage| passage.outcome)
}

pub fn heard() -> Vec<Told> {
	Heard::take()
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

pub fn member(id: RollCallId, resource: ResourceId) -> crate::Member {
	crate::Members::<Test>::get(id, resource).expect("it is in the roll-call")
}

pub fn terms_set(class: ClassId, terms: ProposedTerms) -> Result<(), DispatchError> {
	Proof::set_terms(RuntimeOrigin::root(), class, terms)
}

/// The whole roll-call of one resource, honest.
pub fn honest_roll_call(resource: ResourceId, rounds: u32) -> RollCallId {
	let id = called();
	let work = Work::honest(id, resource, rounds);
	assert_ok!(work.commit(id));
	until_drawn(id);
	assert_ok!(work.open(id));
	until_closed(id);
	id
}
