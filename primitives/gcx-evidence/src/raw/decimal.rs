//! Decimal numbers of a text, exactly.

use crate::Reason;

/// The most digits of a number from its first that is not zero: more than any benchmark prints.
const MAX_DIGITS: u32 = 18;
/// Exponents beyond are no figure of anything.
const MAX_EXPONENT: i32 = 60;

/// `mantissa · 10^exponent`, as it was written: `1.50` is `150 · 10⁻²`, and precise to half of that unit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Decimal {
	/// At most 18 digits.
	pub mantissa: u64,
	/// From −60 to 60.
	pub exponent: i32,
}

impl Decimal {
	/// Reads a number such as `12`, `0.5`, `2.15623e+04` or `1.`.
	///
	/// # Errors
	/// [`Reason::FigureOutOfRange`] if it is negative, no number (`nan`) or infinite, or has more digits or a larger
	/// exponent than any figure; [`Reason::Unrecognised`] if the text is anything else.
	pub fn read(text: &str) -> Result<Self, Reason> {
		let unsigned = text.strip_prefix('+').unwrap_or(text);
		if let Some(positive) = unsigned.strip_prefix('-') {
			// Negative zero is zero; all else is out of range, if it is a number.
			let number = Self::read_unsigned(positive)?;
			return if number.mantissa == 0 { Ok(number) } else { Err(Reason::FigureOutOfRange) };
		}
		Self::read_unsigned(unsigned)
	}

	fn read_unsigned(text: &str) -> Result<Self, Reason> {
		if ["nan", "inf", "infinity"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
			return Err(Reason::FigureOutOfRange);
		}
		let (number, power) = match text.split_once(['e', 'E']) {
			Some((number, power)) => (number, read_power(power)?),
			None => (text, 0),
		};
		let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
		if whole.is_empty() && fraction.is_empty() {
			return Err(Reason::Unrecognised);
		}
		let mut mantissa: u64 = 0;
		for byte in whole.bytes().chain(fraction.bytes()) {
			let digit = char::from(byte).to_digit(10).ok_or(Reason::Unrecognised)?;
			if mantissa >= 10_u64.pow(MAX_DIGITS - 1) {
				return Err(Reason::FigureOutOfRange);
			}
			mantissa = mantissa * 10 + u64::from(digit);
		}
		let places = i32::try_from(fraction.len()).map_err(|_| Reason::FigureOutOfRange)?;
		let exponent = power.checked_sub(places).ok_or(Reason::FigureOutOfRange)?;
		if exponent.abs() > MAX_EXPONENT {
			return Err(Reason::FigureOutOfRange);
		}
		Ok(Self { mantissa, exponent })
	}

	/// In units of `10^-places`, rounded down.
	///
	/// # Errors
	/// [`Reason::FigureOutOfRange`] if it has more than 128 bits then.
	pub fn in_units(self, places: i32) -> Result<u128, Reason> {
		let mantissa = u128::from(self.mantissa);
		let shift = self.exponent + places;
		match power_of_ten(shift.unsigned_abs()) {
			Some(power) if shift >= 0 => mantissa.checked_mul(power).ok_or(Reason::FigureOutOfRange),
			Some(power) => Ok(mantissa / power),
			None if shift < 0 || mantissa == 0 => Ok(0),
			None => Err(Reason::FigureOutOfRange),
		}
	}

	/// Whether this number times `rate · 10^unit` can be `product`, given that each was rounded to its last digit.
	///
	/// With half a unit of its last place either way the true product lies in `(2m ± 1)(2r ± 1)/4` of the numbers'
	/// units.
	///
	/// # Errors
	/// [`Reason::FigureOutOfRange`] if the numbers are too large to tell.
	pub fn times_is(self, rate: Self, unit: i32, product: u128) -> Result<bool, Reason> {
		let out = Reason::FigureOutOfRange;
		let double = |mantissa: u64| u128::from(mantissa) * 2;
		let (time, rate_doubled) = (double(self.mantissa), double(rate.mantissa));
		let least = time.saturating_sub(1).checked_mul(rate_doubled.saturating_sub(1)).ok_or(out)?;
		let most = (time + 1).checked_mul(rate_doubled + 1).ok_or(out)?;
		let shift = self.exponent + rate.exponent + unit;
		let power = power_of_ten(shift.unsigned_abs()).ok_or(out)?;
		let scale = |number: u128, by: u128| number.checked_mul(by).ok_or(out);
		let quadruple = product.checked_mul(4).ok_or(out)?;
		if shift >= 0 {
			Ok(scale(least, power)? <= quadruple && quadruple <= scale(most, power)?)
		} else {
			let quadruple = scale(quadruple, power)?;
			Ok(least <= quadruple && quadruple <= most)
		}
	}
}

