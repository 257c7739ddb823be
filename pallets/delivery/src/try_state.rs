//! The invariants of the README, checked over all of the pallet's storage.

use crate::{
	deals::place,
	types::{AccountKeyOf, DealOf, DeliveryOf, LongOf, SegmentOf, ShortOf, WindowOf},
	Active, Backing, Config, Covers, Deals, DealsOf, DealsWith, Deliveries, Longs, Lottery, NextDeal, Offered, Pallet,
	Parameters, PendingParameters, Requested, Shorts, Stage, Windows,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	format,
	string::String,
	vec::Vec,
};
use gcx_primitives::{
	ArithmeticError, Capacity, CapacityLedger, Cash, Day, DealId, DeliveryClearing, InstrumentId, Lots, ResourceId,
};
use sp_runtime::TryRuntimeError;

/// The records of a deal's windows.
type WindowsOf<T> = BTreeMap<Day, WindowOf<T>>;

/// All records of a delivery, and what they are said to be worth together.
struct Books<T: Config> {
	instrument: InstrumentId,
	delivery: DeliveryOf<T>,
	longs: BTreeMap<AccountKeyOf<T>, LongOf<T>>,
	shorts: BTreeMap<AccountKeyOf<T>, ShortOf<T>>,
	deals: BTreeMap<DealId, (DealOf<T>, WindowsOf<T>)>,
}

impl<T: Config> Books<T> {
	fn read(instrument: InstrumentId, delivery: DeliveryOf<T>) -> Self {
		let of_this = |(_, deal): &(DealId, DealOf<T>)| deal.instrument == instrument;
		let with_windows = |(id, deal)| (id, (deal, Windows::<T>::iter_prefix(id).collect()));
		Self {
			instrument,
			delivery,
			longs: Longs::<T>::iter_prefix(instrument).collect(),
			shorts: Shorts::<T>::iter_prefix(instrument).collect(),
			deals: Deals::<T>::iter().filter(of_this).map(with_windows).collect(),
		}
	}

	/// The days of a deal whose windows are open.
	fn open_days(&self, id: DealId) -> Vec<Day> {
		let Some((deal, windows)) = self.deals.get(&id) else { return Vec::new() };
		let days = deal.from.0..=self.delivery.goods.days.last.0;
		days.map(Day).filter(|day| *day >= deal.next || windows.contains_key(day)).collect()
	}
}

