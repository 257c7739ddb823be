//! Benchmarks. Each measures the worst case, or more: a provider with as many resources as one can have, all in one class, that
//! owes of every class, and whose days are as full as can be.

use crate::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::Zero,
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use gcx_primitives::{
	Attestation, Capacity, CapacityLedger, Cash, ClassId, ComputeResources, Day, DeliverableCapacity, DeliveryDays,
	Energy, Grade, Measurement, Measurements, Metric, Performance, Ppm, ProviderOffence, ProviderStakes, Reference,
	ReferenceSystem, ReferenceVersion, Region, Reliability, ResourceId, RoundId, MAX_DELIVERY_DAYS, MAX_DEVICES,
};
use sp_runtime::FixedU128;
use types::{BalanceOf, LedgerDayOf, ParametersOf};

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper {
	/// Sets the clock so that a day begins.
	fn set_day(day: Day);
}

/// The day of the benchmarks.
const TODAY: u32 = 20_000;
/// The class that resources are in. Those after it are only owed of.
const CLASS: ClassId = ClassId(1_000_000);
const V1: ReferenceVersion = ReferenceVersion(1);
/// What is spoken for of each floor and each resource.
const UNIT: Capacity = Capacity(1);
const METRICS: [Metric; 6] = [
	Metric::Hpl,
	Metric::Hpcg,
	Metric::StreamTriad,
	Metric::MlperfLlama2Offline,
	Metric::MlperfSdxlOffline,
	Metric::Int8Operations,
];
const BEST: Grade = Grade { performance: Performance::A, reliability: Reliability::First, energy: Energy::X };

fn unit<T: Config>() -> BalanceOf<T> {
	T::NativeBalance::minimum_balance()
}

fn parameters<T: Config>() -> ParametersOf<T> {
	ComputeParameters {
		min_bond: unit::<T>(),
		bond_per_resource: unit::<T>(),
		maintenance_days: MAINTENANCE_PERIOD - 1,
		warmup_rounds: 1,
		suspect_limit: 1,
		..Default::default()
	}
}

/// All metrics there are, HPL with what the others leave of the weight.
fn system() -> ReferenceSystem {
	let reference = |metric| Reference {
		metric,
		value: 1_000_003,
		weight: if metric == Metric::Hpl { Ppm(166_670) } else { Ppm(166_666) },
		floor: Ppm(1),
	};
	ReferenceSystem { metrics: BoundedVec::truncate_from(METRICS.map(reference).to_vec()), milliwatts: 1_000 }
}

fn name() -> Name {
	Name::truncate_from(alloc::vec![b'a'; 32])
}

fn classes<T: Config>() -> Vec<ClassId> {
	(0..T::MaxClasses::get()).map(|index| ClassId(CLASS.0 + index)).collect()
}

fn floors<T: Config>() -> Vec<Grade> {
	let all = Performance::ALL.iter().flat_map(|performance| {
		Energy::ALL.iter().map(|energy| Grade { performance: *performance, energy: *energy, ..Grade::LOWEST })
	});
	all.take(usize::try_from(T::MaxFloors::get()).expect("few")).collect()
}

/// As many classes as there can be, and no provider.
fn setup<T: Config>() {
	for class in Classes::<T>::iter_keys().collect::<Vec<_>>() {
		Classes::<T>::remove(class);
	}
	T::BenchmarkHelper::set_day(Day(TODAY));
	Parameters::<T>::put(parameters::<T>());
	for class in classes::<T>() {
		Pallet::<T>::do_admit_class(class, name(), system(), Some(Metric::Hpl), unit::<T>()).expect("there is room");
	}
}

fn funded<T: Config>(name: &'static str) -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account(name, 0, 0);
	T::NativeBalance::set_balance(&who, unit::<T>() * 100_000_000u32.into());
	who
}

/// A provider that owes of every class, and its resources, all active and of the best grade.
fn provider<T: Config>(resources: u32) -> (T::AccountId, Vec<ResourceId>)
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = funded::<T>("provider");
	Pallet::<T>::do_register_provider(who.clone(), unit::<T>() * 10_000_000u32.into()).expect("funded");
	let ids = (0..resources).map(|_| resource::<T>(&who)).collect();
	let position = |class| Position { class, outstanding: UNIT, last: Day(TODAY) };
	Providers::<T>::mutate(&who, |record| {
		let record = record.as_mut().expect("registered");
		record.positions = BoundedVec::truncate_from(classes::<T>().into_iter().map(position).collect());
	});
	(who, ids)
}

