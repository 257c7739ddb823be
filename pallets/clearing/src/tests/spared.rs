//! When nobody is liquidated: on prices that are not fresh, and for a while after they, or the chain, came back. And one account that
//! cannot be looked at stops nobody else.

use super::*;
use gcx_primitives::{AccountKey, Guarantors as _, Instruments as _};

/// A hundred lots that lost so much that they lack margin.
fn short_of_margin() {
	a_hundred_lots();
	quote(2_449);
}

fn is_spared() {
	assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::InGrace);
	check(11);
	assert!(account(11).state.is_open());
	assert!(account(11).triggers.watched.is_some(), "it is looked at until it is liquidated");
}

#[test]
fn nobody_is_liquidated_in_the_first_minutes_of_a_listing() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		trade(11, OTHERS_CUSTOMER, 100, PRICE);
		quote(2_449);
		pass(GRACE - 1);
		is_spared();
		pass(1);
		liquidate(STRANGER, 11);
	})
}

#[test]
fn nobody_is_liquidated_without_a_mark_or_in_the_grace_after_it_came_back() {
	Exchange.run(|| {
		short_of_margin();
		no_fix(CLASS);
		quote_nothing();
		is_spared();
		pass(HOUR);
		is_spared();
		quote(2_449);
		is_spared();
		pass(GRACE - 1);
		is_spared();
		pass(1);
		liquidate(STRANGER, 11);
	})
}

fn quote_nothing() {
	no_fix(CLASS);
	refresh(NEAR);
	refresh(FAR);
}

#[test]
fn a_mark_that_grew_too_old_is_none_even_if_nobody_looked() {
	Exchange.run(|| {
		short_of_margin();
		pass(parameters().max_fix_age + 1);
		is_spared();
		// It is another mark that comes after it.
		fix(CLASS, 2_449);
		refresh(NEAR);
		is_spared();
	})
}

#[test]
fn another_instruments_mark_spares_nobody() {
	Exchange.run(|| {
		a_hundred_lots();
		quote_nothing();
		fix(CLASS, 2_449);
		refresh(NEAR);
		pass(GRACE);
		assert!(instrument(FAR).mark.is_none());
		liquidate(STRANGER, 11);
	})
}

#[test]
fn nobody_is_liquidated_after_the_chain_stood_still() {
	Exchange.run(|| {
		a_hundred_lots();
		next_block();
		pass(10 * MINUTE - 3_000);
		fix(CLASS, 2_449);
		// Ten minutes between two blocks are no outage.
		next_block();
		assert!(is_for_sale(11));
	});
	Exchange.run(|| {
		a_hundred_lots();
		next_block();
		pass(10 * MINUTE + 1);
		quote(2_449);
		// Before the block's hook as well as after it.
		is_spared();
		next_block();
		is_spared();
		pass(GRACE - 1);
		next_block_after(0);
		is_spared();
		next_block();
		assert!(is_for_sale(11));
	});
}

/// The deadline of a guarantor's call, and the time in which its customers can leave, do not end while nobody could act.
#[test]
fn no_deadline_ends_while_the_chain_stood_still() {
	Exchange.run(|| {
		open_market();
		trade(GUARANTOR, OTHERS_CUSTOMER, 900, PRICE);
		settle_at(PRICE - 2_400);
		next_block();
		let deadline = MarginCalls::<Test>::get(GUARANTOR).expect("it is called").deadline;
		pass(deadline + 1 - now());
		check(GUARANTOR);
		next_block();
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		pass(GRACE - 3_001);
		next_block();
		check(GUARANTOR);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		next_block();
		check(GUARANTOR);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));

		let until = porting_until(GUARANTOR);
		pass(until + 1 - now());
		next_block();
		assert_eq!(porting_until(GUARANTOR), until);
		wait(GRACE);
		let failure = Defaults::<Test>::get(GUARANTOR).expect("it is in default");
		assert!(!matches!(failure.stage, Stage::Porting { .. }));
	})
}

fn porting_until(guarantor: AccountId) -> u64 {
	match Defaults::<Test>::get(guarantor).expect("it is in default").stage {
		Stage::Porting { until } => until,
		stage => panic!("it is {stage:?}"),
	}
}

/// A block that comes so long after the last one.
fn next_block_after(time: u64) {
	use frame_support::traits::Hooks;
	pass(time);
	System::set_block_number(System::block_number() + 1);
	Clearing::on_initialize(System::block_number());
}

#[test]
fn nobody_is_liquidated_while_the_price_of_its_collateral_is_stale() {
	Exchange.run(|| {
		open_market_with([(11, 30_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		take_tokens();
		put_tokens(11, 60_000);
		trade(11, OTHERS_CUSTOMER, 100, PRICE);
		pass(GRACE);
		no_fix(OTHER_CLASS);
		// Its collateral counts for nothing now.
		assert_eq!(equity(11), 30_000);
		is_spared();
		fix(OTHER_CLASS, 900);
		// 27,000 of it.
		assert_eq!(equity(11), 57_000);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::Sound);
		fix(OTHER_CLASS, 300);
		liquidate(STRANGER, 11);
	})
}

#[test]
fn nobody_is_liquidated_on_an_instrument_in_quarantine() {
	Exchange.run(|| {
		short_of_margin();
		let quarantine = |is| {
			Instruments::<Test>::mutate(NEAR, |instrument| instrument.as_mut().unwrap().quarantined = is);
		};
		quarantine(true);
		is_spared();
		quarantine(false);
		liquidate(STRANGER, 11);
		quarantine(true);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NoMark);
		quarantine(false);
	})
}

#[test]
fn nothing_is_sold_without_a_mark_and_the_auction_begins_anew() {
	Exchange.run(|| {
		short_of_margin();
		liquidate(STRANGER, 11);
		pass(20 * MINUTE);
		quote_nothing();
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NoMark);
		pass(20 * MINUTE);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::InGrace);
		quote(2_449);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::InGrace);
		pass(GRACE - 1);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::InGrace);
		pass(1);
		// From here on it takes as long as at first.
		assert_noop!(try_bid(12, 11, 100, 1), Error::<Test>::WorseThanAsked);
		pass(AUCTION - 1);
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::AlreadyForSale);
		pass(1);
		liquidate(STRANGER, 11);
		assert_eq!(lots(GUARANTOR), 32);
	})
}

