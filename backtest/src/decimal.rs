//! Prices from decimal text and back, without a detour through floating point.

use gcx_primitives::Price;

/// Digits after the point of a price in dollars.
const DECIMALS: i64 = 6;

/// Why a text is not a price.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotAPrice {
	/// It is not a decimal number.
	#[error("it is not a decimal number")]
	Unparseable,
	/// It is beyond the exchange's bounds.
	#[error("it is beyond the exchange's bounds of a billion dollars")]
	OutOfBounds,
}

/// The price in millionths that a text in dollars means, rounded to the nearest, up from the middle. An exponent is
/// understood: `9e-05`.
pub fn price(text: &str) -> Result<Price, NotAPrice> {
	let text = text.trim();
	let (negative, size) = match text.as_bytes().first() {
		Some(b'-') => (true, &text[1..]),
		Some(b'+') => (false, &text[1..]),
		_ => (false, text),
	};
	let (mantissa, exponent) = size.split_once(['e', 'E']).unwrap_or((size, "0"));
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let digits = [whole, fraction].concat();
	if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
		return Err(NotAPrice::Unparseable);
	}
	let exponent: i16 = exponent.parse().map_err(|_| NotAPrice::Unparseable)?;
	let decimals = i64::try_from(fraction.len()).map_err(|_| NotAPrice::Unparseable)? - i64::from(exponent);
	let millionths = shifted(&digits, DECIMALS - decimals, negative)?;
	let price = Price(if negative { -millionths } else { millionths });
	price.is_bounded().then_some(price).ok_or(NotAPrice::OutOfBounds)
}

/// The digits times ten to the power of `places`, to the nearest integer; from the middle towards zero if `negative`.
fn shifted(digits: &str, places: i64, negative: bool) -> Result<i64, NotAPrice> {
	let digits = digits.trim_start_matches('0');
	if digits.is_empty() {
		return Ok(0);
	}
	let length = i64::try_from(digits.len()).map_err(|_| NotAPrice::Unparseable)?;
	let kept = match usize::try_from(length + places) {
		Ok(kept) if kept > 18 => return Err(NotAPrice::OutOfBounds),
		Ok(kept) => kept,
		// Less than a tenth of a millionth.
		Err(_) => return Ok(0),
	};
	let (integer, rest) = digits.split_at(kept.min(digits.len()));
	let integer = format!("{integer:0<kept$}");
	let integer: i64 = if integer.is_empty() { 0 } else { integer.parse().map_err(|_| NotAPrice::Unparseable)? };
	let middle = rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0');
	let up = rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') && !(middle && negative);
	Ok(integer + i64::from(up))
}

/// The price in dollars, exactly, with at least two decimals.
pub fn dollars(price: Price) -> String {
	let sign = if price.0 < 0 { "-" } else { "" };
	let size = price.0.unsigned_abs();
	let fraction = format!("{:06}", size % 1_000_000);
	let (cents, rest) = fraction.split_at(2);
	format!("{sign}{}.{cents}{}", size / 1_000_000, rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_price_is_its_decimal_text_to_the_nearest_millionth() {
		for (text, millionths) in [
			("-37.63", -37_630_000),
			("-37.630001068115234", -37_630_001),
			("457.3340148925781", 457_334_015),
			(" 12.29 ", 12_290_000),
			("+3", 3_000_000),
			(".5", 500_000),
			("5.", 5_000_000),
			("0.0000005", 1),
			("-0.0000005", 0),
			("-0.00000050", 0),
			("-0.000000501", -1),
			("0.00000049999", 0),
			("9e-05", 90),
			("9E-9", 0),
			("1.25e2", 125_000_000),
			("0e99", 0),
			("1000000000", 1_000_000_000_000_000),
		] {
			assert_eq!(price(text), Ok(Price(millionths)), "{text}");
		}
	}

	#[test]
	fn what_is_not_a_number_is_not_a_price() {
		for text in ["", " ", "-", ".", "NaN", "inf", "null", "$2.30", "1,234.5", "0x10", "1e", "--1", "1.2.3", "٣"] {
			assert_eq!(price(text), Err(NotAPrice::Unparseable), "{text:?}");
		}
	}

	#[test]
	fn what_is_beyond_the_bounds_is_refused_not_wrapped() {
		for text in ["1000000000.000001", "-1000000000.000001", "1e12", "1e300", "99999999999999999999999"] {
			assert_eq!(price(text), Err(NotAPrice::OutOfBounds), "{text}");
		}
	}

	#[test]
	fn dollars_are_exact() {
		assert_eq!(dollars(Price(-37_630_000)), "-37.63");
		assert_eq!(dollars(Price(457_334_015)), "457.334015");
		assert_eq!(dollars(Price(-1)), "-0.000001");
		assert_eq!(dollars(Price(3_000_000)), "3.00");
	}
}
