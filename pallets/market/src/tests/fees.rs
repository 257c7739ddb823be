//! What fees are of, what they are compared with, and who is charged when.

use super::*;

/// Alice's order to buy and Bob's to sell at any price, for any fee.
fn at_any_price() -> [SignedOrder<AccountId, u64, sp_runtime::MultiSignature>; 2] {
	let with = |trader: Trader, side, limit| {
		trader.sign(Order { limit: Price(limit), max_fee_per_lot: Cash(i128::MAX), ..trader.order(side) })
	};
	[with(ALICE, Side::Buy, i64::MAX), with(BOB, Side::Sell, i64::MIN)]
}

fn at(price: i64, many: i64) -> Fill {
	Fill { price: Price(price), ..lots(many) }
}

fn notionals() -> Vec<i128> {
	Charged::get().into_iter().map(|charge| charge.notional.0).collect()
}

#[test]
fn both_parties_to_each_fill_that_is_taken_are_charged_the_maker_first() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells(), CAROL.sells()];
		// In the last one the order that waited sells.
		let sell_waited = Fill { maker: 1, taker: 0, ..lots(3) };
		assert_ok!(submit(&orders, &[lots(1), Fill { taker: 2, ..lots(2) }, sell_waited]));
		let fees = |maker, taker, lots| {
			let fee = |rate: i128| rate * i128::from(lots);
			[Charge::of(maker, notional(lots), fee(MAKER_FEE)), Charge::of(taker, notional(lots), fee(TAKER_FEE))]
		};
		assert_eq!(Charged::get(), [fees(ALICE, BOB, 1), fees(ALICE, CAROL, 2), fees(BOB, ALICE, 3)].concat());
	})
}

#[test]
fn a_fill_that_is_refused_is_not_charged() {
	Exchange::default().run(|| {
		let mean = BOB.sign(Order { max_fee_per_lot: Cash(TAKER_FEE - 1), salt: 1, ..BOB.order(Side::Sell) });
		let orders = [ALICE.buys(), BOB.sells(), mean, CAROL.sells()];
		RefusedFor::mutate(|all| all.insert(CAROL.account(), Refusal::UnknownAccount));
		let with = |taker, many| Fill { taker, ..lots(many) };
		assert_ok!(submit(&orders, &[lots(11), at(PRICE + 1, 1), with(2, 1), with(3, 1), lots(2)]));
		let refused: Vec<_> = refusals().into_iter().map(|(index, _)| index).collect();
		assert_eq!((refused, traded()), (vec![0, 1, 2, 3], 2));
		assert_eq!(
			Charged::get(),
			[Charge::of(ALICE, notional(2), 2 * MAKER_FEE), Charge::of(BOB, notional(2), 2 * TAKER_FEE)]
		);
	})
}

#[test]
fn a_batch_that_clearing_cannot_close_charges_nobody() {
	Exchange::default().run(|| {
		Broken::set(Some(DispatchError::Corruption));
		assert_noop!(submit(&[ALICE.buys(), BOB.sells()], &[lots(1)]), DispatchError::Corruption);
		assert_eq!(Charged::get(), []);
	})
}

#[test]
fn the_fee_of_a_fill_is_quoted_after_the_fills_before_it_were_charged() {
	Exchange::default().run(|| {
		FreeFrom::set(Some(Cash(notional(2))));
		let orders = [ALICE.buys(), BOB.sells(), CAROL.sells()];
		assert_ok!(submit(&orders, &[lots(1), lots(1), lots(1), Fill { taker: 2, ..lots(1) }]));
		let fees: Vec<_> = Traded::get().iter().map(|trade| (trade.buyer.fee, trade.seller.fee)).collect();
		let (maker, taker) = (Cash(MAKER_FEE), Cash(TAKER_FEE));
		assert_eq!(fees, [(maker, taker), (maker, taker), (Cash(0), Cash(0)), (Cash(0), taker)]);
	})
}

#[test]
fn the_floor_counts_where_the_price_is_below_it_zero_or_negative() {
	Exchange::default().run(|| {
		let prices = [FLOOR + 1, FLOOR, FLOOR - 1, 1, 0, -1, 1 - FLOOR, -FLOOR, -FLOOR - 1];
		let counts = [FLOOR + 1, FLOOR, FLOOR, FLOOR, FLOOR, FLOOR, FLOOR, FLOOR, FLOOR + 1];
		for price in prices {
			assert_ok!(submit(&at_any_price(), &[at(price, 1)]));
		}
		let expected = counts.into_iter().flat_map(|price| [100 * i128::from(price); 2]);
		assert_eq!(notionals(), expected.collect::<Vec<_>>());
		// What is traded is another matter.
		assert_eq!(Traded::get().iter().map(|trade| trade.price.0).collect::<Vec<_>>(), prices);
		assert!(Traded::get().iter().all(|trade| trade.buyer.fee >= Cash(100 * i128::from(FLOOR) / 10_000)));
	})
}

