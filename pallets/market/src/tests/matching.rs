//! What two orders have to agree on, and when they can be filled.

use super::*;

/// What becomes of a fill of one lot of Alice's order, which is the maker, with Bob's.
fn outcome(
	alice: impl FnOnce(&mut Order<AccountId, u64>),
	bob: impl FnOnce(&mut Order<AccountId, u64>),
	fill: Fill,
) -> Option<FillRefusal<u64>> {
	System::reset_events();
	let (mut buy, mut sell) = (ALICE.order(Side::Buy), BOB.order(Side::Sell));
	alice(&mut buy);
	bob(&mut sell);
	assert_ok!(submit(&[ALICE.sign(buy), BOB.sign(sell)], &[fill]));
	refusals().pop().map(|(_, reason)| reason)
}

fn as_it_is(_: &mut Order<AccountId, u64>) {}

fn at(price: i64) -> Fill {
	Fill { price: Price(price), ..lots(1) }
}

#[test]
fn a_price_is_within_both_limits() {
	Exchange::default().run(|| {
		let buys = |limit| move |order: &mut Order<AccountId, u64>| order.limit = Price(limit);
		let beyond = |role, limit, price| {
			Some(of(role, OrderRefusal::PriceBeyondLimit { limit: Price(limit), price: Price(price) }))
		};
		assert_eq!(outcome(buys(100), as_it_is, at(101)), beyond(Role::Maker, 100, 101));
		assert_eq!(outcome(buys(i64::MAX), as_it_is, at(PRICE - 1)), beyond(Role::Taker, PRICE, PRICE - 1));
		assert_eq!(outcome(buys(i64::MAX), as_it_is, at(PRICE)), None);
		assert_eq!(outcome(buys(i64::MAX), buys(i64::MIN), at(-PRICE)), None);
		assert_eq!(outcome(buys(-100), buys(-100), at(-100)), None);
		assert_eq!(outcome(buys(-100), buys(-100), at(-99)), beyond(Role::Maker, -100, -99));
		assert_eq!(outcome(buys(-100), buys(-100), at(-101)), beyond(Role::Taker, -100, -101));
	})
}

#[test]
fn a_price_is_one_that_the_exchange_deals_in() {
	Exchange::default().run(|| {
		let any = |limit| move |order: &mut Order<AccountId, u64>| order.limit = Price(limit);
		for price in [i64::MAX, i64::MIN, gcx_primitives::MAX_PRICE + 1] {
			let refusal = FillRefusal::PriceOutOfRange { price: Price(price) };
			assert_eq!(outcome(any(i64::MAX), any(i64::MIN), at(price)), Some(refusal));
		}
	})
}

#[test]
fn lots_are_some_and_no_more_than_the_exchange_deals_in() {
	Exchange::default().run(|| {
		for many in [0, -1, i64::MIN, i64::MAX, gcx_primitives::MAX_LOTS + 1] {
			let refusal = FillRefusal::LotsOutOfRange { lots: Lots(many) };
			assert_eq!(outcome(as_it_is, as_it_is, lots(many)), Some(refusal));
			let change = |order: &mut Order<AccountId, u64>| order.lots = Lots(many);
			let refusal = of(Role::Maker, OrderRefusal::LotsOutOfRange { lots: Lots(many) });
			assert_eq!(outcome(change, as_it_is, lots(1)), Some(refusal));
		}
	})
}

#[test]
fn the_largest_fill_that_there_can_be_is_taken() {
	let mut largest = terms();
	largest.instrument.multiplier = gcx_primitives::ComputeHours(gcx_primitives::MAX_MULTIPLIER);
	Exchange::default().terms(largest).run(|| {
		let most = |order: &mut Order<AccountId, u64>| {
			order.lots = Lots(gcx_primitives::MAX_LOTS);
			order.limit = Price(gcx_primitives::MAX_PRICE);
			order.max_fee_per_lot = Cash(i128::MAX);
		};
		let price = Price(gcx_primitives::MAX_PRICE);
		let fill = Fill { lots: Lots(gcx_primitives::MAX_LOTS), price, ..lots(1) };
		assert_eq!(outcome(most, most, fill), None);
		assert_eq!(Traded::get()[0].seller.fee, Cash(2 * 10i128.pow(26)));
	})
}

