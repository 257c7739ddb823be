//! `gcx-buyer`: see the library's documentation.

use clap::Parser;
use gcx_provider::buyer::{cli::Cli, run::command};
use std::process::ExitCode;

fn main() -> ExitCode {
	match command(Cli::parse()) {
		Ok(code) => code,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		},
	}
}
