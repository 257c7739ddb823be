//! The server, asked by clients that mean well and by others.

mod common;

use common::*;
use gcx_primitives::RoundId;
use gcx_provider::{
	rounds::Options,
	serve::{serve, Limits, Served, OPENAPI},
	store::Store,
};
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	sync::oneshot,
	task::JoinHandle,
	time::{timeout, Instant},
};

/// An agent that has signed round 3 of resource 7, of three devices.
async fn signed() -> (tempfile::TempDir, Running) {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let options = Options { devices: 3, ..Options::default() };
	let running = start(&chain, state.path(), options, workload()).await;
	chain.block(101, |rounds| {
		rounds.insert(RESOURCE, round(3, [7; 32], 3));
	});
	until("an answer", || !chain.answers().is_empty()).await;
	chain.block(121, |rounds| rounds.get_mut(&RESOURCE).unwrap().drawn = true);
	let store = running.store.clone();
	until("a signature", || store.get(RESOURCE, RoundId(3)).is_some_and(|record| record.signature.is_some())).await;
	(state, running)
}

/// A server alone, of an empty store.
async fn alone(
	limits: Limits,
) -> (tempfile::TempDir, SocketAddr, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
	let state = tempfile::tempdir().unwrap();
	let store = Arc::new(Store::open(state.path(), GENESIS).unwrap());
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let (stop, stopped) = oneshot::channel::<()>();
	let served = Arc::new(Served::new(store, vec![RESOURCE]));
	let server = tokio::spawn(serve(listener, served, limits, async {
		let _ = stopped.await;
	}));
	(state, address, stop, server)
}

