//! Portfolios for the trigger levels: what is assumed of them, what there is, and how they stand after prices moved.

use gcx_math::{
	levels::{distances, fit, Distances, Exposure, Fit, Gap, Pledge, MAX_DISTANCE},
	margin::{Holding, InstrumentRisk, MarginParameters, Requirement, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{Cash, ClassId, ComputeHours, Lots, Ppm, Price, MAX_LOTS, MAX_MULTIPLIER, MAX_PRICE};
use proptest::prelude::*;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// The largest assumed scan fraction: a quarter above tenfold.
const MAX_FRACTION: u32 = 12_500_000;

/// What is assumed of a class, and what there is.
#[derive(Clone, Debug)]
struct Class {
	assumed: Market,
	real: Market,
}

/// The scan fraction and the calm size of a class.
#[derive(Clone, Copy, Debug)]
struct Market {
	fraction: u32,
	calm: i64,
}

#[derive(Clone, Debug)]
pub struct Position {
	class: u32,
	grades: u8,
	multiplier: u64,
	mark: i64,
	/// Open interest assumed, and what there is: no less.
	open_interest: (i64, i64),
	/// The phase of delivery assumed, and what there is: no more.
	phase: (u32, u32),
	lots: i64,
	elsewhere: i64,
	covered: i64,
}

#[derive(Clone, Debug)]
pub struct Portfolio {
	classes: Vec<Class>,
	pub positions: Vec<Position>,
	pub pledges: Vec<Pledge>,
	parameters: MarginParameters,
	funding: Funding,
}

/// How equity is drawn.
#[derive(Clone, Copy, Debug)]
enum Funding {
	/// So many hundredths of the requirement at what is assumed.
	Share(i128),
	/// So much beyond maintenance margin.
	Beyond(i128),
	/// So much more than the least at which there are levels.
	Least(i128),
}

/// What counts when margin is computed: what is assumed, or what there is.
#[derive(Clone, Copy, Debug)]
pub enum View {
	Assumed,
	Real,
}

impl Portfolio {
	/// The instruments, their prices moved.
	fn risks(&self, view: View, moves: &[i64]) -> Vec<InstrumentRisk> {
		let risk = |(position, delta): (&Position, &i64)| {
			let class = &self.classes[usize::try_from(position.class).unwrap()];
			let (market, open_interest, phase) = match view {
				View::Assumed => (class.assumed, position.open_interest.0, position.phase.0),
				View::Real => (class.real, position.open_interest.1, position.phase.1),
			};
			let (mark, multiplier) = (Price(position.mark + delta), ComputeHours(position.multiplier));
			let range = ScanRange::new(mark, Price(market.calm), Price::ZERO, Ppm(market.fraction)).unwrap();
			InstrumentRisk {
				group: RiskGroup { class: ClassId(position.class), grades: position.grades },
				multiplier,
				mark,
				range,
				array: RiskArray::of_future(multiplier, range).unwrap(),
				open_interest: Lots(open_interest),
				delivery_phase: Ppm(phase),
			}
		};
		self.positions.iter().zip(moves).map(risk).collect()
	}

	fn holdings<'a>(&self, risks: &'a [InstrumentRisk]) -> Vec<Holding<'a>> {
		let holding = |(position, risk): (&Position, &'a InstrumentRisk)| Holding {
			risk,
			lots: Lots(position.lots),
			owner_lots: Lots(position.lots.abs() + position.elsewhere),
			covered_lots: Lots(position.covered),
		};
		self.positions.iter().zip(risks).map(holding).collect()
	}

	fn exposures<'a>(&self, risks: &'a [InstrumentRisk]) -> Vec<Exposure<'a>> {
		let fraction =
			|position: &Position| Ppm(self.classes[usize::try_from(position.class).unwrap()].assumed.fraction);
		let exposure = |(holding, position): (Holding<'a>, &Position)| {
			let fraction = fraction(position);
			let least = ScanRange::new(holding.risk.mark, Price::ZERO, Price::ZERO, fraction).unwrap();
			Exposure { holding, fraction, least }
		};
		self.holdings(risks).into_iter().zip(&self.positions).map(exposure).collect()
	}

	pub fn still(&self) -> Vec<i64> {
		vec![0; self.positions.len()]
	}

	fn requirement(&self, view: View, moves: &[i64]) -> Requirement {
		Requirement::of(&self.holdings(&self.risks(view, moves)), &self.parameters).unwrap()
	}

	/// Maintenance margin from scratch at prices that moved.
	pub fn maintenance(&self, view: View, moves: &[i64]) -> i128 {
		self.requirement(view, moves).maintenance(&self.parameters).unwrap().0
	}

	pub fn equity(&self) -> i128 {
		let assumed = self.requirement(View::Assumed, &self.still());
		match self.funding {
			Funding::Share(hundredths) => assumed.total().unwrap().0 / 100 * hundredths,
			Funding::Beyond(amount) => assumed.maintenance(&self.parameters).unwrap().0 + amount,
			Funding::Least(more) => self.least_equity(assumed.maintenance(&self.parameters).unwrap().0) + more,
		}
	}

	/// The least equity with which the account has levels, found by halving. It is more than maintenance margin.
	fn least_equity(&self, maintenance: i128) -> i128 {
		let has_levels = |more: i128| self.distances(maintenance + more).is_some();
		let (mut without, mut with) = (-1, 1);
		while !has_levels(with) {
			(without, with) = (with, with * 4);
		}
		while with - without > 1 {
			let middle = without.midpoint(with);
			*(if has_levels(middle) { &mut with } else { &mut without }) = middle;
		}
		maintenance + with
	}

	/// Equity after prices and collateral moved: collateral falls by as much as is said, but not under zero.
	fn equity_after(&self, equity: i128, moves: &[i64], falls: &[i64]) -> i128 {
		let gains = self.positions.iter().zip(moves).map(|(position, delta)| {
			Lots(position.lots).value(ComputeHours(position.multiplier), Price(*delta)).unwrap().0
		});
		let losses = self.pledges.iter().zip(falls).map(|(pledge, fall)| {
			let fallen = Pledge { price: Price(pledge.price.0 - fall), ..*pledge };
			pledge.value().unwrap().0 - fallen.value().unwrap().0
		});
		equity + gains.sum::<i128>() - losses.sum::<i128>()
	}

	/// By how much an account falls under maintenance margin after a move. Not positive if it does not.
	pub fn shortfall(&self, view: View, equity: i128, moves: &[i64], falls: &[i64]) -> i128 {
		self.maintenance(view, moves) - self.equity_after(equity, moves, falls)
	}

	pub fn distances(&self, equity: i128) -> Option<Distances> {
		let risks = self.risks(View::Assumed, &self.still());
		distances(Cash(equity), &self.exposures(&risks), &self.pledges, &self.parameters).unwrap()
	}

	pub fn fit(&self, equity: i128, gaps: &[Gap], falls: &[Price]) -> Fit {
		let risks = self.risks(View::Assumed, &self.still());
		fit(Cash(equity), &self.exposures(&risks), &self.pledges, gaps, falls, &self.parameters).unwrap()
	}

	/// What "free equity over exposure" says, at the figures in force and without a thought of how margin moves: in proportion
	/// to the scan ranges. None without lots, or without free equity.
	pub fn plain_distances(&self, equity: i128) -> Option<Vec<Price>> {
		let free = u128::try_from(equity - self.maintenance(View::Real, &self.still())).ok()?;
		let risks = self.risks(View::Real, &self.still());
		let ranges = || risks.iter().map(|risk| risk.range.get().unsigned_abs().max(300).into());
		let cost = |(position, range): (&Position, u128)| {
			u128::from(position.lots.unsigned_abs()) * u128::from(position.multiplier) * range
		};
		let total: u128 = self.positions.iter().zip(ranges()).map(cost).sum();
		let distance = |range| {
			let distance = multiply_by_rational_with_rounding(free, range, total, Rounding::Down);
			let distance = distance.and_then(|distance| i64::try_from(distance).ok()).unwrap_or(i64::MAX);
			Price(distance).min(MAX_DISTANCE)
		};
		(total > 0).then(|| ranges().map(distance).collect())
	}

	/// Whether a distance is the farthest that there is, so that free equity is not used up.
	pub fn is_bounded(&self, positions: &[Price], pledges: &[Price]) -> bool {
		positions.contains(&MAX_DISTANCE)
			|| pledges.iter().zip(&self.pledges).any(|(distance, pledge)| *distance == pledge.price)
	}

	/// Moves of every price as far as its gap lets it, to sides that are chosen by position.
	fn corner(&self, gaps: &[Gap], is_up: impl Fn(usize, &Position) -> bool) -> Vec<i64> {
		let side = |(index, (position, gap)): (usize, (&Position, &Gap))| {
			if is_up(index, position) {
				gap.up.0
			} else {
				-gap.down.0
			}
		};
		self.positions.iter().zip(gaps).enumerate().map(side).collect()
	}

	/// The corners that are tried: all against, all in favour, all up, all down, and some chosen by the bits of a number; each
	/// leg of it alone as well, the others still.
	pub fn corners(&self, gaps: &[Gap], bits: u64) -> Vec<Vec<i64>> {
		let mut corners = vec![
			self.corner(gaps, |_, position| position.lots < 0),
			self.corner(gaps, |_, position| position.lots > 0),
			self.corner(gaps, |_, _| true),
			self.corner(gaps, |_, _| false),
			self.corner(gaps, |index, _| bits >> index & 1 == 0),
			self.corner(gaps, |index, _| bits >> index & 1 == 1),
		];
		let alone = |(index, delta): (usize, &i64)| if bits >> (16 + index) & 1 == 0 { *delta } else { 0 };
		corners.push(corners[0].iter().enumerate().map(alone).collect());
		corners.push(corners[4].iter().enumerate().map(alone).collect());
		// Somewhere within.
		let within = |(index, delta): (usize, &i64)| {
			let share = i128::from(bits >> (32 + 2 * index) & 3);
			i64::try_from(i128::from(*delta) * share / 3).unwrap()
		};
		corners.push(corners[5].iter().enumerate().map(within).collect());
		corners
	}
}

