//! Whether a number of breaches agrees with the coverage that was meant.
//!
//! Source: Kupiec, *Techniques for verifying the accuracy of risk measurement models*, Journal of Derivatives 3
//! (1995), the proportion of failures. With coverage 1 − p, T trials and N breaches
//! `LR = −2 ln[(1 − p)^(T−N) p^N] + 2 ln[(1 − N/T)^(T−N) (N/T)^N]`
//! follows, for large T, the chi-square distribution with one degree of freedom, if the trials are independent.

use std::fmt;

/// The error of the first kind at which the coverage is rejected.
pub const SIGNIFICANCE: f64 = 0.05;

/// What the test says of the coverage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
	/// The breaches agree with it.
	Accepted,
	/// There are fewer breaches than it allows: the margin is higher than it need be.
	TooFewBreaches,
	/// There are more breaches than it allows: the margin is too low.
	TooManyBreaches,
}

impl fmt::Display for Verdict {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		formatter.write_str(match self {
			Self::Accepted => "accepted",
			Self::TooFewBreaches => "rejected: too few breaches",
			Self::TooManyBreaches => "rejected: too many breaches",
		})
	}
}

/// The proportion-of-failures test of one series.
#[derive(Clone, Copy, Debug)]
pub struct ProportionOfFailures {
	/// Moves that were tested.
	pub trials: usize,
	/// Those of them that were breaches.
	pub breaches: usize,
	/// The coverage that was meant, between zero and one.
	pub coverage: f64,
}

impl ProportionOfFailures {
	/// The breaches as a share of the trials.
	pub fn rate(&self) -> f64 {
		self.breaches as f64 / self.trials as f64
	}

	/// The likelihood ratio LR. Not negative.
	pub fn likelihood_ratio(&self) -> f64 {
		let (breaches, others) = (self.breaches as f64, (self.trials - self.breaches) as f64);
		let likelihood = |rate: f64| times_ln(others, 1.0 - rate) + times_ln(breaches, rate);
		(2.0 * (likelihood(self.rate()) - likelihood(1.0 - self.coverage))).max(0.0)
	}

	/// How probable a likelihood ratio of this size or more is where the coverage is what was meant: the upper tail of
	/// the chi-square distribution with one degree of freedom, `erfc(√(LR / 2))`.
	pub fn p_value(&self) -> f64 {
		libm::erfc((self.likelihood_ratio() / 2.0).sqrt())
	}

	/// The verdict at the level [`SIGNIFICANCE`].
	pub fn verdict(&self) -> Verdict {
		if self.p_value() >= SIGNIFICANCE {
			Verdict::Accepted
		} else if self.rate() < 1.0 - self.coverage {
			Verdict::TooFewBreaches
		} else {
			Verdict::TooManyBreaches
		}
	}
}

/// `factor · ln x`, and nothing where the factor is zero, whatever x.
fn times_ln(factor: f64, x: f64) -> f64 {
	if factor == 0.0 {
		0.0
	} else {
		factor * x.ln()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn test(trials: usize, breaches: usize, coverage: f64) -> ProportionOfFailures {
		ProportionOfFailures { trials, breaches, coverage }
	}

	fn near(actual: f64, expected: f64) -> bool {
		(actual - expected).abs() < 5e-5
	}

	#[test]
	fn the_likelihood_ratio_is_what_the_formula_gives_by_hand() {
		// −2 · 250 · ln 0.99.
		assert!(near(test(250, 0, 0.99).likelihood_ratio(), 5.0252));
		// 2 · [490 ln(0.98 / 0.99) + 10 ln(0.02 / 0.01)] = 2 · [−4.97464 + 6.93147].
		assert!(near(test(500, 10, 0.99).likelihood_ratio(), 3.9136));
		// −2 · 4 · ln 0.05: nothing but breaches.
		assert!(near(test(4, 4, 0.95).likelihood_ratio(), 23.9659));
	}

	#[test]
	fn as_many_breaches_as_meant_are_no_evidence() {
		let exact = test(1_000, 10, 0.99);
		assert!(exact.likelihood_ratio() < 1e-9 && exact.p_value() > 0.9999);
		assert_eq!(exact.verdict(), Verdict::Accepted);
	}

	#[test]
	fn the_p_value_is_the_tail_of_chi_square_with_one_degree_of_freedom() {
		// P(χ² ≥ 5.0252) = 0.02498, P(χ² ≥ 3.9136) = 0.04790.
		assert!(near(test(250, 0, 0.99).p_value(), 0.02498));
		assert!(near(test(500, 10, 0.99).p_value(), 0.04790));
	}

	// Kupiec's table of non-rejection regions, at 5 %: of 99 % N < 7, 1 < N < 11, 4 < N < 17; of 95 % 6 < N < 21,
	// 16 < N < 36, 37 < N < 65, in 255, 510 and 1,000 trials.
	#[test]
	fn the_bounds_of_acceptance_are_those_of_kupiecs_table() {
		let accepted = |trials, breaches, coverage| test(trials, breaches, coverage).verdict() == Verdict::Accepted;
		for (trials, coverage, low, high) in
			[(510, 0.99, 1, 11), (1_000, 0.99, 4, 17), (255, 0.95, 6, 21), (510, 0.95, 16, 36), (1_000, 0.95, 37, 65)]
		{
			assert_eq!(test(trials, low, coverage).verdict(), Verdict::TooFewBreaches, "{trials} {low}");
			assert!(accepted(trials, low + 1, coverage) && accepted(trials, high - 1, coverage), "{trials} {coverage}");
			assert_eq!(test(trials, high, coverage).verdict(), Verdict::TooManyBreaches, "{trials} {high}");
		}
		assert!(accepted(255, 6, 0.99) && !accepted(255, 7, 0.99));
	}
}
