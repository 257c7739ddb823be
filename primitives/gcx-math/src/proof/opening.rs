//! Which cells are drawn, what is shown of them, and whether it holds.

use super::{
	matrix::{self, Line, Side},
	merkle::{self, NoSuchPath},
	parameters::{MAX_ROUND_PATH, MAX_TILE, MAX_TILE_PATH},
	round_seed, Blake2b256, Hash, Parameters,
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

const TILE_TAG: &[u8; 16] = b"gcx/proof/tile/1";
const ROUND_TAG: &[u8; 17] = b"gcx/proof/round/1";

/// A cell of a round's product.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Cell {
	/// The round, from zero on.
	pub round: u32,
	/// Its row.
	pub row: u32,
	/// Its column.
	pub column: u32,
}

/// A Merkle path of at most so many hashes.
pub type Path<const HASHES: u32> = BoundedVec<Hash, ConstU32<HASHES>>;

/// The round before that of a drawn cell: the cell's matrices follow from its root.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct PreviousRound {
	/// Its root.
	pub root: Hash,
	/// From there to the commitment.
	pub path: Path<MAX_ROUND_PATH>,
}

/// What is shown of a drawn cell.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Opening {
	/// The cells of its tile, row by row.
	pub tile: BoundedVec<i32, ConstU32<{ MAX_TILE * MAX_TILE }>>,
	/// From the tile to the root of its round.
	pub tile_path: Path<MAX_TILE_PATH>,
	/// From there to the commitment.
	pub round_path: Path<MAX_ROUND_PATH>,
	/// The round before. None in the first one.
	pub previous: Option<PreviousRound>,
}

/// Why an opening does not hold. In the order in which it is found: what is cheap to see comes first.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub enum OpeningError {
	/// The computation has no such cell, or the resource no such device.
	NoSuchCell,
	/// The path of a device is longer or shorter than it can be.
	DevicePath,
	/// What is shown of a device is not what the resource committed to in this place.
	DeviceNotCommitted,
	/// The tile has more or fewer cells than a tile has.
	TileSize,
	/// The round before is shown of a cell in the first round, or it is not shown of one in a later round.
	PreviousRound,
	/// The path of the tile is longer or shorter than it can be.
	TilePath,
	/// A path of a round is longer or shorter than it can be.
	RoundPath,
	/// What is shown of the round before is not what was committed to.
	PreviousNotCommitted,
	/// The tile is not what was committed to in this place.
	NotCommitted,
	/// A cell is not the sum of the products.
	WrongProduct,
}

/// The leaf of a tile.
pub fn tile_leaf(cells: &[i32], hash: Blake2b256) -> Hash {
	let mut bytes = Vec::with_capacity(TILE_TAG.len() + size_of_val(cells));
	bytes.extend_from_slice(TILE_TAG);
	bytes.extend(cells.iter().flat_map(|cell| cell.to_le_bytes()));
	hash(&bytes)
}

/// The leaf of a round.
pub fn round_leaf(root: &Hash, hash: Blake2b256) -> Hash {
	hash(&(ROUND_TAG, root).encode())
}

impl Cell {
	/// The index of its tile.
	pub fn tile(&self, parameters: &Parameters) -> u32 {
		(self.row / parameters.tile) * parameters.tiles_across() + self.column / parameters.tile
	}
}

/// One number of each of so many equal parts of the numbers below `all`, which is at most 2⁵⁴. Costs one hash each.
pub(super) fn drawn_numbers(
	seed: &Hash,
	randomness: &Hash,
	all: u64,
	parts: u32,
	hash: Blake2b256,
) -> impl Iterator<Item = u64> {
	let subject = (*seed, *randomness);
	(0..parts).map(move |part| {
		let [from, to] = [part, part + 1].map(|bound| u128::from(all) * u128::from(bound) / u128::from(parts));
		let digest = hash(&(b"gcx/proof/cell/1", subject, part).encode());
		let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = digest;
		let word = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
		// Below `all`.
		(from + ((u128::from(word) * (to - from)) >> 64)) as u64
	})
}

