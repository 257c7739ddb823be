//! The trigger index: who is looked at when prices move, and that nobody is missed.

use super::*;
use frame_support::weights::Weight;
use gcx_primitives::{AccountKey, ComputeHours, CustomerLimits, InstrumentTerms, Instruments as _, Party, Trade};
use std::collections::{BTreeMap, BTreeSet};

/// Three dollars: a price at which what is rounded is nothing.
pub const DEAR: i64 = 3_000_000;
/// Two instruments on another class than the two months.
pub const THIRD: InstrumentId = InstrumentId(3);
pub const FOURTH: InstrumentId = InstrumentId(4);
/// What the houses have, which take the other side.
const PLENTY: Balance = 1_000_000_000_000;

pub type Line = (AccountId, u8);

pub fn key(line: Line) -> AccountKey<AccountId> {
	AccountKey { owner: line.0, sub: SubAccount(line.1) }
}

pub fn stored(line: Line) -> MarginAccount<AccountId> {
	Accounts::<Test>::get(line.0, SubAccount(line.1)).expect("it has an account")
}

pub fn pay_in(line: Line, amount: Balance) {
	mint(line.0, amount + MINIMUM);
	assert_ok!(try_deposit(line.0, line.1, amount));
}

/// Two months on one class and two instruments on another, at three dollars, with one, two, seven and three Compute Hours a lot;
/// houses that can take anything. The grace is over.
pub fn a_dear_market() {
	govern(|parameters| parameters.trade_window = 10_000 * HOUR);
	for class in [CLASS, OTHER_CLASS] {
		fix(class, DEAR);
	}
	for (id, class, hours) in [(NEAR, CLASS, 1), (FAR, CLASS, 2), (THIRD, OTHER_CLASS, 7), (FOURTH, OTHER_CLASS, 3)] {
		let many = Lots(1_000_000);
		let (max_account_lots, max_owner_lots) = (many, many);
		let multiplier = ComputeHours(hours);
		let terms = InstrumentTerms { class, multiplier, max_account_lots, max_owner_lots, ..terms() };
		assert_ok!(Clearing::list(id, terms, Price(DEAR)));
	}
	for who in [GUARANTOR, OTHER] {
		pay_in((who, 0), PLENTY);
	}
	for who in CUSTOMERS.into_iter().chain([OTHERS_CUSTOMER]) {
		set_limits(who, generous());
	}
	pass(GRACE);
}

pub fn generous() -> CustomerLimits {
	CustomerLimits { max_initial_margin: Cash(i128::from(u64::MAX)), max_lots: Lots(1_000_000), ..limits() }
}

/// An account buys lots of a house at mark, or sells them if negative.
pub fn buy(line: Line, instrument: InstrumentId, lots: i64) {
	assert_ok!(try_buy(line, (OTHER, 0), instrument, lots));
}

pub fn try_buy(line: Line, from: Line, instrument: InstrumentId, lots: i64) -> Result<(), Refused> {
	let price = Instruments::<Test>::get(instrument).expect("it is listed").risk.mark;
	let party = |line| Party { account: key(line), fee: Cash::ZERO, reduce_only: false };
	let (buyer, seller) = if lots > 0 { (line, from) } else { (from, line) };
	let (buyer, seller) = (party(buyer), party(seller));
	let trade = Trade { instrument, lots: Lots(lots.abs()), price, reduce_only: false, buyer, seller };
	try_trade(&trade).map(|_| ())
}

/// The levels around the mark of one of the account's instruments.
fn levels(line: Line, instrument: InstrumentId) -> Option<(i64, i64)> {
	let account = stored(line);
	let trigger = account.triggers.levels.iter().find(|trigger| trigger.subject == Subject::Mark(instrument))?;
	Some((trigger.falls?.0, trigger.rises?.0))
}

fn look(line: Line) {
	assert_ok!(Clearing::check_account(RuntimeOrigin::signed(STRANGER), line.0, SubAccount(line.1)));
}

fn is_watched(line: Line) -> bool {
	stored(line).triggers.watched.is_some()
}

/// All of the class's marks go there.
fn quote_dear(class: ClassId, price: i64) {
	fix(class, price);
	for id in Listed::<Test>::get() {
		if instrument(id).terms.class == class {
			refresh(id);
		}
	}
}

