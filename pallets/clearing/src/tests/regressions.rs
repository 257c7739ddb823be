//! What random operations found. A line of story each.

use super::{
	defaults::{
		assert_settled, assert_whole, fail, fund, house_is_short, house_owes, layers, minutes, price_of, run_at,
		to_auction,
	},
	gains::{calls_for, cuts},
	*,
};

/// 11 buys 400 lots, the price falls, and a run leaves it owing 160,000; nobody has rolled it yet.
fn a_run_leaves_11_owing() {
	open_market();
	trade(11, OTHER, 400, PRICE);
	settle_at(100);
}

/// An account was rolled below zero as it was read, and still traded as if it were in good standing.
#[test]
fn an_account_that_the_last_run_left_owing_opens_nothing() {
	Exchange.run(|| {
		a_run_leaves_11_owing();
		let trade = a_trade(12, 11, 500, 100);
		let reason = Refusal::ReduceOnly(ReduceOnlyCause::Account);
		assert_eq!(try_trade(&trade), Err(Refused { party: Some(Side::Sell), reason }));
	})
}

/// The same when it changed hands: its debt became the new guarantor's, and the old one's books kept it as well.
#[test]
fn an_account_that_the_last_run_left_owing_is_not_ported() {
	Exchange.run(|| {
		a_run_leaves_11_owing();
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(11), OTHER));
		let ported = Guarantor::accept(RuntimeOrigin::signed(OTHER), 11, limits());
		assert_eq!(ported.map(|_| ()).map_err(|error| error.error), Err(Error::<Test>::OwesCash.into()));
	})
}

/// Who was credited by trades had a larger reserve of the fuse, while who was debited kept what it had withdrawn by its own: two
/// friends could pass the same money on and withdraw a tenth of it each time.
#[test]
fn a_reserve_is_no_share_of_what_no_run_has_paid() {
	Exchange.run(|| {
		open_market();
		open_fuse();
		trade(11, OTHERS_CUSTOMER, 100, PRICE / 2);
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (1_150_000, 850_000));
		assert_ok!(try_withdraw(11, 0, 115_000));
		let passed = events().into_iter().find_map(|event| match event {
			Event::Withdrawn { reserved, shared, .. } => Some((reserved, shared)),
			_ => None,
		});
		assert_eq!(passed, Some((Cash(100_000), Cash(15_000))));
		// What it had is what it had before it did anything in the hour.
		assert_ok!(try_withdraw(OTHERS_CUSTOMER, 0, 100_000));
		assert_eq!(account(OTHERS_CUSTOMER).egress.had, Cash(1_000_000));
	})
}

/// A house withdrew down to its own margin, with what it had advanced to its customers counted as if it were still there.
#[test]
fn a_house_cannot_withdraw_its_margin_against_what_it_advanced() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHER, 400, PRICE);
		trade(OTHERS_CUSTOMER, GUARANTOR, 100, PRICE);
		settle_at(100);
		check(11);
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(160_000));
		let house = view(GUARANTOR);
		assert_eq!((house.cash, house.margin.initial_margin), (Cash(2_290_000), Cash(30_000)));
		assert_eq!(house.withdrawable, Cash(2_100_000));
		assert_noop!(try_withdraw(GUARANTOR, 0, 2_100_001), Error::<Test>::MarginNeeded);
	})
}

/// A run took all cash of a house, which was put in the index later: till then the invariants called it lost.
#[test]
fn a_house_that_a_run_leaves_owing_is_left_to_be_looked_at() {
	Exchange.run(|| {
		open_market();
		trade(GUARANTOR, 11, 833, PRICE);
		settle_at(597);
		assert_eq!(view(GUARANTOR).cash, Cash(-1_699));
		settle_at(597);
		assert!(OwnersToCheck::<Test>::contains_key(GUARANTOR));
		assert_eq!(account(GUARANTOR).triggers.watched, None);
		next_block();
		assert!(account(GUARANTOR).triggers.watched.is_some());
	})
}

/// What a failed house held was sold at the mark that somebody had last looked at, not at that of the moment: its takers had a free
/// choice between the two.
#[test]
fn a_failed_house_is_sold_at_the_mark_of_the_moment() {
	Exchange.run(|| {
		house_is_short();
		fail(GUARANTOR);
		to_auction(GUARANTOR);
		fix(CLASS, PRICE + 100);
		bid(OTHER, GUARANTOR, 100);
		let sold = events().into_iter().find_map(|event| match event {
			Event::Liquidated { owner: GUARANTOR, price, .. } => Some(price),
			_ => None,
		});
		assert_eq!(sold, Some(Price(PRICE + 100)));
	})
}

