//! Positions that are delivered, escrow, and what is paid of both.

use super::*;
use crate::{
	mock::delivery::{begun, cover_of, forget, make_deliverable, set_capacity, set_cover},
	tests::operations::Delivery,
};
use frame_support::traits::fungible::Balanced;
use gcx_primitives::{DeliveryClearing, DeliveryRamp, InsurancePool as _};

/// What a position puts aside when it ends: the value of a long's lots, and of a short's that nothing covers.
pub(super) fn put_aside(line: Line, id: InstrumentId, lots: i64, multiplier: u64) -> i128 {
	let Some((price, _)) = begun().get(&id).copied() else { return 0 };
	let due = if lots > 0 { lots } else { (-lots - cover_of(line, id)).max(0) };
	worth(due, multiplier, price, 0)
}

impl History {
	/// All positions of an instrument are gone. What is delivered of it took money along.
	pub(super) fn end_positions(&mut self, id: InstrumentId) {
		let (_, multiplier) = self.prices.get(&id).copied().unwrap_or_default();
		let delivers = begun().contains_key(&id);
		self.tally.count(if delivers { "instruments delivered" } else { "instruments ended in cash" });
		for (line, holdings) in &mut self.lines {
			let Some(lots) = holdings.lots.remove(&id).filter(|_| delivers) else { continue };
			let amount = put_aside(*line, id, lots, multiplier);
			holdings.cash -= amount;
			self.escrow += amount;
			*self.deliveries.entry(*line).or_default() += 1;
		}
	}

	/// Whether the account is under somebody who is a guarantor, if there is one.
	fn has_guarantor((owner, sub): Line) -> bool {
		let account = Accounts::<Test>::get(owner, SubAccount(sub));
		account.is_none_or(|account| Guarantor::state(&account.segment.guarantor).is_some())
	}

	/// An instrument is gone for good.
	pub(super) fn forget_delivery(id: InstrumentId) {
		forget(id);
	}

