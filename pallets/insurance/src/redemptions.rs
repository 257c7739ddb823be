//! Redemptions: executed together at maturity, pro rata where not all can be, and paid out of what was set aside for
//! them.
//!
//! Triggers: every block, and anyone. Skipped while a loss is open or undecided. Cost: one step for each open bucket,
//! whatever the number of who is in it; one for each account that is paid.

use crate::{
	Books, Bucket, BucketId, Buckets, Config, Error, Event, FinishedBuckets, Holders, OpenBucket, OpenBuckets, Owed,
	Pallet, PoolBooks, Redemption, Redemptions, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	pallet_prelude::DispatchResult,
	storage::with_storage_layer,
	traits::Get,
	weights::Weight,
};
use gcx_math::pool::mul_div;
use gcx_primitives::{ArithmeticError, Cash, PoolRisk};
use sp_runtime::{DispatchError, Rounding};

impl Bucket {
	/// What a redemption can collect now, rounded down.
	pub(crate) fn claim(&self, redemption: &Redemption) -> Result<Cash, DispatchError> {
		let paid = u128::try_from(self.paid.0).map_err(|_| ArithmeticError::Underflow)?;
		let part = mul_div(paid, redemption.shares, self.shares, Rounding::Down)?;
		let part = i128::try_from(part).map(Cash).map_err(|_| ArithmeticError::Overflow)?;
		Ok(part.checked_sub(redemption.collected)?)
	}
}

impl<T: Config> Pallet<T> {
	/// What so many executed buckets and paid accounts weigh.
	pub(crate) fn advance_weight(buckets: u32, payments: u32) -> Weight {
		let payment = T::WeightInfo::pay().max(T::WeightInfo::collect());
		T::WeightInfo::execute(buckets).saturating_add(payment.saturating_mul(payments.into()))
	}

	pub(crate) fn do_advance_redemptions() -> DispatchResultWithPostInfo {
		let (seen, executed) = Self::execute_mature()?;
		let paid = Self::pay_next(T::PaymentsPerBlock::get());
		ensure!(executed > 0 || paid > 0, Error::<T>::NothingToAdvance);
		Ok(PostDispatchInfo { actual_weight: Some(Self::advance_weight(seen, paid)), pays_fee: Pays::No })
	}

	/// Whether redemptions wait: a loss is open, something is lent, or a sale is to repay outsiders.
	pub(crate) fn is_suspended(books: &PoolBooks) -> bool {
		!books.lent.is_zero() || !books.owed_outside.is_zero() || !T::Risk::is_calm()
	}

	/// Executes what is mature, as far as the pool does not need it: every bucket the same part of what is left of it.
	/// Returns how many buckets are mature, and of how many something was executed.
	pub(crate) fn execute_mature() -> Result<(u32, u32), DispatchError> {
		let mature = Self::mature_buckets();
		let seen = u32::try_from(mature.len()).map_err(|_| ArithmeticError::Overflow)?;
		if mature.is_empty() || Self::is_suspended(&Books::<T>::get()) {
			return Ok((seen, 0));
		}
		// What came in before is the leavers' as well.
		Self::recognise_income()?;
		let mut books = Books::<T>::get();
		let spare = books.size()?.checked_sub(T::Risk::requirement().max(Cash::ZERO))?;
		let spare = spare.min(books.liquid()?).max(Cash::ZERO);
		let mut buckets = Vec::new();
		let mut shares = 0u128;
		for open in mature {
			let bucket = Buckets::<T>::get(open.id).unwrap_or_default();
			shares = shares.checked_add(bucket.left).ok_or(ArithmeticError::Overflow)?;
			buckets.push((open.id, bucket));
		}
		let value = books.outside.value_of(shares)?;
		let mut executed = 0u32;
		let mut finished = Vec::new();
		for (id, mut bucket) in buckets {
			// Rounded down: together they are worth no more than can be spared.
			let leaving = if value <= spare {
				bucket.left
			} else {
				mul_div(bucket.left, spare.0.unsigned_abs(), value.0.unsigned_abs(), Rounding::Down)?
			};
			if leaving == 0 {
				continue;
			}
			let amount = books.outside.leave(leaving)?;
			bucket.left = bucket.left.checked_sub(leaving).ok_or(ArithmeticError::Underflow)?;
			bucket.paid = bucket.paid.checked_add(amount)?;
			bucket.uncollected = bucket.uncollected.checked_add(amount)?;
			books.set_aside = books.set_aside.checked_add(amount)?;
			executed = executed.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Self::deposit_event(Event::RedemptionExecuted { bucket: id, shares: leaving, amount, left: bucket.left });
			if bucket.is_finished() {
				FinishedBuckets::<T>::insert(id, ());
				finished.push(id);
			}
			Buckets::<T>::insert(id, bucket);
		}
		OpenBuckets::<T>::mutate(|open| open.retain(|bucket| !finished.contains(&bucket.id)));
		Books::<T>::put(books);
		Ok((seen, executed))
	}

