//! The brake for single calls.

use crate::{
	configs::{pausing::NeverPaused, Governance},
	Runtime, RuntimeCall, RuntimeEvent,
};
use frame_support::traits::ConstU32;

impl pallet_tx_pause::Config for Runtime {
	type MaxNameLen = ConstU32<256>;
	type PauseOrigin = Governance;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = Governance;
	type WeightInfo = crate::weights::pallet_tx_pause::WeightInfo<Runtime>;
	type WhitelistedCalls = NeverPaused;
}
