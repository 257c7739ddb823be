//! The worker's four steps, and that it never signs twice.

use super::{
	network::{Behaviour, Node},
	solving::{document, solved, STREAM},
	*,
};
use crate::worker::{WorkerCounters, COUNTERS_KEY, FETCHES_PER_RUN, GATEWAY_KEY};
use gcx_primitives::{Measurement, Metric};

#[test]
fn a_node_examines_commits_and_reveals() {
	Node::run(World::default(), &[1, 2, 3], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		node.work();
		// One request for all three of the node's attestors.
		assert_eq!(node.network.state().asked, ["http://127.0.0.1:8787/v1/resources/1/benchmarks/1?devices=0,1"]);
		assert_eq!(node.include(), 3);
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		let Some(Outcome::Attested { run, declared, solved, agreed, .. }) = round().outcome else {
			panic!("{:?}", round())
		};
		assert_eq!((run, agreed), ([3; 32], 3));
		// Per device.
		let declared_value = Measurement { metric: Metric::StreamTriad, value: STREAM.1 / 2 };
		assert_eq!((declared.to_vec(), solved), (vec![declared_value], gcx_math::rate::solve_rate(256, 1, SLOT).ok()));
		let expected =
			WorkerCounters { rounds_seen: 3, fetches: 1, accepted: 1, commits: 3, reveals: 3, ..Default::default() };
		assert_eq!(node.counters(), expected);
	})
}

#[test]
fn solutions_are_not_asked_for_where_there_are_none() {
	Node::run(World::default().declared(), &[1], |node| {
		drawn();
		node.work();
		assert_eq!(node.network.state().asked, ["http://127.0.0.1:8787/v1/resources/1/benchmarks/1"]);
	})
}

#[test]
fn a_node_without_an_attestor_on_the_panel_does_nothing() {
	for keys in [&[][..], &[9][..]] {
		Node::run(World::default(), keys, |node| {
			solved();
			node.work();
			assert_eq!((node.network.state().asked.len(), node.sent().len()), (0, 0));
			assert_eq!(node.counters(), WorkerCounters::default());
		});
	}
}

#[test]
fn a_node_without_a_gateway_does_nothing_and_counts_that() {
	Node::run(World::default(), &[1], |node| {
		solved();
		node.store(GATEWAY_KEY, None);
		node.work();
		assert_eq!((node.network.state().asked.len(), node.sent().len()), (0, 0));
		assert_eq!((node.counters().without_gateway, node.counters().rounds_seen), (1, 1));
	})
}

#[test]
fn an_address_that_is_none_is_not_asked() {
	for address in [&b"http://example.org"[..], b"https://user@host", b"\xff\xfe", &[b'a'; 1_000]] {
		Node::run(World::default(), &[1], |node| {
			solved();
			node.store(GATEWAY_KEY, Some(address));
			node.work();
			assert_eq!((node.network.state().asked.len(), node.sent().len()), (0, 0));
			assert_eq!(node.counters().bad_gateway, 1);
		});
	}
}

#[test]
fn who_receives_nothing_tries_again_and_abstains_at_last() {
	let world = World::default().change(|parameters| {
		(parameters.commit_slots, parameters.min_interval_slots) = (20, 60);
	});
	Node::run(world, &[1], |node| {
		solved();
		let until = round().commit_until;
		let mut tries = Vec::new();
		for _ in 0..21 {
			let before = node.network.state().asked.len();
			node.work();
			if node.network.state().asked.len() > before {
				tries.push(slot());
			}
			if node.include() > 0 {
				break;
			}
			block_after(1);
		}
		// Intervals grow: 2, 4, 8, 16, 32 s, in slots of six; then come the last slots.
		let intervals: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
		assert_eq!(intervals, [1, 1, 2, 3, 6, 5], "{tries:?}");
		assert_eq!(tries.last(), Some(&(until - 2)));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		assert_eq!(Node::finding(1), Some(Finding::Abstained(Reason::Unreachable)));
		assert_eq!(node.counters().refused(Reason::Unreachable), 7);
	})
}

