//! Custody accounts: where the money is that the ledgers speak of, and the fuse on its way out.

use crate::{
	books::Books, types::SegmentOf, AccountEgress, Config, Egress, Error, Event, HourlyEgress, Ledgers, Pallet,
	TotalCustody,
};
use codec::Encode;
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get, Time,
	},
};
use gcx_primitives::{Cash, Segment, SegmentSide};

/// Milliseconds in an hour.
const HOUR: u64 = 3_600_000;

/// How a withdrawal was let through.
pub(crate) struct Passed {
	/// Out of the account's reserve.
	pub reserved: Cash,
	/// Out of what all share.
	pub shared: Cash,
	/// What all may still withdraw beyond their reserves.
	pub shared_left: Cash,
}

impl<T: Config> Pallet<T> {
	/// The custody account of a segment. Nobody has its key: it is the hash of a domain and the segment.
	pub fn custody_account(segment: &SegmentOf<T>) -> T::AccountId {
		gcx_primitives::keyless_account(sp_io::hashing::blake2_256(&(b"gcx/custody/1", segment).encode()))
	}

	/// Opens the custody account of a segment, if it is new. `payer` endows it with its minimum balance.
	pub(crate) fn open_custody(segment: &SegmentOf<T>, payer: &T::AccountId) -> DispatchResult {
		if Ledgers::<T>::contains_key(segment) {
			return Ok(());
		}
		let (custody, minimum) = (Self::custody_account(segment), T::SettlementAsset::minimum_balance());
		T::SettlementAsset::transfer(payer, &custody, minimum, Preservation::Expendable)?;
		Ledgers::<T>::insert(segment, crate::Ledger::default());
		let Segment { guarantor, side } = segment.clone();
		let (minimum, payer) = (Self::cash(minimum)?, payer.clone());
		Self::deposit_event(Event::CustodyOpened { guarantor, side, custody, minimum, payer });
		Ok(())
	}

	/// Takes `amount` from `payer` into the custody of a segment.
	pub(crate) fn take_into_custody(
		books: &mut Books<T>,
		segment: &SegmentOf<T>,
		payer: &T::AccountId,
		amount: Cash,
	) -> DispatchResult {
		Self::begin_hour();
		let custody = Self::custody_account(segment);
		T::SettlementAsset::transfer(payer, &custody, amount.0.unsigned_abs(), Preservation::Expendable)?;
		let mut ledger = books.ledger(segment);
		ledger.custody = ledger.custody.checked_add(amount)?;
		books.put_ledger(segment, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_add(amount)?);
		Ok(())
	}

	/// Pays `amount` out of the custody of a segment.
	pub(crate) fn pay_out_of_custody(
		books: &mut Books<T>,
		segment: &SegmentOf<T>,
		to: &T::AccountId,
		amount: Cash,
	) -> DispatchResult {
		let mut ledger = books.ledger(segment);
		ensure!(amount <= ledger.custody, Error::<T>::CustodyTooSmall);
		Self::begin_hour();
		let custody = Self::custody_account(segment);
		// The minimum balance stays: custody is never emptied.
		T::SettlementAsset::transfer(&custody, to, amount.0.unsigned_abs(), Preservation::Preserve)?;
		ledger.custody = ledger.custody.checked_sub(amount)?;
		books.put_ledger(segment, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_sub(amount)?);
		Ok(())
	}

	/// Moves `amount` from the custody of one segment to that of another. It does not leave the exchange.
	pub(crate) fn move_custody(
		books: &mut Books<T>,
		from: &SegmentOf<T>,
		to: &SegmentOf<T>,
		amount: Cash,
	) -> DispatchResult {
		let (source, destination) = (Self::custody_account(from), Self::custody_account(to));
		T::SettlementAsset::transfer(&source, &destination, amount.0.unsigned_abs(), Preservation::Preserve)?;
		let mut ledger = books.ledger(from);
		ledger.custody = ledger.custody.checked_sub(amount)?;
		books.put_ledger(from, ledger);
		let mut ledger = books.ledger(to);
		ledger.custody = ledger.custody.checked_add(amount)?;
		books.put_ledger(to, ledger);
		Ok(())
	}

	/// Lets `amount` of an account's cash through the egress fuse, or refuses.
	pub(crate) fn pass_fuse(egress: &mut AccountEgress, amount: Cash) -> Result<Passed, DispatchError> {
		Self::begin_hour();
		let mut all = HourlyEgress::<T>::get();
		let passed = Self::pass(&mut all, egress, amount, Self::cash(T::EgressFloor::get())?)?;
		HourlyEgress::<T>::put(all);
		Ok(passed)
	}

	/// Lets `amount` of an account through a fuse, the account's reserve first, at least the floor, or refuses. Charged gross:
	/// deposits in the same hour give nothing back.
	pub(crate) fn pass(
		all: &mut Egress,
		own: &mut AccountEgress,
		amount: Cash,
		floor: Cash,
	) -> Result<Passed, DispatchError> {
		let (limit, share) = (T::EgressLimit::get(), T::EgressReserved::get());
		let reserved = own.reserve_left(share, floor)?.min(amount);
		let shared = amount.checked_sub(reserved)?;
		let left = all.shared_left(limit, share)?;
		ensure!(shared <= left, Error::<T>::EgressFuseBlown);
		all.shared = all.shared.checked_add(shared)?;
		own.withdrawn = own.withdrawn.checked_add(amount)?;
		Ok(Passed { reserved, shared, shared_left: left.checked_sub(shared)? })
	}

	/// Notes what custody holds as an hour begins. Comes before anything moves.
	fn begin_hour() {
		let hour = Self::hour();
		let egress = HourlyEgress::<T>::get();
		if egress.hour != hour {
			HourlyEgress::<T>::put(egress.in_hour(hour, TotalCustody::<T>::get()));
		}
	}

	/// The hour since the Unix epoch.
	pub(crate) fn hour() -> u32 {
		u32::try_from(T::Clock::now() / HOUR).unwrap_or(u32::MAX)
	}

	/// A balance as cash.
	pub(crate) fn cash(balance: u128) -> Result<Cash, Error<T>> {
		i128::try_from(balance).map(Cash).map_err(|_| Error::<T>::AmountTooLarge)
	}

	pub(crate) fn do_sweep_surplus(guarantor: T::AccountId, side: SegmentSide) -> DispatchResult {
		let segment = Segment { guarantor: guarantor.clone(), side };
		let recorded = Ledgers::<T>::get(&segment).ok_or(Error::<T>::NothingToSweep)?.custody;
		let custody = Self::custody_account(&segment);
		let kept = recorded.checked_add(Self::cash(T::SettlementAsset::minimum_balance())?)?;
		let surplus = Self::cash(T::SettlementAsset::balance(&custody))?.checked_sub(kept)?;
		ensure!(surplus > Cash::ZERO, Error::<T>::NothingToSweep);
		let destination = T::SurplusDestination::get();
		T::SettlementAsset::transfer(&custody, &destination, surplus.0.unsigned_abs(), Preservation::Preserve)?;
		Self::deposit_event(Event::SurplusSwept { guarantor, side, amount: surplus });
		Ok(())
	}
}
