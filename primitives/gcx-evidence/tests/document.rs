//! Documents: what is read, what is not, and what a worker finds in them.

mod common;

use common::eliminate;
use gcx_evidence::{
	hex,
	raw::Kind,
	signed_payload,
	solve::{commitment, device_seed, drawn_devices, Solution, System},
	Benchmark, Content, Document, Expected, ExpectedSolve, Findings, OpenedSolution, Power,
	Reason::{self, *},
	Solve, ENDED_SKEW_MS, MAX_DOCUMENT_BYTES, MAX_RAW_BYTES, STARTED_SKEW_MS,
};
use gcx_primitives::{Metric, ResourceId, RoundId};
use proptest::prelude::*;
use sp_core::{sr25519, Pair};
use sp_runtime::{AccountId32, MultiSignature};
use std::sync::OnceLock;

const GENESIS: [u8; 32] = [1; 32];
const NONCE: [u8; 32] = [2; 32];
const ROWS: [u8; 32] = [3; 32];
const RUN: [u8; 32] = [4; 32];
const ORDER: u32 = 256;
const DEVICES: u32 = 3;
const OPENED_AT: u64 = 1_700_000_000_000;
const NOW: u64 = OPENED_AT + 60_000;
const STREAM: &str = "STREAM version $Revision: 5.10 $
This system uses 8 bytes per array element.
Array size = 120000000 (elements), Offset = 0 (elements)
Triad:         105256.0     0.027448     0.027362     0.027785
Solution Validates: avg error less than 1.000000e-13 on all three arrays
";
const TRIAD: u64 = 105_255_463_781;

fn key() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[9; 32])
}

/// Each device's solution, computed once.
fn solutions() -> &'static [Solution] {
	static SOLUTIONS: OnceLock<Vec<Solution>> = OnceLock::new();
	SOLUTIONS.get_or_init(|| {
		(0..DEVICES)
			.map(|device| Solution::from_floats(&eliminate(&System::new(device_seed(NONCE, device), ORDER))).unwrap())
			.collect()
	})
}

fn hashes() -> Vec<[u8; 32]> {
	solutions().iter().map(Solution::hash).collect()
}

/// What is asked for, and the document that answers it, to be spoilt by tests.
struct Case {
	genesis: [u8; 32],
	agent: AccountId32,
	devices: u32,
	now: u64,
	last_run: Option<[u8; 32]>,
	solves: bool,
	order: u32,
	commitment: [u8; 32],
	drawn: Vec<u32>,
	content: Content,
	opened: Vec<OpenedSolution>,
}

impl Case {
	fn new() -> Self {
		let drawn = drawn_devices(ROWS, DEVICES, 2);
		let open = |device: &u32| OpenedSolution::new(*device, &solutions()[usize::try_from(*device).unwrap()]);
		Self {
			genesis: GENESIS,
			agent: key().public().into(),
			devices: DEVICES,
			now: NOW,
			last_run: Some([5; 32]),
			solves: true,
			order: ORDER,
			commitment: commitment(&hashes()),
			opened: drawn.iter().map(open).collect(),
			drawn,
			content: Content {
				genesis: hex::write(&GENESIS),
				resource: ResourceId(7),
				round: RoundId(11),
				run: hex::write(&RUN),
				started_at: OPENED_AT,
				ended_at: OPENED_AT + 1_000,
				devices: DEVICES,
				power: Some(Power { milliwatts: 2_100_000, source: "nvidia-smi".into() }),
				solve: Some(Solve::new(ORDER, &hashes())),
				benchmarks: vec![Benchmark { kind: Kind::Stream, claimed: TRIAD, raw: STREAM.into() }],
			},
		}
	}

	/// The same of a class that asks for no solve.
	fn declared() -> Self {
		let mut case = Self::new();
		(case.solves, case.content.solve, case.opened) = (false, None, Vec::new());
		case
	}

	fn document(&self) -> Document {
		let genesis = hex::read_exact(&self.content.genesis).unwrap_or(GENESIS);
		let signature = key().sign(&self.content.signed_payload(genesis));
		Document::new(self.content.clone(), self.opened.clone(), &MultiSignature::Sr25519(signature))
	}

