//! Deliveries of one deal, and what its parties and others do.

use super::*;
use frame_support::dispatch::DispatchResultWithPostInfo;
use sp_core::Pair;
use sp_runtime::MultiSignature;

/// Lots of the deal: 50 CH a day.
pub const LOTS: i64 = 2;
/// What is to be delivered of it on each day.
pub const QUANTITY: Capacity = Capacity(LOT_DAY * 2);
/// What is due for that: 150 dollars.
pub const DUE: i128 = VALUE * 2 / DAYS as i128;
/// The bond of an objection to a day.
pub const BOND: i128 = DUE / 10;
/// Whose vouchers count.
pub const KEY: u8 = 77;

/// So many hundredths of a day's quantity.
pub fn hundredths(share: u128) -> Capacity {
	Capacity(QUANTITY.0 * share / 100)
}

/// Nominations for a deal of [`BUYER`], who asked for it [`HERE`] and has a key, and [`SELLER`] with resource 1. It is the first noon.
pub fn with_resource(test: impl FnOnce(DealId)) {
	with_resource_and(Some(voucher_key(KEY)), test)
}

/// The same for a buyer with that key, or without.
pub fn with_resource_and(key: Option<AccountId>, test: impl FnOnce(DealId)) {
	Exchange::holding(&[(BUYER, LOTS), (SELLER, -LOTS)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(LOTS)));
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, key, Endpoint::default()));
		let deals = matched();
		assert_eq!(deals.len(), 1);
		noon(0);
		test(deals[0]);
	})
}

/// A deal of [`BUYER`], who has a key, with a seller who nominated nothing and has its deposit in escrow. It is the first noon.
pub fn with_deposit(seller: AccountId, test: impl FnOnce(DealId)) {
	Exchange::holding(&[(BUYER, LOTS), (seller, -LOTS)]).run(|| {
		deliver();
		let key = Some(voucher_key(KEY));
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, key, Endpoint::default()));
		let deals = matched();
		assert_eq!(deals.len(), 1);
		noon(0);
		test(deals[0]);
	})
}

/// A block at noon of a delivery day.
pub fn noon(index: u32) {
	block_at(Delivery::start_of(day(index)) + DAY / 2);
}

/// A block when the window of a delivery day closes. What is due is settled.
pub fn close(index: u32) {
	block_at(Delivery::end_of(day(index)) + SUBMIT);
}

/// The clock is at that time, blocks came, and none took a step.
pub fn clock_at(time: u64) {
	set_time(time);
	crate::Heartbeat::<Test>::mutate(|pulse| pulse.last = time);
}

pub fn post(who: &AccountId, deal: DealId, index: u32, available: Capacity) -> DispatchResultWithPostInfo {
	Delivery::post_availability(signed(who.clone()), deal, day(index), available)
}

/// A voucher that [`KEY`] signed.
pub fn vouch(deal: DealId, index: u32, cumulative: Capacity) -> DispatchResultWithPostInfo {
	let signature = sign(KEY, deal, day(index), cumulative);
	Delivery::submit_voucher(signed(ANYONE), deal, day(index), cumulative, signature)
}

pub fn sign(seed: u8, deal: DealId, day: Day, cumulative: Capacity) -> MultiSignature {
	voucher_pair(seed).sign(&Delivery::voucher_payload(deal, day, cumulative)).into()
}

/// An objection, all or nothing as in a block.
pub fn object(who: &AccountId, deal: DealId, index: u32) -> DispatchResult {
	let day = day(index);
	frame_support::storage::with_storage_layer(|| Delivery::object(signed(who.clone()), deal, day))
}

pub fn settle(deal: DealId, index: u32) -> DispatchResultWithPostInfo {
	Delivery::settle_window(signed(ANYONE), deal, day(index))
}

pub fn agree(who: &AccountId, deal: DealId) -> DispatchResult {
	frame_support::storage::with_storage_layer(|| Delivery::agree_alternative(signed(who.clone()), deal))
}

pub fn decide(deal: DealId, index: u32, verdict: ChallengeVerdict<AccountId>) {
	Delivery::decided(deal, day(index), verdict);
}

/// A challenge that nobody answered.
pub fn unanswered() -> ChallengeVerdict<AccountId> {
	ChallengeVerdict::Failed { challenger: None }
}

/// The index fixed a day at that price. Days are closed as the clock goes.
pub fn fix(index: u32, price: Price) {
	Fixes::mutate(|fixes| fixes.insert(day(index), price));
}

/// The final price after a move of so many hundredths.
pub fn moved(hundredths: i64) -> Price {
	Price(PRICE.0 + PRICE.0 * hundredths / 100)
}

/// Cash of an owner's first account.
pub fn cash_of(owner: &AccountId) -> i128 {
	Clearing::cash(&key(owner))
}

pub fn window(deal: DealId, index: u32) -> Option<WindowOf<Test>> {
	Windows::<Test>::get(deal, day(index))
}

pub fn deal(id: DealId) -> DealOf<Test> {
	Deals::<Test>::get(id).expect("the deal is open")
}

pub fn delivery() -> DeliveryOf<Test> {
	Deliveries::<Test>::get(CONTRACT).expect("it is delivered")
}

/// What became of all windows that are settled: deal, day's index, delivered, paid, and whether it was compensated.
pub fn settled() -> Vec<(DealId, u32, Capacity, i128, bool)> {
	let of = |event| match event {
		Event::WindowSettled { deal, day, delivered, paid, compensated, .. } => {
			Some((deal, day.0 - FIRST.0, delivered, paid.0, compensated))
		},
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

/// The only event of a kind; panics if there are none or more.
pub fn only<A>(of: impl Fn(Event<Test>) -> Option<A>) -> A {
	let mut found: Vec<_> = events().into_iter().filter_map(of).collect();
	assert_eq!(found.len(), 1, "there is one such event");
	found.remove(0)
}

/// What a failure came to: needed, and of that out of the deposit, the stake and the account.
pub fn made_whole() -> (i128, i128, i128, i128) {
	only(|event| match event {
		Event::MadeWhole { needed, deposit, stake, account, .. } => Some((needed.0, deposit.0, stake.0, account.0)),
		_ => None,
	})
}

/// How a stake was shared out: taken, and of that for the buyer, the challenger, the pool and nobody.
pub fn shared() -> (u128, u128, u128, u128, u128) {
	only(|event| match event {
		Event::StakeShared { taken, make_whole, challenger, pool, burn, .. } => {
			Some((taken, make_whole, challenger, pool, burn))
		},
		_ => None,
	})
}
