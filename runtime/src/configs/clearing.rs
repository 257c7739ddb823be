//! The clearing house: the money it is in, the fuse on its way out.

use crate::{
	configs::{assets::SETTLEMENT_ASSET, system::MAXIMUM_BLOCK_WEIGHT, Governance},
	units::{DAY_MILLISECONDS, DOLLAR, GCX, SLOT_MILLISECONDS},
	AccountId, AssetId, Assets, Balances, BlockNumber, Compute, Delivery, Guarantor, Index, Runtime, Timestamp,
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
use pallet_clearing::{ClearingParameters, CollateralFigures, DefaultParameters, LiquidationParameters};
use sp_runtime::{traits::AccountIdConversion, Perbill};

/// The keyless account of the insurance pool: its share of fees, penalties and what was given unasked go there.
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
	/// Three twentieths of a block: a run with a hundred guarantors and forty contracts takes about fifteen blocks.
	pub RunWeight: Weight = Perbill::from_percent(15) * MAXIMUM_BLOCK_WEIGHT;
	/// As much for the accounts that prices reached.
	pub InspectionWeight: Weight = Perbill::from_percent(15) * MAXIMUM_BLOCK_WEIGHT;
	/// Blocks in a day of the exchange.
	pub const SettlementPeriod: BlockNumber = SETTLEMENT_PERIOD;
}

/// Blocks between two settlement runs: a day of the exchange.
// The quotient is far below 2³²; `From` is not const.
pub const SETTLEMENT_PERIOD: BlockNumber = (DAY_MILLISECONDS / SLOT_MILLISECONDS) as BlockNumber;

/// The settlement asset alone.
pub type SettlementAsset = fungible::ItemOf<Assets, ConstU32<SETTLEMENT_ASSET>, AccountId>;

impl pallet_clearing::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type AccountsPerBlock = ConstU32<4>;
	type AccountsPerStep = ConstU32<50>;
	type Capacity = Compute;
	type Clock = Timestamp;
	type CollateralAssetId = NativeOrWithId<AssetId>;
	type CollateralAssets = fungible::UnionOf<Balances, Assets, NativeFromLeft, NativeOrWithId<AssetId>, AccountId>;
	type CollateralDelay = ConstU64<{ 7 * DAY_MILLISECONDS }>;
	type Deliveries = Delivery;
	type EgressFloor = ConstU128<{ 1_000 * DOLLAR }>;
	type EgressLimit = EgressLimit;
	type EgressReserved = EgressReserved;
	type FeeDestination = super::token::PotAccount;
	type FeesCollected = crate::Token;
	type GovernanceOrigin = Governance;
	type Guarantors = Guarantor;
	type Index = Index;
	type InspectionWeight = InspectionWeight;
	type InstrumentsPerBlock = ConstU32<4>;
	type MaxSubAccounts = ConstU8<16>;
	type MinOpening = ConstU128<{ 100 * DOLLAR }>;
	type MinRequirement = ConstU128<{ 100 * DOLLAR }>;
	type Pool = crate::Insurance;
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

/// The chain stood still if a block came more than so many milliseconds after the one before.
pub const MAX_BLOCK_TIME: u64 = 10 * share_of_day(144);

/// What governs clearing as a chain starts: prices count for two days, trades are averaged for four hours, a guarantor has six
/// hours to meet a margin call, an auction takes half an hour, that of a failed house six hours.
pub fn genesis_parameters() -> ClearingParameters {
	ClearingParameters {
		max_fix_age: 2 * DAY_MILLISECONDS,
		max_settlement_age: 2 * DAY_MILLISECONDS,
		trade_window: DAY_MILLISECONDS / 6,
		margin_call_period: DAY_MILLISECONDS / 4,
		liquidation: LiquidationParameters {
			auction_period: share_of_day(48),
			cash_call_period: share_of_day(24),
			grace_period: share_of_day(144),
			max_block_time: MAX_BLOCK_TIME,
			..Default::default()
		},
		default: DefaultParameters {
			porting_period: DAY_MILLISECONDS,
			auction_period: share_of_day(4),
			..Default::default()
		},
		..Default::default()
	}
}

/// A share of the exchange's day, in milliseconds; at least two slots, so that it is seen on a test network.
const fn share_of_day(parts: u64) -> u64 {
	let share = DAY_MILLISECONDS / parts;
	if share < 2 * SLOT_MILLISECONDS {
		2 * SLOT_MILLISECONDS
	} else {
		share
	}
}

