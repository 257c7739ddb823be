//! An honest prover without any haste: the schoolbook product, everything kept. Fast provers are held against it, and what a
//! dishonest one could show is made with it.

use super::{
	merkle, round_leaf, round_seed, tile_leaf, Blake2b256, Cell, Hash, Line, Opening, Parameters, PreviousRound, Side,
};
use alloc::vec::Vec;

/// The product of a round, row by row. Entry by entry, so `rows · columns · depth` times two words of the mixer.
pub fn product(parameters: &Parameters, seed: &Hash, hash: Blake2b256) -> Vec<i32> {
	let columns: Vec<_> = (0..parameters.columns).map(|column| Line::new(seed, Side::Right, column, hash)).collect();
	let mut cells = Vec::new();
	for row in 0..parameters.rows {
		let left = Line::new(seed, Side::Left, row, hash);
		for right in &columns {
			let mut sum = 0_i32;
			for depth in 0..parameters.depth {
				sum += i32::from(left.entry(depth)) * i32::from(right.entry(depth));
			}
			cells.push(sum);
		}
	}
	cells
}

/// A round that was committed to.
#[derive(Clone, Debug)]
struct Round {
	tiles: Vec<Vec<i32>>,
	leaves: Vec<Hash>,
	root: Hash,
}

/// What a device computed, round by round, and what it can show of it.
#[derive(Clone, Debug)]
pub struct Transcript {
	parameters: Parameters,
	seed: Hash,
	hash: Blake2b256,
	rounds: Vec<Round>,
}

impl Transcript {
	/// One with no round yet, of a device's seed.
	pub fn new(parameters: Parameters, seed: Hash, hash: Blake2b256) -> Self {
		Self { parameters, seed, hash, rounds: Vec::new() }
	}

	/// The whole computation.
	pub fn honest(parameters: Parameters, seed: Hash, hash: Blake2b256) -> Self {
		let mut transcript = Self::new(parameters, seed, hash);
		for _ in 0..parameters.rounds {
			transcript.push(&product(&parameters, &transcript.next_seed(), hash));
		}
		transcript
	}

	/// The seed of the round that comes next.
	pub fn next_seed(&self) -> Hash {
		let round = self.rounds.len() as u32;
		self.rounds.last().map_or(self.seed, |last| round_seed(&self.seed, round, &last.root, self.hash))
	}

	/// Commits to what is said to be the product of the next round, row by row. Cells that are not given are zero.
	pub fn push(&mut self, product: &[i32]) {
		let edge = self.parameters.tile;
		let at = |row: u32, column: u32| {
			let place = row as usize * self.parameters.columns as usize + column as usize;
			product.get(place).copied().unwrap_or(0)
		};
		let tile = |tile: u32| -> Vec<i32> {
			let [top, left] = [tile / self.parameters.tiles_across(), tile % self.parameters.tiles_across()];
			(0..edge * edge).map(|cell| at(top * edge + cell / edge, left * edge + cell % edge)).collect()
		};
		let tiles: Vec<_> = (0..self.parameters.tiles()).map(tile).collect();
		let leaves: Vec<_> = tiles.iter().map(|tile| tile_leaf(tile, self.hash)).collect();
		let root = merkle::root(&leaves, self.hash).unwrap_or_default();
		self.rounds.push(Round { tiles, leaves, root });
	}

	/// The root over the rounds so far; none before the first.
	pub fn commitment(&self) -> Option<Hash> {
		merkle::root(&self.round_leaves(), self.hash)
	}

	/// What there is to show of a cell; none if the computation has no such cell, or has not come to its round.
	pub fn open(&self, cell: &Cell) -> Option<Opening> {
		if !self.parameters.has(cell) {
			return None;
		}
		let round = self.rounds.get(usize::try_from(cell.round).ok()?)?;
		let tile = cell.tile(&self.parameters);
		let previous = match cell.round.checked_sub(1) {
			None => None,
			Some(before) => Some(PreviousRound {
				root: self.rounds.get(usize::try_from(before).ok()?)?.root,
				path: self.round_path(before)?.try_into().ok()?,
			}),
		};
		Some(Opening {
			tile: round.tiles.get(usize::try_from(tile).ok()?)?.clone().try_into().ok()?,
			tile_path: merkle::path(&round.leaves, tile, self.hash)?.try_into().ok()?,
			round_path: self.round_path(cell.round)?.try_into().ok()?,
			previous,
		})
	}

	fn round_leaves(&self) -> Vec<Hash> {
		self.rounds.iter().map(|round| round_leaf(&round.root, self.hash)).collect()
	}

	fn round_path(&self, round: u32) -> Option<Vec<Hash>> {
		merkle::path(&self.round_leaves(), round, self.hash)
	}
}
