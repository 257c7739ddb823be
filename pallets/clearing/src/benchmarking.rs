//! Benchmarks. Each measures the call's worst case.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	Get,
};
use frame_system::RawOrigin;
use gcx_primitives::{Cash, Segment, SegmentSide, SubAccount};

const SUB: SubAccount = SubAccount(0);

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `customer` a customer of `guarantor`, and that a guarantor if it is none.
	fn make_customer(customer: &AccountId, guarantor: &AccountId);
}

/// A customer with money, and its guarantor.
fn customer<T: Config>() -> (T::AccountId, T::AccountId) {
	let (who, guarantor) = (account("customer", 0, 0), account("guarantor", 0, 0));
	let amount = T::MinOpening::get() * 1_000 + T::SettlementAsset::minimum_balance() * 2;
	T::SettlementAsset::mint_into(&who, amount).expect("the asset can be minted");
	T::BenchmarkHelper::make_customer(&who, &guarantor);
	(who, guarantor)
}

/// The account's cash.
fn cash_of<T: Config>(who: &T::AccountId) -> Option<Cash> {
	Accounts::<T>::get(who, SUB).map(|account| account.cash)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn deposit() {
		let (caller, _) = customer::<T>();
		let amount = T::MinOpening::get();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, amount);
		assert_eq!(cash_of::<T>(&caller), Pallet::<T>::cash(amount).ok());
	}

	#[benchmark]
	fn withdraw() {
		let (caller, _) = customer::<T>();
		Pallet::<T>::do_deposit(caller.clone(), SUB, T::MinOpening::get()).expect("funded");
		// Both records of the fuse are of an earlier hour.
		HourlyEgress::<T>::mutate(|egress| egress.hour = u32::MAX);
		Accounts::<T>::mutate(&caller, SUB, |account| {
			account.as_mut().expect("it was opened").egress.hour = u32::MAX;
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, T::EgressFloor::get().min(T::MinOpening::get()));
		assert!(cash_of::<T>(&caller) < Pallet::<T>::cash(T::MinOpening::get()).ok());
	}

	#[benchmark]
	fn close() {
		let (caller, _) = customer::<T>();
		Pallet::<T>::do_deposit(caller.clone(), SUB, T::MinOpening::get()).expect("funded");
		Accounts::<T>::mutate(&caller, SUB, |account| account.as_mut().expect("it was opened").cash = Cash::ZERO);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB);
		assert_eq!(cash_of::<T>(&caller), None);
	}

	#[benchmark]
	fn sweep_surplus() {
		let (caller, guarantor) = customer::<T>();
		Pallet::<T>::do_deposit(caller.clone(), SUB, T::MinOpening::get()).expect("funded");
		let segment = Segment { guarantor: guarantor.clone(), side: SegmentSide::Customers };
		let custody = Pallet::<T>::custody_account(&segment);
		let minimum = T::SettlementAsset::minimum_balance();
		T::SettlementAsset::mint_into(&custody, minimum * 5).expect("the asset can be minted");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), guarantor, SegmentSide::Customers);
		assert!(T::SettlementAsset::balance(&T::SurplusDestination::get()) >= minimum * 5);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Exchange.build(), crate::mock::Test);
}
