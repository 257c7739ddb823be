//! What anyone can show: two statements, two results, a solve that is wrong, a solve that is right.

use super::{
	authorized::{stated, Key, Signature},
	solving::{committed, hashes, solutions, solved},
	*,
};
use crate::types::EquivocationOf;
use gcx_evidence::{signed_payload, solve::Solution};
use gcx_primitives::ProviderOffence;
use sp_core::Pair;
use sp_runtime::{BoundedVec, DispatchResult, MultiSignature};

fn bond(number: u8) -> Balance {
	Attestors::<Test>::get(attestor(number)).unwrap().bond
}

fn report_equivocation(proof: EquivocationOf<Test>) -> DispatchResult {
	Attestation::report_equivocation(signed(account(60)), Box::new(proof))
}

fn commitments(number: u8, one: u8, other: u8) -> Equivocation<Key, Signature> {
	Equivocation::Commitments(stated(number, Commits([one; 32])), stated(number, Commits([other; 32])))
}

#[test]
fn two_commitments_signed_for_one_round_are_slashed_and_the_reporter_gets_its_share() {
	World::default().run(|| {
		drawn();
		assert_ok!(report_equivocation(commitments(1, 1, 2)));
		// Half of 400; a tenth of that for the reporter.
		assert_eq!((bond(1), Slashed::get()), (200, 180));
		assert_eq!(Balances::free_balance(account(60)), ENDOWMENT + 20);
		let slashed = Event::Slashed {
			attestor: attestor(1),
			offence: Offence::Equivocation,
			amount: 200,
			left: 200,
			reporter: Some(account(60)),
			reward: 20,
		};
		assert_eq!(events().last(), Some(&slashed));
		assert_noop!(report_equivocation(commitments(1, 1, 2)), Error::<Test>::AlreadyPunished);
		assert_noop!(report_equivocation(commitments(1, 3, 4)), Error::<Test>::AlreadyPunished);
	})
}

#[test]
fn two_findings_signed_for_one_round_are_slashed_and_do_not_count() {
	World::default().run(|| {
		drawn();
		(1..=4).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		(1..=4).for_each(|number| reveal(number, &attested(5)));
		let revealed = |value| stated(1, Reveals { finding: attested(value), salt: salt(1) });
		assert_ok!(report_equivocation(Equivocation::Findings(revealed(5), revealed(6))));
		assert_eq!(bond(1), 200);
		until(Stage::Closed);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 3, .. })));
		assert_eq!(Balances::free_balance(account(11)), ENDOWMENT - 400);
	})
}

type Change = fn(&mut Payload<Key, Commits>);

#[test]
fn what_is_no_contradiction_is_not_slashed() {
	World::default().run(|| {
		drawn();
		assert_noop!(report_equivocation(commitments(1, 1, 1)), Error::<Test>::NoContradiction);
		assert_noop!(report_equivocation(commitments(9, 1, 2)), Error::<Test>::NotOnPanel);
		// Of two attestors, of two rounds, of two forks, of two chains.
		let first = || stated(1, Commits([1; 32]));
		let with = |change: Change| {
			let (mut payload, _) = stated(1, Commits([2; 32]));
			change(&mut payload);
			let signature = pair(1).sign(&payload.signed_bytes());
			Equivocation::Commitments(first(), (payload, signature))
		};
		let subjects: [Change; 5] = [
			|payload| payload.attestor = key(2),
			|payload| payload.round = RoundId(2),
			|payload| payload.resource = ResourceId(2),
			|payload| payload.drawn = [1; 32],
			|payload| payload.genesis = [1; 32],
		];
		for change in subjects {
			assert_noop!(report_equivocation(with(change)), Error::<Test>::WrongSubject);
		}
		// On another fork it may say something else twice over.
		let forked = |said| {
			let (mut payload, _) = stated(1, Commits([said; 32]));
			payload.drawn = [1; 32];
			let signature = pair(1).sign(&payload.signed_bytes());
			(payload, signature)
		};
		assert_noop!(report_equivocation(Equivocation::Commitments(forked(1), forked(2))), Error::<Test>::WrongSubject);
		// Signed by another key, or not at all.
		let (payload, _) = stated(1, Commits([2; 32]));
		let forged = pair(2).sign(&payload.signed_bytes());
		assert_noop!(
			report_equivocation(Equivocation::Commitments(first(), (payload, forged))),
			Error::<Test>::BadSignature
		);
		assert_eq!(bond(1), 400);
	})
}

