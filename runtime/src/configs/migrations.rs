//! Migrations that take several blocks. Only inherents are admitted while one runs.

use crate::{configs::system::MAXIMUM_BLOCK_WEIGHT, Runtime, RuntimeEvent, SafeMode};
use frame_support::{
	migrations::{EnterSafeModeOnFailedMigration, FreezeChainOnFailedMigration},
	parameter_types,
	traits::ConstU32,
	weights::Weight,
};
use sp_runtime::Perbill;

parameter_types! {
	/// What a migration may weigh in a block, which holds nothing else then.
	pub MaxServiceWeight: Weight = Perbill::from_percent(75) * MAXIMUM_BLOCK_WEIGHT;
}

impl pallet_migrations::Config for Runtime {
	type CursorMaxLen = ConstU32<65_536>;
	/// A broken migration leaves broken storage: nothing may build on it.
	type FailedMigrationHandler = EnterSafeModeOnFailedMigration<SafeMode, FreezeChainOnFailedMigration>;
	type IdentifierMaxLen = ConstU32<256>;
	type MaxServiceWeight = MaxServiceWeight;
	type MigrationStatusHandler = ();
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_migrations::WeightInfo<Runtime>;
}
