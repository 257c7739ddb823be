//! An instrument as clearing keeps it: settlement price, mark, bands, open interest.
//!
//! Sources: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 6 (prices for margin, and what to do
//! when there are none); CME Rulebook, chapter 8 (daily settlement price and price limits).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use gcx_math::{
	averaging::Average,
	delivery::{deliverable_lots, stepped_limit},
	margin::{InstrumentRisk, RiskGroup},
	scan::{RiskArray, ScanRange},
};
use gcx_primitives::{
	ArithmeticError, Capacity, Cash, DeliveryDays, DeliveryRamp, InstrumentTerms, Lots, Ppm, Price, RunId,
};
use scale_info::TypeInfo;

/// Days that open interest is averaged over.
pub const OPEN_INTEREST_DAYS: u32 = 10;
/// The share of a class's capacity that one may be short, or long, on the last day of trading.
const DELIVERABLE_SHARE: Ppm = Ppm::percent(25);

/// All that clearing keeps of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Instrument {
	/// What was listed.
	pub terms: InstrumentTerms,
	/// The settlement price in force, unless a staged one's run is over.
	pub settlement: Settlement,
	/// The settlement price of the run that is being priced, or of the last one.
	pub staged: Option<Settlement>,
	/// Lots held long.
	pub long: Lots,
	/// Lots held short, without sign: as many.
	pub short: Lots,
	/// Open interest at each of the last runs.
	pub daily_open_interest: BoundedVec<Lots, ConstU32<OPEN_INTEREST_DAYS>>,
	/// What was traded lately.
	pub traded: Traded,
	/// The mark; none while there is no fresh quorum of prices.
	pub mark: Option<Price>,
	/// Until when the fix that the mark is made of is fresh, in milliseconds since the Unix epoch.
	pub mark_until: u64,
	/// The last run in which there was a fresh fix and nothing else: by the next one the index alone is enough.
	pub index_alone: Option<RunId>,
	/// Between which prices a trade may be.
	pub band: PriceBand,
	/// The class's floor price when it was last looked at.
	pub floor: Price,
	/// What margin is computed from. Its mark is the last one there was.
	pub risk: InstrumentRisk,
	/// Since when there has been a mark without a break, in milliseconds since the Unix epoch.
	pub marked_since: u64,
	/// What the trigger levels of its holders assume.
	pub assumed: Assumptions,
	/// The days whose fixes' mean it is paid out at, if it is and they are known.
	pub averaged: Option<DeliveryDays>,
	/// What was known of that mean at the last look, from the first of the days on.
	pub average: Option<Average>,
	/// How it comes to its delivery, if it is delivered when it ends.
	pub ramp: Option<DeliveryRamp>,
	/// It ends with the next settlement run. Nobody trades it.
	pub ending: Option<Ending>,
	/// The run with which it ended: nobody holds it any more, and accounts that have not been rolled since know it as they are.
	pub ended: Option<RunId>,
	/// It ended, and what was held of it is delivered.
	pub delivers: bool,
	/// An invariant of it broke: it is not traded and not settled.
	pub quarantined: bool,
}

/// At which price an instrument ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Ending {
	/// At the settlement price of the run: it is torn up.
	#[codec(index = 0)]
	Settlement,
	/// At its final price, whatever the day's limit.
	#[codec(index = 1)]
	Final(Price),
}

/// What trigger levels assume of an instrument. As long as nothing is worse, they stay good.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Assumptions {
	/// The largest scan fraction.
	pub fraction: Ppm,
	/// The largest size, beside the mark's, that the scan range is a fraction of.
	pub calm: Price,
	/// The least open interest that concentration is measured by.
	pub open_interest: Lots,
}

impl Assumptions {
	/// How far the scan fraction can rise until the next epoch: levels must be good by then.
	const NEXT: Ppm = Ppm::percent(125);

