//! The mark of an instrument, its bands and its risk array.

use super::*;
use gcx_math::scan::RiskArray;
use gcx_primitives::{ClassId, Instruments as _, MAX_PRICE};

const DAY: u64 = 24 * HOUR;

/// A contract that settled at 3,000 at the time zero, 100 above the index.
fn settled() -> Instrument {
	let fix = Some(Price(2_900));
	let settlement = Settlement { run: RunId(1), price: Price(PRICE), fix, time: 0 };
	Instrument::new(terms(), settlement)
}

/// What the index says at a time.
fn market(now: u64, fix: Option<i64>) -> Market {
	Market {
		now,
		fix: fix.map(Price),
		fix_until: now + 2 * DAY,
		mean: Price(PRICE),
		floor: FLOOR_PRICE,
		fraction: Ppm::percent(20),
		average: None,
		trade_window: HOUR,
		max_settlement_age: 2 * DAY,
	}
}

/// The mark with a fix, and with trades that had this mean in the hour before.
fn mark_of(mut instrument: Instrument, now: u64, fix: Option<i64>, traded: Option<i64>) -> Option<i64> {
	instrument.traded = Traded { began: now, last: traded.map(|mean| (now, Price(mean))), ..Default::default() };
	instrument.refresh(&market(now, fix)).unwrap();
	instrument.mark.map(|mark| mark.0)
}

#[test]
fn the_mark_is_the_median_of_index_trades_and_settlement_price() {
	// The index went up by 200 and the contract keeps its 100 above it: 3,200.
	for (traded, mark) in [(3_300, 3_200), (3_199, 3_199), (3_001, 3_001), (2_999, 3_000), (-MAX_PRICE, 3_000)] {
		assert_eq!(mark_of(settled(), DAY, Some(3_100), Some(traded)), Some(mark), "{traded}");
	}
}

#[test]
fn the_mark_is_the_index_with_the_contracts_basis_without_trades() {
	assert_eq!(mark_of(settled(), DAY, Some(3_100), None), Some(3_200));
	assert_eq!(mark_of(settled(), DAY, Some(2_900), None), Some(PRICE));
	// Before its first settlement it has no basis.
	let mut fresh = settled();
	fresh.settlement.fix = None;
	assert_eq!(mark_of(fresh, DAY, Some(3_100), None), Some(3_100));
}

#[test]
fn the_mark_is_the_mean_of_index_and_trades_when_the_settlement_price_is_stale() {
	assert_eq!(mark_of(settled(), 2 * DAY, Some(3_100), Some(3_301)), Some(3_200));
	assert_eq!(mark_of(settled(), 2 * DAY + 1, Some(3_100), Some(3_301)), Some(3_250));
	// Rounded down, also below zero.
	assert_eq!(mark_of(settled(), 2 * DAY + 1, Some(-3_101), Some(0)), Some(-1_501));
}

#[test]
fn there_is_no_mark_without_the_index_or_with_nothing_else() {
	assert_eq!(mark_of(settled(), DAY, None, Some(3_301)), None);
	assert_eq!(mark_of(settled(), 2 * DAY + 1, Some(3_100), None), None);
	assert_eq!(mark_of(settled(), 2 * DAY + 1, None, None), None);
}

#[test]
fn the_mark_stays_within_the_days_limit_around_the_settlement_price() {
	let narrow = |share| {
		let mut instrument = settled();
		instrument.terms.mark_band = Ppm::percent(share);
		instrument
	};
	assert_eq!(mark_of(narrow(10), DAY, Some(5_000), None), Some(3_300));
	assert_eq!(mark_of(narrow(10), DAY, Some(-5_000), None), Some(2_700));
	assert_eq!(mark_of(narrow(10), DAY, Some(5_000), Some(4_000)), Some(3_300));
	assert_eq!(mark_of(narrow(200), DAY, Some(-5_000), None), Some(-3_000));
	// A price of zero still moves: the class's floor price counts.
	let mut at_zero = narrow(100);
	at_zero.settlement.price = Price(0);
	assert_eq!(mark_of(at_zero, DAY, Some(5_000), None), Some(30));
}

