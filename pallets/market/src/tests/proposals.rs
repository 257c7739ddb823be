//! Listings that seats' holders propose and governance decides on.

use super::*;
use frame_support::{pallet_prelude::DispatchResult, traits::fungible::InspectHold};
use gcx_primitives::{ComputeHours, Day, InstrumentTerms};

const FIRST: ProposalId = ProposalId(0);
const SECOND: ProposalId = ProposalId(1);
const UNKNOWN: ProposalId = ProposalId(9);

fn propose(terms: ContractTerms) -> DispatchResult {
	Market::propose_listing(signed(SEATED), terms, Price(PRICE))
}

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&crate::HoldReason::Proposal.into(), &who)
}

#[test]
fn a_seats_holder_proposes_a_listing_with_a_deposit() {
	Exchange::default().run(|| {
		let (proposer, deposit, settlement) = (SEATED, DEPOSIT, Price(-PRICE));
		assert_ok!(Market::propose_listing(signed(SEATED), terms(), settlement));
		let proposed =
			Event::ListingProposed { proposal: FIRST, proposer: proposer.clone(), deposit, terms: terms(), settlement };
		assert_eq!(last_event(), proposed);
		let proposal = Proposal { proposer, deposit, terms: terms(), settlement };
		assert_eq!(Proposals::<Test>::get(FIRST), Some(proposal));
		assert_eq!(held(SEATED), DEPOSIT);
		// Nothing is listed.
		assert_eq!(Market::contracts().len(), 1);
		assert_ok!(propose(terms()));
		assert_eq!((held(SEATED), Proposals::<Test>::count()), (2 * DEPOSIT, 2));
	})
}

#[test]
fn who_has_no_seat_proposes_nothing() {
	Exchange::default().run(|| {
		assert_noop!(Market::propose_listing(signed(OTHER), terms(), Price(PRICE)), Error::<Test>::NoSeat);
		assert_noop!(Market::propose_listing(root(), terms(), Price(PRICE)), DispatchError::BadOrigin);
		SeatedAccounts::take();
		assert_noop!(propose(terms()), Error::<Test>::NoSeat);
	})
}

#[test]
fn there_are_no_more_proposals_than_there_can_be() {
	Exchange::default().run(|| {
		SeatedAccounts::mutate(|seated| seated.insert(OTHER));
		for _ in 0..PROPOSALS {
			assert_ok!(propose(terms()));
		}
		let other = || Market::propose_listing(signed(OTHER), terms(), Price(PRICE));
		assert_noop!(other(), Error::<Test>::TooManyProposals);
		assert_ok!(Market::reject_proposal(root(), SECOND));
		assert_ok!(other());
		// An id that was given out is never given out again.
		assert_eq!(Proposals::<Test>::get(ProposalId(PROPOSALS)).map(|one| one.proposer), Some(OTHER));
		assert!(!Proposals::<Test>::contains_key(SECOND));
	})
}

#[test]
fn a_proposal_needs_its_deposit() {
	Exchange::default().run(|| {
		SeatedAccounts::mutate(|seated| seated.insert(ALICE.account()));
		let unavailable = DispatchError::Token(sp_runtime::TokenError::FundsUnavailable);
		assert_noop!(Market::propose_listing(signed(ALICE.account()), terms(), Price(PRICE)), unavailable);
	})
}

#[test]
fn ids_of_proposals_come_to_an_end_and_do_not_begin_again() {
	Exchange::default().run(|| {
		NextProposal::<Test>::put(ProposalId(u32::MAX));
		assert_noop!(propose(terms()), sp_runtime::ArithmeticError::Overflow);
	})
}

#[test]
fn what_could_not_be_listed_is_not_proposed() {
	Exchange::default().run(|| {
		let instrument = InstrumentTerms { multiplier: ComputeHours(0), ..terms().instrument };
		let delivery = DeliveryDays { first: Day(2), last: Day(1) };
		let begun = DeliveryDays { first: Day(20_834), last: Day(20_834) };
		for (terms, error) in [
			(ContractTerms { instrument, ..terms() }, Error::<Test>::InvalidInstrument),
			(ContractTerms { delivery, ..terms() }, Error::InvalidDelivery),
			(ContractTerms { opens: terms().reduce_only_from, ..terms() }, Error::InvalidTimes),
			(ContractTerms { expires: START, ..terms() }, Error::AlreadyPast),
			(ContractTerms { expires: START + HORIZON + 1, ..terms() }, Error::BeyondHorizon),
			(ContractTerms { settlement: physical(1), delivery: begun, ..terms() }, Error::NoticeTooShort),
		] {
			assert_noop!(propose(terms), error);
		}
		let dear = Price(gcx_primitives::MAX_PRICE + 1);
		assert_noop!(Market::propose_listing(signed(SEATED), terms(), dear), Error::<Test>::PriceOutOfRange);
	})
}

