//! What a house does for its customers, and what happens when it cannot.

use super::*;
use gcx_primitives::Guarantors as _;

fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

fn house(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::House)
}

/// 11 has 700,000 and is short a thousand lots; 600 of them has 21, 400 the other guarantor's house.
fn short_a_thousand(others: impl IntoIterator<Item = (AccountId, Balance)>) {
	open_market_with([(11, 700_000), (OTHERS_CUSTOMER, 1_000_000), (OTHER, 2_000_000)].into_iter().chain(others));
	trade(OTHERS_CUSTOMER, 11, 600, PRICE);
	trade(OTHER, 11, 400, PRICE);
}

/// The same behind a house of 100,000, and a run in which 11 lost a million: 200,000 are missing.
fn shortage() {
	short_a_thousand([(GUARANTOR, 100_000)]);
	settle_at(PRICE + 1_000);
}

fn count(is_one: impl Fn(&Event<Test>) -> bool) -> usize {
	events().iter().filter(|event| is_one(event)).count()
}

#[test]
fn a_house_advances_what_its_customer_lost_beyond_its_cash() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		settle_at(PRICE + 750);
		// 50,000 more than the segment had. The winners have all of it.
		assert!(events().contains(&Event::Advanced {
			guarantor: GUARANTOR,
			amount: Cash(50_000),
			needed: Cash(50_000)
		}));
		assert_eq!((customers(GUARANTOR).custody, customers(GUARANTOR).received), (Cash(0), Cash(50_000)));
		assert_eq!((house(GUARANTOR).custody, house(GUARANTOR).given), (Cash(50_000), Cash(50_000)));
		assert_eq!(customers(OTHER).custody, Cash(1_000_000 + 450_000));
		assert_eq!(house(OTHER).custody, Cash(2_000_000 + 300_000));
		check(11);
		assert_eq!((cash(11), account(11).state.is_open()), (-50_000, false));
		assert_eq!((customers(GUARANTOR).gaps, customers(GUARANTOR).uncovered()), (Cash(50_000), Cash(0)));
		// The house's own money is still its own.
		assert_eq!(cash(GUARANTOR), 100_000);
		assert!(MarginCalls::<Test>::iter().next().is_none());
	})
}

#[test]
fn one_customers_loss_is_never_anothers() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000), (12, 80_000)]);
		settle_at(PRICE + 750);
		// The segment could pay, with the money of 12.
		assert_eq!((customers(GUARANTOR).custody, customers(GUARANTOR).received), (Cash(30_000), Cash(0)));
		check(11);
		assert_eq!((customers(GUARANTOR).custody, customers(GUARANTOR).received), (Cash(80_000), Cash(50_000)));
	})
}

#[test]
fn an_advance_is_repaid_by_the_customers_deposit() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		settle_at(PRICE + 750);
		check(11);
		deposit(11, 30_000);
		assert_eq!(events().last(), Some(&Event::AdvanceRepaid { guarantor: GUARANTOR, amount: Cash(30_000) }));
		assert_eq!((cash(11), account(11).state.is_open()), (-20_000, false));
		assert_eq!((house(GUARANTOR).given, house(GUARANTOR).custody), (Cash(20_000), Cash(80_000)));
		deposit(11, 25_000);
		assert_eq!((cash(11), account(11).state.is_open()), (5_000, true));
		assert_eq!((house(GUARANTOR).given, house(GUARANTOR).custody), (Cash(0), Cash(100_000)));
		assert_eq!((customers(GUARANTOR).received, customers(GUARANTOR).custody), (Cash(0), Cash(5_000)));
	})
}

/// The gap was not stored yet, so that nothing seemed to be closed: the house did not get its money back.
#[test]
fn an_advance_is_repaid_by_a_deposit_before_anybody_looked() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		settle_at(PRICE + 750);
		deposit(11, 60_000);
		assert_eq!((cash(11), account(11).state.is_open()), (10_000, true));
		assert_eq!((house(GUARANTOR).given, house(GUARANTOR).custody), (Cash(0), Cash(100_000)));
		assert_eq!((customers(GUARANTOR).received, customers(GUARANTOR).custody), (Cash(0), Cash(10_000)));
	})
}

#[test]
fn an_advance_comes_back_when_the_customer_gains_it_back() {
	for was_rolled in [true, false] {
		Exchange.run(|| {
			short_a_thousand([(GUARANTOR, 100_000)]);
			settle_at(PRICE + 750);
			if was_rolled {
				check(11);
			}
			settle_at(PRICE);
			check(11);
			assert_eq!((cash(11), account(11).state.is_open()), (700_000, true));
			assert_eq!((house(GUARANTOR).given, house(GUARANTOR).custody), (Cash(0), Cash(100_000)));
			assert_eq!((customers(GUARANTOR).received, customers(GUARANTOR).custody), (Cash(0), Cash(700_000)));
			assert_eq!(count(|event| matches!(event, Event::AdvanceRepaid { .. })), 1);
		});
	}
}

