//! Guarantors: how long their stake answers, how many there can be.

use crate::{
	configs::Governance,
	units::{DAY_MILLISECONDS, DOLLAR, GCX},
	Balance, Balances, Clearing, Runtime, RuntimeHoldReason, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
	PalletId,
};
use gcx_primitives::{Cash, Ppm};
use pallet_guarantor::GuarantorParameters;

/// Days for which a bond or delegated stake answers at least after it began to leave: no less than exits are locked for
/// after a draw on the pool.
pub const MIN_UNBONDING_DAYS: u64 = 20;

parameter_types! {
	/// The domain that the accounts of delegated stake are derived in.
	pub const GuarantorPalletId: PalletId = PalletId(*b"gcx/guar");
	/// What moving all accounts of a customer weighs.
	pub PortWeight: Weight = <<Runtime as pallet_clearing::Config>::WeightInfo as pallet_clearing::WeightInfo>::port();
}

impl pallet_guarantor::Config for Runtime {
	type Clock = Timestamp;
	type GovernanceOrigin = Governance;
	type HouseFunds = Clearing;
	type MaxCustomersPerGuarantor = ConstU32<10_000>;
	type MaxGuarantors = ConstU32<100>;
	type MinUnbonding = ConstU64<{ MIN_UNBONDING_DAYS * DAY_MILLISECONDS }>;
	type NativeBalance = Balances;
	type PalletId = GuarantorPalletId;
	type ParameterDelay = ConstU64<{ 2 * DAY_MILLISECONDS }>;
	type PortWeight = PortWeight;
	type Positions = Clearing;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = crate::weights::pallet_guarantor::WeightInfo<Runtime>;
}

/// What governs the guarantors as a chain starts.
pub fn genesis_parameters() -> GuarantorParameters<Balance> {
	GuarantorParameters {
		min_bond: 100_000 * GCX,
		// A hundred thousand dollars.
		min_house: Cash(100_000 * DOLLAR.cast_signed()),
		min_delegation: 100 * GCX,
		max_delegation_ratio: Ppm::percent(400),
		unbonding: (MIN_UNBONDING_DAYS + 1) * DAY_MILLISECONDS,
		min_commission: Ppm::ZERO,
		max_commission: Ppm::percent(50),
	}
}
