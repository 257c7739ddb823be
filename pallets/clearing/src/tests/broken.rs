//! Each invariant, broken on purpose, is caught.

use super::*;
use gcx_primitives::Trade;

/// Customers of both guarantors and their houses, with positions that two runs settled; 11 and 21 were rolled since, the others
/// were not. What is broken of that is noticed in these words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Exchange.build().execute_with(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE + 50);
		try_trade(&Trade { instrument: FAR, ..a_trade(12, OTHER, 20, PRICE) }).unwrap();
		settle_at(PRICE + 100);
		settle_at(PRICE + 70);
		check(11);
		check(OTHERS_CUSTOMER);
		is_noticed(words, breakage);
	})
}

/// The same with 11 owing 50,000, which its house advanced, while a run is priced: the near month has its price.
fn caught_in_season(words: &str, breakage: impl FnOnce()) {
	Exchange.build().execute_with(|| {
		open_market_with([(11, 50_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 100_000), (OTHER, 100_000)]);
		trade(OTHERS_CUSTOMER, 11, 50, PRICE);
		settle_at(PRICE + 2_000);
		check(11);
		fix(CLASS, PRICE + 1_900);
		take_steps(2);
		is_noticed(words, breakage);
	})
}

fn is_noticed(words: &str, breakage: impl FnOnce()) {
	assert_eq!(Clearing::violations(), [""; 0]);
	breakage();
	let violations = Clearing::violations();
	assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
}

fn change(owner: AccountId, change: impl FnOnce(&mut MarginAccount<AccountId>)) {
	Accounts::<Test>::mutate(owner, SubAccount(0), |account| change(account.as_mut().expect("it exists")));
}

fn change_ledger(guarantor: AccountId, side: SegmentSide, change: impl FnOnce(&mut Ledger)) {
	Ledgers::<Test>::mutate(segment(guarantor, side), |ledger| change(ledger.as_mut().expect("it exists")));
}

fn change_customers(change: impl FnOnce(&mut Ledger)) {
	change_ledger(GUARANTOR, SegmentSide::Customers, change);
}

fn change_instrument(change: impl FnOnce(&mut Instrument)) {
	Instruments::<Test>::mutate(NEAR, |instrument| change(instrument.as_mut().expect("it is listed")));
}

#[test]
fn an_end_that_nobody_waits_for_or_that_is_waited_for_twice_is_noticed() {
	let run = RunId(2);
	caught("waits 0 times for its end", || change_instrument(|one| one.ending = Some(Ending::Settlement)));
	caught("waits 1 times for its end", || Endings::<Test>::try_append((NEAR, run)).unwrap());
	caught("waits 2 times for its end", || {
		change_instrument(|one| one.ending = Some(Ending::Final(Price(PRICE))));
		for _ in 0..2 {
			Endings::<Test>::try_append((NEAR, run)).unwrap();
		}
	});
}

#[test]
fn an_average_over_no_days_is_noticed() {
	use gcx_primitives::{Day, DeliveryDays};
	let days = DeliveryDays { first: Day(2), last: Day(1) };
	caught("is averaged over no days", || change_instrument(|one| one.averaged = Some(days)));
}

fn change_owner(change: impl FnOnce(&mut Owner)) {
	Owners::<Test>::mutate(11, |owner| change(owner.as_mut().expect("it exists")));
}

/// Lots of the near month that a segment of the first guarantor holds, as they are noted.
fn change_lots(side: SegmentSide, change: impl FnOnce(&mut SegmentPosition)) {
	SegmentPositions::<Test>::mutate(NEAR, segment(GUARANTOR, side), |held| {
		let mut changed = held.unwrap_or(SegmentPosition { lots: Lots(0), basis: Price(PRICE + 70) });
		change(&mut changed);
		*held = Some(changed);
	});
}

fn add(cash: &mut Cash, amount: i128) {
	cash.0 += amount;
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	Exchange.build().execute_with(|| {
		deposit(11, 5_000);
		assert_ok!(Clearing::do_try_state());
		change(11, |account| account.cash = Cash(account.cash.0 + 1));
		assert!(Clearing::do_try_state().is_err());
	})
}

#[test]
fn a_unit_too_much_is_caught() {
	caught("ledgers come to", || change(11, |account| add(&mut account.cash, 1)));
	caught("ledgers come to", || change_customers(|ledger| add(&mut ledger.custody, -1)));
	caught("ledgers come to", || change_customers(|ledger| add(&mut ledger.net, 1)));
	caught("ledgers come to", || change_customers(|ledger| add(&mut ledger.fees, 1)));
	caught("ledgers come to", || change_customers(|ledger| add(&mut ledger.penalties, 1)));
	caught("ledgers come to", || change_ledger(GUARANTOR, SegmentSide::House, |ledger| add(&mut ledger.given, 1)));
}

