//! Contracts that are delivered: how they are listed, what they end at, and how one gets out of them off the book.

use super::*;
use crate::types::SignedOrderOf;
use frame_support::pallet_prelude::DispatchResult;
use gcx_primitives::{Day, DeliveryRamp, ListedContracts};

/// The first day of delivery.
const FIRST: u32 = 20_850;

/// Ten days of delivery; it expires as late as its notice allows.
fn contract() -> ContractTerms {
	let expires = u64::from(FIRST) * DAY - NOTICE;
	let delivery = DeliveryDays { first: Day(FIRST), last: Day(FIRST + 9) };
	ContractTerms { delivery, settlement: physical(1), reduce_only_from: expires, expires, ..terms() }
}

/// Somebody holds the contract of these tests; it trades.
fn run(test: impl FnOnce()) {
	Exchange::default().terms(contract()).run(|| {
		Held::mutate(|held| held.insert(CONTRACT, Lots(7)));
		Mark::set(Some(Price(PRICE)));
		test();
	})
}

fn advance() -> DispatchResult {
	Market::advance(signed(OTHER), CONTRACT)
}

/// So long after it expired, which is announced.
fn expired(since: u64) {
	pallet_timestamp::Now::<Test>::put(contract().expires + since);
	if Contracts::<Test>::get(CONTRACT).is_some_and(|contract| contract.announced != ContractState::Expired) {
		assert_ok!(advance());
	}
}

fn final_price() -> FinalPrice {
	Contracts::<Test>::get(CONTRACT).expect("it is not forgotten").final_price
}

#[test]
fn clearing_is_told_when_a_physical_contract_is_near() {
	run(|| {
		let until = contract().expires;
		assert_eq!(Ramps::get()[&CONTRACT], DeliveryRamp { from: until - RAMP, until, days: 10 });
		assert!(!Averaged::get().contains_key(&CONTRACT));
		assert_eq!(Market::terms(CONTRACT), Some(contract()));
		assert_eq!(Market::terms(InstrumentId(9)), None);
	})
}

#[test]
fn delivery_does_not_begin_before_its_notice_is_over() {
	Exchange::default().run(|| {
		let short = ContractTerms { expires: START + 200_000, ..contract() };
		let first = Day(u32::try_from((START + 200_000 + NOTICE).div_ceil(DAY)).unwrap());
		let with = |first: Day| ContractTerms {
			delivery: DeliveryDays { first, last: first },
			reduce_only_from: START + 100_000,
			..short
		};
		let list = |terms| Market::list(root(), terms, Price(PRICE));
		assert_noop!(list(with(Day(first.0 - 1))), Error::<Test>::NoticeTooShort);
		assert_ok!(list(with(first)));
		// Of a cash contract nothing is delivered.
		assert_ok!(list(ContractTerms { settlement: SettlementKind::Cash, ..with(Day(first.0 - 1)) }));
	})
}

#[test]
fn the_reference_system_of_a_contract_is_kept_as_long_as_the_contract() {
	run(|| {
		assert_eq!(Pins::get(), 1);
		let expires = START + 100_000;
		let unknown =
			ContractTerms { settlement: physical(2), opens: START, reduce_only_from: expires, expires, ..contract() };
		assert_noop!(Market::list(root(), unknown, Price(PRICE)), DispatchError::Other("there is no such version"));
		expired(0);
		Held::take();
		assert_ok!(advance());
		assert!(Contracts::<Test>::get(CONTRACT).is_none());
		assert_eq!(Pins::get(), 0);
	})
}

#[test]
fn a_physical_contract_ends_at_the_first_mark_that_it_has_once_it_expired() {
	run(|| {
		Mark::set(None);
		expired(0);
		assert_noop!(advance(), Error::<Test>::AwaitsMark);
		let price = Price(PRICE + 5);
		Mark::set(Some(price));
		assert_ok!(advance());
		assert_eq!(last_event(), Event::DeliveryPriceSet { instrument: CONTRACT, price });
		assert_eq!((final_price(), Ended::get()[&CONTRACT]), (FinalPrice::Known(price), price));
		assert_noop!(advance(), Error::<Test>::StillHeld);
	})
}