/// Prices of everyday, near zero, and huge, of either sign.
fn price() -> impl Strategy<Value = i64> {
	prop_oneof![
		6 => 200_000..20_000_000i64,
		1 => -20_000_000..0i64,
		3 => -3_000..=3_000i64,
		1 => -MAX_PRICE..=MAX_PRICE,
	]
}

fn share() -> impl Strategy<Value = i64> {
	prop_oneof![2 => Just(1_000i64), 2 => 0..=1_000i64, 1 => 700..1_000i64]
}

fn class() -> impl Strategy<Value = Class> {
	let fraction = prop_oneof![4 => 100_000..500_000u32, 1 => 0..=MAX_FRACTION];
	let calm = prop_oneof![2 => 0..=10_000i64, 4 => 200_000..30_000_000i64, 1 => 0..=MAX_PRICE];
	(fraction, calm, share(), share()).prop_map(|(fraction, calm, of_fraction, of_calm)| {
		let assumed = Market { fraction, calm };
		let less = i64::from(fraction) * of_fraction / 1_000;
		// The calm size in thousandths, through 128 bits.
		let calm = i64::try_from(i128::from(calm) * i128::from(of_calm) / 1_000).unwrap();
		Class { assumed, real: Market { fraction: u32::try_from(less).unwrap(), calm } }
	})
}

