//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls, of a block's steps, and of what clearing causes.
pub trait WeightInfo {
	/// Income arrived, and so many others have contributed.
	fn contribute(contributors: u32) -> Weight;
	/// Income arrived, and so many guarantors have contributed.
	fn withdraw_contribution(contributors: u32) -> Weight;
	/// Income arrived.
	fn deposit() -> Weight;
	/// Worst case: the bucket is new, and the last that there is room for.
	fn redeem() -> Weight;
	/// Worst case: the account is the last in as many buckets as it can be in.
	fn collect() -> Weight;
	/// Money moves.
	fn fund_skin() -> Weight;
	/// Income arrived, and so many guarantors have contributed.
	fn distribute(contributors: u32) -> Weight;
	/// So many guarantors are repaid; the worst case ends the sale.
	fn buy(contributors: u32) -> Weight;
	/// A sale begins.
	fn begin_sale() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
	/// A block begins in which there is nothing to do but to put parameters in force.
	fn idle() -> Weight;
	/// Income is recognised.
	fn recognise() -> Weight;
	/// So many buckets are executed.
	fn execute(buckets: u32) -> Weight;
	/// An account is paid. Worst case: it cannot be, and is the last in as many buckets as it can be in.
	fn pay() -> Weight;
	/// Money is lent. For who borrows.
	fn lend() -> Weight;
	/// Money comes back. For who borrowed.
	fn take_back() -> Weight;
	/// A layer absorbs a loss: so many guarantors bear it, income arrived, and a window of draws begins; and outsiders
	/// lose all while as many buckets are open as can be. For who draws.
	fn absorb(contributors: u32) -> Weight;
	/// All layers advance on a bond, so many guarantors among them, income arrived, a window of draws begins, and a
	/// sale is opened. For who draws.
	fn sell_bond(contributors: u32) -> Weight;
	/// So many guarantors are assessed and slashed, who have nothing but a bond, income arrived, and a window of draws
	/// begins. For who draws.
	fn assess(contributors: u32) -> Weight;
	/// A sale is collected. For who draws.
	fn collect_assessment() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn contribute(_: u32) -> Weight {
		Weight::zero()
	}
	fn withdraw_contribution(_: u32) -> Weight {
		Weight::zero()
	}
	fn deposit() -> Weight {
		Weight::zero()
	}
	fn redeem() -> Weight {
		Weight::zero()
	}
	fn collect() -> Weight {
		Weight::zero()
	}
	fn fund_skin() -> Weight {
		Weight::zero()
	}
	fn distribute(_: u32) -> Weight {
		Weight::zero()
	}
	fn buy(_: u32) -> Weight {
		Weight::zero()
	}
	fn begin_sale() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
	fn idle() -> Weight {
		Weight::zero()
	}
	fn recognise() -> Weight {
		Weight::zero()
	}
	fn execute(_: u32) -> Weight {
		Weight::zero()
	}
	fn pay() -> Weight {
		Weight::zero()
	}
	fn lend() -> Weight {
		Weight::zero()
	}
	fn take_back() -> Weight {
		Weight::zero()
	}
	fn absorb(_: u32) -> Weight {
		Weight::zero()
	}
	fn sell_bond(_: u32) -> Weight {
		Weight::zero()
	}
	fn assess(_: u32) -> Weight {
		Weight::zero()
	}
	fn collect_assessment() -> Weight {
		Weight::zero()
	}
}
