//! Money and quantities, each a type of its own, so that a price cannot be added to an amount by mistake.

use sp_arithmetic::ArithmeticError;

/// The largest position, open interest or order: a billion lots.
pub const MAX_LOTS: i64 = 1_000_000_000;
/// The largest multiplier: a million Compute Hours a lot.
pub const MAX_MULTIPLIER: u64 = 1_000_000;
/// The largest size of a price: a billion dollars per Compute Hour.
pub const MAX_PRICE: i64 = 1_000_000_000_000_000;

macro_rules! signed {
	($name:ident) => {
		impl $name {
			/// The same amount with the other sign.
			pub fn checked_neg(self) -> Result<Self, ArithmeticError> {
				self.0.checked_neg().map(Self).ok_or(ArithmeticError::Overflow)
			}

			/// The amount without its sign.
			pub fn checked_abs(self) -> Result<Self, ArithmeticError> {
				self.0.checked_abs().map(Self).ok_or(ArithmeticError::Overflow)
			}
		}
	};
}

quantity! {
	/// An amount of the settlement asset in its smallest unit. Negative is owed. In JSON it is a decimal string: numbers there
	/// are exact up to 2⁵³ only.
	Cash(#[serde(with = "crate::decimal")] i128)
}
signed!(Cash);

quantity! {
	/// Millionths of the settlement asset per Compute Hour, so the smallest unit of [`Cash`] per Compute Hour. May be
	/// negative: the settlement price of WTI crude was −37.63 dollars on 20 April 2020.
	Price(i64)
}
signed!(Price);

quantity! {
	/// A number of lots; long is positive, short is negative.
	Lots(i64)
}
signed!(Lots);

quantity! {
	/// Whole Compute Hours of one class. Of a contract it is the multiplier: Compute Hours per lot.
	ComputeHours(u64)
}

impl Cash {
	/// The sum of many amounts.
	pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, ArithmeticError> {
		amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
	}
}

impl Price {
	/// Whether the price is one that the exchange deals in: its size is at most [`MAX_PRICE`].
	pub const fn is_bounded(self) -> bool {
		-MAX_PRICE <= self.0 && self.0 <= MAX_PRICE
	}
}

impl Lots {
	/// Whether there are no more lots than the exchange deals in: [`MAX_LOTS`] of either sign.
	pub const fn is_bounded(self) -> bool {
		-MAX_LOTS <= self.0 && self.0 <= MAX_LOTS
	}

	/// The Compute Hours of these lots, whatever their sign.
	pub fn compute_hours(self, multiplier: ComputeHours) -> Result<ComputeHours, ArithmeticError> {
		self.0.unsigned_abs().checked_mul(multiplier.0).map(ComputeHours).ok_or(ArithmeticError::Overflow)
	}

	/// `lots · multiplier · price`: the value of these lots, or what a move by `price` brings their owner. Exact.
	pub fn value(self, multiplier: ComputeHours, price: Price) -> Result<Cash, ArithmeticError> {
		i128::from(self.0)
			.checked_mul(i128::from(multiplier.0))
			.and_then(|hours| hours.checked_mul(i128::from(price.0)))
			.map(Cash)
			.ok_or(ArithmeticError::Overflow)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn the_value_of_lots_is_exact_cash() {
		// Three short lots of 100 CH at 2.50 dollars.
		assert_eq!(Lots(-3).value(ComputeHours(100), Price(2_500_000)), Ok(Cash(-750_000_000)));
		assert_eq!(Lots(2).value(ComputeHours(1_000), Price(-37_630_000)), Ok(Cash(-75_260_000_000)));
	}

	#[test]
	fn cash_is_a_string_in_json_and_read_from_integers_as_well() {
		let json = |cash| serde_json::to_string(&Cash(cash)).unwrap();
		assert_eq!(json(i128::MIN), format!("\"{}\"", i128::MIN));
		let read = |text| serde_json::from_str::<Cash>(text).ok();
		assert_eq!(read("\"-170141183460469231731687303715884105728\""), Some(Cash(i128::MIN)));
		assert_eq!((read("-5"), read("18446744073709551615")), (Some(Cash(-5)), Some(Cash(u64::MAX.into()))));
		assert_eq!((read("1.5"), read("\"1,5\""), read("null")), (None, None, None));
	}

	#[test]
	fn within_the_bounds_no_product_overflows() {
		let largest = Lots(MAX_LOTS).value(ComputeHours(MAX_MULTIPLIER), Price(MAX_PRICE)).unwrap();
		assert_eq!(largest, Cash(10i128.pow(30)));
		assert_eq!(Lots(-MAX_LOTS).compute_hours(ComputeHours(MAX_MULTIPLIER)), Ok(ComputeHours(10u64.pow(15))));
		assert!(Lots(-MAX_LOTS).is_bounded() && !Lots(MAX_LOTS + 1).is_bounded() && !Lots(i64::MIN).is_bounded());
		assert!(Price(-MAX_PRICE).is_bounded() && !Price(MAX_PRICE + 1).is_bounded() && !Price(i64::MIN).is_bounded());
	}

	#[test]
	fn the_extremes_of_every_type_are_refused_not_wrapped() {
		assert_eq!(Cash(i128::MAX).checked_add(Cash(1)), Err(ArithmeticError::Overflow));
		assert_eq!(Cash(i128::MIN).checked_sub(Cash(1)), Err(ArithmeticError::Underflow));
		assert_eq!(Cash(i128::MIN).checked_neg(), Err(ArithmeticError::Overflow));
		assert_eq!(Cash(i128::MIN).checked_abs(), Err(ArithmeticError::Overflow));
		assert_eq!(Cash::checked_sum([Cash(i128::MAX), Cash(1)]), Err(ArithmeticError::Overflow));
		assert_eq!(Price(i64::MAX).checked_add(Price(1)), Err(ArithmeticError::Overflow));
		assert_eq!(Price(i64::MIN).checked_sub(Price(1)), Err(ArithmeticError::Underflow));
		assert_eq!(Price(i64::MIN).checked_neg(), Err(ArithmeticError::Overflow));
		assert_eq!(Lots(i64::MAX).checked_add(Lots(1)), Err(ArithmeticError::Overflow));
		assert_eq!(Lots(i64::MIN).checked_abs(), Err(ArithmeticError::Overflow));
		assert_eq!(Lots(i64::MAX).compute_hours(ComputeHours(2)), Ok(ComputeHours(u64::MAX - 1)));
		assert_eq!(Lots(i64::MAX).compute_hours(ComputeHours(3)), Err(ArithmeticError::Overflow));
		assert_eq!(Lots(i64::MAX).value(ComputeHours(u64::MAX), Price(2)), Err(ArithmeticError::Overflow));
		assert_eq!(ComputeHours(u64::MAX).checked_add(ComputeHours(1)), Err(ArithmeticError::Overflow));
		assert_eq!(ComputeHours(0).checked_sub(ComputeHours(1)), Err(ArithmeticError::Underflow));
	}

	proptest! {
		// What makes settlement exact: a position's gains over two moves are its gain over both together.
		#[test]
		fn variation_margin_adds_up(
			lots in -MAX_LOTS..=MAX_LOTS, multiplier in 1..=MAX_MULTIPLIER,
			(a, b, c) in (-MAX_PRICE..=MAX_PRICE, -MAX_PRICE..=MAX_PRICE, -MAX_PRICE..=MAX_PRICE),
		) {
			let gain = |from: i64, to: i64| {
				Lots(lots).value(ComputeHours(multiplier), Price(to).checked_sub(Price(from)).unwrap()).unwrap()
			};
			prop_assert_eq!(gain(a, b).checked_add(gain(b, c)).unwrap(), gain(a, c));
		}
	}
}
