//! Benchmarks. Each measures the call's worst case, or more.

use crate::{absorption::Ground, *};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Balanced, Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use gcx_primitives::{Cash, InsurancePool, PoolLayer, Price};

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `who` an active guarantor with a bond, whatever limits there are.
	fn make_guarantor(who: &AccountId, bond: u128);

	/// Gives the bonded token's class a fix of this moment: at least one unit of the settlement asset for each priced
	/// unit.
	fn set_bond_price();
}

/// A large amount of the settlement asset, of which there is enough for everybody.
const LARGE: i128 = 1_000_000_000_000;

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn parameters<T: Config>() -> InsuranceParameters {
	let cooling_off = T::MinCoolingOff::get();
	InsuranceParameters { cooling_off, min_distribution: Cash(1), ..Default::default() }
}

/// Gives an account of the settlement asset.
fn mint<T: Config>(who: &T::AccountId, amount: i128) {
	let amount = amount.unsigned_abs() + T::SettlementAsset::minimum_balance();
	T::SettlementAsset::mint_into(who, amount).expect("the asset can be minted");
}

fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	mint::<T>(&who, 1_000 * LARGE);
	T::NativeBalance::set_balance(&who, T::NativeBalance::minimum_balance());
	who
}

/// The pool's accounts exist, and new parameters wait to be put in force.
fn prepare<T: Config>() {
	mint::<T>(&T::PoolAccount::get(), 0);
	T::NativeBalance::set_balance(&Pallet::<T>::sale_account(), T::NativeBalance::minimum_balance());
	T::BenchmarkHelper::set_bond_price();
	PendingParameters::<T>::put((0, parameters::<T>()));
}

/// What a bond is in benchmarks: whole priced units.
fn bond<T: Config>() -> u128 {
	T::BondUnit::get().max(T::NativeBalance::minimum_balance()) * 1_000_000
}

/// So many guarantors, each with a contribution.
fn contributors<T: Config>(count: u32) -> Vec<T::AccountId> {
	(0..count)
		.map(|index| {
			let who = funded::<T>("guarantor", index);
			T::BenchmarkHelper::make_guarantor(&who, bond::<T>());
			Pallet::<T>::do_contribute(who.clone(), LARGE.unsigned_abs()).expect("it is a guarantor");
			who
		})
		.collect()
}

/// Income arrives that everybody gets a part of.
fn earn<T: Config>() {
	mint::<T>(&T::PoolAccount::get(), LARGE);
}

/// An outsider with shares.
fn outsider<T: Config>() -> T::AccountId {
	let who = funded::<T>("outsider", 0);
	Pallet::<T>::do_deposit(who.clone(), T::MinDeposit::get().max(LARGE.unsigned_abs()), 0).expect("it is funded");
	who
}

/// Opens so many buckets that are mature, each with a share of somebody's.
fn open_buckets<T: Config>(count: u32) {
	let mut books = Books::<T>::get();
	let mut open = OpenBuckets::<T>::get();
	for index in 0..count {
		// All are mature, whatever the time.
		let (id, due) = (BucketId(index.into()), 0);
		let bucket = Bucket { due, shares: MIN_SHARES, left: MIN_SHARES, members: 1, ..Default::default() };
		open.try_push(OpenBucket { id, due }).expect("there is room");
		Buckets::<T>::insert(id, bucket);
		books.outside.shares += MIN_SHARES;
		books.outside.value.0 += LARGE;
		books.recorded.0 += LARGE;
	}
	mint::<T>(&T::PoolAccount::get(), LARGE * i128::from(count));
	NextBucket::<T>::put(BucketId(count.into()));
	OpenBuckets::<T>::put(open);
	Books::<T>::put(books);
}

/// Makes an account the last in as many finished buckets as it can be in, with so much to collect.
fn finish_buckets<T: Config>(who: &T::AccountId, amount: i128) {
	let mut holder = Holder::default();
	for index in 0..MAX_REDEMPTIONS {
		let (id, paid) = (BucketId(index.into()), Cash(if index == 0 { amount } else { 0 }));
		let bucket = Bucket { due: 0, shares: MIN_SHARES, left: 0, paid, uncollected: paid, members: 1 };
		Buckets::<T>::insert(id, bucket);
		FinishedBuckets::<T>::insert(id, ());
		Redemptions::<T>::insert(id, who, Redemption { shares: MIN_SHARES, collected: Cash::ZERO });
		holder.redeeming.try_push(id).expect("there is room");
	}
	Holders::<T>::insert(who, holder);
	Books::<T>::mutate(|books| {
		books.set_aside.0 += amount;
		books.recorded.0 += amount;
	});
	mint::<T>(&T::PoolAccount::get(), amount);
}

