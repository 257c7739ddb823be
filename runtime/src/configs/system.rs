//! Blocks: how large, how heavy, what is refused, how transactions are built.

use crate::{
	AccountId, BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, RuntimeTask, SafeMode, TxExtension, TxPause, UncheckedExtrinsic, VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::InsideBoth,
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::{generic, traits::AccountIdLookup, Perbill};
use sp_version::RuntimeVersion;

/// Time that the execution of a block may take on the reference machine, out of a slot of 3 s: the rest is for the network
/// and for slower machines.
pub const MAXIMUM_BLOCK_MILLISECONDS: u64 = 1_320;
/// Share of a block that ordinary transactions may fill: about 1 s. The rest is for inherents and urgent operations.
pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// Share of a block that is reserved for what runs at its beginning: session changes, scheduled calls, and the sweeps of
/// settlement and liquidation. It must cover the sum of their limits.
pub const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(50);
/// Bytes of a block's transactions.
pub const MAXIMUM_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

/// The most that a block may weigh. A chain of its own has no proofs to size.
pub const MAXIMUM_BLOCK_WEIGHT: Weight =
	Weight::from_parts(MAXIMUM_BLOCK_MILLISECONDS * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

parameter_types! {
	/// Blocks for which a transaction can be mortal.
	pub const BlockHashCount: BlockNumber = 2_400;
	/// The runtime's version.
	pub const Version: RuntimeVersion = VERSION;
	/// Weight limits of a block.
	pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
		.base_block(crate::weights::BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |weights| {
			weights.base_extrinsic = crate::weights::ExtrinsicBaseWeight::get();
		})
		.for_class(DispatchClass::Normal, |weights| {
			weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.for_class(DispatchClass::Operational, |weights| {
			weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
			weights.reserved = Some(MAXIMUM_BLOCK_WEIGHT - NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
		.build_or_panic();
	/// Length limits of a block.
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_DISPATCH_RATIO * *length)
		.build();
	/// Address prefix: the generic one, until a prefix is registered.
	pub const SS58Prefix: u8 = 42;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = pallet_balances::AccountData<crate::Balance>;
	type AccountId = AccountId;
	type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
	type Block = crate::Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	type DbWeight = crate::weights::DbWeight;
	type ExtensionsWeightInfo = crate::weights::frame_system_extensions::WeightInfo<Runtime>;
	type Hash = Hash;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type MaxConsumers = frame_support::traits::ConstU32<128>;
	type MultiBlockMigrator = MultiBlockMigrations;
	type Nonce = Nonce;
	type SS58Prefix = SS58Prefix;
	type SystemWeightInfo = crate::weights::frame_system::WeightInfo<Runtime>;
	type Version = Version;
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

/// Unsigned transactions as BABE and GRANDPA report equivocations by.
impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

impl<C> frame_system::offchain::CreateTransaction<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

/// General transactions of off-chain workers, which a call authorises by itself (`#[pallet::authorize]`).
impl<C> frame_system::offchain::CreateAuthorizedTransaction<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_extension() -> TxExtension {
		extension(generic::Era::Immortal, 0, 0)
	}
}

/// The transaction extension with what a signer chooses: mortality, nonce, and a tip in the smallest unit of GCX. The
/// metadata hash is not checked.
pub fn extension(era: generic::Era, nonce: Nonce, tip: crate::Balance) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(era),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}
