//! Whole rounds on a chain in memory.

mod common;

use common::*;
use gcx_evidence::{
	raw::Kind,
	solve::{drawn_devices, MAX_ORDER},
	Document, Expected, ExpectedSolve, Findings, Reason,
};
use gcx_primitives::{Metric, RoundId};
use gcx_provider::{
	chain::{memory::Memory, ChainError, Round},
	config::{Mode, Order},
	key::Key,
	rounds::{
		work::{now, Workload},
		Options, RunError,
	},
	solve::Calibration,
	store::Store,
};
use std::time::Duration;

const NONCE: [u8; 32] = [7; 32];
const ROWS: [u8; 32] = [9; 32];

fn options() -> Options {
	Options { first_back_off: Duration::from_millis(10), ..Options::default() }
}

fn once() -> Options {
	Options { once: true, ..options() }
}

fn open(chain: &Memory, round: Round) {
	chain.block(101, |rounds| {
		rounds.insert(RESOURCE, round);
	});
}

async fn answered(chain: &Memory) {
	until("an answer", || !chain.answers().is_empty()).await;
}

fn draw(chain: &Memory) {
	chain.block(121, |rounds| rounds.get_mut(&RESOURCE).unwrap().drawn = true);
}

fn close(chain: &Memory) {
	chain.block(140, |rounds| rounds.get_mut(&RESOURCE).unwrap().closed = true);
}

async fn signed(running: &Running, round: u32) {
	let store = running.store.clone();
	until("a signature", || store.get(RESOURCE, RoundId(round)).is_some_and(|record| record.signature.is_some())).await;
}

