//! Benchmarks. Each measures the call's worst case, or more.

use crate::{types::SeatOffer, *};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use gcx_math::fees::{FeeTier, RollingVolume, MAX_TIERS, VOLUME_DAYS};
use gcx_primitives::{Cash, Day, FeesCollected, Ppm, Price, PriceIndex};

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `who` an active guarantor with delegated stake.
	fn make_guarantor(who: &AccountId);

	/// Gives the token's class a fix of this moment: at least one unit of the settlement asset for each priced unit.
	fn set_price();

	/// Sets the clock, in milliseconds since the Unix epoch.
	fn set_time(time: u64);
}

/// A large amount of either money, of which there is enough for everybody.
const LARGE: u128 = 1_000_000_000_000_000_000;
/// When benchmarks begin.
const START: u64 = 40 * 365 * 24 * 60 * 60 * 1_000;
/// The era that is going on.
const NOW: u32 = 1_000;

fn parameters<T: Config>() -> TokenParameters {
	let tier = |at: u32| FeeTier {
		from: Cash(i128::from(at) * 1_000_000_000),
		maker: Ppm(1_000 - at),
		taker: Ppm(1_000 - at),
	};
	let tiers: alloc::vec::Vec<_> = (0..MAX_TIERS).map(tier).collect();
	let mut parameters = TokenParameters { tiers: tiers.try_into().expect("so many there are"), ..Default::default() };
	parameters.issuance.cap_per_year = LARGE;
	parameters.seats.count = T::MaxSeats::get();
	parameters.seats.start = T::TokenUnit::get();
	parameters.seats.floor = T::TokenUnit::get();
	parameters
}

fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	fund::<T>(&who);
	who
}

fn fund<T: Config>(who: &T::AccountId) {
	T::NativeBalance::set_balance(who, LARGE * 100);
	T::SettlementAsset::mint_into(who, LARGE).expect("the asset can be minted");
}

/// The pot has all that a benchmark takes of it; the era began long ago, and fees were paid in it.
fn prepare<T: Config>() {
	T::BenchmarkHelper::set_time(START);
	T::BenchmarkHelper::set_price();
	Parameters::<T>::put(parameters::<T>());
	for account in [T::PotAccount::get(), T::PoolAccount::get(), T::TreasuryAccount::get()] {
		fund::<T>(&account);
	}
	let points = ByRole { validators: 1, attestors: 1, operators: LARGE, traders: LARGE };
	Era::<T>::put(CurrentEra { index: NOW, began: START, fees: Cash(1 << 60), burned: LARGE, of_fees: 0, points });
	let budgets = ByRole { validators: LARGE, attestors: LARGE, operators: LARGE, traders: LARGE };
	Eras::<T>::insert(NOW - 1, PastEra { points, budgets, left: 4 * LARGE });
	Books::<T>::mutate(|books| books.rewards = 4 * LARGE);
}

/// What an account has that traded on every day that counts.
fn trader(first: Day) -> Trader {
	let mut volume = RollingVolume::default();
	for day in 0..VOLUME_DAYS {
		volume.add(Day(first.0 + day), Cash(1));
	}
	Trader { pays_in_tokens: false, volume, earning: Earning { era: NOW - 1, points: LARGE / 2, owed: 0 } }
}

fn seated<T: Config>(name: &'static str) -> T::AccountId {
	let who = funded::<T>(name);
	Sale::<T>::put(SeatSale { began: START, first: T::TokenUnit::get() });
	Pallet::<T>::do_buy_seat(who.clone(), u128::MAX).expect("there is one");
	who
}

