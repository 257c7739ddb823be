//! A chain with real `assets`, `timestamp` and `guarantor`, and a scenario builder.

use crate as pallet_clearing;
use frame_support::{
	assert_ok, derive_impl,
	pallet_prelude::DispatchResult,
	parameter_types,
	traits::{
		fungible::{self, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU8,
	},
	weights::Weight,
};
use frame_system::{EnsureNever, EnsureRoot};
use gcx_math::margin::MarginParameters;
use gcx_primitives::{
	AccountKey, Cash, ClassId, ComputeHours, CustomerLimits, Day, Fix, Guarantors as _, InstrumentId, InstrumentTerms,
	Instruments as _, Lots, Party, Ppm, Price, PriceIndex, PriceStatistics, Refusal, Refused, Segment, SegmentSide,
	Side, SubAccount, Trade, TradeBatch, TradeReceipt,
};
#[cfg(feature = "runtime-benchmarks")]
use helper::Helper;
use sp_runtime::BuildStorage;
use std::{cell::RefCell, collections::BTreeMap};

pub mod delivery;
#[cfg(feature = "runtime-benchmarks")]
mod helper;

pub type AccountId = u64;
pub type Balance = u128;

/// An asset that governance may admit as collateral, its minimum balance, and the class that has its price.
pub const TOKENS: u32 = 2;
pub const TOKEN_MINIMUM: Balance = 5;
/// The settlement asset of the tests, and its minimum balance.
pub const DOLLARS: u32 = 1;
pub const MINIMUM: Balance = 10;
/// What every account of the tests starts with, of either money.
pub const ENDOWMENT: Balance = 10_000_000;
/// The smallest first deposit.
pub const OPENING: Balance = 1_000;
/// What an account can always withdraw in an hour.
pub const FLOOR: Balance = 500;
/// Milliseconds in an hour.
pub const HOUR: u64 = 3_600_000;
/// Where surplus goes, and where fees.
pub const POOL: AccountId = 99;
pub const FEES: AccountId = 98;
/// The insurance pool's account: it has nothing unless a test gives it something.
pub const INSURANCE: AccountId = 97;
/// The class that has the price of bonds.
pub const BOND_CLASS: ClassId = ClassId(8);
/// The class of the tests' instruments, another one, and what they cost at least.
pub const CLASS: ClassId = ClassId(1);
pub const OTHER_CLASS: ClassId = ClassId(2);
pub const FLOOR_PRICE: Price = Price(30);
/// Two months of the class, on one Compute Hour a lot, and their first settlement price: a scan range of 600.
pub const NEAR: InstrumentId = InstrumentId(1);
pub const FAR: InstrumentId = InstrumentId(2);
pub const PRICE: i64 = 3_000;
/// The least requirement of an account that opens a position.
pub const MIN_REQUIREMENT: Balance = 500;
/// Blocks between two settlement runs.
pub const PERIOD: u64 = 10;
/// Two guarantors and their customers.
pub const GUARANTOR: AccountId = 1;
pub const OTHER: AccountId = 2;
pub const CUSTOMERS: [AccountId; 3] = [11, 12, 13];
pub const OTHERS_CUSTOMER: AccountId = 21;
/// Nobody's customer.
pub const STRANGER: AccountId = 30;
/// What a guarantor of the tests has bonded, in the native token, and what its house needs.
pub const BOND: Balance = 5_000;
pub const MIN_HOUSE: Balance = 2_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Assets: pallet_assets,
		Guarantor: pallet_guarantor,
		Insurance: pallet_insurance,
		Clearing: pallet_clearing,
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
	type ExistentialDeposit = ConstU128<1>;
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
	type MinimumPeriod = frame_support::traits::ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub const GuarantorPallet: frame_support::PalletId = frame_support::PalletId(*b"gcx/guar");
	pub const Pool: AccountId = POOL;
	pub const EgressLimit: Ppm = Ppm::percent(20);
	pub const FeesTo: AccountId = FEES;
	pub const InsurancePool: AccountId = INSURANCE;
	pub const BondClass: ClassId = BOND_CLASS;
	/// What a unit of bond costs, at any time: nobody's cover is short unless a test says so.
	pub static BondPrice: i64 = 1_000_000_000_000;
	pub static RunWeight: Weight = Weight::MAX;
	pub static InspectionWeight: Weight = Weight::MAX;
	pub static EgressReserved: Ppm = Ppm::percent(10);
	/// Fees that were collected, and of whose accounts.
	pub static Collected: Vec<(AccountId, i128)> = Vec::new();
}

