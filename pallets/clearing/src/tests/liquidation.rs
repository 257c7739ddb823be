//! Who is liquidated, who finds it, what is offered, and how it ends without a taker.

use super::*;
use crate::offer::Offer;
use frame_support::weights::Weight;
use gcx_primitives::{ComputeHours, CustomerLimits, InstrumentTerms, Instruments as _, Trade, TradeBatch};

/// An instrument on another class than the two months, on ten Compute Hours a lot.
const ELSEWHERE: InstrumentId = InstrumentId(3);

fn begun(equity: i128, maintenance: i128, by: Option<AccountId>) -> Event<Test> {
	let (equity, maintenance) = (Cash(equity), Cash(maintenance));
	Event::LiquidationBegun { owner: 11, sub: SubAccount(0), equity, maintenance, by }
}

fn recovered() -> Event<Test> {
	Event::Recovered { owner: 11, sub: SubAccount(0) }
}

fn is_watched(who: AccountId) -> bool {
	account(who).triggers.watched.is_some()
}

/// 11 has so much, is long a hundred lots of the near month and short so many of the far one. It is after the grace.
fn a_hedge(cash: Balance, short: i64) {
	open_market_with([(11, cash), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000), (OTHER, 2_000_000)]);
	let mut batch = Books::<Test>::open();
	// A tenth at a time: half of it alone has no margin.
	for _ in 0..10 {
		batch.trade(&a_trade(11, OTHERS_CUSTOMER, 10, PRICE)).expect("it is taken over");
		let far = Trade { instrument: FAR, ..a_trade(OTHER, 11, short / 10, PRICE) };
		batch.trade(&far).expect("it is taken over");
	}
	assert_ok!(batch.commit());
	pass(GRACE);
}

#[test]
fn an_account_with_maintenance_margin_is_left_alone() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_450);
		assert_eq!((equity(11), view(11).margin.maintenance_margin), (45_000, Cash(45_000)));
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::Sound);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
		check(11);
		wait(HOUR);
		assert!(account(11).state.is_open());
	})
}

#[test]
fn who_finds_an_account_under_maintenance_margin_is_noted_and_pays_nothing() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		assert_eq!(events().last(), Some(&begun(44_900, 45_000, Some(STRANGER))));
		assert_eq!(account(11).state, AccountState::Liquidating { since: now(), by: Some(STRANGER) });
		assert!(is_watched(11));
		assert_noop!(try_liquidate(12, 11), Error::<Test>::AlreadyForSale);
		assert_noop!(try_liquidate(12, 13), Error::<Test>::UnknownAccount);
	})
}

#[test]
fn a_check_of_the_account_finds_it_and_nobody_is_noted() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		check(11);
		assert_eq!(events().last(), Some(&begun(44_900, 45_000, None)));
	})
}

#[test]
fn its_level_finds_it() {
	Exchange.run(|| {
		a_hundred_lots();
		deposit(11, 100_000);
		assert!(!is_watched(11));
		quote(1_200);
		assert_eq!(Clearing::inspect_reached(&mut without_limit(), Weight::MAX), 1);
		assert_eq!(events().last(), Some(&begun(20_000, 22_500, None)));
	})
}

#[test]
fn the_watch_list_finds_it() {
	Exchange.run(|| {
		a_hundred_lots();
		// Close to its margin it has no level any more.
		quote(2_460);
		check(11);
		assert!(is_watched(11) && account(11).state.is_open() && account(11).triggers.levels.is_empty());
		quote(2_449);
		assert_eq!(Clearing::inspect_reached(&mut without_limit(), Weight::MAX), 0);
		assert_eq!(Clearing::inspect_watched(&mut without_limit(), 1), 1);
		assert_eq!(events().last(), Some(&begun(44_900, 45_000, None)));
	})
}

#[test]
fn the_sweep_finds_it() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		assert_eq!(Clearing::sweep(&mut without_limit(), u32::try_from(Accounts::<Test>::iter().count()).unwrap()), 5);
		assert_eq!(events().last(), Some(&begun(44_900, 45_000, None)));
	})
}

#[test]
fn the_chain_alone_finds_it_offers_it_and_hands_it_over() {
	Exchange.run(|| {
		a_hundred_lots();
		fix(CLASS, 2_449);
		next_block();
		assert!(events().contains(&begun(44_900, 45_000, None)));
		wait(AUCTION);
		assert_eq!((lots(11), lots(GUARANTOR)), (68, 32));
		assert!(events().contains(&recovered()) && account(11).state.is_open());
	})
}

