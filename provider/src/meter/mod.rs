//! Metering: what was sold is delivered, and it is shown that it was.
//!
//! For each open deal of its resources the meter notes how much of each day they are there, asks the buyer for its vouchers, posts at
//! the day's end what was available, and submits the highest voucher before the window is closed. Whatever a buyer's endpoint does,
//! or a node, stops nothing else: neither the other deals nor the agent's rounds.

pub mod client;
pub mod endpoint;
pub mod presence;
pub mod step;
pub mod store;
pub mod vouchers;

use crate::{
	chain::{
		delivery::{
			follow::{Caller, Followed},
			Call, Deal, View,
		},
		ChainError,
	},
	key::Key,
	progress::Progress,
	rounds::work::now,
};
use client::{AskError, Client};
use gcx_primitives::{Capacity, Day, DealId, Ppm, ResourceId};
use serde::Serialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	pin::pin,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use step::{accept, every, gap, polls, post, share, span, submits, wait};
use store::MeterStore;
use tokio::{sync::mpsc, time::sleep};
use vouchers::{hours, Poll, Voucher};

/// Best blocks after which a call whose effect is not on the chain is sent again.
const SEND_AGAIN_AFTER: u64 = 2;
/// Endpoints that are asked at a time.
const MOST_ASKED: usize = 32;
/// How long it waits for the first block.
const FIRST_TICK: Duration = Duration::from_secs(1);

/// What the meter is told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
	/// How often buyers are polled, where days are not short.
	pub every: Duration,
	/// As how many devices this machine answers.
	pub devices: u32,
	/// How much of them is there.
	pub available: Ppm,
}

/// What the meter has done since it was started.
#[derive(Debug, Default)]
pub struct Counters {
	deals: AtomicU64,
	polls: AtomicU64,
	unanswered: AtomicU64,
	vouchers: AtomicU64,
	refused: AtomicU64,
	posted: AtomicU64,
	submitted: AtomicU64,
}

/// The same at one moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
	/// Open deals of the resources.
	pub deals: u64,
	/// Times that a buyer was asked.
	pub polls: u64,
	/// Of these, times that it did not answer, refused, or answered with what is no voucher.
	pub unanswered: u64,
	/// Vouchers that were taken and are on disk.
	pub vouchers: u64,
	/// Vouchers that were refused.
	pub refused: u64,
	/// Availabilities that were posted.
	pub posted: u64,
	/// Vouchers that were submitted.
	pub submitted: u64,
}

impl Counters {
	/// What they are now.
	pub fn figures(&self) -> Figures {
		let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
		Figures {
			deals: read(&self.deals),
			polls: read(&self.polls),
			unanswered: read(&self.unanswered),
			vouchers: read(&self.vouchers),
			refused: read(&self.refused),
			posted: read(&self.posted),
			submitted: read(&self.submitted),
		}
	}
}

fn count(counter: &AtomicU64) {
	counter.fetch_add(1, Ordering::Relaxed);
}

/// A delivery day of a deal.
type WindowKey = (DealId, Day);

/// What happened meanwhile.
enum Event {
	/// An endpoint was asked.
	Asked { window: WindowKey, asked_at: u64, answer: Result<Voucher, AskError> },
	/// An availability was sent.
	Posted { window: WindowKey, available: Capacity, sent: Result<(), ChainError> },
	/// A voucher was sent.
	Submitted { window: WindowKey, cumulative: Capacity, sent: Result<(), ChainError> },
}

/// What is remembered of a window while the meter runs. Nothing here has to outlive it.
#[derive(Debug)]
struct Memo {
	/// Whether the endpoint is being asked.
	is_asked: bool,
	/// Times in a row that it did not answer.
	failures: u32,
	/// When it is asked again.
	due: Instant,
	/// The time of the last poll, in seconds.
	polled_at: u64,
	/// Whether it answered after the day's end.
	final_answer: bool,
	/// The blocks at which these were sent last.
	posted: Option<u64>,
	submitted: Option<u64>,
	/// Whether it was said that there is nothing to post.
	is_silent: bool,
}

impl Default for Memo {
	fn default() -> Self {
		Self {
			is_asked: false,
			failures: 0,
			due: Instant::now(),
			polled_at: 0,
			final_answer: false,
			posted: None,
			submitted: None,
			is_silent: false,
		}
	}
}

/// Whether it is time to send something for the first time or again.
fn is_due(sent: Option<u64>, block: u64) -> bool {
	sent.is_none_or(|sent| block >= sent.saturating_add(SEND_AGAIN_AFTER))
}

/// The meter.
pub struct Meter {
	chain: Followed,
	key: Key,
	store: MeterStore,
	client: Client,
	options: Options,
	counters: Arc<Counters>,
	progress: Progress,
	view: Option<Arc<View>>,
	memos: BTreeMap<WindowKey, Memo>,
	/// Resources of which it was said that their agent is another.
	foreign: BTreeSet<ResourceId>,
}

