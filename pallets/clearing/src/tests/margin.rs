//! What positions require, and when a trade is refused for it.

use super::*;
use gcx_primitives::{CustomerLimits, Guarantors as _, Instruments as _, Trade};

fn far(buyer: AccountId, seller: AccountId, lots: i64, price: i64) -> Trade<AccountId> {
	Trade { instrument: FAR, ..a_trade(buyer, seller, lots, price) }
}

/// 11 with so much, and others with plenty.
fn open_market_for(cash: Balance) {
	open_market_with([(11, cash), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 100_000)]);
}

/// A new fix that both months were looked at for.
fn mark_at(price: i64) {
	fix(CLASS, price);
	refresh(NEAR);
	refresh(FAR);
}

#[test]
fn equity_covers_initial_margin_when_a_position_opens() {
	Exchange.run(|| {
		open_market_for(6_000);
		let short = Refusal::InsufficientMargin { had: Cash(6_000), needed: Cash(6_600) };
		assert_eq!(refusal(&a_trade(11, 12, 11, PRICE)), (Some(Side::Buy), short));
		assert_eq!(refusal(&a_trade(12, 11, 11, PRICE)), (Some(Side::Sell), short));
		trade(11, 12, 10, PRICE);
	})
}

#[test]
fn a_price_away_from_the_mark_and_the_fee_count_against_equity() {
	Exchange.run(|| {
		open_market_for(6_000);
		let short = Refusal::InsufficientMargin { had: Cash(5_990), needed: Cash(6_000) };
		assert_eq!(refusal(&a_trade(11, 12, 10, PRICE + 1)).1, short);
		let mut with_fee = a_trade(11, 12, 10, PRICE);
		with_fee.buyer.fee = Cash(1);
		let short = Refusal::InsufficientMargin { had: Cash(5_999), needed: Cash(6_000) };
		assert_eq!(refusal(&with_fee), (Some(Side::Buy), short));
		// What it gains against the mark pays for the fee.
		with_fee.price = Price(PRICE - 1);
		try_trade(&with_fee).unwrap();
	})
}

#[test]
fn a_quarter_of_initial_margin_is_cash() {
	Exchange.run(|| {
		open_market_for(6_000);
		trade(11, 12, 10, PRICE);
		mark_at(2 * PRICE);
		// 30,000 gained. Twenty more at 6,000 need 36,000, which is there, and 9,000 in cash, which is not.
		let refused = refusal(&a_trade(11, 12, 20, 2 * PRICE));
		let poor = Refusal::InsufficientCash { had: Cash(6_000 - 20 * 3_000), needed: Cash(9_000) };
		assert_eq!(refused, (Some(Side::Buy), poor));
		// The run pays what was gained.
		settle();
		trade(11, 12, 20, 2 * PRICE);
		assert_eq!(view(11).margin.equity, view(11).margin.initial_margin);
	})
}

#[test]
fn months_of_one_class_offset_but_for_the_spread_and_classes_do_not() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		try_trade(&far(12, 11, 10, PRICE)).unwrap();
		let margin = view(11).margin;
		assert_eq!((margin.scan, margin.spread, margin.initial_margin), (Cash(0), Cash(900), Cash(900)));
		assert_eq!(margin.maintenance_margin, Cash(675));

		fix(OTHER_CLASS, PRICE);
		let terms = gcx_primitives::InstrumentTerms { class: OTHER_CLASS, ..terms() };
		assert_ok!(Clearing::list(InstrumentId(3), terms, Price(PRICE)));
		try_trade(&Trade { instrument: InstrumentId(3), ..a_trade(12, 11, 10, PRICE) }).unwrap();
		assert_eq!(view(11).margin.initial_margin, Cash(900 + 6_000));
	})
}

#[test]
fn an_owners_lots_are_concentrated_over_all_its_accounts() {
	Exchange.run(|| {
		govern(|parameters| parameters.margin.concentration_threshold = Lots(100));
		open_market();
		assert_ok!(try_deposit(11, 1, 100_000));
		trade(11, 12, 100, PRICE);
		assert_eq!(view(11).margin.concentration, Cash(0));
		let mut second = a_trade(11, 12, 10, PRICE);
		second.buyer.account.sub = SubAccount(1);
		try_trade(&second).unwrap();
		// Ten lots too many in both: 2 · 600 · 10² / 1,000.
		assert_eq!(view(11).margin.concentration, Cash(120));
		assert_eq!(Accounts::<Test>::get(11, SubAccount(1)).unwrap().requirement, Cash(6_120));
	})
}

#[test]
fn a_closing_trade_near_the_mark_is_let_through_whatever_the_margin() {
	Exchange.run(|| {
		open_market_for(6_000);
		trade(11, 12, 10, PRICE);
		mark_at(2_500);
		// 1,000 of equity for 6,000. At 5 % under the mark five lots go, one tick further none.
		let short = Refusal::InsufficientMargin { had: Cash(1_000 - 5 * 126), needed: Cash(3_000) };
		assert_eq!(refusal(&a_trade(12, 11, 5, 2_374)), (Some(Side::Sell), short));
		trade(12, 11, 5, 2_375);
	})
}

