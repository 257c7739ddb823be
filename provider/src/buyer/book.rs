//! What a buyer knows while it runs, shared by its server and what follows the chain.

use super::{
	step::{acknowledge, objects, Heard, PollError, Terms},
	store::{BuyerStore, Record},
};
use crate::{
	chain::delivery::{Clock, Deal, View},
	key::Key,
	meter::{
		presence::Presence,
		step::gap,
		vouchers::{hours, Poll, Voucher},
	},
	progress::Progress,
	rounds::work::now,
};
use gcx_primitives::{Capacity, Day, DealId, Ppm};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// It is said when so many parts of a day's quantity are acknowledged.
const SAID_PARTS: u128 = 4;

/// What a buyer is told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
	/// How much of what comes is acknowledged.
	pub share: Ppm,
	/// How far apart two polls may be for the time between them to count, in milliseconds. None: as the length of a day suggests.
	pub gap: Option<u64>,
}

/// What changes.
#[derive(Debug)]
struct State {
	store: BuyerStore,
	view: Option<Arc<View>>,
	/// Since when polls can be answered, in milliseconds since the Unix epoch.
	since: Option<u64>,
	/// Presence that was on disk by then.
	before: BTreeMap<(DealId, Day), u64>,
	/// What was said of windows: parts acknowledged.
	said: BTreeMap<(DealId, Day), u128>,
	/// The last refusal of a deal that was said.
	refused: BTreeMap<DealId, PollError>,
}

/// What a buyer knows.
#[derive(Debug)]
pub struct Book {
	genesis: [u8; 32],
	key: Key,
	options: Options,
	progress: Progress,
	state: Mutex<State>,
}

impl Book {
	/// A book of one chain. Vouchers are signed by `key`.
	pub fn new(genesis: [u8; 32], key: Key, store: BuyerStore, options: Options, progress: Progress) -> Self {
		let before = store.records().iter().map(|(key, record)| (*key, record.presence.weighted)).collect();
		let (said, refused) = (BTreeMap::new(), BTreeMap::new());
		let state = Mutex::new(State { store, view: None, since: None, before, said, refused });
		Self { genesis, key, options, progress, state }
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn terms(&self, clock: &Clock) -> Terms {
		let gap = self.options.gap.unwrap_or_else(|| gap(clock.day));
		Terms { genesis: self.genesis, key: self.key.account().into(), gap, share: self.options.share }
	}

	/// The block that was seen last.
	pub fn view(&self) -> Option<Arc<View>> {
		self.state().view.clone()
	}

	/// A block was seen. Gives the windows of it that are to be objected to.
	pub fn saw(&self, view: Arc<View>) -> Vec<(DealId, Day)> {
		let (terms, now) = (self.terms(&view.clock), now());
		let mut state = self.state();
		let since = *state.since.get_or_insert(now);
		state.store.forget_before(view.clock.day_of(view.clock.now));
		let is_open = |deal: &DealId| view.deals.iter().any(|there| there.id == *deal);
		state.said.retain(|(deal, _), _| is_open(deal));
		state.before.retain(|(deal, _), _| is_open(deal));
		state.refused.retain(|deal, _| is_open(deal));
		let mut objections = Vec::new();
		for deal in &view.deals {
			for day in view.clock.open_days(deal, view.clock.now) {
				let presence = state.store.get(deal.id, day).map(|record| record.presence);
				let before = state.before.get(&(deal.id, day)).copied().unwrap_or(0);
				let heard = Heard { presence: presence.unwrap_or_default(), since, before };
				if objects(&terms, &view.clock, deal, day, now, &heard) {
					objections.push((deal.id, day));
				}
			}
		}
		state.view = Some(view);
		objections
	}

	/// Answers a poll: the voucher is on disk before it is given.
	///
	/// # Errors
	/// See [`PollError`].
	pub fn answer(&self, id: DealId, poll: &Poll) -> Result<Voucher, PollError> {
		let mut state = self.state();
		let answered = self.acknowledge(&mut state, id, poll);
		match &answered {
			Ok(voucher) => {
				state.refused.remove(&id);
				self.say(&mut state, id, voucher);
			},
			Err(error) => {
				let is_own = state.view.as_ref().is_some_and(|view| view.deals.iter().any(|deal| deal.id == id));
				if is_own && state.refused.insert(id, *error) != Some(*error) {
					self.progress.warn(format!("deal {}: a poll for day {} is refused: {error}", id.0, poll.day.0));
				}
			},
		}
		answered
	}

	fn acknowledge(&self, state: &mut State, id: DealId, poll: &Poll) -> Result<Voucher, PollError> {
		let view = state.view.clone().ok_or(PollError::NotReady)?;
		let deal = view.deals.iter().find(|deal| deal.id == id).ok_or(PollError::UnknownDeal)?;
		let agent = deal.resource.and_then(|resource| view.resources.get(&resource)).map(|resource| resource.agent);
		let known = state.store.get(id, poll.day);
		let terms = self.terms(&view.clock);
		let (presence, cumulative) = acknowledge(&terms, &view.clock, deal, agent, now(), poll, known)?;
		let voucher = match known {
			Some(known) if known.voucher.cumulative == cumulative => known.voucher.clone(),
			Some(_) | None => Voucher::new(self.genesis, id, poll.day, cumulative, &self.key),
		};
		let record = Record { at: poll.at, presence, voucher: voucher.clone() };
		match state.store.put(id, record) {
			Ok(()) => Ok(voucher),
			Err(error) => {
				self.progress.warn(format!("deal {}: nothing can be written down: {error}", id.0));
				Err(PollError::NotKept)
			},
		}
	}

	/// Says how far a day is, from time to time.
	fn say(&self, state: &mut State, id: DealId, voucher: &Voucher) {
		let Some(view) = state.view.clone() else { return };
		let Some(due) = view.deals.iter().find(|deal| deal.id == id).and_then(|deal| deal.quantity(voucher.day)) else {
			return;
		};
		let parts = voucher.cumulative.0.saturating_mul(SAID_PARTS).checked_div(due.0).unwrap_or(0);
		if state.said.insert((id, voucher.day), parts) != Some(parts) {
			let (got, due) = (hours(voucher.cumulative), hours(due));
			self.progress.say(format!("deal {}, day {}: {got} of {due} acknowledged", id.0, voucher.day.0));
		}
	}

	/// What was acknowledged of a window.
	pub fn acknowledged(&self, deal: DealId, day: Day) -> Capacity {
		self.state().store.get(deal, day).map_or(Capacity::ZERO, |record| record.voucher.cumulative)
	}

	/// How much of a day the agent was there.
	pub fn presence(&self, deal: DealId, day: Day) -> Presence {
		self.state().store.get(deal, day).map(|record| record.presence).unwrap_or_default()
	}
}

/// A deal for people.
pub fn describe(deal: &Deal, key: [u8; 32]) -> String {
	let days = format!("days {} to {}", deal.from.0.max(deal.days.first.0), deal.days.last.0);
	let what = format!("deal {}: {} lots of contract {}, {days}", deal.id.0, deal.lots.0, deal.instrument.0);
	match (deal.resource, deal.key) {
		(Some(resource), Some(of)) if of == key => format!("{what}, from resource {}", resource.0),
		(Some(resource), Some(_)) => {
			format!("{what}, from resource {}; its key is another: no vouchers from here", resource.0)
		},
		(Some(resource), None) => {
			format!("{what}, from resource {}; no key was named: no vouchers count", resource.0)
		},
		(None, _) => format!("{what}; no resource is behind it: unless the seller delivers, you are made whole"),
	}
}
