//! The genesis presets.

use super::*;
use frame_support::traits::fungibles::{metadata::Inspect as _, roles::Inspect as _};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

#[test]
fn presets_are_named_and_no_others_exist() {
	assert_eq!(preset_names(), [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET].map(PresetId::from));
	assert_eq!(preset(&"mainnet".into()), None);
}

#[test]
fn development_has_one_validator_and_local_testnet_four() {
	for (name, count) in [(DEV_RUNTIME_PRESET, 1), (LOCAL_TESTNET_RUNTIME_PRESET, 4)] {
		on_chain(name, || {
			assert_eq!(Session::validators().len(), count);
			assert_eq!(Babe::authorities().len(), count);
			assert_eq!(Grandpa::grandpa_authorities().len(), count);
			assert_eq!(Session::validators()[0], Sr25519Keyring::AliceStash.to_account_id());
		})
	}
}

#[test]
fn bonds_are_held_from_endowments() {
	on_chain(LOCAL_TESTNET_RUNTIME_PRESET, || {
		let stash = System::account(Sr25519Keyring::BobStash.to_account_id()).data;
		// It is a validator, and owns an attestor.
		let bonds = GENESIS_BOND + ATTESTOR_BOND;
		assert_eq!((stash.free, stash.reserved), (ENDOWMENT - bonds, bonds));
		// The accounts of bonds for sale, of fees that wait and of the treasury have the existential deposit.
		assert_eq!(Balances::total_issuance(), 12 * ENDOWMENT + 3 * crate::units::MILLIGCX);
	})
}

#[test]
fn settlement_asset_is_sufficient_has_six_decimals_and_nobody_can_freeze_it() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let asset = assets::SETTLEMENT_ASSET;
		let owner = assets::AssetsOwner::get();
		assert_eq!(Assets::decimals(asset), SETTLEMENT_DECIMALS);
		assert_eq!(Assets::symbol(asset), b"tUSD");
		for role in [Assets::owner(asset), Assets::admin(asset), Assets::freezer(asset), Assets::issuer(asset)] {
			assert_eq!(role, Some(owner.clone()), "a keyless account");
		}
		assert_eq!(Assets::balance(asset, Sr25519Keyring::Bob.to_account_id()), SETTLEMENT_ENDOWMENT);

		// Sufficient: who holds no GCX can hold it.
		let newcomer = AccountId::new([7; 32]);
		assert_ok!(dispatch(
			Sr25519Keyring::Bob,
			pallet_assets::Call::transfer_keep_alive {
				id: asset.into(),
				target: newcomer.clone().into(),
				amount: 5 * DOLLAR
			}
		));
		assert_eq!(Assets::balance(asset, newcomer), 5 * DOLLAR);
	})
}

#[test]
fn asset_creation_is_for_governance_alone() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let create = pallet_assets::Call::create {
			id: 9.into(),
			admin: Sr25519Keyring::Alice.to_account_id().into(),
			min_balance: 1,
		};
		assert!(dispatch(Sr25519Keyring::Alice, create).is_err());
	})
}
