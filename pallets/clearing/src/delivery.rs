//! What clearing does for who delivers: escrow, and what is paid for compute that was delivered, or was not.
//!
//! Escrow is money of a segment that belongs to no account. It lies in the segment's custody with all the rest. What one account is
//! paid of another's moves in the ledgers alone: between segments in N, and the money follows with the next settlement run. So
//! nothing leaves the exchange here, and the egress fuse is not asked. What is paid is principal: a haircut of gains does not cut it.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 10 and 12.

use crate::{
	books::{BookError, Books},
	types::{AccountKeyOf, SegmentOf},
	Accounts, Config, Error, Event, Instruments, Ledgers, Pallet, TotalCustody,
};
use frame_support::{
	defensive,
	dispatch::DispatchClass,
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	storage::with_storage_layer,
	traits::Imbalance,
};
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, DeliveryClearing, InstrumentId, InsurancePool, Lots, OnDeliverable, Segment,
};

impl<T: Config> Books<T> {
	/// Takes `amount` out of a segment's escrow.
	fn take_escrow(&mut self, from: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(from);
		// A segment that nobody opened has no ledger, and gets none.
		let is_there = Ledgers::<T>::contains_key(from) && amount <= ledger.escrow;
		ensure!(is_there, Error::<T>::EscrowTooSmall);
		ledger.escrow = ledger.escrow.checked_sub(amount)?;
		self.put_ledger(from, ledger);
		Ok(())
	}

	/// Pays an account `amount` that the segment `from` owes it then. No run has paid it yet if that is another segment than its
	/// own, or if `is_new`: if it is not money that was put aside. Returns the account's cash.
	fn credit(
		&mut self,
		from: &SegmentOf<T>,
		to: &AccountKeyOf<T>,
		amount: Cash,
		is_new: bool,
	) -> Result<Cash, DispatchError> {
		let mut account = self.known_account(to)?;
		let is_own = account.segment == *from;
		self.change_net(from, amount.checked_neg()?)?;
		self.change_net(&account.segment, amount)?;
		account.cash = account.cash.checked_add(amount)?;
		if !is_own || is_new {
			account.unpaid = account.unpaid.credited(self.settlements.current, amount)?;
		}
		let cash = account.cash;
		self.put_account(to, account).map_err(BookError::of::<T>)?;
		Ok(cash)
	}

	/// Takes `amount` of an account's cash, which may become negative. Returns its segment, and its cash.
	fn debit(&mut self, from: &AccountKeyOf<T>, amount: Cash) -> Result<(SegmentOf<T>, Cash), DispatchError> {
		let mut account = self.known_account(from)?;
		account.cash = account.cash.checked_sub(amount)?;
		let (segment, cash) = (account.segment.clone(), account.cash);
		self.put_account(from, account).map_err(BookError::of::<T>)?;
		Ok((segment, cash))
	}

	/// Changes what other segments owe one.
	fn change_net(&mut self, segment: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(segment);
		ledger.net = ledger.net.checked_add(amount)?;
		self.put_ledger(segment, ledger);
		Ok(())
	}

	/// What goes to the pool is a penalty of the segment that it comes from.
	fn add_penalty(&mut self, segment: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		let mut ledger = self.ledger(segment);
		ledger.penalties = ledger.penalties.checked_add(amount)?;
		self.put_ledger(segment, ledger);
		Ok(())
	}

	/// Books money that the pool sent to the custody of an account's segment. Returns the account's cash.
	fn receive_from_pool(&mut self, to: &AccountKeyOf<T>, amount: Cash) -> Result<Cash, DispatchError> {
		let mut account = self.known_account(to)?;
		let mut ledger = self.ledger(&account.segment);
		ledger.custody = ledger.custody.checked_add(amount)?;
		self.put_ledger(&account.segment, ledger);
		TotalCustody::<T>::put(TotalCustody::<T>::get().checked_add(amount)?);
		account.cash = account.cash.checked_add(amount)?;
		let cash = account.cash;
		self.put_account(to, account).map_err(BookError::of::<T>)?;
		Ok(cash)
	}
}

/// Opens the books, does something, and closes them: all of it or, with an error, nothing.
fn in_books<T: Config, R>(act: impl FnOnce(&mut Books<T>) -> Result<R, DispatchError>) -> Result<R, DispatchError> {
	with_storage_layer(|| {
		let mut books = Books::<T>::new();
		let done = act(&mut books)?;
		books.close()?;
		Ok(done)
	})
}

/// The same for an amount of money, which must not be negative.
fn move_in_books<T: Config, R>(
	amount: Cash,
	act: impl FnOnce(&mut Books<T>) -> Result<R, DispatchError>,
) -> Result<R, DispatchError> {
	ensure!(amount >= Cash::ZERO, ArithmeticError::Underflow);
	in_books(act)
}

impl<T: Config> Pallet<T> {
	/// Charges the block for what who delivers does, so many times: that is not in the weight of what clearing does.
	pub(crate) fn register_deliveries(times: u64) {
		let weight = T::Deliveries::weight().saturating_mul(times);
		if times > 0 {
			frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
		}
	}
}

impl<T: Config> DeliveryClearing<T::AccountId> for Pallet<T> {
	type Error = DispatchError;
	type Credit = <T::Pool as InsurancePool<T::AccountId>>::Credit;

