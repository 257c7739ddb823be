//! The devices of a resource, as many rounds as there is time for.

use crate::{
	accelerator::{Accelerator, AcceleratorError},
	product::Workshop,
	prove::{Device, OpenError},
	report::{Clock, Report},
	tree::Tree,
	Kernel, Proof,
};
use gcx_math::proof::{device_leaf, DeviceCell, DeviceOpening, Draw, Hash, Parameters};
use rayon::prelude::*;
use sp_crypto_hashing::blake2_256;
use std::{panic, sync::Arc, thread, time::Instant};

/// A resource whose devices compute.
pub struct Prover {
	asked: Parameters,
	machine: Machine,
	devices: Vec<Device>,
	clock: Clock,
	began: Instant,
}

/// What devices are.
enum Machine {
	/// Shares of this processor: one round of each after the other.
	Processor(Kernel, Workshop),
	/// An accelerator each, by these names: a round of all at the same time.
	Accelerators(String),
}

/// What the devices of a resource computed, and what can be shown of it.
pub struct FleetProof {
	rounds: u32,
	devices: Vec<Proof>,
	over_devices: Tree,
	report: Report,
}

impl Prover {
	/// A resource of so many devices, all of them this processor, that has done no round yet. Which device the draw names is of no matter.
	pub fn new(asked: Parameters, draw: &Draw, devices: u32, kernel: Kernel) -> Self {
		let machine = Machine::Processor(kernel, Workshop::new(asked, kernel));
		Self::of(asked, draw, machine, (0..devices).map(|_| None))
	}

	/// A resource whose devices are accelerators, that has done no round yet. Which device the draw names is of no matter.
	pub fn on(asked: Parameters, draw: &Draw, accelerators: Vec<Arc<dyn Accelerator>>) -> Self {
		let names: Vec<_> = accelerators.iter().map(|accelerator| accelerator.name()).collect();
		Self::of(asked, draw, Machine::Accelerators(names.join("; ")), accelerators.into_iter().map(Some))
	}

	fn of(
		asked: Parameters,
		draw: &Draw,
		machine: Machine,
		accelerators: impl Iterator<Item = Option<Arc<dyn Accelerator>>>,
	) -> Self {
		let seed = |device| Draw { device, ..*draw }.seed(&asked, blake2_256);
		let devices = (0..).zip(accelerators).map(|(device, accelerator)| Device::new(seed(device), accelerator));
		Self { asked, machine, devices: devices.collect(), clock: Clock::default(), began: Instant::now() }
	}

	/// Rounds that each device has done.
	pub fn done(&self) -> u32 {
		self.devices.first().map_or(0, Device::done)
	}

	/// Does one more round of each device: on all threads of the current [`rayon`] pool, or on all accelerators. False, and nothing is done, if all that was
	/// asked for is. `step` is called for each of [`steps`](crate::steps) that this processor does, and when all accelerators are done.
	///
	/// # Errors
	/// An accelerator failed. Devices may have done different numbers of rounds then: it is over.
	pub fn round(&mut self, mut step: impl FnMut()) -> Result<bool, AcceleratorError> {
		if self.done() >= self.asked.rounds {
			return Ok(false);
		}
		let (asked, clock) = (&self.asked, &self.clock);
		match &mut self.machine {
			Machine::Processor(_, workshop) => {
				for device in &mut self.devices {
					device.round(workshop, clock, &mut step);
				}
				Ok(true)
			},
			Machine::Accelerators(_) => {
				let did = thread::scope(|scope| {
					let begin = |device| scope.spawn(move || Device::accelerated_round(device, asked, clock));
					let begun: Vec<_> = self.devices.iter_mut().map(begin).collect();
					begun.into_iter().try_fold(true, |all, round| match round.join() {
						Ok(did) => Ok(all && did?),
						Err(panic) => panic::resume_unwind(panic),
					})
				})?;
				step();
				Ok(did)
			},
		}
	}

	/// What was done; none if that is nothing.
	pub fn finish(self) -> Option<FleetProof> {
		let rounds = self.done();
		let done = self.asked.with_rounds(rounds).ok()?;
		let operations = done.operations() * self.devices.len() as u64;
		let (engine, units) = match self.machine {
			Machine::Processor(kernel, _) => (kernel.to_string(), rayon::current_num_threads()),
			Machine::Accelerators(names) => (names, self.devices.len()),
		};
		let report = Report::new(engine, units, operations, self.began.elapsed(), &self.clock);
		let devices: Vec<_> = self.devices.into_iter().map(|device| device.finish(done, report.clone())).collect();
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
