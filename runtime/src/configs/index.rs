//! The price index: how long a day is, how many may report.

use crate::{
	configs::Governance,
	units::{DAY_MILLISECONDS, GCX},
	Balance, Balances, Runtime, RuntimeHoldReason, Timestamp,
};
use frame_support::traits::{ConstU32, ConstU64};
use gcx_math::index::CombinationModel;
use gcx_primitives::Ppm;
use pallet_index::{IndexParameters, Windows};

#[cfg(feature = "runtime-benchmarks")]
impl pallet_index::BenchmarkHelper for Runtime {
	fn set_time(time: u64) {
		pallet_timestamp::Now::<Self>::put(time);
	}
}

impl pallet_index::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type Clock = Timestamp;
	type DayLength = ConstU64<DAY_MILLISECONDS>;
	type GovernanceOrigin = Governance;
	type MaxClasses = ConstU32<16>;
	/// More than a year: the averaging window of any contract, and the memory of the largest move.
	type MaxFixes = ConstU32<400>;
	type MaxReporters = ConstU32<32>;
	type MaxReportersPerOwner = ConstU32<4>;
	type NativeBalance = Balances;
	type OnSlash = pallet_token::Slashed<Self>;
	type RuntimeHoldReason = RuntimeHoldReason;
	/// As long as an average of prices may look back.
	type UnbondingDays = ConstU32<30>;
	type WeightInfo = crate::weights::pallet_index::WeightInfo<Runtime>;
}

/// The index as a chain starts with it: a third of the day to commit, a quarter to reveal, a tenth to
/// dispute. The rest is for governance to decide disputes, and for the hook, which takes a class a block.
pub fn genesis_parameters() -> IndexParameters<Balance> {
	IndexParameters {
		min_bond: 10_000 * GCX,
		full_bond: 100_000 * GCX,
		silence_penalty: 100 * GCX,
		dispute_bond: 1_000 * GCX,
		quorum_reports: 3,
		quorum_owners: 3,
		windows: Windows { commit: DAY_MILLISECONDS / 3, reveal: DAY_MILLISECONDS / 4, dispute: DAY_MILLISECONDS / 10 },
		combination: CombinationModel::default(),
		decay: Ppm::percent(97),
	}
}
