//! Rows are those of published runs: Stark (two nodes of 824380210/Linpack) and an A100 of pkusc/ASC22_HPL.

use super::*;
use crate::Reason::*;
use alloc::{format, string::String};
use proptest::prelude::*;

const HEADING: &str = "T/V                N    NB     P     Q               Time                 Gflops\n";
const STARK: &str = "WR00L2L4      204288   384     1     2            1354.22            4.19712e+03\n";
const A100: &str = "WR02L2L2      100352   224     2     1              29.80              2.261e+04 \n";
const PASSED: &str = "||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=        0.0037124 ...... PASSED\n";
const FAILED: &str = "||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=   870806.8870057 ...... FAILED\n";

fn counts(passed: u32, failed: u32) -> String {
	format!(
		"Finished      {} tests with the following results:\n              {passed} tests completed and passed residual \
		 checks,\n              {failed} tests completed and failed residual checks,\n",
		passed + failed
	)
}

fn value(raw: &str) -> Result<u64, Reason> {
	read(raw).map(|figure| {
		assert_eq!((figure.metric, figure.milliwatts), (Metric::Hpl, None));
		figure.value
	})
}

fn one(row: &str, check: &str) -> Result<u64, Reason> {
	value(&format!("{HEADING}{row}{check}{}", counts(1, 0)))
}

#[test]
fn a_passed_test_is_recomputed() {
	assert_eq!(one(STARK, PASSED), Ok(4_197_134_345_569));
	assert_eq!(one(A100, PASSED), Ok(22_608_945_715_726));
}

#[test]
fn the_best_of_several_tests_counts() {
	let raw = format!("{HEADING}{STARK}{PASSED}{HEADING}{A100}{PASSED}{HEADING}{STARK}{PASSED}{}", counts(3, 0));
	assert_eq!(value(&raw), Ok(22_608_945_715_726));
}

#[test]
fn a_table_with_rates_per_gpu_is_read() {
	// The layout of NVIDIA's HPL from 23.3 on; the figures follow from the formula: 264,192 unknowns in 40.62 s.
	let row = "WC0           264192  1024     4     2              40.62              3.026e+05 ( 3.783e+04)\n";
	assert_eq!(one(row, PASSED), Ok(302_643_609_774_246));
}

#[test]
fn three_checks_of_version_one_are_read() {
	let checks = "||Ax-b||_oo / ( eps * ||A||_1  * N        ) =        0.0313 ...... PASSED\n\
	              ||Ax-b||_oo / ( eps * ||A||_1  * ||x||_1  ) =        0.0205 ...... PASSED\n\
	              ||Ax-b||_oo / ( eps * ||A||_oo * ||x||_oo ) =        0.0046 ...... PASSED\n";
	assert_eq!(one(STARK, checks), Ok(4_197_134_345_569));
	assert_eq!(one(STARK, &checks.replace("0.0046 ...... PASSED", "99.0046 ...... FAILED")), Err(RunInvalid));
}

#[test]
fn one_failed_check_refuses_the_whole_output() {
	assert_eq!(one(STARK, FAILED), Err(RunInvalid));
	let raw = format!("{HEADING}{A100}{PASSED}{STARK}{FAILED}{}", counts(1, 1));
	assert_eq!(value(&raw), Err(RunInvalid));
	// The check was cut out; the count still says it.
	assert_eq!(value(&format!("{HEADING}{A100}{PASSED}{}", counts(1, 1))), Err(RunInvalid));
}

#[test]
fn a_passed_check_with_a_large_residual_is_a_mismatch() {
	assert_eq!(one(STARK, &PASSED.replace("0.0037124", "16.0")), Err(FigureMismatch));
	assert!(one(STARK, &PASSED.replace("0.0037124", "15.9999")).is_ok());
	assert_eq!(one(STARK, &PASSED.replace("0.0037124", "nan")), Err(FigureOutOfRange));
	assert_eq!(one(STARK, &PASSED.replace("0.0037124", "-1")), Err(FigureOutOfRange));
}

#[test]
fn a_test_without_a_check_is_refused() {
	assert_eq!(one(STARK, ""), Err(ResidualMissing));
	assert_eq!(value(&format!("{HEADING}{STARK}{A100}{PASSED}{}", counts(2, 0))), Err(ResidualMissing));
}

#[test]
fn output_that_stops_before_its_counts_is_truncated() {
	assert_eq!(value(HEADING), Err(Truncated));
	assert_eq!(value(&format!("{HEADING}{STARK}")), Err(Truncated));
	assert_eq!(value(&format!("{HEADING}{STARK}{PASSED}")), Err(Truncated));
	assert_eq!(value(&format!("{HEADING}{}", counts(0, 0))), Err(Truncated));
	assert_eq!(value("WR00L2L4      204288   384     1"), Err(Truncated));
	assert_eq!(value(&format!("{STARK}||Ax-b||_oo/(eps*N)= 0.0037124 ....")), Err(Truncated));
}