	fn check_document(&self, document: &Document) -> Result<Findings, Reason> {
		let solve = ExpectedSolve {
			order: self.order,
			commitment: self.commitment,
			nonce: NONCE,
			devices: &self.drawn,
			rows: ROWS,
		};
		document.check(&Expected {
			genesis: self.genesis,
			resource: ResourceId(7),
			round: RoundId(11),
			agent: &self.agent,
			devices: self.devices,
			opened_at: OPENED_AT,
			now: self.now,
			last_run: self.last_run,
			solve: self.solves.then_some(solve),
		})
	}

	/// Signs, writes, reads and checks.
	fn check(&self) -> Result<Findings, Reason> {
		let json = serde_json::to_vec(&self.document()).unwrap();
		let document = Document::read(&json).unwrap();
		assert_eq!(document, self.document_as(&document));
		self.check_document(&document)
	}

	/// The document again with another's signature: sr25519 signs with a random nonce.
	fn document_as(&self, other: &Document) -> Document {
		Document { signature: other.signature.clone(), ..self.document() }
	}
}

fn spoilt(spoil: impl FnOnce(&mut Case)) -> Result<Findings, Reason> {
	let mut case = Case::new();
	spoil(&mut case);
	case.check()
}

#[test]
fn a_true_document_says_what_was_found() {
	let case = Case::new();
	let findings = case.check().unwrap();
	assert_eq!(findings.run, RUN);
	assert_eq!(findings.evidence, case.content.digest());
	assert_eq!(findings.milliwatts, Some(2_100_000));
	let declared: Vec<_> = findings.declared.iter().map(|measured| (measured.metric, measured.value)).collect();
	assert_eq!(declared, [(Metric::StreamTriad, TRIAD / 3)], "per device, rounded down");
}

#[test]
fn a_solve_alone_is_enough_and_so_are_benchmarks_where_none_is_asked_for() {
	let findings = spoilt(|case| (case.content.benchmarks, case.content.power) = (vec![], None)).unwrap();
	assert!(findings.declared.is_empty());
	assert_eq!(findings.milliwatts, None);
	assert_eq!(Case::declared().check().unwrap().declared.len(), 1);
	let mut nothing = Case::declared();
	nothing.content.benchmarks.clear();
	assert_eq!(nothing.check(), Err(NothingDeclared));
}

#[test]
fn a_signature_by_another_key_or_over_other_content_is_bad() {
	assert_eq!(spoilt(|case| case.agent = AccountId32::new([0; 32])), Err(BadSignature));
	let case = Case::new();
	let mut changed = case.document();
	changed.content.benchmarks[0].claimed += 1;
	assert_eq!(case.check_document(&changed), Err(BadSignature));
	// Nothing else is looked at first: what comes after can be laid at the agent's door.
	let mut other = Case::new();
	(other.devices, other.genesis, other.agent) = (9, [0; 32], AccountId32::new([0; 32]));
	assert_eq!(other.check(), Err(BadSignature));
}

#[test]
fn the_chain_can_check_what_was_signed_without_the_content() {
	let case = Case::new();
	let payload = signed_payload(GENESIS, ResourceId(7), RoundId(11), case.content.digest());
	assert_eq!(payload, case.content.signed_payload(GENESIS));
	assert_eq!(payload.len(), 14 + 32 + 4 + 4 + 32);
}

#[test]
fn a_signature_that_is_none_is_malformed() {
	let case = Case::new();
	let whole = case.document().signature;
	let none = [
		String::new(),
		"0x".into(),
		whole[2..].into(),
		whole[..whole.len() - 2].into(),
		format!("{whole}00"),
		whole.to_uppercase(),
		format!("0x09{}", &whole[4..]),
		format!("0x{}", "00".repeat(1_000_000)),
	];
	for signature in none {
		let document = Document { signature, ..case.document() };
		assert_eq!(document.signature(), Err(Malformed));
		assert_eq!(case.check_document(&document), Err(Malformed));
	}
}

