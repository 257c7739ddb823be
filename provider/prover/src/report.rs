//! How fast it was, and where the time went.

use crate::Kernel;
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
		let nanoseconds = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
		self.0.fetch_add(nanoseconds, Ordering::Relaxed);
		done
	}

	fn total(&self) -> Duration {
		Duration::from_nanos(self.0.load(Ordering::Relaxed))
	}
}

/// Where the threads' time goes.
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
#[derive(Clone, Copy, Debug)]
pub struct Report {
	/// The instructions.
	pub kernel: Kernel,
	/// Threads.
	pub threads: usize,
	/// Operations by [`Parameters::operations`](gcx_math::proof::Parameters::operations): a product and an addition for each cell and unit of
	/// depth. What is generated and hashed is not counted.
	pub operations: u64,
	/// From the seed to the commitment.
	pub elapsed: Duration,
	/// Generating entries, of all threads together.
	pub generation: Duration,
	/// Multiplying, of all threads together.
	pub products: Duration,
	/// Hashing tiles, of all threads together, and the trees over them, each for as long as it took.
	pub hashing: Duration,
}

impl Report {
	pub(crate) fn new(kernel: Kernel, operations: u64, elapsed: Duration, clock: &Clock) -> Self {
		Self {
			kernel,
			threads: rayon::current_num_threads(),
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

	/// The share of all threads' time from the seed to the commitment that a sum of threads' times is. What no part of it is, threads waited.
	pub fn share(&self, spent: Duration) -> f64 {
		spent.as_secs_f64() / (self.elapsed.as_secs_f64() * self.threads as f64)
	}
}
