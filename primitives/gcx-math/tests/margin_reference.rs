//! The margin model against a second implementation, written from the design alone in rational arithmetic: 12,000 random
//! portfolios agree to the unit in every part.

mod reference;

use gcx_math::{
	margin::{Holding, InstrumentRisk, MarginParameters, Requirement, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{Cash, ClassId, ComputeHours, Lots, Ppm, Price};
use proptest::{
	prelude::*,
	test_runner::{Config, TestRunner},
};
use reference::{margin, scan_range, Margin, Parameters, Position};

/// Portfolios compared.
const PORTFOLIOS: u32 = 12_000;

fn narrow<N: TryFrom<i128, Error: std::fmt::Debug>>(number: i128) -> N {
	number.try_into().expect("drawn within the type")
}

/// The same instrument as the model under test sees it.
fn instrument(position: &Position) -> InstrumentRisk {
	let multiplier = ComputeHours(narrow(position.multiplier));
	let (mark, fraction) = (Price(narrow(position.mark)), Ppm(narrow(position.fraction_ppm)));
	let range = match position.averaging {
		Some((remaining, days)) => ScanRange::in_averaging_window(mark, fraction, remaining, days),
		None => {
			let (mean, floor) = (Price(narrow(position.mean)), Price(narrow(position.floor)));
			ScanRange::new(mark, mean, floor, fraction)
		},
	}
	.expect("within bounds");
	InstrumentRisk {
		group: RiskGroup { class: ClassId(position.class), grades: position.grades },
		multiplier,
		mark,
		range,
		array: RiskArray::of_future(multiplier, range).expect("within bounds"),
		open_interest: Lots(narrow(position.open_interest)),
		delivery_phase: Ppm(narrow(position.phase_ppm)),
	}
}

/// What the model under test says of a portfolio.
fn under_test(positions: &[Position], parameters: &Parameters) -> Margin {
	let instruments: Vec<_> = positions.iter().map(instrument).collect();
	let holdings: Vec<_> = positions
		.iter()
		.zip(&instruments)
		.map(|(position, risk)| Holding {
			risk,
			lots: Lots(narrow(position.lots)),
			owner_lots: Lots(narrow(position.owner_lots)),
			covered_lots: Lots(narrow(position.covered)),
		})
		.collect();
	let governed = MarginParameters {
		spread: Ppm(narrow(parameters.spread_ppm)),
		concentration_threshold: Lots(narrow(parameters.threshold)),
		concentration_share: Ppm(narrow(parameters.share_ppm)),
		concentration_depth: Lots(narrow(parameters.depth)),
		delivery_long: Ppm(narrow(parameters.delivery_long_ppm)),
		maintenance: Ppm(narrow(parameters.maintenance_ppm)),
	};
	assert!(governed.is_valid());
	let requirement = Requirement::of(&holdings, &governed).expect("within bounds");
	let Cash(initial) = requirement.initial(Ppm(narrow(parameters.guarantor_ppm))).expect("within bounds");
	let Cash(maintenance) = requirement.maintenance(&governed).expect("within bounds");
	Margin {
		scan: requirement.scan.0,
		spread: requirement.spread.0,
		concentration: requirement.concentration.0,
		delivery: requirement.delivery.0,
		initial,
		maintenance,
	}
}

/// From the everyday to the extreme, of either sign.
fn size(small: i128, large: i128) -> impl Strategy<Value = i128> {
	prop_oneof![3 => -small..=small, 1 => -large..=large]
}

fn position() -> impl Strategy<Value = Position> {
	let group = (0..3u32, 0..2u8);
	let price = (size(50_000_000, 10i128.pow(15)), 0..=50_000_000i128, 0..=1_000_000i128);
	let averaging = prop_oneof![3 => Just(None), 1 => (0..=31u32, 31..=62u32).prop_map(Some)];
	let market = (1..=1_000_000i128, 0..=10_000_000i128, averaging, size(50_000, 10i128.pow(9)), 0..=1_000_000i128);
	// At the largest price and scan fraction, more lots in a market without depth are charged beyond 128 bits.
	let held = (size(2_000, 10i128.pow(7)), 0..2_000i128, 0..3_000i128);
	(group, price, market, held).prop_map(|(group, price, market, (lots, elsewhere, covered))| Position {
		class: group.0,
		grades: group.1,
		multiplier: market.0,
		mark: price.0,
		mean: price.1,
		floor: price.2,
		fraction_ppm: market.1,
		averaging: market.2,
		open_interest: market.3.abs(),
		phase_ppm: market.4,
		lots,
		owner_lots: lots.abs() + elsewhere,
		covered,
	})
}

fn parameters() -> impl Strategy<Value = Parameters> {
	let shares = (0..=1_000_000i128, 0..=1_000_000i128, 0..=1_000_000i128);
	(shares, 0..=5_000i128, 1..=5_000i128, 500_000..=950_000i128, 1_000_000..=5_000_000i128).prop_map(
		|((spread_ppm, share_ppm, delivery_long_ppm), threshold, depth, maintenance_ppm, guarantor_ppm)| Parameters {
			spread_ppm,
			threshold,
			share_ppm,
			depth,
			delivery_long_ppm,
			maintenance_ppm,
			guarantor_ppm,
		},
	)
}

#[test]
fn margin_agrees_to_the_unit_with_the_reference() {
	let config = Config { cases: PORTFOLIOS, ..Config::with_source_file(file!()) };
	let portfolios = (prop::collection::vec(position(), 0..10), parameters());
	let outcome = TestRunner::new(config).run(&portfolios, |(positions, parameters)| {
		prop_assert_eq!(under_test(&positions, &parameters), margin(&positions, &parameters));
		for position in &positions {
			let range = i128::from(instrument(position).range.get());
			prop_assert_eq!(scan_range(position).to_integer(), range.into());
		}
		Ok(())
	});
	outcome.unwrap_or_else(|difference| panic!("{difference}"));
}
