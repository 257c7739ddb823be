//! A connection to a node: what reading and sending have in common, whatever is read and sent.
//!
//! What is read and sent is described by the runtime's own metadata, fetched for each version of the runtime that a block was
//! made by: the agent needs no new release for an upgrade that leaves what it uses alone.

use super::ChainError;
use crate::key::Key;
use serde::{de::DeserializeOwned, Serialize};
use std::{fmt, sync::Arc, time::Duration};
use subxt::{
	client::{Block, Blocks, OnlineClientAtBlockImpl},
	config::{DefaultExtrinsicParamsBuilder, RpcConfigFor},
	dynamic::{self, Value},
	rpcs::{self, client::RpcParams, LegacyRpcMethods, RpcClient},
	transactions::{Payload, TransactionStatus},
	tx::Signer,
	utils::{AccountId32, MultiSignature},
	OnlineClient, PolkadotConfig,
};
use tokio::{sync::Mutex, time::timeout};

/// How long a connection, and each question, may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long no block may come before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(90);
/// How long a transaction may take until it is final.
const FINALITY: Duration = Duration::from_secs(180);
/// How long a newer block is waited for, once there is one.
const CATCH_UP: Duration = Duration::from_millis(10);
/// What a node answers to parameters that it refuses: JSON-RPC 2.0, section 5.1.
const INVALID_PARAMS: i32 = -32_602;
/// Blocks that a transaction is good for.
const MORTALITY: u64 = 32;

/// The chain at one block.
pub type AtBlock = subxt::client::ClientAtBlock<PolkadotConfig, OnlineClientAtBlockImpl<PolkadotConfig>>;

/// Whose turn it is to send. All who send with one key share one: a transaction's number is asked for and used in one turn.
pub type Turn = Arc<Mutex<()>>;

/// A connection.
struct Connection {
	rpc: RpcClient,
	client: OnlineClient<PolkadotConfig>,
	blocks: Blocks<PolkadotConfig>,
	/// A block that has come and was not looked at yet.
	pending: Option<Block<PolkadotConfig>>,
}

/// A node.
pub struct Node {
	url: String,
	genesis: [u8; 32],
	turn: Turn,
	connection: Option<Connection>,
	/// The block that was looked at last.
	at: Option<AtBlock>,
}

impl Node {
	/// Connects to a node: `ws://` or `wss://`.
	///
	/// # Errors
	/// [`ChainError::Lost`].
	pub async fn connect(url: String) -> Result<Self, ChainError> {
		let connection = open(&url).await?;
		let genesis = connection.client.genesis_hash().0;
		Ok(Self { url, genesis, turn: Turn::default(), connection: Some(connection), at: None })
	}

	/// A connection of its own to the same node, made when it is needed. It takes turns with this one.
	pub fn another(&self) -> Self {
		Self { url: self.url.clone(), genesis: self.genesis, turn: self.turn.clone(), connection: None, at: None }
	}

	/// Hash of the chain's first block.
	pub const fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	/// The node is lost.
	pub fn lost(&self, why: impl fmt::Display) -> ChainError {
		lost(&self.url, why)
	}

	/// The connection, opened anew if there is none.
	async fn connected(&mut self) -> Result<&mut Connection, ChainError> {
		if self.connection.is_none() {
			let connection = open(&self.url).await?;
			if connection.client.genesis_hash().0 != self.genesis {
				return Err(ChainError::OtherChain);
			}
			self.connection = Some(connection);
		}
		self.connection.as_mut().ok_or(ChainError::OtherChain)
	}

	/// Waits for a block that was not looked at yet; of several that have come, the newest. Nothing is missed if it is dropped
	/// before it is ready.
	///
	/// # Errors
	/// [`ChainError::Lost`], [`ChainError::OtherChain`].
	pub async fn wait(&mut self) -> Result<(), ChainError> {
		let url = self.url.clone();
		let connection = self.connected().await?;
		if connection.pending.is_none() {
			let block = timeout(SILENCE, connection.blocks.next()).await;
			let block = block.map_err(|_| lost(&url, format!("no block for {} s", SILENCE.as_secs())))?;
			let block = block.ok_or_else(|| lost(&url, "it closed the connection"))?;
			connection.pending = Some(block.map_err(|e| lost(&url, e))?);
		}
		// After a connection, and after a long look, several are there; each comes only when it is asked for.
		while let Ok(Some(Ok(newer))) = timeout(CATCH_UP, connection.blocks.next()).await {
			connection.pending = Some(newer);
		}
		Ok(())
	}

