//! The buyer's command line.

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// The buyer's side of deliveries: it says where lots are wanted, meters what comes, and objects.
#[derive(Debug, Parser)]
#[command(name = "gcx-buyer", version)]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Say where the lots of a contract are wanted, whose vouchers count, and where this side answers.
	Request(RequestArgs),
	/// Answer the polls of the sellers' agents with vouchers, until told to stop.
	Run(RunArgs),
	/// Object to a day's delivery, with a bond.
	Object(ObjectArgs),
	/// Print the open deals, what is due and what was acknowledged.
	Status(StatusArgs),
	/// Print the OpenAPI description of what is served.
	Openapi,
}

/// What all commands need that talk to a node.
#[derive(Args, Clone, Debug)]
pub struct NodeArgs {
	/// WebSocket of the node.
	#[arg(long, value_name = "URL", default_value = "ws://127.0.0.1:9944")]
	pub node: String,
	/// Which of the account's margin accounts.
	#[arg(long, value_name = "NUMBER", default_value_t = 0)]
	pub sub: u8,
}

/// Whose deals.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub struct WhoArgs {
	/// Key file of the account; on development chains only, a seed that everybody has, such as //Alice.
	#[arg(long, value_name = "FILE")]
	pub key: Option<String>,
	/// The account, where its key is not needed.
	#[arg(long, value_name = "ADDRESS")]
	pub account: Option<String>,
}

/// Options of `request`.
#[derive(Args, Clone, Debug)]
pub struct RequestArgs {
	/// The node.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Key file of the account that bought, or a development seed.
	#[arg(long, value_name = "FILE")]
	pub key: String,
	/// The contract.
	#[arg(long, value_name = "ID")]
	pub contract: u32,
	/// The region in which the lots are wanted, if possible: its number in UN M49, such as 276 for Germany.
	#[arg(long, value_name = "NUMBER")]
	pub region: u16,
	/// Where this side answers the sellers' agents: an http:// or https:// URL that they can reach.
	#[arg(long, value_name = "URL", required_unless_present = "no_vouchers")]
	pub endpoint: Option<String>,
	/// Key file of the account whose vouchers count. By default `--key`.
	#[arg(long, value_name = "FILE", conflicts_with_all = ["voucher_account", "no_vouchers"])]
	pub voucher_key: Option<String>,
	/// The account whose vouchers count, where its key is elsewhere.
	#[arg(long, value_name = "ADDRESS", conflicts_with = "no_vouchers")]
	pub voucher_account: Option<String>,
	/// No vouchers count: what a seller posts is what is delivered.
	#[arg(long)]
	pub no_vouchers: bool,
}

/// Options of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
	/// The node.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Whose deals.
	#[command(flatten)]
	pub who: WhoArgs,
	/// Key file of the account whose vouchers count, or a development seed. By default `--key`.
	#[arg(long, value_name = "FILE")]
	pub voucher_key: Option<String>,
	/// Where polls are answered. Put a TLS proxy in front.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8788")]
	pub listen: SocketAddr,
	/// Folder that keeps what was acknowledged.
	#[arg(long, value_name = "DIR", default_value = "gcx-buyer-state")]
	pub state: PathBuf,
	/// How much of what comes is acknowledged, in per cent.
	#[arg(long, value_name = "PER CENT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100))]
	pub share: u32,
	/// How many seconds apart two polls may be for the time between them to count. By default a minute, or a sixth of a short day.
	#[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
	pub gap: Option<u64>,
	/// Object near a day's end if less is acknowledged than the deal tolerates. Each objection puts a bond into escrow. Needs `--key`.
	#[arg(long)]
	pub object: bool,
}

/// Options of `object`.
#[derive(Args, Clone, Debug)]
pub struct ObjectArgs {
	/// The node.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Key file of the account that bought, or a development seed.
	#[arg(long, value_name = "FILE")]
	pub key: String,
	/// The deal.
	#[arg(long, value_name = "ID")]
	pub deal: u32,
	/// The day, as the chain counts days. By default today.
	#[arg(long, value_name = "DAY")]
	pub day: Option<u32>,
}

/// Options of `status`.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
	/// The node.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Whose deals.
	#[command(flatten)]
	pub who: WhoArgs,
	/// Folder that keeps what was acknowledged.
	#[arg(long, value_name = "DIR", default_value = "gcx-buyer-state")]
	pub state: PathBuf,
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
		Cli::try_parse_from(["gcx-buyer"].iter().chain(arguments))
	}

	#[test]
	fn the_command_line_holds_together() {
		Cli::command().debug_assert();
	}

	#[test]
	fn what_is_needed_is_asked_for() {
		let request = ["request", "--key", "//Bob", "--contract", "3", "--region", "276"];
		assert!(parse(&request).is_err(), "no endpoint");
		assert!(parse(&[&request[..], &["--no-vouchers"]].concat()).is_ok());
		assert!(parse(&[&request[..], &["--endpoint", "http://meter.example"]].concat()).is_ok());
		let both = ["--endpoint", "http://x", "--voucher-key", "//Bob", "--voucher-account", "5x"];
		assert!(parse(&[&request[..], &both].concat()).is_err());
		assert!(parse(&["run"]).is_err(), "nobody's deals");
		assert!(parse(&["run", "--key", "//Bob"]).is_ok());
		assert!(parse(&["run", "--account", "5x", "--voucher-key", "//Bob"]).is_ok());
		assert!(parse(&["object", "--key", "//Bob", "--deal", "3"]).is_ok());
		assert!(parse(&["status", "--account", "5x"]).is_ok());
		for wrong in [["--share", "101"], ["--gap", "0"], ["--listen", "here"]] {
			assert!(parse(&[&["run", "--key", "//Bob"][..], &wrong].concat()).is_err(), "{wrong:?}");
		}
	}
}
