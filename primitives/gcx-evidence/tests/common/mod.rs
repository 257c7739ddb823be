//! A small solver, and what several tests need.

#![allow(dead_code)]

use gcx_evidence::solve::System;

/// Solves a system by elimination with partial pivoting in double precision, as HPL does.
pub fn eliminate(system: &System) -> Vec<f64> {
	let order = usize::try_from(system.order()).unwrap();
	let mut rows: Vec<Vec<f64>> = (0..system.order())
		.map(|row| {
			let mut entries = vec![0.0; order + 1];
			system.write_row(row, &mut entries[..order]);
			entries[order] = system.right_float(row);
			entries
		})
		.collect();
	for step in 0..order {
		let pivot = (step..order).max_by(|a, b| rows[*a][step].abs().total_cmp(&rows[*b][step].abs())).unwrap();
		rows.swap(step, pivot);
		let (done, below) = rows.split_at_mut(step + 1);
		let pivot = &done[step];
		for row in below {
			let factor = row[step] / pivot[step];
			for (entry, above) in row[step..].iter_mut().zip(&pivot[step..]) {
				*entry -= factor * above;
			}
		}
	}
	let mut unknowns = vec![0.0; order];
	for row in (0..order).rev() {
		let known: f64 = (row + 1..order).map(|column| rows[row][column] * unknowns[column]).sum();
		unknowns[row] = (rows[row][order] - known) / rows[row][row];
	}
	unknowns
}

/// The same in single precision, without refinement.
pub fn eliminate_single(system: &System) -> Vec<f64> {
	let order = usize::try_from(system.order()).unwrap();
	let mut rows: Vec<Vec<f32>> = (0..system.order())
		.map(|row| {
			let mut entries = vec![0.0; order];
			system.write_row(row, &mut entries);
			entries.iter().copied().chain([system.right_float(row)]).map(|entry| entry as f32).collect()
		})
		.collect();
	for step in 0..order {
		let pivot = (step..order).max_by(|a, b| rows[*a][step].abs().total_cmp(&rows[*b][step].abs())).unwrap();
		rows.swap(step, pivot);
		let (done, below) = rows.split_at_mut(step + 1);
		let pivot = &done[step];
		for row in below {
			let factor = row[step] / pivot[step];
			for (entry, above) in row[step..].iter_mut().zip(&pivot[step..]) {
				*entry -= factor * above;
			}
		}
	}
	let mut unknowns = vec![0.0_f32; order];
	for row in (0..order).rev() {
		let known: f32 = (row + 1..order).map(|column| rows[row][column] * unknowns[column]).sum();
		unknowns[row] = (rows[row][order] - known) / rows[row][row];
	}
	unknowns.into_iter().map(f64::from).collect()
}

/// A small generator of test inputs: SplitMix64.
pub struct Random(pub u64);

impl Random {
	/// The next word.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		word ^ (word >> 31)
	}

	/// A number below a bound that is not zero.
	pub fn below(&mut self, bound: usize) -> usize {
		usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
	}
}
