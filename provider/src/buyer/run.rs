//! The buyer's commands.

use super::{
	book::{describe, Book, Options},
	cli::{Cli, Command, NodeArgs, ObjectArgs, RequestArgs, RunArgs, StatusArgs, WhoArgs},
	serve::{router, OPENAPI},
	store::{BuyerStore, Records},
};
use crate::{
	chain::{
		delivery::{
			follow::{Caller, Followed},
			live::Live,
			Account, Call, Deal, DeliveryChain, View, Whose,
		},
		node::Node,
		ChainError,
	},
	key::{is_development, Key, KeyError},
	meter::{
		endpoint::{is_public, Endpoint, EndpointError},
		vouchers::hours,
	},
	progress::Progress,
	run::{stop_signal, stopped},
	serve::{serve_router, Limits},
	store::StoreError,
};
use gcx_primitives::{Day, DealId, InstrumentId, Ppm, Region, SubAccount};
use sp_runtime::AccountId32;
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::Write as _,
	future::Future,
	io::{self, Write as _},
	net::IpAddr,
	pin::pin,
	process::ExitCode,
	sync::Arc,
	time::Duration,
};
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch};

/// How long it waits before it asks a chain again that failed, at first.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
/// Best blocks after which an objection that is not on the chain is sent again.
const OBJECT_AGAIN_AFTER: u64 = 2;
/// The most times that one objection is sent.
const MOST_OBJECTIONS: u32 = 4;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum BuyerError {
	/// A key.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// What was acknowledged.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The endpoint.
	#[error(transparent)]
	Endpoint(#[from] EndpointError),
	/// No address.
	#[error("{0} is no address of an account")]
	Account(String),
	/// The key and the account are two.
	#[error("the key is of {0}, which is not the account that is named")]
	OtherAccount(AccountId32),
	/// There is no key for vouchers.
	#[error("no key for vouchers: name one with --voucher-key, or the account's own with --key")]
	NoVoucherKey,
	/// There is no key for objections.
	#[error("objections are signed by the account that bought: --object needs --key")]
	NoKey,
	/// The deal is not this account's.
	#[error("deal {} is no open deal of this account", .0.0)]
	UnknownDeal(DealId),
	/// The address cannot be listened on.
	#[error("cannot serve at {0}: {1}")]
	Listen(std::net::SocketAddr, io::Error),
	/// Standard output, or the runtime.
	#[error(transparent)]
	Io(#[from] io::Error),
}

/// Does what the command line says.
///
/// # Errors
/// See [`BuyerError`].
pub fn command(cli: Cli) -> Result<ExitCode, BuyerError> {
	if let Command::Openapi = cli.command {
		io::stdout().write_all(OPENAPI.as_bytes())?;
		return Ok(ExitCode::SUCCESS);
	}
	let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
	let done = runtime.block_on(async {
		match cli.command {
			Command::Request(args) => request(&args).await,
			Command::Run(args) => run(&args).await,
			Command::Object(args) => object(&args).await,
			Command::Status(args) => status(&args).await,
			Command::Openapi => Ok(()),
		}
	});
	// A name that is being looked up, say, is not waited for.
	runtime.shutdown_background();
	done.map(|()| ExitCode::SUCCESS)
}

fn account_of(text: &str) -> Result<AccountId32, BuyerError> {
	text.parse().map_err(|_| BuyerError::Account(text.into()))
}

/// The account whose deals are looked at, and its key if there is one.
fn who(args: &WhoArgs) -> Result<(AccountId32, Option<Key>), BuyerError> {
	let key = args.key.as_deref().map(Key::load).transpose()?;
	let named = args.account.as_deref().map(account_of).transpose()?;
	match (key, named) {
		(Some(key), Some(named)) if key.account() != named => Err(BuyerError::OtherAccount(key.account())),
		(Some(key), _) => Ok((key.account(), Some(key))),
		(None, Some(named)) => Ok((named, None)),
		(None, None) => Err(BuyerError::NoKey),
	}
}

fn margin_account(owner: &AccountId32, args: &NodeArgs) -> Account {
	Account { owner: owner.clone().into(), sub: SubAccount(args.sub) }
}

/// Looks at a block.
async fn look(args: &NodeArgs, owner: &AccountId32, key: Option<Key>) -> Result<(Live, View), BuyerError> {
	let node = Node::connect(args.node.clone()).await?;
	let mut chain = Live::new(node, Whose::Buyer(margin_account(owner, args)), key);
	let view = chain.next().await?;
	Ok((chain, view))
}

/// Prints to standard output.
fn print(text: &str) -> io::Result<()> {
	io::stdout().write_all(text.as_bytes())
}

async fn request(args: &RequestArgs) -> Result<(), BuyerError> {
	let key = Key::load(&args.key)?;
	let endpoint = args.endpoint.clone().unwrap_or_default();
	if !endpoint.is_empty() {
		let read = Endpoint::read(endpoint.as_bytes())?;
		if read.host.parse::<IpAddr>().is_ok_and(|address| !is_public(address)) {
			Progress::plain().warn("the endpoint is no public address: sellers' agents ask it on test networks only");
		}
	}
	let vouchers = match (&args.voucher_key, &args.voucher_account) {
		_ if args.no_vouchers => None,
		(Some(voucher_key), _) => Some(Key::load(voucher_key)?.account()),
		(None, Some(account)) => Some(account_of(account)?),
		(None, None) => Some(key.account()),
	};
	let (mut chain, _) = look(&args.node, &key.account(), Some(key.clone())).await?;
	let call = Call::Request {
		sub: SubAccount(args.node.sub),
		instrument: InstrumentId(args.contract),
		region: Region(args.region),
		key: vouchers.clone().map(Into::into),
		endpoint: endpoint.clone().into_bytes(),
	};
	let block = chain.carry_out(&call).await?;
	let whose = vouchers.map_or("nobody's vouchers count".into(), |account| format!("vouchers of {account} count"));
	let place = if endpoint.is_empty() { "no endpoint".into() } else { format!("endpoint {endpoint}") };
	print(&format!(
		"contract {}: wanted in region {}; {whose}; {place} (block {block})\n",
		args.contract, args.region
	))?;
	Ok(())
}

async fn object(args: &ObjectArgs) -> Result<(), BuyerError> {
	let key = Key::load(&args.key)?;
	let (mut chain, view) = look(&args.node, &key.account(), Some(key.clone())).await?;
	let deal = DealId(args.deal);
	if !view.deals.iter().any(|there| there.id == deal) {
		return Err(BuyerError::UnknownDeal(deal));
	}
	let day = args.day.map_or_else(|| view.clock.day_of(view.clock.now), Day);
	let block = chain.carry_out(&Call::Object { deal, day }).await?;
	print(&format!("deal {}, day {}: objected (block {block})\n", deal.0, day.0))?;
	Ok(())
}

async fn status(args: &StatusArgs) -> Result<(), BuyerError> {
	let (owner, key) = who(&args.who)?;
	let (chain, view) = look(&args.node, &owner, key).await?;
	let records = BuyerStore::look(&args.state, chain.genesis())?;
	print(&summary(&view, &records))?;
	Ok(())
}

/// The open deals and their windows, for people.
pub fn summary(view: &View, records: &Records) -> String {
	let today = view.clock.day_of(view.clock.now);
	let mut text = format!("block {}, day {}: {} open deals\n", view.block, today.0, view.deals.len());
	for deal in &view.deals {
		// A line to a string is always written.
		let _ = writeln!(text, "{}", describe(deal, deal.key.unwrap_or_default()));
		for day in (deal.from.max(deal.days.first).0..=deal.days.last.0).map(Day) {
			let record = records.get(&(deal.id, day));
			if day > today && record.is_none() {
				continue;
			}
			let due = deal.quantity(day).map_or_else(|| "nothing".into(), hours);
			let here = record.map_or_else(|| "0 CH".into(), |record| hours(record.voucher.cumulative));
			let _ = writeln!(text, "  day {}: {due} due, {here} acknowledged here, {}", day.0, known(view, deal, day));
		}
	}
	text
}

/// What the chain knows of a window.
fn known(view: &View, deal: &Deal, day: Day) -> String {
	if deal.is_closed(day) || view.clock.closes(day) <= view.clock.now {
		return "closed".into();
	}
	let window = deal.window(day);
	let posted = window.available.map_or_else(|| "nothing posted".into(), |it| format!("{} posted", hours(it)));
	let objected = if window.objected { ", objected" } else { "" };
	format!("{} vouchered, {posted}{objected}", hours(window.vouchered))
}

async fn run(args: &RunArgs) -> Result<(), BuyerError> {
	let progress = Progress::plain();
	let (owner, key) = who(&args.who)?;
	let vouchers = match (&args.voucher_key, &key) {
		(Some(voucher_key), _) => Key::load(voucher_key)?,
		(None, Some(key)) => key.clone(),
		(None, None) => return Err(BuyerError::NoVoucherKey),
	};
	if args.object && key.is_none() {
		return Err(BuyerError::NoKey);
	}
	if [&args.who.key, &args.voucher_key].into_iter().flatten().any(|source| is_development(source)) {
		progress.warn("the key is a development seed, which everybody has");
	}
	let listener = TcpListener::bind(args.listen).await.map_err(|error| BuyerError::Listen(args.listen, error))?;
	let stop = stop_signal()?;
	let node = tokio::select! {
		node = connect(&args.node.node, &progress) => node?,
		() = stopped(stop.clone()) => return Ok(()),
	};
	let store = BuyerStore::open(&args.state, node.genesis())?;
	let options = Options { share: Ppm::percent(args.share), gap: args.gap.map(|seconds| seconds * 1_000) };
	let account = margin_account(&owner, &args.node);
	let chain = Live::new(node, Whose::Buyer(account), key.filter(|_| args.object));
	let chain = Followed::new(chain, progress.clone(), FIRST_BACK_OFF);
	let book = Arc::new(Book::new(chain.genesis(), vouchers.clone(), store, options, progress.clone()));
	progress.say(format!("buyer {owner} answers at http://{}", listener.local_addr()?));
	progress.say(format!("vouchers are signed by {}", vouchers.account()));
	let (over, overs) = watch::channel(false);
	let server = tokio::spawn(serve_router(listener, router(book.clone()), Limits::default(), stopped(overs)));
	let followed = follow(chain, book, vouchers, args.object, progress, stopped(stop)).await;
	over.send_replace(true);
	server.await.map_err(io::Error::other)??;
	Ok(followed?)
}

/// Connects to the node; one that is not up yet is waited for.
async fn connect(url: &str, progress: &Progress) -> Result<Node, ChainError> {
	let mut wait = FIRST_BACK_OFF;
	loop {
		match Node::connect(url.into()).await {
			Ok(node) => return Ok(node),
			Err(error) if error.is_final() => return Err(error),
			Err(error) => progress.warn(format!("{error}; trying again in {:.1} s", wait.as_secs_f64())),
		}
		tokio::time::sleep(wait).await;
		wait = (wait * 2).min(Duration::from_secs(30));
	}
}

/// Tells the book of each block, and objects if it is told to, until `stop` is ready.
///
/// # Errors
/// The chain can no longer be followed.
pub async fn follow(
	mut chain: Followed,
	book: Arc<Book>,
	vouchers: Key,
	objects: bool,
	progress: Progress,
	stop: impl Future<Output = ()>,
) -> Result<(), ChainError> {
	let mut stop = pin!(stop);
	let mut known = BTreeSet::new();
	let mut objected: BTreeMap<(DealId, Day), (u64, u32)> = BTreeMap::new();
	loop {
		let view = tokio::select! {
			() = &mut stop => return Ok(()),
			view = chain.next() => view?,
		};
		let now: BTreeSet<_> = view.deals.iter().map(|deal| deal.id).collect();
		for deal in view.deals.iter().filter(|deal| !known.contains(&deal.id)) {
			progress.say(describe(deal, vouchers.account().into()));
		}
		for gone in known.difference(&now) {
			progress.say(format!("deal {}: closed", gone.0));
		}
		objected.retain(|(deal, _), _| now.contains(deal));
		known = now;
		for (deal, day) in book.saw(view.clone()) {
			let (sent, times) = objected.entry((deal, day)).or_insert((0, 0));
			let is_due = *times == 0 || view.block >= sent.saturating_add(OBJECT_AGAIN_AFTER);
			if *times >= MOST_OBJECTIONS || !is_due {
				continue;
			}
			let got = hours(book.acknowledged(deal, day));
			if *times == 0 {
				let what = if objects { "objecting" } else { "not objecting: run with --object, or object yourself" };
				progress.warn(format!("deal {}, day {}: too little came, {got} acknowledged; {what}", deal.0, day.0));
			}
			*sent = view.block;
			*times += 1;
			if objects {
				tokio::spawn(send_objection(chain.caller(), deal, day, progress.clone()));
			}
		}
	}
}

async fn send_objection(caller: Caller, deal: DealId, day: Day, progress: Progress) {
	match caller.send(Call::Object { deal, day }).await {
		Ok(()) => progress.say(format!("deal {}, day {}: an objection is sent", deal.0, day.0)),
		Err(error) => progress.warn(format!("deal {}, day {}: no objection: {error}", deal.0, day.0)),
	}
}
