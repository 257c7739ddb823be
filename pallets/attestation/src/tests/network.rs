//! A node's surroundings: a gateway that does what a test says, a clock, local storage, a keystore and a pool.

use super::*;
use crate::worker::{WorkerCounters, COUNTERS_KEY, GATEWAY_KEY};
use codec::Decode;
use frame_support::traits::Hooks;
use sp_core::offchain::{
	storage::InMemOffchainStorage, testing::TestTransactionPoolExt, DbExternalities, Externalities, HttpError,
	HttpRequestId, HttpRequestStatus, OffchainDbExt, OffchainStorage, OffchainWorkerExt, OpaqueNetworkState,
	StorageKind, Timestamp, TransactionPoolExt,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard},
};

/// What a gateway does with a request.
#[derive(Clone, Debug, Default)]
pub enum Behaviour {
	/// There is none.
	#[default]
	Refuses,
	/// It takes the connection and says nothing.
	Silent,
	/// It breaks off before it answers.
	BreaksOff,
	/// It answers with this status and body.
	Answers(u16, Vec<u8>),
	/// It begins to answer and breaks off.
	BreaksOffWithin(Vec<u8>),
	/// A byte every so many milliseconds.
	Drips(u64),
	/// The same on a host that forgets about deadlines.
	DripsUnnoticed(u64),
	/// It never stops.
	Endless,
}

/// All that is around a node.
#[derive(Default)]
pub struct State {
	pub behaviour: Behaviour,
	/// The node's clock.
	pub now: u64,
	/// Addresses that were asked for.
	pub asked: Vec<String>,
	/// What is left of the bodies.
	open: BTreeMap<u16, Vec<u8>>,
	pub storage: InMemOffchainStorage,
	/// What the node draws as a secret.
	pub seed: [u8; 32],
}

#[derive(Clone, Default)]
pub struct Network(Arc<Mutex<State>>);

impl Network {
	pub fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().expect("nobody panicked with it")
	}

	pub fn serves(&self, body: Vec<u8>) {
		self.state().behaviour = Behaviour::Answers(200, body);
	}
}

impl Externalities for Network {
	fn is_validator(&self) -> bool {
		true
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		Err(())
	}

	fn timestamp(&mut self) -> Timestamp {
		Timestamp::from_unix_millis(self.state().now)
	}

	fn sleep_until(&mut self, deadline: Timestamp) {
		self.state().now = deadline.unix_millis();
	}

	fn random_seed(&mut self) -> [u8; 32] {
		self.state().seed
	}

	fn http_request_start(&mut self, method: &str, uri: &str, _: &[u8]) -> Result<HttpRequestId, ()> {
		assert_eq!(method, "GET");
		let mut state = self.state();
		state.asked.push(uri.into());
		if matches!(state.behaviour, Behaviour::Refuses) {
			return Err(());
		}
		let id = u16::try_from(state.asked.len()).expect("few");
		let body = match &state.behaviour {
			Behaviour::Answers(_, body) | Behaviour::BreaksOffWithin(body) => body.clone(),
			_ => Vec::new(),
		};
		state.open.insert(id, body);
		Ok(HttpRequestId(id))
	}

	fn http_request_add_header(&mut self, _: HttpRequestId, _: &str, _: &str) -> Result<(), ()> {
		Ok(())
	}

	fn http_request_write_body(
		&mut self,
		_: HttpRequestId,
		_: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		assert!(deadline.is_some(), "every wait ends");
		Ok(())
	}

	fn http_response_wait(&mut self, ids: &[HttpRequestId], deadline: Option<Timestamp>) -> Vec<HttpRequestStatus> {
		let deadline = deadline.expect("every wait ends").unix_millis();
		let mut state = self.state();
		let status = match state.behaviour {
			Behaviour::Silent => {
				state.now = deadline;
				HttpRequestStatus::DeadlineReached
			},
			Behaviour::Refuses | Behaviour::BreaksOff => HttpRequestStatus::IoError,
			Behaviour::Answers(status, _) => HttpRequestStatus::Finished(status),
			_ => HttpRequestStatus::Finished(200),
		};
		ids.iter().map(|_| status).collect()
	}

	fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		Vec::new()
	}

	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		let deadline = deadline.expect("every wait ends").unix_millis();
		let mut state = self.state();
		match state.behaviour.clone() {
			Behaviour::Endless => {
				buffer.fill(b' ');
				Ok(buffer.len())
			},
			Behaviour::Drips(pause) if state.now + pause > deadline => {
				state.now = deadline;
				Err(HttpError::DeadlineReached)
			},
			Behaviour::Drips(pause) | Behaviour::DripsUnnoticed(pause) => {
				state.now += pause;
				buffer[0] = b' ';
				Ok(1)
			},
			behaviour => {
				let left = state.open.get_mut(&id.0).ok_or(HttpError::Invalid)?;
				let count = left.len().min(buffer.len());
				buffer[..count].copy_from_slice(&left[..count]);
				left.drain(..count);
				match behaviour {
					Behaviour::BreaksOffWithin(_) if count == 0 => Err(HttpError::IoError),
					_ => Ok(count),
				}
			},
		}
	}

	fn set_authorized_nodes(&mut self, _: Vec<sp_core::OpaquePeerId>, _: bool) {
		panic!("nobody asks for that")
	}
}

