//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls.
pub trait WeightInfo {
	/// Worst case: a full list of candidates, the lowest of which is outbid.
	fn bond() -> Weight;
	/// Worst case: the last of a full list becomes the first.
	fn bond_extra() -> Weight;
	/// Worst case: every other candidate is looked at to see whether the floor holds.
	fn chill() -> Weight;
	/// Worst case: a full list of candidates, the lowest of which is outbid.
	fn validate() -> Weight;
	/// Worst case: every other candidate is looked at to see whether the floor holds.
	fn unbond() -> Weight;
	/// The bond is released.
	fn withdraw_unbonded() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::zero()
	}
	fn bond_extra() -> Weight {
		Weight::zero()
	}
	fn chill() -> Weight {
		Weight::zero()
	}
	fn validate() -> Weight {
		Weight::zero()
	}
	fn unbond() -> Weight {
		Weight::zero()
	}
	fn withdraw_unbonded() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
}
