//! The methods of physical delivery, `gcx_*`.

use super::{block_or_best, unanswered, unknown};
use gcx_primitives::{DealId, InstrumentId, SubAccount};
use gcx_runtime::{opaque::Block, AccountId, Hash};
use gcx_runtime_api::{DealView, DeliveryApi, DeliveryPositionView, DeliveryView};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// What the exchange tells clients of deliveries.
#[rpc(server, namespace = "gcx")]
pub trait DeliveryRpc {
	/// The contracts that are being delivered, in the order in which they ended. At a block, or at the best one.
	#[method(name = "deliveries")]
	fn deliveries(&self, at: Option<Hash>) -> RpcResult<Vec<DeliveryView>>;

	/// A deal with its windows that are not settled.
	#[method(name = "deal")]
	fn deal(&self, deal: DealId, at: Option<Hash>) -> RpcResult<DealView<AccountId>>;

	/// The open deals of a margin account, on either side; of the owner's first account unless told otherwise.
	#[method(name = "deals")]
	fn deals(&self, owner: AccountId, sub: Option<SubAccount>, at: Option<Hash>)
		-> RpcResult<Vec<DealView<AccountId>>>;

	/// The delivery of a contract.
	#[method(name = "delivery")]
	fn delivery(&self, instrument: InstrumentId, at: Option<Hash>) -> RpcResult<DeliveryView>;

	/// A margin account's position in a contract's delivery, or the capacity that it set aside for it before; none if there is
	/// neither.
	#[method(name = "deliveryPosition")]
	fn delivery_position(
		&self,
		owner: AccountId,
		sub: SubAccount,
		instrument: InstrumentId,
		at: Option<Hash>,
	) -> RpcResult<Option<DeliveryPositionView<AccountId>>>;
}

/// Answers from the chain's state.
pub struct Delivery<Client> {
	client: Arc<Client>,
}

impl<Client> Delivery<Client> {
	/// Answers from this.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client }
	}
}

impl<Client> DeliveryRpcServer for Delivery<Client>
where
	Client: HeaderBackend<Block> + ProvideRuntimeApi<Block, Api: DeliveryApi<Block, AccountId>> + Send + Sync + 'static,
{
	fn deliveries(&self, at: Option<Hash>) -> RpcResult<Vec<DeliveryView>> {
		let (at, api) = (block_or_best(&*self.client, at), self.client.runtime_api());
		let mut deliveries = Vec::new();
		for instrument in api.deliveries(at).map_err(unanswered)? {
			deliveries.extend(api.delivery(at, instrument).map_err(unanswered)?);
		}
		Ok(deliveries)
	}

	fn deal(&self, deal: DealId, at: Option<Hash>) -> RpcResult<DealView<AccountId>> {
		let view = self.client.runtime_api().deal(block_or_best(&*self.client, at), deal).map_err(unanswered)?;
		view.ok_or_else(|| unknown(format!("there is no open deal {}", deal.0)))
	}

	fn deals(
		&self,
		owner: AccountId,
		sub: Option<SubAccount>,
		at: Option<Hash>,
	) -> RpcResult<Vec<DealView<AccountId>>> {
		let (at, api) = (block_or_best(&*self.client, at), self.client.runtime_api());
		let mut deals = Vec::new();
		for deal in api.deals_of(at, owner, sub.unwrap_or_default()).map_err(unanswered)? {
			deals.extend(api.deal(at, deal).map_err(unanswered)?);
		}
		Ok(deals)
	}

	fn delivery(&self, instrument: InstrumentId, at: Option<Hash>) -> RpcResult<DeliveryView> {
		let view = self.client.runtime_api().delivery(block_or_best(&*self.client, at), instrument);
		view.map_err(unanswered)?.ok_or_else(|| unknown(format!("instrument {} is not being delivered", instrument.0)))
	}

	fn delivery_position(
		&self,
		owner: AccountId,
		sub: SubAccount,
		instrument: InstrumentId,
		at: Option<Hash>,
	) -> RpcResult<Option<DeliveryPositionView<AccountId>>> {
		let (at, api) = (block_or_best(&*self.client, at), self.client.runtime_api());
		api.delivery_position(at, owner, sub, instrument).map_err(unanswered)
	}
}
