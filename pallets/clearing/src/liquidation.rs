//! Liquidation: an account under maintenance margin is brought back to initial margin by selling as little of it as does.
//!
//! 1. Whoever finds it (anyone, or the chain) puts it up for sale.
//! 2. Every margin account under any guarantor can take what is offered, at a discount on the mark that grows with time, as
//!    long as it has the margin. The discount ends where the account's equity does. The account pays a penalty to the
//!    pool, of which who found it gets a share.
//! 3. What nobody took in time goes to its guarantor's house at mark, with the largest penalty in cash as far as equity
//!    reaches. What the account owes beyond all it has is the house's loss.
//!
//! What is offered is what lowers the requirement most: one position, or a slice of all where no single one does. Who has
//! margin and lacks cash only sells collateral. Nobody is liquidated on prices that are not fresh, or for a while after they, or
//! the chain, came back.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 13.

use crate::{
	advances::segments,
	books::{BookError, Books},
	margin::Standing,
	trades::{Change, Leg},
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	AccountState, Collaterals, Config, Defaults, Error, Event, Layer, LiquidationParameters, Liquidations, MarginCalls,
	Pallet, Stage,
};
use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		Time,
	},
};
use gcx_math::auction::falling;
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CollateralId, InstrumentId, Lots, Party, Ppm, Price, Refusal, SegmentSide,
	SubAccount,
};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// When blocks came.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pulse {
	/// The time of the block before, in milliseconds since the Unix epoch.
	pub last: u64,
	/// The time before which nobody is liquidated.
	pub grace: u64,
}

impl Pulse {
	/// The time before which nobody is liquidated, as it is `now`.
	pub fn grace(&self, now: u64, parameters: &LiquidationParameters) -> u64 {
		let stood_still = self.last > 0 && now.saturating_sub(self.last) > parameters.max_block_time;
		if stood_still {
			now.saturating_add(parameters.grace_period)
		} else {
			self.grace
		}
	}
}

/// What of an account is for sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
	/// Lots as the account has them, of each instrument at most once.
	Positions(Vec<(InstrumentId, Lots)>),
	/// An amount of collateral, in the asset's smallest unit.
	Collateral(CollateralId, u128),
	/// There is nothing that helps.
	Nothing,
}

/// What became of an account that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
	/// It has what it needs, or its owner has time left.
	Sound,
	/// It lacks margin, but prices are not fresh, or not for long enough.
	Spared,
	/// It is for sale from now.
	Begun,
	/// It is for sale.
	Offered,
	/// It was for sale and needs no help any more.
	Recovered,
	/// What nobody took went to the house.
	HandedOver,
	/// Nobody took it in time, and its guarantor has no house.
	NoHouse,
}

impl<T: Config> Books<T> {
	/// Whether an account has initial margin and owes no cash.
	fn is_whole(&mut self, key: &AccountKeyOf<T>, account: &MarginAccountOf<T>) -> Result<bool, BookError> {
		if account.cash < Cash::ZERO {
			return Ok(false);
		}
		if self.is_closing_out(&account.segment.guarantor) {
			return Ok(account.positions.is_empty());
		}
		let owner = self.owner(&key.owner);
		let standing = self.standing(account, &owner)?;
		Ok(standing.equity >= standing.requirement.total()?)
	}

	/// Ends the liquidation of an account that needs no help any more.
	pub(crate) fn recover(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &mut MarginAccountOf<T>,
	) -> Result<bool, BookError> {
		let recovers = account.state.is_liquidating() && self.is_whole(key, account)?;
		if recovers {
			account.state = AccountState::Open;
			Liquidations::<T>::mutate(|count| *count = count.saturating_sub(1));
			Pallet::<T>::deposit_event(Event::Recovered { owner: key.owner.clone(), sub: key.sub });
		}
		Ok(recovers)
	}

	/// From when on an account that is for sale since `since` is, with the grace after prices or the chain came back; none while a
	/// price is not fresh.
	pub(crate) fn offered_since(&mut self, account: &MarginAccountOf<T>, since: u64) -> Result<Option<u64>, BookError> {
		if self.is_frozen {
			return Ok(None);
		}
		let mut from = since.max(self.grace);
		for position in &account.positions {
			let grace = self.parameters.liquidation.grace_period;
			let instrument = self.instrument(position.instrument)?;
			if instrument.mark.is_none() || instrument.quarantined || instrument.ending {
				return Ok(None);
			}
			from = from.max(instrument.marked_since.saturating_add(grace));
		}
		for line in &account.collateral {
			if self.collateral_price(line.id).is_none() {
				return Ok(None);
			}
		}
		Ok(Some(from))
	}

