//! What a guarantor's house does for its customers: it advances what they owe, and is called when it cannot.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 4 and 14.

use crate::{
	books::{BookError, Books},
	types::SegmentOf,
	Config, Error, Event, MarginCall, MarginCalls, Pallet,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_primitives::{AccountKey, Cash, Guarantors, ReduceOnlyReason, Segment, SegmentSide, SubAccount};

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
			let house_changed = self.is_changed(&key);
			let ledger = self.ledger(&customers);
			if !ledger.uncovered().is_zero() {
				self.advance(&customers, &house, ledger.uncovered())?;
			}
			let returned = self.closed_gaps(&customers).min(Cash(ledger.received.0.saturating_sub(ledger.gaps.0)));
			if returned > Cash::ZERO {
				self.give_back(&customers, &house, returned)?;
			}
			if house_changed || !self.ledger(&customers).uncovered().is_zero() {
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

	fn change_advance(&mut self, customers: &SegmentOf<T>, house: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(customers);
		ledger.received = ledger.received.checked_add(amount)?;
		self.put_ledger(customers, ledger);
		let mut ledger = self.ledger(house);
		ledger.given = ledger.given.checked_add(amount)?;
		self.put_ledger(house, ledger);
		Ok(())
	}

	/// How much a guarantor's house lacks: what its customers owe beyond what it advanced and what their custody has for the next
	/// run, less the cash that it has left after its advances; or the same with its own maintenance margin, less its equity, if
	/// that is more.
	pub(crate) fn guarantor_needs(&mut self, guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		let (customers, house) = segments(guarantor);
		let (behind, own) = (self.ledger(&customers), self.ledger(&house));
		let unpaid = behind.owed.checked_add(behind.custody)?.checked_neg()?;
		let obligations = behind.uncovered().max(unpaid).max(Cash::ZERO);
		let Some(account) = self.house(guarantor)? else { return Ok(obligations.checked_add(own.given)?) };
		let owner = self.owner(guarantor);
		let standing = self.standing(&account, &owner).map_err(BookError::of::<T>)?;
		// What customers owe is cash: no collateral pays it.
		let in_cash = obligations.checked_sub(standing.cash)?;
		// What has no fresh mark calls nobody.
		let in_equity = if standing.is_fresh {
			let margin = standing.requirement.maintenance(&self.parameters.margin)?;
			obligations.checked_add(margin)?.checked_sub(standing.equity)?
		} else {
			Cash::ZERO
		};
		Ok(in_cash.max(in_equity).max(Cash::ZERO))
	}

	/// Calls a guarantor for what its house lacks, or ends the call if it lacks nothing any more. While it is called it may only
	/// reduce, and its house funds stay.
	pub(crate) fn check_margin_call(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		let needed = self.guarantor_needs(guarantor)?;
		let who = || guarantor.clone();
		match (MarginCalls::<T>::get(guarantor), needed.is_zero()) {
			(None, true) => {},
			(None, false) => {
				let deadline = self.now.saturating_add(self.parameters.margin_call_period);
				MarginCalls::<T>::insert(guarantor, MarginCall { needed, deadline, missed: false });
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
				let missed = call.missed || self.now > call.deadline;
				if missed && !call.missed {
					Pallet::<T>::deposit_event(Event::MarginCallMissed { guarantor: who(), needed });
				}
				MarginCalls::<T>::insert(guarantor, MarginCall { needed, missed, ..call });
			},
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Rolls an account and lets its guarantor's house answer for it.
	pub(crate) fn do_check(owner: T::AccountId, sub: SubAccount) -> DispatchResult {
		let mut books = Books::<T>::new();
		let key = AccountKey { owner, sub };
		let account = books.known_account(&key)?;
		let Segment { guarantor, side } = account.segment;
		// Who has no house is looked at through its customers.
		if side == SegmentSide::House || MarginCalls::<T>::contains_key(&guarantor) {
			books.check_margin_call(&guarantor)?;
		}
		books.close()
	}

	/// Whether lines may move out of a segment, or into it: no run is being priced, and the last one paid all.
	pub(crate) fn ensure_settled(books: &mut Books<T>, segment: &SegmentOf<T>) -> DispatchResult {
		ensure!(books.ledger(segment).owed.is_zero(), Error::<T>::SettlementUnpaid);
		ensure!(books.settlements.pricing.is_none(), Error::<T>::RunInProgress);
		Ok(())
	}
}
