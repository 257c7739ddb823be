//! Declared maintenance.

use super::*;
use crate::maintenance::most_days;

fn declare(id: ResourceId, first: u32, last: u32) -> frame_support::pallet_prelude::DispatchResult {
	Compute::declare_maintenance(signed(PROVIDER), id, Day(today() + first), Day(today() + last))
}

#[test]
fn a_resource_in_maintenance_is_not_drawn_and_has_no_capacity_on_these_days_alone() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(declare(id, 2, 3));
		let sellable = |ahead| Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(FIRST_DAY + ahead));
		let expected = [DEVICE_DAY, DEVICE_DAY, Capacity::ZERO, Capacity::ZERO, DEVICE_DAY];
		assert_eq!([0, 1, 2, 3, 4].map(sellable), expected);
		let mut states = vec![];
		for _ in 0..5 {
			states.push(Compute::state(id).expect("known"));
			later(1);
		}
		use ResourceState::{Active, Maintenance};
		assert_eq!(states, [Active, Active, Maintenance, Maintenance, Active]);
	})
}

#[test]
fn maintenance_is_declared_a_whole_day_before() {
	run(|| {
		let id = active(1, 1_000);
		assert_noop!(declare(id, 0, 0), Error::<Test>::NoticeTooShort);
		assert_noop!(declare(id, 1, 1), Error::<Test>::NoticeTooShort);
		assert_ok!(declare(id, 2, 2));
	})
}

#[test]
fn maintenance_is_refused_that_cannot_be() {
	run(|| {
		let id = active(1, 1_000);
		assert_noop!(declare(id, 4, 3), Error::<Test>::InvalidDays);
		assert_noop!(declare(id, 2, 2 + MAX_DELIVERY_DAYS), Error::<Test>::InvalidDays);
		assert_noop!(declare(id, 101, 101), Error::<Test>::InvalidDays);
		let others = Compute::declare_maintenance(signed(2), id, Day(today() + 2), Day(today() + 2));
		assert_noop!(others, Error::<Test>::NotOwner);
		assert_noop!(declare(ResourceId(9), 2, 2), Error::<Test>::UnknownResource);
		assert_ok!(declare(id, 5, 6));
		for (first, last) in [(5, 5), (6, 7), (4, 5), (4, 7)] {
			assert_noop!(declare(id, first, last), Error::<Test>::MaintenanceOverlaps);
		}
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		assert_noop!(declare(id, 20, 20), Error::<Test>::ResourceExiting);
	})
}

#[test]
fn maintenance_beyond_the_cap_is_refused() {
	run(|| {
		let id = active(1, 1_000);
		assert_noop!(declare(id, 2, 5), Error::<Test>::TooMuchMaintenance);
		assert_ok!(declare(id, 10, 11));
		assert_ok!(declare(id, 2, 2));
		assert_noop!(declare(id, 20, 20), Error::<Test>::TooMuchMaintenance);
		// Thirty days after the first of the days that count.
		assert_noop!(declare(id, 31, 31), Error::<Test>::TooMuchMaintenance);
		assert_ok!(declare(id, 32, 32));
		// Days that are over count on.
		later(12);
		assert_noop!(declare(id, 2, 2), Error::<Test>::TooMuchMaintenance);
	})
}

#[test]
fn maintenance_long_past_makes_room() {
	Market { parameters: ComputeParameters { maintenance_days: 29, ..parameters() }, ..Default::default() }.run(|| {
		let id = active(1, 1_000);
		(1..=8).for_each(|window| {
			assert_ok!(declare(id, 2 * window, 2 * window));
		});
		assert_noop!(declare(id, 40, 40), Error::<Test>::TooManyWindows);
		later(2 + MAINTENANCE_PERIOD - 1);
		assert_noop!(declare(id, 40, 40), Error::<Test>::TooManyWindows);
		later(1);
		assert_ok!(declare(id, 40, 40));
		assert_eq!(resource(id).maintenance.len(), 8);
	})
}

#[test]
fn maintenance_is_refused_on_days_that_are_sold() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(3, 3), Capacity(1)));
		assert_noop!(declare(id, 3, 3), Error::<Test>::CapacitySold);
		assert_ok!(declare(id, 2, 2));
		assert_ok!(declare(id, 4, 4));
		// Another resource stands in.
		active(1, 1_000);
		assert_ok!(declare(id, 3, 3));
	})
}

#[test]
fn the_most_days_in_a_period_are_those_of_the_worst_period() {
	let windows = |days: &[(u32, u32)]| -> Vec<_> {
		days.iter().map(|(first, last)| DeliveryDays { first: Day(*first), last: Day(*last) }).collect()
	};
	assert_eq!(most_days(&[]), 0);
	assert_eq!(most_days(&windows(&[(5, 5)])), 1);
	assert_eq!(most_days(&windows(&[(0, 1), (29, 30)])), 3);
	assert_eq!(most_days(&windows(&[(0, 1), (31, 35)])), 5);
	assert_eq!(most_days(&windows(&[(0, 59)])), 30);
}

proptest::proptest! {
	#[test]
	fn no_period_has_more_days_than_the_worst(gaps in proptest::collection::vec((1u32..20, 0u32..10), 0..8)) {
		let mut next = 0;
		let mut windows = vec![];
		for (gap, length) in gaps {
			let first = next + gap;
			next = first + length + 1;
			windows.push(DeliveryDays { first: Day(first), last: Day(first + length) });
		}
		let is_in = |day: u32| windows.iter().any(|window| window.first.0 <= day && day <= window.last.0);
		let of_period = |from: u32| (from..from + MAINTENANCE_PERIOD).filter(|day| is_in(*day)).count();
		let worst = (0..next + 1).map(of_period).max().unwrap_or(0);
		proptest::prop_assert_eq!(usize::try_from(most_days(&windows)), Ok(worst));
	}
}
