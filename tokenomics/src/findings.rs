//! What the paths show, in words. Every figure is of the runs.

use crate::{
	figures::{roles, Bound, EraRecord, Run, Tally, Valued, YearRecord, BURN_KINDS},
	parameters, people,
	report::share,
	units::{counted, grouped, in_dollars, in_gcx, DAYS_PER_YEAR},
	work, GENESIS_SUPPLY,
};
use gcx_primitives::{Cash, Ppm};

/// Days whose fees are compared with the record.
const LATELY: usize = 30;
/// So many days are named; more are counted.
const NAMED: usize = 12;

/// What each path shows.
pub fn of(runs: &[Run]) -> String {
	let mut text = String::from("What this shows\n");
	for run in runs {
		text.push_str(&format!("\n{}\n", run.demand));
		for sentence in sentences(run) {
			text.push_str(&format!("  - {sentence}\n"));
		}
	}
	text
}

fn sentences(run: &Run) -> Vec<String> {
	let issuance = Issuance::of(run);
	[
		issuance.days(),
		issuance.limit(run),
		bounds(run),
		issuance.drought(),
		supply(run),
		burned(run),
		validators(run),
		workers(run),
		seats(run),
		buy_back(run),
	]
	.into_iter()
	.flatten()
	.collect()
}

/// What was issued on a path, and when.
#[derive(Debug)]
pub struct Issuance<'a> {
	eras: &'a [EraRecord],
	/// The days on which tokens were issued.
	pub issues: Vec<&'a EraRecord>,
	/// All of it.
	pub issued: Valued,
	/// The most fees net of rebates that a day had.
	pub record: Cash,
}

impl<'a> Issuance<'a> {
	/// Of a path.
	pub fn of(run: &'a Run) -> Self {
		let mut issued = Valued::default();
		run.eras.iter().for_each(|era| issued.add(era.issued, era.price));
		Self {
			eras: &run.eras,
			issues: run.eras.iter().filter(|era| era.issued > 0).collect(),
			issued,
			record: run.eras.iter().map(|era| era.fees).max().unwrap_or(Cash::ZERO),
		}
	}

	/// The most that can be worth what was issued on any path with this record: `alpha` of it. What each record brings is `alpha`
	/// of what it is above the one before, and those sum to the last.
	pub fn most(&self) -> Cash {
		parameters().issuance.alpha.mul_floor(self.record).unwrap_or(Cash(i128::MAX))
	}

	/// The longest time without issue, in days.
	pub fn longest_drought(&self) -> u32 {
		let days = self.eras.len() as u32;
		let ends = self.issues.iter().map(|era| era.day).chain([days]);
		let mut free_from = 0;
		ends.map(|day| day.saturating_sub(std::mem::replace(&mut free_from, day + 1))).max().unwrap_or(days)
	}

	fn days(&self) -> Option<String> {
		let count = self.issues.len();
		let days: Vec<_> = self.issues.iter().map(|era| counted(u64::from(era.day) + 1)).collect();
		let named = if (1..=NAMED).contains(&count) { format!(" ({})", days.join(", ")) } else { String::new() };
		let mut sentence = format!(
			"Issued: {} GCX, worth {} dollars as they came, on {count} of {} days{named}.",
			grouped(in_gcx(self.issued.tokens)),
			grouped(in_dollars(self.issued.worth)),
			counted(self.eras.len() as u64),
		);
		let unearned = self.issues.iter().filter(|era| era.fees <= era.best).count();
		sentence.push_str(&format!(" On {unearned} of those fees were no higher than on some day before."));
		if let Some(first) = self.issues.first().filter(|era| era.day == 0) {
			let part = share(first.issued as f64, self.issued.tokens as f64);
			sentence.push_str(&format!(
				" The first day, which had no record to beat, brought {} GCX of it ({}).",
				grouped(in_gcx(first.issued)),
				percent(part)
			));
		}
		let later = || self.issues.iter().filter(|era| era.day > 0).map(|era| era.issued);
		if let Some(largest) = later().max() {
			let part = share(largest as f64, later().sum::<u128>() as f64);
			sentence.push_str(&format!(" Of what came later, one day brought {}.", percent(part)));
		}
		Some(sentence)
	}

