//! What the entries of the matrices look like. Everything is computed from fixed seeds: a test passes always or never. Where a
//! figure is random, five standard deviations are allowed.

use gcx_math::proof::{dot, Line, Side, BLOCK, MAX_DEPTH};
use sp_crypto_hashing::blake2_256;

/// Lines of a sample.
const LINES: u32 = 512;
/// Entries of each: 2²⁰ in all.
const DEPTH: usize = 2_048;
/// Variance of an entry: `2 · Σ v² / 256` over v from 1 to 127.
const VARIANCE: f64 = 5_397.5;

fn line(seed: u8, side: Side, index: u32) -> Vec<i8> {
	let line = Line::new(&[seed; 32], side, index, blake2_256);
	(0..(DEPTH / BLOCK) as u32).flat_map(|block| line.block(block)).collect()
}

fn sample(seed: u8, side: Side) -> Vec<Vec<i8>> {
	(0..LINES).map(|index| line(seed, side, index)).collect()
}

/// Correlation of pairs of entries of which each is of mean zero.
fn correlation<'a>(pairs: impl Iterator<Item = (&'a i8, &'a i8)>) -> (f64, f64) {
	let (sum, count) = pairs
		.fold((0_i64, 0_u32), |(sum, count), (left, right)| (sum + i64::from(*left) * i64::from(*right), count + 1));
	(sum as f64 / (f64::from(count) * VARIANCE), 1.0 / f64::from(count).sqrt())
}

fn assert_uncorrelated<'a>(what: &str, pairs: impl Iterator<Item = (&'a i8, &'a i8)>) {
	let (correlation, deviation) = correlation(pairs);
	assert!(correlation.abs() < 5.0 * deviation, "{what}: {correlation}, a deviation is {deviation}");
}

#[test]
fn an_entry_alone_is_the_entry_of_its_block() {
	for (seed, side, index) in [([0; 32], Side::Left, 0), ([3; 32], Side::Right, 77), ([255; 32], Side::Left, 65_535)] {
		let line = Line::new(&seed, side, index, blake2_256);
		for block in [0, 1, 2_047] {
			let entries = line.block(block);
			for (at, entry) in (0..).zip(entries) {
				assert_eq!(line.entry(block * 64 + at), entry);
			}
		}
	}
}

#[test]
fn zero_stands_for_the_least_byte_and_nothing_else_changes() {
	let mut replaced = 0;
	for index in 0..64 {
		let line = Line::new(&[1; 32], Side::Left, index, blake2_256);
		for at in 0..1_024 {
			// The mixer without what follows it.
			let mut word = line.first.wrapping_add(u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15));
			word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ line.second;
			word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
			word ^= word >> 31;
			for (depth, byte) in (at * 8..).zip(word.to_le_bytes()) {
				let entry = byte as i8;
				assert_eq!(line.entry(depth), if entry == i8::MIN { 0 } else { entry });
				replaced += u32::from(entry == i8::MIN);
			}
		}
	}
	assert!(replaced > 1_900, "{replaced} of 2¹⁹ bytes were the least, 2,048 are expected");
}

#[test]
fn sums_of_the_greatest_products_at_the_greatest_depth_are_exact() {
	let most = vec![127; MAX_DEPTH as usize];
	let least = vec![-127; MAX_DEPTH as usize];
	assert_eq!(dot(&most, &most), 2_114_060_288);
	assert_eq!(dot(&least, &least), 2_114_060_288);
	assert_eq!(dot(&most, &least), -2_114_060_288);
	assert_eq!(dot(&[1, -2, 3], &[4, 5, -6]), -24);
}

#[test]
fn entries_have_the_mean_and_variance_of_their_distribution() {
	for (seed, side) in [(0, Side::Left), (0, Side::Right), (1, Side::Left), (255, Side::Right)] {
		let entries = sample(seed, side).concat();
		let count = entries.len() as f64;
		let sum: i64 = entries.iter().map(|entry| i64::from(*entry)).sum();
		let squares: i64 = entries.iter().map(|entry| i64::from(*entry).pow(2)).sum();
		// Of 2²⁰ entries the mean has a standard deviation of √5397.5 / 2¹⁰ = 0.0717; the variance one of
		// √(5.264e7 − 5397.5²) / 2¹⁰ = 4.74, with the fourth moment 2 · Σ v⁴ / 256 = 5.264e7.
		let (mean, variance) = (sum as f64 / count, squares as f64 / count);
		assert!(mean.abs() < 5.0 * 0.0717, "mean {mean}");
		assert!((variance - VARIANCE).abs() < 5.0 * 4.74, "variance {variance}");
	}
}