fn position() -> impl Strategy<Value = Position> {
	let multiplier = prop_oneof![3 => Just(100u64), 2 => Just(1), 1 => 1..=1_000u64, 1 => 1..=MAX_MULTIPLIER];
	let open_interest = (prop_oneof![3 => 0..100_000i64, 1 => 0..=MAX_LOTS], prop_oneof![Just(0), 0..50_000i64]);
	let phase = prop_oneof![4 => Just((0, 0)), 1 => (0..=1_000_000u32).prop_map(|phase| (phase, phase)), 1 => (0..=1_000_000u32).prop_map(|phase| (phase, phase / 2))];
	let lots = prop_oneof![1 => Just(0i64), 4 => -5..=5i64, 10 => -3_000..=3_000i64, 1 => -1_000_000..=1_000_000i64];
	let held = (lots, prop_oneof![Just(0), 0..3_000i64], prop_oneof![Just(0), 0..2_000i64]);
	((0..2u32, 0..2u8), multiplier, price(), open_interest, phase, held).prop_map(
		|((class, grades), multiplier, mark, (open, more), phase, (lots, elsewhere, covered))| Position {
			class,
			grades,
			multiplier,
			mark,
			open_interest: (open, open + more),
			phase,
			lots,
			elsewhere,
			covered,
		},
	)
}

