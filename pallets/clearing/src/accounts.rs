//! Margin accounts: opening, deposits, withdrawals.

use crate::{
	custody::Passed, types::SegmentOf, AccountCount, AccountEgress, Accounts, Config, Error, Event, MarginAccount,
	Pallet,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{Cash, CustomerPositions, Guarantors, HouseFunds, Houses, Segment, SegmentSide, SubAccount};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(owner: T::AccountId, sub: SubAccount, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let paid = Self::cash(amount)?;
		let hour = Self::hour();
		let mut account = match Accounts::<T>::get(&owner, sub) {
			Some(account) => account,
			None => {
				let segment = Self::segment_for(&owner)?;
				Self::ensure_may_open(&segment, sub, amount)?;
				let Segment { guarantor, side } = segment.clone();
				Self::deposit_event(Event::Opened { owner: owner.clone(), sub, guarantor, side });
				AccountCount::<T>::mutate(&owner, |count| *count = count.saturating_add(1));
				MarginAccount { segment, cash: Cash::ZERO, egress: AccountEgress::default() }
			},
		};
		account.egress = account.egress.in_hour(hour, account.cash);
		Self::take_into_custody(&account.segment, &owner, amount)?;
		account.cash = account.cash.checked_add(paid)?;
		Self::deposit_event(Event::Deposited { owner: owner.clone(), sub, amount: paid, cash: account.cash });
		Accounts::<T>::insert(owner, sub, account);
		Ok(())
	}

	pub(crate) fn do_withdraw(owner: T::AccountId, sub: SubAccount, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let paid = Self::cash(amount)?;
		let mut account = Accounts::<T>::get(&owner, sub).ok_or(Error::<T>::UnknownAccount)?;
		ensure!(paid <= account.cash, Error::<T>::InsufficientCash);
		let left = account.cash.checked_sub(paid)?;
		match account.segment.side {
			SegmentSide::House => {
				let needed = T::Guarantors::house_floor(&owner).ok_or(Error::<T>::HouseFundsLocked)?;
				ensure!(left >= needed, Error::<T>::HouseFundsLocked);
			},
			SegmentSide::Customers => {},
		}
		account.egress = account.egress.in_hour(Self::hour(), account.cash);
		let Passed { reserved, shared, shared_left } = Self::pass_fuse(&mut account.egress, paid)?;
		Self::pay_out_of_custody(&account.segment, &owner, amount)?;
		account.cash = left;
		Accounts::<T>::insert(&owner, sub, account);
		let (amount, cash) = (paid, left);
		Self::deposit_event(Event::Withdrawn { owner, sub, amount, cash, reserved, shared, shared_left });
		Ok(())
	}

	pub(crate) fn do_close(owner: T::AccountId, sub: SubAccount) -> DispatchResult {
		let account = Accounts::<T>::get(&owner, sub).ok_or(Error::<T>::UnknownAccount)?;
		ensure!(account.cash.is_zero(), Error::<T>::AccountNotEmpty);
		Accounts::<T>::remove(&owner, sub);
		AccountCount::<T>::mutate_exists(&owner, |count| {
			*count = count.and_then(|count| count.checked_sub(1)).filter(|left| *left > 0);
		});
		Self::deposit_event(Event::Closed { owner, sub });
		Ok(())
	}

	/// The segment that an account of `owner` would be opened in.
	fn segment_for(owner: &T::AccountId) -> Result<SegmentOf<T>, Error<T>> {
		if T::Guarantors::has_house(owner) {
			return Ok(Segment { guarantor: owner.clone(), side: SegmentSide::House });
		}
		let membership = T::Guarantors::membership(owner).ok_or(Error::<T>::NoGuarantor)?;
		Ok(Segment { guarantor: membership.guarantor, side: SegmentSide::Customers })
	}

	fn ensure_may_open(segment: &SegmentOf<T>, sub: SubAccount, amount: u128) -> DispatchResult {
		let allowed = match segment.side {
			SegmentSide::House => 1,
			SegmentSide::Customers => T::MaxSubAccounts::get(),
		};
		ensure!(sub.0 < allowed, Error::<T>::SubAccountOutOfRange);
		ensure!(amount >= T::MinOpening::get(), Error::<T>::BelowMinOpening);
		Ok(())
	}
}

impl<T: Config> HouseFunds<T::AccountId> for Pallet<T> {
	fn house_funds(guarantor: &T::AccountId) -> Cash {
		let house = Accounts::<T>::get(guarantor, SubAccount::HOUSE);
		house.filter(|account| account.segment.side == SegmentSide::House).map_or(Cash::ZERO, |account| account.cash)
	}
}

/// An account holds its owner to its guarantor as long as it exists, with or without positions: its money is in that
/// guarantor's custody.
impl<T: Config> CustomerPositions<T::AccountId> for Pallet<T> {
	fn has_none(customer: &T::AccountId) -> bool {
		AccountCount::<T>::get(customer) == 0
	}

	fn house_is_flat(guarantor: &T::AccountId) -> bool {
		AccountCount::<T>::get(guarantor) == 0
	}
}
