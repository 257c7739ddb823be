//! What `gcx-provider bench` measures: this machine, without a chain.

use crate::{
	cli::BenchArgs,
	config::Order,
	machine::Machine,
	outputs::Read,
	progress::Progress,
	solve::{self, Calibration, SolveError, Solved, Timing},
	stream::{self, Kernel, StreamError},
};
use gcx_evidence::{
	raw::{self, Kind},
	solve::MAX_ORDER,
	Benchmark, Reason,
};
use serde::Serialize;
use std::time::Duration;
use thiserror::Error;

/// The seed of a solve that no chain drew.
const SEED: [u8; 32] = *b"gcx-provider bench: no chain. ##";
/// A solve whose order is chosen takes about so long.
const WANTED: Duration = Duration::from_secs(10);

/// Why nothing was measured.
#[derive(Debug, Error)]
pub enum BenchError {
	/// The solve.
	#[error(transparent)]
	Solve(#[from] SolveError),
	/// STREAM.
	#[error(transparent)]
	Stream(#[from] StreamError),
	/// Its output would be refused.
	#[error("the agent's own output of {0:?} would be refused: {1:?}")]
	Unread(Kind, Reason),
}

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
	/// Of the agent.
	pub version: &'static str,
	/// This machine.
	pub machine: Machine,
	/// The solve.
	pub solve: SolveReport,
	/// STREAM's kernels, in bytes per second.
	pub stream: Option<StreamReport>,
	/// What would be declared, as attestors read it.
	pub benchmarks: Vec<Benchmark>,
	/// The figures of these.
	pub figures: Vec<Read>,
}

/// The solve.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SolveReport {
	/// Rows and columns.
	pub order: u32,
	/// Operations per second by HPL's count.
	pub operations_per_second: f64,
	/// HPL's scaled residual.
	pub residual: f64,
	/// How long it took.
	#[serde(flatten)]
	pub timing: Timing,
	/// Share of the time that went into generating the system.
	pub generate_share: f64,
}

/// STREAM.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamReport {
	/// Bytes of each array.
	pub array_bytes: u64,
	/// Whether they are as large as STREAM's rules ask for.
	pub by_rule: bool,
	/// Bytes per second.
	pub copy: f64,
	/// Bytes per second.
	pub scale: f64,
	/// Bytes per second.
	pub add: f64,
	/// Bytes per second.
	pub triad: f64,
}

/// Solves a small system twice, and takes the second time: what it says of larger ones.
///
/// # Errors
/// See [`SolveError`].
pub fn calibrate(progress: &Progress) -> Result<Calibration, SolveError> {
	let task = progress.task("calibrating", None);
	solve::run(SEED, solve::CALIBRATION_ORDER, |_| ())?;
	let solved = solve::run(SEED, solve::CALIBRATION_ORDER, |_| ())?;
	drop(task);
	Ok(Calibration::of(&solved))
}

/// Measures this machine.
///
/// # Errors
/// See [`BenchError`].
pub fn run(args: &BenchArgs, progress: &Progress) -> Result<Report, BenchError> {
	let machine = Machine::here();
	let order = match args.order {
		Order::Fixed(order) => order,
		Order::Auto => calibrate(progress)?.order_within(WANTED, solve::largest_order(&machine).min(MAX_ORDER)),
	};
	let task = progress.task(format!("solve of order {order}"), None);
	let solved = solve::run(SEED, order, |phase| task.phase(format!("order {order}: {}", phase.describe())))?;
	drop(task);
	let mut raws = vec![(Kind::Hpl, solve::hpl_output(std::slice::from_ref(&solved), machine.threads))];
	let mut stream = None;
	if !args.no_stream {
		let plan = stream::Plan::new(&Machine::here(), args.stream_bytes)?;
		let task = progress
			.task(format!("STREAM, {} MiB an array", plan.elements >> 17), u64::try_from(stream::REPETITIONS).ok());
		let measured = stream::run(plan, |done| task.done(done))?;
		drop(task);
		raws.push((Kind::Stream, measured.output()));
		stream = Some(StreamReport {
			array_bytes: plan.elements * 8,
			by_rule: plan.by_rule,
			copy: measured.rate(Kernel::Copy),
			scale: measured.rate(Kernel::Scale),
			add: measured.rate(Kernel::Add),
			triad: measured.rate(Kernel::Triad),
		});
	}
	let mut report =
		Report { version: crate::VERSION, machine, solve: solved.into(), stream, benchmarks: vec![], figures: vec![] };
	for (kind, raw) in raws {
		let figure = raw::read(kind, &raw).map_err(|reason| BenchError::Unread(kind, reason))?;
		report.benchmarks.push(Benchmark { kind, claimed: figure.value, raw });
		report.figures.push(figure.into());
	}
	Ok(report)
}

impl From<Solved> for SolveReport {
	fn from(solved: Solved) -> Self {
		let timing = solved.timing;
		Self {
			order: solved.order,
			operations_per_second: solved.rate(),
			residual: solved.residual,
			timing,
			generate_share: timing.generate.as_secs_f64() / timing.total().as_secs_f64(),
		}
	}
}

impl Report {
	/// For people.
	pub fn text(&self) -> String {
		let Self { machine, solve, .. } = self;
		let mut text = format!(
			"machine   {} threads, {} MiB of last-level cache, {} MiB of memory free\n\
			 solve     order {}: {:.2} Gflop/s; {:.3} s ({:.3} s generated, {:.3} s factored and substituted, {:.3} s \
			 checked); scaled residual {:.2e}\n",
			machine.threads,
			machine.cache_bytes >> 20,
			machine.free_bytes >> 20,
			solve.order,
			solve.operations_per_second / 1e9,
			solve.timing.total().as_secs_f64(),
			solve.timing.generate.as_secs_f64(),
			solve.timing.timed().as_secs_f64(),
			solve.timing.check.as_secs_f64(),
			solve.residual,
		);
		if let Some(stream) = &self.stream {
			let rule = if stream.by_rule { "" } else { " (smaller than four times the caches)" };
			text += &format!(
				"stream    triad {:.2} GB/s, copy {:.2}, scale {:.2}, add {:.2}; arrays of {} MiB{rule}\n",
				stream.triad / 1e9,
				stream.copy / 1e9,
				stream.scale / 1e9,
				stream.add / 1e9,
				stream.array_bytes >> 20,
			);
		}
		for figure in &self.figures {
			text += &format!("declared  {:?}: {} {}\n", figure.metric, figure.value, figure.unit);
		}
		text
	}
}
