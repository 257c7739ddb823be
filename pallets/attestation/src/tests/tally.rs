//! The tally alone: medians, the filter, majorities, ties, abstentions.

use super::*;
use crate::tally::{tally, Ballot, Relation, Rules, Verdict};
use gcx_primitives::{Measurement, Metric};
use proptest::prelude::*;
use Relation::{Agrees, Deviates, Undecided};

const RULES: Rules = Rules { attestors: 3, owners: 3, deviations: Ppm(4_447_800), tolerance: Ppm::percent(1) };

/// Each of an owner of its own, of full standing.
fn tallied(findings: &[Finding]) -> (Verdict, Vec<Relation>) {
	let owners: Vec<u8> = (0..).take(findings.len()).collect();
	let ballot = |(owner, finding)| Ballot { owner, weight: Ppm::ONE, finding };
	tally(&owners.iter().zip(findings).map(ballot).collect::<Vec<_>>(), RULES)
}

fn figures(values: &[(Metric, u64)]) -> Finding {
	let measurements = values.iter().map(|(metric, value)| Measurement { metric: *metric, value: *value });
	Finding::Attested(Report { declared: measurements.collect::<Vec<_>>().try_into().expect("few"), ..report(1) })
}

fn values(verdict: &Verdict) -> Vec<(Metric, u64)> {
	match verdict {
		Verdict::Attested(report) => {
			report.declared.iter().map(|measurement| (measurement.metric, measurement.value)).collect()
		},
		Verdict::Refused(_) | Verdict::NoQuorum { .. } => panic!("{verdict:?}"),
	}
}

#[test]
fn each_figure_is_the_median() {
	let findings = [100, 101, 99].map(|hpl| figures(&[(Metric::StreamTriad, 5), (Metric::Hpl, hpl)]));
	let (verdict, relations) = tallied(&findings);
	// Figures are in the order of metrics.
	assert_eq!(values(&verdict), [(Metric::Hpl, 100), (Metric::StreamTriad, 5)]);
	assert_eq!(relations, [Agrees; 3]);
}

#[test]
fn who_is_beyond_the_filter_deviates() {
	let (verdict, relations) = tallied(&[100, 100, 100, 100, 102].map(|value| figures(&[(Metric::Hpl, value)])));
	assert_eq!(values(&verdict), [(Metric::Hpl, 100)]);
	assert_eq!(relations, [Agrees, Agrees, Agrees, Agrees, Deviates]);
	// One in a hundred is tolerated, however much the others agree.
	let (_, relations) = tallied(&[100, 100, 100, 100, 101].map(|value| figures(&[(Metric::Hpl, value)])));
	assert_eq!(relations, [Agrees; 5]);
	// Where honest figures scatter, the filter is wider: the deviation is 20, and 88 are allowed.
	let (_, relations) = tallied(&[160, 180, 200, 220, 288, 289].map(|value| figures(&[(Metric::Hpl, value)])));
	assert_eq!(relations.iter().filter(|relation| **relation == Agrees).count(), 6);
	let (_, relations) = tallied(&[160, 180, 200, 220, 900].map(|value| figures(&[(Metric::Hpl, value)])));
	assert_eq!(relations, [Agrees, Agrees, Agrees, Agrees, Deviates]);
}

#[test]
fn a_figure_that_few_report_is_none_and_who_leaves_one_out_deviates() {
	let (both, one) = (figures(&[(Metric::Hpl, 1), (Metric::Hpcg, 1)]), figures(&[(Metric::Hpl, 1)]));
	let (verdict, relations) = tallied(&[both.clone(), one.clone(), one.clone()]);
	assert_eq!((values(&verdict), relations), (vec![(Metric::Hpl, 1)], vec![Deviates, Agrees, Agrees]));
	let (verdict, relations) = tallied(&[both.clone(), both, one]);
	assert_eq!(values(&verdict), [(Metric::Hpl, 1), (Metric::Hpcg, 1)]);
	assert_eq!(relations, [Agrees, Agrees, Deviates]);
}

#[test]
fn power_is_a_figure_like_the_others() {
	let with = |milliwatts| Finding::Attested(Report { milliwatts, ..report(1) });
	let (verdict, relations) = tallied(&[with(Some(100)), with(Some(100)), with(None)]);
	assert!(matches!(verdict, Verdict::Attested(Report { milliwatts: Some(100), .. })));
	assert_eq!(relations, [Agrees, Agrees, Deviates]);
	let (verdict, _) = tallied(&[with(Some(100)), with(None), with(None)]);
	assert!(matches!(verdict, Verdict::Attested(Report { milliwatts: None, .. })));
}

