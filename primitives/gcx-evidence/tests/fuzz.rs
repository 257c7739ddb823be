//! Random and mutated outputs and documents: nothing that a gateway can serve makes a reader panic.

mod common;

use common::{eliminate, Random};
use gcx_evidence::{
	hex,
	raw::{excerpt, read, Kind},
	solve::{commitment, device_seed, Solution, System},
	Benchmark, Content, Document, Expected, ExpectedSolve, OpenedSolution, Power, Reason, Solve,
};
use gcx_primitives::{ResourceId, RoundId};
use sp_core::{sr25519, Pair};
use sp_runtime::{AccountId32, MultiSignature};
use std::{collections::BTreeMap, fs, path::Path, time::Instant};

const KINDS: [Kind; 4] = [Kind::Hpl, Kind::Hpcg, Kind::Stream, Kind::Mlperf];

/// Outputs that are read, in the layouts of the benchmarks.
const TEMPLATES: [(Kind, &str); 5] = [
	(
		Kind::Hpl,
		"HPLinpack 2.3  --  High-Performance Linpack benchmark
T/V                N    NB     P     Q               Time                 Gflops
WR00L2L4      204288   384     1     2            1354.22            4.19712e+03
||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=        0.0037124 ...... PASSED
WC0           264192  1024     4     2              40.62              3.026e+05 ( 3.783e+04)
||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=   3.59653282e-03 ...... PASSED
              2 tests completed and passed residual checks,
              0 tests completed and failed residual checks,
",
	),
	(
		Kind::Hpcg,
		"version=HPCG-Benchmark_3.0
Setup Information::Setup Time=8.65487
Spectral Convergence Tests::Result=PASSED
Iteration Count Information::Optimized CG iterations per set=51
Iteration Count Information::Total number of optimized iterations=6630
Benchmark Time Summary::Optimization phase=14.0469
Benchmark Time Summary::Total=1812.73
Floating Point Operations Summary::Total with convergence overhead=1.31352e+13
Final Summary::HPCG result is VALID with a GFLOP/s rating of=6.23156
",
	),
	(
		Kind::Stream,
		"STREAM version $Revision: 5.10 $
This system uses 8 bytes per array element.
Array size = 120000000 (elements), Offset = 0 (elements)
Triad:         105256.0     0.027448     0.027362     0.027785
Solution Validates: avg error less than 1.000000e-13 on all three arrays
",
	),
	(
		Kind::Mlperf,
		r#"{"Category":"closed","UsedModel":"llama2-70b-99","Model":"llama2-70b-99","Scenario":"Offline","compliance":1,"errors":0,
"inferred":0,"has_power":true,"Power_Result":10400.9988793425,"Power_Units":"Watts","Performance_Result":102909.0,"Performance_Units":"Tokens/s"}"#,
	),
	(
		Kind::Mlperf,
		"MLPerf Results Summary
Scenario : Offline
Mode     : PerformanceOnly
Samples per second: 370.425
Tokens per second: 101246
Result is : VALID
min_duration (ms): 9600000
accuracy_log_rng_seed : 0
accuracy_log_sampling_target : 0
",
	),
];

/// What gets between the bytes of a mutated text.
const TOKENS: [&str; 40] = [
	"nan",
	"inf",
	"-1",
	"0",
	"1e308",
	"1e-308",
	"-0.0",
	"99999999999999999999",
	"18446744073709551615",
	"1e999",
	"0.0000001",
	".",
	"e",
	"+",
	"=",
	"::",
	"\n",
	"\r",
	"\t",
	" ",
	"\0",
	"é",
	"\u{202e}",
	"PASSED",
	"FAILED",
	"VALID",
	"INVALID",
	"WR",
	"T/V ",
	"||Ax-b||_oo",
	"tests completed and passed residual checks,",
	"{",
	"}",
	"[",
	"]",
	"\"",
	",",
	"null",
	"\\u0000",
	"}}}}]]]]",
];

const NONCE: [u8; 32] = [2; 32];
const ORDER: u32 = 256;

/// The document that mutated ones are made of, and what it answers.
struct Answer {
	key: sr25519::Pair,
	agent: AccountId32,
	commitment: [u8; 32],
	document: Document,
	json: Vec<u8>,
}

