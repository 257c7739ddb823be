//! What is due, earned and owed when compute is delivered.
//!
//! Totals are split over days by differences of cumulative floors, so that the parts of all days are the whole, to the unit.
//! Sources: for payment by metered delivery and imbalance at a reference price, ENTSO-E, *Balancing guideline*, Commission
//! Regulation (EU) 2017/2195, articles 44 to 55; for the rule that a buyer is made whole and no more, UCC § 2-712 (cover).

use gcx_primitives::{ArithmeticError, Capacity, Cash, ComputeHours, Lots, Ppm, Price};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// `a · b / c`, rounded as said.
///
/// # Errors
/// `DivisionByZero`, or `Overflow` if the result does not fit.
fn ratio(a: u128, b: u128, c: u128, rounding: Rounding) -> Result<u128, ArithmeticError> {
	if c == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	multiply_by_rational_with_rounding(a, b, c, rounding).ok_or(ArithmeticError::Overflow)
}

/// An amount that is not negative, as a number.
fn size(amount: Cash) -> Result<u128, ArithmeticError> {
	u128::try_from(amount.0).map_err(|_| ArithmeticError::Underflow)
}

/// A number as an amount.
fn cash(size: u128) -> Result<Cash, ArithmeticError> {
	i128::try_from(size).map(Cash).map_err(|_| ArithmeticError::Overflow)
}

/// The capacity that lots are for, on all days together. Exact.
///
/// # Errors
/// `Overflow` beyond the exchange's bounds, `Underflow` for short lots.
pub fn capacity_of(lots: Lots, multiplier: ComputeHours) -> Result<Capacity, ArithmeticError> {
	let lots = u128::try_from(lots.0).map_err(|_| ArithmeticError::Underflow)?;
	let hours = lots.checked_mul(multiplier.0.into()).ok_or(ArithmeticError::Overflow)?;
	hours.checked_mul(Capacity::PER_HOUR).map(Capacity).ok_or(ArithmeticError::Overflow)
}

/// What the ledger books of a provider on each of `days` days for `lots`: each lot's capacity over the days, rounded up. So what is
/// booked for some lots and for others is what is booked for all of them.
///
/// # Errors
/// `DivisionByZero` without days; as [`capacity_of`].
pub fn booked_ceil(lots: Lots, multiplier: ComputeHours, days: u32) -> Result<Capacity, ArithmeticError> {
	let per_lot = ratio(capacity_of(Lots(1), multiplier)?.0, 1, days.into(), Rounding::Up)?;
	let lots = u128::try_from(lots.0).map_err(|_| ArithmeticError::Underflow)?;
	per_lot.checked_mul(lots).map(Capacity).ok_or(ArithmeticError::Overflow)
}

/// The part of `total` that falls on the day with this index, counted from zero, of `days`: `⌊total · (index + 1) / days⌋ −
/// ⌊total · index / days⌋`. The parts of all days are the total. Nothing falls on a day beyond them.
///
/// # Errors
/// `DivisionByZero` without days.
pub fn part(total: u128, index: u32, days: u32) -> Result<u128, ArithmeticError> {
	let until = |day: u32| ratio(total, day.min(days).into(), days.into(), Rounding::Down);
	Ok(until(index.saturating_add(1))?.saturating_sub(until(index)?))
}

/// The same of an amount of money that is not negative.
///
/// # Errors
/// As [`part`]; `Underflow` for a negative amount.
pub fn cash_part(total: Cash, index: u32, days: u32) -> Result<Cash, ArithmeticError> {
	cash(part(size(total)?, index, days)?)
}

/// What a seller earned of `due`: the share of the quantity that was delivered, rounded down, and no more than is due. All of it if
/// nothing was to be delivered.
///
/// # Errors
/// `Underflow` for a negative amount.
pub fn earned_floor(due: Cash, delivered: Capacity, quantity: Capacity) -> Result<Cash, ArithmeticError> {
	if delivered >= quantity {
		return Ok(due);
	}
	cash(ratio(size(due)?, delivered.0, quantity.0, Rounding::Down)?)
}

/// Whether so little is missing that it is nobody's failure: at most `tolerance` of the quantity, rounded down.
pub fn is_within(missing: Capacity, quantity: Capacity, tolerance: Ppm) -> bool {
	let allowed = ratio(quantity.0, tolerance.0.into(), Ppm::PARTS.into(), Rounding::Down);
	allowed.is_ok_and(|allowed| missing.0 <= allowed)
}

/// The price at which missing compute is replaced: the fix, but no farther from the contract's final price than `band` of that price's
/// size.
///
/// # Errors
/// `Overflow` beyond the exchange's bounds.
pub fn replacement(fix: Price, price: Price, band: Ppm) -> Result<Price, ArithmeticError> {
	let width = band.mul_floor(Cash(price.checked_abs()?.0.into()))?;
	let width = i64::try_from(width.0).map(Price).map_err(|_| ArithmeticError::Overflow)?;
	Ok(fix.clamp(price.checked_sub(width)?, price.checked_add(width)?))
}

