//! Assets, first of all the settlement asset: a dollar of 6 decimals, in which all cash, prices and margin are.
//!
//! Only governance creates assets, and keyless accounts own them: whoever could freeze or burn the settlement asset
//! could seize what the clearing house holds.

use crate::{
	configs::Governance,
	units::{deposit, MILLIGCX},
	AccountId, AssetId, AssetsHolder, Balance, Balances, Runtime, RuntimeEvent,
};
use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU128, ConstU32},
	PalletId,
};
use frame_system::EnsureRootWithSuccess;
use sp_runtime::traits::AccountIdConversion;

/// The asset that everything is settled in.
pub const SETTLEMENT_ASSET: AssetId = 1;
/// The keyless account that owns the assets governance creates.
pub const ASSETS_OWNER: PalletId = PalletId(*b"gcx/asst");

parameter_types! {
	/// Owner, admin, issuer and freezer of assets that governance creates: nobody has its key.
	pub AssetsOwner: AccountId = ASSETS_OWNER.into_account_truncating();
	/// Held for an entry of an asset's account, where the asset is not sufficient by itself.
	pub const AssetAccountDeposit: Balance = deposit(1, 16);
}

impl pallet_assets::Config for Runtime {
	type ApprovalDeposit = ConstU128<{ 10 * MILLIGCX }>;
	type AssetAccountDeposit = AssetAccountDeposit;
	/// Governance creates assets, and owes itself nothing.
	type AssetDeposit = ConstU128<0>;
	type AssetId = AssetId;
	type AssetIdAllocator = ();
	type AssetIdParameter = codec::Compact<AssetId>;
	type Balance = Balance;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type CallbackHandle = ();
	type CreateOrigin = AsEnsureOriginWithArg<EnsureRootWithSuccess<AccountId, AssetsOwner>>;
	type Currency = Balances;
	type Extra = ();
	type ForceOrigin = Governance;
	type Freezer = ();
	type Holder = AssetsHolder;
	type MetadataDepositBase = ConstU128<0>;
	type MetadataDepositPerByte = ConstU128<0>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type ReserveData = ();
	type RuntimeEvent = RuntimeEvent;
	type StringLimit = ConstU32<50>;
	type WeightInfo = crate::weights::pallet_assets::WeightInfo<Runtime>;
}
