use super::*;

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::DisputeBond.into(), &who)
}

/// A price of 2,000 is proposed for the first day, and account 30 disputes it.
fn disputed() {
	report(&[(11, 2_000), (12, 2_000), (13, 2_000), (14, 2_000)]);
	assert_ok!(Index::dispute(RuntimeOrigin::signed(30), CLASS, Day(FIRST_DAY)));
}

#[test]
fn a_disputed_price_waits_for_governance() {
	Market::default().run(|| {
		disputed();
		assert_eq!(held(30), 50);
		at(COMMIT + REVEAL + DISPUTE);
		assert_eq!(newest(), None);
		assert_noop!(Index::dispute(RuntimeOrigin::signed(31), CLASS, Day(FIRST_DAY)), Error::<Test>::NothingToDispute);
		let by_anyone = Index::resolve(RuntimeOrigin::signed(30), CLASS, Day(FIRST_DAY), true);
		assert_noop!(by_anyone, DispatchError::BadOrigin);
	})
}

#[test]
fn a_rejected_dispute_costs_its_bond_and_the_price_is_final() {
	Market::default().run(|| {
		disputed();
		assert_ok!(Index::resolve(RuntimeOrigin::root(), CLASS, Day(FIRST_DAY), false));
		assert_eq!((held(30), Slashed::get()), (0, 50));
		assert_eq!(newest(), Some((FIRST_DAY, 2_000)));
		let again = Index::resolve(RuntimeOrigin::root(), CLASS, Day(FIRST_DAY), true);
		assert_noop!(again, Error::<Test>::NoDispute);
	})
}

#[test]
fn an_upheld_dispute_leaves_no_fix_and_costs_nothing() {
	Market::default().run(|| {
		disputed();
		assert_ok!(Index::resolve(RuntimeOrigin::root(), CLASS, Day(FIRST_DAY), true));
		assert_eq!((held(30), Slashed::get()), (0, 0));
		next_day();
		assert_eq!(newest(), None);
		let upheld = Event::NotFixed { class: CLASS, day: Day(FIRST_DAY), reason: NoPrice::DisputeUpheld };
		assert!(events().contains(&upheld));
	})
}

#[test]
fn an_undecided_dispute_ends_with_the_day_without_a_fix() {
	Market::default().run(|| {
		disputed();
		next_day();
		assert_eq!((held(30), newest()), (0, None));
		let late = Index::resolve(RuntimeOrigin::root(), CLASS, Day(FIRST_DAY), false);
		assert_noop!(late, Error::<Test>::NoDispute);
		let undecided = Event::NotFixed { class: CLASS, day: Day(FIRST_DAY), reason: NoPrice::DisputeUndecided };
		assert_eq!(events().last(), Some(&undecided));
		day_with_fix(2_100);
		assert_eq!(newest(), Some((FIRST_DAY + 1, 2_100)));
	})
}

#[test]
fn there_is_nothing_to_dispute_before_a_price_or_after_its_time() {
	Market::default().run(|| {
		let dispute = |day| Index::dispute(RuntimeOrigin::signed(30), CLASS, Day(day));
		assert_noop!(dispute(FIRST_DAY), Error::<Test>::NothingToDispute);
		commit(11, 2_000);
		assert_noop!(dispute(FIRST_DAY), Error::<Test>::NothingToDispute);
		at(COMMIT + REVEAL);
		next_day();
		report(&[(11, 2_000), (12, 2_000), (13, 2_000), (14, 2_000)]);
		assert_noop!(dispute(FIRST_DAY), Error::<Test>::NothingToDispute);
		go_to(FIRST_DAY + 1, COMMIT + REVEAL + DISPUTE);
		// The call itself finds that the time is over.
		assert_err!(dispute(FIRST_DAY + 1), Error::<Test>::NothingToDispute);
		assert_noop!(Index::resolve(RuntimeOrigin::root(), CLASS, Day(FIRST_DAY + 1), true), Error::<Test>::NoDispute);
	})
}

#[test]
fn a_dispute_needs_its_bond() {
	Market::default().run(|| {
		report(&[(11, 2_000), (12, 2_000), (13, 2_000), (14, 2_000)]);
		assert!(Index::dispute(RuntimeOrigin::signed(99), CLASS, Day(FIRST_DAY)).is_err());
		assert_eq!(held(99), 0);
	})
}
