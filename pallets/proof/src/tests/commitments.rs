//! Commitments that are refused.

use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use gcx_primitives::{ResourceId, ResourceState, RollCallId};

const ROOT: [u8; 32] = [7; 32];

#[test]
fn the_provider_or_its_agent_commits_once_and_for_free() {
	run(|| {
		let (one, other) = (resource(1), resource(1));
		let id = called();
		let info = Proof::commit(RuntimeOrigin::signed(PROVIDER), id, one, 1, ROOT).unwrap();
		assert_eq!(info.pays_fee, Pays::No);
		assert_ok!(commit(AGENT, id, other, 1, ROOT));
		assert_noop!(commit(PROVIDER, id, other, 2, [8; 32]), Error::<Test>::AlreadyCommitted);
		assert_eq!(current().1.committed, 2);
	});
}

#[test]
fn commitments_of_others_or_to_nothing_are_refused() {
	run(|| {
		let machine = resource(1);
		assert_noop!(commit(AGENT, RollCallId(0), machine, 1, ROOT), Error::<Test>::UnknownRollCall);
		let id = called();
		assert_noop!(commit(STRANGER, id, machine, 1, ROOT), Error::<Test>::NotProvider);
		assert_noop!(commit(AGENT, id, ResourceId(9), 1, ROOT), Error::<Test>::UnknownResource);
		assert_noop!(commit(AGENT, id, machine, 0, ROOT), Error::<Test>::RoundsOutOfRange);
		assert_noop!(commit(AGENT, id, machine, 4, ROOT), Error::<Test>::RoundsOutOfRange);
		let other = resource_of(PROVIDER, AGENT, OTHER_CLASS, 1);
		assert_noop!(commit(AGENT, id, other, 1, ROOT), Error::<Test>::WrongClass);
		for state in [ResourceState::Jailed, ResourceState::Exiting] {
			change(machine, |machine| machine.state = state);
			assert_noop!(commit(AGENT, id, machine, 1, ROOT), Error::<Test>::NotExamined);
		}
	});
}

#[test]
fn the_last_slot_is_in_time_and_the_next_one_is_not() {
	run(|| {
		let (one, other) = (resource(1), resource(1));
		let id = called();
		go_to(current().1.commit_until);
		assert_ok!(commit(AGENT, id, one, 1, ROOT));
		blocks(1);
		assert_noop!(commit(AGENT, id, other, 1, ROOT), Error::<Test>::NotCommitting);
		until_drawn(id);
		assert_noop!(commit(AGENT, id, other, 1, ROOT), Error::<Test>::NotCommitting);
		until_closed(id);
		assert_noop!(commit(AGENT, id, other, 1, ROOT), Error::<Test>::UnknownRollCall);
	});
}

#[test]
fn skipped_slots_flatter_nobody() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let until = current().1.commit_until;
		// A block, no block for as long as is no halt, and so on: the deadline is of slots.
		while CurrentSlot::get() + HALT <= until {
			block_in(CurrentSlot::get() + HALT);
		}
		block_in(until + 1);
		assert_noop!(commit(AGENT, id, machine, 1, ROOT), Error::<Test>::NotCommitting);
	});
}
