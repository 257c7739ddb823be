//! The books of one call: what it touches is read once, changed in memory, and written at the end.
//!
//! An account is rolled as it is taken out of storage, a segment's position as it is booked on. So everything in the books is
//! at the settlement prices in force, and nobody else needs to think of it.

use crate::{
	instrument::Instrument,
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	AccountState, Accounts, ClearingParameters, CollateralFigures, CollateralLine, Config, Error, Event,
	GuarantorStress, Heartbeat, Instruments, Ledger, Ledgers, MarginAccount, Owner, Owners, Pallet, Parameters,
	Position, SegmentPosition, SegmentPositions, Settled, Settlements, Stresses, Triggers,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Time,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CollateralId, GuarantorState, Guarantors, InstrumentId, Lots, Membership,
	OnDeliverable, Ppm, Price, Refusal, SegmentSide, SubAccount,
};

/// Why the books cannot be kept. None of it can happen as long as the invariants hold and figures are within bounds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BookError {
	/// There is no such instrument.
	UnknownInstrument,
	/// A figure is out of bounds.
	Arithmetic(ArithmeticError),
}

impl From<ArithmeticError> for BookError {
	fn from(error: ArithmeticError) -> Self {
		Self::Arithmetic(error)
	}
}

impl From<BookError> for Refusal {
	fn from(error: BookError) -> Self {
		match error {
			BookError::UnknownInstrument => Self::UnknownInstrument,
			BookError::Arithmetic(_) => Self::OutOfBounds,
		}
	}
}

impl BookError {
	/// The same as a call's error.
	pub fn of<T: Config>(self) -> DispatchError {
		match self {
			Self::UnknownInstrument => Error::<T>::UnknownInstrument.into(),
			Self::Arithmetic(error) => error.into(),
		}
	}
}

/// Something that was read, and whether it has to be written.
pub(crate) struct Page<V> {
	pub value: V,
	is_changed: bool,
}

impl<V> Page<V> {
	pub fn read(value: V) -> Self {
		Self { value, is_changed: false }
	}

	pub fn changed(value: V) -> Self {
		Self { value, is_changed: true }
	}
}

/// The books of one call. Nothing else may write clearing's storage before they are closed.
pub struct Books<T: Config> {
	/// How far settlement has come.
	pub(crate) settlements: Settlements<BlockNumberFor<T>>,
	/// What governs clearing.
	pub(crate) parameters: ClearingParameters,
	/// The clock, in milliseconds since the Unix epoch.
	pub(crate) now: u64,
	/// The time before which nobody is liquidated, because the chain stood still.
	pub(crate) grace: u64,
	instruments: BTreeMap<InstrumentId, Page<Instrument>>,
	ledgers: BTreeMap<SegmentOf<T>, Page<Ledger>>,
	/// By how much gaps of each segment's accounts came down.
	closed_gaps: BTreeMap<SegmentOf<T>, Cash>,
	nets: BTreeMap<(InstrumentId, SegmentOf<T>), Page<SegmentPosition>>,
	accounts: BTreeMap<AccountKeyOf<T>, Page<Option<MarginAccountOf<T>>>>,
	/// What accounts had when they were read.
	balances: BTreeMap<AccountKeyOf<T>, Balances>,
	/// Accounts to be put where they belong in the trigger index, and where that has those that are gone.
	to_index: BTreeMap<AccountKeyOf<T>, Triggers>,
	owners: BTreeMap<T::AccountId, Page<Owner>>,
	memberships: BTreeMap<T::AccountId, Option<Membership<T::AccountId>>>,
	standing: BTreeMap<T::AccountId, Option<GuarantorState>>,
	collateral: BTreeMap<CollateralId, Option<(CollateralFigures, Price, Price)>>,
	pub(crate) stresses: BTreeMap<T::AccountId, Page<GuarantorStress>>,
	/// The lots of short positions for which capacity is set aside, where that matters.
	covered: BTreeMap<(AccountKeyOf<T>, InstrumentId), Lots>,
	/// What left its account to be delivered.
	handed: Vec<Handed<T>>,
	/// Whether what a guarantor's customers hold is closed out.
	pub(crate) closing_out: BTreeMap<T::AccountId, bool>,
	/// Accounts are put in their places in the index later: so many change that a step could not do it.
	pub(crate) defers_index: bool,
	/// Gains are being shared out: nobody trades.
	pub(crate) is_frozen: bool,
	/// A change was made by half. The books cannot be closed.
	pub(crate) is_broken: bool,
}

