//! What benchmarks begin with: full accounts, and houses that have to answer for their customers.

use super::BenchmarkHelper;
use crate::{
	advances::segments,
	books::Books,
	triggers::places,
	types::{MarginAccountOf, SegmentOf, MAX_TRIGGERS},
	*,
};
use alloc::vec::Vec;
use core::ops::Range;
use frame_benchmarking::{account, v2::BenchmarkError};
use frame_support::{
	storage::StoragePrefixedMap,
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::{Inspect as InspectAssets, Mutate as MutateAssets},
		EnsureOrigin, Get,
	},
};
use gcx_math::stress::Stress;
use gcx_primitives::{
	AccountKey, Cash, ClassId, CollateralId, ComputeHours, DeliveryDays, DeliveryRamp, InstrumentId, InstrumentTerms,
	Instruments as _, InsurancePool, Lots, Ppm, Price, PriceIndex, Segment, SegmentSide, SubAccount, MAX_DELIVERY_DAYS,
	MAX_LOTS,
};

pub(super) const SUB: SubAccount = SubAccount(0);
/// Assets of collateral that an account has.
pub(super) const LINES: u8 = MAX_COLLATERALS as u8;
/// As many instruments are held: a full account's, its house's, and those of another house.
const INSTRUMENTS: u32 = 3 * MAX_POSITIONS;
/// How many instruments in a row are of one class. Then come as many of another: a full account has both.
const OF_CLASS: u32 = MAX_POSITIONS / 2;
/// The number of the first of them: a chain may begin with some of its own.
const FIRST: u32 = 10_000;
/// Where levels are that have to be set anew: no equity lasts so far.
const FAR: Price = Price(100_000_000_000_000);

/// How the positions of a full account lie to each other. They are long and short in either class.
#[derive(Clone, Copy)]
pub(super) enum Portfolio {
	/// Each class comes to nothing: without any one position the account would need more margin.
	Hedged,
	/// Each class lies on one side but for one lot: the account needs less without any one of the others, whichever are left.
	OneSided,
}

impl Portfolio {
	/// The lots of the `index`-th instrument.
	fn lots(self, index: u32) -> Lots {
		let place = index % OF_CLASS;
		let lots = match self {
			Self::Hedged if place.is_multiple_of(2) => 2,
			Self::Hedged => -2,
			Self::OneSided if place == 0 => -1,
			Self::OneSided => 2,
		};
		Lots(if is_of_other_class(index) { -lots } else { lots })
	}
}

fn is_of_other_class(index: u32) -> bool {
	(index / OF_CLASS) % 2 == 1
}

pub(super) fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// So many of what benchmarks count money in: amounts that can be moved, each no less than a lot is worth.
pub(super) fn units<T: Config>(count: i128) -> Cash {
	let least = T::SettlementAsset::minimum_balance().max(T::MinOpening::get());
	let price = fix::<T>(T::BenchmarkHelper::class());
	let unit = Pallet::<T>::cash(least).expect("it is an amount").max(Cash(price.0.into()));
	Cash(unit.0 * count)
}

fn fix<T: Config>(class: ClassId) -> Price {
	T::Index::fresh_fix(class, u64::MAX).expect("the class has a fix").price
}

/// Gives an account of the settlement asset, beyond its minimum balance.
pub(super) fn endow<T: Config>(who: &T::AccountId, amount: Cash) {
	let amount = amount.0.unsigned_abs() + T::SettlementAsset::minimum_balance();
	T::SettlementAsset::mint_into(who, amount).expect("the asset can be minted");
}

/// A customer with money, and its guarantor, which has some in its house.
pub(super) fn customer<T: Config>(index: u32) -> (T::AccountId, T::AccountId) {
	let (who, guarantor) = (account("customer", index, 0), account("guarantor", index, 0));
	enrol::<T>(&who, &guarantor);
	(who, guarantor)
}

/// Makes an account a customer of a guarantor, both with money.
pub(super) fn enrol<T: Config>(who: &T::AccountId, guarantor: &T::AccountId) {
	endow::<T>(who, units::<T>(100_000));
	T::BenchmarkHelper::make_customer(who, guarantor);
	endow::<T>(guarantor, units::<T>(2_000));
	pay_in::<T>(guarantor, SubAccount::HOUSE, 1_000);
}

