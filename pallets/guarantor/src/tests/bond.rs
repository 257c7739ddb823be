//! A guarantor's own bond.

use super::*;

#[test]
fn a_bond_is_raised_by_its_guarantor() {
	Market::default().run(|| {
		assert_ok!(Guarantor::bond_extra(signed(1), 50));
		assert_eq!((held(1), record(1).bond), (BOND + 50, BOND + 50));
		assert_eq!(events(), [Event::BondRaised { guarantor: 1, extra: 50, bond: BOND + 50 }]);
		assert_noop!(Guarantor::bond_extra(signed(1), 0), Error::<Test>::NothingToAdd);
		assert_noop!(Guarantor::bond_extra(signed(3), 50), Error::<Test>::NotGuarantor);
		let unavailable = DispatchError::Token(sp_runtime::TokenError::FundsUnavailable);
		assert_noop!(Guarantor::bond_extra(signed(1), ENDOWMENT), unavailable);
	})
}

#[test]
fn a_bond_is_raised_in_a_margin_call_but_not_in_default() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_ok!(Guarantor::bond_extra(signed(1), 50));
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_noop!(Guarantor::bond_extra(signed(1), 50), Error::<Test>::NotStanding);
	})
}

#[test]
fn what_leaves_a_bond_is_held_and_slashable_until_it_is_due() {
	Market::default().run(|| {
		assert_ok!(Guarantor::unbond(signed(1), 200));
		let due = START + UNBONDING;
		assert_eq!(last_event(), Event::Unbonding { guarantor: 1, amount: 200, left: 800, due });
		assert_eq!((held(1), record(1).bond), (BOND, 800));
		assert_eq!(slash(1, 500), 500);
		assert_eq!((record(1).bond, record(1).unbonding[0].amount), (400, 100));
		assert_noop!(Guarantor::withdraw_unbonded(signed(1), 1), Error::<Test>::NothingDue);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_unbonded(signed(40), 1));
		assert_eq!(last_event(), Event::Withdrawn { guarantor: 1, amount: 100, left: 0 });
		assert_eq!(held(1), 400);
	})
}

#[test]
fn only_what_is_due_is_withdrawn() {
	Market::default().run(|| {
		assert_ok!(Guarantor::unbond(signed(1), 100));
		pass(10);
		assert_ok!(Guarantor::unbond(signed(1), 70));
		pass(UNBONDING - 10);
		assert_ok!(Guarantor::withdraw_unbonded(signed(1), 1));
		assert_eq!(last_event(), Event::Withdrawn { guarantor: 1, amount: 100, left: 70 });
		assert_noop!(Guarantor::withdraw_unbonded(signed(1), 3), Error::<Test>::NotGuarantor);
	})
}

#[test]
fn a_bond_does_not_fall_below_the_minimum() {
	Market::default().run(|| {
		assert_noop!(Guarantor::unbond(signed(1), 601), Error::<Test>::BondTooSmall);
		assert_noop!(Guarantor::unbond(signed(1), BOND + 1), Error::<Test>::NotSoMuch);
		assert_noop!(Guarantor::unbond(signed(1), 0), Error::<Test>::NotSoMuch);
		assert_noop!(Guarantor::unbond(signed(3), 1), Error::<Test>::NotGuarantor);
		assert_ok!(Guarantor::unbond(signed(1), 600));
	})
}

#[test]
fn a_bond_does_not_fall_below_what_delegated_stake_needs() {
	Market::default().run(|| {
		delegate(40, 1, 2_401);
		// A third of 2,401, rounded up, is 801.
		assert_noop!(Guarantor::unbond(signed(1), 200), Error::<Test>::DelegationRatioExceeded);
		assert_ok!(Guarantor::unbond(signed(1), 199));
	})
}

#[test]
fn only_an_active_guarantor_unbonds() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::unbond(signed(1), 100), Error::<Test>::NotActive);
	})
}

#[test]
fn so_many_parts_leave_at_a_time_and_there_is_room_for_the_last() {
	Market::default().run(|| {
		for _ in 1..MAX_CHUNKS {
			assert_ok!(Guarantor::unbond(signed(2), 10));
		}
		assert_noop!(Guarantor::unbond(signed(2), 10), Error::<Test>::TooManyChunks);
		assert_ok!(Guarantor::exit(signed(2)));
		// Admitted again it has to withdraw before it can leave again.
		assert_ok!(Guarantor::apply(signed(2), 500));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), 2));
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::TooManyChunks);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_ok!(Guarantor::exit(signed(2)));
	})
}

#[test]
fn nothing_due_is_paid_while_a_loss_may_be_open() {
	Market::default().run(|| {
		assert_ok!(Guarantor::unbond(signed(1), 100));
		pass(UNBONDING);
		assert_ok!(Guarantor::set_reduce_only(&1, ReduceOnlyReason::MarginCall));
		assert_noop!(Guarantor::withdraw_unbonded(signed(1), 1), Error::<Test>::StakeSuspended);
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_noop!(Guarantor::withdraw_unbonded(signed(1), 1), Error::<Test>::StakeSuspended);
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), 1, GuarantorState::ReduceOnly));
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), 1, GuarantorState::Active));
		lock(1, 100);
		assert_noop!(Guarantor::withdraw_unbonded(signed(1), 1), Error::<Test>::ExitLocked);
		pass(100);
		assert_ok!(Guarantor::withdraw_unbonded(signed(1), 1));
	})
}
