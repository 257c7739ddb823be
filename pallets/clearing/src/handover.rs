//! What nobody took goes to the guarantor's house, at mark and with the largest penalty in cash as far as equity reaches. What the
//! account owes beyond all it has is the house's loss.

use crate::{
	advances::segments,
	books::{BookError, Books},
	offer::Offer,
	trades::{Change, Leg},
	types::{AccountKeyOf, SegmentOf},
	Collaterals, Config, Defaults, Error, Event, Layer, Pallet,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungibles::Mutate, tokens::Preservation},
};
use gcx_primitives::{AccountKey, ArithmeticError, Cash, CollateralId, InstrumentId, Lots, SubAccount};

impl<T: Config> Books<T> {
	/// Gives what nobody took to the guarantor's house, until the account has initial margin or nothing; what it owes then is the
	/// house's loss.
	pub(crate) fn hand_over(&mut self, key: &AccountKeyOf<T>) -> DispatchResult {
		let account = self.known_account(key)?;
		let (customers, house) = segments(&account.segment.guarantor);
		ensure!(self.house(&house.guarantor)?.is_some(), Error::<T>::NoHouse);
		let house_key = AccountKey { owner: house.guarantor.clone(), sub: SubAccount::HOUSE };
		let own =
			account.cash.max(Cash::ZERO).checked_add(self.collateral_value(&account).map_err(BookError::of::<T>)?)?;
		// Each step empties a position or a line of collateral, or is the last.
		for _ in 0..=crate::MAX_TRIGGERS {
			let account = self.known_account(key)?;
			if self.is_whole(key, &account).map_err(BookError::of::<T>)? {
				break;
			}
			match self.offer(key).map_err(Error::<T>::from)? {
				Offer::Positions(lots) => self.hand_over_positions(key, &house_key, &lots)?,
				Offer::Collateral(id, amount) => self.hand_over_collateral(key, &house_key, id, amount)?,
				Offer::Nothing => break,
			}
		}
		let mut account = self.known_account(key)?;
		let deficit = account.gap();
		if account.positions.is_empty() && !deficit.is_zero() {
			account.cash = Cash::ZERO;
			self.put_account(key, account.clone()).map_err(BookError::of::<T>)?;
			self.note_loss(key, &house_key, own, deficit)?;
			self.move_between(&house, &customers, &house_key, deficit)?;
			self.set_off(&customers, &house, deficit)?;
		}
		self.recover(key, &mut account).map_err(BookError::of::<T>)?;
		self.put_account(key, account).map_err(BookError::of::<T>)
	}

	/// Says what the first layers bear of a loss: the customer's own money, then what its guarantor's house has.
	fn note_loss(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		own: Cash,
		deficit: Cash,
	) -> DispatchResult {
		let guarantor = || house_key.owner.clone();
		let house = self.known_account(house_key)?;
		let owner = self.owner(&house_key.owner);
		let had = self.standing(house_key, &house, &owner).map_err(BookError::of::<T>)?.equity.max(Cash::ZERO);
		let took = deficit.min(had);
		let (left, unpaid) = (had.checked_sub(took)?, deficit.checked_sub(took)?);
		let (who, sub) = (key.owner.clone(), key.sub);
		Pallet::<T>::deposit_event(Event::LossPassedOn { owner: who, sub, guarantor: guarantor(), own, loss: deficit });
		Pallet::<T>::deposit_event(Event::LayerTaken {
			guarantor: guarantor(),
			layer: Layer::Customer,
			had: own,
			took: own,
			left: Cash::ZERO,
			unpaid: deficit,
		});
		// In a default the waterfall says it of all customers together.
		if !Defaults::<T>::contains_key(&house_key.owner) {
			let layer = Layer::HouseFunds;
			Pallet::<T>::deposit_event(Event::LayerTaken { guarantor: guarantor(), layer, had, took, left, unpaid });
		}
		Ok(())
	}

	/// A house pays `amount` for the accounts of another segment, or gets it if negative. It moves in what segments owe each other.
	fn move_between(
		&mut self,
		house: &SegmentOf<T>,
		other: &SegmentOf<T>,
		house_key: &AccountKeyOf<T>,
		amount: Cash,
	) -> DispatchResult {
		let mut account = self.known_account(house_key)?;
		account.cash = account.cash.checked_sub(amount)?;
		self.put_account(house_key, account).map_err(BookError::of::<T>)?;
		let mut ledger = self.ledger(house);
		ledger.net = ledger.net.checked_sub(amount)?;
		self.put_ledger(house, ledger);
		let mut ledger = self.ledger(other);
		ledger.net = ledger.net.checked_add(amount)?;
		self.put_ledger(other, ledger);
		Ok(())
	}

