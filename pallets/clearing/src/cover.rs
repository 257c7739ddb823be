//! Cover-2: what the insurance pool has to have, and how far each guarantor may rely on it.
//!
//! Stress is a move of three full scan ranges, up or down, with concentration. What each account would lack beyond what it has is
//! kept per guarantor and direction as accounts are touched. The pool has to cover the two guarantors that would lack most
//! beyond their own resources.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principle 4, key consideration 4; EMIR
//! article 42(3).

use crate::{
	books::{BookError, Books},
	margin::Standing,
	trades::Change,
	types::{AccountKeyOf, MarginAccountOf},
	Config, CoverCursor, Defaults, Error, Event, GuarantorStress, MarginCalls, Need, Needs, Pallet, PoolUse,
	Requirement, Stage, Stresses,
};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
};
use gcx_math::stress::Stress;
use gcx_primitives::{
	ArithmeticError, Cash, Guarantors, InsurancePool, PoolRisk, Ppm, ReduceOnlyReason, Refusal, SegmentSide,
};

/// The sum of two stresses, or their difference.
fn combine(
	first: Stress,
	second: Stress,
	with: impl Fn(Cash, Cash) -> Result<Cash, ArithmeticError>,
) -> Result<Stress, ArithmeticError> {
	Ok(Stress { up: with(first.up, second.up)?, down: with(first.down, second.down)? })
}

impl<T: Config> Books<T> {
	/// What a guarantor would lack under stress.
	pub(crate) fn stress_of(&mut self, guarantor: &T::AccountId) -> GuarantorStress {
		if let Some(page) = self.stresses.get(guarantor) {
			return page.value;
		}
		let value = Stresses::<T>::get(guarantor);
		self.stresses.insert(guarantor.clone(), crate::books::Page::read(value));
		value
	}

	/// Counts an account's stress as it is now for its guarantor, and notes it.
	pub(crate) fn count_stress(
		&mut self,
		account: &mut MarginAccountOf<T>,
		standing: Option<&Standing>,
	) -> Result<(), ArithmeticError> {
		let guarantor = account.segment.guarantor.clone();
		let before = self.stress_of(&guarantor);
		let mut record = before;
		match account.segment.side {
			SegmentSide::Customers => {
				let own = customer_stress(standing)?;
				record.customers = combine(record.customers, account.stress, Cash::checked_sub)?;
				record.customers = combine(record.customers, own, Cash::checked_add)?;
				account.stress = own;
			},
			SegmentSide::House => {
				(record.house, record.free) = house_stress(standing, account.cash)?;
				account.stress = record.house;
			},
		}
		if record != before {
			self.stresses.insert(guarantor, crate::books::Page::changed(record));
		}
		Ok(())
	}

	/// A customer's account is not under its guarantor any more.
	pub(crate) fn forget_stress(&mut self, account: &mut MarginAccountOf<T>) -> Result<(), ArithmeticError> {
		let guarantor = account.segment.guarantor.clone();
		let mut record = self.stress_of(&guarantor);
		match account.segment.side {
			SegmentSide::Customers => {
				record.customers = combine(record.customers, account.stress, Cash::checked_sub)?;
			},
			SegmentSide::House => (record.house, record.free) = Default::default(),
		}
		account.stress = Stress::default();
		self.stresses.insert(guarantor, crate::books::Page::changed(record));
		Ok(())
	}

	/// What stands behind a guarantor besides its house: what its bond counts for, and its contribution.
	fn resources_behind(&mut self, guarantor: &T::AccountId) -> Result<(Cash, Cash), ArithmeticError> {
		let bond = match T::Guarantors::own_resources(guarantor) {
			Some(resources) => T::Pool::bond_value(resources.total()?).unwrap_or_default(),
			None => Cash::ZERO,
		};
		Ok((bond, T::Pool::contribution(guarantor)))
	}

