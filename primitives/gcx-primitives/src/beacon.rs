//! Time in slots, and randomness.

/// The chain's slots, and what nobody knew before them.
pub trait Beacon {
	/// The slot of this block.
	fn slot() -> u64;

	/// A hash over what every block contributed to the chain's randomness, this one excepted. A block's author knows its own contribution one
	/// block ahead of others.
	fn value() -> [u8; 32];

	/// The slot of the newest block whose contribution is in [`Self::value`]: nobody but its author knew the value in an earlier one.
	fn newest() -> u64;

	/// Whether the chain stood still in the window from one slot to another.
	fn stood_still(since: u64, until: u64) -> bool;
}
