//! The fund's arithmetic, against what it promises.

use super::*;
use proptest::prelude::*;

fn bearers(of: &[(i128, i128)]) -> Vec<Bearer> {
	of.iter().map(|(has, weight)| Bearer { has: Cash(*has), weight: Cash(*weight) }).collect()
}

fn parts(loss: i128, of: &[(i128, i128)]) -> Vec<i128> {
	apportion(Cash(loss), &bearers(of)).unwrap().iter().map(|part| part.0).collect()
}

#[test]
fn products_are_in_full_precision_and_refused_where_they_do_not_fit() {
	assert_eq!(mul_div(u128::MAX, 7, 7, Rounding::Down), Ok(u128::MAX));
	assert_eq!(mul_div(u128::MAX, 8, 7, Rounding::Down), Err(ArithmeticError::Overflow));
	assert_eq!(mul_div(1, 1, 0, Rounding::Up), Err(ArithmeticError::DivisionByZero));
	assert_eq!(part_floor(Cash(10), Cash(1), Cash(3)), Ok(Cash(3)));
	assert_eq!(part_ceil(Cash(10), Cash(1), Cash(3)), Ok(Cash(4)));
	assert_eq!(part_ceil(Cash(-10), Cash(1), Cash(3)), Err(ArithmeticError::Underflow));
	assert_eq!(part_ceil(Cash(i128::MAX), Cash(2), Cash(1)), Err(ArithmeticError::Overflow));
}

#[test]
fn the_first_to_join_gets_a_million_shares_a_unit() {
	let mut pool = SharePool::default();
	assert_eq!(pool.raise(Cash(5)), Err(ArithmeticError::DivisionByZero));
	assert_eq!((pool.value_of(7), pool.leave(0)), (Ok(Cash::ZERO), Ok(Cash::ZERO)));
	assert_eq!(pool.leave(1), Err(ArithmeticError::Underflow));
	assert_eq!(pool.join(Cash(100)), Ok(100_000_000));
	assert_eq!(pool.leave(100_000_000), Ok(Cash(100)));
	assert_eq!(pool, SharePool::default());
}

#[test]
fn a_pool_that_lost_all_begins_a_new_series_when_told_to() {
	let mut pool = SharePool { series: 3, value: Cash(10), shares: 40 };
	assert!(!pool.end_worthless_series());
	assert_eq!(pool.lower(Cash(11)), Err(ArithmeticError::Underflow));
	assert_eq!(pool.lower(Cash(-1)), Err(ArithmeticError::Underflow));
	assert_eq!(pool.lower(Cash(10)), Ok(()));
	assert_eq!(pool.join(Cash(1)), Err(ArithmeticError::DivisionByZero));
	assert!(pool.end_worthless_series());
	assert_eq!(pool, SharePool { series: 4, value: Cash::ZERO, shares: 0 });
	assert!(!pool.end_worthless_series());
}

#[test]
fn a_loss_is_borne_by_weight() {
	assert_eq!(parts(60, &[(100, 1), (100, 2), (100, 3)]), [10, 20, 30]);
	assert_eq!(parts(0, &[(100, 1)]), [0]);
	assert_eq!(parts(60, &[]), [0; 0]);
	// Roundings are the first ones'.
	assert_eq!(parts(10, &[(100, 1), (100, 1), (100, 1)]), [4, 3, 3]);
}

#[test]
fn what_one_cannot_bear_is_spread_over_the_others() {
	// By weight alone the first would bear 50, then the second 35 of the rest.
	assert_eq!(parts(100, &[(30, 50), (20, 25), (100, 25)]), [30, 20, 50]);
	assert_eq!(parts(1_000, &[(30, 50), (20, 25), (100, 25)]), [30, 20, 100]);
	// Who has nothing bears nothing, whatever its weight.
	assert_eq!(parts(9, &[(0, 50), (10, 1)]), [0, 9]);
}

#[test]
fn who_has_no_weight_bears_what_the_others_cannot() {
	assert_eq!(parts(50, &[(60, 0), (100, 7), (30, 0)]), [0, 50, 0]);
	assert_eq!(parts(130, &[(60, 0), (100, 7), (30, 0)]), [20, 100, 10]);
	assert_eq!(parts(9, &[(60, 0), (30, 0)]), [6, 3]);
}

#[test]
fn negative_amounts_are_refused() {
	assert_eq!(apportion(Cash(-1), &bearers(&[(10, 1)])), Err(ArithmeticError::Underflow));
	assert_eq!(apportion(Cash(5), &bearers(&[(10, -1), (10, 2)])), Err(ArithmeticError::Underflow));
	assert_eq!(apportion(Cash(1), &bearers(&[(i128::MAX, 1), (1, 1)])), Err(ArithmeticError::Overflow));
}

#[test]
fn a_price_falls_at_a_constant_pace_and_stays() {
	let price = |elapsed| falling_price(Price(1_000), Ppm::percent(90), elapsed, 100).unwrap().0;
	assert_eq!([0, 1, 50, 99, 100, u64::MAX].map(price), [1_000, 991, 550, 109, 100, 100]);
	assert_eq!(falling_price(Price(3), Ppm::percent(99), 1, 1), Ok(Price(1)));
	assert_eq!(falling_price(Price(1), Ppm::ONE, 1, 1), Ok(Price(1)));
	assert_eq!(falling_price(Price(-3), Ppm::percent(99), 1, 1), Err(ArithmeticError::Underflow));
	assert_eq!(falling_price(Price(3), Ppm::percent(99), 1, 0), Err(ArithmeticError::DivisionByZero));
	let largest = falling_price(Price(i64::MAX), Ppm::percent(99), u64::MAX - 1, u64::MAX).unwrap();
	assert!(largest > Price::ZERO && largest < Price(i64::MAX / 99));
}

