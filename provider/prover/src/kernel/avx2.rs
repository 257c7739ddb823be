//! AVX2: pairs of 16-bit integers, multiplied and added to 32 bits by one instruction. Its relative for bytes saturates at 16 bits, and would be
//! wrong.
#![allow(unsafe_code)]

use super::{Operand, BLOCK};
use gcx_math::proof::Line;
use std::arch::x86_64::{
	__m256i, _mm256_add_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_setzero_si256,
	_mm256_storeu_si256,
};

pub(super) const ROWS: usize = 4;
pub(super) const COLUMNS: usize = 2 * LANES;
/// 32-bit integers of a vector.
const LANES: usize = 8;

/// Whether this processor has the instructions.
pub(super) fn is_there() -> bool {
	is_x86_feature_detected!("avx2")
}

pub(super) fn pack(operand: Operand, lines: &[Line], from: u32, into: &mut [u32]) {
	// SAFETY: a `Kernel` of these instructions is only made where `is_there`.
	unsafe { pack_here(operand, lines, from, into) }
}

#[target_feature(enable = "avx2")]
fn pack_here(operand: Operand, lines: &[Line], from: u32, into: &mut [u32]) {
	match operand {
		Operand::Left => super::pack::<ROWS, 4>(lines, from, into, super::pairs),
		Operand::Right => super::pack::<COLUMNS, 4>(lines, from, into, super::pairs),
	}
}

pub(super) fn multiply(left: &[u32], right: &[u32], words: usize, cells: &mut [i32]) {
	// SAFETY: a `Kernel` of these instructions is only made where `is_there`.
	unsafe { multiply_here(left, right, words, cells) }
}

#[target_feature(enable = "avx2")]
fn multiply_here(left: &[u32], right: &[u32], words: usize, cells: &mut [i32]) {
	super::multiply::<ROWS, COLUMNS, ()>(
		left,
		right,
		words,
		2,
		cells,
		|_| (),
		|(), left, right, cells, column| {
			add(left, right, cells, column);
		},
	);
}

/// Adds the products of two panels.
#[target_feature(enable = "avx2")]
#[inline]
fn add(left: &[[u32; ROWS]], right: &[[u32; COLUMNS]], cells: &mut [[i32; BLOCK]; ROWS], column: usize) {
	let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
	for (left, right) in left.iter().zip(right) {
		let (right, _) = right.as_chunks::<LANES>();
		let right = [load(&right[0]), load(&right[1])];
		for (sums, left) in sums.iter_mut().zip(left) {
			let left = _mm256_set1_epi32(left.cast_signed());
			for (sum, right) in sums.iter_mut().zip(right) {
				*sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(left, right));
			}
		}
	}
	for (row, sums) in cells.iter_mut().zip(sums) {
		let (parts, _) = row[column..column + COLUMNS].as_chunks_mut::<LANES>();
		for (part, sum) in parts.iter_mut().zip(sums) {
			add_to(part, sum);
		}
	}
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(words: &[u32; LANES]) -> __m256i {
	// SAFETY: 32 bytes are read, as many as there are behind the reference; the instruction asks for no alignment.
	unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_to(cells: &mut [i32; LANES], sums: __m256i) {
	let at: *mut __m256i = cells.as_mut_ptr().cast();
	// SAFETY: 32 bytes are read and written, as many as there are behind the reference, which nobody else has; the instructions ask for no alignment.
	unsafe { _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), sums)) }
}