	/// Whether a guarantor can stand behind what its customers would lack after a change: at most K times what it has free, unless
	/// the change lowers it.
	pub(crate) fn ensure_covered(&mut self, change: &Change<T>) -> Result<(), Refusal> {
		let account = &change.account;
		let guarantor = account.segment.guarantor.clone();
		let before = self.stress_of(&guarantor);
		let mut after = before;
		match account.segment.side {
			SegmentSide::Customers => {
				let own = customer_stress(Some(&change.standing))?;
				after.customers = combine(after.customers, account.stress, Cash::checked_sub)?;
				after.customers = combine(after.customers, own, Cash::checked_add)?;
			},
			SegmentSide::House => {
				(after.house, after.free) = house_stress(Some(&change.standing), account.cash)?;
			},
		}
		if after.customers.max().is_zero() {
			return Ok(());
		}
		let (bond, contribution) = self.resources_behind(&guarantor)?;
		let multiple = self.parameters.cover.multiple;
		let limit = |free: Cash| multiple.mul_floor(Cash::checked_sum([free, bond, contribution])?);
		let excess = |stress: &GuarantorStress| -> Result<Cash, ArithmeticError> {
			let up = stress.customers.up.checked_sub(limit(stress.free.up)?)?;
			Ok(up.max(stress.customers.down.checked_sub(limit(stress.free.down)?)?))
		};
		let needed = excess(&after)?;
		if needed > Cash::ZERO && needed > excess(&before)? {
			return Err(Refusal::GuarantorCover {
				limit: limit(after.free.up.min(after.free.down))?,
				needed: after.customers.max(),
			});
		}
		Ok(())
	}

	/// What a guarantor uses of the pool beyond what it is let have: it is called for that.
	pub(crate) fn supplement(&mut self, guarantor: &T::AccountId) -> Result<Cash, ArithmeticError> {
		let need = Needs::<T>::get(guarantor);
		if need.level < PoolUse::Called {
			return Ok(Cash::ZERO);
		}
		let let_have = self.parameters.cover.call.mul_floor(T::Pool::size())?;
		Ok(need.amount.checked_sub(let_have)?.max(Cash::ZERO))
	}
}

/// What a customer would lack beyond what it has.
fn customer_stress(standing: Option<&Standing>) -> Result<Stress, ArithmeticError> {
	standing.map_or(Ok(Stress::default()), |standing| standing.stress.beyond(standing.equity))
}

/// What a house would lack, and what it would have left beyond its own initial margin or loss.
fn house_stress(standing: Option<&Standing>, cash: Cash) -> Result<(Stress, Stress), ArithmeticError> {
	let Some(standing) = standing else {
		let free = cash.max(Cash::ZERO);
		return Ok((Stress::default(), Stress { up: free, down: free }));
	};
	let initial = standing.requirement.total()?;
	let free = |loss: Cash| Ok(standing.equity.checked_sub(loss.max(initial))?.max(Cash::ZERO));
	let free = Stress { up: free(standing.stress.up)?, down: free(standing.stress.down)? };
	Ok((standing.stress.beyond(standing.equity)?, free))
}

impl<T: Config> Pallet<T> {
	/// Looks at what a guarantor needs of the pool, at how much of it that is, and at what the pool has to have.
	pub(crate) fn do_refresh_cover(guarantor: &T::AccountId) -> DispatchResult {
		ensure!(T::Guarantors::state(guarantor).is_some(), Error::<T>::NoGuarantor);
		let mut books = Books::<T>::new();
		let (bond, _) = books.resources_behind(guarantor)?;
		let amount = books.stress_of(guarantor).beyond(bond)?;
		let before = Needs::<T>::get(guarantor);
		let level = pool_use(amount, T::Pool::size(), &books.parameters.cover)?;
		let need = Need { amount, level };
		if need != before {
			Needs::<T>::insert(guarantor, need);
		}
		if level != before.level {
			Self::deposit_event(Event::PoolUseChanged { guarantor: guarantor.clone(), level, need: amount });
		}
		// Whoever lifted it meanwhile. One in default, or that left, cannot be restricted any further.
		let _ = if level == PoolUse::Restricted {
			T::Guarantors::set_reduce_only(guarantor, ReduceOnlyReason::PoolUse)
		} else {
			T::Guarantors::restore(guarantor, ReduceOnlyReason::PoolUse)
		};
		if level >= PoolUse::Called || before.level >= PoolUse::Called {
			books.check_margin_call(guarantor)?;
		}
		let (mut first, mut second) = (Cash::ZERO, Cash::ZERO);
		for need in Needs::<T>::iter_values() {
			if need.amount > first {
				(first, second) = (need.amount, first);
			} else {
				second = second.max(need.amount);
			}
		}
		Requirement::<T>::put(first.checked_add(second)?);
		books.close()
	}

