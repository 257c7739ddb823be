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
	MAX_OPENINGS,
};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::{
	borrow::Cow,
	sync::Arc,
	time::{Duration, Instant},
};
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
	/// No accelerator can do the round again.
	#[error(transparent)]
	Accelerator(#[from] AcceleratorError),
}

/// How long showing all cells that can be drawn may take on an accelerator. It keeps the leaves of its rounds if doing them again would take longer.
const PATIENCE: Duration = Duration::from_secs(8);

/// A round that was done. The products themselves are not kept.
enum Round {
	/// With all hashes over its tiles.
	Tree(Tree),
	/// The root and the leaves.
	Leaves(Hash, Vec<Hash>),
	/// The root alone: an accelerator does the round again when something of it is shown.
	Root(Hash),
}

impl Round {
	fn root(&self) -> Hash {
		match self {
			Self::Tree(tree) => tree.root(),
			Self::Leaves(root, _) | Self::Root(root) => *root,
		}
	}
}

/// A computation that was done: its commitment, and what is kept under it.
pub struct Proof {
	parameters: Parameters,
	device: Device,
	accelerators: Vec<Arc<dyn Accelerator>>,
	over_rounds: Tree,
	report: Report,
}

/// A device as far as it has come.
pub(crate) struct Device {
	seed: Hash,
	rounds: Vec<Round>,
	/// How long an accelerator took for the longest one.
	longest: Duration,
}

impl Device {
	/// One with no round yet.
	pub(crate) const fn new(seed: Hash) -> Self {
		Self { seed, rounds: Vec::new(), longest: Duration::ZERO }
	}

	/// Rounds that were done.
	pub(crate) fn done(&self) -> u32 {
		self.rounds.len() as u32
	}

	/// Does the next round on this processor. `step` is called after each slice of it.
	pub(crate) fn round(&mut self, workshop: &mut Workshop, clock: &Clock, step: impl FnMut()) {
		let leaves = workshop.leaves(&self.seed_of(self.done()), clock, step);
		self.rounds.push(Round::Tree(clock.hashing.of(|| Tree::over(leaves))));
	}

	/// Does the next round on an accelerator.
	pub(crate) fn round_on(
		&mut self,
		accelerator: &dyn Accelerator,
		parameters: &Parameters,
		clock: &Clock,
	) -> Result<(), AcceleratorError> {
		let keeps = self.longest * MAX_OPENINGS > PATIENCE;
		let done = accelerator.round(parameters, &self.seed_of(self.done()), keeps)?;
		clock.generation.add(done.generation);
		clock.products.add(done.products);
		clock.hashing.add(done.hashing);
		self.longest = self.longest.max(done.generation + done.products + done.hashing);
		self.rounds.push(match done.leaves {
			Some(leaves) => Round::Leaves(done.root, leaves),
			None => Round::Root(done.root),
		});
		Ok(())
	}

	/// What it committed to. `parameters` are of as many rounds as it did; `accelerators` can do its rounds again, its own first.
	pub(crate) fn finish(
		self,
		parameters: Parameters,
		accelerators: Vec<Arc<dyn Accelerator>>,
		report: Report,
	) -> Proof {
		let over_rounds = Tree::over(self.rounds.iter().map(|round| round_leaf(&round.root(), blake2_256)).collect());
		Proof { parameters, device: self, accelerators, over_rounds, report }
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
	let mut device = Device::new(draw.seed(parameters, blake2_256));
	let mut workshop = Workshop::new(*parameters, kernel);
	let mut steps = 0;
	for _ in 0..parameters.rounds {
		device.round(&mut workshop, &clock, || {
			steps += 1;
			step(steps);
		});
	}
	let (threads, elapsed) = (rayon::current_num_threads(), began.elapsed());
	let report = Report::new(kernel.to_string(), threads, parameters.operations(), elapsed, &clock);
	device.finish(*parameters, Vec::new(), report)
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
	/// accelerator that kept no leaves does the whole round of each again.
	///
	/// # Errors
	/// See [`OpenError`].
	pub fn open(&self, cells: &[Cell]) -> Result<Vec<Opening>, OpenError> {
		cells.par_iter().map(|cell| self.opening(cell)).collect()
	}

	pub(crate) fn opening(&self, cell: &Cell) -> Result<Opening, OpenError> {
		let tile = self.tile(cell).ok_or(OpenError::NoSuchCell(*cell))?;
		let tree = self.tree(cell)?;
		if tree.leaf(cell.tile(&self.parameters)) != Some(&tile_leaf(&tile, blake2_256)) {
			return Err(OpenError::Differs(*cell));
		}
		self.shown(cell, tile, &tree).ok_or(OpenError::NoSuchCell(*cell))
	}

	/// All hashes over the tiles of a cell's round.
	fn tree(&self, cell: &Cell) -> Result<Cow<'_, Tree>, OpenError> {
		let root = match self.round(cell.round).ok_or(OpenError::NoSuchCell(*cell))? {
			Round::Tree(tree) => return Ok(Cow::Borrowed(tree)),
			Round::Leaves(_, leaves) => return Ok(Cow::Owned(Tree::over(leaves.clone()))),
			Round::Root(root) => *root,
		};
		let seed = self.device.seed_of(cell.round);
		let mut error = OpenError::Differs(*cell);
		for accelerator in &self.accelerators {
			match accelerator.round(&self.parameters, &seed, true) {
				Ok(done) => {
					let tree = Tree::over(done.leaves.unwrap_or_default());
					if tree.root() == root {
						return Ok(Cow::Owned(tree));
					}
				},
				Err(failure) => error = failure.into(),
			}
		}
		Err(error)
	}

	/// A tile with its paths. Those are in bounds, since the parameters are.
	fn shown(&self, cell: &Cell, tile: Vec<i32>, tree: &Tree) -> Option<Opening> {
		let previous = match cell.round.checked_sub(1) {
			None => None,
			Some(before) => Some(PreviousRound {
				root: self.round(before)?.root(),
				path: self.over_rounds.path(before).try_into().ok()?,
			}),
		};
		Some(Opening {
			tile: tile.try_into().ok()?,
			tile_path: tree.path(cell.tile(&self.parameters)).try_into().ok()?,
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