#[test]
fn without_a_mark_for_too_long_governance_decides() {
	run(|| {
		Mark::set(None);
		expired(u64::from(EXTENSION) * DAY);
		assert_noop!(advance(), Error::<Test>::AwaitsMark);
		expired(u64::from(EXTENSION) * DAY + 1);
		assert_ok!(advance());
		assert_eq!(last_event(), Event::DeliveryPriceUndecided { instrument: CONTRACT });
		// Once it is governance's, it stays governance's.
		Mark::set(Some(Price(PRICE)));
		assert_noop!(advance(), Error::<Test>::AwaitsGovernance);
		assert_ok!(Market::decide_final_price(root(), CONTRACT, Price(1)));
		assert_eq!(final_price(), FinalPrice::Known(Price(1)));
	})
}

#[test]
fn a_contract_that_clearing_cannot_end_now_waits() {
	run(|| {
		expired(0);
		let why = DispatchError::Other("a run is being priced");
		Broken::set(Some(why));
		assert_noop!(advance(), why);
		assert_eq!(final_price(), FinalPrice::default());
	})
}

fn exchange(taker: Trader, order: &SignedOrderOf<Test>, lots: i64, fee: i128) -> DispatchResult {
	Market::exchange_for_physical(signed(taker.account()), order.clone(), SubAccount(0), Lots(lots), Cash(fee))
}

#[test]
fn both_lower_their_positions_at_the_mark() {
	run(|| {
		let price = Price(PRICE - 1_000);
		Mark::set(Some(price));
		let order = ALICE.buys();
		assert_ok!(exchange(BOB, &order, 4, 1_000_000));
		let (maker, taker) = (ALICE.key(), BOB.key());
		assert_eq!(
			last_event(),
			Event::ExchangedForPhysical { instrument: CONTRACT, lots: Lots(4), price, maker, taker }
		);
		let [trade] = &Traded::get()[..] else { panic!("one trade") };
		assert!(trade.reduce_only && trade.price == price && trade.lots == Lots(4));
		// Both pay what trading costs.
		let value = Lots(4).value(terms().instrument.multiplier, price).unwrap();
		let fee = |rate| Ppm(rate).mul_ceil(value).unwrap();
		assert_eq!((trade.buyer.fee, trade.seller.fee), (fee(100), fee(200)));
		assert_eq!(filled(&order), 4);
	})
}

#[test]
fn what_would_raise_a_position_is_not_exchanged() {
	run(|| {
		let reason = Refusal::ReduceOnly(ReduceOnlyCause::Contract);
		RefusedFor::mutate(|refused| refused.insert(ALICE.account(), reason));
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1_000_000), Error::<Test>::ContractReduceOnly);
	})
}

#[test]
fn what_is_not_physical_has_no_mark_or_has_expired_is_not_exchanged() {
	Exchange::default().run(|| {
		Mark::set(Some(Price(PRICE)));
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1_000_000), Error::<Test>::NotPhysical);
	});
	run(|| {
		let unknown = ALICE.sign(Order { instrument: InstrumentId(9), ..ALICE.order(Side::Buy) });
		assert_noop!(exchange(BOB, &unknown, 4, 1_000_000), Error::<Test>::UnknownInstrument);
		Mark::set(None);
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1_000_000), Error::<Test>::NoMark);
		Mark::set(Some(Price(PRICE + 1)));
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1_000_000), Error::<Test>::PriceBeyondLimit);
		Mark::set(Some(Price(PRICE)));
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1), Error::<Test>::FeeTooHigh);
		assert_noop!(exchange(BOB, &ALICE.buys(), 0, 1_000_000), Error::<Test>::LotsOutOfRange);
		let for_venue = ALICE.sign(Order { venue: Some(VENUE), ..ALICE.order(Side::Buy) });
		assert_noop!(exchange(BOB, &for_venue, 4, 1_000_000), Error::<Test>::OtherVenue);
		expired(0);
		assert_noop!(exchange(BOB, &ALICE.buys(), 4, 1_000_000), Error::<Test>::NotTrading);
	})
}
