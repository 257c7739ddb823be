//! Trades: what is checked before clearing stands between the two parties, and what is booked then.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 4 and 6; EMIR article 41.

use crate::{
	books::Books, margin::Standing, types::MarginAccountOf, AccountState, Config, Instrument, Owner, Position,
};
use frame_support::{pallet_prelude::DispatchError, traits::Get};
use gcx_primitives::{
	Cash, InstrumentId, Lots, Party, PartyAfter, Ppm, Price, ReduceOnlyCause, Refusal, Refused, SegmentSide, Side,
	Trade, TradeBatch, TradeReceipt,
};

/// One party of a trade that is let through, as it will be.
pub(crate) struct Prepared<T: Config> {
	account: MarginAccountOf<T>,
	owner: Owner,
	/// Its lots before.
	before: Lots,
	/// The lots of the trade with their sign.
	lots: Lots,
	/// What it is left with.
	pub after: PartyAfter,
	/// How it will stand.
	pub standing: Standing,
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
		let receipt = TradeReceipt { buyer: buyer.after, seller: seller.after };
		let instrument = self.instrument_after(trade, &buyer, &seller)?;
		*self.instrument_mut(trade.instrument).map_err(Refusal::from)? = instrument;
		// What can still fail is a sum over the whole exchange; then the books are of no use any more.
		self.take_over(trade, buyer, seller).inspect_err(|_| self.is_broken = true)?;
		Ok(receipt)
	}

	fn commit(self) -> Result<(), DispatchError> {
		self.close()
	}
}