	/// Room beside the figures as they are, so that levels stay good for a while: three tenths more of the fraction, which
	/// is less than initial margin is above maintenance margin; a twentieth more size; a fifth less open interest.
	fn with_room(fraction: Ppm, calm: Price, open_interest: Lots) -> Result<Self, ArithmeticError> {
		let of = |share: Ppm, amount: i64| share.mul_ceil(Cash(amount.into()));
		let fraction = of(Ppm::percent(130), fraction.0.into())?;
		let calm = of(Ppm::percent(105), calm.0)?;
		Ok(Self {
			fraction: Ppm(u32::try_from(fraction.0).map_err(|_| ArithmeticError::Overflow)?),
			calm: Price(i64::try_from(calm.0).map_err(|_| ArithmeticError::Overflow)?),
			open_interest: Lots(open_interest.0 / 5 * 4),
		})
	}

	/// Whether they are good until the next epoch.
	fn hold(&self, fraction: Ppm, calm: Price, open_interest: Lots) -> Result<bool, ArithmeticError> {
		let next = Self::NEXT.mul_ceil(Cash(fraction.0.into()))?;
		Ok(next.0 <= self.fraction.0.into() && calm <= self.calm && open_interest >= self.open_interest)
	}

	/// Whether they leave so much room that levels are needlessly near.
	fn are_needless(&self, fraction: Ppm, calm: Price) -> bool {
		i64::from(self.fraction.0) > i64::from(fraction.0).saturating_mul(2) || self.calm.0 > calm.0.saturating_mul(2)
	}
}

/// A settlement price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Settlement {
	/// The run that it is of.
	pub run: RunId,
	/// The price.
	pub price: Price,
	/// The fix of the class that the price is of; the difference is the contract's basis. It is not the newest fix where the
	/// day's limit held the price back: the rest of the move comes the next day.
	pub fix: Option<Price>,
	/// When there were last fresh prices to make it of, in milliseconds since the Unix epoch.
	pub time: u64,
}

/// Prices between which something may be, both included.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PriceBand {
	/// The lowest.
	pub lowest: Price,
	/// The highest.
	pub highest: Price,
}

impl PriceBand {
	/// `center ± max(|center|, floor) · share`, the width rounded down, within the exchange's bounds.
	pub fn around(center: Price, share: Ppm, floor: Price) -> Result<Self, ArithmeticError> {
		let size = Cash(center.checked_abs()?.max(floor).0.into());
		let width = i64::try_from(share.mul_floor(size)?.0).map_err(|_| ArithmeticError::Overflow)?;
		let bounded = |price: i64| Price(price.clamp(-gcx_primitives::MAX_PRICE, gcx_primitives::MAX_PRICE));
		Ok(Self { lowest: bounded(center.0.saturating_sub(width)), highest: bounded(center.0.saturating_add(width)) })
	}

	/// Whether a price is in it.
	pub fn contains(&self, price: Price) -> bool {
		self.lowest <= price && price <= self.highest
	}

	/// The price of the band that is nearest to this one.
	pub fn nearest(&self, price: Price) -> Price {
		price.clamp(self.lowest, self.highest)
	}
}

/// Trades of a window of time and the mean of the window before.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Traded {
	/// When the window began, in milliseconds since the Unix epoch.
	pub began: u64,
	/// Lots traded in it.
	pub lots: Lots,
	/// Those lots at their prices.
	pub value: i128,
	/// When the last window with trades ended, and their mean price by lots, rounded down.
	pub last: Option<(u64, Price)>,
}

impl Traded {
	/// Closes the window if its time is over, and begins the next.
	pub fn at(mut self, now: u64, window: u64) -> Self {
		let end = self.began.saturating_add(window);
		if now < end {
			return self;
		}
		if self.lots > Lots::ZERO {
			let mean = self.value.div_euclid(self.lots.0.into());
			// A mean of prices is a price.
			self.last = i64::try_from(mean).ok().map(|mean| (end, Price(mean)));
		}
		Self { began: now, lots: Lots::ZERO, value: 0, last: self.last }
	}

