//! Proof of compute on a chain behind a node.

use crate::{
	chain::{node::Node, ChainError},
	key::Key,
};
use codec::Encode;
use gcx_math::proof::{DeviceOpening, Hash};
use gcx_primitives::{ResourceId, RollCallId};
use gcx_runtime_api::ProofView;
use std::future::Future;
use subxt::{
	ext::scale_encode::{EncodeAsFields, Error, FieldIter, TypeResolver},
	transactions::StaticPayload,
};

/// An opening, and which of the drawn cells it is of.
pub type Shown = (u32, DeviceOpening);

/// A chain with roll-calls.
pub trait ProofChain: Send {
	/// Hash of its first block.
	fn genesis(&self) -> Hash;

	/// Waits for a best block that was not seen yet, and says what there is of each resource that is known. May be dropped before it is ready.
	fn next(&mut self) -> impl Future<Output = Result<Vec<ProofView>, ChainError>> + Send;

	/// Sends a commitment, once.
	fn commit(
		&mut self,
		roll_call: RollCallId,
		resource: ResourceId,
		rounds: u32,
		commitment: Hash,
	) -> impl Future<Output = Result<(), ChainError>> + Send;

	/// Sends openings, once.
	fn open(
		&mut self,
		roll_call: RollCallId,
		resource: ResourceId,
		shown: Vec<Shown>,
	) -> impl Future<Output = Result<(), ChainError>> + Send;
}

/// A chain behind a node.
pub struct Live {
	node: Node,
	resources: Vec<ResourceId>,
	key: Key,
}

impl Live {
	/// These resources, by a connection of their own.
	pub const fn new(node: Node, resources: Vec<ResourceId>, key: Key) -> Self {
		Self { node, resources, key }
	}
}

/// Arguments of a call, encoded as the runtime decodes them: openings have more layers than it is worth to describe one by one.
struct Arguments(Vec<u8>);

impl EncodeAsFields for Arguments {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

fn call(name: &str, arguments: &impl Encode) -> StaticPayload<Arguments> {
	StaticPayload::new("Proof", name, Arguments(arguments.encode()))
}

impl ProofChain for Live {
	fn genesis(&self) -> Hash {
		self.node.genesis()
	}

	async fn next(&mut self) -> Result<Vec<ProofView>, ChainError> {
		if let Err(error) = self.node.wait().await {
			self.node.forget();
			return Err(error);
		}
		let resources = &self.resources;
		self.node
			.within(async |node| {
				let best = node.best().await?;
				let mut views = Vec::with_capacity(resources.len());
				for resource in resources {
					views.extend(node.ask::<ProofView>("gcx_proof", resource).await?);
				}
				node.looked(best);
				Ok(views)
			})
			.await
	}

	async fn commit(
		&mut self,
		roll_call: RollCallId,
		resource: ResourceId,
		rounds: u32,
		commitment: Hash,
	) -> Result<(), ChainError> {
		self.node.send(&call("commit", &(roll_call, resource, rounds, commitment)), &self.key).await
	}

	async fn open(&mut self, roll_call: RollCallId, resource: ResourceId, shown: Vec<Shown>) -> Result<(), ChainError> {
		self.node.send(&call("open", &(roll_call, resource, shown)), &self.key).await
	}
}
