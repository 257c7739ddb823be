//! Buying shares.

use super::*;

fn try_deposit(amount: Balance, min_shares: u128) -> sp_runtime::DispatchResult {
	Insurance::deposit(signed(ALICE), amount, min_shares)
}

#[test]
fn a_deposit_buys_shares_at_the_price_of_now() {
	Chain::default().run(|| {
		assert_eq!(deposit(ALICE, 10_000), 10_000_000_000);
		income(5_000);
		assert_eq!(deposit(BOB, 15_000), 10_000_000_000);
		assert_eq!(Insurance::share_price(), (Cash(30_000), 20_000_000_000));
		assert_eq!((gained(ALICE), gained(BOB)), (-10_000, -15_000));
		assert_eq!(
			events().last(),
			Some(&Event::Deposited {
				who: BOB,
				amount: Cash(15_000),
				shares: 10_000_000_000,
				value: Cash(30_000),
				all_shares: 20_000_000_000
			})
		);
	})
}

#[test]
fn a_deposit_is_refused_where_it_is_dust_or_buys_too_little() {
	Chain::default().run(|| {
		assert_noop!(try_deposit(0, 0), Error::<Test>::DepositTooSmall);
		assert_noop!(try_deposit(MIN_DEPOSIT - 1, 0), Error::<Test>::DepositTooSmall);
		assert_noop!(try_deposit(u128::MAX, 0), Error::<Test>::AmountTooLarge);
		assert_noop!(try_deposit(ENDOWMENT + 1, 0), TokenError::FundsUnavailable);
		assert_noop!(try_deposit(1_000, 1_000_000_001), Error::<Test>::TooFewShares);
		assert_ok!(try_deposit(1_000, 1_000_000_000));
	})
}

#[test]
fn nobody_joins_while_a_sale_is_to_repay_outsiders() {
	Chain::default().run(|| {
		deposit(BOB, 5_000);
		assert_eq!(sell_bond(1, 1_000, 500), 500);
		assert_noop!(try_deposit(1_000, 0), Error::<Test>::RepaymentOpen);
		// At the index's price of two.
		assert_ok!(Insurance::buy(signed(ANYONE), SaleId(0), 249, Price(PRICE)));
		assert_noop!(try_deposit(1_000, 0), Error::<Test>::RepaymentOpen);
		assert_ok!(Insurance::buy(signed(ANYONE), SaleId(0), 1, Price(PRICE)));
		assert_ok!(try_deposit(1_000, 0));
		assert_eq!(Insurance::shares_of(&ALICE), 1_000_000_000);
	})
}

#[test]
fn a_pool_that_is_worn_out_takes_no_deposit_until_it_begins_anew() {
	Chain::default().run(|| {
		for _ in 0..3 {
			deposit(ALICE, 1_000_000_000);
			let value = Insurance::share_price().0;
			absorb(PoolLayer::Outside, 1, value.0 - 1);
		}
		assert_noop!(try_deposit(1_000_000_000, 0), Error::<Test>::PoolWornOut);
		absorb(PoolLayer::Outside, 1, 1);
		assert_eq!(deposit(ALICE, 1_000), 1_000_000_000);
	})
}

#[test]
fn a_total_loss_ends_the_series_and_the_next_begins_anew() {
	Chain::default().run(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		redeem_all(BOB);
		assert_eq!(absorb(PoolLayer::Outside, 1, 30_000), taken(20_000, 20_000));
		assert!(events().contains(&Event::SeriesEnded { series: 0 }));
		assert_eq!(Insurance::share_price(), (Cash(0), 0));
		assert_eq!(Insurance::shares_of(&ALICE), 0);
		assert_noop!(Insurance::redeem(signed(ALICE), 1), Error::<Test>::NoShares);
		assert_eq!(deposit(CHARLIE, 7_000), 7_000_000_000);
		// What the old shares left behind can be cleared, and the new ones are not theirs.
		assert_ok!(Insurance::collect(signed(ANYONE), ALICE));
		assert_noop!(Insurance::collect(signed(ANYONE), ALICE), Error::<Test>::NothingToCollect);
		assert_ok!(Insurance::collect(signed(ANYONE), BOB));
		assert_eq!((gained(ALICE), gained(BOB)), (-10_000, -10_000));
		assert_eq!(Holders::<Test>::iter_keys().collect::<Vec<_>>(), [CHARLIE]);
		assert_eq!(deposit(ALICE, 7_000), 7_000_000_000);
		assert_eq!(Buckets::<Test>::iter().count(), 0);
	})
}
