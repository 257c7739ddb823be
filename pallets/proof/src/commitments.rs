//! Commitments: what resources say they computed, before anybody knows what of it will be looked at.

use crate::{types::Answer, Config, Error, Event, Members, Pallet, Purpose, RollCall, RollCalls, Stage};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
};
use gcx_math::proof::Hash;
use gcx_primitives::{Beacon, ComputeResources, ResourceId, ResourceState, RollCallId, Subject};

/// A call that succeeded is free: it is possible once for each resource and opening of a roll-call.
pub(crate) const FREE: PostDispatchInfo = PostDispatchInfo { actual_weight: None, pays_fee: Pays::No };

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(
		who: T::AccountId,
		id: RollCallId,
		resource: ResourceId,
		rounds: u32,
		commitment: Hash,
	) -> DispatchResultWithPostInfo {
		let mut roll_call = RollCalls::<T>::get(id).ok_or(Error::<T>::UnknownRollCall)?;
		ensure!(Self::is_committing(&roll_call), Error::<T>::NotCommitting);
		let Subject { class, devices, .. } = Self::own(&who, resource)?;
		ensure!(class == roll_call.class, Error::<T>::WrongClass);
		let state = T::Compute::state(resource).ok_or(Error::<T>::UnknownResource)?;
		let counts = !matches!(state, ResourceState::Jailed | ResourceState::Exiting);
		ensure!(counts, Error::<T>::NotExamined);
		ensure!((1..=roll_call.terms.parameters.rounds).contains(&rounds), Error::<T>::RoundsOutOfRange);
		let member = Members::<T>::get(id, resource);
		ensure!(member.is_some() || roll_call.purpose == Purpose::Class, Error::<T>::NotCalled);
		let mut member = member.unwrap_or_else(|| Self::enter(id, &mut roll_call, resource, state));
		ensure!(member.answer.is_none(), Error::<T>::AlreadyCommitted);
		member.answer = Some(Answer { devices, rounds, commitment, shown: 0 });
		Members::<T>::insert(id, resource, member);
		roll_call.committed = roll_call.committed.saturating_add(1);
		RollCalls::<T>::insert(id, roll_call);
		Self::deposit_event(Event::Committed { roll_call: id, resource, devices, rounds, commitment });
		Ok(FREE)
	}

	fn is_committing(roll_call: &RollCall) -> bool {
		let slot = T::Beacon::slot();
		let is_open = matches!(roll_call.stage, Stage::Committing { .. }) && slot <= roll_call.commit_until;
		is_open && !T::Beacon::stood_still(roll_call.began, slot)
	}

	/// A resource, if the caller acts for it.
	pub(crate) fn own(who: &T::AccountId, resource: ResourceId) -> Result<Subject<T::AccountId>, Error<T>> {
		let subject = T::Compute::subject(resource).ok_or(Error::<T>::UnknownResource)?;
		ensure!(*who == subject.provider || *who == subject.agent, Error::<T>::NotProvider);
		Ok(subject)
	}
}