#[test]
fn a_house_advances_no_more_than_it_has() {
	Exchange.run(|| {
		shortage();
		assert_eq!((customers(GUARANTOR).custody, house(GUARANTOR).custody), (Cash(0), Cash(0)));
		assert_eq!(customers(GUARANTOR).received, Cash(100_000));
		assert_eq!(
			(customers(GUARANTOR).owed, net(GUARANTOR, SegmentSide::Customers)),
			(Cash(-200_000), Cash(-200_000))
		);
		// And another guarantor's house nothing at all.
		assert_eq!(house(OTHER).given, Cash(0));
		check(11);
		assert_eq!((cash(11), customers(GUARANTOR).uncovered()), (-300_000, Cash(200_000)));
	})
}

#[test]
fn a_shortage_is_shared_by_those_who_are_owed_pro_rata() {
	Exchange.run(|| {
		shortage();
		// 800,000 of a million.
		assert_eq!((customers(OTHER).custody, customers(OTHER).owed), (Cash(1_480_000), Cash(120_000)));
		assert_eq!((house(OTHER).custody, house(OTHER).owed), (Cash(2_320_000), Cash(80_000)));
		let settled = Event::SegmentSettled {
			guarantor: OTHER,
			side: SegmentSide::House,
			due: Cash(400_000),
			moved: Cash(320_000),
			owed: Cash(80_000),
			custody: Cash(2_320_000),
		};
		assert!(events().contains(&settled));
		// What they have on their accounts is all of it.
		assert_eq!((view(OTHERS_CUSTOMER).cash, view(OTHER).cash), (Cash(1_600_000), Cash(2_400_000)));
	})
}

#[test]
fn a_shortage_is_shared_to_the_unit() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_001)]);
		settle_at(PRICE + 1_000);
		// 480,000.6 and 320,000.4: each rounded down, and the unit that is left over goes to the first.
		let moved = (customers(OTHER).custody.0 - 1_000_000, house(OTHER).custody.0 - 2_000_000);
		assert!([(480_001, 320_000), (480_000, 320_001)].contains(&moved), "{moved:?}");
		assert_eq!(customers(OTHER).owed.0 + house(OTHER).owed.0, 199_999);
	})
}

#[test]
fn the_rest_of_a_shortage_is_paid_as_it_comes_in() {
	Exchange.run(|| {
		shortage();
		check(11);
		deposit(GUARANTOR, 50_000);
		settle();
		assert_eq!((customers(OTHER).owed, house(OTHER).owed), (Cash(90_000), Cash(60_000)));
		assert_eq!(customers(GUARANTOR).owed, Cash(-150_000));
		// The customer can pay as well as the house.
		deposit(11, 50_000);
		settle();
		assert_eq!((customers(OTHER).owed, house(OTHER).owed), (Cash(60_000), Cash(40_000)));
		deposit(11, 250_000);
		settle();
		assert_eq!((customers(OTHER).owed, house(OTHER).owed), (Cash(0), Cash(0)));
		assert_eq!((cash(11), house(GUARANTOR).given), (0, Cash(0)));
		assert_eq!(house(GUARANTOR).custody, Cash(150_000));
	})
}

#[test]
fn a_guarantor_that_cannot_pay_is_called_and_only_reduces() {
	Exchange.run(|| {
		shortage();
		let (needed, deadline) = (Cash(200_000), now() + 2 * HOUR);
		assert!(events().contains(&Event::MarginCalled { guarantor: GUARANTOR, needed, deadline }));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), Some(MarginCall { needed, deadline }));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		assert_eq!(Guarantor::state(&OTHER), Some(GuarantorState::Active));
		let shown = Clearing::guarantor_view(GUARANTOR).unwrap();
		assert_eq!((shown.margin_call, shown.margin_call_deadline), (Some(needed), Some(deadline)));
		check(GUARANTOR);
		check(11);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, needed);
		assert_eq!(count(|event| matches!(event, Event::MarginCalled { .. })), 1);
	})
}

