//! Becoming a candidate, raising the bond, chilling and coming back.

use super::*;

fn candidates() -> Vec<(AccountId, Balance)> {
	Candidates::<Test>::get().into_inner()
}

#[test]
fn bond_holds_the_money_and_makes_a_candidate() {
	Network::default().run(|| {
		assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 250));
		assert_eq!(Balances::balance_on_hold(&crate::HoldReason::ValidatorBond.into(), &5), 250);
		assert_eq!(Balances::free_balance(5), ENDOWMENT - 250);
		assert_eq!(candidates(), [(1, 400), (2, 300), (5, 250), (3, 200), (4, 100)]);
		assert_eq!(events(), [Event::Bonded { who: 5, bond: 250 }]);
	})
}

#[test]
fn bond_is_refused_when_it_is_too_small_and_nothing_is_held() {
	Network::default().run(|| {
		assert_noop!(Validators::bond(RuntimeOrigin::signed(5), 49), Error::<Test>::BondTooSmall);
		assert_eq!(Balances::free_balance(5), ENDOWMENT);
	})
}

#[test]
fn bond_is_refused_when_there_is_one() {
	Network::default().run(|| {
		assert_noop!(Validators::bond(RuntimeOrigin::signed(1), 100), Error::<Test>::AlreadyBonded);
	})
}

#[test]
fn bond_is_refused_when_the_balance_does_not_suffice() {
	Network::default().run(|| {
		assert_noop!(
			Validators::bond(RuntimeOrigin::signed(5), ENDOWMENT + 1),
			DispatchError::Token(sp_runtime::TokenError::FundsUnavailable)
		);
	})
}

#[test]
fn bond_is_refused_without_a_signature() {
	Network::default().run(|| {
		assert_noop!(Validators::bond(RuntimeOrigin::root(), 100), DispatchError::BadOrigin);
	})
}

#[test]
fn bond_goes_behind_an_equal_one() {
	Network::default().run(|| {
		assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 300));
		assert_eq!(candidates(), [(1, 400), (2, 300), (5, 300), (3, 200), (4, 100)]);
	})
}

#[test]
fn bond_outbids_the_lowest_when_the_list_is_full() {
	Network::default().run(|| {
		for who in 5..=8 {
			assert_ok!(Validators::bond(RuntimeOrigin::signed(who), 150));
		}
		assert_noop!(Validators::bond(RuntimeOrigin::signed(9), 100), Error::<Test>::OutbidByAll);
		assert_ok!(Validators::bond(RuntimeOrigin::signed(9), 101));

		assert_eq!(Bonds::<Test>::get(4).unwrap().status, BondStatus::Chilled);
		assert_eq!(bond_of(4), 100);
		assert_eq!(events()[4], Event::Outbid { who: 4, bond: 100, by: 9 });
	})
}

#[test]
fn bond_extra_moves_the_candidate_up() {
	Network::default().run(|| {
		assert_ok!(Validators::bond_extra(RuntimeOrigin::signed(4), 250));
		assert_eq!(candidates(), [(1, 400), (4, 350), (2, 300), (3, 200)]);
		assert_eq!(events(), [Event::BondRaised { who: 4, extra: 250, bond: 350 }]);
	})
}

#[test]
fn bond_extra_is_refused_when_it_cannot_count() {
	Network::default().run(|| {
		assert_noop!(Validators::bond_extra(RuntimeOrigin::signed(5), 1), Error::<Test>::NotBonded);
		assert_noop!(Validators::bond_extra(RuntimeOrigin::signed(4), 0), Error::<Test>::NothingToAdd);
		assert_noop!(
			Validators::bond_extra(RuntimeOrigin::signed(4), u64::MAX),
			DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow)
		);
		assert_noop!(
			Validators::bond_extra(RuntimeOrigin::signed(4), ENDOWMENT),
			DispatchError::Token(sp_runtime::TokenError::FundsUnavailable)
		);
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_noop!(Validators::bond_extra(RuntimeOrigin::signed(4), 1), Error::<Test>::AlreadyUnbonding);
	})
}

#[test]
fn bond_extra_brings_a_slashed_validator_back_over_the_minimum() {
	Network::default().run(|| {
		assert_ok!(report_in(4, 0, 1, Some(Perbill::from_percent(60))));
		assert_eq!(bond_of(4), 40);
		skip_sessions(3);
		assert_noop!(Validators::validate(RuntimeOrigin::signed(4)), Error::<Test>::BondTooSmall);
		assert_ok!(Validators::bond_extra(RuntimeOrigin::signed(4), 10));
		assert_ok!(Validators::validate(RuntimeOrigin::signed(4)));
	})
}

#[test]
fn chill_keeps_the_bond_and_validate_undoes_it() {
	Network::default().run(|| {
		assert_ok!(Validators::chill(RuntimeOrigin::signed(2)));
		assert_eq!(candidates(), [(1, 400), (3, 200), (4, 100)]);
		assert_eq!(bond_of(2), 300);
		assert_noop!(Validators::chill(RuntimeOrigin::signed(2)), Error::<Test>::NotCandidate);

		assert_ok!(Validators::validate(RuntimeOrigin::signed(2)));
		assert_eq!(candidates(), [(1, 400), (2, 300), (3, 200), (4, 100)]);
		assert_noop!(Validators::validate(RuntimeOrigin::signed(2)), Error::<Test>::AlreadyCandidate);
		assert_eq!(events(), [Event::Chilled { who: 2 }, Event::Validating { who: 2, bond: 300 }]);
	})
}

#[test]
fn chill_and_validate_are_refused_without_a_bond() {
	Network::default().run(|| {
		assert_noop!(Validators::chill(RuntimeOrigin::signed(5)), Error::<Test>::NotBonded);
		assert_noop!(Validators::validate(RuntimeOrigin::signed(5)), Error::<Test>::NotBonded);
	})
}

#[test]
fn chill_is_refused_when_the_floor_needs_the_candidate() {
	Network::default().floor(4).run(|| {
		assert_noop!(Validators::chill(RuntimeOrigin::signed(1)), Error::<Test>::TooFewValidators);
		// One without keys does not help...
		assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 500));
		assert_noop!(Validators::chill(RuntimeOrigin::signed(1)), Error::<Test>::TooFewValidators);
		// ...and is free to go.
		assert_ok!(Validators::chill(RuntimeOrigin::signed(5)));
		assert_ok!(Validators::validate(RuntimeOrigin::signed(5)));
		set_keys(5, 5);
		assert_ok!(Validators::chill(RuntimeOrigin::signed(1)));
	})
}
