//! Alternatives to delivery that both parties agree on, and the end of deals and deliveries.

use crate::{
	steps::Step,
	types::{DealOf, DeliveryOf},
	Active, Config, Deals, Deliveries, Error, Event, Pallet, Stage, Windows,
};
use alloc::vec::Vec;
use frame_support::{
	defensive, ensure,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_primitives::{ArithmeticError, Capacity, Cash, Day, DealId, DeliveryDays, InstrumentId, ReferencePins, Side};

impl<T: Config> Pallet<T> {
	/// A party agrees on an alternative. When both did, all that is open goes back.
	pub(crate) fn do_agree_alternative(who: T::AccountId, id: DealId) -> DispatchResult {
		let mut deal = Self::deal(id)?;
		let sides = [(Side::Buy, &deal.buyer.owner), (Side::Sell, &deal.seller.owner)];
		let own: Vec<Side> = sides.into_iter().filter(|(_, owner)| **owner == who).map(|(side, _)| side).collect();
		ensure!(!own.is_empty(), Error::<T>::NotParty);
		ensure!(deal.open_objections == 0, Error::<T>::ObjectionOpen);
		let by = own.into_iter().find(|side| deal.agreed != Some(*side)).ok_or(Error::<T>::AlreadyAgreed)?;
		if deal.agreed.is_some() {
			return Self::release_deal(id, deal);
		}
		deal.agreed = Some(by);
		Deals::<T>::insert(id, deal);
		Self::deposit_event(Event::AlternativeOffered { deal: id, by });
		Ok(())
	}

	/// Gives all that is open of a deal back, and closes it. It has no open objection.
	fn release_deal(id: DealId, mut deal: DealOf<T>) -> DispatchResult {
		let mut delivery = Self::delivery(deal.instrument)?;
		let goods = delivery.goods;
		let mut waiting: Vec<Day> = Windows::<T>::iter_key_prefix(id).collect();
		waiting.iter().for_each(|day| Windows::<T>::remove(id, day));
		waiting.retain(|day| *day < deal.next);
		waiting.sort_unstable();

		let ahead = DeliveryDays { first: deal.next, last: goods.days.last };
		let past = waiting.iter().map(|day| DeliveryDays { first: *day, last: *day });
		let mut quantity = Capacity::ZERO;
		for days in past.chain((ahead.count() > 0).then_some(ahead)) {
			for day in (days.first.0..=days.last.0).map(Day) {
				quantity = quantity.checked_add(goods.quantity_on(deal.lots, day)?)?;
			}
			Self::free_capacity(&goods, deal.backing, &deal.seller.owner, deal.lots, days)?;
		}
		let (returned, deposit_returned) = (deal.escrow, deal.deposit);
		Self::pay(&mut delivery.money.returned, &deal.buyer_segment, &deal.buyer, returned)?;
		Self::pay(&mut delivery.money.returned, &deal.seller_segment, &deal.seller, deposit_returned)?;
		delivery.tally.released = delivery.tally.released.checked_add(quantity)?;
		delivery.waiting = delivery.waiting.checked_sub(deal.waiting).ok_or(ArithmeticError::Underflow)?;
		(deal.escrow, deal.deposit, deal.waiting) = (Cash::ZERO, Cash::ZERO, 0);
		deal.next = Day(goods.days.last.0.saturating_add(1));
		Self::deposit_event(Event::AlternativeAgreed { deal: id, quantity, returned, deposit_returned });
		Self::store_deal(id, deal, delivery)
	}

	/// Stores a deal and its delivery. A deal of which nothing is open is closed instead, and a delivery without deals has no more
	/// windows.
	pub(crate) fn store_deal(id: DealId, deal: DealOf<T>, mut delivery: DeliveryOf<T>) -> DispatchResult {
		let instrument = deal.instrument;
		if deal.next <= delivery.goods.days.last || deal.waiting > 0 {
			Deals::<T>::insert(id, deal);
		} else {
			if !(deal.escrow.is_zero() && deal.deposit.is_zero() && deal.open_objections == 0) {
				defensive!("the parts of all days are the whole");
			}
			Self::close_deal(id, &deal, &mut delivery)?;
			if delivery.deals == 0 && matches!(delivery.stage, Stage::Delivering { .. }) {
				delivery.stage = Stage::Closing;
			}
		}
		Deliveries::<T>::insert(instrument, delivery);
		Ok(())
	}

	/// The step of a delivery in `Stage::Closing`: gives a cover that is left back, or checks the totals, unpins the reference version
	/// and forgets the delivery. One whose totals are wrong stays.
	pub(crate) fn close_step(instrument: InstrumentId, delivery: DeliveryOf<T>) -> Result<Step, DispatchError> {
		if Self::give_back_a_cover(instrument)? == Step::Taken {
			return Ok(Step::Taken);
		}
		if !Self::adds_up(&delivery)? {
			defensive!("a delivery that is done adds up");
			return Ok(Step::Waits);
		}
		T::Pins::unpin(delivery.goods.class, delivery.goods.version);
		Active::<T>::mutate(|active| active.retain(|it| *it != instrument));
		Deliveries::<T>::remove(instrument);
		let (tally, money) = (delivery.tally, delivery.money);
		Self::deposit_event(Event::DeliveryClosed { instrument, tally, money });
		Ok(Step::Taken)
	}

	/// Whether all of a delivery's open interest was delivered, compensated or released, and all of its escrow paid, returned or
	/// forfeited.
	fn adds_up(delivery: &DeliveryOf<T>) -> Result<bool, ArithmeticError> {
		let (tally, money) = (&delivery.tally, &delivery.money);
		let quantity = tally.delivered.checked_add(tally.compensated)?.checked_add(tally.released)?;
		let out = money.paid.checked_add(money.returned)?.checked_add(money.forfeited)?;
		Ok(quantity == delivery.goods.quantity(delivery.open_interest)? && out == money.escrowed)
	}
}
