//! How much of a day something was there, by the moments at which it was seen.

use gcx_primitives::{Capacity, Ppm};
use serde::{Deserialize, Serialize};

/// A day, and how far apart two moments may be for the time between them to count. Times are milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
	/// When it begins.
	pub start: u64,
	/// When it is over.
	pub end: u64,
	/// How far apart two moments may be.
	pub gap: u64,
}

impl Span {
	/// Milliseconds of the day.
	pub const fn length(&self) -> u64 {
		self.end.saturating_sub(self.start)
	}
}

/// Presence on one day.
///
/// The day's start counts as a moment. Time between two moments counts if they are at most [`Span::gap`] apart: with the share that was
/// there at the later one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
	/// The last moment.
	pub seen: Option<u64>,
	/// Milliseconds, each times the share that was there in millionths.
	pub weighted: u64,
}

impl Presence {
	/// What comes of it when `share` is there now. A moment before the last one, or before the day, changes nothing.
	#[must_use]
	pub fn seen(self, now: u64, share: Ppm, span: &Span) -> Self {
		let last = self.seen.unwrap_or(span.start);
		if now < span.start || (now <= last && self.seen.is_some()) {
			return self;
		}
		let counts = now.saturating_sub(last) <= span.gap;
		let time = if counts { now.min(span.end).saturating_sub(last) } else { 0 };
		Self { seen: Some(now), weighted: self.weighted.saturating_add(weigh(time, share)) }
	}

	/// What it comes to at the day's end if `share` is there from now on.
	pub fn by_end(self, now: u64, share: Ppm, span: &Span) -> u64 {
		let now = now.max(span.start);
		let with = self.seen(now, share, span);
		with.weighted.saturating_add(weigh(span.end.saturating_sub(now), share))
	}

	/// Milliseconds of the day until now in which it was not there, if it was listened to since `since`: `before` is what
	/// [`Self::weighted`] was then.
	pub fn missed(self, now: u64, since: u64, before: u64, span: &Span) -> u64 {
		let until = now.min(span.end);
		let listened = until.saturating_sub(since.max(span.start));
		let there = self.seen(now, Ppm::ONE, span).weighted.saturating_sub(before) / u64::from(Ppm::PARTS);
		listened.saturating_sub(there)
	}
}

/// Milliseconds times a share of at most one.
fn weigh(time: u64, share: Ppm) -> u64 {
	time.saturating_mul(share.min(Ppm::ONE).0.into())
}

/// The part of a day's quantity that a presence stands for, rounded down and never more than all.
pub fn part_of(quantity: Capacity, weighted: u64, span: &Span) -> Capacity {
	let whole = u128::from(weigh(span.length(), Ppm::ONE));
	let part = quantity.0.checked_mul(weighted.into()).and_then(|product| product.checked_div(whole));
	Capacity(part.unwrap_or(0).min(quantity.0))
}

#[cfg(test)]
mod tests {
	use super::*;

	const SPAN: Span = Span { start: 1_000, end: 2_000, gap: 100 };
	const ALL: u64 = 1_000 * 1_000_000;

	fn seen(moments: &[u64]) -> Presence {
		moments.iter().fold(Presence::default(), |presence, now| presence.seen(*now, Ppm::ONE, &SPAN))
	}

	fn millis(presence: Presence) -> u64 {
		presence.weighted / 1_000_000
	}

	#[test]
	fn time_between_moments_that_are_near_counts() {
		assert_eq!(millis(seen(&[1_050, 1_150, 1_200])), 200);
		// The day's start counts as a moment, its end is the end.
		assert_eq!(millis(seen(&[1_100])), 100);
		assert_eq!(millis(seen(&[1_101])), 0);
		let every: Vec<_> = (1..=11).map(|step| 950 + step * 100).collect();
		assert_eq!(millis(seen(&every)), 1_000);
	}

	#[test]
	fn time_between_moments_that_are_far_apart_does_not_count() {
		assert_eq!(millis(seen(&[1_100, 1_201, 1_250])), 149);
		assert_eq!(millis(seen(&[1_950, 2_040])), 50);
		assert_eq!(millis(seen(&[1_950, 2_051])), 0);
		assert_eq!(millis(seen(&[1_900, 1_950, 2_051])), 50);
	}

	#[test]
	fn a_clock_that_goes_back_earns_nothing_twice() {
		let once = seen(&[1_050, 1_100]);
		assert_eq!(once.seen(1_060, Ppm::ONE, &SPAN), once);
		assert_eq!(once.seen(1_100, Ppm::ONE, &SPAN), once);
		assert_eq!(once.seen(900, Ppm::ONE, &SPAN), once);
		assert_eq!(Presence::default().seen(999, Ppm::ONE, &SPAN), Presence::default());
	}

	#[test]
	fn a_part_counts_as_a_part() {
		let half = Presence::default().seen(1_100, Ppm::percent(50), &SPAN);
		assert_eq!(half.weighted, 50_000_000);
		assert_eq!(half.seen(1_200, Ppm::ONE, &SPAN).weighted, 150_000_000);
	}

	#[test]
	fn what_comes_until_the_end_is_as_it_is_now() {
		assert_eq!(Presence::default().by_end(1_050, Ppm::ONE, &SPAN), ALL);
		assert_eq!(Presence::default().by_end(1_500, Ppm::ONE, &SPAN), ALL / 2);
		assert_eq!(Presence::default().by_end(900, Ppm::ONE, &SPAN), ALL);
		assert_eq!(seen(&[1_100]).by_end(1_150, Ppm::percent(50), &SPAN), 100_000_000 + 450_000_000);
		assert_eq!(seen(&[1_100]).by_end(2_500, Ppm::ONE, &SPAN), 100_000_000);
	}

	#[test]
	fn what_was_missed_counts_only_while_it_was_listened_to() {
		assert_eq!(Presence::default().missed(1_500, 0, 0, &SPAN), 500);
		assert_eq!(Presence::default().missed(1_500, 1_400, 0, &SPAN), 100);
		// Near enough to the last moment, it may come back.
		assert_eq!(seen(&[1_100]).missed(1_200, 0, 0, &SPAN), 0);
		assert_eq!(seen(&[1_100]).missed(1_201, 0, 0, &SPAN), 101);
		// What was there before does not make up for it.
		assert_eq!(seen(&[1_100, 1_200]).missed(1_500, 1_250, 200_000_000, &SPAN), 250);
	}

	#[test]
	fn a_part_of_a_quantity_is_rounded_down_and_never_more_than_all() {
		assert_eq!(part_of(Capacity(3), ALL / 2, &SPAN), Capacity(1));
		assert_eq!(part_of(Capacity(3), ALL, &SPAN), Capacity(3));
		assert_eq!(part_of(Capacity(3), ALL * 2, &SPAN), Capacity(3));
		assert_eq!(part_of(Capacity(3), ALL, &Span { start: 1, end: 1, gap: 1 }), Capacity(0));
		// The largest quantity there is, on the longest day.
		let largest = Capacity(10u128.pow(21));
		let day = Span { start: 0, end: 86_400_000, gap: 0 };
		assert_eq!(part_of(largest, 86_400_000 * 1_000_000, &day), largest);
	}
}
