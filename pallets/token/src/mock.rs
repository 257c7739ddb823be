//! A chain with real `assets`, `balances`, `timestamp` and `guarantor`; prices, and who sells for the pool, are as a test says.

use crate as pallet_token;
use crate::{BuyBackTerms, FeeAsset, FeeDesk, IssuanceTerms, RewardRole, RewardTerms, SeatTerms, TokenParameters};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{self, Balanced, Inspect, Mutate},
		tokens::Preservation,
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU64, Hooks,
	},
	PalletId,
};
use frame_system::{EnsureNever, EnsureRoot};
use gcx_math::fees::{FeeSplit, FeeTier};
use gcx_primitives::{
	Cash, ClassId, CustomerLimits, Day, FeesCollected, Fix, Lots, Ppm, Price, PriceIndex, PriceStatistics, Role,
	TokenIncome, TradingFees,
};
use sp_runtime::BuildStorage;

pub type AccountId = u64;
pub type Balance = u128;

/// The settlement asset of the tests, and its minimum balance.
pub const DOLLARS: u32 = 1;
pub const MINIMUM: Balance = 10;
/// The token's existential deposit.
pub const LEAST: Balance = 7;
/// What every account of the tests starts with, of either money.
pub const ENDOWMENT: Balance = 10_000_000_000_000;
pub const POT: AccountId = 99;
pub const POOL: AccountId = 98;
pub const TREASURY: AccountId = 97;
/// A guarantor from the start, with delegated stake, and its customers.
pub const GUARANTOR: AccountId = 1;
pub const DELEGATOR: AccountId = 2;
pub const ALICE: AccountId = 21;
pub const BOB: AccountId = 22;
/// Nobody's customer.
pub const STRANGER: AccountId = 30;
pub const CHARLIE: AccountId = 31;
/// When tests begin.
pub const START: u64 = 365 * DAY * 57;
pub const DAY: u64 = 24 * 60 * 60 * 1_000;
/// The class of the token's price, per 1,000 units of it.
pub const TOKEN: ClassId = ClassId(9);
pub const UNIT: Balance = 1_000;
/// Its price: two for one.
pub const PRICE: i64 = 2_000;
/// Eras in which rewards can be claimed.
pub const REWARD_ERAS: u32 = 3;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Assets: pallet_assets,
		Guarantor: pallet_guarantor,
		Token: pallet_token,
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
	type DustRemoval = crate::Dust<Test>;
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
	pub const Pot: AccountId = POT;
	pub const Pool: AccountId = POOL;
	pub const Treasury: AccountId = TREASURY;
	pub const TokenClass: ClassId = TOKEN;
	/// The fix and its time.
	pub static TokenPrice: Option<(i64, u64)> = None;
	/// Tokens that were sold for the pool; none if they cannot be.
	pub static Sold: Option<u128> = Some(0);
}