	/// Looks at the market for all that an account holds. Marks are looked at in turn: without this one leg of a hedge could be at
	/// its new price and the other still at its old one.
	fn renew_marks(&mut self, account: &MarginAccountOf<T>) -> Result<(), BookError> {
		for position in &account.positions {
			let id = position.instrument;
			let before = self.instrument(id)?.clone();
			let class = before.terms.class;
			let fraction = crate::ClassRisks::<T>::get(class).fraction;
			let market = Pallet::<T>::market(class, fraction, &self.parameters);
			let mut after = before.clone();
			after.refresh(&market)?;
			if after == before {
				continue;
			}
			if after.mark != before.mark {
				Pallet::<T>::deposit_event(Event::MarkChanged { instrument: id, mark: after.mark });
			}
			Pallet::<T>::note_look(id, &before, &after);
			*self.instrument_mut(id)? = after;
		}
		Ok(())
	}

	/// Looks at a customer's account and does what is due.
	pub(crate) fn judge(&mut self, key: &AccountKeyOf<T>, by: Option<T::AccountId>) -> Result<Verdict, DispatchError> {
		let mut account = self.known_account(key)?;
		let owner = self.owner(&key.owner);
		let mut standing = self.standing(&account, &owner).map_err(BookError::of::<T>)?;
		let (now, period) = (self.now, self.parameters.liquidation.auction_period);
		let required = standing.requirement.maintenance(&self.parameters.margin)?;
		if !account.state.is_open() || standing.equity < required {
			self.renew_marks(&account).map_err(BookError::of::<T>)?;
			standing = self.standing(&account, &owner).map_err(BookError::of::<T>)?;
		}
		match account.state.clone() {
			AccountState::Liquidating { since, by } => {
				if self.recover(key, &mut account).map_err(BookError::of::<T>)? {
					self.put_account(key, account).map_err(BookError::of::<T>)?;
					return Ok(Verdict::Recovered);
				}
				let from = self.offered_since(&account, since).map_err(BookError::of::<T>)?;
				match from {
					Some(from) if now >= from.saturating_add(period) => {
						if self.house(&account.segment.guarantor)?.is_none() {
							return Ok(Verdict::NoHouse);
						}
						self.hand_over(key)?;
						Ok(Verdict::HandedOver)
					},
					Some(from) if now >= from => Ok(Verdict::Offered),
					Some(_) => Ok(Verdict::Spared),
					None => {
						// Nobody can bid now: there is a whole period again once prices are back.
						account.state = AccountState::Liquidating { since: now, by };
						self.put_account(key, account).map_err(BookError::of::<T>)?;
						Ok(Verdict::Spared)
					},
				}
			},
			state @ (AccountState::Open | AccountState::CashCall { .. }) => {
				let maintenance = standing.requirement.maintenance(&self.parameters.margin)?;
				let is_short = !account.positions.is_empty() && standing.equity < maintenance;
				let closes = self.is_closing_out(&account.segment.guarantor);
				let is_late = matches!(state, AccountState::CashCall { until } if closes || now > until);
				let is_left = closes && !account.positions.is_empty();
				if !is_short && !is_late && !is_left {
					return Ok(Verdict::Sound);
				}
				let from = self.offered_since(&account, now).map_err(BookError::of::<T>)?;
				if from != Some(now) {
					return Ok(Verdict::Spared);
				}
				let (who, sub, equity) = (key.owner.clone(), key.sub, standing.equity);
				Pallet::<T>::deposit_event(Event::LiquidationBegun {
					owner: who,
					sub,
					equity,
					maintenance,
					by: by.clone(),
				});
				account.state = AccountState::Liquidating { since: now, by };
				Liquidations::<T>::mutate(|count| *count = count.saturating_add(1));
				self.put_account(key, account).map_err(BookError::of::<T>)?;
				Ok(Verdict::Begun)
			},
		}
	}

