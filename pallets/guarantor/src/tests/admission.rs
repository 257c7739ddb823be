//! Applying, being admitted, leaving, being forgotten.

use super::*;

const ROOT: fn() -> RuntimeOrigin = RuntimeOrigin::root;

fn pool_balance(guarantor: AccountId) -> Balance {
	Balances::free_balance(Guarantor::pool_account(&guarantor))
}

/// Guarantor 2 left, and its bond is due.
fn exited_and_due() {
	assert_ok!(Guarantor::exit(signed(2)));
	pass(UNBONDING);
}

#[test]
fn an_application_holds_the_bond_until_governance_admits() {
	Market::default().run(|| {
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_eq!((held(3), pool_balance(3)), (500, LEAST));
		assert_eq!(Guarantor::state(&3), None);
		assert_noop!(Guarantor::admit(signed(3), 3), DispatchError::BadOrigin);
		assert_ok!(Guarantor::admit(ROOT(), 3));
		assert_eq!((held(3), record(3).bond, record(3).commission), (500, 500, Ppm::percent(5)));
		assert_eq!(Guarantor::state(&3), Some(GuarantorState::Active));
		assert_eq!(events(), [Event::Applied { who: 3, bond: 500 }, Event::Admitted { guarantor: 3, bond: 500 }]);
	})
}

#[test]
fn an_application_is_refused_without_the_bond_or_twice() {
	Market::default().run(|| {
		assert_noop!(Guarantor::apply(signed(3), 399), Error::<Test>::BondTooSmall);
		assert_noop!(Guarantor::apply(signed(1), 400), Error::<Test>::AlreadyGuarantor);
		assert_noop!(Guarantor::apply(signed(31), 400), Error::<Test>::AlreadyCustomer);
		let unavailable = DispatchError::Token(sp_runtime::TokenError::FundsUnavailable);
		assert_noop!(Guarantor::apply(signed(3), ENDOWMENT), unavailable);
		assert_ok!(Guarantor::apply(signed(3), 400));
		assert_noop!(Guarantor::apply(signed(3), 400), Error::<Test>::AlreadyApplied);
	})
}

#[test]
fn an_application_taken_back_costs_nothing() {
	Market::default().run(|| {
		assert_noop!(Guarantor::withdraw_application(signed(3)), Error::<Test>::NoApplication);
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_ok!(Guarantor::withdraw_application(signed(3)));
		assert_eq!((gained(3), held(3), pool_balance(3)), (0, 0, 0));
		assert_eq!(last_event(), Event::ApplicationWithdrawn { who: 3, bond: 500 });
	})
}

#[test]
fn a_refused_application_costs_nothing() {
	Market::default().run(|| {
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_noop!(Guarantor::refuse(signed(1), 3), DispatchError::BadOrigin);
		assert_ok!(Guarantor::refuse(ROOT(), 3));
		assert_eq!((gained(3), held(3)), (0, 0));
		assert_eq!(last_event(), Event::ApplicationRefused { who: 3, bond: 500 });
		assert_noop!(Guarantor::refuse(ROOT(), 3), Error::<Test>::NoApplication);
		assert_noop!(Guarantor::admit(ROOT(), 3), Error::<Test>::NoApplication);
	})
}

#[test]
fn admission_needs_house_funds() {
	Market::default().run(|| {
		assert_ok!(Guarantor::apply(signed(20), 500));
		assert_noop!(Guarantor::admit(ROOT(), 20), Error::<Test>::HouseFundsTooSmall);
		Houses::mutate(|houses| houses.insert(20, Cash(MIN_HOUSE.0 - 1)));
		assert_noop!(Guarantor::admit(ROOT(), 20), Error::<Test>::HouseFundsTooSmall);
		Houses::mutate(|houses| houses.insert(20, MIN_HOUSE));
		assert_ok!(Guarantor::admit(ROOT(), 20));
	})
}

