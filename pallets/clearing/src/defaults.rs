//! A guarantor that fails: what becomes of its customers, and of its own positions.
//!
//! 1. *Porting*: its customers can move to guarantors that accept them. Their money is theirs.
//! 2. *Close-out*: what customers still hold is liquidated; what nobody takes goes to the failed house.
//! 3. *Auction*: the house's positions are for sale to the houses of the other guarantors, at a discount that grows with time, and
//!    for what it owes its collateral to anyone else.
//! 4. *Waterfall*: what the house owes then is absorbed, layer by layer.
//! 5. *Settled*: only governance brings the guarantor back.
//!
//! Each step is taken wholly or not at all, by the chain or by anyone.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 13 and 14.

use crate::{
	advances::segments,
	books::{BookError, Books},
	Config, Defaults, Error, Event, Failure, Layer, Ledgers, Listed, MarginAccount, MarginCalls, Pallet,
	SegmentPositions, Stage,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	storage::with_storage_layer,
	traits::fungible::Inspect,
};
use gcx_primitives::{AccountKey, Cash, GuarantorState, Guarantors, InsurancePool, SegmentSide, SubAccount};
use sp_runtime::SaturatedConversion;

/// Defaults of which a step is taken in a block.
const STEPS_PER_BLOCK: usize = 2;

impl<T: Config> Books<T> {
	/// A guarantor did not meet its call: it is in default.
	pub(crate) fn begin_default(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		let house = self.house(guarantor)?;
		let equity = match &house {
			Some(account) => {
				let owner = self.owner(guarantor);
				let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
				self.standing(&key, account, &owner).map_err(BookError::of::<T>)?.equity
			},
			None => Cash::ZERO,
		};
		// It may be so already: governance said so.
		let _ = T::Guarantors::set_defaulted(guarantor);
		MarginCalls::<T>::remove(guarantor);
		let until = self.now.saturating_add(self.parameters.default.porting_period);
		let house_funds = equity.max(Cash::ZERO);
		let stage = Stage::Porting { until };
		let failure = Failure { stage, house_funds, house_took: Cash::ZERO, loss: Cash::ZERO, taken: Cash::ZERO };
		Defaults::<T>::insert(guarantor, failure);
		Pallet::<T>::deposit_event(Event::Defaulted {
			guarantor: guarantor.clone(),
			house_funds,
			porting_until: until,
		});
		Ok(())
	}

	/// Begins the default of a guarantor that governance said has failed, and forgets that of one that is back. Returns
	/// whether it is in default now.
	pub(crate) fn follow_state(&mut self, guarantor: &T::AccountId) -> Result<bool, DispatchError> {
		let has_failed = self.guarantor_state(guarantor) == Some(GuarantorState::Defaulted);
		let stage = Defaults::<T>::get(guarantor).map(|failure| failure.stage);
		// It was back and failed again before anybody looked, or owes something that came later.
		let is_new = has_failed && stage == Some(Stage::Settled) && self.owes_or_holds(guarantor)?;
		match (has_failed, stage.is_some() && !is_new) {
			(true, false) => self.begin_default(guarantor)?,
			// One that was called a moment ago failed in these books.
			(false, true) if T::Guarantors::state(guarantor) != Some(GuarantorState::Defaulted) => {
				Defaults::<T>::remove(guarantor);
			},
			(true, true) | (false, false | true) => {},
		}
		Ok(Defaults::<T>::contains_key(guarantor))
	}

	/// Whether anything is open of a guarantor: positions of its house or its customers, or debts.
	fn owes_or_holds(&mut self, guarantor: &T::AccountId) -> Result<bool, DispatchError> {
		let (customers, _) = segments(guarantor);
		let owes = self.house(guarantor)?.is_some_and(|account| account.cash < Cash::ZERO);
		let holds =
			[SegmentSide::Customers, SegmentSide::House].iter().any(|side| !Pallet::<T>::is_flat(guarantor, *side));
		Ok(owes || holds || !self.ledger(&customers).gaps.is_zero())
	}

