//! Each invariant, broken on purpose, is caught.

use super::*;
use frame_support::{
	storage::unhashed,
	traits::{fungible::Mutate, tokens::Preservation},
};

/// The pool with everything that it can have: skin in the game, contributions of the guarantors 1 to 3, Alice and Bob,
/// who redeem in an open bucket, Charlie, who was not paid out of a finished one, a loan, a sale that is to repay all
/// layers, an assessment that fetched something, somebody who is owed. What is broken of that is noticed in these
/// words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Chain::default().build().execute_with(|| {
		fund_skin(1_000);
		for who in [1, 2, 3] {
			contribute(who, 1_000);
		}
		deposit(CHARLIE, 5_000);
		redeem_all(CHARLIE);
		pass(COOLING_OFF + DAY);
		set_price(PRICE);
		Insurance::execute_mature().unwrap();
		deposit(ALICE, 5_000);
		deposit(BOB, 6_000);
		assert_ok!(Insurance::redeem(signed(ALICE), 2_000_000_000));
		redeem_all(BOB);
		lend(2, 70);
		sell_bond(1, 2_000, 3_500);
		assess(4, 500);
		assert_ok!(Insurance::buy(signed(ANYONE), SaleId(1), 10, Price(PRICE)));
		TokenPrice::set(None);
		sell_bond(1, 100, 10);
		fund_skin(500);
		Books::<Test>::mutate(|books| {
			books.set_aside.0 += 5;
			books.skin.0 -= 5;
			Owed::<Test>::insert(ANYONE, Cash(5));
		});
		assert_eq!(Insurance::violations(), [""; 0]);
		breakage();
		let violations = Insurance::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
	})
}

fn change(change: impl FnOnce(&mut PoolBooks)) {
	Books::<Test>::mutate(change);
}

fn change_bucket(id: u64, change: impl FnOnce(&mut Bucket)) {
	Buckets::<Test>::mutate(BucketId(id), |bucket| change(bucket.as_mut().expect("it exists")));
}

fn change_sale(id: u32, change: impl FnOnce(&mut Sale<AccountId>)) {
	Sales::<Test>::mutate(SaleId(id), |sale| change(sale.as_mut().expect("it exists")));
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	Chain::default().build().execute_with(|| {
		assert_ok!(Insurance::do_try_state());
		change(|books| books.skin.0 += 1);
		assert!(Insurance::do_try_state().is_err());
	})
}

#[test]
fn parameters_out_of_bounds_are_caught() {
	let wrong = InsuranceParameters { sale_period: 0, ..parameters() };
	caught("parameters are out of bounds", || Parameters::<Test>::put(wrong));
	caught("parameters are out of bounds", || PendingParameters::<Test>::put((START, wrong)));
}

#[test]
fn negative_amounts_are_caught() {
	caught("negative amounts", || {
		change(|books| {
			books.skin.0 = -1;
			books.contributed.0 += 1;
		})
	});
	caught("negative amounts", || change(|books| books.proceeds.0 += 1_000_000));
}

#[test]
fn books_that_do_not_balance_are_caught() {
	caught("do not balance", || change(|books| books.skin.0 += 1));
	caught("do not balance", || change(|books| books.undivided.0 += 1));
	caught("do not balance", || change(|books| books.recorded.0 -= 1));
}

#[test]
fn money_that_is_not_there_is_caught() {
	caught("the pool has", || {
		let pool = dollars(POOL);
		assert_ok!(Dollars::transfer(&POOL, &40, pool - MINIMUM, Preservation::Preserve));
	});
}

#[test]
fn a_loan_to_nobody_is_caught() {
	caught("is lent, and not", || Lent::<Test>::remove(2));
	caught("is lent, and not", || Lent::<Test>::insert(3, Cash(0)));
}

#[test]
fn contributions_that_do_not_add_up_are_caught() {
	let of_two = |change: fn(&mut Contribution)| {
		Contributions::<Test>::mutate(2, |contribution| change(contribution.as_mut().expect("it exists")))
	};
	caught("contributions are not", || of_two(|contribution| contribution.amount.0 += 1));
	caught("contributions are counted", || unhashed::kill(&Contributions::<Test>::hashed_key_for(2)));
	caught("a contribution that cannot be", || of_two(|contribution| contribution.assessed.0 = 5_000));
	caught("a contribution that cannot be", || of_two(|contribution| contribution.assessed.0 = -1));
	caught("a contribution that cannot be", || of_two(|contribution| contribution.window = 9));
	caught("among nobody", || {
		change(|books| {
			books.undivided = books.contributed;
			books.contributed.0 = 0;
		})
	});
}

