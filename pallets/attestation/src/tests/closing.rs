//! What a round comes to: quorum, fees to the unit, standings, the silent.

use super::*;

fn standing(number: u8) -> Ppm {
	Attestors::<Test>::get(attestor(number)).unwrap().standing
}

fn record(number: u8) -> Record {
	Attestors::<Test>::get(attestor(number)).unwrap().record
}

fn earned(owner: u8) -> i64 {
	let (free, bond) = (Balances::free_balance(account(owner)), held(HoldReason::AttestorBond, &account(owner)));
	i64::try_from(free + bond).unwrap() - i64::try_from(ENDOWMENT).unwrap()
}

fn refused(reason: Reason) -> Finding {
	Finding::Refused(reason)
}

#[test]
fn the_fee_is_shared_to_the_unit() {
	World::default().run(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, attested(5))]);
		// 103 of four members: 25 each, rounded down.
		assert_eq!([11, 12, 13, 14].map(earned), [25; 4]);
		assert_eq!((Unpaid::get(), Slashed::get()), (3, 0));
		assert_eq!(Balances::free_balance(provider()), ENDOWMENT - 103);
		assert_eq!(held(HoldReason::RoundFee, &provider()), 0);
		let Some(Event::Closed { fee, paid, unpaid, .. }) = events().last().cloned() else { panic!() };
		assert_eq!((fee, paid, unpaid), (103, 100, 3));
	})
}

#[test]
fn an_outlier_gets_nothing_and_loses_standing_but_no_money() {
	World::default().run(|| {
		drawn();
		examined(&[(1, attested(1_000)), (2, attested(1_000)), (3, attested(1_000)), (4, attested(2_000))]);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 3, outliers: 1, .. })));
		assert_eq!([11, 12, 13, 14].map(earned), [25, 25, 25, 0]);
		assert_eq!((Unpaid::get(), Slashed::get()), (28, 0));
		assert_eq!([1, 4].map(standing), [Ppm::ONE, Ppm::percent(80)]);
		assert_eq!((record(4).outlier, record(1).agreed), (1, 1));
		let event = Event::Outlier { resource: RESOURCE, round: RoundId(1), attestor: attestor(4) };
		assert!(events().contains(&event));
	})
}

#[test]
fn a_standing_falls_to_its_floor_and_recovers_slowly() {
	World::default().run(|| {
		for _ in 0..7 {
			drawn();
			examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, refused(Reason::Malformed))]);
		}
		assert_eq!(standing(4), MIN_STANDING);
		for _ in 0..2 {
			drawn();
			examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, attested(5))]);
		}
		assert_eq!((standing(4), standing(1)), (Ppm::percent(3), Ppm::ONE));
	})
}

#[test]
fn a_refusal_by_most_is_a_refusal_and_is_paid() {
	World::default().run(|| {
		drawn();
		let (failed, malformed) = (refused(Reason::SolveFailed), refused(Reason::Malformed));
		examined(&[(1, failed.clone()), (2, failed), (3, malformed), (4, attested(5))]);
		let outcome = Outcome::Refused { reason: Reason::SolveFailed, agreed: 3, outliers: 1 };
		assert_eq!(round().outcome, Some(outcome));
		assert_eq!(told(), Some(Told::Refused(RESOURCE)));
		assert_eq!([11, 12, 13, 14].map(earned), [25, 25, 25, 0]);
		assert_eq!(standing(4), Ppm::percent(80));
		assert_eq!(LastRuns::<Test>::get(RESOURCE), None);
	})
}

#[test]
fn without_a_quorum_nobody_is_paid_and_nobody_is_an_outlier() {
	World::default().run(|| {
		drawn();
		let silence = Finding::Abstained(Reason::TimedOut);
		examined(&[(1, attested(5)), (2, attested(5)), (3, silence.clone()), (4, silence)]);
		assert_eq!(round().outcome, Some(Outcome::NoQuorum { counted: 2, owners: 2 }));
		assert_eq!(told(), Some(Told::Unattested(RESOURCE)));
		assert_eq!([11, 12, 13, 14].map(earned), [0; 4]);
		assert_eq!(Unpaid::get(), 103);
		assert_eq!([1, 3].map(|number| record(number).undecided), [1, 1]);
	})
}

