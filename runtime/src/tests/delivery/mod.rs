//! Physical delivery on the whole chain: what a start-up, a data centre, an operator, a fund and a buyer who does not show up
//! come to, to the unit; and what is tried against it.

mod buy_back;
mod data_centre;
mod defaults;
mod failures;
mod fund;
mod halt;
mod no_show;
mod nominations;
mod startup;
mod vouchers;

use super::{scenario::*, *};
use frame_support::{
	assert_noop,
	traits::{TryState, TryStateSelect},
	BoundedVec,
};
use gcx_primitives::{
	Attestation as Found, Capacity, CapacityLedger, Cash, ClassId, ComputeHours, ComputeResources, Day, DealId,
	DeliveryDays, Grade, InstrumentId, InstrumentTerms, Lots, Metric, Ppm, Price, Reference, ReferenceSystem,
	ReferenceVersion, Region, ResourceId, RoundId, Side, SubAccount,
};
use pallet_delivery::{Deals, Deliveries, Stage, Tally};
use pallet_market::{ContractTerms, NextInstrument, SettlementKind};
use sp_runtime::DispatchResult;

/// The class of these scenarios: an hour of a device that solves a million million operations a second.
const CLASS: ClassId = ClassId(100);
/// Operations per second of the reference device.
const REFERENCE: u64 = 1_000_000_000_000;
/// Devices that a lot is for.
const DEVICES: u32 = 10;
/// Compute Hours a lot: of so many devices, for both days.
const HOURS: u64 = 480;
/// Delivery days.
const DAYS: u32 = 2;
/// Days from the listing to the expiry: a ramp of five and a few before.
const LIFE: u32 = 7;
/// Days from the expiry to the first delivery day.
const NOTICE: u32 = 3;
/// Where the resources are.
const REGION: Region = Region(276);
/// What GCX costs.
const TOKEN: Price = cents(200);
/// What each party begins with.
const CASH: Cash = dollars(100_000);
/// The provider's bond.
const BOND: Balance = 100_000 * GCX;
/// Millionths of a Compute Hour that a lot is for on a day.
const LOT_DAY: u128 = HOURS as u128 / DAYS as u128 * Capacity::PER_HOUR;

/// Two guarantors; Charlie buys under Bob, Dave sells under Alice. The class has a price.
fn market(price: Price) {
	for (guarantor_, customer_) in [(Bob, Charlie), (Alice, Dave)] {
		guarantor(guarantor_, dollars(1_000_000));
		customer(customer_, guarantor_, CASH);
	}
	class(price);
}

/// Admits the class of these scenarios, and its first price is settled.
fn class(price: Price) {
	let reference = Reference { metric: Metric::Hpl, value: REFERENCE, weight: Ppm::ONE, floor: Ppm::percent(10) };
	let system = ReferenceSystem { metrics: BoundedVec::truncate_from(vec![reference]), milliwatts: 400_000 };
	let name = BoundedVec::truncate_from(b"SCENARIO".to_vec());
	assert_ok!(govern(pallet_compute::Call::admit_class {
		class: CLASS,
		name,
		system,
		attested_by: Some(Metric::Hpl),
		loss_per_hour: 10 * GCX,
	}));
	assert_ok!(govern(pallet_index::Call::set_class { class: CLASS, floor: cents(1) }));
	postpone_settlement();
	day(price);
}

/// The price of the class, and that of GCX.
fn at(price: Price) -> [(ClassId, Price); 2] {
	[(CLASS, price), (GCX_PRICE, TOKEN)]
}

/// A day goes by: prices are fixed and settled.
fn day(price: Price) {
	publish(&at(price));
	settle();
}

/// Makes an account a provider of one resource that can deliver so many lots; each device is as fast as the reference. Its agent is
/// One.
fn provider(who: Sr25519Keyring, lots: u32) -> ResourceId {
	let devices = lots * DEVICES;
	let resource = pallet_compute::NextResource::<Runtime>::get();
	assert_ok!(send(who, pallet_compute::Call::register_provider { bond: BOND }));
	let agent = One.to_account_id();
	let call = pallet_compute::Call::register_resource { class: CLASS, region: REGION, devices, agent, version: None };
	assert_ok!(send(who, call));
	for round in 1..=compute::genesis_parameters().warmup_rounds {
		attest(resource, round, devices, REFERENCE);
	}
	resource
}

