//! What `gcx-provider prove` does: proof of compute on this machine, without a chain.

use crate::{cli::ProveArgs, progress::Progress};
use gcx_math::proof::{Draw, Fleet, Hash, OpeningError, Parameters, ParametersError, RawParameters};
use gcx_primitives::{ClassId, ResourceId};
use gcx_prover::{gpus, plain_rate, steps, Accelerator, AcceleratorError, Kernel, OpenError, Prover};
use sp_crypto_hashing::blake2_256;
use std::{
	hash::{BuildHasher, RandomState},
	sync::Arc,
	time::{Duration, Instant},
};
use thiserror::Error;

/// Cells at a side of a tile.
const TILE: u32 = 16;
/// Cells that are drawn and checked.
const OPENINGS: u32 = 16;
/// At a prompt, people count in these: a million million operations per second.
const TERA: f64 = 1e12;

/// Why nothing was proven.
#[derive(Debug, Error)]
pub enum ProveError {
	/// There are no such parameters.
	#[error("these parameters cannot be: {0}")]
	Parameters(ParametersError),
	/// Threads could not be started.
	#[error(transparent)]
	Threads(#[from] rayon::ThreadPoolBuildError),
	/// There is no GPU, or one failed.
	#[error(transparent)]
	Accelerator(#[from] AcceleratorError),
	/// A cell could not be shown.
	#[error(transparent)]
	Open(#[from] OpenError),
	/// What is shown does not hold: this machine computes wrongly.
	#[error("an opening would be refused ({0:?}): this machine computes wrongly")]
	Refused(OpeningError),
}

/// What was proven, and how fast.
#[derive(Debug)]
pub struct Report {
	parameters: Parameters,
	devices: u32,
	commitment: Hash,
	proof: gcx_prover::Report,
	/// Operations per second of the products alone.
	plain_rate: f64,
	/// How long it took to show the drawn cells.
	open: Duration,
	/// How long it took to check them.
	check: Duration,
}

impl ProveArgs {
	/// The parameters.
	fn parameters(&self) -> Result<Parameters, ParametersError> {
		let (rows, columns, depth, rounds) = (self.m, self.n, self.k, self.rounds);
		RawParameters { rows, columns, depth, tile: TILE, patch: 1, rounds, openings: OPENINGS }.try_into()
	}
}

/// Proves, has cells drawn, and checks what is shown of them as the chain would.
///
/// # Errors
/// See [`ProveError`].
pub fn run(args: &ProveArgs, progress: &Progress) -> Result<Report, ProveError> {
	let parameters = args.parameters().map_err(ProveError::Parameters)?;
	if args.gpu {
		return proven(parameters, &gpus()?, progress);
	}
	let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.map_or(0, usize::from)).build()?;
	pool.install(|| proven(parameters, &[], progress))
}

/// Proves on accelerators, or on this processor if there are none.
fn proven(
	parameters: Parameters,
	accelerators: &[Arc<dyn Accelerator>],
	progress: &Progress,
) -> Result<Report, ProveError> {
	let kernel = Kernel::fastest();
	let task = progress.task("products alone", None);
	let operations = parameters.operations() as f64 / f64::from(parameters.rounds);
	let mut plain = if accelerators.is_empty() { plain_rate(&parameters, kernel) } else { 0.0 };
	for accelerator in accelerators {
		plain += operations / accelerator.plain(&parameters)?.as_secs_f64();
	}
	drop(task);
	let draw = Draw {
		genesis: [0; 32],
		class: ClassId(0),
		resource: ResourceId(0),
		device: 0,
		roll_call: 0,
		nonce: random(b"nonce"),
	};
	let (mut prover, steps) = if accelerators.is_empty() {
		(Prover::new(parameters, &draw, 1, kernel), steps(&parameters))
	} else {
		(Prover::on(parameters, &draw, accelerators.to_vec()), parameters.rounds.into())
	};
	let task = progress.task(format!("{} rounds", parameters.rounds), Some(steps));
	let mut done = 0;
	while prover.round(|| {
		done += 1;
		task.done(done);
	})? {}
	drop(task);
	let proof = prover.finish().ok_or(ProveError::Parameters(ParametersError::Rounds))?;
	let fleet = Fleet::new(parameters, proof.rounds(), draw, proof.devices(), proof.commitment())
		.map_err(ProveError::Parameters)?;
	let cells = fleet.drawn_cells(OPENINGS, &random(b"cells"), blake2_256);
	let began = Instant::now();
	let openings = proof.open(&cells)?;
	let open = began.elapsed();
	let began = Instant::now();
	for (cell, opening) in cells.iter().zip(&openings) {
		fleet.check(cell, opening, blake2_256).map_err(ProveError::Refused)?;
	}
	let check = began.elapsed();
	Ok(Report {
		parameters,
		devices: proof.devices(),
		commitment: proof.commitment(),
		proof: proof.report().clone(),
		plain_rate: plain,
		open,
		check,
	})
}

/// Something else each time, of the operating system's randomness. For drills: whoever runs this is the only one that it could deceive.
fn random(what: &[u8]) -> Hash {
	blake2_256(&[0, 1, 2, 3].map(|_| RandomState::new().hash_one(what).to_le_bytes()).concat())
}

impl Report {
	/// For people.
	pub fn text(&self) -> String {
		let Self { parameters, proof, .. } = self;
		let spent = |name, time: Duration| {
			format!(
				"{name:<12}{:.3} s of all units, {:.1} % of their time\n",
				time.as_secs_f64(),
				100.0 * proof.share(time)
			)
		};
		let commitment: String = self.commitment.iter().map(|byte| format!("{byte:02x}")).collect();
		[
			format!(
				"product     {} x {} x {}, {} rounds, {} device(s): {:.3} tera-operations\n",
				parameters.rows,
				parameters.columns,
				parameters.depth,
				parameters.rounds,
				self.devices,
				proof.operations as f64 / TERA,
			),
			format!("engine      {}; {} unit(s)\n", proof.engine, proof.units),
			format!("commitment  0x{commitment}\n"),
			format!(
				"proven      {:.3} s: {:.4} TOPS, {:.1} % of the {:.4} TOPS of the products alone\n",
				proof.elapsed.as_secs_f64(),
				proof.rate() / TERA,
				100.0 * proof.rate() / self.plain_rate,
				self.plain_rate / TERA,
			),
			spent("generation", proof.generation),
			spent("products", proof.products),
			spent("hashing", proof.hashing),
			format!(
				"openings    {} hold; shown in {:.3} s, checked in {:.3} s\n",
				parameters.openings,
				self.open.as_secs_f64(),
				self.check.as_secs_f64(),
			),
		]
		.concat()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::num::NonZeroUsize;

	fn args(m: u32, k: u32) -> ProveArgs {
		ProveArgs { m, n: 64, k, rounds: 2, threads: NonZeroUsize::new(2), gpu: false }
	}

	#[test]
	fn a_drill_is_proven_and_reported_line_by_line() {
		let text = run(&args(48, 256), &Progress::plain()).unwrap().text();
		let names: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
		assert_eq!(
			names,
			["product", "engine", "commitment", "proven", "generation", "products", "hashing", "openings"]
		);
		assert!(text.contains("48 x 64 x 256, 2 rounds, 1 device(s)") && text.contains("2 unit(s)"), "{text}");
	}

	#[test]
	fn no_two_drills_are_the_same() {
		assert_ne!(random(b"nonce"), random(b"nonce"));
	}

	#[test]
	fn parameters_out_of_bounds_are_refused() {
		let refused = |args| match run(&args, &Progress::plain()) {
			Err(ProveError::Parameters(error)) => error,
			other => panic!("{other:?}"),
		};
		assert_eq!(refused(args(40, 256)), ParametersError::Sides);
		assert_eq!(refused(args(48, 100)), ParametersError::Depth);
	}
}