impl<T: Config> Pallet<T> {
	/// Checks all invariants, logs every violation, and fails if there is one.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let violations = Self::violations();
		for violation in &violations {
			log::error!(target: "runtime::delivery", "{violation}");
		}
		violations.is_empty().then_some(()).ok_or(TryRuntimeError::Other("delivery: an invariant is broken"))
	}

	/// What is broken of the invariants, in words.
	pub(crate) fn violations() -> Vec<String> {
		let mut violations = Vec::new();
		let pending = PendingParameters::<T>::get().map(|(_, parameters)| parameters);
		for parameters in [Some(Parameters::<T>::get()), pending].into_iter().flatten() {
			if !parameters.is_valid() {
				violations.push(format!("parameters are not valid: {parameters:?}"));
			}
		}
		let all: Vec<_> = Deliveries::<T>::iter().map(|(id, delivery)| Books::<T>::read(id, delivery)).collect();
		Self::check_lists(&all, &mut violations);
		Self::check_covers(&mut violations);
		for books in &all {
			let mut check = |result: Result<(), ArithmeticError>| {
				if let Err(error) = result {
					violations.push(format!("figures of {:?} are out of bounds: {error:?}", books.instrument));
				}
			};
			let mut found = Vec::new();
			check(Self::check_parties(books, &mut found));
			check(Self::check_deals(books, &mut found));
			check(Self::check_totals(books, &mut found));
			check(Self::check_queues(books, &mut found));
			violations
				.extend(found.into_iter().map(|violation: String| format!("{:?}: {violation}", books.instrument)));
		}
		for result in [Self::check_escrow(&all, &mut violations), Self::check_capacity(&all, &mut violations)] {
			if let Err(error) = result {
				violations.push(format!("sums over all deliveries are out of bounds: {error:?}"));
			}
		}
		violations
	}

	/// Lists and records are of the same deliveries and deals, and no record is of none.
	fn check_lists(all: &[Books<T>], violations: &mut Vec<String>) {
		let active = Active::<T>::get();
		let listed: BTreeSet<_> = active.iter().copied().collect();
		let recorded: BTreeSet<_> = all.iter().map(|books| books.instrument).collect();
		if listed.len() != active.len() || listed != recorded {
			violations
				.push(format!("the deliveries that are listed, {active:?}, are not those recorded, {recorded:?}"));
		}
		let of_deliveries = Longs::<T>::iter_keys()
			.map(|(id, _)| id)
			.chain(Shorts::<T>::iter_keys().map(|(id, _)| id))
			.chain(Requested::<T>::iter_keys().map(|(id, _, _)| id))
			.chain(Offered::<T>::iter_keys().map(|(id, _)| id))
			.chain(Lottery::<T>::iter_keys().map(|(id, _)| id))
			.chain(Deals::<T>::iter_values().map(|deal| deal.instrument));
		for instrument in of_deliveries.filter(|id| !recorded.contains(id)) {
			violations.push(format!("something is recorded of {instrument:?}, which is not delivered"));
		}
		let mut by_delivery = BTreeSet::new();
		let mut by_account = BTreeSet::new();
		for (id, deal) in Deals::<T>::iter() {
			by_delivery.insert((deal.instrument, place(id.0), id));
			by_account.extend([(deal.buyer, id), (deal.seller, id)]);
			if id >= NextDeal::<T>::get() {
				violations.push(format!("{id:?} was not yet given out"));
			}
		}
		if by_delivery != DealsOf::<T>::iter().collect() {
			violations.push("the deals listed of deliveries are not those recorded".into());
		}
		if by_account != DealsWith::<T>::iter_keys().collect() {
			violations.push("the deals listed of accounts are not those recorded".into());
		}
		for (id, day) in Windows::<T>::iter_keys().filter(|(id, _)| !Deals::<T>::contains_key(id)) {
			violations.push(format!("the window of {day:?} is of {id:?}, which is closed"));
		}
	}

	/// Cover is for some lots, and not of who was taken over.
	fn check_covers(violations: &mut Vec<String>) {
		for (instrument, key, cover) in Covers::<T>::iter() {
			if cover.lots <= Lots::ZERO || Shorts::<T>::contains_key(instrument, &key) {
				violations.push(format!("{key:?} cannot have such cover of {instrument:?}: {cover:?}"));
			}
		}
	}

	/// What is in escrow for lots that are not matched is what they are worth, and who has neither lots nor deals has left.
	fn check_parties(books: &Books<T>, violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let Books { delivery, longs, shorts, deals, .. } = books;
		let count = |of: &dyn Fn(&DealOf<T>) -> bool| deals.values().filter(|(deal, _)| of(deal)).count();
		for (key, long) in longs {
			let is_possible = (Lots::ZERO..=long.lots).contains(&long.left)
				&& long.escrow == delivery.value_of(long.left)?
				&& usize::try_from(long.deals) == Ok(count(&|deal| deal.buyer == *key))
				&& (!long.left.is_zero() || long.deals > 0);
			if !is_possible {
				violations.push(format!("{key:?} cannot buy so: {long:?}"));
			}
		}
		for (key, short) in shorts {
			let backed = short.nominated.checked_add(short.covered)?;
			let is_possible = (Lots::ZERO..=short.lots).contains(&short.left)
				&& short.nominated >= Lots::ZERO
				&& (Lots::ZERO..=short.left).contains(&backed)
				&& short.covered >= Lots::ZERO
				&& short.deposit == delivery.value_of(short.left.checked_sub(backed)?)?
				&& usize::try_from(short.deals) == Ok(count(&|deal| deal.seller == *key))
				&& (!short.left.is_zero() || short.deals > 0);
			if !is_possible {
				violations.push(format!("{key:?} cannot sell so: {short:?}"));
			}
		}
		Ok(())
	}

	/// A deal has open windows; price and deposit are what falls on these; windows with records are of its days.
	fn check_deals(books: &Books<T>, violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let goods = books.delivery.goods;
		for (id, (deal, windows)) in &books.deals {
			let open = books.open_days(*id);
			let value = books.delivery.value_of(deal.lots)?;
			let due =
				Cash::checked_sum(open.iter().map(|day| goods.cash_on(value, *day)).collect::<Result<Vec<_>, _>>()?)?;
			let deposit = match deal.backing {
				Backing::Resource(_) | Backing::Sold => Cash::ZERO,
				Backing::Deposit => due,
			};
			let objections = windows.values().filter(|window| window.objection.is_some()).count();
			let waiting = windows.keys().filter(|day| **day < deal.next).count();
			let is_possible = deal.lots > Lots::ZERO
				&& goods.days.contains(deal.from)
				&& deal.from <= deal.next
				&& deal.next.0 <= goods.days.last.0.saturating_add(1)
				&& !open.is_empty()
				&& (deal.escrow, deal.deposit) == (due, deposit)
				&& usize::try_from(deal.open_objections) == Ok(objections)
				&& usize::try_from(deal.waiting) == Ok(waiting)
				&& books.longs.get(&deal.buyer).is_some_and(|long| long.segment == deal.buyer_segment)
				&& books.shorts.get(&deal.seller).is_some_and(|short| short.segment == deal.seller_segment);
			if !is_possible {
				violations.push(format!("{id:?} cannot be so: {deal:?}, of which {open:?} are open with {due:?}"));
			}
			for day in windows.keys().filter(|day| **day < deal.from || **day > goods.days.last) {
				violations.push(format!("{day:?} is no day of {id:?}"));
			}
		}
		if usize::try_from(books.delivery.deals) != Ok(books.deals.len()) {
			violations.push(format!("{} deals are counted as {}", books.deals.len(), books.delivery.deals));
		}
		let waiting: u64 = books.deals.values().map(|(deal, _)| u64::from(deal.waiting)).sum();
		if waiting != u64::from(books.delivery.waiting) {
			violations.push(format!("{waiting} windows that wait are counted as {}", books.delivery.waiting));
		}
		Ok(())
	}

	/// Delivered, compensated, released and open capacity is that of the open interest, on both sides; and escrow that was put in is
	/// paid, returned, forfeited or still there.
	fn check_totals(books: &Books<T>, violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let Books { delivery, longs, shorts, deals, .. } = books;
		let (goods, tally, money) = (delivery.goods, delivery.tally, delivery.money);
		let mut open = Capacity::ZERO;
		for (id, (deal, _)) in deals {
			for day in books.open_days(*id) {
				open = open.checked_add(goods.quantity_on(deal.lots, day)?)?;
			}
		}
		let gone = tally.delivered.checked_add(tally.compensated)?.checked_add(tally.released)?;
		let whole = goods.quantity(delivery.open_interest)?;
		let left_long = longs.values().map(|long| long.left).try_fold(Lots::ZERO, Lots::checked_add)?;
		let left_short = shorts.values().map(|short| short.left).try_fold(Lots::ZERO, Lots::checked_add)?;
		for (side, taken, left) in
			[("long", delivery.taken_long, left_long), ("short", delivery.taken_short, left_short)]
		{
			let unmatched = delivery.open_interest.checked_sub(taken)?.checked_add(left)?;
			if unmatched < Lots::ZERO || taken > delivery.open_interest {
				violations.push(format!("{taken:?} {side} lots were taken over of {:?}", delivery.open_interest));
			} else if gone.checked_add(open)?.checked_add(goods.quantity(unmatched)?)? != whole {
				let what = format!("{tally:?}, {open:?} open and {unmatched:?} not matched on the {side} side");
				violations.push(format!("what is delivered of {whole:?} does not add up: {what}"));
			}
		}
		let there = Cash::checked_sum(Self::escrow_in(books).map(|(_, amount)| amount))?;
		let accounted = Cash::checked_sum([money.paid, money.returned, money.forfeited, there])?;
		if accounted != money.escrowed {
			violations.push(format!("escrow does not add up: {money:?} and {there:?} left"));
		}
		Ok(())
	}

	/// All that is in escrow for a delivery, and in whose.
	fn escrow_in(books: &Books<T>) -> impl Iterator<Item = (SegmentOf<T>, Cash)> + '_ {
		let of_longs = books.longs.values().map(|long| (long.segment.clone(), long.escrow));
		let of_shorts = books.shorts.values().map(|short| (short.segment.clone(), short.deposit));
		let of_deals = books.deals.values().flat_map(|(deal, windows)| {
			let objections = windows.values().filter_map(|window| window.objection.as_ref());
			let bonds = objections.map(|objection| (objection.segment.clone(), objection.bond));
			let own = [(deal.buyer_segment.clone(), deal.escrow), (deal.seller_segment.clone(), deal.deposit)];
			bonds.chain(own)
		});
		of_longs.chain(of_shorts).chain(of_deals)
	}

	/// In each segment's escrow is what is in it for deliveries.
	fn check_escrow(all: &[Books<T>], violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let mut escrow = BTreeMap::<_, Cash>::new();
		for (segment, amount) in all.iter().flat_map(Self::escrow_in) {
			let sum = escrow.entry(segment).or_default();
			*sum = sum.checked_add(amount)?;
		}
		for (segment, sum) in escrow {
			let there = T::Clearing::escrowed(&segment);
			if there != sum {
				violations.push(format!("{there:?} is in escrow of {segment:?} and not {sum:?}"));
			}
		}
		Ok(())
	}

	/// What resources are nominated for from today on is what offers and open windows say.
	fn check_capacity(all: &[Books<T>], violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let today = Self::today();
		let mut booked = BTreeMap::<(ResourceId, Day), Capacity>::new();
		let mut book = |resource, days: Vec<Day>, amount: Capacity| {
			for day in days.into_iter().filter(|day| *day >= today) {
				let sum = booked.entry((resource, day)).or_default();
				*sum = sum.checked_add(amount)?;
			}
			Ok::<_, ArithmeticError>(())
		};
		for books in all {
			let goods = books.delivery.goods;
			for offer in Offered::<T>::iter_prefix_values(books.instrument) {
				let days = (goods.days.first.0..=goods.days.last.0).map(Day).collect();
				book(offer.resource, days, goods.booked(offer.left)?)?;
			}
			for (id, (deal, _)) in &books.deals {
				if let Some(resource) = deal.backing.resource() {
					book(resource, books.open_days(*id), goods.booked(deal.lots)?)?;
				}
			}
		}
		for ((resource, day), sum) in booked {
			let there = T::Ledger::nominated(resource, day);
			if there != sum {
				violations.push(format!("{resource:?} is nominated for {there:?} on {day:?} and not for {sum:?}"));
			}
		}
		Ok(())
	}

	/// Offers and queues have exactly those who are open, each in its stage.
	fn check_queues(books: &Books<T>, violations: &mut Vec<String>) -> Result<(), ArithmeticError> {
		let Books { instrument, delivery, longs, shorts, .. } = books;
		let mut offered = BTreeMap::<_, Lots>::new();
		for offer in Offered::<T>::iter_prefix_values(instrument) {
			let sum = offered.entry(offer.seller.clone()).or_default();
			*sum = sum.checked_add(offer.left)?;
			if offer.left <= Lots::ZERO {
				violations.push(format!("nothing is left of an offer: {offer:?}"));
			}
		}
		let nominating = shorts.iter().filter(|(_, short)| !short.nominated.is_zero());
		if offered != nominating.map(|(key, short)| (key.clone(), short.nominated)).collect() {
			violations.push(format!("offers are not what sellers nominated: {offered:?}"));
		}
		let queued: BTreeSet<_> = Requested::<T>::iter_prefix((instrument,))
			.map(|((region, at), key)| (key, Some((region, u32::from_be_bytes(at)))))
			.collect();
		let drawn: BTreeSet<_> = Lottery::<T>::iter_prefix_values(instrument).collect();
		let open = || longs.iter().filter(|(_, long)| !long.left.is_zero());
		let wanted = |(key, long): (&AccountKeyOf<T>, &LongOf<T>)| {
			(key.clone(), long.request.as_ref().map(|request| (request.region, request.place)))
		};
		let in_queues = |but: &BTreeSet<AccountKeyOf<T>>| -> BTreeSet<_> {
			open().map(wanted).filter(|(key, at)| at.is_some() && !but.contains(key)).collect()
		};
		let everybody: BTreeSet<_> = open().map(|(key, _)| key.clone()).collect();
		let is_right = match &delivery.stage {
			Stage::Nominating | Stage::SameRegion { .. } => drawn.is_empty() && queued == in_queues(&BTreeSet::new()),
			Stage::Drawing { .. } => drawn.is_subset(&everybody) && queued == in_queues(&drawn),
			Stage::Remainder { .. } => drawn == everybody && queued.is_empty(),
			Stage::Delivering { .. } | Stage::Closing => {
				let left_short = shorts.values().any(|short| !short.left.is_zero());
				drawn.is_empty() && queued.is_empty() && everybody.is_empty() && !left_short
			},
		};
		if !is_right {
			let open = (&everybody, &queued, &drawn);
			violations.push(format!("queues are not as {:?} has them: {open:?}", delivery.stage));
		}
		let is_closing = delivery.stage == Stage::Closing;
		if is_closing && delivery.deals > 0 {
			violations.push(format!("it is closing with {} deals", delivery.deals));
		}
		Ok(())
	}
}
