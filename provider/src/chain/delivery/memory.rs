//! Deliveries in memory, for tests: blocks come when they are made.

use super::{Call, Deal, DeliveryChain, View, Window};
use crate::chain::ChainError;
use gcx_primitives::{Day, DealId};
use std::{
	collections::VecDeque,
	pin::pin,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// What happens on it.
#[derive(Debug)]
struct State {
	view: View,
	failures: VecDeque<ChainError>,
	calls: Vec<Call>,
	drops_calls: bool,
}

/// A chain in memory. Clones are of the same chain, and each sees every block.
#[derive(Clone, Debug)]
pub struct Memory {
	genesis: [u8; 32],
	looked_at: Option<u64>,
	state: Arc<Mutex<State>>,
	news: Arc<Notify>,
}

impl Memory {
	/// A chain that says this.
	pub fn new(genesis: [u8; 32], view: View) -> Self {
		let state = State { view, failures: VecDeque::new(), calls: Vec::new(), drops_calls: false };
		Self { genesis, looked_at: None, state: Arc::new(Mutex::new(state)), news: Arc::default() }
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Makes a block at a time, after changes.
	pub fn block(&self, now: u64, change: impl FnOnce(&mut View)) {
		let mut state = self.state();
		state.view.block += 1;
		state.view.clock.now = now;
		change(&mut state.view);
		drop(state);
		self.news.notify_waiters();
	}

	/// Lets the next question fail.
	pub fn fail(&self, error: ChainError) {
		self.state().failures.push_back(error);
		self.news.notify_waiters();
	}

	/// Loses every call from now on, or no more.
	pub fn drop_calls(&self, drop: bool) {
		self.state().drops_calls = drop;
	}

	/// Calls that were sent, whether they were lost or not.
	pub fn calls(&self) -> Vec<Call> {
		self.state().calls.clone()
	}

	/// What it knows of a window.
	pub fn window(&self, deal: DealId, day: Day) -> Option<Window> {
		self.state().view.deals.iter().find(|there| there.id == deal).map(|deal| deal.window(day))
	}
}

/// What the pallet would do with a call.
fn carry_out(view: &mut View, call: &Call) -> Result<(), ChainError> {
	let refused = |why: &str| Err(ChainError::Refused(why.into()));
	let clock = view.clock;
	let find = |deals: &mut Vec<Deal>, id| deals.iter().position(|deal| deal.id == id);
	match call {
		Call::PostAvailability { deal, day, available } => {
			let Some(index) = find(&mut view.deals, *deal) else { return refused("UnknownDeal") };
			let deal = &mut view.deals[index];
			let Some(quantity) = deal.quantity(*day).filter(|_| clock.is_open(*day, clock.now)) else {
				return refused("OutOfWindow");
			};
			let window = deal.windows.entry(*day).or_default();
			if window.available.is_some() {
				return refused("AlreadyPosted");
			}
			if *available > quantity {
				return refused("AboveQuantity");
			}
			window.available = Some(*available);
		},
		Call::SubmitVoucher { deal, day, cumulative, .. } => {
			let Some(index) = find(&mut view.deals, *deal) else { return refused("UnknownDeal") };
			if !clock.is_open(*day, clock.now) {
				return refused("OutOfWindow");
			}
			let window = view.deals[index].windows.entry(*day).or_default();
			if *cumulative <= window.vouchered {
				return refused("NotHigher");
			}
			window.vouchered = *cumulative;
		},
		Call::Object { deal, day } => {
			let Some(index) = find(&mut view.deals, *deal) else { return refused("UnknownDeal") };
			if !(clock.start(*day)..clock.end(*day)).contains(&clock.now) {
				return refused("OutOfWindow");
			}
			let window = view.deals[index].windows.entry(*day).or_default();
			if window.objected {
				return refused("AlreadyObjected");
			}
			window.objected = true;
		},
		Call::Request { .. } => (),
	}
	Ok(())
}

impl DeliveryChain for Memory {
	fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	async fn next(&mut self) -> Result<View, ChainError> {
		loop {
			let shared = self.news.clone();
			let mut news = pin!(shared.notified());
			// What comes from here on is not missed.
			news.as_mut().enable();
			let error = self.state().failures.pop_front();
			if let Some(error) = error {
				return Err(error);
			}
			let view = self.state().view.clone();
			if self.looked_at.replace(view.block) != Some(view.block) {
				return Ok(view);
			}
			news.await;
		}
	}

	async fn send(&mut self, call: Call) -> Result<(), ChainError> {
		let mut state = self.state();
		state.calls.push(call.clone());
		if state.drops_calls {
			return Ok(());
		}
		carry_out(&mut state.view, &call)
	}
}