#[test]
fn results_of_another_subject_are_refused() {
	assert_eq!(spoilt(|case| case.content.genesis = hex::write(&[8; 32])), Err(WrongChain));
	assert_eq!(spoilt(|case| case.genesis = [8; 32]), Err(WrongChain));
	assert_eq!(spoilt(|case| case.content.resource = ResourceId(8)), Err(WrongResource));
	assert_eq!(spoilt(|case| case.content.round = RoundId(10)), Err(WrongRound));
	assert_eq!(spoilt(|case| case.content.devices = 2), Err(WrongDevices));
	assert_eq!(spoilt(|case| (case.devices, case.content.devices) = (0, 0)), Err(WrongDevices));
	assert_eq!(spoilt(|case| case.content.genesis.push('0')), Err(Malformed));
	assert_eq!(spoilt(|case| case.content.run.push('0')), Err(Malformed));
	assert_eq!(spoilt(|case| case.content.run = case.content.run.replace("0x", "0X")), Err(Malformed));
}

#[test]
fn a_run_before_the_round_is_older() {
	let starts = |at| spoilt(|case| case.content.started_at = at).map(|_| ());
	assert_eq!(starts(OPENED_AT - STARTED_SKEW_MS), Ok(()));
	assert_eq!(starts(OPENED_AT - STARTED_SKEW_MS - 1), Err(OlderThanRound));
	assert_eq!(starts(0), Err(OlderThanRound));
}

#[test]
fn a_run_that_ends_before_it_began_or_in_the_future_is_skewed() {
	let ends = |at| spoilt(|case| case.content.ended_at = at).map(|_| ());
	assert_eq!(ends(OPENED_AT), Ok(()));
	assert_eq!(ends(OPENED_AT - 1), Err(ClockSkew));
	assert_eq!(ends(NOW + ENDED_SKEW_MS), Ok(()));
	assert_eq!(ends(NOW + ENDED_SKEW_MS + 1), Err(ClockSkew));
	assert_eq!(ends(u64::MAX), Err(ClockSkew));
	assert_eq!(spoilt(|case| (case.content.started_at, case.now) = (u64::MAX, u64::MAX)), Err(ClockSkew));
}

#[test]
fn a_run_that_was_an_answer_already_is_replayed() {
	assert_eq!(spoilt(|case| case.last_run = Some(RUN)), Err(Replayed));
	assert!(spoilt(|case| case.last_run = None).is_ok());
}

#[test]
fn a_solve_that_was_not_committed_to_is_wrong() {
	assert_eq!(spoilt(|case| case.content.solve = None), Err(WrongSolve));
	assert_eq!(spoilt(|case| case.solves = false), Err(WrongSolve));
	assert_eq!(spoilt(|case| case.order = 257), Err(WrongSolve));
	assert_eq!(spoilt(|case| case.commitment = [0; 32]), Err(WrongSolve));
	let with = |spoil: fn(&mut Vec<String>)| spoilt(|case| spoil(&mut case.content.solve.as_mut().unwrap().solutions));
	assert_eq!(with(|hashes| hashes.swap(0, 1)), Err(WrongSolve));
	assert_eq!(with(|hashes| _ = hashes.pop()), Err(WrongSolve));
	assert_eq!(with(|hashes| hashes[0].push('0')), Err(Malformed));
	let mut opened = Case::declared();
	opened.opened = Case::new().opened;
	assert_eq!(opened.check(), Err(WrongSolve), "opened and not asked for");
}

#[test]
fn each_drawn_device_is_opened_once() {
	assert_eq!(spoilt(|case| _ = case.opened.pop()), Err(SolutionMissing));
	assert_eq!(spoilt(|case| case.opened.clear()), Err(SolutionMissing));
	assert_eq!(spoilt(|case| case.opened.push(case.opened[0].clone())), Err(Malformed));
	assert!(spoilt(|case| case.opened.reverse()).is_ok(), "in any order");
	let none = spoilt(|case| {
		case.drawn.clear();
		case.opened.clear();
	});
	assert_eq!(none, Err(SolutionMissing), "nothing was drawn");
	let other = (0..DEVICES).find(|device| !Case::new().drawn.contains(device)).unwrap();
	assert_eq!(spoilt(|case| case.opened[0].device = other), Err(SolutionMissing));
	let extra = OpenedSolution::new(other, &solutions()[0]);
	assert_eq!(spoilt(|case| case.opened.push(extra)), Err(Malformed));
	assert_eq!(
		spoilt(|case| {
			case.drawn = vec![DEVICES];
			case.opened = vec![OpenedSolution::new(DEVICES, &solutions()[0])];
		}),
		Err(SolutionMissing),
		"there is no such device"
	);
}

