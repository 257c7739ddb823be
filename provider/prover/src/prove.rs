//! All rounds, the commitment, and what is shown of it.

use crate::{
	product::Workshop,
	report::{Clock, Report},
	tree::Tree,
	Kernel,
};
use gcx_math::proof::{
	dot, round_leaf, round_seed, tile_leaf, Cell, Draw, Hash, Line, Opening, Parameters, PreviousRound, Side, BLOCK,
};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::time::Instant;
use thiserror::Error;

/// Why a cell cannot be shown.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum OpenError {
	/// The computation has none there.
	#[error("the computation has no cell at round {}, row {}, column {}", .0.round, .0.row, .0.column)]
	NoSuchCell(Cell),
	/// Its tile came to something else when it was committed to.
	#[error(
		"the tile of the cell at round {}, row {}, column {} came out differently the second time: this machine computes wrongly",
		.0.round, .0.row, .0.column
	)]
	Differs(Cell),
}

/// A computation that was done: its commitment, and all hashes under it. The products themselves are not kept.
pub struct Proof {
	parameters: Parameters,
	seed: Hash,
	rounds: Vec<Tree>,
	over_rounds: Tree,
	report: Report,
}

/// A device as far as it has come.
pub(crate) struct Device {
	seed: Hash,
	rounds: Vec<Tree>,
}

impl Device {
	/// One with no round yet.
	pub(crate) const fn new(seed: Hash) -> Self {
		Self { seed, rounds: Vec::new() }
	}

	/// Rounds that were done.
	pub(crate) fn done(&self) -> u32 {
		self.rounds.len() as u32
	}

	/// Does the next round. `step` is called after each slice of it.
	pub(crate) fn round(&mut self, workshop: &mut Workshop, clock: &Clock, step: impl FnMut()) {
		let seed = seed_of_round(&self.seed, self.done(), self.rounds.last());
		let leaves = workshop.leaves(&seed, clock, step);
		self.rounds.push(clock.hashing.of(|| Tree::over(leaves)));
	}

	/// What it committed to. `parameters` are of as many rounds as it did.
	pub(crate) fn finish(self, parameters: Parameters, report: Report) -> Proof {
		let Self { seed, rounds } = self;
		let over_rounds = Tree::over(rounds.iter().map(|round| round_leaf(&round.root(), blake2_256)).collect());
		Proof { parameters, seed, rounds, over_rounds, report }
	}
}

/// Computes all rounds of a device, on all threads of the current [`rayon`] pool. `step` is told after each of [`steps`](crate::steps) how many are done.
pub fn prove(parameters: &Parameters, draw: &Draw, kernel: Kernel, mut step: impl FnMut(u64)) -> Proof {
	let began = Instant::now();
	let clock = Clock::default();
	let mut device = Device::new(draw.seed(parameters, blake2_256));
	let mut workshop = Workshop::new(*parameters, kernel);
	let mut steps = 0;
	for _ in 0..parameters.rounds {
		device.round(&mut workshop, &clock, || {
			steps += 1;
			step(steps);
		});
	}
	device.finish(*parameters, Report::new(kernel, parameters.operations(), began.elapsed(), &clock))
}

/// Operations per second of the products of one round alone: the same kernel, threads and shape, without generating entries and without hashing. What a
/// [`Report`] is held against, since processors do not say what their peak is.
pub fn plain_rate(parameters: &Parameters, kernel: Kernel) -> f64 {
	let operations = parameters.operations() as f64 / f64::from(parameters.rounds);
	operations / Workshop::new(*parameters, kernel).plain(&[0; 32]).as_secs_f64()
}

/// The seed of a round, from the one before if there is one.
fn seed_of_round(seed: &Hash, round: u32, previous: Option<&Tree>) -> Hash {
	previous.map_or(*seed, |previous| round_seed(seed, round, &previous.root(), blake2_256))
}

impl Proof {
	/// The root over the roots of all rounds.
	pub fn commitment(&self) -> Hash {
		self.over_rounds.root()
	}

	/// The seed of the device.
	pub const fn seed(&self) -> Hash {
		self.seed
	}

	/// What it took.
	pub const fn report(&self) -> &Report {
		&self.report
	}

	/// What there is to show of some cells, in their order. The tile of each is computed again: `2 · tile · depth` entries and `tile² · depth` products.
	///
	/// # Errors
	/// See [`OpenError`].
	pub fn open(&self, cells: &[Cell]) -> Result<Vec<Opening>, OpenError> {
		cells.par_iter().map(|cell| self.opening(cell)).collect()
	}

	pub(crate) fn opening(&self, cell: &Cell) -> Result<Opening, OpenError> {
		let tile = self.tile(cell).ok_or(OpenError::NoSuchCell(*cell))?;
		let (round, index) = (self.round(cell.round), cell.tile(&self.parameters));
		if round.and_then(|round| round.leaf(index)) != Some(&tile_leaf(&tile, blake2_256)) {
			return Err(OpenError::Differs(*cell));
		}
		self.shown(cell, tile).ok_or(OpenError::NoSuchCell(*cell))
	}

	/// A tile with its paths. Those are in bounds, since the parameters are.
	fn shown(&self, cell: &Cell, tile: Vec<i32>) -> Option<Opening> {
		let previous = match cell.round.checked_sub(1) {
			None => None,
			Some(before) => Some(PreviousRound {
				root: self.round(before)?.root(),
				path: self.over_rounds.path(before).try_into().ok()?,
			}),
		};
		Some(Opening {
			tile: tile.try_into().ok()?,
			tile_path: self.round(cell.round)?.path(cell.tile(&self.parameters)).try_into().ok()?,
			round_path: self.over_rounds.path(cell.round).try_into().ok()?,
			previous,
		})
	}

	fn round(&self, round: u32) -> Option<&Tree> {
		self.rounds.get(round as usize)
	}

	/// The tile of a cell, row by row, by another way than the first time: without any kernel. None if there is no such cell.
	fn tile(&self, cell: &Cell) -> Option<Vec<i32>> {
		if !self.parameters.has(cell) {
			return None;
		}
		let previous = cell.round.checked_sub(1).and_then(|before| self.round(before));
		let seed = seed_of_round(&self.seed, cell.round, previous);
		let edge = self.parameters.tile;
		let lines = |side, of: u32| -> Vec<Line> {
			let from = of - of % edge;
			(from..from + edge).map(|index| Line::new(&seed, side, index, blake2_256)).collect()
		};
		let [rows, columns] = [lines(Side::Left, cell.row), lines(Side::Right, cell.column)];
		let mut cells = vec![0; self.parameters.tile_cells() as usize];
		let mut right = vec![[0; BLOCK]; columns.len()];
		for block in 0..self.parameters.depth / BLOCK as u32 {
			for (entries, line) in right.iter_mut().zip(&columns) {
				line.write_block(block, entries);
			}
			for (line, cells) in rows.iter().zip(cells.chunks_exact_mut(columns.len())) {
				let left = line.block(block);
				for (cell, right) in cells.iter_mut().zip(&right) {
					*cell += dot(&left, right);
				}
			}
		}
		Some(cells)
	}
}
