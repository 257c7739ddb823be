//! How a window is settled, by itself and whole or not at all; and the round over a delivery's deals in which that is done.
//!
//! What is delivered of a window is what the buyer's key signed for or, if that is more, what the seller posted: unless the buyer
//! objected and the challenge failed. A window that waits, for a verdict or a fix, or for which clearing cannot pay, is gone past and
//! looked at again; it stops no other, not even of its deal.

use crate::{
	failure::Failure,
	steps::Step,
	types::{AccountKeyOf, DealOf, DeliveryOf, ObjectionOf, SegmentOf, WindowOf},
	Config, Deals, DealsOf, Deliveries, Error, Event, Pallet, Stage, WeightInfo, Windows,
};
use alloc::vec::Vec;
use frame_support::{
	defensive,
	dispatch::{DispatchResultWithPostInfo, Pays},
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	storage::with_storage_layer,
	traits::Get,
};
use gcx_math::delivery::{earned_floor, is_within};
use gcx_primitives::{
	Capacity, Cash, ChallengeVerdict, Day, DealId, DeliveryClearing, DeliveryDays, InstrumentId, Ppm, ProviderStakes,
	Side,
};
use sp_runtime::{traits::UniqueSaturatedInto, ArithmeticError};

/// Windows that wait are looked at again so often within `SubmitPeriod`.
const LOOKS: u64 = 10;

/// What a window comes to.
struct Outcome {
	/// What was to be delivered.
	quantity: Capacity,
	/// What was, and no more than that.
	delivered: Capacity,
	/// Whether so much is missing that the buyer is made whole.
	is_failed: bool,
	/// What was due for it.
	due: Cash,
	/// What the seller earned of that.
	earned: Cash,
	/// The seller's deposit for it.
	deposit: Cash,
}

impl Outcome {
	fn missing(&self) -> Result<Capacity, ArithmeticError> {
		self.quantity.checked_sub(self.delivered)
	}
}

/// Who gets an objection's bond, or nobody yet: it is the seller's if its resource showed what it was nominated for.
fn bond_to<AccountId>(objection: &crate::Objection<AccountId>, tolerance: Ppm) -> Option<Side> {
	match objection.verdict.as_ref()? {
		ChallengeVerdict::Passed { per_day } => {
			let lacking = Capacity(objection.least.0.saturating_sub(per_day.0));
			Some(if is_within(lacking, objection.least, tolerance) { Side::Sell } else { Side::Buy })
		},
		ChallengeVerdict::Failed { .. } | ChallengeVerdict::Undecided => Some(Side::Buy),
	}
}

