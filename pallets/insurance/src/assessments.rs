//! Assessments: what the other guarantors answer for beyond what they contributed. They are funded in advance by the
//! bonds behind them; what is not in bonds counts as nothing.

use crate::{
	types::CreditOf, Assessments, Books, Config, Contribution, Contributions, Draws, Error, Event, OnSale, Pallet,
	SalePurpose, Sales,
};
use alloc::vec::Vec;
use frame_support::{defensive, pallet_prelude::DispatchResult, storage::with_storage_layer, traits::Imbalance};
use gcx_math::pool::{apportion, Bearer};
use gcx_primitives::{ArithmeticError, Cash, GuarantorState, Guarantors, Taken};
use sp_runtime::DispatchError;
use GuarantorState::{Active, Defaulted, Exited, ReduceOnly};

/// What one guarantor is assessed.
struct Assessment<AccountId> {
	contributor: AccountId,
	/// What it could be assessed.
	had: Cash,
	/// What it is.
	part: Cash,
	/// The tokens that count for it.
	tokens: u128,
}

/// What could be assessed in sum, and what each guarantor is.
type Plan<AccountId> = (Cash, Vec<Assessment<AccountId>>);

impl<T: Config> Pallet<T> {
	/// Assesses the other guarantors for a loss, and puts up for sale what counts for it.
	pub(crate) fn do_assess(guarantor: &T::AccountId, loss: Cash) -> Taken {
		let plan = with_storage_layer(|| Self::plan_assessments(guarantor, loss));
		let (had, plan) = plan.unwrap_or_else(|error| {
			defensive!("assessments cannot be divided: {:?}", error);
			(Cash::ZERO, Vec::new())
		});
		if plan.is_empty() {
			return Taken { had, took: Cash::ZERO, left: had };
		}
		Self::note_draw();
		let mut took = Cash::ZERO;
		let mut tokens = CreditOf::<T>::zero();
		for assessment in plan {
			let Assessment { contributor, had, part, tokens: due } = assessment;
			let slashed = T::Guarantors::slash(&contributor, due);
			let amount = slashed.peek();
			tokens = tokens.merge(slashed);
			// It is what was planned: a bond is as large as its guarantor's resources say.
			let part = Self::value_of_bond(amount).unwrap_or_default().min(part);
			let sum = Contributions::<T>::try_mutate(&contributor, |record| -> Result<Cash, ArithmeticError> {
				let sum = took.checked_add(part)?;
				if let Some(contribution) = record {
					contribution.assessed = contribution.assessed.checked_add(part)?;
				}
				Ok(sum)
			});
			took = sum.unwrap_or(took);
			let guarantor = guarantor.clone();
			Self::deposit_event(Event::Assessed { contributor, guarantor, had, took: part, tokens: amount });
		}
		let amount = Self::put_on_sale(guarantor, tokens);
		if with_storage_layer(|| Self::sell_assessment(guarantor, amount)).is_err() {
			defensive!("there is no end of sales");
		}
		Taken { had, took, left: had.checked_sub(took).unwrap_or_default() }
	}

	/// What can be assessed, and what each guarantor is: pro rata to what it can be, rounded up, the first first.
	fn plan_assessments(guarantor: &T::AccountId, loss: Cash) -> Result<Plan<T::AccountId>, DispatchError> {
		Self::divide_income()?;
		let draws = Draws::<T>::get();
		let is_new = draws.until <= Self::now();
		let mut others = Vec::new();
		let mut bearers = Vec::new();
		for (who, contribution) in Contributions::<T>::iter() {
			if who == *guarantor {
				continue;
			}
			let cap = if is_new { contribution.amount } else { contribution.assessable(draws.number)? };
			let cap = cap.min(Self::assessable_bond(&who)?);
			if !cap.is_zero() {
				others.push(who);
				bearers.push(Bearer { has: cap, weight: cap });
			}
		}
		let had = Cash::checked_sum(bearers.iter().map(|bearer| bearer.has))?;
		let parts = apportion(loss.max(Cash::ZERO), &bearers)?;
		let plan = others.into_iter().zip(bearers).zip(parts).filter(|(_, part)| !part.is_zero());
		let plan = plan.filter_map(|((contributor, bearer), part)| {
			let tokens = Self::bond_of_value(part)?;
			Some(Assessment { contributor, had: bearer.has, part, tokens })
		});
		Ok((had, plan.collect()))
	}