	fn hand_over_positions(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		lots: &[(InstrumentId, Lots)],
	) -> DispatchResult {
		let value = self.value_at_mark(lots).map_err(Error::<T>::from)?;
		let legs = self.legs(lots, &[]).map_err(Error::<T>::from)?;
		let taken: Result<Vec<_>, _> = legs.iter().copied().map(Leg::opposite).collect();
		let mut from = self.change(key, &taken?, Cash::ZERO).map_err(Error::<T>::from)?;
		let mut to = self.change(house_key, &legs, Cash::ZERO).map_err(Error::<T>::from)?;
		// Closing at mark leaves equity as it was.
		let equity = if self.is_innocent(key)? { Cash::ZERO } else { from.standing.equity.max(Cash::ZERO) };
		let penalty = self.parameters.max_penalty.mul_ceil(value)?.min(equity);
		from.account.cash = from.account.cash.checked_sub(penalty)?;
		to.account.cash = to.account.cash.checked_add(penalty)?;
		for (change, amount) in [(&from, penalty.checked_neg()?), (&to, penalty)] {
			let mut ledger = self.ledger(&change.account.segment);
			ledger.net = ledger.net.checked_add(amount)?;
			self.put_ledger(&change.account.segment, ledger);
		}
		for leg in &legs {
			Pallet::<T>::deposit_event(Event::HandedOver {
				owner: key.owner.clone(),
				sub: key.sub,
				guarantor: house_key.owner.clone(),
				instrument: leg.instrument,
				lots: leg.lots,
				price: leg.price,
			});
		}
		Pallet::<T>::deposit_event(Event::PenaltyPaid {
			owner: key.owner.clone(),
			sub: key.sub,
			to_house: penalty,
			to_pool: Cash::ZERO,
			to_caller: Cash::ZERO,
		});
		self.exchange(from, to)
	}

	/// Lets two changed accounts be as they are, with clearing between them.
	pub(crate) fn exchange(&mut self, from: Change<T>, to: Change<T>) -> DispatchResult {
		self.change_open_interest(&[&from, &to]).map_err(Error::<T>::from)?;
		self.take_over([from, to]).map_err(Error::<T>::from)?;
		Ok(())
	}

	/// The house takes collateral at what it counts for, and pays as much of what the account owes.
	fn hand_over_collateral(
		&mut self,
		key: &AccountKeyOf<T>,
		house_key: &AccountKeyOf<T>,
		id: CollateralId,
		amount: u128,
	) -> DispatchResult {
		let mut account = self.known_account(key)?;
		let mut house = self.known_account(house_key)?;
		let amount = Pallet::<T>::sellable(id, account.collateral(id), amount)?;
		let line = crate::CollateralLine { id, amount, egress: Default::default() };
		let value = self.line_value(&line).map_err(BookError::of::<T>)?;
		let left = account.collateral(id).checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let held = house.collateral(id).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Pallet::<T>::set_line(&mut account, id, left)?;
		Pallet::<T>::set_line(&mut house, id, held)?;
		Pallet::<T>::move_collateral(id, amount, &account.segment, &house.segment)?;
		let owed = account.gap();
		account.cash = account.cash.checked_add(value)?;
		let closed = owed.checked_sub(account.gap())?;
		let (customers, house_segment) = (account.segment.clone(), house.segment.clone());
		self.put_account(key, account).map_err(BookError::of::<T>)?;
		self.put_account(house_key, house).map_err(BookError::of::<T>)?;
		self.move_between(&house_segment, &customers, house_key, value)?;
		self.set_off(&customers, &house_segment, closed)?;
		Pallet::<T>::deposit_event(Event::CollateralSold {
			owner: key.owner.clone(),
			sub: key.sub,
			to: house_key.owner.clone(),
			collateral: id,
			amount,
			price: value,
		});
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Moves an amount of collateral from one segment's custody to another's.
	pub(crate) fn move_collateral(
		id: CollateralId,
		amount: u128,
		from: &SegmentOf<T>,
		to: &SegmentOf<T>,
	) -> DispatchResult {
		let asset = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?.asset;
		let (source, destination) = (Self::custody_account(from), Self::custody_account(to));
		T::CollateralAssets::transfer(asset, &source, &destination, amount, Preservation::Expendable)?;
		Self::change_segment_collateral(id, from, 0, amount)?;
		Self::change_segment_collateral(id, to, amount, 0)
	}
}
