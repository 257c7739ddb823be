//! Parameters, genesis and the runtime's constants.

use super::*;
use frame_support::traits::Hooks;

#[test]
fn parameters_change_after_the_delay() {
	Market::default().run(|| {
		let changed = GuarantorParameters { min_bond: 600, ..parameters() };
		assert_noop!(Guarantor::set_parameters(signed(1), changed.clone()), DispatchError::BadOrigin);
		assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), changed.clone()));
		let from = START + DELAY;
		assert_eq!(events(), [Event::ParametersApproved { from, parameters: changed.clone() }]);
		pass(DELAY - 1);
		assert_ok!(Guarantor::apply(signed(3), 400));
		pass(1);
		assert_noop!(Guarantor::apply(signed(4), 400), Error::<Test>::BondTooSmall);
		assert_ok!(Guarantor::apply(signed(4), 600));
		assert_eq!(Parameters::<Test>::get(), changed);
		assert_eq!(PendingParameters::<Test>::get(), None);
		assert!(events().contains(&Event::ParametersChanged { parameters: changed }));
	})
}

#[test]
fn an_approval_that_is_in_force_is_not_replaced_by_the_next() {
	Market::default().run(|| {
		let first = GuarantorParameters { min_bond: 600, ..parameters() };
		assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), first.clone()));
		pass(DELAY);
		assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), parameters()));
		assert_eq!(Parameters::<Test>::get(), first);
	})
}

#[test]
fn stake_waits_as_long_as_was_said_when_it_began_to_leave() {
	Market::default().run(|| {
		assert_ok!(Guarantor::unbond(signed(1), 100));
		let longer = GuarantorParameters { unbonding: 2 * UNBONDING, ..parameters() };
		assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), longer));
		pass(DELAY);
		assert_ok!(Guarantor::unbond(signed(1), 100));
		pass(UNBONDING - DELAY);
		assert_ok!(Guarantor::withdraw_unbonded(signed(1), 1));
		assert_eq!(last_event(), Event::Withdrawn { guarantor: 1, amount: 100, left: 100 });
	})
}

#[test]
fn parameters_that_contradict_each_other_are_refused() {
	Market::default().run(|| {
		let invalid = [
			GuarantorParameters { min_bond: LEAST - 1, ..parameters() },
			GuarantorParameters { min_delegation: LEAST - 1, ..parameters() },
			GuarantorParameters { min_house: Cash(-1), ..parameters() },
			GuarantorParameters { max_delegation_ratio: Ppm(100_000_001), ..parameters() },
			GuarantorParameters { unbonding: 19_999, ..parameters() },
			GuarantorParameters { unbonding: MAX_UNBONDING + 1, ..parameters() },
			GuarantorParameters { min_commission: Ppm::percent(41), ..parameters() },
			GuarantorParameters { max_commission: Ppm(1_000_001), ..parameters() },
		];
		for parameters in invalid {
			let refused = Guarantor::set_parameters(RuntimeOrigin::root(), parameters);
			assert_noop!(refused, Error::<Test>::InvalidParameters);
		}
	})
}

#[test]
fn genesis_without_parameters_takes_the_loosest_and_21_days() {
	Market { parameters: None, ..Default::default() }.run(|| {
		let parameters = Parameters::<Test>::get();
		assert_eq!((parameters.min_bond, parameters.min_delegation), (LEAST, LEAST));
		assert_eq!(parameters.unbonding, 1_814_400_000);
		assert_eq!(held(1), BOND);
	})
}

#[test]
#[should_panic(expected = "contradict each other")]
fn parameters_that_contradict_each_other_are_no_genesis() {
	Market::default().parameters(GuarantorParameters { min_bond: 0, ..parameters() }).build();
}

#[test]
fn the_mock_passes_its_integrity_test() {
	Market::default().run(<Guarantor as Hooks<u64>>::integrity_test)
}

#[test]
#[should_panic(expected = "the unbonding time at genesis is not valid")]
fn a_shortest_unbonding_time_above_that_of_genesis_is_no_runtime() {
	Market::default().run(|| {
		MinUnbonding::set(21 * 24 * 60 * 60 * 1_000 + 1);
		<Guarantor as Hooks<u64>>::integrity_test();
	})
}

#[test]
#[should_panic(expected = "stake could leave before a loss is known")]
fn stake_that_leaves_at_once_is_no_runtime() {
	Market::default().run(|| {
		MinUnbonding::set(0);
		<Guarantor as Hooks<u64>>::integrity_test();
	})
}