/// What makes a buyer whole that gets back what it paid for `missing`: `max(0, replacement − price) · missing`, rounded up, against
/// who failed.
///
/// # Errors
/// `Overflow` beyond the exchange's bounds.
pub fn make_whole_ceil(replacement: Price, price: Price, missing: Capacity) -> Result<Cash, ArithmeticError> {
	let dearer = replacement.checked_sub(price)?.0.max(0).unsigned_abs();
	cash(ratio(missing.0, dearer.into(), Capacity::PER_HOUR, Rounding::Up)?)
}

/// What becomes of a stake that was taken, in the written order. All of it together is what was taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Shares {
	/// What is sold to make the buyer whole.
	pub make_whole: u128,
	/// What the challenger gets.
	pub challenger: u128,
	/// What is sold for the insurance pool.
	pub pool: u128,
	/// What is burnt.
	pub burn: u128,
}

/// The largest part of what is left after the buyer that a challenger gets.
pub const MAX_CHALLENGER: Ppm = Ppm::percent(50);

/// Shares out a stake: the buyer's make-whole first; of the rest `challenger` (at most [`MAX_CHALLENGER`]), rounded down; of the rest
/// of that `burn`, rounded down, is burnt, and the pool has what is left.
///
/// # Errors
/// `Overflow` never happens for rates of at most one.
pub fn share_out(taken: u128, make_whole: u128, challenger: Ppm, burn: Ppm) -> Result<Shares, ArithmeticError> {
	let share = |of: u128, rate: Ppm| ratio(of, rate.min(Ppm::ONE).0.into(), Ppm::PARTS.into(), Rounding::Down);
	let make_whole = make_whole.min(taken);
	let left = taken.saturating_sub(make_whole);
	let challenger = share(left, challenger.min(MAX_CHALLENGER))?;
	let left = left.saturating_sub(challenger);
	let burn = share(left, burn)?;
	Ok(Shares { make_whole, challenger, pool: left.saturating_sub(burn), burn })
}

/// How many lots one may hold on the last day of trading: what `share` of a class's capacity delivers on the contract's days, rounded
/// down, and at least one.
///
/// # Errors
/// `Overflow` if that is more than a number of lots can be.
pub fn deliverable_lots(
	per_day: Capacity,
	days: u32,
	multiplier: ComputeHours,
	share: Ppm,
) -> Result<Lots, ArithmeticError> {
	let all = per_day.0.checked_mul(days.into()).ok_or(ArithmeticError::Overflow)?;
	let usable = ratio(all, share.0.into(), Ppm::PARTS.into(), Rounding::Down)?;
	let lots = ratio(usable, 1, capacity_of(Lots(1), multiplier)?.0, Rounding::Down)?;
	Ok(Lots(i64::try_from(lots).map_err(|_| ArithmeticError::Overflow)?.max(1)))
}

