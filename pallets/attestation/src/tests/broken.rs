//! Each invariant, broken on purpose, is caught.

use super::*;
use frame_support::traits::fungible::MutateHold;
use gcx_primitives::{Measurement, Metric};

/// A first round was attested; in the second, attestors 1 and 2 have revealed and 3 has committed. What is broken of that is
/// noticed in these words.
fn caught(words: &str, breakage: impl FnOnce()) {
	World::default().build().execute_with(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, attested(5))]);
		drawn();
		(1..=3).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		(1..=2).for_each(|number| reveal(number, &attested(5)));
		assert_eq!(Attestation::violations(), [""; 0]);
		breakage();
		let violations = Attestation::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{words}: {violations:?}");
	})
}

fn change_round(change: impl FnOnce(&mut TestRound)) {
	Rounds::<Test>::mutate(RESOURCE, |round| change(round.as_mut().expect("there is one")));
}

fn change_attestor(number: u8, change: impl FnOnce(&mut crate::types::AttestorOf<Test>)) {
	Attestors::<Test>::mutate(attestor(number), |attestor| change(attestor.as_mut().expect("it is one")));
}

fn change_member(number: u8, change: impl FnOnce(&mut Member)) {
	Members::<Test>::mutate(RESOURCE, attestor(number), change);
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	World::default().build().execute_with(|| {
		assert_ok!(Attestation::do_try_state());
		Parameters::<Test>::mutate(|parameters| parameters.panel_size = 0);
		assert!(Attestation::do_try_state().is_err());
	})
}

#[test]
fn parameters_that_contradict_each_other_are_caught() {
	let contradiction = || AttestationParameters { quorum_owners: 4, ..parameters() };
	caught("parameters contradict", || Parameters::<Test>::put(contradiction()));
	caught("parameters contradict", || PendingParameters::<Test>::put((0, contradiction())));
}

#[test]
fn a_bond_that_is_not_held_is_caught() {
	caught("held for AttestorBond", || change_attestor(1, |attestor| attestor.bond += 1));
	caught("held for AttestorBond", || {
		assert_ok!(Balances::hold(&HoldReason::AttestorBond.into(), &account(11), 1));
	});
}

#[test]
fn a_fee_that_is_not_held_is_caught() {
	caught("held for RoundFee", || change_round(|round| round.answer.as_mut().expect("answered").fee += 1));
	caught("held for RoundFee", || {
		assert_ok!(Balances::hold(&HoldReason::RoundFee.into(), &provider(), 1));
	});
}

#[test]
fn a_standing_that_is_none_is_caught() {
	for standing in [Ppm::ZERO, Ppm(MIN_STANDING.0 - 1), Ppm(1_000_001)] {
		caught("a standing that is none", || change_attestor(1, |attestor| attestor.standing = standing));
	}
}

#[test]
fn an_attestor_of_nobody_is_caught() {
	caught("an owner that is not admitted", || Owners::<Test>::remove(account(11)));
}

#[test]
fn too_many_attestors_are_caught() {
	caught("there are 9 attestors", || {
		for number in 20..25 {
			let one = Attestors::<Test>::get(attestor(1)).expect("it is one");
			Attestors::<Test>::insert(attestor(number), one);
		}
	});
	caught("an owner has too many", || {
		for number in 20..23 {
			let one = Attestors::<Test>::get(attestor(1)).expect("it is one");
			Attestors::<Test>::insert(attestor(number), one);
		}
	});
}

#[test]
fn duties_that_are_none_are_caught() {
	caught("as many panels as its duties", || change_attestor(1, |attestor| attestor.duties = 2));
	caught("who is no attestor is on the panel", || Attestors::<Test>::remove(attestor(1)));
}

#[test]
fn an_agenda_out_of_order_is_caught() {
	caught("not in order", || {
		let entry = (1, ResourceId(9));
		Agenda::<Test>::mutate(|agenda| agenda.try_push(entry).expect("there is room"));
	});
}

