//! Outsiders' shares: buying them, and asking for their redemption.

use crate::{
	Books, Bucket, BucketId, Buckets, Config, Error, Event, Holders, NextBucket, OpenBucket, OpenBuckets, Pallet,
	Redemptions, MIN_SHARES,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{ArithmeticError, Cash};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// What all shares are worth, and how many they are; the price of one is their quotient.
	pub fn share_price() -> (Cash, u128) {
		let outside = Books::<T>::get().outside;
		(outside.value, outside.shares)
	}

	/// The shares of an account, those apart that are to be redeemed.
	pub fn shares_of(who: &T::AccountId) -> u128 {
		let series = Books::<T>::get().outside.series;
		Holders::<T>::get(who).filter(|holder| holder.series == series).map_or(0, |holder| holder.shares)
	}

	pub(crate) fn do_deposit(who: T::AccountId, amount: u128, min_shares: u128) -> DispatchResult {
		ensure!(amount >= T::MinDeposit::get(), Error::<T>::DepositTooSmall);
		let amount = Self::positive(amount)?;
		// What came in before is the others'.
		Self::recognise_income()?;
		let mut books = Books::<T>::get();
		ensure!(books.owed_outside.is_zero(), Error::<T>::RepaymentOpen);
		let shares = books.outside.join(amount).map_err(|_| Error::<T>::PoolWornOut)?;
		ensure!(shares >= MIN_SHARES, Error::<T>::DepositTooSmall);
		ensure!(shares >= min_shares, Error::<T>::TooFewShares);
		Self::receive(&who, amount)?;
		books.recorded = books.recorded.checked_add(amount)?;
		let mut holder = Holders::<T>::get(&who).unwrap_or_default();
		holder.settle(books.outside.series);
		holder.shares = holder.shares.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
		Holders::<T>::insert(&who, holder);
		Books::<T>::put(books);
		let (value, all_shares) = (books.outside.value, books.outside.shares);
		Self::deposit_event(Event::Deposited { who, amount, shares, value, all_shares });
		Ok(())
	}

	pub(crate) fn do_redeem(who: T::AccountId, shares: u128) -> DispatchResult {
		let outside = Books::<T>::get().outside;
		let mut holder = Holders::<T>::get(&who).ok_or(Error::<T>::NoShares)?;
		holder.settle(outside.series);
		ensure!(holder.shares > 0, Error::<T>::NoShares);
		ensure!(shares > 0, Error::<T>::NotSoMuch);
		let left = holder.shares.checked_sub(shares).ok_or(Error::<T>::NotSoMuch)?;
		if left > 0 {
			let least = Self::cash(T::MinDeposit::get())?;
			let can_split = shares >= MIN_SHARES && left >= MIN_SHARES && outside.value_of(left)? >= least;
			ensure!(can_split, Error::<T>::TooFewToSplit);
		}
		holder.shares = left;
		let (bucket, due) = Self::bucket_of_now()?;
		Buckets::<T>::try_mutate(bucket, |record| -> DispatchResult {
			let record = record.get_or_insert(Bucket { due, ..Default::default() });
			record.shares = record.shares.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
			record.left = record.left.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
			let mut redemption = match Redemptions::<T>::get(bucket, &who) {
				Some(redemption) => redemption,
				None => {
					record.members = record.members.checked_add(1).ok_or(ArithmeticError::Overflow)?;
					holder.redeeming.try_push(bucket).map_err(|_| Error::<T>::TooManyRedemptions)?;
					Default::default()
				},
			};
			redemption.shares = redemption.shares.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
			Redemptions::<T>::insert(bucket, &who, redemption);
			Ok(())
		})?;
		Holders::<T>::insert(&who, holder);
		Self::deposit_event(Event::RedemptionRequested { who, shares, left, bucket, due });
		Ok(())
	}

	/// The bucket that matures first after the cooling-off, counted from now; it is opened if it is new.
	fn bucket_of_now() -> Result<(BucketId, u64), DispatchError> {
		let earliest = Self::in_time(Self::parameters().cooling_off)?;
		let due = earliest.checked_next_multiple_of(T::RedemptionPeriod::get()).ok_or(ArithmeticError::Overflow)?;
		let mut open = OpenBuckets::<T>::get();
		if let Some(bucket) = open.iter().find(|bucket| bucket.due == due) {
			return Ok((bucket.id, due));
		}
		let id = NextBucket::<T>::get();
		let place = open.iter().take_while(|bucket| bucket.due < due).count();
		open.try_insert(place, OpenBucket { id, due }).map_err(|_| Error::<T>::TooManyBuckets)?;
		OpenBuckets::<T>::put(open);
		NextBucket::<T>::put(BucketId(id.0.checked_add(1).ok_or(ArithmeticError::Overflow)?));
		Ok((id, due))
	}
}
