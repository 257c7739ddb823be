//! Matching: who delivers to whom. Every step takes as long as any other, however many there are.
//!
//! 1. When nominations are closed, offers are matched with requests of their region, both the oldest first.
//! 2. Buyers who still want lots are drawn an order, by randomness of a block after that.
//! 3. In that order they are matched with the offers that are left, the oldest first, and then with the sellers who nominated nothing
//!    for lots of theirs: with their cover first, then with their deposit.
//!
//! All of the open interest is matched, as many lots are long as short. Who asked for nothing is matched in the lottery; who nominated
//! nothing is matched last, and fails every window in which it delivers nothing.

use crate::{
	deals::place,
	steps::Step,
	types::{AccountKeyOf, DealOf, DeliveryOf, OfferOf, Place},
	Backing, Config, Deal, Deliveries, Error, Event, Goods, Longs, Lottery, Offered, Pallet, Requested, Shorts, Stage,
};
use codec::Encode;
use frame_support::{
	defensive,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Randomness,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{ArithmeticError, Capacity, Cash, Day, DeliveryDays, InstrumentId, Lots};
use sp_io::hashing::blake2_256;

/// What falls on days that were over when lots were matched.
struct Late {
	days: DeliveryDays,
	quantity: Capacity,
	price: Cash,
	deposit: Cash,
}

impl<T: Config> Pallet<T> {
	/// Closes nominations.
	pub(crate) fn close_nominations(instrument: InstrumentId, mut delivery: DeliveryOf<T>) -> Step {
		let closed = frame_system::Pallet::<T>::block_number();
		delivery.stage = Stage::SameRegion { after: None, closed };
		Deliveries::<T>::insert(instrument, delivery);
		Self::deposit_event(Event::NominationsClosed { instrument });
		Step::Taken
	}

	/// Matches the next offer with the oldest request of its region. After the last offer, takes the seed of the lottery up.
	pub(crate) fn match_in_region(
		instrument: InstrumentId,
		mut delivery: DeliveryOf<T>,
		after: Option<u32>,
		closed: BlockNumberFor<T>,
	) -> Result<Step, DispatchError> {
		let next = match after {
			None => Offered::<T>::iter_prefix(instrument).next(),
			Some(after) => {
				let from = Offered::<T>::hashed_key_for(instrument, place(after));
				Offered::<T>::iter_prefix_from(instrument, from).next()
			},
		};
		let Some((at, mut offer)) = next else { return Ok(Self::take_seed(instrument, delivery, closed)) };
		let Some((queued, buyer)) = Requested::<T>::iter_prefix((instrument, offer.region)).next() else {
			delivery.stage = Stage::SameRegion { after: Some(u32::from_be_bytes(at)), closed };
			Deliveries::<T>::insert(instrument, delivery);
			return Ok(Step::Taken);
		};
		let wanted = Longs::<T>::get(instrument, &buyer).map_or(Lots::ZERO, |long| long.left);
		let lots = wanted.min(offer.left);
		if wanted == lots {
			Requested::<T>::remove((instrument, offer.region, queued));
		}
		Self::pair(instrument, &mut delivery, &buyer, &offer.seller, lots, Backing::Resource(offer.resource))?;
		offer.left = offer.left.checked_sub(lots)?;
		Self::store_offer(instrument, at, offer);
		Deliveries::<T>::insert(instrument, delivery);
		Ok(Step::Taken)
	}

	/// Takes up randomness of a block after nominations were closed, if the block before has any.
	fn take_seed(instrument: InstrumentId, mut delivery: DeliveryOf<T>, closed: BlockNumberFor<T>) -> Step {
		let is_later = frame_system::Pallet::<T>::block_number() > closed;
		let (Some(randomness), _) = T::Randomness::random(b"gcx/delivery") else { return Step::Waits };
		if !is_later {
			return Step::Waits;
		}
		let seed = blake2_256(&(b"gcx/lottery/1", Self::genesis(), instrument, randomness).encode());
		delivery.stage = Stage::Drawing { seed, after: None };
		Deliveries::<T>::insert(instrument, delivery);
		Self::deposit_event(Event::Seeded { instrument, seed });
		Step::Taken
	}

	/// Draws the next buyer a place in the lottery, if it still wants lots. It leaves its region's queue.
	pub(crate) fn draw(
		instrument: InstrumentId,
		mut delivery: DeliveryOf<T>,
		seed: [u8; 32],
		after: Option<AccountKeyOf<T>>,
	) -> Step {
		let next = match after {
			None => Longs::<T>::iter_prefix(instrument).next(),
			Some(after) => {
				let from = Longs::<T>::hashed_key_for(instrument, after);
				Longs::<T>::iter_prefix_from(instrument, from).next()
			},
		};
		delivery.stage = match next {
			None => Stage::Remainder { after: None },
			Some((buyer, long)) => {
				if !long.left.is_zero() {
					if let Some(request) = long.request {
						Requested::<T>::remove((instrument, request.region, place(request.place)));
					}
					Lottery::<T>::insert(instrument, Self::ticket(&seed, &buyer), buyer.clone());
				}
				Stage::Drawing { seed, after: Some(buyer) }
			},
		};
		Deliveries::<T>::insert(instrument, delivery);
		Step::Taken
	}

	/// A buyer's place in the lottery.
	pub(crate) fn ticket(seed: &[u8; 32], buyer: &AccountKeyOf<T>) -> [u8; 32] {
		blake2_256(&(seed, buyer).encode())
	}

	/// Matches the first buyer of the lottery with the oldest offer that is left, or with the next seller of whom lots are left.
	/// Without a buyer all is matched.
	pub(crate) fn match_remainder(
		instrument: InstrumentId,
		mut delivery: DeliveryOf<T>,
		after: Option<AccountKeyOf<T>>,
	) -> Result<Step, DispatchError> {
		let Some((ticket, buyer)) = Lottery::<T>::iter_prefix(instrument).next() else {
			let deals = delivery.deals;
			delivery.stage = Stage::Delivering { after: None, until: 0 };
			Deliveries::<T>::insert(instrument, delivery);
			Self::deposit_event(Event::AllMatched { instrument, deals });
			return Ok(Step::Taken);
		};
		let wanted = Longs::<T>::get(instrument, &buyer).map_or(Lots::ZERO, |long| long.left);
		let matched = match Offered::<T>::iter_prefix(instrument).next() {
			Some((at, mut offer)) => {
				let lots = wanted.min(offer.left);
				Self::pair(instrument, &mut delivery, &buyer, &offer.seller, lots, Backing::Resource(offer.resource))?;
				offer.left = offer.left.checked_sub(lots)?;
				Self::store_offer(instrument, at, offer);
				lots
			},
			None => match Self::match_without_resource(instrument, &mut delivery, &buyer, wanted, after)? {
				Some(lots) => lots,
				None => return Ok(Step::Waits),
			},
		};
		if matched == wanted {
			Lottery::<T>::remove(instrument, ticket);
		}
		Deliveries::<T>::insert(instrument, delivery);
		Ok(Step::Taken)
	}

	/// Matches a buyer with the next seller that nominated nothing for lots that it has left: with those covered, else with the
	/// others. Returns how many, nothing for a seller without any, and none if there is no such seller.
	fn match_without_resource(
		instrument: InstrumentId,
		delivery: &mut DeliveryOf<T>,
		buyer: &AccountKeyOf<T>,
		wanted: Lots,
		after: Option<AccountKeyOf<T>>,
	) -> Result<Option<Lots>, DispatchError> {
		let next = match after {
			None => Shorts::<T>::iter_prefix(instrument).next(),
			Some(after) => {
				let from = Shorts::<T>::hashed_key_for(instrument, after);
				Shorts::<T>::iter_prefix_from(instrument, from).next()
			},
		};
		let Some((seller, short)) = next else {
			defensive!("as many lots are sold as bought");
			return Ok(None);
		};
		let (backing, left) = match short.covered {
			Lots::ZERO => (Backing::Deposit, short.left),
			covered => (Backing::Sold, covered),
		};
		let lots = wanted.min(left);
		if !lots.is_zero() {
			Self::pair(instrument, delivery, buyer, &seller, lots, backing)?;
		}
		if short.left == lots {
			delivery.stage = Stage::Remainder { after: Some(seller) };
		}
		Ok(Some(lots))
	}

	/// Makes so many lots of a buyer and of a seller a deal. What fell on days that are over goes back at once; if these are all, there
	/// is no deal.
	fn pair(
		instrument: InstrumentId,
		delivery: &mut DeliveryOf<T>,
		buyer: &AccountKeyOf<T>,
		seller: &AccountKeyOf<T>,
		lots: Lots,
		backing: Backing,
	) -> DispatchResult {
		let mut long = Longs::<T>::get(instrument, buyer).ok_or(Error::<T>::NotLong)?;
		let mut short = Shorts::<T>::get(instrument, seller).ok_or(Error::<T>::NotShort)?;
		let value = delivery.value_of(lots)?;
		let deposit = delivery.deposit_of(lots, backing)?;
		long.left = long.left.checked_sub(lots)?;
		long.escrow = long.escrow.checked_sub(value)?;
		short.left = short.left.checked_sub(lots)?;
		short.deposit = short.deposit.checked_sub(deposit)?;
		match backing {
			Backing::Resource(_) => short.nominated = short.nominated.checked_sub(lots)?,
			Backing::Sold => short.covered = short.covered.checked_sub(lots)?,
			Backing::Deposit => (),
		}
		let from = delivery.goods.days.first.max(Self::first_whole_day());
		let mut deal = Deal {
			instrument,
			buyer: buyer.clone(),
			buyer_segment: long.segment.clone(),
			seller: seller.clone(),
			seller_segment: short.segment.clone(),
			lots,
			backing,
			key: long.request.as_ref().and_then(|request| request.key.clone()),
			from,
			next: from,
			escrow: value,
			deposit,
			open_objections: 0,
			waiting: 0,
			agreed: None,
		};
		if let Some(late) = Self::late(&delivery.goods, &deal)? {
			Self::release_late(delivery, &mut deal, late)?;
		}
		if from <= delivery.goods.days.last {
			let id = Self::open_deal(delivery, &mut long, &mut short, &deal)?;
			let Deal { buyer, seller, escrow, deposit, .. } = deal;
			Self::deposit_event(Event::Matched {
				deal: id,
				instrument,
				buyer,
				seller,
				lots,
				backing,
				from,
				escrow,
				deposit,
			});
		}
		Self::store_long(instrument, buyer, long);
		Self::store_short(instrument, seller, short);
		Ok(())
	}

	/// What of a deal falls on days before the one from which on it is delivered; nothing if there are none.
	fn late(goods: &Goods, deal: &DealOf<T>) -> Result<Option<Late>, ArithmeticError> {
		let last = deal.from.0.checked_sub(1).map(Day).map(|before| before.min(goods.days.last));
		let Some(last) = last.filter(|last| goods.days.first <= *last) else { return Ok(None) };
		let days = DeliveryDays { first: goods.days.first, last };
		let mut late = Late { days, quantity: Capacity::ZERO, price: Cash::ZERO, deposit: Cash::ZERO };
		for day in (days.first.0..=days.last.0).map(Day) {
			late.quantity = late.quantity.checked_add(goods.quantity_on(deal.lots, day)?)?;
			late.price = late.price.checked_add(goods.cash_on(deal.escrow, day)?)?;
			late.deposit = late.deposit.checked_add(goods.cash_on(deal.deposit, day)?)?;
		}
		Ok(Some(late))
	}

	/// Gives what fell on days that are over back, and frees what stood for it.
	fn release_late(delivery: &mut DeliveryOf<T>, deal: &mut DealOf<T>, late: Late) -> DispatchResult {
		let Late { days, quantity, price, deposit } = late;
		Self::pay(&mut delivery.money.returned, &deal.buyer_segment, &deal.buyer, price)?;
		Self::pay(&mut delivery.money.returned, &deal.seller_segment, &deal.seller, deposit)?;
		Self::free_capacity(&delivery.goods, deal.backing, &deal.seller.owner, deal.lots, days)?;
		deal.escrow = deal.escrow.checked_sub(price)?;
		deal.deposit = deal.deposit.checked_sub(deposit)?;
		delivery.tally.released = delivery.tally.released.checked_add(quantity)?;
		let (instrument, buyer, seller, lots) = (deal.instrument, deal.buyer.clone(), deal.seller.clone(), deal.lots);
		Self::deposit_event(Event::Late { instrument, buyer, seller, lots, days, quantity, price, deposit });
		Ok(())
	}

	/// Stores an offer, or strikes it out if nothing is left of it.
	fn store_offer(instrument: InstrumentId, at: Place, offer: OfferOf<T>) {
		if offer.left.is_zero() {
			Offered::<T>::remove(instrument, at);
		} else {
			Offered::<T>::insert(instrument, at, offer);
		}
	}
}
