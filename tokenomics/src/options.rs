//! The command line.

use crate::{demand::Demand, error::Error, simulation::Setup};
use clap::{error::ErrorKind, Parser};
use std::{ffi::OsString, path::PathBuf};

/// Runs years of the chain's token through its pallet under several paths of demand, and shows supply, burn and rewards.
#[derive(Debug, Parser)]
#[command(name = "gcx-tokenomics", version)]
pub struct Options {
	/// Years of 365 days.
	#[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
	pub years: u32,

	/// What all random numbers follow from: the same seed brings the same figures.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,

	/// The share of the notional of those who pay fees in tokens, from 0 to 1.
	#[arg(long, value_name = "SHARE", default_value = "0.5", allow_hyphen_values = true, value_parser = share)]
	pub in_tokens: f64,

	/// A path of demand. May be given more than once [default: all].
	#[arg(long, value_enum)]
	pub path: Vec<Demand>,

	/// Where tables and plots are written [default: tokenomics in the target folder].
	#[arg(long, value_name = "DIR")]
	pub out: Option<PathBuf>,
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

	/// What is to be simulated: each path once, in their own order.
	pub fn setups(&self) -> Vec<Setup> {
		let Self { years, seed, in_tokens, .. } = *self;
		let asked = Demand::ALL.into_iter().filter(|demand| self.path.is_empty() || self.path.contains(demand));
		asked.map(|demand| Setup { demand, years, seed, in_tokens, noise: 1.0 }).collect()
	}

	/// Where tables and plots are written.
	pub fn folder(&self) -> PathBuf {
		let target = || std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
		self.out.clone().unwrap_or_else(|| target().join("tokenomics"))
	}
}

fn share(text: &str) -> Result<f64, String> {
	let share: f64 = text.parse().map_err(|_| "it is not a number")?;
	if (0.0..=1.0).contains(&share) {
		Ok(share)
	} else {
		Err("a share is from 0 to 1".to_owned())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parsed(arguments: &[&str]) -> Result<Options, String> {
		let arguments = ["gcx-tokenomics"].iter().chain(arguments).map(OsString::from);
		Options::from_arguments(arguments).map_err(|error| error.to_string())
	}

	#[test]
	fn the_defaults_are_ten_years_of_all_paths() {
		let options = parsed(&[]).expect("nothing is needed");
		let setups = options.setups();
		assert_eq!(setups.iter().map(|setup| setup.demand).collect::<Vec<_>>(), Demand::ALL);
		assert!(setups.iter().all(|setup| setup.years == 10 && setup.seed == 1 && setup.in_tokens == 0.5));
	}

	#[test]
	fn a_path_is_simulated_once_however_often_it_is_asked_for() {
		let options = parsed(&["--path", "flat", "--path", "growth", "--path", "flat"]).expect("all are paths");
		let demands: Vec<_> = options.setups().iter().map(|setup| setup.demand).collect();
		assert_eq!(demands, [Demand::Growth, Demand::Flat]);
	}

	#[test]
	fn an_option_out_of_its_range_is_refused_with_the_reason() {
		let refusal = |arguments: &[&str]| parsed(arguments).expect_err("it is refused");
		assert!(refusal(&["--in-tokens", "1.5"]).ends_with("a share is from 0 to 1"));
		assert!(refusal(&["--in-tokens", "-0.1"]).ends_with("a share is from 0 to 1"));
		assert!(refusal(&["--in-tokens", "NaN"]).ends_with("a share is from 0 to 1"));
		assert!(refusal(&["--in-tokens", "half"]).ends_with("it is not a number"));
		assert!(refusal(&["--years", "0"]).contains("0 is not in 1..=50"));
		assert!(refusal(&["--path", "boom"]).contains("invalid value 'boom'"));
	}
}