	/// Whether looking at an account would put it up for sale, or hand over what nobody took.
	pub(crate) fn is_liquidation_due(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
		standing: &Standing,
		maintenance: Cash,
	) -> bool {
		let (now, period) = (self.now, self.parameters.liquidation.auction_period);
		let closes = self.is_closing_out(&account.segment.guarantor);
		let has_positions = !account.positions.is_empty();
		match account.state {
			AccountState::Liquidating { since, .. } => {
				let is_whole = self.is_whole(key, account).unwrap_or(false);
				let from = self.offered_since(account, since).ok().flatten();
				is_whole || from.is_some_and(|from| now >= from.saturating_add(period))
			},
			AccountState::Open | AccountState::CashCall { .. } => {
				let is_late = matches!(account.state, AccountState::CashCall { until } if closes || now > until);
				let is_short = has_positions && (closes || standing.equity < maintenance);
				let from = self.offered_since(account, now).ok().flatten();
				(is_short || is_late) && from == Some(now)
			},
		}
	}

	/// Whether an account is closed out for no fault of its own: its guarantor failed, and it has maintenance margin. It sells at
	/// mark and pays no penalty: its money is its own.
	fn is_innocent(&mut self, key: &AccountKeyOf<T>) -> Result<bool, DispatchError> {
		let account = self.known_account(key)?;
		if !self.is_closing_out(&account.segment.guarantor) {
			return Ok(false);
		}
		let owner = self.owner(&key.owner);
		let standing = self.standing(&account, &owner).map_err(BookError::of::<T>)?;
		Ok(standing.equity >= standing.requirement.maintenance(&self.parameters.margin)?)
	}

	/// An account without some of its lots, at mark and after the largest penalty.
	fn without(&mut self, key: &AccountKeyOf<T>, lots: &[(InstrumentId, Lots)]) -> Result<Change<T>, Refusal> {
		let legs = self.legs(lots, &[])?;
		let cost = self.parameters.max_penalty.mul_ceil(self.value_at_mark(lots)?)?;
		let legs: Result<Vec<_>, _> = legs.into_iter().map(Leg::opposite).collect();
		self.change(key, &legs?, cost)
	}

	/// Lots as legs of who takes them, each so far from the mark that it is better for the taker.
	fn legs(&mut self, lots: &[(InstrumentId, Lots)], widths: &[i64]) -> Result<Vec<Leg>, Refusal> {
		let mut legs = Vec::with_capacity(lots.len());
		for (index, (instrument, lots)) in lots.iter().enumerate() {
			let mark = self.instrument(*instrument)?.risk.mark;
			let width = Price(widths.get(index).copied().unwrap_or(0));
			let price = if *lots > Lots::ZERO { mark.checked_sub(width)? } else { mark.checked_add(width)? };
			legs.push(Leg { instrument: *instrument, lots: *lots, price });
		}
		Ok(legs)
	}

	/// What lots are worth at mark, without sign; a mark near zero counts as the class's floor price.
	fn value_at_mark(&mut self, lots: &[(InstrumentId, Lots)]) -> Result<Cash, Refusal> {
		let mut sum = Cash::ZERO;
		for (instrument, lots) in lots {
			let instrument = self.instrument(*instrument)?;
			let size = instrument.risk.mark.checked_abs()?.max(instrument.floor);
			sum = sum.checked_add(lots.checked_abs()?.value(instrument.terms.multiplier, size)?)?;
		}
		Ok(sum)
	}

	/// What of an account is for sale now.
	pub(crate) fn offer(&mut self, key: &AccountKeyOf<T>) -> Result<Offer, Refusal> {
		let account = self.account(key)?.ok_or(Refusal::UnknownAccount)?;
		let owner = self.owner(&key.owner);
		let standing = self.standing(&account, &owner)?;
		let required = standing.requirement.total()?;
		let closes = self.is_closing_out(&account.segment.guarantor);
		if closes && !account.positions.is_empty() {
			return Ok(Offer::Positions(slice(&account, SLICES)?));
		}
		if account.positions.is_empty() || standing.equity >= required {
			return self.offer_for_cash(&account);
		}
		let mut best: Option<(InstrumentId, Lots, Cash)> = None;
		for position in &account.positions {
			let left = self.without(key, &[(position.instrument, position.lots)])?.standing.requirement.total()?;
			let lowest = best.map_or(required, |(_, _, least)| least);
			if left < lowest {
				best = Some((position.instrument, position.lots, left));
			}
		}
		match best {
			Some((instrument, lots, _)) => {
				let most = lots.0.unsigned_abs();
				let part = |count: u64| {
					let count = i64::try_from(count).map_err(|_| ArithmeticError::Overflow)?;
					Ok(vec![(instrument, Lots(count.checked_mul(lots.0.signum()).ok_or(ArithmeticError::Overflow)?))])
				};
				Ok(Offer::Positions(part(self.least_that_helps(key, most, &part)?)?))
			},
			None => {
				let part = |share: u64| slice(&account, share);
				Ok(Offer::Positions(part(self.least_that_helps(key, SLICES, &part)?)?))
			},
		}
	}

