//! The governed parameters and the runtime's constants.

use super::*;
use frame_support::traits::Hooks;

fn changed() -> ComputeParameters<Balance> {
	ComputeParameters { warmup_rounds: 9, ..parameters() }
}

#[test]
fn approved_parameters_are_in_force_from_the_day_after_tomorrow() {
	run(|| {
		assert_ok!(Compute::set_parameters(RuntimeOrigin::root(), changed()));
		later(1);
		assert_eq!(Compute::parameters(), parameters());
		go_to(FIRST_DAY + 2, 0);
		assert_eq!(Compute::parameters(), changed());
		later(0);
		assert_eq!((Parameters::<Test>::get(), PendingParameters::<Test>::get()), (changed(), None));
		let expected = [
			Event::ParametersApproved { from: Day(FIRST_DAY + 2), parameters: changed() },
			Event::ParametersChanged { parameters: changed() },
		];
		assert_eq!(events(), expected);
	})
}

#[test]
fn another_approval_replaces_one_that_is_not_yet_in_force() {
	run(|| {
		assert_ok!(Compute::set_parameters(RuntimeOrigin::root(), changed()));
		later(1);
		assert_ok!(Compute::set_parameters(RuntimeOrigin::root(), parameters()));
		later(2);
		assert_eq!(Compute::parameters(), parameters());
	})
}

#[test]
fn another_approval_does_not_replace_one_whose_day_has_come() {
	run(|| {
		assert_ok!(Compute::set_parameters(RuntimeOrigin::root(), changed()));
		go_to(FIRST_DAY + 2, 0);
		assert_ok!(Compute::set_parameters(RuntimeOrigin::root(), parameters()));
		assert_eq!(Compute::parameters(), changed());
	})
}

#[test]
fn parameters_that_contradict_each_other_are_refused() {
	run(|| {
		let thresholds = gcx_math::grade::GradeThresholds { hysteresis: Ppm::ONE, ..Default::default() };
		for invalid in [
			ComputeParameters { min_bond: 9, ..parameters() },
			ComputeParameters { max_age: 0, ..parameters() },
			ComputeParameters { warmup_rounds: 0, ..parameters() },
			ComputeParameters { suspect_limit: 0, ..parameters() },
			ComputeParameters { jail_days: 0, ..parameters() },
			ComputeParameters { maintenance_days: MAINTENANCE_PERIOD, ..parameters() },
			ComputeParameters { double_signed: Ppm::ZERO, ..parameters() },
			ComputeParameters { double_signed: Ppm(1_000_001), ..parameters() },
			ComputeParameters { false_solve: Ppm::ZERO, ..parameters() },
			ComputeParameters { unshown_proof: Ppm::ZERO, ..parameters() },
			ComputeParameters { unshown_proof: Ppm(1_000_001), ..parameters() },
			ComputeParameters { false_solve: Ppm(1_000_001), ..parameters() },
			ComputeParameters { reporter_share: Ppm(500_001), ..parameters() },
			ComputeParameters { thresholds, ..parameters() },
		] {
			let approve = Compute::set_parameters(RuntimeOrigin::root(), invalid);
			assert_noop!(approve, Error::<Test>::InvalidParameters);
		}
	})
}

#[test]
fn the_constants_of_the_tests_agree() {
	run(Compute::integrity_test)
}

#[test]
#[should_panic(expected = "two to the power of the floors")]
fn more_floors_than_can_be_looked_at_are_noticed() {
	run(|| {
		MaxFloors::set(9);
		Compute::integrity_test();
	})
}

#[test]
#[should_panic(expected = "a contract's days could not be sold")]
fn a_horizon_shorter_than_a_contract_is_noticed() {
	run(|| {
		MaxDaysAhead::set(MAX_DELIVERY_DAYS - 1);
		Compute::integrity_test();
	})
}

#[test]
fn genesis_has_the_loosest_parameters_if_it_names_none() {
	use sp_runtime::BuildStorage;
	let genesis = GenesisConfig::<Test>::default();
	let mut ext: sp_io::TestExternalities = genesis.build_storage().expect("valid").into();
	ext.execute_with(|| assert_eq!(Compute::parameters().min_bond, 10));
}

#[test]
#[should_panic(expected = "genesis: the class ClassId(1) cannot be admitted")]
fn genesis_refuses_a_class_twice() {
	use sp_runtime::BuildStorage;
	let class = GenesisClass {
		class: HPC,
		name: "twice".into(),
		system: system(REFERENCE),
		attested_by: None,
		loss_per_hour: LOSS,
	};
	let genesis = GenesisConfig::<Test> { classes: vec![class.clone(), class], ..Default::default() };
	let _ = genesis.build_storage();
}

#[test]
#[should_panic(expected = "genesis: the name of the class ClassId(1) is too long")]
fn genesis_refuses_a_name_that_is_too_long() {
	use sp_runtime::BuildStorage;
	let name = "a".repeat(33);
	let class = GenesisClass { class: HPC, name, system: system(REFERENCE), attested_by: None, loss_per_hour: LOSS };
	let genesis = GenesisConfig::<Test> { classes: vec![class], ..Default::default() };
	let _ = genesis.build_storage();
}

#[test]
#[should_panic(expected = "genesis: 99 cannot bond")]
fn genesis_refuses_a_provider_without_money() {
	Market { providers: vec![(99, BOND)], ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "genesis: the parameters of compute contradict each other")]
fn genesis_refuses_parameters_that_contradict_each_other() {
	Market { parameters: ComputeParameters { max_age: 0, ..parameters() }, ..Default::default() }.build();
}