#[test]
fn negative_cash_without_a_cash_call_is_caught() {
	caught("has Cash(-1) and is Open", || change(11, |account| account.cash = Cash(-1)));
	caught_in_season("has Cash(-50000) and is Open", || change(11, |account| account.state = AccountState::Open));
}

#[test]
fn a_cash_call_without_negative_cash_is_caught() {
	caught("and is CashCall", || change(11, |account| account.state = AccountState::CashCall { until: 1 }))
}

#[test]
fn gaps_that_nobody_has_are_caught() {
	caught("and gaps to", || change_customers(|ledger| ledger.gaps = Cash(1)));
	caught_in_season("and gaps to", || change_customers(|ledger| ledger.gaps = Cash(49_999)));
}

#[test]
fn an_advance_that_is_not_answered_is_caught() {
	// Where the segment's own books agree.
	caught_in_season("has an unsound ledger", || {
		change_customers(|ledger| {
			add(&mut ledger.received, 1);
			add(&mut ledger.net, 1);
		})
	});
	caught_in_season("has an unsound ledger", || {
		change_ledger(GUARANTOR, SegmentSide::House, |ledger| add(&mut ledger.given, -1))
	});
	caught("has an unsound ledger", || change_customers(|ledger| ledger.given = Cash(1)));
	caught("has an unsound ledger", || {
		change_ledger(GUARANTOR, SegmentSide::House, |ledger| ledger.received = Cash(1))
	});
}

#[test]
fn negative_figures_in_a_ledger_are_caught() {
	caught("has an unsound ledger", || {
		change_customers(|ledger| {
			ledger.fees = Cash(-1);
			add(&mut ledger.net, -1);
		})
	});
	caught("has an unsound ledger", || {
		change_customers(|ledger| {
			ledger.penalties = Cash(-1);
			add(&mut ledger.net, -1);
		})
	});
	caught("has an unsound ledger", || {
		change_customers(|ledger| {
			add(&mut ledger.net, ledger.custody.0 + 1);
			ledger.custody = Cash(-1);
		})
	});
}

#[test]
fn custody_that_is_not_there_is_caught() {
	caught("with its minimum", || take_away(GUARANTOR, SegmentSide::Customers, 1))
}

#[test]
fn a_total_that_is_none_is_caught() {
	caught("all custody is", || TotalCustody::<Test>::put(Cash(1)))
}

#[test]
fn what_segments_owe_each_other_and_do_not_cancel_out_is_caught() {
	caught("what segments owe each other comes to Cash(1)", || {
		change(11, |account| add(&mut account.cash, 1));
		change_customers(|ledger| add(&mut ledger.net, 1));
	})
}

#[test]
fn a_segment_without_a_ledger_is_caught() {
	caught("segments without a ledger", || {
		Ledgers::<Test>::remove(segment(GUARANTOR, SegmentSide::Customers));
	})
}

#[test]
fn figures_that_cannot_be_added_up_are_caught() {
	caught("the books do not add up", || change(11, |account| account.cash = Cash(i128::MAX)))
}

#[test]
fn an_account_under_another_guarantor_is_caught() {
	caught("which is not its guarantor", || {
		change(11, |account| account.segment = segment(OTHER, SegmentSide::Customers))
	})
}

#[test]
fn a_house_that_is_not_its_owners_or_has_two_accounts_is_caught() {
	caught("is in the house of 2", || {
		change(GUARANTOR, |account| account.segment = segment(OTHER, SegmentSide::House))
	});
	caught("1/SubAccount(1) is in the house of 1", || {
		let house = MarginAccount::new(segment(GUARANTOR, SegmentSide::House), RunId(2));
		Accounts::<Test>::insert(GUARANTOR, SubAccount(1), house);
	});
}

#[test]
fn an_owner_that_is_not_what_its_accounts_are_is_caught() {
	caught("owners have", || change_owner(|owner| owner.accounts = 2));
	caught("owners have", || change_owner(|owner| add(&mut owner.requirement, 1)));
	caught("owners have", || change_owner(|owner| owner.gross[0].1 = Lots(11)));
	caught("owners have", || change_owner(|owner| owner.gross.clear()));
	caught("owners have", || Owners::<Test>::insert(STRANGER, Owner::default()));
	caught("owners have", || Owners::<Test>::remove(11));
}

