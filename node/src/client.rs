//! Opening the chain: the database, the executor of the runtime, and the check that the two belong together.

use crate::error::Error;
use gcx_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_chain_spec::{BuildGenesisBlock, GenesisBlockBuilder};
use sc_client_api::{Backend, HeaderBackend};
use sc_consensus_grandpa::GrandpaPruningFilter;
use sc_executor::{HeapAllocStrategy, WasmExecutor, DEFAULT_HEAP_ALLOC_STRATEGY};
use sc_service::{
	config::ExecutorConfiguration, Configuration, KeystoreContainer, TFullBackend, TFullClient, TaskManager,
};
use sc_telemetry::TelemetryHandle;
use sp_runtime::{traits::Block as _, Storage};
use std::{
	env,
	path::{self, PathBuf},
	sync::Arc,
};

/// The environment's variable that names the folder for compiled runtimes, in place of the chain's own.
const WASM_CACHE: &str = "GCX_WASM_CACHE";

/// What the runtime may call in the node.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type HostFunctions = sp_io::SubstrateHostFunctions;

/// What the runtime may call in the node. A runtime built for benchmarks also imports the functions that reset and
/// count storage.
#[cfg(feature = "runtime-benchmarks")]
pub type HostFunctions = (sp_io::SubstrateHostFunctions, frame_benchmarking::benchmarking::HostFunctions);

/// Runs the wasm runtime. There is no native one: every node executes the code that is on the chain.
pub type Executor = WasmExecutor<HostFunctions>;

/// The chain: headers, bodies, state and the runtime over them.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;

/// The database beneath the client.
pub type FullBackend = TFullBackend<Block>;

/// Everything that comes of opening the chain.
pub struct Opened {
	/// The chain.
	pub client: Arc<FullClient>,
	/// Its database.
	pub backend: Arc<FullBackend>,
	/// The node's session keys.
	pub keystore: KeystoreContainer,
	/// Runs the node's tasks.
	pub task_manager: TaskManager,
}

/// Opens the database that `config` names, writing the genesis if it is empty and refusing it if it holds another
/// chain.
pub fn open(config: &Configuration, telemetry: Option<TelemetryHandle>) -> Result<Opened, Error> {
	let executor = executor(config);

	let mut database = config.db_config();
	// A pruned node keeps the blocks with GRANDPA justifications, so that peers can warp-sync from it.
	database.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
	let backend = sc_service::new_db_backend::<Block>(database).map_err(|error| in_use(config, error))?;

	let genesis = genesis_storage(config)?;
	require_genesis(config, &backend, &executor, &genesis)?;
	let genesis_block =
		GenesisBlockBuilder::new_with_storage(genesis, !config.no_genesis(), backend.clone(), executor.clone())?;

	let (client, backend, keystore, task_manager) =
		sc_service::new_full_parts_with_genesis_builder(config, telemetry, executor, backend, genesis_block, false)?;
	Ok(Opened { client: Arc::new(client), backend, keystore, task_manager })
}

/// The executor that the SDK would make, but it keeps the runtimes that it has compiled: compiling one takes seconds, and every start of the node would
/// do it again. If the folder cannot be written the SDK says so and goes on without.
fn executor(config: &Configuration) -> Executor {
	let ExecutorConfiguration { wasm_method, max_runtime_instances, default_heap_pages, runtime_cache_size } =
		config.executor;
	let heap = default_heap_pages.map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |pages| HeapAllocStrategy::Static {
		// Pages of 64 KiB each: more than fit in 32 bits are more than wasm has.
		extra_pages: u32::try_from(pages).unwrap_or(u32::MAX),
	});
	let builder = WasmExecutor::builder()
		.with_execution_method(wasm_method)
		.with_onchain_heap_alloc_strategy(heap)
		.with_offchain_heap_alloc_strategy(heap)
		.with_max_runtime_instances(max_runtime_instances)
		.with_runtime_cache_size(runtime_cache_size);
	let of_chain = || config.base_path.config_dir(config.chain_spec.id()).join("wasm");
	// The cache takes absolute paths alone.
	match path::absolute(env::var_os(WASM_CACHE).map_or_else(of_chain, PathBuf::from)) {
		Ok(folder) => builder.with_cache_path(folder).build(),
		Err(_) => builder.build(),
	}
}

/// ParityDB reports its lock as text among other texts.
fn in_use(config: &Configuration, error: sp_blockchain::Error) -> Error {
	if error.to_string().contains("Database file is in use") {
		Error::DatabaseInUse { path: database_path(config) }
	} else {
		error.into()
	}
}

fn database_path(config: &Configuration) -> PathBuf {
	config.database.path().map(Into::into).unwrap_or_default()
}

fn genesis_storage(config: &Configuration) -> Result<Storage, Error> {
	config.chain_spec.as_storage_builder().build_storage().map_err(|reason| Error::Genesis {
		spec: config.chain_spec.id().into(),
		// After the reason the SDK prints the whole genesis.
		reason: reason.split(" for blob:").next().unwrap_or(&reason).trim().into(),
	})
}

/// The SDK takes the genesis of a database that is not empty on trust. The node would then follow the chain in the
/// database under the name and with the peers of another one.
fn require_genesis(
	config: &Configuration,
	backend: &Arc<FullBackend>,
	executor: &Executor,
	genesis: &Storage,
) -> Result<(), Error> {
	let found = backend.blockchain().info().genesis_hash;
	if found == Hash::default() {
		return Ok(());
	}

	// Computes the state root inside an operation that is dropped, so nothing is written.
	let (block, _) = GenesisBlockBuilder::<Block, _, _>::new_with_storage(
		genesis.clone(),
		false,
		backend.clone(),
		executor.clone(),
	)?
	.build_genesis_block()?;
	let expected = block.hash();
	if found == expected {
		return Ok(());
	}
	Err(Error::OtherGenesis { path: database_path(config), spec: config.chain_spec.id().into(), found, expected })
}