#[test]
fn a_solution_has_the_length_of_the_order_and_its_hash() {
	let cut = |from: &Solution, unknowns: usize| Solution(from.0[..unknowns].to_vec());
	let open =
		|solution: &Solution| spoilt(|case| case.opened[0] = OpenedSolution::new(case.opened[0].device, solution));
	assert_eq!(open(&cut(&solutions()[0], 255)), Err(SolutionMissing));
	assert_eq!(open(&Solution(vec![])), Err(SolutionMissing));
	let mut longer = solutions()[0].clone();
	longer.0.push(0);
	assert_eq!(open(&longer), Err(SolutionMissing));
	let mut changed = solutions()[0].clone();
	changed.0[0] += 1;
	assert_eq!(open(&changed), Err(WrongSolve));
	let spoil_text = |spoil: fn(&mut String)| spoilt(|case| spoil(&mut case.opened[0].solution));
	assert_eq!(spoil_text(|text| text.replace_range(..1, "!")), Err(Malformed));
	assert_eq!(spoil_text(|text| text.replace_range(..2, "é")), Err(Malformed));
	assert_eq!(spoil_text(|text| text.replace_range(..1, "=")), Err(Malformed));
	assert_eq!(spoil_text(|text| text.push('=')), Err(SolutionMissing));
	assert_eq!(spoil_text(|text| text.insert(0, ' ')), Err(SolutionMissing));
}

#[test]
fn a_false_solution_that_was_committed_to_fails() {
	for change in [1_i64 << 20, -(1 << 30)] {
		let result = spoilt(|case| {
			let mut false_solutions = solutions().to_vec();
			for solution in &mut false_solutions {
				solution.0[40] += change;
			}
			let hashes: Vec<_> = false_solutions.iter().map(Solution::hash).collect();
			case.commitment = commitment(&hashes);
			case.content.solve = Some(Solve::new(ORDER, &hashes));
			case.opened = case
				.drawn
				.iter()
				.map(|device| OpenedSolution::new(*device, &false_solutions[usize::try_from(*device).unwrap()]))
				.collect();
		});
		assert_eq!(result, Err(SolveFailed));
	}
}

#[test]
fn a_claim_is_the_recomputed_figure_to_a_thousandth() {
	let claims = |claimed| spoilt(|case| case.content.benchmarks[0].claimed = claimed).map(|_| ());
	assert_eq!(claims(TRIAD + TRIAD / 1_000), Ok(()));
	assert_eq!(claims(TRIAD - TRIAD / 1_000), Ok(()));
	assert_eq!(claims(TRIAD + TRIAD / 1_000 + 1), Err(FigureMismatch));
	assert_eq!(claims(TRIAD - TRIAD / 1_000 - 1), Err(FigureMismatch));
	assert_eq!(claims(0), Err(FigureMismatch));
	assert_eq!(claims(u64::MAX), Err(FigureMismatch));
}

#[test]
fn a_metric_is_declared_once() {
	assert_eq!(spoilt(|case| case.content.benchmarks.push(case.content.benchmarks[0].clone())), Err(DeclaredTwice));
}

#[test]
fn a_benchmark_that_is_none_gives_its_own_reason() {
	assert_eq!(spoilt(|case| case.content.benchmarks[0].kind = Kind::Hpl), Err(Unrecognised));
	assert_eq!(spoilt(|case| case.content.benchmarks[0].raw.truncate(100)), Err(Truncated));
	let failed = STREAM.replace("Solution Validates", "Failed Validation");
	assert_eq!(spoilt(|case| case.content.benchmarks[0].raw = failed), Err(RunInvalid));
}

