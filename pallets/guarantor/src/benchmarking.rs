//! Benchmarks. Each measures the call's worst case, or more.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Balanced, Inspect, Mutate},
	EnsureOrigin, Get, Imbalance,
};
use frame_system::RawOrigin;
use gcx_primitives::{
	Cash, CustomerLimits, GuarantorRewards, GuarantorState, Guarantors as Registry, Lots, Ppm, ReduceOnlyReason,
};
use sp_runtime::traits::Zero;
use types::{BalanceOf, ParametersOf};

/// So many times the existential deposit.
fn amount<T: Config>(times: u32) -> BalanceOf<T> {
	T::NativeBalance::minimum_balance() * times.into()
}

fn parameters<T: Config>() -> ParametersOf<T> {
	GuarantorParameters {
		min_bond: amount::<T>(100),
		min_house: Cash::ZERO,
		min_delegation: amount::<T>(1),
		max_delegation_ratio: MAX_DELEGATION_RATIO,
		unbonding: T::MinUnbonding::get(),
		min_commission: Ppm::ZERO,
		max_commission: Ppm::ONE,
	}
}

fn limits() -> CustomerLimits {
	CustomerLimits { max_initial_margin: Cash(1), max_lots: Lots(1), margin_multiplier: Ppm::ONE, suspended: false }
}

fn origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	T::NativeBalance::set_balance(&who, amount::<T>(1_000_000));
	who
}

/// An account with an application of a thousand existential deposits. New parameters wait to be put into force.
fn applicant<T: Config>(index: u32) -> T::AccountId {
	Parameters::<T>::put(parameters::<T>());
	let who = funded::<T>("guarantor", index);
	Pallet::<T>::do_apply(who.clone(), amount::<T>(1_000)).expect("funded");
	PendingParameters::<T>::put((0, parameters::<T>()));
	who
}

/// A guarantor with that bond.
fn guarantor<T: Config>() -> T::AccountId {
	admitted::<T>(0)
}

fn admitted<T: Config>(index: u32) -> T::AccountId {
	let who = applicant::<T>(index);
	Pallet::<T>::do_admit(who.clone()).expect("there is room");
	PendingParameters::<T>::put((0, parameters::<T>()));
	who
}

/// Lets as many parts of the bond leave as can be next to an exit.
fn unbond_often<T: Config>(guarantor: &T::AccountId) {
	for _ in 1..MAX_CHUNKS {
		Pallet::<T>::do_unbond(guarantor.clone(), amount::<T>(10)).expect("there is room");
	}
}

/// A delegator with so many parts leaving, and shares beside them.
fn delegator<T: Config>(guarantor: &T::AccountId, leaving: u32) -> T::AccountId {
	let who = funded::<T>("delegator", 0);
	Pallet::<T>::do_delegate(guarantor.clone(), who.clone(), amount::<T>(1_000)).expect("funded");
	for _ in 0..leaving {
		Pallet::<T>::do_undelegate(guarantor.clone(), who.clone(), amount::<T>(10)).expect("there is room");
	}
	who
}

/// A guarantor and who asks it.
fn asking<T: Config>() -> (T::AccountId, T::AccountId) {
	let (guarantor, customer) = (guarantor::<T>(), account::<T::AccountId>("customer", 0, 0));
	Pallet::<T>::do_request(customer.clone(), guarantor.clone()).expect("active");
	(guarantor, customer)
}

