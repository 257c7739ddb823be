//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls and of what every block does.
pub trait WeightInfo {
	/// The last contract that there is room for is listed.
	fn list() -> Weight;
	/// The contract's state changes.
	fn restrict() -> Weight;
	/// The contract's state changes.
	fn lift() -> Weight;
	/// Worst case: a contract is settled, and clearing forgets it.
	fn advance_contract() -> Weight;
	/// A contract comes to its final price, or its averaging window grows: of as many days as there can be, all with a fix.
	fn conclude() -> Weight;
	/// Governance decides on a final price.
	fn decide_final_price() -> Weight;
	/// `orders` are verified, each signature on the wrapped payload, and `fills` are good.
	fn submit_fills(orders: u32, fills: u32) -> Weight;
	/// An order is verified, on the wrapped payload, and filled.
	fn take() -> Weight;
	/// As [`Self::take`], at the mark.
	fn exchange_for_physical() -> Weight;
	/// What is left of an order is cancelled.
	fn cancel() -> Weight;
	/// So many steps, each of which forgets an order. A step over a block without one is less.
	fn sweep(steps: u32) -> Weight;
	/// A bond is held.
	fn register_venue() -> Weight;
	/// A venue begins to leave.
	fn deregister_venue() -> Weight;
	/// A bond is released.
	fn withdraw_venue_bond() -> Weight;
	/// A venue is suspended.
	fn suspend_venue() -> Weight;
	/// A venue is reinstated.
	fn reinstate_venue() -> Weight;
	/// A deposit is held.
	fn propose_listing() -> Weight;
	/// A deposit is released.
	fn withdraw_proposal() -> Weight;
	/// The last contract that there is room for is listed, and a deposit is released.
	fn approve_proposal() -> Weight;
	/// A deposit is released.
	fn reject_proposal() -> Weight;
	/// A block in which no order is forgotten and no contract changes.
	fn on_initialize_idle() -> Weight;
}

/// Weightless, for tests; but orders, fills and steps count.
impl WeightInfo for () {
	fn list() -> Weight {
		Weight::zero()
	}
	fn restrict() -> Weight {
		Weight::zero()
	}
	fn lift() -> Weight {
		Weight::zero()
	}
	fn advance_contract() -> Weight {
		Weight::zero()
	}
	fn conclude() -> Weight {
		Weight::zero()
	}
	fn decide_final_price() -> Weight {
		Weight::zero()
	}
	fn submit_fills(orders: u32, fills: u32) -> Weight {
		Weight::from_parts(orders.into(), fills.into())
	}
	fn take() -> Weight {
		Weight::zero()
	}
	fn exchange_for_physical() -> Weight {
		Weight::zero()
	}
	fn cancel() -> Weight {
		Weight::zero()
	}
	fn sweep(steps: u32) -> Weight {
		Weight::from_parts(steps.into(), 0)
	}
	fn register_venue() -> Weight {
		Weight::zero()
	}
	fn deregister_venue() -> Weight {
		Weight::zero()
	}
	fn withdraw_venue_bond() -> Weight {
		Weight::zero()
	}
	fn suspend_venue() -> Weight {
		Weight::zero()
	}
	fn reinstate_venue() -> Weight {
		Weight::zero()
	}
	fn propose_listing() -> Weight {
		Weight::zero()
	}
	fn withdraw_proposal() -> Weight {
		Weight::zero()
	}
	fn approve_proposal() -> Weight {
		Weight::zero()
	}
	fn reject_proposal() -> Weight {
		Weight::zero()
	}
	fn on_initialize_idle() -> Weight {
		Weight::zero()
	}
}