/// What an attestor would do with a document.
fn check(chain: &Memory, json: &str, round: &Round, devices: &[u32]) -> Result<Findings, Reason> {
	let answer = chain.answers().last().unwrap().2;
	Document::read(json.as_bytes())?.check(&Expected {
		genesis: GENESIS,
		resource: RESOURCE,
		round: round.id,
		agent: &key().account(),
		devices: round.devices,
		opened_at: round.opened_at,
		now: now(),
		last_run: None,
		solve: answer.map(|answer| ExpectedSolve {
			order: answer.order,
			commitment: answer.commitment,
			nonce: round.nonce,
			devices,
			rows: ROWS,
		}),
	})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_ends_in_a_document_that_an_attestor_accepts() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let round = round(3, NONCE, 1);
	let workload = Workload { stream: Some(Some(8_000_000)), ..workload() };
	let running = start(&chain, state.path(), once(), workload).await;
	open(&chain, round.clone());
	answered(&chain).await;
	assert_eq!(running.get("/v1/resources/7/benchmarks/3").await.0, 404, "nothing is signed before it is final");
	draw(&chain);
	signed(&running, 3).await;
	let (status, json) = running.get("/v1/resources/7/benchmarks/3?devices=0").await;
	assert_eq!(status, 200);
	let findings = check(&chain, &json, &round, &[0]).unwrap();
	let metrics: Vec<_> = findings.declared.iter().map(|measurement| measurement.metric).collect();
	assert_eq!(metrics, [Metric::Hpl, Metric::StreamTriad]);
	assert!(findings.declared.iter().all(|measurement| measurement.value > 1_000_000));
	let again = check(&chain, &running.get("/v1/resources/7/benchmarks/3?devices=0").await.1, &round, &[0]);
	assert_eq!(again, Ok(findings), "it is the same whenever it is asked for");
	close(&chain);
	running.over().await.unwrap();
	assert_eq!(chain.answers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn solutions_are_opened_of_the_devices_that_are_asked_for_alone() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let round = round(0, NONCE, 5);
	let running = start(&chain, state.path(), Options { devices: 5, ..options() }, workload()).await;
	open(&chain, round.clone());
	answered(&chain).await;
	draw(&chain);
	signed(&running, 0).await;
	let drawn = drawn_devices([4; 32], 5, 2);
	let list = drawn.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
	let (_, json) = running.get(&format!("/v1/resources/7/benchmarks/0?devices={list}")).await;
	let opened: Vec<_> = Document::read(json.as_bytes()).unwrap().opened.iter().map(|one| one.device).collect();
	assert_eq!(opened, drawn);
	// What several devices come to together was not measured, so nothing is declared.
	assert!(check(&chain, &json, &round, &drawn).unwrap().declared.is_empty());
	let (_, json) = running.get("/v1/resources/7/benchmarks/0").await;
	assert!(Document::read(json.as_bytes()).unwrap().opened.is_empty());
	assert_eq!(running.get("/v1/resources/7/benchmarks/0?devices=5").await.0, 400);
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_does_not_solve_is_answered_without_a_solve() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let round = Round { solves: Some(false), ..round(1, NONCE, 1) };
	let workload = Workload { stream: Some(Some(8_000_000)), ..workload() };
	let running = start(&chain, state.path(), options(), workload).await;
	open(&chain, round.clone());
	answered(&chain).await;
	assert_eq!(chain.answers(), [(RESOURCE, RoundId(1), None)]);
	draw(&chain);
	signed(&running, 1).await;
	let (_, json) = running.get("/v1/resources/7/benchmarks/1").await;
	let findings = check(&chain, &json, &round, &[]).unwrap();
	assert_eq!(findings.declared.iter().map(|one| one.metric).collect::<Vec<_>>(), [Metric::StreamTriad]);
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_signed_when_its_answer_is_final_even_before_the_draw() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round(1, NONCE, 1));
	answered(&chain).await;
	chain.block(102, |_| ());
	let store = running.store.clone();
	until("a content", || store.get(RESOURCE, RoundId(1)).is_some_and(|record| record.content.is_some())).await;
	chain.finalise(103);
	signed(&running, 1).await;
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_answers_and_signs_with_what_was_prepared() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let round = round(3, NONCE, 1);
	chain.drop_answers(true);
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round.clone());
	answered(&chain).await;
	let first = chain.answers();
	running.stop().await.unwrap();

	// The machine comes back with another order configured: what was committed to counts.
	chain.drop_answers(false);
	let other = Workload { order: Order::Fixed(320), ..workload() };
	let running = start(&chain, state.path(), options(), other.clone()).await;
	chain.block(104, |_| ());
	until("a second answer", || chain.answers().len() > first.len()).await;
	assert_eq!(chain.answers().last(), first.last());
	draw(&chain);
	signed(&running, 3).await;
	let (_, json) = running.get("/v1/resources/7/benchmarks/3?devices=0").await;
	let findings = check(&chain, &json, &round, &[0]).unwrap();
	running.stop().await.unwrap();

	let running = start(&chain, state.path(), options(), other).await;
	chain.block(122, |_| ());
	let (_, json) = running.get("/v1/resources/7/benchmarks/3?devices=0").await;
	assert_eq!(check(&chain, &json, &round, &[0]), Ok(findings), "the same content is served after a restart");
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_with_another_nonce_is_answered_anew_before_anything_is_signed() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round(3, NONCE, 1));
	answered(&chain).await;
	let other = round(3, [8; 32], 1);
	open(&chain, other.clone());
	until("a second answer", || chain.answers().len() > 1).await;
	let answers = chain.answers();
	assert_ne!(answers[0].2, answers[1].2);
	draw(&chain);
	signed(&running, 3).await;
	let (_, json) = running.get("/v1/resources/7/benchmarks/3?devices=0").await;
	check(&chain, &json, &other, &[0]).unwrap();
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_with_another_nonce_is_left_alone_after_a_result_was_signed() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round(3, NONCE, 1));
	answered(&chain).await;
	draw(&chain);
	signed(&running, 3).await;
	let before = running.store.get(RESOURCE, RoundId(3));
	open(&chain, round(3, [8; 32], 1));
	// The next round is answered, so the agent has seen this one.
	open(&chain, round(4, [5; 32], 1));
	until("an answer to the next round", || chain.answers().iter().any(|answer| answer.1 == RoundId(4))).await;
	assert_eq!(running.store.get(RESOURCE, RoundId(3)), before);
	assert_eq!(chain.answers().iter().filter(|answer| answer.1 == RoundId(3)).count(), 1);
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_arrive_is_sent_again() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	chain.drop_answers(true);
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round(3, NONCE, 1));
	answered(&chain).await;
	chain.block(102, |_| ());
	chain.drop_answers(false);
	chain.block(103, |_| ());
	until("the same answer again", || chain.answers().len() == 2).await;
	let answers = chain.answers();
	assert_eq!(answers[0], answers[1]);
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_fails_is_asked_again() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	for _ in 0..3 {
		chain.fail(ChainError::Lost { url: "ws://nowhere".into(), why: "test".into() });
	}
	chain.fail(ChainError::Unexpected("no pallet Attestation".into()));
	let running = start(&chain, state.path(), options(), workload()).await;
	open(&chain, round(3, NONCE, 1));
	answered(&chain).await;
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_chain_ends_the_agent() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	chain.fail(ChainError::OtherChain);
	let running = start(&chain, state.path(), options(), workload()).await;
	assert!(matches!(running.over().await, Err(RunError::Chain(ChainError::OtherChain))));
}