	/// The least of `1..=most` parts without which the account has initial margin; `most` if it has not even then. Found by
	/// halving: what helps is tried, so that the answer helps if `most` does.
	fn least_that_helps(
		&mut self,
		key: &AccountKeyOf<T>,
		most: u64,
		part: &dyn Fn(u64) -> Result<Vec<(InstrumentId, Lots)>, Refusal>,
	) -> Result<u64, Refusal> {
		let (mut too_little, mut helps) = (0, most);
		if !self.helps(key, &part(most)?)? {
			return Ok(most);
		}
		while helps.saturating_sub(too_little) > 1 {
			let middle = too_little.midpoint(helps);
			if self.helps(key, &part(middle)?)? {
				helps = middle;
			} else {
				too_little = middle;
			}
		}
		Ok(helps)
	}

	fn helps(&mut self, key: &AccountKeyOf<T>, lots: &[(InstrumentId, Lots)]) -> Result<bool, Refusal> {
		let Standing { equity, requirement, .. } = self.without(key, lots)?.standing;
		Ok(equity >= requirement.total()?)
	}

	/// What an account with margin sells for the cash that it lacks: collateral, the most valuable first; without any, the position
	/// that gained most since the last run.
	fn offer_for_cash(&mut self, account: &MarginAccountOf<T>) -> Result<Offer, Refusal> {
		if account.gap().is_zero() {
			return Ok(Offer::Nothing);
		}
		if let Some((id, amount)) = self.collateral_for_cash(account)? {
			return Ok(Offer::Collateral(id, amount));
		}
		let mut gainer: Option<(InstrumentId, Lots, Cash)> = None;
		for position in &account.positions {
			let gain = self.instrument(position.instrument)?.unrealised(position.lots, position.basis)?;
			if gain > gainer.map_or(Cash::ZERO, |(.., most)| most) {
				gainer = Some((position.instrument, position.lots, gain));
			}
		}
		Ok(gainer.map_or(Offer::Nothing, |(instrument, lots, _)| Offer::Positions(vec![(instrument, lots)])))
	}

	/// How much of an account's most valuable collateral counts for what it owes; none if it owes nothing or has none.
	fn collateral_for_cash(&mut self, account: &MarginAccountOf<T>) -> Result<Option<(CollateralId, u128)>, Refusal> {
		let gap = account.gap();
		let mut best: Option<(CollateralId, u128, Cash)> = None;
		for line in &account.collateral {
			let value = self.line_value(line)?;
			if value > best.map_or(Cash::ZERO, |(.., most)| most) {
				best = Some((line.id, line.amount, value));
			}
		}
		let Some((id, held, value)) = best.filter(|_| !gap.is_zero()) else { return Ok(None) };
		let needed =
			multiply_by_rational_with_rounding(held, gap.0.unsigned_abs(), value.0.unsigned_abs(), Rounding::Up);
		Ok(Some((id, needed.map_or(held, |needed| needed.min(held)))))
	}

