//! What a provider's resources can deliver on a day, and what of it is left.
//!
//! Capacity can fall below what is spoken for: a grade drops, a resource fails a round, evidence grows old. Nothing is undone
//! then. What the provider itself does, such as taking devices away, is refused where less would be covered than before.

use crate::{
	delivery,
	feasibility::{self, Supply},
	types::{LedgerDayOf, ProviderOf, ResourceOf},
	Booking, ClassCapacity, Config, Error, Event, Ledger, Pallet, Providers, Resources, Standing, Standings,
	SHORTFALL_DAYS,
};
use alloc::vec::Vec;
use frame_support::{defensive, ensure, pallet_prelude::DispatchResult};
use gcx_math::rate;
use gcx_primitives::{ArithmeticError, Capacity, ClassId, Day, DeliveryDays, Grade, ResourceId};
use sp_runtime::DispatchError;

/// What a resource with capacity brings.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
	/// Which.
	pub resource: ResourceId,
	/// Its grade.
	pub grade: Grade,
	/// Its capacity on a day without maintenance.
	pub per_day: Capacity,
	/// Its days without capacity.
	pub maintenance: Vec<DeliveryDays>,
}

impl Offer {
	/// The capacity on a day.
	pub fn on(&self, day: Day) -> Capacity {
		let is_maintained = self.maintenance.iter().any(|window| window.first <= day && day <= window.last);
		if is_maintained {
			Capacity::ZERO
		} else {
			self.per_day
		}
	}
}

impl Booking {
	/// What is nominated and pledged together.
	pub(crate) fn total(&self) -> Result<Capacity, ArithmeticError> {
		self.nominated.checked_add(self.pledged)
	}
}

impl<T: Config> Pallet<T> {
	/// What a resource brings; none if it has no capacity: it is not active, or has no attested or proven rate, or no grade, that is young
	/// enough. No more than its best [delivery](crate::delivery) allows.
	pub(crate) fn offer(resource: ResourceId, record: &ResourceOf<T>, standing: &Standing) -> Option<Offer> {
		if !record.life.stage.has_capacity() {
			return None;
		}
		let max_age = Self::parameters().max_age;
		let evidence = Self::selling(standing, max_age)?;
		let (grade, _) = Self::unexpired_grade(standing, max_age)?;
		let shown = rate::capacity_per_day(evidence.rate, record.devices).ok()?;
		let per_day = Self::best_share(standing).map_or(shown, |best| delivery::bounded_floor(shown, best));
		Some(Offer { resource, grade, per_day, maintenance: record.maintenance.to_vec() })
	}

	/// Counts a resource anew in the total of its class. Whatever changes what a resource can deliver calls it; who calls stores the
	/// standing.
	pub(crate) fn recount(resource: ResourceId, record: &ResourceOf<T>, standing: &mut Standing) {
		let per_day = Self::offer(resource, record, standing).map_or(Capacity::ZERO, |offer| offer.per_day);
		if per_day == standing.counted {
			return;
		}
		let others = ClassCapacity::<T>::get(record.class).checked_sub(standing.counted);
		match others.and_then(|others| others.checked_add(per_day)) {
			Ok(Capacity::ZERO) => ClassCapacity::<T>::remove(record.class),
			Ok(total) => ClassCapacity::<T>::insert(record.class, total),
			Err(_) => {
				defensive!("the total of a class is the sum of what its resources were counted with, and fits");
				return;
			},
		}
		standing.counted = per_day;
	}

	/// Whether what a resource brings is less than before, or of a grade that is lower somewhere.
	pub(crate) fn fell(before: Option<&Offer>, after: Option<&Offer>) -> bool {
		before.is_some_and(|before| {
			after.is_none_or(|after| after.per_day < before.per_day || !after.grade.meets(&before.grade))
		})
	}

	/// What a provider's resources of a class bring. One of them may be given as it would be.
	pub(crate) fn offers(
		provider: &ProviderOf<T>,
		class: ClassId,
		instead: Option<(ResourceId, &ResourceOf<T>, &Standing)>,
	) -> Vec<Offer> {
		let offer_of = |id: &ResourceId| match instead {
			Some((other, record, standing)) if other == *id => Self::offer(*id, record, standing),
			Some(_) | None => {
				let record = Resources::<T>::get(id).filter(|record| record.class == class)?;
				Self::offer(*id, &record, &Standings::<T>::get(id))
			},
		};
		provider.resources.iter().filter_map(offer_of).collect()
	}

