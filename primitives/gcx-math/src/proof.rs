//! Proof of compute: a matrix product that follows from a seed, and what the chain checks of it.
//!
//! Whoever is drawn multiplies integer matrices, commits to all results by one hash, and shows a few of them that are
//! drawn afterwards. Who checks computes those few alone: `2 · depth` entries of the matrices and `depth` products for
//! one cell, against `rows · columns · depth` products of the whole. This module is what both sides have to agree on,
//! bit for bit. When a draw happens, how long an answer may take and what comes of it is not its matter.
//!
//! # The computation
//!
//! `H` is BLAKE2b-256; `‖` joins fixed-size fields, numbers little endian; tags are ASCII.
//!
//! 1. **Seed of a device** `S₀ = H("gcx/proof/device/1" ‖ genesis ‖ class ‖ resource ‖ device ‖ roll-call ‖ nonce ‖ rows
//!    ‖ columns ‖ depth ‖ tile ‖ rounds)`, every number as 32 bits: [`Draw::seed`].
//! 2. **Matrices of a round** with the seed `S`: `A` of `rows × depth` and `B` of `depth × columns`, both generated along
//!    the depth. A row of `A` and a column of `B` are a [`Line`]: two 64-bit keys are the first half of `H("gcx/proof/line/1"
//!    ‖ S ‖ side ‖ index)`, with the side one byte, 0 for `A` and 1 for `B`. Eight entries that follow each other are a
//!    word of the mixer below, the lowest byte first, as signed bytes, with zero in place of −128.
//! 3. **The product** `C = A · B`, exact in 32-bit integers: `127² · 2¹⁷ < 2³¹`.
//! 4. **Tiles** of `tile × tile` cells, ordered by rows of tiles. A tile's leaf is `H("gcx/proof/tile/1" ‖ cells)`, the
//!    cells row by row, 32 bits each. The round's root is the [`merkle`] root over all tiles.
//! 5. **Chained rounds.** `S_r = H("gcx/proof/seed/1" ‖ S₀ ‖ r ‖ root of round r − 1)`: no round can begin before the one
//!    before it is committed to.
//! 6. **Commitment**: the Merkle root over the leaves `H("gcx/proof/round/1" ‖ root of round r)`.
//! 7. **A resource's commitment**: that over its devices, which is [`Fleet`]'s.
//!
//! # The mixer
//!
//! A word is the finaliser of SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, OOPSLA
//! 2014; its constants are David Stafford's "Mix13"): of the entries at the depths from `8 · i` on it is that of `first key + i · γ`
//! with γ = 0x9e3779b97f4a7c15, the second key being xored in after its first multiplication. The seeded solve has the
//! same. The second key keeps lines apart whose first keys are a few steps from each other. Each entry can be computed
//! alone.
//!
//! It is no cipher and need not be one: the seed is known to all, and who tries roots until it likes the seed that follows
//! gains nothing that it could know of. What has to hold is that no product can be had without computing it: rows that are no
//! combination of others, nothing in common between two seeds, no structure along a line.
//!
//! Values ±1 to ±127 are equally likely, and zero is twice as likely: eight entries of a word then have a mean of exactly
//! zero, and none is −128, whose square would overflow the sum at the greatest depth.
//!
//! # What an opening shows
//!
//! An [`Opening`] brings the tile that a drawn cell is in, its path to the round's root, the path from there to the
//! commitment, and the root of the round before with its path, from which the seed follows. [`Claim::check`] recomputes a
//! square of [`patch`](RawParameters::patch) cells a side around the drawn one: from the cell alone to the whole tile.
//!
//! A drawn cell is as likely to be wrong as the share ε of cells that are: `s` cells miss it with `(1 − ε)^s` at most,
//! whatever the patch, and a cell is the least that can be left out. A larger patch multiplies the products by the square
//! of its side and finds besides who computes parts of each tile.
//!
//! It shows that somebody computed these cells between the seed and the commitment. It does not show on which hardware or
//! where, nor that the sums were taken in integers, as long as they are exact.

mod cost;
mod fleet;
mod matrix;
pub mod merkle;
mod opening;
mod parameters;
pub mod reference;
mod seed;

pub use cost::Cost;
pub use fleet::{device_leaf, DeviceCell, DeviceOpening, Fleet, MAX_DEVICE_PATH};
pub use matrix::{dot, Line, Side, BLOCK};
pub use opening::{round_leaf, tile_leaf, Cell, Claim, Opening, OpeningError, Path, PreviousRound};
pub use parameters::{
	Parameters, ParametersError, RawParameters, DEPTH_STEP, MAX_DEPTH, MAX_ENTRIES, MAX_OPENINGS, MAX_PATCH_PRODUCTS,
	MAX_ROUNDS, MAX_ROUND_PATH, MAX_SIDE, MAX_TILE, MAX_TILES, MAX_TILE_PATH, MIN_TILE,
};
pub use seed::{round_seed, Draw};

/// A BLAKE2b-256 hash.
pub type Hash = [u8; 32];

/// How BLAKE2b-256 is computed: by the node's host function on the chain, by a library elsewhere. Any other function comes to
/// other matrices and other commitments.
pub type Blake2b256 = fn(&[u8]) -> Hash;
