//! The settlement run: a price for every instrument, then the losing segments' money moves to the winning ones.
//!
//! 1. *Price*, an instrument a step, over as many blocks as it takes: the settlement price is staged, and what each segment gains
//!    or loses at it is added up. An instrument whose lots do not cancel out is quarantined instead.
//! 2. *Collect* and *pay*, one step: each segment that owes pays what its custody has, then what its guarantor's house
//!    advances; what was collected goes to the segments that are owed. One write of the run's number puts all staged prices in
//!    force. Nobody can act between.
//!
//! Accounts are not touched: each is rolled when it is next needed. The cost is segments times instruments.
//!
//! Source: CPMI-IOSCO, *Principles for financial market infrastructures* (2012), principles 8 and 9.

use crate::{
	advances::segments, books::Books, types::SegmentOf, ClassRisks, ClearingParameters, Config, Endings, Error, Event,
	Instrument, Instruments, Ledger, Ledgers, Listed, Market, Pallet, Parameters, PendingParameters, SegmentPosition,
	SegmentPositions, Settled, Settlements, TotalCustody, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{
	pallet_prelude::{DispatchError, DispatchResult, Weight},
	traits::{fungible::Mutate, tokens::Preservation, Get, Time},
	weights::WeightMeter,
};
use frame_system::pallet_prelude::BlockNumberFor;
use gcx_math::{averaging::Average, volatility::Variance};
use gcx_primitives::{
	ArithmeticError, Cash, ClassId, Day, DeliveryDays, FeesCollected, InstrumentId, InsurancePool, Ppm, Price,
	PriceIndex, RunId, SegmentSide,
};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use sp_runtime::traits::Saturating;

/// What a settlement run does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
	/// Nothing: it is not due.
	Wait,
	/// A run begins.
	Begin,
	/// The next instrument gets its price.
	Price(InstrumentId),
	/// All have one; a haircut of gains is shared out.
	Levy,
	/// Money moves.
	Settle,
	/// An instrument that a run has settled for the last time ends.
	End(InstrumentId),
}

/// A segment's part in a run.
struct Share<T: Config> {
	segment: SegmentOf<T>,
	/// What it has to receive, or to pay if negative.
	due: Cash,
	/// What it receives, or pays if negative.
	moved: Cash,
}

impl<T: Config> Pallet<T> {
	/// Takes as many steps as the weight allows. Returns what they weighed.
	pub(crate) fn run_within(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		// A block without a run pays for looking alone.
		loop {
			let step = Self::next_step();
			if step == Step::Wait || meter.try_consume(Self::weight_of(step)).is_err() {
				break;
			}
			if let Err(error) = Self::advance_run() {
				log::error!(target: "runtime::clearing", "a step of the settlement run failed: {error:?}");
				break;
			}
		}
		meter.consumed().max(T::DbWeight::get().reads(2))
	}

	/// The weight of a step, with as many segments as there are: many can be priced while one is settled.
	fn weight_of(step: Step) -> Weight {
		match step {
			Step::Price(_) => T::WeightInfo::price_instrument(Ledgers::<T>::count()),
			Step::Wait | Step::Begin | Step::Levy | Step::Settle | Step::End(_) => Self::step_weight(),
		}
	}

	/// The weight of the heaviest step.
	pub(crate) fn step_weight() -> Weight {
		let segments = Ledgers::<T>::count();
		let levy = match Self::awaits_levy() {
			true => T::WeightInfo::levy(T::AccountsPerStep::get()),
			false => Weight::zero(),
		};
		T::WeightInfo::price_instrument(segments).max(T::WeightInfo::settle(segments)).max(levy)
	}

	/// Takes the next step of the run, wholly or not at all. Returns whether there was one.
	pub(crate) fn advance_run() -> Result<bool, DispatchError> {
		frame_support::storage::with_storage_layer(|| {
			let step = Self::next_step();
			match step {
				Step::Wait => {},
				Step::Begin => Self::begin_run(),
				Step::Price(id) => Self::price_or_quarantine(id)?,
				Step::Levy => Self::advance_levy()?,
				Step::Settle => Self::settle()?,
				Step::End(id) => Self::end_instrument(id)?,
			}
			Ok(step != Step::Wait)
		})
	}

