//! Every kernel comes to the reference prover's bits, and what it shows holds.

use gcx_math::proof::{
	reference::Transcript, Cell, Claim, DeviceCell, Draw, Fleet, OpeningError, Parameters, RawParameters,
};
use gcx_primitives::{ClassId, ResourceId};
use gcx_prover::{plain_rate, prove, steps, Kernel, OpenError, Proof, Prover};
use sp_crypto_hashing::blake2_256;

const DRAW: Draw =
	Draw { genesis: [1; 32], class: ClassId(2), resource: ResourceId(3), device: 4, roll_call: 5, nonce: [6; 32] };

/// Shapes with panels, blocks and slices that are not full.
const SHAPES: [[u32; 6]; 14] = [
	// rows, columns, depth, tile, patch, rounds
	[4, 4, 64, 4, 1, 1],
	[4, 20, 128, 4, 4, 3],
	[20, 4, 64, 4, 2, 2],
	[12, 36, 192, 4, 1, 5],
	[8, 8, 1_024, 8, 8, 2],
	[24, 56, 1_088, 8, 2, 3],
	[16, 16, 2_112, 16, 16, 4],
	[48, 80, 320, 16, 1, 2],
	[128, 128, 64, 16, 4, 2],
	[144, 272, 64, 16, 1, 2],
	[132, 260, 128, 4, 1, 1],
	[32, 160, 448, 32, 32, 3],
	[288, 32, 64, 32, 8, 1],
	[16, 32, 8_256, 16, 1, 2],
];

fn parameters([rows, columns, depth, tile, patch, rounds]: [u32; 6]) -> Parameters {
	RawParameters { rows, columns, depth, tile, patch, rounds, openings: 16 }.try_into().unwrap()
}

fn claim<'a>(parameters: &'a Parameters, proof: &Proof) -> Claim<'a> {
	Claim { parameters, seed: proof.seed(), commitment: proof.commitment() }
}

#[test]
fn every_kernel_comes_to_the_bits_of_the_reference() {
	for shape in SHAPES {
		let parameters = parameters(shape);
		let reference = Transcript::honest(parameters, DRAW.seed(&parameters, blake2_256), blake2_256);
		for kernel in Kernel::all() {
			let proof = prove(&parameters, &DRAW, kernel, |_| ());
			assert_eq!(Some(proof.commitment()), reference.commitment(), "{kernel}: {shape:?}");
			let claim = claim(&parameters, &proof);
			let cells = claim.drawn_cells(&[7; 32], blake2_256);
			for (cell, opening) in cells.iter().zip(proof.open(&cells).unwrap()) {
				assert_eq!(Some(&opening), reference.open(cell).as_ref(), "{kernel}: {shape:?}: {cell:?}");
				assert_eq!(claim.check(cell, &opening, blake2_256), Ok(()), "{kernel}: {shape:?}: {cell:?}");
			}
		}
	}
}

#[test]
fn kernels_agree_at_the_greatest_depth() {
	let parameters = parameters([160, 96, 131_072, 32, 1, 1]);
	let commitments: Vec<_> =
		Kernel::all().into_iter().map(|kernel| prove(&parameters, &DRAW, kernel, |_| ()).commitment()).collect();
	assert!(commitments.iter().all(|commitment| *commitment == commitments[0]));
	let proof = prove(&parameters, &DRAW, Kernel::fastest(), |_| ());
	let claim = claim(&parameters, &proof);
	let cells = claim.drawn_cells(&[7; 32], blake2_256);
	for (cell, opening) in cells.iter().zip(proof.open(&cells).unwrap()) {
		assert_eq!(claim.check(cell, &opening, blake2_256), Ok(()), "{cell:?}");
	}
}

#[test]
fn shapes_beyond_a_square_hold() {
	for [rows, columns] in [[4_128, 64], [64, 4_128], [4_112, 4_112]] {
		let parameters = parameters([rows, columns, 64, 16, 16, 2]);
		let proof = prove(&parameters, &DRAW, Kernel::fastest(), |_| ());
		let claim = claim(&parameters, &proof);
		let mut cells = claim.drawn_cells(&[7; 32], blake2_256);
		cells.extend([0, 4_095, 4_096].map(|row| Cell { round: 1, row: row.min(rows - 1), column: columns - 1 }));
		for (cell, opening) in cells.iter().zip(proof.open(&cells).unwrap()) {
			assert_eq!(claim.check(cell, &opening, blake2_256), Ok(()), "{cell:?}");
		}
	}
}