#[test]
fn long_lots_that_are_not_the_short_ones_are_caught() {
	caught("lots are held long and short", || change_instrument(|instrument| instrument.long = Lots(11)));
	caught("lots are held long and short", || change_instrument(|instrument| instrument.short = Lots(9)));
	// Also where it is the accounts that do not cancel out, and all that is noted agrees with them.
	caught("(11, 10) lots are held long and short", || {
		change(11, |account| account.positions[0].lots = Lots(11));
		change_lots(SegmentSide::Customers, |held| held.lots = Lots(11));
		change_owner(|owner| owner.gross[0].1 = Lots(11));
		change_instrument(|instrument| instrument.long = Lots(11));
	});
}

#[test]
fn a_segments_lots_that_are_not_its_accounts_are_caught() {
	caught("holds 10 of InstrumentId(1)", || change_lots(SegmentSide::Customers, |held| held.lots = Lots(11)));
	caught("holds 0 of InstrumentId(1)", || change_lots(SegmentSide::House, |held| held.lots = Lots(1)));
	caught("holds 0 of InstrumentId(1)", || change_lots(SegmentSide::House, |held| held.lots = Lots(0)));
	caught("positions without a segment's", || {
		SegmentPositions::<Test>::remove(NEAR, segment(GUARANTOR, SegmentSide::Customers));
	});
	// Its basis is in the sum.
	caught("ledgers come to", || change_lots(SegmentSide::Customers, |held| held.basis = Price(PRICE)));
}

#[test]
fn a_position_that_is_none_or_doubled_or_not_settled_is_caught() {
	caught("has an unsound position", || {
		change(11, |account| {
			let position = account.positions[0];
			account.positions.try_push(Position { lots: Lots(0), ..position }).expect("there is room");
		})
	});
	caught("has an unsound position", || {
		change(11, |account| {
			account.positions[0].lots = Lots(4);
			let rest = Position { lots: Lots(6), ..account.positions[0] };
			account.positions.try_push(rest).expect("there is room");
		})
	});
	// Rolled, and yet at another basis.
	caught("has an unsound position", || {
		change(11, |account| {
			account.positions[0].basis = Price(PRICE + 71);
			add(&mut account.cash, 10);
		})
	});
}

#[test]
fn an_unlisted_position_is_caught() {
	caught("which is not listed", || change(11, |account| account.positions[0].instrument = InstrumentId(9)));
	caught("which is not listed", || {
		Instruments::<Test>::remove(FAR);
		Listed::<Test>::mutate(|listed| listed.retain(|id| *id == NEAR));
	});
}

#[test]
fn a_list_that_is_not_of_the_instruments_is_caught() {
	caught("listed are", || Listed::<Test>::mutate(|listed| listed.truncate(1)));
	caught("listed are", || {
		let turned: Vec<_> = Listed::<Test>::get().into_iter().rev().collect();
		Listed::<Test>::put(frame_support::BoundedVec::truncate_from(turned));
	});
}

#[test]
fn an_account_ahead_of_the_last_run_is_caught() {
	caught("is ahead of the last run", || change(11, |account| account.rolled = RunId(3)));
	// And one behind it that says it is not.
	caught("has an unsound position", || change(12, |account| account.rolled = RunId(2)));
}

#[test]
fn credits_that_cannot_be_are_caught() {
	caught("has credits to come", || change(11, |account| account.unpaid.run = RunId(3)));
	caught("has credits to come", || change(11, |account| account.unpaid.amount = Cash(-1)));
}

#[test]
fn a_price_out_of_season_is_caught() {
	let staged = |run| {
		change_instrument(|instrument| {
			instrument.staged = Some(Settlement { run: RunId(run), ..instrument.settlement });
		})
	};
	caught("has a price out of season", || staged(3));
	caught_in_season("has a price out of season", || staged(3));
	caught("has a price out of season", || {
		change_instrument(|instrument| {
			*instrument = instrument.clone().at_run(RunId(2));
			instrument.settlement.run = RunId(3);
		})
	});
}

#[test]
fn what_is_staged_out_of_season_or_not_at_the_staged_prices_is_caught() {
	caught("gains Cash(0) at the staged prices", || change_customers(|ledger| ledger.staged = Cash(1)));
	caught_in_season("gains Cash(5000) at the staged prices", || {
		change_customers(|ledger| add(&mut ledger.staged, -1));
		change_ledger(OTHER, SegmentSide::Customers, |ledger| add(&mut ledger.staged, 1));
	});
}

#[test]
fn a_fuse_of_an_hour_to_come_is_caught() {
	caught("the fuse is of a time to come", || HourlyEgress::<Test>::mutate(|egress| egress.hour += 1));
	caught("the fuse is of a time to come", || HourlyEgress::<Test>::mutate(|egress| egress.shared = Cash(-1)));
}

