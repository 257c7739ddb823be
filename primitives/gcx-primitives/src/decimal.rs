//! Amounts in JSON: written as decimal strings, for numbers there are exact up to 2⁵³ only; read as these or as integers. For
//! `#[serde(with = "…")]` on a field.

use alloc::string::ToString;
use core::{fmt, marker::PhantomData, str::FromStr};
use serde::{de, Deserializer, Serializer};

/// Writes an amount as a string.
///
/// # Errors
/// The serializer's.
pub fn serialize<A: ToString, S: Serializer>(amount: &A, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&amount.to_string())
}

/// Reads an amount from a string or an integer.
///
/// # Errors
/// It is neither, or does not fit.
pub fn deserialize<'de, A, D>(deserializer: D) -> Result<A, D::Error>
where
	A: FromStr + TryFrom<i128>,
	D: Deserializer<'de>,
{
	deserializer.deserialize_any(Amount(PhantomData))
}

struct Amount<A>(PhantomData<A>);

impl<A: FromStr + TryFrom<i128>> de::Visitor<'_> for Amount<A> {
	type Value = A;

	fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		formatter.write_str("an amount: a decimal string, or an integer")
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<A, E> {
		text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
	}

	fn visit_i64<E: de::Error>(self, amount: i64) -> Result<A, E> {
		A::try_from(amount.into()).map_err(|_| E::invalid_value(de::Unexpected::Signed(amount), &self))
	}

	fn visit_u64<E: de::Error>(self, amount: u64) -> Result<A, E> {
		A::try_from(amount.into()).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(amount), &self))
	}
}

/// Amounts that may be none: `null`, or as amounts are.
pub mod optional {
	use super::{FromStr, ToString};
	use serde::{Deserialize, Deserializer, Serialize, Serializer};

	struct Written<'a, A>(&'a A);

	impl<A: ToString> Serialize for Written<'_, A> {
		fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
			super::serialize(self.0, serializer)
		}
	}

	struct Read<A>(A);

	impl<'de, A: FromStr + TryFrom<i128>> Deserialize<'de> for Read<A> {
		fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
			super::deserialize(deserializer).map(Self)
		}
	}

	/// Writes an amount as a string, or nothing.
	///
	/// # Errors
	/// The serializer's.
	pub fn serialize<A: ToString, S: Serializer>(amount: &Option<A>, serializer: S) -> Result<S::Ok, S::Error> {
		amount.as_ref().map(Written).serialize(serializer)
	}

	/// Reads an amount from a string or an integer, or nothing.
	///
	/// # Errors
	/// It is something else, or does not fit.
	pub fn deserialize<'de, A, D>(deserializer: D) -> Result<Option<A>, D::Error>
	where
		A: FromStr + TryFrom<i128>,
		D: Deserializer<'de>,
	{
		Ok(Option::<Read<A>>::deserialize(deserializer)?.map(|Read(amount)| amount))
	}
}
