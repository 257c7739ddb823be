//! A chain that two nodes share: one builds each block, the other executes it unseen. All is timed.

use crate::{
	exchange::{Exchange, Traders, NOW},
	node::{Client, Executor, Node},
	Result,
};
use codec::{Decode, Encode};
use frame_system::EventRecord;
use futures::executor::block_on;
use gcx_runtime::{
	opaque::Block, units::SLOT_MILLISECONDS, Hash, Header, Nonce, Runtime, RuntimeCall, RuntimeEvent, SignedPayload,
	UncheckedExtrinsic,
};
use sc_block_builder::{BlockBuilderBuilder, BuiltBlock};
use sc_client_api::{Finalizer, StorageProvider};
use sc_consensus::{BlockImport, BlockImportParams, ForkChoiceStrategy, StateAction, StorageChanges};
use sp_blockchain::HeaderBackend;
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	Slot, BABE_ENGINE_ID,
};
use sp_core::{sr25519, storage::StorageKey, Pair};
use sp_runtime::{generic::Era, traits::Block as _, Digest, DigestItem, OpaqueExtrinsic};
use sp_state_machine::BasicExternalities;
use std::time::{Duration, Instant};

/// What a block took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
	/// The author: applying the transactions.
	pub apply: Duration,
	/// The author: finishing the block, above all the state's root.
	pub root: Duration,
	/// The author: importing what it has executed, and finality.
	pub commit: Duration,
	/// The verifier: execution, import and finality.
	pub import: Duration,
}

/// A block that was made.
#[derive(Clone, Copy, Debug)]
pub struct Head {
	hash: Hash,
	number: u32,
	slot: u64,
}

/// The chain.
pub struct Chain {
	/// Who trades on it.
	pub traders: Traders,
	/// The hash of the first block.
	pub genesis: Hash,
	author: Node,
	verifier: Node,
	head: Head,
	/// Blocks are on forks: neither best nor final.
	forks: bool,
}

impl Chain {
	/// Opens two nodes over a prepared exchange.
	pub fn open(exchange: Exchange, executor: &Executor) -> Result<Self> {
		let (author, verifier) = Node::pair(exchange.storage, executor)?;
		let genesis = author.client.info().genesis_hash;
		assert_eq!(genesis, verifier.client.info().genesis_hash, "one genesis");
		let head = Head { hash: genesis, number: 0, slot: NOW / SLOT_MILLISECONDS };
		Ok(Self { traders: exchange.traders, genesis, author, verifier, head, forks: false })
	}

	/// The node that builds blocks.
	pub fn author(&self) -> &Node {
		&self.author
	}

	/// The last block.
	pub fn head(&self) -> Head {
		self.head
	}

	/// From now on blocks are on forks. The next one is made on `head`, in a slot that no other block has.
	pub fn fork_from(&mut self, head: Head) {
		let slot = self.head.slot;
		self.head = Head { slot, ..head };
		self.forks = true;
	}

	/// How many blocks there are.
	pub fn number(&self) -> u32 {
		self.head.number
	}

	/// Makes the next block on both nodes.
	pub fn next_block(&mut self, transactions: Vec<UncheckedExtrinsic>) -> Result<Times> {
		let slot = self.head.slot + 1;
		let pre_digest =
			PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot: Slot::from(slot) });
		let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
		let clock = pallet_timestamp::Call::set { now: slot * SLOT_MILLISECONDS };
		let mut builder = BlockBuilderBuilder::new(&*self.author.client)
			.on_parent_block(self.head.hash)
			.with_parent_block_number(self.head.number)
			.with_inherent_digests(digest)
			.build()?;
		builder.push(UncheckedExtrinsic::new_bare(clock.into()).into())?;
		let transactions: Vec<OpaqueExtrinsic> = transactions.into_iter().map(Into::into).collect();

		let began = Instant::now();
		for transaction in transactions {
			builder.push(transaction)?;
		}
		let apply = began.elapsed();
		let began = Instant::now();
		let BuiltBlock { block, storage_changes } = builder.build()?;
		let root = began.elapsed();

		let executed = StateAction::ApplyChanges(StorageChanges::Changes(storage_changes));
		let commit = self.import(&self.author.client, block.clone(), executed)?;
		let import = self.import(&self.verifier.client, block.clone(), StateAction::Execute)?;
		self.head = Head { hash: block.hash(), number: self.head.number + 1, slot };
		Ok(Times { apply, root, commit, import })
	}

	/// Imports a block and makes it final. Returns what that took.
	fn import(&self, client: &Client, block: Block, action: StateAction<Block>) -> Result<Duration> {
		let hash = block.hash();
		let (header, body): (Header, _) = block.deconstruct();
		let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, header);
		params.body = Some(body);
		params.fork_choice = Some(ForkChoiceStrategy::Custom(!self.forks));
		params.state_action = action;
		let began = Instant::now();
		block_on(client.import_block(params))?;
		if !self.forks {
			client.finalize_block(hash, None, true)?;
		}
		let took = began.elapsed();
		client.header(hash)?.ok_or("the block was not imported")?;
		Ok(took)
	}

	/// What happened in the last block.
	pub fn events(&self) -> Result<Vec<RuntimeEvent>> {
		let key = frame_support::storage::storage_prefix(b"System", b"Events");
		let records: Vec<EventRecord<RuntimeEvent, Hash>> = self.read(&key)?.ok_or("a block has events")?;
		Ok(records.into_iter().map(|record| record.event).collect())
	}

	/// A value of the verifier's state after the last block.
	pub fn read<V: Decode>(&self, key: &[u8]) -> Result<Option<V>> {
		let stored = self.verifier.client.storage(self.head.hash, &StorageKey(key.to_vec()))?;
		Ok(stored.map(|stored| V::decode(&mut &stored.0[..])).transpose()?)
	}

	/// The number of an account's next transaction.
	pub fn nonce(&self, of: &sr25519::Pair) -> Result<Nonce> {
		let key = frame_system::Account::<Runtime>::hashed_key_for(exchange_account(of));
		let info: Option<frame_system::AccountInfo<Nonce, pallet_balances::AccountData<u128>>> = self.read(&key)?;
		Ok(info.map_or(0, |info| info.nonce))
	}

	/// Runs what needs the chain's genesis hash and nothing else of its state.
	pub fn with_genesis<R>(&self, run: impl FnOnce() -> R) -> R {
		BasicExternalities::default().execute_with(|| {
			frame_system::BlockHash::<gcx_runtime::Runtime>::insert(0, self.genesis);
			run()
		})
	}

	/// A transaction for this chain.
	pub fn signed(&self, by: &sr25519::Pair, nonce: Nonce, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
		let call = call.into();
		let extension = gcx_runtime::configs::system::extension(Era::Immortal, nonce, 0);
		self.with_genesis(|| {
			let payload = SignedPayload::new(call.clone(), extension.clone()).expect("there is a genesis hash");
			let signature = payload.using_encoded(|bytes| by.sign(bytes));
			UncheckedExtrinsic::new_signed(call, exchange_account(by).into(), signature.into(), extension)
		})
	}
}

/// The account of a key.
fn exchange_account(of: &sr25519::Pair) -> gcx_runtime::AccountId {
	of.public().into()
}
