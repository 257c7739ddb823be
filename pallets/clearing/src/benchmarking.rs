//! Benchmarks. Each measures the call's worst case.
//!
//! Whatever touches an account rolls it, and whatever touches a guarantor's customers lets its house answer for what they owe:
//! the house is rolled as well, advances what it has, and is called for the rest. So the worst case of nearly every call is a
//! full account under a full house that cannot pay.

use crate::{
	advances::segments,
	types::{MarginAccountOf, SegmentOf},
	*,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	fungibles::{Inspect as InspectAssets, Mutate as MutateAssets},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use gcx_primitives::{
	Cash, ClassId, CollateralId, ComputeHours, CustomerPositions, InstrumentId, InstrumentTerms, Instruments as _,
	Lots, Ppm, Price, PriceIndex, Segment, SegmentSide, SubAccount, MAX_LOTS,
};

const SUB: SubAccount = SubAccount(0);
/// Assets of collateral that an account has.
const LINES: u8 = MAX_COLLATERALS as u8;
/// As many instruments are listed: a full account's, its house's, and those of another house.
const INSTRUMENTS: u32 = 3 * MAX_POSITIONS;
/// The number of the first of them: a chain may begin with some of its own.
const FIRST: u32 = 10_000;
/// The most segments that are measured.
const MAX_SEGMENTS: u32 = 200;

/// What benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId, CollateralAssetId> {
	/// Makes `customer` a customer of `guarantor`, and that a guarantor if it is none, with money in its house. Both exist then.
	fn make_customer(customer: &AccountId, guarantor: &AccountId);

	/// A class of the index with a fix of this moment.
	fn class() -> ClassId;

	/// An asset, other than the settlement asset, that governance can admit as collateral.
	fn collateral_asset() -> CollateralAssetId;
}

fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// What benchmarks count money in: whole amounts that can be moved.
fn unit<T: Config>() -> Cash {
	Pallet::<T>::cash(T::SettlementAsset::minimum_balance().max(T::MinOpening::get())).expect("it is an amount")
}

/// Gives an account of the settlement asset, beyond its minimum balance.
fn endow<T: Config>(who: &T::AccountId, amount: Cash) {
	let amount = amount.0.unsigned_abs() + T::SettlementAsset::minimum_balance();
	T::SettlementAsset::mint_into(who, amount).expect("the asset can be minted");
}

/// A customer with money, and its guarantor.
fn customer<T: Config>() -> (T::AccountId, T::AccountId) {
	let (who, guarantor) = (account("customer", 0, 0), account("guarantor", 0, 0));
	endow::<T>(&who, Cash(unit::<T>().0 * 100_000));
	T::BenchmarkHelper::make_customer(&who, &guarantor);
	(who, guarantor)
}

/// The account's cash.
fn cash_of<T: Config>(who: &T::AccountId) -> Option<Cash> {
	Accounts::<T>::get(who, SUB).map(|account| account.cash)
}

/// Lists the `index`-th instrument, if it is not yet, on a class with a fresh fix.
fn listed<T: Config>(index: u32) -> InstrumentId {
	let id = InstrumentId(FIRST + index % INSTRUMENTS);
	if !Instruments::<T>::contains_key(id) {
		let class = T::BenchmarkHelper::class();
		let fix = T::Index::fresh_fix(class, u64::MAX).expect("the class has a fix");
		let terms = InstrumentTerms {
			class,
			grades: 0,
			multiplier: ComputeHours(1),
			price_band: InstrumentTerms::MAX_BAND,
			mark_band: InstrumentTerms::MAX_BAND,
			max_account_lots: Lots(MAX_LOTS),
			max_owner_lots: Lots(MAX_LOTS),
		};
		Pallet::<T>::list(id, terms, fix.price).expect("it can be listed");
	}
	id
}

/// A run ended: what was rolled has to be again, and instruments have a staged price that is in force now.
pub fn end_run<T: Config>() {
	Settled::<T>::mutate(|settlements| settlements.current = settlements.current.next());
	let run = Settled::<T>::get().current;
	Instruments::<T>::translate_values(|mut instrument: Instrument| {
		let price = Price(instrument.settlement.price.0 + 1);
		instrument.staged = Some(Settlement { run, price, ..instrument.settlement });
		Some(instrument)
	});
}

/// Assets of collateral: as many as there can be, each the same in fact.
fn admit_collaterals<T: Config>() {
	let (class, asset) = (T::BenchmarkHelper::class(), T::BenchmarkHelper::collateral_asset());
	let figures = CollateralFigures {
		class,
		unit: 1_000_000,
		haircut: Ppm::percent(50),
		account_cap: CollateralFigures::MAX_CAP,
		total_cap: CollateralFigures::MAX_CAP,
	};
	for id in 0..LINES {
		let (asset, in_force) = (asset.clone(), Some(figures));
		let held = collateral_unit::<T>() * 1_000_000;
		let terms = CollateralTerms { asset, in_force, pending: None, held, egress: Default::default() };
		Collaterals::<T>::insert(CollateralId(id), terms);
	}
}

