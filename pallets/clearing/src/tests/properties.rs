//! Whatever owners, guarantors, governance, time and prices do, in any order, the books add up and no money appears.
//!
//! `scripts/test` takes the same operations every time; `scripts/fuzz --seed` looks for others.

use super::{
	history::History,
	operations::{crisis, operation, poor, Amount, Deal, Means, Move, Operation, Quote, Start},
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

/// Skin in the game was lent to a guarantor that could not pay it back, because a failed house owed it as much; and what that owed
/// waited for skin in the game.
#[test]
fn a_layer_that_is_lent_to_whom_the_failed_house_owes_is_set_off() {
	use Operation as It;
	let means = Means {
		house: 208_691,
		customer: 239_474,
		contribution: 0,
		skin: 3_000_000,
		outside: 0,
		bond_price: 1_000,
		has_third: false,
	};
	let first = Deal {
		instrument: NEAR,
		lots: 16,
		quote: Quote::OfMark(0),
		buyer: (2, 0),
		seller: (21, 0),
		fees: (13, 114),
		reduce_only: (false, false, false),
	};
	let operations = [
		It::PutCollateral((12, 0), CollateralId(0), Amount::Units(107_002)),
		It::Deposit((11, 0), Amount::Units(10_506)),
		It::Fix(CLASS, Move::To(5_986)),
		It::Block,
		It::Trade(first),
		It::Fail(2),
		It::Gap(CLASS, Move::By(-950)),
		It::Wait(57),
		It::Deposit((12, 0), Amount::Units(115_623)),
		It::Revive(232_902),
		It::Lever((1, 0), (2, 0), FAR, 674, false),
		It::Blocks(8, 457_323),
		It::Lever((12, 0), (21, 0), NEAR, 663, true),
		It::Lever((21, 0), (1, 0), FAR, 887, false),
		It::Gap(CLASS, Move::Home),
		It::Blocks(6, 468_311),
		It::Blocks(9, 499_401),
		It::Gap(CLASS, Move::By(559)),
		It::Gap(CLASS, Move::By(478)),
		It::Gap(OTHER_CLASS, Move::ThroughZero),
	];
	live(&Start { is_open: true, means: Some(means) }, &operations).expect("it comes to its end");
}