#[test]
fn a_fee_is_no_more_than_each_order_allows_for_the_lots_of_the_fill() {
	Exchange::default().run(|| {
		let allows = |most| move |order: &mut Order<AccountId, u64>| order.max_fee_per_lot = Cash(most);
		let refused =
			|role, most, needed| Some(of(role, OrderRefusal::FeeTooHigh { most: Cash(most), needed: Cash(needed) }));
		let (maker, taker) = (allows(MAKER_FEE), allows(TAKER_FEE));
		assert_eq!(outcome(maker, taker, lots(3)), None);
		assert_eq!(
			outcome(allows(MAKER_FEE - 1), taker, lots(3)),
			refused(Role::Maker, 3 * MAKER_FEE - 3, 3 * MAKER_FEE)
		);
		assert_eq!(
			outcome(maker, allows(TAKER_FEE - 1), lots(3)),
			refused(Role::Taker, 3 * TAKER_FEE - 3, 3 * TAKER_FEE)
		);
		assert_eq!(outcome(allows(i128::MIN), taker, lots(3)), refused(Role::Maker, i128::MIN, 3 * MAKER_FEE));
		assert_eq!(outcome(allows(i128::MAX), taker, lots(3)), None);
		assert_eq!(outcome(maker, allows(0), lots(3)), refused(Role::Taker, 0, 3 * TAKER_FEE));
	})
}

#[test]
fn an_order_is_filled_up_to_the_block_in_which_it_expires() {
	Exchange::default().run(|| {
		let until = |block| move |order: &mut Order<AccountId, u64>| order.expires = block;
		assert_eq!(outcome(until(BLOCK), as_it_is, lots(1)), None);
		let expired = |expires| Some(of(Role::Maker, OrderRefusal::Expired { expires }));
		assert_eq!(outcome(until(BLOCK - 1), as_it_is, lots(1)), expired(BLOCK - 1));
		assert_eq!(outcome(until(0), as_it_is, lots(1)), expired(0));
		assert_eq!(outcome(until(BLOCK + LIFETIME), as_it_is, lots(1)), None);
		let latest = BLOCK + LIFETIME;
		for expires in [latest + 1, u64::MAX] {
			let too_long = of(Role::Maker, OrderRefusal::LivesTooLong { expires, latest });
			assert_eq!(outcome(until(expires), as_it_is, lots(1)), Some(too_long));
		}
		blocks(1);
		assert_eq!(outcome(until(BLOCK), as_it_is, lots(1)), expired(BLOCK));
		assert_eq!(outcome(until(latest + 1), as_it_is, lots(1)), None);
	})
}

#[test]
fn a_fill_is_between_opposite_sides() {
	Exchange::default().run(|| {
		let sells = |order: &mut Order<AccountId, u64>| order.side = Side::Sell;
		let buys = |order: &mut Order<AccountId, u64>| order.side = Side::Buy;
		assert_eq!(outcome(sells, as_it_is, lots(1)), Some(FillRefusal::SameSide { side: Side::Sell }));
		assert_eq!(outcome(as_it_is, buys, lots(1)), Some(FillRefusal::SameSide { side: Side::Buy }));
		assert_eq!(outcome(sells, buys, lots(1)), None);
		assert_eq!(Traded::get()[0].buyer.account, BOB.key());
	})
}

#[test]
fn an_order_is_not_filled_with_itself() {
	Exchange::default().run(|| {
		let itself = Fill { maker: 0, taker: 0, ..lots(1) };
		assert_eq!(outcome(as_it_is, as_it_is, itself), Some(FillRefusal::SameSide { side: Side::Buy }));
	})
}

#[test]
fn a_fill_is_of_one_contract() {
	Exchange::default().run(|| {
		assert_ok!(Market::list(root(), terms(), Price(PRICE)));
		let other = |order: &mut Order<AccountId, u64>| order.instrument = InstrumentId(1);
		let refusal = FillRefusal::DifferentInstruments { maker: InstrumentId(1), taker: CONTRACT };
		assert_eq!(outcome(other, as_it_is, lots(1)), Some(refusal));
		let unknown = |order: &mut Order<AccountId, u64>| order.instrument = InstrumentId(u32::MAX);
		assert_eq!(outcome(unknown, unknown, lots(1)), Some(FillRefusal::UnknownInstrument));
		assert_eq!(outcome(other, other, lots(1)), None);
	})
}

