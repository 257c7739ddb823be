//! What a layer gives to a loss, and what a draw entails.
//!
//! Each layer falls by its own draw alone. What it gives is forgiven first of what was lent to the failed guarantor,
//! and only the rest moves. A draw locks exits, and opens a window in which guarantors are assessed at most what they
//! had contributed before it.

use crate::{Books, Config, Contribution, Contributions, DrawWindow, Draws, Event, Pallet, PoolBooks};
use alloc::vec::Vec;
use frame_support::traits::Get;
use gcx_math::pool::{apportion, Bearer};
use gcx_primitives::{Cash, GuarantorState, Guarantors, PoolLayer, PoolRisk, Taken};
use sp_runtime::DispatchError;

/// Why a layer is drawn on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
	/// A loss. It is gone.
	Loss,
	/// An advance on tokens that are sold. It is repaid as far as they fetch.
	Advance,
}

/// What a draw took, and from whom.
pub(crate) struct Drawn<AccountId> {
	/// What it took of the layer.
	pub taken: Taken,
	/// What of it was forgiven of what had been lent.
	pub forgiven: Cash,
	/// What each guarantor gave, if the layer is theirs.
	pub guarantors: Vec<(AccountId, Cash)>,
}

impl<T: Config> Pallet<T> {
	/// Takes at most `needed` of a layer for a loss of `guarantor`. Of it at most `lent` is forgiven of what was lent;
	/// the rest is sent to `to`, as far as it is there.
	pub(crate) fn draw(
		layer: PoolLayer,
		guarantor: &T::AccountId,
		needed: Cash,
		lent: Cash,
		to: &T::AccountId,
		ground: Ground,
	) -> Result<Drawn<T::AccountId>, DispatchError> {
		// What has arrived stands behind the loss as well.
		Self::divide_income()?;
		let mut books = Books::<T>::get();
		let had = match layer {
			PoolLayer::Own => Contributions::<T>::get(guarantor).unwrap_or_default().amount,
			PoolLayer::Skin => books.skin,
			PoolLayer::Guarantors => Cash::checked_sum(Self::survivors(guarantor).map(|(_, amount)| amount))?,
			PoolLayer::Outside => books.outside.value,
		};
		let forgivable = lent.min(Self::lent_to(guarantor)).max(Cash::ZERO);
		let took = needed.min(had).min(forgivable.checked_add(books.liquid()?)?);
		if took <= Cash::ZERO {
			let taken = Taken { had, took: Cash::ZERO, left: had };
			return Ok(Drawn { taken, forgiven: Cash::ZERO, guarantors: Vec::new() });
		}
		Self::note_draw();
		let forgiven = took.min(forgivable);
		let moved = took.checked_sub(forgiven)?;
		let mut guarantors = Vec::new();
		match layer {
			PoolLayer::Own => {
				Self::draw_contribution(guarantor, guarantor, took)?;
				books.contributed = books.contributed.checked_sub(took)?;
			},
			PoolLayer::Skin => books.skin = books.skin.checked_sub(took)?,
			PoolLayer::Guarantors => {
				guarantors = Self::draw_others(guarantor, took)?;
				books.contributed = books.contributed.checked_sub(took)?;
			},
			PoolLayer::Outside => {
				books.outside.lower(took)?;
				if ground == Ground::Advance {
					books.owed_outside = books.owed_outside.checked_add(took)?;
				}
			},
		}
		Self::forgive(&mut books, guarantor, forgiven)?;
		books.recorded = books.recorded.checked_sub(moved)?;
		Self::end_series_if_lost(&mut books);
		Books::<T>::put(books);
		Self::pay(to, moved)?;
		let left = had.checked_sub(took)?;
		let guarantor = guarantor.clone();
		Self::deposit_event(Event::Absorbed { layer, guarantor, needed, had, took, left, forgiven, moved });
		Ok(Drawn { taken: Taken { had, took, left }, forgiven, guarantors })
	}

	/// What the others have contributed that bear a guarantor's loss. One that is in default does not: what it
	/// contributed is for its own loss.
	fn survivors(guarantor: &T::AccountId) -> impl Iterator<Item = (T::AccountId, Cash)> + '_ {
		Contributions::<T>::iter()
			.filter(move |(who, _)| who != guarantor && T::Guarantors::state(who) != Some(GuarantorState::Defaulted))
			.map(|(who, contribution)| (who, contribution.amount))
	}

	/// Takes an amount from the other guarantors, pro rata to their risk and none more than it has.
	fn draw_others(guarantor: &T::AccountId, amount: Cash) -> Result<Vec<(T::AccountId, Cash)>, DispatchError> {
		let survivors: Vec<_> = Self::survivors(guarantor).collect();
		let bearers: Vec<_> = survivors
			.iter()
			.map(|(who, has)| Bearer { has: *has, weight: T::Risk::risk(who).max(Cash::ZERO) })
			.collect();
		let parts = apportion(amount, &bearers)?;
		let mut drawn = Vec::new();
		for ((who, _), part) in survivors.into_iter().zip(parts) {
			if !part.is_zero() {
				Self::draw_contribution(&who, guarantor, part)?;
				drawn.push((who, part));
			}
		}
		Ok(drawn)
	}

	/// Takes an amount from a contribution. The books are the caller's to write.
	fn draw_contribution(who: &T::AccountId, guarantor: &T::AccountId, took: Cash) -> Result<(), DispatchError> {
		let mut contribution = Contributions::<T>::get(who).unwrap_or_default();
		let had = contribution.amount;
		let left = had.checked_sub(took)?;
		contribution.amount = left;
		Contributions::<T>::insert(who, contribution);
		let (contributor, guarantor) = (who.clone(), guarantor.clone());
		Self::deposit_event(Event::ContributionDrawn { contributor, guarantor, had, took, left });
		Ok(())
	}

	/// Ends outsiders' series if they lost all and no sale is to repay them. What waits to be redeemed is worth nothing
	/// then.
	pub(crate) fn end_series_if_lost(books: &mut PoolBooks) {
		if books.owed_outside.is_zero() {
			let series = books.outside.series;
			if books.outside.end_worthless_series() {
				Self::finish_worthless_buckets();
				Self::deposit_event(Event::SeriesEnded { series });
			}
		}
	}

	/// Locks exits, and notes what everybody had contributed if this is the first draw for `ExitLock`. Comes before
	/// anything is taken.
	pub(crate) fn note_draw() {
		let (now, draws) = (Self::now(), Draws::<T>::get());
		let until = now.saturating_add(T::ExitLock::get());
		if draws.until == until {
			// Another draw of this moment.
			return;
		}
		let is_new = draws.until <= now;
		let window = if is_new { draws.number.wrapping_add(1) } else { draws.number };
		if is_new {
			let contributions: Vec<_> = Contributions::<T>::iter().collect();
			for (guarantor, Contribution { amount, .. }) in contributions {
				let noted = Contribution { amount, window, base: amount, assessed: Cash::ZERO };
				Contributions::<T>::insert(guarantor, noted);
			}
		}
		for guarantor in Contributions::<T>::iter_keys() {
			// Who is no guarantor any more has nothing left to lock.
			let _ = T::Guarantors::lock_exit(&guarantor, until);
		}
		let until = draws.until.max(until);
		Draws::<T>::put(DrawWindow { number: window, until });
		Self::deposit_event(Event::ExitsLocked { window, until });
	}
}
