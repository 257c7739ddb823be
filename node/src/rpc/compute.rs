//! The methods of compute, `gcx_*`: classes, resources, what work takes, and attestation with what this node's worker did.

use super::{block_or_best, unanswered, unknown};
use crate::attestor;
use gcx_primitives::{ClassId, ResourceId};
use gcx_runtime::{opaque::Block, AccountId, Hash};
use gcx_runtime_api::{
	AttestationApi, AttestorView, ClassView, ComputeApi, Estimate, NoEstimate, ResourceView, RoundView, Work,
};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use pallet_attestation::worker::WorkerCounters;
use sc_client_db::offchain::LocalStorage;
use serde::Serialize;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// What the exchange tells clients of compute.
#[rpc(server, namespace = "gcx")]
pub trait ComputeRpc {
	/// A class with its reference systems. At a block, or at the best one.
	#[method(name = "class")]
	fn class(&self, class: ClassId, at: Option<Hash>) -> RpcResult<ClassView>;

	/// A resource: its grade and the age of that, its capacity, its state, and its last round with the reasons of who did not
	/// accept its results.
	#[method(name = "resource")]
	fn resource(&self, resource: ResourceId, at: Option<Hash>) -> RpcResult<Resource>;

	/// What some work takes of a class in Compute Hours, and how many reference devices are done within so many hours.
	#[method(name = "estimate")]
	fn estimate(
		&self,
		class: ClassId,
		work: Work,
		deadline_hours: Option<u32>,
		at: Option<Hash>,
	) -> RpcResult<EstimateAnswer>;

	/// The attestors, the open rounds, and what this node's own worker did since its storage began.
	#[method(name = "attestation")]
	fn attestation(&self, at: Option<Hash>) -> RpcResult<Attestation>;
}

/// The answer of [`ComputeRpcApi::resource`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
	/// As it stands.
	#[serde(flatten)]
	pub state: ResourceView<AccountId>,
	/// Its last round, open or closed.
	pub last_round: Option<RoundView<AccountId>>,
}

/// The answer of [`ComputeRpcApi::estimate`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EstimateAnswer {
	/// What it takes.
	Takes(Estimate),
	/// Why there is no estimate.
	Refused(NoEstimate),
}

/// The answer of [`ComputeRpcApi::attestation`].
#[derive(Clone, Debug, Serialize)]
pub struct Attestation {
	/// The attestors, by account.
	pub attestors: Vec<AttestorView<AccountId>>,
	/// The open rounds, those that are due first at the front.
	pub rounds: Vec<RoundView<AccountId>>,
	/// What this node does.
	pub worker: Worker,
}

/// What this node's own attestors do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Worker {
	/// The attestors whose keys are in the keystore.
	pub keys: Vec<AccountId>,
	/// Whether it has a gateway. Which one, it keeps to itself.
	pub has_gateway: bool,
	/// What it did.
	pub counters: WorkerCounters,
}

/// Answers from the chain's state, and from the node's own storage.
pub struct Compute<Client> {
	client: Arc<Client>,
	keystore: KeystorePtr,
	offchain: Option<LocalStorage>,
}

impl<Client> Compute<Client> {
	/// Answers from these.
	pub fn new(client: Arc<Client>, keystore: KeystorePtr, offchain: Option<LocalStorage>) -> Self {
		Self { client, keystore, offchain }
	}
}

impl<Client> ComputeRpcServer for Compute<Client>
where
	Client: HeaderBackend<Block>
		+ ProvideRuntimeApi<Block, Api: ComputeApi<Block, AccountId> + AttestationApi<Block, AccountId>>
		+ Send
		+ Sync
		+ 'static,
{
	fn class(&self, class: ClassId, at: Option<Hash>) -> RpcResult<ClassView> {
		let view =
			self.client.runtime_api().compute_class(block_or_best(&*self.client, at), class).map_err(unanswered)?;
		view.ok_or_else(|| unknown(format!("there is no compute class {}", class.0)))
	}

	fn resource(&self, resource: ResourceId, at: Option<Hash>) -> RpcResult<Resource> {
		let (at, api) = (block_or_best(&*self.client, at), self.client.runtime_api());
		let state = api.resource(at, resource).map_err(unanswered)?;
		let state = state.ok_or_else(|| unknown(format!("there is no resource {}", resource.0)))?;
		let last_round = api.attestation_round(at, resource).map_err(unanswered)?;
		Ok(Resource { state, last_round })
	}

	fn estimate(
		&self,
		class: ClassId,
		work: Work,
		deadline_hours: Option<u32>,
		at: Option<Hash>,
	) -> RpcResult<EstimateAnswer> {
		let estimate =
			self.client.runtime_api().estimate(block_or_best(&*self.client, at), class, work, deadline_hours);
		Ok(match estimate.map_err(unanswered)? {
			Ok(estimate) => EstimateAnswer::Takes(estimate),
			Err(reason) => EstimateAnswer::Refused(reason),
		})
	}

	fn attestation(&self, at: Option<Hash>) -> RpcResult<Attestation> {
		let (at, api) = (block_or_best(&*self.client, at), self.client.runtime_api());
		let mut rounds = Vec::new();
		for resource in api.open_rounds(at).map_err(unanswered)? {
			rounds.extend(api.attestation_round(at, resource).map_err(unanswered)?);
		}
		let attestors = api.attestors(at).map_err(unanswered)?;
		let offchain = self.offchain.as_ref();
		let worker = Worker {
			keys: attestor::keys(&self.keystore),
			has_gateway: offchain.is_some_and(attestor::has_gateway),
			counters: offchain.map(attestor::counters).unwrap_or_default(),
		};
		Ok(Attestation { attestors, rounds, worker })
	}
}
