//! The pool, as clearing's default waterfall sees it. Whatever cannot be booked changes nothing.

use crate::{absorption::Ground, types::CreditOf, Books, Config, Contributions, Pallet, SalePurpose};
use frame_support::{defensive, storage::with_storage_layer, traits::fungible::Inspect};
use gcx_primitives::{ArithmeticError, Cash, InsurancePool, PoolLayer, Taken, TokenIncome};
use sp_runtime::DispatchError;

impl<T: Config> InsurancePool<T::AccountId> for Pallet<T> {
	type Credit = CreditOf<T>;

	fn account() -> T::AccountId {
		Self::pool_account()
	}

	fn contribution(guarantor: &T::AccountId) -> Cash {
		Contributions::<T>::get(guarantor).unwrap_or_default().amount
	}

	fn has_contributed(guarantor: &T::AccountId) -> bool {
		Self::required_contribution(guarantor).is_ok_and(|required| Self::contribution(guarantor) >= required)
	}

	fn size() -> Cash {
		Books::<T>::get().size().unwrap_or_default()
	}

	fn bond_value(amount: u128) -> Option<Cash> {
		Self::value_of_bond(amount)
	}

	fn bond_worth(value: Cash) -> Option<u128> {
		Self::bond_of_value(value)
	}

	fn lend(guarantor: &T::AccountId, to: &T::AccountId, amount: Cash) -> Cash {
		with_storage_layer(|| Self::do_lend(guarantor, to, amount)).unwrap_or_default()
	}

	fn lent(guarantor: &T::AccountId) -> Cash {
		Self::lent_to(guarantor)
	}

	fn take_back(guarantor: &T::AccountId, from: &T::AccountId, amount: Cash) -> Result<(), ArithmeticError> {
		let back = with_storage_layer(|| Self::do_take_back(guarantor, from, amount));
		back.map_err(|error| match error {
			DispatchError::Arithmetic(error) => error,
			_ => ArithmeticError::Underflow,
		})
	}

	fn reassign(from: &T::AccountId, to: &T::AccountId, amount: Cash) -> Cash {
		Self::do_reassign(from, to, amount).unwrap_or_default()
	}

	fn absorb(layer: PoolLayer, guarantor: &T::AccountId, loss: Cash, lent: Cash, to: &T::AccountId) -> Taken {
		let drawn = with_storage_layer(|| Self::draw(layer, guarantor, loss, lent, to, Ground::Loss));
		drawn.map_or_else(
			|error| {
				defensive!("a draw cannot be booked: {:?}", error);
				Taken::default()
			},
			|drawn| drawn.taken,
		)
	}

	fn sell_bond(guarantor: &T::AccountId, bond: CreditOf<T>, advance: Cash, lent: Cash, to: &T::AccountId) -> Cash {
		Self::do_sell_bond(guarantor, bond, advance, lent, to, true)
	}

	fn sell_stake(guarantor: &T::AccountId, stake: CreditOf<T>, advance: Cash, to: &T::AccountId) -> Cash {
		Self::do_sell_bond(guarantor, stake, advance, Cash::ZERO, to, false)
	}

	fn assess(guarantor: &T::AccountId, loss: Cash) -> Taken {
		Self::do_assess(guarantor, loss)
	}

	fn collect_assessment(guarantor: &T::AccountId, loss: Cash, lent: Cash, to: &T::AccountId) -> Option<Cash> {
		let collected = with_storage_layer(|| Self::do_collect_assessment(guarantor, loss, lent, to));
		collected.unwrap_or_else(|error| {
			defensive!("an assessment cannot be collected: {:?}", error);
			None
		})
	}
}

impl<T: Config> TokenIncome<CreditOf<T>> for Pallet<T> {
	/// They are nobody's failure: the sale is of the pool's own account.
	fn sell_income(tokens: CreditOf<T>) -> Result<(), CreditOf<T>> {
		let seller = Self::sale_account();
		// An account without its minimum balance would keep some of them.
		if T::NativeBalance::balance(&seller) < T::NativeBalance::minimum_balance() {
			return Err(tokens);
		}
		let pool = Self::pool_account();
		let amount = Self::put_on_sale(&pool, tokens);
		if amount > 0 && Self::open_sale(&pool, amount, SalePurpose::Income).is_err() {
			defensive!("there is no end of sales");
		}
		Ok(())
	}
}
