//! An attestor's off-chain worker in its round: the wasm runtime's, in the node's own runner, reading real results by HTTP from
//! the agent's own server.

use crate::{
	chain::Chain,
	exchange::{self, Exchange, Traders},
	node::{Client, Executor},
	offline::Offline,
	rounds::{self, Prepared, NONCE, ROUND},
	Result,
};
use codec::{Decode, Encode};
use futures::future::BoxFuture;
use gcx_evidence::{hex, raw::Kind, solve::device_seed, Benchmark, Content, OpenedSolution, Solve};
use gcx_primitives::ResourceId;
use gcx_provider::{
	key::Key,
	rounds::work::now,
	serve::{serve, Limits, Served},
	solve::{self, Solved},
	store::{Record, Store},
};
use gcx_runtime::{opaque::Block, Hash, UncheckedExtrinsic};
use pallet_attestation::{
	worker::{FETCHES_PER_RUN, GATEWAY_KEY},
	Event, SolveCommitment, KEY_TYPE,
};
use sc_client_api::Backend;
use sc_network_types::PeerId;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_transaction_pool_api::{error::Error as PoolError, LocalTransactionPool, OffchainTransactionPoolFactory};
use sp_api::ProvideRuntimeApi;
use sp_core::{
	offchain::{OffchainStorage, STORAGE_PREFIX},
	traits::SpawnNamed,
};
use sp_keystore::{testing::MemoryKeystore, Keystore};
use sp_runtime::{traits::Hash as _, transaction_validity::TransactionSource, OpaqueExtrinsic};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::{
	future::pending,
	sync::{mpsc, Arc, Mutex},
	time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime as Tokio};

/// Rows and columns of the system that every resource's device solved.
const ORDER: u32 = 2_048;
/// A run that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Blocks after which the worker runs.
const MOST_TO_BEGIN: u32 = 10;

/// What a resource answered: one device's solve, of all resources the same.
pub struct Solution {
	solved: Solved,
	solve: Solve,
	commitment: SolveCommitment,
}

impl Solution {
	/// Solves the system.
	pub fn new() -> Result<Self> {
		let solved = solve::run(device_seed(NONCE, 0), ORDER, |_| ())?;
		let hashes = [solved.solution.hash()];
		let commitment = SolveCommitment { order: ORDER, commitment: gcx_evidence::solve::commitment(&hashes) };
		Ok(Self { solve: Solve::new(ORDER, &hashes), solved, commitment })
	}

	/// What of it stands on the chain.
	pub fn commitment(&self) -> SolveCommitment {
		self.commitment
	}
}

/// Seconds that the worker takes for so many rounds, from the first request to the last finding. Runs that have nothing to do
/// while windows last do not count.
pub fn measure(executor: &Executor, solution: &Solution, count: u32) -> Result<f64> {
	let key = Key::load("//Eve")?;
	let agent = key.account();
	let commit_slots = u64::from(count.div_ceil(FETCHES_PER_RUN)) + 2 * u64::from(MOST_TO_BEGIN);
	let prepared = Prepared { count, panel: 1, solve: solution.commitment, agent: &agent, commit_slots };
	let mut storage = exchange::development_genesis();
	prepared.put_into(&mut storage, rounds::first_slot());
	let mut chain = Chain::open(Exchange { storage, traders: Traders::NONE }, executor)?;
	let tokio = Tokio::new()?;
	let gateway = Gateway::start(&tokio, &chain, solution, &key, count)?;
	let worker = Worker::start(&tokio, &mut chain, &gateway.url)?;

	let (mut seconds, mut revealed) = (0.0, 0);
	let mut transactions = Vec::new();
	while revealed < count as usize {
		match chain.next_block(transactions.clone()) {
			Ok(_) => transactions.clear(),
			// The block that begins a session has no room for them.
			Err(_) => drop(chain.next_block(Vec::new())?),
		}
		revealed += rounds::count(&chain, |event| matches!(event, Event::Revealed { .. }))?;
		let took = worker.done.recv_timeout(PATIENCE)?;
		let submitted = worker.pool.take()?;
		if !submitted.is_empty() {
			seconds += took.as_secs_f64();
		}
		transactions.extend(submitted);
		assert!(chain.number() < 10 * count + 200, "{revealed} of {count} findings");
	}
	Ok(seconds)
}

/// The agent's server of every resource's result.
struct Gateway {
	url: String,
	_folder: TempDir,
}

impl Gateway {
	fn start(tokio: &Tokio, chain: &Chain, solution: &Solution, key: &Key, count: u32) -> Result<Self> {
		let folder = TempDir::new()?;
		let genesis = chain.genesis.into();
		let store = Arc::new(Store::open(folder.path(), genesis)?);
		let nonce = hex::write(&NONCE);
		for resource in (0..count).map(ResourceId) {
			let (record, content) = result(genesis, solution, resource);
			store.prepare(record)?;
			store.complete(&nonce, content)?;
			store.seal((resource, ROUND), &nonce, genesis, key)?;
		}
		let served = Arc::new(Served::new(store, (0..count).map(ResourceId).collect()));
		let listener = tokio.block_on(TcpListener::bind("127.0.0.1:0"))?;
		let url = format!("http://{}", listener.local_addr()?);
		tokio.spawn(serve(listener, served, Limits::default(), pending()));
		Ok(Self { url, _folder: folder })
	}
}

