//! Holds on assets, each with a reason.

use crate::{Runtime, RuntimeEvent, RuntimeHoldReason};

impl pallet_assets_holder::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
}
