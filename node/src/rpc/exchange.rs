//! The methods of the exchange, `gcx_*`: thin wrappers over the runtime interfaces of `gcx-runtime-api`.

use gcx_primitives::{ClassId, Day, Fix};
use gcx_runtime::{opaque::Block, Hash};
use gcx_runtime_api::{IndexApi, IndexState};
use jsonrpsee::{
	core::RpcResult,
	proc_macros::rpc,
	types::{
		error::{INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE},
		ErrorObjectOwned,
	},
};
use serde::Serialize;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Days of fixes that [`ExchangeApi::index`] answers with unless told otherwise.
const DAYS_SHOWN: u32 = 30;

/// What the exchange tells clients.
#[rpc(server, namespace = "gcx")]
pub trait ExchangeApi {
	/// The index of a class: its newest fix and the age of that, today's round, and the final fixes from one day to
	/// another, both included; the last 30 days unless told otherwise. At a block, or at the best one.
	#[method(name = "index")]
	fn index(&self, class: ClassId, from: Option<Day>, to: Option<Day>, at: Option<Hash>) -> RpcResult<Index>;
}

/// The answer of [`ExchangeApi::index`].
#[derive(Clone, Debug, Serialize)]
pub struct Index {
	/// As it stands.
	#[serde(flatten)]
	pub state: IndexState,
	/// Final fixes, the oldest first.
	pub fixes: Vec<Fix>,
}

/// Answers from the chain's state.
pub struct Exchange<Client> {
	client: Arc<Client>,
}

impl<Client> Exchange<Client> {
	/// Answers from the state of this chain.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client }
	}
}

impl<Client> ExchangeApiServer for Exchange<Client>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: IndexApi<Block>> + Send + Sync + 'static,
{
	fn index(&self, class: ClassId, from: Option<Day>, to: Option<Day>, at: Option<Hash>) -> RpcResult<Index> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		let api = self.client.runtime_api();
		let state = api.index(at, class).map_err(unanswered)?.ok_or_else(|| {
			let message = format!("class {} has no index", class.0);
			ErrorObjectOwned::owned(INVALID_PARAMS_CODE, message, None::<()>)
		})?;
		let to = to.unwrap_or(state.today);
		let from = from.unwrap_or(Day(to.0.saturating_sub(DAYS_SHOWN - 1)));
		let fixes = api.fixes(at, class, from, to).map_err(unanswered)?;
		Ok(Index { state, fixes })
	}
}

/// The runtime could not answer: most often the block is unknown, or its state is pruned.
fn unanswered(error: ApiError) -> ErrorObjectOwned {
	ErrorObjectOwned::owned(INTERNAL_ERROR_CODE, format!("the runtime did not answer: {error}"), None::<()>)
}
