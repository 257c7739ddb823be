//! How a contract's positions become deliveries: clearing asks whether it is delivered, and hands every position over, once.

use crate::{
	types::{AccountKeyOf, DeliveryOf, SegmentOf},
	Active, Backing, Config, Covers, Deliveries, Delivery, Event, Long, Longs, Money, Pallet, Short, Shorts, Stage,
	Tally, WeightInfo,
};
use frame_support::{
	defensive,
	pallet_prelude::{DispatchError, Weight},
	traits::Get,
};
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, InstrumentId, ListedContracts, Lots, OnDeliverable, Price, ReferencePins,
	Segment,
};

impl<T: Config> OnDeliverable<T::AccountId> for Pallet<T> {
	fn begins(id: InstrumentId, price: Price, open_interest: Lots) -> bool {
		let Some(delivery) = Self::delivery_of(id, price, open_interest) else { return false };
		if Deliveries::<T>::contains_key(id) {
			defensive!("an instrument ends once");
			return false;
		}
		let is_pinned = || T::Pins::pin(delivery.goods.class, delivery.goods.version).is_ok();
		if Active::<T>::get().is_full() || !is_pinned() || Active::<T>::try_append(id).is_err() {
			return false;
		}
		let nominate_until = delivery.deadline;
		Deliveries::<T>::insert(id, delivery);
		Self::deposit_event(Event::Begun { instrument: id, price, open_interest, nominate_until });
		true
	}

	fn covered(key: &AccountKey<T::AccountId>, id: InstrumentId) -> Lots {
		Covers::<T>::get(id, key).map_or(Lots::ZERO, |cover| cover.lots)
	}

	fn escrow_of(key: &AccountKey<T::AccountId>, id: InstrumentId, lots: Lots) -> Result<Cash, ArithmeticError> {
		let delivery = Deliveries::<T>::get(id).ok_or(ArithmeticError::Underflow)?;
		if lots >= Lots::ZERO {
			return delivery.value_of(lots);
		}
		let short = lots.checked_neg()?;
		delivery.value_of(short.checked_sub(Self::covered(key, id).min(short))?)
	}

	fn take_over(
		key: &AccountKey<T::AccountId>,
		segment: &Segment<T::AccountId>,
		id: InstrumentId,
		lots: Lots,
		escrowed: Cash,
	) {
		let taken = Self::delivery(id).and_then(|delivery| {
			if lots >= Lots::ZERO {
				Self::take_long(key, segment, id, delivery, lots, escrowed)
			} else {
				Self::take_short(key, segment, id, delivery, lots.checked_neg()?, escrowed)
			}
		});
		if taken.is_err() {
			defensive!("every position of a delivery is taken over once");
		}
	}

	fn weight() -> Weight {
		T::WeightInfo::take_over()
	}
}

impl<T: Config> Pallet<T> {
	/// The delivery of a contract that ends now; none if it is not to be delivered, or there is no time left for it.
	fn delivery_of(id: InstrumentId, price: Price, open_interest: Lots) -> Option<DeliveryOf<T>> {
		let goods = Self::goods(&T::Contracts::terms(id)?)?;
		let deadline = Self::start_of(goods.days.first).checked_sub(T::MatchingPeriod::get())?;
		let in_time = Self::now().checked_add(T::NominationPeriod::get())? <= deadline;
		if !in_time || price <= Price::default() || open_interest <= Lots::ZERO || !goods.days.is_valid() {
			return None;
		}
		// All that follows from these fits if they do.
		goods.quantity(open_interest).ok()?;
		goods.booked(open_interest).ok()?;
		open_interest.value(goods.multiplier, price).ok()?;
		Some(Delivery {
			goods,
			price,
			value: Lots(1).value(goods.multiplier, price).ok()?,
			open_interest,
			rules: Self::parameters(),
			deadline,
			taken_long: Lots::ZERO,
			taken_short: Lots::ZERO,
			next_place: 0,
			stage: Stage::Nominating,
			deals: 0,
			waiting: 0,
			tally: Tally::default(),
			money: Money::default(),
		})
	}

	fn take_long(
		key: &AccountKeyOf<T>,
		segment: &SegmentOf<T>,
		id: InstrumentId,
		mut delivery: DeliveryOf<T>,
		lots: Lots,
		escrowed: Cash,
	) -> Result<(), DispatchError> {
		let mut long = Longs::<T>::get(id, key).unwrap_or_else(|| Long {
			segment: segment.clone(),
			lots: Lots::ZERO,
			left: Lots::ZERO,
			escrow: Cash::ZERO,
			request: None,
			deals: 0,
		});
		if !long.lots.is_zero() {
			defensive!("a position is taken over once");
		}
		long.lots = long.lots.checked_add(lots)?;
		long.left = long.left.checked_add(lots)?;
		long.escrow = long.escrow.checked_add(escrowed)?;
		delivery.taken_long = delivery.taken_long.checked_add(lots)?;
		Longs::<T>::insert(id, key, long);
		Self::note_taken(key, id, delivery, lots, Lots::ZERO, escrowed)
	}

	fn take_short(
		key: &AccountKeyOf<T>,
		segment: &SegmentOf<T>,
		id: InstrumentId,
		mut delivery: DeliveryOf<T>,
		lots: Lots,
		escrowed: Cash,
	) -> Result<(), DispatchError> {
		let covered = Covers::<T>::take(id, key).map_or(Ok(Lots::ZERO), |cover| {
			let covered = cover.lots.min(lots);
			let surplus = cover.lots.checked_sub(covered)?;
			if !surplus.is_zero() {
				Self::free_capacity(&cover.goods, Backing::Sold, &key.owner, surplus, cover.goods.days)?;
				let account = key.clone();
				Self::deposit_event(Event::Uncovered { instrument: id, account, lots: surplus, covered });
			}
			Ok::<_, ArithmeticError>(covered)
		})?;
		let mut short = Shorts::<T>::get(id, key).unwrap_or_else(|| Short {
			segment: segment.clone(),
			lots: Lots::ZERO,
			left: Lots::ZERO,
			nominated: Lots::ZERO,
			covered: Lots::ZERO,
			deposit: Cash::ZERO,
			deals: 0,
		});
		if !short.lots.is_zero() {
			defensive!("a position is taken over once");
		}
		short.lots = short.lots.checked_add(lots)?;
		short.left = short.left.checked_add(lots)?;
		short.covered = short.covered.checked_add(covered)?;
		short.deposit = short.deposit.checked_add(escrowed)?;
		delivery.taken_short = delivery.taken_short.checked_add(lots)?;
		Shorts::<T>::insert(id, key, short);
		Self::note_taken(key, id, delivery, lots.checked_neg()?, covered, escrowed)
	}

	/// Counts what was put in, and gives who was taken over late time to nominate.
	fn note_taken(
		key: &AccountKeyOf<T>,
		id: InstrumentId,
		mut delivery: DeliveryOf<T>,
		lots: Lots,
		covered: Lots,
		escrowed: Cash,
	) -> Result<(), DispatchError> {
		delivery.money.escrowed = delivery.money.escrowed.checked_add(escrowed)?;
		delivery.deadline = delivery.deadline.max(Self::now().saturating_add(T::MatchingPeriod::get()));
		Deliveries::<T>::insert(id, delivery);
		Self::deposit_event(Event::TakenOver { instrument: id, account: key.clone(), lots, covered, escrowed });
		Ok(())
	}
}