/// What a position is held with.
#[derive(Clone, Copy, Debug)]
enum Hedge {
	/// Nothing.
	None,
	/// The other side of about as many lots at a price of its own.
	Month { mark: i64, more: i64 },
	/// The same at a price a tenth higher.
	NearMonth { more: i64 },
	/// Half of it at twice the price, so that no scenario shows the half that is open, and a lot of a cheap month, whose range
	/// is what the open half is charged at.
	Hidden,
}

impl Hedge {
	fn with(self, position: Position) -> Vec<Position> {
		let leg = |lots, mark: i64| Position { lots, mark: mark.clamp(-MAX_PRICE, MAX_PRICE), ..position.clone() };
		let Position { lots, mark: price, .. } = position;
		let legs = match self {
			Self::None => vec![],
			Self::Month { mark, more } => vec![leg(more - lots, mark)],
			Self::NearMonth { more } => vec![leg(more - lots, price / 10 * 11)],
			Self::Hidden => vec![leg(-lots / 2, 2 * price), leg(1, price / 4)],
		};
		legs.into_iter().chain([position]).collect()
	}
}

/// Positions that stand alone, and hedges.
fn positions() -> impl Strategy<Value = Vec<Position>> {
	let hedge = prop_oneof![
		3 => Just(Hedge::None),
		2 => (price(), -2..=2i64).prop_map(|(mark, more)| Hedge::Month { mark, more }),
		2 => (-2..=2i64).prop_map(|more| Hedge::NearMonth { more }),
		2 => Just(Hedge::Hidden),
	];
	let legs = (position(), hedge).prop_map(|(position, hedge)| hedge.with(position));
	prop::collection::vec(legs, 0..5).prop_map(|legs| legs.concat())
}

fn pledges() -> impl Strategy<Value = Vec<Pledge>> {
	let amount = prop_oneof![0..100u128, 0..=1u128 << 60, 0..=1u128 << 90];
	let pledge = (amount, 0..=15u32, 0..Ppm::PARTS, prop_oneof![1..100i64, 1..10_000_000i64]);
	let of = |(amount, decimals, haircut, price)| {
		let unit = 10u128.pow(decimals);
		Pledge { amount, unit, haircut: Ppm(haircut), price: Price(price) }
	};
	prop::collection::vec(pledge.prop_map(of), 0..3)
}

fn parameters() -> impl Strategy<Value = MarginParameters> {
	let drawn = (0..=1_000_000u32, 0..=1_000_000u32, 0..=1_000_000u32, 0..=500i64, 1..=2_000i64, 500_000..=950_000u32)
		.prop_map(|(spread, share, long, threshold, depth, maintenance)| MarginParameters {
			spread: Ppm(spread),
			concentration_threshold: Lots(threshold),
			concentration_share: Ppm(share),
			concentration_depth: Lots(depth),
			delivery_long: Ppm(long),
			maintenance: Ppm(maintenance),
		});
	prop_oneof![Just(MarginParameters::default()), drawn]
}

fn funding() -> impl Strategy<Value = Funding> {
	let order = |(bits, rest): (u32, u128)| Funding::Beyond(i128::try_from(rest >> (127 - bits)).unwrap() >> 1);
	prop_oneof![
		3 => (60..400i128).prop_map(Funding::Share),
		2 => (4..50u32, any::<u128>()).prop_map(order),
		2 => prop_oneof![0..4i128, 0..100_000i128].prop_map(Funding::Least),
	]
}

pub fn portfolio() -> impl Strategy<Value = Portfolio> {
	(prop::collection::vec(class(), 2), positions(), pledges(), parameters(), funding()).prop_map(
		|(classes, positions, pledges, parameters, funding)| Portfolio {
			classes,
			positions,
			pledges,
			parameters,
			funding,
		},
	)
}
