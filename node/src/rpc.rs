//! The JSON-RPC methods that `sc-service` does not serve by itself: the exchange's own, `gcx`; `system_accountNextIndex` and
//! `system_dryRun`, `payment`, `babe`, `grandpa` and `sync_state`.
//!
//! `sc-service` adds `author`, `chain`, `childstate`, `offchain`, `state`, `system`, `rpc_methods`, `bitswap_v1`,
//! `chainHead_v1`, `chainSpec_v1`, `transaction_v1` and `transactionWatch_v1`, and `archive_v1` on a node that keeps
//! all state and bodies (`--state-pruning archive --blocks-pruning archive`). Methods that change or reveal the node
//! itself answer only on loopback addresses unless `--rpc-methods` says otherwise.

mod compute;
mod delivery;
mod exchange;
mod proof;
mod token;

use crate::client::{FullBackend, FullClient};
use compute::{Compute, ComputeRpcServer};
use delivery::{Delivery, DeliveryRpcServer};
use exchange::{Exchange, ExchangeApiServer};
use gcx_runtime::{opaque::Block, BlockNumber, Hash};
use jsonrpsee::{
	types::{
		error::{INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE},
		ErrorObjectOwned,
	},
	RpcModule,
};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use proof::{Proof, ProofRpcServer};
use sc_client_db::offchain::LocalStorage;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::ChainSpec;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sc_transaction_pool::TransactionPoolHandle;
use sp_api::ApiError;
use sp_blockchain::HeaderBackend;
use sp_consensus::SelectChain;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};
use token::{Token, TokenRpcServer};

/// What the methods read from. Held by the service, which builds the module once for the network and once for
/// callers in the process.
pub struct Sources<SC> {
	/// The chain.
	pub client: Arc<FullClient>,
	/// Pending transactions, which count towards an account's next index.
	pub transaction_pool: Arc<TransactionPoolHandle<Block, FullClient>>,
	/// The specification that `sync_state_genSyncSpec` fills in.
	pub chain_spec: Box<dyn ChainSpec>,
	/// The rule that picks the best chain.
	pub select_chain: SC,
	/// Session keys: `babe_epochAuthorship` tells the slots of this node's own.
	pub keystore: KeystorePtr,
	/// The node's own storage, where its off-chain worker counts.
	pub offchain: Option<LocalStorage>,
	/// Answers questions about BABE's epochs.
	pub babe: BabeWorkerHandle<Block>,
	/// What is known of GRANDPA.
	pub grandpa: GrandpaSources,
}

/// What the `grandpa` methods read from.
pub struct GrandpaSources {
	/// The voters, now and to come.
	pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	/// The rounds under way in this node's voter.
	pub voter_state: SharedVoterState,
	/// Justifications as they are made.
	pub justifications: GrandpaJustificationStream<Block>,
	/// Proofs that older blocks are final.
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// Builds the module that is merged with those of `sc-service`.
pub fn module<SC: SelectChain<Block> + Clone + 'static>(
	sources: &Sources<SC>,
	subscriptions: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
	let Sources { client, transaction_pool, chain_spec, select_chain, keystore, offchain, babe, grandpa } = sources;
	let system = System::new(client.clone(), transaction_pool.clone());
	let payment = TransactionPayment::new(client.clone());
	let babe_methods = Babe::new(client.clone(), babe.clone(), keystore.clone(), select_chain.clone());
	let grandpa_methods = Grandpa::new(
		subscriptions,
		grandpa.authority_set.clone(),
		grandpa.voter_state.clone(),
		grandpa.justifications.clone(),
		grandpa.finality_proofs.clone(),
	);
	let sync_state =
		SyncState::new(chain_spec.cloned_box(), client.clone(), grandpa.authority_set.clone(), babe.clone())?;

	let mut module = RpcModule::new(());
	module.merge(Exchange::new(client.clone()).into_rpc())?;
	module.merge(Compute::new(client.clone(), keystore.clone(), offchain.clone()).into_rpc())?;
	module.merge(Delivery::new(client.clone()).into_rpc())?;
	module.merge(Proof::new(client.clone()).into_rpc())?;
	module.merge(Token::new(client.clone()).into_rpc())?;
	module.merge(system.into_rpc())?;
	module.merge(payment.into_rpc())?;
	module.merge(babe_methods.into_rpc())?;
	module.merge(grandpa_methods.into_rpc())?;
	module.merge(sync_state.into_rpc())?;
	Ok(module)
}

/// The block to answer at: this one, or the best.
fn block_or_best(chain: &impl HeaderBackend<Block>, block: Option<Hash>) -> Hash {
	block.unwrap_or_else(|| chain.info().best_hash)
}

/// There is no such thing.
fn unknown(message: String) -> ErrorObjectOwned {
	ErrorObjectOwned::owned(INVALID_PARAMS_CODE, message, None::<()>)
}

/// The runtime could not answer: most often the block is unknown, or its state is pruned.
fn unanswered(error: ApiError) -> ErrorObjectOwned {
	ErrorObjectOwned::owned(INTERNAL_ERROR_CODE, format!("the runtime did not answer: {error}"), None::<()>)
}
