//! Declared maintenance: on its days a resource is not drawn and has no capacity, and a cap keeps it from being an excuse.

use crate::{
	types::ResourceOf, Config, Error, Event, Pallet, Resources, Standings, MAINTENANCE_NOTICE, MAINTENANCE_PERIOD,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{Day, DeliveryDays, ResourceId};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_declare_maintenance(
		provider: T::AccountId,
		resource: ResourceId,
		window: DeliveryDays,
	) -> DispatchResult {
		let mut record = Self::staying_resource(&provider, resource)?;
		let ahead = Self::days_from_now(T::MaxDaysAhead::get());
		ensure!(window.is_valid() && window.last <= ahead, Error::<T>::InvalidDays);
		ensure!(window.first > Self::days_from_now(MAINTENANCE_NOTICE), Error::<T>::NoticeTooShort);
		let overlaps = |other: &DeliveryDays| other.first <= window.last && window.first <= other.last;
		ensure!(!record.maintenance.iter().any(overlaps), Error::<T>::MaintenanceOverlaps);
		Self::add_window(&mut record, window)?;
		let cap = Self::parameters().maintenance_days;
		ensure!(most_days(&record.maintenance) <= cap, Error::<T>::TooMuchMaintenance);
		Self::ensure_covered_on(resource, &record, &Standings::<T>::get(resource), days_of(window))?;
		Resources::<T>::insert(resource, record);
		let DeliveryDays { first, last } = window;
		Self::deposit_event(Event::MaintenanceDeclared { resource, first, last });
		Ok(())
	}

	/// Puts a window in its place, and forgets those that count no more.
	fn add_window(record: &mut ResourceOf<T>, window: DeliveryDays) -> DispatchResult {
		let today = Self::today();
		record.maintenance.retain(|past| past.last.0.saturating_add(MAINTENANCE_PERIOD) > today.0);
		let place = record.maintenance.iter().take_while(|other| other.first < window.first).count();
		record.maintenance.try_insert(place, window).map_err(|_| Error::<T>::TooManyWindows)?;
		Ok(())
	}
}

/// The days of a window.
pub(crate) fn days_of(window: DeliveryDays) -> impl Iterator<Item = Day> {
	(window.first.0..=window.last.0).map(Day)
}

/// The most days of maintenance in any [`MAINTENANCE_PERIOD`] days, of windows that do not overlap. A period that has the most
/// of them begins where a window does: moved back into the window that it begins in, or on to the next, it loses none.
pub(crate) fn most_days(windows: &[DeliveryDays]) -> u32 {
	let within = |from: Day| {
		let end = from.0.saturating_add(MAINTENANCE_PERIOD);
		let days = |window: &DeliveryDays| {
			// One past the last day.
			let after = window.last.0.saturating_add(1).min(end);
			after.saturating_sub(window.first.max(from).0)
		};
		windows.iter().map(days).fold(0u32, u32::saturating_add)
	};
	windows.iter().map(|window| within(window.first)).max().unwrap_or(0)
}
