//! What the agent is told by its configuration file.

use gcx_evidence::solve::{MAX_ORDER, MIN_ORDER};
use gcx_primitives::{ResourceId, MAX_DEVICES};
use serde::{de, Deserialize, Deserializer};
use std::{
	fs, io,
	net::{Ipv4Addr, SocketAddr},
	num::NonZeroUsize,
	path::{Path, PathBuf},
	str::FromStr,
};
use thiserror::Error;

/// Everything that can be configured. The command line overrides it field by field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
	/// The node's WebSocket.
	pub node: String,
	/// The resources that this machine is.
	pub resources: Vec<ResourceId>,
	/// A key file, or a development seed such as `//Alice`.
	pub key: Option<String>,
	/// Where it is kept what was signed.
	pub state: PathBuf,
	/// Where results are served.
	pub listen: SocketAddr,
	/// The seeded solve.
	pub solve: SolveConfig,
	/// STREAM.
	pub stream: StreamConfig,
	/// Declared results beside these.
	pub declare: DeclareConfig,
	/// Proof of compute.
	pub prove: ProveConfig,
	/// Deliveries.
	pub meter: MeterConfig,
}

/// The seeded solve.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct SolveConfig {
	/// Whether it is run.
	pub mode: Mode,
	/// Of which order.
	pub order: Order,
	/// As how many devices this machine may answer.
	pub devices: u32,
	/// Whether it is declared as a result of HPL, too.
	pub declare: bool,
}

/// STREAM.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct StreamConfig {
	/// Whether it is run in each round, after the draw was answered.
	pub run: bool,
	/// Bytes of each of the three arrays. If absent: four times the last-level caches, if half of the free memory allows.
	pub bytes: Option<u64>,
}

/// Declared results beside what the agent measures.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct DeclareConfig {
	/// A folder of raw outputs.
	pub outputs: Option<PathBuf>,
}

/// Proof of compute.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct ProveConfig {
	/// Whether roll-calls are answered.
	pub run: bool,
	/// On how many threads. All that there are unless it is said.
	pub threads: Option<NonZeroUsize>,
	/// Whether GPUs compute, a device each, and not the processor.
	pub gpu: bool,
}

/// Deliveries.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct MeterConfig {
	/// Whether they are metered.
	pub run: bool,
	/// Seconds between two polls of a buyer. Where days are short it is less.
	pub every: u64,
	/// How much of the devices is there, in per cent.
	pub available: u32,
	/// Whether buyers' endpoints may be on this machine or its network: for test networks.
	pub allow_private_endpoints: bool,
}

/// Whether the seeded solve is run.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
	/// If the chain says that the resource's class is attested by it.
	#[default]
	Auto,
	/// Always.
	On,
	/// Never: draws are answered without one.
	Off,
}

/// The order of the seeded solve.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
	/// The largest that is likely to be over in half of the time there is.
	#[default]
	Auto,
	/// This one.
	Fixed(u32),
}

impl FromStr for Order {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		if text == "auto" {
			return Ok(Self::Auto);
		}
		let order = text.parse::<u32>().ok().filter(|order| (MIN_ORDER..=MAX_ORDER).contains(order));
		order.map(Self::Fixed).ok_or_else(|| format!("an order is `auto` or a number from {MIN_ORDER} to {MAX_ORDER}"))
	}
}

impl<'de> Deserialize<'de> for Order {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged)]
		enum Written {
			Number(u32),
			Text(String),
		}
		let text = match Written::deserialize(deserializer)? {
			Written::Number(order) => order.to_string(),
			Written::Text(text) => text,
		};
		text.parse().map_err(de::Error::custom)
	}
}

impl Default for Config {
	fn default() -> Self {
		Self {
			node: "ws://127.0.0.1:9944".into(),
			resources: Vec::new(),
			key: None,
			state: "gcx-provider-state".into(),
			listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_787)),
			solve: SolveConfig::default(),
			stream: StreamConfig::default(),
			declare: DeclareConfig::default(),
			prove: ProveConfig::default(),
			meter: MeterConfig::default(),
		}
	}
}

impl Default for SolveConfig {
	fn default() -> Self {
		Self { mode: Mode::Auto, order: Order::Auto, devices: 1, declare: true }
	}
}

impl Default for StreamConfig {
	fn default() -> Self {
		Self { run: true, bytes: None }
	}
}

impl Default for ProveConfig {
	fn default() -> Self {
		Self { run: true, threads: None, gpu: false }
	}
}

impl Default for MeterConfig {
	fn default() -> Self {
		Self { run: true, every: 5, available: 100, allow_private_endpoints: false }
	}
}

/// What is wrong with a configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("{0}: {1}")]
	Unreadable(PathBuf, io::Error),
	/// The file is no configuration: says where.
	#[error("{0}: {1}")]
	Invalid(PathBuf, toml::de::Error),
	/// No resource was named.
	#[error("no resource: name one with --resource or `resources` in the configuration file")]
	NoResource,
	/// A resource was named twice.
	#[error("resource {} is named twice", .0.0)]
	ResourceTwice(ResourceId),
	/// No key was named.
	#[error("no key: name a file with --key or `key` in the configuration file")]
	NoKey,
	/// No resource has so many devices.
	#[error("a resource has from 1 to {MAX_DEVICES} devices, not {0}")]
	Devices(u32),
	/// Threads are of the processor.
	#[error("`prove.threads` is of the processor: leave it out where GPUs compute")]
	GpuThreads,
	/// There are no GPUs in this build.
	#[error("`prove.gpu` needs an agent that was built with the feature `cuda`")]
	NoGpu,
	/// More than everything is there.
	#[error("from 0 to 100 per cent can be available, not {0}")]
	Available(u32),
	/// Buyers are polled too often, or too rarely.
	#[error("buyers are polled every 1 to 60 seconds, not {0}")]
	Every(u64),
}

