//! Guarantors' contributions.

use super::*;

fn withdraw(who: AccountId, amount: Balance) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Insurance::withdraw_contribution(signed(who), amount)
}

fn required(who: AccountId) -> i128 {
	Insurance::required_contribution(&who).unwrap().0
}

#[test]
fn a_guarantor_contributes_and_takes_back_what_it_does_not_need() {
	Chain::default().run(|| {
		contribute(1, 1_000);
		contribute(1, 500);
		assert_eq!((contribution(1), layers(), gained(1)), (1_500, (0, 1_500, 0), -1_500));
		assert_ok!(withdraw(1, 1_400));
		assert_eq!((contribution(1), layers(), gained(1)), (100, (0, 100, 0), -100));
		assert_eq!(
			events(),
			[
				Event::Contributed { guarantor: 1, amount: Cash(1_000), contribution: Cash(1_000) },
				Event::Contributed { guarantor: 1, amount: Cash(500), contribution: Cash(1_500) },
				Event::ContributionWithdrawn { guarantor: 1, amount: Cash(1_400), needed: Cash(100), left: Cash(100) },
			]
		);
	})
}

#[test]
fn only_a_standing_guarantor_contributes_and_no_dust() {
	Chain::default().run(|| {
		let contribute = |who, amount| Insurance::contribute(signed(who), amount);
		assert_noop!(contribute(1, 0), Error::<Test>::NothingToMove);
		assert_noop!(contribute(1, u128::MAX), Error::<Test>::AmountTooLarge);
		assert_noop!(contribute(1, 99), Error::<Test>::ContributionTooSmall);
		assert_noop!(contribute(1, ENDOWMENT + 1), TokenError::FundsUnavailable);
		assert_noop!(contribute(ANYONE, 1_000), Error::<Test>::NotStanding);
		set_state(1, GuarantorState::ReduceOnly);
		assert_ok!(contribute(1, 100));
		assert_ok!(contribute(1, 1));
		set_state(1, GuarantorState::Defaulted);
		assert_noop!(contribute(1, 1_000), Error::<Test>::NotStanding);
		assert_ok!(Guarantor::exit(signed(2)));
		assert_noop!(contribute(2, 1_000), Error::<Test>::NotStanding);
	})
}

#[test]
fn what_is_required_follows_risk_and_is_rounded_up() {
	Chain::default().run(|| {
		Requirement::set(10_001);
		fund_skin(1_000);
		set_risks(&[(1, 10), (2, 20), (3, 0)]);
		assert_eq!([1, 2, 3, ANYONE].map(required), [3_001, 6_001, 100, 0]);
		contribute(1, 3_000);
		assert!(!Insurance::has_contributed(&1));
		contribute(1, 1);
		assert!(Insurance::has_contributed(&1) && !Insurance::has_contributed(&2));
		// Skin in the game that covers all leaves the smallest contribution.
		fund_skin(10_000);
		assert_eq!([1, 2, 3].map(required), [100; 3]);
		assert_eq!(Insurance::size(), Cash(14_001));
	})
}

#[test]
fn what_risk_requires_stays() {
	Chain::default().run(|| {
		contribute(1, 5_000);
		Requirement::set(4_000);
		set_risks(&[(1, 10)]);
		assert_noop!(withdraw(1, 1_001), Error::<Test>::ContributionNeeded);
		assert_ok!(withdraw(1, 1_000));
		assert_noop!(withdraw(1, 1), Error::<Test>::ContributionNeeded);
	})
}

