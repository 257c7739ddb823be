//! Samples and how figures are printed.

use std::{
	hint::black_box,
	time::{Duration, Instant},
};

/// Batches of calls of which the lower quartile counts.
const BATCHES: usize = 501;
/// Calls of a batch.
const CALLS: u32 = 100;

/// Times of the same thing, in seconds.
#[derive(Default)]
pub struct Samples(Vec<f64>);

impl Samples {
	/// One more.
	pub fn add(&mut self, time: Duration) {
		self.0.push(time.as_secs_f64());
	}

	/// The lower quartile. Whatever else the machine does only ever adds to a time.
	pub fn typical(&self) -> f64 {
		let mut sorted = self.0.clone();
		sorted.sort_unstable_by(f64::total_cmp);
		sorted.get(sorted.len() / 4).copied().unwrap_or(f64::NAN)
	}
}

/// Seconds of a call of something short.
pub fn each<T>(mut call: impl FnMut() -> T) -> f64 {
	let mut times = Samples::default();
	for _ in 0..BATCHES {
		let began = Instant::now();
		for _ in 0..CALLS {
			black_box(call());
		}
		times.add(began.elapsed());
	}
	times.typical() / f64::from(CALLS)
}

/// Prints a figure as the scripts read it.
pub fn print(name: &str, value: f64, unit: &str) {
	println!("{name} {value:.3} {unit}");
}