/// The accounts whose levels prices have reached, by what they say themselves.
fn reached() -> BTreeSet<Line> {
	let is_reached = |trigger: &Trigger| {
		let Some(price) = Clearing::price_of(trigger.subject) else { return false };
		trigger.falls.is_some_and(|level| price <= level) || trigger.rises.is_some_and(|level| price >= level)
	};
	Accounts::<Test>::iter()
		.filter(|(.., account)| account.triggers.levels.iter().any(is_reached))
		.map(|(owner, sub, _)| (owner, sub.0))
		.collect()
}

fn all_triggers() -> BTreeMap<Line, Triggers> {
	Accounts::<Test>::iter().map(|(owner, sub, account)| ((owner, sub.0), account.triggers)).collect()
}

const ALICE: Line = (11, 0);

/// Ten lots on ten million. The range is assumed to be 26 % of 3,150,000, 819,000, of which maintenance margin takes three
/// quarters: 6,142,500; what is rounded takes 4,515 and 22. A lot loses one, and half a one of range of twenty Compute Hours. A
/// quarter of what is free is left.
#[test]
fn levels_are_as_far_as_three_quarters_of_free_equity_go() {
	Exchange.run(|| {
		a_dear_market();
		pay_in(ALICE, 10_000_000);
		assert_eq!(stored(ALICE).triggers, Triggers::default());
		buy(ALICE, NEAR, 10);
		let free = 10_000_000 - 6_142_500 - 4_515 - 22;
		let distance = free * 3 / 4 / 15 + 1;
		assert_eq!(levels(ALICE, NEAR), Some((DEAR - distance, DEAR + distance)));
		assert!(!is_watched(ALICE));
		// Just inside it nobody looks; there somebody does.
		quote_dear(CLASS, DEAR - distance + 1);
		assert_eq!(Clearing::inspect_reached(&mut without_limit(), Weight::MAX), 0);
		quote_dear(CLASS, DEAR - distance);
		assert_eq!(Clearing::inspect_reached(&mut without_limit(), Weight::MAX), 1);
		let (falls, rises) = levels(ALICE, NEAR).unwrap();
		assert!(falls < DEAR - distance && rises > DEAR - distance);
	})
}

#[test]
fn levels_that_still_suffice_stay() {
	Exchange.run(|| {
		a_dear_market();
		pay_in(ALICE, 10_000_000);
		buy(ALICE, NEAR, 10);
		let before = levels(ALICE, NEAR);
		pay_in(ALICE, 1_000_000);
		quote_dear(CLASS, DEAR + 1_000);
		look(ALICE);
		assert_eq!(levels(ALICE, NEAR), before);
		// Where they are much nearer than they need be they are set anew, and where they are too far.
		pay_in(ALICE, 100_000_000);
		let far = levels(ALICE, NEAR);
		assert!(far.unwrap().0 < before.unwrap().0);
		buy(ALICE, NEAR, 100);
		assert!(levels(ALICE, NEAR).unwrap().0 > far.unwrap().0);
	})
}

#[test]
fn an_account_without_positions_has_no_place() {
	Exchange.run(|| {
		a_dear_market();
		pay_in(ALICE, 20_000_000);
		buy(ALICE, NEAR, 10);
		buy(ALICE, THIRD, -1);
		assert!(levels(ALICE, NEAR).is_some() && levels(ALICE, THIRD).is_some());
		buy(ALICE, NEAR, -10);
		assert!(levels(ALICE, NEAR).is_none() && levels(ALICE, THIRD).is_some());
		buy(ALICE, THIRD, 1);
		assert_eq!(stored(ALICE).triggers, Triggers::default());
		let places = Levels::<Test>::iter_keys().filter(|(_, (_, place))| *place == key(ALICE)).count();
		assert_eq!(places, 0);
	})
}

#[test]
fn an_account_that_is_closed_leaves_no_place() {
	Exchange.run(|| {
		a_dear_market();
		pay_in(ALICE, 6_000_000);
		buy(ALICE, NEAR, 10);
		assert!(is_watched(ALICE));
		buy(ALICE, NEAR, -10);
		settle();
		look(ALICE);
		assert_eq!(Watchlist::<Test>::iter().count(), 0);
	})
}