#[test]
fn a_figure_of_less_than_one_per_device_is_out_of_range() {
	// 24 bytes in a tenth of a second: 240 bytes per second of all devices.
	let slow = "STREAM version\nThis system uses 8 bytes\nArray size = 1 (elements)\nTriad: 0.00024 0.1 0.1 0.1\nSolution Validates";
	let result = |devices| {
		let mut case = Case::declared();
		(case.devices, case.content.devices) = (devices, devices);
		case.content.benchmarks[0] = Benchmark { kind: Kind::Stream, claimed: 240, raw: slow.into() };
		case.check().map(|findings| findings.declared[0].value)
	};
	assert_eq!(result(240), Ok(1));
	assert_eq!(result(241), Err(FigureOutOfRange));
}

#[test]
fn power_is_the_agents_or_else_raw_outputs() {
	let row = r#"{"Category":"closed","UsedModel":"llama2-70b-99","Model":"llama2-70b-99","Scenario":"Offline","compliance":1,
		"errors":0,"inferred":0,"has_power":true,"Power_Result":10400.9,"Power_Units":"Watts","Performance_Result":102909.0,
		"Performance_Units":"Tokens/s"}"#;
	let benchmark = || Benchmark { kind: Kind::Mlperf, claimed: 102_909_000, raw: row.into() };
	let both = spoilt(|case| case.content.benchmarks.push(benchmark())).unwrap();
	assert_eq!(both.milliwatts, Some(2_100_000));
	let raw = spoilt(|case| {
		case.content.power = None;
		case.content.benchmarks.push(benchmark());
	});
	assert_eq!(raw.unwrap().milliwatts, Some(10_400_900));
	let power = |milliwatts| spoilt(|case| case.content.power.as_mut().unwrap().milliwatts = milliwatts);
	assert_eq!(power(0), Err(FigureOutOfRange));
	assert!(power(1_000_000_000_000).is_ok());
	assert_eq!(power(1_000_000_000_001), Err(FigureOutOfRange));
	assert_eq!(power(u64::MAX), Err(FigureOutOfRange));
}

fn json() -> String {
	serde_json::to_string(&Case::new().document()).unwrap()
}

fn read_with(from: &str, to: &str) -> Result<(), Reason> {
	let json = json();
	assert!(json.contains(from), "{from}");
	Document::read(json.replacen(from, to, 1).as_bytes()).map(|_| ())
}