/// The limit of the day was taken for the contract's new basis: it never came back to the index.
#[test]
fn a_price_that_the_days_limit_held_back_catches_up_with_the_index() {
	let mut instrument = settled();
	instrument.terms.mark_band = Ppm::percent(10);
	// The index doubles. The contract, 100 above it, follows by a tenth a day.
	let mut prices = Vec::new();
	for day in 1..10 {
		let market = market(u64::from(day) * DAY, Some(5_800));
		instrument.refresh(&market).unwrap();
		instrument.stage(RunId(day + 1), &market).unwrap();
		instrument = instrument.at_run(RunId(day + 1));
		prices.push(instrument.settlement.price.0);
	}
	assert_eq!(prices, [3_300, 3_630, 3_993, 4_392, 4_831, 5_314, 5_845, 5_900, 5_900]);
	assert_eq!(instrument.settlement.fix, Some(Price(5_800)));
}

#[test]
fn bands_end_at_the_exchanges_bounds() {
	let band = PriceBand::around(Price(MAX_PRICE), Ppm::percent(200), FLOOR_PRICE).unwrap();
	assert_eq!(band, PriceBand { lowest: Price(-MAX_PRICE), highest: Price(MAX_PRICE) });
	// The width is rounded down.
	let band = PriceBand::around(Price(-33), Ppm::percent(10), Price(0)).unwrap();
	assert_eq!(band, PriceBand { lowest: Price(-36), highest: Price(-30) });
}

#[test]
fn the_risk_array_follows_the_largest_of_mark_mean_and_floor() {
	let range = |fix, mean, fraction| {
		let mut instrument = settled();
		let market = Market { mean: Price(mean), fraction: Ppm::percent(fraction), ..market(DAY, Some(fix)) };
		instrument.refresh(&market).unwrap();
		assert_eq!(instrument.risk.array, RiskArray::of_future(terms().multiplier, instrument.risk.range).unwrap());
		instrument.risk.range.get()
	};
	assert_eq!(range(2_900, 0, 20), 600);
	assert_eq!(range(-3_100, 0, 20), 600);
	assert_eq!(range(2_900, 6_000, 20), 1_200);
	assert_eq!(range(2_900, 0, 130), 3_900);
	// At a mark of zero the floor price of 30 moves by 6, which is 300.
	assert_eq!(range(-100, 0, 20), 300);
}

#[test]
fn open_interest_is_the_mean_of_the_last_ten_runs() {
	let mut instrument = settled();
	for (long, mean) in [(100, 100), (1, 50), (0, 33)] {
		instrument.long = Lots(long);
		instrument.note_open_interest();
		assert_eq!(instrument.risk.open_interest, Lots(mean));
	}
	for _ in 0..10 {
		instrument.long = Lots(7);
		instrument.note_open_interest();
	}
	assert_eq!(instrument.risk.open_interest, Lots(7));
	assert_eq!(instrument.daily_open_interest.len(), 10);
}

#[test]
fn trades_count_when_their_window_is_over_and_for_as_long_again() {
	Exchange.run(|| {
		open_market();
		let mark = || {
			refresh(NEAR);
			instrument(NEAR).mark.unwrap().0
		};
		fix(CLASS, 4_000);
		trade(11, 12, 10, 3_100);
		trade(12, 11, 20, 3_400);
		pass(HOUR - 1);
		assert_eq!(mark(), 4_000);
		pass(1);
		// By lots: 3,300.
		assert_eq!(mark(), 3_300);
		pass(HOUR);
		assert_eq!(mark(), 3_300);
		pass(1);
		assert_eq!(mark(), 4_000);
	})
}

