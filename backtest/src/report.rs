//! What the back-test found, as a table.

use crate::{
	breaches::{Horizon, Move},
	calendar::date,
	decimal::dollars,
	kupiec::{ProportionOfFailures, SIGNIFICANCE},
	options::Options,
	procyclicality::{largest_rise, peak_to_trough},
	replay::DailyRisk,
	series::{DailyFix, Series},
};
use gcx_primitives::{Ppm, Price};
use std::fmt;

/// Days over which a move is held against the scan range.
const HORIZONS: [usize; 2] = [1, 2];
/// Days over which the scan fraction's largest rise is looked for.
const RISE_DAYS: [usize; 2] = [5, 30];

/// A back-test's findings.
#[derive(Debug)]
pub struct Report<'a> {
	/// The moves that were tested, by horizon.
	pub horizons: Vec<Horizon>,
	options: &'a Options,
	series: &'a Series,
	days: &'a [DailyRisk],
}

impl<'a> Report<'a> {
	/// The findings on a replayed series.
	///
	/// # Errors
	/// `Arithmetic` if prices are beyond the exchange's bounds.
	pub fn of(options: &'a Options, series: &'a Series, days: &'a [DailyRisk]) -> Result<Self, crate::error::Error> {
		let horizons = HORIZONS.iter().map(|horizon| Horizon::of(*horizon, days)).collect::<Result<_, _>>()?;
		Ok(Self { horizons, options, series, days })
	}

	fn write_series(&self, table: &mut Table) -> fmt::Result {
		let (series, rows) = (self.series, &self.series.rows);
		table.section(&format!("Series: {}", series.name))?;
		table.line("price column", &rows.column)?;
		table.line("rows in the file", rows.in_file)?;
		table.line("rows of the series", rows.in_series)?;
		table.line("rows dropped", rows.unusable.values().sum::<usize>())?;
		for (why, count) in &rows.unusable {
			table.line(&format!("  {why}"), count)?;
		}
		table.line("prices outside the filter", series.filtered)?;
		if let (Some(first), Some(last)) = (series.fixes.first(), series.fixes.last()) {
			table.line("dates", format!("{} to {}", date(first.day), date(last.day)))?;
		}
		table.line("days with a fix", series.fixes.len())?;
		let (without, longest) = series.days_without_fix();
		table.line("days with no fix", format!("{without}, at most {longest} in a row"))?;
		table.line("days below quorum", series.below_quorum)?;
		if let Some((lowest, highest)) = series.extremes() {
			let on = |fix: DailyFix| format!("{} on {}", dollars(fix.price), date(fix.day));
			table.line("lowest fix", on(lowest))?;
			table.line("highest fix", on(highest))?;
		}
		table.line("floor price", dollars(self.options.floor))
	}

	fn write_margin(&self, table: &mut Table) -> fmt::Result {
		table.section("Margin")?;
		let fractions = self.fractions();
		let shares: Vec<_> = fractions.iter().map(|fraction| f64::from(fraction.0)).collect();
		table.line("scan fraction", Summary::of(&shares, |share| percent(share / f64::from(Ppm::PARTS))))?;
		let ranges: Vec<_> = self.days.iter().map(|day| day.range.get() as f64).collect();
		table.line("scan range", Summary::of(&ranges, |range| format!("{:.4}", range / 1e6)))?;
		table.line("peak to trough of the fraction", format!("{:.2}", peak_to_trough(&fractions)))?;
		for days in RISE_DAYS {
			let label = format!("largest rise within {days} days");
			table.line(&label, format!("{:.2}-fold", largest_rise(&fractions, days)))?;
		}
		Ok(())
	}

	fn write_horizon(&self, table: &mut Table, horizon: &Horizon) -> fmt::Result {
		let days = if horizon.days == 1 { "one day".to_owned() } else { format!("{} days", horizon.days) };
		table.section(&format!("Moves over {days}"))?;
		let test = ProportionOfFailures {
			trials: horizon.moves.len(),
			breaches: horizon.breaches().count(),
			coverage: self.options.coverage,
		};
		table.line("moves", test.trials)?;
		table.line("breaches", test.breaches)?;
		table.line("rate", percent(test.rate()))?;
		if let Some(largest) = horizon.largest() {
			table.line("largest in scan ranges", in_ranges(largest))?;
		}
		table.line("Kupiec: likelihood ratio", format!("{:.4}", test.likelihood_ratio()))?;
		table.line("Kupiec: p-value", p_value(test.p_value()))?;
		let coverage = format!("{} coverage at {}", percent(test.coverage), percent(SIGNIFICANCE));
		table.line(&coverage, test.verdict())
	}

	/// The scan fraction of each day with a fix.
	fn fractions(&self) -> Vec<Ppm> {
		self.days.iter().map(|day| day.fraction).collect()
	}
}

impl fmt::Display for Report<'_> {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		let mut table = Table { text: formatter, sections: 0 };
		self.write_series(&mut table)?;
		self.write_margin(&mut table)?;
		self.horizons.iter().try_for_each(|horizon| self.write_horizon(&mut table, horizon))
	}
}

fn percent(share: f64) -> String {
	format!("{:.2} %", share * 100.0)
}

fn p_value(p: f64) -> String {
	if p < 0.0001 {
		"below 0.0001".to_owned()
	} else {
		format!("{p:.4}")
	}
}

fn in_ranges(largest: &Move) -> String {
	let Move { from, to, size, range, .. } = *largest;
	let (size, range): (String, String) = (dollars(size), dollars(Price(range.0)));
	format!("{:.2}: {size} against {range}, {} to {}", largest.multiple(), date(from), date(to))
}

/// The least, the mean, the largest and the last of some figures.
struct Summary<F> {
	least: f64,
	mean: f64,
	largest: f64,
	last: f64,
	shown: F,
}

impl<F: Fn(f64) -> String> Summary<F> {
	fn of(figures: &[f64], shown: F) -> Self {
		Self {
			least: figures.iter().copied().fold(f64::INFINITY, f64::min),
			mean: figures.iter().sum::<f64>() / figures.len() as f64,
			largest: figures.iter().copied().fold(f64::NEG_INFINITY, f64::max),
			last: figures.last().copied().unwrap_or(f64::NAN),
			shown,
		}
	}
}

impl<F: Fn(f64) -> String> fmt::Display for Summary<F> {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		let Self { least, mean, largest, last, shown } = self;
		write!(
			formatter,
			"min {}, mean {}, max {}, last {}",
			shown(*least),
			shown(*mean),
			shown(*largest),
			shown(*last)
		)
	}
}

/// Lines of a label and what belongs to it, in sections.
struct Table<'a, 'b> {
	text: &'a mut fmt::Formatter<'b>,
	sections: usize,
}

impl Table<'_, '_> {
	fn section(&mut self, title: &str) -> fmt::Result {
		let space = if self.sections == 0 { "" } else { "\n" };
		self.sections += 1;
		writeln!(self.text, "{space}{title}")
	}

	fn line(&mut self, label: &str, figure: impl fmt::Display) -> fmt::Result {
		writeln!(self.text, "  {label:<40} {figure}")
	}
}
