//! The arithmetic of shared stake.

use crate::{
	pool::{mul_div, rate_floor, ProRata},
	SharePool,
};
use gcx_primitives::{ArithmeticError, Ppm};
use proptest::prelude::*;
use sp_runtime::Rounding;

type Pool = SharePool<u128>;

#[test]
fn products_are_taken_in_full_precision_and_refused_where_they_do_not_fit() {
	assert_eq!(mul_div(u128::MAX, 7, 7, Rounding::Down), Ok(u128::MAX));
	assert_eq!(mul_div(u128::MAX, 8, 7, Rounding::Down), Err(ArithmeticError::Overflow));
	assert_eq!(mul_div(10u128, 1, 3, Rounding::Down), Ok(3));
	assert_eq!(mul_div(10u128, 1, 3, Rounding::Up), Ok(4));
	assert_eq!(mul_div(1u128, 1, 0, Rounding::Up), Err(ArithmeticError::DivisionByZero));
	assert_eq!(mul_div(u32::MAX, 2, 1, Rounding::Up), Err(ArithmeticError::Overflow));
	assert_eq!(rate_floor(Ppm(333_333), 10u128), Ok(3));
	assert_eq!(rate_floor(Ppm::percent(300), u64::MAX / 3), Ok(u64::MAX));
}

#[test]
fn a_pool_without_shares_has_no_price_and_takes_no_reward() {
	let mut pool = Pool::default();
	assert_eq!(pool.raise(5), Err(ArithmeticError::DivisionByZero));
	assert_eq!(pool.value_of(1), Err(ArithmeticError::DivisionByZero));
	assert_eq!(pool.leave(1), Err(ArithmeticError::Underflow));
	assert_eq!(pool.leave(0), Ok(0));
	assert_eq!(pool.join(100), Ok(100));
}

#[test]
fn a_pool_that_lost_all_begins_a_new_series() {
	let mut pool = Pool { series: 3, stake: 10, shares: 40 };
	let mut share = ProRata::of(20, 20);
	assert_eq!(share.take_from_pool(&mut pool), Ok(10));
	assert_eq!(pool, Pool { series: 4, stake: 0, shares: 0 });
	// An empty pool has lost nothing.
	let mut empty = Pool::default();
	assert_eq!(ProRata::of(5, 5).take_from_pool(&mut empty), Ok(0));
	assert_eq!(empty, Pool::default());
}

fn pool() -> impl Strategy<Value = Pool> {
	(1u128..1 << 90, 1u128..1 << 90).prop_map(|(stake, shares)| Pool { series: 0, stake, shares })
}

proptest! {
	#[test]
	fn who_joins_and_leaves_gains_nothing_and_costs_nobody(before in pool(), stake in 1u128..1 << 80) {
		let mut pool = before;
		if let Ok(shares) = pool.join(stake) {
			let back = pool.leave(shares).unwrap();
			prop_assert!(back <= stake);
			prop_assert_eq!(pool.stake - before.stake, stake - back);
			prop_assert_eq!(pool.shares, before.shares);
		}
	}

	#[test]
	fn who_leaves_in_two_steps_gets_no_more_than_in_one(
		pool in pool(), of in 0u128..=1_000_000, first in 0u128..=1_000_000,
	) {
		let shares = mul_div(pool.shares, of, 1_000_000, Rounding::Down).unwrap();
		let first = mul_div(shares, first, 1_000_000, Rounding::Down).unwrap();
		let (mut one, mut two) = (pool, pool);
		let at_once = one.leave(shares).unwrap();
		// Of the last share's leaving there is nothing to compare: it takes the roundings of the others.
		if shares < pool.shares {
			let in_steps = two.leave(first).unwrap() + two.leave(shares - first).unwrap();
			prop_assert!(in_steps <= at_once + 1, "{} against {}", in_steps, at_once);
		}
	}

	#[test]
	fn the_price_of_the_others_shares_never_falls_by_who_comes_and_goes(
		(stake, shares) in (1u128..1 << 40, 1u128..1 << 40), joins in 1u128..1 << 40, leaves in 0u128..1 << 40,
	) {
		let before = Pool { series: 0, stake, shares };
		let (mut joined, mut left) = (before, before);
		joined.join(joins).unwrap();
		prop_assert!(joined.stake * before.shares >= before.stake * joined.shares);
		left.leave(leaves.min(shares - 1)).unwrap();
		prop_assert!(left.stake * before.shares >= before.stake * left.shares);
	}

	#[test]
	fn a_stake_never_vanishes_while_there_are_shares(pool in pool(), of in 0u128..1_000_000) {
		let mut pool = pool;
		let shares = mul_div(pool.shares, of, 1_000_000, Rounding::Down).unwrap();
		pool.leave(shares).unwrap();
		prop_assert!(pool.stake > 0 && pool.shares > 0);
	}

	#[test]
	fn what_parts_bear_is_exactly_the_amount(
		parts in prop::collection::vec(0u128..1 << 60, 1..12), amount in 0u128..1 << 64,
	) {
		let whole: u128 = parts.iter().sum();
		let mut share = ProRata::of(amount, whole);
		let mut took = Vec::new();
		for part in &parts {
			let mut left = *part;
			let taken = share.take(&mut left).unwrap();
			prop_assert_eq!(left + taken, *part);
			// Within a unit for each part of the exact share.
			let exact = mul_div(amount.min(whole), *part, whole.max(1), Rounding::Down).unwrap();
			prop_assert!(taken.abs_diff(exact) <= u128::try_from(parts.len()).unwrap());
			took.push(taken);
		}
		prop_assert_eq!(took.iter().sum::<u128>(), amount.min(whole));
	}

	#[test]
	fn a_pool_of_leaving_stake_is_never_worth_more_than_its_shares(
		steps in prop::collection::vec((0u8..3, 1u128..1_000), 1..60),
	) {
		let mut pool = Pool::default();
		for (kind, amount) in steps {
			match kind {
				0 => drop(pool.join(amount).unwrap()),
				1 => drop(pool.leave(amount.min(pool.shares)).unwrap()),
				_ => drop(ProRata::of(amount, pool.stake).take_from_pool(&mut pool).unwrap()),
			}
			prop_assert!(pool.stake <= pool.shares, "{:?}", pool);
		}
	}
}
