//! Each invariant, broken on purpose, is caught.

use super::*;

fn caught(breakage: impl FnOnce()) {
	Exchange.build().execute_with(|| {
		deposit(11, 5_000);
		deposit(GUARANTOR, 2_000);
		assert_ok!(Clearing::do_try_state());
		breakage();
		assert!(Clearing::do_try_state().is_err());
	})
}

fn change(owner: AccountId, change: impl FnOnce(&mut MarginAccount<AccountId>)) {
	Accounts::<Test>::mutate(owner, SubAccount(0), |account| change(account.as_mut().expect("it exists")));
}

#[test]
fn a_unit_too_much_in_a_ledger_is_caught() {
	caught(|| change(11, |account| account.cash = Cash(account.cash.0 + 1)))
}

#[test]
fn negative_cash_is_caught() {
	caught(|| {
		change(11, |account| account.cash = Cash(-1));
		Custody::<Test>::insert(segment(GUARANTOR, SegmentSide::Customers), Cash(-1));
		TotalCustody::<Test>::put(Cash(1_999));
	})
}

#[test]
fn custody_that_is_not_there_is_caught() {
	caught(|| take_away(GUARANTOR, SegmentSide::Customers, 1))
}

#[test]
fn an_account_in_anothers_segment_is_caught() {
	caught(|| {
		change(11, |account| account.segment = segment(OTHER, SegmentSide::Customers));
		let custody = Custody::<Test>::take(segment(GUARANTOR, SegmentSide::Customers)).expect("it exists");
		Custody::<Test>::insert(segment(OTHER, SegmentSide::Customers), custody);
		give(OTHER, SegmentSide::Customers, 5_000 + MINIMUM);
	})
}

#[test]
fn a_total_that_is_none_is_caught() {
	caught(|| TotalCustody::<Test>::put(Cash(1)))
}

#[test]
fn a_count_that_is_none_is_caught() {
	caught(|| AccountCount::<Test>::insert(11, 2))
}

#[test]
fn a_house_that_is_not_its_owners_is_caught() {
	caught(|| change(GUARANTOR, |account| account.segment = segment(OTHER, SegmentSide::House)))
}

#[test]
fn a_fuse_of_an_hour_to_come_is_caught() {
	caught(|| HourlyEgress::<Test>::mutate(|egress| egress.hour += 1))
}
