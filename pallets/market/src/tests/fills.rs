//! Batches: what is filled of each order, what is told, and that one bad fill stops no other.

use super::*;
use gcx_primitives::{AccountKey, PartyAfter, TradeReceipt};

#[test]
fn a_fill_tells_all_that_an_indexer_needs() {
	Exchange::default().run(|| {
		let mut sell = BOB.order(Side::Sell);
		sell.sub = SubAccount(3);
		let orders = [ALICE.buys(), BOB.sign(sell)];
		assert_ok!(submit(&orders, &[lots(4)]));
		let [maker, taker] = [&orders[0], &orders[1]].map(|signed| FilledOrder {
			order: Market::order_id(&signed.order),
			lots: Lots(10),
			filled: Lots(4),
		});
		let after = |lots, fee| PartyAfter { lots: Lots(lots), booked: Cash(0), fee: Cash(fee), cash: Cash(-fee) };
		assert_eq!(
			events(),
			[Event::Filled {
				instrument: CONTRACT,
				lots: Lots(4),
				price: Price(PRICE),
				venue: Some(VENUE),
				maker_side: Side::Buy,
				maker,
				taker: Some(taker),
				buyer: ALICE.key(),
				seller: AccountKey { owner: BOB.account(), sub: SubAccount(3) },
				receipt: TradeReceipt { buyer: after(4, 4 * MAKER_FEE), seller: after(-4, 4 * TAKER_FEE) },
			}]
		);
		let [trade] = &Traded::get()[..] else { panic!("one trade") };
		assert_eq!((trade.lots, trade.price, trade.instrument), (Lots(4), Price(PRICE), CONTRACT));
		assert_eq!((trade.buyer.fee, trade.seller.fee), (Cash(4 * MAKER_FEE), Cash(4 * TAKER_FEE)));
		let record = OrderRecord { lots: Lots(10), filled: Lots(4), cancelled: false };
		assert_eq!(Market::filled(&orders[0].order), Some(record));
		assert_eq!(Market::filled(&orders[1].order), Some(record));
	})
}

#[test]
fn an_order_that_is_replayed_is_filled_no_further() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells()];
		assert_ok!(submit(&orders, &[lots(7)]));
		blocks(1);
		assert_ok!(submit(&orders, &[lots(7)]));
		let refused = |had, needed| of(Role::Maker, OrderRefusal::TooFewLots { had: Lots(had), needed: Lots(needed) });
		assert_eq!(refusals(), [(0, refused(3, 7))]);
		assert_ok!(submit(&orders, &[lots(3)]));
		blocks(1);
		assert_ok!(submit(&orders, &[lots(1)]));
		assert_eq!(refusals()[1], (0, refused(0, 1)));
		assert_eq!((traded(), filled(&orders[0]), filled(&orders[1])), (10, 10, 10));
	})
}

#[test]
fn an_order_is_not_filled_beyond_its_lots_in_one_batch() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells(), CAROL.sells()];
		let with_carol = Fill { taker: 2, ..lots(6) };
		assert_ok!(submit(&orders, &[lots(6), with_carol, Fill { lots: Lots(4), ..with_carol }]));
		let refused = of(Role::Maker, OrderRefusal::TooFewLots { had: Lots(4), needed: Lots(6) });
		assert_eq!(refusals(), [(1, refused)]);
		assert_eq!([0, 1, 2].map(|place| filled(&orders[place])), [10, 6, 4]);
	})
}

#[test]
fn an_order_that_is_twice_in_a_batch_is_one_order() {
	Exchange::default().run(|| {
		// Wrapped or not, and however often it is signed anew, the order's id is the same.
		let wrapped = {
			let order = ALICE.order(Side::Buy);
			let signature = ALICE.sign_bytes(&crate::orders::wrapped(&Market::order_payload(&order)));
			SignedOrder { order, signature }
		};
		let orders = [ALICE.buys(), BOB.sells(), wrapped, CAROL.sells()];
		assert_ok!(submit(&orders, &[lots(10), Fill { maker: 2, taker: 3, ..lots(10) }]));
		let refused = of(Role::Maker, OrderRefusal::TooFewLots { had: Lots(0), needed: Lots(10) });
		assert_eq!((refusals(), traded()), (vec![(1, refused)], 10));
	})
}

