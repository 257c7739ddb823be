//! What types of plain data have in common.

/// Derives for a type what all data that is stored, sent and shown has: it is cloned, compared, printed, encoded in
/// SCALE with a bound, described in the metadata, and read and written by serde. What it can do besides, its own
/// `derive` says.
macro_rules! plain_data {
	($type:item) => {
		#[derive(
			Clone,
			Debug,
			Eq,
			PartialEq,
			codec::Decode,
			codec::DecodeWithMemTracking,
			codec::Encode,
			codec::MaxEncodedLen,
			scale_info::TypeInfo,
			serde::Deserialize,
			serde::Serialize,
		)]
		$type
	};
}

/// A quantity: a number with a unit, and checked sums of it.
macro_rules! quantity {
	($(#[$doc:meta])* $name:ident($(#[$field:meta])* $inner:ty)) => {
		plain_data! {
			$(#[$doc])*
			#[derive(Copy, Default, Ord, PartialOrd)]
			#[serde(transparent)]
			pub struct $name($(#[$field])* pub $inner);
		}

		impl $name {
			/// None of it.
			pub const ZERO: Self = Self(0);

			/// The sum, or why there is none.
			pub fn checked_add(self, other: Self) -> Result<Self, sp_arithmetic::ArithmeticError> {
				self.0.checked_add(other.0).map(Self).ok_or(sp_arithmetic::ArithmeticError::Overflow)
			}

			/// The difference, or why there is none.
			pub fn checked_sub(self, other: Self) -> Result<Self, sp_arithmetic::ArithmeticError> {
				self.0.checked_sub(other.0).map(Self).ok_or(sp_arithmetic::ArithmeticError::Underflow)
			}

			/// Whether there is none of it.
			pub const fn is_zero(self) -> bool {
				self.0 == 0
			}
		}
	};
}
