//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls, and of what other pallets cause.
pub trait WeightInfo {
	/// A bond is held and the account for delegated stake is opened.
	fn apply() -> Weight;
	/// A bond is released and that account is closed.
	fn withdraw_application() -> Weight;
	/// A bond is released and that account is closed.
	fn refuse() -> Weight;
	/// A guarantor is stored; the worst case is a new one.
	fn admit() -> Weight;
	/// More is held.
	fn bond_extra() -> Weight;
	/// Worst case: as many parts of the bond are leaving as can be.
	fn unbond() -> Weight;
	/// Worst case: as many parts of the bond are due as can be leaving.
	fn withdraw_unbonded() -> Weight;
	/// All of the bond begins to leave; the worst case is one next to as many others as can be.
	fn exit() -> Weight;
	/// A guarantor is forgotten and the account for delegated stake is closed.
	fn reap() -> Weight;
	/// A commission is stored.
	fn set_commission() -> Weight;
	/// Stake is moved, for shares.
	fn delegate() -> Weight;
	/// Worst case: as many parts of the delegation are leaving as can be.
	fn undelegate() -> Weight;
	/// Worst case: as many parts of the delegation are due as can be leaving, and the rest begins to leave.
	fn withdraw_undelegated() -> Weight;
	/// A request is stored.
	fn request() -> Weight;
	/// A request is removed.
	fn cancel_request() -> Weight;
	/// Worst case: the customer is another guarantor's. Clearing's part is not in it.
	fn accept() -> Weight;
	/// A request is removed.
	fn decline() -> Weight;
	/// A customer's limits are stored.
	fn set_limits() -> Weight;
	/// A customer is removed.
	fn leave() -> Weight;
	/// A customer is removed.
	fn dismiss() -> Weight;
	/// A guarantor is moved to another state; the worst case lifts every reason to be reduce-only.
	fn set_state() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
	/// Worst case: everything is hit, with as many parts of the bond leaving as can be. For who slashes.
	fn slash() -> Weight;
	/// A reward is shared among all three. For who rewards.
	fn reward() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn apply() -> Weight {
		Weight::zero()
	}
	fn withdraw_application() -> Weight {
		Weight::zero()
	}
	fn refuse() -> Weight {
		Weight::zero()
	}
	fn admit() -> Weight {
		Weight::zero()
	}
	fn bond_extra() -> Weight {
		Weight::zero()
	}
	fn unbond() -> Weight {
		Weight::zero()
	}
	fn withdraw_unbonded() -> Weight {
		Weight::zero()
	}
	fn exit() -> Weight {
		Weight::zero()
	}
	fn reap() -> Weight {
		Weight::zero()
	}
	fn set_commission() -> Weight {
		Weight::zero()
	}
	fn delegate() -> Weight {
		Weight::zero()
	}
	fn undelegate() -> Weight {
		Weight::zero()
	}
	fn withdraw_undelegated() -> Weight {
		Weight::zero()
	}
	fn request() -> Weight {
		Weight::zero()
	}
	fn cancel_request() -> Weight {
		Weight::zero()
	}
	fn accept() -> Weight {
		Weight::zero()
	}
	fn decline() -> Weight {
		Weight::zero()
	}
	fn set_limits() -> Weight {
		Weight::zero()
	}
	fn leave() -> Weight {
		Weight::zero()
	}
	fn dismiss() -> Weight {
		Weight::zero()
	}
	fn set_state() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
	fn slash() -> Weight {
		Weight::zero()
	}
	fn reward() -> Weight {
		Weight::zero()
	}
}