/// Takes note of fees.
pub struct FeesCounted;
impl gcx_primitives::FeesCollected<AccountId> for FeesCounted {
	fn collected(guarantor: &AccountId, amount: Cash) {
		Collected::mutate(|all| all.push((*guarantor, amount.0)));
	}
}

impl pallet_guarantor::Config for Test {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = Clearing;
	type MaxCustomersPerGuarantor = ConstU32<10>;
	type MaxGuarantors = ConstU32<100>;
	type MinUnbonding = frame_support::traits::ConstU64<1>;
	type NativeBalance = Balances;
	type PalletId = GuarantorPallet;
	type ParameterDelay = frame_support::traits::ConstU64<1>;
	type PortWeight = ();
	type Positions = Clearing;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = ();
}

/// The index of the tests: one class with a fix that tests set, and another without.
pub struct Index;

thread_local! {
	static FIXES: RefCell<BTreeMap<ClassId, Fix>> = const { RefCell::new(BTreeMap::new()) };
	static SERIES: RefCell<BTreeMap<ClassId, BTreeMap<Day, Fix>>> = const { RefCell::new(BTreeMap::new()) };
}

impl PriceIndex for Index {
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix> {
		if class == BOND_CLASS {
			return Some(Fix { day: Self::today(), price: Price(BondPrice::get()), time: now() });
		}
		let fix = FIXES.with_borrow(|fixes| fixes.get(&class).copied())?;
		(now().checked_sub(fix.time)? <= max_age).then_some(fix)
	}

	fn fixes(class: ClassId, from: Day, to: Day) -> Vec<Fix> {
		SERIES.with_borrow(|series| {
			let of_class = series.get(&class).into_iter().flat_map(|of_class| of_class.range(from..=to));
			of_class.map(|(_, fix)| *fix).collect()
		})
	}

	fn statistics(class: ClassId) -> Option<PriceStatistics> {
		if class == BOND_CLASS {
			let mean_size = Price(BondPrice::get());
			return Some(PriceStatistics { mean_size, variance: 0, largest_move: Ppm::ZERO });
		}
		let fix = FIXES.with_borrow(|fixes| fixes.get(&class).copied())?;
		Some(PriceStatistics { mean_size: Price(fix.price.0.abs()), variance: 0, largest_move: Ppm::ZERO })
	}

	fn floor_price(class: ClassId) -> Option<Price> {
		[CLASS, OTHER_CLASS].contains(&class).then_some(FLOOR_PRICE)
	}

	fn today() -> Day {
		Day(u32::try_from(now() / (24 * HOUR)).unwrap())
	}

	fn closed_day(_: ClassId) -> Option<Day> {
		Self::today().0.checked_sub(1).map(Day)
	}
}

