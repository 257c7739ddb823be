//! Machines that do whole rounds by themselves.

use gcx_math::proof::{Hash, Parameters};
use std::{sync::Arc, time::Duration};
use thiserror::Error;

/// An accelerator failed, in its own words.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{name}: {cause}")]
pub struct AcceleratorError {
	/// Which one.
	pub name: String,
	/// What went wrong.
	pub cause: String,
}

/// A round that an accelerator did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Done {
	/// The root over the round's tiles.
	pub root: Hash,
	/// How long it generated entries.
	pub generation: Duration,
	/// How long it multiplied.
	pub products: Duration,
	/// How long it hashed tiles and the nodes over them.
	pub hashing: Duration,
}

/// A machine that does a round by itself and keeps nothing of it but the root: it is faster at doing a round again than a host is at keeping it.
///
/// What it comes to is what the reference prover comes to, bit for bit. Calls from several threads wait for each other.
pub trait Accelerator: Send + Sync {
	/// For people.
	fn name(&self) -> String;

	/// Does the round of a seed.
	///
	/// # Errors
	/// The machine failed, or has too little memory for such a round.
	fn round(&self, parameters: &Parameters, seed: &Hash) -> Result<Done, AcceleratorError>;

	/// Does the round of a seed, and hands out the leaves of its tiles, in their order.
	///
	/// # Errors
	/// As [`round`](Self::round).
	fn leaves(&self, parameters: &Parameters, seed: &Hash) -> Result<Vec<Hash>, AcceleratorError>;

	/// How long the products of a round take alone, without generating entries and without hashing.
	///
	/// # Errors
	/// As [`round`](Self::round).
	fn plain(&self, parameters: &Parameters) -> Result<Duration, AcceleratorError>;
}

/// All GPUs of this machine that can do rounds.
///
/// # Errors
/// One of them cannot be used, or a library is missing, or this program was built without the feature `cuda`.
pub fn gpus() -> Result<Vec<Arc<dyn Accelerator>>, AcceleratorError> {
	#[cfg(feature = "cuda")]
	let gpus = crate::cuda::Gpu::all();
	#[cfg(not(feature = "cuda"))]
	let gpus = Err(AcceleratorError {
		name: "GPUs".into(),
		cause: "this program was built without them; build it with the feature `cuda`".into(),
	});
	gpus
}
