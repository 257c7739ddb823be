//! How much may be held, and who may only reduce.

use super::*;
use gcx_primitives::{
	ClassId, CustomerLimits, Guarantors as _, InstrumentTerms, Instruments as _, ReduceOnlyReason, Trade,
};

fn limited(change: impl FnOnce(&mut CustomerLimits)) {
	let mut limits = limits();
	change(&mut limits);
	set_limits(11, limits);
}

fn in_second(mut trade: Trade<AccountId>) -> Trade<AccountId> {
	trade.buyer.account.sub = SubAccount(1);
	trade
}

#[test]
fn an_account_holds_no_more_than_the_instrument_allows() {
	Exchange.run(|| {
		open_market();
		limited(|limits| limits.max_lots = Lots(5_000));
		trade(11, GUARANTOR, 1_000, PRICE);
		let limit = Refusal::AccountLimit { limit: Lots(2_000), needed: Lots(2_001) };
		assert_eq!(refusal(&a_trade(11, OTHER, 1_001, PRICE)), (Some(Side::Buy), limit));
		assert_eq!(refusal(&a_trade(11, GUARANTOR, 1_001, PRICE)), (Some(Side::Buy), limit));
		// Short as long, and a house as a customer.
		assert_eq!(refusal(&a_trade(OTHER, GUARANTOR, 1_001, PRICE)), (Some(Side::Sell), limit));
		trade(OTHER, GUARANTOR, 1_000, PRICE);
		assert_eq!(lots(GUARANTOR), -2_000);
	})
}

#[test]
fn an_owner_holds_no_more_than_the_instrument_allows_over_all_accounts_without_sign() {
	Exchange.run(|| {
		open_market();
		limited(|limits| limits.max_lots = Lots(5_000));
		assert_ok!(try_deposit(11, 1, 1_000_000));
		trade(OTHER, 11, 1_600, PRICE);
		let limit = Refusal::OwnerLimit { limit: Lots(3_000), needed: Lots(3_001) };
		assert_eq!(refusal(&in_second(a_trade(11, GUARANTOR, 1_401, PRICE))), (Some(Side::Buy), limit));
		try_trade(&in_second(a_trade(11, GUARANTOR, 1_400, PRICE))).unwrap();
		assert_eq!(Owners::<Test>::get(11).unwrap().gross(NEAR), Lots(3_000));
		// The other month has its own.
		try_trade(&Trade { instrument: FAR, ..a_trade(11, GUARANTOR, 100, PRICE) }).unwrap();
	})
}

#[test]
fn a_customer_holds_no_more_lots_than_its_guarantor_allows() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 1, 1_000_000));
		trade(11, 12, 600, PRICE);
		let limit = Refusal::GuarantorLotsLimit { limit: Lots(1_000), needed: Lots(1_001) };
		assert_eq!(refusal(&in_second(a_trade(11, 12, 401, PRICE))).1, limit);
		try_trade(&in_second(a_trade(11, 12, 400, PRICE))).unwrap();
		// A limit that is lowered sells nothing off: it only lets nothing more in.
		limited(|limits| limits.max_lots = Lots(100));
		assert_eq!(
			refusal(&a_trade(11, 13, 1, PRICE)),
			(Some(Side::Buy), Refusal::GuarantorLotsLimit { limit: Lots(100), needed: Lots(1_001) })
		);
		trade(12, 11, 1, PRICE);
		trade(13, 11, 598, PRICE);
	})
}

#[test]
fn a_customer_needs_no_more_margin_than_its_guarantor_allows() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 1, 1_000_000));
		limited(|limits| limits.max_initial_margin = Cash(60_000));
		trade(11, 12, 60, PRICE);
		// Over all of its accounts.
		let limit = |needed| Refusal::GuarantorMarginLimit { limit: Cash(60_000), needed: Cash(needed) };
		assert_eq!(refusal(&in_second(a_trade(11, 12, 41, PRICE))), (Some(Side::Buy), limit(60_600)));
		try_trade(&in_second(a_trade(11, 12, 40, PRICE))).unwrap();
		// With the guarantor's multiplier.
		limited(|limits| {
			limits.max_initial_margin = Cash(60_000);
			limits.margin_multiplier = Ppm(1_000_001);
		});
		trade(12, 11, 1, PRICE);
		assert_eq!(refusal(&a_trade(11, 12, 1, PRICE)).1, limit(60_001));
		// A house has no such limit.
		trade(GUARANTOR, 12, 900, PRICE);
	})
}

#[test]
fn a_position_whose_margin_is_dust_is_not_opened() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (12, 100_000)]);
		// A price of 30, the class's floor: a scan range of 300.
		fix(CLASS, 30);
		Instruments::<Test>::mutate(NEAR, |instrument| instrument.as_mut().unwrap().settlement.price = Price(30));
		refresh(NEAR);
		let dust = Refusal::BelowMinimumMargin { had: Cash(300), needed: Cash(500) };
		assert_eq!(refusal(&a_trade(11, 12, 1, 30)), (Some(Side::Buy), dust));
		trade(11, 12, 2, 30);
		// What is closed down to dust may be so.
		trade(12, 11, 1, 30);
		assert_eq!(account(11).requirement, Cash(300));
		// One more lot is no dust.
		trade(11, 12, 1, 30);
	})
}

