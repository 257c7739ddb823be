//! What the chain itself has checked.

use super::*;
use sp_runtime::FixedU128;

/// A class that is measured by what is proven, and by nothing else.
const GEMM: ClassId = ClassId(3);

fn run(test: impl FnOnce()) {
	Market::default().run(|| {
		let mut system = system(REFERENCE);
		system.metrics[0].metric = Metric::Int8Operations;
		let name = b"GEMM-INT8".to_vec().try_into().expect("short");
		assert_ok!(Compute::admit_class(RuntimeOrigin::root(), GEMM, name, system, None, LOSS));
		test();
	})
}

fn proof(devices: u32, operations: u64) -> ProvenCompute {
	ProvenCompute {
		roll_call: RollCallId(4),
		at: Timestamp::get(),
		devices,
		operations,
		nonce: [5; 32],
		commitment: [6; 32],
	}
}

/// A resource of so many devices that proved so much in as many roll-calls as it takes to be active.
fn proven(devices: u32, operations: u64) -> ResourceId {
	let id = registered(PROVIDER, GEMM, devices);
	(0..2).for_each(|_| Compute::proven(id, proof(devices, operations)));
	id
}

fn sellable() -> Capacity {
	Compute::sellable(&PROVIDER, GEMM, &Grade::LOWEST, Day(today()))
}

#[test]
fn a_resource_sells_by_the_rate_that_it_proved() {
	run(|| {
		let id = proven(2, 1_500);
		let rate = FixedU128::from_rational(3, 2);
		assert_eq!((Compute::rate(id, Tier::Proven), Compute::rate(id, Tier::Attested)), (Some(rate), None));
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
		assert_eq!(Compute::grade(id).map(|(grade, _)| grade.to_string()), Some("A4Z".into()));
		assert_eq!(sellable(), Capacity(DEVICE_DAY.0 * 3));
		let evidence = standing(id).proven.expect("proven");
		assert_eq!((evidence.round, evidence.run, evidence.evidence), (RoundId(4), [5; 32], [6; 32]));
		assert_eq!(evidence.measurements.to_vec(), [Measurement { metric: Metric::Int8Operations, value: 1_500 }]);
		let expected =
			Event::Proven { resource: id, roll_call: RollCallId(4), rate, grade: standing(id).graded.map(|it| it.0) };
		assert!(events().contains(&expected));
		assert_eq!((provider(PROVIDER).reputation.passed, standing(id).answered), (2, 2));
	})
}

#[test]
fn the_first_roll_call_warms_up() {
	run(|| {
		let id = registered(PROVIDER, GEMM, 1);
		Compute::proven(id, proof(1, 1_000));
		assert_eq!((Compute::state(id), sellable()), (Some(ResourceState::Warmup), Capacity::ZERO));
	})
}

#[test]
fn who_is_absent_has_proven_nothing_any_more() {
	run(|| {
		let id = proven(1, 1_000);
		Compute::absent(id);
		assert_eq!((Compute::state(id), Compute::rate(id, Tier::Proven)), (Some(ResourceState::Suspect), None));
		assert_eq!((sellable(), standing(id).counted), (Capacity::ZERO, Capacity::ZERO));
		let failed = Event::RoundFailed { resource: id, failure: Failure::Absent, failures: 1, limit: 3 };
		assert!(events().contains(&failed));
		assert_eq!(provider(PROVIDER).reputation.missed, 1);
		Compute::proven(id, proof(1, 1_000));
		assert_eq!((Compute::state(id), sellable()), (Some(ResourceState::Active), DEVICE_DAY));
		// Three in a row are too many.
		(0..3).for_each(|_| Compute::absent(id));
		assert_eq!(Compute::state(id), Some(ResourceState::Jailed));
	})
}

#[test]
fn who_shows_nothing_of_what_it_committed_to_is_slashed() {
	run(|| {
		let id = proven(1, 1_000);
		Compute::offended(id, ProviderOffence::UnshownProof, None);
		assert_eq!(provider(PROVIDER).bond, BOND * 6 / 10);
		assert_eq!((Compute::state(id), standing(id).proven), (Some(ResourceState::Jailed), None));
	})
}

#[test]
fn what_was_proven_grows_old() {
	run(|| {
		let id = proven(1, 1_000);
		let age = u32::try_from(crate::Parameters::<Test>::get().max_age / DAY).expect("days are few");
		later(age);
		assert_eq!(sellable(), DEVICE_DAY);
		later(1);
		assert_eq!((Compute::rate(id, Tier::Proven), sellable()), (None, Capacity::ZERO));
	})
}

#[test]
fn nothing_is_proven_of_other_devices_in_jail_or_of_a_version_that_cannot_be() {
	run(|| {
		let id = registered(PROVIDER, GEMM, 2);
		Compute::proven(id, proof(1, 1_000));
		assert_eq!((standing(id).proven, Compute::state(id)), (None, Some(ResourceState::Registered)));
		let hpc = registered(PROVIDER, HPC, 1);
		Compute::proven(hpc, proof(1, 1_000));
		assert_eq!((standing(hpc).proven, Compute::state(hpc)), (None, Some(ResourceState::Registered)));
		Compute::offended(id, ProviderOffence::UnshownProof, None);
		Compute::proven(id, proof(2, 1_000));
		Compute::proven(ResourceId(99), proof(2, 1_000));
		assert_eq!((standing(id).proven, Compute::state(id)), (None, Some(ResourceState::Jailed)));
		let references = [GEMM, HPC, ClassId(9)].map(Compute::proof_reference);
		assert_eq!(references, [Some(REFERENCE), None, None]);
	})
}

#[test]
fn less_proven_than_before_is_told_where_it_was_sold() {
	run(|| {
		let id = proven(1, 1_000);
		assert_ok!(Compute::sell(&PROVIDER, GEMM, &Grade::LOWEST, days(0, 0), DEVICE_DAY));
		Compute::proven(id, proof(1, 999));
		let short = Capacity(DEVICE_DAY.0 / 1_000);
		let expected = Event::Shortfall { provider: PROVIDER, class: GEMM, day: Day(today()), short };
		assert!(events().contains(&expected), "{:?}", events());
	})
}

#[test]
fn a_proof_keeps_what_was_measured_of_power_and_its_age() {
	run(|| {
		let id = registered(PROVIDER, GEMM, 1);
		// Twice the reference's Compute Hours per kilowatt-hour.
		let measured = Attestation { milliwatts: Some(MILLIWATTS / 2), ..declared(Metric::Int8Operations, 1_000) };
		attest(id, measured);
		let (grade, at) = standing(id).graded.expect("graded");
		assert_eq!(grade.to_string(), "C4X");
		later(5);
		Compute::proven(id, proof(1, 1_600));
		let (grade, since) = standing(id).graded.expect("graded");
		assert_eq!((grade.to_string().as_str(), since), ("A4X", at));
		later(17);
		Compute::proven(id, proof(1, 1_600));
		let (grade, since) = standing(id).graded.expect("graded");
		assert_eq!((grade.to_string().as_str(), since), ("A4Z", Timestamp::get()));
	})
}
