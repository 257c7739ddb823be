//! Benchmarks. Each measures the call's worst case.
//!
//! Whatever touches an account rolls it and sets its levels in the trigger index anew, and whatever touches a guarantor's customers
//! lets its house answer for what they owe. So the worst case of nearly every call is a full account, all of whose levels change,
//! under a guarantor whose full house advances, repays the pool, and is called.

mod setup;

use crate::{advances::segments, looks::Looks, *};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::Mutate as MutateAssets,
		Get,
	},
	weights::Weight,
};
use frame_system::RawOrigin;
use gcx_primitives::{
	Cash, ClassId, CollateralId, CustomerPositions, GuarantorState, Guarantors as _, InsurancePool, Lots, Ppm,
	SegmentSide, SubAccount,
};
use setup::*;
pub use setup::{end_run, fill_but_one};

/// The most segments that are measured.
const MAX_SEGMENTS: u32 = 200;
/// As many guarantors need something of the pool.
const GUARANTORS: u32 = 100;
/// As many guarantors stand behind the accounts that a haircut of gains goes through, at the most.
const HOUSES: u32 = 90;

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId, CollateralAssetId> {
	/// Makes `customer` a customer of `guarantor`, and that a guarantor if it is none, with money in its house. Both exist then.
	fn make_customer(customer: &AccountId, guarantor: &AccountId);

	/// Makes as many guarantors as there can be, those that there are among them. Each has a bond, stake that others delegated to
	/// it, and a contribution to the insurance pool; bonds have such a price that an assessment of all that was contributed takes
	/// a part of both. Returns all guarantors: half as many as segments are measured.
	fn make_guarantors() -> Vec<AccountId>;

	/// Adds to the skin in the game of the insurance pool. Bonds have a price then.
	fn fund_pool(amount: Cash);

	/// A class of the index with a fix of this moment.
	fn class() -> ClassId;

	/// Another one, at the same price.
	fn other_class() -> ClassId;

	/// An asset, other than the settlement asset, that governance can admit as collateral.
	fn collateral_asset() -> CollateralAssetId;
}

/// The account's cash.
fn cash_of<T: Config>(who: &T::AccountId) -> Option<Cash> {
	Accounts::<T>::get(who, SUB).map(|account| account.cash)
}

/// How often the pallet said so.
fn count_of<T: Config>(event: &Event<T>) -> usize {
	let event = <T as frame_system::Config>::RuntimeEvent::from(event.clone());
	frame_system::Pallet::<T>::read_events_no_consensus().filter(|record| record.event == event).count()
}

