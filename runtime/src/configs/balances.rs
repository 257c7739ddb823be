//! GCX, the chain's token: 12 decimals.

use crate::{units::MILLIGCX, Balance, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System};
use frame_support::{
	parameter_types,
	traits::{ConstU32, VariantCountOf},
};

parameter_types! {
	/// The smallest balance of an account, in the smallest unit of GCX.
	pub const ExistentialDeposit: Balance = MILLIGCX;
}

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	/// Burned, and counted.
	type DustRemoval = pallet_token::Dust<Runtime>;
	type ExistentialDeposit = ExistentialDeposit;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	/// Locks are of the past; nothing here sets one.
	type MaxLocks = ConstU32<0>;
	/// Deposits of `multisig` and `proxy`.
	type MaxReserves = ConstU32<8>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = crate::weights::pallet_balances::WeightInfo<Runtime>;
}
