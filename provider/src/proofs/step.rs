//! What to do about a resource's roll-call, decided from what the chain says and what was done: nothing else.

use gcx_evidence::hex;
use gcx_math::proof::Hash;
use gcx_runtime_api::{CommitmentView, MembershipView, ProofView, RollCallPhase};

/// Slots that are left for the commitment to get into a block.
pub const MARGIN_SLOTS: u64 = 2;
/// Slots after which what is not on the chain is sent again.
const SEND_AGAIN_AFTER: u64 = 2;

/// What to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
	/// Nothing now.
	Wait,
	/// Compute for so many slots, and commit.
	Compute {
		/// Slots.
		slots: u64,
	},
	/// Send the commitment.
	Commit,
	/// Compute again what was committed to: this agent has it no more.
	ComputeAgain {
		/// Rounds.
		rounds: u32,
		/// Devices.
		devices: u32,
	},
	/// Show these of so many drawn cells.
	Open {
		/// How many were drawn.
		drawn: u32,
		/// Which of them are not on the chain.
		missing: Vec<u32>,
	},
	/// There is too little time left to compute anything.
	TooLate,
}

/// What was done in this roll-call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Done {
	/// Whether computing was begun.
	pub begun: bool,
	/// What was computed, and can be shown.
	pub commitment: Option<Hash>,
	/// The slot in which the commitment was sent last.
	pub committed: Option<u64>,
	/// The slot in which openings were sent last.
	pub opened: Option<u64>,
}

/// Decides what to do about one of a resource's roll-calls.
pub fn decide(view: &ProofView, current: &MembershipView, done: &Done) -> Step {
	let MembershipView { roll_call, committed, .. } = current;
	let is_due = |sent: Option<u64>| sent.is_none_or(|sent| view.slot >= sent.saturating_add(SEND_AGAIN_AFTER));
	match (roll_call.phase, committed) {
		(RollCallPhase::Committing, None) => match (done.commitment, done.begun) {
			(Some(_), _) if is_due(done.committed) => Step::Commit,
			(Some(_), _) | (None, true) => Step::Wait,
			(None, false) if view.exempt && roll_call.challenged.is_none() => Step::Wait,
			(None, false) => match roll_call.commit_until.saturating_sub(view.slot).checked_sub(MARGIN_SLOTS) {
				None | Some(0) => Step::TooLate,
				Some(slots) => Step::Compute { slots },
			},
		},
		(RollCallPhase::Opening, Some(committed)) => open(committed, done, is_due(done.opened)),
		(RollCallPhase::Committing, Some(_))
		| (RollCallPhase::Opening, None)
		| (RollCallPhase::Drawing | RollCallPhase::Reckoning, _) => Step::Wait,
	}
}

