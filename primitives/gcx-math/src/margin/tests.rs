use super::*;
use gcx_primitives::{MAX_LOTS, MAX_MULTIPLIER, MAX_PRICE};
use proptest::prelude::*;

const DOLLAR: i64 = 1_000_000;

/// A future of class 1 with 100 CH a lot, at `mark` dollars, with a scan fraction of 20 % and plenty of open interest.
fn future(mark: i64) -> InstrumentRisk {
	let (multiplier, mark) = (ComputeHours(100), Price(mark * DOLLAR));
	let range = ScanRange::new(mark, Price::ZERO, Price::ZERO, Ppm::percent(20)).unwrap();
	InstrumentRisk {
		group: RiskGroup { class: ClassId(1), grades: 0 },
		multiplier,
		mark,
		range,
		array: RiskArray::of_future(multiplier, range).unwrap(),
		open_interest: Lots(100_000),
		delivery_phase: Ppm::ZERO,
	}
}

/// Lots of it, held nowhere else, without nominated capacity.
fn holding(risk: &InstrumentRisk, lots: i64) -> Holding<'_> {
	Holding { risk, lots: Lots(lots), owner_lots: Lots(lots.abs()), covered_lots: Lots::ZERO }
}

fn requirement(holdings: &[Holding]) -> Requirement {
	Requirement::of(holdings, &MarginParameters::default()).unwrap()
}

fn dollars(amount: i128) -> Cash {
	Cash(amount * i128::from(DOLLAR))
}

#[test]
fn a_single_position_costs_its_scan_range() {
	let december = future(3);
	let expected = Requirement { scan: dollars(600), ..Default::default() };
	// Ten lots of 100 CH at 3 dollars, of which 20 %.
	assert_eq!(requirement(&[holding(&december, 10)]), expected);
	assert_eq!(requirement(&[holding(&december, -10)]), expected);
	assert_eq!(requirement(&[holding(&december, 0)]), Requirement::default());
	assert_eq!(requirement(&[]), Requirement::default());
	assert_eq!(expected.initial(Ppm::percent(120)), Ok(dollars(720)));
	assert_eq!(expected.maintenance(&MarginParameters::default()), Ok(dollars(450)));
}

#[test]
fn months_of_one_group_offset_and_pay_for_the_spread() {
	let (december, january) = (future(3), future(3));
	let spread = requirement(&[holding(&december, 10), holding(&january, -10)]);
	assert_eq!(spread, Requirement { scan: Cash(0), spread: dollars(90), ..Default::default() });
	// Four lots stay open, six are a spread.
	let mixed = requirement(&[holding(&december, 10), holding(&january, -6)]);
	assert_eq!(mixed, Requirement { scan: dollars(240), spread: dollars(54), ..Default::default() });
}

#[test]
fn an_open_quantity_cannot_hide_behind_unlike_ranges() {
	// 30 lots at 3 dollars against 10 at 9: every scenario nets to zero, and yet 2,000 CH are open.
	let (cheap, dear) = (future(3), future(9));
	let hidden = requirement(&[holding(&cheap, 30), holding(&dear, -10)]);
	assert_eq!(hidden.scan, dollars(1_200));
}

#[test]
fn groups_and_classes_do_not_offset() {
	let (one, mut other) = (future(3), future(3));
	other.group.grades = 1;
	assert_eq!(requirement(&[holding(&one, 10), holding(&other, -10)]).scan, dollars(1_200));
	other.group = RiskGroup { class: ClassId(2), grades: 0 };
	let apart = requirement(&[holding(&one, 10), holding(&other, -10)]);
	assert_eq!(apart, Requirement { scan: dollars(1_200), ..Default::default() });
}

#[test]
fn concentration_grows_with_the_square_of_the_excess_of_all_that_the_owner_holds() {
	let thin = InstrumentRisk { open_interest: Lots(500), ..future(3) };
	let of = |owner_lots| requirement(&[Holding { owner_lots: Lots(owner_lots), ..holding(&thin, 100) }]).concentration;
	// 100 lots are free. Of 110: 2 · 100 CH · 0.60 dollars · 10² / 1,000.
	assert_eq!(of(100), Cash(0));
	assert_eq!(of(110), dollars(12));
	// Twice the excess, four times the charge; held under other guarantors, the same.
	assert_eq!(of(120), dollars(48));
	// A twentieth of a large open interest is free as well, and its depth divides.
	let deep = InstrumentRisk { open_interest: Lots(10_019), ..thin };
	let charge = requirement(&[holding(&deep, 600)]).concentration;
	assert_eq!(charge, Cash(119_772_433)); // 120 dollars · 100² / 10,019, rounded up
	assert_eq!(requirement(&[holding(&deep, 0)]).concentration, Cash(0));
}

#[test]
fn delivery_costs_an_uncovered_short_its_value_and_a_long_a_quarter() {
	let due = InstrumentRisk { delivery_phase: Ppm::percent(50), ..future(3) };
	assert_eq!(requirement(&[holding(&due, -10)]).delivery, dollars(1_500));
	assert_eq!(requirement(&[holding(&due, 10)]).delivery, dollars(375));
	let covered = |lots| requirement(&[Holding { covered_lots: Lots(lots), ..holding(&due, -10) }]).delivery;
	assert_eq!(covered(4), dollars(900));
	assert_eq!(covered(10), Cash(0));
	assert_eq!(covered(11), Cash(0));
	// A price below zero is a value all the same.
	let negative = InstrumentRisk { mark: Price(-3 * DOLLAR), ..due };
	assert_eq!(requirement(&[holding(&negative, -10)]).delivery, dollars(1_500));
	assert_eq!(requirement(&[holding(&negative, 10)]).delivery, dollars(375));
}