	/// Looks at the next guarantor, in turn. Returns whether there was one.
	pub(crate) fn refresh_next_cover() -> bool {
		let cursor = CoverCursor::<T>::get();
		let after = cursor.map(|cursor| Stresses::<T>::iter_keys_from(Stresses::<T>::hashed_key_for(cursor)));
		let next = after.into_iter().flatten().chain(Stresses::<T>::iter_keys()).next();
		let Some(guarantor) = next else { return false };
		let refreshed = frame_support::storage::with_storage_layer(|| -> DispatchResult {
			if T::Guarantors::state(&guarantor).is_none() {
				Stresses::<T>::remove(&guarantor);
				Needs::<T>::remove(&guarantor);
				return Ok(());
			}
			Self::do_refresh_cover(&guarantor)
		});
		if let Err(error) = refreshed {
			log::error!(target: "runtime::clearing", "{guarantor:?} cannot be looked at: {error:?}");
		}
		CoverCursor::<T>::put(guarantor);
		true
	}
}

/// How much of a pool of `size` a need is.
fn pool_use(need: Cash, size: Cash, parameters: &crate::CoverParameters) -> Result<PoolUse, DispatchError> {
	let reaches = |share: Ppm| -> Result<bool, ArithmeticError> { Ok(need >= share.mul_ceil(size)?) };
	if need <= Cash::ZERO {
		return Ok(PoolUse::Normal);
	}
	Ok(if reaches(parameters.restriction)? {
		PoolUse::Restricted
	} else if reaches(parameters.call)? {
		PoolUse::Called
	} else if reaches(parameters.warning)? {
		PoolUse::Warned
	} else {
		PoolUse::Normal
	})
}

impl<T: Config> PoolRisk<T::AccountId> for Pallet<T> {
	fn requirement() -> Cash {
		Requirement::<T>::get()
	}

	fn risk(guarantor: &T::AccountId) -> Cash {
		Stresses::<T>::get(guarantor).gross().unwrap_or_default()
	}

	fn total_risk() -> Cash {
		Stresses::<T>::iter_values()
			.filter_map(|stress| stress.gross().ok())
			.fold(Cash::ZERO, |sum, gross| sum.checked_add(gross).unwrap_or(sum))
	}

	fn is_calm() -> bool {
		let no_default = Defaults::<T>::iter_values().all(|failure| failure.stage == Stage::Settled);
		no_default && MarginCalls::<T>::iter_keys().next().is_none() && crate::Liquidations::<T>::get() == 0
	}
}

/// What one account's key says of its guarantor.
impl<T: Config> Books<T> {
	/// Counts the stress of an account that was looked at.
	pub(crate) fn recount_stress(&mut self, key: &AccountKeyOf<T>) -> Result<(), BookError> {
		let Some(mut account) = self.account(key)? else { return Ok(()) };
		let standing = match account.positions.is_empty() && account.segment.side == SegmentSide::Customers {
			true if account.cash >= Cash::ZERO => None,
			true | false => {
				let owner = self.owner(&key.owner);
				Some(self.standing(key, &account, &owner)?)
			},
		};
		let before = account.stress;
		self.count_stress(&mut account, standing.as_ref())?;
		if account.stress != before {
			self.put_triggers(key, account);
		}
		Ok(())
	}
}
