//! A chain with real `balances` and `timestamp`, and a scenario builder.

use crate as pallet_compute;
use crate::{types::CreditOf, ComputeParameters, GenesisClass};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Balanced, ConstU32, ConstU64, Get, Hooks, OnUnbalanced},
};
use frame_system::EnsureRoot;
use gcx_math::grade::GradeThresholds;
use gcx_primitives::{
	Attestation, Capacity, ClassId, ComputeResources, Day, DeliveryDays, Energy, Grade, Measurement, Measurements,
	Metric, Performance, Ppm, Reference, ReferenceSystem, Region, Reliability, ResourceId, RoundId, MAX_DELIVERY_DAYS,
};
use sp_runtime::BuildStorage;

pub type AccountId = u64;
pub type Balance = u64;

/// Milliseconds in a day of the tests.
pub const DAY: u64 = 100_000;
/// The day on which tests begin.
pub const FIRST_DAY: u32 = 20_000;
/// What every account of the tests starts with.
pub const ENDOWMENT: Balance = 1_000_000_000;
/// A class that the solve attests, by HPL alone: 1,000 operations a second are a Compute Hour an hour.
pub const HPC: ClassId = ClassId(1);
/// A class that nothing attests.
pub const INFER: ClassId = ClassId(2);
/// What one operation per second more than the reference, on all of the devices, is a day: a thousandth.
pub const REFERENCE: u64 = 1_000;
/// Power of the reference's device.
pub const MILLIWATTS: u64 = 100_000;
/// What a bond must cover per Compute Hour.
pub const LOSS: Balance = 10;
/// The provider of the tests, its bond, and its agent.
pub const PROVIDER: AccountId = 1;
pub const BOND: Balance = 1_000_000;
pub const AGENT: AccountId = 11;
/// A Compute Hour.
pub const HOUR: u128 = Capacity::PER_HOUR;
/// What a device of the reference's speed comes to in a day.
pub const DEVICE_DAY: Capacity = Capacity(24 * HOUR);

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Compute: pallet_compute,
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
	type ExistentialDeposit = ConstU64<10>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_timestamp::Config for Test {
	type MinimumPeriod = ConstU64<1>;
	type Moment = u64;
	type OnTimestampSet = ();
	type WeightInfo = ();
}

parameter_types! {
	pub static MaxFloors: u32 = 4;
	pub static MaxDaysAhead: u32 = 100;
	/// What was delivered: by whom, what it was paid, by which factor that counts.
	pub static Delivered: Vec<(AccountId, i128, Ppm)> = Vec::new();
}

/// Today by the clock.
pub struct Today;
impl Get<Day> for Today {
	fn get() -> Day {
		Day(u32::try_from(Timestamp::get() / DAY).expect("days are few"))
	}
}

/// Gathers what is slashed on an account of its own.
pub struct Slashed;
impl Slashed {
	const ACCOUNT: AccountId = 1_000;

	/// All that was slashed and no reporter got.
	pub fn get() -> Balance {
		Balances::free_balance(Self::ACCOUNT)
	}
}
impl OnUnbalanced<CreditOf<Test>> for Slashed {
	fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
		Balances::resolve(&Self::ACCOUNT, credit).expect("the account takes any amount");
	}
}

/// Takes what burns.
pub struct Burnt;
impl Burnt {
	const ACCOUNT: AccountId = 1_001;

	/// All that burned for reliability that fell.
	pub fn get() -> Balance {
		Balances::free_balance(Self::ACCOUNT)
	}
}
impl gcx_primitives::PerformanceBurn<CreditOf<Test>> for Burnt {
	fn share() -> Ppm {
		Ppm::ZERO
	}
	fn burn(tokens: CreditOf<Test>) {
		Balances::resolve(&Self::ACCOUNT, tokens).expect("the account takes any amount");
	}
}

/// Takes note of what was delivered.
pub struct Performances;
impl gcx_primitives::OnPerformance<AccountId> for Performances {
	fn attested(_: &AccountId) {}
	fn delivered(provider: &AccountId, value: gcx_primitives::Cash, factor: Ppm) {
		Delivered::mutate(|all| all.push((*provider, value.0, factor)));
	}
}

