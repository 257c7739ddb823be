//! Trades against a signed order without a venue.

use super::*;

fn take(
	taker: Trader,
	order: &SignedOrder<AccountId, u64, sp_runtime::MultiSignature>,
	lots: i64,
) -> frame_support::pallet_prelude::DispatchResult {
	Market::take(signed(taker.account()), order.clone(), SubAccount(0), Lots(lots), Cash(1_000_000))
}

#[test]
fn anyone_takes_an_order_at_its_limit() {
	Exchange::default().run(|| {
		let order = ALICE.sells();
		assert_ok!(take(BOB, &order, 4));
		assert_ok!(Market::take(signed(CAROL.account()), order.clone(), SubAccount(2), Lots(6), Cash(6 * TAKER_FEE)));
		let id = Market::order_id(&order.order);
		let [first, second] = &events()[..] else { panic!("two fills") };
		let filled_by = |event: &Event<Test>| match event {
			Event::Filled { venue: None, maker_side: Side::Sell, maker, taker: None, buyer, seller, price, .. } => {
				assert_eq!((maker.order, maker.lots, seller, *price), (id, Lots(10), &ALICE.key(), Price(PRICE)));
				(buyer.clone(), maker.filled)
			},
			other => panic!("{other:?}"),
		};
		assert_eq!(filled_by(first), (BOB.key(), Lots(4)));
		assert_eq!(filled_by(second).1, Lots(10));
		assert_eq!(filled_by(second).0.sub, SubAccount(2));
		let [trade, _] = &Traded::get()[..] else { panic!("two trades") };
		assert_eq!((trade.buyer.fee, trade.seller.fee), (Cash(4 * TAKER_FEE), Cash(4 * MAKER_FEE)));
		assert_noop!(take(BOB, &order, 1), Error::<Test>::TooFewLots);
	})
}

#[test]
fn an_order_to_buy_is_taken_by_selling() {
	Exchange::default().run(|| {
		assert_ok!(take(BOB, &ALICE.buys(), 1));
		assert_eq!(Traded::get()[0].seller.account, BOB.key());
	})
}

#[test]
fn what_is_taken_and_what_a_venue_fills_are_of_the_same_lots() {
	Exchange::default().run(|| {
		let order = ALICE.sells();
		assert_ok!(take(BOB, &order, 4));
		assert_ok!(submit(&[order.clone(), CAROL.buys()], &[lots(7)]));
		let refused = of(Role::Maker, OrderRefusal::TooFewLots { had: Lots(6), needed: Lots(7) });
		assert_eq!(refusals(), [(0, refused)]);
		assert_eq!(filled(&order), 4);
	})
}

#[test]
fn an_order_that_names_a_venue_is_not_taken() {
	Exchange::default().run(|| {
		let order = ALICE.sign(Order { venue: Some(VENUE), ..ALICE.order(Side::Buy) });
		assert_noop!(take(BOB, &order, 1), Error::<Test>::OtherVenue);
		assert_noop!(
			Market::take(signed(VENUE), order, SubAccount(0), Lots(1), Cash(1_000_000)),
			Error::<Test>::OtherVenue
		);
	})
}

#[test]
fn who_takes_an_order_says_how_much_fee_at_most() {
	Exchange::default().run(|| {
		let take = |fee| Market::take(signed(BOB.account()), ALICE.buys(), SubAccount(0), Lots(3), Cash(fee));
		assert_noop!(take(3 * TAKER_FEE - 1), Error::<Test>::FeeTooHigh);
		assert_noop!(take(i128::MIN), Error::<Test>::FeeTooHigh);
		assert_ok!(take(3 * TAKER_FEE));
	})
}

