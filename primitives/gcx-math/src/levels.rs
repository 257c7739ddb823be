//! Trigger levels: how far prices may move before a margin account has to be looked at.
//!
//! An account must be visited before its equity can have fallen under its maintenance margin. Visiting every account at every
//! price is not possible, so each account leaves levels at the prices it depends on, and is visited when one is crossed.
//!
//! A price that moves by Δ costs an account twice: its position loses, and its requirement may grow. Let R be the scan ranges
//! of a risk group, L and S its long and short Compute Hours, q lots, m the multiplier, and f the scan fraction.
//!
//! 1. The scan `max(|Σ ±q m R|, |L − S| min R)`, the spread charge `k min(L, S) max R` and the concentration charge
//!    `2 m e² R / max(OI, N)` change by at most `w_i = |q_i| m_i + |L − S| + k min(L, S) + 2 m_i e_i² / max(OI_i, N)` for each
//!    unit that R_i changes by, up or down. A hedge costs more when the range of only one of its legs *shrinks*.
//! 2. R_i is f times a size that changes by at most |Δ_i|, rounded up to a multiple of 300: it changes by less than
//!    `f |Δ_i| + 300`.
//! 3. The delivery deposit changes by at most `φ_i |q_i| m_i |Δ_i|`.
//!
//! So the account costs at most `Σ s_i |Δ_i|` with `s_i = |q_i| m_i + ρ (f w_i + φ_i |q_i| m_i)`, beyond an allowance for what
//! is rounded, and is safe while that is within its free equity F. All figures round against the account.
//!
//! **What is assumed may turn out smaller.** Margin is homogeneous in the ranges of a group: a smaller scan fraction scales
//! them all, and the scan with them. A smaller calm size (the larger of mean and floor price) does not: two months whose prices
//! both lie under it have one range and offset in full, and unlike ranges once it has fallen. The scan is therefore taken at
//! the worst calm size up to the assumed one, which is where it equals one of the prices. The range of a month that is averaged does not
//! follow the calm size at all.
//!
//! Source: the bound is the Lipschitz constant of the margin model of CME Group's *SPAN* as [`crate::margin`] has it.

use crate::{
	margin::{concentration_at_ceil, GroupRisk, Holding, MarginParameters, Requirement, RiskGroup},
	scan::ScanRange,
};
use alloc::vec::Vec;
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price, MAX_PRICE};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// The farthest that a position's level is from the price: no price within the exchange's bounds moves farther.
pub const MAX_DISTANCE: Price = Price(2 * MAX_PRICE);
/// The share of free equity that levels are set by. What is left is for the risk that later trades add: as long as it lasts, the
/// levels stay where they are, and a trade need not write them.
const SHARE: Ppm = Ppm::percent(75);
/// The share of its price that an asset of collateral is taken to move by when free equity is divided.
const PLEDGE_RANGE: Ppm = Ppm::percent(20);
/// What the rounding of a scan range may add to it, and one for the parts of the requirement that are rounded up.
const RANGE_ROUNDING: i128 = 301;
/// Held back from free equity for what is rounded once in an account.
const ROUNDING: i128 = 20;
/// The same for each position, beyond the one in [`RANGE_ROUNDING`], and for each line of collateral, which rounds twice.
const ROUNDING_PER_LINE: i128 = 2;

/// A position as the trigger levels see it.
#[derive(Clone, Copy, Debug)]
pub struct Exposure<'a> {
	/// The position. What its instrument's risk says is *assumed*: scan range and array at the largest scan fraction and calm
	/// size (the larger of mean and floor price), the phase of delivery at its largest and open interest at its smallest, as
	/// they may become while the levels stand; the owner's lots at their most, the covered ones at their fewest. The mark is
	/// the price now.
	///
	/// The calm size is the class's: one for all instruments of a risk group. The range of an averaging window is taken as one
	/// that moves with the price and else stays: once fewer days are left, the levels have to be set anew.
	pub holding: Holding<'a>,
	/// The assumed scan fraction of its class.
	pub fraction: Ppm,
	/// The scan range at that fraction where the calm size is nothing: of the price alone, or of what is open of an average.
	pub least: ScanRange,
}

