//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls.
pub trait WeightInfo {
	/// A class gets another floor.
	fn set_class() -> Weight;
	/// An owner is stored.
	fn admit_owner() -> Weight;
	/// Worst case: as many reporters as there can be, as many of them the owner's as one can have.
	fn expel_owner() -> Weight;
	/// Worst case: every other reporter is looked at.
	fn register() -> Weight;
	/// More is held.
	fn bond_extra() -> Weight;
	/// A reporter begins to leave.
	fn unregister() -> Weight;
	/// A bond is released.
	fn withdraw() -> Weight;
	/// A commitment is stored; without the step of the round that comes before.
	fn commit() -> Weight;
	/// Worst case: all other reporters reported before.
	fn reveal() -> Weight;
	/// A bond is held; without the step of the round that comes before.
	fn dispute() -> Weight;
	/// The dispute is rejected and the price becomes final; without the step of the round that comes before.
	fn resolve() -> Weight;
	/// Part of a bond is slashed.
	fn slash() -> Weight;
	/// More than the worst case: every reporter reported, and every one is slashed for its silence as well.
	fn conclude() -> Weight;
	/// Worst case: a price becomes final in a full series.
	fn fix() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn set_class() -> Weight {
		Weight::zero()
	}
	fn admit_owner() -> Weight {
		Weight::zero()
	}
	fn expel_owner() -> Weight {
		Weight::zero()
	}
	fn register() -> Weight {
		Weight::zero()
	}
	fn bond_extra() -> Weight {
		Weight::zero()
	}
	fn unregister() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn commit() -> Weight {
		Weight::zero()
	}
	fn reveal() -> Weight {
		Weight::zero()
	}
	fn dispute() -> Weight {
		Weight::zero()
	}
	fn resolve() -> Weight {
		Weight::zero()
	}
	fn slash() -> Weight {
		Weight::zero()
	}
	fn conclude() -> Weight {
		Weight::zero()
	}
	fn fix() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
}
