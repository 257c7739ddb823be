//! A resource's devices under one commitment.

use super::{checked, DRAW, SMALL};
use codec::{Decode, Encode};
use gcx_math::proof::{
	device_leaf, merkle, reference::Transcript, DeviceCell, DeviceOpening, Draw, Fleet, OpeningError, Parameters,
	ParametersError, RawParameters, MAX_DEVICE_PATH,
};
use proptest::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::collections::BTreeSet;

const TINY: RawParameters = RawParameters { rows: 8, columns: 4, depth: 64, tile: 4, patch: 2, rounds: 3, openings: 4 };

/// So many devices that did so many rounds.
struct Machines {
	asked: Parameters,
	rounds: u32,
	devices: Vec<Transcript>,
}

impl Machines {
	fn new(devices: u32, rounds: u32) -> Self {
		let asked = checked(TINY);
		let done = asked.with_rounds(rounds).unwrap();
		let seed = |device| Draw { device, ..DRAW }.seed(&asked, blake2_256);
		let devices = (0..devices).map(|device| Transcript::honest(done, seed(device), blake2_256)).collect();
		Self { asked, rounds, devices }
	}

	fn leaves(&self) -> Vec<[u8; 32]> {
		self.devices.iter().map(|device| device_leaf(&device.commitment().unwrap(), blake2_256)).collect()
	}

	fn fleet(&self) -> Fleet {
		let commitment = merkle::root(&self.leaves(), blake2_256).unwrap();
		Fleet::new(self.asked, self.rounds, DRAW, self.devices.len() as u32, commitment).unwrap()
	}

	fn show(&self, at: &DeviceCell) -> DeviceOpening {
		let device = &self.devices[at.device as usize];
		let path = merkle::path(&self.leaves(), at.device, blake2_256).unwrap().try_into().unwrap();
		DeviceOpening { commitment: device.commitment().unwrap(), path, opening: device.open(&at.cell).unwrap() }
	}
}

#[test]
fn a_single_device_is_drawn_like_by_itself() {
	let machines = Machines::new(1, 3);
	let fleet = machines.fleet();
	let seed = Draw { device: 0, ..DRAW }.seed(&machines.asked, blake2_256);
	assert_eq!(fleet.seed(0, blake2_256), seed);
	let claim = super::claim(&machines.asked, seed, Some([0; 32]));
	let cells: Vec<_> = claim.drawn_cells(&[7; 32], blake2_256);
	let drawn = fleet.drawn_cells(4, &[7; 32], blake2_256);
	assert_eq!(drawn, cells.into_iter().map(|cell| DeviceCell { device: 0, cell }).collect::<Vec<_>>());
}

#[test]
fn seeds_are_of_what_was_asked_for_however_much_was_done() {
	let [one, three] = [1, 3].map(|rounds| Machines::new(2, rounds).fleet());
	assert_eq!(one.seed(1, blake2_256), three.seed(1, blake2_256));
	assert_ne!(one.seed(0, blake2_256), one.seed(1, blake2_256));
	assert_eq!(three.operations(), 3 * one.operations());
	let fleet = |rounds| Fleet::new(checked(TINY), rounds, DRAW, 2, [0; 32]).map(|_| ());
	assert_eq!([fleet(0), fleet(1), fleet(3)], [Err(ParametersError::Rounds), Ok(()), Ok(())]);
	assert_eq!(fleet(4), Err(ParametersError::Rounds));
}

#[test]
fn cells_are_drawn_over_all_devices_evenly() {
	let fleet = Fleet::new(checked(SMALL), 3, DRAW, 1_024, [0; 32]).unwrap();
	let mut hits = [0_u32; 16];
	for number in 0..400_u32 {
		let drawn = fleet.drawn_cells(8, &blake2_256(&number.to_le_bytes()), blake2_256);
		let devices: BTreeSet<_> = drawn.iter().map(|at| at.device).collect();
		assert_eq!(devices.len(), 8, "one of each eighth of the devices");
		for at in drawn {
			assert!(checked(SMALL).has(&at.cell));
			hits[at.device as usize / 64] += 1;
		}
	}
	// 3,200 draws of one in sixteen: 200 with a deviation of 14.
	assert!(hits.iter().all(|hits| hits.abs_diff(200) < 60), "{hits:?}");
}

