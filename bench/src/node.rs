//! A node without network: the client over ParityDB and the wasm executor, as the node's service opens it.

use crate::Result;
use gcx_runtime::{opaque::Block, RuntimeApi};
use sc_client_api::execution_extensions::ExecutionExtensions;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_executor::WasmExecutor;
use sc_service::{ClientConfig, GenesisBlockBuilder, TFullBackend, TFullClient};
use sp_core::{storage::Storage, testing::TaskExecutor};
use std::{fs, path::Path, sync::Arc};
use tempfile::TempDir;

/// Runs the wasm runtime. Its clones share what is compiled.
pub type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The chain of a node.
pub type Client = TFullClient<Block, RuntimeApi, Executor>;

/// What the node's command line sets unless told otherwise.
const TRIE_CACHE_BYTES: usize = 1024 * 1024 * 1024;
/// The same.
const STATES_KEPT: u32 = 256;

/// A chain in a database of its own, which goes with it.
pub struct Node {
	/// The chain.
	pub client: Arc<Client>,
	/// Its database.
	pub backend: Arc<TFullBackend<Block>>,
	_folder: TempDir,
}

impl Node {
	/// Two nodes with the same genesis.
	pub fn pair(genesis: Storage, executor: &Executor) -> Result<(Self, Self)> {
		let (first, second) = (TempDir::new()?, TempDir::new()?);
		drop(open(first.path(), genesis, executor)?);
		for file in fs::read_dir(first.path())? {
			let file = file?;
			fs::copy(file.path(), second.path().join(file.file_name()))?;
		}
		let reopen = |folder: TempDir| {
			let (client, backend) = open(folder.path(), Storage::default(), executor)?;
			Ok::<_, Box<dyn std::error::Error>>(Self { client: Arc::new(client), backend, _folder: folder })
		};
		Ok((reopen(first)?, reopen(second)?))
	}
}

/// Opens the database in a folder, and writes the genesis if it is empty.
fn open(folder: &Path, genesis: Storage, executor: &Executor) -> Result<(Client, Arc<TFullBackend<Block>>)> {
	let backend = sc_service::new_db_backend::<Block>(DatabaseSettings {
		trie_cache_maximum_size: Some(TRIE_CACHE_BYTES),
		state_pruning: Some(PruningMode::blocks_pruning(STATES_KEPT)),
		source: DatabaseSource::ParityDb { path: folder.into() },
		blocks_pruning: BlocksPruning::KeepFinalized,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	})?;
	let genesis = GenesisBlockBuilder::new_with_storage(genesis, true, backend.clone(), executor.clone())?;
	let client = sc_service::new_client(
		backend.clone(),
		executor.clone(),
		genesis,
		Default::default(),
		Default::default(),
		ExecutionExtensions::new(None, Arc::new(executor.clone())),
		Box::new(TaskExecutor::new()),
		None,
		None,
		ClientConfig::default(),
	)?;
	Ok((client, backend))
}
