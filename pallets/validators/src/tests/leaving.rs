//! Unbonding and withdrawing.

use super::*;

#[test]
fn unbond_gives_the_bond_back_after_the_unbonding_time() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_eq!(events(), [Event::Unbonding { who: 4, bond: 100, until: 5 }]);
		while session_now() <= 5 {
			assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(4)), Error::<Test>::StillUnbonding);
			assert_eq!(Balances::free_balance(4), ENDOWMENT - 100);
			next_session();
		}
		assert_ok!(Validators::withdraw_unbonded(RuntimeOrigin::signed(4)));
		assert_eq!(Balances::free_balance(4), ENDOWMENT);
		assert_eq!(Bonds::<Test>::get(4), None);
		assert!(events().contains(&Event::Withdrawn { who: 4, bond: 100 }));
	})
}

#[test]
fn unbond_is_refused_twice() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_noop!(Validators::unbond(RuntimeOrigin::signed(4)), Error::<Test>::AlreadyUnbonding);
		assert_noop!(Validators::unbond(RuntimeOrigin::signed(5)), Error::<Test>::NotBonded);
	})
}

#[test]
fn unbond_is_refused_when_the_floor_needs_the_candidate() {
	Network::default().floor(3).run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(1)));
		assert_noop!(Validators::unbond(RuntimeOrigin::signed(2)), Error::<Test>::TooFewValidators);
	})
}

#[test]
fn unbond_is_open_to_a_chilled_validator() {
	Network::default().floor(4).run(|| {
		join(5, 100);
		assert_ok!(Validators::chill(RuntimeOrigin::signed(5)));
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(5)));
	})
}

#[test]
fn validate_cancels_unbonding() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_ok!(Validators::validate(RuntimeOrigin::signed(4)));
		assert_eq!(Bonds::<Test>::get(4).unwrap().status, BondStatus::Candidate);
		assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(4)), Error::<Test>::NotUnbonding);
	})
}

#[test]
fn withdraw_is_refused_without_leaving_first() {
	Network::default().run(|| {
		assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(5)), Error::<Test>::NotBonded);
		assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(1)), Error::<Test>::NotUnbonding);
		assert_ok!(Validators::chill(RuntimeOrigin::signed(1)));
		assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(1)), Error::<Test>::NotUnbonding);
	})
}

#[test]
fn bond_is_refused_while_leaving() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_noop!(Validators::bond(RuntimeOrigin::signed(4), 100), Error::<Test>::AlreadyBonded);
	})
}

#[test]
fn leaver_sits_no_longer_than_its_bond_can_be_slashed() {
	Network::default().run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		next_session();
		assert!(seated().contains(&4), "the next session was planned with it");
		next_session();
		assert!(!seated().contains(&4));

		// Its last session was the first. The offence can be proven up to the session in which the bond is still held.
		skip_sessions(3);
		assert_eq!(session_now(), 5);
		assert!(pallet_session::historical::HistoricalSessions::<Test>::contains_key(1));
		assert_noop!(Validators::withdraw_unbonded(RuntimeOrigin::signed(4)), Error::<Test>::StillUnbonding);
		next_session();
		assert!(!pallet_session::historical::HistoricalSessions::<Test>::contains_key(1));
		assert_ok!(Validators::withdraw_unbonded(RuntimeOrigin::signed(4)));
	})
}
