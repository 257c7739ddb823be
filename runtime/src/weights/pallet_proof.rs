//! Weights of `pallet_proof`.
//!
//! DATE: 2026-11-22, STEPS: `10`, REPEAT: `20`, WASM-EXECUTION: `Compiled`, PRESET: `development`
//!
//! Measured through the runtime's own benchmark API in an in-memory state, with the SDK's regression over the samples, as the benchmark tool does, but not by the tool: the
//! proof size is the one that was seen, not the most that there can be. The machine was slower than when the other files were measured: what both measured
//! took three to four times as long. `scripts/weights pallet_proof` replaces this file.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_proof`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_proof::WeightInfo for WeightInfo<T> {
	fn set_terms() -> Weight {
		// Minimum execution time: 320_737_000 picoseconds.
		Weight::from_parts(391_203_000, 1510)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn remove_terms() -> Weight {
		// Minimum execution time: 159_987_000 picoseconds.
		Weight::from_parts(194_819_000, 159)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn commit() -> Weight {
		// Minimum execution time: 389_643_000 picoseconds.
		Weight::from_parts(437_958_000, 2295)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	/// The range of component `b` is `[1, 2048]`.
	fn open(b: u32) -> Weight {
		// Minimum execution time: 367_632_000 picoseconds.
		Weight::from_parts(528_881_909, 2172)
			.saturating_add(Weight::from_parts(55_592, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn begin_block() -> Weight {
		// Minimum execution time: 582_394_000 picoseconds.
		Weight::from_parts(620_028_000, 2116)
			.saturating_add(T::DbWeight::get().reads(37))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn call_class() -> Weight {
		// Minimum execution time: 211_799_000 picoseconds.
		Weight::from_parts(241_246_000, 879)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	fn challenge() -> Weight {
		// Minimum execution time: 557_988_000 picoseconds.
		Weight::from_parts(927_550_000, 8992)
			.saturating_add(T::DbWeight::get().reads(71))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn look_up() -> Weight {
		// Minimum execution time: 124_061_000 picoseconds.
		Weight::from_parts(215_111_000, 3724)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn turn() -> Weight {
		// Minimum execution time: 79_192_000 picoseconds.
		Weight::from_parts(120_239_000, 481)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn reckon() -> Weight {
		// Minimum execution time: 118_004_000 picoseconds.
		Weight::from_parts(224_723_000, 1578)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
