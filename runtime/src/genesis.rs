//! Genesis presets: chains for development and for test networks.
//!
//! Their keys are the well-known ones that everybody has. A live chain's genesis is a chain specification of its own.

use crate::{
	configs::{
		assets::{AssetsOwner, SETTLEMENT_ASSET},
		attestation, clearing, compute, guarantor, index, insurance, proof, token,
		treasury::TreasuryAccount,
	},
	units::{DOLLAR, GCX, MILLIGCX, SETTLEMENT_DECIMALS},
	AccountId, AssetsConfig, AttestationConfig, BabeConfig, Balance, BalancesConfig, ClearingConfig, ComputeConfig,
	GuarantorConfig, IndexConfig, Insurance, InsuranceConfig, ProofConfig, RuntimeGenesisConfig, SessionConfig,
	SessionKeys, SudoConfig, TokenConfig, ValidatorsConfig, BABE_GENESIS_EPOCH_CONFIG,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use gcx_primitives::{ClassId, Price};
use pallet_validators::SelectionParameters;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Perbill;

/// What each well-known account has.
pub const ENDOWMENT: Balance = 10_000_000 * GCX;
/// What each well-known account that is not a stash has of the settlement asset.
pub const SETTLEMENT_ENDOWMENT: Balance = 1_000_000_000 * DOLLAR;
/// What the exchange puts into the insurance pool of a preset itself, beyond the account's minimum balance.
pub const SKIN_IN_THE_GAME: Balance = 1_000_000 * DOLLAR;
/// What each validator of a preset has bonded.
pub const GENESIS_BOND: Balance = 100_000 * GCX;
/// The smallest bond of a candidate on a preset's chain.
pub const MIN_BOND: Balance = 10_000 * GCX;

/// What each reporter of a preset has bonded: it counts fully.
pub const REPORTER_BOND: Balance = 100_000 * GCX;

/// What each attestor of a preset has bonded.
pub const ATTESTOR_BOND: Balance = 10_000 * GCX;

/// The price of one GCX: not compute, but collateral is valued by it.
pub const GCX_PRICE: ClassId = ClassId(0);
/// Native double-precision computing, as the TOP500 measures it.
pub const HPC_FP64: ClassId = ClassId(1);
/// Inference of machine-learned models.
pub const AI_INFER: ClassId = ClassId(2);
/// Products of 8-bit integer matrices.
pub const GEMM_INT8: ClassId = ClassId(3);
/// The floor price of each class of a preset: a cent per Compute Hour.
pub const FLOOR_PRICE: Price = Price(10_000);

/// A validator of a preset: its account `//Name//stash` and the keys `//Name` of its node.
fn validator(stash: Sr25519Keyring, node: Sr25519Keyring, finality: Ed25519Keyring) -> (AccountId, SessionKeys) {
	(
		stash.to_account_id(),
		SessionKeys {
			babe: sp_consensus_babe::AuthorityId::from(node.public()),
			grandpa: sp_consensus_grandpa::AuthorityId::from(finality.public()),
		},
	)
}

fn alice() -> (AccountId, SessionKeys) {
	validator(Sr25519Keyring::AliceStash, Sr25519Keyring::Alice, Ed25519Keyring::Alice)
}

/// A chain of `validators` on which the first needs company of `floor − 1` others, with all well-known accounts endowed and
/// Alice as sudo.
fn test_chain(validators: Vec<(AccountId, SessionKeys)>, floor: u32) -> serde_json::Value {
	let traders = [
		Sr25519Keyring::Alice,
		Sr25519Keyring::Bob,
		Sr25519Keyring::Charlie,
		Sr25519Keyring::Dave,
		Sr25519Keyring::Eve,
		Sr25519Keyring::Ferdie,
	];
	let stashes = [
		Sr25519Keyring::AliceStash,
		Sr25519Keyring::BobStash,
		Sr25519Keyring::CharlieStash,
		Sr25519Keyring::DaveStash,
		Sr25519Keyring::EveStash,
		Sr25519Keyring::FerdieStash,
	];
	let owner = AssetsOwner::get();
	// Three reporters of three owners: the quorum.
	let reporters = [
		(Sr25519Keyring::DaveStash, Sr25519Keyring::Alice),
		(Sr25519Keyring::EveStash, Sr25519Keyring::Bob),
		(Sr25519Keyring::FerdieStash, Sr25519Keyring::Charlie),
	];
	// Four attestors of four owners: one more than the quorum. Their keys are those of the validators `//Name`.
	let attestors = [
		(Sr25519Keyring::Alice, Sr25519Keyring::AliceStash),
		(Sr25519Keyring::Bob, Sr25519Keyring::BobStash),
		(Sr25519Keyring::Charlie, Sr25519Keyring::CharlieStash),
		(Sr25519Keyring::Dave, Sr25519Keyring::DaveStash),
	];
	build_struct_json_patch!(RuntimeGenesisConfig {
		assets: AssetsConfig {
			// Sufficient: an account may hold it without holding GCX. The smallest balance is a hundredth of a dollar.
			assets: vec![(SETTLEMENT_ASSET, owner, true, DOLLAR / 100)],
			metadata: vec![(SETTLEMENT_ASSET, b"GCX test dollar".to_vec(), b"tUSD".to_vec(), SETTLEMENT_DECIMALS)],
			accounts: traders
				.iter()
				.map(|who| (SETTLEMENT_ASSET, who.to_account_id(), SETTLEMENT_ENDOWMENT))
				.chain([(SETTLEMENT_ASSET, clearing::PoolAccount::get(), SKIN_IN_THE_GAME + DOLLAR / 100)])
				// Fees wait in one, the treasury's share of them goes to the other.
				.chain([token::PotAccount::get(), TreasuryAccount::get()].map(|who| (
					SETTLEMENT_ASSET,
					who,
					DOLLAR / 100
				)))
				.collect::<Vec<_>>(),
			next_asset_id: Some(SETTLEMENT_ASSET + 1),
		},
		attestation: AttestationConfig {
			attestors: attestors
				.iter()
				.map(|(attestor, owner)| (attestor.to_account_id(), owner.to_account_id(), ATTESTOR_BOND))
				.collect::<Vec<_>>(),
			parameters: Some(attestation::genesis_parameters()),
		},
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		balances: BalancesConfig {
			balances: traders
				.iter()
				.chain(&stashes)
				.map(|who| (who.to_account_id(), ENDOWMENT))
				// Bonds of failed guarantors are sold from the first; fees and rewards wait in the second.
				.chain(
					[Insurance::sale_account(), token::PotAccount::get(), TreasuryAccount::get()]
						.map(|who| (who, MILLIGCX))
				)
				.collect::<Vec<_>>(),
		},
		clearing: ClearingConfig {
			parameters: clearing::genesis_parameters(),
			collaterals: vec![clearing::genesis_collateral(GCX_PRICE)],
		},
		compute: ComputeConfig {
			classes: compute::genesis_classes(),
			parameters: Some(compute::genesis_parameters()),
			..Default::default()
		},
		guarantor: GuarantorConfig { parameters: Some(guarantor::genesis_parameters()), ..Default::default() },
		index: IndexConfig {
			classes: [GCX_PRICE, HPC_FP64, AI_INFER, GEMM_INT8].map(|class| (class, FLOOR_PRICE)).to_vec(),
			reporters: reporters
				.iter()
				.map(|(reporter, owner)| (reporter.to_account_id(), owner.to_account_id(), REPORTER_BOND))
				.collect::<Vec<_>>(),
			parameters: Some(index::genesis_parameters()),
		},
		insurance: InsuranceConfig { parameters: insurance::genesis_parameters(), ..Default::default() },
		proof: ProofConfig { terms: vec![(GEMM_INT8, proof::genesis_terms())], ..Default::default() },
		session: SessionConfig {
			keys: validators.iter().map(|(who, keys)| (who.clone(), who.clone(), keys.clone())).collect::<Vec<_>>(),
		},
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
		token: TokenConfig { parameters: Some(token::genesis_parameters()), ..Default::default() },
		validators: ValidatorsConfig {
			bonds: validators.iter().map(|(who, _)| (who.clone(), GENESIS_BOND)).collect::<Vec<_>>(),
			parameters: SelectionParameters { seats: 16, floor, min_bond: MIN_BOND, slash_cap: Perbill::one() },
		},
	})
}

/// The preset `id` as a JSON patch of the default genesis; `None` if there is no such preset.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => test_chain(vec![alice()], 1),
		LOCAL_TESTNET_RUNTIME_PRESET => test_chain(
			vec![
				alice(),
				validator(Sr25519Keyring::BobStash, Sr25519Keyring::Bob, Ed25519Keyring::Bob),
				validator(Sr25519Keyring::CharlieStash, Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
				validator(Sr25519Keyring::DaveStash, Sr25519Keyring::Dave, Ed25519Keyring::Dave),
			],
			4,
		),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The names of the presets: one validator, and four.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}
