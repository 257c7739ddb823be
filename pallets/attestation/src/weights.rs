//! What the calls and the steps of a block cost. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls and of the steps of a block.
pub trait WeightInfo {
	/// An owner is stored.
	fn admit_owner() -> Weight;
	/// Worst case: as many attestors as there can be, as many of them the owner's as one can have.
	fn expel_owner() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
	/// Worst case: every other attestor is looked at.
	fn register() -> Weight;
	/// More is held.
	fn bond_extra() -> Weight;
	/// An attestor begins to leave.
	fn unregister() -> Weight;
	/// A bond is released.
	fn withdraw() -> Weight;
	/// A fee is held.
	fn answer_draw() -> Weight;
	/// A commitment is stored.
	fn commit() -> Weight;
	/// A finding of as many figures as there can be is stored.
	fn reveal() -> Weight;
	/// A signature of an attestor is checked.
	fn authorize_commit() -> Weight;
	/// As the other, with a finding of as many figures as there can be.
	fn authorize_reveal() -> Weight;
	/// Two signatures are checked, an attestor is slashed.
	fn report_equivocation() -> Weight;
	/// Two signatures are checked; without what the keeper of the resource does.
	fn report_double_signing() -> Weight;
	/// So many hashes are hashed, and a solution of so many unknowns; its drawn rows are examined, and a whole panel is slashed.
	fn dispute_solve(devices: u32, order: u32) -> Weight;
	/// Parameters come into force, randomness is taken up, a halt is noted; the agenda is full.
	fn begin_block() -> Weight;
	/// A resource is drawn, and a round opened in place of one with a full panel.
	fn open() -> Weight;
	/// So many challenges wait, each of another resource, and are looked at; none can be opened.
	fn challenges(waiting: u32) -> Weight;
	/// A round is closed that was not answered, without what who asked for it does then.
	fn miss() -> Weight;
	/// Devices and a panel are drawn, of as many attestors as there can be.
	fn draw() -> Weight;
	/// The next window of a round begins.
	fn turn() -> Weight;
	/// A full panel's findings of as many figures as there can be are tallied and paid, without what who asked for it does then.
	fn close() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn admit_owner() -> Weight {
		Weight::zero()
	}
	fn expel_owner() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
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
	fn answer_draw() -> Weight {
		Weight::zero()
	}
	fn commit() -> Weight {
		Weight::zero()
	}
	fn reveal() -> Weight {
		Weight::zero()
	}
	fn authorize_commit() -> Weight {
		Weight::zero()
	}
	fn authorize_reveal() -> Weight {
		Weight::zero()
	}
	fn report_equivocation() -> Weight {
		Weight::zero()
	}
	fn report_double_signing() -> Weight {
		Weight::zero()
	}
	fn dispute_solve(_: u32, _: u32) -> Weight {
		Weight::zero()
	}
	fn begin_block() -> Weight {
		Weight::zero()
	}
	fn open() -> Weight {
		Weight::zero()
	}
	fn challenges(_: u32) -> Weight {
		Weight::zero()
	}
	fn miss() -> Weight {
		Weight::zero()
	}
	fn draw() -> Weight {
		Weight::zero()
	}
	fn turn() -> Weight {
		Weight::zero()
	}
	fn close() -> Weight {
		Weight::zero()
	}
}
