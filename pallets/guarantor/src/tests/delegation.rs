//! Stake that outsiders delegate.

use super::*;

#[test]
fn delegated_stake_is_kept_on_an_account_of_the_guarantor() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		delegate(41, 1, 200);
		assert_eq!(Balances::free_balance(Guarantor::pool_account(&1)), LEAST + 500);
		assert_eq!(record(1).delegated, SharePool { series: 0, stake: 500, shares: 500 });
		assert_eq!(record(1).delegations, 2);
		assert_eq!(last_event(), Event::Delegated { guarantor: 1, delegator: 41, amount: 200, shares: 200 });
		assert_ne!(Guarantor::pool_account(&1), Guarantor::pool_account(&2));
	})
}

#[test]
fn delegated_stake_is_refused_where_it_cannot_count() {
	Market::default().run(|| {
		assert_noop!(Guarantor::delegate(signed(1), 1, 300), Error::<Test>::OwnGuarantor);
		assert_noop!(Guarantor::delegate(signed(40), 3, 300), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::delegate(signed(40), 1, 49), Error::<Test>::DelegationTooSmall);
		assert_noop!(Guarantor::delegate(signed(40), 1, 3_001), Error::<Test>::DelegationRatioExceeded);
		assert_ok!(Guarantor::set_reduce_only(&2, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::delegate(signed(40), 2, 300), Error::<Test>::NotActive);
		assert!(Guarantor::delegate(signed(99), 1, 300).is_err());
		delegate(40, 1, 3_000);
		assert_noop!(Guarantor::delegate(signed(41), 1, 50), Error::<Test>::DelegationRatioExceeded);
	})
}

#[test]
fn leaving_stake_answers_until_it_is_due() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		assert_ok!(Guarantor::undelegate(signed(40), 1, 100));
		let due = START + UNBONDING;
		let leaving = Event::Undelegating { guarantor: 1, delegator: 40, shares: 100, amount: 100, due };
		assert_eq!(last_event(), leaving);
		assert_noop!(Guarantor::withdraw_undelegated(signed(40), 1, 40), Error::<Test>::NothingDue);
		// Half of 1,300 is lost by all.
		assert_eq!(slash(1, 650), 650);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(1), 1, 40));
		assert_eq!(last_event(), Event::Undelegated { guarantor: 1, delegator: 40, amount: 50 });
		assert_eq!((record(1).delegated.stake, record(1).undelegating.shares), (100, 0));
		assert_eq!(gained(40), -250);
	})
}

#[test]
fn a_delegation_is_forgotten_with_its_last_share() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		assert_ok!(Guarantor::undelegate(signed(40), 1, 300));
		assert_eq!(record(1).delegations, 1);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(40), 1, 40));
		assert_eq!((record(1).delegations, delegation(1, 40), gained(40)), (0, None, 0));
		assert_noop!(Guarantor::withdraw_undelegated(signed(40), 1, 40), Error::<Test>::NoDelegation);
	})
}

#[test]
fn only_own_shares_are_undelegated_and_no_dust_stays() {
	Market::default().run(|| {
		assert_noop!(Guarantor::undelegate(signed(40), 1, 1), Error::<Test>::NoDelegation);
		assert_noop!(Guarantor::undelegate(signed(40), 3, 1), Error::<Test>::NotGuarantor);
		delegate(40, 1, 300);
		delegate(41, 1, 300);
		assert_noop!(Guarantor::undelegate(signed(40), 1, 301), Error::<Test>::NotSoMuch);
		assert_noop!(Guarantor::undelegate(signed(40), 1, 0), Error::<Test>::NotSoMuch);
		assert_noop!(Guarantor::undelegate(signed(40), 1, 251), Error::<Test>::DelegationTooSmall);
		assert_ok!(Guarantor::undelegate(signed(40), 1, 250));
		assert_ok!(Guarantor::undelegate(signed(40), 1, 50));
	})
}

#[test]
fn so_many_parts_of_a_delegation_leave_at_a_time() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		for _ in 0..MAX_CHUNKS {
			assert_ok!(Guarantor::undelegate(signed(40), 1, 10));
		}
		assert_noop!(Guarantor::undelegate(signed(40), 1, 10), Error::<Test>::TooManyChunks);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(40), 1, 40));
		assert_ok!(Guarantor::undelegate(signed(40), 1, 10));
	})
}

#[test]
fn stake_leaves_in_any_state_and_is_paid_only_without_an_open_loss() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_ok!(Guarantor::undelegate(signed(40), 1, 300));
		pass(UNBONDING);
		assert_noop!(Guarantor::withdraw_undelegated(signed(40), 1, 40), Error::<Test>::StakeSuspended);
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), 1, GuarantorState::ReduceOnly));
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), 1, GuarantorState::Active));
		lock(1, 1);
		assert_noop!(Guarantor::withdraw_undelegated(signed(40), 1, 40), Error::<Test>::ExitLocked);
		pass(1);
		assert_ok!(Guarantor::withdraw_undelegated(signed(40), 1, 40));
		assert_noop!(Guarantor::withdraw_undelegated(signed(40), 3, 40), Error::<Test>::NotGuarantor);
	})
}