/// A line of collateral as the trigger levels see it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pledge {
	/// How much, in the smallest unit of its asset.
	pub amount: u128,
	/// The smallest units that the price is for. Not zero.
	pub unit: u128,
	/// The share of its value that does not count.
	pub haircut: Ppm,
	/// What it is valued at: the lower of the price and its mean. Of one that is not positive nothing can be lost.
	pub price: Price,
}

impl Pledge {
	/// What it counts for: `amount · price / unit`, rounded down, less the haircut, rounded down.
	///
	/// # Errors
	/// `Overflow` if the value is beyond the exchange's bounds, `DivisionByZero` if the unit is zero.
	pub fn value(&self) -> Result<Cash, ArithmeticError> {
		if self.unit == 0 {
			return Err(ArithmeticError::DivisionByZero);
		}
		let price = u128::try_from(self.price.0).unwrap_or(0);
		let worth = multiply_by_rational_with_rounding(self.amount, price, self.unit, Rounding::Down)
			.and_then(|worth| i128::try_from(worth).ok())
			.ok_or(ArithmeticError::Overflow)?;
		self.counted().mul_floor(Cash(worth))
	}

	/// The share of its value that counts.
	fn counted(&self) -> Ppm {
		Ppm(Ppm::PARTS.saturating_sub(self.haircut.0))
	}

	/// What it loses at most when its price falls by one, beyond what is rounded: `amount / unit` less the haircut, rounded up.
	fn loss_ceil(&self) -> Result<Cash, ArithmeticError> {
		if self.unit == 0 {
			return Err(ArithmeticError::DivisionByZero);
		}
		if self.price <= Price::ZERO {
			return Ok(Cash::ZERO);
		}
		multiply_by_rational_with_rounding(self.amount, self.counted().0.into(), Ppm::PARTS.into(), Rounding::Up)
			.and_then(|counted| i128::try_from(counted.div_ceil(self.unit)).ok())
			.map(Cash)
			.ok_or(ArithmeticError::Overflow)
	}
}

/// How far from the prices now the levels are. None is negative. Empty where the account needs no levels.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Distances {
	/// Of every position, upward and downward alike, in the order given. At most [`MAX_DISTANCE`].
	pub positions: Vec<Price>,
	/// Of every line of collateral, downward, in the order given. At most its price.
	pub pledges: Vec<Price>,
}

/// How far it is from a price now to the levels that were set at it before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Gap {
	/// Down to the lower level. Negative if the price is below it.
	pub down: Price,
	/// Up to the upper level. Negative if the price is above it.
	pub up: Price,
}

/// What stored levels are worth to the account as it is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fit {
	/// They do not protect it: one was crossed, one is missing, they are too far away, or it has no free equity at all. They
	/// have to be set anew.
	TooWide,
	/// They protect it.
	Fits,
	/// They protect it and use less than a quarter of what levels would that were set now. They may be set anew: it is visited
	/// more often than it needs to be.
	Tight,
}

/// How far every price may move, in either direction (of collateral: down), all of them together and at once, before
/// maintenance margin could exceed equity. None if somebody has to look now.
///
/// The distances are in proportion to the scan ranges, of collateral to 20 % of its price, and rounded down:
/// `δ_i = ¾ F · R_i / Σ s_j R_j`. A quarter of free equity is left for what the account does until they are set anew. An account without lots whose cash alone is not negative never falls under maintenance margin:
/// it needs no levels. `equity` is what the account has at the prices in `exposures` and `pledges`.
///
/// # Errors
/// `Overflow` if a figure is beyond the exchange's bounds, `DivisionByZero` if a unit of collateral is zero.
pub fn distances(
	equity: Cash,
	exposures: &[Exposure],
	pledges: &[Pledge],
	parameters: &MarginParameters,
) -> Result<Option<Distances>, ArithmeticError> {
	if needs_no_levels(equity, exposures, pledges)? {
		return Ok(Some(Distances::default()));
	}
	Budget::of(equity, exposures, pledges, parameters)?.distances()
}

