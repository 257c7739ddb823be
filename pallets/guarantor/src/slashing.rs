//! What a guarantor's failure costs those who stand behind it: all pro rata, in one step, however many delegated.

use crate::{
	pool::ProRata,
	types::{BalanceOf, CreditOf, GuarantorOf, SlashedPartsOf},
	Config, Event, Guarantors, HoldReason, Pallet, SlashedPart, SlashedParts,
};
use frame_support::{
	defensive, defensive_assert,
	traits::{
		fungible::{hold::Balanced as _, Balanced},
		tokens::{Fortitude, Precision, Preservation},
		Imbalance,
	},
};
use gcx_primitives::ArithmeticError;
use sp_runtime::traits::{CheckedAdd, Zero};

impl<T: Config> Pallet<T> {
	/// Takes `amount` from everything behind a guarantor, or everything if that is less, and returns exactly that. Its
	/// own bond bears the roundings.
	pub(crate) fn do_slash(guarantor: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
		let Some(mut record) = Guarantors::<T>::get(guarantor) else { return CreditOf::<T>::zero() };
		if amount.is_zero() {
			return CreditOf::<T>::zero();
		}
		let cut = Self::cut(&mut record, amount).and_then(|parts| {
			let own = parts.bond.took.checked_add(&parts.unbonding.took);
			let pooled = parts.delegated.took.checked_add(&parts.undelegating.took);
			Ok((parts, own.ok_or(ArithmeticError::Overflow)?, pooled.ok_or(ArithmeticError::Overflow)?))
		});
		let Ok((parts, own, pooled)) = cut else {
			defensive!("all that is behind a guarantor is less than all that was issued");
			return CreditOf::<T>::zero();
		};
		Guarantors::<T>::insert(guarantor, record);
		let (credit, missing) = T::NativeBalance::slash(&HoldReason::GuarantorBond.into(), guarantor, own);
		defensive_assert!(missing.is_zero(), "a guarantor's bond is held in full");
		let credit = credit.merge(Self::take_from_pool_account(guarantor, pooled));
		let took = credit.peek();
		Self::deposit_event(Event::Slashed { guarantor: guarantor.clone(), needed: amount, took, parts });
		credit
	}

	/// Reduces every part of what is behind a guarantor, in the record alone.
	fn cut(record: &mut GuarantorOf<T>, amount: BalanceOf<T>) -> Result<SlashedPartsOf<T>, ArithmeticError> {
		let had = record.resources()?;
		let mut share = ProRata::of(amount, had.total()?);
		let bond = share.take(&mut record.bond)?;
		let mut unbonding = BalanceOf::<T>::zero();
		for chunk in record.unbonding.iter_mut() {
			unbonding = unbonding.checked_add(&share.take(&mut chunk.amount)?).ok_or(ArithmeticError::Overflow)?;
		}
		record.unbonding.retain(|chunk| !chunk.amount.is_zero());
		let delegated = share.take_from_pool(&mut record.delegated)?;
		let undelegating = share.take_from_pool(&mut record.undelegating)?;
		let left = record.resources()?;
		Ok(SlashedParts {
			bond: SlashedPart { had: had.bond, took: bond, left: left.bond },
			unbonding: SlashedPart { had: had.unbonding, took: unbonding, left: left.unbonding },
			delegated: SlashedPart { had: had.delegated, took: delegated, left: left.delegated },
			undelegating: SlashedPart { had: had.undelegating, took: undelegating, left: left.undelegating },
		})
	}

	fn take_from_pool_account(guarantor: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
		if amount.is_zero() {
			return CreditOf::<T>::zero();
		}
		let pool = Self::pool_account(guarantor);
		let taken = <T::NativeBalance as Balanced<T::AccountId>>::withdraw(
			&pool,
			amount,
			Precision::BestEffort,
			Preservation::Preserve,
			Fortitude::Force,
		);
		let credit = taken.unwrap_or_else(|_| CreditOf::<T>::zero());
		defensive_assert!(credit.peek() == amount, "delegated stake is on its account in full");
		credit
	}
}
