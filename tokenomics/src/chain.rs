//! A small chain around the real pallets: `token`, `guarantor`, `balances`, `assets` and `timestamp`. Only the index, whose price the
//! simulation sets, and who sells for the insurance pool are stand-ins.

use crate::{
	error::Error,
	parameters::parameters,
	people::{Trader, ATTESTORS, OPERATORS, VALIDATORS},
	units::{self, DAY, GCX},
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{self, Balanced, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		AsEnsureOriginWithArg, BuildGenesisConfig, ConstU128, ConstU32, ConstU64, Imbalance,
	},
	PalletId,
};
use frame_system::{EnsureNever, EnsureRoot};
use gcx_primitives::{
	Cash, ClassId, CustomerLimits, Day, FeesCollected, Fix, Lots, Ppm, Price, PriceIndex, PriceStatistics, TokenIncome,
};
use pallet_guarantor::GuarantorParameters;
use sp_runtime::{DispatchError, DispatchResult};

pub type AccountId = u64;

/// GCX that there are at first.
pub const GENESIS_SUPPLY: u128 = 120_000_000 * GCX;
/// When the chain begins: as a year of issuance does.
pub const START: u64 = 365 * DAY * 57;
/// The settlement asset, and its smallest balance: a cent.
const DOLLARS: u32 = 1;
const CENT: u128 = 10_000;
/// The smallest balance of GCX.
pub const LEAST: u128 = GCX / 1_000;
/// The class of the index that has the price of GCX.
pub const TOKEN_CLASS: ClassId = ClassId(0);
/// Eras in which a reward can be claimed.
const REWARD_ERAS: u32 = 84;

/// Everybody else: who sells GCX to those who need it, and sells into the buy-back. Has all GCX that nobody else does.
pub const MARKET: AccountId = 1;
const POT: AccountId = 2;
/// The insurance pool.
pub const POOL: AccountId = 3;
/// The treasury.
pub const TREASURY: AccountId = 4;
/// Who stands behind traders.
pub const GUARANTORS: [AccountId; 3] = [10, 11, 12];
/// What everybody but the market begins with.
const ENDOWMENT: u128 = 100_000 * GCX;
/// What a guarantor puts up of it.
const BOND: u128 = 50_000 * GCX;
/// Dollars of the market, in the settlement asset's smallest unit: more than is ever needed.
const OUTSIDE_MONEY: u128 = 1 << 80;

