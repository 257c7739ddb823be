//! Fields are those of a published run: microsoft/superbenchmark, "Neo".

use super::*;
use crate::Reason::*;
use alloc::format;
use proptest::prelude::*;

const OUTPUT: &str = "STREAM version $Revision: 5.10 $
This system uses 8 bytes per array element.
Array size = 120000000 (elements), Offset = 0 (elements)
Function    Best Rate MB/s  Avg time     Min time     Max time
Copy:          108180.5     0.017811     0.017748     0.017950
Triad:         105256.0     0.027448     0.027362     0.027785
Solution Validates: avg error less than 1.000000e-13 on all three arrays
";

fn value(raw: &str) -> Result<u64, Reason> {
	read(raw).map(|figure| {
		assert_eq!((figure.metric, figure.milliwatts), (Metric::StreamTriad, None));
		figure.value
	})
}

#[test]
fn a_validated_triad_is_recomputed() {
	assert_eq!(value(OUTPUT), Ok(105_255_463_781));
}

#[test]
fn a_solution_that_does_not_validate_is_refused() {
	let failed =
		OUTPUT.replace("Solution Validates:", "Failed Validation on array a[], AvgRelAbsErr > epsilon (1.000000e-13)");
	assert_eq!(value(&failed), Err(RunInvalid));
	assert_eq!(value(&OUTPUT.replace("Solution Validates", "")), Err(ResidualMissing));
}

#[test]
fn output_without_its_table_is_refused() {
	let (before, _) = OUTPUT.split_once("Triad").unwrap();
	assert_eq!(value(before), Err(Truncated));
	assert_eq!(value(&OUTPUT.replace("Triad:", "| Triad |")), Err(Unrecognised));
	let (cut, _) = OUTPUT.split_once("     0.027785").unwrap();
	assert_eq!(value(cut), Err(Truncated));
}

#[test]
fn a_rate_that_does_not_follow_from_size_and_time_is_a_mismatch() {
	for (field, other) in [
		("105256.0", "105356.0"),
		("0.027362", "0.027372"),
		("120000000", "121000000"),
		("uses 8", "uses 4"),
		// Mean below the least, or above the greatest.
		("0.027448", "0.027361"),
		("0.027448", "0.027786"),
	] {
		assert_eq!(value(&OUTPUT.replace(field, other)), Err(FigureMismatch), "{field}");
	}
}

#[test]
fn figures_out_of_range_are_refused() {
	for (field, other) in [
		("0.027362", "0.000000"),
		("0.027362", "nan"),
		("0.027448", "-1"),
		("105256.0", "1e308"),
		("105256.0", "0"),
		("120000000", "18446744073709551615"),
		("uses 8", "uses 0"),
		("uses 8", "uses 17"),
	] {
		assert_eq!(value(&OUTPUT.replace(field, other)), Err(FigureOutOfRange), "{field} {other}");
	}
}

#[test]
fn what_is_no_output_of_one_run_is_not_recognised() {
	assert_eq!(value(""), Err(Unrecognised));
	assert_eq!(value(&OUTPUT.repeat(2)), Err(Unrecognised));
	assert_eq!(value(&OUTPUT.replace("120000000", "many")), Err(Unrecognised));
	assert_eq!(value(&OUTPUT.replace("Array size", "Size")), Err(Unrecognised));
	assert_eq!(value(&OUTPUT.replace("STREAM version", "")), Err(Unrecognised));
}

proptest! {
	#[test]
	fn what_stream_would_print_is_recomputed(elements in 1_000_000..4_000_000_000_u64, time in 0.001..10.0_f64) {
		let bytes = 24.0 * elements as f64;
		let rate = bytes / time / 1e6;
		let row = format!("Triad: {rate:12.1}  {time:11.6}  {time:11.6}  {time:11.6}\n");
		let raw = format!("STREAM version\nThis system uses 8 bytes\nArray size = {elements} (elements)\n{row}Solution Validates");
		let value = value(&raw).unwrap();
		let printed: f64 = format!("{time:.6}").parse().unwrap();
		let exact = bytes / printed;
		prop_assert!((value as f64 - exact).abs() <= 1.0 + exact * 1e-12);
	}
}
