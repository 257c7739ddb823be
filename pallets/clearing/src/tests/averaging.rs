//! Instruments that are paid out at a mean of fixes: marks and ranges while the days go by, and the final price.

use super::{
	defaults::*,
	triggers::{a_dear_market, buy, pay_in, DEAR},
	*,
};
use gcx_math::averaging::Average;
use gcx_primitives::{Day, DeliveryDays, Instruments as _, PriceIndex};

const DAY: u64 = 24 * HOUR;

/// So many days from today.
fn days(count: u32) -> DeliveryDays {
	let first = Index::today();
	DeliveryDays { first, last: Day(first.0 + count - 1) }
}

/// A market whose near month is paid out at the mean of five days, of which the first is fixed at 3,000.
fn averaged_market() {
	hold_runs();
	open_market();
	govern(|parameters| parameters.max_settlement_age = 100 * DAY);
	assert_ok!(Clearing::average(NEAR, Some(days(5))));
}

/// The next day has this fix, and both months were looked at.
fn next_day(price: i64) {
	pass(DAY);
	fix(CLASS, price);
	refresh(NEAR);
	refresh(FAR);
}

fn mark(id: InstrumentId) -> Option<i64> {
	instrument(id).mark.map(|mark| mark.0)
}

fn range(id: InstrumentId) -> i64 {
	instrument(id).risk.range.get()
}

fn end(id: InstrumentId, price: i64) -> frame_support::pallet_prelude::DispatchResult {
	Clearing::end(id, Price(price))
}

#[test]
fn the_mark_is_the_mean_as_the_newest_fix_lets_it_be_expected() {
	Exchange.run(|| {
		averaged_market();
		assert_eq!(mark(NEAR), Some(PRICE));
		// (3,000 + 3,500 + 3 · 3,500) / 5
		next_day(3_500);
		assert_eq!((mark(NEAR), mark(FAR)), (Some(3_400), Some(3_500)));
		// (3,000 + 3,500 + 4,000 + 2 · 4,000) / 5
		next_day(4_000);
		assert_eq!(mark(NEAR), Some(3_700));
		assert_eq!(instrument(NEAR).average, Some(Average { sum: 10_500, fixed: 3, remaining: 2 }));
	})
}

#[test]
fn trades_do_not_move_the_mark_of_what_is_averaged() {
	Exchange.run(|| {
		averaged_market();
		next_day(3_100);
		trade(11, OTHERS_CUSTOMER, 1, 3_300);
		pass(2 * HOUR);
		refresh(NEAR);
		assert_eq!(mark(NEAR), Some(3_080));
	})
}

#[test]
fn a_day_without_a_fix_does_not_count() {
	Exchange.run(|| {
		averaged_market();
		pass(DAY);
		next_day(3_300);
		// One of five days is missing: (3,000 + 3,300 + 2 · 3,300) / 4
		assert_eq!(instrument(NEAR).average, Some(Average { sum: 6_300, fixed: 2, remaining: 2 }));
		assert_eq!(mark(NEAR), Some(3_225));
	})
}

#[test]
fn before_its_days_an_instrument_is_like_any_other() {
	Exchange.run(|| {
		hold_runs();
		open_market();
		let first = Day(Index::today().0 + 2);
		assert_ok!(Clearing::average(NEAR, Some(DeliveryDays { first, last: first })));
		next_day(3_300);
		assert_eq!((mark(NEAR), range(NEAR)), (mark(FAR), range(FAR)));
		assert_eq!(instrument(NEAR).average, None);
	})
}

#[test]
fn the_scan_range_shrinks_with_the_days_that_are_fixed() {
	Exchange.run(|| {
		averaged_market();
		let whole = range(FAR);
		let mut ranges = vec![range(NEAR)];
		for _ in 0..4 {
			next_day(PRICE);
			ranges.push(range(NEAR));
		}
		assert_eq!(range(FAR), whole);
		let share = |remaining: i64| (whole * remaining + 1_499) / 1_500 * 300;
		assert_eq!(ranges, [share(4), share(3), share(2), share(1), 0]);
	})
}

#[test]
fn days_that_nobody_knows_are_margined_in_full() {
	Exchange.run(|| {
		averaged_market();
		for _ in 0..4 {
			next_day(PRICE);
		}
		assert_eq!(range(NEAR), 0);
		// The window grew by two days.
		let days = instrument(NEAR).averaged.unwrap();
		assert_ok!(Clearing::average(NEAR, Some(days.extended(2))));
		assert!(range(NEAR) > 0 && range(NEAR) < range(FAR));
		assert_ok!(Clearing::average(NEAR, None));
		assert_eq!(range(NEAR), range(FAR));
		let none = DeliveryDays { first: Day(2), last: Day(1) };
		assert_noop!(Clearing::average(NEAR, Some(none)), Error::<Test>::InvalidTerms);
		assert_noop!(Clearing::average(InstrumentId(9), None), Error::<Test>::UnknownInstrument);
	})
}

