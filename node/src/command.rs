//! From the command line to the node or the tool it asks for.

use crate::{
	cli::{Cli, Subcommand},
	error::Error,
	ports,
	service::{self, Partial},
};
use gcx_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use std::{env, sync::Arc};

/// Does what the process's arguments ask for, and returns when it is done.
pub fn run() -> Result<(), Error> {
	let cli = Cli::parse(env::args_os())?;
	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::Key(command)) => Ok(command.run(&cli)?),
		Some(Subcommand::ExportChainSpec(command)) => {
			let spec = cli.load_spec(&command.chain).map_err(sc_cli::Error::from)?;
			Ok(command.run(spec)?)
		},
		Some(Subcommand::BuildSpec(command)) => {
			cli.create_runner(command)?.sync_run(|config| Ok(command.run(config.chain_spec, config.network)?))
		},
		Some(Subcommand::PurgeChain(command)) => {
			cli.create_runner(command)?.sync_run(|config| Ok(command.run(config.database)?))
		},
		Some(Subcommand::ChainInfo(command)) => {
			cli.create_runner(command)?.sync_run(|config| Ok(command.run::<Block>(&config)?))
		},
		Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
			let Partial { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
			Ok((async move { Ok(command.run(client, import_queue).await?) }, task_manager))
		}),
		Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
			let Partial { client, task_manager, import_queue, .. } = service::new_partial(&config)?;
			Ok((async move { Ok(command.run(client, import_queue).await?) }, task_manager))
		}),
		Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
			let Partial { client, task_manager, .. } = service::new_partial(&config)?;
			let database = config.database;
			Ok((async move { Ok(command.run(client, database).await?) }, task_manager))
		}),
		Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
			let Partial { client, task_manager, .. } = service::new_partial(&config)?;
			let spec = config.chain_spec;
			Ok((async move { Ok(command.run(client, spec).await?) }, task_manager))
		}),
		Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
			let Partial { client, backend, task_manager, .. } = service::new_partial(&config)?;
			// BABE's epochs and GRANDPA's voters are kept beside the blocks, and go back with them.
			let revert_consensus = Box::new(|client: Arc<_>, backend: Arc<_>, blocks| {
				sc_consensus_babe::revert(Arc::clone(&client), backend, blocks)?;
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			let reverted = async move { Ok(command.run(client, backend, Some(revert_consensus)).await?) };
			Ok((reverted, task_manager))
		}),
	}
}

fn run_node(cli: &Cli) -> Result<(), Error> {
	let mut runner = cli.create_runner(&cli.run)?;
	ports::claim(runner.config_mut())?;
	let wanted = service::Wanted { keeper: cli.keeper.settings(), gateway: cli.attestor.benchmark_gateway.clone() };
	runner.run_node_until_exit(|config| async move {
		match config.network.network_backend {
			NetworkBackendType::Litep2p => service::new_full::<Litep2pNetworkBackend>(config, wanted),
			NetworkBackendType::Libp2p => service::new_full::<NetworkWorker<_, _>>(config, wanted),
		}
	})
}
