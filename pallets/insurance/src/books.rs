//! The pool's money: where it is, how it comes and goes, and what the layers have of it.

use crate::{Books, Config, Error, Event, Layers, Pallet};
use codec::Encode;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use gcx_primitives::{keyless_account, ArithmeticError, Cash};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// The account of the pool's money.
	pub fn pool_account() -> T::AccountId {
		T::PoolAccount::get()
	}

	/// The account of the tokens that are for sale. Nobody has its key: it is the hash of a domain. It keeps its
	/// minimum balance out of the first tokens, if nobody endowed it.
	pub fn sale_account() -> T::AccountId {
		keyless_account(sp_io::hashing::blake2_256(&b"gcx/insurance/sale/1".encode()))
	}

	/// What the layers have, lent or not. Income that is not recognised is not in it.
	pub fn layers() -> Layers {
		let books = Books::<T>::get();
		let guarantors = books.guarantors().unwrap_or(books.contributed);
		Layers { skin: books.skin, guarantors, outside: books.outside.value }
	}

	pub(crate) fn do_fund_skin(who: T::AccountId, amount: u128) -> DispatchResult {
		let amount = Self::positive(amount)?;
		Self::receive(&who, amount)?;
		let mut books = Books::<T>::get();
		books.skin = books.skin.checked_add(amount)?;
		books.recorded = books.recorded.checked_add(amount)?;
		Books::<T>::put(books);
		Self::deposit_event(Event::SkinFunded { who, amount, skin: books.skin });
		Ok(())
	}

	/// A balance as cash.
	pub(crate) fn cash(balance: u128) -> Result<Cash, Error<T>> {
		i128::try_from(balance).map(Cash).map_err(|_| Error::<T>::AmountTooLarge)
	}

	/// An amount to be moved.
	pub(crate) fn positive(amount: u128) -> Result<Cash, Error<T>> {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		Self::cash(amount)
	}

	/// Takes money from an account to the pool's. The books are the caller's to write. Who comes first endows the
	/// account with its minimum balance, if genesis did not.
	pub(crate) fn receive(from: &T::AccountId, amount: Cash) -> DispatchResult {
		let (pool, minimum) = (Self::pool_account(), T::SettlementAsset::minimum_balance());
		if T::SettlementAsset::balance(&pool) < minimum {
			T::SettlementAsset::transfer(from, &pool, minimum, Preservation::Expendable)?;
		}
		Self::transfer(from, &pool, amount, Preservation::Expendable)
	}

	/// Pays money from the pool's account, which keeps its minimum balance. The books are the caller's to write.
	pub(crate) fn pay(to: &T::AccountId, amount: Cash) -> DispatchResult {
		Self::transfer(&Self::pool_account(), to, amount, Preservation::Preserve)
	}

	/// Moves money between accounts. Nothing is moved where there is nothing to move.
	pub(crate) fn transfer(from: &T::AccountId, to: &T::AccountId, amount: Cash, keep: Preservation) -> DispatchResult {
		let amount = u128::try_from(amount.0).map_err(|_| ArithmeticError::Underflow)?;
		if amount > 0 {
			T::SettlementAsset::transfer(from, to, amount, keep)?;
		}
		Ok(())
	}

	/// What the account has beyond its minimum balance and what is recorded: income.
	pub(crate) fn surplus() -> Result<Cash, DispatchError> {
		let balance = Self::cash(T::SettlementAsset::balance(&Self::pool_account()))?;
		let minimum = Self::cash(T::SettlementAsset::minimum_balance())?;
		let kept = Books::<T>::get().recorded.checked_add(minimum)?;
		Ok(balance.checked_sub(kept)?.max(Cash::ZERO))
	}
}