#[test]
fn a_proposer_withdraws_its_proposal_and_has_its_deposit_back() {
	Exchange::default().run(|| {
		assert_ok!(propose(terms()));
		assert_ok!(propose(terms()));
		assert_noop!(Market::withdraw_proposal(signed(SEATED), UNKNOWN), Error::<Test>::UnknownProposal);
		assert_noop!(Market::withdraw_proposal(signed(OTHER), FIRST), Error::<Test>::NotProposer);
		assert_noop!(Market::withdraw_proposal(root(), FIRST), DispatchError::BadOrigin);
		assert_ok!(Market::withdraw_proposal(signed(SEATED), FIRST));
		assert_eq!(last_event(), Event::ProposalWithdrawn { proposal: FIRST });
		assert_eq!((held(SEATED), Balances::free_balance(SEATED)), (DEPOSIT, ENDOWMENT - DEPOSIT));
		assert_noop!(Market::withdraw_proposal(signed(SEATED), FIRST), Error::<Test>::UnknownProposal);
	})
}

#[test]
fn governance_approves_a_proposal_and_it_is_listed() {
	Exchange::default().run(|| {
		assert_ok!(Market::propose_listing(signed(SEATED), terms(), Price(-PRICE)));
		assert_noop!(Market::approve_proposal(signed(SEATED), FIRST), DispatchError::BadOrigin);
		assert_noop!(Market::approve_proposal(root(), UNKNOWN), Error::<Test>::UnknownProposal);
		assert_ok!(Market::approve_proposal(root(), FIRST));
		let (instrument, settlement, state) = (InstrumentId(1), Price(-PRICE), ContractState::Trading);
		assert_eq!(
			events()[1..],
			[
				Event::Listed { instrument, terms: terms(), settlement, state },
				Event::ProposalApproved { proposal: FIRST, instrument },
			]
		);
		assert_eq!(Known::get()[&instrument], (terms().instrument, settlement));
		assert_eq!((held(SEATED), Balances::free_balance(SEATED)), (0, ENDOWMENT));
		assert_noop!(Market::approve_proposal(root(), FIRST), Error::<Test>::UnknownProposal);
	})
}

#[test]
fn a_proposal_that_cannot_be_listed_now_stays_as_it_is() {
	Exchange::default().run(|| {
		let unknown = ContractTerms {
			settlement: physical(2),
			delivery: DeliveryDays { first: Day(20_850), last: Day(20_850) },
			..terms()
		};
		assert_ok!(propose(unknown));
		assert_noop!(Market::approve_proposal(root(), FIRST), DispatchError::Other("there is no such version"));
		assert_ok!(propose(terms()));
		let approve = || Market::approve_proposal(root(), SECOND);
		let why = DispatchError::Other("unknown class");
		Broken::set(Some(why));
		assert_noop!(approve(), why);
		Broken::set(None);
		assert_ok!(Market::list(root(), terms(), Price(PRICE)));
		assert_ok!(Market::list(root(), terms(), Price(PRICE)));
		assert_noop!(approve(), Error::<Test>::TooManyContracts);
		// It may be too late by then.
		pass(200_000);
		assert_noop!(approve(), Error::<Test>::AlreadyPast);
		assert_eq!((held(SEATED), Proposals::<Test>::count()), (2 * DEPOSIT, 2));
	})
}

#[test]
fn governance_rejects_a_proposal_and_its_deposit_is_returned() {
	Exchange::default().run(|| {
		assert_ok!(propose(terms()));
		assert_noop!(Market::reject_proposal(signed(SEATED), FIRST), DispatchError::BadOrigin);
		assert_noop!(Market::reject_proposal(root(), UNKNOWN), Error::<Test>::UnknownProposal);
		assert_ok!(Market::reject_proposal(root(), FIRST));
		assert_eq!(last_event(), Event::ProposalRejected { proposal: FIRST });
		assert_eq!((held(SEATED), Balances::free_balance(SEATED)), (0, ENDOWMENT));
		assert_eq!(Market::contracts().len(), 1);
		assert_noop!(Market::reject_proposal(root(), FIRST), Error::<Test>::UnknownProposal);
	})
}

#[test]
fn a_proposal_is_decided_or_withdrawn_although_its_proposer_lost_its_seat() {
	Exchange::default().run(|| {
		for _ in 0..3 {
			assert_ok!(propose(terms()));
		}
		SeatedAccounts::take();
		assert_ok!(Market::approve_proposal(root(), FIRST));
		assert_ok!(Market::reject_proposal(root(), SECOND));
		assert_ok!(Market::withdraw_proposal(signed(SEATED), ProposalId(2)));
		assert_eq!((held(SEATED), Balances::free_balance(SEATED)), (0, ENDOWMENT));
	})
}

#[test]
fn a_deposit_is_what_was_held_when_it_was_proposed() {
	Exchange::default().run(|| {
		use frame_support::traits::fungible::MutateHold;
		// As if the deposit had been another one then.
		let reason = crate::HoldReason::Proposal.into();
		let proposed = Proposal { proposer: OTHER, deposit: 1, terms: terms(), settlement: Price(PRICE) };
		assert_ok!(Balances::hold(&reason, &OTHER, 1));
		Proposals::<Test>::insert(FIRST, proposed);
		NextProposal::<Test>::put(SECOND);
		assert_ok!(Market::do_try_state());
		assert_ok!(Market::reject_proposal(root(), FIRST));
		assert_eq!((held(OTHER), Balances::free_balance(OTHER)), (0, ENDOWMENT));
	})
}