/// What was paid in for the segment's debt counted as owed until the next run: the call was met a day late.
#[test]
fn a_margin_call_is_met_by_a_deposit_to_the_house() {
	for was_rolled in [true, false] {
		for has_another_customer in [true, false] {
			Exchange.run(|| {
				short_a_thousand([(GUARANTOR, 100_000)]);
				if has_another_customer {
					deposit(12, 50_000);
				}
				settle_at(PRICE + 1_000);
				if was_rolled {
					check(11);
				}
				deposit(GUARANTOR, 199_999);
				check(11);
				check(GUARANTOR);
				assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(1));
				assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
				deposit(GUARANTOR, 1);
				assert_eq!(events().last(), Some(&Event::MarginCallMet { guarantor: GUARANTOR }));
				assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
				assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
				settle();
				assert_eq!((customers(GUARANTOR).owed, customers(OTHER).owed), (Cash(0), Cash(0)));
				assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
			});
		}
	}
}

#[test]
fn a_margin_call_is_met_by_the_customer_or_by_prices() {
	Exchange.run(|| {
		shortage();
		check(11);
		deposit(11, 200_000);
		check(GUARANTOR);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
	});
	Exchange.run(|| {
		shortage();
		check(11);
		settle_at(PRICE);
		check(11);
		check(GUARANTOR);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		assert_eq!((cash(11), house(GUARANTOR).given), (700_000, Cash(0)));
		assert_eq!((customers(OTHER).owed, house(OTHER).owed), (Cash(0), Cash(0)));
	});
}

#[test]
fn a_margin_call_that_is_missed_is_told_once() {
	Exchange.run(|| {
		shortage();
		pass(2 * HOUR);
		check(GUARANTOR);
		assert_eq!(count(|event| matches!(event, Event::MarginCallMissed { .. })), 0);
		pass(1);
		check(GUARANTOR);
		let missed = Event::MarginCallMissed { guarantor: GUARANTOR, needed: Cash(200_000) };
		assert!(events().contains(&missed));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		check(11);
		pass(HOUR);
		check(GUARANTOR);
		settle();
		assert_eq!(count(|event| matches!(event, Event::MarginCallMissed { .. })), 1);
		assert_eq!(count(|event| matches!(event, Event::Defaulted { .. })), 1);
		assert!(!MarginCalls::<Test>::contains_key(GUARANTOR));
		// Too late.
		deposit(GUARANTOR, 200_000);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
	})
}

/// Only house accounts were looked at again: who had none was never told that its deadline went by.
#[test]
fn a_guarantor_without_a_house_misses_its_call_too() {
	Exchange.run(|| {
		short_a_thousand([]);
		settle_at(PRICE + 1_000);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(300_000));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		check(11);
		pass(2 * HOUR + 1);
		check(11);
		assert_eq!(count(|event| matches!(event, Event::MarginCallMissed { .. })), 1);
		deposit(GUARANTOR, 300_000);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
	})
}

#[test]
fn withdrawals_wait_on_both_sides_until_a_shortage_is_paid() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000), (12, 1_000)]);
		settle_at(PRICE + 1_000);
		for who in [OTHERS_CUSTOMER, OTHER, 12] {
			assert_noop!(try_withdraw(who, 0, 100), Error::<Test>::SettlementUnpaid);
			assert_eq!(view(who).withdrawable, Cash(0));
		}
		check(11);
		deposit(GUARANTOR, 210_000);
		assert_noop!(try_withdraw(12, 0, 100), Error::<Test>::SettlementUnpaid);
		settle();
		for who in [OTHERS_CUSTOMER, OTHER, 12] {
			assert_ok!(try_withdraw(who, 0, 100));
		}
	})
}

#[test]
fn a_house_pays_for_itself_before_it_advances() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		trade(OTHER, GUARANTOR, 100, PRICE);
		settle_at(PRICE + 800);
		// 80,000 for itself, and what is left for the 100,000 of its customer.
		assert_eq!((house(GUARANTOR).owed, house(GUARANTOR).given), (Cash(0), Cash(20_000)));
		assert_eq!(customers(GUARANTOR).owed, Cash(-80_000));
		assert_eq!(view(GUARANTOR).cash, Cash(20_000));
		// Another 80,000, and its own positions' margin of 100 lots at 900: 760 in multiples of 300.
		let needed = MarginCalls::<Test>::get(GUARANTOR).unwrap().needed;
		assert_eq!(needed, Cash(80_000 + 67_500));
	})
}

#[test]
fn a_house_that_cannot_pay_for_itself_is_called() {
	Exchange.run(|| {
		open_market_with([(GUARANTOR, 60_000), (OTHERS_CUSTOMER, 1_000_000), (OTHER, 2_000_000)]);
		trade(OTHERS_CUSTOMER, GUARANTOR, 100, PRICE);
		settle_at(PRICE + 1_000);
		assert_eq!((house(GUARANTOR).custody, house(GUARANTOR).owed), (Cash(0), Cash(-40_000)));
		assert_eq!((customers(OTHER).owed, customers(OTHER).custody), (Cash(40_000), Cash(1_060_000)));
		check(GUARANTOR);
		// A house in a cash call advances nothing to itself. It needs that and its maintenance margin: 75 % of 90,000.
		assert_eq!((cash(GUARANTOR), account(GUARANTOR).state.is_open()), (-40_000, false));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(40_000 + 67_500));
		deposit(GUARANTOR, 107_500);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		settle();
		assert_eq!((house(GUARANTOR).owed, customers(OTHER).owed), (Cash(0), Cash(0)));
	})
}