	/// Gives what nobody took to the guarantor's house, until the account has initial margin or nothing; what it owes then is the
	/// house's loss.
	pub(crate) fn hand_over(&mut self, key: &AccountKeyOf<T>) -> DispatchResult {
		let account = self.known_account(key)?;
		let (customers, house) = segments(&account.segment.guarantor);
		ensure!(self.house(&house.guarantor)?.is_some(), Error::<T>::NoHouse);
		let house_key = AccountKey { owner: house.guarantor.clone(), sub: SubAccount::HOUSE };
		let own =
			account.cash.max(Cash::ZERO).checked_add(self.collateral_value(&account).map_err(BookError::of::<T>)?)?;
		// Each step empties a position or a line of collateral, or is the last.
		for _ in 0..=crate::MAX_TRIGGERS {
			let account = self.known_account(key)?;
			if self.is_whole(key, &account).map_err(BookError::of::<T>)? {
				break;
			}
			match self.offer(key).map_err(Error::<T>::from)? {
				Offer::Positions(lots) => self.hand_over_positions(key, &house_key, &lots)?,
				Offer::Collateral(id, amount) => self.hand_over_collateral(key, &house_key, id, amount)?,
				Offer::Nothing => break,
			}
		}
		let mut account = self.known_account(key)?;
		let deficit = account.gap();
		if account.positions.is_empty() && !deficit.is_zero() {
			account.cash = Cash::ZERO;
			self.put_account(key, account.clone()).map_err(BookError::of::<T>)?;
			self.note_loss(key, &house_key, own, deficit)?;
			self.move_between(&house, &customers, &house_key, deficit)?;
			self.set_off(&customers, &house, deficit)?;
		}
		self.recover(key, &mut account).map_err(BookError::of::<T>)?;
		self.put_account(key, account).map_err(BookError::of::<T>)
	}

	/// Says what the first layers bear of a loss: the customer's own money, then what its guarantor's house has.
	fn note_loss(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		own: Cash,
		deficit: Cash,
	) -> DispatchResult {
		let guarantor = || house_key.owner.clone();
		let house = self.known_account(house_key)?;
		let owner = self.owner(&house_key.owner);
		let had = self.standing(&house, &owner).map_err(BookError::of::<T>)?.equity.max(Cash::ZERO);
		let took = deficit.min(had);
		let (left, unpaid) = (had.checked_sub(took)?, deficit.checked_sub(took)?);
		let (who, sub) = (key.owner.clone(), key.sub);
		Pallet::<T>::deposit_event(Event::LossPassedOn { owner: who, sub, guarantor: guarantor(), own, loss: deficit });
		Pallet::<T>::deposit_event(Event::LayerTaken {
			guarantor: guarantor(),
			layer: Layer::Customer,
			had: own,
			took: own,
			left: Cash::ZERO,
			unpaid: deficit,
		});
		// In a default the waterfall says it of all customers together.
		if !Defaults::<T>::contains_key(&house_key.owner) {
			let layer = Layer::HouseFunds;
			Pallet::<T>::deposit_event(Event::LayerTaken { guarantor: guarantor(), layer, had, took, left, unpaid });
		}
		Ok(())
	}

	/// A house pays `amount` for the accounts of another segment, or gets it if negative. It moves in what segments owe each other.
	fn move_between(
		&mut self,
		house: &SegmentOf<T>,
		other: &SegmentOf<T>,
		house_key: &AccountKeyOf<T>,
		amount: Cash,
	) -> DispatchResult {
		let mut account = self.known_account(house_key)?;
		account.cash = account.cash.checked_sub(amount)?;
		self.put_account(house_key, account).map_err(BookError::of::<T>)?;
		let mut ledger = self.ledger(house);
		ledger.net = ledger.net.checked_sub(amount)?;
		self.put_ledger(house, ledger);
		let mut ledger = self.ledger(other);
		ledger.net = ledger.net.checked_add(amount)?;
		self.put_ledger(other, ledger);
		Ok(())
	}

	fn hand_over_positions(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		lots: &[(InstrumentId, Lots)],
	) -> DispatchResult {
		let value = self.value_at_mark(lots).map_err(Error::<T>::from)?;
		let legs = self.legs(lots, &[]).map_err(Error::<T>::from)?;
		let taken: Result<Vec<_>, _> = legs.iter().copied().map(Leg::opposite).collect();
		let mut from = self.change(key, &taken?, Cash::ZERO).map_err(Error::<T>::from)?;
		let mut to = self.change(house_key, &legs, Cash::ZERO).map_err(Error::<T>::from)?;
		// Closing at mark leaves equity as it was.
		let equity = if self.is_innocent(key)? { Cash::ZERO } else { from.standing.equity.max(Cash::ZERO) };
		let penalty = self.parameters.max_penalty.mul_ceil(value)?.min(equity);
		from.account.cash = from.account.cash.checked_sub(penalty)?;
		to.account.cash = to.account.cash.checked_add(penalty)?;
		for (change, amount) in [(&from, penalty.checked_neg()?), (&to, penalty)] {
			let mut ledger = self.ledger(&change.account.segment);
			ledger.net = ledger.net.checked_add(amount)?;
			self.put_ledger(&change.account.segment, ledger);
		}
		for leg in &legs {
			Pallet::<T>::deposit_event(Event::HandedOver {
				owner: key.owner.clone(),
				sub: key.sub,
				guarantor: house_key.owner.clone(),
				instrument: leg.instrument,
				lots: leg.lots,
				price: leg.price,
			});
		}
		Pallet::<T>::deposit_event(Event::PenaltyPaid {
			owner: key.owner.clone(),
			sub: key.sub,
			to_house: penalty,
			to_pool: Cash::ZERO,
			to_caller: Cash::ZERO,
		});
		self.exchange(from, to)
	}

