//! The capacity ledger: what is sold of a provider, what of that its resources are nominated for, what is pledged.
//!
//! Every change looks at all of its days before it writes one of them: it is made on all of them or on none.

use crate::{
	maintenance::days_of,
	types::{LedgerDayOf, ProviderOf, ResourceOf},
	Booking, Config, Error, Event, Ledger, OldestDay, Pallet, Providers,
};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{Capacity, CapacityLedger, ClassId, Day, DeliveryDays, Grade, ResourceId};
use sp_runtime::{traits::CheckedAdd, ArithmeticError, DispatchError};

/// Entries of the ledger that are to be written.
type Entries<T> = Vec<(Day, LedgerDayOf<T>)>;

impl<T: Config> CapacityLedger<T::AccountId> for Pallet<T> {
	type Error = DispatchError;

	fn sellable(provider: &T::AccountId, class: ClassId, floor: &Grade, day: Day) -> Capacity {
		let days = DeliveryDays { first: day, last: day };
		let Ok(record) = Self::staying_provider(provider) else { return Capacity::ZERO };
		if Self::ensure_can_be_sold(days).is_err() {
			return Capacity::ZERO;
		}
		let entry = Ledger::<T>::get((day, provider, class));
		let limit = usize::try_from(T::MaxFloors::get()).unwrap_or(usize::MAX);
		if entry.sold.len() >= limit && entry.sold.iter().all(|(other, _)| other != floor) {
			return Capacity::ZERO;
		}
		let room = Self::room_on(&entry, &Self::offers(&record, class, None), day, floor).unwrap_or_default();
		let free = Self::free_bond(&record, &Self::parameters()).unwrap_or_default();
		room.min(Self::covered_by(free, class))
	}

	fn sell(
		provider: &T::AccountId,
		class: ClassId,
		floor: &Grade,
		days: DeliveryDays,
		per_day: Capacity,
	) -> DispatchResult {
		let mut record = Self::staying_provider(provider)?;
		Self::class_of(class)?;
		Self::ensure_can_be_sold(days)?;
		Self::owe(&mut record, class, Self::total(days, per_day)?, Capacity::ZERO, days.last)?;
		let offers = Self::offers(&record, class, None);
		let entries = Self::changed(provider, class, days, |day, entry| {
			let room = Self::room_on(entry, &offers, day, floor)?;
			ensure!(per_day <= room, Error::<T>::CapacityExceeded);
			add_sold::<T>(entry, floor, per_day)
		})?;
		let at_risk = Self::at_risk(&record)?;
		let reserve = Self::reserve(&Self::parameters(), record.resources.len())?;
		let used = reserve.checked_add(&at_risk).ok_or(ArithmeticError::Overflow)?;
		ensure!(used <= record.bond, Error::<T>::BondExhausted);
		let bond = record.bond;
		Self::write(provider, class, record, entries);
		OldestDay::<T>::mutate(|oldest| *oldest = Some(oldest.map_or(days.first, |oldest| oldest.min(days.first))));
		let (provider, floor) = (provider.clone(), *floor);
		Self::deposit_event(Event::Sold { provider, class, floor, days, per_day, at_risk, bond });
		Ok(())
	}

	fn unsell(
		provider: &T::AccountId,
		class: ClassId,
		floor: &Grade,
		days: DeliveryDays,
		per_day: Capacity,
	) -> DispatchResult {
		let mut record = Self::provider_of(provider)?;
		ensure!(days.is_valid(), Error::<T>::InvalidDays);
		let total = Self::total(days, per_day)?;
		let entries = Self::changed(provider, class, days, |_, entry| take_sold::<T>(entry, floor, per_day))?;
		Self::owe(&mut record, class, Capacity::ZERO, total, days.last)?;
		Self::write(provider, class, record, entries);
		let (provider, floor) = (provider.clone(), *floor);
		Self::deposit_event(Event::Unsold { provider, class, floor, days, per_day });
		Ok(())
	}

	fn nominate(resource: ResourceId, floor: &Grade, days: DeliveryDays, per_day: Capacity) -> DispatchResult {
		let owned = Self::resource_of(resource)?;
		Self::ensure_can_be_sold(days)?;
		Self::total(days, per_day)?;
		let grade = Self::grade(resource).map(|(grade, _)| grade).ok_or(Error::<T>::GradeTooLow)?;
		ensure!(grade.meets(floor), Error::<T>::GradeTooLow);
		let provider = owned.provider.clone();
		Self::book(resource, owned, days, |entry| {
			take_sold::<T>(entry, floor, per_day)?;
			change_booking::<T>(entry, resource, |booking| {
				booking.nominated = booking.nominated.checked_add(per_day)?;
				Ok(())
			})
		})?;
		let floor = *floor;
		Self::deposit_event(Event::Nominated { resource, provider, floor, days, per_day });
		Ok(())
	}

