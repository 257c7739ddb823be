//! Benchmarks. Each measures the worst case, or more: contracts of as many days as there can be, of which the capacity ledger forgot
//! the first, so that the others are freed one by one.

use crate::{
	types::{AccountKeyOf, DealOf, DeliveryOf, WindowOf},
	*,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Balanced, Inspect},
		EnsureOrigin, Get, Hooks, Randomness,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use gcx_primitives::{
	AccountKey, Capacity, CapacityLedger, Cash, ChallengeVerdict, ClassId, ComputeResources, Day, DealId,
	DeliveryClearing, DeliveryDays, InstrumentId, ListedContracts, Lots, OnDeliverable, OnTenancyChallenged, Ppm,
	Price, ProviderStakes, Region, ResourceId, Side, MAX_DELIVERY_DAYS,
};
use sp_core::{crypto::KeyTypeId, sr25519};

/// The first delivery day.
const FIRST: Day = Day(20_000);
/// The last.
const LAST: Day = Day(FIRST.0 + MAX_DELIVERY_DAYS - 1);
/// The final price.
const PRICE: Price = Price(1_000_000);
/// Lots of the contract.
const LOTS: Lots = Lots(4);
/// Of the key that benchmarks sign with.
const KEY_TYPE: KeyTypeId = KeyTypeId(*b"dlvr");

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// Sets the clock, in milliseconds since the Unix epoch.
	fn set_time(time: u64);

	/// Lists a physical contract that is delivered on these days and expires at that time, later than now, and can be traded until
	/// then. Returns it.
	fn contract(days: DeliveryDays, expires: u64) -> InstrumentId;

	/// The margin account 0 of the `index`-th owner, in a segment of its own, with the cash and margin for ten lots at a dollar a
	/// Compute Hour, either way.
	fn trader(index: u32) -> AccountKey<AccountId>;

	/// So many lots of a contract are bought and sold.
	fn hold(buyer: &AccountKey<AccountId>, seller: &AccountKey<AccountId>, instrument: InstrumentId, lots: Lots);

	/// The owner of an account becomes a provider with a resource that can deliver ten lots of a contract, and whose stake covers as
	/// many. It has as many other resources and obligations as one can have.
	fn resource(seller: &AccountKey<AccountId>, instrument: InstrumentId) -> ResourceId;

	/// Clearing counts a position of an account that is taken over.
	fn taken_over(key: &AccountKey<AccountId>);

	/// A class has the fix of that day, which is closed, and as many fixes as an index keeps; and the stakes' token has a price.
	fn fix(class: ClassId, day: Day, price: Price);

	/// An account that signs vouchers.
	fn signer() -> AccountId;

	/// Signs with its key.
	fn sign(signer: &AccountId, payload: &[u8]) -> Signature;
}

/// A key of benchmarks, in the keystore.
pub fn sr25519_signer() -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEY_TYPE, Some(b"//delivery".to_vec()))
}

/// Signs with a key of [`sr25519_signer`].
///
/// # Panics
/// If the key is not in the keystore.
pub fn sr25519_sign(signer: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEY_TYPE, signer, payload).expect("the key is in the keystore")
}

/// A contract, who buys and who sells it, and what can deliver it.
struct Scene<T: Config> {
	instrument: InstrumentId,
	buyer: AccountKeyOf<T>,
	seller: AccountKeyOf<T>,
	resource: ResourceId,
	expires: u64,
}

impl<T: Config> Scene<T> {
	/// A contract that is held and has not expired.
	fn held() -> Self {
		frame_system::Pallet::<T>::set_block_number(10u32.into());
		let periods = T::MatchingPeriod::get().saturating_add(T::NominationPeriod::get());
		let expires = Pallet::<T>::start_of(FIRST).saturating_sub(periods);
		T::BenchmarkHelper::set_time(expires.saturating_sub(T::DayLength::get()));
		Parameters::<T>::put(DeliveryParameters::default());
		crowd::<T>();
		let instrument = T::BenchmarkHelper::contract(DeliveryDays { first: FIRST, last: LAST }, expires);
		let (buyer, seller) = (T::BenchmarkHelper::trader(0), T::BenchmarkHelper::trader(1));
		T::BenchmarkHelper::hold(&buyer, &seller, instrument, LOTS);
		let resource = T::BenchmarkHelper::resource(&seller, instrument);
		Self { instrument, buyer, seller, resource, expires }
	}

