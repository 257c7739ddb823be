//! What to do about a round, decided from what the chain says and what was done: nothing else.

use crate::{
	chain::{Round, Seen},
	config::Mode,
	store::Record,
};
use gcx_evidence::{hex, solve::commitment};

/// What to do about a round.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
	/// Nothing now.
	Wait,
	/// Prepare an answer: with the seeded solve, or without.
	Prepare {
		/// Whether with the solve.
		solve: bool,
	},
	/// Send the answer that is prepared.
	Answer,
	/// Run what is declared beside the solve, and write down what will be signed.
	Complete,
	/// Sign, and serve from now on.
	Seal,
	/// The round is over, and was answered and signed.
	Done,
	/// Leave the round alone.
	Skip(Skipped),
}

/// Why a round is left alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Skipped {
	/// The resource has more devices than this machine is.
	Devices {
		/// The resource's.
		resource: u32,
		/// This machine's.
		machine: u32,
	},
	/// The key is not the one of the resource's agent.
	OtherAgent,
	/// The chain does not say whether the class solves, and neither does the configuration.
	UnknownClass,
	/// The time to answer is over.
	Missed,
	/// It was answered with what is not in the store: by another agent, or before the store was lost.
	AnsweredElsewhere,
	/// A result of this round was sealed for another nonce.
	Sealed,
}

impl Skipped {
	/// For people.
	pub fn describe(self) -> String {
		match self {
			Self::Devices { resource, machine } => format!(
				"the resource has {resource} devices and this machine is configured as {machine}: a device is a device \
				 (--devices)"
			),
			Self::OtherAgent => "the key is not the one of the resource's agent".into(),
			Self::UnknownClass => "the chain does not say whether the class solves: set --solve".into(),
			Self::Missed => "it was not answered in time".into(),
			Self::AnsweredElsewhere => "it was answered with something that is not in this state folder".into(),
			Self::Sealed => "another result of it was signed already, on a fork: a second one would be slashed".into(),
		}
	}
}

/// What the agent knows besides.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
	/// The slot of the best block.
	pub slot: u64,
	/// What was done in this round so far.
	pub record: Option<&'a Record>,
	/// Whether an answer was sent.
	pub sent: bool,
	/// Whether it is time to send it, for the first time or again.
	pub send_now: bool,
	/// As how many devices this machine answers.
	pub devices: u32,
	/// Whether it solves.
	pub mode: Mode,
	/// The account of its key.
	pub account: [u8; 32],
}

/// Decides what to do about a round.
pub fn decide(seen: &Seen, round: &Round, given: &Given<'_>) -> Step {
	let nonce = hex::write(&round.nonce);
	let record = given.record.filter(|record| record.nonce == nonce);
	if record.is_none() && given.record.is_some_and(|record| record.sealed) {
		return Step::Skip(Skipped::Sealed);
	}
	match &round.answer {
		Some(answer) => match record {
			Some(record) if answered_by(record, answer.commitment) => signed(seen, round, record),
			Some(_) | None => Step::Skip(Skipped::AnsweredElsewhere),
		},
		None if round.closed || round.drawn || given.slot > round.answer_until => Step::Skip(Skipped::Missed),
		None => unanswered(round, record, given),
	}
}

/// What to do about a round that can be answered.
fn unanswered(round: &Round, record: Option<&Record>, given: &Given<'_>) -> Step {
	if round.devices > given.devices {
		return Step::Skip(Skipped::Devices { resource: round.devices, machine: given.devices });
	}
	if round.agent.is_some_and(|agent| agent != given.account) {
		return Step::Skip(Skipped::OtherAgent);
	}
	if let Some(record) = record {
		return match record.content {
			_ if given.send_now => Step::Answer,
			None if given.sent => Step::Complete,
			None | Some(_) => Step::Wait,
		};
	}
	match (given.mode, round.solves) {
		(Mode::On, _) | (Mode::Auto, Some(true)) => Step::Prepare { solve: true },
		(Mode::Off, _) | (Mode::Auto, Some(false)) => Step::Prepare { solve: false },
		(Mode::Auto, None) => Step::Skip(Skipped::UnknownClass),
	}
}

