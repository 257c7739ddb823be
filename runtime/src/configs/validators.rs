//! Validators: bonds, selection, slashing; and the times that reports, histories and bonds must share.

use crate::{configs::Governance, units::EPOCH_SLOTS, Balances, Runtime, RuntimeHoldReason};
use frame_support::traits::{ConstU32, ConstU64};
use sp_staking::SessionIndex;

/// Sessions for which a bond stays slashable after its owner's last session: a week of epochs of an hour.
pub const UNBONDING_SESSIONS: SessionIndex = 7 * 24;
/// Sessions during which an equivocation can be reported by a transaction: all of them.
pub const REPORT_LONGEVITY_SESSIONS: SessionIndex = UNBONDING_SESSIONS;
/// The same in blocks.
// `u32` always fits; `From` is not const.
pub const REPORT_LONGEVITY_BLOCKS: u64 = REPORT_LONGEVITY_SESSIONS as u64 * EPOCH_SLOTS as u64;
/// Authority sets that GRANDPA can attribute to a session: one per session in which a bond can be slashed.
pub const MAX_SET_ID_SESSION_ENTRIES: u64 = UNBONDING_SESSIONS as u64;

/// The most validators that consensus can seat.
pub type MaxValidators = ConstU32<100>;

impl pallet_validators::Config for Runtime {
	type GovernanceOrigin = Governance;
	/// A day of epochs of an hour.
	type JailSessions = ConstU32<24>;
	type MaxCandidates = ConstU32<200>;
	type MaxSetIdSessionEntries = ConstU64<MAX_SET_ID_SESSION_ENTRIES>;
	type MaxValidators = MaxValidators;
	type NativeBalance = Balances;
	type OnSlash = pallet_token::Slashed<Self>;
	type ReportLongevitySessions = ConstU32<REPORT_LONGEVITY_SESSIONS>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type UnbondingSessions = ConstU32<UNBONDING_SESSIONS>;
	type WeightInfo = crate::weights::pallet_validators::WeightInfo<Runtime>;
}
