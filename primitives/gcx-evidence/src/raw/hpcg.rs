//! High Performance Conjugate Gradients: the report that versions 3.0 and 3.1 write, lines of `Section::Field=value`.

use super::{decimal::Decimal, in_range, Figure};
use crate::Reason;
use gcx_primitives::Metric;

/// Seconds that an official result takes at least: HPCG 3.1, `ReportResults.cpp`.
pub const OFFICIAL_SECONDS: u128 = 1_800;
/// The share of the recomputed rating that the printed one may be off: a ten-thousandth. HPCG prints six digits of each
/// field.
const PRINTED_SHARE: u128 = 10_000;
/// Times are counted in units of 10⁻⁹ s.
const NANO: i32 = 9;
/// The longest time that is believed, in those units: thirty years.
const MAX_NANOSECONDS: u128 = 1_000_000_000_000_000_000;

/// The fields that the rating follows from.
#[derive(Default)]
struct Report {
	/// It is HPCG's.
	headed: bool,
	/// Seconds that set-up took.
	setup: Option<Decimal>,
	/// Iterations of all sets.
	iterations: Option<Decimal>,
	/// Iterations of one set.
	iterations_per_set: Option<Decimal>,
	/// Seconds that optimising took.
	optimisation: Option<Decimal>,
	/// Seconds that all sets took.
	total: Option<Decimal>,
	/// Operations that count.
	operations: Option<Decimal>,
	/// Gflop/s that the report comes to, if it says that the run is valid.
	rating: Option<Decimal>,
}

/// Reads HPCG's report.
pub(super) fn read(raw: &str) -> Result<Figure, Reason> {
	let mut report = Report::default();
	for line in raw.lines() {
		report.read_line(line.trim())?;
	}
	if !report.headed {
		return Err(Reason::Unrecognised);
	}
	let rating = report.rating.ok_or(Reason::Truncated)?;
	if report.total.ok_or(Reason::Truncated)?.in_units(0)? < OFFICIAL_SECONDS {
		return Err(Reason::TooShort);
	}
	let value = report.recompute()?;
	let printed = rating.in_units(NANO)?;
	if printed.abs_diff(u128::from(value)) > u128::from(value) / PRINTED_SHARE {
		return Err(Reason::FigureMismatch);
	}
	Ok(Figure { metric: Metric::Hpcg, value, milliwatts: None })
}

impl Report {
	fn read_line(&mut self, line: &str) -> Result<(), Reason> {
		self.headed |= line.starts_with("version=") || line.starts_with("HPCG-Benchmark");
		let Some((field, value)) = line.split_once('=') else { return Ok(()) };
		if field.ends_with("::Result") && value == "FAILED" {
			return Err(Reason::RunInvalid);
		}
		let place = match field {
			"Setup Information::Setup Time" => &mut self.setup,
			"Iteration Count Information::Total number of optimized iterations" => &mut self.iterations,
			"Iteration Count Information::Optimized CG iterations per set" => &mut self.iterations_per_set,
			"Benchmark Time Summary::Optimization phase" => &mut self.optimisation,
			"Benchmark Time Summary::Total" => &mut self.total,
			"Floating Point Operations Summary::Total with convergence overhead" => &mut self.operations,
			"Final Summary::HPCG result is VALID with a GFLOP/s rating of" => &mut self.rating,
			"Final Summary::HPCG result is" => return Err(Reason::RunInvalid),
			_ => return Ok(()),
		};
		if place.replace(Decimal::read(value.trim())?).is_some() {
			return Err(Reason::Unrecognised);
		}
		Ok(())
	}

	/// Operations per second with all overheads: `operations / (total + sets · (set-up + optimisation) / 10)`, HPCG
	/// 3.1, `ReportResults.cpp`. Rounded down.
	fn recompute(&self) -> Result<u64, Reason> {
		let out = Reason::FigureOutOfRange;
		let nanoseconds = |time: Option<Decimal>| match time.ok_or(Reason::Truncated)?.in_units(NANO)? {
			time if time <= MAX_NANOSECONDS => Ok(time),
			_ => Err(out),
		};
		let (total, setup) = (nanoseconds(self.total)?, nanoseconds(self.setup)?);
		let optimisation = nanoseconds(self.optimisation)?;
		let iterations = self.iterations.ok_or(Reason::Truncated)?.in_units(0)?;
		let per_set = self.iterations_per_set.ok_or(Reason::Truncated)?.in_units(0)?;
		let sets = iterations.checked_div(per_set).ok_or(out)?;
		let operations = self.operations.ok_or(Reason::Truncated)?.in_units(0)?;
		// Ten times the time, so that a tenth of the overheads is whole.
		let overheads = sets.checked_mul(setup + optimisation).ok_or(out)?;
		let ten_fold = total.checked_mul(10).and_then(|total| total.checked_add(overheads)).ok_or(out)?;
		let scaled = operations.checked_mul(10_000_000_000).ok_or(out)?;
		in_range(scaled.checked_div(ten_fold).ok_or(out)?)
	}
}

#[cfg(test)]
mod tests;