impl pallet_insurance::Config for Test {
	type Burn = ();
	type BondClass = BondClass;
	type BondUnit = ConstU128<1>;
	type Clock = Timestamp;
	type DistributionPeriod = frame_support::traits::ConstU64<10>;
	type ExitLock = frame_support::traits::ConstU64<{ 480 * HOUR }>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Guarantors = Guarantor;
	type Index = Index;
	type MinCoolingOff = frame_support::traits::ConstU64<HOUR>;
	type MinDeposit = ConstU128<1_000>;
	type NativeBalance = Balances;
	type ParameterDelay = frame_support::traits::ConstU64<1>;
	type PaymentsPerBlock = ConstU32<2>;
	type PoolAccount = InsurancePool;
	type RedemptionPeriod = frame_support::traits::ConstU64<{ 24 * HOUR }>;
	type Risk = Clearing;
	type SettlementAsset = Dollars;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

/// The settlement asset alone.
pub type Dollars = fungible::ItemOf<Assets, ConstU32<DOLLARS>, AccountId>;

impl pallet_clearing::Config for Test {
	type AccountsPerBlock = ConstU32<2>;
	type AccountsPerStep = ConstU32<2>;
	type Capacity = delivery::Resources;
	type Clock = Timestamp;
	type CollateralAssetId = u32;
	type CollateralAssets = Assets;
	type CollateralDelay = frame_support::traits::ConstU64<{ 24 * HOUR }>;
	type Deliveries = delivery::Deliveries;
	type EgressFloor = ConstU128<FLOOR>;
	type EgressLimit = EgressLimit;
	type EgressReserved = EgressReserved;
	type FeeDestination = FeesTo;
	type FeesCollected = FeesCounted;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Guarantors = Guarantor;
	type Index = Index;
	type InspectionWeight = InspectionWeight;
	type InstrumentsPerBlock = ConstU32<2>;
	type MaxSubAccounts = ConstU8<3>;
	type MinOpening = ConstU128<OPENING>;
	type MinRequirement = ConstU128<MIN_REQUIREMENT>;
	type Pool = Insurance;
	type RunWeight = RunWeight;
	type SettlementAsset = Dollars;
	type SettlementAssetId = ConstU32<DOLLARS>;
	type SettlementPeriod = frame_support::traits::ConstU64<PERIOD>;
	type SurplusDestination = Pool;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

pub fn limits() -> CustomerLimits {
	CustomerLimits {
		max_initial_margin: Cash(2_000_000),
		max_lots: Lots(1_000),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	}
}

/// The chain that a test begins with: two guarantors, three customers of the first, one of the second; it is the
/// beginning of an hour. Accounts up to 40 have money of both kinds, and so has the pool.
pub struct Exchange;

impl Exchange {
	pub fn build(self) -> sp_io::TestExternalities {
		EgressReserved::set(Ppm::percent(10));
		RunWeight::set(Weight::MAX);
		Collected::set(Vec::new());
		InspectionWeight::set(Weight::MAX);
		BondPrice::set(1_000_000_000_000);
		FIXES.with_borrow_mut(BTreeMap::clear);
		SERIES.with_borrow_mut(BTreeMap::clear);
		delivery::reset();
		let everybody = || (1..=40).chain([POOL, FEES]);
		let of_guarantor = CUSTOMERS.iter().map(|who| (*who, GUARANTOR, limits()));
		let customers = of_guarantor.chain([(OTHERS_CUSTOMER, OTHER, limits())]).collect();
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: everybody().map(|who| (who, ENDOWMENT)).collect(),
				..Default::default()
			},
			assets: pallet_assets::GenesisConfig {
				assets: vec![(DOLLARS, 1_000, true, MINIMUM), (TOKENS, 1_000, true, TOKEN_MINIMUM)],
				accounts: everybody().flat_map(|who| [DOLLARS, TOKENS].map(|asset| (asset, who, ENDOWMENT))).collect(),
				..Default::default()
			},
			guarantor: pallet_guarantor::GenesisConfig {
				guarantors: vec![(GUARANTOR, BOND), (OTHER, BOND)],
				customers,
				parameters: Some(pallet_guarantor::GuarantorParameters {
					min_bond: BOND,
					min_house: Cash(2_000),
					min_delegation: 1,
					..Default::default()
				}),
			},
			insurance: Default::default(),
			clearing: pallet_clearing::GenesisConfig { parameters: parameters(), ..Default::default() },
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			System::set_block_number(1);
			pallet_timestamp::Now::<Test>::put(500_000 * HOUR);
		});
		ext
	}

	/// Runs `test` and checks the invariants afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Clearing::do_try_state().expect("the invariants hold after the test");
		})
	}
}

