#![doc = include_str!("../README.md")]

mod breaches;
mod calendar;
mod decimal;
mod error;
mod kupiec;
mod options;
mod plot;
mod procyclicality;
mod replay;
mod report;
mod rows;
mod series;

use crate::{error::Error, options::Options, report::Report, rows::Rows, series::Series};
use std::{
	io::{ErrorKind, Write},
	process::ExitCode,
};

fn main() -> ExitCode {
	let text = match Options::from_arguments(std::env::args_os()) {
		Ok(options) => back_test(&options),
		Err(Error::Asked(text)) => Ok(text),
		Err(error) => Err(error),
	};
	match text.and_then(|text| show(&text)) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}

/// Writes to the standard output. A reader that has seen enough, such as `head`, is no error.
fn show(text: &str) -> Result<(), Error> {
	match std::io::stdout().write_all(text.as_bytes()) {
		Err(reason) if reason.kind() != ErrorKind::BrokenPipe => {
			Err(Error::Unwritten { file: "the standard output".into(), reason })
		},
		_ => Ok(()),
	}
}

/// Reads the series, replays it, draws the plot if one is asked for, and says what came out.
fn back_test(options: &Options) -> Result<String, Error> {
	let series = Series::of(Rows::read(options)?, options)?;
	let days = replay::replay(&series.fixes, options.floor)?;
	let report = Report::of(options, &series, &days)?;
	if let Some(file) = &options.plot {
		plot::save(file, &series.name, &days, &report.horizons)?;
	}
	Ok(report.to_string())
}
