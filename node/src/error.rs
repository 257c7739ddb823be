//! What can go wrong before a node runs, in words for the person at the terminal.

use gcx_runtime::Hash;
use std::{error::Error as _, io, net::SocketAddr, path::PathBuf};

/// Why the binary ends with a failure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	#[error(transparent)]
	Cli(#[from] sc_cli::Error),

	#[error(transparent)]
	Service(#[from] sc_service::Error),

	#[error(
		"this node keeps its data in ParityDB only; RocksDB is not built in. Leave `--database` out: ParityDB is what \
         it uses by default"
	)]
	RocksDbIsNotBuiltIn,

	#[error(
        "cannot listen for {service} on {address}: {}. Choose another port with `{flag}`{}",
        in_words(.reason),
        if .reason.kind() == io::ErrorKind::AddrInUse { ", or end the process that has this one" } else { "" }
    )]
	CannotListen {
		/// What peers or clients would connect for.
		service: &'static str,
		address: SocketAddr,
		/// The flag that sets the port.
		flag: &'static str,
		reason: io::Error,
	},

	#[error(
		"the database at {path} belongs to another chain: its genesis block is {found:?}, but the chain spec `{spec}` \
         begins with {expected:?}. Pass the chain spec that the database was made with, choose another `--base-path`, \
         or delete the database with `purge-chain`"
	)]
	OtherGenesis {
		/// The folder of the database.
		path: PathBuf,
		/// The id of the chain spec that the node was started with.
		spec: String,
		/// The genesis block in the database.
		found: Hash,
		/// The genesis block that the chain spec describes.
		expected: Hash,
	},

	#[error(
		"another process, likely another node, has the database at {path} open. End it, or choose another `--base-path`"
	)]
	DatabaseInUse { path: PathBuf },

	#[error(
		"`--keeper-seed` is for development and local chains only, and `{spec}` is neither: everyone on a machine can \
         read a command line. Put the key into the keystore with `key insert --key-type keep --scheme sr25519` and leave \
         the seed out"
	)]
	KeeperSeedOnLiveChain {
		/// The id of the chain spec that the node was started with.
		spec: String,
	},

	#[error(
		"`--keeper-seed` is not a secret that a key can be made of. Pass a phrase, a raw seed or a development account \
         such as `//Alice`"
	)]
	KeeperSeed,

	#[error(
		"the keeper has no key to sign with. Put one into the keystore with `key insert --key-type keep --scheme \
         sr25519`, with the `--base-path` and `--chain` of this node"
	)]
	NoKeeperKey,

	#[error(
		"there are {count} keys of type `keep` in the keystore, and the keeper signs with one. Leave one of the files \
         that begin with 6b656570 there"
	)]
	SeveralKeeperKeys {
		/// How many.
		count: usize,
	},

	#[error("the genesis in the chain spec `{spec}` cannot be built: {reason}")]
	Genesis { spec: String, reason: String },
}

impl From<sp_blockchain::Error> for Error {
	fn from(error: sp_blockchain::Error) -> Self {
		Self::Service(error.into())
	}
}

/// The message for the terminal: the error and, where they add something, its causes. The causes of SDK errors often
/// repeat what the outer error said.
pub fn explain(error: &Error) -> String {
	if let Error::Cli(sc_cli::Error::NetworkKeyNotFound(path)) = error {
		return format!(
			"a validator needs a network key that stays the same, and there is none at {}. Make one with `key \
             generate-node-key --base-path <PATH> --chain <CHAIN>`, pass one with `--node-key`, or, for a network that \
             is thrown away, let the node make one with `--unsafe-force-node-key-generation`",
			path.display()
		);
	}

	let mut message = error.to_string();
	for wrapper in ["Application: ", "Other: "] {
		message = message.trim_start_matches(wrapper).into();
	}
	let mut cause = error.source();
	while let Some(inner) = cause {
		let text = inner.to_string();
		if !message.contains(&text) {
			message.push_str(": ");
			message.push_str(&text);
		}
		cause = inner.source();
	}
	message
}

fn in_words(error: &io::Error) -> String {
	match error.kind() {
		io::ErrorKind::AddrInUse => "the port is taken".into(),
		io::ErrorKind::PermissionDenied => "this user may not listen on that port".into(),
		_ => error.to_string(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn explanation_says_each_thing_once_when_causes_repeat_it() {
		let inner = sp_blockchain::Error::Backend("disk full".into());
		let text = explain(&Error::from(inner));
		assert_eq!(text.matches("disk full").count(), 1, "{text}");
	}

	#[test]
	fn taken_port_is_named_with_the_flag_that_changes_it() {
		let error = Error::CannotListen {
			service: "JSON-RPC",
			address: ([127, 0, 0, 1], 9944).into(),
			flag: "--rpc-port",
			reason: io::ErrorKind::AddrInUse.into(),
		};
		let text = explain(&error);
		assert!(text.starts_with("cannot listen for JSON-RPC on 127.0.0.1:9944: the port is taken"));
		assert!(text.contains("--rpc-port"), "{text}");
		assert!(!text.contains("os error"), "{text}");
	}
}
