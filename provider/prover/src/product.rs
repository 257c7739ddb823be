//! The product of a round: generated, multiplied and hashed by all threads, piece by piece.
//!
//! The product is computed in *squares* of at most [`SQUARE`] cells a side, each along the whole depth in *slices* of [`SLICE`] entries. Of a
//! slice, both operands are generated as the kernel's panels; then every block of the square adds the slice's products to its sums. A thread that has
//! added the last slice to a block hashes the block's tiles at once, while others still multiply. So memory is bounded whatever the parameters are: 64
//! MiB of sums and, with 16-bit operands, twice as much of panels. What is computed twice because of it are entries of shapes beyond a square, once for each
//! [`SQUARE`] products that they are in.

use crate::{
	kernel::{Kernel, Operand, BLOCK},
	report::Clock,
};
use gcx_math::proof::{tile_leaf, Hash, Line, Parameters, Side};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::{
	ops::Range,
	time::{Duration, Instant},
};

/// Most cells at a side of a square. A multiple of [`BLOCK`].
const SQUARE: usize = 4_096;
/// Most entries of a slice.
const SLICE: usize = 8_192;
/// Bytes of a cache line, at which buffers begin: vectors do not lie across two.
const CACHE_LINE: usize = 64;

const _: () = assert!(SQUARE.is_multiple_of(BLOCK));

/// Slices that are multiplied in all rounds: the steps by which progress is told.
pub fn steps(parameters: &Parameters) -> u64 {
	(squares(parameters).count() * slices(parameters).count()) as u64 * u64::from(parameters.rounds)
}

/// Depths of each slice.
fn slices(parameters: &Parameters) -> impl Iterator<Item = Range<usize>> {
	pieces(parameters.depth, SLICE)
}

/// Rows and columns of each square.
fn squares(parameters: &Parameters) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
	let columns = parameters.columns;
	pieces(parameters.rows, SQUARE)
		.flat_map(move |rows| pieces(columns, SQUARE).map(move |columns| (rows.clone(), columns)))
}

/// `length` in pieces of `most`, of which the last one may be shorter.
fn pieces(length: u32, most: usize) -> impl Iterator<Item = Range<usize>> {
	let length = length as usize;
	(0..length).step_by(most).map(move |from| from..length.min(from + most))
}

/// Words that begin at a cache line.
struct Words {
	room: Vec<u32>,
	from: usize,
}

impl Words {
	fn new(words: usize) -> Self {
		let room = vec![0; words + CACHE_LINE / size_of::<u32>()];
		let from = room.as_ptr().align_offset(CACHE_LINE);
		Self { room, from }
	}

	fn first(&mut self, words: usize) -> &mut [u32] {
		&mut self.room[self.from..self.from + words]
	}
}

/// What products are computed in. The same room serves all rounds.
pub(crate) struct Workshop {
	parameters: Parameters,
	kernel: Kernel,
	/// Sums, block by block.
	sums: Vec<i32>,
	/// Leaves of the tiles, block by block, with room for as many as a whole block has.
	leaves: Vec<Hash>,
	left: Words,
	right: Words,
}

impl Workshop {
	/// Room for the largest square and slice of these parameters.
	pub(crate) fn new(parameters: Parameters, kernel: Kernel) -> Self {
		let side = |length: u32| (length as usize).min(SQUARE).next_multiple_of(BLOCK);
		let [rows, columns] = [side(parameters.rows), side(parameters.columns)];
		let words = (parameters.depth as usize).min(SLICE) / kernel.entries_per_word();
		let blocks = rows * columns / (BLOCK * BLOCK);
		Self {
			parameters,
			kernel,
			sums: vec![0; rows * columns],
			leaves: vec![[0; 32]; blocks * tiles_of_block(&parameters)],
			left: Words::new(rows * words),
			right: Words::new(columns * words),
		}
	}

	/// The leaves of a round's tiles, in their order. `step` is called after each slice.
	pub(crate) fn leaves(&mut self, seed: &Hash, clock: &Clock, mut step: impl FnMut()) -> Vec<Hash> {
		let parameters = self.parameters;
		let lines = |side, number| -> Vec<_> {
			let line = |index| Line::new(seed, side, index, blake2_256);
			clock.generation.of(|| (0..number).map(line).collect())
		};
		let (rows, columns) =
			rayon::join(|| lines(Side::Left, parameters.rows), || lines(Side::Right, parameters.columns));
		let mut leaves = vec![[0; 32]; parameters.tiles() as usize];
		for (across, down) in squares(&parameters) {
			let square = Square::new(across.len(), down.len());
			self.sums.fill(0);
			for depths in slices(&parameters) {
				self.pack(&rows[across.clone()], &columns[down.clone()], depths.clone(), clock);
				self.multiply(square, depths.clone(), clock, depths.end == parameters.depth as usize);
				step();
			}
			self.place(square, [across.start, down.start], &mut leaves);
		}
		leaves
	}