	/// Lets two changed accounts be as they are, with clearing between them.
	fn exchange(&mut self, from: Change<T>, to: Change<T>) -> DispatchResult {
		self.change_open_interest(&[&from, &to]).map_err(Error::<T>::from)?;
		self.take_over([from, to]).map_err(Error::<T>::from)?;
		Ok(())
	}

	/// The house takes collateral at what it counts for, and pays as much of what the account owes.
	fn hand_over_collateral(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		id: CollateralId,
		amount: u128,
	) -> DispatchResult {
		let mut account = self.known_account(key)?;
		let mut house = self.known_account(house_key)?;
		let amount = Pallet::<T>::sellable(id, account.collateral(id), amount)?;
		let line = crate::CollateralLine { id, amount, egress: Default::default() };
		let value = self.line_value(&line).map_err(BookError::of::<T>)?;
		let left = account.collateral(id).checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let held = house.collateral(id).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Pallet::<T>::set_line(&mut account, id, left)?;
		Pallet::<T>::set_line(&mut house, id, held)?;
		Pallet::<T>::move_collateral(id, amount, &account.segment, &house.segment)?;
		let owed = account.gap();
		account.cash = account.cash.checked_add(value)?;
		let closed = owed.checked_sub(account.gap())?;
		let (customers, house_segment) = (account.segment.clone(), house.segment.clone());
		self.put_account(key, account).map_err(BookError::of::<T>)?;
		self.put_account(house_key, house).map_err(BookError::of::<T>)?;
		self.move_between(&house_segment, &customers, house_key, value)?;
		self.set_off(&customers, &house_segment, closed)?;
		Pallet::<T>::deposit_event(Event::CollateralSold {
			owner: key.owner.clone(),
			sub: key.sub,
			to: house_key.owner.clone(),
			collateral: id,
			amount,
			price: value,
		});
		Ok(())
	}

