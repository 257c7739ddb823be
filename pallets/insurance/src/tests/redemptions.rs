//! Redemptions: when, at what price, how much, and to whom.

use super::*;
use frame_support::dispatch::Pays;

/// Lets all mature that was asked for until now. No block begins.
fn mature() {
	pass(COOLING_OFF + DAY);
}

fn advance() -> bool {
	match Insurance::advance_redemptions(signed(ANYONE)) {
		Ok(info) => {
			assert_eq!(info.pays_fee, Pays::No);
			true
		},
		Err(error) => {
			assert_eq!(error.error, Error::<Test>::NothingToAdvance.into());
			false
		},
	}
}

#[test]
fn a_redemption_is_executed_and_paid_by_itself_at_the_price_of_its_maturity() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 30_000);
		redeem_all(ALICE);
		let due = (START + COOLING_OFF).next_multiple_of(DAY);
		assert!(events().contains(&Event::RedemptionRequested {
			who: ALICE,
			shares: 10_000_000_000,
			left: 0,
			bucket: BucketId(0),
			due
		}));
		// Income until then is the leaver's as well.
		income(4_000);
		pass(due - now() - 1);
		next_block();
		assert_eq!(gained(ALICE), -10_000);
		pass(1);
		next_block();
		assert_eq!((gained(ALICE), layers()), (1_000, (0, 0, 33_000)));
		assert_eq!(Holders::<Test>::iter_keys().collect::<Vec<_>>(), [BOB]);
		assert_eq!(Buckets::<Test>::iter().count(), 0);
	})
}

#[test]
fn what_waits_bears_losses_like_what_stays() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 30_000);
		redeem_all(ALICE);
		mature();
		assert_eq!(absorb(PoolLayer::Outside, 1, 20_000), taken(40_000, 20_000));
		next_block();
		assert_eq!((gained(ALICE), layers().2), (-5_000, 15_000));
	})
}

#[test]
fn executed_money_bears_no_loss_and_cannot_be_lent() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 30_000);
		redeem_all(ALICE);
		mature();
		Insurance::execute_mature().unwrap();
		assert_eq!(absorb(PoolLayer::Outside, 1, 50_000), taken(30_000, 30_000));
		assert_eq!(lend(1, 1), 0);
		assert_ok!(Insurance::collect(signed(ANYONE), ALICE));
		assert_eq!((gained(ALICE), dollars(POOL)), (0, MINIMUM));
	})
}

#[test]
fn redemptions_wait_while_a_loss_is_open_or_undecided() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		redeem_all(ALICE);
		mature();
		Calm::set(false);
		assert!(!advance());
		Calm::set(true);
		lend(1, 1);
		assert!(!advance());
		assert_ok!(Insurance::take_back(&1, &CUSTODY, Cash(1)));
		set_price(PRICE);
		sell_bond(1, 1_000, 1_000);
		assert!(!advance());
		assert_ok!(Insurance::buy(signed(ANYONE), SaleId(0), 500, Price(PRICE)));
		assert!(advance());
		assert_eq!(gained(ALICE), 0);
	})
}

#[test]
fn what_the_pool_needs_stays_and_the_rest_is_shared_pro_rata() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 20_000);
		deposit(CHARLIE, 30_000);
		redeem_all(ALICE);
		pass(3 * DAY);
		redeem_all(BOB);
		mature();
		// Alice's came first, and both are mature.
		Requirement::set(45_000);
		assert!(advance());
		assert_eq!((gained(ALICE), gained(BOB)), (-10_000, -20_000));
		assert!(!advance());
		for who in [ALICE, BOB] {
			assert_ok!(Insurance::collect(signed(ANYONE), who));
			assert_noop!(Insurance::collect(signed(ANYONE), who), Error::<Test>::NothingToCollect);
		}
		assert_eq!((gained(ALICE), gained(BOB), layers().2), (-5_000, -10_000, 45_000));
		// What could not be executed bears a loss, and is tried again.
		absorb(PoolLayer::Outside, 1, 22_500);
		Requirement::set(0);
		assert!(advance());
		next_block();
		assert_eq!((gained(ALICE), gained(BOB), layers().2), (-2_500, -5_000, 15_000));
		assert_eq!(Buckets::<Test>::iter().count(), 0);
	})
}

#[test]
fn other_layers_count_towards_the_requirement() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		fund_skin(2_000);
		contribute(1, 3_000);
		redeem_all(ALICE);
		mature();
		Requirement::set(6_000);
		next_block();
		assert_eq!(layers(), (2_000, 3_000, 1_000));
		assert_eq!(Insurance::size(), Cash(6_000));
		Requirement::set(7_000);
		assert!(!advance());
	})
}

#[test]
fn a_block_pays_a_few_and_anyone_more() {
	Chain::default().run(|| {
		let everybody: Vec<AccountId> = (10..=16).collect();
		for who in &everybody {
			deposit(*who, 1_000);
			redeem_all(*who);
		}
		mature();
		let unpaid = || everybody.iter().filter(|who| gained(**who) < 0).count();
		next_block();
		assert_eq!(unpaid(), 5);
		assert!(advance());
		assert_eq!(unpaid(), 3);
		next_block();
		next_block();
		assert_eq!(unpaid(), 0);
		assert!(!advance());
	})
}