#[test]
fn admission_needs_the_bond_that_is_asked_for_by_then() {
	Market::default().run(|| {
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_ok!(Guarantor::set_parameters(ROOT(), GuarantorParameters { min_bond: 501, ..parameters() }));
		pass(DELAY);
		assert_noop!(Guarantor::admit(ROOT(), 3), Error::<Test>::BondTooSmall);
	})
}

#[test]
fn who_applies_becomes_nobodys_customer() {
	Market::default().run(|| {
		assert_ok!(Guarantor::request(signed(3), 1));
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_noop!(Guarantor::accept(signed(1), 3, limits()), Error::<Test>::AlreadyApplied);
		assert_ok!(Guarantor::withdraw_application(signed(3)));
		assert_ok!(Guarantor::accept(signed(1), 3, limits()));
		assert_noop!(Guarantor::apply(signed(3), 500), Error::<Test>::AlreadyCustomer);
	})
}

#[test]
fn there_are_no_more_guarantors_than_there_can_be() {
	Market::default().run(|| {
		for who in 3..=5 {
			assert_ok!(Guarantor::apply(signed(who), 500));
		}
		assert_ok!(Guarantor::admit(ROOT(), 3));
		assert_ok!(Guarantor::admit(ROOT(), 4));
		assert_noop!(Guarantor::admit(ROOT(), 5), Error::<Test>::TooManyGuarantors);
		// A place is free when one is forgotten, not when it leaves.
		exited_and_due();
		assert_noop!(Guarantor::admit(ROOT(), 5), Error::<Test>::TooManyGuarantors);
		assert_ok!(Guarantor::withdraw_unbonded(signed(5), 2));
		assert_ok!(Guarantor::reap(signed(5), 2));
		assert_ok!(Guarantor::admit(ROOT(), 5));
	})
}

#[test]
fn a_guarantor_leaves_with_nothing_open_and_its_bond_follows() {
	Market::default().run(|| {
		assert_ok!(Guarantor::exit(signed(2)));
		let due = START + UNBONDING;
		assert_eq!(last_event(), Event::Exited { guarantor: 2, bond: BOND, due });
		assert_eq!(Guarantor::state(&2), Some(GuarantorState::Exited));
		assert_eq!((held(2), record(2).bond), (BOND, 0));
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::NotStanding);
		assert_noop!(Guarantor::bond_extra(signed(2), 10), Error::<Test>::NotStanding);
		pass(UNBONDING - 1);
		assert_noop!(Guarantor::withdraw_unbonded(signed(2), 2), Error::<Test>::NothingDue);
		pass(1);
		assert_ok!(Guarantor::withdraw_unbonded(signed(40), 2));
		assert_ok!(Guarantor::reap(signed(40), 2));
		// The minimum balance of its pool's account came back too.
		assert_eq!((gained(2), held(2), pool_balance(2)), (0, 0, 0));
		assert_eq!(last_event(), Event::Reaped { guarantor: 2, surplus: LEAST });
		assert_eq!(Guarantor::state(&2), None);
	})
}

#[test]
fn a_guarantor_stays_while_anything_is_open() {
	Market::default().run(|| {
		assert_noop!(Guarantor::exit(signed(20)), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::exit(signed(1)), Error::<Test>::HasCustomers);
		Open::set([2].into());
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::HouseNotFlat);
		Open::set(Default::default());
		lock(2, 20_000);
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::ExitLocked);
		pass(19_999);
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::ExitLocked);
		pass(1);
		assert_ok!(Guarantor::exit(signed(2)));
	})
}

#[test]
fn a_guarantor_in_default_does_not_leave() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_defaulted(&2));
		assert_noop!(Guarantor::exit(signed(2)), Error::<Test>::InDefault);
		// Worked out, governance lets it go on to leave.
		assert_ok!(Guarantor::set_state(ROOT(), 2, GuarantorState::ReduceOnly));
		assert_ok!(Guarantor::exit(signed(2)));
		assert!(record(2).reduced_for.is_empty());
	})
}

