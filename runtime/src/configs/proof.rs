//! Proof of compute: how long windows are, and what devices compute in them.

use crate::{
	configs::system::MAXIMUM_BLOCK_WEIGHT,
	units::{EPOCH_SLOTS, SLOT_MILLISECONDS},
	Attestation, Compute, Runtime, Timestamp,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Get},
	weights::Weight,
};
use gcx_math::proof::RawParameters;
use gcx_primitives::Ppm;
use pallet_proof::ProposedTerms;
use sp_runtime::Perbill;

parameter_types! {
	/// What a block spends on roll-calls at most: a class of thousands of resources is looked up in some blocks, and reckoned in some more.
	pub BlockWeight: Weight = Perbill::from_percent(2) * MAXIMUM_BLOCK_WEIGHT;
	/// What the keeper of resources does with an outcome.
	pub ReckonedWeight: Weight = Compute::reckoned_weight();
	/// One hundredth. In a `fast-epochs` build, in which epochs are of a minute, half.
	pub const MaxShareOfTime: Ppm = Ppm::percent(if cfg!(feature = "fast-epochs") { 50 } else { 1 });
}

/// The epoch of this block. Sessions, which come before, have changed it already in an epoch's first block.
pub struct Epoch;

impl Get<u64> for Epoch {
	fn get() -> u64 {
		pallet_babe::EpochIndex::<Runtime>::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_proof::BenchmarkHelper<crate::AccountId> for Runtime {
	fn set_slot(slot: u64) {
		pallet_babe::CurrentSlot::<Self>::put(sp_consensus_babe::Slot::from(slot));
		pallet_attestation::Beacon::<Self>::put(pallet_attestation::BeaconState { value: [7; 32], of: slot - 1 });
	}

	fn add_resource() -> gcx_primitives::ResourceId {
		pallet_compute::heaviest_resource::<Self>()
	}
}

impl pallet_proof::Config for Runtime {
	type Beacon = Attestation;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type BlockWeight = BlockWeight;
	type Clock = Timestamp;
	type Compute = Compute;
	type Epoch = Epoch;
	type EpochSlots = ConstU64<{ EPOCH_SLOTS as u64 }>;
	type GovernanceOrigin = super::Governance;
	type MaxChallenges = ConstU32<16>;
	/// As many as classes.
	type MaxRollCalls = ConstU32<16>;
	type MaxShareOfTime = MaxShareOfTime;
	type OnChallenged = crate::Delivery;
	/// Known with the last block of the epoch before, and to nobody earlier.
	type Randomness = pallet_babe::RandomnessFromOneEpochAgo<Runtime>;
	type ReckonedWeight = ReckonedWeight;
	type SlotDuration = ConstU64<SLOT_MILLISECONDS>;
	type WeightInfo = crate::weights::pallet_proof::WeightInfo<Runtime>;
}

/// What is asked of GEMM-INT8 as a chain starts with it.
///
/// Twice a day for a minute and a half, of devices of up to 1.5 · 10¹⁵ operations a second. In a `fast-epochs` build, every
/// second minute for 18 seconds, of a processor's cores.
pub fn genesis_terms() -> ProposedTerms {
	let (side, depth, rounds, every, commit_slots) =
		if cfg!(feature = "fast-epochs") { (1_024, 16_384, 512, 2, 6) } else { (16_384, 131_072, 2_048, 12, 30) };
	ProposedTerms {
		parameters: RawParameters { rows: side, columns: side, depth, tile: 16, patch: 1, rounds, openings: 16 },
		every,
		commit_slots,
		open_slots: 6,
		suspect_openings: 32,
		opened: 64,
	}
}
