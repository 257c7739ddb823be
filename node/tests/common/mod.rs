//! A node in its own process, on ports and in a folder of its own, that never outlives its test.

#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::{json, Value};
use std::{
	env,
	fs::{self, File},
	net::{Ipv4Addr, SocketAddr, TcpListener},
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	thread,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Enough for a node to start on a machine that runs every test at once: it compiles its runtime first.
pub const STARTING: Duration = Duration::from_secs(120);

/// Enough for a few blocks of 3 s slots to be made and finalised.
pub const FINALISING: Duration = Duration::from_secs(120);

const POLL: Duration = Duration::from_millis(200);

/// A port of the loopback interface that nothing listens on at this moment.
pub fn free_port() -> u16 {
	TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A socket that holds a port of the loopback interface for as long as it lives.
pub fn taken_port() -> (TcpListener, u16) {
	let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
	let port = listener.local_addr().unwrap().port();
	(listener, port)
}

/// Where all nodes of these tests keep the runtimes that they have compiled.
fn wasm_cache() -> PathBuf {
	env::var_os("GCX_WASM_CACHE").map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm"), PathBuf::from)
}

/// A child process that is killed, by its id, when the test lets go of it.
struct Process {
	child: Child,
	log: PathBuf,
}

impl Process {
	fn spawn(arguments: &[&str], wasm_cache: &Path, log: PathBuf) -> Self {
		let child = Command::new(env!("CARGO_BIN_EXE_gcx-node"))
			.args(arguments)
			// A node that is killed cannot delete the folder that `--dev` made for it.
			.env("TMPDIR", log.parent().unwrap())
			.env("GCX_WASM_CACHE", wasm_cache)
			.stdin(Stdio::null())
			.stdout(Stdio::null())
			.stderr(File::create(&log).unwrap())
			.spawn()
			.unwrap();
		Self { child, log }
	}

	fn log(&self) -> String {
		fs::read_to_string(&self.log).unwrap_or_default()
	}

	fn wait_for_exit(&mut self, within: Duration) -> ExitStatus {
		let deadline = Instant::now() + within;
		loop {
			if let Some(status) = self.child.try_wait().unwrap() {
				return status;
			}
			assert!(Instant::now() < deadline, "the process did not end in time:\n{}", self.log());
			thread::sleep(POLL);
		}
	}
}

impl Drop for Process {
	fn drop(&mut self) {
		// Both fail only when the process has ended already.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

/// A running node.
pub struct Node {
	process: Process,
	rpc: SocketAddr,
	metrics: SocketAddr,
	peers: u16,
	_logs: TempDir,
}

impl Node {
	/// Starts `gcx-node <arguments>` on free ports and waits until it answers.
	pub fn start(arguments: &[&str]) -> Self {
		Self::start_with(arguments, &wasm_cache())
	}

	/// The same, with a folder of its own for compiled runtimes.
	pub fn start_with(arguments: &[&str], wasm_cache: &Path) -> Self {
		let logs = tempfile::tempdir().unwrap();
		let (rpc, metrics, peers) = (free_port(), free_port(), free_port());
		let ports = [
			format!("--rpc-port={rpc}"),
			format!("--prometheus-port={metrics}"),
			format!("--listen-addr=/ip4/127.0.0.1/tcp/{peers}"),
		];
		let arguments: Vec<&str> = arguments.iter().copied().chain(ports.iter().map(String::as_str)).collect();
		let process = Process::spawn(&arguments, wasm_cache, logs.path().join("log"));
		let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
		let mut node = Self { process, rpc: loopback(rpc), metrics: loopback(metrics), peers, _logs: logs };
		node.wait_until("it answers", STARTING, |node| node.try_call("system_health", json!([])).map(drop));
		node
	}

	/// Polls `probe` until it gives something. Ends the test when the node ends or `within` has passed.
	pub fn wait_until<T>(&mut self, what: &str, within: Duration, mut probe: impl FnMut(&Self) -> Option<T>) -> T {
		let deadline = Instant::now() + within;
		loop {
			if let Some(found) = probe(self) {
				return found;
			}
			if let Some(status) = self.process.child.try_wait().unwrap() {
				panic!("the node ended ({status}) before {what}:\n{}", self.log());
			}
			assert!(Instant::now() < deadline, "time ran out before {what}:\n{}", self.log());
			thread::sleep(POLL);
		}
	}

	/// The result of a JSON-RPC method.
	pub fn call(&self, method: &str, params: Value) -> Value {
		let response = self.request(method, params).unwrap();
		response.get("result").unwrap_or_else(|| panic!("{method}: {response}")).clone()
	}

	/// The message of the error that a JSON-RPC method ends with.
	pub fn refusal_of(&self, method: &str, params: Value) -> String {
		let response = self.request(method, params).unwrap();
		let message = response.pointer("/error/message").and_then(Value::as_str);
		message.unwrap_or_else(|| panic!("{method}: {response}")).into()
	}

	fn try_call(&self, method: &str, params: Value) -> Option<Value> {
		self.request(method, params).ok()?.get("result").cloned()
	}

	fn request(&self, method: &str, params: Value) -> Result<Value, ureq::Error> {
		let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let body = http()
			.post(format!("http://{}", self.rpc))
			.header("Content-Type", "application/json")
			.send(request.to_string())?
			.body_mut()
			.with_config()
			// The runtime's code is in an answer, twice as long in hexadecimal.
			.limit(MAX_ANSWER)
			.read_to_string()?;
		Ok(serde_json::from_str(&body).unwrap())
	}

	/// The Prometheus page.
	pub fn metrics(&self) -> String {
		let url = format!("http://{}/metrics", self.metrics);
		http().get(url).call().unwrap().body_mut().read_to_string().unwrap()
	}

	/// The address at which another node on this machine reaches this one.
	pub fn peer_address(&self) -> String {
		let id = self.call("system_localPeerId", json!([]));
		format!("/ip4/127.0.0.1/tcp/{}/p2p/{}", self.peers, id.as_str().unwrap())
	}

	/// The number of the last final block.
	pub fn finalised_number(&self) -> Option<u64> {
		let hash = self.try_call("chain_getFinalizedHead", json!([]))?;
		let header = self.try_call("chain_getHeader", json!([hash]))?;
		let number = header.get("number")?.as_str()?.trim_start_matches("0x");
		u64::from_str_radix(number, 16).ok()
	}

	/// Waits until block `number` is final.
	pub fn wait_until_final(&mut self, number: u64) {
		self.wait_until(&format!("block {number} is final"), FINALISING, |node| {
			node.finalised_number().filter(|finalised| *finalised >= number)
		});
	}

	/// The hash of block `number`.
	pub fn block_hash(&self, number: u64) -> String {
		self.call("chain_getBlockHash", json!([number])).as_str().unwrap().into()
	}

	/// What the node has written to standard error.
	pub fn log(&self) -> String {
		self.process.log()
	}

	/// Asks the node to end, as a service manager does, and waits until it has.
	pub fn terminate(mut self) -> ExitStatus {
		let id = self.process.child.id().to_string();
		assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
		self.process.wait_for_exit(Duration::from_secs(70))
	}
}

/// Patient: `sync_state_genSyncSpec`, for one, compiles the runtime to build the genesis.
/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

fn http() -> ureq::Agent {
	ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build().into()
}

/// Runs `gcx-node <arguments>` to its end and requires that it failed in plain words: exit code 1, one last line that
/// starts with `Error: `, no panic. Returns that line.
pub fn refusal(arguments: &[&str]) -> String {
	let logs = tempfile::tempdir().unwrap();
	let mut process = Process::spawn(arguments, &wasm_cache(), logs.path().join("log"));
	let status = process.wait_for_exit(STARTING);
	let log = process.log();
	assert_eq!(status.code(), Some(1), "{arguments:?}:\n{log}");
	assert!(!log.contains("panicked"), "{arguments:?}:\n{log}");
	assert!(!log.contains("stack backtrace"), "{arguments:?}:\n{log}");
	let last = log.trim_end().lines().last().unwrap_or_default();
	let (_, sentence) = last.split_once("Error: ").unwrap_or_else(|| panic!("{log}"));
	sentence.into()
}

/// Writes the raw specification of the development chain to `path`.
pub fn export_development_spec(path: &Path) {
	let status = Command::new(env!("CARGO_BIN_EXE_gcx-node"))
		.args(["export-chain-spec", "--chain=dev", "--raw", "--output"])
		.arg(path)
		.stdout(Stdio::null())
		.status()
		.unwrap();
	assert!(status.success());
}
