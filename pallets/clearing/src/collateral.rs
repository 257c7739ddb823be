//! Collateral: what other than the settlement asset stands behind positions, at how much of its value.
//!
//! It covers initial margin only: variation margin is cash. Governance admits it, and everything that governance decides about it is
//! in force only after a delay. Caps bound what one account and what the exchange takes of it.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 5: collateral.

use crate::{
	books::{BookError, Books},
	types::{AccountKeyOf, MarginAccountOf, SegmentOf},
	CollateralFigures, CollateralLine, CollateralTerms, Collaterals, Config, Error, Event, Pallet, SegmentCollateral,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		Get, Time,
	},
};
use gcx_primitives::{
	AccountKey, ArithmeticError, Cash, CollateralId, Houses, Ppm, Price, PriceIndex, SegmentSide, SubAccount,
};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

impl CollateralFigures {
	/// The most of an asset that is taken in sum: no sum of it overflows.
	pub const MAX_CAP: u128 = 1 << 100;

	/// Whether the unit is not zero, the haircut leaves something, and the caps are bounded and in order.
	pub fn is_valid(&self) -> bool {
		self.unit > 0
			&& self.haircut < Ppm::ONE
			&& self.account_cap <= self.total_cap
			&& self.total_cap <= Self::MAX_CAP
	}

	/// What an amount counts for, in the settlement asset: at the lower of the price and its 30-day mean, less the haircut,
	/// rounded down. Nothing at a price that is not positive.
	pub fn value(&self, amount: u128, price: Price, mean: Price) -> Result<Cash, ArithmeticError> {
		let worth = self.worth(amount, price.min(mean), Rounding::Down)?;
		Ppm(Ppm::PARTS.saturating_sub(self.haircut.0)).mul_floor(worth)
	}

	/// What an amount costs at a price, in the settlement asset, without the haircut. Nothing at a price that is not positive.
	pub fn worth(&self, amount: u128, price: Price, rounding: Rounding) -> Result<Cash, ArithmeticError> {
		let price = u128::try_from(price.0).unwrap_or(0);
		multiply_by_rational_with_rounding(amount, price, self.unit, rounding)
			.and_then(|worth| i128::try_from(worth).ok())
			.map(Cash)
			.ok_or(ArithmeticError::Overflow)
	}
}

impl<T: Config> Books<T> {
	/// What an account's collateral counts for. An asset without a fresh price counts for nothing.
	pub(crate) fn collateral_value(&mut self, account: &MarginAccountOf<T>) -> Result<Cash, BookError> {
		let mut sum = Cash::ZERO;
		for line in &account.collateral {
			sum = sum.checked_add(self.line_value(line)?)?;
		}
		Ok(sum)
	}

