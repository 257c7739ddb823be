//! The price of an auction that waits for its taker.
//!
//! Source: Krishna, *Auction Theory*, 2nd ed. (2010), section 1.2: the open descending price, or Dutch, auction.

use gcx_primitives::Ppm;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// The discount after `elapsed` of `period`, both in the same unit of time: it grows in proportion from nothing to `most`,
/// rounded down, and stays there. An auction without a period starts at `most`.
pub fn falling(elapsed: u64, period: u64, most: Ppm) -> Ppm {
	if elapsed >= period {
		return most;
	}
	let parts = u128::from(most.0) * u128::from(elapsed) / u128::from(period);
	// Under `most`, because `elapsed` is under `period`.
	u32::try_from(parts).map_or(most, Ppm)
}

/// An amount that moves from `first` to `last` at a constant pace over `period` and stays there, rounded towards `first`. An auction
/// without a period starts at `last`.
pub fn moving(first: u128, last: u128, elapsed: u64, period: u64) -> u128 {
	if elapsed >= period {
		return last;
	}
	let moved = multiply_by_rational_with_rounding(first.abs_diff(last), elapsed.into(), period.into(), Rounding::Down);
	// A part of it, because `elapsed` is under `period`.
	let moved = moved.unwrap_or(0);
	if last < first {
		first.saturating_sub(moved)
	} else {
		first.saturating_add(moved)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn the_discount_grows_to_the_most_and_stays() {
		let discount = |elapsed| falling(elapsed, 300, Ppm::percent(5));
		assert_eq!(discount(0), Ppm::ZERO);
		assert_eq!(discount(1), Ppm(166)); // 166.67
		assert_eq!(discount(150), Ppm(25_000));
		assert_eq!(discount(299), Ppm(49_833)); // 49,833.3
		assert_eq!((discount(300), discount(301), discount(u64::MAX)), (Ppm(50_000), Ppm(50_000), Ppm(50_000)));
	}

	#[test]
	fn an_auction_without_a_period_starts_at_the_most() {
		assert_eq!((falling(0, 0, Ppm::ONE), falling(9, 0, Ppm::ONE)), (Ppm::ONE, Ppm::ONE));
	}

	#[test]
	fn an_amount_moves_either_way_and_stays() {
		let at = |first, last| [0, 1, 2, 3, 4].map(|elapsed| moving(first, last, elapsed, 3));
		assert_eq!(at(100, 0), [100, 67, 34, 0, 0]);
		assert_eq!(at(0, 100), [0, 33, 66, 100, 100]);
		assert_eq!(at(5, 5), [5; 5]);
		assert_eq!(moving(100, 7, 0, 0), 7);
	}

	proptest! {
		#[test]
		fn an_amount_stays_between_its_ends_and_never_turns(first: u128, last: u128, elapsed: u64, period: u64) {
			let (now, later) = (moving(first, last, elapsed, period), moving(first, last, elapsed.saturating_add(1), period));
			prop_assert!((first.min(last)..=first.max(last)).contains(&now));
			prop_assert!(later.abs_diff(last) <= now.abs_diff(last));
		}

		#[test]
		fn the_discount_is_the_exact_share_rounded_down_and_never_shrinks(elapsed: u64, period: u64, most: u32) {
			let Ppm(now) = falling(elapsed, period, Ppm(most));
			prop_assert!(now <= most);
			prop_assert!(falling(elapsed.saturating_add(1), period, Ppm(most)).0 >= now);
			if elapsed < period {
				let (now, exact) = (u128::from(now) * u128::from(period), u128::from(most) * u128::from(elapsed));
				prop_assert!(now <= exact && exact - now < u128::from(period));
			}
		}
	}
}
