//! Who delivers in the tests: what is delivered, what covers whom, and a record of what was taken over.

use super::{AccountId, CLASS};
use frame_support::weights::Weight;
use gcx_primitives::{
	AccountKey, ArithmeticError, Capacity, Cash, ClassId, ComputeHours, DeliverableCapacity, InstrumentId, Lots,
	OnDeliverable, Price, Segment, SubAccount,
};
use std::{cell::RefCell, collections::BTreeMap};

/// What one take-over weighs.
pub const WEIGHT: Weight = Weight::from_parts(7_000, 7);

/// A position that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
	pub owner: AccountId,
	pub sub: u8,
	pub segment: Segment<AccountId>,
	pub instrument: InstrumentId,
	pub lots: i64,
	pub escrowed: i128,
}

#[derive(Default)]
struct State {
	/// Instruments that are delivered when they end, and Compute Hours per lot.
	deliverable: BTreeMap<InstrumentId, u64>,
	/// Those that ended, and at which price and with how many lots.
	begun: BTreeMap<InstrumentId, (i64, i64)>,
	covers: BTreeMap<(AccountId, u8, InstrumentId), i64>,
	taken: Vec<TakenOver>,
	/// How often anybody asked what covers a position.
	asked: u32,
	per_day: Option<u128>,
}

thread_local! {
	static STATE: RefCell<State> = RefCell::new(State::default());
}

fn with<R>(act: impl FnOnce(&mut State) -> R) -> R {
	STATE.with_borrow_mut(act)
}

/// Nothing is delivered, and nobody counts capacity.
pub fn reset() {
	with(|state| *state = State::default());
}

/// An instrument on so many Compute Hours a lot is delivered when it ends at a positive price.
pub fn make_deliverable(id: InstrumentId, multiplier: u64) {
	with(|state| state.deliverable.insert(id, multiplier));
}

/// An instrument is gone. Its number may be another's.
pub fn forget(id: InstrumentId) {
	with(|state| {
		state.deliverable.remove(&id);
		state.begun.remove(&id);
		state.covers.retain(|(.., covered), _| *covered != id);
	});
}

/// Capacity is set aside for so many lots of an account, by its owner and sub-account. Returns for how many it was before.
pub fn set_cover((owner, sub): (AccountId, u8), id: InstrumentId, lots: i64) -> i64 {
	with(|state| state.covers.insert((owner, sub, id), lots)).unwrap_or(0)
}

/// For how many lots of an account capacity is set aside.
pub fn cover_of((owner, sub): (AccountId, u8), id: InstrumentId) -> i64 {
	with(|state| state.covers.get(&(owner, sub, id)).copied().unwrap_or(0))
}

/// The class of the tests can do so many millionths of a Compute Hour a day.
pub fn set_capacity(per_day: u128) {
	with(|state| state.per_day = Some(per_day));
}

/// What was taken over, oldest first.
pub fn taken_over() -> Vec<TakenOver> {
	with(|state| state.taken.clone())
}

/// Which instruments began to be delivered, at which price and with how many lots.
pub fn begun() -> BTreeMap<InstrumentId, (i64, i64)> {
	with(|state| state.begun.clone())
}

/// How often anybody asked what covers a position.
pub fn asked() -> u32 {
	with(|state| state.asked)
}

/// See the module.
pub struct Deliveries;

impl OnDeliverable<AccountId> for Deliveries {
	fn begins(id: InstrumentId, price: Price, open_interest: Lots) -> bool {
		with(|state| {
			let delivers = price > Price(0) && state.deliverable.contains_key(&id);
			if delivers {
				let before = state.begun.insert(id, (price.0, open_interest.0));
				assert_eq!(before, None, "{id:?} begins twice");
			}
			delivers
		})
	}

	fn covered(key: &AccountKey<AccountId>, id: InstrumentId) -> Lots {
		with(|state| {
			state.asked += 1;
			Lots(state.covers.get(&(key.owner, key.sub.0, id)).copied().unwrap_or(0))
		})
	}

	/// A long's lots at the price; of a short's those that nothing covers.
	fn escrow_of(key: &AccountKey<AccountId>, id: InstrumentId, lots: Lots) -> Result<Cash, ArithmeticError> {
		with(|state| {
			let (price, _) = state.begun.get(&id).copied().ok_or(ArithmeticError::Underflow)?;
			let covered = state.covers.get(&(key.owner, key.sub.0, id)).copied().unwrap_or(0);
			let due = if lots.0 > 0 { lots.0 } else { (-lots.0 - covered).max(0) };
			Lots(due).value(ComputeHours(state.deliverable[&id]), Price(price))
		})
	}

	fn take_over(
		key: &AccountKey<AccountId>,
		segment: &Segment<AccountId>,
		id: InstrumentId,
		lots: Lots,
		escrowed: Cash,
	) {
		let AccountKey { owner, sub: SubAccount(sub) } = *key;
		let taken = TakenOver { owner, sub, segment: *segment, instrument: id, lots: lots.0, escrowed: escrowed.0 };
		with(|state| state.taken.push(taken));
	}

	fn weight() -> Weight {
		WEIGHT
	}
}

/// What the class of the tests can do.
pub struct Resources;

impl DeliverableCapacity for Resources {
	fn per_day(class: ClassId) -> Option<Capacity> {
		with(|state| state.per_day.filter(|_| class == CLASS).map(Capacity))
	}
}
