//! What the tests share: a chain in memory, an agent of it, and a client that is bounded in time.

#![allow(dead_code)] // Each test program uses a part of it.

use gcx_primitives::{ClassId, ResourceId, RoundId};
use gcx_provider::{
	chain::{memory::Memory, Round},
	config::Order,
	key::Key,
	progress::Progress,
	rounds::{work::now, work::Workload, Agent, Options, RunError},
	serve::{serve, Limits, Served},
	store::Store,
};
use serde_json::Value;
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
	net::TcpListener,
	sync::oneshot,
	task::JoinHandle,
	time::{sleep, timeout},
};

pub const GENESIS: [u8; 32] = [0xaa; 32];
pub const RESOURCE: ResourceId = ResourceId(7);
/// How long anything may take in a test.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn key() -> Key {
	Key::load("//Alice").unwrap()
}

/// A round that was opened in slot 100 and can be answered for 20 slots.
pub fn round(id: u32, nonce: [u8; 32], devices: u32) -> Round {
	Round {
		id: RoundId(id),
		nonce,
		class: ClassId(1),
		devices,
		opened_slot: 100,
		opened_at: now(),
		answer_until: 120,
		solves: Some(true),
		agent: Some(key().account().into()),
		answer: None,
		drawn: false,
		closed: false,
	}
}

pub fn chain() -> Memory {
	Memory::new(GENESIS, &[RESOURCE], 3_000)
}

/// A workload that takes no time worth speaking of.
pub fn workload() -> Workload {
	Workload {
		order: Order::Fixed(256),
		declare_solve: true,
		stream: None,
		outputs: None,
		calibration: None,
		progress: Progress::plain(),
	}
}

/// An agent at work, and the server of its results.
pub struct Running {
	pub store: Arc<Store>,
	pub address: SocketAddr,
	stop: oneshot::Sender<()>,
	stop_server: oneshot::Sender<()>,
	agent: JoinHandle<Result<(), RunError>>,
	server: JoinHandle<std::io::Result<()>>,
}

pub async fn start(chain: &Memory, state: &Path, options: Options, workload: Workload) -> Running {
	let store = Arc::new(Store::open(state, GENESIS).unwrap());
	let served = Arc::new(Served::new(store.clone(), vec![RESOURCE]));
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let agent = Agent::new(chain.clone(), key(), store.clone(), served.clone(), options, workload);
	let (stop, stopped) = oneshot::channel::<()>();
	let (stop_server, server_stopped) = oneshot::channel::<()>();
	let agent = tokio::spawn(agent.run(async {
		let _ = stopped.await;
	}));
	let server = tokio::spawn(serve(listener, served, Limits::default(), async {
		let _ = server_stopped.await;
	}));
	Running { store, address, stop, stop_server, agent, server }
}

impl Running {
	/// Stops it, and says what the agent came to.
	pub async fn stop(self) -> Result<(), RunError> {
		let _ = self.stop.send(());
		let result = timeout(PATIENCE, self.agent).await.unwrap().unwrap();
		let _ = self.stop_server.send(());
		timeout(PATIENCE, self.server).await.unwrap().unwrap().unwrap();
		result
	}

	/// Waits until the agent stops by itself.
	pub async fn over(self) -> Result<(), RunError> {
		let result = timeout(PATIENCE, self.agent).await.expect("the agent does not stop").unwrap();
		let _ = self.stop_server.send(());
		timeout(PATIENCE, self.server).await.unwrap().unwrap().unwrap();
		result
	}

	pub async fn get(&self, path: &str) -> (u16, String) {
		get(self.address, path).await
	}
}

/// Asks for a path. Never longer than the patience of a test.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
	let url = format!("http://{address}{path}");
	tokio::task::spawn_blocking(move || {
		let config = ureq::Agent::config_builder()
			.timeout_global(Some(PATIENCE))
			.http_status_as_error(false)
			.max_redirects(0)
			.build();
		let mut response = ureq::Agent::new_with_config(config).get(&url).call().unwrap();
		let body = response.body_mut().with_config().limit(16 << 20).read_to_string().unwrap();
		(response.status().as_u16(), body)
	})
	.await
	.unwrap()
}

/// Sends a body to a path. Never longer than the patience of a test.
pub async fn post(address: SocketAddr, path: &str, body: Vec<u8>) -> (u16, String) {
	let url = format!("http://{address}{path}");
	tokio::task::spawn_blocking(move || {
		let config = ureq::Agent::config_builder()
			.timeout_global(Some(PATIENCE))
			.http_status_as_error(false)
			.max_redirects(0)
			.build();
		let mut response = ureq::Agent::new_with_config(config).post(&url).send(&body).unwrap();
		let body = response.body_mut().with_config().limit(16 << 20).read_to_string().unwrap();
		(response.status().as_u16(), body)
	})
	.await
	.unwrap()
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
	let waited = timeout(PATIENCE, async {
		while !is_so() {
			sleep(Duration::from_millis(5)).await;
		}
	});
	waited.await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

/// Whether a value is as a schema says: what the description uses of JSON Schema, and nothing else.
pub fn matches(description: &Value, schema: &Value, value: &Value, at: &str) {
	assert!(schema.is_object(), "{at}: no schema");
	if let Some(reference) = schema["$ref"].as_str() {
		let pointer = reference.strip_prefix('#').unwrap();
		return matches(description, description.pointer(pointer).unwrap(), value, reference);
	}
	if let Some(choices) = schema["oneOf"].as_array() {
		let [inner, null] = choices.as_slice() else { panic!("{at}: {choices:?}") };
		assert_eq!(null["type"], "null");
		if !value.is_null() {
			matches(description, inner, value, at);
		}
		return;
	}
	let is_a = |name: &str| match name {
		"object" => value.is_object(),
		"array" => value.is_array(),
		"string" => value.is_string(),
		"integer" => value.is_u64(),
		"boolean" => value.is_boolean(),
		"null" => value.is_null(),
		other => panic!("{at}: type {other}"),
	};
	let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
	assert!(types.iter().any(|name| is_a(name.as_str().unwrap())), "{at}: {value} is no {types:?}");
	if let Some(values) = schema["enum"].as_array() {
		assert!(values.contains(value), "{at}: {value}");
	}
	if schema.get("const").is_some() {
		assert_eq!(&schema["const"], value, "{at}");
	}
	if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
		for name in schema["required"].as_array().unwrap() {
			assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
		}
		for (name, value) in object {
			let schema = properties.get(name).unwrap_or_else(|| panic!("{at}: {name} is not described"));
			matches(description, schema, value, &format!("{at}.{name}"));
		}
	}
	for (index, value) in value.as_array().into_iter().flatten().enumerate() {
		matches(description, &schema["items"], value, &format!("{at}[{index}]"));
	}
}
