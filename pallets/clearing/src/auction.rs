//! What is for sale is taken by other margin accounts: at a discount on the mark that grows with time and ends where the seller's
//! equity does, and with a penalty to the pool, of which who found the account gets a share. A failed house is taken by other
//! houses. Collateral is bought for cash.

use crate::{
	books::{BookError, Books},
	offer::{parts, slice, Offer, SLICES},
	trades::Leg,
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	AccountState, Collaterals, Config, Defaults, Error, Event, Pallet, Stage,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use gcx_math::auction::falling;
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CollateralId, InstrumentId, Lots, Party, Ppm, Price, Refusal, SegmentSide,
	SubAccount,
};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

impl<T: Config> Books<T> {
	/// Takes a part of what is offered of an account.
	pub(crate) fn take_offer(
		&mut self,
		key: &AccountKeyOf<T>,
		taker: AccountKeyOf<T>,
		part: Ppm,
		least: Cash,
	) -> DispatchResult {
		let account = self.known_account(key)?;
		ensure!(taker.owner != key.owner, Error::<T>::OwnAccount);
		ensure!(part > Ppm::ZERO && part <= Ppm::ONE, Error::<T>::NothingToMove);
		ensure!(!self.is_frozen, Error::<T>::RunInProgress);
		if account.segment.side == SegmentSide::House {
			return self.take_house(key, &account, taker, part, least);
		}
		let AccountState::Liquidating { since, .. } = account.state else {
			return Err(Error::<T>::NotForSale.into());
		};
		let elapsed = self.elapsed(&account, since)?;
		match self.offer(key).map_err(Error::<T>::from)? {
			Offer::Positions(lots) => self.take_positions(key, taker, &parts(&lots, part)?, elapsed, least),
			Offer::Collateral(id, amount) => {
				let amount = share_of(amount, part)?;
				self.take_collateral(key, &taker.owner, id, amount, elapsed, least)
			},
			Offer::Nothing => Err(Error::<T>::NotForSale.into()),
		}
	}

	/// How long what an account holds has been offered, of a sale that began at `since`: at the marks of the moment.
	fn elapsed(&mut self, account: &MarginAccountOf<T>, since: u64) -> Result<u64, DispatchError> {
		self.renew_marks(account).map_err(BookError::of::<T>)?;
		let from = self.offered_since(account, since).map_err(BookError::of::<T>)?.ok_or(Error::<T>::NoMark)?;
		ensure!(self.now >= from, Error::<T>::InGrace);
		Ok(self.now.saturating_sub(from))
	}

	/// Takes a part of what a failed house holds into the house of another guarantor; or of its collateral, for what it owes.
	fn take_house(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
		taker: AccountKeyOf<T>,
		part: Ppm,
		least: Cash,
	) -> DispatchResult {
		let since = match Defaults::<T>::get(&key.owner).map(|failure| failure.stage) {
			Some(Stage::Auction { since }) => since,
			Some(Stage::Porting { .. } | Stage::CloseOut | Stage::Waterfall(_) | Stage::Settled) | None => {
				return Err(Error::<T>::NotForSale.into());
			},
		};
		let is_house = self.house(&taker.owner)?.is_some() && taker.sub == SubAccount::HOUSE;
		let elapsed = self.elapsed(account, since)?;
		if !is_house || account.positions.is_empty() {
			if let Some((id, amount)) = self.collateral_for_cash(account).map_err(Error::<T>::from)? {
				let amount = share_of(amount, part)?;
				return self.take_collateral(key, &taker.owner, id, amount, elapsed, least);
			}
		}
		ensure!(!account.positions.is_empty(), Error::<T>::NotForSale);
		ensure!(is_house, Error::<T>::NoHouse);
		let is_active = self.guarantor_state(&taker.owner).is_some_and(|state| state.opens_risk());
		ensure!(is_active, Error::<T>::TakerReduceOnly);
		let default = self.parameters.default;
		let rate = falling(elapsed, default.auction_period, default.max_discount);
		let whole = slice(account, SLICES).map_err(Error::<T>::from)?;
		let lots = parts(&whole, part)?;
		// The house's equity is no bound: what it lacks is absorbed.
		let bound = Cash(i128::MAX);
		let (widths, discount) = self.discounts(&lots, rate, bound).map_err(Error::<T>::from)?;
		ensure!(discount >= least, Error::<T>::WorseThanAsked);
		self.sell(key, taker, &lots, &widths)
	}

