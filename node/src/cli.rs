//! The command line: what can be asked of the binary, and how a chain's name becomes its specification.

use crate::{attestor, chain_spec, error::Error, keeper};
use sc_cli::{
	clap::{
		self,
		error::{ContextKind, ContextValue},
	},
	BuildSpecCmd, ChainInfoCmd, ChainSpec, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
	ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd, SubstrateCli,
};
use std::{ffi::OsString, num::NonZeroU32};

/// Without a subcommand the binary runs a node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// A tool instead of a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run the node.
	#[command(flatten)]
	pub run: RunCmd,

	/// Whether it keeps the exchange.
	#[command(flatten)]
	pub keeper: KeeperParams,

	/// What an attestor needs.
	#[command(flatten)]
	pub attestor: AttestorParams,
}

/// The attestor's part of the command line.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Attestor")]
pub struct AttestorParams {
	/// Read benchmark results from this gateway, for the attestors whose keys of type `atst` are in the keystore.
	///
	/// `https`, or `http` on this machine. The address stays in the node. The work is done by off-chain workers, which run on
	/// validators; any other node needs `--offchain-worker always`.
	#[arg(long, value_name = "URL", value_parser = attestor::gateway)]
	pub benchmark_gateway: Option<String>,
}

/// The keeper's part of the command line.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Keeper")]
pub struct KeeperParams {
	/// Keep the exchange: liquidate accounts that lack margin and advance defaults as soon as that is due.
	///
	/// The calls are signed with the key of type `keep` in the keystore, which pays their fees.
	#[arg(long)]
	pub keeper: bool,

	/// The secret of the keeper's account, such as `//Alice`, instead of a key in the keystore.
	///
	/// On development and local chains only: everyone on a machine can read a command line.
	#[arg(long, value_name = "SURI", requires = "keeper")]
	pub keeper_seed: Option<String>,

	/// Look at how much of the insurance pool a guarantor uses every so many blocks, each in turn; 0 for never.
	#[arg(long, value_name = "BLOCKS", default_value_t = 100, requires = "keeper")]
	pub keeper_refresh_blocks: u32,
}

impl KeeperParams {
	/// How the keeper is to be; none if there is to be none.
	pub fn settings(&self) -> Option<keeper::Settings> {
		let refresh_every = NonZeroU32::new(self.keeper_refresh_blocks);
		self.keeper.then(|| keeper::Settings { seed: self.keeper_seed.clone(), refresh_every })
	}
}

/// The tools in the binary.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Write a chain specification, plain or raw.
	ExportChainSpec(ExportChainSpecCmd),

	/// The older form of `export-chain-spec`, which can also add this node as a boot node.
	BuildSpec(BuildSpecCmd),

	/// Execute a block of the database again and check it.
	CheckBlock(CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(ExportBlocksCmd),

	/// Write the state at a block as a chain specification.
	ExportState(ExportStateCmd),

	/// Import blocks from a file.
	ImportBlocks(ImportBlocksCmd),

	/// Delete a chain's database.
	PurgeChain(PurgeChainCmd),

	/// Take back blocks that are not final.
	Revert(RevertCmd),

	/// Print the database's best, final and genesis blocks.
	ChainInfo(ChainInfoCmd),
}

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"GCX Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		concat!(env!("CARGO_PKG_REPOSITORY"), "/issues").into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		chain_spec::load(id).map_err(|error| error.to_string())
	}
}

impl Cli {
	/// Parses `arguments`, the program's name first. `--help`, `--version` and unknown flags print and end the process
	/// here, as `clap` does; a flag that is known elsewhere but that this node has no answer for is an [`Error`].
	pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
		Self::try_from_iter(arguments).map_err(|error| {
			if asks_for_rocksdb(&error) {
				Error::RocksDbIsNotBuiltIn
			} else {
				error.exit()
			}
		})
	}
}

