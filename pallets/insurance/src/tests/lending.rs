//! Lending, and taking back.

use super::*;
use gcx_primitives::ArithmeticError;

#[test]
fn what_is_lent_leaves_every_layer_as_it_was() {
	Chain::default().run(|| {
		fund_skin(100);
		contribute(1, 1_000);
		deposit(ALICE, 2_000);
		assert_eq!(lend(2, 700), 700);
		assert_eq!(lend(3, 9_000), 2_400);
		assert_eq!((layers(), Insurance::size()), ((100, 1_000, 2_000), Cash(3_100)));
		assert_eq!(dollars(CUSTODY), MINIMUM + 3_100);
		assert_eq!((Insurance::lent(&2), Insurance::lent(&3), Insurance::lent(&1)), (Cash(700), Cash(2_400), Cash(0)));
		assert_eq!(lend(2, 1), 0);
		assert_ok!(Insurance::take_back(&2, &CUSTODY, Cash(300)));
		assert_eq!(Insurance::lent(&2), Cash(400));
		assert_ok!(Insurance::take_back(&2, &CUSTODY, Cash(400)));
		assert_eq!((dollars(POOL), Lent::<Test>::contains_key(2)), (MINIMUM + 700, false));
	})
}

#[test]
fn nothing_is_lent_that_is_nothing_or_cannot_be_sent() {
	Chain::default().run(|| {
		fund_skin(100);
		assert_eq!((lend(1, 0), lend(1, -5), lend(1, i128::MIN)), (0, 0, 0));
		// An account that is none, and less than its minimum balance.
		assert_eq!(Insurance::lend(&1, &500, Cash(9)), Cash(0));
		assert_eq!(Insurance::lend(&1, &500, Cash(10)), Cash(10));
		assert_ok!(Insurance::take_back(&1, &CUSTODY, Cash(0)));
	})
}

#[test]
fn income_that_is_not_recognised_is_not_lent() {
	Chain::default().run(|| {
		fund_skin(100);
		income(50);
		assert_eq!(lend(1, 150), 100);
	})
}

#[test]
fn no_more_is_taken_back_than_was_lent_or_is_there() {
	Chain::default().run(|| {
		fund_skin(1_000);
		lend(1, 100);
		lend(2, 500);
		let back = |guarantor, amount| Insurance::take_back(&guarantor, &CUSTODY, Cash(amount));
		assert_eq!(back(1, 101), Err(ArithmeticError::Underflow));
		assert_eq!(back(3, 1), Err(ArithmeticError::Underflow));
		assert_eq!(back(1, -1), Err(ArithmeticError::Underflow));
		assert_eq!(Insurance::take_back(&1, &500, Cash(1)), Err(ArithmeticError::Underflow));
		// The custody account keeps its minimum balance.
		assert_ok!(Dollars::transfer(&CUSTODY, &40, 550, Preservation::Preserve));
		assert_eq!(back(1, 51), Err(ArithmeticError::Underflow));
		assert_ok!(back(1, 50));
		assert_eq!((Insurance::lent(&1), Insurance::lent(&2)), (Cash(50), Cash(500)));
	})
}

use frame_support::traits::{fungible::Mutate, tokens::Preservation};

#[test]
fn a_loan_becomes_anothers_and_no_money_moves() {
	Chain::default().run(|| {
		fund_skin(1_000);
		lend(1, 100);
		lend(2, 500);
		let before = (dollars(POOL), dollars(CUSTODY), Books::<Test>::get());
		let reassign = |from, to, amount| Insurance::reassign(&from, &to, Cash(amount)).0;
		assert_eq!((reassign(2, 3, 0), reassign(2, 3, -1), reassign(3, 2, 1), reassign(2, 2, 1)), (0, 0, 0, 0));
		assert_eq!(reassign(2, 3, 200), 200);
		let event = Event::LoanReassigned { from: 2, to: 3, amount: Cash(200), left: Cash(300), lent: Cash(200) };
		assert_eq!(events().last(), Some(&event));
		// No more than it owes.
		assert_eq!(reassign(2, 3, 301), 300);
		assert_eq!((Insurance::lent(&1), Insurance::lent(&2), Insurance::lent(&3)), (Cash(100), Cash(0), Cash(500)));
		assert!(!Lent::<Test>::contains_key(2));
		assert_eq!((dollars(POOL), dollars(CUSTODY), Books::<Test>::get()), before);
		assert_ok!(Insurance::take_back(&3, &CUSTODY, Cash(500)));
	})
}
