//! What is paid out of escrow, and out of accounts for what was not delivered.

use super::{defaults::*, delivery::*, *};
use crate::mock::delivery::make_deliverable;
use frame_support::{pallet_prelude::DispatchError, traits::fungible::Balanced};
use gcx_primitives::{ArithmeticError, DeliveryClearing};
use pallet_insurance::Books as PoolBooks;

#[test]
fn a_release_within_a_segment_is_paid_at_once() {
	Exchange.run(|| {
		taken_market();
		let before = (net(GUARANTOR, SegmentSide::Customers), customers(GUARANTOR).custody);
		assert_ok!(release(GUARANTOR, 12, 1_000));
		let (guarantor, side, amount, cash_now) = (GUARANTOR, SegmentSide::Customers, Cash(1_000), Cash(978_300));
		let (owner, sub, cash_of) = (12, SubAccount(0), cash_now);
		let event = Event::EscrowReleased { guarantor, side, owner, sub, amount, cash: cash_of };
		assert_eq!(events().last(), Some(&event));
		assert_eq!((cash(12), escrowed(GUARANTOR)), (978_300, 51_700));
		assert_eq!((net(GUARANTOR, SegmentSide::Customers), customers(GUARANTOR).custody), before);
		assert_eq!(view(12).withdrawable, cash_now);
	})
}

#[test]
fn a_release_to_another_segment_moves_n_and_the_money_follows() {
	Exchange.run(|| {
		taken_market();
		assert_whole();
		hold_runs();
		assert_ok!(release(GUARANTOR, OTHERS_CUSTOMER, 10_000));
		let nets = || [GUARANTOR, OTHER].map(|guarantor| net(guarantor, SegmentSide::Customers).0);
		assert_eq!((nets(), escrowed(GUARANTOR)), ([-10_000, 10_000], 42_700));
		let (had, custody) = (cash(OTHERS_CUSTOMER), customers(OTHER).custody);
		assert_eq!((had, account(OTHERS_CUSTOMER).unpaid.amount), (995_000, Cash(10_000)));
		// It cannot be withdrawn before a run has paid it.
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(had - 10_000));
		assert_ok!(Clearing::do_try_state());
		settle();
		assert_eq!((nets(), customers(OTHER).custody), ([0, 0], Cash(custody.0 + 10_000)));
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(had));
		assert_whole();
	})
}

#[test]
fn no_more_is_released_or_forfeited_than_is_in_escrow() {
	Exchange.run(|| {
		taken_market();
		let in_escrow = escrowed(OTHER);
		assert_noop!(release(OTHER, OTHERS_CUSTOMER, in_escrow + 1), Error::<Test>::EscrowTooSmall);
		assert_noop!(forfeit(OTHER, in_escrow + 1), Error::<Test>::EscrowTooSmall);
		assert_noop!(release(OTHER, STRANGER, 1), Error::<Test>::UnknownAccount);
		assert_noop!(release(STRANGER, 11, 0), Error::<Test>::EscrowTooSmall);
		assert_noop!(forfeit(STRANGER, 0), Error::<Test>::EscrowTooSmall);
		let negative = ArithmeticError::Underflow;
		assert_noop!(release(OTHER, OTHERS_CUSTOMER, -1), negative);
		assert_noop!(forfeit(OTHER, -1), negative);
		assert_noop!(charge(12, 11, -1), negative);
		assert_noop!(fine(12, -1), negative);
		assert_noop!(escrow(12, -1), negative);
		assert_noop!(charge(12, STRANGER, 1), Error::<Test>::UnknownAccount);
		assert_noop!(charge(STRANGER, 12, 1), Error::<Test>::UnknownAccount);
		assert_noop!(fine(STRANGER, 1), Error::<Test>::UnknownAccount);
		assert_noop!(escrow(STRANGER, 1), Error::<Test>::UnknownAccount);
		assert_ok!(release(OTHER, OTHERS_CUSTOMER, in_escrow));
		assert_eq!(escrowed(OTHER), 0);
	})
}

#[test]
fn a_ported_buyer_gets_its_escrow_back() {
	Exchange.run(|| {
		taken_market();
		join(11, OTHER);
		// The escrow stays where it was: it is the old guarantor's custody that has it.
		assert_eq!((escrowed(GUARANTOR), escrowed(OTHER), account(11).deliveries), (52_700, 15_500, 1));
		assert_whole();
		hold_runs();
		assert_ok!(release(GUARANTOR, 11, 31_000));
		assert_eq!((cash(11), escrowed(GUARANTOR)), (1_001_000, 21_700));
		let net_of = |guarantor| net(guarantor, SegmentSide::Customers).0;
		assert_eq!((net_of(GUARANTOR), net_of(OTHER)), (-31_000, 31_000));
		assert_whole();
	})
}

