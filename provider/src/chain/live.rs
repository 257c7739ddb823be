//! Attestation rounds of a chain behind a node's WebSocket.

use super::{
	node::{constant, fetch, AtBlock, Node},
	values, Answer, Chain, ChainError, Round, Seen, View,
};
use crate::key::Key;
use gcx_primitives::{ClassId, ResourceId, RoundId};
use subxt::dynamic::{self, Value};

/// A chain behind a node.
pub struct Live {
	node: Node,
	resources: Vec<ResourceId>,
	key: Key,
}

impl Live {
	/// Connects to a node: `ws://` or `wss://`.
	///
	/// # Errors
	/// [`ChainError::Lost`].
	pub async fn connect(url: String, resources: Vec<ResourceId>, key: Key) -> Result<Self, ChainError> {
		Ok(Self { node: Node::connect(url).await?, resources, key })
	}

	/// A connection of its own to the same node.
	pub fn another(&self) -> Node {
		self.node.another()
	}
}

/// What the best block says of these resources, and the last finalised one.
async fn look(node: &mut Node, resources: &[ResourceId]) -> Result<View, ChainError> {
	let best = node.best().await?;
	let finalised = node.finalised().await?;
	let slot = fetch(&best, "Babe", "CurrentSlot", Vec::new()).await?.and_then(|value| values::integer(&value));
	let slot_millis = constant(&best, "Babe", "ExpectedBlockTime")?;
	let mut seen = Vec::with_capacity(resources.len());
	for resource in resources.iter().copied() {
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
	node.looked(best);
	Ok(view)
}

async fn round_of(at: &AtBlock, resource: ResourceId) -> Result<Option<Round>, ChainError> {
	let value = fetch(at, "Attestation", "Rounds", vec![Value::u128(resource.0.into())]).await?;
	let round = value.map(|value| values::round(&value)).transpose();
	round.map_err(|e| ChainError::Unexpected(format!("Attestation.Rounds: {e}")))
}

async fn solves(at: &AtBlock, class: ClassId) -> Result<Option<bool>, ChainError> {
	let class = fetch(at, "Compute", "Classes", vec![Value::u128(class.0.into())]).await?;
	Ok(class.and_then(|value| values::solves(&value).ok()))
}

impl Chain for Live {
	fn genesis(&self) -> [u8; 32] {
		self.node.genesis()
	}

	async fn next(&mut self) -> Result<View, ChainError> {
		if let Err(error) = self.node.wait().await {
			self.node.forget();
			return Err(error);
		}
		let resources = &self.resources;
		self.node.within(async |node| look(node, resources).await).await
	}

	async fn answer(&mut self, resource: ResourceId, round: RoundId, answer: Option<Answer>) -> Result<(), ChainError> {
		// Its era begins with the block that was seen: the answer is good on that block's descendants alone.
		let call =
			dynamic::transaction("Attestation", "answer_draw", values::answer_arguments(resource, round, answer));
		self.node.send(&call, &self.key).await
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
