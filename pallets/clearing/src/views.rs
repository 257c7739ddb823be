//! What clients see of the clearing house. Nothing here changes anything.

use crate::{
	advances::segments,
	books::{BookError, Books},
	offer::Offer,
	types::{MarginAccountOf, SegmentOf},
	AccountState, Config, Instruments, Ledger, Listed, MarginCalls, Pallet, SegmentPositions, Watchlist,
};
use alloc::vec::Vec;
use frame_support::{pallet_prelude::DispatchError, storage::with_storage_layer, traits::Time};
use gcx_primitives::{AccountKey, Cash, Guarantors, InstrumentId, Lots, Price, Refusal, SegmentSide, SubAccount};
use gcx_runtime_api::{
	AccountView, Amount, CollateralView, DefaultView, GuarantorView, InstrumentView, LiquidationView, MarginPreview,
	MarginView, PositionView, SegmentView,
};

impl<T: Config> Pallet<T> {
	/// A margin account at the settlement prices in force and at mark; none if there is none.
	pub fn account_view(owner: T::AccountId, sub: SubAccount) -> Option<AccountView<T::AccountId>> {
		let mut books = Books::<T>::new();
		let key = AccountKey { owner, sub };
		let account = books.account(&key).ok()??;
		books.view(&key, &account).ok()
	}

	/// An owner's accounts.
	pub fn account_views(owner: T::AccountId) -> Vec<AccountView<T::AccountId>> {
		crate::Accounts::<T>::iter_key_prefix(&owner).filter_map(|sub| Self::account_view(owner.clone(), sub)).collect()
	}

	/// How an account would stand after it bought lots (or sold, if negative) at a price and paid a fee, or why it may not.
	pub fn margin_preview(
		owner: T::AccountId,
		sub: SubAccount,
		instrument: InstrumentId,
		lots: Lots,
		price: Price,
		fee: Cash,
	) -> Result<MarginPreview, Refusal> {
		let mut books = Books::<T>::new();
		let key = AccountKey { owner, sub };
		let account = books.account(&key)?.ok_or(Refusal::UnknownAccount)?;
		let multiplier = books.multiplier(&key, account.segment.side);
		let parameters = books.parameters.margin;
		let after = books.preview(&key, instrument, lots, price, fee)?;
		let record = books.owner(&key.owner);
		let before = books.standing(&key, &account, &record)?;
		let view = |standing: &crate::margin::Standing| {
			MarginView::new(&standing.requirement, standing.equity, multiplier, &parameters)
		};
		Ok(MarginPreview { before: view(&before)?, after: view(&after)? })
	}

	/// The instruments as clearing keeps them, without their contracts.
	pub fn instrument_views() -> Vec<InstrumentView> {
		let (current, now) = (crate::Settled::<T>::get().current, T::Clock::now());
		Listed::<T>::get()
			.into_iter()
			.filter_map(|id| Some((id, Instruments::<T>::get(id)?.at_run(current).at_time(now))))
			.map(|(id, instrument)| InstrumentView {
				instrument: id,
				terms: instrument.terms,
				settlement: instrument.settlement.price,
				settled: instrument.settlement.run,
				mark: instrument.mark,
				lowest: instrument.band.lowest,
				highest: instrument.band.highest,
				scan_range: instrument.risk.range.get(),
				open_interest: instrument.long,
				average: instrument.average,
				quarantined: instrument.quarantined,
				contract: None,
			})
			.collect()
	}

	/// What stands behind a guarantor's customers and what they come to; none for an account that is no guarantor.
	pub fn guarantor_view(guarantor: T::AccountId) -> Option<GuarantorView> {
		let state = T::Guarantors::state(&guarantor)?;
		let mut books = Books::<T>::new();
		let (customers, house) = segments(&guarantor);
		let (behind, own) = (books.segment_view(&customers).ok()?, books.segment_view(&house).ok()?);
		let call = MarginCalls::<T>::get(&guarantor);
		Some(GuarantorView {
			state,
			customers: T::Guarantors::customers(&guarantor),
			house_account: Self::account_view(guarantor, SubAccount::HOUSE)
				.filter(|account| account.side == SegmentSide::House)
				.map(|account| account.margin),
			customer_segment: behind,
			house_segment: own,
			margin_call: call.map(|call| call.needed),
			margin_call_deadline: call.map(|call| call.deadline),
		})
	}
}

/// The most accounts of the watch list that a client is shown.
const MOST_SHOWN: u32 = 1_000;

impl<T: Config> Pallet<T> {
	/// The accounts that lack margin or are for sale, the largest requirement first, at most so many.
	pub fn liquidations(limit: u32) -> Vec<LiquidationView<T::AccountId>> {
		let limit = usize::try_from(limit.min(MOST_SHOWN)).unwrap_or(0);
		let mut books = Books::<T>::new();
		let watched = Watchlist::<T>::iter_keys().map(|(_, key)| key);
		watched.filter_map(|key| books.liquidation_view(key)).take(limit).collect()
	}

