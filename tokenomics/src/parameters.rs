//! What governs the token from the chain's first block.

use crate::units::{DAY, GCX};
use gcx_math::fees::{FeeSplit, FeeTier};
use gcx_primitives::{Cash, Ppm};
use pallet_token::{BuyBackTerms, IssuanceTerms, RewardTerms, SeatTerms, TokenParameters};
use sp_runtime::BoundedVec;

/// One dollar, in the smallest unit of the settlement asset.
const DOLLAR: i128 = 1_000_000;

/// The parameters that every simulated chain starts with, and keeps.
pub fn parameters() -> TokenParameters {
	let tier = |millions: i128, maker, taker| FeeTier {
		from: Cash(millions * 1_000_000 * DOLLAR),
		maker: Ppm(maker),
		taker: Ppm(taker),
	};
	let tiers = vec![tier(0, 200, 200), tier(100, 150, 180), tier(1_000, 100, 150), tier(10_000, 50, 100)];
	TokenParameters {
		tiers: BoundedVec::truncate_from(tiers),
		discount: Ppm::percent(25),
		split: FeeSplit { pool: Ppm::percent(40), rebate: Ppm::percent(10), burn: Ppm::percent(30) },
		max_price_age: 2 * DAY,
		chain_burn: Ppm::percent(50),
		slash_burn: Ppm::percent(20),
		issuance: IssuanceTerms { cap_per_year: 2_400_000 * GCX, alpha: Ppm::percent(50) },
		rewards: RewardTerms {
			of_fees: Ppm::percent(50),
			validators: Ppm::percent(40),
			attestors: Ppm::percent(20),
			operators: Ppm::percent(30),
			traders: Ppm::percent(10),
			operators_cap: Ppm(37),
			traders_cap: Ppm::percent(25),
		},
		seats: SeatTerms {
			count: 100,
			start: 1_000_000 * GCX,
			floor: 10_000 * GCX,
			period: 7 * DAY,
			rise: Ppm::percent(200),
			resale_burn: Ppm::percent(10),
		},
		buy_back: BuyBackTerms { min_offer: Cash(100 * DOLLAR), period: DAY, first: Ppm::percent(90), last: Ppm::ONE },
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_parameters_are_what_the_pallet_accepts() {
		assert!(parameters().is_valid(1_000));
	}
}
