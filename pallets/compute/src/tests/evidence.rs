//! Evidence, its age, and grades.

use super::*;
use gcx_math::rate::NoRate;
use sp_runtime::FixedU128;

fn graded(id: ResourceId) -> String {
	Compute::grade(id).map(|(grade, _)| grade.to_string()).unwrap_or_default()
}

#[test]
fn a_solve_makes_a_rate_against_the_reference() {
	run(|| {
		let id = registered(PROVIDER, HPC, 2);
		pass(id, 1_500);
		assert_eq!(Compute::rate(id, Tier::Attested), Some(FixedU128::from_rational(3, 2)));
		assert_eq!((Compute::rate(id, Tier::Declared), Compute::rate(id, Tier::Proven)), (None, None));
		let evidence = standing(id).attested.expect("attested");
		assert_eq!((evidence.round, evidence.run, evidence.evidence), (RoundId(7), [1; 32], [2; 32]));
		assert_eq!(evidence.measurements.to_vec(), [Measurement { metric: Metric::Hpl, value: 1_500 }]);
		assert_eq!(graded(id), "A4Z");
	})
}

#[test]
fn declared_results_are_graded_and_sell_nothing() {
	run(|| {
		let id = registered(PROVIDER, INFER, 1);
		let results = declared(Metric::MlperfLlama2Offline, 1_200);
		(0..3).for_each(|_| attest(id, results.clone()));
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
		assert_eq!(Compute::rate(id, Tier::Declared).map(|rate| rate > FixedU128::from_rational(119, 100)), Some(true));
		assert_eq!(graded(id), "B4Z");
		assert_eq!(Compute::sellable(&PROVIDER, INFER, &Grade::LOWEST, Day(today())), Capacity::ZERO);
		let sell = Compute::sell(&PROVIDER, INFER, &Grade::LOWEST, days(0, 0), Capacity(1));
		assert_eq!(sell, Err(Error::<Test>::CapacityExceeded.into()));
	})
}

#[test]
fn a_solve_says_nothing_of_a_class_that_it_does_not_attest() {
	run(|| {
		let id = registered(PROVIDER, INFER, 1);
		pass(id, 5_000);
		assert_eq!((Compute::rate(id, Tier::Attested), Compute::grade(id)), (None, None));
	})
}

#[test]
fn the_strongest_tier_makes_the_grade() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		attest(id, Attestation { solved: Some(1_000), ..declared(Metric::Hpl, 9_000) });
		assert_eq!(graded(id), "C4Z");
		assert_eq!(Compute::rate(id, Tier::Attested), Some(FixedU128::from(1)));
		assert!(Compute::rate(id, Tier::Declared).is_some_and(|rate| rate > FixedU128::from_rational(89, 10)));
	})
}

#[test]
fn declared_results_below_a_floor_count_for_nothing_and_the_reason_is_told() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		attest(id, declared(Metric::Hpl, 1_000));
		assert!(standing(id).declared.is_some());
		attest(id, declared(Metric::Hpl, 99));
		assert_eq!((standing(id).declared, Compute::grade(id)), (None, None));
		let reason = NoRate::BelowFloor(Metric::Hpl);
		assert!(events().contains(&Event::DeclaredRefused { resource: id, round: RoundId(7), reason }));
	})
}

#[test]
fn results_of_other_metrics_are_told_of_as_nothing_measured() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		attest(id, declared(Metric::Hpcg, 1_000));
		let reason = NoRate::NothingMeasured;
		assert!(events().contains(&Event::DeclaredRefused { resource: id, round: RoundId(7), reason }));
	})
}

#[test]
fn a_round_without_declared_results_leaves_the_earlier_ones() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		attest(id, declared(Metric::Hpl, 1_000));
		pass(id, 1_000);
		assert!(standing(id).declared.is_some());
		let declared = events().into_iter().filter_map(|event| match event {
			Event::RoundPassed { attested, declared, .. } => Some((attested.is_some(), declared.is_some())),
			_ => None,
		});
		// Both rounds of the tests have the same number.
		assert_eq!(declared.collect::<Vec<_>>(), [(false, true), (true, true)]);
	})
}

#[test]
fn evidence_and_grades_expire() {
	run(|| {
		let id = active(1, 1_000);
		go_to(FIRST_DAY + 20, 0);
		assert_eq!(Compute::grade(id).map(|(_, age)| age), Some(20 * DAY));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), DEVICE_DAY);
		go_to(FIRST_DAY + 20, 1);
		assert_eq!((Compute::grade(id), Compute::rate(id, Tier::Attested)), (None, None));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity::ZERO);
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
		pass(id, 1_000);
		assert_eq!(graded(id), "C4Z");
	})
}