impl DbExternalities for Network {
	fn local_storage_set(&mut self, kind: StorageKind, key: &[u8], value: &[u8]) {
		assert_eq!(kind, StorageKind::PERSISTENT);
		self.state().storage.set(b"", key, value)
	}

	fn local_storage_clear(&mut self, kind: StorageKind, key: &[u8]) {
		assert_eq!(kind, StorageKind::PERSISTENT);
		self.state().storage.remove(b"", key)
	}

	fn local_storage_compare_and_set(
		&mut self,
		kind: StorageKind,
		key: &[u8],
		old_value: Option<&[u8]>,
		new_value: &[u8],
	) -> bool {
		assert_eq!(kind, StorageKind::PERSISTENT);
		self.state().storage.compare_and_set(b"", key, old_value, new_value)
	}

	fn local_storage_get(&mut self, kind: StorageKind, key: &[u8]) -> Option<Vec<u8>> {
		assert_eq!(kind, StorageKind::PERSISTENT);
		self.state().storage.get(b"", key)
	}
}

/// A node with the keys of these attestors, and a gateway at the usual address.
pub struct Node {
	pub network: Network,
	pool: Box<dyn Fn() -> Vec<Vec<u8>>>,
}

impl Node {
	/// Runs a test on this chain, with a node.
	pub fn run(world: World, attestors: &[u8], test: impl FnOnce(Self)) {
		let mut ext = world.build();
		let network = Network::default();
		network.state().seed = [77; 32];
		network.state().storage.set(b"", GATEWAY_KEY, b"http://127.0.0.1:8787");
		let keystore = MemoryKeystore::new();
		for number in attestors {
			keystore.sr25519_generate_new(KEY_TYPE, Some(&format!("//Attestor{number}"))).expect("it has room");
		}
		let (pool_ext, pool) = TestTransactionPoolExt::new();
		ext.register_extension(OffchainDbExt::new(network.clone()));
		ext.register_extension(OffchainWorkerExt::new(network.clone()));
		ext.register_extension(TransactionPoolExt::new(pool_ext));
		ext.register_extension(KeystoreExt::new(keystore));
		let pool = Box::new(move || pool.write().transactions.drain(..).collect());
		ext.execute_with(|| {
			test(Self { network, pool });
			Attestation::do_try_state().expect("the invariants hold after the test");
		});
	}

	/// Runs the worker in this block, with the node's clock at the block's time at least.
	pub fn work(&self) {
		{
			let mut state = self.network.state();
			state.now = state.now.max(slot() * SLOT);
		}
		Attestation::offchain_worker(System::block_number());
	}

	/// What the worker handed to the pool since the last time.
	pub fn sent(&self) -> Vec<Call<Test>> {
		let calls = (self.pool)().into_iter().map(|bytes| {
			let transaction = Extrinsic::decode(&mut &bytes[..]).expect("it is a transaction");
			match transaction.function {
				RuntimeCall::Attestation(call) => call,
				other => panic!("{other:?}"),
			}
		});
		calls.collect()
	}

	/// Puts what the worker sent into a block, and says how many transactions that were.
	pub fn include(&self) -> usize {
		let calls = self.sent();
		let count = calls.len();
		for call in calls {
			super::authorized::apply(call).expect("it is valid").expect("it succeeds");
		}
		count
	}

	/// Lets the worker run in every block until the round is at a stage, and includes what it sends.
	pub fn work_until(&self, stage: Stage) {
		for _ in 0..100 {
			if round().stage == stage {
				return;
			}
			self.work();
			self.include();
			block_after(1);
		}
		panic!("the round never came to {stage:?}");
	}

	pub fn counters(&self) -> WorkerCounters {
		let bytes = self.network.state().storage.get(b"", COUNTERS_KEY);
		bytes.map(|bytes| WorkerCounters::read(&bytes).expect("they are counters")).unwrap_or_default()
	}

	/// Changes what is in the node's storage.
	pub fn store(&self, key: &[u8], value: Option<&[u8]>) {
		let mut state = self.network.state();
		match value {
			Some(value) => state.storage.set(b"", key, value),
			None => state.storage.remove(b"", key),
		}
	}

	pub fn finding(number: u8) -> Option<Finding> {
		Members::<Test>::get(RESOURCE, attestor(number)).finding
	}
}