	fn next_step() -> Step {
		let Settlements { pricing, due, current } = Settled::<T>::get();
		let ending = Endings::<T>::get().into_iter().find(|(_, run)| *run < current);
		match pricing {
			None if ending.is_some() => ending.map_or(Step::Wait, |(id, _)| Step::End(id)),
			None if frame_system::Pallet::<T>::block_number() < due => Step::Wait,
			None => Step::Begin,
			Some(last) => {
				let listed = Listed::<T>::get();
				let next = listed.iter().find(|id| last.is_none_or(|last| **id > last));
				match next {
					Some(id) => Step::Price(*id),
					None if Self::awaits_levy() => Step::Levy,
					None => Step::Settle,
				}
			},
		}
	}

	/// A run begins, with the parameters that governance decided since the last.
	fn begin_run() {
		if let Some(parameters) = PendingParameters::<T>::take() {
			Parameters::<T>::put(parameters);
			Self::sweep_all();
			Self::deposit_event(Event::ParametersChanged { parameters });
		}
		Self::renew_collaterals();
		Settled::<T>::mutate(|settlements| {
			settlements.pricing = Some(None);
			Self::deposit_event(Event::RunBegun { run: settlements.current.next() });
		});
	}

	/// Stages an instrument's settlement price. One that cannot have any is quarantined, so that the run goes on.
	fn price_or_quarantine(id: InstrumentId) -> DispatchResult {
		Settled::<T>::mutate(|settlements| settlements.pricing = Some(Some(id)));
		let priced = frame_support::storage::with_storage_layer(|| Self::price_instrument(id));
		let Err(error) = priced else { return Ok(()) };
		log::error!(target: "runtime::clearing", "{id:?} cannot be priced: {error:?}");
		let instrument = Instruments::<T>::get(id).ok_or(Error::<T>::UnknownInstrument)?;
		let current = Settled::<T>::get().current;
		Self::quarantine(id, instrument.at_run(current), lots_in_sum::<T>(id), Cash::ZERO);
		Ok(())
	}

	/// Nobody trades the instrument any more and no run settles it.
	fn quarantine(id: InstrumentId, mut instrument: Instrument, segments: i128, moved: Cash) {
		let Instrument { long, short, .. } = instrument;
		instrument.quarantined = true;
		instrument.staged = None;
		Instruments::<T>::insert(id, instrument);
		Self::deposit_event(Event::Quarantined { instrument: id, long, short, segments, moved });
	}

	/// Stages an instrument's settlement price and what each segment gains at it.
	pub(crate) fn price_instrument(id: InstrumentId) -> DispatchResult {
		let settlements = Settled::<T>::get();
		let run = settlements.current.next();
		let stored = Instruments::<T>::get(id).ok_or(Error::<T>::UnknownInstrument)?;
		let mut instrument = stored.at_run(settlements.current);
		let before_look = instrument.clone();
		if instrument.quarantined || instrument.ended.is_some() {
			return Ok(());
		}
		let class = instrument.terms.class;
		let parameters = Parameters::<T>::get();
		let fraction = Self::next_fraction(class, run, &parameters);
		let market = Self::market(&instrument, fraction, &parameters);
		instrument.note_open_interest();
		instrument.refresh(&market)?;
		instrument.stage(run, &market)?;
		Self::note_look(id, &before_look, &instrument);
		let gains = Self::staged_gains(id, &instrument)?;
		let lots = gains.iter().fold(0i128, |sum, (_, held, ..)| sum.saturating_add(held.lots.0.into()));
		let moved = Cash::checked_sum(gains.iter().map(|(.., gain)| *gain))?;
		if lots != 0 || !moved.is_zero() || instrument.long != instrument.short {
			Self::quarantine(id, instrument, lots, moved);
			return Ok(());
		}
		for (segment, held, rolled, gain) in gains {
			Ledgers::<T>::try_mutate(&segment, |ledger| {
				let ledger = ledger.as_mut().ok_or(Error::<T>::UnknownAccount)?;
				ledger.net = ledger.net.checked_add(rolled)?;
				ledger.staged = ledger.staged.checked_add(gain)?;
				Ok::<_, DispatchError>(())
			})?;
			SegmentPositions::<T>::insert(id, segment, held);
		}
		let price = instrument.staged.map_or(instrument.settlement.price, |staged| staged.price);
		let before = instrument.settlement.price;
		Self::deposit_event(Event::Priced {
			instrument: id,
			run,
			before,
			price,
			has_mark: instrument.mark.is_some(),
			fraction,
		});
		Instruments::<T>::insert(id, instrument);
		Ok(())
	}

