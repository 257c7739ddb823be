//! The buyer's endpoint: polls in, vouchers out.
//!
//! Who asks is not trusted: connections are counted and bounded in time as the agent's are, a body is small and has to come at once, and
//! a signature is checked only after all that is cheaper.

use super::{book::Book, step::PollError};
use crate::{
	meter::vouchers::{Poll, Voucher},
	serve::{headers, refuse},
};
use axum::{
	body::{to_bytes, Body},
	extract::{rejection::PathRejection, Path, State},
	http::{header, HeaderValue, StatusCode},
	middleware,
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use gcx_primitives::DealId;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// The OpenAPI description of what is served.
pub const OPENAPI: &str = include_str!("../../buyer-openapi.json");
/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 1_024;
/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(5);

/// How the buyer is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
	/// Its version.
	version: &'static str,
	/// The best block that it saw last; none before the first.
	block: Option<u64>,
	/// Its open deals.
	deals: Vec<DealId>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refusal {
	UnknownPath,
	Method,
	BadPath,
	BadBody,
	TooLarge,
	Poll(PollError),
}

impl IntoResponse for Refusal {
	fn into_response(self) -> Response {
		let (status, code) = match self {
			Self::UnknownPath => (StatusCode::NOT_FOUND, "unknownPath"),
			Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method"),
			Self::BadPath => (StatusCode::BAD_REQUEST, "badPath"),
			Self::BadBody => (StatusCode::BAD_REQUEST, "badBody"),
			Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "tooLarge"),
			Self::Poll(error) => match error {
				PollError::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "notReady"),
				PollError::UnknownDeal => (StatusCode::NOT_FOUND, "unknownDeal"),
				PollError::OtherKey => (StatusCode::CONFLICT, "otherKey"),
				PollError::NoResource => (StatusCode::CONFLICT, "noResource"),
				PollError::NotRunning => (StatusCode::CONFLICT, "notRunning"),
				PollError::Stale => (StatusCode::CONFLICT, "stale"),
				PollError::Replayed => (StatusCode::CONFLICT, "replayed"),
				PollError::BadSignature => (StatusCode::FORBIDDEN, "badSignature"),
				PollError::NotKept => (StatusCode::SERVICE_UNAVAILABLE, "notKept"),
			},
		};
		let message = match self {
			Self::UnknownPath => "nothing is served here".into(),
			Self::Method => "another method is needed here".into(),
			Self::BadPath => "a deal is a whole number of 32 bits".into(),
			Self::BadBody => "the body is no poll, or did not come in time".into(),
			Self::TooLarge => format!("a poll has no more than {MAX_BODY} bytes"),
			Self::Poll(error) => error.to_string(),
		};
		refuse(status, code, message)
	}
}

/// What is served where.
pub fn router(book: Arc<Book>) -> Router {
	Router::new()
		.route("/v1/deals/{deal}/meter", post(meter))
		.route("/v1/health", get(health))
		.route("/v1/openapi.json", get(openapi))
		.fallback(|| async { Refusal::UnknownPath })
		.method_not_allowed_fallback(|| async { Refusal::Method })
		.layer(middleware::from_fn(headers))
		.with_state(book)
}

async fn meter(
	State(book): State<Arc<Book>>,
	path: Result<Path<u32>, PathRejection>,
	body: Body,
) -> Result<Json<Voucher>, Refusal> {
	let Path(deal) = path.map_err(|_| Refusal::BadPath)?;
	let body = timeout(BODY_PATIENCE, to_bytes(body, MAX_BODY)).await.map_err(|_| Refusal::BadBody)?;
	let body = body.map_err(|_| Refusal::TooLarge)?;
	let poll: Poll = serde_json::from_slice(&body).map_err(|_| Refusal::BadBody)?;
	book.answer(DealId(deal), &poll).map(Json).map_err(Refusal::Poll)
}

async fn health(State(book): State<Arc<Book>>) -> Json<Health> {
	let view = book.view();
	Json(Health {
		version: crate::VERSION,
		block: view.as_ref().map(|view| view.block),
		deals: view.iter().flat_map(|view| &view.deals).map(|deal| deal.id).collect(),
	})
}

async fn openapi() -> Response {
	([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], OPENAPI).into_response()
}
