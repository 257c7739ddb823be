//! GCX: what trading costs, what burns, what may be issued, what seats there are.

use crate::{
	configs::{
		clearing::{PoolAccount, SettlementAsset},
		treasury::TreasuryAccount,
		Governance,
	},
	genesis::GCX_PRICE,
	units::{DAY_MILLISECONDS, DOLLAR, GCX},
	AccountId, Balances, Guarantor, Index, Insurance, Runtime, RuntimeHoldReason, Timestamp,
};
use alloc::vec::Vec;
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU64},
	PalletId,
};
use gcx_math::fees::{FeeSplit, FeeTier};
use gcx_primitives::{Cash, ClassId, Ppm};
use pallet_token::{BuyBackTerms, IssuanceTerms, RewardTerms, SeatTerms, TokenParameters};
use sp_runtime::traits::AccountIdConversion;

/// The keyless account of fees that wait, are owed, or buy tokens, and of rewards.
pub const POT: PalletId = PalletId(*b"gcx/tokn");

parameter_types! {
	/// Its account.
	pub PotAccount: AccountId = POT.into_account_truncating();
	/// The class that has the price of GCX.
	pub const TokenClass: ClassId = GCX_PRICE;
}

impl pallet_token::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type Clock = Timestamp;
	/// A day of the exchange.
	type EraLength = ConstU64<DAY_MILLISECONDS>;
	type GovernanceOrigin = Governance;
	type GuarantorRewards = Guarantor;
	type Guarantors = Guarantor;
	type Index = Index;
	type MaxSeats = ConstU32<1_000>;
	type NativeBalance = Balances;
	type PoolAccount = PoolAccount;
	type PoolIncome = Insurance;
	type PotAccount = PotAccount;
	/// Twelve weeks.
	type RewardEras = ConstU32<84>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SettlementAsset = SettlementAsset;
	type TokenClass = TokenClass;
	type TokenUnit = ConstU128<GCX>;
	type TreasuryAccount = TreasuryAccount;
	type WeightInfo = crate::weights::pallet_token::WeightInfo<Runtime>;
}

/// What governs the token as a chain starts. The tool `gcx-tokenomics` shows what ten years of it come to.
pub fn genesis_parameters() -> TokenParameters {
	let tier = |millions: u128, maker, taker| FeeTier {
		from: Cash((millions * 1_000_000 * DOLLAR).cast_signed()),
		maker: Ppm(maker),
		taker: Ppm(taker),
	};
	let tiers: Vec<_> = [tier(0, 200, 200), tier(100, 150, 180), tier(1_000, 100, 150), tier(10_000, 50, 100)].into();
	TokenParameters {
		tiers: tiers.try_into().unwrap_or_default(),
		discount: Ppm::percent(25),
		// A fifth is the treasury's.
		split: FeeSplit { pool: Ppm::percent(40), rebate: Ppm::percent(10), burn: Ppm::percent(30) },
		max_price_age: 2 * DAY_MILLISECONDS,
		chain_burn: Ppm::percent(50),
		slash_burn: Ppm::percent(20),
		// A fiftieth of what the presets have.
		issuance: IssuanceTerms { cap_per_year: 2_400_000 * GCX, alpha: Ppm::percent(50) },
		rewards: RewardTerms {
			of_fees: Ppm::percent(50),
			validators: Ppm::percent(40),
			attestors: Ppm::percent(20),
			operators: Ppm::percent(30),
			traders: Ppm::percent(10),
			// A quarter of what both parties pay in the best tier.
			operators_cap: Ppm(37),
			traders_cap: Ppm::percent(25),
		},
		seats: SeatTerms {
			count: 100,
			start: 1_000_000 * GCX,
			floor: 10_000 * GCX,
			period: 7 * DAY_MILLISECONDS,
			rise: Ppm::percent(200),
			resale_burn: Ppm::percent(10),
		},
		buy_back: BuyBackTerms {
			min_offer: Cash(100 * DOLLAR.cast_signed()),
			period: DAY_MILLISECONDS,
			first: Ppm::percent(90),
			last: Ppm::ONE,
		},
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_token::BenchmarkHelper<AccountId> for Runtime {
	fn make_guarantor(who: &AccountId) {
		use frame_support::{assert_ok, traits::fungible::Mutate};

		let bond = super::guarantor::genesis_parameters().min_bond;
		<Self as pallet_insurance::BenchmarkHelper<_>>::make_guarantor(who, bond);
		let delegator: AccountId = frame_benchmarking::account("delegator", 0, 0);
		Balances::set_balance(&delegator, 10 * bond);
		assert_ok!(Guarantor::delegate(crate::RuntimeOrigin::signed(delegator), who.clone(), bond));
	}

	fn set_price() {
		<Self as pallet_insurance::BenchmarkHelper<AccountId>>::set_bond_price();
	}

	fn set_time(time: u64) {
		pallet_timestamp::Now::<Self>::put(time);
	}
}
