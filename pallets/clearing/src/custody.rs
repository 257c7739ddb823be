//! Custody accounts: where the money is that the ledgers speak of, and the fuse on its way out.

use crate::{types::SegmentOf, AccountEgress, Config, Custody, Error, Event, HourlyEgress, Pallet, TotalCustody};
use codec::{Decode, Encode};
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
use sp_runtime::traits::TrailingZeroInput;

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
		let entropy = sp_io::hashing::blake2_256(&(b"gcx/custody/1", segment).encode());
		// A hash, with zeroes after it, decodes to any account id of fixed length.
		T::AccountId::decode(&mut TrailingZeroInput::new(&entropy)).expect("an account id decodes from any bytes; qed")
	}

	/// Takes `amount` from `payer` into the custody of a segment, which opens if it is new.
	pub(crate) fn take_into_custody(segment: &SegmentOf<T>, payer: &T::AccountId, amount: u128) -> DispatchResult {
		let custody = Self::custody_account(segment);
		let recorded = match Custody::<T>::get(segment) {
			Some(recorded) => recorded,
			None => {
				let minimum = T::SettlementAsset::minimum_balance();
				T::SettlementAsset::transfer(payer, &custody, minimum, Preservation::Expendable)?;
				let Segment { guarantor, side } = segment.clone();
				let (custody, minimum, payer) = (custody.clone(), Self::cash(minimum)?, payer.clone());
				Self::deposit_event(Event::CustodyOpened { guarantor, side, custody, minimum, payer });
				Cash::ZERO
			},
		};
		Self::begin_hour();
		T::SettlementAsset::transfer(payer, &custody, amount, Preservation::Expendable)?;
		let amount = Self::cash(amount)?;
		Custody::<T>::insert(segment, recorded.checked_add(amount)?);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_add(amount)?);
		Ok(())
	}

	/// Pays `amount` out of the custody of a segment.
	pub(crate) fn pay_out_of_custody(segment: &SegmentOf<T>, to: &T::AccountId, amount: u128) -> DispatchResult {
		let recorded = Custody::<T>::get(segment).ok_or(Error::<T>::UnknownAccount)?;
		let custody = Self::custody_account(segment);
		// The minimum balance stays: custody is never emptied.
		T::SettlementAsset::transfer(&custody, to, amount, Preservation::Preserve)?;
		let amount = Self::cash(amount)?;
		Custody::<T>::insert(segment, recorded.checked_sub(amount)?);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_sub(amount)?);
		Ok(())
	}

	/// Lets `amount` of an account through the egress fuse, its reserve first, or refuses. Charged gross: deposits in the same
	/// hour give nothing back.
	pub(crate) fn pass_fuse(egress: &mut AccountEgress, amount: Cash) -> Result<Passed, DispatchError> {
		Self::begin_hour();
		let (limit, share) = (T::EgressLimit::get(), T::EgressReserved::get());
		let floor = Self::cash(T::EgressFloor::get())?;
		let reserved = egress.reserve_left(share, floor)?.min(amount);
		let shared = amount.checked_sub(reserved)?;
		let mut all = HourlyEgress::<T>::get();
		let left = all.shared_left(limit, share)?;
		ensure!(shared <= left, Error::<T>::EgressFuseBlown);
		all.shared = all.shared.checked_add(shared)?;
		HourlyEgress::<T>::put(all);
		egress.withdrawn = egress.withdrawn.checked_add(amount)?;
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
		let recorded = Custody::<T>::get(&segment).ok_or(Error::<T>::NothingToSweep)?;
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