fn resource<T: Config>(who: &T::AccountId) -> ResourceId {
	let id = NextResource::<T>::get();
	let agent = account("agent", 0, 0);
	Pallet::<T>::do_register_resource(who.clone(), CLASS, Region(276), MAX_DEVICES, agent, None)
		.expect("there is room");
	let evidence = Evidence {
		rate: FixedU128::from(100),
		at: Pallet::<T>::now(),
		round: RoundId(1),
		run: [1; 32],
		evidence: [1; 32],
		measurements: measurements(),
	};
	let mut standing = Standing {
		declared: Some(evidence.clone()),
		attested: Some(evidence),
		proven: None,
		graded: Some((BEST, Pallet::<T>::now())),
		answered: 9_000,
		missed: 0,
		// So old that it bounds nothing.
		best: Some(BestDelivery { share: Ppm::ONE, at: 0 }),
		counted: Capacity::ZERO,
		peak: Some(BEST.reliability),
	};
	Resources::<T>::mutate(id, |record| {
		let record = record.as_mut().expect("registered");
		record.life = Life { stage: Stage::Active, passed: 9, failures: 0 };
		// Long past, and days that no sale is for.
		let window =
			|index: u32| DeliveryDays { first: Day(TODAY - 30 + index * 2), last: Day(TODAY - 30 + index * 2) };
		record.maintenance = BoundedVec::truncate_from((0..MAX_WINDOWS - 1).map(window).collect());
		Pallet::<T>::recount(id, record, &mut standing);
	});
	Standings::<T>::insert(id, standing);
	id
}

fn measurements() -> Measurements {
	BoundedVec::truncate_from(METRICS.map(|metric| Measurement { metric, value: 700_001 }).to_vec())
}

/// Fills so many days from today on: all floors are sold, all resources are nominated and pledged.
fn fill<T: Config>(who: &T::AccountId, resources: &[ResourceId], days: u32) {
	let mut outstanding = BTreeMap::<ClassId, u128>::new();
	for day in (TODAY..TODAY + days).map(Day) {
		let entry = LedgerDayOf::<T> {
			sold: BoundedVec::truncate_from(floors::<T>().into_iter().map(|floor| (floor, UNIT)).collect()),
			booked: BoundedVec::truncate_from(
				resources
					.iter()
					.map(|resource| Booking { resource: *resource, nominated: UNIT, pledged: UNIT })
					.collect(),
			),
		};
		*outstanding.entry(CLASS).or_default() +=
			u128::from(T::MaxFloors::get()) + u128::try_from(resources.len()).expect("few");
		Ledger::<T>::insert((day, who, CLASS), entry);
	}
	OldestDay::<T>::put(Day(TODAY));
	Providers::<T>::mutate(who, |record| {
		for position in record.as_mut().expect("registered").positions.iter_mut() {
			if let Some(amount) = outstanding.get(&position.class) {
				position.outstanding = Capacity(*amount);
			}
			position.last = Day(TODAY + days.saturating_sub(1));
		}
	});
}

/// A provider whose next days are full.
fn full<T: Config>(days: u32) -> (T::AccountId, Vec<ResourceId>)
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	setup::<T>();
	let (who, resources) = provider::<T>(T::MaxResourcesPerProvider::get());
	fill::<T>(&who, &resources, days);
	(who, resources)
}

/// A resource for which [`gcx_primitives::ComputeResources`] has the most to do: what it loses is looked for in as many full days
/// as there are. For the benchmarks of who examines resources.
///
/// # Panics
/// If the runtime's bounds leave no room for it.
pub fn heaviest_resource<T: Config>() -> ResourceId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let (_, resources) = full::<T>(SHORTFALL_DAYS);
	resources[0]
}

/// The next so many days.
fn next(days: u32) -> DeliveryDays {
	DeliveryDays { first: Day(TODAY), last: Day(TODAY + days - 1) }
}

