//! What checking proof of compute costs: prints `name value unit` lines. Natively, the hash included; a chain checks in wasm.

#[path = "../tests/proof/sampled.rs"]
mod sampled;

use gcx_math::proof::{Claim, Parameters, RawParameters};
use sp_crypto_hashing::blake2_256;
use std::{
	hint::black_box,
	time::{Duration, Instant},
};

/// Checks of which the median counts.
const CHECKS: usize = 101;

/// What a GPU of 1,000 INT8 TOPS begins with.
const GPU: RawParameters =
	RawParameters { rows: 16_384, columns: 16_384, depth: 131_072, tile: 16, patch: 1, rounds: 512, openings: 16 };

/// Median time to check all openings of a device.
fn check_time(parameters: &Parameters) -> Duration {
	let (seed, randomness) = ([1; 32], [2; 32]);
	let (commitment, openings) = sampled::openings(parameters, seed, &randomness, blake2_256);
	let claim = Claim { parameters, seed, commitment };
	let mut times: Vec<_> = (0..CHECKS)
		.map(|_| {
			let began = Instant::now();
			for (cell, opening) in black_box(&openings) {
				assert_eq!(claim.check(cell, opening, blake2_256), Ok(()));
			}
			began.elapsed()
		})
		.collect();
	times.sort_unstable();
	times[CHECKS / 2]
}

fn main() {
	for (name, raw) in [
		("gpu", GPU),
		("cpu", RawParameters { rows: 2_048, columns: 2_048, rounds: 16, ..GPU }),
		("tile_2048", RawParameters { depth: 2_048, patch: 16, ..GPU }),
		("tile_8192", RawParameters { depth: 8_192, patch: 16, ..GPU }),
	] {
		let parameters = Parameters::try_from(raw).expect("within all bounds");
		let milliseconds = check_time(&parameters).as_secs_f64() * 1e3;
		println!("proof_check_native_{name}_ms {milliseconds:.3} ms");
		println!(
			"proof_operations_per_native_ms_{name} {:.0} operations",
			parameters.operations() as f64 / milliseconds
		);
	}
}