/// Operators of other chains carry `--database rocksdb` over in their unit files; "invalid value" would not tell them
/// that nothing is lost by leaving it out.
fn asks_for_rocksdb(error: &clap::Error) -> bool {
	let is = |kind, test: fn(&str) -> bool| match error.get(kind) {
		Some(ContextValue::String(value)) => test(value),
		_ => false,
	};
	is(ContextKind::InvalidArg, |flag| flag.starts_with("--database"))
		&& is(ContextKind::InvalidValue, |value| value.eq_ignore_ascii_case("rocksdb"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_cli::clap::CommandFactory;
	use sc_network::config::NetworkBackendType;
	use sc_service::{config::RpcMethods, Configuration, DatabaseSource, Role};

	/// The configuration that `gcx-node <arguments>` would start with.
	fn configure(arguments: &[&str]) -> Configuration {
		let base_path = tempfile::tempdir().unwrap();
		let base_path = base_path.path().to_str().unwrap();
		let arguments = [&["gcx-node", "--base-path", base_path], arguments].concat();
		let cli = Cli::parse(arguments.into_iter().map(OsString::from)).unwrap();
		let tokio = sc_cli::build_runtime().unwrap();
		cli.create_configuration(&cli.run, tokio.handle().clone()).unwrap()
	}

	#[test]
	fn command_line_is_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn node_keeps_its_data_in_paritydb_when_no_database_is_named() {
		assert!(matches!(configure(&["--dev"]).database, DatabaseSource::ParityDb { .. }));
	}

	#[test]
	fn rocksdb_is_refused_when_named() {
		for flag in ["--database=rocksdb", "--db=RocksDb"] {
			let arguments = ["gcx-node", "--dev", flag].map(OsString::from);
			assert!(matches!(Cli::parse(arguments), Err(Error::RocksDbIsNotBuiltIn)), "{flag}");
		}
	}

	#[test]
	fn development_node_authors_with_alices_keys() {
		let config = configure(&["--dev"]);
		assert!(matches!(config.role, Role::Authority));
		assert_eq!(config.dev_key_seed.as_deref(), Some("//Alice"));
		assert!(config.force_authoring);
		assert!(config.offchain_worker.enabled);
	}

	#[test]
	fn node_listens_on_loopback_when_not_told_otherwise() {
		let config = configure(&["--chain=local"]);
		let endpoints = config.rpc.addr.unwrap();
		assert!(!endpoints.is_empty());
		for endpoint in endpoints {
			assert!(endpoint.listen_addr.ip().is_loopback());
			assert_eq!(endpoint.listen_addr.port(), 9944);
		}
		assert!(matches!(config.rpc.methods, RpcMethods::Auto));

		let metrics = config.prometheus_config.unwrap().port;
		assert!(metrics.ip().is_loopback());
		assert_eq!(metrics.port(), 9615);
	}

	fn keeper(arguments: &[&str]) -> Result<Option<keeper::Settings>, clap::Error> {
		let cli = Cli::try_from_iter([&["gcx-node", "--dev"], arguments].concat())?;
		Ok(cli.keeper.settings())
	}

	#[test]
	fn node_keeps_nothing_when_not_told_to() {
		assert!(keeper(&[]).unwrap().is_none());
	}

	#[test]
	fn keeper_takes_its_key_from_the_keystore_when_not_told_otherwise() {
		let settings = keeper(&["--keeper"]).unwrap().unwrap();
		assert_eq!((settings.seed, settings.refresh_every), (None, NonZeroU32::new(100)));

		let told = keeper(&["--keeper", "--keeper-seed=//Alice", "--keeper-refresh-blocks=0"]);
		let settings = told.unwrap().unwrap();
		assert_eq!((settings.seed.as_deref(), settings.refresh_every), (Some("//Alice"), None));
	}

	#[test]
	fn what_a_keeper_is_told_is_refused_when_there_is_none() {
		for flag in ["--keeper-seed=//Alice", "--keeper-refresh-blocks=5"] {
			let refusal = keeper(&[flag]).err().map(|error| error.kind());
			assert_eq!(refusal, Some(clap::error::ErrorKind::MissingRequiredArgument), "{flag}");
		}
	}

	#[test]
	fn gateway_is_https_or_on_this_machine() {
		let gateway = |url: &str| {
			Cli::try_from_iter(["gcx-node", "--dev", "--benchmark-gateway", url])
				.map(|cli| cli.attestor.benchmark_gateway)
		};
		for url in
			["https://gateway.example.org", "http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787"]
		{
			assert_eq!(gateway(url).unwrap().as_deref(), Some(url));
		}
		for url in ["http://gateway.example.org", "http://127.0.0.1.example.org", "ftp://127.0.0.1", "gateway", ""] {
			assert!(gateway(url).is_err(), "{url}");
		}
	}

	#[test]
	fn network_runs_on_litep2p_when_not_told_otherwise() {
		let backend = |arguments: &[&str]| configure(arguments).network.network_backend;
		assert!(matches!(backend(&["--dev"]), NetworkBackendType::Litep2p));
		assert!(matches!(backend(&["--dev", "--network-backend=libp2p"]), NetworkBackendType::Libp2p));
	}
}
