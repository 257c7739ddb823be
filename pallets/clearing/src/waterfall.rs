//! The default waterfall: who bears what a failed house owes, in this order and no other.
//!
//! | layer | whose money |
//! | --- | --- |
//! | 1 | the customer's own cash and collateral, before anything reaches its guarantor (see `liquidation.rs`) |
//! | 2 | its guarantor's: house funds, what it contributed to the pool, its bond (sold later; the pool advances what it counts for) |
//! | 3 | skin in the game: the exchange's tranche of the pool |
//! | 4 | the mutualised pool: the other guarantors pro rata to their risk, then outsiders |
//! | 5 | assessments of the other guarantors, out of their bonds |
//! | 6 | the gains of the next settlement run, pro rata |
//! | 7 | tear-up: what the failed house still holds ends at the settlement price |
//!
//! One step takes one layer, wholly or not at all, and says what it had, took and left. What a layer takes comes into the
//! house's cash; what the pool had lent for it before is forgiven, so that no money moves twice. Nobody's principal pays for
//! another's loss. A loss that is left after the last layer, or comes with the end of what the house held, goes through all of
//! them again. What was taken in excess goes back to the pool.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 4 and 13; EMIR article 45.

use crate::{
	advances::segments,
	books::{BookError, Books},
	Config, Defaults, Event, Failure, Ledger, Ledgers, Pallet, TotalCustody,
};
use alloc::vec::Vec;
use frame_support::{
	dispatch::DispatchClass,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::{fungible::Mutate, tokens::Preservation, Get},
};
use gcx_primitives::{
	AccountKey, Cash, DefaultStage as Stage, Guarantors, InsurancePool, PoolLayer, SegmentSide, SubAccount, Taken,
	WaterfallLayer as Layer,
};

/// What a step of a layer did.
pub(crate) enum Outcome {
	/// It gave what it could.
	Took(Taken),
	/// It has more, which is not there yet.
	Waits(Taken),
	/// There was nothing to take in this step.
	Done,
}

