//! Asking a buyer's endpoint, which is a stranger's: bounded in time and size, at checked addresses alone, and nowhere else it points to.
//!
//! It is `hyper`'s own client, one request a connection: no proxy is read from the environment, no redirect is followed, and the address
//! that was checked is the one that is connected to, whatever the name resolves to a moment later.

use super::{
	endpoint::{is_public, Endpoint, EndpointError},
	vouchers::{Poll, Voucher},
};
use axum::{
	body::{to_bytes, Body},
	http::{header, Method, Request, StatusCode},
};
use gcx_primitives::DealId;
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::BuilderVerifierExt;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
	io::{AsyncRead, AsyncWrite},
	net::{lookup_host, TcpStream},
	time::timeout,
};
use tokio_rustls::{
	rustls::{crypto::ring, pki_types::ServerName, ClientConfig},
	TlsConnector,
};

/// The longest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 4_096;
/// How long an answer may take, from looking up the name to its last byte.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;
/// The most headers of an answer, and the most bytes of them.
const MAX_HEADERS: (usize, usize) = (32, 8_192);
/// The longest code of a refusal that is repeated to people.
const MAX_CODE: usize = 32;

/// Why there is no voucher.
#[derive(Debug, Error)]
pub enum AskError {
	/// The endpoint is not asked.
	#[error(transparent)]
	Endpoint(#[from] EndpointError),
	/// The name means nothing.
	#[error("the name is not known: {0}")]
	Name(std::io::Error),
	/// It leads to this machine or its network, and that is not allowed here.
	#[error("the endpoint leads to {0}, which is no public address")]
	Private(std::net::IpAddr),
	/// Nobody is there.
	#[error("no connection: {0}")]
	Connect(std::io::Error),
	/// No TLS, or a certificate that is not good for it.
	#[error("no TLS: {0}")]
	Tls(String),
	/// It took too long.
	#[error("no answer within {} s", .0.as_secs_f64())]
	TimedOut(Duration),
	/// It broke off, or does not speak HTTP.
	#[error("no answer: {0}")]
	Http(#[from] hyper::Error),
	/// It points elsewhere.
	#[error("it answers with a redirect, which is not followed")]
	Redirect,
	/// It refuses, with the code that it gave.
	#[error("it refuses with {0}{code}", code = .1.as_deref().map(|code| format!(": {code}")).unwrap_or_default())]
	Status(u16, Option<String>),
	/// The answer is longer than anyone needs, or broke off.
	#[error("the answer is longer than {MAX_ANSWER} bytes, or broke off")]
	TooLarge,
	/// The answer is no voucher.
	#[error("the answer is no voucher")]
	NoVoucher,
}

/// A refusal, as the buyer's side sends it.
#[derive(serde::Deserialize)]
struct Refusal {
	error: RefusalBody,
}

#[derive(serde::Deserialize)]
struct RefusalBody {
	code: String,
}

/// Asks endpoints.
#[derive(Clone)]
pub struct Client {
	tls: Option<TlsConnector>,
	allow_private: bool,
	patience: Duration,
}

impl Client {
	/// A client that asks public addresses alone, unless `allow_private`. Certificates are checked as the operating system does it.
	pub fn new(allow_private: bool, patience: Duration) -> Self {
		let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
		let config = config.with_safe_default_protocol_versions().ok();
		let tls = config.map(|config| config.with_platform_verifier().with_no_client_auth());
		Self { tls: tls.map(|config| TlsConnector::from(Arc::new(config))), allow_private, patience }
	}

	/// Asks a buyer's endpoint for its newest voucher of a deal. What comes back is a stranger's word: nothing is checked of it here.
	///
	/// # Errors
	/// See [`AskError`].
	pub async fn ask(&self, endpoint: &[u8], deal: DealId, poll: &Poll) -> Result<Voucher, AskError> {
		let endpoint = Endpoint::read(endpoint)?;
		let asked = timeout(self.patience, self.ask_at(&endpoint, deal, poll));
		asked.await.map_err(|_| AskError::TimedOut(self.patience))?
	}

	async fn ask_at(&self, endpoint: &Endpoint, deal: DealId, poll: &Poll) -> Result<Voucher, AskError> {
		let stream = self.connect(endpoint).await?;
		if !endpoint.tls {
			return exchange(stream, endpoint, deal, poll).await;
		}
		let tls = self.tls.as_ref().ok_or_else(|| AskError::Tls("not available".into()))?;
		let name = ServerName::try_from(endpoint.host.clone()).map_err(|e| AskError::Tls(e.to_string()))?;
		let stream = tls.connect(name, stream).await.map_err(|e| AskError::Tls(e.to_string()))?;
		exchange(stream, endpoint, deal, poll).await
	}

	/// Connects to an address of an endpoint, if all of them are allowed.
	async fn connect(&self, endpoint: &Endpoint) -> Result<TcpStream, AskError> {
		let found = lookup_host((endpoint.host.as_str(), endpoint.port)).await.map_err(AskError::Name)?;
		let addresses: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();
		if !self.allow_private {
			if let Some(private) = addresses.iter().find(|address| !is_public(address.ip())) {
				return Err(AskError::Private(private.ip()));
			}
		}
		TcpStream::connect(addresses.as_slice()).await.map_err(AskError::Connect)
	}
}

/// Sends a poll and reads what comes back.
async fn exchange(
	stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
	endpoint: &Endpoint,
	deal: DealId,
	poll: &Poll,
) -> Result<Voucher, AskError> {
	let mut builder = hyper::client::conn::http1::Builder::new();
	builder.max_headers(MAX_HEADERS.0).max_buf_size(MAX_HEADERS.1);
	let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
	let body = serde_json::to_vec(poll).map_err(|_| AskError::NoVoucher)?;
	let request = Request::builder()
		.method(Method::POST)
		.uri(endpoint.meter(deal))
		.header(header::HOST, &endpoint.authority)
		.header(header::CONTENT_TYPE, "application/json")
		.header(header::CONNECTION, "close")
		.body(Body::from(body))
		.map_err(|_| EndpointError::NoUrl)?;
	// The connection works while the answer is waited for, and is dropped with it.
	let answer = async {
		let response = sender.send_request(request).await?;
		let status = response.status();
		if status.is_redirection() {
			return Err(AskError::Redirect);
		}
		let body = to_bytes(Body::new(response.into_body()), MAX_ANSWER).await.map_err(|_| AskError::TooLarge)?;
		if status != StatusCode::OK {
			return Err(AskError::Status(status.as_u16(), code(&body)));
		}
		serde_json::from_slice(&body).map_err(|_| AskError::NoVoucher)
	};
	let work = async {
		// What breaks the connection, the answer says as well.
		let _ = connection.await;
		std::future::pending::<()>().await;
	};
	tokio::select! {
		answer = answer => answer,
		() = work => Err(AskError::NoVoucher),
	}
}

/// The code of a refusal, if it is one that can be repeated.
fn code(body: &[u8]) -> Option<String> {
	let refusal: Refusal = serde_json::from_slice(body).ok()?;
	let code = refusal.error.code;
	(code.len() <= MAX_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_code_is_repeated_only_if_it_is_harmless() {
		assert_eq!(code(br#"{"error":{"code":"notRunning","message":"x"}}"#).as_deref(), Some("notRunning"));
		assert_eq!(code(b"{\"error\":{\"code\":\"\\u001b[2J\"}}"), None);
		assert_eq!(code(format!(r#"{{"error":{{"code":"{}"}}}}"#, "a".repeat(33)).as_bytes()), None);
		assert_eq!(code(b"no"), None);
	}
}