/// Whether levels that were set before still protect the account as it is now.
///
/// They do if the cost of reaching them all, of each the dearer side, is within free equity. A move in favour of a position
/// gains what a move against it loses: on that side `s_i` is less by `2 |q_i| m_i`, at least nothing. Where it is nothing, a
/// level is never too far on that side.
///
/// To be asked after the account or what is assumed has changed. Where nothing but prices moved, levels hold until one is
/// crossed, and this is stricter: after a move away from a level it counts the way back at its full cost.
///
/// `positions` and `collateral` are the gaps from the prices now, in the order of `exposures` and `pledges`.
///
/// # Errors
/// As [`distances`].
pub fn fit(
	equity: Cash,
	exposures: &[Exposure],
	pledges: &[Pledge],
	positions: &[Gap],
	collateral: &[Price],
	parameters: &MarginParameters,
) -> Result<Fit, ArithmeticError> {
	if needs_no_levels(equity, exposures, pledges)? {
		let has_none = positions.is_empty() && collateral.is_empty();
		return Ok(if has_none { Fit::Fits } else { Fit::Tight });
	}
	let budget = Budget::of(equity, exposures, pledges, parameters)?;
	let Some(anew) = budget.distances()? else { return Ok(Fit::TooWide) };
	let Some(used) = budget.used(positions, collateral).filter(|used| *used <= budget.free) else {
		return Ok(Fit::TooWide);
	};
	let both = |distance: &Price| Gap { down: *distance, up: *distance };
	let anew = budget.used(&anew.positions.iter().map(both).collect::<Vec<_>>(), &anew.pledges);
	// A quarter of what fits fits.
	let is_tight = anew.is_some_and(|anew| used.0 < anew.0 / 4);
	Ok(if is_tight { Fit::Tight } else { Fit::Fits })
}

/// Whether nothing that prices do brings the account under maintenance margin: it has no lots, and owes nothing that its
/// collateral would have to cover.
fn needs_no_levels(equity: Cash, exposures: &[Exposure], pledges: &[Pledge]) -> Result<bool, ArithmeticError> {
	if exposures.iter().any(|exposure| !exposure.holding.lots.is_zero()) {
		return Ok(false);
	}
	let mut cash = equity;
	for pledge in pledges {
		cash = cash.checked_sub(pledge.value()?)?;
	}
	Ok(cash >= Cash::ZERO)
}

/// What a price that the account depends on may cost it.
struct Line {
	/// s: cost of a move by one down.
	down: Cash,
	/// The same up.
	up: Cash,
	/// How far it is expected to move, in units of [`ScanRange::UNIT`]: its part of free equity. At least one.
	range: u128,
	/// The farthest that its level is of use.
	farthest: Price,
}

impl Line {
	/// The cost of the dearer direction.
	fn dearer(&self) -> Cash {
		self.down.max(self.up)
	}

	/// What it costs to reach the farther of two levels. None if one was crossed, or the cost is beyond all bounds.
	fn cost(&self, gap: Gap) -> Option<Cash> {
		let side = |cost: Cash, gap: Price| if gap < Price::ZERO { None } else { cost.0.checked_mul(gap.0.into()) };
		Some(Cash(side(self.down, gap.down)?.max(side(self.up, gap.up)?)))
	}
}

/// Free equity, and what draws on it.
struct Budget {
	/// F.
	free: Cash,
	/// The positions, in the order given.
	positions: Vec<Line>,
	/// The collateral, in the order given.
	pledges: Vec<Line>,
}