impl<T: Config> Pallet<T> {
	/// Takes one layer's step. Returns whether anything was done.
	pub(crate) fn advance_waterfall(
		mut books: Books<T>,
		guarantor: &T::AccountId,
		mut failure: Failure,
		layer: Layer,
	) -> Result<bool, DispatchError> {
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let cash = books.house(guarantor)?.map_or(Cash::ZERO, |account| account.cash);
		let loss = Cash(cash.0.min(0)).checked_neg()?;
		let is_flat = Self::is_flat(guarantor, SegmentSide::House);
		// Prices may have moved since the loss was last counted.
		failure.loss = failure.taken.checked_add(loss)?;
		if let Some(taken) = books.finished_levy(guarantor) {
			failure.loss = failure.loss.checked_add(taken.took)?;
			Self::note_layer(guarantor, &mut failure, Layer::Gains, taken)?;
			return Self::go_on(books, guarantor, failure, Layer::TearUp);
		}
		if books.is_sharing_out(guarantor, loss) {
			return Ok(false);
		}
		if layer == Layer::HouseFunds {
			// All that the house had when it failed goes into the loss before anybody else's money does.
			let had = failure.house_funds;
			let left = cash.clamp(Cash::ZERO, had);
			let took = had.checked_sub(left)?;
			failure.house_funds = left;
			failure.house_took = failure.house_took.checked_add(took)?;
			failure.loss = failure.loss.checked_add(took)?;
			Self::note_layer(guarantor, &mut failure, layer, Taken { had, took, left })?;
			return Self::go_on(books, guarantor, failure, Layer::Contribution);
		}
		if loss.is_zero() && (is_flat || layer < Layer::TearUp) {
			// Nothing is owed: only what nobody took is left to end.
			return if is_flat {
				Self::end_default(books, guarantor, failure, cash)
			} else {
				Self::go_on(books, guarantor, failure, Layer::TearUp)
			};
		}
		if !failure.house_funds.is_zero() && !loss.is_zero() {
			// It had something left, and lost that as well: it comes before anybody else's money.
			return Self::go_on(books, guarantor, failure, Layer::HouseFunds);
		}
		let outcome = match layer {
			Layer::Customer | Layer::HouseFunds => Outcome::Done,
			Layer::Contribution => books.absorb(guarantor, PoolLayer::Own, loss)?,
			Layer::Bond => books.sell_bond(guarantor, loss)?,
			Layer::Skin => books.absorb(guarantor, PoolLayer::Skin, loss)?,
			Layer::Guarantors => books.absorb(guarantor, PoolLayer::Guarantors, loss)?,
			Layer::Outside => books.absorb(guarantor, PoolLayer::Outside, loss)?,
			Layer::Assess => {
				T::Pool::assess(guarantor, loss);
				Outcome::Done
			},
			Layer::Assessments => books.collect_assessments(guarantor, loss)?,
			Layer::Gains => books.take_gains(guarantor, loss)?,
			Layer::TearUp if is_flat => Outcome::Done,
			Layer::TearUp => {
				books.tear_up(guarantor)?;
				Outcome::Waits(Taken::default())
			},
		};
		match outcome {
			Outcome::Took(taken) => {
				Self::note_layer(guarantor, &mut failure, layer, taken)?;
				if failure.taken == failure.loss {
					// Should the loss grow before the end, it has its turn again. Who was assessed is assessed anew.
					let turn = if layer == Layer::Assessments { Layer::Assess } else { layer };
					return Self::go_on(books, guarantor, failure, turn);
				}
			},
			Outcome::Waits(taken) => {
				if !taken.took.is_zero() {
					Self::note_layer(guarantor, &mut failure, layer, taken)?;
				}
				Defaults::<T>::insert(guarantor, failure);
				books.look_at(&key);
				books.close()?;
				return Ok(!taken.took.is_zero());
			},
			Outcome::Done => {},
		}
		match layer.next() {
			Some(next) => Self::go_on(books, guarantor, failure, next),
			// What was lost with the last run, or could not be had before it: the layers have their turns again.
			None => Self::go_on(books, guarantor, failure, Layer::HouseFunds),
		}
	}

	fn note_layer(guarantor: &T::AccountId, failure: &mut Failure, layer: Layer, taken: Taken) -> DispatchResult {
		failure.taken = failure.taken.checked_add(taken.took)?;
		let Taken { had, took, left } = taken;
		let unpaid = failure.loss.checked_sub(failure.taken)?;
		Self::deposit_event(Event::LayerTaken { guarantor: guarantor.clone(), layer, had, took, left, unpaid });
		Ok(())
	}

	fn go_on(books: Books<T>, guarantor: &T::AccountId, failure: Failure, layer: Layer) -> Result<bool, DispatchError> {
		Defaults::<T>::insert(guarantor, Failure { stage: Stage::Waterfall(layer), ..failure });
		books.close()?;
		Ok(true)
	}

	fn end_default(
		mut books: Books<T>,
		guarantor: &T::AccountId,
		failure: Failure,
		cash: Cash,
	) -> Result<bool, DispatchError> {
		// What the house has now it owes first to those who paid for it.
		let excess = cash.min(failure.taken.checked_sub(failure.house_took)?);
		if excess > Cash::ZERO && !books.return_excess(guarantor, excess)? {
			return Ok(false);
		}
		let Failure { loss, taken, .. } = failure;
		Self::deposit_event(Event::DefaultSettled { guarantor: guarantor.clone(), loss, taken });
		Defaults::<T>::insert(guarantor, Failure { stage: Stage::Settled, ..failure });
		books.close()?;
		Ok(true)
	}
}

impl<T: Config> Books<T> {
	/// What the pool lent for a guarantor's segments.
	fn borrowed(&mut self, guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		let (customers, house) = segments(guarantor);
		Ok(self.ledger(&customers).borrowed.checked_add(self.ledger(&house).borrowed)?)
	}

