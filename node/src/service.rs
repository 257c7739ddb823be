//! The node as a set of tasks: block import and authoring with BABE, finality with GRANDPA, transactions, peers,
//! off-chain workers, JSON-RPC and metrics.
//!
//! [`new_partial`] builds what the command line's tools need too; [`new_full`] adds the network and starts voting and,
//! on a validator, authoring. Both consensus engines report equivocations they see through the transaction pool.

use crate::{
	attestor,
	client::{self, FullBackend, FullClient, Opened},
	error::Error,
	keeper::{self, Keeper},
	proofs, rpc,
};
use gcx_runtime::{opaque::Block, Hash};
use sc_client_api::Backend;
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{
	warp_proof, FinalityProofProvider, GrandpaBlockImport, GrandpaParams, LinkHalf, SharedVoterState,
	VotingRulesBuilder,
};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{Configuration, TaskManager, WarpSyncConfig};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{
	inherents::{BabeCreateInherentDataProviders, InherentDataProvider as BabeInherentDataProvider},
	SlotDuration,
};
use sp_timestamp::InherentDataProvider as TimestampInherentDataProvider;
use std::{sync::Arc, time::Duration};

/// A justification is kept at least every so many blocks (25 minutes of 3 s slots), and at each change of the
/// validators. All nodes of a network should agree on it: a node can only prove what it kept.
const JUSTIFICATION_PERIOD: u32 = 512;

/// How long GRANDPA expects a vote to take to reach all voters.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// The share of a slot for building a block; the rest is for spreading and importing it.
const BLOCK_PROPOSAL_SHARE: f32 = 2.0 / 3.0;

/// Telemetry messages that may wait to be sent.
const TELEMETRY_BUFFER: usize = 16;

type SelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type TransactionPool = TransactionPoolHandle<Block, FullClient>;
type BlockImport = BabeBlockImport<
	Block,
	FullClient,
	GrandpaBlockImport<FullBackend, Block, FullClient, SelectChain>,
	BabeCreateInherentDataProviders<Block>,
	SelectChain,
>;

/// The ends of block import that authoring, voting and JSON-RPC take hold of.
pub struct Consensus {
	block_import: BlockImport,
	babe_link: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: LinkHalf<Block, FullClient, SelectChain>,
	telemetry: Option<Telemetry>,
}

/// A node without network: enough to read the chain and to import blocks from a file.
pub type Partial = sc_service::PartialComponents<
	FullClient,
	FullBackend,
	SelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	TransactionPool,
	Consensus,
>;

/// Opens the chain and builds the import of blocks over it.
pub fn new_partial(config: &Configuration) -> Result<Partial, Error> {
	let (telemetry_worker, telemetry) = telemetry(config)?.unzip();
	let Opened { client, backend, keystore, task_manager } =
		client::open(config, telemetry.as_ref().map(Telemetry::handle))?;
	if let Some(worker) = telemetry_worker {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
	}

	let select_chain = SelectChain::new(backend.clone());
	let transaction_pool = Arc::new(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(Telemetry::handle),
	)?;
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let inherents: BabeCreateInherentDataProviders<Block> =
		Arc::new(move |_, ()| async move { Ok(inherents_now(slot_duration)) });
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import.clone(),
		client.clone(),
		inherents,
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) = sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
		link: babe_link.clone(),
		block_import: block_import.clone(),
		justification_import: Some(Box::new(grandpa_import)),
		client: client.clone(),
		slot_duration,
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		telemetry: telemetry.as_ref().map(Telemetry::handle),
	})?;

	Ok(Partial {
		client,
		backend,
		task_manager,
		keystore_container: keystore,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	})
}

/// What a node does besides following the chain.
pub struct Wanted {
	/// How it keeps the exchange, if it does.
	pub keeper: Option<keeper::Settings>,
	/// Where an attestor's off-chain worker reads results.
	pub gateway: Option<String>,
}