pub fn try_deposit(who: AccountId, sub: u8, amount: Balance) -> DispatchResult {
	Clearing::deposit(RuntimeOrigin::signed(who), SubAccount(sub), amount)
}

pub fn try_withdraw(who: AccountId, sub: u8, amount: Balance) -> DispatchResult {
	Clearing::withdraw(RuntimeOrigin::signed(who), SubAccount(sub), amount)
}

pub fn try_close(who: AccountId, sub: u8) -> DispatchResult {
	Clearing::close(RuntimeOrigin::signed(who), SubAccount(sub))
}

/// Deposits into the account's first sub-account.
pub fn deposit(who: AccountId, amount: Balance) {
	assert_ok!(try_deposit(who, 0, amount));
}

/// Cash of the account's first sub-account.
pub fn cash(who: AccountId) -> i128 {
	crate::Accounts::<Test>::get(who, SubAccount(0)).expect("it has an account").cash.0
}

/// What an account has of the settlement asset outside of clearing.
pub fn dollars(who: AccountId) -> Balance {
	Dollars::balance(&who)
}

/// All of the settlement asset that there is.
pub fn issuance() -> Balance {
	Dollars::total_issuance()
}

pub fn segment(guarantor: AccountId, side: SegmentSide) -> Segment<AccountId> {
	Segment { guarantor, side }
}

/// What a segment's custody account has.
pub fn in_custody(guarantor: AccountId, side: SegmentSide) -> Balance {
	dollars(Clearing::custody_account(&segment(guarantor, side)))
}

/// Gives the settlement asset to a custody account, unasked.
pub fn give(guarantor: AccountId, side: SegmentSide, amount: Balance) {
	let custody = Clearing::custody_account(&segment(guarantor, side));
	// Nothing happens where the giver has too little left.
	let _ = Dollars::transfer(&40, &custody, amount, Preservation::Expendable);
}

/// Takes the settlement asset out of a custody account, past every rule.
pub fn take_away(guarantor: AccountId, side: SegmentSide, amount: Balance) {
	let custody = Clearing::custody_account(&segment(guarantor, side));
	assert_ok!(Dollars::burn_from(&custody, amount, Preservation::Expendable, Precision::Exact, Fortitude::Force));
}

/// Sends all that an account has outside of clearing away.
pub fn spend_all(who: AccountId) {
	assert_ok!(Dollars::transfer(&who, &STRANGER, dollars(who), Preservation::Expendable));
}

pub fn pass(time: u64) {
	pallet_timestamp::Now::<Test>::mutate(|now| *now += time);
}

/// Goes on to the beginning of the next hour.
pub fn next_hour() {
	pallet_timestamp::Now::<Test>::mutate(|now| *now += HOUR - *now % HOUR);
}

/// The events of the pallet, oldest first, but for those that tell what accounts have after them.
pub fn events() -> Vec<crate::Event<Test>> {
	use crate::Event::{CashChanged, CollateralChanged};

	let mut events = System::read_events_for_pallet::<crate::Event<Test>>();
	events.retain(|event| !matches!(event, CashChanged { .. } | CollateralChanged { .. }));
	events
}

/// What governs clearing in the tests: concentration counts from 10,000 lots on.
pub fn parameters() -> crate::ClearingParameters {
	crate::ClearingParameters {
		margin: MarginParameters { concentration_threshold: Lots(10_000), ..Default::default() },
		..Default::default()
	}
}

/// The chain's clock.
pub fn now() -> u64 {
	pallet_timestamp::Now::<Test>::get()
}

/// The index of a class has this price from now.
pub fn fix(class: ClassId, price: i64) {
	let fix = Fix { day: Index::today(), price: Price(price), time: now() };
	FIXES.with_borrow_mut(|fixes| fixes.insert(class, fix));
	SERIES.with_borrow_mut(|series| series.entry(class).or_default().insert(fix.day, fix));
}

/// The last fix of a class, however old.
pub fn last_fix(class: ClassId) -> Option<i64> {
	FIXES.with_borrow(|fixes| fixes.get(&class).map(|fix| fix.price.0))
}