#[test]
fn two_accounts_are_found_in_one_block() {
	Exchange.run(|| {
		a_hundred_lots_before([(13, 100_000)]);
		trade(13, OTHERS_CUSTOMER, 100, PRICE);
		fix(CLASS, 2_449);
		next_block();
		assert!(is_for_sale(11) && is_for_sale(13) && !is_for_sale(OTHERS_CUSTOMER));
	})
}

/// 5 % of a lot's 2,449 are 122.45 at most, its margin is 600: 32 lots are the least that bring 15,100.
#[test]
fn the_least_lots_are_offered_that_restore_initial_margin() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(32))]));
		// It is offered until initial margin is there, not until maintenance margin is.
		quote(2_550);
		assert_eq!((equity(11), view(11).margin.initial_margin), (55_000, Cash(60_000)));
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(11))]));
		quote(2_600);
		assert_eq!(offer(11), Offer::Nothing);
	})
}

#[test]
fn a_short_position_is_offered_as_such() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		pass(GRACE);
		// A fifth of 3,478 is 695: a range of 900.
		quote(3_478);
		assert_eq!((equity(11), view(11).margin.maintenance_margin), (52_200, Cash(67_500)));
		liquidate(STRANGER, 11);
		// 900 − 173.9 a lot for 37,800.
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(-53))]));
	})
}

#[test]
fn the_leg_is_offered_that_lowers_the_requirement_most() {
	// 60,000 of the near month against 54,000 or 66,000 of the other class.
	for (others, largest) in [(9, NEAR), (11, ELSEWHERE)] {
		Exchange.run(|| {
			open_market_with([(11, 130_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
			fix(OTHER_CLASS, PRICE);
			let elsewhere = InstrumentTerms { class: OTHER_CLASS, multiplier: ComputeHours(10), ..terms() };
			assert_ok!(Clearing::list(ELSEWHERE, elsewhere, Price(PRICE)));
			trade(11, OTHERS_CUSTOMER, 100, PRICE);
			try_trade(&Trade { instrument: ELSEWHERE, ..a_trade(11, OTHERS_CUSTOMER, others, PRICE) }).unwrap();
			pass(GRACE);
			quote(2_550);
			assert_eq!(equity(11), 85_000);
			liquidate(STRANGER, 11);
			let Offer::Positions(lots) = offer(11) else { panic!("positions are offered") };
			assert_eq!((lots.len(), lots[0].0), (1, largest));
		});
	}
}

/// Neither leg of a hedge lowers what the other requires: 6,000 for ten open lots and 8,100 for ninety spreads.
#[test]
fn a_slice_of_a_hedged_book_is_offered() {
	Exchange.run(|| {
		a_hedge(30_000, 90);
		govern(|parameters| {
			parameters.max_penalty = Ppm(5_000);
			parameters.liquidation.pool_penalty = Ppm(1_000);
		});
		quote(900);
		// A range of 300 now.
		assert_eq!((equity(11), view(11).margin.initial_margin), (9_000, Cash(7_050)));
		quote(600);
		assert_eq!((equity(11), view(11).margin.maintenance_margin), (6_000, Cash(5_288)));
		quote(520);
		assert_eq!((equity(11), view(11).margin.maintenance_margin), (5_200, Cash(5_288)));
		liquidate(STRANGER, 11);
		// 27 and 25: eight open lots and 65 spreads require 5,325 and 5,064.8 are left; 28 and 25 leave 7 · 300 + 65 · 45.
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(28)), (FAR, Lots(-25))]));
	})
}

#[test]
fn a_book_that_nothing_restores_is_offered_whole() {
	Exchange.run(|| {
		a_hundred_lots();
		// 5 % of everything is more than the 1,000 that are left.
		quote(2_010);
		liquidate(STRANGER, 11);
		assert_eq!((equity(11), offer(11)), (1_000, Offer::Positions(vec![(NEAR, Lots(100))])));
		quote(1_900);
		assert_eq!((equity(11), offer(11)), (-10_000, Offer::Positions(vec![(NEAR, Lots(100))])));
	});
	Exchange.run(|| {
		a_hedge(30_000, 90);
		quote(10);
		liquidate(STRANGER, 11);
		assert_eq!(equity(11), 100);
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(100)), (FAR, Lots(-90))]));
	});
}

#[test]
fn a_lot_of_dust_is_liquidated_like_any_other() {
	Exchange.run(|| {
		open_market_with([(11, OPENING), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		trade(11, OTHERS_CUSTOMER, 1, PRICE);
		pass(GRACE);
		quote(2_449);
		assert_eq!(equity(11), 449);
		liquidate(STRANGER, 11);
		let before = dollars(STRANGER);
		bid(12, 11, 1);
		// A penalty of 24.49, a fifth of which goes to who found it.
		assert_eq!((lots(11), lots(12), cash(11)), (0, 1, 1_000 - 551 - 25));
		assert_eq!(dollars(STRANGER), before + 5);
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).penalties, Cash(20));
	})
}

