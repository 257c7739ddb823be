//! What those earn who stand behind a guarantor.

use crate::{
	pool::{mul_div, rate_floor},
	types::{BalanceOf, CreditOf, GuarantorOf},
	Config, Event, Guarantors, Pallet,
};
use frame_support::traits::{fungible::Balanced, Imbalance};
use gcx_primitives::{ArithmeticError, GuarantorRewards, Ppm};
use sp_runtime::{
	traits::{CheckedAdd, CheckedSub, Zero},
	Rounding,
};

/// How a reward is divided.
struct RewardParts<Balance> {
	/// For the guarantor's own bond.
	own: Balance,
	/// What the guarantor keeps of the rest.
	commission: Balance,
	/// For delegated stake.
	delegated: Balance,
}

impl<T: Config> GuarantorRewards<T::AccountId> for Pallet<T> {
	type Credit = CreditOf<T>;

	/// What is leaving earns nothing. Delegated stake's part is rounded up and the commission down: who delegated gets
	/// the roundings.
	fn reward(guarantor: &T::AccountId, reward: CreditOf<T>) -> Result<(), CreditOf<T>> {
		let parameters = Self::parameters();
		let Some(mut record) = Guarantors::<T>::get(guarantor) else { return Err(reward) };
		let commission = record.commission_at(Self::now(), &parameters);
		let Ok(parts) = Self::divide(&mut record, reward.peek(), commission) else { return Err(reward) };
		let (for_delegators, for_guarantor) = reward.split(parts.delegated);
		if let Err(back) = T::NativeBalance::resolve(&Self::pool_account(guarantor), for_delegators) {
			return Err(back.merge(for_guarantor));
		}
		Guarantors::<T>::insert(guarantor, record);
		let (mut own, mut commission) = (parts.own, parts.commission);
		let paid = T::NativeBalance::resolve(guarantor, for_guarantor);
		if paid.is_err() {
			(own, commission) = (Zero::zero(), Zero::zero());
		}
		let delegated = parts.delegated;
		Self::deposit_event(Event::Rewarded { guarantor: guarantor.clone(), own, commission, delegated });
		paid
	}
}

impl<T: Config> Pallet<T> {
	/// Divides a reward, and raises the pool's stake by its part, in the record alone.
	fn divide(
		record: &mut GuarantorOf<T>,
		reward: BalanceOf<T>,
		rate: Ppm,
	) -> Result<RewardParts<BalanceOf<T>>, ArithmeticError> {
		let stake = record.delegated.stake;
		if stake.is_zero() {
			return Ok(RewardParts { own: reward, commission: Zero::zero(), delegated: Zero::zero() });
		}
		let all = record.bond.checked_add(&stake).ok_or(ArithmeticError::Overflow)?;
		let of_stake = mul_div(reward, stake, all, Rounding::Up)?;
		let commission = rate_floor(rate, of_stake)?;
		let delegated = of_stake.checked_sub(&commission).ok_or(ArithmeticError::Underflow)?;
		record.delegated.raise(delegated)?;
		Ok(RewardParts { own: reward.checked_sub(&of_stake).ok_or(ArithmeticError::Underflow)?, commission, delegated })
	}
}
