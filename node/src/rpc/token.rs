//! The methods of the token, `gcx_*`.

use super::{block_or_best, unanswered};
use gcx_runtime::{opaque::Block, AccountId, Hash};
use gcx_runtime_api::{FeesView, RewardsView, SeatsView, TokenApi, TokenView};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// What the exchange tells clients of its token.
#[rpc(server, namespace = "gcx")]
pub trait TokenRpc {
	/// How much of it there is, was issued, burned, is held and staked, what may still be issued, and this era's growth. At a block,
	/// or at the best one.
	#[method(name = "token")]
	fn token(&self, at: Option<Hash>) -> RpcResult<TokenView>;

	/// What trading costs an account: its tier, what it traded, and the next tier.
	#[method(name = "fees")]
	fn fees(&self, account: AccountId, at: Option<Hash>) -> RpcResult<FeesView>;

	/// What an account can claim of rewards and rebates.
	#[method(name = "rewards")]
	fn rewards(&self, account: AccountId, at: Option<Hash>) -> RpcResult<RewardsView>;

	/// How many seats there are and are taken, and what the next one costs.
	#[method(name = "seats")]
	fn seats(&self, at: Option<Hash>) -> RpcResult<SeatsView>;
}

/// Answers from the chain's state.
pub struct Token<Client> {
	client: Arc<Client>,
}

impl<Client> Token<Client> {
	/// Answers from this chain.
	pub const fn new(client: Arc<Client>) -> Self {
		Self { client }
	}
}

impl<Client> TokenRpcServer for Token<Client>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: TokenApi<Block, AccountId>> + Send + Sync + 'static,
{
	fn token(&self, at: Option<Hash>) -> RpcResult<TokenView> {
		self.client.runtime_api().token(block_or_best(&*self.client, at)).map_err(unanswered)
	}

	fn fees(&self, account: AccountId, at: Option<Hash>) -> RpcResult<FeesView> {
		self.client.runtime_api().fees(block_or_best(&*self.client, at), account).map_err(unanswered)
	}

	fn rewards(&self, account: AccountId, at: Option<Hash>) -> RpcResult<RewardsView> {
		self.client.runtime_api().rewards(block_or_best(&*self.client, at), account).map_err(unanswered)
	}

	fn seats(&self, at: Option<Hash>) -> RpcResult<SeatsView> {
		self.client.runtime_api().seats(block_or_best(&*self.client, at)).map_err(unanswered)
	}
}
