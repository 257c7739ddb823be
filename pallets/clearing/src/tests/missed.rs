//! Whatever prices, trades and assumptions do: after a block's hook nobody who lacks maintenance margin is missed. Who lacks it is
//! reckoned here from scratch, by the margin model alone.

use super::triggers::{a_dear_market, pay_in, try_buy, Line, DEAR, FOURTH, THIRD};
use super::*;
use crate::mock::delivery::{cover_of, make_deliverable, set_cover, taken_over};
use frame_support::pallet_prelude::DispatchError;
use gcx_primitives::{AccountKey, Day, DeliveryClearing, DeliveryDays, DeliveryRamp, Instruments as _, PriceIndex};
use proptest::{prelude::*, test_runner::TestRunner};
use std::{cell::RefCell, collections::BTreeMap};

/// The accounts that take part.
const LINES: [Line; 8] =
	[(11, 0), (11, 1), (11, 2), (12, 0), (12, 1), (13, 0), (OTHERS_CUSTOMER, 0), (OTHERS_CUSTOMER, 1)];
/// What they hold.
const HELD: [InstrumentId; 4] = [NEAR, FAR, THIRD, FOURTH];

#[derive(Clone, Debug)]
enum Step {
	/// A class's price moves by so many thousandths.
	Move(ClassId, i64),
	/// It goes there.
	To(ClassId, i64),
	/// The index has no price of the class any more, or again the one that it had.
	Silence(ClassId),
	/// Some buy of others, or sell if negative.
	Trade(usize, Option<usize>, InstrumentId, i64),
	/// A hedge: one instrument against the other of its class.
	Hedge(usize, bool, i64),
	PayIn(usize, Balance),
	/// As much is withdrawn as goes, in thousandths.
	Withdraw(usize, u128),
	PutTokens(usize, Balance),
	Raise(ClassId, u32),
	Run,
	/// An instrument is paid out at the mean of so many days, the first of them so many from today.
	Average(InstrumentId, u32, u32),
	/// The next day comes, and its fix: so many thousandths from the last.
	Day(ClassId, i64),
	/// An instrument is delivered when it ends, and near its delivery in so many minutes and for so many.
	Deliver(InstrumentId, u64, u64),
	/// Capacity is set aside for so many lots of an account, if it can do without what there was.
	Cover(usize, InstrumentId, i64),
	/// The mark as it is, or so many thousandths off it, is an instrument's final price.
	End(InstrumentId, i64),
	/// Time goes by, in minutes: more than ten are an outage.
	Pass(u64),
	/// Blocks come for as long as an auction takes.
	Wait,
	Bid(usize, usize, u32),
}

fn class() -> impl Strategy<Value = ClassId> {
	prop_oneof![Just(CLASS), Just(OTHER_CLASS)]
}

