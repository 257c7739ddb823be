//! AVX-512 VNNI: four products of bytes are added to a 32-bit sum by one instruction, without saturation.
//!
//! It takes the left byte as unsigned. So 128 is added to each entry of the left side, which flips its highest bit, and 128 times the sum of the
//! right side's entries is taken off. Sums are modulo 2³² on the way, and exact in the end.
#![allow(unsafe_code)]

use super::{Operand, BLOCK};
use gcx_math::proof::Line;
use std::arch::x86_64::{
	__m512i, _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_si512,
	_mm512_storeu_si512, _mm512_sub_epi32,
};

pub(super) const ROWS: usize = 8;
pub(super) const COLUMNS: usize = 2 * LANES;
/// 32-bit integers of a vector.
const LANES: usize = 16;
/// 128 in each byte: what is added to entries of the left side.
const SHIFT: u32 = 0x8080_8080;
/// Sums that are added up independently of each other when only few are.
const CHAINS: usize = 4;

/// Whether this processor has the instructions.
pub(super) fn is_there() -> bool {
	is_x86_feature_detected!("avx512f")
		&& is_x86_feature_detected!("avx512dq")
		&& is_x86_feature_detected!("avx512bw")
		&& is_x86_feature_detected!("avx512vnni")
}

pub(super) fn pack(operand: Operand, lines: &[Line], from: u32, into: &mut [u32]) {
	// SAFETY: a `Kernel` of these instructions is only made where `is_there`.
	unsafe { pack_here(operand, lines, from, into) }
}

#[target_feature(enable = "avx512f,avx512dq,avx512bw")]
fn pack_here(operand: Operand, lines: &[Line], from: u32, into: &mut [u32]) {
	match operand {
		Operand::Left => super::pack::<ROWS, 2>(lines, from, into, |mixed| halves(mixed).map(|half| half ^ SHIFT)),
		Operand::Right => super::pack::<COLUMNS, 2>(lines, from, into, halves),
	}
}

/// Eight entries as twice four.
#[inline(always)]
fn halves(mixed: u64) -> [u32; 2] {
	[mixed as u32, (mixed >> 32) as u32]
}

pub(super) fn multiply(left: &[u32], right: &[u32], words: usize, cells: &mut [i32]) {
	// SAFETY: a `Kernel` of these instructions is only made where `is_there`.
	unsafe { multiply_here(left, right, words, cells) }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply_here(left: &[u32], right: &[u32], words: usize, cells: &mut [i32]) {
	super::multiply::<ROWS, COLUMNS, _>(
		left,
		right,
		words,
		4,
		cells,
		|right| excess(right),
		|excess, left, right, cells, column| add(excess, left, right, cells, column),
	);
}

/// 128 times the sum of each column: what comes of the shift.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn excess(right: &[[u32; COLUMNS]]) -> [__m512i; 2] {
	let mut sums = [[_mm512_setzero_si512(); 2]; CHAINS];
	let shift = _mm512_set1_epi32(SHIFT.cast_signed());
	for four in right.chunks(CHAINS) {
		for (sums, right) in sums.iter_mut().zip(four) {
			for (sum, right) in sums.iter_mut().zip(vectors(right)) {
				*sum = _mm512_dpbusd_epi32(*sum, shift, right);
			}
		}
	}
	let [mut total, others @ ..] = sums;
	for other in others {
		for (total, sum) in total.iter_mut().zip(other) {
			*total = _mm512_add_epi32(*total, sum);
		}
	}
	total
}

/// Adds the products of two panels, without the excess.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn add(
	excess: &[__m512i; 2],
	left: &[[u32; ROWS]],
	right: &[[u32; COLUMNS]],
	cells: &mut [[i32; BLOCK]; ROWS],
	column: usize,
) {
	let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
	for (left, right) in left.iter().zip(right) {
		let right = vectors(right);
		for (sums, left) in sums.iter_mut().zip(left) {
			let left = _mm512_set1_epi32(left.cast_signed());
			for (sum, right) in sums.iter_mut().zip(right) {
				*sum = _mm512_dpbusd_epi32(*sum, left, right);
			}
		}
	}
	for (row, sums) in cells.iter_mut().zip(sums) {
		let (parts, _) = row[column..column + COLUMNS].as_chunks_mut::<LANES>();
		for ((part, sum), excess) in parts.iter_mut().zip(sums).zip(excess) {
			add_to(part, _mm512_sub_epi32(sum, *excess));
		}
	}
}

/// A panel's words of one group.
#[target_feature(enable = "avx512f")]
#[inline]
fn vectors(words: &[u32; COLUMNS]) -> [__m512i; 2] {
	let (halves, _) = words.as_chunks::<LANES>();
	[load(&halves[0]), load(&halves[1])]
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(words: &[u32; LANES]) -> __m512i {
	// SAFETY: 64 bytes are read, as many as there are behind the reference; the instruction asks for no alignment.
	unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add_to(cells: &mut [i32; LANES], sums: __m512i) {
	let at: *mut __m512i = cells.as_mut_ptr().cast();
	// SAFETY: 64 bytes are read and written, as many as there are behind the reference, which nobody else has; the instructions ask for no alignment.
	unsafe { _mm512_storeu_si512(at, _mm512_add_epi32(_mm512_loadu_si512(at), sums)) }
}
