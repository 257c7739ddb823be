//! Fees of the chain: small, exact, half to the author.

use super::*;
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_runtime::traits::Zero;

fn transfer(to: Sr25519Keyring, value: Balance) -> pallet_balances::Call<Runtime> {
	pallet_balances::Call::transfer_keep_alive { dest: to.to_account_id().into(), value }
}

fn free(who: Sr25519Keyring) -> Balance {
	Balances::free_balance(who.to_account_id())
}

#[test]
fn of_the_fee_of_a_transfer_half_burns_and_the_author_has_the_rest() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let issued = Balances::total_issuance();
		let (author, sender) = (free(Sr25519Keyring::AliceStash), free(Sr25519Keyring::Bob));
		assert_ok!(
			next_block(vec![signed(Sr25519Keyring::Bob, transfer(Sr25519Keyring::Dave, 5 * GCX))])[0].expect("valid")
		);
		let fee = sender - 5 * GCX - free(Sr25519Keyring::Bob);
		assert!(MILLIGCX < fee && fee < 20 * MILLIGCX, "a transfer costs {fee}");
		assert_eq!(free(Sr25519Keyring::Dave), ENDOWMENT + 5 * GCX);
		assert_eq!(free(Sr25519Keyring::AliceStash), author + fee - fee / 2);
		assert_eq!(Balances::total_issuance(), issued - fee / 2);
		assert_eq!(Token::supply().burned.chain, fee / 2);
	})
}

#[test]
fn replayed_transfer_is_refused() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let once = signed(Sr25519Keyring::Bob, transfer(Sr25519Keyring::Dave, GCX));
		assert!(next_block(vec![once.clone()])[0].is_ok());
		assert_eq!(next_block(vec![once])[0], Err(sp_runtime::transaction_validity::InvalidTransaction::Stale.into()));
	})
}

#[test]
fn transfer_of_more_than_there_is_takes_the_fee_alone() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let sender = free(Sr25519Keyring::Bob);
		let result = next_block(vec![signed(Sr25519Keyring::Bob, transfer(Sr25519Keyring::Dave, 2 * ENDOWMENT))]);
		assert!(result[0].expect("valid").is_err());
		assert_eq!(free(Sr25519Keyring::Dave), ENDOWMENT);
		assert!(!(sender - free(Sr25519Keyring::Bob)).is_zero());
	})
}