#[test]
fn only_what_could_be_withdrawn_is_put_in_escrow_and_no_fuse_asks() {
	Exchange.run(|| {
		deliverable_market();
		trade(11, 12, 10, PRICE);
		let free = view(11).withdrawable.0;
		assert_noop!(escrow(11, free + 1), Error::<Test>::MarginNeeded);
		open_fuse();
		assert_noop!(try_withdraw(11, 0, free.unsigned_abs()), Error::<Test>::EgressFuseBlown);
		assert_eq!(escrow(11, free), Ok(segment_of(GUARANTOR)));
		let (owner, sub, cash_now) = (11, SubAccount(0), Cash(1_000_000 - free));
		assert_eq!(events().last(), Some(&Event::PutInEscrow { owner, sub, amount: Cash(free), cash: cash_now }));
		assert_eq!((escrowed(GUARANTOR), view(11).withdrawable), (free, Cash(0)));
		assert_noop!(escrow(11, 1), Error::<Test>::MarginNeeded);
		// Nothing leaves that nothing may leave of: it is another's now, with the reserve that it had.
		assert_ok!(release(GUARANTOR, 12, free));
		assert_noop!(try_withdraw(12, 0, free.unsigned_abs()), Error::<Test>::EgressFuseBlown);
	})
}

#[test]
fn a_house_puts_in_escrow_what_its_guarantor_does_not_need() {
	Exchange.run(|| {
		deliverable_market();
		let free = 2_000_000 - i128::try_from(MIN_HOUSE).expect("it is small");
		assert_noop!(escrow(GUARANTOR, free + 1), Error::<Test>::HouseFundsLocked);
		assert_eq!(escrow(GUARANTOR, free), Ok(segment(GUARANTOR, SegmentSide::House)));
		assert_eq!(house(GUARANTOR).escrow, Cash(free));
	})
}

#[test]
fn forfeits_and_fines_reach_the_pool_with_the_next_run() {
	Exchange.run(|| {
		taken_market();
		let before = dollars(INSURANCE);
		assert_ok!(forfeit(OTHER, 500));
		assert_ok!(fine(12, 70));
		let (guarantor, side) = (OTHER, SegmentSide::Customers);
		assert!(events().contains(&Event::EscrowForfeited { guarantor, side, amount: Cash(500) }));
		let (owner, sub) = (12, SubAccount(0));
		let fined = Event::DeliveryFined { owner, sub, amount: Cash(70), cash: Cash(977_300 - 70) };
		assert_eq!(events().last(), Some(&fined));
		assert_eq!((escrowed(OTHER), cash(12)), (15_000, 977_230));
		assert_eq!((customers(OTHER).penalties, customers(GUARANTOR).penalties), (Cash(500), Cash(70)));
		assert_ok!(Clearing::do_try_state());
		settle();
		assert_eq!(dollars(INSURANCE), before + 570);
		assert_whole();
	})
}

#[test]
fn a_seller_is_charged_and_the_buyer_is_paid() {
	Exchange.run(|| {
		taken_market();
		assert_whole();
		hold_runs();
		let (seller, buyer) = (cash(12), cash(OTHERS_CUSTOMER));
		assert_ok!(charge(12, OTHERS_CUSTOMER, 40_000));
		let sub = SubAccount(0);
		let (amount, left, has) = (Cash(40_000), Cash(seller - 40_000), Cash(buyer + 40_000));
		let all = events();
		assert!(all.contains(&Event::DeliveryCharged { owner: 12, sub, amount, cash: left }));
		assert!(all.contains(&Event::DeliveryPaid { owner: OTHERS_CUSTOMER, sub, amount, cash: has }));
		assert_eq!((cash(12), cash(OTHERS_CUSTOMER)), (left.0, has.0));
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(buyer));
		assert_eq!(net(GUARANTOR, SegmentSide::Customers), Cash(-40_000));
		assert_whole();
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, has);
		// Within one segment a run has to pass as well.
		hold_runs();
		let withdrawable = view(11).withdrawable;
		assert_ok!(charge(12, 11, 1_000));
		assert_eq!(view(11).withdrawable, withdrawable);
		assert_whole();
	})
}

#[test]
fn a_charge_beyond_a_sellers_cash_is_advanced_by_its_house_and_then_its_loss() {
	Exchange.run(|| {
		taken_market();
		let (had, buyer) = (cash(12), cash(OTHERS_CUSTOMER));
		assert_ok!(charge(12, OTHERS_CUSTOMER, had + 50_000));
		assert!(matches!(account(12).state, AccountState::CashCall { .. }));
		assert_eq!((cash(12), customers(GUARANTOR).gaps), (-50_000, Cash(50_000)));
		assert_eq!((house(GUARANTOR).given, house(GUARANTOR).custody), (Cash(50_000), Cash(1_950_000)));
		assert_ok!(Clearing::do_try_state());
		settle();
		hold_runs();
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(buyer + had + 50_000));
		minutes(100);
		assert_eq!((cash(12), cash(GUARANTOR)), (0, 1_950_000));
		assert_whole();
	})
}

