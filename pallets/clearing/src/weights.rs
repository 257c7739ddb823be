//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls.
pub trait WeightInfo {
	/// Worst case: the account is new and so is its segment.
	fn deposit() -> Weight;
	/// Worst case: a new hour begins.
	fn withdraw() -> Weight;
	/// An account is removed.
	fn close() -> Weight;
	/// A surplus moves.
	fn sweep_surplus() -> Weight;
}

/// Weightless, for tests.
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
}
