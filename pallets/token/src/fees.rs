//! What trading costs, and where fees go.

use crate::{
	types::CreditOf, Books, Config, CurrentEra, Era, Error, Event, FallbackReason, FeeAsset, Pallet, Parameters,
	Rebates, RewardRole, Sale, Seats, TokenParameters, Trader, Traders,
};
use alloc::collections::BTreeMap;
use frame_support::{
	defensive, ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{Balanced, Inspect},
		tokens::{Fortitude, Precision, Preservation, WithdrawConsequence},
		Get, Imbalance,
	},
};
use gcx_math::{
	fees::{marginal_fee_ceil, part_floor, FeeParts},
	issuance::tokens_ceil,
};
use gcx_primitives::{
	ArithmeticError, Cash, Day, FeeQuote, FeesCollected, Guarantors, Ppm, Price, PriceIndex, Role, TradingFees,
};

/// The fees of one call.
pub struct FeeDesk<T: Config> {
	parameters: TokenParameters,
	today: Day,
	era: CurrentEra,
	/// The price of the token, once somebody needed it.
	price: Option<Option<Price>>,
	payers: BTreeMap<T::AccountId, Payer>,
	/// Tokens that were paid, less what burned.
	paid: CreditOf<T>,
	parts: FeeParts,
	/// Of the treasury's part, what is rewards.
	rewards: u128,
	rebates: BTreeMap<T::AccountId, u128>,
}

/// What is known of an account.
struct Payer {
	trader: Trader,
	has_seat: bool,
	has_traded: bool,
}

impl<T: Config> FeeDesk<T> {
	fn payer(&mut self, who: &T::AccountId) -> &mut Payer {
		self.payers.entry(who.clone()).or_insert_with(|| Payer {
			trader: Traders::<T>::get(who).unwrap_or_default(),
			has_seat: Seats::<T>::contains_key(who),
			has_traded: false,
		})
	}

	/// What a fee comes to in tokens, rounded up, and what they are worth; or why it cannot be paid in them.
	fn in_tokens(&mut self, who: &T::AccountId, fee: Cash) -> Result<(u128, Cash), FallbackReason> {
		let parameters = &self.parameters;
		let price = *self.price.get_or_insert_with(|| Pallet::<T>::price(parameters.max_price_age));
		let price = price.ok_or(FallbackReason::NoPrice)?;
		let share = Ppm(Ppm::PARTS.saturating_sub(self.parameters.discount.0));
		let priced = share.mul_ceil(fee).and_then(|worth| Ok((tokens_ceil(worth, price, T::TokenUnit::get())?, worth)));
		// More than there are of either.
		let (tokens, worth) = priced.map_err(|_| FallbackReason::TooFewTokens { needed: u128::MAX })?;
		match T::NativeBalance::can_withdraw(who, tokens) {
			WithdrawConsequence::Success => Ok((tokens, worth)),
			_ => Err(FallbackReason::TooFewTokens { needed: tokens }),
		}
	}

	/// Takes tokens from who trades, and shares them out. Returns what they were worth, which is nothing if they could not be taken.
	fn take_tokens(&mut self, who: &T::AccountId, fee: Cash, tokens: u128, worth: Cash) -> Cash {
		let (exact, keep, polite) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
		let Ok(credit) = T::NativeBalance::withdraw(who, tokens, exact, keep, polite) else {
			defensive!("it could be withdrawn when the fee was quoted");
			return Cash::ZERO;
		};
		let mut parts = self.parameters.split.share_out(tokens);
		let guarantor = Pallet::<T>::behind(who);
		match &guarantor {
			Some(guarantor) => {
				let rebate = self.rebates.entry(guarantor.clone()).or_default();
				*rebate = rebate.saturating_add(parts.rebate);
			},
			None => {
				parts.treasury = parts.treasury.saturating_add(parts.rebate);
				parts.rebate = 0;
			},
		}
		let rewards = part_floor(parts.treasury, self.parameters.rewards.of_fees);
		let (burnt, rest) = credit.split(parts.burn);
		drop(burnt);
		self.paid.subsume(rest);
		let FeeParts { pool, rebate, burn, treasury } = parts;
		let sum = &mut self.parts;
		for (all, part) in [
			(&mut sum.pool, pool),
			(&mut sum.rebate, rebate),
			(&mut sum.burn, burn),
			(&mut sum.treasury, treasury.saturating_sub(rewards)),
			(&mut self.rewards, rewards),
			(&mut self.era.burned, burn),
			(&mut self.era.of_fees, rewards),
		] {
			// All of it was issued: the sums fit.
			*all = all.saturating_add(part);
		}
		let treasury = treasury.saturating_sub(rewards);
		let who = who.clone();
		let burned = burn;
		Pallet::<T>::deposit_event(Event::FeePaidInTokens {
			who,
			fee,
			worth,
			tokens,
			guarantor,
			pool,
			rebate,
			treasury,
			rewards,
			burned,
		});
		worth
	}
}