	pub(super) fn deliver(&mut self, asked: Delivery) -> Result<Outcome, String> {
		use frame_support::pallet_prelude::DispatchError as Error;
		let of = |number: usize| {
			segments().nth(number % segments().count()).unwrap_or(segment(GUARANTOR, SegmentSide::House))
		};
		let part = |number: usize, share: u128| Clearing::escrowed(&of(number)).0 * as_cash(share) / 1_000;
		Ok(match asked {
			Delivery::Ramp(id, from, length) => {
				let from = now() + from * MINUTE;
				let ramp = DeliveryRamp { from, until: from + length * MINUTE, days: 3 };
				let done = outcome(with_storage_layer(|| Clearing::deliver(id, ramp)));
				if let Some(instrument) = Instruments::<Test>::get(id).filter(|held| held.ended.is_none()) {
					make_deliverable(id, instrument.terms.multiplier.0);
				}
				ok_or(done, "UnknownInstrument")?
			},
			Delivery::Cover(line, id, lots) => {
				if begun().contains_key(&id) {
					return Ok(Err("too late".to_owned()));
				}
				let before = set_cover(line, id, lots);
				let done = outcome(with_storage_layer(|| Clearing::ensure_margined(&key(line))));
				if done.is_err() && lots < before {
					set_cover(line, id, before);
				}
				done
			},
			Delivery::Capacity(hours) => {
				set_capacity(hours * 1_000_000);
				Ok(())
			},
			Delivery::End(id) => outcome(with_storage_layer(|| {
				Clearing::refresh(id)?;
				let mark = Clearing::mark(id).ok_or(Error::Other("it has no mark"))?;
				Clearing::end(id, mark)
			})),
			Delivery::Escrow(line, amount) => {
				let view = Clearing::account_view(line.0, SubAccount(line.1));
				let most = view.map_or(0, |view| view.withdrawable.0);
				let amount = i128::try_from(Self::units(line, amount)).unwrap_or(i128::MAX);
				let done = Clearing::escrow(&key(line), Cash(amount));
				if done.is_ok() {
					ensure(amount <= most, || format!("{amount} went into escrow, {most} could"))?;
					self.lines.entry(line).or_default().cash -= amount;
					self.escrow += amount;
				}
				outcome(done.map(drop))
			},
			Delivery::Release(number, line, share) => {
				let amount = part(number, share);
				let done = <Clearing as DeliveryClearing<_>>::release(&of(number), &key(line), Cash(amount));
				if done.is_ok() {
					self.lines.entry(line).or_default().cash += amount;
					self.escrow -= amount;
				}
				outcome(done)
			},
			Delivery::Forfeit(number, share) => {
				let amount = part(number, share);
				let done = Clearing::forfeit(&of(number), Cash(amount));
				if done.is_ok() {
					self.penalties += amount;
					self.escrow -= amount;
				}
				outcome(done)
			},
			// Who only applies to be a guarantor has an account, and never had a position.
			Delivery::Charge(seller, ..) | Delivery::Fine(seller, _) if !Self::has_guarantor(seller) => {
				Err("no guarantor".to_owned())
			},
			Delivery::Charge(seller, buyer, amount) => {
				let done = Clearing::charge(&key(seller), &key(buyer), Cash(amount));
				if done.is_ok() {
					self.lines.entry(seller).or_default().cash -= amount;
					self.lines.entry(buyer).or_default().cash += amount;
				}
				outcome(done)
			},
			Delivery::Fine(seller, amount) => {
				let done = Clearing::fine(&key(seller), Cash(amount));
				if done.is_ok() {
					self.lines.entry(seller).or_default().cash -= amount;
					self.penalties += amount;
				}
				outcome(done)
			},
			Delivery::SellStake(seller, buyer, tokens, advance) => {
				let stake = Balances::issue(tokens);
				let worth = Insurance::bond_value(tokens).unwrap_or_default();
				let done = Clearing::sell_stake(&key(seller), stake, Cash(advance), &key(buyer));
				if let Ok(paid) = done {
					ensure(paid >= Cash::ZERO && paid <= worth.min(Cash(advance)), || {
						format!("{paid:?} of {advance}")
					})?;
					self.lines.entry(buyer).or_default().cash += paid.0;
				}
				outcome(done.map(drop))
			},
			Delivery::Done(line) => match self.deliveries.get_mut(&line).filter(|open| **open > 0) {
				// Before it is taken over nothing of it is done.
				Some(open) if Accounts::<Test>::get(line.0, SubAccount(line.1)).is_some_and(|it| it.deliveries > 0) => {
					*open -= 1;
					Clearing::done(&key(line));
					Ok(())
				},
				Some(_) | None => Err("nothing is open".to_owned()),
			},
		})
	}

	/// What is in escrow is what was put there and not paid, with what accounts have to put there when they are rolled; who has
	/// deliveries has so many.
	pub(super) fn check_escrow(&self) -> Checked {
		let mut sum: i128 = Ledgers::<Test>::iter_values().map(|ledger| ledger.escrow.0).sum();
		let mut open = BTreeMap::<Line, u32>::new();
		for (owner, sub, account) in Accounts::<Test>::iter() {
			let line = (owner, sub.0);
			let count = open.entry(line).or_default();
			*count += account.deliveries;
			for position in &account.positions {
				let Some(held) = Instruments::<Test>::get(position.instrument).filter(|held| held.delivers) else {
					continue;
				};
				*count += 1;
				sum += put_aside(line, position.instrument, position.lots.0, held.terms.multiplier.0);
			}
		}
		open.retain(|_, count| *count > 0);
		let mut expected = self.deliveries.clone();
		expected.retain(|_, count| *count > 0);
		ensure(open == expected, || format!("deliveries are {open:?}, should be {expected:?}"))?;
		ensure(sum == self.escrow, || format!("{sum} are in escrow, should be {}", self.escrow))
	}
}