#[test]
fn every_value_comes_as_often_as_it_should() {
	for (seed, side) in [(2, Side::Left), (2, Side::Right), (3, Side::Left)] {
		let mut counts = [0_u32; 256];
		for entry in sample(seed, side).concat() {
			counts[(i16::from(entry) + 128) as usize] += 1;
		}
		assert_eq!(counts[0], 0, "−128");
		// 254 values of one in 256, and zero twice as likely: χ² of 254 degrees of freedom has mean 254, deviation 22.5.
		let square: f64 = (1..256)
			.map(|value| {
				let expected = if value == 128 { 8_192.0 } else { 4_096.0 };
				(f64::from(counts[value]) - expected).powi(2) / expected
			})
			.sum();
		assert!((254.0 - 5.0 * 22.5..254.0 + 5.0 * 22.5).contains(&square), "χ² {square}");
	}
}

#[test]
fn every_place_of_a_word_has_every_value_alike() {
	let lines = sample(4, Side::Left);
	for place in 0..8 {
		let mut counts = [0_u32; 256];
		for line in &lines {
			for entry in line.iter().skip(place).step_by(8) {
				counts[(i16::from(*entry) + 128) as usize] += 1;
			}
		}
		let square: f64 = (1..256)
			.map(|value| {
				let expected = if value == 128 { 1_024.0 } else { 512.0 };
				(f64::from(counts[value]) - expected).powi(2) / expected
			})
			.sum();
		assert!((254.0 - 5.0 * 22.5..254.0 + 5.0 * 22.5).contains(&square), "place {place}: χ² {square}");
	}
}

#[test]
fn entries_along_a_line_are_not_correlated() {
	let lines = sample(5, Side::Left);
	for lag in (1..=17).chain([24, 32, 64, 128, 256, 1_024]) {
		let pairs = lines.iter().flat_map(|line| line.iter().zip(&line[lag..]));
		assert_uncorrelated(&format!("lag {lag}"), pairs);
	}
}

#[test]
fn lines_beside_each_other_are_not_correlated() {
	for side in [Side::Left, Side::Right] {
		let lines = sample(6, side);
		for apart in [1, 2, 3, 8, 16, 256] {
			let pairs = lines.iter().zip(&lines[apart..]).flat_map(|(line, other)| line.iter().zip(other));
			assert_uncorrelated(&format!("{side:?}, {apart} apart"), pairs);
			let shifted = lines.iter().zip(&lines[apart..]).flat_map(|(line, other)| line.iter().zip(&other[8..]));
			assert_uncorrelated(&format!("{side:?}, {apart} apart, one word on"), shifted);
		}
	}
}

#[test]
fn matrices_and_seeds_have_nothing_in_common() {
	let left = sample(7, Side::Left).concat();
	assert_uncorrelated("the two matrices", left.iter().zip(&sample(7, Side::Right).concat()));
	// 7 and 6 differ in a bit of each byte; 0x87 in another.
	for seed in [6, 0x87, 8] {
		assert_uncorrelated("two seeds", left.iter().zip(&sample(seed, Side::Left).concat()));
	}
	let mut seed = [7; 32];
	seed[31] ^= 1;
	let other: Vec<i8> = (0..LINES)
		.flat_map(|index| {
			let line = Line::new(&seed, Side::Left, index, blake2_256);
			(0..(DEPTH / BLOCK) as u32).flat_map(move |block| line.block(block))
		})
		.collect();
	assert_uncorrelated("seeds that differ in a bit", left.iter().zip(&other));
}

