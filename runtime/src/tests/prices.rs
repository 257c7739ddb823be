//! The price index on the runtime: who may report at genesis, what the hook may weigh.

use super::*;
use gcx_primitives::PriceIndex;
use pallet_index::WeightInfo;
use sp_genesis_builder::DEV_RUNTIME_PRESET;

#[test]
fn presets_have_classes_and_as_many_reporters_as_a_quorum_needs() {
	on_chain(DEV_RUNTIME_PRESET, || {
		let parameters = pallet_index::Parameters::<Runtime>::get();
		assert_eq!(pallet_index::Classes::<Runtime>::get(), vec![GCX_PRICE, HPC_FP64, AI_INFER, GEMM_INT8]);
		assert_eq!(pallet_index::Reporters::<Runtime>::count(), parameters.quorum_reports);
		assert_eq!(Index::floor_price(AI_INFER), Some(FLOOR_PRICE));
		for reporter in pallet_index::Reporters::<Runtime>::iter_values() {
			assert!(reporter.bond >= parameters.full_bond);
		}
	})
}

#[test]
fn the_windows_of_a_day_outlast_two_slots() {
	let windows = index::genesis_parameters().windows;
	for length in [windows.commit, windows.reveal, windows.dispute, units::DAY_MILLISECONDS] {
		assert!(length >= 2 * SLOT_MILLISECONDS, "{length} ms");
	}
}

#[test]
fn a_step_of_the_index_and_the_scheduler_fit_in_what_is_reserved_at_the_beginning_of_a_block() {
	type Measured = crate::weights::pallet_index::WeightInfo<Runtime>;
	let step = Measured::conclude().max(Measured::fix()).saturating_add(weights::DbWeight::get().reads(4));
	let reserved = system::AVERAGE_ON_INITIALIZE_RATIO * system::MAXIMUM_BLOCK_WEIGHT;
	let scheduler = scheduler::SCHEDULER_RATIO * system::MAXIMUM_BLOCK_WEIGHT;
	assert!(step.saturating_add(scheduler).all_lte(reserved), "{step:?} and {scheduler:?} in {reserved:?}");
}
