//! Trades: what is checked before clearing stands between the two parties, and what is booked then.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 4 and 6; EMIR article 41.

use crate::{
	books::Books,
	margin::Standing,
	types::{AccountKeyOf, MarginAccountOf},
	Config, Instrument, Owner, Position,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{pallet_prelude::DispatchError, traits::Get};
use gcx_primitives::{
	ArithmeticError, Cash, DeliverableCapacity, InstrumentId, Lots, Party, PartyAfter, Ppm, Price, ReduceOnlyCause,
	Refusal, Refused, SegmentSide, Side, Trade, TradeBatch, TradeReceipt,
};

/// Lots of an instrument that an account gets, or gives if negative, at a price.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
	pub instrument: InstrumentId,
	pub lots: Lots,
	pub price: Price,
}

impl Leg {
	/// The same for who is on the other side.
	pub fn opposite(self) -> Result<Self, ArithmeticError> {
		Ok(Self { lots: self.lots.checked_neg()?, ..self })
	}
}

/// An account as it will be after some legs. Nothing is checked but that it can be kept.
pub(crate) struct Change<T: Config> {
	pub key: AccountKeyOf<T>,
	pub account: MarginAccountOf<T>,
	pub owner: Owner,
	/// What it gets, each instrument once, and how many lots it had before.
	legs: Vec<(Leg, Lots)>,
	/// What the legs book to its cash, without the fee.
	pub booked: Cash,
	/// What it pays on top.
	fee: Cash,
	/// How it will stand.
	pub standing: Standing,
}

impl<T: Config> Change<T> {
	/// What the change leaves the account with, if it is of one leg.
	fn after(&self) -> PartyAfter {
		let lots = self.legs.first().map_or(Lots::ZERO, |(leg, _)| self.account.lots(leg.instrument));
		PartyAfter { lots, booked: self.booked, fee: self.fee, cash: self.account.cash }
	}
}

impl<T: Config> TradeBatch<T::AccountId> for Books<T> {
	type Error = DispatchError;

	fn open() -> Self {
		Self::new()
	}

	fn trade(&mut self, trade: &Trade<T::AccountId>) -> Result<TradeReceipt, Refused> {
		self.ensure_tradable(trade)?;
		let at_fault = |side| move |reason| Refused { party: Some(side), reason };
		let buyer = self.prepare(trade, Side::Buy).map_err(at_fault(Side::Buy))?;
		let seller = self.prepare(trade, Side::Sell).map_err(at_fault(Side::Sell))?;
		let receipt = TradeReceipt { buyer: buyer.after(), seller: seller.after() };
		self.change_open_interest(&[&buyer, &seller])?;
		let (now, window) = (self.now, self.parameters.trade_window);
		let instrument = self.instrument_mut(trade.instrument).map_err(Refusal::from)?;
		instrument.traded = instrument.traded.at(now, window);
		// What can still fail is a sum over the whole exchange; then the books are of no use any more.
		let counted = instrument.traded.add(trade.lots, trade.price).map_err(Refusal::from);
		counted.and_then(|()| self.take_over([buyer, seller])).inspect_err(|_| self.is_broken = true)?;
		Ok(receipt)
	}

	fn commit(self) -> Result<(), DispatchError> {
		self.close()
	}
}

impl<T: Config> Books<T> {
	/// What is checked of the trade itself.
	fn ensure_tradable(&mut self, trade: &Trade<T::AccountId>) -> Result<(), Refusal> {
		let is_frozen = self.is_frozen;
		let instrument = self.instrument(trade.instrument)?;
		if instrument.quarantined || instrument.ending.is_some() {
			return Err(Refusal::Quarantined);
		}
		if is_frozen {
			return Err(Refusal::RunInProgress);
		}
		if trade.lots <= Lots::ZERO || !trade.lots.is_bounded() {
			return Err(Refusal::LotsOutOfRange);
		}
		let band = instrument.band;
		if !band.contains(trade.price) {
			return Err(Refusal::PriceOutsideBand { lowest: band.lowest, highest: band.highest });
		}
		if trade.buyer.account.owner == trade.seller.account.owner {
			return Err(Refusal::SelfTrade);
		}
		Ok(())
	}