#[test]
fn collateral_has_a_level_below_and_cash_one_at_the_settlement_price() {
	Exchange.run(|| {
		a_dear_market();
		take_dear_tokens();
		pay_in(ALICE, 3_000_000);
		assert_ok!(Clearing::deposit_collateral(RuntimeOrigin::signed(11), SubAccount(0), TOKEN, 10_000_000));
		buy(ALICE, NEAR, 10);
		let account = stored(ALICE);
		let of = |subject| *account.triggers.levels.iter().find(|trigger| trigger.subject == subject).unwrap();
		let token = of(Subject::Collateral(TOKEN));
		assert!(token.rises.is_none() && token.falls.unwrap().0 > 0);
		// Three million of cash are gone when ten lots have lost 300,000 each.
		let cash = of(Subject::Settlement(NEAR));
		assert_eq!((cash.falls, cash.rises), (Some(Price(DEAR - 300_001)), None));
		// A run at that price: the account is looked at in the same block.
		fix(CLASS, DEAR - 300_001);
		Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
		next_block();
		assert_eq!(stored(ALICE).cash, Cash(-10));
		assert!(matches!(stored(ALICE).state, AccountState::CashCall { .. }) && is_watched(ALICE));
		pay_in(ALICE, 10);
		// A fall of the token's price is seen in its turn.
		fix(OTHER_CLASS, 1_000);
		for _ in 0..MAX_COLLATERALS {
			next_block();
		}
		assert!(stored(ALICE).state.is_liquidating());
	})
}

fn take_dear_tokens() {
	take_tokens();
	fix(OTHER_CLASS, DEAR);
	Collaterals::<Test>::mutate(TOKEN, |terms| {
		let figures = terms.as_mut().and_then(|terms| terms.in_force.as_mut());
		figures.expect("it is in force").unit = 1_000_000;
	});
}

/// 54 accounts under both guarantors, long and short, each with its own leverage.
fn a_crowd() -> Vec<Line> {
	a_dear_market();
	for (who, guarantor) in (14..=20).map(|who| (who, GUARANTOR)).chain((22..=28).map(|who| (who, OTHER))) {
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(who), guarantor));
		assert_ok!(Guarantor::accept(RuntimeOrigin::signed(guarantor), who, generous()));
	}
	let crowd: Vec<_> = (11..=28).flat_map(|who| (0..3).map(move |sub| (who, sub))).collect();
	for (index, line) in crowd.iter().enumerate() {
		let index = i64::try_from(index).unwrap();
		pay_in(*line, 8_000_000 + u128::try_from(index * index).unwrap() * 20_000);
		buy(*line, NEAR, if index % 2 == 0 { 10 } else { -10 });
	}
	crowd
}

#[test]
fn a_move_visits_just_the_accounts_whose_levels_it_reaches() {
	Exchange.run(|| {
		let crowd = a_crowd();
		assert!(crowd.len() >= 50);
		Clearing::inspect_reached(&mut without_limit(), Weight::MAX);
		let mut price = DEAR;
		let (mut visits, mut moves) = (0, 0);
		for step in [-1, -2, 1, 3, -1, -4, -3, 2, 5, 5, -1, -6, -8, 4, 9, 1, 1, -2, -9, 12, 1, -1, -15, 20, -3] {
			price += price * step / 100;
			quote_dear(CLASS, price);
			let (expected, before) = (reached(), all_triggers());
			let looked = Clearing::inspect_reached(&mut without_limit(), Weight::MAX);
			let after = all_triggers();
			let changed: BTreeSet<_> = crowd.iter().copied().filter(|line| before[line] != after[line]).collect();
			assert_eq!((usize::try_from(looked).unwrap(), &changed), (expected.len(), &expected), "{price}");
			assert!(reached().is_empty());
			visits += looked;
			moves += 1;
		}
		// Everybody would be looked at everybody's number of times.
		assert!(visits > 50 && visits < 54 * moves / 3, "{visits} visits in {moves} moves");
	})
}