/// A round found that so many devices of a resource solve so many operations a second each.
fn attest(resource: ResourceId, round: u32, devices: u32, solved: u64) {
	let found = Found {
		round: RoundId(round),
		at: now(),
		devices,
		run: [1; 32],
		evidence: [2; 32],
		solved: Some(solved),
		declared: Default::default(),
		milliwatts: None,
	};
	<Compute as ComputeResources<AccountId>>::attested(resource, found);
}

/// Lists a contract on the class, which is delivered, by whatever has a grade.
fn list_physical(settlement: Price) -> InstrumentId {
	list_graded(settlement, Grade::LOWEST)
}

/// The same with the lowest grade that may be delivered.
fn list_graded(settlement: Price, floor: Grade) -> InstrumentId {
	let instrument = NextInstrument::<Runtime>::get();
	let expires_on = today().0 + LIFE;
	let first = Day(expires_on + NOTICE);
	let expires = u64::from(expires_on) * DAY_MILLISECONDS;
	let terms = ContractTerms {
		instrument: InstrumentTerms {
			class: CLASS,
			grades: 0,
			multiplier: ComputeHours(HOURS),
			price_band: InstrumentTerms::MAX_BAND,
			mark_band: InstrumentTerms::MAX_BAND,
			max_account_lots: Lots(1_000),
			max_owner_lots: Lots(1_000),
		},
		settlement: SettlementKind::Physical { floor, version: ReferenceVersion(1) },
		delivery: DeliveryDays { first, last: Day(first.0 + DAYS - 1) },
		opens: now(),
		reduce_only_from: expires,
		expires,
	};
	assert_ok!(govern(pallet_market::Call::list { terms, first_settlement: settlement }));
	block();
	instrument
}

/// Days go by at this price until the contract has expired, ended at it, and all of its positions were taken over.
fn expire(contract: InstrumentId, price: Price) {
	let terms = pallet_market::Contracts::<Runtime>::get(contract).expect("it is listed").terms;
	while now() + DAY_MILLISECONDS < terms.expires {
		day(price);
	}
	publish(&at(price));
	pass(terms.expires.saturating_sub(now()));
	until(|| {
		let contract = pallet_market::Contracts::<Runtime>::get(contract);
		contract.is_none_or(|contract| matches!(contract.final_price, gcx_primitives::FinalPrice::Known(_)))
	});
	settle();
	until(|| Deliveries::<Runtime>::get(contract).is_none_or(|delivery| delivery.is_taken_over()));
}

/// An account's first margin account sets capacity aside for so many lots.
fn cover(who: Sr25519Keyring, instrument: InstrumentId, lots: i64) -> DispatchResult {
	send(who, pallet_delivery::Call::cover { sub: SubAccount(0), instrument, lots: Lots(lots) })
}

/// It is to deliver so many lots with a resource.
fn nominate(who: Sr25519Keyring, instrument: InstrumentId, resource: ResourceId, lots: i64) -> DispatchResult {
	send(who, pallet_delivery::Call::nominate { sub: SubAccount(0), instrument, resource, lots: Lots(lots) })
}

/// It wants its lots where the resources are, and names a key that signs its vouchers and where it is to be reached.
fn request(who: Sr25519Keyring, instrument: InstrumentId, key: Sr25519Keyring, endpoint: &[u8]) -> DispatchResult {
	let (key, endpoint) = (Some(key.to_account_id()), BoundedVec::truncate_from(endpoint.to_vec()));
	send(who, pallet_delivery::Call::request { sub: SubAccount(0), instrument, region: REGION, key, endpoint })
}

/// The delivery of a contract.
fn delivery(contract: InstrumentId) -> pallet_delivery::Delivery<AccountId, BlockNumber> {
	Deliveries::<Runtime>::get(contract).expect("it is delivered")
}