	/// What a guarantor's own bond counts for, what is leaving it included. Delegated stake does not count, though a
	/// slash reaches it pro rata. Nothing in default, and nothing without a fresh price.
	fn assessable_bond(guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		match T::Guarantors::state(guarantor) {
			Some(Active | ReduceOnly | Exited) => {
				Ok(Self::value_of_bond(Self::own_bond(guarantor)?).unwrap_or_default())
			},
			Some(Defaulted) | None => Ok(Cash::ZERO),
		}
	}

	/// Sells what guarantors were assessed. If an earlier assessment for the same guarantor is not collected, the
	/// tokens join its sale, which begins anew.
	fn sell_assessment(guarantor: &T::AccountId, amount: u128) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let Some(id) = Assessments::<T>::get(guarantor) else {
			let purpose = SalePurpose::Assessment { fetched: Cash::ZERO };
			let id = Self::open_sale(guarantor, amount, purpose)?;
			Assessments::<T>::insert(guarantor, id);
			return Ok(());
		};
		let mut sale = Sales::<T>::get(id).ok_or(Error::<T>::UnknownSale)?;
		sale.amount = sale.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		OnSale::<T>::put(OnSale::<T>::get().checked_add(amount).ok_or(ArithmeticError::Overflow)?);
		let first = Self::index_price().ok_or(Error::<T>::NoPrice)?;
		Self::begin(id, &mut sale, first);
		Sales::<T>::insert(id, sale);
		Ok(())
	}

	/// Pays what the sale of assessments fetched towards a loss; none while it goes on.
	pub(crate) fn do_collect_assessment(
		guarantor: &T::AccountId,
		loss: Cash,
		lent: Cash,
		to: &T::AccountId,
	) -> Result<Option<Cash>, DispatchError> {
		let Some(id) = Assessments::<T>::get(guarantor) else { return Ok(Some(Cash::ZERO)) };
		let mut sale = Sales::<T>::get(id).ok_or(Error::<T>::UnknownSale)?;
		if sale.amount > 0 && !Self::is_over(&sale) {
			return Ok(None);
		}
		let fetched = match sale.purpose {
			SalePurpose::Assessment { fetched } => fetched,
			SalePurpose::Repay(_) | SalePurpose::Income => Cash::ZERO,
		};
		let needed = loss.max(Cash::ZERO);
		let took = needed.min(fetched);
		let forgiven = took.min(lent).min(Self::lent_to(guarantor)).max(Cash::ZERO);
		let moved = took.checked_sub(forgiven)?;
		let income = fetched.checked_sub(took)?;
		let mut books = Books::<T>::get();
		books.proceeds = books.proceeds.checked_sub(fetched)?;
		// What is forgiven stays, in place of what was lent. What is income is not recorded any more.
		Self::forgive(&mut books, guarantor, forgiven)?;
		books.recorded = books.recorded.checked_sub(moved)?.checked_sub(income)?;
		Books::<T>::put(books);
		Self::pay(to, moved)?;
		Assessments::<T>::remove(guarantor);
		sale.purpose = SalePurpose::Income;
		Self::store_or_close_sale(id, sale)?;
		let guarantor = guarantor.clone();
		Self::deposit_event(Event::AssessmentCollected { guarantor, needed, took, forgiven, moved, income });
		Ok(Some(took))
	}
}

impl Contribution {
	/// What the guarantor can still be assessed in a window.
	fn assessable(&self, window: u32) -> Result<Cash, ArithmeticError> {
		if self.window != window {
			return Ok(Cash::ZERO);
		}
		self.base.checked_sub(self.assessed)
	}
}
