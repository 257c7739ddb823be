//! The command line.

use crate::config::{Config, ConfigError, Mode, Order};
use clap::{Args, Parser, Subcommand};
use gcx_primitives::ResourceId;
use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf};

/// The agent beside a provider's hardware: it runs benchmarks, answers draws, and serves signed results.
#[derive(Debug, Parser)]
#[command(name = "gcx-provider", version)]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Answer draws of a resource and serve its results, until told to stop.
	Run(RunArgs),
	/// Measure this machine and print what it came to. Needs no chain.
	Bench(BenchArgs),
	/// Prove compute on this machine, as in a roll-call, and print how fast it was. Needs no chain.
	Prove(ProveArgs),
	/// Read raw outputs of benchmarks, and print what they come to or why they are refused.
	Check(CheckArgs),
	/// Print the OpenAPI description of what is served.
	Openapi,
}

/// Options of `run`. Each overrides its field of the configuration file.
#[derive(Args, Debug, Default)]
pub struct RunArgs {
	/// Configuration file (TOML).
	#[arg(long, value_name = "FILE")]
	pub config: Option<PathBuf>,
	/// WebSocket of the node.
	#[arg(long, value_name = "URL")]
	pub node: Option<String>,
	/// The resource that this machine is. May be given several times.
	#[arg(long, value_name = "ID")]
	pub resource: Vec<u32>,
	/// Key file; on development chains only, a seed that everybody has, such as //Alice.
	#[arg(long, value_name = "FILE")]
	pub key: Option<String>,
	/// Folder that keeps what was signed.
	#[arg(long, value_name = "DIR")]
	pub state: Option<PathBuf>,
	/// Where results are served.
	#[arg(long, value_name = "ADDRESS")]
	pub listen: Option<SocketAddr>,
	/// Whether draws are answered with the seeded solve.
	#[arg(long, value_enum)]
	pub solve: Option<Mode>,
	/// Order of the solve: a number, or `auto`.
	#[arg(long)]
	pub order: Option<Order>,
	/// As how many devices this machine answers.
	#[arg(long, value_name = "NUMBER")]
	pub devices: Option<u32>,
	/// Bytes of each of STREAM's arrays.
	#[arg(long, value_name = "BYTES")]
	pub stream_bytes: Option<u64>,
	/// Do not run STREAM.
	#[arg(long)]
	pub no_stream: bool,
	/// Folder of raw outputs that are declared.
	#[arg(long, value_name = "DIR")]
	pub outputs: Option<PathBuf>,
	/// Do not answer roll-calls of proof of compute.
	#[arg(long)]
	pub no_prove: bool,
	/// Threads that answer them. All that there are unless it is said.
	#[arg(long, value_name = "NUMBER")]
	pub prove_threads: Option<NonZeroUsize>,
	/// Answer them with this machine's GPUs, a device each, and not with its processor.
	#[arg(long, conflicts_with = "prove_threads")]
	pub prove_gpu: bool,
	/// Do not meter deliveries.
	#[arg(long)]
	pub no_meter: bool,
	/// How much of the devices is there, in per cent.
	#[arg(long, value_name = "PER CENT")]
	pub available: Option<u32>,
	/// Ask buyers' endpoints on this machine or its network, too. Only for test networks.
	#[arg(long)]
	pub allow_private_endpoints: bool,
	/// Answer one round, serve it until it is closed, and stop.
	#[arg(long)]
	pub once: bool,
}

impl RunArgs {
	/// The configuration: the file's, with what was given here in its place.
	///
	/// # Errors
	/// See [`ConfigError`].
	pub fn config(&self) -> Result<Config, ConfigError> {
		let mut config = self.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
		fn set<T: Clone>(field: &mut T, given: &Option<T>) {
			if let Some(given) = given {
				field.clone_from(given);
			}
		}
		set(&mut config.node, &self.node);
		set(&mut config.state, &self.state);
		set(&mut config.listen, &self.listen);
		set(&mut config.solve.mode, &self.solve);
		set(&mut config.solve.order, &self.order);
		set(&mut config.solve.devices, &self.devices);
		if !self.resource.is_empty() {
			config.resources = self.resource.iter().copied().map(ResourceId).collect();
		}
		config.key = self.key.clone().or(config.key);
		config.stream.bytes = self.stream_bytes.or(config.stream.bytes);
		config.stream.run &= !self.no_stream;
		config.declare.outputs = self.outputs.clone().or(config.declare.outputs);
		config.prove.run &= !self.no_prove;
		config.prove.threads = self.prove_threads.or(config.prove.threads);
		config.prove.gpu |= self.prove_gpu;
		set(&mut config.meter.available, &self.available);
		config.meter.run &= !self.no_meter;
		config.meter.allow_private_endpoints |= self.allow_private_endpoints;
		config.check()?;
		Ok(config)
	}
}

