//! Proof of compute: what it costs the chain to check what a real prover shows, and how near that prover comes to its products alone.

use crate::{
	chain::{Chain, Times},
	exchange::{self, Exchange, Traders},
	figures::Samples,
	node::Executor,
	rounds::{self, key},
	Result, ROUNDS,
};
use codec::Encode;
use frame_support::{assert_ok, traits::fungible::Mutate, BoundedVec};
use gcx_math::proof::{Draw, Fleet, Hash, Parameters, RawParameters, MAX_DEPTH};
use gcx_primitives::{Region, ResourceId, RollCallId};
use gcx_prover::{plain_rate, FleetProof, Kernel, Prover};
use gcx_runtime::{
	genesis::GEMM_INT8, units::GCX, AccountId, Balances, Compute, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
};
use pallet_proof::{Agenda, Answer, Member, Members, Purpose, RollCall, RollCalls, Shown, Stage, Tally, Terms};
use sp_core::{sr25519, storage::Storage, Pair};
use sp_io::hashing::blake2_256;
use sp_state_machine::BasicExternalities;

/// What is computed: 4.4 · 10¹² operations. The chain's share of it depends on the depth, and on rows, columns and rounds by paths alone.
const COMPUTATION: RawParameters =
	RawParameters { rows: 2_048, columns: 2_048, depth: MAX_DEPTH, tile: 16, patch: 1, rounds: 4, openings: 16 };
const ID: RollCallId = RollCallId(1_000);
const NONCE: Hash = [4; 32];
const RANDOMNESS: Hash = [5; 32];
/// Slots of the window for openings: longer than anything here takes.
const LONG: u64 = 1_000_000;
const BOND: u128 = 10_000 * GCX;

/// What was measured.
pub struct Measured {
	/// Seconds that the verifier takes for a transaction with all openings.
	pub check: f64,
	/// Operations that it proves.
	pub operations: f64,
	/// The prover's operations per second by those of its products alone.
	pub share_of_peak: f64,
}

/// Proves, and has a chain check it again and again.
pub fn measure(executor: &Executor) -> Result<Measured> {
	let provider = key("//Eve");
	let mut storage = exchange::development_genesis();
	let resource = registered(&mut storage, &provider);
	let mut chain = Chain::open(Exchange { storage, traders: Traders::NONE }, executor)?;
	let parameters = Parameters::try_from(COMPUTATION).map_err(|error| error.describe())?;
	let draw =
		Draw { genesis: chain.genesis.into(), class: GEMM_INT8, resource, device: 0, roll_call: ID.0, nonce: NONCE };
	let (proof, share_of_peak) = prove(parameters, &draw)?;
	let roll_call = Drawn::new(parameters, resource, &proof);
	let call = pallet_proof::Call::open { roll_call: ID, resource, shown: roll_call.shown(draw, &proof)? };

	let (mut empty, mut full) = (Samples::default(), Samples::default());
	for round in 0..=ROUNDS {
		roll_call.put_into(&mut chain)?;
		let without = block(&mut chain, None)?;
		let with = block(&mut chain, Some((&provider, call.clone().into())))?;
		if !chain.events()?.iter().any(is_opened) {
			return Err("what was drawn was not taken".into());
		}
		// The first round compiles the runtime.
		if round > 0 {
			empty.add(without.import);
			full.add(with.import);
		}
	}
	let check = full.typical() - empty.typical();
	Ok(Measured { check, operations: parameters.operations() as f64, share_of_peak })
}

/// All cells that were drawn of a resource, which is the only one, were shown.
fn is_opened(event: &RuntimeEvent) -> bool {
	matches!(event, RuntimeEvent::Proof(pallet_proof::Event::Opened { left: 0, .. }))
}

