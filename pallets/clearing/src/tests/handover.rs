//! What nobody takes goes to the guarantor's house, and so does what an account owes beyond all it has.

use super::*;
use gcx_primitives::{Guarantors as _, Instruments as _, Trade};

/// The mark of a hundred lots falls, a stranger finds them, and nobody takes them in time.
fn nobody_takes(price: i64) {
	quote(price);
	liquidate(STRANGER, 11);
	pass(AUCTION);
}

fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

fn handed_over(lots: i64, price: i64) -> Event<Test> {
	let (owner, sub, guarantor) = (11, SubAccount(0), GUARANTOR);
	Event::HandedOver { owner, sub, guarantor, instrument: NEAR, lots: Lots(lots), price: Price(price) }
}

fn paid(to_house: i128) -> Event<Test> {
	let nothing = Cash(0);
	let to_house = Cash(to_house);
	Event::PenaltyPaid { owner: 11, sub: SubAccount(0), to_house, to_pool: nothing, to_caller: nothing }
}

#[test]
fn the_house_gets_the_lots_at_mark_and_the_largest_penalty() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		pass(AUCTION - 1);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::AlreadyForSale);
		pass(1);
		liquidate(STRANGER, 11);
		// 5 % of 32 lots at 2,449 are 3,918.4.
		assert!(events().contains(&handed_over(32, 2_449)) && events().contains(&paid(3_919)));
		assert_eq!((lots(11), cash(11)), (68, 100_000 - 32 * 551 - 3_919));
		assert_eq!((lots(GUARANTOR), cash(GUARANTOR)), (32, 2_000_000 + 32 * 551 + 3_919));
		assert_eq!((equity(11), view(11).margin.initial_margin), (40_981, Cash(40_800)));
		assert!(account(11).state.is_open());
		assert_eq!(events().last(), Some(&Event::Recovered { owner: 11, sub: SubAccount(0) }));
		// Nothing was paid to anybody else, and no custody moved.
		assert_eq!((customers(GUARANTOR).fees, customers(GUARANTOR).custody), (Cash(0), Cash(1_100_000)));
		settle();
		assert_eq!(net(GUARANTOR, SegmentSide::House), Cash(0));
	})
}

#[test]
fn the_penalty_is_at_most_what_is_left() {
	Exchange.run(|| {
		a_hundred_lots();
		nobody_takes(2_010);
		liquidate(STRANGER, 11);
		assert!(events().contains(&handed_over(100, 2_010)) && events().contains(&paid(1_000)));
		assert_eq!((cash(11), lots(11), cash(GUARANTOR)), (0, 0, 2_000_000 + 99_000 + 1_000));
		assert!(!events().iter().any(|event| matches!(event, Event::LossPassedOn { .. })));
		assert!(account(11).state.is_open());
		assert_ok!(try_close(11, 0));
	})
}

#[test]
fn negative_equity_is_the_houses_loss() {
	for is_settled in [false, true] {
		Exchange.run(|| {
			a_hundred_lots();
			quote(1_900);
			if is_settled {
				settle();
			}
			check(11);
			assert_eq!(customers(GUARANTOR).received, Cash(if is_settled { 10_000 } else { 0 }));
			pass(AUCTION);
			check(11);
			assert!(events().contains(&handed_over(100, 1_900)) && events().contains(&paid(0)));
			let loss = Cash(10_000);
			let (owner, sub, guarantor) = (11, SubAccount(0), GUARANTOR);
			// What it had is gone already where a run took it.
			let own = Cash(if is_settled { 0 } else { 100_000 });
			assert!(events().contains(&Event::LossPassedOn { owner, sub, guarantor, own, loss }));
			assert_eq!((cash(11), lots(11)), (0, 0));
			assert_eq!((equity(GUARANTOR), lots(GUARANTOR)), (1_990_000, 100));
			assert!(account(11).state.is_open());
			settle();
			assert_eq!((customers(GUARANTOR).received, customers(GUARANTOR).gaps), (Cash(0), Cash(0)));
			assert_eq!((customers(GUARANTOR).owed, ledger(GUARANTOR, SegmentSide::House).given), (Cash(0), Cash(0)));
		});
	}
}

