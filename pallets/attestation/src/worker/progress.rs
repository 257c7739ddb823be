//! What the worker keeps of a round until that is over.

use crate::{Config, Finding, Rounds};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use gcx_primitives::{ResourceId, RoundId};
use sp_runtime::{
	offchain::storage::{StorageRetrievalError, StorageValueRef},
	AccountId32,
};

const SECRET_KEY: &[u8] = b"gcx::attestation::secret";
const LIST_KEY: &[u8] = b"gcx::attestation::rounds";

/// The most rounds that are kept. More than there can be open ones, on some forks.
const MOST: usize = 1_024;

/// How often the list is written that another run changed meanwhile.
const TRIES: u32 = 8;

/// How far an attestor has come in a round.
#[derive(Clone, Debug, Decode, Default, Encode, PartialEq, Eq)]
pub(super) struct Progress {
	/// Requests that brought nothing.
	pub tries: u32,
	/// The time before which there is no other, in milliseconds since the Unix epoch.
	pub next_try: u64,
	/// What was found. It never changes: it may have been signed.
	pub finding: Option<Finding>,
	/// The slot in which a commitment was sent last.
	pub committed: Option<u64>,
	/// The slot in which the finding was sent last.
	pub revealed: Option<u64>,
	/// The chain has a commitment of which nothing is known here.
	pub lost: bool,
}

/// An attestor and a round.
#[derive(Clone, Debug, Decode, Encode, PartialEq, Eq)]
pub(super) struct ProgressKey {
	pub resource: ResourceId,
	pub round: RoundId,
	/// [`crate::Round::digest`]: on another fork the round of the same number is another.
	pub drawn: [u8; 32],
	pub attestor: AccountId32,
}

impl ProgressKey {
	fn key(&self) -> Vec<u8> {
		(b"gcx::attestation::round", self).encode()
	}

	/// What is kept; none if there is nothing.
	pub fn read(&self) -> Option<Progress> {
		StorageValueRef::persistent(&self.key()).get().ok().flatten()
	}

	/// Keeps it.
	pub fn write(&self, progress: &Progress) {
		StorageValueRef::persistent(&self.key()).set(progress);
	}

	/// Notes that something is kept under this key, so that it is forgotten when the round is over. Of more than there is room
	/// for the oldest are forgotten.
	pub fn enlist(&self) {
		let dropped = change_list(|list| {
			if !list.contains(self) {
				list.push(self.clone());
			}
			let surplus = list.len().saturating_sub(MOST);
			list.drain(..surplus).collect()
		});
		dropped.iter().for_each(Self::forget);
	}

	fn forget(&self) {
		StorageValueRef::persistent(&self.key()).clear();
	}
}

/// Forgets what is kept of rounds that are over.
pub(super) fn forget_closed<T: Config>() {
	let is_over = |key: &ProgressKey| match Rounds::<T>::get(key.resource) {
		Some(round) => round.id > key.round || (round.id == key.round && round.outcome.is_some()),
		None => false,
	};
	let list: Vec<ProgressKey> = StorageValueRef::persistent(LIST_KEY).get().ok().flatten().unwrap_or_default();
	let over: Vec<_> = list.into_iter().filter(is_over).collect();
	if over.is_empty() {
		return;
	}
	let dropped = change_list(|list| {
		list.retain(|key| !over.contains(key));
		over.clone()
	});
	dropped.iter().for_each(ProgressKey::forget);
}

/// Changes the list and says what was dropped of it; nothing is, if other runs are in the way again and again.
fn change_list(change: impl Fn(&mut Vec<ProgressKey>) -> Vec<ProgressKey>) -> Vec<ProgressKey> {
	let storage = StorageValueRef::persistent(LIST_KEY);
	for _ in 0..TRIES {
		let mut dropped = Vec::new();
		let written = storage.mutate(|list: Result<Option<Vec<ProgressKey>>, StorageRetrievalError>| {
			let mut list = list.ok().flatten().unwrap_or_default();
			dropped = change(&mut list);
			Ok::<_, ()>(list)
		});
		if written.is_ok() {
			return dropped;
		}
	}
	Vec::new()
}

/// The node's secret: drawn once, by whichever run needs it first.
pub(super) fn secret() -> [u8; 32] {
	let storage = StorageValueRef::persistent(SECRET_KEY);
	let kept = || storage.get::<[u8; 32]>().ok().flatten();
	if let Some(secret) = kept() {
		return secret;
	}
	let drawn = sp_io::offchain::random_seed();
	let written = storage.mutate(|secret: Result<Option<[u8; 32]>, StorageRetrievalError>| {
		Ok::<_, ()>(secret.ok().flatten().unwrap_or(drawn))
	});
	// Another run was faster: what it drew is the secret.
	written.ok().or_else(kept).unwrap_or(drawn)
}