/// Opens a sale of so many priced units, which begins.
fn open_sale<T: Config>(purpose: SalePurpose<T::AccountId>, units: u128) -> SaleId {
	let tokens = T::NativeBalance::issue(units * T::BondUnit::get());
	let guarantor = account("failed", 0, 0);
	let amount = Pallet::<T>::put_on_sale(&guarantor, tokens);
	Pallet::<T>::open_sale(&guarantor, amount, purpose).expect("there is room")
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn contribute(c: Linear<0, { MAX_CONTRIBUTORS - 1 }>) {
		prepare::<T>();
		outsider::<T>();
		contributors::<T>(c);
		let who = funded::<T>("caller", 0);
		T::BenchmarkHelper::make_guarantor(&who, bond::<T>());
		earn::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), LARGE.unsigned_abs());
		assert!(Contributions::<T>::contains_key(who));
	}

	#[benchmark]
	fn withdraw_contribution(c: Linear<1, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		let who = contributors::<T>(c).remove(0);
		earn::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), LARGE.unsigned_abs());
		assert!(Pallet::<T>::contribution(&who) < Cash(LARGE));
	}

	#[benchmark]
	fn deposit() {
		prepare::<T>();
		contributors::<T>(1);
		outsider::<T>();
		earn::<T>();
		let who = funded::<T>("caller", 0);
		let amount = T::MinDeposit::get().max(LARGE.unsigned_abs());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount, 0);
		assert!(Pallet::<T>::shares_of(&who) > 0);
	}

	#[benchmark]
	fn redeem() {
		prepare::<T>();
		let who = outsider::<T>();
		open_buckets::<T>(MAX_BUCKETS - 1);
		Holders::<T>::mutate(&who, |holder| {
			let holder = holder.as_mut().expect("it holds");
			for index in 1..MAX_REDEMPTIONS {
				holder.redeeming.try_push(BucketId(index.into())).expect("there is room");
			}
		});
		let shares = Pallet::<T>::shares_of(&who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), shares);
		assert_eq!(Pallet::<T>::shares_of(&who), 0);
	}

	#[benchmark]
	fn collect() {
		prepare::<T>();
		let who = funded::<T>("outsider", 0);
		finish_buckets::<T>(&who, LARGE);
		Owed::<T>::insert(&who, Cash(1));
		Books::<T>::mutate(|books| {
			books.skin.0 += LARGE;
			books.set_aside.0 += 1;
			books.recorded.0 += LARGE + 1;
		});
		mint::<T>(&T::PoolAccount::get(), LARGE + 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Holders::<T>::contains_key(who));
	}

	#[benchmark]
	fn fund_skin() {
		prepare::<T>();
		let who = funded::<T>("caller", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), LARGE.unsigned_abs());
		assert_eq!(Pallet::<T>::layers().skin, Cash(LARGE));
	}

	#[benchmark]
	fn distribute(c: Linear<0, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		contributors::<T>(c);
		earn::<T>();
		let who = funded::<T>("caller", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who));
		assert_eq!(Pallet::<T>::surplus(), Ok(Cash::ZERO));
	}

	#[benchmark]
	fn buy(c: Linear<0, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		let guarantors: Vec<_> = contributors::<T>(c).into_iter().map(|who| (who, Cash(1))).collect();
		let guarantors = BoundedVec::try_from(guarantors).expect("they are not too many");
		let advance = Advance { skin: Cash(1), guarantors, outside: Cash(1), burns: true };
		Books::<T>::mutate(|books| books.owed_outside = Cash(1));
		let sale = open_sale::<T>(SalePurpose::Repay(advance), 1_000);
		let who = funded::<T>("caller", 0);
		// What it costs is as the index says.
		mint::<T>(&who, 1_000_000 * LARGE);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), sale, u128::MAX, Price(i64::MAX));
		assert!(Books::<T>::get().owed_outside.is_zero() && !Sales::<T>::contains_key(sale));
	}

	#[benchmark]
	fn begin_sale() {
		prepare::<T>();
		let sale = open_sale::<T>(SalePurpose::Income, 1_000);
		Sales::<T>::mutate(sale, |sale| sale.as_mut().expect("it is open").course = None);
		WaitingSales::<T>::insert(sale, ());
		let who = funded::<T>("caller", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who), sale);
		assert!(!WaitingSales::<T>::contains_key(sale));
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		prepare::<T>();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters::<T>());
		assert!(PendingParameters::<T>::exists());
		Ok(())
	}

	#[benchmark]
	fn idle() {
		prepare::<T>();
		outsider::<T>();
		#[block]
		{
			Pallet::<T>::begin_block(1u32.into());
		}
		assert!(!PendingParameters::<T>::exists());
	}

	#[benchmark]
	fn recognise() {
		prepare::<T>();
		outsider::<T>();
		contributors::<T>(1);
		earn::<T>();
		#[block]
		{
			Pallet::<T>::recognise_income().expect("there is income");
		}
		assert_eq!(Pallet::<T>::surplus(), Ok(Cash::ZERO));
	}

	#[benchmark]
	fn execute(b: Linear<0, MAX_BUCKETS>) {
		prepare::<T>();
		outsider::<T>();
		open_buckets::<T>(b);
		earn::<T>();
		let executed;
		#[block]
		{
			executed = Pallet::<T>::execute_mature().expect("they are mature");
		}
		assert_eq!(executed, (b, b));
	}

	#[benchmark]
	fn pay() {
		prepare::<T>();
		// An account that is none cannot take less than its minimum balance.
		let who = account("outsider", 0, 0);
		let minimum = Pallet::<T>::cash(T::SettlementAsset::minimum_balance()).expect("it is an amount");
		finish_buckets::<T>(&who, minimum.0 - 1);
		#[block]
		{
			assert_eq!(Pallet::<T>::pay_next(1), 1);
		}
		assert!(!Holders::<T>::contains_key(who));
	}

	#[benchmark]
	fn lend() {
		prepare::<T>();
		outsider::<T>();
		let (guarantor, to) = (account("guarantor", 0, 0), funded::<T>("custody", 0));
		#[block]
		{
			assert_eq!(<Pallet<T> as InsurancePool<_>>::lend(&guarantor, &to, Cash(LARGE)), Cash(LARGE));
		}
	}

	#[benchmark]
	fn take_back() {
		prepare::<T>();
		outsider::<T>();
		let (guarantor, to) = (account("guarantor", 0, 0), funded::<T>("custody", 0));
		Pallet::<T>::do_lend(&guarantor, &to, Cash(LARGE)).expect("there is as much");
		#[block]
		{
			<Pallet<T> as InsurancePool<_>>::take_back(&guarantor, &to, Cash(LARGE)).expect("it was lent");
		}
		assert_eq!(Pallet::<T>::lent(&guarantor), Cash::ZERO);
	}

	#[benchmark]
	fn absorb(c: Linear<0, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		open_buckets::<T>(MAX_BUCKETS);
		contributors::<T>(c);
		let (guarantor, to) = (account("failed", 0, 0), funded::<T>("custody", 0));
		Pallet::<T>::do_lend(&guarantor, &to, Cash(LARGE)).expect("there is as much");
		earn::<T>();
		#[block]
		{
			for (layer, lent) in [(PoolLayer::Guarantors, Cash(1)), (PoolLayer::Outside, Cash(LARGE))] {
				let all = Cash(i128::MAX);
				Pallet::<T>::draw(layer, &guarantor, all, lent, &to, Ground::Loss).expect("it can be drawn");
			}
		}
		assert!(OpenBuckets::<T>::get().is_empty());
	}

	#[benchmark]
	fn sell_bond(c: Linear<0, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		contributors::<T>(c);
		let (guarantor, to) = (account("failed", 0, 0), funded::<T>("custody", 0));
		Pallet::<T>::do_lend(&guarantor, &to, Cash(1_000)).expect("there is as much");
		Pallet::<T>::do_fund_skin(to.clone(), 1_000).expect("it is funded");
		earn::<T>();
		let tokens = T::NativeBalance::issue(bond::<T>());
		let needed = Pallet::<T>::layers();
		let needed = Cash(needed.skin.0 + needed.guarantors.0 + needed.outside.0);
		let advanced;
		#[block]
		{
			advanced = Pallet::<T>::do_sell_bond(&guarantor, tokens, needed, Cash(1), &to, true);
		}
		assert!(advanced > Cash::ZERO);
	}

	#[benchmark]
	fn assess(c: Linear<0, MAX_CONTRIBUTORS>) {
		prepare::<T>();
		outsider::<T>();
		contributors::<T>(c);
		earn::<T>();
		let guarantor = account("failed", 0, 0);
		let assessed;
		#[block]
		{
			assessed = Pallet::<T>::do_assess(&guarantor, Cash(i128::MAX / 2));
		}
		assert_eq!(assessed.took.is_zero(), c == 0);
	}

	#[benchmark]
	fn collect_assessment() {
		prepare::<T>();
		outsider::<T>();
		let (guarantor, to) = (account("failed", 0, 0), funded::<T>("custody", 0));
		Pallet::<T>::do_lend(&guarantor, &to, Cash(1)).expect("there is as much");
		let sale = open_sale::<T>(SalePurpose::Assessment { fetched: Cash::ZERO }, 1_000);
		Assessments::<T>::insert(&guarantor, sale);
		let buyer = funded::<T>("buyer", 0);
		mint::<T>(&buyer, 1_000_000 * LARGE);
		Pallet::<T>::do_buy(buyer, sale, u128::MAX, Price(i64::MAX)).expect("it is funded");
		let collected;
		#[block]
		{
			collected = Pallet::<T>::do_collect_assessment(&guarantor, Cash(100), Cash(1), &to).expect("it is sold");
		}
		assert_eq!(collected, Some(Cash(100)));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Chain::default().build(), crate::mock::Test);
}