impl<T: Config> Books<T> {
	/// What is checked of the trade itself.
	fn ensure_tradable(&mut self, trade: &Trade<T::AccountId>) -> Result<(), Refusal> {
		let instrument = self.instrument(trade.instrument)?;
		if instrument.quarantined {
			return Err(Refusal::Quarantined);
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
	pub(crate) fn prepare(&mut self, trade: &Trade<T::AccountId>, side: Side) -> Result<Prepared<T>, Refusal> {
		let (party, lots) = match side {
			Side::Buy => (&trade.buyer, trade.lots),
			Side::Sell => (&trade.seller, trade.lots.checked_neg()?),
		};
		let account = self.account(&party.account)?.ok_or(Refusal::UnknownAccount)?;
		let owner = self.owner(&party.account.owner);
		let before = account.lots(trade.instrument);
		let after = before.checked_add(lots)?;
		if !after.is_bounded() {
			return Err(Refusal::LotsOutOfRange);
		}
		// A position that turns around is a new one.
		let opens = after.checked_abs()? > before.checked_abs()? || i128::from(after.0) * i128::from(before.0) < 0;
		if opens {
			self.ensure_may_open(trade, party, &account)?;
		}

		let instrument = self.instrument(trade.instrument)?;
		let booked = instrument.gain(lots, trade.price)?;
		let basis = instrument.settlement.price;
		let mut next = account.clone();
		next.cash = Cash::checked_sum([account.cash, booked, party.fee.checked_neg()?])?;
		set_position(&mut next, Position { instrument: trade.instrument, lots: after, basis })?;
		next.unpaid = next.unpaid.booked(self.settlements.current, booked)?;
		let gross =
			owner.gross(trade.instrument).checked_sub(before.checked_abs()?)?.checked_add(after.checked_abs()?)?;
		let mut next_owner = owner.clone();
		next_owner.set_gross(trade.instrument, gross)?;

		let standing = self.standing(&next, &next_owner)?;
		let required = standing.requirement.total()?;
		next_owner.requirement = owner.requirement.checked_sub(account.requirement)?.checked_add(required)?;
		next.requirement = required;
		if opens {
			self.ensure_within_limits(trade, party, account.requirement, (&next, &next_owner))?;
		}
		self.ensure_margined(trade, party, opens, (&account, &owner), (&next, &standing))?;
		let after = PartyAfter { lots: after, booked, fee: party.fee, cash: next.cash };
		Ok(Prepared { account: next, owner: next_owner, before, lots, after, standing })
	}

	/// Whether anything lets the party lower its position only.
	fn ensure_may_open(
		&mut self,
		trade: &Trade<T::AccountId>,
		party: &Party<T::AccountId>,
		account: &MarginAccountOf<T>,
	) -> Result<(), Refusal> {
		let has_mark = self.instrument(trade.instrument)?.mark.is_some();
		let state = self.guarantor_state(&account.segment.guarantor);
		let suspended = account.segment.side == SegmentSide::Customers
			&& self.membership(&party.account.owner).is_none_or(|membership| membership.limits.suspended);
		let causes = [
			(party.reduce_only, ReduceOnlyCause::Order),
			(trade.reduce_only, ReduceOnlyCause::Contract),
			(!has_mark, ReduceOnlyCause::NoMark),
			(!state.is_some_and(|state| state.opens_risk()), ReduceOnlyCause::Guarantor),
			(suspended, ReduceOnlyCause::Customer),
			(account.state == AccountState::CashCall, ReduceOnlyCause::Account),
		];
		match causes.into_iter().find(|(applies, _)| *applies) {
			Some((_, cause)) => Err(Refusal::ReduceOnly(cause)),
			None => Ok(()),
		}
	}

	/// The limits of the instrument, and those that a guarantor set its customer.
	fn ensure_within_limits(
		&mut self,
		trade: &Trade<T::AccountId>,
		party: &Party<T::AccountId>,
		required_before: Cash,
		(account, owner): (&MarginAccountOf<T>, &Owner),
	) -> Result<(), Refusal> {
		let terms = self.instrument(trade.instrument)?.terms;
		let (lots, gross) = (account.lots(trade.instrument).checked_abs()?, owner.gross(trade.instrument));
		if lots > terms.max_account_lots {
			return Err(Refusal::AccountLimit { limit: terms.max_account_lots, needed: lots });
		}
		if gross > terms.max_owner_lots {
			return Err(Refusal::OwnerLimit { limit: terms.max_owner_lots, needed: gross });
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

	/// Cash and equity suffice, or the trade lowers what is missing, near the mark.
	fn ensure_margined(
		&mut self,
		trade: &Trade<T::AccountId>,
		party: &Party<T::AccountId>,
		opens: bool,
		(before, owner): (&MarginAccountOf<T>, &Owner),
		(after, standing): (&MarginAccountOf<T>, &Standing),
	) -> Result<(), Refusal> {
		let multiplier = self.multiplier(&party.account, after.segment.side);
		let initial = standing.initial(multiplier)?;
		let needed = if opens { self.parameters.min_cash.mul_ceil(initial)? } else { Cash::ZERO };
		let refusal = if standing.cash < needed {
			Refusal::InsufficientCash { had: standing.cash, needed }
		} else if standing.equity < initial {
			Refusal::InsufficientMargin { had: standing.equity, needed: initial }
		} else {
			return Ok(());
		};
		let stood = self.standing(before, owner)?;
		let lowers = standing.shortfall(multiplier)? <= stood.shortfall(multiplier)?;
		let penalty = self.parameters.max_penalty;
		let near = self.instrument(trade.instrument)?.is_near_mark(trade.price, penalty)?;
		(lowers && near).then_some(()).ok_or(refusal)
	}

	/// The instrument as it would be after the trade.
	fn instrument_after(
		&mut self,
		trade: &Trade<T::AccountId>,
		buyer: &Prepared<T>,
		seller: &Prepared<T>,
	) -> Result<Instrument, Refusal> {
		let (long, short) = [buyer, seller].into_iter().fold((0i64, 0i64), |(long, short), party| {
			let (was, is) = (party.before.0, party.after.lots.0);
			(long + is.max(0) - was.max(0), short + (-is).max(0) - (-was).max(0))
		});
		let (now, window) = (self.now, self.parameters.trade_window);
		let mut instrument = self.instrument(trade.instrument)?.clone();
		instrument.long = instrument.long.checked_add(Lots(long))?;
		instrument.short = instrument.short.checked_add(Lots(short))?;
		if !instrument.long.is_bounded() {
			return Err(Refusal::LotsOutOfRange);
		}
		instrument.traded = instrument.traded.at(now, window);
		instrument.traded.add(trade.lots, trade.price)?;
		Ok(instrument)
	}

	/// Clearing becomes the buyer's seller and the seller's buyer.
	fn take_over(
		&mut self,
		trade: &Trade<T::AccountId>,
		buyer: Prepared<T>,
		seller: Prepared<T>,
	) -> Result<(), Refusal> {
		for (party, prepared) in [(&trade.buyer, buyer), (&trade.seller, seller)] {
			let segment = prepared.account.segment.clone();
			let mut ledger = self.ledger(&segment);
			ledger.fees = ledger.fees.checked_add(prepared.after.fee)?;
			self.put_ledger(&segment, ledger);
			self.book(&segment, trade.instrument, prepared.lots, trade.price)?;
			self.put_account(&party.account, prepared.account)?;
			self.put_owner(&party.account.owner, prepared.owner);
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
		key: &crate::types::AccountKeyOf<T>,
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