	/// What one asset of it counts for.
	pub(crate) fn line_value(&mut self, line: &CollateralLine) -> Result<Cash, BookError> {
		match self.collateral_price(line.id) {
			Some((figures, price, mean)) => Ok(figures.value(line.amount, price, mean)?),
			None => Ok(Cash::ZERO),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// What an asset of collateral is valued by, if its price is fresh.
	pub(crate) fn fresh_collateral_price(id: CollateralId, max_age: u64) -> Option<(CollateralFigures, Price, Price)> {
		let figures = Collaterals::<T>::get(id)?.in_force?;
		let fix = T::Index::fresh_fix(figures.class, max_age)?;
		let mean = T::Index::statistics(figures.class)?.mean_size;
		Some((figures, fix.price, mean))
	}

	/// Governance admits an asset as collateral, or changes what it decided about it, after the delay.
	pub(crate) fn do_admit_collateral(
		id: CollateralId,
		asset: T::CollateralAssetId,
		figures: CollateralFigures,
	) -> DispatchResult {
		// Custody would count it twice.
		let is_cash = asset == T::SettlementAssetId::get();
		ensure!(figures.is_valid() && !is_cash, Error::<T>::InvalidCollateral);
		ensure!(T::Index::floor_price(figures.class).is_some(), Error::<T>::UnknownClass);
		ensure!(T::CollateralAssets::asset_exists(asset.clone()), Error::<T>::InvalidCollateral);
		let from = T::Clock::now().saturating_add(T::CollateralDelay::get());
		let terms = match Collaterals::<T>::get(id) {
			Some(known) => {
				ensure!(known.asset == asset, Error::<T>::InvalidCollateral);
				CollateralTerms { pending: Some((from, figures)), ..known }
			},
			None => {
				let count = Collaterals::<T>::iter_keys().count();
				ensure!(
					u32::try_from(count).is_ok_and(|count| count < crate::MAX_COLLATERALS),
					Error::<T>::TooManyCollaterals
				);
				let is_known = Collaterals::<T>::iter_values().any(|terms| terms.asset == asset);
				ensure!(!is_known, Error::<T>::InvalidCollateral);
				CollateralTerms {
					asset: asset.clone(),
					in_force: None,
					pending: Some((from, figures)),
					held: 0,
					egress: Default::default(),
				}
			},
		};
		Collaterals::<T>::insert(id, terms);
		Self::deposit_event(Event::CollateralApproved { collateral: id, asset, figures, from });
		Ok(())
	}

	/// Puts what is due of governance's decisions on collateral in force. A settlement run begins with it.
	pub(crate) fn renew_collaterals() {
		let now = T::Clock::now();
		let due: alloc::vec::Vec<_> = Collaterals::<T>::iter()
			.filter_map(|(id, terms)| Some((id, terms.pending.filter(|(from, _)| *from <= now)?.1)))
			.collect();
		if !due.is_empty() {
			Self::sweep_all();
		}
		for (id, figures) in due {
			Collaterals::<T>::mutate(id, |terms| {
				if let Some(terms) = terms {
					(terms.in_force, terms.pending) = (Some(figures), None);
				}
			});
			Self::deposit_event(Event::CollateralInForce { collateral: id, figures });
		}
	}

	pub(crate) fn do_deposit_collateral(
		owner: T::AccountId,
		sub: SubAccount,
		id: CollateralId,
		amount: u128,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let mut terms = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?;
		let figures = terms.in_force.ok_or(Error::<T>::UnknownCollateral)?;
		let mut books = Books::<T>::new();
		let key = AccountKey { owner: owner.clone(), sub };
		let mut account = books.known_account(&key)?;
		let held = account.collateral(id).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		let minimum = T::CollateralAssets::minimum_balance(terms.asset.clone());
		ensure!(held >= minimum, Error::<T>::TooLittleCollateral);
		terms.begin_hour(Self::hour());
		terms.held = terms.held.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		let fits = held <= figures.account_cap && terms.held <= figures.total_cap;
		ensure!(fits, Error::<T>::CollateralCap);
		Self::set_line(&mut account, id, held)?;
		let custody = Self::custody_account(&account.segment);
		T::CollateralAssets::transfer(terms.asset.clone(), &owner, &custody, amount, Preservation::Expendable)?;
		Self::change_segment_collateral(id, &account.segment, amount, 0)?;
		Collaterals::<T>::insert(id, terms);
		books.put_account(&key, account).map_err(BookError::of::<T>)?;
		Self::deposit_event(Event::CollateralDeposited { owner, sub, collateral: id, amount, held });
		books.close()
	}

	pub(crate) fn do_withdraw_collateral(
		owner: T::AccountId,
		sub: SubAccount,
		id: CollateralId,
		amount: u128,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let mut terms = Collaterals::<T>::get(id).ok_or(Error::<T>::UnknownCollateral)?;
		let mut books = Books::<T>::new();
		let key = AccountKey { owner: owner.clone(), sub };
		let mut account = books.known_account(&key)?;
		let before = account.collateral(id);
		let held = before.checked_sub(amount).ok_or(Error::<T>::InsufficientCollateral)?;
		let minimum = T::CollateralAssets::minimum_balance(terms.asset.clone());
		ensure!(held == 0 || held >= minimum, Error::<T>::TooLittleCollateral);
		let hour = Self::hour();
		terms.begin_hour(hour);
		Self::pass_collateral_fuse(&mut account, &mut terms, id, amount, hour)?;
		Self::set_line(&mut account, id, held)?;
		Self::ensure_margined_without(&mut books, &key, &account)?;
		terms.held = terms.held.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let custody = Self::custody_account(&account.segment);
		T::CollateralAssets::transfer(terms.asset.clone(), &custody, &owner, amount, Preservation::Expendable)?;
		Self::change_segment_collateral(id, &account.segment, 0, amount)?;
		Collaterals::<T>::insert(id, terms);
		books.put_account(&key, account).map_err(BookError::of::<T>)?;
		Self::deposit_event(Event::CollateralWithdrawn { owner, sub, collateral: id, amount, held });
		books.close()
	}

	/// Whether an account that gave collateral up still has full initial margin: the same rule as for cash.
	fn ensure_margined_without(
		books: &mut Books<T>,
		key: &AccountKeyOf<T>,
		account: &MarginAccountOf<T>,
	) -> DispatchResult {
		let is_house = account.segment.side == SegmentSide::House;
		ensure!(!is_house || T::Guarantors::house_floor(&key.owner).is_some(), Error::<T>::HouseFundsLocked);
		let owner = books.owner(&key.owner);
		let standing = books.standing(key, account, &owner).map_err(BookError::of::<T>)?;
		ensure!(standing.is_fresh, Error::<T>::NoMark);
		let multiplier = books.multiplier(key, account.segment.side);
		let is_free = account.positions.is_empty() && account.cash >= Cash::ZERO;
		ensure!(is_free || books.excess(account, &standing, multiplier)? >= Cash::ZERO, Error::<T>::MarginNeeded);
		Ok(())
	}

	/// The egress fuse of one asset of collateral, by the rule of the cash fuse without its floor.
	fn pass_collateral_fuse(
		account: &mut MarginAccountOf<T>,
		terms: &mut CollateralTerms<T::CollateralAssetId>,
		id: CollateralId,
		amount: u128,
		hour: u32,
	) -> DispatchResult {
		let line = account.collateral.iter_mut().find(|line| line.id == id);
		let line = line.ok_or(Error::<T>::InsufficientCollateral)?;
		line.egress = line.egress.in_hour(hour, Self::cash(line.amount)?);
		Self::pass(&mut terms.egress, &mut line.egress, Self::cash(amount)?, Cash::ZERO)?;
		Ok(())
	}

	/// Moves an account's collateral from one segment's custody to another's.
	pub(crate) fn port_collateral(
		account: &MarginAccountOf<T>,
		source: &SegmentOf<T>,
		destination: &SegmentOf<T>,
	) -> DispatchResult {
		for CollateralLine { id, amount, .. } in &account.collateral {
			Self::move_collateral(*id, *amount, source, destination)?;
		}
		Ok(())
	}

	pub(crate) fn change_segment_collateral(
		id: CollateralId,
		segment: &SegmentOf<T>,
		more: u128,
		less: u128,
	) -> DispatchResult {
		SegmentCollateral::<T>::try_mutate_exists(id, segment, |held| {
			let after = held.unwrap_or(0).checked_add(more).and_then(|sum| sum.checked_sub(less));
			*held = Some(after.ok_or(ArithmeticError::Overflow)?).filter(|left| *left > 0);
			Ok(())
		})
	}

	pub(crate) fn set_line(account: &mut MarginAccountOf<T>, id: CollateralId, amount: u128) -> DispatchResult {
		match account.collateral.iter().position(|line| line.id == id) {
			Some(index) if amount == 0 => {
				account.collateral.remove(index);
			},
			Some(index) => account.collateral[index].amount = amount,
			None => {
				let line = CollateralLine { id, amount, egress: Default::default() };
				account.collateral.try_push(line).map_err(|_| Error::<T>::TooManyCollaterals)?;
			},
		}
		Ok(())
	}
}
