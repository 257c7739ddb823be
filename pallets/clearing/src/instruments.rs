//! Instruments: listing, looks at the market, quarantine.

use crate::{
	settlement::lots_in_sum, ClassRisks, Config, Ending, Endings, Error, Event, Instrument, Instruments, Listed,
	MarksCursor, Pallet, Parameters, Settled, Settlement, Settlements,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Time,
};
use gcx_math::volatility::{Variance, MAX_MOVE};
use gcx_primitives::{
	ClassId, DeliveryDays, DeliveryRamp, InstrumentId, InstrumentTerms, Lots, Ppm, Price, PriceIndex,
};

impl<T: Config> gcx_primitives::Instruments for Pallet<T> {
	type Error = DispatchError;

	fn list(id: InstrumentId, terms: InstrumentTerms, settlement: Price) -> DispatchResult {
		ensure!(!Instruments::<T>::contains_key(id), Error::<T>::AlreadyListed);
		ensure!(terms.is_valid() && settlement.is_bounded(), Error::<T>::InvalidTerms);
		ensure!(T::Index::floor_price(terms.class).is_some(), Error::<T>::UnknownClass);
		Listed::<T>::try_mutate(|listed| {
			let place = listed.binary_search(&id).err().ok_or(Error::<T>::AlreadyListed)?;
			listed.try_insert(place, id).map_err(|_| Error::<T>::TooManyInstruments)
		})?;
		let run = Settled::<T>::get().current;
		let (parameters, time) = (Parameters::<T>::get(), T::Clock::now());
		ClassRisks::<T>::mutate(terms.class, |risk| {
			if risk.fraction == Ppm::ZERO {
				let known = T::Index::statistics(terms.class).unwrap_or_default();
				risk.fraction = parameters.scan.target(Variance(known.variance), known.largest_move);
				risk.epoch = run;
			}
		});
		let first = Settlement { run, price: settlement, fix: None, time };
		Instruments::<T>::insert(id, Instrument::new(terms, first));
		Self::deposit_event(Event::InstrumentListed { instrument: id, terms, settlement });
		Self::refresh(id)
	}

	fn delist(id: InstrumentId) -> DispatchResult {
		let instrument = Instruments::<T>::get(id).ok_or(Error::<T>::UnknownInstrument)?;
		let is_held = !instrument.long.is_zero() || !instrument.short.is_zero();
		// Accounts that were not rolled since it ended still have it.
		let is_remembered = instrument.ended.is_some() && crate::SweepUntil::<T>::exists();
		ensure!(!is_held && !is_remembered, Error::<T>::InstrumentHeld);
		Instruments::<T>::remove(id);
		Listed::<T>::mutate(|listed| listed.retain(|held| *held != id));
		Self::deposit_event(Event::InstrumentDelisted { instrument: id });
		Ok(())
	}

	fn average(id: InstrumentId, days: Option<DeliveryDays>) -> DispatchResult {
		ensure!(days.is_none_or(|days| days.count() > 0), Error::<T>::InvalidTerms);
		Self::refresh_with(id, |instrument| instrument.averaged = days)
	}

	fn deliver(id: InstrumentId, ramp: DeliveryRamp) -> DispatchResult {
		Self::refresh_with(id, |instrument| instrument.ramp = Some(ramp))
	}

	fn mark(id: InstrumentId) -> Option<Price> {
		Instruments::<T>::get(id)?.at_time(T::Clock::now()).mark
	}

	fn end(id: InstrumentId, price: Price) -> DispatchResult {
		let Settlements { current, pricing, .. } = Settled::<T>::get();
		let instrument = Instruments::<T>::get(id).ok_or(Error::<T>::UnknownInstrument)?;
		ensure!(instrument.ending.is_none(), Error::<T>::AlreadyEnding);
		ensure!(!instrument.quarantined, Error::<T>::InstrumentQuarantined);
		ensure!(price.is_bounded(), Error::<T>::InvalidTerms);
		// This run may have priced it already.
		ensure!(pricing.is_none(), Error::<T>::RunInProgress);
		Endings::<T>::try_append((id, current)).map_err(|()| Error::<T>::TooManyInstruments)?;
		Self::refresh_with(id, |instrument| instrument.ending = Some(Ending::Final(price)))
	}

