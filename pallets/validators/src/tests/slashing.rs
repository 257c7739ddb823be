//! Equivocations: slashed once, jailed, disabled, pruned.

use super::*;
use frame_support::traits::Hooks;
use sp_staking::offence::OffenceError;

/// BABE's fraction for `k` offenders of four: (3k/4)².
fn fraction(k: u32) -> Perbill {
	Perbill::from_rational(3 * k, 4u32).square()
}

#[test]
fn equivocation_slashes_chills_jails_and_hands_the_money_on() {
	Network::default().run(|| {
		let issued = Balances::total_issuance();
		assert_ok!(report(1, 7));
		let lost = fraction(1).mul_ceil(400u64);
		assert_eq!(lost, 225);
		assert_eq!(bond_of(1), 175);
		assert_eq!(Balances::balance_on_hold(&crate::HoldReason::ValidatorBond.into(), &1), 175);
		assert_eq!((Slashed::get(), Balances::total_issuance()), (225, issued - 225));
		assert_eq!(Bonds::<Test>::get(1).unwrap().status, BondStatus::Chilled);
		assert_eq!(disabled(), [1]);
		assert_eq!(
			events(),
			[
				Event::Slashed { who: 1, session: 0, fraction: fraction(1), amount: 225, left: 175 },
				Event::Chilled { who: 1 },
				Event::Jailed { who: 1, until: 3 },
			]
		);
	})
}

#[test]
fn equivocation_is_slashed_once_when_it_is_reported_twice() {
	Network::default().run(|| {
		assert_ok!(report(1, 7));
		assert_eq!(report(1, 7), Err(OffenceError::DuplicateReport));
		assert_eq!(Slashed::get(), 225);
	})
}

#[test]
fn equivocation_is_slashed_once_per_session_however_many_slots_it_spans() {
	Network::default().run(|| {
		for slot in 1..=20 {
			assert_ok!(report(1, slot));
		}
		assert_eq!(Slashed::get(), 225);
		assert_eq!(bond_of(1), 175);
	})
}

#[test]
fn concurrent_offender_is_slashed_for_the_increase_only() {
	// The second report of one slot names the first offender again, with a fraction for both.
	Network::default().run(|| {
		assert_ok!(report(1, 7));
		assert_eq!(Slashed::get(), 225);
		assert_ok!(report(2, 7));
		assert_eq!(fraction(2), Perbill::one());
		assert_eq!((bond_of(1), bond_of(2)), (0, 0));
		assert_eq!(Slashed::get(), 400 + 300, "all of both bonds, and not a unit more");
	})
}

#[test]
fn slash_base_is_the_bond_of_the_first_report() {
	Network::default().run(|| {
		let percent = Perbill::from_percent;
		assert_ok!(report_in(1, 0, 1, Some(percent(10))));
		assert_eq!(bond_of(1), 360);
		assert_ok!(Validators::bond_extra(RuntimeOrigin::signed(1), 1_000));
		assert_ok!(report_in(1, 0, 2, Some(percent(25))));
		assert_eq!(bond_of(1), 1_300, "25 % of 400 in all, not of what was added since");
		assert_eq!(Slashes::<Test>::get(0, 1).unwrap().taken, 100);
	})
}

#[test]
fn slash_is_rounded_up() {
	Network::default().run(|| {
		assert_ok!(report_in(1, 0, 1, Some(Perbill::from_parts(1))));
		assert_eq!(Slashed::get(), 1);
	})
}

#[test]
fn slash_is_capped_by_the_governed_share() {
	Network::default().slash_cap(Perbill::from_percent(30)).run(|| {
		assert_ok!(report(1, 7));
		assert_ok!(report(2, 7));
		assert_eq!((bond_of(1), bond_of(2)), (280, 210));
	})
}

#[test]
fn slash_leaves_the_fraction_alone_when_it_is_under_the_cap() {
	Network::default().slash_cap(Perbill::from_percent(60)).run(|| {
		assert_ok!(report(1, 7));
		assert_eq!(bond_of(1), 175);
	})
}

#[test]
fn offence_of_another_session_is_slashed_again() {
	Network::default().run(|| {
		assert_ok!(report_in(1, 0, 1, Some(Perbill::from_percent(10))));
		next_session();
		assert_ok!(report_in(1, 1, 2, Some(Perbill::from_percent(10))));
		assert_eq!(bond_of(1), 324, "10 % of 400, then 10 % of 360");
	})
}