impl Answer {
	fn new() -> Self {
		let key = sr25519::Pair::from_seed(&[9; 32]);
		let system = System::new(device_seed(NONCE, 0), ORDER);
		let solution = Solution::from_floats(&eliminate(&system)).unwrap();
		let content = Content {
			genesis: hex::write(&[1; 32]),
			resource: ResourceId(7),
			round: RoundId(11),
			run: hex::write(&[4; 32]),
			started_at: 1_000_000,
			ended_at: 1_001_000,
			devices: 1,
			power: Some(Power { milliwatts: 2_100_000, source: "rapl".into() }),
			solve: Some(Solve::new(ORDER, &[solution.hash()])),
			benchmarks: vec![Benchmark { kind: Kind::Stream, claimed: 105_255_463_781, raw: TEMPLATES[2].1.into() }],
		};
		let opened = vec![OpenedSolution::new(0, &solution)];
		let mut answer = Self {
			agent: key.public().into(),
			commitment: commitment(&[solution.hash()]),
			document: Document::new(content, opened, &MultiSignature::Sr25519(Default::default())),
			json: Vec::new(),
			key,
		};
		let document = answer.sign(answer.document.clone());
		answer.json = serde_json::to_vec(&document).unwrap();
		answer.document = document;
		answer
	}

	/// The document signed anew, over whatever it says now.
	fn sign(&self, document: Document) -> Document {
		let genesis = hex::read_exact(&document.content.genesis).unwrap_or_default();
		let signature = self.key.sign(&document.content.signed_payload(genesis));
		Document::new(document.content, document.opened, &MultiSignature::Sr25519(signature))
	}

	fn check(&self, document: &Document) -> Result<(), Reason> {
		let solve =
			ExpectedSolve { order: ORDER, commitment: self.commitment, nonce: NONCE, devices: &[0], rows: [3; 32] };
		let expected = Expected {
			genesis: [1; 32],
			resource: ResourceId(7),
			round: RoundId(11),
			agent: &self.agent,
			devices: 1,
			opened_at: 1_000_000,
			now: 1_001_000,
			last_run: Some([5; 32]),
			solve: Some(solve),
		};
		document.check(&expected).map(|_| ())
	}
}

/// Published outputs where they are there: the last 4 KiB of what would be sent of each.
fn published() -> Vec<(Kind, Vec<u8>)> {
	let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bench");
	let folders =
		[(Kind::Hpl, "hpl"), (Kind::Hpcg, "hpcg"), (Kind::Stream, "stream"), (Kind::Mlperf, "mlperf/logs_v5.1")];
	let mut outputs = Vec::new();
	for (kind, folder) in folders {
		for entry in fs::read_dir(bench.join(folder)).into_iter().flatten().flatten() {
			let Ok(text) = fs::read_to_string(entry.path()) else { continue };
			let part = excerpt(kind, &text).unwrap_or_default().as_bytes();
			outputs.push((kind, part[part.len().saturating_sub(4_096)..].to_vec()));
		}
	}
	outputs
}

/// Changes a text in a few places.
fn mutate(random: &mut Random, text: &mut Vec<u8>) {
	for _ in 0..=random.below(4) {
		let at = random.below(text.len() + 1);
		let length = (1 + random.below(24)).min(text.len() - at);
		match random.below(8) {
			0 if at < text.len() => text[at] ^= 1 << random.below(8),
			1 => drop(text.drain(at..at + length)),
			2 => text.truncate(at),
			3 => {
				let piece = text[at..at + length].to_vec();
				let to = random.below(text.len() + 1);
				text.splice(to..to, piece);
			},
			4 if at < text.len() => text[at] = b'0' + u8::try_from(random.below(10)).unwrap(),
			5 => {
				// A word is replaced: numbers become other numbers.
				let end = text[at..].iter().position(|byte| b" =,\n".contains(byte)).map_or(text.len(), |end| at + end);
				let token = TOKENS[random.below(TOKENS.len())];
				text.splice(at..end.min(at + 24), token.bytes());
			},
			_ => {
				let token = TOKENS[random.below(TOKENS.len())];
				text.splice(at..at, token.bytes());
			},
		}
	}
}

/// Runs so many cases; answers how many ended how, and the slowest in microseconds.
fn run(cases: u64, seed: u64) -> (BTreeMap<String, u64>, u128) {
	let mut random = Random(seed);
	let answer = Answer::new();
	assert_eq!(answer.check(&Document::read(&answer.json).unwrap()), Ok(()), "unspoilt, it is accepted");
	let published = published();
	let mut ends = BTreeMap::new();
	let mut slowest = 0;
	for _ in 0..cases {
		let (name, micros) =
			if random.below(8) == 0 { document_case(&mut random, &answer) } else { raw_case(&mut random, &published) };
		*ends.entry(name).or_default() += 1;
		slowest = slowest.max(micros);
	}
	(ends, slowest)
}