#[test]
fn the_watch_list_is_gone_through_in_turn_the_largest_first() {
	Exchange.run(|| {
		a_dear_market();
		// Each so close to its margin that it has no level.
		let lines: Vec<_> =
			[(11, 3), (12, 9), (13, 5), (OTHERS_CUSTOMER, 7)].map(|(who, lots)| ((who, 0), lots)).into();
		for (line, lots) in &lines {
			pay_in(*line, u128::try_from(*lots).unwrap() * 605_000);
			buy(*line, NEAR, *lots);
		}
		let order: Vec<_> = Watchlist::<Test>::iter_keys().map(|(_, key)| key.owner).collect();
		assert_eq!(order, [12, OTHERS_CUSTOMER, 13, 11]);
		// Two a time, and from the start again.
		let last = || {
			let cursor = WatchCursor::<Test>::get().expect("one was looked at");
			let place =
				Watchlist::<Test>::iter_keys().find(|place| Watchlist::<Test>::hashed_key_for(place) == *cursor);
			place.expect("it is on the list").1.owner
		};
		for expected in [OTHERS_CUSTOMER, 11, OTHERS_CUSTOMER, 11] {
			assert_eq!(Clearing::inspect_watched(&mut without_limit(), 2), 2);
			assert_eq!(last(), expected);
		}
		// Nobody twice in a round.
		assert_eq!(Clearing::inspect_watched(&mut without_limit(), 100), 4);
		// Three are between the marks of one who left the list.
		pay_in((13, 0), 100_000_000);
		assert_eq!(Watchlist::<Test>::iter().count(), 3);
		assert_eq!(Clearing::inspect_watched(&mut without_limit(), 2), 2);
	})
}

/// One that is not there takes a turn and nothing else.
#[test]
fn a_place_of_nobody_stops_no_round() {
	Exchange.build().execute_with(|| {
		a_dear_market();
		pay_in(ALICE, 6_050_000);
		buy(ALICE, NEAR, 10);
		let place = (Rank::new(Cash(i128::MAX)), key((39, 0)));
		Watchlist::<Test>::insert(place, ());
		quote_dear(CLASS, DEAR / 2);
		next_block();
		assert!(stored(ALICE).state.is_liquidating());
	})
}

/// How many blocks a sweep takes at so many looks a block, or at what is promised if that is more.
fn blocks_of_a_sweep(looks: u64) -> u32 {
	for blocks in 1..1_000 {
		let weighed = Clearing::inspect_next(Weight::from_parts(looks, looks)).ref_time();
		assert!(weighed <= looks.max(PROMISE), "{weighed} of {looks}");
		if !SweepUntil::<Test>::exists() {
			return blocks;
		}
	}
	panic!("the sweep does not end");
}

/// The accounts that are looked at in a block whatever the weight is: one of the watch list, of owners, and in turn.
const PROMISE: u64 = crate::sweep::PROMISED;

#[test]
fn a_fraction_that_is_raised_has_everybody_looked_at() {
	Exchange.run(|| {
		let crowd = a_crowd();
		let before = all_triggers();
		assert_ok!(Clearing::raise_fraction(RuntimeOrigin::root(), CLASS, Ppm::percent(30)));
		assert!(!SweepUntil::<Test>::exists());
		quote_dear(CLASS, DEAR);
		assert!(SweepUntil::<Test>::exists());
		assert!(Clearing::violations().is_empty());
		InspectionWeight::set(Weight::MAX);
		next_block();
		assert!(!SweepUntil::<Test>::exists());
		// Levels are nearer, or suffice as they are, or there is none.
		let after = all_triggers();
		let mut nearer = 0;
		for line in &crowd {
			let near = |triggers: &Triggers| {
				triggers.levels.iter().find_map(|trigger| trigger.falls).map_or(i64::MAX, |level| level.0)
			};
			let (is, was) = (near(&after[line]), near(&before[line]));
			assert!(is >= was || is_watched(*line), "{line:?}");
			nearer += usize::from(is > was || is_watched(*line));
		}
		assert!(nearer > crowd.len() / 3, "{nearer} of {}", crowd.len());
		// 75 % of 9,000,000 are 6,750,000, and nobody has less than 8,000,000.
		assert!(crowd.iter().all(|line| stored(*line).state.is_open()));
	})
}

#[test]
fn a_mean_that_rises_beyond_what_was_assumed_has_everybody_looked_at() {
	Exchange.run(|| {
		a_crowd();
		quote_dear(CLASS, DEAR + DEAR / 20);
		assert!(!SweepUntil::<Test>::exists());
		quote_dear(CLASS, DEAR + DEAR / 20 + 1);
		assert!(SweepUntil::<Test>::exists());
		next_block();
		assert!(!SweepUntil::<Test>::exists());
	})
}

