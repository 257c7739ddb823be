//! What margin costs: prints `name value unit` lines for `scripts/bench`.

#[allow(dead_code, reason = "the reference serves a test as well")]
#[path = "../tests/reference/mod.rs"]
mod reference;

use gcx_math::{
	margin::{Holding, InstrumentRisk, MarginParameters, Requirement, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{ClassId, ComputeHours, Lots, Ppm, Price};
use std::{
	hint::black_box,
	time::{Duration, Instant},
};

/// Positions of the portfolio: all that an account could hold, and more.
const POSITIONS: u32 = 100;
/// Their classes: some offset, some do not.
const CLASSES: u32 = 10;
/// Batches of which the median counts.
const BATCHES: usize = 51;
/// How long a batch runs.
const BATCH: Duration = Duration::from_millis(20);

/// Median time of one call.
fn measure<T>(mut call: impl FnMut() -> T) -> Duration {
	let mut batches: Vec<_> = (0..BATCHES)
		.map(|_| {
			let (began, mut calls) = (Instant::now(), 0);
			while began.elapsed() < BATCH {
				black_box(call());
				calls += 1;
			}
			began.elapsed() / calls
		})
		.collect();
	batches.sort_unstable();
	batches[BATCHES / 2]
}

/// The lots and the price of a position, alike for both implementations.
fn drawn(index: u32) -> (i64, i64) {
	let spread = i64::from(index);
	((spread * 37 % 41 - 20) * 10, 2_000_000 + spread * 7_919)
}

fn instruments() -> Vec<(InstrumentRisk, i64)> {
	(0..POSITIONS)
		.map(|index| {
			let (lots, price) = drawn(index);
			let (multiplier, mark) = (ComputeHours(100), Price(price));
			let range = ScanRange::new(mark, mark, Price(10_000), Ppm::percent(20)).expect("in bounds");
			let risk = InstrumentRisk {
				group: RiskGroup { class: ClassId(index % CLASSES), grades: 0 },
				multiplier,
				mark,
				range,
				array: RiskArray::of_future(multiplier, range).expect("in bounds"),
				open_interest: Lots(1_000),
				delivery_phase: Ppm::ZERO,
			};
			(risk, lots)
		})
		.collect()
}

fn reference_positions() -> Vec<reference::Position> {
	(0..POSITIONS)
		.map(|index| {
			let (lots, price) = drawn(index);
			reference::Position {
				class: index % CLASSES,
				grades: 0,
				multiplier: 100,
				mark: price.into(),
				mean: price.into(),
				floor: 10_000,
				fraction_ppm: 200_000,
				averaging: None,
				open_interest: 1_000,
				phase_ppm: 0,
				lots: lots.into(),
				owner_lots: lots.abs().into(),
				covered: 0,
			}
		})
		.collect()
}

fn main() {
	let instruments = instruments();
	let holdings: Vec<_> = instruments
		.iter()
		.map(|(risk, lots)| Holding { risk, lots: Lots(*lots), owner_lots: Lots(lots.abs()), covered_lots: Lots::ZERO })
		.collect();
	let parameters = MarginParameters::default();
	let ours = || Requirement::of(black_box(&holdings), &parameters).and_then(|all| all.initial(Ppm::ONE));

	let positions = reference_positions();
	let governed = reference::Parameters {
		spread_ppm: parameters.spread.0.into(),
		threshold: parameters.concentration_threshold.0.into(),
		share_ppm: parameters.concentration_share.0.into(),
		depth: parameters.concentration_depth.0.into(),
		delivery_long_ppm: parameters.delivery_long.0.into(),
		maintenance_ppm: parameters.maintenance.0.into(),
		guarantor_ppm: 1_000_000,
	};
	let theirs = || reference::margin(black_box(&positions), &governed);
	assert_eq!(ours().map(|initial| initial.0), Ok(theirs().initial), "both say the same");

	let (ours, theirs) = (measure(ours), measure(theirs));
	println!("margin_100_positions_us {:.3} us", ours.as_secs_f64() * 1e6);
	println!("margin_vs_reference {:.5} ratio", ours.as_secs_f64() / theirs.as_secs_f64());
}
