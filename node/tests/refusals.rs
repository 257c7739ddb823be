//! Every wrong start ends at once, with exit code 1 and a sentence that says what to do.

mod common;

use common::{export_development_spec, refusal, taken_port, Node};
use serde_json::{json, Value};
use std::fs;

#[test]
fn node_is_refused_when_no_chain_has_that_name() {
	let sentence = refusal(&["--chain=nosuch"]);
	assert!(sentence.contains("no chain `nosuch`"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_chain_spec_file_is_missing() {
	let sentence = refusal(&["--chain=/nowhere/gcx.json"]);
	assert!(sentence.contains("cannot read the chain spec file /nowhere/gcx.json"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_chain_spec_is_not_json() {
	let sentence = refusal_of_spec("GCX, a chain");
	assert!(sentence.contains("is not valid JSON"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_json_is_not_a_chain_spec() {
	let sentence = refusal_of_spec("{ \"name\": \"GCX\" }");
	assert!(sentence.contains("is JSON, but not a chain spec: missing field"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_chain_spec_has_no_genesis() {
	let spec = json!({
		"name": "GCX", "id": "gcx_hollow", "chainType": "Live", "bootNodes": [], "properties": {}
	});
	let sentence = refusal_of_spec(&spec.to_string());
	assert!(sentence.contains("genesis"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_rpc_port_is_taken() {
	let (_held, port) = taken_port();
	let sentence = refusal(&["--dev", &format!("--rpc-port={port}"), "--no-prometheus"]);
	assert!(sentence.contains("JSON-RPC"), "{sentence}");
	assert!(sentence.contains(&format!("127.0.0.1:{port}")), "{sentence}");
	assert!(sentence.contains("--rpc-port"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_port_for_peers_is_taken() {
	let (_held, port) = taken_port();
	let address = format!("--listen-addr=/ip4/127.0.0.1/tcp/{port}");
	let sentence = refusal(&["--dev", "--rpc-port=0", "--no-prometheus", &address]);
	assert!(sentence.contains("peers"), "{sentence}");
	assert!(sentence.contains(&format!("127.0.0.1:{port}")), "{sentence}");
}

#[test]
fn node_is_refused_when_the_metrics_port_is_taken() {
	let (_held, port) = taken_port();
	let metrics = format!("--prometheus-port={port}");
	let sentence = refusal(&["--dev", "--rpc-port=0", &metrics]);
	assert!(sentence.contains("Prometheus"), "{sentence}");
}

#[test]
fn node_is_refused_when_another_node_has_its_port_for_peers() {
	// litep2p shares ports between processes of one user, so only the check before it notices.
	let node = Node::start(&["--dev"]);
	let address = node.peer_address();
	let listen = format!("--listen-addr={}", address.split("/p2p/").next().unwrap());
	let sentence = refusal(&["--dev", "--rpc-port=0", "--no-prometheus", &listen]);
	assert!(sentence.contains("the port is taken"), "{sentence}");
}

#[test]
fn node_is_refused_when_the_database_holds_another_chain() {
	let folder = tempfile::tempdir().unwrap();
	let (ours, theirs) = (folder.path().join("ours.json"), folder.path().join("theirs.json"));
	export_development_spec(&ours);
	let mut spec: Value = serde_json::from_slice(&fs::read(&ours).unwrap()).unwrap();
	spec["genesis"]["raw"]["top"]["0x67637820736d6f6b65"] = json!("0x01");
	fs::write(&theirs, spec.to_string()).unwrap();

	let base_path = format!("--base-path={}", folder.path().join("base").display());
	let start = |spec: &std::path::Path| [format!("--chain={}", spec.display()), base_path.clone()];
	let started_with = start(&ours);
	let node = Node::start(&started_with.each_ref().map(String::as_str));
	let found = node.block_hash(0);
	assert!(node.terminate().success());

	let [chain, base_path] = start(&theirs);
	let sentence = refusal(&[&chain, &base_path, "--rpc-port=0", "--no-prometheus", "--port=0"]);
	assert!(sentence.contains("belongs to another chain"), "{sentence}");
	assert!(sentence.contains(&found), "{sentence}");
	assert!(sentence.matches("0x").count() == 2, "{sentence}");
}

#[test]
fn node_is_refused_when_another_process_has_its_database() {
	let folder = tempfile::tempdir().unwrap();
	let base_path = format!("--base-path={}", folder.path().display());
	let _node = Node::start(&["--dev", &base_path]);
	let sentence = refusal(&["--dev", &base_path, "--rpc-port=0", "--no-prometheus", "--port=0"]);
	assert!(sentence.contains("another process"), "{sentence}");
}

#[test]
fn node_is_refused_when_rocksdb_is_asked_for() {
	let sentence = refusal(&["--dev", "--database=rocksdb"]);
	assert!(sentence.contains("ParityDB only"), "{sentence}");
}

#[test]
fn keeper_is_refused_when_it_has_no_key() {
	let sentence = refusal(&["--dev", "--keeper", "--rpc-port=0", "--no-prometheus", "--port=0"]);
	assert!(sentence.contains("key insert --key-type keep"), "{sentence}");
}

#[test]
fn keeper_is_refused_when_its_seed_is_on_the_command_line_of_a_live_chain() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("live.json");
	export_development_spec(&path);
	let mut spec: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
	spec["chainType"] = json!("Live");
	fs::write(&path, spec.to_string()).unwrap();
	let chain = format!("--chain={}", path.display());
	let base_path = format!("--base-path={}", folder.path().join("base").display());
	let seed = "--keeper-seed=//Alice";
	let sentence = refusal(&[&chain, &base_path, "--keeper", seed, "--rpc-port=0", "--no-prometheus", "--port=0"]);
	assert!(sentence.contains("development and local chains only"), "{sentence}");
	assert!(!sentence.contains("Alice"), "{sentence}");
}

#[test]
fn validator_is_refused_when_it_has_no_network_key() {
	let folder = tempfile::tempdir().unwrap();
	let base_path = format!("--base-path={}", folder.path().display());
	let sentence = refusal(&["--chain=local", "--validator", &base_path]);
	assert!(sentence.contains("generate-node-key"), "{sentence}");
}

fn refusal_of_spec(content: &str) -> String {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("spec.json");
	fs::write(&path, content).unwrap();
	refusal(&[
		&format!("--chain={}", path.display()),
		&format!("--base-path={}", folder.path().display()),
		"--rpc-port=0",
		"--no-prometheus",
		"--port=0",
	])
}
