//! Compute: how many classes and resources there may be, and what its bonds are.

use crate::{
	configs::Governance,
	references,
	units::{DAY_MILLISECONDS, GCX},
	Balance, Balances, Index, Runtime, RuntimeHoldReason, Timestamp,
};
use alloc::vec::Vec;
use frame_support::traits::{ConstU32, Get};
use gcx_primitives::{Day, PriceIndex, MAX_DELIVERY_DAYS};
use pallet_compute::{ComputeParameters, GenesisClass};

/// What a seller's bond must cover per Compute Hour at genesis, of every class.
const LOSS_PER_HOUR: Balance = 10 * GCX;
/// Days for which evidence counts.
const EVIDENCE_DAYS: u64 = 30;

/// The day of the price index: contracts, fixes and delivery are of the same days.
pub struct Today;

impl Get<Day> for Today {
	fn get() -> Day {
		Index::today()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_compute::BenchmarkHelper for Runtime {
	fn set_day(day: Day) {
		pallet_timestamp::Now::<Self>::put(u64::from(day.0) * DAY_MILLISECONDS);
	}
}

impl pallet_compute::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type Burn = crate::Token;
	type Clock = Timestamp;
	type GovernanceOrigin = Governance;
	type MaxClasses = ConstU32<16>;
	/// A year and a delivery period.
	type MaxDaysAhead = ConstU32<{ 366 + MAX_DELIVERY_DAYS }>;
	type MaxFloors = ConstU32<4>;
	type MaxResourcesPerProvider = ConstU32<32>;
	type MaxVersionsPerClass = ConstU32<8>;
	type NativeBalance = Balances;
	type OnSlash = pallet_token::Slashed<Self>;
	type Performance = crate::Token;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Today = Today;
	/// As long as what was delivered can be disputed.
	type UnbondingDays = ConstU32<30>;
	type WeightInfo = crate::weights::pallet_compute::WeightInfo<Runtime>;
}

/// Compute as a chain starts with it.
pub fn genesis_parameters() -> ComputeParameters<Balance> {
	ComputeParameters {
		min_bond: 1_000 * GCX,
		bond_per_resource: 100 * GCX,
		max_age: EVIDENCE_DAYS * DAY_MILLISECONDS,
		// In a `fast-epochs` build a test sees a resource sell after its first round.
		warmup_rounds: if cfg!(feature = "fast-epochs") { 1 } else { 3 },
		..Default::default()
	}
}

/// The classes of the presets, each measured against a real system.
pub fn genesis_classes() -> Vec<GenesisClass<Balance>> {
	references::genesis_classes()
		.into_iter()
		.map(|(class, name, attested_by, system)| GenesisClass {
			class,
			name: name.into(),
			system,
			attested_by,
			loss_per_hour: LOSS_PER_HOUR,
		})
		.collect()
}
