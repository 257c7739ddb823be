//! Machines that do whole rounds by themselves.

use gcx_math::proof::{Hash, Parameters};
use std::{sync::Arc, time::Duration};
use thiserror::Error;

/// Why an accelerator did nothing.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AcceleratorError {
	/// There is none here, or nothing to use it by.
	#[error("there is no GPU to be used: {0}")]
	Missing(String),
	/// It is there, and failed.
	#[error("{name}: {cause}")]
	Failed {
		/// Which one.
		name: String,
		/// What went wrong, in its own words.
		cause: String,
	},
}

/// A round that an accelerator did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoundDone {
	/// The root over the round's tiles.
	pub root: Hash,
	/// The leaves of the tiles in their order, if they were asked for.
	pub leaves: Option<Vec<Hash>>,
	/// How long it generated entries.
	pub generation: Duration,
	/// How long it multiplied.
	pub products: Duration,
	/// How long it hashed tiles and the nodes over them.
	pub hashing: Duration,
}

/// A machine that does a round by itself, bit for bit the one of the reference prover. Calls from several threads wait for each other.
pub trait Accelerator: Send + Sync {
	/// For people.
	fn name(&self) -> String;

	/// Does the round of a seed, and hands out the leaves if they are asked for.
	///
	/// # Errors
	/// The machine failed, or has too little memory for such a round.
	fn round(&self, parameters: &Parameters, seed: &Hash, leaves: bool) -> Result<RoundDone, AcceleratorError>;

	/// How long the products of a round take alone, without generating entries and without hashing.
	///
	/// # Errors
	/// As [`round`](Self::round).
	fn plain(&self, parameters: &Parameters) -> Result<Duration, AcceleratorError>;
}

/// All GPUs of this machine, of which there is one at least.
///
/// # Errors
/// There is none, a library is not found, this program was built without the feature `cuda`, or one of the GPUs cannot be used.
pub fn gpus() -> Result<Vec<Arc<dyn Accelerator>>, AcceleratorError> {
	#[cfg(feature = "cuda")]
	let gpus = crate::cuda::gpus();
	#[cfg(not(feature = "cuda"))]
	let gpus = Err(AcceleratorError::Missing("this program was built without the feature `cuda`".into()));
	gpus
}
