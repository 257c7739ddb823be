//! A chain that is followed by a task of its own, so that what looks at it can do other things meanwhile: nothing that takes long
//! interrupts the looking, and a node that is lost holds up nothing.

use super::{Call, DeliveryChain, View};
use crate::{chain::ChainError, progress::Progress};
use std::{sync::Arc, time::Duration};
use tokio::{
	sync::{mpsc, oneshot, watch},
	task::JoinHandle,
	time::sleep,
};

/// How long at most it waits before it asks a chain again that failed: each failure doubles it.
const LAST_BACK_OFF: Duration = Duration::from_secs(30);
/// How long it waits before it looks again at a runtime that has no deliveries.
const NO_DELIVERIES: Duration = Duration::from_secs(60);
/// Calls that wait to be sent.
const MOST_CALLS: usize = 256;

type Sent = (Call, oneshot::Sender<Result<(), ChainError>>);

/// A chain that is followed.
#[derive(Debug)]
pub struct Followed {
	genesis: [u8; 32],
	views: watch::Receiver<Option<Arc<View>>>,
	calls: Caller,
	task: JoinHandle<ChainError>,
}

/// Sends calls to a chain that is followed.
#[derive(Clone, Debug)]
pub struct Caller(mpsc::Sender<Sent>);

impl Caller {
	/// Sends a call, once.
	///
	/// # Errors
	/// The chain's, or [`ChainError::Refused`] if it is no longer followed or too many wait.
	pub async fn send(&self, call: Call) -> Result<(), ChainError> {
		let (reply, answer) = oneshot::channel();
		let refused = |why: &str| ChainError::Refused(why.into());
		self.0.try_send((call, reply)).map_err(|_| refused("too many wait, or the chain is no longer followed"))?;
		answer.await.map_err(|_| refused("the chain is no longer followed"))?
	}
}

impl Followed {
	/// Follows a chain. A failure is said, and waited out: at first for `first_back_off`.
	pub fn new<C: DeliveryChain + 'static>(chain: C, progress: Progress, first_back_off: Duration) -> Self {
		let genesis = chain.genesis();
		let (sender, views) = watch::channel(None);
		let (calls, receiver) = mpsc::channel(MOST_CALLS);
		let task = tokio::spawn(follow(chain, sender, receiver, progress, first_back_off));
		Self { genesis, views, calls: Caller(calls), task }
	}

	/// Hash of the chain's first block.
	pub const fn genesis(&self) -> [u8; 32] {
		self.genesis
	}

	/// Waits for a block that was not looked at yet. May be dropped before it is ready without missing the newest block.
	///
	/// # Errors
	/// The chain can no longer be followed: the error is final.
	pub async fn next(&mut self) -> Result<Arc<View>, ChainError> {
		loop {
			if self.views.changed().await.is_err() {
				return Err((&mut self.task).await.unwrap_or(ChainError::OtherChain));
			}
			if let Some(view) = self.views.borrow_and_update().clone() {
				return Ok(view);
			}
		}
	}

	/// What sends calls.
	pub fn caller(&self) -> Caller {
		self.calls.clone()
	}
}

impl Drop for Followed {
	fn drop(&mut self) {
		self.task.abort();
	}
}

/// Follows a chain until there is no use in it.
async fn follow<C: DeliveryChain>(
	mut chain: C,
	views: watch::Sender<Option<Arc<View>>>,
	mut calls: mpsc::Receiver<Sent>,
	progress: Progress,
	first_back_off: Duration,
) -> ChainError {
	let mut back_off = first_back_off;
	let mut has_none = false;
	loop {
		let error = tokio::select! {
			Some((call, reply)) = calls.recv() => {
				// Whoever asked may have gone.
				let _ = reply.send(chain.send(call).await);
				continue;
			},
			next = chain.next() => match next {
				Ok(view) => {
					back_off = first_back_off;
					has_none = false;
					views.send_replace(Some(Arc::new(view)));
					continue;
				},
				Err(error) => error,
			},
		};
		match error {
			error if error.is_final() => return error,
			ChainError::NoDeliveries => {
				if !std::mem::replace(&mut has_none, true) {
					progress.say("the runtime has no deliveries yet: nothing is metered");
				}
				sleep(NO_DELIVERIES).await;
			},
			error => {
				progress.warn(format!("deliveries: {error}; asking again in {:.1} s", back_off.as_secs_f64()));
				sleep(back_off).await;
				back_off = (back_off * 2).min(LAST_BACK_OFF);
			},
		}
	}
}