#[test]
fn trades_alone_do_not_move_the_mark_beyond_the_index() {
	Exchange.run(|| {
		open_market();
		for _ in 0..5 {
			trade(11, 12, 100, 4_400);
			trade(12, 11, 100, 4_400);
			pass(HOUR);
			refresh(NEAR);
			assert_eq!(instrument(NEAR).mark, Some(Price(PRICE)));
		}
	})
}

/// A freshness check subtracted backwards, and the age was always zero (Drift).
#[test]
fn a_fix_ages_with_the_clock() {
	Exchange.run(|| {
		open_market();
		pass(DAY);
		settle();
		assert_eq!(instrument(NEAR).settlement.time, now());
		pass(DAY);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, Some(Price(PRICE)));
		pass(1);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, None);
		assert_eq!(events().last(), Some(&Event::MarkChanged { instrument: NEAR, mark: None }));
		// Margin and bands stay at the last one.
		let stale = instrument(NEAR);
		assert_eq!((stale.risk.mark, stale.risk.range.get()), (Price(PRICE), 600));
		assert_eq!(stale.band, PriceBand { lowest: Price(1_500), highest: Price(4_500) });
		fix(CLASS, PRICE + 30);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, Some(Price(PRICE + 30)));
	})
}

#[test]
fn a_stale_instrument_has_a_mark_again_when_it_was_traded() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		pass(2 * DAY + 1);
		fix(CLASS, PRICE + 100);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, None);
		// Only positions that are there can be closed; that is a second source.
		trade(12, 11, 5, PRICE + 40);
		pass(HOUR);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, Some(Price(PRICE + 70)));
		// With the next run its settlement price is fresh as well.
		settle();
		pass(2 * HOUR);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, Some(Price(PRICE + 70)));
	})
}

#[test]
fn every_instrument_is_looked_at_in_its_turn() {
	Exchange.run(|| {
		fix(CLASS, PRICE);
		for number in 0..5 {
			assert_ok!(Clearing::list(InstrumentId(number), terms(), Price(PRICE)));
		}
		next_block();
		for round in 1..4 {
			let price = PRICE + round;
			fix(CLASS, price);
			// Two a block: five in three blocks.
			(0..3).for_each(|_| next_block());
			for number in 0..5 {
				assert_eq!(instrument(InstrumentId(number)).mark, Some(Price(price)));
			}
		}
	})
}

#[test]
fn an_instrument_that_went_is_not_looked_at() {
	Exchange.run(|| {
		open_market();
		next_block();
		assert_ok!(Clearing::delist(FAR));
		next_block();
		let look = || Clearing::refresh_mark(RuntimeOrigin::signed(STRANGER), FAR);
		assert_noop!(look(), Error::<Test>::UnknownInstrument);
	})
}

fn raise(class: ClassId, fraction: Ppm) -> frame_support::pallet_prelude::DispatchResult {
	Clearing::raise_fraction(RuntimeOrigin::root(), class, fraction)
}

fn fraction() -> Ppm {
	ClassRisks::<Test>::get(CLASS).fraction
}

