//! What the scenarios are made of: a chain whose clock moves as they say, reporters, guarantors, customers, signed
//! orders.

use super::*;
use codec::Encode;
use frame_support::traits::fungible::Inspect;
use gcx_primitives::{
	Cash, ClassId, ComputeHours, CustomerLimits, Day, DefaultStage, DeliveryDays, InstrumentId, InstrumentTerms,
	InsurancePool, Lots, Ppm, Price, Segment, SegmentSide, Side, SubAccount, WaterfallLayer,
};
use gcx_runtime_api::AccountView;
use pallet_clearing::{AccountState, Instruments, Ledgers, Settled, TotalCustody};
use pallet_market::{ContractTerms, NextInstrument, Order, SettlementKind, SignedOrder};
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	Slot, BABE_ENGINE_ID,
};
use sp_core::Pair;
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	Digest, DigestItem, DispatchError, DispatchResult,
};
use std::cell::{Cell, RefCell};
use Sr25519Keyring::{DaveStash, EveStash, FerdieStash};

/// An hour of the clock, in milliseconds. It is the egress fuse's hour in every build.
pub(super) const HOUR: u64 = 3_600_000;
/// The reporters of the preset: as many as make a quorum.
pub(super) const REPORTERS: [Sr25519Keyring; 3] = [DaveStash, EveStash, FerdieStash];
/// What no fee is larger than.
const ANY_FEE: Cash = Cash(1 << 60);

thread_local! {
	/// Events of the blocks before the last.
	static LOG: RefCell<Vec<RuntimeEvent>> = const { RefCell::new(Vec::new()) };
	/// The salt of the last order.
	static SALT: Cell<u64> = const { Cell::new(0) };
}

/// Says what an incident came to, with `--nocapture`.
pub(super) fn tell(incident: &str, what: String) {
	println!("{incident} | {what}");
}

/// An amount of whole dollars.
pub(super) const fn dollars(amount: i64) -> Cash {
	// `From` is not const.
	Cash(amount as i128 * 1_000_000)
}

/// A price in cents.
pub(super) const fn cents(price: i64) -> Price {
	Price(price * 10_000)
}

/// An amount in dollars, for people.
pub(super) fn shown(amount: Cash) -> String {
	let sign = if amount < Cash::ZERO { "−" } else { "" };
	let units = amount.0.unsigned_abs();
	format!("{sign}{}.{:02} $", units / 1_000_000, units % 1_000_000 / 10_000)
}

// The chain and its clock.

/// Runs `test` on a development chain that has run for a few hours.
pub(super) fn exchange(test: impl FnOnce()) {
	LOG.set(Vec::new());
	on_chain(DEV_RUNTIME_PRESET, || {
		block_after(5 * HOUR);
		test();
	});
}

/// The clock, in milliseconds.
pub(super) fn now() -> u64 {
	pallet_timestamp::Now::<Runtime>::get()
}

/// Makes one block, so long after the last: in the first slot that is not earlier.
pub(super) fn block_after(time: u64) {
	LOG.with_borrow_mut(|log| log.extend(System::read_events_no_consensus().map(|record| record.event)));
	let slot = Slot::from(*pallet_babe::CurrentSlot::<Runtime>::get() + time.div_ceil(SLOT_MILLISECONDS).max(1));
	let number = System::block_number() + 1;
	let author = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: number % authorities(), slot });
	let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, author.encode())] };
	Executive::initialize_block(&Header::new(number, Hash::zero(), Hash::zero(), Hash::zero(), digest));
	let inherent = pallet_timestamp::Call::set { now: *slot * SLOT_MILLISECONDS };
	assert_ok!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(inherent.into())).expect("it sets the clock"));
	Executive::finalize_block();
}

/// Makes the next block.
pub(super) fn block() {
	block_after(SLOT_MILLISECONDS);
}

/// Makes blocks for so long, near enough to each other to be no outage.
pub(super) fn pass(time: u64) {
	let end = now() + time;
	let step = pallet_clearing::Parameters::<Runtime>::get().liquidation.max_block_time / 2;
	while now() < end {
		block_after(step.min(end - now()));
	}
}

