//! Cover: capacity that a short, itself the provider, sets aside for its position before the contract ends. What is covered needs no
//! cash as delivery nears.

use crate::{steps::Step, types::AccountKeyOf, Backing, Config, Cover, Covers, Error, Event, Goods, Pallet};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_primitives::{
	CapacityLedger, ContractTerms, DeliveryClearing, InstrumentId, ListedContracts, Lots, SettlementKind,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_cover(key: AccountKeyOf<T>, instrument: InstrumentId, lots: Lots) -> DispatchResult {
		ensure!(lots > Lots::ZERO, Error::<T>::NoLots);
		let terms = T::Contracts::terms(instrument).ok_or(Error::<T>::UnknownContract)?;
		let goods = Self::goods(&terms).ok_or(Error::<T>::NotPhysical)?;
		ensure!(Self::now() < terms.expires, Error::<T>::Expired);
		let before = Covers::<T>::get(instrument, &key).map_or(Lots::ZERO, |cover| cover.lots);
		let covered = before.checked_add(lots)?;
		let short = T::Clearing::lots(&key, instrument).checked_neg()?;
		ensure!(covered <= short, Error::<T>::NotSoShort);
		T::Ledger::sell(&key.owner, goods.class, &goods.floor, goods.days, goods.booked(lots)?).map_err(Into::into)?;
		Covers::<T>::insert(instrument, &key, Cover { lots: covered, goods });
		Self::deposit_event(Event::Covered { instrument, account: key, lots, covered });
		Ok(())
	}

	pub(crate) fn do_uncover(key: AccountKeyOf<T>, instrument: InstrumentId, lots: Lots) -> DispatchResult {
		ensure!(lots > Lots::ZERO, Error::<T>::NoLots);
		let cover = Covers::<T>::get(instrument, &key).ok_or(Error::<T>::NotCovered)?;
		ensure!(lots <= cover.lots, Error::<T>::NotCovered);
		Self::give_back(instrument, key.clone(), cover, lots)?;
		T::Clearing::ensure_margined(&key).map_err(Into::into)
	}

	/// Gives cover for so many lots back, of a cover that has as many.
	fn give_back(instrument: InstrumentId, key: AccountKeyOf<T>, cover: Cover, lots: Lots) -> DispatchResult {
		let covered = cover.lots.checked_sub(lots)?;
		Self::free_capacity(&cover.goods, Backing::Sold, &key.owner, lots, cover.goods.days)?;
		if covered.is_zero() {
			Covers::<T>::remove(instrument, &key);
		} else {
			Covers::<T>::insert(instrument, &key, Cover { lots: covered, ..cover });
		}
		Self::deposit_event(Event::Uncovered { instrument, account: key, lots, covered });
		Ok(())
	}

	/// Gives one cover that is left of a contract back.
	pub(crate) fn give_back_a_cover(instrument: InstrumentId) -> Result<Step, DispatchError> {
		match Covers::<T>::iter_prefix(instrument).next() {
			Some((key, cover)) => {
				Self::give_back(instrument, key, cover, cover.lots)?;
				Ok(Step::Taken)
			},
			None => Ok(Step::Waits),
		}
	}

	/// What is delivered of a contract; nothing of one that is settled in cash.
	pub(crate) fn goods(terms: &ContractTerms) -> Option<Goods> {
		let (class, multiplier) = (terms.instrument.class, terms.instrument.multiplier);
		match terms.settlement {
			SettlementKind::Physical { floor, version } => {
				Some(Goods { class, version, floor, days: terms.delivery, multiplier })
			},
			SettlementKind::Cash => None,
		}
	}
}
