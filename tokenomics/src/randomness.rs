//! Random numbers that a seed determines, the same on every machine.
//!
//! Source: Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014: SplitMix64.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a stream of random numbers is for. Every path draws the same numbers for the same purpose.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
	/// The price of GCX.
	Price,
	/// The day's notional.
	Demand,
	/// Who trades, and how much of the day.
	Activity,
	/// Who works how well, who is slashed, who claims.
	Work,
}

/// A stream of random numbers.
#[derive(Debug)]
pub struct Randomness(u64);

impl Randomness {
	/// The stream of a seed for a purpose.
	pub fn new(seed: u64, stream: Stream) -> Self {
		let mut seeds = Self(seed);
		let start = seeds.next();
		Self(start ^ mixed((stream as u64).wrapping_add(1).wrapping_mul(GOLDEN)))
	}

	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(GOLDEN);
		mixed(self.0)
	}

	/// At least zero, under one.
	pub fn uniform(&mut self) -> f64 {
		// The 53 bits that a float keeps.
		(self.next() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// Of mean zero and variance one: the sum of twelve uniform numbers less six, so never beyond six.
	pub fn normal(&mut self) -> f64 {
		(0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
	}

	/// True with this probability.
	pub fn happens(&mut self, probability: f64) -> bool {
		self.uniform() < probability
	}

	/// One of so many, counted from zero. There is at least one.
	pub fn one_of(&mut self, count: usize) -> usize {
		((self.uniform() * count as f64) as usize).min(count.saturating_sub(1))
	}
}

fn mixed(state: u64) -> u64 {
	let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
	use super::*;

	// The first numbers of seed zero, from the authors' reference implementation.
	#[test]
	fn the_generator_is_the_published_one() {
		let mut numbers = Randomness(0);
		assert_eq!([numbers.next(), numbers.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
	}

	#[test]
	fn a_normal_number_has_mean_zero_and_variance_one() {
		let mut numbers = Randomness::new(1, Stream::Price);
		let drawn: Vec<_> = (0..20_000).map(|_| numbers.normal()).collect();
		let mean = drawn.iter().sum::<f64>() / 20_000.0;
		let variance = drawn.iter().map(|number| number * number).sum::<f64>() / 20_000.0;
		assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
	}

	#[test]
	fn streams_of_a_seed_differ() {
		let first = |seed, stream| Randomness::new(seed, stream).next();
		assert_ne!(first(1, Stream::Price), first(1, Stream::Demand));
		assert_ne!(first(1, Stream::Price), first(2, Stream::Price));
		assert_eq!(first(7, Stream::Work), first(7, Stream::Work));
	}
}