/// The index of a class has no price any more.
pub fn no_fix(class: ClassId) {
	FIXES.with_borrow_mut(|fixes| fixes.remove(&class));
}

pub fn terms() -> InstrumentTerms {
	InstrumentTerms {
		class: CLASS,
		grades: 0,
		multiplier: ComputeHours(1),
		price_band: Ppm::percent(50),
		mark_band: Ppm::percent(200),
		max_account_lots: Lots(2_000),
		max_owner_lots: Lots(3_000),
	}
}

/// Lists both months at a fresh fix of 3,000, and gives everybody an account: customers 1,000,000 each, houses 2,000,000.
pub fn open_market() {
	let customers = CUSTOMERS.into_iter().chain([OTHERS_CUSTOMER]).map(|who| (who, 1_000_000));
	open_market_with(customers.chain([(GUARANTOR, 2_000_000), (OTHER, 2_000_000)]));
}

/// Lists both months at a fresh fix of 3,000, and gives these an account with so much cash.
pub fn open_market_with(cash: impl IntoIterator<Item = (AccountId, Balance)>) {
	fix(CLASS, PRICE);
	for id in [NEAR, FAR] {
		assert_ok!(Clearing::list(id, terms(), Price(PRICE)));
	}
	for (who, amount) in cash {
		deposit(who, amount);
	}
}

pub fn party(owner: AccountId) -> Party<AccountId> {
	Party { account: AccountKey { owner, sub: SubAccount(0) }, fee: Cash(0), reduce_only: false }
}

pub fn a_trade(buyer: AccountId, seller: AccountId, lots: i64, price: i64) -> Trade<AccountId> {
	Trade {
		instrument: NEAR,
		lots: Lots(lots),
		price: Price(price),
		reduce_only: false,
		buyer: party(buyer),
		seller: party(seller),
	}
}

/// Lets clearing take a trade over, in a batch of its own.
pub fn try_trade(trade: &Trade<AccountId>) -> Result<TradeReceipt, Refused> {
	let mut batch = crate::Books::<Test>::open();
	let receipt = batch.trade(trade);
	assert_ok!(batch.commit());
	receipt
}

/// A trade of the near month that goes through.
pub fn trade(buyer: AccountId, seller: AccountId, lots: i64, price: i64) -> TradeReceipt {
	try_trade(&a_trade(buyer, seller, lots, price)).expect("it is taken over")
}

/// The account's first sub-account, as it is stored.
pub fn account(who: AccountId) -> crate::MarginAccount<AccountId> {
	crate::Accounts::<Test>::get(who, SubAccount(0)).expect("it has an account")
}

/// Lots of the near month, as they are stored.
pub fn lots(who: AccountId) -> i64 {
	account(who).lots(NEAR).0
}

/// Goes on to the next block: three seconds, and the pallet's hook.
pub fn next_block() {
	use frame_support::traits::Hooks;
	pass(3_000);
	System::set_block_number(System::block_number() + 1);
	Clearing::on_initialize(System::block_number());
}

/// Takes all steps of a settlement run at once, due or not. The fix is the newest one.
pub fn settle() {
	crate::Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
	let before = crate::Settled::<Test>::get().current;
	while crate::Settled::<Test>::get().current == before {
		assert_ok!(Clearing::advance_settlement(RuntimeOrigin::signed(STRANGER)));
	}
	// What this run could not settle waits for the next.
	while crate::Endings::<Test>::get().iter().any(|(_, run)| *run <= before) {
		assert_ok!(Clearing::advance_settlement(RuntimeOrigin::signed(STRANGER)));
	}
	crate::Settled::<Test>::mutate(|settlements| settlements.due = System::block_number() + PERIOD);
}

/// A settlement run at a new fix.
pub fn settle_at(price: i64) {
	fix(CLASS, price);
	settle();
}

/// Rolls the account's first sub-account, as anybody may.
pub fn check(who: AccountId) {
	assert_ok!(Clearing::check_account(RuntimeOrigin::signed(STRANGER), who, SubAccount(0)));
}

