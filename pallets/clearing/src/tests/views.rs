//! What clients see.

use super::*;

#[test]
fn an_account_is_seen_as_if_it_were_rolled() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE - 50);
		settle_at(PRICE + 100);
		fix(CLASS, PRICE + 120);
		refresh(NEAR);
		let seen = view(11);
		assert_eq!((cash(11), account(11).rolled), (1_000_500, RunId(0)));
		assert_eq!((seen.guarantor, seen.side, seen.cash), (GUARANTOR, SegmentSide::Customers, Cash(1_001_500)));
		assert_eq!((seen.margin.equity, seen.margin.initial_margin), (Cash(1_001_700), Cash(9_000)));
		let position = &seen.positions[0];
		assert_eq!((position.instrument, position.lots), (NEAR, Lots(10)));
		assert_eq!((position.settlement, position.mark), (Price(PRICE + 100), Some(Price(PRICE + 120))));
		assert_eq!(position.unrealised, Cash(200));
		assert_eq!((seen.unpaid, seen.reduce_only), (Cash(0), false));
		assert_eq!(Clearing::account_view(11, SubAccount(1)), None);
		assert_ok!(try_deposit(11, 1, 5_000));
		assert_eq!(Clearing::account_views(11).len(), 2);
	})
}

#[test]
fn instruments_are_seen_with_the_prices_in_force() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE + 100);
		let seen = Clearing::instrument_views();
		assert_eq!(seen.iter().map(|view| view.instrument).collect::<Vec<_>>(), [NEAR, FAR]);
		let near = &seen[0];
		assert_eq!((near.settlement, near.settled, near.mark), (Price(3_100), RunId(1), Some(Price(3_100))));
		assert_eq!((near.lowest, near.highest, near.scan_range), (Price(1_550), Price(4_650), 900));
		assert_eq!((near.open_interest, near.quarantined), (Lots(10), false));
	})
}

#[test]
fn a_guarantor_is_seen_with_both_its_segments() {
	Exchange.run(|| {
		open_market_with([(11, 10_000), (OTHERS_CUSTOMER, 100_000), (GUARANTOR, 5_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_200);
		check(11);
		let seen = Clearing::guarantor_view(GUARANTOR).unwrap();
		assert_eq!((seen.state, seen.customers, seen.margin_call), (GuarantorState::Active, 3, None));
		assert_eq!((seen.customer_segment.advances, seen.house_segment.advances), (Cash(2_000), Cash(-2_000)));
		assert_eq!((seen.customer_segment.custody, seen.house_segment.custody), (Cash(0), Cash(3_000)));
		assert_eq!(seen.customer_segment.positions, [(NEAR, Lots(10))]);
		// What it advanced is not there for anything else.
		assert_eq!(seen.house_account.unwrap().equity, Cash(3_000));
		assert!(Clearing::guarantor_view(11).is_none());
	})
}
