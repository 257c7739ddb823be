//! A resource's round, from its opening to the window in which findings are revealed.
//!
//! One function alone brings a round on: `step`. The hook calls it with rounds that are due, and so does anyone's `advance`.

use crate::{
	block::{below, derived, Step},
	types::{AttestorOf, BalanceOf, ParametersOf, RoundOf},
	Answer, Attestor, Attestors, Beacon, Config, Disputes, Draw, Error, Event, HoldReason, Members, Outcome, Pallet,
	Parameters, Purpose, Round, Rounds, SolveCommitment, Stage, WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	defensive,
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::{fungible::hold::Mutate, Get, Time},
	weights::Weight,
	BoundedVec,
};
use gcx_evidence::solve;
use gcx_primitives::{Beacon as _, ComputeResources, OnTenancyChallenged, ResourceId, ResourceState, RoundId};

/// A call that succeeded is free: it is bonded or paid for otherwise, and possible once a round.
pub(crate) const FREE: PostDispatchInfo = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };

impl<T: Config> Pallet<T> {
	/// The resource that a draw of this block hits; none if it may have no round now.
	pub(crate) fn drawn_resource(draw: u32, slot: u64, parameters: &ParametersOf<T>) -> Option<ResourceId> {
		let beacon = Beacon::<T>::get().value;
		let index = below(T::Compute::drawable(), &derived(&beacon, b"resource", draw))?;
		let resource = T::Compute::drawable_at(index)?;
		let may_be_drawn = T::Compute::state(resource).is_some_and(ResourceState::allows_draws);
		let rests = Rounds::<T>::get(resource).is_some_and(|round| {
			let next = round.opened_slot.saturating_add(parameters.min_interval_slots);
			slot < next || Self::is_standing(&round, slot, parameters)
		});
		// What it delivers is the evidence, and who doubts it challenges it.
		let is_delivering = T::Compute::is_delivering(resource);
		// Without attestors there is nothing to pay for.
		let can_be_examined = Attestors::<T>::count() >= parameters.quorum_attestors;
		(may_be_drawn && !rests && !is_delivering && can_be_examined).then_some(resource)
	}

	/// Opens the next round of a resource, in place of its last. The slot up to which it waits for an answer; none if the
	/// resource is unknown.
	///
	/// The nonce of a challenge follows from the tenancy too: no work for another is the work for this one.
	pub(crate) fn open(
		resource: ResourceId,
		slot: u64,
		parameters: &ParametersOf<T>,
		purpose: Purpose<T::AccountId>,
	) -> Option<u64> {
		let subject = T::Compute::subject(resource)?;
		let before = Rounds::<T>::get(resource);
		for member in before.as_ref().map_or(&[][..], Round::panel) {
			Members::<T>::remove(resource, member);
		}
		Disputes::<T>::remove(resource);
		let id = before.map_or(RoundId(1), |round| round.id.next());
		let beacon = Beacon::<T>::get();
		let of = (Self::genesis(), subject.class, resource, id, subject.version);
		let nonce = match &purpose {
			Purpose::Draw => derived(&beacon.value, b"nonce", of),
			Purpose::Challenge { deal, day, tenant } => derived(&beacon.value, b"tenancy", (of, deal, day, tenant)),
		};
		// Windows are bounded, slots are counted from the Unix epoch: sums fit.
		let answer_until = slot.saturating_add(parameters.answer_slots);
		let commit_until = answer_until.saturating_add(parameters.commit_slots);
		let challenged = match &purpose {
			Purpose::Draw => None,
			Purpose::Challenge { deal, day, .. } => Some((*deal, *day)),
		};
		let round = Round {
			id,
			purpose,
			nonce,
			class: subject.class,
			version: subject.version,
			provider: subject.provider,
			agent: subject.agent,
			devices: subject.devices,
			solves: subject.solves,
			seed_slot: beacon.of,
			opened_slot: slot,
			opened_at: T::Clock::now(),
			stage: Stage::Answer,
			since: slot,
			answer_until,
			commit_until,
			reveal_until: commit_until.saturating_add(parameters.reveal_slots),
			answer: None,
			draw: None,
			outcome: None,
		};
		Rounds::<T>::insert(resource, round);
		Self::deposit_event(Event::Opened { resource, round: id, nonce, answer_until });
		if let Some((deal, day)) = challenged {
			Self::deposit_event(Event::ChallengeOpened { resource, round: id, deal, day });
		}
		Some(answer_until)
	}