/// Gives a class of the index the price that the benchmarks' instrument has.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn price_class(class: ClassId) {
	use gcx_primitives::{Price, PriceIndex};

	let known = crate::benchmarks::instrument().0.class;
	if Index::floor_price(class).is_none() {
		frame_support::assert_ok!(Index::set_class(crate::RuntimeOrigin::root(), class, Price(10_000)));
	}
	let latest = pallet_index::Latest::<Runtime>::get(known).expect("it is set");
	crate::benchmarks::fill_series(class, latest.0.price);
	pallet_index::Latest::<Runtime>::insert(class, latest);
}

/// Makes an account a guarantor with the smallest bond and as much in its house as that needs.
#[cfg(feature = "runtime-benchmarks")]
fn make_guarantor(who: &AccountId) {
	use crate::{Clearing, RuntimeOrigin};
	use frame_support::{assert_ok, traits::fungible::Mutate};
	use gcx_primitives::SubAccount;

	let parameters = super::guarantor::genesis_parameters();
	let house = parameters.min_house.0.unsigned_abs();
	let signed = || RuntimeOrigin::signed(who.clone());
	<Balances as Mutate<_>>::set_balance(who, 10 * parameters.min_bond);
	assert_ok!(SettlementAsset::mint_into(who, 2 * house));
	assert_ok!(Guarantor::apply(signed(), parameters.min_bond));
	assert_ok!(Clearing::deposit(signed(), SubAccount::HOUSE, house));
	assert_ok!(Guarantor::admit(RuntimeOrigin::root(), who.clone()));
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_clearing::BenchmarkHelper<AccountId, NativeOrWithId<AssetId>> for Runtime {
	fn class() -> ClassId {
		crate::benchmarks::instrument().0.class
	}

	fn other_class() -> ClassId {
		let class = ClassId(1_001);
		price_class(class);
		class
	}

	fn collateral_asset() -> NativeOrWithId<AssetId> {
		NativeOrWithId::Native
	}

	fn make_customer(customer: &AccountId, guarantor: &AccountId) {
		use crate::{units::GCX, RuntimeOrigin};
		use frame_support::{assert_ok, traits::fungible::Mutate};
		use gcx_primitives::{Cash, CustomerLimits, Guarantors, Lots, MAX_LOTS};

		let limits = CustomerLimits {
			max_initial_margin: Cash(i128::MAX),
			max_lots: Lots(MAX_LOTS),
			margin_multiplier: Ppm::ONE,
			suspended: false,
		};
		if Guarantor::state(guarantor).is_none() {
			make_guarantor(guarantor);
		}
		<Balances as Mutate<_>>::set_balance(customer, GCX);
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(customer.clone()), guarantor.clone()));
		assert_ok!(Guarantor::accept(RuntimeOrigin::signed(guarantor.clone()), customer.clone(), limits));
	}

	fn make_guarantors() -> alloc::vec::Vec<AccountId> {
		use crate::{Insurance, RuntimeOrigin};
		use frame_benchmarking::account;
		use frame_support::{
			assert_ok,
			traits::{fungible::Mutate, Get},
		};
		use gcx_primitives::InsurancePool;

		let most = <Runtime as pallet_guarantor::Config>::MaxGuarantors::get();
		for index in pallet_guarantor::Guarantors::<Runtime>::count()..most {
			make_guarantor(&account("member", index, 0));
		}
		price_class(<Runtime as pallet_insurance::Config>::BondClass::get());
		let bond = super::guarantor::genesis_parameters().min_bond;
		let value = <Insurance as InsurancePool<AccountId>>::bond_value(bond).expect("bonds have a price");
		// Half of what the bond counts for: a part of the bond, and of what is delegated beside it, is worth as much.
		let contribution = value.0.unsigned_abs() / 2;
		let delegator: AccountId = account("delegator", 0, 0);
		<Balances as Mutate<_>>::set_balance(&delegator, bond * (u128::from(most) + 1));
		let all: alloc::vec::Vec<_> = pallet_guarantor::Guarantors::<Runtime>::iter_keys().collect();
		for who in &all {
			assert_ok!(Guarantor::delegate(RuntimeOrigin::signed(delegator.clone()), who.clone(), bond));
			assert_ok!(SettlementAsset::mint_into(who, 2 * contribution));
			assert_ok!(Insurance::contribute(RuntimeOrigin::signed(who.clone()), contribution));
		}
		all
	}

	fn fund_pool(amount: gcx_primitives::Cash) {
		use frame_support::{assert_ok, traits::fungible::Mutate};

		price_class(<Runtime as pallet_insurance::Config>::BondClass::get());
		let funder: AccountId = frame_benchmarking::account("funder", 0, 0);
		let amount = amount.0.unsigned_abs();
		assert_ok!(SettlementAsset::mint_into(&funder, 2 * amount));
		assert_ok!(crate::Insurance::fund_skin(crate::RuntimeOrigin::signed(funder), amount));
	}
}
