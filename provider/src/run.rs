//! The commands.

use crate::{
	bench::{self, BenchError},
	chain::{
		delivery::{self, follow::Followed, Whose},
		live::Live,
		Chain, ChainError,
	},
	cli::{BenchArgs, CheckArgs, Cli, Command, ProveArgs, RunArgs},
	config::{Config, ConfigError, Mode, Order},
	key::{is_development, Key, KeyError},
	meter::{
		self,
		client::{Client, PATIENCE},
		store::MeterStore,
		Meter,
	},
	outputs::{read_file, Folder, Output},
	progress::Progress,
	proofs::{self, Machines, Proofs},
	prove::{self, ProveError},
	rounds::{work::Workload, Agent, Options, RunError},
	serve::{serve, Limits, Served, OPENAPI},
	solve::SolveError,
	store::{Store, StoreError},
};
use gcx_evidence::MAX_BENCHMARKS;
use gcx_primitives::Ppm;
use gcx_prover::{gpus, AcceleratorError};
use std::{
	future::Future,
	io::{self, Write},
	path::Path,
	process::ExitCode,
	sync::Arc,
	time::Duration,
};
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch};

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CommandError {
	/// The configuration.
	#[error(transparent)]
	Config(#[from] ConfigError),
	/// The key.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The store.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The agent.
	#[error(transparent)]
	Run(#[from] RunError),
	/// A measurement.
	#[error(transparent)]
	Bench(#[from] BenchError),
	/// A proof of compute.
	#[error(transparent)]
	Prove(#[from] ProveError),
	/// The calibration.
	#[error(transparent)]
	Calibrate(#[from] SolveError),
	/// The address cannot be listened on.
	#[error("cannot serve at {0}: {1}")]
	Listen(std::net::SocketAddr, io::Error),
	/// The folder of raw outputs cannot be read.
	#[error("{0}: {1}")]
	Outputs(std::path::PathBuf, io::Error),
	/// Standard output, or the runtime.
	#[error(transparent)]
	Io(#[from] io::Error),
	/// JSON cannot be written.
	#[error(transparent)]
	Json(#[from] serde_json::Error),
}

/// Does what the command line says.
///
/// # Errors
/// See [`CommandError`].
pub fn command(cli: Cli) -> Result<ExitCode, CommandError> {
	match cli.command {
		Command::Run(args) => run(&args),
		Command::Bench(args) => bench(&args),
		Command::Prove(args) => prove(&args),
		Command::Check(args) => check(&args),
		Command::Openapi => {
			io::stdout().write_all(OPENAPI.as_bytes())?;
			Ok(ExitCode::SUCCESS)
		},
	}
}

fn bench(args: &BenchArgs) -> Result<ExitCode, CommandError> {
	let report = bench::run(args, &Progress::new())?;
	let text = if args.json { serde_json::to_string_pretty(&report)? + "\n" } else { report.text() };
	io::stdout().write_all(text.as_bytes())?;
	Ok(ExitCode::SUCCESS)
}

fn prove(args: &ProveArgs) -> Result<ExitCode, CommandError> {
	let report = prove::run(args, &Progress::new())?;
	io::stdout().write_all(report.text().as_bytes())?;
	Ok(ExitCode::SUCCESS)
}

/// Fails if any file is refused.
fn check(args: &CheckArgs) -> Result<ExitCode, CommandError> {
	let outputs: Vec<Output> = args.files.iter().map(|file| check_file(file)).collect();
	let mut stdout = io::stdout().lock();
	if args.json {
		serde_json::to_writer_pretty(&mut stdout, &outputs)?;
		writeln!(stdout)?;
	} else {
		for output in &outputs {
			writeln!(stdout, "{}", describe(output))?;
		}
	}
	let refused = outputs.iter().any(|output| output.refused.is_some());
	Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn check_file(file: &Path) -> Output {
	let name = file.display().to_string();
	let (kind, read) = read_file(file, &name);
	let figure = read.as_ref().ok().map(|(figure, _)| *figure);
	Output { file: name, kind, figure, refused: read.err(), declared: false }
}

/// One line about a file.
pub fn describe(output: &Output) -> String {
	let kind = output.kind.map_or_else(|| "unknown".into(), |kind| format!("{kind:?}"));
	match (&output.figure, output.refused) {
		(Some(figure), _) => {
			let declared = if output.declared { ", declared" } else { "" };
			format!("{}: {kind}: {:?} {} {}{declared}", output.file, figure.metric, figure.value, figure.unit)
		},
		(None, Some(reason)) => format!("{}: {kind}: refused: {reason:?}", output.file),
		(None, None) => format!("{}: {kind}", output.file),
	}
}

fn run(args: &RunArgs) -> Result<ExitCode, CommandError> {
	let config = args.config()?;
	let progress = Progress::new();
	let source = config.key.as_deref().unwrap_or_default();
	let key = Key::load(source)?;
	if is_development(source) {
		progress.warn("the key is a development seed, which everybody has: for development chains only");
	}
	if !config.listen.ip().is_loopback() {
		progress.warn(
			"results are served without TLS beyond this machine: attestors read by HTTPS, so put a proxy in front",
		);
	}
	if config.solve.devices > 1 {
		progress
			.warn("this machine answers as several devices: a device is a device, and what is overstated is found out");
	}
	let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
	runtime.block_on(start(config, key, args.once, progress))?;
	// Work that still runs is not waited for: what it comes to would not be stored any more.
	runtime.shutdown_timeout(Duration::from_secs(1));
	Ok(ExitCode::SUCCESS)
}

async fn start(config: Config, key: Key, once: bool, progress: Progress) -> Result<(), CommandError> {
	let outputs = read_outputs(&config, &progress)?;
	let calibration = match (config.solve.mode, config.solve.order) {
		(Mode::Off, _) | (_, Order::Fixed(_)) => None,
		(Mode::Auto | Mode::On, Order::Auto) => Some(bench::calibrate(&progress)?),
	};
	let listener =
		TcpListener::bind(config.listen).await.map_err(|error| CommandError::Listen(config.listen, error))?;
	let stop = stop_signal()?;
	let chain = tokio::select! {
		chain = connect(&config, &key, &progress) => chain?,
		() = stopped(stop.clone()) => return Ok(()),
	};
	let store = Arc::new(Store::open(&config.state, chain.genesis())?);
	let served = Arc::new(Served::new(store.clone(), config.resources.clone()));
	served.set_outputs(outputs);
	progress.say(format!("agent {} serves http://{}", key.account(), listener.local_addr()?));
	let workload = Workload {
		order: config.solve.order,
		declare_solve: config.solve.declare,
		stream: config.stream.run.then_some(config.stream.bytes),
		outputs: config.declare.outputs.clone(),
		calibration,
		progress: progress.clone(),
	};
	let options = Options { mode: config.solve.mode, devices: config.solve.devices, once, ..Options::default() };
	let (over, overs) = watch::channel(false);
	let metering = config.meter.run.then(|| meter(&config, &chain, &key, &store, &served, &progress)).transpose()?;
	let metering = metering.map(|meter| tokio::spawn(meter_until(meter, stopped(overs.clone()), progress.clone())));
	let machines = (config.prove.run && !once).then(|| machines(&config)).transpose().unwrap_or_else(|error| {
		// As with what stops it later: rounds and deliveries go on.
		progress.warn(format!("roll-calls are not answered: {error}"));
		None
	});
	let proving = machines.map(|machines| {
		let live = proofs::chain::Live::new(chain.another(), config.resources.clone(), key.clone());
		let proofs = Proofs::new(live, machines, progress.clone());
		tokio::spawn(prove_until(proofs, stopped(overs.clone()), progress.clone()))
	});
	let agent = Agent::new(chain, key, store, served.clone(), options, workload);
	let server = tokio::spawn(serve(listener, served, Limits::default(), stopped(overs)));
	let result = agent.run(stopped(stop)).await;
	over.send_replace(true);
	for beside in [metering, proving].into_iter().flatten() {
		beside.await.map_err(io::Error::other)?;
	}
	server.await.map_err(io::Error::other)??;
	Ok(result?)
}

/// A meter of the deliveries of these resources, on a connection of its own.
fn meter(
	config: &Config,
	chain: &Live,
	key: &Key,
	store: &Store,
	served: &Served,
	progress: &Progress,
) -> Result<Meter, CommandError> {
	let folder = store.folder().join("meter");
	let (vouchers, damaged) = MeterStore::open(folder.clone()).map_err(|error| StoreError::Io(folder, error))?;
	for path in damaged {
		progress.warn(format!("{} cannot be read: it is passed over", path.display()));
	}
	if config.meter.allow_private_endpoints {
		progress.warn("buyers' endpoints may be on this machine or its network: only for test networks");
	}
	let whose = Whose::Resources(config.resources.clone());
	let deliveries = delivery::live::Live::new(chain.another(), whose, Some(key.clone()));
	let options = meter::Options {
		every: Duration::from_secs(config.meter.every),
		devices: config.solve.devices,
		available: Ppm::percent(config.meter.available),
	};
	Ok(Meter::new(
		Followed::new(deliveries, progress.clone(), Duration::from_millis(500)),
		key.clone(),
		vouchers,
		Client::new(config.meter.allow_private_endpoints, PATIENCE),
		options,
		served.meter(),
		progress.clone(),
	))
}

/// What computes for roll-calls.
fn machines(config: &Config) -> Result<Machines, AcceleratorError> {
	if config.prove.gpu {
		return Ok(Machines::Accelerators(gpus()?));
	}
	Ok(Machines::Processor { devices: config.solve.devices, threads: config.prove.threads })
}

/// Answers roll-calls until it is told to stop. What stops it before stops nothing else.
async fn prove_until(proofs: Proofs<proofs::chain::Live>, stop: impl Future<Output = ()>, progress: Progress) {
	if let Err(error) = proofs.run(stop).await {
		progress.warn(format!("roll-calls are no longer answered: {error}"));
	}
}

/// Meters until it is told to stop. What stops it before stops nothing else.
async fn meter_until(meter: Meter, stop: impl Future<Output = ()>, progress: Progress) {
	if let Err(error) = meter.run(stop).await {
		progress.warn(format!("deliveries are no longer metered: {error}"));
	}
}

/// Connects to the node; one that is not up yet is waited for.
async fn connect(config: &Config, key: &Key, progress: &Progress) -> Result<Live, ChainError> {
	let mut wait = Duration::from_millis(500);
	loop {
		match Live::connect(config.node.clone(), config.resources.clone(), key.clone()).await {
			Ok(chain) => return Ok(chain),
			Err(error) if error.is_final() => return Err(error),
			Err(error) => progress.warn(format!("{error}; trying again in {:.1} s", wait.as_secs_f64())),
		}
		tokio::time::sleep(wait).await;
		wait = (wait * 2).min(Duration::from_secs(30));
	}
}

fn read_outputs(config: &Config, progress: &Progress) -> Result<Vec<Output>, CommandError> {
	let Some(folder) = &config.declare.outputs else { return Ok(Vec::new()) };
	let read = Folder::read(folder, config.solve.devices, MAX_BENCHMARKS)
		.map_err(|error| CommandError::Outputs(folder.clone(), error))?;
	for output in &read.outputs {
		progress.say(describe(output));
	}
	Ok(read.outputs)
}

/// Becomes true when the program is told to stop, by ctrl-c or SIGTERM.
pub(crate) fn stop_signal() -> io::Result<watch::Receiver<bool>> {
	let (sender, receiver) = watch::channel(false);
	#[cfg(unix)]
	let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
	tokio::spawn(async move {
		#[cfg(unix)]
		tokio::select! {
			_ = tokio::signal::ctrl_c() => (),
			_ = terminate.recv() => (),
		}
		#[cfg(not(unix))]
		let _ = tokio::signal::ctrl_c().await;
		sender.send_replace(true);
	});
	Ok(receiver)
}

/// Is ready when a signal was given, or whoever gives it has gone.
pub(crate) async fn stopped(mut signal: watch::Receiver<bool>) {
	let _ = signal.wait_for(|stop| *stop).await;
}
