//! boot
pub use frame_support::weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight as DbWeight};
pub mod frame_system {
	pub use ::frame_system::weights::SubstrateWeight as WeightInfo;
}
pub mod frame_system_extensions {
	pub use ::frame_system::SubstrateExtensionsWeight as WeightInfo;
}
pub mod pallet_validators {
	pub struct WeightInfo<T>(core::marker::PhantomData<T>);
	use frame_support::weights::Weight;
	impl<T> ::pallet_validators::WeightInfo for WeightInfo<T> {
		fn bond() -> Weight {
			Weight::zero()
		}
		fn bond_extra() -> Weight {
			Weight::zero()
		}
		fn chill() -> Weight {
			Weight::zero()
		}
		fn validate() -> Weight {
			Weight::zero()
		}
		fn unbond() -> Weight {
			Weight::zero()
		}
		fn withdraw_unbonded() -> Weight {
			Weight::zero()
		}
		fn set_parameters() -> Weight {
			Weight::zero()
		}
	}
}
pub mod pallet_timestamp {
	pub use ::pallet_timestamp::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_balances {
	pub use ::pallet_balances::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_assets {
	pub use ::pallet_assets::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_transaction_payment {
	pub use ::pallet_transaction_payment::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_session {
	pub use ::pallet_session::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_utility {
	pub use ::pallet_utility::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_multisig {
	pub use ::pallet_multisig::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_proxy {
	pub use ::pallet_proxy::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_preimage {
	pub use ::pallet_preimage::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_scheduler {
	pub use ::pallet_scheduler::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_migrations {
	pub use ::pallet_migrations::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_tx_pause {
	pub use ::pallet_tx_pause::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_safe_mode {
	pub use ::pallet_safe_mode::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_sudo {
	pub use ::pallet_sudo::weights::SubstrateWeight as WeightInfo;
}