#[test]
fn an_order_that_is_not_valid_is_not_taken() {
	Exchange::default().run(|| {
		let with = |change: fn(&mut Order<AccountId, u64>)| {
			let mut order = ALICE.order(Side::Buy);
			change(&mut order);
			ALICE.sign(order)
		};
		let cancelled = ALICE.sign(Order { salt: 9, ..ALICE.order(Side::Buy) });
		assert_ok!(Market::cancel(signed(ALICE.account()), cancelled.order.clone()));
		for (order, error) in [
			(CAROL.sign(ALICE.order(Side::Buy)), Error::<Test>::BadSignature),
			(with(|order| order.expires = 1), Error::OrderExpired),
			(with(|order| order.expires = u64::MAX), Error::OrderLivesTooLong),
			(with(|order| order.lots = Lots(i64::MAX)), Error::OrderLotsOutOfRange),
			(with(|order| order.max_fee_per_lot = Cash(MAKER_FEE - 1)), Error::FeeTooHigh),
			(with(|order| order.limit = Price(i64::MAX)), Error::PriceOutOfRange),
			(with(|order| order.instrument = InstrumentId(9)), Error::UnknownInstrument),
			(cancelled, Error::OrderCancelled),
		] {
			assert_noop!(take(BOB, &order, 1), error);
		}
		for many in [0, -1, i64::MIN, i64::MAX] {
			assert_noop!(take(BOB, &ALICE.buys(), many), Error::<Test>::LotsOutOfRange);
		}
		assert_noop!(take(BOB, &ALICE.buys(), 11), Error::<Test>::TooFewLots);
		assert_noop!(take(ALICE, &ALICE.buys(), 1), Error::<Test>::SelfTrade);
		pass(200_000);
		assert_noop!(take(BOB, &ALICE.buys(), 1), Error::<Test>::NotTrading);
	})
}

#[test]
fn a_taker_is_told_why_clearing_refuses() {
	use ReduceOnlyCause::*;
	let limit = Lots(1);
	let (had, needed) = (Cash(1), Cash(2));
	let causes: [(Refusal, Error<Test>); 21] = [
		(Refusal::UnknownInstrument, Error::UnknownInstrument),
		(Refusal::Quarantined, Error::Quarantined),
		(Refusal::LotsOutOfRange, Error::LotsOutOfRange),
		(Refusal::PriceOutsideBand { lowest: Price(1), highest: Price(2) }, Error::PriceOutsideBand),
		(Refusal::SelfTrade, Error::SelfTrade),
		(Refusal::UnknownAccount, Error::UnknownAccount),
		(Refusal::ReduceOnly(Order), Error::OrderReduceOnly),
		(Refusal::ReduceOnly(Contract), Error::ContractReduceOnly),
		(Refusal::ReduceOnly(NoMark), Error::NoMark),
		(Refusal::ReduceOnly(Guarantor), Error::GuarantorReduceOnly),
		(Refusal::ReduceOnly(Customer), Error::CustomerSuspended),
		(Refusal::ReduceOnly(Account), Error::AccountReduceOnly),
		(Refusal::TooManyPositions, Error::TooManyPositions),
		(Refusal::AccountLimit { limit, needed: Lots(2) }, Error::AccountLimit),
		(Refusal::OwnerLimit { limit, needed: Lots(2) }, Error::OwnerLimit),
		(Refusal::GuarantorLotsLimit { limit, needed: Lots(2) }, Error::GuarantorLotsLimit),
		(Refusal::GuarantorMarginLimit { limit: Cash(1), needed }, Error::GuarantorMarginLimit),
		(Refusal::InsufficientCash { had, needed }, Error::InsufficientCash),
		(Refusal::InsufficientMargin { had, needed }, Error::InsufficientMargin),
		(Refusal::OutOfBounds, Error::OutOfBounds),
		(Refusal::BelowMinimumMargin { had, needed }, Error::BelowMinimumMargin),
	];
	Exchange::default().run(|| {
		let order = ALICE.buys();
		for (refusal, error) in causes {
			RefusedFor::mutate(|all| all.insert(BOB.account(), refusal));
			assert_noop!(take(BOB, &order, 1), error);
		}
		RefusedFor::take();
		Broken::set(Some(DispatchError::Corruption));
		assert_noop!(take(BOB, &order, 1), DispatchError::Corruption);
	})
}

#[test]
fn what_only_a_batch_can_get_wrong_has_an_error_too() {
	let error = |refusal: FillRefusalOf<Test>| -> DispatchError { Error::<Test>::from(refusal).into() };
	let side = Side::Buy;
	assert_eq!(error(FillRefusal::NoSuchOrder { place: 1, orders: 1 }), Error::<Test>::NoSuchOrder.into());
	assert_eq!(error(FillRefusal::SameSide { side }), Error::<Test>::SameSide.into());
	assert_eq!(
		error(FillRefusal::DifferentInstruments { maker: CONTRACT, taker: InstrumentId(1) }),
		Error::<Test>::DifferentInstruments.into()
	);
	assert_eq!(error(sp_runtime::ArithmeticError::Overflow.into()), Error::<Test>::OutOfBounds.into());
	let beyond = OrderRefusal::PriceBeyondLimit { limit: Price(1), price: Price(2) };
	assert_eq!(error(of(Role::Maker, beyond)), Error::<Test>::PriceBeyondLimit.into());
}
