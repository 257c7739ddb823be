//! A haircut of the gains of one settlement run: pro rata, exact, and of gains alone.

use super::{defaults::*, *};
use gcx_primitives::InsurancePool as _;
use pallet_insurance::Pallet as Pool;
use proptest::prelude::*;

/// Customers of the other guarantor; the even ones are long, against the odd ones.
const WINNERS: [AccountId; 4] = [22, 23, 24, 25];

/// A house owes `loss` and nothing is in the pool; its lots are taken by the other house at mark. 22 is long ten lots of 23's, and 24
/// five of 25's. The next run is asked for its gains.
pub(super) fn calls_for(loss: i64) {
	calls_without_sale(loss);
	take_part(OTHER, GUARANTOR, Ppm::ONE);
	minutes(12);
	assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Gains)));
	assert_eq!(GainsCall::<Test>::get().unwrap().wanted, Cash(loss.into()));
}

/// The same up to the auction.
fn calls_without_sale(loss: i64) {
	BondPrice::set(0);
	house_is_short();
	for who in WINNERS {
		join(who, OTHER);
		deposit(who, 100_000);
	}
	trade(22, 23, 10, PRICE);
	trade(24, 25, 5, PRICE);
	run_at(price_of(loss));
	check(GUARANTOR);
	fail(GUARANTOR);
	to_auction(GUARANTOR);
}

fn step() {
	assert_ok!(Clearing::advance_settlement(signed(STRANGER)));
}

/// All cash as it is with everybody rolled.
fn cash_of_all() -> Vec<(AccountId, i128)> {
	let mut all: Vec<_> = Accounts::<Test>::iter_keys().map(|(who, _)| (who, view(who).cash.0)).collect();
	all.sort_unstable();
	all
}

/// What was cut of whose gain, by account.
pub(super) fn cuts() -> Vec<(AccountId, i128, i128)> {
	let of = |event: Event<Test>| match event {
		Event::GainCut { owner, gain, amount, .. } => Some((owner, gain.0, amount.0)),
		_ => None,
	};
	let mut all: Vec<_> = events().into_iter().filter_map(of).collect();
	all.sort_unstable();
	all
}

#[test]
fn gains_are_cut_pro_rata_to_the_unit() {
	Exchange.run(|| {
		calls_for(2_300);
		let issued = issuance();
		let before = cash_of_all();
		// 10,000 for the house that is short a hundred, 1,000 and 500: a fifth is wanted.
		run_at(price_of(2_300) - 100);
		assert_eq!(cuts(), [(OTHER, 10_000, 2_000), (23, 1_000, 200), (25, 500, 100)]);
		let taken = Event::GainsTaken { guarantor: GUARANTOR, run: RunId(2), had: Cash(11_500), took: Cash(2_300) };
		assert!(events().contains(&taken));
		for ((who, before), (_, after)) in before.into_iter().zip(cash_of_all()) {
			let change = match who {
				GUARANTOR => 2_300,
				OTHER => 8_000,
				OTHERS_CUSTOMER => -10_000,
				22 => -1_000,
				23 => 800,
				24 => -500,
				25 => 400,
				_ => 0,
			};
			assert_eq!(after - before, change, "{who}");
		}
		assert_ok!(Clearing::do_try_state());
		minutes(3);
		assert_settled(GUARANTOR, 2_300);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Gains, 11_500, 2_300)));
		assert_eq!(GainsCall::<Test>::get(), None);
		assert_whole();
		assert_eq!((cash(GUARANTOR), issuance()), (0, issued));
	})
}

#[test]
fn steps_are_bounded_and_go_through_everybody() {
	Exchange.run(|| {
		calls_for(2_300);
		fix(CLASS, price_of(2_300) - 100);
		take_steps(3);
		let phase = || GainsCall::<Test>::get().unwrap().phase;
		assert_eq!(phase(), LevyPhase::Waiting);
		step();
		assert_eq!(phase(), LevyPhase::Adding { cursor: None });
		// Eight accounts, two a step, and a look that there are no more.
		let count = Accounts::<Test>::iter_keys().count();
		assert_eq!(count, 8);
		for _ in 0..5 {
			assert!(matches!(phase(), LevyPhase::Adding { .. }));
			assert_ok!(Clearing::do_try_state());
			step();
		}
		for index in 0..5 {
			assert!(matches!(phase(), LevyPhase::Cutting { .. }), "{index}: {:?}", phase());
			let before = cuts().len();
			step();
			assert!(cuts().len() - before <= 2);
			assert_ok!(Clearing::do_try_state());
		}
		assert_eq!(phase(), LevyPhase::Cut { took: Cash(2_300) });
		step();
		assert_eq!(phase(), LevyPhase::Paid { took: Cash(2_300) });
		assert_eq!(Settled::<Test>::get().current, RunId(2));
		hold_runs();
	})
}