/// A state with a resource of one device, which belongs to a key.
fn registered(storage: &mut Storage, provider: &sr25519::Pair) -> ResourceId {
	exchange::put_code(storage);
	BasicExternalities::execute_with_storage(storage, || {
		let account: AccountId = provider.public().into();
		let origin = || RuntimeOrigin::signed(account.clone());
		assert_ok!(Balances::mint_into(&account, 2 * BOND));
		assert_ok!(Compute::register_provider(origin(), BOND));
		let resource = pallet_compute::NextResource::<Runtime>::get();
		assert_ok!(Compute::register_resource(origin(), GEMM_INT8, Region(276), 1, account.clone(), None));
		resource
	})
}

/// A proof on all cores, and its rate by that of the products alone, which are measured before it and after.
fn prove(parameters: Parameters, draw: &Draw) -> Result<(FleetProof, f64)> {
	let kernel = Kernel::fastest();
	let before = plain_rate(&parameters, kernel);
	let mut prover = Prover::new(parameters, draw, 1, kernel);
	while prover.round(|| ())? {}
	let proof = prover.finish().ok_or("there are rounds")?;
	let after = plain_rate(&parameters, kernel);
	let share = proof.report().rate() / f64::midpoint(before, after);
	Ok((proof, share))
}

/// A roll-call in which cells of the one resource are drawn and none is shown.
struct Drawn {
	roll_call: RollCall,
	resource: ResourceId,
	member: Member,
}

impl Drawn {
	fn new(parameters: Parameters, resource: ResourceId, proof: &FleetProof) -> Self {
		let openings = parameters.openings;
		let terms =
			Terms { parameters, every: 1, commit_slots: 1, open_slots: 1, suspect_openings: openings, opened: 1 };
		let slot = rounds::first_slot();
		let roll_call = RollCall {
			class: GEMM_INT8,
			purpose: Purpose::Class,
			terms,
			nonce: NONCE,
			seed_slot: slot,
			began: slot,
			stage: Stage::Opening { randomness: RANDOMNESS },
			since: slot,
			commit_until: slot,
			open_until: Some(slot + LONG),
			called: 1,
			committed: 1,
			tally: Tally::default(),
		};
		let answer =
			Answer { devices: proof.devices(), rounds: proof.rounds(), commitment: proof.commitment(), shown: 0 };
		Self { roll_call, resource, member: Member { suspect: false, answer: Some(answer) } }
	}

	/// All that was drawn.
	fn shown<Most: frame_support::traits::Get<u32>>(
		&self,
		draw: Draw,
		proof: &FleetProof,
	) -> Result<BoundedVec<Shown, Most>> {
		let parameters = self.roll_call.terms.parameters;
		let fleet = Fleet::new(parameters, proof.rounds(), draw, proof.devices(), proof.commitment())
			.map_err(|error| error.describe())?;
		let cells = fleet.drawn_cells(parameters.openings, &RANDOMNESS, blake2_256);
		let shown: Vec<_> = (0..).zip(proof.open(&cells)?).map(|(index, opening)| Shown { index, opening }).collect();
		BoundedVec::try_from(shown).map_err(|_| "there are no more than can be shown".into())
	}

	/// Puts it into the state of a chain, by its sudo.
	fn put_into(&self, chain: &mut Chain) -> Result<()> {
		let items = vec![
			(Agenda::<Runtime>::hashed_key().to_vec(), vec![ID].encode()),
			(RollCalls::<Runtime>::hashed_key_for(ID), self.roll_call.encode()),
			(Members::<Runtime>::hashed_key_for(ID, self.resource), self.member.encode()),
		];
		let set = Box::new(frame_system::Call::set_storage { items }.into());
		block(chain, Some((&key("//Alice"), pallet_sudo::Call::sudo { call: set }.into())))?;
		Ok(())
	}
}

/// The next block, with a transaction or none; the one after it if that begins a session, which has no room for any.
fn block(chain: &mut Chain, transaction: Option<(&sr25519::Pair, RuntimeCall)>) -> Result<Times> {
	let mut transactions = Vec::new();
	if let Some((by, call)) = transaction {
		transactions.push(chain.signed(by, chain.nonce(by)?, call));
	}
	if let Ok(times) = chain.next_block(transactions.clone()) {
		return Ok(times);
	}
	chain.next_block(Vec::new())?;
	chain.next_block(transactions)
}