/// What one month offsets of another becomes less when its days are fixed, and no price has moved.
#[test]
fn who_lacks_margin_when_a_hedge_melts_is_found_by_itself() {
	Exchange.run(|| {
		a_dear_market();
		hold_runs();
		let hedged = 11;
		pay_in((hedged, 0), 100_000_000);
		assert_ok!(Clearing::average(NEAR, Some(days(5))));
		// A Compute Hour a lot, and two.
		buy((hedged, 0), NEAR, 200);
		buy((hedged, 0), FAR, -100);
		let margin = view(hedged).margin;
		assert!(margin.equity.0 > 2 * margin.initial_margin.0, "{margin:?}");
		minutes(2);
		assert!(account(hedged).triggers.watched.is_none());
		for _ in 0..4 {
			pass(DAY);
			fix(CLASS, DEAR);
			minutes(2);
		}
		let margin = view(hedged).margin;
		assert!(margin.equity < margin.maintenance_margin, "{margin:?}");
		assert!(account(hedged).triggers.watched.is_some());
	})
}

#[test]
fn whenever_a_day_is_fixed_or_a_price_is_final_everybody_is_looked_at() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		minutes(5);
		assert!(!SweepUntil::<Test>::exists());
		next_day(PRICE);
		assert!(SweepUntil::<Test>::exists());
		minutes(5);
		// At the mark as it is: no level is reached, and no day was fixed.
		assert_ok!(Clearing::average(NEAR, None));
		minutes(5);
		assert!(!SweepUntil::<Test>::exists());
		assert_ok!(end(NEAR, PRICE));
		assert!(SweepUntil::<Test>::exists());
	})
}

#[test]
fn a_final_price_ends_all_positions_in_one_run_whatever_the_days_limit() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		trade(12, OTHER, 30, PRICE);
		let issued = issuance();
		assert_ok!(end(NEAR, -5));
		// It moves no more, and nobody trades it.
		assert_eq!((mark(NEAR), range(NEAR)), (Some(-5), 0));
		assert_eq!(refusal(&a_trade(11, OTHERS_CUSTOMER, 1, -5)), (None, Refusal::Quarantined));
		run_at(PRICE + 100);
		let (run, price) = (RunId(1), Price(-5));
		assert!(events().contains(&Event::InstrumentEnded { instrument: NEAR, run, price }));
		assert_eq!((instrument(NEAR).long, instrument(NEAR).short), (Lots(0), Lots(0)));
		for (who, had) in [
			(11, 1_000_000 - 10 * 3_005),
			(12, 1_000_000 - 30 * 3_005),
			(OTHERS_CUSTOMER, 1_000_000 + 10 * 3_005),
			(OTHER, 2_000_000 + 30 * 3_005),
		] {
			check(who);
			assert_eq!((cash(who), account(who).positions.len()), (had, 0), "{who}");
		}
		assert_whole();
		assert_eq!(issuance(), issued);
		minutes(20);
		assert_ok!(Clearing::delist(NEAR));
	})
}

#[test]
fn a_final_price_does_not_grow_old() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_ok!(end(NEAR, 2_900));
		no_fix(CLASS);
		pass(10 * DAY);
		refresh(NEAR);
		assert_eq!(mark(NEAR), Some(2_900));
		settle();
		check(11);
		assert_eq!(cash(11), 1_000_000 - 10 * 100);
	})
}

#[test]
fn an_instrument_ends_once_and_not_while_it_may_be_priced_already() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_noop!(end(InstrumentId(9), PRICE), Error::<Test>::UnknownInstrument);
		assert_noop!(end(NEAR, i64::MAX), Error::<Test>::InvalidTerms);
		take_steps(2);
		assert_noop!(end(NEAR, PRICE), Error::<Test>::RunInProgress);
		settle();
		hold_runs();
		assert_ok!(end(NEAR, PRICE + 7));
		assert_noop!(end(NEAR, PRICE), Error::<Test>::AlreadyEnding);
		run_at(PRICE);
		check(11);
		assert_eq!((cash(11), account(11).positions.len()), (1_000_000 + 70, 0));
	})
}

#[test]
fn a_quarantined_instrument_ends_when_it_is_sound_again() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		let quarantine = |is_on: bool| {
			Instruments::<Test>::mutate(NEAR, |one| one.as_mut().expect("listed").quarantined = is_on);
		};
		quarantine(true);
		assert_noop!(end(NEAR, PRICE), Error::<Test>::InstrumentQuarantined);
		quarantine(false);
		assert_ok!(end(NEAR, PRICE + 50));
		// It breaks before its run.
		quarantine(true);
		run_at(PRICE);
		run_at(PRICE);
		assert_eq!((instrument(NEAR).long, instrument(NEAR).ended), (Lots(10), None));
		assert_ok!(Clearing::do_try_state());
		assert_ok!(Clearing::release(RuntimeOrigin::root(), NEAR));
		assert_ok!(Clearing::do_try_state());
		run_at(PRICE);
		check(11);
		assert_eq!((cash(11), account(11).positions.len()), (1_000_000 + 500, 0));
		assert_whole();
	})
}

/// Released after a run passed it over and before its end was due, it ended at a price that was not its final one.
#[test]
fn an_instrument_that_is_released_in_the_middle_of_a_run_ends_at_its_final_price() {
	Exchange.run(|| {
		averaged_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_ok!(end(NEAR, PRICE + 50));
		Instruments::<Test>::mutate(NEAR, |one| one.as_mut().expect("listed").quarantined = true);
		// The run has begun, and gone over it.
		take_steps(2);
		assert_ok!(Clearing::release(RuntimeOrigin::root(), NEAR));
		settle();
		hold_runs();
		minutes(2);
		assert_eq!((instrument(NEAR).long, instrument(NEAR).ended), (Lots(10), None));
		run_at(PRICE);
		minutes(2);
		check(11);
		assert_eq!((cash(11), account(11).positions.len()), (1_000_000 + 500, 0));
		assert_whole();
	})
}
