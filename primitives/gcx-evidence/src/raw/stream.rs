//! STREAM: what versions 5.9 and 5.10 in C write.

use super::{decimal::Decimal, in_range, Figure};
use crate::Reason;
use gcx_primitives::Metric;

/// The powers of ten in a MB/s.
const MEGA: i32 = 6;
/// The longest array that is believed: 8 PB of doubles.
const MAX_ELEMENTS: u128 = 1_000_000_000_000_000;
/// Arrays that the triad goes over: it reads two and writes one.
const ARRAYS: u128 = 3;

/// What was read so far.
#[derive(Default)]
struct Run {
	/// It is STREAM's.
	headed: bool,
	/// Bytes of an element.
	element: Option<u128>,
	/// Elements of an array.
	elements: Option<u128>,
	/// Bytes per second of the triad.
	triad: Option<u64>,
	/// The solution validates.
	validates: bool,
}

/// Reads STREAM's output.
pub(super) fn read(raw: &str) -> Result<Figure, Reason> {
	let mut run = Run::default();
	for line in raw.lines() {
		run.read_line(line.trim())?;
	}
	if !run.headed {
		return Err(Reason::Unrecognised);
	}
	match (run.triad, run.validates) {
		(Some(value), true) => Ok(Figure { metric: Metric::StreamTriad, value, milliwatts: None }),
		(Some(_), false) => Err(Reason::ResidualMissing),
		// It says that the solution validates, and has no table as STREAM writes it.
		(None, true) => Err(Reason::Unrecognised),
		(None, false) => Err(Reason::Truncated),
	}
}

impl Run {
	fn read_line(&mut self, line: &str) -> Result<(), Reason> {
		if line.starts_with("STREAM version") {
			self.headed = true;
		} else if let Some(rest) = line.strip_prefix("This system uses ") {
			self.element = Some(leading_number(rest)?);
		} else if let Some(rest) = line.strip_prefix("Array size = ") {
			self.elements = Some(leading_number(rest)?);
		} else if let Some(rest) = line.strip_prefix("Triad:") {
			let value = self.read_triad(rest)?;
			if self.triad.replace(value).is_some() {
				return Err(Reason::Unrecognised);
			}
		} else if line.starts_with("Solution Validates") {
			self.validates = true;
		} else if line.starts_with("Failed Validation") {
			return Err(Reason::RunInvalid);
		}
		Ok(())
	}

	/// Reads the triad's line: best rate in MB/s, then mean, least and greatest time in seconds.
	fn read_triad(&self, rest: &str) -> Result<u64, Reason> {
		let out = Reason::FigureOutOfRange;
		let mut words = rest.split_ascii_whitespace();
		let mut next = || words.next().ok_or(Reason::Truncated).and_then(Decimal::read);
		let (rate, mean, least, greatest) = (next()?, next()?, next()?, next()?);
		let element = self.element.ok_or(Reason::Unrecognised)?;
		let elements = self.elements.ok_or(Reason::Unrecognised)?;
		if !(1..=16).contains(&element) || elements > MAX_ELEMENTS || rate.mantissa == 0 || least.mantissa == 0 {
			return Err(out);
		}
		let bytes = ARRAYS * element * elements;
		// In units of 10⁻¹² s: what is smaller counts as nothing.
		let picoseconds = |time: Decimal| time.in_units(12);
		if picoseconds(least)? > picoseconds(mean)? || picoseconds(mean)? > picoseconds(greatest)? {
			return Err(Reason::FigureMismatch);
		}
		if !least.times_is(rate, MEGA, bytes)? {
			return Err(Reason::FigureMismatch);
		}
		in_range((bytes * 1_000_000_000_000).checked_div(picoseconds(least)?).ok_or(out)?)
	}
}

/// The whole number that a text begins with.
fn leading_number(text: &str) -> Result<u128, Reason> {
	let word = text.split_ascii_whitespace().next().ok_or(Reason::Truncated)?;
	word.parse::<u64>().map(u128::from).map_err(|_| Reason::Unrecognised)
}

#[cfg(test)]
mod tests;