fn collateral_unit<T: Config>() -> u128 {
	T::CollateralAssets::minimum_balance(T::BenchmarkHelper::collateral_asset()).max(1)
}

/// Fills an account: positions, long and short, of `MAX_POSITIONS` instruments from the `first` on, and `lines` assets of
/// collateral.
fn fill<T: Config>(owner: &T::AccountId, sub: SubAccount, first: u32, lines: u8) {
	fill_positions::<T>(owner, sub, first..first + MAX_POSITIONS, lines);
}

/// Fills an account but for one position: the worst case of who trades.
pub fn fill_but_one<T: Config>(owner: &T::AccountId) {
	admit_collaterals::<T>();
	fill_positions::<T>(owner, SUB, 1..MAX_POSITIONS, LINES);
}

fn fill_positions<T: Config>(owner: &T::AccountId, sub: SubAccount, instruments: core::ops::Range<u32>, lines: u8) {
	let mut account: MarginAccountOf<T> = Accounts::<T>::get(owner, sub).expect("it has an account");
	let mut record = Owners::<T>::get(owner).expect("it has an account");
	for index in instruments {
		let instrument = listed::<T>(index);
		let lots = Lots(if index.is_multiple_of(2) { 2 } else { -1 });
		let basis = Instruments::<T>::get(instrument).expect("it is listed").settlement.price;
		account.positions.try_push(Position { instrument, lots, basis }).expect("there is room");
		let gross = Lots(record.gross(instrument).0 + lots.0.abs());
		record.set_gross(instrument, gross).expect("there is room");
		SegmentPositions::<T>::mutate(instrument, &account.segment, |held| {
			let before = held.unwrap_or_default().lots.0;
			// Never nothing: that would be removed.
			*held = Some(SegmentPosition { lots: Lots(before + 2 * lots.0 + 1_000), basis });
		});
	}
	let asset = T::BenchmarkHelper::collateral_asset();
	let amount = collateral_unit::<T>() * 1_000;
	for id in (0..lines).map(CollateralId) {
		let egress = AccountEgress { hour: u32::MAX, ..Default::default() };
		let line = CollateralLine { id, amount, egress };
		account.collateral.try_push(line).expect("there is room");
		T::CollateralAssets::mint_into(asset.clone(), &Pallet::<T>::custody_account(&account.segment), amount)
			.expect("it can be minted");
		SegmentCollateral::<T>::mutate(id, &account.segment, |held| *held = Some(held.unwrap_or(0) + amount));
	}
	Accounts::<T>::insert(owner, sub, account);
	Owners::<T>::insert(owner, record);
}

/// Lets a guarantor's customers owe more than its house, which is full, can advance.
fn burden<T: Config>(guarantor: &T::AccountId, first: u32) {
	let (customers, house) = segments(guarantor);
	fill::<T>(guarantor, SubAccount::HOUSE, first, LINES);
	let funds = Ledgers::<T>::get(&house).expect("its house has money").custody;
	Pallet::<T>::open_custody(&customers, guarantor).expect("it can pay the minimum balance");
	Ledgers::<T>::mutate(&customers, |ledger| {
		ledger.as_mut().expect("it is open").gaps = Cash(funds.0 + unit::<T>().0);
	});
}

/// A customer with a full account that has to be rolled, under a full house that cannot pay for its customers.
fn burdened<T: Config>(lines: u8) -> (T::AccountId, T::AccountId) {
	let (who, guarantor) = customer::<T>();
	admit_collaterals::<T>();
	let amount = unit::<T>().0.unsigned_abs() * 10_000;
	Pallet::<T>::do_deposit(who.clone(), SUB, amount).expect("it is funded");
	endow::<T>(&guarantor, unit::<T>());
	fill::<T>(&who, SUB, 0, lines);
	burden::<T>(&guarantor, MAX_POSITIONS);
	end_run::<T>();
	// What is known of the fuse is of an earlier hour.
	HourlyEgress::<T>::mutate(|egress| egress.hour = u32::MAX);
	(who, guarantor)
}

/// Leaves an account with so much cash before its positions win, or lose, their whole price: its gap opens or closes as it is
/// rolled.
fn leave<T: Config>(owner: &T::AccountId, cash: Cash, wins: bool) {
	Accounts::<T>::mutate(owner, SUB, |account| {
		let account = account.as_mut().expect("it was opened");
		account.cash = cash;
		for position in &mut account.positions {
			let is_long = position.lots > Lots::ZERO;
			position.basis = Price(if is_long == wins { 0 } else { 2 * position.basis.0 });
		}
		let gap = account.gap();
		account.state = if gap.is_zero() { AccountState::Open } else { AccountState::CashCall };
		Ledgers::<T>::mutate(&account.segment, |ledger| ledger.as_mut().expect("it is open").gaps.0 += gap.0);
	});
}