#[test]
fn nobody_trades_moves_or_is_liquidated_meanwhile() {
	Exchange.run(|| {
		calls_for(2_300);
		let price = price_of(2_300);
		join(26, OTHER);
		deposit(26, 4_500);
		trade(26, OTHER, 5, price);
		admit_third(40_000);
		// 3,000 left of 3,375.
		fix(CLASS, price - 300);
		take_steps(4);
		assert!(Clearing::is_frozen());
		let refused = refusal(&a_trade(22, 23, 1, price - 300));
		assert_eq!(refused, (None, Refusal::RunInProgress));
		assert_noop!(try_take_part(OTHER, 26, Ppm::ONE), Error::<Test>::RunInProgress);
		assert_noop!(try_join(12, THIRD), Error::<Test>::RunInProgress);
		assert_noop!(Clearing::liquidate(signed(STRANGER), 26, SubAccount(0)), Error::<Test>::InGrace);
		// A block ends it: there is weight for all steps.
		Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
		next_block();
		hold_runs();
		assert!(!Clearing::is_frozen() && Settled::<Test>::get().pricing.is_none());
		assert!(account(26).state.is_liquidating(), "{:?}", account(26));
		trade(22, 23, 1, price - 300);
		minutes(1);
		take_part(OTHER, 26, Ppm::ONE);
		assert_whole();
		join(22, THIRD);
	})
}

#[test]
fn who_moves_money_meanwhile_changes_nothing() {
	Exchange.run(|| {
		calls_for(2_300);
		open_fuse_for(12);
		let before = cash_of_all();
		fix(CLASS, price_of(2_300) - 100);
		take_steps(4);
		let mut moves = 0;
		while Settled::<Test>::get().pricing.is_some() {
			deposit(23, 10);
			deposit(OTHER, 1_000);
			assert_ok!(try_withdraw(12, 0, 100));
			assert_ok!(try_deposit(25, 1, OPENING));
			if moves == 3 {
				deposit(13, OPENING);
			}
			if moves == 7 {
				assert_ok!(try_withdraw(13, 0, 500));
			}
			moves += 1;
			step();
			assert_ok!(Clearing::do_try_state());
		}
		hold_runs();
		assert_eq!(cuts(), [(OTHER, 10_000, 2_000), (23, 1_000, 200), (25, 500, 100)]);
		let had = |who| before.iter().find(|(owner, _)| *owner == who).unwrap().1;
		assert_eq!(view(23).cash.0, had(23) + 800 + 10 * moves);
		assert_eq!(view(OTHER).cash.0, had(OTHER) + 8_000 + 1_000 * moves);
		minutes(3);
		assert_settled(GUARANTOR, 2_300);
		assert_whole();
	})
}

/// Goes on until somebody can withdraw a tenth of what it has, and prices are fresh.
fn open_fuse_for(who: AccountId) {
	next_hour();
	deposit(who, 1);
	next_hour();
	fix(CLASS, last_fix(CLASS).expect("there is one"));
	minutes(11);
}

#[test]
fn who_is_rolled_late_pays_what_was_cut_once() {
	Exchange.run(|| {
		calls_for(2_300);
		let price = price_of(2_300);
		run_at(price - 100);
		for (who, change) in [(23, 0), (25, 0)] {
			assert!(account(who).levy > Cash(change), "it was touched");
		}
		run_at(price + 50);
		run_at(price - 70);
		assert_eq!(view(23).cash, Cash(100_000 - 10_230 + 700 - 200));
		check(23);
		assert_eq!((cash(23), account(23).levy), (100_000 - 10_230 + 700 - 200, Cash(0)));
		check(23);
		assert_eq!(cash(23), 100_000 - 10_230 + 700 - 200);
		assert_ok!(Clearing::do_try_state());
		assert_whole();
	})
}