	fn open_interest(id: InstrumentId) -> Option<Lots> {
		Instruments::<T>::get(id).map(|instrument| instrument.long)
	}
}

impl<T: Config> Pallet<T> {
	/// Looks at the market for an instrument: its mark, its bands and its risk array as they are now.
	pub(crate) fn refresh(id: InstrumentId) -> DispatchResult {
		Self::refresh_with(id, |_| ())
	}

	/// The same, with something about the instrument that is other from now on.
	fn refresh_with(id: InstrumentId, change: impl FnOnce(&mut Instrument)) -> DispatchResult {
		let stored = Instruments::<T>::get(id).ok_or(Error::<T>::UnknownInstrument)?;
		let before = stored.at_run(Settled::<T>::get().current);
		let fraction = ClassRisks::<T>::get(before.terms.class).fraction;
		let mut instrument = before.clone();
		change(&mut instrument);
		instrument.refresh(&Self::market(&instrument, fraction, &Parameters::<T>::get()))?;
		if instrument.mark != before.mark {
			Self::deposit_event(Event::MarkChanged { instrument: id, mark: instrument.mark });
		}
		Self::note_look(id, &before, &instrument);
		if instrument != before {
			Instruments::<T>::insert(id, instrument);
		}
		Ok(())
	}

	/// Notes for the trigger index what a look at the market changed.
	pub(crate) fn note_look(id: InstrumentId, before: &crate::Instrument, after: &crate::Instrument) {
		if before.risk.mark != after.risk.mark {
			Self::note_move(crate::Subject::Mark(id));
		}
		// Levels that left more room than needed are still good.
		let is_stricter = after.assumed.fraction > before.assumed.fraction
			|| after.assumed.calm > before.assumed.calm
			|| after.assumed.open_interest < before.assumed.open_interest;
		// When a day is fixed, or a final price is known, what one month offsets of another changes at once; what delivery requires
		// rises in steps.
		let is_other = after.average != before.average
			|| after.ending != before.ending
			|| after.risk.delivery_phase != before.risk.delivery_phase;
		let is_held = !after.long.is_zero();
		if (is_stricter || is_other) && is_held {
			Self::sweep_all();
		}
	}

	/// Looks at the market for the next few instruments, in turn. Returns how many.
	pub(crate) fn refresh_next(count: u32) -> u32 {
		let listed = Listed::<T>::get();
		let last = MarksCursor::<T>::get();
		let after = listed.iter().filter(|id| last.is_some_and(|last| **id > last));
		let from_start = listed.iter().filter(|id| last.is_none_or(|last| **id <= last));
		let mut looked = 0;
		for id in after.chain(from_start).take(usize::try_from(count).unwrap_or(usize::MAX)) {
			if let Err(error) = Self::refresh(*id) {
				log::error!(target: "runtime::clearing", "{id:?} has no mark: {error:?}");
			}
			MarksCursor::<T>::put(*id);
			looked += 1;
		}
		looked
	}

	/// Governance raises a class's scan fraction at once. It comes down by itself, a little a day.
	pub(crate) fn do_raise_fraction(class: ClassId, fraction: Ppm) -> DispatchResult {
		ClassRisks::<T>::try_mutate(class, |risk| {
			ensure!(risk.fraction > Ppm::ZERO, Error::<T>::UnknownClass);
			ensure!(fraction > risk.fraction && fraction <= MAX_MOVE, Error::<T>::FractionNotRaised);
			Self::deposit_event(Event::FractionRaised { class, before: risk.fraction, fraction });
			risk.fraction = fraction;
			Ok(())
		})
	}

	/// Ends the quarantine of an instrument that is sound again.
	pub(crate) fn do_release(id: InstrumentId) -> DispatchResult {
		Instruments::<T>::try_mutate(id, |instrument| {
			let instrument = instrument.as_mut().ok_or(Error::<T>::UnknownInstrument)?;
			ensure!(instrument.quarantined, Error::<T>::NotQuarantined);
			let is_sound = instrument.long == instrument.short && lots_in_sum::<T>(id) == 0;
			ensure!(is_sound, Error::<T>::Unbalanced);
			instrument.quarantined = false;
			Self::deposit_event(Event::Released { instrument: id });
			Ok(())
		})
	}
}