/// The capacity falls to a thousandth of what it was.
fn attestation<T: Config>(resource: ResourceId) -> Attestation {
	Attestation {
		round: RoundId(2),
		at: Pallet::<T>::now(),
		devices: Resources::<T>::get(resource).map_or(0, |record| record.devices),
		run: [2; 32],
		evidence: [2; 32],
		solved: Some(100_001),
		declared: measurements(),
		milliwatts: Some(9_999),
	}
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn state_of<T: Config>(resource: ResourceId) -> Option<Stage> {
	Resources::<T>::get(resource).map(|record| record.life.stage)
}

fn set_life<T: Config>(resource: ResourceId, life: Life) {
	let mut record = Resources::<T>::get(resource).expect("registered");
	Pallet::<T>::set_life(resource, &mut record, life);
	Resources::<T>::insert(resource, record);
}

#[benchmarks(where T::NativeBalance: Mutate<T::AccountId>)]
mod benches {
	use super::*;

	#[benchmark]
	fn admit_class() -> Result<(), BenchmarkError> {
		setup::<T>();
		Classes::<T>::remove(CLASS);
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, name(), system(), Some(Metric::Hpl), unit::<T>());
		assert!(Classes::<T>::contains_key(CLASS));
		Ok(())
	}

	#[benchmark]
	fn add_version() -> Result<(), BenchmarkError> {
		setup::<T>();
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, system());
		assert!(References::<T>::contains_key(CLASS, ReferenceVersion(2)));
		Ok(())
	}

	#[benchmark]
	fn retire_version() -> Result<(), BenchmarkError> {
		setup::<T>();
		Pallet::<T>::do_add_version(CLASS, system()).expect("there is room");
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, V1);
		assert!(!References::<T>::contains_key(CLASS, V1));
		Ok(())
	}

	#[benchmark]
	fn set_loss_per_hour() -> Result<(), BenchmarkError> {
		setup::<T>();
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, Zero::zero());
		assert!(Classes::<T>::get(CLASS).is_some_and(|class| class.loss_per_hour.is_zero()));
		Ok(())
	}

	#[benchmark]
	fn register_provider() {
		setup::<T>();
		let who = funded::<T>("provider");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), unit::<T>());
		assert!(Providers::<T>::contains_key(who));
	}

	#[benchmark]
	fn bond_extra() {
		setup::<T>();
		let (who, _) = provider::<T>(1);
		let before = Providers::<T>::get(&who).map(|record| record.bond);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), unit::<T>());
		assert!(Providers::<T>::get(who).map(|record| record.bond) > before);
	}

	#[benchmark]
	fn unbond() {
		setup::<T>();
		let (who, _) = provider::<T>(0);
		Providers::<T>::mutate(&who, |record| record.as_mut().expect("there").positions = BoundedVec::new());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Providers::<T>::get(who).is_some_and(|record| record.leaving.is_some()));
	}

	#[benchmark]
	fn withdraw() {
		setup::<T>();
		let (who, _) = provider::<T>(0);
		Providers::<T>::mutate(&who, |record| record.as_mut().expect("there").leaving = Some(Day(0)));
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Providers::<T>::contains_key(who));
	}

	#[benchmark]
	fn register_resource() {
		setup::<T>();
		let (who, _) = provider::<T>(T::MaxResourcesPerProvider::get() - 1);
		let agent = account("agent", 0, 0);
		let id = NextResource::<T>::get();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), CLASS, Region(276), 8, agent, None);
		assert!(Resources::<T>::contains_key(id));
	}

	#[benchmark]
	fn set_agent() {
		let (who, resources) = full::<T>(0);
		let agent: T::AccountId = account("other", 0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0], agent.clone());
		assert_eq!(Resources::<T>::get(resources[0]).map(|record| record.agent), Some(agent));
	}

	#[benchmark]
	fn set_devices(d: Linear<1, { T::MaxDaysAhead::get() }>) {
		let (who, resources) = full::<T>(d);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0], 7);
		assert_eq!(Resources::<T>::get(resources[0]).map(|record| record.devices), Some(7));
	}

	#[benchmark]
	fn declare_maintenance(d: Linear<1, { MAINTENANCE_PERIOD - 1 }>) {
		let (who, resources) = full::<T>(d + 2);
		// The resource is not booked, and the others can deliver all that is sold.
		for day in (TODAY..TODAY + d + 2).map(Day) {
			Ledger::<T>::mutate((day, &who, CLASS), |entry| {
				entry.booked.retain(|booking| booking.resource != resources[0]);
			});
		}
		Resources::<T>::mutate(resources[0], |record| {
			let past = DeliveryDays { first: Day(TODAY - 40), last: Day(TODAY - 40) };
			record.as_mut().expect("there").maintenance =
				BoundedVec::truncate_from(alloc::vec![past; usize::try_from(MAX_WINDOWS).expect("few")]);
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0], Day(TODAY + 2), Day(TODAY + 1 + d));
		assert!(Resources::<T>::get(resources[0]).is_some_and(|record| record.is_maintained_on(Day(TODAY + 2))));
	}

	#[benchmark]
	fn unjail() {
		let (who, resources) = full::<T>(0);
		set_life::<T>(resources[0], Life { stage: Stage::Jailed { until: Day(0) }, passed: 0, failures: 0 });
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0]);
		assert_eq!(state_of::<T>(resources[0]), Some(Stage::Registered));
	}

	#[benchmark]
	fn exit_resource(d: Linear<1, { T::MaxDaysAhead::get() }>) {
		let (who, resources) = full::<T>(d);
		for day in (TODAY..TODAY + d).map(Day) {
			Ledger::<T>::mutate((day, &who, CLASS), |entry| {
				entry.booked.retain(|booking| booking.resource != resources[0]);
			});
		}
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0]);
		assert!(matches!(state_of::<T>(resources[0]), Some(Stage::Exiting { .. })));
	}

	#[benchmark]
	fn remove_resource() {
		let (who, resources) = full::<T>(0);
		set_life::<T>(resources[0], Life { stage: Stage::Exiting { until: Day(0) }, passed: 0, failures: 0 });
		#[extrinsic_call]
		_(RawOrigin::Signed(who), resources[0]);
		assert_eq!(state_of::<T>(resources[0]), None);
	}

	#[benchmark]
	fn pledge(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, resources) = full::<T>(d);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), resources[0], next(d), UNIT);
		assert_eq!(Ledger::<T>::get((Day(TODAY), who, CLASS)).booked[0].pledged, Capacity(2));
	}

	#[benchmark]
	fn unpledge(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, resources) = full::<T>(d);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), resources[0], next(d), UNIT);
		assert_eq!(Ledger::<T>::get((Day(TODAY), who, CLASS)).booked[0].pledged, Capacity::ZERO);
	}

	#[benchmark]
	fn prune_step() {
		let (_, _) = full::<T>(1);
		T::BenchmarkHelper::set_day(Day(TODAY + T::UnbondingDays::get() + 1));
		#[block]
		{
			assert!(Pallet::<T>::prune_step());
		}
		assert_eq!(Ledger::<T>::iter_prefix((Day(TODAY),)).count(), 0);
	}

	/// The call itself; its steps are measured by `prune_step`.
	#[benchmark(extra)]
	fn prune() {
		let (who, _) = full::<T>(1);
		T::BenchmarkHelper::set_day(Day(TODAY + T::UnbondingDays::get() + 1));
		#[extrinsic_call]
		_(RawOrigin::Signed(who), 1);
		assert_eq!(Ledger::<T>::iter_prefix((Day(TODAY),)).count(), 0);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		setup::<T>();
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters::<T>());
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn renew_parameters() {
		setup::<T>();
		PendingParameters::<T>::put((Day(TODAY), parameters::<T>()));
		#[block]
		{
			Pallet::<T>::renew_parameters();
		}
		assert!(!PendingParameters::<T>::exists());
	}

	#[benchmark]
	fn subject() {
		full::<T>(0);
		let found;
		#[block]
		{
			let id = Pallet::<T>::drawable_at(Pallet::<T>::drawable() - 1).expect("there is one");
			Pallet::<T>::state(id).expect("known");
			found = Pallet::<T>::subject(id);
		}
		assert!(found.is_some_and(|found| found.solves));
	}

	#[benchmark]
	fn attested() {
		let (_, resources) = full::<T>(SHORTFALL_DAYS);
		let attestation = attestation::<T>(resources[0]);
		// Its reliability falls from the best to the last.
		Standings::<T>::mutate(resources[0], |standing| standing.missed = 9_000);
		#[block]
		{
			Pallet::<T>::attested(resources[0], attestation);
		}
		let evidence = Standings::<T>::get(resources[0]);
		assert_eq!(evidence.peak, Some(Reliability::Fourth));
		assert!(evidence.attested.is_some_and(|evidence| evidence.round == RoundId(2)));
	}

	#[benchmark]
	fn unattested() {
		let (_, resources) = full::<T>(0);
		#[block]
		{
			Pallet::<T>::unattested(resources[0]);
		}
		assert_eq!(state_of::<T>(resources[0]), Some(Stage::Active));
	}

	#[benchmark]
	fn failed() {
		let (_, resources) = full::<T>(SHORTFALL_DAYS);
		#[block]
		{
			Pallet::<T>::missed(resources[0]);
		}
		assert!(matches!(state_of::<T>(resources[0]), Some(Stage::Jailed { .. })));
	}

	#[benchmark]
	fn offended() {
		let (who, resources) = full::<T>(SHORTFALL_DAYS);
		let reporter = funded::<T>("reporter");
		let before = Providers::<T>::get(&who).map(|record| record.bond);
		#[block]
		{
			Pallet::<T>::offended(resources[0], ProviderOffence::FalseSolve, Some(reporter));
		}
		assert!(Providers::<T>::get(who).map(|record| record.bond) < before);
	}

	#[benchmark]
	fn sellable() {
		let (who, _) = full::<T>(1);
		let room;
		#[block]
		{
			room = Pallet::<T>::sellable(&who, CLASS, &floors::<T>()[0], Day(TODAY));
		}
		assert!(!room.is_zero());
	}

	#[benchmark]
	fn sell(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, _) = full::<T>(d);
		#[block]
		{
			Pallet::<T>::sell(&who, CLASS, &floors::<T>()[0], next(d), UNIT).expect("there is room");
		}
		assert_eq!(Ledger::<T>::get((Day(TODAY), who, CLASS)).sold[0].1, Capacity(2));
	}

	#[benchmark]
	fn unsell(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, _) = full::<T>(d);
		#[block]
		{
			Pallet::<T>::unsell(&who, CLASS, &floors::<T>()[0], next(d), UNIT).expect("it is sold");
		}
		let sold = Ledger::<T>::get((Day(TODAY), who, CLASS)).sold;
		assert!(sold.iter().all(|(floor, _)| *floor != floors::<T>()[0]));
	}

	#[benchmark]
	fn nominate(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, resources) = full::<T>(d);
		#[block]
		{
			Pallet::<T>::nominate(resources[0], &floors::<T>()[0], next(d), UNIT).expect("it is sold");
		}
		assert_eq!(Ledger::<T>::get((Day(TODAY), who, CLASS)).booked[0].nominated, Capacity(2));
	}

	#[benchmark]
	fn release(d: Linear<1, MAX_DELIVERY_DAYS>) {
		let (who, resources) = full::<T>(d);
		#[block]
		{
			Pallet::<T>::release(resources[0], next(d), UNIT).expect("it is nominated");
		}
		assert_eq!(Ledger::<T>::get((Day(TODAY), who, CLASS)).booked[0].nominated, Capacity::ZERO);
	}

	#[benchmark]
	fn nominated() {
		let (_, resources) = full::<T>(1);
		let is_delivering;
		#[block]
		{
			is_delivering = Pallet::<T>::is_delivering(resources[0]);
		}
		assert!(is_delivering);
	}

	#[benchmark]
	fn take_stake() {
		let (who, resources) = full::<T>(0);
		let before = Pallet::<T>::stake(&who);
		#[block]
		{
			// What was taken is burned.
			drop(Pallet::<T>::take_stake(&who, Some(resources[0]), before / 2));
		}
		assert_eq!(Pallet::<T>::stake(&who), before - before / 2);
	}

	#[benchmark]
	fn delivered() {
		let (who, resources) = full::<T>(SHORTFALL_DAYS);
		let before = Pallet::<T>::per_day(CLASS);
		#[block]
		{
			Pallet::<T>::delivered(&who, Some(resources[0]), Capacity(1_000_000), UNIT, Cash(1_000_000_000));
		}
		assert!(Pallet::<T>::per_day(CLASS) < before);
	}

	#[benchmark]
	fn pin_version() {
		setup::<T>();
		#[block]
		{
			Pallet::<T>::pin_version(CLASS, V1).expect("there");
		}
		assert!(References::<T>::get(CLASS, V1).is_some_and(|reference| reference.pins == 1));
	}

	#[benchmark]
	fn unpin_version() {
		setup::<T>();
		Pallet::<T>::pin_version(CLASS, V1).expect("there");
		#[block]
		{
			Pallet::<T>::unpin_version(CLASS, V1).expect("pinned");
		}
		assert!(References::<T>::get(CLASS, V1).is_some_and(|reference| reference.pins == 0));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Market::default().build(), crate::mock::Test);
}