	/// One party as it would be after the trade, or why it may not trade.
	pub(crate) fn prepare(&mut self, trade: &Trade<T::AccountId>, side: Side) -> Result<Change<T>, Refusal> {
		let (party, lots) = match side {
			Side::Buy => (&trade.buyer, trade.lots),
			Side::Sell => (&trade.seller, trade.lots.checked_neg()?),
		};
		let leg = Leg { instrument: trade.instrument, lots, price: trade.price };
		self.admit(party, trade.reduce_only, &[leg])
	}

	/// A party as it would be after some legs at prices near the mark, or why it may not take them.
	pub(crate) fn admit(
		&mut self,
		party: &Party<T::AccountId>,
		reduce_only: bool,
		legs: &[Leg],
	) -> Result<Change<T>, Refusal> {
		let account = self.account(&party.account)?.ok_or(Refusal::UnknownAccount)?;
		let mut opens = false;
		for leg in legs {
			let before = account.lots(leg.instrument);
			let after = before.checked_add(leg.lots)?;
			if !after.is_bounded() {
				return Err(Refusal::LotsOutOfRange);
			}
			// A position that turns around is a new one.
			if after.checked_abs()? > before.checked_abs()? || i128::from(after.0) * i128::from(before.0) < 0 {
				self.ensure_may_open(leg.instrument, party, reduce_only, &account)?;
				opens = true;
			}
		}
		let change = self.change(&party.account, legs, party.fee)?;
		if opens {
			for leg in legs {
				self.ensure_within_limits(leg.instrument, party, account.requirement, &change)?;
			}
		}
		self.ensure_margined(party, opens, &account, &change)?;
		if opens {
			self.ensure_covered(&change)?;
		}
		Ok(change)
	}

	/// An account as it would be after some legs and a fee.
	pub(crate) fn change(&mut self, key: &AccountKeyOf<T>, legs: &[Leg], fee: Cash) -> Result<Change<T>, Refusal> {
		let mut account = self.account(key)?.ok_or(Refusal::UnknownAccount)?;
		let mut owner = self.owner(&key.owner);
		let (mut booked, mut noted) = (Cash::ZERO, Vec::with_capacity(legs.len()));
		for leg in legs {
			let instrument = self.instrument(leg.instrument)?;
			booked = booked.checked_add(instrument.gain(leg.lots, leg.price)?)?;
			let basis = instrument.settlement.price;
			let before = account.lots(leg.instrument);
			let after = before.checked_add(leg.lots)?;
			set_position(&mut account, Position { instrument: leg.instrument, lots: after, basis })?;
			let gross = owner.gross(leg.instrument).checked_sub(before.checked_abs()?)?;
			owner.set_gross(leg.instrument, gross.checked_add(after.checked_abs()?)?)?;
			noted.push((*leg, before));
		}
		account.cash = Cash::checked_sum([account.cash, booked, fee.checked_neg()?])?;
		account.unpaid = account.unpaid.booked(self.settlements.current, booked)?;
		let standing = self.standing(key, &account, &owner)?;
		let required = standing.requirement.total()?;
		owner.requirement = owner.requirement.checked_sub(account.requirement)?.checked_add(required)?;
		account.requirement = required;
		Ok(Change { key: key.clone(), account, owner, legs: noted, booked, fee, standing })
	}

