//! Challenges: rounds that a buyer asked for, of a resource that delivers to it.
//!
//! A challenge waits in a list until a block opens its round: in each block with fresh randomness it is drawn with a chance of one in
//! `ChallengeSpread`, and opened at the latest when four times as many slots have gone by in which it could have been. So nobody knows
//! the slot before, its block's author excepted, who knows it one block ahead. A resource's challenges are opened one after the other,
//! in the order in which they were asked for, and never in place of a round that is open or can still be disputed. While a resource
//! rests that way, or is in maintenance, which was declared before, slots do not count.
//!
//! Of a class whose rate can be proven the chain decides itself: at its time the challenge is handed to proof of compute, which tells
//! what came of it.
//!
//! Each challenge that was taken up is decided once: when its round comes to its outcome, or when its resource is jailed, leaves or is
//! gone before a round was opened. What is shown of the round afterwards has its price elsewhere and changes no verdict.

use crate::{
	block::{below, derived},
	types::{ParametersOf, RoundOf, WaitingOf},
	Beacon, Config, Disputes, Error, Event, Outcome, Pallet, Parameters, Purpose, Requested, Rounds, Waiting,
	WeightInfo,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::Get, weights::Weight, BoundedVec};
use gcx_primitives::{
	ChallengeRequest, ChallengeVerdict, ComputeResources, Day, DealId, OnTenancyChallenged, ProofChallenge,
	ProofOpening, ResourceId, ResourceState, TenancyChallenge,
};
use sp_runtime::DispatchError;

/// Times the spread after which a challenge is opened that was not drawn.
const PATIENCE: u64 = 4;

/// What a block makes of a challenge.
enum Fate {
	/// It waits: it was not drawn.
	Waits,
	/// Its resource can have no round now. The slot does not count.
	Rests,
	/// Its round is opened.
	Opens,
	/// Its resource does not answer any more.
	Fails,
}

impl<AccountId> Purpose<AccountId> {
	/// Whether it is the challenge of a delivery on a day.
	pub(crate) fn is_of(&self, of_deal: DealId, of_day: Day) -> bool {
		match self {
			Self::Draw => false,
			Self::Challenge { deal, day, .. } => (*deal, *day) == (of_deal, of_day),
		}
	}

	/// Whether somebody is told what came of it.
	pub(crate) const fn is_challenge(&self) -> bool {
		match self {
			Self::Draw => false,
			Self::Challenge { .. } => true,
		}
	}
}

impl<T: Config> TenancyChallenge<T::AccountId> for Pallet<T> {
	type Error = DispatchError;

