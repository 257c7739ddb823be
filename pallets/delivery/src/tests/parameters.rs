//! The governed parameters, the clock, and the runtime's constants.

use super::*;
use frame_support::{traits::Hooks, weights::Weight};
use sp_runtime::BuildStorage;

fn changed() -> DeliveryParameters {
	DeliveryParameters { penalty: Ppm::percent(7), ..Default::default() }
}

#[test]
fn approved_parameters_are_in_force_two_days_later() {
	Exchange::default().run(|| {
		let from = Day(Delivery::today().0 + 2);
		assert_ok!(Delivery::set_parameters(root(), changed()));
		assert_eq!(last_event(), Event::ParametersApproved { from, parameters: changed() });
		block_at(Delivery::start_of(from) - 1);
		assert_eq!(Delivery::parameters(), DeliveryParameters::default());
		set_time(Delivery::start_of(from));
		assert_eq!(Delivery::parameters(), changed());
		blocks(1);
		assert_eq!((Parameters::<Test>::get(), PendingParameters::<Test>::get()), (changed(), None));
		assert_eq!(last_event(), Event::ParametersChanged { parameters: changed() });
	})
}

#[test]
fn another_approval_replaces_only_one_that_is_not_yet_in_force() {
	Exchange::default().run(|| {
		let other = DeliveryParameters { band: Ppm::ZERO, ..changed() };
		assert_ok!(Delivery::set_parameters(root(), other));
		assert_ok!(Delivery::set_parameters(root(), changed()));
		set_time(START + 2 * DAY);
		assert_eq!(Delivery::parameters(), changed());
		assert_ok!(Delivery::set_parameters(root(), other));
		assert_eq!(Delivery::parameters(), changed());
	})
}

#[test]
fn only_governance_decides() {
	Exchange::default().run(|| {
		let set = Delivery::set_parameters(signed(ANYONE), changed());
		assert_noop!(set, sp_runtime::DispatchError::BadOrigin);
	})
}

#[test]
fn parameters_that_are_none_are_refused() {
	Exchange::default().run(|| {
		let good = DeliveryParameters::default();
		let beyond = Ppm(Ppm::PARTS + 1);
		for invalid in [
			DeliveryParameters { tolerance: Ppm(100_001), ..good },
			DeliveryParameters { objection: Ppm::ZERO, ..good },
			DeliveryParameters { objection: beyond, ..good },
			DeliveryParameters { penalty: beyond, ..good },
			DeliveryParameters { band: beyond, ..good },
			DeliveryParameters { challenger: Ppm(500_001), ..good },
			DeliveryParameters { fix_days: MAX_FIX_DAYS + 1, ..good },
		] {
			assert_noop!(Delivery::set_parameters(root(), invalid), Error::<Test>::InvalidParameters);
		}
	})
}

#[test]
#[should_panic(expected = "genesis: the parameters of delivery are not valid")]
fn genesis_refuses_parameters_that_are_none() {
	let parameters = DeliveryParameters { objection: Ppm::ZERO, ..Default::default() };
	let _ = GenesisConfig::<Test> { parameters, ..Default::default() }.build_storage();
}

#[test]
fn a_day_is_counted_as_the_index_counts_it() {
	Exchange::default().run(|| {
		use gcx_primitives::PriceIndex;
		for time in [0, DAY - 1, DAY, START, START + DAY - 1] {
			set_time(time);
			assert_eq!(Delivery::today(), Index::today());
		}
		assert_eq!((Delivery::start_of(Day(3)), Delivery::end_of(Day(3))), (3 * DAY, 4 * DAY));
		set_time(3 * DAY);
		assert_eq!(Delivery::first_whole_day(), Day(3));
		set_time(3 * DAY + 1);
		assert_eq!(Delivery::first_whole_day(), Day(4));
	})
}

#[test]
fn a_halt_is_noticed_in_the_block_after_it() {
	Exchange::default().run(|| {
		halt_until(START);
		assert_eq!(Delivery::grace(), 0);
		block_at(START + MAX_BLOCK_TIME);
		assert_eq!(Delivery::grace(), 0);
		let back = START + 2 * MAX_BLOCK_TIME + 1;
		set_time(back);
		assert_eq!(Delivery::grace(), back, "before the block's hook has seen its time");
		halt_until(back);
		blocks(5);
		assert_eq!(Delivery::grace(), back);
	})
}

#[test]
fn the_constants_of_the_tests_agree() {
	Exchange::default().run(Delivery::integrity_test)
}

#[test]
#[should_panic(expected = "a block could take no step")]
fn a_block_that_could_take_no_step_is_noticed() {
	Exchange::default().run(|| {
		BlockWeight::set(Weight::from_parts(1, 0));
		Delivery::integrity_test();
	})
}

#[test]
#[should_panic(expected = "something is delivered")]
fn an_exchange_without_room_for_a_delivery_is_noticed() {
	Exchange::default().run(|| {
		MaxDeliveries::set(0);
		Delivery::integrity_test();
	})
}
