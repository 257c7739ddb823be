//! Nominations: what sellers deliver with, and where buyers want it.

use crate::{
	deals::place,
	types::{AccountKeyOf, DeliveryOf, ShortOf},
	Config, Deliveries, Endpoint, Error, Event, Longs, Offer, Offered, Pallet, Request, Requested, Shorts,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Get,
};
use gcx_primitives::{
	CapacityLedger, Cash, ComputeResources, DeliveryClearing, InstrumentId, Lots, Region, ResourceId,
};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_nominate(
		key: AccountKeyOf<T>,
		instrument: InstrumentId,
		resource: ResourceId,
		lots: Lots,
	) -> DispatchResult {
		ensure!(lots > Lots::ZERO, Error::<T>::NoLots);
		let mut delivery = Self::open_nominations(instrument)?;
		let mut short = Shorts::<T>::get(instrument, &key).ok_or(Error::<T>::NotShort)?;
		let nominated = short.nominated.checked_add(lots)?;
		ensure!(nominated <= short.left, Error::<T>::TooManyLots);
		let region = Self::ensure_can_deliver(&key, &delivery, resource)?;
		short.nominated = nominated;
		let returned = Self::commit(&key, &mut delivery, &mut short, resource, lots)?;
		let at = Self::next_place(&mut delivery)?;
		let (segment, offer) = (short.segment.clone(), Offer { seller: key.clone(), resource, region, left: lots });
		Offered::<T>::insert(instrument, place(at), offer);
		Shorts::<T>::insert(instrument, &key, short);
		Deliveries::<T>::insert(instrument, delivery);
		// Last: clearing may hand over positions of this very contract as it does.
		if !returned.is_zero() {
			T::Clearing::release(&segment, &key, returned).map_err(Into::into)?;
		}
		Self::deposit_event(Event::Nominated { instrument, account: key, resource, region, lots, place: at, returned });
		Ok(())
	}

	pub(crate) fn do_request(
		account: AccountKeyOf<T>,
		instrument: InstrumentId,
		region: Region,
		key: Option<T::AccountId>,
		endpoint: Endpoint,
	) -> DispatchResult {
		let mut delivery = Self::open_nominations(instrument)?;
		let mut long = Longs::<T>::get(instrument, &account).ok_or(Error::<T>::NotLong)?;
		let at = match long.request.take() {
			Some(before) if before.region == region => before.place,
			before => {
				if let Some(before) = before {
					Requested::<T>::remove((instrument, before.region, place(before.place)));
				}
				let at = Self::next_place(&mut delivery)?;
				Requested::<T>::insert((instrument, region, place(at)), account.clone());
				Deliveries::<T>::insert(instrument, delivery);
				at
			},
		};
		long.request = Some(Request { region, key: key.clone(), endpoint: endpoint.clone(), place: at });
		Longs::<T>::insert(instrument, &account, long);
		Self::deposit_event(Event::Requested { instrument, account, region, key, endpoint, place: at });
		Ok(())
	}

	/// The end of nominations, in milliseconds since the Unix epoch, if all positions are taken over by then. It moves back if
	/// positions are taken over late, or the chain stood still: everybody has `MatchingPeriod` afterwards.
	pub fn nominate_until(delivery: &DeliveryOf<T>) -> u64 {
		match Self::grace() {
			0 => delivery.deadline,
			grace => delivery.deadline.max(grace.saturating_add(T::MatchingPeriod::get())),
		}
	}

	/// Whether nominations are open for a delivery that has not closed them: it is time, or positions are still to be taken over.
	pub(crate) fn is_nominating(delivery: &DeliveryOf<T>) -> bool {
		!delivery.is_taken_over() || Self::now() < Self::nominate_until(delivery)
	}

	/// A delivery whose nominations are open.
	fn open_nominations(instrument: InstrumentId) -> Result<DeliveryOf<T>, DispatchError> {
		let delivery = Self::delivery(instrument)?;
		let is_open = delivery.stage == crate::Stage::Nominating && Self::is_nominating(&delivery);
		ensure!(is_open, Error::<T>::NotNominating);
		Ok(delivery)
	}

	/// A resource is the seller's, of the class and measured against the version that are delivered. Returns where it is.
	fn ensure_can_deliver(
		key: &AccountKeyOf<T>,
		delivery: &DeliveryOf<T>,
		resource: ResourceId,
	) -> Result<Region, DispatchError> {
		let subject = T::Resources::subject(resource).ok_or(Error::<T>::UnknownResource)?;
		let region = T::Resources::region(resource).ok_or(Error::<T>::UnknownResource)?;
		ensure!(subject.provider == key.owner, Error::<T>::NotOwner);
		ensure!(subject.class == delivery.goods.class, Error::<T>::WrongClass);
		ensure!(subject.version == delivery.goods.version, Error::<T>::WrongVersion);
		Ok(region)
	}

	/// Moves what stands for so many lots of a short to a resource: cover first, then deposit, for which capacity is sold now.
	/// Returns what is to be given back of the deposit.
	fn commit(
		key: &AccountKeyOf<T>,
		delivery: &mut DeliveryOf<T>,
		short: &mut ShortOf<T>,
		resource: ResourceId,
		lots: Lots,
	) -> Result<Cash, DispatchError> {
		let goods = delivery.goods;
		let covered = short.covered.min(lots);
		let deposited = lots.checked_sub(covered)?;
		let returned = delivery.value_of(deposited)?;
		if !deposited.is_zero() {
			let per_day = goods.booked(deposited)?;
			T::Ledger::sell(&key.owner, goods.class, &goods.floor, goods.days, per_day).map_err(Into::into)?;
		}
		T::Ledger::nominate(resource, &goods.floor, goods.days, goods.booked(lots)?).map_err(Into::into)?;
		short.covered = short.covered.checked_sub(covered)?;
		short.deposit = short.deposit.checked_sub(returned)?;
		delivery.money.returned = delivery.money.returned.checked_add(returned)?;
		Ok(returned)
	}

	fn next_place(delivery: &mut DeliveryOf<T>) -> Result<u32, DispatchError> {
		let at = delivery.next_place;
		delivery.next_place = at.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Ok(at)
	}
}