impl<T: Config> TradingFees<T::AccountId> for FeeDesk<T> {
	fn open() -> Self {
		Self {
			parameters: Parameters::<T>::get(),
			today: T::Index::today(),
			era: Era::<T>::get(),
			price: None,
			payers: BTreeMap::new(),
			paid: CreditOf::<T>::zero(),
			parts: FeeParts::default(),
			rewards: 0,
			rebates: BTreeMap::new(),
		}
	}

	fn quote(&mut self, who: &T::AccountId, role: Role, notional: Cash) -> Result<FeeQuote, ArithmeticError> {
		let today = self.today;
		let payer = self.payer(who);
		let (in_tokens, has_seat) = (payer.trader.pays_in_tokens, payer.has_seat);
		let volume = payer.trader.volume.total(today);
		let full = Pallet::<T>::fee_at(&self.parameters, role, has_seat, volume, notional)?;
		let quote = FeeQuote::in_cash(notional, full);
		if !in_tokens || full.is_zero() {
			return Ok(quote);
		}
		let tokens = self.in_tokens(who, full).ok();
		Ok(FeeQuote { cash: if tokens.is_some() { Cash::ZERO } else { full }, tokens, ..quote })
	}

	fn charge(&mut self, who: &T::AccountId, quote: &FeeQuote) {
		let worth = match quote.tokens {
			Some((tokens, worth)) => self.take_tokens(who, quote.full, tokens, worth),
			None => {
				if self.payer(who).trader.pays_in_tokens && !quote.full.is_zero() {
					if let Err(reason) = self.in_tokens(who, quote.full) {
						let (who, fee) = (who.clone(), quote.full);
						Pallet::<T>::deposit_event(Event::FeeFellBack { who, fee, reason });
					}
				}
				quote.cash
			},
		};
		let points = worth.0.unsigned_abs();
		let rebate = part_floor(points, self.parameters.split.rebate);
		self.era.fees = Cash(self.era.fees.0.saturating_add_unsigned(points.saturating_sub(rebate)));
		let all = self.era.points.of_mut(RewardRole::Trader);
		*all = all.saturating_add(points);
		let (today, era) = (self.today, self.era.index);
		let payer = self.payer(who);
		payer.has_traded = true;
		payer.trader.volume.add(today, quote.notional);
		Pallet::<T>::earn(RewardRole::Trader, &mut payer.trader.earning, era, points);
	}

	fn close(self) {
		for (who, payer) in self.payers.into_iter().filter(|(_, payer)| payer.has_traded) {
			Traders::<T>::insert(who, payer.trader);
		}
		Era::<T>::put(self.era);
		let kept = self.paid.peek();
		let FeeParts { pool, rebate, burn, treasury } = self.parts;
		if kept == 0 && burn == 0 {
			return;
		}
		let mut books = Books::<T>::get();
		let tokens = &mut books.tokens;
		for (all, part) in [
			(&mut tokens.collected, kept.saturating_add(burn)),
			(&mut tokens.pool, pool),
			(&mut tokens.rebates, rebate),
			(&mut tokens.burn, burn),
			(&mut tokens.treasury, treasury),
			(&mut tokens.rewards, self.rewards),
			(&mut books.burned.trading, burn),
			(&mut books.tokens_for_pool, pool),
			(&mut books.token_rebates, rebate),
			(&mut books.tokens_for_treasury, treasury),
			(&mut books.rewards, self.rewards),
		] {
			*all = all.saturating_add(part);
		}
		Books::<T>::put(books);
		for (guarantor, tokens) in self.rebates {
			Pallet::<T>::owe_rebate(&guarantor, Cash::ZERO, tokens);
		}
		if T::NativeBalance::resolve(&T::PotAccount::get(), self.paid).is_err() {
			defensive!("the pot has its minimum balance from the start");
		}
	}
}

