//! A chain with real `balances` and `timestamp`, and a scenario builder.

use crate as pallet_index;
use crate::{types::CreditOf, IndexParameters, Windows};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Balanced, ConstU32, ConstU64, Hooks, OnUnbalanced},
};
use frame_system::EnsureRoot;
use gcx_math::index::CombinationModel;
use gcx_primitives::{ClassId, Day, Ppm, Price, PriceIndex};
use sp_runtime::BuildStorage;

pub type AccountId = u64;
pub type Balance = u64;

/// Milliseconds in a day of the tests: 40 s to commit, 30 s to reveal, 20 s to dispute, 10 s to decide.
pub const DAY: u64 = 100_000;
pub const COMMIT: u64 = 40_000;
pub const REVEAL: u64 = 30_000;
pub const DISPUTE: u64 = 20_000;
/// What every account of the tests starts with.
pub const ENDOWMENT: Balance = 1_000_000;
/// The class of the tests.
pub const CLASS: ClassId = ClassId(1);
/// Its floor price.
pub const FLOOR: Price = Price(1_000);
/// The day on which tests begin.
pub const FIRST_DAY: u32 = 20_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Index: pallet_index,
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
	type ExistentialDeposit = ConstU64<1>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub static MaxFixes: u32 = 260;
}

/// Gathers what is slashed on an account of its own.
pub struct Slashed;
impl Slashed {
	const ACCOUNT: AccountId = 1_000;

	/// All that was slashed.
	pub fn get() -> Balance {
		Balances::free_balance(Self::ACCOUNT)
	}
}
impl OnUnbalanced<CreditOf<Test>> for Slashed {
	fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
		Balances::resolve(&Self::ACCOUNT, credit).expect("the account takes any amount");
	}
}

impl pallet_index::Config for Test {
	type Clock = Timestamp;
	type DayLength = ConstU64<DAY>;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type MaxClasses = ConstU32<3>;
	type MaxFixes = MaxFixes;
	type MaxReporters = ConstU32<8>;
	type MaxReportersPerOwner = ConstU32<3>;
	type NativeBalance = Balances;
	type OnSlash = Slashed;
	type RuntimeHoldReason = RuntimeHoldReason;
	type UnbondingDays = ConstU32<3>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = SetTime;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct SetTime;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for SetTime {
	fn set_time(time: u64) {
		pallet_timestamp::Now::<Test>::put(time);
	}
}

pub fn parameters() -> IndexParameters<Balance> {
	IndexParameters {
		min_bond: 100,
		full_bond: 400,
		silence_penalty: 10,
		dispute_bond: 50,
		quorum_reports: 3,
		quorum_owners: 3,
		windows: Windows { commit: COMMIT, reveal: REVEAL, dispute: DISPUTE },
		combination: CombinationModel::default(),
		decay: Ppm::percent(97),
	}
}

/// The chain that a test begins with: one class; the reporters 11, 12, 13, 14 of the owners 1, 2, 3, 4, fully bonded; a
/// new day. Accounts up to 40 have money.
pub struct Market {
	pub reporters: Vec<(AccountId, AccountId, Balance)>,
	pub parameters: IndexParameters<Balance>,
}

impl Default for Market {
	fn default() -> Self {
		Self { reporters: (1..=4).map(|owner| (10 + owner, owner, 400)).collect(), parameters: parameters() }
	}
}

impl Market {
	pub fn reporters(mut self, reporters: &[(AccountId, AccountId, Balance)]) -> Self {
		self.reporters = reporters.to_vec();
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		MaxFixes::set(260);
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=40).map(|who| (who, ENDOWMENT)).collect(),
				..Default::default()
			},
			index: crate::GenesisConfig {
				classes: vec![(CLASS, FLOOR)],
				reporters: self.reporters,
				parameters: Some(self.parameters),
			},
		}
		.build_storage()
		.expect("the genesis is valid")
		.into();
		ext.execute_with(|| {
			System::set_block_number(1);
			go_to(FIRST_DAY, 0);
		});
		ext
	}

	/// Runs `test` and checks the invariants afterwards.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Index::do_try_state().expect("the invariants hold after the test");
		})
	}
}

/// Sets the clock to a time of a day, without a block.
pub fn go_to(day: u32, time: u64) {
	pallet_timestamp::Now::<Test>::put(u64::from(day) * DAY + time);
}

/// Sets the clock to a time of today and begins a block.
pub fn at(time: u64) {
	go_to(today(), time);
	next_block();
}

pub fn next_block() {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	Index::on_initialize(now);
}

pub fn next_day() {
	go_to(today() + 1, 0);
	next_block();
}

pub fn today() -> u32 {
	Index::today().0
}

pub fn salt(reporter: AccountId) -> [u8; 32] {
	[u8::try_from(reporter).expect("small"); 32]
}

/// The commitment of a reporter to a price today.
pub fn hash(class: ClassId, reporter: AccountId, price: i64) -> sp_core::H256 {
	crate::commitment::<Test>(class, Day(today()), &reporter, Price(price), &salt(reporter))
}

pub fn commit(reporter: AccountId, price: i64) {
	assert_ok!(Index::commit(RuntimeOrigin::signed(reporter), CLASS, hash(CLASS, reporter, price)));
}

pub fn reveal(reporter: AccountId, price: i64) {
	assert_ok!(Index::reveal(RuntimeOrigin::signed(reporter), CLASS, Price(price), salt(reporter)));
}

/// All of these commit and reveal today; then reporting is over.
pub fn report(prices: &[(AccountId, i64)]) {
	prices.iter().for_each(|(reporter, price)| commit(*reporter, *price));
	at(COMMIT);
	prices.iter().for_each(|(reporter, price)| reveal(*reporter, *price));
	at(COMMIT + REVEAL);
}

/// A whole day on which all four reporters say `price`, up to the start of the next.
pub fn day_with_fix(price: i64) {
	report(&[(11, price), (12, price), (13, price), (14, price)]);
	at(COMMIT + REVEAL + DISPUTE);
	next_day();
}

/// The newest final price, however old.
pub fn newest() -> Option<(u32, i64)> {
	Index::fresh_fix(CLASS, u64::MAX).map(|fix| (fix.day.0, fix.price.0))
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}
