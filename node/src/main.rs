#![doc = include_str!("../README.md")]
#![expect(clippy::result_large_err, reason = "the SDK's errors are large, and one of them ends the process")]

use std::process::ExitCode;

mod attestor;
mod chain_spec;
mod cli;
mod client;
mod command;
mod error;
mod keeper;
mod ports;
mod proofs;
mod rpc;
mod service;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			report(&error::explain(&error));
			ExitCode::FAILURE
		},
	}
}

/// Writes the last line. The logger, where there is one, buffers what it is given until an error comes: written past
/// it, the sentence would stand above the lines that led to it.
fn report(sentence: &str) {
	if log::log_enabled!(log::Level::Error) {
		log::error!("Error: {sentence}");
	} else {
		eprintln!("Error: {sentence}");
	}
}
