//! A contract that comes to its delivery: its margin rises in steps, and its limits come down.

use super::{
	defaults::{calm_rules, minutes},
	*,
};
use crate::mock::delivery::{asked, set_capacity, set_cover};
use gcx_primitives::{AccountKey, DeliveryClearing, DeliveryRamp, Instruments as _};

/// A step of the ramp.
const STEP: u64 = HOUR;

/// The near month is near its delivery from now on, for five hours, and delivered on two days. Before its first step a customer of
/// each guarantor is long and one is short ten lots.
fn nearing_market() {
	calm_rules();
	open_market();
	trade(11, 12, 10, PRICE);
	trade(OTHERS_CUSTOMER, OTHER, 10, PRICE);
	assert_ok!(Clearing::deliver(NEAR, DeliveryRamp { from: now() + STEP, until: now() + 6 * STEP, days: 2 }));
}

/// The next step.
fn step() {
	pass(STEP);
	refresh(NEAR);
}

fn delivery_of(who: AccountId) -> i128 {
	view(who).margin.delivery.0
}

fn uncover(who: AccountId) -> frame_support::pallet_prelude::DispatchResult {
	Clearing::ensure_margined(&AccountKey { owner: who, sub: SubAccount(0) })
}

#[test]
fn a_short_deposits_its_value_by_the_phase_but_for_what_is_covered() {
	Exchange.run(|| {
		nearing_market();
		set_cover((12, 0), NEAR, 4);
		assert_eq!((delivery_of(11), delivery_of(12), delivery_of(OTHER)), (0, 0, 0));
		// Long before, nobody is asked what covers a position.
		check(12);
		assert_eq!(asked(), 0);
		for phase in 1..=5 {
			step();
			assert_eq!(instrument(NEAR).risk.delivery_phase, Ppm::percent(20 * phase));
			let value = i128::from(10 * PRICE) * i128::from(phase) / 5;
			assert_eq!((delivery_of(11), delivery_of(12), delivery_of(OTHER)), (value / 4, value * 6 / 10, value));
		}
		assert!(asked() > 0);
		// More than all is not covered.
		set_cover((12, 0), NEAR, 40);
		assert_eq!(delivery_of(12), 0);
		step();
		assert_eq!((instrument(NEAR).risk.delivery_phase, delivery_of(OTHER)), (Ppm::ONE, 30_000));
		assert_eq!(instrument(FAR).risk.delivery_phase, Ppm::ZERO);
	})
}

#[test]
fn with_each_step_everybody_is_looked_at() {
	Exchange.run(|| {
		nearing_market();
		minutes(5);
		assert!(!SweepUntil::<Test>::exists());
		for _ in 0..5 {
			step();
			assert!(SweepUntil::<Test>::exists());
			minutes(5);
			assert!(!SweepUntil::<Test>::exists());
			refresh(NEAR);
			assert!(!SweepUntil::<Test>::exists());
		}
		// Nothing changes after the last.
		step();
		assert!(!SweepUntil::<Test>::exists());
	})
}

#[test]
fn who_lacks_margin_as_the_phase_rises_is_found_and_who_is_covered_is_left_alone() {
	Exchange.run(|| {
		calm_rules();
		open_market_with([(11, 20_000), (12, 20_000), (OTHER, 2_000_000), (GUARANTOR, 2_000_000)]);
		trade(OTHER, 11, 10, PRICE);
		trade(OTHER, 12, 10, PRICE);
		set_cover((12, 0), NEAR, 10);
		assert_ok!(Clearing::deliver(NEAR, DeliveryRamp { from: now(), until: now() + 5 * STEP, days: 2 }));
		minutes(60 * 4 - 20);
		// Four fifths of the value and the scan, of which three quarters must be there: 22,500.
		assert!(account(11).state.is_open());
		minutes(60);
		assert!(account(11).state.is_liquidating() || lots(11) > -10);
		assert_eq!((account(12).state.is_open(), lots(12)), (true, -10));
	})
}

