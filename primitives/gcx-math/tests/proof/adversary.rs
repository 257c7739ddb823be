//! Cheats, each over a thousand roll-calls or more, against the formula `1 − (1 − ε)^s` for a share ε of cells that is wrong and `s` openings.
//!
//! `cargo test -p gcx-math --test proof adversary -- --nocapture` prints the table.

use super::{checked, DRAW};
use gcx_math::proof::{
	device_leaf, merkle,
	reference::{product, Transcript},
	DeviceOpening, Draw, Fleet, Hash, Parameters, RawParameters,
};
use gcx_primitives::ResourceId;
use sp_crypto_hashing::blake2_256;

/// Roll-calls of each cheat.
const ROLL_CALLS: u32 = 1_000;
const DEVICES: u32 = 4;
/// Cells of a device: 64 in each of four rounds.
const ASKED: RawParameters =
	RawParameters { rows: 8, columns: 8, depth: 64, tile: 4, patch: 1, rounds: 4, openings: 16 };

/// What a device shows for an honest product, of a device and round of a resource in a roll-call.
type Cheat = fn(&Parameters, &Draw, u32, &mut Transcript, Vec<i32>) -> Vec<i32>;

/// The resource that answers, and what its devices committed to.
fn cheated(parameters: Parameters, draw: &Draw, rounds: u32, cheat: Cheat) -> Vec<Transcript> {
	let done = parameters.with_rounds(rounds).unwrap();
	(0..DEVICES)
		.map(|device| {
			let draw = Draw { device, ..*draw };
			let seed = draw.seed(&parameters, blake2_256);
			let mut transcript = Transcript::new(done, seed, blake2_256);
			for round in 0..rounds {
				let honest = product(&parameters, &transcript.next_seed(), blake2_256);
				let shown = cheat(&parameters, &draw, round, &mut transcript, honest);
				transcript.push(&shown);
			}
			transcript
		})
		.collect()
}

/// Whether a roll-call with this nonce finds the cheat.
fn is_found(number: u32, openings: u32, cheat: Cheat) -> bool {
	let parameters = checked(ASKED);
	let nonce = blake2_256(&number.to_le_bytes());
	let draw = Draw { device: 0, roll_call: number, nonce, ..DRAW };
	let devices = cheated(parameters, &draw, 4, cheat);
	let roots: Vec<Hash> = devices.iter().map(|device| device.commitment().unwrap()).collect();
	let leaves: Vec<_> = roots.iter().map(|root| device_leaf(root, blake2_256)).collect();
	let commitment = merkle::root(&leaves, blake2_256).unwrap();
	let fleet = Fleet::new(parameters, 4, draw, DEVICES, commitment).unwrap();
	let randomness = blake2_256(&(number + 1_000_000).to_le_bytes());
	fleet.drawn_cells(openings, &randomness, blake2_256).iter().any(|at| {
		let path = merkle::path(&leaves, at.device, blake2_256).unwrap().try_into().unwrap();
		let device = at.device as usize;
		let opening = devices[device].open(&at.cell).unwrap();
		let shown = DeviceOpening { commitment: roots[device], path, opening };
		fleet.check(at, &shown, blake2_256).is_err()
	})
}