#[test]
fn a_hedge_may_bring_margin_down_to_anything() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 5, PRICE);
		try_trade(&Trade { instrument: FAR, ..a_trade(12, 11, 5, PRICE) }).unwrap();
		// A spread of five lots: 15 % of 3,000.
		assert_eq!(account(11).requirement, Cash(450));
	})
}

#[test]
fn an_account_holds_sixteen_instruments() {
	Exchange.run(|| {
		open_market();
		let id = |number: u32| InstrumentId(100 + number);
		for number in 0..17 {
			assert_ok!(Clearing::list(id(number), terms(), Price(PRICE)));
		}
		let of = |number, buyer, seller| Trade { instrument: id(number), ..a_trade(buyer, seller, 1, PRICE) };
		for number in 0..16 {
			try_trade(&of(number, 11, GUARANTOR)).unwrap();
		}
		assert_eq!(refusal(&of(16, 11, OTHER)), (Some(Side::Buy), Refusal::TooManyPositions));
		assert_eq!(refusal(&of(16, OTHER, 11)), (Some(Side::Sell), Refusal::TooManyPositions));
		// Those that it has can grow, and one that goes makes room.
		try_trade(&of(3, 11, GUARANTOR)).unwrap();
		try_trade(&of(7, GUARANTOR, 11)).unwrap();
		try_trade(&of(16, 11, GUARANTOR)).unwrap();
		assert_eq!(account(11).positions.len(), 16);
		settle_at(PRICE + 100);
		assert_eq!(view(11).cash, Cash(1_000_000 + 17 * 100));
	})
}

/// Ten lots long, and reduce-only for this cause now: selling them is all that 11 may do.
fn only_reduces(mut trade_of: impl FnMut(AccountId, AccountId, i64) -> Trade<AccountId>, cause: ReduceOnlyCause) {
	let reduce_only = Refusal::ReduceOnly(cause);
	assert_eq!(refusal(&trade_of(11, OTHERS_CUSTOMER, 1)).1, reduce_only);
	assert_eq!(refusal(&trade_of(OTHERS_CUSTOMER, 11, 11)).1, reduce_only);
	try_trade(&trade_of(OTHERS_CUSTOMER, 11, 4)).unwrap();
	try_trade(&trade_of(OTHERS_CUSTOMER, 11, 6)).unwrap();
	assert_eq!(refusal(&trade_of(OTHERS_CUSTOMER, 11, 1)).1, reduce_only);
}

/// 21 is short twenty lots, of which 11 is long ten and 12 the rest.
fn ten_lots() {
	open_market();
	trade(11, OTHERS_CUSTOMER, 10, PRICE);
	trade(12, OTHERS_CUSTOMER, 10, PRICE);
}

#[test]
fn an_order_that_says_so_only_reduces() {
	Exchange.run(|| {
		ten_lots();
		let by_order = |buyer, seller, lots| {
			let mut trade = a_trade(buyer, seller, lots, PRICE);
			trade.buyer.reduce_only = buyer == 11;
			trade.seller.reduce_only = seller == 11;
			trade
		};
		only_reduces(by_order, ReduceOnlyCause::Order);
	})
}

#[test]
fn a_contract_near_its_end_is_only_reduced_by_both() {
	Exchange.run(|| {
		ten_lots();
		let of_contract = |buyer, seller, lots| Trade { reduce_only: true, ..a_trade(buyer, seller, lots, PRICE) };
		only_reduces(of_contract, ReduceOnlyCause::Contract);
		// Neither party may be new to it.
		assert_eq!(refusal(&of_contract(13, 12, 1)), (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Contract)));
		assert_eq!(
			refusal(&of_contract(OTHERS_CUSTOMER, 13, 1)),
			(Some(Side::Sell), Refusal::ReduceOnly(ReduceOnlyCause::Contract))
		);
	})
}

#[test]
fn an_instrument_without_a_mark_is_only_reduced() {
	Exchange.run(|| {
		ten_lots();
		pass(parameters().max_fix_age + 1);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, None);
		only_reduces(|buyer, seller, lots| a_trade(buyer, seller, lots, PRICE), ReduceOnlyCause::NoMark);
		// The other month was not looked at yet; then it is so too.
		refresh(FAR);
		let far = Trade { instrument: FAR, ..a_trade(11, 12, 10, PRICE) };
		assert_eq!(refusal(&far).1, Refusal::ReduceOnly(ReduceOnlyCause::NoMark));
	})
}