/// Moves so many units into an account.
pub(super) fn pay_in<T: Config>(who: &T::AccountId, sub: SubAccount, count: i128) {
	let amount = units::<T>(count).0.unsigned_abs();
	Pallet::<T>::do_deposit(who.clone(), sub, amount).expect("it is funded");
}

pub(super) fn account_of<T: Config>(owner: &T::AccountId, sub: SubAccount) -> MarginAccountOf<T> {
	Accounts::<T>::get(owner, sub).expect("it has an account")
}

fn change_account<T: Config>(owner: &T::AccountId, sub: SubAccount, change: impl FnOnce(&mut MarginAccountOf<T>)) {
	Accounts::<T>::mutate(owner, sub, |account| change(account.as_mut().expect("it has an account")));
}

fn change_ledger<T: Config>(segment: &SegmentOf<T>, change: impl FnOnce(&mut Ledger)) {
	Ledgers::<T>::mutate(segment, |ledger| change(ledger.as_mut().expect("it is open")));
}

/// Lists the `index`-th of the instruments that are held, if it is not yet.
pub(super) fn listed<T: Config>(index: u32) -> InstrumentId {
	list::<T>(index % INSTRUMENTS)
}

/// Lists as many instruments as there can be.
pub(super) fn list_all<T: Config>() {
	for index in 0.. {
		if Listed::<T>::get().is_full() {
			break;
		}
		list::<T>(index);
	}
}

/// Lists the `index`-th instrument, if it is not yet, on a class with a fresh fix.
fn list<T: Config>(index: u32) -> InstrumentId {
	let id = InstrumentId(FIRST + index);
	if !Instruments::<T>::contains_key(id) {
		let class = match is_of_other_class(index) {
			false => T::BenchmarkHelper::class(),
			true => T::BenchmarkHelper::other_class(),
		};
		let terms = InstrumentTerms {
			class,
			grades: 0,
			multiplier: ComputeHours(1),
			price_band: InstrumentTerms::MAX_BAND,
			mark_band: InstrumentTerms::MAX_BAND,
			max_account_lots: Lots(MAX_LOTS),
			max_owner_lots: Lots(MAX_LOTS),
		};
		Pallet::<T>::list(id, terms, fix::<T>(class)).expect("it can be listed");
		// Each look reads the whole series of its class.
		let first = T::Index::today();
		let days = DeliveryDays { first, last: first }.extended(MAX_DELIVERY_DAYS - 1);
		Pallet::<T>::average(id, Some(days)).expect("it is listed");
		// It is near its delivery, in the first step of a ramp that never ends: capacity and covers are read.
		let ramp = DeliveryRamp { from: 0, until: u64::MAX, days: MAX_DELIVERY_DAYS };
		// A hedge saves more margin than its short leg needs for delivery.
		ClassRisks::<T>::mutate(class, |risk| risk.fraction = risk.fraction.max(Ppm::percent(60)));
		Pallet::<T>::deliver(id, ramp).expect("it is listed");
	}
	id
}

/// The next look at an instrument finds another mark, and that levels are not good any more.
pub(super) fn unsettle<T: Config>(id: InstrumentId) {
	Instruments::<T>::mutate(id, |instrument| {
		let instrument = instrument.as_mut().expect("it is listed");
		instrument.mark = None;
		instrument.risk.mark = Price(1);
		instrument.assumed = Default::default();
		(instrument.traded.began, instrument.traded.lots) = (0, Lots(1));
	});
}

