//! The invariants of the README, checked over all of the pallet's storage.

use crate::{AccountCount, Accounts, Config, Custody, HourlyEgress, Pallet, TotalCustody};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use frame_support::traits::fungible::Inspect;
use gcx_primitives::{Cash, Guarantors, SegmentSide, SubAccount};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut violations = Vec::new();
		Self::check_segments(&mut violations);
		Self::check_accounts(&mut violations);
		let egress = HourlyEgress::<T>::get();
		if egress.shared < Cash::ZERO || egress.hour > Self::hour() {
			violations.push(format!("the fuse is of a time to come, or negative: {egress:?}"));
		}

		for violation in &violations {
			log::error!(target: "runtime::clearing", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("clearing: an invariant is broken"))
	}

	/// What a segment's accounts have is what its custody records, and that is there, above the minimum balance.
	fn check_segments(violations: &mut Vec<String>) {
		let mut ledgers = BTreeMap::<_, Cash>::new();
		for account in Accounts::<T>::iter_values() {
			let ledger = ledgers.entry((account.segment.guarantor, account.segment.side)).or_default();
			match ledger.checked_add(account.cash) {
				Ok(sum) => *ledger = sum,
				Err(error) => violations.push(format!("the accounts' cash does not add up: {error:?}")),
			}
		}
		let minimum = T::SettlementAsset::minimum_balance();
		let mut total = Cash::ZERO;
		for (segment, recorded) in Custody::<T>::iter() {
			let ledger = ledgers.remove(&(segment.guarantor.clone(), segment.side)).unwrap_or_default();
			if ledger != recorded {
				violations.push(format!("{segment:?}: accounts have {ledger:?}, custody records {recorded:?}"));
			}
			let actual = T::SettlementAsset::balance(&Self::custody_account(&segment));
			if Self::cash(actual.saturating_sub(minimum)).map_or(true, |actual| actual < recorded) {
				violations.push(format!("{segment:?}: custody records {recorded:?} and has {actual} with its minimum"));
			}
			total = total.checked_add(recorded).unwrap_or(total);
		}
		if !ledgers.is_empty() {
			violations.push(format!("accounts without custody: {ledgers:?}"));
		}
		if total != TotalCustody::<T>::get() {
			violations.push(format!("all custody is {total:?}, noted is {:?}", TotalCustody::<T>::get()));
		}
	}

	/// No cash is negative; each account is counted, of its owner's guarantor, and a house's only one.
	fn check_accounts(violations: &mut Vec<String>) {
		let mut counts = BTreeMap::<T::AccountId, u32>::new();
		for (owner, sub, account) in Accounts::<T>::iter() {
			*counts.entry(owner.clone()).or_default() += 1;
			if account.cash < Cash::ZERO {
				violations.push(format!("{owner:?}/{sub:?} has negative cash: {account:?}"));
			}
			let guarantor = account.segment.guarantor;
			match account.segment.side {
				SegmentSide::House if guarantor != owner || sub != SubAccount::HOUSE => {
					violations.push(format!("{owner:?}/{sub:?} is in the house of {guarantor:?}"));
				},
				SegmentSide::Customers
					if T::Guarantors::membership(&owner).map(|membership| membership.guarantor)
						!= Some(guarantor.clone()) =>
				{
					violations.push(format!("{owner:?}/{sub:?} is under {guarantor:?}, which is not its guarantor"));
				},
				SegmentSide::House | SegmentSide::Customers => {},
			}
		}
		let noted: BTreeMap<_, _> = AccountCount::<T>::iter().collect();
		if noted != counts {
			violations.push(format!("owners have {counts:?} accounts, noted are {noted:?}"));
		}
	}
}
