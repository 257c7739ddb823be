//! The command line.

use crate::{decimal, error::Error};
use clap::{error::ErrorKind, Parser};
use gcx_primitives::Price;
use std::{ffi::OsString, path::PathBuf};

/// Replays a daily price series through the exchange's margin model and tests how often a move exceeds the scan range.
#[derive(Debug, Parser)]
#[command(name = "gcx-backtest", version)]
pub struct Options {
	/// Price series: CSV with a header, one row or several per day, prices in dollars.
	pub file: PathBuf,

	/// Column of the price [default: the first known one, such as price_usd_per_gpu_hour or close].
	#[arg(long, value_name = "NAME")]
	pub column: Option<String>,

	/// Column of the date, which starts with YYYY-MM-DD [default: the first known one, such as date or timestamp].
	#[arg(long, value_name = "NAME")]
	pub date_column: Option<String>,

	/// The item to test, where the file holds several, such as one GPU model.
	#[arg(long, value_name = "VALUE")]
	pub item: Option<String>,

	/// Column of the item [default: the first known one, such as gpu_model].
	#[arg(long, value_name = "NAME")]
	pub item_column: Option<String>,

	/// Uses only the rows with this value in this column, such as kind=on-demand. May be given more than once.
	#[arg(long, value_name = "COLUMN=VALUE", value_parser = condition)]
	pub only: Vec<(String, String)>,

	/// Uses also the rows that the file itself marks as wrong in a column unit_flag: can the filter do without?
	#[arg(long)]
	pub keep_flagged: bool,

	/// The fewest prices within the filter that make a day's fix.
	#[arg(long, value_name = "PRICES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
	pub quorum: u32,

	/// The class's floor price: a price near zero moves as this one does.
	#[arg(long, value_name = "DOLLARS", default_value = "0.000001", allow_hyphen_values = true, value_parser = floor)]
	pub floor: Price,

	/// The share of moves, in per cent, that the scan range is meant to cover.
	#[arg(long, value_name = "PERCENT", default_value = "99", allow_hyphen_values = true, value_parser = coverage)]
	pub coverage: f64,

	/// Writes a plot of price, scan range, breaches and scan fraction.
	#[arg(long, value_name = "FILE.svg")]
	pub plot: Option<PathBuf>,
}

impl Options {
	/// What the arguments, the program's name first, say.
	///
	/// # Errors
	/// `Asked` for help and version, `Arguments` for what is not understood.
	pub fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
		Self::try_parse_from(arguments).map_err(|error| match error.kind() {
			ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Error::Asked(error.to_string()),
			_ => {
				let text = error.to_string();
				// What follows the first empty line is advice.
				let sentence: Vec<_> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
				let sentence = sentence.join(" ");
				Error::Arguments(sentence.strip_prefix("error: ").unwrap_or(&sentence).to_owned())
			},
		})
	}
}

fn condition(text: &str) -> Result<(String, String), String> {
	let (column, value) = text.split_once('=').ok_or("it is not of the form COLUMN=VALUE")?;
	Ok((column.to_owned(), value.to_owned()))
}

fn floor(text: &str) -> Result<Price, String> {
	match decimal::price(text) {
		Ok(floor) if floor > Price::ZERO => Ok(floor),
		Ok(_) => Err("a floor price is at least a millionth of a dollar".to_owned()),
		Err(reason) => Err(reason.to_string()),
	}
}

fn coverage(text: &str) -> Result<f64, String> {
	let percent: f64 = text.parse().map_err(|_| "it is not a number")?;
	if 0.0 < percent && percent < 100.0 {
		Ok(percent / 100.0)
	} else {
		Err("a coverage is above 0 and below 100 per cent".to_owned())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parsed(arguments: &[&str]) -> Result<Options, String> {
		let arguments = ["gcx-backtest"].iter().chain(arguments).map(OsString::from);
		Options::from_arguments(arguments).map_err(|error| error.to_string())
	}

	#[test]
	fn the_defaults_are_the_smallest_floor_and_a_coverage_of_99_percent() {
		let options = parsed(&["prices.csv"]).unwrap();
		assert_eq!((options.floor, options.coverage, options.quorum), (Price(1), 0.99, 1));
	}

	#[test]
	fn an_option_out_of_its_range_is_refused_with_the_reason() {
		let refusal = |arguments: &[&str]| parsed(arguments).unwrap_err();
		assert!(refusal(&["f", "--floor", "0"]).ends_with("a floor price is at least a millionth of a dollar"));
		assert!(refusal(&["f", "--floor", "-1"]).ends_with("a floor price is at least a millionth of a dollar"));
		assert!(refusal(&["f", "--floor", "ten"]).ends_with("it is not a decimal number"));
		assert!(refusal(&["f", "--coverage", "100"]).ends_with("a coverage is above 0 and below 100 per cent"));
		assert!(refusal(&["f", "--coverage", "NaN"]).ends_with("a coverage is above 0 and below 100 per cent"));
		assert!(refusal(&["f", "--only", "spot"]).ends_with("it is not of the form COLUMN=VALUE"));
		assert!(refusal(&["f", "--quorum", "0"]).contains("0 is not in 1.."));
	}

	#[test]
	fn a_missing_argument_is_one_sentence() {
		assert_eq!(parsed(&[]).unwrap_err(), "the following required arguments were not provided: <FILE>");
	}
}
