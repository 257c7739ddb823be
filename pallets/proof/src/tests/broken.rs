//! Storage that is broken is found.

use crate::{
	mock::*, Agenda, Challenged, Histories, Members, NextRollCall, Outcome, Passage, Purpose, RollCalls, Schedules,
};
use gcx_primitives::{Day, DealId, ResourceId, RollCallId};

/// Breaks storage within a roll-call with one commitment, and says what is found.
fn found(change: impl FnOnce(RollCallId)) -> Vec<String> {
	let mut violations = Vec::new();
	run(|| {
		let machine = resource(1);
		let id = called();
		frame_support::assert_ok!(commit(AGENT, id, machine, 1, [1; 32]));
		let _ = frame_support::storage::with_transaction(|| {
			change(id);
			violations = Proof::violations();
			sp_runtime::TransactionOutcome::Rollback(Ok::<_, sp_runtime::DispatchError>(()))
		});
	});
	violations
}

#[track_caller]
fn finds(what: &str, change: impl FnOnce(RollCallId)) {
	let violations = found(change);
	assert!(violations.iter().any(|violation| violation.contains(what)), "{what}: {violations:?}");
}

#[test]
fn what_is_broken_is_found() {
	assert_eq!(found(|_| ()), Vec::<String>::new());
	finds("on the agenda", |_| Agenda::<Test>::kill());
	finds("on the agenda", RollCalls::<Test>::remove);
	finds("which is over", RollCalls::<Test>::remove);
	finds("commitments of", |id| {
		RollCalls::<Test>::mutate(id, |call| call.as_mut().unwrap().committed = 2);
	});
	finds("called", |id| RollCalls::<Test>::mutate(id, |call| call.as_mut().unwrap().called = 2));
	finds("deadline", |id| RollCalls::<Test>::mutate(id, |call| call.as_mut().unwrap().open_until = Some(1)));
	finds("what was not drawn", |id| {
		Members::<Test>::mutate(id, ResourceId(1), |member| {
			member.as_mut().unwrap().answer.as_mut().unwrap().shown = 1;
		});
	});
	finds("what was not asked for", |id| {
		Members::<Test>::mutate(id, ResourceId(1), |member| {
			member.as_mut().unwrap().answer.as_mut().unwrap().rounds = 4;
		});
	});
	finds("cannot be called", |_| {
		Schedules::<Test>::mutate(CLASS, |schedule| schedule.as_mut().unwrap().terms.every = 0);
	});
	finds("is called twice", |id| {
		let call = RollCalls::<Test>::get(id).unwrap();
		RollCalls::<Test>::insert(id.next(), call);
	});
	finds("are over", |id| NextRollCall::<Test>::put(id.next().next()));
	finds("challenged are", |_| Challenged::<Test>::insert(ResourceId(1), (DealId(1), Day(1))));
	finds("is of nobody", |id| {
		RollCalls::<Test>::mutate(id, |call| {
			let purpose = Purpose::Challenge { resource: ResourceId(9), deal: DealId(1), day: Day(1) };
			call.as_mut().unwrap().purpose = purpose;
		});
	});
	finds("resources are challenged", |_| {
		(1..=3).for_each(|resource| Challenged::<Test>::insert(ResourceId(resource), (DealId(1), Day(1))));
	});
	finds("what was not begun", |id| {
		let passage = Passage { roll_call: id.next(), at: 1, outcome: Outcome::Absent };
		Histories::<Test>::mutate(ResourceId(1), |history| history.force_push(passage));
	});
}
