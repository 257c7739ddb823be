//! The end of a round: who was silent is slashed, the panel's findings are tallied, the fee is paid out, the resource's
//! keeper is told, and so is who asked for the round, if somebody did.

use crate::{
	tally::{tally, Ballot, Relation, Rules, Verdict},
	types::{AttestorOf, BalanceOf, CreditOf, ParametersOf, RoundOf},
	Attestors, Config, Event, Finding, HoldReason, LastRuns, Members, Offence, Outcome, Pallet, Parameters, Purpose,
	Stage,
};
use alloc::vec::Vec;
use frame_support::{
	defensive,
	traits::{
		fungible::hold::{Balanced, Mutate},
		tokens::{Fortitude, Precision, Restriction},
		Get, OnUnbalanced, Time,
	},
};
use gcx_math::rate::solve_rate;
use gcx_primitives::{Attestation, ComputeResources, OnPerformance, ResourceId};
use sp_runtime::traits::{CheckedDiv, Zero};

/// A member of a panel that revealed a finding that counts or may count.
struct Voter<T: Config> {
	account: T::AccountId,
	attestor: AttestorOf<T>,
	finding: Finding,
}

impl<T: Config> Pallet<T> {
	/// Closes a round whose findings are in.
	pub(crate) fn close(resource: ResourceId, round: RoundOf<T>) {
		let parameters = Parameters::<T>::get();
		let voters = Self::relieve(resource, &round, &parameters);
		let ballots: Vec<_> = voters
			.iter()
			.map(|voter| Ballot {
				owner: &voter.attestor.owner,
				weight: voter.attestor.standing,
				finding: &voter.finding,
			})
			.collect();
		let rules = Rules {
			attestors: parameters.quorum_attestors,
			owners: parameters.quorum_owners,
			deviations: parameters.deviations,
			tolerance: parameters.tolerance,
		};
		let (verdict, relations) = tally(&ballots, rules);
		let count = |wanted: Relation| {
			let number = relations.iter().filter(|relation| **relation == wanted).count();
			u32::try_from(number).unwrap_or(u32::MAX)
		};
		let (agreed, outliers) = (count(Relation::Agrees), count(Relation::Deviates));
		let outcome = match verdict {
			Verdict::Attested(report) => Outcome::Attested {
				run: report.run,
				evidence: report.evidence,
				solved: Self::solved(&round),
				declared: report.declared,
				milliwatts: report.milliwatts,
				agreed,
				outliers,
			},
			Verdict::Refused(reason) => Outcome::Refused { reason, agreed, outliers },
			Verdict::NoQuorum { counted, owners } => Outcome::NoQuorum { counted, owners },
		};
		let paid = Self::reward(resource, &round, voters, &relations, &parameters);
		Self::finish(resource, round, outcome, paid);
	}

	/// Closes a round that was not examined. If that is not the provider's doing, its fee is given back.
	pub(crate) fn conclude(resource: ResourceId, round: RoundOf<T>, outcome: Outcome) {
		let fee = Self::fee(&round);
		let released = T::NativeBalance::release(&HoldReason::RoundFee.into(), &round.provider, fee, Precision::Exact);
		if released.is_err() {
			defensive!("the fee of an open round is held");
		}
		Self::finish(resource, round, outcome, Zero::zero());
	}

	/// Relieves the panel of its duty and slashes who committed and did not reveal. Who revealed, and still counts.
	fn relieve(resource: ResourceId, round: &RoundOf<T>, parameters: &ParametersOf<T>) -> Vec<Voter<T>> {
		let mut voters = Vec::new();
		for account in round.panel() {
			let Some(mut attestor) = Attestors::<T>::get(account) else {
				defensive!("who is on duty is an attestor");
				continue;
			};
			attestor.duties = attestor.duties.saturating_sub(1);
			let member = Members::<T>::get(resource, account);
			let record = &mut attestor.record;
			match (&member.commitment, &member.finding) {
				(None, _) => record.missed = record.missed.saturating_add(1),
				(Some(_), None) => record.silent = record.silent.saturating_add(1),
				(Some(_), Some(_)) => (),
			}
			Attestors::<T>::insert(account, &attestor);
			match member.finding {
				None if member.commitment.is_some() => {
					Self::slash(account, parameters.silence_penalty, Offence::Silence, None);
				},
				None => (),
				Some(finding) if !member.equivocated && Self::counts(&attestor, parameters) => {
					voters.push(Voter { account: account.clone(), attestor, finding });
				},
				Some(_) => Self::note(account, attestor, Relation::Undecided, parameters),
			}
		}
		voters
	}

