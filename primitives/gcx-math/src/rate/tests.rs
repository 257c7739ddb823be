use super::*;
use alloc::{vec, vec::Vec};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

const METRICS: [Metric; 6] = [
	Metric::Hpl,
	Metric::Hpcg,
	Metric::StreamTriad,
	Metric::MlperfLlama2Offline,
	Metric::MlperfSdxlOffline,
	Metric::Int8Operations,
];
const TERA: u64 = 1_000_000_000_000;
const ONE: u128 = FixedU128::DIV;

/// A system of (value, weight, floor) in the order of [`METRICS`].
fn system(references: &[(u64, u32, u32)]) -> ReferenceSystem {
	let of = |(metric, (value, weight, floor)): (Metric, &(u64, u32, u32))| Reference {
		metric,
		value: *value,
		weight: Ppm(*weight),
		floor: Ppm(*floor),
	};
	let metrics: Vec<_> = METRICS.into_iter().zip(references).map(of).collect();
	ReferenceSystem { metrics: metrics.try_into().unwrap(), milliwatts: 400_000 }
}

fn measured(values: &[Option<u64>]) -> Vec<Measurement> {
	let pairs = METRICS.into_iter().zip(values);
	pairs.filter_map(|(metric, value)| value.map(|value| Measurement { metric, value })).collect()
}

fn rate(system: &ReferenceSystem, values: &[Option<u64>]) -> Result<u128, NoRate> {
	declared_rate(system, &measured(values)).map(FixedU128::into_inner)
}

fn single(reference: u64) -> ReferenceSystem {
	system(&[(reference, 1_000_000, 100_000)])
}

fn fixed(units: u128) -> FixedU128 {
	FixedU128::from_inner(units)
}

#[test]
fn a_single_metric_divides_exactly() {
	assert_eq!(rate(&single(TERA), &[Some(TERA)]), Ok(ONE));
	assert_eq!(rate(&single(TERA), &[Some(TERA / 2)]), Ok(ONE / 2));
	assert_eq!(rate(&single(TERA), &[Some(2 * TERA)]), Ok(2 * ONE));
	assert_eq!(rate(&single(3), &[Some(1)]), Ok(333_333_333_333_333_333));
	assert_eq!(rate(&single(1), &[Some(u64::MAX)]), Ok(u128::from(u64::MAX) * ONE));
}

#[test]
fn equal_ratios_are_exact() {
	let system = system(&[(7, 333_333, 1), (11, 333_333, 1), (u64::MAX, 333_334, 1)]);
	assert_eq!(rate(&system, &[Some(7), Some(11), Some(u64::MAX)]), Ok(ONE));
	let system = self::system(&[(3, 600_000, 1), (9, 400_000, 1)]);
	assert_eq!(rate(&system, &[Some(1), Some(3)]), Ok(333_333_333_333_333_333));
	assert_eq!(rate(&system, &[Some(6), Some(18)]), Ok(2 * ONE));
}

