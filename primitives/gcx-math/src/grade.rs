//! Grades: from rates, uptime and power to letters, and back to another only past the line.
//!
//! Sources: for the reliability from draws, Laplace's rule of succession (Jaynes, *Probability Theory*, chapter 18) with the whole
//! doubt on the seller's side; for two lines instead of one, Schmitt, *A thermionic trigger*, J. Sci. Instrum. 15 (1938).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{Energy, Performance, Ppm, Reliability};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{FixedPointNumber, FixedU128};

/// Where the grades begin.
///
/// **Hysteresis.** Who has a grade keeps it until the figure is past a line by the share `hysteresis` of that line: up from
/// `line · (1 + hysteresis)` on, down from under `line · (1 − hysteresis)` on. For the reliability it is a share of the
/// *downtime* that the line allows, for no uptime is 2 % more than 99.9 %: up at a downtime of at most
/// `(1 − line) · (1 − hysteresis)`, down at one above `(1 − line) · (1 + hysteresis)`. Who has no grade yet is put by the lines
/// themselves. A change over several grades is past each line between by the same rule.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub struct GradeThresholds {
	/// The rates at which C, B and A begin.
	pub performance: [Ppm; 3],
	/// The uptimes at which the third and the second grade begin, and that above which the first does.
	pub reliability: [Ppm; 3],
	/// The energy ratios at which Y and X begin.
	pub energy: [Ppm; 2],
	/// How far past a line, as a share of it, who has a grade gets another.
	pub hysteresis: Ppm,
}

impl Default for GradeThresholds {
	fn default() -> Self {
		Self {
			performance: [Ppm::percent(90), Ppm::percent(110), Ppm::percent(150)],
			reliability: [Ppm::percent(95), Ppm::percent(99), Ppm(999_000)],
			energy: [Ppm::percent(80), Ppm::percent(125)],
			hysteresis: Ppm::percent(2),
		}
	}
}

/// Which side of the hysteresis a line is asked at.
#[derive(Clone, Copy)]
enum Line {
	/// The line itself: for who has no grade.
	Itself,
	/// To get above it.
	Rise,
	/// To stay above it.
	Stay,
}

impl GradeThresholds {
	/// Whether the lines are in order and so far apart that nothing is within the hysteresis of two of them, and every grade
	/// can be had and lost.
	pub fn is_valid(&self) -> bool {
		let apart = |lines: &[Ppm]| {
			let pairs = lines.iter().zip(lines.iter().skip(1));
			lines.iter().all(|line| *line > Ppm::ZERO)
				&& pairs.into_iter().all(|(low, high)| self.shifted(*low, Line::Rise) < self.shifted(*high, Line::Stay))
		};
		let mut downtimes = self.reliability.map(|line| Ppm(Ppm::PARTS.saturating_sub(line.0)));
		downtimes.reverse();
		let uptimes_are_shares = self.reliability.iter().all(|line| *line > Ppm::ZERO && *line < Ppm::ONE);
		let worst_can_be_had = downtimes.iter().all(|downtime| self.shifted(*downtime, Line::Rise) < FixedU128::DIV);
		self.hysteresis < Ppm::ONE
			&& apart(&self.performance)
			&& apart(&self.energy)
			&& uptimes_are_shares
			&& apart(&downtimes)
			&& worst_can_be_had
	}

	/// The grade of a rate.
	pub fn performance(&self, rate: FixedU128, before: Option<Performance>) -> Performance {
		let is_met = |line: Ppm, side| rate.into_inner() >= self.shifted(line, side);
		next(Performance::ALL, &self.performance, before, is_met).unwrap_or(Performance::D)
	}

	/// The grade of an uptime. The first is for *more* than its line, the others from theirs on. An uptime above one counts as
	/// one.
	pub fn reliability(&self, uptime: FixedU128, before: Option<Reliability>) -> Reliability {
		let downtime = FixedU128::DIV.saturating_sub(uptime.into_inner());
		let [.., first] = self.reliability;
		let is_met = |line: Ppm, side| {
			// Less downtime is better: what is past the line to rise is below it.
			let side = match side {
				Line::Itself => Line::Itself,
				Line::Rise => Line::Stay,
				Line::Stay => Line::Rise,
			};
			let allowed = self.shifted(Ppm(Ppm::PARTS.saturating_sub(line.0)), side);
			downtime < allowed || (downtime == allowed && line != first)
		};
		next(Reliability::ALL, &self.reliability, before, is_met).unwrap_or(Reliability::Fourth)
	}

	/// The grade of an energy ratio. What was not measured is Z at once, whatever was before.
	pub fn energy(&self, ratio: Option<FixedU128>, before: Option<Energy>) -> Energy {
		let Some(ratio) = ratio else { return Energy::Z };
		let is_met = |line: Ppm, side| ratio.into_inner() >= self.shifted(line, side);
		next(Energy::ALL, &self.energy, before, is_met).unwrap_or(Energy::Z)
	}

	/// A line with the hysteresis on one side, in units of 10⁻¹⁸. Exact.
	fn shifted(&self, line: Ppm, side: Line) -> u128 {
		let parts = match side {
			Line::Itself => u128::from(Ppm::PARTS),
			Line::Rise => u128::from(Ppm::PARTS) + u128::from(self.hysteresis.0),
			Line::Stay => u128::from(Ppm::PARTS.saturating_sub(self.hysteresis.0)),
		};
		// Less than 2³² · 2³³ · 10⁶.
		u128::from(line.0) * parts * u128::from(Ppm::PARTS)
	}
}

/// The grade after `before`, of grades with one line between each and the next. None only if there are no grades.
fn next<G: Copy + PartialEq>(
	grades: &[G],
	lines: &[Ppm],
	before: Option<G>,
	is_met: impl Fn(Ppm, Line) -> bool,
) -> Option<G> {
	let from = before.and_then(|before| grades.iter().position(|grade| *grade == before));
	let above = match from {
		None => lines.iter().take_while(|line| is_met(**line, Line::Itself)).count(),
		Some(from) => {
			let kept = lines.iter().take(from).take_while(|line| is_met(**line, Line::Stay)).count();
			let risen = lines.iter().skip(from).take_while(|line| is_met(**line, Line::Rise)).count();
			if kept < from {
				kept
			} else {
				from + risen
			}
		},
	};
	grades.get(above).copied()
}

/// Uptime from draws: `answered / (answered + missed + 1)`, rounded down. One missed draw is assumed of everybody, so that few
/// draws do not make a perfect record: more than 99.9 % takes at least 1,000 of them.
pub fn uptime(answered: u64, missed: u64) -> FixedU128 {
	let draws = u128::from(answered) + u128::from(missed) + 1;
	// Less than 2⁶⁴ · 10¹⁸, by one at least.
	FixedU128::from_inner(u128::from(answered) * FixedU128::DIV / draws)
}

#[cfg(test)]
mod tests;