	/// A contract that is held and covered.
	fn covered() -> Self {
		let scene = Self::held();
		Pallet::<T>::do_cover(scene.seller.clone(), scene.instrument, LOTS).expect("it can be delivered");
		scene
	}

	/// The contract has ended and is delivered. Nobody was taken over yet.
	fn begun(self) -> Self {
		T::BenchmarkHelper::set_time(self.expires);
		assert!(Pallet::<T>::begins(self.instrument, PRICE, LOTS));
		self
	}

	/// An account is handed over with so many lots.
	fn hand_over(&self, key: &AccountKeyOf<T>, lots: Lots) {
		let amount = Pallet::<T>::escrow_of(key, self.instrument, lots).expect("it is delivered");
		let segment = T::Clearing::escrow(key, amount).map_err(Into::into).expect("it has the cash");
		T::BenchmarkHelper::taken_over(key);
		Pallet::<T>::take_over(key, &segment, self.instrument, lots, amount);
	}

	/// All positions are taken over; nothing was covered.
	fn taken() -> Self {
		let scene = Self::held().begun();
		scene.hand_over(&scene.buyer, LOTS);
		scene.hand_over(&scene.seller, Lots(-LOTS.0));
		scene
	}

	/// The seller nominated its resource, and the buyer asked for it.
	fn nominated() -> Self {
		let scene = Self::taken();
		Pallet::<T>::do_nominate(scene.seller.clone(), scene.instrument, scene.resource, LOTS).expect("it can deliver");
		let region = T::Resources::region(scene.resource).expect("it is registered");
		scene.request(region);
		scene
	}

	fn request(&self, region: Region) {
		let key = Some(T::BenchmarkHelper::signer());
		Pallet::<T>::do_request(self.buyer.clone(), self.instrument, region, key, endpoint()).expect("it is time");
	}

	/// The lots are matched with what was nominated for them, and windows are settled.
	fn matched() -> (Self, DealId) {
		let scene = Self::nominated();
		let closed = frame_system::Pallet::<T>::block_number();
		let id = NextDeal::<T>::get();
		Pallet::<T>::match_in_region(scene.instrument, scene.delivery(), None, closed).expect("they fit");
		scene.change_delivery(|delivery| delivery.stage = Stage::Delivering { after: None, until: 0 });
		(scene, id)
	}

	fn delivery(&self) -> DeliveryOf<T> {
		Deliveries::<T>::get(self.instrument).expect("it is delivered")
	}

	fn change_delivery(&self, change: impl FnOnce(&mut DeliveryOf<T>)) {
		Deliveries::<T>::mutate_extant(self.instrument, change);
	}

	/// What is booked for the first day is gone from the ledger, as it would be if that were long past.
	fn forget_first_day(&self) {
		let days = DeliveryDays { first: FIRST, last: FIRST };
		let goods = Pallet::<T>::goods(&T::Contracts::terms(self.instrument).expect("it is listed")).expect("physical");
		let per_day = goods.booked(LOTS).expect("few");
		let released = T::Ledger::release(self.resource, days, per_day).is_ok();
		let seller = &self.seller.owner;
		assert!(released || T::Ledger::unsell(seller, goods.class, &goods.floor, days, per_day).is_ok());
	}

