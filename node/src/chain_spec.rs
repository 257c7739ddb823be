//! Chain specifications: what every node of one network must agree on before its first block.
//!
//! The genesis itself lives in the runtime, as named presets; a specification adds the names, the token's properties
//! and the network's protocol. `--chain` takes a name from [`load`] or the path of an exported file. A network that
//! outlives one build of the runtime is started from an exported *raw* file: the named ones embed this binary's
//! runtime, so their genesis changes with every change of it.

use gcx_runtime::opaque::Block;
use sc_chain_spec::{
	ChainSpecExtension, ChainType, GenericChainSpec, Properties, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET,
};
use sc_client_api::{BadBlocks, ForkBlocks};
use sc_sync_state_rpc::LightSyncStateExtension;
use serde::{Deserialize, Serialize};
use std::{fs, io, path::PathBuf};

/// The smallest unit is 10⁻¹² GCX.
const TOKEN_DECIMALS: u8 = 12;
const TOKEN_SYMBOL: &str = "GCX";

/// The generic Substrate prefix of account addresses, which wallets know without being taught.
const SS58_PREFIX: u16 = 42;

/// Names the network's protocols for peers that know them by name; current ones go by the genesis hash.
const PROTOCOL_ID: &str = "gcx";

/// A specification of a GCX chain.
pub type ChainSpec = GenericChainSpec<Extensions>;

/// What a specification may hold beside the standard fields. Absent in the named ones.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks, by number, that the chain is known to contain: others at these heights are refused.
	pub fork_blocks: ForkBlocks<Block>,
	/// Blocks that are refused whatever they contain.
	pub bad_blocks: BadBlocks<Block>,
	/// A final block for light clients to start from; `sync_state_genSyncSpec` fills it in.
	pub light_sync_state: LightSyncStateExtension,
}

/// Why `--chain` named nothing usable.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
	#[error(
		"this binary was built without the runtime's wasm, so it has no chain of its own. Build it without \
         SKIP_WASM_BUILD, or pass a chain spec file with --chain"
	)]
	NoRuntime,
	#[error(
		"there is no chain `{0}`: it is neither a name that this node knows (dev, local) nor the path of a chain spec \
         file"
	)]
	Unknown(String),
	#[error("cannot read the chain spec file {path}: {source}")]
	Unreadable { path: PathBuf, source: io::Error },
	#[error("the chain spec file {path} is not valid JSON: {source}")]
	NotJson { path: PathBuf, source: serde_json::Error },
	#[error("the file {path} is JSON, but not a chain spec: {reason}")]
	NotASpec { path: PathBuf, reason: String },
}

/// The specification that `--chain id` means: `dev`, `local` (also when no chain is named), or a file.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, LoadError> {
	Ok(Box::new(match id {
		"dev" => development()?,
		"" | "local" => local()?,
		path => from_file(path)?,
	}))
}

/// One validator, Alice, that needs no peers.
fn development() -> Result<ChainSpec, LoadError> {
	named("GCX Development", "gcx_dev", ChainType::Development, DEV_RUNTIME_PRESET)
}