fn step() -> impl Strategy<Value = Step> {
	let line = || 0..LINES.len();
	let instrument = || prop::sample::select(HELD.to_vec());
	prop_oneof![
		14 => (class(), -60..=60i64).prop_map(|(class, share)| Step::Move(class, share)),
		4 => (class(), -950..=950i64).prop_map(|(class, share)| Step::Move(class, share)),
		2 => (class(), -2 * DEAR..2 * DEAR).prop_map(|(class, price)| Step::To(class, price)),
		2 => (class(), prop::sample::select(vec![0, 1, -1, 299, DEAR])).prop_map(|(class, price)| Step::To(class, price)),
		1 => class().prop_map(Step::Silence),
		8 => (line(), prop::option::of(line()), instrument(), -120..=120i64)
			.prop_map(|(line, from, id, lots)| Step::Trade(line, from, id, lots)),
		4 => (line(), any::<bool>(), -100..=100i64).prop_map(|(line, which, lots)| Step::Hedge(line, which, lots)),
		2 => (line(), 1..200_000_000u128).prop_map(|(line, amount)| Step::PayIn(line, amount)),
		3 => (line(), 1..=1_000u128).prop_map(|(line, share)| Step::Withdraw(line, share)),
		3 => (line(), 5..10_000_000u128).prop_map(|(line, amount)| Step::PutTokens(line, amount)),
		1 => (class(), 1_010..2_000u32).prop_map(|(class, share)| Step::Raise(class, share)),
		3 => Just(Step::Run),
		2 => (instrument(), 0..3u32, 1..7u32).prop_map(|(id, in_days, days)| Step::Average(id, in_days, days)),
		6 => (class(), -100..=100i64).prop_map(|(class, share)| Step::Day(class, share)),
		3 => (instrument(), 0..60u64, 0..150u64).prop_map(|(id, from, length)| Step::Deliver(id, from, length)),
		4 => (line(), instrument(), 0..120i64).prop_map(|(line, id, lots)| Step::Cover(line, id, lots)),
		1 => (instrument(), -20..=20i64).prop_map(|(id, share)| Step::End(id, share)),
		6 => (0..10u64).prop_map(Step::Pass),
		1 => (10..2_000u64).prop_map(Step::Pass),
		3 => Just(Step::Wait),
		10 => (line(), line(), 1..=100u32).prop_map(|(taker, line, percent)| Step::Bid(taker, line, percent)),
	]
}

fn begin() {
	EgressReserved::set(Ppm::percent(20));
	a_dear_market();
	govern(|parameters| {
		parameters.margin.concentration_threshold = Lots(50);
		parameters.margin.concentration_depth = Lots(100);
		parameters.max_settlement_age = 100_000 * HOUR;
	});
	take_tokens();
	Collaterals::<Test>::mutate(TOKEN, |terms| {
		let figures = terms.as_mut().and_then(|terms| terms.in_force.as_mut());
		figures.expect("it is in force").unit = 100_000;
	});
	fix(OTHER_CLASS, DEAR);
	for line in LINES {
		pay_in(line, 150_000_000);
	}
}