	/// Books `took` as the house's: what was lent is forgiven first, the house's then its customers' segment's; the rest came into
	/// the house's custody.
	fn receive(&mut self, guarantor: &T::AccountId, took: Cash) -> DispatchResult {
		let (customers, house) = segments(guarantor);
		let mut own = self.ledger(&house);
		let forgiven = took.min(own.borrowed);
		own.borrowed = own.borrowed.checked_sub(forgiven)?;
		let mut rest = took.checked_sub(forgiven)?;
		let mut behind = self.ledger(&customers);
		let forgiven = rest.min(behind.borrowed);
		// What the house owes its customers' segment is paid with it.
		behind.borrowed = behind.borrowed.checked_sub(forgiven)?;
		behind.net = behind.net.checked_sub(forgiven)?;
		own.net = own.net.checked_add(forgiven)?;
		rest = rest.checked_sub(forgiven)?;
		own.custody = own.custody.checked_add(rest)?;
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_add(rest)?);
		self.put_ledger(&customers, behind);
		self.put_ledger(&house, own);
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let mut account = self.known_account(&key)?;
		account.cash = account.cash.checked_add(took)?;
		self.put_account(&key, account).map_err(BookError::of::<T>)
	}

	/// Gives the pool back what its layers, or gains, paid and was not needed in the end. Returns whether custody had it; it waits for
	/// the next run if not.
	fn return_excess(&mut self, guarantor: &T::AccountId, excess: Cash) -> Result<bool, DispatchError> {
		let (_, house) = segments(guarantor);
		let mut ledger = self.ledger(&house);
		if ledger.custody < excess {
			return Ok(false);
		}
		let custody = Pallet::<T>::custody_account(&house);
		let amount = excess.0.unsigned_abs();
		let sent = T::SettlementAsset::transfer(&custody, &T::Pool::account(), amount, Preservation::Preserve);
		if sent.is_err() {
			// So little cannot be sent to a pool that has nothing.
			return Ok(true);
		}
		ledger.custody = ledger.custody.checked_sub(excess)?;
		self.put_ledger(&house, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_sub(excess)?);
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let mut account = self.known_account(&key)?;
		account.cash = account.cash.checked_sub(excess)?;
		self.put_account(&key, account).map_err(BookError::of::<T>)?;
		Pallet::<T>::deposit_event(Event::ExcessReturned { guarantor: guarantor.clone(), amount: excess });
		Ok(true)
	}

	/// A layer of the pool. What it has may be lent to others, who cannot pay it back because the failed house owes them as much: then
	/// the house owes it to the pool instead, which the layer forgives.
	fn absorb(&mut self, guarantor: &T::AccountId, layer: PoolLayer, loss: Cash) -> Result<Outcome, DispatchError> {
		let mut taken = self.absorb_at_once(guarantor, layer, loss)?;
		let missing = loss.min(taken.had).checked_sub(taken.took)?;
		if missing > Cash::ZERO && self.take_over_loans(guarantor, missing)? {
			let more = self.absorb_at_once(guarantor, layer, loss.checked_sub(taken.took)?)?;
			let (took, left) = (taken.took.checked_add(more.took)?, taken.left.checked_sub(more.took)?);
			taken = Taken { had: taken.had, took, left };
		}
		let is_short = taken.took < loss.min(taken.had);
		Ok(if is_short { Outcome::Waits(taken) } else { Outcome::Took(taken) })
	}

	/// What a layer gives of what is there, or lent to the guarantor itself.
	fn absorb_at_once(
		&mut self,
		guarantor: &T::AccountId,
		layer: PoolLayer,
		loss: Cash,
	) -> Result<Taken, DispatchError> {
		let (_, house) = segments(guarantor);
		let lent = self.borrowed(guarantor)?;
		let taken = T::Pool::absorb(layer, guarantor, loss, lent, &Pallet::<T>::custody_account(&house));
		self.receive(guarantor, taken.took)?;
		Ok(taken)
	}

	/// Sets what a failed house could not pay in the last run off against what the pool lent to those who were not paid: it owes that
	/// to the pool then, and to them no more. At most `most`. Returns whether there was anything.
	fn take_over_loans(&mut self, guarantor: &T::AccountId, most: Cash) -> Result<bool, DispatchError> {
		let (_, house) = segments(guarantor);
		let mut left = most.min(self.ledger(&house).owed.checked_neg()?);
		let waits = |ledger: &Ledger| ledger.owed > Cash::ZERO && ledger.borrowed > Cash::ZERO;
		let unpaid: Vec<_> = Ledgers::<T>::iter()
			.filter(|(segment, ledger)| segment.guarantor != *guarantor && waits(ledger))
			.map(|(segment, _)| segment)
			.collect();
		let looked = u64::from(Ledgers::<T>::count());
		let weight = T::DbWeight::get().reads_writes(looked, u64::try_from(unpaid.len()).unwrap_or(u64::MAX));
		frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
		let mut is_any = false;
		for segment in unpaid {
			let mut other = self.ledger(&segment);
			let amount = left.min(other.owed).min(other.borrowed);
			if amount <= Cash::ZERO {
				continue;
			}
			let amount = T::Pool::reassign(&segment.guarantor, guarantor, amount);
			other.borrowed = other.borrowed.checked_sub(amount)?;
			other.net = other.net.checked_sub(amount)?;
			other.owed = other.owed.checked_sub(amount)?;
			self.put_ledger(&segment, other);
			let mut own = self.ledger(&house);
			own.borrowed = own.borrowed.checked_add(amount)?;
			own.net = own.net.checked_add(amount)?;
			own.owed = own.owed.checked_add(amount)?;
			self.put_ledger(&house, own);
			left = left.checked_sub(amount)?;
			is_any |= !amount.is_zero();
			let (guarantor, of, side) = (guarantor.clone(), segment.guarantor, segment.side);
			Pallet::<T>::deposit_event(Event::LoanTakenOver { guarantor, of, side, amount });
		}
		Ok(is_any)
	}

	/// What the pool advances on the bond, as far as the loss goes. Without a fresh price of the bond all of it is put up for
	/// sale, and nothing is advanced.
	fn sell_bond(&mut self, guarantor: &T::AccountId, loss: Cash) -> Result<Outcome, DispatchError> {
		let bond = match T::Guarantors::own_resources(guarantor) {
			Some(resources) => resources.total()?,
			None => 0,
		};
		if bond == 0 {
			return Ok(Outcome::Took(Taken::default()));
		}
		let (had, amount) = match (T::Pool::bond_value(bond), T::Pool::bond_worth(loss)) {
			(Some(value), Some(needed)) => (value, needed.min(bond)),
			(Some(_) | None, _) => (Cash::ZERO, bond),
		};
		let (_, house) = segments(guarantor);
		let lent = self.borrowed(guarantor)?;
		let credit = T::Guarantors::slash(guarantor, amount);
		let to = Pallet::<T>::custody_account(&house);
		let took = T::Pool::sell_bond(guarantor, credit, loss.min(had), lent, &to);
		self.receive(guarantor, took)?;
		Ok(Outcome::Took(Taken { had, took, left: had.checked_sub(took)? }))
	}

	fn collect_assessments(&mut self, guarantor: &T::AccountId, loss: Cash) -> Result<Outcome, DispatchError> {
		let (_, house) = segments(guarantor);
		let lent = self.borrowed(guarantor)?;
		let to = Pallet::<T>::custody_account(&house);
		let Some(took) = T::Pool::collect_assessment(guarantor, loss, lent, &to) else {
			return Ok(Outcome::Waits(Taken::default()));
		};
		self.receive(guarantor, took)?;
		Ok(Outcome::Took(Taken { had: took, took, left: Cash::ZERO }))
	}
}