async fn refused_once(chain: Memory, round: Round, options: Options, workload: Workload) -> String {
	let state = tempfile::tempdir().unwrap();
	let running = start(&chain, state.path(), options, workload).await;
	open(&chain, round);
	match running.over().await {
		Err(RunError::Once { why, .. }) => {
			assert_eq!(chain.answers(), []);
			why
		},
		other => panic!("{other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_cannot_be_answered_ends_once_with_the_reason() {
	let why = refused_once(chain(), round(3, NONCE, 2), once(), workload()).await;
	assert!(why.contains("2 devices"), "{why}");

	let bob = Some(Key::load("//Bob").unwrap().account().into());
	let why = refused_once(chain(), Round { agent: bob, ..round(3, NONCE, 1) }, once(), workload()).await;
	assert!(why.contains("agent"), "{why}");

	let silent = Round { solves: None, ..round(3, NONCE, 1) };
	let why = refused_once(chain(), silent, once(), workload()).await;
	assert!(why.contains("--solve"), "{why}");

	let slow = Calibration { rate: 1.0, per_entry: 1.0 };
	let late = Workload { calibration: Some(slow), ..workload() };
	let why = refused_once(chain(), round(3, NONCE, 1), once(), late).await;
	assert!(why.contains("left"), "{why}");

	let large = Workload { order: Order::Fixed(MAX_ORDER), ..workload() };
	if gcx_provider::machine::Machine::here().free_bytes < 8 << 32 {
		let why = refused_once(chain(), round(3, NONCE, 1), once(), large).await;
		assert!(why.contains("bytes"), "{why}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solve_that_is_switched_off_is_not_run() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let running = start(&chain, state.path(), Options { mode: Mode::Off, ..options() }, workload()).await;
	open(&chain, round(3, NONCE, 1));
	answered(&chain).await;
	assert_eq!(chain.answers(), [(RESOURCE, RoundId(3), None)]);
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_raw_outputs_is_declared_and_listed() {
	let (chain, state, folder) = (chain(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
	let solved = gcx_provider::solve::run([1; 32], 512, |_| ()).unwrap();
	let raw = gcx_provider::solve::hpl_output(&[solved], 2);
	std::fs::write(folder.path().join("result.txt"), &raw).unwrap();
	std::fs::write(folder.path().join("stream.out"), "no STREAM").unwrap();
	let round = round(3, NONCE, 1);
	let workload = Workload { outputs: Some(folder.path().into()), ..workload() };
	let running = start(&chain, state.path(), options(), workload).await;
	open(&chain, round.clone());
	answered(&chain).await;
	draw(&chain);
	signed(&running, 3).await;
	let (_, json) = running.get("/v1/resources/7/benchmarks/3?devices=0").await;
	let document = Document::read(json.as_bytes()).unwrap();
	// The operator's own result counts before the agent's solve.
	assert_eq!(document.content.benchmarks.len(), 1);
	assert_eq!((document.content.benchmarks[0].kind, &document.content.benchmarks[0].raw), (Kind::Hpl, &raw));
	check(&chain, &json, &round, &[0]).unwrap();
	let (_, listed) = running.get("/v1/outputs").await;
	let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
	assert_eq!(listed[0]["file"], "result.txt");
	assert_eq!((&listed[0]["kind"], &listed[0]["declared"]), (&"hpl".into(), &true.into()));
	assert_eq!((&listed[1]["kind"], &listed[1]["refused"]), (&"stream".into(), &"unrecognised".into()));
	running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_of_an_agent_is_its_own() {
	let (chain, state) = (chain(), tempfile::tempdir().unwrap());
	let running = start(&chain, state.path(), options(), workload()).await;
	assert!(matches!(Store::open(state.path(), GENESIS), Err(gcx_provider::store::StoreError::Locked(_))));
	running.stop().await.unwrap();
	assert!(Store::open(state.path(), GENESIS).is_ok());
}