#[test]
fn an_equivocation_of_a_round_that_is_forgotten_is_unknown() {
	World::default().run(|| {
		drawn();
		let proof = commitments(1, 1, 2);
		until(Stage::Closed);
		until(Stage::Answer);
		assert_noop!(report_equivocation(proof), Error::<Test>::UnknownRound);
	})
}

#[test]
fn two_results_signed_for_one_round_are_the_providers_offence() {
	World::default().run(|| {
		let id = open();
		let of = |pair: &sp_core::sr25519::Pair, digest: u8, round| {
			let signature = pair.sign(&signed_payload(GENESIS, RESOURCE, round, [digest; 32]));
			([digest; 32], MultiSignature::Sr25519(signature))
		};
		let agent = agent_pair();
		let report = |round, first, second| {
			Attestation::report_double_signing(signed(account(60)), RESOURCE, round, first, second)
		};
		let (one, two) = (of(&agent, 1, id), of(&agent, 2, id));
		assert_noop!(report(id.next(), one.clone(), two.clone()), Error::<Test>::UnknownRound);
		assert_noop!(report(id, one.clone(), one.clone()), Error::<Test>::NoContradiction);
		let stranger = sp_core::sr25519::Pair::from_string("//Stranger", None).unwrap();
		assert_noop!(report(id, one.clone(), of(&stranger, 2, id)), Error::<Test>::BadSignature);
		assert_noop!(report(id, one.clone(), of(&agent, 2, id.next())), Error::<Test>::BadSignature);
		assert_ok!(report(id, one.clone(), two.clone()));
		let offence = Told::Offended(RESOURCE, ProviderOffence::DoubleSigned, Some(account(60)));
		assert_eq!(told(), Some(offence));
		assert_noop!(report(id, one, two), Error::<Test>::AlreadyEstablished);
	})
}

fn dispute(solutions: &[Solution], device: u32) -> DispatchResult {
	let bytes = solutions[usize::try_from(device).unwrap()].to_bytes();
	dispute_with(&hashes(solutions), device, bytes)
}

fn dispute_with(hashes: &[[u8; 32]], device: u32, solution: Vec<u8>) -> DispatchResult {
	let (hashes, solution) = (BoundedVec::truncate_from(hashes.to_vec()), BoundedVec::truncate_from(solution));
	Attestation::dispute_solve(signed(account(60)), RESOURCE, round().id, hashes, device, solution)
}

/// The provider commits to these; then the panel finds something.
fn examined_solve(solutions: &[Solution], findings: &[(u8, Finding)]) {
	open();
	answer(Some(committed(solutions)));
	until(Stage::Commit);
	examined(findings);
}

const FAILED: Finding = Finding::Refused(Reason::SolveFailed);

#[test]
fn a_false_solve_costs_the_provider_and_who_accepted_it() {
	World::default().run(|| {
		open();
		let mut wrong = solutions(round().nonce);
		wrong[1].0[7] += 1 << 30;
		examined_solve(&wrong, &[(1, attested(5)), (2, attested(5)), (3, attested(5)), (4, FAILED)]);
		assert_ok!(dispute(&wrong, 1));
		// Four fifths of each bond; a tenth of that for the reporter.
		assert_eq!([1, 2, 3, 4].map(bond), [80, 80, 80, 400]);
		assert_eq!((Slashed::get(), Balances::free_balance(account(60))), (864, ENDOWMENT + 96));
		assert_eq!(told(), Some(Told::Offended(RESOURCE, ProviderOffence::FalseSolve, Some(account(60)))));
		let by = account(60);
		let event = Event::SolveExamined { resource: RESOURCE, round: RoundId(1), device: 1, solves: false, by };
		assert!(events().contains(&event));
		// Once is enough.
		assert_noop!(dispute(&wrong, 1), Error::<Test>::AlreadyEstablished);
		assert_noop!(dispute(&wrong, 0), Error::<Test>::AlreadyEstablished);
	})
}

#[test]
fn who_refused_a_right_solve_is_slashed_when_all_drawn_devices_are_shown() {
	World::default().run(|| {
		open();
		let right = solutions(round().nonce);
		let other = Finding::Refused(Reason::WrongSolve);
		examined_solve(&right, &[(1, FAILED), (2, FAILED), (3, other), (4, attested(5))]);
		assert!(matches!(round().outcome, Some(Outcome::Refused { .. })));
		assert_ok!(dispute(&right, 0));
		// It may have been the other device that it refused.
		assert_eq!(Slashed::get(), 0);
		assert_noop!(dispute(&right, 0), Error::<Test>::AlreadyEstablished);
		assert_ok!(dispute(&right, 1));
		assert_eq!([1, 2, 3, 4].map(bond), [80, 80, 400, 400]);
		assert_eq!(told(), Some(Told::Refused(RESOURCE)));
	})
}

