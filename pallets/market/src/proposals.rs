//! Proposed listings: what seats' holders would have listed, until governance decides on it. The deposit only keeps proposals few:
//! it is always returned.

use crate::{
	types::ProposalOf, Config, ContractTerms, Error, Event, HoldReason, NextProposal, Pallet, Proposal, ProposalId,
	Proposals,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use gcx_primitives::{Price, SeatHolders};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_propose_listing(
		proposer: T::AccountId,
		terms: ContractTerms,
		settlement: Price,
	) -> DispatchResult {
		ensure!(T::Seats::has_seat(&proposer), Error::<T>::NoSeat);
		ensure!(Proposals::<T>::count() < T::MaxProposals::get(), Error::<T>::TooManyProposals);
		Self::ensure_in_time(&terms)?;
		Self::ensure_valid(&terms, settlement)?;
		let proposal = NextProposal::<T>::get();
		let next = proposal.0.checked_add(1).map(ProposalId).ok_or(ArithmeticError::Overflow)?;
		let deposit = T::ProposalDeposit::get();
		T::NativeBalance::hold(&HoldReason::Proposal.into(), &proposer, deposit)?;
		Proposals::<T>::insert(proposal, Proposal { proposer: proposer.clone(), deposit, terms, settlement });
		NextProposal::<T>::put(next);
		Self::deposit_event(Event::ListingProposed { proposal, proposer, deposit, terms, settlement });
		Ok(())
	}

	pub(crate) fn do_withdraw_proposal(who: T::AccountId, proposal: ProposalId) -> DispatchResult {
		let proposed = Self::proposed(proposal)?;
		ensure!(proposed.proposer == who, Error::<T>::NotProposer);
		Self::close_proposal(proposal, &proposed)?;
		Self::deposit_event(Event::ProposalWithdrawn { proposal });
		Ok(())
	}

	pub(crate) fn do_approve_proposal(proposal: ProposalId) -> DispatchResult {
		let proposed = Self::proposed(proposal)?;
		let instrument = Self::do_list(proposed.terms, proposed.settlement)?;
		Self::close_proposal(proposal, &proposed)?;
		Self::deposit_event(Event::ProposalApproved { proposal, instrument });
		Ok(())
	}

	pub(crate) fn do_reject_proposal(proposal: ProposalId) -> DispatchResult {
		let proposed = Self::proposed(proposal)?;
		Self::close_proposal(proposal, &proposed)?;
		Self::deposit_event(Event::ProposalRejected { proposal });
		Ok(())
	}

	/// Forgets a proposal and releases its deposit.
	fn close_proposal(proposal: ProposalId, proposed: &ProposalOf<T>) -> DispatchResult {
		let reason = HoldReason::Proposal.into();
		T::NativeBalance::release(&reason, &proposed.proposer, proposed.deposit, Precision::Exact)?;
		Proposals::<T>::remove(proposal);
		Ok(())
	}

	fn proposed(proposal: ProposalId) -> Result<ProposalOf<T>, Error<T>> {
		Proposals::<T>::get(proposal).ok_or(Error::<T>::UnknownProposal)
	}
}