	/// Whether anything lets the party lower its position only.
	fn ensure_may_open(
		&mut self,
		instrument: InstrumentId,
		party: &Party<T::AccountId>,
		reduce_only: bool,
		account: &MarginAccountOf<T>,
	) -> Result<(), Refusal> {
		let has_mark = self.instrument(instrument)?.mark.is_some();
		let state = self.guarantor_state(&account.segment.guarantor);
		let suspended = account.segment.side == SegmentSide::Customers
			&& self.membership(&party.account.owner).is_none_or(|membership| membership.limits.suspended);
		let causes = [
			(party.reduce_only, ReduceOnlyCause::Order),
			(reduce_only, ReduceOnlyCause::Contract),
			(!has_mark, ReduceOnlyCause::NoMark),
			(!state.is_some_and(|state| state.opens_risk()), ReduceOnlyCause::Guarantor),
			(suspended, ReduceOnlyCause::Customer),
			(!account.state.is_open(), ReduceOnlyCause::Account),
		];
		match causes.into_iter().find(|(applies, _)| *applies) {
			Some((_, cause)) => Err(Refusal::ReduceOnly(cause)),
			None => Ok(()),
		}
	}

	/// The limits of the instrument, which come down as its delivery nears, and those that a guarantor set its customer.
	fn ensure_within_limits(
		&mut self,
		instrument: InstrumentId,
		party: &Party<T::AccountId>,
		required_before: Cash,
		Change { account, owner, .. }: &Change<T>,
	) -> Result<(), Refusal> {
		let listed = self.instrument(instrument)?;
		let is_near = listed.risk.delivery_phase > Ppm::ZERO;
		// Nobody counts capacity before delivery draws near.
		let per_day = if is_near { T::Capacity::per_day(listed.terms.class) } else { None };
		let (max_account_lots, max_owner_lots) = listed.limits(per_day)?;
		let (lots, gross) = (account.lots(instrument).checked_abs()?, owner.gross(instrument));
		if lots > max_account_lots {
			return Err(Refusal::AccountLimit { limit: max_account_lots, needed: lots });
		}
		if gross > max_owner_lots {
			return Err(Refusal::OwnerLimit { limit: max_owner_lots, needed: gross });
		}
		let minimum = Cash(i128::try_from(T::MinRequirement::get()).map_err(|_| Refusal::OutOfBounds)?);
		// A hedge may bring the requirement down to anything.
		if account.requirement < minimum && account.requirement > required_before {
			return Err(Refusal::BelowMinimumMargin { had: account.requirement, needed: minimum });
		}
		if account.segment.side == SegmentSide::House {
			return Ok(());
		}
		let limits = self.membership(&party.account.owner).ok_or(Refusal::UnknownAccount)?.limits;
		if gross > limits.max_lots {
			return Err(Refusal::GuarantorLotsLimit { limit: limits.max_lots, needed: gross });
		}
		let initial = limits.margin_multiplier.mul_ceil(owner.requirement)?;
		if initial > limits.max_initial_margin {
			return Err(Refusal::GuarantorMarginLimit { limit: limits.max_initial_margin, needed: initial });
		}
		Ok(())
	}

	/// Cash and equity suffice, or the legs lower what is missing, near the mark.
	fn ensure_margined(
		&mut self,
		party: &Party<T::AccountId>,
		opens: bool,
		before: &MarginAccountOf<T>,
		change: &Change<T>,
	) -> Result<(), Refusal> {
		let standing = &change.standing;
		let multiplier = self.multiplier(&party.account, before.segment.side);
		let initial = standing.initial(multiplier)?;
		let needed = if opens { self.parameters.min_cash.mul_ceil(initial)? } else { Cash::ZERO };
		let refusal = if standing.cash < needed {
			Refusal::InsufficientCash { had: standing.cash, needed }
		} else if standing.equity < initial {
			Refusal::InsufficientMargin { had: standing.equity, needed: initial }
		} else {
			return Ok(());
		};
		let owner = self.owner(&party.account.owner);
		let stood = self.standing(&party.account, before, &owner)?;
		let lowers = standing.shortfall(multiplier)? <= stood.shortfall(multiplier)?;
		let penalty = self.parameters.max_penalty;
		let mut near = true;
		for (leg, _) in &change.legs {
			near &= self.instrument(leg.instrument)?.is_near_mark(leg.price, penalty)?;
		}
		(lowers && near).then_some(()).ok_or(refusal)
	}

