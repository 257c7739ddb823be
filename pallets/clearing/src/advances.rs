//! What a guarantor's house does for its customers: it advances what they owe, and is called when it cannot.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 4 and 14.

use crate::{
	books::{BookError, Books},
	types::SegmentOf,
	Config, Error, Event, MarginCall, MarginCalls, Pallet, TotalCustody,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_primitives::{AccountKey, Cash, Guarantors, InsurancePool, ReduceOnlyReason, Segment, SegmentSide, SubAccount};

/// A guarantor's two segments.
pub(crate) fn segments<A: Clone>(guarantor: &A) -> (Segment<A>, Segment<A>) {
	let segment = |side| Segment { guarantor: guarantor.clone(), side };
	(segment(SegmentSide::Customers), segment(SegmentSide::House))
}

impl<T: Config> Books<T> {
	/// Advances from the house what the customers of each touched guarantor owe beyond their cash, and gives back what they
	/// owe no more. Looks at the guarantor if its house was touched or cannot advance all.
	pub(crate) fn cover_gaps(&mut self) -> DispatchResult {
		for guarantor in self.touched_guarantors() {
			let (customers, house) = segments(&guarantor);
			let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
			let ledger = self.ledger(&customers);
			// What the pool lent is there already.
			let missing = ledger.uncovered().checked_sub(ledger.borrowed)?;
			if missing > Cash::ZERO {
				self.advance(&customers, &house, missing)?;
			}
			self.repay_pool(&customers, &house)?;
			let returned = self.closed_gaps(&customers).min(Cash(ledger.received.0.saturating_sub(ledger.gaps.0)));
			if returned > Cash::ZERO {
				self.give_back(&customers, &house, returned)?;
			}
			// What was advanced may have been the first to roll it.
			if self.is_changed(&key) || !self.ledger(&customers).uncovered().is_zero() {
				self.check_margin_call(&guarantor)?;
			}
		}
		Ok(())
	}

	/// Moves at most `needed` of what the house has free to its customers' segment. Returns what was moved.
	pub(crate) fn advance(
		&mut self,
		customers: &SegmentOf<T>,
		house: &SegmentOf<T>,
		needed: Cash,
	) -> Result<Cash, DispatchError> {
		let Some(account) = self.house(&house.guarantor)? else { return Ok(Cash::ZERO) };
		let ledger = self.ledger(house);
		let free = account.cash.checked_sub(ledger.given)?.min(ledger.custody);
		let amount = needed.min(free);
		if amount <= Cash::ZERO {
			return Ok(Cash::ZERO);
		}
		Pallet::<T>::move_custody(self, house, customers, amount)?;
		self.change_advance(customers, house, amount)?;
		Pallet::<T>::deposit_event(Event::Advanced { guarantor: house.guarantor.clone(), amount, needed });
		Ok(amount)
	}

	/// Moves at most `amount` back to the house, as far as the customers' custody has it.
	pub(crate) fn give_back(&mut self, customers: &SegmentOf<T>, house: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let amount = amount.min(self.ledger(customers).custody);
		if amount <= Cash::ZERO {
			return Ok(());
		}
		Pallet::<T>::move_custody(self, customers, house, amount)?;
		self.change_advance(customers, house, amount.checked_neg()?)?;
		Pallet::<T>::deposit_event(Event::AdvanceRepaid { guarantor: house.guarantor.clone(), amount });
		Ok(())
	}

	/// Borrows at most `needed` for a segment from the insurance pool.
	pub(crate) fn borrow(&mut self, segment: &SegmentOf<T>, needed: Cash) -> DispatchResult {
		let custody = Pallet::<T>::custody_account(segment);
		let lent = T::Pool::lend(&segment.guarantor, &custody, needed);
		if lent.is_zero() {
			return Ok(());
		}
		let mut ledger = self.ledger(segment);
		ledger.custody = ledger.custody.checked_add(lent)?;
		ledger.borrowed = ledger.borrowed.checked_add(lent)?;
		self.put_ledger(segment, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_add(lent)?);
		let (guarantor, side) = (segment.guarantor.clone(), segment.side);
		Pallet::<T>::deposit_event(Event::Borrowed { guarantor, side, amount: lent, needed });
		Ok(())
	}

	/// Gives at most `amount` of what was borrowed back to the pool, as far as custody has it.
	pub(crate) fn repay(&mut self, segment: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(segment);
		let amount = amount.min(ledger.borrowed).min(ledger.custody);
		if amount <= Cash::ZERO {
			return Ok(());
		}
		T::Pool::take_back(&segment.guarantor, &Pallet::<T>::custody_account(segment), amount)?;
		ledger.custody = ledger.custody.checked_sub(amount)?;
		ledger.borrowed = ledger.borrowed.checked_sub(amount)?;
		self.put_ledger(segment, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_sub(amount)?);
		let (guarantor, side) = (segment.guarantor.clone(), segment.side);
		Pallet::<T>::deposit_event(Event::Repaid { guarantor, side, amount });
		Ok(())
	}

	/// Repays the pool as far as a guarantor can: what its house borrowed out of cash that it has again; what its customers' segment
	/// borrowed by an advance of the house instead, and out of gaps that closed.
	fn repay_pool(&mut self, customers: &SegmentOf<T>, house: &SegmentOf<T>) -> DispatchResult {
		let own = self.ledger(house);
		if !own.borrowed.is_zero() {
			if let Some(account) = self.house(&house.guarantor)? {
				let debt = own.given.checked_sub(account.cash)?.max(Cash::ZERO);
				self.repay(house, own.borrowed.checked_sub(debt)?)?;
			}
		}
		let behind = self.ledger(customers);
		if !behind.borrowed.is_zero() {
			let closed = self.closed_gaps(customers).min(behind.borrowed);
			let beyond = behind.received.checked_add(behind.borrowed)?.checked_sub(behind.gaps)?;
			self.repay(customers, closed.min(beyond))?;
			let loan = self.ledger(customers).borrowed;
			let advanced = self.advance(customers, house, loan)?;
			self.repay(customers, advanced)?;
		}
		Ok(())
	}

	/// A house owes its customers' segment `amount`: that is set off against what it advanced, and what the pool lent the
	/// customers' segment is the house's debt then. No money moves; the rest is paid by the next run.
	pub(crate) fn set_off(&mut self, customers: &SegmentOf<T>, house: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let given = self.ledger(house).given.min(amount);
		self.change_advance(customers, house, given.checked_neg()?)?;
		let (mut behind, mut own) = (self.ledger(customers), self.ledger(house));
		let lent = behind.borrowed.min(amount.checked_sub(given)?);
		behind.borrowed = behind.borrowed.checked_sub(lent)?;
		own.borrowed = own.borrowed.checked_add(lent)?;
		let paid = given.checked_add(lent)?;
		behind.net = behind.net.checked_sub(paid)?;
		own.net = own.net.checked_add(paid)?;
		self.put_ledger(customers, behind);
		self.put_ledger(house, own);
		Ok(())
	}

	fn change_advance(&mut self, customers: &SegmentOf<T>, house: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(customers);
		ledger.received = ledger.received.checked_add(amount)?;
		self.put_ledger(customers, ledger);
		let mut ledger = self.ledger(house);
		ledger.given = ledger.given.checked_add(amount)?;
		self.put_ledger(house, ledger);
		// Its equity changed, if not its account.
		if self.house(&house.guarantor)?.is_some() {
			self.look_at(&AccountKey { owner: house.guarantor.clone(), sub: SubAccount::HOUSE });
		}
		Ok(())
	}

	/// How much a guarantor's house lacks: what its customers owe beyond what it advanced and what their custody has for the next
	/// run, less the cash that it has left after its advances; or the same with its own maintenance margin, less its equity, if
	/// that is more.
	pub(crate) fn guarantor_needs(&mut self, guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		let (customers, house) = segments(guarantor);
		let (behind, own) = (self.ledger(&customers), self.ledger(&house));
		let unpaid = behind.owed.checked_add(behind.custody)?.checked_neg()?;
		let obligations = behind.uncovered().max(unpaid).max(behind.borrowed).max(Cash::ZERO);
		// What it uses of the pool beyond what it is let have is margin, not debt.
		let supplement = self.supplement(guarantor)?;
		let Some(account) = self.house(guarantor)? else {
			return Ok(Cash::checked_sum([obligations, own.given, supplement])?);
		};
		let owner = self.owner(guarantor);
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let standing = self.standing(&key, &account, &owner).map_err(BookError::of::<T>)?;
		// What customers owe is cash: no collateral pays it.
		let in_cash = obligations.checked_sub(standing.cash)?;
		// What has no fresh mark calls nobody.
		let in_equity = if standing.is_fresh {
			let margin = standing.requirement.maintenance(&self.parameters.margin)?;
			// The supplement is beyond free house funds already.
			Cash::checked_sum([obligations, margin])?
				.checked_sub(standing.equity)?
				.max(Cash::ZERO)
				.checked_add(supplement)?
		} else {
			Cash::ZERO
		};
		Ok(in_cash.max(in_equity).max(Cash::ZERO))
	}

	/// Calls a guarantor for what its house lacks, or ends the call if it lacks nothing any more. While it is called it may only
	/// reduce, and its house funds stay.
	pub(crate) fn check_margin_call(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		if self.follow_state(guarantor)? {
			return Ok(());
		}
		let needed = self.guarantor_needs(guarantor)?;
		let who = || guarantor.clone();
		match (MarginCalls::<T>::get(guarantor), needed.is_zero()) {
			(None, true) => {},
			(None, false) => {
				let deadline = self.now.saturating_add(self.parameters.margin_call_period);
				MarginCalls::<T>::insert(guarantor, MarginCall { needed, deadline });
				Pallet::<T>::deposit_event(Event::MarginCalled { guarantor: who(), needed, deadline });
				// One in default, or that left, cannot be restricted any further.
				let _ = T::Guarantors::set_reduce_only(guarantor, ReduceOnlyReason::MarginCall);
			},
			(Some(_), true) => {
				MarginCalls::<T>::remove(guarantor);
				Pallet::<T>::deposit_event(Event::MarginCallMet { guarantor: who() });
				let _ = T::Guarantors::restore(guarantor, ReduceOnlyReason::MarginCall);
			},
			(Some(call), false) => {
				// Nobody could pay while the chain stood still.
				if self.now > call.deadline.max(self.grace) {
					Pallet::<T>::deposit_event(Event::MarginCallMissed { guarantor: who(), needed });
					return self.begin_default(guarantor);
				}
				MarginCalls::<T>::insert(guarantor, MarginCall { needed, ..call });
				// Whoever lifted it meanwhile: the call is open.
				let _ = T::Guarantors::set_reduce_only(guarantor, ReduceOnlyReason::MarginCall);
			},
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Whether lines may move out of a segment, or into it: no run is being priced, and the last one paid all.
	pub(crate) fn ensure_settled(books: &mut Books<T>, segment: &SegmentOf<T>) -> DispatchResult {
		ensure!(books.ledger(segment).owed.is_zero(), Error::<T>::SettlementUnpaid);
		ensure!(books.settlements.pricing.is_none(), Error::<T>::RunInProgress);
		Ok(())
	}
}