/// The power after an `e`.
fn read_power(text: &str) -> Result<i32, Reason> {
	let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
	if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
		return Err(Reason::Unrecognised);
	}
	text.strip_prefix('+').unwrap_or(text).parse().map_err(|_| Reason::FigureOutOfRange)
}

/// A power of ten; none from 10³⁹ on.
pub(super) fn power_of_ten(power: u32) -> Option<u128> {
	10_u128.checked_pow(power)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn read(text: &str) -> Result<(u64, i32), Reason> {
		Decimal::read(text).map(|decimal| (decimal.mantissa, decimal.exponent))
	}

	#[test]
	fn numbers_are_read_as_written() {
		assert_eq!(read("0"), Ok((0, 0)));
		assert_eq!(read("1367.69"), Ok((136_769, -2)));
		assert_eq!(read("2.15623e+04"), Ok((215_623, -1)));
		assert_eq!(read("4.6178e-06"), Ok((46_178, -10)));
		assert_eq!(read("3E7"), Ok((3, 7)));
		assert_eq!(read("1."), Ok((1, 0)));
		assert_eq!(read(".5"), Ok((5, -1)));
		assert_eq!(read("+5"), Ok((5, 0)));
		assert_eq!(read("-0.0"), Ok((0, -1)));
		assert_eq!(read("000000000000000000000000012"), Ok((12, 0)));
		assert_eq!(read("999999999999999999"), Ok((999_999_999_999_999_999, 0)));
	}

	#[test]
	fn what_no_benchmark_can_measure_is_out_of_range() {
		let long = "1".repeat(100_000);
		for text in [
			"nan",
			"NaN",
			"-nan",
			"inf",
			"-Infinity",
			"-1",
			"1e308",
			"1e-308",
			"1e99999999999",
			"1000000000000000000",
			&long,
		] {
			assert_eq!(read(text), Err(Reason::FigureOutOfRange), "{}", &text[..text.len().min(30)]);
		}
	}

	#[test]
	fn anything_else_is_no_number() {
		for text in [
			"", ".", "-", "+", "e", "1e", "1e+", "e5", "1 2", "1,5", "0x10", "1.2.3", "1e2.5", "1e+-2", "١", "--1",
			"+-1x",
		] {
			assert_eq!(read(text), Err(Reason::Unrecognised), "{text}");
		}
	}

	#[test]
	fn units_round_down() {
		let number = Decimal::read("1.999").unwrap();
		assert_eq!(number.in_units(0), Ok(1));
		assert_eq!(number.in_units(2), Ok(199));
		assert_eq!(number.in_units(5), Ok(199_900));
		assert_eq!(Decimal::read("1e-50").unwrap().in_units(0), Ok(0));
		assert_eq!(Decimal::read("0e50").unwrap().in_units(0), Ok(0));
		assert_eq!(Decimal::read("1e50").unwrap().in_units(0), Err(Reason::FigureOutOfRange));
	}

	#[test]
	fn a_product_is_told_to_the_last_digit() {
		let (time, rate) = (Decimal::read("2.0").unwrap(), Decimal::read("3.0").unwrap());
		// From 1.95 · 2.95 to 2.05 · 3.05, in thousandths.
		let is = |product| time.times_is(rate, 3, product).unwrap();
		assert!(!is(5_752));
		assert!(is(5_753));
		assert!(is(6_252));
		assert!(!is(6_253));
	}

	proptest! {
		#[test]
		fn any_text_is_read_without_a_panic(text in "\\PC*", numeric in "[-+0-9.eEinfa]{0,30}") {
			let _ = read(&text);
			if let Ok(number) = Decimal::read(&numeric) {
				let _ = number.in_units(9);
				let _ = number.times_is(number, 9, u128::MAX);
				let _ = number.times_is(number, -9, 1);
			}
		}

		#[test]
		fn numbers_come_back(mantissa in 0..10_u64.pow(17), exponent in -20..20_i32) {
			let text = format!("{mantissa}e{exponent}");
			prop_assert_eq!(read(&text), Ok((mantissa, exponent)));
		}
	}
}
