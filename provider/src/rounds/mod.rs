//! The agent's loop: it looks at each best block, and does for each of its resources what the round asks for.
//!
//! One piece of work runs at a time, for it takes the whole machine. Nothing that the loop keeps in memory matters to what is
//! signed: a restart goes on from the store and the chain.

pub mod step;
pub mod work;

use crate::{
	chain::{Answer, Chain, ChainError, Round, Seen, View},
	config::Mode,
	key::Key,
	progress::Progress,
	serve::Served,
	store::{Record, Store, StoreError},
};
use gcx_evidence::{hex, solve::commitment, Content};
use gcx_primitives::{ResourceId, RoundId};
use std::{
	collections::BTreeMap,
	future::Future,
	pin::pin,
	sync::Arc,
	time::{Duration, Instant},
};
use step::{decide, Given, Skipped, Step};
use thiserror::Error;
use tokio::sync::mpsc;
use work::{WorkError, Workload};

/// Best blocks after which an answer that is not on the chain is sent again.
const SEND_AGAIN_AFTER: u64 = 2;
/// How long it waits before it asks a chain again that failed, at first.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
/// How long at most: each failure doubles it.
const LAST_BACK_OFF: Duration = Duration::from_secs(30);

/// What the agent is told.
#[derive(Clone, Debug)]
pub struct Options {
	/// Whether it solves.
	pub mode: Mode,
	/// As how many devices it answers.
	pub devices: u32,
	/// Whether it stops after one round.
	pub once: bool,
	/// How long it waits before it asks a chain again that failed, at first.
	pub first_back_off: Duration,
}

impl Default for Options {
	fn default() -> Self {
		Self { mode: Mode::Auto, devices: 1, once: false, first_back_off: FIRST_BACK_OFF }
	}
}

/// Why the agent stopped before it was told to.
#[derive(Debug, Error)]
pub enum RunError {
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The store: nothing can be signed safely.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// It was to answer one round, and could not.
	#[error("round {} of resource {}: {why}", .round.0, .resource.0)]
	Once {
		/// The resource.
		resource: ResourceId,
		/// The round.
		round: RoundId,
		/// Why.
		why: String,
	},
}

/// What a piece of work came to.
#[derive(Debug)]
enum Work {
	Prepared(ResourceId, Round, Result<Box<Record>, WorkError>),
	Completed(String, Content, Vec<crate::outputs::Output>),
}

/// What the loop remembers of the round it is at.
#[derive(Debug, Default)]
struct Memo {
	round: RoundId,
	/// Its nonce: on another fork it may have another.
	nonce: [u8; 32],
	/// Whether preparing it was begun.
	begun: bool,
	/// Whether it could not be prepared: it is not tried again.
	failed: bool,
	/// The block at which the answer was sent last.
	sent: Option<u64>,
	/// Why the round was skipped, so that it is said once.
	skipped: Option<Skipped>,
	/// Whether a result of it is signed.
	signed: bool,
	/// Whether it was said that it is closed.
	closed: bool,
}

/// The agent.
pub struct Agent<C> {
	chain: C,
	key: Key,
	store: Arc<Store>,
	served: Arc<Served>,
	options: Options,
	workload: Workload,
	progress: Progress,
	memos: BTreeMap<ResourceId, Memo>,
	busy: bool,
}

impl<C: Chain> Agent<C> {
	/// An agent of a chain.
	pub fn new(
		chain: C,
		key: Key,
		store: Arc<Store>,
		served: Arc<Served>,
		options: Options,
		workload: Workload,
	) -> Self {
		let progress = workload.progress.clone();
		Self { chain, key, store, served, options, workload, progress, memos: BTreeMap::new(), busy: false }
	}