/// A segment's books.
pub fn ledger(guarantor: AccountId, side: SegmentSide) -> crate::Ledger {
	crate::Ledgers::<Test>::get(segment(guarantor, side)).expect("it is open")
}

/// Lets a customer do what its guarantor says.
pub fn set_limits(customer: AccountId, limits: CustomerLimits) {
	let guarantor = Guarantor::membership(&customer).expect("it is a customer").guarantor;
	assert_ok!(Guarantor::set_limits(RuntimeOrigin::signed(guarantor), customer, limits));
}

/// Gives an account of the settlement asset, from nowhere.
pub fn mint(who: AccountId, amount: Balance) {
	assert_ok!(Dollars::mint_into(&who, amount));
}

/// Why clearing does not take a trade over, and whose fault it is. Nothing has changed then.
pub fn refusal(trade: &Trade<AccountId>) -> (Option<Side>, Refusal) {
	let before = everything();
	let Refused { party, reason } = try_trade(trade).expect_err("it is refused");
	assert_eq!(everything(), before, "a refused trade changed something");
	(party, reason)
}

/// Replaces what governs clearing, at once.
pub fn govern(change: impl FnOnce(&mut crate::ClearingParameters)) {
	crate::Parameters::<Test>::mutate(change);
}

/// An instrument at the settlement price in force.
pub fn instrument(id: InstrumentId) -> crate::Instrument {
	let stored = crate::Instruments::<Test>::get(id).expect("it is listed");
	stored.at_run(crate::Settled::<Test>::get().current)
}

/// The account's first sub-account as clients see it, rolled.
pub fn view(who: AccountId) -> gcx_runtime_api::AccountView<AccountId> {
	Clearing::account_view(who, SubAccount(0)).expect("it has an account")
}

/// Looks at the market for an instrument.
pub fn refresh(id: InstrumentId) {
	assert_ok!(Clearing::refresh_mark(RuntimeOrigin::signed(STRANGER), id));
}

/// Takes so many steps of a settlement run that is due now: the first begins it, each of the next prices an instrument,
/// the last settles.
pub fn take_steps(count: u32) {
	crate::Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
	for _ in 0..count {
		assert_ok!(Clearing::advance_settlement(RuntimeOrigin::signed(STRANGER)));
	}
}

/// Goes on until the egress fuse knows what custody holds: it lets a tenth of it and a tenth of each account through.
pub fn open_fuse() {
	next_hour();
	deposit(13, OPENING);
	next_hour();
}

/// The storage of the whole chain as one hash: equal if nothing changed.
pub fn everything() -> Vec<u8> {
	sp_io::storage::root(Default::default())
}

/// What other segments owe this one, with its positions rolled.
pub fn net(guarantor: AccountId, side: SegmentSide) -> Cash {
	let segment = segment(guarantor, side);
	let stored = crate::Ledgers::<Test>::get(segment).map_or(Cash::ZERO, |ledger| ledger.net);
	let gains = crate::Listed::<Test>::get().into_iter().map(|id| {
		let held = crate::SegmentPositions::<Test>::get(id, segment).unwrap_or_default();
		instrument(id).gain(held.lots, held.basis).expect("it is within bounds")
	});
	Cash::checked_sum(gains.chain([stored])).expect("it is within bounds")
}

/// How long nobody is liquidated after prices come back, and how long what is for sale is.
pub const GRACE: u64 = 10 * MINUTE;
pub const AUCTION: u64 = 30 * MINUTE;
/// Milliseconds in a minute.
pub const MINUTE: u64 = 60_000;
/// The number under which the tests' tokens are admitted.
pub const TOKEN: gcx_primitives::CollateralId = gcx_primitives::CollateralId(0);

/// 11 has 100,000 and is long a hundred lots, which require 60,000, and 45,000 for maintenance; 21 is short them. The grace
/// after listing is over.
pub fn a_hundred_lots() {
	a_hundred_lots_before([(GUARANTOR, 2_000_000)]);
}

