//! Proof of compute on the runtime: a rate that the chain has checked is what a provider sells by, and a cheat is slashed.

use super::*;
use crate::configs::proof::genesis_terms;
use gcx_math::proof::{
	device_leaf, merkle, reference::Transcript, DeviceOpening, Draw, Fleet, Hash as ProofHash, RawParameters,
};
use gcx_primitives::{
	Capacity, CapacityLedger, ChallengeRequest, ComputeResources, Day, DealId, Grade, Metric, Ppm, PriceIndex,
	ProvableResources, Reference, ReferenceSystem, Region, ResourceId, ResourceState, RollCallId, TenancyChallenge,
	Tier,
};
use pallet_proof::{Outcome, ProposedTerms, Purpose, RollCall, Shown, Stage};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_io::hashing::blake2_256;
use sp_runtime::{ApplyExtrinsicResult, DispatchResult};

/// Operations per second of the reference's device.
const REFERENCE: u64 = 1_000;
const COMPUTATION: RawParameters =
	RawParameters { rows: 16, columns: 16, depth: 64, tile: 8, patch: 1, rounds: 3, openings: 16 };
const DEVICES: u32 = 2;
const PROVIDER: Sr25519Keyring = Sr25519Keyring::Bob;
const AGENT: Sr25519Keyring = Sr25519Keyring::Charlie;
const BOND: Balance = 10_000 * GCX;

/// A block whose author contributed to the chain's randomness.
fn block(extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	let output = blake2_256(&System::block_number().to_le_bytes());
	pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(output));
	next_block(extrinsics)
}

/// The transaction is in the next block, and is carried out there.
fn send(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	block(vec![signed(who, call)])[0].expect("it is valid")
}

/// The class as it is on a test network of small machines, with a resource in it.
fn registered() -> ResourceId {
	let int8 = Reference { metric: Metric::Int8Operations, value: REFERENCE, weight: Ppm::ONE, floor: Ppm::ONE };
	// Attestors draw nothing of it: nobody would answer.
	pallet_attestation::Parameters::<Runtime>::mutate(|parameters| parameters.draws_per_block = 0);
	let system = ReferenceSystem { metrics: vec![int8].try_into().expect("short"), milliwatts: 1_000 };
	assert_ok!(Compute::add_version(RuntimeOrigin::root(), GEMM_INT8, system));
	let terms = ProposedTerms { parameters: COMPUTATION, ..genesis_terms() };
	assert_ok!(Proof::set_terms(RuntimeOrigin::root(), GEMM_INT8, terms));
	assert_ok!(send(PROVIDER, pallet_compute::Call::register_provider { bond: BOND }));
	let resource = pallet_compute::NextResource::<Runtime>::get();
	let (class, agent) = (GEMM_INT8, AGENT.to_account_id());
	let (region, devices) = (Region(276), DEVICES);
	assert_ok!(send(
		PROVIDER,
		pallet_compute::Call::register_resource { class, region, devices, agent, version: None }
	));
	resource
}

/// Blocks until the class is called.
fn called() -> (RollCallId, RollCall) {
	for _ in 0..5 * EPOCH_SLOTS {
		if let Some(id) = pallet_proof::Agenda::<Runtime>::get().first() {
			return (*id, pallet_proof::RollCalls::<Runtime>::get(id).expect("it is there"));
		}
		block(vec![]);
	}
	panic!("nobody is called");
}

/// What the devices of a resource did.
fn work(id: RollCallId, roll_call: &RollCall, resource: ResourceId, rounds: u32) -> Vec<Transcript> {
	let parameters = roll_call.terms.parameters;
	(0..DEVICES)
		.map(|device| {
			let seed = draw(id, roll_call, resource, device).seed(&parameters, blake2_256);
			Transcript::honest(parameters.with_rounds(rounds).expect("in bounds"), seed, blake2_256)
		})
		.collect()
}

fn draw(id: RollCallId, roll_call: &RollCall, resource: ResourceId, device: u32) -> Draw {
	let (class, nonce) = (roll_call.class, roll_call.nonce);
	Draw { genesis: Proof::genesis(), class, resource, device, roll_call: id.0, nonce }
}

fn leaves(devices: &[Transcript]) -> Vec<ProofHash> {
	devices.iter().map(|device| device_leaf(&device.commitment().expect("rounds"), blake2_256)).collect()
}

fn commit(id: RollCallId, resource: ResourceId, rounds: u32, devices: &[Transcript]) -> DispatchResult {
	let commitment = merkle::root(&leaves(devices), blake2_256).expect("there are devices");
	send(AGENT, pallet_proof::Call::commit { roll_call: id, resource, rounds, commitment })
}