	/// The block that was waited for.
	///
	/// # Errors
	/// [`ChainError::Lost`].
	pub async fn best(&mut self) -> Result<AtBlock, ChainError> {
		let url = self.url.clone();
		let connection = self.connected().await?;
		let Some(block) = &connection.pending else { return Err(lost(&url, "no block")) };
		block.at().await.map_err(|e| lost(&url, e))
	}

	/// The last finalised block.
	///
	/// # Errors
	/// [`ChainError::Lost`].
	pub async fn finalised(&mut self) -> Result<AtBlock, ChainError> {
		let url = self.url.clone();
		let connection = self.connected().await?;
		connection.client.at_current_block().await.map_err(|e| lost(&url, e))
	}

	/// Asks a method of the node's own, with one parameter. None if it refuses the parameter: there is no such thing.
	///
	/// # Errors
	/// [`ChainError::Lost`], or [`ChainError::Unexpected`] if there is no such method, or it answers something else.
	pub async fn ask<T: DeserializeOwned>(
		&mut self,
		method: &str,
		parameter: impl Serialize,
	) -> Result<Option<T>, ChainError> {
		let url = self.url.clone();
		let unexpected = |why: &dyn fmt::Display| ChainError::Unexpected(format!("{method}: {why}"));
		let mut parameters = RpcParams::new();
		parameters.push(parameter).map_err(|e| unexpected(&e))?;
		match self.connected().await?.rpc.request(method, parameters).await {
			Ok(answer) => Ok(Some(answer)),
			Err(rpcs::Error::User(error)) if error.code == INVALID_PARAMS => Ok(None),
			Err(error @ (rpcs::Error::User(_) | rpcs::Error::Deserialization(_))) => Err(unexpected(&error)),
			Err(error) => Err(lost(&url, error)),
		}
	}

	/// The block that was waited for was looked at.
	pub fn looked(&mut self, at: AtBlock) {
		self.at = Some(at);
		if let Some(connection) = &mut self.connection {
			connection.pending = None;
		}
	}

	/// Bounds the time of a question; after an error the next one connects anew.
	///
	/// # Errors
	/// The answer's, or [`ChainError::Lost`].
	pub async fn within<T>(
		&mut self,
		ask: impl AsyncFnOnce(&mut Self) -> Result<T, ChainError>,
	) -> Result<T, ChainError> {
		let answer = match timeout(PATIENCE, ask(self)).await {
			Ok(answer) => answer,
			Err(e) => Err(self.lost(e)),
		};
		if answer.is_err() {
			self.forget();
		}
		answer
	}

	/// The next question connects anew.
	pub fn forget(&mut self) {
		self.connection = None;
	}

	/// Sends a call, once. It counts only on chains that contain the block that was looked at last, and comes after what the node
	/// has of this key already.
	///
	/// # Errors
	/// [`ChainError::Lost`], [`ChainError::Refused`].
	pub async fn send(&mut self, call: &impl Payload, key: &Key) -> Result<(), ChainError> {
		let way = self.way()?;
		let sent = timeout(PATIENCE, async {
			let _turn = way.turn.lock().await;
			let params = DefaultExtrinsicParamsBuilder::new().nonce(way.nonce(key).await?).mortal(MORTALITY).build();
			let sent = way.at.transactions().sign_and_submit(call, key, params).await;
			sent.map(|_| ()).map_err(|e| ChainError::Refused(e.to_string()))
		});
		sent.await.map_err(|e| lost(&way.url, e))?
	}

	/// Sends a call and waits until it was carried out in a block that is final. Gives back that block's hash.
	///
	/// # Errors
	/// [`ChainError::Lost`], or [`ChainError::Refused`] with the runtime's reason.
	pub async fn carry_out(&mut self, call: &impl Payload, key: &Key) -> Result<String, ChainError> {
		let way = self.way()?;
		let late = format!("the transaction is not final within {} s", FINALITY.as_secs());
		timeout(FINALITY, way.carry_out(call, key)).await.map_err(|_| lost(&way.url, late))?
	}

	fn way(&self) -> Result<Way, ChainError> {
		let (Some(connection), Some(at)) = (&self.connection, &self.at) else {
			return Err(self.lost("no block was seen yet"));
		};
		Ok(Way { url: self.url.clone(), turn: self.turn.clone(), rpc: connection.rpc.clone(), at: at.clone() })
	}
}

/// What sending needs.
struct Way {
	url: String,
	turn: Turn,
	rpc: RpcClient,
	/// Where to send from.
	at: AtBlock,
}

impl Way {
	/// The number of the key's next transaction, those counted that are in no block yet.
	async fn nonce(&self, key: &Key) -> Result<u64, ChainError> {
		let methods = LegacyRpcMethods::<RpcConfigFor<PolkadotConfig>>::new(self.rpc.clone());
		methods.system_account_next_index(&key.account_id()).await.map_err(|e| lost(&self.url, e))
	}

