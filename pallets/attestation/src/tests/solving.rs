//! A provider that really solves, and signs what it did.

use super::*;
use gcx_evidence::{
	raw::Kind,
	solve::{self, Solution, System},
	Benchmark, Content, Document, OpenedSolution, Solve,
};
use sp_core::{hexdisplay::HexDisplay, Pair};
use sp_runtime::MultiSignature;

/// The order of the systems of the tests: the smallest.
pub const ORDER: u32 = 256;

/// Output of STREAM that holds together, and the figure that follows.
pub const STREAM: (&str, u64) = (
	"STREAM version $Revision: 5.10 $
This system uses 8 bytes per array element.
Array size = 120000000 (elements), Offset = 0 (elements)
Function    Best Rate MB/s  Avg time     Min time     Max time
Copy:          108180.5     0.017811     0.017748     0.017950
Triad:         105256.0     0.027448     0.027362     0.027785
Solution Validates: avg error less than 1.000000e-13 on all three arrays
",
	105_255_463_781,
);

/// Elimination with partial pivoting in double precision.
fn eliminate(system: &System) -> Vec<f64> {
	let order = usize::try_from(ORDER).unwrap();
	let mut rows: Vec<Vec<f64>> = (0..ORDER)
		.map(|row| {
			let mut entries = vec![0.0; order + 1];
			system.write_row(row, &mut entries[..order]);
			entries[order] = system.right_float(row);
			entries
		})
		.collect();
	for step in 0..order {
		let pivot = (step..order).max_by(|a, b| rows[*a][step].abs().total_cmp(&rows[*b][step].abs())).unwrap();
		rows.swap(step, pivot);
		let (done, below) = rows.split_at_mut(step + 1);
		for row in below {
			let factor = row[step] / done[step][step];
			for (entry, above) in row[step..].iter_mut().zip(&done[step][step..]) {
				*entry -= factor * above;
			}
		}
	}
	let mut unknowns = vec![0.0; order];
	for row in (0..order).rev() {
		let known: f64 = (row + 1..order).map(|column| rows[row][column] * unknowns[column]).sum();
		unknowns[row] = (rows[row][order] - known) / rows[row][row];
	}
	unknowns
}

/// The solutions of a nonce's systems of two devices.
pub fn solutions(nonce: [u8; 32]) -> Vec<Solution> {
	let solved = |device| eliminate(&System::new(solve::device_seed(nonce, device), ORDER));
	(0..2).map(|device| Solution::from_floats(&solved(device)).expect("they fit")).collect()
}

pub fn hashes(solutions: &[Solution]) -> Vec<[u8; 32]> {
	solutions.iter().map(Solution::hash).collect()
}

pub fn committed(solutions: &[Solution]) -> SolveCommitment {
	SolveCommitment { order: ORDER, commitment: solve::commitment(&hashes(solutions)) }
}

/// A round is opened, solved, answered and drawn.
pub fn solved() -> Vec<Solution> {
	open();
	let solutions = solutions(round().nonce);
	answer(Some(committed(&solutions)));
	until(Stage::Commit);
	solutions
}

pub fn hex(bytes: &[u8]) -> String {
	format!("0x{}", HexDisplay::from(&bytes))
}

/// What the agent has to say of the open round.
pub fn content(solutions: &[Solution]) -> Content {
	let TestRound { id, opened_at, .. } = round();
	Content {
		genesis: hex(&GENESIS),
		resource: RESOURCE,
		round: id,
		run: hex(&[3; 32]),
		started_at: opened_at + 100,
		ended_at: opened_at + 5_000,
		devices: 2,
		power: None,
		solve: Some(Solve::new(ORDER, &hashes(solutions))),
		benchmarks: vec![Benchmark { kind: Kind::Stream, claimed: STREAM.1, raw: STREAM.0.into() }],
	}
}

pub fn signed_by(pair: &sp_core::sr25519::Pair, content: Content, solutions: &[Solution]) -> Document {
	let opened = (0..).zip(solutions).map(|(device, solution)| OpenedSolution::new(device, solution)).collect();
	let signature = MultiSignature::Sr25519(pair.sign(&content.signed_payload(GENESIS)));
	Document::new(content, opened, &signature)
}

/// The agent's document, with its content changed before it is signed.
pub fn document(solutions: &[Solution], change: impl FnOnce(&mut Content)) -> Vec<u8> {
	let mut content = content(solutions);
	change(&mut content);
	json(&signed_by(&agent_pair(), content, solutions))
}

pub fn json(document: &Document) -> Vec<u8> {
	serde_json::to_vec(document).expect("it is plain data")
}
