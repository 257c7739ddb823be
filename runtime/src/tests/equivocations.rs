//! Real equivocations: two signed headers, two signed votes; reported by the unsigned transactions that nodes send.

use super::*;
use frame_support::traits::KeyOwnerProofSystem;
use pallet_validators::Bonds;
use sp_consensus_babe::{
	digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest},
	Slot,
};
use sp_core::Pair;
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_runtime::{traits::Header as _, Digest, DigestItem, Perbill};

/// BABE's and GRANDPA's fraction for one offender of four.
fn fraction() -> Perbill {
	Perbill::from_rational(3u32, 4).square()
}

fn bond_of(who: Sr25519Keyring) -> Balance {
	Bonds::<Runtime>::get(who.to_account_id()).expect("bonded").amount
}

/// Where Bob sits in the set.
fn index_of(who: Sr25519Keyring) -> u32 {
	let who = who.to_account_id();
	u32::try_from(Session::validators().iter().position(|other| *other == who).expect("seated")).expect("few")
}

/// The report that `offender` made two blocks in `slot`.
pub fn babe_report(offender: Sr25519Keyring, stash: Sr25519Keyring, slot: u64) -> UncheckedExtrinsic {
	let pair = sp_consensus_babe::AuthorityPair::from(offender.pair());
	let slot = Slot::from(slot);
	let header = |state_root| {
		let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: index_of(stash), slot });
		let digest = Digest { logs: vec![DigestItem::babe_pre_digest(pre_digest)] };
		let mut header = Header::new(7, Hash::zero(), state_root, Hash::zero(), digest);
		let seal = DigestItem::babe_seal(pair.sign(header.hash().as_ref()));
		header.digest_mut().push(seal);
		header
	};
	let proof = sp_consensus_babe::EquivocationProof {
		slot,
		offender: pair.public(),
		first_header: header(Hash::repeat_byte(1)),
		second_header: header(Hash::repeat_byte(2)),
	};
	let owner = Historical::prove((sp_consensus_babe::KEY_TYPE, pair.public())).expect("the key is in the set");
	UncheckedExtrinsic::new_bare(
		pallet_babe::Call::report_equivocation_unsigned { equivocation_proof: Box::new(proof), key_owner_proof: owner }
			.into(),
	)
}

/// The report that `offender` voted for two blocks in `round`.
pub fn grandpa_report(offender: Ed25519Keyring, round: u64) -> UncheckedExtrinsic {
	let set_id = pallet_grandpa::CurrentSetId::<Runtime>::get();
	let vote = |target_hash| {
		let prevote = finality_grandpa::Prevote { target_hash, target_number: 3u32 };
		let message = finality_grandpa::Message::Prevote(prevote.clone());
		let payload = sp_consensus_grandpa::localized_payload(round, set_id, &message);
		(prevote, offender.sign(&payload).into())
	};
	let equivocation = finality_grandpa::Equivocation {
		round_number: round,
		identity: sp_consensus_grandpa::AuthorityId::from(offender.public()),
		first: vote(Hash::repeat_byte(1)),
		second: vote(Hash::repeat_byte(2)),
	};
	let proof =
		sp_consensus_grandpa::EquivocationProof::new(set_id, sp_consensus_grandpa::Equivocation::Prevote(equivocation));
	let key = sp_consensus_grandpa::AuthorityId::from(offender.public());
	let owner = Historical::prove((sp_consensus_grandpa::KEY_TYPE, key)).expect("the key is in the set");
	UncheckedExtrinsic::new_bare(
		pallet_grandpa::Call::report_equivocation_unsigned {
			equivocation_proof: Box::new(proof),
			key_owner_proof: owner,
		}
		.into(),
	)
}

#[test]
fn double_block_costs_the_bond_and_the_seat() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let issued = Balances::total_issuance();
		let report = babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT);
		assert_ok!(next_block(vec![report])[0].expect("valid"));
		let lost = fraction().mul_ceil(GENESIS_BOND);
		assert_eq!(bond_of(Sr25519Keyring::BobStash), GENESIS_BOND - lost);
		assert_eq!(Balances::total_issuance(), issued - lost.div_ceil(5), "a fifth burned");
		assert_eq!(Session::disabled_validators(), [index_of(Sr25519Keyring::BobStash)]);
	})
}