	fn lots(key: &AccountKeyOf<T>, id: InstrumentId) -> Lots {
		let is_held = Instruments::<T>::get(id).is_some_and(|instrument| instrument.ended.is_none());
		let account = Accounts::<T>::get(&key.owner, key.sub).filter(|_| is_held);
		account.map_or(Lots::ZERO, |account| account.lots(id))
	}

	fn ensure_margined(key: &AccountKeyOf<T>) -> DispatchResult {
		in_books::<T, _>(|books| {
			let account = books.known_account(key)?;
			let owner = books.owner(&key.owner);
			let standing = books.standing(key, &account, &owner).map_err(BookError::of::<T>)?;
			ensure!(standing.is_fresh, Error::<T>::NoMark);
			let multiplier = books.multiplier(key, account.segment.side);
			ensure!(standing.equity >= standing.initial(multiplier)?, Error::<T>::MarginNeeded);
			books.look_at(key);
			Ok(())
		})
	}

	fn escrow(from: &AccountKeyOf<T>, amount: Cash) -> Result<SegmentOf<T>, DispatchError> {
		move_in_books::<T, _>(amount, |books| {
			let account = books.known_account(from)?;
			Self::ensure_withdrawable(books, from, &account, amount)?;
			let (segment, cash) = books.debit(from, amount)?;
			let mut ledger = books.ledger(&segment);
			ledger.escrow = ledger.escrow.checked_add(amount)?;
			books.put_ledger(&segment, ledger);
			Self::deposit_event(Event::PutInEscrow { owner: from.owner.clone(), sub: from.sub, amount, cash });
			Ok(segment)
		})
	}

	fn release(from: &SegmentOf<T>, to: &AccountKeyOf<T>, amount: Cash) -> DispatchResult {
		move_in_books::<T, _>(amount, |books| {
			books.known_account(to)?;
			books.take_escrow(from, amount)?;
			let cash = books.credit(from, to, amount, false)?;
			let (Segment { guarantor, side }, AccountKey { owner, sub }) = (from.clone(), to.clone());
			Self::deposit_event(Event::EscrowReleased { guarantor, side, owner, sub, amount, cash });
			Ok(())
		})
	}

	fn forfeit(from: &SegmentOf<T>, amount: Cash) -> DispatchResult {
		move_in_books::<T, _>(amount, |books| {
			books.take_escrow(from, amount)?;
			books.add_penalty(from, amount)?;
			let Segment { guarantor, side } = from.clone();
			Self::deposit_event(Event::EscrowForfeited { guarantor, side, amount });
			Ok(())
		})
	}

	fn charge(seller: &AccountKeyOf<T>, buyer: &AccountKeyOf<T>, amount: Cash) -> DispatchResult {
		move_in_books::<T, _>(amount, |books| {
			let (segment, cash) = books.debit(seller, amount)?;
			let (owner, sub) = (seller.owner.clone(), seller.sub);
			Self::deposit_event(Event::DeliveryCharged { owner, sub, amount, cash });
			let cash = books.credit(&segment, buyer, amount, true)?;
			let (owner, sub) = (buyer.owner.clone(), buyer.sub);
			Self::deposit_event(Event::DeliveryPaid { owner, sub, amount, cash });
			Ok(())
		})
	}

	fn fine(seller: &AccountKeyOf<T>, amount: Cash) -> DispatchResult {
		move_in_books::<T, _>(amount, |books| {
			let (segment, cash) = books.debit(seller, amount)?;
			books.add_penalty(&segment, amount)?;
			let (owner, sub) = (seller.owner.clone(), seller.sub);
			Self::deposit_event(Event::DeliveryFined { owner, sub, amount, cash });
			Ok(())
		})
	}

	fn stake_worth(amount: Cash) -> Option<u128> {
		T::Pool::bond_worth(amount)
	}

	/// Whoever is unknown is found before the stake is touched: it is burnt then. From there on it is for sale, and what was advanced
	/// on it is in custody. What a stake does not count for is no advance on it: that is the seller's, and its guarantor's, before
	/// it is anybody's of the pool.
	fn sell_stake(
		seller: &AccountKeyOf<T>,
		stake: Self::Credit,
		advance: Cash,
		buyer: &AccountKeyOf<T>,
	) -> Result<Cash, DispatchError> {
		ensure!(advance >= Cash::ZERO, ArithmeticError::Underflow);
		let mut books = Books::<T>::new();
		let guarantor = books.known_account(seller)?.segment.guarantor;
		let custody = Self::custody_account(&books.known_account(buyer)?.segment);
		let worth = T::Pool::bond_value(stake.peek()).unwrap_or_default();
		let paid = T::Pool::sell_stake(&guarantor, stake, advance.min(worth), &custody);
		with_storage_layer(|| {
			let cash = books.receive_from_pool(buyer, paid)?;
			let (owner, sub) = (buyer.owner.clone(), buyer.sub);
			Self::deposit_event(Event::DeliveryPaid { owner, sub, amount: paid, cash });
			books.close()
		})?;
		Ok(paid)
	}

	fn done(key: &AccountKeyOf<T>) {
		Accounts::<T>::mutate(&key.owner, key.sub, |account| {
			let open = account.as_mut().and_then(|account| Some((account.deliveries.checked_sub(1)?, account)));
			match open {
				Some((left, account)) => account.deliveries = left,
				None => {
					defensive!("nothing of this account is being delivered");
				},
			}
		});
	}

	fn escrowed(segment: &SegmentOf<T>) -> Cash {
		Ledgers::<T>::get(segment).map_or(Cash::ZERO, |ledger| ledger.escrow)
	}
}
