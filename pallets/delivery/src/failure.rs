//! Failure: how a buyer is made whole for what is missing of a window, on top of the price, of which it gets back what was not
//! earned. In this order: the seller's deposit, its stake, its account; who guarantees for the account, and the waterfall, follow as
//! for any debt. Whatever more a failure costs goes to others than the buyer: nobody profits from one.

use crate::{
	types::{DealOf, DeliveryOf},
	Config, Error, Event, Pallet,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchError,
	traits::{fungible::Balanced, Imbalance},
};
use gcx_math::delivery::{make_whole_ceil, replacement, share_out, Shares};
use gcx_primitives::{
	Capacity, Cash, ClassId, Day, DealId, DeliveryClearing, PerformanceBurn, Ppm, Price, PriceIndex, ProviderStakes,
};

/// What is missing of a window, and is more than nobody's failure.
pub(crate) struct Failure<AccountId> {
	/// Of which deal.
	pub deal: DealId,
	/// On which day.
	pub day: Day,
	/// How much.
	pub missing: Capacity,
	/// What the seller would have been paid for it.
	pub unearned: Cash,
	/// The seller's deposit for the window.
	pub deposit: Cash,
	/// Who proved it, if somebody did.
	pub challenger: Option<AccountId>,
}

impl<T: Config> Pallet<T> {
	/// Whether nothing more can be fixed of a day: only then it is known what replaces what is missing of it.
	pub(crate) fn is_fixed(class: ClassId, day: Day) -> bool {
		T::Index::closed_day(class).is_some_and(|closed| day <= closed)
	}

	/// Makes the buyer whole. Returns what is left of the window's deposit.
	///
	/// # Errors
	/// [`Error::AwaitsFix`], or clearing's error if it cannot pay.
	pub(crate) fn compensate(
		delivery: &mut DeliveryOf<T>,
		deal: &DealOf<T>,
		failure: &Failure<T::AccountId>,
	) -> Result<Cash, DispatchError> {
		let Failure { deal: id, day, missing, .. } = *failure;
		ensure!(Self::is_fixed(delivery.goods.class, day), Error::<T>::AwaitsFix);
		let replacement = Self::replacement_price(delivery, day)?;
		let needed = make_whole_ceil(replacement, delivery.price, missing)?;

		let deposit = needed.min(failure.deposit);
		Self::pay(&mut delivery.money.paid, &deal.seller_segment, &deal.buyer, deposit)?;
		let (taken, stake) = Self::slash(delivery, deal, failure, needed.checked_sub(deposit)?)?;
		let account = needed.checked_sub(deposit)?.checked_sub(stake)?;
		if !account.is_zero() {
			T::Clearing::charge(&deal.seller, &deal.buyer, account).map_err(Into::into)?;
		}
		Self::deposit_event(Event::MadeWhole { deal: id, day, missing, replacement, needed, deposit, stake, account });

		let left = failure.deposit.checked_sub(deposit)?;
		if taken == 0 {
			Self::fine(delivery, deal, failure, left)
		} else {
			Ok(left)
		}
	}

	/// The price at which what is missing on a day is replaced: the day's fix, or the newest of so many days before, or the final
	/// price; no farther from that than the band.
	fn replacement_price(delivery: &DeliveryOf<T>, day: Day) -> Result<Price, DispatchError> {
		let from = Day(day.0.saturating_sub(delivery.rules.fix_days));
		let fixes = T::Index::fixes(delivery.goods.class, from, day);
		let fix = fixes.last().map_or(delivery.price, |fix| fix.price);
		Ok(replacement(fix, delivery.price, delivery.rules.band)?)
	}

	/// Takes of the seller's stake what the class says is lost, or what `owed` is worth if that is more, and shares it out. Returns
	/// what was taken, and what the buyer was paid of `owed`.
	fn slash(
		delivery: &DeliveryOf<T>,
		deal: &DealOf<T>,
		failure: &Failure<T::AccountId>,
		owed: Cash,
	) -> Result<(u128, Cash), DispatchError> {
		let provider = &deal.seller.owner;
		// Without a price of the token nothing can be paid on it. It is taken all the same.
		let worth = T::Clearing::stake_worth(owed);
		let loss = T::Stakes::loss(delivery.goods.class, failure.missing);
		let wanted = worth.unwrap_or(0).max(loss).min(T::Stakes::stake(provider));
		if wanted == 0 {
			return Ok((0, Cash::ZERO));
		}
		let stake = T::Stakes::take_stake(provider, deal.backing.resource(), wanted);
		let taken = stake.peek();
		if taken == 0 {
			return Ok((0, Cash::ZERO));
		}
		let challenger = failure.challenger.clone().filter(|who| !Self::is_involved(deal, who));
		let share = challenger.as_ref().map_or(Ppm::ZERO, |_| delivery.rules.challenger);
		let mut shares = share_out(taken, worth.unwrap_or(0), share, T::Burn::share())?;
		let (reward, stake) = stake.split(shares.challenger);
		let (burnt, mut stake) = stake.split(shares.burn);
		T::Burn::burn(burnt);
		if let Some(unpaid) = challenger.and_then(|who| T::NativeBalance::resolve(&who, reward).err()) {
			// The challenger's account cannot be paid so little.
			shares.pool = shares.pool.saturating_add(unpaid.peek());
			shares.challenger = shares.challenger.saturating_sub(unpaid.peek());
			stake = stake.merge(unpaid);
		}
		let Shares { make_whole, challenger, pool, burn } = shares;
		let Failure { deal: id, day, .. } = *failure;
		Self::deposit_event(Event::StakeShared { deal: id, day, taken, make_whole, challenger, pool, burn });
		if stake.peek() == 0 {
			return Ok((taken, Cash::ZERO));
		}
		let advance = worth.map_or(Cash::ZERO, |_| owed);
		let paid = T::Clearing::sell_stake(&deal.seller, stake, advance, &deal.buyer).map_err(Into::into)?;
		Ok((taken, paid.min(advance)))
	}

	/// Fines a seller that lost no stake: it pays the insurance pool out of what is `left` of the window's deposit, then out of its
	/// account. Returns what is left then.
	fn fine(
		delivery: &mut DeliveryOf<T>,
		deal: &DealOf<T>,
		failure: &Failure<T::AccountId>,
		left: Cash,
	) -> Result<Cash, DispatchError> {
		let fine = delivery.rules.penalty.mul_ceil(failure.unearned)?;
		let deposit = fine.min(left);
		let account = fine.checked_sub(deposit)?;
		if !deposit.is_zero() {
			T::Clearing::forfeit(&deal.seller_segment, deposit).map_err(Into::into)?;
			delivery.money.forfeited = delivery.money.forfeited.checked_add(deposit)?;
		}
		if !account.is_zero() {
			T::Clearing::fine(&deal.seller, account).map_err(Into::into)?;
		}
		Self::deposit_event(Event::Fined { deal: failure.deal, day: failure.day, deposit, account });
		Ok(left.checked_sub(deposit)?)
	}

	/// Whether somebody is on one of the sides of a deal, and so gets nothing for a failure that it proved.
	fn is_involved(deal: &DealOf<T>, who: &T::AccountId) -> bool {
		*who == deal.buyer.owner || deal.key.as_ref() == Some(who) || Self::is_sellers(deal, who)
	}
}