#[test]
fn an_account_that_cannot_be_paid_is_owed_it_and_blocks_nobody() {
	Chain::default().run(|| {
		for who in [ALICE, BOB, CHARLIE] {
			deposit(who, 1_000);
			redeem_all(who);
		}
		assert_ok!(Assets::block(signed(1_000), DOLLARS, BOB));
		mature();
		next_block();
		next_block();
		assert_eq!([ALICE, BOB, CHARLIE].map(gained), [0, -1_000, 0]);
		assert!(Insurance::collect(signed(ANYONE), BOB).is_err());
		assert_eq!(Buckets::<Test>::iter().count(), 0);
		assert_ok!(Assets::thaw(signed(1_000), DOLLARS, BOB));
		assert_ok!(Insurance::collect(signed(ANYONE), BOB));
		assert_eq!(gained(BOB), 0);
		assert!(events().contains(&Event::PaymentDeferred { who: BOB, amount: Cash(1_000), owed: Cash(1_000) }));
	})
}

#[test]
fn a_redemption_is_refused_where_it_leaves_or_takes_dust() {
	Chain::default().run(|| {
		let redeem = |shares| Insurance::redeem(signed(ALICE), shares);
		assert_noop!(redeem(1), Error::<Test>::NoShares);
		deposit(ALICE, 3_000);
		assert_noop!(redeem(0), Error::<Test>::NotSoMuch);
		assert_noop!(redeem(3_000_000_001), Error::<Test>::NotSoMuch);
		assert_noop!(redeem(MIN_SHARES - 1), Error::<Test>::TooFewToSplit);
		assert_noop!(redeem(2 * MIN_SHARES + 1), Error::<Test>::TooFewToSplit);
		// After a loss the same shares are worth less than the smallest deposit.
		absorb(PoolLayer::Outside, 1, 1_001);
		assert_noop!(redeem(MIN_SHARES + MIN_SHARES / 2), Error::<Test>::TooFewToSplit);
		assert_ok!(redeem(MIN_SHARES));
		assert_ok!(redeem(2 * MIN_SHARES));
		assert_noop!(redeem(1), Error::<Test>::NoShares);
		mature();
		next_block();
		assert_eq!(gained(ALICE), -1_001);
	})
}

#[test]
fn an_account_redeems_in_so_many_buckets_at_a_time() {
	Chain::default().run(|| {
		deposit(ALICE, 100_000);
		for _ in 0..MAX_REDEMPTIONS {
			assert_ok!(Insurance::redeem(signed(ALICE), MIN_SHARES));
			assert_ok!(Insurance::redeem(signed(ALICE), MIN_SHARES));
			pass(DAY);
		}
		assert_noop!(Insurance::redeem(signed(ALICE), MIN_SHARES), Error::<Test>::TooManyRedemptions);
		mature();
		next_block();
		assert_eq!(gained(ALICE), -84_000);
		assert_ok!(Insurance::redeem(signed(ALICE), MIN_SHARES));
	})
}

#[test]
fn only_so_many_buckets_are_open_at_a_time() {
	Chain::default().run(|| {
		Calm::set(false);
		for who in 10..18 {
			deposit(who, 100_000);
			for _ in 0..8 {
				assert_ok!(Insurance::redeem(signed(who), MIN_SHARES));
				pass(DAY);
			}
		}
		deposit(ALICE, 100_000);
		assert_noop!(Insurance::redeem(signed(ALICE), MIN_SHARES), Error::<Test>::TooManyBuckets);
		// The last one that is open can still be joined.
		pallet_timestamp::Now::<Test>::mutate(|now| *now -= DAY);
		assert_ok!(Insurance::redeem(signed(ALICE), MIN_SHARES));
		Calm::set(true);
		mature();
		for _ in 0..4 {
			next_block();
		}
		assert_eq!(OpenBuckets::<Test>::get().len(), 0);
		assert_eq!((gained(10), gained(17), gained(ALICE)), (-92_000, -92_000, -99_000));
	})
}

#[test]
fn what_is_asked_for_waits_as_long_as_was_said_then() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		deposit(BOB, 1_000);
		redeem_all(ALICE);
		let shorter = InsuranceParameters { cooling_off: DAY, ..parameters() };
		assert_ok!(Insurance::set_parameters(RuntimeOrigin::root(), shorter));
		pass(DELAY);
		redeem_all(BOB);
		pass(2 * DAY);
		next_block();
		assert_eq!((gained(ALICE), gained(BOB)), (-1_000, 0));
		mature();
		next_block();
		assert_eq!(gained(ALICE), 0);
	})
}

#[test]
fn what_rounding_leaves_of_a_bucket_is_income() {
	Chain::default().run(|| {
		for who in [ALICE, BOB, CHARLIE] {
			deposit(who, 1_000);
			redeem_all(who);
		}
		// A thousand for three.
		absorb(PoolLayer::Outside, 1, 2_000);
		mature();
		next_block();
		next_block();
		assert_eq!([ALICE, BOB, CHARLIE].map(gained), [-667; 3]);
		assert!(events().contains(&Event::BucketClosed { bucket: BucketId(0), rest: Cash(1) }));
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(layers(), (1, 0, 0));
	})
}
