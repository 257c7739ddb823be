//! What the calls cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls and of a block's steps.
pub trait WeightInfo {
	/// The parameters are stored.
	fn set_parameters() -> Weight;
	/// Worst case: the account has traded on every day that counts.
	fn pay_fees_in() -> Weight;
	/// Worst case: a trader that traded on every day that counts, whose points of a past era become tokens.
	fn claim() -> Weight;
	/// Cash and tokens, for a guarantor with delegated stake.
	fn claim_rebate() -> Weight;
	/// The next seat's sale begins.
	fn buy_seat() -> Weight;
	/// It replaces an offer.
	fn offer_seat() -> Weight;
	/// An offer goes.
	fn withdraw_offer() -> Weight;
	/// A seat changes hands, and a share of the stake burns.
	fn take_seat() -> Weight;
	/// A seat goes back, and an offer with it.
	fn surrender_seat() -> Weight;
	/// The offer ends.
	fn sell_tokens() -> Weight;
	/// Worst case: it traded on as many days as count.
	fn forget() -> Weight;
	/// A block begins in which there is nothing to do, and its author earns a point in a new era.
	fn idle() -> Weight;
	/// Fees are sent to the insurance pool.
	fn pay_pool() -> Weight;
	/// An era ends, rewards of an old one burn, the treasury is paid, and tokens are put up for sale.
	fn end_era() -> Weight;
	/// An offer is over, and another begins.
	fn begin_offer() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn set_parameters() -> Weight {
		Weight::zero()
	}
	fn pay_fees_in() -> Weight {
		Weight::zero()
	}
	fn claim() -> Weight {
		Weight::zero()
	}
	fn claim_rebate() -> Weight {
		Weight::zero()
	}
	fn buy_seat() -> Weight {
		Weight::zero()
	}
	fn offer_seat() -> Weight {
		Weight::zero()
	}
	fn withdraw_offer() -> Weight {
		Weight::zero()
	}
	fn take_seat() -> Weight {
		Weight::zero()
	}
	fn surrender_seat() -> Weight {
		Weight::zero()
	}
	fn sell_tokens() -> Weight {
		Weight::zero()
	}
	fn forget() -> Weight {
		Weight::zero()
	}
	fn idle() -> Weight {
		Weight::zero()
	}
	fn pay_pool() -> Weight {
		Weight::zero()
	}
	fn end_era() -> Weight {
		Weight::zero()
	}
	fn begin_offer() -> Weight {
		Weight::zero()
	}
}
