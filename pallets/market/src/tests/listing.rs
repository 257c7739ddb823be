//! Contracts and their states.

use super::*;
use gcx_primitives::{ComputeHours, Day, InstrumentTerms};

fn list(terms: ContractTerms) -> frame_support::pallet_prelude::DispatchResult {
	Market::list(root(), terms, Price(PRICE))
}

fn advance(instrument: InstrumentId) -> frame_support::pallet_prelude::DispatchResult {
	Market::advance(signed(OTHER), instrument)
}

fn state(instrument: InstrumentId) -> Option<ContractState> {
	let now = pallet_timestamp::Now::<Test>::get();
	Contracts::<Test>::get(instrument).map(|contract| contract.state(now))
}

#[test]
fn a_contract_is_listed_by_governance_under_the_next_id() {
	Exchange::default().run(|| {
		assert_noop!(Market::list(signed(OTHER), terms(), Price(PRICE)), DispatchError::BadOrigin);
		assert_ok!(Market::list(root(), terms(), Price(-PRICE)));
		let instrument = InstrumentId(1);
		let state = ContractState::Trading;
		assert_eq!(last_event(), Event::Listed { instrument, terms: terms(), settlement: Price(-PRICE), state });
		assert_eq!(Known::get()[&instrument], (terms().instrument, Price(-PRICE)));
		let contract =
			Contract { terms: terms(), restricted: false, announced: state, final_price: FinalPrice::default() };
		assert_eq!(Market::contracts()[1], (instrument, contract, state));
	})
}

#[test]
fn terms_that_are_none_are_not_listed() {
	Exchange::default().run(|| {
		let zero = InstrumentTerms { multiplier: ComputeHours(0), ..terms().instrument };
		let much = InstrumentTerms { max_owner_lots: Lots(i64::MAX), ..terms().instrument };
		let wide = InstrumentTerms { price_band: Ppm(u32::MAX), ..terms().instrument };
		for instrument in [zero, much, wide] {
			assert_noop!(list(ContractTerms { instrument, ..terms() }), Error::<Test>::InvalidInstrument);
		}
		for (first, last) in [(2, 1), (0, MAX_DELIVERY_DAYS), (0, u32::MAX), (u32::MAX, 0)] {
			let delivery = DeliveryDays { first: Day(first), last: Day(last) };
			assert_noop!(list(ContractTerms { delivery, ..terms() }), Error::<Test>::InvalidDelivery);
		}
		let late = ContractTerms { opens: terms().reduce_only_from, ..terms() };
		let backwards = ContractTerms { reduce_only_from: terms().expires + 1, ..terms() };
		for terms in [late, backwards] {
			assert_noop!(list(terms), Error::<Test>::InvalidTimes);
		}
		for expires in [0, START] {
			assert_noop!(list(ContractTerms { expires, ..terms() }), Error::<Test>::AlreadyPast);
		}
		for expires in [START + HORIZON + 1, u64::MAX] {
			assert_noop!(list(ContractTerms { expires, ..terms() }), Error::<Test>::BeyondHorizon);
		}
		for price in [i64::MAX, i64::MIN, gcx_primitives::MAX_PRICE + 1] {
			assert_noop!(Market::list(root(), terms(), Price(price)), Error::<Test>::PriceOutOfRange);
		}
	})
}

#[test]
fn the_widest_terms_are_listed() {
	Exchange::default().run(|| {
		let delivery = DeliveryDays { first: Day(u32::MAX), last: Day(u32::MAX) };
		let expires = START + HORIZON;
		let widest = ContractTerms { delivery, opens: 0, reduce_only_from: expires, expires, ..terms() };
		assert_ok!(list(widest));
		let delivery = DeliveryDays { first: Day(u32::MAX - MAX_DELIVERY_DAYS + 1), last: Day(u32::MAX) };
		let opens = expires - 1;
		assert_ok!(Market::list(
			root(),
			ContractTerms { delivery, opens, settlement: physical(1), ..widest },
			Price(-gcx_primitives::MAX_PRICE)
		));
	})
}

