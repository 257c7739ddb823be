//! The seeded solve: what passes, what does not, and what the mixer's numbers look like.

mod common;

use common::{eliminate, eliminate_single};
use gcx_evidence::solve::{
	commitment, device_seed, drawn_devices, drawn_rows, Solution, System, DRAWN_ROWS, MAX_ORDER, MIN_ORDER,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::OnceLock};

const SEED: [u8; 32] = [7; 32];
const ORDER: u32 = 256;

fn all_rows(order: u32) -> Vec<u32> {
	(0..order).collect()
}

/// A true solution of the system of [`SEED`] and [`ORDER`], computed once.
fn solved() -> &'static Solution {
	static SOLVED: OnceLock<Solution> = OnceLock::new();
	SOLVED.get_or_init(|| Solution::from_floats(&eliminate(&System::new(SEED, ORDER))).unwrap())
}

#[test]
fn elimination_in_double_precision_passes_every_row() {
	for (seed, order) in [([7; 32], 256), ([8; 32], 257), ([9; 32], 512), ([0; 32], 512), ([255; 32], 300)] {
		let system = System::new(seed, order);
		let solution = Solution::from_floats(&eliminate(&system)).unwrap();
		assert!(system.solves(&solution, &all_rows(order)), "order {order}");
		let drawn = drawn_rows([3; 32], 0, order);
		assert!(system.solves(&solution, &drawn), "order {order}");
	}
}

#[test]
fn a_solution_keeps_what_it_is_through_bytes_and_floats() {
	let bytes = solved().to_bytes();
	assert_eq!(bytes.len(), 2_048);
	assert_eq!(Solution::from_bytes(&bytes).as_ref(), Some(solved()));
	assert_eq!(Solution::from_bytes(&bytes[1..]), None);
	assert_eq!(Solution::from_floats(&solved().to_floats()).as_ref(), Some(solved()));
	assert_eq!(solved().hash(), sp_crypto_hashing::blake2_256(&bytes));
}

#[test]
fn one_unknown_off_fails_nearly_every_row() {
	let system = System::new(SEED, ORDER);
	for (place, change) in [(0, 1 << 20), (100, -(1 << 20)), (255, 1 << 39), (17, i64::MIN)] {
		let mut unknowns = solved().0.clone();
		unknowns[place] = if change == i64::MIN { -unknowns[place] } else { unknowns[place] + change };
		let false_solution = Solution(unknowns);
		let failing = (0..ORDER).filter(|row| !system.solves(&false_solution, &[*row])).count();
		assert!(failing > 250, "place {place}: {failing} of 256 rows fail");
	}
}

#[test]
fn a_single_precision_solution_without_refinement_fails() {
	for order in [256, 512] {
		let system = System::new(SEED, order);
		let single = Solution::from_floats(&eliminate_single(&system)).unwrap();
		let failing = (0..order).filter(|row| !system.solves(&single, &[*row])).count();
		assert!(u32::try_from(failing).unwrap() > order * 9 / 10, "{failing} of {order} rows fail");
		assert!(!system.solves(&single, &drawn_rows([1; 32], 0, order)));
	}
}

#[test]
fn a_solution_of_another_system_fails() {
	let rows = all_rows(ORDER);
	assert!(!System::new([8; 32], ORDER).solves(solved(), &rows[..8]), "wrong seed");
	assert!(!System::new(device_seed(SEED, 0), ORDER).solves(solved(), &rows[..8]), "wrong device");
	assert!(!System::new(SEED, ORDER + 1).solves(solved(), &rows[..8]), "wrong order");
	let mut longer = solved().clone();
	longer.0.push(0);
	assert!(!System::new(SEED, ORDER + 1).solves(&longer, &rows[..8]), "padded to a larger order");
	assert!(!System::new(SEED, ORDER).solves(&longer, &rows[..8]), "padded");
}

#[test]
fn a_truncated_or_shifted_solution_fails() {
	let system = System::new(SEED, ORDER);
	let rows = all_rows(ORDER);
	let mut truncated = solved().clone();
	truncated.0.pop();
	assert!(!system.solves(&truncated, &rows));
	assert!(!system.solves(&Solution(Vec::new()), &rows));
	let mut shifted = solved().clone();
	shifted.0.rotate_left(1);
	assert!(!system.solves(&shifted, &rows[..4]));
}

