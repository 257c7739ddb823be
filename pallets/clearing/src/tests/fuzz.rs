//! Random operations in long histories, for `scripts/fuzz`.

use super::{history::History, operations::operation, *};
use proptest::{
	strategy::{Strategy, ValueTree},
	test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::collections::BTreeMap;

/// Operations on one chain, before the next begins.
const HISTORY: u64 = 2_000;

/// A number of the environment, or this one.
fn variable(name: &str, otherwise: u64) -> u64 {
	std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The operations of a history: they follow from the seed and the history's number alone.
fn operations(seed: u64, history: u64) -> impl Iterator<Item = super::operations::Operation> {
	let mut bytes = [0; 32];
	bytes[..8].copy_from_slice(&seed.to_le_bytes());
	bytes[8..16].copy_from_slice(&history.to_le_bytes());
	let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
	let mut runner = TestRunner::new_with_rng(Config::default(), rng);
	let any = operation();
	core::iter::repeat_with(move || any.new_tree(&mut runner).expect("there is always one").current())
}

/// Prints how many operations were done, how many distinct paths they took, and how many broke something. `GCX_FUZZ_OPS` and
/// `GCX_FUZZ_SEED` say how many and which; `GCX_FUZZ_PATHS` has the paths printed.
#[test]
#[ignore = "it takes as long as one wants: scripts/fuzz"]
fn random_operations() {
	let (count, seed) = (variable("GCX_FUZZ_OPS", 100_000), variable("GCX_FUZZ_SEED", 1));
	let (mut done, mut violations) = (0, 0u64);
	let mut paths = BTreeMap::<String, u64>::new();
	for number in 0.. {
		if done >= count {
			break;
		}
		Exchange.build().execute_with(|| {
			// One history in twenty begins with nothing.
			let mut history = History::begin(number % 20 != 19);
			let length = HISTORY.min(count - done);
			for (step, operation) in (1..=length).zip(operations(seed, number)) {
				done += 1;
				match history.take(&operation) {
					Ok(path) => *paths.entry(path).or_default() += 1,
					Err(violation) => {
						violations += 1;
						println!("seed {seed}, history {number}, step {step}: {operation:?}: {violation}");
						return;
					},
				}
			}
		});
	}
	if std::env::var_os("GCX_FUZZ_PATHS").is_some() {
		for (path, times) in &paths {
			println!("{times:>9} {path}");
		}
	}
	println!("operations {done}");
	println!("distinct paths {}", paths.len());
	println!("violations {violations}");
	assert_eq!(violations, 0, "something broke");
}
