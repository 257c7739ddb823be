//! Guarantors, customers and the custody of their money, on the runtime.

use super::*;
use frame_support::traits::Get;
use gcx_primitives::{Cash, CustomerLimits, Guarantors, HouseFunds, Lots, Ppm, Segment, SegmentSide, SubAccount};
use sp_genesis_builder::DEV_RUNTIME_PRESET;

const LIMITS: CustomerLimits = CustomerLimits {
	max_initial_margin: Cash(1_000_000),
	max_lots: Lots(100),
	margin_multiplier: Ppm::ONE,
	suspended: false,
};

fn who(key: Sr25519Keyring) -> AccountId {
	key.to_account_id()
}

fn by(key: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who(key))
}

/// Bob guarantees for Charlie.
fn guaranteed() {
	use Sr25519Keyring::{Bob, Charlie};
	let parameters = guarantor::genesis_parameters();
	let house = parameters.min_house.0.unsigned_abs();
	assert_ok!(Guarantor::apply(by(Bob), parameters.min_bond));
	assert!(Guarantor::admit(RuntimeOrigin::root(), who(Bob)).is_err(), "its house is empty");
	assert_ok!(Clearing::deposit(by(Bob), SubAccount::HOUSE, house));
	assert_eq!(Clearing::house_funds(&who(Bob)), parameters.min_house);
	assert_ok!(Guarantor::admit(RuntimeOrigin::root(), who(Bob)));
	assert_ok!(Guarantor::request(by(Charlie), who(Bob)));
	assert_ok!(Guarantor::accept(by(Bob), who(Charlie), LIMITS));
}

#[test]
fn customers_money_and_house_money_are_in_custody_apart() {
	use Sr25519Keyring::{Bob, Charlie};
	on_chain(DEV_RUNTIME_PRESET, || {
		guaranteed();
		assert_ok!(Clearing::deposit(by(Charlie), SubAccount(3), 500 * DOLLAR));
		for (side, amount) in [(SegmentSide::Customers, 500), (SegmentSide::House, 100_000)] {
			let account = Clearing::custody_account(&Segment { guarantor: who(Bob), side });
			// With the minimum balance, a cent.
			assert_eq!(Assets::balance(assets::SETTLEMENT_ASSET, &account), amount * DOLLAR + DOLLAR / 100);
		}
	})
}

#[test]
fn a_defaulting_guarantors_stake_is_slashed_and_its_customers_money_is_not() {
	use Sr25519Keyring::{Bob, Charlie, Dave};
	on_chain(DEV_RUNTIME_PRESET, || {
		guaranteed();
		assert_ok!(Clearing::deposit(by(Charlie), SubAccount(0), 500 * DOLLAR));
		assert_ok!(Guarantor::delegate(by(Dave), who(Bob), 50_000 * GCX));
		let issued = Balances::total_issuance();
		let credit = <Guarantor as Guarantors<AccountId>>::slash(&who(Bob), 30_000 * GCX);
		assert_ok!(<Guarantor as Guarantors<AccountId>>::set_defaulted(&who(Bob)));
		// 100,000 of its own and 50,000 of others bear it two to one.
		let left = <Guarantor as Guarantors<AccountId>>::own_resources(&who(Bob)).expect("a guarantor");
		assert_eq!((left.bond, left.delegated), (80_000 * GCX, 40_000 * GCX));
		drop(credit);
		assert_eq!(Balances::total_issuance(), issued - 30_000 * GCX);
		assert_ok!(Clearing::withdraw(by(Charlie), SubAccount(0), 500 * DOLLAR));
		assert_eq!(Assets::balance(assets::SETTLEMENT_ASSET, who(Charlie)), SETTLEMENT_ENDOWMENT - DOLLAR / 100);
	})
}

#[test]
fn nobody_can_freeze_or_move_custody() {
	use Sr25519Keyring::{Alice, Bob};
	on_chain(DEV_RUNTIME_PRESET, || {
		guaranteed();
		let custody = Clearing::custody_account(&Segment { guarantor: who(Bob), side: SegmentSide::House });
		let asset = codec::Compact(assets::SETTLEMENT_ASSET);
		for key in [Alice, Bob] {
			assert!(Assets::freeze(by(key), asset, custody.clone().into()).is_err());
			assert!(Assets::force_transfer(by(key), asset, custody.clone().into(), who(key).into(), 1).is_err());
		}
	})
}

#[test]
fn a_step_of_settlement_fits_in_its_weight_with_as_many_segments_as_there_can_be() {
	use pallet_clearing::WeightInfo;
	type Measured = weights::pallet_clearing::WeightInfo<Runtime>;
	let guarantors: u32 = <Runtime as pallet_guarantor::Config>::MaxGuarantors::get();
	let segments = 2 * guarantors;
	let accounts = <Runtime as pallet_clearing::Config>::AccountsPerStep::get();
	let levy = Measured::levy(accounts);
	let step = Measured::price_instrument(segments).max(Measured::settle(segments)).max(levy);
	let limit = clearing::RunWeight::get();
	assert!(step.all_lte(limit), "{step:?} in {limit:?}");
}

#[test]
fn what_blocks_of_the_exchange_begin_with_fits_in_what_is_reserved() {
	use pallet_clearing::{Config as Clearing, WeightInfo as _, MAX_POSITIONS};
	use pallet_delivery::WeightInfo as _;
	use pallet_market::{Config as Market, WeightInfo as _};
	type OfClearing = weights::pallet_clearing::WeightInfo<Runtime>;
	type OfMarket = weights::pallet_market::WeightInfo<Runtime>;
	let instruments: u32 = <Runtime as Clearing>::InstrumentsPerBlock::get();
	// One of the watch list, of owners and of the sweep.
	let promised = OfClearing::hand_over().max(OfClearing::inspect(2 * MAX_POSITIONS)).saturating_mul(3);
	assert!(promised.all_lte(clearing::InspectionWeight::get()), "{promised:?} is promised");
	let weight = clearing::RunWeight::get()
		.saturating_add(OfClearing::refresh().saturating_mul(instruments.into()))
		.saturating_add(clearing::InspectionWeight::get())
		.saturating_add(OfClearing::advance_default().saturating_mul(2))
		.saturating_add(OfClearing::refresh_cover())
		.saturating_add(OfMarket::on_initialize_idle())
		.saturating_add(OfMarket::sweep(<Runtime as Market>::SweepPerBlock::get()))
		.saturating_add(OfMarket::advance_contract().max(OfMarket::conclude()))
		.saturating_add(weights::pallet_delivery::WeightInfo::<Runtime>::on_initialize_idle())
		.saturating_add(<Runtime as pallet_delivery::Config>::BlockWeight::get())
		.saturating_add(Attestation::heaviest_block())
		.saturating_add(Proof::heaviest_block());
	let reserved = system::AVERAGE_ON_INITIALIZE_RATIO * system::MAXIMUM_BLOCK_WEIGHT;
	assert!(weight.all_lte(reserved), "{weight:?} in {reserved:?}");
}

#[test]
fn the_dearest_batch_of_fills_fits_in_a_block_with_room_for_others() {
	use pallet_market::{Config as Market, WeightInfo};
	type Measured = weights::pallet_market::WeightInfo<Runtime>;
	let batch = Measured::submit_fills(
		<Runtime as Market>::MaxOrdersPerBatch::get(),
		<Runtime as Market>::MaxFillsPerBatch::get(),
	);
	let normal = system::NORMAL_DISPATCH_RATIO * system::MAXIMUM_BLOCK_WEIGHT;
	assert!(batch.saturating_mul(4).all_lte(normal), "{batch:?} in {normal:?}");
}
