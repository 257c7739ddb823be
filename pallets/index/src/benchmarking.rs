//! Benchmarks. Each measures the call's worst case, or more.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use gcx_math::index::CombinationModel;
use gcx_primitives::{ClassId, Day, Fix, Ppm, Price, PriceIndex, PriceStatistics};
use sp_runtime::traits::Bounded;
use types::{BalanceOf, ParametersOf};

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper {
	/// Sets the clock, in milliseconds since the Unix epoch.
	fn set_time(time: u64);
}

/// The day of the benchmarks.
const TODAY: u32 = 20_000;
const CLASS: ClassId = ClassId(u32::MAX);
const SALT: [u8; 32] = [7; 32];

/// Parameters that leave the clock, which stands at the start of a day, in the window that the benchmark needs.
fn parameters<T: Config>(windows: Windows) -> ParametersOf<T> {
	let bond = T::NativeBalance::minimum_balance() * 10u32.into();
	IndexParameters {
		min_bond: bond,
		full_bond: bond * 4u32.into(),
		silence_penalty: bond / 10u32.into(),
		dispute_bond: bond,
		quorum_reports: 1,
		quorum_owners: 1,
		windows,
		combination: CombinationModel::default(),
		decay: Ppm::percent(97),
	}
}

/// A class, its round of today, and room for reporters.
fn setup<T: Config>(windows: Windows) {
	for reporter in Reporters::<T>::iter_keys().collect::<Vec<_>>() {
		Reporters::<T>::remove(reporter);
	}
	T::BenchmarkHelper::set_time(Pallet::<T>::start_of(Day(TODAY)));
	Parameters::<T>::put(parameters::<T>(windows));
	Classes::<T>::mutate(|classes| classes.truncate(0));
	Pallet::<T>::do_set_class(CLASS, Price(1_000)).expect("there is room");
	Rounds::<T>::insert(CLASS, Round { day: Pallet::<T>::today(), stage: Stage::Reporting });
}

/// All of the day to commit.
fn committing<T: Config>() -> Windows {
	Windows { commit: T::DayLength::get() - 3, reveal: 1, dispute: 1 }
}

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account(name, index, 0);
	T::NativeBalance::set_balance(&who, BalanceOf::<T>::max_value() / 100_000u32.into());
	who
}

/// Reporters, as many to an owner as one can have.
fn fill<T: Config>(count: u32) -> Vec<(T::AccountId, T::AccountId)>
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let bond = Parameters::<T>::get().min_bond;
	(0..count)
		.map(|index| {
			let owner = funded::<T>("owner", index / T::MaxReportersPerOwner::get());
			Owners::<T>::insert(&owner, ());
			let reporter = account::<T::AccountId>("reporter", index, 0);
			Pallet::<T>::do_register(owner.clone(), reporter.clone(), bond).expect("there is room");
			(owner, reporter)
		})
		.collect()
}

/// A round whose price is disputed by the account returned.
fn dispute_open<T: Config>() -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let by = funded::<T>("disputant", 0);
	let day = Pallet::<T>::today();
	Rounds::<T>::insert(CLASS, Round { day, stage: Stage::Proposed { price: Price(2_000), until: u64::MAX } });
	Pallet::<T>::do_dispute(by.clone(), CLASS, day).expect("funded");
	by
}

/// A series without room.
fn fill_series<T: Config>() {
	let fix = |index: u32| Fix { day: Day(index), price: Price(1_000 + i64::from(index % 97)), time: 0 };
	let series: Vec<_> = (0..T::MaxFixes::get()).map(fix).collect();
	Latest::<T>::insert(CLASS, (fix(T::MaxFixes::get() - 1), PriceStatistics::default()));
	Series::<T>::insert(CLASS, frame_support::BoundedVec::truncate_from(series));
}

fn origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks(where T::NativeBalance: Mutate<T::AccountId>)]
mod benches {
	use super::*;