#[test]
fn more_than_all_gains_takes_all_and_the_next_run_goes_on() {
	Exchange.run(|| {
		calls_for(30_000);
		let price = price_of(30_000);
		let issued = issuance();
		let before = cash_of_all();
		run_at(price - 100);
		assert_eq!(cuts(), [(OTHER, 10_000, 10_000), (23, 1_000, 1_000), (25, 500, 500)]);
		// Who gained has what it had, and who lost has lost just that.
		for ((who, before), (_, after)) in before.into_iter().zip(cash_of_all()) {
			let lost = match who {
				OTHERS_CUSTOMER => 10_000,
				22 => 1_000,
				24 => 500,
				GUARANTOR => -11_500,
				_ => 0,
			};
			assert_eq!(before - after, lost, "{who}");
		}
		minutes(12);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Gains)));
		let failure = Defaults::<Test>::get(GUARANTOR).unwrap();
		assert_eq!((failure.loss, failure.taken), (Cash(30_000), Cash(11_500)));
		// Nobody gains anything, and nothing is taken.
		run_at(price - 100);
		minutes(12);
		assert_eq!(Defaults::<Test>::get(GUARANTOR).unwrap().taken, Cash(11_500));
		// 11,500 more of those on the other side, and what is left of those again.
		run_at(price);
		minutes(12);
		run_at(price + 100);
		assert_eq!(GainsCall::<Test>::get().unwrap().wanted, Cash(7_000));
		minutes(3);
		assert_settled(GUARANTOR, 30_000);
		assert_eq!(issuance(), issued);
		assert_whole();
	})
}

/// The house still holds its lots: what it wins or loses in the very run counts.
#[test]
fn what_is_wanted_is_what_the_house_owes_after_the_run() {
	for (change, wanted) in [(-10, 1_300), (20, 4_300), (-23, 0), (-100, 0)] {
		Exchange.run(|| {
			calls_without_sale(2_300);
			minutes(75);
			assert_eq!((stage(GUARANTOR), lots(GUARANTOR)), (Some(Stage::Waterfall(Layer::Gains)), -100));
			let price = price_of(2_300) + change;
			run_at(price);
			let taken: i128 = cuts().iter().map(|(.., cut)| cut).sum();
			// There are gains of 115 a unit of price; where prices fall, a hundred of them are the house's own.
			let others = if change < 0 { 15 } else { 115 };
			assert_eq!(taken, wanted.min(i128::from(change.abs()) * others), "{change}");
			minutes(12);
			run_at(price);
			minutes(12);
			let missing = wanted - taken;
			let failure = Defaults::<Test>::get(GUARANTOR).unwrap();
			assert_eq!((failure.taken, failure.loss), (Cash(taken), Cash(taken + missing)), "{change}");
			assert_eq!(stage(GUARANTOR) == Some(Stage::Settled), missing == 0, "{change}");
			if missing == 0 {
				assert_settled(GUARANTOR, taken);
				assert_eq!(cash(GUARANTOR), (i128::from(-change) * 100 - 2_300).max(0));
				assert_whole();
			}
			assert_eq!((lots(GUARANTOR), instrument(NEAR).long), (0, Lots(0)));
		});
	}
}

/// The call outlived its default: the next run cut gains for nobody, and no other default could ever call.
#[test]
fn a_call_ends_with_its_default() {
	Exchange.run(|| {
		calls_for(2_300);
		deposit(GUARANTOR, 2_300);
		minutes(2);
		assert_settled(GUARANTOR, 0);
		assert_eq!(GainsCall::<Test>::get(), None);
		run_at(price_of(2_300) - 100);
		assert_eq!(cuts(), []);
		assert_whole();
		assert_eq!(cash(GUARANTOR), 0);
	})
}

/// It has been paid before the last steps are taken: what was cut all the same is not the failed guarantor's.
#[test]
fn a_call_that_is_under_way_is_worked_out() {
	for paid_at in [4, 8, 13] {
		Exchange.run(|| {
			calls_for(2_300);
			fix(CLASS, price_of(2_300) - 100);
			take_steps(paid_at);
			deposit(GUARANTOR, 2_300);
			assert_noop!(try_close(GUARANTOR, 0), Error::<Test>::HouseFundsLocked);
			assert_noop!(Clearing::advance_default(signed(STRANGER), GUARANTOR), Error::<Test>::NothingToDo);
			assert_ok!(Clearing::do_try_state());
			settle();
			hold_runs();
			minutes(3);
			assert_settled(GUARANTOR, 2_300);
			assert_eq!(GainsCall::<Test>::get(), None);
			assert_eq!((cash(GUARANTOR), dollars(INSURANCE)), (0, 2_300));
			assert_whole();
		});
	}
}

