//! A chain in memory: blocks are initialised, filled and finalised as a node does it.

use super::*;
use codec::Encode;
use frame_support::genesis_builder_helper::{build_state, get_preset};
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	Slot, BABE_ENGINE_ID,
};
use sp_genesis_builder::PresetId;
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	ApplyExtrinsicResult, Digest, DigestItem, DispatchResultWithInfo,
};
use std::cell::RefCell;

thread_local! {
	/// The last block's header.
	static HEAD: RefCell<Option<Header>> = const { RefCell::new(None) };
}

/// The slot of the first block.
pub const FIRST_SLOT: u64 = 1_000;

/// The genesis configuration of a preset, complete.
pub fn genesis_config(preset: &str) -> serde_json::Value {
	fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
		match (into, patch) {
			(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
				for (key, value) in patch {
					merge(into.entry(key).or_insert(serde_json::Value::Null), value);
				}
			},
			(into, patch) => *into = patch,
		}
	}
	let json = |id: Option<PresetId>| {
		let bytes = get_preset::<RuntimeGenesisConfig>(&id, crate::genesis::preset).expect("the preset exists");
		serde_json::from_slice(&bytes).expect("a preset is JSON")
	};
	let mut config = json(None);
	merge(&mut config, json(Some(preset.into())));
	config
}

/// Runs `test` on the chain of a preset, after its first block, and checks every pallet's invariants at the end.
pub fn on_chain(preset: &str, test: impl FnOnce()) {
	let config = genesis_config(preset);
	sp_io::TestExternalities::new_empty().execute_with(|| {
		build_state::<RuntimeGenesisConfig>(serde_json::to_vec(&config).expect("JSON")).expect("the preset is valid");
		HEAD.set(None);
		next_block(vec![]);
		test();
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::{TryState, TryStateSelect};
			<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(System::block_number(), TryStateSelect::All)
				.expect("the invariants hold after the test");
		}
	});
}

/// Makes the next block, in the next slot, by the validator whose turn it is.
pub fn next_block(extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	let author = (HEAD.with_borrow(|head| head.as_ref().map_or(0, |head| head.number)) + 1) % authorities();
	block_by(author, extrinsics)
}

/// How many sit.
pub fn authorities() -> u32 {
	u32::try_from(Babe::authorities().len()).expect("few").max(1)
}

/// Makes the next block, in the next slot, by the validator of index `author`.
pub fn block_by(author: u32, extrinsics: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
	let parent = HEAD.take();
	let (number, parent_hash) = parent.map_or((1, Hash::zero()), |parent| (parent.number + 1, parent.hash()));
	let slot = FIRST_SLOT + u64::from(number);
	let pre_digest =
		PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: author, slot: Slot::from(slot) });
	let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
	let header = Header::new(number, Hash::zero(), Hash::zero(), parent_hash, digest);

	Executive::initialize_block(&header);
	let now = pallet_timestamp::Call::set { now: slot * SLOT_MILLISECONDS };
	let inherent = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now.into()));
	assert_ok!(inherent.expect("the clock is set in every block"));
	let results = extrinsics.into_iter().map(Executive::apply_extrinsic).collect();
	HEAD.set(Some(Executive::finalize_block()));
	results
}

/// Makes blocks until the next session has begun.
pub fn next_session() {
	let session = Session::current_index();
	while Session::current_index() == session {
		next_block(vec![]);
	}
}

/// A transaction by a well-known account, with its next nonce and no tip.
pub fn signed(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	let call = call.into();
	let nonce = System::account_nonce(who.to_account_id());
	let extension = system::extension(sp_runtime::generic::Era::Immortal, nonce, 0);
	let payload = SignedPayload::new(call.clone(), extension.clone()).expect("there is a genesis hash");
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	UncheckedExtrinsic::new_signed(call, who.to_account_id().into(), signature.into(), extension)
}

/// Dispatches a call as an account, with the filters that a transaction would meet.
pub fn dispatch(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResultWithInfo<PostDispatchInfo> {
	call.into().dispatch(RuntimeOrigin::signed(who.to_account_id()))
}

pub use frame_support::dispatch::PostDispatchInfo;
