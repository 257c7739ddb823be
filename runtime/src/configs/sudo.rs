//! One key that can do everything. **To be removed before a public launch**, together with its entry in the runtime.

use crate::{Runtime, RuntimeCall, RuntimeEvent};

impl pallet_sudo::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_sudo::WeightInfo<Runtime>;
}