/// What the agent keeps of a round, and what it signs.
fn result(genesis: [u8; 32], solution: &Solution, resource: ResourceId) -> (Record, Content) {
	let now = now();
	let hpl = solve::hpl_output(std::slice::from_ref(&solution.solved), 1);
	let claimed = gcx_evidence::raw::read(Kind::Hpl, &hpl).expect("the agent writes what is read").value;
	let record = Record {
		resource,
		round: ROUND,
		nonce: hex::write(&NONCE),
		started_at: now,
		devices: 1,
		solve: Some(solution.solve.clone()),
		solutions: vec![OpenedSolution::new(0, &solution.solved.solution)],
		solve_benchmark: None,
		content: None,
		sealed: false,
		signature: None,
	};
	let content = Content {
		genesis: hex::write(&genesis),
		resource,
		round: ROUND,
		run: hex::write(&sp_io::hashing::blake2_256(&(resource, now).encode())),
		started_at: now,
		ended_at: now,
		devices: 1,
		power: None,
		solve: record.solve.clone(),
		benchmarks: vec![Benchmark { kind: Kind::Hpl, claimed, raw: hpl }],
	};
	(record, content)
}

/// The worker of a node whose keystore has an attestor's key.
struct Worker {
	/// How long each run took.
	done: mpsc::Receiver<Duration>,
	pool: Pool,
}

impl Worker {
	fn start(tokio: &Tokio, chain: &mut Chain, gateway: &str) -> Result<Self> {
		let node = chain.author();
		let keystore = Arc::new(MemoryKeystore::new());
		let mut offchain = node.backend.offchain_storage().ok_or("the database has off-chain storage")?;
		offchain.set(STORAGE_PREFIX, GATEWAY_KEY, gateway.as_bytes());
		let pool = Pool { client: node.client.clone(), taken: Default::default() };
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: node.client.clone(),
			keystore: Some(keystore.clone()),
			offchain_db: Some(offchain),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
			network_provider: Arc::new(Offline(PeerId::random())),
			is_validator: true,
			enable_http_requests: true,
			custom_extensions: |_| Vec::new(),
		})?;
		let (sender, done) = mpsc::channel();
		let spawner = Timed { tokio: tokio.handle().clone(), done: sender };
		tokio.spawn(workers.run(node.client.clone(), spawner));
		// Blocks pass it by until it runs. Without a key it has nothing to do.
		while chain.number() < MOST_TO_BEGIN && done.recv_timeout(Duration::from_millis(200)).is_err() {
			chain.next_block(Vec::new())?;
		}
		keystore.sr25519_generate_new(KEY_TYPE, Some("//Alice"))?;
		Ok(Self { done, pool })
	}
}

/// Runs workers and says how long each took.
#[derive(Clone)]
struct Timed {
	tokio: tokio::runtime::Handle,
	done: mpsc::Sender<Duration>,
}

impl SpawnNamed for Timed {
	fn spawn(&self, _: &'static str, _: Option<&'static str>, run: BoxFuture<'static, ()>) {
		let done = self.done.clone();
		let began = Instant::now();
		self.tokio.spawn(async move {
			run.await;
			// Nobody listens when all is done.
			let _ = done.send(began.elapsed());
		});
	}

	fn spawn_blocking(&self, name: &'static str, group: Option<&'static str>, run: BoxFuture<'static, ()>) {
		self.spawn(name, group, run);
	}
}

/// Takes every transaction that the runtime finds valid, for the next block.
#[derive(Clone)]
struct Pool {
	client: Arc<Client>,
	taken: Arc<Mutex<Vec<OpaqueExtrinsic>>>,
}

impl Pool {
	fn take(&self) -> Result<Vec<UncheckedExtrinsic>> {
		let taken = std::mem::take(&mut *self.taken.lock().expect("no run panics"));
		Ok(taken
			.iter()
			.map(|taken| UncheckedExtrinsic::decode(&mut &taken.encode()[..]))
			.collect::<std::result::Result<_, _>>()?)
	}
}

impl LocalTransactionPool for Pool {
	type Block = Block;
	type Error = PoolError;
	type Hash = Hash;

	fn submit_local(&self, at: Hash, transaction: OpaqueExtrinsic) -> std::result::Result<Hash, PoolError> {
		let validity =
			self.client.runtime_api().validate_transaction(at, TransactionSource::Local, transaction.clone(), at);
		match validity {
			Ok(Ok(_)) => (),
			Ok(Err(_)) | Err(_) => return Err(PoolError::ImmediatelyDropped),
		}
		let hash = sp_runtime::traits::BlakeTwo256::hash_of(&transaction);
		self.taken.lock().expect("no run panics").push(transaction);
		Ok(hash)
	}
}