	/// For every segment that holds the instrument: its position, rolled, what rolling it gained, and what it gains at the
	/// staged price.
	#[allow(clippy::type_complexity, reason = "four columns of a table, used once")]
	fn staged_gains(
		id: InstrumentId,
		instrument: &Instrument,
	) -> Result<Vec<(SegmentOf<T>, SegmentPosition, Cash, Cash)>, ArithmeticError> {
		let basis = instrument.settlement.price;
		SegmentPositions::<T>::iter_prefix(id)
			.map(|(segment, held)| {
				let rolled = instrument.gain(held.lots, held.basis)?;
				let gain = instrument.staged_gain(held.lots)?;
				Ok((segment, SegmentPosition { lots: held.lots, basis }, rolled, gain))
			})
			.collect()
	}

	/// Moves money between the segments and puts the staged prices in force.
	pub(crate) fn settle() -> DispatchResult {
		let mut books = Books::<T>::new();
		// Every house may change.
		books.defers_index = true;
		let mut shares = Self::shares_of_run()?;
		// A house pays for itself before it advances anything to its customers.
		shares.sort_by_key(|share| share.segment.side != SegmentSide::House);
		let mut collected = Cash::ZERO;
		for share in shares.iter_mut().filter(|share| share.due < Cash::ZERO) {
			let paid = Self::collect(&mut books, &share.segment, share.due.checked_neg()?)?;
			share.moved = paid.checked_neg()?;
			collected = collected.checked_add(paid)?;
		}
		Self::share_out(&mut shares, collected)?;
		Self::move_money(&mut books, &mut shares)?;
		let run = books.settlements.current.next();
		for share in &shares {
			Self::close_share(&mut books, share)?;
		}
		Self::deposit_event(Event::RunSettled { run, collected });
		books.close()?;
		// A period after this run was due. After a halt longer than that it is a period from now: runs are not made up for.
		let (now, period) = (frame_system::Pallet::<T>::block_number(), T::SettlementPeriod::get());
		let due = Settled::<T>::get().due.saturating_add(period);
		let due = if due <= now { now.saturating_add(period) } else { due };
		Settled::<T>::put(Settlements::<BlockNumberFor<T>> { current: run, pricing: None, due });
		Self::end_levy(run);
		Self::note_settlement();
		Ok(())
	}

	/// What every segment has to pay or to receive.
	fn shares_of_run() -> Result<Vec<Share<T>>, ArithmeticError> {
		Ledgers::<T>::iter()
			.map(|(segment, Ledger { net, staged, levied, .. })| {
				let due = net.checked_add(staged)?.checked_sub(levied)?;
				Ok(Share { segment, due, moved: Cash::ZERO })
			})
			.collect()
	}

	/// What a segment pays of `needed`: what its custody has, and for customers what their house advances.
	fn collect(books: &mut Books<T>, segment: &SegmentOf<T>, needed: Cash) -> Result<Cash, DispatchError> {
		let missing = needed.checked_sub(books.ledger(segment).custody)?;
		if missing > Cash::ZERO && segment.side == SegmentSide::Customers {
			let (customers, house) = segments(&segment.guarantor);
			books.advance(&customers, &house, missing)?;
		}
		let missing = needed.checked_sub(books.ledger(segment).custody)?;
		if missing > Cash::ZERO {
			books.borrow(segment, missing)?;
		}
		let paid = needed.min(books.ledger(segment).custody);
		// What is promised to others cannot be advanced any more.
		let mut ledger = books.ledger(segment);
		ledger.custody = ledger.custody.checked_sub(paid)?;
		books.put_ledger(segment, ledger);
		Ok(paid)
	}