#[test]
fn a_gift_to_the_account_does_not_move_the_price_of_a_share() {
	Market::default().run(|| {
		delegate(40, 1, 50);
		assert_ok!(Balances::transfer_allow_death(signed(40), Guarantor::pool_account(&1), 100_000));
		delegate(41, 1, 99);
		assert_eq!(delegation(1, 41).unwrap().shares, 99);
	})
}

/// Lets as much be delegated as there can be.
fn lift_the_ratio() {
	let lifted = GuarantorParameters { max_delegation_ratio: MAX_DELEGATION_RATIO, ..parameters() };
	assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), lifted));
	pass(DELAY);
}

#[test]
fn the_first_delegator_cannot_price_the_second_out() {
	Market::default().run(|| {
		lift_the_ratio();
		delegate(40, 1, 50);
		// A single share would do for the attack, but less than the smallest delegation does not stay.
		assert_noop!(Guarantor::undelegate(signed(40), 1, 49), Error::<Test>::DelegationTooSmall);
		// However large a reward to so few shares, the next loses less than the price of one of them.
		assert_eq!(reward(1, 21_000), 21_000);
		let price = record(1).delegated.value_of(1).unwrap() + 1;
		delegate(41, 1, 5_000);
		let shares = delegation(1, 41).unwrap().shares;
		assert!(record(1).delegated.value_of(shares).unwrap() + price >= 5_000);
	})
}

#[test]
fn what_buys_no_share_is_refused() {
	Market::default().run(|| {
		lift_the_ratio();
		delegate(40, 1, 50);
		(0..30).for_each(|_| assert_eq!(reward(1, 2_100), 2_100));
		assert!(record(1).delegated.value_of(1).unwrap() > 50);
		assert_noop!(Guarantor::delegate(signed(41), 1, 50), Error::<Test>::DelegationTooSmall);
	})
}

#[test]
fn after_a_total_loss_the_pool_begins_anew() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		delegate(41, 1, 300);
		assert_ok!(Guarantor::undelegate(signed(41), 1, 100));
		assert_eq!(slash(1, Balance::MAX), BOND + 600);
		assert_eq!(record(1).delegated, SharePool { series: 1, stake: 0, shares: 0 });
		assert_eq!(record(1).undelegating, SharePool { series: 1, stake: 0, shares: 0 });
		assert_ok!(Guarantor::bond_extra(signed(1), 500));
		// The new stake is nobody else's, whatever shares there were.
		delegate(40, 1, 200);
		assert_eq!(delegation(1, 40).unwrap().shares, 200);
		assert_noop!(Guarantor::undelegate(signed(41), 1, 200), Error::<Test>::NotSoMuch);
		// The worthless delegation is cleared by anyone, without waiting.
		assert_ok!(Guarantor::withdraw_undelegated(signed(1), 1, 41));
		assert_eq!((delegation(1, 41), record(1).delegations), (None, 1));
		assert_eq!(last_event(), Event::Undelegated { guarantor: 1, delegator: 41, amount: 0 });
	})
}

#[test]
fn a_pool_that_is_worn_out_takes_no_more_until_its_shares_are_gone() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		// As many slashes and newcomers as it takes, in one step.
		Guarantors::<Test>::mutate(1, |record| {
			record.as_mut().unwrap().delegated = SharePool { series: 0, stake: 1, shares: Balance::MAX / 2 };
		});
		Delegations::<Test>::mutate(1, 40, |one| one.as_mut().unwrap().shares = Balance::MAX / 2);
		assert_noop!(Guarantor::delegate(signed(41), 1, 100), Error::<Test>::PoolWornOut);
		assert_ok!(Guarantor::undelegate(signed(40), 1, Balance::MAX / 2));
		delegate(41, 1, 100);
		assert_eq!(record(1).delegated, SharePool { series: 0, stake: 100, shares: 100 });
	})
}

#[test]
fn shares_worth_nothing_leave_with_nothing() {
	Market::default().run(|| {
		delegate(40, 1, 60);
		delegate(41, 1, 2_940);
		// One unit is left of all; two delegators share it.
		assert_eq!(slash(1, BOND + 2_999), BOND + 2_999);
		assert_eq!(record(1).delegated.stake, 1);
		assert_ok!(Guarantor::undelegate(signed(40), 1, 60));
		assert_eq!((delegation(1, 40), record(1).delegations), (None, 1));
		// The last gets what is there.
		assert_ok!(Guarantor::undelegate(signed(41), 1, 2_940));
		assert_eq!(record(1).undelegating.stake, 1);
	})
}