#[test]
fn findings_of_too_few_owners_are_no_quorum() {
	World::default().attestors(&[(1, 11), (2, 11), (3, 12), (4, 13)]).run(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_eq!(round().outcome, Some(Outcome::NoQuorum { counted: 3, owners: 2 }));
	})
}

#[test]
fn a_tie_is_no_quorum() {
	World::default().run(|| {
		drawn();
		let no = refused(Reason::BadSignature);
		examined(&[(1, attested(5)), (2, attested(5)), (3, no.clone()), (4, no)]);
		assert_eq!(round().outcome, Some(Outcome::NoQuorum { counted: 4, owners: 4 }));
	})
}

#[test]
fn the_silent_are_slashed_and_the_absent_only_lose_their_share() {
	World::default().run(|| {
		drawn();
		(1..=3).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		(1..=2).for_each(|number| reveal(number, &attested(5)));
		until(Stage::Closed);
		// Two findings are no quorum of three.
		assert_eq!(round().outcome, Some(Outcome::NoQuorum { counted: 2, owners: 2 }));
		assert_eq!([11, 12, 13, 14].map(earned), [0, 0, -10, 0]);
		assert_eq!(Slashed::get(), 10);
		assert_eq!((record(3).silent, record(4).missed), (1, 1));
		let slashed = Event::Slashed {
			attestor: attestor(3),
			offence: Offence::Silence,
			amount: 10,
			left: 390,
			reporter: None,
			reward: 0,
		};
		assert!(events().contains(&slashed));
	})
}

#[test]
fn one_lying_gateway_and_a_dead_one_of_four_do_not_change_the_result() {
	World::default().run(|| {
		drawn();
		let (lied_to, silent) = (refused(Reason::BadSignature), Finding::Abstained(Reason::Unreachable));
		examined(&[(1, attested(5)), (2, attested(5)), (3, lied_to), (4, silent)]);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 2, outliers: 1, .. })));
		assert_eq!([11, 12, 13, 14].map(earned), [25, 25, 0, 0]);
		assert_eq!([3, 4].map(standing), [Ppm::percent(80), Ppm::ONE]);
	})
}

#[test]
fn weight_decides_not_number() {
	World::default().attestors(&[(1, 11), (2, 12), (3, 13), (4, 14)]).run(|| {
		for number in [1, 2, 3] {
			Attestors::<Test>::mutate(attestor(number), |attestor| {
				attestor.as_mut().unwrap().standing = Ppm::percent(30);
			});
		}
		drawn();
		let no = refused(Reason::WrongDevices);
		examined(&[(1, no.clone()), (2, no.clone()), (3, no), (4, attested(5))]);
		// 90 % against 100 %.
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 1, outliers: 3, .. })));
	})
}

#[test]
fn a_panel_that_cannot_be_a_quorum_is_not_drawn_and_the_fee_is_given_back() {
	World::default().attestors(&[(1, 11), (2, 11), (3, 12)]).run(|| {
		open();
		answer(Some(SOLVE));
		until(Stage::Closed);
		assert_eq!(round().outcome, Some(Outcome::NoPanel { attestors: 3, owners: 2 }));
		assert_eq!(told(), Some(Told::Unattested(RESOURCE)));
		assert_eq!(Balances::free_balance(provider()), ENDOWMENT);
		assert_eq!(Unpaid::get(), 0);
	})
}

#[test]
fn the_fee_is_what_it_was_when_the_provider_answered() {
	World::default().run(|| {
		open();
		answer(Some(SOLVE));
		Parameters::<Test>::mutate(|parameters| parameters.round_fee = 999);
		until(Stage::Commit);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_eq!(Balances::free_balance(provider()), ENDOWMENT - 103);
	})
}

#[test]
fn the_keeper_of_resources_is_told_everything_that_was_found() {
	World::default().run(|| {
		drawn();
		let report = Report { milliwatts: Some(250_000), ..report(77) };
		let finding = Finding::Attested(report.clone());
		examined(&[(1, finding.clone()), (2, finding.clone()), (3, finding)]);
		let attestation = gcx_primitives::Attestation {
			round: RoundId(1),
			// The clock of the block before.
			at: (slot() - 1) * SLOT,
			devices: 2,
			run: report.run,
			evidence: report.evidence,
			solved: gcx_math::rate::solve_rate(1_024, 1, SLOT).ok(),
			declared: report.declared,
			milliwatts: report.milliwatts,
		};
		assert_eq!(told(), Some(Told::Attested(RESOURCE, attestation)));
	})
}