/// A position that left its account to be delivered, and what of its cash went into escrow.
struct Handed<T: Config> {
	key: AccountKeyOf<T>,
	segment: SegmentOf<T>,
	instrument: InstrumentId,
	lots: Lots,
	amount: Cash,
}

/// What an account has.
#[derive(Default)]
struct Balances {
	cash: Cash,
	collateral: Vec<CollateralLine>,
}

impl Balances {
	fn of<AccountId>(account: Option<&MarginAccount<AccountId>>) -> Self {
		account
			.map_or_else(Self::default, |account| Self { cash: account.cash, collateral: account.collateral.to_vec() })
	}

	fn held(&self, id: CollateralId) -> u128 {
		self.collateral.iter().find(|line| line.id == id).map_or(0, |line| line.amount)
	}

	/// Tells what is other than before.
	fn tell_changes<T: Config>(&self, key: &AccountKeyOf<T>, after: &Self) {
		let AccountKey { owner, sub } = key;
		let (before, cash) = (self.cash, after.cash);
		if before != cash {
			Pallet::<T>::deposit_event(Event::CashChanged { owner: owner.clone(), sub: *sub, before, cash });
		}
		let gone = self.collateral.iter().filter(|line| after.held(line.id) == 0);
		for CollateralLine { id, .. } in after.collateral.iter().chain(gone) {
			let (before, held) = (self.held(*id), after.held(*id));
			if before != held {
				let (owner, collateral) = (owner.clone(), *id);
				Pallet::<T>::deposit_event(Event::CollateralChanged { owner, sub: *sub, collateral, before, held });
			}
		}
	}
}

impl<T: Config> Books<T> {
	/// Opens the books.
	pub(crate) fn new() -> Self {
		let (parameters, now) = (Parameters::<T>::get(), T::Clock::now());
		Self {
			settlements: Settled::<T>::get(),
			parameters,
			now,
			grace: Heartbeat::<T>::get().grace(now, &parameters.liquidation),
			instruments: BTreeMap::new(),
			ledgers: BTreeMap::new(),
			closed_gaps: BTreeMap::new(),
			nets: BTreeMap::new(),
			accounts: BTreeMap::new(),
			balances: BTreeMap::new(),
			to_index: BTreeMap::new(),
			owners: BTreeMap::new(),
			memberships: BTreeMap::new(),
			standing: BTreeMap::new(),
			collateral: BTreeMap::new(),
			stresses: BTreeMap::new(),
			covered: BTreeMap::new(),
			handed: Vec::new(),
			closing_out: BTreeMap::new(),
			defers_index: false,
			is_frozen: Pallet::<T>::is_frozen(),
			is_broken: false,
		}
	}

	/// An instrument at the settlement price in force.
	pub(crate) fn instrument(&mut self, id: InstrumentId) -> Result<&Instrument, BookError> {
		self.take_out_instrument(id)?;
		self.instrument_on_the_table(id)
	}

	/// An instrument that has been read before.
	pub(crate) fn instrument_on_the_table(&self, id: InstrumentId) -> Result<&Instrument, BookError> {
		self.instruments.get(&id).map(|page| &page.value).ok_or(BookError::UnknownInstrument)
	}

	/// Changes an instrument.
	pub(crate) fn instrument_mut(&mut self, id: InstrumentId) -> Result<&mut Instrument, BookError> {
		self.take_out_instrument(id)?;
		let page = self.instruments.get_mut(&id).ok_or(BookError::UnknownInstrument)?;
		page.is_changed = true;
		Ok(&mut page.value)
	}

