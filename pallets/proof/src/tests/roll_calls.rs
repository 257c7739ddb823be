//! When classes are called, who is, and what it comes to.

use crate::{
	mock::*, Agenda, Event, Histories, Members, Outcome, ProposedTerms, RollCalls, Stage, Sums, Tally, Totals,
	MAX_HISTORY,
};
use frame_support::assert_ok;
use gcx_primitives::{ProvenCompute, ProviderOffence, ResourceState, RollCallId};

/// Operations of a round of the tests.
const ROUND: u64 = 2 * 8 * 4 * 64;

#[test]
fn a_class_is_called_in_the_first_block_of_an_epoch_and_then_every_so_many() {
	run(|| {
		blocks(3);
		assert!(Agenda::<Test>::get().is_empty());
		next_epoch();
		let (id, roll_call) = current();
		assert_eq!((id, roll_call.class, roll_call.seed_slot), (RollCallId(0), CLASS, FIRST_SLOT + 3));
		assert_eq!(roll_call.commit_until, FIRST_SLOT + 4 + u64::from(COMMIT_SLOTS));
		until_closed(id);
		next_epoch();
		assert!(Agenda::<Test>::get().is_empty(), "every second epoch");
		next_epoch();
		assert_eq!(current().0, RollCallId(1));
	});
}

#[test]
fn who_proves_has_the_rate_of_its_rounds_over_the_whole_window() {
	run(|| {
		let machine = resource(3);
		let id = called();
		let work = Work::honest(id, machine, 2);
		blocks(1);
		assert_ok!(work.commit(id));
		let (_, roll_call) = current();
		until_drawn(id);
		assert_ok!(work.open(id));
		until_closed(id);
		// The nonce's slot and the last one for commitments are part of the window, however early it committed.
		let slots = roll_call.commit_until - roll_call.seed_slot + 1;
		let operations = 2 * ROUND * 1_000 / (slots * SLOT);
		assert_eq!(outcome(machine), Some(Outcome::Proven { operations }));
		let proof = ProvenCompute {
			roll_call: id,
			at: Histories::<Test>::get(machine)[0].at,
			devices: 3,
			operations,
			nonce: roll_call.nonce,
			commitment: work.commitment(),
		};
		assert_eq!(heard(), [Told::Proven(machine, proof)]);
		let tally = Tally { proven: 1, ..Default::default() };
		assert_eq!(events().pop(), Some(Event::Closed { roll_call: id, class: CLASS, tally }));
	});
}

#[test]
fn who_does_not_commit_is_absent() {
	run(|| {
		let (here, away) = (resource(1), resource(1));
		let id = called();
		let work = Work::honest(id, here, 1);
		assert_ok!(work.commit(id));
		until_drawn(id);
		assert_ok!(work.open(id));
		until_closed(id);
		assert_eq!(outcome(away), Some(Outcome::Absent));
		assert!(heard().contains(&Told::Absent(away)));
		assert!(matches!(outcome(here), Some(Outcome::Proven { .. })));
	});
}

#[test]
fn silence_after_a_commitment_is_slashed() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let work = Work::honest(id, machine, 1);
		assert_ok!(work.commit(id));
		until_drawn(id);
		// All but one is as good as nothing.
		let mut shown = work.shown(id);
		shown.pop();
		assert_ok!(open(AGENT, id, machine, shown));
		until_closed(id);
		assert_eq!(outcome(machine), Some(Outcome::Unshown));
		assert_eq!(heard(), [Told::Offended(machine, ProviderOffence::UnshownProof)]);
	});
}

#[test]
fn who_goes_to_jail_or_leaves_after_its_commitment_still_answers_for_it() {
	for state in [ResourceState::Jailed, ResourceState::Exiting] {
		run(|| {
			let machine = resource(1);
			let id = called();
			assert_ok!(Work::honest(id, machine, 1).commit(id));
			change(machine, |machine| machine.state = state);
			unseat(machine);
			until_closed(id);
			assert_eq!(heard(), [Told::Offended(machine, ProviderOffence::UnshownProof)]);
		});
	}
}