	/// What resources have left on a day, and what is nominated and pledged beyond their capacities.
	fn supply(entry: &LedgerDayOf<T>, offers: &[Offer], day: Day) -> Result<(Vec<Supply>, Capacity), ArithmeticError> {
		let mut missing = Capacity::ZERO;
		for booking in &entry.booked {
			let offer = offers.iter().find(|offer| offer.resource == booking.resource);
			let capacity = offer.map_or(Capacity::ZERO, |offer| offer.on(day));
			missing = missing.checked_add(booking.total()?.checked_sub(capacity).unwrap_or_default())?;
		}
		let mut supply = Vec::with_capacity(offers.len());
		for offer in offers {
			let booking = entry.booked.iter().find(|booking| booking.resource == offer.resource);
			let booked = booking.map_or(Ok(Capacity::ZERO), Booking::total)?;
			let free = offer.on(day).checked_sub(booked).unwrap_or_default();
			supply.push(Supply { grade: offer.grade, free });
		}
		Ok((supply, missing))
	}

	/// How far what is spoken for on a day exceeds what can be delivered of it at best.
	pub(crate) fn short_on(entry: &LedgerDayOf<T>, offers: &[Offer], day: Day) -> Result<Capacity, ArithmeticError> {
		let (supply, missing) = Self::supply(entry, offers, day)?;
		missing.checked_add(feasibility::undeliverable(&entry.sold, &supply)?)
	}

	/// How much more can be sold of a day at a floor, as far as capacity goes.
	pub(crate) fn room_on(
		entry: &LedgerDayOf<T>,
		offers: &[Offer],
		day: Day,
		floor: &Grade,
	) -> Result<Capacity, ArithmeticError> {
		let (supply, missing) = Self::supply(entry, offers, day)?;
		if !missing.is_zero() {
			return Ok(Capacity::ZERO);
		}
		feasibility::room(&entry.sold, &supply, floor)
	}

	/// Were a resource as given, no less would be covered than is now, on any day from today on. Returns how many days were
	/// looked at.
	pub(crate) fn ensure_covered_with(
		resource: ResourceId,
		after: &ResourceOf<T>,
		standing: &Standing,
	) -> Result<u32, DispatchError> {
		let days: Vec<_> = Self::days_with_entries(&after.provider, after.class).collect();
		let looked_at = u32::try_from(days.len()).map_err(|_| ArithmeticError::Overflow)?;
		Self::ensure_covered_on(resource, after, standing, days)?;
		Ok(looked_at)
	}

	/// Were a resource as given, no less would be covered than is now, on these days.
	pub(crate) fn ensure_covered_on(
		resource: ResourceId,
		after: &ResourceOf<T>,
		standing: &Standing,
		days: impl IntoIterator<Item = Day>,
	) -> DispatchResult {
		let (provider, class) = (&after.provider, after.class);
		let record = Self::provider_of(provider)?;
		let now = Self::offers(&record, class, None);
		let then = Self::offers(&record, class, Some((resource, after, standing)));
		for day in days {
			let entry = Ledger::<T>::get((day, provider, class));
			let is_covered = Self::short_on(&entry, &then, day)? <= Self::short_on(&entry, &now, day)?;
			ensure!(is_covered, Error::<T>::CapacitySold);
		}
		Ok(())
	}

	/// How far what is spoken for of a provider's day exceeds its capacity. Zero when all of it can be delivered.
	pub fn shortfall(provider: &T::AccountId, class: ClassId, day: Day) -> Capacity {
		let Some(record) = Providers::<T>::get(provider) else { return Capacity::ZERO };
		let entry = Ledger::<T>::get((day, provider, class));
		// Amounts in the ledger are sums that once fitted.
		Self::short_on(&entry, &Self::offers(&record, class, None), day).unwrap_or(Capacity(u128::MAX))
	}

	/// Tells of the days, of the next [`SHORTFALL_DAYS`], on which a provider can no longer deliver what is spoken for.
	pub(crate) fn announce_shortfall(provider: &T::AccountId, record: &ProviderOf<T>, class: ClassId) {
		let Some(last) = record.position(class).map(|position| position.last) else { return };
		let offers = Self::offers(record, class, None);
		let today = Self::today();
		let end = today.0.saturating_add(SHORTFALL_DAYS).min(last.0.saturating_add(1));
		for day in (today.0..end).map(Day) {
			let entry = Ledger::<T>::get((day, provider, class));
			let short = Self::short_on(&entry, &offers, day).unwrap_or(Capacity(u128::MAX));
			if !short.is_zero() {
				Self::deposit_event(Event::Shortfall { provider: provider.clone(), class, day, short });
			}
		}
	}
}
