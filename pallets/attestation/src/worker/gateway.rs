//! The address of the gateway: set by who runs the node, never by the chain.

use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use core::{
	fmt,
	net::{Ipv4Addr, Ipv6Addr},
	str,
};
use gcx_primitives::{ResourceId, RoundId};
use sp_runtime::offchain::StorageKind;

/// The key of the node's persistent off-chain storage under which the gateway's address is: the bytes of the URL.
pub const GATEWAY_KEY: &[u8] = b"gcx::attestation::gateway";

/// The most bytes of a gateway's address.
pub const MAX_GATEWAY_BYTES: usize = 256;

/// A gateway's address: `https` to any host, `http` to this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
	/// Without a slash at the end.
	base: String,
}

/// Why an address is none of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadGateway {
	/// It is longer than [`MAX_GATEWAY_BYTES`].
	TooLong,
	/// It begins neither with `https://` nor with `http://`.
	UnknownScheme,
	/// It is `http` to another machine: anyone on the way could answer.
	NotLoopback,
	/// There is a user, a password, a query, a fragment, or a character that has no place in an address.
	UnexpectedCharacter,
	/// The host is neither a name nor an address.
	BadHost,
	/// The port is not a number from 1 to 65535.
	BadPort,
	/// The path has empty or relative segments.
	BadPath,
}

impl fmt::Display for BadGateway {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::TooLong => "it is longer than 256 bytes",
			Self::UnknownScheme => "it begins neither with https:// nor with http://",
			Self::NotLoopback => "http is for this machine alone; use https",
			Self::UnexpectedCharacter => "a character has no place in it",
			Self::BadHost => "the host is neither a name nor an address",
			Self::BadPort => "the port is not a number from 1 to 65535",
			Self::BadPath => "the path has empty or relative segments",
		})
	}
}

impl Gateway {
	/// The gateway that this node was told; none if it was told none.
	pub(super) fn of_this_node() -> Result<Option<Self>, BadGateway> {
		match sp_io::offchain::local_storage_get(StorageKind::PERSISTENT, GATEWAY_KEY) {
			Some(address) => Self::parse(&address).map(Some),
			None => Ok(None),
		}
	}

	/// Reads an address: `https://host[:port][/path]`, or `http` with `localhost`, an address in `127.0.0.0/8` or `[::1]`.
	///
	/// # Errors
	/// [`BadGateway`].
	pub fn parse(address: &[u8]) -> Result<Self, BadGateway> {
		if address.len() > MAX_GATEWAY_BYTES {
			return Err(BadGateway::TooLong);
		}
		if !address.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/:[]".contains(byte)) {
			return Err(BadGateway::UnexpectedCharacter);
		}
		let address = str::from_utf8(address).map_err(|_| BadGateway::UnexpectedCharacter)?;
		let (is_secure, rest) = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
			(Some(rest), _) => (true, rest),
			(None, Some(rest)) => (false, rest),
			(None, None) => return Err(BadGateway::UnknownScheme),
		};
		let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
		let is_loopback = read_authority(authority)?;
		if !is_secure && !is_loopback {
			return Err(BadGateway::NotLoopback);
		}
		let path = path.strip_suffix('/').unwrap_or(path);
		let is_segment = |segment: &str| !segment.is_empty() && !segment.chars().all(|letter| letter == '.');
		let has_no_other = path.chars().all(|letter| !matches!(letter, ':' | '[' | ']'));
		if !(path.is_empty() || has_no_other && path.split('/').all(is_segment)) {
			return Err(BadGateway::BadPath);
		}
		Ok(Self { base: address.strip_suffix('/').unwrap_or(address).to_string() })
	}

	/// Where the results of a round are, with the solutions of these devices.
	pub fn results(&self, resource: ResourceId, round: RoundId, devices: &[u32]) -> String {
		let Self { base } = self;
		let address = format!("{base}/v1/resources/{}/benchmarks/{}", resource.0, round.0);
		if devices.is_empty() {
			return address;
		}
		let devices: Vec<String> = devices.iter().map(u32::to_string).collect();
		format!("{address}?devices={}", devices.join(","))
	}
}

/// Whether host and port are of this machine.
fn read_authority(authority: &str) -> Result<bool, BadGateway> {
	if let Some(rest) = authority.strip_prefix('[') {
		let (host, port) = rest.split_once(']').ok_or(BadGateway::BadHost)?;
		let host: Ipv6Addr = host.parse().map_err(|_| BadGateway::BadHost)?;
		if !port.is_empty() {
			read_port(port.strip_prefix(':').ok_or(BadGateway::BadPort)?)?;
		}
		return Ok(host.is_loopback());
	}
	let (host, port) = match authority.split_once(':') {
		Some((host, port)) => (host, Some(port)),
		None => (authority, None),
	};
	port.map_or(Ok(()), read_port)?;
	if let Ok(host) = host.parse::<Ipv4Addr>() {
		return Ok(host.is_loopback());
	}
	// What looks like an address in numbers and is none is no name either.
	let ends_in_number =
		host.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_digit()));
	if host.is_empty() || ends_in_number || !host.split('.').all(is_label) {
		return Err(BadGateway::BadHost);
	}
	Ok(host.eq_ignore_ascii_case("localhost"))
}

fn read_port(port: &str) -> Result<(), BadGateway> {
	let is_number = port.bytes().all(|digit| digit.is_ascii_digit());
	match port.parse::<u16>() {
		Ok(port) if is_number && port > 0 => Ok(()),
		Ok(_) | Err(_) => Err(BadGateway::BadPort),
	}
}

/// RFC 1123, section 2.1.
fn is_label(label: &str) -> bool {
	(1..=63).contains(&label.len())
		&& label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
		&& !label.starts_with('-')
		&& !label.ends_with('-')
}