#[test]
fn another_customers_money_is_not_touched() {
	Exchange.run(|| {
		a_hundred_lots();
		nobody_takes(1_000);
		check(11);
		assert_eq!((cash(11), cash(12), equity(GUARANTOR)), (0, 1_000_000, 1_900_000));
		settle();
		assert_eq!(customers(GUARANTOR).custody, Cash(1_000_000));
	})
}

#[test]
fn a_house_that_has_not_the_margin_is_called() {
	Exchange.run(|| {
		a_hundred_lots_before([(GUARANTOR, 5_000)]);
		nobody_takes(1_900);
		check(11);
		// It has 5,000 less the loss of 10,000, and a hundred lots need 45,000 for maintenance.
		assert_eq!((equity(GUARANTOR), lots(GUARANTOR)), (-5_000, 100));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(50_000));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		deposit(GUARANTOR, 50_000);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
	})
}

#[test]
fn a_house_without_limits_or_state_to_open_takes_it_all_the_same() {
	Exchange.run(|| {
		a_hundred_lots();
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), GUARANTOR, GuarantorState::ReduceOnly));
		nobody_takes(2_449);
		liquidate(STRANGER, 11);
		assert_eq!(lots(GUARANTOR), 32);
	})
}

#[test]
fn without_a_house_it_stays_for_sale() {
	Exchange.run(|| {
		a_hundred_lots_before([]);
		nobody_takes(2_449);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::NoHouse);
		next_block();
		assert!(is_for_sale(11) && account(11).triggers.watched.is_some());
		bid(OTHERS_CUSTOMER, 11, 50);
		assert_eq!(lots(11), 84);
		// A house that comes gets the rest.
		deposit(GUARANTOR, 5_000);
		next_block();
		assert!(lots(GUARANTOR) > 0 && account(11).state.is_open());
	})
}

/// What could not be handed over could not even be looked at: nobody was told that the guarantor missed its deadline.
#[test]
fn a_guarantor_without_a_house_still_misses_its_margin_call() {
	Exchange.run(|| {
		a_hundred_lots_before([]);
		// 11 owes 1,000 when the lots of 12 are worth nothing.
		assert_ok!(try_trade(&a_trade(12, OTHERS_CUSTOMER, 500, PRICE)));
		quote(1);
		settle();
		liquidate(STRANGER, 11);
		liquidate(STRANGER, 12);
		assert!(MarginCalls::<Test>::contains_key(GUARANTOR));
		pass(2 * HOUR + 1);
		check(11);
		assert!(events().iter().any(|event| matches!(event, Event::MarginCallMissed { .. })));
	})
}

#[test]
fn a_house_that_is_full_takes_nothing_more_and_the_account_stays() {
	Exchange.run(|| {
		a_hundred_lots();
		for id in 10..26 {
			assert_ok!(Clearing::list(InstrumentId(id), terms(), Price(PRICE)));
			let one = Trade { instrument: InstrumentId(id), ..a_trade(GUARANTOR, OTHER, 1, PRICE) };
			assert_ok!(try_trade(&one));
		}
		nobody_takes(2_449);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::NoHouse);
		// Whoever looks at it still does the rest, and is not told to try again.
		check(11);
		next_block();
		assert!(is_for_sale(11) && account(11).triggers.watched.is_some());
		assert!(Clearing::liquidations(10).iter().all(|shown| !shown.is_due));
		// And it is found as soon as there is room.
		let one = Trade { instrument: InstrumentId(10), ..a_trade(OTHER, GUARANTOR, 1, PRICE) };
		assert_ok!(try_trade(&one));
		wait(AUCTION);
		assert_eq!(lots(GUARANTOR), 32);
	})
}