#[test]
fn parameters_out_of_bounds_are_caught() {
	let invalid = || ClearingParameters { max_fix_age: 0, ..parameters() };
	caught("parameters are out of bounds", || Parameters::<Test>::put(invalid()));
	caught("parameters are out of bounds", || PendingParameters::<Test>::put(invalid()));
}

/// 11's place at which the near month's mark falls to its level.
fn place_of_11() -> ((Subject, Direction), Placed<Level, AccountId>) {
	let falls = (Subject::Mark(NEAR), Direction::Falls);
	let mut places = Levels::<Test>::iter_key_prefix(falls);
	(falls, places.find(|(_, key)| key.owner == 11).expect("it has a level"))
}

#[test]
fn a_level_that_is_missing_or_too_much_or_elsewhere_is_caught() {
	caught("for nobody, and lacks [(Mark(InstrumentId(1)), Falls", || {
		let (subject, place) = place_of_11();
		Levels::<Test>::remove(subject, place);
	});
	caught("the trigger index has [(Mark(InstrumentId(1)), Rises", || {
		let (_, (level, key)) = place_of_11();
		Levels::<Test>::insert((Subject::Mark(NEAR), Direction::Rises), (level, key), ());
	});
	caught("the trigger index has", || {
		let (subject, (_, key)) = place_of_11();
		let elsewhere = Level::new(Direction::Falls, Price(1));
		Levels::<Test>::insert(subject, (elsewhere, key), ());
	});
	// Of an account that is not there.
	caught("the trigger index has", || {
		let (subject, (level, mut key)) = place_of_11();
		key.sub = SubAccount(2);
		Levels::<Test>::insert(subject, (level, key), ());
	});
}

#[test]
fn an_account_without_a_place_is_caught() {
	// Where the index agrees with it.
	let forget = |subject: Option<Subject>| {
		let mut account = account(11);
		let key = place_of_11().1 .1;
		for trigger in account.triggers.levels.iter().filter(|trigger| subject.is_none_or(|it| it == trigger.subject)) {
			for (direction, level) in crate::triggers::places(trigger) {
				Levels::<Test>::remove((trigger.subject, direction), (level, key.clone()));
			}
		}
		account.triggers.levels.retain(|trigger| subject.is_some_and(|it| it != trigger.subject));
		Accounts::<Test>::insert(11, SubAccount(0), account);
	};
	caught("holds {InstrumentId(1)} and has levels of []", || forget(None));
	caught("holds {InstrumentId(1)} and has levels of []", || forget(Some(Subject::Mark(NEAR))));
}

/// 11's place on the watch list, which it is on in the season.
fn watched_11() -> Placed<Rank, AccountId> {
	Watchlist::<Test>::iter_keys().find(|(_, key)| key.owner == 11).expect("it is watched")
}

#[test]
fn a_place_on_the_watch_list_that_is_missing_or_too_much_or_of_another_rank_is_caught() {
	caught_in_season("the watch list has", || Watchlist::<Test>::remove(watched_11()));
	caught_in_season("the watch list has", || {
		let (_, key) = watched_11();
		Watchlist::<Test>::insert((Rank::new(Cash(1)), key), ());
	});
	caught_in_season("the watch list has", || {
		let (rank, key) = watched_11();
		Watchlist::<Test>::remove((rank, key.clone()));
		Watchlist::<Test>::insert((Rank::new(Cash(1)), key), ());
	});
	caught("the watch list has", || {
		let (_, (_, key)) = place_of_11();
		Watchlist::<Test>::insert((Rank::new(Cash(1)), key), ());
	});
	// The account says it is on it, and is not.
	caught("the watch list has", || change(11, |account| account.triggers.watched = Some(Cash(1))));
}

#[test]
fn an_account_that_nobody_will_look_at_is_caught() {
	// The mark moved to its level and nobody was told.
	caught("are reached, and nobody will look", || {
		let (_, (level, _)) = place_of_11();
		let price = level.price(Direction::Falls);
		Moved::<Test>::remove(Subject::Mark(NEAR));
		change_instrument(|instrument| instrument.risk.mark = price);
	});
	// Its margin is gone, and no level was reached.
	caught("is missed: it has", || change(11, |account| account.cash = Cash(1)));
}

#[test]
fn who_is_for_sale_and_not_on_the_watch_list_is_caught() {
	caught("and not on the watch list", || {
		change(11, |account| account.state = AccountState::Liquidating { since: 1, by: None })
	})
}
