//! A chain in memory, for tests: its blocks come when it is told to make them.

use super::{Answer, Chain, ChainError, Given, Round, Seen, View};
use gcx_primitives::{ResourceId, RoundId};
use std::{
	collections::{BTreeMap, VecDeque},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// What happens on it.
#[derive(Debug, Default)]
struct State {
	/// Number of the best block.
	block: u64,
	/// Its slot.
	slot: u64,
	/// The block that was looked at last.
	looked_at: Option<u64>,
	/// Rounds in the best block, and in the last finalised one.
	best: BTreeMap<ResourceId, Round>,
	finalised: BTreeMap<ResourceId, Round>,
	/// Errors that come before anything else.
	failures: VecDeque<ChainError>,
	/// Answers that came.
	answers: Vec<(ResourceId, RoundId, Option<Answer>)>,
	/// Whether answers are lost on their way.
	drops_answers: bool,
}

/// A chain in memory. Clones are of the same chain.
#[derive(Clone, Debug)]
pub struct Memory {
	genesis: [u8; 32],
	resources: Vec<ResourceId>,
	slot_millis: u64,
	state: Arc<Mutex<State>>,
	news: Arc<Notify>,
}

impl Memory {
	/// A chain that has these resources and no block yet.
	pub fn new(genesis: [u8; 32], resources: &[ResourceId], slot_millis: u64) -> Self {
		Self { genesis, resources: resources.into(), slot_millis, state: Arc::default(), news: Arc::default() }
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Makes a block in a slot, after changes to its rounds.
	pub fn block(&self, slot: u64, change: impl FnOnce(&mut BTreeMap<ResourceId, Round>)) {
		let mut state = self.state();
		state.block += 1;
		state.slot = slot;
		change(&mut state.best);
		drop(state);
		self.news.notify_one();
	}

	/// Finalises the best block, and makes another.
	pub fn finalise(&self, slot: u64) {
		let mut state = self.state();
		state.finalised = state.best.clone();
		drop(state);
		self.block(slot, |_| ());
	}

	/// Lets the next question fail.
	pub fn fail(&self, error: ChainError) {
		self.state().failures.push_back(error);
		self.news.notify_one();
	}

	/// Loses every answer from now on, or no more.
	pub fn drop_answers(&self, drop: bool) {
		self.state().drops_answers = drop;
	}

	/// Answers that were sent, whether they were lost or not.
	pub fn answers(&self) -> Vec<(ResourceId, RoundId, Option<Answer>)> {
		self.state().answers.clone()
	}
}

impl Chain for Memory {
	fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	async fn next(&mut self) -> Result<View, ChainError> {
		loop {
			{
				let mut state = self.state();
				if let Some(error) = state.failures.pop_front() {
					return Err(error);
				}
				if state.block > 0 && state.looked_at != Some(state.block) {
					state.looked_at = Some(state.block);
					let seen = self.resources.iter().map(|resource| Seen {
						resource: *resource,
						best: state.best.get(resource).cloned(),
						finalised: state.finalised.get(resource).cloned(),
					});
					let (block, slot, slot_millis) = (state.block, state.slot, self.slot_millis);
					return Ok(View { block, slot, slot_millis, seen: seen.collect() });
				}
			}
			self.news.notified().await;
		}
	}

	async fn answer(&mut self, resource: ResourceId, round: RoundId, answer: Option<Answer>) -> Result<(), ChainError> {
		let mut state = self.state();
		state.answers.push((resource, round, answer));
		if state.drops_answers {
			return Ok(());
		}
		let open = state.best.get_mut(&resource).filter(|there| there.id == round && there.answer.is_none());
		let Some(open) = open else { return Err(ChainError::Refused("no such round, or answered".into())) };
		open.answer = Some(Given { commitment: answer.map(|answer| answer.commitment) });
		Ok(())
	}
}