/// Everything behind a guarantor, in the bonded token.
fn behind<T: Config>(guarantor: &T::AccountId) -> u128 {
	T::Guarantors::own_resources(guarantor).expect("it is a guarantor").total().expect("it is an amount")
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn deposit() {
		let (caller, guarantor) = burdened::<T>(LINES, Burden::Heavy);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, T::MinOpening::get());
		assert!(cash_of::<T>(&caller).is_some_and(|cash| cash > Cash::ZERO));
		ensure_placed::<T>(&caller, SUB);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	#[benchmark]
	fn withdraw() {
		let (caller, guarantor) = burdened::<T>(LINES, Burden::Heavy);
		let before = T::SettlementAsset::balance(&caller);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, T::EgressFloor::get());
		assert_eq!(T::SettlementAsset::balance(&caller), before + T::EgressFloor::get());
		ensure_placed::<T>(&caller, SUB);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	/// All positions of the account have ended, and their gains close its gap.
	#[benchmark]
	fn close() {
		let (caller, guarantor) = burdened::<T>(0, Burden::Heavy);
		for Position { instrument, .. } in account_of::<T>(&caller, SUB).positions {
			Instruments::<T>::mutate(instrument, |instrument| {
				instrument.as_mut().expect("it is listed").ended = Some(Settled::<T>::get().current);
			});
		}
		spend::<T>(&caller);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB);
		assert_eq!(cash_of::<T>(&caller), None);
		ensure_gone::<T>(&caller);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	#[benchmark]
	fn sweep_surplus() {
		let (who, guarantor) = customer::<T>(0);
		pay_in::<T>(&who, SUB, 1);
		let (customers, _) = segments(&guarantor);
		let custody = Pallet::<T>::custody_account(&customers);
		let minimum = T::SettlementAsset::minimum_balance();
		T::SettlementAsset::mint_into(&custody, minimum * 5).expect("the asset can be minted");
		#[extrinsic_call]
		_(RawOrigin::Signed(who), guarantor, SegmentSide::Customers);
		assert!(T::SettlementAsset::balance(&T::SurplusDestination::get()) >= minimum * 5);
	}

	/// The mark moves, and levels are not good any more.
	#[benchmark]
	fn price_instrument(s: Linear<1, MAX_SEGMENTS>) {
		let id = listed::<T>(0);
		held_by::<T>(id, s);
		end_run::<T>();
		unsettle::<T>(id);
		Settled::<T>::mutate(|settlements| settlements.pricing = Some(None));
		#[block]
		{
			Pallet::<T>::advance_run().expect("it can be priced");
		}
		let instrument = Instruments::<T>::get(id).expect("it is listed");
		assert!(instrument.staged.is_some() && !instrument.quarantined);
		// One segment alone holds nothing on balance.
		if s > 1 {
			ensure_unsettled::<T>(id);
		}
	}

	/// Every segment that pays borrows of the pool, every one that is paid repays it; every house is touched.
	#[benchmark]
	fn settle(s: Linear<1, MAX_SEGMENTS>) {
		admit_collaterals::<T>();
		list_all::<T>();
		T::BenchmarkHelper::fund_pool(units::<T>(1_000_000));
		let guarantors = T::BenchmarkHelper::make_guarantors();
		// They made segments of their own.
		let _ = Ledgers::<T>::clear(u32::MAX, None);
		let _ = Accounts::<T>::clear(u32::MAX, None);
		for index in 0..s {
			opens_for_run::<T>(&guarantors, index, s);
		}
		end_run::<T>();
		let last = Listed::<T>::get().last().copied();
		Settled::<T>::mutate(|settlements| settlements.pricing = Some(last));
		let before = Settled::<T>::get().current;
		#[block]
		{
			Pallet::<T>::advance_run().expect("it can be settled");
		}
		assert_eq!(Settled::<T>::get().current, before.next());
		for (index, guarantor) in guarantors.iter().take(usize::try_from(s / 2).expect("it is small")).enumerate() {
			let (is_payer, lent) = (index.is_multiple_of(2), T::Pool::lent(guarantor));
			assert_eq!(lent > Cash::ZERO, is_payer, "the guarantor of segment {index} owes {lent:?}");
			assert_eq!(MarginCalls::<T>::contains_key(guarantor), is_payer);
			// Its house is put in its place in the trigger index later.
			if Accounts::<T>::contains_key(guarantor, SubAccount::HOUSE) {
				assert!(OwnersToCheck::<T>::contains_key(guarantor));
			}
		}
	}

	#[benchmark]
	fn refresh() {
		let id = listed::<T>(0);
		held_by::<T>(id, 2);
		end_run::<T>();
		unsettle::<T>(id);
		#[extrinsic_call]
		refresh_mark(RawOrigin::Signed(whitelisted_caller()), id);
		ensure_unsettled::<T>(id);
	}

	/// The account was for sale and needs no help any more; its marks are looked at for that. A price reached a level of it, so that it
	/// is found by the trigger index. It has half of the positions, its guarantor's house the others.
	#[benchmark]
	fn inspect(p: Linear<1, { 2 * MAX_POSITIONS }>) {
		let (owner, guarantor) = burdened_by::<T>(p.div_ceil(2), p / 2, LINES, Burden::Heavy);
		offer::<T>(&owner, None);
		let held = account_of::<T>(&owner, SUB).positions;
		for Position { instrument, .. } in &held {
			unsettle::<T>(*instrument);
			Instruments::<T>::mutate(instrument, |instrument| {
				let instrument = instrument.as_mut().expect("it is listed");
				(instrument.long, instrument.short) = (Lots(1), Lots(1));
			});
		}
		reach::<T>(&owner, listed::<T>(0));
		let mut looks = Looks::without_limit::<T>();
		#[block]
		{
			Pallet::<T>::inspect_reached(&mut looks, Weight::MAX);
		}
		assert!(account_of::<T>(&owner, SUB).state.is_open() && Liquidations::<T>::get() == 0);
		// Nobody had a level of the marks that moved by it.
		for Position { instrument, .. } in &held {
			assert!(Instruments::<T>::get(instrument).is_some_and(|instrument| instrument.mark.is_some()));
		}
		assert_eq!(Moved::<T>::iter_keys().collect::<Vec<_>>(), []);
		assert!(SweepUntil::<T>::exists(), "nobody noted that levels are not good any more");
		ensure_placed::<T>(&owner, SUB);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	/// A full account that nobody took goes to its guarantor's house, position by position and then asset by asset, with a loss. The
	/// house holds the same instruments. A price reached a level of the account, so that it is found by the trigger index.
	#[benchmark]
	fn hand_over() {
		let (owner, guarantor) = customer::<T>(0);
		admit_collaterals::<T>();
		pay_in::<T>(&owner, SUB, 10_000);
		fill::<T>(&owner, SUB, 0, Portfolio::OneSided, LINES);
		burden::<T>(&guarantor, 0, Portfolio::OneSided, Burden::Light);
		concentrate::<T>(&owner);
		end_run::<T>();
		leave::<T>(&owner, Cash::ZERO, units::<T>(-1));
		offer::<T>(&owner, None);
		reach::<T>(&owner, listed::<T>(0));
		let held = account_of::<T>(&owner, SUB).positions;
		let mut looks = Looks::without_limit::<T>();
		#[block]
		{
			Pallet::<T>::inspect_reached(&mut looks, Weight::MAX);
		}
		let (account, house) = (account_of::<T>(&owner, SUB), account_of::<T>(&guarantor, SubAccount::HOUSE));
		assert!(account.state.is_open() && account.cash.is_zero());
		assert!(account.positions.is_empty() && account.collateral.is_empty());
		for Position { instrument, lots, .. } in &held {
			assert_eq!(house.lots(*instrument).0, 2 * lots.0);
		}
		// Each position went by itself, without a penalty: there was no equity left.
		let zero = || Cash::ZERO;
		let (to_house, to_pool, to_caller) = (zero(), zero(), zero());
		let event = Event::PenaltyPaid { owner: owner.clone(), sub: SUB, to_house, to_pool, to_caller };
		assert_eq!(count_of::<T>(&event), held.len());
		assert_eq!((Liquidations::<T>::get(), Moved::<T>::iter_keys().count()), (0, 0));
		ensure_gone::<T>(&owner);
		ensure_answered::<T>(&guarantor, Burden::Light);
	}

	/// A part of every position of a full account goes to another one, with a discount and a penalty; who found it gets a share. That
	/// is all it takes: the account needs no help any more.
	#[benchmark]
	fn bid() {
		let ((owner, guarantor), (caller, other)) = (customer::<T>(0), customer::<T>(1));
		let finder: T::AccountId = account("finder", 0, 0);
		endow::<T>(&finder, units::<T>(1));
		admit_collaterals::<T>();
		for who in [&owner, &caller] {
			pay_in::<T>(who, SUB, 10_000);
			fill::<T>(who, SUB, 0, Portfolio::Hedged, LINES);
			concentrate::<T>(who);
		}
		burden::<T>(&guarantor, MAX_POSITIONS, Portfolio::Hedged, Burden::Heavy);
		burden::<T>(&other, 2 * MAX_POSITIONS, Portfolio::Hedged, Burden::Heavy);
		// A part is found that helps: what it costs is small.
		Parameters::<T>::mutate(|parameters| {
			parameters.max_penalty = Ppm(1_000);
			parameters.liquidation.pool_penalty = Ppm(500);
		});
		end_run::<T>();
		leave::<T>(&caller, Cash(-1), units::<T>(1));
		margin_at::<T>(&owner, Ppm::percent(70));
		offer::<T>(&owner, Some(finder.clone()));
		forget_hour::<T>();
		let (sold, taken) = (account_of::<T>(&owner, SUB), account_of::<T>(&caller, SUB));
		let before = T::SettlementAsset::balance(&finder);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, owner.clone(), SUB, Ppm::ONE, Cash::ZERO);
		let (seller, taker) = (account_of::<T>(&owner, SUB), account_of::<T>(&caller, SUB));
		for Position { instrument, lots, .. } in &sold.positions {
			assert_eq!(seller.lots(*instrument).0, lots.0 / 2);
			assert_eq!(taker.lots(*instrument).0, taken.lots(*instrument).0 + lots.0 / 2);
		}
		assert!(seller.state.is_open() && Liquidations::<T>::get() == 0);
		assert!(T::SettlementAsset::balance(&finder) > before);
		for who in [&owner, &caller] {
			ensure_placed::<T>(who, SUB);
			assert!(OwnersToCheck::<T>::contains_key(who));
		}
		ensure_answered::<T>(&guarantor, Burden::Heavy);
		ensure_answered::<T>(&other, Burden::Heavy);
	}

	/// All other guarantors are assessed: of all steps of a default that is the one that touches most. What it takes off each, the
	/// layers before it do not touch; what came into the pool is divided before, as in those. The house is full, and all its levels
	/// change.
	#[benchmark]
	fn advance_default() {
		let (_, failed) = customer::<T>(0);
		admit_collaterals::<T>();
		fill::<T>(&failed, SubAccount::HOUSE, 0, Portfolio::Hedged, LINES);
		let guarantors = T::BenchmarkHelper::make_guarantors();
		let others: Vec<_> = guarantors.into_iter().filter(|guarantor| *guarantor != failed).collect();
		let contributed = others.iter().map(|guarantor| T::Pool::contribution(guarantor).0);
		let loss = Cash(contributed.sum::<i128>());
		// Income.
		T::SettlementAsset::mint_into(&T::Pool::account(), units::<T>(1).0.unsigned_abs()).expect("it can be minted");
		end_run::<T>();
		// Collateral is worth more than that, so that the house has levels.
		set_cash::<T>(&failed, SubAccount::HOUSE, Cash(-loss.0));
		enrich::<T>(&failed, SubAccount::HOUSE, loss);
		assert!(T::Guarantors::set_defaulted(&failed).is_ok());
		let failure = Failure {
			stage: Stage::Waterfall(Layer::Assess),
			house_funds: Cash::ZERO,
			house_took: Cash::ZERO,
			loss,
			taken: Cash::ZERO,
		};
		Defaults::<T>::insert(&failed, failure);
		let before: Vec<_> = others.iter().map(behind::<T>).collect();
		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), failed.clone());
		let stage = Defaults::<T>::get(&failed).expect("it is in default").stage;
		assert_eq!(stage, Stage::Waterfall(Layer::Assessments));
		assert!(others.iter().zip(before).all(|(guarantor, before)| behind::<T>(guarantor) < before));
		ensure_placed_in_call::<T>(&failed, SubAccount::HOUSE);
	}

	/// The guarantor is restricted and called.
	#[benchmark]
	fn refresh_cover() {
		let (_, guarantor) = burdened::<T>(LINES, Burden::Light);
		for index in 1..GUARANTORS {
			let amount = units::<T>(index.into());
			Needs::<T>::insert(account::<T::AccountId>("guarantor", index, 0), Need { amount, level: PoolUse::Normal });
		}
		CoverCursor::<T>::put(&guarantor);
		#[block]
		{
			assert!(Pallet::<T>::refresh_next_cover(), "there was nobody");
		}
		let need = Needs::<T>::get(&guarantor);
		assert_eq!(need.level, PoolUse::Restricted);
		assert_eq!(T::Guarantors::state(&guarantor), Some(GuarantorState::ReduceOnly));
		assert!(Requirement::<T>::get() > need.amount);
		ensure_answered::<T>(&guarantor, Burden::Light);
	}

	/// Each account gains, has to be rolled first, and is under another guarantor, that has to answer for all. They are put in their
	/// places in the trigger index later.
	#[benchmark]
	fn levy(a: Linear<1, { T::AccountsPerStep::get() }>) {
		admit_collaterals::<T>();
		let customer = |index| on_side::<T>("customer", index, true);
		let guarantor = |index| on_side::<T>("guarantor", index % HOUSES, false);
		let accounts: Vec<_> = (0..a).map(|index| (customer(index), guarantor(index))).collect();
		for (who, guarantor) in &accounts {
			enrol::<T>(who, guarantor);
			pay_in::<T>(who, SUB, 10_000);
			fill::<T>(who, SUB, 0, Portfolio::Hedged, LINES);
			concentrate::<T>(who);
		}
		let guarantors: Vec<_> = (0..a.min(HOUSES)).map(guarantor).collect();
		for guarantor in &guarantors {
			burden::<T>(guarantor, MAX_POSITIONS, Portfolio::Hedged, Burden::Heavy);
		}
		end_run::<T>();
		price_run::<T>();
		for (who, _) in &accounts {
			leave::<T>(who, Cash(-1), units::<T>(1));
		}
		// Every lot gains one.
		let each = i128::from(2 * MAX_POSITIONS);
		let had = Cash(each * i128::from(a));
		let cursor = Some(middle::<T>().try_into().expect("it is short"));
		let phase = LevyPhase::Cutting { cursor, seen: Cash::ZERO };
		let failed = guarantors.first().expect("there is one").clone();
		GainsCall::<T>::put(Levy { guarantor: failed, wanted: had, had, phase });
		#[block]
		{
			Pallet::<T>::advance_run().expect("gains can be cut");
		}
		for (who, _) in &accounts {
			assert_eq!(account_of::<T>(who, SUB).levy, Cash(each));
			assert_eq!(OwnersToCheck::<T>::get(who), Some(SUB));
		}
		for guarantor in &guarantors {
			ensure_paid::<T>(guarantor, Burden::Heavy);
			assert!(OwnersToCheck::<T>::contains_key(guarantor));
		}
	}

	#[benchmark]
	fn port() {
		let ((who, from), (_, to)) = (customer::<T>(0), customer::<T>(1));
		admit_collaterals::<T>();
		for sub in 0..T::MaxSubAccounts::get() {
			pay_in::<T>(&who, SubAccount(sub), 100);
			fill::<T>(&who, SubAccount(sub), u32::from(sub) * MAX_POSITIONS, Portfolio::Hedged, LINES);
		}
		burden::<T>(&from, MAX_POSITIONS, Portfolio::Hedged, Burden::Heavy);
		burden::<T>(&to, 2 * MAX_POSITIONS, Portfolio::Hedged, Burden::Heavy);
		concentrate::<T>(&who);
		end_run::<T>();
		leave::<T>(&who, Cash(-1), units::<T>(1));
		#[block]
		{
			<Pallet<T> as CustomerPositions<T::AccountId>>::port(&who, &from, &to).expect("it can be ported");
		}
		for sub in 0..T::MaxSubAccounts::get() {
			assert_eq!(account_of::<T>(&who, SubAccount(sub)).segment, segments(&to).0);
			ensure_placed::<T>(&who, SubAccount(sub));
		}
		ensure_answered::<T>(&from, Burden::Heavy);
		ensure_answered::<T>(&to, Burden::Heavy);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let (origin, parameters) = (governance::<T>()?, Parameters::<T>::get());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert_eq!(PendingParameters::<T>::get(), Some(parameters));
		Ok(())
	}

	#[benchmark]
	fn raise_fraction() -> Result<(), BenchmarkError> {
		let (origin, id) = (governance::<T>()?, listed::<T>(0));
		let class = Instruments::<T>::get(id).expect("it is listed").terms.class;
		let fraction = Ppm(ClassRisks::<T>::get(class).fraction.0 + 1);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, class, fraction);
		assert_eq!(ClassRisks::<T>::get(class).fraction, fraction);
		Ok(())
	}

	#[benchmark]
	fn release() -> Result<(), BenchmarkError> {
		let (origin, id) = (governance::<T>()?, listed::<T>(0));
		held_by::<T>(id, MAX_SEGMENTS);
		Instruments::<T>::mutate(id, |instrument| instrument.as_mut().expect("it is listed").quarantined = true);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);
		assert!(Instruments::<T>::get(id).is_some_and(|instrument| !instrument.quarantined));
		Ok(())
	}

	#[benchmark]
	fn admit_collateral() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		admit_collaterals::<T>();
		let (id, asset) = (CollateralId(0), T::BenchmarkHelper::collateral_asset());
		let figures = Collaterals::<T>::get(id).and_then(|terms| terms.in_force).expect("it is in force");
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id, asset, figures);
		assert!(Collaterals::<T>::get(id).is_some_and(|terms| terms.pending.is_some()));
		Ok(())
	}

	#[benchmark]
	fn deposit_collateral() {
		let (caller, guarantor) = burdened::<T>(LINES - 1, Burden::Heavy);
		let (id, amount) = (CollateralId(LINES - 1), pledge::<T>());
		T::CollateralAssets::mint_into(T::BenchmarkHelper::collateral_asset(), &caller, 2 * amount)
			.expect("it can be minted");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, id, amount);
		assert_eq!(account_of::<T>(&caller, SUB).collateral(id), amount);
		ensure_placed::<T>(&caller, SUB);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	#[benchmark]
	fn withdraw_collateral() {
		let (caller, guarantor) = burdened::<T>(LINES, Burden::Heavy);
		let (id, amount) = (CollateralId(LINES - 1), pledge::<T>() / 100);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, id, amount);
		assert_eq!(account_of::<T>(&caller, SUB).collateral(id), pledge::<T>() - amount);
		ensure_placed::<T>(&caller, SUB);
		ensure_answered::<T>(&guarantor, Burden::Heavy);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Exchange.build(), crate::mock::Test);
}