impl pallet_guarantor::Config for Test {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = ();
	type MaxCustomersPerGuarantor = ConstU32<10>;
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

/// The index, as far as a test needs it.
pub struct Index;
impl PriceIndex for Index {
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix> {
		let (price, time) = TokenPrice::get().filter(|_| class == TOKEN)?;
		(now().checked_sub(time)? <= max_age).then_some(Fix { day: Day(0), price: Price(price), time })
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
		Day(u32::try_from(now() / DAY).unwrap())
	}
	fn closed_day(_: ClassId) -> Option<Day> {
		None
	}
}

/// Sells for the pool: the tokens are on its account.
pub struct Sales;
impl TokenIncome<crate::types::CreditOf<Test>> for Sales {
	fn sell_income(tokens: crate::types::CreditOf<Test>) -> Result<(), crate::types::CreditOf<Test>> {
		use frame_support::traits::Imbalance;
		let Some(sold) = Sold::get() else { return Err(tokens) };
		Sold::set(Some(sold + tokens.peek()));
		Balances::resolve(&POOL, tokens)
	}
}

/// The settlement asset alone.
pub type Dollars = fungible::ItemOf<Assets, ConstU32<DOLLARS>, AccountId>;

impl pallet_token::Config for Test {
	type Clock = Timestamp;
	type EraLength = ConstU64<DAY>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type GuarantorRewards = Guarantor;
	type Guarantors = Guarantor;
	type Index = Index;
	type MaxSeats = ConstU32<5>;
	type NativeBalance = Balances;
	type PoolAccount = Pool;
	type PoolIncome = Sales;
	type PotAccount = Pot;
	type RewardEras = ConstU32<REWARD_ERAS>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SettlementAsset = Dollars;
	type TokenClass = TokenClass;
	type TokenUnit = ConstU128<UNIT>;
	type TreasuryAccount = Treasury;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

/// One per cent for everybody, half of it from a million on; ten tokens of a hundred burn at once.
pub fn parameters() -> TokenParameters {
	let tier = |from, maker, taker| FeeTier { from: Cash(from), maker: Ppm(maker), taker: Ppm(taker) };
	TokenParameters {
		tiers: vec![tier(0, 10_000, 20_000), tier(1_000_000, 5_000, 10_000)].try_into().unwrap(),
		discount: Ppm::percent(20),
		split: FeeSplit { pool: Ppm::percent(40), rebate: Ppm::percent(10), burn: Ppm::percent(30) },
		max_price_age: 2 * DAY,
		chain_burn: Ppm::percent(50),
		slash_burn: Ppm::percent(20),
		issuance: IssuanceTerms { cap_per_year: 1_000_000, alpha: Ppm::percent(50) },
		rewards: RewardTerms {
			of_fees: Ppm::percent(50),
			validators: Ppm::percent(40),
			attestors: Ppm::percent(20),
			operators: Ppm::percent(30),
			traders: Ppm::percent(10),
			operators_cap: Ppm(3_000),
			traders_cap: Ppm::percent(25),
		},
		seats: SeatTerms {
			count: 2,
			start: 100_000,
			floor: 10_000,
			period: 9 * DAY,
			rise: Ppm::percent(200),
			resale_burn: Ppm::percent(10),
		},
		buy_back: BuyBackTerms { min_offer: Cash(1_000), period: DAY, first: Ppm::percent(50), last: Ppm::ONE },
	}
}

/// The chain that a test begins with: a guarantor with two customers and delegated stake of as much as its bond. Accounts up to 40
/// have money of both kinds. The first era began with the first block.
#[derive(Default)]
pub struct Chain {
	/// What governs, if not [`parameters`].
	pub parameters: Option<TokenParameters>,
}

impl Chain {
	pub fn build(self) -> sp_io::TestExternalities {
		TokenPrice::set(Some((PRICE, START)));
		Sold::set(Some(0));
		let customers = [ALICE, BOB].map(|who| {
			let limits = CustomerLimits {
				max_initial_margin: Cash(1),
				max_lots: Lots(1),
				margin_multiplier: Ppm::ONE,
				suspended: false,
			};
			(who, GUARANTOR, limits)
		});
		let keyless = [POT, POOL, TREASURY];
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=40).map(|who| (who, ENDOWMENT)).chain(keyless.map(|who| (who, LEAST))).collect(),
				..Default::default()
			},
			assets: pallet_assets::GenesisConfig {
				assets: vec![(DOLLARS, 1_000, true, MINIMUM)],
				accounts: (1..=40)
					.map(|who| (DOLLARS, who, ENDOWMENT))
					.chain(keyless.map(|who| (DOLLARS, who, MINIMUM)))
					.collect(),
				..Default::default()
			},
			guarantor: pallet_guarantor::GenesisConfig {
				guarantors: vec![(GUARANTOR, 1_000_000)],
				customers: customers.to_vec(),
				parameters: Some(pallet_guarantor::GuarantorParameters {
					min_bond: 1_000,
					min_delegation: LEAST,
					..Default::default()
				}),
			},
			token: pallet_token::GenesisConfig {
				parameters: Some(self.parameters.unwrap_or_else(parameters)),
				..Default::default()
			},
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			pallet_timestamp::Now::<Test>::put(START);
			next_block();
			assert_ok!(Guarantor::delegate(signed(DELEGATOR), GUARANTOR, 1_000_000));
			System::reset_events();
		});
		ext
	}

	/// Runs `test`, and checks the invariants afterwards, that no cash came or went, and that the token reconciles to the unit.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let cash = Dollars::total_issuance();
			test();
			assert_sound();
			assert_eq!(Dollars::total_issuance(), cash, "cash came or went");
		})
	}
}

