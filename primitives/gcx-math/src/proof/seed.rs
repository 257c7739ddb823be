//! What a computation follows from.

use super::{Blake2b256, Hash, Parameters};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ClassId, ResourceId};
use scale_info::TypeInfo;

/// A device in a roll-call. Two that differ in anything have nothing in common.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Draw {
	/// The hash of the chain's first block.
	pub genesis: Hash,
	/// The class of the resource.
	pub class: ClassId,
	/// The resource.
	pub resource: ResourceId,
	/// Which of its devices, from zero on.
	pub device: u32,
	/// The roll-call.
	pub roll_call: u32,
	/// What nobody knew before the roll-call.
	pub nonce: Hash,
}

impl Draw {
	/// The seed of the device, which is that of its first round.
	pub fn seed(&self, parameters: &Parameters, hash: Blake2b256) -> Hash {
		let computation = (parameters.rows, parameters.columns, parameters.depth, parameters.tile, parameters.rounds);
		hash(&(b"gcx/proof/device/1", self, computation).encode())
	}
}

/// The seed of a round after the first: of the device's seed, the round, and the root of the round before.
pub fn round_seed(device_seed: &Hash, round: u32, previous: &Hash, hash: Blake2b256) -> Hash {
	hash(&(b"gcx/proof/seed/1", device_seed, round, previous).encode())
}