impl Budget {
	fn of(
		equity: Cash,
		exposures: &[Exposure],
		pledges: &[Pledge],
		parameters: &MarginParameters,
	) -> Result<Self, ArithmeticError> {
		let groups = Groups::of(exposures, parameters)?;
		let (mut weights, mut lines) = (Cash::ZERO, 0i128);
		let mut positions = Vec::with_capacity(exposures.len());
		for exposure in exposures {
			let weight = groups.weight_ceil(exposure, parameters)?;
			weights = weights.checked_add(weight)?;
			lines += 1;
			positions.push(exposure.line(weight, parameters)?);
		}
		let mut collateral = Vec::with_capacity(pledges.len());
		for pledge in pledges {
			lines += 1;
			collateral.push(pledge.line()?);
		}
		let roundings = weights.0.checked_mul(RANGE_ROUNDING).map(Cash).ok_or(ArithmeticError::Overflow)?;
		let allowance = parameters.maintenance.mul_ceil(roundings)?;
		let maintenance = parameters.maintenance.mul_ceil(groups.requirement)?;
		let free = equity
			.checked_sub(maintenance)?
			.checked_sub(allowance)?
			.checked_sub(Cash(ROUNDING + lines * ROUNDING_PER_LINE))?;
		Ok(Self { free, positions, pledges: collateral })
	}

	/// Free equity in distances. None if there is none.
	fn distances(&self) -> Result<Option<Distances>, ArithmeticError> {
		if self.free <= Cash::ZERO {
			return Ok(None);
		}
		let shared = SHARE.mul_floor(self.free)?.0.unsigned_abs();
		let mut total = 0u128;
		for line in self.positions.iter().chain(&self.pledges) {
			total = line
				.dearer()
				.0
				.unsigned_abs()
				.checked_mul(line.range)
				.and_then(|cost| total.checked_add(cost))
				.ok_or(ArithmeticError::Overflow)?;
		}
		let distance = |line: &Line| {
			if line.dearer().is_zero() {
				return line.farthest;
			}
			// What does not fit is farther than any price goes.
			multiply_by_rational_with_rounding(shared, line.range, total, Rounding::Down)
				.and_then(|distance| i64::try_from(distance).ok())
				.map_or(line.farthest, |distance| Price(distance).min(line.farthest))
		};
		let (positions, pledges) = (self.positions.iter(), self.pledges.iter());
		Ok(Some(Distances { positions: positions.map(distance).collect(), pledges: pledges.map(distance).collect() }))
	}

	/// The cost of reaching all levels at once. None if one was crossed or is missing, or the cost is beyond all bounds.
	fn used(&self, positions: &[Gap], pledges: &[Price]) -> Option<Cash> {
		if positions.len() != self.positions.len() || pledges.len() != self.pledges.len() {
			return None;
		}
		let fallen = pledges.iter().map(|down| Gap { down: *down, up: Price::ZERO });
		let gaps = positions.iter().copied().chain(fallen);
		self.positions
			.iter()
			.chain(&self.pledges)
			.zip(gaps)
			.try_fold(Cash::ZERO, |used, (line, gap)| used.checked_add(line.cost(gap)?).ok())
	}
}

impl Exposure<'_> {
	/// What a move of its price costs, given how much the requirement grows with its scan range.
	fn line(&self, weight: Cash, parameters: &MarginParameters) -> Result<Line, ArithmeticError> {
		let Holding { risk, lots, .. } = &self.holding;
		let hours = Cash(lots.compute_hours(risk.multiplier)?.0.into());
		let growth = self.fraction.mul_ceil(weight)?.checked_add(risk.delivery_phase.mul_ceil(hours)?)?;
		let growth = parameters.maintenance.mul_ceil(growth)?;
		let (against, with) = (growth.checked_add(hours)?, growth.checked_sub(hours)?.max(Cash::ZERO));
		let (down, up) = if lots.0 > 0 { (against, with) } else { (with, against) };
		Ok(Line { down, up, range: units_of(risk.range), farthest: MAX_DISTANCE })
	}

	/// Its Compute Hours, negative if short.
	fn signed_hours(&self) -> Result<i128, ArithmeticError> {
		self.holding.lots.value(self.holding.risk.multiplier, Price(1)).map(|hours| hours.0)
	}
}

