//! Layer 6 of the waterfall: a haircut of the gains of one settlement run.
//!
//! The run waits between pricing and paying. All accounts are gone through twice, some a step: first their net gains at the
//! staged prices are added up, then each one's part is noted, pro rata and exact to the unit. Nobody trades meanwhile. The part
//! comes off the gain when the account is rolled to the run; the failed house gets it.
//!
//! Who lost in the run, or gained nothing, pays nothing.
//!
//! Source: CPMI-IOSCO, *Recovery of financial market infrastructures* (2014), section 4.2: variation margin gains haircutting.

use crate::{
	books::{BookError, Books},
	types::AccountKeyOf,
	waterfall::Outcome,
	Accounts, Config, Event, GainsCall, Levy, LevyPhase, Pallet,
};
use frame_support::{
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Get,
	BoundedVec,
};
use gcx_primitives::{AccountKey, ArithmeticError, Cash, RunId, SubAccount, Taken};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

impl<T: Config> Books<T> {
	/// Calls for the gains of the next run.
	pub(crate) fn take_gains(&mut self, guarantor: &T::AccountId, loss: Cash) -> Result<Outcome, DispatchError> {
		let is_priced = self.settlements.pricing.is_some();
		// One default at a time; and not in the middle of a run.
		if !GainsCall::<T>::exists() && !is_priced {
			let phase = LevyPhase::Waiting;
			GainsCall::<T>::put(Levy { guarantor: guarantor.clone(), wanted: loss, had: Cash::ZERO, phase });
		}
		Ok(Outcome::Waits(Taken::default()))
	}

	/// What a call for gains brought the guarantor, if it is over.
	pub(crate) fn finished_levy(&mut self, guarantor: &T::AccountId) -> Option<Taken> {
		let levy = GainsCall::<T>::get().filter(|levy| levy.guarantor == *guarantor)?;
		let LevyPhase::Paid { took } = levy.phase else { return None };
		GainsCall::<T>::kill();
		Some(Taken { had: levy.had, took, left: Cash(levy.had.0.checked_sub(took.0)?) })
	}

	/// Whether what a guarantor's default called for is being shared out. A call that no run has come to yet is taken back if
	/// nothing is owed.
	pub(crate) fn is_sharing_out(&self, guarantor: &T::AccountId, loss: Cash) -> bool {
		let Some(levy) = GainsCall::<T>::get().filter(|levy| levy.guarantor == *guarantor) else { return false };
		match levy.phase {
			LevyPhase::Waiting => {
				if loss.is_zero() {
					GainsCall::<T>::kill();
				}
				false
			},
			LevyPhase::Adding { .. } | LevyPhase::Cutting { .. } | LevyPhase::Cut { .. } => true,
			LevyPhase::Paid { .. } => false,
		}
	}

	/// What a failed house owes with the staged prices: it may still hold what moved.
	fn owed_after_run(&mut self, guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		let cash = self.house(guarantor)?.map_or(Cash::ZERO, |account| account.cash);
		let key = AccountKey { owner: guarantor.clone(), sub: SubAccount::HOUSE };
		let gain = self.staged_gain(&key).map_err(BookError::of::<T>)?;
		Ok(cash.checked_add(gain)?.checked_neg()?.max(Cash::ZERO))
	}

	/// What an account gains at the staged prices.
	fn staged_gain(&mut self, key: &AccountKeyOf<T>) -> Result<Cash, BookError> {
		let Some(account) = self.account(key)? else { return Ok(Cash::ZERO) };
		let mut sum = Cash::ZERO;
		for position in &account.positions {
			let gain = self.instrument(position.instrument)?.staged_gain(position.lots)?;
			sum = sum.checked_add(gain)?;
		}
		Ok(sum)
	}

	/// What can be cut of an account's gain for a failed guarantor: all that it gains, with what it traded at since the last run.
	/// The failed house's own gain is in what it owes already.
	fn gain_to_cut(&mut self, key: &AccountKeyOf<T>, guarantor: &T::AccountId) -> Result<Cash, DispatchError> {
		if key.owner == *guarantor {
			return Ok(Cash::ZERO);
		}
		let staged = self.staged_gain(key).map_err(BookError::of::<T>)?;
		let traded = self.known_account(key)?.unpaid.traded(self.settlements.current);
		Ok(staged.checked_add(traded)?.max(Cash::ZERO))
	}