#[test]
fn tokens_cost_something_however_few() {
	assert_eq!(cost_ceil(1, 1_000_000, Price(1)), Ok(Cash(1)));
	assert_eq!(cost_ceil(3, 2, Price(5)), Ok(Cash(8)));
	assert_eq!(cost_ceil(3, 2, Price(-5)), Err(ArithmeticError::Underflow));
	assert_eq!(cost_ceil(3, 0, Price(5)), Err(ArithmeticError::DivisionByZero));
}

#[test]
fn tokens_without_a_price_secure_nothing() {
	let half = Ppm::percent(50);
	assert_eq!(secured_value_floor(10, 2, Price(7), half), Ok(Cash(17)));
	assert_eq!(secured_value_floor(10, 2, Price(-7), half), Ok(Cash::ZERO));
	assert_eq!(securing_amount_ceil(Cash(17), 2, Price(7), half), Ok(10));
	assert_eq!(securing_amount_ceil(Cash(17), 2, Price(0), half), Err(ArithmeticError::DivisionByZero));
	assert_eq!(securing_amount_ceil(Cash(17), 2, Price(-7), half), Err(ArithmeticError::Underflow));
	assert_eq!(securing_amount_ceil(Cash(17), 2, Price(7), Ppm::ONE), Err(ArithmeticError::DivisionByZero));
	assert_eq!(securing_amount_ceil(Cash(-1), 2, Price(7), half), Err(ArithmeticError::Underflow));
}

fn pool() -> impl Strategy<Value = SharePool> {
	(1i128..1 << 80, 1u128..1 << 100).prop_map(|(value, shares)| SharePool { series: 0, value: Cash(value), shares })
}

proptest! {
	#[test]
	fn who_joins_and_leaves_gains_nothing_and_costs_nobody(before in pool(), amount in 1i128..1 << 80) {
		let mut pool = before;
		if let Ok(shares) = pool.join(Cash(amount)) {
			let back = pool.leave(shares).unwrap();
			prop_assert!(back <= Cash(amount));
			prop_assert_eq!(pool.value.0 - before.value.0, amount - back.0);
			prop_assert_eq!(pool.shares, before.shares);
		}
	}

	#[test]
	fn a_deposit_loses_less_to_rounding_than_one_share_is_worth(before in pool(), amount in 1i128..1 << 80) {
		let mut pool = before;
		if let Ok(shares) = pool.join(Cash(amount)) {
			let worth = pool.value_of(shares).unwrap().0;
			let share = pool.value_of(1).unwrap().0 + 1;
			prop_assert!(amount - worth <= share + 1, "{} of {} at {}", worth, amount, share);
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
		let in_steps = two.leave(first).unwrap().0 + two.leave(shares - first).unwrap().0;
		prop_assert!(in_steps <= at_once.0, "{} against {}", in_steps, at_once.0);
	}

	#[test]
	fn money_never_vanishes_while_there_are_shares(pool in pool(), of in 0u128..1_000_000) {
		let mut pool = pool;
		let shares = mul_div(pool.shares, of, 1_000_000, Rounding::Down).unwrap();
		pool.leave(shares).unwrap();
		prop_assert!(pool.value > Cash::ZERO && pool.shares > 0);
	}

	// The exact solution is a level that rises with the loss: each bears `min(has, level · weight)`.
	#[test]
	fn a_loss_is_borne_exactly_and_to_one_level(
		of in prop::collection::vec((0i128..1 << 40, prop_oneof![3 => 1i128..1 << 40, 1 => Just(0)]), 1..40),
		loss in 0i128..1 << 44,
	) {
		let parts = parts(loss, &of);
		let all: i128 = of.iter().map(|(has, _)| has).sum();
		prop_assert_eq!(parts.iter().sum::<i128>(), loss.min(all));
		let weighty: i128 = of.iter().filter(|(_, weight)| *weight > 0).map(|(has, _)| has).sum();
		let slack = i128::try_from(of.len()).unwrap() + 1;
		for ((has, weight), part) in of.iter().zip(&parts) {
			prop_assert!(part <= has);
			prop_assert!(*weight > 0 || *part == 0 || loss > weighty, "no weight, and bears");
			// Nobody who has something left bears less for its weight than another does.
			for ((_, other), theirs) in of.iter().zip(&parts) {
				if *weight > 0 && *other > 0 && part < has {
					prop_assert!((part + slack) * other >= (theirs - slack) * weight);
				}
			}
		}
	}

	#[test]
	fn what_secures_a_value_is_the_least_that_does(
		value in 0i128..1 << 60, unit in 1u128..1 << 60, price in 1i64..1 << 40, haircut in 0u32..1_000_000,
	) {
		let (price, haircut) = (Price(price), Ppm(haircut));
		let amount = securing_amount_ceil(Cash(value), unit, price, haircut).unwrap();
		prop_assert!(secured_value_floor(amount, unit, price, haircut).unwrap() >= Cash(value));
		if amount > 0 {
			prop_assert!(secured_value_floor(amount - 1, unit, price, haircut).unwrap() < Cash(value));
		}
	}

	#[test]
	fn a_falling_price_only_falls_and_stays_within_its_discount(
		first in 1i64..1 << 50, discount in 0u32..1_000_000, period in 1u64..1 << 50, a: u64, b: u64,
	) {
		let price = |elapsed| falling_price(Price(first), Ppm(discount), elapsed, period).unwrap();
		prop_assert!(price(a.min(b)) >= price(a.max(b)));
		let lowest = i128::from(first) * i128::from(1_000_000 - discount);
		prop_assert!(i128::from(price(a).0) * 1_000_000 >= lowest);
		prop_assert!(price(a) <= Price(first));
	}
}
