//! Benchmarks. Each measures the worst case of a call or of a step of a block, or more.

use crate::{
	types::{AttestorOf, ParametersOf, RoundOf, SignatureOf},
	*,
};
use alloc::{boxed::Box, vec, vec::Vec};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::TransactionSource,
	traits::{
		fungible::{hold::Mutate as _, Inspect, Mutate},
		Authorize, EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use gcx_evidence::{
	signed_payload,
	solve::{self, Solution, System, MAX_ORDER, MIN_ORDER},
	Reason,
};
use gcx_primitives::{
	ChallengeRequest, ComputeResources, Day, DealId, Measurement, Metric, Ppm, ResourceId, RoundId, MAX_DEVICES,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{traits::Convert, MultiSignature};

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper {
	/// Sets the slot of this block.
	fn set_slot(slot: u64);

	/// A resource that can be drawn, whose class asks for the seeded solve.
	fn add_resource() -> ResourceId;
}

/// The slot of the benchmarks.
const NOW: u64 = 1_000_000;
const SALT: [u8; 32] = [7; 32];

/// Whatever is drawn is drawn in full; nothing is opened unless a benchmark does it.
fn parameters<T: Config>() -> ParametersOf<T> {
	let bond = T::NativeBalance::minimum_balance() * 100u32.into();
	AttestationParameters {
		min_bond: bond,
		silence_penalty: bond / 10u32.into(),
		equivocation_slash: Ppm::percent(50),
		wrong_evidence_slash: Ppm::percent(50),
		round_fee: bond,
		quorum_attestors: 1,
		quorum_owners: 1,
		panel_size: MAX_PANEL,
		draws_per_block: 0,
		device_draws: MAX_DRAWN_DEVICES,
		..Default::default()
	}
}

/// No attestors, one resource.
fn setup<T: Config>() -> ResourceId {
	for account in Attestors::<T>::iter_keys().collect::<Vec<_>>() {
		Attestors::<T>::remove(account);
	}
	Parameters::<T>::put(parameters::<T>());
	T::BenchmarkHelper::set_slot(NOW);
	LastSlot::<T>::put(NOW - 1);
	Beacon::<T>::put(BeaconState { value: [3; 32], of: NOW });
	T::BenchmarkHelper::add_resource()
}

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account(name, index, 0);
	T::NativeBalance::set_balance(&who, T::NativeBalance::minimum_balance() * 1_000_000u32.into());
	who
}

fn admitted<T: Config>(index: u32) -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let owner = funded::<T>("owner", index);
	Owners::<T>::insert(&owner, ());
	owner
}

/// So many attestors, as many to an owner as one can have. The first has a key in the keystore.
fn fill<T: Config>(count: u32) -> (T::AuthorityId, Vec<T::AccountId>)
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let key = T::AuthorityId::generate_pair(None);
	let bond = Parameters::<T>::get().min_bond * 10u32.into();
	let attestors = (0..count).map(|index| {
		let owner = admitted::<T>(index / T::MaxAttestorsPerOwner::get());
		let attestor =
			if index == 0 { T::AttestorAccount::convert(key.clone()) } else { account("attestor", index, 0) };
		Pallet::<T>::do_register(owner, attestor.clone(), bond).expect("there is room");
		attestor
	});
	(key.clone(), attestors.collect())
}

/// The challenge of a delivery. None of this number is known to who delivers: what it does when it is told is weighed there.
fn challenge<AccountId: Decode>(deal: u32) -> Purpose<AccountId> {
	Purpose::Challenge { deal: DealId(deal), day: Day(1), tenant: account("tenant", deal, 0) }
}

