//! The runtime interfaces that nodes, clients and tools call.

use crate::{
	configs::babe::EpochDuration, genesis, AccountId, Attestation, Babe, Balance, Block, Clearing, Compute, Delivery,
	Executive, Grandpa, Historical, Index, InherentDataExt, Market, Nonce, Proof, Runtime, RuntimeCall,
	RuntimeGenesisConfig, SessionKeys, System, Token, TransactionPayment, BABE_GENESIS_EPOCH_CONFIG, VERSION,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	traits::{Get, KeyOwnerProofSystem},
	weights::Weight,
};
use gcx_primitives::{
	AccountKey, ClassId, Day, DealId, Fix, InstrumentId, Lots, Price, PriceIndex, Refusal, ResourceId, Role, SubAccount,
};
use gcx_runtime_api::{
	AccountView, AttestorView, ClassView, ContractView, DealView, DeliveryPositionView, DeliveryView, Estimate,
	FeesView, GuarantorView, IndexState, InstrumentView, LiquidationView, MarginPreview, NoEstimate, PoolView,
	ProofTotals, ProofView, ResourceView, RewardsView, RollCallView, RoundView, SeatsView, TokenView, Work,
};
use pallet_grandpa::AuthorityId as GrandpaId;
use sp_api::impl_runtime_apis;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
	traits::{Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block)
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(
			id: frame_support::view_functions::ViewFunctionId,
			input: Vec<u8>,
		) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(
			block: <Block as BlockT>::LazyBlock,
			data: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			transaction: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, transaction, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_consensus_babe::BabeApi<Block> for Runtime {
		fn configuration() -> sp_consensus_babe::BabeConfiguration {
			let epoch_config = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
			sp_consensus_babe::BabeConfiguration {
				slot_duration: Babe::slot_duration(),
				epoch_length: EpochDuration::get(),
				c: epoch_config.c,
				authorities: Babe::authorities().to_vec(),
				randomness: Babe::randomness(),
				allowed_slots: epoch_config.allowed_slots,
			}
		}

		fn current_epoch_start() -> sp_consensus_babe::Slot {
			Babe::current_epoch_start()
		}

		fn current_epoch() -> sp_consensus_babe::Epoch {
			Babe::current_epoch()
		}

		fn next_epoch() -> sp_consensus_babe::Epoch {
			Babe::next_epoch()
		}

		fn generate_key_ownership_proof(
			_slot: sp_consensus_babe::Slot,
			authority: sp_consensus_babe::AuthorityId,
		) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
			Historical::prove((sp_consensus_babe::KEY_TYPE, authority))
				.map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
			key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			Grandpa::grandpa_authorities()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			pallet_grandpa::CurrentSetId::<Runtime>::get()
		}

		fn generate_key_ownership_proof(
			_set_id: sp_consensus_grandpa::SetId,
			authority: GrandpaId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority))
				.map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			equivocation_proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
			key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(extrinsic, length)
		}

		fn query_fee_details(
			extrinsic: <Block as BlockT>::Extrinsic,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::FeeDetails<Balance> {
			TransactionPayment::query_fee_details(extrinsic, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
		fn query_call_info(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, length)
		}

		fn query_call_fee_details(
			call: RuntimeCall,
			length: u32,
		) -> pallet_transaction_payment_rpc_runtime_api::FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, length)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl gcx_runtime_api::TokenApi<Block, AccountId> for Runtime {
		fn token() -> TokenView {
			crate::views::token()
		}

		fn fees(account: AccountId) -> FeesView {
			crate::views::fees(&account)
		}

		fn rewards(account: AccountId) -> RewardsView {
			crate::views::rewards(&account)
		}

		fn seats() -> SeatsView {
			crate::views::seats()
		}
	}

	impl gcx_runtime_api::IndexApi<Block> for Runtime {
		fn classes() -> Vec<ClassId> {
			pallet_index::Classes::<Runtime>::get().into_inner()
		}

		fn index(class_id: ClassId) -> Option<IndexState> {
			Index::state(class_id)
		}

		fn fixes(class_id: ClassId, from: Day, to: Day) -> Vec<Fix> {
			Index::fixes(class_id, from, to)
		}
	}

	impl gcx_runtime_api::ClearingApi<Block, AccountId> for Runtime {
		fn account(owner: AccountId, sub: SubAccount) -> Option<AccountView<AccountId>> {
			Clearing::account_view(owner, sub)
		}

		fn margin_preview(
			owner: AccountId,
			sub: SubAccount,
			instrument: InstrumentId,
			lots: Lots,
			price: Price,
		) -> Result<MarginPreview, Refusal> {
			let fee = Token::fee(&owner, Role::Taker, Market::notional(instrument, lots, price)?)?;
			Clearing::margin_preview(owner, sub, instrument, lots, price, fee)
		}

		fn instruments() -> Vec<InstrumentView> {
			let contracts = Market::contracts();
			let mut instruments = Clearing::instrument_views();
			for view in &mut instruments {
				view.contract = contracts
					.iter()
					.find(|(id, ..)| *id == view.instrument)
					.map(|(_, contract, state)| ContractView::new(&contract.terms, *state, contract.final_price));
			}
			instruments
		}

		fn guarantor(guarantor: AccountId) -> Option<GuarantorView> {
			Clearing::guarantor_view(guarantor)
		}

		fn pool() -> PoolView<AccountId> {
			crate::views::pool()
		}

		fn liquidatable(limit: u32) -> Vec<LiquidationView<AccountId>> {
			Clearing::liquidations(limit)
		}

		fn due_defaults() -> Vec<AccountId> {
			Clearing::due_defaults()
		}
	}

	impl gcx_runtime_api::ComputeApi<Block, AccountId> for Runtime {
		fn compute_classes() -> Vec<ClassId> {
			let mut classes: Vec<_> = pallet_compute::Classes::<Runtime>::iter_keys().collect();
			classes.sort_unstable();
			classes
		}

		fn compute_class(class_id: ClassId) -> Option<ClassView> {
			Compute::class_view(class_id)
		}

		fn resource(resource: ResourceId) -> Option<ResourceView<AccountId>> {
			Compute::resource_view(resource)
		}

		fn estimate(class_id: ClassId, work: Work, deadline_hours: Option<u32>) -> Result<Estimate, NoEstimate> {
			let class = pallet_compute::Classes::<Runtime>::get(class_id).ok_or(NoEstimate::UnknownClass)?;
			let reference = pallet_compute::References::<Runtime>::get(class_id, class.current);
			crate::estimate::estimate(&reference.ok_or(NoEstimate::UnknownClass)?.system, &work, deadline_hours)
		}
	}

	impl gcx_runtime_api::AttestationApi<Block, AccountId> for Runtime {
		fn attestation_round(resource: ResourceId) -> Option<RoundView<AccountId>> {
			Attestation::round_view(resource)
		}

		fn open_rounds() -> Vec<ResourceId> {
			pallet_attestation::Agenda::<Runtime>::get().into_iter().map(|(_, resource)| resource).collect()
		}

		fn attestors() -> Vec<AttestorView<AccountId>> {
			Attestation::attestors()
		}
	}

	impl gcx_runtime_api::ProofApi<Block> for Runtime {
		fn roll_calls() -> Vec<RollCallView> {
			Proof::roll_call_views()
		}

		fn proof_totals() -> ProofTotals {
			Proof::totals_view()
		}

		fn proof(resource: ResourceId) -> Option<ProofView> {
			Proof::proof_view(resource)
		}
	}

	impl gcx_runtime_api::DeliveryApi<Block, AccountId> for Runtime {
		fn deliveries() -> Vec<InstrumentId> {
			Delivery::deliveries()
		}

		fn delivery(instrument: InstrumentId) -> Option<DeliveryView> {
			Delivery::delivery_view(instrument)
		}

		fn delivery_position(
			owner: AccountId,
			sub: SubAccount,
			instrument: InstrumentId,
		) -> Option<DeliveryPositionView<AccountId>> {
			Delivery::position_view(&AccountKey { owner, sub }, instrument)
		}

		fn deal(deal: DealId) -> Option<DealView<AccountId>> {
			Delivery::deal_view(deal)
		}

		fn deals_of(owner: AccountId, sub: SubAccount) -> Vec<DealId> {
			Delivery::deals_of(&AccountKey { owner, sub })
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis::preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			genesis::preset_names()
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benchmarks::metadata(extra)
		}

		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarks::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			// A tool of tests: failing loudly is its purpose.
			let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade passes its checks");
			(weight, crate::configs::system::MAXIMUM_BLOCK_WEIGHT)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select)
				.expect("the block executes and leaves a sound state")
		}
	}
}