#[test]
fn a_guarantor_that_cannot_bear_a_charge_fails_and_the_layers_do() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 500_000, 0, 0);
		taken_market();
		let owed = cash(12) + 2_000_000 + 300_000;
		let buyer = cash(OTHERS_CUSTOMER);
		assert_ok!(charge(12, OTHERS_CUSTOMER, owed));
		assert_eq!(customers(GUARANTOR).uncovered(), Cash(300_000));
		assert!(MarginCalls::<Test>::contains_key(GUARANTOR));
		settle();
		hold_runs();
		// The pool lent what was missing: the buyer has all of it.
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(buyer + owed));
		minutes(300);
		assert_settled(GUARANTOR, 300_000);
		assert_whole();
	})
}

/// A stake of so many tokens.
fn stake(amount: Balance) -> <Clearing as DeliveryClearing<AccountId>>::Credit {
	Balances::issue(amount)
}

fn sell(seller: AccountId, amount: Balance, advance: i128, buyer: AccountId) -> Result<Cash, DispatchError> {
	Clearing::sell_stake(&key(seller), stake(amount), Cash(advance), &key(buyer))
}

#[test]
fn a_sold_stake_pays_the_buyer_at_once_and_burns_nothing() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 100_000, 0, 0);
		taken_market();
		// Half of a token's price counts.
		assert_eq!(Clearing::stake_worth(Cash(30_005)), Some(3_001));
		let (had, tokens) = (cash(OTHERS_CUSTOMER), Balances::total_issuance());
		assert_eq!(sell(12, 3_001, 30_005, OTHERS_CUSTOMER), Ok(Cash(30_005)));
		assert_eq!((cash(OTHERS_CUSTOMER), view(OTHERS_CUSTOMER).unpaid), (had + 30_005, Cash(0)));
		assert_eq!(view(OTHERS_CUSTOMER).withdrawable, Cash(had + 30_005));
		assert_eq!(Balances::total_issuance(), tokens + 3_001);
		assert_eq!(PoolBooks::<Test>::get().skin, Cash(100_000 - 30_005));
		assert_ok!(Clearing::do_try_state());
		// What it fetches repays the pool, and the rest is income.
		buy(0, Balance::MAX);
		assert_eq!(PoolBooks::<Test>::get().skin, Cash(100_000));
		assert_whole();
	})
}

#[test]
fn a_stake_pays_no_more_than_the_pool_has_and_is_burnt_if_somebody_is_unknown() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 10_000, 0, 0);
		taken_market();
		let tokens = Balances::total_issuance();
		for (seller, buyer) in [(STRANGER, 11), (12, STRANGER)] {
			assert_eq!(sell(seller, 5_000, 30_000, buyer), Err(Error::<Test>::UnknownAccount.into()));
		}
		assert_eq!(sell(12, 5_000, -1, 11), Err(ArithmeticError::Underflow.into()));
		assert_eq!(Balances::total_issuance(), tokens);
		assert_eq!(sell(12, 5_000, 30_000, 11), Ok(Cash(10_000)));
		assert_eq!(Balances::total_issuance(), tokens + 5_000);
		assert_whole();
	})
}

/// What a stake too small did not count for was once paid by the pool, and so by skin in the game and the other guarantors before the
/// seller and its own guarantor.
#[test]
fn no_more_is_advanced_on_a_stake_than_it_counts_for() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 100_000, 0, 0);
		taken_market();
		assert_eq!(sell(12, 3_000, 30_005, OTHERS_CUSTOMER), Ok(Cash(30_000)));
		assert_eq!(PoolBooks::<Test>::get().skin, Cash(70_000));
		// Without a price it counts for nothing.
		BondPrice::set(0);
		assert_eq!(Clearing::stake_worth(Cash(1)), None);
		assert_eq!(sell(12, 3_000, 30_005, OTHERS_CUSTOMER), Ok(Cash::ZERO));
		assert_eq!(PoolBooks::<Test>::get().skin, Cash(70_000));
		assert_whole();
	})
}

#[test]
fn payments_are_not_cut_with_gains() {
	let cut_of_winner = |pays: bool| {
		let mut cut = None;
		Exchange.run(|| {
			make_deliverable(FAR, 1);
			super::gains::calls_for(400);
			if pays {
				assert_ok!(charge(12, 22, 5_000));
				escrow(12, 7_000).expect("it has so much");
				assert_ok!(release(GUARANTOR, 22, 7_000));
			}
			let before = view(22).cash.0;
			// 22 gains a thousand and 24 five hundred.
			run_at(price_of(400) + 100);
			cut = Some((super::gains::cuts(), view(22).cash.0 - before));
			minutes(20);
			assert_whole();
		});
		cut.expect("it ran")
	};
	let (cuts, gained) = cut_of_winner(false);
	assert!(cuts.contains(&(22, 1_000, 1_000 - gained)), "{cuts:?} {gained}");
	assert_eq!(cut_of_winner(true), (cuts, gained));
}