	/// Counts a trade in.
	pub fn add(&mut self, lots: Lots, price: Price) -> Result<(), ArithmeticError> {
		let value = i128::from(lots.0).checked_mul(price.0.into()).ok_or(ArithmeticError::Overflow)?;
		self.lots = self.lots.checked_add(lots)?;
		self.value = self.value.checked_add(value).ok_or(ArithmeticError::Overflow)?;
		Ok(())
	}

	/// The mean of the last window with trades, if it ended within a window's time.
	pub fn mean(&self, now: u64, window: u64) -> Option<Price> {
		self.last.filter(|(ended, _)| now <= ended.saturating_add(window)).map(|(_, mean)| mean)
	}
}

/// What a mark is made of besides the instrument's own prices.
#[derive(Clone, Copy, Debug)]
pub struct Market {
	/// The chain's clock, in milliseconds since the Unix epoch.
	pub now: u64,
	/// The class's newest fix, if it is fresh.
	pub fix: Option<Price>,
	/// Until when it is, in milliseconds since the Unix epoch.
	pub fix_until: u64,
	/// The mean size of the class's fixes of the last 30 days; zero before the first.
	pub mean: Price,
	/// The class's floor price.
	pub floor: Price,
	/// The class's scan fraction.
	pub fraction: Ppm,
	/// What is known of the mean that the instrument is paid out at, from the first of its days on.
	pub average: Option<Average>,
	/// How long trades are averaged, in milliseconds.
	pub trade_window: u64,
	/// The oldest settlement price that counts, in milliseconds.
	pub max_settlement_age: u64,
}

impl Instrument {
	/// A new instrument with its first settlement price. It has no mark before its first look at the market.
	pub fn new(terms: InstrumentTerms, settlement: Settlement) -> Self {
		let risk = InstrumentRisk {
			group: RiskGroup { class: terms.class, grades: terms.grades },
			multiplier: terms.multiplier,
			mark: settlement.price,
			..Default::default()
		};
		Self {
			terms,
			settlement,
			staged: None,
			long: Lots::ZERO,
			short: Lots::ZERO,
			daily_open_interest: BoundedVec::new(),
			traded: Traded { began: settlement.time, ..Default::default() },
			mark: None,
			mark_until: 0,
			index_alone: None,
			band: PriceBand::default(),
			floor: Price::ZERO,
			risk,
			marked_since: settlement.time,
			assumed: Assumptions::default(),
			averaged: None,
			average: None,
			ramp: None,
			ending: None,
			ended: None,
			delivers: false,
			quarantined: false,
		}
	}

	/// Puts the staged settlement price in force if its run is over.
	pub fn at_run(mut self, current: RunId) -> Self {
		if let Some(staged) = self.staged.filter(|staged| staged.run <= current) {
			self.settlement = staged;
			self.staged = None;
		}
		self
	}

	/// Without a mark whose fix has grown too old: nobody may have looked at the market since.
	pub fn at_time(mut self, now: u64) -> Self {
		self.mark = self.mark.filter(|_| now <= self.mark_until);
		self
	}

	/// Whether it ends at a price that is known, and which.
	pub fn final_price(&self) -> Option<Price> {
		match self.ending {
			Some(Ending::Final(price)) => Some(price),
			Some(Ending::Settlement) | None => None,
		}
	}

	/// Looks at the market: phase of delivery, mark, bands, scan range and risk array as they are now. A final price is a mark that does not age, and
	/// that moves no more.
	pub fn refresh(&mut self, market: &Market) -> Result<(), ArithmeticError> {
		self.traded = self.traded.at(market.now, market.trade_window);
		self.average = market.average;
		self.risk.delivery_phase = self.ramp.map_or(Ppm::ZERO, |ramp| ramp.phase(market.now));
		let was_marked = self.mark.is_some() && market.now <= self.mark_until;
		(self.mark, self.mark_until) = match self.final_price() {
			Some(price) => (Some(price), u64::MAX),
			None => {
				let fair = self.fair_price(market)?;
				(fair.map(|fair| self.within_limit(fair, market)).transpose()?, market.fix_until)
			},
		};
		if !was_marked {
			self.marked_since = market.now;
		}
		if let Some(mark) = self.mark {
			self.risk.mark = mark;
		}
		self.floor = market.floor;
		self.band = PriceBand::around(self.risk.mark, self.terms.price_band, market.floor)?;
		self.risk.range = self.scan_range(market.mean, market.floor, market.fraction)?;
		self.risk.array = RiskArray::of_future(self.terms.multiplier, self.risk.range)?;
		self.assume(market)
	}