	pub(crate) fn do_answer(
		who: T::AccountId,
		resource: ResourceId,
		id: RoundId,
		solve: Option<SolveCommitment>,
	) -> DispatchResultWithPostInfo {
		let mut round = Self::round(resource, id)?;
		ensure!(who == round.provider || who == round.agent, Error::<T>::NotProvider);
		ensure!(round.answer.is_none(), Error::<T>::AlreadyAnswered);
		let slot = T::Slot::get();
		let is_open = round.stage == Stage::Answer && slot <= round.answer_until;
		// Who had the nonce while the chain stood still had more time than anyone counts.
		ensure!(is_open && !Self::stood_still(round.since, slot), Error::<T>::NotAnswering);
		match solve {
			None => ensure!(!round.solves, Error::<T>::SolveMissing),
			Some(SolveCommitment { order, .. }) => {
				ensure!(round.solves, Error::<T>::SolveUnexpected);
				ensure!((solve::MIN_ORDER..=solve::MAX_ORDER).contains(&order), Error::<T>::OrderOutOfRange);
			},
		}
		let fee = Parameters::<T>::get().round_fee;
		T::NativeBalance::hold(&HoldReason::RoundFee.into(), &round.provider, fee)?;
		round.answer = Some(Answer { slot, solve, fee });
		Rounds::<T>::insert(resource, round);
		Self::deposit_event(Event::Answered { resource, round: id, solve, fee });
		Ok(FREE)
	}

	/// The last round of a resource, if it has this number.
	pub(crate) fn round(resource: ResourceId, id: RoundId) -> Result<RoundOf<T>, Error<T>> {
		Rounds::<T>::get(resource).filter(|round| round.id == id).ok_or(Error::<T>::UnknownRound)
	}

	/// Brings a round on whose window is over, and says what that weighed.
	pub(crate) fn step(resource: ResourceId, slot: u64) -> (Step, Weight) {
		let Some(round) = Rounds::<T>::get(resource) else {
			defensive!("an open round is there");
			return (Step::Ends, T::WeightInfo::miss());
		};
		let is_challenge = round.purpose.is_challenge();
		let (step, weight) = match round.stage {
			Stage::Answer => Self::end_answering(resource, round, slot),
			Stage::Commit => (Self::end_committing(resource, round, slot), T::WeightInfo::turn()),
			Stage::Reveal => Self::end_revealing(resource, round, slot),
			Stage::Closed => {
				defensive!("an open round has no outcome");
				(Step::Ends, T::WeightInfo::miss())
			},
		};
		let tells = is_challenge && matches!(step, Step::Ends);
		let telling = if tells { T::OnChallenged::weight() } else { Weight::zero() };
		(step, weight.saturating_add(telling))
	}

	/// The window for the answer is over: draws what is examined, from randomness that nobody knew while it was open.
	fn end_answering(resource: ResourceId, mut round: RoundOf<T>, slot: u64) -> (Step, Weight) {
		if round.answer.is_none() {
			let halted = Self::stood_still(round.since, round.answer_until);
			let outcome = if halted { Outcome::StoodStill } else { Outcome::Missed };
			Self::conclude(resource, round, outcome);
			return (Step::Ends, T::WeightInfo::miss());
		}
		let beacon = Beacon::<T>::get();
		if beacon.of <= round.answer_until {
			return (Step::Waits, T::WeightInfo::miss());
		}
		let parameters = Parameters::<T>::get();
		let subject = (Self::genesis(), resource, round.id);
		let (panel, attestors, owners) =
			Self::draw_panel(&derived(&beacon.value, b"panel", subject), &round, &parameters);
		if attestors < parameters.quorum_attestors || owners < parameters.quorum_owners {
			Self::conclude(resource, round, Outcome::NoPanel { attestors, owners });
			return (Step::Ends, T::WeightInfo::draw());
		}
		for account in &panel {
			Attestors::<T>::mutate(account, |attestor| {
				if let Some(attestor) = attestor {
					attestor.duties = attestor.duties.saturating_add(1);
				}
			});
		}
		let seed = derived(&beacon.value, b"devices", subject);
		let devices = BoundedVec::truncate_from(solve::drawn_devices(seed, round.devices, parameters.device_draws));
		let rows = derived(&beacon.value, b"rows", subject);
		round.stage = Stage::Commit;
		round.since = slot;
		round.commit_until = slot.saturating_add(parameters.commit_slots);
		round.reveal_until = round.commit_until.saturating_add(parameters.reveal_slots);
		let (id, commit_until) = (round.id, round.commit_until);
		Self::deposit_event(Event::Drawn {
			resource,
			round: id,
			rows,
			devices: devices.to_vec(),
			panel: panel.to_vec(),
			commit_until,
		});
		round.draw = Some(Draw { rows, devices, panel });
		Rounds::<T>::insert(resource, round);
		(Step::Goes(commit_until), T::WeightInfo::draw())
	}