#[test]
fn a_deposit_ends_it() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		deposit(11, 15_099);
		check(11);
		assert!(is_for_sale(11));
		deposit(11, 1);
		assert!(events().contains(&recovered()));
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
		assert!(account(11).state.is_open());
		assert_noop!(try_liquidate(STRANGER, 11), Error::<Test>::Sound);
	})
}

#[test]
fn a_price_ends_it() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		quote(2_599);
		check(11);
		assert!(is_for_sale(11));
		quote(2_600);
		check(11);
		assert_eq!(events().last(), Some(&recovered()));
		// And it may open positions again.
		deposit(11, 1_000);
		trade(11, OTHERS_CUSTOMER, 1, 2_600);
	})
}

#[test]
fn who_is_for_sale_may_only_reduce_and_may_close_by_itself() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(STRANGER, 11);
		let reason = Refusal::ReduceOnly(ReduceOnlyCause::Account);
		assert_eq!(refusal(&a_trade(11, OTHERS_CUSTOMER, 1, 2_449)), (Some(Side::Buy), reason));
		assert_noop!(try_withdraw(11, 0, 1), Error::<Test>::MarginNeeded);
		trade(OTHERS_CUSTOMER, 11, 26, 2_449);
		assert_eq!((equity(11), view(11).margin.initial_margin), (44_900, Cash(44_400)));
		check(11);
		assert!(account(11).state.is_open());
	})
}

/// Far off the market it would give its guarantor's money to a friend.
#[test]
fn a_closing_trade_is_no_farther_from_the_mark_than_a_liquidation() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_010);
		liquidate(STRANGER, 11);
		// 5 % are 100.5.
		let (side, reason) = refusal(&a_trade(OTHERS_CUSTOMER, 11, 50, 1_909));
		assert!(side == Some(Side::Sell) && matches!(reason, Refusal::InsufficientMargin { .. }), "{reason:?}");
		trade(OTHERS_CUSTOMER, 11, 5, 1_910);
	})
}

#[test]
fn a_guarantor_cannot_squeeze_its_customer() {
	Exchange.run(|| {
		a_hundred_lots();
		set_limits(11, CustomerLimits { margin_multiplier: Ppm(5_000_000), suspended: true, ..limits() });
		quote(2_450);
		assert_eq!(view(11).margin.initial_margin, Cash(300_000));
		assert_noop!(try_liquidate(GUARANTOR, 11), Error::<Test>::Sound);
		// Nor is more sold than restores the margin without the multiplier.
		quote(2_449);
		liquidate(GUARANTOR, 11);
		assert_eq!(offer(11), Offer::Positions(vec![(NEAR, Lots(32))]));
		bid(12, 11, 100);
		check(11);
		assert!(account(11).state.is_open());
	})
}

#[test]
fn a_house_is_never_put_up_for_sale() {
	Exchange.run(|| {
		open_market_with([(GUARANTOR, 60_000), (OTHERS_CUSTOMER, 1_000_000)]);
		trade(GUARANTOR, OTHERS_CUSTOMER, 100, PRICE);
		pass(GRACE);
		quote(2_500);
		assert_noop!(try_liquidate(STRANGER, GUARANTOR), Error::<Test>::Sound);
		wait(HOUR);
		assert!(account(GUARANTOR).state.is_open() && is_watched(GUARANTOR));
		assert!(MarginCalls::<Test>::contains_key(GUARANTOR));
	})
}

/// A settlement run and a look at the marks take an instrument at a time: an account that is long one and short the other had
/// lost on the one, and not gained on the other.
#[test]
fn a_hedge_is_not_liquidated_between_the_looks_at_its_two_legs() {
	for in_a_run in [false, true] {
		Exchange.run(|| {
			// A third instrument, so that two looks a block are not of both legs.
			assert_ok!(Clearing::list(InstrumentId(0), terms(), Price(PRICE)));
			a_hedge(30_000, 100);
			RunWeight::set(Weight::from_parts(1, 1));
			if in_a_run {
				Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
			}
			for block in 0..10 {
				fix(CLASS, if block < 5 { 1_500 } else { 4_500 });
				next_block();
				assert!(account(11).state.is_open(), "block {block}");
			}
			assert_eq!(lots(11), 100);
		});
	}
}
