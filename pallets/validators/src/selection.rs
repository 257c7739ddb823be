//! Who sits in the next session, and what happens as sessions begin.

use crate::{
	types::{BalanceOf, ParametersOf},
	BondStatus, Bonds, Candidates, Config, Event, Pallet, Parameters, PendingParameters, Slashes,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use sp_runtime::traits::Convert;
use sp_staking::{offence::OffenceSeverity, SessionIndex};

/// Identifies every validator by nothing but its account.
///
/// The identification is hashed into the identity of an offence report, so it must be the same for every report of
/// one offence, whenever it arrives: it is constant.
pub struct IdentifyBonded;

impl<AccountId> Convert<AccountId, Option<()>> for IdentifyBonded {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

impl<T: Config> Pallet<T> {
	/// Whether a candidate can sit. The session silently skips those without keys, so they never count.
	pub(crate) fn is_eligible(who: &T::AccountId, bond: BalanceOf<T>, parameters: &ParametersOf<T>) -> bool {
		bond >= parameters.min_bond && pallet_session::NextKeys::<T>::contains_key(who)
	}

	/// The validators of `session`, the highest bond first; `None` if none can be found at all.
	fn select(session: SessionIndex) -> Option<Vec<T::AccountId>> {
		let parameters = Parameters::<T>::get();
		let mut selected: Vec<T::AccountId> = Candidates::<T>::get()
			.into_iter()
			.filter(|(who, bond)| Self::is_eligible(who, *bond, &parameters))
			.map(|(who, _)| who)
			.take(parameters.seats.try_into().unwrap_or(usize::MAX))
			.collect();

		let eligible = u32::try_from(selected.len()).unwrap_or(u32::MAX);
		if eligible < parameters.floor {
			Self::fill_to_floor(&mut selected, &parameters, session);
			let seated = u32::try_from(selected.len()).unwrap_or(u32::MAX);
			Self::deposit_event(Event::BelowFloor { session, eligible, floor: parameters.floor, seated });
		}
		(!selected.is_empty()).then_some(selected)
	}

	/// Adds validators that are seated now, the highest bond first, until there are enough. One that is leaving has
	/// its bond held for so much longer.
	fn fill_to_floor(selected: &mut Vec<T::AccountId>, parameters: &ParametersOf<T>, session: SessionIndex) {
		let mut seated: Vec<_> = pallet_session::Validators::<T>::get()
			.into_iter()
			.filter(|who| !selected.contains(who) && pallet_session::NextKeys::<T>::contains_key(who))
			.filter_map(|who| Bonds::<T>::get(&who).map(|bond| (who, bond)))
			.collect();
		seated.sort_by_key(|(_, bond)| core::cmp::Reverse(bond.amount));

		let floor = parameters.floor.try_into().unwrap_or(usize::MAX);
		let missing = floor.saturating_sub(selected.len());
		for (who, mut bond) in seated.into_iter().take(missing) {
			if let BondStatus::Unbonding { until } = &mut bond.status {
				*until = (*until).max(Self::slashable_until(session));
				Bonds::<T>::insert(&who, bond);
			}
			selected.push(who);
		}
	}

	/// Whether `selected` sit with the very keys that the last planned session has.
	///
	/// Keys count: a session planned as unchanged inherits its predecessor's historical root, and an equivocation by
	/// a key that is not in that root could not be proven.
	fn is_planned_already(selected: &[T::AccountId]) -> bool {
		let queued = pallet_session::QueuedKeys::<T>::get();
		queued.len() == selected.len()
			&& queued.iter().zip(selected).all(|((who, keys), next)| {
				who == next && pallet_session::NextKeys::<T>::get(next).as_ref() == Some(keys)
			})
	}

	fn plan_session(session: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::select(session).filter(|selected| !Self::is_planned_already(selected))
	}

	fn begin_session(session: SessionIndex) {
		if let Some((from, parameters)) = PendingParameters::<T>::get() {
			if from <= session {
				PendingParameters::<T>::kill();
				Parameters::<T>::put(parameters.clone());
				Self::deposit_event(Event::ParametersChanged { parameters });
			}
		}

		// The session forgets who is disabled whenever the set changes.
		for who in pallet_session::Validators::<T>::get() {
			if Bonds::<T>::get(&who).is_some_and(|bond| bond.is_jailed(session)) {
				pallet_session::Pallet::<T>::report_offence(who, OffenceSeverity::max_severity());
			}
		}

		// Nobody else prunes: an offence of a session before `oldest` can no longer be proven, nor slashed.
		let Some(oldest) = session.checked_sub(T::UnbondingSessions::get()) else { return };
		pallet_session::historical::Pallet::<T>::prune_up_to(oldest);
		if let Some(expired) = oldest.checked_sub(1) {
			let removal = Slashes::<T>::clear_prefix(expired, T::MaxValidators::get(), None);
			debug_assert!(removal.maybe_cursor.is_none(), "more offenders in a session than it had validators");
		}
	}
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session(session: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::plan_session(session)
	}
	fn start_session(session: SessionIndex) {
		Self::begin_session(session)
	}
	fn end_session(_: SessionIndex) {}
}

impl<T: Config> pallet_session::historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(session: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		Self::plan_session(session).map(|validators| validators.into_iter().map(|who| (who, ())).collect())
	}
	fn start_session(session: SessionIndex) {
		Self::begin_session(session)
	}
	fn end_session(_: SessionIndex) {}
}
