//! Validators come and go with the sessions, by transactions.

use super::*;
use pallet_validators::{BondStatus, Bonds};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;

/// Keys of `//Eve` and the proof that their owner is `//Eve//stash`.
fn keys_of_eve() -> (SessionKeys, Vec<u8>) {
	use codec::Encode;
	use sp_core::{proof_of_possession::ProofOfPossessionGenerator as _, Pair};
	let owner = Sr25519Keyring::EveStash.to_account_id().encode();
	let mut babe = Sr25519Keyring::Eve.pair();
	let mut grandpa = Ed25519Keyring::Eve.pair();
	let keys = SessionKeys {
		babe: sp_consensus_babe::AuthorityId::from(babe.public()),
		grandpa: sp_consensus_grandpa::AuthorityId::from(grandpa.public()),
	};
	let proof = (babe.generate_proof_of_possession(&owner), grandpa.generate_proof_of_possession(&owner)).encode();
	(keys, proof)
}

#[test]
fn validator_bonds_sets_keys_and_is_seated_two_sessions_later() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let eve = Sr25519Keyring::EveStash;
		let (keys, proof) = keys_of_eve();
		let bond = pallet_validators::Call::bond { value: GENESIS_BOND };
		assert_ok!(next_block(vec![signed(eve, bond)])[0].expect("valid"));
		let set_keys = pallet_session::Call::set_keys { keys, proof };
		assert_ok!(next_block(vec![signed(eve, set_keys)])[0].expect("valid"));
		next_session();
		assert_eq!(Session::validators().len(), 4);
		next_session();
		assert_eq!(Session::validators().len(), 5);
		assert!(Session::validators().contains(&eve.to_account_id()));
		next_session();
	})
}

#[test]
fn session_keys_are_refused_when_the_proof_is_somebody_elses() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let (keys, proof) = keys_of_eve();
		let result = dispatch(Sr25519Keyring::Ferdie, pallet_session::Call::set_keys { keys: keys.clone(), proof });
		assert_eq!(result.unwrap_err().error, pallet_session::Error::<Runtime>::InvalidProof.into());
		let result = dispatch(Sr25519Keyring::EveStash, pallet_session::Call::set_keys { keys, proof: vec![] });
		assert_eq!(result.unwrap_err().error, pallet_session::Error::<Runtime>::InvalidProof.into());
	})
}

#[test]
fn validator_cannot_leave_below_the_floor() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let result = dispatch(Sr25519Keyring::BobStash, pallet_validators::Call::unbond {});
		assert_eq!(result.unwrap_err().error, pallet_validators::Error::<Runtime>::TooFewValidators.into());
		assert_eq!(
			Bonds::<Runtime>::get(Sr25519Keyring::BobStash.to_account_id()).map(|bond| bond.status),
			Some(BondStatus::Candidate)
		);
	})
}