#[test]
fn a_fill_refers_to_orders_that_are_there() {
	Exchange::default().run(|| {
		for place in [2, u16::MAX] {
			let refusal = Some(FillRefusal::NoSuchOrder { place, orders: 2 });
			assert_eq!(outcome(as_it_is, as_it_is, Fill { maker: place, ..lots(1) }), refusal);
			assert_eq!(outcome(as_it_is, as_it_is, Fill { taker: place, ..lots(1) }), refusal);
		}
	})
}

#[test]
fn an_order_that_names_a_venue_is_filled_by_that_one_only() {
	Exchange::default().run(|| {
		let names = |venue| move |order: &mut Order<AccountId, u64>| order.venue = Some(venue);
		assert_eq!(outcome(names(VENUE), names(VENUE), lots(1)), None);
		let refusal = of(Role::Maker, OrderRefusal::OtherVenue);
		assert_eq!(outcome(names(OTHER), as_it_is, lots(1)), Some(refusal));
		let refusal = of(Role::Taker, OrderRefusal::OtherVenue);
		assert_eq!(outcome(as_it_is, names(OTHER), lots(1)), Some(refusal));
	})
}

#[test]
fn a_contract_is_traded_by_its_state_and_not_by_what_was_announced() {
	Exchange::default().terms(ContractTerms { opens: START + 1, ..terms() }).run(|| {
		let refused = |state| Some(FillRefusal::NotTrading { state });
		assert_eq!(outcome(as_it_is, as_it_is, lots(1)), refused(ContractState::Listed));
		pass(1);
		assert_eq!(outcome(as_it_is, as_it_is, lots(1)), None);
		pass(99_999);
		assert_eq!(outcome(as_it_is, as_it_is, lots(1)), None);
		assert_eq!(Traded::get().iter().map(|trade| trade.reduce_only).collect::<Vec<_>>(), [false, true]);
		pass(100_000);
		assert_eq!(outcome(as_it_is, as_it_is, lots(1)), refused(ContractState::Expired));
		assert_eq!(Contracts::<Test>::get(CONTRACT).unwrap().announced, ContractState::Listed);
	})
}

#[test]
fn clearing_is_told_that_governance_restricted_a_contract_and_that_an_order_is_reduce_only() {
	Exchange::default().run(|| {
		let reduces = |order: &mut Order<AccountId, u64>| order.reduce_only = true;
		assert_eq!(outcome(as_it_is, reduces, lots(1)), None);
		assert_ok!(Market::restrict(root(), CONTRACT));
		assert_eq!(outcome(as_it_is, as_it_is, lots(1)), None);
		let told = |trade: &gcx_primitives::Trade<AccountId>| {
			(trade.reduce_only, trade.buyer.reduce_only, trade.seller.reduce_only)
		};
		assert_eq!(Traded::get().iter().map(told).collect::<Vec<_>>(), [(false, false, true), (true, false, false)]);
	})
}

#[test]
fn what_clearing_refuses_is_passed_on() {
	Exchange::default().run(|| {
		let sells = BOB.sells();
		let self_trade = BOB.buys();
		assert_ok!(submit(&[self_trade, sells.clone()], &[lots(1)]));
		Quarantine::mutate(|all| all.insert(CONTRACT));
		assert_ok!(submit(&[ALICE.buys(), sells.clone()], &[lots(1)]));
		Quarantine::take();
		let reason = Refusal::InsufficientMargin { had: Cash(-1), needed: Cash(5) };
		RefusedFor::mutate(|all| all.insert(BOB.account(), reason));
		assert_ok!(submit(&[ALICE.buys(), sells], &[lots(1)]));
		assert_eq!(
			refusals().into_iter().map(|(_, reason)| reason).collect::<Vec<_>>(),
			[
				FillRefusal::Clearing(Refusal::SelfTrade.into()),
				FillRefusal::Clearing(Refusal::Quarantined.into()),
				FillRefusal::Clearing(Refused { party: Some(Side::Sell), reason }),
			]
		);
		assert_eq!(FilledLots::<Test>::iter().count(), 0);
	})
}
