//! Rates.

use crate::Cash;
use sp_arithmetic::ArithmeticError;

plain_data! {
	/// A rate in parts per million. Unlike the SDK's `Permill` it may exceed one: a scan fraction of 130 % is possible,
	/// a guarantor's margin multiplier is at least one.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct Ppm(pub u32);
}

impl Ppm {
	/// Parts in one.
	pub const PARTS: u32 = 1_000_000;
	/// Nothing.
	pub const ZERO: Self = Self(0);
	/// The whole.
	pub const ONE: Self = Self(Self::PARTS);

	/// A rate of so many per cent.
	///
	/// For constants: a rate too large for the type does not compile there.
	pub const fn percent(percent: u32) -> Self {
		match percent.checked_mul(10_000) {
			Some(parts) => Self(parts),
			None => panic!("a rate of more than 429,496 % is not a rate"),
		}
	}

	/// `amount · self`, rounded up (towards positive infinity): what the user owes.
	pub fn mul_ceil(self, amount: Cash) -> Result<Cash, ArithmeticError> {
		let (floor, rest) = self.parts_of(amount)?;
		Ok(Cash(floor.checked_add(i128::from(rest > 0)).ok_or(ArithmeticError::Overflow)?))
	}

	/// `amount · self`, rounded down (towards negative infinity): what the user gets.
	pub fn mul_floor(self, amount: Cash) -> Result<Cash, ArithmeticError> {
		Ok(Cash(self.parts_of(amount)?.0))
	}

	/// The product's floor and the millionths above it. Overflows only if the product itself does: the amount is split
	/// into whole millions and a rest before it is multiplied.
	fn parts_of(self, amount: Cash) -> Result<(i128, i128), ArithmeticError> {
		let (rate, parts) = (i128::from(self.0), i128::from(Self::PARTS));
		let rest = amount.0.rem_euclid(parts) * rate; // < 10^6 · 2^32
		let floor = amount.0.div_euclid(parts).checked_mul(rate).and_then(|whole| whole.checked_add(rest / parts));
		Ok((floor.ok_or(ArithmeticError::Overflow)?, rest % parts))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn a_rate_rounds_in_the_named_direction() {
		let third = Ppm(333_333);
		assert_eq!(third.mul_ceil(Cash(10)), Ok(Cash(4)));
		assert_eq!(third.mul_floor(Cash(10)), Ok(Cash(3)));
		assert_eq!(third.mul_ceil(Cash(-10)), Ok(Cash(-3)));
		assert_eq!(third.mul_floor(Cash(-10)), Ok(Cash(-4)));
		assert_eq!(Ppm::percent(150).mul_ceil(Cash(7)), Ok(Cash(11)));
	}

	#[test]
	fn a_product_overflows_only_where_it_does_not_fit() {
		assert_eq!(Ppm::ONE.mul_ceil(Cash(i128::MAX)), Ok(Cash(i128::MAX)));
		assert_eq!(Ppm::ONE.mul_floor(Cash(i128::MIN + 999_999)), Ok(Cash(i128::MIN + 999_999)));
		assert_eq!(Ppm(Ppm::PARTS + 1).mul_ceil(Cash(i128::MAX)), Err(ArithmeticError::Overflow));
		assert_eq!(Ppm(u32::MAX).mul_floor(Cash(i128::MIN)), Err(ArithmeticError::Overflow));
		assert_eq!(Ppm::ZERO.mul_ceil(Cash(i128::MAX)), Ok(Cash::ZERO));
	}

	proptest! {
		#[test]
		fn ceil_and_floor_differ_by_at_most_one(rate: u32, amount in -(1i128 << 90)..(1i128 << 90)) {
			let (ceil, floor) = (Ppm(rate).mul_ceil(Cash(amount)).unwrap(), Ppm(rate).mul_floor(Cash(amount)).unwrap());
			let exact = amount * i128::from(rate);
			prop_assert!(ceil.0 * 1_000_000 >= exact && exact >= floor.0 * 1_000_000);
			prop_assert_eq!(ceil.0 - floor.0, i128::from(exact % 1_000_000 != 0));
		}
	}
}