	/// Goes on until `stop` is ready, or, if it was told so, until one round is over.
	///
	/// # Errors
	/// See [`RunError`]. A node that is lost is none: it is asked again, for ever.
	pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), RunError> {
		let (sender, mut finished) = mpsc::channel(1);
		let mut stop = pin!(stop);
		let mut back_off = self.options.first_back_off;
		let mut view: Option<View> = None;
		loop {
			tokio::select! {
				() = &mut stop => return Ok(()),
				Some(work) = finished.recv() => {
					self.busy = false;
					self.take(work)?;
				},
				next = self.chain.next() => match next {
					Ok(next) => {
						back_off = self.options.first_back_off;
						self.served.saw(next.block, next.slot);
						view = Some(next);
					},
					Err(error) if error.is_final() => return Err(error.into()),
					Err(error) => {
						self.progress.warn(format!("{error}; asking again in {:.1} s", back_off.as_secs_f64()));
						tokio::select! {
							() = &mut stop => return Ok(()),
							() = tokio::time::sleep(back_off) => (),
						}
						back_off = (back_off * 2).min(LAST_BACK_OFF);
						continue;
					},
				},
			}
			if let Some(view) = &view {
				if self.look(view, &sender).await? {
					return Ok(());
				}
			}
		}
	}

	/// Looks at every resource. True if it is over.
	async fn look(&mut self, view: &View, sender: &mpsc::Sender<Work>) -> Result<bool, RunError> {
		for seen in &view.seen {
			let memo = self.memos.entry(seen.resource).or_default();
			let over = seen.best.as_ref().is_none_or(|round| round.id != memo.round);
			if over && memo.signed && self.options.once {
				return Ok(true);
			}
			let Some(round) = &seen.best else { continue };
			if over || round.nonce != memo.nonce {
				*memo = Memo { round: round.id, nonce: round.nonce, ..Memo::default() };
			}
			// What is decided can lead to the next step at once: a round has fewer than ten.
			for _ in 0..10 {
				let record = self.store.get(seen.resource, round.id);
				let step = self.decide(view, seen, round, record.as_deref());
				match self.take_step(step, view, seen, round, record, sender).await? {
					Taken::Again => (),
					Taken::Rest => break,
					Taken::Over => return Ok(true),
				}
			}
		}
		Ok(false)
	}

	fn decide(&self, view: &View, seen: &Seen, round: &Round, record: Option<&Record>) -> Step {
		let sent = self.memos.get(&seen.resource).and_then(|memo| memo.sent);
		let given = Given {
			slot: view.slot,
			record,
			sent: sent.is_some(),
			send_now: sent.is_none_or(|block| view.block >= block.saturating_add(SEND_AGAIN_AFTER)),
			devices: self.options.devices,
			mode: self.options.mode,
			account: self.key.account().into(),
		};
		decide(seen, round, &given)
	}

	async fn take_step(
		&mut self,
		step: Step,
		view: &View,
		seen: &Seen,
		round: &Round,
		record: Option<Arc<Record>>,
		sender: &mpsc::Sender<Work>,
	) -> Result<Taken, RunError> {
		let resource = seen.resource;
		match (step, record) {
			(Step::Prepare { solve }, _) => self.prepare(view, resource, round, solve, sender),
			(Step::Answer, Some(record)) => {
				self.answer(view, &record).await;
				return Ok(Taken::Again);
			},
			(Step::Complete, Some(record)) => self.complete(record, sender),
			(Step::Seal, Some(record)) => {
				self.store.seal((resource, round.id), &record.nonce, self.chain.genesis(), &self.key)?;
				self.memos.entry(resource).or_default().signed = true;
				self.say(resource, round.id, "its result is signed and served");
				return Ok(Taken::Again);
			},
			(Step::Done, _) => {
				let memo = self.memos.entry(resource).or_default();
				if !std::mem::replace(&mut memo.closed, true) {
					self.say(resource, round.id, "closed");
				}
				return Ok(if self.options.once { Taken::Over } else { Taken::Rest });
			},
			(Step::Skip(skipped), _) => return self.skip(resource, round.id, skipped),
			(Step::Wait, Some(record)) if record.signature.is_some() => {
				self.memos.entry(resource).or_default().signed = true;
			},
			(Step::Wait | Step::Answer | Step::Complete | Step::Seal, _) => (),
		}
		Ok(Taken::Rest)
	}

	fn prepare(&mut self, view: &View, resource: ResourceId, round: &Round, solve: bool, sender: &mpsc::Sender<Work>) {
		let memo = self.memos.entry(resource).or_default();
		if self.busy || memo.failed {
			return;
		}
		memo.begun = true;
		self.busy = true;
		let slots = round.answer_until.saturating_sub(view.slot);
		let left = Duration::from_millis(view.slot_millis.saturating_mul(slots));
		self.say(resource, round.id, &format!("drawn; {:.0} s to answer", left.as_secs_f64()));
		let (workload, round, sender) = (self.workload.clone(), round.clone(), sender.clone());
		tokio::task::spawn_blocking(move || {
			let prepared = workload.prepare(resource, &round, solve, left).map(Box::new);
			// If nobody listens any more, the agent has stopped.
			let _ = sender.blocking_send(Work::Prepared(resource, round, prepared));
		});
	}

	fn complete(&mut self, record: Arc<Record>, sender: &mpsc::Sender<Work>) {
		if self.busy {
			return;
		}
		self.busy = true;
		let (workload, sender, genesis) = (self.workload.clone(), sender.clone(), self.chain.genesis());
		tokio::task::spawn_blocking(move || {
			let (content, outputs) = workload.complete(genesis, &record);
			let _ = sender.blocking_send(Work::Completed(record.nonce.clone(), content, outputs));
		});
	}

	/// Stores what work came to.
	fn take(&mut self, work: Work) -> Result<(), RunError> {
		match work {
			Work::Prepared(resource, round, Ok(record)) => match self.store.prepare(*record) {
				Ok(_) => Ok(()),
				Err(error @ (StoreError::Sealed { .. } | StoreError::Over { .. })) => {
					self.failed(resource, &round, error.to_string())
				},
				Err(error) => Err(error.into()),
			},
			Work::Prepared(resource, round, Err(error)) => self.failed(resource, &round, error.to_string()),
			Work::Completed(nonce, content, outputs) => {
				self.served.set_outputs(outputs);
				match self.store.complete(&nonce, content) {
					// The chain went on on another fork meanwhile.
					Ok(_) | Err(StoreError::Missing { .. }) => Ok(()),
					Err(error) => Err(error.into()),
				}
			},
		}
	}

	fn failed(&mut self, resource: ResourceId, round: &Round, why: String) -> Result<(), RunError> {
		self.progress.warn(format!("resource {}, round {}: not answered: {why}", resource.0, round.id.0));
		if let Some(memo) =
			self.memos.get_mut(&resource).filter(|memo| memo.round == round.id && memo.nonce == round.nonce)
		{
			memo.failed = true;
		}
		if self.options.once {
			return Err(RunError::Once { resource, round: round.id, why });
		}
		Ok(())
	}

	async fn answer(&mut self, view: &View, record: &Record) {
		let (resource, round) = (record.resource, record.round);
		let answer = record
			.solve
			.as_ref()
			.map(|solve| Answer { order: solve.order, commitment: commitment(&record.solution_hashes()) });
		let asked = Instant::now();
		let sent = self.chain.answer(resource, round, answer).await;
		if let Some(memo) = self.memos.get_mut(&resource) {
			memo.sent = Some(view.block);
		}
		match (sent, answer) {
			(Ok(()), Some(answer)) => {
				let digest = hex::write(&answer.commitment);
				let millis = asked.elapsed().as_millis();
				self.say(resource, round, &format!("answered with order {} and {digest} ({millis} ms)", answer.order));
			},
			(Ok(()), None) => self.say(resource, round, "answered without a solve, as its class asks"),
			(Err(error), _) => self.progress.warn(format!("resource {}, round {}: {error}", resource.0, round.0)),
		}
	}

	fn skip(&mut self, resource: ResourceId, round: RoundId, skipped: Skipped) -> Result<Taken, RunError> {
		let memo = self.memos.entry(resource).or_default();
		if memo.skipped == Some(skipped) {
			return Ok(Taken::Rest);
		}
		// A round that was over before the agent was there is not worth a word.
		let news = memo.begun || memo.sent.is_some() || skipped != Skipped::Missed;
		memo.skipped = Some(skipped);
		if news {
			let why = skipped.describe();
			self.progress.warn(format!("resource {}, round {}: {why}", resource.0, round.0));
			if self.options.once && skipped != Skipped::AnsweredElsewhere {
				return Err(RunError::Once { resource, round, why });
			}
		}
		Ok(Taken::Rest)
	}

	fn say(&self, resource: ResourceId, round: RoundId, what: &str) {
		self.progress.say(format!("resource {}, round {}: {what}", resource.0, round.0));
	}
}

/// What a step led to.
enum Taken {
	/// Decide again.
	Again,
	/// Wait for news.
	Rest,
	/// It is over.
	Over,
}
