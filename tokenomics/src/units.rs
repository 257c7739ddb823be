//! Units of money and time, and how amounts are written.

use gcx_primitives::{Cash, Price};

/// One GCX in its smallest unit.
pub const GCX: u128 = 1_000_000_000_000;
/// Milliseconds in a day.
pub const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Days in a year.
pub const DAYS_PER_YEAR: u32 = 365;
/// Millionths of a dollar in a dollar, which is also the smallest units of the settlement asset in one.
const MILLION: f64 = 1e6;

/// GCX, for what is shown and drawn.
pub fn in_gcx(amount: u128) -> f64 {
	amount as f64 / GCX as f64
}

/// Dollars, for what is modelled, shown and drawn.
pub fn in_dollars(cash: Cash) -> f64 {
	cash.0 as f64 / MILLION
}

/// Dollars for a GCX.
pub fn in_dollars_each(price: Price) -> f64 {
	price.0 as f64 / MILLION
}

/// Cash of a modelled amount of dollars, not negative.
pub fn cash(dollars: f64) -> Cash {
	Cash((dollars * MILLION) as i128)
}

/// A modelled price as the index has it: at least a millionth of a dollar.
pub fn price(dollars: f64) -> Price {
	Price(((dollars * MILLION) as i64).max(1))
}

/// What tokens are worth, rounded down.
pub fn worth(tokens: u128, price: Price) -> Cash {
	let each = u128::from(price.0.unsigned_abs());
	let (whole, part) = (tokens / GCX, tokens % GCX);
	let worth = whole.saturating_mul(each).saturating_add(part * each / GCX);
	Cash(i128::try_from(worth).unwrap_or(i128::MAX))
}

/// An amount with a comma after each thousand; with two decimals where it is under a hundred, and zero as such.
pub fn grouped(amount: f64) -> String {
	if amount == 0.0 {
		return "0".into();
	}
	if amount.abs() < 100.0 {
		return format!("{amount:.2}");
	}
	let sign = if amount < 0.0 { "-" } else { "" };
	format!("{sign}{}", counted(amount.abs().round() as u64))
}

/// A number with a comma after each thousand.
pub fn counted(number: u64) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (at, digit) in digits.chars().enumerate() {
		if at > 0 && (digits.len() - at).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

/// Tokens to the unit, in GCX.
pub fn exact_gcx(amount: u128) -> String {
	format!("{}.{:012}", amount / GCX, amount % GCX)
}

/// Cash to the unit, in dollars.
pub fn exact_dollars(cash: Cash) -> String {
	let (sign, amount) = (if cash < Cash::ZERO { "-" } else { "" }, cash.0.unsigned_abs());
	format!("{sign}{}.{:06}", amount / 1_000_000, amount % 1_000_000)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_are_grouped_by_thousands() {
		let shown = [0.0, 0.004, 99.994, 100.0, 1_000.4, 1_234_567.0, -12_345.0].map(grouped);
		assert_eq!(shown, ["0", "0.00", "99.99", "100", "1,000", "1,234,567", "-12,345"]);
		assert_eq!([0, 89, 3_650].map(counted), ["0", "89", "3,650"]);
	}

	#[test]
	fn exact_amounts_keep_every_unit() {
		assert_eq!(exact_gcx(120_000_000 * GCX + 1), "120000000.000000000001");
		assert_eq!(exact_dollars(Cash(-1_500_000)), "-1.500000");
	}

	#[test]
	fn tokens_are_worth_their_price_rounded_down() {
		assert_eq!(worth(3 * GCX, Price(2_500_000)), Cash(7_500_000));
		assert_eq!(worth(GCX / 2_000_000, Price(3_000_000)), Cash(1));
	}
}
