//! What `scripts/weights` measures, and what the exchange's benchmarks begin with.

use crate::*;
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::{
	traits::{fungible::Inspect, Get, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys},
	BoundedVec,
};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensions, Pallet as SystemBench};
use gcx_primitives::{
	ClassId, ComputeHours, Day, Fix, InstrumentTerms, Lots, Ppm, Price, PriceIndex, PriceStatistics, SubAccount,
};

impl frame_system_benchmarking::Config for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

define_benchmarks!(
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensions::<Runtime>]
	[pallet_assets, Assets]
	[pallet_attestation, Attestation]
	[pallet_balances, Balances]
	[pallet_clearing, Clearing]
	[pallet_compute, Compute]
	[pallet_delivery, Delivery]
	[pallet_guarantor, Guarantor]
	[pallet_index, Index]
	[pallet_insurance, Insurance]
	[pallet_market, Market]
	[pallet_migrations, MultiBlockMigrations]
	[pallet_multisig, Multisig]
	[pallet_preimage, Preimage]
	[pallet_proof, Proof]
	[pallet_proxy, Proxy]
	[pallet_safe_mode, SafeMode]
	[pallet_scheduler, Scheduler]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_token, Token]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_tx_pause, TxPause]
	[pallet_utility, Utility]
	[pallet_validators, Validators]
);

/// Terms of an instrument whose class has a fresh fix, and its first settlement price: a lot is worth 2,500 dollars.
pub(crate) fn instrument() -> (InstrumentTerms, Price) {
	let (class, price) = (ClassId(1_000), Price(2_500_000));
	if Index::floor_price(class).is_none() {
		frame_support::assert_ok!(Index::set_class(RuntimeOrigin::root(), class, Price(10_000)));
	}
	let now = pallet_timestamp::Now::<Runtime>::get();
	let statistics = PriceStatistics { mean_size: price, ..Default::default() };
	pallet_index::Latest::<Runtime>::insert(class, (Fix { day: Index::today(), price, time: now }, statistics));
	fill_series(class, price);
	let terms = InstrumentTerms {
		class,
		grades: 0,
		multiplier: ComputeHours(1_000),
		price_band: Ppm::percent(50),
		mark_band: Ppm::percent(100),
		max_account_lots: Lots(1_000_000),
		max_owner_lots: Lots(1_000_000),
	};
	(terms, price)
}

/// The index remembers as many fixes of a class as it can: those of the days from the first on.
pub(crate) fn fill_series(class: ClassId, price: Price) {
	let count = <Runtime as pallet_index::Config>::MaxFixes::get();
	let fixes = (1..=count).map(|day| Fix { day: Day(day), price, time: 0 }).collect();
	pallet_index::Series::<Runtime>::insert(class, BoundedVec::truncate_from(fixes));
}

/// The same up to a day.
pub(crate) fn fill_series_until(class: ClassId, last: Day, price: Price) {
	let most: u32 = <Runtime as pallet_index::Config>::MaxFixes::get();
	let count = most.min(last.0);
	let fixes = (last.0 - count + 1..=last.0).map(|day| Fix { day: Day(day), price, time: 0 }).collect();
	pallet_index::Series::<Runtime>::insert(class, BoundedVec::truncate_from(fixes));
}

/// Operations per second of the reference device of the class of benchmarks.
const REFERENCE: u64 = 1_000_000_000;

/// A compute class whose resources solve.
pub(crate) fn compute_class(class: ClassId) {
	use gcx_primitives::{Metric, Reference, ReferenceSystem};

	if pallet_compute::Classes::<Runtime>::contains_key(class) {
		return;
	}
	let reference = Reference { metric: Metric::Hpl, value: REFERENCE, weight: Ppm::ONE, floor: Ppm::percent(10) };
	let system = ReferenceSystem { metrics: BoundedVec::truncate_from(alloc::vec![reference]), milliwatts: 400_000 };
	let name = BoundedVec::truncate_from(b"BENCHMARK".to_vec());
	let (solves, loss) = (Some(Metric::Hpl), units::GCX);
	frame_support::assert_ok!(Compute::admit_class(RuntimeOrigin::root(), class, name, system, solves, loss));
}

