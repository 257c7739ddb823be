//! A chain with real `assets`, `balances`, `timestamp` and `guarantor`; risk and prices are as a test says.

use crate as pallet_insurance;
use crate::InsuranceParameters;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{self, Inspect, Mutate},
		tokens::Preservation,
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU64, Hooks,
	},
	PalletId,
};
use frame_system::{EnsureNever, EnsureRoot};
use gcx_primitives::{
	Cash, ClassId, Day, Fix, Guarantors as _, InsurancePool, PoolLayer, PoolRisk, Ppm, Price, PriceIndex,
	PriceStatistics, Taken,
};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

pub type AccountId = u64;
pub type Balance = u128;

/// The settlement asset of the tests, and its minimum balance.
pub const DOLLARS: u32 = 1;
pub const MINIMUM: Balance = 10;
/// The bonded token's existential deposit.
pub const LEAST: Balance = 7;
/// What every account of the tests starts with, of either money.
pub const ENDOWMENT: Balance = 10_000_000_000;
/// The pool's account.
pub const POOL: AccountId = 99;
/// A custody account: it has its minimum balance.
pub const CUSTODY: AccountId = 98;
/// Guarantors from the start, each with this bond.
pub const GUARANTORS: [AccountId; 4] = [1, 2, 3, 4];
pub const BOND: Balance = 1_000_000;
/// Outsiders.
pub const ALICE: AccountId = 21;
pub const BOB: AccountId = 22;
pub const CHARLIE: AccountId = 23;
/// Somebody.
pub const ANYONE: AccountId = 30;
/// When tests begin.
pub const START: u64 = 1_800_000_000_000;
pub const DAY: u64 = 24 * 60 * 60 * 1_000;
/// How long exits are locked after a draw, and parameters wait.
pub const EXIT_LOCK: u64 = 20 * DAY;
pub const DELAY: u64 = 2 * DAY;
pub const COOLING_OFF: u64 = 21 * DAY;
/// The smallest deposit.
pub const MIN_DEPOSIT: Balance = 1_000;
/// The class of the bonded token's price, per 1,000 units of it.
pub const TOKEN: ClassId = ClassId(9);
pub const UNIT: Balance = 1_000;
/// Its price: two for one.
pub const PRICE: i64 = 2_000;
pub const PERIOD: u64 = 10;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Assets: pallet_assets,
		Guarantor: pallet_guarantor,
		Insurance: pallet_insurance,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<LEAST>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type Currency = Balances;
	type ForceOrigin = EnsureRoot<AccountId>;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub const GuarantorPallet: PalletId = PalletId(*b"gcx/guar");
	pub const Pool: AccountId = POOL;
	pub const BondClass: ClassId = TOKEN;
	pub static MinCoolingOff: u64 = DAY;
	/// What clearing says.
	pub static Requirement: i128 = 0;
	pub static Risks: BTreeMap<AccountId, i128> = BTreeMap::new();
	pub static Calm: bool = true;
	/// The fix, its time, and the mean of 30 days.
	pub static TokenPrice: Option<(i64, u64, i64)> = None;
	/// Tokens that burned.
	pub static Burnt: u128 = 0;
}

impl pallet_guarantor::Config for Test {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = ();
	type MaxCustomersPerGuarantor = ConstU32<10>;
	type MaxGuarantors = ConstU32<200>;
	type MinUnbonding = ConstU64<DAY>;
	type NativeBalance = Balances;
	type PalletId = GuarantorPallet;
	type ParameterDelay = ConstU64<1>;
	type PortWeight = ();
	type Positions = ();
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = ();
}

/// Clearing, as far as a test needs it.
pub struct Clearing;
impl PoolRisk<AccountId> for Clearing {
	fn requirement() -> Cash {
		Cash(Requirement::get())
	}
	fn risk(guarantor: &AccountId) -> Cash {
		Cash(Risks::get().get(guarantor).copied().unwrap_or(0))
	}
	fn total_risk() -> Cash {
		Cash(Risks::get().values().sum())
	}
	fn is_calm() -> bool {
		Calm::get()
	}
}

