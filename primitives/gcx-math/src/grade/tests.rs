use super::*;
use proptest::prelude::*;

const MODEL: fn() -> GradeThresholds = GradeThresholds::default;

fn parts(millionths: u128) -> FixedU128 {
	FixedU128::from_inner(millionths * 1_000_000_000_000)
}

/// The least below.
fn under(fixed: FixedU128) -> FixedU128 {
	FixedU128::from_inner(fixed.into_inner() - 1)
}

/// The least above.
fn over(fixed: FixedU128) -> FixedU128 {
	FixedU128::from_inner(fixed.into_inner() + 1)
}

#[test]
fn performance_begins_at_its_lines() {
	let of = |rate| MODEL().performance(rate, None);
	for (line, grade, below) in [
		(900_000, Performance::C, Performance::D),
		(1_100_000, Performance::B, Performance::C),
		(1_500_000, Performance::A, Performance::B),
	] {
		assert_eq!(of(parts(line)), grade);
		assert_eq!(of(under(parts(line))), below);
	}
	assert_eq!(of(parts(0)), Performance::D);
	assert_eq!(of(FixedU128::from_inner(u128::MAX)), Performance::A);
}

#[test]
fn performance_changes_only_past_the_line() {
	let of = |rate, before| MODEL().performance(rate, Some(before));
	// Up at 1.1 · 1.02, down under 1.1 · 0.98.
	assert_eq!(of(under(parts(1_122_000)), Performance::C), Performance::C);
	assert_eq!(of(parts(1_122_000), Performance::C), Performance::B);
	assert_eq!(of(parts(1_078_000), Performance::B), Performance::B);
	assert_eq!(of(under(parts(1_078_000)), Performance::B), Performance::C);
}

#[test]
fn a_jump_is_past_each_line_between() {
	let of = |rate, before| MODEL().performance(rate, Some(before));
	assert_eq!(of(parts(2_000_000), Performance::D), Performance::A);
	// 1.52 is above A's line, but not by 2 %.
	assert_eq!(of(parts(1_520_000), Performance::D), Performance::B);
	assert_eq!(of(parts(890_000), Performance::A), Performance::C);
	assert_eq!(of(parts(0), Performance::A), Performance::D);
}

#[test]
fn reliability_begins_at_its_lines_and_the_first_above() {
	let of = |uptime| MODEL().reliability(uptime, None);
	assert_eq!(of(parts(950_000)), Reliability::Third);
	assert_eq!(of(under(parts(950_000))), Reliability::Fourth);
	assert_eq!(of(parts(990_000)), Reliability::Second);
	assert_eq!(of(under(parts(990_000))), Reliability::Third);
	assert_eq!(of(parts(999_000)), Reliability::Second);
	assert_eq!(of(over(parts(999_000))), Reliability::First);
	assert_eq!(of(parts(1_000_000)), Reliability::First);
	assert_eq!(of(parts(7_000_000)), Reliability::First);
	assert_eq!(of(parts(0)), Reliability::Fourth);
}

#[test]
fn reliability_changes_only_past_the_line_of_downtime() {
	let of = |uptime, before| MODEL().reliability(uptime, Some(before));
	// 0.1 % of downtime: up under 0.098 %, down from 0.102 % on.
	assert_eq!(of(over(parts(999_020)), Reliability::Second), Reliability::First);
	assert_eq!(of(parts(999_020), Reliability::Second), Reliability::Second);
	assert_eq!(of(over(parts(998_980)), Reliability::First), Reliability::First);
	assert_eq!(of(parts(998_980), Reliability::First), Reliability::Second);
	// 1 %: up from 0.98 %, down above 1.02 %.
	assert_eq!(of(parts(990_200), Reliability::Third), Reliability::Second);
	assert_eq!(of(under(parts(990_200)), Reliability::Third), Reliability::Third);
	assert_eq!(of(parts(989_800), Reliability::Second), Reliability::Second);
	assert_eq!(of(under(parts(989_800)), Reliability::Second), Reliability::Third);
	// A perfect uptime reaches the first grade from anywhere.
	assert_eq!(of(parts(1_000_000), Reliability::Fourth), Reliability::First);
	assert_eq!(of(parts(0), Reliability::First), Reliability::Fourth);
}