fn today<T: Config>() -> Day {
	T::Index::today()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters::<T>());
		assert_eq!(Parameters::<T>::get(), parameters::<T>());
		Ok(())
	}

	#[benchmark]
	fn pay_fees_in() {
		prepare::<T>();
		let who: T::AccountId = account("guarantor", 0, 0);
		T::BenchmarkHelper::make_guarantor(&who);
		Traders::<T>::insert(&who, trader(today::<T>()));
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), FeeAsset::Token);
		assert!(Traders::<T>::get(&who).is_some_and(|trader| trader.pays_in_tokens));
	}

	#[benchmark]
	fn claim() {
		prepare::<T>();
		let who = funded::<T>("trader");
		Traders::<T>::insert(&who, trader(today::<T>()));
		let before = T::NativeBalance::balance(&who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RewardRole::Trader, who.clone());
		assert_eq!(T::NativeBalance::balance(&who), before + LARGE / 2);
	}

	#[benchmark]
	fn claim_rebate() {
		prepare::<T>();
		let who: T::AccountId = account("guarantor", 0, 0);
		T::BenchmarkHelper::make_guarantor(&who);
		let cash = Cash(1_000_000_000);
		let tokens = T::TokenUnit::get();
		Rebates::<T>::insert(&who, Rebate { cash, tokens });
		Books::<T>::mutate(|books| {
			books.cash_rebates = cash;
			books.token_rebates = tokens;
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Rebates::<T>::contains_key(&who));
	}

	#[benchmark]
	fn buy_seat() {
		prepare::<T>();
		let who = funded::<T>("member");
		Sale::<T>::put(SeatSale { began: START, first: T::TokenUnit::get() });
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), u128::MAX);
		assert!(Seats::<T>::contains_key(&who));
	}

	#[benchmark]
	fn offer_seat() {
		prepare::<T>();
		let who = seated::<T>("member");
		Pallet::<T>::do_offer_seat(who.clone(), 1, None).expect("it has one");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 2, Some(who.clone()));
		assert_eq!(SeatOffers::<T>::get(&who), Some(SeatOffer { price: 2, to: Some(who.clone()) }));
	}

	#[benchmark]
	fn withdraw_offer() {
		prepare::<T>();
		let who = seated::<T>("member");
		Pallet::<T>::do_offer_seat(who.clone(), 1, None).expect("it has one");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!SeatOffers::<T>::contains_key(&who));
	}

	#[benchmark]
	fn take_seat() {
		prepare::<T>();
		let (holder, who) = (seated::<T>("member"), funded::<T>("taker"));
		Pallet::<T>::do_offer_seat(holder.clone(), T::TokenUnit::get(), None).expect("it has one");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), holder, u128::MAX);
		assert!(Seats::<T>::contains_key(&who));
	}

	#[benchmark]
	fn surrender_seat() {
		prepare::<T>();
		let who = seated::<T>("member");
		Pallet::<T>::do_offer_seat(who.clone(), 1, None).expect("it has one");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(!Seats::<T>::contains_key(&who));
	}

	#[benchmark]
	fn sell_tokens() {
		prepare::<T>();
		let who = funded::<T>("seller");
		let offered = Cash(1_000_000_000_000);
		Books::<T>::mutate(|books| {
			books.buy_back = offered;
			books.cash.burn = offered;
			books.cash.collected = offered;
		});
		let price = Price(1_000_000);
		Offer::<T>::put(BuyBack { began: START, first: price, last: price, offered });
		#[extrinsic_call]
		_(RawOrigin::Signed(who), u128::MAX, Price(1));
		assert!(Offer::<T>::get().is_none());
	}

	#[benchmark]
	fn forget() {
		prepare::<T>();
		let who = funded::<T>("trader");
		let days = today::<T>().0.saturating_sub(2 * VOLUME_DAYS);
		let mut trader = trader(Day(days));
		// Of an era that is no more.
		trader.earning = Earning { era: 0, points: 1, owed: 0 };
		Traders::<T>::insert(&who, trader);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RewardRole::Trader, who.clone());
		assert!(!Traders::<T>::contains_key(&who));
	}

	#[benchmark]
	fn idle() {
		prepare::<T>();
		let who = funded::<T>("validator");
		Earners::<T>::insert(RewardRole::Validator, &who, Earning { era: NOW - 1, points: 1, owed: 0 });
		Sale::<T>::put(SeatSale { began: START, first: T::TokenUnit::get() });
		#[block]
		{
			Pallet::<T>::authored(&who);
			Pallet::<T>::begin_block();
		}
		assert_eq!(Era::<T>::get().points.validators, 2);
	}

	#[benchmark]
	fn pay_pool() {
		prepare::<T>();
		let guarantor = account("guarantor", 0, 0);
		Pallet::<T>::collected(&guarantor, Cash(1_000_000_000));
		Parameters::<T>::mutate(|parameters| parameters.buy_back.min_offer = Cash(i128::MAX));
		#[block]
		{
			Pallet::<T>::begin_block();
		}
		assert!(Books::<T>::get().cash_for_pool.is_zero());
	}

	#[benchmark]
	fn end_era() {
		prepare::<T>();
		T::BenchmarkHelper::set_time(START + T::EraLength::get());
		T::BenchmarkHelper::set_price();
		let old = NOW - T::RewardEras::get();
		Eras::<T>::insert(old, PastEra { left: LARGE, ..Default::default() });
		let unit = T::TokenUnit::get();
		Books::<T>::mutate(|books| {
			books.rewards += LARGE;
			books.cash_for_treasury = Cash(1_000_000_000);
			books.tokens_for_treasury = unit;
			books.tokens_for_pool = unit;
		});
		#[block]
		{
			Pallet::<T>::begin_block();
		}
		assert_eq!(Era::<T>::get().index, NOW + 1);
		assert!(Eras::<T>::get(NOW).is_some() && Eras::<T>::get(old).is_none());
		assert_eq!((Books::<T>::get().tokens_for_pool, Books::<T>::get().tokens_for_treasury), (0, 0));
	}

	#[benchmark]
	fn begin_offer() {
		prepare::<T>();
		let offered = Cash(1_000_000_000);
		Books::<T>::mutate(|books| books.buy_back = offered);
		Offer::<T>::put(BuyBack { began: 0, first: Price(1), last: Price(1), offered: Cash(1) });
		#[block]
		{
			Pallet::<T>::begin_block();
		}
		assert_eq!(Offer::<T>::get().map(|offer| offer.offered), Some(offered));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Chain::default().build(), crate::mock::Test);
}