	/// Whether what the customers of a guarantor hold is closed out.
	pub(crate) fn is_closing_out(&mut self, guarantor: &T::AccountId) -> bool {
		match self.closing_out.get(guarantor) {
			Some(known) => *known,
			None => {
				let closing = Defaults::<T>::get(guarantor).is_some_and(|failure| failure.stage.closes_out());
				self.closing_out.insert(guarantor.clone(), closing);
				closing
			},
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Takes a step of a few defaults that are not worked out: they take turns, so that one that waits holds up no other. Returns
	/// how many.
	pub(crate) fn advance_defaults() -> u32 {
		let open = Defaults::<T>::iter().filter(|(_, failure)| failure.stage != Stage::Settled);
		let mut open: alloc::vec::Vec<_> = open.map(|(guarantor, _)| guarantor).collect();
		let block = frame_system::Pallet::<T>::block_number().saturated_into::<u64>();
		let turn = u64::try_from(open.len()).ok().and_then(|count| block.checked_rem(count));
		open.rotate_left(turn.and_then(|turn| usize::try_from(turn).ok()).unwrap_or(0));
		let mut steps = 0;
		for guarantor in open.into_iter().take(STEPS_PER_BLOCK) {
			if let Err(error) = with_storage_layer(|| Self::take_default_step(&guarantor)) {
				log::error!(target: "runtime::clearing", "the default of {guarantor:?} waits: {error:?}");
			}
			steps += 1;
		}
		steps
	}

	pub(crate) fn do_advance_default(guarantor: T::AccountId) -> DispatchResult {
		ensure!(Self::take_default_step(&guarantor)?, Error::<T>::NothingToDo);
		Ok(())
	}

	/// Takes the next step of a default. Returns whether there was one.
	fn take_default_step(guarantor: &T::AccountId) -> Result<bool, DispatchError> {
		let failure = Defaults::<T>::get(guarantor).ok_or(Error::<T>::NotInDefault)?;
		let mut books = Books::<T>::new();
		let next = match failure.stage {
			// Nobody could leave while the chain stood still.
			Stage::Porting { until } if books.now < until.max(books.grace) => None,
			Stage::Porting { .. } => {
				books.open_failed_house(guarantor)?;
				// Every customer that stayed is looked at.
				Self::sweep_all();
				Some(Stage::CloseOut)
			},
			Stage::CloseOut if Self::is_flat(guarantor, SegmentSide::Customers) => {
				let (customers, _) = segments(guarantor);
				let since = books.now;
				books.ledger(&customers).gaps.is_zero().then_some(Stage::Auction { since })
			},
			Stage::CloseOut => None,
			Stage::Auction { since } => {
				let is_flat = Self::is_flat(guarantor, SegmentSide::House);
				let is_over = books.is_auction_over(guarantor, since, is_flat)?;
				is_over.then_some(Stage::Waterfall(Layer::HouseFunds))
			},
			Stage::Waterfall(layer) => return Self::advance_waterfall(books, guarantor, failure, layer),
			Stage::Settled => None,
		};
		let Some(stage) = next else { return Ok(false) };
		Self::deposit_event(Event::DefaultAdvanced { guarantor: guarantor.clone(), stage });
		Defaults::<T>::insert(guarantor, Failure { stage, ..failure });
		books.look_at_house(guarantor)?;
		books.close()?;
		Ok(true)
	}

	/// Whether a segment of a guarantor holds nothing.
	pub(crate) fn is_flat(guarantor: &T::AccountId, side: SegmentSide) -> bool {
		let (customers, house) = segments(guarantor);
		let segment = match side {
			SegmentSide::Customers => customers,
			SegmentSide::House => house,
		};
		!Listed::<T>::get().into_iter().any(|id| SegmentPositions::<T>::contains_key(id, &segment))
	}
}

impl<T: Config> Books<T> {
	/// Opens a house account for a failed guarantor that has none: what its customers owe is booked there. The pool lends the
	/// minimum balance of its custody account, which is a part of the loss.
	fn open_failed_house(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		if self.house(guarantor)?.is_some() {
			return Ok(());
		}
		let (_, segment) = segments(guarantor);
		let minimum = Pallet::<T>::cash(T::SettlementAsset::minimum_balance())?;
		let custody = Pallet::<T>::custody_account(&segment);
		// Where the pool has nothing, anyone can give it.
		let is_given = T::SettlementAsset::balance(&custody) >= T::SettlementAsset::minimum_balance();
		let is_open = is_given || Ledgers::<T>::contains_key(&segment);
		let lent = if is_open { Cash::ZERO } else { T::Pool::lend(guarantor, &custody, minimum) };
		ensure!(is_open || lent == minimum, Error::<T>::NoHouse);
		let mut ledger = self.ledger(&segment);
		ledger.borrowed = ledger.borrowed.checked_add(lent)?;
		self.put_ledger(&segment, ledger);
		let mut record = self.owner(guarantor);
		record.accounts = record.accounts.saturating_add(1);
		self.put_owner(guarantor, record);
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let mut account = MarginAccount::new(segment, self.settlements.current);
		account.cash = lent.checked_neg()?;
		let (owner, sub, side) = (guarantor.clone(), SubAccount::HOUSE, SegmentSide::House);
		Pallet::<T>::deposit_event(Event::Opened { owner, sub, guarantor: guarantor.clone(), side });
		self.put_account(&key, account).map_err(BookError::of::<T>)
	}

	/// Whether the auction of a failed house's positions and collateral is over: all is sold that has to be, or its time went by
	/// while there were prices to bid at. It waits for prices as long as an old settlement price counts for anything.
	fn is_auction_over(&mut self, guarantor: &T::AccountId, since: u64, is_flat: bool) -> Result<bool, DispatchError> {
		let Some(account) = self.house(guarantor)? else { return Ok(true) };
		if is_flat && (account.cash >= Cash::ZERO || account.collateral.is_empty()) {
			return Ok(true);
		}
		let from = self.offered_since(&account, since).map_err(BookError::of::<T>)?;
		let from = from.unwrap_or(since.saturating_add(self.parameters.max_settlement_age));
		Ok(self.now >= from.saturating_add(self.parameters.default.auction_period))
	}

	/// A guarantor's house is looked at when the books are closed.
	pub(crate) fn look_at_house(&mut self, guarantor: &T::AccountId) -> DispatchResult {
		if self.house(guarantor)?.is_some() {
			self.look_at(&AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE });
		}
		Ok(())
	}
}
