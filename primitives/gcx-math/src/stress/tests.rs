use super::*;
use crate::{
	margin::{InstrumentRisk, Requirement, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{ClassId, ComputeHours, Lots, Ppm, MAX_LOTS, MAX_MULTIPLIER, MAX_PRICE};
use proptest::prelude::*;

const DOLLAR: i64 = 1_000_000;

/// A future of a class with 100 CH a lot, at a price in millionths, with a scan fraction of 20 %.
fn future(class: u32, price: i64) -> InstrumentRisk {
	let (multiplier, mark) = (ComputeHours(100), Price(price));
	let range = ScanRange::new(mark, Price::ZERO, Price::ZERO, Ppm::percent(20)).unwrap();
	InstrumentRisk {
		group: RiskGroup { class: ClassId(class), grades: 0 },
		multiplier,
		mark,
		range,
		array: RiskArray::of_future(multiplier, range).unwrap(),
		open_interest: Lots(1_000),
		delivery_phase: Ppm::ZERO,
	}
}

fn holding(risk: &InstrumentRisk, lots: i64) -> Holding<'_> {
	Holding { risk, lots: Lots(lots), owner_lots: Lots(lots.abs()), covered_lots: Lots::ZERO }
}

fn stress(holdings: &[Holding]) -> Stress {
	stressed_losses(holdings, &MarginParameters::default()).unwrap()
}

fn dollars(amount: i128) -> Cash {
	Cash(amount * i128::from(DOLLAR))
}

#[test]
fn a_long_loses_three_scan_ranges_when_prices_fall_and_a_short_when_they_rise() {
	let december = future(1, 3 * DOLLAR);
	// Ten lots of 100 CH, three times 0.60 dollars.
	assert_eq!(stress(&[holding(&december, 10)]), Stress { up: Cash::ZERO, down: dollars(1_800) });
	assert_eq!(stress(&[holding(&december, -10)]), Stress { up: dollars(1_800), down: Cash::ZERO });
	assert_eq!(stress(&[holding(&december, -10)]).max(), dollars(1_800));
	assert_eq!(stress(&[holding(&december, 10)]).max(), dollars(1_800));
}

#[test]
fn a_portfolio_without_lots_loses_nothing() {
	let december = future(1, 3 * DOLLAR);
	let elsewhere = Holding { owner_lots: Lots(500), ..holding(&december, 0) };
	assert_eq!((stress(&[]), stress(&[elsewhere])), (Stress::default(), Stress::default()));
}

#[test]
fn a_concentrated_position_loses_its_charge_on_both_sides() {
	let december = future(1, 3 * DOLLAR);
	// 110 lots, 10 beyond the free 100: 2 · 100 CH · 0.60 · 10² / 1,000 = 12 dollars.
	assert_eq!(stress(&[holding(&december, 110)]), Stress { up: dollars(12), down: dollars(19_800 + 12) });
}

#[test]
fn a_hedged_book_has_little_stress_and_yet_its_concentration() {
	let (december, january) = (future(1, 3 * DOLLAR), future(1, 3_200_000));
	// 110 · 100 CH · 3 · (0.6402 − 0.60) when prices rise; 12 and 12.804 dollars of concentration.
	let hedged = stress(&[holding(&december, 110), holding(&january, -110)]);
	assert_eq!(hedged, Stress { up: Cash(1_326_600_000 + 24_804_000), down: Cash(24_804_000) });
	let same = stress(&[holding(&december, 110), holding(&december, -110)]);
	assert_eq!(same, Stress { up: dollars(24), down: dollars(24) });
}

#[test]
fn classes_add_up_without_offset() {
	let (one, other) = (future(1, 3 * DOLLAR), future(2, 1_500_000));
	let across = stress(&[holding(&one, 10), holding(&other, -10)]);
	assert_eq!(across, Stress { up: dollars(900), down: dollars(1_800) });
}

#[test]
fn resources_come_before_the_rest_and_debts_on_top() {
	let stress = Stress { up: Cash(100), down: Cash(30) };
	assert_eq!(stress.beyond(Cash(40)), Ok(Stress { up: Cash(60), down: Cash(0) }));
	assert_eq!(stress.beyond(Cash(0)), Ok(stress));
	assert_eq!(stress.beyond(Cash(-5)), Ok(Stress { up: Cash(105), down: Cash(35) }));
	assert_eq!(stress.beyond(Cash(i128::MIN)), Err(ArithmeticError::Underflow));
}

#[test]
fn the_exchanges_largest_portfolio_has_a_stress_and_a_larger_one_is_refused() {
	let (price, multiplier) = (Price(MAX_PRICE), ComputeHours(MAX_MULTIPLIER));
	let range = ScanRange::new(price, price, price, Ppm(10 * Ppm::PARTS)).unwrap();
	let array = RiskArray::of_future(multiplier, range).unwrap();
	let open_interest = Lots(MAX_LOTS);
	let largest = InstrumentRisk { multiplier, mark: price, range, array, open_interest, ..future(1, DOLLAR) };
	let all = vec![holding(&largest, -MAX_LOTS); 64];
	assert!(stress(&all).up > Cash(64 * 3 * 10i128.pow(31)));
	let beyond = Holding { lots: Lots(i64::MIN), ..all[0] };
	assert_eq!(stressed_losses(&[beyond], &Default::default()), Err(ArithmeticError::Overflow));
}

/// Instruments of few classes, with lots and what the owner holds elsewhere.
fn portfolio() -> impl Strategy<Value = Vec<(InstrumentRisk, i64, i64)>> {
	let instrument = (0..3u32, -5_000_000..5_000_000i64, -2_000..2_000i64, 0..500i64);
	let of = |(class, price, lots, more)| (future(class, price), lots, more);
	prop::collection::vec(instrument.prop_map(of), 0..8)
}

fn holdings(portfolio: &[(InstrumentRisk, i64, i64)], sign: i64) -> Vec<Holding<'_>> {
	portfolio
		.iter()
		.map(|(risk, lots, more)| Holding { owner_lots: Lots(lots.abs() + more), ..holding(risk, sign * lots) })
		.collect()
}

