//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::{BalanceOf, RoundOf},
	Agenda, Attestors, Config, Disputes, HoldReason, LastRuns, Members, Outcome, Owners, Pallet, Parameters,
	PendingParameters, Purpose, Requested, Rounds, Stage, MIN_STANDING,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use frame_support::traits::{fungible::InspectHold, Get};
use gcx_primitives::{ChallengeRequest, Ppm, ResourceId};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::attestation", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("attestation: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		let pending = PendingParameters::<T>::get().map(|(_, parameters)| parameters);
		for parameters in [Some(Parameters::<T>::get()), pending].into_iter().flatten() {
			if !parameters.is_valid::<T>() {
				violations.push(format!("parameters contradict each other: {parameters:?}"));
			}
		}
		Self::check_money_is_held(&mut violations);
		Self::check_attestors(&mut violations);
		Self::check_agenda(&mut violations);
		for (resource, round) in Rounds::<T>::iter() {
			Self::check_round(resource, &round, &mut violations);
			Self::check_panel(resource, &round, &mut violations);
		}
		Self::check_challenges(&mut violations);
		Self::check_nothing_is_left_over(&mut violations);
		violations
	}

	/// What is held of an account is what its attestors are bonded with, and the fees of its open rounds.
	fn check_money_is_held(violations: &mut Vec<String>) {
		let mut bonds: BTreeMap<T::AccountId, BalanceOf<T>> =
			Owners::<T>::iter_keys().map(|owner| (owner, Zero::zero())).collect();
		for attestor in Attestors::<T>::iter_values() {
			let sum = bonds.entry(attestor.owner).or_default();
			*sum = sum.checked_add(&attestor.bond).unwrap_or(*sum);
		}
		let mut fees = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for round in Rounds::<T>::iter_values() {
			let sum = fees.entry(round.provider.clone()).or_default();
			*sum = sum.checked_add(&Self::fee(&round)).unwrap_or(*sum);
		}
		for (reason, owed) in [(HoldReason::AttestorBond, bonds), (HoldReason::RoundFee, fees)] {
			for (who, due) in owed {
				let held = T::NativeBalance::balance_on_hold(&reason.into(), &who);
				if held != due {
					violations.push(format!("{who:?} has {held:?} held for {reason:?} of {due:?}"));
				}
			}
		}
	}

	/// An attestor has a standing, a place, an owner that is admitted unless it is leaving, and as many duties as there are open
	/// rounds whose panel it is on.
	fn check_attestors(violations: &mut Vec<String>) {
		if Attestors::<T>::count() > T::MaxAttestors::get() {
			violations.push(format!("there are {} attestors", Attestors::<T>::count()));
		}
		let mut of_owner = BTreeMap::<T::AccountId, u32>::new();
		let mut duties = BTreeMap::<T::AccountId, u32>::new();
		for round in Rounds::<T>::iter_values().filter(|round| round.outcome.is_none()) {
			for account in round.panel() {
				*duties.entry(account.clone()).or_default() += 1;
			}
		}
		for (account, attestor) in Attestors::<T>::iter() {
			*of_owner.entry(attestor.owner.clone()).or_default() += 1;
			if !(MIN_STANDING..=Ppm::ONE).contains(&attestor.standing) {
				violations.push(format!("{account:?} has a standing that is none: {attestor:?}"));
			}
			if attestor.leaving.is_none() && !Owners::<T>::contains_key(&attestor.owner) {
				violations.push(format!("{account:?} stays with an owner that is not admitted: {attestor:?}"));
			}
			if duties.remove(&account).unwrap_or(0) != attestor.duties {
				violations.push(format!("{account:?} is not on as many panels as its duties: {attestor:?}"));
			}
		}
		if !duties.is_empty() {
			violations.push(format!("who is no attestor is on the panel of an open round: {duties:?}"));
		}
		if of_owner.values().any(|count| *count > T::MaxAttestorsPerOwner::get()) {
			violations.push(format!("an owner has too many attestors: {of_owner:?}"));
		}
	}

	/// The agenda is in order and has every open round once, with the deadline that it has.
	fn check_agenda(violations: &mut Vec<String>) {
		let agenda = Agenda::<T>::get();
		if agenda.windows(2).any(|pair| matches!(pair, [earlier, later] if earlier >= later)) {
			violations.push(format!("the agenda is not in order: {agenda:?}"));
		}
		let due = |(resource, round): (ResourceId, RoundOf<T>)| round.due().map(|due| (due, resource));
		let open: BTreeSet<_> = Rounds::<T>::iter().filter_map(due).collect();
		if open != agenda.iter().copied().collect() || open.len() != agenda.len() {
			violations.push(format!("the agenda has others than the open rounds: {agenda:?}, {open:?}"));
		}
	}

	/// A round is as far as its stage says.
	fn check_round(resource: ResourceId, round: &RoundOf<T>, violations: &mut Vec<String>) {
		let slot = T::Slot::get();
		let Some(outcome) = &round.outcome else {
			let fits = match round.stage {
				Stage::Answer => round.draw.is_none(),
				Stage::Commit | Stage::Reveal => round.answer.is_some() && round.draw.is_some(),
				Stage::Closed => false,
			};
			if !fits {
				violations.push(format!("the round of {resource:?} is not at its stage: {round:?}"));
			}
			if round.opened_slot > slot
				|| round.seed_slot >= round.opened_slot
				|| round.since > slot
				|| round.since < round.opened_slot
			{
				violations.push(format!("the round of {resource:?} is of a time to come: {round:?}"));
			}
			return;
		};
		let fits = match outcome {
			Outcome::Attested { .. } | Outcome::Refused { .. } | Outcome::NoQuorum { .. } => round.draw.is_some(),
			Outcome::Missed | Outcome::StoodStill => round.answer.is_none(),
			Outcome::NoPanel { .. } => round.answer.is_some() && round.draw.is_none(),
		};
		if !fits || round.stage != Stage::Closed {
			violations.push(format!("the outcome of {resource:?} is not one of its round: {round:?}"));
		}
		let last = LastRuns::<T>::get(resource);
		if matches!(outcome, Outcome::Attested { run, .. } if last != Some(*run)) {
			violations.push(format!("the last run of {resource:?} is not that of its round: {last:?}"));
		}
		if round.answer.as_ref().is_some_and(|answer| answer.solve.is_some() != round.solves) {
			violations.push(format!("the answer of {resource:?} is not what its class asks for: {round:?}"));
		}
	}

	/// A panel has each member once; findings follow commitments and are such as can be had.
	fn check_panel(resource: ResourceId, round: &RoundOf<T>, violations: &mut Vec<String>) {
		let panel: BTreeSet<_> = round.panel().iter().cloned().collect();
		if panel.len() != round.panel().len() {
			violations.push(format!("the panel of {resource:?} has a member twice: {round:?}"));
		}
		for (account, member) in Members::<T>::iter_prefix(resource) {
			if !panel.contains(&account) {
				violations.push(format!("{account:?} examines {resource:?} and is not on its panel: {member:?}"));
			}
			let reveals = member.finding.is_some();
			let is_finding = member.finding.as_ref().is_none_or(crate::Finding::is_valid);
			let may_reveal = matches!(round.stage, Stage::Reveal | Stage::Closed);
			if !is_finding || reveals && (member.commitment.is_none() || !may_reveal) {
				violations.push(format!("{account:?} revealed of {resource:?} what it cannot have: {member:?}"));
			}
		}
	}

	/// A challenge waits or its round is open, once. None waits since a time to come.
	fn check_challenges(violations: &mut Vec<String>) {
		let slot = T::Slot::get();
		let mut undecided = BTreeSet::new();
		for challenge in Requested::<T>::get() {
			let ChallengeRequest { deal, day, .. } = challenge.request;
			if !undecided.insert((deal, day)) || challenge.since > slot {
				violations.push(format!("a challenge waits that cannot: {challenge:?}"));
			}
		}
		for round in Rounds::<T>::iter_values().filter(|round| round.outcome.is_none()) {
			match round.purpose {
				Purpose::Challenge { deal, day, .. } if !undecided.insert((deal, day)) => {
					violations
						.push(format!("there is another challenge of {deal:?} for {day:?} than that of its round"));
				},
				Purpose::Challenge { .. } | Purpose::Draw => (),
			}
		}
	}

	/// What belongs to a round is there only with it.
	fn check_nothing_is_left_over(violations: &mut Vec<String>) {
		let without_round: BTreeSet<_> = Members::<T>::iter_keys()
			.map(|(resource, _)| resource)
			.chain(Disputes::<T>::iter_keys())
			.chain(LastRuns::<T>::iter_keys())
			.filter(|resource| !Rounds::<T>::contains_key(resource))
			.collect();
		if !without_round.is_empty() {
			violations.push(format!("there is no round of {without_round:?}"));
		}
	}
}