impl Pledge {
	/// What a fall of its price costs.
	fn line(&self) -> Result<Line, ArithmeticError> {
		let range = ScanRange::new(self.price, Price::ZERO, Price::ZERO, PLEDGE_RANGE)?;
		let farthest = self.price.max(Price::ZERO);
		Ok(Line { down: self.loss_ceil()?, up: Cash::ZERO, range: units_of(range), farthest })
	}
}

/// How many times [`ScanRange::UNIT`] a range is, at least once.
fn units_of(range: ScanRange) -> u128 {
	u128::from(range.get().unsigned_abs() / ScanRange::UNIT.unsigned_abs()).max(1)
}

/// What the risk groups of an account come to.
struct Groups {
	/// The largest that the requirement can be at the prices now, whatever of what is assumed turns out smaller.
	requirement: Cash,
	/// Of each group, `|L − S| + k · min(L, S)`, rounded up.
	shared: Vec<(RiskGroup, Cash)>,
}

impl Groups {
	fn of(exposures: &[Exposure], parameters: &MarginParameters) -> Result<Self, ArithmeticError> {
		let holdings: Vec<_> = exposures.iter().map(|exposure| exposure.holding).collect();
		let mut requirement = Requirement::of(&holdings, parameters)?.total()?;
		let mut shared: Vec<(RiskGroup, Cash)> = Vec::new();
		for exposure in exposures {
			let group = exposure.holding.risk.group;
			if shared.iter().any(|(known, _)| *known == group) {
				continue;
			}
			let members = || exposures.iter().filter(move |other| other.holding.risk.group == group);
			let risk = GroupRisk::of(members().map(|member| &member.holding))?;
			let offset = parameters.spread.mul_ceil(Cash(risk.offset().into()))?;
			shared.push((group, offset.checked_add(Cash(risk.net().into()))?));
			// What lies on one side costs most at the largest calm size.
			if risk.offset() > 0 {
				let hidden = largest_imbalance(members())?.checked_sub(risk.scan()?)?;
				requirement = requirement.checked_add(hidden.max(Cash::ZERO))?;
			}
		}
		Ok(Self { requirement, shared })
	}

	/// w: how much the requirement grows at most with the scan range of one position. Nothing without lots.
	fn weight_ceil(&self, exposure: &Exposure, parameters: &MarginParameters) -> Result<Cash, ArithmeticError> {
		let Holding { risk, lots, .. } = &exposure.holding;
		if lots.is_zero() {
			return Ok(Cash::ZERO);
		}
		let hours = Cash(lots.compute_hours(risk.multiplier)?.0.into());
		let shared = self.shared.iter().filter(|(group, _)| *group == risk.group).map(|(_, shared)| *shared);
		let concentration = concentration_at_ceil(&exposure.holding, Price(1), parameters)?;
		Cash::checked_sum([hours, concentration].into_iter().chain(shared))
	}
}

/// The largest size of `Σ ±hours · range` of a group over all calm sizes up to the assumed one.
///
/// Between two of the prices it is linear in the calm size, so the largest is at one of them, or at the assumed size, which
/// the assumed ranges stand for.
fn largest_imbalance<'a>(members: impl Iterator<Item = &'a Exposure<'a>>) -> Result<Cash, ArithmeticError> {
	let mut legs = Vec::new();
	for member in members {
		legs.push((member.signed_hours()?, member.least, member.holding.risk.range));
	}
	let mut largest = 0;
	for (_, calm, _) in &legs {
		let mut sum = 0i128;
		for (hours, least, assumed) in &legs {
			let range = i128::from((*least).max(*calm).min(*assumed).get());
			sum = hours.checked_mul(range).and_then(|more| sum.checked_add(more)).ok_or(ArithmeticError::Overflow)?;
		}
		largest = largest.max(sum.checked_abs().ok_or(ArithmeticError::Overflow)?);
	}
	Ok(Cash(largest))
}

#[cfg(test)]
mod tests;