#[test]
fn a_closing_trade_far_off_the_mark_is_let_through_where_margin_suffices() {
	Exchange.run(|| {
		open_market_for(60_000);
		trade(11, 12, 10, PRICE);
		trade(12, 11, 5, 1_500);
		trade(12, 11, 5, 1_500);
		assert_eq!(cash(11), 45_000);
	})
}

#[test]
fn a_closing_trade_may_leave_negative_cash_near_the_mark_only() {
	Exchange.run(|| {
		open_market_for(6_000);
		trade(11, 12, 10, PRICE);
		mark_at(2_300);
		let poor = Refusal::InsufficientCash { had: Cash(6_000 - 10 * 816), needed: Cash(0) };
		assert_eq!(refusal(&a_trade(12, 11, 10, 2_184)), (Some(Side::Sell), poor));
		trade(12, 11, 10, 2_300);
		assert_eq!((cash(11), account(11).state.is_open()), (-1_000, false));
		// Its house answers for it at once.
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).received, Cash(1_000));
	})
}

#[test]
fn a_hedge_that_lowers_what_is_missing_is_let_through() {
	Exchange.run(|| {
		open_market_for(6_000);
		trade(11, 12, 10, PRICE);
		mark_at(2_500);
		// 5,000 are missing. Ten lots of the other month bring margin down from 6,000 to 900.
		try_trade(&far(12, 11, 10, 2_500)).unwrap();
		assert_eq!((view(11).margin.initial_margin, view(11).margin.equity), (Cash(900), Cash(1_000)));
		// Back again it opens risk, and is refused.
		let refused = refusal(&far(11, 12, 10, 2_500));
		assert_eq!(refused, (Some(Side::Buy), Refusal::InsufficientMargin { had: Cash(1_000), needed: Cash(6_000) }));
	})
}

#[test]
fn a_guarantors_multiplier_binds_trades_and_withdrawals_never_maintenance() {
	Exchange.run(|| {
		open_market_for(12_000);
		trade(11, 12, 10, PRICE);
		let before = view(11).margin;
		assert_eq!(view(11).withdrawable, Cash(6_000));
		set_limits(11, CustomerLimits { margin_multiplier: Ppm::percent(150), ..limits() });
		let after = view(11).margin;
		assert_eq!((before.initial_margin, after.initial_margin), (Cash(6_000), Cash(9_000)));
		assert_eq!((before.maintenance_margin, after.maintenance_margin), (Cash(4_500), Cash(4_500)));
		assert_eq!(view(11).withdrawable, Cash(3_000));
		let short = Refusal::InsufficientMargin { had: Cash(12_000), needed: Cash(12_600) };
		assert_eq!(refusal(&a_trade(11, 12, 4, PRICE)), (Some(Side::Buy), short));
		trade(11, 12, 3, PRICE);
		// More than it has: it is under the guarantor's margin, and nothing happens but that.
		set_limits(11, CustomerLimits { margin_multiplier: Ppm::percent(500), ..limits() });
		check(11);
		assert_eq!((lots(11), account(11).state.is_open()), (13, true));
		assert!(MarginCalls::<Test>::iter().next().is_none());
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::MarginNeeded);
		trade(12, 11, 1, PRICE);
	})
}

#[test]
fn a_house_is_margined_without_a_multiplier() {
	Exchange.run(|| {
		open_market_with([(GUARANTOR, 6_000), (12, 100_000)]);
		trade(GUARANTOR, 12, 10, PRICE);
		assert_eq!(view(GUARANTOR).margin.initial_margin, Cash(6_000));
		let short = Refusal::InsufficientMargin { had: Cash(6_000), needed: Cash(6_600) };
		assert_eq!(refusal(&a_trade(GUARANTOR, 12, 1, PRICE)), (Some(Side::Buy), short));
	})
}

#[test]
fn a_house_opens_no_risk_on_what_it_advanced() {
	Exchange.run(|| {
		open_market_with([(11, 6_000), (12, 100_000), (OTHERS_CUSTOMER, 100_000), (GUARANTOR, 10_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 1_200);
		check(11);
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(6_000));
		// Of its 10,000 there are 4,000 left: ten lots at a scan range of 600 are too many.
		let price = PRICE - 1_200;
		let short = Refusal::InsufficientMargin { had: Cash(4_000), needed: Cash(4_200) };
		assert_eq!(refusal(&a_trade(GUARANTOR, 12, 7, price)), (Some(Side::Buy), short));
		trade(GUARANTOR, 12, 6, price);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
	})
}

#[test]
fn a_preview_is_what_the_trade_then_does() {
	Exchange.run(|| {
		open_market_for(12_000);
		trade(11, 12, 5, PRICE);
		let before = everything();
		let preview = Clearing::margin_preview(11, SubAccount(0), NEAR, Lots(3), Price(PRICE + 10), Cash(5)).unwrap();
		let sale = Clearing::margin_preview(11, SubAccount(0), NEAR, Lots(-30), Price(PRICE), Cash(0));
		let short = Refusal::InsufficientMargin { had: Cash(12_000), needed: Cash(15_000) };
		assert_eq!(sale.unwrap_err(), short);
		assert_eq!(everything(), before);
		assert_eq!(preview.before, view(11).margin);
		let mut bought = a_trade(11, 12, 3, PRICE + 10);
		bought.buyer.fee = Cash(5);
		try_trade(&bought).unwrap();
		assert_eq!(preview.after, view(11).margin);
	})
}
