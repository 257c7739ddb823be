//! The figures as CSV, to the unit: a file of all years, and one of the days of each path.

use crate::{
	error::Error,
	figures::{roles, EraRecord, Run, Valued, YearRecord, BURN_KINDS},
	units::{exact_dollars, exact_gcx, in_dollars_each},
};
use std::path::{Path, PathBuf};

/// Writes `years.csv` and, for each path, its days.
///
/// # Errors
/// `Untabled` if a file cannot be written.
pub fn save(folder: &Path, runs: &[Run]) -> Result<Vec<PathBuf>, Error> {
	let years = runs.iter().flat_map(|run| run.years.iter().map(|year| row(run.demand.name(), year_columns(year))));
	let mut files = vec![write(folder.join("years.csv"), years)?];
	for run in runs {
		let days = run.eras.iter().map(|era| row(run.demand.name(), day_columns(era)));
		files.push(write(folder.join(format!("days-{}.csv", run.demand)), days)?);
	}
	Ok(files)
}

type Column = (String, String);

fn row(path: &str, columns: Vec<Column>) -> Vec<Column> {
	[vec![column("path", path)], columns].concat()
}

fn column(name: &str, figure: impl ToString) -> Column {
	(name.to_owned(), figure.to_string())
}

/// A name of the field as that of a column.
fn named(prefix: &str, name: &str) -> String {
	format!("{prefix}_{}", name.replace(' ', "_"))
}

fn year_columns(year: &YearRecord) -> Vec<Column> {
	let tally = &year.tally;
	let mut columns = vec![
		column("year", year.year),
		column("notional", exact_dollars(tally.notional)),
		column("fees", exact_dollars(tally.fees)),
		column("fees_in_tokens", exact_dollars(tally.in_tokens)),
		column("fee_rate", year.fee_rate()),
		column("notional_from_seats", year.seated()),
		column("price", in_dollars_each(year.price)),
		column("supply", exact_gcx(year.supply)),
		column("issued", exact_gcx(tally.issued.tokens)),
		column("issued_worth", exact_dollars(tally.issued.worth)),
	];
	columns.extend(BURN_KINDS.map(|(name, kind)| (named("burned", name), exact_gcx(kind(&year.burned)))));
	for (name, role) in roles::<Valued>() {
		let reward = role(&tally.rewards);
		columns.push((named("rewards", name), exact_gcx(reward.tokens)));
		columns.push((named("rewards_worth", name), exact_dollars(reward.worth)));
	}
	columns.extend([
		column("chain_fees_to_validators", exact_gcx(tally.to_authors.tokens)),
		column("to_pool", exact_dollars(year.to_pool)),
		column("to_treasury", exact_dollars(year.to_treasury)),
		column("to_treasury_gcx", exact_gcx(year.tokens_to_treasury)),
		column("for_buy_back", exact_dollars(year.for_buy_back)),
		column("bought_back", exact_dollars(year.bought_back)),
		column("seats", year.seats),
		column("seats_bought", tally.seats_bought),
		column("seats_surrendered", tally.seats_surrendered),
		column("held_for_seats", exact_gcx(year.seat_stakes)),
	]);
	columns
}

fn day_columns(era: &EraRecord) -> Vec<Column> {
	let mut columns = vec![
		column("day", era.day),
		column("notional", exact_dollars(era.notional)),
		column("fees_net", exact_dollars(era.fees)),
		column("best_before", exact_dollars(era.best)),
		column("price", in_dollars_each(era.price)),
		column("supply", exact_gcx(era.supply)),
		column("burned_in_era", exact_gcx(era.burned)),
		column("issuable", exact_gcx(era.issuable)),
		column("issued", exact_gcx(era.issued)),
		column("bound", era.bound.name()),
		column("rewards_of_fees", exact_gcx(era.of_fees)),
	];
	columns.extend(roles::<u128>().map(|(name, role)| (named("rewards", name), exact_gcx(role(&era.rewards)))));
	columns.extend(BURN_KINDS.map(|(name, kind)| (named("burned_ever", name), exact_gcx(kind(&era.burned_ever)))));
	columns
}

/// Writes rows, whose columns all have the same names, under a header.
fn write(file: PathBuf, rows: impl Iterator<Item = Vec<Column>>) -> Result<PathBuf, Error> {
	let failed = |reason| Error::Untabled { file: file.clone(), reason };
	let mut writer = csv::Writer::from_path(&file).map_err(failed)?;
	let mut rows = rows.peekable();
	if let Some(first) = rows.peek() {
		writer.write_record(first.iter().map(|(name, _)| name)).map_err(failed)?;
	}
	for row in rows {
		writer.write_record(row.iter().map(|(_, figure)| figure)).map_err(failed)?;
	}
	writer.flush().map_err(|reason| failed(reason.into()))?;
	Ok(file)
}