	#[benchmark]
	fn set_class() -> Result<(), BenchmarkError> {
		setup::<T>(committing::<T>());
		let origin = origin::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, Price(2_000));
		assert!(Settings::<T>::get(CLASS).is_some_and(|settings| settings.next_floor.is_some()));
		Ok(())
	}

	#[benchmark]
	fn admit_owner() -> Result<(), BenchmarkError> {
		let (origin, owner) = (origin::<T>()?, account::<T::AccountId>("owner", 0, 0));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, owner.clone());
		assert!(Owners::<T>::contains_key(owner));
		Ok(())
	}

	#[benchmark]
	fn expel_owner() -> Result<(), BenchmarkError> {
		setup::<T>(committing::<T>());
		let origin = origin::<T>()?;
		let (owner, reporter) = fill::<T>(T::MaxReporters::get()).swap_remove(0);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, owner);
		assert!(Reporters::<T>::get(reporter).is_some_and(|reporter| reporter.leaving.is_some()));
		Ok(())
	}

	#[benchmark]
	fn register() {
		setup::<T>(committing::<T>());
		fill::<T>(T::MaxReporters::get() - 1);
		let owner = funded::<T>("newcomer", 0);
		Owners::<T>::insert(&owner, ());
		let reporter = account::<T::AccountId>("newcomer", 1, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), reporter.clone(), Parameters::<T>::get().min_bond);
		assert!(Reporters::<T>::contains_key(reporter));
	}

	#[benchmark]
	fn bond_extra() {
		setup::<T>(committing::<T>());
		let (owner, reporter) = fill::<T>(1).swap_remove(0);
		let bond = Parameters::<T>::get().min_bond;
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), reporter.clone(), bond);
		assert_eq!(Reporters::<T>::get(reporter).map(|reporter| reporter.bond), Some(bond + bond));
	}

	#[benchmark]
	fn unregister() {
		setup::<T>(committing::<T>());
		let (owner, reporter) = fill::<T>(1).swap_remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), reporter.clone());
		assert!(Reporters::<T>::get(reporter).is_some_and(|reporter| reporter.leaving.is_some()));
	}

	#[benchmark]
	fn withdraw() {
		setup::<T>(committing::<T>());
		let (owner, reporter) = fill::<T>(1).swap_remove(0);
		let bond = Parameters::<T>::get().min_bond;
		Reporters::<T>::insert(&reporter, Reporter { owner: owner.clone(), bond, leaving: Some(Day(TODAY - 1)) });
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), reporter.clone());
		assert_eq!(Reporters::<T>::get(reporter), None);
	}

	#[benchmark]
	fn commit() {
		setup::<T>(committing::<T>());
		let (_, reporter) = fill::<T>(T::MaxReporters::get()).swap_remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(reporter.clone()), CLASS, T::Hash::default());
		assert!(Commitments::<T>::contains_key(CLASS, reporter));
	}

	#[benchmark]
	fn reveal() {
		setup::<T>(committing::<T>());
		let reporters = fill::<T>(T::MaxReporters::get());
		let (_, reporter) = &reporters[0];
		let day = Pallet::<T>::today();
		let hash = commitment::<T>(CLASS, day, reporter, Price(2_000), &SALT);
		Commitments::<T>::insert(CLASS, reporter, Commitment { day, hash });
		for (_, reporter) in reporters.iter().skip(1) {
			let report = Report { reporter: reporter.clone(), price: Price(2_000) };
			Reports::<T>::try_append(CLASS, report).expect("there is room");
		}
		// The clock stands at the start of the day.
		let windows = Windows { commit: 0, reveal: T::DayLength::get(), dispute: 1 };
		Parameters::<T>::mutate(|parameters| parameters.windows = windows);
		#[extrinsic_call]
		_(RawOrigin::Signed(reporter.clone()), CLASS, Price(2_000), SALT);
		assert_eq!(Reports::<T>::get(CLASS).len(), reporters.len());
	}

	#[benchmark]
	fn dispute() {
		setup::<T>(committing::<T>());
		let caller = funded::<T>("disputant", 0);
		let day = Pallet::<T>::today();
		Rounds::<T>::insert(CLASS, Round { day, stage: Stage::Proposed { price: Price(2_000), until: u64::MAX } });
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), CLASS, day);
		assert!(Rounds::<T>::get(CLASS).is_some_and(|round| matches!(round.stage, Stage::Disputed { .. })));
	}

	#[benchmark]
	fn resolve() -> Result<(), BenchmarkError> {
		setup::<T>(committing::<T>());
		let origin = origin::<T>()?;
		dispute_open::<T>();
		fill_series::<T>();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, CLASS, Pallet::<T>::today(), false);
		assert!(Rounds::<T>::get(CLASS).is_some_and(|round| round.stage == Stage::Closed));
		Ok(())
	}

	#[benchmark]
	fn slash() -> Result<(), BenchmarkError> {
		setup::<T>(committing::<T>());
		let origin = origin::<T>()?;
		let (_, reporter) = fill::<T>(1).swap_remove(0);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, reporter.clone(), Parameters::<T>::get().silence_penalty);
		assert!(Reporters::<T>::get(reporter).is_some_and(|reporter| reporter.bond < Parameters::<T>::get().min_bond));
		Ok(())
	}

	#[benchmark]
	fn conclude() {
		setup::<T>(committing::<T>());
		let day = Pallet::<T>::today();
		// Bonds survive the penalty, so that every report counts.
		Parameters::<T>::mutate(|parameters| parameters.min_bond *= 2u32.into());
		let reporters = fill::<T>(T::MaxReporters::get());
		Parameters::<T>::mutate(|parameters| parameters.min_bond /= 2u32.into());
		for (index, (_, reporter)) in reporters.iter().enumerate() {
			let price = Price(2_000 + i64::try_from(index).unwrap_or_default());
			Reports::<T>::try_append(CLASS, Report { reporter: reporter.clone(), price }).expect("there is room");
			Commitments::<T>::insert(CLASS, reporter, Commitment { day, hash: T::Hash::default() });
		}
		let windows = Windows { commit: 0, reveal: 0, dispute: 1 };
		Parameters::<T>::mutate(|parameters| parameters.windows = windows);
		#[block]
		{
			Pallet::<T>::do_advance(CLASS);
		}
		assert!(Rounds::<T>::get(CLASS).is_some_and(|round| matches!(round.stage, Stage::Proposed { .. })));
	}

	#[benchmark]
	fn fix() {
		setup::<T>(committing::<T>());
		fill_series::<T>();
		let day = Pallet::<T>::today();
		Rounds::<T>::insert(CLASS, Round { day, stage: Stage::Proposed { price: Price(2_000), until: 0 } });
		#[block]
		{
			Pallet::<T>::do_advance(CLASS);
		}
		assert_eq!(Latest::<T>::get(CLASS).map(|(newest, _)| newest.price), Some(Price(2_000)));
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = origin::<T>()?;
		let parameters = parameters::<T>(committing::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Market::default().build(), crate::mock::Test);
}