#[test]
fn who_delivers_is_maintained_or_is_of_another_class_is_not_called() {
	run(|| {
		let delivers = resource(1);
		change(delivers, |machine| machine.delivers = true);
		let maintained = resource(1);
		change(maintained, |machine| machine.state = ResourceState::Maintenance);
		let other = resource_of(PROVIDER, AGENT, OTHER_CLASS, 1);
		let suspect = resource(1);
		change(suspect, |machine| machine.state = ResourceState::Suspect);
		let id = called();
		assert_eq!(Members::<Test>::iter_key_prefix(id).collect::<Vec<_>>(), [suspect]);
		assert!(member(id, suspect).suspect);
		until_closed(id);
		assert_eq!(heard(), [Told::Absent(suspect)]);
		assert_eq!([delivers, maintained, other].map(outcome), [None; 3]);
	});
}

#[test]
fn who_is_exempt_may_answer_and_then_answers_for_it() {
	run(|| {
		let machine = resource(1);
		change(machine, |machine| machine.delivers = true);
		let id = called();
		assert_ok!(Work::honest(id, machine, 1).commit(id));
		assert_eq!((current().1.called, current().1.committed), (1, 1));
		until_closed(id);
		assert_eq!(heard(), [Told::Offended(machine, ProviderOffence::UnshownProof)]);
	});
}

#[test]
fn a_class_without_devices_comes_to_nothing() {
	run(|| {
		let id = called();
		until_closed(id);
		assert_eq!(events().pop(), Some(Event::Closed { roll_call: id, class: CLASS, tally: Tally::default() }));
	});
}

#[test]
fn a_suspect_shows_more() {
	run(|| {
		let machine = resource(1);
		change(machine, |machine| machine.state = ResourceState::Suspect);
		let id = called();
		let work = Work::honest(id, machine, 2);
		assert_ok!(work.commit(id));
		until_drawn(id);
		let shown = work.shown(id);
		assert_eq!(shown.len(), 8);
		assert_ok!(open(AGENT, id, machine, shown));
		until_closed(id);
		assert!(matches!(outcome(machine), Some(Outcome::Proven { .. })));
	});
}

#[test]
fn as_many_are_drawn_as_asked_for_on_average_and_suspects_besides() {
	let asked = ProposedTerms { opened: 10, ..terms() };
	run_with(vec![(CLASS, asked)], || {
		let machines: Vec<_> = (0..40).map(|_| resource(1)).collect();
		let suspect = resource(1);
		change(suspect, |machine| machine.state = ResourceState::Suspect);
		let mut drawn = 0;
		for _ in 0..20 {
			Luck::mutate(|luck| *luck += 1);
			let id = called();
			for machine in machines.iter().chain([&suspect]) {
				assert_ok!(commit(AGENT, id, *machine, 1, [1; 32]));
			}
			until_drawn(id);
			drawn += machines.iter().filter(|machine| Proof::drawn_cells(id, **machine).is_some()).count();
			assert!(Proof::drawn_cells(id, suspect).is_some());
			until_closed(id);
			next_epoch();
		}
		// 800 times one in 4.1: 195 with a deviation of 12.
		assert!((145..245).contains(&drawn), "{drawn}");
		let undrawn = heard().len();
		assert_eq!(undrawn, drawn + 20, "nobody hears of those that were not drawn");
	});
}

#[test]
fn a_new_roll_call_waits_for_the_end_of_the_one_before() {
	run(|| {
		let id = called();
		next_epoch();
		next_epoch();
		next_epoch();
		assert_eq!(current().0, id, "the class is being called");
		until_closed(id);
		next_epoch();
		assert_eq!(current().0, RollCallId(1), "it was due");
	});
}

#[test]
fn new_terms_are_of_the_next_roll_call() {
	run(|| {
		let machine = resource(1);
		let id = called();
		assert_ok!(terms_set(CLASS, ProposedTerms { suspect_openings: 9, opened: 7, ..terms() }));
		assert_eq!(current().1.terms.opened, 100);
		// It ends as it began, across an epoch, a change of its terms, and their removal.
		let work = Work::honest(id, machine, 3);
		assert_ok!(work.commit(id));
		assert_ok!(Proof::remove_terms(RuntimeOrigin::root(), CLASS));
		CurrentEpoch::mutate(|epoch| *epoch += 1);
		until_drawn(id);
		assert_ok!(work.open(id));
		until_closed(id);
		assert!(matches!(outcome(machine), Some(Outcome::Proven { .. })));
		next_epoch();
		assert!(Agenda::<Test>::get().is_empty());
	});
}