impl Meter {
	/// A meter of a chain that is followed.
	pub fn new(
		chain: Followed,
		key: Key,
		store: MeterStore,
		client: Client,
		options: Options,
		counters: Arc<Counters>,
		progress: Progress,
	) -> Self {
		let (memos, foreign) = (BTreeMap::new(), BTreeSet::new());
		Self { chain, key, store, client, options, counters, progress, view: None, memos, foreign }
	}

	/// Goes on until `stop` is ready.
	///
	/// # Errors
	/// [`ChainError::OtherChain`]: there is no use in going on.
	pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), ChainError> {
		let (sender, mut events) = mpsc::channel(64);
		let mut stop = pin!(stop);
		let mut tick = Instant::now();
		loop {
			tokio::select! {
				() = &mut stop => return Ok(()),
				Some(event) = events.recv() => self.take(event),
				view = self.chain.next() => {
					self.view = Some(view?);
					self.look(&sender);
				},
				() = sleep(tick.saturating_duration_since(Instant::now())) => {
					let every = self.tick(&sender);
					tick = Instant::now() + every;
				},
			}
		}
	}

	/// The deals that this agent answers for.
	fn own<'a>(&mut self, view: &'a View) -> Vec<(&'a Deal, ResourceId)> {
		let account: [u8; 32] = self.key.account().into();
		let mut own = Vec::new();
		for deal in &view.deals {
			let Some(resource) = deal.resource else { continue };
			let agent = view.resources.get(&resource).map(|resource| resource.agent);
			if agent == Some(account) {
				self.foreign.remove(&resource);
				own.push((deal, resource));
			} else if self.foreign.insert(resource) {
				self.progress.warn(format!("resource {}: the key is not its agent's: nothing is metered", resource.0));
			}
		}
		own
	}

	/// Notes what is there, and asks whom it is time to ask. Gives how long to wait until the next time.
	fn tick(&mut self, sender: &mpsc::Sender<Event>) -> Duration {
		let Some(view) = self.view.clone() else { return FIRST_TICK };
		let (clock, now) = (&view.clock, now());
		let every = every(self.options.every, clock);
		let own = self.own(&view);
		let mut noted = BTreeSet::new();
		for (deal, resource) in own {
			for day in clock.open_days(deal, now) {
				if noted.insert((resource, day)) {
					self.note(&view, resource, day, now);
				}
				self.ask(&view, deal, day, now, every, sender);
			}
		}
		every
	}

	/// Notes what of a resource is there.
	fn note(&mut self, view: &View, resource: ResourceId, day: Day, now: u64) {
		let Some(there) = view.resources.get(&resource) else { return };
		let share = share(there, self.options.devices, self.options.available, day);
		let span = span(&view.clock, day, gap(view.clock.day));
		let presence = self.store.presence(resource, day);
		// After the day's end nothing more is to be noted.
		if presence.seen.is_some_and(|seen| seen >= span.end) {
			return;
		}
		if let Err(error) = self.store.note(resource, day, presence.seen(now, share, &span)) {
			self.progress.warn(format!("resource {}: what is there cannot be noted: {error}", resource.0));
		}
	}

	/// Asks a buyer, if it is time.
	fn ask(&mut self, view: &View, deal: &Deal, day: Day, now: u64, every: Duration, sender: &mpsc::Sender<Event>) {
		let asked = self.memos.values().filter(|memo| memo.is_asked).count();
		let vouchered = self.store.voucher(deal.id, day).map(|voucher| voucher.cumulative);
		let memo = self.memos.entry((deal.id, day)).or_default();
		let is_time = !memo.is_asked && asked < MOST_ASKED && memo.due <= Instant::now();
		if !is_time || !polls(&view.clock, deal, day, now, vouchered, memo.final_answer) {
			return;
		}
		memo.is_asked = true;
		// A tick that comes a little early is not missed.
		memo.due = Instant::now() + wait(every, memo.failures) - every / 2;
		memo.polled_at = (now / 1_000).max(memo.polled_at.saturating_add(1));
		count(&self.counters.polls);
		let poll = Poll::new(self.chain.genesis(), deal.id, day, memo.polled_at, &self.key);
		let (client, endpoint, window) = (self.client.clone(), deal.endpoint.clone(), (deal.id, day));
		let sender = sender.clone();
		tokio::spawn(async move {
			let answer = client.ask(&endpoint, window.0, &poll).await;
			// If nobody listens any more, the meter has stopped.
			let _ = sender.send(Event::Asked { window, asked_at: now, answer }).await;
		});
	}

	/// Looks at a new block: posts and submits what it is time for.
	fn look(&mut self, sender: &mpsc::Sender<Event>) {
		let Some(view) = self.view.clone() else { return };
		let clock = &view.clock;
		let own = self.own(&view);
		self.counters.deals.store(u64::try_from(own.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
		let open: BTreeSet<_> = own.iter().map(|(deal, _)| deal.id).collect();
		self.memos.retain(|(deal, day), memo| memo.is_asked || (open.contains(deal) && clock.is_open(*day, clock.now)));
		self.store.forget_before(clock.day_of(clock.now));
		for (deal, resource) in own {
			for day in clock.open_days(deal, clock.now) {
				self.post(&view, deal, resource, day, sender);
				self.submit(&view, deal, day, sender);
			}
		}
	}

	fn post(&mut self, view: &View, deal: &Deal, resource: ResourceId, day: Day, sender: &mpsc::Sender<Event>) {
		let Some(there) = view.resources.get(&resource) else { return };
		let share = share(there, self.options.devices, self.options.available, day);
		let up = self.store.presence(resource, day);
		let available = post(&view.clock, deal, day, up, share, gap(view.clock.day));
		let memo = self.memos.entry((deal.id, day)).or_default();
		let Some(available) = available else {
			let is_over = view.clock.end(day) <= view.clock.now && deal.window(day).available.is_none();
			if is_over && !std::mem::replace(&mut memo.is_silent, true) {
				self.progress.warn(format!("{}: nothing of it was available, nothing is posted", name(deal.id, day)));
			}
			return;
		};
		if is_due(memo.posted, view.block) {
			memo.posted = Some(view.block);
			let window = (deal.id, day);
			let call = Call::PostAvailability { deal: deal.id, day, available };
			self.send(call, sender, move |sent| Event::Posted { window, available, sent });
		}
	}

	fn submit(&mut self, view: &View, deal: &Deal, day: Day, sender: &mpsc::Sender<Event>) {
		let Some(voucher) = self.store.voucher(deal.id, day).cloned() else { return };
		let (cumulative, window) = (voucher.cumulative, (deal.id, day));
		let memo = self.memos.entry(window).or_default();
		if !submits(&view.clock, deal, day, cumulative) || !is_due(memo.submitted, view.block) {
			return;
		}
		// It was signed by the key that the deal had when it came. If that is another now, it is worth nothing.
		let signature = deal.key.and_then(|key| voucher.signed_by(self.chain.genesis(), deal.id, key));
		let Some(signature) = signature else { return };
		memo.submitted = Some(view.block);
		let call = Call::SubmitVoucher { deal: deal.id, day, cumulative, signature };
		self.send(call, sender, move |sent| Event::Submitted { window, cumulative, sent });
	}

	fn send(
		&self,
		call: Call,
		sender: &mpsc::Sender<Event>,
		event: impl FnOnce(Result<(), ChainError>) -> Event + Send + 'static,
	) {
		let (caller, sender): (Caller, _) = (self.chain.caller(), sender.clone());
		tokio::spawn(async move {
			let sent = caller.send(call).await;
			let _ = sender.send(event(sent)).await;
		});
	}

	fn take(&mut self, event: Event) {
		match event {
			Event::Asked { window, asked_at, answer } => self.answered(window, asked_at, answer),
			Event::Posted { window: (deal, day), available, sent } => match sent {
				Ok(()) => {
					count(&self.counters.posted);
					self.progress.say(format!("{}: posted {} available", name(deal, day), hours(available)));
				},
				Err(error) => self.progress.warn(format!("{}: not posted: {error}", name(deal, day))),
			},
			Event::Submitted { window: (deal, day), cumulative, sent } => match sent {
				Ok(()) => {
					count(&self.counters.submitted);
					let amount = hours(cumulative);
					self.progress.say(format!("{}: submitted the buyer's voucher for {amount}", name(deal, day)));
				},
				Err(error) => self.progress.warn(format!("{}: no voucher submitted: {error}", name(deal, day))),
			},
		}
	}

	/// Takes what a buyer answered.
	fn answered(&mut self, window: WindowKey, asked_at: u64, answer: Result<Voucher, AskError>) {
		let (id, day) = window;
		let memo = self.memos.entry(window).or_default();
		memo.is_asked = false;
		let voucher = match answer {
			Ok(voucher) => voucher,
			Err(error) => {
				memo.failures = memo.failures.saturating_add(1);
				count(&self.counters.unanswered);
				if memo.failures == 1 {
					self.progress.warn(format!("{}: the buyer's endpoint: {error}", name(id, day)));
				}
				return;
			},
		};
		let Some(view) = self.view.clone() else { return };
		let Some(deal) = view.deals.iter().find(|deal| deal.id == id) else { return };
		let known = self.store.voucher(id, day).map(|voucher| voucher.cumulative);
		match accept(self.chain.genesis(), deal, day, &voucher, known) {
			Ok(taken) => {
				if std::mem::take(&mut memo.failures) > 0 {
					self.progress.say(format!("{}: the buyer's endpoint answers", name(id, day)));
				}
				memo.final_answer |= asked_at >= view.clock.end(day);
				if taken.is_none() {
					return;
				}
				match self.store.keep(id, voucher) {
					Ok(()) => count(&self.counters.vouchers),
					Err(error) => {
						self.progress.warn(format!("{}: a voucher cannot be kept: {error}", name(id, day)));
					},
				}
			},
			Err(error) => {
				memo.failures = memo.failures.saturating_add(1);
				count(&self.counters.refused);
				if memo.failures == 1 {
					self.progress.warn(format!("{}: the buyer's voucher is refused: {error}", name(id, day)));
				}
			},
		}
	}
}

/// A window for people.
fn name(deal: DealId, day: Day) -> String {
	format!("deal {}, day {}", deal.0, day.0)
}
