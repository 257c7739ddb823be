//! What the worker of this node has done, for its metrics.

use alloc::vec::Vec;
use codec::{Decode, DecodeAll, Encode};
use gcx_evidence::Reason;
use serde::{Deserialize, Serialize};
use sp_runtime::offchain::storage::{StorageRetrievalError, StorageValueRef};

/// The key of the node's persistent off-chain storage under which its counters are: [`WorkerCounters`] in SCALE.
pub const COUNTERS_KEY: &[u8] = b"gcx::attestation::counters";

/// How often counters are written that another run changed meanwhile.
const TRIES: u32 = 8;

/// What the worker of this node has done since its storage began.
#[derive(Clone, Debug, Decode, Default, Deserialize, Encode, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerCounters {
	/// Rounds whose panel an attestor of this node was on.
	pub rounds_seen: u64,
	/// Requests to the gateway.
	pub fetches: u64,
	/// Documents that held together.
	pub accepted: u64,
	/// Commitments that the node's pool took.
	pub commits: u64,
	/// Findings that the node's pool took.
	pub reveals: u64,
	/// Transactions that were sent again because they did not appear on the chain.
	pub resent: u64,
	/// Times that there was something to examine and no gateway.
	pub without_gateway: u64,
	/// Times that the gateway's address was none.
	pub bad_gateway: u64,
	/// Commitments whose finding is not kept here.
	pub lost: u64,
	/// Times that the keystore did not sign.
	pub unsigned: u64,
	/// Transactions that the node's pool did not take.
	pub unsubmitted: u64,
	/// How many requests ended with which reason, by reason.
	pub refusals: Vec<(Reason, u64)>,
}

impl WorkerCounters {
	/// Reads what is under [`COUNTERS_KEY`]; none if it is something else.
	pub fn read(bytes: &[u8]) -> Option<Self> {
		Self::decode_all(&mut &bytes[..]).ok()
	}

	/// Requests that ended with this reason.
	pub fn refused(&self, reason: Reason) -> u64 {
		self.refusals.iter().find(|(counted, _)| *counted == reason).map_or(0, |(_, count)| *count)
	}

	pub(super) fn refuse(&mut self, reason: Reason) {
		match self.refusals.binary_search_by_key(&reason, |(counted, _)| *counted) {
			Ok(place) => {
				if let Some((_, count)) = self.refusals.get_mut(place) {
					*count = count.saturating_add(1);
				}
			},
			Err(place) => self.refusals.insert(place, (reason, 1)),
		}
	}
}

/// Counts something. Counters that cannot be read begin anew.
pub(super) fn count(what: impl Fn(&mut WorkerCounters)) {
	let storage = StorageValueRef::persistent(COUNTERS_KEY);
	for _ in 0..TRIES {
		let written = storage.mutate(|counters: Result<Option<WorkerCounters>, StorageRetrievalError>| {
			let mut counters = counters.ok().flatten().unwrap_or_default();
			what(&mut counters);
			Ok::<_, ()>(counters)
		});
		if written.is_ok() {
			return;
		}
	}
}
