//! The invariants of the README, checked over all of the pallet's storage.

use crate::{BondStatus, Bonds, Candidates, Config, HoldReason, Pallet, Parameters, Slashes};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use frame_support::traits::{fungible::InspectHold, Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut violations = Vec::new();
		Self::check_bonds_are_held(&mut violations);
		Self::check_candidates(&mut violations);
		if !Parameters::<T>::get().is_valid::<T>() {
			violations.push(format!("parameters contradict each other: {:?}", Parameters::<T>::get()));
		}
		Self::check_slashes(&mut violations);

		for violation in &violations {
			log::error!(target: "runtime::validators", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("validators: an invariant is broken"))
	}

	fn check_bonds_are_held(violations: &mut Vec<String>) {
		for (who, bond) in Bonds::<T>::iter() {
			let held = T::NativeBalance::balance_on_hold(&HoldReason::ValidatorBond.into(), &who);
			if held != bond.amount {
				violations.push(format!("{who:?} has {held:?} held for a bond of {:?}", bond.amount));
			}
		}
	}

	fn check_candidates(violations: &mut Vec<String>) {
		let candidates = Candidates::<T>::get();
		if candidates.windows(2).any(|pair| matches!(pair, [(_, higher), (_, lower)] if higher < lower)) {
			violations.push(format!("candidates are not sorted by bond: {candidates:?}"));
		}
		let listed: BTreeMap<_, _> = candidates.iter().cloned().collect();
		if listed.len() != candidates.len() {
			violations.push(format!("a candidate is listed twice: {candidates:?}"));
		}
		let bonded: BTreeMap<_, _> = Bonds::<T>::iter()
			.filter(|(_, bond)| bond.status == BondStatus::Candidate)
			.map(|(who, bond)| (who, bond.amount))
			.collect();
		if listed != bonded {
			violations.push(format!("listed candidates {listed:?} are not the bonded ones {bonded:?}"));
		}
	}

	fn check_slashes(violations: &mut Vec<String>) {
		let oldest = Self::session_now().saturating_sub(T::UnbondingSessions::get());
		for (session, who, record) in Slashes::<T>::iter() {
			if record.taken > record.fraction.mul_ceil(record.base) {
				violations.push(format!("{who:?} lost more than its fraction for session {session}: {record:?}"));
			}
			if session < oldest {
				violations.push(format!("the slash of {who:?} for session {session} was not pruned"));
			}
		}
	}
}
