//! What must hold between the pallets' configurations.

use super::*;
use core::any::TypeId;
use frame_support::{
	dispatch::DispatchClass,
	traits::{Get, VariantCount},
};

#[test]
fn freezes_and_holds_have_reasons_of_their_own() {
	let freeze = TypeId::of::<<Runtime as pallet_balances::Config>::RuntimeFreezeReason>();
	assert_eq!(freeze, TypeId::of::<RuntimeFreezeReason>());
	assert_ne!(freeze, TypeId::of::<RuntimeHoldReason>());
	assert_eq!(RuntimeFreezeReason::VARIANT_COUNT, 0, "nothing freezes yet");
}

#[test]
fn normal_transactions_have_about_a_second_of_a_slot() {
	let weights = system::RuntimeBlockWeights::get();
	let normal = weights.get(DispatchClass::Normal).max_total.expect("limited");
	assert_eq!(normal.ref_time(), 990_000_000_000, "picoseconds");
	assert!(u64::from(1_000u32) * weights.max_block.ref_time() / 1_000_000_000_000 < SLOT_MILLISECONDS / 2);
}

#[test]
fn sweeps_at_the_beginning_of_a_block_fit_in_what_is_reserved_for_them() {
	assert!(scheduler::SCHEDULER_RATIO <= system::AVERAGE_ON_INITIALIZE_RATIO);
}

#[test]
fn reports_bonds_and_histories_live_equally_long() {
	use validators::*;
	// That reports outlive neither bonds nor GRANDPA's memory is checked by the pallet's `integrity_test`.
	assert_eq!(
		<<Runtime as pallet_grandpa::Config>::MaxSetIdSessionEntries as Get<u64>>::get(),
		MAX_SET_ID_SESSION_ENTRIES
	);
	assert_eq!(REPORT_LONGEVITY_BLOCKS, u64::from(REPORT_LONGEVITY_SESSIONS) * u64::from(EPOCH_SLOTS));
}

#[test]
fn calls_that_look_at_every_candidate_weigh_more() {
	use pallet_validators::WeightInfo;
	type Measured = crate::weights::pallet_validators::WeightInfo<Runtime>;
	assert!(Measured::bond().ref_time() > 0);
	assert!(Measured::chill().ref_time() > 2 * Measured::withdraw_unbonded().ref_time());
	let normal = system::RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.expect("limited");
	assert!(Measured::unbond().all_lt(normal), "the heaviest call fits in a block");
}

#[test]
fn an_epoch_is_an_hour_or_a_minute_in_a_fast_build() {
	let minutes = u64::from(EPOCH_SLOTS) * SLOT_MILLISECONDS / 60_000;
	assert_eq!(minutes, if cfg!(feature = "fast-epochs") { 1 } else { 60 });
}

#[test]
fn session_keys_have_the_names_that_test_networks_fill_in() {
	let names = <SessionKeys as scale_info::TypeInfo>::type_info();
	let scale_info::TypeDef::Composite(fields) = names.type_def else { panic!("a struct") };
	let names: Vec<_> = fields.fields.iter().filter_map(|field| field.name).collect();
	assert_eq!(names, ["babe", "grandpa"]);
}

#[test]
fn a_validation_proxy_moves_no_money() {
	use frame_support::traits::InstanceFilter;
	use proxy::ProxyType;
	let transfer: RuntimeCall =
		pallet_balances::Call::transfer_allow_death { dest: Sr25519Keyring::Bob.to_account_id().into(), value: GCX }
			.into();
	let chill: RuntimeCall = pallet_validators::Call::chill {}.into();
	for (proxy, moves, chills) in [
		(ProxyType::Any, true, true),
		(ProxyType::NonTransfer, false, true),
		(ProxyType::Validation, false, true),
		(ProxyType::CancelProxy, false, false),
	] {
		assert_eq!((proxy.filter(&transfer), proxy.filter(&chill)), (moves, chills), "{proxy:?}");
	}
	assert!(ProxyType::Any.is_superset(&ProxyType::Validation));
	assert!(!ProxyType::Validation.is_superset(&ProxyType::NonTransfer));
}
