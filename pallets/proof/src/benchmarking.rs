//! Benchmarks. Each measures the worst case, or more.

use crate::*;
use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::RawOrigin;
use gcx_math::proof::{
	device_leaf, dot, merkle, round_leaf, round_seed, tile_leaf, DeviceCell, DeviceOpening, Hash, Line, Opening,
	Parameters, PreviousRound, RawParameters, Side, BLOCK, DEPTH_STEP, MAX_DEPTH, MAX_ROUNDS, MAX_SIDE, MAX_TILE,
};
use gcx_primitives::{
	Beacon, ChallengeRequest, ClassId, ComputeResources, Day, DealId, ProofChallenge, ProofOpening, ResourceId,
	ResourceState, RollCallId, Subject, MAX_DEVICES,
};
use sp_io::hashing::blake2_256;

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Sets the slot of this block; the beacon has the contribution of the slot before.
	fn set_slot(slot: u64);
	/// Adds a resource of a class that can be proven, on a day that is as full as can be.
	fn add_resource() -> ResourceId;
}

const SLOT: u64 = 1_000_000;
const ID: RollCallId = RollCallId(7);

/// As many tiles and rounds as can be, of the largest tiles, so that paths and leaves are the longest.
fn computation(depth: u32) -> RawParameters {
	let side = MAX_SIDE;
	RawParameters { rows: side, columns: side, depth, tile: MAX_TILE, patch: 1, rounds: MAX_ROUNDS, openings: 1 }
}

fn proposed() -> ProposedTerms {
	let parameters = computation(DEPTH_STEP);
	ProposedTerms { parameters, every: 1_000_000, commit_slots: 1, open_slots: 1, suspect_openings: 1, opened: 1 }
}

fn terms(depth: u32) -> Terms {
	let ProposedTerms { every, commit_slots, open_slots, suspect_openings, opened, .. } = proposed();
	let parameters = Parameters::try_from(computation(depth)).expect("in bounds");
	Terms { parameters, every, commit_slots, open_slots, suspect_openings, opened }
}

/// A resource, and who it belongs to.
fn resource<T: Config>() -> (ResourceId, Subject<T::AccountId>) {
	T::BenchmarkHelper::set_slot(SLOT);
	let resource = T::BenchmarkHelper::add_resource();
	(resource, T::Compute::subject(resource).expect("it is there"))
}