#[test]
fn leaving_bond_is_slashed() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(1)));
		skip_sessions(4);
		assert_ok!(report_in(1, 0, 7, None));
		assert_eq!(bond_of(1), 175);
		assert_eq!(Bonds::<Test>::get(1).unwrap().status, BondStatus::Unbonding { until: 5 });
		skip_sessions(2);
		assert_ok!(Validators::withdraw_unbonded(RuntimeOrigin::signed(1)));
		assert_eq!(Balances::free_balance(1), ENDOWMENT - 225);
	})
}

#[test]
fn offender_without_a_bond_is_reported_and_nothing_breaks() {
	Network::default().run(|| {
		assert_ok!(report(9, 7));
		assert_eq!(events(), [Event::OffenderWithoutBond { who: 9, session: 0 }]);
		assert_eq!(Slashed::get(), 0);
	})
}

#[test]
fn jailed_validator_is_disabled_again_for_as_long_as_it_sits() {
	Network::default().run(|| {
		// A change is queued, so the next rotation makes the session forget who is disabled.
		join(5, 50);
		assert_ok!(report(1, 7));
		assert_eq!(disabled(), [1]);
		next_session();
		assert!(seated().contains(&1), "the next session was planned with it");
		assert_eq!(disabled(), [1]);
		next_session();
		assert_eq!(seated(), [2, 3, 4, 5]);
		assert_eq!(disabled(), [0u64; 0]);
	})
}

#[test]
fn jailed_leaver_is_disabled_while_it_sits() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(1)));
		assert_ok!(report(1, 7));
		next_session();
		assert_eq!(disabled(), [1]);
	})
}

#[test]
fn nobody_is_disabled_when_three_or_fewer_sit() {
	Network::default().validators(3).run(|| {
		assert_ok!(report(1, 7));
		assert_eq!(disabled(), [0u64; 0], "one of three disabled would stop finality");
	})
}

#[test]
fn jailed_validator_may_come_back_when_the_jail_is_over() {
	Network::default().run(|| {
		assert_ok!(report_in(1, 0, 7, Some(Perbill::from_percent(10))));
		while session_now() < JailSessions::get() {
			assert_noop!(Validators::validate(RuntimeOrigin::signed(1)), Error::<Test>::Jailed);
			next_session();
		}
		assert_ok!(Validators::validate(RuntimeOrigin::signed(1)));
		skip_sessions(2);
		assert_eq!(seated(), [1, 2, 3, 4]);
		assert_eq!(disabled(), [0u64; 0]);
	})
}

#[test]
fn chilled_by_choice_is_not_disabled() {
	Network::default().run(|| {
		assert_ok!(Validators::chill(RuntimeOrigin::signed(1)));
		next_session();
		assert!(seated().contains(&1));
		assert_eq!(disabled(), [0u64; 0]);
	})
}

#[test]
fn slash_records_are_pruned_when_the_offence_can_no_longer_be_proven() {
	Network::default().run(|| {
		assert_ok!(report(1, 7));
		skip_sessions(UnbondingSessions::get());
		assert!(Slashes::<Test>::contains_key(0, 1));
		next_session();
		assert!(!Slashes::<Test>::contains_key(0, 1));
	})
}

#[test]
#[should_panic(expected = "a report could arrive after the bond is gone")]
fn integrity_test_catches_a_longevity_over_the_unbonding_time() {
	Network::default().build().execute_with(|| {
		ReportLongevitySessions::set(UnbondingSessions::get() + 1);
		Validators::integrity_test();
	})
}

#[test]
#[should_panic(expected = "GRANDPA forgets authority sets")]
fn integrity_test_catches_too_few_set_ids() {
	Network::default().build().execute_with(|| {
		MaxSetIdSessionEntries::set(u64::from(UnbondingSessions::get()) - 1);
		Validators::integrity_test();
	})
}

#[test]
#[should_panic(expected = "before its last planned session is over")]
fn integrity_test_catches_a_jail_that_ends_too_early() {
	Network::default().build().execute_with(|| {
		JailSessions::set(1);
		Validators::integrity_test();
	})
}
