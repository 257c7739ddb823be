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
	/// One of these each: a round of all at the same time.
	Accelerators(Vec<Arc<dyn Accelerator>>),
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
		Self::of(asked, draw, devices, Machine::Processor(kernel, Workshop::new(asked, kernel)))
	}

	/// A resource whose devices are accelerators, that has done no round yet. Which device the draw names is of no matter.
	pub fn on(asked: Parameters, draw: &Draw, accelerators: Vec<Arc<dyn Accelerator>>) -> Self {
		Self::of(asked, draw, accelerators.len() as u32, Machine::Accelerators(accelerators))
	}

	fn of(asked: Parameters, draw: &Draw, devices: u32, machine: Machine) -> Self {
		let seed = |device| Draw { device, ..*draw }.seed(&asked, blake2_256);
		let devices = (0..devices).map(|device| Device::new(seed(device))).collect();
		Self { asked, machine, devices, clock: Clock::default(), began: Instant::now() }
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
		if self.devices.is_empty() || self.done() >= self.asked.rounds {
			return Ok(false);
		}
		let (asked, clock) = (&self.asked, &self.clock);
		match &mut self.machine {
			Machine::Processor(_, workshop) => {
				for device in &mut self.devices {
					device.round(workshop, clock, &mut step);
				}
			},
			Machine::Accelerators(all) => {
				thread::scope(|scope| {
					let pairs = self.devices.iter_mut().zip(all.iter().map(Arc::as_ref));
					let begun: Vec<_> = pairs
						.map(|(device, accelerator)| scope.spawn(|| device.round_on(accelerator, asked, clock)))
						.collect();
					begun
						.into_iter()
						.try_for_each(|round| round.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
				})?;
				step();
			},
		}
		Ok(true)
	}

	/// What was done; none if that is nothing.
	pub fn finish(self) -> Option<FleetProof> {
		let rounds = self.done();
		let done = self.asked.with_rounds(rounds).ok()?;
		let operations = done.operations() * self.devices.len() as u64;
		let (engine, units, accelerators) = match self.machine {
			Machine::Processor(kernel, _) => (kernel.to_string(), rayon::current_num_threads(), Vec::new()),
			Machine::Accelerators(all) => {
				let names: Vec<_> = all.iter().map(|accelerator| accelerator.name()).collect();
				(names.join("; "), all.len(), all)
			},
		};
		let report = Report::new(engine, units, operations, self.began.elapsed(), &self.clock);
		let finish = |(index, device): (usize, Device)| {
			let mut own_first = accelerators.clone();
			own_first.rotate_left(index.checked_rem(accelerators.len()).unwrap_or(0));
			device.finish(done, own_first, report.clone())
		};
		let devices: Vec<_> = self.devices.into_iter().enumerate().map(finish).collect();
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
