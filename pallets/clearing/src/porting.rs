//! Porting, and whether accounts are free to go.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 14: segregation and portability.

use crate::{
	books::{BookError, Books},
	types::AccountKeyOf,
	Config, Error, Event, Pallet, Unpaid,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Get,
};
use gcx_primitives::{AccountKey, Cash, CustomerPositions, Segment, SegmentSide, SubAccount};

/// An account holds its owner to its guarantor as long as it exists, with or without positions: its money is in that
/// guarantor's custody.
impl<T: Config> CustomerPositions<T::AccountId> for Pallet<T> {
	type Error = DispatchError;

	fn has_none(customer: &T::AccountId) -> bool {
		Self::account_count(customer) == 0
	}

	fn house_is_flat(guarantor: &T::AccountId) -> bool {
		Self::account_count(guarantor) == 0
	}

	fn is_default_open(guarantor: &T::AccountId) -> bool {
		crate::Defaults::<T>::get(guarantor).is_some_and(|failure| failure.stage != crate::Stage::Settled)
	}

	/// Moves every account of a customer, rolled, from one guarantor's customers to another's. Cash moves in the segments' N;
	/// the money follows with the next run, and cannot be withdrawn before.
	fn port(customer: &T::AccountId, from: &T::AccountId, to: &T::AccountId) -> DispatchResult {
		if Self::account_count(customer) == 0 {
			return Ok(());
		}
		let segment = |guarantor: &T::AccountId| Segment { guarantor: guarantor.clone(), side: SegmentSide::Customers };
		let (source, destination) = (segment(from), segment(to));
		Self::open_custody(&destination, to)?;
		let mut books = Books::<T>::new();
		Self::ensure_settled(&mut books, &source)?;
		Self::ensure_settled(&mut books, &destination)?;
		for sub in 0..T::MaxSubAccounts::get() {
			let key = AccountKey { owner: customer.clone(), sub: SubAccount(sub) };
			Self::port_account(&mut books, key, &source, &destination)?;
		}
		books.close()
	}
}

impl<T: Config> Pallet<T> {
	fn port_account(
		books: &mut Books<T>,
		key: AccountKeyOf<T>,
		source: &Segment<T::AccountId>,
		destination: &Segment<T::AccountId>,
	) -> DispatchResult {
		let Some(mut account) = books.account(&key).map_err(BookError::of::<T>)? else { return Ok(()) };
		ensure!(account.state.is_open(), Error::<T>::OwesCash);
		for position in &account.positions {
			let id = position.instrument;
			let settlement = books.instrument(id).map_err(BookError::of::<T>)?.settlement.price;
			books.book(source, id, position.lots.checked_neg()?, settlement).map_err(BookError::of::<T>)?;
			books.book(destination, id, position.lots, settlement).map_err(BookError::of::<T>)?;
		}
		let cash = account.cash;
		let mut ledger = books.ledger(source);
		ledger.net = ledger.net.checked_sub(cash)?;
		books.put_ledger(source, ledger);
		let mut ledger = books.ledger(destination);
		ledger.net = ledger.net.checked_add(cash)?;
		books.put_ledger(destination, ledger);
		Self::port_collateral(&account, source, destination)?;
		books.forget_stress(&mut account)?;
		account.segment = destination.clone();
		let run = books.settlements.current;
		let traded = account.unpaid.traded(run);
		account.unpaid = Unpaid { run, amount: cash.max(Cash::ZERO), traded };
		books.put_account(&key, account).map_err(BookError::of::<T>)?;
		let (from, to) = (source.guarantor.clone(), destination.guarantor.clone());
		Self::deposit_event(Event::Ported { owner: key.owner, sub: key.sub, from, to, cash });
		Ok(())
	}
}
