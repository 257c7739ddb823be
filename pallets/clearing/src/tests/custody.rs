use super::*;

#[test]
fn custody_accounts_are_of_their_segment_alone() {
	Exchange.run(|| {
		let mut accounts: Vec<_> = [GUARANTOR, OTHER]
			.into_iter()
			.flat_map(|guarantor| [SegmentSide::Customers, SegmentSide::House].map(|side| segment(guarantor, side)))
			.map(|segment| Clearing::custody_account(&segment))
			.collect();
		accounts.dedup();
		assert_eq!(accounts.len(), 4);
	})
}

#[test]
fn a_gift_to_a_custody_account_is_nobodys_and_goes_to_the_pool() {
	Exchange.run(|| {
		let sweep = || Clearing::sweep_surplus(RuntimeOrigin::signed(STRANGER), GUARANTOR, SegmentSide::Customers);
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
		deposit(11, 1_000);
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
		give(GUARANTOR, SegmentSide::Customers, 77);
		assert_eq!(cash(11), 1_000);
		assert_ok!(sweep());
		assert_eq!(dollars(POOL), ENDOWMENT + 77);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), 1_000 + MINIMUM);
		let swept = Event::SurplusSwept { guarantor: GUARANTOR, side: SegmentSide::Customers, amount: Cash(77) };
		assert_eq!(events().last(), Some(&swept));
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
	})
}

#[test]
fn a_gift_before_the_first_deposit_opens_nothing() {
	Exchange.run(|| {
		give(GUARANTOR, SegmentSide::Customers, 5_000);
		deposit(11, 1_000);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), 6_000 + MINIMUM);
		assert_ok!(Clearing::sweep_surplus(RuntimeOrigin::signed(11), GUARANTOR, SegmentSide::Customers));
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), 1_000 + MINIMUM);
	})
}

#[test]
fn a_withdrawal_that_would_leave_the_owner_with_dust_is_refused_whole() {
	Exchange.run(|| {
		deposit(11, 1_000);
		// The owner's own account is gone; a balance below the minimum cannot exist.
		spend_all(11);
		let before = in_custody(GUARANTOR, SegmentSide::Customers);
		assert!(try_withdraw(11, 0, MINIMUM - 1).is_err());
		assert_eq!((cash(11), in_custody(GUARANTOR, SegmentSide::Customers)), (1_000, before));
		assert_ok!(try_withdraw(11, 0, MINIMUM));
	})
}
