//! What a resource is worth against the reference system of its class: its rate, in Compute Hours per device and hour.
//!
//! Sources: Fleming and Wallace, *How not to lie with statistics: the correct way to summarize benchmark results*, CACM 29
//! (1986), for the geometric mean of ratios to a reference machine; SPEC CPU 2017 Run and Reporting Rules, section 4.3, for the
//! same in use; the TOP500's rules, for 2/3 · N³ as the operations of a dense solve.

use crate::fixed::{exp, ln};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Capacity, Measurement, Metric, Ppm, Reference, ReferenceSystem, HOURS_PER_DAY};
use scale_info::TypeInfo;
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedI128, FixedPointNumber, FixedU128, Rounding,
};

/// Why there is no rate.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum NoRate {
	/// None of the system's metrics was measured.
	NothingMeasured,
	/// What was measured of this is less than its floor.
	BelowFloor(Metric),
	/// The reference system is not [valid](is_valid), and nothing follows from it.
	Arithmetic(ArithmeticError),
}

impl From<ArithmeticError> for NoRate {
	fn from(error: ArithmeticError) -> Self {
		Self::Arithmetic(error)
	}
}

/// Whether a reference system can be measured against: it has a metric, none twice; no value, no floor and no power is zero;
/// no floor is above one; the weights sum to one.
///
/// A weight may be zero: such a metric counts by its floor alone.
pub fn is_valid(system: &ReferenceSystem) -> bool {
	let sum: u64 = system.metrics.iter().map(|reference| u64::from(reference.weight.0)).sum();
	let sound =
		|reference: &Reference| reference.value > 0 && reference.floor > Ppm::ZERO && reference.floor <= Ppm::ONE;
	let once =
		|reference: &Reference| system.metrics.iter().filter(|other| other.metric == reference.metric).count() == 1;
	sum == u64::from(Ppm::PARTS)
		&& system.milliwatts > 0
		&& system.metrics.iter().all(|reference| sound(reference) && once(reference))
}

/// A positive number as a fraction.
#[derive(Clone, Copy)]
struct Ratio {
	over: u64,
	under: u64,
}

impl Ratio {
	/// What counts of a metric: measured against the reference, or its floor where nothing was measured.
	fn of(reference: &Reference, measured: Option<u64>) -> Result<Self, NoRate> {
		let Some(value) = measured else {
			return Ok(Self { over: reference.floor.0.into(), under: Ppm::PARTS.into() });
		};
		let least = u128::from(reference.value) * u128::from(reference.floor.0);
		if value == 0 || u128::from(value) * u128::from(Ppm::PARTS) < least {
			return Err(NoRate::BelowFloor(reference.metric));
		}
		Ok(Self { over: value, under: reference.value })
	}

	/// Rounded down.
	fn fixed(self) -> Result<FixedU128, ArithmeticError> {
		attested_rate(self.over, self.under)
	}

	/// Natural logarithm in units of 10⁻¹⁸. The error is at most twice that of [`ln`]: whole numbers have exact
	/// arguments, and what their decimals add cancels out.
	fn ln(self) -> Result<i128, ArithmeticError> {
		let of = |whole: u64| ln(FixedU128::from_inner(whole.into())).map(FixedI128::into_inner);
		Ok(of(self.over)? - of(self.under)?)
	}
}

