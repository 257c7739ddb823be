//! Entries of the matrices, and the sums of their products.

use super::{Blake2b256, Hash};
use alloc::{vec, vec::Vec};
use codec::{Decode, Encode};

/// Entries that are generated at a time: eight words.
pub const BLOCK: usize = 64;

/// The step of SplitMix64: 2⁶⁴ divided by the golden ratio, odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// Stafford's Mix13, first factor.
const FIRST_FACTOR: u64 = 0xbf58_476d_1ce4_e5b9;
/// Stafford's Mix13, second factor.
const SECOND_FACTOR: u64 = 0x94d0_49bb_1331_11eb;
/// The highest bit of each byte: −128 in each.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
/// All other bits.
const LOW_BITS: u64 = !HIGH_BITS;
/// Entries of a word.
const ENTRIES_PER_WORD: u32 = 8;

/// Which matrix a line is of.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub enum Side {
	/// A row of the left matrix.
	#[codec(index = 0)]
	Left,
	/// A column of the right matrix.
	#[codec(index = 1)]
	Right,
}

/// A row of the left matrix or a column of the right one: its keys, from which each entry follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line {
	/// What the counter is added to.
	pub first: u64,
	/// What is xored in between the two multiplications.
	pub second: u64,
}

impl Line {
	/// The line of a round's seed. Costs one hash.
	pub fn new(seed: &Hash, side: Side, index: u32, hash: Blake2b256) -> Self {
		let digest = hash(&(b"gcx/proof/line/1", seed, side, index).encode());
		let [a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, ..] = digest;
		Self {
			first: u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]),
			second: u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]),
		}
	}

	/// Eight entries: those of the depths from `8 · index` on, the lowest byte first, as signed bytes.
	#[inline(always)]
	pub const fn word(self, index: u32) -> u64 {
		let mut word = self.first.wrapping_add((index as u64).wrapping_mul(STEP));
		word = (word ^ (word >> 30)).wrapping_mul(FIRST_FACTOR) ^ self.second;
		word = (word ^ (word >> 27)).wrapping_mul(SECOND_FACTOR);
		without_least(word ^ (word >> 31))
	}

	/// The entry at a depth, from −127 to 127.
	pub const fn entry(self, depth: u32) -> i8 {
		let bytes = self.word(depth / ENTRIES_PER_WORD).to_le_bytes();
		bytes[(depth % ENTRIES_PER_WORD) as usize] as i8
	}

	/// Writes the entries of the depths from `BLOCK · index` on.
	#[inline(always)]
	pub fn write_block(self, index: u32, into: &mut [i8; BLOCK]) {
		let words = index.wrapping_mul(BLOCK as u32 / ENTRIES_PER_WORD)..;
		for (eight, word) in into.chunks_exact_mut(ENTRIES_PER_WORD as usize).zip(words) {
			eight.copy_from_slice(&self.word(word).to_le_bytes().map(|byte| byte as i8));
		}
	}

	/// The entries of the depths from `BLOCK · index` on.
	pub fn block(self, index: u32) -> [i8; BLOCK] {
		let mut entries = [0; BLOCK];
		self.write_block(index, &mut entries);
		entries
	}
}

/// A word with zero in place of each byte that is −128.
#[inline(always)]
const fn without_least(word: u64) -> u64 {
	// Bytes of −128 are zero here; adding the low bits to themselves carries into the high bit of every other.
	let others = word ^ HIGH_BITS;
	let not_zero = (others & LOW_BITS).wrapping_add(LOW_BITS) | others;
	word ^ (!not_zero & HIGH_BITS)
}

/// The sum of the products of entries, as many as the shorter slice has. Exact up to [`super::MAX_DEPTH`] of them within ±127.
#[inline(always)]
pub fn dot(left: &[i8], right: &[i8]) -> i32 {
	left.iter().zip(right).map(|(left, right)| i32::from(*left) * i32::from(*right)).sum()
}

/// The cells where some rows and columns cross, row by row. The depth is checked by [`super::Parameters`].
///
/// Blocks are written in place: in wasm, handing them on by value takes as long as everything else.
pub(super) fn cells(rows: &[Line], columns: &[Line], depth: u32) -> Vec<i32> {
	let mut sums = vec![0; rows.len() * columns.len()];
	let mut left = [0; BLOCK];
	let mut right = vec![[0; BLOCK]; columns.len()];
	for block in 0..depth / BLOCK as u32 {
		for (entries, line) in right.iter_mut().zip(columns) {
			line.write_block(block, entries);
		}
		let mut sums = sums.iter_mut();
		for line in rows {
			line.write_block(block, &mut left);
			for (right, sum) in right.iter().zip(sums.by_ref()) {
				*sum += dot(&left, right);
			}
		}
	}
	sums
}