/// What a look at a held instrument entails has been noted.
pub(super) fn ensure_unsettled<T: Config>(id: InstrumentId) {
	assert!(Instruments::<T>::get(id).is_some_and(|instrument| instrument.mark.is_some()), "it has no mark");
	assert!(Moved::<T>::contains_key(Subject::Mark(id)), "nobody noted that the mark moved");
	assert!(SweepUntil::<T>::exists(), "nobody noted that levels are not good any more");
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

/// The next run has priced all instruments: each at one more where a hedged account is long, at one less where it is short.
pub(super) fn price_run<T: Config>() {
	let current = Settled::<T>::get().current;
	for id in Listed::<T>::get() {
		let Some(index) = id.0.checked_sub(FIRST) else { continue };
		let moves = Portfolio::Hedged.lots(index).0.signum();
		Instruments::<T>::mutate(id, |stored| {
			let mut instrument = stored.take().expect("it is listed").at_run(current);
			let price = Price(instrument.settlement.price.0 + moves);
			instrument.staged = Some(Settlement { run: current.next(), price, ..instrument.settlement });
			*stored = Some(instrument);
		});
	}
	let last = Listed::<T>::get().last().copied();
	Settled::<T>::mutate(|settlements| settlements.pricing = Some(last));
}

/// Assets of collateral: as many as there can be, each the same in fact. A [`pledge`] of each counts for half a hundredth of a lot.
pub(super) fn admit_collaterals<T: Config>() {
	let (class, asset) = (T::BenchmarkHelper::class(), T::BenchmarkHelper::collateral_asset());
	let figures = CollateralFigures {
		class,
		unit: 100 * pledge::<T>(),
		haircut: Ppm::percent(50),
		account_cap: CollateralFigures::MAX_CAP,
		total_cap: CollateralFigures::MAX_CAP,
	};
	for id in 0..LINES {
		let (asset, in_force) = (asset.clone(), Some(figures));
		let held = pledge::<T>() * 1_000_000;
		let terms = CollateralTerms { asset, in_force, pending: None, held, egress: Default::default() };
		Collaterals::<T>::insert(CollateralId(id), terms);
	}
}

/// What a full account has of each asset of collateral.
pub(super) fn pledge<T: Config>() -> u128 {
	T::CollateralAssets::minimum_balance(T::BenchmarkHelper::collateral_asset()).max(1) * 1_000
}

/// Fills an account: positions in `MAX_POSITIONS` instruments from the `first` on, `lines` assets of collateral, and a place in the
/// trigger index for each of its levels.
pub(super) fn fill<T: Config>(owner: &T::AccountId, sub: SubAccount, first: u32, portfolio: Portfolio, lines: u8) {
	fill_positions::<T>(owner, sub, first..first + MAX_POSITIONS, portfolio, lines);
}

/// Fills an account but for one position: the worst case of who trades.
pub fn fill_but_one<T: Config>(owner: &T::AccountId) {
	admit_collaterals::<T>();
	fill_positions::<T>(owner, SUB, 1..MAX_POSITIONS, Portfolio::Hedged, LINES);
}

fn fill_positions<T: Config>(
	owner: &T::AccountId,
	sub: SubAccount,
	instruments: Range<u32>,
	portfolio: Portfolio,
	lines: u8,
) {
	let mut account = account_of::<T>(owner, sub);
	let mut record = Owners::<T>::get(owner).expect("it has an account");
	for index in instruments {
		let (instrument, lots) = (listed::<T>(index), portfolio.lots(index));
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
	let (asset, amount) = (T::BenchmarkHelper::collateral_asset(), pledge::<T>());
	for id in (0..lines).map(CollateralId) {
		let egress = AccountEgress { hour: u32::MAX, ..Default::default() };
		let line = CollateralLine { id, amount, egress };
		account.collateral.try_push(line).expect("there is room");
		T::CollateralAssets::mint_into(asset.clone(), &Pallet::<T>::custody_account(&account.segment), amount)
			.expect("it can be minted");
		SegmentCollateral::<T>::mutate(id, &account.segment, |held| *held = Some(held.unwrap_or(0) + amount));
	}
	// What it required when it last traded: more than it does, so that a small position is not too small to open.
	account.requirement = units::<T>(100);
	record.requirement.0 += account.requirement.0;
	account.levy = Cash(1);
	account.stress = Stress { up: Cash(1), down: Cash(1) };
	Stresses::<T>::mutate(&account.segment.guarantor, |stress| {
		let side = match account.segment.side {
			SegmentSide::Customers => &mut stress.customers,
			SegmentSide::House => &mut stress.house,
		};
		(side.up.0, side.down.0) = (side.up.0 + 1, side.down.0 + 1);
	});
	Accounts::<T>::insert(owner, sub, account);
	Owners::<T>::insert(owner, record);
	place::<T>(owner, sub);
}

/// Puts all levels that an account can have into the trigger index, and the account on the watch list. Each is too far away to stay.
fn place<T: Config>(owner: &T::AccountId, sub: SubAccount) {
	let key = AccountKey { owner: owner.clone(), sub };
	change_account::<T>(owner, sub, |account| {
		let (below, above) = (Some(Price(-FAR.0)), Some(FAR));
		let mut levels = Vec::new();
		for Position { instrument, lots, .. } in &account.positions {
			levels.push(Trigger { subject: Subject::Mark(*instrument), falls: below, rises: above });
			if !account.collateral.is_empty() {
				let is_long = *lots > Lots::ZERO;
				let (falls, rises) = (below.filter(|_| is_long), above.filter(|_| !is_long));
				levels.push(Trigger { subject: Subject::Settlement(*instrument), falls, rises });
			}
		}
		for line in &account.collateral {
			levels.push(Trigger { subject: Subject::Collateral(line.id), falls: below, rises: None });
		}
		for trigger in &levels {
			for (direction, level) in places(trigger) {
				Levels::<T>::insert((trigger.subject, direction), (level, &key), ());
			}
		}
		let rank = Cash(1);
		Watchlist::<T>::insert((Rank::new(rank), &key), ());
		account.triggers = Triggers { levels: levels.try_into().expect("there is room"), watched: Some(rank) };
	});
}

/// The settlement price of an instrument has reached the account's level.
pub(super) fn reach<T: Config>(owner: &T::AccountId, id: InstrumentId) {
	let key = AccountKey { owner: owner.clone(), sub: SUB };
	change_account::<T>(owner, SUB, |account| {
		let levels = &mut account.triggers.levels;
		let trigger = levels.iter_mut().find(|trigger| trigger.subject == Subject::Settlement(id)).expect("it has one");
		for (direction, level) in places(trigger) {
			Levels::<T>::remove((trigger.subject, direction), (level, &key));
		}
		(trigger.falls, trigger.rises) = (trigger.falls.map(|_| FAR), trigger.rises.map(|_| Price(-FAR.0)));
		for (direction, level) in places(trigger) {
			Levels::<T>::insert((trigger.subject, direction), (level, &key), ());
		}
	});
	Moved::<T>::insert(Subject::Settlement(id), ());
}

/// The account has so many levels, all of them new and in the trigger index.
fn ensure_levels<T: Config>(owner: &T::AccountId, sub: SubAccount, count: u32) {
	let key = AccountKey { owner: owner.clone(), sub };
	let levels = account_of::<T>(owner, sub).triggers.levels;
	assert_eq!(levels.len(), usize::try_from(count).expect("it is small"), "levels: {levels:?}");
	for trigger in levels {
		let is_old = |level: Option<Price>| level.is_some_and(|level| level.0.abs() == FAR.0);
		assert!(!is_old(trigger.falls) && !is_old(trigger.rises), "a level was left: {trigger:?}");
		for (direction, level) in places(&trigger) {
			assert!(Levels::<T>::contains_key((trigger.subject, direction), (level, &key)), "missing: {trigger:?}");
		}
	}
}

/// All levels that an account can have with its positions were set anew, and it is not on the watch list any more.
pub(super) fn ensure_placed<T: Config>(owner: &T::AccountId, sub: SubAccount) {
	let positions = u32::try_from(account_of::<T>(owner, sub).positions.len()).expect("they are few");
	let levels = if positions == 0 { 0 } else { MAX_TRIGGERS - 2 * (MAX_POSITIONS - positions) };
	ensure_levels::<T>(owner, sub, levels);
	assert!(account_of::<T>(owner, sub).triggers.watched.is_none(), "it is still watched");
}

/// All levels that an account without cash can have were set anew, and it is still on the watch list.
pub(super) fn ensure_placed_in_call<T: Config>(owner: &T::AccountId, sub: SubAccount) {
	ensure_levels::<T>(owner, sub, MAX_POSITIONS + MAX_COLLATERALS);
	assert!(account_of::<T>(owner, sub).triggers.watched.is_some(), "it owes cash and is not watched");
}

/// The trigger index has nothing of the account.
pub(super) fn ensure_gone<T: Config>(owner: &T::AccountId) {
	let has = |key: &AccountKey<T::AccountId>| key.owner == *owner;
	assert!(!Levels::<T>::iter_keys().any(|(_, (_, key))| has(&key)), "a level was left");
	assert!(!Watchlist::<T>::iter_keys().any(|(_, key)| has(&key)), "it is still watched");
}

/// What a guarantor's customers owe.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Burden {
	/// So little that its house advances it and repays the pool for both of its segments. It is called for what it uses of the pool,
	/// if anybody looks.
	Light,
	/// More than its house has: it advances all of it, and is called, whoever touches the customers. What the pool lent the house
	/// itself is repaid.
	Heavy,
}

/// Lets a guarantor with a full house answer for its customers when they are next touched.
pub(super) fn burden<T: Config>(guarantor: &T::AccountId, first: u32, portfolio: Portfolio, burden: Burden) {
	burden_house::<T>(guarantor, first..first + MAX_POSITIONS, portfolio, burden);
}

/// The same with a house that holds those instruments.
fn burden_house<T: Config>(guarantor: &T::AccountId, held: Range<u32>, portfolio: Portfolio, burden: Burden) {
	let (customers, house) = segments(guarantor);
	fill_positions::<T>(guarantor, SubAccount::HOUSE, held, portfolio, LINES);
	// Without its cash it still has margin, and levels.
	enrich::<T>(guarantor, SubAccount::HOUSE, units::<T>(1));
	Pallet::<T>::open_custody(&customers, guarantor).expect("it can pay the minimum balance");
	T::BenchmarkHelper::fund_pool(units::<T>(1_000));
	let unit = units::<T>(1);
	let owed = match burden {
		Burden::Light => 2 * unit.0,
		Burden::Heavy => account_of::<T>(guarantor, SubAccount::HOUSE).cash.0 + unit.0,
	};
	for segment in [&customers, &house] {
		let lent = lend::<T>(segment, 2);
		change_ledger::<T>(segment, |ledger| {
			(ledger.custody.0, ledger.borrowed.0) = (ledger.custody.0 + lent.0, ledger.borrowed.0 + lent.0);
		});
	}
	change_ledger::<T>(&customers, |ledger| (ledger.received, ledger.gaps.0) = (unit, ledger.gaps.0 + owed));
	change_ledger::<T>(&house, |ledger| ledger.given = unit);
	let amount = units::<T>(1_000_000_000_000);
	Stresses::<T>::mutate(guarantor, |stress| {
		let customers = &mut stress.customers;
		(customers.up.0, customers.down.0) = (customers.up.0 + amount.0, customers.down.0 + amount.0);
	});
	Needs::<T>::insert(guarantor, Need { amount, level: PoolUse::Called });
	assert!(!MarginCalls::<T>::contains_key(guarantor), "the guarantor is called too early");
}

/// The pool lends so many units to a segment.
pub(super) fn lend<T: Config>(segment: &SegmentOf<T>, count: i128) -> Cash {
	let needed = units::<T>(count);
	let lent = T::Pool::lend(&segment.guarantor, &Pallet::<T>::custody_account(segment), needed);
	assert_eq!(lent, needed, "the pool has too little");
	TotalCustody::<T>::mutate(|total| total.0 += lent.0);
	lent
}

/// A guarantor did all that its [`Burden`] makes it do.
pub(super) fn ensure_answered<T: Config>(guarantor: &T::AccountId, burden: Burden) {
	ensure_paid::<T>(guarantor, burden);
	ensure_placed::<T>(guarantor, SubAccount::HOUSE);
}

/// The same, but that its house is put in its places in the trigger index.
pub(super) fn ensure_paid<T: Config>(guarantor: &T::AccountId, burden: Burden) {
	assert!(MarginCalls::<T>::contains_key(guarantor), "the guarantor was not called");
	let (customers, house) = segments(guarantor);
	let ledger = |segment| Ledgers::<T>::get(segment).expect("it is open");
	let (customers, house) = (ledger(customers), ledger(house));
	assert_eq!(house.borrowed, Cash::ZERO, "the house did not repay the pool");
	assert_eq!(T::Pool::lent(guarantor), customers.borrowed);
	assert_eq!(customers.borrowed > Cash::ZERO, burden == Burden::Heavy, "lent: {:?}", customers.borrowed);
	assert_eq!(customers.uncovered() > Cash::ZERO, burden == Burden::Heavy, "owed: {:?}", customers.uncovered());
	assert!(customers.received > units::<T>(1), "the house advanced nothing");
}

/// A customer with a full account that has to be rolled, and whose gap closes by that, under a guarantor that has to answer for all.
pub(super) fn burdened<T: Config>(lines: u8, weight: Burden) -> (T::AccountId, T::AccountId) {
	burdened_by::<T>(MAX_POSITIONS, MAX_POSITIONS, lines, weight)
}

/// The same with so many positions, the customer's and the house's.
pub(super) fn burdened_by<T: Config>(
	held: u32,
	by_house: u32,
	lines: u8,
	weight: Burden,
) -> (T::AccountId, T::AccountId) {
	let (who, guarantor) = customer::<T>(0);
	admit_collaterals::<T>();
	pay_in::<T>(&who, SUB, 10_000);
	fill_positions::<T>(&who, SUB, 0..held, Portfolio::Hedged, lines);
	burden_house::<T>(&guarantor, MAX_POSITIONS..MAX_POSITIONS + by_house, Portfolio::Hedged, weight);
	concentrate::<T>(&who);
	end_run::<T>();
	leave::<T>(&who, Cash(-1), units::<T>(1));
	forget_hour::<T>();
	(who, guarantor)
}

/// What is known of the fuse is of an earlier hour.
pub(super) fn forget_hour<T: Config>() {
	HourlyEgress::<T>::mutate(|egress| egress.hour = u32::MAX);
}

/// The owner has another account, which pays for its concentration as well.
pub(super) fn concentrate<T: Config>(owner: &T::AccountId) {
	Parameters::<T>::mutate(|parameters| parameters.margin.concentration_threshold = Lots::ZERO);
	Owners::<T>::mutate(owner, |record| record.as_mut().expect("it has an account").accounts += 1);
}

/// Leaves an account with so much cash before each of its lots gained, or lost if negative, so much: its gap opens or closes as it is
/// rolled.
pub(super) fn leave<T: Config>(owner: &T::AccountId, cash: Cash, gain: Cash) {
	let gain = i64::try_from(gain.0).expect("it is a price");
	change_account::<T>(owner, SUB, |account| {
		for position in &mut account.positions {
			position.basis.0 -= gain * position.lots.0.signum();
		}
	});
	set_cash::<T>(owner, SUB, cash);
}

/// Gives an account so much cash, as it is stored.
pub(super) fn set_cash<T: Config>(owner: &T::AccountId, sub: SubAccount, cash: Cash) {
	change_account::<T>(owner, sub, |account| {
		let before = account.gap();
		account.cash = cash;
		let gap = account.gap();
		account.state = if gap.is_zero() { AccountState::Open } else { AccountState::CashCall { until: u64::MAX } };
		change_ledger::<T>(&account.segment, |ledger| ledger.gaps.0 += gap.0 - before.0);
	});
}

/// Collateral of the account counts for more than so much, and for what its positions need.
pub(super) fn enrich<T: Config>(owner: &T::AccountId, sub: SubAccount, value: Cash) {
	// A pledge counts for half a hundredth of a lot.
	let lots = (value.0 + units::<T>(1_000).0) / i128::from(fix::<T>(T::BenchmarkHelper::class()).0) + 1;
	let amount = pledge::<T>() * 200 * lots.unsigned_abs();
	change_account::<T>(owner, sub, |account| account.collateral.iter_mut().for_each(|line| line.amount = amount));
}

/// Gives an account cash so that it has, once it is rolled, so much more of it than it would have.
fn add_cash<T: Config>(owner: &T::AccountId, more: Cash) {
	let cash = account_of::<T>(owner, SUB).cash;
	set_cash::<T>(owner, SUB, Cash(cash.0 + more.0));
}

/// The account's cash is gone once it is rolled.
pub(super) fn spend<T: Config>(owner: &T::AccountId) {
	let key = AccountKey { owner: owner.clone(), sub: SUB };
	let rolled = Books::<T>::new().known_account(&key).expect("it can be rolled").cash;
	add_cash::<T>(owner, Cash(-rolled.0));
}

/// The account has this share of initial margin once it is rolled.
pub(super) fn margin_at<T: Config>(owner: &T::AccountId, share: Ppm) {
	let key = AccountKey { owner: owner.clone(), sub: SUB };
	let mut books = Books::<T>::new();
	let account = books.known_account(&key).expect("it can be rolled");
	let record = books.owner(owner);
	let standing = books.standing(&key, &account, &record).expect("it can be valued");
	let required = standing.requirement.total().expect("it is an amount");
	let wanted = share.mul_ceil(required).expect("it is an amount");
	add_cash::<T>(owner, Cash(wanted.0 - standing.equity.0));
}

/// The account is for sale, and its auction is as far as it goes: it takes no time here.
pub(super) fn offer<T: Config>(owner: &T::AccountId, by: Option<T::AccountId>) {
	Parameters::<T>::mutate(|parameters| {
		let liquidation = &mut parameters.liquidation;
		(liquidation.auction_period, liquidation.grace_period) = (0, 0);
	});
	change_account::<T>(owner, SUB, |account| account.state = AccountState::Liquidating { since: 0, by });
	Liquidations::<T>::mutate(|count| *count += 1);
}

/// The account of an owner that comes after all others, if `is_last`, or before, as accounts are gone through.
pub(super) fn on_side<T: Config>(name: &'static str, index: u32, is_last: bool) -> T::AccountId {
	(0..u32::MAX)
		.map(|seed| account::<T::AccountId>(name, index, seed))
		.find(|who| (Accounts::<T>::hashed_key_for(who, SUB) >= middle::<T>()) == is_last)
		.expect("half of all do")
}

/// The storage key in the middle of all that accounts can have.
pub(super) fn middle<T: Config>() -> Vec<u8> {
	let mut key = Accounts::<T>::final_prefix().to_vec();
	key.push(1 << 7);
	key
}

/// Segments that hold an instrument, net nothing: all but the last long.
pub(super) fn held_by<T: Config>(id: InstrumentId, count: u32) {
	let basis = Instruments::<T>::get(id).expect("it is listed").settlement.price;
	for index in 0..count {
		let lots = if index + 1 < count { 1 } else { 1 - i64::from(count) };
		let side = if index.is_multiple_of(2) { SegmentSide::Customers } else { SegmentSide::House };
		let segment = Segment { guarantor: account("segment", index / 2, 0), side };
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

/// The `index`-th segment of a run of `count`: customers of a guarantor that pays, of one that is paid, their houses, and so on. Who
/// pays has too little, and borrows the rest. Who is paid repays the pool, and its house. All owe fees and penalties.
pub(super) fn opens_for_run<T: Config>(guarantors: &[T::AccountId], index: u32, count: u32) {
	let (pays, is_customers) = (index.is_multiple_of(2), index % 4 < 2);
	// Without anybody to be paid nobody pays.
	let has_partner = !pays || index + 1 < count;
	let place = usize::try_from(2 * (index / 4) + index % 2).expect("it is small");
	let guarantor = guarantors.get(place).expect("there are so many guarantors").clone();
	let side = if is_customers { SegmentSide::Customers } else { SegmentSide::House };
	let segment = Segment { guarantor, side };
	let (custody, due) = if is_customers { (units::<T>(100), 1_000) } else { (units::<T>(300), 400) };
	endow::<T>(&Pallet::<T>::custody_account(&segment), custody);
	TotalCustody::<T>::mutate(|total| total.0 += custody.0);
	if !is_customers {
		let mut house = MarginAccount::new(segment.clone(), Settled::<T>::get().current);
		house.cash = custody;
		Accounts::<T>::insert(&segment.guarantor, SubAccount::HOUSE, house);
		Owners::<T>::insert(&segment.guarantor, Owner { accounts: 1, ..Default::default() });
		fill::<T>(&segment.guarantor, SubAccount::HOUSE, 0, Portfolio::Hedged, LINES);
	}
	// No two pairs move as much, so that hardly anybody pays one segment alone.
	let due = units::<T>(due + i128::from(index / 4)).0;
	let mut ledger = Ledger { custody, fees: units::<T>(1), penalties: units::<T>(1), ..Default::default() };
	ledger.net = Cash(match (pays, has_partner) {
		(true, true) => -due,
		(true, false) => 0,
		(false, _) => due,
	});
	if !pays {
		let lent = lend::<T>(&segment, 5);
		(ledger.borrowed, ledger.custody.0) = (lent, ledger.custody.0 + lent.0);
		let advanced = if is_customers { &mut ledger.received } else { &mut ledger.given };
		*advanced = units::<T>(10);
	}
	Ledgers::<T>::insert(segment, ledger);
}