/// What cannot be is refused, and nothing happens then.
fn take(step: &Step) {
	use frame_support::storage::with_storage_layer;
	match *step {
		Step::Move(class, share) => {
			let last = last_fix(class).unwrap_or(DEAR);
			fix(class, last + last * share / 1_000);
		},
		Step::To(class, price) => fix(class, price),
		Step::Silence(class) => no_fix(class),
		Step::Trade(line, from, id, lots) if lots != 0 => {
			let from = from.map_or((OTHER, 0), |from| LINES[from]);
			let _ = try_buy(LINES[line], from, id, lots);
		},
		Step::Trade(..) => {},
		Step::Hedge(line, which, lots) if lots != 0 => {
			let [long, short] = if which { [NEAR, FAR] } else { [THIRD, FOURTH] };
			for (id, lots) in [(long, lots), (short, -lots)] {
				let _ = try_buy(LINES[line], (OTHER, 0), id, lots);
			}
		},
		Step::Hedge(..) => {},
		Step::PayIn(line, amount) => pay_in(LINES[line], amount),
		Step::Withdraw(line, share) => {
			let (owner, sub) = LINES[line];
			let view = Clearing::account_view(owner, SubAccount(sub)).expect("it has an account");
			let amount = u128::try_from(view.withdrawable.0).unwrap_or(0) * share / 1_000;
			let _ = with_storage_layer(|| try_withdraw(owner, sub, amount));
		},
		Step::PutTokens(line, amount) => {
			let (owner, sub) = LINES[line];
			let put = || Clearing::deposit_collateral(RuntimeOrigin::signed(owner), SubAccount(sub), TOKEN, amount);
			let _ = with_storage_layer(put);
		},
		Step::Raise(class, share) => {
			let now = ClassRisks::<Test>::get(class).fraction;
			let raised = Ppm(now.0 / 1_000 * share);
			let _ = Clearing::raise_fraction(RuntimeOrigin::root(), class, raised);
		},
		Step::Run => Settled::<Test>::mutate(|settlements| settlements.due = System::block_number()),
		Step::Average(id, in_days, count) => {
			let first = Day(Index::today().0 + in_days);
			let _ = Clearing::average(id, Some(DeliveryDays { first, last: Day(first.0 + count - 1) }));
		},
		Step::Day(class, share) => {
			pass(24 * HOUR);
			take(&Step::Move(class, share));
		},
		Step::Deliver(id, from, length) => {
			make_deliverable(id, instrument(id).terms.multiplier.0);
			let from = now() + from * MINUTE;
			let ramp = DeliveryRamp { from, until: from + length * MINUTE, days: 1 };
			// Who said so once keeps to it.
			if instrument(id).ramp.is_none() {
				assert_ok!(Clearing::deliver(id, ramp));
			}
		},
		Step::Cover(line, id, lots) => {
			let line = LINES[line];
			let before = set_cover(line, id, lots);
			let account = AccountKey { owner: line.0, sub: SubAccount(line.1) };
			let is_refused = with_storage_layer(|| Clearing::ensure_margined(&account)).is_err();
			if is_refused && lots < before {
				set_cover(line, id, before);
			}
		},
		Step::End(id, share) => {
			let mark = instrument(id).risk.mark.0;
			let _ = with_storage_layer(|| Clearing::end(id, Price(mark + mark * share / 1_000)));
		},
		Step::Pass(minutes) => pass(minutes * MINUTE),
		Step::Wait => wait(AUCTION),
		Step::Bid(taker, line, percent) => {
			let (taker, line) = (LINES[taker], LINES[line]);
			let part = Ppm::percent(percent);
			let (sub, owner_sub) = (SubAccount(taker.1), SubAccount(line.1));
			let bid = || Clearing::bid(RuntimeOrigin::signed(taker.0), sub, line.0, owner_sub, part, Cash::ZERO);
			let _ = with_storage_layer(bid);
		},
	}
}

/// A class's fix that is not too old.
fn fresh(class: ClassId) -> Option<i64> {
	Index::fresh_fix(class, Parameters::<Test>::get().max_fix_age).map(|fix| fix.price.0)
}

