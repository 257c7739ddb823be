//! STREAM: sustainable memory bandwidth by McCalpin's four kernels and rules, on all cores.
//!
//! The rules (stream.c 5.10): arrays each at least four times the last-level caches; every kernel ten times, the best time
//! but the first counts; the result is validated. Each thread owns its part of every array and writes it first, so that it lies in
//! memory that is near to it.

use crate::machine::Machine;
use serde::Serialize;
use std::{
	fmt::Write as _,
	hint::black_box,
	sync::Barrier,
	thread,
	time::{Duration, Instant},
};
use thiserror::Error;

/// How often each kernel runs. The first time does not count.
pub const REPETITIONS: usize = 10;
/// Arrays are at least so many times the last-level caches.
pub const CACHES_PER_ARRAY: u64 = 4;
/// The fewest elements of an array: less is over before a clock ticks often enough.
pub const MIN_ELEMENTS: u64 = 1_000_000;
/// Of the free memory, the three arrays take at most so many hundredths.
const MEMORY_PERCENT: u64 = 50;
/// What copies are scaled with.
const SCALAR: f64 = 3.0;
/// The largest average relative error that validates.
const EPSILON: f64 = 1e-13;
/// What stands before and after each part of the output.
const LINE: &str = "-------------------------------------------------------------";

/// A kernel of STREAM.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kernel {
	/// `c = a`
	Copy,
	/// `b = s·c`
	Scale,
	/// `c = a + b`
	Add,
	/// `a = b + s·c`
	Triad,
}

impl Kernel {
	/// In the order in which they run.
	pub const ALL: [Self; 4] = [Self::Copy, Self::Scale, Self::Add, Self::Triad];

	/// Arrays that it reads and writes.
	const fn arrays(self) -> u32 {
		match self {
			Self::Copy | Self::Scale => 2,
			Self::Add | Self::Triad => 3,
		}
	}

	const fn name(self) -> &'static str {
		match self {
			Self::Copy => "Copy:",
			Self::Scale => "Scale:",
			Self::Add => "Add:",
			Self::Triad => "Triad:",
		}
	}

	fn run(self, a: &mut [f64], b: &mut [f64], c: &mut [f64]) {
		match self {
			Self::Copy => c.copy_from_slice(a),
			Self::Scale => b.iter_mut().zip(&*c).for_each(|(b, c)| *b = SCALAR * c),
			Self::Add => c.iter_mut().zip(&*a).zip(&*b).for_each(|((c, a), b)| *c = a + b),
			Self::Triad => a.iter_mut().zip(&*b).zip(&*c).for_each(|((a, b), c)| *a = b + SCALAR * c),
		}
		black_box((a, b, c));
	}
}

/// Why there is no figure.
#[derive(Debug, Error, PartialEq)]
pub enum StreamError {
	/// Three arrays do not fit.
	#[error("three arrays of {array} bytes do not fit into {free} free bytes")]
	Memory {
		/// Bytes of one.
		array: u64,
		/// Bytes that are free.
		free: u64,
	},
	/// An array would be smaller than [`MIN_ELEMENTS`].
	#[error("an array of {0} elements is too small to measure: at least {MIN_ELEMENTS}")]
	TooSmall(u64),
	/// The arrays do not hold what they should: this machine computes wrongly.
	#[error("the arrays are off by {0:e} on average: this machine computes wrongly")]
	Invalid(f64),
	/// A thread could not be started.
	#[error("a thread could not be started")]
	Thread,
}

/// How large the arrays are and by how many threads they are worked on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
	/// Elements of each array, of eight bytes.
	pub elements: u64,
	/// Threads.
	pub threads: usize,
	/// Whether the arrays are as large as STREAM's rules ask for.
	pub by_rule: bool,
}

impl Plan {
	/// What a machine runs: arrays of so many bytes, or four times its last-level caches, but no more than half of its free
	/// memory for all three.
	///
	/// # Errors
	/// [`StreamError::Memory`] if it was told a size that does not fit, [`StreamError::TooSmall`].
	pub fn new(machine: &Machine, bytes: Option<u64>) -> Result<Self, StreamError> {
		let rule = machine.cache_bytes.saturating_mul(CACHES_PER_ARRAY);
		let most = machine.free_bytes / 100 * MEMORY_PERCENT / 3;
		let array = match bytes {
			Some(bytes) if bytes > machine.free_bytes / 3 => {
				return Err(StreamError::Memory { array: bytes, free: machine.free_bytes })
			},
			Some(bytes) => bytes,
			None => rule.max(MIN_ELEMENTS * 8).min(most),
		};
		let elements = array / 8;
		if elements < MIN_ELEMENTS {
			return Err(StreamError::TooSmall(elements));
		}
		Ok(Self { elements, threads: machine.threads, by_rule: array >= rule })
	}
}

