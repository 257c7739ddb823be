//! Deals: how they are written down and struck out, and what stands for them in the capacity ledger.

use crate::{
	types::{AccountKeyOf, DealOf, DeliveryOf, LongOf, Place, ShortOf},
	Backing, Config, Deals, DealsOf, DealsWith, Deliveries, Error, Event, Goods, Longs, NextDeal, Pallet, Shorts,
};
use frame_support::{
	defensive,
	pallet_prelude::{DispatchError, DispatchResult},
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{CapacityLedger, Day, DealId, DeliveryClearing, DeliveryDays, InstrumentId, Lots};
use sp_runtime::{traits::Zero, ArithmeticError};

/// A number as a place in a queue.
pub(crate) const fn place(number: u32) -> Place {
	number.to_be_bytes()
}

impl<T: Config> Pallet<T> {
	/// Hash of the chain's first block.
	pub(crate) fn genesis() -> [u8; 32] {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let mut bytes = [0; 32];
		for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
			*to = *from;
		}
		bytes
	}

	pub(crate) fn delivery(instrument: InstrumentId) -> Result<DeliveryOf<T>, DispatchError> {
		Deliveries::<T>::get(instrument).ok_or(Error::<T>::UnknownDelivery.into())
	}

	pub(crate) fn deal(id: DealId) -> Result<DealOf<T>, DispatchError> {
		Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal.into())
	}

	/// Writes a new deal down and counts it. Both parties' records are the caller's to store.
	pub(crate) fn open_deal(
		delivery: &mut DeliveryOf<T>,
		long: &mut LongOf<T>,
		short: &mut ShortOf<T>,
		deal: &DealOf<T>,
	) -> Result<DealId, DispatchError> {
		let id = NextDeal::<T>::get();
		let next = id.0.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		for count in [&mut delivery.deals, &mut long.deals, &mut short.deals] {
			*count = count.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		}
		NextDeal::<T>::put(DealId(next));
		Deals::<T>::insert(id, deal);
		DealsOf::<T>::insert(deal.instrument, place(id.0), id);
		for party in [&deal.buyer, &deal.seller] {
			DealsWith::<T>::insert(party, id, ());
		}
		Ok(id)
	}

	/// Strikes a deal out of which nothing is open. Who has no other leaves the delivery. The delivery is the caller's to store.
	pub(crate) fn close_deal(id: DealId, deal: &DealOf<T>, delivery: &mut DeliveryOf<T>) -> DispatchResult {
		let instrument = deal.instrument;
		Deals::<T>::remove(id);
		DealsOf::<T>::remove(instrument, place(id.0));
		for party in [&deal.buyer, &deal.seller] {
			DealsWith::<T>::remove(party, id);
		}
		let less = |count: u32| count.checked_sub(1).ok_or(ArithmeticError::Underflow);
		delivery.deals = less(delivery.deals)?;
		match (Longs::<T>::get(instrument, &deal.buyer), Shorts::<T>::get(instrument, &deal.seller)) {
			(Some(mut long), Some(mut short)) => {
				long.deals = less(long.deals)?;
				short.deals = less(short.deals)?;
				Self::store_long(instrument, &deal.buyer, long);
				Self::store_short(instrument, &deal.seller, short);
			},
			(_, _) => {
				defensive!("both parties stay until their deals are closed");
			},
		}
		Self::deposit_event(Event::DealClosed { deal: id, instrument });
		Ok(())
	}

	/// Stores a buyer's record, or forgets it if it has nothing left and no deal.
	pub(crate) fn store_long(instrument: InstrumentId, key: &AccountKeyOf<T>, long: LongOf<T>) {
		if long.left.is_zero() && long.deals == 0 {
			Longs::<T>::remove(instrument, key);
			T::Clearing::done(key);
		} else {
			Longs::<T>::insert(instrument, key, long);
		}
	}

	/// Stores a seller's record, or forgets it if it has nothing left and no deal.
	pub(crate) fn store_short(instrument: InstrumentId, key: &AccountKeyOf<T>, short: ShortOf<T>) {
		if short.left.is_zero() && short.deals == 0 {
			Shorts::<T>::remove(instrument, key);
			T::Clearing::done(key);
		} else {
			Shorts::<T>::insert(instrument, key, short);
		}
	}

	/// Frees the capacity that stands for so many lots on these days. What the ledger forgot, because it is long past, is free
	/// already.
	///
	/// # Errors
	/// `Overflow` beyond the exchange's bounds.
	pub(crate) fn free_capacity(
		goods: &Goods,
		backing: Backing,
		seller: &T::AccountId,
		lots: Lots,
		days: DeliveryDays,
	) -> Result<(), ArithmeticError> {
		let per_day = goods.booked(lots)?;
		let free = |days| match backing {
			Backing::Resource(resource) => T::Ledger::release(resource, days, per_day),
			Backing::Sold => T::Ledger::unsell(seller, goods.class, &goods.floor, days, per_day),
			Backing::Deposit => Ok(()),
		};
		if free(days).is_err() {
			// Some of the days are forgotten; the others are freed one by one.
			for day in (days.first.0..=days.last.0).map(Day) {
				let _ = free(DeliveryDays { first: day, last: day });
			}
		}
		Ok(())
	}
}