/// Whether what the seller posted stands: it does if nobody objected, and if the objection was not decided in the buyer's favour.
fn stands<AccountId>(objection: &crate::Objection<AccountId>, to: Side) -> bool {
	to == Side::Sell || matches!(objection.verdict, Some(ChallengeVerdict::Undecided))
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_settle_window(deal: DealId, day: Day) -> DispatchResultWithPostInfo {
		with_storage_layer(|| Self::settle(deal, day))?;
		Ok((Some(T::WeightInfo::settle_window()), Pays::No).into())
	}

	/// The step of a delivery in `Stage::Delivering`: looks at the next deal and settles its window if that is due. A deal that
	/// waits or fails is gone past. After the last deal the round begins anew, or rests; without deals the stage is over. Stores
	/// the delivery.
	pub(crate) fn deliver_step(
		instrument: InstrumentId,
		mut delivery: DeliveryOf<T>,
		after: Option<DealId>,
		until: u64,
	) -> Result<Step, DispatchError> {
		let began = if after.is_none() { Self::now() } else { until };
		let Some(id) = Self::deal_after(instrument, after) else {
			delivery.stage = match delivery.deals {
				0 => Stage::Closing,
				_ => Stage::Delivering { after: None, until: Self::rests_until(&delivery, began) },
			};
			Deliveries::<T>::insert(instrument, delivery);
			return Ok(Step::Taken);
		};
		// As long as a deal has windows to settle it is the next.
		delivery.stage = Stage::Delivering { after, until: began };
		Deliveries::<T>::insert(instrument, &delivery);
		let Some(deal) = Deals::<T>::get(id) else {
			defensive!("a deal that is listed is there");
			return Ok(Step::Waits);
		};
		match Self::window_to_settle(&delivery, id, &deal) {
			Some(day) if with_storage_layer(|| Self::settle(id, day)).is_ok() => (),
			Some(day) if day == deal.next => Self::pass_over(id, deal, delivery)?,
			Some(_) | None => {
				delivery.stage = Stage::Delivering { after: Some(id), until: began };
				Deliveries::<T>::insert(instrument, delivery);
			},
		}
		Ok(Step::Taken)
	}

	fn deal_after(instrument: InstrumentId, after: Option<DealId>) -> Option<DealId> {
		match after {
			None => DealsOf::<T>::iter_prefix_values(instrument).next(),
			Some(after) => {
				let from = DealsOf::<T>::hashed_key_for(instrument, crate::deals::place(after.0));
				DealsOf::<T>::iter_prefix_from(instrument, from).next().map(|(_, id)| id)
			},
		}
	}

	/// When deals are to be looked at again after a round that began then: when the next window is closed, or soon if any waits.
	fn rests_until(delivery: &DeliveryOf<T>, began: u64) -> u64 {
		let grace = Self::grace();
		let DeliveryDays { first, last } = delivery.goods.days;
		let closes = (first.0..=last.0).map(|day| Self::closes_after(grace, Day(day)));
		let next = closes.filter(|closes| *closes > began).min();
		let soon = Self::now().saturating_add(T::SubmitPeriod::get().checked_div(LOOKS).unwrap_or(0).max(1));
		match next {
			Some(next) if delivery.waiting == 0 => next,
			Some(next) => next.min(soon),
			None => soon,
		}
	}

	/// The window of a deal to settle next: the first that was not looked at, if it is closed, or one that waited and need not any
	/// more.
	fn window_to_settle(delivery: &DeliveryOf<T>, id: DealId, deal: &DealOf<T>) -> Option<Day> {
		if deal.next <= delivery.goods.days.last && Self::closes(deal.next) <= Self::now() {
			return Some(deal.next);
		}
		if deal.waiting == 0 {
			return None;
		}
		let is_ready = |day: Day, window: &WindowOf<T>| {
			let outcome = Self::outcome(delivery, deal, day, window);
			day < deal.next && outcome.is_ok_and(|it| !it.is_failed || Self::is_fixed(delivery.goods.class, day))
		};
		let ready: Vec<Day> =
			Windows::<T>::iter_prefix(id).filter(|(day, window)| is_ready(*day, window)).map(|(day, _)| day).collect();
		// Another one in each block, so that one for which clearing cannot pay stops no other.
		let block: u64 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		let turn = u64::try_from(ready.len()).ok().and_then(|len| block.checked_rem(len))?;
		ready.get(usize::try_from(turn).ok()?).copied()
	}

	/// Goes past the first window that was not looked at. It waits.
	fn pass_over(id: DealId, mut deal: DealOf<T>, mut delivery: DeliveryOf<T>) -> DispatchResult {
		let day = deal.next;
		if !Windows::<T>::contains_key(id, day) {
			Windows::<T>::insert(id, day, WindowOf::<T>::default());
		}
		deal.next = Day(day.0.saturating_add(1));
		deal.agreed = None;
		for waiting in [&mut deal.waiting, &mut delivery.waiting] {
			*waiting = waiting.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		}
		Deliveries::<T>::insert(deal.instrument, delivery);
		Deals::<T>::insert(id, deal);
		Ok(())
	}

	/// Settles a window that is due. To be called in a storage layer.
	fn settle(id: DealId, day: Day) -> DispatchResult {
		let mut deal = Self::deal(id)?;
		let mut delivery = Self::delivery(deal.instrument)?;
		ensure!((deal.from..=delivery.goods.days.last).contains(&day), Error::<T>::OutOfWindow);
		let window = Windows::<T>::take(id, day);
		let waited = day < deal.next;
		let is_closed = day == deal.next && Self::closes(day) <= Self::now();
		ensure!(is_closed || (waited && window.is_some()), Error::<T>::NotDue);
		let window = window.unwrap_or_default();
		let outcome = Self::outcome(&delivery, &deal, day, &window)?;

		let less = |count: u32| count.checked_sub(1).ok_or(ArithmeticError::Underflow);
		if waited {
			deal.waiting = less(deal.waiting)?;
			delivery.waiting = less(delivery.waiting)?;
		} else {
			deal.next = Day(day.0.saturating_add(1));
		}
		if window.objection.is_some() {
			deal.open_objections = less(deal.open_objections)?;
		}
		deal.agreed = None;
		deal.escrow = deal.escrow.checked_sub(outcome.due)?;
		deal.deposit = deal.deposit.checked_sub(outcome.deposit)?;

		Self::pay_window(&mut delivery, &deal, id, day, &outcome, window)?;
		Self::count_window(&mut delivery, &deal, day, &outcome)?;
		Self::store_deal(id, deal, delivery)
	}

	/// What a window comes to.
	///
	/// # Errors
	/// [`Error::AwaitsVerdict`].
	fn outcome(
		delivery: &DeliveryOf<T>,
		deal: &DealOf<T>,
		day: Day,
		window: &WindowOf<T>,
	) -> Result<Outcome, DispatchError> {
		let (goods, tolerance) = (&delivery.goods, delivery.rules.tolerance);
		let is_standing = match &window.objection {
			Some(objection) => stands(objection, bond_to(objection, tolerance).ok_or(Error::<T>::AwaitsVerdict)?),
			None => true,
		};
		let posted = window.available.filter(|_| is_standing).unwrap_or_default();
		let quantity = goods.quantity_on(deal.lots, day)?;
		let delivered = window.vouchered.max(posted).min(quantity);
		let due = goods.cash_on(delivery.value_of(deal.lots)?, day)?;
		Ok(Outcome {
			quantity,
			delivered,
			is_failed: !is_within(quantity.checked_sub(delivered)?, quantity, tolerance),
			due,
			earned: earned_floor(due, delivered, quantity)?,
			deposit: goods.cash_on(delivery.deposit_of(deal.lots, deal.backing)?, day)?,
		})
	}

	/// Pays a window out: what is earned to the seller, the rest to the buyer, an objection's bond, and the seller's deposit, of which
	/// the buyer is made whole if the window failed.
	fn pay_window(
		delivery: &mut DeliveryOf<T>,
		deal: &DealOf<T>,
		id: DealId,
		day: Day,
		outcome: &Outcome,
		window: WindowOf<T>,
	) -> DispatchResult {
		let returned = outcome.due.checked_sub(outcome.earned)?;
		Self::pay(&mut delivery.money.paid, &deal.buyer_segment, &deal.seller, outcome.earned)?;
		Self::pay(&mut delivery.money.returned, &deal.buyer_segment, &deal.buyer, returned)?;
		let challenger = match window.objection {
			Some(objection) => Self::pay_bond(delivery, deal, id, day, objection)?,
			None => None,
		};
		let missing = outcome.missing()?;
		let deposit_returned = if outcome.is_failed {
			let deposit = outcome.deposit;
			let failure = Failure { deal: id, day, missing, unearned: returned, deposit, challenger };
			Self::compensate(delivery, deal, &failure)?
		} else {
			outcome.deposit
		};
		Self::pay(&mut delivery.money.returned, &deal.seller_segment, &deal.seller, deposit_returned)?;
		Self::deposit_event(Event::WindowSettled {
			deal: id,
			day,
			quantity: outcome.quantity,
			delivered: outcome.delivered,
			paid: outcome.earned,
			returned,
			deposit_returned,
			compensated: outcome.is_failed,
		});
		Ok(())
	}

	/// Pays the bond of a decided objection. Returns who proved a failure, if somebody did.
	fn pay_bond(
		delivery: &mut DeliveryOf<T>,
		deal: &DealOf<T>,
		id: DealId,
		day: Day,
		objection: ObjectionOf<T>,
	) -> Result<Option<T::AccountId>, DispatchError> {
		let to = bond_to(&objection, delivery.rules.tolerance).ok_or(Error::<T>::AwaitsVerdict)?;
		let amount = objection.bond;
		match to {
			Side::Sell => Self::pay(&mut delivery.money.paid, &objection.segment, &deal.seller, amount)?,
			Side::Buy => Self::pay(&mut delivery.money.returned, &objection.segment, &deal.buyer, amount)?,
		}
		Self::deposit_event(Event::BondPaid { deal: id, day, to, amount });
		Ok(match objection.verdict {
			Some(ChallengeVerdict::Failed { challenger }) => challenger,
			Some(ChallengeVerdict::Passed { .. } | ChallengeVerdict::Undecided) | None => None,
		})
	}

	/// Counts what became of a window's quantity, and frees what stood for it in the capacity ledger.
	fn count_window(delivery: &mut DeliveryOf<T>, deal: &DealOf<T>, day: Day, outcome: &Outcome) -> DispatchResult {
		let tally = &mut delivery.tally;
		tally.delivered = tally.delivered.checked_add(outcome.delivered)?;
		let rest = if outcome.is_failed { &mut tally.compensated } else { &mut tally.released };
		*rest = rest.checked_add(outcome.missing()?)?;
		let provider = &deal.seller.owner;
		Self::free_capacity(
			&delivery.goods,
			deal.backing,
			provider,
			deal.lots,
			DeliveryDays { first: day, last: day },
		)?;
		// What is nobody's failure does not count against anybody either.
		let due = if outcome.is_failed { outcome.quantity } else { outcome.delivered };
		T::Stakes::delivered(provider, deal.backing.resource(), due, outcome.delivered, outcome.earned);
		Ok(())
	}

	/// Pays out of escrow, and counts it. Nothing is nothing to do.
	pub(crate) fn pay(count: &mut Cash, segment: &SegmentOf<T>, to: &AccountKeyOf<T>, amount: Cash) -> DispatchResult {
		if !amount.is_zero() {
			T::Clearing::release(segment, to, amount).map_err(Into::into)?;
			*count = count.checked_add(amount)?;
		}
		Ok(())
	}
}