	/// Counts what is held long and short after some accounts changed with each other. Changes nothing if it refuses.
	pub(crate) fn change_open_interest(&mut self, changes: &[&Change<T>]) -> Result<(), Refusal> {
		let mut moved = BTreeMap::<InstrumentId, (i64, i64)>::new();
		for change in changes {
			for (leg, before) in &change.legs {
				let (was, is) = (before.0, before.checked_add(leg.lots)?.0);
				let (long, short) = moved.entry(leg.instrument).or_default();
				*long += is.max(0) - was.max(0);
				*short += (-is).max(0) - (-was).max(0);
			}
		}
		let mut after = Vec::with_capacity(moved.len());
		for (id, (long, short)) in moved {
			let instrument = self.instrument(id)?;
			let long = instrument.long.checked_add(Lots(long))?;
			let short = instrument.short.checked_add(Lots(short))?;
			if !long.is_bounded() {
				return Err(Refusal::LotsOutOfRange);
			}
			after.push((id, long, short));
		}
		for (id, long, short) in after {
			let instrument = self.instrument_mut(id)?;
			(instrument.long, instrument.short) = (long, short);
		}
		Ok(())
	}

	/// Clearing becomes everyone's counterparty.
	pub(crate) fn take_over(&mut self, changes: [Change<T>; 2]) -> Result<(), Refusal> {
		for change in changes {
			let segment = change.account.segment.clone();
			let mut ledger = self.ledger(&segment);
			ledger.fees = ledger.fees.checked_add(change.fee)?;
			self.put_ledger(&segment, ledger);
			for (leg, _) in &change.legs {
				self.book(&segment, leg.instrument, leg.lots, leg.price)?;
			}
			self.put_owner(&change.key.owner, change.owner);
			self.put_account(&change.key, change.account)?;
		}
		Ok(())
	}
}

/// Sets an account's position of an instrument; no lots remove it.
fn set_position<A>(account: &mut crate::MarginAccount<A>, position: Position) -> Result<(), Refusal> {
	let held = account.positions.iter().position(|held| held.instrument == position.instrument);
	match held {
		Some(index) if position.lots.is_zero() => {
			account.positions.remove(index);
		},
		Some(index) => account.positions[index] = position,
		None => account.positions.try_push(position).map_err(|_| Refusal::TooManyPositions)?,
	}
	Ok(())
}

impl<T: Config> Books<T> {
	/// How one party would stand after a trade with somebody else.
	pub(crate) fn preview(
		&mut self,
		key: &AccountKeyOf<T>,
		instrument: InstrumentId,
		lots: Lots,
		price: Price,
		fee: Cash,
	) -> Result<Standing, Refusal> {
		let party = || Party { account: key.clone(), fee, reduce_only: false };
		let side = if lots < Lots::ZERO { Side::Sell } else { Side::Buy };
		let lots = lots.checked_abs()?;
		let trade = Trade { instrument, lots, price, reduce_only: false, buyer: party(), seller: party() };
		match self.ensure_tradable(&trade) {
			// Both parties are the same here.
			Ok(()) | Err(Refusal::SelfTrade) => {},
			Err(refusal) => return Err(refusal),
		}
		Ok(self.prepare(&trade, side)?.standing)
	}
}

impl Instrument {
	/// Whether a price is so near the mark that a trade at it may be let through for lowering risk alone.
	fn is_near_mark(&self, price: Price, share: Ppm) -> Result<bool, Refusal> {
		let near = crate::PriceBand::around(self.risk.mark, share, self.floor)?;
		Ok(near.contains(price))
	}
}