/// A round of the resource at a stage, with a full panel if it was drawn, and its fee held.
fn round_at<T: Config>(resource: ResourceId, stage: Stage, attestors: &[T::AccountId]) -> RoundOf<T>
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let subject = T::Compute::subject(resource).expect("it was added");
	let provider = funded::<T>("provider", 0);
	let fee = Parameters::<T>::get().round_fee;
	let is_answered = !matches!(stage, Stage::Answer);
	if is_answered {
		T::NativeBalance::hold(&HoldReason::RoundFee.into(), &provider, fee).expect("funded");
	}
	let solve = Some(SolveCommitment { order: MAX_ORDER, commitment: [0; 32] });
	let panel: Vec<_> = attestors.iter().take(usize::try_from(MAX_PANEL).unwrap_or(0)).cloned().collect();
	for member in panel.iter().filter(|_| is_answered) {
		Attestors::<T>::mutate(member, |attestor: &mut Option<AttestorOf<T>>| {
			attestor.as_mut().expect("it is one").duties = 1;
		});
	}
	let devices = (0..MAX_DRAWN_DEVICES).collect();
	let draw =
		Draw { rows: [5; 32], devices: BoundedVec::truncate_from(devices), panel: BoundedVec::truncate_from(panel) };
	let round = Round {
		id: RoundId(1),
		purpose: challenge(0),
		nonce: [4; 32],
		class: subject.class,
		version: subject.version,
		provider,
		agent: subject.agent,
		devices: MAX_DEVICES,
		solves: true,
		seed_slot: NOW - 51,
		opened_slot: NOW - 50,
		opened_at: 0,
		stage,
		since: NOW - 10,
		answer_until: NOW + 10,
		commit_until: NOW + 20,
		reveal_until: NOW + 30,
		answer: is_answered.then_some(Answer { slot: NOW - 40, solve, fee }),
		draw: is_answered.then_some(draw),
		outcome: None,
	};
	Rounds::<T>::insert(resource, &round);
	round
}

/// Makes the round's window over.
fn overdue<T: Config>(resource: ResourceId) {
	Rounds::<T>::mutate(resource, |round| {
		let round = round.as_mut().expect("it is open");
		(round.answer_until, round.commit_until, round.reveal_until) = (NOW - 1, NOW - 1, NOW - 1);
	});
}

/// A finding of as many figures as there are metrics.
fn finding() -> Finding {
	let metrics = [
		Metric::Hpl,
		Metric::Hpcg,
		Metric::StreamTriad,
		Metric::MlperfLlama2Offline,
		Metric::MlperfSdxlOffline,
		Metric::Int8Operations,
	];
	let declared = metrics.map(|metric| Measurement { metric, value: 1_000 }).to_vec();
	Finding::Attested(Report {
		run: [1; 32],
		evidence: [2; 32],
		declared: BoundedVec::truncate_from(declared),
		milliwatts: Some(1_000),
	})
}

fn commitment_of<T: Config>(resource: ResourceId, round: &RoundOf<T>, attestor: &T::AccountId) -> [u8; 32] {
	commitment(Pallet::<T>::genesis(), resource, round.id, round.version, &finding(), attestor, &SALT)
}

fn member_with(finding: Finding) -> Member {
	Member { commitment: Some([1; 32]), finding: Some(finding), ..Default::default() }
}

/// What the key says about a round, signed.
fn stated<T: Config, S: Domain>(
	key: &T::AuthorityId,
	resource: ResourceId,
	round: &RoundOf<T>,
	statement: S,
) -> (Payload<T::AuthorityId, S>, SignatureOf<T>) {
	let payload = Payload {
		genesis: Pallet::<T>::genesis(),
		resource,
		round: round.id,
		drawn: round.digest(),
		attestor: key.clone(),
		statement,
	};
	let signature = key.sign(&payload.signed_bytes()).expect("the key is in the keystore");
	(payload, signature)
}

fn origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks(where T::NativeBalance: Mutate<T::AccountId>)]
mod benches {
	use super::*;