// (measured, reference, weight), and the exact mean of 80 digits, rounded down.
type Row = (&'static [(u64, u64, u32)], u128);
const MEANS: [Row; 8] = [
	(&[(1, 3, 333_333), (2, 1, 333_333), (5, 7, 333_334)], 780_896_595_994_501_667),
	(
		&[
			(11_053_292_410_714, 11_053_292_410_714, 500_000),
			(300_000_000_000, 265_764_508_928, 250_000),
			(1_376_683_861_000, 1_376_683_861_000, 250_000),
		],
		1_030_756_466_005_399_275,
	),
	(
		&[
			(30_000_000_000_000, 11_053_292_410_714, 500_000),
			(700_000_000_000, 265_764_508_928, 250_000),
			(3_300_000_000_000, 1_376_683_861_000, 250_000),
		],
		2_611_469_702_016_904_051,
	),
	(&[(u64::MAX, 1, 999_999), (1, 2, 1)], 18_445_912_982_369_984_140_668_434_805_777_432_641),
	(&[(u64::MAX, 1, 1), (1, 2, 999_999)], 500_022_527_790_854_315),
	(&[(1, 10, 1), (1_000_000_000_000_000_000, 1_000_000_000_000_000_001, 999_999)], 999_997_697_417_557_951),
	(&[(1, 10, 500_000), (1, 1_000, 500_000)], 10_000_000_000_000_000),
	(&[(4_318_525, 12_863_625, 700_000), (2_390, 3_972, 300_000)], 399_942_028_727_516_628),
];

#[test]
fn means_agree_with_high_precision() {
	for (row, exact) in MEANS {
		let references: Vec<_> = row.iter().map(|(_, reference, weight)| (*reference, *weight, 1)).collect();
		let values: Vec<_> = row.iter().map(|(value, ..)| Some(*value)).collect();
		let rate = rate(&system(&references), &values).unwrap();
		assert!(rate <= exact, "{rate} is above {exact}");
		assert!(exact - rate <= exact / 10_000_000_000_000_000 + 4, "{rate} is too far below {exact}");
	}
}

#[test]
fn an_unmeasured_metric_counts_as_its_floor() {
	// √(4 · 0.25) = 1, and it may be a little less.
	let system = system(&[(1, 500_000, 100_000), (1_000, 500_000, 250_000)]);
	let rate = rate(&system, &[Some(4), None]).unwrap();
	assert!((ONE - 100..=ONE).contains(&rate), "{rate}");
	assert_eq!(rate, self::rate(&system, &[Some(4), Some(250)]).unwrap());
}

#[test]
fn a_metric_below_its_floor_has_no_rate() {
	let system = system(&[(1_000, 500_000, 100_000), (1_000, 500_000, 100_000)]);
	assert!(rate(&system, &[Some(1_000_000), Some(100)]).is_ok());
	assert_eq!(rate(&system, &[Some(1_000_000), Some(99)]), Err(NoRate::BelowFloor(Metric::Hpcg)));
	assert_eq!(rate(&system, &[Some(0), Some(1_000)]), Err(NoRate::BelowFloor(Metric::Hpl)));
}

#[test]
fn a_metric_without_weight_counts_by_its_floor_alone() {
	let system = system(&[(1_000, 1_000_000, 100_000), (1_000, 0, 500_000)]);
	assert!(is_valid(&system));
	assert_eq!(rate(&system, &[Some(700), Some(500)]), Ok(7 * ONE / 10));
	assert_eq!(rate(&system, &[Some(700), None]), Ok(7 * ONE / 10));
	assert_eq!(rate(&system, &[Some(700), Some(499)]), Err(NoRate::BelowFloor(Metric::Hpcg)));
}

#[test]
fn what_is_not_in_the_system_is_ignored() {
	let strange = Measurement { metric: Metric::Int8Operations, value: 0 };
	assert_eq!(declared_rate(&single(TERA), &[strange]), Err(NoRate::NothingMeasured));
	assert_eq!(declared_rate(&single(TERA), &[]), Err(NoRate::NothingMeasured));
	let mut values = measured(&[Some(TERA)]);
	values.push(strange);
	assert_eq!(declared_rate(&single(TERA), &values), Ok(fixed(ONE)));
}

#[test]
fn of_a_metric_measured_twice_the_least_counts() {
	let twice = [3 * TERA, 2 * TERA].map(|value| Measurement { metric: Metric::Hpl, value });
	assert_eq!(declared_rate(&single(TERA), &twice), Ok(fixed(2 * ONE)));
}

#[test]
fn a_reference_system_is_valid_only_in_every_point() {
	let good = [(1, 400_000, 1), (2, 600_000, 1_000_000)];
	assert!(is_valid(&system(&good)));
	let broken = [
		vec![],
		vec![(1, 999_999, 1)],
		vec![(1, 1_000_001, 1)],
		vec![(0, 1_000_000, 1)],
		vec![(1, 1_000_000, 0)],
		vec![(1, 1_000_000, 1_000_001)],
		vec![(1, u32::MAX, 1), (1, 1_000_001, 1)],
	];
	for references in broken {
		assert!(!is_valid(&system(&references)), "{references:?}");
	}
	assert!(!is_valid(&ReferenceSystem { milliwatts: 0, ..system(&good) }));
	let mut twice = system(&good);
	twice.metrics[1].metric = Metric::Hpl;
	assert!(!is_valid(&twice));
}

#[test]
fn a_system_that_is_not_valid_is_refused_where_nothing_follows() {
	let no_value = rate(&system(&[(0, 1_000_000, 100_000)]), &[Some(1)]);
	assert_eq!(no_value, Err(NoRate::Arithmetic(ArithmeticError::DivisionByZero)));
	let no_floor = rate(&system(&[(1, 500_000, 1), (1, 500_000, 0)]), &[Some(1), None]);
	assert_eq!(no_floor, Err(NoRate::Arithmetic(ArithmeticError::Underflow)));
	let heavy = rate(&system(&[(1, u32::MAX, 1)]), &[Some(u64::MAX)]);
	assert_eq!(heavy, Err(NoRate::Arithmetic(ArithmeticError::Overflow)));
}

#[test]
fn a_solve_is_worth_its_operations_by_its_time() {
	// 2/3 · 3000³ = 1.8 · 10¹⁰ in one slot of six seconds.
	assert_eq!(solve_rate(3_000, 1, 6_000), Ok(3_000_000_000));
	assert_eq!(solve_rate(3_000, 0, 6_000), Ok(3_000_000_000));
	assert_eq!(solve_rate(3_000, 7, 6_000), Ok(428_571_428));
	assert_eq!(solve_rate(1, 1, 1), Ok(666));
	assert_eq!(solve_rate(0, 1, 1), Ok(0));
	assert_eq!(solve_rate(1, 1, 0), Err(ArithmeticError::DivisionByZero));
	assert_eq!(solve_rate(u32::MAX, 1, 1), Err(ArithmeticError::Overflow));
	assert_eq!(solve_rate(1, u64::MAX, u64::MAX), Err(ArithmeticError::Overflow));
	// An order of 200,000 in 20 slots: 44 · 10¹² operations per second.
	assert_eq!(solve_rate(200_000, 20, 6_000), Ok(44_444_444_444_444));
}

#[test]
fn an_attested_rate_rounds_down() {
	assert_eq!(attested_rate(2, 3), Ok(fixed(666_666_666_666_666_666)));
	assert_eq!(attested_rate(TERA, TERA), Ok(fixed(ONE)));
	assert_eq!(attested_rate(1, 0), Err(ArithmeticError::DivisionByZero));
	assert_eq!(attested_rate(u64::MAX, 1), Ok(fixed(u128::from(u64::MAX) * ONE)));
}

#[test]
fn capacity_is_of_a_day_and_rounds_down() {
	assert_eq!(capacity_per_day(fixed(ONE), 1), Ok(Capacity(24_000_000)));
	assert_eq!(capacity_per_day(fixed(ONE / 2), 3), Ok(Capacity(36_000_000)));
	assert_eq!(capacity_per_day(fixed(ONE / 3), 1), Ok(Capacity(7_999_999)));
	assert_eq!(capacity_per_day(fixed(ONE), 0), Ok(Capacity::ZERO));
	// The product does not fit, the result does.
	assert_eq!(capacity_per_day(fixed(u128::MAX), 1), Ok(Capacity(u128::MAX / 1_000_000_000_000 * 24 + 10)));
	assert_eq!(
		capacity_per_day(fixed(u128::MAX), u32::MAX),
		Ok(Capacity(35_076_039_287_774_893_230_785_912_862_069_801_893))
	);
}

#[test]
fn energy_is_of_all_devices_against_one_of_the_reference() {
	// Ten devices of rate 1 with the power of ten references.
	assert_eq!(energy_ratio(fixed(ONE), 10, 4_000_000, 400_000), Ok(fixed(ONE)));
	assert_eq!(energy_ratio(fixed(2 * ONE), 10, 4_000_000, 400_000), Ok(fixed(2 * ONE)));
	assert_eq!(energy_ratio(fixed(ONE), 1, 3, 1), Ok(fixed(333_333_333_333_333_333)));
	assert_eq!(energy_ratio(fixed(ONE), 1, 0, 1), Err(ArithmeticError::DivisionByZero));
	assert_eq!(energy_ratio(fixed(u128::MAX), 2, 1, 1), Err(ArithmeticError::Overflow));
	assert_eq!(
		energy_ratio(fixed(u128::MAX), u32::MAX, u64::MAX, 2),
		Ok(fixed(158_456_324_991_635_187_048_258_732_030))
	);
}

fn big(of: impl Into<BigInt>) -> BigInt {
	of.into()
}

/// Up to six metrics: reference, hundredths of weight before they are scaled, floor, measured share in millionths if measured.
fn cases() -> impl Strategy<Value = Vec<(u64, u32, u32, Option<u64>)>> {
	let metric = (1_000_000..u64::MAX / 100, 0u32..20, 1..=Ppm::PARTS, prop::option::weighted(0.8, 1..=100_000_000u64));
	prop::collection::vec(metric, 1..=6)
}

/// The system and the values of a case: weights in whole hundredths, shares at least the floor.
fn build(case: &[(u64, u32, u32, Option<u64>)]) -> (ReferenceSystem, Vec<Option<u64>>, Vec<u32>) {
	let mut hundredths: Vec<u32> = case.iter().map(|(_, weight, ..)| *weight).collect();
	let sum: u32 = hundredths.iter().sum();
	// At most six times nineteen.
	match sum.checked_sub(100) {
		Some(over) => {
			let mut over = over;
			for weight in &mut hundredths {
				let less = over.min(*weight);
				*weight -= less;
				over -= less;
			}
		},
		None => hundredths[0] += 100 - sum,
	}
	let references: Vec<_> =
		case.iter().zip(&hundredths).map(|((value, _, floor, _), weight)| (*value, weight * 10_000, *floor)).collect();
	let values = case
		.iter()
		.map(|(value, _, floor, share)| {
			share.map(|share| {
				let share = u128::from(share.max(u64::from(*floor)));
				u64::try_from((u128::from(*value) * share).div_ceil(u128::from(Ppm::PARTS))).unwrap()
			})
		})
		.collect();
	(system(&references), values, hundredths)
}

proptest! {
	// The mean to the hundredth power is a product of whole powers: exact in rationals.
	#[test]
	fn a_rate_is_never_above_the_exact_mean_and_never_far_below(case in cases()) {
		let (system, values, hundredths) = build(&case);
		prop_assert!(is_valid(&system));
		let rate = match rate(&system, &values) {
			Err(NoRate::NothingMeasured) => {
				prop_assert!(values.iter().all(Option::is_none));
				return Ok(());
			},
			rate => rate.unwrap(),
		};
		let exact = system.metrics.iter().zip(&values).zip(&hundredths).fold(
			BigRational::from(big(1)),
			|product, ((reference, value), weight)| {
				let ratio = match value {
					Some(value) => BigRational::new(big(*value), big(reference.value)),
					None => BigRational::new(big(reference.floor.0), big(Ppm::PARTS)),
				};
				product * ratio.pow(i32::try_from(*weight).unwrap())
			},
		);
		let power = |units: u128| BigRational::new(big(units), big(ONE)).pow(100);
		prop_assert!(power(rate) <= exact);
		prop_assert!(power(rate + rate / 9_999_999_999_999_999 + 5) > exact);
	}

	#[test]
	fn a_better_measurement_never_costs_more_than_the_error(
		case in cases(), index: prop::sample::Index, more in 1u64..1 << 50,
	) {
		let (system, mut values, _) = build(&case);
		let at = index.index(values.len());
		values[at] = values[at].or(Some(system.metrics[at].value));
		let before = rate(&system, &values).unwrap();
		values[at] = values[at].map(|value| value.saturating_add(more));
		let after = rate(&system, &values).unwrap();
		prop_assert!(after + before / 10_000_000_000_000_000 + 4 >= before);
	}

	#[test]
	fn a_single_metric_is_monotone_to_the_digit(reference in 1u64.., value in 1u64.., more: u64) {
		let at = |value| attested_rate(value, reference).unwrap();
		prop_assert!(at(value) <= at(value.saturating_add(more)));
		let system = system(&[(reference, 1_000_000, 1)]);
		match rate(&system, &[Some(value)]) {
			Ok(rate) => prop_assert_eq!(rate, at(value).into_inner()),
			Err(error) => {
				prop_assert_eq!(error, NoRate::BelowFloor(Metric::Hpl));
				prop_assert!(at(value) < fixed(ONE / 1_000_000));
			},
		}
	}

	// What is measured and what it is measured against in another unit: nothing changes but the last digits.
	#[test]
	fn the_unit_does_not_matter(a in 1u64..1 << 40, b in 1u64..1 << 40, ra in 1u64..1 << 20, rb in 1u64..1 << 20, unit in 1u64..1 << 20) {
		let of = |unit: u64| rate(&system(&[(ra * unit, 300_000, 1), (rb, 700_000, 1)]), &[Some(a * unit), Some(b)]);
		match (of(1), of(unit)) {
			(Ok(plain), Ok(scaled)) => {
				prop_assert!(plain.abs_diff(scaled) <= plain / 10_000_000_000_000_000 + 4);
			},
			(plain, scaled) => prop_assert_eq!(plain, scaled),
		}
	}

	// Twice as much of everything is twice the rate.
	#[test]
	fn a_rate_scales(a in 1u64..1 << 40, b in 1u64..1 << 40, times in 1u64..1 << 20) {
		let system = system(&[(1 << 20, 300_000, 1), (1 << 20, 700_000, 1)]);
		let of = |times: u64| rate(&system, &[Some(a * times), Some(b * times)]);
		if let (Ok(once), Ok(more)) = (of(1), of(times)) {
			let expected = once * u128::from(times);
			let slack = expected / 5_000_000_000_000_000 + 5 * u128::from(times);
			prop_assert!(more.abs_diff(expected) <= slack, "{} is not {}", more, expected);
		}
	}

	#[test]
	fn capacity_and_energy_are_exact_and_round_down(units: u128, devices: u32, own in 1u64.., reference: u64) {
		let floor = |over: BigInt, under: BigInt| BigRational::new(over, under).floor().to_integer();
		let check = |got: Result<u128, ArithmeticError>, exact: BigInt| match got {
			Ok(got) => big(got) == exact,
			Err(error) => error == ArithmeticError::Overflow && exact > big(u128::MAX),
		};
		let capacity = capacity_per_day(fixed(units), devices).map(|capacity| capacity.0);
		prop_assert!(check(capacity, floor(big(units) * devices * 24, big(1_000_000_000_000u64))));
		let energy = energy_ratio(fixed(units), devices, own, reference).map(FixedU128::into_inner);
		prop_assert!(check(energy, floor(big(units) * devices * reference, big(own))));
	}

	#[test]
	fn a_solve_rate_is_exact_and_rounds_down(order: u32, slots in 0u64..1 << 40, milliseconds in 1u64..1 << 40) {
		let time = big(3) * slots.max(1) * milliseconds;
		let exact = BigRational::new(big(order).pow(3) * 2_000, time).floor().to_integer();
		match solve_rate(order, slots, milliseconds) {
			Ok(rate) => prop_assert_eq!(big(rate), exact),
			Err(error) => {
				prop_assert_eq!(error, ArithmeticError::Overflow);
				prop_assert!(exact > big(u64::MAX));
			},
		}
	}

	#[test]
	fn no_system_and_no_measurement_panics(
		references in prop::collection::vec((any::<u64>(), any::<u32>(), any::<u32>()), 0..=6),
		values in prop::collection::vec(any::<Option<u64>>(), 0..=6),
		milliwatts: u64,
	) {
		let system = ReferenceSystem { milliwatts, ..system(&references) };
		let _ = (rate(&system, &values), is_valid(&system));
	}
}