/// Everything that comes back for some bytes, until the other side closes.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
	let mut stream = TcpStream::connect(address).await.unwrap();
	// The other side may have closed before it has read it all.
	let _ = stream.write_all(bytes).await;
	let mut answer = Vec::new();
	let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection stays open");
	String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_wrong_is_refused_in_json() {
	let (_state, running) = signed().await;
	let base = "/v1/resources/7/benchmarks/3";
	let long = format!("{base}?devices={}", "0,".repeat(8_000));
	for (path, status, code) in [
		("/v1/resources/7/benchmarks/4", 404, "unknownRound"),
		("/v1/resources/8/benchmarks/3", 404, "unknownRound"),
		("/v1/resources/7/benchmarks", 404, "unknownPath"),
		("/", 404, "unknownPath"),
		("/v1/resources/7/benchmarks/3/", 404, "unknownPath"),
		("/v1/resources/../../etc/passwd", 404, "unknownPath"),
		("/v1/resources/7/benchmarks/-1", 400, "badPath"),
		("/v1/resources/7/benchmarks/4294967296", 400, "badPath"),
		("/v1/resources/seven/benchmarks/3", 400, "badPath"),
		("/v1/resources/%ff/benchmarks/3", 400, "badPath"),
		("/v1/resources/7/benchmarks/3?devices=", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=3", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=0,0", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=0&devices=1", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=0;1", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?device=0", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=%ff", 400, "badQuery"),
		("/v1/resources/7/benchmarks/3?devices=99999999999999999999", 400, "badQuery"),
		(&long, 400, "badQuery"),
	] {
		let (found, body) = running.get(path).await;
		let body: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"));
		assert_eq!((found, body["error"]["code"].as_str()), (status, Some(code)), "{path}");
		assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{path}");
	}
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_served_is_as_described() {
	let (_state, running) = signed().await;
	let description: Value = serde_json::from_str(OPENAPI).unwrap();
	assert_eq!(serde_json::from_str::<Value>(&running.get("/v1/openapi.json").await.1).unwrap(), description);
	let mut seen = 0;
	for (path, item) in description["paths"].as_object().unwrap() {
		let concrete = path.replace("{resource}", "7").replace("{round}", "3");
		for query in ["", "?devices=0", "?devices=2,0"] {
			if !query.is_empty() && item["get"]["parameters"].is_null() {
				continue;
			}
			let (status, body) = running.get(&format!("{concrete}{query}")).await;
			let schema = &item["get"]["responses"][status.to_string()]["content"]["application/json"]["schema"];
			assert_eq!(status, 200, "{concrete}{query}");
			matches(&description, schema, &serde_json::from_str(&body).unwrap(), path);
			seen += 1;
		}
		let missing = concrete.replace("/7/", "/8/");
		if missing != concrete {
			let (status, body) = running.get(&missing).await;
			let schema = &item["get"]["responses"][status.to_string()]["content"]["application/json"]["schema"];
			matches(&description, schema, &serde_json::from_str(&body).unwrap(), path);
		}
	}
	assert_eq!(seen, 6);
	running.stop().await.unwrap();
}

#[test]
fn every_reason_kind_and_metric_is_described() {
	let description: Value = serde_json::from_str(OPENAPI).unwrap();
	let described = |name: &str, value: Value| {
		let values = description["components"]["schemas"][name]["enum"].as_array().unwrap();
		assert!(values.contains(&value), "{name}: {value}");
	};
	for index in 0..=u8::MAX {
		if let Ok(reason) = <gcx_evidence::Reason as codec::Decode>::decode(&mut &[index][..]) {
			described("Reason", serde_json::to_value(reason).unwrap());
		}
		if let Ok(metric) = <gcx_primitives::Metric as codec::Decode>::decode(&mut &[index][..]) {
			described("Metric", serde_json::to_value(metric).unwrap());
		}
	}
	for kind in gcx_provider::outputs::KINDS {
		described("Kind", serde_json::to_value(kind).unwrap());
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_do_no_harm() {
	let (_state, address, stop, server) =
		alone(Limits { headers: Duration::from_millis(300), ..Limits::default() }).await;
	for bytes in [
		&b"\0\xff\xfe garbage\r\n\r\n"[..],
		b"GET /v1/health HTTP/9.9\r\n\r\n",
		b"GET  HTTP/1.1\r\n\r\n",
		b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		&[b'x'; 100_000],
		format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000)).as_bytes(),
		format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(5_000)).as_bytes(),
	] {
		let answer = raw(address, bytes).await;
		assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
	}
	let posted = b"POST /v1/health HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\nbody";
	let answer = raw(address, posted).await;
	assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("\"method\""), "{answer}");
	let (status, body) = get(address, "/v1/health").await;
	let health: Value = serde_json::from_str(&body).unwrap();
	assert_eq!((status, &health["resources"][0], &health["block"]), (200, &7.into(), &Value::Null));
	stop.send(()).unwrap();
	timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_drips_is_cut_off_and_others_are_served_meanwhile() {
	let limits =
		Limits { headers: Duration::from_millis(400), connection: Duration::from_secs(2), ..Limits::default() };
	let (_state, address, stop, server) = alone(limits).await;
	let began = Instant::now();
	let dripping = tokio::spawn(async move {
		let mut stream = TcpStream::connect(address).await.unwrap();
		for byte in b"GET /v1/health HTTP/1.1\r\nslow: ".iter().cycle() {
			if stream.write_all(&[*byte]).await.is_err() {
				break;
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
	});
	assert_eq!(get(address, "/v1/health").await.0, 200);
	timeout(PATIENCE, dripping).await.expect("it is not cut off").unwrap();
	assert!(began.elapsed() < Duration::from_secs(20));
	stop.send(()).unwrap();
	timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_do_not_keep_others_out_for_long() {
	let limits = Limits { headers: Duration::from_millis(500), ..Limits::default() };
	let (_state, address, stop, server) = alone(limits).await;
	let mut silent = Vec::new();
	for _ in 0..gcx_provider::serve::MAX_CONNECTIONS + 8 {
		silent.push(TcpStream::connect(address).await.unwrap());
	}
	assert_eq!(get(address, "/v1/health").await.0, 200);
	drop(silent);
	stop.send(()).unwrap();
	timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_stops_whoever_is_connected() {
	let limits = Limits { shutdown: Duration::from_millis(300), ..Limits::default() };
	let (_state, address, stop, server) = alone(limits).await;
	let mut open = TcpStream::connect(address).await.unwrap();
	open.write_all(b"GET /v1/health HTTP/1.1\r\n").await.unwrap();
	stop.send(()).unwrap();
	timeout(Duration::from_secs(20), server).await.expect("it does not stop").unwrap().unwrap();
	assert!(TcpStream::connect(address).await.is_err());
}