/// The index, as far as a test needs it.
pub struct Index;
impl PriceIndex for Index {
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix> {
		let (price, time, _) = TokenPrice::get().filter(|_| class == TOKEN)?;
		(now().checked_sub(time)? <= max_age).then_some(Fix { day: Day(0), price: Price(price), time })
	}
	fn fixes(_: ClassId, _: Day, _: Day) -> Vec<Fix> {
		Vec::new()
	}
	fn statistics(class: ClassId) -> Option<PriceStatistics> {
		let (_, _, mean) = TokenPrice::get().filter(|_| class == TOKEN)?;
		Some(PriceStatistics { mean_size: Price(mean), variance: 0, largest_move: Ppm::ZERO })
	}
	fn floor_price(_: ClassId) -> Option<Price> {
		None
	}
	fn today() -> Day {
		Day(0)
	}
	fn closed_day(_: ClassId) -> Option<Day> {
		None
	}
}

/// The settlement asset alone.
pub type Dollars = fungible::ItemOf<Assets, ConstU32<DOLLARS>, AccountId>;

/// A fifth burns.
pub struct Fifth;
impl gcx_primitives::PerformanceBurn<crate::types::CreditOf<Test>> for Fifth {
	fn share() -> Ppm {
		Ppm::percent(20)
	}
	fn burn(tokens: crate::types::CreditOf<Test>) {
		use frame_support::traits::Imbalance;
		Burnt::mutate(|burnt| *burnt += tokens.peek());
	}
}

impl pallet_insurance::Config for Test {
	type Burn = Fifth;
	type BondClass = BondClass;
	type BondUnit = ConstU128<UNIT>;
	type Clock = Timestamp;
	type DistributionPeriod = ConstU64<PERIOD>;
	type ExitLock = ConstU64<EXIT_LOCK>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Guarantors = Guarantor;
	type Index = Index;
	type MinCoolingOff = MinCoolingOff;
	type MinDeposit = ConstU128<MIN_DEPOSIT>;
	type NativeBalance = Balances;
	type ParameterDelay = ConstU64<DELAY>;
	type PaymentsPerBlock = ConstU32<2>;
	type PoolAccount = Pool;
	type RedemptionPeriod = ConstU64<DAY>;
	type Risk = Clearing;
	type SettlementAsset = Dollars;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

pub fn parameters() -> InsuranceParameters {
	InsuranceParameters {
		skin_share: Ppm::percent(25),
		min_contribution: Cash(100),
		cooling_off: COOLING_OFF,
		bond_haircut: Ppm::percent(50),
		sale_period: DAY,
		sale_discount: Ppm::percent(90),
		max_price_age: 2 * DAY,
		min_distribution: Cash(50),
	}
}

/// The chain that a test begins with: guarantors 1 to 4 with a bond of a million each, which counts for a million.
/// Accounts up to 40 have money of both kinds; the pool's accounts and a custody account have their minimum balance.
/// Nothing is at risk.
#[derive(Default)]
pub struct Chain {
	/// Neither the pool's account nor that of sales has anything.
	pub is_unendowed: bool,
}

impl Chain {
	pub fn build(self) -> sp_io::TestExternalities {
		MinCoolingOff::set(DAY);
		Requirement::set(0);
		Risks::set(BTreeMap::new());
		Calm::set(true);
		Burnt::set(0);
		TokenPrice::set(Some((PRICE, START, PRICE)));
		let endowed = if self.is_unendowed { vec![CUSTODY] } else { vec![POOL, CUSTODY] };
		let sales = (!self.is_unendowed).then_some((Insurance::sale_account(), LEAST));
		let minimums = endowed.into_iter().map(|who| (DOLLARS, who, MINIMUM));
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=40).map(|who| (who, ENDOWMENT)).chain(sales).collect(),
				..Default::default()
			},
			assets: pallet_assets::GenesisConfig {
				assets: vec![(DOLLARS, 1_000, true, MINIMUM)],
				accounts: (1..=40).map(|who| (DOLLARS, who, ENDOWMENT)).chain(minimums).collect(),
				..Default::default()
			},
			guarantor: pallet_guarantor::GenesisConfig {
				guarantors: GUARANTORS.map(|who| (who, BOND)).to_vec(),
				customers: Vec::new(),
				parameters: Some(pallet_guarantor::GuarantorParameters {
					min_bond: 1_000,
					min_delegation: LEAST,
					..Default::default()
				}),
			},
			insurance: pallet_insurance::GenesisConfig { parameters: parameters(), ..Default::default() },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			System::set_block_number(1);
			pallet_timestamp::Now::<Test>::put(START);
		});
		ext
	}

	/// Runs `test` and checks the invariants, and that no money came or went, afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = (Dollars::total_issuance(), Balances::total_issuance());
			test();
			assert_eq!(Insurance::violations(), [""; 0], "the invariants hold after the test");
			let there_are = (Dollars::total_issuance(), Balances::total_issuance() + Burnt::get());
			assert_eq!(there_are, issued, "money came or went");
		})
	}
}