#[test]
fn the_format_is_pinned() {
	let content = Case::new().content;
	let json = serde_json::to_string(&content).unwrap();
	assert!(json.starts_with(r#"{"genesis":"0x0101"#));
	assert!(json.contains(r#""resource":7,"round":11,"run":"0x0404"#));
	assert!(json.contains(r#""startedAt":1700000000000,"endedAt":1700000001000,"devices":3"#));
	assert!(
		json.contains(r#""power":{"milliwatts":2100000,"source":"nvidia-smi"},"solve":{"order":256,"solutions":["0x"#)
	);
	assert!(json.contains(r#""benchmarks":[{"kind":"stream","claimed":105255463781,"raw":"STREAM version"#));
	let bare = Content { solve: None, benchmarks: vec![], power: None, ..content };
	assert_eq!(hex::write(&bare.digest()), PINNED_DIGEST);
}

const PINNED_DIGEST: &str = "0xe67b9807ad2cffc22d266d76ed27bab4f4adf1a94315f205d91d4fdc5299f4c0";

#[test]
fn another_version_is_named_whatever_the_rest_is() {
	assert_eq!(read_with("\"format\":1", "\"format\":2"), Err(UnknownFormat));
	for text in
		[r#"{"format":0}"#, r#"{"format":2,"new":[1,{"a":null}],"content":7}"#, r#"{"signature":5,"format":65535}"#]
	{
		assert_eq!(Document::read(text.as_bytes()), Err(UnknownFormat), "{text}");
	}
}

#[test]
fn a_field_is_there_once_and_known_and_of_its_type() {
	assert_eq!(read_with("\"format\":1", "\"format\":1"), Ok(()));
	for (from, to) in [
		("\"format\":1", "\"format\":1,\"format\":1"),
		("\"format\":1", "\"format\":2,\"format\":1"),
		("\"format\":1", "\"format\":1.0"),
		("\"format\":1", "\"format\":\"1\""),
		("\"format\":1", "\"format\":-1"),
		("\"format\":1", "\"format\":65537"),
		("\"format\":1,", ""),
		("\"format\":1,", "\"format\":1,\"more\":1,"),
		("\"devices\":3", "\"devices\":3,\"devices\":3"),
		("\"devices\":3", "\"devices\":3,\"device\":3"),
		("\"devices\":3", "\"devices\":-3"),
		("\"devices\":3", "\"devices\":3.0"),
		("\"devices\":3", "\"devices\":3e0"),
		("\"devices\":3", "\"devices\":NaN"),
		("\"devices\":3", "\"devices\":Infinity"),
		("\"devices\":3", "\"devices\":1e308"),
		("\"devices\":3", "\"devices\":1e999"),
		("\"devices\":3", "\"devices\":4294967296"),
		("\"devices\":3", "\"devices\":99999999999999999999999999999999999999999"),
		("\"devices\":3", "\"devices\":null"),
		("\"devices\":3", "\"devices\":03"),
		("\"order\":256", "\"order\":256,\"order\":256"),
		("\"milliwatts\":2100000", "\"milliwatts\":2100000,\"milliwatts\":1"),
		("\"milliwatts\":2100000", "\"milliwatts\":18446744073709551616"),
		("\"source\":\"nvidia-smi\"", "\"source\":[]"),
		("\"kind\":\"stream\"", "\"kind\":\"Stream\""),
		("\"kind\":\"stream\"", "\"kind\":\"quantum\""),
		("\"claimed\":105255463781", "\"claimed\":\"105255463781\""),
		("\"device\":", "\"device\":0,\"device\":"),
		("\"content\":{", "\"content\":{},\"content\":{"),
		("\"startedAt\"", "\"started_at\""),
	] {
		assert_eq!(read_with(from, to), Err(Malformed), "{to}");
	}
}

#[test]
fn optional_fields_may_be_left_out() {
	let bare = r#"{"format":1,"signature":"0x","content":{"genesis":"","resource":1,"round":2,"run":"","startedAt":0,"endedAt":0,"devices":1}}"#;
	let document = Document::read(bare.as_bytes()).unwrap();
	assert_eq!((document.content.power, document.content.solve, document.opened.len()), (None, None, 0));
	let nothing = bare.replace("\"devices\":1", "\"devices\":1,\"power\":null,\"solve\":null,\"benchmarks\":[]");
	assert!(Document::read(nothing.as_bytes()).is_ok());
}

#[test]
fn a_structure_inside_may_be_a_list_and_the_document_may_not() {
	let json = json();
	let list = json.replacen(r#"{"milliwatts":2100000,"source":"nvidia-smi"}"#, r#"[2100000,"nvidia-smi"]"#, 1);
	assert_ne!(list, json);
	assert_eq!(Document::read(list.as_bytes()), Document::read(json.as_bytes()));
	assert_eq!(
		read_with(r#"{"milliwatts":2100000,"source":"nvidia-smi"}"#, r#"[2100000,"nvidia-smi",1]"#),
		Err(Malformed)
	);
	assert_eq!(Document::read(b"[1]"), Err(Malformed));
	assert_eq!(Document::read(br#"[1,["","","","","",1],[],"0x"]"#), Err(Malformed));
}

#[test]
fn what_is_no_json_is_malformed() {
	let whole = json();
	for end in [0, 1, 2, 10, 100, whole.len() - 1] {
		assert_eq!(Document::read(&whole.as_bytes()[..end]), Err(Malformed));
	}
	for bytes in [&b"\xff\xfe"[..], b"\0", b"null", b"1", b"[]", b"{}", b"\"x\"", b"{\"format\":1}", b"<html>"] {
		assert_eq!(Document::read(bytes), Err(Malformed), "{bytes:?}");
	}
	let mut invalid = whole.clone().into_bytes();
	let at = whole.find("nvidia").unwrap();
	invalid[at] = 0xff;
	assert_eq!(Document::read(&invalid), Err(Malformed), "no UTF-8");
	assert_eq!(Document::read(format!("{whole}{whole}").as_bytes()), Err(Malformed));
	assert_eq!(Document::read(format!("\u{feff}{whole}").as_bytes()), Err(Malformed));
	assert!(Document::read(format!(" {whole}\n").as_bytes()).is_ok());
}

#[test]
fn deep_nesting_is_malformed_and_overflows_nothing() {
	for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
		let deep = open.repeat(1_000_000);
		assert_eq!(Document::read(deep.as_bytes()), Err(Malformed));
		let closed = format!("{{\"format\":1,\"x\":{deep}1{}}}", close.repeat(1_000_000));
		assert_eq!(Document::read(closed.as_bytes()), Err(Malformed));
		let inside = read_with("\"power\":{", &format!("\"power\":{deep}{{"));
		assert_eq!(inside, Err(Malformed));
	}
}

#[test]
fn lists_have_their_limits() {
	let list = |element: &str, length: usize| vec![element; length].join(",");
	let read = |field: &str, element: &str, length: usize| {
		let json = format!(
			r#"{{"format":1,"signature":"","opened":[{}],"content":{{"genesis":"","resource":1,"round":2,"run":"","startedAt":0,"endedAt":0,"devices":1,"solve":{{"order":1,"solutions":[{}]}},"benchmarks":[{}]}}}}"#,
			if field == "opened" { list(element, length) } else { String::new() },
			if field == "solutions" { list(element, length) } else { String::new() },
			if field == "benchmarks" { list(element, length) } else { String::new() },
		);
		Document::read(json.as_bytes()).map(|_| ())
	};
	let benchmark = r#"{"kind":"hpl","claimed":1,"raw":""}"#;
	let opening = r#"{"device":0,"solution":""}"#;
	for (field, element, most) in
		[("benchmarks", benchmark, 8), ("solutions", "\"\"", 1_024), ("opened", opening, 1_024)]
	{
		assert_eq!(read(field, element, most), Ok(()), "{field}");
		assert_eq!(read(field, element, most + 1), Err(Malformed), "{field}");
		assert_eq!(read(field, element, 200_000), Err(Malformed), "{field}");
	}
}

#[test]
fn documents_and_raw_outputs_that_are_too_long_are_too_large() {
	let padded = |length: usize| format!("{}{}", " ".repeat(length - json().len()), json());
	let bare = json();
	let fits = format!("{}{bare}", " ".repeat(MAX_DOCUMENT_BYTES - bare.len()));
	assert!(Document::read(fits.as_bytes()).is_ok());
	assert_eq!(Document::read(padded(MAX_DOCUMENT_BYTES + 1_000).as_bytes()), Err(TooLarge));
	assert_eq!(Document::read(&vec![b'['; MAX_DOCUMENT_BYTES + 1]), Err(TooLarge));
	let raw = |length: usize| {
		let mut case = Case::new();
		case.content.benchmarks[0].raw = "x".repeat(length);
		Document::read(&serde_json::to_vec(&case.document()).unwrap()).map(|_| ())
	};
	assert_eq!(raw(MAX_RAW_BYTES), Ok(()));
	assert_eq!(raw(MAX_RAW_BYTES + 1), Err(TooLarge));
	// Whoever makes a document without reading one cannot go around it either.
	assert_eq!(gcx_evidence::raw::read(Kind::Stream, &"x".repeat(MAX_RAW_BYTES + 1)), Err(TooLarge));
}

proptest! {
	#[test]
	fn what_is_written_is_read_again(
		resource: u32, round: u32, started_at: u64, ended_at: u64, devices: u32, milliwatts: u64,
		source in "\\PC{0,40}", raw in "\\PC{0,200}", claimed: u64, order: u32,
	) {
		let mut case = Case::new();
		let content = &mut case.content;
		(content.resource, content.round) = (ResourceId(resource), RoundId(round));
		(content.started_at, content.ended_at, content.devices) = (started_at, ended_at, devices);
		content.power = Some(Power { milliwatts, source });
		content.solve.as_mut().unwrap().order = order;
		content.benchmarks = vec![Benchmark { kind: Kind::Hpl, claimed, raw }];
		let document = case.document();
		let read = Document::read(&serde_json::to_vec(&document).unwrap()).unwrap();
		prop_assert_eq!(read.content.digest(), document.content.digest());
		prop_assert_eq!(read, document);
	}

	#[test]
	fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>, text in "\\PC*") {
		prop_assert!(Document::read(&bytes).is_err());
		prop_assert!(Document::read(text.as_bytes()).is_err());
	}
}
