//! What a check costs, exactly: weights are made of it.

use super::{
	merkle::{path_length, NODE_BYTES},
	Cell, Parameters,
};
use codec::{Compact, CompactLen};

/// Bytes of a hash.
const HASH_BYTES: u64 = 32;
/// Bytes that BLAKE2b takes in at a time.
const HASH_BLOCK_BYTES: u64 = 128;

/// What has to be done to check openings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cost {
	/// Entries of the matrices that are generated.
	pub entries: u64,
	/// Products that are added up.
	pub products: u64,
	/// Calls of the hash function.
	pub hashes: u64,
	/// Blocks of 128 bytes that it takes in, those begun included.
	pub hash_blocks: u64,
	/// Bytes of the encoded openings.
	pub bytes: u64,
}

impl Cost {
	/// This, and what it takes to see that the device is one of the resource's: its leaf, its seed, and a path of so many hashes.
	pub(super) fn with_device(self, path: u32) -> Self {
		let hashes = 2 + u64::from(path);
		Self {
			hashes: self.hashes + hashes,
			hash_blocks: self.hash_blocks + hashes,
			bytes: self.bytes + HASH_BYTES + path_bytes(path),
			..self
		}
	}

	/// So many times this.
	fn times(self, times: u64) -> Self {
		Self {
			entries: self.entries * times,
			products: self.products * times,
			hashes: self.hashes * times,
			hash_blocks: self.hash_blocks * times,
			bytes: self.bytes * times,
		}
	}
}

impl Parameters {
	/// What [`super::Claim::check`] of an opening that holds costs; none if there is no such cell. With a patch of `p`, tiles of `t`,
	/// a depth of `d`, and paths of `x` hashes from the tile, `y` from the round and `z` from the round before:
	///
	/// - `2 · p · d` entries and `p² · d` products;
	/// - `2 · p` hashes for keys, `1 + x` for the tile and `1 + y` for the round, and `2 + z` for the round before, if there is
	///   one. Each is of one block of 128 bytes but that of the tile, which is of `16 + 4 · t²` bytes;
	/// - `4 · t²` bytes, `32` for each hash of a path, `32` for the root of the round before, one that says whether there is a
	///   round before, and the lengths of the lists in SCALE.
	pub fn opening_cost(&self, cell: &Cell) -> Option<Cost> {
		if !self.has(cell) {
			return None;
		}
		let [patch, depth, tile_cells] = [self.patch, self.depth, self.tile_cells()].map(u64::from);
		let tile_path = path_length(self.tiles(), cell.tile(self));
		let round_path = path_length(self.rounds, cell.round);
		let previous_path = cell.round.checked_sub(1).map(|before| path_length(self.rounds, before));
		let hashes = 2 * patch
			+ 1 + u64::from(tile_path)
			+ 1 + u64::from(round_path)
			+ previous_path.map_or(0, |path| 2 + u64::from(path));
		let tile_bytes = 16 + 4 * tile_cells;
		Some(Cost {
			entries: 2 * patch * depth,
			products: patch * patch * depth,
			hashes,
			hash_blocks: hashes - 1 + tile_bytes.div_ceil(HASH_BLOCK_BYTES),
			bytes: list_bytes(self.tile_cells(), 4)
				+ path_bytes(tile_path)
				+ path_bytes(round_path)
				+ 1 + previous_path.map_or(0, |path| HASH_BYTES + path_bytes(path)),
		})
	}

	/// What checking all openings of a device costs at most: each at a cell whose paths are the longest. The seed of the device and
	/// the draw of the cells, one hash each, are not in it.
	pub fn check_cost(&self) -> Cost {
		// The first tile has a path of full length, and so have the first two rounds.
		let worst = Cell { round: 1.min(self.rounds - 1), row: 0, column: 0 };
		self.opening_cost(&worst).unwrap_or_default().times(self.openings.into())
	}
}

/// Bytes of a list in SCALE.
fn list_bytes(items: u32, item_bytes: u64) -> u64 {
	Compact::<u32>::compact_len(&items) as u64 + u64::from(items) * item_bytes
}

/// Bytes of a path in SCALE.
fn path_bytes(hashes: u32) -> u64 {
	list_bytes(hashes, HASH_BYTES)
}

const _: () = assert!(NODE_BYTES as u64 <= HASH_BLOCK_BYTES);
