//! Benchmarks. Each measures the call's worst case, or more.

use crate::{
	orders::{wrapped, OrderRules},
	types::{OrderOf, SignedOrderOf},
	*,
};
use alloc::{format, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get, Hooks,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use gcx_primitives::{
	AccountKey, Cash, Day, Grade, InstrumentId, InstrumentTerms, Lots, Price, ReferenceVersion, Side, SubAccount,
};
use sp_core::{crypto::KeyTypeId, sr25519, H256};
use sp_runtime::traits::One;

/// The most steps of a sweep that is measured.
const MAX_STEPS: u32 = 1_000;
/// The block in which benchmarks are run.
const BLOCK: u32 = 10;
/// Of the keys that benchmarks sign with.
const KEY_TYPE: KeyTypeId = KeyTypeId(*b"mrkt");

/// What benchmarks need of the runtime and of clearing.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// Sets the clock, in milliseconds since the Unix epoch.
	fn set_time(time: u64);

	/// Sets clearing and the index up for an instrument that is about to be listed: the index has as many fixes as it can, those of
	/// the days 1 to [`MAX_DELIVERY_DAYS`] among them. Its class has version 1 of a reference system. Returns its terms and first
	/// settlement price, at which it can be traded.
	fn instrument() -> (InstrumentTerms, Price);

	/// Does what is missing for an instrument to be traded after it was listed.
	fn listed(instrument: InstrumentId);

	/// The `index`-th of as many owners as are asked for, of whom there is a key. Its margin account 0 can trade as many lots
	/// as a batch has fills, either way, and its fees cost as much to charge as any.
	fn trader(index: u32) -> AccountId;

	/// Makes an account a seat's holder.
	fn seat(who: &AccountId);

	/// Signs with a trader's key.
	fn sign(trader: &AccountId, payload: &[u8]) -> Signature;
}

/// The `index`-th key of benchmarks, in the keystore.
pub fn sr25519_signer(index: u32) -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEY_TYPE, Some(format!("//market//{index}").into_bytes()))
}

/// Signs with a key of [`sr25519_signer`].
pub fn sr25519_sign(signer: &sr25519::Public, payload: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEY_TYPE, signer, payload).expect("the key is in the keystore")
}

fn origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// Terms of a contract that trades from now until the latest that there is, and its first settlement price.
fn terms<T: Config>() -> (ContractTerms, Price) {
	let (instrument, price) = T::BenchmarkHelper::instrument();
	let opens = Pallet::<T>::now();
	let expires = opens.saturating_add(T::MaxListingHorizon::get());
	let terms = ContractTerms {
		instrument,
		settlement: SettlementKind::Cash,
		delivery: DeliveryDays { first: Day(1), last: Day(MAX_DELIVERY_DAYS) },
		opens,
		reduce_only_from: expires,
		expires,
	};
	(terms, price)
}

/// Room for one contract, and no more.
fn crowd<T: Config>() {
	let others = (1..T::MaxContracts::get()).map(|index| InstrumentId(u32::MAX.saturating_sub(index)));
	Active::<T>::put(BoundedVec::truncate_from(others.collect()));
}

/// The same of a physical contract: listing one does more.
fn physical<T: Config>() -> (ContractTerms, Price) {
	let (terms, price) = terms::<T>();
	let begins = terms.expires.saturating_add(T::DeliveryNotice::get()).div_ceil(T::DayLength::get());
	let first = Day(u32::try_from(begins).expect("days are few"));
	let delivery = DeliveryDays { first, last: first };
	let settlement = SettlementKind::Physical { floor: Grade::LOWEST, version: ReferenceVersion(1) };
	(ContractTerms { settlement, delivery, ..terms }, price)
}

/// A cash contract that trades, the last that there is room for, and its price. Block 0 would be replaced after set-up.
fn listed<T: Config>() -> (InstrumentId, Price) {
	listed_as::<T>(terms::<T>())
}

