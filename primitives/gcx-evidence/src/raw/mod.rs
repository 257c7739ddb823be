//! Readers of benchmarks' raw output.
//!
//! Each goes over the text once, line by line, with memory for a few numbers, and recomputes the figure from the fields
//! that the benchmark measured. Numbers are decimals of the text and stay decimals: every machine comes to the same
//! figure, bit by bit.
//!
//! Whoever signs a text can have written it. What a reader says is that the text holds together, no more.

mod decimal;
mod hpcg;
mod hpl;
mod mlperf;
mod stream;

use crate::{document::MAX_RAW_BYTES, Reason};
use codec::Encode;
use gcx_primitives::Metric;
use serde::{Deserialize, Serialize};

/// A benchmark whose output is read.
#[derive(Clone, Copy, Debug, Deserialize, Encode, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
	/// High-Performance Linpack.
	Hpl,
	/// High Performance Conjugate Gradients.
	Hpcg,
	/// STREAM.
	Stream,
	/// MLPerf Inference: a row of its results summary, or the log summary of one run.
	Mlperf,
}

/// What raw output says, recomputed from its fields. Of all devices together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Figure {
	/// Of what.
	pub metric: Metric,
	/// How much, in the metric's unit, rounded down. Not zero.
	pub value: u64,
	/// Mean power in milliwatts, where the output itself says it.
	pub milliwatts: Option<u64>,
}

/// Reads raw output of at most [`MAX_RAW_BYTES`]: of one run of the benchmark, from its heading or its table of results
/// to its end. In time proportional to its length.
///
/// - **HPL**: the best of its tests, by `(2/3·N³ + 3/2·N²) / time`, if every test's residual check passed. Output that
///   stops before its count of tests is truncated, whatever came before. HPL-MxP and HPL-AI are other benchmarks.
/// - **HPCG**: its rating with overheads, by `operations / (time + sets · (set-up + optimisation) / 10)`. VALID is not
///   enough: official results take 1,800 s.
/// - **STREAM**: the triad, by `3 · bytes of an element · elements / least time`, if the solution validates.
/// - **MLPerf Inference**: one row of the results summary as a JSON object. It has nothing to recompute the figure
///   from; it counts if it is of the closed division, not inferred from another row, offline, and of a model that has a
///   metric. A log summary does not say which model ran: an invalid one, an audit and a short one are named, and a
///   valid one has no metric.
///
/// # Errors
/// What is wrong with it. In words: [`Reason::TooLarge`], [`Reason::Unrecognised`], [`Reason::Truncated`],
/// [`Reason::RunInvalid`], [`Reason::ResidualMissing`], [`Reason::FigureMismatch`], [`Reason::FigureOutOfRange`],
/// [`Reason::NoMetric`], [`Reason::TooShort`], [`Reason::AuditRun`].
pub fn read(kind: Kind, raw: &str) -> Result<Figure, Reason> {
	if raw.len() > MAX_RAW_BYTES {
		return Err(Reason::TooLarge);
	}
	match kind {
		Kind::Hpl => hpl::read(raw),
		Kind::Hpcg => hpcg::read(raw),
		Kind::Stream => stream::read(raw),
		Kind::Mlperf => mlperf::read(raw),
	}
}

/// The part of a benchmark's output that an agent sends: all of it where it is short enough, and of longer output of
/// HPL (which may be mostly progress) what follows the heading of its last table of results. None if that is too long
/// as well.
///
/// Nothing is gained by leaving failed tests out: HPL counts at its end how many tests passed and failed, and the
/// reader compares.
pub fn excerpt(kind: Kind, output: &str) -> Option<&str> {
	let part = match kind {
		Kind::Hpl if output.len() > MAX_RAW_BYTES => {
			output.rfind("\nT/V ").and_then(|start| output.get(start + 1..))?
		},
		Kind::Hpl | Kind::Hpcg | Kind::Stream | Kind::Mlperf => output,
	};
	(part.len() <= MAX_RAW_BYTES).then_some(part)
}

/// The value as a figure's: not zero, and of 64 bits.
fn in_range(value: u128) -> Result<u64, Reason> {
	match u64::try_from(value) {
		Ok(value) if value > 0 => Ok(value),
		Ok(_) | Err(_) => Err(Reason::FigureOutOfRange),
	}
}
