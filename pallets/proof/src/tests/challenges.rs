//! Challenges: one resource is called, and whoever asked is told once.

use crate::{mock::*, Agenda, Error, Event, Members, Outcome, Purpose, RollCalls};
use frame_support::assert_ok;
use gcx_primitives::{
	Capacity, ChallengeRequest, ChallengeVerdict, Day, DealId, ProofChallenge, ProofOpening, ProviderOffence,
	ResourceId, ResourceState, RollCallId,
};

const DAY: Day = Day(9);
const FAILED: ChallengeVerdict<AccountId> = ChallengeVerdict::Failed { challenger: None };

fn request(resource: ResourceId, deal: u32) -> ChallengeRequest<AccountId> {
	ChallengeRequest { deal: DealId(deal), day: DAY, resource, tenant: 77 }
}

fn challenge(resource: ResourceId, deal: u32) -> ProofOpening {
	<Proof as ProofChallenge<AccountId>>::open(&request(resource, deal))
}

/// A challenge is open.
fn challenged(resource: ResourceId) -> RollCallId {
	let id = crate::NextRollCall::<Test>::get();
	assert_eq!(challenge(resource, 1), ProofOpening::Opened);
	id
}

/// The only verdict, of the first deal.
fn verdict() -> ChallengeVerdict<AccountId> {
	let [(DealId(1), DAY, ref verdict)] = Decided::get()[..] else { panic!("{:?}", Decided::get()) };
	verdict.clone()
}

#[test]
fn a_challenge_calls_one_resource_alone_and_what_it_shows_is_its_capacity() {
	run(|| {
		let (machine, other) = (resource(2), resource(1));
		// It delivers: classes do not call it.
		change(machine, |machine| machine.delivers = true);
		let id = challenged(machine);
		let roll_call = RollCalls::<Test>::get(id).unwrap();
		assert_eq!(roll_call.purpose, Purpose::Challenge { resource: machine, deal: DealId(1), day: DAY });
		System::assert_last_event(
			Event::Called {
				roll_call: id,
				class: CLASS,
				purpose: roll_call.purpose,
				nonce: roll_call.nonce,
				seed_slot: roll_call.seed_slot,
				commit_until: roll_call.commit_until,
			}
			.into(),
		);
		assert!(Proof::is_open(machine, DealId(1), DAY));
		assert!(![(other, 1), (machine, 2)].iter().any(|(of, deal)| Proof::is_open(*of, DealId(*deal), DAY)));
		assert_eq!(commit(AGENT, id, other, 1, [1; 32]), Err(Error::<Test>::NotCalled.into()));
		let work = Work::honest(id, machine, 2);
		assert_ok!(work.commit(id));
		until_drawn(id);
		// As many cells as of a suspect.
		let shown = work.shown(id);
		assert_eq!(shown.len(), 8);
		assert_ok!(open(AGENT, id, machine, shown));
		until_closed(id);
		let Some(Outcome::Proven { operations }) = outcome(machine) else { panic!("it proved") };
		assert_eq!(verdict(), ChallengeVerdict::Passed { per_day: Capacity(2 * u128::from(operations)) });
		assert_eq!(outcome(other), None);
	});
}

#[test]
fn who_does_not_answer_a_challenge_fails_it() {
	run(|| {
		let machine = resource(1);
		until_closed(challenged(machine));
		assert_eq!((verdict(), heard()), (FAILED, vec![Told::Absent(machine)]));
	});
}

#[test]
fn who_commits_to_a_challenge_and_shows_nothing_fails_it_and_is_slashed() {
	run(|| {
		let machine = resource(1);
		let id = challenged(machine);
		assert_ok!(commit(AGENT, id, machine, 3, [1; 32]));
		until_closed(id);
		let offended = Told::Offended(machine, ProviderOffence::UnshownProof);
		assert_eq!((verdict(), heard()), (FAILED, vec![offended]));
	});
}

#[test]
fn a_challenge_in_which_the_chain_stood_still_is_nobodys_fault() {
	run(|| {
		let machine = resource(1);
		let id = challenged(machine);
		block_in(CurrentSlot::get() + HALT + 1);
		until_closed(id);
		assert_eq!((verdict(), heard()), (ChallengeVerdict::Undecided, vec![]));
	});
}

#[test]
fn who_went_to_jail_since_can_answer_no_more_and_fails() {
	run(|| {
		let machine = resource(1);
		let id = challenged(machine);
		change(machine, |machine| machine.state = ResourceState::Jailed);
		assert_eq!(commit(AGENT, id, machine, 1, [1; 32]), Err(Error::<Test>::NotExamined.into()));
		until_closed(id);
		assert_eq!(verdict(), FAILED);
	});
}

#[test]
fn what_cannot_be_proven_is_for_others_to_decide() {
	run(|| {
		let of_other_class = resource_of(PROVIDER, AGENT, OTHER_CLASS, 1);
		assert_eq!(challenge(of_other_class, 1), ProofOpening::NotProvable);
		assert_eq!(challenge(ResourceId(99), 1), ProofOpening::NotProvable);
		let machine = resource(1);
		Provable::set([].into());
		assert_eq!(challenge(machine, 1), ProofOpening::NotProvable);
		assert!(Agenda::<Test>::get().is_empty());
	});
}

#[test]
fn a_resource_is_in_one_challenge_at_a_time_and_there_are_no_more_than_can_be() {
	run(|| {
		let machines = [resource(1), resource(1), resource(1)];
		let first = challenged(machines[0]);
		assert_eq!(challenge(machines[0], 2), ProofOpening::Busy);
		assert_eq!(challenge(machines[1], 2), ProofOpening::Opened);
		assert_eq!(challenge(machines[2], 3), ProofOpening::Busy);
		until_closed(first);
		assert_eq!(challenge(machines[0], 2), ProofOpening::Opened);
	});
}

#[test]
fn classes_are_called_beside_challenges() {
	run(|| {
		let (machine, other) = (resource(1), resource(1));
		let challenge = challenged(machine);
		blocks(1);
		next_epoch();
		let ids = Agenda::<Test>::get().into_inner();
		assert_eq!(ids, [challenge, challenge.next()]);
		assert!([machine, other].iter().all(|machine| Members::<Test>::contains_key(ids[1], machine)));
		let shown = |of| {
			let views = Proof::proof_view(of).unwrap().current.into_iter().map(|view| view.roll_call);
			views.map(|view| (view.roll_call, view.challenged)).collect::<Vec<_>>()
		};
		assert_eq!(shown(machine), [(challenge, Some(machine)), (ids[1], None)]);
		assert_eq!(shown(other), [(ids[1], None)]);
		ids.into_iter().for_each(until_closed);
		assert_eq!(verdict(), FAILED);
	});
}

#[test]
fn challenges_of_two_tenants_are_seeded_differently() {
	let nonce = |tenant| {
		let mut nonce = [0; 32];
		run(|| {
			let machine = resource(1);
			let request = ChallengeRequest { tenant, ..request(machine, 1) };
			assert_eq!(<Proof as ProofChallenge<AccountId>>::open(&request), ProofOpening::Opened);
			nonce = RollCalls::<Test>::get(RollCallId(0)).unwrap().nonce;
		});
		nonce
	};
	assert_ne!(nonce(1), nonce(2));
}
