//! Customers that change hands with all that they have.

use super::*;
use gcx_primitives::{AccountKey, CustomerLimits, Guarantors as _, Trade};

fn try_port(who: AccountId, to: AccountId, limits: CustomerLimits) -> sp_runtime::DispatchResult {
	use frame_support::storage::{with_transaction, TransactionOutcome};
	with_transaction(|| {
		let ported = Guarantor::request(RuntimeOrigin::signed(who), to).and_then(|()| {
			Guarantor::accept(RuntimeOrigin::signed(to), who, limits).map(|_| ()).map_err(|it| it.error)
		});
		match ported {
			Ok(()) => TransactionOutcome::Commit(Ok(())),
			Err(error) => TransactionOutcome::Rollback(Err(error)),
		}
	})
}

fn port(who: AccountId, to: AccountId) {
	assert_ok!(try_port(who, to, limits()));
}

fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

fn net_lots(guarantor: AccountId) -> i64 {
	let held = SegmentPositions::<Test>::get(NEAR, segment(guarantor, SegmentSide::Customers));
	held.map_or(0, |held| held.lots.0)
}

#[test]
fn lots_and_cash_move_exactly() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHER, 10, PRICE + 50);
		trade(12, OTHER, 5, PRICE);
		trade(OTHERS_CUSTOMER, OTHER, 1, PRICE);
		let before = (account(11), instrument(NEAR));
		port(11, OTHER);
		let cash = Cash(999_500);
		let ported = Event::Ported { owner: 11, sub: SubAccount(0), from: GUARANTOR, to: OTHER, cash };
		assert_eq!(events().last(), Some(&ported));
		assert_eq!((net_lots(GUARANTOR), net_lots(OTHER)), (5, 11));
		assert_eq!((customers(GUARANTOR).net, customers(OTHER).net), (Cash(-500 - 999_500), cash));
		let after = account(11);
		assert_eq!(after.segment, segment(OTHER, SegmentSide::Customers));
		assert_eq!((after.cash, &after.positions), (cash, &before.0.positions));
		assert_eq!((after.requirement, instrument(NEAR)), (before.0.requirement, before.1));
		// Money moves with the next run.
		assert_eq!(customers(GUARANTOR).custody, Cash(3_000_000));
		settle();
		assert_eq!(customers(GUARANTOR).custody, Cash(2_000_000));
		assert_eq!(customers(OTHER).custody, Cash(1_000_000 + 999_500));
		assert_eq!((net(GUARANTOR, SegmentSide::Customers), net(OTHER, SegmentSide::Customers)), (Cash(0), Cash(0)));
	})
}

#[test]
fn what_was_ported_is_settled_under_the_new_guarantor() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		port(11, OTHER);
		settle_at(PRICE - 100);
		assert_eq!(customers(OTHER).custody, Cash(1_000_000 + 1_000_000 - 1_000));
		assert_eq!(customers(GUARANTOR).custody, Cash(2_000_000 + 1_000));
		assert_eq!(view(11).cash, Cash(999_000));
		// And back again.
		port(11, GUARANTOR);
		settle_at(PRICE);
		assert_eq!((customers(GUARANTOR).custody, customers(OTHER).custody), (Cash(3_000_000), Cash(1_000_000)));
		assert_eq!((view(11).cash, net_lots(GUARANTOR), net_lots(OTHER)), (Cash(1_000_000), 0, 0));
	})
}

#[test]
fn an_account_is_rolled_before_it_is_ported() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE + 100);
		settle_at(PRICE + 250);
		assert_eq!(account(11).rolled, RunId(0));
		port(11, OTHER);
		assert_eq!((cash(11), account(11).rolled), (1_002_500, RunId(2)));
		assert_eq!(account(11).positions[0].basis, Price(PRICE + 250));
		// Both sides of the trade are in one segment now: it holds nothing.
		assert_eq!((net_lots(GUARANTOR), net_lots(OTHER)), (0, 0));
		assert_eq!(instrument(NEAR).long, Lots(10));
	})
}

#[test]
fn all_accounts_of_a_customer_move() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 2, 50_000));
		let mut second: Trade<AccountId> = a_trade(11, 12, 7, PRICE);
		second.buyer.account = AccountKey { owner: 11, sub: SubAccount(2) };
		try_trade(&second).unwrap();
		port(11, OTHER);
		for (_, account) in Accounts::<Test>::iter_prefix(11) {
			assert_eq!(account.segment.guarantor, OTHER);
		}
		assert_eq!((net_lots(GUARANTOR), net_lots(OTHER)), (-7, 7));
		assert_eq!(customers(OTHER).net, Cash(1_050_000));
		assert_eq!(Owners::<Test>::get(11).unwrap().accounts, 2);
	})
}

