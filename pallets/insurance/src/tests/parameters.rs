//! Parameters, genesis and the runtime's constants.

use super::*;
use frame_support::traits::Hooks;
use sp_runtime::BuildStorage;

#[test]
fn parameters_change_after_the_delay() {
	Chain::default().run(|| {
		let changed = InsuranceParameters { min_contribution: Cash(500), ..parameters() };
		assert_noop!(Insurance::set_parameters(signed(1), changed), DispatchError::BadOrigin);
		assert_ok!(Insurance::set_parameters(RuntimeOrigin::root(), changed));
		let from = START + DELAY;
		assert_eq!(events(), [Event::ParametersApproved { from, parameters: changed }]);
		pass(DELAY - 1);
		contribute(1, 100);
		pass(1);
		assert_noop!(Insurance::contribute(signed(2), 499), Error::<Test>::ContributionTooSmall);
		contribute(2, 500);
		assert!(!Insurance::has_contributed(&1));
		assert_eq!(Parameters::<Test>::get(), parameters());
		next_block();
		assert_eq!((Parameters::<Test>::get(), PendingParameters::<Test>::get()), (changed, None));
		assert_eq!(events().last(), Some(&Event::ParametersChanged { parameters: changed }));
	})
}

#[test]
fn an_approval_that_is_in_force_is_not_replaced_by_the_next() {
	Chain::default().run(|| {
		let first = InsuranceParameters { min_contribution: Cash(500), ..parameters() };
		assert_ok!(Insurance::set_parameters(RuntimeOrigin::root(), first));
		pass(DELAY);
		assert_ok!(Insurance::set_parameters(RuntimeOrigin::root(), parameters()));
		assert_eq!(Parameters::<Test>::get(), first);
	})
}

#[test]
fn parameters_out_of_bounds_are_refused() {
	Chain::default().run(|| {
		let invalid = [
			InsuranceParameters { skin_share: Ppm(249_999), ..parameters() },
			InsuranceParameters { skin_share: Ppm(1_000_001), ..parameters() },
			InsuranceParameters { min_contribution: Cash(-1), ..parameters() },
			InsuranceParameters { cooling_off: DAY - 1, ..parameters() },
			InsuranceParameters { cooling_off: 32 * DAY + 1, ..parameters() },
			InsuranceParameters { bond_haircut: Ppm::ONE, ..parameters() },
			InsuranceParameters { sale_period: 0, ..parameters() },
			InsuranceParameters { sale_period: MAX_SALE_PERIOD + 1, ..parameters() },
			InsuranceParameters { sale_discount: Ppm::ONE, ..parameters() },
			InsuranceParameters { max_price_age: 0, ..parameters() },
			InsuranceParameters { min_distribution: Cash(0), ..parameters() },
			InsuranceParameters { min_distribution: Cash(MAX_MIN_DISTRIBUTION.0 + 1), ..parameters() },
		];
		for parameters in invalid {
			let refused = Insurance::set_parameters(RuntimeOrigin::root(), parameters);
			assert_noop!(refused, Error::<Test>::InvalidParameters);
		}
	})
}

#[test]
#[should_panic(expected = "the pool's parameters are out of bounds")]
fn parameters_out_of_bounds_are_no_genesis() {
	MinCoolingOff::set(DAY);
	let parameters = InsuranceParameters { sale_period: 0, ..parameters() };
	let _ = GenesisConfig::<Test> { parameters, ..Default::default() }.build_storage();
}

#[test]
fn the_mock_passes_its_integrity_test() {
	Chain::default().run(<Insurance as Hooks<u64>>::integrity_test)
}

#[test]
#[should_panic(expected = "an outsider could leave ahead of a loss")]
fn shares_that_leave_at_once_are_no_runtime() {
	Chain::default().run(|| {
		MinCoolingOff::set(0);
		<Insurance as Hooks<u64>>::integrity_test();
	})
}

#[test]
#[should_panic(expected = "there are too few buckets for the cooling-off")]
fn a_cooling_off_of_more_buckets_than_there_are_is_no_runtime() {
	Chain::default().run(|| {
		MinCoolingOff::set(32 * DAY + 1);
		<Insurance as Hooks<u64>>::integrity_test();
	})
}
