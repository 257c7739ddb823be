//! What clearing takes over, and what it refuses.

use super::*;
use gcx_primitives::{
	AccountKey, ComputeHours, CustomerLimits, InstrumentTerms, Instruments as _, Party, Trade, TradeBatch, MAX_LOTS,
	MAX_MULTIPLIER, MAX_PRICE,
};

/// An instrument on a class of its own.
const OIL: InstrumentId = InstrumentId(3);

#[test]
fn a_trade_makes_clearing_the_counterparty_of_both() {
	Exchange.run(|| {
		open_market();
		let receipt = trade(11, OTHERS_CUSTOMER, 10, PRICE + 50);
		assert_eq!((lots(11), lots(OTHERS_CUSTOMER)), (10, -10));
		// Both are settled at once at the settlement price of 3,000.
		assert_eq!((receipt.buyer.booked, receipt.seller.booked), (Cash(-500), Cash(500)));
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (999_500, 1_000_500));
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).net, Cash(-500));
		assert_eq!(ledger(OTHER, SegmentSide::Customers).net, Cash(500));
		let instrument = Instruments::<Test>::get(NEAR).unwrap();
		assert_eq!((instrument.long, instrument.short), (Lots(10), Lots(10)));
		// Ten lots at a scan range of 600.
		assert_eq!(account(11).requirement, Cash(6_000));
	})
}

#[test]
fn a_run_moves_the_losers_money_to_the_winners_to_the_unit() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE + 50);
		let before = (in_custody(GUARANTOR, SegmentSide::Customers), in_custody(OTHER, SegmentSide::Customers));
		settle_at(PRICE - 100);
		// 500 for the trade and 1,000 for the move, though no account was touched.
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), before.0 - 1_500);
		assert_eq!(in_custody(OTHER, SegmentSide::Customers), before.1 + 1_500);
		assert_eq!(account(11).rolled, RunId(0));
		for who in [11, OTHERS_CUSTOMER] {
			check(who);
		}
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (998_500, 1_001_500));
		assert_eq!((ledger(GUARANTOR, SegmentSide::Customers).owed, account(11).rolled), (Cash(0), RunId(1)));
	})
}

#[test]
fn customers_of_one_guarantor_trade_without_owing_another_segment() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE + 50);
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).net, Cash(0));
		assert!(!SegmentPositions::<Test>::contains_key(NEAR, segment(GUARANTOR, SegmentSide::Customers)));
		assert_eq!(instrument(NEAR).long, Lots(10));
		let before = in_custody(GUARANTOR, SegmentSide::Customers);
		settle_at(PRICE + 70);
		assert_eq!(in_custody(GUARANTOR, SegmentSide::Customers), before);
		assert_eq!((view(11).cash, view(12).cash), (Cash(1_000_200), Cash(999_800)));
	})
}

#[test]
fn a_house_trades_with_its_own_customer() {
	Exchange.run(|| {
		open_market();
		trade(11, GUARANTOR, 10, PRICE + 50);
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).net, Cash(-500));
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).net, Cash(500));
		settle_at(PRICE + 50);
		assert_eq!((view(11).cash, view(GUARANTOR).cash), (Cash(1_000_000), Cash(2_000_000)));
	})
}

#[test]
fn a_trade_settles_both_parties_first() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE + 100);
		// Ten lots gained 100 each; five of them go at 3,110, ten above the new settlement price.
		let receipt = trade(OTHERS_CUSTOMER, 11, 5, PRICE + 110);
		assert_eq!((receipt.seller.lots, receipt.seller.booked), (Lots(5), Cash(50)));
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (1_001_050, 998_950));
		assert_eq!(account(11).positions[0].basis, Price(PRICE + 100));
		assert_eq!(account(11).rolled, RunId(1));
	})
}

#[test]
fn a_position_turns_around_and_goes_to_nothing() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		trade(12, 11, 25, PRICE);
		assert_eq!((lots(11), lots(12)), (-15, 15));
		assert_eq!((instrument(NEAR).long, instrument(NEAR).short), (Lots(15), Lots(15)));
		trade(11, 12, 15, PRICE);
		assert!(account(11).positions.is_empty() && Owners::<Test>::get(11).unwrap().gross.is_empty());
		assert_eq!((account(11).requirement, instrument(NEAR).long), (Cash(0), Lots(0)));
	})
}

