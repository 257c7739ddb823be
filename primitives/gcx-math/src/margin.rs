//! Portfolio margin in the manner of SPAN.
//!
//! Sources: CME Group, *SPAN* (scanning risk, intra-commodity spread charge); the add-on for concentration grows with the
//! square of what exceeds a market's normal size, as a liquidation's cost does in the linear impact model of Almgren and
//! Chriss, *Optimal execution of portfolio transactions*, Journal of Risk 3 (2001).

use crate::scan::{largest_loss, RiskArray, ScanRange, SCENARIOS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, ClassId, ComputeHours, Lots, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// What offsets what: instruments of one class and one group of grades share the scenario and the spread. Nothing offsets
/// across groups.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
pub struct RiskGroup {
	/// The compute class.
	pub class: ClassId,
	/// The group of grades within the class.
	pub grades: u8,
}

/// All that margin needs to know of an instrument.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct InstrumentRisk {
	/// What it offsets with.
	pub group: RiskGroup,
	/// Compute Hours per lot.
	pub multiplier: ComputeHours,
	/// The price that margin is computed at now.
	pub mark: Price,
	/// How far the price may move.
	pub range: ScanRange,
	/// What one long lot gains in each scenario.
	pub array: RiskArray,
	/// Mean open interest of the last ten days.
	pub open_interest: Lots,
	/// How far delivery has come: zero long before, one at the end. Always zero for a cash contract.
	pub delivery_phase: Ppm,
}

/// A position as margin sees it.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
	/// Of what.
	pub risk: &'a InstrumentRisk,
	/// The account's lots.
	pub lots: Lots,
	/// The lots that the account's owner holds over all its accounts under all guarantors, long and short ones counted
	/// together without sign. At least the size of `lots`.
	pub owner_lots: Lots,
	/// Of a short position: the lots for which proven capacity is nominated, without sign.
	pub covered_lots: Lots,
}

/// The governed figures of the margin model.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Serialize,
	TypeInfo,
)]
pub struct MarginParameters {
	/// Charge for a calendar spread, as a share of its Compute Hours at the larger scan range.
	pub spread: Ppm,
	/// Lots that an owner may hold before concentration costs anything.
	pub concentration_threshold: Lots,
	/// The same as a share of open interest; the larger of both counts.
	pub concentration_share: Ppm,
	/// The least open interest that the concentration charge divides by. At least one.
	pub concentration_depth: Lots,
	/// The share of a contract's value that a long deposits for delivery, in full phase.
	pub delivery_long: Ppm,
	/// Maintenance margin as a share of the requirement: 50 % to 95 %.
	pub maintenance: Ppm,
}

impl Default for MarginParameters {
	fn default() -> Self {
		Self {
			spread: Ppm::percent(15),
			concentration_threshold: Lots(100),
			concentration_share: Ppm::percent(5),
			concentration_depth: Lots(1_000),
			delivery_long: Ppm::percent(25),
			maintenance: Ppm::percent(75),
		}
	}
}

impl MarginParameters {
	/// Whether the figures are within what the model allows.
	pub fn is_valid(&self) -> bool {
		self.spread <= Ppm::ONE
			&& (0..=gcx_primitives::MAX_LOTS).contains(&self.concentration_threshold.0)
			&& self.concentration_share <= Ppm::ONE
			&& (1..=gcx_primitives::MAX_LOTS).contains(&self.concentration_depth.0)
			&& self.delivery_long <= Ppm::ONE
			&& (Ppm::percent(50)..=Ppm::percent(95)).contains(&self.maintenance)
	}
}

/// A portfolio's requirement by its parts. None is negative.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Requirement {
	/// The largest loss over the scenarios, summed over the groups.
	pub scan: Cash,
	/// For months that offset each other, which they may not.
	pub spread: Cash,
	/// For what an owner holds beyond the market's normal size.
	pub concentration: Cash,
	/// For physical contracts near delivery.
	pub delivery: Cash,
}

impl Requirement {
	/// The requirement of a portfolio. The holdings come in any order, each instrument at most once.
	///
	/// # Errors
	/// `Overflow` if a figure is beyond the exchange's bounds.
	pub fn of(holdings: &[Holding], parameters: &MarginParameters) -> Result<Self, ArithmeticError> {
		let mut requirement = Self::default();
		for (index, holding) in holdings.iter().enumerate() {
			requirement.concentration =
				requirement.concentration.checked_add(concentration_ceil(holding, parameters)?)?;
			requirement.delivery = requirement.delivery.checked_add(delivery_ceil(holding, parameters)?)?;
			let group = holding.risk.group;
			if holdings[..index].iter().all(|earlier| earlier.risk.group != group) {
				let members = || holdings[index..].iter().filter(move |other| other.risk.group == group);
				let risk = GroupRisk::of(members())?;
				requirement.scan = requirement.scan.checked_add(risk.scan()?)?;
				requirement.spread = requirement.spread.checked_add(risk.spread_ceil(parameters)?)?;
			}
		}
		Ok(requirement)
	}

	/// The sum of the parts.
	pub fn total(&self) -> Result<Cash, ArithmeticError> {
		Cash::checked_sum([self.scan, self.spread, self.concentration, self.delivery])
	}

	/// Initial margin: the total times the guarantor's multiplier, rounded up.
	pub fn initial(&self, multiplier: Ppm) -> Result<Cash, ArithmeticError> {
		multiplier.mul_ceil(self.total()?)
	}

