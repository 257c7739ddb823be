//! Random operations in long histories, for `scripts/fuzz`.

use super::{
	history::{History, Tally},
	operations::{crisis, operation, poor, Operation, Start},
	*,
};
use proptest::{
	strategy::{BoxedStrategy, Strategy, ValueTree},
	test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::collections::BTreeMap;

/// Operations on one chain, before the next begins.
const HISTORY: u64 = 2_000;

/// A number of the environment, or this one.
fn variable(name: &str, otherwise: u64) -> u64 {
	std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// The beginning of a history, and its operations: they follow from the seed and the history's number alone. In every other one
/// guarantors fail often; one in twenty begins with nothing.
fn plan(seed: u64, history: u64) -> (Start, impl Iterator<Item = Operation>) {
	let mut bytes = [0; 32];
	bytes[..8].copy_from_slice(&seed.to_le_bytes());
	bytes[8..16].copy_from_slice(&history.to_le_bytes());
	let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
	let mut runner = TestRunner::new_with_rng(Config::default(), rng);
	let (start, any): (Start, BoxedStrategy<Operation>) = match history % 20 {
		19 => (Start::EMPTY, operation().boxed()),
		number if number % 2 == 0 => {
			(poor().new_tree(&mut runner).expect("there is always one").current(), crisis().boxed())
		},
		_ => (Start::RICH, operation().boxed()),
	};
	(start, core::iter::repeat_with(move || any.new_tree(&mut runner).expect("there is always one").current()))
}

/// What histories came to.
#[derive(Default)]
struct Sum {
	done: u64,
	violations: u64,
	paths: BTreeMap<String, u64>,
	tally: Tally,
}

impl Sum {
	/// Goes through so much of a history, and then to the end of the defaults that are open.
	fn live(&mut self, seed: u64, number: u64, length: u64) {
		Exchange.build().execute_with(|| {
			let (start, operations) = plan(seed, number);
			let mut history = History::begin(&start);
			let mut report = |step: u64, done: &str, violation: String| {
				self.violations += 1;
				println!("seed {seed}, history {number}, step {step}: {done}: {violation}");
			};
			let mut is_sound = true;
			for (step, operation) in (1..=length).zip(operations) {
				self.done += 1;
				match history.take(&operation) {
					Ok(path) => *self.paths.entry(path).or_default() += 1,
					Err(violation) => {
						report(step, &format!("{operation:?}"), violation);
						is_sound = false;
						break;
					},
				}
			}
			if is_sound {
				if let Err(violation) = history.end() {
					report(length, "the end", violation);
				}
			}
			self.tally.add(&history.tally);
		});
	}
}

/// Prints how many operations were done, how many distinct paths they took, what became of defaults, and how many operations
/// broke something. `GCX_FUZZ_OPS` and `GCX_FUZZ_SEED` say how many and which; `GCX_FUZZ_PATHS` has the paths printed.
#[test]
#[ignore = "it takes as long as one wants: scripts/fuzz"]
fn random_operations() {
	let (count, seed) = (variable("GCX_FUZZ_OPS", 100_000), variable("GCX_FUZZ_SEED", 1));
	let mut sum = Sum::default();
	let mut number = variable("GCX_FUZZ_HISTORY", 0);
	while sum.done < count {
		sum.live(seed, number, HISTORY.min(count - sum.done));
		number += 1;
	}
	if std::env::var_os("GCX_FUZZ_PATHS").is_some() {
		for (path, times) in &sum.paths {
			println!("{times:>9} {path}");
		}
	}
	println!("operations {}", sum.done);
	println!("distinct paths {}", sum.paths.len());
	for (name, times) in sum.tally.lines() {
		println!("{name} {times}");
	}
	println!("violations {}", sum.violations);
	assert_eq!(sum.violations, 0, "something broke");
}

/// Random operations reach what they are for: guarantors fail alone, in twos and all together, and every layer bears something.
#[test]
fn defaults_of_one_two_and_all_guarantors_are_worked_out() {
	let mut sum = Sum::default();
	for number in [0, 2, 4, 6, 8, 10, 12, 14] {
		sum.live(1, number, 1_000);
	}
	assert_eq!(sum.violations, 0);
	let missing: Vec<_> = sum.tally.lines().filter(|(_, times)| *times == 0).map(|(name, _)| name).collect();
	assert!(missing.is_empty(), "not reached: {missing:?} of {:?}", sum.tally);
}
