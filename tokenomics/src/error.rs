//! Why a simulation ends, each in one sentence.

use crate::demand::Demand;
use std::path::PathBuf;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Nothing failed: help or the version was asked for, and this is it.
	#[error("{0}")]
	Asked(String),
	/// The command line is not one that the program understands.
	#[error("{0}")]
	Arguments(String),
	/// The simulated chain cannot begin.
	#[error("the chain cannot begin: {0}")]
	Genesis(String),
	/// The chain refused what the simulation never expects it to refuse.
	#[error("the chain refused to {what}: {reason}")]
	Refused {
		/// What was to be done.
		what: &'static str,
		/// What the chain said.
		reason: String,
	},
	/// A block did not end an era that was over.
	#[error("the era of day {day} did not end with it")]
	EraOpen {
		/// The day.
		day: u32,
	},
	/// The token's figures do not add up.
	#[error("the path {demand} is broken after day {day}: {what}")]
	Broken {
		/// The path.
		demand: Demand,
		/// Days that are over.
		day: u32,
		/// What is broken.
		what: String,
	},
	/// The simulation of a path panicked.
	#[error("the simulation of the path {0} panicked")]
	Panicked(Demand),
	/// A file cannot be written.
	#[error("cannot write {}: {reason}", file.display())]
	Unwritten {
		/// The file.
		file: PathBuf,
		/// What the system says.
		reason: std::io::Error,
	},
	/// A table cannot be written.
	#[error("cannot write {}: {reason}", file.display())]
	Untabled {
		/// The file.
		file: PathBuf,
		/// What the writer says.
		reason: csv::Error,
	},
	/// A plot cannot be drawn.
	#[error("cannot draw the plot: {0}")]
	Undrawn(String),
}
