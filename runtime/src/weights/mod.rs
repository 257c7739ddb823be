//! What calls cost. Files here are written by `scripts/weights`; the rest are the SDK's own weights, measured by its
//! authors on their reference machine.
//!
//! To take a measured file of an SDK pallet, replace its line below by `pub mod <pallet>;`.

pub mod pallet_attestation;
pub mod pallet_clearing;
pub mod pallet_compute;
pub mod pallet_delivery;
pub mod pallet_guarantor;
pub mod pallet_index;
pub mod pallet_insurance;
pub mod pallet_market;
pub mod pallet_proof;
pub mod pallet_token;
pub mod pallet_transaction_payment;
pub mod pallet_validators;

pub use frame_support::weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight as DbWeight};

/// Weights of the SDK's pallets, under the names that their measured files will have.
macro_rules! stock_weights {
	($($pallet:ident),+ $(,)?) => {
		$(
			/// The SDK's own weights.
			pub mod $pallet {
				pub use ::$pallet::weights::SubstrateWeight as WeightInfo;
			}
		)+
	};
}

stock_weights!(
	frame_system,
	pallet_assets,
	pallet_balances,
	pallet_migrations,
	pallet_multisig,
	pallet_preimage,
	pallet_proxy,
	pallet_safe_mode,
	pallet_scheduler,
	pallet_session,
	pallet_sudo,
	pallet_timestamp,
	pallet_treasury,
	pallet_tx_pause,
	pallet_utility,
);

/// The SDK's own weights of the transaction extensions.
pub mod frame_system_extensions {
	pub use ::frame_system::SubstrateExtensionsWeight as WeightInfo;
}
