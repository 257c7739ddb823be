//! What several who may err, or lie, say of one figure: the weighted median, and who is too far from it.
//!
//! Sources: Edgeworth, *On a new method of reducing observations relating to several quantities*, Philosophical Magazine 25
//! (1888), for the weighted median; Hampel, *The influence curve and its role in robust estimation*, JASA 69 (1974), for the
//! filter by median absolute deviation.

use alloc::vec::Vec;
use gcx_primitives::Ppm;

/// A figure and how much it counts: from nothing to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted {
	/// The figure.
	pub value: i128,
	/// Its weight. More than one counts as one.
	pub weight: Ppm,
}

impl Weighted {
	fn counting(&self) -> u128 {
		self.weight.min(Ppm::ONE).0.into()
	}
}

/// The value with half of the weight on either side; between two of them the middle, rounded towards zero. Sorts the values.
/// None of no weight.
pub fn weighted_median(values: &mut [Weighted]) -> Option<i128> {
	values.sort_unstable_by_key(|weighted| weighted.value);
	let (low, high) = middle(values.iter().map(|weighted| (weighted.value, weighted.counting())))?;
	Some(low.midpoint(high))
}

/// Which values are not too far from the weighted median: at most `deviations` times the weighted median of the distances from
/// it, or `tolerance` of its size, whichever is more; both rounded down. In the order of `values`.
///
/// The tolerance is for honest values beside many that agree to the last digit. A value without weight is never within.
pub fn within(values: &[Weighted], deviations: Ppm, tolerance: Ppm) -> Vec<bool> {
	let mut sorted = values.to_vec();
	let Some(median) = weighted_median(&mut sorted) else { return values.iter().map(|_| false).collect() };
	let distance = |weighted: &Weighted| weighted.value.abs_diff(median);
	let mut distances: Vec<_> = values.iter().map(|weighted| (distance(weighted), weighted.counting())).collect();
	distances.sort_unstable();
	let deviation = middle(distances.into_iter()).map_or(0, |(low, high)| low.midpoint(high));
	let allowed = share(deviation, deviations).max(share(median.unsigned_abs(), tolerance));
	values.iter().map(|weighted| weighted.weight > Ppm::ZERO && distance(weighted) <= allowed).collect()
}

/// The two values that half of the weight is up to and from, of values with their weights, the least value first; twice the same
/// if one value is both. None of no weight.
fn middle<V: Copy>(sorted: impl Iterator<Item = (V, u128)> + Clone) -> Option<(V, V)> {
	let total: u128 = sorted.clone().map(|(_, weight)| weight).sum();
	let mut sum = 0;
	let mut weighing = sorted.filter(|(_, weight)| *weight > 0);
	while let Some((value, weight)) = weighing.next() {
		sum += weight;
		if sum * 2 > total {
			return Some((value, value));
		}
		if sum * 2 == total {
			return weighing.next().map(|(next, _)| (value, next));
		}
	}
	None
}

