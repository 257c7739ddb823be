//! All rounds, the commitment, and what is shown of it.

use crate::{
	accelerator::{Accelerator, AcceleratorError},
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
use std::{borrow::Cow, sync::Arc, time::Instant};
use thiserror::Error;

/// Why a cell cannot be shown.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
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
	/// The accelerator that did the round cannot do it again.
	#[error(transparent)]
	Accelerator(#[from] AcceleratorError),
}

/// A round that was done. The products themselves are not kept.
enum Round {
	/// With all hashes over its tiles.
	Kept(Tree),
	/// By an accelerator, which does it again when something of it is shown: the root alone.
	Root(Hash),
}

impl Round {
	fn root(&self) -> Hash {
		match self {
			Self::Kept(tree) => tree.root(),
			Self::Root(root) => *root,
		}
	}
}

/// A computation that was done: its commitment, and what is kept under it.
pub struct Proof {
	parameters: Parameters,
	device: Device,
	over_rounds: Tree,
	report: Report,
}

/// A device as far as it has come.
pub(crate) struct Device {
	seed: Hash,
	rounds: Vec<Round>,
	/// What does its rounds, if that is not this processor.
	accelerator: Option<Arc<dyn Accelerator>>,
}

impl Device {
	/// One with no round yet.
	pub(crate) const fn new(seed: Hash, accelerator: Option<Arc<dyn Accelerator>>) -> Self {
		Self { seed, rounds: Vec::new(), accelerator }
	}

	/// Rounds that were done.
	pub(crate) fn done(&self) -> u32 {
		self.rounds.len() as u32
	}

	/// Does the next round on this processor. `step` is called after each slice of it.
	pub(crate) fn round(&mut self, workshop: &mut Workshop, clock: &Clock, step: impl FnMut()) {
		let leaves = workshop.leaves(&self.seed_of(self.done()), clock, step);
		self.rounds.push(Round::Kept(clock.hashing.of(|| Tree::over(leaves))));
	}

	/// Does the next round on the device's accelerator. False, and nothing is done, if it has none.
	pub(crate) fn accelerated_round(
		&mut self,
		parameters: &Parameters,
		clock: &Clock,
	) -> Result<bool, AcceleratorError> {
		let Some(accelerator) = &self.accelerator else { return Ok(false) };
		let done = accelerator.round(parameters, &self.seed_of(self.done()))?;
		clock.generation.add(done.generation);
		clock.products.add(done.products);
		clock.hashing.add(done.hashing);
		self.rounds.push(Round::Root(done.root));
		Ok(true)
	}

	/// What it committed to. `parameters` are of as many rounds as it did.
	pub(crate) fn finish(self, parameters: Parameters, report: Report) -> Proof {
		let over_rounds = Tree::over(self.rounds.iter().map(|round| round_leaf(&round.root(), blake2_256)).collect());
		Proof { parameters, device: self, over_rounds, report }
	}

	/// The seed of a round, from the one before if there is one.
	fn seed_of(&self, round: u32) -> Hash {
		let previous = round.checked_sub(1).and_then(|before| self.rounds.get(before as usize));
		previous.map_or(self.seed, |previous| round_seed(&self.seed, round, &previous.root(), blake2_256))
	}
}

/// Computes all rounds of a device, on all threads of the current [`rayon`] pool. `step` is told after each of [`steps`](crate::steps) how many are done.
pub fn prove(parameters: &Parameters, draw: &Draw, kernel: Kernel, mut step: impl FnMut(u64)) -> Proof {
	let began = Instant::now();
	let clock = Clock::default();
	let mut device = Device::new(draw.seed(parameters, blake2_256), None);
	let mut workshop = Workshop::new(*parameters, kernel);
	let mut steps = 0;
	for _ in 0..parameters.rounds {
		device.round(&mut workshop, &clock, || {
			steps += 1;
			step(steps);
		});
	}
	let (threads, elapsed) = (rayon::current_num_threads(), began.elapsed());
	device.finish(*parameters, Report::new(kernel.to_string(), threads, parameters.operations(), elapsed, &clock))
}

/// Operations per second of the products of one round alone: the same kernel, threads and shape, without generating entries and without hashing. What a
/// [`Report`] is held against, since processors do not say what their peak is.
pub fn plain_rate(parameters: &Parameters, kernel: Kernel) -> f64 {
	let operations = parameters.operations() as f64 / f64::from(parameters.rounds);
	operations / Workshop::new(*parameters, kernel).plain(&[0; 32]).as_secs_f64()
}

impl Proof {
	/// The root over the roots of all rounds.
	pub fn commitment(&self) -> Hash {
		self.over_rounds.root()
	}

	/// The seed of the device.
	pub const fn seed(&self) -> Hash {
		self.device.seed
	}

	/// What it took.
	pub const fn report(&self) -> &Report {
		&self.report
	}

	/// What there is to show of some cells, in their order. The tile of each is computed again: `2 · tile · depth` entries and `tile² · depth` products. An
	/// accelerator does the whole round of each again.
	///
	/// # Errors
	/// See [`OpenError`].
	pub fn open(&self, cells: &[Cell]) -> Result<Vec<Opening>, OpenError> {
		cells.par_iter().map(|cell| self.opening(cell)).collect()
	}

	pub(crate) fn opening(&self, cell: &Cell) -> Result<Opening, OpenError> {
		let tile = self.tile(cell).ok_or(OpenError::NoSuchCell(*cell))?;
		let round = self.tree(cell.round)?.ok_or(OpenError::NoSuchCell(*cell))?;
		let committed_to = self.round(cell.round).map(Round::root);
		let leaf = round.leaf(cell.tile(&self.parameters));
		if Some(round.root()) != committed_to || leaf != Some(&tile_leaf(&tile, blake2_256)) {
			return Err(OpenError::Differs(*cell));
		}
		self.shown(cell, tile, &round).ok_or(OpenError::NoSuchCell(*cell))
	}

	/// All hashes over the tiles of a round; none if there is no such round.
	fn tree(&self, round: u32) -> Result<Option<Cow<'_, Tree>>, OpenError> {
		Ok(match (self.round(round), &self.device.accelerator) {
			(Some(Round::Kept(tree)), _) => Some(Cow::Borrowed(tree)),
			(Some(Round::Root(_)), Some(accelerator)) => {
				let leaves = accelerator.leaves(&self.parameters, &self.device.seed_of(round))?;
				Some(Cow::Owned(Tree::over(leaves)))
			},
			(Some(Round::Root(_)) | None, _) => None,
		})
	}

	/// A tile with its paths. Those are in bounds, since the parameters are.
	fn shown(&self, cell: &Cell, tile: Vec<i32>, round: &Tree) -> Option<Opening> {
		let previous = match cell.round.checked_sub(1) {
			None => None,
			Some(before) => Some(PreviousRound {
				root: self.round(before)?.root(),
				path: self.over_rounds.path(before).try_into().ok()?,
			}),
		};
		Some(Opening {
			tile: tile.try_into().ok()?,
			tile_path: round.path(cell.tile(&self.parameters)).try_into().ok()?,
			round_path: self.over_rounds.path(cell.round).try_into().ok()?,
			previous,
		})
	}

	fn round(&self, round: u32) -> Option<&Round> {
		self.device.rounds.get(round as usize)
	}

	/// The tile of a cell, row by row, by another way than the first time: without any kernel. None if there is no such cell.
	fn tile(&self, cell: &Cell) -> Option<Vec<i32>> {
		if !self.parameters.has(cell) {
			return None;
		}
		let seed = self.device.seed_of(cell.round);
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
