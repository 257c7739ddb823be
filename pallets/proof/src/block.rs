//! What happens at the start of every block: in the first one of an epoch classes are called; then every roll-call that is going on takes
//! as many steps as fit, in turn.

use crate::{
	types::{ProposedTerms, Schedule},
	Agenda, Challenged, Config, Error, Event, LastEpoch, Member, Members, NextRollCall, Pallet, Purpose, RollCall,
	RollCalls, Schedules, Stage, Tally, Terms, WeightInfo,
};
use alloc::{collections::VecDeque, vec::Vec};
use codec::Encode;
use frame_support::{
	defensive, ensure,
	pallet_prelude::{DispatchResult, Weight},
	traits::{Get, Randomness},
	weights::WeightMeter,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_math::proof::Hash;
use gcx_primitives::{Beacon, ClassId, ComputeResources, OnTenancyChallenged, ResourceId, ResourceState, RollCallId};
use sp_io::hashing::blake2_256;
use sp_runtime::traits::{UniqueSaturatedInto, Zero};

/// What a step came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
	/// It was taken.
	Taken,
	/// There is none to take now.
	Waits,
	/// The roll-call is over.
	Ends,
}

impl<T: Config> Pallet<T> {
	/// Hash of the chain's first block.
	pub fn genesis() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
			*to = *from;
		}
		bytes
	}

	pub(crate) fn do_set_terms(class: ClassId, terms: ProposedTerms) -> DispatchResult {
		let terms = terms.check::<T>(class)?;
		let has_room = Schedules::<T>::contains_key(class) || Schedules::<T>::count() < T::MaxRollCalls::get();
		ensure!(has_room, Error::<T>::TooManyClasses);
		let due = T::Epoch::get().saturating_add(1);
		Schedules::<T>::insert(class, Schedule { terms, due });
		Self::deposit_event(Event::TermsSet { class, terms, due });
		Ok(())
	}

	/// The hook.
	pub(crate) fn begin_block() -> Weight {
		let epoch = T::Epoch::get();
		let before = LastEpoch::<T>::get();
		let mut weight = T::WeightInfo::begin_block();
		if before != Some(epoch) {
			LastEpoch::<T>::put(epoch);
			// The chain's first epoch has none before it whose randomness nobody knew.
			if before.is_some() {
				weight = weight.saturating_add(Self::call_classes(epoch));
			}
		}
		weight.saturating_add(Self::advance_within(T::BlockWeight::get()))
	}

	/// Calls the classes that are due, but for those that are being called.
	fn call_classes(epoch: u64) -> Weight {
		let going_on = Agenda::<T>::get().into_iter().filter_map(RollCalls::<T>::get);
		let called: Vec<_> =
			going_on.filter(|roll_call| roll_call.purpose == Purpose::Class).map(|roll_call| roll_call.class).collect();
		let mut schedules: Vec<_> = Schedules::<T>::iter().collect();
		// In an order that does not depend on how they are stored.
		schedules.sort_unstable_by_key(|(class, _)| *class);
		let due = schedules.into_iter().filter(|(class, schedule)| schedule.due <= epoch && !called.contains(class));
		let mut weight = Weight::zero();
		// Terms of some classes can be removed while those are called, and others be set: these wait for the next epoch.
		let room = usize::try_from(T::MaxRollCalls::get()).unwrap_or(usize::MAX).saturating_sub(called.len());
		for (class, schedule) in due.take(room) {
			Self::call(class, schedule, epoch);
			weight = weight.saturating_add(T::WeightInfo::call_class());
		}
		weight
	}

	/// Calls a class.
	pub(crate) fn call(class: ClassId, schedule: Schedule, epoch: u64) {
		let Schedule { terms, .. } = schedule;
		let id = NextRollCall::<T>::get();
		let due = epoch.saturating_add(terms.every.into());
		Schedules::<T>::insert(class, Schedule { terms, due });
		let (random, _) = T::Randomness::random(&(b"gcx/roll-call/1", class, id).encode());
		let nonce = blake2_256(&(b"gcx/roll-call/1", Self::genesis(), class, id, random).encode());
		Self::begin(id, class, Purpose::Class, terms, nonce);
	}

	/// Begins a roll-call. There is room for it.
	pub(crate) fn begin(id: RollCallId, class: ClassId, purpose: Purpose, terms: Terms, nonce: Hash) {
		let (slot, seed_slot) = (T::Beacon::slot(), T::Beacon::newest());
		let commit_until = slot.saturating_add(terms.commit_slots.into());
		let seats = match purpose {
			Purpose::Class => T::Compute::drawable(),
			Purpose::Challenge { .. } => 0,
		};
		let mut roll_call = RollCall {
			class,
			purpose,
			terms,
			nonce,
			seed_slot,
			began: slot,
			stage: Stage::Committing { seats },
			since: slot,
			commit_until,
			open_until: None,
			called: 0,
			committed: 0,
			tally: Tally::default(),
		};
		if Agenda::<T>::try_append(id).is_err() {
			defensive!("who begins a roll-call looks for room");
			return;
		}
		NextRollCall::<T>::put(id.next());
		if let Purpose::Challenge { resource, deal, day } = purpose {
			Challenged::<T>::insert(resource, (deal, day));
			// It is doubted, whatever its state: it is drawn, and more of it.
			Self::enter(id, &mut roll_call, resource, ResourceState::Suspect);
		}
		RollCalls::<T>::insert(id, roll_call);
		Self::deposit_event(Event::Called { roll_call: id, class, purpose, nonce, seed_slot, commit_until });
	}

	/// Takes steps of roll-calls in turn, as long as they fit. Returns what they weigh.
	fn advance_within(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		let mut queue = VecDeque::from(Agenda::<T>::get().into_inner());
		let turn: u32 = (frame_system::Pallet::<T>::block_number() % u32::MAX.into()).unique_saturated_into();
		let first = usize::try_from(turn).unwrap_or(0).checked_rem(queue.len()).unwrap_or(0);
		queue.rotate_left(first);
		while let Some(id) = queue.pop_front() {
			let Some(roll_call) = RollCalls::<T>::get(id) else {
				defensive!("what is on the agenda is there");
				continue;
			};
			if meter.try_consume(Self::step_weight(&roll_call.stage)).is_err() {
				break;
			}
			match Self::step(id, roll_call) {
				Step::Taken => queue.push_back(id),
				Step::Waits => (),
				Step::Ends => Agenda::<T>::mutate(|agenda| agenda.retain(|other| *other != id)),
			}
		}
		meter.consumed()
	}

	/// The most that a step in this stage weighs.
	fn step_weight(stage: &Stage) -> Weight {
		match stage {
			Stage::Committing { seats: 0 } | Stage::Opening { .. } => T::WeightInfo::turn(),
			Stage::Committing { .. } => T::WeightInfo::look_up(),
			Stage::Reckoning { .. } => Self::reckon_weight(),
		}
	}

	/// The most that reckoning a resource weighs, with what others do then.
	fn reckon_weight() -> Weight {
		T::WeightInfo::reckon().saturating_add(T::ReckonedWeight::get()).saturating_add(T::OnChallenged::weight())
	}

	/// A roll-call's next step.
	pub(crate) fn step(id: RollCallId, mut roll_call: RollCall) -> Step {
		let step = match roll_call.stage {
			Stage::Committing { seats } => match seats.checked_sub(1) {
				Some(seat) => Self::look_up(id, &mut roll_call, seat),
				None => Self::end_committing(id, &mut roll_call),
			},
			Stage::Opening { randomness } => Self::end_opening(id, &mut roll_call, randomness),
			Stage::Reckoning { randomness } => Self::reckon_next(id, &mut roll_call, randomness),
		};
		match step {
			Step::Taken => RollCalls::<T>::insert(id, roll_call),
			Step::Waits => (),
			Step::Ends => RollCalls::<T>::remove(id),
		}
		step
	}

	/// Writes down the resource of a seat if it is called.
	///
	/// Seats are looked at from the last one down: when a resource leaves, that of the last seat moves to a lower one, never the other way, so that nobody is
	/// passed over. Who came after the roll-call began has a seat above, and is not called.
	pub(crate) fn look_up(id: RollCallId, roll_call: &mut RollCall, seat: u32) -> Step {
		roll_call.stage = Stage::Committing { seats: seat };
		let Some(resource) = T::Compute::drawable_at(seat) else { return Step::Taken };
		let is_of_class = T::Compute::subject(resource).is_some_and(|subject| subject.class == roll_call.class);
		if !is_of_class || Members::<T>::contains_key(id, resource) {
			return Step::Taken;
		}
		let Some(state) = T::Compute::state(resource) else { return Step::Taken };
		if Self::is_called(resource, state) {
			Self::enter(id, roll_call, resource, state);
		}
		Step::Taken
	}

	/// Whether a resource in this state is called: what one delivers is the evidence, and who doubts it challenges it.
	pub(crate) fn is_called(resource: ResourceId, state: ResourceState) -> bool {
		state.allows_draws() && !T::Compute::is_delivering(resource)
	}

	/// A resource is in a roll-call from now on.
	pub(crate) fn enter(
		id: RollCallId,
		roll_call: &mut RollCall,
		resource: ResourceId,
		state: ResourceState,
	) -> Member {
		let member = Member { suspect: state == ResourceState::Suspect, answer: None };
		Members::<T>::insert(id, resource, member);
		roll_call.called = roll_call.called.saturating_add(1);
		member
	}

	/// The window for commitments is over: cells are drawn from randomness that nobody knew while it was open.
	fn end_committing(id: RollCallId, roll_call: &mut RollCall) -> Step {
		let (slot, newest) = (T::Beacon::slot(), T::Beacon::newest());
		if newest <= roll_call.commit_until {
			return Step::Waits;
		}
		let stage = if T::Beacon::stood_still(roll_call.began, roll_call.commit_until) {
			// Who had the nonce while the chain stood still had time that nobody counted.
			Self::deposit_event(Event::Voided { roll_call: id });
			Stage::Reckoning { randomness: None }
		} else {
			let randomness = blake2_256(&(b"gcx/proof/draw/1", T::Beacon::value(), Self::genesis(), id).encode());
			let open_until = slot.saturating_add(roll_call.terms.open_slots.into());
			roll_call.open_until = Some(open_until);
			let RollCall { called, committed, .. } = *roll_call;
			Self::deposit_event(Event::Drawn { roll_call: id, randomness, called, committed, open_until });
			Stage::Opening { randomness }
		};
		(roll_call.stage, roll_call.since) = (stage, slot);
		Step::Taken
	}

	/// The window for openings is over: outcomes are reckoned, or it begins again if the chain stood still in it.
	fn end_opening(id: RollCallId, roll_call: &mut RollCall, randomness: Hash) -> Step {
		let slot = T::Beacon::slot();
		let open_until = roll_call.open_until.unwrap_or(0);
		if slot <= open_until {
			return Step::Waits;
		}
		if T::Beacon::stood_still(roll_call.since, open_until) {
			let open_until = slot.saturating_add(roll_call.terms.open_slots.into());
			roll_call.open_until = Some(open_until);
			Self::deposit_event(Event::Extended { roll_call: id, open_until });
		} else {
			roll_call.stage = Stage::Reckoning { randomness: Some(randomness) };
		}
		roll_call.since = slot;
		Step::Taken
	}

	/// What has to hold of the runtime's constants.
	pub(crate) fn check_constants() {
		let heaviest = T::WeightInfo::look_up().max(T::WeightInfo::turn()).max(Self::reckon_weight());
		assert!(T::BlockWeight::get().all_gte(heaviest), "no roll-call would ever end");
		assert!(T::MaxRollCalls::get() > 0 && T::EpochSlots::get() > 0 && T::SlotDuration::get() > 0);
	}

	/// The most that the hook weighs.
	pub fn heaviest_block() -> Weight {
		T::WeightInfo::begin_block()
			.saturating_add(T::WeightInfo::call_class().saturating_mul(T::MaxRollCalls::get().into()))
			.saturating_add(T::BlockWeight::get())
	}
}
