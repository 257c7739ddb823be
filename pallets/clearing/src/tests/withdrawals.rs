//! What may leave an account that trades. Amounts are within the egress fuse; its rules are in `fuse`.

use super::*;

/// 11 with 10,000, others with plenty; the fuse lets all of it through.
fn open_market_for_withdrawals() {
	open_market_with([
		(11, 10_000),
		(12, 1_000_000),
		(OTHERS_CUSTOMER, 1_000_000),
		(GUARANTOR, 100_000),
		(OTHER, 100_000),
	]);
	open_fuse();
}

fn mark_at(price: i64) {
	fix(CLASS, price);
	refresh(NEAR);
	refresh(FAR);
}

/// That much can be withdrawn and no unit more.
fn withdrawable(who: AccountId, amount: Balance) {
	assert_eq!(view(who).withdrawable, Cash(i128::try_from(amount).unwrap()));
	let more = if view(who).cash.0 < view(who).withdrawable.0 + 1 {
		Error::<Test>::InsufficientCash
	} else {
		Error::<Test>::MarginNeeded
	};
	assert_noop!(try_withdraw(who, 0, amount + 1), more);
	if amount > 0 {
		assert_ok!(frame_support::storage::with_transaction(|| {
			frame_support::storage::TransactionOutcome::Rollback(try_withdraw(who, 0, amount))
		}));
	}
}

#[test]
fn initial_margin_stays() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, 12, 10, PRICE);
		withdrawable(11, 4_000);
		trade(12, 11, 5, PRICE);
		withdrawable(11, 7_000);
		assert_ok!(try_withdraw(11, 0, 7_000));
		withdrawable(11, 0);
		trade(12, 11, 5, PRICE);
		assert_noop!(try_withdraw(11, 0, 3_001), Error::<Test>::InsufficientCash);
		assert_ok!(try_withdraw(11, 0, 3_000));
	})
}

#[test]
fn unrealised_gains_do_not_leave_before_a_run_paid_them() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		mark_at(PRICE + 500);
		// 5,000 gained; margin is 900 a lot now.
		withdrawable(11, 1_000);
		settle();
		withdrawable(11, 6_000);
	})
}

#[test]
fn unrealised_losses_stay() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		mark_at(PRICE - 100);
		withdrawable(11, 3_000);
		mark_at(PRICE - 1_000);
		withdrawable(11, 0);
		// The run takes them.
		mark_at(PRICE - 100);
		settle();
		withdrawable(11, 3_000);
	})
}

#[test]
fn gains_on_one_position_do_not_stand_in_for_losses_on_another() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, 12, 10, PRICE);
		let mut far = a_trade(12, 11, 10, PRICE);
		far.instrument = FAR;
		try_trade(&far).unwrap();
		withdrawable(11, 9_100);
		mark_at(PRICE + 500);
		// 5,000 up and 5,000 down; the spread of ten lots is 15 % of 900.
		withdrawable(11, 10_000 - 5_000 - 1_350);
		settle();
		withdrawable(11, 10_000 - 1_350);
	})
}

#[test]
fn what_a_trade_brought_does_not_leave_before_a_run_paid_it() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		// Bought 500 under the settlement price, and sold at it: 5,000 in cash.
		trade(11, OTHERS_CUSTOMER, 10, PRICE - 500);
		trade(OTHERS_CUSTOMER, 11, 10, PRICE);
		assert_eq!((cash(11), view(11).unpaid), (15_000, Cash(5_000)));
		withdrawable(11, 10_000);
		// What is lost again counts against it.
		trade(11, OTHERS_CUSTOMER, 10, PRICE + 200);
		trade(OTHERS_CUSTOMER, 11, 10, PRICE);
		assert_eq!((cash(11), view(11).unpaid), (13_000, Cash(3_000)));
		withdrawable(11, 10_000);
		settle();
		assert_eq!((view(11).cash, view(11).unpaid), (Cash(13_000), Cash(0)));
		withdrawable(11, 13_000);
	})
}

#[test]
fn what_was_lost_before_does_not_make_a_later_gain_withdrawable() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 5, PRICE + 500);
		trade(OTHERS_CUSTOMER, 11, 5, PRICE);
		trade(11, OTHERS_CUSTOMER, 5, PRICE - 500);
		trade(OTHERS_CUSTOMER, 11, 5, PRICE);
		assert_eq!(cash(11), 10_000);
		withdrawable(11, 7_500);
		settle();
		withdrawable(11, 10_000);
	})
}

