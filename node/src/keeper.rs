//! The keeper: a task that does for the exchange what anyone may do, and what the chain does by itself a little later.
//!
//! With every new best block it has the runtime begin the next one, on a copy of the state that is thrown away, and asks it
//! which accounts are to be liquidated and which defaults go on even then. It submits the calls, signed with a key of its
//! own, to the node's transaction pool. Each is tried on that copy before: what the chain does itself in the next block, or
//! what would fail, is not submitted. The chain depends on none of this, and the node goes on without it.
//!
//! It speaks the language of the runtime that the node was built with. When an upgrade changes how transactions are
//! encoded, it stands still until the node is updated.

mod duties;

use crate::{client::FullClient, error::Error};
use codec::Encode;
use duties::{Duty, Findings, Memory, Rota, MEMORY};
use frame_system_rpc_runtime_api::AccountNonceApi;
use futures::{FutureExt, StreamExt};
use gcx_runtime::{
	configs::system, opaque::Block, AccountId, BlockNumber, Hash, Header, Nonce, RuntimeCall, SignedPayload,
	UncheckedExtrinsic, VERSION,
};
use gcx_runtime_api::ClearingApi;
use prometheus_endpoint::{register, Counter, PrometheusError, Registry, U64};
use sc_client_api::{BlockchainEvents, HeaderBackend};
use sc_service::ChainType;
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::{InPoolTransaction, TransactionPool, TransactionSource};
use sp_api::{ApiError, ApiExt, CallApiAt, CallContext, Core, ProvideRuntimeApi, TransactionOutcome};
use sp_block_builder::BlockBuilder;
use sp_consensus::SyncOracle;
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_keystore::KeystorePtr;
use sp_runtime::{generic::Era, Digest, ExtrinsicInclusionMode, OpaqueExtrinsic};
use std::{
	collections::HashSet,
	mem::{discriminant, Discriminant},
	num::NonZeroU32,
	sync::Arc,
};

/// The type of the keeper's key in the keystore, for `key insert --key-type keep --scheme sr25519`.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"keep");

/// The most accounts that the runtime is asked about at a block, the most urgent first. Those in an auction count, and working out
/// what of them is for sale takes the runtime a millisecond or two each.
const MOST_LOOKED_AT: u32 = 200;

/// Blocks after its birth in which a transaction can be included: a power of two. When it is forgotten, so that it may be made again, the
/// old one is not valid any more.
const LIFETIME: u32 = 8;
const _: () = assert!(LIFETIME <= MEMORY && LIFETIME.is_power_of_two());

const LOG_TARGET: &str = "keeper";

/// How the command line wants a keeper to be.
#[derive(Clone)]
pub struct Settings {
	/// The secret of its account, if that is not in the keystore.
	pub seed: Option<String>,
	/// Every how many blocks it looks at a guarantor's use of the insurance pool; never if none.
	pub refresh_every: Option<NonZeroU32>,
}

impl Settings {
	/// Refuses a seed on the command line, which everyone on the machine can read, unless the chain is there to be thrown away.
	///
	/// # Errors
	/// [`Error::KeeperSeedOnLiveChain`].
	pub fn require_allowed(&self, spec: &str, chain: &ChainType) -> Result<(), Error> {
		let is_for_tests = match chain {
			ChainType::Development | ChainType::Local => true,
			ChainType::Live | ChainType::Custom(_) => false,
		};
		if self.seed.is_some() && !is_for_tests {
			return Err(Error::KeeperSeedOnLiveChain { spec: spec.into() });
		}
		Ok(())
	}

	/// The keeper's public key: of the seed, or the only one of its type in the keystore. A seed is not written to disk.
	///
	/// # Errors
	/// [`Error::KeeperSeed`], [`Error::NoKeeperKey`], [`Error::SeveralKeeperKeys`].
	fn public_key(&self, keystore: &KeystorePtr) -> Result<sr25519::Public, Error> {
		if let Some(seed) = &self.seed {
			return keystore.sr25519_generate_new(KEY_TYPE, Some(seed)).map_err(|_| Error::KeeperSeed);
		}
		match *keystore.sr25519_public_keys(KEY_TYPE) {
			[] => Err(Error::NoKeeperKey),
			[key] => Ok(key),
			ref keys => Err(Error::SeveralKeeperKeys { count: keys.len() }),
		}
	}
}

/// Why a keeper did not do what it wanted to at a block.
#[derive(Debug, thiserror::Error)]
enum Trouble {
	#[error(
		"the chain's transactions are of version {chain} and this node knows version {VERSION_KNOWN}: update the node"
	)]
	OtherTransactions { chain: u32 },
	#[error("the runtime does not answer: {0}")]
	Runtime(#[from] ApiError),
	#[error("the keystore does not sign: {0}")]
	Signature(String),
	#[error("the transaction pool refuses, has the account enough to pay fees with? {0}")]
	Pool(String),
}

