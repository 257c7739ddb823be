//! Benchmarks. Each measures the call's worst case.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::Bounded, Perbill};
use types::BalanceOf;

/// A bond high enough to be valid, `step` units above the minimum.
fn bond_of<T: Config>(step: u32) -> BalanceOf<T> {
	let base = Parameters::<T>::get().min_bond.max(T::NativeBalance::minimum_balance());
	base + base + step.into()
}

fn funded<T: Config>(index: u32) -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account("candidate", index, 0);
	let amount = BalanceOf::<T>::max_value() / 100_000u32.into();
	T::NativeBalance::set_balance(&who, amount);
	who
}

fn status_of<T: Config>(who: &T::AccountId) -> Option<BondStatus> {
	Bonds::<T>::get(who).map(|bond| bond.status)
}

/// Replaces the candidates by `count` others, the first of whom has the highest bond. None has session keys, so that
/// nobody counts towards the floor.
fn fill<T: Config>(count: u32) -> Vec<T::AccountId>
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	for (who, _) in Candidates::<T>::take() {
		Bonds::<T>::mutate_extant(&who, |bond| bond.status = BondStatus::Chilled);
	}
	(0..count)
		.map(|index| {
			let who = funded::<T>(index);
			Pallet::<T>::do_bond(who.clone(), bond_of::<T>(count - index)).expect("funded");
			who
		})
		.collect()
}

#[benchmarks(where T::NativeBalance: Mutate<T::AccountId>)]
mod benches {
	use super::*;

	#[benchmark]
	fn bond() {
		let max = T::MaxCandidates::get();
		let lowest = fill::<T>(max).pop().expect("there are candidates");
		let caller = funded::<T>(max);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), bond_of::<T>(max + 1));
		assert_eq!(status_of::<T>(&caller), Some(BondStatus::Candidate));
		assert_eq!(status_of::<T>(&lowest), Some(BondStatus::Chilled));
	}

	#[benchmark]
	fn bond_extra() {
		let max = T::MaxCandidates::get();
		let caller = fill::<T>(max).pop().expect("there are candidates");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), bond_of::<T>(max));
		assert_eq!(Candidates::<T>::get().first().map(|(who, _)| who.clone()), Some(caller));
	}

	#[benchmark]
	fn chill() {
		let caller = fill::<T>(T::MaxCandidates::get()).pop().expect("there are candidates");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert_eq!(status_of::<T>(&caller), Some(BondStatus::Chilled));
	}

	#[benchmark]
	fn validate() {
		let max = T::MaxCandidates::get();
		let caller = funded::<T>(max);
		fill::<T>(0);
		Pallet::<T>::do_bond(caller.clone(), bond_of::<T>(max + 1)).expect("funded");
		let lowest = fill::<T>(max).pop().expect("there are candidates");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert_eq!(status_of::<T>(&caller), Some(BondStatus::Candidate));
		assert_eq!(status_of::<T>(&lowest), Some(BondStatus::Chilled));
	}

	#[benchmark]
	fn unbond() {
		let caller = fill::<T>(T::MaxCandidates::get()).pop().expect("there are candidates");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert!(matches!(status_of::<T>(&caller), Some(BondStatus::Unbonding { .. })));
	}

	#[benchmark]
	fn withdraw_unbonded() {
		let caller = fill::<T>(1).pop().expect("there are candidates");
		Pallet::<T>::do_unbond(caller.clone()).expect("bonded");
		pallet_session::CurrentIndex::<T>::mutate(|now| *now += T::UnbondingSessions::get() + 2);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert_eq!(Bonds::<T>::get(&caller), None);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let parameters = SelectionParameters {
			seats: T::MaxValidators::get(),
			floor: 1,
			min_bond: bond_of::<T>(0),
			slash_cap: Perbill::from_percent(50),
		};
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Network::default().build(), crate::mock::Test);
}