	fn take_out_instrument(&mut self, id: InstrumentId) -> Result<(), BookError> {
		if !self.instruments.contains_key(&id) {
			let stored = Instruments::<T>::get(id).ok_or(BookError::UnknownInstrument)?;
			self.instruments.insert(id, Page::read(stored.at_run(self.settlements.current).at_time(self.now)));
		}
		Ok(())
	}

	/// A segment's ledger.
	pub(crate) fn ledger(&mut self, segment: &SegmentOf<T>) -> Ledger {
		if let Some(page) = self.ledgers.get(segment) {
			return page.value;
		}
		let ledger = Ledgers::<T>::get(segment).unwrap_or_default();
		self.ledgers.insert(segment.clone(), Page::read(ledger));
		ledger
	}

	/// Writes a segment's ledger.
	pub(crate) fn put_ledger(&mut self, segment: &SegmentOf<T>, ledger: Ledger) {
		self.ledger(segment);
		self.ledgers.insert(segment.clone(), Page::changed(ledger));
	}

	/// By how much gaps of a segment's accounts came down since the books were opened: also those that a run had left, and
	/// that nobody had seen before.
	pub(crate) fn closed_gaps(&self, segment: &SegmentOf<T>) -> Cash {
		self.closed_gaps.get(segment).copied().unwrap_or_default()
	}

	/// The guarantors whose segments were touched.
	pub(crate) fn touched_guarantors(&self) -> Vec<T::AccountId> {
		let mut guarantors: Vec<_> = self.ledgers.keys().map(|segment| segment.guarantor.clone()).collect();
		guarantors.dedup();
		guarantors
	}

	/// Whether an account has to be written.
	pub(crate) fn is_changed(&self, key: &AccountKeyOf<T>) -> bool {
		self.accounts.get(key).is_some_and(|page| page.is_changed)
	}

	/// Books lots at a price on a segment: its position changes, and its N by what they gained since. A run that has priced
	/// the instrument already settles these lots with the others.
	pub(crate) fn book(
		&mut self,
		segment: &SegmentOf<T>,
		id: InstrumentId,
		lots: Lots,
		price: Price,
	) -> Result<(), BookError> {
		let instrument = self.instrument(id)?;
		let settlement = instrument.settlement.price;
		let booked = instrument.gain(lots, price)?;
		let staged = instrument.staged_gain(lots)?;
		let key = (id, segment.clone());
		let mut held = match self.nets.get(&key) {
			Some(page) => page.value,
			None => SegmentPositions::<T>::get(id, segment).unwrap_or_default(),
		};
		let rolled = self.instrument_on_the_table(id)?.gain(held.lots, held.basis)?;
		let mut ledger = self.ledger(segment);
		ledger.net = Cash::checked_sum([ledger.net, rolled, booked])?;
		ledger.staged = ledger.staged.checked_add(staged)?;
		held = SegmentPosition { lots: held.lots.checked_add(lots)?, basis: settlement };
		self.nets.insert(key, Page::changed(held));
		self.put_ledger(segment, ledger);
		Ok(())
	}

	/// An account, rolled.
	pub(crate) fn account(&mut self, key: &AccountKeyOf<T>) -> Result<Option<MarginAccountOf<T>>, BookError> {
		if let Some(page) = self.accounts.get(key) {
			return Ok(page.value.clone());
		}
		let stored = Accounts::<T>::get(&key.owner, key.sub);
		self.balances.insert(key.clone(), Balances::of(stored.as_ref()));
		self.accounts.insert(key.clone(), Page::read(stored.clone()));
		let Some(stored) = stored else { return Ok(None) };
		let is_rolled = stored.rolled == self.settlements.current && !self.holds_ended(&stored)?;
		let mut account = if is_rolled { stored } else { self.roll(key, stored)? };
		// What it has before anything is done to it in this hour is what its reserve for the hour is a share of.
		let paid = account.paid(self.settlements.current)?;
		account.egress = account.egress.in_hour(Pallet::<T>::hour(), paid);
		if is_rolled {
			self.accounts.insert(key.clone(), Page::read(Some(account)));
		} else {
			self.put_account(key, account)?;
		}
		// As it is now: its state may have changed with its cash.
		Ok(self.accounts.get(key).and_then(|page| page.value.clone()))
	}