const VERSION_KNOWN: u32 = VERSION.transaction_version;

/// What Prometheus counts.
struct Metrics {
	submitted: Counter<U64>,
	failed: Counter<U64>,
}

impl Metrics {
	fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let counter = |name, help| register(Counter::new(name, help)?, registry);
		Ok(Self {
			submitted: counter("gcx_keeper_submitted_total", "Transactions that the pool took from the keeper")?,
			failed: counter("gcx_keeper_failed_total", "Blocks at which the keeper could not do what it wanted to")?,
		})
	}
}

/// The block at which a keeper works.
#[derive(Clone, Copy)]
struct Head {
	hash: Hash,
	parent: Hash,
	number: BlockNumber,
	spec_version: u32,
}

impl Head {
	/// The next block as far as it is known.
	fn next(self) -> Header {
		Header {
			parent_hash: self.hash,
			number: self.number.saturating_add(1),
			state_root: Hash::zero(),
			extrinsics_root: Hash::zero(),
			digest: Digest::default(),
		}
	}
}

/// What the keeper's signatures are made with.
struct Signer {
	keystore: KeystorePtr,
	public: sr25519::Public,
	genesis: Hash,
}

impl Signer {
	/// A transaction that can be included in the next few blocks.
	fn sign(&self, call: RuntimeCall, nonce: Nonce, head: Head) -> Result<OpaqueExtrinsic, Trouble> {
		let payload = payload(call, nonce, head, self.genesis);
		let signature = payload.using_encoded(|bytes| self.keystore.sr25519_sign(KEY_TYPE, &self.public, bytes));
		let signature = signature.map_err(|error| Trouble::Signature(error.to_string()))?;
		let signature = signature.ok_or_else(|| Trouble::Signature("the key is gone".into()))?;
		let (call, extension, _) = payload.deconstruct();
		Ok(UncheckedExtrinsic::new_signed(call, self.account().into(), signature.into(), extension).into())
	}

	fn account(&self) -> AccountId {
		self.public.into()
	}
}

/// What is signed. It is born with the parent of `head`: a pool that has not seen `head` yet knows that block, too.
fn payload(call: RuntimeCall, nonce: Nonce, head: Head, genesis: Hash) -> SignedPayload {
	let Head { hash: _, parent, number, spec_version } = head;
	let era = Era::mortal(LIFETIME.into(), number.saturating_sub(1).into());
	let implicit = ((), (), spec_version, VERSION_KNOWN, genesis, parent, (), (), (), None, ());
	SignedPayload::from_raw(call, system::extension(era, nonce, 0), implicit)
}

/// The nonce after those that transactions in the pool use already, given what the ready ones provide in the pool's order.
fn next_nonce<'a>(account: &AccountId, first: Nonce, provided: impl Iterator<Item = &'a [u8]>) -> Nonce {
	provided.fold(first, |nonce, tag| if tag == (account, nonce).encode() { nonce.saturating_add(1) } else { nonce })
}

/// A keeper over a node's chain and transaction pool.
pub struct Keeper {
	client: Arc<FullClient>,
	pool: Arc<TransactionPoolHandle<Block, FullClient>>,
	signer: Signer,
	memory: Memory,
	rota: Rota,
	metrics: Option<Metrics>,
	warned: HashSet<Discriminant<Trouble>>,
}

impl Keeper {
	/// A keeper that is ready to run.
	///
	/// # Errors
	/// [`Error::KeeperSeed`], [`Error::NoKeeperKey`] or [`Error::SeveralKeeperKeys`] if it is not clear which key it signs with.
	pub fn new(
		settings: &Settings,
		client: Arc<FullClient>,
		pool: Arc<TransactionPoolHandle<Block, FullClient>>,
		keystore: KeystorePtr,
		registry: Option<&Registry>,
	) -> Result<Self, Error> {
		let public = settings.public_key(&keystore)?;
		let genesis = client.info().genesis_hash;
		let metrics = registry.and_then(|registry| {
			Metrics::register(registry)
				.inspect_err(|error| log::warn!(target: LOG_TARGET, "the keeper is not counted: {error}"))
				.ok()
		});
		Ok(Self {
			client,
			pool,
			signer: Signer { keystore, public, genesis },
			memory: Memory::default(),
			rota: Rota::new(settings.refresh_every),
			metrics,
			warned: HashSet::new(),
		})
	}

