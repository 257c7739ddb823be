//! The attestor's part of a node. The work itself is the runtime's off-chain worker (`pallet-attestation`); the node gives it
//! the gateway to read results from, which stands in the node's own storage and never on the chain, and shows what it counted.

use gcx_runtime::AccountId;
use pallet_attestation::{
	worker::{Gateway, WorkerCounters, COUNTERS_KEY, GATEWAY_KEY},
	KEY_TYPE,
};
use prometheus_endpoint::{register, MetricSource, Opts, PrometheusError, Registry, SourcedCounter};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use sp_keystore::KeystorePtr;

const LOG_TARGET: &str = "attestor";

/// Reads the address of a gateway from the command line.
///
/// # Errors
/// It is no URL that a worker would read from.
pub fn gateway(text: &str) -> Result<String, String> {
	Gateway::parse(text.as_bytes()).map(|_| text.into()).map_err(|error| error.to_string())
}

/// Prepares a node for its attestors, if it has any: the gateway, the metrics, and advice in the log. Without off-chain storage
/// there is nothing to prepare.
pub fn prepare<Storage: OffchainStorage + 'static>(
	storage: Option<Storage>,
	keystore: &KeystorePtr,
	gateway: Option<&str>,
	workers_run: bool,
	registry: Option<&Registry>,
) {
	let Some(mut storage) = storage else { return };
	set_gateway(&mut storage, gateway);
	for sentence in advice(!keys(keystore).is_empty(), gateway.is_some(), workers_run) {
		log::warn!(target: LOG_TARGET, "{sentence}");
	}
	if let Some(Err(error)) = registry.map(|registry| export(storage, registry)) {
		log::warn!(target: LOG_TARGET, "the attestor's work is not counted: {error}");
	}
}

/// Gives the off-chain worker its gateway. Without one it forgets the one it had.
fn set_gateway(storage: &mut impl OffchainStorage, gateway: Option<&str>) {
	match gateway {
		Some(url) => storage.set(STORAGE_PREFIX, GATEWAY_KEY, url.as_bytes()),
		None => storage.remove(STORAGE_PREFIX, GATEWAY_KEY),
	}
}

/// What the worker counted so far.
pub fn counters(storage: &impl OffchainStorage) -> WorkerCounters {
	let stored = storage.get(STORAGE_PREFIX, COUNTERS_KEY);
	stored.and_then(|bytes| WorkerCounters::read(&bytes)).unwrap_or_default()
}

/// Whether the worker has a gateway.
pub fn has_gateway(storage: &impl OffchainStorage) -> bool {
	storage.get(STORAGE_PREFIX, GATEWAY_KEY).is_some()
}

/// The attestors whose keys are in the keystore.
pub fn keys(keystore: &KeystorePtr) -> Vec<AccountId> {
	keystore.sr25519_public_keys(KEY_TYPE).into_iter().map(AccountId::from).collect()
}

/// What an attestor lacks: it would miss every round and not know why.
fn advice(has_key: bool, has_gateway: bool, workers_run: bool) -> Vec<&'static str> {
	let mut advice = Vec::new();
	if (has_key || has_gateway) && !workers_run {
		advice.push(
			"an attestor's work is done by off-chain workers, and this node runs none: pass `--offchain-worker always`",
		);
	}
	if has_key && !has_gateway {
		advice.push("there is an attestor's key, and no gateway to read results from: pass `--benchmark-gateway`");
	}
	if has_gateway && !has_key {
		advice.push(
			"there is a gateway, and no attestor's key: put one into the keystore with `key insert --key-type atst --scheme \
			 sr25519`",
		);
	}
	advice
}

/// What the worker did, by step.
fn steps(counters: &WorkerCounters) -> Vec<(String, u64)> {
	let WorkerCounters {
		rounds_seen,
		fetches,
		accepted,
		commits,
		reveals,
		resent,
		without_gateway,
		bad_gateway,
		lost,
		unsigned,
		unsubmitted,
		refusals: _,
	} = counters;
	let steps = [
		("roundSeen", rounds_seen),
		("fetch", fetches),
		("accepted", accepted),
		("commit", commits),
		("reveal", reveals),
		("resent", resent),
		("withoutGateway", without_gateway),
		("badGateway", bad_gateway),
		("lost", lost),
		("unsigned", unsigned),
		("unsubmitted", unsubmitted),
	];
	steps.map(|(step, count)| (step.into(), *count)).into()
}

/// The reasons of refusals, as JSON-RPC writes them.
fn reasons(counters: &WorkerCounters) -> Vec<(String, u64)> {
	let name = |reason| serde_json::to_value(reason).ok()?.as_str().map(Into::into);
	counters.refusals.iter().filter_map(|(reason, count)| Some((name(reason)?, *count))).collect()
}

/// The worker's counters for Prometheus, read when it asks.
#[derive(Clone)]
struct Source<Storage> {
	storage: Storage,
	what: fn(&WorkerCounters) -> Vec<(String, u64)>,
}

impl<Storage: OffchainStorage> MetricSource for Source<Storage> {
	type N = u64;

	fn collect(&self, mut set: impl FnMut(&[&str], u64)) {
		for (label, count) in (self.what)(&counters(&self.storage)) {
			set(&[&label], count);
		}
	}
}

/// Exports what the worker counts.
///
/// # Errors
/// Something of the name is exported already.
fn export(storage: impl OffchainStorage + 'static, registry: &Registry) -> Result<(), PrometheusError> {
	let source = |what| Source { storage: storage.clone(), what };
	let work = Opts::new("gcx_attestor_work_total", "What the attestor's worker did").variable_label("step");
	let refusals = Opts::new("gcx_attestor_refusals_total", "Results that the attestor's worker did not accept")
		.variable_label("reason");
	register(SourcedCounter::new(&work, source(steps))?, registry)?;
	register(SourcedCounter::new(&refusals, source(reasons))?, registry)?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use sp_core::offchain::storage::InMemOffchainStorage;

	#[test]
	fn worker_is_told_its_gateway_and_forgets_it_when_there_is_none() {
		let mut storage = InMemOffchainStorage::default();
		set_gateway(&mut storage, Some("http://127.0.0.1:8787"));
		assert_eq!(storage.get(STORAGE_PREFIX, GATEWAY_KEY).as_deref(), Some(&b"http://127.0.0.1:8787"[..]));
		set_gateway(&mut storage, None);
		assert_eq!(storage.get(STORAGE_PREFIX, GATEWAY_KEY), None);
	}

	#[test]
	fn attestor_is_told_what_it_lacks() {
		assert!(advice(false, false, false).is_empty());
		assert!(advice(true, true, true).is_empty());
		let said = |has_key, has_gateway, workers_run, what| {
			let advice = advice(has_key, has_gateway, workers_run);
			assert!(advice.iter().any(|sentence| sentence.contains(what)), "{advice:?}");
		};
		said(true, true, false, "--offchain-worker always");
		said(true, false, true, "--benchmark-gateway");
		said(false, true, true, "key insert --key-type atst");
	}

	#[test]
	fn counters_are_those_that_the_worker_stored() {
		let mut storage = InMemOffchainStorage::default();
		assert_eq!(counters(&storage), WorkerCounters::default());
		storage.set(STORAGE_PREFIX, COUNTERS_KEY, b"no counters");
		assert_eq!(counters(&storage), WorkerCounters::default());
		let counted = WorkerCounters { commits: 3, ..Default::default() };
		storage.set(STORAGE_PREFIX, COUNTERS_KEY, &counted.encode());
		assert_eq!(counters(&storage), counted);
	}
}
