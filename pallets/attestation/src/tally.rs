//! What follows from a panel's findings. Pure.

use crate::{Finding, Report};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use gcx_evidence::Reason;
use gcx_math::robust::{self, Weighted};
use gcx_primitives::{Measurement, Measurements, Metric, Ppm};

/// A finding that was revealed, and whose it is.
pub(crate) struct Ballot<'a, AccountId> {
	/// Owner of the attestor.
	pub owner: &'a AccountId,
	/// The attestor's standing; not zero.
	pub weight: Ppm,
	/// What it found.
	pub finding: &'a Finding,
}

/// What makes a quorum and an outlier.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
	/// The fewest findings.
	pub attestors: u32,
	/// The fewest owners.
	pub owners: u32,
	/// Median absolute deviations that a figure may be away.
	pub deviations: Ppm,
	/// The share of the median that it may always be away.
	pub tolerance: Ppm,
}

/// What a panel found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
	/// More than half of the counting weight found this.
	Attested(Report),
	/// More than half of the counting weight refused, most of it for this reason.
	Refused(Reason),
	/// Neither, of so many counting findings of so many owners.
	NoQuorum { counted: u32, owners: u32 },
}

/// How a finding relates to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
	/// It says the same.
	Agrees,
	/// It says something else.
	Deviates,
	/// It says nothing, or there is no verdict.
	Undecided,
}

/// What a panel found, and how each ballot relates to it, in the order of ballots.
///
/// Abstentions do not count. A quorum is so many counting findings of so many owners. If more than half of their weight attest,
/// each figure that more than half of that reports is the weighted median; who is within the filter for every figure, and saw
/// the evidence that most saw, agrees; the verdict stands if who agrees has more than half of all that counts. If more than half
/// of the weight refuse, they agree, whatever their reasons.
pub(crate) fn tally<AccountId: Ord>(ballots: &[Ballot<'_, AccountId>], rules: Rules) -> (Verdict, Vec<Relation>) {
	let counting: Vec<&Ballot<'_, AccountId>> = ballots.iter().filter(|ballot| counts(ballot)).collect();
	let owners: BTreeSet<_> = counting.iter().map(|ballot| ballot.owner).collect();
	let (counted, owners) = (number(counting.len()), number(owners.len()));
	let undecided = || (Verdict::NoQuorum { counted, owners }, ballots.iter().map(|_| Relation::Undecided).collect());
	if counted < rules.attestors || owners < rules.owners {
		return undecided();
	}
	let total = weight(counting.iter().map(|ballot| ballot.weight));
	let is_majority = |part: u64| part.saturating_mul(2) > total;
	let reports: Vec<(&Report, Ppm)> = ballots.iter().filter_map(report).collect();
	if is_majority(weight(reports.iter().map(|(_, weight)| *weight))) {
		let Some((agreed, agreeing)) = agreement(&reports, rules) else { return undecided() };
		let relations: Vec<_> = ballots.iter().map(|ballot| relation(ballot, &reports, &agreeing)).collect();
		let behind = ballots.iter().zip(&relations).filter(|(_, relation)| **relation == Relation::Agrees);
		if !is_majority(weight(behind.map(|(ballot, _)| ballot.weight))) {
			return undecided();
		}
		return (Verdict::Attested(agreed), relations);
	}
	let refusals: Vec<(Reason, Ppm)> = ballots.iter().filter_map(refusal).collect();
	if !is_majority(weight(refusals.iter().map(|(_, weight)| *weight))) {
		return undecided();
	}
	let Some(reason) = heaviest(refusals.iter().copied()) else { return undecided() };
	let relations = ballots.iter().map(|ballot| match ballot.finding {
		Finding::Refused(_) => Relation::Agrees,
		Finding::Attested(_) => Relation::Deviates,
		Finding::Abstained(_) => Relation::Undecided,
	});
	(Verdict::Refused(reason), relations.collect())
}

fn counts<AccountId>(ballot: &Ballot<'_, AccountId>) -> bool {
	match ballot.finding {
		Finding::Attested(_) | Finding::Refused(_) => true,
		Finding::Abstained(_) => false,
	}
}

fn report<'a, AccountId>(ballot: &Ballot<'a, AccountId>) -> Option<(&'a Report, Ppm)> {
	match ballot.finding {
		Finding::Attested(report) => Some((report, ballot.weight)),
		Finding::Refused(_) | Finding::Abstained(_) => None,
	}
}