	fn limit(&self, run: &Run) -> Option<String> {
		let alpha = parameters().issuance.alpha;
		let fees = |eras: &[EraRecord]| eras.iter().map(|era| era.fees.0).sum::<i128>();
		let best_year = run.eras.chunks(DAYS_PER_YEAR as usize).map(fees).max()?;
		let yearly = alpha.mul_floor(Cash(best_year)).unwrap_or(Cash(i128::MAX));
		Some(format!(
			"The rule issues {} of what each record is above the last one, so all that is ever issued is worth no more than {0} of the \
			 best day: {} dollars, where the fees of all days net of rebates are {}. Were a year an era, it would be {0} of the best \
			 year: {} dollars.",
			ppm_percent(alpha),
			grouped(in_dollars(self.most())),
			grouped(in_dollars(Cash(fees(&run.eras)))),
			grouped(in_dollars(yearly)),
		))
	}

	fn drought(&self) -> Option<String> {
		let days = self.eras.len();
		let record = self.eras.iter().find(|era| era.fees == self.record)?;
		let lately = self.eras.iter().rev().take(LATELY).map(|era| in_dollars(era.fees));
		let mean = lately.sum::<f64>() / days.min(LATELY) as f64;
		let since = self.issues.last().map_or(days, |last| days - last.day as usize - 1);
		Some(format!(
			"The record, {} dollars, is of day {}. At the end nothing has been issued for {} days; the longest time without issue is {} \
			 days. An average day of the last {LATELY} brings {} of the record.",
			grouped(in_dollars(self.record)),
			counted(u64::from(record.day) + 1),
			counted(since as u64),
			counted(self.longest_drought().into()),
			percent(share(mean, in_dollars(self.record))),
		))
	}
}

fn bounds(run: &Run) -> Option<String> {
	let days = |bound| counted(run.eras.iter().filter(|era| era.bound == bound).count() as u64);
	let cap = in_gcx(parameters().issuance.cap_per_year);
	let used = run.years.iter().map(|year| in_gcx(year.tally.issued.tokens) / cap).fold(0.0, f64::max);
	let unissued: u128 = run.eras.iter().map(|era| era.issuable.saturating_sub(era.issued)).sum();
	let mut sentence = format!(
		"What kept the issue down: no growth on {} days, the share of growth on {}, the burn on {}, the year's cap on {}, no \
		 price on {}. No year used more than {} of its cap.",
		days(Bound::NoGrowth),
		days(Bound::Growth),
		days(Bound::Burn),
		days(Bound::Cap),
		days(Bound::NoPrice),
		format_args!("{:.2} %", 100.0 * used),
	);
	if unissued > 0 {
		let unissued = grouped(in_gcx(unissued));
		sentence.push_str(&format!(
			" {unissued} GCX more could have been issued, but a role's own cap did not let it take them."
		));
	}
	Some(sentence)
}

fn supply(run: &Run) -> Option<String> {
	let last = run.eras.last()?;
	let before = [GENESIS_SUPPLY].into_iter().chain(run.eras.iter().map(|era| era.supply));
	let rises = run.eras.iter().zip(before).filter(|(era, before)| era.supply > *before).count();
	let beyond = run.eras.iter().filter(|era| era.issued > era.burned).count();
	Some(format!(
		"The supply rose on {rises} of {} days, and more was issued than fees burned on {beyond}. It went from {} to {} GCX: {} less.",
		counted(run.eras.len() as u64),
		grouped(in_gcx(GENESIS_SUPPLY)),
		grouped(in_gcx(last.supply)),
		percent(share(in_gcx(GENESIS_SUPPLY.saturating_sub(last.supply)), in_gcx(GENESIS_SUPPLY))),
	))
}

fn burned(run: &Run) -> Option<String> {
	let burned = run.eras.last()?.burned_ever;
	let mut kinds = BURN_KINDS.map(|(name, kind)| (kind(&burned), name));
	kinds.sort_unstable_by(|one, other| other.cmp(one));
	let all = burned.total() as f64;
	let part = |(amount, name): &(u128, &str)| format!("{name} {}", percent(share(*amount as f64, all)));
	let named: Vec<_> = kinds.iter().filter(|(amount, _)| *amount > 0).map(part).collect();
	Some(format!("Burned: {} GCX. {}.", grouped(in_gcx(burned.total())), named.join(", ")))
}