/// The time in milliseconds.
pub fn now() -> u64 {
	pallet_timestamp::Now::<Test>::get()
}

/// Lets time pass, in milliseconds. No block begins.
pub fn pass(time: u64) {
	pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
}

/// Lets a block begin.
pub fn next_block() {
	let block = System::block_number() + 1;
	System::set_block_number(block);
	Insurance::on_initialize(block);
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// What an account has of the settlement asset.
pub fn dollars(who: AccountId) -> Balance {
	Dollars::balance(&who)
}

/// What an account gained of it since the start, or lost.
pub fn gained(who: AccountId) -> i128 {
	i128::try_from(dollars(who)).unwrap() - i128::try_from(ENDOWMENT).unwrap()
}

/// Sends money to the pool, as fees do.
pub fn income(amount: Balance) {
	assert_ok!(Dollars::transfer(&40, &POOL, amount, Preservation::Preserve));
}

pub fn contribute(who: AccountId, amount: Balance) {
	assert_ok!(Insurance::contribute(signed(who), amount));
}

/// Deposits and returns the shares.
pub fn deposit(who: AccountId, amount: Balance) -> u128 {
	let before = Insurance::shares_of(&who);
	assert_ok!(Insurance::deposit(signed(who), amount, 0));
	Insurance::shares_of(&who) - before
}

/// Lets all of an account's shares be redeemed.
pub fn redeem_all(who: AccountId) {
	assert_ok!(Insurance::redeem(signed(who), Insurance::shares_of(&who)));
}

pub fn fund_skin(amount: Balance) {
	assert_ok!(Insurance::fund_skin(signed(ANYONE), amount));
}

pub fn lend(guarantor: AccountId, amount: i128) -> i128 {
	Insurance::lend(&guarantor, &CUSTODY, Cash(amount)).0
}

pub fn absorb(layer: PoolLayer, guarantor: AccountId, loss: i128) -> Taken {
	let lent = Insurance::lent(&guarantor);
	Insurance::absorb(layer, &guarantor, Cash(loss), lent, &CUSTODY)
}

pub fn taken(had: i128, took: i128) -> Taken {
	Taken { had: Cash(had), took: Cash(took), left: Cash(had - took) }
}

/// Takes so many tokens of a guarantor's bond, puts them up for sale and returns what was advanced.
pub fn sell_bond(guarantor: AccountId, tokens: Balance, advance: i128) -> i128 {
	let bond = Guarantor::slash(&guarantor, tokens);
	let lent = Insurance::lent(&guarantor);
	Insurance::sell_bond(&guarantor, bond, Cash(advance), lent, &CUSTODY).0
}

pub fn assess(guarantor: AccountId, loss: i128) -> Taken {
	Insurance::assess(&guarantor, Cash(loss))
}

pub fn collect_assessment(guarantor: AccountId, loss: i128) -> Option<i128> {
	let lent = Insurance::lent(&guarantor);
	Insurance::collect_assessment(&guarantor, Cash(loss), lent, &CUSTODY).map(|cash| cash.0)
}

/// The layers: skin, guarantors, outsiders.
pub fn layers() -> (i128, i128, i128) {
	let layers = Insurance::layers();
	(layers.skin.0, layers.guarantors.0, layers.outside.0)
}

pub fn contribution(who: AccountId) -> i128 {
	Insurance::contribution(&who).0
}

pub fn set_risks(risks: &[(AccountId, i128)]) {
	Risks::set(risks.iter().copied().collect());
}

/// A fix of now, which is the mean as well.
pub fn set_price(price: i64) {
	TokenPrice::set(Some((price, now(), price)));
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Helper {
	fn make_guarantor(who: &AccountId, bond: Balance) {
		Balances::force_set_balance(RuntimeOrigin::root(), *who, 10 * bond + ENDOWMENT).expect("it can be set");
		assert_ok!(Guarantor::apply(signed(*who), bond));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), *who));
	}

	fn set_bond_price() {
		set_price(PRICE);
	}
}
