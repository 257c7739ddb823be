//! Liquidation: an account under maintenance margin is brought back to initial margin by selling as little of it as does.
//!
//! 1. Whoever finds it (anyone, or the chain) puts it up for sale.
//! 2. Every margin account under any guarantor can take what is offered, at a discount on the mark that grows with time, as
//!    long as it has the margin. The discount ends where the account's equity does. The account pays a penalty to the
//!    pool, of which who found it gets a share.
//! 3. What nobody took in time goes to its guarantor's house at mark, with the largest penalty in cash as far as equity
//!    reaches. What the account owes beyond all it has is the house's loss.
//!
//! What is offered is what lowers the requirement most: one position, or a slice of all where no single one does. Who has
//! margin and lacks cash only sells collateral. Nobody is liquidated on prices that are not fresh, or for a while after they, or
//! the chain, came back.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 13.

use crate::{
	books::{BookError, Books},
	margin::Standing,
	types::{AccountKeyOf, MarginAccountOf},
	AccountState, Config, Error, Event, LiquidationParameters, Liquidations, Pallet,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	pallet_prelude::DispatchError,
	traits::Time,
};
use gcx_primitives::{AccountKey, Cash, SubAccount};
use scale_info::TypeInfo;

/// When blocks came.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pulse {
	/// The time of the block before, in milliseconds since the Unix epoch.
	pub last: u64,
	/// The time before which nobody is liquidated.
	pub grace: u64,
}

impl Pulse {
	/// The time before which nobody is liquidated, as it is `now`.
	pub fn grace(&self, now: u64, parameters: &LiquidationParameters) -> u64 {
		let stood_still = self.last > 0 && now.saturating_sub(self.last) > parameters.max_block_time;
		if stood_still {
			now.saturating_add(parameters.grace_period)
		} else {
			self.grace
		}
	}
}

/// What became of an account that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
	/// It has what it needs, or its owner has time left.
	Sound,
	/// It lacks margin, but prices are not fresh, or not for long enough.
	Spared,
	/// It is for sale from now.
	Begun,
	/// It is for sale.
	Offered,
	/// It was for sale and needs no help any more.
	Recovered,
	/// What nobody took went to the house.
	HandedOver,
	/// Nobody took it in time, and its guarantor has no house, or none with room for it.
	NoHouse,
}