/// A guarantor and its customer.
fn joined<T: Config>() -> (T::AccountId, T::AccountId) {
	let (guarantor, customer) = asking::<T>();
	Pallet::<T>::do_accept(guarantor.clone(), customer.clone(), limits()).expect("it asked");
	(guarantor, customer)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn apply() {
		Parameters::<T>::put(parameters::<T>());
		PendingParameters::<T>::put((0, parameters::<T>()));
		let who = funded::<T>("guarantor", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount::<T>(1_000));
		assert!(Applications::<T>::contains_key(who));
	}

	#[benchmark]
	fn withdraw_application() {
		let who = applicant::<T>(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!Applications::<T>::contains_key(who));
	}

	#[benchmark]
	fn refuse() -> Result<(), BenchmarkError> {
		let (origin, who) = (origin::<T>()?, applicant::<T>(0));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());
		assert!(!Applications::<T>::contains_key(who));
		Ok(())
	}

	#[benchmark]
	fn admit() -> Result<(), BenchmarkError> {
		let (origin, who) = (origin::<T>()?, applicant::<T>(0));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());
		assert!(Guarantors::<T>::contains_key(who));
		Ok(())
	}

	#[benchmark]
	fn bond_extra() {
		let who = guarantor::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount::<T>(1));
		assert_eq!(Guarantors::<T>::get(who).map(|record| record.bond), Some(amount::<T>(1_001)));
	}

	#[benchmark]
	fn unbond() {
		let who = guarantor::<T>();
		unbond_often::<T>(&who);
		Guarantors::<T>::mutate(&who, |record| record.as_mut().map(|record| record.unbonding.pop()));
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount::<T>(1));
		assert!(Guarantors::<T>::get(who).is_some_and(|record| record.bond == amount::<T>(929)));
	}

	#[benchmark]
	fn withdraw_unbonded() {
		let who = guarantor::<T>();
		unbond_often::<T>(&who);
		Pallet::<T>::do_exit(who.clone()).expect("nothing is open");
		Guarantors::<T>::mutate(&who, |record| {
			record.iter_mut().flat_map(|record| record.unbonding.iter_mut()).for_each(|chunk| chunk.due = 0);
		});
		ExitLock::<T>::insert(&who, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(Guarantors::<T>::get(who).is_some_and(|record| record.unbonding.is_empty()));
	}

	#[benchmark]
	fn exit() {
		let who = guarantor::<T>();
		unbond_often::<T>(&who);
		ExitLock::<T>::insert(&who, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Guarantors::<T>::get(who).is_some_and(|record| record.state == GuarantorState::Exited));
	}

	#[benchmark]
	fn reap() {
		let who = guarantor::<T>();
		drop(Pallet::<T>::do_slash(&who, amount::<T>(1_000)));
		Pallet::<T>::do_exit(who.clone()).expect("nothing is open");
		ExitLock::<T>::insert(&who, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Guarantors::<T>::contains_key(who));
	}

	#[benchmark]
	fn set_commission() {
		let who = guarantor::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), Ppm::ONE);
		assert!(Guarantors::<T>::get(who).is_some_and(|record| record.next_commission.is_some()));
	}

	#[benchmark]
	fn delegate() {
		let (who, delegator) = (guarantor::<T>(), funded::<T>("delegator", 0));
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), who.clone(), amount::<T>(1_000));
		assert!(Delegations::<T>::contains_key(who, delegator));
	}

	#[benchmark]
	fn undelegate() {
		let who = guarantor::<T>();
		let delegator = delegator::<T>(&who, MAX_CHUNKS - 1);
		PendingParameters::<T>::put((0, parameters::<T>()));
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), who.clone(), amount::<T>(10));
		assert!(Delegations::<T>::get(who, delegator).is_some_and(|one| one.leaving.is_full()));
	}

	#[benchmark]
	fn withdraw_undelegated() {
		let who = guarantor::<T>();
		let delegator = delegator::<T>(&who, MAX_CHUNKS);
		Delegations::<T>::mutate(&who, &delegator, |one| {
			one.iter_mut().flat_map(|one| one.leaving.iter_mut()).for_each(|part| part.due = 0);
		});
		Pallet::<T>::do_exit(who.clone()).expect("nothing is open");
		ExitLock::<T>::insert(&who, 0);
		PendingParameters::<T>::put((0, parameters::<T>()));
		#[extrinsic_call]
		_(RawOrigin::Signed(delegator.clone()), who.clone(), delegator.clone());
		let left = Delegations::<T>::get(who, delegator).expect("the rest is leaving");
		assert!(left.shares.is_zero() && left.leaving.len() == 1);
	}

	#[benchmark]
	fn request() {
		let (who, customer) = (guarantor::<T>(), account::<T::AccountId>("customer", 0, 0));
		#[extrinsic_call]
		_(RawOrigin::Signed(customer.clone()), who.clone());
		assert_eq!(Requests::<T>::get(customer), Some(who));
	}

	#[benchmark]
	fn cancel_request() {
		let (_, customer) = asking::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(customer.clone()));
		assert!(!Requests::<T>::contains_key(customer));
	}

	#[benchmark]
	fn accept() {
		let (_, customer) = joined::<T>();
		let to = admitted::<T>(1);
		Pallet::<T>::do_request(customer.clone(), to.clone()).expect("active, and not its guarantor");
		#[extrinsic_call]
		_(RawOrigin::Signed(to.clone()), customer.clone(), limits());
		assert!(Customers::<T>::get(customer).is_some_and(|membership| membership.guarantor == to));
	}

	#[benchmark]
	fn decline() {
		let (who, customer) = asking::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), customer.clone());
		assert!(!Requests::<T>::contains_key(customer));
	}

	#[benchmark]
	fn set_limits() {
		let (who, customer) = joined::<T>();
		let suspended = CustomerLimits { suspended: true, ..limits() };
		#[extrinsic_call]
		_(RawOrigin::Signed(who), customer.clone(), suspended);
		assert!(Customers::<T>::get(customer).is_some_and(|membership| membership.limits.suspended));
	}

	#[benchmark]
	fn leave() {
		let (_, customer) = joined::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(customer.clone()));
		assert!(!Customers::<T>::contains_key(customer));
	}

	#[benchmark]
	fn dismiss() {
		let (who, customer) = joined::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), customer.clone());
		assert!(!Customers::<T>::contains_key(customer));
	}

	#[benchmark]
	fn set_state() -> Result<(), BenchmarkError> {
		let (origin, who) = (origin::<T>()?, guarantor::<T>());
		for reason in [ReduceOnlyReason::MarginCall, ReduceOnlyReason::PoolUse, ReduceOnlyReason::Governance] {
			<Pallet<T> as Registry<T::AccountId>>::set_reduce_only(&who, reason).expect("it stands");
		}
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), GuarantorState::Active);
		assert!(Guarantors::<T>::get(who).is_some_and(|record| record.state == GuarantorState::Active));
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = origin::<T>()?;
		PendingParameters::<T>::put((0, parameters::<T>()));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters::<T>());
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn slash() {
		let who = guarantor::<T>();
		unbond_often::<T>(&who);
		delegator::<T>(&who, 1);
		let taken;
		#[block]
		{
			taken = Pallet::<T>::do_slash(&who, amount::<T>(500));
		}
		assert!(taken.peek() == amount::<T>(500));
	}

	#[benchmark]
	fn reward() {
		let who = guarantor::<T>();
		delegator::<T>(&who, 1);
		PendingParameters::<T>::put((0, parameters::<T>()));
		let credit = T::NativeBalance::issue(amount::<T>(500));
		let paid;
		#[block]
		{
			paid = <Pallet<T> as GuarantorRewards<T::AccountId>>::reward(&who, credit);
		}
		assert!(paid.is_ok());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Market::default().build(), crate::mock::Test);
}
