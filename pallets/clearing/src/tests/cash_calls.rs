//! Who has margin and lacks cash: time to pay in, then collateral is sold.

use super::*;
use crate::offer::Offer;

/// 11 has 15,000 of cash, 60,000 tokens that count for 90,000, and a hundred lots: a run leaves it owing 5,000.
fn a_call() {
	open_market_with([(11, 15_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
	take_tokens();
	put_tokens(11, 60_000);
	trade(11, OTHERS_CUSTOMER, 100, PRICE);
	pass(GRACE);
	settle_at(2_800);
	check(11);
}

/// The same an hour later, put up for sale by a stranger so long ago.
fn for_sale_since(time: u64) {
	a_call();
	pass(HOUR + 1);
	liquidate(STRANGER, 11);
	pass(time);
}

fn sold(to: AccountId, amount: u128, price: i128) -> Event<Test> {
	let (owner, sub, price) = (11, SubAccount(0), Cash(price));
	Event::CollateralSold { owner, sub, to, collateral: TOKEN, amount, price }
}

#[test]
fn until_the_deadline_nothing_is_sold_and_the_house_advances() {
	Exchange.run(|| {
		a_call();
		assert_eq!(account(11).state, AccountState::CashCall { until: now() + HOUR });
		assert_eq!((cash(11), equity(11)), (-5_000, 85_000));
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(5_000));
		let margin = ledger(GUARANTOR, SegmentSide::Customers);
		assert_eq!((margin.gaps, margin.received), (Cash(5_000), Cash(5_000)));
		pass(HOUR);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::Sound);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
		pass(1);
		liquidate(STRANGER, 11);
		assert!(is_for_sale(11));
	})
}

#[test]
fn the_owner_cures_it_by_a_deposit_before_and_after_the_deadline() {
	Exchange.run(|| {
		a_call();
		deposit(11, 5_000);
		assert!(account(11).state.is_open());
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(0));
	});
	Exchange.run(|| {
		for_sale_since(MINUTE);
		deposit(11, 4_999);
		check(11);
		assert!(is_for_sale(11));
		deposit(11, 1);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
		check(11);
		assert!(account(11).state.is_open());
		assert_eq!(account(11).collateral(TOKEN), 60_000);
	});
}

#[test]
fn a_new_call_has_its_whole_time() {
	Exchange.run(|| {
		a_call();
		pass(HOUR / 2);
		deposit(11, 5_000);
		settle_at(2_790);
		check(11);
		assert_eq!(account(11).state, AccountState::CashCall { until: now() + HOUR });
	})
}

/// 3,334 tokens count for the 5,000 that are missing, and are worth 10,002.
#[test]
fn collateral_is_sold_for_cash_at_a_falling_price() {
	let prices = [(0, 10_002), (AUCTION / 2, 7_502), (AUCTION, 5_001), (2 * AUCTION, 5_001)];
	for (time, price) in prices {
		Exchange.run(|| {
			for_sale_since(time);
			assert_eq!(offer(11), Offer::Collateral(TOKEN, 3_334));
			let before = (dollars(STRANGER), tokens(STRANGER));
			let discount = 10_002 - price;
			assert_noop!(try_bid(STRANGER, 11, 100, discount + 1), Error::<Test>::WorseThanAsked);
			assert_ok!(try_bid(STRANGER, 11, 100, discount));
			assert!(events().contains(&sold(STRANGER, 3_334, price)));
			assert_eq!((account(11).collateral(TOKEN), cash(11)), (56_666, -5_000 + price));
			let paid = u128::try_from(price).unwrap();
			assert_eq!((dollars(STRANGER), tokens(STRANGER)), (before.0 - paid, before.1 + 3_334));
			assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(0));
			check(11);
			assert!(account(11).state.is_open());
			assert_eq!(lots(11), 100);
		});
	}
}

#[test]
fn collateral_is_sold_in_parts() {
	Exchange.run(|| {
		for_sale_since(0);
		bid(12, 11, 10);
		// 334 tokens for 1,002.
		assert_eq!((cash(11), account(11).collateral(TOKEN)), (-3_998, 59_666));
		assert_eq!(offer(11), Offer::Collateral(TOKEN, 2_666));
		bid(STRANGER, 11, 100);
		assert_eq!((cash(11), account(11).collateral(TOKEN)), (4_000, 57_000));
	})
}

