//! The methods of the exchange, `gcx_*`: thin wrappers over the runtime interfaces of `gcx-runtime-api`.

use super::{block_or_best, unanswered, unknown};
use gcx_primitives::{ClassId, Day, Fix, InstrumentId, Lots, Price, Refusal, SubAccount};
use gcx_runtime::{opaque::Block, AccountId, Hash};
use gcx_runtime_api::{
	AccountView, ClearingApi, GuarantorView, IndexApi, IndexState, InstrumentView, LiquidationView, MarginPreview,
	PoolView,
};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use serde::Serialize;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Days of fixes that [`ExchangeApi::index`] answers with unless told otherwise.
const DAYS_SHOWN: u32 = 30;
/// Accounts that [`ExchangeApi::liquidatable`] answers with unless told otherwise.
const ACCOUNTS_SHOWN: u32 = 100;

/// What the exchange tells clients.
#[rpc(server, namespace = "gcx")]
pub trait ExchangeApi {
	/// The index of a class: its newest fix and the age of that, today's round, and the final fixes from one day to
	/// another, both included; the last 30 days unless told otherwise. At a block, or at the best one.
	#[method(name = "index")]
	fn index(&self, class: ClassId, from: Option<Day>, to: Option<Day>, at: Option<Hash>) -> RpcResult<Index>;

	/// A margin account at the settlement prices in force and at mark: cash, margin, what can be withdrawn, positions. The
	/// owner's first account unless told otherwise.
	#[method(name = "account")]
	fn account(&self, owner: AccountId, sub: Option<SubAccount>, at: Option<Hash>)
		-> RpcResult<AccountView<AccountId>>;

	/// The margin of an account before and after it bought lots (sold, if negative) at a price, or why it may not.
	#[method(name = "marginPreview")]
	fn margin_preview(
		&self,
		owner: AccountId,
		sub: SubAccount,
		instrument: InstrumentId,
		lots: Lots,
		price: Price,
		at: Option<Hash>,
	) -> RpcResult<Preview>;

	/// The instruments with their prices and open interest.
	#[method(name = "instruments")]
	fn instruments(&self, at: Option<Hash>) -> RpcResult<Vec<InstrumentView>>;

	/// What stands behind a guarantor's customers, and what they come to.
	#[method(name = "guarantor")]
	fn guarantor(&self, guarantor: AccountId, at: Option<Hash>) -> RpcResult<GuarantorView>;

	/// The insurance pool: what it has by layer, what it has to have, how far each guarantor relies on it, defaults.
	#[method(name = "pool")]
	fn pool(&self, at: Option<Hash>) -> RpcResult<PoolView<AccountId>>;

	/// The accounts that lack margin or are for sale, and what of them is; the first hundred unless told otherwise.
	#[method(name = "liquidatable")]
	fn liquidatable(&self, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Vec<LiquidationView<AccountId>>>;
}

/// The answer of [`ExchangeApi::margin_preview`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Preview {
	/// The trade would be let through.
	Allowed(MarginPreview),
	/// Why it would not.
	Refused(Refusal),
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
	Client: HeaderBackend<Block>
		+ ProvideRuntimeApi<Block, Api: ClearingApi<Block, AccountId> + IndexApi<Block>>
		+ Send
		+ Sync
		+ 'static,
{
	fn index(&self, class: ClassId, from: Option<Day>, to: Option<Day>, at: Option<Hash>) -> RpcResult<Index> {
		let at = block_or_best(&*self.client, at);
		let api = self.client.runtime_api();
		let state = api.index(at, class).map_err(unanswered)?;
		let state = state.ok_or_else(|| unknown(format!("class {} has no index", class.0)))?;
		let to = to.unwrap_or(state.today);
		let from = from.unwrap_or(Day(to.0.saturating_sub(DAYS_SHOWN - 1)));
		let fixes = api.fixes(at, class, from, to).map_err(unanswered)?;
		Ok(Index { state, fixes })
	}

	fn account(
		&self,
		owner: AccountId,
		sub: Option<SubAccount>,
		at: Option<Hash>,
	) -> RpcResult<AccountView<AccountId>> {
		let (at, sub) = (block_or_best(&*self.client, at), sub.unwrap_or_default());
		let account = self.client.runtime_api().account(at, owner.clone(), sub).map_err(unanswered)?;
		account.ok_or_else(|| unknown(format!("{owner} has no margin account {}", sub.0)))
	}

	fn margin_preview(
		&self,
		owner: AccountId,
		sub: SubAccount,
		instrument: InstrumentId,
		lots: Lots,
		price: Price,
		at: Option<Hash>,
	) -> RpcResult<Preview> {
		let api = self.client.runtime_api();
		let preview = api
			.margin_preview(block_or_best(&*self.client, at), owner, sub, instrument, lots, price)
			.map_err(unanswered)?;
		Ok(match preview {
			Ok(margins) => Preview::Allowed(margins),
			Err(refusal) => Preview::Refused(refusal),
		})
	}

	fn instruments(&self, at: Option<Hash>) -> RpcResult<Vec<InstrumentView>> {
		self.client.runtime_api().instruments(block_or_best(&*self.client, at)).map_err(unanswered)
	}

	fn guarantor(&self, guarantor: AccountId, at: Option<Hash>) -> RpcResult<GuarantorView> {
		let api = self.client.runtime_api();
		let view = api.guarantor(block_or_best(&*self.client, at), guarantor.clone()).map_err(unanswered)?;
		view.ok_or_else(|| unknown(format!("{guarantor} is no guarantor")))
	}

	fn pool(&self, at: Option<Hash>) -> RpcResult<PoolView<AccountId>> {
		self.client.runtime_api().pool(block_or_best(&*self.client, at)).map_err(unanswered)
	}

	fn liquidatable(&self, limit: Option<u32>, at: Option<Hash>) -> RpcResult<Vec<LiquidationView<AccountId>>> {
		let limit = limit.unwrap_or(ACCOUNTS_SHOWN);
		self.client.runtime_api().liquidatable(block_or_best(&*self.client, at), limit).map_err(unanswered)
	}
}