/// What to do about a round that was answered with what is in the record.
///
/// It is signed as soon as the answer is final, or devices were drawn: before, the round of that number could still turn out to
/// be another.
fn signed(seen: &Seen, round: &Round, record: &Record) -> Step {
	let same = |other: &Round| other.id == round.id && other.nonce == round.nonce;
	let is_final = seen.finalised.as_ref().is_some_and(|other| same(other) && other.answer == round.answer);
	match (&record.content, record.signature.is_some()) {
		(None, _) if round.closed => Step::Skip(Skipped::Missed),
		(None, _) => Step::Complete,
		(Some(_), true) if round.closed => Step::Done,
		(Some(_), true) => Step::Wait,
		(Some(_), false) if is_final || round.drawn || round.closed => Step::Seal,
		(Some(_), false) => Step::Wait,
	}
}

/// Whether what is on the chain is what was prepared.
fn answered_by(record: &Record, given: Option<[u8; 32]>) -> bool {
	let prepared = record.solve.as_ref().map(|_| commitment(&record.solution_hashes()));
	prepared == given
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain;
	use gcx_evidence::{hex, Content, Solve};
	use gcx_primitives::{ClassId, ResourceId, RoundId};

	const ME: [u8; 32] = [1; 32];
	const NONCE: [u8; 32] = [7; 32];

	fn round() -> Round {
		Round {
			id: RoundId(3),
			nonce: NONCE,
			class: ClassId(1),
			devices: 1,
			opened_slot: 100,
			opened_at: 0,
			answer_until: 120,
			solves: Some(true),
			agent: Some(ME),
			answer: None,
			drawn: false,
			closed: false,
		}
	}

	fn seen() -> Seen {
		Seen { resource: ResourceId(7), best: None, finalised: None }
	}

	fn record(nonce: [u8; 32]) -> Record {
		Record {
			resource: ResourceId(7),
			round: RoundId(3),
			nonce: hex::write(&nonce),
			started_at: 0,
			devices: 1,
			solve: Some(Solve { order: 256, solutions: vec![hex::write(&[9; 32])] }),
			solutions: Vec::new(),
			solve_benchmark: None,
			content: None,
			sealed: false,
			signature: None,
		}
	}

	fn content() -> Content {
		Content {
			genesis: hex::write(&[0; 32]),
			resource: ResourceId(7),
			round: RoundId(3),
			run: hex::write(&[0; 32]),
			started_at: 0,
			ended_at: 0,
			devices: 1,
			power: None,
			solve: None,
			benchmarks: Vec::new(),
		}
	}

	fn given(record: Option<&Record>) -> Given<'_> {
		Given { slot: 105, record, sent: false, send_now: true, devices: 1, mode: Mode::Auto, account: ME }
	}

	fn ours() -> Option<chain::Given> {
		Some(chain::Given { commitment: Some(commitment(&[[9; 32]])) })
	}

	#[test]
	fn a_new_round_is_prepared_as_its_class_asks() {
		assert_eq!(decide(&seen(), &round(), &given(None)), Step::Prepare { solve: true });
		let declared = Round { solves: Some(false), ..round() };
		assert_eq!(decide(&seen(), &declared, &given(None)), Step::Prepare { solve: false });
		let silent = Round { solves: None, ..round() };
		assert_eq!(decide(&seen(), &silent, &given(None)), Step::Skip(Skipped::UnknownClass));
		let on = Given { mode: Mode::On, ..given(None) };
		assert_eq!(decide(&seen(), &silent, &on), Step::Prepare { solve: true });
		let off = Given { mode: Mode::Off, ..given(None) };
		assert_eq!(decide(&seen(), &round(), &off), Step::Prepare { solve: false });
	}

	#[test]
	fn a_round_is_skipped_when_its_time_is_over() {
		let last = Given { slot: 120, ..given(None) };
		assert_eq!(decide(&seen(), &round(), &last), Step::Prepare { solve: true });
		let late = Given { slot: 121, ..given(None) };
		assert_eq!(decide(&seen(), &round(), &late), Step::Skip(Skipped::Missed));
		for over in [Round { drawn: true, ..round() }, Round { closed: true, ..round() }] {
			assert_eq!(decide(&seen(), &over, &given(None)), Step::Skip(Skipped::Missed));
		}
	}

	#[test]
	fn a_round_is_skipped_when_it_is_not_for_this_machine() {
		let more = Round { devices: 2, ..round() };
		let skipped = Skipped::Devices { resource: 2, machine: 1 };
		assert_eq!(decide(&seen(), &more, &given(None)), Step::Skip(skipped));
		let other = Round { agent: Some([2; 32]), ..round() };
		assert_eq!(decide(&seen(), &other, &given(None)), Step::Skip(Skipped::OtherAgent));
		let unsaid = Round { agent: None, ..round() };
		assert_eq!(decide(&seen(), &unsaid, &given(None)), Step::Prepare { solve: true });
	}

	#[test]
	fn what_is_prepared_is_sent_and_then_completed() {
		let record = record(NONCE);
		assert_eq!(decide(&seen(), &round(), &given(Some(&record))), Step::Answer);
		let sent = Given { sent: true, send_now: false, ..given(Some(&record)) };
		assert_eq!(decide(&seen(), &round(), &sent), Step::Complete);
		let complete = Record { content: Some(content()), ..record.clone() };
		let waits = Given { record: Some(&complete), ..sent };
		assert_eq!(decide(&seen(), &round(), &waits), Step::Wait);
		let again = Given { send_now: true, ..waits };
		assert_eq!(decide(&seen(), &round(), &again), Step::Answer);
	}

	#[test]
	fn a_fork_with_another_nonce_is_prepared_anew_unless_the_first_was_sealed() {
		let other = record([8; 32]);
		assert_eq!(decide(&seen(), &round(), &given(Some(&other))), Step::Prepare { solve: true });
		let sealed = Record { sealed: true, content: Some(content()), ..other };
		assert_eq!(decide(&seen(), &round(), &given(Some(&sealed))), Step::Skip(Skipped::Sealed));
	}

	#[test]
	fn an_answer_that_is_not_in_the_store_is_never_signed() {
		let answered = Round { answer: ours(), drawn: true, ..round() };
		assert_eq!(decide(&seen(), &answered, &given(None)), Step::Skip(Skipped::AnsweredElsewhere));
		let foreign = Round { answer: Some(chain::Given { commitment: Some([5; 32]) }), ..answered.clone() };
		let record = record(NONCE);
		assert_eq!(decide(&seen(), &foreign, &given(Some(&record))), Step::Skip(Skipped::AnsweredElsewhere));
		let without = Round { answer: Some(chain::Given { commitment: None }), ..answered };
		assert_eq!(decide(&seen(), &without, &given(Some(&record))), Step::Skip(Skipped::AnsweredElsewhere));
	}

	#[test]
	fn a_result_is_sealed_once_its_answer_is_final_or_drawn() {
		let record = Record { content: Some(content()), ..record(NONCE) };
		let answered = Round { answer: ours(), ..round() };
		assert_eq!(decide(&seen(), &answered, &given(Some(&record))), Step::Wait);
		let is_final = Seen { finalised: Some(answered.clone()), ..seen() };
		assert_eq!(decide(&is_final, &answered, &given(Some(&record))), Step::Seal);
		let drawn = Round { drawn: true, ..answered.clone() };
		assert_eq!(decide(&seen(), &drawn, &given(Some(&record))), Step::Seal);
		let other = Seen { finalised: Some(Round { nonce: [8; 32], ..answered.clone() }), ..seen() };
		assert_eq!(decide(&other, &answered, &given(Some(&record))), Step::Wait);
	}

	#[test]
	fn a_signed_result_is_done_when_its_round_is_closed() {
		let signature = Some("0x".into());
		let record = Record { content: Some(content()), sealed: true, signature, ..record(NONCE) };
		let answered = Round { answer: ours(), drawn: true, ..round() };
		assert_eq!(decide(&seen(), &answered, &given(Some(&record))), Step::Wait);
		let closed = Round { closed: true, ..answered };
		assert_eq!(decide(&seen(), &closed, &given(Some(&record))), Step::Done);
	}
}
