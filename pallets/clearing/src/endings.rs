//! The end of an instrument: after the next settlement run its positions end at the settlement price, which is the final one where
//! the contract came to its end.
//!
//! Segments' positions go in one step of the run; an account's goes when the account is next rolled. If the contract is delivered,
//! what the position has to put aside goes into escrow then (see `delivery.rs`).

use crate::{
	books::{BookError, Books},
	Config, Ending, Endings, Error, Event, Instruments, Ledgers, Pallet, SegmentPositions, Settled,
};
use alloc::vec::Vec;
use frame_support::pallet_prelude::DispatchResult;
use gcx_primitives::{AccountKey, InstrumentId, Lots, OnDeliverable, SubAccount};

impl<T: Config> Books<T> {
	/// What a failed house holds ends after the next run. Nobody trades it any more.
	pub(crate) fn tear_up(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let run = self.settlements.current;
		for position in self.known_account(&key)?.positions {
			let id = position.instrument;
			let instrument = self.instrument_mut(id).map_err(BookError::of::<T>)?;
			if instrument.ending.is_none() {
				instrument.ending = Some(Ending::Settlement);
				let (long, short) = (instrument.long, instrument.short);
				Endings::<T>::try_append((id, run)).map_err(|()| Error::<T>::TooManyInstruments)?;
				Pallet::<T>::deposit_event(Event::TornUp { instrument: id, long, short });
			}
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Ends the positions of an instrument at its settlement price. One that is quarantined is torn up where it stood; one that has
	/// a final price waits until it is sound.
	pub(crate) fn end_instrument(id: InstrumentId) -> DispatchResult {
		Endings::<T>::mutate(|endings| endings.retain(|(ending, _)| *ending != id));
		let run = Settled::<T>::get().current;
		let Some(stored) = Instruments::<T>::get(id) else { return Ok(()) };
		let mut instrument = stored.at_run(run);
		let is_settled_at = |price| !instrument.quarantined && instrument.settlement.price == price;
		if !instrument.final_price().is_none_or(is_settled_at) {
			// No run could give it that price. The next one tries.
			Endings::<T>::try_append((id, run)).map_err(|()| Error::<T>::TooManyInstruments)?;
			return Ok(());
		}
		// What is torn up ends in money, whatever it was to be.
		if instrument.final_price().is_some() && instrument.ramp.is_some() {
			let price = instrument.settlement.price;
			instrument.delivers = T::Deliveries::begins(id, price, instrument.long);
			Self::register_deliveries(1);
		}
		let held: Vec<_> = SegmentPositions::<T>::iter_prefix(id).collect();
		for (segment, held) in held {
			let gain = instrument.gain(held.lots, held.basis)?;
			Ledgers::<T>::try_mutate(&segment, |ledger| -> DispatchResult {
				if let Some(ledger) = ledger {
					ledger.net = ledger.net.checked_add(gain)?;
				}
				Ok(())
			})?;
			SegmentPositions::<T>::remove(id, segment);
		}
		(instrument.long, instrument.short) = (Lots::ZERO, Lots::ZERO);
		instrument.ended = Some(run);
		Self::deposit_event(Event::InstrumentEnded { instrument: id, run, price: instrument.settlement.price });
		Instruments::<T>::insert(id, instrument);
		// Every holder is rolled before the instrument can go.
		Self::sweep_all();
		Ok(())
	}
}