/// Reads one output.
fn raw_case(random: &mut Random, published: &[(Kind, Vec<u8>)]) -> (String, u128) {
	let (mut kind, mut text) = match random.below(64) {
		0 if !published.is_empty() => published[random.below(published.len())].clone(),
		1..=3 => {
			let length = random.below(200);
			(KINDS[random.below(4)], (0..length).map(|_| random.next().to_le_bytes()[0]).collect())
		},
		_ => {
			let (kind, text) = TEMPLATES[random.below(TEMPLATES.len())];
			(kind, text.as_bytes().to_vec())
		},
	};
	mutate(random, &mut text);
	if random.below(16) == 0 {
		kind = KINDS[random.below(4)];
	}
	let text = String::from_utf8_lossy(&text);
	let (outcome, micros) = timed(|| read(kind, &text));
	if let Ok(figure) = outcome {
		assert!(figure.value > 0);
		assert_eq!(read(kind, &text), Ok(figure), "twice the same");
	}
	(format!("{kind:?}_{}", end_of(outcome.map(|_| ()))).to_lowercase(), micros)
}

/// Reads one document, and checks it: one in four after signing it anew, so that what comes after the signature is
/// reached.
fn document_case(random: &mut Random, answer: &Answer) -> (String, u128) {
	let mut text = answer.json.clone();
	if random.below(4) == 0 {
		// Without the solution, most of the bytes are fields.
		let mut bare = answer.document.clone();
		bare.opened.clear();
		text = serde_json::to_vec(&bare).unwrap();
	}
	mutate(random, &mut text);
	let (signs, checks) = (random.below(4) == 0, random.below(16) == 0);
	let (outcome, micros) = timed(|| {
		let document = Document::read(&text)?;
		match (signs, checks) {
			(true, _) => answer.check(&answer.sign(document)),
			(false, true) => answer.check(&document),
			(false, false) => document.signature().map(|_| ()),
		}
	});
	let end = if outcome.is_ok() && !signs && !checks { "read_only".into() } else { end_of(outcome) };
	(format!("document_{end}").to_lowercase(), micros)
}

/// What something comes to and how many microseconds it takes: the least of five where it seems slow, for then the
/// machine may have been at something else.
fn timed<T>(what: impl Fn() -> T) -> (T, u128) {
	let once = || {
		let begun = Instant::now();
		let outcome = what();
		(outcome, begun.elapsed().as_micros())
	};
	let (outcome, micros) = once();
	let again = if micros > 200 { (0..4).map(|_| once().1).min() } else { None };
	(outcome, again.unwrap_or(micros).min(micros))
}

fn end_of(outcome: Result<(), Reason>) -> String {
	outcome.map_or_else(|reason| format!("{reason:?}"), |()| "accepted".into())
}

fn variable(name: &str, otherwise: u64) -> u64 {
	std::env::var(name).map_or(otherwise, |value| value.parse().expect("a number"))
}

#[test]
fn twenty_thousand_mutations_make_no_reader_panic() {
	let (ends, _) = run(20_000, 1);
	for kind in ["hpl", "hpcg", "stream", "mlperf", "document"] {
		assert!(ends.contains_key(&format!("{kind}_accepted")), "some mutations change nothing that counts: {kind}");
	}
	for reason in ["truncated", "runinvalid", "residualmissing", "figuremismatch", "figureoutofrange", "unrecognised"] {
		assert!(ends.keys().any(|end| end.ends_with(reason)), "{reason} was never reached");
	}
}

#[test]
fn the_longest_output_takes_time_in_proportion_to_its_length() {
	// Texts that are all of one piece: whatever a reader looks for, it is there as often as it fits, or nearly there.
	for piece in TOKENS.iter().chain(&[
		"W",
		"a=",
		":",
		"||Ax-b||_oo/=",
		"WR 1 1 1 1 1 1\n",
		"Triad:",
		"{\"a\":",
		"\"x\":[",
		"\n\n",
	]) {
		let text = |length: usize| piece.repeat(length / piece.len());
		for kind in KINDS {
			let _ = read(kind, &text(64 * 1_024));
			let _ = read(kind, &format!("{{\"a\":\"{}\"}}", text(32 * 1_024)));
		}
		let _ = Document::read(text(1_024 * 1_024).as_bytes());
	}
}

/// `GCX_FUZZ_OPS` cases from `GCX_FUZZ_SEED`. Prints how many ended how, and the slowest.
#[test]
#[ignore = "long: scripts/fuzz runs it"]
fn random_outputs() {
	let (cases, seed) = (variable("GCX_FUZZ_OPS", 100_000), variable("GCX_FUZZ_SEED", 1));
	let (ends, slowest) = run(cases, seed);
	println!("fuzz_evidence_cases {cases}");
	for (end, count) in ends {
		println!("fuzz_evidence_{end} {count}");
	}
	println!("fuzz_evidence_slowest_us {slowest}");
}
