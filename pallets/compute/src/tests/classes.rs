//! Classes and versions.

use super::*;

const V1: ReferenceVersion = ReferenceVersion(1);
const V2: ReferenceVersion = ReferenceVersion(2);

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn admit(class: u32, name: &[u8], attested_by: Option<Metric>) -> frame_support::pallet_prelude::DispatchResult {
	let name = Name::try_from(name.to_vec()).expect("short");
	Compute::admit_class(root(), ClassId(class), name, system(REFERENCE), attested_by, LOSS)
}

#[test]
fn a_class_is_admitted_with_its_first_version() {
	run(|| {
		assert_ok!(admit(3, b"GEMM-INT8", None));
		let class = Classes::<Test>::get(ClassId(3)).expect("admitted");
		assert_eq!((class.current, class.versions, class.loss_per_hour), (V1, 1, LOSS));
		assert_eq!(References::<Test>::get(ClassId(3), V1).expect("its first").system, system(REFERENCE));
		assert!(matches!(&events()[..], [Event::ClassAdmitted { .. }, Event::VersionAdded { version: V1, .. }]));
	})
}

#[test]
fn a_class_is_refused_that_cannot_be() {
	run(|| {
		assert_noop!(admit(1, b"again", None), Error::<Test>::ClassExists);
		assert_noop!(admit(3, b"", None), Error::<Test>::InvalidName);
		assert_noop!(admit(3, &[0xff], None), Error::<Test>::InvalidName);
		assert_noop!(admit(3, b"no such metric", Some(Metric::Hpcg)), Error::<Test>::InvalidSystem);
		assert_ok!(admit(3, b"the last", None));
		assert_noop!(admit(4, b"one too many", None), Error::<Test>::TooManyClasses);
	})
}

#[test]
fn only_governance_changes_classes() {
	run(|| {
		let name = Name::try_from(b"mine".to_vec()).expect("short");
		let (who, bad) = (signed(1), DispatchError::BadOrigin);
		assert_noop!(Compute::admit_class(who.clone(), ClassId(3), name, system(1), None, 0), bad);
		assert_noop!(Compute::add_version(who.clone(), HPC, system(1)), bad);
		assert_noop!(Compute::retire_version(who.clone(), HPC, V1), bad);
		assert_noop!(Compute::set_loss_per_hour(who.clone(), HPC, 0), bad);
		assert_noop!(Compute::set_parameters(who, parameters()), bad);
	})
}

#[test]
fn a_new_version_is_for_new_resources_only() {
	run(|| {
		let old = active(1, 1_000);
		assert_ok!(Compute::add_version(root(), HPC, system(2_000)));
		let new = active(1, 1_000);
		pass(old, 1_000);
		assert_eq!((resource(old).version, resource(new).version), (V1, V2));
		let rate = |resource| Compute::rate(resource, Tier::Attested).expect("attested").into_inner();
		assert_eq!((rate(old), rate(new)), (10u128.pow(18), 5 * 10u128.pow(17)));
		let users = |version| References::<Test>::get(HPC, version).expect("kept").resources;
		assert_eq!((users(V1), users(V2)), (1, 1));
	})
}

#[test]
fn a_resource_may_be_measured_against_an_older_version() {
	run(|| {
		assert_ok!(Compute::add_version(root(), HPC, system(2_000)));
		assert_ok!(Compute::register_resource(signed(PROVIDER), HPC, Region(276), 1, AGENT, Some(V1)));
		assert_eq!(resource(ResourceId(0)).version, V1);
	})
}

#[test]
fn a_version_is_refused_that_cannot_be() {
	run(|| {
		assert_noop!(Compute::add_version(root(), ClassId(9), system(1)), Error::<Test>::UnknownClass);
		assert_noop!(Compute::add_version(root(), HPC, system(0)), Error::<Test>::InvalidSystem);
		let mut other = system(1);
		other.metrics[0].metric = Metric::Hpcg;
		assert_noop!(Compute::add_version(root(), HPC, other), Error::<Test>::InvalidSystem);
		assert_ok!(Compute::add_version(root(), HPC, system(1)));
		assert_ok!(Compute::add_version(root(), HPC, system(2)));
		assert_noop!(Compute::add_version(root(), HPC, system(3)), Error::<Test>::TooManyVersions);
		assert_ok!(Compute::retire_version(root(), HPC, V1));
		assert_ok!(Compute::add_version(root(), HPC, system(3)));
		assert_eq!(Classes::<Test>::get(HPC).expect("there").current, ReferenceVersion(4));
	})
}

#[test]
fn a_version_is_not_retired_while_a_resource_is_measured_against_it() {
	run(|| {
		let old = registered(PROVIDER, HPC, 1);
		assert_ok!(Compute::add_version(root(), HPC, system(2_000)));
		assert_noop!(Compute::retire_version(root(), HPC, V1), Error::<Test>::VersionInUse);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), old));
		assert_noop!(Compute::retire_version(root(), HPC, V1), Error::<Test>::VersionInUse);
		later(4);
		assert_ok!(Compute::remove_resource(signed(2), old));
		assert_ok!(Compute::retire_version(root(), HPC, V1));
		assert_eq!(References::<Test>::get(HPC, V1), None);
	})
}

#[test]
fn a_version_is_not_retired_while_a_contract_relies_on_it() {
	run(|| {
		assert_ok!(Compute::pin_version(HPC, V1));
		assert_ok!(Compute::pin_version(HPC, V1));
		assert_ok!(Compute::add_version(root(), HPC, system(2_000)));
		assert_ok!(Compute::unpin_version(HPC, V1));
		assert_noop!(Compute::retire_version(root(), HPC, V1), Error::<Test>::VersionInUse);
		assert_ok!(Compute::unpin_version(HPC, V1));
		assert_ok!(Compute::retire_version(root(), HPC, V1));
	})
}

#[test]
fn only_what_is_there_is_pinned_and_unpinned() {
	run(|| {
		assert_noop!(Compute::pin_version(HPC, V2), Error::<Test>::UnknownVersion);
		assert_noop!(Compute::unpin_version(HPC, V2), Error::<Test>::UnknownVersion);
		assert_noop!(Compute::unpin_version(HPC, V1), Error::<Test>::NotPinned);
	})
}

#[test]
fn the_current_version_is_not_retired_nor_one_that_is_not_there() {
	run(|| {
		assert_noop!(Compute::retire_version(root(), ClassId(9), V1), Error::<Test>::UnknownClass);
		assert_noop!(Compute::retire_version(root(), HPC, V2), Error::<Test>::UnknownVersion);
		assert_noop!(Compute::retire_version(root(), HPC, V1), Error::<Test>::VersionCurrent);
	})
}

#[test]
fn a_higher_loss_per_hour_undoes_nothing_and_stops_sales() {
	run(|| {
		active(1, 1_000);
		let floor = Grade::LOWEST;
		assert_ok!(Compute::sell(&PROVIDER, HPC, &floor, days(1, 1), milli_hours(1_000)));
		assert_ok!(Compute::set_loss_per_hour(root(), HPC, 2 * BOND));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &floor, Day(today() + 1)), Capacity::ZERO);
		let more = Compute::sell(&PROVIDER, HPC, &floor, days(1, 1), Capacity(1));
		assert_eq!(more, Err(Error::<Test>::BondExhausted.into()));
		assert_noop!(Compute::set_loss_per_hour(root(), ClassId(9), 1), Error::<Test>::UnknownClass);
		assert!(events().contains(&Event::LossPerHourChanged { class: HPC, before: LOSS, loss_per_hour: 2 * BOND }));
	})
}
