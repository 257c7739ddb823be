//! The devices of a resource under one commitment.
//!
//! Every device has a seed of its own and does its own computation; all come to the same number of rounds. The resource's
//! commitment is the [`merkle`] root over the leaves `H("gcx/proof/leaf-of-device/1" ‖ commitment of the device)`, in
//! the order of devices. Cells are drawn over all devices together, so that a share ε of the resource's work that was
//! left out, be it a part of each device or a device that is not there, is found by `s` openings with probability
//! `1 − (1 − ε)^s` or more.
//!
//! A resource does as many rounds as it comes to. Seeds are bound to the rounds that were asked for at most, so that a device
//! need not know beforehand how many those will be.

use super::{
	merkle::{self, path_length, NoSuchPath},
	opening::{drawn_numbers, Path},
	Blake2b256, Cell, Claim, Cost, Draw, Hash, Opening, OpeningError, Parameters, ParametersError,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::MAX_DEVICES;
use scale_info::TypeInfo;

/// The most hashes of a path from a device to the resource's commitment.
pub const MAX_DEVICE_PATH: u32 = 10;
const _: () = assert!(MAX_DEVICES <= 1 << MAX_DEVICE_PATH);

/// The leaf of a device.
pub fn device_leaf(commitment: &Hash, hash: Blake2b256) -> Hash {
	hash(&(b"gcx/proof/leaf-of-device/1", commitment).encode())
}

/// What a resource says it did.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
	/// What was asked for. Seeds are bound to it.
	asked: Parameters,
	/// What was done: fewer rounds of it, or as many.
	done: Parameters,
	/// The resource in its roll-call. Which device it names is of no matter.
	draw: Draw,
	/// How many devices did it.
	devices: u32,
	/// The root over the commitments of all devices.
	commitment: Hash,
}

/// A cell of a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeviceCell {
	/// The device.
	pub device: u32,
	/// Its cell.
	pub cell: Cell,
}

/// What is shown of a drawn cell of a device.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct DeviceOpening {
	/// The device's commitment: the root over the roots of its rounds.
	pub commitment: Hash,
	/// From there to the resource's commitment.
	pub path: Path<MAX_DEVICE_PATH>,
	/// The cell.
	pub opening: Opening,
}

impl Fleet {
	/// So many devices that did so many rounds of what was asked for.
	///
	/// # Errors
	/// `Rounds` if there is none, or more than were asked for.
	pub fn new(
		asked: Parameters,
		rounds: u32,
		draw: Draw,
		devices: u32,
		commitment: Hash,
	) -> Result<Self, ParametersError> {
		if rounds > asked.rounds {
			return Err(ParametersError::Rounds);
		}
		Ok(Self { asked, done: asked.with_rounds(rounds)?, draw, devices, commitment })
	}

	/// The seed of a device.
	pub fn seed(&self, device: u32, hash: Blake2b256) -> Hash {
		Draw { device, ..self.draw }.seed(&self.asked, hash)
	}

	/// Operations of each device: those of the rounds that it did.
	pub fn operations(&self) -> u64 {
		self.done.operations()
	}

	/// The cells that are drawn by randomness which nobody knew when the commitment was made: one of each equal part of all devices' cells, in
	/// this order. Costs one hash each, and one for all.
	///
	/// Within its part each cell is equally likely but for 2⁻¹⁰ of its share.
	pub fn drawn_cells(&self, openings: u32, randomness: &Hash, hash: Blake2b256) -> Vec<DeviceCell> {
		let cells = self.done.cells();
		// At most 2⁵⁴.
		let all = cells * u64::from(self.devices);
		drawn_numbers(&self.seed(0, hash), randomness, all, openings, hash)
			.map(|number| DeviceCell { device: (number / cells) as u32, cell: self.done.cell(number % cells) })
			.collect()
	}

	/// Whether an opening of a cell holds. It costs what [`Self::opening_cost`] says at most, and that if it holds.
	///
	/// # Errors
	/// The first [`OpeningError`] that is found.
	pub fn check(&self, at: &DeviceCell, shown: &DeviceOpening, hash: Blake2b256) -> Result<(), OpeningError> {
		if at.device >= self.devices {
			return Err(OpeningError::NoSuchCell);
		}
		let leaf = device_leaf(&shown.commitment, hash);
		let root = merkle::climb(leaf, at.device, self.devices, &shown.path, hash)
			.map_err(|NoSuchPath| OpeningError::DevicePath)?;
		if root != self.commitment {
			return Err(OpeningError::DeviceNotCommitted);
		}
		let seed = self.seed(at.device, hash);
		Claim { parameters: &self.done, seed, commitment: shown.commitment }.check(&at.cell, &shown.opening, hash)
	}

	/// What [`Self::check`] of an opening that holds costs; none if there is no such cell. To [`Parameters::opening_cost`] it adds `2 + x`
	/// hashes of one block each, with a path of `x` hashes from the device, and `32` bytes for each of those and for the device's
	/// commitment.
	pub fn opening_cost(&self, at: &DeviceCell) -> Option<Cost> {
		let opening = self.done.opening_cost(&at.cell).filter(|_| at.device < self.devices)?;
		let path = path_length(self.devices, at.device);
		Some(opening.with_device(path))
	}
}