#[test]
fn a_vector_of_zeros_fails() {
	let system = System::new(SEED, ORDER);
	let zeros = Solution(vec![0; 256]);
	assert!((0..ORDER).all(|row| !system.solves(&zeros, &[row])));
}

#[test]
fn huge_vectors_fail_and_overflow_nothing() {
	for order in [MIN_ORDER, 257, MAX_ORDER] {
		let length = usize::try_from(order).unwrap();
		let system = System::new(SEED, order);
		let signs =
			|odd: i64, even: i64| Solution((0..length).map(|at| if at % 2 == 0 { even } else { odd }).collect());
		let mut spike = vec![0; length];
		spike[0] = i64::MIN;
		// Signs as the first row has them: its sum is as large as any can be.
		let greatest = (0..order).map(|at| if system.entry(0, at) < 0 { i64::MIN } else { i64::MAX }).collect();
		let mut scaled = vec![1; length];
		scaled[length - 1] = i64::MAX;
		for vector in [
			signs(i64::MAX, i64::MAX),
			signs(i64::MIN, i64::MIN),
			signs(i64::MIN, i64::MAX),
			Solution(spike),
			Solution(greatest),
			Solution(scaled),
		] {
			assert!(!system.solves(&vector, &[0, 1, 2, 3, 4, 5, 6, 7]), "order {order}");
		}
	}
}

#[test]
fn a_true_solution_made_larger_fails() {
	let system = System::new(SEED, ORDER);
	for factor in [2, 3, 1 << 10] {
		let scaled = Solution(solved().0.iter().map(|unknown| unknown * factor).collect());
		assert!(!system.solves(&scaled, &all_rows(8)));
	}
}

#[test]
fn orders_and_rows_out_of_bounds_are_refused() {
	for order in [0, 1, MIN_ORDER - 1, MAX_ORDER + 1] {
		let zeros = Solution(vec![0; usize::try_from(order).unwrap()]);
		assert!(!System::new(SEED, order).solves(&zeros, &[0]));
	}
	let system = System::new(SEED, ORDER);
	assert!(!system.solves(solved(), &[]), "no row was checked");
	assert!(!system.solves(solved(), &[0, ORDER]), "no such row");
	assert!(!system.solves(solved(), &[u32::MAX]));
}

#[test]
fn floats_that_do_not_fit_are_no_solution() {
	for unknown in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 8_388_608.0, -8_388_608.0, 1e308] {
		assert_eq!(Solution::from_floats(&[0.0, unknown]), None, "{unknown}");
	}
	let unit = 2f64.powi(-40);
	let rounded =
		Solution::from_floats(&[0.49 * unit, 0.5 * unit, -0.5 * unit, 1.49 * unit, -1.51 * unit, 8_388_607.0]);
	assert_eq!(rounded.unwrap().0, vec![0, 1, -1, 1, -2, 8_388_607 << 40]);
}

#[test]
fn entries_are_pinned() {
	let system = System::new([0; 32], 256);
	let corner: Vec<i32> = (0..2)
		.flat_map(|row| (0..4).map(move |column| (row, column)))
		.map(|(row, column)| system.entry(row, column))
		.collect();
	assert_eq!(corner, PINNED_CORNER);
	assert_eq!([system.right(0), system.right(255)], PINNED_RIGHT);
	let far = System::new([0xa5; 32], MAX_ORDER);
	assert_eq!([far.entry(65_535, 65_535), far.right(65_535)], PINNED_FAR);
	assert_eq!(device_seed([1; 32], 2)[..4], PINNED_DEVICE);
	assert_eq!(commitment(&[[1; 32], [2; 32]])[..4], PINNED_COMMITMENT);
	assert_eq!(drawn_rows([1; 32], 0, 1_000)[..6], PINNED_ROWS);
	assert_eq!(drawn_devices([1; 32], 100, 4), PINNED_DEVICES);
}

const PINNED_CORNER: [i32; 8] =
	[-1674217082, 671595120, -1617686024, -1249181191, -1253097034, 521971494, -901854840, 924213344];