/// All that happened, the oldest first.
pub(super) fn events() -> Vec<RuntimeEvent> {
	let last = System::read_events_no_consensus().map(|record| record.event);
	LOG.with_borrow(|log| log.iter().cloned().chain(last).collect())
}

/// What of clearing happened.
pub(super) fn of_clearing() -> impl Iterator<Item = pallet_clearing::Event<Runtime>> {
	events().into_iter().filter_map(|event| match event {
		RuntimeEvent::Clearing(event) => Some(event),
		_ => None,
	})
}

// Calls.

/// Dispatches a call as an account: wholly or not at all.
pub(super) fn send(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	dispatch(who, call).map(drop).map_err(|error| error.error)
}

/// Dispatches a call by the key that governs: what an attacker can do who stole it.
pub(super) fn govern(call: impl Into<RuntimeCall>) -> DispatchResult {
	let result = call.into().dispatch(RuntimeOrigin::root());
	result.map(drop).map_err(|error| error.error)
}

/// An error of clearing.
pub(super) fn refused(error: pallet_clearing::Error<Runtime>) -> DispatchResult {
	Err(error.into())
}

/// An error of the market.
pub(super) fn not_traded(error: pallet_market::Error<Runtime>) -> DispatchResult {
	Err(error.into())
}

// The index.

/// A day of the index: the reporters commit to prices and reveal them, nobody disputes, the prices are final.
pub(super) fn publish(prices: &[(ClassId, Price)]) {
	report(&REPORTERS, prices);
	pass(index::genesis_parameters().windows.dispute);
	finalise(prices);
	block();
}

/// The same as far as the end of reporting, by some of the reporters.
pub(super) fn report(reporters: &[Sr25519Keyring], prices: &[(ClassId, Price)]) {
	let windows = index::genesis_parameters().windows;
	pass(DAY_MILLISECONDS - now() % DAY_MILLISECONDS);
	let day = today();
	let salt = [7; 32];
	for (reporter, (class, price)) in reporters.iter().flat_map(|who| prices.iter().map(move |entry| (*who, *entry))) {
		let hash = pallet_index::commitment::<Runtime>(class, day, &reporter.to_account_id(), price, &salt);
		assert_ok!(send(reporter, pallet_index::Call::commit { class, hash }));
	}
	pass(windows.commit);
	for (reporter, (class, price)) in reporters.iter().flat_map(|who| prices.iter().map(move |entry| (*who, *entry))) {
		assert_ok!(send(reporter, pallet_index::Call::reveal { class, price, salt }));
	}
	pass(windows.reveal);
	finalise(prices);
}

/// Brings the rounds of these classes on.
pub(super) fn finalise(prices: &[(ClassId, Price)]) {
	for (class, _) in prices {
		assert_ok!(send(Sr25519Keyring::One, pallet_index::Call::advance { class: *class }));
	}
}

// Contracts and trades.

/// Lists a contract of `multiplier` Compute Hours a lot, whose price may go through zero in a day and back, at a first
/// settlement price.
pub(super) fn list(class: ClassId, multiplier: u64, settlement: Price) -> InstrumentId {
	list_with(class, multiplier, settlement, Lots(1_000_000), Lots(1_000_000))
}

/// The same with limits of an account and of an owner.
pub(super) fn list_with(
	class: ClassId,
	multiplier: u64,
	settlement: Price,
	max_account_lots: Lots,
	max_owner_lots: Lots,
) -> InstrumentId {
	let limits = (max_account_lots, max_owner_lots);
	let first = Day(today().0 + 701);
	list_terms(class, multiplier, settlement, limits, DeliveryDays { first, last: first }, 700)
}

/// Lists a contract that is paid out at the mean of the fixes of so many days, the first of them tomorrow. It expires when the last
/// begins.
pub(super) fn list_days(class: ClassId, multiplier: u64, settlement: Price, days: u32) -> InstrumentId {
	let first = Day(today().0 + 1);
	let delivery = DeliveryDays { first, last: Day(today().0 + days) };
	let limits = (Lots(1_000_000), Lots(1_000_000));
	list_terms(class, multiplier, settlement, limits, delivery, days)
}