/// Options of `bench`.
#[derive(Args, Debug)]
pub struct BenchArgs {
	/// Order of the solve: a number, or `auto` for one that takes some seconds.
	#[arg(long, default_value = "auto")]
	pub order: Order,
	/// Bytes of each of STREAM's arrays.
	#[arg(long, value_name = "BYTES")]
	pub stream_bytes: Option<u64>,
	/// Do not run STREAM.
	#[arg(long)]
	pub no_stream: bool,
	/// Print JSON.
	#[arg(long)]
	pub json: bool,
}

/// Options of `prove`. As they are, a product takes some seconds on a few cores.
#[derive(Args, Debug)]
pub struct ProveArgs {
	/// Rows of the left matrix: a multiple of 16.
	#[arg(long, value_name = "ROWS", default_value_t = 2_048)]
	pub m: u32,
	/// Columns of the right matrix: a multiple of 16.
	#[arg(long, value_name = "COLUMNS", default_value_t = 2_048)]
	pub n: u32,
	/// Products in a sum: a multiple of 64, up to 131072.
	#[arg(long, value_name = "DEPTH", default_value_t = 131_072)]
	pub k: u32,
	/// Products, one after the other.
	#[arg(long, value_name = "NUMBER", default_value_t = 4)]
	pub rounds: u32,
	/// Threads. All that there are unless it is said.
	#[arg(long, value_name = "NUMBER")]
	pub threads: Option<NonZeroUsize>,
	/// On this machine's GPUs, a device each, and not on its processor.
	#[arg(long, conflicts_with = "threads")]
	pub gpu: bool,
}

/// Options of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
	/// Files.
	#[arg(required = true)]
	pub files: Vec<PathBuf>,
	/// Print JSON.
	#[arg(long)]
	pub json: bool,
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn run(arguments: &[&str]) -> RunArgs {
		let cli = Cli::try_parse_from(["gcx-provider", "run"].iter().chain(arguments)).unwrap();
		match cli.command {
			Command::Run(run) => run,
			other => panic!("{other:?}"),
		}
	}

	#[test]
	fn the_command_line_holds_together() {
		Cli::command().debug_assert();
	}

	#[test]
	fn the_command_line_overrides_the_file() {
		let file = tempfile::NamedTempFile::new().unwrap();
		std::fs::write(file.path(), include_str!("../config.example.toml")).unwrap();
		let path = file.path().to_str().unwrap();
		let config = run(&["--config", path, "--resource", "8", "--resource", "9", "--order", "512", "--no-stream"]);
		let config = config.config().unwrap();
		assert_eq!(config.resources, [ResourceId(8), ResourceId(9)]);
		assert_eq!(config.solve.order, Order::Fixed(512));
		assert!(!config.stream.run);
		assert_eq!(config.key.as_deref(), Some("/etc/gcx/provider.key"));
	}

	#[test]
	fn without_a_file_resource_and_key_are_enough() {
		assert!(run(&["--resource", "7", "--key", "//Alice"]).config().is_ok());
		assert!(matches!(run(&["--key", "//Alice"]).config(), Err(ConfigError::NoResource)));
		assert!(matches!(run(&["--resource", "7"]).config(), Err(ConfigError::NoKey)));
	}

	#[test]
	fn nonsense_is_refused() {
		for arguments in [&["--order", "7"][..], &["--listen", "here"], &["--devices", "-1"], &["--solve", "maybe"]] {
			assert!(Cli::try_parse_from(["gcx-provider", "run"].iter().chain(arguments)).is_err(), "{arguments:?}");
		}
	}
}