impl<T: Config> Books<T> {
	/// Whether an account has initial margin and owes no cash.
	pub(crate) fn is_whole(&mut self, key: &AccountKeyOf<T>, account: &MarginAccountOf<T>) -> Result<bool, BookError> {
		if account.cash < Cash::ZERO {
			return Ok(false);
		}
		if self.is_closing_out(&account.segment.guarantor) {
			return Ok(account.positions.is_empty());
		}
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, account, &owner)?;
		Ok(standing.equity >= standing.requirement.total()?)
	}

	/// Ends the liquidation of an account that needs no help any more.
	pub(crate) fn recover(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &mut MarginAccountOf<T>,
	) -> Result<bool, BookError> {
		let recovers = account.state.is_liquidating() && self.is_whole(key, account)?;
		if recovers {
			account.state = AccountState::Open;
			Liquidations::<T>::mutate(|count| *count = count.saturating_sub(1));
			Pallet::<T>::deposit_event(Event::Recovered { owner: key.owner.clone(), sub: key.sub });
		}
		Ok(recovers)
	}

	/// From when on an account that is for sale since `since` is, with the grace after prices or the chain came back; none while a
	/// price is not fresh.
	pub(crate) fn offered_since(&mut self, account: &MarginAccountOf<T>, since: u64) -> Result<Option<u64>, BookError> {
		if self.is_frozen {
			return Ok(None);
		}
		let mut from = since.max(self.grace);
		for position in &account.positions {
			let grace = self.parameters.liquidation.grace_period;
			let instrument = self.instrument(position.instrument)?;
			if instrument.mark.is_none() || instrument.quarantined || instrument.ending.is_some() {
				return Ok(None);
			}
			from = from.max(instrument.marked_since.saturating_add(grace));
		}
		for line in &account.collateral {
			if self.collateral_price(line.id).is_none() {
				return Ok(None);
			}
		}
		Ok(Some(from))
	}

	/// Looks at the market for all that an account holds. Marks are looked at in turn: without this one leg of a hedge could be at
	/// its new price and the other still at its old one.
	pub(crate) fn renew_marks(&mut self, account: &MarginAccountOf<T>) -> Result<(), BookError> {
		for position in &account.positions {
			let id = position.instrument;
			let before = self.instrument(id)?.clone();
			let class = before.terms.class;
			let fraction = crate::ClassRisks::<T>::get(class).fraction;
			let market = Pallet::<T>::market(&before, fraction, &self.parameters);
			let mut after = before.clone();
			after.refresh(&market)?;
			if after == before {
				continue;
			}
			if after.mark != before.mark {
				Pallet::<T>::deposit_event(Event::MarkChanged { instrument: id, mark: after.mark });
			}
			Pallet::<T>::note_look(id, &before, &after);
			*self.instrument_mut(id)? = after;
		}
		Ok(())
	}

	/// Looks at a customer's account and does what is due.
	pub(crate) fn judge(&mut self, key: &AccountKeyOf<T>, by: Option<T::AccountId>) -> Result<Verdict, DispatchError> {
		let mut account = self.known_account(key)?;
		let owner = self.owner(&key.owner);
		let mut standing = self.standing(key, &account, &owner).map_err(BookError::of::<T>)?;
		let (now, period) = (self.now, self.parameters.liquidation.auction_period);
		let required = standing.requirement.maintenance(&self.parameters.margin)?;
		if !account.state.is_open() || standing.equity < required {
			self.renew_marks(&account).map_err(BookError::of::<T>)?;
			standing = self.standing(key, &account, &owner).map_err(BookError::of::<T>)?;
		}
		match account.state.clone() {
			AccountState::Liquidating { since, by } => {
				if self.recover(key, &mut account).map_err(BookError::of::<T>)? {
					self.put_account(key, account).map_err(BookError::of::<T>)?;
					return Ok(Verdict::Recovered);
				}
				let from = self.offered_since(&account, since).map_err(BookError::of::<T>)?;
				match from {
					Some(from) if now >= from.saturating_add(period) => {
						if !self.can_hand_over(&account)? {
							return Ok(Verdict::NoHouse);
						}
						self.hand_over(key)?;
						Ok(Verdict::HandedOver)
					},
					Some(from) if now >= from => Ok(Verdict::Offered),
					Some(_) => Ok(Verdict::Spared),
					None => {
						// Nobody can bid now: there is a whole period again once prices are back.
						account.state = AccountState::Liquidating { since: now, by };
						self.put_account(key, account).map_err(BookError::of::<T>)?;
						Ok(Verdict::Spared)
					},
				}
			},
			state @ (AccountState::Open | AccountState::CashCall { .. }) => {
				let maintenance = standing.requirement.maintenance(&self.parameters.margin)?;
				let is_short = !account.positions.is_empty() && standing.equity < maintenance;
				let closes = self.is_closing_out(&account.segment.guarantor);
				let is_late = matches!(state, AccountState::CashCall { until } if closes || now > until);
				let is_left = closes && !account.positions.is_empty();
				if !is_short && !is_late && !is_left {
					return Ok(Verdict::Sound);
				}
				let from = self.offered_since(&account, now).map_err(BookError::of::<T>)?;
				if from != Some(now) {
					return Ok(Verdict::Spared);
				}
				let (who, sub, equity) = (key.owner.clone(), key.sub, standing.equity);
				Pallet::<T>::deposit_event(Event::LiquidationBegun {
					owner: who,
					sub,
					equity,
					maintenance,
					by: by.clone(),
				});
				account.state = AccountState::Liquidating { since: now, by };
				Liquidations::<T>::mutate(|count| *count = count.saturating_add(1));
				self.put_account(key, account).map_err(BookError::of::<T>)?;
				Ok(Verdict::Begun)
			},
		}
	}

	/// Whether the guarantor of an account has a house with room for what it holds.
	fn can_hand_over(&mut self, account: &MarginAccountOf<T>) -> Result<bool, DispatchError> {
		Ok(self.house(&account.segment.guarantor)?.is_some_and(|house| house.has_room_for(account)))
	}

	/// Whether looking at an account would put it up for sale, or hand over what nobody took.
	pub(crate) fn is_liquidation_due(
		&mut self,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
		standing: &Standing,
		maintenance: Cash,
	) -> bool {
		let (now, period) = (self.now, self.parameters.liquidation.auction_period);
		let closes = self.is_closing_out(&account.segment.guarantor);
		let has_positions = !account.positions.is_empty();
		match account.state {
			AccountState::Liquidating { since, .. } => {
				let is_whole = self.is_whole(key, account).unwrap_or(false);
				let from = self.offered_since(account, since).ok().flatten();
				let is_over = from.is_some_and(|from| now >= from.saturating_add(period));
				is_whole || is_over && self.can_hand_over(account).unwrap_or(false)
			},
			AccountState::Open | AccountState::CashCall { .. } => {
				let is_late = matches!(account.state, AccountState::CashCall { until } if closes || now > until);
				let is_short = has_positions && (closes || standing.equity < maintenance);
				let from = self.offered_since(account, now).ok().flatten();
				(is_short || is_late) && from == Some(now)
			},
		}
	}

	/// Whether an account is closed out for no fault of its own: its guarantor failed, and it has maintenance margin. It sells at
	/// mark and pays no penalty: its money is its own.
	pub(crate) fn is_innocent(&mut self, key: &AccountKeyOf<T>) -> Result<bool, DispatchError> {
		let account = self.known_account(key)?;
		if !self.is_closing_out(&account.segment.guarantor) {
			return Ok(false);
		}
		let owner = self.owner(&key.owner);
		let standing = self.standing(key, &account, &owner).map_err(BookError::of::<T>)?;
		Ok(standing.equity >= standing.requirement.maintenance(&self.parameters.margin)?)
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_liquidate(
		caller: T::AccountId,
		owner: T::AccountId,
		sub: SubAccount,
	) -> DispatchResultWithPostInfo {
		let (verdict, weight) = Self::look(&AccountKey { owner, sub }, Some(caller))?;
		match verdict {
			Verdict::Sound => Err(Error::<T>::Sound.into()),
			Verdict::Spared => Err(Error::<T>::InGrace.into()),
			Verdict::Offered => Err(Error::<T>::AlreadyForSale.into()),
			Verdict::NoHouse => Err(Error::<T>::NoHouse.into()),
			Verdict::Begun | Verdict::Recovered | Verdict::HandedOver => {
				Ok(PostDispatchInfo { actual_weight: Some(weight), pays_fee: Pays::No })
			},
		}
	}

	/// Notes that a block came, and when nobody is liquidated because the last one was long ago.
	pub(crate) fn beat() {
		let now = T::Clock::now();
		let parameters = crate::Parameters::<T>::get().liquidation;
		crate::Heartbeat::<T>::mutate(|pulse| *pulse = Pulse { grace: pulse.grace(now, &parameters), last: now });
	}
}
