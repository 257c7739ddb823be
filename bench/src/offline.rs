//! A node without network, for a worker that asks for none of it.

use async_trait::async_trait;
use sc_network::{
	config::MultiaddrWithPeerId, types::ProtocolName, Multiaddr, NetworkPeers, NetworkStateInfo, ObservedRole,
	ReputationChange,
};
use sc_network_types::PeerId;
use std::collections::HashSet;

/// It has no peers, and makes none.
pub struct Offline(pub PeerId);

/// What it says to who wants peers.
const NO_NETWORK: &str = "this node has no network";

impl NetworkStateInfo for Offline {
	fn external_addresses(&self) -> Vec<Multiaddr> {
		Vec::new()
	}

	fn listen_addresses(&self) -> Vec<Multiaddr> {
		Vec::new()
	}

	fn local_peer_id(&self) -> PeerId {
		self.0
	}
}

#[async_trait]
impl NetworkPeers for Offline {
	fn set_authorized_peers(&self, _: HashSet<PeerId>) {}

	fn set_authorized_only(&self, _: bool) {}

	fn add_known_address(&self, _: PeerId, _: Multiaddr) {}

	fn report_peer(&self, _: PeerId, _: ReputationChange) {}

	fn peer_reputation(&self, _: &PeerId) -> i32 {
		0
	}

	fn disconnect_peer(&self, _: PeerId, _: ProtocolName) {}

	fn accept_unreserved_peers(&self) {}

	fn deny_unreserved_peers(&self) {}

	fn add_reserved_peer(&self, _: MultiaddrWithPeerId) -> Result<(), String> {
		Err(NO_NETWORK.into())
	}

	fn remove_reserved_peer(&self, _: PeerId) {}

	fn set_reserved_peers(&self, _: ProtocolName, _: HashSet<Multiaddr>) -> Result<(), String> {
		Err(NO_NETWORK.into())
	}

	fn add_peers_to_reserved_set(&self, _: ProtocolName, _: HashSet<Multiaddr>) -> Result<(), String> {
		Err(NO_NETWORK.into())
	}

	fn remove_peers_from_reserved_set(&self, _: ProtocolName, _: Vec<PeerId>) -> Result<(), String> {
		Err(NO_NETWORK.into())
	}

	fn sync_num_connected(&self) -> usize {
		0
	}

	fn peer_role(&self, _: PeerId, _: Vec<u8>) -> Option<ObservedRole> {
		None
	}

	async fn reserved_peers(&self) -> Result<Vec<PeerId>, ()> {
		Ok(Vec::new())
	}
}
