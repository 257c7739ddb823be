//! Plain Rust, for every processor: pairs of 16-bit integers, in vectors as the compiler finds them.

use super::{Operand, BLOCK};
use gcx_math::proof::Line;

pub(super) const ROWS: usize = 4;
pub(super) const COLUMNS: usize = 16;

pub(super) fn pack(operand: Operand, lines: &[Line], from: u32, into: &mut [u32]) {
	match operand {
		Operand::Left => super::pack::<ROWS, 4>(lines, from, into, super::pairs),
		Operand::Right => super::pack::<COLUMNS, 4>(lines, from, into, super::pairs),
	}
}

pub(super) fn multiply(left: &[u32], right: &[u32], words: usize, cells: &mut [i32]) {
	super::multiply::<ROWS, COLUMNS, ()>(left, right, words, 2, cells, |_| (), add);
}

/// Adds the products of two panels.
fn add((): &(), left: &[[u32; ROWS]], right: &[[u32; COLUMNS]], cells: &mut [[i32; BLOCK]; ROWS], column: usize) {
	let mut sums = [[0_i32; COLUMNS]; ROWS];
	for (left, right) in left.iter().zip(right) {
		for (left, sums) in left.iter().zip(&mut sums) {
			for (right, sum) in right.iter().zip(sums) {
				*sum += low(*left) * low(*right) + high(*left) * high(*right);
			}
		}
	}
	for (row, sums) in cells.iter_mut().zip(sums) {
		for (cell, sum) in row[column..].iter_mut().zip(sums) {
			*cell += sum;
		}
	}
}

/// The first entry of a pair.
#[inline(always)]
fn low(pair: u32) -> i32 {
	(pair << 16).cast_signed() >> 16
}

/// The second entry of a pair.
#[inline(always)]
fn high(pair: u32) -> i32 {
	pair.cast_signed() >> 16
}
