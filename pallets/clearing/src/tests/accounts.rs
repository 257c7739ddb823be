use super::*;

#[test]
fn a_customers_first_deposit_opens_its_account_and_the_segments_custody() {
	Exchange.run(|| {
		deposit(11, 5_000);
		assert_eq!(cash(11), 5_000);
		// Its own deposit and the minimum balance of the custody account.
		assert_eq!(dollars(11), ENDOWMENT - 5_000 - MINIMUM);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), 5_000 + MINIMUM);
		let custody = Clearing::custody_account(&segment(GUARANTOR, SegmentSide::Customers));
		let side = SegmentSide::Customers;
		let (minimum, amount) = (Cash(10), Cash(5_000));
		assert_eq!(
			events(),
			[
				Event::Opened { owner: 11, sub: SubAccount(0), guarantor: GUARANTOR, side },
				Event::CustodyOpened { guarantor: GUARANTOR, side, custody, minimum, payer: 11 },
				Event::Deposited { owner: 11, sub: SubAccount(0), amount, cash: amount },
			]
		);
		// The next ones pay for nothing but themselves.
		deposit(12, 1_000);
		deposit(12, 1);
		assert_eq!((cash(12), dollars(12)), (1_001, ENDOWMENT - 1_001));
	})
}

#[test]
fn customers_of_two_guarantors_and_houses_are_in_custody_apart() {
	Exchange.run(|| {
		deposit(11, 2_000);
		deposit(OTHERS_CUSTOMER, 3_000);
		deposit(GUARANTOR, 4_000);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), 2_000 + MINIMUM);
		assert_eq!(in_custody(OTHER, SegmentSide::Customers), 3_000 + MINIMUM);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::House), 4_000 + MINIMUM);
		assert_eq!(Clearing::house_funds(&GUARANTOR), Cash(4_000));
		assert_eq!(Clearing::house_funds(&11), Cash(0));
		assert_eq!(TotalCustody::<Test>::get(), Cash(9_000));
	})
}

#[test]
fn an_account_needs_a_guarantor_and_an_opening_deposit() {
	Exchange.run(|| {
		assert_noop!(try_deposit(STRANGER, 0, OPENING), Error::<Test>::NoGuarantor);
		assert_noop!(try_deposit(11, 0, OPENING - 1), Error::<Test>::BelowMinOpening);
		assert_noop!(try_deposit(11, 0, 0), Error::<Test>::NothingToMove);
		assert_noop!(try_deposit(11, 0, u128::MAX), Error::<Test>::AmountTooLarge);
		assert!(try_deposit(11, 0, ENDOWMENT + 1).is_err());
		assert!(try_deposit(11, 0, i128::MAX.unsigned_abs()).is_err());
		assert_eq!(dollars(11), ENDOWMENT);
	})
}

#[test]
fn sub_accounts_are_apart_and_a_house_has_one() {
	Exchange.run(|| {
		assert_ok!(try_deposit(11, 0, 1_000));
		assert_ok!(try_deposit(11, 2, 2_000));
		assert_noop!(try_deposit(11, 3, 2_000), Error::<Test>::SubAccountOutOfRange);
		assert_noop!(try_deposit(11, u8::MAX, 2_000), Error::<Test>::SubAccountOutOfRange);
		assert_noop!(try_deposit(GUARANTOR, 1, 2_000), Error::<Test>::SubAccountOutOfRange);
		assert_eq!(cash(11), 1_000);
		assert_noop!(try_withdraw(11, 0, 1_001), Error::<Test>::InsufficientCash);
		assert_noop!(try_withdraw(11, 1, 1), Error::<Test>::UnknownAccount);
	})
}

#[test]
fn a_withdrawal_gives_back_what_was_deposited_and_an_empty_account_closes() {
	Exchange.run(|| {
		deposit(11, 1_000);
		assert_noop!(try_withdraw(11, 0, 0), Error::<Test>::NothingToMove);
		assert_noop!(try_withdraw(11, 0, u128::MAX), Error::<Test>::AmountTooLarge);
		assert_noop!(try_withdraw(12, 0, 1), Error::<Test>::UnknownAccount);
		assert_noop!(try_close(11, 0), Error::<Test>::AccountNotEmpty);
		// The floor of 500 an hour.
		assert_ok!(try_withdraw(11, 0, 500));
		next_hour();
		assert_ok!(try_withdraw(11, 0, 500));
		assert_eq!(dollars(11), ENDOWMENT - MINIMUM);
		assert!(!Clearing::has_none(&11));
		assert_ok!(try_close(11, 0));
		assert!(Clearing::has_none(&11));
		assert_noop!(try_close(11, 0), Error::<Test>::UnknownAccount);
		assert_eq!(events().last(), Some(&Event::Closed { owner: 11, sub: SubAccount(0) }));
		// Custody outlives its last account, with its minimum balance.
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), MINIMUM);
	})
}

