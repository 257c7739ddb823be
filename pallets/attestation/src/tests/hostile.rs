//! Gateways and agents that lie, stall or send nonsense: each ends in a counted reason, none stops the node.

use super::{
	network::{Behaviour, Node},
	solving::{committed, content, document, hashes, hex, json, signed_by, solutions, solved, STREAM},
	*,
};
use gcx_evidence::{raw::Kind, solve::Solution, Benchmark, Content, MAX_DOCUMENT_BYTES};
use sp_core::Pair;

/// What a node finds, of a provider that committed to the right solve, where the gateway does this.
fn found_by(behaviour: impl FnOnce(&[Solution]) -> Behaviour) -> Finding {
	let mut found = None;
	Node::run(World::default(), &[1], |node| {
		let solutions = solved();
		node.network.state().behaviour = behaviour(&solutions);
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		found = Node::finding(1);
		let reason = match found.as_ref().expect("it revealed") {
			Finding::Attested(_) => return,
			Finding::Refused(reason) | Finding::Abstained(reason) => *reason,
		};
		let counters = node.counters();
		assert_eq!(counters.refusals.len(), 1, "{counters:?}");
		assert!(counters.refused(reason) >= 1 && counters.refused(reason) == counters.fetches, "{counters:?}");
		assert_eq!((counters.commits, counters.reveals), (1, 1));
	});
	found.expect("it revealed")
}

/// What a node finds where the gateway serves these bytes.
fn found_in(body: impl FnOnce(&[Solution]) -> Vec<u8>) -> Finding {
	found_by(|solutions| Behaviour::Answers(200, body(solutions)))
}

/// What a node finds where the agent signs this content.
fn found_in_content(change: impl FnOnce(&mut Content)) -> Finding {
	found_in(|solutions| document(solutions, change))
}

/// The document with some of its text replaced after it was signed.
fn found_in_text(from: &str, to: &str) -> Finding {
	found_in(|solutions| {
		let text = String::from_utf8(document(solutions, |_| ())).unwrap();
		assert!(text.contains(from), "{from}");
		text.replacen(from, to, 1).into_bytes()
	})
}

fn refused(reason: Reason) -> Finding {
	Finding::Refused(reason)
}

fn abstained(reason: Reason) -> Finding {
	Finding::Abstained(reason)
}

#[test]
fn who_gets_no_answer_abstains() {
	assert_eq!(found_by(|_| Behaviour::Refuses), abstained(Reason::Unreachable));
	assert_eq!(found_by(|_| Behaviour::BreaksOff), abstained(Reason::Unreachable));
	assert_eq!(found_by(|_| Behaviour::BreaksOffWithin(b"{".to_vec())), abstained(Reason::Unreachable));
	assert_eq!(found_by(|_| Behaviour::Silent), abstained(Reason::TimedOut));
}

#[test]
fn a_slow_drip_meets_the_deadline() {
	assert_eq!(found_by(|_| Behaviour::Drips(3_000)), abstained(Reason::TimedOut));
	assert_eq!(found_by(|_| Behaviour::Drips(1)), abstained(Reason::TimedOut));
	// Even if the host does not notice.
	assert_eq!(found_by(|_| Behaviour::DripsUnnoticed(500)), abstained(Reason::TimedOut));
}

#[test]
fn one_deadline_is_over_headers_and_body() {
	Node::run(World::default(), &[1], |node| {
		solved();
		node.network.state().behaviour = Behaviour::Drips(100);
		node.work();
		assert_eq!(node.network.state().now, slot() * SLOT + crate::worker::FETCH_DEADLINE);
	})
}

#[test]
fn an_endless_body_is_cut_off() {
	assert_eq!(found_by(|_| Behaviour::Endless), refused(Reason::TooLarge));
	assert_eq!(found_in(|_| vec![b' '; MAX_DOCUMENT_BYTES + 1]), refused(Reason::TooLarge));
	assert_eq!(found_in(|_| vec![b' '; MAX_DOCUMENT_BYTES]), refused(Reason::Malformed));
}

#[test]
fn another_status_than_200_is_no_answer_and_redirects_are_not_followed() {
	for status in [100, 201, 204, 301, 302, 307, 404, 500, 503, 0, 65_535] {
		let answers = |solutions: &[Solution]| Behaviour::Answers(status, document(solutions, |_| ()));
		assert_eq!(found_by(answers), abstained(Reason::HttpStatus), "{status}");
	}
	Node::run(World::default(), &[1], |node| {
		solved();
		node.network.state().behaviour = Behaviour::Answers(302, b"http://127.0.0.1:22/".to_vec());
		node.work();
		assert_eq!(node.network.state().asked.len(), 1);
	})
}

