//! The margin of a portfolio, written a second time from the section "Margin" of the design alone.
//!
//! Exact rationals throughout, rounded only where the specification says so.

use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::BTreeMap;

/// One position of a portfolio, in plain integers.
#[derive(Clone, Debug)]
pub struct Position {
	/// Compute class.
	pub class: u32,
	/// Group of grades: the unit of offset is (class, grades).
	pub grades: u8,
	/// CH per lot.
	pub multiplier: i128,
	/// Millionths of a dollar per CH, signed.
	pub mark: i128,
	/// 30-day mean of |fix|.
	pub mean: i128,
	/// Floor price of the class.
	pub floor: i128,
	/// Scan fraction f_c, in parts per million.
	pub fraction_ppm: i128,
	/// In the averaging window: (remaining days, days of the window); the mark is then the current fix.
	pub averaging: Option<(u32, u32)>,
	/// 10-day mean open interest, in lots.
	pub open_interest: i128,
	/// Delivery phase φ, in parts per million.
	pub phase_ppm: i128,
	/// Signed: positive is long.
	pub lots: i128,
	/// The owner's total over all guarantors, unsigned, at least |lots|.
	pub owner_lots: i128,
	/// Of a short: lots covered by nominated proven capacity, unsigned.
	pub covered: i128,
}

/// The governed figures, in plain integers.
#[derive(Clone, Debug)]
pub struct Parameters {
	/// Calendar spread rate k.
	pub spread_ppm: i128,
	/// Concentration threshold T, in lots.
	pub threshold: i128,
	/// Share of the open interest that is free of the concentration charge.
	pub share_ppm: i128,
	/// Least open interest N that concentration divides by, in lots.
	pub depth: i128,
	/// Part of the contract value that longs owe in delivery.
	pub delivery_long_ppm: i128,
	/// Maintenance ratio ρ.
	pub maintenance_ppm: i128,
	/// Multiplier of the guarantor.
	pub guarantor_ppm: i128,
}

/// The parts of a portfolio's margin and the two requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margin {
	pub scan: i128,
	pub spread: i128,
	pub concentration: i128,
	pub delivery: i128,
	pub initial: i128,
	pub maintenance: i128,
}

fn integer(value: i128) -> BigRational {
	BigRational::from_integer(BigInt::from(value))
}