#[test]
fn double_vote_costs_the_bond_and_the_seat() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		assert_ok!(next_block(vec![grandpa_report(Ed25519Keyring::Bob, 1)])[0].expect("valid"));
		assert_eq!(bond_of(Sr25519Keyring::BobStash), GENESIS_BOND - fraction().mul_ceil(GENESIS_BOND));
		assert_eq!(Session::disabled_validators(), [index_of(Sr25519Keyring::BobStash)]);
	})
}

#[test]
fn double_block_and_double_vote_in_one_session_are_slashed_once() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let reports = vec![
			babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT),
			babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT + 1),
			grandpa_report(Ed25519Keyring::Bob, 1),
		];
		for result in next_block(reports) {
			assert_ok!(result.expect("valid"));
		}
		assert_eq!(bond_of(Sr25519Keyring::BobStash), GENESIS_BOND - fraction().mul_ceil(GENESIS_BOND));
	})
}

#[test]
fn report_is_refused_when_it_was_made_before() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let report = babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT);
		assert_ok!(next_block(vec![report.clone()])[0].expect("valid"));
		assert!(next_block(vec![report])[0].is_err());
	})
}

#[test]
fn double_block_of_a_past_session_is_slashed_when_the_report_comes_late() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let report = babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT + 1);
		next_session();
		next_session();
		assert_ok!(next_block(vec![report])[0].expect("valid"));
		assert_eq!(bond_of(Sr25519Keyring::BobStash), GENESIS_BOND - fraction().mul_ceil(GENESIS_BOND));
	})
}

#[test]
fn forged_report_is_refused_and_costs_nothing() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		// Signed by Eve, who is not the owner of Bob's key.
		let honest = babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT);
		let sp_runtime::generic::Preamble::Bare(_) = honest.preamble else { panic!("unsigned") };
		let RuntimeCall::Babe(pallet_babe::Call::report_equivocation_unsigned {
			mut equivocation_proof,
			key_owner_proof,
		}) = honest.function
		else {
			panic!("a report")
		};
		equivocation_proof.second_header.digest.logs.pop();
		let forged = sp_consensus_babe::AuthorityPair::from(Sr25519Keyring::Eve.pair())
			.sign(equivocation_proof.second_header.hash().as_ref());
		equivocation_proof.second_header.digest.push(DigestItem::babe_seal(forged));
		let call = pallet_babe::Call::report_equivocation_unsigned { equivocation_proof, key_owner_proof };
		let result = next_block(vec![UncheckedExtrinsic::new_bare(call.into())]);
		assert!(result[0].is_err() || result[0].expect("applied").is_err());
		assert_eq!(bond_of(Sr25519Keyring::BobStash), GENESIS_BOND);
	})
}

#[test]
fn disabled_validator_cannot_make_a_block() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let report = babe_report(Sr25519Keyring::Bob, Sr25519Keyring::BobStash, FIRST_SLOT);
		assert_ok!(next_block(vec![report])[0].expect("valid"));
		let index = index_of(Sr25519Keyring::BobStash);
		let attempt = std::panic::catch_unwind(|| block_by(index, vec![]));
		assert!(attempt.is_err(), "the runtime refuses the block");
	})
}

#[test]
fn offender_leaves_the_set_and_stays_out() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		// The floor of four would keep Bob; a floor of three lets the chain do without him.
		let parameters =
			pallet_validators::SelectionParameters { floor: 3, ..pallet_validators::Parameters::<Runtime>::get() };
		assert_ok!(Validators::set_parameters(RuntimeOrigin::root(), parameters));
		next_session();
		next_session();
		let report = grandpa_report(Ed25519Keyring::Bob, 1);
		let index = index_of(Sr25519Keyring::BobStash);
		assert_ok!(block_by((index + 1) % 4, vec![report])[0].expect("valid"));
		for _ in 0..2 {
			let session = Session::current_index();
			while Session::current_index() == session {
				let n = authorities();
				let index = Session::disabled_validators().first().copied();
				let author = (0..n).find(|author| Some(*author) != index).expect("somebody is enabled");
				block_by(author, vec![]);
			}
		}
		assert_eq!(Session::validators().len(), 3);
		assert!(!Session::validators().contains(&Sr25519Keyring::BobStash.to_account_id()));
	})
}