#[test]
fn a_solve_of_the_wrong_seed_is_false() {
	World::default().run(|| {
		open();
		let of_other_seed = solutions([77; 32]);
		examined_solve(&of_other_seed, &[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_ok!(dispute(&of_other_seed, 0));
		assert_eq!(told(), Some(Told::Offended(RESOURCE, ProviderOffence::FalseSolve, Some(account(60)))));
	})
}

#[test]
fn a_solution_of_another_length_is_false_if_it_was_committed_to() {
	for bytes in [vec![], vec![1, 2, 3], vec![0; 255 * 8], vec![0; 257 * 8]] {
		World::default().run(|| {
			open();
			let hash = sp_io::hashing::blake2_256(&bytes);
			let commitment = gcx_evidence::solve::commitment(&[hash, hash]);
			answer(Some(SolveCommitment { order: 256, commitment }));
			until(Stage::Commit);
			examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
			assert_ok!(dispute_with(&[hash, hash], 0, bytes.clone()));
			assert!(matches!(told(), Some(Told::Offended(..))));
		});
	}
}

#[test]
fn a_dispute_is_about_a_closed_round_and_what_was_committed_to() {
	World::default().change(|parameters| parameters.device_draws = 1).run(|| {
		open();
		let right = solutions(round().nonce);
		answer(Some(committed(&right)));
		until(Stage::Commit);
		let drawn = round().draw.unwrap().devices[0];
		assert_noop!(dispute(&right, drawn), Error::<Test>::StillOpen);
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_noop!(dispute(&right, 1 - drawn), Error::<Test>::NotDrawn);
		let bytes = right[usize::try_from(drawn).unwrap()].to_bytes();
		assert_noop!(dispute_with(&[[0; 32]; 2], drawn, bytes.clone()), Error::<Test>::WrongHashes);
		assert_noop!(dispute_with(&hashes(&right)[..1], drawn, bytes.clone()), Error::<Test>::WrongHashes);
		let mut other = bytes.clone();
		other[0] ^= 1;
		assert_noop!(dispute_with(&hashes(&right), drawn, other), Error::<Test>::WrongSolution);
		let unknown = Attestation::dispute_solve(
			signed(account(60)),
			RESOURCE,
			RoundId(9),
			Default::default(),
			0,
			Default::default(),
		);
		assert_eq!(unknown, Err(Error::<Test>::UnknownRound.into()));
		assert_ok!(dispute_with(&hashes(&right), drawn, bytes));
	})
}

#[test]
fn without_a_solve_there_is_nothing_to_dispute() {
	let nothing = || dispute_with(&[[0; 32]; 2], 0, vec![]);
	World::default().declared().run(|| {
		drawn();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_noop!(nothing(), Error::<Test>::NothingToDispute);
	});
	World::default().run(|| {
		open();
		until(Stage::Closed);
		assert_noop!(nothing(), Error::<Test>::NothingToDispute);
	});
}

#[test]
fn nobody_is_slashed_who_withdrew_and_no_more_than_is_left() {
	World::default().run(|| {
		drawn();
		assert_ok!(report_equivocation(commitments(1, 1, 2)));
		Parameters::<Test>::mutate(|parameters| parameters.silence_penalty = 300);
		commit(1, &attested(5));
		until(Stage::Closed);
		// Of the penalty of 300 there were 200 left.
		assert_eq!((bond(1), held(HoldReason::AttestorBond, &account(11))), (0, 0));
		Parameters::<Test>::mutate(|parameters| parameters.silence_penalty = 10);
	})
}

#[test]
fn a_reward_that_the_reporters_account_cannot_take_is_not_lost() {
	World::default().run(|| {
		// A new account, and a share of less than it needs to exist.
		Parameters::<Test>::mutate(|parameters| parameters.reporter_share = Ppm(1));
		drawn();
		let reporter = signed(account(99));
		assert_ok!(Attestation::report_equivocation(reporter, Box::new(commitments(1, 1, 2))));
		assert_eq!((bond(1), Slashed::get(), Balances::free_balance(account(99))), (200, 200, 0));
	})
}

#[test]
fn a_real_solve_is_solved_and_answered() {
	World::default().run(|| {
		let solutions = solved();
		examined(&[(1, attested(5)), (2, attested(5)), (3, attested(5))]);
		assert_ok!(dispute(&solutions, 0));
		assert_ok!(dispute(&solutions, 1));
		assert_eq!(Slashed::get(), 0);
	})
}
