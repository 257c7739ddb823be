//! What the calls and steps cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

macro_rules! weights {
	($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
		/// Weights of the calls, of the steps that deliveries take, and of what every block does.
		pub trait WeightInfo {
			$($(#[$doc])* fn $name() -> Weight;)+
		}

		/// All weigh the same, for tests.
		impl WeightInfo for () {
			$(fn $name() -> Weight { PLACEHOLDER })+
		}
	};
}

/// A hundred microseconds, so that budgets can be tested.
const PLACEHOLDER: Weight = Weight::from_parts(100_000_000, 0);

weights! {
	/// Capacity of as many days as there can be is sold.
	cover,
	/// It is taken back, and the account looked at.
	uncover,
	/// Capacity is sold, a resource is nominated for it, a deposit is released.
	nominate,
	/// A buyer goes to the end of another region's queue.
	request,
	/// A window's availability is stored.
	post_availability,
	/// A signature is verified.
	submit_voucher,
	/// A bond is put into escrow, a challenge is asked for.
	object,
	/// The second party agrees: what is left goes back, capacity of as many days as there can be is released.
	agree_alternative,
	/// Worst case: the window failed; deposit, stake and account of the seller are charged, and it was the deal's last.
	settle_window,
	/// The parameters are stored until they are in force.
	set_parameters,
	/// Parameters come into force.
	renew_parameters,
	/// A position is taken over, the last of its delivery; cover beyond it is given back.
	take_over,
	/// Nominations are closed.
	close_nominations,
	/// An offer is matched with a request of its region, or there is none; days that are over are released.
	match_in_region,
	/// Randomness is taken up, or a buyer is drawn a place.
	draw,
	/// An offer, or a seller without, is matched with the first buyer; days that are over are released.
	match_remainder,
	/// A deal is looked at of which no window is due.
	look_at_deal,
	/// A delivery is done, or cover that is left of one is given back.
	close_delivery,
	/// The verdict on a challenge is noted.
	decided,
	/// A block in which no delivery takes a step, with as many as there can be.
	on_initialize_idle,
}