	/// Notes that an account pays so much when it is rolled to the next run, or gets it if negative.
	fn levy(&mut self, key: &AccountKeyOf<T>, amount: Cash) -> DispatchResult {
		let mut account = self.known_account(key)?;
		account.levy = account.levy.checked_add(amount)?;
		let mut ledger = self.ledger(&account.segment);
		ledger.levied = ledger.levied.checked_add(amount)?;
		self.put_ledger(&account.segment, ledger);
		self.put_account(key, account).map_err(BookError::of::<T>)
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the run has to go through all accounts before it pays.
	pub(crate) fn awaits_levy() -> bool {
		GainsCall::<T>::get().is_some_and(|levy| !matches!(levy.phase, LevyPhase::Cut { .. } | LevyPhase::Paid { .. }))
	}

	/// Whether nobody trades because gains are being shared out.
	pub(crate) fn is_frozen() -> bool {
		GainsCall::<T>::get().is_some_and(|levy| {
			matches!(levy.phase, LevyPhase::Adding { .. } | LevyPhase::Cutting { .. } | LevyPhase::Cut { .. })
		})
	}

	/// Goes through the next few accounts.
	pub(crate) fn advance_levy() -> DispatchResult {
		let Some(mut levy) = GainsCall::<T>::get() else { return Ok(()) };
		let mut books = Books::<T>::new();
		// Every account may change.
		books.defers_index = true;
		let count = usize::try_from(T::AccountsPerStep::get()).unwrap_or(usize::MAX);
		levy.phase = match levy.phase {
			LevyPhase::Waiting => {
				levy.wanted = books.owed_after_run(&levy.guarantor)?;
				LevyPhase::Adding { cursor: None }
			},
			LevyPhase::Adding { cursor } => {
				let (keys, last) = next_accounts::<T>(cursor, count);
				for key in &keys {
					let gain = books.gain_to_cut(key, &levy.guarantor)?;
					levy.had = levy.had.checked_add(gain)?;
				}
				match last {
					Some(cursor) => LevyPhase::Adding { cursor: Some(cursor) },
					None => LevyPhase::Cutting { cursor: None, seen: Cash::ZERO },
				}
			},
			LevyPhase::Cutting { cursor, seen } => {
				let (keys, last) = next_accounts::<T>(cursor, count);
				let took = levy.wanted.min(levy.had);
				let mut seen = seen;
				for key in &keys {
					let gain = books.gain_to_cut(key, &levy.guarantor)?;
					let before = part_of(took, seen, levy.had)?;
					seen = seen.checked_add(gain)?;
					let part = part_of(took, seen, levy.had)?.checked_sub(before)?;
					if !part.is_zero() {
						books.levy(key, part)?;
						let (owner, sub) = (key.owner.clone(), key.sub);
						Self::deposit_event(Event::GainCut { owner, sub, gain, amount: part });
					}
				}
				match last {
					Some(cursor) => LevyPhase::Cutting { cursor: Some(cursor), seen },
					None => {
						let house = AccountKey { owner: levy.guarantor.clone(), sub: SubAccount::HOUSE };
						books.levy(&house, took.checked_neg()?)?;
						LevyPhase::Cut { took }
					},
				}
			},
			phase @ (LevyPhase::Cut { .. } | LevyPhase::Paid { .. }) => phase,
		};
		books.close()?;
		GainsCall::<T>::put(levy);
		Ok(())
	}

	/// A run was paid: what was cut is in force.
	pub(crate) fn end_levy(run: RunId) {
		GainsCall::<T>::mutate(|levy| {
			if let Some(levy) = levy {
				if let LevyPhase::Cut { took } = levy.phase {
					levy.phase = LevyPhase::Paid { took };
					let guarantor = levy.guarantor.clone();
					Self::deposit_event(Event::GainsTaken { guarantor, run, had: levy.had, took });
					// Who was cut has less than its levels were computed from.
					Self::sweep_all();
				}
			}
		});
	}
}

/// The storage key of the account that a pass came to.
type Cursor = BoundedVec<u8, frame_support::traits::ConstU32<128>>;

/// The next few accounts, and where to go on; nowhere after the last.
fn next_accounts<T: Config>(
	cursor: Option<Cursor>,
	count: usize,
) -> (alloc::vec::Vec<AccountKeyOf<T>>, Option<Cursor>) {
	let mut keys = alloc::vec::Vec::with_capacity(count);
	let all = match cursor {
		Some(cursor) => Accounts::<T>::iter_keys_from(cursor.into_inner()),
		None => Accounts::<T>::iter_keys(),
	};
	keys.extend(all.take(count).map(|(owner, sub)| AccountKey { owner, sub }));
	let last = keys.last().filter(|_| keys.len() == count);
	let last = last.and_then(|key| BoundedVec::try_from(Accounts::<T>::hashed_key_for(&key.owner, key.sub)).ok());
	(keys, last)
}

/// `took · seen / all`, rounded down; nothing of nothing.
fn part_of(took: Cash, seen: Cash, all: Cash) -> Result<Cash, ArithmeticError> {
	if all.is_zero() {
		return Ok(Cash::ZERO);
	}
	multiply_by_rational_with_rounding(
		took.0.unsigned_abs(),
		seen.0.unsigned_abs(),
		all.0.unsigned_abs(),
		Rounding::Down,
	)
	.and_then(|part| i128::try_from(part).ok())
	.map(Cash)
	.ok_or(ArithmeticError::Overflow)
}