fn ensure_called<T: Config>(guarantor: &T::AccountId) {
	assert!(MarginCalls::<T>::contains_key(guarantor), "the guarantor was not called");
}

/// Segments that hold an instrument, net nothing: all but the last long.
fn held_by<T: Config>(id: InstrumentId, count: u32) {
	let basis = Instruments::<T>::get(id).expect("it is listed").settlement.price;
	for index in 0..count {
		let lots = if index + 1 < count { 1 } else { 1 - i64::from(count) };
		let segment = segment::<T>(index / 2, index.is_multiple_of(2));
		Ledgers::<T>::insert(&segment, Ledger::default());
		// Settled last at another price, so that N moves as well.
		let held = SegmentPosition { lots: Lots(lots), basis: Price(basis.0 - 1) };
		SegmentPositions::<T>::insert(id, segment, held);
	}
	Instruments::<T>::mutate(id, |instrument| {
		let instrument = instrument.as_mut().expect("it is listed");
		let lots = Lots(i64::from(count.saturating_sub(1)));
		(instrument.long, instrument.short) = (lots, lots);
	});
}

fn segment<T: Config>(guarantor: u32, is_customers: bool) -> SegmentOf<T> {
	let side = if is_customers { SegmentSide::Customers } else { SegmentSide::House };
	Segment { guarantor: account("segment", guarantor, 0), side }
}