#[test]
fn who_has_an_account_stays_with_its_guarantor() {
	Exchange.run(|| {
		deposit(11, 1_000);
		assert!(Guarantor::leave(RuntimeOrigin::signed(11)).is_err());
		assert!(Guarantor::dismiss(RuntimeOrigin::signed(GUARANTOR), 11).is_err());
		assert_ok!(try_withdraw(11, 0, 500));
		next_hour();
		assert_ok!(try_withdraw(11, 0, 500));
		assert_ok!(try_close(11, 0));
		assert_ok!(Guarantor::leave(RuntimeOrigin::signed(11)));
		assert_noop!(try_deposit(11, 0, 1_000), Error::<Test>::NoGuarantor);
	})
}

#[test]
fn an_applicant_funds_its_house_before_it_is_admitted() {
	Exchange.run(|| {
		assert_ok!(Guarantor::apply(RuntimeOrigin::signed(STRANGER), BOND));
		deposit(STRANGER, MIN_HOUSE);
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), STRANGER));
		assert_eq!(Clearing::house_funds(&STRANGER), Cash(i128::try_from(MIN_HOUSE).unwrap()));
	})
}

#[test]
fn a_refused_applicant_takes_its_house_money_home_before_it_is_anybodys_customer() {
	Exchange.run(|| {
		assert_ok!(Guarantor::apply(RuntimeOrigin::signed(STRANGER), BOND));
		deposit(STRANGER, OPENING);
		assert_ok!(Guarantor::refuse(RuntimeOrigin::root(), STRANGER));
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(STRANGER), GUARANTOR));
		let accept = || Guarantor::accept(RuntimeOrigin::signed(GUARANTOR), STRANGER, limits());
		assert_noop!(accept(), pallet_guarantor::Error::<Test>::HasPositions);
		assert_ok!(try_withdraw(STRANGER, 0, 500));
		next_hour();
		assert_ok!(try_withdraw(STRANGER, 0, 500));
		assert_ok!(try_close(STRANGER, 0));
		assert_ok!(accept());
		deposit(STRANGER, OPENING);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), OPENING + MINIMUM);
	})
}

#[test]
fn a_house_with_customers_keeps_its_minimum_and_a_reduce_only_one_everything() {
	use gcx_primitives::{Guarantors, ReduceOnlyReason};
	Exchange.run(|| {
		deposit(GUARANTOR, MIN_HOUSE + 400);
		assert_noop!(try_withdraw(GUARANTOR, 0, 401), Error::<Test>::HouseFundsLocked);
		assert_ok!(try_withdraw(GUARANTOR, 0, 100));
		assert_ok!(Guarantor::set_reduce_only(&GUARANTOR, ReduceOnlyReason::MarginCall));
		assert_noop!(try_withdraw(GUARANTOR, 0, 1), Error::<Test>::HouseFundsLocked);
		// Money may always come in.
		deposit(GUARANTOR, 1);
		assert_ok!(Guarantor::restore(&GUARANTOR, ReduceOnlyReason::MarginCall));
		assert_ok!(try_withdraw(GUARANTOR, 0, 100));
		assert_ok!(Guarantor::set_defaulted(&GUARANTOR));
		assert_noop!(try_withdraw(GUARANTOR, 0, 1), Error::<Test>::HouseFundsLocked);
	})
}

#[test]
fn a_guarantors_trouble_does_not_lock_its_customers_money_in() {
	use gcx_primitives::Guarantors;
	Exchange.run(|| {
		deposit(11, 1_000);
		assert_ok!(Guarantor::set_defaulted(&GUARANTOR));
		assert_ok!(try_withdraw(11, 0, 500));
	})
}