#[test]
fn counts_and_rows_agree() {
	for passed in [0, 2, 1_000_000] {
		assert_eq!(value(&format!("{HEADING}{STARK}{PASSED}{}", counts(passed, 0))), Err(FigureMismatch));
	}
}

#[test]
fn a_rate_that_does_not_follow_from_order_and_time_is_a_mismatch() {
	for row in [
		STARK.replace("4.19712e+03", "4.19722e+03"),
		STARK.replace("4.19712e+03", "4.19712e+04"),
		STARK.replace("1354.22", "1354.32"),
		STARK.replace("204288", "204388"),
	] {
		assert_eq!(one(&row, PASSED), Err(FigureMismatch), "{row}");
	}
}

#[test]
fn figures_out_of_range_are_refused() {
	for row in [
		STARK.replace("1354.22", "0.00"),
		STARK.replace("1354.22", "-1354.22"),
		STARK.replace("1354.22", "nan"),
		STARK.replace("4.19712e+03", "inf"),
		STARK.replace("4.19712e+03", "1e308"),
		STARK.replace("4.19712e+03", "0"),
		STARK.replace("204288", "0"),
		STARK.replace("204288", "18446744073709551615"),
	] {
		assert_eq!(one(&row, PASSED), Err(FigureOutOfRange), "{row}");
	}
}

#[test]
fn what_is_no_row_is_not_recognised() {
	for row in [
		STARK.replace("204288", "2e5"),
		STARK.replace("   384", "  -384"),
		STARK.replace("4.19712e+03", "4.19712e+03 x"),
	] {
		assert_eq!(one(&row, PASSED), Err(Unrecognised), "{row}");
	}
	assert_eq!(value(""), Err(Unrecognised));
	assert_eq!(value("WRITE: nothing\nWC\n"), Err(Unrecognised));
	assert_eq!(one(&STARK.replace("WR00L2L4", "WR00:2L4"), PASSED), Err(Unrecognised));
	assert_eq!(
		value(&format!("WRONG: a line of the system's log\n{HEADING}{STARK}{PASSED}{}", counts(1, 0))),
		one(STARK, PASSED)
	);
}

#[test]
fn mixed_precision_is_another_benchmark() {
	let raw = format!("HPL-MxP-NVIDIA ignores the following parameters\n{HEADING}{STARK}{PASSED}{}", counts(1, 0));
	assert_eq!(value(&raw), Err(NoMetric));
}

#[test]
fn long_output_is_cut_to_its_last_table() {
	let progress = "Column=000380928 Fraction=99.2% Gflops=8.128e+03\n".repeat(2_000);
	let table = format!("{HEADING}{STARK}{PASSED}{}", counts(1, 0));
	let output = format!("HPLinpack 2.3\n{progress}{table}");
	assert_eq!(crate::raw::read(crate::raw::Kind::Hpl, &output), Err(TooLarge));
	let part = crate::raw::excerpt(crate::raw::Kind::Hpl, &output).unwrap();
	assert_eq!(part, table);
	assert!(value(part).is_ok());
	assert_eq!(crate::raw::excerpt(crate::raw::Kind::Hpl, &table), Some(table.as_str()));
	assert_eq!(crate::raw::excerpt(crate::raw::Kind::Hpl, &format!("\n{table}{progress}")), None);
	assert_eq!(crate::raw::excerpt(crate::raw::Kind::Hpl, &progress), None);
	assert_eq!(crate::raw::excerpt(crate::raw::Kind::Hpcg, &output), None);
}

proptest! {
	#[test]
	fn what_hpl_would_print_is_recomputed(order in 2_000..2_000_000_u64, hundredths in 100..10_000_000_u64, digits in 3..8_usize) {
		let flops = 2.0 / 3.0 * (order as f64).powi(3) + 1.5 * (order as f64).powi(2);
		// The time that was measured has more digits than are printed.
		let time = (hundredths as f64 + 0.37) / 100.0;
		let rate = flops / time / 1e9;
		let row = format!("WR00L2L4 {order} 384 1 2 {time:.2} {rate:.digits$e}\n");
		let value = one(&row, PASSED).unwrap();
		let printed: f64 = format!("{time:.2}").parse().unwrap();
		let exact = flops / printed;
		prop_assert!((value as f64 - exact).abs() <= 1.0 + exact * 1e-12);
	}

	#[test]
	fn a_rate_that_is_off_by_a_percent_is_a_mismatch(order in 2_000..2_000_000_u64, hundredths in 10_000..10_000_000_u64, up: bool) {
		let flops = 2.0 / 3.0 * (order as f64).powi(3) + 1.5 * (order as f64).powi(2);
		let time = hundredths as f64 / 100.0;
		let rate = flops / time / 1e9 * if up { 1.01 } else { 0.99 };
		prop_assert_eq!(one(&format!("WR00L2L4 {order} 384 1 2 {time:.2} {rate:.5e}\n"), PASSED), Err(FigureMismatch));
	}
}