#[test]
fn what_covers_a_position_is_given_up_by_who_has_the_margin_alone() {
	Exchange.run(|| {
		calm_rules();
		open_market_with([(11, 20_000), (OTHER, 2_000_000), (GUARANTOR, 2_000_000)]);
		trade(OTHER, 11, 10, PRICE);
		assert_ok!(Clearing::deliver(NEAR, DeliveryRamp { from: now(), until: now() + 5 * STEP, days: 2 }));
		set_cover((11, 0), NEAR, 10);
		pass(5 * STEP);
		refresh(NEAR);
		minutes(3);
		let levels = account(11).triggers.levels;
		// 6,000 for the scan leave 14,000: four lots.
		set_cover((11, 0), NEAR, 5);
		assert_noop!(uncover(11), Error::<Test>::MarginNeeded);
		set_cover((11, 0), NEAR, 6);
		assert_ok!(uncover(11));
		assert!(account(11).triggers.levels != levels);
		no_fix(CLASS);
		refresh(NEAR);
		assert_noop!(uncover(11), Error::<Test>::NoMark);
		assert_noop!(uncover(STRANGER), Error::<Test>::UnknownAccount);
	})
}

#[test]
fn limits_step_down_to_a_quarter_of_what_can_be_delivered() {
	Exchange.run(|| {
		nearing_market();
		// 80 Compute Hours a day, on two days: forty lots are a quarter.
		set_capacity(80_000_000);
		let refused = |lots| refusal(&a_trade(13, GUARANTOR, lots, PRICE));
		let limit =
			|limit, needed| (Some(Side::Buy), Refusal::AccountLimit { limit: Lots(limit), needed: Lots(needed) });
		assert_eq!(refused(2_001), limit(2_000, 2_001));
		for most in [1_608, 1_216, 824, 432, 40] {
			step();
			assert_eq!(refused(most + 1), limit(most, most + 1));
		}
		trade(13, GUARANTOR, 39, PRICE);
		assert_eq!(refused(2), limit(40, 41));
		// All accounts of an owner together.
		assert_ok!(try_deposit(13, 1, 500_000));
		let mut second = a_trade(13, GUARANTOR, 2, PRICE);
		second.buyer.account.sub = SubAccount(1);
		let owner = Refusal::OwnerLimit { limit: Lots(40), needed: Lots(41) };
		assert_eq!(refusal(&second), (Some(Side::Buy), owner));
		// The other month's are what they were.
		let far = gcx_primitives::Trade { instrument: FAR, ..a_trade(13, OTHER, 41, PRICE) };
		try_trade(&far).expect("it is taken over");
	})
}

#[test]
fn who_holds_more_than_the_limit_may_lower_it() {
	Exchange.run(|| {
		nearing_market();
		trade(13, OTHER, 100, PRICE);
		set_capacity(0);
		for _ in 0..5 {
			step();
		}
		trade(OTHER, 13, 50, PRICE);
		let limit = Refusal::AccountLimit { limit: Lots(1), needed: Lots(51) };
		assert_eq!(refusal(&a_trade(13, OTHER, 1, PRICE)), (Some(Side::Buy), limit));
		trade(OTHER, 13, 50, PRICE);
	})
}

#[test]
fn where_nobody_counts_capacity_limits_are_what_was_listed() {
	Exchange.run(|| {
		nearing_market();
		for _ in 0..6 {
			step();
		}
		let limit = Refusal::AccountLimit { limit: Lots(2_000), needed: Lots(2_001) };
		assert_eq!(refusal(&a_trade(13, OTHER, 2_001, PRICE)), (Some(Side::Buy), limit));
		trade(13, OTHER, 500, PRICE);
	})
}

#[test]
fn the_mark_is_told_while_its_prices_are_fresh() {
	Exchange.run(|| {
		nearing_market();
		assert_eq!(Clearing::mark(NEAR), Some(Price(PRICE)));
		pass(100 * HOUR);
		assert_eq!((Clearing::mark(NEAR), Clearing::mark(InstrumentId(9))), (None, None));
		assert_noop!(
			Clearing::deliver(InstrumentId(9), DeliveryRamp { from: 0, until: 1, days: 1 }),
			Error::<Test>::UnknownInstrument
		);
	})
}