#[test]
fn every_part_rounds_up() {
	let odd = InstrumentRisk { multiplier: ComputeHours(1), delivery_phase: Ppm(1), mark: Price(1), ..future(3) };
	let parts = requirement(&[holding(&odd, 1)]);
	assert_eq!(parts.delivery, Cash(1));
	let one = Requirement { scan: Cash(1), ..Default::default() };
	assert_eq!(one.initial(Ppm::ONE), Ok(Cash(1)));
	assert_eq!(one.initial(Ppm(1_000_001)), Ok(Cash(2)));
	assert_eq!(one.maintenance(&MarginParameters::default()), Ok(Cash(1)));
}

#[test]
fn parameters_outside_the_models_bounds_are_not_valid() {
	let valid = MarginParameters::default();
	assert!(valid.is_valid());
	let invalid = [
		MarginParameters { spread: Ppm(1_000_001), ..valid },
		MarginParameters { concentration_threshold: Lots(-1), ..valid },
		MarginParameters { concentration_threshold: Lots(MAX_LOTS + 1), ..valid },
		MarginParameters { concentration_share: Ppm(1_000_001), ..valid },
		MarginParameters { concentration_depth: Lots(0), ..valid },
		MarginParameters { delivery_long: Ppm(1_000_001), ..valid },
		MarginParameters { maintenance: Ppm(499_999), ..valid },
		MarginParameters { maintenance: Ppm(950_001), ..valid },
	];
	assert!(invalid.iter().all(|parameters| !parameters.is_valid()));
}

#[test]
fn the_exchanges_largest_portfolio_has_a_requirement_and_a_larger_one_is_refused() {
	let price = Price(MAX_PRICE);
	let range = ScanRange::new(price, price, price, Ppm(10 * Ppm::PARTS)).unwrap();
	let multiplier = ComputeHours(MAX_MULTIPLIER);
	let largest = InstrumentRisk {
		group: RiskGroup::default(),
		multiplier,
		mark: price,
		range,
		array: RiskArray::of_future(multiplier, range).unwrap(),
		open_interest: Lots(MAX_LOTS),
		delivery_phase: Ppm::ONE,
	};
	let all = vec![holding(&largest, -MAX_LOTS); 64];
	let total = requirement(&all).total().unwrap();
	assert!(total > Cash(64 * 10i128.pow(31)));
	let beyond = Holding { lots: Lots(i64::MIN), ..all[0] };
	assert_eq!(Requirement::of(&[beyond], &Default::default()), Err(ArithmeticError::Overflow));
}

/// Portfolios of a few instruments in few groups, so that offsets happen.
fn portfolio() -> impl Strategy<Value = Vec<(InstrumentRisk, i64, i64)>> {
	let instrument = (0..2u32, 0..2u8, 1..1_000u64, -5_000_000..5_000_000i64, 1..3_000_000u32, 0..50_000i64);
	prop::collection::vec((instrument, -2_000..2_000i64, 0..500i64), 0..8).prop_map(|positions| {
		let of = |((class, grades, multiplier, mark, fraction, open), lots, more): (
			(u32, u8, u64, i64, u32, i64),
			i64,
			i64,
		)| {
			let (multiplier, mark) = (ComputeHours(multiplier), Price(mark));
			let range = ScanRange::new(mark, Price::ZERO, Price(10_000), Ppm(fraction)).unwrap();
			let risk = InstrumentRisk {
				group: RiskGroup { class: ClassId(class), grades },
				multiplier,
				mark,
				range,
				array: RiskArray::of_future(multiplier, range).unwrap(),
				open_interest: Lots(open),
				delivery_phase: Ppm::ZERO,
			};
			(risk, lots, more)
		};
		positions.into_iter().map(of).collect()
	})
}

fn holdings(portfolio: &[(InstrumentRisk, i64, i64)], sign: i64) -> Vec<Holding<'_>> {
	portfolio
		.iter()
		.map(|(risk, lots, more)| Holding { owner_lots: Lots(lots.abs() + more), ..holding(risk, sign * lots) })
		.collect()
}

proptest! {
	#[test]
	fn the_order_of_the_positions_does_not_matter(portfolio in portfolio()) {
		let mut turned = holdings(&portfolio, 1);
		turned.reverse();
		prop_assert_eq!(requirement(&turned), requirement(&holdings(&portfolio, 1)));
	}

	#[test]
	fn futures_cost_the_same_long_and_short(portfolio in portfolio()) {
		prop_assert_eq!(requirement(&holdings(&portfolio, -1)), requirement(&holdings(&portfolio, 1)));
	}

	#[test]
	fn initial_margin_is_never_under_maintenance_margin(portfolio in portfolio(), multiplier in 1_000_000..10_000_000u32) {
		let requirement = requirement(&holdings(&portfolio, 1));
		let maintenance = requirement.maintenance(&MarginParameters::default()).unwrap();
		prop_assert!(requirement.initial(Ppm(multiplier)).unwrap() >= maintenance);
		prop_assert!(maintenance >= Cash::ZERO);
	}

	// What scanning promises: no move within the range, of all months of a group together, costs more than the scan.
	#[test]
	fn the_scan_covers_every_common_move_within_the_range(portfolio in portfolio(), x in -1_000i128..=1_000) {
		let holdings = holdings(&portfolio, 1);
		let gain: i128 = holdings.iter()
			.map(|holding| {
				let hours = i128::from(holding.lots.0) * i128::from(holding.risk.multiplier.0);
				hours * i128::from(holding.risk.range.get()) * x
			})
			.sum();
		prop_assert!(-gain <= requirement(&holdings).scan.0 * 1_000);
	}
}