#[test]
fn wrong_json_is_refused() {
	for body in ["", "?", "[]", "{}", "null", "\"\"", "{\"format\":1}", "{\"format\":1,\"content\":{}", "\u{0}"] {
		assert_eq!(found_in(|_| body.as_bytes().to_vec()), refused(Reason::Malformed), "{body}");
	}
	assert_eq!(found_in(|_| vec![0xff; 100]), refused(Reason::Malformed));
	assert_eq!(found_in(|_| "[".repeat(100_000).into_bytes()), refused(Reason::Malformed));
	assert_eq!(found_in_text("\"format\":1", "\"format\":2"), refused(Reason::UnknownFormat));
}

#[test]
fn numbers_that_are_none_are_refused() {
	for number in ["NaN", "Infinity", "1e308", "-1", "1.5", "18446744073709551616", "\"2\"", "null"] {
		let found = found_in_text("\"devices\":2", &format!("\"devices\":{number}"));
		assert_eq!(found, refused(Reason::Malformed), "{number}");
	}
	let huge = format!("\"devices\":{}", "9".repeat(100_000));
	assert_eq!(found_in_text("\"devices\":2", &huge), refused(Reason::Malformed));
}

#[test]
fn duplicate_and_unknown_keys_are_refused() {
	assert_eq!(found_in_text("\"devices\":2", "\"devices\":2,\"devices\":2"), refused(Reason::Malformed));
	assert_eq!(found_in_text("\"devices\":2", "\"devices\":2,\"more\":2"), refused(Reason::Malformed));
}

#[test]
fn a_signature_by_another_key_is_refused() {
	let stranger = sp_core::sr25519::Pair::from_string("//Stranger", None).unwrap();
	let forged = |solutions: &[Solution]| json(&signed_by(&stranger, content(solutions), solutions));
	assert_eq!(found_in(forged), refused(Reason::BadSignature));
	// Changed after it was signed.
	assert_eq!(found_in_text("\"devices\":2", "\"devices\":3"), refused(Reason::BadSignature));
}

#[test]
fn results_of_something_else_are_refused() {
	assert_eq!(found_in_content(|content| content.resource = ResourceId(2)), refused(Reason::WrongResource));
	assert_eq!(found_in_content(|content| content.round = RoundId(2)), refused(Reason::WrongRound));
	assert_eq!(found_in_content(|content| content.devices = 3), refused(Reason::WrongDevices));
	// Of another chain: signed for that.
	let of_other_chain = |solutions: &[Solution]| {
		let mut content = content(solutions);
		content.genesis = hex(&[8; 32]);
		let payload = content.signed_payload([8; 32]);
		let signature = sp_runtime::MultiSignature::Sr25519(agent_pair().sign(&payload));
		let opened = (0..).zip(solutions).map(|(device, solution)| gcx_evidence::OpenedSolution::new(device, solution));
		json(&gcx_evidence::Document::new(content, opened.collect(), &signature))
	};
	assert_eq!(found_in(of_other_chain), refused(Reason::WrongChain));
}

#[test]
fn a_result_older_than_the_round_is_refused() {
	let older = |content: &mut Content| content.started_at -= 10_000;
	assert_eq!(found_in_content(older), refused(Reason::OlderThanRound));
}

#[test]
fn clocks_that_do_not_agree_are_refused() {
	let ended_before = |content: &mut Content| content.ended_at = content.started_at - 1;
	assert_eq!(found_in_content(ended_before), refused(Reason::ClockSkew));
	let ends_later = |content: &mut Content| content.ended_at += 1_000_000_000;
	assert_eq!(found_in_content(ends_later), refused(Reason::ClockSkew));
	assert_eq!(found_in_content(|content| content.ended_at = u64::MAX), refused(Reason::ClockSkew));
}

#[test]
fn a_replayed_run_is_refused() {
	Node::run(World::default(), &[1, 2, 3], |node| {
		for replayed in [false, true] {
			let solutions = solved();
			// The same run, signed for each round.
			node.network.serves(document(&solutions, |_| ()));
			node.work_until(Stage::Reveal);
			node.work_until(Stage::Closed);
			let is_replayed = Node::finding(1) == Some(refused(Reason::Replayed));
			assert_eq!(is_replayed, replayed);
		}
		// One request for all three.
		assert_eq!(node.counters().refused(Reason::Replayed), 1);
		assert!(matches!(round().outcome, Some(Outcome::Refused { reason: Reason::Replayed, .. })));
	})
}