/// The times of one kernel, without the first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
	/// Which.
	pub kernel: Kernel,
	/// The best.
	pub best: Duration,
	/// The mean.
	pub mean: Duration,
	/// The worst.
	pub worst: Duration,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
	/// What ran.
	pub plan: Plan,
	/// Each kernel's times.
	pub times: [Times; 4],
}

impl Measured {
	/// Bytes per second of a kernel's best time.
	pub fn rate(&self, kernel: Kernel) -> f64 {
		let bytes = f64::from(kernel.arrays()) * 8.0 * self.plan.elements as f64;
		self.times.iter().find(|times| times.kernel == kernel).map_or(0.0, |times| bytes / times.best.as_secs_f64())
	}

	/// In STREAM's own format.
	pub fn output(&self) -> String {
		let mut out = String::new();
		let mib = self.plan.elements as f64 * 8.0 / f64::from(1 << 20);
		let (elements, threads) = (self.plan.elements, self.plan.threads);
		// Writing to a string does not fail.
		let _ = writeln!(out, "{LINE}");
		let _ =
			writeln!(out, "STREAM version: kernels of gcx-provider {}, in the format of STREAM 5.10", crate::VERSION);
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(out, "This system uses 8 bytes per array element.");
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(out, "Array size = {elements} (elements), Offset = 0 (elements)");
		let _ = writeln!(out, "Memory per array = {mib:.1} MiB (= {:.1} GiB).", mib / 1_024.0);
		let _ = writeln!(out, "Total memory required = {:.1} MiB (= {:.1} GiB).", mib * 3.0, mib * 3.0 / 1_024.0);
		let _ = writeln!(out, "Each kernel will be executed {REPETITIONS} times.");
		let _ = writeln!(out, " The *best* time for each kernel (excluding the first iteration)");
		let _ = writeln!(out, " will be used to compute the reported bandwidth.");
		if !self.plan.by_rule {
			let _ =
				writeln!(out, "The arrays are smaller than four times the last-level caches that this system reports.");
		}
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(out, "Number of Threads requested = {threads}");
		let _ = writeln!(out, "Number of Threads counted = {threads}");
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(out, "Function    Best Rate MB/s  Avg time     Min time     Max time");
		for times in &self.times {
			let _ = writeln!(
				out,
				"{:<12}{:>11.1}  {:>11.6}  {:>11.6}  {:>11.6}",
				times.kernel.name(),
				self.rate(times.kernel) / 1e6,
				times.mean.as_secs_f64(),
				times.best.as_secs_f64(),
				times.worst.as_secs_f64(),
			);
		}
		let _ = writeln!(out, "{LINE}");
		let _ = writeln!(
			out,
			"Solution Validates: avg error less than {} on all three arrays",
			crate::solve::c_exponent(EPSILON, 6)
		);
		let _ = writeln!(out, "{LINE}");
		out
	}
}

/// Measures. `on_repetition` is told how many of [`REPETITIONS`] are over.
///
/// # Errors
/// See [`StreamError`].
pub fn run(plan: Plan, on_repetition: impl Fn(usize) + Sync) -> Result<Measured, StreamError> {
	let threads = u64::try_from(plan.threads.max(1)).map_err(|_| StreamError::Thread)?;
	let share = |thread: u64| {
		let (each, rest) = (plan.elements / threads, plan.elements % threads);
		each + u64::from(thread < rest)
	};
	let barrier = Barrier::new(plan.threads.max(1));
	let (barrier, on_repetition) = (&barrier, &on_repetition);
	let results = thread::scope(|scope| {
		let workers: Vec<_> = (0..threads)
			.map(|number| {
				let length = usize::try_from(share(number)).unwrap_or(usize::MAX);
				scope.spawn(move || {
					work(length, barrier, |done| {
						if number == 0 {
							on_repetition(done);
						}
					})
				})
			})
			.collect();
		workers.into_iter().map(|worker| worker.join().map_err(|_| StreamError::Thread)).collect::<Result<Vec<_>, _>>()
	})?;
	let off = results.iter().map(|(_, off)| *off).fold(0.0_f64, f64::max);
	if !off.is_finite() || off > EPSILON {
		return Err(StreamError::Invalid(off));
	}
	let Some((laps, _)) = results.first() else { return Err(StreamError::Thread) };
	Ok(Measured { plan, times: Kernel::ALL.map(|kernel| times_of(kernel, laps)) })
}

/// One thread's part: its laps (of which only the first thread's count) and the average error of its arrays.
fn work(length: usize, barrier: &Barrier, on_repetition: impl Fn(usize)) -> (Vec<(Kernel, Duration)>, f64) {
	let (mut a, mut b, mut c) = (vec![1.0; length], vec![2.0; length], vec![0.0; length]);
	// As STREAM does, which times this to guess how long a kernel takes.
	a.iter_mut().for_each(|a| *a *= 2.0);
	let mut laps = Vec::with_capacity(REPETITIONS * Kernel::ALL.len());
	for repetition in 0..REPETITIONS {
		for kernel in Kernel::ALL {
			barrier.wait();
			let started = Instant::now();
			kernel.run(&mut a, &mut b, &mut c);
			barrier.wait();
			laps.push((kernel, started.elapsed()));
		}
		on_repetition(repetition + 1);
	}
	(laps, average_error(&a, &b, &c))
}