/// Starts a node on the network backend `N`, with what is wanted of it, and returns the tasks that it lives by.
pub fn new_full<N: NetworkBackend<Block, Hash>>(config: Configuration, wanted: Wanted) -> Result<TaskManager, Error> {
	let Wanted { keeper, gateway } = wanted;
	if let Some(settings) = &keeper {
		settings.require_allowed(config.chain_spec.id(), &config.chain_spec.chain_type())?;
	}
	let Partial {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, mut telemetry },
	} = new_partial(&config)?;
	let registry = config.prometheus_registry().cloned();
	let keeper = keeper.map(|settings| {
		let (client, pool) = (client.clone(), transaction_pool.clone());
		Keeper::new(&settings, client, pool, keystore_container.keystore(), registry.as_ref())
	});
	let keeper = keeper.transpose()?;

	let metrics = N::register_notification_metrics(registry.as_ref());
	let mut network_config = FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.clone());
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&client.chain_info().genesis_hash, &config.chain_spec);
	let (grandpa_peers, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
		grandpa_protocol.clone(),
		metrics.clone(),
		network_config.peer_store_handle(),
	);
	network_config.add_notification_protocol(grandpa_peers);
	let warp_sync =
		warp_proof::NetworkProvider::new(backend.clone(), grandpa_link.shared_authority_set().clone(), Vec::new());
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config: network_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let role = config.role;
	let pool_for_reports = OffchainTransactionPoolFactory::new(transaction_pool.clone());
	attestor::prepare(
		backend.offchain_storage(),
		&keystore_container.keystore(),
		gateway.as_deref(),
		config.offchain_worker.enabled,
		registry.as_ref(),
	);
	proofs::export(&client, registry.as_ref());
	if config.offchain_worker.enabled {
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore_container.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(pool_for_reports.clone()),
			network_provider: Arc::new(network.clone()),
			is_validator: role.is_authority(),
			// Attestors fetch benchmark results; without this the first request would panic the worker.
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})
		.map_err(sc_service::Error::from)?;
		let run = workers.run(client.clone(), task_manager.spawn_handle());
		task_manager.spawn_handle().spawn("offchain-workers-runner", "offchain-worker", run);
	}

	let voter_state = SharedVoterState::empty();
	let rpc_sources = rpc::Sources {
		client: client.clone(),
		transaction_pool: transaction_pool.clone(),
		chain_spec: config.chain_spec.cloned_box(),
		select_chain: select_chain.clone(),
		keystore: keystore_container.keystore(),
		offchain: backend.offchain_storage(),
		babe: babe_worker,
		grandpa: rpc::GrandpaSources {
			authority_set: grandpa_link.shared_authority_set().clone(),
			voter_state: voter_state.clone(),
			justifications: grandpa_link.justification_stream(),
			finality_proofs: FinalityProofProvider::new_for_service(
				backend.clone(),
				Some(grandpa_link.shared_authority_set().clone()),
			),
		},
	};

	let name = config.network.node_name.clone();
	let disable_grandpa = config.disable_grandpa;
	let force_authoring = config.force_authoring;
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |subscriptions| {
			rpc::module(&rpc_sources, subscriptions).map_err(sc_service::Error::Application)
		}),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	let telemetry = telemetry.as_ref().map(Telemetry::handle);

	if let Some(keeper) = keeper {
		// Not essential: the node goes on without it. Blocking: the runtime works in it.
		task_manager.spawn_handle().spawn_blocking("keeper", Some("keeper"), keeper.run(sync_service.clone()));
	}

	if role.is_authority() {
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: keystore_container.keystore(),
			client: client.clone(),
			select_chain,
			env: sc_basic_authorship::ProposerFactory::new(
				task_manager.spawn_handle(),
				client,
				transaction_pool,
				registry.as_ref(),
				telemetry.clone(),
			),
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: move |_, ()| async move { Ok(inherents_now(slot_duration)) },
			force_authoring,
			// Blocks go on when finality lags: margin calls cannot wait for it.
			backoff_authoring_blocks: None::<()>,
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(BLOCK_PROPOSAL_SHARE),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry.clone(),
		})
		.map_err(sc_service::Error::from)?;
		task_manager.spawn_essential_handle().spawn_blocking("babe", Some("block-authoring"), babe);
	}

	if !disable_grandpa {
		// Every full node runs the voter: without keys it votes for nothing, but relays votes and learns of finality
		// at once.
		let keystore = role.is_authority().then(|| keystore_container.keystore());
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GOSSIP_DURATION,
				justification_generation_period: JUSTIFICATION_PERIOD,
				name: Some(name),
				observer_enabled: false,
				keystore,
				local_role: role,
				telemetry: telemetry.clone(),
				protocol_name: grandpa_protocol,
			},
			link: grandpa_link,
			network,
			sync: sync_service,
			notification_service: grandpa_notifications,
			voting_rule: VotingRulesBuilder::default().build(),
			prometheus_registry: registry,
			shared_voter_state: voter_state,
			telemetry,
			offchain_tx_pool_factory: pool_for_reports,
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}

/// The worker that sends to the configured endpoints and the node's side of it, or `None` when there are none.
fn telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, sc_service::Error> {
	let endpoints = config.telemetry_endpoints.clone().filter(|endpoints| !endpoints.is_empty());
	let Some(endpoints) = endpoints else { return Ok(None) };
	let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

/// The slot and the time that a block made now carries.
fn inherents_now(slot_duration: SlotDuration) -> (BabeInherentDataProvider, TimestampInherentDataProvider) {
	let timestamp = TimestampInherentDataProvider::from_system_time();
	let slot = BabeInherentDataProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
	(slot, timestamp)
}
