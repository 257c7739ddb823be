//! Forgetting days long past.

use super::*;
use frame_support::{pallet_prelude::Weight, traits::Hooks};

const ANY: Grade = Grade::LOWEST;

fn sold(first: u32, last: u32) -> ResourceId {
	let id = active(1, 1_000);
	assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(first, last), Capacity(6)));
	assert_ok!(Compute::nominate(id, &ANY, days(first, first), Capacity(2)));
	assert_ok!(Compute::pledge(signed(PROVIDER), id, days(first, first), Capacity(1)));
	id
}

#[test]
fn a_day_is_forgotten_when_the_bond_answers_for_it_no_more() {
	run(|| {
		sold(0, 1);
		later(3);
		assert_noop!(Compute::prune(signed(2), 10), Error::<Test>::NothingToPrune);
		later(1);
		assert_ok!(Compute::prune(signed(2), 10));
		let (day, sold, nominated) = (Day(FIRST_DAY), Capacity(4), Capacity(2));
		assert!(events().contains(&Event::Forgotten { provider: PROVIDER, class: HPC, day, sold, nominated }));
		assert_eq!(provider(PROVIDER).position(HPC).expect("sold").outstanding, Capacity(6));
		assert_eq!(OldestDay::<Test>::get(), Some(Day(FIRST_DAY + 1)));
		later(1);
		assert_ok!(Compute::prune(signed(2), 1));
		assert!(!provider(PROVIDER).owes());
	})
}

#[test]
fn idle_blocks_forget_by_themselves() {
	run(|| {
		sold(0, 9);
		later(20);
		Compute::on_idle(1, Weight::MAX);
		assert_eq!((Ledger::<Test>::iter().count(), provider(PROVIDER).owes()), (0, false));
		assert_eq!(OldestDay::<Test>::get(), Some(Day(today() - 3)));
	})
}

#[test]
fn a_step_costs_what_it_does_and_a_call_takes_no_more_than_asked_for() {
	run(|| {
		sold(0, 9);
		later(20);
		assert_ok!(Compute::prune(signed(2), 1));
		assert_eq!(Ledger::<Test>::iter().count(), 9);
		assert_noop!(Compute::prune(signed(2), 0), Error::<Test>::NothingToPrune);
		let post = Compute::prune(signed(2), 2).expect("there is more");
		assert_eq!(post.pays_fee, frame_support::dispatch::Pays::No);
		assert_eq!((OldestDay::<Test>::get(), Ledger::<Test>::iter().count()), (Some(Day(FIRST_DAY + 1)), 8));
	})
}

#[test]
fn the_oldest_day_is_the_earliest_that_was_sold() {
	run(|| {
		active(1, 1_000);
		assert_noop!(Compute::prune(signed(2), 1), Error::<Test>::NothingToPrune);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(50, 50), Capacity(1)));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(40, 60), Capacity(1)));
		assert_eq!(OldestDay::<Test>::get(), Some(Day(FIRST_DAY + 40)));
	})
}

#[test]
fn what_was_only_pledged_is_forgotten_after_its_provider_left() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::pledge(signed(PROVIDER), id, days(0, 0), Capacity(1)));
		later(1);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		later(4);
		assert_ok!(Compute::remove_resource(signed(PROVIDER), id));
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		later(4);
		assert_ok!(Compute::withdraw(signed(PROVIDER), PROVIDER));
		assert_eq!(Ledger::<Test>::iter().count(), 1);
		Compute::do_try_state().expect("the invariants hold");
		assert_ok!(Compute::prune(signed(2), 1));
		assert_eq!(Ledger::<Test>::iter().count(), 0);
	})
}