	/// The window for commitments is over: the one for findings begins, or the same again if the chain stood still in it.
	fn end_committing(resource: ResourceId, mut round: RoundOf<T>, slot: u64) -> Step {
		let parameters = Parameters::<T>::get();
		let id = round.id;
		let halted = Self::stood_still(round.since, round.commit_until);
		round.since = slot;
		let until = if halted {
			round.commit_until = slot.saturating_add(parameters.commit_slots);
			round.reveal_until = round.commit_until.saturating_add(parameters.reveal_slots);
			Self::deposit_event(Event::Extended { resource, round: id, until: round.commit_until });
			round.commit_until
		} else {
			round.stage = Stage::Reveal;
			round.reveal_until = slot.saturating_add(parameters.reveal_slots);
			Self::deposit_event(Event::Revealing { resource, round: id, reveal_until: round.reveal_until });
			round.reveal_until
		};
		Rounds::<T>::insert(resource, round);
		Step::Goes(until)
	}

	/// The window for findings is over: the round comes to its outcome, or the window begins again if the chain stood still in
	/// it.
	fn end_revealing(resource: ResourceId, mut round: RoundOf<T>, slot: u64) -> (Step, Weight) {
		if !Self::stood_still(round.since, round.reveal_until) {
			Self::close(resource, round);
			return (Step::Ends, T::WeightInfo::close());
		}
		round.since = slot;
		round.reveal_until = slot.saturating_add(Parameters::<T>::get().reveal_slots);
		let (id, until) = (round.id, round.reveal_until);
		Rounds::<T>::insert(resource, round);
		Self::deposit_event(Event::Extended { resource, round: id, until });
		(Step::Goes(until), T::WeightInfo::turn())
	}

	/// Draws a panel of the attestors that may be on it, and counts those and their owners.
	///
	/// Attestors are put in a random order; then the first ones of all owners come before the second ones, and so on, so that
	/// no owner has two while another has none.
	fn draw_panel(
		seed: &[u8; 32],
		round: &RoundOf<T>,
		parameters: &ParametersOf<T>,
	) -> (BoundedVec<T::AccountId, frame_support::traits::ConstU32<{ crate::MAX_PANEL }>>, u32, u32) {
		let mut drawable: Vec<_> =
			Attestors::<T>::iter().filter(|entry| Self::may_examine(entry, round, parameters)).collect();
		// In an order that does not depend on how they are stored.
		drawable.sort_unstable_by(|one, other| one.0.cmp(&other.0));
		for last in (1..drawable.len()).rev() {
			let bound = u32::try_from(last.saturating_add(1)).unwrap_or(u32::MAX);
			let other = below(bound, &derived(seed, b"shuffle", bound)).and_then(|other| usize::try_from(other).ok());
			drawable.swap(last, other.unwrap_or(last));
		}
		let attestors = u32::try_from(drawable.len()).unwrap_or(u32::MAX);
		let mut seats = BTreeMap::<T::AccountId, u32>::new();
		let mut ranked: Vec<_> = drawable
			.into_iter()
			.map(|(account, attestor)| {
				let seat = seats.entry(attestor.owner).or_default();
				*seat = seat.saturating_add(1);
				(*seat, account)
			})
			.collect();
		ranked.sort_by_key(|(seat, _)| *seat);
		let size = usize::try_from(parameters.panel_size).unwrap_or(usize::MAX);
		let panel = ranked.into_iter().take(size).map(|(_, account)| account).collect();
		(BoundedVec::truncate_from(panel), attestors, u32::try_from(seats.len()).unwrap_or(u32::MAX))
	}

	/// Whether an attestor may be on the panel of a round: it counts, it stays, and nobody examines its own.
	fn may_examine(
		(account, attestor): &(T::AccountId, AttestorOf<T>),
		round: &RoundOf<T>,
		parameters: &ParametersOf<T>,
	) -> bool {
		let Attestor { owner, leaving, .. } = attestor;
		let parties = [&round.provider, &round.agent];
		leaving.is_none()
			&& !parties.contains(&account)
			&& !parties.contains(&owner)
			&& Self::counts(attestor, parameters)
	}

	/// The fee that is held for a round; none if it was not answered.
	pub(crate) fn fee(round: &RoundOf<T>) -> BalanceOf<T> {
		round.held_fee().copied().unwrap_or_default()
	}
}