#[test]
fn a_rest_that_cannot_be_kept_is_sold_with_it() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		take_tokens();
		put_tokens(11, 70);
		trade(11, OTHERS_CUSTOMER, 100, PRICE);
		pass(GRACE);
		// It owes 100, and 67 of its 70 tokens count for as much; less than five cannot be kept.
		settle_at(1_999);
		quote(3_000);
		check(11);
		assert_eq!(cash(11), -100);
		pass(HOUR + 1);
		liquidate(STRANGER, 11);
		assert_eq!(offer(11), Offer::Collateral(TOKEN, 67));
		bid(STRANGER, 11, 100);
		assert_eq!((cash(11), account(11).collateral(TOKEN)), (110, 0));
	})
}

#[test]
fn a_buyer_that_cannot_pay_gets_nothing() {
	Exchange.run(|| {
		for_sale_since(0);
		spend_all(13);
		assert!(try_bid(13, 11, 100, 0).is_err());
		assert_eq!(account(11).collateral(TOKEN), 60_000);
	})
}

#[test]
fn the_house_takes_the_rest_at_what_it_counts_for() {
	Exchange.run(|| {
		for_sale_since(AUCTION);
		liquidate(STRANGER, 11);
		assert!(events().contains(&sold(GUARANTOR, 3_334, 5_001)));
		assert_eq!((cash(11), account(11).collateral(TOKEN), lots(11)), (1, 56_666, 100));
		assert_eq!((cash(GUARANTOR), account(GUARANTOR).collateral(TOKEN)), (2_000_000 - 5_001, 3_334));
		assert!(account(11).state.is_open());
		// What was advanced comes back with the next run.
		settle();
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(0));
	})
}

#[test]
fn the_chain_alone_sells_it() {
	Exchange.run(|| {
		a_call();
		wait(HOUR + AUCTION + 10 * MINUTE);
		assert!(events().contains(&sold(GUARANTOR, 3_334, 5_001)));
		assert!(account(11).state.is_open());
	})
}

#[test]
fn who_lacks_margin_as_well_sells_positions_first() {
	Exchange.run(|| {
		a_call();
		// 90,000 of collateral, −45,100 of cash and losses.
		quote(2_399);
		assert_eq!(equity(11), 44_900);
		liquidate(STRANGER, 11);
		assert!(matches!(offer(11), Offer::Positions(_)));
		bid(12, 11, 100);
		assert!(cash(11) < 0 && equity(11) >= view(11).margin.initial_margin.0);
		// Then what is owed is taken out of collateral.
		assert!(matches!(offer(11), Offer::Collateral(TOKEN, _)));
		bid(12, 11, 100);
		check(11);
		assert!(account(11).state.is_open() && cash(11) >= 0);
	})
}

/// Without collateral the position goes that gained most since the last run: that makes cash of the gain.
#[test]
fn who_has_margin_by_unrealised_gains_alone_sells_what_gained() {
	Exchange.run(|| {
		a_hundred_lots();
		settle_at(1_900);
		quote(2_600);
		check(11);
		assert_eq!((cash(11), equity(11)), (-10_000, 60_000));
		pass(HOUR);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::Sound);
		pass(1);
		liquidate(STRANGER, 11);
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(100))]));
		bid(12, 11, 100);
		// 1 % of 260,000.
		assert_eq!((cash(11), lots(11)), (-10_000 + 70_000 - 2_600, 0));
		check(11);
		assert!(account(11).state.is_open());
	});
}

#[test]
fn who_owes_and_has_nothing_left_passes_its_loss_on_after_the_same_time() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(1_950);
		trade(OTHERS_CUSTOMER, 11, 100, 1_950);
		assert_eq!((cash(11), lots(11)), (-5_000, 0));
		wait(HOUR + AUCTION + 10 * MINUTE);
		assert_eq!((cash(11), cash(GUARANTOR)), (0, 1_995_000));
		assert!(account(11).state.is_open());
	})
}
