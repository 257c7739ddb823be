//! How fast it was, and where the time went.

use std::{
	sync::atomic::{AtomicU64, Ordering},
	time::{Duration, Instant},
};

/// Time that threads spend on something, added up.
#[derive(Debug, Default)]
pub(crate) struct Spent(AtomicU64);

impl Spent {
	/// Does something, and adds how long it took.
	pub(crate) fn of<T>(&self, work: impl FnOnce() -> T) -> T {
		let began = Instant::now();
		let done = work();
		self.add(began.elapsed());
		done
	}

	/// Adds time that something took elsewhere.
	pub(crate) fn add(&self, time: Duration) {
		let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
		self.0.fetch_add(nanoseconds, Ordering::Relaxed);
	}

	fn total(&self) -> Duration {
		Duration::from_nanos(self.0.load(Ordering::Relaxed))
	}
}

/// Where the time of threads or accelerators goes.
#[derive(Debug, Default)]
pub(crate) struct Clock {
	/// Keys and entries.
	pub(crate) generation: Spent,
	/// Products and their sums.
	pub(crate) products: Spent,
	/// Tiles and the nodes over them.
	pub(crate) hashing: Spent,
}

/// What a computation took.
#[derive(Clone, Debug)]
pub struct Report {
	/// What computed: the instructions of a processor, or an accelerator's name.
	pub engine: String,
	/// Threads, or accelerators.
	pub units: usize,
	/// Operations by [`Parameters::operations`](gcx_math::proof::Parameters::operations): a product and an addition for each cell and unit of
	/// depth. What is generated and hashed is not counted.
	pub operations: u64,
	/// From the seed to the commitment.
	pub elapsed: Duration,
	/// Generating entries, of all units together.
	pub generation: Duration,
	/// Multiplying, of all units together.
	pub products: Duration,
	/// Hashing tiles, of all units together, and the trees over them, each for as long as it took.
	pub hashing: Duration,
}

impl Report {
	pub(crate) fn new(engine: String, units: usize, operations: u64, elapsed: Duration, clock: &Clock) -> Self {
		Self {
			engine,
			units,
			operations,
			elapsed,
			generation: clock.generation.total(),
			products: clock.products.total(),
			hashing: clock.hashing.total(),
		}
	}

	/// Operations per second.
	pub fn rate(&self) -> f64 {
		self.operations as f64 / self.elapsed.as_secs_f64()
	}

	/// The share of all units' time from the seed to the commitment that a sum of units' times is. What no part of it is, units waited.
	pub fn share(&self, spent: Duration) -> f64 {
		spent.as_secs_f64() / (self.elapsed.as_secs_f64() * self.units as f64)
	}
}
