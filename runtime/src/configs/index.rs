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

impl pallet_index::Config for Runtime {
	type Clock = Timestamp;
	type DayLength = ConstU64<DAY_MILLISECONDS>;
	type GovernanceOrigin = Governance;
	type MaxClasses = ConstU32<16>;
	/// More than a year: the averaging window of any contract, and the memory of the largest move.
	type MaxFixes = ConstU32<400>;
	type MaxReporters = ConstU32<32>;
	type MaxReportersPerOwner = ConstU32<4>;
	type NativeBalance = Balances;
	/// Burned.
	type OnSlash = ();
	type RuntimeHoldReason = RuntimeHoldReason;
	/// As long as an average of prices may look back.
	type UnbondingDays = ConstU32<30>;
	type WeightInfo = ();
}

/// The index as a chain starts with it: a third of the day to commit, a third to reveal, a sixth to dispute.
pub fn genesis_parameters() -> IndexParameters<Balance> {
	IndexParameters {
		min_bond: 10_000 * GCX,
		full_bond: 100_000 * GCX,
		silence_penalty: 100 * GCX,
		dispute_bond: 1_000 * GCX,
		quorum_reports: 3,
		quorum_owners: 3,
		windows: Windows { commit: DAY_MILLISECONDS / 3, reveal: DAY_MILLISECONDS / 3, dispute: DAY_MILLISECONDS / 6 },
		combination: CombinationModel::default(),
		decay: Ppm::percent(97),
	}
}
