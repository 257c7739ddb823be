//! Forgetting what was spoken for of days long past. Until then it counts against the provider's bond, and can be taken back and
//! released.

use crate::{types::LedgerDayOf, Config, Error, Event, Ledger, OldestDay, Pallet, Providers, WeightInfo};
use frame_support::{defensive, ensure, pallet_prelude::DispatchResultWithPostInfo, traits::Get, weights::WeightMeter};
use gcx_primitives::{ArithmeticError, Capacity, ClassId, Day};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_prune(steps: u32) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		let taken = Self::prune_while(&mut meter, steps.min(crate::MAX_PRUNE_STEPS));
		ensure!(taken > 0, Error::<T>::NothingToPrune);
		Ok((Some(meter.consumed()), frame_support::dispatch::Pays::No).into())
	}

	/// Takes at most so many steps, while the meter has weight for one. Returns how many were taken.
	pub(crate) fn prune_while(meter: &mut WeightMeter, steps: u32) -> u32 {
		for taken in 0..steps {
			if meter.try_consume(T::WeightInfo::prune_step()).is_err() || !Self::prune_step() {
				return taken;
			}
		}
		steps
	}

	/// Forgets one entry of the oldest day, or goes on to the next day if there is none. False if the oldest day is not long
	/// enough past.
	pub(crate) fn prune_step() -> bool {
		let Some(day) = OldestDay::<T>::get().filter(|day| Self::is_long_past(*day)) else { return false };
		match Ledger::<T>::drain_prefix((day,)).next() {
			Some(((provider, class), entry)) => Self::forget(provider, class, day, &entry),
			None => OldestDay::<T>::put(Day(day.0.saturating_add(1))),
		}
		true
	}

	/// Whether the bond answers for a day no more.
	pub(crate) fn is_long_past(day: Day) -> bool {
		day.0.saturating_add(T::UnbondingDays::get()) < Self::today().0
	}

	fn forget(provider: T::AccountId, class: ClassId, day: Day, entry: &LedgerDayOf<T>) {
		let Ok((sold, nominated)) = sums::<T>(entry) else {
			defensive!("amounts in the ledger are parts of a sum that fits");
			return;
		};
		if let Some(mut record) = Providers::<T>::get(&provider) {
			let less = sold.checked_add(nominated);
			let result =
				less.map_err(Into::into).and_then(|less| Self::owe(&mut record, class, Capacity::ZERO, less, day));
			if result.is_err() {
				defensive!("a provider owes what the ledger says");
			}
			Providers::<T>::insert(&provider, record);
		}
		Self::deposit_event(Event::Forgotten { provider, class, day, sold, nominated });
	}
}

/// What is sold and what is nominated of a day.
pub(crate) fn sums<T: Config>(entry: &LedgerDayOf<T>) -> Result<(Capacity, Capacity), ArithmeticError> {
	let sold = entry.sold.iter().map(|(_, amount)| *amount).try_fold(Capacity::ZERO, Capacity::checked_add)?;
	let mut nominated = entry.booked.iter().map(|booking| booking.nominated);
	Ok((sold, nominated.try_fold(Capacity::ZERO, Capacity::checked_add)?))
}