#[test]
fn a_house_under_its_maintenance_margin_is_called_at_mark() {
	Exchange.run(|| {
		open_market_with([(GUARANTOR, 60_000), (OTHERS_CUSTOMER, 1_000_000)]);
		trade(GUARANTOR, OTHERS_CUSTOMER, 100, PRICE);
		let mark_at = |price| {
			fix(CLASS, price);
			refresh(NEAR);
			check(GUARANTOR);
		};
		// 45,000 is needed, and 45,000 is there.
		mark_at(PRICE - 150);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		mark_at(PRICE - 151);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(100));
		assert_noop!(try_withdraw(GUARANTOR, 0, 1), Error::<Test>::MarginNeeded);
		// It can close, and is called no more.
		trade(OTHERS_CUSTOMER, GUARANTOR, 1, PRICE - 151);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		mark_at(PRICE - 300);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		mark_at(PRICE);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
	})
}

#[test]
fn nobody_is_called_on_a_stale_mark() {
	Exchange.run(|| {
		open_market_with([(GUARANTOR, 60_000), (OTHERS_CUSTOMER, 1_000_000)]);
		trade(GUARANTOR, OTHERS_CUSTOMER, 100, PRICE);
		fix(CLASS, PRICE - 300);
		refresh(NEAR);
		pass(parameters().max_fix_age + 1);
		refresh(NEAR);
		check(GUARANTOR);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
	})
}

#[test]
fn a_guarantor_in_default_still_answers_with_its_house() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		assert_ok!(Guarantor::set_defaulted(&GUARANTOR));
		settle_at(PRICE + 1_000);
		assert_eq!(house(GUARANTOR).given, Cash(100_000));
		// It is not called any more: its default is worked out.
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		assert!(Defaults::<Test>::contains_key(GUARANTOR));
		// Paying in does not end it.
		deposit(GUARANTOR, 200_000);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
	})
}

#[test]
fn another_reason_to_reduce_outlasts_a_margin_call() {
	use gcx_primitives::ReduceOnlyReason::Governance;
	Exchange.run(|| {
		shortage();
		assert_ok!(Guarantor::set_reduce_only(&GUARANTOR, Governance));
		deposit(GUARANTOR, 200_000);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
	})
}

#[test]
fn what_a_house_advanced_stays_in_it() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		settle_at(PRICE + 750);
		open_fuse();
		// 50,000 were advanced, and 2,000 are the smallest house.
		assert_eq!(view(GUARANTOR).withdrawable, Cash(48_000));
		assert_noop!(try_withdraw(GUARANTOR, 0, 48_001), Error::<Test>::HouseFundsLocked);
		assert_ok!(try_withdraw(GUARANTOR, 0, 48_000));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
	})
}

#[test]
fn a_closing_trade_below_zero_calls_a_guarantor_whose_house_is_empty() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 2_000), (12, 100_000)]);
		fix(CLASS, PRICE + 750);
		refresh(NEAR);
		trade(11, OTHERS_CUSTOMER, 600, PRICE + 750);
		trade(11, OTHER, 400, PRICE + 750);
		assert_eq!((cash(11), house(GUARANTOR).given), (-50_000, Cash(2_000)));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(48_000));
		let refused = refusal(&a_trade(12, OTHER, 1, PRICE));
		assert_eq!(refused, (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Guarantor)));
	})
}

#[test]
fn a_closing_trade_below_zero_is_advanced_at_once() {
	Exchange.run(|| {
		short_a_thousand([(GUARANTOR, 100_000)]);
		fix(CLASS, PRICE + 750);
		refresh(NEAR);
		trade(11, OTHERS_CUSTOMER, 600, PRICE + 750);
		trade(11, OTHER, 400, PRICE + 750);
		assert_eq!((cash(11), account(11).state.is_open()), (-50_000, false));
		assert_eq!((house(GUARANTOR).given, customers(GUARANTOR).custody), (Cash(50_000), Cash(750_000)));
		settle();
		assert_eq!(customers(GUARANTOR).custody, Cash(0));
		deposit(11, 50_000);
		assert_eq!(house(GUARANTOR).given, Cash(0));
		deposit(11, 1);
		assert_ok!(try_withdraw(11, 0, 1));
		assert_ok!(try_close(11, 0));
	})
}