/// Of how many of `words` each bit differs between two.
fn differing(words: u32, of: impl Fn(u32) -> (u64, u64)) -> [u32; 64] {
	let mut bits = [0; 64];
	for at in 0..words {
		let (one, other) = of(at);
		for (bit, count) in bits.iter_mut().enumerate() {
			*count += (((one ^ other) >> bit) & 1) as u32;
		}
	}
	bits
}

#[test]
fn a_bit_of_the_first_key_changes_every_bit_of_a_word_half_the_time() {
	let key = |at: u32| Line::new(&[9; 32], Side::Left, at, blake2_256);
	for flipped in 0..64 {
		let bits = differing(4_096, |at| {
			let line = key(at);
			(line.word(at), Line { first: line.first ^ (1 << flipped), ..line }.word(at))
		});
		// 4,096 words: a deviation of 32. What replaces the least byte moves a probability by less than 2⁻¹⁴.
		for (bit, count) in bits.iter().enumerate() {
			assert!(count.abs_diff(2_048) < 5 * 32, "bit {flipped} changes bit {bit} of {count} words in 4,096");
		}
	}
}

#[test]
fn a_bit_of_the_counter_changes_every_bit_of_a_word_half_the_time() {
	// 14 bits count the words of the greatest depth.
	for flipped in 0..14 {
		let bits = differing(4_096, |at| {
			let line = Line::new(&[10; 32], Side::Right, at, blake2_256);
			(line.word(at), line.word(at ^ (1 << flipped)))
		});
		for (bit, count) in bits.iter().enumerate() {
			assert!(count.abs_diff(2_048) < 5 * 32, "bit {flipped} changes bit {bit} of {count} words in 4,096");
		}
	}
}

#[test]
fn keys_that_differ_only_in_the_second_make_lines_that_are_not_correlated() {
	// Two lines of the same first key would come of one hash in 2⁶⁴. They still are two lines.
	let one = Line::new(&[11; 32], Side::Left, 0, blake2_256);
	let other = Line { second: Line::new(&[11; 32], Side::Left, 1, blake2_256).second, ..one };
	let entries = |line: Line| -> Vec<i8> { (0..4_096).flat_map(|block| line.block(block)).collect() };
	assert_uncorrelated("the same first key", entries(one).iter().zip(&entries(other)));
}

/// The rank of a square matrix over the field of so many elements, a prime.
fn rank(mut rows: Vec<Vec<u64>>, prime: u64) -> usize {
	let power = |base: u64, mut exponent: u64| {
		let (mut base, mut result) = (base, 1);
		while exponent > 0 {
			if exponent % 2 == 1 {
				result = result * base % prime;
			}
			base = base * base % prime;
			exponent /= 2;
		}
		result
	};
	let mut rank = 0;
	for column in 0..rows.len() {
		let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
		rows.swap(rank, pivot);
		let inverse = power(rows[rank][column], prime - 2);
		let (above, below) = rows.split_at_mut(rank + 1);
		for row in below {
			let factor = row[column] * inverse % prime;
			for (entry, eliminated) in row.iter_mut().zip(&above[rank]).skip(column) {
				*entry = (*entry + (prime - factor) * eliminated) % prime;
			}
		}
		rank += 1;
	}
	rank
}

#[test]
fn no_row_is_a_combination_of_others() {
	const SIZE: u32 = 160;
	const PRIME: u64 = 1_000_003;
	for side in [Side::Left, Side::Right] {
		let square = |from: u32, entry: fn(i8) -> u64| -> Vec<Vec<u64>> {
			(0..SIZE)
				.map(|index| {
					let line = Line::new(&[12; 32], side, index, blake2_256);
					(from..from + SIZE).map(|depth| entry(line.entry(depth))).collect()
				})
				.collect()
		};
		for from in [0, 64, 100_000] {
			// One random matrix in a million is singular in this field.
			let whole = square(from, |entry| (i64::from(entry) + PRIME as i64) as u64 % PRIME);
			assert_eq!(rank(whole, PRIME), SIZE as usize);
			// Single bits, where a mixer that is linear over two elements would show: of random ones, one in 2²⁵ falls five short.
			for bits in [square(from, |entry| (entry & 1) as u64), square(from, |entry| u64::from(entry < 0))] {
				assert!(rank(bits, 2) > SIZE as usize - 5);
			}
		}
	}
}
