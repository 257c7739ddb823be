//! A buyer's endpoint: a URL that a stranger chose. What is asked of it is bounded, and where it leads to is looked at first.

use axum::http::{uri::Scheme, Uri};
use gcx_primitives::DealId;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use thiserror::Error;

/// The longest endpoint that is taken, in bytes: as the chain does.
const MAX_BYTES: usize = 128;

/// Why an endpoint is not asked.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum EndpointError {
	/// It is empty: the buyer named none.
	#[error("the buyer named no endpoint")]
	None,
	/// It is no URL of HTTP or HTTPS.
	#[error("the endpoint is no http:// or https:// URL")]
	NoUrl,
	/// There are a user or a password in it.
	#[error("the endpoint holds credentials")]
	Credentials,
	/// There is a query or a fragment in it.
	#[error("the endpoint has a query or a fragment")]
	Query,
}

/// An endpoint that may be asked, if its addresses may.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
	/// Whether by TLS.
	pub tls: bool,
	/// The name or address, without brackets.
	pub host: String,
	/// The port.
	pub port: u16,
	/// As it is in the URL: with its port, if one was named.
	pub authority: String,
	/// What comes before the paths that are asked, without a slash at its end.
	path: String,
}

impl Endpoint {
	/// Reads an endpoint.
	///
	/// # Errors
	/// See [`EndpointError`].
	pub fn read(bytes: &[u8]) -> Result<Self, EndpointError> {
		if bytes.is_empty() {
			return Err(EndpointError::None);
		}
		let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MAX_BYTES && text.is_ascii());
		let text = text.ok_or(EndpointError::NoUrl)?;
		if text.contains(['?', '#']) {
			return Err(EndpointError::Query);
		}
		let uri: Uri = text.parse().map_err(|_| EndpointError::NoUrl)?;
		let authority = uri.authority().ok_or(EndpointError::NoUrl)?;
		if authority.as_str().contains('@') {
			return Err(EndpointError::Credentials);
		}
		let tls = match uri.scheme() {
			Some(scheme) if *scheme == Scheme::HTTP => false,
			Some(scheme) if *scheme == Scheme::HTTPS => true,
			_ => return Err(EndpointError::NoUrl),
		};
		// A port that is none would be left out silently.
		let has_port = authority.as_str() != authority.host();
		let port = match authority.port_u16() {
			Some(0) => return Err(EndpointError::NoUrl),
			Some(port) => port,
			None if has_port => return Err(EndpointError::NoUrl),
			None if tls => 443,
			None => 80,
		};
		let host = authority.host().trim_start_matches('[').trim_end_matches(']');
		if host.is_empty() {
			return Err(EndpointError::NoUrl);
		}
		Ok(Self {
			tls,
			host: host.into(),
			port,
			authority: authority.as_str().into(),
			path: uri.path().trim_end_matches('/').into(),
		})
	}

	/// The path at which a deal's meter answers.
	pub fn meter(&self, deal: DealId) -> String {
		format!("{}/v1/deals/{}/meter", self.path, deal.0)
	}
}

/// Whether an address is of the public internet: not of this machine, its network, or a special use.
///
/// Registries: IANA, *IPv4 Special-Purpose Address Registry* and *IPv6 Special-Purpose Address Registry* (RFC 6890).
pub const fn is_public(address: IpAddr) -> bool {
	match address {
		IpAddr::V4(address) => is_public_v4(address),
		IpAddr::V6(address) => is_public_v6(address),
	}
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
	let [a, b, c, _] = address.octets();
	let is_special = address.is_private()
		|| address.is_loopback()
		|| address.is_link_local()
		|| address.is_documentation()
		|| a == 0 // this network
		|| a >= 224 // multicast, reserved, broadcast
		|| (a == 100 && 64 <= b && b < 128) // shared by carriers
		|| (a == 192 && b == 0 && c == 0) // protocol assignments
		|| (a == 192 && b == 88 && c == 99) // relays of 6to4
		|| (a == 198 && (b == 18 || b == 19)); // benchmarks
	!is_special
}