/// A limit on its way from what the terms say to what can be delivered: `phase` of the way, rounded down. What the terms say if that is
/// less.
///
/// # Errors
/// `Overflow` beyond the exchange's bounds.
pub fn stepped_limit(terms: Lots, deliverable: Lots, phase: Ppm) -> Result<Lots, ArithmeticError> {
	let excess = Cash(terms.checked_sub(deliverable.min(terms))?.0.into());
	let gone = phase.min(Ppm::ONE).mul_ceil(excess)?;
	let gone = i64::try_from(gone.0).map(Lots).map_err(|_| ArithmeticError::Overflow)?;
	terms.checked_sub(gone)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn a_contract_of_a_hundred_hours_over_thirty_days() {
		let multiplier = ComputeHours(100);
		let whole = capacity_of(Lots(3), multiplier).unwrap();
		assert_eq!(whole, Capacity(300_000_000));
		// 3.333334 CH a lot and day: a two-millionth of an hour more than is delivered.
		assert_eq!(booked_ceil(Lots(3), multiplier, 30), Ok(Capacity(10_000_002)));
		assert_eq!(
			(part(whole.0, 0, 30), part(whole.0, 29, 30), part(whole.0, 30, 30)),
			(Ok(10_000_000), Ok(10_000_000), Ok(0))
		);
		assert_eq!((part(10, 0, 3), part(10, 1, 3), part(10, 2, 3)), (Ok(3), Ok(3), Ok(4)));
		assert_eq!(part(10, 0, 0), Err(ArithmeticError::DivisionByZero));
		assert_eq!(capacity_of(Lots(-1), multiplier), Err(ArithmeticError::Underflow));
		assert_eq!(cash_part(Cash(-1), 0, 1), Err(ArithmeticError::Underflow));
	}

	#[test]
	fn a_failure_costs_what_replaces_it_within_the_band() {
		let price = Price(3_000_000);
		let band = Ppm::percent(100);
		assert_eq!(replacement(Price(4_500_000), price, band), Ok(Price(4_500_000)));
		assert_eq!(replacement(Price(9_000_000), price, band), Ok(Price(6_000_000)));
		assert_eq!(replacement(Price(-9_000_000), price, band), Ok(Price(0)));
		let missing = Capacity(2_500_000);
		assert_eq!(make_whole_ceil(Price(4_500_000), price, missing), Ok(Cash(3_750_000)));
		// Cheaper than agreed: the buyer has its money back, and nothing more.
		assert_eq!(make_whole_ceil(Price(2_000_000), price, missing), Ok(Cash(0)));
		assert_eq!(make_whole_ceil(Price(3_000_001), price, Capacity(1)), Ok(Cash(1)));
	}

	#[test]
	fn two_per_cent_are_nobodys_failure() {
		let tolerance = Ppm::percent(2);
		assert!(is_within(Capacity(20), Capacity(1_000), tolerance) && is_within(Capacity(0), Capacity(0), tolerance));
		assert!(
			!is_within(Capacity(21), Capacity(1_000), tolerance) && !is_within(Capacity(1), Capacity(49), tolerance)
		);
	}

	#[test]
	fn a_slash_has_a_written_order() {
		let shares = share_out(1_000, 300, Ppm::percent(50), Ppm::percent(20)).unwrap();
		assert_eq!(shares, Shares { make_whole: 300, challenger: 350, pool: 280, burn: 70 });
		// A challenger has no more than half of the rest, whatever is asked for; a buyer no more than there is.
		assert_eq!(share_out(1_000, 0, Ppm::ONE, Ppm::ZERO).unwrap().challenger, 500);
		assert_eq!(share_out(10, 11, Ppm::ONE, Ppm::ONE), Ok(Shares { make_whole: 10, ..Shares::default() }));
	}

	#[test]
	fn limits_come_down_to_a_quarter_of_what_can_be_delivered() {
		// 80 CH a day for 30 days: a quarter is six lots of 100 CH.
		let deliverable = deliverable_lots(Capacity(80_000_000), 30, ComputeHours(100), Ppm::percent(25)).unwrap();
		assert_eq!(deliverable, Lots(6));
		let steps: Vec<_> =
			(0..=5).map(|step| stepped_limit(Lots(106), deliverable, Ppm(step * 200_000)).unwrap().0).collect();
		assert_eq!(steps, [106, 86, 66, 46, 26, 6]);
		assert_eq!(stepped_limit(Lots(5), deliverable, Ppm::ONE), Ok(Lots(5)));
		// Who has nothing to deliver can hold one lot, so that it can buy back what it has.
		assert_eq!(deliverable_lots(Capacity(0), 30, ComputeHours(100), Ppm::percent(25)), Ok(Lots(1)));
	}

	proptest! {
		#[test]
		fn the_parts_of_all_days_are_the_whole(total in 0u128..1 << 100, days in 1u32..=92) {
			let parts = (0..days).map(|index| part(total, index, days).unwrap());
			prop_assert_eq!(parts.sum::<u128>(), total);
		}

		#[test]
		fn what_is_booked_is_enough_for_every_day(lots in 1i64..=1_000_000_000, multiplier in 1u64..=1_000_000, days in 1u32..=92) {
			let multiplier = ComputeHours(multiplier);
			let whole = capacity_of(Lots(lots), multiplier).unwrap();
			let booked = booked_ceil(Lots(lots), multiplier, days).unwrap();
			for index in 0..days {
				prop_assert!(part(whole.0, index, days).unwrap() <= booked.0);
			}
			let (some, others) = (lots / 3, lots - lots / 3);
			let sum = booked_ceil(Lots(some), multiplier, days).unwrap().0 + booked_ceil(Lots(others), multiplier, days).unwrap().0;
			prop_assert_eq!(sum, booked.0);
		}

		#[test]
		fn nobody_earns_more_than_is_due(due in 0i128..1 << 90, delivered in 0u128..1 << 80, quantity in 0u128..1 << 80) {
			let earned = earned_floor(Cash(due), Capacity(delivered), Capacity(quantity)).unwrap();
			prop_assert!(Cash::ZERO <= earned && earned <= Cash(due));
			prop_assert_eq!(delivered >= quantity, delivered >= quantity && earned == Cash(due));
		}

		#[test]
		fn a_slash_is_shared_out_to_the_unit(
			taken in 0u128..1 << 100, make_whole in 0u128..1 << 100, challenger in 0u32..2_000_000, burn in 0u32..2_000_000,
		) {
			let Shares { make_whole: whole, challenger, pool, burn } =
				share_out(taken, make_whole, Ppm(challenger), Ppm(burn)).unwrap();
			prop_assert_eq!(whole + challenger + pool + burn, taken);
			prop_assert!(whole == make_whole.min(taken) && challenger <= (taken - whole) / 2);
		}

		#[test]
		fn a_stepped_limit_only_comes_down(terms in 1i64..=1_000_000_000, deliverable in 1i64..=1_000_000_000, a in 0u32..=1_000_000, b in 0u32..=1_000_000) {
			let limit = |phase| stepped_limit(Lots(terms), Lots(deliverable), Ppm(phase)).unwrap();
			prop_assert!(limit(a.max(b)) <= limit(a.min(b)) && limit(0) == Lots(terms));
			prop_assert_eq!(limit(Ppm::PARTS), Lots(terms.min(deliverable)));
		}
	}
}