fn listed_as<T: Config>((terms, price): (ContractTerms, Price)) -> (InstrumentId, Price) {
	frame_system::Pallet::<T>::set_block_number(BLOCK.into());
	crowd::<T>();
	let instrument = NextInstrument::<T>::get();
	Pallet::<T>::do_list(terms, price).expect("there is room");
	T::BenchmarkHelper::listed(instrument);
	(instrument, price)
}

/// A contract that has expired, which is announced.
fn expired<T: Config>() -> InstrumentId {
	let (instrument, _) = listed::<T>();
	let contract = Contracts::<T>::get(instrument).expect("it is listed");
	T::BenchmarkHelper::set_time(contract.terms.expires);
	Pallet::<T>::do_advance(instrument).expect("it expired");
	instrument
}

/// An account with three times the smallest bond.
fn funded<T: Config>() -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account("venue", 0, 0);
	let bond = T::MinVenueBond::get().max(T::NativeBalance::minimum_balance());
	T::NativeBalance::set_balance(&who, bond * 3u32.into());
	who
}

/// A bonded venue.
fn venue<T: Config>() -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = funded::<T>();
	Pallet::<T>::do_register_venue(who.clone(), T::MinVenueBond::get()).expect("funded");
	who
}

/// A venue that left and whose bond is due.
fn left_venue<T: Config>() -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = venue::<T>();
	Pallet::<T>::do_deregister_venue(who.clone()).expect("it stays");
	frame_system::Pallet::<T>::set_block_number(frame_system::Pallet::<T>::block_number() + T::VenueUnbonding::get());
	who
}

/// A listing that was proposed, and who proposed it.
fn proposed<T: Config>() -> (ProposalId, T::AccountId)
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let (proposal, who) = (NextProposal::<T>::get(), proposer::<T>());
	let (terms, price) = physical::<T>();
	Pallet::<T>::do_propose_listing(who.clone(), terms, price).expect("it has a seat");
	(proposal, who)
}

/// A seat's holder with three times the deposit.
fn proposer<T: Config>() -> T::AccountId
where
	T::NativeBalance: Mutate<T::AccountId>,
{
	let who = account("proposer", 0, 0);
	T::BenchmarkHelper::seat(&who);
	let deposit = T::ProposalDeposit::get().max(T::NativeBalance::minimum_balance());
	T::NativeBalance::set_balance(&who, deposit * 3u32.into());
	who
}

/// An order of the `index`-th trader for that many lots, signed as a browser wallet does.
fn order<T: Config>(index: u32, lots: u32, (instrument, limit): (InstrumentId, Price)) -> SignedOrderOf<T> {
	let account = T::BenchmarkHelper::trader(index);
	let order = OrderOf::<T> {
		account,
		sub: SubAccount(0),
		instrument,
		side: if index.is_multiple_of(2) { Side::Buy } else { Side::Sell },
		lots: Lots(lots.into()),
		limit,
		max_fee_per_lot: Cash(i128::MAX),
		venue: None,
		expires: frame_system::Pallet::<T>::block_number(),
		salt: u64::MAX,
		reduce_only: false,
	};
	signed::<T>(order)
}

fn signed<T: Config>(order: OrderOf<T>) -> SignedOrderOf<T> {
	let signature = T::BenchmarkHelper::sign(&order.account, &wrapped(&Pallet::<T>::order_payload(&order)));
	SignedOrder { order, signature }
}

/// Fills of one lot each: the first pair of orders, the second, and so on, and again. The last of an odd number of orders goes
/// with the second.
fn fills(orders: u32, fills: u32, price: Price) -> Vec<Fill> {
	let pairs = orders.div_ceil(2);
	let place = |place: u32| u16::try_from(place).expect("a place has 16 bits");
	(0..fills)
		.map(|fill| {
			let maker = fill % pairs * 2;
			let taker = if maker + 1 < orders { maker + 1 } else { 1 };
			Fill { maker: place(maker), taker: place(taker), lots: Lots(1), price }
		})
		.collect()
}

#[benchmarks(where T::NativeBalance: Mutate<T::AccountId>)]
mod benches {
	use super::*;