/// Makes an account a provider with as many resources as one can have of the class of benchmarks. The first could deliver a thousand
/// times what is asked of it, and the bond covers that.
pub(crate) fn resource(provider: &AccountId) -> gcx_primitives::ResourceId {
	use frame_support::traits::fungible::Mutate;
	use gcx_primitives::{Attestation, ComputeResources, RoundId};

	let class = instrument().0.class;
	let bond = 100_000_000 * units::GCX;
	<Balances as Mutate<_>>::set_balance(provider, 2 * bond);
	let signed = || RuntimeOrigin::signed(provider.clone());
	frame_support::assert_ok!(Compute::register_provider(signed(), bond));
	let first = pallet_compute::NextResource::<Runtime>::get();
	let most: u32 = <Runtime as pallet_compute::Config>::MaxResourcesPerProvider::get();
	for resource in (first.0..first.0 + most).map(gcx_primitives::ResourceId) {
		let region = gcx_primitives::Region(276);
		frame_support::assert_ok!(Compute::register_resource(signed(), class, region, 1_000, provider.clone(), None));
		for round in 1..=configs::compute::genesis_parameters().warmup_rounds {
			let attestation = Attestation {
				round: RoundId(round),
				at: pallet_timestamp::Now::<Runtime>::get(),
				devices: 1_000,
				run: [1; 32],
				evidence: [2; 32],
				solved: Some(REFERENCE),
				declared: Default::default(),
				milliwatts: None,
			};
			<Compute as ComputeResources<AccountId>>::attested(resource, attestation);
		}
	}
	first
}

/// A customer of the one guarantor of benchmarks, with a million dollars in its margin account, which is full but for one
/// position and has to be rolled.
pub(crate) fn trader(who: AccountId) -> AccountId {
	trader_of(who, &frame_benchmarking::account("guarantor", 0, 0))
}

/// The same of another guarantor.
pub(crate) fn trader_of(who: AccountId, guarantor: &AccountId) -> AccountId {
	use frame_support::traits::fungible::Mutate;
	use pallet_clearing::BenchmarkHelper;
	let amount = 1_000_000 * units::DOLLAR;
	frame_support::assert_ok!(configs::clearing::SettlementAsset::mint_into(&who, 2 * amount));
	Runtime::make_customer(&who, guarantor);
	frame_support::assert_ok!(Clearing::deposit(RuntimeOrigin::signed(who.clone()), SubAccount(0), amount));
	pallet_clearing::fill_but_one::<Runtime>(&who);
	pallet_clearing::end_run::<Runtime>();
	pay_in_tokens(&who);
	who
}

/// Has an account pay its fees in tokens, of which it has enough. It traded on every day that counts, and what it earned in an era that
/// is over is not reckoned yet.
fn pay_in_tokens(who: &AccountId) {
	use frame_support::traits::fungible::Mutate;
	use gcx_math::fees::{RollingVolume, VOLUME_DAYS};
	use gcx_primitives::Cash;
	use pallet_token::{BenchmarkHelper, ByRole, CurrentEra, Earning, Era, Eras, PastEra, Trader, Traders};
	let today = Index::today();
	let mut volume = RollingVolume::default();
	for day in (today.0.saturating_sub(VOLUME_DAYS)..today.0).map(Day) {
		volume.add(day, Cash(1));
	}
	<Runtime as BenchmarkHelper<AccountId>>::set_price();
	let pot = configs::token::PotAccount::get();
	Balances::set_balance(&pot, Balances::minimum_balance().max(Balances::free_balance(&pot)));
	Balances::set_balance(who, 1_000_000_000 * units::GCX);
	let points = ByRole { traders: 1 << 40, ..Default::default() };
	let budgets = ByRole { traders: 1 << 50, ..Default::default() };
	Eras::<Runtime>::insert(0, PastEra { points, budgets, left: 1 << 50 });
	Era::<Runtime>::put(CurrentEra { index: 1, began: 1, ..Default::default() });
	let earning = Earning { era: 0, points: 1, owed: 0 };
	Traders::<Runtime>::insert(who, Trader { pays_in_tokens: true, volume, earning });
}

pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