frame_support::construct_runtime!(
	pub enum Runtime {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Assets: pallet_assets,
		Guarantor: pallet_guarantor,
		Token: pallet_token,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = u128;
	type DustRemoval = pallet_token::Dust<Runtime>;
	type ExistentialDeposit = ConstU128<LEAST>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Runtime {
	type Balance = u128;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type Currency = Balances;
	type ForceOrigin = EnsureRoot<AccountId>;
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub const GuarantorPallet: PalletId = PalletId(*b"gcx/guar");
	pub const PotAccount: AccountId = POT;
	pub const PoolAccount: AccountId = POOL;
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const TokenClass: ClassId = TOKEN_CLASS;
	/// The fix of GCX and its time.
	pub static LatestFix: Option<(Price, u64)> = None;
	/// Who made the block.
	pub static Author: Option<AccountId> = None;
}

impl pallet_guarantor::Config for Runtime {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = ();
	type MaxCustomersPerGuarantor = ConstU32<100>;
	type MaxGuarantors = ConstU32<10>;
	type MinUnbonding = ConstU64<DAY>;
	type NativeBalance = Balances;
	type PalletId = GuarantorPallet;
	type ParameterDelay = ConstU64<1>;
	type PortWeight = ();
	type Positions = ();
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = ();
}

/// The index: the newest fix of GCX is all that is asked of it.
pub struct Index;

impl PriceIndex for Index {
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix> {
		let (price, time) = LatestFix::get().filter(|_| class == TOKEN_CLASS)?;
		(now().checked_sub(time)? <= max_age).then_some(Fix { day: Self::today(), price, time })
	}

	fn fixes(_: ClassId, _: Day, _: Day) -> Vec<Fix> {
		Vec::new()
	}

	fn statistics(_: ClassId) -> Option<PriceStatistics> {
		None
	}

	fn floor_price(_: ClassId) -> Option<Price> {
		None
	}

	fn today() -> Day {
		Day(u32::try_from(now() / DAY).unwrap_or(u32::MAX))
	}

	fn closed_day(_: ClassId) -> Option<Day> {
		None
	}
}

/// GCX that was taken from somebody and is not yet anybody's.
pub type Credit = fungible::Credit<AccountId, Balances>;

/// Sells the insurance pool's tokens to the market at once, at the newest fix.
pub struct PoolSale;

impl TokenIncome<Credit> for PoolSale {
	fn sell_income(tokens: Credit) -> Result<(), Credit> {
		let Some((price, _)) = LatestFix::get() else { return Err(tokens) };
		let paid = units::worth(tokens.peek(), price).0.unsigned_abs();
		match Dollars::transfer(&MARKET, &POOL, paid, Preservation::Preserve) {
			Ok(_) => Balances::resolve(&MARKET, tokens),
			Err(_) => Err(tokens),
		}
	}
}

/// The settlement asset.
pub type Dollars = fungible::ItemOf<Assets, ConstU32<DOLLARS>, AccountId>;

impl pallet_token::Config for Runtime {
	type Clock = Timestamp;
	type EraLength = ConstU64<DAY>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type GuarantorRewards = Guarantor;
	type Guarantors = Guarantor;
	type Index = Index;
	type MaxSeats = ConstU32<1_000>;
	type NativeBalance = Balances;
	type PoolAccount = PoolAccount;
	type PoolIncome = PoolSale;
	type PotAccount = PotAccount;
	type RewardEras = ConstU32<REWARD_ERAS>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SettlementAsset = Dollars;
	type TokenClass = TokenClass;
	type TokenUnit = ConstU128<GCX>;
	type TreasuryAccount = TreasuryAccount;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = NoBenchmarks;
}

/// Nothing is measured here.
#[cfg(feature = "runtime-benchmarks")]
pub struct NoBenchmarks;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_token::BenchmarkHelper<AccountId> for NoBenchmarks {
	fn make_guarantor(_: &AccountId) {}

	fn set_price() {}

	fn set_time(_: u64) {}
}

/// The time in milliseconds.
pub fn now() -> u64 {
	pallet_timestamp::Now::<Runtime>::get()
}

/// An empty state, whose changes stay in memory.
pub fn empty() -> sp_io::TestExternalities {
	sp_io::TestExternalities::default()
}

/// Writes the state before the first block, with accounts for these traders.
///
/// # Errors
/// `Genesis` if there is too little GCX.
pub fn begin(traders: &[Trader]) -> Result<(), Error> {
	let keyless = [POT, POOL, TREASURY].map(|who| (who, LEAST));
	let endowed = || {
		let workers = VALIDATORS.into_iter().chain(ATTESTORS).chain(OPERATORS.map(|(who, _)| who));
		GUARANTORS.into_iter().chain(workers).chain(traders.iter().map(|trader| trader.who))
	};
	let mut balances: Vec<_> = endowed().map(|who| (who, ENDOWMENT)).chain(keyless).collect();
	let given = balances.iter().map(|(_, amount)| amount).sum();
	let rest = GENESIS_SUPPLY.checked_sub(given).ok_or_else(|| Error::Genesis("too little GCX for all".into()))?;
	balances.push((MARKET, rest));
	let of_cents = |who| (DOLLARS, who, CENT);
	let limits = CustomerLimits {
		max_initial_margin: Cash(1),
		max_lots: Lots(1),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	};
	let genesis = RuntimeGenesisConfig {
		system: Default::default(),
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		assets: pallet_assets::GenesisConfig {
			assets: vec![(DOLLARS, MARKET, true, CENT)],
			accounts: endowed()
				.chain([POT, POOL, TREASURY])
				.map(of_cents)
				.chain([(DOLLARS, MARKET, OUTSIDE_MONEY)])
				.collect(),
			..Default::default()
		},
		guarantor: pallet_guarantor::GenesisConfig {
			guarantors: GUARANTORS.map(|who| (who, BOND)).to_vec(),
			customers: traders.iter().map(|trader| (trader.who, trader.guarantor, limits)).collect(),
			parameters: Some(GuarantorParameters { min_bond: GCX, min_delegation: GCX, ..Default::default() }),
		},
		token: pallet_token::GenesisConfig { parameters: Some(parameters()), ..Default::default() },
	};
	genesis.build();
	Ok(())
}

/// What the chain said in refusing something.
pub fn refused(what: &'static str, reason: impl Into<DispatchError>) -> Error {
	Error::Refused { what, reason: format!("{:?}", reason.into()) }
}

/// Takes GCX from an account, which keeps its smallest balance.
///
/// # Errors
/// `Refused` if it has too little.
pub fn taken(who: AccountId, amount: u128) -> Result<Credit, Error> {
	let (exact, keep) = (Precision::Exact, Preservation::Preserve);
	Balances::withdraw(&who, amount, exact, keep, Fortitude::Polite).map_err(|reason| refused("take GCX", reason))
}

/// GCX that an account can part with.
pub fn free(who: AccountId) -> u128 {
	Balances::reducible_balance(&who, Preservation::Preserve, Fortitude::Polite)
}

/// Has an account buy of the market what it lacks of so much free GCX, and `spare` beyond, as far as the market has them. Whether it
/// has so much now.
///
/// # Errors
/// `Refused` if it cannot be paid.
pub fn fund_with_tokens(who: AccountId, amount: u128, spare: u128) -> Result<bool, Error> {
	let lacking = amount.saturating_sub(free(who));
	if lacking == 0 {
		return Ok(true);
	}
	let bought = lacking.saturating_add(spare).min(free(MARKET));
	Balances::transfer(&MARKET, &who, bought, Preservation::Preserve)
		.map_err(|reason| refused("sell GCX to who needs it", reason))?;
	Ok(bought >= lacking)
}

/// Brings dollars from outside to where fees go, and tells the pallet.
///
/// # Errors
/// `Refused` if there are not so many.
pub fn collect(guarantor: AccountId, amount: Cash) -> Result<(), Error> {
	Dollars::transfer(&MARKET, &POT, amount.0.unsigned_abs(), Preservation::Preserve)
		.map_err(|reason| refused("collect fees", reason))?;
	Token::collected(&guarantor, amount);
	Ok(())
}

/// Does a call that may be refused for these reasons. Whether it was done.
///
/// # Errors
/// `Refused` for any other reason.
pub fn attempted(
	what: &'static str,
	done: DispatchResult,
	unless: impl IntoIterator<Item = pallet_token::Error<Runtime>>,
) -> Result<bool, Error> {
	match done {
		Ok(()) => Ok(true),
		Err(reason) if unless.into_iter().any(|error| reason == error.into()) => Ok(false),
		Err(reason) => Err(refused(what, reason)),
	}
}
