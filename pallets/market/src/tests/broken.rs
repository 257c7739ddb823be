//! Each invariant, broken on purpose, is caught.

use super::*;
use sp_core::H256;

fn caught(breakage: impl FnOnce()) {
	Exchange::default().build().execute_with(|| {
		assert_ok!(submit(&[ALICE.buys(), BOB.sells()], &[lots(1)]));
		assert_ok!(Market::do_try_state());
		breakage();
		assert!(Market::do_try_state().is_err());
	})
}

fn remember(expires: u64, lots: i64, filled: i64, cancelled: bool) {
	let record = OrderRecord { lots: Lots(lots), filled: Lots(filled), cancelled };
	FilledLots::<Test>::insert(expires, H256([5; 32]), record);
}

#[test]
fn lots_that_are_not_there_are_caught() {
	caught(|| remember(BLOCK, 1, 2, false));
	caught(|| remember(BLOCK, 1, -1, true));
	caught(|| remember(BLOCK, 0, 0, true));
	caught(|| remember(BLOCK, i64::MAX, 1, false));
}

#[test]
fn a_memory_of_nothing_is_caught() {
	caught(|| remember(BLOCK, 1, 0, false));
}

#[test]
fn a_memory_beyond_its_time_is_caught() {
	caught(|| remember(BLOCK - 1, 1, 1, false));
	caught(|| remember(BLOCK + LIFETIME + 1, 1, 1, false));
	caught(|| {
		Sweeping::<Test>::put(SweepCursor { block: BLOCK, after: Some(H256([5; 32])) });
		remember(BLOCK, 1, 1, false);
	});
	caught(|| Sweeping::<Test>::put(SweepCursor { block: BLOCK + 1, after: None }));
}

#[test]
fn contracts_that_are_not_those_listed_are_caught() {
	caught(Active::<Test>::kill);
	caught(|| Active::<Test>::try_append(CONTRACT).unwrap());
	caught(|| Contracts::<Test>::remove(CONTRACT));
	caught(|| NextInstrument::<Test>::put(CONTRACT));
	caught(|| {
		Known::take();
	});
}

fn change(change: impl FnOnce(&mut Contract)) {
	Contracts::<Test>::mutate(CONTRACT, |contract| change(contract.as_mut().expect("it is listed")));
}

#[test]
fn terms_that_are_none_are_caught() {
	caught(|| change(|contract| contract.terms.opens = u64::MAX));
	caught(|| change(|contract| contract.terms.instrument.max_owner_lots = Lots(0)));
	caught(|| change(|contract| contract.terms.delivery.first.0 = u32::MAX));
	caught(|| change(|contract| contract.announced = ContractState::Settled));
}

fn propose(change: impl FnOnce(&mut crate::types::ProposalOf<Test>)) {
	assert_ok!(Market::propose_listing(signed(SEATED), terms(), Price(PRICE)));
	assert_ok!(Market::do_try_state());
	Proposals::<Test>::mutate(ProposalId(0), |proposal| change(proposal.as_mut().expect("it is proposed")));
}

#[test]
fn a_deposit_that_is_not_held_is_caught() {
	caught(|| propose(|proposal| proposal.deposit += 1));
	caught(|| propose(|proposal| proposal.proposer = OTHER));
	caught(|| {
		// Both deposits count.
		propose(|_| ());
		let again = Proposals::<Test>::get(ProposalId(0)).expect("it is proposed");
		NextProposal::<Test>::put(ProposalId(2));
		Proposals::<Test>::insert(ProposalId(1), again);
	});
}

#[test]
fn proposals_that_cannot_be_are_caught() {
	caught(|| propose(|proposal| proposal.terms.opens = u64::MAX));
	caught(|| propose(|proposal| proposal.settlement = Price(i64::MAX)));
	caught(|| {
		propose(|_| ());
		NextProposal::<Test>::kill();
	});
	caught(|| {
		let proposed = Proposal { proposer: OTHER, deposit: 0, terms: terms(), settlement: Price(PRICE) };
		NextProposal::<Test>::put(ProposalId(9));
		for id in 0..=PROPOSALS {
			Proposals::<Test>::insert(ProposalId(id), proposed.clone());
		}
	});
}

#[test]
fn a_bond_that_is_not_held_is_caught() {
	caught(|| Venues::<Test>::insert(OTHER, Venue { bond: 1, suspended: false, leaving: None }));
	caught(|| Venues::<Test>::insert(VENUE, Venue { bond: BOND + 1, suspended: false, leaving: None }));
}
