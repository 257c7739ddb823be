//! The insurance pool: how long money stays, what bonds count for.

use crate::{
	configs::{clearing::PoolAccount, clearing::SettlementAsset, Governance},
	genesis::GCX_PRICE,
	units::{DAY_MILLISECONDS, DOLLAR, GCX},
	Balances, BlockNumber, Clearing, Guarantor, Index, Runtime, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU64},
};
use gcx_primitives::{Cash, ClassId, Ppm};
use pallet_insurance::InsuranceParameters;

/// Days for which exits are locked after a draw, and for which a contribution answers at most once.
const EXIT_LOCK_DAYS: u64 = 20;

parameter_types! {
	/// The class that has the price of GCX.
	pub const BondClass: ClassId = GCX_PRICE;
	/// Blocks between two divisions of the guarantors' income: an hour of the exchange's day.
	pub const DistributionPeriod: BlockNumber = DISTRIBUTION_PERIOD;
}

/// A twenty-fourth of the exchange's day, at least a block.
const DISTRIBUTION_PERIOD: BlockNumber = {
	let blocks = super::clearing::SETTLEMENT_PERIOD / 24;
	if blocks == 0 {
		1
	} else {
		blocks
	}
};

impl pallet_insurance::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type BondClass = BondClass;
	type BondUnit = ConstU128<GCX>;
	type Burn = crate::Token;
	type Clock = Timestamp;
	type DistributionPeriod = DistributionPeriod;
	type ExitLock = ConstU64<{ EXIT_LOCK_DAYS * DAY_MILLISECONDS }>;
	type GovernanceOrigin = Governance;
	type Guarantors = Guarantor;
	type Index = Index;
	type MinCoolingOff = ConstU64<{ 7 * DAY_MILLISECONDS }>;
	type MinDeposit = ConstU128<{ 100 * DOLLAR }>;
	type NativeBalance = Balances;
	type ParameterDelay = ConstU64<{ 2 * DAY_MILLISECONDS }>;
	type PaymentsPerBlock = ConstU32<4>;
	type PoolAccount = PoolAccount;
	type RedemptionPeriod = ConstU64<DAY_MILLISECONDS>;
	type Risk = Clearing;
	type SettlementAsset = SettlementAsset;
	type WeightInfo = crate::weights::pallet_insurance::WeightInfo<Runtime>;
}

/// What governs the pool as a chain starts.
pub fn genesis_parameters() -> InsuranceParameters {
	InsuranceParameters {
		cooling_off: 21 * DAY_MILLISECONDS,
		sale_period: DAY_MILLISECONDS,
		max_price_age: 2 * DAY_MILLISECONDS,
		// A dollar.
		min_distribution: Cash(DOLLAR.cast_signed()),
		bond_haircut: Ppm::percent(50),
		..Default::default()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_insurance::BenchmarkHelper<crate::AccountId> for Runtime {
	fn make_guarantor(who: &crate::AccountId, bond: u128) {
		use frame_support::{assert_ok, traits::fungible::Mutate};
		Balances::set_balance(who, 10 * bond + GCX);
		assert_ok!(Guarantor::apply(crate::RuntimeOrigin::signed(who.clone()), bond));
		pallet_guarantor::Applications::<Runtime>::remove(who);
		// There may be more than the runtime admits.
		pallet_guarantor::Guarantors::<Runtime>::insert(who, pallet_guarantor::Guarantor::new(bond, Ppm::ZERO));
	}

	fn set_bond_price() {
		use gcx_primitives::{Fix, Price, PriceIndex, PriceStatistics};
		let price = Price(2_500_000);
		let time = pallet_timestamp::Now::<Runtime>::get();
		let statistics = PriceStatistics { mean_size: price, ..Default::default() };
		let fix = Fix { day: Index::today(), price, time };
		pallet_index::Latest::<Runtime>::insert(GCX_PRICE, (fix, statistics));
	}
}
