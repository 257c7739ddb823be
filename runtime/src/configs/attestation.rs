//! Attestation: how long a round's windows are, how many attestors and rounds there may be.

use crate::{
	configs::Governance,
	units::{DAYS, GCX, MINUTES, SLOT_MILLISECONDS},
	Babe, Balance, Balances, BlockNumber, Compute, Delivery, Runtime, RuntimeHoldReason, Timestamp,
};
use frame_support::traits::{ConstU32, ConstU64, Get};
use gcx_primitives::Ppm;
use pallet_attestation::{sr25519, AttestationParameters};
use pallet_token::Slashed;

/// Slots for which an attestor's bond can be slashed after it stopped.
const UNBONDING_DAYS: BlockNumber = 30;

/// The slot that the block's author claimed. BABE sets it before other pallets begin.
pub struct Slot;

impl Get<u64> for Slot {
	fn get() -> u64 {
		Babe::current_slot().into()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_attestation::BenchmarkHelper for Runtime {
	fn set_slot(slot: u64) {
		pallet_babe::CurrentSlot::<Self>::put(sp_consensus_babe::Slot::from(slot));
	}

	fn add_resource() -> gcx_primitives::ResourceId {
		pallet_compute::heaviest_resource::<Self>()
	}
}

impl pallet_attestation::Config for Runtime {
	type AttestorAccount = sr25519::KeyAccount;
	type AuthorityId = sr25519::AuthorityId;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	/// About a minute and a half on average, and six minutes at most.
	type ChallengeSpread = ConstU32<30>;
	type Clock = Timestamp;
	type Compute = Compute;
	type GovernanceOrigin = Governance;
	/// Four blocks in a row without an author are rare with any sound set of validators.
	type HaltSlots = ConstU64<5>;
	type MaxAttestors = ConstU32<64>;
	type MaxAttestorsPerOwner = ConstU32<4>;
	type MaxChallenges = ConstU32<32>;
	type MaxRounds = ConstU32<128>;
	type NativeBalance = Balances;
	type OnChallenged = Delivery;
	type OnSlash = Slashed<Self>;
	type OnUnpaid = Slashed<Self>;
	type Performance = crate::Token;
	type ParameterDelaySlots = ConstU64<{ slots(2 * DAYS) }>;
	type Proof = crate::Proof;
	/// The output of the block before: its author alone could know it, a block ahead.
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type RoundsPerBlock = ConstU32<4>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slot = Slot;
	type SlotDuration = ConstU64<SLOT_MILLISECONDS>;
	type UnbondingSlots = ConstU64<{ slots(UNBONDING_DAYS * DAYS) }>;
	type WeightInfo = crate::weights::pallet_attestation::WeightInfo<Runtime>;
}

/// Blocks as slots, of which there is one each.
const fn slots(blocks: BlockNumber) -> u64 {
	// `u32` always fits; `From` is not const.
	blocks as u64
}

/// Attestation as a chain starts with it. In a `fast-epochs` build windows are of seconds and a resource is examined every two
/// minutes; on any other chain, twice a day, with windows of minutes: an author may miss its slots, a gateway may be slow.
pub fn genesis_parameters() -> AttestationParameters<Balance> {
	let (answer, window, interval) =
		if cfg!(feature = "fast-epochs") { (10, 6, 2 * MINUTES) } else { (2 * MINUTES, 2 * MINUTES, DAYS / 2) };
	AttestationParameters {
		min_bond: 1_000 * GCX,
		silence_penalty: 100 * GCX,
		equivocation_slash: Ppm::ONE,
		wrong_evidence_slash: Ppm::percent(50),
		round_fee: GCX,
		panel_size: 7,
		draws_per_block: 4,
		device_draws: 4,
		min_interval_slots: slots(interval),
		answer_slots: slots(answer),
		commit_slots: slots(window),
		reveal_slots: slots(window),
		..Default::default()
	}
}