#[test]
fn what_is_shown_of_one_cell_does_not_hold_for_another() {
	let parameters = parameters([48, 80, 320, 16, 1, 2]);
	let proof = prove(&parameters, &DRAW, Kernel::fastest(), |_| ());
	let cell = Cell { round: 1, row: 5, column: 40 };
	let opening = &proof.open(&[cell]).unwrap()[0];
	let other = Cell { column: 5, ..cell };
	assert_eq!(claim(&parameters, &proof).check(&other, opening, blake2_256), Err(OpeningError::NotCommitted));
}

#[test]
fn a_cell_that_is_not_there_is_refused() {
	let parameters = parameters([48, 80, 320, 16, 1, 2]);
	let proof = prove(&parameters, &DRAW, Kernel::fastest(), |_| ());
	for cell in [(2, 0, 0), (0, 48, 0), (0, 0, 80)].map(|(round, row, column)| Cell { round, row, column }) {
		assert_eq!(proof.open(&[cell]), Err(OpenError::NoSuchCell(cell)));
	}
}

#[test]
fn the_number_of_threads_changes_nothing() {
	let parameters = parameters([144, 272, 64, 16, 1, 2]);
	let commitments = [1, 2, 5].map(|threads| {
		let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
		let proof = pool.install(|| prove(&parameters, &DRAW, Kernel::fastest(), |_| ()));
		assert_eq!(proof.report().units, threads);
		proof.commitment()
	});
	assert_eq!(commitments[0], commitments[1]);
	assert_eq!(commitments[0], commitments[2]);
}

#[test]
fn each_step_is_told_once_and_the_report_adds_up() {
	let parameters = parameters([144, 4_112, 8_256, 16, 1, 2]);
	let mut told = Vec::new();
	let proof = prove(&parameters, &DRAW, Kernel::fastest(), |step| told.push(step));
	// Two rounds, two squares, two slices.
	assert_eq!(told, (1..=8).collect::<Vec<_>>());
	assert_eq!(steps(&parameters), 8);
	let report = proof.report();
	assert_eq!(report.operations, parameters.operations());
	let parts = [report.generation, report.products, report.hashing];
	assert!(parts.iter().all(|part| !part.is_zero()));
	let shares: f64 = parts.iter().map(|part| report.share(*part)).sum();
	assert!(shares > 0.0 && shares <= 1.0, "{shares}");
	assert!(plain_rate(&parameters, Kernel::fastest()) > 0.0);
}

#[test]
fn a_resource_does_as_many_rounds_as_there_is_time_for() {
	let asked = parameters([48, 80, 320, 16, 1, 5]);
	for (devices, rounds) in [(1, 1), (1, 5), (3, 2), (7, 4)] {
		let mut prover = Prover::new(asked, &DRAW, devices, Kernel::fastest());
		for round in 1..=rounds {
			assert_eq!(prover.round(|| ()), Ok(true));
			assert_eq!(prover.done(), round);
		}
		let proof = prover.finish().unwrap();
		assert_eq!(proof.rounds(), rounds);
		assert_eq!(proof.report().operations, u64::from(devices) * asked.with_rounds(rounds).unwrap().operations());
		let fleet = Fleet::new(asked, rounds, DRAW, devices, proof.commitment()).unwrap();
		let cells = fleet.drawn_cells(16, &[7; 32], blake2_256);
		for (at, shown) in cells.iter().zip(proof.open(&cells).unwrap()) {
			assert_eq!(fleet.check(at, &shown, blake2_256), Ok(()), "{at:?} of {devices} after {rounds}");
		}
		let missing = DeviceCell { device: devices, ..cells[0] };
		assert_eq!(proof.open(&[missing]), Err(OpenError::NoSuchCell(missing.cell)));
	}
}

#[test]
fn nothing_done_is_nothing_proven_and_no_more_is_done_than_asked_for() {
	let asked = parameters([16, 16, 64, 16, 1, 2]);
	assert!(Prover::new(asked, &DRAW, 2, Kernel::fastest()).finish().is_none());
	let mut prover = Prover::new(asked, &DRAW, 2, Kernel::fastest());
	assert_eq!([prover.round(|| ()), prover.round(|| ()), prover.round(|| ())], [Ok(true), Ok(true), Ok(false)]);
	assert_eq!(prover.finish().unwrap().rounds(), 2);
}