#[test]
fn who_receives_something_in_the_end_attests_it() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.work();
		assert_eq!(node.include(), 0);
		node.network.serves(document(&solutions, |_| ()));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		assert!(matches!(Node::finding(1), Some(Finding::Attested(_))));
		assert_eq!((node.counters().refused(Reason::Unreachable), node.counters().accepted), (1, 1));
	})
}

#[test]
fn what_was_committed_to_is_revealed_after_a_restart() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		node.work();
		node.include();
		until(Stage::Reveal);
		// Nothing but the node's storage is left; the gateway is gone, and randomness is another.
		node.network.state().behaviour = Behaviour::Refuses;
		node.network.state().seed = [1; 32];
		node.work();
		assert_eq!(node.include(), 1);
		assert!(matches!(Node::finding(1), Some(Finding::Attested(_))));
	})
}

#[test]
fn nothing_else_is_ever_signed_for_the_same_round() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		node.work();
		let [Call::commit_authorized { payload: first, .. }] = &node.sent()[..] else { panic!() };
		// It is lost. The gateway serves something else meanwhile.
		node.network.serves(document(&solutions, |content| content.run = solving::hex(&[4; 32])));
		block_after(1);
		node.work();
		assert_eq!(node.sent().len(), 0);
		blocks(2);
		node.work();
		let [Call::commit_authorized { payload: again, .. }] = &node.sent()[..] else { panic!() };
		assert_eq!((first, node.network.state().asked.len()), (again, 1));
		assert_eq!(node.counters().resent, 1);
	})
}

#[test]
fn a_finding_that_is_lost_on_the_way_is_sent_again() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		node.work();
		node.include();
		until(Stage::Reveal);
		node.work();
		assert_eq!(node.sent().len(), 1);
		block_after(1);
		node.work();
		assert_eq!(node.sent().len(), 0);
		blocks(2);
		node.work();
		assert_eq!(node.include(), 1);
		block_after(1);
		node.work();
		assert_eq!(node.sent().len(), 0);
	})
}

#[test]
fn a_round_of_the_same_number_on_another_fork_is_another() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		node.work();
		let [Call::commit_authorized { payload: first, .. }] = &node.sent()[..] else { panic!() };
		// On the other fork other rows were drawn.
		Rounds::<Test>::mutate(RESOURCE, |round| {
			round.as_mut().unwrap().draw.as_mut().unwrap().rows = [1; 32];
		});
		node.work();
		let [Call::commit_authorized { payload: second, .. }] = &node.sent()[..] else { panic!() };
		assert!(first.drawn != second.drawn && first.statement != second.statement);
	})
}

#[test]
fn a_commitment_of_which_nothing_is_kept_is_counted_once() {
	Node::run(World::default(), &[1], |node| {
		solved();
		commit(1, &attested(5));
		until(Stage::Reveal);
		(0..3).for_each(|_| node.work());
		assert_eq!((node.sent().len(), node.counters().lost), (0, 1));
	})
}

#[test]
fn two_runs_do_not_examine_one_round_at_the_same_time() {
	Node::run(World::default(), &[1], |node| {
		solved();
		node.work();
		assert_eq!(node.network.state().asked.len(), 1);
		// Another run has the lock, and is slow.
		let lock = codec::Encode::encode(&(b"gcx::attestation::lock", RESOURCE, round().id));
		let until = (slot() + 2) * SLOT;
		node.store(&lock, Some(&codec::Encode::encode(&until)));
		block_after(1);
		node.work();
		assert_eq!(node.network.state().asked.len(), 1);
		// It never came back.
		block_after(2);
		node.work();
		assert_eq!(node.network.state().asked.len(), 2);
	})
}