	/// Keeps the exchange for as long as blocks come.
	pub async fn run(mut self, sync: impl SyncOracle) {
		log::info!(target: LOG_TARGET, "🧹 Keeper acts as {}", self.signer.account());
		let mut imports = self.client.import_notification_stream();
		while let Some(mut block) = imports.next().await {
			// Only the newest of the blocks that came in the meantime matters.
			while let Some(Some(newer)) = imports.next().now_or_never() {
				if newer.is_new_best {
					block = newer;
				}
			}
			if !block.is_new_best || sync.is_major_syncing() {
				continue;
			}
			// The notification keeps the state of its block from being pruned.
			if let Err(trouble) = self.keep(block.hash, &block.header).await {
				self.report(&trouble);
			}
		}
	}

	/// Does what is due at a block.
	async fn keep(&mut self, hash: Hash, header: &Header) -> Result<(), Trouble> {
		let version = self.client.runtime_version_at(hash, CallContext::Offchain)?;
		if version.transaction_version != VERSION_KNOWN {
			return Err(Trouble::OtherTransactions { chain: version.transaction_version });
		}
		let (parent, number) = (header.parent_hash, header.number);
		let head = Head { hash, parent, number, spec_version: version.spec_version };
		let (duties, nonce) = self.duties(head)?;
		for duty in duties {
			let nonce = self.nonce_after_waiting(nonce);
			let transaction = self.signer.sign(duty.call(), nonce, head)?;
			let submitted = self.pool.submit_one(hash, TransactionSource::Local, transaction).await;
			submitted.map_err(|error| Trouble::Pool(error.to_string()))?;
			log::info!(target: LOG_TARGET, "🧹 Submitted {duty:?}");
			self.memory.note(duty, number);
			if let Some(metrics) = &self.metrics {
				metrics.submitted.inc();
			}
		}
		Ok(())
	}

	/// What there is to do that the chain does not do itself when the next block begins, and the keeper's nonce then.
	fn duties(&mut self, head: Head) -> Result<(Vec<Duty>, Nonce), Trouble> {
		let Head { hash, number, .. } = head;
		let api = self.client.runtime_api();
		// What this changes is seen by the calls that follow, and goes with `api`.
		let mode = api.initialize_block(hash, &head.next())?;
		let nonce = api.account_nonce(hash, self.signer.account())?;
		self.memory.forget(number);
		if mode == ExtrinsicInclusionMode::OnlyInherents {
			return Ok((Vec::new(), nonce));
		}
		let due_defaults = api.due_defaults(hash)?;
		let is_time = self.rota.is_time(number);
		let (mut defaults, mut turn) = (Vec::new(), None);
		if is_time || !due_defaults.is_empty() {
			let pool = api.pool(hash)?;
			defaults = pool.defaults;
			if is_time {
				turn = self.rota.take(pool.guarantors.into_iter().map(|view| view.guarantor).collect());
			}
		}
		let liquidations = api.liquidatable(hash, MOST_LOOKED_AT)?;
		let mut duties = Vec::new();
		for duty in (Findings { due_defaults, defaults, liquidations, turn }).duties(&self.memory) {
			let transaction = self.signer.sign(duty.call(), nonce, head)?;
			let outcome =
				api.execute_in_transaction(|api| TransactionOutcome::Rollback(api.apply_extrinsic(hash, transaction)))?;
			match outcome {
				// What is not valid here may be elsewhere: that is for the pool to judge.
				Ok(Ok(())) | Err(_) => duties.push(duty),
				Ok(Err(error)) => {
					log::debug!(target: LOG_TARGET, "Not submitted, {error:?}: {duty:?}");
					self.memory.note(duty, number);
				},
			}
		}
		Ok((duties, nonce))
	}

	/// The nonce after those of the keeper's transactions that wait in the pool.
	fn nonce_after_waiting(&self, first: Nonce) -> Nonce {
		let ready: Vec<_> = self.pool.ready().collect();
		let provided = ready.iter().filter_map(|waiting| waiting.provides().first().map(Vec::as_slice));
		next_nonce(&self.signer.account(), first, provided)
	}