/// What a device says it did: that the commitment is the one of the computation which follows from its seed.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
	/// The computation.
	pub parameters: &'a Parameters,
	/// The seed of the device: [`super::Draw::seed`].
	pub seed: Hash,
	/// The root over the roots of all rounds.
	pub commitment: Hash,
}

impl Claim<'_> {
	/// The cells that are drawn by randomness which nobody knew when the commitment was made: as many as the parameters say, one of
	/// each equal part of all rounds' cells, in this order. Costs one hash each.
	///
	/// Within its part each cell is equally likely but for 2⁻²⁰ of its share. If ε is the share of cells that are wrong, at least one
	/// of `s` is drawn with probability `1 − (1 − ε)^s` or more: parts of equal size make the product of what each misses
	/// no greater than with draws over all (the inequality of the arithmetic and the geometric mean).
	pub fn drawn_cells(&self, randomness: &Hash, hash: Blake2b256) -> Vec<Cell> {
		let parameters = self.parameters;
		drawn_numbers(&self.seed, randomness, parameters.cells(), parameters.openings, hash)
			.map(|number| parameters.cell(number))
			.collect()
	}

	/// Whether an opening of a cell holds. It costs what [`Parameters::opening_cost`] says at most, and that if it holds.
	///
	/// # Errors
	/// The first [`OpeningError`] that is found.
	pub fn check(&self, cell: &Cell, opening: &Opening, hash: Blake2b256) -> Result<(), OpeningError> {
		let parameters = self.parameters;
		if !parameters.has(cell) {
			return Err(OpeningError::NoSuchCell);
		}
		if usize::try_from(parameters.tile_cells()) != Ok(opening.tile.len()) {
			return Err(OpeningError::TileSize);
		}
		if opening.previous.is_some() != (cell.round > 0) {
			return Err(OpeningError::PreviousRound);
		}
		let seed = match &opening.previous {
			None => self.seed,
			Some(previous) => {
				let before = cell.round - 1;
				if self.over_rounds(before, &previous.root, &previous.path, hash)? != self.commitment {
					return Err(OpeningError::PreviousNotCommitted);
				}
				round_seed(&self.seed, cell.round, &previous.root, hash)
			},
		};
		let leaf = tile_leaf(&opening.tile, hash);
		let root = merkle::climb(leaf, cell.tile(parameters), parameters.tiles(), &opening.tile_path, hash)
			.map_err(|NoSuchPath| OpeningError::TilePath)?;
		if self.over_rounds(cell.round, &root, &opening.round_path, hash)? != self.commitment {
			return Err(OpeningError::NotCommitted);
		}
		if !self.products_hold(cell, &opening.tile, &seed, hash) {
			return Err(OpeningError::WrongProduct);
		}
		Ok(())
	}

	/// The commitment that a round's root leads to.
	fn over_rounds(&self, round: u32, root: &Hash, path: &[Hash], hash: Blake2b256) -> Result<Hash, OpeningError> {
		merkle::climb(round_leaf(root, hash), round, self.parameters.rounds, path, hash)
			.map_err(|NoSuchPath| OpeningError::RoundPath)
	}

	/// Whether the patch around a cell is the product of its matrices.
	fn products_hold(&self, cell: &Cell, tile: &[i32], seed: &Hash, hash: Blake2b256) -> bool {
		let (edge, patch) = (self.parameters.tile, self.parameters.patch);
		let [top, left] = [cell.row, cell.column].map(|at| at - at % patch);
		let lines = |side, from: u32| -> Vec<_> {
			(from..from + patch).map(|index| Line::new(seed, side, index, hash)).collect()
		};
		let products = matrix::cells(&lines(Side::Left, top), &lines(Side::Right, left), self.parameters.depth);
		let shown = (0..patch).flat_map(|row| {
			let from = ((top + row) % edge * edge + left % edge) as usize;
			tile.iter().skip(from).take(patch as usize)
		});
		products.iter().eq(shown)
	}
}