	/// Shares what was collected among the segments that are owed: all of it, or pro rata if that is less. Shares are rounded
	/// down; the units left over go to the first.
	fn share_out(shares: &mut [Share<T>], collected: Cash) -> DispatchResult {
		let owed = Cash::checked_sum(shares.iter().map(|share| share.due.max(Cash::ZERO)))?;
		let available = collected.min(owed);
		let mut left = available;
		for share in shares.iter_mut().filter(|share| share.due > Cash::ZERO) {
			let part = multiply_by_rational_with_rounding(
				share.due.0.unsigned_abs(),
				available.0.unsigned_abs(),
				owed.0.unsigned_abs(),
				Rounding::Down,
			);
			share.moved = Cash(part.and_then(|part| i128::try_from(part).ok()).ok_or(ArithmeticError::Overflow)?);
			left = left.checked_sub(share.moved)?;
		}
		for share in shares.iter_mut().filter(|share| share.due > share.moved && share.due > Cash::ZERO) {
			if left.is_zero() {
				break;
			}
			share.moved = share.moved.checked_add(Cash(1))?;
			left = left.checked_sub(Cash(1))?;
		}
		Ok(())
	}

	/// Moves custody from those that pay to those that receive: at most as many transfers as there are segments.
	fn move_money(books: &mut Books<T>, shares: &mut [Share<T>]) -> DispatchResult {
		let mut wanted: Vec<_> = shares
			.iter()
			.filter(|share| share.moved > Cash::ZERO)
			.map(|share| (share.segment.clone(), share.moved))
			.rev()
			.collect();
		for payer in shares.iter_mut().filter(|share| share.moved < Cash::ZERO) {
			let mut left = payer.moved.checked_neg()?;
			// Back to the ledger that `collect` took it from; each transfer takes its part.
			let mut ledger = books.ledger(&payer.segment);
			ledger.custody = ledger.custody.checked_add(left)?;
			books.put_ledger(&payer.segment, ledger);
			while let Some((receiver, rest)) = wanted.last_mut().filter(|_| left > Cash::ZERO) {
				let amount = left.min(*rest);
				Self::move_custody(books, &payer.segment, receiver, amount)?;
				left = left.checked_sub(amount)?;
				*rest = rest.checked_sub(amount)?;
				if rest.is_zero() {
					wanted.pop();
				}
			}
			if !left.is_zero() {
				log::error!(target: "runtime::clearing", "more was collected than is owed: {left:?}");
				payer.moved = payer.moved.checked_add(left)?;
			}
		}
		Ok(())
	}

	/// Closes a segment's books of the run: what moved leaves N, a house gets back what its customers need no more, fees are
	/// collected, and a guarantor that could not pay is called.
	fn close_share(books: &mut Books<T>, share: &Share<T>) -> DispatchResult {
		let Share { segment, due, moved } = share;
		let mut ledger = books.ledger(segment);
		ledger.net = ledger.net.checked_sub(*moved)?.checked_sub(ledger.levied)?;
		ledger.staged = Cash::ZERO;
		ledger.levied = Cash::ZERO;
		ledger.owed = due.checked_sub(*moved)?;
		books.put_ledger(segment, ledger);
		let (customers, house) = segments(&segment.guarantor);
		// What came in and is not needed goes to the pool first.
		let help = ledger.received.checked_add(ledger.borrowed)?;
		let unneeded = help.checked_sub(ledger.gaps)?.min(*moved);
		if unneeded > Cash::ZERO {
			books.repay(segment, unneeded)?;
		}
		let ledger = books.ledger(segment);
		let unneeded = ledger.received.checked_sub(ledger.gaps)?.min(unneeded);
		if segment.side == SegmentSide::Customers && unneeded > Cash::ZERO {
			books.give_back(&customers, &house, unneeded)?;
		}
		Self::collect_fees(books, segment)?;
		if !due.is_zero() {
			let (guarantor, side) = (segment.guarantor.clone(), segment.side);
			let Ledger { custody, owed, .. } = books.ledger(segment);
			Self::deposit_event(Event::SegmentSettled { guarantor, side, due: *due, moved: *moved, owed, custody });
		}
		if due < moved || books.ledger(segment).borrowed > Cash::ZERO {
			books.check_margin_call(&segment.guarantor)?;
		}
		Ok(())
	}

