//! Fields are those of a published run: an A64FX node of gonzalop72/HPCG_for_Arm, 2023-08-04.

use super::*;
use crate::Reason::*;
use alloc::{format, string::String, vec::Vec};

const REPORT: &str = "version=HPCG-Benchmark_3.0
Setup Information::Setup Time=8.65487
Spectral Convergence Tests::Result=PASSED
Iteration Count Information::Optimized CG iterations per set=51
Iteration Count Information::Total number of optimized iterations=6630
Benchmark Time Summary::Optimization phase=14.0469
Benchmark Time Summary::Total=1812.73
Floating Point Operations Summary::Total=1.33979e+13
Floating Point Operations Summary::Total with convergence overhead=1.31352e+13
Final Summary::HPCG result is VALID with a GFLOP/s rating of=6.23156
Final Summary::HPCG 2.4 rating for historical reasons is=6.58295
";

fn value(raw: &str) -> Result<u64, Reason> {
	read(raw).map(|figure| {
		assert_eq!((figure.metric, figure.milliwatts), (Metric::Hpcg, None));
		figure.value
	})
}

#[test]
fn a_valid_report_is_recomputed() {
	assert_eq!(value(REPORT), Ok(6_231_554_068));
	assert_eq!(value(&REPORT.replace('\n', "\r\n")), Ok(6_231_554_068));
}

#[test]
fn an_invalid_run_is_refused() {
	let invalid = REPORT.replace("HPCG result is VALID with a GFLOP/s rating of=6.23156", "HPCG result is=INVALID.");
	assert_eq!(value(&invalid), Err(RunInvalid));
	assert_eq!(value(&REPORT.replace("PASSED", "FAILED")), Err(RunInvalid));
}

#[test]
fn a_run_shorter_than_official_ones_is_refused() {
	assert_eq!(value(&REPORT.replace("1812.73", "1799.17")), Err(TooShort));
	assert_eq!(value(&REPORT.replace("1812.73", "1799.999")), Err(TooShort));
	assert_eq!(value(&REPORT.replace("1812.73", "1800")), Err(FigureMismatch));
}

#[test]
fn a_rating_that_does_not_follow_from_the_fields_is_a_mismatch() {
	for (field, other) in [
		("6.23156", "6.23256"),
		("14.0469", "1.40469"),
		("=51", "=50"),
		("1.31352e+13", "1.31552e+13"),
		("8.65487", "0.65487"),
	] {
		assert_eq!(value(&REPORT.replace(field, other)), Err(FigureMismatch), "{field}");
	}
}

#[test]
fn a_report_without_a_field_is_truncated() {
	let lines: Vec<&str> = REPORT.lines().collect();
	for missing in [1, 3, 4, 5, 6, 8, 9] {
		let left: String =
			lines.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, line)| format!("{line}\n")).collect();
		assert_eq!(value(&left), Err(Truncated), "{}", lines[missing]);
	}
}

#[test]
fn a_field_that_is_there_twice_is_not_recognised() {
	assert_eq!(value(&format!("{REPORT}Benchmark Time Summary::Total=1812.73\n")), Err(Unrecognised));
}

#[test]
fn figures_out_of_range_are_refused() {
	for (field, other) in [
		("1812.73", "nan"),
		("1812.73", "1e30"),
		("1812.73", "1e308"),
		("14.0469", "-14.0469"),
		("=51", "=0"),
		("=6630", "=1e40"),
		("1.31352e+13", "0"),
		("1.31352e+13", "1e40"),
		("6.23156", "inf"),
	] {
		assert_eq!(value(&REPORT.replace(field, other)), Err(FigureOutOfRange), "{field} {other}");
	}
}

#[test]
fn what_is_no_report_is_not_recognised() {
	assert_eq!(value(""), Err(Unrecognised));
	assert_eq!(value("a=b\n"), Err(Unrecognised));
	assert_eq!(value(&REPORT.replace("1812.73", "half an hour")), Err(Unrecognised));
}
