//! A chain behind a node's WebSocket.
//!
//! What is read and sent is described by the runtime's own metadata, fetched for each version of the runtime that a block was
//! made by: the agent needs no new release for an upgrade that leaves what it uses alone.

use super::{values, Answer, Chain, ChainError, Round, Seen, View};
use crate::key::Key;
use gcx_primitives::{ClassId, ResourceId, RoundId};
use std::{fmt, time::Duration};
use subxt::{
	client::{Block, Blocks, OnlineClientAtBlockImpl},
	config::DefaultExtrinsicParamsBuilder,
	dynamic::{self, Value},
	ext::futures::FutureExt,
	tx::Signer,
	utils::{AccountId32, MultiSignature},
	OnlineClient, PolkadotConfig,
};
use tokio::time::timeout;

/// How long a connection, and each question, may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long no block may come before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(90);
/// Blocks that an answer is good for.
const MORTALITY: u64 = 32;

type AtBlock = subxt::client::ClientAtBlock<PolkadotConfig, OnlineClientAtBlockImpl<PolkadotConfig>>;

/// A connection.
struct Connection {
	client: OnlineClient<PolkadotConfig>,
	blocks: Blocks<PolkadotConfig>,
	/// A block that has come and was not looked at yet.
	pending: Option<Block<PolkadotConfig>>,
}

/// A chain behind a node.
pub struct Live {
	url: String,
	resources: Vec<ResourceId>,
	key: Key,
	genesis: [u8; 32],
	connection: Option<Connection>,
	/// The block that was seen last.
	at: Option<AtBlock>,
}

impl Live {
	/// Connects to a node: `ws://` or `wss://`.
	///
	/// # Errors
	/// [`ChainError::Lost`].
	pub async fn connect(url: String, resources: Vec<ResourceId>, key: Key) -> Result<Self, ChainError> {
		let mut live = Self { url, resources, key, genesis: [0; 32], connection: None, at: None };
		let connection = open(&live.url).await?;
		live.genesis = connection.client.genesis_hash().0;
		live.connection = Some(connection);
		Ok(live)
	}