#[test]
fn there_are_no_more_contracts_than_there_can_be() {
	Exchange::default().run(|| {
		assert_ok!(list(terms()));
		assert_ok!(list(terms()));
		assert_noop!(list(terms()), Error::<Test>::TooManyContracts);
		// An id that was given out is never given out again.
		pass(200_000);
		assert_ok!(advance(CONTRACT));
		assert_ok!(advance(CONTRACT));
		assert_ok!(list(ContractTerms { expires: START + 300_000, ..terms() }));
		assert_eq!(Active::<Test>::get().to_vec(), [1, 2, 3].map(InstrumentId));
	})
}

#[test]
fn ids_come_to_an_end_and_do_not_begin_again() {
	Exchange { contracts: vec![], ..Default::default() }.run(|| {
		NextInstrument::<Test>::put(InstrumentId(u32::MAX));
		assert_noop!(list(terms()), sp_runtime::ArithmeticError::Overflow);
	})
}

#[test]
fn a_contract_that_clearing_does_not_take_up_is_not_listed() {
	Exchange::default().run(|| {
		let why = DispatchError::Other("unknown class");
		Broken::set(Some(why));
		assert_noop!(list(terms()), why);
	})
}

#[test]
fn a_contract_opens_becomes_reduce_only_and_expires_by_the_clock() {
	Exchange::default().terms(ContractTerms { opens: START + 10, ..terms() }).run(|| {
		for (time, expected) in [
			(0, ContractState::Listed),
			(9, ContractState::Listed),
			(1, ContractState::Trading),
			(99_989, ContractState::Trading),
			(1, ContractState::ReduceOnly),
			(99_999, ContractState::ReduceOnly),
			(1, ContractState::Expired),
			(u64::MAX - START - 200_000, ContractState::Expired),
		] {
			pass(time);
			assert_eq!(state(CONTRACT), Some(expected));
		}
	})
}

#[test]
fn a_state_says_what_can_be_done_in_it() {
	use ContractState::*;
	let says = |state: ContractState| (state.allows_trading(), state.allows_opening());
	assert_eq!([Listed, Expired, Settled].map(says), [(false, false); 3]);
	assert_eq!([ReduceOnly, Trading].map(says), [(true, false), (true, true)]);
}

#[test]
fn anyone_announces_a_state_once() {
	let instrument = CONTRACT;
	Exchange::default().run(|| {
		assert_ok!(advance(CONTRACT));
		let (from, to) = (ContractState::Listed, ContractState::Trading);
		assert_eq!(events(), [Event::StateChanged { instrument, from, to }]);
		assert_noop!(advance(CONTRACT), Error::<Test>::NothingToAdvance);
		pass(100_000);
		assert_ok!(advance(CONTRACT));
		assert_eq!(last_event(), Event::StateChanged { instrument, from: to, to: ContractState::ReduceOnly });
		assert_noop!(advance(InstrumentId(9)), Error::<Test>::UnknownInstrument);
	})
}

#[test]
fn an_expired_contract_that_nobody_holds_is_settled() {
	let instrument = CONTRACT;
	Exchange::default().run(|| {
		pass(200_000);
		assert_ok!(advance(CONTRACT));
		assert_ok!(advance(CONTRACT));
		let (expired, settled) = (ContractState::Expired, ContractState::Settled);
		assert_eq!(
			events(),
			[
				Event::StateChanged { instrument, from: ContractState::Listed, to: expired },
				Event::StateChanged { instrument, from: expired, to: settled },
			]
		);
		assert!(Known::get().is_empty() && Market::contracts().is_empty());
		assert_noop!(advance(CONTRACT), Error::<Test>::UnknownInstrument);
	})
}

#[test]
fn an_expired_contract_that_somebody_holds_stays_expired() {
	Exchange::default().run(|| {
		Held::mutate(|held| held.insert(CONTRACT, Lots(1)));
		pass(200_000);
		assert_ok!(advance(CONTRACT));
		assert_noop!(advance(CONTRACT), Error::<Test>::AwaitsFixes);
		blocks(5);
		assert_eq!(state(CONTRACT), Some(ContractState::Expired));
		Held::take();
		assert_ok!(advance(CONTRACT));
		assert_eq!(state(CONTRACT), None);
	})
}

