//! What burns besides trading fees: of slashes, of the chain's own fees, and balances too small to be kept.

use crate::{types::CreditOf, Config, Era, Event, Pallet, Parameters};
use core::marker::PhantomData;
use frame_support::traits::{fungible::Balanced, Get, Imbalance, OnUnbalanced};
use gcx_math::fees::{part_ceil, part_floor};
use gcx_primitives::{PerformanceBurn, Ppm};

impl<T: Config> PerformanceBurn<CreditOf<T>> for Pallet<T> {
	fn share() -> Ppm {
		Parameters::<T>::get().slash_burn
	}

	fn burn(tokens: CreditOf<T>) {
		let amount = tokens.peek();
		drop(tokens);
		if amount > 0 {
			Self::count_burned(|burned| burned.performance = burned.performance.saturating_add(amount));
			Self::deposit_event(Event::PerformanceBurned { amount });
		}
	}
}

/// Takes a slash that nobody is to be made whole from: the governed share burns, rounded up, the treasury has the rest.
pub struct Slashed<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<CreditOf<T>> for Slashed<T> {
	fn on_nonzero_unbalanced(slashed: CreditOf<T>) {
		let share = <Pallet<T> as PerformanceBurn<_>>::share();
		let burns = part_ceil(slashed.peek(), share);
		let (burnt, rest) = slashed.split(burns);
		// What the treasury's account cannot take burns as well.
		let refused = T::NativeBalance::resolve(&T::TreasuryAccount::get(), rest).err();
		Pallet::<T>::burn(match refused {
			Some(refused) => burnt.merge(refused),
			None => burnt,
		});
	}
}

/// Takes the chain's own fees: the governed share burns, rounded down, and the block's author has the rest, and tips. What it cannot
/// take, because its account would stay under the existential deposit, burns as well, and so does all in a block without an author.
pub struct ChainFees<T, Author>(PhantomData<(T, Author)>);

impl<T: Config, Author: Get<Option<T::AccountId>>> OnUnbalanced<CreditOf<T>> for ChainFees<T, Author> {
	fn on_unbalanceds(mut fees_and_tips: impl Iterator<Item = CreditOf<T>>) {
		let Some(fee) = fees_and_tips.next() else { return };
		let burns = part_floor(fee.peek(), Parameters::<T>::get().chain_burn);
		let (mut burnt, mut earned) = fee.split(burns);
		for tip in fees_and_tips {
			earned = earned.merge(tip);
		}
		let refused = match Author::get() {
			Some(author) => T::NativeBalance::resolve(&author, earned).err(),
			None => Some(earned),
		};
		if let Some(refused) = refused {
			burnt = burnt.merge(refused);
		}
		let amount = burnt.peek();
		drop(burnt);
		if amount > 0 {
			Pallet::<T>::count_burned(|burned| burned.chain = burned.chain.saturating_add(amount));
			Era::<T>::mutate(|era| era.burned = era.burned.saturating_add(amount));
		}
	}

	fn on_nonzero_unbalanced(fee: CreditOf<T>) {
		Self::on_unbalanceds(core::iter::once(fee));
	}
}

/// Counts balances too small to be kept as burned.
pub struct Dust<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<CreditOf<T>> for Dust<T> {
	fn on_nonzero_unbalanced(dust: CreditOf<T>) {
		let amount = dust.peek();
		drop(dust);
		Pallet::<T>::count_burned(|burned| burned.dust = burned.dust.saturating_add(amount));
	}
}
