//! The brake for everything. Nobody can buy it: there is no deposit, governance alone enters, and it ends by itself.

use crate::{
	configs::{pausing::NeverPaused, Governance},
	units::HOURS,
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeEvent, RuntimeHoldReason,
};
use frame_support::{parameter_types, traits::ConstU32};
use frame_system::EnsureRootWithSuccess;

/// How long an emergency lasts unless it is extended.
pub type SafeModeDuration = ConstU32<{ 4 * HOURS }>;

parameter_types! {
	/// No deposit enters or extends safe mode.
	pub const NoDeposit: Option<Balance> = None;
	/// Deposits of the past would never be released.
	pub const NoRelease: Option<BlockNumber> = None;
}

impl pallet_safe_mode::Config for Runtime {
	type Currency = Balances;
	type EnterDepositAmount = NoDeposit;
	type EnterDuration = SafeModeDuration;
	type ExtendDepositAmount = NoDeposit;
	type ExtendDuration = SafeModeDuration;
	type ForceDepositOrigin = Governance;
	type ForceEnterOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type ForceExitOrigin = Governance;
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = crate::weights::pallet_safe_mode::WeightInfo<Runtime>;
	type WhitelistedCalls = NeverPaused;
}