	fn release(resource: ResourceId, days: DeliveryDays, per_day: Capacity) -> DispatchResult {
		let ResourceOf::<T> { provider, class, .. } = Self::resource_of(resource)?;
		let mut record = Self::provider_of(&provider)?;
		ensure!(days.is_valid(), Error::<T>::InvalidDays);
		let total = Self::total(days, per_day)?;
		let entries = Self::changed(&provider, class, days, |_, entry| {
			change_booking::<T>(entry, resource, |booking| {
				let left = booking.nominated.checked_sub(per_day);
				booking.nominated = left.map_err(|_| Error::<T>::NotNominated)?;
				Ok(())
			})
		})?;
		Self::owe(&mut record, class, Capacity::ZERO, total, days.last)?;
		Self::write(&provider, class, record, entries);
		Self::deposit_event(Event::Released { resource, provider, days, per_day });
		Ok(())
	}

	fn nominated(resource: ResourceId, day: Day) -> Capacity {
		let Ok(ResourceOf::<T> { provider, class, .. }) = Self::resource_of(resource) else { return Capacity::ZERO };
		let entry = Ledger::<T>::get((day, provider, class));
		let booking = entry.booked.iter().find(|booking| booking.resource == resource);
		booking.map_or(Capacity::ZERO, |booking| booking.nominated)
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pledge(
		provider: T::AccountId,
		resource: ResourceId,
		days: DeliveryDays,
		per_day: Capacity,
	) -> DispatchResult {
		let owned = Self::own_resource(&provider, resource)?;
		Self::ensure_can_be_sold(days)?;
		Self::total(days, per_day)?;
		Self::book(resource, owned, days, |entry| {
			change_booking::<T>(entry, resource, |booking| {
				booking.pledged = booking.pledged.checked_add(per_day)?;
				Ok(())
			})
		})?;
		OldestDay::<T>::mutate(|oldest| *oldest = Some(oldest.map_or(days.first, |oldest| oldest.min(days.first))));
		Self::deposit_event(Event::Pledged { resource, days, per_day });
		Ok(())
	}

	pub(crate) fn do_unpledge(
		provider: T::AccountId,
		resource: ResourceId,
		days: DeliveryDays,
		per_day: Capacity,
	) -> DispatchResult {
		let owned = Self::own_resource(&provider, resource)?;
		ensure!(days.is_valid(), Error::<T>::InvalidDays);
		Self::total(days, per_day)?;
		let entries = Self::changed(&provider, owned.class, days, |_, entry| {
			change_booking::<T>(entry, resource, |booking| {
				let left = booking.pledged.checked_sub(per_day);
				booking.pledged = left.map_err(|_| Error::<T>::NotPledged)?;
				Ok(())
			})
		})?;
		Self::write(&provider, owned.class, Self::provider_of(&provider)?, entries);
		Self::deposit_event(Event::Unpledged { resource, days, per_day });
		Ok(())
	}

	/// Books a resource on each day, if it has the capacity, and if no less of what is spoken for can be delivered then than
	/// before. (A resource that delivers where a worse one would do may be missing where it alone can deliver.)
	fn book(
		resource: ResourceId,
		owned: ResourceOf<T>,
		days: DeliveryDays,
		change: impl Fn(&mut LedgerDayOf<T>) -> DispatchResult,
	) -> DispatchResult {
		let (provider, class) = (owned.provider, owned.class);
		let mut record = Self::provider_of(&provider)?;
		let offers = Self::offers(&record, class, None);
		let offer = offers.iter().find(|offer| offer.resource == resource);
		let entries = Self::changed(&provider, class, days, |day, entry| {
			let before = Self::short_on(entry, &offers, day)?;
			change(entry)?;
			let booking = entry.booked.iter().find(|booking| booking.resource == resource);
			let booked = booking.map_or(Ok(Capacity::ZERO), Booking::total)?;
			let capacity = offer.map_or(Capacity::ZERO, |offer| offer.on(day));
			ensure!(booked <= capacity, Error::<T>::CapacityExceeded);
			ensure!(Self::short_on(entry, &offers, day)? <= before, Error::<T>::CapacityExceeded);
			Ok(())
		})?;
		Self::owe(&mut record, class, Capacity::ZERO, Capacity::ZERO, days.last)?;
		Self::write(&provider, class, record, entries);
		Ok(())
	}

	/// The entries of these days after a change.
	fn changed(
		provider: &T::AccountId,
		class: ClassId,
		days: DeliveryDays,
		change: impl Fn(Day, &mut LedgerDayOf<T>) -> DispatchResult,
	) -> Result<Entries<T>, DispatchError> {
		let changed = |day| {
			let mut entry = Ledger::<T>::get((day, provider, class));
			change(day, &mut entry)?;
			Ok((day, entry))
		};
		days_of(days).map(changed).collect()
	}

	/// Writes entries and their provider. An entry with nothing in it is removed.
	fn write(provider: &T::AccountId, class: ClassId, record: ProviderOf<T>, entries: Entries<T>) {
		for (day, entry) in entries {
			if entry.sold.is_empty() && entry.booked.is_empty() {
				Ledger::<T>::remove((day, provider, class));
			} else {
				Ledger::<T>::insert((day, provider, class), entry);
			}
		}
		Providers::<T>::insert(provider, record);
	}

	/// The days are some that can be spoken for: none is past, none too far ahead.
	fn ensure_can_be_sold(days: DeliveryDays) -> DispatchResult {
		let (today, ahead) = (Self::today(), Self::days_from_now(T::MaxDaysAhead::get()));
		ensure!(days.is_valid() && today <= days.first && days.last <= ahead, Error::<T>::InvalidDays);
		Ok(())
	}

	/// The most days from today on that the ledger can have entries for.
	pub(crate) fn days_ahead() -> u32 {
		T::MaxDaysAhead::get().saturating_add(1)
	}

	/// How many days these are; none if they end before they begin.
	pub(crate) fn count(days: &DeliveryDays) -> u32 {
		// Contracts have at most a quarter's days; what is more is refused before it is looked at.
		let days = days.last.0.checked_sub(days.first.0).map_or(0, |nights| nights.saturating_add(1));
		days.min(gcx_primitives::MAX_DELIVERY_DAYS)
	}

	/// The amount of all these days together. Refuses nothing of an amount.
	fn total(days: DeliveryDays, per_day: Capacity) -> Result<Capacity, DispatchError> {
		ensure!(!per_day.is_zero(), Error::<T>::NoAmount);
		let total = per_day.0.checked_mul(Self::count(&days).into());
		Ok(Capacity(total.ok_or(ArithmeticError::Overflow)?))
	}
}

fn add_sold<T: Config>(entry: &mut LedgerDayOf<T>, floor: &Grade, more: Capacity) -> DispatchResult {
	if let Some((_, amount)) = entry.sold.iter_mut().find(|(other, _)| other == floor) {
		*amount = amount.checked_add(more)?;
		return Ok(());
	}
	entry.sold.try_push((*floor, more)).map_err(|_| Error::<T>::TooManyFloors)?;
	Ok(())
}

fn take_sold<T: Config>(entry: &mut LedgerDayOf<T>, floor: &Grade, less: Capacity) -> DispatchResult {
	let sold = entry.sold.iter_mut().find(|(other, _)| other == floor);
	let (_, amount) = sold.ok_or(Error::<T>::NotSold)?;
	*amount = amount.checked_sub(less).map_err(|_| Error::<T>::NotSold)?;
	entry.sold.retain(|(_, amount)| !amount.is_zero());
	Ok(())
}

fn change_booking<T: Config>(
	entry: &mut LedgerDayOf<T>,
	resource: ResourceId,
	change: impl FnOnce(&mut Booking) -> DispatchResult,
) -> DispatchResult {
	let nothing = Booking { resource, nominated: Capacity::ZERO, pledged: Capacity::ZERO };
	match entry.booked.iter_mut().find(|booking| booking.resource == resource) {
		Some(booking) => change(booking)?,
		None => {
			let mut booking = nothing;
			change(&mut booking)?;
			entry.booked.try_push(booking).map_err(|_| Error::<T>::TooManyResources)?;
		},
	}
	entry.booked.retain(|booking| !booking.nominated.is_zero() || !booking.pledged.is_zero());
	Ok(())
}