#[test]
fn two_defaults_call_one_after_the_other() {
	Exchange.run(|| {
		BondPrice::set(0);
		house_is_short();
		admit_third(100_000);
		trade(OTHER, THIRD, 100, PRICE);
		let issued = issuance();
		let price = price_of(1_000);
		run_at(price);
		for who in [GUARANTOR, THIRD] {
			check(who);
			assert_eq!(cash(who), -1_000);
			fail(who);
		}
		to_auction(GUARANTOR);
		to_auction(THIRD);
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		take_part(OTHER, THIRD, Ppm::ONE);
		minutes(12);
		for who in [GUARANTOR, THIRD] {
			assert_eq!(stage(who), Some(Stage::Waterfall(Layer::Gains)));
		}
		// A customer is long a hundred against the house.
		let first = GainsCall::<Test>::get().unwrap().guarantor;
		run_at(price + 7);
		assert_eq!(cuts(), [(OTHERS_CUSTOMER, 700, 700)]);
		minutes(12);
		// The other one's turn comes, or the first one calls again: neither waits for ever.
		let mut runs = 0;
		let mut price = price + 7;
		while [GUARANTOR, THIRD].iter().any(|who| stage(*who) != Some(Stage::Settled)) {
			price += 7;
			run_at(price);
			minutes(12);
			runs += 1;
			assert!(runs < 8, "{first}: {:?}", GainsCall::<Test>::get());
		}
		for who in [GUARANTOR, THIRD] {
			assert_settled(who, 1_000);
		}
		let cut: i128 = cuts().iter().map(|(.., cut)| cut).sum();
		assert_eq!(cut, 2_000);
		assert_eq!((GainsCall::<Test>::get(), Pool::<Test>::size()), (None, Cash(0)));
		assert_whole();
		assert_eq!(issuance(), issued);
	})
}

/// With money in the pool again, gains are not needed any more.
#[test]
fn the_pool_comes_before_gains_in_every_round() {
	Exchange.run(|| {
		calls_for(2_300);
		fund(0, 1_300, 0, 0);
		run_at(price_of(2_300) - 5);
		// All of 575.
		assert_eq!(cuts().iter().map(|(.., cut)| cut).sum::<i128>(), 575);
		minutes(12);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Assessments, 0, 0)));
		assert!(layers(GUARANTOR).contains(&(Layer::Skin, 1_300, 1_300)));
		assert_eq!(GainsCall::<Test>::get().unwrap().wanted, Cash(425));
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	/// Whatever is wanted of whatever gains: the parts are pro rata within a unit, come to exactly that, and nobody who gained has
	/// less than before.
	#[test]
	fn any_cut_is_exact(
		loss in 1i64..500,
		change in -90i64..90,
		pairs in prop::collection::vec((0usize..6, 0usize..6, 1i64..40), 1..8),
	) {
		Exchange.run(|| {
			BondPrice::set(0);
			house_is_short();
			let traders: Vec<AccountId> = (22..28).collect();
			for who in &traders {
				join(*who, OTHER);
				deposit(*who, 400_000);
			}
			for (buyer, seller, lots) in pairs {
				if buyer != seller {
					trade(traders[buyer], traders[seller], lots, PRICE);
				}
			}
			let loss = loss * 100;
			run_at(price_of(loss));
			fail(GUARANTOR);
			sell_house();
			minutes(12);
			let before = cash_of_all();
			run_at(price_of(loss) + change);
			let gained: i128 = cuts().iter().map(|(_, gain, _)| gain).sum();
			let cut: i128 = cuts().iter().map(|(.., cut)| cut).sum();
			let all = before
				.iter()
				.map(|(who, _)| (*who, i128::from(account(*who).lots(NEAR).0) * i128::from(change)))
				.collect::<Vec<_>>();
			let had: i128 = all.iter().map(|(_, gain)| (*gain).max(0)).sum();
			assert!(gained <= had);
			assert_eq!(cut, had.min(loss.into()));
			for ((who, before), (_, after)) in before.into_iter().zip(cash_of_all()) {
				let gain = all.iter().find(|(owner, _)| *owner == who).unwrap().1;
				let of_house = if who == GUARANTOR { cut } else { 0 };
				let part = before + gain + of_house - after;
				let exact = if had > 0 { gain.max(0) * cut / had } else { 0 };
				assert!((exact..=exact + 1).contains(&part), "{who}: {part} of {gain}");
				assert!(gain < 0 || after >= before, "{who}");
			}
		});
	}
}
