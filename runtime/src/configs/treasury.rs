//! The treasury: its share of fees, and what is left of slashes. Governance spends it, in whatever asset it has.

use crate::{
	configs::Governance, units::DAYS, AccountId, AssetId, Assets, Balance, Balances, Runtime, RuntimeEvent, System,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{NativeFromLeft, NativeOrWithId, UnionOf},
		tokens::{pay::PayAssetFromAccount, UnityAssetBalanceConversion},
		ConstU32,
	},
	PalletId,
};
use frame_system::EnsureRootWithSuccess;
use sp_runtime::{traits::IdentityLookup, Permill};

parameter_types! {
	/// The domain of the treasury's account.
	pub const TreasuryPalletId: PalletId = PalletId(*b"gcx/trsy");
	/// Its account.
	pub TreasuryAccount: AccountId = crate::Treasury::account_id();
	/// Governance may spend all of it at once.
	pub const MaxSpend: Balance = Balance::MAX;
	/// Nothing of it burns by itself.
	pub const NothingBurns: Permill = Permill::zero();
}

impl pallet_treasury::Config for Runtime {
	type AssetKind = NativeOrWithId<AssetId>;
	/// Nobody but governance approves a payment, and it may approve any: what an asset is worth does not matter.
	type BalanceConverter = UnityAssetBalanceConversion;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Kinds;
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type BlockNumberProvider = System;
	type Burn = NothingBurns;
	type BurnDestination = ();
	type Currency = Balances;
	type MaxApprovals = ConstU32<0>;
	type PalletId = TreasuryPalletId;
	type Paymaster = PayAssetFromAccount<
		UnionOf<Balances, Assets, NativeFromLeft, NativeOrWithId<AssetId>, AccountId>,
		TreasuryAccount,
	>;
	/// A month in which a payment can be claimed.
	type PayoutPeriod = ConstU32<{ 30 * DAYS }>;
	type RejectOrigin = Governance;
	type RuntimeEvent = RuntimeEvent;
	type SpendFunds = ();
	type SpendOrigin = EnsureRootWithSuccess<AccountId, MaxSpend>;
	type SpendPeriod = ConstU32<{ DAYS }>;
	type WeightInfo = crate::weights::pallet_treasury::WeightInfo<Runtime>;
}

/// What the treasury's benchmarks pay in, and to whom.
#[cfg(feature = "runtime-benchmarks")]
pub struct Kinds;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_treasury::ArgumentsFactory<NativeOrWithId<AssetId>, AccountId> for Kinds {
	fn create_asset_kind(seed: u32) -> NativeOrWithId<AssetId> {
		NativeOrWithId::WithId(seed)
	}

	fn create_beneficiary(seed: [u8; 32]) -> AccountId {
		seed.into()
	}
}
