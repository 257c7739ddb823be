//! A delivery from both sides: the agent's meter, the buyer's server, and what either does with a stranger who lies.

mod common;

use common::*;
use gcx_primitives::{
	Capacity, ComputeHours, Day, DealId, DeliveryDays, InstrumentId, Lots, Ppm, ResourceId, SubAccount,
};
use gcx_provider::{
	buyer::{
		book::{self, Book},
		run::{follow, summary},
		serve::{router, OPENAPI},
		store::BuyerStore,
	},
	chain::delivery::{follow::Followed, memory::Memory, Account, Call, Clock, Deal, Resource, View},
	key::Key,
	meter::{
		client::{AskError, Client, MAX_ANSWER},
		store::MeterStore,
		vouchers::{Poll, Voucher},
		Counters, Meter, Options,
	},
	progress::Progress,
	rounds::work::now,
	serve::{serve_router, Limits},
};
use serde_json::Value;
use std::{
	collections::BTreeMap,
	net::SocketAddr,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpListener,
	sync::watch,
	task::JoinHandle,
	time::{sleep, timeout},
};

const FIRST_BACK_OFF: Duration = Duration::from_millis(10);
const DEAL: DealId = DealId(3);

fn agent() -> Key {
	key()
}

fn buyer() -> Key {
	Key::load("//Bob").unwrap()
}

fn buyers_account() -> Account {
	Account { owner: buyer().account().into(), sub: SubAccount(0) }
}

fn deal(id: DealId, day: Day, resource: ResourceId, endpoint: String) -> Deal {
	Deal {
		id,
		instrument: InstrumentId(1),
		buyer: buyers_account(),
		seller: Account { owner: [9; 32], sub: SubAccount(0) },
		lots: Lots(1),
		resource: Some(resource),
		key: Some(buyer().account().into()),
		endpoint: endpoint.into_bytes(),
		from: day,
		next: day,
		days: DeliveryDays { first: day, last: day },
		multiplier: ComputeHours(24),
		tolerance: Ppm::percent(2),
		windows: BTreeMap::new(),
	}
}

const DUE: Capacity = Capacity(24_000_000);

/// The agent of the tests answers for resource 7; somebody else for resource 8.
fn resources() -> BTreeMap<ResourceId, Resource> {
	let resource = |agent| Resource { agent, devices: 1, maintenance: Vec::new() };
	[(RESOURCE, resource(agent().account().into())), (ResourceId(8), resource([8; 32]))].into()
}

/// A chain with days of about this many milliseconds, of which one begins in a second.
fn clock(about: u64) -> (Clock, Day) {
	let (now, left) = (now(), |day: u64| day - now() % day);
	let day = (about..about * 2).find(|day| (500..1_500).contains(&left(*day))).unwrap();
	let clock = Clock { now, slot: 200, day, submit: 3_000, grace: 0 };
	let first = clock.day_of(now + 1_500);
	(clock, first)
}

/// Makes a block of the real time every 200 ms.
fn blocks(chain: &Memory) -> JoinHandle<()> {
	let chain = chain.clone();
	tokio::spawn(async move {
		loop {
			chain.block(now(), |_| ());
			sleep(Duration::from_millis(200)).await;
		}
	})
}

/// A buyer at work.
struct Buyer {
	book: Arc<Book>,
	address: SocketAddr,
	over: watch::Sender<bool>,
	tasks: Vec<JoinHandle<()>>,
}

impl Buyer {
	async fn start(chain: &Memory, state: &std::path::Path, objects: bool) -> Self {
		let store = BuyerStore::open(state, GENESIS).unwrap();
		let options = book::Options { share: Ppm::ONE, gap: None };
		let book = Arc::new(Book::new(GENESIS, buyer(), store, options, Progress::plain()));
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		let (over, overs) = watch::channel(false);
		let wait = |mut overs: watch::Receiver<bool>| async move {
			let _ = overs.wait_for(|over| *over).await;
		};
		let served = serve_router(listener, router(book.clone()), Limits::default(), wait(overs.clone()));
		let chain = Followed::new(chain.clone(), Progress::plain(), FIRST_BACK_OFF);
		let following = follow(chain, book.clone(), buyer(), objects, Progress::plain(), wait(overs));
		let tasks = vec![
			tokio::spawn(async move { served.await.unwrap() }),
			tokio::spawn(async move { following.await.unwrap() }),
		];
		Self { book, address, over, tasks }
	}

