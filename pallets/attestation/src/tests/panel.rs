//! Commitments and findings by signed transactions.

use super::*;
use gcx_primitives::{Measurement, Measurements, Metric, ReferenceVersion};

fn commit_by(who: AccountId, hash: [u8; 32]) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Attestation::commit(signed(who), RESOURCE, round().id, hash)
}

fn reveal_by(number: u8, finding: Finding, salted: u8) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Attestation::reveal(signed(attestor(number)), RESOURCE, round().id, finding, salt(salted))
}

#[test]
fn a_member_of_the_panel_commits_once_while_the_window_is_open() {
	World::default().run(|| {
		open();
		assert_noop!(commit_by(attestor(1), [0; 32]), Error::<Test>::NotOnPanel);
		answer(Some(SOLVE));
		until(Stage::Commit);
		let id = round().id;
		assert_noop!(commit_by(account(60), [0; 32]), Error::<Test>::NotOnPanel);
		assert_noop!(
			Attestation::commit(signed(attestor(1)), RESOURCE, id.next(), [0; 32]),
			Error::<Test>::UnknownRound
		);
		assert_noop!(Attestation::commit(signed(attestor(1)), ResourceId(7), id, [0; 32]), Error::<Test>::UnknownRound);
		let paid = commit_by(attestor(1), hash(1, &attested(5))).unwrap();
		assert_eq!(paid.pays_fee, frame_support::dispatch::Pays::No);
		assert_noop!(commit_by(attestor(1), hash(1, &attested(6))), Error::<Test>::AlreadyCommitted);
		assert_noop!(commit_by(attestor(1), hash(1, &attested(5))), Error::<Test>::AlreadyCommitted);
		blocks(4);
		commit(2, &attested(5));
		block_after(1);
		assert_noop!(commit_by(attestor(3), [0; 32]), Error::<Test>::NotCommitting);
		until(Stage::Closed);
		assert_noop!(commit_by(attestor(3), [0; 32]), Error::<Test>::NotCommitting);
	})
}

#[test]
fn a_finding_is_revealed_once_while_the_window_is_open() {
	World::default().run(|| {
		drawn();
		(1..=3).for_each(|number| commit(number, &attested(5)));
		assert_noop!(reveal_by(1, attested(5), 1), Error::<Test>::NotRevealing);
		until(Stage::Reveal);
		let id = round().id;
		let paid = reveal_by(1, attested(5), 1).unwrap();
		assert_eq!(paid.pays_fee, frame_support::dispatch::Pays::No);
		assert_noop!(reveal_by(1, attested(5), 1), Error::<Test>::AlreadyRevealed);
		assert_noop!(
			Attestation::reveal(signed(attestor(2)), RESOURCE, id.next(), attested(5), salt(2)),
			Error::<Test>::UnknownRound
		);
		assert_noop!(
			Attestation::reveal(signed(account(60)), RESOURCE, id, attested(5), salt(2)),
			Error::<Test>::NotOnPanel
		);
		blocks(4);
		reveal(2, &attested(5));
		block_after(1);
		assert_noop!(reveal_by(3, attested(5), 3), Error::<Test>::NotRevealing);
	})
}

#[test]
fn who_did_not_commit_reveals_nothing() {
	World::default().run(|| {
		drawn();
		(1..=3).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		assert_noop!(reveal_by(4, attested(5), 4), Error::<Test>::NotCommitted);
	})
}

#[test]
fn what_is_revealed_is_what_was_committed_to() {
	World::default().run(|| {
		drawn();
		commit(1, &attested(5));
		until(Stage::Reveal);
		assert_noop!(reveal_by(1, attested(6), 1), Error::<Test>::WrongReveal);
		assert_noop!(reveal_by(1, attested(5), 2), Error::<Test>::WrongReveal);
		assert_noop!(reveal_by(1, Finding::Refused(Reason::Malformed), 1), Error::<Test>::WrongReveal);
		reveal(1, &attested(5));
	})
}

#[test]
fn anothers_commitment_cannot_be_revealed_as_ones_own() {
	World::default().run(|| {
		drawn();
		commit(1, &attested(5));
		// Attestor 2 copies the commitment, waits for the first to reveal, and copies that.
		assert_ok!(commit_by(attestor(2), hash(1, &attested(5))));
		until(Stage::Reveal);
		reveal(1, &attested(5));
		assert_noop!(reveal_by(2, attested(5), 1), Error::<Test>::WrongReveal);
	})
}

#[test]
fn a_commitment_is_bound_to_everything_that_it_is_about() {
	let of = |genesis, resource, round, version, finding: &Finding, number, salt: &[u8; 32]| {
		crate::commitment(
			genesis,
			ResourceId(resource),
			RoundId(round),
			ReferenceVersion(version),
			finding,
			&attestor(number),
			salt,
		)
	};
	let same = of(GENESIS, 1, 1, 1, &attested(5), 1, &salt(1));
	let others = [
		of([8; 32], 1, 1, 1, &attested(5), 1, &salt(1)),
		of(GENESIS, 2, 1, 1, &attested(5), 1, &salt(1)),
		of(GENESIS, 1, 2, 1, &attested(5), 1, &salt(1)),
		of(GENESIS, 1, 1, 2, &attested(5), 1, &salt(1)),
		of(GENESIS, 1, 1, 1, &attested(6), 1, &salt(1)),
		of(GENESIS, 1, 1, 1, &attested(5), 2, &salt(1)),
		of(GENESIS, 1, 1, 1, &attested(5), 1, &salt(2)),
	];
	assert!(others.iter().all(|other| *other != same));
}

#[test]
fn findings_that_nobody_can_have_are_refused() {
	let measured = |values: &[(Metric, u64)]| -> Finding {
		let measurements = values.iter().map(|(metric, value)| Measurement { metric: *metric, value: *value });
		let declared: Measurements = measurements.collect::<Vec<_>>().try_into().expect("few");
		Finding::Attested(Report { declared, ..report(1) })
	};
	let none = [
		Finding::Refused(Reason::TimedOut),
		Finding::Abstained(Reason::Malformed),
		measured(&[(Metric::Hpl, 0)]),
		measured(&[(Metric::Hpl, 1), (Metric::Hpcg, 1), (Metric::Hpl, 2)]),
		Finding::Attested(Report { milliwatts: Some(0), ..report(1) }),
	];
	for finding in none {
		World::default().run(|| {
			drawn();
			commit(1, &finding);
			until(Stage::Reveal);
			assert_noop!(reveal_by(1, finding.clone(), 1), Error::<Test>::InvalidFinding);
		});
	}
	// Without figures of its own, a solve can be all there is.
	assert!(measured(&[]).is_valid());
}
