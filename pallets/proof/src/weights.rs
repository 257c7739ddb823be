//! What the calls and the steps of a block cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls and of the steps of a block.
pub trait WeightInfo {
	/// The terms of a class are stored, as the last one's that can be.
	fn set_terms() -> Weight;
	/// The terms of a class are removed.
	fn remove_terms() -> Weight;
	/// A commitment is stored, of a resource that was not called.
	fn commit() -> Weight;
	/// A cell is shown with paths as long as can be, and so many times 64 products of it are computed.
	fn open(blocks: u32) -> Weight;
	/// The epoch is another one, as many classes have terms as can, none is due, and as many roll-calls wait as can.
	fn begin_block() -> Weight;
	/// A class is called.
	fn call_class() -> Weight;
	/// A challenge is opened, beside as many roll-calls as can be.
	fn challenge() -> Weight;
	/// A resource is looked up and called.
	fn look_up() -> Weight;
	/// A window ends.
	fn turn() -> Weight;
	/// A resource's outcome is reckoned, without what the keeper of resources does then.
	fn reckon() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn set_terms() -> Weight {
		Weight::zero()
	}
	fn remove_terms() -> Weight {
		Weight::zero()
	}
	fn commit() -> Weight {
		Weight::zero()
	}
	fn open(_: u32) -> Weight {
		Weight::zero()
	}
	fn begin_block() -> Weight {
		Weight::zero()
	}
	fn call_class() -> Weight {
		Weight::zero()
	}
	fn challenge() -> Weight {
		Weight::zero()
	}
	fn look_up() -> Weight {
		Weight::zero()
	}
	fn turn() -> Weight {
		Weight::zero()
	}
	fn reckon() -> Weight {
		Weight::zero()
	}
}
