//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::{DelegationOf, GuarantorOf},
	Applications, Config, Customers, Delegations, ExitLock, Guarantors, HoldReason, Pallet, Parameters,
	PendingParameters, Requests,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use frame_support::traits::fungible::{Inspect, InspectHold};
use gcx_primitives::{GuarantorState, Ppm};
use sp_runtime::{
	traits::{CheckedAdd, Zero},
	TryRuntimeError,
};

/// The sum, or none where it does not fit.
fn sum<Balance: CheckedAdd + Zero>(amounts: impl IntoIterator<Item = Balance>) -> Option<Balance> {
	amounts.into_iter().try_fold(Balance::zero(), |sum, amount| sum.checked_add(&amount))
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::guarantor", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("guarantor: an invariant is broken"))
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
		let guarantors: BTreeMap<_, _> = Guarantors::<T>::iter().collect();
		if guarantors.len() != usize::try_from(Guarantors::<T>::count()).unwrap_or(usize::MAX) {
			violations.push(format!("{} guarantors are counted as others", guarantors.len()));
		}
		Self::check_bonds_are_held(&guarantors, &mut violations);
		for (who, record) in &guarantors {
			Self::check_state(who, record, &mut violations);
			Self::check_delegations(who, record, &mut violations);
		}
		Self::check_customers(&guarantors, &mut violations);
		Self::check_requests(&mut violations);
		for who in ExitLock::<T>::iter_keys().chain(Delegations::<T>::iter_keys().map(|(who, _)| who)) {
			if !guarantors.contains_key(&who) {
				violations.push(format!("{who:?} is no guarantor, and locked or delegated to"));
			}
		}
		violations
	}

	/// What is held of an account is its bond, what is leaving that, and what it applied with.
	fn check_bonds_are_held(guarantors: &BTreeMap<T::AccountId, GuarantorOf<T>>, violations: &mut Vec<String>) {
		let applicants: BTreeMap<_, _> = Applications::<T>::iter().collect();
		let accounts: BTreeSet<_> = guarantors.keys().chain(applicants.keys()).collect();
		for who in accounts {
			let bonded = guarantors.get(who).map_or(Some(Zero::zero()), |record| {
				sum(record.unbonding.iter().map(|chunk| chunk.amount).chain([record.bond]))
			});
			let applied = applicants.get(who).copied().unwrap_or_else(Zero::zero);
			let due = bonded.and_then(|bonded| bonded.checked_add(&applied));
			let held = T::NativeBalance::balance_on_hold(&HoldReason::GuarantorBond.into(), who);
			if due != Some(held) {
				violations.push(format!("{who:?} has {held:?} held of {due:?}"));
			}
			if guarantors.get(who).is_some_and(|record| record.state != GuarantorState::Exited)
				&& applicants.contains_key(who)
			{
				violations.push(format!("{who:?} is a guarantor and applies to be one"));
			}
		}
	}

	/// A guarantor's state agrees with the rest of its record.
	fn check_state(who: &T::AccountId, record: &GuarantorOf<T>, violations: &mut Vec<String>) {
		if (record.state == GuarantorState::ReduceOnly) == record.reduced_for.is_empty() {
			violations.push(format!("{who:?} is {:?} for {:?}", record.state, record.reduced_for));
		}
		if record.state == GuarantorState::Exited && (!record.bond.is_zero() || record.customers > 0) {
			violations.push(format!("{who:?} left with a bond or customers: {record:?}"));
		}
		if record.unbonding.iter().any(|chunk| chunk.amount.is_zero()) {
			violations.push(format!("{who:?} has nothing leaving: {:?}", record.unbonding));
		}
		let next = record.next_commission.map_or(Ppm::ZERO, |(_, commission)| commission);
		let in_force = record.commission_at(Self::now(), &Parameters::<T>::get());
		let bounds = Parameters::<T>::get();
		if record.commission > Ppm::ONE
			|| next > Ppm::ONE
			|| !(bounds.min_commission..=bounds.max_commission).contains(&in_force)
		{
			violations.push(format!("{who:?} has a commission out of bounds: {record:?}"));
		}
	}

	/// The pools are on their account, beyond its minimum balance, and the delegators' shares are all shares.
	fn check_delegations(who: &T::AccountId, record: &GuarantorOf<T>, violations: &mut Vec<String>) {
		let (pool, leaving) = (&record.delegated, &record.undelegating);
		let balance = T::NativeBalance::balance(&Self::pool_account(who));
		let needed = sum([T::NativeBalance::minimum_balance(), pool.stake, leaving.stake]);
		if needed.is_none_or(|needed| balance < needed) {
			violations.push(format!("the pool of {who:?} has {balance:?} of {needed:?}"));
		}
		let delegations: Vec<DelegationOf<T>> = Delegations::<T>::iter_prefix_values(who).collect();
		if delegations.len() != usize::try_from(record.delegations).unwrap_or(usize::MAX) {
			violations.push(format!("{who:?} has {} delegations, not {}", delegations.len(), record.delegations));
		}
		if delegations.iter().any(DelegationOf::<T>::is_empty) {
			violations.push(format!("{who:?} has an empty delegation"));
		}
		let shares = delegations.iter().filter(|one| one.series == pool.series).map(|one| one.shares);
		let parts = delegations.iter().flat_map(|one| one.leaving.iter());
		let leaving_shares = parts.filter(|part| part.series == leaving.series).map(|part| part.shares);
		if sum(shares) != Some(pool.shares) || sum(leaving_shares) != Some(leaving.shares) {
			violations.push(format!("the shares of {who:?} are not those of its delegators: {record:?}"));
		}
		if pool.stake.is_zero() != pool.shares.is_zero() || leaving.stake.is_zero() != leaving.shares.is_zero() {
			violations.push(format!("{who:?} has stake without shares, or shares without stake: {record:?}"));
		}
		if leaving.stake > leaving.shares {
			violations.push(format!("leaving stake of {who:?} is worth more than it was: {leaving:?}"));
		}
	}

	/// A customer has valid limits, is no guarantor, does not apply to be one, and its guarantor is there and counts
	/// it.
	fn check_customers(guarantors: &BTreeMap<T::AccountId, GuarantorOf<T>>, violations: &mut Vec<String>) {
		let mut counted = BTreeMap::<T::AccountId, u32>::new();
		for (customer, membership) in Customers::<T>::iter() {
			if !membership.limits.is_valid() {
				violations.push(format!("{customer:?} has limits that are none: {membership:?}"));
			}
			if guarantors.contains_key(&customer) || Applications::<T>::contains_key(&customer) {
				violations.push(format!("{customer:?} is a customer, and a guarantor or asking to be one"));
			}
			let count = counted.entry(membership.guarantor).or_default();
			*count = count.saturating_add(1);
		}
		for (who, count) in &counted {
			if guarantors.get(who).is_none_or(|record| record.state == GuarantorState::Exited) {
				violations.push(format!("{count} customers have a guarantor that is none: {who:?}"));
			}
		}
		for (who, record) in guarantors {
			if counted.get(who).copied().unwrap_or(0) != record.customers {
				violations.push(format!("{who:?} has {:?} customers, not {}", counted.get(who), record.customers));
			}
		}
	}

	/// Nobody asks itself, or the guarantor that it has.
	fn check_requests(violations: &mut Vec<String>) {
		for (who, asked) in Requests::<T>::iter() {
			let has = Customers::<T>::get(&who).map(|membership| membership.guarantor);
			if who == asked || has.as_ref() == Some(&asked) {
				violations.push(format!("{who:?} of {has:?} asks {asked:?}"));
			}
		}
	}
}
