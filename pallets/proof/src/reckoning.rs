//! Reckoning: what a roll-call comes to for each resource that was in it.

use crate::{
	block::Step,
	types::{Answer, Outcome, Passage},
	Config, Event, Histories, Member, Members, Pallet, Purpose, RollCall, Sums,
};
use frame_support::traits::{Get, Time};
use gcx_math::proof::Hash;
use gcx_primitives::{ComputeResources, ProvableResources, ProvenCompute, ProviderOffence, ResourceId, RollCallId};

/// Milliseconds in a second.
const SECOND: u128 = 1_000;

impl<T: Config> Pallet<T> {
	/// Reckons the next resource. A roll-call ends when none is left; one that is a challenge, with its only one.
	pub(crate) fn reckon_next(id: RollCallId, roll_call: &mut RollCall, randomness: Option<Hash>) -> Step {
		let next = Members::<T>::iter_prefix(id).next();
		if let Some((resource, member)) = next {
			Members::<T>::remove(id, resource);
			Self::reckon(id, roll_call, randomness, resource, member);
			if roll_call.purpose == Purpose::Class {
				return Step::Taken;
			}
		}
		let RollCall { class, tally, .. } = *roll_call;
		Sums::<T>::mutate(|totals| *totals = totals.with(tally));
		Self::deposit_event(Event::Closed { roll_call: id, class, tally });
		Step::Ends
	}

	fn reckon(
		id: RollCallId,
		roll_call: &mut RollCall,
		randomness: Option<Hash>,
		resource: ResourceId,
		member: Member,
	) {
		let Some(randomness) = randomness else {
			roll_call.tally.void = roll_call.tally.void.saturating_add(1);
			return Self::tell(roll_call, None, None);
		};
		let outcome = Self::outcome(id, roll_call, resource, &member, &randomness);
		let tally = &mut roll_call.tally;
		let count = match outcome {
			Outcome::Proven { .. } => &mut tally.proven,
			Outcome::Undrawn => &mut tally.undrawn,
			Outcome::Absent => &mut tally.absent,
			Outcome::Unshown => &mut tally.unshown,
		};
		*count = count.saturating_add(1);
		Self::remember(id, resource, outcome);
		Self::deposit_event(Event::Reckoned { roll_call: id, resource, outcome });
		match (outcome, member.answer) {
			(Outcome::Proven { operations }, Some(Answer { devices, commitment, .. })) => {
				let at = T::Clock::now();
				let nonce = roll_call.nonce;
				let proof = ProvenCompute { roll_call: id, at, devices, operations, nonce, commitment };
				T::Compute::proven(resource, proof);
			},
			(Outcome::Absent, _) => T::Compute::absent(resource),
			(Outcome::Unshown, _) => T::Compute::offended(resource, ProviderOffence::UnshownProof, None),
			(Outcome::Proven { .. } | Outcome::Undrawn, _) => (),
		}
		Self::tell(roll_call, Some(outcome), member.answer);
	}

	fn outcome(
		id: RollCallId,
		roll_call: &RollCall,
		resource: ResourceId,
		member: &Member,
		randomness: &Hash,
	) -> Outcome {
		let Some(answer) = member.answer else { return Outcome::Absent };
		if !Self::is_drawn(id, roll_call, resource, member, randomness) {
			return Outcome::Undrawn;
		}
		match Self::operations(id, roll_call, resource, &answer) {
			Some(operations) if Self::left(roll_call, member, &answer) == 0 => Outcome::Proven { operations },
			Some(_) | None => Outcome::Unshown,
		}
	}

	/// Operations per second of each device, rounded down: those of the rounds that it did, by the whole window, the slot of the nonce and the last one
	/// included. Whoever committed early did no more in it: one device that serves two resources, one after the other, has done its work once.
	pub(crate) fn operations(
		id: RollCallId,
		roll_call: &RollCall,
		resource: ResourceId,
		answer: &Answer,
	) -> Option<u64> {
		let operations = u128::from(Self::fleet(id, roll_call, resource, answer).ok()?.operations());
		let slots = roll_call.commit_until.checked_sub(roll_call.seed_slot)?.checked_add(1)?;
		let time = u128::from(slots).checked_mul(T::SlotDuration::get().into())?;
		u64::try_from(operations.checked_mul(SECOND)?.checked_div(time)?).ok()
	}

	/// Adds to a resource's history, in place of the oldest entry if it is full. A resource that is gone has none.
	fn remember(id: RollCallId, resource: ResourceId, outcome: Outcome) {
		if T::Compute::state(resource).is_none() {
			return;
		}
		let passage = Passage { roll_call: id, at: T::Clock::now(), outcome };
		Histories::<T>::mutate(resource, |history| {
			if history.is_full() {
				history.remove(0);
			}
			history.force_push(passage);
		});
	}
}
