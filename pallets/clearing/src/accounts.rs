//! Margin accounts: opening, deposits, withdrawals.

use crate::{
	books::{BookError, Books},
	custody::Passed,
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	Accounts, Config, Error, Event, MarginAccount, Owners, Pallet,
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CustomerPositions, Guarantors, HouseFunds, Houses, Segment, SegmentSide,
	SubAccount,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(owner: T::AccountId, sub: SubAccount, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let paid = Self::cash(amount)?;
		let mut books = Books::<T>::new();
		let key = AccountKey { owner: owner.clone(), sub };
		let mut account = match books.account(&key).map_err(BookError::of::<T>)? {
			Some(account) => account,
			None => {
				let segment = Self::segment_for(&owner)?;
				Self::ensure_may_open(&segment, sub, amount)?;
				let Segment { guarantor, side } = segment.clone();
				Self::deposit_event(Event::Opened { owner: owner.clone(), sub, guarantor, side });
				Self::open_custody(&segment, &owner)?;
				let mut record = books.owner(&owner);
				record.accounts = record.accounts.saturating_add(1);
				books.put_owner(&owner, record);
				let mut account = MarginAccount::new(segment, books.settlements.current);
				account.egress = account.egress.in_hour(Self::hour(), Cash::ZERO);
				account
			},
		};
		Self::take_into_custody(&mut books, &account.segment, &owner, paid)?;
		account.cash = account.cash.checked_add(paid)?;
		Self::deposit_event(Event::Deposited { owner, sub, amount: paid, cash: account.cash });
		books.put_account(&key, account).map_err(BookError::of::<T>)?;
		books.close()
	}

	pub(crate) fn do_withdraw(owner: T::AccountId, sub: SubAccount, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let paid = Self::cash(amount)?;
		let mut books = Books::<T>::new();
		let key = AccountKey { owner: owner.clone(), sub };
		let mut account = books.known_account(&key)?;
		Self::ensure_withdrawable(&mut books, &key, &account, paid)?;
		let Passed { reserved, shared, shared_left } = Self::pass_fuse(&mut account.egress, paid)?;
		Self::pay_out_of_custody(&mut books, &account.segment, &owner, paid)?;
		account.cash = account.cash.checked_sub(paid)?;
		let (amount, cash) = (paid, account.cash);
		Self::deposit_event(Event::Withdrawn { owner, sub, amount, cash, reserved, shared, shared_left });
		books.put_account(&key, account).map_err(BookError::of::<T>)?;
		books.close()
	}

	/// Whether an amount may leave an account. Collateral aside, it is cash that a run has paid, beyond initial margin; of a
	/// house also beyond what its guarantor needs for its customers.
	pub(crate) fn ensure_withdrawable(
		books: &mut Books<T>,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
		amount: Cash,
	) -> DispatchResult {
		ensure!(amount <= account.cash, Error::<T>::InsufficientCash);
		let ledger = books.ledger(&account.segment);
		ensure!(ledger.owed.is_zero(), Error::<T>::SettlementUnpaid);
		let owner = books.owner(&key.owner);
		let standing = books.standing(key, account, &owner).map_err(BookError::of::<T>)?;
		ensure!(standing.is_fresh, Error::<T>::NoMark);
		let multiplier = books.multiplier(key, account.segment.side);
		ensure!(amount <= books.excess(account, &standing, multiplier)?, Error::<T>::MarginNeeded);
		let free = books.free_of_house(key, account)?;
		ensure!(amount <= free, Error::<T>::HouseFundsLocked);
		Ok(())
	}

	pub(crate) fn do_close(owner: T::AccountId, sub: SubAccount) -> DispatchResult {
		let mut books = Books::<T>::new();
		let key = AccountKey { owner: owner.clone(), sub };
		let account = books.known_account(&key)?;
		let is_empty = account.cash.is_zero() && account.positions.is_empty() && account.collateral.is_empty();
		ensure!(is_empty, Error::<T>::AccountNotEmpty);
		ensure!(account.deliveries == 0, Error::<T>::DeliveryOpen);
		// A default is worked out in the house's account.
		ensure!(!Self::is_default_open(&owner), Error::<T>::HouseFundsLocked);
		let mut record = books.owner(&owner);
		record.accounts = record.accounts.saturating_sub(1);
		record.requirement = record.requirement.checked_sub(account.requirement)?;
		books.put_owner(&owner, record);
		books.remove_account(&key, account).map_err(BookError::of::<T>)?;
		Self::deposit_event(Event::Closed { owner, sub });
		books.close()
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

	/// How many accounts an owner has.
	pub(crate) fn account_count(owner: &T::AccountId) -> u32 {
		Owners::<T>::get(owner).map_or(0, |record| record.accounts)
	}
}

impl<T: Config> Books<T> {
	/// What of an account's cash its guarantor does not need for its customers: of a house what is beyond the house floor and
	/// its advances, nothing while that is locked; of a customer all.
	pub(crate) fn free_of_house(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
	) -> Result<Cash, ArithmeticError> {
		match account.segment.side {
			SegmentSide::Customers => Ok(account.cash),
			SegmentSide::House => match T::Guarantors::house_floor(&key.owner) {
				Some(floor) => {
					let given = self.ledger(&account.segment).given;
					account.cash.checked_sub(floor)?.checked_sub(given)
				},
				None => Ok(Cash::ZERO),
			},
		}
	}
}

impl<T: Config> HouseFunds<T::AccountId> for Pallet<T> {
	fn house_funds(guarantor: &T::AccountId) -> Cash {
		let house = Accounts::<T>::get(guarantor, SubAccount::HOUSE);
		house.filter(|account| account.segment.side == SegmentSide::House).map_or(Cash::ZERO, |account| account.cash)
	}
}