impl pallet_compute::Config for Test {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = SetTime;
	type Clock = Timestamp;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type MaxClasses = ConstU32<3>;
	type MaxDaysAhead = MaxDaysAhead;
	type MaxFloors = MaxFloors;
	type MaxResourcesPerProvider = ConstU32<4>;
	type MaxVersionsPerClass = ConstU32<3>;
	type NativeBalance = Balances;
	type OnSlash = Slashed;
	type Burn = Burnt;
	type Performance = Performances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Today = Today;
	type UnbondingDays = ConstU32<3>;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
pub struct SetTime;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for SetTime {
	fn set_day(day: Day) {
		pallet_timestamp::Now::<Test>::put(u64::from(day.0) * DAY);
	}
}

pub fn parameters() -> ComputeParameters<Balance> {
	ComputeParameters {
		min_bond: 1_000,
		bond_per_resource: 100,
		max_age: 20 * DAY,
		warmup_rounds: 2,
		suspect_limit: 3,
		jail_days: 2,
		maintenance_days: 3,
		double_signed: Ppm::percent(50),
		false_solve: Ppm::percent(25),
		unshown_proof: Ppm::percent(40),
		reliability_fall: Ppm::percent(3),
		reporter_share: Ppm::percent(10),
		thresholds: GradeThresholds::default(),
	}
}

/// A reference system of HPL alone.
pub fn system(value: u64) -> ReferenceSystem {
	let hpl = Reference { metric: Metric::Hpl, value, weight: Ppm::ONE, floor: Ppm::percent(10) };
	ReferenceSystem { metrics: vec![hpl].try_into().expect("short"), milliwatts: MILLIWATTS }
}

fn class(class: ClassId, name: &str, metric: Metric, attested_by: Option<Metric>) -> GenesisClass<Balance> {
	let mut system = system(REFERENCE);
	system.metrics[0].metric = metric;
	GenesisClass { class, name: name.into(), system, attested_by, loss_per_hour: LOSS }
}

/// The chain that a test begins with: two classes, one provider without resources. Accounts up to 40 have money.
pub struct Market {
	pub parameters: ComputeParameters<Balance>,
	pub providers: Vec<(AccountId, Balance)>,
}

impl Default for Market {
	fn default() -> Self {
		Self { parameters: parameters(), providers: vec![(PROVIDER, BOND)] }
	}
}

impl Market {
	pub fn build(self) -> sp_io::TestExternalities {
		MaxFloors::set(4);
		Delivered::set(Vec::new());
		MaxDaysAhead::set(MAX_DELIVERY_DAYS + 8);
		let mut ext: sp_io::TestExternalities = RuntimeGenesisConfig {
			system: Default::default(),
			balances: pallet_balances::GenesisConfig {
				balances: (1..=40)
					.map(|who| (who, ENDOWMENT))
					.chain([(Slashed::ACCOUNT, 10), (Burnt::ACCOUNT, 10)])
					.collect(),
				..Default::default()
			},
			compute: crate::GenesisConfig {
				classes: vec![
					class(HPC, "HPC-FP64", Metric::Hpl, Some(Metric::Hpl)),
					class(INFER, "AI-INFER", Metric::MlperfLlama2Offline, None),
				],
				providers: self.providers,
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
			Compute::do_try_state().expect("the invariants hold after the test");
		})
	}
}

/// Runs a test on the chain as it begins.
pub fn run(test: impl FnOnce()) {
	Market::default().run(test)
}

/// Sets the clock to a time of a day, without a block.
pub fn go_to(day: u32, time: u64) {
	pallet_timestamp::Now::<Test>::put(u64::from(day) * DAY + time);
}

/// Some days later begins a block.
pub fn later(days: u32) {
	go_to(today() + days, 0);
	let now = System::block_number() + 1;
	System::set_block_number(now);
	Compute::on_initialize(now);
}

pub fn today() -> u32 {
	Today::get().0
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Days from today: the first and the last.
pub fn days(first: u32, last: u32) -> DeliveryDays {
	DeliveryDays { first: Day(today() + first), last: Day(today() + last) }
}

/// So many thousandths of a Compute Hour.
pub fn milli_hours(amount: u128) -> Capacity {
	Capacity(amount * HOUR / 1_000)
}

/// A resource of a provider that is just registered.
pub fn registered(provider: AccountId, class: ClassId, devices: u32) -> ResourceId {
	let resource = crate::NextResource::<Test>::get();
	assert_ok!(Compute::register_resource(signed(provider), class, Region(276), devices, AGENT, None));
	resource
}

/// An active resource of the provider in class HPC whose devices have a speed in thousandths of the reference's.
pub fn active(devices: u32, speed: u64) -> ResourceId {
	active_of(PROVIDER, devices, speed)
}

pub fn active_of(provider: AccountId, devices: u32, speed: u64) -> ResourceId {
	let resource = registered(provider, HPC, devices);
	for _ in 0..crate::Parameters::<Test>::get().warmup_rounds {
		pass(resource, speed);
	}
	resource
}

/// What a quorum found of a solve, now.
pub fn solved(speed: u64) -> Attestation {
	Attestation {
		round: RoundId(7),
		at: Timestamp::get(),
		devices: 1,
		run: [1; 32],
		evidence: [2; 32],
		solved: Some(speed),
		declared: Measurements::default(),
		milliwatts: None,
	}
}

/// What a quorum found of declared results, now.
pub fn declared(metric: Metric, value: u64) -> Attestation {
	let declared = vec![Measurement { metric, value }].try_into().expect("short");
	Attestation { solved: None, declared, ..solved(0) }
}

/// A quorum found this of the resource as it is.
pub fn attest(id: ResourceId, attestation: Attestation) {
	let devices = crate::Resources::<Test>::get(id).map_or(1, |record| record.devices);
	Compute::attested(id, Attestation { devices, ..attestation });
}

/// The resource passes a round.
pub fn pass(resource: ResourceId, speed: u64) {
	attest(resource, solved(speed));
}

/// The lowest grade but for the performance.
pub fn floor(performance: Performance) -> Grade {
	Grade { performance, reliability: Reliability::Fourth, energy: Energy::Z }
}

/// The pallet's events, oldest first.
pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet::<crate::Event<Test>>()
}

pub fn provider(who: AccountId) -> crate::types::ProviderOf<Test> {
	crate::Providers::<Test>::get(who).expect("a provider")
}

pub fn resource(resource: ResourceId) -> crate::types::ResourceOf<Test> {
	crate::Resources::<Test>::get(resource).expect("a resource")
}

pub fn standing(resource: ResourceId) -> crate::Standing {
	crate::Standings::<Test>::get(resource)
}