proptest! {
	#[test]
	fn the_opposite_portfolio_loses_on_the_opposite_side(portfolio in portfolio()) {
		let (this, opposite) = (stress(&holdings(&portfolio, 1)), stress(&holdings(&portfolio, -1)));
		prop_assert_eq!(opposite, Stress { up: this.down, down: this.up });
	}

	// Two portfolios together lose no more than apart, and no less than one of them that the other could offset in full.
	#[test]
	fn portfolios_together_lose_no_more_than_apart(one in portfolio(), other in portfolio()) {
		let (one, other) = (holdings(&one, 1), holdings(&other, 1));
		let together = stress(&[&one[..], &other[..]].concat());
		let (one, other) = (stress(&one), stress(&other));
		for (both, a, b, against) in [
			(together.up, one.up, other.up, other.down),
			(together.down, one.down, other.down, other.up),
		] {
			prop_assert!(both.0 <= a.0 + b.0);
			prop_assert!(both.0 >= a.0 - against.0);
		}
	}

	#[test]
	fn a_single_instrument_loses_three_times_its_scan(portfolio in portfolio()) {
		for (risk, lots, _) in &portfolio {
			let held = [holding(risk, *lots)];
			let Requirement { scan, concentration, .. } = Requirement::of(&held, &Default::default()).unwrap();
			let stress = stress(&held);
			prop_assert_eq!(stress.max().0, 3 * scan.0 + concentration.0);
			prop_assert_eq!(stress.up.min(stress.down), concentration);
		}
	}

	#[test]
	fn what_is_beyond_resources_and_the_resources_cover_the_loss(portfolio in portfolio(), resources: i64) {
		let stress = stress(&holdings(&portfolio, 1));
		let beyond = stress.beyond(Cash(resources.into())).unwrap();
		for (loss, left) in [(stress.up.0, beyond.up.0), (stress.down.0, beyond.down.0)] {
			prop_assert!(left >= 0 && left + i128::from(resources) >= loss);
			prop_assert!(left == 0 || left + i128::from(resources) == loss);
		}
	}
}
