//! What a proven equivocation costs.

use crate::{BondStatus, Bonds, Config, Event, HoldReason, Pallet, Parameters, SlashRecord, Slashes};
use frame_support::{
	traits::{fungible::hold::Balanced, DefensiveSaturating, Get, Imbalance, OnUnbalanced},
	weights::Weight,
};
use pallet_session::historical::IdentificationTuple;
use sp_runtime::{traits::Zero, Perbill};
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

impl<T: Config> OnOffenceHandler<T::AccountId, IdentificationTuple<T>, Weight> for Pallet<T> {
	/// Slashes, chills, jails and disables. `offenders` holds everyone known to have offended at that moment, those
	/// of earlier reports too, with the fraction for all of them together.
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, IdentificationTuple<T>>],
		fractions: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		let cap = Parameters::<T>::get().slash_cap;
		for (details, fraction) in offenders.iter().zip(fractions) {
			let (who, ()) = &details.offender;
			Self::punish(who, session, (*fraction).min(cap));
		}
		T::DbWeight::get().reads_writes(1, 0).saturating_add(
			// Per offender: bond, record, hold, account, candidates, disabled validators.
			T::DbWeight::get().reads_writes(7, 6).saturating_mul(u64::try_from(offenders.len()).unwrap_or(u64::MAX)),
		)
	}
}

impl<T: Config> Pallet<T> {
	fn punish(who: &T::AccountId, session: SessionIndex, fraction: Perbill) {
		let Some(mut bond) = Bonds::<T>::get(who) else {
			Self::deposit_event(Event::OffenderWithoutBond { who: who.clone(), session });
			return;
		};
		let known = Slashes::<T>::get(session, who);
		if known.as_ref().is_some_and(|record| fraction <= record.fraction) {
			return;
		}
		let first = known.is_none();
		let mut record =
			known.unwrap_or(SlashRecord { base: bond.amount, fraction: Perbill::zero(), taken: Zero::zero() });

		// Rounded up, against the offender. Fractions only grow here, so what was taken is never more than what is due.
		let due = fraction.mul_ceil(record.base).defensive_saturating_sub(record.taken).min(bond.amount);
		let (credit, _) = T::NativeBalance::slash(&HoldReason::ValidatorBond.into(), who, due);
		let amount = credit.peek();
		bond.amount = bond.amount.defensive_saturating_sub(amount);
		record.taken = record.taken.defensive_saturating_add(amount);
		record.fraction = fraction;
		T::OnSlash::on_unbalanced(credit);
		Self::deposit_event(Event::Slashed { who: who.clone(), session, fraction, amount, left: bond.amount });

		if bond.status == BondStatus::Candidate {
			Self::remove_candidate(who);
			bond.status = BondStatus::Chilled;
			Self::deposit_event(Event::Chilled { who: who.clone() });
		}
		if first {
			bond.jailed_until = bond.jailed_until.max(Self::session_now().saturating_add(T::JailSessions::get()));
			Self::deposit_event(Event::Jailed { who: who.clone(), until: bond.jailed_until });
		}
		Bonds::<T>::insert(who, bond);
		Slashes::<T>::insert(session, who, record);
		pallet_session::Pallet::<T>::report_offence(who.clone(), OffenceSeverity(fraction));
	}
}