	/// Makes new assumptions where those for trigger levels do not hold until the next epoch, or leave needless room.
	fn assume(&mut self, market: &Market) -> Result<(), ArithmeticError> {
		let (fraction, calm) = (market.fraction, market.mean.max(market.floor));
		let holds = self.assumed.hold(fraction, calm, self.risk.open_interest)?;
		if !holds || self.assumed.are_needless(fraction, calm) {
			self.assumed = Assumptions::with_room(fraction, calm, self.risk.open_interest)?;
		}
		Ok(())
	}

	/// How far the price may move: not at all if it is final, as far as the days to come let the mean if it is averaged.
	fn scan_range(&self, mean: Price, floor: Price, fraction: Ppm) -> Result<ScanRange, ArithmeticError> {
		let mark = self.risk.mark;
		match (self.final_price(), self.average) {
			(Some(_), _) => Ok(ScanRange::default()),
			(None, Some(average)) => average.scan_range(mark, floor, fraction),
			(None, None) => ScanRange::new(mark, mean, floor, fraction),
		}
	}

	/// The scan range at a fraction where the calm size is nothing.
	pub fn least_range(&self, fraction: Ppm) -> Result<ScanRange, ArithmeticError> {
		self.scan_range(Price::ZERO, Price::ZERO, fraction)
	}

	/// The risk that trigger levels are computed from, at a scan fraction and a calm size.
	pub fn assumed_risk(&self, fraction: Ppm, calm: Price) -> Result<InstrumentRisk, ArithmeticError> {
		let open_interest = self.assumed.open_interest;
		let range = self.scan_range(calm, self.floor, fraction)?;
		let array = RiskArray::of_future(self.terms.multiplier, range)?;
		Ok(InstrumentRisk { range, array, open_interest, ..self.risk.clone() })
	}

	/// The nearest price within the day's limit.
	fn within_limit(&self, fair: Price, market: &Market) -> Result<Price, ArithmeticError> {
		Ok(PriceBand::around(self.settlement.price, self.terms.mark_band, market.floor)?.nearest(fair))
	}

	/// The fix with the contract's basis; of an instrument that is averaged the mean as it is expected at this fix.
	fn index_price(&self, fix: Price) -> Result<Price, ArithmeticError> {
		if let Some(mean) = self.average.map_or(Ok(None), |average| average.expected_nearest(fix))? {
			return Ok(mean);
		}
		match self.settlement.fix {
			Some(before) => self.settlement.price.checked_add(fix.checked_sub(before)?),
			None => Ok(fix),
		}
	}

	/// The median of the index fix with the contract's basis, the traded mean and the settlement price; of an instrument that is
	/// averaged the index's alone. Without trades it is the index's, without a fresh settlement price the mean of the other two,
	/// rounded down; none without a fresh fix, or with nothing else that is fresh.
	fn fair_price(&self, market: &Market) -> Result<Option<Price>, ArithmeticError> {
		let Some(fix) = market.fix else { return Ok(None) };
		let settled = self.settlement;
		let index = self.index_price(fix)?;
		let traded = self.traded.mean(market.now, market.trade_window);
		let is_settled = market.now.saturating_sub(settled.time) <= market.max_settlement_age;
		Ok(match (traded, is_settled) {
			// What the days that are fixed have decided, trades do not undo.
			(Some(_), _) | (None, true) if self.average.is_some() => Some(index),
			(Some(traded), true) => Some(median([index, traded, settled.price])),
			(Some(traded), false) => {
				let sum = i128::from(index.0) + i128::from(traded.0);
				Some(Price(i64::try_from(sum.div_euclid(2)).map_err(|_| ArithmeticError::Overflow)?))
			},
			(None, true) => Some(index),
			(None, false) => None,
		})
	}