#[test]
fn shares_that_are_nobodys_are_caught() {
	caught("shares are not those of the holders", || change(|books| books.outside.shares += 1));
	caught("shares are not those of the holders", || change_bucket(1, |bucket| bucket.left -= 1));
	caught("money without shares", || change(|books| books.outside.shares = 0));
	caught("shares of nothing", || {
		change(|books| {
			books.outside.value.0 = 0;
			books.owed_outside.0 = 0;
		})
	});
}

#[test]
fn holders_that_hold_nothing_are_caught() {
	caught("holds nothing", || Holders::<Test>::insert(30, Holder::default()));
	caught("redeems what it does not", || Redemptions::<Test>::remove(BucketId(1), ALICE));
	caught("a redemption of nothing", || Redemptions::<Test>::insert(BucketId(1), 30, Redemption::default()));
	caught("a redemption of nothing", || Redemptions::<Test>::insert(BucketId(7), ALICE, Redemption::default()));
}

#[test]
fn buckets_that_are_not_what_their_lists_say_are_caught() {
	caught("out of order", || {
		OpenBuckets::<Test>::mutate(|open| {
			open.try_push(OpenBucket { id: BucketId(1), due: 5 }).expect("there is room");
		})
	});
	caught("an open bucket is not", || change_bucket(1, |bucket| bucket.left = 0));
	caught("an open bucket is not", || change_bucket(1, |bucket| bucket.due += 1));
	caught("neither open nor finished", || FinishedBuckets::<Test>::remove(BucketId(0)));
	caught("neither open nor finished", || FinishedBuckets::<Test>::insert(BucketId(1), ()));
	caught("neither open nor finished", || change_bucket(0, |bucket| bucket.left = 1));
	caught("is finished and gone", || FinishedBuckets::<Test>::insert(BucketId(7), ()));
}

#[test]
fn buckets_that_cannot_be_are_caught() {
	caught("cannot be", || NextBucket::<Test>::put(BucketId(1)));
	caught("cannot be", || change_bucket(1, |bucket| bucket.shares = 1));
	caught("members", || change_bucket(1, |bucket| bucket.members = 1));
	caught("are not its members'", || change_bucket(1, |bucket| bucket.shares += 1));
	caught("cannot pay its members", || change_bucket(0, |bucket| bucket.paid.0 += 1));
	caught("cannot pay its members", || {
		Redemptions::<Test>::mutate(BucketId(1), ALICE, |redemption| {
			redemption.as_mut().expect("it exists").collected.0 = 1
		})
	});
}

#[test]
fn set_aside_money_that_is_for_nobody_is_caught() {
	caught("is set aside, and not for those", || change_bucket(0, |bucket| bucket.uncollected.0 -= 1));
	caught("is set aside, and not for those", || Owed::<Test>::remove(ANYONE));
	caught("is owed nothing", || Owed::<Test>::insert(33, Cash(0)));
}

#[test]
fn tokens_that_are_not_there_are_caught() {
	caught("tokens are not those of the sales", || OnSale::<Test>::put(1));
	caught("tokens for sale", || {
		assert_ok!(Balances::transfer(&Insurance::sale_account(), &40, 1, Preservation::Expendable));
	});
}

#[test]
fn sales_that_cannot_be_are_caught() {
	caught("cannot be", || NextSale::<Test>::put(SaleId(1)));
	caught("cannot be", || WaitingSales::<Test>::remove(SaleId(2)));
	caught("cannot be", || WaitingSales::<Test>::insert(SaleId(0), ()));
	caught("cannot be", || change_sale(1, |sale| sale.purpose = SalePurpose::Income));
	caught("cannot be", || Assessments::<Test>::remove(4));
	caught("cannot be", || {
		change_sale(0, |sale| {
			OnSale::<Test>::mutate(|all| *all -= sale.amount);
			sale.amount = 0;
		})
	});
	caught("is waited for and gone", || WaitingSales::<Test>::insert(SaleId(9), ()));
	caught("is waited for and gone", || Assessments::<Test>::insert(9, SaleId(9)));
}

#[test]
fn sales_that_owe_or_hold_other_than_the_books_are_caught() {
	caught("sales do not owe or hold", || change(|books| books.owed_outside.0 += 1));
	caught("sales do not owe or hold", || {
		change(|books| {
			books.proceeds.0 += 1;
			books.skin.0 -= 1;
		})
	});
}