/// A roll-call of a class in a stage, the only one.
fn roll_call<T: Config>(class: ClassId, stage: Stage, depth: u32) -> RollCall {
	let roll_call = RollCall {
		class,
		purpose: Purpose::Class,
		terms: terms(depth),
		nonce: [1; 32],
		seed_slot: SLOT - 10,
		began: SLOT - 9,
		stage,
		since: SLOT - 9,
		commit_until: SLOT + 10,
		open_until: matches!(stage, Stage::Opening { .. }).then_some(SLOT + 20),
		called: 0,
		committed: 0,
		tally: Tally::default(),
	};
	Agenda::<T>::put(BoundedVec::truncate_from(vec![ID]));
	NextRollCall::<T>::put(ID.next());
	RollCalls::<T>::insert(ID, &roll_call);
	roll_call
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// A hash that stands for what was not computed.
fn other(of: &str, at: u32) -> Hash {
	blake2_256(&(of, at).encode())
}

/// A commitment of as many devices as there can be of which only a drawn cell was computed, and its opening, which holds.
fn commitment<T: Config>(roll_call: &RollCall, resource: ResourceId) -> (Answer, Hash, Shown) {
	let parameters = roll_call.terms.parameters;
	let mut answer = Answer { devices: MAX_DEVICES, rounds: parameters.rounds, commitment: [0; 32], shown: 0 };
	let fleet = Pallet::<T>::fleet(ID, roll_call, resource, &answer).expect("in bounds");
	// In the first round there is no round before, and less to do.
	let drawn = (0..u32::MAX).find_map(|luck| {
		let randomness = other("randomness", luck);
		let at = fleet.drawn_cells(1, &randomness, blake2_256).pop()?;
		(at.cell.round > 0).then_some((randomness, at))
	});
	let (randomness, DeviceCell { device, cell }) = drawn.expect("most cells are in later rounds");
	let mut rounds: Vec<Hash> = (0..parameters.rounds).map(|round| other("round", round)).collect();
	let previous = rounds[cell.round as usize - 1];
	let seed = round_seed(&fleet.seed(device, blake2_256), cell.round, &previous, blake2_256);
	let mut tile = vec![0; parameters.tile_cells() as usize];
	let place = cell.row % parameters.tile * parameters.tile + cell.column % parameters.tile;
	let left = Line::new(&seed, Side::Left, cell.row, blake2_256);
	let right = Line::new(&seed, Side::Right, cell.column, blake2_256);
	tile[place as usize] =
		(0..parameters.depth / BLOCK as u32).map(|block| dot(&left.block(block), &right.block(block))).sum();
	let index = cell.tile(&parameters);
	let tile_path: Vec<_> =
		(0..merkle::path_length(parameters.tiles(), index)).map(|level| other("tile", level)).collect();
	let leaf = tile_leaf(&tile, blake2_256);
	rounds[cell.round as usize] =
		merkle::climb(leaf, index, parameters.tiles(), &tile_path, blake2_256).expect("its length");
	let leaves: Vec<_> = rounds.iter().map(|root| round_leaf(root, blake2_256)).collect();
	let round_path =
		|round| BoundedVec::truncate_from(merkle::path(&leaves, round, blake2_256).expect("there is such a round"));
	let of_device = merkle::root(&leaves, blake2_256).expect("there are rounds");
	let mut devices: Vec<_> = (0..MAX_DEVICES).map(|device| other("device", device)).collect();
	devices[device as usize] = device_leaf(&of_device, blake2_256);
	answer.commitment = merkle::root(&devices, blake2_256).expect("there are devices");
	let opening = DeviceOpening {
		commitment: of_device,
		path: BoundedVec::truncate_from(merkle::path(&devices, device, blake2_256).expect("there is such a device")),
		opening: Opening {
			tile: BoundedVec::truncate_from(tile),
			tile_path: BoundedVec::truncate_from(tile_path),
			round_path: round_path(cell.round),
			previous: Some(PreviousRound { root: previous, path: round_path(cell.round - 1) }),
		},
	};
	(answer, randomness, Shown { index: 0, opening })
}

fn full_history<T: Config>(resource: ResourceId) {
	let passage = Passage { roll_call: RollCallId(1), at: 1, outcome: Outcome::Proven { operations: 1 } };
	Histories::<T>::insert(resource, BoundedVec::truncate_from(vec![passage; MAX_HISTORY as usize]));
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn set_terms() -> Result<(), BenchmarkError> {
		let (_, subject) = resource::<T>();
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, subject.class, proposed());
		assert!(Schedules::<T>::contains_key(subject.class));
		Ok(())
	}

	#[benchmark]
	fn remove_terms() -> Result<(), BenchmarkError> {
		let (_, subject) = resource::<T>();
		Schedules::<T>::insert(subject.class, Schedule { terms: terms(DEPTH_STEP), due: 1 });
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, subject.class);
		assert!(!Schedules::<T>::contains_key(subject.class));
		Ok(())
	}

	#[benchmark]
	fn commit() {
		let (resource, subject) = resource::<T>();
		roll_call::<T>(subject.class, Stage::Committing { seats: 0 }, DEPTH_STEP);
		#[extrinsic_call]
		_(RawOrigin::Signed(subject.agent), ID, resource, MAX_ROUNDS, [2; 32]);
		assert!(Members::<T>::get(ID, resource).is_some_and(|member| member.answer.is_some()));
	}

	#[benchmark]
	fn open(b: Linear<1, { MAX_DEPTH / DEPTH_STEP }>) {
		let (resource, subject) = resource::<T>();
		let depth = b * DEPTH_STEP;
		let mut call = roll_call::<T>(subject.class, Stage::Opening { randomness: [0; 32] }, depth);
		let (answer, randomness, shown) = commitment::<T>(&call, resource);
		(call.stage, call.called, call.committed) = (Stage::Opening { randomness }, 1, 1);
		RollCalls::<T>::insert(ID, call);
		Members::<T>::insert(ID, resource, Member { suspect: true, answer: Some(answer) });
		let shown = BoundedVec::truncate_from(vec![shown]);
		#[extrinsic_call]
		_(RawOrigin::Signed(subject.agent), ID, resource, shown);
		let answer = Members::<T>::get(ID, resource).and_then(|member| member.answer);
		assert_eq!(answer.map(|answer| answer.shown), Some(1));
	}

	#[benchmark]
	fn begin_block() {
		let (_, subject) = resource::<T>();
		let due = u64::MAX;
		for index in 0..T::MaxRollCalls::get() {
			Schedules::<T>::insert(ClassId(index), Schedule { terms: terms(DEPTH_STEP), due });
		}
		let waits = roll_call::<T>(subject.class, Stage::Opening { randomness: [0; 32] }, DEPTH_STEP);
		let ids: Vec<_> = (0..MostAtOnce::<T>::get()).map(RollCallId).collect();
		for id in &ids {
			RollCalls::<T>::insert(id, &waits);
		}
		Agenda::<T>::put(BoundedVec::truncate_from(ids));
		LastEpoch::<T>::put(T::Epoch::get() + 1);
		#[block]
		{
			Pallet::<T>::begin_block();
		}
		assert_eq!(LastEpoch::<T>::get(), Some(T::Epoch::get()));
	}

	#[benchmark]
	fn call_class() {
		let (_, subject) = resource::<T>();
		Agenda::<T>::kill();
		let schedule = Schedule { terms: terms(DEPTH_STEP), due: 1 };
		#[block]
		{
			Pallet::<T>::call(subject.class, schedule, 1);
		}
		assert_eq!(Agenda::<T>::get().len(), 1);
	}

	#[benchmark]
	fn challenge() {
		let (resource, subject) = resource::<T>();
		Schedules::<T>::insert(subject.class, Schedule { terms: terms(DEPTH_STEP), due: 1 });
		// There is room for one more.
		let most = MostAtOnce::<T>::get() - 1;
		for id in (0..T::MaxChallenges::get() - 1).map(RollCallId) {
			Challenged::<T>::insert(ResourceId(u32::MAX - id.0), (DealId(id.0), Day(1)));
		}
		Agenda::<T>::put(BoundedVec::truncate_from((0..most).map(RollCallId).collect()));
		NextRollCall::<T>::put(RollCallId(most));
		let request = ChallengeRequest { deal: DealId(0), day: Day(2), resource, tenant: subject.agent };
		#[block]
		{
			assert_eq!(<Pallet<T> as ProofChallenge<T::AccountId>>::open(&request), ProofOpening::Opened);
		}
		assert_eq!(Challenged::<T>::get(resource), Some((DealId(0), Day(2))));
	}

	#[benchmark]
	fn look_up() {
		let (resource, subject) = resource::<T>();
		let mut call = roll_call::<T>(subject.class, Stage::Committing { seats: 1 }, DEPTH_STEP);
		#[block]
		{
			// Its day is full, and so it is exempt; it is called all the same, which is more than is ever done.
			Pallet::<T>::look_up(ID, &mut call, 0);
			Pallet::<T>::enter(ID, &mut call, resource, ResourceState::Active);
		}
		assert!(Members::<T>::contains_key(ID, resource));
	}

	#[benchmark]
	fn turn() {
		let (_, subject) = resource::<T>();
		let mut call = roll_call::<T>(subject.class, Stage::Committing { seats: 0 }, DEPTH_STEP);
		call.commit_until = T::Beacon::newest() - 1;
		RollCalls::<T>::insert(ID, &call);
		#[block]
		{
			Pallet::<T>::step(ID, call);
		}
		let stage = RollCalls::<T>::get(ID).map(|call| call.stage);
		assert!(matches!(stage, Some(Stage::Opening { .. })));
	}

	#[benchmark]
	fn reckon() {
		let (resource, subject) = resource::<T>();
		let randomness = [3; 32];
		let stage = Stage::Reckoning { randomness: Some(randomness) };
		let mut call = roll_call::<T>(subject.class, stage, DEPTH_STEP);
		// Nobody is drawn, so that the keeper of resources is not told; the last one ends it, as the only one of a challenge does.
		(call.called, call.committed, call.terms.opened) = (1, 1, 0);
		let (deal, day) = (DealId(u32::MAX), Day(1));
		call.purpose = Purpose::Challenge { resource, deal, day };
		Challenged::<T>::insert(resource, (deal, day));
		let answer = Answer { devices: MAX_DEVICES, rounds: MAX_ROUNDS, commitment: [2; 32], shown: u64::MAX };
		Members::<T>::insert(ID, resource, Member { suspect: false, answer: Some(answer) });
		full_history::<T>(resource);
		#[block]
		{
			Pallet::<T>::step(ID, call);
		}
		assert!(!Members::<T>::contains_key(ID, resource) && !RollCalls::<T>::contains_key(ID));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::for_benchmarks(), crate::mock::Test);
}
