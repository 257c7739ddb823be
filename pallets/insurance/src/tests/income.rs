//! Income and gifts.

use super::*;

fn distribute() -> frame_support::dispatch::DispatchResultWithPostInfo {
	Insurance::distribute(signed(ANYONE))
}

#[test]
fn income_fills_skin_in_the_game_first_and_then_goes_to_who_is_at_risk() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		contribute(2, 3_000);
		deposit(ALICE, 4_000);
		Requirement::set(4_000);
		income(1_500);
		System::reset_events();
		assert_ok!(distribute());
		assert_eq!(layers(), (1_001, 4_249, 4_250));
		assert_eq!((contribution(1), contribution(2)), (1_062, 3_187));
		let events = events();
		assert_eq!(
			events.first(),
			Some(&Event::IncomeRecognised { skin: Cash(1_000), guarantors: Cash(250), outside: Cash(250) })
		);
		assert_eq!(events.last(), Some(&Event::IncomeDivided { amount: Cash(250), rest: Cash(1) }));
		assert_noop!(distribute(), Error::<Test>::NothingToDistribute);
	})
}

#[test]
fn where_nobody_is_at_risk_income_is_skin_in_the_game() {
	Chain::default().run(|| {
		income(7);
		assert_ok!(distribute());
		assert_eq!(layers(), (7, 0, 0));
		fund_skin(5);
		assert_eq!(layers(), (12, 0, 0));
		assert_noop!(Insurance::fund_skin(signed(ANYONE), 0), Error::<Test>::NothingToMove);
		assert_noop!(Insurance::fund_skin(signed(ANYONE), u128::MAX), Error::<Test>::AmountTooLarge);
		assert_noop!(Insurance::fund_skin(signed(ANYONE), ENDOWMENT), TokenError::FundsUnavailable);
	})
}

#[test]
fn roundings_are_skin_in_the_game_and_never_lost() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		contribute(2, 1_000);
		contribute(3, 1_000);
		deposit(ALICE, 1_000);
		income(7);
		assert_ok!(distribute());
		// One of seven to outsiders (1.75), six to guarantors.
		assert_eq!(layers(), (0, 3_006, 1_001));
		income(1);
		assert_ok!(distribute());
		assert_eq!(layers(), (1, 3_006, 1_001));
	})
}

#[test]
fn who_contributes_gets_nothing_of_what_came_in_before() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		income(500);
		contribute(2, 1_500);
		assert_eq!((contribution(1), contribution(2)), (1_500, 1_500));
		// Not even of what was recognised and not yet divided.
		income(600);
		deposit(ALICE, 1_000);
		assert_eq!(layers(), (0, 3_600, 1_000));
		contribute(3, 9_000);
		assert_eq!([1, 2, 3].map(contribution), [1_800, 1_800, 9_000]);
	})
}

#[test]
fn who_takes_its_contribution_back_takes_its_income_first() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		contribute(2, 1_000);
		income(500);
		assert_ok!(Insurance::withdraw_contribution(signed(1), 1_150));
		assert_eq!((contribution(1), contribution(2)), (100, 1_250));
	})
}

#[test]
fn what_is_lent_is_no_loss_of_income() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		assert_eq!(lend(2, 1_000), 1_000);
		income(100);
		assert_ok!(distribute());
		assert_eq!(contribution(1), 1_100);
		assert_ok!(Insurance::take_back(&2, &CUSTODY, Cash(1_000)));
		assert_noop!(distribute(), Error::<Test>::NothingToDistribute);
	})
}
