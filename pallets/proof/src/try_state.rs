//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	Agenda, Challenged, Config, Histories, Members, NextRollCall, Pallet, ProposedTerms, Purpose, RollCall, RollCalls,
	Schedules, Stage, Sums,
};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use frame_support::traits::Get;
use gcx_primitives::RollCallId;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::proof", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("proof: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		for (class, schedule) in Schedules::<T>::iter() {
			let terms = schedule.terms;
			let proposed = ProposedTerms {
				parameters: terms.parameters.into(),
				every: terms.every,
				commit_slots: terms.commit_slots,
				open_slots: terms.open_slots,
				suspect_openings: terms.suspect_openings,
				opened: terms.opened,
			};
			// A class can stop being provable: a new version of its reference system may measure something else.
			if !matches!(proposed.check::<T>(class), Ok(_) | Err(crate::Error::NotProvable)) {
				violations.push(format!("{class:?} cannot be called by {terms:?}"));
			}
		}
		if Schedules::<T>::count() > T::MaxRollCalls::get() {
			violations.push(format!("{} classes are called", Schedules::<T>::count()));
		}
		Self::check_agenda(&mut violations);
		for (id, roll_call) in RollCalls::<T>::iter() {
			Self::check_roll_call(id, &roll_call, &mut violations);
		}
		for (id, resource, _) in Members::<T>::iter() {
			if !RollCalls::<T>::contains_key(id) {
				violations.push(format!("{resource:?} is in {id:?}, which is over"));
			}
		}
		let next = NextRollCall::<T>::get();
		for (resource, history) in Histories::<T>::iter() {
			if history.iter().any(|passage| passage.roll_call >= next) {
				violations.push(format!("{resource:?} passed what was not begun: {history:?}"));
			}
		}
		violations
	}

	/// The agenda has every roll-call once, the oldest first, and of each class one at most; the challenges of it are known by resource.
	fn check_agenda(violations: &mut Vec<String>) {
		let agenda = Agenda::<T>::get().into_inner();
		let going_on: BTreeSet<_> = RollCalls::<T>::iter_keys().collect();
		if !agenda.iter().eq(going_on.iter()) || agenda.iter().any(|id| *id >= NextRollCall::<T>::get()) {
			violations.push(format!("on the agenda are {agenda:?} of {going_on:?}"));
		}
		let over = Sums::<T>::get().roll_calls;
		let begun = u64::try_from(going_on.len()).ok().and_then(|going_on| over.checked_add(going_on));
		if begun != Some(NextRollCall::<T>::get().0.into()) {
			violations.push(format!("{over} roll-calls are over, and {going_on:?} are not: {begun:?} in all"));
		}
		let (mut classes, mut challenges) = (BTreeSet::new(), BTreeSet::new());
		for (id, RollCall { class, purpose, .. }) in RollCalls::<T>::iter() {
			match purpose {
				Purpose::Class if classes.insert(class) => (),
				Purpose::Class => violations.push(format!("{class:?} is called twice, {purpose:?}")),
				Purpose::Challenge { resource, deal, day } if Members::<T>::contains_key(id, resource) => {
					challenges.insert((resource, (deal, day)));
				},
				Purpose::Challenge { .. } => violations.push(format!("{id:?} is of nobody: {purpose:?}")),
			}
		}
		let challenged: BTreeSet<_> = Challenged::<T>::iter().collect();
		if challenged != challenges || u32::try_from(challenged.len()) != Ok(Challenged::<T>::count()) {
			violations.push(format!("challenged are {challenged:?}, by roll-calls {challenges:?}"));
		}
		if Challenged::<T>::count() > T::MaxChallenges::get() {
			violations.push(format!("{} resources are challenged", Challenged::<T>::count()));
		}
	}

	/// A roll-call counts its resources; what is shown was drawn.
	fn check_roll_call(id: RollCallId, roll_call: &RollCall, violations: &mut Vec<String>) {
		let members: Vec<_> = Members::<T>::iter_prefix(id).collect();
		let tally = roll_call.tally;
		let counts = [tally.proven, tally.undrawn, tally.absent, tally.unshown, tally.void];
		let reckoned = counts.into_iter().fold(0u32, u32::saturating_add);
		let left = u32::try_from(members.len()).unwrap_or(u32::MAX);
		if reckoned.checked_add(left) != Some(roll_call.called) {
			violations.push(format!("{id:?} called {} and has {left} left of {tally:?}", roll_call.called));
		}
		let answers = members.iter().filter(|(_, member)| member.answer.is_some()).count();
		let (is_reckoning, is_drawn) = match roll_call.stage {
			Stage::Committing { .. } => (false, false),
			Stage::Opening { .. } => (false, true),
			Stage::Reckoning { randomness } => (true, randomness.is_some()),
		};
		if !is_reckoning && (u32::try_from(answers) != Ok(roll_call.committed) || reckoned > 0) {
			violations.push(format!("{id:?} counts {} commitments of {answers}", roll_call.committed));
		}
		if is_drawn != roll_call.open_until.is_some() {
			violations.push(format!("{id:?} has a deadline for openings and draws none, or none: {roll_call:?}"));
		}
		for (resource, member) in members {
			let Some(answer) = member.answer else { continue };
			let openings = Self::openings_of(roll_call, &member);
			// No bit beyond those that were drawn.
			let beyond = answer.shown.checked_shr(openings).unwrap_or(0);
			if beyond != 0 || (answer.shown != 0 && !is_drawn) {
				violations.push(format!("{resource:?} showed in {id:?} what was not drawn: {answer:?}"));
			}
			if answer.rounds == 0 || answer.rounds > roll_call.terms.parameters.rounds {
				violations.push(format!("{resource:?} did in {id:?} what was not asked for: {answer:?}"));
			}
		}
	}
}