	async fn carry_out(&self, call: &impl Payload, key: &Key) -> Result<String, ChainError> {
		let refused = |e: &dyn fmt::Display| ChainError::Refused(e.to_string());
		let turn = self.turn.lock().await;
		let params = DefaultExtrinsicParamsBuilder::new().nonce(self.nonce(key).await?).mortal(MORTALITY).build();
		let sent = self.at.transactions().sign_and_submit_then_watch(call, key, params).await;
		drop(turn);
		let mut progress = sent.map_err(|e| refused(&e))?;
		while let Some(status) = progress.next().await {
			match status.map_err(|e| lost(&self.url, e))? {
				TransactionStatus::InFinalizedBlock(block) => {
					block.wait_for_success().await.map_err(|e| refused(&e))?;
					return Ok(format!("{:?}", block.block_hash()));
				},
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => return Err(ChainError::Refused(message)),
				TransactionStatus::Validated
				| TransactionStatus::Broadcasted
				| TransactionStatus::NoLongerInBestBlock
				| TransactionStatus::InBestBlock(_) => (),
			}
		}
		Err(lost(&self.url, "it stopped telling what became of the transaction"))
	}
}

fn lost(url: &str, why: impl fmt::Display) -> ChainError {
	ChainError::Lost { url: url.into(), why: why.to_string() }
}

async fn open(url: &str) -> Result<Connection, ChainError> {
	let opened = timeout(PATIENCE, async {
		// The URL is the operator's own, and loopback as a rule: plain `ws://` is allowed.
		let rpc = RpcClient::from_insecure_url(url).await.map_err(|e| lost(url, e))?;
		let client = OnlineClient::<PolkadotConfig>::from_rpc_client(rpc.clone()).await.map_err(|e| lost(url, e))?;
		let blocks = client.stream_best_blocks().await.map_err(|e| lost(url, e))?;
		Ok(Connection { rpc, client, blocks, pending: None })
	});
	opened.await.map_err(|e| lost(url, e))?
}

/// Something of the runtime is not as expected.
pub fn unexpected(pallet: &str, entry: &str, why: impl fmt::Display) -> ChainError {
	ChainError::Unexpected(format!("{pallet}.{entry}: {why}"))
}

/// A value of the chain's storage; none if there is none.
///
/// # Errors
/// [`ChainError::Unexpected`].
pub async fn fetch(at: &AtBlock, pallet: &str, entry: &str, keys: Vec<Value>) -> Result<Option<Value>, ChainError> {
	let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
	let fail = |e: &dyn fmt::Display| unexpected(pallet, entry, e);
	// That the entry exists is asked of the metadata alone: it tells an error of the runtime from one of the connection.
	let entry = at.storage().entry(address).map_err(|e| fail(&e))?;
	let value = entry.try_fetch(keys).await.map_err(|e| fail(&e))?;
	value.map(|value| value.decode().map_err(|e| fail(&e))).transpose()
}

/// All entries of a map whose keys begin with these: of each the last part of its key, and its value.
///
/// # Errors
/// [`ChainError::Unexpected`].
pub async fn entries(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	keys: Vec<Value>,
) -> Result<Vec<(Value, Value)>, ChainError> {
	let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
	let fail = |e: &dyn fmt::Display| unexpected(pallet, entry, e);
	let entry = at.storage().entry(address).map_err(|e| fail(&e))?;
	let mut all = entry.iter(keys).await.map_err(|e| fail(&e))?;
	let mut read = Vec::new();
	while let Some(next) = all.next().await {
		let next = next.map_err(|e| fail(&e))?;
		let key = next.key().map_err(|e| fail(&e))?;
		let last = key.parts().last().ok_or_else(|| fail(&"no key"))?;
		let last = last.decode_as::<Value>().map_err(|e| fail(&e))?.ok_or_else(|| fail(&"its key is a hash"))?;
		read.push((last, next.value().decode().map_err(|e| fail(&e))?));
	}
	Ok(read)
}

/// A number that is a constant of the runtime.
///
/// # Errors
/// [`ChainError::Unexpected`].
pub fn constant(at: &AtBlock, pallet: &str, name: &str) -> Result<u64, ChainError> {
	let address = dynamic::constant::<u64>(pallet, name);
	at.constants().entry(address).map_err(|e| unexpected(pallet, name, e))
}

impl Signer<PolkadotConfig> for Key {
	fn account_id(&self) -> AccountId32 {
		AccountId32(self.account().into())
	}

	fn sign(&self, payload: &[u8]) -> MultiSignature {
		MultiSignature::Sr25519(self.sign_raw(payload))
	}
}
