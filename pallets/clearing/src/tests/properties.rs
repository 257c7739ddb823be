//! Whatever owners, guarantors, governance, time and prices do, in any order, the books add up and no money appears.
//!
//! `scripts/test` takes the same operations every time; `scripts/fuzz --seed` looks for others.

use super::{
	history::History,
	operations::{crisis, operation, poor, Operation, Start},
	*,
};
use proptest::prelude::*;

/// Goes through a history.
fn live(start: &Start, operations: &[Operation]) -> Result<(), TestCaseError> {
	Exchange.build().execute_with(|| {
		let mut history = History::begin(start);
		for (step, operation) in operations.iter().enumerate() {
			let path = history.take(operation);
			prop_assert!(path.is_ok(), "step {step}, {operation:?}: {path:?}");
		}
		let end = history.end();
		prop_assert!(end.is_ok(), "the end: {end:?}");
		Ok(())
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn the_books_add_up_after_any_operations(
		is_open in prop::bool::weighted(0.9),
		operations in prop::collection::vec(operation(), 1..160),
	) {
		live(if is_open { &Start::RICH } else { &Start::EMPTY }, &operations)?;
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(60))]

	/// Nobody's principal pays for another's loss, and each layer pays after the one before it, whoever fails.
	#[test]
	fn layers_bear_exactly_the_loss_in_their_order_whoever_fails(
		start in poor(),
		operations in prop::collection::vec(crisis(), 1..160),
	) {
		live(&start, &operations)?;
	}
}