	/// Guarantors whose default goes on if anyone takes its next step now.
	pub fn due_defaults() -> Vec<T::AccountId> {
		let is_due = |guarantor: &T::AccountId| {
			let tried = with_storage_layer(|| -> Result<bool, DispatchError> {
				let is_due = Self::do_advance_default(guarantor.clone()).is_ok();
				// Only looked: nothing is kept.
				Err(DispatchError::Other(if is_due { "due" } else { "not due" }))
			});
			tried == Err(DispatchError::Other("due"))
		};
		crate::Defaults::<T>::iter_keys().filter(is_due).collect()
	}

	/// The defaults that are worked out, or were.
	pub fn default_views() -> Vec<DefaultView<T::AccountId>> {
		let view = |(guarantor, failure): (T::AccountId, crate::Failure)| DefaultView {
			guarantor,
			stage: failure.stage,
			loss: failure.loss,
			taken: failure.taken,
		};
		crate::Defaults::<T>::iter().map(view).collect()
	}

	/// What a guarantor would lack under stress before its own resources, and what it needs of the pool.
	pub fn stress_view(guarantor: &T::AccountId) -> (Cash, crate::Need) {
		let stress = crate::Stresses::<T>::get(guarantor).gross().unwrap_or_default();
		(stress, crate::Needs::<T>::get(guarantor))
	}
}

impl<T: Config> Books<T> {
	/// An account of the watch list, if it lacks margin or is for sale.
	fn liquidation_view(&mut self, key: AccountKey<T::AccountId>) -> Option<LiquidationView<T::AccountId>> {
		let account = self.account(&key).ok()??;
		if account.segment.side == SegmentSide::House {
			return None;
		}
		let owner = self.owner(&key.owner);
		let standing = self.standing(&key, &account, &owner).ok()?;
		let maintenance = standing.requirement.maintenance(&self.parameters.margin).ok()?;
		let since = match account.state {
			AccountState::Liquidating { since, .. } => Some(since),
			AccountState::Open | AccountState::CashCall { .. } => None,
		};
		if since.is_none() && standing.equity >= maintenance && account.cash >= Cash::ZERO {
			return None;
		}
		let (mut lots, mut collateral) = (Vec::new(), None);
		if since.is_some() {
			match self.offer(&key).ok()? {
				Offer::Positions(offered) => lots = offered,
				Offer::Collateral(id, amount) => collateral = Some((id, Amount(amount))),
				Offer::Nothing => {},
			}
		}
		Some(LiquidationView {
			guarantor: account.segment.guarantor.clone(),
			equity: standing.equity,
			maintenance,
			initial: standing.requirement.total().ok()?,
			since,
			is_due: self.is_liquidation_due(&key, &account, &standing, maintenance),
			lots,
			collateral,
			owner: key.owner,
			sub: key.sub,
		})
	}

	fn segment_view(&mut self, segment: &SegmentOf<T>) -> Result<SegmentView, BookError> {
		let ledger = self.ledger(segment);
		let (mut net, mut positions) = (ledger.net, Vec::new());
		for id in Listed::<T>::get() {
			if let Some(held) = SegmentPositions::<T>::get(id, segment) {
				net = net.checked_add(self.instrument(id)?.gain(held.lots, held.basis)?)?;
				positions.push((id, held.lots));
			}
		}
		let Ledger { custody, fees, penalties, escrow, owed, .. } = ledger;
		let advances = ledger.received.checked_sub(ledger.given)?;
		Ok(SegmentView { custody, net, fees, penalties, escrow, advances, owed, positions })
	}

	fn view(
		&mut self,
		key: &AccountKey<T::AccountId>,
		account: &MarginAccountOf<T>,
	) -> Result<AccountView<T::AccountId>, BookError> {
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, account, &owner)?;
		let multiplier = self.multiplier(key, account.segment.side);
		let is_settled = self.ledger(&account.segment).owed.is_zero();
		let withdrawable = if standing.is_fresh && is_settled {
			let excess = self.excess(account, &standing, multiplier)?;
			excess.min(self.free_of_house(key, account)?).max(Cash::ZERO)
		} else {
			Cash::ZERO
		};
		let mut positions = Vec::with_capacity(account.positions.len());
		for position in &account.positions {
			let instrument = self.instrument(position.instrument)?;
			positions.push(PositionView {
				instrument: position.instrument,
				lots: position.lots,
				settlement: position.basis,
				mark: instrument.mark,
				unrealised: instrument.unrealised(position.lots, position.basis)?,
			});
		}
		let mut collateral = Vec::with_capacity(account.collateral.len());
		for line in &account.collateral {
			let value = self.line_value(line)?;
			collateral.push(CollateralView { collateral: line.id, amount: line.amount, value });
		}
		Ok(AccountView {
			guarantor: account.segment.guarantor.clone(),
			side: account.segment.side,
			cash: account.cash,
			unpaid: account.unpaid.left(self.settlements.current),
			margin: MarginView::new(&standing.requirement, standing.equity, multiplier, &self.parameters.margin)?,
			withdrawable,
			reduce_only: !account.state.is_open(),
			collateral,
			positions,
		})
	}
}