#[test]
fn governance_raises_a_scan_fraction_at_once_and_never_lowers_it() {
	Exchange.run(|| {
		assert_noop!(raise(CLASS, Ppm::percent(30)), Error::<Test>::UnknownClass);
		open_market();
		assert_noop!(raise(CLASS, Ppm::percent(20)), Error::<Test>::FractionNotRaised);
		assert_noop!(raise(CLASS, Ppm::percent(10)), Error::<Test>::FractionNotRaised);
		assert_noop!(raise(CLASS, Ppm::percent(1_001)), Error::<Test>::FractionNotRaised);
		assert_noop!(raise(OTHER_CLASS, Ppm::percent(30)), Error::<Test>::UnknownClass);
		let by_nobody = Clearing::raise_fraction(RuntimeOrigin::signed(GUARANTOR), CLASS, Ppm::percent(30));
		assert_eq!(by_nobody, Err(sp_runtime::DispatchError::BadOrigin));
		trade(11, 12, 10, PRICE);
		assert_ok!(raise(CLASS, Ppm::percent(40)));
		let raised = Event::FractionRaised { class: CLASS, before: Ppm::percent(20), fraction: Ppm::percent(40) };
		assert_eq!(events().last(), Some(&raised));
		refresh(NEAR);
		assert_eq!(view(11).margin.initial_margin, Cash(12_000));
		// It comes down by itself, by a twentieth a run.
		settle();
		assert_eq!(fraction(), Ppm::percent(38));
		assert_eq!(view(11).margin.initial_margin, Cash(12_000)); // 1,140 is 1,200 in multiples of 300
		settle();
		assert_eq!(fraction(), Ppm(361_000));
	})
}

#[test]
fn a_scan_fraction_rises_by_at_most_a_quarter_a_run() {
	Exchange.run(|| {
		open_market();
		let target = ClearingParameters {
			scan: gcx_math::volatility::ScanModel { floor: Ppm::percent(50), ..parameters().scan },
			..parameters()
		};
		assert_ok!(Clearing::set_parameters(RuntimeOrigin::root(), target));
		let mut fractions = Vec::new();
		for _ in 0..6 {
			settle();
			fractions.push(fraction().0);
		}
		assert_eq!(fractions, [250_000, 312_500, 390_625, 488_281, 500_000, 500_000]);
		// A class's instruments share the fraction: two of them do not make it rise twice.
		assert_eq!(instrument(NEAR).risk.range, instrument(FAR).risk.range);
	})
}

#[test]
fn a_mark_ends_with_the_fix_that_it_is_made_of_though_nobody_looks() {
	Exchange.run(|| {
		open_market();
		trade(11, 12, 10, PRICE);
		pass(parameters().max_fix_age);
		assert!(try_trade(&a_trade(11, 12, 10, PRICE)).is_ok());
		// The hook has not come by since: a chain that stood still begins like this.
		pass(1);
		assert!(instrument(NEAR).mark.is_some());
		let reason = Refusal::ReduceOnly(ReduceOnlyCause::NoMark);
		let refused = try_trade(&a_trade(11, 12, 10, PRICE));
		assert_eq!(refused, Err(Refused { party: Some(Side::Buy), reason }));
		assert_noop!(try_withdraw(11, 0, 100), Error::<Test>::NoMark);
	})
}

#[test]
fn after_an_outage_the_index_alone_is_enough_from_the_second_run_on() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		pass(parameters().max_settlement_age + 1);
		settle();
		assert_eq!((instrument(NEAR).mark, instrument(NEAR).index_alone), (None, None));
		// The index is back: a run of grace, in which nothing moves.
		settle_at(PRICE + 400);
		assert_eq!((settlement_of(NEAR), instrument(NEAR).mark), (PRICE, None));
		settle_at(PRICE + 300);
		assert_eq!(settlement_of(NEAR), PRICE + 300);
		refresh(NEAR);
		assert_eq!(instrument(NEAR).mark, Some(Price(PRICE + 300)));
	})
}

#[test]
fn the_grace_after_an_outage_begins_anew_if_the_index_goes_again() {
	Exchange.run(|| {
		open_market();
		pass(parameters().max_settlement_age + 1);
		settle_at(PRICE + 400);
		pass(parameters().max_fix_age + 1);
		settle();
		settle_at(PRICE + 400);
		assert_eq!(settlement_of(NEAR), PRICE);
		settle_at(PRICE + 400);
		assert_eq!(settlement_of(NEAR), PRICE + 400);
	})
}

/// The settlement price in force.
fn settlement_of(id: InstrumentId) -> i64 {
	instrument(id).at_run(Settled::<Test>::get().current).settlement.price.0
}
