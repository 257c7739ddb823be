//! Results over HTTP, in the design's format.
//!
//! Everything that is served is signed or public, and read from memory. Who asks is not trusted: connections are counted and
//! bounded in time, headers have to come at once, and a body is never read.

use crate::{
	meter::{Counters, Figures},
	outputs::Output,
	rounds::work::now,
	store::{Store, KEPT_ROUNDS},
};
use axum::{
	extract::{rejection::QueryRejection, FromRequestParts, Path, Query, Request, State},
	http::{header, request::Parts, HeaderValue, Method, StatusCode},
	middleware::{self, Next},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use gcx_primitives::{ResourceId, RoundId, MAX_DEVICES};
use hyper_util::{
	rt::{TokioIo, TokioTimer},
	server::graceful::GracefulShutdown,
	service::TowerToHyperService,
};
use serde::{Deserialize, Serialize};
use std::{
	future::Future,
	io,
	pin::pin,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc, PoisonError, RwLock,
	},
	time::Duration,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

/// The OpenAPI description of what is served.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Connections at a time. More wait to be accepted.
pub const MAX_CONNECTIONS: usize = 64;
/// The longest query that is read.
pub const MAX_QUERY: usize = 8_192;
/// Bytes of a request's line and headers together.
const MAX_HEADERS: usize = 16_384;

/// Times that are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// From the connection, or the last answer on it, to the end of a request's headers.
	pub headers: Duration,
	/// From the connection to its end.
	pub connection: Duration,
	/// From the shutdown to the end of requests that were begun.
	pub shutdown: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			headers: Duration::from_secs(10),
			connection: Duration::from_secs(120),
			shutdown: Duration::from_secs(5),
		}
	}
}

/// What is served.
#[derive(Debug)]
pub struct Served {
	store: Arc<Store>,
	resources: Vec<ResourceId>,
	outputs: RwLock<Vec<Output>>,
	block: AtomicU64,
	slot: AtomicU64,
	seen_at: AtomicU64,
	meter: Arc<Counters>,
}

impl Served {
	/// Results of a store, of these resources.
	pub fn new(store: Arc<Store>, resources: Vec<ResourceId>) -> Self {
		let zero = || AtomicU64::new(0);
		let (outputs, meter) = (RwLock::default(), Arc::default());
		Self { store, resources, outputs, block: zero(), slot: zero(), seen_at: zero(), meter }
	}

	/// What the meter counts.
	pub fn meter(&self) -> Arc<Counters> {
		self.meter.clone()
	}

	/// A block was seen.
	pub fn saw(&self, block: u64, slot: u64) {
		self.block.store(block, Ordering::Relaxed);
		self.slot.store(slot, Ordering::Relaxed);
		self.seen_at.store(now(), Ordering::Relaxed);
	}

	/// The folder of raw outputs was read.
	pub fn set_outputs(&self, outputs: Vec<Output>) {
		*self.outputs.write().unwrap_or_else(PoisonError::into_inner) = outputs;
	}
}

/// How the agent is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
	/// Its version.
	version: &'static str,
	/// Its resources.
	resources: Vec<ResourceId>,
	/// The best block that it saw last; none before the first.
	block: Option<u64>,
	/// That block's slot.
	slot: Option<u64>,
	/// When it saw it, in milliseconds since the Unix epoch.
	seen_at: Option<u64>,
	/// What was done about deliveries since the agent was started.
	meter: Figures,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refusal {
	UnknownPath,
	UnknownRound,
	BadPath,
	BadQuery(&'static str),
	Method,
}

/// A refusal as it is sent.
#[derive(Serialize)]
struct Error {
	error: ErrorBody,
}

#[derive(Serialize)]
struct ErrorBody {
	code: &'static str,
	message: String,
}

/// A refusal with a code for programs and a message for people.
pub(crate) fn refuse(status: StatusCode, code: &'static str, message: String) -> Response {
	(status, Json(Error { error: ErrorBody { code, message } })).into_response()
}

impl IntoResponse for Refusal {
	fn into_response(self) -> Response {
		let (status, code, message) = match self {
			Self::UnknownPath => (StatusCode::NOT_FOUND, "unknownPath", "nothing is served here".into()),
			Self::UnknownRound => (
				StatusCode::NOT_FOUND,
				"unknownRound",
				format!("no signed result of this resource and round; the last {KEPT_ROUNDS} rounds are kept"),
			),
			Self::BadPath => {
				(StatusCode::BAD_REQUEST, "badPath", "a resource and a round are whole numbers of 32 bits".into())
			},
			Self::BadQuery(why) => (StatusCode::BAD_REQUEST, "badQuery", why.into()),
			Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "only GET and HEAD".into()),
		};
		refuse(status, code, message)
	}
}

/// The query of a document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentQuery {
	/// Devices whose solutions are asked for, separated by commas.
	devices: Option<String>,
}

/// The devices that are asked for.
struct Devices(Vec<u32>);

impl<S: Send + Sync> FromRequestParts<S> for Devices {
	type Rejection = Refusal;

	async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
		if parts.uri.query().is_some_and(|query| query.len() > MAX_QUERY) {
			return Err(Refusal::BadQuery("the query is too long"));
		}
		let query: Result<Query<DocumentQuery>, QueryRejection> = Query::from_request_parts(parts, state).await;
		let Query(query) = query.map_err(|_| Refusal::BadQuery("the only parameter is `devices`, once"))?;
		query.devices.map_or_else(|| Ok(Vec::new()), |text| devices(&text)).map(Self)
	}
}