/// The `index`-th segment of a run: customers of a guarantor that pays, of one that is paid, their houses, and so on. Who pays
/// has too little, and its house as well, which is full; who is paid gives an advance back. All owe fees.
fn opens_for_run<T: Config>(index: u32, count: u32) {
	let (pays, is_customers) = (index.is_multiple_of(2), index % 4 < 2);
	// Without anybody to be paid nobody pays.
	let has_partner = !pays || index + 1 < count;
	let segment = segment::<T>(2 * (index / 4) + index % 2, is_customers);
	let units = |count: i128| Cash(unit::<T>().0 * count);
	let (custody, due) = if is_customers { (units(100), units(1_000)) } else { (units(300), units(50)) };
	let mut ledger = Ledger { custody, fees: units(1), ..Default::default() };
	ledger.net = match (pays, has_partner) {
		(true, true) => Cash(-due.0),
		(true, false) => Cash::ZERO,
		(false, _) => due,
	};
	match (pays, is_customers) {
		(false, true) => ledger.received = units(10),
		(false, false) => ledger.given = units(10),
		(true, _) => {},
	}
	endow::<T>(&Pallet::<T>::custody_account(&segment), custody);
	TotalCustody::<T>::mutate(|total| total.0 += custody.0);
	if !is_customers {
		let run = Settled::<T>::get().current;
		let mut house = MarginAccount::new(segment.clone(), run);
		house.cash = custody;
		Accounts::<T>::insert(&segment.guarantor, SubAccount::HOUSE, house);
		Owners::<T>::insert(&segment.guarantor, Owner { accounts: 1, ..Default::default() });
		fill::<T>(&segment.guarantor, SubAccount::HOUSE, 0, 0);
	}
	Ledgers::<T>::insert(segment, ledger);
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn deposit() {
		let (caller, guarantor) = burdened::<T>(LINES);
		leave::<T>(&caller, Cash::ZERO, false);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, T::MinOpening::get());
		assert!(cash_of::<T>(&caller).is_some_and(|cash| !cash.is_zero()));
		ensure_called::<T>(&guarantor);
	}

	#[benchmark]
	fn withdraw() {
		let (caller, guarantor) = burdened::<T>(LINES);
		let before = cash_of::<T>(&caller);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, T::EgressFloor::get());
		assert!(cash_of::<T>(&caller) < before);
		ensure_called::<T>(&guarantor);
	}

	#[benchmark]
	fn close() {
		let (caller, _) = customer::<T>();
		Pallet::<T>::do_deposit(caller.clone(), SUB, T::MinOpening::get()).expect("it is funded");
		Accounts::<T>::mutate(&caller, SUB, |account| account.as_mut().expect("it was opened").cash = Cash::ZERO);
		end_run::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB);
		assert_eq!(cash_of::<T>(&caller), None);
	}

	#[benchmark]
	fn sweep_surplus() {
		let (caller, guarantor) = customer::<T>();
		Pallet::<T>::do_deposit(caller.clone(), SUB, T::MinOpening::get()).expect("funded");
		let (customers, _) = segments(&guarantor);
		let custody = Pallet::<T>::custody_account(&customers);
		let minimum = T::SettlementAsset::minimum_balance();
		T::SettlementAsset::mint_into(&custody, minimum * 5).expect("the asset can be minted");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), guarantor, SegmentSide::Customers);
		assert!(T::SettlementAsset::balance(&T::SurplusDestination::get()) >= minimum * 5);
	}

	#[benchmark]
	fn price_instrument(s: Linear<1, MAX_SEGMENTS>) {
		let id = listed::<T>(0);
		held_by::<T>(id, s);
		end_run::<T>();
		Settled::<T>::mutate(|settlements| settlements.pricing = Some(None));
		#[block]
		{
			Pallet::<T>::advance_run().expect("it can be priced");
		}
		let instrument = Instruments::<T>::get(id).expect("it is listed");
		assert!(instrument.staged.is_some() && !instrument.quarantined);
	}

	#[benchmark]
	fn settle(s: Linear<1, MAX_SEGMENTS>) {
		for index in 0..MAX_POSITIONS {
			listed::<T>(index);
		}
		let last = Listed::<T>::get().last().copied();
		for index in 0..s {
			opens_for_run::<T>(index, s);
		}
		end_run::<T>();
		Settled::<T>::mutate(|settlements| settlements.pricing = Some(last));
		let before = Settled::<T>::get().current;
		#[block]
		{
			Pallet::<T>::advance_run().expect("it can be settled");
		}
		assert_eq!(Settled::<T>::get().current, before.next());
		if s >= 3 {
			ensure_called::<T>(&segment::<T>(0, true).guarantor);
		}
	}

	#[benchmark]
	fn refresh() {
		let id = listed::<T>(0);
		end_run::<T>();
		Instruments::<T>::mutate(id, |instrument| {
			let instrument = instrument.as_mut().expect("it is listed");
			instrument.mark = None;
			(instrument.traded.began, instrument.traded.lots) = (0, Lots(1));
		});
		#[extrinsic_call]
		refresh_mark(RawOrigin::Signed(whitelisted_caller()), id);
		assert!(Instruments::<T>::get(id).is_some_and(|instrument| instrument.mark.is_some()));
	}

	#[benchmark]
	fn check() {
		let (owner, guarantor) = burdened::<T>(LINES);
		leave::<T>(&owner, Cash::ZERO, false);
		#[extrinsic_call]
		check_account(RawOrigin::Signed(whitelisted_caller()), owner, SUB);
		ensure_called::<T>(&guarantor);
	}

	#[benchmark]
	fn port() {
		let (who, from) = burdened::<T>(LINES);
		let amount = T::MinOpening::get();
		for sub in 1..T::MaxSubAccounts::get() {
			Pallet::<T>::do_deposit(who.clone(), SubAccount(sub), amount).expect("it is funded");
			fill::<T>(&who, SubAccount(sub), u32::from(sub) * MAX_POSITIONS, LINES);
		}
		let (other, to) = (account("customer", 1, 0), account("guarantor", 1, 0));
		T::BenchmarkHelper::make_customer(&other, &to);
		endow::<T>(&to, unit::<T>());
		burden::<T>(&to, 2 * MAX_POSITIONS);
		end_run::<T>();
		#[block]
		{
			<Pallet<T> as CustomerPositions<T::AccountId>>::port(&who, &from, &to).expect("it can be ported");
		}
		let account = Accounts::<T>::get(&who, SUB).expect("it has an account");
		assert_eq!(account.segment, segments(&to).0);
		ensure_called::<T>(&from);
		ensure_called::<T>(&to);
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
		let (caller, guarantor) = burdened::<T>(LINES - 1);
		leave::<T>(&caller, Cash::ZERO, false);
		let (id, amount) = (CollateralId(LINES - 1), collateral_unit::<T>() * 1_000);
		T::CollateralAssets::mint_into(T::BenchmarkHelper::collateral_asset(), &caller, 2 * amount)
			.expect("it can be minted");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, id, amount);
		assert_eq!(Accounts::<T>::get(&caller, SUB).expect("it has an account").collateral(id), amount);
		ensure_called::<T>(&guarantor);
	}

	#[benchmark]
	fn withdraw_collateral() {
		let (caller, guarantor) = burdened::<T>(LINES);
		leave::<T>(&caller, Cash(-1), true);
		let (id, amount) = (CollateralId(LINES - 1), collateral_unit::<T>() * 10);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), SUB, id, amount);
		let left = Accounts::<T>::get(&caller, SUB).expect("it has an account").collateral(id);
		assert_eq!(left, collateral_unit::<T>() * 990);
		ensure_called::<T>(&guarantor);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Exchange.build(), crate::mock::Test);
}