	/// How long the products of a round take when there is nothing else to do: the operands of each square's first slice stand for those of all slices.
	pub(crate) fn plain(&mut self, seed: &Hash) -> Duration {
		let (parameters, clock) = (self.parameters, Clock::default());
		let lines = |side, number| -> Vec<_> {
			(0..number as u32).map(|index| Line::new(seed, side, index, blake2_256)).collect()
		};
		let mut elapsed = Duration::ZERO;
		for (across, down) in squares(&parameters) {
			let square = Square::new(across.len(), down.len());
			let first = 0..(parameters.depth as usize).min(SLICE);
			self.pack(&lines(Side::Left, across.len()), &lines(Side::Right, down.len()), first.clone(), &clock);
			// Once without a clock, so that threads are awake and the memory is there.
			self.multiply(square, first, &clock, false);
			let began = Instant::now();
			for depths in slices(&parameters) {
				self.multiply(square, depths, &clock, false);
			}
			elapsed += began.elapsed();
		}
		elapsed
	}

	/// Generates a slice of both operands.
	fn pack(&mut self, rows: &[Line], columns: &[Line], depths: Range<usize>, clock: &Clock) {
		let kernel = self.kernel;
		let pack = |operand, lines: &[Line], into: &mut Words| {
			let lanes = kernel.lanes(operand);
			let panel_words = lanes * depths.len() / kernel.entries_per_word();
			into.first(lines.len().div_ceil(lanes) * panel_words)
				.par_chunks_mut(panel_words)
				.zip(lines.par_chunks(lanes))
				.for_each(|(panel, lines)| clock.generation.of(|| kernel.pack(operand, lines, depths.clone(), panel)));
		};
		rayon::join(|| pack(Operand::Left, rows, &mut self.left), || pack(Operand::Right, columns, &mut self.right));
	}

	/// Adds a slice's products to all blocks of a square. After the last one the tiles of each block are hashed.
	fn multiply(&mut self, square: Square, depths: Range<usize>, clock: &Clock, last: bool) {
		let (kernel, parameters) = (self.kernel, self.parameters);
		let words = depths.len() / kernel.entries_per_word();
		let panels = |operand, length: usize| length.next_multiple_of(kernel.lanes(operand)) * words;
		let left: Vec<_> = self.left.first(panels(Operand::Left, square.rows)).chunks(BLOCK * words).collect();
		let right: Vec<_> = self.right.first(panels(Operand::Right, square.columns)).chunks(BLOCK * words).collect();
		self.sums
			.par_chunks_exact_mut(BLOCK * BLOCK)
			.zip(self.leaves.par_chunks_exact_mut(tiles_of_block(&parameters)))
			.take(left.len() * right.len())
			.enumerate()
			.for_each(|(block, (cells, leaves))| {
				let [row, column] = [block / right.len(), block % right.len()];
				clock.products.of(|| kernel.multiply(left[row], right[column], depths.len(), cells));
				if last {
					clock.hashing.of(|| hash_tiles(square.block(row, column), parameters.tile as usize, cells, leaves));
				}
			});
	}

	/// Copies the leaves of a square's blocks to where they belong in the round's.
	fn place(&self, square: Square, [top, left]: [usize; 2], leaves: &mut [Hash]) {
		let tile = self.parameters.tile as usize;
		let across = square.columns.div_ceil(BLOCK);
		for (block, hashes) in self.leaves.chunks_exact(tiles_of_block(&self.parameters)).enumerate() {
			let [row, column] = [block / across, block % across];
			if row * BLOCK >= square.rows {
				break;
			}
			let size = square.block(row, column);
			let [row, column] = [(top + row * BLOCK) / tile, (left + column * BLOCK) / tile];
			for (hashes, row) in hashes.chunks_exact(BLOCK / tile).take(size.rows / tile).zip(row..) {
				let from = row * self.parameters.tiles_across() as usize + column;
				leaves[from..from + size.columns / tile].copy_from_slice(&hashes[..size.columns / tile]);
			}
		}
	}
}

/// Cells of a square, or of a part of it.
#[derive(Clone, Copy)]
struct Square {
	rows: usize,
	columns: usize,
}

impl Square {
	const fn new(rows: usize, columns: usize) -> Self {
		Self { rows, columns }
	}

	/// What there is of a block of this one.
	fn block(self, row: usize, column: usize) -> Self {
		Self::new(BLOCK.min(self.rows - row * BLOCK), BLOCK.min(self.columns - column * BLOCK))
	}
}

/// Tiles that a whole block has.
fn tiles_of_block(parameters: &Parameters) -> usize {
	(BLOCK / parameters.tile as usize).pow(2)
}

/// Hashes the tiles of a block as far as there are cells. Leaves have room for those of a whole block.
fn hash_tiles(size: Square, tile: usize, cells: &[i32], leaves: &mut [Hash]) {
	let mut shown = Vec::with_capacity(tile * tile);
	for (rows, leaves) in
		cells.chunks_exact(tile * BLOCK).zip(leaves.chunks_exact_mut(BLOCK / tile)).take(size.rows / tile)
	{
		for (index, leaf) in leaves.iter_mut().take(size.columns / tile).enumerate() {
			shown.clear();
			for row in rows.chunks_exact(BLOCK) {
				shown.extend_from_slice(&row[index * tile..(index + 1) * tile]);
			}
			*leaf = tile_leaf(&shown, blake2_256);
		}
	}
}