	async fn stop(self) {
		self.over.send_replace(true);
		for task in self.tasks {
			timeout(PATIENCE, task).await.unwrap().unwrap();
		}
	}
}

/// A meter at work.
struct Metering {
	counters: Arc<Counters>,
	over: watch::Sender<bool>,
	task: JoinHandle<()>,
}

impl Metering {
	fn start(chain: &Memory, state: &std::path::Path, available: Ppm) -> Self {
		let (store, damaged) = MeterStore::open(state.join("meter")).unwrap();
		assert!(damaged.is_empty());
		let counters = Arc::new(Counters::default());
		let chain = Followed::new(chain.clone(), Progress::plain(), FIRST_BACK_OFF);
		let options = Options { every: Duration::from_secs(1), devices: 1, available };
		let client = Client::new(true, Duration::from_secs(1));
		let meter = Meter::new(chain, agent(), store, client, options, counters.clone(), Progress::plain());
		let (over, mut overs) = watch::channel(false);
		let stop = async move {
			let _ = overs.wait_for(|over| *over).await;
		};
		Self { counters, over, task: tokio::spawn(async move { meter.run(stop).await.unwrap() }) }
	}

	async fn stop(self) {
		self.over.send_replace(true);
		timeout(PATIENCE, self.task).await.unwrap().unwrap();
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_is_vouchered_and_posted_to_the_unit_and_what_is_not_is_objected_to() {
	let (agents, buyers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
	let (clock, day) = clock(18_000);
	let view = View { block: 1, clock, deals: Vec::new(), resources: resources() };
	let chain = Memory::new(GENESIS, view);
	let ticking = blocks(&chain);
	let buyer = Buyer::start(&chain, buyers.path(), true).await;
	let endpoint = format!("http://{}/", buyer.address);
	// One deal is delivered; of one the agent is dark; one has an endpoint where nobody is, and one leads nowhere at all.
	let (dark, dead, nowhere) = (DealId(4), DealId(5), DealId(6));
	let deals = vec![
		deal(DEAL, day, RESOURCE, endpoint.clone()),
		deal(dark, day, ResourceId(8), endpoint),
		deal(dead, day, RESOURCE, "http://127.0.0.1:1".into()),
		deal(nowhere, day, RESOURCE, "gopher://x".into()),
	];
	chain.block(now(), |view| view.deals = deals);
	let metering = Metering::start(&chain, agents.path(), Ppm::ONE);
	let window = |deal| chain.window(deal, day).unwrap();
	// Meanwhile the node is lost for a moment.
	chain.fail(gcx_provider::chain::ChainError::Lost { url: "ws://node".into(), why: "test".into() });

	until("the objection to the dark one", || window(dark).objected).await;
	assert!(now() < clock.end(day), "it is made while the day lasts");
	let delivered = [DEAL, dead, nowhere];
	until("the posts", || delivered.iter().all(|deal| window(*deal).available.is_some())).await;
	for deal in delivered {
		assert_eq!(window(deal).available, Some(DUE), "a buyer's endpoint changes nothing of what was available");
	}
	until("the voucher", || window(DEAL).vouchered == DUE).await;
	assert!(now() < clock.closes(day));
	assert!(!window(DEAL).objected && window(dark).available.is_none() && window(dark).vouchered == Capacity(0));
	assert_eq!(buyer.book.acknowledged(DEAL, day), DUE);

	let figures = metering.counters.figures();
	assert_eq!((figures.deals, figures.refused), (3, 0));
	assert!(figures.polls >= 10 && figures.vouchers >= 9, "{figures:?}");
	assert!(figures.unanswered >= 2 && figures.posted >= 3 && figures.submitted >= 1, "{figures:?}");
	let posts = chain.calls().iter().filter(|call| matches!(call, Call::PostAvailability { .. })).count();
	assert!((3..=6).contains(&posts), "{posts}");

	let said = summary(&buyer.book.view().unwrap(), &BuyerStore::look(buyers.path(), GENESIS).unwrap());
	assert!(said.contains("24 CH due, 24 CH acknowledged here"), "{said}");
	metering.stop().await;
	buyer.stop().await;
	ticking.abort();
	let (kept, _) = MeterStore::open(agents.path().join("meter")).unwrap();
	let voucher = kept.voucher(DEAL, day).unwrap();
	assert_eq!(voucher.cumulative, DUE);
	let account = Key::load("//Bob").unwrap().account().into();
	assert!(voucher.signed_by(GENESIS, DEAL, account).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_posted_as_one_and_a_lost_post_is_sent_again() {
	let state = tempfile::tempdir().unwrap();
	let (clock, day) = clock(12_000);
	let deals = vec![deal(DEAL, day, RESOURCE, String::new())];
	let chain = Memory::new(GENESIS, View { block: 1, clock, deals, resources: resources() });
	chain.drop_calls(true);
	let ticking = blocks(&chain);
	let metering = Metering::start(&chain, state.path(), Ppm::percent(25));
	until("a post", || !chain.calls().is_empty()).await;
	chain.drop_calls(false);
	until("it is on the chain", || chain.window(DEAL, day).unwrap().available.is_some()).await;
	assert!(now() >= clock.end(day) - 200 && chain.calls().len() >= 2);
	let posted = chain.window(DEAL, day).unwrap().available.unwrap();
	assert!(posted <= Capacity(DUE.0 / 4) && posted.0 > DUE.0 / 8, "{posted:?}");
	let calls = chain.calls().len();
	sleep(Duration::from_secs(1)).await;
	assert_eq!(chain.calls().len(), calls, "it is never posted twice");
	metering.stop().await;
	ticking.abort();
}

/// A buyer's server that knows one deal whose day is today, and is asked by hand.
async fn alone() -> (tempfile::TempDir, Memory, Buyer, Day) {
	let state = tempfile::tempdir().unwrap();
	let clock = Clock { now: now(), slot: 3_000, day: 86_400_000, submit: 21_600_000, grace: 0 };
	let day = clock.day_of(clock.now);
	let deals =
		vec![deal(DEAL, day, RESOURCE, String::new()), deal(DealId(4), Day(day.0 + 1), RESOURCE, String::new())];
	let chain = Memory::new(GENESIS, View { block: 1, clock, deals, resources: resources() });
	let buyer = Buyer::start(&chain, state.path(), false).await;
	let book = buyer.book.clone();
	until("a block", || book.view().is_some()).await;
	(state, chain, buyer, day)
}

fn body(poll: &Poll) -> Vec<u8> {
	serde_json::to_vec(poll).unwrap()
}

const METER: &str = "/v1/deals/3/meter";

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_answered_once_and_only_if_the_agent_signed_it() {
	let (_state, _chain, buyer, day) = alone().await;
	let at = now() / 1_000;
	let poll = |deal, day, at, key: &Key| body(&Poll::new(GENESIS, deal, day, at, key));
	let refused = |path: &'static str, body: Vec<u8>| async move {
		let (status, text) = post(buyer.address, path, body).await;
		let text: Value = serde_json::from_str(&text).unwrap();
		(status, text["error"]["code"].as_str().unwrap().to_owned())
	};
	let code = |code: &str| code.to_owned();
	assert_eq!(refused(METER, poll(DEAL, day, at, &Key::load("//Bob").unwrap())).await, (403, code("badSignature")));
	assert_eq!(refused(METER, poll(DealId(4), day, at, &agent())).await, (403, code("badSignature")));
	assert_eq!(refused(METER, poll(DEAL, day, at - 60, &agent())).await, (409, code("stale")));
	assert_eq!(refused(METER, poll(DEAL, Day(day.0 + 1), at, &agent())).await, (409, code("notRunning")));
	let tomorrow = poll(DealId(4), Day(day.0 + 1), at, &agent());
	assert_eq!(refused("/v1/deals/4/meter", tomorrow).await, (409, code("notRunning")));
	assert_eq!(refused("/v1/deals/5/meter", poll(DealId(5), day, at, &agent())).await, (404, code("unknownDeal")));
	let (status, text) = post(buyer.address, METER, poll(DEAL, day, at, &agent())).await;
	assert_eq!(status, 200, "{text}");
	let voucher: Voucher = serde_json::from_str(&text).unwrap();
	let account = Key::load("//Bob").unwrap().account().into();
	assert!(voucher.signed_by(GENESIS, DEAL, account).is_some());
	assert_eq!(refused(METER, poll(DEAL, day, at, &agent())).await, (409, code("replayed")));
	assert_eq!(refused(METER, poll(DEAL, day, at - 1, &agent())).await, (409, code("replayed")));
	// What was answered is on disk.
	assert_eq!(BuyerStore::look(_state.path(), GENESIS).unwrap().get(&(DEAL, day)).unwrap().at, at);
	buyer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_no_polls_are_refused_in_json_as_described() {
	let (_state, _chain, buyer, day) = alone().await;
	let description: Value = serde_json::from_str(OPENAPI).unwrap();
	let good = body(&Poll::new(GENESIS, DEAL, day, now() / 1_000, &agent()));
	let with_more = [&good[..good.len() - 1], b",\"more\":1}"].concat();
	let long = vec![b' '; 2_000];
	let schema = |status: u16| {
		description["paths"]["/v1/deals/{deal}/meter"]["post"]["responses"][status.to_string()]["content"]
			["application/json"]["schema"]
			.clone()
	};
	for (path, body, status) in [
		(METER, b"".to_vec(), 400),
		(METER, b"{}".to_vec(), 400),
		(METER, b"\xff\xfe".to_vec(), 400),
		(METER, with_more, 400),
		(METER, long, 413),
		("/v1/deals/-1/meter", good.clone(), 400),
		("/v1/deals/4294967296/meter", good.clone(), 400),
		("/v1/deals/9/meter", good.clone(), 404),
		(METER, good, 200),
	] {
		let (found, text) = post(buyer.address, path, body).await;
		assert_eq!(found, status, "{path}: {text}");
		matches(&description, &schema(status), &serde_json::from_str(&text).unwrap(), path);
	}
	for (path, status) in [(METER, 405), ("/", 404), ("/v1/health", 200), ("/v1/openapi.json", 200)] {
		let (found, text) = get(buyer.address, path).await;
		assert_eq!(found, status, "{path}");
		let value: Value = serde_json::from_str(&text).unwrap();
		let of = match status {
			200 => {
				description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"].clone()
			},
			_ => description["components"]["schemas"]["Error"].clone(),
		};
		matches(&description, &of, &value, path);
	}
	buyer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_takes_nothing_back_and_answers_no_poll_twice() {
	let (state, chain, buyer, day) = alone().await;
	let at = now() / 1_000;
	let poll = body(&Poll::new(GENESIS, DEAL, day, at, &agent()));
	assert_eq!(post(buyer.address, METER, poll.clone()).await.0, 200);
	let before = buyer.book.acknowledged(DEAL, day);
	buyer.stop().await;
	let again = Buyer::start(&chain, state.path(), false).await;
	until("a block", || again.book.view().is_some()).await;
	assert_eq!(post(again.address, METER, poll).await.0, 409);
	assert_eq!(again.book.acknowledged(DEAL, day), before);
	let later = body(&Poll::new(GENESIS, DEAL, day, at + 1, &agent()));
	let (status, text) = post(again.address, METER, later).await;
	assert_eq!(status, 200);
	assert!(serde_json::from_str::<Voucher>(&text).unwrap().cumulative >= before);
	again.stop().await;
}

/// A server that says the same to everybody, and counts whom it said it to.
async fn says(bytes: Vec<u8>, hold: bool) -> (SocketAddr, Arc<AtomicUsize>) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
	let count = asked.clone();
	tokio::spawn(async move {
		loop {
			let (mut stream, _) = listener.accept().await.unwrap();
			count.fetch_add(1, Ordering::SeqCst);
			let bytes = bytes.clone();
			tokio::spawn(async move {
				let mut request = [0; 4_096];
				let _ = stream.read(&mut request).await;
				let _ = stream.write_all(&bytes).await;
				if hold {
					sleep(PATIENCE).await;
				}
			});
		}
	});
	(address, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
	format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

async fn ask(client: &Client, endpoint: &str) -> Result<Voucher, AskError> {
	let poll = Poll::new(GENESIS, DEAL, Day(1), 1, &agent());
	timeout(PATIENCE, client.ask(endpoint.as_bytes(), DEAL, &poll)).await.expect("it is not bounded in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_lies_gives_an_error_and_nothing_else() {
	let client = Client::new(true, Duration::from_secs(2));
	let good = Voucher::new(GENESIS, DEAL, Day(1), Capacity(5), &buyer());
	let json = serde_json::to_string(&good).unwrap();
	let (address, _) = says(answer("200 OK", "", &json), false).await;
	assert_eq!(ask(&client, &format!("http://{address}")).await.unwrap(), good);

	let (elsewhere, asked) = says(answer("200 OK", "", &json), false).await;
	let location = format!("location: http://{elsewhere}/v1/deals/3/meter\r\n");
	let (address, _) = says(answer("307 Temporary Redirect", &location, ""), false).await;
	assert!(matches!(ask(&client, &format!("http://{address}")).await, Err(AskError::Redirect)));
	assert_eq!(asked.load(Ordering::SeqCst), 0, "a redirect is not followed");

	let padded = format!("{json}{}", " ".repeat(MAX_ANSWER));
	let (address, _) = says(answer("200 OK", "", &padded), false).await;
	assert!(matches!(ask(&client, &format!("http://{address}")).await, Err(AskError::TooLarge)));
	let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 1 << 20]].concat();
	let (address, _) = says(endless, true).await;
	assert!(matches!(ask(&client, &format!("http://{address}")).await, Err(AskError::TooLarge)));
	let headers = format!("x: {}\r\n", "y".repeat(100_000));
	let (address, _) = says(answer("200 OK", &headers, &json), false).await;
	assert!(matches!(ask(&client, &format!("http://{address}")).await, Err(AskError::Http(_))));

	let refusal = r#"{"error":{"code":"notRunning","message":"x"}}"#;
	let (address, _) = says(answer("409 Conflict", "", refusal), false).await;
	let refused = ask(&client, &format!("http://{address}")).await.unwrap_err();
	assert_eq!(refused.to_string(), "it refuses with 409: notRunning");
	for (bytes, what) in [
		(answer("200 OK", "", "{}"), "no voucher"),
		(answer("200 OK", "", "<html>"), "no voucher"),
		(answer("500 Oops", "", "<html>"), "it refuses with 500"),
		(b"\0\xff garbage\r\n\r\n".to_vec(), "no answer"),
		(Vec::new(), "no answer"),
	] {
		let (address, _) = says(bytes, false).await;
		let refused = ask(&client, &format!("http://{address}")).await.unwrap_err().to_string();
		assert!(refused.contains(what), "{refused}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_says_nothing_is_waited_for_no_longer_than_it_may_take() {
	let client = Client::new(true, Duration::from_millis(500));
	for bytes in [Vec::new(), b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec()] {
		let (address, _) = says(bytes, true).await;
		let began = Instant::now();
		assert!(matches!(ask(&client, &format!("http://{address}")).await, Err(AskError::TimedOut(_))));
		assert!(began.elapsed() < Duration::from_secs(10));
	}
	assert!(matches!(ask(&client, "http://127.0.0.1:1").await, Err(AskError::Connect(_))));
	let (plain, _) = says(answer("200 OK", "", "{}"), false).await;
	assert!(matches!(ask(&client, &format!("https://{plain}")).await, Err(AskError::Tls(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_on_this_machine_or_its_network_is_not_asked() {
	let (address, asked) = says(answer("200 OK", "", "{}"), false).await;
	let client = Client::new(false, Duration::from_secs(5));
	let port = address.port();
	for host in
		["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001"]
	{
		let refused = ask(&client, &format!("http://{host}:{port}")).await.unwrap_err();
		assert!(matches!(refused, AskError::Private(_) | AskError::Name(_)), "{host}: {refused}");
	}
	for endpoint in
		["http://169.254.169.254", "http://10.0.0.1", "https://192.168.1.1:8443/x", "http://[fd00:ec2::254]"]
	{
		assert!(matches!(ask(&client, endpoint).await, Err(AskError::Private(_))), "{endpoint}");
	}
	let refused = ask(&client, &format!("http://user:password@127.0.0.1:{port}")).await.unwrap_err();
	assert!(matches!(refused, AskError::Endpoint(_)) && !refused.to_string().contains("password"));
	assert_eq!(asked.load(Ordering::SeqCst), 0);
}