#[test]
fn open_interest_that_falls_has_everybody_looked_at() {
	Exchange.run(|| {
		a_dear_market();
		govern(|parameters| {
			parameters.margin.concentration_threshold = Lots(100);
			parameters.margin.concentration_share = Ppm::ZERO;
		});
		pay_in((12, 0), PLENTY);
		pay_in(ALICE, 2_000_000_000);
		buy(ALICE, NEAR, 1_000);
		buy((12, 0), NEAR, 9_000);
		for _ in 0..OPEN_INTEREST_DAYS {
			settle();
		}
		// Levels assume four fifths of 10,000 lots from now on.
		assert_ok!(Clearing::raise_fraction(RuntimeOrigin::root(), CLASS, Ppm::percent(27)));
		quote_dear(CLASS, DEAR);
		next_block();
		assert_eq!(instrument(NEAR).assumed.open_interest, Lots(8_000));
		buy((12, 0), NEAR, -9_000);
		settle();
		settle();
		assert!(instrument(NEAR).risk.open_interest >= Lots(8_000) && !SweepUntil::<Test>::exists());
		settle();
		assert_eq!(instrument(NEAR).risk.open_interest, Lots(7_300));
		assert!(SweepUntil::<Test>::exists());
		next_block();
		assert!(!SweepUntil::<Test>::exists());
	})
}

#[test]
fn new_parameters_have_everybody_looked_at() {
	Exchange.run(|| {
		a_dear_market();
		pay_in(ALICE, 6_700_000);
		buy(ALICE, NEAR, 10);
		quote_dear(CLASS, DEAR - 100_000);
		look(ALICE);
		assert!(stored(ALICE).state.is_open());
		let mut stricter = Parameters::<Test>::get();
		stricter.margin.maintenance = Ppm::percent(95);
		assert_ok!(Clearing::set_parameters(RuntimeOrigin::root(), stricter));
		Settled::<Test>::mutate(|settlements| settlements.due = System::block_number());
		next_block();
		// 95 % of ten times 580,000, up to a multiple of 300.
		assert_eq!((equity(11), view(11).margin.maintenance_margin), (5_700_000, Cash(5_511_900)));
		assert!(stored(ALICE).state.is_open() && !SweepUntil::<Test>::exists());
		quote_dear(CLASS, DEAR - 150_000);
		next_block();
		assert!(stored(ALICE).state.is_liquidating());
	})
}

#[test]
fn a_sweep_is_spread_over_blocks_and_comes_round() {
	Exchange.run(|| {
		a_crowd();
		let began = |weight| {
			assert_ok!(Clearing::raise_fraction(RuntimeOrigin::root(), CLASS, weight));
			quote_dear(CLASS, DEAR);
			assert!(SweepUntil::<Test>::exists());
		};
		// 56 accounts. The promise alone looks at one of them a block, whatever the weight is; twenty looks are more.
		began(Ppm::percent(30));
		let slow = blocks_of_a_sweep(1);
		assert!((56..=57).contains(&slow), "{slow} blocks");
		began(Ppm::percent(60));
		let fast = blocks_of_a_sweep(20);
		assert!(fast < slow / 2, "{fast} blocks");
		began(Ppm::percent(90));
		assert_eq!(blocks_of_a_sweep(1_000), 1);
	})
}

/// An assumption that failed while the sweep looked at somebody ended with the round that was under way.
#[test]
fn a_sweep_that_begins_during_another_goes_all_the_way_round() {
	Exchange.run(|| {
		a_crowd();
		let keys: Vec<_> = Accounts::<Test>::iter_keys().collect();
		let (owner, sub) = keys.iter().copied().find(|(who, _)| view(*who).positions.len() == 1).expect("many hold");
		let next = keys.iter().position(|key| *key == (owner, sub)).expect("it is there") + 1;
		let place = |(owner, sub): (AccountId, SubAccount)| {
			Accounts::<Test>::hashed_key_for(owner, sub).try_into().expect("it is short")
		};
		assert_ok!(Clearing::raise_fraction(RuntimeOrigin::root(), CLASS, Ppm::percent(30)));
		// Marks are looked at for an account that is in a cash call.
		let until = now() + HOUR;
		let put = |state| {
			Accounts::<Test>::mutate(owner, sub, |account| account.as_mut().expect("it is there").state = state);
		};
		put(AccountState::CashCall { until });
		SweepUntil::<Test>::put::<frame_support::BoundedVec<u8, _>>(place(keys[next]));
		assert_eq!(
			Clearing::sweep(&mut without_limit(), u32::try_from(next + 1).unwrap()),
			u32::try_from(next + 1).unwrap()
		);
		assert!(SweepUntil::<Test>::exists());
		put(AccountState::Open);
	})
}