const fn is_public_v6(address: Ipv6Addr) -> bool {
	if let Some(inner) = address.to_ipv4_mapped() {
		return is_public_v4(inner);
	}
	let [a, b, ..] = address.segments();
	// Only 2000::/3 is global unicast; of it 2001::/23 is for protocols, 2001:db8::/32 and 3fff::/20 for documentation, and 2002::/16
	// stands for addresses of IPv4.
	(a & 0xe000) == 0x2000
		&& !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
		&& a != 0x2002
		&& !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(text: &str) -> Result<Endpoint, EndpointError> {
		Endpoint::read(text.as_bytes())
	}

	#[test]
	fn an_endpoint_is_a_url_with_or_without_a_path() {
		let plain = read("http://meter.example").unwrap();
		assert_eq!((plain.tls, plain.host.as_str(), plain.port), (false, "meter.example", 80));
		assert_eq!(plain.meter(DealId(3)), "/v1/deals/3/meter");
		let deep = read("https://meter.example:8443/gcx/buyer/").unwrap();
		assert_eq!((deep.tls, deep.host.as_str(), deep.port), (true, "meter.example", 8_443));
		assert_eq!(deep.authority, "meter.example:8443");
		assert_eq!(deep.meter(DealId(4)), "/gcx/buyer/v1/deals/4/meter");
		let six = read("http://[2606:4700::1111]:81").unwrap();
		assert_eq!(
			(six.host.as_str(), six.port, six.authority.as_str()),
			("2606:4700::1111", 81, "[2606:4700::1111]:81")
		);
		assert_eq!(read("HTTP://127.0.0.1").unwrap().port, 80);
	}

	#[test]
	fn an_endpoint_that_is_no_plain_url_is_refused() {
		let long = format!("http://{}.example", "a".repeat(120));
		assert_eq!(read(""), Err(EndpointError::None));
		for text in [
			"meter.example",
			"/v1",
			"ftp://meter.example",
			"file:///etc/passwd",
			"http://",
			"http:///v1",
			"http://a b",
			"http://a:0",
			"http://a:65536",
			"http://a:",
			"http://a:b",
			"http://é.example",
			"javascript:alert(1)",
			"http://a/\r\nx: y",
			"unix:/run/docker.sock",
			&long,
		] {
			assert_eq!(read(text), Err(EndpointError::NoUrl), "{text}");
		}
		assert_eq!(Endpoint::read(&[b'h', 0xff]), Err(EndpointError::NoUrl));
	}

	#[test]
	fn credentials_queries_and_fragments_are_refused() {
		for text in ["http://user@meter.example", "http://user:password@meter.example", "https://:@127.0.0.1:80/"] {
			assert_eq!(read(text), Err(EndpointError::Credentials), "{text}");
		}
		for text in ["http://meter.example/?token=1", "http://meter.example?x", "http://meter.example/#x"] {
			assert_eq!(read(text), Err(EndpointError::Query), "{text}");
		}
	}

	#[test]
	fn addresses_of_this_machine_and_its_networks_are_not_public() {
		for text in [
			"127.0.0.1",
			"127.255.255.254",
			"10.0.0.1",
			"172.16.0.1",
			"172.31.255.255",
			"192.168.1.1",
			"169.254.169.254",
			"0.0.0.0",
			"0.1.2.3",
			"100.64.0.1",
			"100.127.255.255",
			"192.0.0.8",
			"192.0.2.1",
			"198.18.0.1",
			"198.51.100.1",
			"203.0.113.1",
			"224.0.0.1",
			"240.0.0.1",
			"255.255.255.255",
			"::",
			"::1",
			"::ffff:127.0.0.1",
			"::ffff:10.0.0.1",
			"::127.0.0.1",
			"fe80::1",
			"fc00::1",
			"fd00:ec2::254",
			"ff02::1",
			"64:ff9b::7f00:1",
			"2001::1",
			"2001:db8::1",
			"2002:7f00:1::",
			"100::1",
			"fec0::1",
			"3fff::1",
		] {
			assert!(!is_public(text.parse().unwrap()), "{text}");
		}
	}

	#[test]
	fn other_addresses_are_public() {
		for text in [
			"1.1.1.1",
			"8.8.8.8",
			"100.63.255.255",
			"100.128.0.1",
			"172.15.0.1",
			"172.32.0.1",
			"192.0.1.1",
			"198.17.0.1",
			"223.255.255.255",
			"2606:4700:4700::1111",
			"2a00:1450::1",
			"2001:4860:4860::8888",
			"::ffff:8.8.8.8",
		] {
			assert!(is_public(text.parse().unwrap()), "{text}");
		}
	}
}
