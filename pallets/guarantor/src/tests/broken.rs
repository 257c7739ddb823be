//! Each invariant, broken on purpose, is caught.

use super::*;
use crate::types::GuarantorOf;
use frame_support::{storage::unhashed, traits::fungible::MutateHold};

/// Guarantor 1 with everything that it can have: customer 31, stake of accounts 41 and 42, parts of its bond and of the
/// stake leaving. Account 3 applies, account 32 asks for guarantor 1. What is broken of that is noticed in these words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Market::default().build().execute_with(|| {
		delegate(41, 1, 500);
		delegate(42, 1, 300);
		assert_ok!(Guarantor::undelegate(signed(41), 1, 100));
		assert_ok!(Guarantor::unbond(signed(1), 100));
		assert_ok!(Guarantor::apply(signed(3), 500));
		assert_ok!(Guarantor::request(signed(32), 1));
		assert_eq!(Guarantor::violations(), [""; 0]);
		breakage();
		let violations = Guarantor::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
	})
}

fn change(guarantor: AccountId, change: impl FnOnce(&mut GuarantorOf<Test>)) {
	Guarantors::<Test>::mutate(guarantor, |record| change(record.as_mut().expect("it exists")));
}

fn join(customer: AccountId, guarantor: AccountId, limits: CustomerLimits) {
	Customers::<Test>::insert(customer, Membership { guarantor, limits });
}

/// Holds as if it were for a bond.
fn hold(who: AccountId, amount: Balance) {
	assert_ok!(Balances::hold(&HoldReason::GuarantorBond.into(), &who, amount));
}

/// Parameters that do not agree: the smallest commission is more than the largest.
fn contradiction() -> GuarantorParameters<Balance> {
	GuarantorParameters { min_commission: Ppm::percent(41), ..parameters() }
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	Market::default().build().execute_with(|| {
		assert_ok!(Guarantor::do_try_state());
		change(1, |record| record.customers = 0);
		assert!(Guarantor::do_try_state().is_err());
	})
}

#[test]
fn parameters_that_contradict_each_other_are_caught() {
	caught("parameters contradict", || Parameters::<Test>::put(contradiction()));
	caught("parameters contradict", || PendingParameters::<Test>::put((START, contradiction())));
}

#[test]
fn a_guarantor_that_is_not_counted_is_caught() {
	caught("guarantors are counted", || unhashed::kill(&Guarantors::<Test>::hashed_key_for(2)))
}

#[test]
fn a_bond_that_is_not_held_is_caught() {
	caught("held of", || change(1, |record| record.bond += 1));
	caught("held of", || change(1, |record| record.unbonding[0].amount += 1));
	caught("held of", || Applications::<Test>::insert(3, 501));
}

#[test]
fn held_money_that_is_nobodys_bond_is_caught() {
	caught("held of", || hold(1, 1));
}

#[test]
fn a_guarantor_that_applies_is_caught() {
	caught("is a guarantor and applies", || {
		hold(2, 500);
		Applications::<Test>::insert(2, 500);
	})
}

#[test]
fn a_guarantor_that_is_reduce_only_for_no_reason_is_caught() {
	caught("is ReduceOnly for", || change(1, |record| record.state = GuarantorState::ReduceOnly))
}

#[test]
fn a_reason_that_does_not_restrict_is_caught() {
	for state in [GuarantorState::Active, GuarantorState::Defaulted, GuarantorState::Exited] {
		caught(&format!("is {state:?} for"), || {
			change(1, |record| {
				record.state = state;
				record.reduced_for.try_insert(ReduceOnlyReason::PoolUse).expect("there is room");
			})
		});
	}
}

#[test]
fn a_guarantor_that_left_with_its_bond_is_caught() {
	caught("left with a bond or customers", || change(2, |record| record.state = GuarantorState::Exited))
}

#[test]
fn a_guarantor_that_left_its_customers_is_caught() {
	caught("left with a bond or customers", || {
		change(1, |record| {
			record.state = GuarantorState::Exited;
			let bond = core::mem::take(&mut record.bond);
			record.unbonding.try_push(BondChunk { amount: bond, due: START }).expect("there is room");
		})
	});
}

#[test]
fn a_leaving_part_of_nothing_is_caught() {
	caught("has nothing leaving", || {
		change(1, |record| {
			record.unbonding.try_push(BondChunk { amount: 0, due: START }).expect("there is room");
		})
	})
}

