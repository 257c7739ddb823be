//! What the calls cost, and what other pallets call. The measured weights are in the runtime; these are for tests.

use frame_support::weights::Weight;

/// Weights of the calls, and of what other pallets call.
pub trait WeightInfo {
	/// A class and its first version are stored.
	fn admit_class() -> Weight;
	/// A version is stored.
	fn add_version() -> Weight;
	/// A version is removed.
	fn retire_version() -> Weight;
	/// A class is changed.
	fn set_loss_per_hour() -> Weight;
	/// A bond is held.
	fn register_provider() -> Weight;
	/// More is held.
	fn bond_extra() -> Weight;
	/// A provider begins to leave.
	fn unbond() -> Weight;
	/// A bond is released.
	fn withdraw() -> Weight;
	/// Worst case: the provider owes of every class.
	fn register_resource() -> Weight;
	/// A resource is changed.
	fn set_agent() -> Weight;
	/// Worst case: the provider's days are full; `d` of them are looked at.
	fn set_devices(d: u32) -> Weight;
	/// Worst case: as many windows as are kept, and `d` full days.
	fn declare_maintenance(d: u32) -> Weight;
	/// Worst case: the provider owes of every class.
	fn unjail() -> Weight;
	/// Worst case: the provider's days are full; `d` of them are looked at, twice.
	fn exit_resource(d: u32) -> Weight;
	/// A resource is removed.
	fn remove_resource() -> Weight;
	/// Worst case: `d` days, each as full as can be.
	fn pledge(d: u32) -> Weight;
	/// Worst case: `d` days, each as full as can be.
	fn unpledge(d: u32) -> Weight;
	/// Worst case: an entry that is as full as can be.
	fn prune_step() -> Weight;
	/// The parameters are stored until they are in force.
	fn set_parameters() -> Weight;
	/// The parameters come into force.
	fn renew_parameters() -> Weight;
	/// What a round needs to know of a resource is read: `drawable_at`, `state` and `subject` together.
	fn subject() -> Weight;
	/// Worst case: the capacity falls of a provider whose days are full.
	fn attested() -> Weight;
	/// Nothing changes.
	fn unattested() -> Weight;
	/// Worst case of `refused`, `missed` and `absent`: the provider's days are full, and the resource goes to jail.
	fn failed() -> Weight;
	/// Worst case: the provider's days are full, and a reporter gets a share.
	fn offended() -> Weight;
	/// Worst case: a day as full as can be, of a provider that owes of every class.
	fn sellable() -> Weight;
	/// Worst case: `d` days, each as full as can be, of a provider that owes of every class.
	fn sell(d: u32) -> Weight;
	/// Worst case: `d` days, each as full as can be.
	fn unsell(d: u32) -> Weight;
	/// Worst case: `d` days, each as full as can be.
	fn nominate(d: u32) -> Weight;
	/// Worst case: `d` days, each as full as can be.
	fn release(d: u32) -> Weight;
	/// An entry as full as can be is read: `nominated`, and `is_delivering`.
	fn nominated() -> Weight;
	/// A part of a bond is taken.
	fn take_stake() -> Weight;
	/// Worst case: the capacity falls of a provider whose days are full.
	fn delivered() -> Weight;
	/// A version is changed.
	fn pin_version() -> Weight;
	/// A version is changed.
	fn unpin_version() -> Weight;
}

/// Weightless, for tests.
impl WeightInfo for () {
	fn admit_class() -> Weight {
		Weight::zero()
	}
	fn add_version() -> Weight {
		Weight::zero()
	}
	fn retire_version() -> Weight {
		Weight::zero()
	}
	fn set_loss_per_hour() -> Weight {
		Weight::zero()
	}
	fn register_provider() -> Weight {
		Weight::zero()
	}
	fn bond_extra() -> Weight {
		Weight::zero()
	}
	fn unbond() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn register_resource() -> Weight {
		Weight::zero()
	}
	fn set_agent() -> Weight {
		Weight::zero()
	}
	fn set_devices(_: u32) -> Weight {
		Weight::zero()
	}
	fn declare_maintenance(_: u32) -> Weight {
		Weight::zero()
	}
	fn unjail() -> Weight {
		Weight::zero()
	}
	fn exit_resource(_: u32) -> Weight {
		Weight::zero()
	}
	fn remove_resource() -> Weight {
		Weight::zero()
	}
	fn pledge(_: u32) -> Weight {
		Weight::zero()
	}
	fn unpledge(_: u32) -> Weight {
		Weight::zero()
	}
	fn prune_step() -> Weight {
		Weight::zero()
	}
	fn set_parameters() -> Weight {
		Weight::zero()
	}
	fn renew_parameters() -> Weight {
		Weight::zero()
	}
	fn subject() -> Weight {
		Weight::zero()
	}
	fn attested() -> Weight {
		Weight::zero()
	}
	fn unattested() -> Weight {
		Weight::zero()
	}
	fn failed() -> Weight {
		Weight::zero()
	}
	fn offended() -> Weight {
		Weight::zero()
	}
	fn sellable() -> Weight {
		Weight::zero()
	}
	fn sell(_: u32) -> Weight {
		Weight::zero()
	}
	fn unsell(_: u32) -> Weight {
		Weight::zero()
	}
	fn nominate(_: u32) -> Weight {
		Weight::zero()
	}
	fn release(_: u32) -> Weight {
		Weight::zero()
	}
	fn nominated() -> Weight {
		Weight::zero()
	}
	fn take_stake() -> Weight {
		Weight::zero()
	}
	fn delivered() -> Weight {
		Weight::zero()
	}
	fn pin_version() -> Weight {
		Weight::zero()
	}
	fn unpin_version() -> Weight {
		Weight::zero()
	}
}