	fn mature_buckets() -> Vec<OpenBucket> {
		let now = Self::now();
		OpenBuckets::<T>::get().into_iter().take_while(|bucket| bucket.due <= now).collect()
	}

	/// Finishes all open buckets: what was left of them is worth nothing.
	pub(crate) fn finish_worthless_buckets() {
		for open in OpenBuckets::<T>::take() {
			Buckets::<T>::mutate(open.id, |bucket| {
				if let Some(bucket) = bucket {
					bucket.left = 0;
				}
			});
			FinishedBuckets::<T>::insert(open.id, ());
		}
	}

	/// Pays at most so many accounts that are in a finished bucket. Who cannot be paid is owed it. Returns how many it
	/// was.
	pub(crate) fn pay_next(most: u32) -> u32 {
		let mut paid = 0u32;
		while paid < most {
			let Some(bucket) = FinishedBuckets::<T>::iter_keys().next() else { break };
			let Some(who) = Redemptions::<T>::iter_key_prefix(bucket).next() else { break };
			let payment = with_storage_layer(|| Self::do_collect(&who));
			let payment = payment.or_else(|_| with_storage_layer(|| Self::defer(&who)));
			if let Err(error) = payment {
				log::error!(target: "runtime::insurance", "{who:?} cannot be paid: {error:?}");
				break;
			}
			paid = paid.saturating_add(1);
		}
		paid
	}

	pub(crate) fn do_collect(who: &T::AccountId) -> DispatchResult {
		let owed = Owed::<T>::take(who).unwrap_or_default();
		let claims = Self::settle_claims(who)?;
		ensure!(!owed.is_zero() || claims.is_some(), Error::<T>::NothingToCollect);
		let amount = owed.checked_add(claims.unwrap_or_default())?;
		let mut books = Books::<T>::get();
		books.set_aside = books.set_aside.checked_sub(amount)?;
		books.recorded = books.recorded.checked_sub(amount)?;
		Books::<T>::put(books);
		Self::pay(who, amount)?;
		Self::deposit_event(Event::Collected { who: who.clone(), amount });
		Ok(())
	}

	/// Notes what an account can collect as owed to it, so that its buckets can be forgotten.
	fn defer(who: &T::AccountId) -> DispatchResult {
		let amount = Self::settle_claims(who)?.unwrap_or_default();
		Self::owe(who, amount)
	}

	/// Notes an amount that is set aside for an account outside of any bucket.
	pub(crate) fn owe(who: &T::AccountId, amount: Cash) -> DispatchResult {
		let owed = Owed::<T>::get(who).unwrap_or_default().checked_add(amount)?;
		if !owed.is_zero() {
			Owed::<T>::insert(who, owed);
		}
		Self::deposit_event(Event::PaymentDeferred { who: who.clone(), amount, owed });
		Ok(())
	}

	/// Takes what an account can collect out of its buckets, and the account out of the finished ones; forgets its
	/// shares if they are of a series that is over. The money stays set aside. None if there was nothing to do.
	fn settle_claims(who: &T::AccountId) -> Result<Option<Cash>, DispatchError> {
		let Some(before) = Holders::<T>::get(who) else { return Ok(None) };
		let mut holder = before.clone();
		holder.settle(Books::<T>::get().outside.series);
		let mut amount = Cash::ZERO;
		let mut finished = Vec::new();
		for id in holder.redeeming.iter().copied() {
			let mut bucket = Buckets::<T>::get(id).unwrap_or_default();
			let mut redemption = Redemptions::<T>::get(id, who).unwrap_or_default();
			let claim = bucket.claim(&redemption)?;
			amount = amount.checked_add(claim)?;
			bucket.uncollected = bucket.uncollected.checked_sub(claim)?;
			if bucket.is_finished() {
				Redemptions::<T>::remove(id, who);
				bucket.members = bucket.members.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
				finished.push(id);
			} else {
				redemption.collected = redemption.collected.checked_add(claim)?;
				Redemptions::<T>::insert(id, who, redemption);
			}
			Self::store_or_close(id, bucket)?;
		}
		holder.redeeming.retain(|id| !finished.contains(id));
		if amount.is_zero() && holder == before {
			return Ok(None);
		}
		if holder.is_empty() {
			Holders::<T>::remove(who);
		} else {
			Holders::<T>::insert(who, holder);
		}
		Ok(Some(amount))
	}

	/// Stores a bucket, or forgets it if all of its members were paid. What rounding left of it is not recorded any
	/// more: it is income.
	fn store_or_close(id: BucketId, bucket: Bucket) -> DispatchResult {
		if bucket.members > 0 {
			Buckets::<T>::insert(id, bucket);
			return Ok(());
		}
		let rest = bucket.uncollected;
		let mut books = Books::<T>::get();
		books.set_aside = books.set_aside.checked_sub(rest)?;
		books.recorded = books.recorded.checked_sub(rest)?;
		Books::<T>::put(books);
		Buckets::<T>::remove(id);
		FinishedBuckets::<T>::remove(id);
		Self::deposit_event(Event::BucketClosed { bucket: id, rest });
		Ok(())
	}
}
