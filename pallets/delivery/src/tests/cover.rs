//! Capacity that is set aside for a short position.

use super::*;

fn cover(who: AccountId, lots: i64) -> DispatchResult {
	Delivery::cover(signed(who), SubAccount(0), CONTRACT, Lots(lots))
}

fn uncover(who: AccountId, lots: i64) -> DispatchResult {
	Delivery::uncover(signed(who), SubAccount(0), CONTRACT, Lots(lots))
}

fn covered(who: &AccountId) -> i64 {
	Delivery::covered(&key(who), CONTRACT).0
}

fn short(lots: i64) -> Exchange {
	Exchange::holding(&[(BUYER, lots), (SELLER, -lots)])
}

#[test]
fn a_provider_sets_capacity_aside_for_its_short_position() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 2));
		assert_ok!(cover(SELLER, 3));
		assert_eq!(covered(&SELLER), 5);
		let sold: Vec<_> = (0..DAYS).map(|index| Compute::sold(&SELLER, day(index))).collect();
		assert_eq!(sold, [5 * LOT_DAY; DAYS as usize]);
		let event = Event::Covered { instrument: CONTRACT, account: key(&SELLER), lots: Lots(3), covered: Lots(5) };
		assert_eq!(last_event(), event);
	})
}

#[test]
fn nobody_covers_more_than_it_is_short() {
	short(2).run(|| {
		assert_noop!(cover(SELLER, 3), Error::<Test>::NotSoShort);
		assert_ok!(cover(SELLER, 2));
		assert_noop!(cover(SELLER, 1), Error::<Test>::NotSoShort);
		assert_noop!(cover(BUYER, 1), Error::<Test>::NotSoShort);
		assert_noop!(cover(SELLER_2, 1), Error::<Test>::NotSoShort);
	})
}

#[test]
fn nobody_covers_nothing_or_less() {
	short(2).run(|| {
		for lots in [0, -1, i64::MIN] {
			assert_noop!(cover(SELLER, lots), Error::<Test>::NoLots);
			assert_noop!(uncover(SELLER, lots), Error::<Test>::NoLots);
		}
	})
}

#[test]
fn only_a_physical_contract_that_has_not_expired_is_covered() {
	short(2).run(|| {
		let cover_of = |id| Delivery::cover(signed(SELLER), SubAccount(0), id, Lots(1));
		assert_noop!(cover_of(InstrumentId(99)), Error::<Test>::UnknownContract);
		assert_noop!(cover_of(CASH_CONTRACT), Error::<Test>::NotPhysical);
		set_time(EXPIRY - 1);
		assert_ok!(cover(SELLER, 1));
		set_time(EXPIRY);
		assert_noop!(cover(SELLER, 1), Error::<Test>::Expired);
	})
}

#[test]
fn nobody_covers_with_capacity_that_it_does_not_have() {
	Exchange::holding(&[(BUYER, 31), (SELLER, -21), (TRADER, -10)]).run(|| {
		assert_noop!(cover(SELLER, 21), refused("capacity exceeded"));
		assert_ok!(cover(SELLER, 20));
		assert_noop!(cover(TRADER, 1), refused("not a provider"));
	})
}

#[test]
fn cover_that_is_given_back_can_be_sold_again() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 5));
		assert_ok!(uncover(SELLER, 2));
		assert_eq!((covered(&SELLER), Compute::sold(&SELLER, FIRST)), (3, 3 * LOT_DAY));
		let event = Event::Uncovered { instrument: CONTRACT, account: key(&SELLER), lots: Lots(2), covered: Lots(3) };
		assert_eq!(last_event(), event);
		assert_ok!(uncover(SELLER, 3));
		assert_eq!((covered(&SELLER), Compute::sold(&SELLER, FIRST)), (0, 0));
		assert_eq!(Covers::<Test>::iter().count(), 0);
	})
}

#[test]
fn nobody_gives_more_cover_back_than_it_has() {
	short(5).run(|| {
		assert_noop!(uncover(SELLER, 1), Error::<Test>::NotCovered);
		assert_ok!(cover(SELLER, 2));
		assert_noop!(uncover(SELLER, 3), Error::<Test>::NotCovered);
		assert_noop!(uncover(SELLER_2, 1), Error::<Test>::NotCovered);
	})
}

#[test]
fn who_needs_its_cover_for_margin_keeps_it() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 5));
		Unmargined::append(key(&SELLER));
		assert_noop!(uncover(SELLER, 1), refused("insufficient margin"));
	})
}

#[test]
fn cover_of_a_contract_that_ended_in_cash_is_given_back_by_its_owner() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 5));
		set_time(EXPIRY);
		assert!(!Clearing::end(CONTRACT, Price(0), &[]));
		assert_ok!(uncover(SELLER, 5));
		assert_eq!(Compute::sold(&SELLER, FIRST), 0);
	})
}

#[test]
fn cover_of_a_contract_that_is_forgotten_is_given_back_by_anyone() {
	Exchange::holding(&[(BUYER, 7), (SELLER, -5), (SELLER_2, -2)]).run(|| {
		assert_ok!(cover(SELLER, 5));
		assert_ok!(cover(SELLER_2, 2));
		let advance = || Delivery::advance(signed(ANYONE), CONTRACT);
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		set_time(EXPIRY);
		assert!(!Clearing::end(CONTRACT, Price(0), &[]));
		Contracts::mutate(|contracts| contracts.remove(&CONTRACT));
		for _ in 0..2 {
			assert_eq!(advance().unwrap().pays_fee, Pays::No);
		}
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		assert_eq!((Compute::sold(&SELLER, FIRST), Compute::sold(&SELLER_2, FIRST)), (0, 0));
		assert_eq!(Covers::<Test>::iter().count(), 0);
	})
}

#[test]
fn cover_of_days_that_the_ledger_forgot_is_given_back_for_the_others() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 5));
		ForgottenBefore::put(day(2));
		assert_ok!(uncover(SELLER, 5));
		let sold: Vec<_> = (0..DAYS).map(|index| Compute::sold(&SELLER, day(index))).collect();
		assert_eq!(sold, [5 * LOT_DAY, 5 * LOT_DAY, 0, 0]);
		assert_eq!(Covers::<Test>::iter().count(), 0);
	})
}

#[test]
fn cover_of_another_account_of_the_owner_is_another() {
	short(5).run(|| {
		assert_ok!(cover(SELLER, 5));
		let second = Delivery::uncover(signed(SELLER), SubAccount(1), CONTRACT, Lots(1));
		assert_noop!(second, Error::<Test>::NotCovered);
	})
}
