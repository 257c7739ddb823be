//! Block production: BABE, a slot every 3 s, an epoch per session.

use crate::{
	configs::validators::{MaxValidators, REPORT_LONGEVITY_BLOCKS},
	units::{EPOCH_SLOTS, SLOT_MILLISECONDS},
	Historical, Offences, Runtime, Session,
};
use frame_support::traits::{ConstU32, ConstU64};

/// Chance, as a fraction, that a slot has a primary author. Chosen as on Polkadot: a quarter leaves room for the
/// network's delay.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

/// Slots in an epoch.
pub type EpochDuration = ConstU64<{ EPOCH_SLOTS_U64 }>;

// `u32` always fits; `From` is not const.
const EPOCH_SLOTS_U64: u64 = EPOCH_SLOTS as u64;

impl pallet_babe::Config for Runtime {
	type DisabledValidators = Session;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type EpochDuration = EpochDuration;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ConstU64<{ REPORT_LONGEVITY_BLOCKS }>>;
	type ExpectedBlockTime = ConstU64<SLOT_MILLISECONDS>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = MaxValidators;
	/// There are none: a report slashes the validator alone.
	type MaxNominators = ConstU32<0>;
	type WeightInfo = ();
}
