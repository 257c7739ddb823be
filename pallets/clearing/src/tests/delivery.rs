//! Contracts that are delivered: what leaves accounts when they end.

use super::{defaults::*, *};
use crate::mock::delivery::{begun, make_deliverable, set_cover, taken_over, TakenOver, WEIGHT};
use frame_support::{
	dispatch::DispatchClass,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_primitives::{AccountKey, DeliveryClearing, DeliveryRamp, Instruments as _, Segment};

/// The first sub-account of an owner.
pub(super) fn key(owner: AccountId) -> AccountKey<AccountId> {
	AccountKey { owner, sub: SubAccount(0) }
}

/// The customers' segment of a guarantor.
pub(super) fn segment_of(guarantor: AccountId) -> Segment<AccountId> {
	segment(guarantor, SegmentSide::Customers)
}

pub(super) fn release(from: AccountId, to: AccountId, amount: i128) -> DispatchResult {
	<Clearing as DeliveryClearing<_>>::release(&segment_of(from), &key(to), Cash(amount))
}

pub(super) fn forfeit(from: AccountId, amount: i128) -> DispatchResult {
	Clearing::forfeit(&segment_of(from), Cash(amount))
}

pub(super) fn charge(seller: AccountId, buyer: AccountId, amount: i128) -> DispatchResult {
	Clearing::charge(&key(seller), &key(buyer), Cash(amount))
}

pub(super) fn fine(seller: AccountId, amount: i128) -> DispatchResult {
	Clearing::fine(&key(seller), Cash(amount))
}

pub(super) fn escrow(from: AccountId, amount: i128) -> Result<Segment<AccountId>, DispatchError> {
	Clearing::escrow(&key(from), Cash(amount))
}

pub(super) fn escrowed(guarantor: AccountId) -> i128 {
	Clearing::escrowed(&segment_of(guarantor)).0
}

/// The near month is delivered when it ends, and near its delivery from tomorrow on.
fn make_near_deliverable() {
	make_deliverable(NEAR, 1);
	let from = now() + 24 * HOUR;
	assert_ok!(Clearing::deliver(NEAR, DeliveryRamp { from, until: from + 5 * HOUR, days: 2 }));
}

/// Everybody has an account, and the near month is delivered.
pub(super) fn deliverable_market() {
	calm_rules();
	open_market();
	make_near_deliverable();
}

/// The near month ends at this price in a run of its own. Nobody is rolled yet.
pub(super) fn end_at(price: i64) {
	assert_ok!(Clearing::end(NEAR, Price(price)));
	settle();
	hold_runs();
}

/// 11 is long ten lots of 12's, of which three are covered; 21 is long five of the other house's. They end at 3,100.
pub(super) fn ended_market() {
	deliverable_market();
	set_cover((12, 0), NEAR, 3);
	trade(11, 12, 10, PRICE);
	trade(OTHERS_CUSTOMER, OTHER, 5, PRICE);
	end_at(3_100);
}

/// The same with everybody rolled.
pub(super) fn taken_market() {
	ended_market();
	for who in [11, 12, OTHERS_CUSTOMER, OTHER] {
		check(who);
	}
}

#[test]
fn what_is_taken_over_goes_into_escrow_to_the_unit() {
	Exchange.run(|| {
		let issued = issuance();
		ended_market();
		assert_eq!(begun().into_iter().collect::<Vec<_>>(), [(NEAR, (3_100, 15))]);
		assert!(instrument(NEAR).delivers && taken_over().is_empty());
		assert_ok!(Clearing::do_try_state());
		check(11);
		let instrument = NEAR;
		let (lots, amount) = (Lots(10), Cash(31_000));
		let event = Event::Escrowed { owner: 11, sub: SubAccount(0), instrument, lots, amount };
		assert!(events().contains(&event));
		assert_eq!((cash(11), escrowed(GUARANTOR)), (1_000_000 + 1_000 - 31_000, 31_000));
		assert_ok!(Clearing::do_try_state());
		for who in [12, OTHERS_CUSTOMER, OTHER] {
			check(who);
		}
		assert_eq!((cash(12), escrowed(GUARANTOR)), (1_000_000 - 1_000 - 21_700, 31_000 + 21_700));
		assert_eq!((cash(OTHERS_CUSTOMER), escrowed(OTHER)), (1_000_000 + 500 - 15_500, 15_500));
		assert_eq!((cash(OTHER), house(OTHER).escrow), (2_000_000 - 500 - 15_500, Cash(15_500)));
		let taken = |owner, segment, lots, escrowed| TakenOver { owner, sub: 0, segment, instrument, lots, escrowed };
		let expected = [
			taken(11, segment_of(GUARANTOR), 10, 31_000),
			taken(12, segment_of(GUARANTOR), -10, 21_700),
			taken(OTHERS_CUSTOMER, segment_of(OTHER), 5, 15_500),
			taken(OTHER, segment(OTHER, SegmentSide::House), -5, 15_500),
		];
		assert_eq!(taken_over(), expected);
		for who in [11, 12, OTHERS_CUSTOMER, OTHER] {
			let account = account(who);
			assert!(account.positions.is_empty() && account.deliveries == 1 && account.triggers.levels.is_empty());
		}
		assert_eq!((issuance(), view(11).cash), (issued, Cash(cash(11))));
		assert_whole();
		minutes(5);
		assert_ok!(Clearing::delist(NEAR));
	})
}

#[test]
fn a_view_takes_nothing_over_and_a_look_does_once() {
	Exchange.run(|| {
		ended_market();
		let stored = account(11);
		assert_eq!((view(11).cash, view(11).positions.len()), (Cash(970_000), 0));
		let of_guarantor = Clearing::guarantor_view(GUARANTOR).expect("it is one").customer_segment;
		assert_eq!((of_guarantor.escrow, escrowed(GUARANTOR)), (Cash(0), 0));
		assert_eq!((taken_over(), account(11)), (vec![], stored));
		let weight = || System::block_weight().get(DispatchClass::Mandatory).ref_time();
		let before = weight();
		check(11);
		assert_eq!((taken_over().len(), weight() - before), (1, WEIGHT.ref_time()));
		check(11);
		run_at(PRICE);
		check(11);
		assert_eq!((taken_over().len(), account(11).deliveries), (1, 1));
		let of_guarantor = Clearing::guarantor_view(GUARANTOR).expect("it is one").customer_segment;
		assert_eq!(of_guarantor.escrow, Cash(31_000));
	})
}

#[test]
fn everybody_is_taken_over_by_the_sweep() {
	Exchange.run(|| {
		ended_market();
		minutes(5);
		assert_eq!(taken_over().len(), 4);
		assert_eq!((escrowed(GUARANTOR), escrowed(OTHER)), (52_700, 15_500));
	})
}

#[test]
fn what_is_torn_up_or_not_deliverable_ends_in_cash() {
	let ended_in_cash = || {
		minutes(5);
		assert!(!instrument(NEAR).delivers && begun().is_empty() && taken_over().is_empty());
		assert_eq!((escrowed(GUARANTOR), account(11).deliveries, lots(11)), (0, 0, 0));
		assert_whole();
	};
	// Torn up.
	Exchange.run(|| {
		deliverable_market();
		trade(11, 12, 10, PRICE);
		Endings::<Test>::try_append((NEAR, Settled::<Test>::get().current)).expect("there is room");
		Instruments::<Test>::mutate(NEAR, |one| one.as_mut().expect("listed").ending = Some(Ending::Settlement));
		run_at(3_100);
		ended_in_cash();
	});
	// Who delivers does not want it.
	Exchange.run(|| {
		deliverable_market();
		trade(11, 12, 10, PRICE);
		end_at(-100);
		ended_in_cash();
	});
	// It was never said that it is delivered.
	Exchange.run(|| {
		calm_rules();
		open_market();
		make_deliverable(NEAR, 1);
		trade(11, 12, 10, PRICE);
		end_at(3_100);
		ended_in_cash();
	});
}

/// 11 has 30,000 and is long twenty lots that end at 3,000.
fn cannot_pay() {
	calm_rules();
	open_market_with([(11, 30_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 100_000)]);
	make_near_deliverable();
	trade(11, OTHERS_CUSTOMER, 20, PRICE);
	end_at(PRICE);
	check(11);
}

#[test]
fn who_cannot_pay_is_called_and_its_house_advances() {
	Exchange.run(|| {
		cannot_pay();
		assert_eq!((cash(11), escrowed(GUARANTOR)), (-30_000, 60_000));
		assert!(matches!(account(11).state, AccountState::CashCall { .. }));
		let behind = customers(GUARANTOR);
		assert_eq!((behind.gaps, behind.received, behind.custody), (Cash(30_000), Cash(30_000), Cash(1_060_000)));
		assert_ok!(Clearing::do_try_state());
		deposit(11, 30_000);
		assert_eq!((cash(11), account(11).state.is_open()), (0, true));
		assert_eq!((house(GUARANTOR).given, customers(GUARANTOR).received), (Cash(0), Cash(0)));
	})
}

#[test]
fn who_never_pays_leaves_its_house_with_the_loss_and_keeps_its_delivery() {
	Exchange.run(|| {
		cannot_pay();
		minutes(100);
		assert_eq!((cash(11), cash(GUARANTOR), escrowed(GUARANTOR)), (0, 70_000, 60_000));
		assert_eq!(account(11).deliveries, 1);
		assert_ok!(release(GUARANTOR, 11, 60_000));
		assert_eq!((cash(11), escrowed(GUARANTOR)), (60_000, 0));
		assert_whole();
	})
}

/// It was rolled in the books of its porting.
#[test]
fn who_is_ported_before_it_is_rolled_leaves_its_escrow_behind() {
	Exchange.run(|| {
		ended_market();
		join(11, OTHER);
		assert_eq!((escrowed(GUARANTOR), escrowed(OTHER), cash(11)), (31_000, 0, 970_000));
		assert_eq!(taken_over().first().map(|taken| taken.segment), Some(segment_of(GUARANTOR)));
		assert_whole();
	})
}

#[test]
fn an_account_with_an_obligation_is_not_closed() {
	Exchange.run(|| {
		taken_market();
		assert_ok!(charge(11, 12, cash(11)));
		assert_noop!(try_close(11, 0), Error::<Test>::DeliveryOpen);
		Clearing::done(&key(11));
		assert_ok!(try_close(11, 0));
		assert!(!Accounts::<Test>::contains_key(11, SubAccount(0)));
	});
	// Not even one that nobody has looked at since the end of what it held.
	Exchange.run(|| {
		deliverable_market();
		assert_ok!(charge(13, 12, cash(13) - 3_000));
		trade(13, 12, 1, PRICE);
		end_at(3_000);
		assert_noop!(try_close(13, 0), Error::<Test>::DeliveryOpen);
	});
}

#[test]
fn an_ended_position_is_nobodys() {
	Exchange.run(|| {
		deliverable_market();
		trade(11, 12, 10, PRICE);
		let lots = |who| Clearing::lots(&key(who), NEAR);
		assert_eq!((lots(11), lots(12), lots(13), lots(STRANGER)), (Lots(10), Lots(-10), Lots(0), Lots(0)));
		end_at(PRICE);
		assert_eq!((lots(11), account(11).lots(NEAR)), (Lots(0), Lots(10)));
		assert_eq!(Clearing::lots(&key(11), InstrumentId(9)), Lots(0));
	})
}
