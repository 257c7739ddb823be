//! Why there is no back-test, each in one sentence.

use gcx_primitives::ArithmeticError;
use std::path::PathBuf;

/// Why there is no back-test.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Nothing failed: help or the version was asked for, and this is it.
	#[error("{0}")]
	Asked(String),
	/// The command line is not one that the program understands.
	#[error("{0}")]
	Arguments(String),
	/// The file cannot be opened.
	#[error("cannot open {}: {reason}", file.display())]
	Unopened {
		/// The file.
		file: PathBuf,
		/// What the system says.
		reason: std::io::Error,
	},
	/// The file breaks off or is no CSV.
	#[error("cannot read {}: {reason}", file.display())]
	Unreadable {
		/// The file.
		file: PathBuf,
		/// What the reader says.
		reason: csv::Error,
	},
	/// A column that was asked for is not in the file.
	#[error("{} has no column {column:?}; it has {}", file.display(), columns.join(", "))]
	NoColumn {
		/// The file.
		file: PathBuf,
		/// What was asked for.
		column: String,
		/// What there is.
		columns: Vec<String>,
	},
	/// No column has a name that the program knows.
	#[error(
		"{} has no column that is known to hold the {what}: name it with {option}; it has {}",
		file.display(),
		columns.join(", ")
	)]
	NoKnownColumn {
		/// The file.
		file: PathBuf,
		/// What the column is to hold.
		what: &'static str,
		/// The option that names the column.
		option: &'static str,
		/// What there is.
		columns: Vec<String>,
	},
	/// The file holds several series.
	#[error("{} holds several items: choose one with --item; it has {}", file.display(), items.join(", "))]
	SeveralItems {
		/// The file.
		file: PathBuf,
		/// The items.
		items: Vec<String>,
	},
	/// The item that was asked for is not in the file.
	#[error("{} has no item {item:?}; it has {}", file.display(), items.join(", "))]
	NoItem {
		/// The file.
		file: PathBuf,
		/// What was asked for.
		item: String,
		/// What there is.
		items: Vec<String>,
	},
	/// The series is too short to say anything.
	#[error("{} has {fixes} days with a price and a back-test needs {needed}", file.display())]
	TooFewDays {
		/// The file.
		file: PathBuf,
		/// Days with a price.
		fixes: usize,
		/// Days that are needed.
		needed: usize,
	},
	/// A price is beyond what the exchange computes with.
	#[error("a price is beyond the exchange's bounds: {0:?}")]
	Arithmetic(ArithmeticError),
	/// The plot cannot be written.
	#[error("cannot write {}: {reason}", file.display())]
	Unwritten {
		/// The file.
		file: PathBuf,
		/// What the system says.
		reason: std::io::Error,
	},
	/// The plot cannot be drawn.
	#[error("cannot draw the plot: {0}")]
	Undrawn(String),
}

impl From<ArithmeticError> for Error {
	fn from(error: ArithmeticError) -> Self {
		Self::Arithmetic(error)
	}
}
