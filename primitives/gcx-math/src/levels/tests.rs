use super::*;
use crate::{margin::InstrumentRisk, scan::RiskArray};
use gcx_primitives::{ClassId, ComputeHours, Lots, MAX_LOTS, MAX_MULTIPLIER};

const DOLLAR: i64 = 1_000_000;
/// The assumed fraction: a quarter above 20 %.
const ASSUMED: Ppm = Ppm::percent(25);

/// A future with 100 CH a lot at a price in millionths, at the assumed fraction and calm size, in a deep market.
fn future(price: i64, calm: i64) -> InstrumentRisk {
	let (multiplier, mark) = (ComputeHours(100), Price(price));
	let range = ScanRange::new(mark, Price(calm), Price::ZERO, ASSUMED).unwrap();
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

fn exposure(risk: &InstrumentRisk, lots: i64) -> Exposure<'_> {
	let holding = Holding { risk, lots: Lots(lots), owner_lots: Lots(lots.abs()), covered_lots: Lots::ZERO };
	at_fraction(Exposure { holding, fraction: ASSUMED, least: ScanRange::default() }, ASSUMED)
}

/// The same at another assumed fraction.
fn at_fraction(exposure: Exposure<'_>, fraction: Ppm) -> Exposure<'_> {
	let least = ScanRange::new(exposure.holding.risk.mark, Price::ZERO, Price::ZERO, fraction).unwrap();
	Exposure { fraction, least, ..exposure }
}

fn dollars(amount: i128) -> Cash {
	Cash(amount * i128::from(DOLLAR))
}

fn set(equity: Cash, exposures: &[Exposure], pledges: &[Pledge]) -> Option<Distances> {
	distances(equity, exposures, pledges, &MarginParameters::default()).unwrap()
}

fn fits(equity: Cash, exposures: &[Exposure], pledges: &[Pledge], positions: &[Gap], collateral: &[Price]) -> Fit {
	fit(equity, exposures, pledges, positions, collateral, &MarginParameters::default()).unwrap()
}

fn gap(down: i64, up: i64) -> Gap {
	Gap { down: Price(down), up: Price(up) }
}

/// Ten thousand GCX of 12 decimals at three dollars, half of which counts.
fn gcx() -> Pledge {
	let unit = 10u128.pow(12);
	Pledge { amount: 10_000 * unit, unit, haircut: Ppm::percent(50), price: Price(3 * DOLLAR) }
}

#[test]
fn a_long_has_its_levels_at_three_quarters_of_its_free_equity_over_its_cost() {
	let december = future(3 * DOLLAR, 0);
	// 1,000 CH at an assumed range of 0.75 dollars: maintenance margin 562.50. w = 1,000 + 1,000, so that
	// s = 1,000 + 75 % · 25 % · 2,000 = 1,375; 75 % · 301 · 2,000 + 20 + 2 are held back.
	let set_at = |equity| set(equity, &[exposure(&december, 10)], &[]).map(|distances| distances.positions[0].0);
	let least = 562_500_000 + 451_500 + 22;
	assert_eq!(set_at(Cash(least)), None);
	assert_eq!(set_at(Cash(least + 1)), Some(0));
	assert_eq!((set_at(Cash(least + 1_833)), set_at(Cash(least + 1_834))), (Some(0), Some(1)));
	let far = [183_333_333, 183_333_334].map(|free| set_at(Cash(least + free)));
	assert_eq!(far, [Some(99_999), Some(100_000)]);
}

#[test]
fn distances_are_in_proportion_to_the_scan_ranges() {
	let (cheap, mut dear) = (future(DOLLAR, 0), future(6 * DOLLAR, 0));
	dear.group.class = ClassId(2);
	let exposures = [exposure(&cheap, 10), exposure(&dear, -20)];
	let Distances { positions, pledges } = set(dollars(20_000), &exposures, &[gcx()]).unwrap();
	// 0.2502, 1.5 and 0.6 dollars; each rounded down.
	let per_range = |distance: Price, units: i64| distance.0 / units;
	assert_eq!(per_range(positions[0], 834), per_range(positions[1], 5_000));
	assert_eq!(per_range(positions[0], 834), per_range(pledges[0], 2_000));
	assert!(positions[0] > Price(DOLLAR / 10));
}

#[test]
fn a_hedge_of_two_months_under_the_calm_size_is_none_above_it() {
	// At an assumed calm size of 6 dollars both months have one range and offset in full; at a calm size under 1.20 dollars
	// 1,000 CH · 25 % · (3.60 − 1.20) dollars are open. Assumed: a spread of 225 dollars. To fear: 600 more.
	let (near, far) = (future(1_200_000, 6 * DOLLAR), future(3_600_000, 6 * DOLLAR));
	let hedge = [exposure(&near, 10), exposure(&far, -10)];
	let holdings = hedge.map(|leg| leg.holding);
	let assumed = Requirement::of(&holdings, &MarginParameters::default()).unwrap();
	assert_eq!(assumed.total(), Ok(dollars(225)));
	// 75 % of 825 dollars; w = 1,000 + 15 % · 1,000 for either leg, 301 · 75 % of it held back.
	let least = 618_750_000 + 519_225 + 24;
	assert_eq!(set(Cash(least), &hedge, &[]), None);
	assert!(set(Cash(least + 1), &hedge, &[]).is_some());
}

/// The range of a month that is averaged stays where a smaller calm size takes that of the other months away.
#[test]
fn a_hedge_against_a_month_that_is_averaged_is_taken_at_its_worst() {
	// Assumed: 1.3998 dollars of what is open of the average against 1.50 of the far month. At a calm size under 1.20 dollars
	// the far one has 0.30, and 1,000 CH · 1.0998 dollars are open, beside a spread of 225 dollars.
	let (mut near, far) = (future(1_200_000, 6 * DOLLAR), future(1_200_000, 6 * DOLLAR));
	near.range = ScanRange::new(Price(5_599_200), Price::ZERO, Price::ZERO, ASSUMED).unwrap();
	near.array = RiskArray::of_future(near.multiplier, near.range).unwrap();
	let averaged = Exposure { least: near.range, ..exposure(&near, 10) };
	let hedge = [averaged, exposure(&far, -10)];
	let least = 993_600_000 + 519_225 + 24;
	assert_eq!(set(Cash(least), &hedge, &[]), None);
	assert!(set(Cash(least + 1), &hedge, &[]).is_some());
}

#[test]
fn an_account_without_lots_needs_no_levels_unless_it_owes_cash() {
	let december = future(3 * DOLLAR, 0);
	let none = Some(Distances::default());
	assert_eq!(set(Cash::ZERO, &[], &[]), none);
	assert_eq!(set(dollars(15_000), &[], &[gcx()]), none);
	assert_eq!(set(dollars(15_000), &[exposure(&december, 0)], &[gcx()]), none);
	// Ten dollars of debt before 15,000 of collateral: it falls from 3 dollars to 0.002 before equity is gone; the level is at
	// three quarters of that.
	let owing = set(dollars(14_990), &[], &[gcx()]).unwrap();
	assert_eq!((owing.positions, owing.pledges), (vec![], vec![Price(2_248_499)]));
	assert_eq!(set(Cash(-1), &[], &[]), None);
}

#[test]
fn a_level_is_never_farther_than_a_price_goes() {
	let december = future(300, 0);
	let distances = set(Cash(i128::MAX), &[exposure(&december, 1)], &[gcx()]).unwrap();
	assert_eq!(distances, Distances { positions: vec![MAX_DISTANCE], pledges: vec![gcx().price] });
	let both = gap(MAX_DISTANCE.0, MAX_DISTANCE.0);
	assert_eq!(fits(Cash(i128::MAX), &[exposure(&december, 1)], &[gcx()], &[both], &distances.pledges), Fit::Fits);
}

#[test]
fn a_plain_position_funded_at_initial_margin_has_room_to_move() {
	let december = future(3 * DOLLAR, 0);
	// At the fraction in force of 20 % initial margin is 600 dollars, a scan range 0.60.
	let share = |equity| {
		let set = set(equity, &[exposure(&december, 10)], &[]).unwrap();
		set.positions[0].0 * 1_000 / 600_000
	};
	let shares = [share(dollars(600)), share(dollars(1_200)), share(dollars(1_800))];
	println!("thousandths of a scan range at 1, 2 and 3 times initial margin: {shares:?}");
	assert!(shares[0] >= 30 && shares[1] >= 560 && shares[2] >= 1_085, "{shares:?}");
}

#[test]
fn levels_fit_until_they_are_crossed_or_too_far() {
	let december = future(3 * DOLLAR, 0);
	let (equity, long) = (dollars(1_000), [exposure(&december, 10)]);
	let Price(room) = set(equity, &long, &[]).unwrap().positions[0];
	let fit = |down, up| fits(equity, &long, &[], &[gap(down, up)], &[]);
	assert_eq!(fit(room, room), Fit::Fits);
	// A quarter of free equity was left.
	assert_eq!(fit(room / 3 * 4, room), Fit::Fits);
	assert_eq!(fit(room / 3 * 4 + 4, room), Fit::TooWide);
	// What a long gains on the way up is more than its margin grows.
	assert_eq!(fit(room, 1_000 * room), Fit::Fits);
	assert_eq!(fit(0, 1_000 * room), Fit::Tight);
	assert_eq!((fit(-1, room), fit(room, -1)), (Fit::TooWide, Fit::TooWide));
	assert_eq!((fit((room + 3) / 4, room), fit(room / 4 - 1, room)), (Fit::Fits, Fit::Tight));
	// A position without a level, and levels without a position.
	assert_eq!(fits(equity, &long, &[], &[], &[]), Fit::TooWide);
	assert_eq!(fits(equity, &long, &[], &[gap(0, 0)], &[Price(0)]), Fit::TooWide);
	assert_eq!(fits(equity, &[], &[], &[], &[]), Fit::Fits);
	assert_eq!(fits(equity, &[], &[], &[gap(0, 0)], &[]), Fit::Tight);
}

#[test]
fn a_move_towards_a_level_leaves_it_fitting_and_a_long_one_away_does_not() {
	// Moves by which the range, too, moves in whole units, so that nothing is rounded.
	let (before, equity) = (future(3 * DOLLAR, 0), dollars(1_000));
	let Price(room) = set(equity, &[exposure(&before, 10)], &[]).unwrap().positions[0];
	let shift = room / 1_200 / 2 * 1_200;
	let fit_after = |moved: i64| {
		let after = future(3 * DOLLAR + moved, 0);
		let equity = Cash(equity.0 + 1_000 * i128::from(moved));
		fits(equity, &[exposure(&after, 10)], &[], &[gap(room + moved, room - moved)], &[])
	};
	// On the way down the requirement shrinks, so that close to the level there would be room for a farther one.
	assert_eq!((fit_after(-shift), fit_after(-2 * shift)), (Fit::Fits, Fit::Tight));
	// It gained 1,000 CH of it, and owes 75 % · 25 % of that: less than the 1,375 that the way back is taken to cost. What was
	// left of free equity bears that for a while.
	assert_eq!((fit_after(shift), fit_after(2 * shift)), (Fit::Fits, Fit::TooWide));
}

#[test]
fn a_short_fears_the_way_up_and_full_delivery_both_ways() {
	let mut december = future(3 * DOLLAR, 0);
	let fit = |risk: &InstrumentRisk, equity, share: (i64, i64)| {
		let short = [exposure(risk, -10)];
		let Price(room) = set(equity, &short, &[]).unwrap().positions[0];
		fits(equity, &short, &[], &[gap(room * share.0, room * share.1)], &[])
	};
	assert_eq!(fit(&december, dollars(1_000), (1_000, 1)), Fit::Fits);
	assert_eq!(fit(&december, dollars(1_000), (1, 2)), Fit::TooWide);
	// In full phase its deposit grows with the size of the price, about as fast as it gains.
	december.delivery_phase = Ppm::ONE;
	assert_eq!(fit(&december, dollars(5_000), (1_000, 1)), Fit::TooWide);
}

#[test]
fn without_free_equity_no_level_fits() {
	let december = future(3 * DOLLAR, 0);
	for equity in [dollars(562), Cash::ZERO, dollars(-1)] {
		assert_eq!(fits(equity, &[exposure(&december, 10)], &[], &[gap(0, 0)], &[]), Fit::TooWide);
	}
}

#[test]
fn collateral_counts_as_custody_counts_it() {
	let value = |amount, unit, haircut, price| {
		Pledge { amount, unit, haircut: Ppm(haircut), price: Price(price) }.value().map(|value| value.0)
	};
	assert_eq!(gcx().value(), Ok(dollars(15_000)));
	assert_eq!(value(7, 2, 0, 3), Ok(10)); // 10.5
	assert_eq!(value(7, 2, 500_000, 3), Ok(5));
	assert_eq!(value(7, 2, 450_000, 3), Ok(5)); // 5.5
	assert_eq!((value(7, 2, 0, 0), value(7, 2, 0, -3), value(7, 2, 2_000_000, 3)), (Ok(0), Ok(0), Ok(0)));
	assert_eq!(value(7, 0, 0, 3), Err(ArithmeticError::DivisionByZero));
	assert_eq!(value(u128::MAX, 1, 0, 1), Err(ArithmeticError::Overflow));
	let no_unit = Pledge { unit: 0, ..gcx() };
	let none = distances(Cash(1), &[], &[no_unit], &MarginParameters::default());
	assert_eq!(none, Err(ArithmeticError::DivisionByZero));
}

#[test]
fn the_exchanges_largest_portfolio_has_levels_and_a_larger_one_is_refused() {
	let (price, multiplier, fraction) = (Price(MAX_PRICE), ComputeHours(MAX_MULTIPLIER), Ppm(12_500_000));
	let range = ScanRange::new(price, price, price, fraction).unwrap();
	let largest = InstrumentRisk {
		multiplier,
		mark: price,
		range,
		array: RiskArray::of_future(multiplier, range).unwrap(),
		open_interest: Lots(MAX_LOTS),
		delivery_phase: Ppm::ONE,
		..future(DOLLAR, 0)
	};
	// Half long, half short, each with all that there is: the exchange's dearest account has levels.
	let all: Vec<_> = (0..64)
		.map(|index| at_fraction(exposure(&largest, if index < 32 { 1 } else { -1 } * MAX_LOTS), fraction))
		.collect();
	let set = set(Cash(10i128.pow(37)), &all, &[]).unwrap();
	assert!(set.positions.iter().all(|distance| *distance > Price::ZERO));
	let mut beyond = all[0];
	beyond.holding.lots = Lots(i64::MIN);
	let none = distances(Cash(1), &[beyond], &[], &MarginParameters::default());
	assert_eq!(none, Err(ArithmeticError::Overflow));
}

#[test]
fn whatever_has_a_requirement_has_levels() {
	// Concentration at the edge of 128 bits, in a market without depth.
	let (price, multiplier, fraction) = (Price(MAX_PRICE), ComputeHours(MAX_MULTIPLIER), Ppm(12_500_000));
	let range = ScanRange::new(price, price, price, fraction).unwrap();
	let parameters = MarginParameters { concentration_depth: Lots(1), ..Default::default() };
	let array = RiskArray::of_future(multiplier, range).unwrap();
	let thin = InstrumentRisk { multiplier, mark: price, range, array, open_interest: Lots(0), ..future(DOLLAR, 0) };
	let held = at_fraction(exposure(&thin, 80_000_000), fraction);
	let total = Requirement::of(&[held.holding], &parameters).unwrap().total().unwrap();
	assert!(total > Cash(i128::MAX / 2));
	let set = distances(Cash(i128::MAX), &[held], &[], &parameters).unwrap().unwrap();
	assert!(set.positions[0] > Price::ZERO);
}