#[test]
fn fees_leave_the_parties_cash_and_wait_in_their_segments() {
	Exchange.run(|| {
		open_market();
		let mut trade = a_trade(11, OTHERS_CUSTOMER, 10, PRICE);
		(trade.buyer.fee, trade.seller.fee) = (Cash(7), Cash(3));
		let receipt = try_trade(&trade).unwrap();
		assert_eq!((receipt.buyer.fee, receipt.buyer.cash), (Cash(7), Cash(999_993)));
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (999_993, 999_997));
		let fees = |guarantor| ledger(guarantor, SegmentSide::Customers).fees;
		assert_eq!((fees(GUARANTOR), fees(OTHER)), (Cash(7), Cash(3)));
	})
}

#[test]
fn a_trade_of_what_is_not_listed_is_refused() {
	Exchange.run(|| {
		open_market();
		let trade = Trade { instrument: OIL, ..a_trade(11, 12, 10, PRICE) };
		assert_eq!(refusal(&trade), (None, Refusal::UnknownInstrument));
	})
}

#[test]
fn a_trade_of_no_lots_or_of_too_many_is_refused() {
	Exchange.run(|| {
		open_market();
		for lots in [0, -1, i64::MIN, MAX_LOTS + 1, i64::MAX] {
			assert_eq!(refusal(&a_trade(11, 12, lots, PRICE)), (None, Refusal::LotsOutOfRange), "{lots}");
		}
		// A position of more than there can be is its holder's fault.
		trade(11, 12, 1, PRICE);
		assert_eq!(refusal(&a_trade(11, 12, MAX_LOTS, PRICE)), (Some(Side::Buy), Refusal::LotsOutOfRange));
		assert_eq!(refusal(&a_trade(13, 12, MAX_LOTS, PRICE)).1, limit_of_account(MAX_LOTS));
		assert_eq!(refusal(&a_trade(12, 13, MAX_LOTS, PRICE)).1, limit_of_account(MAX_LOTS - 1));
	})
}

fn limit_of_account(needed: i64) -> Refusal {
	Refusal::AccountLimit { limit: Lots(2_000), needed: Lots(needed) }
}

#[test]
fn a_price_outside_the_band_around_the_mark_is_refused() {
	Exchange.run(|| {
		open_market();
		let outside = (None, Refusal::PriceOutsideBand { lowest: Price(1_500), highest: Price(4_500) });
		for price in [1_499, 4_501, 0, -PRICE, -MAX_PRICE, MAX_PRICE, i64::MIN, i64::MAX] {
			assert_eq!(refusal(&a_trade(11, 12, 10, price)), outside, "{price}");
		}
		trade(11, 12, 10, 1_500);
		trade(11, 12, 10, 4_500);
	})
}

#[test]
fn an_owner_does_not_trade_with_itself() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 1, 100_000));
		assert_eq!(refusal(&a_trade(11, 11, 10, PRICE)), (None, Refusal::SelfTrade));
		let mut trade = a_trade(11, 11, 10, PRICE);
		trade.seller.account.sub = SubAccount(1);
		assert_eq!(refusal(&trade), (None, Refusal::SelfTrade));
	})
}

#[test]
fn a_party_without_an_account_is_refused() {
	Exchange.run(|| {
		open_market();
		assert_eq!(refusal(&a_trade(STRANGER, 12, 10, PRICE)), (Some(Side::Buy), Refusal::UnknownAccount));
		assert_eq!(refusal(&a_trade(12, STRANGER, 10, PRICE)), (Some(Side::Sell), Refusal::UnknownAccount));
		let mut trade = a_trade(11, 12, 10, PRICE);
		trade.seller.account.sub = SubAccount(1);
		assert_eq!(refusal(&trade), (Some(Side::Sell), Refusal::UnknownAccount));
	})
}

#[test]
fn a_figure_beyond_the_exchanges_bounds_is_refused() {
	Exchange.run(|| {
		open_market();
		let mut trade = a_trade(11, 12, 1_000, PRICE + 1_500);
		// A loss of 1,500,000 on a million, and this fee: less than there is in the type.
		trade.buyer.fee = Cash(i128::MAX);
		assert_eq!(refusal(&trade), (Some(Side::Buy), Refusal::OutOfBounds));
	})
}

