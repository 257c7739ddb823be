//! High-Performance Linpack: netlib's versions 1 and 2, and what Intel's, AMD's and NVIDIA's builds write.
//!
//! A test is a line of the table under `T/V N NB P Q Time Gflops` (NVIDIA adds the rate per GPU in parentheses), and
//! one residual check after it, or three in version 1. At the end come the numbers of tests that passed and failed.

use super::{decimal::Decimal, in_range, Figure};
use crate::Reason;
use gcx_primitives::Metric;

/// The largest order that is believed: forty times that of the largest run in TOP500.
const MAX_ORDER: u128 = 1_000_000_000;
/// A residual below this passes: HPL.dat's usual threshold, and HPL's default.
const THRESHOLD: u128 = 16;
/// The powers of ten in a Gflop/s.
const GIGA: i32 = 9;

/// What was read so far.
#[derive(Default)]
struct Tests {
	/// The heading of the table or of the benchmark was there.
	headed: bool,
	/// Tests in the table.
	rows: u64,
	/// The rate of the last row that waits for its residual check.
	unchecked: Option<u64>,
	/// The best rate of a test that passed.
	best: Option<u64>,
	/// A test had no residual check before the next one, or before the end.
	missing: bool,
	/// Tests that HPL itself counts as passed, over all its counts; none if it never came to count.
	counted: Option<u64>,
}

/// Reads HPL's output.
pub(super) fn read(raw: &str) -> Result<Figure, Reason> {
	let mut tests = Tests::default();
	for line in raw.lines() {
		tests.read_line(line)?;
	}
	tests.close_test();
	if !tests.headed && tests.rows == 0 {
		return Err(Reason::Unrecognised);
	}
	let Some(counted) = tests.counted else { return Err(Reason::Truncated) };
	if tests.missing {
		return Err(Reason::ResidualMissing);
	}
	if counted != tests.rows {
		return Err(Reason::FigureMismatch);
	}
	let value = tests.best.ok_or(Reason::Truncated)?;
	Ok(Figure { metric: Metric::Hpl, value, milliwatts: None })
}

impl Tests {
	fn read_line(&mut self, line: &str) -> Result<(), Reason> {
		if line.contains("HPL-MxP") || line.contains("HPL-AI") || line.contains("HPL_AI") {
			return Err(Reason::NoMetric);
		}
		let line = line.trim();
		if line.starts_with("HPLinpack ") || (line.starts_with("T/V ") && line.contains("Gflops")) {
			self.headed = true;
		} else if is_row(line) {
			self.read_row(line)?;
		} else if let Some(check) = line.strip_prefix("||Ax-b||_oo") {
			self.read_check(check)?;
		} else if let Some(count) = line.strip_suffix("tests completed and passed residual checks,") {
			let count: u64 = count.trim().parse().map_err(|_| Reason::Unrecognised)?;
			let sum = self.counted.unwrap_or(0).checked_add(count);
			self.counted = Some(sum.ok_or(Reason::FigureOutOfRange)?);
		} else if let Some(count) = line.strip_suffix("tests completed and failed residual checks,") {
			if count.trim() != "0" {
				return Err(Reason::RunInvalid);
			}
		}
		Ok(())
	}

	/// Reads a line of the table: variant, N, NB, P, Q, time in seconds, Gflop/s.
	fn read_row(&mut self, line: &str) -> Result<(), Reason> {
		let mut words = line.split_ascii_whitespace();
		let variant = words.next().unwrap_or_default();
		if !variant.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
			return Err(Reason::Unrecognised);
		}
		let mut next = || words.next().ok_or(Reason::Truncated);
		let (order, block, rows, columns) = (next()?, next()?, next()?, next()?);
		let (time, rate) = (Decimal::read(next()?)?, Decimal::read(next()?)?);
		if words.next().is_some_and(|word| !word.starts_with('(')) {
			return Err(Reason::Unrecognised);
		}
		for number in [block, rows, columns] {
			number.parse::<u32>().map_err(|_| Reason::Unrecognised)?;
		}
		let order = u128::from(order.parse::<u64>().map_err(|_| Reason::Unrecognised)?);
		let value = recompute(order, time, rate)?;
		self.close_test();
		self.rows += 1;
		self.unchecked = Some(value);
		Ok(())
	}

	/// Reads what follows `||Ax-b||_oo`: `/(eps*(…)*N)= 0.0029568 ...... PASSED`.
	fn read_check(&mut self, check: &str) -> Result<(), Reason> {
		let Some((formula, result)) = check.split_once('=') else { return Ok(()) };
		if !formula.trim_start().starts_with('/') {
			return Ok(());
		}
		let mut words = result.split_ascii_whitespace();
		let residual = words.next().ok_or(Reason::Truncated)?;
		match words.next_back() {
			Some("PASSED") => {},
			Some("FAILED") => return Err(Reason::RunInvalid),
			Some(_) | None => return Err(Reason::Truncated),
		}
		if Decimal::read(residual)?.in_units(0)? >= THRESHOLD {
			return Err(Reason::FigureMismatch);
		}
		if let Some(value) = self.unchecked.take() {
			self.best = self.best.max(Some(value));
		}
		Ok(())
	}

	/// A test ends where the next one begins: by then it was checked.
	fn close_test(&mut self) {
		self.missing |= self.unchecked.take().is_some();
	}
}

/// Whether a line begins with a variant: `W`, row- or column-major, and the depth of the look-ahead, as in `WR00L2L4`.
fn is_row(line: &str) -> bool {
	matches!(line.as_bytes(), [b'W', b'R' | b'C', b'0'..=b'9', ..])
}

/// Operations per second: `(2/3·N³ + 3/2·N²) / time`, netlib HPL 2.3, `HPL_pdtest.c`. Rounded down.
///
/// # Errors
/// [`Reason::FigureMismatch`] if the rate beside it is another, given the digits that time and rate were written with.
fn recompute(order: u128, time: Decimal, rate: Decimal) -> Result<u64, Reason> {
	let out = Reason::FigureOutOfRange;
	if order == 0 || order > MAX_ORDER || time.mantissa == 0 || rate.mantissa == 0 {
		return Err(out);
	}
	// Six times the operations, so that they are whole: at most 4 · 10²⁷.
	let six_fold = order * order * (4 * order + 9);
	if !time.times_is(rate, GIGA, six_fold.div_ceil(6))? {
		return Err(Reason::FigureMismatch);
	}
	let divisor = u128::from(time.mantissa) * 6;
	let power = super::decimal::power_of_ten(time.exponent.unsigned_abs()).ok_or(out)?;
	let value = if time.exponent < 0 {
		six_fold.checked_mul(power).ok_or(out)? / divisor
	} else {
		six_fold / divisor.checked_mul(power).ok_or(out)?
	};
	in_range(value)
}

#[cfg(test)]
mod tests;
