//! Instruments that end: for everybody, at the settlement price of one run.

use super::{defaults::*, *};
use gcx_primitives::{Instruments as _, Trade};

/// The instrument ends after the next run.
fn end(id: InstrumentId) {
	Endings::<Test>::try_append((id, Settled::<Test>::get().current)).expect("there is room");
	Instruments::<Test>::mutate(id, |instrument| {
		instrument.as_mut().expect("it is listed").ending = Some(Ending::Settlement)
	});
}

fn far(buyer: AccountId, seller: AccountId, lots: i64, price: i64) {
	try_trade(&Trade { instrument: FAR, ..a_trade(buyer, seller, lots, price) }).expect("it is taken over");
}

fn gross(who: AccountId, id: InstrumentId) -> i64 {
	Owners::<Test>::get(who).expect("it has an account").gross(id).0
}

#[test]
fn all_positions_end_at_the_settlement_price() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE + 50);
		trade(12, OTHER, 30, PRICE);
		trade(GUARANTOR, 12, 5, PRICE);
		let issued = issuance();
		end(NEAR);
		assert_ok!(Clearing::do_try_state());
		assert_eq!(refusal(&a_trade(11, OTHERS_CUSTOMER, 1, PRICE)), (None, Refusal::Quarantined));
		run_at(PRICE + 100);
		assert_ok!(Clearing::do_try_state());
		let price = Price(PRICE + 100);
		assert!(events().contains(&Event::InstrumentEnded { instrument: NEAR, run: RunId(1), price }));
		assert_eq!((instrument(NEAR).long, instrument(NEAR).short), (Lots(0), Lots(0)));
		assert_eq!(SegmentPositions::<Test>::iter_prefix(NEAR).count(), 0);
		// Some are rolled at once, some after more runs and other prices.
		check(11);
		check(12);
		run_at(PRICE + 900);
		assert_ok!(Clearing::do_try_state());
		run_at(PRICE - 500);
		for (who, had) in [
			(11, 1_000_000 + 10 * 50),
			(12, 1_000_000 + 25 * 100),
			(OTHERS_CUSTOMER, 1_000_000 - 10 * 50),
			(OTHER, 2_000_000 - 30 * 100),
			(GUARANTOR, 2_000_000 + 5 * 100),
		] {
			check(who);
			assert_eq!((cash(who), account(who).positions.len()), (had, 0), "{who}");
			assert_eq!(gross(who, NEAR), 0, "{who}");
		}
		assert_whole();
		assert_eq!(issuance(), issued);
	})
}

#[test]
fn another_month_goes_on() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		trade(11, OTHER, 10, PRICE);
		far(11, OTHERS_CUSTOMER, 7, PRICE);
		end(NEAR);
		run_at(PRICE + 100);
		assert_eq!(instrument(FAR).long, Lots(7));
		assert!(instrument(FAR).ended.is_none() && instrument(NEAR).ended == Some(RunId(1)));
		far(11, OTHERS_CUSTOMER, 3, PRICE + 100);
		run_at(PRICE + 200);
		check(11);
		assert_eq!((cash(11), account(11).lots(FAR)), (1_000_000 + 1_000 + 700 + 1_000, Lots(10)));
		assert_eq!((gross(11, FAR), gross(11, NEAR)), (10, 0));
		// The one that ended has no price any more.
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE + 100));
	})
}

#[test]
fn it_is_delisted_only_after_every_holder_was_rolled() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		trade(11, OTHER, 10, PRICE);
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::InstrumentHeld);
		end(NEAR);
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::InstrumentHeld);
		run_at(PRICE + 100);
		assert_noop!(Clearing::delist(NEAR), Error::<Test>::InstrumentHeld);
		minutes(20);
		assert!(Accounts::<Test>::iter_values().all(|account| account.positions.is_empty()));
		assert_ok!(Clearing::delist(NEAR));
		run_at(PRICE + 200);
		assert_eq!((view(11).cash, view(OTHER).cash), (Cash(1_001_000), Cash(1_999_000)));
		// Its number can be used again.
		assert_ok!(Clearing::list(NEAR, terms(), Price(PRICE)));
		refresh(NEAR);
		trade(11, OTHER, 1, PRICE);
	})
}

