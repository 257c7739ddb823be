//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	types::BalanceOf, Active, Config, ContractState, ContractTerms, Contracts, FilledLots, FinalPrice, HoldReason,
	NextInstrument, NextProposal, Pallet, Proposals, SettlementKind, Sweeping, Venues,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use frame_support::traits::{fungible::InspectHold, Get};
use gcx_primitives::{Instruments, Lots};
use sp_runtime::{traits::Saturating, TryRuntimeError};

fn are_valid(terms: &ContractTerms) -> bool {
	terms.instrument.is_valid() && terms.delivery.is_valid() && terms.has_valid_times()
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut violations = Vec::new();
		Self::check_contracts(&mut violations);
		Self::check_memory(&mut violations);
		Self::check_venues(&mut violations);
		Self::check_proposals(&mut violations);

		for violation in &violations {
			log::error!(target: "runtime::market", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("market: an invariant is broken"))
	}

	/// The list and the records are of the same contracts, which clearing knows.
	fn check_contracts(violations: &mut Vec<String>) {
		let (active, next) = (Active::<T>::get(), NextInstrument::<T>::get());
		let listed: BTreeSet<_> = active.iter().copied().collect();
		let recorded: BTreeSet<_> = Contracts::<T>::iter_keys().collect();
		if listed.len() != active.len() || listed != recorded {
			violations.push(format!("the listed contracts {active:?} are not those recorded, {recorded:?}"));
		}
		for (instrument, contract) in Contracts::<T>::iter() {
			let terms = &contract.terms;
			if instrument >= next {
				violations.push(format!("{instrument:?} was not yet given out"));
			}
			if !are_valid(terms) {
				violations.push(format!("{instrument:?} has terms that are none: {terms:?}"));
			}
			let is_begun = contract.final_price != FinalPrice::default();
			let may_have = contract.announced == ContractState::Expired;
			let is_within = match contract.final_price {
				FinalPrice::Awaited { extended } => {
					extended == 0 || terms.settlement == SettlementKind::Cash && extended <= T::MaxExtension::get()
				},
				FinalPrice::Undecided => true,
				FinalPrice::Known(price) => price.is_bounded(),
			};
			if is_begun && !may_have || !is_within {
				violations.push(format!("{instrument:?} cannot have such a final price: {contract:?}"));
			}
			if contract.announced == ContractState::Settled {
				violations.push(format!("{instrument:?} is settled and not forgotten"));
			}
			if T::Instruments::open_interest(instrument).is_none() {
				violations.push(format!("clearing does not know {instrument:?}"));
			}
		}
	}

	/// No order is filled beyond its lots; something happened to each that is remembered, and none should be forgotten.
	fn check_memory(violations: &mut Vec<String>) {
		let now = frame_system::Pallet::<T>::block_number();
		let latest = now.saturating_add(T::MaxOrderLifetime::get());
		let cursor = Sweeping::<T>::get();
		if cursor.block > now {
			violations.push(format!("orders were forgotten before they expired: {cursor:?}"));
		}
		for (expires, order, record) in FilledLots::<T>::iter() {
			let is_possible = record.lots > Lots::ZERO
				&& record.lots.is_bounded()
				&& (Lots::ZERO..=record.lots).contains(&record.filled);
			if !is_possible {
				violations.push(format!("{order:?} is filled as it cannot be: {record:?}"));
			}
			if record.filled.is_zero() && !record.cancelled {
				violations.push(format!("nothing happened to {order:?}"));
			}
			let is_swept =
				expires < cursor.block || expires == cursor.block && cursor.after.is_some_and(|after| order <= after);
			if is_swept || expires > latest {
				violations.push(format!("{order:?} of {expires:?} is remembered beyond its time, {cursor:?}"));
			}
		}
	}

	/// What is held of a venue is its bond.
	fn check_venues(violations: &mut Vec<String>) {
		let counted = usize::try_from(Venues::<T>::count()).unwrap_or(usize::MAX);
		let venues = Venues::<T>::iter().count();
		if venues != counted || Venues::<T>::count() > T::MaxVenues::get() {
			violations.push(format!("{venues} venues are counted as {counted}"));
		}
		for (who, venue) in Venues::<T>::iter() {
			let held = T::NativeBalance::balance_on_hold(&HoldReason::VenueBond.into(), &who);
			if held != venue.bond {
				violations.push(format!("{who:?} has {held:?} held of {:?}", venue.bond));
			}
		}
	}

	/// What is held of a proposer is the deposits of its proposals.
	fn check_proposals(violations: &mut Vec<String>) {
		let counted = usize::try_from(Proposals::<T>::count()).unwrap_or(usize::MAX);
		let (proposals, next) = (Proposals::<T>::iter().count(), NextProposal::<T>::get());
		if proposals != counted || Proposals::<T>::count() > T::MaxProposals::get() {
			violations.push(format!("{proposals} proposals are counted as {counted}"));
		}
		let mut deposits = BTreeMap::<_, BalanceOf<T>>::new();
		for (id, proposal) in Proposals::<T>::iter() {
			if id >= next {
				violations.push(format!("{id:?} was not yet given out"));
			}
			if !are_valid(&proposal.terms) || !proposal.settlement.is_bounded() {
				violations.push(format!("{id:?} proposes terms that are none: {:?}", proposal.terms));
			}
			let deposit = deposits.entry(proposal.proposer).or_default();
			*deposit = deposit.saturating_add(proposal.deposit);
		}
		for (who, deposits) in deposits {
			let held = T::NativeBalance::balance_on_hold(&HoldReason::Proposal.into(), &who);
			if held != deposits {
				violations.push(format!("{who:?} has {held:?} held of {deposits:?}"));
			}
		}
	}
}
