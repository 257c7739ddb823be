//! What clients are told.

use crate::{BestEra, Books, Burned, Config, Era, GenesisIssuance, Pallet, Parameters, Seats, TokenBooks, Traders};
use frame_support::traits::{fungible::Inspect, Get};
use gcx_math::fees::{tier_of, FeeTier};
use gcx_primitives::{ArithmeticError, Cash, Price, PriceIndex, Role};

/// The token as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Supply {
	/// Tokens that there were as the chain began.
	pub genesis: u128,
	/// Tokens that were issued since.
	pub issued: u128,
	/// Tokens that were burned, by what for.
	pub burned: Burned,
	/// All that burned: what is not in `burned` was burned by its holders, or was not recorded.
	pub burned_in_all: u128,
	/// Tokens that there are.
	pub issuance: u128,
	/// What may still be issued this year.
	pub cap_left: u128,
	/// The token's price, if it is fresh.
	pub price: Option<Price>,
	/// The era.
	pub era: u32,
	/// When it ends, in milliseconds since the Unix epoch.
	pub era_ends: u64,
	/// Its fees net of rebates, so far.
	pub fees: Cash,
	/// The most that an era before it had.
	pub best: Cash,
}

/// What trading costs an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountFees {
	/// Its tier, from zero on.
	pub tier: u32,
	/// What that costs.
	pub rates: FeeTier,
	/// The tier after it.
	pub next: Option<FeeTier>,
	/// What it traded in 30 days.
	pub volume: Cash,
	/// It has a seat.
	pub has_seat: bool,
	/// It pays in tokens.
	pub pays_in_tokens: bool,
}

impl<T: Config> Pallet<T> {
	/// The token as a whole.
	pub fn supply() -> Supply {
		let TokenBooks { issued, burned, .. } = Books::<T>::get();
		let (genesis, issuance) = (GenesisIssuance::<T>::get(), T::NativeBalance::total_issuance());
		let (parameters, era) = (Parameters::<T>::get(), Era::<T>::get());
		Supply {
			genesis,
			issued,
			burned,
			burned_in_all: genesis.saturating_add(issued).saturating_sub(issuance),
			issuance,
			cap_left: parameters.issuance.cap_per_year.saturating_sub(Self::this_year().issued),
			price: Self::price(parameters.max_price_age),
			era: era.index,
			era_ends: era.began.saturating_add(T::EraLength::get()),
			fees: era.fees,
			best: BestEra::<T>::get(),
		}
	}

	/// What trading costs an account.
	pub fn account_fees(who: &T::AccountId) -> AccountFees {
		let tiers = Parameters::<T>::get().tiers;
		let trader = Traders::<T>::get(who).unwrap_or_default();
		let (volume, has_seat) = (trader.volume.total(T::Index::today()), Seats::<T>::contains_key(who));
		let tier = if has_seat { tiers.len().saturating_sub(1) } else { tier_of(&tiers, volume) };
		let nothing = FeeTier { from: Cash::ZERO, maker: Default::default(), taker: Default::default() };
		AccountFees {
			tier: u32::try_from(tier).unwrap_or(u32::MAX),
			rates: tiers.get(tier).copied().unwrap_or(nothing),
			next: tiers.get(tier.saturating_add(1)).copied(),
			volume,
			has_seat,
			pays_in_tokens: trader.pays_in_tokens,
		}
	}

	/// The fee that an account would pay in the settlement asset for a trade that counts for `notional`, rounded up.
	///
	/// # Errors
	/// `Overflow` if the fee is beyond the type.
	pub fn fee(who: &T::AccountId, role: Role, notional: Cash) -> Result<Cash, ArithmeticError> {
		let AccountFees { volume, has_seat, .. } = Self::account_fees(who);
		Self::fee_at(&Parameters::<T>::get(), role, has_seat, volume, notional)
	}
}