fn fraction(numerator: i128, denominator: i128) -> BigRational {
	BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

fn ppm(value: i128) -> BigRational {
	fraction(value, 1_000_000)
}

fn zero() -> BigRational {
	integer(0)
}

fn absolute(value: BigRational) -> BigRational {
	if value < zero() {
		-value
	} else {
		value
	}
}

/// The `i128` of a rational that is an integer already.
fn plain(value: &BigRational) -> i128 {
	assert!(value.is_integer(), "{value} is not an integer");
	i128::try_from(value.to_integer()).expect("a figure fits i128")
}

/// R_i: the greatest of |mark|, mean and floor price (in the averaging window the remaining share of |current fix|),
/// times f_c, rounded up to a multiple of 300.
pub fn scan_range(position: &Position) -> BigRational {
	let mark = absolute(integer(position.mark));
	let price = match position.averaging {
		None => mark.max(integer(position.mean)).max(integer(position.floor)),
		Some((remaining, days)) => fraction(i128::from(remaining), i128::from(days)) * mark,
	};
	let unrounded = price * ppm(position.fraction_ppm);
	(unrounded / integer(300)).ceil() * integer(300)
}

/// The 16 moves x_s: 0, ±1/3, ±2/3, ±1 with volatility up and down, and the extremes ±3 counted at 33 %.
fn scenarios() -> Vec<BigRational> {
	let mut moves = Vec::new();
	for thirds in [0, 1, -1, 2, -2, 3, -3] {
		for _volatility in ["up", "down"] {
			moves.push(fraction(thirds, 3));
		}
	}
	for extreme in [3, -3] {
		moves.push(integer(extreme) * fraction(33, 100));
	}
	assert_eq!(moves.len(), 16);
	moves
}

/// P&L of one long lot in each scenario.
fn risk_array(position: &Position) -> Vec<BigRational> {
	let range = scan_range(position);
	let array: Vec<BigRational> = scenarios().iter().map(|x| integer(position.multiplier) * &range * x).collect();
	for pnl in &array {
		assert_eq!(pnl.denom(), &BigInt::from(1), "the P&L of a scenario is an integer");
	}
	array
}

/// The long and the short CH of a group, both unsigned: (L, S).
fn long_and_short(group: &[&Position]) -> (BigRational, BigRational) {
	let mut long = zero();
	let mut short = zero();
	for position in group {
		let hours = integer(position.lots) * integer(position.multiplier);
		if position.lots > 0 {
			long += hours;
		} else {
			short -= hours;
		}
	}
	(long, short)
}

/// `max(0, max over s of −Σ lots_i · array_i[s], |L − S| · min R_i)`.
fn scan(group: &[&Position]) -> BigRational {
	let mut pnl = vec![zero(); 16];
	for position in group {
		for (total, one_lot) in pnl.iter_mut().zip(risk_array(position)) {
			*total += integer(position.lots) * one_lot;
		}
	}
	let worst = pnl.into_iter().map(|total| -total).max().expect("there are 16 scenarios");

	let (long, short) = long_and_short(group);
	let least = group.iter().map(|position| scan_range(position)).min().expect("a group has a position");
	let net = absolute(long - short) * least;

	zero().max(worst).max(net)
}

/// `ceil(min(L, S) · max R_i · k)`.
fn spread(group: &[&Position], parameters: &Parameters) -> BigRational {
	let (long, short) = long_and_short(group);
	let greatest = group.iter().map(|position| scan_range(position)).max().expect("a group has a position");
	(long.min(short) * greatest * ppm(parameters.spread_ppm)).ceil()
}

/// `ceil(2 · multiplier · R_i · e² / max(OI_i, N))` with `e = max(0, |lots| − max(T, share of OI_i))`, the lots being
/// the owner's total over all guarantors.
fn concentration(position: &Position, parameters: &Parameters) -> BigRational {
	let open_interest = integer(position.open_interest);
	let share = (ppm(parameters.share_ppm) * &open_interest).floor();
	let free = integer(parameters.threshold).max(share);
	let excess = zero().max(integer(position.owner_lots) - free);
	let depth = open_interest.max(integer(parameters.depth));
	let squared = &excess * &excess;
	(integer(2) * integer(position.multiplier) * scan_range(position) * squared / depth).ceil()
}

/// Shorts: φ of |value| of the lots not covered. Longs: φ times the long rate of |value|. Rounded up.
fn delivery(position: &Position, parameters: &Parameters) -> BigRational {
	let lot_value = absolute(integer(position.multiplier) * integer(position.mark));
	let lots = absolute(integer(position.lots));
	let phase = ppm(position.phase_ppm);
	if position.lots < 0 {
		let uncovered = zero().max(lots - integer(position.covered));
		(phase * uncovered * lot_value).ceil()
	} else {
		(phase * ppm(parameters.delivery_long_ppm) * lots * lot_value).ceil()
	}
}

/// The margin of a portfolio in which each instrument appears at most once.
pub fn margin(positions: &[Position], parameters: &Parameters) -> Margin {
	let mut groups: BTreeMap<(u32, u8), Vec<&Position>> = BTreeMap::new();
	let mut scan_total = zero();
	let mut spread_total = zero();
	let mut concentration_total = zero();
	let mut delivery_total = zero();

	for position in positions.iter().filter(|position| position.lots != 0) {
		groups.entry((position.class, position.grades)).or_default().push(position);
		concentration_total += concentration(position, parameters);
		delivery_total += delivery(position, parameters);
	}
	for group in groups.values() {
		scan_total += scan(group);
		spread_total += spread(group, parameters);
	}

	let total = &scan_total + &spread_total + &concentration_total + &delivery_total;
	let initial = (ppm(parameters.guarantor_ppm) * &total).ceil();
	let maintenance = (ppm(parameters.maintenance_ppm) * &total).ceil();

	Margin {
		scan: plain(&scan_total),
		spread: plain(&spread_total),
		concentration: plain(&concentration_total),
		delivery: plain(&delivery_total),
		initial: plain(&initial),
		maintenance: plain(&maintenance),
	}
}
