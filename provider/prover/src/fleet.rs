//! The devices of a resource, as many rounds as there is time for.

use crate::{
	product::Workshop,
	prove::{Device, OpenError},
	report::{Clock, Report},
	tree::Tree,
	Kernel, Proof,
};
use gcx_math::proof::{device_leaf, DeviceCell, DeviceOpening, Draw, Hash, Parameters};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::time::Instant;

/// A resource whose devices compute, one round of each after the other. All on this processor: a device is a share of it.
pub struct Prover {
	asked: Parameters,
	kernel: Kernel,
	workshop: Workshop,
	devices: Vec<Device>,
	clock: Clock,
	began: Instant,
}

/// What the devices of a resource computed, and what can be shown of it.
pub struct FleetProof {
	rounds: u32,
	devices: Vec<Proof>,
	over_devices: Tree,
	report: Report,
}

impl Prover {
	/// A resource of so many devices that has done no round yet. Which device the draw names is of no matter.
	pub fn new(asked: Parameters, draw: &Draw, devices: u32, kernel: Kernel) -> Self {
		let seed = |device| Draw { device, ..*draw }.seed(&asked, blake2_256);
		Self {
			asked,
			kernel,
			workshop: Workshop::new(asked, kernel),
			devices: (0..devices).map(|device| Device::new(seed(device))).collect(),
			clock: Clock::default(),
			began: Instant::now(),
		}
	}

	/// Rounds that each device has done.
	pub fn done(&self) -> u32 {
		self.devices.first().map_or(0, Device::done)
	}

	/// Does one more round of each device, on all threads of the current [`rayon`] pool. False, and nothing is done, if all that was asked for is.
	pub fn round(&mut self) -> bool {
		if self.done() >= self.asked.rounds {
			return false;
		}
		for device in &mut self.devices {
			device.round(&mut self.workshop, &self.clock, || ());
		}
		true
	}

	/// What was done; none if that is nothing.
	pub fn finish(self) -> Option<FleetProof> {
		let rounds = self.done();
		let done = self.asked.with_rounds(rounds).ok()?;
		let operations = done.operations() * self.devices.len() as u64;
		let report = Report::new(self.kernel, operations, self.began.elapsed(), &self.clock);
		let devices: Vec<_> = self.devices.into_iter().map(|device| device.finish(done, report)).collect();
		let leaves = devices.iter().map(|device| device_leaf(&device.commitment(), blake2_256)).collect();
		Some(FleetProof { rounds, devices, over_devices: Tree::over(leaves), report })
	}
}

impl FleetProof {
	/// Rounds that each device did.
	pub const fn rounds(&self) -> u32 {
		self.rounds
	}

	/// Devices.
	pub fn devices(&self) -> u32 {
		self.devices.len() as u32
	}

	/// The root over the commitments of all devices.
	pub fn commitment(&self) -> Hash {
		self.over_devices.root()
	}

	/// What it took, of all devices together.
	pub const fn report(&self) -> &Report {
		&self.report
	}

	/// What there is to show of some cells, in their order, as [`Proof::open`].
	///
	/// # Errors
	/// See [`OpenError`].
	pub fn open(&self, cells: &[DeviceCell]) -> Result<Vec<DeviceOpening>, OpenError> {
		cells.par_iter().map(|at| self.opening(at)).collect()
	}

	fn opening(&self, at: &DeviceCell) -> Result<DeviceOpening, OpenError> {
		let missing = || OpenError::NoSuchCell(at.cell);
		let device = self.devices.get(at.device as usize).ok_or_else(missing)?;
		let path = self.over_devices.path(at.device).try_into().map_err(|_| missing())?;
		Ok(DeviceOpening { commitment: device.commitment(), path, opening: device.opening(&at.cell)? })
	}
}