/// Blocks until something is drawn; what there is to show of it.
fn drawn(id: RollCallId, resource: ResourceId, rounds: u32, devices: &[Transcript]) -> Vec<Shown> {
	let roll_call = loop {
		let roll_call = pallet_proof::RollCalls::<Runtime>::get(id).expect("it is going on");
		if matches!(roll_call.stage, Stage::Opening { .. }) {
			break roll_call;
		}
		block(vec![]);
	};
	let commitment = merkle::root(&leaves(devices), blake2_256).expect("there are devices");
	let draw = draw(id, &roll_call, resource, 0);
	let fleet = Fleet::new(roll_call.terms.parameters, rounds, draw, DEVICES, commitment).expect("in bounds");
	let cells = Proof::drawn_cells(id, resource).expect("it is the only one");
	(0..)
		.zip(cells)
		.map(|(index, at)| {
			let device = &devices[at.device as usize];
			let path = merkle::path(&leaves(devices), at.device, blake2_256).expect("it is there");
			let opening = DeviceOpening {
				commitment: device.commitment().expect("rounds"),
				path: path.try_into().expect("in bounds"),
				opening: device.open(&at.cell).expect("it was computed"),
			};
			assert_eq!(fleet.check(&at, &opening, blake2_256), Ok(()));
			Shown { index, opening }
		})
		.collect()
}

fn open(id: RollCallId, resource: ResourceId, shown: Vec<Shown>) -> DispatchResult {
	send(AGENT, pallet_proof::Call::open { roll_call: id, resource, shown: shown.try_into().expect("few") })
}

fn until_closed(id: RollCallId) {
	for _ in 0..EPOCH_SLOTS {
		if !pallet_proof::RollCalls::<Runtime>::contains_key(id) {
			return;
		}
		block(vec![]);
	}
	panic!("it does not end");
}

/// The resource proves so many rounds.
fn proves(resource: ResourceId, rounds: u32) {
	let (id, roll_call) = called();
	let devices = work(id, &roll_call, resource, rounds);
	assert_ok!(commit(id, resource, rounds, &devices));
	let shown = drawn(id, resource, rounds, &devices);
	assert_ok!(open(id, resource, shown));
	until_closed(id);
}

fn last_outcome(resource: ResourceId) -> Option<Outcome> {
	pallet_proof::Histories::<Runtime>::get(resource).last().map(|passage| passage.outcome)
}

fn per_day(resource: ResourceId) -> Capacity {
	pallet_compute::Standings::<Runtime>::get(resource).counted
}

fn sellable(day: u32) -> Capacity {
	let day = Day(Index::today().0 + day);
	<Compute as CapacityLedger<AccountId>>::sellable(&PROVIDER.to_account_id(), GEMM_INT8, &Grade::LOWEST, day)
}

#[test]
fn what_the_chain_has_checked_is_what_a_provider_sells_by() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let resource = registered();
		assert_eq!(sellable(1), Capacity::ZERO);
		let fee_payer = Balances::free_balance(AGENT.to_account_id());
		proves(resource, 3);
		assert_eq!(Balances::free_balance(AGENT.to_account_id()), fee_payer, "who answers pays nothing");
		let Some(Outcome::Proven { operations }) = last_outcome(resource) else { panic!("it proved") };
		// Three rounds of 16 · 16 · 64 products and as many additions, in a window of eight slots: its first slot, its last, and six between.
		let slots = genesis_terms().commit_slots as u64 + 2;
		assert_eq!(operations, 3 * 2 * 16 * 16 * 64 * 1_000 / (slots * SLOT_MILLISECONDS));
		assert_eq!(<Compute as ComputeResources<AccountId>>::state(resource), Some(ResourceState::Active));
		let rate = sp_runtime::FixedU128::from_rational(operations.into(), REFERENCE.into());
		assert_eq!(Compute::rate(resource, Tier::Proven), Some(rate));
		assert_eq!(Compute::rate(resource, Tier::Attested), None);
		let capacity = Capacity(u128::from(DEVICES) * 24 * u128::from(operations) * Capacity::PER_HOUR / 1_000);
		assert_eq!(per_day(resource), capacity);
		assert_eq!(sellable(1), capacity);
	})
}

#[test]
fn who_is_absent_sells_nothing_until_it_proves_again() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let resource = registered();
		proves(resource, 1);
		assert!(!sellable(1).is_zero());
		let (id, _) = called();
		until_closed(id);
		assert_eq!(last_outcome(resource), Some(Outcome::Absent));
		assert_eq!(<Compute as ComputeResources<AccountId>>::state(resource), Some(ResourceState::Suspect));
		assert_eq!((sellable(1), Compute::rate(resource, Tier::Proven)), (Capacity::ZERO, None));
		// As a suspect it shows twice as much.
		let (id, roll_call) = called();
		let devices = work(id, &roll_call, resource, 2);
		assert_ok!(commit(id, resource, 2, &devices));
		let shown = drawn(id, resource, 2, &devices);
		assert_eq!(shown.len(), 32);
		assert_ok!(open(id, resource, shown));
		until_closed(id);
		assert!(!sellable(1).is_zero());
	})
}