#[test]
fn a_bad_trade_between_good_ones_changes_nothing() {
	Exchange.run(|| {
		open_market();
		let mut batch = Books::<Test>::open();
		batch.trade(&a_trade(11, 12, 10, PRICE)).unwrap();
		// The buyer would have been let through: it must not have bought.
		let refused = batch.trade(&a_trade(11, STRANGER, 20, PRICE)).unwrap_err();
		assert_eq!(refused, Refused { party: Some(Side::Sell), reason: Refusal::UnknownAccount });
		let refused = batch.trade(&a_trade(11, 12, 3_000, PRICE)).unwrap_err();
		assert_eq!(refused, Refused { party: Some(Side::Buy), reason: limit_of_account(3_010) });
		batch.trade(&a_trade(13, 11, 4, PRICE)).unwrap();
		assert_ok!(batch.commit());
		assert_eq!((lots(11), lots(12), lots(13)), (6, -10, 4));
		assert_eq!(instrument(NEAR).traded.lots, Lots(14));
	})
}

#[test]
fn a_batch_sees_what_its_earlier_trades_did() {
	Exchange.run(|| {
		open_market_with([(11, 6_000), (12, 100_000)]);
		let mut batch = Books::<Test>::open();
		batch.trade(&a_trade(11, 12, 10, PRICE)).unwrap();
		let refused = batch.trade(&a_trade(11, 12, 1, PRICE)).unwrap_err();
		let reason = Refusal::InsufficientMargin { had: Cash(6_000), needed: Cash(6_600) };
		assert_eq!(refused, Refused { party: Some(Side::Buy), reason });
		batch.trade(&a_trade(12, 11, 1, PRICE)).unwrap();
		batch.trade(&a_trade(11, 12, 1, PRICE)).unwrap();
		assert_ok!(batch.commit());
		assert_eq!(lots(11), 10);
	})
}

#[test]
fn a_batch_that_is_not_committed_changes_nothing() {
	Exchange.run(|| {
		open_market();
		let before = everything();
		let mut batch = Books::<Test>::open();
		batch.trade(&a_trade(11, 12, 10, PRICE)).unwrap();
		drop(batch);
		assert_eq!(everything(), before);
	})
}

/// An instrument on the other class, as large as can be, and its holders' money.
fn open_largest_market(price: i64) {
	let largest = CustomerLimits { max_initial_margin: Cash(i128::MAX), max_lots: Lots(MAX_LOTS), ..limits() };
	let terms = InstrumentTerms {
		class: OTHER_CLASS,
		multiplier: ComputeHours(MAX_MULTIPLIER),
		max_account_lots: Lots(MAX_LOTS),
		max_owner_lots: Lots(MAX_LOTS),
		..terms()
	};
	govern(|parameters| parameters.margin.concentration_threshold = Lots(MAX_LOTS));
	fix(OTHER_CLASS, price);
	assert_ok!(Clearing::list(OIL, terms, Price(price)));
	for who in [11, 12, 13, OTHERS_CUSTOMER] {
		set_limits(who, largest);
		mint(who, 10u128.pow(32));
		deposit(who, 10u128.pow(32));
	}
}

fn of_oil(buyer: AccountId, seller: AccountId, lots: i64, price: i64) -> Trade<AccountId> {
	Trade { instrument: OIL, ..a_trade(buyer, seller, lots, price) }
}

#[test]
fn the_largest_position_at_the_largest_prices_is_margined_and_settled_exactly() {
	Exchange.run(|| {
		open_largest_market(MAX_PRICE);
		let receipt = try_trade(&of_oil(11, OTHERS_CUSTOMER, MAX_LOTS, MAX_PRICE)).unwrap();
		assert_eq!(receipt.seller.lots, Lots(-MAX_LOTS));
		// 20 % of 10³⁰, rounded up to a multiple of 300 a Compute Hour.
		assert_eq!(account(11).requirement, Cash(200_000_000_000_100 * 10i128.pow(15)));
		fix(OTHER_CLASS, -MAX_PRICE);
		settle();
		let moved = 2 * 10i128.pow(30);
		assert_eq!(view(11).cash, Cash(10i128.pow(32) - moved));
		assert_eq!(view(OTHERS_CUSTOMER).cash, Cash(10i128.pow(32) + moved));
		try_trade(&of_oil(OTHERS_CUSTOMER, 11, MAX_LOTS, -MAX_PRICE)).unwrap();
		assert_eq!(instrument(OIL).long, Lots(0));
	})
}

