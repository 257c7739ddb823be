//! Whatever owners, guarantors, governance, time and prices do, in any order, the books add up and no money appears.

use super::{history::History, operations::operation, *};
use proptest::prelude::*;

proptest! {
	#![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

	#[test]
	fn the_books_add_up_after_any_operations(
		is_open in prop::bool::weighted(0.9),
		operations in prop::collection::vec(operation(), 1..160),
	) {
		Exchange.build().execute_with(|| {
			let mut history = History::begin(is_open);
			for (step, operation) in operations.iter().enumerate() {
				let path = history.take(operation);
				prop_assert!(path.is_ok(), "step {step}, {operation:?}: {path:?}");
			}
			Ok(())
		})?;
	}
}