#[test]
fn customers_and_house_of_a_guarantor_that_is_not_active_only_reduce() {
	for in_default in [true, false] {
		Exchange.run(|| {
			ten_lots();
			trade(GUARANTOR, OTHERS_CUSTOMER, 10, PRICE);
			assert_ok!(match in_default {
				true => Guarantor::set_defaulted(&GUARANTOR),
				false => Guarantor::set_reduce_only(&GUARANTOR, ReduceOnlyReason::PoolUse),
			});
			only_reduces(|buyer, seller, lots| a_trade(buyer, seller, lots, PRICE), ReduceOnlyCause::Guarantor);
			let by_house = refusal(&a_trade(GUARANTOR, OTHERS_CUSTOMER, 1, PRICE));
			assert_eq!(by_house, (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Guarantor)));
			trade(OTHERS_CUSTOMER, GUARANTOR, 10, PRICE);
			// The others go on.
			trade(OTHER, OTHERS_CUSTOMER, 10, PRICE);
		});
	}
}

#[test]
fn a_suspended_customer_only_reduces() {
	Exchange.run(|| {
		ten_lots();
		limited(|limits| limits.suspended = true);
		only_reduces(|buyer, seller, lots| a_trade(buyer, seller, lots, PRICE), ReduceOnlyCause::Customer);
		// Its guarantor's other customers do not.
		trade(12, OTHERS_CUSTOMER, 1, PRICE);
	})
}

#[test]
fn an_account_that_owes_cash_only_reduces() {
	Exchange.run(|| {
		open_market_with([(11, 6_100), (12, 100_000), (OTHERS_CUSTOMER, 100_000), (GUARANTOR, 100_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 700);
		assert_eq!(view(11).cash, Cash(-900));
		check(11);
		check(OTHERS_CUSTOMER);
		assert!(!account(11).state.is_open());
		only_reduces(|buyer, seller, lots| a_trade(buyer, seller, lots, PRICE - 700), ReduceOnlyCause::Account);
		deposit(11, 900);
		assert!(account(11).state.is_open());
		let poor = refusal(&a_trade(11, OTHERS_CUSTOMER, 10, PRICE - 700)).1;
		assert_eq!(poor, Refusal::InsufficientCash { had: Cash(-7_000 + 7_000), needed: Cash(1_500) });
	})
}

#[test]
fn terms_out_of_bounds_and_unknown_classes_are_not_listed() {
	Exchange.run(|| {
		let list = |terms, price| Clearing::list(NEAR, terms, Price(price));
		for terms in [
			InstrumentTerms { max_account_lots: Lots(0), ..terms() },
			InstrumentTerms { price_band: Ppm(0), ..terms() },
			InstrumentTerms { mark_band: Ppm::percent(201), ..terms() },
		] {
			assert_noop!(list(terms, PRICE), Error::<Test>::InvalidTerms);
		}
		let beyond = gcx_primitives::MAX_PRICE + 1;
		assert_noop!(list(terms(), beyond), Error::<Test>::InvalidTerms);
		assert_noop!(list(terms(), -beyond), Error::<Test>::InvalidTerms);
		assert_noop!(list(InstrumentTerms { class: ClassId(9), ..terms() }, PRICE), Error::<Test>::UnknownClass);
		assert_ok!(list(terms(), PRICE));
		assert_noop!(list(terms(), PRICE), Error::<Test>::AlreadyListed);
	})
}

#[test]
fn there_are_at_most_sixty_four_instruments() {
	Exchange.run(|| {
		fix(CLASS, PRICE);
		for number in (0..64).rev() {
			assert_ok!(Clearing::list(InstrumentId(number), terms(), Price(PRICE)));
		}
		let another = || Clearing::list(InstrumentId(64), terms(), Price(PRICE));
		assert_noop!(another(), Error::<Test>::TooManyInstruments);
		assert!(Listed::<Test>::get().is_sorted());
		assert_ok!(Clearing::delist(InstrumentId(31)));
		assert_ok!(another());
	})
}

#[test]
fn an_instrument_is_delisted_once_nobody_holds_it() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		assert_eq!(Clearing::open_interest(NEAR), Some(Lots(10)));
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::InstrumentHeld);
		trade(12, 11, 9, PRICE);
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::InstrumentHeld);
		trade(12, 11, 1, PRICE);
		assert_ok!(Clearing::delist(NEAR));
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::UnknownInstrument);
		assert_eq!(Clearing::open_interest(NEAR), None);
		assert_eq!(events().last(), Some(&Event::InstrumentDelisted { instrument: NEAR }));
		assert_eq!(refusal(&a_trade(11, 12, 1, PRICE)), (None, Refusal::UnknownInstrument));
		// What was settled before is still rolled, and the run goes on without it.
		settle_at(PRICE + 100);
		assert_ok!(Clearing::list(NEAR, terms(), Price(PRICE)));
		trade(11, 12, 10, PRICE);
	})
}