/// `of · rate`, rounded down. What does not fit is farther than any value.
fn share(of: u128, rate: Ppm) -> u128 {
	let (rate, parts) = (u128::from(rate.0), u128::from(Ppm::PARTS));
	let rest = of % parts * rate / parts; // < 2³²
	(of / parts).checked_mul(rate).and_then(|whole| whole.checked_add(rest)).unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const DEVIATIONS: Ppm = Ppm(4_447_800);
	const TOLERANCE: Ppm = Ppm::percent(5);

	fn of(values: &[(i128, u32)]) -> Vec<Weighted> {
		values.iter().map(|(value, weight)| Weighted { value: *value, weight: Ppm(*weight) }).collect()
	}

	fn median(values: &[(i128, u32)]) -> Option<i128> {
		weighted_median(&mut of(values))
	}

	#[test]
	fn the_median_has_half_of_the_weight_on_either_side() {
		assert_eq!(median(&[(3, 1), (1, 1), (2, 1)]), Some(2));
		assert_eq!(median(&[(1, 3), (9, 1), (8, 1)]), Some(1));
		assert_eq!(median(&[(1, 1), (4, 1)]), Some(2));
		assert_eq!(median(&[(-1, 1), (-4, 1)]), Some(-2));
		assert_eq!(median(&[(1, 2), (2, 0), (3, 2)]), Some(2));
		assert_eq!(median(&[(7, 0)]), None);
		assert_eq!(median(&[]), None);
		assert_eq!(median(&[(i128::MIN, 1), (i128::MAX, 1)]), Some(0));
		// More than one counts as one.
		assert_eq!(median(&[(1, u32::MAX), (2, 1_000_000), (3, 1_000_000)]), Some(2));
	}

	#[test]
	fn who_is_too_far_from_the_median_is_not_within() {
		let within = |values: &[(i128, u32)]| within(&of(values), DEVIATIONS, TOLERANCE);
		assert_eq!(within(&[(100, 1), (101, 1), (99, 1), (10_000, 1)]), [true, true, true, false]);
		// Many agree to the last digit: the tolerance stands in.
		assert_eq!(within(&[(100, 1), (100, 1), (100, 1), (105, 1), (106, 1)]), [true, true, true, true, false]);
		assert_eq!(within(&[(100, 1), (100, 0)]), [true, false]);
		assert_eq!(within(&[(100, 0)]), [false]);
		assert_eq!(within(&[]), [false; 0]);
		// A deviation that cannot be multiplied is as far as any value.
		assert_eq!(within(&[(i128::MIN, 1), (i128::MAX, 1), (0, 1)]), [true, true, true]);
	}

	#[test]
	fn the_line_itself_is_within() {
		let ten = [(0, 1), (10, 1), (20, 1), (30, 1), (40, 1)];
		// Median 20, deviation 10: 2 of it reach 0 and 40.
		assert_eq!(within(&of(&ten), Ppm::percent(200), Ppm::ZERO), [true; 5]);
		assert_eq!(within(&of(&ten), Ppm(1_999_999), Ppm::ZERO), [false, true, true, true, false]);
	}

	fn values() -> impl Strategy<Value = Vec<(i128, u32)>> {
		prop::collection::vec((-1i128 << 80..1 << 80, 0..=Ppm::PARTS), 1..30)
	}

	proptest! {
		// A filter without tolerance does not know where zero is, nor the unit.
		#[test]
		fn the_filter_moves_and_turns_with_the_values(values in values(), by in -1i128 << 80..1 << 80, deviations: u32) {
			let ours = |values: &[(i128, u32)]| within(&of(values), Ppm(deviations), Ppm::ZERO);
			let even: Vec<_> = values.iter().map(|(value, weight)| (value * 2, *weight)).collect();
			let moved: Vec<_> = even.iter().map(|(value, weight)| (value + 2 * by, *weight)).collect();
			let turned: Vec<_> = even.iter().map(|(value, weight)| (-value, *weight)).collect();
			prop_assert_eq!(ours(&moved), ours(&even));
			prop_assert_eq!(ours(&turned), ours(&even));
			prop_assert_eq!(median(&moved), median(&even).map(|median| median + 2 * by));
			prop_assert_eq!(median(&turned), median(&even).map(|median| -median));
		}

		#[test]
		fn the_filter_scales_with_the_values(values in values(), times in 1i128..1 << 30) {
			// Even, so that middles are whole; and no fraction of a deviation.
			let ours = |times: i128| {
				let scaled: Vec<_> = values.iter().map(|(value, weight)| (value * 4 * times, *weight)).collect();
				(within(&of(&scaled), Ppm::percent(300), Ppm::ZERO), median(&scaled))
			};
			let (once, more) = (ours(1), ours(times));
			prop_assert_eq!(once.0, more.0);
			prop_assert_eq!(once.1.map(|median| median * times), more.1);
		}

		#[test]
		fn the_order_does_not_matter(values in values(), by: prop::sample::Index) {
			let by = by.index(values.len());
			let mut turned = values.clone();
			turned.rotate_left(by);
			prop_assert_eq!(median(&turned), median(&values));
			let mut ours = within(&of(&values), DEVIATIONS, TOLERANCE);
			ours.rotate_left(by);
			prop_assert_eq!(within(&of(&turned), DEVIATIONS, TOLERANCE), ours);
		}

		// At least half of the weight is always within: the deviation is a median itself.
		#[test]
		fn half_of_the_weight_is_within(values in values(), deviations in Ppm::PARTS..) {
			let weight = |of: &mut dyn Iterator<Item = u32>| of.map(u64::from).sum::<u64>();
			let within = within(&of(&values), Ppm(deviations), Ppm::ZERO);
			let all = weight(&mut values.iter().map(|(_, weight)| *weight));
			let kept = weight(&mut values.iter().zip(&within).filter(|(_, kept)| **kept).map(|((_, weight), _)| *weight));
			prop_assert!(kept * 2 >= all, "{} of {}", kept, all);
		}

		// Under half of the weight cannot carry the median out of the range of the others.
		#[test]
		fn a_minority_cannot_carry_the_median_away(
			honest in prop::collection::vec(1_000i128..2_000, 2..15),
			liars in prop::collection::vec(any::<i128>(), 0..14),
		) {
			let liars = &liars[..liars.len().min(honest.len() - 1)];
			let all: Vec<_> = honest.iter().chain(liars).map(|value| (*value, Ppm::PARTS)).collect();
			let median = median(&all).unwrap();
			prop_assert!((1_000..2_000).contains(&median), "{}", median);
		}

		#[test]
		fn nothing_panics(
			values in prop::collection::vec((any::<i128>(), any::<u32>()), 0..20), deviations: u32, tolerance: u32,
		) {
			prop_assert_eq!(within(&of(&values), Ppm(deviations), Ppm(tolerance)).len(), values.len());
			let _ = median(&values);
		}
	}
}