/// Reads a list such as `0,3`.
fn devices(text: &str) -> Result<Vec<u32>, Refusal> {
	let mut devices = Vec::new();
	for part in text.split(',') {
		let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
		let device = part.parse::<u32>().ok().filter(|device| plain && *device < MAX_DEVICES);
		let device = device.ok_or(Refusal::BadQuery("`devices` is a list of devices, such as `0,3`"))?;
		if devices.contains(&device) {
			return Err(Refusal::BadQuery("a device is named twice"));
		}
		devices.push(device);
	}
	Ok(devices)
}

/// What is served where.
pub fn router(served: Arc<Served>) -> Router {
	Router::new()
		.route("/v1/resources/{resource}/benchmarks/{round}", get(document))
		.route("/v1/health", get(health))
		.route("/v1/outputs", get(outputs))
		.route("/v1/openapi.json", get(openapi))
		.fallback(|| async { Refusal::UnknownPath })
		.method_not_allowed_fallback(|| async { Refusal::Method })
		.layer(middleware::from_fn(headers))
		.with_state(served)
}

/// What every answer says.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
	let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
	let mut response = next.run(request).await;
	let headers = response.headers_mut();
	headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
	headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
	if !is_read {
		// There may be a body that nobody reads.
		headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
	}
	response
}

async fn document(
	State(served): State<Arc<Served>>,
	path: Result<Path<(u32, u32)>, axum::extract::rejection::PathRejection>,
	Devices(devices): Devices,
) -> Result<Response, Refusal> {
	let Path((resource, round)) = path.map_err(|_| Refusal::BadPath)?;
	let record = served.store.get(ResourceId(resource), RoundId(round)).ok_or(Refusal::UnknownRound)?;
	if devices.iter().any(|device| *device >= record.devices) {
		return Err(Refusal::BadQuery("the resource has no such device"));
	}
	let document = record.document(&devices).ok_or(Refusal::UnknownRound)?;
	Ok(Json(document).into_response())
}

async fn health(State(served): State<Arc<Served>>) -> Json<Health> {
	let seen_at = served.seen_at.load(Ordering::Relaxed);
	let seen = |number: &AtomicU64| (seen_at > 0).then(|| number.load(Ordering::Relaxed));
	Json(Health {
		version: crate::VERSION,
		resources: served.resources.clone(),
		block: seen(&served.block),
		slot: seen(&served.slot),
		seen_at: seen(&served.seen_at),
		meter: served.meter.figures(),
	})
}

async fn outputs(State(served): State<Arc<Served>>) -> Json<Vec<Output>> {
	Json(served.outputs.read().unwrap_or_else(PoisonError::into_inner).clone())
}

async fn openapi() -> Response {
	([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], OPENAPI).into_response()
}

/// Serves until `stop` is ready; then lets requests that were begun come to their end, for a while.
///
/// # Errors
/// If the listener fails in a way that waiting does not mend.
pub async fn serve(
	listener: TcpListener,
	served: Arc<Served>,
	limits: Limits,
	stop: impl Future<Output = ()>,
) -> io::Result<()> {
	serve_router(listener, router(served), limits, stop).await
}

/// The same, whatever is served.
///
/// # Errors
/// As [`serve`].
pub async fn serve_router(
	listener: TcpListener,
	router: Router,
	limits: Limits,
	stop: impl Future<Output = ()>,
) -> io::Result<()> {
	let service = TowerToHyperService::new(router);
	let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
	let graceful = GracefulShutdown::new();
	let mut stop = pin!(stop);
	loop {
		let place = tokio::select! {
			() = &mut stop => break,
			place = places.clone().acquire_owned() => place.map_err(io::Error::other)?,
		};
		let stream = tokio::select! {
			() = &mut stop => break,
			accepted = listener.accept() => match accepted {
				Ok((stream, _)) => stream,
				// Out of file descriptors, or the other side has gone: neither is mended by hurrying.
				Err(_) => {
					tokio::time::sleep(Duration::from_millis(100)).await;
					continue;
				},
			},
		};
		let mut builder = hyper::server::conn::http1::Builder::new();
		builder.timer(TokioTimer::new()).header_read_timeout(limits.headers).max_buf_size(MAX_HEADERS);
		let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service.clone()));
		tokio::spawn(async move {
			// A connection that breaks off, or is too slow, is the other side's loss.
			let _ = timeout(limits.connection, connection).await;
			drop(place);
		});
	}
	let _ = timeout(limits.shutdown, graceful.shutdown()).await;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_list_of_devices_is_read() {
		assert_eq!(devices("0").ok(), Some(vec![0]));
		assert_eq!(devices("3,0,1023").ok(), Some(vec![3, 0, 1_023]));
	}

	#[test]
	fn a_list_that_is_none_is_refused() {
		for text in
			["", ",", "0,", "a", "-1", "+1", "1024", "4294967296", "99999999999999999999", "0,0", "0 ,1", "1.0", "٣"]
		{
			assert!(matches!(devices(text), Err(Refusal::BadQuery(_))), "{text}");
		}
	}
}