#[test]
fn what_a_trade_brought_while_a_run_is_priced_leaves_once_that_run_is_paid() {
	for steps in [1, 2, 3] {
		Exchange.run(|| {
			open_market_for_withdrawals();
			fix(CLASS, PRICE - 200);
			take_steps(steps);
			trade(11, OTHERS_CUSTOMER, 10, PRICE - 500);
			trade(OTHERS_CUSTOMER, 11, 10, PRICE);
			withdrawable(11, 10_000);
			take_steps(4 - steps);
			check(OTHERS_CUSTOMER);
			withdrawable(11, 15_000);
			assert_ok!(try_withdraw(11, 0, 15_000));
		});
	}
}

/// YFI on dYdX, 2023: a thin market was squeezed, and its gains on paper were withdrawn as margin before it fell back.
#[test]
fn a_squeeze_of_a_thin_market_brings_nothing_home() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 15, PRICE);
		withdrawable(11, 1_000);
		// It pays any price to itself, under another name.
		for price in [4_000, 4_400] {
			trade(OTHER, 12, 1, price);
			trade(12, OTHER, 1, price);
			pass(HOUR);
			refresh(NEAR);
			withdrawable(11, 1_000);
		}
		// And even where the index follows it, gains on paper neither leave nor buy more without cash.
		pass(HOUR + 1);
		mark_at(2 * PRICE);
		assert_eq!(view(11).margin.equity, Cash(10_000 + 45_000));
		withdrawable(11, 0);
		let refused = refusal(&a_trade(11, OTHERS_CUSTOMER, 10, 2 * PRICE));
		let poor = Refusal::InsufficientCash { had: Cash(-20_000), needed: Cash(7_500) };
		assert_eq!(refused, (Some(Side::Buy), poor));
		// It falls back. All of it is still there.
		mark_at(PRICE);
		settle();
		withdrawable(11, 1_000);
		assert!(MarginCalls::<Test>::iter().next().is_none());
	})
}

#[test]
fn nothing_leaves_while_a_mark_is_stale() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		pass(parameters().max_fix_age + 1);
		refresh(NEAR);
		assert_eq!(view(11).withdrawable, Cash(0));
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::NoMark);
		// Who holds nothing does not care.
		assert_ok!(try_withdraw(12, 0, 100));
		// Closed, there is nothing to know any more.
		trade(OTHERS_CUSTOMER, 11, 10, PRICE);
		assert_ok!(try_withdraw(11, 0, 500));
	})
}

#[test]
fn an_account_that_owes_withdraws_nothing() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_100);
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::InsufficientCash);
		deposit(11, 2_000);
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::MarginNeeded);
	})
}

#[test]
fn a_withdrawal_waits_for_money_that_others_owe_the_segment() {
	Exchange.run(|| {
		// 11 lost more than it had, and nobody answers for it: part of the custody of 12 is gone.
		open_market_with([(11, 6_500), (12, 100_000), (OTHERS_CUSTOMER, 1_000_000)]);
		open_fuse();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_200);
		check(11);
		let custody = ledger(GUARANTOR, SegmentSide::Customers).custody;
		assert_eq!(custody, Cash(6_500 + 100_000 + 1_000 - 12_000));
		assert_noop!(try_withdraw(12, 0, 95_501), Error::<Test>::CustodyTooSmall);
		assert_ok!(try_withdraw(12, 0, 95_500));
		deposit(GUARANTOR, 6_000);
		assert_ok!(try_withdraw(12, 0, 4_500));
	})
}

#[test]
fn a_house_keeps_margin_for_its_own_positions() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(GUARANTOR, OTHERS_CUSTOMER, 100, PRICE);
		withdrawable(GUARANTOR, 40_000);
		assert_ok!(try_withdraw(GUARANTOR, 0, 40_000));
		trade(OTHERS_CUSTOMER, GUARANTOR, 100, PRICE);
		assert_noop!(try_withdraw(GUARANTOR, 0, 58_001), Error::<Test>::HouseFundsLocked);
	})
}

#[test]
fn a_withdrawal_rolls_the_account_first() {
	Exchange.run(|| {
		open_market_for_withdrawals();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE + 300);
		settle_at(PRICE);
		settle_at(PRICE + 100);
		// 1,000 gained over three runs; margin is 900 a lot.
		assert_eq!(account(11).rolled, RunId(0));
		assert_ok!(try_withdraw(11, 0, 2_000));
		assert_eq!((cash(11), account(11).rolled), (9_000, RunId(3)));
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::MarginNeeded);
	})
}