fn refusal<AccountId>(ballot: &Ballot<'_, AccountId>) -> Option<(Reason, Ppm)> {
	match ballot.finding {
		Finding::Refused(reason) => Some((*reason, ballot.weight)),
		Finding::Attested(_) | Finding::Abstained(_) => None,
	}
}

/// A ballot with a report agrees if its report is among those that do.
fn relation<AccountId>(ballot: &Ballot<'_, AccountId>, reports: &[(&Report, Ppm)], agreeing: &[bool]) -> Relation {
	match ballot.finding {
		Finding::Abstained(_) => Relation::Undecided,
		Finding::Refused(_) => Relation::Deviates,
		Finding::Attested(report) => {
			let agrees = reports.iter().zip(agreeing).any(|((other, _), agrees)| *agrees && *other == report);
			if agrees {
				Relation::Agrees
			} else {
				Relation::Deviates
			}
		},
	}
}

/// What reports come to, and which of them agree with it, in their order. None of no reports.
fn agreement(reports: &[(&Report, Ppm)], rules: Rules) -> Option<(Report, Vec<bool>)> {
	let (run, evidence) = heaviest(reports.iter().map(|(report, weight)| ((report.run, report.evidence), *weight)))?;
	let mut agreeing: Vec<bool> =
		reports.iter().map(|(report, _)| report.run == run && report.evidence == evidence).collect();
	let metrics: BTreeSet<Metric> =
		reports.iter().flat_map(|(report, _)| report.declared.iter().map(|measurement| measurement.metric)).collect();
	let mut declared = Measurements::new();
	for metric in metrics {
		let value = figure(reports, rules, &mut agreeing, |report| measured(report, metric));
		// No reports have more metrics than all of them together: what does not fit is dropped, and was agreed on by none.
		if let Some(value) = value {
			declared.try_push(Measurement { metric, value }).ok()?;
		}
	}
	let milliwatts = figure(reports, rules, &mut agreeing, |report| report.milliwatts);
	Some((Report { run, evidence, declared, milliwatts }, agreeing))
}

fn measured(report: &Report, metric: Metric) -> Option<u64> {
	report.declared.iter().find(|measurement| measurement.metric == metric).map(|measurement| measurement.value)
}

/// A figure that more than half of the weight reports: the weighted median, rounded towards zero. Who does not report it, or is
/// beyond the filter, does not agree; nor does who reports one that is none.
fn figure(
	reports: &[(&Report, Ppm)],
	rules: Rules,
	agreeing: &mut [bool],
	of: impl Fn(&Report) -> Option<u64>,
) -> Option<u64> {
	let reported: Vec<Option<Weighted>> = reports
		.iter()
		.map(|(report, weight)| of(report).map(|value| Weighted { value: value.into(), weight: *weight }))
		.collect();
	let mut values: Vec<Weighted> = reported.iter().flatten().copied().collect();
	let total = weight(reports.iter().map(|(_, weight)| *weight));
	let is_figure = weight(values.iter().map(|weighted| weighted.weight)).saturating_mul(2) > total;
	let mut within = robust::within(&values, rules.deviations, rules.tolerance).into_iter();
	for (agrees, reported) in agreeing.iter_mut().zip(&reported) {
		let is_within = match reported {
			Some(_) => within.next().unwrap_or(false) && is_figure,
			None => !is_figure,
		};
		*agrees = *agrees && is_within;
	}
	// The median of figures is between them.
	robust::weighted_median(&mut values).filter(|_| is_figure).and_then(|median| u64::try_from(median).ok())
}

/// The value with the greatest weight; of several the least. None of nothing.
fn heaviest<V: Ord + Copy>(values: impl Iterator<Item = (V, Ppm)>) -> Option<V> {
	let mut weights = BTreeMap::<V, u64>::new();
	for (value, weight) in values {
		let sum = weights.entry(value).or_default();
		*sum = sum.saturating_add(weight.0.into());
	}
	let most = weights.values().copied().max()?;
	weights.into_iter().find(|(_, weight)| *weight == most).map(|(value, _)| value)
}

fn weight(weights: impl Iterator<Item = Ppm>) -> u64 {
	weights.map(|weight| u64::from(weight.0)).sum()
}

fn number(count: usize) -> u32 {
	u32::try_from(count).unwrap_or(u32::MAX)
}
