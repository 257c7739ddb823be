//! What a check costs.

use super::{checked, claim, sampled, seed, CPU, GPU, SMALL};
use codec::{Encode, MaxEncodedLen};
use gcx_math::proof::{reference::Transcript, Cell, Cost, Opening, Parameters, RawParameters};
use sp_crypto_hashing::blake2_256;
use std::cell::Cell as Counter;

thread_local! {
	static HASHES: Counter<u64> = const { Counter::new(0) };
	static BLOCKS: Counter<u64> = const { Counter::new(0) };
}

/// The hash function, counting.
fn counted(bytes: &[u8]) -> [u8; 32] {
	HASHES.set(HASHES.get() + 1);
	BLOCKS.set(BLOCKS.get() + (bytes.len() as u64).div_ceil(128));
	blake2_256(bytes)
}

fn all_cells(parameters: &Parameters) -> impl Iterator<Item = Cell> + use<> {
	let (rounds, rows, columns) = (parameters.rounds, parameters.rows, parameters.columns);
	(0..rounds).flat_map(move |round| {
		(0..rows).flat_map(move |row| (0..columns).map(move |column| Cell { round, row, column }))
	})
}

#[test]
fn a_check_hashes_and_reads_exactly_what_its_cost_says() {
	for raw in [
		RawParameters { rows: 24, columns: 40, depth: 64, patch: 2, ..SMALL },
		RawParameters { rows: 20, columns: 12, depth: 64, tile: 4, patch: 4, rounds: 5, openings: 1 },
		RawParameters { rows: 32, columns: 32, depth: 64, tile: 32, patch: 1, rounds: 1, openings: 64 },
		RawParameters { rows: 16, columns: 32, depth: 64, tile: 16, patch: 16, rounds: 2, openings: 3 },
	] {
		let parameters = checked(raw);
		let seed = seed(&parameters);
		let transcript = Transcript::honest(parameters, seed, blake2_256);
		let claim = claim(&parameters, seed, transcript.commitment());
		let mut most = Cost::default();
		for cell in all_cells(&parameters).step_by(3) {
			let opening = transcript.open(&cell).unwrap();
			let cost = parameters.opening_cost(&cell).unwrap();
			HASHES.set(0);
			BLOCKS.set(0);
			assert_eq!(claim.check(&cell, &opening, counted), Ok(()));
			assert_eq!([cost.hashes, cost.hash_blocks], [HASHES.get(), BLOCKS.get()], "{cell:?}");
			assert_eq!(cost.bytes, opening.encoded_size() as u64, "{cell:?}");
			assert_eq!(cost.entries, u64::from(2 * raw.patch * raw.depth));
			assert_eq!(cost.products, u64::from(raw.patch * raw.patch * raw.depth));
			most.hashes = most.hashes.max(cost.hashes);
			most.bytes = most.bytes.max(cost.bytes);
		}
		let all = parameters.check_cost();
		let openings = u64::from(raw.openings);
		assert_eq!([all.hashes, all.bytes], [openings * most.hashes, openings * most.bytes]);
		assert_eq!(all.products, openings * u64::from(raw.patch * raw.patch * raw.depth));
		assert!(most.bytes <= Opening::max_encoded_len() as u64);
	}
}

#[test]
fn a_cell_that_is_not_there_has_no_cost() {
	let parameters = checked(SMALL);
	for cell in [
		Cell { round: 3, row: 0, column: 0 },
		Cell { round: 0, row: 48, column: 0 },
		Cell { round: 0, row: 0, column: 32 },
	] {
		assert_eq!(parameters.opening_cost(&cell), None);
	}
}

#[test]
fn what_the_first_parameters_cost_is_pinned() {
	let entries = 16 * 2 * 131_072;
	let gpu = Cost { entries, products: entries / 2, hashes: 704, hash_blocks: 832, bytes: 36_448 };
	let cpu = Cost { entries, products: entries / 2, hashes: 448, hash_blocks: 576, bytes: 28_256 };
	assert_eq!(checked(GPU).check_cost(), gpu);
	assert_eq!(checked(CPU).check_cost(), cpu);
	// For each product that is checked, so many operations are proven.
	assert_eq!(checked(GPU).operations() / gpu.products, 1 << 34);
	assert_eq!(checked(CPU).operations() / cpu.products, 1 << 23);
}

#[test]
fn openings_at_full_size_hold_and_cost_no_more_than_the_most() {
	for raw in [GPU, CPU, RawParameters { patch: 4, depth: 2_048, ..GPU }] {
		let parameters = checked(raw);
		let seed = seed(&parameters);
		let (commitment, openings) = sampled::openings(&parameters, seed, &[9; 32], blake2_256);
		let claim = claim(&parameters, seed, Some(commitment));
		HASHES.set(0);
		for (cell, opening) in &openings {
			assert_eq!(claim.check(cell, opening, counted), Ok(()));
		}
		assert_eq!(openings.len() as u32, raw.openings);
		assert!(HASHES.get() <= parameters.check_cost().hashes);
	}
}
