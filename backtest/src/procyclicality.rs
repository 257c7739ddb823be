//! How much the margin model itself moves margin.
//!
//! Source: Murphy, Vasios and Vause, *An investigation into the procyclicality of risk-based initial margin models*,
//! Bank of England Financial Stability Paper 29 (2014): the peak-to-trough ratio, and the largest rise over n days.

use gcx_primitives::Ppm;

/// The highest of the scan fractions over the lowest. One of none.
pub fn peak_to_trough(fractions: &[Ppm]) -> f64 {
	match (fractions.iter().max(), fractions.iter().min()) {
		(Some(peak), Some(trough)) => ratio(*peak, *trough),
		_ => 1.0,
	}
}

/// The largest ratio of a scan fraction to one of at most `days` fixes before. One if it never rises.
pub fn largest_rise(fractions: &[Ppm], days: usize) -> f64 {
	let rise = |at: usize| {
		let lowest = fractions[at.saturating_sub(days)..=at].iter().min()?;
		Some(ratio(fractions[at], *lowest))
	};
	(0..fractions.len()).filter_map(rise).fold(1.0, f64::max)
}

fn ratio(high: Ppm, low: Ppm) -> f64 {
	f64::from(high.0) / f64::from(low.0)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn fractions(percents: &[u32]) -> Vec<Ppm> {
		percents.iter().map(|percent| Ppm::percent(*percent)).collect()
	}

	#[test]
	fn peak_to_trough_does_not_ask_which_came_first() {
		assert_eq!(peak_to_trough(&fractions(&[40, 20, 50, 30])), 2.5);
		assert_eq!(peak_to_trough(&fractions(&[20])), 1.0);
		assert_eq!(peak_to_trough(&[]), 1.0);
	}

	#[test]
	fn a_rise_is_from_a_fraction_before_and_within_the_days() {
		let path = fractions(&[20, 22, 25, 30, 40, 20]);
		assert_eq!(largest_rise(&path, 1), 40.0 / 30.0);
		assert_eq!(largest_rise(&path, 2), 40.0 / 25.0);
		assert_eq!(largest_rise(&path, 5), 2.0);
		assert_eq!(largest_rise(&path, 30), 2.0);
		assert_eq!(largest_rise(&fractions(&[40, 30, 20]), 5), 1.0);
	}
}
