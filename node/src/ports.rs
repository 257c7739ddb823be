//! Refuses to start on a port that is not free.
//!
//! Left alone, each listener hides the clash in its own way: JSON-RPC moves to a random port, so a client talks to
//! whoever holds the expected one; litep2p shares the port (`SO_REUSEPORT`) or drops the address, so peers reach the
//! wrong node or none; Prometheus logs a line and serves nothing. Port 0 still means "any free port".

use crate::error::Error;
use sc_network::{config::TransportConfig, multiaddr::Protocol, Multiaddr};
use sc_service::Configuration;
use std::{
	io,
	net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
};

/// Checks every address in `config` by binding it for a moment, and tells JSON-RPC to stay on the port it was given.
/// A process that takes a port between this check and the real bind still ends the start, with the SDK's message.
pub fn claim(config: &mut Configuration) -> Result<(), Error> {
	for endpoint in config.rpc.addr.iter_mut().flatten() {
		endpoint.retry_random_port = false;
		let listening = bind(Transport::Tcp, endpoint.listen_addr);
		// The second endpoint is IPv6, which a machine may not have.
		let matters = |error: &io::Error| !endpoint.is_optional || is_denied(error);
		refuse("JSON-RPC", "--rpc-port", endpoint.listen_addr, listening, matters)?;
	}

	if let Some(prometheus) = &config.prometheus_config {
		let listening = bind(Transport::Tcp, prometheus.port);
		refuse("Prometheus", "--prometheus-port", prometheus.port, listening, |_| true)?;
	}

	if matches!(config.network.transport, TransportConfig::Normal { .. }) {
		for (transport, address) in config.network.listen_addresses.iter().filter_map(socket) {
			refuse("peers", "--port", address, bind(transport, address), is_denied)?;
		}
	}
	Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Transport {
	Tcp,
	Udp,
}

fn bind(transport: Transport, address: SocketAddr) -> io::Result<()> {
	match transport {
		Transport::Tcp => TcpListener::bind(address).map(drop),
		Transport::Udp => UdpSocket::bind(address).map(drop),
	}
}

/// The address exists on this machine, but is not ours to have. Other errors mean that it does not exist here, which
/// is usual for IPv6.
fn is_denied(error: &io::Error) -> bool {
	matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn refuse(
	service: &'static str,
	flag: &'static str,
	address: SocketAddr,
	listening: io::Result<()>,
	matters: impl Fn(&io::Error) -> bool,
) -> Result<(), Error> {
	match listening {
		Err(reason) if matters(&reason) => Err(Error::CannotListen { service, address, flag, reason }),
		_ => Ok(()),
	}
}

/// The socket that a peer-to-peer address opens, if it is one of this machine's interfaces.
fn socket(address: &Multiaddr) -> Option<(Transport, SocketAddr)> {
	let mut parts = address.iter();
	let ip: IpAddr = match parts.next()? {
		Protocol::Ip4(ip) => ip.into(),
		Protocol::Ip6(ip) => ip.into(),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some((Transport::Tcp, (ip, port).into())),
		Protocol::Udp(port) => Some((Transport::Udp, (ip, port).into())),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn peer_address_opens_a_socket_when_it_names_an_interface() {
		let socket_of = |text: &str| socket(&text.parse().unwrap());
		let address = SocketAddr::from(([0, 0, 0, 0], 30333));
		assert_eq!(socket_of("/ip4/0.0.0.0/tcp/30333"), Some((Transport::Tcp, address)));
		assert_eq!(socket_of("/ip4/0.0.0.0/tcp/30333/ws"), Some((Transport::Tcp, address)));
		assert_eq!(socket_of("/ip4/0.0.0.0/udp/30333/webrtc-direct"), Some((Transport::Udp, address)));
		assert_eq!(socket_of("/dns/gcx.example/tcp/30333"), None);
		assert_eq!(socket_of("/memory/7"), None);
	}
}