#[test]
fn an_agenda_of_other_rounds_is_caught() {
	caught("others than the open rounds", Agenda::<Test>::kill);
	caught("others than the open rounds", || change_round(|round| round.reveal_until += 1));
}

#[test]
fn a_round_that_is_not_at_its_stage_is_caught() {
	caught("is not at its stage", || change_round(|round| round.stage = Stage::Answer));
	caught("is not at its stage", || change_round(|round| round.stage = Stage::Closed));
	caught("is not at its stage", || change_round(|round| round.draw = None));
	caught("is not at its stage", || change_round(|round| round.answer = None));
	caught("of a time to come", || change_round(|round| round.since = slot() + 1));
	caught("of a time to come", || change_round(|round| round.opened_slot = slot() + 1));
	caught("of a time to come", || change_round(|round| round.seed_slot = round.opened_slot));
}

#[test]
fn an_outcome_of_another_round_is_caught() {
	caught("is not one of its round", || change_round(|round| round.outcome = Some(Outcome::Missed)));
	let none = Outcome::NoQuorum { counted: 0, owners: 0 };
	caught("is not one of its round", || change_round(|round| round.outcome = Some(none)));
	caught("is not that of its round", || {
		until(Stage::Closed);
		change_round(|round| {
			round.outcome = Some(Outcome::Attested {
				run: [8; 32],
				evidence: [8; 32],
				solved: None,
				declared: Default::default(),
				milliwatts: None,
				agreed: 3,
				outliers: 0,
			});
		});
	});
	caught("is not what its class asks for", || {
		until(Stage::Closed);
		change_round(|round| round.solves = false);
	});
}

#[test]
fn a_panel_with_a_member_twice_is_caught() {
	caught("has a member twice", || {
		change_round(|round| {
			let panel = &mut round.draw.as_mut().expect("drawn").panel;
			let first = panel[0].clone();
			panel.try_push(first).expect("there is room");
		});
	});
}

#[test]
fn somebody_else_on_a_panel_is_caught() {
	caught("is not on its panel", || Members::<Test>::insert(RESOURCE, account(60), Member::default()));
}

#[test]
fn what_nobody_can_have_revealed_is_caught() {
	let nothing = Measurement { metric: Metric::Hpl, value: 0 };
	let nothing = Report { declared: vec![nothing].try_into().expect("one"), ..report(1) };
	caught("what it cannot have", || change_member(1, |member| member.finding = Some(Finding::Attested(nothing))));
	caught("what it cannot have", || change_member(1, |member| member.commitment = None));
	caught("what it cannot have", || {
		Agenda::<Test>::kill();
		change_round(|round| round.stage = Stage::Commit);
	});
}

#[test]
fn a_challenge_that_is_there_twice_is_caught() {
	let waits = |deal, since| {
		let (deal, day, tenant) = (DealId(deal), Day(1), account(50));
		let request = gcx_primitives::ChallengeRequest { deal, day, resource: RESOURCE, tenant };
		Requested::<Test>::try_append(Waiting { request, since }).expect("there is room");
	};
	caught("a challenge waits that cannot", || waits(1, slot() + 1));
	caught("a challenge waits that cannot", || (0..2).for_each(|_| waits(1, 1)));
	caught("than that of its round", || {
		waits(1, 1);
		change_round(|round| {
			round.purpose = Purpose::Challenge { deal: DealId(1), day: Day(1), tenant: account(50) };
		});
	});
}

#[test]
fn what_is_left_over_of_a_round_is_caught() {
	let other = ResourceId(9);
	caught("there is no round of", || Members::<Test>::insert(other, account(60), Member::default()));
	caught("there is no round of", || Disputes::<Test>::insert(other, Disputed::default()));
	caught("there is no round of", || LastRuns::<Test>::insert(other, [0; 32]));
}
