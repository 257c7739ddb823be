//! Final prices of expired contracts.

use super::*;
use frame_support::pallet_prelude::DispatchResult;
use gcx_primitives::Day;

/// The first of the ten days that the contract of these tests is about.
const FIRST: u32 = 20_834;

/// The contract is about ten days and expires in the middle of them; somebody holds it.
fn exchange() -> Exchange {
	let delivery = DeliveryDays { first: Day(FIRST), last: Day(FIRST + 9) };
	let expires = u64::from(FIRST + 5) * DAY;
	Exchange::default().terms(ContractTerms { delivery, reduce_only_from: expires, expires, ..terms() })
}

fn run(test: impl FnOnce()) {
	exchange().run(|| {
		Held::mutate(|held| held.insert(CONTRACT, Lots(7)));
		test();
	})
}

/// It is this day of the contract's, the first is 0; the contract's state is announced.
fn on_day(day: u32) {
	pallet_timestamp::Now::<Test>::put(u64::from(FIRST + day) * DAY);
	if day >= 5 && Contracts::<Test>::get(CONTRACT).is_some_and(|one| one.announced != ContractState::Expired) {
		assert_ok!(advance());
	}
}

/// These days have these prices.
fn fixed(days: impl IntoIterator<Item = u32>, price: impl Fn(u32) -> i64) {
	Fixes::mutate(|fixes| {
		fixes.extend(days.into_iter().map(|day| (Day(FIRST + day), Price(price(day)))));
	});
}

fn advance() -> DispatchResult {
	Market::advance(signed(OTHER), CONTRACT)
}

fn decide(price: i64) -> DispatchResult {
	Market::decide_final_price(root(), CONTRACT, Price(price))
}

fn final_price() -> FinalPrice {
	Contracts::<Test>::get(CONTRACT).expect("it is not forgotten").final_price
}

#[test]
fn clearing_is_told_the_days_of_a_cash_contract() {
	exchange().run(|| {
		assert_eq!(Averaged::get()[&CONTRACT], Some(DeliveryDays { first: Day(FIRST), last: Day(FIRST + 9) }));
		assert!(Ramps::get().is_empty());
	})
}

#[test]
fn the_final_price_is_the_mean_of_all_fixes_to_the_nearest() {
	run(|| {
		fixed(0..10, |day| 1_000_000 + i64::from(day));
		on_day(10);
		assert_ok!(advance());
		// 1,000,004.5
		let price = Price(1_000_005);
		let last = Day(FIRST + 9);
		assert_eq!(last_event(), Event::FinalPriceSet { instrument: CONTRACT, price, fixed: 10, last });
		assert_eq!((final_price(), Ended::get()[&CONTRACT]), (FinalPrice::Known(price), price));
		// The next run pays it out; then nobody holds it.
		assert_noop!(advance(), Error::<Test>::StillHeld);
		Held::take();
		assert_ok!(advance());
		assert!(Contracts::<Test>::get(CONTRACT).is_none());
	})
}

#[test]
fn there_is_no_final_price_before_the_last_day_is_closed() {
	run(|| {
		fixed(0..10, |_| 5);
		for day in 5..10 {
			on_day(day);
			assert_noop!(advance(), Error::<Test>::AwaitsFixes);
		}
		on_day(10);
		// The round of the last day is closed a little late.
		OpenRound::set(Some(Day(FIRST + 9)));
		assert_noop!(advance(), Error::<Test>::AwaitsFixes);
		OpenRound::set(None);
		assert_ok!(advance());
		assert_eq!(final_price(), FinalPrice::Known(Price(5)));
	})
}

#[test]
fn four_fifths_of_the_days_suffice() {
	run(|| {
		fixed((0..10).filter(|day| day % 5 != 3), |day| if day < 5 { -200 } else { 100 });
		on_day(10);
		assert_ok!(advance());
		assert_eq!(final_price(), FinalPrice::Known(Price(-50)));
	})
}

#[test]
fn too_few_fixes_let_the_window_grow_by_a_day_until_there_are_enough() {
	let instrument = CONTRACT;
	run(|| {
		fixed(0..7, |_| 1_000);
		on_day(10);
		assert_ok!(advance());
		let extended = |days| Event::AveragingExtended { instrument, fixed: 7, last: Day(FIRST + 9 + days) };
		assert_eq!(last_event(), extended(1));
		assert_eq!(Averaged::get()[&CONTRACT].unwrap().last, Day(FIRST + 10));
		assert_noop!(advance(), Error::<Test>::AwaitsFixes);
		// There is none on that day either.
		on_day(11);
		assert_ok!(advance());
		assert_eq!((last_event(), final_price()), (extended(2), FinalPrice::Awaited { extended: 2 }));
		fixed([11], |_| 9_000);
		on_day(12);
		assert_ok!(advance());
		assert_eq!(final_price(), FinalPrice::Known(Price(2_000)));
	})
}

#[test]
fn governance_decides_when_there_are_too_few_fixes_in_the_end_and_only_then() {
	let instrument = CONTRACT;
	run(|| {
		assert_noop!(decide(5), Error::<Test>::NotUndecided);
		fixed(0..5, |_| 1_000);
		on_day(10);
		assert_noop!(decide(5), Error::<Test>::NotUndecided);
		for day in 10..10 + EXTENSION {
			on_day(day);
			assert_ok!(advance());
		}
		on_day(10 + EXTENSION);
		assert_ok!(advance());
		let last = Day(FIRST + 9 + EXTENSION);
		assert_eq!(last_event(), Event::FinalPriceUndecided { instrument, fixed: 5, last });
		// Nobody knows which days will count.
		assert_eq!(Averaged::get()[&CONTRACT], None);
		assert_noop!(advance(), Error::<Test>::AwaitsGovernance);
		let by_anyone = Market::decide_final_price(signed(OTHER), CONTRACT, Price(5));
		assert_noop!(by_anyone, DispatchError::BadOrigin);
		assert_noop!(decide(gcx_primitives::MAX_PRICE + 1), Error::<Test>::PriceOutOfRange);
		let unknown = Market::decide_final_price(root(), InstrumentId(9), Price(5));
		assert_noop!(unknown, Error::<Test>::UnknownInstrument);
		assert_ok!(decide(-5));
		assert_eq!(last_event(), Event::FinalPriceDecided { instrument, price: Price(-5) });
		assert_eq!(Ended::get()[&CONTRACT], Price(-5));
		assert_noop!(decide(5), Error::<Test>::NotUndecided);
	})
}

#[test]
fn a_contract_that_clearing_cannot_end_now_is_ended_later() {
	run(|| {
		fixed(0..10, |_| 1_000);
		on_day(10);
		let why = DispatchError::Other("a run is being priced");
		Broken::set(Some(why));
		assert_noop!(advance(), why);
		blocks(2);
		assert_eq!(final_price(), FinalPrice::default());
		Broken::set(None);
		blocks(1);
		assert_eq!(final_price(), FinalPrice::Known(Price(1_000)));
	})
}

#[test]
fn a_chain_that_stood_still_over_the_end_of_a_contract_catches_up_by_itself() {
	run(|| {
		fixed(0..6, |_| 1_000);
		// Nothing happens for months.
		pallet_timestamp::Now::<Test>::put(u64::from(FIRST + 100) * DAY);
		blocks(u64::from(EXTENSION) + 2);
		assert_eq!(final_price(), FinalPrice::Undecided);
	})
}