	fn request(request: ChallengeRequest<T::AccountId>) -> Result<(), DispatchError> {
		let ChallengeRequest { deal, day, resource, tenant } = request.clone();
		ensure!(T::Compute::state(resource).is_some(), Error::<T>::UnknownResource);
		let mut waiting = Requested::<T>::get();
		let waits = waiting.iter().any(|Waiting { request, .. }| (request.deal, request.day) == (deal, day));
		let is_open = T::Proof::is_open(resource, deal, day)
			|| Rounds::<T>::get(resource)
				.is_some_and(|round| round.outcome.is_none() && round.purpose.is_of(deal, day));
		ensure!(!waits && !is_open, Error::<T>::AlreadyChallenged);
		let taken = waiting.try_push(Waiting { request, since: T::Slot::get() });
		taken.map_err(|_| Error::<T>::TooManyChallenges)?;
		Requested::<T>::put(waiting);
		Self::deposit_event(Event::ChallengeRequested { resource, deal, day, tenant });
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Opens the rounds of challenges whose time has come, and decides those whose resources do not answer any more: together no more
	/// than `most`. Says how many, and what that weighed.
	pub(crate) fn open_challenges(
		agenda: &mut BoundedVec<(u64, ResourceId), T::MaxRounds>,
		slot: u64,
		most: u32,
	) -> (u32, Weight) {
		let before = Requested::<T>::get();
		let count = u32::try_from(before.len()).unwrap_or(u32::MAX);
		let mut weight = T::WeightInfo::challenges(count);
		if before.is_empty() {
			return (0, weight);
		}
		let (beacon, parameters) = (Beacon::<T>::get().value, Parameters::<T>::get());
		let (mut after, mut failed, mut done) = (Vec::new(), Vec::new(), 0u32);
		let mut ahead = BTreeSet::new();
		for mut challenge in before.clone() {
			let resource = challenge.request.resource;
			let is_next = ahead.insert(resource);
			let fate = if is_next { Self::fate(&challenge, slot, &beacon, &parameters) } else { Fate::Rests };
			match fate {
				Fate::Opens if done < most && !agenda.is_full() => {
					done = done.saturating_add(1);
					weight = weight.saturating_add(T::Proof::weight());
					match T::Proof::open(&challenge.request) {
						ProofOpening::Opened => (),
						ProofOpening::Busy => after.push(challenge),
						ProofOpening::NotProvable => {
							weight = weight.saturating_add(T::WeightInfo::open());
							match Self::open(resource, slot, &parameters, purpose(&challenge.request)) {
								Some(until) => Self::insert(agenda, (until, resource)),
								None => failed.push(challenge.request),
							}
						},
					}
				},
				Fate::Fails if done < most => {
					done = done.saturating_add(1);
					failed.push(challenge.request);
				},
				Fate::Opens | Fate::Fails | Fate::Waits => after.push(challenge),
				Fate::Rests => {
					challenge.since = slot;
					after.push(challenge);
				},
			}
		}
		if before != after {
			// No more than before.
			Requested::<T>::put(BoundedVec::<_, T::MaxChallenges>::truncate_from(after));
		}
		// Who is told may ask for another.
		for ChallengeRequest { deal, day, resource, .. } in failed {
			weight = weight.saturating_add(T::OnChallenged::weight());
			Self::decide(resource, deal, day, ChallengeVerdict::Failed { challenger: None });
		}
		(done, weight)
	}

	/// What this block makes of a challenge that is its resource's next.
	fn fate(challenge: &WaitingOf<T>, slot: u64, beacon: &[u8; 32], parameters: &ParametersOf<T>) -> Fate {
		let ChallengeRequest { deal, day, resource, .. } = &challenge.request;
		match T::Compute::state(*resource) {
			None | Some(ResourceState::Jailed | ResourceState::Exiting) => return Fate::Fails,
			Some(ResourceState::Maintenance) => return Fate::Rests,
			Some(
				ResourceState::Registered | ResourceState::Warmup | ResourceState::Active | ResourceState::Suspect,
			) => (),
		}
		if Rounds::<T>::get(resource).is_some_and(|round| Self::is_standing(&round, slot, parameters)) {
			return Fate::Rests;
		}
		let spread = T::ChallengeSpread::get();
		let is_overdue = slot.saturating_sub(challenge.since) >= PATIENCE.saturating_mul(spread.into());
		let is_drawn = || below(spread, &derived(beacon, b"challenge", (deal, day))) == Some(0);
		if is_overdue || is_drawn() {
			Fate::Opens
		} else {
			Fate::Waits
		}
	}

	/// Whether a round is open or can still be disputed: no other takes its place.
	pub(crate) fn is_standing(round: &RoundOf<T>, slot: u64, parameters: &ParametersOf<T>) -> bool {
		round.outcome.is_none() || slot < round.since.saturating_add(parameters.dispute_slots)
	}

	/// What the outcome of a challenge's round says about the tenancy.
	pub(crate) fn verdict(resource: ResourceId, devices: u32, outcome: &Outcome) -> ChallengeVerdict<T::AccountId> {
		let failed = ChallengeVerdict::Failed { challenger: None };
		if Disputes::<T>::get(resource).double_signed {
			// Of two results, neither shows anything.
			return failed;
		}
		match outcome {
			Outcome::Attested { solved: Some(solved), .. } => {
				ChallengeVerdict::Passed { per_day: T::Compute::capacity_shown(resource, devices, *solved) }
			},
			Outcome::Refused { .. } | Outcome::Missed => failed,
			// Results of a class without a solve show no capacity.
			Outcome::Attested { solved: None, .. }
			| Outcome::NoQuorum { .. }
			| Outcome::NoPanel { .. }
			| Outcome::StoodStill => ChallengeVerdict::Undecided,
		}
	}

	/// Tells who asked for a challenge what came of it.
	pub(crate) fn decide(resource: ResourceId, deal: DealId, day: Day, verdict: ChallengeVerdict<T::AccountId>) {
		Self::deposit_event(Event::ChallengeDecided { resource, deal, day, verdict: verdict.clone() });
		T::OnChallenged::decided(deal, day, verdict);
	}
}

/// The purpose of a challenge's round.
fn purpose<AccountId: Clone>(request: &ChallengeRequest<AccountId>) -> Purpose<AccountId> {
	let ChallengeRequest { deal, day, tenant, .. } = request.clone();
	Purpose::Challenge { deal, day, tenant }
}