	/// Whether an account has positions that ended.
	fn holds_ended(&mut self, account: &MarginAccountOf<T>) -> Result<bool, BookError> {
		for position in &account.positions {
			if self.instrument(position.instrument)?.ended.is_some() {
				return Ok(true);
			}
		}
		Ok(false)
	}

	/// An account that there is, rolled.
	pub(crate) fn known_account(&mut self, key: &AccountKeyOf<T>) -> Result<MarginAccountOf<T>, DispatchError> {
		Ok(self.account(key).map_err(BookError::of::<T>)?.ok_or(Error::<T>::UnknownAccount)?)
	}

	/// A guarantor's house account, rolled.
	pub(crate) fn house(&mut self, guarantor: &T::AccountId) -> Result<Option<MarginAccountOf<T>>, DispatchError> {
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let account = self.account(&key).map_err(BookError::of::<T>)?;
		Ok(account.filter(|account| account.segment.side == SegmentSide::House))
	}

	/// Settles an account's positions up to the last run.
	fn roll(
		&mut self,
		key: &AccountKeyOf<T>,
		mut account: MarginAccountOf<T>,
	) -> Result<MarginAccountOf<T>, BookError> {
		let mut gain = Cash::ZERO;
		let mut ended = Vec::new();
		for position in account.positions.iter_mut() {
			let instrument = self.instrument(position.instrument)?;
			gain = gain.checked_add(instrument.gain(position.lots, position.basis)?)?;
			position.basis = instrument.settlement.price;
			if instrument.ended.is_some() {
				ended.push((position.instrument, position.lots, instrument.delivers));
			}
		}
		let run = self.settlements.current;
		account.cash = account.cash.checked_add(gain)?;
		// Rolled for what ended, it may have been so to the last run already: what is cut of the next, and what that pays, is still
		// to come.
		if account.rolled < run {
			account.cash = account.cash.checked_sub(account.levy)?;
			account.levy = Cash::ZERO;
			account.rolled = run;
			// The run paid everything that was traded before it.
			account.unpaid = Default::default();
		}
		if !gain.is_zero() {
			let (owner, sub, cash) = (key.owner.clone(), key.sub, account.cash);
			Pallet::<T>::deposit_event(Event::VariationMargin { owner, sub, run, amount: gain, cash });
		}
		if !ended.is_empty() {
			account.positions.retain(|position| ended.iter().all(|(id, ..)| *id != position.instrument));
			let mut owner = self.owner(&key.owner);
			for (id, lots, _) in &ended {
				owner.set_gross(*id, owner.gross(*id).checked_sub(lots.checked_abs()?)?)?;
			}
			self.put_owner(&key.owner, owner);
			for (id, lots, _) in ended.into_iter().filter(|(.., delivers)| *delivers) {
				self.hand_to_delivery(key, &mut account, id, lots)?;
			}
		}
		Ok(account)
	}

	/// A position is delivered: what it has to put aside leaves the account's cash, which may become negative. Who delivers is told
	/// when the books are closed: they may be opened for a look alone.
	fn hand_to_delivery(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &mut MarginAccountOf<T>,
		instrument: InstrumentId,
		lots: Lots,
	) -> Result<(), BookError> {
		let amount = T::Deliveries::escrow_of(key, instrument, lots)?;
		let mut ledger = self.ledger(&account.segment);
		ledger.escrow = ledger.escrow.checked_add(amount)?;
		account.cash = account.cash.checked_sub(amount)?;
		account.deliveries = account.deliveries.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		self.put_ledger(&account.segment, ledger);
		let (key, segment) = (key.clone(), account.segment.clone());
		self.handed.push(Handed { key, segment, instrument, lots, amount });
		Ok(())
	}

	/// Tells who delivers what left its accounts, once it is written that it did.
	fn tell_deliveries(handed: Vec<Handed<T>>) {
		Pallet::<T>::register_deliveries(u64::try_from(handed.len()).unwrap_or(u64::MAX));
		for Handed { key, segment, instrument, lots, amount } in handed {
			let (owner, sub) = (key.owner.clone(), key.sub);
			Pallet::<T>::deposit_event(Event::Escrowed { owner, sub, instrument, lots, amount });
			T::Deliveries::take_over(&key, &segment, instrument, lots, amount);
		}
	}

