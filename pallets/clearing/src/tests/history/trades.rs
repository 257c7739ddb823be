//! Trades: what was let through is booked in the simple account as well, and leaves margin.

use super::*;

impl History {
	fn trade_of(deal: &Deal) -> Trade<AccountId> {
		let mark = Instruments::<Test>::get(deal.instrument).map_or(PRICE, |instrument| instrument.risk.mark.0);
		let price = match deal.quote {
			Quote::OfMark(share) => mark.saturating_add(mark.saturating_mul(share) / 1_000),
			Quote::At(price) => price,
		};
		let party = |line, fee, reduce_only| Party { account: key(line), fee: Cash(fee), reduce_only };
		let (buyer, seller, contract) = deal.reduce_only;
		Trade {
			instrument: deal.instrument,
			lots: Lots(deal.lots),
			price: Price(price),
			reduce_only: contract,
			buyer: party(deal.buyer, deal.fees.0, buyer),
			seller: party(deal.seller, deal.fees.1, seller),
		}
	}

	/// Books what clearing took over, and compares the receipt.
	fn book(&mut self, trade: &Trade<AccountId>, receipt: &gcx_primitives::TradeReceipt) -> Checked {
		let (settlement, multiplier) = self.prices.get(&trade.instrument).copied().unwrap_or_default();
		let sides = [(&trade.buyer, trade.lots.0, receipt.buyer), (&trade.seller, -trade.lots.0, receipt.seller)];
		for (party, lots, after) in sides {
			let line = self.lines.entry((party.account.owner, party.account.sub.0)).or_default();
			let booked = worth(lots, multiplier, settlement, trade.price.0);
			line.cash += booked - party.fee.0;
			*self.booked.entry((party.account.owner, party.account.sub.0)).or_default() += booked;
			self.fees += party.fee.0;
			let held = line.lots.entry(trade.instrument).or_default();
			*held += lots;
			let held = *held;
			line.lots.retain(|_, lots| *lots != 0);
			let is_said = after.lots.0 == held && after.cash.0 == line.cash && after.fee == party.fee;
			ensure(is_said, || format!("{after:?} was said, {held} lots and {line:?} it is"))?;
		}
		Ok(())
	}

	/// A trade on its own. What was let through leaves margin, or less missing than before, and what a preview said.
	pub(super) fn trade(&mut self, deal: &Deal) -> Result<Outcome, String> {
		let trade = Self::trade_of(deal);
		let parties = [(&trade.buyer, trade.lots.0), (&trade.seller, trade.lots.0.saturating_neg())];
		let view = |party: &Party<AccountId>| Clearing::account_view(party.account.owner, party.account.sub);
		let missing =
			|view: &gcx_runtime_api::AccountView<AccountId>| view.margin.initial_margin.0 - view.margin.equity.0;
		let before = parties.map(|(party, _)| view(party));
		// What a house advances for the other party to its trade, or gets back, is no matter of the trade.
		let given = |view: &gcx_runtime_api::AccountView<AccountId>| {
			Ledgers::<Test>::get(segment(view.guarantor, view.side)).unwrap_or_default().given
		};
		let gave = before.each_ref().map(|view| view.as_ref().map_or(Cash::ZERO, given));
		let previews = parties.map(|(party, lots)| {
			let AccountKey { owner, sub } = party.account;
			Clearing::margin_preview(owner, sub, trade.instrument, Lots(lots), trade.price, party.fee)
		});
		let done = with_storage_layer(|| {
			let mut batch = Books::<Test>::open();
			let done = batch.trade(&trade);
			batch.commit().map(|()| done)
		});
		let done = done.map_err(|error| format!("a batch of one trade was not closed: {error:?}"))?;
		let receipt = match done {
			Ok(receipt) => receipt,
			Err(Refused { reason, .. }) => {
				ensure(reason != Refusal::OutOfBounds || trade.lots.0.abs() > 1_000_000, || {
					format!("beyond bounds: {trade:?}")
				})?;
				return Ok(Err(name(&reason)));
			},
		};
		self.book(&trade, &receipt)?;
		for (((party, _), gave), (before, preview)) in
			parties.into_iter().zip(gave).zip(before.into_iter().zip(previews))
		{
			let before = before.ok_or("who traded had no account")?;
			let mut after = view(party).ok_or("who traded has no account")?;
			after.margin.equity.0 += given(&after).0 - gave.0;
			let (lacked, lacks) = (missing(&before), missing(&after));
			ensure(lacks <= 0 || lacks <= lacked, || format!("{party:?} lacked {lacked} and lacks {lacks}"))?;
			ensure(after.cash.0 >= 0 || lacks <= lacked, || format!("{party:?} owes {:?}", after.cash))?;
			let preview = preview.map_err(|refusal| format!("{party:?} traded in spite of {refusal:?}"))?;
			ensure(preview.before == before.margin && preview.after == after.margin, || {
				format!("{preview:?} was promised, {before:?} and {after:?} it was")
			})?;
		}
		Ok(Ok(()))
	}

	/// Several trades in one batch. Each goes through or is refused by itself.
	pub(super) fn batch(&mut self, deals: &[Deal]) -> Result<Outcome, String> {
		let trades: Vec<_> = deals.iter().map(Self::trade_of).collect();
		let done = with_storage_layer(|| {
			let mut batch = Books::<Test>::open();
			let done: Vec<_> = trades.iter().map(|trade| batch.trade(trade)).collect();
			batch.commit().map(|()| done)
		});
		let done = done.map_err(|error| format!("a batch was not closed: {error:?}"))?;
		let mut refusals = BTreeSet::new();
		for (trade, result) in trades.iter().zip(&done) {
			match result {
				Ok(receipt) => self.book(trade, receipt)?,
				Err(refused) => {
					refusals.insert(variant(&refused.reason));
				},
			}
		}
		let last = refusals.pop_first().filter(|_| done.iter().all(Result::is_err) || done.len() > 1);
		Ok(last.map_or(Ok(()), |refusal| {
			let some = if done.iter().any(Result::is_ok) { "some but not " } else { "" };
			Err(format!("{some}{refusal}"))
		}))
	}
}
