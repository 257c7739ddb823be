//! The worked example of the book's chapter on margin.

use gcx_math::{
	margin::{Holding, InstrumentRisk, MarginParameters, Requirement, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{Cash, ClassId, ComputeHours, Lots, Ppm, Price};

const CHAPTER: &str = include_str!("../../../docs/src/margin.md");

/// A month of the example at a price in millionths of a dollar.
fn month(price: i64) -> InstrumentRisk {
	let (multiplier, mark) = (ComputeHours(100), Price(price));
	let range = ScanRange::new(mark, Price::ZERO, Price::ZERO, Ppm::percent(20)).expect("in bounds");
	InstrumentRisk {
		group: RiskGroup { class: ClassId(2), grades: 0 },
		multiplier,
		mark,
		range,
		array: RiskArray::of_future(multiplier, range).expect("in bounds"),
		open_interest: Lots(100_000),
		delivery_phase: Ppm::ZERO,
	}
}

fn lots(risk: &InstrumentRisk, lots: i64) -> Holding<'_> {
	Holding { risk, lots: Lots(lots), owner_lots: Lots(lots.abs()), covered_lots: Lots::ZERO }
}

/// Dollars as the chapter writes them, with at least so many decimals.
fn dollars(amount: i128, decimals: usize) -> String {
	let (whole, fraction) = (amount / 1_000_000, format!("{:06}", amount % 1_000_000));
	let shown = fraction.trim_end_matches('0').len().max(decimals);
	format!("{whole}.{}", &fraction[..shown])
}

#[test]
fn the_worked_example_of_the_book_is_what_the_model_says() {
	let (december, january) = (month(3_000_000), month(3_200_000));
	let requirement =
		Requirement::of(&[lots(&december, 10), lots(&january, -6)], &MarginParameters::default()).expect("in bounds");
	let Cash(initial) = requirement.initial(Ppm::percent(120)).expect("in bounds");
	let Cash(maintenance) = requirement.maintenance(&MarginParameters::default()).expect("in bounds");
	assert_eq!((requirement.concentration, requirement.delivery), (Cash::ZERO, Cash::ZERO));

	let range = |risk: &InstrumentRisk| dollars(risk.range.get().into(), 6);
	let worst = 10 * december.array.0[10] - 6 * january.array.0[10];
	for (row, figure) in [
		("| scan range of December: 20 % of 3.00 |", range(&december)),
		("| scan range of January: 20 % of 3.20, up to a multiple of 0.000300 |", range(&january)),
		("1,000 CH · 0.600000 − 600 CH · 0.640200 |", dollars(worst, 2)),
		("| **scan** |", format!("**{}**", dollars(requirement.scan.0, 2))),
		("600 CH · 0.640200 · 15 % |", format!("**{}**", dollars(requirement.spread.0, 2))),
		("| **initial margin**: 297.618 · 120 % |", format!("**{}**", dollars(initial, 2))),
		("| **maintenance margin**: 297.618 · 75 % |", format!("**{}**", dollars(maintenance, 2))),
	] {
		let expected = format!("{row} {figure} |");
		assert!(CHAPTER.contains(&expected), "the chapter should say: {expected}");
	}
}
