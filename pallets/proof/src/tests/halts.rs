//! Chains that stand still.

use crate::{mock::*, Error, Event, Outcome, RollCalls, Tally};
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_halt_while_resources_commit_voids_the_roll_call() {
	run(|| {
		let (here, away) = (resource(1), resource(1));
		let id = called();
		let work = Work::honest(id, here, 1);
		assert_ok!(work.commit(id));
		block_in(CurrentSlot::get() + HALT + 1);
		// Who had the nonce meanwhile had time that nobody counted.
		assert_noop!(commit(AGENT, id, away, 1, [1; 32]), Error::<Test>::NotCommitting);
		until_closed(id);
		assert_eq!((heard(), outcome(here), outcome(away)), (Vec::new(), None, None));
		let events = events();
		assert!(events.contains(&Event::Voided { roll_call: id }));
		let tally = Tally { void: 2, ..Default::default() };
		assert_eq!(events.last(), Some(&Event::Closed { roll_call: id, class: CLASS, tally }));
	});
}

#[test]
fn a_halt_across_the_deadline_voids_the_roll_call_too() {
	run(|| {
		let away = resource(1);
		let id = called();
		let until = current().1.commit_until;
		go_to(until - 1);
		block_in(until + HALT + 9);
		blocks(2);
		assert!(!RollCalls::<Test>::contains_key(id), "it is over");
		assert_eq!((heard(), outcome(away)), (Vec::new(), None));
	});
}

#[test]
fn a_halt_while_cells_are_shown_begins_the_window_anew() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let work = Work::honest(id, machine, 1);
		assert_ok!(work.commit(id));
		until_drawn(id);
		let first = current().1.open_until.unwrap();
		block_in(first + HALT + 9);
		let open_until = first + HALT + 9 + u64::from(OPEN_SLOTS);
		assert_eq!(events().pop(), Some(Event::Extended { roll_call: id, open_until }));
		go_to(open_until);
		assert_ok!(work.open(id));
		until_closed(id);
		assert!(matches!(outcome(machine), Some(Outcome::Proven { .. })));
	});
}

#[test]
fn an_epoch_that_was_skipped_is_made_up_for_once() {
	run(|| {
		CurrentEpoch::mutate(|epoch| *epoch += 7);
		blocks(1);
		let (id, _) = current();
		until_closed(id);
		next_epoch();
		assert!(crate::Agenda::<Test>::get().is_empty(), "every second epoch from then on");
	});
}

#[test]
fn cells_are_drawn_only_from_randomness_after_the_deadline() {
	run(|| {
		let machine = resource(1);
		let id = called();
		assert_ok!(commit(AGENT, id, machine, 1, [1; 32]));
		let until = current().1.commit_until;
		// The first block after the deadline has only randomness of blocks that could still hold commitments.
		go_to(until + 1);
		assert!(current().1.open_until.is_none());
		blocks(1);
		assert!(current().1.open_until.is_some());
	});
}
