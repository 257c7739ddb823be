//! Attacks on roll-calls as such. Those on the computation are in `gcx-math`'s tests, with how often each is found.

use crate::{mock::*, Error, Outcome};
use frame_support::{assert_noop, assert_ok};
use gcx_math::proof::reference::{product, Transcript};
use gcx_primitives::{ProviderOffence, ResourceId, ResourceState};
use sp_io::hashing::blake2_256;

/// The operations per second that a resource was found to have.
fn proven(resource: ResourceId) -> u64 {
	match outcome(resource) {
		Some(Outcome::Proven { operations }) => operations,
		other => panic!("{other:?}"),
	}
}

#[test]
fn one_device_behind_two_resources_proves_its_rate_once() {
	run(|| {
		// What a device can do before the deadline are three rounds, of one resource or of both.
		let (one, other) = (resource(1), resource_of(2, AGENT, CLASS, 1));
		let id = called();
		for (machine, rounds) in [(one, 2), (other, 1)] {
			assert_ok!(Work::honest(id, machine, rounds).commit(id));
			// It takes the second one up when it has done the first, early in the window.
			blocks(2);
		}
		until_drawn(id);
		for (machine, rounds) in [(one, 2), (other, 1)] {
			assert_ok!(Work::honest(id, machine, rounds).open(id));
		}
		until_closed(id);
		let shared = proven(one) + proven(other);
		next_epoch();
		honest_roll_call(one, 3);
		// The window is as long; rounding down loses less than an operation each.
		assert!(proven(one).abs_diff(shared) <= 2, "{} and {shared}", proven(one));
	});
}

#[test]
fn who_answers_late_is_absent() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let work = Work::honest(id, machine, 3);
		go_to(current().1.commit_until + 1);
		assert_noop!(work.commit(id), Error::<Test>::NotCommitting);
		until_closed(id);
		assert_eq!(heard(), [Told::Absent(machine)]);
	});
}

#[test]
fn who_sees_that_the_draw_is_bad_gains_nothing_by_silence() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let (seed, done) = (draw(id, machine, 0).seed(&asked(id), blake2_256), asked(id).with_rounds(2).unwrap());
		let mut cheat = Transcript::new(done, seed, blake2_256);
		cheat.push(&product(&done, &cheat.next_seed(), blake2_256));
		// The second round was left out.
		cheat.push(&[]);
		let work = Work::of(machine, 2, [cheat]);
		assert_ok!(work.commit(id));
		until_drawn(id);
		let shown = work.shown(id);
		let results: Vec<_> = shown.into_iter().map(|shown| open(AGENT, id, machine, vec![shown])).collect();
		assert!(results.contains(&Err(Error::<Test>::WrongProduct.into())));
		assert!(results.contains(&Ok(())), "the first round was not");
		until_closed(id);
		assert_eq!(heard(), [Told::Offended(machine, ProviderOffence::UnshownProof)]);
	});
}

#[test]
fn who_claims_more_rounds_than_it_did_is_found() {
	run(|| {
		let machine = resource(1);
		let id = called();
		let mut work = Work::honest(id, machine, 2);
		work.rounds = 3;
		assert_ok!(work.commit(id));
		until_drawn(id);
		let drawn = Proof::drawn_cells(id, machine).unwrap();
		assert!(drawn.iter().any(|at| at.cell.round == 2));
		for (index, at) in (0..).zip(&drawn).filter(|(_, at)| at.cell.round < 2) {
			// With a third round, paths are of other lengths.
			let shown = crate::Shown { index, opening: work.show(at) };
			assert!(open(AGENT, id, machine, vec![shown]).is_err());
		}
		until_closed(id);
		assert_eq!(heard(), [Told::Offended(machine, ProviderOffence::UnshownProof)]);
	});
}

#[test]
fn maintenance_that_begins_when_the_class_was_called_excuses_nobody() {
	run(|| {
		let machine = resource(1);
		let id = called();
		change(machine, |machine| machine.state = ResourceState::Maintenance);
		until_closed(id);
		assert_eq!(heard(), [Told::Absent(machine)]);
	});
}

#[test]
fn the_rounds_of_another_resource_cannot_be_shown() {
	run(|| {
		let (one, other) = (resource(1), resource_of(2, AGENT, CLASS, 1));
		let id = called();
		let mut work = Work::honest(id, one, 2);
		assert_ok!(work.commit(id));
		work.resource = other;
		assert_ok!(work.commit(id));
		until_drawn(id);
		assert_noop!(work.open(id), Error::<Test>::WrongProduct);
		until_closed(id);
		assert!(heard().contains(&Told::Offended(other, ProviderOffence::UnshownProof)));
	});
}