#[test]
fn the_evidence_is_what_most_saw() {
	let saw = |evidence| Finding::Attested(Report { evidence: [evidence; 32], ..report(1) });
	let (verdict, relations) = tallied(&[saw(1), saw(2), saw(2)]);
	assert!(matches!(verdict, Verdict::Attested(Report { evidence, .. }) if evidence == [2; 32]));
	assert_eq!(relations, [Deviates, Agrees, Agrees]);
	// A provider that shows everyone something else has shown nobody anything.
	let (verdict, relations) = tallied(&[saw(1), saw(2), saw(3)]);
	assert_eq!((verdict, relations), (Verdict::NoQuorum { counted: 3, owners: 3 }, vec![Undecided; 3]));
	let (verdict, _) = tallied(&[saw(1), saw(1), saw(2), saw(2)]);
	assert_eq!(verdict, Verdict::NoQuorum { counted: 4, owners: 4 });
}

#[test]
fn abstentions_do_not_count_for_or_against() {
	let silence = Finding::Abstained(Reason::HttpStatus);
	let (verdict, relations) = tallied(&[attested(5), attested(5), attested(5), silence.clone(), silence.clone()]);
	assert!(matches!(verdict, Verdict::Attested(_)));
	assert_eq!(relations, [Agrees, Agrees, Agrees, Undecided, Undecided]);
	let (verdict, _) = tallied(&[attested(5), attested(5), silence.clone(), silence.clone(), silence]);
	assert_eq!(verdict, Verdict::NoQuorum { counted: 2, owners: 2 });
}

#[test]
fn the_reason_with_the_most_weight_is_given_and_of_two_the_first() {
	let no = Finding::Refused;
	let (verdict, relations) = tallied(&[no(Reason::TooShort), no(Reason::Malformed), no(Reason::TooShort)]);
	assert_eq!((verdict, relations), (Verdict::Refused(Reason::TooShort), vec![Agrees; 3]));
	let (verdict, _) = tallied(&[no(Reason::TooShort), no(Reason::Malformed), no(Reason::BadSignature)]);
	assert_eq!(verdict, Verdict::Refused(Reason::Malformed));
}

#[test]
fn nobody_is_no_quorum() {
	assert_eq!(tallied(&[]), (Verdict::NoQuorum { counted: 0, owners: 0 }, vec![]));
}

fn finding() -> impl Strategy<Value = Finding> {
	prop_oneof![
		4 => (1u64..200, 0u8..3, any::<bool>()).prop_map(|(value, evidence, power)| Finding::Attested(Report {
			evidence: [evidence; 32],
			milliwatts: power.then_some(value),
			..report(value)
		})),
		2 => prop_oneof![Just(Reason::Malformed), Just(Reason::SolveFailed)].prop_map(Finding::Refused),
		1 => Just(Finding::Abstained(Reason::TimedOut)),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

	#[test]
	fn a_verdict_has_a_majority_behind_it_and_no_order_matters(
		ballots in prop::collection::vec((0u8..6, 10_000u32..=1_000_000, finding()), 0..16),
		rotation in 0usize..16,
	) {
		let of = |ballots: &[(u8, u32, Finding)]| {
			let ballots = ballots.iter().map(|(owner, weight, finding)| Ballot { owner, weight: Ppm(*weight), finding });
			tally(&ballots.collect::<Vec<_>>(), RULES)
		};
		let (verdict, relations) = of(&ballots);
		let mut other = ballots.clone();
		other.rotate_left(rotation.min(ballots.len()));
		prop_assert_eq!(&of(&other).0, &verdict);
		let weight = |wanted: &dyn Fn(&Finding, Relation) -> bool| -> u64 {
			let chosen = ballots.iter().zip(&relations).filter(|((_, _, finding), relation)| wanted(finding, **relation));
			chosen.map(|((_, weight, _), _)| u64::from(*weight)).sum()
		};
		let total = weight(&|finding, _| !matches!(finding, Finding::Abstained(_)));
		let agreed = weight(&|_, relation| relation == Agrees);
		match verdict {
			Verdict::NoQuorum { .. } => prop_assert!(relations.iter().all(|relation| *relation == Undecided)),
			Verdict::Attested(_) | Verdict::Refused(_) => prop_assert!(agreed * 2 > total),
		}
	}
}