/// A number from a place, to spread what is left out.
fn at(draw: &Draw, round: u32, cell: usize) -> u32 {
	let digest =
		blake2_256(&[&draw.nonce[..], &draw.device.to_le_bytes(), &round.to_le_bytes(), &cell.to_le_bytes()].concat());
	u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Leaves out so many hundredths of the cells.
fn leave_out(draw: &Draw, round: u32, cells: Vec<i32>, hundredths: u32) -> Vec<i32> {
	let left_out = |cell: usize| at(draw, round, cell) % 100 < hundredths;
	// A sum that is never right: beyond what 64 products come to.
	cells.into_iter().enumerate().map(|(cell, sum)| if left_out(cell) { i32::MAX } else { sum }).collect()
}

/// The sums of a device, of entries as some other arithmetic has them.
fn by(parameters: &Parameters, seed: &Hash, product_of: fn(i32, i32, i32) -> i32) -> Vec<i32> {
	use gcx_math::proof::{Line, Side};
	let line = |side, index| Line::new(seed, side, index, blake2_256);
	let sum = |row, column| {
		let (left, right) = (line(Side::Left, row), line(Side::Right, column));
		(0..parameters.depth).fold(0, |sum, depth| product_of(sum, left.entry(depth).into(), right.entry(depth).into()))
	};
	(0..parameters.rows)
		.flat_map(|row| (0..parameters.columns).map(move |column| (row, column)))
		.map(|(row, column)| sum(row, column))
		.collect()
}

/// Checks a cheat against the share of cells that it has wrong, and prints a line of the table.
#[track_caller]
fn against(name: &str, wrong: f64, openings: u32, cheat: Cheat) {
	let found = (0..ROLL_CALLS).filter(|number| is_found(*number, openings, cheat)).count();
	let found = found as f64 / f64::from(ROLL_CALLS);
	let expected = 1.0 - (1.0 - wrong).powi(openings as i32);
	println!("| {name} | {:.1} % | {openings} | {:.1} % | {:.1} % |", 100.0 * wrong, 100.0 * expected, 100.0 * found);
	let deviation = (expected * (1.0 - expected) / f64::from(ROLL_CALLS)).sqrt();
	// Draws of one from each equal part miss no more than the formula says; they may find more.
	assert!(found >= expected - 4.0 * deviation, "{name}: found {found} of {expected}");
}

#[test]
fn an_honest_resource_is_never_found() {
	assert!(!(0..ROLL_CALLS).any(|number| is_found(number, 16, |_, _, _, _, honest| honest)));
}

#[test]
fn a_share_that_is_left_out_is_found_as_the_formula_says() {
	against("a twentieth is left out", 0.05, 16, |_, draw, round, _, honest| leave_out(draw, round, honest, 5));
	against("a twentieth is left out", 0.05, 32, |_, draw, round, _, honest| leave_out(draw, round, honest, 5));
	against("a tenth is left out", 0.1, 16, |_, draw, round, _, honest| leave_out(draw, round, honest, 10));
	against("half is left out", 0.5, 16, |_, draw, round, _, honest| leave_out(draw, round, honest, 50));
}

#[test]
fn a_device_that_is_not_there_is_found() {
	against("one device of four is not there", 0.25, 16, |_, draw, _, _, honest| {
		if draw.device == 2 {
			vec![i32::MAX; honest.len()]
		} else {
			honest
		}
	});
	// It shows what another one did.
	against("one device answers for another", 0.25, 16, |parameters, draw, _, transcript, honest| {
		let other = Draw { device: 0, ..*draw }.seed(parameters, blake2_256);
		let _ = transcript;
		if draw.device == 2 {
			by(parameters, &other, |sum, left, right| sum + left * right)
		} else {
			honest
		}
	});
}

#[test]
fn work_for_another_resource_or_roll_call_is_always_found() {
	against("what another resource computed", 1.0, 16, |parameters, draw, _, _, _| {
		let other = Draw { resource: ResourceId(77), ..*draw }.seed(parameters, blake2_256);
		by(parameters, &other, |sum, left, right| sum + left * right)
	});
	against("what was computed for the roll-call before", 1.0, 16, |parameters, draw, _, _, _| {
		let other = Draw { nonce: [0; 32], ..*draw }.seed(parameters, blake2_256);
		by(parameters, &other, |sum, left, right| sum + left * right)
	});
}

#[test]
fn a_round_that_is_shown_again_is_found() {
	// The first round of four is computed, and shown for the three that follow.
	against("one round shown four times", 0.75, 16, |parameters, draw, round, _, honest| {
		let seed = draw.seed(parameters, blake2_256);
		if round == 0 {
			honest
		} else {
			by(parameters, &seed, |sum, left, right| sum + left * right)
		}
	});
}

#[test]
fn other_arithmetic_is_found() {
	// Wrong nearly everywhere: that sums are right by chance is rarer than one in ten.
	against("entries of seven bits", 0.9, 16, |parameters, _, _, transcript, _| {
		by(parameters, &transcript.next_seed(), |sum, left, right| sum + (left & !1) * (right & !1))
	});
	against("sums of sixteen bits that saturate", 0.3, 16, |parameters, _, _, transcript, _| {
		by(parameters, &transcript.next_seed(), |sum, left, right| {
			(sum + left * right).clamp(i32::from(i16::MIN), i32::from(i16::MAX))
		})
	});
}