	/// Maintenance margin: the governed share of the total, rounded up. No guarantor's multiplier is in it.
	pub fn maintenance(&self, parameters: &MarginParameters) -> Result<Cash, ArithmeticError> {
		parameters.maintenance.mul_ceil(self.total()?)
	}
}

/// What the holdings of one risk group come to.
pub(crate) struct GroupRisk {
	gains: [i128; SCENARIOS],
	long: ComputeHours,
	short: ComputeHours,
	smallest_range: i64,
	largest_range: i64,
}

impl GroupRisk {
	pub(crate) fn of<'a>(holdings: impl Iterator<Item = &'a Holding<'a>>) -> Result<Self, ArithmeticError> {
		let mut risk = Self {
			gains: [0; SCENARIOS],
			long: ComputeHours::ZERO,
			short: ComputeHours::ZERO,
			smallest_range: i64::MAX,
			largest_range: 0,
		};
		for Holding { risk: instrument, lots, .. } in holdings.filter(|holding| !holding.lots.is_zero()) {
			instrument.array.add_to(*lots, &mut risk.gains)?;
			let hours = lots.compute_hours(instrument.multiplier)?;
			let side = if lots.0 > 0 { &mut risk.long } else { &mut risk.short };
			*side = side.checked_add(hours)?;
			risk.smallest_range = risk.smallest_range.min(instrument.range.get());
			risk.largest_range = risk.largest_range.max(instrument.range.get());
		}
		Ok(risk)
	}

	/// Compute Hours that nothing offsets: the size of long less short.
	pub(crate) fn net(&self) -> u64 {
		self.long.0.abs_diff(self.short.0)
	}

	/// Compute Hours that offset each other: the smaller of long and short.
	pub(crate) fn offset(&self) -> u64 {
		self.long.0.min(self.short.0)
	}

	/// The largest loss over the scenarios, and at least the net Compute Hours at the smallest scan range: two months of
	/// unlike ranges cannot hide an open quantity. Exact.
	pub(crate) fn scan(&self) -> Result<Cash, ArithmeticError> {
		let net = self.net();
		if net == 0 {
			return largest_loss(&self.gains);
		}
		Ok(largest_loss(&self.gains)?.max(at_range(net, self.smallest_range)?))
	}

	/// `min(long, short) · largest range · spread`.
	fn spread_ceil(&self, parameters: &MarginParameters) -> Result<Cash, ArithmeticError> {
		parameters.spread.mul_ceil(at_range(self.offset(), self.largest_range)?)
	}
}

fn at_range(hours: u64, range: i64) -> Result<Cash, ArithmeticError> {
	i128::from(hours).checked_mul(i128::from(range)).map(Cash).ok_or(ArithmeticError::Overflow)
}

/// The concentration charge of a holding at its scan range.
pub(crate) fn concentration_ceil(holding: &Holding, parameters: &MarginParameters) -> Result<Cash, ArithmeticError> {
	concentration_at_ceil(holding, Price(holding.risk.range.get()), parameters)
}

/// `2 · multiplier · range · e² / max(open interest, depth)` with `e` the owner's lots above
/// `max(threshold, share of open interest)`, at a range of the caller's.
pub(crate) fn concentration_at_ceil(
	holding: &Holding,
	range: Price,
	parameters: &MarginParameters,
) -> Result<Cash, ArithmeticError> {
	if holding.lots.is_zero() {
		return Ok(Cash::ZERO);
	}
	let InstrumentRisk { multiplier, open_interest, .. } = holding.risk;
	let share = parameters.concentration_share.mul_floor(Cash(open_interest.0.into()))?;
	let free = share.0.max(parameters.concentration_threshold.0.into());
	let excess = u128::try_from(i128::from(holding.owner_lots.0) - free).unwrap_or(0);
	let depth = open_interest.max(&parameters.concentration_depth).0.unsigned_abs();
	let twice_a_lot = Lots(2).value(*multiplier, range)?.0.unsigned_abs();
	twice_a_lot
		.checked_mul(excess)
		.and_then(|charge| multiply_by_rational_with_rounding(charge, excess, depth.into(), Rounding::Up))
		.and_then(|charge| i128::try_from(charge).ok())
		.map(Cash)
		.ok_or(ArithmeticError::Overflow)
}

/// Shorts deposit the value of what they have no capacity for, longs a share of the value, both by the phase.
fn delivery_ceil(holding: &Holding, parameters: &MarginParameters) -> Result<Cash, ArithmeticError> {
	let InstrumentRisk { multiplier, mark, delivery_phase, .. } = holding.risk;
	let (lots, share) = if holding.lots.0 < 0 {
		let uncovered = holding.lots.checked_abs()?.checked_sub(holding.covered_lots)?;
		(uncovered.max(Lots::ZERO), Ppm::ONE)
	} else {
		(holding.lots, parameters.delivery_long)
	};
	let value = lots.value(*multiplier, mark.checked_abs()?)?.0.unsigned_abs();
	let rate = u128::from(delivery_phase.0) * u128::from(share.0);
	let parts = u128::from(Ppm::PARTS).pow(2);
	multiply_by_rational_with_rounding(value, rate, parts, Rounding::Up)
		.and_then(|charge| i128::try_from(charge).ok())
		.map(Cash)
		.ok_or(ArithmeticError::Overflow)
}

#[cfg(test)]
mod tests;
