//! The price of an auction that waits for its taker.
//!
//! Source: Krishna, *Auction Theory*, 2nd ed. (2010), section 1.2: the open descending price, or Dutch, auction.

use gcx_primitives::Ppm;

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

	proptest! {
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
