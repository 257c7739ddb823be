//! Each invariant, broken on purpose, is caught.

use super::*;
use frame_support::traits::fungible::MutateHold;
use gcx_primitives::Fix;

/// Two fixes; then reporters 11 and 12 have reported and 13 has committed. What is broken of that is noticed in these
/// words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Market::default().build().execute_with(|| {
		day_with_fix(2_000);
		day_with_fix(2_100);
		[11, 12, 13].into_iter().for_each(|reporter| commit(reporter, 2_000));
		at(COMMIT);
		[11, 12].into_iter().for_each(|reporter| reveal(reporter, 2_000));
		assert_eq!(Index::violations(), [""; 0]);
		breakage();
		let violations = Index::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
	})
}

fn hold(reason: HoldReason, who: AccountId, amount: Balance) {
	assert_ok!(Balances::hold(&reason.into(), &who, amount));
}

fn append(reporter: AccountId, price: i64) {
	assert_ok!(Reports::<Test>::try_append(CLASS, Report { reporter, price: Price(price) }));
}

fn settle(floor: i64, next_floor: Option<i64>) {
	let next_floor = next_floor.map(|floor| (Day(today()), Price(floor)));
	Settings::<Test>::insert(CLASS, ClassSettings { floor: Price(floor), next_floor });
}

fn change_fixes(change: impl FnOnce(&mut [Fix])) {
	Series::<Test>::mutate(CLASS, |series| change(series.as_mut()));
	let newest = *Series::<Test>::get(CLASS).last().expect("there are fixes");
	Latest::<Test>::mutate(CLASS, |latest| latest.as_mut().expect("there is one").0 = newest);
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	Market::default().build().execute_with(|| {
		assert_ok!(Index::do_try_state());
		settle(0, None);
		assert!(Index::do_try_state().is_err());
	})
}

#[test]
fn parameters_that_contradict_each_other_are_caught() {
	let contradiction = || IndexParameters { quorum_owners: 4, ..parameters() };
	caught("parameters contradict", || Parameters::<Test>::put(contradiction()));
	caught("parameters contradict", || PendingParameters::<Test>::put((Day(today()), contradiction())));
}

#[test]
fn a_class_that_is_listed_twice_is_caught() {
	caught("are not those with settings", || {
		assert_ok!(Classes::<Test>::try_append(CLASS));
	})
}

#[test]
fn a_class_without_settings_is_caught() {
	caught("are not those with settings", || Settings::<Test>::remove(CLASS))
}

#[test]
fn a_class_that_is_not_listed_is_caught() {
	caught("are not those with settings", Classes::<Test>::kill)
}

#[test]
fn a_floor_out_of_bounds_is_caught() {
	let unbounded = gcx_primitives::MAX_PRICE + 1;
	for (floor, next) in [(0, None), (-1, None), (unbounded, None), (1, Some(0)), (1, Some(unbounded))] {
		caught("has a floor that is none", || settle(floor, next));
	}
}

#[test]
fn a_reporters_bond_that_is_not_held_is_caught() {
	caught("held for ReporterBond", || {
		Reporters::<Test>::mutate(11, |reporter| reporter.as_mut().expect("it reports").bond += 1);
	})
}

#[test]
fn held_money_that_is_no_reporters_bond_is_caught() {
	caught("held for ReporterBond", || hold(HoldReason::ReporterBond, 1, 1));
	caught("held for ReporterBond", || {
		assert_ok!(Index::admit_owner(RuntimeOrigin::root(), 9));
		hold(HoldReason::ReporterBond, 9, 1);
	});
}

#[test]
fn a_disputes_bond_that_is_not_held_is_caught() {
	let disputed = || Stage::Disputed { price: Price(2_000), by: 30, bond: 50 };
	caught("held for DisputeBond", || Rounds::<Test>::insert(CLASS, Round { day: Day(today()), stage: disputed() }));
}

#[test]
fn a_round_of_a_day_to_come_is_caught() {
	caught("a round of a day to come", || {
		Rounds::<Test>::insert(CLASS, Round { day: Day(today() + 1), stage: Stage::Reporting });
	})
}

#[test]
fn a_reporter_that_reported_twice_is_caught() {
	caught("has a reporter twice", || append(11, 2_000))
}

#[test]
fn a_reporter_that_reported_and_is_still_committed_is_caught() {
	caught("has a reporter twice", || append(13, 2_000))
}

#[test]
fn a_report_of_somebody_else_is_caught() {
	caught("reports of others than reporters", || append(30, 2_000))
}

#[test]
fn a_commitment_of_somebody_else_is_caught() {
	caught("reports of others than reporters", || {
		let commitment = Commitments::<Test>::get(CLASS, 13).expect("it committed");
		Commitments::<Test>::insert(CLASS, 30, commitment);
	})
}

#[test]
fn a_report_out_of_bounds_is_caught() {
	caught("a report beyond the bounds", || append(14, gcx_primitives::MAX_PRICE + 1))
}

#[test]
fn reports_outside_of_a_round_are_caught() {
	caught("collects reports outside of a round", || Rounds::<Test>::remove(CLASS));
	caught("collects reports outside of a round", || {
		Rounds::<Test>::insert(CLASS, Round { day: Day(today()), stage: Stage::Closed });
	});
}

#[test]
fn a_commitment_outside_of_a_round_is_caught() {
	caught("collects reports outside of a round", || {
		Reports::<Test>::remove(CLASS);
		Rounds::<Test>::remove(CLASS);
	})
}

#[test]
fn fixes_that_do_not_ascend_are_caught() {
	caught("do not ascend", || change_fixes(|fixes| fixes.swap(0, 1)));
	caught("do not ascend", || change_fixes(|fixes| fixes[1].day = fixes[0].day));
}

#[test]
fn a_fix_out_of_bounds_is_caught() {
	caught("a fix of ClassId(1) is beyond", || change_fixes(|fixes| fixes[1].price = Price(i64::MIN)))
}

#[test]
fn a_newest_fix_that_is_not_the_last_is_caught() {
	caught("is not the last of its series", || Latest::<Test>::remove(CLASS));
	caught("is not the last of its series", || Series::<Test>::remove(CLASS));
	caught("is not the last of its series", || {
		Series::<Test>::mutate(CLASS, |series| series.pop());
	});
}