	/// All of a deal's windows were looked at and wait, each with that record.
	fn let_wait(&self, id: DealId, window: &WindowOf<T>) -> DealOf<T> {
		for day in (FIRST.0..=LAST.0).map(Day) {
			Windows::<T>::insert(id, day, window);
		}
		self.change_delivery(|delivery| delivery.waiting = MAX_DELIVERY_DAYS);
		let mut deal = Deals::<T>::get(id).expect("it is open");
		(deal.next, deal.waiting) = (Day(LAST.0 + 1), MAX_DELIVERY_DAYS);
		if window.objection.is_some() {
			deal.open_objections = MAX_DELIVERY_DAYS;
		}
		Deals::<T>::insert(id, &deal);
		deal
	}
}

fn endpoint() -> Endpoint {
	Endpoint::truncate_from(alloc::vec![b'a'; 128])
}

fn anyone<T: Config>() -> T::RuntimeOrigin {
	RawOrigin::Signed(account("anyone", 0, 0)).into()
}

/// Room for one delivery, and no more.
fn crowd<T: Config>() {
	let others = (1..T::MaxDeliveries::get()).map(|index| InstrumentId(u32::MAX.saturating_sub(index)));
	Active::<T>::put(BoundedVec::truncate_from(others.collect()));
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn cover() {
		let Scene { instrument, seller, .. } = Scene::<T>::held();
		#[extrinsic_call]
		_(RawOrigin::Signed(seller.owner.clone()), seller.sub, instrument, LOTS);
		assert_eq!(Covers::<T>::get(instrument, seller).map(|it| it.lots), Some(LOTS));
	}

	#[benchmark]
	fn uncover() {
		let scene = Scene::<T>::covered();
		scene.forget_first_day();
		let Scene { instrument, seller, .. } = scene;
		#[extrinsic_call]
		_(RawOrigin::Signed(seller.owner.clone()), seller.sub, instrument, LOTS);
		assert_eq!(Covers::<T>::get(instrument, seller), None);
	}

	#[benchmark]
	fn nominate() {
		let Scene { instrument, seller, resource, .. } = Scene::<T>::taken();
		#[extrinsic_call]
		_(RawOrigin::Signed(seller.owner.clone()), seller.sub, instrument, resource, LOTS);
		assert_eq!(Offered::<T>::iter_prefix(instrument).count(), 1);
	}

	#[benchmark]
	fn request() {
		let scene = Scene::<T>::taken();
		scene.request(Region(1));
		let Scene { instrument, buyer, .. } = scene;
		let key = Some(T::BenchmarkHelper::signer());
		#[extrinsic_call]
		_(RawOrigin::Signed(buyer.owner.clone()), buyer.sub, instrument, Region(2), key, endpoint());
		assert_eq!(Requested::<T>::iter_prefix((instrument, Region(2))).count(), 1);
	}

	#[benchmark]
	fn post_availability() {
		let (scene, id) = Scene::<T>::matched();
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(FIRST));
		let agent = T::Resources::subject(scene.resource).expect("it is registered").agent;
		#[extrinsic_call]
		_(RawOrigin::Signed(agent), id, FIRST, Capacity(1));
		assert_eq!(Windows::<T>::get(id, FIRST).and_then(|window| window.available), Some(Capacity(1)));
	}

	#[benchmark]
	fn submit_voucher() {
		let (_, id) = Scene::<T>::matched();
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(FIRST));
		let payload = Pallet::<T>::voucher_payload(id, FIRST, Capacity(1));
		let signature = T::BenchmarkHelper::sign(&T::BenchmarkHelper::signer(), &payload);
		#[extrinsic_call]
		_(anyone::<T>() as T::RuntimeOrigin, id, FIRST, Capacity(1), signature);
		assert_eq!(Windows::<T>::get(id, FIRST).map(|window| window.vouchered), Some(Capacity(1)));
	}

	#[benchmark]
	fn object() {
		let (scene, id) = Scene::<T>::matched();
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(FIRST));
		#[extrinsic_call]
		_(RawOrigin::Signed(scene.buyer.owner), id, FIRST);
		assert!(Windows::<T>::get(id, FIRST).is_some_and(|window| window.objection.is_some()));
	}

	/// All windows wait, so that each is freed by itself.
	#[benchmark]
	fn agree_alternative() {
		let (scene, id) = Scene::<T>::matched();
		let mut deal = scene.let_wait(id, &Window::default());
		deal.agreed = Some(Side::Buy);
		Deals::<T>::insert(id, deal);
		#[extrinsic_call]
		_(RawOrigin::Signed(scene.seller.owner), id);
		assert!(!Deals::<T>::contains_key(id));
	}

	/// The last window of a deal, with an objection that was upheld. What is taken of the stake is not enough, so that the account is
	/// charged as well, and a challenger is paid.
	#[benchmark]
	fn settle_window() {
		let (scene, id) = Scene::<T>::matched();
		let delivery = scene.delivery();
		let value = delivery.value_of(LOTS).expect("few");
		let due = delivery.goods.cash_on(value, LAST).expect("few");
		Deals::<T>::mutate_extant(id, |deal| (deal.from, deal.next, deal.escrow) = (LAST, LAST, due));
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(LAST));
		Pallet::<T>::do_object(scene.buyer.owner.clone(), id, LAST).expect("nothing is vouchered");
		let challenger: T::AccountId = account("challenger", 0, 0);
		Pallet::<T>::decided(id, LAST, ChallengeVerdict::Failed { challenger: Some(challenger.clone()) });
		T::BenchmarkHelper::fix(delivery.goods.class, LAST, Price(2 * PRICE.0));
		T::BenchmarkHelper::set_time(Pallet::<T>::closes(LAST));
		let stake = T::Stakes::stake(&scene.seller.owner);
		drop(T::Stakes::take_stake(&scene.seller.owner, None, stake.saturating_sub(1)));
		let reward = T::NativeBalance::issue(T::NativeBalance::minimum_balance());
		#[block]
		{
			Pallet::<T>::do_settle_window(id, LAST).expect("it is due");
			assert!(T::NativeBalance::resolve(&challenger, reward).is_ok());
		}
		assert!(!Deals::<T>::contains_key(id) && !Longs::<T>::contains_key(scene.instrument, scene.buyer));
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		let parameters = DeliveryParameters { band: Ppm::percent(50), ..DeliveryParameters::default() };
		// Others are due, and come into force.
		PendingParameters::<T>::put((Day(0), DeliveryParameters::default()));
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert_eq!(PendingParameters::<T>::get().map(|(_, parameters)| parameters), Some(parameters));
		Ok(())
	}

	#[benchmark]
	fn renew_parameters() {
		PendingParameters::<T>::put((Day(0), DeliveryParameters::default()));
		#[block]
		{
			Pallet::<T>::renew_parameters();
		}
		assert!(!PendingParameters::<T>::exists());
	}

	/// A short that covered more than it has.
	#[benchmark]
	fn take_over() {
		let scene = Scene::<T>::covered().begun();
		scene.hand_over(&scene.buyer, LOTS);
		let Scene { instrument, ref seller, .. } = scene;
		let segment = T::Clearing::escrow(seller, Cash::ZERO).map_err(Into::into).expect("it is nothing");
		T::BenchmarkHelper::taken_over(seller);
		#[block]
		{
			<Pallet<T> as OnDeliverable<T::AccountId>>::take_over(seller, &segment, instrument, Lots(-1), Cash::ZERO);
		}
		assert_eq!(Shorts::<T>::get(instrument, seller).map(|short| short.covered), Some(Lots(1)));
		assert!(!Covers::<T>::contains_key(instrument, seller));
	}

	#[benchmark]
	fn close_nominations() {
		let scene = Scene::<T>::nominated();
		T::BenchmarkHelper::set_time(Pallet::<T>::nominate_until(&scene.delivery()));
		#[block]
		{
			Pallet::<T>::do_advance(scene.instrument).expect("it is time");
		}
		assert!(matches!(scene.delivery().stage, Stage::SameRegion { .. }));
	}

	/// All days but the last are over.
	#[benchmark]
	fn match_in_region() {
		let scene = Scene::<T>::nominated();
		scene.forget_first_day();
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(LAST));
		let (delivery, closed) = (scene.delivery(), frame_system::Pallet::<T>::block_number());
		#[block]
		{
			Pallet::<T>::match_in_region(scene.instrument, delivery, None, closed).expect("they fit");
		}
		assert_eq!(scene.delivery().deals, 1);
	}

	/// Randomness is asked for as well.
	#[benchmark]
	fn draw() {
		let scene = Scene::<T>::nominated();
		let delivery = scene.delivery();
		#[block]
		{
			let _ = T::Randomness::random(b"gcx/delivery");
			Pallet::<T>::draw(scene.instrument, delivery, [1; 32], None);
		}
		assert_eq!(Lottery::<T>::iter_prefix(scene.instrument).count(), 1);
	}

	/// All days but the last are over.
	#[benchmark]
	fn match_remainder() {
		let scene = Scene::<T>::nominated();
		scene.forget_first_day();
		Pallet::<T>::draw(scene.instrument, scene.delivery(), [1; 32], None);
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(LAST));
		let delivery = scene.delivery();
		#[block]
		{
			Pallet::<T>::match_remainder(scene.instrument, delivery, None).expect("they fit");
		}
		assert_eq!(scene.delivery().deals, 1);
	}

	/// All windows of a deal wait for verdicts.
	#[benchmark]
	fn look_at_deal() {
		let (scene, id) = Scene::<T>::matched();
		let segment = Longs::<T>::get(scene.instrument, &scene.buyer).expect("it has a deal").segment;
		let objection = Objection { bond: Cash(1), segment, least: Capacity(1), verdict: None };
		scene.let_wait(id, &Window { objection: Some(objection), ..Window::default() });
		let delivery = scene.delivery();
		#[block]
		{
			Pallet::<T>::deliver_step(scene.instrument, delivery, None, 0).expect("it goes on");
		}
		assert!(matches!(scene.delivery().stage, Stage::Delivering { after: Some(last), .. } if last == id));
	}

	#[benchmark]
	fn close_delivery() {
		let scene = Scene::<T>::covered().begun();
		scene.forget_first_day();
		let delivery = scene.delivery();
		#[block]
		{
			Pallet::<T>::close_step(scene.instrument, delivery).expect("there is cover");
		}
		assert!(!Covers::<T>::contains_key(scene.instrument, scene.seller));
	}

	#[benchmark]
	fn decided() {
		let (scene, id) = Scene::<T>::matched();
		T::BenchmarkHelper::set_time(Pallet::<T>::start_of(FIRST));
		Pallet::<T>::do_object(scene.buyer.owner, id, FIRST).expect("nothing is vouchered");
		let verdict = ChallengeVerdict::Failed { challenger: Some(account("challenger", 0, 0)) };
		#[block]
		{
			<Pallet<T> as OnTenancyChallenged<T::AccountId>>::decided(id, FIRST, verdict.clone());
		}
		let objection = Windows::<T>::get(id, FIRST).and_then(|window| window.objection);
		assert_eq!(objection.and_then(|objection| objection.verdict), Some(verdict));
	}

	/// With as many deliveries as there can be.
	#[benchmark]
	fn on_initialize_idle() {
		let (scene, id) = Scene::<T>::matched();
		let until = u64::MAX;
		let mut delivery = scene.delivery();
		delivery.stage = Stage::Delivering { after: Some(id), until };
		for instrument in Active::<T>::get() {
			Deliveries::<T>::insert(instrument, &delivery);
		}
		let block = BlockNumberFor::<T>::from(11u32);
		#[block]
		{
			Pallet::<T>::on_initialize(block);
		}
		assert_eq!(scene.delivery().stage, Stage::Delivering { after: Some(id), until });
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Exchange::default().build(), crate::mock::Test);
}