fn open(committed: &CommitmentView, done: &Done, is_due: bool) -> Step {
	let CommitmentView { devices, rounds, commitment, drawn, shown } = committed;
	let Some(drawn) = *drawn else { return Step::Wait };
	let missing: Vec<_> = (0..drawn).filter(|index| !shown.contains(index)).collect();
	if missing.is_empty() {
		return Step::Wait;
	}
	let has_it = done.commitment.is_some_and(|own| hex::write(&own) == *commitment);
	match (has_it, done.begun) {
		(true, _) if is_due => Step::Open { drawn, missing },
		(true, _) => Step::Wait,
		// Something else was computed here than what is on the chain, or nothing yet.
		(false, true) if done.commitment.is_none() => Step::Wait,
		(false, _) => Step::ComputeAgain { rounds: *rounds, devices: *devices },
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_math::proof::RawParameters;
	use gcx_primitives::{ClassId, ResourceId, RollCallId};
	use gcx_runtime_api::RollCallView;

	const ROOT: Hash = [7; 32];

	fn view(phase: RollCallPhase, slot: u64, committed: Option<CommitmentView>) -> ProofView {
		let parameters = RawParameters { rows: 16, columns: 16, depth: 64, tile: 16, patch: 1, rounds: 9, openings: 4 };
		let roll_call = RollCallView {
			roll_call: RollCallId(3),
			class: ClassId(3),
			challenged: None,
			phase,
			parameters,
			nonce: hex::write(&[1; 32]),
			seed_slot: 99,
			commit_until: 110,
			randomness: None,
			open_until: None,
			called: 1,
			committed: 1,
		};
		ProofView {
			resource: ResourceId(1),
			class: ClassId(3),
			devices: 2,
			exempt: false,
			slot,
			slot_millis: 3_000,
			current: vec![MembershipView { roll_call, called: true, committed }],
			history: Vec::new(),
		}
	}

	/// What to do about the only roll-call there is.
	fn decide(view: &ProofView, done: &Done) -> Step {
		super::decide(view, &view.current[0], done)
	}

	fn committed(drawn: Option<u32>, shown: &[u32]) -> Option<CommitmentView> {
		let commitment = hex::write(&ROOT);
		Some(CommitmentView { devices: 2, rounds: 5, commitment, drawn, shown: shown.to_vec() })
	}

	#[test]
	fn it_computes_as_long_as_a_commitment_can_still_get_into_a_block() {
		let step = |slot| decide(&view(RollCallPhase::Committing, slot, None), &Done::default());
		assert_eq!(step(100), Step::Compute { slots: 8 });
		assert_eq!(step(107), Step::Compute { slots: 1 });
		assert_eq!([step(108), step(110)], [Step::TooLate, Step::TooLate]);
		let begun = Done { begun: true, ..Done::default() };
		assert_eq!(decide(&view(RollCallPhase::Committing, 100, None), &begun), Step::Wait);
		let exempt = ProofView { exempt: true, ..view(RollCallPhase::Committing, 100, None) };
		assert_eq!(decide(&exempt, &Done::default()), Step::Wait);
		// A challenge is of who delivers.
		let mut challenged = exempt;
		challenged.current[0].roll_call.challenged = Some(challenged.resource);
		assert_eq!(decide(&challenged, &Done::default()), Step::Compute { slots: 8 });
	}

	#[test]
	fn a_commitment_is_sent_until_it_is_on_the_chain() {
		let done = |committed| Done { begun: true, commitment: Some(ROOT), committed, opened: None };
		let step = |slot, sent| decide(&view(RollCallPhase::Committing, slot, None), &done(sent));
		assert_eq!(step(105, None), Step::Commit);
		assert_eq!([step(106, Some(105)), step(107, Some(105))], [Step::Wait, Step::Commit]);
		let there = view(RollCallPhase::Committing, 107, committed(None, &[]));
		assert_eq!(decide(&there, &done(Some(105))), Step::Wait);
		assert_eq!(decide(&view(RollCallPhase::Drawing, 111, committed(None, &[])), &done(None)), Step::Wait);
	}

	#[test]
	fn what_is_drawn_and_not_there_is_shown() {
		let done = |opened| Done { begun: true, commitment: Some(ROOT), committed: None, opened };
		let step = |drawn, shown: &[u32], sent| {
			decide(&view(RollCallPhase::Opening, 115, committed(drawn, shown)), &done(sent))
		};
		assert_eq!(step(None, &[], None), Step::Wait, "it was not drawn");
		assert_eq!(step(Some(4), &[1, 2], None), Step::Open { drawn: 4, missing: vec![0, 3] });
		assert_eq!(step(Some(4), &[1, 2], Some(114)), Step::Wait);
		assert_eq!(step(Some(4), &[0, 1, 2, 3], None), Step::Wait);
		assert_eq!(decide(&view(RollCallPhase::Opening, 115, None), &done(None)), Step::Wait, "it did not commit");
		assert_eq!(decide(&view(RollCallPhase::Reckoning, 130, committed(Some(4), &[])), &done(None)), Step::Wait);
	}

	#[test]
	fn what_was_committed_to_before_a_restart_is_computed_again() {
		let opening = view(RollCallPhase::Opening, 115, committed(Some(4), &[]));
		let again = Step::ComputeAgain { rounds: 5, devices: 2 };
		assert_eq!(decide(&opening, &Done::default()), again);
		let begun = Done { begun: true, ..Done::default() };
		assert_eq!(decide(&opening, &begun), Step::Wait);
		let other = Done { begun: true, commitment: Some([8; 32]), ..Done::default() };
		assert_eq!(decide(&opening, &other), again, "another agent committed to something else");
	}
}
