//! The rule of issuance, worked out beside the pallet: how many tokens an era could have brought, and which bound that was.

use crate::{figures::Bound, units::GCX};
use gcx_math::issuance::{issuance_floor, tokens_floor, EraFigures};
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price};

/// How many tokens an era could have brought at a price, and what kept it from more. Where two bounds are equal, growth is named
/// before the burn, and that before the cap.
///
/// # Errors
/// A figure does not fit.
pub fn issuable(era: &EraFigures, alpha: Ppm, price: Option<Price>) -> Result<(u128, Bound), ArithmeticError> {
	let Some(price) = price else { return Ok((0, Bound::NoPrice)) };
	let growth = era.fees.checked_sub(era.best)?;
	if growth <= Cash::ZERO {
		return Ok((0, Bound::NoGrowth));
	}
	let by_growth = tokens_floor(alpha.mul_floor(growth)?, price, GCX)?;
	let bound = if by_growth <= era.burned.min(era.cap_left) {
		Bound::Growth
	} else if era.burned <= era.cap_left {
		Bound::Burn
	} else {
		Bound::Cap
	};
	Ok((issuance_floor(era, alpha, price, GCX)?, bound))
}

#[cfg(test)]
mod tests {
	use super::*;

	const ERA: EraFigures =
		EraFigures { fees: Cash(3_000_000), best: Cash(1_000_000), burned: 9 * GCX, cap_left: 9 * GCX };

	fn bound(era: EraFigures) -> (u128, Bound) {
		issuable(&era, Ppm::percent(50), Some(Price(1_000_000))).expect("it fits")
	}

	#[test]
	fn the_smallest_of_the_bounds_is_named() {
		assert_eq!(bound(ERA), (GCX, Bound::Growth));
		assert_eq!(bound(EraFigures { burned: 5, ..ERA }), (5, Bound::Burn));
		assert_eq!(bound(EraFigures { cap_left: 4, ..ERA }), (4, Bound::Cap));
		assert_eq!(bound(EraFigures { best: Cash(3_000_000), ..ERA }), (0, Bound::NoGrowth));
		assert_eq!(issuable(&ERA, Ppm::ONE, None), Ok((0, Bound::NoPrice)));
	}
}
