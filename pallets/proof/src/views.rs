//! What the runtime API answers.

use crate::{
	types::{Answer, RollCall},
	Agenda, Config, Histories, Member, Members, Outcome, Pallet, Passage, Purpose, RollCalls, Stage, Sums, Totals,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use gcx_evidence::hex;
use gcx_primitives::{Beacon, ClassId, ComputeResources, ResourceId, RollCallId};
use gcx_runtime_api::{
	CommitmentView, MembershipView, PassageView, ProofOutcomeView, ProofTotals, ProofView, RollCallPhase, RollCallView,
};

impl<T: Config> Pallet<T> {
	/// The roll-calls that are going on, the oldest first.
	pub fn roll_call_views() -> Vec<RollCallView> {
		let view = |id| RollCalls::<T>::get(id).map(|roll_call| Self::roll_call_view(id, &roll_call));
		Agenda::<T>::get().into_iter().filter_map(view).collect()
	}

	/// What all roll-calls that are over came to.
	pub fn totals_view() -> ProofTotals {
		let Totals { roll_calls, proven, undrawn, absent, unshown, void } = Sums::<T>::get();
		ProofTotals { roll_calls, proven, undrawn, absent, unshown, void }
	}

	/// A resource's part in roll-calls; none if there is no such resource.
	pub fn proof_view(resource: ResourceId) -> Option<ProofView> {
		let subject = T::Compute::subject(resource)?;
		Some(ProofView {
			resource,
			class: subject.class,
			devices: subject.devices,
			exempt: !T::Compute::state(resource).is_some_and(|state| Self::is_called(resource, state)),
			slot: T::Beacon::slot(),
			slot_millis: T::SlotDuration::get(),
			current: Self::roll_calls_of(resource, subject.class)
				.map(|(id, roll_call)| {
					let member = Members::<T>::get(id, resource);
					MembershipView {
						called: member.is_some(),
						committed: member.and_then(|member| Self::commitment_view(id, &roll_call, resource, &member)),
						roll_call: Self::roll_call_view(id, &roll_call),
					}
				})
				.collect(),
			history: Histories::<T>::get(resource).into_iter().map(passage_view).collect(),
		})
	}

	/// The roll-calls of a resource that are going on.
	fn roll_calls_of(resource: ResourceId, class: ClassId) -> impl Iterator<Item = (RollCallId, RollCall)> {
		let with_id = |id| RollCalls::<T>::get(id).map(|roll_call| (id, roll_call));
		Agenda::<T>::get().into_iter().filter_map(with_id).filter(move |(_, roll_call)| match roll_call.purpose {
			Purpose::Class => roll_call.class == class,
			Purpose::Challenge { resource: of, .. } => of == resource,
		})
	}

	fn roll_call_view(id: RollCallId, roll_call: &RollCall) -> RollCallView {
		let (phase, randomness) = match roll_call.stage {
			Stage::Committing { .. } if T::Beacon::slot() > roll_call.commit_until => (RollCallPhase::Drawing, None),
			Stage::Committing { .. } => (RollCallPhase::Committing, None),
			Stage::Opening { randomness } => (RollCallPhase::Opening, Some(randomness)),
			Stage::Reckoning { randomness } => (RollCallPhase::Reckoning, randomness),
		};
		RollCallView {
			roll_call: id,
			class: roll_call.class,
			challenged: match roll_call.purpose {
				Purpose::Class => None,
				Purpose::Challenge { resource, .. } => Some(resource),
			},
			phase,
			parameters: roll_call.terms.parameters.into(),
			nonce: hex::write(&roll_call.nonce),
			seed_slot: roll_call.seed_slot,
			commit_until: roll_call.commit_until,
			randomness: randomness.map(|randomness| hex::write(&randomness)),
			open_until: roll_call.open_until,
			called: roll_call.called,
			committed: roll_call.committed,
		}
	}

	fn commitment_view(
		id: RollCallId,
		roll_call: &RollCall,
		resource: ResourceId,
		member: &Member,
	) -> Option<CommitmentView> {
		let Answer { devices, rounds, commitment, shown } = member.answer?;
		let randomness = match roll_call.stage {
			Stage::Committing { .. } => None,
			Stage::Opening { randomness } => Some(randomness),
			Stage::Reckoning { randomness } => randomness,
		};
		let drawn = randomness.filter(|randomness| Self::is_drawn(id, roll_call, resource, member, randomness));
		Some(CommitmentView {
			devices,
			rounds,
			commitment: hex::write(&commitment),
			drawn: drawn.map(|_| Self::openings_of(roll_call, member)),
			shown: (0..u64::BITS).filter(|index| shown.checked_shr(*index).is_some_and(|rest| rest & 1 == 1)).collect(),
		})
	}
}

fn passage_view(passage: Passage) -> PassageView {
	let outcome = match passage.outcome {
		Outcome::Proven { operations } => ProofOutcomeView::Proven { operations },
		Outcome::Undrawn => ProofOutcomeView::Undrawn,
		Outcome::Absent => ProofOutcomeView::Absent,
		Outcome::Unshown => ProofOutcomeView::Unshown,
	};
	PassageView { roll_call: passage.roll_call, at: passage.at, outcome }
}
