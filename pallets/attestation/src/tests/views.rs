//! What clients see.

use super::*;
use gcx_runtime_api::{FindingView, OutcomeView, ReasonCount, RoundPhase};

fn phase() -> RoundPhase {
	Attestation::round_view(RESOURCE).unwrap().phase
}

#[test]
fn a_round_is_shown_at_every_stage() {
	World::default().run(|| {
		assert_eq!(Attestation::round_view(RESOURCE), None);
		open();
		assert_eq!(phase(), RoundPhase::Answering);
		answer(Some(SOLVE));
		blocks(5);
		assert_eq!(phase(), RoundPhase::Drawing);
		block_after(1);
		assert_eq!(phase(), RoundPhase::Committing);
		let view = Attestation::round_view(RESOURCE).unwrap();
		assert_eq!((view.round, view.panel.len(), view.examined), (RoundId(1), 4, vec![0, 1]));
		let answer = view.answer.unwrap();
		assert_eq!((answer.order, answer.fee.0), (Some(1_024), 103));
		assert_eq!(answer.commitment.unwrap(), format!("0x{}", "05".repeat(32)));
		(1..=4).for_each(|number| commit(number, &Finding::Refused(Reason::Malformed)));
		CurrentSlot::mutate(|slot| *slot += 5);
		assert_eq!(phase(), RoundPhase::Due);
		CurrentSlot::mutate(|slot| *slot -= 5);
		until(Stage::Reveal);
		assert_eq!(phase(), RoundPhase::Revealing);
		let view = Attestation::round_view(RESOURCE).unwrap();
		assert!(view.panel.iter().all(|member| member.committed && member.finding.is_none()));
	})
}

#[test]
fn the_last_reasons_are_shown_with_their_number() {
	World::default().run(|| {
		drawn();
		let silence = Finding::Abstained(Reason::TimedOut);
		let no = Finding::Refused(Reason::WrongDevices);
		examined(&[(1, silence), (2, no.clone()), (3, no), (4, attested(5))]);
		let counts = [(Reason::WrongDevices, 2), (Reason::TimedOut, 1)];
		let expected = counts.map(|(reason, members)| ReasonCount { reason, members });
		let view = Attestation::round_view(RESOURCE).unwrap();
		assert_eq!(view.reasons, expected);
		assert_eq!(view.phase, RoundPhase::Closed);
		let outcome = OutcomeView::Refused { reason: Reason::WrongDevices, agreed: 2, outliers: 1 };
		assert_eq!(view.outcome, Some(outcome));
		let attested = view.panel.iter().filter(|member| member.finding == Some(FindingView::Attested)).count();
		assert_eq!(attested, 1);
		let json = serde_json::to_string(&view).unwrap();
		assert!(json.contains("\"outcome\":{\"outcome\":\"refused\",\"reason\":\"wrongDevices\""), "{json}");
		assert!(json.contains("\"finding\":{\"found\":\"abstained\",\"reason\":\"timedOut\"}"), "{json}");
		assert_eq!(serde_json::from_str::<gcx_runtime_api::RoundView<AccountId>>(&json).unwrap(), view);
	})
}

#[test]
fn attestors_are_shown_with_what_they_did() {
	World::default().run(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(9))]);
		let views = Attestation::attestors();
		assert!(views.windows(2).all(|pair| pair[0].attestor < pair[1].attestor));
		let of = |number| views.iter().find(|view| view.attestor == attestor(number)).unwrap();
		assert_eq!((of(1).agreed, of(3).outlier, of(4).missed), (1, 1, 1));
		assert_eq!((of(3).standing, of(1).bond.0, &of(1).owner), (Ppm::percent(80), 400, &account(11)));
	})
}
