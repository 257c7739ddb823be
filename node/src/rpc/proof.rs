//! The methods of proof of compute, `gcx_*`.

use super::{block_or_best, unanswered, unknown};
use gcx_primitives::ResourceId;
use gcx_runtime::{opaque::Block, Hash};
use gcx_runtime_api::{ProofApi, ProofView, RollCallView};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// What the exchange tells clients of proof of compute.
#[rpc(server, namespace = "gcx")]
pub trait ProofRpc {
	/// The roll-calls that are going on, with their deadlines. At a block, or at the best one.
	#[method(name = "rollCalls")]
	fn roll_calls(&self, at: Option<Hash>) -> RpcResult<Vec<RollCallView>>;

	/// A resource's part in the roll-call of its class, and what the last ones came to.
	#[method(name = "proof")]
	fn proof(&self, resource: ResourceId, at: Option<Hash>) -> RpcResult<ProofView>;
}

/// Answers from the chain's state.
pub struct Proof<Client> {
	client: Arc<Client>,
}

impl<Client> Proof<Client> {
	/// Answers from this chain.
	pub const fn new(client: Arc<Client>) -> Self {
		Self { client }
	}
}

impl<Client> ProofRpcServer for Proof<Client>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: ProofApi<Block>> + Send + Sync + 'static,
{
	fn roll_calls(&self, at: Option<Hash>) -> RpcResult<Vec<RollCallView>> {
		self.client.runtime_api().roll_calls(block_or_best(&*self.client, at)).map_err(unanswered)
	}

	fn proof(&self, resource: ResourceId, at: Option<Hash>) -> RpcResult<ProofView> {
		let view = self.client.runtime_api().proof(block_or_best(&*self.client, at), resource).map_err(unanswered)?;
		view.ok_or_else(|| unknown(format!("there is no resource {}", resource.0)))
	}
}