	fn take_positions(
		&mut self,
		key: &AccountKeyOf<T>,
		taker: AccountKeyOf<T>,
		lots: &[(InstrumentId, Lots)],
		elapsed: u64,
		least: Cash,
	) -> DispatchResult {
		let account = self.known_account(key)?;
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, &account, &owner).map_err(BookError::of::<T>)?;
		// What there is for discount and penalty.
		let equity = if self.is_innocent(key)? { Cash::ZERO } else { standing.equity.max(Cash::ZERO) };
		let liquidation = self.parameters.liquidation;
		let most = Ppm(self.parameters.max_penalty.0.saturating_sub(liquidation.pool_penalty.0));
		let rate = falling(elapsed, liquidation.auction_period, most);
		let (widths, discount) = self.discounts(lots, rate, equity).map_err(Error::<T>::from)?;
		ensure!(discount >= least, Error::<T>::WorseThanAsked);
		let value = self.value_at_mark(lots).map_err(Error::<T>::from)?;
		let left = equity.checked_sub(discount)?;
		let closes = self.is_closing_out(&account.segment.guarantor);
		let share = if closes { Ppm::ZERO } else { liquidation.pool_penalty };
		let penalty = share.mul_ceil(value)?.min(left);
		self.sell(key, taker, lots, &widths)?;
		let mut seller = self.known_account(key)?;
		seller.cash = seller.cash.checked_sub(penalty)?;
		self.put_account(key, seller).map_err(BookError::of::<T>)?;
		self.pay_penalty(key, &account, penalty)
	}

	/// Lets a margin account with the margin for them take lots of another, so far from the mark.
	fn sell(
		&mut self,
		key: &AccountKeyOf<T>,
		taker: AccountKeyOf<T>,
		lots: &[(InstrumentId, Lots)],
		widths: &[i64],
	) -> DispatchResult {
		let legs = self.legs(lots, widths).map_err(Error::<T>::from)?;
		let party = Party { account: taker.clone(), fee: Cash::ZERO, reduce_only: false };
		let to = self.admit(&party, false, &legs).map_err(Error::<T>::from)?;
		let sold: Result<Vec<_>, _> = legs.iter().copied().map(Leg::opposite).collect();
		let from = self.change(key, &sold?, Cash::ZERO).map_err(Error::<T>::from)?;
		for leg in &legs {
			Pallet::<T>::deposit_event(Event::Liquidated {
				owner: key.owner.clone(),
				sub: key.sub,
				taker: taker.owner.clone(),
				taker_sub: taker.sub,
				instrument: leg.instrument,
				lots: leg.lots,
				price: leg.price,
			});
		}
		self.exchange(from, to)
	}

	/// How far from the mark each position goes and what that comes to: a discount, and in sum no more than equity.
	fn discounts(
		&mut self,
		lots: &[(InstrumentId, Lots)],
		rate: Ppm,
		equity: Cash,
	) -> Result<(Vec<i64>, Cash), Refusal> {
		let mut widths = Vec::with_capacity(lots.len());
		let mut sum = Cash::ZERO;
		for (instrument, lots) in lots {
			let instrument = self.instrument(*instrument)?;
			let size = instrument.size()?;
			let width = i64::try_from(rate.mul_floor(Cash(size.0.into()))?.0).map_err(|_| Refusal::OutOfBounds)?;
			sum = sum.checked_add(lots.checked_abs()?.value(instrument.terms.multiplier, Price(width))?)?;
			widths.push(width);
		}
		if sum <= equity {
			return Ok((widths, sum));
		}
		let mut bounded = Cash::ZERO;
		for (width, (instrument, lots)) in widths.iter_mut().zip(lots) {
			let share = multiply_by_rational_with_rounding(
				width.unsigned_abs().into(),
				equity.0.unsigned_abs(),
				sum.0.unsigned_abs(),
				Rounding::Down,
			);
			*width = share.and_then(|share| i64::try_from(share).ok()).ok_or(Refusal::OutOfBounds)?;
			let multiplier = self.instrument(*instrument)?.terms.multiplier;
			bounded = bounded.checked_add(lots.checked_abs()?.value(multiplier, Price(*width))?)?;
		}
		Ok((widths, bounded))
	}

	/// Shares out a penalty that an account has paid: to who found it, unless that is its owner, and to the pool.
	fn pay_penalty(&mut self, key: &AccountKeyOf<T>, before: &MarginAccountOf<T>, penalty: Cash) -> DispatchResult {
		let caller = match &before.state {
			AccountState::Liquidating { by: Some(by), .. } if *by != key.owner => Some(by),
			AccountState::Liquidating { .. } | AccountState::Open | AccountState::CashCall { .. } => None,
		};
		let mut to_caller = Cash::ZERO;
		if let Some(caller) = caller {
			let share = self.parameters.liquidation.caller_share.mul_floor(penalty)?;
			// Where custody does not have it, or so little cannot be sent, all goes to the pool.
			let is_paid =
				share > Cash::ZERO && Pallet::<T>::pay_out_of_custody(self, &before.segment, caller, share).is_ok();
			to_caller = if is_paid { share } else { Cash::ZERO };
		}
		let to_pool = penalty.checked_sub(to_caller)?;
		let mut ledger = self.ledger(&before.segment);
		ledger.penalties = ledger.penalties.checked_add(to_pool)?;
		self.put_ledger(&before.segment, ledger);
		let (owner, sub) = (key.owner.clone(), key.sub);
		Pallet::<T>::deposit_event(Event::PenaltyPaid { owner, sub, to_house: Cash::ZERO, to_pool, to_caller });
		Ok(())
	}

	/// Sells collateral of an account for cash of `buyer`: at its price at first, at what it counts for in the end.
	fn take_collateral(
		&mut self,
		key: &AccountKeyOf<T>,
		buyer: &T::AccountId,
		id: CollateralId,
		amount: u128,
		elapsed: u64,
		least: Cash,
	) -> DispatchResult {
		let mut account = self.known_account(key)?;
		let amount = Pallet::<T>::sellable(id, account.collateral(id), amount)?;
		let (figures, price, mean) = self.collateral_price(id).ok_or(Error::<T>::NoMark)?;
		let whole = figures.worth(amount, price.min(mean), Rounding::Up)?;
		let rate = falling(elapsed, self.parameters.liquidation.auction_period, figures.haircut);
		let discount = rate.mul_floor(whole)?;
		ensure!(discount >= least, Error::<T>::WorseThanAsked);
		let pays = whole.checked_sub(discount)?;
		let left = account.collateral(id).checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		Pallet::<T>::set_line(&mut account, id, left)?;
		let segment = account.segment.clone();
		Pallet::<T>::take_into_custody(self, &segment, buyer, pays)?;
		account.cash = account.cash.checked_add(pays)?;
		self.put_account(key, account).map_err(BookError::of::<T>)?;
		Pallet::<T>::release_collateral(id, amount, &segment, buyer)?;
		Pallet::<T>::deposit_event(Event::CollateralSold {
			owner: key.owner.clone(),
			sub: key.sub,
			to: buyer.clone(),
			collateral: id,
			amount,
			price: pays,
		});
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bid(
		who: T::AccountId,
		sub: SubAccount,
		account: AccountKeyOf<T>,
		part: Ppm,
		least: Cash,
	) -> DispatchResult {
		let mut books = Books::<T>::new();
		books.take_offer(&account, AccountKey { owner: who, sub }, part, least)?;
		books.close()
	}

	/// How much of a line of collateral is sold where `amount` is wanted: all, if what is left could not be kept.
	pub(crate) fn sellable(id: CollateralId, held: u128, amount: u128) -> Result<u128, Error<T>> {
		let asset = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?.asset;
		let minimum = T::CollateralAssets::minimum_balance(asset);
		let is_rest = held.saturating_sub(amount) < minimum;
		Ok(if is_rest { held } else { amount })
	}

	/// Sends an amount of collateral out of a segment's custody.
	fn release_collateral(id: CollateralId, amount: u128, from: &SegmentOf<T>, to: &T::AccountId) -> DispatchResult {
		let mut terms = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?;
		terms.held = terms.held.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let custody = Self::custody_account(from);
		T::CollateralAssets::transfer(terms.asset.clone(), &custody, to, amount, Preservation::Expendable)?;
		Self::change_segment_collateral(id, from, 0, amount)?;
		Collaterals::<T>::insert(id, terms);
		Ok(())
	}
}

/// A part of an amount of collateral, rounded up.
fn share_of(amount: u128, part: Ppm) -> Result<u128, ArithmeticError> {
	multiply_by_rational_with_rounding(amount, part.0.into(), Ppm::PARTS.into(), Rounding::Up)
		.ok_or(ArithmeticError::Overflow)
}