/// An account's equity and maintenance margin, and whether all of it has a fresh price; by the books' prices and nothing else of
/// them.
fn reckon((owner, sub): Line, account: &MarginAccount<AccountId>) -> (i128, i128, bool) {
	let parameters = Parameters::<Test>::get();
	let percent = |ppm: Ppm, amount: i128| -(-amount * i128::from(ppm.0)).div_euclid(1_000_000);
	let mut is_fresh = true;
	let mut equity = account.cash.0;
	// By class: the signed loss of a move up by the range, Compute Hours long and short, smallest and largest range.
	let mut classes = BTreeMap::<ClassId, (i128, i128, i128, i128, i128)>::new();
	let (mut concentration, mut delivery) = (0, 0);
	for position in &account.positions {
		let held = instrument(position.instrument);
		let (hours, range) = (i128::from(held.terms.multiplier.0), i128::from(held.risk.range.get()));
		let lots = i128::from(position.lots.0);
		equity += lots * hours * i128::from(held.risk.mark.0 - position.basis.0);
		is_fresh &= held.mark.is_some() && now() <= held.mark_until && !held.quarantined;
		is_fresh &= now() >= held.marked_since + parameters.liquidation.grace_period;
		let class = classes.entry(held.terms.class).or_insert((0, 0, 0, i128::MAX, 0));
		class.0 += lots * hours * range;
		class.1 += lots.max(0) * hours;
		class.2 += (-lots).max(0) * hours;
		(class.3, class.4) = (class.3.min(range), class.4.max(range));
		let gross: i128 = Accounts::<Test>::iter_prefix_values(owner)
			.map(|other| i128::from(other.lots(position.instrument).0.abs()))
			.sum();
		let open = i128::from(held.risk.open_interest.0);
		let free = (open * i128::from(parameters.margin.concentration_share.0) / 1_000_000)
			.max(parameters.margin.concentration_threshold.0.into());
		let excess = (gross - free).max(0);
		let depth = open.max(parameters.margin.concentration_depth.0.into());
		let phase = i128::from(held.risk.delivery_phase.0);
		let covered = i128::from(cover_of((owner, sub), position.instrument));
		let (due, share) = if lots > 0 { (lots, 250_000) } else { ((-lots - covered).max(0), 1_000_000) };
		let parts = due * hours * i128::from(held.risk.mark.0.abs()) * phase * share;
		delivery += (parts + 999_999_999_999).div_euclid(1_000_000_000_000);
		concentration += (2 * hours * range * excess * excess + depth - 1).div_euclid(depth);
	}
	let mut requirement = concentration + delivery;
	for (moved, long, short, smallest, largest) in classes.into_values() {
		requirement += moved.abs().max((long - short).abs() * smallest);
		requirement += percent(parameters.margin.spread, long.min(short) * largest);
	}
	for line in &account.collateral {
		let figures = Collaterals::<Test>::get(line.id).and_then(|terms| terms.in_force).expect("it is in force");
		let Some(price) = fresh(figures.class) else {
			is_fresh = false;
			continue;
		};
		let amount = i128::try_from(line.amount).expect("it is bounded");
		let worth = amount * i128::from(price.max(0)) / i128::try_from(figures.unit).expect("it is bounded");
		equity += worth - percent(figures.haircut, worth);
	}
	is_fresh &= now() >= Heartbeat::<Test>::get().grace;
	(equity, percent(parameters.margin.maintenance, requirement), is_fresh)
}

/// Whether an account waits for its turn: a price of its collateral, or its owner's concentration, moved in the last blocks.
fn has_a_turn(owner: AccountId, account: &MarginAccount<AccountId>) -> bool {
	let is_reached = |trigger: &Trigger| match trigger.subject {
		Subject::Collateral(_) => {
			let price = Clearing::price_of(trigger.subject);
			price.is_some_and(|price| trigger.falls.is_some_and(|level| price <= level))
		},
		Subject::Mark(_) | Subject::Settlement(_) => false,
	};
	OwnersToCheck::<Test>::contains_key(owner) || account.triggers.levels.iter().any(is_reached)
}

/// Whether a mark that an account depends on waits for its turn: one leg of a hedge may be at its new price, the other at its old one.
fn waits_for_a_mark(account: &MarginAccount<AccountId>) -> bool {
	account.positions.iter().any(|position| {
		let before = instrument(position.instrument).risk;
		let mut after = None;
		let _ = frame_support::storage::with_storage_layer(|| {
			assert_ok!(Clearing::refresh(position.instrument));
			after = Some(instrument(position.instrument).risk);
			Err::<(), DispatchError>(DispatchError::Other("only looked"))
		});
		after != Some(before)
	})
}

/// The blocks that a turn takes at most: the collaterals', or all accounts of three owners by two.
const TURNS: u32 = MAX_COLLATERALS + 5;

/// What came up, so that a test of nothing is noticed.
#[derive(Default)]
struct Seen {
	/// Accounts under maintenance margin after a block.
	short: usize,
	/// Those of them that had no place on the watch list yet, and a turn.
	waited: usize,
	/// Those of them that were near a delivery.
	near: usize,
	begun: usize,
	/// Positions that were delivered.
	taken_over: usize,
	sold: usize,
	handed_over: usize,
}