/// The same with these accounts of 11's guarantor and its other customers.
pub fn a_hundred_lots_before(others: impl IntoIterator<Item = (AccountId, Balance)>) {
	let always = [(11, 100_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (OTHER, 2_000_000)];
	// Trades make no mark: it is the index's.
	govern(|parameters| parameters.trade_window = 100 * HOUR);
	open_market_with(always.into_iter().chain(others));
	trade(11, OTHERS_CUSTOMER, 100, PRICE);
	pass(GRACE);
}

/// The marks of both months go where the index goes.
pub fn quote(price: i64) {
	fix(CLASS, price);
	refresh(NEAR);
	refresh(FAR);
}

/// Lets somebody find the account's first sub-account.
pub fn try_liquidate(by: AccountId, who: AccountId) -> DispatchResult {
	let found = Clearing::liquidate(RuntimeOrigin::signed(by), who, SubAccount(0));
	found.map(|done| assert_eq!(done.pays_fee, frame_support::dispatch::Pays::No)).map_err(|error| error.error)
}

pub fn liquidate(by: AccountId, who: AccountId) {
	assert_ok!(try_liquidate(by, who));
}

/// Takes a part, in percent, of what is offered of an account, both of them the first.
pub fn try_bid(taker: AccountId, who: AccountId, percent: u32, least: i128) -> DispatchResult {
	let (part, least) = (Ppm::percent(percent), Cash(least));
	Clearing::bid(RuntimeOrigin::signed(taker), SubAccount(0), who, SubAccount(0), part, least)
}

pub fn bid(taker: AccountId, who: AccountId, percent: u32) {
	assert_ok!(try_bid(taker, who, percent, 0));
}

/// Whether the account's first sub-account is for sale, as it is stored.
pub fn is_for_sale(who: AccountId) -> bool {
	account(who).state.is_liquidating()
}

/// Looks without a limit.
pub fn without_limit() -> crate::looks::Looks {
	crate::looks::Looks::without_limit::<Test>()
}

/// Room for so many looks.
pub fn room_for(count: u64) -> crate::looks::Looks {
	crate::looks::Looks::new::<Test>(Weight::from_parts(count, count), 0)
}

/// What is offered of the account's first sub-account.
pub fn offer(who: AccountId) -> crate::offer::Offer {
	let key = AccountKey { owner: who, sub: SubAccount(0) };
	crate::Books::<Test>::new().offer(&key).expect("it has an account")
}

/// Equity of the account's first sub-account.
pub fn equity(who: AccountId) -> i128 {
	view(who).margin.equity.0
}

/// Blocks come for so long, one in nine minutes, which is no outage.
pub fn wait(time: u64) {
	const STEP: u64 = 9 * MINUTE;
	let end = now() + time;
	while now() < end {
		// The next block adds its own three seconds.
		pass(STEP.min(end - now()).saturating_sub(3_000));
		next_block();
	}
}

/// Tokens are collateral from now, at three dollars each, of which half counts.
pub fn take_tokens() {
	fix(OTHER_CLASS, PRICE);
	let figures = crate::CollateralFigures {
		class: OTHER_CLASS,
		unit: 1_000,
		haircut: Ppm::percent(50),
		account_cap: ENDOWMENT,
		total_cap: ENDOWMENT,
	};
	let terms = crate::CollateralTerms {
		asset: TOKENS,
		in_force: Some(figures),
		pending: None,
		held: 0,
		egress: Default::default(),
	};
	crate::Collaterals::<Test>::insert(TOKEN, terms);
}

/// Puts tokens into the account's first sub-account.
pub fn put_tokens(who: AccountId, amount: Balance) {
	assert_ok!(Clearing::deposit_collateral(RuntimeOrigin::signed(who), SubAccount(0), TOKEN, amount));
}

/// Tokens that an account has outside of clearing.
pub fn tokens(who: AccountId) -> Balance {
	Assets::balance(TOKENS, who)
}