#[test]
fn a_contract_that_clearing_does_not_forget_stays_expired_and_stops_no_other() {
	Exchange::default().run(|| {
		assert_ok!(list(terms()));
		pass(200_000);
		assert_ok!(advance(CONTRACT));
		let why = DispatchError::Other("an auction is open");
		Broken::set(Some(why));
		assert_noop!(advance(CONTRACT), why);
		blocks(6);
		assert_eq!(Contracts::<Test>::get(InstrumentId(1)).unwrap().announced, ContractState::Expired);
		assert_eq!(Active::<Test>::get().len(), 2);
		Broken::set(None);
		blocks(6);
		assert_eq!(Active::<Test>::get().len(), 0);
	})
}

#[test]
fn each_block_advances_one_contract_in_turn() {
	Exchange::default().run(|| {
		let later = ContractTerms { opens: START + 1, ..terms() };
		assert_ok!(list(later));
		assert_ok!(list(later));
		pass(1);
		let announced =
			|| Contracts::<Test>::iter_values().filter(|one| one.announced == ContractState::Trading).count();
		for expected in 1..=3 {
			blocks(1);
			assert_eq!(announced(), expected);
		}
		blocks(3);
		let changes = events().into_iter().filter(|event| matches!(event, Event::StateChanged { .. }));
		assert_eq!(changes.count(), 3);
	})
}

#[test]
fn a_block_without_contracts_costs_nothing_more() {
	Exchange { contracts: vec![], ..Default::default() }.run(|| {
		System::set_block_number(BLOCK + 1);
		// One step over the block that is past.
		assert_eq!(Market::on_initialize(BLOCK + 1), <() as WeightInfo>::sweep(1));
	})
}

#[test]
fn governance_restricts_a_contract_and_lifts_that() {
	let instrument = CONTRACT;
	Exchange::default().run(|| {
		assert_noop!(Market::restrict(signed(OTHER), CONTRACT), DispatchError::BadOrigin);
		assert_noop!(Market::lift(signed(OTHER), CONTRACT), DispatchError::BadOrigin);
		assert_noop!(Market::lift(root(), CONTRACT), Error::<Test>::NotRestricted);
		assert_ok!(Market::restrict(root(), CONTRACT));
		let reduce_only = ContractState::ReduceOnly;
		assert_eq!(
			events(),
			[
				Event::Restricted { instrument },
				Event::StateChanged { instrument, from: ContractState::Listed, to: reduce_only },
			]
		);
		assert_eq!(state(CONTRACT), Some(reduce_only));
		assert_noop!(Market::restrict(root(), CONTRACT), Error::<Test>::AlreadyRestricted);
		assert_ok!(Market::lift(root(), CONTRACT));
		assert_eq!(last_event(), Event::StateChanged { instrument, from: reduce_only, to: ContractState::Trading });
		for unknown in [Market::restrict(root(), InstrumentId(9)), Market::lift(root(), InstrumentId(9))] {
			assert_eq!(unknown, Err(Error::<Test>::UnknownInstrument.into()));
		}
	})
}

#[test]
fn a_lifted_restriction_does_not_open_a_contract_near_its_end() {
	Exchange::default().run(|| {
		assert_ok!(Market::restrict(root(), CONTRACT));
		pass(100_000);
		assert_ok!(Market::lift(root(), CONTRACT));
		assert_eq!(last_event(), Event::Lifted { instrument: CONTRACT });
		assert_eq!(state(CONTRACT), Some(ContractState::ReduceOnly));
	})
}

#[test]
#[should_panic(expected = "cannot be listed")]
fn a_genesis_with_terms_that_are_none_is_refused() {
	Exchange::default().terms(ContractTerms { opens: u64::MAX, ..terms() }).build();
}
