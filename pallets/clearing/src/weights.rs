//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls.
pub trait WeightInfo {
	/// Worst case: the account is new and so is its segment.
	fn deposit() -> Weight;
	/// Worst case: a new hour begins, the account is full of positions that have to be rolled.
	fn withdraw() -> Weight;
	/// An account is removed.
	fn close() -> Weight;
	/// A surplus moves.
	fn sweep_surplus() -> Weight;
	/// An instrument that so many segments hold gets its settlement price.
	fn price_instrument(segments: u32) -> Weight;
	/// So many segments pay or are paid.
	fn settle(segments: u32) -> Weight;
	/// An instrument's mark and risk array change.
	fn refresh() -> Weight;
	/// An account is looked at, and its guarantor's house answers for it. They have so many positions between them.
	fn inspect(positions: u32) -> Weight;
	/// Worst case: a full account that is for sale is handed over to its house.
	fn hand_over() -> Weight;
	/// Worst case: a step of the waterfall with as many guarantors as there can be.
	fn advance_default() -> Weight;
	/// With as many guarantors as there can be.
	fn refresh_cover() -> Weight;
	/// So many full accounts are gone through in a haircut of gains.
	fn levy(accounts: u32) -> Weight;
	/// Worst case: a slice of a full account is taken by another that will be full.
	fn bid() -> Weight;
	/// Worst case: all accounts that a customer can have, full of positions.
	fn port() -> Weight;
	/// Parameters are noted.
	fn set_parameters() -> Weight;
	/// A scan fraction is raised.
	fn raise_fraction() -> Weight;
	/// An instrument is looked through and released.
	fn release() -> Weight;
	/// An asset of collateral gets other figures.
	fn admit_collateral() -> Weight;
	/// The account has none of it yet.
	fn deposit_collateral() -> Weight;
	/// Worst case: a new hour begins, the account is full of positions that have to be rolled.
	fn withdraw_collateral() -> Weight;
}

/// For tests: a step of the settlement run and a look at an account weigh one unit, the other calls nothing.
impl WeightInfo for () {
	fn deposit() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn close() -> Weight {
		Weight::zero()
	}
	fn sweep_surplus() -> Weight {
		Weight::zero()
	}
	fn price_instrument(_: u32) -> Weight {
		Weight::from_parts(1, 1)
	}
	fn settle(_: u32) -> Weight {
		Weight::from_parts(1, 1)
	}
	fn refresh() -> Weight {
		Weight::zero()
	}
	fn inspect(_: u32) -> Weight {
		Weight::from_parts(1, 1)
	}
	fn hand_over() -> Weight {
		Weight::from_parts(1, 1)
	}
	fn advance_default() -> Weight {
		Weight::zero()
	}
	fn refresh_cover() -> Weight {
		Weight::zero()
	}
	fn levy(_: u32) -> Weight {
		Weight::from_parts(1, 1)
	}
	fn bid() -> Weight {
		Weight::zero()
	}
	fn port() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
	fn raise_fraction() -> Weight {
		Weight::zero()
	}
	fn release() -> Weight {
		Weight::zero()
	}
	fn admit_collateral() -> Weight {
		Weight::zero()
	}
	fn deposit_collateral() -> Weight {
		Weight::zero()
	}
	fn withdraw_collateral() -> Weight {
		Weight::zero()
	}
}