#[test]
fn several_positions_and_collateral_go_one_after_the_other() {
	Exchange.run(|| {
		a_hundred_lots();
		take_tokens();
		// Half of 9,000.
		put_tokens(11, 3_000);
		try_trade(&Trade { instrument: FAR, ..a_trade(11, OTHERS_CUSTOMER, 20, PRICE) }).unwrap();
		quote(2_100);
		assert_eq!(equity(11), 100_000 + 4_500 - 120 * 900);
		liquidate(STRANGER, 11);
		pass(AUCTION);
		liquidate(STRANGER, 11);
		assert_eq!((account(11).positions.len(), account(11).collateral(TOKEN), cash(11)), (0, 0, 0));
		assert_eq!((lots(GUARANTOR), account(GUARANTOR).lots(FAR)), (100, Lots(20)));
		assert_eq!(account(GUARANTOR).collateral(TOKEN), 3_000);
		// 108,000 were lost, 104,500 were there.
		let passed = events().into_iter().find_map(|event| match event {
			Event::LossPassedOn { loss, .. } => Some(loss),
			_ => None,
		});
		assert_eq!(passed, Some(Cash(3_500)));
		assert_eq!(equity(GUARANTOR), 2_000_000 - 3_500);
	})
}

/// 11 closed its lots 10,000 too late; the house advanced that, it is with the winners, and 5,000 are left of it.
fn an_advance_is_lost() {
	govern(|parameters| parameters.trade_window = 100 * HOUR);
	open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 15_000), (OTHER, 2_000_000)]);
	trade(11, OTHERS_CUSTOMER, 100, PRICE);
	pass(GRACE);
	quote(1_900);
	trade(OTHERS_CUSTOMER, 11, 100, 1_900);
	settle();
	assert_eq!(
		(cash(11), customers(GUARANTOR).received, customers(GUARANTOR).custody),
		(-10_000, Cash(10_000), Cash(0))
	);
	assert!(MarginCalls::<Test>::iter().next().is_none());
}

/// The house had to pay the loss by the next run before it got back what it had paid already: it was called for it twice.
#[test]
fn a_loss_that_was_advanced_is_written_off_against_the_advance() {
	Exchange.run(|| {
		an_advance_is_lost();
		wait(HOUR + AUCTION + 20 * MINUTE);
		assert_eq!((cash(11), cash(GUARANTOR), equity(GUARANTOR)), (0, 5_000, 5_000));
		assert_eq!((customers(GUARANTOR).received, ledger(GUARANTOR, SegmentSide::House).given), (Cash(0), Cash(0)));
		assert!(!events().iter().any(|event| matches!(event, Event::MarginCalled { .. })));
		settle();
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).owed, Cash(0));
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).custody, Cash(5_000));
	})
}

#[test]
fn collateral_that_the_house_takes_is_paid_with_what_it_advanced() {
	Exchange.run(|| {
		an_advance_is_lost();
		take_tokens();
		// 6,667 of them count for 10,000.
		put_tokens(11, 6_700);
		wait(HOUR + AUCTION + 20 * MINUTE);
		assert_eq!((cash(11), account(11).collateral(TOKEN)), (0, 33));
		assert_eq!((cash(GUARANTOR), account(GUARANTOR).collateral(TOKEN)), (5_000, 6_667));
		assert_eq!((customers(GUARANTOR).received, ledger(GUARANTOR, SegmentSide::House).given), (Cash(0), Cash(0)));
		assert!(!events().iter().any(|event| matches!(event, Event::MarginCalled { .. })));
		settle();
		assert_eq!((customers(GUARANTOR).custody, ledger(GUARANTOR, SegmentSide::House).owed), (Cash(0), Cash(0)));
	})
}

/// Nobody looked at it until its turn came, because it had no positions.
#[test]
fn a_house_that_advanced_more_than_it_has_left_is_watched() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 15_000), (OTHER, 2_000_000)]);
		trade(11, OTHERS_CUSTOMER, 100, PRICE);
		trade(GUARANTOR, OTHERS_CUSTOMER, 5, PRICE);
		quote(1_900);
		trade(OTHERS_CUSTOMER, 11, 100, 1_900);
		trade(OTHERS_CUSTOMER, GUARANTOR, 5, 1_900);
		// Of 15,000 it advanced 10,000 and lost 5,500 by itself.
		assert_eq!((cash(GUARANTOR), equity(GUARANTOR)), (9_500, -500));
		assert!(account(GUARANTOR).triggers.watched.is_some());
		deposit(GUARANTOR, 500);
		assert!(account(GUARANTOR).triggers.watched.is_none());
	})
}