impl Config {
	/// Reads a file.
	///
	/// # Errors
	/// [`ConfigError::Unreadable`], [`ConfigError::Invalid`].
	pub fn read(path: &Path) -> Result<Self, ConfigError> {
		let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.into(), error))?;
		toml::from_str(&text).map_err(|error| ConfigError::Invalid(path.into(), error))
	}

	/// Checks what cannot be checked field by field.
	///
	/// # Errors
	/// The first thing that is wrong.
	pub fn check(&self) -> Result<(), ConfigError> {
		if self.resources.is_empty() {
			return Err(ConfigError::NoResource);
		}
		for (index, resource) in self.resources.iter().enumerate() {
			if self.resources[..index].contains(resource) {
				return Err(ConfigError::ResourceTwice(*resource));
			}
		}
		if self.key.is_none() {
			return Err(ConfigError::NoKey);
		}
		if !(1..=MAX_DEVICES).contains(&self.solve.devices) {
			return Err(ConfigError::Devices(self.solve.devices));
		}
		if self.prove.gpu && self.prove.threads.is_some() {
			return Err(ConfigError::GpuThreads);
		}
		if self.prove.gpu && !cfg!(feature = "cuda") {
			return Err(ConfigError::NoGpu);
		}
		if self.meter.available > 100 {
			return Err(ConfigError::Available(self.meter.available));
		}
		if !(1..=60).contains(&self.meter.every) {
			return Err(ConfigError::Every(self.meter.every));
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(text: &str) -> Result<Config, toml::de::Error> {
		toml::from_str(text)
	}

	#[test]
	fn the_example_is_a_configuration_of_the_defaults() {
		let example = read(include_str!("../config.example.toml")).unwrap();
		assert!(example.check().is_ok());
		let expected = Config {
			resources: vec![ResourceId(7)],
			key: Some("/etc/gcx/provider.key".into()),
			state: "/var/lib/gcx-provider".into(),
			..Config::default()
		};
		assert_eq!(example, expected);
	}

	#[test]
	fn a_field_that_is_not_known_is_refused_with_its_name() {
		for text in [
			"nodes = 1",
			"[solve]\nordre = 1",
			"[stream]\nsize = 1",
			"[declare]\noutput = \"x\"",
			"[meter]\nshare = 1",
			"[prove]\ncores = 1",
		] {
			let refused = read(text).unwrap_err().to_string();
			assert!(refused.contains("unknown field"), "{refused}");
		}
	}

	#[test]
	fn an_order_is_auto_or_a_number_in_bounds() {
		let order = |text: &str| read(&format!("[solve]\norder = {text}")).map(|config| config.solve.order);
		assert_eq!(order("\"auto\"").unwrap(), Order::Auto);
		assert_eq!(order("4096").unwrap(), Order::Fixed(4_096));
		assert_eq!(order("\"4096\"").unwrap(), Order::Fixed(4_096));
		for wrong in ["255", "65537", "-1", "4096.5", "\"large\"", "true"] {
			assert!(order(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn a_configuration_that_cannot_run_is_refused_by_name() {
		let good = Config { resources: vec![ResourceId(1)], key: Some("//Alice".into()), ..Config::default() };
		assert!(good.check().is_ok());
		let check = |config: Config| config.check().unwrap_err();
		assert!(matches!(check(Config { resources: vec![], ..good.clone() }), ConfigError::NoResource));
		let twice = vec![ResourceId(1), ResourceId(1)];
		assert!(matches!(check(Config { resources: twice, ..good.clone() }), ConfigError::ResourceTwice(_)));
		assert!(matches!(check(Config { key: None, ..good.clone() }), ConfigError::NoKey));
		for devices in [0, MAX_DEVICES + 1] {
			let solve = SolveConfig { devices, ..good.solve };
			assert!(matches!(check(Config { solve, ..good.clone() }), ConfigError::Devices(_)));
		}
		let prove = ProveConfig { gpu: true, threads: NonZeroUsize::new(2), ..good.prove };
		assert!(matches!(check(Config { prove, ..good.clone() }), ConfigError::GpuThreads));
		if !cfg!(feature = "cuda") {
			let prove = ProveConfig { gpu: true, ..good.prove };
			assert!(matches!(check(Config { prove, ..good.clone() }), ConfigError::NoGpu));
		}
		let meter = MeterConfig { available: 101, ..good.meter };
		assert!(matches!(check(Config { meter, ..good.clone() }), ConfigError::Available(101)));
		for every in [0, 61] {
			let meter = MeterConfig { every, ..good.meter };
			assert!(matches!(check(Config { meter, ..good.clone() }), ConfigError::Every(_)));
		}
		assert!(matches!(Config::read(Path::new("/nonexistent")), Err(ConfigError::Unreadable(..))));
	}
}