	/// Takes a part of what is offered of an account.
	fn take_offer(&mut self, key: &AccountKeyOf<T>, taker: AccountKeyOf<T>, part: Ppm, least: Cash) -> DispatchResult {
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
		self.renew_marks(&account).map_err(BookError::of::<T>)?;
		let from = self.offered_since(&account, since).map_err(BookError::of::<T>)?.ok_or(Error::<T>::NoMark)?;
		ensure!(self.now >= from, Error::<T>::InGrace);
		let elapsed = self.now.saturating_sub(from);
		match self.offer(key).map_err(Error::<T>::from)? {
			Offer::Positions(lots) => self.take_positions(key, taker, &parts(&lots, part)?, elapsed, least),
			Offer::Collateral(id, amount) => {
				let amount = share_of(amount, part)?;
				self.take_collateral(key, &taker.owner, id, amount, elapsed, least)
			},
			Offer::Nothing => Err(Error::<T>::NotForSale.into()),
		}
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
		let from = self.offered_since(account, since).map_err(BookError::of::<T>)?.ok_or(Error::<T>::NoMark)?;
		ensure!(self.now >= from, Error::<T>::InGrace);
		let elapsed = self.now.saturating_sub(from);
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
		let standing = self.standing(&account, &owner).map_err(BookError::of::<T>)?;
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
			let size = instrument.risk.mark.checked_abs()?.max(instrument.floor);
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
		ledger.fees = ledger.fees.checked_add(to_pool)?;
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

/// A part of an amount of collateral, rounded up.
fn share_of(amount: u128, part: Ppm) -> Result<u128, ArithmeticError> {
	multiply_by_rational_with_rounding(amount, part.0.into(), Ppm::PARTS.into(), Rounding::Up)
		.ok_or(ArithmeticError::Overflow)
}

/// Parts of a portfolio that is taken in slices.
const SLICES: u64 = 1_000;

/// So many thousandths of every position, rounded up.
fn slice<A>(account: &crate::MarginAccount<A>, share: u64) -> Result<Vec<(InstrumentId, Lots)>, Refusal> {
	let share = Ppm(u32::try_from(share.saturating_mul(1_000)).map_err(|_| Refusal::OutOfBounds)?);
	let lots: Vec<_> = account.positions.iter().map(|position| (position.instrument, position.lots)).collect();
	Ok(parts(&lots, share)?)
}

/// A part of each, rounded up.
fn parts(lots: &[(InstrumentId, Lots)], part: Ppm) -> Result<Vec<(InstrumentId, Lots)>, ArithmeticError> {
	let part = |lots: Lots| {
		let size = part.mul_ceil(Cash(lots.checked_abs()?.0.into()))?;
		let size = i64::try_from(size.0).map_err(|_| ArithmeticError::Overflow)?;
		Ok(Lots(size.checked_mul(lots.0.signum()).ok_or(ArithmeticError::Overflow)?))
	};
	lots.iter().map(|(instrument, lots)| Ok((*instrument, part(*lots)?))).collect()
}

impl<T: Config> Pallet<T> {
	/// Rolls an account, lets its guarantor's house answer for it, liquidates it if it has to be, and puts it where it belongs in
	/// the trigger index.
	pub(crate) fn inspect(key: &AccountKeyOf<T>, by: Option<T::AccountId>) -> DispatchResult {
		Self::look(key, by).map(drop)
	}

	fn look(key: &AccountKeyOf<T>, by: Option<T::AccountId>) -> Result<Verdict, DispatchError> {
		let mut books = Books::<T>::new();
		let account = books.known_account(key)?;
		books.look_at(key);
		let guarantor = account.segment.guarantor.clone();
		let verdict = match account.segment.side {
			SegmentSide::House => Verdict::Sound,
			SegmentSide::Customers => books.judge(key, by)?,
		};
		// Who has no house is looked at through its customers.
		let is_house = account.segment.side == SegmentSide::House;
		books.follow_state(&guarantor)?;
		if is_house || MarginCalls::<T>::contains_key(&guarantor) {
			books.check_margin_call(&guarantor)?;
		}
		books.close()?;
		Ok(verdict)
	}

	pub(crate) fn do_liquidate(caller: T::AccountId, owner: T::AccountId, sub: SubAccount) -> DispatchResult {
		match Self::look(&AccountKey { owner, sub }, Some(caller))? {
			Verdict::Sound => Err(Error::<T>::Sound.into()),
			Verdict::Spared => Err(Error::<T>::InGrace.into()),
			Verdict::Offered => Err(Error::<T>::AlreadyForSale.into()),
			Verdict::NoHouse => Err(Error::<T>::NoHouse.into()),
			Verdict::Begun | Verdict::Recovered | Verdict::HandedOver => Ok(()),
		}
	}

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

	/// Notes that a block came, and when nobody is liquidated because the last one was long ago.
	pub(crate) fn beat() {
		let now = T::Clock::now();
		let parameters = crate::Parameters::<T>::get().liquidation;
		crate::Heartbeat::<T>::mutate(|pulse| *pulse = Pulse { grace: pulse.grace(now, &parameters), last: now });
	}

	/// How much of a line of collateral is sold where `amount` is wanted: all, if what is left could not be kept.
	fn sellable(id: CollateralId, held: u128, amount: u128) -> Result<u128, Error<T>> {
		let asset = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?.asset;
		let minimum = T::CollateralAssets::minimum_balance(asset);
		let is_rest = held.saturating_sub(amount) < minimum;
		Ok(if is_rest { held } else { amount })
	}

	/// Moves an amount of collateral from one segment's custody to another's.
	pub(crate) fn move_collateral(
		id: CollateralId,
		amount: u128,
		from: &SegmentOf<T>,
		to: &SegmentOf<T>,
	) -> DispatchResult {
		let asset = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?.asset;
		let (source, destination) = (Self::custody_account(from), Self::custody_account(to));
		T::CollateralAssets::transfer(asset, &source, &destination, amount, Preservation::Expendable)?;
		Self::change_segment_collateral(id, from, 0, amount)?;
		Self::change_segment_collateral(id, to, amount, 0)
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