#[test]
fn a_guarantor_that_lost_all_leaves_with_nothing() {
	Market::default().run(|| {
		assert_eq!(slash(2, Balance::MAX), BOND);
		assert_ok!(Guarantor::exit(signed(2)));
		assert!(record(2).unbonding.is_empty());
		assert_ok!(Guarantor::reap(signed(40), 2));
	})
}

#[test]
fn a_guarantor_is_forgotten_only_when_everything_is_out() {
	Market::default().run(|| {
		delegate(40, 2, 300);
		assert_noop!(Guarantor::reap(signed(2), 20), Error::<Test>::NotGuarantor);
		assert_noop!(Guarantor::reap(signed(2), 2), Error::<Test>::NotExited);
		exited_and_due();
		assert_noop!(Guarantor::reap(signed(2), 2), Error::<Test>::StillBonded);
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_noop!(Guarantor::reap(signed(2), 2), Error::<Test>::StillDelegated);
		// Anyone can begin it for a delegator that sleeps, and end it.
		assert_ok!(Guarantor::withdraw_undelegated(signed(41), 2, 40));
		assert_noop!(Guarantor::withdraw_undelegated(signed(41), 2, 40), Error::<Test>::NothingDue);
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(41), 2, 40));
		assert_eq!(gained(40), 0);
		lock(2, 5);
		assert_noop!(Guarantor::reap(signed(2), 2), Error::<Test>::ExitLocked);
		pass(5);
		assert_ok!(Guarantor::reap(signed(2), 2));
		assert_eq!(ExitLock::<Test>::get(2), None);
	})
}

#[test]
fn what_was_given_to_a_pools_account_goes_to_its_guarantor_in_the_end() {
	Market::default().run(|| {
		delegate(40, 2, 300);
		assert_ok!(Balances::transfer_allow_death(signed(41), Guarantor::pool_account(&2), 77));
		assert_eq!(record(2).delegated.stake, 300);
		exited_and_due();
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_ok!(Guarantor::withdraw_undelegated(signed(2), 2, 40));
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(2), 2, 40));
		assert_ok!(Guarantor::reap(signed(2), 2));
		assert_eq!((gained(40), gained(2)), (0, 77));
	})
}

#[test]
fn who_left_applies_again_and_what_is_leaving_keeps_answering() {
	Market::default().run(|| {
		delegate(40, 2, 300);
		assert_ok!(Guarantor::exit(signed(2)));
		assert_ok!(Guarantor::apply(signed(2), 600));
		assert_eq!(held(2), BOND + 600);
		assert_ok!(Guarantor::admit(ROOT(), 2));
		assert_eq!(last_event(), Event::Admitted { guarantor: 2, bond: 600 });
		let left = OwnResources { bond: 600, unbonding: BOND, delegated: 300, undelegating: 0 };
		assert_eq!(Guarantor::own_resources(&2), Some(left));
		assert_noop!(Guarantor::reap(signed(2), 2), Error::<Test>::NotExited);
	})
}

#[test]
fn a_pools_account_stays_while_its_former_guarantor_applies() {
	Market::default().run(|| {
		exited_and_due();
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_ok!(Guarantor::apply(signed(2), 600));
		assert_ok!(Guarantor::reap(signed(2), 2));
		assert_eq!(pool_balance(2), LEAST);
		assert_ok!(Guarantor::admit(ROOT(), 2));
		delegate(40, 2, 300);
	})
}

#[test]
#[should_panic(expected = "cannot be a guarantor")]
fn a_founding_guarantor_without_the_bond_is_no_genesis() {
	Market { guarantors: vec![(1, 399)], customers: vec![], ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "cannot be a customer")]
fn a_founding_customer_of_nobody_is_no_genesis() {
	Market::default().customers(&[(31, 9)]).build();
}