const PINNED_RIGHT: [i32; 2] = [-592026747, -1334348103];
const PINNED_FAR: [i32; 2] = [1791338442, 1166392232];
const PINNED_DEVICE: [u8; 4] = [125, 66, 224, 8];
const PINNED_COMMITMENT: [u8; 4] = [95, 155, 126, 228];
const PINNED_ROWS: [u32; 6] = [332, 643, 11, 344, 42, 54];
const PINNED_DEVICES: [u32; 4] = [12, 17, 44, 70];

#[test]
fn a_row_written_is_the_row_entry_by_entry_in_any_order() {
	let system = System::new([3; 32], 300);
	for (row, length) in [(299_u32, 300_usize), (0, 299), (7, 1), (8, 0)] {
		let mut written = vec![f64::NAN; length];
		system.write_row(row, &mut written);
		for (column, value) in written.iter().enumerate().rev() {
			let entry = system.entry(row, u32::try_from(column).unwrap());
			assert_eq!(*value, f64::from(entry) / 4_294_967_296.0);
			assert!((-0.5..0.5).contains(value));
		}
	}
}

/// Entries of a matrix of 1,024 rows as numbers in [−½, ½).
fn sample(seed: u8) -> Vec<Vec<f64>> {
	let system = System::new([seed; 32], 1_024);
	(0..1_024)
		.map(|row| {
			let mut entries = vec![0.0; 1_024];
			system.write_row(row, &mut entries);
			entries
		})
		.collect()
}

#[test]
fn entries_have_the_mean_and_variance_of_a_uniform_distribution() {
	// The standard error of the mean of 2²⁰ entries is 2.8e-4, that of the variance 7.3e-5: five of them are allowed.
	for seed in 0..4 {
		let entries: Vec<f64> = sample(seed).concat();
		let count = entries.len() as f64;
		let mean = entries.iter().sum::<f64>() / count;
		let variance = entries.iter().map(|entry| (entry - mean).powi(2)).sum::<f64>() / count;
		assert!(mean.abs() < 5.0 * 2.8e-4, "mean {mean}");
		assert!((variance - 1.0 / 12.0).abs() < 5.0 * 7.3e-5, "variance {variance}");
	}
}

#[test]
fn every_bit_of_an_entry_is_set_half_the_time() {
	let system = System::new([5; 32], 1_024);
	for bit in 0..32 {
		let set = (0..256)
			.flat_map(|row| (0..256).map(move |column| (row, column)))
			.filter(|(row, column)| system.entry(*row, *column) >> bit & 1 == 1)
			.count();
		// 2¹⁶ draws: a standard deviation of 128.
		assert!(set.abs_diff(32_768) < 5 * 128, "bit {bit} is set {set} times");
	}
}

#[test]
fn neighbours_are_not_correlated() {
	let rows = sample(11);
	let mut sums = [0.0; 4];
	for (at, row) in rows.iter().enumerate() {
		let below = &rows[(at + 1) % rows.len()];
		for column in 0..1_024 {
			let right = (column + 1) % 1_024;
			sums[0] += row[column] * row[right];
			sums[1] += row[column] * row[(column + 2) % 1_024];
			sums[2] += row[column] * below[column];
			sums[3] += row[column] * below[right];
		}
	}
	for sum in sums {
		// The standard error of a correlation over 2²⁰ pairs is 2⁻¹⁰.
		let correlation = sum * 12.0 / 1_048_576.0;
		assert!(correlation.abs() < 5.0 / 1_024.0, "correlation {correlation}");
	}
}

#[test]
fn seeds_that_differ_in_a_bit_have_nothing_in_common() {
	let first = System::new([0; 32], 256);
	let mut other = [0; 32];
	other[31] = 1;
	let second = System::new(other, 256);
	let differing: u32 = (0..256).map(|column| (first.entry(0, column) ^ second.entry(0, column)).count_ones()).sum();
	assert!(differing.abs_diff(4_096) < 5 * 46, "{differing} of 8,192 bits differ");
}