/// Lists a contract that expires in so many days.
fn list_terms(
	class: ClassId,
	multiplier: u64,
	settlement: Price,
	(max_account_lots, max_owner_lots): (Lots, Lots),
	delivery: DeliveryDays,
	expires_in: u32,
) -> InstrumentId {
	let instrument = NextInstrument::<Runtime>::get();
	let terms = InstrumentTerms {
		class,
		grades: 0,
		multiplier: ComputeHours(multiplier),
		price_band: InstrumentTerms::MAX_BAND,
		mark_band: InstrumentTerms::MAX_BAND,
		max_account_lots,
		max_owner_lots,
	};
	let expires = u64::from(today().0 + expires_in) * DAY_MILLISECONDS;
	let terms = ContractTerms {
		instrument: terms,
		settlement: SettlementKind::Cash,
		delivery,
		opens: now(),
		reduce_only_from: expires,
		expires,
	};
	assert_ok!(govern(pallet_market::Call::list { terms, first_settlement: settlement }));
	block();
	instrument
}

/// The index's day.
pub(super) fn today() -> Day {
	Day(u32::try_from(now() / DAY_MILLISECONDS).expect("an early day"))
}

/// Signs an offer that anyone may take within a few blocks.
pub(super) fn offer(
	who: Sr25519Keyring,
	sub: SubAccount,
	side: Side,
	instrument: InstrumentId,
	lots: i64,
	limit: Price,
) -> SignedOrder<AccountId, BlockNumber, Signature> {
	let salt = SALT.replace(SALT.get() + 1);
	let order = Order {
		account: who.to_account_id(),
		sub,
		instrument,
		side,
		lots: Lots(lots),
		limit,
		max_fee_per_lot: ANY_FEE,
		venue: None,
		expires: System::block_number() + 10,
		salt,
		reduce_only: false,
	};
	let payload = Market::order_payload(&order);
	SignedOrder { order, signature: who.pair().sign(&payload).into() }
}

/// `buyer` takes lots that `seller` signed an offer of.
pub(super) fn trade(
	buyer: Sr25519Keyring,
	seller: Sr25519Keyring,
	instrument: InstrumentId,
	lots: i64,
	price: Price,
) -> DispatchResult {
	let order = offer(seller, SubAccount(0), Side::Sell, instrument, lots, price);
	send(buyer, pallet_market::Call::take { order, sub: SubAccount(0), lots: Lots(lots), max_fee: ANY_FEE })
}

/// What a party pays for trading lots at a price.
pub(super) fn fee(multiplier: u64, lots: i64, price: Price) -> Cash {
	let value = Lots(lots).value(ComputeHours(multiplier), price).expect("a small amount");
	// Nobody trades so much that another tier's rates count.
	let rate = token::genesis_parameters().tiers[0].taker;
	rate.mul_ceil(value.checked_abs().expect("a small amount")).expect("a small amount")
}

/// The mark; none while prices are stale.
pub(super) fn mark(instrument: InstrumentId) -> Option<Price> {
	Clearing::instrument_views().into_iter().find(|view| view.instrument == instrument)?.mark
}

/// The settlement price in force.
pub(super) fn settlement(instrument: InstrumentId) -> Price {
	let view = Clearing::instrument_views().into_iter().find(|view| view.instrument == instrument);
	view.expect("it is listed").settlement
}

/// A settlement run, now: scenarios' blocks are hours apart, so that a run is when they say.
pub(super) fn settle() {
	let before = Settled::<Runtime>::get().current;
	Settled::<Runtime>::mutate(|settled| settled.due = System::block_number() + 1);
	for _ in 0..100 {
		if Settled::<Runtime>::get().current > before {
			break;
		}
		block();
	}
	assert!(Settled::<Runtime>::get().current > before, "the run is over within a hundred blocks");
	postpone_settlement();
}

/// No run is due before the scenario says so.
pub(super) fn postpone_settlement() {
	Settled::<Runtime>::mutate(|settled| settled.due = BlockNumber::MAX);
}

// Who trades.

/// Makes an account a guarantor, with house funds.
pub(super) fn guarantor(who: Sr25519Keyring, house: Cash) {
	let parameters = guarantor::genesis_parameters();
	assert_ok!(send(who, pallet_guarantor::Call::apply { bond: parameters.min_bond }));
	pay_in(who, house);
	assert_ok!(govern(pallet_guarantor::Call::admit { who: who.to_account_id() }));
}