#[test]
fn who_committed_and_does_not_show_it_is_slashed_and_jailed() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let resource = registered();
		proves(resource, 1);
		let issued = Balances::total_issuance();
		let (id, roll_call) = called();
		let devices = work(id, &roll_call, resource, 1);
		assert_ok!(commit(id, resource, 1, &devices));
		// All but one.
		let shown = drawn(id, resource, 1, &devices);
		let left_out: Vec<_> = shown.into_iter().skip(1).collect();
		assert_ok!(open(id, resource, left_out));
		until_closed(id);
		assert_eq!(last_outcome(resource), Some(Outcome::Unshown));
		assert_eq!(<Compute as ComputeResources<AccountId>>::state(resource), Some(ResourceState::Jailed));
		assert_eq!(sellable(1), Capacity::ZERO);
		let slash = compute::genesis_parameters().unshown_proof.0 as u128 * BOND / 1_000_000;
		let bond = pallet_compute::Providers::<Runtime>::get(PROVIDER.to_account_id()).map(|record| record.bond);
		assert_eq!(bond, Some(BOND - slash));
		assert!(Balances::total_issuance() <= issued - slash / 5, "a fifth burned, and of fees besides");
	})
}

#[test]
fn a_challenge_of_what_can_be_proven_is_decided_by_the_chain_itself() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let resource = registered();
		let (deal, day, tenant) = (DealId(5), Day(1), AGENT.to_account_id());
		assert_ok!(Attestation::request(ChallengeRequest { deal, day, resource, tenant }));
		let challenge = Purpose::Challenge { resource, deal, day };
		let found = || pallet_proof::RollCalls::<Runtime>::iter().find(|(_, roll_call)| roll_call.purpose == challenge);
		let (id, roll_call) = (0..200)
			.find_map(|_| {
				block(vec![]);
				found()
			})
			.expect("it is opened");
		assert!(pallet_attestation::Requested::<Runtime>::get().is_empty());
		let devices = work(id, &roll_call, resource, 2);
		assert_ok!(commit(id, resource, 2, &devices));
		let shown = drawn(id, resource, 2, &devices);
		assert_eq!(shown.len(), 32, "it is doubted");
		assert_ok!(open(id, resource, shown));
		until_closed(id);
		let Some(Outcome::Proven { operations }) = last_outcome(resource) else { panic!("it proved") };
		let shows = Compute::capacity_proven(resource, DEVICES, operations);
		assert_eq!(shows, per_day(resource));
	})
}

#[test]
fn a_preset_calls_the_class_that_can_be_proven() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let schedule = pallet_proof::Schedules::<Runtime>::get(GEMM_INT8).expect("it is called");
		assert_eq!(schedule.due, 1);
		let (_, roll_call) = called();
		assert_eq!(roll_call.class, GEMM_INT8);
	})
}

/// The next block is the first one of a new runtime: its migrations run in it, and nothing else of this runtime changes.
fn upgrade() {
	let mut last = frame_system::LastRuntimeUpgrade::<Runtime>::get().expect("genesis is of a version");
	last.spec_version = codec::Compact(last.spec_version.0.checked_sub(1).expect("it is not the first"));
	frame_system::LastRuntimeUpgrade::<Runtime>::put(last);
	block(vec![]);
	let now = frame_system::LastRuntimeUpgrade::<Runtime>::get().expect("it was written");
	assert_eq!(now.spec_version.0, VERSION.spec_version, "the migrations ran");
}

#[test]
fn a_roll_call_goes_on_by_its_own_terms_across_runtime_upgrades() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let resource = registered();
		let (id, before) = called();
		let devices = work(id, &before, resource, 2);
		// While it may commit: and the new runtime comes with other terms, by which none of this would be right.
		upgrade();
		let parameters = RawParameters { rows: 32, columns: 32, depth: 128, tile: 16, rounds: 1, ..COMPUTATION };
		assert_ok!(Proof::set_terms(RuntimeOrigin::root(), GEMM_INT8, ProposedTerms { parameters, ..genesis_terms() }));
		let after = pallet_proof::RollCalls::<Runtime>::get(id).expect("it is going on");
		assert_eq!((after.terms, after.nonce, after.commit_until), (before.terms, before.nonce, before.commit_until));
		assert_ok!(commit(id, resource, 2, &devices));
		// While it has to show what was drawn.
		let shown = drawn(id, resource, 2, &devices);
		upgrade();
		assert_ok!(open(id, resource, shown));
		until_closed(id);
		assert!(matches!(last_outcome(resource), Some(Outcome::Proven { .. })));
		// The next one is by the new terms.
		let (_, next) = called();
		assert_eq!(RawParameters::from(next.terms.parameters), parameters);
	})
}