#[test]
fn entries_fall_evenly_into_bins() {
	// 2²⁰ entries, 256 bins of the highest and of the lowest byte: χ² of 255 degrees of freedom has mean 255, deviation
	// 22.6.
	let system = System::new([12; 32], 1_024);
	let mut high = [0_u32; 256];
	let mut low = [0_u32; 256];
	for row in 0..1_024 {
		for column in 0..1_024 {
			let [first, .., last] = system.entry(row, column).to_be_bytes();
			high[usize::from(first)] += 1;
			low[usize::from(last)] += 1;
		}
	}
	for bins in [high, low] {
		let square: f64 = bins.iter().map(|bin| (f64::from(*bin) - 4_096.0).powi(2) / 4_096.0).sum();
		assert!((255.0 - 5.0 * 22.6..255.0 + 5.0 * 22.6).contains(&square), "chi squared {square}");
	}
}

#[test]
fn a_matrix_is_not_diagonally_dominant() {
	for (at, row) in sample(13).iter().enumerate() {
		let others: f64 = row.iter().map(|entry| entry.abs()).sum::<f64>() - row[at].abs();
		assert!(others > 100.0 * row[at].abs());
	}
}

#[test]
fn rows_are_drawn_over_the_whole_matrix() {
	let mut hits = vec![0_u32; 256];
	for device in 0..400 {
		let rows = drawn_rows([9; 32], device, 256);
		assert_eq!(rows.len(), usize::try_from(DRAWN_ROWS).unwrap());
		for row in rows {
			hits[usize::try_from(row).unwrap()] += 1;
		}
	}
	// 25,600 draws, 100 a row with a deviation of 10.
	assert!(hits.iter().all(|hits| hits.abs_diff(100) < 50), "{hits:?}");
	assert_ne!(drawn_rows([9; 32], 0, 256), drawn_rows([9; 32], 1, 256));
	assert_ne!(drawn_rows([9; 32], 0, 256), drawn_rows([8; 32], 0, 256));
	assert!(drawn_rows([9; 32], 0, 0).is_empty());
	assert!(drawn_rows([9; 32], 0, 1).iter().all(|row| *row == 0));
}

#[test]
fn devices_are_drawn_evenly() {
	let mut hits = [0_u32; 16];
	for seed in 0..=255 {
		for device in drawn_devices([seed; 32], 16, 4) {
			hits[usize::try_from(device).unwrap()] += 1;
		}
	}
	// 256 draws of a quarter: 64 each, deviation 7.
	assert!(hits.iter().all(|hits| hits.abs_diff(64) < 35), "{hits:?}");
	assert_eq!(drawn_devices([0; 32], 3, 4), [0, 1, 2]);
	assert_eq!(drawn_devices([0; 32], 4, 4), [0, 1, 2, 3]);
	assert!(drawn_devices([0; 32], 0, 4).is_empty());
	assert!(drawn_devices([0; 32], 9, 0).is_empty());
	assert_eq!(drawn_devices([0; 32], u32::MAX, u32::MAX).len(), 1_024, "no resource has more");
}

#[test]
fn a_commitment_depends_on_each_hash_and_their_order() {
	let (one, two) = ([1; 32], [2; 32]);
	let all: BTreeSet<_> = [vec![], vec![one], vec![two], vec![one, two], vec![two, one], vec![one, one]]
		.map(|hashes| commitment(&hashes))
		.into();
	assert_eq!(all.len(), 6);
}

proptest! {
	#[test]
	fn any_vector_is_judged_without_a_panic(seed: [u8; 32], unknowns in proptest::collection::vec(any::<i64>(), 256..300), row: u32) {
		let order = u32::try_from(unknowns.len()).unwrap();
		let random = Solution(unknowns);
		prop_assert!(!System::new(seed, order).solves(&random, &[0, 1, 2, 3, row % order]));
	}

	#[test]
	fn drawn_devices_differ_and_are_in_order(seed: [u8; 32], devices in 0_u32..2_000, most in 0_u32..100) {
		let drawn = drawn_devices(seed, devices, most);
		prop_assert_eq!(drawn.len(), usize::try_from(devices.min(1_024).min(most)).unwrap());
		prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
		prop_assert!(drawn.iter().all(|device| *device < devices));
	}

	#[test]
	fn rounding_is_to_the_nearest_unit(unknown in -8_000_000.0_f64..8_000_000.0) {
		let fixed = Solution::from_floats(&[unknown]).unwrap();
		let exact = unknown * 2f64.powi(40);
		prop_assert!((fixed.0[0] as f64 - exact).abs() <= 0.5);
	}
}
