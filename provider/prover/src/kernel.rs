//! The integer matrix product of a block, with the instructions that a processor has.
//!
//! A kernel takes its operands *packed*: a panel is some lines side by side, and holds, for each group of entries that follow each other
//! along the depth, one 32-bit word of each line. Four entries are a word for a kernel that multiplies bytes, and two for one that
//! multiplies 16-bit integers. Sums are 32-bit integers, and exact: none goes through an instruction that saturates.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use gcx_math::proof::Line;
use std::{fmt, ops::Range};

/// Cells at a side of a block. Every tile and every panel fits into a block a whole number of times.
pub(crate) const BLOCK: usize = 128;

/// Entries of the depth after which sums go back to the block: a panel of the right side of so many fits into the first cache.
const RUN: usize = 1_024;

/// Entries of a word of the mixer.
const ENTRIES_PER_MIXED: usize = 8;

/// Instructions by which products are computed. There are only such that this processor has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kernel(Instructions);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Instructions {
	#[cfg(target_arch = "x86_64")]
	Avx512Vnni,
	#[cfg(target_arch = "x86_64")]
	Avx2,
	Portable,
}

/// The two sides of a product. They are packed differently.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand {
	/// Rows of the left matrix.
	Left,
	/// Columns of the right matrix.
	Right,
}

impl fmt::Display for Kernel {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(match self.0 {
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx512Vnni => "AVX-512 VNNI, 8-bit products",
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx2 => "AVX2, 16-bit products",
			Instructions::Portable => "portable, 32-bit products",
		})
	}
}

impl Kernel {
	/// Those that this processor can run, the fastest first. The last one runs everywhere.
	pub fn all() -> Vec<Self> {
		let mut all = Vec::new();
		#[cfg(target_arch = "x86_64")]
		{
			if avx512::is_there() {
				all.push(Self(Instructions::Avx512Vnni));
			}
			if avx2::is_there() {
				all.push(Self(Instructions::Avx2));
			}
		}
		all.push(Self::portable());
		all
	}

	/// The one in plain Rust.
	pub const fn portable() -> Self {
		Self(Instructions::Portable)
	}

	/// The fastest that this processor can run.
	pub fn fastest() -> Self {
		Self::all().first().copied().unwrap_or(Self::portable())
	}

	/// Lines of a panel of one side. Divides [`BLOCK`].
	pub(crate) const fn lanes(self, operand: Operand) -> usize {
		match (self.0, operand) {
			#[cfg(target_arch = "x86_64")]
			(Instructions::Avx512Vnni, Operand::Left) => avx512::ROWS,
			#[cfg(target_arch = "x86_64")]
			(Instructions::Avx512Vnni, Operand::Right) => avx512::COLUMNS,
			#[cfg(target_arch = "x86_64")]
			(Instructions::Avx2, Operand::Left) => avx2::ROWS,
			#[cfg(target_arch = "x86_64")]
			(Instructions::Avx2, Operand::Right) => avx2::COLUMNS,
			(Instructions::Portable, Operand::Left) => portable::ROWS,
			(Instructions::Portable, Operand::Right) => portable::COLUMNS,
		}
	}

	/// Entries of a line that are one word of a panel.
	pub(crate) const fn entries_per_word(self) -> usize {
		match self.0 {
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx512Vnni => 4,
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx2 => 2,
			Instructions::Portable => 2,
		}
	}

	/// Generates the entries of a panel's lines at some depths, which begin and end with a word of the mixer. `into` holds `lanes · depths /
	/// entries_per_word` words; lanes without a line are filled with what no cell of the product is computed from.
	pub(crate) fn pack(self, operand: Operand, lines: &[Line], depths: Range<usize>, into: &mut [u32]) {
		let from = (depths.start / ENTRIES_PER_MIXED) as u32;
		match self.0 {
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx512Vnni => avx512::pack(operand, lines, from, into),
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx2 => avx2::pack(operand, lines, from, into),
			Instructions::Portable => portable::pack(operand, lines, from, into),
		}
	}

	/// Adds to a block, row by row with [`BLOCK`] cells each, the products of the panels of its rows and of its columns, of so many entries each.
	/// There may be fewer panels than fill the block: cells beyond them are left as they are.
	pub(crate) fn multiply(self, left: &[u32], right: &[u32], entries: usize, cells: &mut [i32]) {
		debug_assert_eq!(cells.len(), BLOCK * BLOCK);
		let words = entries / self.entries_per_word();
		match self.0 {
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx512Vnni => avx512::multiply(left, right, words, cells),
			#[cfg(target_arch = "x86_64")]
			Instructions::Avx2 => avx2::multiply(left, right, words, cells),
			Instructions::Portable => portable::multiply(left, right, words, cells),
		}
	}
}

/// Packs a panel of so many lanes, from a word of the mixer on. `split` makes words of the panel of one of the mixer.
///
/// Lane by lane in the innermost loop, so that a vector holds as many lines as it has lanes.
#[inline(always)]
fn pack<const LANES: usize, const WORDS: usize>(
	lines: &[Line],
	from: u32,
	into: &mut [u32],
	split: impl Fn(u64) -> [u32; WORDS],
) {
	let (mut first, mut second) = ([0; LANES], [0; LANES]);
	for ((line, first), second) in lines.iter().zip(&mut first).zip(&mut second) {
		(*first, *second) = (line.first, line.second);
	}
	let (groups, _) = into.as_chunks_mut::<LANES>();
	let (groups, _) = groups.as_chunks_mut::<WORDS>();
	for (mixed, group) in (from..).zip(groups) {
		for lane in 0..LANES {
			let words = split(Line { first: first[lane], second: second[lane] }.word(mixed));
			for (row, word) in group.iter_mut().zip(words) {
				row[lane] = word;
			}
		}
	}
}

/// Eight entries as four pairs of 16-bit integers, the first of each pair in the lower half.
#[inline(always)]
fn pairs(mixed: u64) -> [u32; 4] {
	[0, 16, 32, 48].map(|shift| {
		let two = (mixed >> shift) as u32;
		let low = (two << 24).cast_signed() >> 24;
		let high = (two << 16).cast_signed() >> 24;
		(low.cast_unsigned() & 0xffff) | (high.cast_unsigned() << 16)
	})
}

/// Goes through a block panel by panel, [`RUN`] entries at a time. `prepare` sees a panel of the right side once, before `multiply` adds its products
/// with each panel of the left side to `ROWS` rows of the block, from some column on.
#[inline(always)]
fn multiply<const ROWS: usize, const COLUMNS: usize, P>(
	left: &[u32],
	right: &[u32],
	words: usize,
	entries_per_word: usize,
	cells: &mut [i32],
	prepare: impl Fn(&[[u32; COLUMNS]]) -> P,
	multiply: impl Fn(&P, &[[u32; ROWS]], &[[u32; COLUMNS]], &mut [[i32; BLOCK]; ROWS], usize),
) {
	let (rows, _) = cells.as_chunks_mut::<BLOCK>();
	let (rows, _) = rows.as_chunks_mut::<ROWS>();
	for from in (0..words).step_by(RUN / entries_per_word) {
		let to = words.min(from + RUN / entries_per_word);
		for (index, right) in right.chunks_exact(COLUMNS * words).enumerate() {
			let right = &right.as_chunks().0[from..to];
			let prepared = prepare(right);
			for (rows, left) in rows.iter_mut().zip(left.chunks_exact(ROWS * words)) {
				multiply(&prepared, &left.as_chunks().0[from..to], right, rows, index * COLUMNS);
			}
		}
	}
}