#[test]
fn a_customer_without_an_account_moves_without_clearing() {
	Exchange.run(|| {
		port(11, OTHER);
		assert_eq!(Guarantor::membership(&11).unwrap().guarantor, OTHER);
		assert!(Ledgers::<Test>::iter().next().is_none());
	})
}

#[test]
fn the_first_customer_of_a_guarantor_opens_its_custody() {
	Exchange.run(|| {
		open_market_with([(11, 10_000)]);
		let before = dollars(OTHER);
		port(11, OTHER);
		assert_eq!(dollars(OTHER), before - MINIMUM);
		settle();
		assert_eq!(in_custody(OTHER, SegmentSide::Customers), 10_000 + MINIMUM);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), MINIMUM);
	})
}

#[test]
fn ported_cash_leaves_once_a_run_has_moved_it() {
	Exchange.run(|| {
		open_market();
		open_fuse();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		port(11, OTHER);
		assert_eq!((view(11).unpaid, view(11).withdrawable), (Cash(1_000_000), Cash(0)));
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::MarginNeeded);
		// What comes in after that is no more free: margin comes first.
		deposit(11, 6_100);
		assert_noop!(try_withdraw(11, 0, 101), Error::<Test>::MarginNeeded);
		assert_ok!(try_withdraw(11, 0, 100));
		settle();
		assert_ok!(try_withdraw(11, 0, 50_000));
	})
}

#[test]
fn nobody_is_ported_while_a_run_is_priced() {
	Exchange.run(|| {
		open_market();
		for _ in 1..4 {
			take_steps(1);
			assert_noop!(try_port(11, OTHER, limits()), Error::<Test>::RunInProgress);
		}
		take_steps(1);
		port(11, OTHER);
	})
}

#[test]
fn nobody_is_ported_from_or_to_a_segment_that_a_run_did_not_pay() {
	Exchange.run(|| {
		open_market_with([(11, 6_500), (OTHERS_CUSTOMER, 1_000_000), (12, 1_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_000);
		assert_eq!((customers(GUARANTOR).owed, customers(OTHER).owed), (Cash(-2_500), Cash(2_500)));
		assert_noop!(try_port(12, OTHER, limits()), Error::<Test>::SettlementUnpaid);
		deposit(GUARANTOR, 100_000);
		assert_noop!(try_port(OTHERS_CUSTOMER, GUARANTOR, limits()), Error::<Test>::SettlementUnpaid);
		settle();
		port(12, OTHER);
		port(OTHERS_CUSTOMER, GUARANTOR);
	})
}

#[test]
fn who_owes_cash_stays() {
	Exchange.run(|| {
		open_market_with([(11, 6_500), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 10_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_ok!(try_deposit(11, 1, 1_000));
		settle_at(PRICE - 1_000);
		// Rolled or not, and with another account that has something.
		assert_noop!(try_port(11, OTHER, limits()), Error::<Test>::OwesCash);
		check(11);
		assert_noop!(try_port(11, OTHER, limits()), Error::<Test>::OwesCash);
		deposit(11, 3_500);
		port(11, OTHER);
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(0));
	})
}

#[test]
fn the_new_guarantors_limits_bind() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		let limits = CustomerLimits { max_lots: Lots(12), margin_multiplier: Ppm::percent(200), ..limits() };
		assert_ok!(try_port(11, OTHER, limits));
		assert_eq!(view(11).margin.initial_margin, Cash(12_000));
		let limit = Refusal::GuarantorLotsLimit { limit: Lots(12), needed: Lots(13) };
		assert_eq!(refusal(&a_trade(11, 12, 3, PRICE)), (Some(Side::Buy), limit));
		trade(11, 12, 2, PRICE);
		assert_ok!(Guarantor::set_defaulted(&OTHER));
		let refused = refusal(&a_trade(11, 12, 1, PRICE));
		assert_eq!(refused, (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Guarantor)));
	})
}

#[test]
fn customers_leave_a_guarantor_in_default() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_ok!(Guarantor::set_defaulted(&GUARANTOR));
		port(11, OTHER);
		// And go on there.
		trade(11, OTHERS_CUSTOMER, 1, PRICE);
		assert_eq!(refusal(&a_trade(12, OTHERS_CUSTOMER, 1, PRICE)).0, Some(Side::Buy));
	})
}

#[test]
fn a_port_of_what_others_lost_is_paid_by_the_house() {
	Exchange.run(|| {
		// 12 leaves with its money, of which 11 lost a part that nobody has asked the house for yet.
		open_market_with([(11, 6_500), (12, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 10_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_000);
		assert_eq!(customers(GUARANTOR).custody, Cash(96_500));
		port(12, OTHER);
		settle();
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(3_500));
		assert_eq!((customers(GUARANTOR).owed, customers(OTHER).owed), (Cash(0), Cash(0)));
		assert_ok!(try_withdraw(12, 0, 500));
	})
}