/// A guarantor pays into the insurance pool.
pub(super) fn contribute(who: Sr25519Keyring, amount: Cash) {
	assert_ok!(send(who, pallet_insurance::Call::contribute { amount: amount.0.unsigned_abs() }));
}

/// Makes an account a guarantor's customer, without limits, and opens its margin account.
pub(super) fn customer(who: Sr25519Keyring, guarantor: Sr25519Keyring, cash: Cash) {
	join(who, guarantor);
	pay_in(who, cash);
}

/// Makes an account a guarantor's customer, without limits. One that is another's moves with all that it has.
pub(super) fn join(who: Sr25519Keyring, guarantor: Sr25519Keyring) {
	let limits = CustomerLimits {
		max_initial_margin: Cash(1 << 80),
		max_lots: Lots(gcx_primitives::MAX_LOTS),
		margin_multiplier: Ppm::ONE,
		suspended: false,
	};
	let (customer, guarantor_id) = (who.to_account_id(), guarantor.to_account_id());
	assert_ok!(send(who, pallet_guarantor::Call::request { guarantor: guarantor_id }));
	assert_ok!(send(guarantor, pallet_guarantor::Call::accept { customer, limits }));
}

/// Pays into an account's first margin account.
pub(super) fn pay_in(who: Sr25519Keyring, amount: Cash) {
	assert_ok!(send(who, pallet_clearing::Call::deposit { sub: SubAccount(0), amount: amount.0.unsigned_abs() }));
}

/// Asks for cash of an account's first margin account.
pub(super) fn withdraw(who: Sr25519Keyring, amount: Cash) -> DispatchResult {
	send(who, pallet_clearing::Call::withdraw { sub: SubAccount(0), amount: amount.0.unsigned_abs() })
}

/// Lets custody grow two hours old: what an hour may let out is a share of what there was when it, and the one before,
/// began.
pub(super) fn let_custody_age(who: Sr25519Keyring) {
	for _ in 0..2 {
		block_after(HOUR);
		pay_in(who, Cash(1));
	}
	block_after(HOUR);
}

/// What an account's first margin account is.
pub(super) fn view(who: Sr25519Keyring) -> AccountView<AccountId> {
	Clearing::account_view(who.to_account_id(), SubAccount(0)).expect("it has a margin account")
}

/// Its cash, settled up to the last run.
pub(super) fn cash(who: Sr25519Keyring) -> Cash {
	view(who).cash
}

/// Its lots of an instrument.
pub(super) fn lots(who: Sr25519Keyring, instrument: InstrumentId) -> i64 {
	view(who).positions.iter().find(|held| held.instrument == instrument).map_or(0, |held| held.lots.0)
}

/// Its state, as it is stored.
pub(super) fn state(who: Sr25519Keyring) -> AccountState<AccountId> {
	let account = pallet_clearing::Accounts::<Runtime>::get(who.to_account_id(), SubAccount(0));
	account.expect("it has a margin account").state
}

/// What an account has of the settlement asset outside of the exchange.
pub(super) fn wallet(who: Sr25519Keyring) -> Cash {
	let balance = Assets::balance(assets::SETTLEMENT_ASSET, who.to_account_id());
	Cash(i128::try_from(balance).expect("less than all that was issued"))
}

/// All that an account has of GCX, held or not.
pub(super) fn tokens(who: Sr25519Keyring) -> Balance {
	<Balances as Inspect<AccountId>>::total_balance(&who.to_account_id())
}

/// Who finds an account under maintenance margin puts it up for sale.
pub(super) fn liquidate(who: Sr25519Keyring) -> DispatchResult {
	let owner = who.to_account_id();
	send(Sr25519Keyring::One, pallet_clearing::Call::liquidate { owner, sub: SubAccount(0) })
}

/// Takes a part of what is for sale of an account.
pub(super) fn bid(taker: Sr25519Keyring, of: Sr25519Keyring, part: Ppm) -> DispatchResult {
	let (owner, least) = (of.to_account_id(), Cash::ZERO);
	let call = pallet_clearing::Call::bid { sub: SubAccount(0), owner, owner_sub: SubAccount(0), part, least };
	send(taker, call)
}

// Who bears what.

