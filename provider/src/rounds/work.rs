//! The work of a round: what takes the machine.

use crate::{
	chain::Round,
	config::Order,
	machine::Machine,
	outputs::{recognise, Folder, Output},
	progress::Progress,
	solve::{self, Calibration, SolveError, Solved},
	store::Record,
	stream,
};
use codec::Encode;
use gcx_evidence::{
	hex,
	raw::Kind,
	solve::{device_seed, MAX_ORDER},
	Benchmark, Content, OpenedSolution, Solve, MAX_BENCHMARKS,
};
use gcx_primitives::{Metric, ResourceId};
use std::{
	path::PathBuf,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use thiserror::Error;

/// Of the time that is left to answer, the solve may take so many hundredths if its order is chosen.
const SHARE_OF_TIME: u32 = 50;

/// What is run in a round.
#[derive(Clone, Debug)]
pub struct Workload {
	/// The order of the solve.
	pub order: Order,
	/// Whether the solve is declared, too.
	pub declare_solve: bool,
	/// STREAM, with bytes per array if they are given.
	pub stream: Option<Option<u64>>,
	/// Folder of raw outputs.
	pub outputs: Option<PathBuf>,
	/// What this machine was calibrated to.
	pub calibration: Option<Calibration>,
	/// Where it is shown.
	pub progress: Progress,
}

/// Why nothing was prepared.
#[derive(Debug, Error)]
pub enum WorkError {
	/// The solve.
	#[error(transparent)]
	Solve(#[from] SolveError),
	/// The solve was over, or would be over, after its time.
	#[error("a solve of order {order} takes about {seconds:.0} s, and {left:.0} s are left")]
	NoTime {
		/// The order.
		order: u32,
		/// Seconds that it takes.
		seconds: f64,
		/// Seconds that are left.
		left: f64,
	},
}

impl Workload {
	/// The order of a solve of so many devices, one after another, in so much time.
	///
	/// # Errors
	/// [`WorkError::NoTime`] if it is known that there is too little.
	pub fn order(&self, devices: u32, left: Duration) -> Result<u32, WorkError> {
		let each = left / devices.max(1);
		let order = match (self.order, &self.calibration) {
			(Order::Fixed(order), _) => order,
			(Order::Auto, Some(calibration)) => {
				let most = solve::largest_order(&Machine::here()).min(MAX_ORDER);
				calibration.order_within(each * SHARE_OF_TIME / 100, most)
			},
			(Order::Auto, None) => solve::CALIBRATION_ORDER,
		};
		let seconds = self.calibration.map_or(0.0, |calibration| calibration.seconds(order));
		if seconds > each.as_secs_f64() {
			return Err(WorkError::NoTime { order, seconds, left: each.as_secs_f64() });
		}
		Ok(order)
	}

	/// Prepares the answer of a round.
	///
	/// # Errors
	/// See [`WorkError`].
	pub fn prepare(
		&self,
		resource: ResourceId,
		round: &Round,
		solves: bool,
		left: Duration,
	) -> Result<Record, WorkError> {
		let mut record = Record {
			resource,
			round: round.id,
			nonce: hex::write(&round.nonce),
			// The nonce was not known before the round was opened. If this machine's clock says otherwise, it is slow.
			started_at: now().max(round.opened_at),
			devices: round.devices,
			solve: None,
			solutions: Vec::new(),
			solve_benchmark: None,
			content: None,
			sealed: false,
			signature: None,
		};
		if !solves {
			return Ok(record);
		}
		let order = self.order(round.devices, left)?;
		let solved = self.solve(round, order)?;
		let hashes: Vec<_> = solved.iter().map(|solved| solved.solution.hash()).collect();
		record.solve = Some(Solve::new(order, &hashes));
		record.solve_benchmark = self.declare_solve.then(|| declared_solve(&solved)).flatten();
		record.solutions =
			(0..).zip(&solved).map(|(device, solved)| OpenedSolution::new(device, &solved.solution)).collect();
		Ok(record)
	}

	fn solve(&self, round: &Round, order: u32) -> Result<Vec<Solved>, WorkError> {
		let mut solved = Vec::new();
		for device in 0..round.devices {
			let of = if round.devices > 1 { format!(", device {device}") } else { String::new() };
			let task = self.progress.task(format!("round {}: solve of order {order}{of}", round.id.0), None);
			let seed = device_seed(round.nonce, device);
			let one = solve::run(seed, order, |phase| task.phase(format!("order {order}: {}", phase.describe())))?;
			drop(task);
			self.progress.say(format!(
				"round {}: solved order {order}{of} in {:.2} s at {:.1} Gflop/s, scaled residual {:.1e}",
				round.id.0,
				one.timing.total().as_secs_f64(),
				one.rate() / 1e9,
				one.residual
			));
			solved.push(one);
		}
		Ok(solved)
	}

	/// Runs what is declared beside the solve, and puts together what will be signed. What fails is said and left out: the
	/// answer is on the chain, and a result without it is better than none.
	pub fn complete(&self, genesis: [u8; 32], record: &Record) -> (Content, Vec<Output>) {
		let mut benchmarks = Vec::new();
		let folder =
			self.outputs.as_deref().map(|folder| Folder::read(folder, record.devices, MAX_BENCHMARKS)).transpose();
		let folder = folder.unwrap_or_else(|error| {
			self.progress.warn(format!("the folder of raw outputs cannot be read: {error}"));
			None
		});
		let folder = folder.unwrap_or_default();
		benchmarks.extend(folder.benchmarks);
		// What the operator put there counts before what the agent measures.
		if let Some(solve) = &record.solve_benchmark {
			add(&mut benchmarks, solve.clone());
		}
		let streams = benchmarks.iter().any(|benchmark| benchmark.kind == Kind::Stream);
		if let (Some(bytes), false) = (self.stream, streams) {
			match self.stream(bytes) {
				Ok(benchmark) => add(&mut benchmarks, benchmark),
				Err(error) => self.progress.warn(format!("STREAM is not declared: {error}")),
			}
		}
		let ended_at = now().max(record.started_at);
		let run = (genesis, record.resource, record.round, &record.nonce, record.started_at, ended_at).encode();
		let content = Content {
			genesis: hex::write(&genesis),
			resource: record.resource,
			round: record.round,
			run: hex::write(&sp_crypto_hashing::blake2_256(&(b"gcx/run/1", run, &benchmarks).encode())),
			started_at: record.started_at,
			ended_at,
			devices: record.devices,
			power: None,
			solve: record.solve.clone(),
			benchmarks,
		};
		(content, folder.outputs)
	}

	fn stream(&self, bytes: Option<u64>) -> Result<Benchmark, String> {
		let plan = stream::Plan::new(&Machine::here(), bytes).map_err(|error| error.to_string())?;
		let steps = u64::try_from(stream::REPETITIONS).ok();
		let task = self.progress.task(format!("STREAM, {} MiB an array", plan.elements >> 17), steps);
		let measured = stream::run(plan, |done| task.done(done)).map_err(|error| error.to_string())?;
		drop(task);
		let triad = measured.rate(stream::Kernel::Triad) / 1e9;
		self.progress.say(format!("STREAM triad: {triad:.2} GB/s, {} threads", plan.threads));
		declared(Kind::Stream, measured.output()).ok_or_else(|| "its own output is not read".into())
	}
}

/// Adds a benchmark, unless there is one of its metric.
fn add(benchmarks: &mut Vec<Benchmark>, benchmark: Benchmark) {
	let metric = |benchmark: &Benchmark| metric_of(benchmark.kind, &benchmark.raw);
	if benchmarks.len() < MAX_BENCHMARKS && benchmarks.iter().all(|there| metric(there) != metric(&benchmark)) {
		benchmarks.push(benchmark);
	}
}

fn metric_of(kind: Kind, raw: &str) -> Option<Metric> {
	recognise(raw, Some(kind)).1.ok().map(|figure| figure.metric)
}

/// Raw output with the figure that attestors will compute of it. None if they would refuse it.
fn declared(kind: Kind, raw: String) -> Option<Benchmark> {
	let claimed = gcx_evidence::raw::read(kind, &raw).ok()?.value;
	Some(Benchmark { kind, claimed, raw })
}

/// The solve in HPL's format. Of one device only: what several come to at the same time was not measured.
fn declared_solve(solved: &[Solved]) -> Option<Benchmark> {
	match solved {
		[_] => declared(Kind::Hpl, solve::hpl_output(solved, Machine::here().threads)),
		_ => None,
	}
}

/// Milliseconds since the Unix epoch by this machine's clock.
pub fn now() -> u64 {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
