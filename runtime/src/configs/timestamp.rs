//! The clock, set by each block's author.

use crate::{units::SLOT_MILLISECONDS, Babe, Moment, Runtime};
use frame_support::traits::ConstU64;

impl pallet_timestamp::Config for Runtime {
	/// Half a slot: two blocks are at least that far apart.
	type MinimumPeriod = ConstU64<{ SLOT_MILLISECONDS / 2 }>;
	type Moment = Moment;
	type OnTimestampSet = Babe;
	type WeightInfo = crate::weights::pallet_timestamp::WeightInfo<Runtime>;
}