#[test]
fn a_commission_of_more_than_all_is_caught() {
	caught("a commission out of bounds", || change(1, |record| record.commission = Ppm(Ppm::PARTS + 1)));
	caught("a commission out of bounds", || {
		change(1, |record| record.next_commission = Some((START, Ppm(Ppm::PARTS + 1))))
	});
}

#[test]
fn stake_that_is_not_there_is_caught() {
	caught("the pool of 1 has", || {
		assert_ok!(Balances::transfer_allow_death(signed(Guarantor::pool_account(&1)), 50, 1));
	});
	// The minimum balance is no part of the stake.
	caught("the pool of 2 has", || {
		assert_ok!(Balances::transfer_allow_death(signed(Guarantor::pool_account(&2)), 50, LEAST));
	});
}

#[test]
fn a_delegation_that_is_not_counted_is_caught() {
	caught("delegations, not", || change(1, |record| record.delegations -= 1))
}

#[test]
fn an_empty_delegation_is_caught() {
	caught("an empty delegation", || {
		Delegations::<Test>::insert(1, 43, crate::Delegation::default());
		change(1, |record| record.delegations += 1);
	})
}

#[test]
fn shares_that_are_nobodys_are_caught() {
	caught("are not those of its delegators", || change(1, |record| record.delegated.shares += 1));
	caught("are not those of its delegators", || change(1, |record| record.undelegating.shares += 1));
}

#[test]
fn shares_of_another_series_are_caught() {
	caught("are not those of its delegators", || change(1, |record| record.delegated.series += 1));
	caught("are not those of its delegators", || change(1, |record| record.undelegating.series += 1));
}

#[test]
fn stake_that_is_nobodys_is_caught() {
	caught("stake without shares", || change(2, |record| record.delegated.stake = 1));
	caught("stake without shares", || change(2, |record| record.undelegating.stake = 1));
}

#[test]
fn shares_without_stake_are_caught() {
	caught("stake without shares", || change(1, |record| record.delegated.stake = 0));
	caught("stake without shares", || change(1, |record| record.undelegating.stake = 0));
}

#[test]
fn leaving_stake_that_is_worth_more_than_it_was_is_caught() {
	caught("is worth more than it was", || {
		change(1, |record| {
			record.delegated.stake -= 1;
			record.undelegating.stake += 1;
		})
	})
}

#[test]
fn limits_out_of_bounds_are_caught() {
	let limits = CustomerLimits { max_lots: Lots(-1), ..limits() };
	caught("has limits that are none", || join(31, 1, limits))
}

#[test]
fn a_customer_that_is_a_guarantor_is_caught() {
	caught("2 is a customer, and a guarantor", || {
		join(2, 1, limits());
		change(1, |record| record.customers += 1);
	})
}

#[test]
fn a_customer_that_applies_is_caught() {
	caught("3 is a customer, and a guarantor or asking", || {
		join(3, 1, limits());
		change(1, |record| record.customers += 1);
	})
}

#[test]
fn a_customer_of_nobody_is_caught() {
	caught("have a guarantor that is none", || join(31, 9, limits()))
}

#[test]
fn a_customer_of_a_guarantor_that_left_is_caught() {
	caught("have a guarantor that is none", || change(1, |record| record.state = GuarantorState::Exited))
}

#[test]
fn a_customer_that_is_not_counted_is_caught() {
	caught("customers, not", || change(1, |record| record.customers = 0))
}

#[test]
fn a_customer_that_is_counted_by_the_guarantor_it_had_is_caught() {
	caught("customers, not", || join(31, 2, limits()))
}

#[test]
fn a_customer_that_asks_its_own_guarantor_is_caught() {
	caught("31 of Some(1) asks 1", || Requests::<Test>::insert(31, 1))
}

#[test]
fn an_account_that_asks_itself_is_caught() {
	caught("2 of None asks 2", || Requests::<Test>::insert(2, 2))
}

#[test]
fn a_lock_of_nobody_is_caught() {
	caught("9 is no guarantor", || ExitLock::<Test>::insert(9, START))
}

#[test]
fn a_delegation_to_nobody_is_caught() {
	caught("9 is no guarantor", || {
		let delegation = delegation(1, 41).expect("it delegated");
		Delegations::<Test>::insert(9, 41, delegation);
	})
}