#[test]
fn energy_that_was_not_measured_is_z_at_once() {
	let of = |ratio: Option<FixedU128>, before| MODEL().energy(ratio, before);
	assert_eq!(of(None, Some(Energy::X)), Energy::Z);
	assert_eq!(of(None, None), Energy::Z);
	assert_eq!(of(Some(parts(800_000)), None), Energy::Y);
	assert_eq!(of(Some(under(parts(800_000))), None), Energy::Z);
	assert_eq!(of(Some(parts(1_250_000)), None), Energy::X);
	assert_eq!(of(Some(parts(1_274_999)), Some(Energy::Y)), Energy::Y);
	assert_eq!(of(Some(parts(1_275_000)), Some(Energy::Y)), Energy::X);
	assert_eq!(of(Some(parts(1_225_000)), Some(Energy::X)), Energy::X);
	assert_eq!(of(Some(parts(1_224_999)), Some(Energy::X)), Energy::Y);
}

#[test]
fn thresholds_are_valid_in_order_and_apart() {
	let model = MODEL();
	assert!(model.is_valid());
	assert!(GradeThresholds { hysteresis: Ppm::ZERO, ..model }.is_valid());
	let [c, b, a] = model.performance;
	let [third, second, first] = model.reliability;
	let [y, x] = model.energy;
	let broken = [
		GradeThresholds { performance: [b, c, a], ..model },
		GradeThresholds { performance: [c, c, a], ..model },
		GradeThresholds { performance: [Ppm::ZERO, b, a], ..model },
		// Within the hysteresis of both.
		GradeThresholds { performance: [c, Ppm(c.0 + 30_000), a], ..model },
		GradeThresholds { reliability: [second, third, first], ..model },
		GradeThresholds { reliability: [third, second, Ppm::ONE], ..model },
		GradeThresholds { reliability: [Ppm::ZERO, second, first], ..model },
		// Nobody could be as bad as the fourth grade.
		GradeThresholds { reliability: [Ppm(10_000), second, first], ..model },
		GradeThresholds { reliability: [third, second, Ppm(u32::MAX)], ..model },
		GradeThresholds { energy: [x, y], ..model },
		GradeThresholds { energy: [Ppm::ZERO, x], ..model },
		GradeThresholds { hysteresis: Ppm::ONE, ..model },
		GradeThresholds { hysteresis: Ppm(u32::MAX), ..model },
		GradeThresholds { hysteresis: Ppm::percent(20), ..model },
	];
	for model in broken {
		assert!(!model.is_valid(), "{model:?}");
	}
}

#[test]
fn thresholds_are_written_as_json_and_read_back() {
	let json = serde_json::to_string(&MODEL()).unwrap();
	let expected = concat!(
		r#"{"performance":[900000,1100000,1500000],"reliability":[950000,990000,999000],"#,
		r#""energy":[800000,1250000],"hysteresis":20000}"#,
	);
	assert_eq!(json, expected);
	assert_eq!(serde_json::from_str::<GradeThresholds>(&json).unwrap(), MODEL());
	assert_eq!(GradeThresholds::decode(&mut &MODEL().encode()[..]).unwrap(), MODEL());
}

#[test]
fn uptime_assumes_one_missed_draw() {
	assert_eq!(uptime(0, 0), parts(0));
	assert_eq!(uptime(1, 0), parts(500_000));
	assert_eq!(uptime(999, 0), parts(999_000));
	assert_eq!(uptime(8, 1), parts(800_000));
	assert!(uptime(u64::MAX, u64::MAX) < parts(500_000));
	let grade = |answered| MODEL().reliability(uptime(answered, 0), None);
	assert_eq!(grade(999), Reliability::Second);
	assert_eq!(grade(1_000), Reliability::First);
}

