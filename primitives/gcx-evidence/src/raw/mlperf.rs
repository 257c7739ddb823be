//! MLPerf Inference: a row of the results summary, or the log summary of one run.

use super::{decimal::Decimal, in_range, Figure};
use crate::Reason;
use alloc::string::String;
use gcx_primitives::Metric;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Figures are in thousandths, and power in thousandths of a watt.
const MILLI: i32 = 3;
/// The shortest run that the rules allow, in milliseconds.
const LEAST_DURATION_MS: u128 = 600_000;

/// Reads a row, which begins with a brace, or a log summary.
pub(super) fn read(raw: &str) -> Result<Figure, Reason> {
	if raw.trim_start().starts_with('{') {
		read_row(raw)
	} else {
		read_log(raw)
	}
}

/// What counts of a row. The rest of it is for people.
#[derive(Deserialize)]
struct Row<'a> {
	#[serde(rename = "Category")]
	category: String,
	#[serde(rename = "UsedModel")]
	used_model: String,
	#[serde(rename = "Model")]
	model: String,
	#[serde(rename = "Scenario")]
	scenario: String,
	compliance: u8,
	errors: u64,
	inferred: u8,
	#[serde(borrow, rename = "Performance_Result")]
	result: &'a RawValue,
	#[serde(rename = "Performance_Units")]
	units: String,
	has_power: bool,
	#[serde(borrow, default, rename = "Power_Result")]
	power: Option<&'a RawValue>,
	#[serde(default, rename = "Power_Units")]
	power_units: Option<String>,
}

/// Reads a row of the results summary.
///
/// Refused with [`Reason::NoMetric`]: the open division, which may change the model; rows inferred from another row;
/// other scenarios than Offline; other models; a model under another name than its own. With [`Reason::RunInvalid`]:
/// errors, or no compliance.
fn read_row(raw: &str) -> Result<Figure, Reason> {
	let row: Row<'_> = serde_json::from_str(raw).map_err(|failure| match failure.classify() {
		serde_json::error::Category::Eof => Reason::Truncated,
		serde_json::error::Category::Io | serde_json::error::Category::Syntax | serde_json::error::Category::Data => {
			Reason::Unrecognised
		},
	})?;
	if row.errors != 0 || row.compliance != 1 {
		return Err(Reason::RunInvalid);
	}
	if row.category != "closed" || row.inferred != 0 || row.scenario != "Offline" || row.model != row.used_model {
		return Err(Reason::NoMetric);
	}
	let metric = match (row.used_model.as_str(), row.units.as_str()) {
		("llama2-70b-99" | "llama2-70b-99.9", "Tokens/s") => Metric::MlperfLlama2Offline,
		("stable-diffusion-xl", "Samples/s") => Metric::MlperfSdxlOffline,
		_ => return Err(Reason::NoMetric),
	};
	let value = in_range(Decimal::read(row.result.get())?.in_units(MILLI)?)?;
	let milliwatts = match (row.has_power, row.power, row.power_units.as_deref()) {
		(true, Some(power), Some("Watts")) => Some(in_range(Decimal::read(power.get())?.in_units(MILLI)?)?),
		(false, _, _) => None,
		(true, _, _) => return Err(Reason::Unrecognised),
	};
	Ok(Figure { metric, value, milliwatts })
}

/// What counts of a log summary.
#[derive(Default)]
struct Log<'a> {
	/// It is MLPerf's.
	headed: bool,
	scenario: Option<&'a str>,
	mode: Option<&'a str>,
	valid: Option<bool>,
	/// Samples or tokens per second: the last one.
	rate: Option<Decimal>,
	/// Milliseconds that the run had to take.
	duration: Option<Decimal>,
	/// A setting that only audits have is not zero.
	audit: bool,
	/// It says how many errors there were: all that the summary of an accuracy run says.
	ended: bool,
}

/// Reads a log summary: never a figure, for it does not say which model ran, but the reason is the first of these that
/// holds.
///
/// Not a summary with a mode and a result, or cut off before its result; INVALID; an audit (the settings of compliance
/// tests TEST01, TEST04 and TEST06 draw samples for the accuracy log, by a seed or a target that other runs leave
/// zero); an accuracy run; a scenario without a metric; no rate; shorter than 600 s.
fn read_log(raw: &str) -> Result<Figure, Reason> {
	let mut log = Log::default();
	for line in raw.lines() {
		log.read_line(line.trim())?;
	}
	if !log.headed {
		return Err(if log.ended { Reason::NoMetric } else { Reason::Unrecognised });
	}
	let mode = log.mode.ok_or(Reason::Truncated)?;
	if !log.valid.ok_or(Reason::Truncated)? {
		return Err(Reason::RunInvalid);
	}
	if log.audit {
		return Err(Reason::AuditRun);
	}
	if mode != "PerformanceOnly" || log.scenario != Some("Offline") {
		return Err(Reason::NoMetric);
	}
	in_range(log.rate.ok_or(Reason::Truncated)?.in_units(MILLI)?)?;
	if log.duration.ok_or(Reason::Truncated)?.in_units(0)? < LEAST_DURATION_MS {
		return Err(Reason::TooShort);
	}
	Err(Reason::NoMetric)
}

impl<'a> Log<'a> {
	fn read_line(&mut self, line: &'a str) -> Result<(), Reason> {
		self.headed |= line == "MLPerf Results Summary";
		self.ended |= line == "No errors encountered during test.";
		let Some((field, value)) = line.split_once(':') else { return Ok(()) };
		let value = value.trim();
		match field.trim_end() {
			"Scenario" => self.scenario = Some(value),
			"Mode" => self.mode = Some(value),
			"Result is" => {
				self.valid = Some(match value {
					"VALID" => true,
					"INVALID" => false,
					_ => return Err(Reason::Unrecognised),
				});
			},
			"Samples per second" | "Tokens per second" => self.rate = Some(Decimal::read(value)?),
			"min_duration (ms)" => self.duration = Some(Decimal::read(value)?),
			"accuracy_log_rng_seed" | "accuracy_log_sampling_target" | "accuracy_log_probability" => {
				self.audit |= value != "0";
			},
			_ => {},
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests;