/// The invariants hold, and what was issued less what was burned is what there is more than at first.
pub fn assert_sound() {
	assert_eq!(Token::violations(), [""; 0], "the invariants hold");
	let supply = Token::supply();
	assert_eq!(supply.burned_in_all, supply.burned.total(), "nothing burned that was not counted");
	assert_eq!(supply.genesis + supply.issued, supply.issuance + supply.burned.total());
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
	Token::on_initialize(block);
}

/// Lets the era end, with a fresh price.
pub fn next_era() {
	pass(DAY);
	set_price(PRICE);
	next_block();
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A fix of now.
pub fn set_price(price: i64) {
	TokenPrice::set(Some((price, now())));
}

pub fn set_parameters(change: impl FnOnce(&mut TokenParameters)) {
	let mut parameters = crate::Parameters::<Test>::get();
	change(&mut parameters);
	assert_ok!(Token::set_parameters(RuntimeOrigin::root(), parameters));
}

pub fn dollars(who: AccountId) -> Balance {
	Dollars::balance(&who)
}

pub fn tokens(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// Trades, and returns the fee in cash and in tokens. What is in cash arrives at once, as if clearing had collected it.
pub fn trade(who: AccountId, role: Role, notional: i128) -> (i128, u128) {
	let mut desk = FeeDesk::<Test>::open();
	let quote = desk.quote(&who, role, Cash(notional)).expect("it fits");
	desk.charge(&who, &quote);
	desk.close();
	if !quote.cash.is_zero() {
		collect(who, quote.cash.0);
	}
	(quote.cash.0, quote.tokens.map_or(0, |(tokens, _)| tokens))
}

/// Fees arrive, of those that [`GUARANTOR`] stands behind.
pub fn collect(from: AccountId, amount: i128) {
	collect_for(GUARANTOR, from, amount);
}

/// Fees arrive, of those that a guarantor stands behind.
pub fn collect_for(guarantor: AccountId, from: AccountId, amount: i128) {
	assert_ok!(Dollars::transfer(&from, &POT, amount.unsigned_abs(), Preservation::Preserve));
	Token::collected(&guarantor, Cash(amount));
}

pub fn pays_in_tokens(who: AccountId) {
	assert_ok!(Token::pay_fees_in(signed(who), FeeAsset::Token));
}

/// What an account gets of a claim; nothing if it is refused.
pub fn claim(role: RewardRole, who: AccountId) -> u128 {
	let before = tokens(who);
	match Token::claim(signed(STRANGER), role, who) {
		Ok(()) => tokens(who) - before,
		Err(error) => {
			assert_eq!(error, crate::Error::<Test>::NothingToClaim.into());
			0
		},
	}
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Helper {
	fn make_guarantor(who: &AccountId) {
		Balances::force_set_balance(RuntimeOrigin::root(), *who, ENDOWMENT).expect("it can be set");
		assert_ok!(Guarantor::apply(signed(*who), 1_000_000));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), *who));
		let delegator: AccountId = frame_benchmarking::account("delegator", 0, 0);
		Balances::force_set_balance(RuntimeOrigin::root(), delegator, ENDOWMENT).expect("it can be set");
		assert_ok!(Guarantor::delegate(signed(delegator), *who, 1_000_000));
	}

	fn set_price() {
		set_price(PRICE);
	}

	fn set_time(time: u64) {
		pallet_timestamp::Now::<Test>::put(time);
	}
}
