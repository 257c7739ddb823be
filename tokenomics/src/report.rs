//! A path as a table: a column for each year.

use crate::{
	figures::{roles, Run, Valued, YearRecord, BURN_KINDS},
	units::{grouped, in_dollars, in_dollars_each, in_gcx, DAYS_PER_YEAR},
};

/// Years beside each other.
const COLUMNS: usize = 10;
/// How wide a label and a figure are.
const LABEL: usize = 42;
const FIGURE: usize = 13;

/// The table of a path.
pub fn of(run: &Run) -> String {
	let mut text =
		format!("{}: what a year brought, {:.0} % of the notional in tokens\n", run.demand, 100.0 * run.in_tokens);
	for years in run.years.chunks(COLUMNS) {
		let mut table = Table { text: String::new(), years };
		table.line("year", |year| year.year.to_string());
		write_demand(&mut table);
		write_supply(&mut table);
		write_rewards(&mut table);
		write_money(&mut table);
		text.push_str(&table.text);
		text.push('\n');
	}
	text
}

fn write_demand(table: &mut Table) {
	table.dollars("notional a day, dollars", |year| in_dollars(year.tally.notional) / f64::from(DAYS_PER_YEAR));
	table.line("fees of a side, ppm of its notional", |year| format!("{:.1}", 1e6 * year.fee_rate()));
	table.line("notional from seats, per cent", |year| format!("{:.1}", 100.0 * year.seated()));
	table.dollars("fees, dollars", |year| in_dollars(year.tally.fees));
	table.dollars("of those in tokens", |year| in_dollars(year.tally.in_tokens));
	table.line("price of GCX at the end, dollars", |year| format!("{:.4}", in_dollars_each(year.price)));
}

fn write_supply(table: &mut Table) {
	table.gcx("supply at the end, GCX", |year| year.supply);
	table.gcx("issued, GCX", |year| year.tally.issued.tokens);
	table.gcx("burned, GCX", |year| year.burned.total());
	for (name, kind) in BURN_KINDS {
		table.gcx(&format!("  {name}"), |year| kind(&year.burned));
	}
	table.line("seats at the end", |year| year.seats.to_string());
	table.gcx("held for seats, GCX", |year| year.seat_stakes);
}

fn write_rewards(table: &mut Table) {
	for (name, role) in roles::<Valued>() {
		table.gcx(&format!("rewards of {name}, GCX"), |year| role(&year.tally.rewards).tokens);
		table.dollars("  in dollars", |year| in_dollars(role(&year.tally.rewards).worth));
	}
	table.gcx("chain fees to validators, GCX", |year| year.tally.to_authors.tokens);
	table.dollars("  in dollars", |year| in_dollars(year.tally.to_authors.worth));
}

fn write_money(table: &mut Table) {
	table.dollars("to the insurance pool, dollars", |year| in_dollars(year.to_pool));
	table.dollars("to the treasury, dollars", |year| in_dollars(year.to_treasury));
	table.gcx("to the treasury, GCX", |year| year.tokens_to_treasury);
	table.dollars("for the buy-back, dollars", |year| in_dollars(year.for_buy_back));
	table.dollars("  spent", |year| in_dollars(year.bought_back));
}

impl YearRecord {
	/// What fees come to, of what both sides of trades count for.
	pub fn fee_rate(&self) -> f64 {
		share(in_dollars(self.tally.fees), in_dollars(self.tally.sides))
	}

	/// The share of the sides of trades whose party has a seat.
	pub fn seated(&self) -> f64 {
		share(in_dollars(self.tally.seated), in_dollars(self.tally.sides))
	}
}

/// A part of a whole. None of nothing.
pub fn share(part: f64, whole: f64) -> f64 {
	if whole > 0.0 {
		part / whole
	} else {
		0.0
	}
}

/// Lines of a label and a figure for each year.
struct Table<'a> {
	text: String,
	years: &'a [YearRecord],
}

impl Table<'_> {
	fn line(&mut self, label: &str, figure: impl Fn(&YearRecord) -> String) {
		let mut line = format!("  {label:<LABEL$}");
		for year in self.years {
			line.push_str(&format!("{:>FIGURE$}", figure(year)));
		}
		self.text.push_str(&line);
		self.text.push('\n');
	}

	fn gcx(&mut self, label: &str, amount: impl Fn(&YearRecord) -> u128) {
		self.line(label, |year| grouped(in_gcx(amount(year))));
	}

	fn dollars(&mut self, label: &str, amount: impl Fn(&YearRecord) -> f64) {
		self.line(label, |year| grouped(amount(year)));
	}
}