	/// Stages the settlement price of `run`, after a look: the final price, else the mark, or without one the price that it has.
	/// A fix that was fresh and alone a run before, and still is, is enough: else an instrument whose prices all grew too old would
	/// never have one again.
	pub fn stage(&mut self, run: RunId, market: &Market) -> Result<(), ArithmeticError> {
		if let Some(price) = self.final_price() {
			self.staged = Some(Settlement { run, price, time: market.now, ..self.settlement });
			return Ok(());
		}
		let was_alone = self.index_alone.is_some_and(|before| before.next() == run);
		let fair = match (self.mark, market.fix) {
			(Some(_), _) => self.fair_price(market)?,
			(None, Some(fix)) if was_alone => Some(self.index_price(fix)?),
			(None, _) => None,
		};
		self.index_alone = (fair.is_none() && market.fix.is_some()).then_some(run);
		self.staged = Some(match (fair, market.fix) {
			(Some(fair), Some(fix)) => {
				let price = self.within_limit(fair, market)?;
				let held_back = fair.checked_sub(price)?;
				Settlement { run, price, fix: Some(fix.checked_sub(held_back)?), time: market.now }
			},
			_ => Settlement { run, ..self.settlement },
		});
		Ok(())
	}

	/// Notes today's open interest; the mean of the last ten is what concentration is measured by. Rounded down: less open
	/// interest is the safer side.
	pub fn note_open_interest(&mut self) {
		if self.daily_open_interest.is_full() {
			self.daily_open_interest.remove(0);
		}
		// There is a place: the oldest went.
		self.daily_open_interest.try_push(self.long).ok();
		let days = i64::try_from(self.daily_open_interest.len()).unwrap_or(1).max(1);
		let sum = self.daily_open_interest.iter().fold(0i64, |sum, lots| sum.saturating_add(lots.0));
		self.risk.open_interest = Lots(sum / days);
	}

	/// The size of its last mark: without sign, and near zero the class's floor price.
	pub(crate) fn size(&self) -> Result<Price, ArithmeticError> {
		Ok(self.risk.mark.checked_abs()?.max(self.floor))
	}

	/// The largest position of one account, and the most lots of one owner: what was listed, and as delivery nears, step by step,
	/// what a quarter of its class's capacity, `per_day`, delivers.
	pub(crate) fn limits(&self, per_day: Option<Capacity>) -> Result<(Lots, Lots), ArithmeticError> {
		let InstrumentTerms { max_account_lots, max_owner_lots, multiplier, .. } = self.terms;
		let (Some(per_day), Some(ramp)) = (per_day, self.ramp) else { return Ok((max_account_lots, max_owner_lots)) };
		let deliverable = deliverable_lots(per_day, ramp.days, multiplier, DELIVERABLE_SHARE)?;
		let stepped = |terms| stepped_limit(terms, deliverable, self.risk.delivery_phase);
		Ok((stepped(max_account_lots)?, stepped(max_owner_lots)?))
	}

	/// What a position gained from its basis to the settlement price in force.
	pub fn gain(&self, lots: Lots, basis: Price) -> Result<Cash, ArithmeticError> {
		lots.value(self.terms.multiplier, self.settlement.price.checked_sub(basis)?)
	}

	/// What a position gained from its basis to the mark, or to the last one there was.
	pub fn unrealised(&self, lots: Lots, basis: Price) -> Result<Cash, ArithmeticError> {
		lots.value(self.terms.multiplier, self.risk.mark.checked_sub(basis)?)
	}

	/// What lots gain from the settlement price in force to the one that is staged; nothing if none is.
	pub fn staged_gain(&self, lots: Lots) -> Result<Cash, ArithmeticError> {
		let settled = self.settlement.price;
		let staged = self.staged.map_or(settled, |staged| staged.price);
		lots.value(self.terms.multiplier, staged.checked_sub(settled)?)
	}
}

/// The middle one of three prices.
fn median(mut prices: [Price; 3]) -> Price {
	prices.sort_unstable();
	prices[1]
}