/// Who could not be looked at, because what it holds besides could not be handed over to a house that there is not, kept the
/// ended position when the instrument was gone, and could never be opened again.
#[test]
fn who_cannot_be_looked_at_does_not_keep_what_is_gone() {
	Exchange.run(|| {
		calm_rules();
		govern(|parameters| parameters.margin_call_period = 168 * HOUR);
		open_market_with([(11, 130_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000)]);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		far(OTHERS_CUSTOMER, 11, 100, PRICE);
		minutes(11);
		fix(CLASS, PRICE + 700);
		refresh(NEAR);
		refresh(FAR);
		minutes(40);
		assert!(account(11).state.is_liquidating());
		end(NEAR);
		run_at(PRICE + 700);
		minutes(60);
		assert_ok!(Clearing::delist(NEAR));
		assert_ok!(Clearing::do_try_state());
		assert_eq!(view(11).cash, Cash(130_000 - 140_000));
		deposit(11, 10_000);
		assert_eq!((cash(11), account(11).positions.len()), (0, 1));
	})
}

#[test]
fn a_hedge_that_lost_a_leg_is_found() {
	Exchange.run(|| {
		hold_runs();
		open_market_with([(11, 65_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000), (OTHER, 2_000_000)]);
		trade(11, OTHER, 100, PRICE);
		// It sold the far month for less than it is worth.
		far(OTHERS_CUSTOMER, 11, 100, PRICE - 250);
		minutes(11);
		assert!(account(11).state.is_open() && cash(11) == 40_000);
		end(NEAR);
		run_at(PRICE);
		// A hundred lots alone need 45,000.
		minutes(10);
		assert!(account(11).state.is_liquidating());
		let begun = |event: &Event<Test>| matches!(event, Event::LiquidationBegun { owner: 11, .. });
		assert!(events().iter().any(begun));
	})
}

/// Between two pricing steps: before its own step, and after it, with the price already staged.
#[test]
fn it_ends_with_the_run_that_is_being_priced() {
	for steps in 1..=3 {
		Exchange.run(|| {
			open_market();
			trade(11, OTHER, 10, PRICE);
			fix(CLASS, PRICE + 100);
			take_steps(steps);
			end(NEAR);
			assert_ok!(Clearing::do_try_state());
			settle();
			assert_eq!(instrument(NEAR).ended, Some(RunId(1)));
			check(11);
			assert_eq!((cash(11), lots(11)), (1_001_000, 0));
			assert_whole();
		});
	}
}

#[test]
fn without_a_mark_it_ends_at_the_price_that_it_had() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		trade(11, OTHER, 10, PRICE);
		run_at(PRICE + 100);
		no_fix(CLASS);
		refresh(NEAR);
		end(NEAR);
		settle();
		check(11);
		assert_eq!((cash(11), lots(11)), (1_001_000, 0));
		assert!(instrument(NEAR).ended.is_some());
		assert_whole();
	})
}

/// Its lots do not cancel out, or it could not be priced: it ends at the price that it had, and what is owed stays in balance.
#[test]
fn what_is_quarantined_ends_where_it_stood() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		trade(11, OTHER, 10, PRICE);
		run_at(PRICE + 100);
		Instruments::<Test>::mutate(NEAR, |instrument| instrument.as_mut().unwrap().quarantined = true);
		end(NEAR);
		run_at(PRICE + 500);
		check(11);
		assert_eq!((cash(11), lots(11)), (1_001_000, 0));
		assert_whole();
	})
}

/// The owner of several accounts is on the list for concentration while its positions end.
#[test]
fn owners_with_several_accounts_are_rolled_one_by_one() {
	Exchange.run(|| {
		hold_runs();
		govern(|parameters| parameters.margin.concentration_threshold = Lots(5));
		open_market();
		assert_ok!(try_deposit(11, 1, 500_000));
		let mut second = a_trade(11, OTHER, 20, PRICE);
		second.buyer.account.sub = SubAccount(1);
		trade(11, OTHER, 10, PRICE);
		try_trade(&second).expect("it is taken over");
		assert!(OwnersToCheck::<Test>::contains_key(11));
		end(NEAR);
		run_at(PRICE + 100);
		assert_eq!(gross(11, NEAR), 30);
		check(11);
		assert_eq!(gross(11, NEAR), 20);
		assert_ok!(Clearing::do_try_state());
		minutes(10);
		assert_eq!(gross(11, NEAR), 0);
		assert!(!OwnersToCheck::<Test>::contains_key(11));
		assert_eq!(Accounts::<Test>::get(11, SubAccount(1)).unwrap().cash, Cash(502_000));
	})
}
