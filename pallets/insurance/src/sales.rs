//! Sales of bonded tokens by falling price. Anyone buys, at any time, any part.
//!
//! The price begins at the index and falls at a constant pace, so that the sale finds the market's price from above;
//! there it is cheaper for everybody to buy than to wait. Without a fresh price a sale waits for one.

use crate::{
	absorption::Ground,
	types::{CreditOf, SaleOf},
	Advance, Books, Config, Contributions, Error, Event, NextSale, OnSale, Pallet, PoolBooks, Sale, SaleCourse, SaleId,
	SalePurpose, Sales, WaitingSales,
};
use alloc::vec::Vec;
use frame_support::{
	defensive, ensure,
	pallet_prelude::DispatchResult,
	storage::with_storage_layer,
	traits::{
		fungible::{Balanced, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		Get, Imbalance,
	},
	BoundedVec,
};
use gcx_math::fees::part_floor;
use gcx_math::pool::{apportion, cost_ceil, falling_price, secured_value_floor, securing_amount_ceil, Bearer};
use gcx_primitives::{ArithmeticError, Cash, PerformanceBurn, PoolLayer, Price, PriceIndex};
use sp_runtime::DispatchError;

/// How what a purchase paid was shared.
#[derive(Default)]
struct Repayment {
	outside: Cash,
	guarantors: Cash,
	skin: Cash,
	/// How many guarantors got something.
	count: u32,
}

impl Repayment {
	fn total(&self) -> Result<Cash, ArithmeticError> {
		self.outside.checked_add(self.guarantors)?.checked_add(self.skin)
	}
}

impl<T: Config> Pallet<T> {
	/// The price of the index, if it is fresh and positive.
	pub(crate) fn index_price() -> Option<Price> {
		let fix = T::Index::fresh_fix(T::BondClass::get(), Self::parameters().max_price_age)?;
		Some(fix.price).filter(|price| *price > Price::ZERO)
	}

	/// What tokens are valued at before the haircut: the lower of the fix and the mean of 30 days; none if it is not
	/// fresh.
	fn secure_price() -> Option<Price> {
		let fix = T::Index::fresh_fix(T::BondClass::get(), Self::parameters().max_price_age)?;
		let mean = T::Index::statistics(T::BondClass::get())?.mean_size;
		Some(fix.price.min(mean))
	}

	/// What tokens count for after the haircut, rounded down; none without a fresh price.
	pub(crate) fn value_of_bond(amount: u128) -> Option<Cash> {
		let (price, haircut) = (Self::secure_price()?, Self::parameters().bond_haircut);
		secured_value_floor(amount, T::BondUnit::get(), price, haircut).ok()
	}

	/// How many tokens count for so much, rounded up; none without a fresh and positive price.
	pub(crate) fn bond_of_value(value: Cash) -> Option<u128> {
		let (price, haircut) = (Self::secure_price()?, Self::parameters().bond_haircut);
		securing_amount_ceil(value, T::BondUnit::get(), price, haircut).ok()
	}

	/// Takes tokens onto the sale account and returns how many of them can be sold: what its minimum balance lacks
	/// stays there. Tokens too few for that are burnt.
	pub(crate) fn put_on_sale(guarantor: &T::AccountId, tokens: CreditOf<T>) -> u128 {
		let amount = tokens.peek();
		if amount == 0 {
			return 0;
		}
		let account = Self::sale_account();
		if let Err(tokens) = T::NativeBalance::resolve(&account, tokens) {
			drop(tokens);
			Self::deposit_event(Event::TokensBurnt { guarantor: guarantor.clone(), amount });
			return 0;
		}
		let kept = OnSale::<T>::get().checked_add(T::NativeBalance::minimum_balance());
		let free = kept.and_then(|kept| T::NativeBalance::balance(&account).checked_sub(kept));
		free.unwrap_or(0).min(amount)
	}

	/// Sells tokens and advances at most `needed` on them. If it burns and all that is needed is advanced, a share of what is
	/// left once that is repaid burns. Returns what was advanced.
	pub(crate) fn do_sell_bond(
		guarantor: &T::AccountId,
		bond: CreditOf<T>,
		needed: Cash,
		lent: Cash,
		to: &T::AccountId,
		burns: bool,
	) -> Cash {
		// The tokens are on the account whatever becomes of the advance.
		let amount = Self::put_on_sale(guarantor, bond);
		if amount == 0 {
			return Cash::ZERO;
		}
		let advanced = with_storage_layer(|| -> Result<Cash, DispatchError> {
			let (mut advance, total) = Self::advance(guarantor, needed, lent, to)?;
			// Whoever had to bear what the layers could not advance is not whole.
			advance.burns = burns && total > Cash::ZERO && total == needed;
			let (skin, outside) = (advance.skin, advance.outside);
			let sale = Self::open_sale(guarantor, amount, SalePurpose::Repay(advance))?;
			let guarantors = total.checked_sub(skin)?.checked_sub(outside)?;
			Self::deposit_event(Event::Advanced { sale, skin, guarantors, outside });
			Ok(total)
		});
		advanced.unwrap_or_else(|error| {
			defensive!("an advance cannot be booked: {:?}", error);
			if Self::open_sale(guarantor, amount, SalePurpose::Income).is_err() {
				defensive!("there is no end of sales");
			}
			Cash::ZERO
		})
	}

	/// Draws an advance from skin in the game, the other guarantors and outsiders, in that order.
	fn advance(
		guarantor: &T::AccountId,
		needed: Cash,
		lent: Cash,
		to: &T::AccountId,
	) -> Result<(Advance<T::AccountId>, Cash), DispatchError> {
		let (mut left, mut lent, mut total) = (needed, lent, Cash::ZERO);
		let mut advance = Advance::default();
		for layer in [PoolLayer::Skin, PoolLayer::Guarantors, PoolLayer::Outside] {
			let drawn = Self::draw(layer, guarantor, left, lent, to, Ground::Advance)?;
			let took = drawn.taken.took;
			match layer {
				PoolLayer::Own => (),
				PoolLayer::Skin => advance.skin = took,
				PoolLayer::Guarantors => {
					advance.guarantors =
						BoundedVec::try_from(drawn.guarantors).map_err(|_| ArithmeticError::Overflow)?;
				},
				PoolLayer::Outside => advance.outside = took,
			}
			left = left.checked_sub(took)?;
			lent = lent.checked_sub(drawn.forgiven)?;
			total = total.checked_add(took)?;
		}
		Ok((advance, total))
	}

	/// Opens a sale of tokens that are on the account, and begins it if there is a fresh price.
	pub(crate) fn open_sale(
		guarantor: &T::AccountId,
		amount: u128,
		purpose: SalePurpose<T::AccountId>,
	) -> Result<SaleId, DispatchError> {
		let id = NextSale::<T>::get();
		NextSale::<T>::put(SaleId(id.0.checked_add(1).ok_or(ArithmeticError::Overflow)?));
		let is_assessment = matches!(purpose, SalePurpose::Assessment { .. });
		Self::deposit_event(Event::SaleOpened { sale: id, guarantor: guarantor.clone(), amount, is_assessment });
		OnSale::<T>::put(OnSale::<T>::get().checked_add(amount).ok_or(ArithmeticError::Overflow)?);
		let mut sale = Sale { guarantor: guarantor.clone(), purpose, amount, course: None };
		match Self::index_price() {
			Some(first) => Self::begin(id, &mut sale, first),
			None => WaitingSales::<T>::insert(id, ()),
		}
		Sales::<T>::insert(id, sale);
		Ok(id)
	}

	/// Lets the price of a sale fall from now.
	pub(crate) fn begin(id: SaleId, sale: &mut SaleOf<T>, first: Price) {
		let began = Self::now();
		sale.course = Some(SaleCourse { began, first });
		WaitingSales::<T>::remove(id);
		let until = began.saturating_add(Self::parameters().sale_period);
		Self::deposit_event(Event::SaleBegun { sale: id, amount: sale.amount, first, until });
	}

	pub(crate) fn do_begin_sale(id: SaleId) -> DispatchResult {
		let mut sale = Sales::<T>::get(id).ok_or(Error::<T>::UnknownSale)?;
		let is_collectable = matches!(sale.purpose, SalePurpose::Assessment { .. });
		ensure!(sale.course.is_none() || (Self::is_over(&sale) && !is_collectable), Error::<T>::SaleRunning);
		ensure!(sale.amount > 0, Error::<T>::SaleRunning);
		let first = Self::index_price().ok_or(Error::<T>::NoPrice)?;
		Self::begin(id, &mut sale, first);
		Sales::<T>::insert(id, sale);
		Ok(())
	}

	/// Begins a sale that waits, if one does and there is a fresh price. Returns whether one was looked at.
	pub(crate) fn begin_waiting() -> bool {
		let Some(id) = WaitingSales::<T>::iter_keys().next() else { return false };
		// Without a price it goes on waiting.
		let _ = with_storage_layer(|| Self::do_begin_sale(id));
		true
	}

	/// Whether the price of a sale has fallen as far as it goes.
	pub(crate) fn is_over(sale: &SaleOf<T>) -> bool {
		sale.course.is_some_and(|course| Self::now().saturating_sub(course.began) >= Self::parameters().sale_period)
	}

	/// Sells, and returns how many guarantors were repaid.
	pub(crate) fn do_buy(who: T::AccountId, id: SaleId, amount: u128, max_price: Price) -> Result<u32, DispatchError> {
		let mut sale = Sales::<T>::get(id).ok_or(Error::<T>::UnknownSale)?;
		let course = sale.course.ok_or(Error::<T>::SaleNotBegun)?;
		let amount = amount.min(sale.amount);
		ensure!(amount > 0, Error::<T>::NothingToMove);
		let parameters = Self::parameters();
		let elapsed = Self::now().saturating_sub(course.began);
		let price = falling_price(course.first, parameters.sale_discount, elapsed, parameters.sale_period)?;
		ensure!(price <= max_price, Error::<T>::PriceTooHigh);
		let cost = cost_ceil(amount, T::BondUnit::get(), price)?;
		Self::receive(&who, cost)?;
		// The account keeps its minimum balance beyond what is for sale.
		T::NativeBalance::transfer(&Self::sale_account(), &who, amount, Preservation::Expendable)?;
		sale.amount = sale.amount.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		OnSale::<T>::put(OnSale::<T>::get().checked_sub(amount).ok_or(ArithmeticError::Underflow)?);
		Self::deposit_event(Event::Bought { sale: id, who, amount, price, cost, left: sale.amount });
		let mut repaid = 0;
		match &mut sale.purpose {
			SalePurpose::Repay(advance) => {
				let repayment = Self::repay(advance, cost)?;
				let income = cost.checked_sub(repayment.total()?)?;
				let Repayment { outside, guarantors, skin, count } = repayment;
				repaid = count;
				Self::deposit_event(Event::Repaid { sale: id, outside, guarantors, skin, income });
				Self::burn_if_repaid(id, &mut sale)?;
			},
			SalePurpose::Assessment { fetched } => {
				*fetched = fetched.checked_add(cost)?;
				let mut books = Books::<T>::get();
				books.proceeds = books.proceeds.checked_add(cost)?;
				books.recorded = books.recorded.checked_add(cost)?;
				Books::<T>::put(books);
			},
			// It is not recorded: so it is income.
			SalePurpose::Income => (),
		}
		Self::store_or_close_sale(id, sale)?;
		Ok(repaid)
	}

	/// Burns the governed share of a bond's tokens that are left, rounded down, if nothing is to be repaid any more. The others are the
	/// pool's.
	fn burn_if_repaid(id: SaleId, sale: &mut SaleOf<T>) -> DispatchResult {
		let SalePurpose::Repay(advance) = &sale.purpose else { return Ok(()) };
		if !advance.burns || !advance.is_repaid() || sale.amount == 0 {
			return Ok(());
		}
		let had = sale.amount;
		let burned = part_floor(had, T::Burn::share()).min(had);
		if burned > 0 {
			let (exact, keep) = (Precision::Exact, Preservation::Preserve);
			let seller = Self::sale_account();
			T::Burn::burn(T::NativeBalance::withdraw(&seller, burned, exact, keep, Fortitude::Polite)?);
		}
		let left = had.checked_sub(burned).ok_or(ArithmeticError::Underflow)?;
		OnSale::<T>::put(OnSale::<T>::get().checked_sub(burned).ok_or(ArithmeticError::Underflow)?);
		sale.amount = left;
		// All of it may have burned: then the sale is closed as one that repaid.
		if left > 0 {
			sale.purpose = SalePurpose::Income;
		}
		Self::deposit_event(Event::BondBurned { sale: id, guarantor: sale.guarantor.clone(), had, burned, left });
		Ok(())
	}

	/// Repays what was advanced, the last of the waterfall first.
	fn repay(advance: &mut Advance<T::AccountId>, paid: Cash) -> Result<Repayment, DispatchError> {
		let mut books = Books::<T>::get();
		let mut repayment = Repayment { outside: paid.min(advance.outside), ..Default::default() };
		if !repayment.outside.is_zero() {
			books.outside.raise(repayment.outside)?;
			books.owed_outside = books.owed_outside.checked_sub(repayment.outside)?;
			advance.outside = advance.outside.checked_sub(repayment.outside)?;
		}
		let bearers: Vec<_> = advance.guarantors.iter().map(|(_, due)| Bearer { has: *due, weight: *due }).collect();
		let parts = apportion(paid.checked_sub(repayment.outside)?, &bearers)?;
		for ((who, due), part) in advance.guarantors.iter_mut().zip(parts) {
			if part.is_zero() {
				continue;
			}
			*due = due.checked_sub(part)?;
			repayment.guarantors = repayment.guarantors.checked_add(part)?;
			repayment.count = repayment.count.checked_add(1).ok_or(ArithmeticError::Overflow)?;
			Self::repay_guarantor(&mut books, who, part)?;
		}
		advance.guarantors.retain(|(_, due)| !due.is_zero());
		let left = paid.checked_sub(repayment.total()?)?;
		repayment.skin = left.min(advance.skin);
		advance.skin = advance.skin.checked_sub(repayment.skin)?;
		books.skin = books.skin.checked_add(repayment.skin)?;
		books.recorded = books.recorded.checked_add(repayment.total()?)?;
		Books::<T>::put(books);
		Ok(repayment)
	}

	/// Adds what a guarantor is repaid to its contribution; if it has none any more it is owed it.
	fn repay_guarantor(books: &mut PoolBooks, who: &T::AccountId, amount: Cash) -> DispatchResult {
		let contribution = Contributions::<T>::get(who);
		let is_owed = contribution.is_none();
		match contribution {
			Some(mut contribution) => {
				contribution.amount = contribution.amount.checked_add(amount)?;
				Contributions::<T>::insert(who, contribution);
				books.contributed = books.contributed.checked_add(amount)?;
			},
			None => {
				books.set_aside = books.set_aside.checked_add(amount)?;
				Self::owe(who, amount)?;
			},
		}
		Self::deposit_event(Event::ContributionRepaid { guarantor: who.clone(), amount, is_owed });
		Ok(())
	}

	/// Stores a sale, or forgets it if all is sold and nothing of it is to be collected.
	pub(crate) fn store_or_close_sale(id: SaleId, sale: SaleOf<T>) -> DispatchResult {
		let unpaid = match &sale.purpose {
			SalePurpose::Repay(advance) if sale.amount == 0 => {
				let mut books = Books::<T>::get();
				books.owed_outside = books.owed_outside.checked_sub(advance.outside)?;
				Self::end_series_if_lost(&mut books);
				Books::<T>::put(books);
				let guarantors = Cash::checked_sum(advance.guarantors.iter().map(|(_, due)| *due))?;
				advance.skin.checked_add(advance.outside)?.checked_add(guarantors)?
			},
			SalePurpose::Income if sale.amount == 0 => Cash::ZERO,
			SalePurpose::Repay(_) | SalePurpose::Income | SalePurpose::Assessment { .. } => {
				Sales::<T>::insert(id, sale);
				return Ok(());
			},
		};
		Sales::<T>::remove(id);
		Self::deposit_event(Event::SaleClosed { sale: id, unpaid });
		Ok(())
	}
}