	/// For each position of an account the lots for which capacity is set aside: of a short one as delivery nears, and none before.
	pub(crate) fn covers(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
	) -> Result<Vec<Lots>, BookError> {
		let mut covers = Vec::with_capacity(account.positions.len());
		for Position { instrument, lots, .. } in &account.positions {
			let is_near = self.instrument(*instrument)?.risk.delivery_phase > Ppm::ZERO;
			covers.push(if is_near && *lots < Lots::ZERO { self.covered(key, *instrument) } else { Lots::ZERO });
		}
		Ok(covers)
	}

	/// The lots of an account's short position for which capacity is set aside.
	fn covered(&mut self, key: &AccountKeyOf<T>, id: InstrumentId) -> Lots {
		let place = (key.clone(), id);
		if let Some(known) = self.covered.get(&place) {
			return *known;
		}
		let covered = T::Deliveries::covered(key, id).max(Lots::ZERO);
		self.covered.insert(place, covered);
		covered
	}

	/// Writes an account. Its state follows from its cash, and its segment's gaps with it.
	pub(crate) fn put_account(
		&mut self,
		key: &AccountKeyOf<T>,
		mut account: MarginAccountOf<T>,
	) -> Result<(), BookError> {
		let before = self.accounts.get(key).and_then(|page| page.value.as_ref()).map_or(Cash::ZERO, |held| held.gap());
		let after = account.gap();
		if before != after {
			let mut ledger = self.ledger(&account.segment);
			ledger.gaps = ledger.gaps.checked_add(after)?.checked_sub(before)?;
			self.put_ledger(&account.segment, ledger);
		}
		if after < before {
			let closed = self.closed_gaps(&account.segment).checked_add(before)?.checked_sub(after)?;
			self.closed_gaps.insert(account.segment.clone(), closed);
		}
		account.state = match account.state {
			AccountState::Open | AccountState::CashCall { .. } if after.is_zero() => AccountState::Open,
			AccountState::Open => {
				let until = self.now.saturating_add(self.parameters.liquidation.cash_call_period);
				AccountState::CashCall { until }
			},
			state @ (AccountState::CashCall { .. } | AccountState::Liquidating { .. }) => state,
		};
		self.to_index.entry(key.clone()).or_default();
		self.accounts.insert(key.clone(), Page::changed(Some(account)));
		Ok(())
	}

	/// Forgets an account. It has neither cash nor positions.
	pub(crate) fn remove_account(
		&mut self,
		key: &AccountKeyOf<T>,
		mut account: MarginAccountOf<T>,
	) -> Result<(), BookError> {
		self.forget_stress(&mut account)?;
		let gone = self.accounts.insert(key.clone(), Page::changed(None));
		let triggers = gone.and_then(|page| page.value).map(|account| account.triggers);
		self.to_index.insert(key.clone(), triggers.unwrap_or_default());
		Ok(())
	}

	/// The account has to be put where it belongs in the trigger index, whether it changes or not.
	pub(crate) fn look_at(&mut self, key: &AccountKeyOf<T>) {
		self.to_index.entry(key.clone()).or_default();
	}

	/// The accounts that have to be.
	pub(crate) fn to_index(&self) -> Vec<AccountKeyOf<T>> {
		self.to_index.keys().cloned().collect()
	}

	/// Where the index has an account that is gone.
	pub(crate) fn indexed(&self, key: &AccountKeyOf<T>) -> Triggers {
		self.to_index.get(key).cloned().unwrap_or_default()
	}

	/// Writes where the index has an account.
	pub(crate) fn put_triggers(&mut self, key: &AccountKeyOf<T>, account: MarginAccountOf<T>) {
		self.accounts.insert(key.clone(), Page::changed(Some(account)));
	}

	/// The owners whose figures changed.
	pub(crate) fn changed_owners(&self) -> impl Iterator<Item = (&T::AccountId, &Owner)> {
		self.owners.iter().filter(|(_, page)| page.is_changed).map(|(owner, page)| (owner, &page.value))
	}