fn times_of(kernel: Kernel, laps: &[(Kernel, Duration)]) -> Times {
	let counted = laps.iter().filter(|(ran, _)| *ran == kernel).skip(1).map(|(_, time)| *time);
	let number = u32::try_from(counted.clone().count()).unwrap_or(1).max(1);
	Times {
		kernel,
		best: counted.clone().min().unwrap_or_default(),
		mean: counted.clone().sum::<Duration>() / number,
		worst: counted.max().unwrap_or_default(),
	}
}

/// STREAM's validation (`checkSTREAMresults`): every element has to be what one element, treated alike, comes to. The largest of
/// the three arrays' average errors, relative.
fn average_error(a: &[f64], b: &[f64], c: &[f64]) -> f64 {
	let (mut one_a, mut one_b, mut one_c) = ([2.0], [2.0], [0.0]);
	for _ in 0..REPETITIONS {
		for kernel in Kernel::ALL {
			kernel.run(&mut one_a, &mut one_b, &mut one_c);
		}
	}
	[(a, one_a), (b, one_b), (c, one_c)]
		.into_iter()
		.filter(|(values, _)| !values.is_empty())
		.map(|(values, [one])| {
			let sum: f64 = values.iter().map(|value| (value - one).abs()).sum();
			(sum / values.len() as f64 / one).abs()
		})
		.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
	use super::*;
	use gcx_evidence::raw::{self, Kind};
	use gcx_primitives::Metric;
	use std::sync::atomic::{AtomicUsize, Ordering};

	const MACHINE: Machine = Machine { threads: 3, cache_bytes: 4 << 20, free_bytes: 1 << 30 };

	#[test]
	fn arrays_are_four_times_the_caches() {
		let plan = Plan::new(&MACHINE, None).unwrap();
		assert_eq!(plan, Plan { elements: 2 << 20, threads: 3, by_rule: true });
	}

	#[test]
	fn arrays_leave_half_of_the_free_memory() {
		let plan = Plan::new(&Machine { cache_bytes: 1 << 30, ..MACHINE }, None).unwrap();
		assert!(plan.elements * 8 * 3 <= MACHINE.free_bytes / 2 && !plan.by_rule);
	}

	#[test]
	fn arrays_that_do_not_fit_or_are_too_small_are_refused() {
		let array = MACHINE.free_bytes / 3 + 1;
		assert_eq!(Plan::new(&MACHINE, Some(array)), Err(StreamError::Memory { array, free: MACHINE.free_bytes }));
		assert_eq!(Plan::new(&MACHINE, Some(8_000)), Err(StreamError::TooSmall(1_000)));
		let small = Machine { free_bytes: 1_000, ..MACHINE };
		assert!(matches!(Plan::new(&small, None), Err(StreamError::TooSmall(_))));
	}

	#[test]
	fn a_run_is_validated_and_its_output_is_read_as_streams() {
		let repetitions = AtomicUsize::new(0);
		let plan = Plan { elements: MIN_ELEMENTS + 1, threads: 3, by_rule: false };
		let measured = run(plan, |done| repetitions.store(done, Ordering::Relaxed)).unwrap();
		assert_eq!(repetitions.into_inner(), REPETITIONS);
		for times in measured.times {
			assert!(times.best > Duration::ZERO && times.best <= times.mean && times.mean <= times.worst, "{times:?}");
		}
		let figure = raw::read(Kind::Stream, &measured.output()).unwrap();
		assert_eq!(figure.metric, Metric::StreamTriad);
		let off = (figure.value as f64 / measured.rate(Kernel::Triad) - 1.0).abs();
		assert!(off < 0.01, "{off}");
	}

	#[test]
	fn a_wrong_element_is_an_error() {
		let right = |length: usize| {
			let (mut a, mut b, mut c) = (vec![2.0; length], vec![2.0; length], vec![0.0; length]);
			for _ in 0..REPETITIONS {
				for kernel in Kernel::ALL {
					kernel.run(&mut a, &mut b, &mut c);
				}
			}
			(a, b, c)
		};
		let (a, mut b, c) = right(8);
		assert_eq!(average_error(&a, &b, &c), 0.0);
		b[5] *= 1.0 + 1e-9;
		assert!(average_error(&a, &b, &c) > EPSILON);
	}

	#[test]
	fn the_first_lap_does_not_count() {
		let laps: Vec<_> = [9, 2, 4].map(|seconds| (Kernel::Add, Duration::from_secs(seconds))).into();
		let times = times_of(Kernel::Add, &laps);
		assert_eq!(
			(times.best, times.mean, times.worst),
			(Duration::from_secs(2), Duration::from_secs(3), Duration::from_secs(4))
		);
	}
}