/// A node with more open rounds than a run asks for.
fn with_many_rounds(test: impl FnOnce(Node)) {
	let resources: Vec<_> = (1..=6).map(|id| (ResourceId(id), subject(false))).collect();
	let world = World::default().resources(&resources).change(|parameters| {
		parameters.draws_per_block = 3;
		(parameters.answer_slots, parameters.commit_slots, parameters.min_interval_slots) = (30, 30, 100);
	});
	Node::run(world, &[1, 2, 3, 4], |node| {
		blocks(25);
		for (resource, round) in Rounds::<Test>::iter().collect::<Vec<_>>() {
			assert_ok!(Attestation::answer_draw(signed(agent()), resource, round.id, None));
		}
		blocks(32);
		let drawn = Rounds::<Test>::iter_values().filter(|round| round.draw.is_some()).count();
		assert!(drawn > usize::try_from(FETCHES_PER_RUN).unwrap(), "{drawn}");
		test(node);
	})
}

#[test]
fn a_run_asks_so_often_and_no_more() {
	with_many_rounds(|node| {
		let most = usize::try_from(FETCHES_PER_RUN).unwrap();
		node.work();
		assert_eq!(node.network.state().asked.len(), most);
		// The next run goes on with the others.
		node.work();
		assert!(node.network.state().asked.len() > most);
	})
}

// Two resources whose results never came kept all others of a node waiting, until reveals were late.
#[test]
fn a_run_waits_for_one_answer_that_does_not_come_and_no_more() {
	with_many_rounds(|node| {
		node.network.state().behaviour = Behaviour::Silent;
		node.work();
		assert_eq!(node.network.state().asked.len(), 1);
	})
}

#[test]
fn what_is_kept_of_a_round_is_forgotten_when_it_is_over() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		let before = node.network.state().storage.iter().count();
		node.network.serves(document(&solutions, |_| ()));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		let kept = node.network.state().storage.iter().count();
		node.work();
		let left = node.network.state().storage.iter().count();
		// The counters, the secret and an empty list.
		assert_eq!((left - before, kept - left), (3, 1));
	})
}

#[test]
fn salts_differ_between_rounds_attestors_and_nodes() {
	let salts = |seed: u8, keys: &[u8]| {
		let mut salts = Vec::new();
		Node::run(World::default(), keys, |node| {
			node.network.state().seed = [seed; 32];
			for _ in 0..2 {
				let solutions = solved();
				let run = solving::hex(&[u8::try_from(round().id.0).unwrap(); 32]);
				node.network.serves(document(&solutions, |content| content.run = run));
				node.work_until(Stage::Reveal);
				node.work();
				for call in node.sent() {
					let Call::reveal_authorized { payload, .. } = call else { panic!() };
					salts.push(payload.statement.salt);
				}
				until(Stage::Closed);
			}
		});
		salts
	};
	let mut all = salts(1, &[1, 2]);
	all.extend(salts(2, &[1, 2]));
	let different: std::collections::BTreeSet<_> = all.iter().collect();
	assert_eq!((all.len(), different.len()), (8, 8));
}

#[test]
fn storage_that_holds_something_else_stops_nobody() {
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.serves(document(&solutions, |_| ()));
		for key in [COUNTERS_KEY, b"gcx::attestation::rounds", b"gcx::attestation::secret"] {
			node.store(key, Some(b"?"));
		}
		node.work();
		assert_eq!(node.include(), 1);
		assert_eq!(node.counters().commits, 1);
		until(Stage::Reveal);
		node.work();
		assert_eq!(node.include(), 1);
	})
}

#[test]
fn counters_are_read_as_they_were_written() {
	let mut counters = WorkerCounters { commits: 3, ..Default::default() };
	counters.refusals = vec![(Reason::TimedOut, 2), (Reason::Malformed, 1)];
	let bytes = codec::Encode::encode(&counters);
	assert_eq!(WorkerCounters::read(&bytes), Some(counters.clone()));
	assert_eq!((counters.refused(Reason::TimedOut), counters.refused(Reason::TooLarge)), (2, 0));
	assert_eq!(WorkerCounters::read(&bytes[1..]), None);
	assert_eq!(WorkerCounters::read(&[&bytes[..], &[0]].concat()), None);
}
