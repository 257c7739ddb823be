//! Calls of governance at a later block.

use crate::{
	configs::{system::MAXIMUM_BLOCK_WEIGHT, Governance},
	OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, EqualPrivilegeOnly},
	weights::Weight,
};
use sp_runtime::Perbill;

/// Share of a block that scheduled calls may take, out of what is reserved for the beginning of a block.
pub const SCHEDULER_RATIO: Perbill = Perbill::from_percent(10);

parameter_types! {
	/// What scheduled calls may weigh in a block.
	pub MaximumSchedulerWeight: Weight = SCHEDULER_RATIO * MAXIMUM_BLOCK_WEIGHT;
}

impl pallet_scheduler::Config for Runtime {
	type BlockNumberProvider = System;
	type MaxScheduledPerBlock = ConstU32<50>;
	type MaximumWeight = MaximumSchedulerWeight;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type ScheduleOrigin = Governance;
	type WeightInfo = crate::weights::pallet_scheduler::WeightInfo<Runtime>;
}