impl<T: Config> FeesCollected<T::AccountId> for Pallet<T> {
	fn collected(guarantor: &T::AccountId, amount: Cash) {
		let FeeParts { pool, rebate, burn, treasury } = Parameters::<T>::get().split.share_out(amount.0.unsigned_abs());
		// Parts of an amount of cash are amounts of cash.
		let [pool, rebate, buy_back, treasury] =
			[pool, rebate, burn, treasury].map(|part| Cash(i128::try_from(part).unwrap_or(i128::MAX)));
		Books::<T>::mutate(|books| {
			let cash = &mut books.cash;
			for (all, part) in [
				(&mut cash.collected, amount),
				(&mut cash.pool, pool),
				(&mut cash.rebates, rebate),
				(&mut cash.burn, buy_back),
				(&mut cash.treasury, treasury),
				(&mut books.cash_for_pool, pool),
				(&mut books.cash_rebates, rebate),
				(&mut books.buy_back, buy_back),
				(&mut books.cash_for_treasury, treasury),
			] {
				all.0 = all.0.saturating_add(part.0);
			}
		});
		Self::owe_rebate(guarantor, rebate, 0);
		let guarantor = guarantor.clone();
		Self::deposit_event(Event::FeesShared { guarantor, amount, pool, rebate, treasury, buy_back });
	}
}

impl<T: Config> Pallet<T> {
	/// The fee of a trade by an account with so much volume, or with a seat, rounded up.
	pub(crate) fn fee_at(
		parameters: &TokenParameters,
		role: Role,
		has_seat: bool,
		volume: Cash,
		notional: Cash,
	) -> Result<Cash, ArithmeticError> {
		match parameters.tiers.last() {
			Some(best) if has_seat => best.rate(role).mul_ceil(notional),
			Some(_) | None => marginal_fee_ceil(&parameters.tiers, role, volume, notional),
		}
	}

	/// The price of the token, if it is fresh and positive.
	pub(crate) fn price(max_age: u64) -> Option<Price> {
		let fix = T::Index::fresh_fix(T::TokenClass::get(), max_age)?;
		Some(fix.price).filter(|price| *price > Price::ZERO)
	}

	/// The guarantor behind an account's trades: its own, if it has one, or itself.
	pub(crate) fn behind(who: &T::AccountId) -> Option<T::AccountId> {
		let membership = T::Guarantors::membership(who);
		membership.map(|found| found.guarantor).or_else(|| T::Guarantors::state(who).map(|_| who.clone()))
	}

	fn owe_rebate(guarantor: &T::AccountId, cash: Cash, tokens: u128) {
		if cash.is_zero() && tokens == 0 {
			return;
		}
		Rebates::<T>::mutate(guarantor, |rebate| {
			let rebate = rebate.get_or_insert_default();
			rebate.cash.0 = rebate.cash.0.saturating_add(cash.0);
			rebate.tokens = rebate.tokens.saturating_add(tokens);
		});
	}

	pub(crate) fn do_set_parameters(parameters: TokenParameters) -> DispatchResult {
		ensure!(parameters.is_valid(T::MaxSeats::get()), Error::<T>::InvalidParameters);
		Parameters::<T>::put(&parameters);
		if Seats::<T>::count() >= parameters.seats.count {
			// Nothing is left to sell: when there is again, the price falls from the start.
			Sale::<T>::kill();
		}
		Self::deposit_event(Event::ParametersSet { parameters });
		Ok(())
	}

	pub(crate) fn do_pay_fees_in(who: T::AccountId, asset: FeeAsset) -> DispatchResult {
		let in_tokens = matches!(asset, FeeAsset::Token);
		let mut trader = Traders::<T>::get(&who).unwrap_or_default();
		ensure!(trader.pays_in_tokens != in_tokens, Error::<T>::AlreadyChosen);
		// Whoever chose it can take it back.
		ensure!(!in_tokens || Self::behind(&who).is_some(), Error::<T>::NotMember);
		trader.pays_in_tokens = in_tokens;
		if trader == Trader::default() {
			Traders::<T>::remove(&who);
		} else {
			Traders::<T>::insert(&who, trader);
		}
		Self::deposit_event(Event::FeeAssetChosen { who, asset });
		Ok(())
	}
}