#[test]
fn orders_that_differ_in_salt_are_two() {
	Exchange::default().run(|| {
		let again = ALICE.sign(Order { salt: 1, ..ALICE.order(Side::Buy) });
		let orders = [ALICE.buys(), BOB.sells(), again, CAROL.sells()];
		assert_ok!(submit(&orders, &[lots(10), Fill { maker: 2, taker: 3, ..lots(10) }]));
		assert_eq!((refusals(), traded()), (vec![], 20));
	})
}

#[test]
fn a_refused_fill_uses_nothing_up() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells()];
		RefusedFor::mutate(|all| all.insert(ALICE.account(), Refusal::UnknownAccount));
		assert_ok!(submit(&orders, &[lots(10)]));
		assert_eq!(FilledLots::<Test>::iter().count(), 0);
		RefusedFor::take();
		assert_ok!(submit(&orders, &[lots(10)]));
		assert_eq!(traded(), 10);
	})
}

#[test]
fn of_a_hundred_fills_every_second_of_them_bad_the_good_half_goes_through() {
	use OrderRefusal::*;
	Exchange::default().run(|| {
		let bad: [(Order<AccountId, u64>, FillRefusal<u64>); 5] = {
			let order = BOB.order(Side::Sell);
			[
				(Order { expires: 1, ..order.clone() }, of(Role::Taker, Expired { expires: 1 })),
				(Order { lots: Lots(0), ..order.clone() }, of(Role::Taker, LotsOutOfRange { lots: Lots(0) })),
				(
					Order { limit: Price(PRICE + 1), ..order.clone() },
					of(Role::Taker, PriceBeyondLimit { limit: Price(PRICE + 1), price: Price(PRICE) }),
				),
				(
					Order { max_fee_per_lot: Cash(0), ..order.clone() },
					of(Role::Taker, FeeTooHigh { most: Cash(0), needed: Cash(TAKER_FEE) }),
				),
				(Order { venue: Some(OTHER), ..order }, of(Role::Taker, OtherVenue)),
			]
		};
		let buy = ALICE.sign(Order { lots: Lots(51), ..ALICE.order(Side::Buy) });
		let sell = BOB.sign(Order { lots: Lots(51), ..BOB.order(Side::Sell) });
		let mut orders = vec![buy, sell];
		orders.extend(bad.iter().map(|(order, _)| BOB.sign(order.clone())));
		let fills: Vec<_> = (0..100u16)
			.map(|index| match index % 2 {
				0 => lots(1),
				_ => Fill { taker: 2 + (index / 2) % 5, ..lots(1) },
			})
			.collect();
		let paid = submit(&orders, &fills).expect("the venue is registered");
		let reason = |index: u32| bad[usize::try_from(index / 2 % 5).unwrap()].1;
		let expected: Vec<_> = (1..100).step_by(2).map(|index| (index, reason(index))).collect();
		assert_eq!(refusals(), expected);
		assert_eq!((traded(), filled(&orders[0]), filled(&orders[1])), (50, 50, 50));
		// The one beyond its limit was not verified.
		assert_eq!(paid.actual_weight, Some(<() as WeightInfo>::submit_fills(6, 100)));
	})
}

#[test]
fn a_batch_without_fills_is_refused() {
	Exchange::default().run(|| {
		assert_noop!(submit(&[ALICE.buys()], &[]), Error::<Test>::EmptyBatch);
		assert_ok!(submit(&[], &[lots(1)]));
		assert_eq!(refusals(), [(0, FillRefusal::NoSuchOrder { place: 0, orders: 0 })]);
	})
}

#[test]
fn a_batch_that_clearing_cannot_close_fails_as_a_whole() {
	Exchange::default().run(|| {
		let why = DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow);
		Broken::set(Some(why));
		assert_noop!(submit(&[ALICE.buys(), BOB.sells()], &[lots(1)]), why);
		assert!(events().is_empty());
	})
}
