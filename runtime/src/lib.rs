//! The GCX runtime. It only composes: pallets, their configuration (one file each under [`configs`]), the runtime
//! interfaces for nodes and clients, and the genesis presets. Every number with a meaning has a name and a unit.

#![cfg_attr(not(feature = "std"), no_std)]
// Most items of this crate are written by macros, without docs.
#![allow(missing_docs)]
// The runtime macros nest deeply.
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
mod estimate;
pub mod genesis;
pub mod references;
#[cfg(test)]
mod tests;
pub mod units;
mod views;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};
pub use apis::RuntimeApi;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// Types that do not depend on the calls of the runtime, for nodes that outlive a runtime upgrade.
pub mod opaque {
	use super::*;
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// A header.
	pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
	/// A block whose extrinsics are bytes.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;
	/// Hash of a block.
	pub type Hash = <BlakeTwo256 as sp_runtime::traits::Hash>::Output;
}

impl_opaque_keys! {
	/// The keys a validator signs with. Their field names are what test-network tools fill in.
	pub struct SessionKeys {
		/// Makes blocks.
		pub babe: Babe,
		/// Finalises them.
		pub grandpa: Grandpa,
	}
}

/// Version of the runtime. `spec_version` rises with every release that changes what a block does, `transaction_version`
/// with every change of the encoding of a call.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("gcx"),
	impl_name: Cow::Borrowed("gcx-node"),
	authoring_version: 1,
	spec_version: 100,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// BABE as the chain starts. Every slot has an author whose output is verifiable randomness.
pub const BABE_GENESIS_EPOCH_CONFIG: sp_consensus_babe::BabeEpochConfiguration =
	sp_consensus_babe::BabeEpochConfiguration {
		c: configs::babe::PRIMARY_PROBABILITY,
		allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};

/// Any of the signature schemes that wallets use.
pub type Signature = MultiSignature;
/// An account: the public key, or its hash, of any of those schemes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Amount of GCX, or of any asset, in its smallest unit.
pub type Balance = u128;
/// Number of an account's transactions so far.
pub type Nonce = u32;
/// Hash of a block, of a call, of anything.
pub type Hash = sp_core::H256;
/// Height of a block.
pub type BlockNumber = u32;
/// Milliseconds since the Unix epoch.
pub type Moment = u64;
/// Number of an asset of `pallet-assets`.
pub type AssetId = u32;
/// A header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What surrounds a call in a transaction, in the order of the checks.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction or an inherent.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signature signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Executes blocks.
pub type Executive =
	frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

#[frame_support::runtime]
mod runtime {
	/// The GCX runtime.
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;

	// Time and consensus. BABE goes before the session, whose rotation it triggers.
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship::Pallet<Runtime>;

	// Money.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(11)]
	pub type Assets = pallet_assets::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type AssetsHolder = pallet_assets_holder::Pallet<Runtime>;
	#[runtime::pallet_index(13)]
	pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;

	// Validators. The order is that of genesis: bonds first, then the session that seats them.
	#[runtime::pallet_index(20)]
	pub type Validators = pallet_validators::Pallet<Runtime>;
	#[runtime::pallet_index(21)]
	pub type Historical = pallet_session::historical::Pallet<Runtime>;
	#[runtime::pallet_index(22)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(23)]
	pub type Offences = pallet_offences::Pallet<Runtime>;
	#[runtime::pallet_index(24)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;

	// The exchange.
	#[runtime::pallet_index(25)]
	pub type Index = pallet_index::Pallet<Runtime>;
	#[runtime::pallet_index(26)]
	pub type Guarantor = pallet_guarantor::Pallet<Runtime>;
	#[runtime::pallet_index(27)]
	pub type Clearing = pallet_clearing::Pallet<Runtime>;
	#[runtime::pallet_index(28)]
	pub type Market = pallet_market::Pallet<Runtime>;
	#[runtime::pallet_index(29)]
	pub type Insurance = pallet_insurance::Pallet<Runtime>;

	// Compute: what is promised, and who examines it. Attestation comes after BABE, whose slot it reads, and proof after
	// attestation, whose beacon it reads.
	#[runtime::pallet_index(50)]
	pub type Compute = pallet_compute::Pallet<Runtime>;
	#[runtime::pallet_index(51)]
	pub type Attestation = pallet_attestation::Pallet<Runtime>;
	#[runtime::pallet_index(52)]
	pub type Delivery = pallet_delivery::Pallet<Runtime>;
	#[runtime::pallet_index(53)]
	pub type Proof = pallet_proof::Pallet<Runtime>;

	// The token: comes after all whose fees, slashes and performance it is told of.
	#[runtime::pallet_index(60)]
	pub type Token = pallet_token::Pallet<Runtime>;
	#[runtime::pallet_index(61)]
	pub type Treasury = pallet_treasury::Pallet<Runtime>;

	// Tools for accounts.
	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;

	// Governance and emergencies.
	#[runtime::pallet_index(40)]
	pub type Preimage = pallet_preimage::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type MultiBlockMigrations = pallet_migrations::Pallet<Runtime>;
	#[runtime::pallet_index(43)]
	pub type TxPause = pallet_tx_pause::Pallet<Runtime>;
	#[runtime::pallet_index(44)]
	pub type SafeMode = pallet_safe_mode::Pallet<Runtime>;
	/// To be removed before a public launch: one key that can do everything.
	#[runtime::pallet_index(49)]
	pub type Sudo = pallet_sudo::Pallet<Runtime>;
}