	/// What an owner's accounts come to.
	pub(crate) fn owner(&mut self, owner: &T::AccountId) -> Owner {
		if let Some(page) = self.owners.get(owner) {
			return page.value.clone();
		}
		let value = Owners::<T>::get(owner).unwrap_or_default();
		self.owners.insert(owner.clone(), Page::read(value.clone()));
		value
	}

	/// Writes what an owner's accounts come to.
	pub(crate) fn put_owner(&mut self, owner: &T::AccountId, value: Owner) {
		self.owners.insert(owner.clone(), Page::changed(value));
	}

	/// Under whom an owner trades.
	pub(crate) fn membership(&mut self, owner: &T::AccountId) -> Option<Membership<T::AccountId>> {
		if let Some(known) = self.memberships.get(owner) {
			return known.clone();
		}
		let membership = T::Guarantors::membership(owner);
		self.memberships.insert(owner.clone(), membership.clone());
		membership
	}

	/// What a guarantor may do.
	pub(crate) fn guarantor_state(&mut self, guarantor: &T::AccountId) -> Option<GuarantorState> {
		if let Some(known) = self.standing.get(guarantor) {
			return *known;
		}
		let state = T::Guarantors::state(guarantor);
		self.standing.insert(guarantor.clone(), state);
		state
	}

	/// What an asset of collateral is valued by: its figures, its price and the mean of its prices; none without a fresh price.
	pub(crate) fn collateral_price(&mut self, id: CollateralId) -> Option<(CollateralFigures, Price, Price)> {
		if let Some(known) = self.collateral.get(&id) {
			return *known;
		}
		let price = Pallet::<T>::fresh_collateral_price(id, self.parameters.max_fix_age);
		self.collateral.insert(id, price);
		price
	}

	/// What an account's initial margin is multiplied by: its guarantor's figure, or one in a house.
	pub(crate) fn multiplier(&mut self, key: &AccountKeyOf<T>, side: SegmentSide) -> Ppm {
		match side {
			SegmentSide::House => Ppm::ONE,
			SegmentSide::Customers => {
				self.membership(&key.owner).map_or(Ppm::ONE, |membership| membership.limits.margin_multiplier)
			},
		}
	}

	/// Writes what changed. Gaps of accounts are advanced from the house, or given back to it, before.
	pub(crate) fn close(self) -> DispatchResult {
		self.close_and_count().map(drop)
	}

	/// The same. Returns how many positions the accounts had, at the most, that were put in their places in the index.
	pub(crate) fn close_and_count(mut self) -> Result<u32, DispatchError> {
		frame_support::ensure!(!self.is_broken, ArithmeticError::Overflow);
		self.cover_gaps()?;
		let positions = self.reindex_all().map_err(BookError::of::<T>)?;
		for (id, page) in self.instruments.into_iter().filter(|(_, page)| page.is_changed) {
			Instruments::<T>::insert(id, page.value);
		}
		for (segment, page) in self.ledgers.into_iter().filter(|(_, page)| page.is_changed) {
			Ledgers::<T>::insert(segment, page.value);
		}
		for ((id, segment), page) in self.nets.into_iter().filter(|(_, page)| page.is_changed) {
			let value = (!page.value.lots.is_zero()).then_some(page.value);
			SegmentPositions::<T>::set(id, segment, value);
		}
		for (key, page) in self.accounts.into_iter().filter(|(_, page)| page.is_changed) {
			let before = self.balances.remove(&key).unwrap_or_default();
			before.tell_changes::<T>(&key, &Balances::of(page.value.as_ref()));
			Accounts::<T>::set(key.owner, key.sub, page.value);
		}
		for (guarantor, page) in self.stresses.into_iter().filter(|(_, page)| page.is_changed) {
			Stresses::<T>::insert(guarantor, page.value);
		}
		for (owner, page) in self.owners.into_iter().filter(|(_, page)| page.is_changed) {
			let value = (page.value.accounts > 0).then_some(page.value);
			Owners::<T>::set(owner, value);
		}
		Self::tell_deliveries(self.handed);
		Ok(positions)
	}
}
