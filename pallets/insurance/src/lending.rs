//! Liquidity for settlement runs: the pool lends what is there, whatever layer it is of. No layer becomes smaller by
//! it: who bears the loss is decided later.

use crate::{Books, Config, Event, Lent, Pallet, PoolBooks};
use frame_support::{pallet_prelude::DispatchResult, traits::tokens::Preservation};
use gcx_primitives::{ArithmeticError, Cash};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Lends at most `needed` of what is liquid, and returns what was lent.
	pub(crate) fn do_lend(guarantor: &T::AccountId, to: &T::AccountId, needed: Cash) -> Result<Cash, DispatchError> {
		let mut books = Books::<T>::get();
		let amount = needed.min(books.liquid()?);
		if amount <= Cash::ZERO {
			return Ok(Cash::ZERO);
		}
		Self::pay(to, amount)?;
		books.recorded = books.recorded.checked_sub(amount)?;
		books.lent = books.lent.checked_add(amount)?;
		Books::<T>::put(books);
		let lent = Self::lent_to(guarantor).checked_add(amount)?;
		Lent::<T>::insert(guarantor, lent);
		let (guarantor, to) = (guarantor.clone(), to.clone());
		Self::deposit_event(Event::Lent { guarantor, to, needed, amount, lent });
		Ok(amount)
	}

	pub(crate) fn do_take_back(guarantor: &T::AccountId, from: &T::AccountId, amount: Cash) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		let mut books = Books::<T>::get();
		Self::forgive(&mut books, guarantor, amount)?;
		books.recorded = books.recorded.checked_add(amount)?;
		Self::transfer(from, &Self::pool_account(), amount, Preservation::Preserve)?;
		Books::<T>::put(books);
		let lent = Self::lent_to(guarantor);
		let (guarantor, from) = (guarantor.clone(), from.clone());
		Self::deposit_event(Event::TakenBack { guarantor, from, amount, lent });
		Ok(())
	}

	/// What a guarantor's segments owe the pool.
	pub(crate) fn lent_to(guarantor: &T::AccountId) -> Cash {
		Lent::<T>::get(guarantor).unwrap_or_default()
	}

	/// Takes an amount off what a guarantor's segments owe.
	pub(crate) fn forgive(
		books: &mut PoolBooks,
		guarantor: &T::AccountId,
		amount: Cash,
	) -> Result<(), ArithmeticError> {
		let left = Self::lent_to(guarantor).checked_sub(amount)?;
		if amount < Cash::ZERO || left < Cash::ZERO {
			return Err(ArithmeticError::Underflow);
		}
		books.lent = books.lent.checked_sub(amount)?;
		Self::set_lent(guarantor, left);
		Ok(())
	}

	/// Lets a guarantor owe what was lent to another, at most `amount`. No money moves. Returns how much.
	pub(crate) fn do_reassign(from: &T::AccountId, to: &T::AccountId, amount: Cash) -> Result<Cash, ArithmeticError> {
		let amount = amount.min(Self::lent_to(from));
		if amount <= Cash::ZERO || from == to {
			return Ok(Cash::ZERO);
		}
		let (left, lent) = (Self::lent_to(from).checked_sub(amount)?, Self::lent_to(to).checked_add(amount)?);
		Self::set_lent(from, left);
		Self::set_lent(to, lent);
		let (from, to) = (from.clone(), to.clone());
		Self::deposit_event(Event::LoanReassigned { from, to, amount, left, lent });
		Ok(amount)
	}

	/// Notes what a guarantor owes; nothing is not stored.
	fn set_lent(guarantor: &T::AccountId, lent: Cash) {
		Lent::<T>::set(guarantor, (!lent.is_zero()).then_some(lent));
	}
}