#[test]
fn nothing_leaves_while_a_loss_may_be_open() {
	Chain::default().run(|| {
		assert_noop!(withdraw(1, 1), Error::<Test>::NoContribution);
		contribute(1, 5_000);
		assert_noop!(withdraw(1, 0), Error::<Test>::NothingToMove);
		assert_noop!(withdraw(1, 5_001), Error::<Test>::NotSoMuch);
		Calm::set(false);
		assert_noop!(withdraw(1, 1), Error::<Test>::LossOpen);
		Calm::set(true);
		assert_eq!(lend(1, 10), 10);
		assert_noop!(withdraw(1, 1), Error::<Test>::MoneyLent);
		assert_ok!(Insurance::take_back(&1, &CUSTODY, Cash(10)));
		// So much of the pool is with somebody else that it is not there.
		assert_eq!(lend(2, 4_990), 4_990);
		assert_noop!(withdraw(1, 11), Error::<Test>::NotLiquid);
		assert_ok!(withdraw(1, 10));
		for state in [GuarantorState::ReduceOnly, GuarantorState::Defaulted] {
			set_state(1, state);
			assert_noop!(withdraw(1, 1), Error::<Test>::NotActive);
		}
	})
}

#[test]
fn nothing_leaves_for_20_days_after_a_draw() {
	Chain::default().run(|| {
		contribute(1, 5_000);
		contribute(2, 5_000);
		absorb(PoolLayer::Own, 2, 1);
		pass(EXIT_LOCK - 1);
		assert_noop!(withdraw(1, 1), Error::<Test>::ContributionsLocked);
		assert_noop!(Guarantor::exit(signed(1)), pallet_guarantor::Error::<Test>::ExitLocked);
		pass(1);
		assert_ok!(withdraw(1, 1));
		assert_ok!(Guarantor::exit(signed(1)));
	})
}

#[test]
fn a_guarantor_that_left_answers_with_its_contribution_as_long_as_with_its_bond() {
	Chain::default().run(|| {
		contribute(1, 5_000);
		Requirement::set(1_000);
		set_risks(&[(1, 0), (2, 10)]);
		assert_ok!(Guarantor::exit(signed(1)));
		assert_ok!(withdraw(1, 4_000));
		assert_noop!(withdraw(1, 901), Error::<Test>::ContributionNeeded);
		pass(22 * DAY);
		assert_noop!(withdraw(1, 901), Error::<Test>::ContributionNeeded);
		assert_ok!(Guarantor::withdraw_unbonded(signed(1), 1));
		assert_ok!(withdraw(1, 500));
		// Forgotten by the guarantors, it still gets back what is its own.
		assert_ok!(Guarantor::reap(signed(1), 1));
		assert_ok!(withdraw(1, 500));
		assert_eq!((gained(1), Contributions::<Test>::count()), (0, 0));
	})
}

#[test]
fn only_so_many_contribute_and_those_who_lost_all_and_are_gone_make_room() {
	Chain::default().build().execute_with(|| {
		for who in 1_000..1_000 + u64::from(MAX_CONTRIBUTORS) {
			Contributions::<Test>::insert(who, Contribution { amount: Cash(1), ..Default::default() });
		}
		assert_noop!(Insurance::contribute(signed(1), 1_000), Error::<Test>::TooManyContributors);
		Contributions::<Test>::insert(1_000, Contribution::default());
		Contributions::<Test>::remove(1_001);
		Contributions::<Test>::insert(2, Contribution::default());
		assert_ok!(Insurance::contribute(signed(1), 1_000));
		assert!(!Contributions::<Test>::contains_key(1_000));
		assert!(Contributions::<Test>::contains_key(2), "it lost all, and may be repaid");
		assert_eq!(Contributions::<Test>::count(), MAX_CONTRIBUTORS);
		// Who is in already is no news.
		assert_ok!(Insurance::contribute(signed(2), 1_000));
	})
}

#[test]
fn who_pays_first_opens_an_account_that_nobody_endowed() {
	Chain { is_unendowed: true }.run(|| {
		assert_noop!(Insurance::distribute(signed(ANYONE)), Error::<Test>::NothingToDistribute);
		contribute(1, 1_000);
		contribute(2, 1_000);
		assert_eq!((gained(1), gained(2)), (-1_010, -1_000));
		assert_eq!((lend(1, 5_000), dollars(POOL)), (2_000, MINIMUM));
	})
}