#[test]
fn a_device_shows_no_other_ones_work() {
	let machines = Machines::new(5, 2);
	let fleet = machines.fleet();
	let at = fleet.drawn_cells(4, &[7; 32], blake2_256)[2];
	assert_eq!(fleet.check(&at, &machines.show(&at), blake2_256), Ok(()));
	let other = DeviceCell { device: (at.device + 1) % 5, ..at };
	let swapped = machines.show(&other);
	let error = fleet.check(&at, &swapped, blake2_256).unwrap_err();
	assert!([OpeningError::DevicePath, OpeningError::DeviceNotCommitted].contains(&error), "{error:?}");
	let beyond = DeviceCell { device: 5, ..at };
	assert_eq!(fleet.check(&beyond, &machines.show(&at), blake2_256), Err(OpeningError::NoSuchCell));
	let late = DeviceCell { cell: gcx_math::proof::Cell { round: 2, ..at.cell }, ..at };
	assert_eq!(fleet.check(&late, &machines.show(&at), blake2_256), Err(OpeningError::NoSuchCell));
}

#[test]
fn two_devices_with_one_transcript_do_not_hold() {
	let mut machines = Machines::new(2, 2);
	machines.devices[1] = machines.devices[0].clone();
	let fleet = machines.fleet();
	let wrong = fleet.drawn_cells(16, &[7; 32], blake2_256).into_iter().filter(|at| at.device == 1);
	let results: Vec<_> = wrong.map(|at| fleet.check(&at, &machines.show(&at), blake2_256)).collect();
	assert_eq!(results.len(), 8, "half of the cells");
	assert!(results.into_iter().all(|result| result == Err(OpeningError::WrongProduct)));
}

#[test]
fn what_is_shown_costs_what_is_said() {
	let machines = Machines::new(5, 3);
	let fleet = machines.fleet();
	for at in fleet.drawn_cells(16, &[7; 32], blake2_256) {
		let shown = machines.show(&at);
		let cost = fleet.opening_cost(&at).unwrap();
		assert_eq!(cost.bytes, shown.encode().len() as u64);
		let of_device = checked(TINY).opening_cost(&at.cell).unwrap();
		assert_eq!(cost.hashes, of_device.hashes + 2 + shown.path.len() as u64);
	}
	assert_eq!(fleet.opening_cost(&DeviceCell { device: 5, ..fleet.drawn_cells(1, &[7; 32], blake2_256)[0] }), None);
}

#[test]
fn paths_of_devices_are_bounded() {
	let opening = Machines::new(1, 1);
	let shown = opening.show(&opening.fleet().drawn_cells(1, &[7; 32], blake2_256)[0]);
	let long = (shown.commitment, vec![[0_u8; 32]; MAX_DEVICE_PATH as usize + 1], shown.opening);
	assert!(DeviceOpening::decode(&mut &long.encode()[..]).is_err());
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn honest_devices_always_pass(devices in 1_u32..20, rounds in 1_u32..4, randomness: [u8; 32], openings in 1_u32..20) {
		let machines = Machines::new(devices, rounds);
		let fleet = machines.fleet();
		let drawn = fleet.drawn_cells(openings, &randomness, blake2_256);
		prop_assert_eq!(drawn.len() as u32, openings);
		for at in drawn {
			prop_assert_eq!(fleet.check(&at, &machines.show(&at), blake2_256), Ok(()));
		}
	}

	#[test]
	fn any_bit_that_is_flipped_fails(devices in 1_u32..6, randomness: [u8; 32], bit: prop::sample::Index) {
		let machines = Machines::new(devices, 2);
		let fleet = machines.fleet();
		let at = fleet.drawn_cells(1, &randomness, blake2_256)[0];
		let mut bytes = machines.show(&at).encode();
		let place = bit.index(bytes.len() * 8);
		bytes[place / 8] ^= 1 << (place % 8);
		let mut rest = &bytes[..];
		if let Ok(shown) = DeviceOpening::decode(&mut rest) {
			prop_assert!(!rest.is_empty() || fleet.check(&at, &shown, blake2_256).is_err());
		}
	}
}