/// How far a guarantor's default is worked out; none if it is in none.
pub(super) fn stage(guarantor: Sr25519Keyring) -> Option<DefaultStage> {
	pallet_clearing::Defaults::<Runtime>::get(guarantor.to_account_id()).map(|failure| failure.stage)
}

/// Days go by at these prices until something is so; at most a few.
pub(super) fn days_until(prices: &[(ClassId, Price)], is_so: impl Fn() -> bool) {
	for _ in 0..12 {
		if is_so() {
			return;
		}
		publish(prices);
	}
	assert!(is_so(), "it is not so after days");
}

/// Small parts of a day go by, without new prices, until something is so.
pub(super) fn until(is_so: impl Fn() -> bool) {
	for _ in 0..100 {
		if is_so() {
			return;
		}
		block_after(DAY_MILLISECONDS / 40);
	}
	assert!(is_so(), "it is not so after two days and a half");
}

/// What layers took for a guarantor's losses, in order.
pub(super) fn layers(of: Sr25519Keyring) -> Vec<(WaterfallLayer, Cash)> {
	let taken = of_clearing().filter_map(|event| match event {
		pallet_clearing::Event::LayerTaken { guarantor, layer, had, took, left, .. }
			if guarantor == of.to_account_id() =>
		{
			assert_eq!(had.checked_sub(took), Ok(left), "{layer:?}");
			Some((layer, took))
		},
		_ => None,
	});
	taken.collect()
}

/// What one layer took for a guarantor's losses.
pub(super) fn took(of: Sr25519Keyring, which: WaterfallLayer) -> Cash {
	let taken = layers(of).into_iter().filter(|(layer, _)| *layer == which).map(|(_, took)| took);
	Cash::checked_sum(taken).expect("a sum of amounts")
}

/// What a guarantor has in the insurance pool.
pub(super) fn contribution(of: Sr25519Keyring) -> Cash {
	Insurance::contribution(&of.to_account_id())
}

/// What the insurance pool has, lent or not.
pub(super) fn pool_size() -> Cash {
	Insurance::size()
}

/// What the insurance pool has lent for a guarantor.
pub(super) fn lent(to: Sr25519Keyring) -> Cash {
	Insurance::lent(&to.to_account_id())
}

/// Whether a guarantor's contribution was drawn on, for anyone.
pub(super) fn is_drawn(of: Sr25519Keyring) -> bool {
	events().into_iter().any(|event| {
		matches!(event, RuntimeEvent::Insurance(pallet_insurance::Event::ContributionDrawn { contributor, .. })
			if contributor == of.to_account_id())
	})
}

/// Fails unless no money was made or lost: all custody is recorded and there, and all that was issued is somewhere.
pub(super) fn assert_sound(issued: u128) {
	let least = clearing::SettlementAsset::minimum_balance();
	let mut custody = Cash::ZERO;
	for (segment, ledger) in Ledgers::<Runtime>::iter() {
		let account = Clearing::custody_account(&segment);
		let held = clearing::SettlementAsset::balance(&account).checked_sub(least).expect("with its minimum");
		assert!(Cash(i128::try_from(held).expect("small")) >= ledger.custody, "{segment:?}: {ledger:?}");
		custody = custody.checked_add(ledger.custody).expect("small");
	}
	assert_eq!(custody, TotalCustody::<Runtime>::get());
	assert_eq!(issuance(), issued);
}

/// All that was issued of the settlement asset.
pub(super) fn issuance() -> u128 {
	Assets::total_supply(assets::SETTLEMENT_ASSET)
}

/// The recorded books of a segment.
pub(super) fn ledger(guarantor: Sr25519Keyring, side: SegmentSide) -> pallet_clearing::Ledger {
	Ledgers::<Runtime>::get(Segment { guarantor: guarantor.to_account_id(), side }).unwrap_or_default()
}

/// Takes an instrument out of storage by force, so that what needs it fails; and puts it back.
pub(super) fn without_instrument(instrument: InstrumentId, attempt: impl FnOnce()) {
	let stored = Instruments::<Runtime>::take(instrument).expect("it is listed");
	attempt();
	Instruments::<Runtime>::insert(instrument, stored);
}

/// Why a call failed, for people.
pub(super) fn why(error: DispatchError) -> &'static str {
	error.into()
}
