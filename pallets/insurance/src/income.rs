//! Income: what reaches the pool's account without being anybody's deposit. Fees, penalties and swept surplus arrive as
//! plain transfers, and so does a gift.
//!
//! It is recognised in one step, whoever has a part in the pool: skin in the game is filled up first, the rest goes to
//! guarantors and outsiders pro rata to what they have at risk. Outsiders' shares are worth more at once. The
//! guarantors' part is divided among them later, and always before a contribution changes.

use crate::{Books, Config, Contributions, Error, Event, Pallet};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult};
use gcx_math::pool::part_floor;
use gcx_primitives::{Cash, PoolRisk};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_distribute() -> DispatchResult {
		let is_some = Self::surplus()? > Cash::ZERO || Books::<T>::get().undivided > Cash::ZERO;
		ensure!(is_some, Error::<T>::NothingToDistribute);
		Self::divide_income()
	}

	/// Gives what has arrived to the layers. Outsiders' part is rounded down, the guarantors' up; where there are
	/// neither, all goes to skin in the game.
	pub(crate) fn recognise_income() -> DispatchResult {
		let income = Self::surplus()?;
		if income.is_zero() {
			return Ok(());
		}
		let mut books = Books::<T>::get();
		let target = Self::parameters().skin_share.mul_ceil(T::Risk::requirement().max(Cash::ZERO))?;
		let lacking = target.checked_sub(books.skin)?.max(Cash::ZERO);
		let mut skin = income.min(lacking);
		let rest = income.checked_sub(skin)?;
		let at_risk = books.guarantors()?.checked_add(books.outside.value)?;
		let (guarantors, outside) = if at_risk.is_zero() {
			skin = income;
			(Cash::ZERO, Cash::ZERO)
		} else {
			let outside = part_floor(rest, books.outside.value, at_risk)?;
			(rest.checked_sub(outside)?, outside)
		};
		books.skin = books.skin.checked_add(skin)?;
		books.undivided = books.undivided.checked_add(guarantors)?;
		if !outside.is_zero() {
			books.outside.raise(outside)?;
		}
		books.recorded = books.recorded.checked_add(income)?;
		Books::<T>::put(books);
		Self::deposit_event(Event::IncomeRecognised { skin, guarantors, outside });
		Ok(())
	}

	/// Recognises income and adds the guarantors' part to their contributions, pro rata, each rounded down; what that
	/// leaves goes to skin in the game.
	pub(crate) fn divide_income() -> DispatchResult {
		Self::recognise_income()?;
		let mut books = Books::<T>::get();
		let (amount, whole) = (books.undivided, books.contributed);
		if amount.is_zero() {
			return Ok(());
		}
		let mut rest = amount;
		let contributions: Vec<_> = Contributions::<T>::iter().collect();
		for (guarantor, mut contribution) in contributions {
			let part = part_floor(amount, contribution.amount, whole)?;
			if part.is_zero() {
				continue;
			}
			rest = rest.checked_sub(part)?;
			contribution.amount = contribution.amount.checked_add(part)?;
			Contributions::<T>::insert(&guarantor, contribution);
			let contribution = contribution.amount;
			Self::deposit_event(Event::IncomeShared { guarantor, amount: part, contribution });
		}
		books.undivided = Cash::ZERO;
		books.contributed = whole.checked_add(amount)?.checked_sub(rest)?;
		books.skin = books.skin.checked_add(rest)?;
		Books::<T>::put(books);
		Self::deposit_event(Event::IncomeDivided { amount, rest });
		Ok(())
	}
}
