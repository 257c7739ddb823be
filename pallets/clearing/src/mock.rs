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
};
use frame_system::{EnsureNever, EnsureRoot};
use gcx_primitives::{Cash, CustomerLimits, Lots, Ppm, Segment, SegmentSide, SubAccount};
use sp_runtime::BuildStorage;

pub type AccountId = u64;
pub type Balance = u128;

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
/// Where surplus goes.
pub const POOL: AccountId = 99;
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
	pub static EgressReserved: Ppm = Ppm::percent(10);
}

impl pallet_guarantor::Config for Test {
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type HouseFunds = Clearing;
	type MaxCustomersPerGuarantor = ConstU32<10>;
	type MaxGuarantors = ConstU32<10>;
	type MinUnbonding = frame_support::traits::ConstU64<1>;
	type NativeBalance = Balances;
	type PalletId = GuarantorPallet;
	type ParameterDelay = frame_support::traits::ConstU64<1>;
	type Positions = Clearing;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = ();
}

/// The settlement asset alone.
pub type Dollars = fungible::ItemOf<Assets, ConstU32<DOLLARS>, AccountId>;

impl pallet_clearing::Config for Test {
	type Clock = Timestamp;
	type EgressFloor = ConstU128<FLOOR>;
	type EgressLimit = EgressLimit;
	type EgressReserved = EgressReserved;
	type Guarantors = Guarantor;
	type MaxSubAccounts = ConstU8<3>;
	type MinOpening = ConstU128<OPENING>;
	type SettlementAsset = Dollars;
	type SurplusDestination = Pool;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = MakeCustomer;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct MakeCustomer;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for MakeCustomer {
	fn make_customer(customer: &AccountId, guarantor: &AccountId) {
		Balances::force_set_balance(RuntimeOrigin::root(), *guarantor, ENDOWMENT).expect("it can be set");
		assert_ok!(Dollars::mint_into(guarantor, ENDOWMENT));
		assert_ok!(Guarantor::apply(RuntimeOrigin::signed(*guarantor), BOND));
		assert_ok!(Clearing::do_deposit(*guarantor, SubAccount::HOUSE, MIN_HOUSE));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), *guarantor));
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(*customer), *guarantor));
		assert_ok!(Guarantor::accept(RuntimeOrigin::signed(*guarantor), *customer, limits()));
	}
}

pub fn limits() -> CustomerLimits {
	CustomerLimits {
		max_initial_margin: Cash(1_000_000),
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
		let everybody = || (1..=40).chain([POOL]);
		let of_guarantor = CUSTOMERS.iter().map(|who| (*who, GUARANTOR, limits()));
		let customers = of_guarantor.chain([(OTHERS_CUSTOMER, OTHER, limits())]).collect();
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: everybody().map(|who| (who, ENDOWMENT)).collect(),
				..Default::default()
			},
			assets: pallet_assets::GenesisConfig {
				assets: vec![(DOLLARS, 1_000, true, MINIMUM)],
				accounts: everybody().map(|who| (DOLLARS, who, ENDOWMENT)).collect(),
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

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}