#[test]
fn reached_levels_are_spread_over_blocks_too() {
	Exchange.run(|| {
		a_crowd();
		InspectionWeight::set(Weight::from_parts(15, 15));
		quote_dear(CLASS, DEAR * 40 / 100);
		let mut left = reached().len();
		assert!(left > 15);
		while left > 0 {
			assert!(Moved::<Test>::contains_key(Subject::Mark(NEAR)));
			next_block();
			let now = reached().len();
			assert!(now < left && left - now <= 15, "{now} of {left}");
			left = now;
		}
		next_block();
		assert!(!Moved::<Test>::contains_key(Subject::Mark(NEAR)));
	})
}

/// What looking at accounts weighs is what it is charged for: the promise and the rest together are within the limit, or the promise
/// alone where that is more.
#[test]
fn the_weight_of_looking_is_bounded_by_the_limit_or_the_promise() {
	Exchange.run(|| {
		a_crowd();
		for (limit, most) in [(0, PROMISE), (3, PROMISE), (PROMISE, PROMISE), (30, 30), (1_000, 1_000)] {
			quote_dear(CLASS, DEAR * 104 / 100);
			Clearing::sweep_all();
			let charged = Clearing::inspect_next(Weight::from_parts(limit, limit)).ref_time();
			assert!(charged <= most, "{charged} of {limit}");
			quote_dear(CLASS, DEAR * 90 / 100);
		}
	})
}

#[test]
fn an_owners_concentration_is_charged_to_all_its_accounts() {
	Exchange.run(|| {
		a_dear_market();
		govern(|parameters| parameters.margin.concentration_threshold = Lots(100));
		for sub in [0, 1, 2] {
			pay_in((11, sub), 5_000_000_000);
		}
		pay_in((12, 0), 5_000_000_000);
		buy((11, 0), NEAR, 10);
		buy((11, 1), NEAR, 10);
		assert!(!OwnersToCheck::<Test>::contains_key(11));
		let before = (levels((11, 0), NEAR), levels((11, 1), NEAR));
		// 2 · 600,000 · 920² / 1,000 for each of its accounts that holds any.
		buy((11, 2), NEAR, 1_000);
		assert_eq!(OwnersToCheck::<Test>::get(11), Some(SubAccount(0)));
		assert!(Clearing::violations().is_empty());
		assert_eq!(Clearing::inspect_owners(&mut room_for(2)), 2);
		assert_eq!(OwnersToCheck::<Test>::get(11), Some(SubAccount(2)));
		let after = (levels((11, 0), NEAR), levels((11, 1), NEAR));
		assert!(after.0 > before.0 && after.1 > before.1, "{before:?} {after:?}");
		assert_eq!(Clearing::inspect_owners(&mut room_for(2)), 1);
		assert!(!OwnersToCheck::<Test>::contains_key(11));
		// Who has one account is looked at as it trades.
		buy((12, 0), NEAR, 200);
		assert!(!OwnersToCheck::<Test>::contains_key(12));
	})
}

#[test]
fn an_account_that_lacks_margin_by_another_of_its_owner_is_found() {
	Exchange.run(|| {
		a_dear_market();
		govern(|parameters| parameters.margin.concentration_threshold = Lots(100));
		pay_in((11, 0), 10_000_000);
		pay_in((11, 2), 5_000_000_000);
		buy((11, 0), NEAR, 10);
		buy((11, 2), NEAR, 1_000);
		assert!(stored((11, 0)).state.is_open());
		for _ in 0..2 {
			next_block();
		}
		assert!(stored((11, 0)).state.is_liquidating() && stored((11, 2)).state.is_open());
	})
}
