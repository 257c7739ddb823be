//! What clients see.

use super::*;
use sp_runtime::FixedU128;

#[test]
fn a_class_shows_its_versions() {
	run(|| {
		assert_ok!(Compute::add_version(RuntimeOrigin::root(), HPC, system(2_000)));
		assert_ok!(Compute::pin_version(HPC, ReferenceVersion(1)));
		registered(PROVIDER, HPC, 1);
		let view = Compute::class_view(HPC).expect("there");
		assert_eq!((view.name.as_str(), view.current, view.loss_per_hour.0), ("HPC-FP64", ReferenceVersion(2), 10));
		let users = view.versions.iter().map(|version| (version.version.0, version.resources, version.pins));
		assert_eq!(users.collect::<Vec<_>>(), [(1, 0, 1), (2, 1, 0)]);
		assert_eq!(Compute::class_view(ClassId(9)), None);
	})
}

#[test]
fn a_resource_shows_its_grade_its_capacity_and_their_age() {
	run(|| {
		let id = active(2, 1_500);
		let floor = floor(Performance::A);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &floor, days(0, 0), Capacity(5)));
		assert_ok!(Compute::nominate(id, &floor, days(0, 0), Capacity(2)));
		assert_ok!(Compute::pledge(signed(PROVIDER), id, days(0, 0), Capacity(1)));
		go_to(FIRST_DAY, 7);
		let view = Compute::resource_view(id).expect("there");
		let grade = view.grade.expect("graded");
		assert_eq!((grade.grade.as_str(), grade.parts, grade.age), ("A4Z", floor, 7));
		assert_eq!((view.tier, view.rate.as_deref()), (Some(Tier::Attested), Some("1.5")));
		assert_eq!((view.state, view.passed, view.failures), (ResourceState::Active, 2, 0));
		let all = 3 * DEVICE_DAY.0;
		let capacity = view.capacity;
		assert_eq!((capacity.day, capacity.capacity), (Day(FIRST_DAY), Capacity(all)));
		assert_eq!((capacity.nominated, capacity.pledged, capacity.sold), (Capacity(2), Capacity(1), Capacity(3)));
		assert_eq!((capacity.sellable, capacity.shortfall), (Capacity(all - 6), Capacity::ZERO));
		let evidence = &view.evidence[0];
		assert_eq!((evidence.tier, evidence.age, evidence.is_expired), (Tier::Attested, 7, false));
		assert_eq!(evidence.run, format!("0x{}", "01".repeat(32)));
		assert_eq!((view.uptime.answered, view.uptime.uptime.as_str()), (2, "0.666666666666666666"));
		assert_eq!((view.reputation.passed, view.reputation.bond.0, view.reputation.at_risk.0), (2, 1_000_000, 1));
		assert_eq!(Compute::resource_view(ResourceId(9)), None);
	})
}

#[test]
fn a_resource_that_nothing_is_known_of_shows_nothing() {
	run(|| {
		let id = registered(PROVIDER, HPC, 2);
		let view = Compute::resource_view(id).expect("there");
		assert_eq!((view.grade, view.tier, view.rate, view.evidence), (None, None, None, vec![]));
		assert_eq!((view.capacity.capacity, view.capacity.sellable), (Capacity::ZERO, Capacity::ZERO));
	})
}

#[test]
fn evidence_that_is_too_old_is_shown_as_such() {
	run(|| {
		let id = active(1, 1_000);
		later(21);
		let view = Compute::resource_view(id).expect("there");
		assert_eq!((view.grade, view.tier, view.evidence[0].is_expired), (None, None, true));
	})
}

#[test]
fn decimals_are_written_without_zeros_at_the_end() {
	for (parts, text) in [(0, "0"), (10u128.pow(18), "1"), (1, "0.000000000000000001"), (25 * 10u128.pow(17), "2.5")] {
		assert_eq!(crate::views::decimal(FixedU128::from_inner(parts)), text);
	}
}