	#[benchmark]
	fn admit_owner() -> Result<(), BenchmarkError> {
		let (origin, owner) = (origin::<T>()?, account::<T::AccountId>("owner", 0, 0));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, owner.clone());
		assert!(Owners::<T>::contains_key(owner));
		Ok(())
	}

	#[benchmark]
	fn expel_owner() -> Result<(), BenchmarkError> {
		setup::<T>();
		let origin = origin::<T>()?;
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let owner = Attestors::<T>::get(&attestors[0]).expect("it is one").owner;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, owner);
		assert!(Attestors::<T>::get(&attestors[0]).is_some_and(|attestor| attestor.leaving.is_some()));
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters::<T>());
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn register() {
		setup::<T>();
		fill::<T>(T::MaxAttestors::get() - 1);
		let (owner, attestor) = (admitted::<T>(u32::MAX), account::<T::AccountId>("newcomer", 0, 0));
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), attestor.clone(), Parameters::<T>::get().min_bond);
		assert!(Attestors::<T>::contains_key(attestor));
	}

	#[benchmark]
	fn bond_extra() {
		setup::<T>();
		let (_, attestors) = fill::<T>(1);
		let before = Attestors::<T>::get(&attestors[0]).expect("it is one");
		#[extrinsic_call]
		_(RawOrigin::Signed(before.owner), attestors[0].clone(), before.bond);
		assert_eq!(Attestors::<T>::get(&attestors[0]).map(|attestor| attestor.bond), Some(before.bond + before.bond));
	}

	#[benchmark]
	fn unregister() {
		setup::<T>();
		let (_, attestors) = fill::<T>(1);
		let owner = Attestors::<T>::get(&attestors[0]).expect("it is one").owner;
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), attestors[0].clone());
		assert!(Attestors::<T>::get(&attestors[0]).is_some_and(|attestor| attestor.leaving.is_some()));
	}

	#[benchmark]
	fn withdraw() {
		setup::<T>();
		let (_, attestors) = fill::<T>(1);
		Attestors::<T>::mutate(&attestors[0], |attestor| {
			attestor.as_mut().expect("it is one").leaving = Some(NOW - 1);
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(attestors[0].clone()), attestors[0].clone());
		assert!(!Attestors::<T>::contains_key(&attestors[0]));
	}

	#[benchmark]
	fn answer_draw() {
		let resource = setup::<T>();
		let round = round_at::<T>(resource, Stage::Answer, &[]);
		let solve = Some(SolveCommitment { order: MAX_ORDER, commitment: [0; 32] });
		#[extrinsic_call]
		_(RawOrigin::Signed(round.provider), resource, round.id, solve);
		assert!(Rounds::<T>::get(resource).is_some_and(|round| round.answer.is_some()));
	}

	#[benchmark]
	fn commit() {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Commit, &attestors);
		#[extrinsic_call]
		_(RawOrigin::Signed(attestors[0].clone()), resource, round.id, [1; 32]);
		assert!(Members::<T>::get(resource, &attestors[0]).commitment.is_some());
	}

	#[benchmark]
	fn reveal() {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Reveal, &attestors);
		let commitment = Some(commitment_of::<T>(resource, &round, &attestors[0]));
		Members::<T>::insert(resource, &attestors[0], Member { commitment, ..Default::default() });
		#[extrinsic_call]
		_(RawOrigin::Signed(attestors[0].clone()), resource, round.id, finding(), SALT);
		assert!(Members::<T>::get(resource, &attestors[0]).finding.is_some());
	}

	#[benchmark]
	fn authorize_commit() -> Result<(), BenchmarkError> {
		let resource = setup::<T>();
		let (key, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Commit, &attestors);
		let (payload, signature) = stated::<T, _>(&key, resource, &round, Commits([1; 32]));
		let call = Call::<T>::commit_authorized { payload, signature };
		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.expect("it can be authorised")
				.map_err(|_| "it is not authorised")?;
		}
		Ok(())
	}

	#[benchmark]
	fn authorize_reveal() -> Result<(), BenchmarkError> {
		let resource = setup::<T>();
		let (key, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Reveal, &attestors);
		let commitment = Some(commitment_of::<T>(resource, &round, &attestors[0]));
		Members::<T>::insert(resource, &attestors[0], Member { commitment, ..Default::default() });
		let statement = Reveals { finding: finding(), salt: SALT };
		let (payload, signature) = stated::<T, _>(&key, resource, &round, statement);
		let call = Call::<T>::reveal_authorized { payload, signature };
		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.expect("it can be authorised")
				.map_err(|_| "it is not authorised")?;
		}
		Ok(())
	}

	#[benchmark]
	fn report_equivocation() {
		let resource = setup::<T>();
		let (key, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Reveal, &attestors);
		let said = |salt| stated::<T, _>(&key, resource, &round, Reveals { finding: finding(), salt });
		let proof = Box::new(Equivocation::Findings(said([1; 32]), said([2; 32])));
		let caller = funded::<T>("reporter", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), proof);
		assert!(Members::<T>::get(resource, &attestors[0]).equivocated);
	}

	#[benchmark]
	fn report_double_signing() {
		let resource = setup::<T>();
		let mut round = round_at::<T>(resource, Stage::Answer, &[]);
		let key = sp_io::crypto::sr25519_generate(KEY_TYPE, None);
		round.agent = T::AccountId::decode(&mut &key.0[..]).expect("an account is as long as a key");
		Rounds::<T>::insert(resource, &round);
		let said = |digest| {
			let payload = signed_payload(Pallet::<T>::genesis(), resource, round.id, digest);
			let signature = sp_io::crypto::sr25519_sign(KEY_TYPE, &key, &payload).expect("it is in the keystore");
			(digest, MultiSignature::Sr25519(signature))
		};
		let (first, second) = (said([1; 32]), said([2; 32]));
		let caller = funded::<T>("reporter", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), resource, round.id, first, second);
		assert!(Disputes::<T>::get(resource).double_signed);
	}

	/// The call stops at the first row that does not hold. All the others are examined after it, one at a time.
	#[benchmark]
	fn dispute_solve(
		d: Linear<1, { MAX_DEVICES }>,
		n: Linear<{ MIN_ORDER }, { MAX_ORDER }>,
	) -> Result<(), BenchmarkError> {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let mut round = round_at::<T>(resource, Stage::Reveal, &attestors);
		let solution = Solution(vec![1; usize::try_from(n).unwrap_or(0)]);
		let bytes = solution.to_bytes();
		let hashes = vec![solution.hash(); usize::try_from(d).unwrap_or(0)];
		let commitment = solve::commitment(&hashes);
		round.devices = d;
		let answer = round.answer.as_mut().expect("it was answered");
		answer.solve = Some(SolveCommitment { order: n, commitment });
		let (nonce, rows) = (round.nonce, [5; 32]);
		round.stage = Stage::Closed;
		round.outcome = Some(Outcome::NoQuorum { counted: 0, owners: 0 });
		Rounds::<T>::insert(resource, &round);
		for member in round.panel() {
			Members::<T>::insert(resource, member, member_with(finding()));
		}
		let caller = funded::<T>("reporter", 0);
		#[block]
		{
			Pallet::<T>::do_dispute_solve(caller, resource, round.id, &hashes, 0, &bytes)?;
			let system = System::new(solve::device_seed(nonce, 0), n);
			for row in solve::drawn_rows(rows, 0, n) {
				core::hint::black_box(system.solves(&solution, &[row]));
			}
		}
		assert!(Disputes::<T>::get(resource).false_solve);
		Ok(())
	}

	#[benchmark]
	fn begin_block() {
		setup::<T>();
		PendingParameters::<T>::put((NOW, parameters::<T>()));
		LastSlot::<T>::put(NOW - T::HaltSlots::get() - 1);
		let agenda = (0..T::MaxRounds::get()).map(|index| (NOW + 1, ResourceId(index))).collect();
		Agenda::<T>::put(BoundedVec::<_, T::MaxRounds>::truncate_from(agenda));
		#[block]
		{
			Pallet::<T>::begin_block();
		}
		assert!(!PendingParameters::<T>::exists() && LastHalt::<T>::exists());
	}

	#[benchmark]
	fn open() {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let mut round = round_at::<T>(resource, Stage::Reveal, &attestors);
		round.outcome = Some(Outcome::NoQuorum { counted: 0, owners: 0 });
		Rounds::<T>::insert(resource, &round);
		for member in round.panel() {
			Members::<T>::insert(resource, member, member_with(finding()));
		}
		let parameters = Parameters::<T>::get();
		#[block]
		{
			core::hint::black_box(Pallet::<T>::drawn_resource(0, NOW, &parameters));
			Pallet::<T>::open(resource, NOW, &parameters, challenge(1));
		}
		assert!(Rounds::<T>::get(resource).is_some_and(|round| round.id == RoundId(2)));
	}

	/// Each waits for its resource to rest no more, as far as there are so many resources.
	#[benchmark]
	fn challenges(c: Linear<1, { T::MaxChallenges::get() }>) {
		let resource = setup::<T>();
		let round = round_at::<T>(resource, Stage::Answer, &[]);
		let known: Vec<_> = (0..T::Compute::drawable()).filter_map(T::Compute::drawable_at).collect();
		for resource in &known {
			Rounds::<T>::insert(resource, &round);
		}
		let waiting = (0..c).zip(known.iter().cycle()).map(|(deal, resource)| {
			let (deal, day, tenant) = (DealId(deal), Day(1), account("tenant", deal, 0));
			Waiting { request: ChallengeRequest { deal, day, resource: *resource, tenant }, since: NOW - 1 }
		});
		Requested::<T>::put(BoundedVec::<_, T::MaxChallenges>::truncate_from(waiting.collect()));
		let mut agenda = BoundedVec::new();
		#[block]
		{
			Pallet::<T>::open_challenges(&mut agenda, NOW, T::RoundsPerBlock::get());
		}
		let waiting = Requested::<T>::get();
		assert!(waiting.len() == usize::try_from(c).unwrap_or(0) && waiting.iter().all(|one| one.since == NOW));
	}

	#[benchmark]
	fn miss() {
		let resource = setup::<T>();
		round_at::<T>(resource, Stage::Answer, &[]);
		overdue::<T>(resource);
		#[block]
		{
			Pallet::<T>::step(resource, NOW);
		}
		assert!(Rounds::<T>::get(resource).is_some_and(|round| round.outcome == Some(Outcome::Missed)));
	}

	#[benchmark]
	fn draw() {
		let resource = setup::<T>();
		fill::<T>(T::MaxAttestors::get());
		let mut round = round_at::<T>(resource, Stage::Commit, &[]);
		(round.stage, round.draw) = (Stage::Answer, None);
		Rounds::<T>::insert(resource, round);
		overdue::<T>(resource);
		#[block]
		{
			Pallet::<T>::step(resource, NOW);
		}
		assert!(Rounds::<T>::get(resource).is_some_and(|round| round.draw.is_some()));
	}

	#[benchmark]
	fn turn() {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		round_at::<T>(resource, Stage::Commit, &attestors);
		overdue::<T>(resource);
		#[block]
		{
			Pallet::<T>::step(resource, NOW);
		}
		assert!(Rounds::<T>::get(resource).is_some_and(|round| round.stage == Stage::Reveal));
	}

	/// All but two of the panel agree; one deviates and one is slashed for its silence.
	#[benchmark]
	fn close() {
		let resource = setup::<T>();
		let (_, attestors) = fill::<T>(T::MaxAttestors::get());
		let round = round_at::<T>(resource, Stage::Reveal, &attestors);
		overdue::<T>(resource);
		for (place, member) in round.panel().iter().enumerate() {
			let finding = match place {
				0 => None,
				1 => Some(Finding::Refused(Reason::Malformed)),
				_ => Some(finding()),
			};
			let member_of = Member { commitment: Some([1; 32]), finding, ..Default::default() };
			Members::<T>::insert(resource, member, member_of);
		}
		#[block]
		{
			Pallet::<T>::step(resource, NOW);
		}
		let outcome = Rounds::<T>::get(resource).and_then(|round| round.outcome);
		assert!(matches!(outcome, Some(Outcome::Attested { outliers: 1, .. })));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::with_keystore(), crate::mock::Test);
}
