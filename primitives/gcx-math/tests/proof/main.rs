//! Proof of compute: what passes, what does not, what it costs, and what the entries of the matrices look like.

mod adversary;
mod cost;
mod entries;
mod fleet;
mod merkle;
mod openings;
mod parameters;
mod sampled;
mod vectors;

use gcx_math::proof::{Claim, Draw, Hash, Parameters, RawParameters};
use gcx_primitives::{ClassId, ResourceId};
use sp_crypto_hashing::blake2_256;

/// A computation of 24 tiles and 3 rounds: neither is a power of two.
const SMALL: RawParameters =
	RawParameters { rows: 48, columns: 32, depth: 192, tile: 8, patch: 8, rounds: 3, openings: 8 };
/// What a GPU of 1,000 INT8 TOPS begins with.
const GPU: RawParameters =
	RawParameters { rows: 16_384, columns: 16_384, depth: 131_072, tile: 16, patch: 1, rounds: 512, openings: 16 };
/// What a CPU of 0.5 INT8 TOPS begins with.
const CPU: RawParameters = RawParameters { rows: 2_048, columns: 2_048, rounds: 16, ..GPU };

const DRAW: Draw =
	Draw { genesis: [1; 32], class: ClassId(2), resource: ResourceId(3), device: 4, roll_call: 5, nonce: [6; 32] };

fn checked(raw: RawParameters) -> Parameters {
	raw.try_into().expect("within all bounds")
}

fn claim(parameters: &Parameters, seed: Hash, commitment: Option<Hash>) -> Claim<'_> {
	Claim { parameters, seed, commitment: commitment.expect("there is a round") }
}

/// The seed of [`DRAW`].
fn seed(parameters: &Parameters) -> Hash {
	DRAW.seed(parameters, blake2_256)
}