	/// Writes down what an attestor's finding was worth.
	fn note(account: &T::AccountId, mut attestor: AttestorOf<T>, relation: Relation, parameters: &ParametersOf<T>) {
		let record = &mut attestor.record;
		match relation {
			Relation::Agrees => {
				record.agreed = record.agreed.saturating_add(1);
				attestor.standing = Self::raised(attestor.standing, parameters);
			},
			Relation::Deviates => {
				record.outlier = record.outlier.saturating_add(1);
				attestor.standing = Self::lowered(attestor.standing, parameters);
			},
			Relation::Undecided => record.undecided = record.undecided.saturating_add(1),
		}
		Attestors::<T>::insert(account, attestor);
	}

	/// Pays the owners of who agreed an equal share of the fee each, rounded down, and says how much that was. The rest is for
	/// nobody.
	fn reward(
		resource: ResourceId,
		round: &RoundOf<T>,
		voters: Vec<Voter<T>>,
		relations: &[Relation],
		parameters: &ParametersOf<T>,
	) -> BalanceOf<T> {
		let (fee, id) = (Self::fee(round), round.id);
		let members = u32::try_from(round.panel().len()).unwrap_or(u32::MAX);
		let share = fee.checked_div(&members.into()).unwrap_or_default();
		let mut left = fee;
		for (Voter { account, attestor, .. }, relation) in voters.into_iter().zip(relations) {
			let owner = attestor.owner.clone();
			Self::note(&account, attestor, *relation, parameters);
			match relation {
				Relation::Agrees => {
					let paid = Self::pay(&round.provider, &owner, share);
					T::Performance::attested(&owner);
					// Not more than there are shares.
					left -= paid;
					Self::deposit_event(Event::Agreed { resource, round: id, attestor: account, paid });
				},
				Relation::Deviates => Self::deposit_event(Event::Outlier { resource, round: id, attestor: account }),
				Relation::Undecided => (),
			}
		}
		let (unpaid, missing): (CreditOf<T>, _) =
			T::NativeBalance::slash(&HoldReason::RoundFee.into(), &round.provider, left);
		frame_support::defensive_assert!(missing.is_zero(), "the fee of an open round is held");
		T::OnUnpaid::on_unbalanced(unpaid);
		fee - left
	}

	/// Pays from a provider's fee. What was paid: nothing, if the owner's account cannot take it.
	fn pay(provider: &T::AccountId, owner: &T::AccountId, share: BalanceOf<T>) -> BalanceOf<T> {
		let (exact, free, force) = (Precision::Exact, Restriction::Free, Fortitude::Force);
		T::NativeBalance::transfer_on_hold(&HoldReason::RoundFee.into(), provider, owner, share, exact, free, force)
			.unwrap_or_default()
	}

	/// Double-precision operations per second and device of the solve that a provider committed to, at most.
	fn solved(round: &RoundOf<T>) -> Option<u64> {
		let answer = round.answer.as_ref()?;
		let slots = answer.slot.saturating_sub(round.seed_slot).max(1);
		let rate = solve_rate(answer.solve?.order, slots, T::SlotDuration::get());
		if rate.is_err() {
			defensive!("the rate of an order that is examined fits");
		}
		rate.ok()
	}

	/// Writes a round's outcome down and tells who keeps the resource, then who asked for the round.
	fn finish(resource: ResourceId, mut round: RoundOf<T>, outcome: Outcome, paid: BalanceOf<T>) {
		let (id, devices, fee, purpose) = (round.id, round.devices, Self::fee(&round), round.purpose.clone());
		let unpaid = match outcome {
			Outcome::Attested { .. } | Outcome::Refused { .. } | Outcome::NoQuorum { .. } => fee - paid,
			Outcome::Missed | Outcome::NoPanel { .. } | Outcome::StoodStill => Zero::zero(),
		};
		round.stage = Stage::Closed;
		round.since = T::Slot::get();
		round.outcome = Some(outcome.clone());
		crate::Rounds::<T>::insert(resource, round);
		Self::deposit_event(Event::Closed { resource, round: id, outcome: outcome.clone(), fee, paid, unpaid });
		match outcome.clone() {
			Outcome::Attested { run, evidence, solved, declared, milliwatts, .. } => {
				LastRuns::<T>::insert(resource, run);
				let at = T::Clock::now();
				let attestation = Attestation { round: id, at, devices, run, evidence, solved, declared, milliwatts };
				T::Compute::attested(resource, attestation);
			},
			Outcome::Refused { .. } => T::Compute::refused(resource),
			Outcome::NoQuorum { .. } | Outcome::NoPanel { .. } => T::Compute::unattested(resource),
			Outcome::Missed => T::Compute::missed(resource),
			Outcome::StoodStill => (),
		}
		match purpose {
			Purpose::Draw => (),
			Purpose::Challenge { deal, day, .. } => {
				Self::decide(resource, deal, day, Self::verdict(resource, devices, &outcome));
			},
		}
	}
}