/// Four validators on one machine or in one local network: Alice, Bob, Charlie and Dave. Four is the smallest number
/// that stays live when one of them fails.
fn local() -> Result<ChainSpec, LoadError> {
	named("GCX Local Testnet", "gcx_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
}

fn named(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, LoadError> {
	let code = gcx_runtime::WASM_BINARY.ok_or(LoadError::NoRuntime)?;
	// By name, the SDK would compile the wasm to ask it for this, and once more to build the state of it.
	let patch = gcx_runtime::genesis::preset(&preset.into()).expect("the runtime has a preset of each of these names");
	let patch = serde_json::from_slice(&patch).expect("a preset is JSON");
	Ok(ChainSpec::builder(code, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id(PROTOCOL_ID)
		.with_properties(properties())
		.with_genesis_config_patch(patch)
		.build())
}

/// Tells wallets how to show balances and addresses.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
	properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_PREFIX.into());
	properties
}

/// Reads a file in steps, so that the message says which of them failed. The genesis in it is only read when a node or
/// a tool needs it.
fn from_file(given: &str) -> Result<ChainSpec, LoadError> {
	let path = PathBuf::from(given);
	let json = fs::read(&path).map_err(|source| {
		let looks_like_a_name = path.components().count() == 1 && path.extension().is_none();
		if source.kind() == io::ErrorKind::NotFound && looks_like_a_name {
			LoadError::Unknown(given.into())
		} else {
			LoadError::Unreadable { path: path.clone(), source }
		}
	})?;
	serde_json::from_slice::<serde::de::IgnoredAny>(&json)
		.map_err(|source| LoadError::NotJson { path: path.clone(), source })?;
	ChainSpec::from_json_file(path.clone()).map_err(|reason| {
		let reason = reason.trim_start_matches("Error parsing spec file: ").into();
		LoadError::NotASpec { path, reason }
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, Value};
	use sp_runtime::BuildStorage;

	/// Loads a file with `content`, expecting it to be refused, and gives the sentence that the operator reads.
	fn refusal_of_file(content: &str) -> String {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("spec.json");
		fs::write(&path, content).unwrap();
		refusal_of(path.to_str().unwrap())
	}

	fn refusal_of(id: &str) -> String {
		load(id).map(|spec| spec.id().to_owned()).unwrap_err().to_string()
	}

	fn plain_json(spec: &ChainSpec) -> Value {
		serde_json::from_str(&spec.as_json(false).unwrap()).unwrap()
	}

	#[test]
	fn properties_name_the_token_its_decimals_and_the_address_format() {
		for spec in [development().unwrap(), local().unwrap()] {
			assert_eq!(
				Value::Object(spec.properties()),
				json!({ "tokenSymbol": "GCX", "tokenDecimals": 12, "ss58Format": 42 })
			);
			assert_eq!(spec.protocol_id(), Some("gcx"));
		}
	}

	#[test]
	fn named_chain_has_its_own_id_and_type() {
		let development = load("dev").unwrap();
		assert_eq!((development.id(), development.chain_type()), ("gcx_dev", ChainType::Development));
		let local = load("local").unwrap();
		assert_eq!((local.id(), local.chain_type()), ("gcx_local", ChainType::Local));
		assert_eq!(load("").unwrap().id(), "gcx_local");
	}

	#[test]
	fn genesis_seats_one_validator_in_development_and_four_in_the_local_testnet() {
		let validators = |spec: ChainSpec| {
			let spec = plain_json(&spec);
			spec.pointer("/genesis/runtimeGenesis/patch/session/keys").and_then(Value::as_array).map(Vec::len)
		};
		assert_eq!(validators(development().unwrap()), Some(1));
		assert_eq!(validators(local().unwrap()), Some(4));
	}

	#[test]
	fn specification_keeps_its_genesis_when_exported_and_loaded() {
		let spec = development().unwrap();
		let folder = tempfile::tempdir().unwrap();
		for raw in [false, true] {
			let path = folder.path().join("spec.json");
			fs::write(&path, spec.as_json(raw).unwrap()).unwrap();
			let loaded = load(path.to_str().unwrap()).unwrap();
			assert_eq!(loaded.id(), "gcx_dev");
			assert_eq!(loaded.build_storage().unwrap().top, spec.build_storage().unwrap().top, "raw: {raw}");
		}
	}

	#[test]
	fn unknown_name_is_refused_with_the_names_that_exist() {
		let refusal = refusal_of("nosuch");
		assert!(refusal.contains("no chain `nosuch`"), "{refusal}");
		assert!(refusal.contains("dev, local"), "{refusal}");
	}

	#[test]
	fn missing_file_is_refused_with_its_path() {
		let refusal = refusal_of("/nowhere/gcx.json");
		assert!(refusal.contains("cannot read"), "{refusal}");
		assert!(refusal.contains("/nowhere/gcx.json"), "{refusal}");
	}

	#[test]
	fn file_is_refused_when_it_is_not_json() {
		let refusal = refusal_of_file("{ \"name\": ");
		assert!(refusal.contains("not valid JSON"), "{refusal}");
		assert!(refusal.contains("line 1"), "{refusal}");
	}

	#[test]
	fn file_is_refused_when_it_is_json_but_not_a_specification() {
		let refusal = refusal_of_file("{ \"name\": \"GCX\" }");
		assert!(refusal.contains("not a chain spec"), "{refusal}");
		assert!(refusal.contains("missing field"), "{refusal}");
	}
}
