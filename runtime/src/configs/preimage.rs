//! Large calls of governance, stored by their hash.

use crate::{
	configs::Governance,
	units::{deposit, MILLIGCX},
	AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason,
};
use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, LinearStoragePrice},
};

parameter_types! {
	/// Held for a preimage ...
	pub const BaseDeposit: Balance = deposit(2, 64);
	/// ... and for each of its bytes.
	pub const ByteDeposit: Balance = MILLIGCX;
	/// The reason of those holds.
	pub const PreimageHold: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_preimage::Config for Runtime {
	type Consideration =
		HoldConsideration<AccountId, Balances, PreimageHold, LinearStoragePrice<BaseDeposit, ByteDeposit, Balance>>;
	type Currency = Balances;
	type ManagerOrigin = Governance;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_preimage::WeightInfo<Runtime>;
}
