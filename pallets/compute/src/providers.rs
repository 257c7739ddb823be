//! Providers and their bonds: what the calls do, what is at risk, and what an offence costs.

use crate::{
	types::{BalanceOf, ParametersOf, ProviderOf},
	Classes, Config, Error, Event, HoldReason, Pallet, Provider, Providers,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{hold::Mutate, Balanced},
		tokens::Precision,
		Get, Imbalance, OnUnbalanced,
	},
};
use gcx_primitives::{Capacity, ClassId, PerformanceBurn, Ppm, ProviderOffence, Reliability, ResourceId};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{CheckedAdd, CheckedMul, CheckedSub, UniqueSaturatedInto, Zero},
	ArithmeticError, DispatchError, Rounding,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_provider(provider: T::AccountId, bond: BalanceOf<T>) -> DispatchResult {
		ensure!(!Providers::<T>::contains_key(&provider), Error::<T>::AlreadyProvider);
		ensure!(bond >= Self::parameters().min_bond, Error::<T>::BondTooSmall);
		T::NativeBalance::hold(&HoldReason::ProviderBond.into(), &provider, bond)?;
		Providers::<T>::insert(&provider, Provider::new(bond, Self::today()));
		Self::deposit_event(Event::ProviderRegistered { provider, bond });
		Ok(())
	}

	pub(crate) fn do_bond_extra(provider: T::AccountId, extra: BalanceOf<T>) -> DispatchResult {
		ensure!(!extra.is_zero(), Error::<T>::NoAmount);
		let mut record = Self::staying_provider(&provider)?;
		record.bond = record.bond.checked_add(&extra).ok_or(ArithmeticError::Overflow)?;
		T::NativeBalance::hold(&HoldReason::ProviderBond.into(), &provider, extra)?;
		Self::deposit_event(Event::BondRaised { provider: provider.clone(), extra, bond: record.bond });
		Providers::<T>::insert(provider, record);
		Ok(())
	}

	pub(crate) fn do_unbond(provider: T::AccountId) -> DispatchResult {
		let mut record = Self::staying_provider(&provider)?;
		ensure!(record.resources.is_empty(), Error::<T>::HasResources);
		ensure!(!record.owes(), Error::<T>::StillOwes);
		let until = Self::days_from_now(T::UnbondingDays::get());
		record.leaving = Some(until);
		Self::deposit_event(Event::ProviderLeaving { provider: provider.clone(), bond: record.bond, until });
		Providers::<T>::insert(provider, record);
		Ok(())
	}

	pub(crate) fn do_withdraw(provider: T::AccountId) -> DispatchResult {
		let Provider { bond, leaving, .. } = Self::provider_of(&provider)?;
		let until = leaving.ok_or(Error::<T>::NotLeaving)?;
		ensure!(Self::today() > until, Error::<T>::StillUnbonding);
		T::NativeBalance::release(&HoldReason::ProviderBond.into(), &provider, bond, Precision::Exact)?;
		Providers::<T>::remove(&provider);
		Self::deposit_event(Event::BondWithdrawn { provider, bond });
		Ok(())
	}

	/// Takes of a provider's bond what an offence costs, rounded up, and gives the reporter its part of that, rounded down. A
	/// provider that reports itself gets nothing.
	pub(crate) fn slash(
		record: &mut ProviderOf<T>,
		provider: &T::AccountId,
		resource: ResourceId,
		offence: ProviderOffence,
		reporter: Option<T::AccountId>,
	) {
		let parameters = Self::parameters();
		let had = record.bond;
		let due = Self::part(had, parameters.share_of(offence), Rounding::Up).min(had);
		let credit = Self::take_bond(record, provider, due);
		let taken = credit.peek();
		let reporter = reporter.filter(|reporter| reporter != provider);
		let share = if reporter.is_some() { parameters.reporter_share } else { Ppm::ZERO };
		let (reward, rest) = credit.split(Self::part(taken, share, Rounding::Down).min(taken));
		let mut paid = reward.peek();
		if let Some(reporter) = &reporter {
			// An account that cannot take it, such as one that the reward is too small to open, leaves it to the rest.
			if let Err(refused) = <T::NativeBalance as Balanced<T::AccountId>>::resolve(reporter, reward) {
				paid = Zero::zero();
				T::OnSlash::on_unbalanced(refused);
			}
		}
		T::OnSlash::on_unbalanced(rest);
		let offences = &mut record.reputation.offences;
		*offences = offences.saturating_add(1);
		Self::deposit_event(Event::Slashed {
			provider: provider.clone(),
			resource,
			offence,
			had,
			taken,
			left: record.bond,
			reporter,
			reward: paid,
		});
	}

	/// Burns of a provider's bond what the fall of a resource's reliability costs, rounded up.
	pub(crate) fn burn_for_fall(
		record: &mut ProviderOf<T>,
		provider: &T::AccountId,
		resource: ResourceId,
		reliability: Reliability,
	) {
		let had = record.bond;
		let due = Self::part(had, Self::parameters().reliability_fall, Rounding::Up).min(had);
		let credit = Self::take_bond(record, provider, due);
		let burned = credit.peek();
		T::Burn::burn(credit);
		let (provider, left) = (provider.clone(), record.bond);
		Self::deposit_event(Event::ReliabilityFell { provider, resource, reliability, had, burned, left });
	}

	/// A part of an amount. A part of at most one is at most the amount.
	fn part(amount: BalanceOf<T>, part: Ppm, rounding: Rounding) -> BalanceOf<T> {
		let (all, parts) = (amount.unique_saturated_into(), u128::from(Ppm::PARTS));
		multiply_by_rational_with_rounding(all, part.0.into(), parts, rounding)
			.and_then(|part| part.try_into().ok())
			.unwrap_or(amount)
	}

	/// What of a bond is for its provider's resources, were there so many of them, and covers no sales.
	pub(crate) fn reserve(parameters: &ParametersOf<T>, resources: usize) -> Result<BalanceOf<T>, DispatchError> {
		let resources = u32::try_from(resources).map_err(|_| ArithmeticError::Overflow)?;
		let of_resources = parameters.bond_per_resource.checked_mul(&resources.into());
		let sum = of_resources.and_then(|of_resources| of_resources.checked_add(&parameters.min_bond));
		Ok(sum.ok_or(ArithmeticError::Overflow)?)
	}

	/// What of a provider's bond is for what is sold and nominated: loss per Compute Hour times Compute Hours, rounded up in
	/// each class.
	pub(crate) fn at_risk(record: &ProviderOf<T>) -> Result<BalanceOf<T>, DispatchError> {
		let mut sum = BalanceOf::<T>::zero();
		for position in record.positions.iter().filter(|position| !position.outstanding.is_zero()) {
			let loss = Self::class_of(position.class)?.loss_per_hour.unique_saturated_into();
			let risk = Self::loss_ceil(position.outstanding, loss);
			let risk = risk.and_then(|risk| BalanceOf::<T>::try_from(risk).ok()).ok_or(ArithmeticError::Overflow)?;
			sum = sum.checked_add(&risk).ok_or(ArithmeticError::Overflow)?;
		}
		Ok(sum)
	}

	/// What of a provider's bond is for nothing yet.
	pub(crate) fn free_bond(
		record: &ProviderOf<T>,
		parameters: &ParametersOf<T>,
	) -> Result<BalanceOf<T>, DispatchError> {
		let reserve = Self::reserve(parameters, record.resources.len())?;
		let used = reserve.checked_add(&Self::at_risk(record)?).ok_or(ArithmeticError::Overflow)?;
		Ok(record.bond.checked_sub(&used).unwrap_or_default())
	}

	/// What the free part of a bond covers of a class, rounded down.
	pub(crate) fn covered_by(free: BalanceOf<T>, class: ClassId) -> Capacity {
		let loss: u128 = match Classes::<T>::get(class) {
			Some(class) => class.loss_per_hour.unique_saturated_into(),
			None => return Capacity::ZERO,
		};
		if loss == 0 {
			return Capacity(u128::MAX);
		}
		let free = free.unique_saturated_into();
		let covered = multiply_by_rational_with_rounding(free, Capacity::PER_HOUR, loss, Rounding::Down);
		// Too much for the type is more than anybody has.
		Capacity(covered.unwrap_or(u128::MAX))
	}

	/// Changes what a provider owes of a class, up by `more` and down by `less`. `last` is the last day that it is about.
	pub(crate) fn owe(
		record: &mut ProviderOf<T>,
		class: ClassId,
		more: Capacity,
		less: Capacity,
		last: gcx_primitives::Day,
	) -> DispatchResult {
		if let Some(position) = record.positions.iter_mut().find(|position| position.class == class) {
			position.outstanding = position.outstanding.checked_add(more)?.checked_sub(less)?;
			position.last = position.last.max(last);
			return Ok(());
		}
		let outstanding = more.checked_sub(less)?;
		let position = crate::Position { class, outstanding, last };
		record.positions.try_push(position).map_err(|_| Error::<T>::TooManyClasses)?;
		Ok(())
	}

	pub(crate) fn provider_of(provider: &T::AccountId) -> Result<ProviderOf<T>, DispatchError> {
		Ok(Providers::<T>::get(provider).ok_or(Error::<T>::NotProvider)?)
	}

	pub(crate) fn staying_provider(provider: &T::AccountId) -> Result<ProviderOf<T>, DispatchError> {
		let record = Self::provider_of(provider)?;
		ensure!(record.leaving.is_none(), Error::<T>::ProviderLeaving);
		Ok(record)
	}
}
