//! The clearing house: the money it is in, the fuse on its way out.

use crate::{
	configs::{assets::SETTLEMENT_ASSET, system::MAXIMUM_BLOCK_WEIGHT, Governance},
	units::{DAY_MILLISECONDS, DOLLAR, GCX, SLOT_MILLISECONDS},
	AccountId, AssetId, Assets, Balances, BlockNumber, Guarantor, Index, Runtime, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{self, NativeFromLeft, NativeOrWithId},
		ConstU128, ConstU32, ConstU64, ConstU8,
	},
	weights::Weight,
	PalletId,
};
use gcx_primitives::{ClassId, CollateralId, Ppm};
use pallet_clearing::{ClearingParameters, CollateralFigures};
use sp_runtime::{traits::AccountIdConversion, Perbill};

/// The keyless account that what belongs to all goes to, until the insurance pool has a pallet of its own.
pub const POOL: PalletId = PalletId(*b"gcx/pool");

parameter_types! {
	/// The pool's account.
	pub PoolAccount: AccountId = POOL.into_account_truncating();
	/// A fifth of all custody may leave in an hour.
	pub const EgressLimit: Ppm = Ppm::percent(20);
	/// Half of that is the accounts' own: each can always withdraw a tenth of what it had.
	pub const EgressReserved: Ppm = Ppm::percent(10);
	/// The settlement asset among all.
	pub const SettlementAssetId: NativeOrWithId<AssetId> = NativeOrWithId::WithId(SETTLEMENT_ASSET);
	/// A tenth of a block: a run with a hundred guarantors and forty contracts takes about twenty blocks.
	pub RunWeight: Weight = Perbill::from_percent(10) * MAXIMUM_BLOCK_WEIGHT;
	/// Blocks in a day of the exchange.
	pub const SettlementPeriod: BlockNumber = SETTLEMENT_PERIOD;
}

/// Blocks between two settlement runs: a day of the exchange.
// The quotient is far below 2³²; `From` is not const.
const SETTLEMENT_PERIOD: BlockNumber = (DAY_MILLISECONDS / SLOT_MILLISECONDS) as BlockNumber;

/// The settlement asset alone.
pub type SettlementAsset = fungible::ItemOf<Assets, ConstU32<SETTLEMENT_ASSET>, AccountId>;

impl pallet_clearing::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type AccountsPerBlock = ConstU32<5>;
	type Clock = Timestamp;
	type CollateralAssetId = NativeOrWithId<AssetId>;
	type CollateralAssets = fungible::UnionOf<Balances, Assets, NativeFromLeft, NativeOrWithId<AssetId>, AccountId>;
	type CollateralDelay = ConstU64<{ 7 * DAY_MILLISECONDS }>;
	type EgressFloor = ConstU128<{ 1_000 * DOLLAR }>;
	type EgressLimit = EgressLimit;
	type EgressReserved = EgressReserved;
	type FeeDestination = PoolAccount;
	type GovernanceOrigin = Governance;
	type Guarantors = Guarantor;
	type Index = Index;
	type InstrumentsPerBlock = ConstU32<4>;
	type MaxSubAccounts = ConstU8<16>;
	type MinOpening = ConstU128<{ 100 * DOLLAR }>;
	type MinRequirement = ConstU128<{ 100 * DOLLAR }>;
	type RunWeight = RunWeight;
	type SettlementAsset = SettlementAsset;
	type SettlementAssetId = SettlementAssetId;
	type SettlementPeriod = SettlementPeriod;
	type SurplusDestination = PoolAccount;
	type WeightInfo = crate::weights::pallet_clearing::WeightInfo<Runtime>;
}

/// GCX as collateral, as a chain starts: at half of its value, a million dollars' worth or so for an account.
pub fn genesis_collateral(class: ClassId) -> (CollateralId, NativeOrWithId<AssetId>, CollateralFigures) {
	let figures = CollateralFigures {
		class,
		unit: GCX,
		haircut: Ppm::percent(50),
		account_cap: 1_000_000 * GCX,
		total_cap: 20_000_000 * GCX,
	};
	(CollateralId(0), NativeOrWithId::Native, figures)
}

/// What governs clearing as a chain starts: prices count for two days, trades are averaged for four hours, a guarantor has six
/// hours to meet a margin call.
pub fn genesis_parameters() -> ClearingParameters {
	ClearingParameters {
		max_fix_age: 2 * DAY_MILLISECONDS,
		max_settlement_age: 2 * DAY_MILLISECONDS,
		trade_window: DAY_MILLISECONDS / 6,
		margin_call_period: DAY_MILLISECONDS / 4,
		..Default::default()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_clearing::BenchmarkHelper<AccountId, NativeOrWithId<AssetId>> for Runtime {
	fn class() -> ClassId {
		crate::benchmarks::instrument().0.class
	}

	fn collateral_asset() -> NativeOrWithId<AssetId> {
		NativeOrWithId::Native
	}

	fn make_customer(customer: &AccountId, guarantor: &AccountId) {
		use crate::{units::GCX, Clearing, RuntimeOrigin};
		use frame_support::{assert_ok, traits::fungible::Mutate};
		use gcx_primitives::{Cash, CustomerLimits, Guarantors, Lots, SubAccount, MAX_LOTS};

		let parameters = super::guarantor::genesis_parameters();
		let house = parameters.min_house.0.unsigned_abs();
		let limits = CustomerLimits {
			max_initial_margin: Cash(i128::MAX),
			max_lots: Lots(MAX_LOTS),
			margin_multiplier: Ppm::ONE,
			suspended: false,
		};
		let signed = |who: &AccountId| RuntimeOrigin::signed(who.clone());
		<Balances as Mutate<_>>::set_balance(guarantor, 10 * parameters.min_bond);
		<Balances as Mutate<_>>::set_balance(customer, GCX);
		assert_ok!(SettlementAsset::mint_into(guarantor, 2 * house));
		if Guarantor::state(guarantor).is_none() {
			assert_ok!(Guarantor::apply(signed(guarantor), parameters.min_bond));
			assert_ok!(Clearing::deposit(signed(guarantor), SubAccount::HOUSE, house));
			assert_ok!(Guarantor::admit(RuntimeOrigin::root(), guarantor.clone()));
		}
		assert_ok!(Guarantor::request(signed(customer), guarantor.clone()));
		assert_ok!(Guarantor::accept(signed(guarantor), customer.clone(), limits));
	}
}
