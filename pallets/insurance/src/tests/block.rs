//! What a block does by itself.

use super::*;

#[test]
fn income_is_recognised_when_it_is_worth_it_and_divided_from_time_to_time() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		contribute(2, 3_000);
		income(49);
		next_block();
		assert_eq!(layers(), (0, 4_000, 0));
		income(1);
		next_block();
		assert_eq!((layers(), contribution(1)), ((0, 4_050, 0), 1_000));
		while System::block_number() < PERIOD {
			assert_eq!(contribution(1), 1_000);
			next_block();
		}
		assert_eq!((contribution(1), contribution(2), layers().0), (1_012, 3_037, 1));
	})
}

#[test]
fn an_idle_block_changes_nothing() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		deposit(ALICE, 1_000);
		let before = Books::<Test>::get();
		System::reset_events();
		for _ in 0..2 * PERIOD {
			next_block();
		}
		assert_eq!((Books::<Test>::get(), events()), (before, vec![]));
	})
}

#[test]
fn a_step_that_fails_does_not_keep_the_others_from_theirs() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		redeem_all(ALICE);
		pass(COOLING_OFF + DAY);
		Insurance::execute_mature().unwrap();
		// No amount is as large: income cannot be recognised, and Alice is paid.
		Requirement::set(i128::MAX);
		assert_ok!(Insurance::set_parameters(
			RuntimeOrigin::root(),
			InsuranceParameters { skin_share: Ppm::ONE, ..parameters() }
		));
		fund_skin(5);
		income(1_000);
		next_block();
		assert_eq!(gained(ALICE), 0);
	})
}