/// What a node finds, of a provider that committed to these.
fn found_of_committed(change: impl FnOnce(&mut Vec<Solution>)) -> Finding {
	let mut found = None;
	Node::run(World::default(), &[1], |node| {
		open();
		let mut solutions = solutions(round().nonce);
		change(&mut solutions);
		answer(Some(committed(&solutions)));
		until(Stage::Commit);
		node.network.serves(document(&solutions, |_| ()));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		found = Node::finding(1);
	});
	found.expect("it revealed")
}

#[test]
fn a_solve_that_does_not_solve_is_refused() {
	let off = |solutions: &mut Vec<Solution>| solutions[0].0[100] += 1 << 30;
	assert_eq!(found_of_committed(off), refused(Reason::SolveFailed));
	let zeros = |solutions: &mut Vec<Solution>| solutions[1].0.fill(0);
	assert_eq!(found_of_committed(zeros), refused(Reason::SolveFailed));
	// The systems of another seed; and one device's solution for both.
	let of_other_seed = |given: &mut Vec<Solution>| *given = solutions([77; 32]);
	assert_eq!(found_of_committed(of_other_seed), refused(Reason::SolveFailed));
	let one_for_both = |solutions: &mut Vec<Solution>| solutions[1] = solutions[0].clone();
	assert_eq!(found_of_committed(one_for_both), refused(Reason::SolveFailed));
}

#[test]
fn another_solve_than_the_one_committed_to_is_refused() {
	let other = |content: &mut Content| {
		content.solve = Some(gcx_evidence::Solve::new(256, &hashes(&[Solution(vec![0; 256]), Solution(vec![1; 256])])));
	};
	assert_eq!(found_in_content(other), refused(Reason::WrongSolve));
	assert_eq!(found_in_content(|content| content.solve = None), refused(Reason::WrongSolve));
	// Hashes of what was committed to, and other solutions with them.
	let swapped = |given: &[Solution]| {
		let others = [given[1].clone(), given[0].clone()];
		json(&signed_by(&agent_pair(), content(given), &others))
	};
	assert!(matches!(found_in(swapped), Finding::Refused(_)));
	let without = |given: &[Solution]| json(&signed_by(&agent_pair(), content(given), &given[..1]));
	assert_eq!(found_in(without), refused(Reason::SolutionMissing));
}

#[test]
fn figures_that_do_not_match_their_raw_fields_are_refused() {
	let claims = |raw: String, claimed| {
		found_in_content(|content| content.benchmarks = vec![Benchmark { kind: Kind::Stream, claimed, raw }])
	};
	let (raw, claimed) = STREAM;
	assert!(matches!(claims(raw.into(), claimed), Finding::Attested(_)));
	assert_eq!(claims(raw.into(), 2 * claimed), refused(Reason::FigureMismatch));
	assert_eq!(claims(raw.replace("0.027362", "0.013681"), claimed), refused(Reason::FigureMismatch));
	// Failed and missing checks of the benchmark itself.
	let failed = raw.replace("Solution Validates:", "Failed Validation on array a[], AvgRelAbsErr > epsilon");
	assert_eq!(claims(failed, claimed), refused(Reason::RunInvalid));
	assert_eq!(claims("no output at all".into(), claimed), refused(Reason::Unrecognised));
}

#[test]
fn a_failed_residual_is_refused() {
	let raw = "T/V                N    NB     P     Q               Time                 Gflops\n\
	           WR00L2L4      204288   384     1     2            1354.22            4.19712e+03\n\
	           ||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=   870806.8870057 ...... FAILED\n\
	           Finished      1 tests with the following results:\n              \
	           0 tests completed and passed residual checks,\n              \
	           1 tests completed and failed residual checks,\n";
	let benchmark = Benchmark { kind: Kind::Hpl, claimed: 4_197_134_345_569, raw: raw.into() };
	assert_eq!(found_in_content(|content| content.benchmarks = vec![benchmark]), refused(Reason::RunInvalid));
}

#[test]
fn nothing_declared_is_nothing_to_attest() {
	Node::run(World::default().declared(), &[1], |node| {
		drawn();
		let serve = |benchmarks| {
			document(&[], |content: &mut Content| (content.solve, content.benchmarks) = (None, benchmarks))
		};
		node.network.serves(serve(Vec::new()));
		node.work_until(Stage::Reveal);
		node.work_until(Stage::Closed);
		assert_eq!(Node::finding(1), Some(refused(Reason::NothingDeclared)));
	})
}