fn validators(run: &Run) -> Option<String> {
	let earned = |year: &YearRecord| in_dollars(year.tally.rewards.validators.worth);
	let (first, last) = (run.years.first()?, run.years.last()?);
	let least = run.years.iter().min_by(|one, other| earned(one).total_cmp(&earned(other)))?;
	let most = run.years.iter().max_by(|one, other| earned(one).total_cmp(&earned(other)))?;
	let each = |dollars: f64| grouped(dollars / people::VALIDATORS.len() as f64);
	let issued: f64 = run.years.iter().map(|year| in_dollars(year.tally.issued.worth)).sum();
	let rewards =
		|year: &YearRecord| roles().map(|(_, role)| in_dollars(role(&year.tally.rewards).worth)).iter().sum::<f64>();
	let all: f64 = run.years.iter().map(rewards).sum();
	Some(format!(
		"All {} validators are rewarded with {} dollars in the first year, {} in the last, {} in the leanest (year {}), {} in the best \
		 (year {}): {} each in the last, and {} of the chain's fees. All roles' rewards are {} of the fees; new tokens \
		 are {} of them, and the rest is of fees paid in tokens.",
		people::VALIDATORS.len(),
		grouped(earned(first)),
		grouped(earned(last)),
		grouped(earned(least)),
		least.year,
		grouped(earned(most)),
		most.year,
		each(earned(last)),
		each(in_dollars(last.tally.to_authors.worth)),
		percent(share(all, run.years.iter().map(|year| in_dollars(year.tally.fees)).sum())),
		percent(share(issued, all)),
	))
}

fn workers(run: &Run) -> Option<String> {
	let capped = run.eras.iter().filter(|era| era.operators_capped).count();
	let of_years = |part: fn(&YearRecord) -> f64| run.years.iter().map(part).sum::<f64>();
	let delivered = of_years(|year| in_dollars(year.tally.notional)) * work::DELIVERED;
	let operators = of_years(|year| in_dollars(year.tally.rewards.operators.worth));
	let traders = of_years(|year| in_dollars(year.tally.rewards.traders.worth));
	let fees = of_years(|year| in_dollars(year.tally.fees));
	Some(format!(
		"Operators have {:.1} ppm of the value of what they deliver; on {} of {} days that was their cap, under their share. Traders \
		 have back {} of their fees.",
		1e6 * share(operators, delivered),
		counted(capped as u64),
		counted(run.eras.len() as u64),
		percent(share(traders, fees)),
	))
}

fn seats(run: &Run) -> Option<String> {
	let (last, tiers) = (run.years.last()?, parameters().tiers);
	let sum = |count: fn(&Tally) -> u32| run.years.iter().map(|year| count(&year.tally)).sum::<u32>();
	Some(format!(
		"{} seats were bought and {} given back; at the end {} of {} are taken, for {} GCX. In the last year {} of the notional is from \
		 seats, and a side pays {:.1} ppm on average, where the first tier is {} and {}.",
		sum(|tally| tally.seats_bought),
		sum(|tally| tally.seats_surrendered),
		last.seats,
		parameters().seats.count,
		grouped(in_gcx(last.seat_stakes)),
		percent(last.seated()),
		1e6 * last.fee_rate(),
		tiers.first()?.maker.0,
		tiers.first()?.taker.0,
	))
}

fn buy_back(run: &Run) -> Option<String> {
	let meant: f64 = run.years.iter().map(|year| in_dollars(year.for_buy_back)).sum();
	let spent: f64 = run.years.iter().map(|year| in_dollars(year.bought_back)).sum();
	let fallbacks: u32 = run.years.iter().map(|year| year.tally.fallbacks).sum();
	Some(format!(
		"Of {} dollars that were to buy tokens back, {} did. {fallbacks} fees fell back from tokens to dollars.",
		grouped(meant),
		percent(share(spent, meant)),
	))
}

fn percent(part: f64) -> String {
	format!("{:.1} %", 100.0 * part)
}

fn ppm_percent(part: Ppm) -> String {
	format!("{:.0} %", 100.0 * f64::from(part.0) / f64::from(Ppm::PARTS))
}
