//! Finality: GRANDPA.

use crate::{
	configs::validators::{MaxValidators, MAX_SET_ID_SESSION_ENTRIES, REPORT_LONGEVITY_BLOCKS},
	Historical, Offences, Runtime, RuntimeEvent,
};
use frame_support::traits::{ConstU32, ConstU64};

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ConstU64<{ REPORT_LONGEVITY_BLOCKS }>>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = MaxValidators;
	/// There are none: a report slashes the validator alone.
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<MAX_SET_ID_SESSION_ENTRIES>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}
