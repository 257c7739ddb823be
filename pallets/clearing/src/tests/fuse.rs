//! 20 % of custody an hour, of which 10 % are each account's own, or 500 if that is more.

use super::*;

/// Custody of a million: 11 and 12 have 400,000 each, 21 has 200,000; a new hour.
fn rich() {
	deposit(11, 400_000);
	deposit(12, 400_000);
	deposit(OTHERS_CUSTOMER, 200_000);
	next_hour();
	deposit(13, OPENING);
	next_hour();
}

#[test]
fn no_more_than_the_limit_leaves_in_an_hour() {
	Exchange.run(|| {
		rich();
		// 10 % of its own and all that is shared: 10 % of the million that was there an hour ago.
		assert_ok!(try_withdraw(11, 0, 40_000 + 100_000));
		let Some(Event::Withdrawn { reserved, shared, shared_left, .. }) = events().pop() else { panic!("withdrawn") };
		assert_eq!((reserved, shared, shared_left), (Cash(40_000), Cash(100_000), Cash(0)));
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::EgressFuseBlown);
		// The others' reserves are theirs.
		assert_noop!(try_withdraw(12, 0, 40_001), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_withdraw(12, 0, 40_000));
		assert_ok!(try_withdraw(OTHERS_CUSTOMER, 0, 20_000));
		assert_ok!(try_withdraw(13, 0, 500));
		assert_noop!(try_withdraw(13, 0, 1), Error::<Test>::EgressFuseBlown);
		// Only time lifts it.
		next_hour();
		assert_ok!(try_withdraw(11, 0, 100_000));
	})
}

#[test]
fn a_reserve_is_of_what_the_account_had_when_the_hour_began() {
	Exchange.run(|| {
		rich();
		deposit(11, 4_000_000);
		// Not of the deposit. The shared part is not wider either.
		assert_noop!(try_withdraw(11, 0, 40_000 + 100_001), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_withdraw(11, 0, 40_000 + 100_000));
		// Nor does a deposit give back what left.
		deposit(11, 140_000);
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::EgressFuseBlown);
	})
}

#[test]
fn an_account_of_this_hour_has_the_floor() {
	Exchange.run(|| {
		rich();
		// Another has taken the shared part.
		assert_ok!(try_withdraw(11, 0, 140_000));
		assert_ok!(try_deposit(13, 1, 100_000));
		assert_ok!(try_withdraw(13, 1, 500));
		assert_noop!(try_withdraw(13, 1, 1), Error::<Test>::EgressFuseBlown);
	})
}

#[test]
fn a_large_deposit_just_before_the_hour_does_not_widen_the_fuse() {
	Exchange.run(|| {
		rich();
		deposit(12, 9_000_000);
		next_hour();
		// The smaller of 10,001,000 now and 1,001,000 an hour ago counts.
		assert_noop!(try_withdraw(11, 0, 40_000 + 100_101), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_withdraw(11, 0, 40_000 + 100_100));
	})
}

#[test]
fn a_house_goes_through_the_same_fuse() {
	Exchange.run(|| {
		deposit(OTHER, 1_000_000);
		next_hour();
		deposit(13, OPENING);
		next_hour();
		assert_noop!(try_withdraw(OTHER, 0, 100_000 + 100_001), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_withdraw(OTHER, 0, 100_000 + 100_000));
	})
}

#[test]
fn in_the_very_first_hour_only_floors_leave() {
	Exchange.run(|| {
		deposit(11, 100_000);
		assert_noop!(try_withdraw(11, 0, 501), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_withdraw(11, 0, 500));
	})
}

#[test]
fn many_small_withdrawals_are_worth_no_more_than_one() {
	Exchange.run(|| {
		rich();
		let mut left = 0;
		while try_withdraw(11, 0, 7_777).is_ok() {
			left += 7_777;
		}
		assert!(left <= 140_000 && left > 140_000 - 7_777);
	})
}

#[test]
fn the_mock_passes_its_integrity_test() {
	Exchange.run(<Clearing as frame_support::traits::Hooks<u64>>::integrity_test)
}

#[test]
#[should_panic(expected = "accounts' reserves exceed the fuse")]
fn reserves_beyond_the_fuse_are_no_runtime() {
	Exchange.run(|| {
		EgressReserved::set(gcx_primitives::Ppm::percent(21));
		<Clearing as frame_support::traits::Hooks<u64>>::integrity_test();
	})
}
