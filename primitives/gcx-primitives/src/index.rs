//! What the index tells the other pallets.

use crate::{ClassId, Ppm, Price};
use alloc::vec::Vec;

plain_data! {
	/// A day: days since the Unix epoch. On a test network a day may last half a minute.
	#[derive(Copy, Default, Ord, PartialOrd)]
	#[serde(transparent)]
	pub struct Day(pub u32);
}

plain_data! {
	/// The price that the reporters agreed on for one class and day. It is final.
	#[derive(Copy)]
	pub struct Fix {
		/// The day it is the price of.
		pub day: Day,
		/// The price.
		pub price: Price,
		/// When reporting ended, in milliseconds since the Unix epoch: its age counts from there, whenever it became
		/// final.
		pub time: u64,
	}
}

plain_data! {
	/// What follows from the series of a class.
	#[derive(Copy, Default)]
	#[serde(rename_all = "camelCase")]
	pub struct PriceStatistics {
		/// Mean of the sizes of the fixes of the last 30 days, rounded up.
		pub mean_size: Price,
		/// Exponentially weighted variance of the daily moves, in parts per million squared.
		pub variance: u64,
		/// The largest daily move in memory, without its sign.
		pub largest_move: Ppm,
	}
}

/// Prices of compute. There is no "last value": who asks says how old an answer may be.
pub trait PriceIndex {
	/// The newest final fix of a class, if its age is at most `max_age` milliseconds.
	fn fresh_fix(class: ClassId, max_age: u64) -> Option<Fix>;

	/// The final fixes of a class from the day `from` to the day `to`, both included, the oldest first. Days without a
	/// fix are missing, and so are days before the index's memory.
	fn fixes(class: ClassId, from: Day, to: Day) -> Vec<Fix>;

	/// What follows from the series so far; none before the first fix.
	fn statistics(class: ClassId) -> Option<PriceStatistics>;

	/// The price below which the class's price counts as this in margin and in moves; none if the class is unknown.
	fn floor_price(class: ClassId) -> Option<Price>;

	/// Today.
	fn today() -> Day;

	/// The newest day of which nothing can be fixed any more; none on the first day of all. Not today: a day is over first.
	fn closed_day(class: ClassId) -> Option<Day>;
}