#[test]
fn a_class_that_is_no_longer_provable_still_ends_its_roll_call() {
	run(|| {
		let machine = resource(1);
		let id = called();
		Provable::set(Default::default());
		assert_ok!(Work::honest(id, machine, 1).commit(id));
		until_closed(id);
		assert_eq!(outcome(machine), Some(Outcome::Unshown));
	});
}

#[test]
fn a_block_takes_no_more_steps_than_fit() {
	run(|| {
		let machines: Vec<_> = (0..30).map(|_| resource(1)).collect();
		// Ten a block.
		StepWeight::set(10);
		next_epoch();
		let (id, roll_call) = current();
		assert_eq!(roll_call.stage, Stage::Committing { seats: 20 });
		// Whoever commits before its seat is looked at is called once.
		assert_ok!(commit(AGENT, id, machines[3], 1, [1; 32]));
		blocks(2);
		assert_eq!((current().1.stage, current().1.called), (Stage::Committing { seats: 0 }, 30));
		go_to(roll_call.commit_until + u64::from(OPEN_SLOTS) + 3);
		// A step of reckoning weighs one more: what the keeper of resources does. The window's end is a step, too.
		assert_eq!(Members::<Test>::iter_prefix(id).count(), 30 - 8);
		StepWeight::set(9);
		blocks(1);
		assert_eq!(Members::<Test>::iter_prefix(id).count(), 30 - 8 - 10);
		until_closed(id);
		assert_eq!(machines.into_iter().filter_map(outcome).count(), 30);
	});
}

#[test]
fn nobody_slips_through_when_seats_change() {
	run(|| {
		let machines: Vec<_> = (0..30).map(|_| resource(1)).collect();
		StepWeight::set(10);
		next_epoch();
		let (id, _) = current();
		// 29 to 20 were looked at. Some leave: those of the last seats take theirs.
		for machine in &machines[..4] {
			unseat(*machine);
		}
		let late = resource(1);
		blocks(5);
		assert!(!Members::<Test>::contains_key(id, late), "it came afterwards");
		for machine in &machines[4..] {
			assert!(Members::<Test>::contains_key(id, machine), "{machine:?}");
		}
		assert_eq!(current().1.called, 26);
	});
}

#[test]
fn a_history_has_the_last_ones() {
	run(|| {
		let machine = resource(1);
		for _ in 0..MAX_HISTORY + 3 {
			until_closed(called());
			next_epoch();
		}
		let history = Histories::<Test>::get(machine);
		let numbers: Vec<_> = history.iter().map(|passage| passage.roll_call.0).collect();
		assert_eq!(numbers, (3..MAX_HISTORY + 3).collect::<Vec<_>>());
		assert!(RollCalls::<Test>::iter().next().is_none());
	});
}

#[test]
fn two_classes_are_called_at_once() {
	run(|| {
		Provable::set([CLASS, OTHER_CLASS].into());
		assert_ok!(terms_set(OTHER_CLASS, terms()));
		let one = resource(1);
		let other = resource_of(PROVIDER, AGENT, OTHER_CLASS, 1);
		next_epoch();
		let ids = Agenda::<Test>::get().into_inner();
		assert_eq!(ids, [RollCallId(0), RollCallId(1)]);
		for (id, machine) in ids.iter().zip([one, other]) {
			assert_eq!(Members::<Test>::iter_key_prefix(id).collect::<Vec<_>>(), [machine]);
		}
		ids.into_iter().for_each(until_closed);
		assert!([one, other].iter().all(|machine| outcome(*machine) == Some(Outcome::Absent)));
		assert_eq!(Sums::<Test>::get(), Totals { roll_calls: 2, absent: 2, ..Default::default() });
	});
}