	/// Sends a segment's fees where fees go, and its penalties to the pool.
	fn collect_fees(books: &mut Books<T>, segment: &SegmentOf<T>) -> DispatchResult {
		let (guarantor, side) = (&segment.guarantor, segment.side);
		let Ledger { fees, penalties, .. } = books.ledger(segment);
		if Self::send(books, segment, fees, &T::FeeDestination::get())? {
			let mut ledger = books.ledger(segment);
			ledger.fees = Cash::ZERO;
			books.put_ledger(segment, ledger);
			Self::deposit_event(Event::FeesCollected { guarantor: guarantor.clone(), side, amount: fees });
			T::FeesCollected::collected(guarantor, fees);
		}
		if Self::send(books, segment, penalties, &T::Pool::account())? {
			let mut ledger = books.ledger(segment);
			ledger.penalties = Cash::ZERO;
			books.put_ledger(segment, ledger);
			Self::deposit_event(Event::PenaltiesCollected { guarantor: guarantor.clone(), side, amount: penalties });
		}
		Ok(())
	}

	/// Sends money out of a segment's custody, and returns whether it did: it waits where there is none, or where so little cannot
	/// be sent.
	fn send(
		books: &mut Books<T>,
		segment: &SegmentOf<T>,
		amount: Cash,
		to: &T::AccountId,
	) -> Result<bool, DispatchError> {
		let mut ledger = books.ledger(segment);
		if amount.is_zero() || ledger.custody < amount {
			return Ok(false);
		}
		let source = Self::custody_account(segment);
		let sent = T::SettlementAsset::transfer(&source, to, amount.0.unsigned_abs(), Preservation::Preserve);
		if sent.is_ok() {
			ledger.custody = ledger.custody.checked_sub(amount)?;
			books.put_ledger(segment, ledger);
			TotalCustody::<T>::put(TotalCustody::<T>::get().checked_sub(amount)?);
		}
		Ok(sent.is_ok())
	}

	/// The scan fraction of a class at the epoch of `run`, moved on by a day if it has not been.
	fn next_fraction(class: ClassId, run: RunId, parameters: &ClearingParameters) -> Ppm {
		ClassRisks::<T>::mutate(class, |risk| {
			if risk.epoch < run {
				let known = T::Index::statistics(class).unwrap_or_default();
				risk.fraction =
					parameters.scan.next_fraction(risk.fraction, Variance(known.variance), known.largest_move);
				risk.epoch = run;
			}
			risk.fraction
		})
	}

	/// What a mark is made of besides the instrument's own prices, now.
	pub(crate) fn market(instrument: &Instrument, fraction: Ppm, parameters: &ClearingParameters) -> Market {
		let class = instrument.terms.class;
		let fix = T::Index::fresh_fix(class, parameters.max_fix_age);
		Market {
			average: instrument.averaged.and_then(|days| Self::average_so_far(class, &days)),
			now: T::Clock::now(),
			fix: fix.map(|fix| fix.price),
			fix_until: fix.map_or(0, |fix| fix.time.saturating_add(parameters.max_fix_age)),
			mean: T::Index::statistics(class).map_or(Price::ZERO, |known| known.mean_size),
			floor: T::Index::floor_price(class).unwrap_or_default(),
			fraction,
			trade_window: parameters.trade_window,
			max_settlement_age: parameters.max_settlement_age,
		}
	}

	/// What is known of the mean of these days' fixes, once there is one of them, or may be. A day that is over and has no fix does
	/// not count.
	fn average_so_far(class: ClassId, days: &DeliveryDays) -> Option<Average> {
		let today = T::Index::today();
		if today < days.first {
			return None;
		}
		let fixes = T::Index::fixes(class, days.first, days.last);
		let is_fixed = fixes.last().is_some_and(|fix| fix.day >= today);
		let next = Day(today.0.saturating_add(u32::from(is_fixed)));
		let average = Average::new(&fixes, days.from(next));
		(average.fixed > 0 || average.remaining > 0).then_some(average)
	}
}

/// The lots that the segments of an instrument hold in sum. Nothing but zero is sound.
pub(crate) fn lots_in_sum<T: Config>(id: InstrumentId) -> i128 {
	SegmentPositions::<T>::iter_prefix_values(id).fold(0, |sum, held| sum.saturating_add(held.lots.0.into()))
}