	/// Says what went wrong: aloud the first time that it is of this kind.
	fn report(&mut self, trouble: &Trouble) {
		if let Some(metrics) = &self.metrics {
			metrics.failed.inc();
		}
		if self.warned.insert(discriminant(trouble)) {
			log::warn!(target: LOG_TARGET, "the keeper cannot do its work: {trouble}");
		} else {
			log::debug!(target: LOG_TARGET, "the keeper cannot do its work: {trouble}");
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Decode;
	use gcx_runtime::System;
	use sp_core::Pair;
	use sp_io::TestExternalities;
	use sp_keystore::{testing::MemoryKeystore, Keystore as _};
	use sp_runtime::{generic::Preamble, traits::Verify};

	fn settings(seed: Option<&str>) -> Settings {
		Settings { seed: seed.map(Into::into), refresh_every: None }
	}

	fn keystore(seeds: &[&str]) -> KeystorePtr {
		let keystore = MemoryKeystore::new();
		for seed in seeds {
			keystore.sr25519_generate_new(KEY_TYPE, Some(seed)).unwrap();
		}
		keystore.into()
	}

	fn public(seed: &str) -> sr25519::Public {
		sr25519::Pair::from_string(seed, None).unwrap().public()
	}

	const GENESIS: Hash = Hash::repeat_byte(1);
	const HEAD: Head = Head {
		hash: Hash::repeat_byte(8),
		parent: Hash::repeat_byte(7),
		number: 40,
		spec_version: VERSION.spec_version,
	};

	#[test]
	fn seed_is_refused_when_the_chain_is_not_for_tests() {
		for chain in [ChainType::Live, ChainType::Custom("staging".into())] {
			let refused = settings(Some("//Alice")).require_allowed("gcx", &chain);
			let sentence = refused.unwrap_err().to_string();
			assert!(sentence.contains("`gcx`") && sentence.contains("key insert"), "{sentence}");
			assert!(!sentence.contains("Alice"), "a secret is not repeated: {sentence}");
			assert!(settings(None).require_allowed("gcx", &chain).is_ok());
		}
		for chain in [ChainType::Development, ChainType::Local] {
			assert!(settings(Some("//Alice")).require_allowed("gcx_dev", &chain).is_ok());
		}
	}

	#[test]
	fn keeper_signs_with_the_only_key_of_its_type() {
		let key = |seeds: &[&str], seed| settings(seed).public_key(&keystore(seeds));
		assert!(matches!(key(&[], None), Err(Error::NoKeeperKey)));
		assert_eq!(key(&["//Bob"], None).unwrap(), public("//Bob"));
		assert!(matches!(key(&["//Bob", "//Charlie"], None), Err(Error::SeveralKeeperKeys { count: 2 })));
		assert_eq!(key(&["//Bob"], Some("//Alice")).unwrap(), public("//Alice"));
		assert!(matches!(key(&[], Some("no such words")), Err(Error::KeeperSeed)));
	}

	#[test]
	fn nonce_follows_the_transactions_that_wait_in_the_pool() {
		let (own, other) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
		let tags = [(&other, 3), (&own, 3), (&other, 4), (&own, 4), (&own, 6)].map(|tag: (_, Nonce)| tag.encode());
		let next = |first| next_nonce(&own, first, tags.iter().map(Vec::as_slice));
		assert_eq!(next(2), 2);
		assert_eq!(next(3), 5);
		assert_eq!(next(4), 5);
		assert_eq!(next(5), 5);
		assert_eq!(next(6), 7);
	}

	/// The states in which [`HEAD`] and the block after it are made.
	fn states() -> [TestExternalities; 2] {
		[40, 41].map(|last| {
			let mut state = TestExternalities::default();
			state.execute_with(|| {
				let parents = [(1, GENESIS), (40, HEAD.parent), (41, HEAD.hash)];
				for (number, parent) in parents.iter().filter(|(number, _)| *number <= last) {
					System::set_block_number(number - 1);
					System::initialize(number, parent, &Digest::default());
				}
			});
			state
		})
	}

	#[test]
	fn what_is_signed_is_what_the_runtime_checks() {
		let call = Duty::AdvanceRedemptions.call();
		let signed = payload(call.clone(), 5, HEAD, GENESIS);
		for mut state in states() {
			state.execute_with(|| {
				let era = Era::mortal(LIFETIME.into(), 39);
				let checked = SignedPayload::new(call.clone(), system::extension(era, 5, 0)).unwrap();
				assert_eq!(signed.encode(), checked.encode());
			});
		}
	}

	#[test]
	fn transaction_carries_a_signature_of_the_keepers_account() {
		let signer = Signer { keystore: keystore(&["//Alice"]), public: public("//Alice"), genesis: GENESIS };
		let call = Duty::AdvanceRedemptions.call();
		let transaction = signer.sign(call.clone(), 5, HEAD).unwrap();
		let transaction = UncheckedExtrinsic::decode(&mut &*transaction.encode()).unwrap();
		assert_eq!(transaction.function, call);
		let Preamble::Signed(address, signature, _) = transaction.preamble else { panic!("it is signed") };
		assert_eq!(address, signer.account().into());
		let signed = payload(call, 5, HEAD, GENESIS);
		assert!(signed.using_encoded(|bytes| signature.verify(bytes, &signer.account())));
	}

	#[test]
	fn transaction_is_dead_when_it_may_be_made_again() {
		let made = u64::from(HEAD.number);
		let dies = Era::mortal(LIFETIME.into(), made - 1).death(made);
		assert!(dies > made + 1 && dies <= made + u64::from(MEMORY), "it dies with block {dies}");
	}
}