	#[benchmark]
	fn list() -> Result<(), BenchmarkError> {
		let origin = origin::<T>()?;
		crowd::<T>();
		let ((terms, price), instrument) = (physical::<T>(), NextInstrument::<T>::get());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, terms, price);
		assert!(Contracts::<T>::contains_key(instrument));
		Ok(())
	}

	#[benchmark]
	fn restrict() -> Result<(), BenchmarkError> {
		let (origin, (instrument, _)) = (origin::<T>()?, listed::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument);
		assert!(Contracts::<T>::get(instrument).is_some_and(|contract| contract.restricted));
		Ok(())
	}

	#[benchmark]
	fn lift() -> Result<(), BenchmarkError> {
		let (origin, (instrument, _)) = (origin::<T>()?, listed::<T>());
		Pallet::<T>::do_restrict(instrument).expect("it is not");
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument);
		assert!(Contracts::<T>::get(instrument).is_some_and(|contract| !contract.restricted));
		Ok(())
	}

	#[benchmark]
	fn advance_contract() {
		let instrument = expired::<T>();
		#[extrinsic_call]
		advance(RawOrigin::Signed(account("anyone", 0, 0)), instrument);
		assert!(!Contracts::<T>::contains_key(instrument));
	}

	#[benchmark]
	fn conclude() {
		let instrument = expired::<T>();
		let contract = Contracts::<T>::get(instrument).expect("it is listed");
		#[block]
		{
			Pallet::<T>::conclude(instrument, contract).expect("its days are over");
		}
		let contract = Contracts::<T>::get(instrument);
		assert!(contract.is_some_and(|contract| matches!(contract.final_price, FinalPrice::Known(_))));
	}

	#[benchmark]
	fn decide_final_price() -> Result<(), BenchmarkError> {
		let (origin, (instrument, price)) = (origin::<T>()?, listed::<T>());
		Contracts::<T>::mutate(instrument, |contract| {
			contract.as_mut().expect("it is listed").final_price = FinalPrice::Undecided;
		});
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, instrument, price);
		let contract = Contracts::<T>::get(instrument);
		assert!(contract.is_some_and(|contract| contract.final_price == FinalPrice::Known(price)));
		Ok(())
	}

	/// Orders that no fill refers to are verified as well, so that orders and fills count by themselves.
	#[benchmark]
	fn submit_fills(
		o: Linear<2, { T::MaxOrdersPerBatch::get() }>,
		f: Linear<1, { T::MaxFillsPerBatch::get() }>,
	) -> Result<(), BenchmarkError> {
		let (venue, contract) = (venue::<T>(), listed::<T>());
		let orders: Vec<_> = (0..o).map(|index| order::<T>(index, f, contract)).collect();
		let fills = fills(o, f, contract.1);
		let unused = usize::try_from(f).unwrap_or(usize::MAX).saturating_mul(2);
		#[block]
		{
			Pallet::<T>::do_submit_fills(venue, &orders, &fills).map_err(|failed| failed.error)?;
			let rules = OrderRules::<T>::today();
			for signed in orders.iter().skip(unused) {
				assert!(rules.verify(signed, None).is_ok());
			}
		}
		let filled: i64 = FilledLots::<T>::iter_values().map(|record| record.filled.0).sum();
		assert_eq!(filled, i64::from(f) * 2);
		Ok(())
	}

	#[benchmark]
	fn exchange_for_physical() {
		let (instrument, price) = listed_as::<T>(physical::<T>());
		// Both hold a lot, which they then exchange.
		let (opened, seller) = (order::<T>(0, 1, (instrument, price)), T::BenchmarkHelper::trader(1));
		let most = Cash(i128::MAX);
		let key = AccountKey { owner: seller.clone(), sub: SubAccount(0) };
		let closed = OrderOf::<T> { side: Side::Sell, salt: 0, ..opened.order.clone() };
		Pallet::<T>::do_take(key, opened, Lots(1), most).expect("they can");
		let closed = signed::<T>(closed);
		#[extrinsic_call]
		_(RawOrigin::Signed(seller), closed, SubAccount(0), Lots(1), most);
		assert_eq!(FilledLots::<T>::iter().count(), 2);
	}

	#[benchmark]
	fn take() {
		let contract = listed::<T>();
		let taken = order::<T>(0, 1, contract);
		let taker = T::BenchmarkHelper::trader(1);
		let most = Cash(i128::MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(taker), taken, SubAccount(0), Lots(1), most);
		assert_eq!(FilledLots::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn cancel() {
		let contract = listed::<T>();
		let order = order::<T>(0, 1, contract).order;
		let owner = order.account.clone();
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), order);
		assert!(FilledLots::<T>::iter_values().all(|record| record.cancelled));
	}

	#[benchmark]
	fn sweep(n: Linear<1, MAX_STEPS>) {
		let expired = BlockNumberFor::<T>::one();
		let record = OrderRecord { lots: Lots(1), filled: Lots(1), cancelled: false };
		for index in 0..n {
			FilledLots::<T>::insert(expired, H256(sp_io::hashing::blake2_256(&index.to_le_bytes())), record);
		}
		Sweeping::<T>::put(SweepCursor { block: expired, after: None });
		frame_system::Pallet::<T>::set_block_number(BLOCK.into());
		#[extrinsic_call]
		_(RawOrigin::Signed(account("anyone", 0, 0)), n);
		assert_eq!(FilledLots::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn register_venue() {
		let (who, bond) = (funded::<T>(), T::MinVenueBond::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), bond);
		assert!(Venues::<T>::contains_key(who));
	}

	#[benchmark]
	fn deregister_venue() {
		let who = venue::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Venues::<T>::get(who).is_some_and(|venue| venue.leaving.is_some()));
	}

	#[benchmark]
	fn withdraw_venue_bond() {
		let who = left_venue::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(account("anyone", 0, 0)), who.clone());
		assert!(!Venues::<T>::contains_key(who));
	}

	#[benchmark]
	fn suspend_venue() -> Result<(), BenchmarkError> {
		let (origin, who) = (origin::<T>()?, venue::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());
		assert!(Venues::<T>::get(who).is_some_and(|venue| venue.suspended));
		Ok(())
	}

	#[benchmark]
	fn reinstate_venue() -> Result<(), BenchmarkError> {
		let (origin, who) = (origin::<T>()?, venue::<T>());
		Pallet::<T>::do_suspend_venue(who.clone()).expect("it is not");
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());
		assert!(Venues::<T>::get(who).is_some_and(|venue| !venue.suspended));
		Ok(())
	}

	#[benchmark]
	fn propose_listing() {
		let (who, proposal) = (proposer::<T>(), NextProposal::<T>::get());
		let (terms, price) = physical::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), terms, price);
		assert!(Proposals::<T>::contains_key(proposal));
	}

	#[benchmark]
	fn withdraw_proposal() {
		let (proposal, who) = proposed::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(who), proposal);
		assert!(!Proposals::<T>::contains_key(proposal));
	}

	#[benchmark]
	fn approve_proposal() -> Result<(), BenchmarkError> {
		let (origin, (proposal, _)) = (origin::<T>()?, proposed::<T>());
		crowd::<T>();
		let instrument = NextInstrument::<T>::get();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, proposal);
		assert!(Contracts::<T>::contains_key(instrument) && !Proposals::<T>::contains_key(proposal));
		Ok(())
	}

	#[benchmark]
	fn reject_proposal() -> Result<(), BenchmarkError> {
		let (origin, (proposal, _)) = (origin::<T>()?, proposed::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, proposal);
		assert!(!Proposals::<T>::contains_key(proposal));
		Ok(())
	}

	/// With as many contracts as there can be.
	#[benchmark]
	fn on_initialize_idle() {
		crowd::<T>();
		let now = BlockNumberFor::<T>::from(BLOCK);
		frame_system::Pallet::<T>::set_block_number(now);
		Sweeping::<T>::put(SweepCursor { block: now, after: None });
		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}
		assert_eq!(Sweeping::<T>::get().block, now);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Exchange::default().build(), crate::mock::Test);
}