fn rates() -> impl Strategy<Value = FixedU128> {
	(0u128..3_000_000_000).prop_map(|units| FixedU128::from_inner(units * 1_000_000_000))
}

fn one_of<G: Copy + core::fmt::Debug + 'static>(all: &'static [G]) -> impl Strategy<Value = G> {
	prop::sample::select(all)
}

proptest! {
	// Once graded, the same figure again changes nothing.
	#[test]
	fn a_grade_settles_at_once(rate in rates(), before in prop::option::of(one_of(Performance::ALL))) {
		let grade = MODEL().performance(rate, before);
		prop_assert_eq!(MODEL().performance(rate, Some(grade)), grade);
	}

	// Figures within the band around a line never flip a grade that stands beside it.
	#[test]
	fn a_grade_never_flips_within_the_band(
		line in 0usize..3, offsets in prop::collection::vec(-19_999i128..20_000, 1..20), above: bool,
	) {
		let model = MODEL();
		let grade = Performance::ALL[line + usize::from(above)];
		let centre = i128::from(model.performance[line].0) * 1_000_000;
		for offset in offsets {
			let units = u128::try_from(centre * (1_000_000 + offset)).unwrap();
			prop_assert_eq!(model.performance(FixedU128::from_inner(units), Some(grade)), grade);
		}
	}

	#[test]
	fn a_better_figure_is_never_a_worse_grade(
		low in rates(), high in rates(),
		before in prop::option::of(one_of(Performance::ALL)),
		reliable in prop::option::of(one_of(Reliability::ALL)),
		frugal in prop::option::of(one_of(Energy::ALL)),
	) {
		let (low, high) = (low.min(high), low.max(high));
		let model = MODEL();
		prop_assert!(model.performance(low, before) <= model.performance(high, before));
		prop_assert!(model.energy(Some(low), frugal) <= model.energy(Some(high), frugal));
		prop_assert!(model.reliability(low, reliable) <= model.reliability(high, reliable));
	}

	// Whoever had the better grade has no worse one now.
	#[test]
	fn a_grade_before_never_harms(
		rate in rates(), a in one_of(Performance::ALL), b in one_of(Performance::ALL),
	) {
		let (worse, better) = (a.min(b), a.max(b));
		prop_assert!(MODEL().performance(rate, Some(worse)) <= MODEL().performance(rate, Some(better)));
	}

	// Far from every line the past does not matter.
	#[test]
	fn beyond_the_band_the_past_does_not_matter(rate in rates(), before in one_of(Performance::ALL)) {
		let model = MODEL();
		let near = |line: &Ppm| {
			let centre = u128::from(line.0) * 1_000_000_000_000;
			rate.into_inner().abs_diff(centre) <= centre / 50
		};
		prop_assume!(!model.performance.iter().any(near));
		prop_assert_eq!(model.performance(rate, Some(before)), model.performance(rate, None));
	}

	#[test]
	fn no_thresholds_and_no_figures_panic(
		performance: [u32; 3], reliability: [u32; 3], energy: [u32; 2], hysteresis: u32, figure: u128,
		answered: u64, missed: u64,
	) {
		let model = GradeThresholds {
			performance: performance.map(Ppm),
			reliability: reliability.map(Ppm),
			energy: energy.map(Ppm),
			hysteresis: Ppm(hysteresis),
		};
		let figure = FixedU128::from_inner(figure);
		let _ = (model.is_valid(), model.performance(figure, Some(Performance::B)), model.performance(figure, None));
		let _ = (model.reliability(figure, Some(Reliability::Third)), model.reliability(figure, None));
		let _ = model.energy(Some(figure), Some(Energy::Y));
		prop_assert!(uptime(answered, missed) < FixedU128::from_inner(FixedU128::DIV));
	}
}
