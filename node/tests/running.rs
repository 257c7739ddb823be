//! A node that was started as an operator would start it.

mod common;

use common::{Node, FINALISING};
use serde_json::{json, Value};

#[test]
fn development_node_finalises_blocks_and_serves_what_operators_rely_on() {
	// A chain specification has the runtime's code in it, which is not compressed in a build for tests.
	let mut node = Node::start(&["--dev", "--rpc-max-response-size=32"]);
	node.wait_until_final(1);

	assert_eq!(node.call("system_chain", json!([])), "GCX Development");
	assert_eq!(
		node.call("system_properties", json!([])),
		json!({ "ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "GCX" })
	);

	let methods = node.call("rpc_methods", json!([]));
	let methods: Vec<&str> = methods["methods"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
	for method in [
		"author_submitExtrinsic",
		"babe_epochAuthorship",
		"chainHead_v1_follow",
		"chainSpec_v1_chainName",
		"chain_getBlock",
		"grandpa_proveFinality",
		"grandpa_roundState",
		"offchain_localStorageGet",
		"payment_queryInfo",
		"state_call",
		"sync_state_genSyncSpec",
		"system_accountNextIndex",
		"transactionWatch_v1_submitAndWatch",
		"transaction_v1_broadcast",
	] {
		assert!(methods.contains(&method), "{method} is not among {methods:?}");
	}

	// One validator, so one prevote and one precommit decide a round.
	let round = node.call("grandpa_roundState", json!([]));
	assert_eq!(round.pointer("/best/totalWeight"), Some(&json!(1)));
	let spec = node.call("sync_state_genSyncSpec", json!([true]));
	assert!(spec["lightSyncState"]["finalizedBlockHeader"].is_string());

	// Loopback callers may use methods that touch the node itself.
	node.call("system_nodeRoles", json!([]));
	node.call("author_hasKey", json!(["0x00", "babe"]));

	assert!(node.metrics().contains("substrate_block_height{status=\"finalized\""));
}

#[test]
fn unsafe_methods_are_refused_when_only_safe_ones_are_exposed() {
	let node = Node::start(&["--dev", "--rpc-methods=safe"]);
	let refusal = node.refusal_of("author_hasKey", json!(["0x00", "babe"]));
	assert!(refusal.contains("unsafe"), "{refusal}");
}

#[test]
fn node_continues_its_chain_when_terminated_and_started_again() {
	let folder = tempfile::tempdir().unwrap();
	let base_path = format!("--base-path={}", folder.path().display());
	let wasm_cache = folder.path().join("compiled");
	let mut node = Node::start_with(&["--dev", &base_path], &wasm_cache);
	node.wait_until_final(2);
	let block = node.block_hash(2);
	assert!(node.terminate().success());
	assert!(wasm_cache.read_dir().unwrap().next().is_some(), "the compiled runtime is kept");

	let mut node = Node::start_with(&["--dev", &base_path], &wasm_cache);
	assert_eq!(node.block_hash(2), block);
	node.wait_until_final(4);
}

#[test]
fn full_node_follows_a_validator_when_their_network_backends_differ() {
	let mut validator = Node::start(&["--dev"]);
	let folder = tempfile::tempdir().unwrap();
	let mut follower = Node::start(&[
		"--chain=dev",
		"--network-backend=libp2p",
		&format!("--base-path={}", folder.path().display()),
		&format!("--bootnodes={}", validator.peer_address()),
	]);
	validator.wait_until_final(2);
	follower.wait_until_final(2);
	assert_eq!(follower.block_hash(2), validator.block_hash(2));
	follower.wait_until("it sees its peer", FINALISING, |node| {
		(node.call("system_health", json!([]))["peers"] == 1).then_some(())
	});
}
