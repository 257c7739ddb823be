//! Figures are those of published results of MLPerf Inference 5.1: rows 5.1-0061 and 5.1-0062, and a log of Nebius.

use super::*;
use crate::Reason::*;
use alloc::format;

const ROW: &str = r#"{"ID": "5.1-0061", "Submitter": "Lenovo", "Category": "closed", "UsedModel": "llama2-70b-99",
	"Model": "llama2-70b-99", "Scenario": "Offline", "a#": 8, "compliance": 1, "errors": 0, "inferred": 0, "has_power": true,
	"Power_Result": 10400.9988793425, "Power_Units": "Watts", "Performance_Result": 102909.0, "Performance_Units": "Tokens/s"}"#;

const LOG: &str = "================================================
MLPerf Results Summary
================================================
SUT name : PySUT
Scenario : Offline
Mode     : PerformanceOnly
Samples per second: 370.425
Tokens per second: 101246
Result is : VALID
  Min duration satisfied : Yes

================================================
Test Parameters Used
================================================
min_duration (ms): 9600000
accuracy_log_rng_seed : 0
accuracy_log_probability : 0
accuracy_log_sampling_target : 0

No warnings encountered during test.

No errors encountered during test.
";

#[test]
fn a_row_says_its_figure_and_its_power() {
	let figure = |metric, value, milliwatts| Ok(Figure { metric, value, milliwatts });
	assert_eq!(read(ROW), figure(Metric::MlperfLlama2Offline, 102_909_000, Some(10_400_998)));
	let accurate = ROW.replace("llama2-70b-99", "llama2-70b-99.9");
	assert_eq!(read(&accurate), figure(Metric::MlperfLlama2Offline, 102_909_000, Some(10_400_998)));
	let diffusion = ROW
		.replace("llama2-70b-99", "stable-diffusion-xl")
		.replace("102909.0", "31.7836")
		.replace("Tokens/s", "Samples/s")
		.replace("10400.9988793425", "9514.4024077047");
	assert_eq!(read(&diffusion), figure(Metric::MlperfSdxlOffline, 31_783, Some(9_514_402)));
	let unpowered = ROW.replace("true", "false");
	assert_eq!(read(&unpowered), figure(Metric::MlperfLlama2Offline, 102_909_000, None));
}

#[test]
fn a_row_without_a_metric_is_refused() {
	for (field, other) in [
		("\"closed\"", "\"open\""),
		("\"inferred\": 0", "\"inferred\": 1"),
		("Offline", "Server"),
		("llama2-70b-99", "mixtral-8x7b"),
		("\"Model\": \"llama2-70b-99\"", "\"Model\": \"llama2-70b-pruned\""),
		("Tokens/s", "Samples/s"),
	] {
		assert_eq!(read(&ROW.replace(field, other)), Err(NoMetric), "{field}");
	}
}

#[test]
fn a_row_with_errors_is_invalid() {
	assert_eq!(read(&ROW.replace("\"errors\": 0", "\"errors\": 1")), Err(RunInvalid));
	assert_eq!(read(&ROW.replace("\"compliance\": 1", "\"compliance\": 0")), Err(RunInvalid));
}

#[test]
fn a_row_out_of_range_is_refused() {
	for other in ["0.0", "-1.0", "0.0001", "1e308", "1e999", "1e17", "123456789012345678901234567890"] {
		assert_eq!(read(&ROW.replace("102909.0", other)), Err(FigureOutOfRange), "{other}");
		assert_eq!(read(&ROW.replace("10400.9988793425", other)), Err(FigureOutOfRange), "{other}");
	}
}

#[test]
fn what_is_no_row_is_not_recognised() {
	for (field, other) in [
		("102909.0", "NaN"),
		("102909.0", "\"102909.0\""),
		("102909.0", "null"),
		("\"errors\": 0,", ""),
		("\"errors\": 0,", "\"errors\": 0, \"errors\": 0,"),
		("\"errors\": 0,", "\"errors\": -1,"),
		("\"errors\": 0,", "\"errors\": 0.0,"),
		("Watts", "Joules"),
		("\"Power_Units\": \"Watts\",", ""),
	] {
		assert_eq!(read(&ROW.replace(field, other)), Err(Unrecognised), "{field} {other}");
	}
	assert_eq!(read(&format!("[{ROW}]")), Err(Unrecognised));
	assert_eq!(read(&format!("{ROW}{ROW}")), Err(Unrecognised));
	assert_eq!(read("{}"), Err(Unrecognised));
	let nested = format!("{{\"x\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
	assert_eq!(read(&nested), Err(Unrecognised));
}

#[test]
fn a_row_that_is_cut_off_is_truncated() {
	for end in [1, 2, 20, 90, 200] {
		assert_eq!(read(&ROW[..ROW.len() - end]), Err(Truncated));
	}
	assert_eq!(read(&"{\"x\":[".repeat(10_000)), Err(Truncated));
}

#[test]
fn a_valid_log_does_not_say_its_model() {
	assert_eq!(read(LOG), Err(NoMetric));
}

#[test]
fn a_log_says_what_is_wrong_with_it_first() {
	for (field, other, reason) in [
		("Result is : VALID", "Result is : INVALID", RunInvalid),
		("Result is : VALID", "Result is : PERHAPS", Unrecognised),
		("Result is : VALID", "", Truncated),
		("Mode     : PerformanceOnly", "", Truncated),
		("Mode     : PerformanceOnly", "Mode     : AccuracyOnly", NoMetric),
		("Scenario : Offline", "Scenario : Server", NoMetric),
		("accuracy_log_rng_seed : 0", "accuracy_log_rng_seed : 720381539243781796", AuditRun),
		("accuracy_log_sampling_target : 0", "accuracy_log_sampling_target : 100", AuditRun),
		("accuracy_log_probability : 0", "accuracy_log_probability : 0.1", AuditRun),
		("min_duration (ms): 9600000", "min_duration (ms): 0", TooShort),
		("min_duration (ms): 9600000", "", Truncated),
		("101246", "nan", FigureOutOfRange),
		("101246", "-1", FigureOutOfRange),
		("101246", "1e308", FigureOutOfRange),
		("101246", "0", FigureOutOfRange),
		("101246", "many", Unrecognised),
	] {
		assert_eq!(read(&LOG.replace(field, other)), Err(reason), "{field} {other}");
	}
	let (cut, _) = LOG.split_once("Samples per second").unwrap();
	assert_eq!(read(cut), Err(Truncated));
}

#[test]
fn the_log_of_an_accuracy_run_has_no_metric() {
	assert_eq!(read("\nNo warnings encountered during test.\n\nNo errors encountered during test.\n"), Err(NoMetric));
	assert_eq!(read(""), Err(Unrecognised));
	assert_eq!(read("Result is : VALID\n"), Err(Unrecognised));
}