/// Nobody who lacks margin has neither a place on the watch list nor a turn.
fn check_everybody(seen: &mut Seen, waiting: &mut BTreeMap<Line, u32>) -> Result<(), TestCaseError> {
	prop_assert!(!SweepUntil::<Test>::exists(), "a sweep is left over in spite of all the weight");
	for line in LINES {
		let stored = Accounts::<Test>::get(line.0, SubAccount(line.1)).expect("it has an account");
		let (equity, maintenance, is_fresh) = reckon(line, &stored);
		// The books say the same.
		let view = Clearing::account_view(line.0, SubAccount(line.1)).expect("it has an account");
		prop_assert_eq!((view.margin.equity.0, view.margin.maintenance_margin.0), (equity, maintenance));
		let is_short = equity < maintenance && !stored.positions.is_empty();
		let is_watched = stored.triggers.watched.is_some();
		prop_assert!(is_watched || stored.state.is_open(), "{:?} is {:?} and not watched", line, stored.state);
		let has_a_price = stored.collateral.is_empty() || fresh(OTHER_CLASS).is_some();
		seen.short += usize::from(is_short);
		seen.near += usize::from(is_short && view.margin.delivery > Cash::ZERO);
		if is_short && !is_watched && has_a_price {
			seen.waited += 1;
			let blocks = waiting.entry(line).or_default();
			*blocks += 1;
			let has_a_turn = has_a_turn(line.0, &stored) || waits_for_a_mark(&stored);
			let is_due = has_a_turn && *blocks <= TURNS;
			prop_assert!(
				is_due,
				"{:?} has {} of {} (fresh: {}) and is missed: {:?}",
				line,
				equity,
				maintenance,
				is_fresh,
				stored
			);
		} else {
			waiting.remove(&line);
		}
	}
	prop_assert_eq!(Clearing::violations(), [""; 0]);
	Ok(())
}

/// Whoever is on the list is liquidated in its turn: with eight a block everybody's comes at once.
fn check_the_watched() -> Result<(), TestCaseError> {
	for line in LINES {
		let stored = Accounts::<Test>::get(line.0, SubAccount(line.1)).expect("it has an account");
		let (equity, maintenance, is_fresh) = reckon(line, &stored);
		let is_spared = !stored.state.is_liquidating();
		let is_short = equity < maintenance && !stored.positions.is_empty();
		prop_assert!(!(is_short && is_fresh && is_spared), "{line:?} has {equity} of {maintenance} and is spared");
	}
	Ok(())
}

fn take_all(steps: &[Step], seen: &mut Seen) -> Result<(), TestCaseError> {
	begin();
	let mut waiting = BTreeMap::new();
	for step in steps {
		take(step);
		next_block();
		check_everybody(seen, &mut waiting)?;
	}
	// With nothing more to happen all turns come.
	for _ in 0..TURNS {
		next_block();
	}
	check_everybody(seen, &mut waiting)?;
	check_the_watched()?;
	seen.taken_over += taken_over().len();
	for event in events() {
		match event {
			Event::LiquidationBegun { .. } => seen.begun += 1,
			Event::Liquidated { .. } => seen.sold += 1,
			Event::HandedOver { .. } => seen.handed_over += 1,
			_ => {},
		}
	}
	Ok(())
}

#[test]
fn nobody_who_lacks_margin_is_missed() {
	let seen = RefCell::new(Seen::default());
	let config = ProptestConfig { cases: 200, source_file: Some(file!()), ..ProptestConfig::default() };
	let done = TestRunner::new(config).run(&prop::collection::vec(step(), 1..100), |steps| {
		Exchange.build().execute_with(|| take_all(&steps, &mut seen.borrow_mut()))
	});
	done.unwrap_or_else(|failure| panic!("{failure}"));
	let Seen { short, waited, near, begun, taken_over, sold, handed_over } = seen.into_inner();
	assert!(near > 100 && taken_over > 5, "{near} {taken_over}");
	assert!(short > 1_000 && begun > 100 && sold > 0 && handed_over > 30, "{short} {begun} {sold} {handed_over}");
	assert!(waited < short / 10, "{waited} of {short}");
}
