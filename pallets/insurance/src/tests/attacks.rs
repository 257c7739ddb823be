//! How pools were robbed elsewhere, and what becomes of it here. Each with its story in one line.

use super::*;

/// The first depositor makes a share so dear that the next one's deposit is rounded to nothing.
#[test]
fn a_first_depositor_cannot_round_the_next_ones_deposit_away() {
	Chain::default().run(|| {
		assert_eq!(deposit(ALICE, MIN_DEPOSIT), MIN_SHARES);
		income(1_000_000_000);
		// A deposit that bought fewer than a billion shares is refused, and the money stays where it is.
		assert_noop!(Insurance::deposit(signed(BOB), 999_000_000, 0), Error::<Test>::DepositTooSmall);
		// One that does loses a billionth at most.
		let shares = deposit(BOB, 2_000_000_000);
		let (value, all) = Insurance::share_price();
		let worth = value.0 * i128::try_from(shares).unwrap() / i128::try_from(all).unwrap();
		assert!(worth >= 2_000_000_000 - 2, "{worth}");
	})
}

/// A gift between a deposit's signature and its inclusion changes the price that it was signed for.
#[test]
fn a_gift_ahead_of_a_deposit_cannot_lower_what_it_buys_below_what_was_asked_for() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		let promised = 10_000_000_000;
		income(1);
		let refused = Insurance::deposit(signed(BOB), 10_000, promised);
		assert_noop!(refused, Error::<Test>::TooFewShares);
	})
}

/// Somebody deposits right before income is distributed, and leaves with a part of it.
#[test]
fn who_deposits_right_before_a_distribution_gets_nothing_of_it() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		income(5_000);
		deposit(BOB, 1_000_000);
		let _ = Insurance::distribute(signed(BOB));
		redeem_all(BOB);
		pass(COOLING_OFF + DAY);
		next_block();
		assert!(gained(BOB) <= 0 && gained(BOB) >= -1, "{}", gained(BOB));
		assert!(layers().2 >= 15_000);
	})
}

/// Who sees a loss coming redeems before it, and those who stay bear all of it.
#[test]
fn nobody_redeems_ahead_of_a_loss_that_is_known() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		redeem_all(ALICE);
		pass(COOLING_OFF + DAY);
		// The margin call comes first, the draw later.
		Calm::set(false);
		for _ in 0..3 {
			next_block();
		}
		let _ = Insurance::advance_redemptions(signed(ALICE));
		absorb(PoolLayer::Outside, 1, 12_000);
		Calm::set(true);
		next_block();
		assert_eq!((gained(ALICE), layers().2), (-6_000, 4_000));
	})
}

/// A run: who comes first is paid in full, who comes last gets nothing.
#[test]
fn a_run_on_the_pool_pays_all_the_same_part() {
	Chain::default().run(|| {
		let everybody: Vec<AccountId> = (10..20).collect();
		for who in &everybody {
			deposit(*who, 10_000);
		}
		Requirement::set(60_000);
		// They come one a day; the pool is not calm until all are there.
		Calm::set(false);
		for who in &everybody {
			redeem_all(*who);
			pass(DAY);
		}
		pass(COOLING_OFF);
		Calm::set(true);
		next_block();
		for who in &everybody {
			assert_ok!(Insurance::collect(signed(ANYONE), *who));
		}
		let paid: Vec<_> = everybody.iter().map(|who| gained(*who)).collect();
		assert!(paid.iter().all(|paid| (-6_001..=-6_000).contains(paid)), "{paid:?}");
		assert!(Insurance::size() >= Cash(60_000));
	})
}

/// A guarantor leaves, unbonds or takes its contribution back between a loss and the assessment for it.
#[test]
fn a_guarantor_cannot_dodge_an_assessment() {
	Chain::default().run(|| {
		contribute(1, 5_000);
		contribute(2, 5_000);
		absorb(PoolLayer::Own, 2, 1_000);
		let withdraw = Insurance::withdraw_contribution(signed(1), 4_900);
		assert_noop!(withdraw, Error::<Test>::ContributionsLocked);
		assert_noop!(Guarantor::exit(signed(1)), pallet_guarantor::Error::<Test>::ExitLocked);
		assert_ok!(Guarantor::unbond(signed(1), BOND - 1_000));
		pass(EXIT_LOCK - 1);
		assert!(Guarantor::withdraw_unbonded(signed(1), 1).is_err());
		set_price(PRICE);
		assert_eq!(assess(2, 9_000), taken(5_000, 5_000));
	})
}

/// Many small withdrawals, each rounded in the attacker's favour, drain a pool.
#[test]
fn many_small_steps_bring_nothing() {
	Chain::default().run(|| {
		deposit(BOB, 7_777);
		income(333);
		for _ in 0..20 {
			deposit(ALICE, 2_003);
			let shares = Insurance::shares_of(&ALICE);
			if shares > 2 * MIN_SHARES {
				let _ = Insurance::redeem(signed(ALICE), MIN_SHARES + 1);
			}
			redeem_all(ALICE);
			pass(COOLING_OFF + DAY);
			next_block();
		}
		assert!(gained(ALICE) <= 0);
		assert!(layers().2 >= 7_777 + 333);
	})
}

/// Money sent to the pool is taken for somebody's, or for a price.
#[test]
fn a_gift_is_income_and_nobodys_alone() {
	Chain::default().run(|| {
		fund_skin(100);
		contribute(1, 1_000);
		deposit(ALICE, 1_000);
		income(777);
		// Not recognised, it is neither lent nor drawn.
		assert_eq!(Insurance::size(), Cash(2_100));
		assert_eq!(lend(2, 9_999), 2_100);
		assert_ok!(Insurance::take_back(&2, &CUSTODY, Cash(2_100)));
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(layers(), (100, 1_389, 1_388));
	})
}