#[test]
fn open_interest_beyond_the_bounds_is_refused_and_the_batch_goes_on() {
	Exchange.run(|| {
		open_largest_market(PRICE);
		let mut batch = Books::<Test>::open();
		batch.trade(&of_oil(11, OTHERS_CUSTOMER, MAX_LOTS - 5, PRICE)).unwrap();
		let refused = batch.trade(&of_oil(12, 13, 6, PRICE)).unwrap_err();
		assert_eq!(refused, Refused { party: None, reason: Refusal::LotsOutOfRange });
		batch.trade(&of_oil(12, 13, 5, PRICE)).unwrap();
		assert_ok!(batch.commit());
		assert_eq!(instrument(OIL).long, Lots(MAX_LOTS));
	})
}

/// WTI crude: 18.27 dollars on 17 April 2020, −37.63 on the 20th, 10.01 on the 21st. At a daily limit of 200 % that is two days
/// down.
#[test]
fn a_price_goes_through_zero_and_back() {
	Exchange.run(|| {
		let (friday, monday, tuesday) = (18_270_000, -37_630_000, 10_010_000);
		open_largest_market(friday);
		let multiplier = i128::from(MAX_MULTIPLIER);
		let money = 10i128.pow(32);
		try_trade(&of_oil(11, OTHERS_CUSTOMER, 10, friday)).unwrap();
		fix(OTHER_CLASS, monday);
		settle();
		// As far as the daily limit goes.
		assert_eq!(instrument(OIL).settlement.price, Price(-friday));
		assert_eq!(view(11).cash, Cash(money - 10 * multiplier * 36_540_000));
		settle();
		assert_eq!(instrument(OIL).settlement.price, Price(monday));
		assert_eq!(view(11).cash, Cash(money - 10 * multiplier * 55_900_000));
		// Margin is of the size of the price: 20 % of 37.63, rounded up to a multiple of 300.
		assert_eq!(view(11).margin.initial_margin, Cash(10 * multiplier * 7_526_100));

		// Trades are around it, and who buys below it has gained.
		let band = Refusal::PriceOutsideBand { lowest: Price(-56_445_000), highest: Price(-18_815_000) };
		assert_eq!(refusal(&of_oil(12, 11, 5, 0)), (None, band));
		let receipt = try_trade(&of_oil(12, 11, 5, -40_000_000)).unwrap();
		assert_eq!(receipt.buyer.booked, Cash(5 * multiplier * 2_370_000));
		assert_eq!(view(12).margin.equity, Cash(money + 5 * multiplier * 2_370_000));
		fix(OTHER_CLASS, tuesday);
		settle();
		assert_eq!(instrument(OIL).settlement.price, Price(tuesday));
		assert_eq!(view(12).cash, Cash(money + 5 * multiplier * (tuesday as i128 + 40_000_000)));
		for (buyer, lots) in [(11, 5), (12, 5)] {
			try_trade(&of_oil(OTHERS_CUSTOMER, buyer, lots, tuesday)).unwrap();
		}
		let all = [11, 12, OTHERS_CUSTOMER].map(|who| view(who).cash);
		assert_eq!(Cash::checked_sum(all), Ok(Cash(3 * money)));
	})
}

#[test]
fn a_party_is_named_by_its_sub_account() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 2, 100_000));
		let second = Party { account: AccountKey { owner: 11, sub: SubAccount(2) }, ..party(11) };
		try_trade(&Trade { buyer: second, ..a_trade(11, 12, 10, PRICE) }).unwrap();
		assert_eq!(lots(11), 0);
		assert_eq!(Accounts::<Test>::get(11, SubAccount(2)).unwrap().lots(NEAR), Lots(10));
		assert_eq!(Owners::<Test>::get(11).unwrap().gross(NEAR), Lots(10));
	})
}
