//! The rule of issuance over years: no growth, no issue.

use gcx_primitives::Cash;
use gcx_tokenomics::{
	demand::Demand,
	figures::{Bound, Run},
	findings::Issuance,
	simulation::{run, Setup},
	GENESIS_SUPPLY,
};

fn simulated(demand: Demand, years: u32, noise: f64, in_tokens: f64) -> Run {
	run(&Setup { demand, years, seed: 11, in_tokens, noise }).expect("the figures add up")
}

/// An era issues only if its fees net of rebates are more than those of every era before it, and no more than fees burned in it. So
/// the supply never rises.
fn assert_ruled(run: &Run) {
	let (mut best, mut supply) = (Cash::ZERO, GENESIS_SUPPLY);
	for era in &run.eras {
		assert_eq!(era.best, best, "day {}", era.day);
		assert_eq!(era.bound == Bound::NoGrowth, era.fees <= best, "day {}", era.day);
		assert!(era.issued == 0 || era.fees > best, "day {}", era.day);
		assert!(era.issued <= era.burned && era.issued <= era.issuable, "day {}", era.day);
		assert!(era.supply <= supply, "day {}", era.day);
		(best, supply) = (best.max(era.fees), era.supply);
	}
	let issuance = Issuance::of(run);
	assert!(issuance.issued.worth <= issuance.most(), "{issuance:?}");
}

// The first era has no record to beat, and the cheaper tiers that traders reach afterwards only lower fees.
#[test]
fn flat_demand_without_noise_issues_in_the_first_era_and_never_again() {
	let run = simulated(Demand::Flat, 2, 0.0, 0.5);
	assert_ruled(&run);
	let days: Vec<_> = run.eras.iter().filter(|era| era.issued > 0).map(|era| era.day).collect();
	assert_eq!(days, [0]);
}

#[test]
fn flat_demand_with_noise_issues_on_record_days_alone_which_become_rare() {
	let run = simulated(Demand::Flat, 3, 1.0, 0.5);
	assert_ruled(&run);
	let issues = |years: std::ops::Range<u32>| {
		run.eras.iter().filter(|era| era.issued > 0 && years.contains(&(era.day / 365))).count()
	};
	assert!((1..=12).contains(&issues(0..1)) && issues(1..3) <= 3, "{} {}", issues(0..1), issues(1..3));
}

#[test]
fn growth_issues_again_and_the_supply_falls_all_the_same() {
	let run = simulated(Demand::Growth, 3, 0.0, 1.0);
	assert_ruled(&run);
	assert!(run.eras.iter().any(|era| era.day > 365 && era.issued > 0));
}

#[test]
fn nothing_is_issued_after_a_collapse() {
	let run = simulated(Demand::Collapse, 5, 1.0, 0.5);
	assert_ruled(&run);
	// A fifth of a year into it, the trend is under two thirds of the boom's.
	assert!(run.eras.iter().filter(|era| era.day > 3 * 365 + 73).all(|era| era.issued == 0));
}

#[test]
fn without_fees_in_tokens_rewards_are_what_is_issued() {
	let run = simulated(Demand::Flat, 1, 1.0, 0.0);
	assert_ruled(&run);
	let year = &run.years[0];
	assert_eq!((year.burned.trading, year.tally.in_tokens), (0, Cash::ZERO));
	assert!(run.eras.iter().all(|era| era.of_fees == 0));
	let rewards = year.tally.rewards;
	let all = [rewards.validators, rewards.attestors, rewards.operators, rewards.traders];
	assert_eq!(all.iter().map(|reward| reward.tokens).sum::<u128>(), year.tally.issued.tokens);
	assert!(year.tally.issued.tokens > 0);
}