/// Time goes by, with fixes at this price, until all lots are matched. The deals, by id.
fn matched(contract: InstrumentId, price: Price) -> Vec<DealId> {
	let first = delivery(contract).goods.days.first;
	while today() < Day(first.0 - 1) {
		day(price);
	}
	for _ in 0..100 {
		if matches!(delivery(contract).stage, Stage::Delivering { .. }) {
			break;
		}
		random_block();
	}
	assert!(matches!(delivery(contract).stage, Stage::Delivering { .. }), "{:?}", delivery(contract));
	let mut deals: Vec<_> = Deals::<Runtime>::iter_keys().collect();
	deals.sort_unstable();
	deals
}

/// Makes the next block, on one whose author's output is known. Scenarios' blocks have none of their own.
fn random_block() {
	let number = System::block_number();
	let output = sp_io::hashing::blake2_256(&number.to_le_bytes());
	pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(output));
	block();
}

/// It is this delivery day of the contract's; the first is nought.
fn on_delivery_day(contract: InstrumentId, index: u32) -> Day {
	let day = Day(delivery(contract).goods.days.first.0 + index);
	pass((u64::from(day.0) * DAY_MILLISECONDS).saturating_sub(now()) + DAY_MILLISECONDS / 10);
	assert_eq!(today(), day);
	day
}

/// What the seller says to have on a day, of all that a deal is for.
fn post(seller: Sr25519Keyring, deal: DealId, day: Day, available: u128) -> DispatchResult {
	send(seller, pallet_delivery::Call::post_availability { deal, day, available: Capacity(available) })
}

/// A buyer's key signs to have received so much of a deal on a day, all together.
fn voucher(deal: DealId, day: Day, cumulative: u128, key: Sr25519Keyring) -> pallet_delivery::Call<Runtime> {
	let cumulative = Capacity(cumulative);
	let signature = key.sign(&Delivery::voucher_payload(deal, day, cumulative)).into();
	pallet_delivery::Call::submit_voucher { deal, day, cumulative, signature }
}

/// Time goes by, with fixes at this price, until the delivery is over.
fn finish(contract: InstrumentId, price: Price) {
	for _ in 0..6 {
		if Deliveries::<Runtime>::get(contract).is_none() {
			return;
		}
		day(price);
		for _ in 0..40 {
			block();
		}
	}
	panic!("the delivery goes on: {:?}", Deliveries::<Runtime>::get(contract));
}

/// What the delivery came to, as it was told when it was over.
fn closed(contract: InstrumentId) -> (Tally, pallet_delivery::Money) {
	let closed = events().into_iter().find_map(|event| match event {
		RuntimeEvent::Delivery(pallet_delivery::Event::DeliveryClosed { instrument, tally, money })
			if instrument == contract =>
		{
			Some((tally, money))
		},
		_ => None,
	});
	closed.expect("it is over")
}

/// What lots are worth at a price.
fn value(lots: i64, price: Price) -> Cash {
	Lots(lots).value(ComputeHours(HOURS), price).expect("a small amount")
}

/// Adds up.
fn sum(amounts: impl IntoIterator<Item = Cash>) -> Cash {
	Cash::checked_sum(amounts).expect("small amounts")
}

/// The same amount with the other sign.
fn less(amount: Cash) -> Cash {
	Cash(-amount.0)
}

/// No money was made or lost, all invariants hold, escrow is empty, and no provider owes more than it can deliver.
fn assert_whole(issued: u128, contract: InstrumentId) {
	assert_sound(issued);
	let (tally, money) = closed(contract);
	assert_eq!(money.escrowed, sum([money.paid, money.returned, money.forfeited]));
	let all = tally.delivered.0 + tally.compensated.0 + tally.released.0;
	assert_eq!(all % (u128::from(HOURS) * Capacity::PER_HOUR), 0, "whole lots: {tally:?}");
	for day in (today().0..today().0 + 10).map(Day) {
		assert_eq!(Compute::shortfall(&Dave.to_account_id(), CLASS, day), Capacity::ZERO);
	}
	for (segment, ledger) in pallet_clearing::Ledgers::<Runtime>::iter() {
		assert_eq!(ledger.escrow, Cash::ZERO, "{segment:?}");
	}
	<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(System::block_number(), TryStateSelect::All)
		.expect("the invariants hold");
}

use Sr25519Keyring::{Alice, Bob, Charlie, Dave, One};