#[test]
fn an_auction_begins_anew_after_the_chain_stood_still() {
	Exchange.run(|| {
		short_of_margin();
		next_block();
		assert!(is_for_sale(11));
		pass(AUCTION);
		next_block();
		assert_eq!((is_for_sale(11), lots(GUARANTOR)), (true, 0));
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::InGrace);
		wait(GRACE);
		assert_noop!(try_bid(12, 11, 100, 32), Error::<Test>::WorseThanAsked);
		wait(AUCTION - MINUTE);
		assert_eq!(lots(GUARANTOR), 0);
		wait(MINUTE);
		assert_eq!(lots(GUARANTOR), 32);
	})
}

/// Nobody could bid while it was stale, and when it came back the house had it all at once.
#[test]
fn an_auction_begins_anew_after_the_price_of_collateral_was_stale() {
	Exchange.run(|| {
		open_market_with([(11, 90_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		take_tokens();
		put_tokens(11, 6_000);
		trade(11, OTHERS_CUSTOMER, 100, PRICE);
		pass(GRACE);
		quote(2_449);
		liquidate(STRANGER, 11);
		next_block();
		no_fix(OTHER_CLASS);
		wait(AUCTION);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NoMark);
		fix(OTHER_CLASS, PRICE);
		next_block();
		assert_eq!(lots(GUARANTOR), 0);
		bid(12, 11, 100);
	})
}

/// 12 lacks margin as well.
fn two_are_short() {
	a_hundred_lots_before([(13, 100_000), (GUARANTOR, 2_000_000)]);
	trade(13, OTHERS_CUSTOMER, 100, PRICE);
	fix(CLASS, 2_449);
}

#[test]
fn an_account_that_cannot_be_reckoned_stops_nobody_else() {
	Exchange.run(|| {
		two_are_short();
		let sound = account(11);
		let mut broken = sound.clone();
		broken.positions[0].instrument = InstrumentId(99);
		Accounts::<Test>::insert(11, SubAccount(0), &broken);
		wait(AUCTION + 10 * MINUTE);
		assert_eq!((lots(13), lots(GUARANTOR)), (68, 32));
		assert!(account(11).triggers.watched.is_some() && account(11).triggers.levels.is_empty());
		assert!(Clearing::check_account(RuntimeOrigin::signed(STRANGER), 11, SubAccount(0)).is_err());
		Accounts::<Test>::insert(11, SubAccount(0), MarginAccount { triggers: account(11).triggers, ..sound });
		wait(AUCTION + 10 * MINUTE);
		assert_eq!(lots(11), 68);
	})
}

/// What cannot even be read has a level that was found for ever.
#[test]
fn an_account_that_cannot_be_read_stops_nobody_else() {
	Exchange.run(|| {
		two_are_short();
		deposit(11, 100_000);
		let sound = account(11);
		assert!(!sound.triggers.levels.is_empty());
		let key = Accounts::<Test>::hashed_key_for(11, SubAccount(0));
		sp_io::storage::set(&key, &[1]);
		fix(CLASS, 1_000);
		wait(AUCTION + 10 * MINUTE);
		assert_eq!(lots(13), 0);
		// Once it can be read again its places are written anew.
		for trigger in &sound.triggers.levels {
			for (direction, level) in crate::triggers::places(trigger) {
				let key = AccountKey { owner: 11, sub: SubAccount(0) };
				Levels::<Test>::remove((trigger.subject, direction), (level, key));
			}
		}
		let triggers = Triggers { levels: Default::default(), watched: None };
		Accounts::<Test>::insert(11, SubAccount(0), MarginAccount { triggers, ..sound });
		check(11);
		assert!(is_for_sale(11));
	})
}

/// The same of a house: its customers are still looked at, though nothing can be handed over.
#[test]
fn a_house_that_cannot_be_reckoned_stops_no_other_guarantor() {
	Exchange.run(|| {
		two_are_short();
		let listed = Clearing::list(InstrumentId(5), terms(), Price(PRICE));
		assert_ok!(listed);
		deposit(OTHERS_CUSTOMER, 1_000);
		let sound = account(GUARANTOR);
		let mut broken = sound.clone();
		let unknown = Position { instrument: InstrumentId(99), lots: Lots(1), basis: Price(0) };
		broken.positions.try_push(unknown).unwrap();
		Accounts::<Test>::insert(GUARANTOR, SubAccount(0), &broken);
		next_block();
		assert!(is_for_sale(11) && is_for_sale(13));
		bid(12, 11, 100);
		wait(AUCTION);
		assert!(is_for_sale(13));
		let triggers = account(GUARANTOR).triggers;
		Accounts::<Test>::insert(GUARANTOR, SubAccount(0), MarginAccount { triggers, ..sound });
		wait(10 * MINUTE);
		assert_eq!((lots(13), lots(GUARANTOR)), (68, 32));
	})
}