#[test]
fn a_grade_changes_only_past_the_line() {
	run(|| {
		let id = active(1, 1_100);
		assert_eq!(graded(id), "B4Z");
		// 1.1 less two per cent is 1.078.
		pass(id, 1_078);
		assert_eq!(graded(id), "B4Z");
		pass(id, 1_077);
		assert_eq!(graded(id), "C4Z");
		// 1.1 and two per cent are 1.122.
		pass(id, 1_121);
		assert_eq!(graded(id), "C4Z");
		pass(id, 1_122);
		assert_eq!(graded(id), "B4Z");
	})
}

#[test]
fn an_expired_grade_holds_nothing() {
	run(|| {
		let id = active(1, 1_100);
		later(21);
		pass(id, 1_099);
		assert_eq!(graded(id), "C4Z");
	})
}

#[test]
fn reliability_follows_from_draws() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		(0..18).for_each(|_| pass(id, 1_000));
		assert_eq!(graded(id), "C4Z");
		(0..2).for_each(|_| pass(id, 1_000));
		// Twenty of twenty-one are more than 95 % of them, and past the line with the hysteresis.
		assert_eq!(graded(id), "C3Z");
		Compute::missed(id);
		pass(id, 1_000);
		assert_eq!((standing(id).answered, standing(id).missed, graded(id)), (21, 1, "C4Z".into()));
	})
}

#[test]
fn draws_long_ago_count_less() {
	let mut standing = Standing { answered: UPTIME_MEMORY - 3, missed: 3, ..Default::default() };
	standing.count(true);
	assert_eq!((standing.answered, standing.missed), ((UPTIME_MEMORY - 3) / 2 + 1, 2));
	standing.count(false);
	assert_eq!(standing.missed, 3);
}

#[test]
fn energy_counts_only_when_power_was_measured_in_the_same_run() {
	run(|| {
		let id = registered(PROVIDER, HPC, 2);
		let with_power = |milliwatts| Attestation { milliwatts: Some(milliwatts), ..solved(1_000) };
		attest(id, with_power(2 * MILLIWATTS));
		assert_eq!(graded(id), "C4Y");
		attest(id, with_power(MILLIWATTS));
		assert_eq!(graded(id), "C4X");
		pass(id, 1_000);
		assert_eq!(graded(id), "C4Z");
		// Power without a speed is the power of nothing.
		attest(id, Attestation { solved: None, ..with_power(MILLIWATTS) });
		assert_eq!(graded(id), "C4Z");
		attest(id, with_power(0));
		assert_eq!(graded(id), "C4Z");
	})
}

#[test]
fn a_round_tells_what_it_found() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		pass(id, 500);
		let expected = Event::RoundPassed {
			resource: id,
			round: RoundId(7),
			evidence: [2; 32],
			attested: Some(FixedU128::from_rational(1, 2)),
			declared: None,
			grade: Some(floor(Performance::D)),
		};
		assert!(events().contains(&expected), "{:?}", events());
	})
}

// One device answered, and a thousand were said to be there before the round was closed.
#[test]
fn what_was_found_of_other_devices_counts_for_nothing() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		let found = Attestation { devices: 1, ..solved(1_000) };
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 1_000));
		Compute::attested(id, found);
		assert_eq!((standing(id).attested, standing(id).graded), (None, None));
		assert_eq!(events().last(), Some(&crate::Event::RoundUnattested { resource: id }));
	})
}

#[test]
fn a_fall_of_reliability_by_two_grades_burns_a_part_of_the_bond_once() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		let grade_by = |answered, missed| {
			Standings::<Test>::mutate(id, |standing| (standing.answered, standing.missed) = (answered, missed));
			pass(id, 1_000);
			graded(id)
		};
		let bond = || provider(PROVIDER).bond;
		let fell = |reliability, had, burned| Event::ReliabilityFell {
			provider: PROVIDER,
			resource: id,
			reliability,
			had,
			burned,
			left: had - burned,
		};
		assert_eq!(grade_by(9_000, 0), "C1Z");
		// One grade costs nothing, and the second is two below the best.
		assert_eq!((grade_by(9_950, 50), bond(), Burnt::get()), ("C2Z".into(), BOND, 10));
		let had = bond();
		assert_eq!(grade_by(9_600, 400), "C3Z");
		let burned = had * 3 / 100;
		assert_eq!(events().iter().filter(|event| **event == fell(Reliability::Third, had, burned)).count(), 1);
		assert_eq!((bond(), Burnt::get()), (had - burned, 10 + burned));
		// It is paid for: one grade more costs nothing, and neither does the same one again.
		assert_eq!((grade_by(5_000, 5_000), graded(id), bond()), ("C4Z".into(), "C4Z".into(), had - burned));
		// From the best to the last is one fall as well.
		assert_eq!(grade_by(9_999, 0), "C1Z");
		let had = bond();
		assert_eq!(grade_by(5_000, 5_000), "C4Z");
		assert_eq!(had - bond(), (had * 3).div_ceil(100));
	})
}