#[test]
fn the_limit_of_an_order_is_compared_with_the_fee_of_the_floor() {
	Exchange::default().run(|| {
		let fee = 100 * i128::from(FLOOR) / 10_000;
		let [mut buy, sell] = at_any_price();
		buy.order.max_fee_per_lot = Cash(fee - 1);
		let mean = ALICE.sign(buy.order.clone());
		let fair = ALICE.sign(Order { max_fee_per_lot: Cash(fee), ..buy.order });
		assert_ok!(submit(&[mean, sell.clone()], &[at(0, 2)]));
		let reason = OrderRefusal::FeeTooHigh { most: Cash(2 * fee - 2), needed: Cash(2 * fee) };
		assert_eq!(refusals(), [(0, of(Role::Maker, reason))]);
		assert_ok!(submit(&[fair, sell], &[at(0, 2)]));
		assert_eq!(traded(), 2);
	})
}

#[test]
fn the_largest_fee_is_compared_with_all_of_the_fee_whatever_it_is_paid_in() {
	Exchange::default().run(|| {
		PaysInTokens::set([ALICE.account(), BOB.account()].into());
		let allows = |most| ALICE.sign(Order { max_fee_per_lot: Cash(most), ..ALICE.order(Side::Buy) });
		let take = |order, fee| Market::take(signed(BOB.account()), order, SubAccount(0), Lots(3), Cash(fee));
		assert_noop!(take(allows(MAKER_FEE - 1), 3 * TAKER_FEE), Error::<Test>::FeeTooHigh);
		assert_noop!(take(allows(MAKER_FEE), 3 * TAKER_FEE - 1), Error::<Test>::FeeTooHigh);
		assert_ok!(submit(&[allows(MAKER_FEE - 1), BOB.sells()], &[lots(3)]));
		let reason = OrderRefusal::FeeTooHigh { most: Cash(3 * MAKER_FEE - 3), needed: Cash(3 * MAKER_FEE) };
		assert_eq!(refusals(), [(0, of(Role::Maker, reason))]);
		assert_eq!(Charged::get(), []);
		// The margin accounts pay nothing of it.
		assert_ok!(take(allows(MAKER_FEE), 3 * TAKER_FEE));
		let [trade] = &Traded::get()[..] else { panic!("one trade") };
		assert_eq!((trade.buyer.fee, trade.seller.fee), (Cash(0), Cash(0)));
		let in_tokens = |payer, fee| Charge { cash: Cash(0), ..Charge::of(payer, notional(3), fee) };
		assert_eq!(Charged::get(), [in_tokens(ALICE, 3 * MAKER_FEE), in_tokens(BOB, 3 * TAKER_FEE)]);
	})
}

#[test]
fn who_pays_in_tokens_does_not_pay_for_the_other() {
	Exchange::default().run(|| {
		PaysInTokens::set([ALICE.account()].into());
		assert_ok!(submit(&[ALICE.buys(), BOB.sells()], &[lots(1)]));
		let [trade] = &Traded::get()[..] else { panic!("one trade") };
		assert_eq!((trade.buyer.fee, trade.seller.fee), (Cash(0), Cash(TAKER_FEE)));
	})
}

#[test]
fn who_takes_an_order_or_exchanges_for_physical_is_charged_as_the_taker() {
	let expires = START + 100_000 + NOTICE;
	let first = gcx_primitives::Day(u32::try_from((expires + NOTICE).div_ceil(DAY)).expect("days are few"));
	let delivery = DeliveryDays { first, last: first };
	Exchange::default().terms(ContractTerms { settlement: physical(1), delivery, expires, ..terms() }).run(|| {
		Mark::set(Some(Price(FLOOR / 2)));
		let (bob, order) = (signed(BOB.account()), at_any_price()[0].clone());
		assert_ok!(Market::exchange_for_physical(bob, order, SubAccount(0), Lots(4), Cash(i128::MAX)));
		let counts = 4 * 100 * i128::from(FLOOR);
		let exchanged = [Charge::of(ALICE, counts, counts / 10_000), Charge::of(BOB, counts, counts / 5_000)];
		assert_eq!(Charged::get(), exchanged);
		Charged::kill();
		assert_ok!(Market::take(signed(CAROL.account()), BOB.sells(), SubAccount(0), Lots(1), Cash(TAKER_FEE)));
		let taken = [Charge::of(BOB, notional(1), MAKER_FEE), Charge::of(CAROL, notional(1), TAKER_FEE)];
		assert_eq!(Charged::get(), taken);
	})
}

#[test]
fn anyone_can_ask_what_a_trade_would_count_for() {
	Exchange::default().run(|| {
		let counts = |lots, price| Market::notional(CONTRACT, Lots(lots), Price(price));
		assert_eq!(counts(3, PRICE), Ok(Cash(notional(3))));
		assert_eq!((counts(-3, PRICE), counts(3, -PRICE)), (counts(3, PRICE), counts(3, PRICE)));
		assert_eq!(counts(-3, 0), Ok(Cash(300 * i128::from(FLOOR))));
		assert_eq!(counts(0, PRICE), Ok(Cash(0)));
		assert_eq!(Market::notional(InstrumentId(9), Lots(1), Price(PRICE)), Err(Refusal::UnknownInstrument));
		assert_eq!(counts(1, i64::MIN), Err(Refusal::OutOfBounds));
	})
}