/// The rate that follows from what was measured per device: the weighted geometric mean of measured / reference over the
/// system's metrics. One that was not measured counts as its floor; of one measured twice the least counts; what is not in
/// the system is ignored. The system has to be [valid](is_valid).
///
/// Never above the exact value, and short of it by at most 10⁻¹⁶ of it and three units of the last decimal: the logarithms are
/// off by 2 · 10⁻¹⁷ at most, their exponential by 10⁻¹⁷ of the result more, and 5 · 10⁻¹⁷ of the result and one unit are
/// taken off. It is never below the least of the ratios either, rounded down: so that equal ratios, and a metric that alone has
/// weight, give the exact value rounded down.
///
/// # Errors
/// [`NoRate`]. `Arithmetic` only for a system that is not valid.
pub fn declared_rate(system: &ReferenceSystem, per_device: &[Measurement]) -> Result<FixedU128, NoRate> {
	let mut anything = false;
	let mut least: Option<FixedU128> = None;
	let mut logarithms = 0i128;
	for reference in &system.metrics {
		let of_metric = per_device.iter().filter(|measurement| measurement.metric == reference.metric);
		let measured = of_metric.map(|measurement| measurement.value).min();
		anything |= measured.is_some();
		let ratio = Ratio::of(reference, measured)?;
		if reference.weight > Ppm::ZERO {
			let fixed = ratio.fixed()?;
			least = Some(least.map_or(fixed, |least| least.min(fixed)));
			// At most eight times 2³² · 90 · 10¹⁸.
			logarithms += ratio.ln()? * i128::from(reference.weight.0);
		}
	}
	if !anything {
		return Err(NoRate::NothingMeasured);
	}
	let mean = exp(FixedI128::from_inner(logarithms.div_euclid(Ppm::PARTS.into())))?;
	Ok(certainly(mean).max(least.unwrap_or_default()))
}

/// What the exact geometric mean is at least, of one that may be off by 3.1 · 10⁻¹⁷ of it and one unit.
fn certainly(mean: FixedU128) -> FixedU128 {
	const MARGIN: u128 = 20_000_000_000_000_000;
	let units = mean.into_inner();
	// Not less than nothing.
	FixedU128::from_inner(units.saturating_sub(units.div_ceil(MARGIN) + 1))
}

/// `solved / reference`, rounded down: the rate of a device by the one metric that the solve stands for.
///
/// # Errors
/// `DivisionByZero` for a reference of nothing.
pub fn attested_rate(solved: u64, reference: u64) -> Result<FixedU128, ArithmeticError> {
	// Less than 2⁶⁴ · 10¹⁸: it fits.
	let units = u128::from(solved) * FixedU128::DIV;
	units.checked_div(reference.into()).map(FixedU128::from_inner).ok_or(ArithmeticError::DivisionByZero)
}

/// Double-precision operations per second of a device that solved a dense system of this order within so many slots, at most:
/// `2/3 · N³` by the time, rounded down. Within less than one slot counts as one.
///
/// # Errors
/// `DivisionByZero` for slots of no length; `Overflow` where the result, or three times the milliseconds, do not fit.
pub fn solve_rate(order: u32, slots: u64, slot_milliseconds: u64) -> Result<u64, ArithmeticError> {
	let order = u128::from(order);
	let thirds = 2_000 * order * order * order; // < 2¹⁰⁷
	let time = (3 * u128::from(slots.max(1))).checked_mul(slot_milliseconds.into()).ok_or(ArithmeticError::Overflow)?;
	let rate = thirds.checked_div(time).ok_or(ArithmeticError::DivisionByZero)?;
	u64::try_from(rate).map_err(|_| ArithmeticError::Overflow)
}

/// What so many devices of a rate deliver on a delivery day, rounded down.
///
/// # Errors
/// `Overflow` where it does not fit.
pub fn capacity_per_day(rate: FixedU128, devices: u32) -> Result<Capacity, ArithmeticError> {
	let device_hours = u128::from(devices) * u128::from(HOURS_PER_DAY);
	mul_div_floor(rate.into_inner(), device_hours, FixedU128::DIV / Capacity::PER_HOUR).map(Capacity)
}

/// Compute Hours per kilowatt-hour of a resource against those of the reference: `rate · devices` of its own for `milliwatts`
/// of all of it, one for the reference's. Rounded down.
///
/// # Errors
/// `DivisionByZero` for a resource of no power, `Overflow` where it does not fit.
pub fn energy_ratio(
	rate: FixedU128,
	devices: u32,
	milliwatts: u64,
	reference_milliwatts: u64,
) -> Result<FixedU128, ArithmeticError> {
	if milliwatts == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	let power = u128::from(devices) * u128::from(reference_milliwatts);
	mul_div_floor(rate.into_inner(), power, milliwatts.into()).map(FixedU128::from_inner)
}

/// `a · b / c`, rounded down, the product in 256 bits. `c` is not zero.
fn mul_div_floor(a: u128, b: u128, c: u128) -> Result<u128, ArithmeticError> {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Down).ok_or(ArithmeticError::Overflow)
}

#[cfg(test)]
mod tests;