/// Goes on until a layer has just taken its part.
fn until_taken(layer: Layer) {
	while layers(GUARANTOR).last().is_none_or(|(last, ..)| *last != layer) {
		minutes(1);
	}
}

/// Prices moved right after skin in the game had paid all there was to pay, and what was lost then was taken of the other guarantors,
/// with skin left.
#[test]
fn a_layer_that_paid_all_has_its_turn_again_when_the_loss_grows() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 100_000, 60_000, 0);
		house_owes(40_000);
		to_auction(GUARANTOR);
		until_taken(Layer::Skin);
		run_at(price_of(50_000));
		minutes(3);
		assert_eq!(layers(GUARANTOR)[3..], [(Layer::Skin, 100_000, 40_000), (Layer::Skin, 60_000, 10_000)]);
		minutes(2);
		run_at(price_of(50_000));
		minutes(3);
		assert_settled(GUARANTOR, 50_000);
		assert_whole();
	})
}

/// The same with what the failed house had left: it was lost with the next move, and counted as nobody's.
#[test]
fn what_a_failed_house_has_left_is_counted_when_it_is_lost_later() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(20_000, 100_000, 0, 0);
		house_is_short();
		fail(GUARANTOR);
		run_at(PRICE + 500);
		to_auction(GUARANTOR);
		until_taken(Layer::HouseFunds);
		run_at(PRICE + 1_500);
		minutes(6);
		let expected = [
			(Layer::HouseFunds, 100_000, 50_000),
			(Layer::HouseFunds, 50_000, 50_000),
			(Layer::Contribution, 20_000, 20_000),
			(Layer::Bond, 0, 0),
			(Layer::Skin, 100_000, 30_000),
		];
		assert_eq!(layers(GUARANTOR), expected);
		minutes(2);
		run_at(PRICE + 1_500);
		minutes(3);
		assert_settled(GUARANTOR, 150_000);
		assert_whole();
	})
}

/// Who had bought at a price that was far above the last settlement price gained in the run what it had paid in the trade. That was
/// cut as if it were a gain: its own money paid for another's loss.
#[test]
fn what_an_account_traded_at_since_the_last_run_counts_with_its_gain() {
	Exchange.run(|| {
		calls_for(2_300);
		let price = price_of(2_300);
		quote(price + 100);
		trade(23, 22, 20, price + 100);
		run_at(price + 100);
		// 23 paid 2,000 more than the settlement price and gained 1,000 in the run; with 22 it is the other way round.
		assert_eq!(cuts(), [(OTHERS_CUSTOMER, 10_000, 2_000), (22, 1_000, 200), (24, 500, 100)]);
		assert_eq!((view(22).cash, view(23).cash), (Cash(110_230 + 800), Cash(89_770 - 1_000)));
		minutes(3);
		assert_settled(GUARANTOR, 2_300);
		assert_whole();
	})
}

/// A gain that had kept an account above its maintenance margin was cut, and no price was to reach a level of it: nobody looked.
#[test]
fn an_account_that_lacks_margin_once_its_gain_is_cut_is_not_missed() {
	Exchange.run(|| {
		calls_for(500_000);
		let price = price_of(500_000);
		trade(22, OTHERS_CUSTOMER, 78, price);
		quote(price + 3_100);
		next_block();
		assert!(view(22).margin.equity > view(22).margin.maintenance_margin);
		run_at(price + 3_100);
		assert!(cuts().contains(&(22, 88 * 3_100, 88 * 3_100)));
		assert!(view(22).margin.equity < view(22).margin.maintenance_margin);
		assert_ok!(Clearing::do_try_state());
		next_block();
		assert!(is_for_sale(22));
	})
}

/// Of an owner with two accounts that were left to be looked at only the later one was.
#[test]
fn the_earlier_of_two_accounts_is_left_to_be_looked_at_too() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 1, OPENING));
		let mut books = Books::<Test>::new();
		books.defers_index = true;
		for sub in [0, 1] {
			books.look_at(&gcx_primitives::AccountKey { owner: 11, sub: SubAccount(sub) });
		}
		assert_ok!(books.close());
		assert_eq!(OwnersToCheck::<Test>::get(11), Some(SubAccount(0)));
	})
}