	fn lost(&self, why: impl fmt::Display) -> ChainError {
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

	/// Waits for a block; of several that have come, the newest.
	async fn wait(&mut self) -> Result<(), ChainError> {
		let url = self.url.clone();
		let connection = self.connected().await?;
		if connection.pending.is_none() {
			let block = timeout(SILENCE, connection.blocks.next()).await;
			let block = block.map_err(|_| lost(&url, format!("no block for {} s", SILENCE.as_secs())))?;
			let block = block.ok_or_else(|| lost(&url, "it closed the connection"))?;
			connection.pending = Some(block.map_err(|e| lost(&url, e))?);
		}
		while let Some(Some(Ok(newer))) = connection.blocks.next().now_or_never() {
			connection.pending = Some(newer);
		}
		Ok(())
	}

	async fn look(&mut self) -> Result<View, ChainError> {
		let (url, resources) = (self.url.clone(), self.resources.clone());
		let connection = self.connected().await?;
		let Some(block) = &connection.pending else { return Err(lost(&url, "no block")) };
		let best = block.at().await.map_err(|e| lost(&url, e))?;
		let finalised = connection.client.at_current_block().await.map_err(|e| lost(&url, e))?;
		let slot = fetch(&best, "Babe", "CurrentSlot", None).await?.and_then(|value| values::integer(&value));
		let slot_millis = best
			.constants()
			.entry(dynamic::constant::<u64>("Babe", "ExpectedBlockTime"))
			.map_err(|e| ChainError::Unexpected(e.to_string()))?;
		let mut seen = Vec::with_capacity(resources.len());
		for resource in resources {
			let mut round = round_of(&best, resource).await?;
			if let Some(silent) = round.as_mut().filter(|round| round.answer.is_none() && round.solves.is_none()) {
				silent.solves = solves(&best, silent.class).await?;
			}
			seen.push(Seen { resource, best: round, finalised: round_of(&finalised, resource).await? });
		}
		let view = View {
			block: best.block_number(),
			slot: slot.ok_or_else(|| ChainError::Unexpected("Babe.CurrentSlot is no number".into()))?,
			slot_millis,
			seen,
		};
		self.at = Some(best);
		if let Some(connection) = &mut self.connection {
			connection.pending = None;
		}
		Ok(view)
	}
}

fn lost(url: &str, why: impl fmt::Display) -> ChainError {
	ChainError::Lost { url: url.into(), why: why.to_string() }
}

async fn open(url: &str) -> Result<Connection, ChainError> {
	let opened = timeout(PATIENCE, async {
		// The URL is the operator's own, and loopback as a rule: plain `ws://` is allowed.
		let client = OnlineClient::<PolkadotConfig>::from_insecure_url(url).await.map_err(|e| lost(url, e))?;
		let blocks = client.stream_best_blocks().await.map_err(|e| lost(url, e))?;
		Ok(Connection { client, blocks, pending: None })
	});
	opened.await.map_err(|e| lost(url, e))?
}

/// A value of the chain's storage; none if there is none.
async fn fetch(at: &AtBlock, pallet: &str, entry: &str, key: Option<u32>) -> Result<Option<Value>, ChainError> {
	let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
	let keys = key.into_iter().map(|key| Value::u128(key.into())).collect();
	let unexpected = |e: &dyn fmt::Display| ChainError::Unexpected(format!("{pallet}.{entry}: {e}"));
	// That the entry exists is asked of the metadata alone: it tells an error of the runtime from one of the connection.
	let entry = at.storage().entry(address).map_err(|e| unexpected(&e))?;
	let value = entry.try_fetch(keys).await.map_err(|e| unexpected(&e))?;
	value.map(|value| value.decode().map_err(|e| unexpected(&e))).transpose()
}

async fn round_of(at: &AtBlock, resource: ResourceId) -> Result<Option<Round>, ChainError> {
	let value = fetch(at, "Attestation", "Rounds", Some(resource.0)).await?;
	let round = value.map(|value| values::round(&value)).transpose();
	round.map_err(|e| ChainError::Unexpected(format!("Attestation.Rounds: {e}")))
}

async fn solves(at: &AtBlock, class: ClassId) -> Result<Option<bool>, ChainError> {
	Ok(fetch(at, "Compute", "Classes", Some(class.0)).await?.and_then(|value| values::solves(&value).ok()))
}

impl Chain for Live {
	fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	async fn next(&mut self) -> Result<View, ChainError> {
		let looked = match self.wait().await {
			Ok(()) => match timeout(PATIENCE, self.look()).await {
				Ok(looked) => looked,
				Err(e) => Err(self.lost(e)),
			},
			Err(e) => Err(e),
		};
		if looked.is_err() {
			self.connection = None;
		}
		looked
	}

	async fn answer(&mut self, resource: ResourceId, round: RoundId, answer: Option<Answer>) -> Result<(), ChainError> {
		let Some(at) = &self.at else { return Err(self.lost("no block was seen yet")) };
		let call =
			dynamic::transaction("Attestation", "answer_draw", values::answer_arguments(resource, round, answer));
		// The era begins with the block that was seen: the answer is good on its descendants alone.
		let params = DefaultExtrinsicParamsBuilder::new().mortal(MORTALITY).build();
		let mut transactions = at.transactions();
		let sent = timeout(PATIENCE, transactions.sign_and_submit(&call, &self.key, params));
		sent.await.map_err(|e| self.lost(e))?.map(|_| ()).map_err(|e| ChainError::Refused(e.to_string()))
	}
}

impl Signer<PolkadotConfig> for Key {
	fn account_id(&self) -> AccountId32 {
		AccountId32(self.account().into())
	}

	fn sign(&self, payload: &[u8]) -> MultiSignature {
		MultiSignature::Sr25519(self.sign_raw(payload))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn a_node_that_is_not_there_is_lost() {
		let key = Key::load("//Alice").unwrap();
		let connected = Live::connect("ws://127.0.0.1:1".into(), vec![ResourceId(7)], key).await;
		assert!(matches!(connected.map(|_| ()), Err(ChainError::Lost { .. })));
	}
}
