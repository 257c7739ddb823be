//! Contracts: what is agreed about a future when it is listed, and what can be done with it.

use crate::{Day, Grade, InstrumentTerms, Ppm, Price, ReferenceVersion};

/// The most delivery days of one contract: a quarter of a year.
pub const MAX_DELIVERY_DAYS: u32 = 92;

plain_data! {
	/// How a contract ends.
	#[derive(Copy)]
	pub enum SettlementKind {
		/// In money, at the mean of the fixes of the delivery days.
		#[codec(index = 0)]
		Cash,
		/// In compute, delivered on the delivery days.
		#[codec(index = 1)]
		Physical {
			/// The lowest grade that may be delivered.
			floor: Grade,
			/// The reference system whose Compute Hours they are.
			version: ReferenceVersion,
		},
	}
}

plain_data! {
	/// The last days before a physical contract expires: margin rises in equal steps to what delivery needs, and limits come down
	/// to what can be delivered. Times are milliseconds since the Unix epoch.
	#[derive(Copy)]
	pub struct DeliveryRamp {
		/// When the first step is taken.
		pub from: u64,
		/// When the contract expires. The last step is taken before.
		pub until: u64,
		/// How many days are delivered on.
		pub days: u32,
	}
}

impl DeliveryRamp {
	/// Steps of a ramp.
	pub const STEPS: u32 = 5;

	/// How near delivery is at the time `now`: nothing before the ramp, the whole from the last step on.
	pub fn phase(&self, now: u64) -> Ppm {
		if now < self.from {
			return Ppm::ZERO;
		}
		let (gone, length) = (now.saturating_sub(self.from), self.until.saturating_sub(self.from));
		let done = u128::from(gone).saturating_mul(Self::STEPS.into()).checked_div(length.into());
		let step =
			done.and_then(|done| u32::try_from(done).ok()).unwrap_or(Self::STEPS).saturating_add(1).min(Self::STEPS);
		Ppm(Ppm::PARTS / Self::STEPS * step)
	}
}

plain_data! {
	/// The days that a contract is about, the first and the last included.
	#[derive(Copy)]
	pub struct DeliveryDays {
		/// The first.
		pub first: Day,
		/// The last.
		pub last: Day,
	}
}

impl DeliveryDays {
	/// Whether there is a day, and there are no more than [`MAX_DELIVERY_DAYS`].
	pub fn is_valid(&self) -> bool {
		self.last.0.checked_sub(self.first.0).is_some_and(|nights| nights < MAX_DELIVERY_DAYS)
	}

	/// How many there are; none if the last is before the first.
	pub fn count(&self) -> u32 {
		self.last.0.checked_sub(self.first.0).map_or(0, |nights| nights.saturating_add(1))
	}

	/// Whether a day is one of them.
	pub fn contains(&self, day: Day) -> bool {
		self.first <= day && day <= self.last
	}

	/// How many of them are this day or later.
	pub fn from(&self, day: Day) -> u32 {
		Self { first: self.first.max(day), last: self.last }.count()
	}

	/// The same days and as many more after them.
	pub fn extended(&self, more: u32) -> Self {
		Self { first: self.first, last: Day(self.last.0.saturating_add(more)) }
	}
}

plain_data! {
	/// What is agreed about a contract when it is listed. None of it changes. Times are milliseconds since the Unix epoch.
	#[derive(Copy)]
	#[serde(rename_all = "camelCase")]
	pub struct ContractTerms {
		/// What clearing needs to know of it.
		pub instrument: InstrumentTerms,
		/// How it ends.
		pub settlement: SettlementKind,
		/// The days whose fixes are averaged, or on which compute is delivered.
		pub delivery: DeliveryDays,
		/// It is traded from this time on.
		pub opens: u64,
		/// From this time on positions are only lowered.
		pub reduce_only_from: u64,
		/// It is no longer traded from this time on.
		pub expires: u64,
	}
}

plain_data! {
	/// How far a contract is from its final price.
	#[derive(Copy)]
	pub enum FinalPrice {
		/// It has none yet. So many days beyond its own count, because on too many of its own there was no fix.
		#[codec(index = 0)]
		Awaited {
			/// How many.
			extended: u32,
		},
		/// There were too few fixes on all days that can count: governance decides. Until then positions are margined like any
		/// other.
		#[codec(index = 1)]
		Undecided,
		/// This is it: the next settlement run pays it out.
		#[codec(index = 2)]
		Known(Price),
	}
}

impl Default for FinalPrice {
	fn default() -> Self {
		Self::Awaited { extended: 0 }
	}
}

impl ContractTerms {
	/// Whether it opens, then becomes reduce-only, then expires; the last two may be one.
	pub fn has_valid_times(&self) -> bool {
		self.opens < self.reduce_only_from && self.reduce_only_from <= self.expires
	}
}

plain_data! {
	/// What can be done with a contract.
	#[derive(Copy)]
	pub enum ContractState {
		/// Known, not yet traded.
		#[codec(index = 0)]
		Listed,
		/// Traded.
		#[codec(index = 1)]
		Trading,
		/// Traded, to lower positions only: it is near its end, or governance said so.
		#[codec(index = 2)]
		ReduceOnly,
		/// No longer traded.
		#[codec(index = 3)]
		Expired,
		/// Nobody holds it any more and it is forgotten. Announced only: there is no record of it left.
		#[codec(index = 4)]
		Settled,
	}
}

impl ContractState {
	/// Whether fills are taken.
	pub const fn allows_trading(self) -> bool {
		match self {
			Self::Trading | Self::ReduceOnly => true,
			Self::Listed | Self::Expired | Self::Settled => false,
		}
	}

	/// Whether a fill may raise a position.
	pub const fn allows_opening(self) -> bool {
		match self {
			Self::Trading => true,
			Self::Listed | Self::ReduceOnly | Self::Expired | Self::Settled => false,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_ramp_rises_in_equal_steps_and_is_done_before_its_end() {
		let ramp = DeliveryRamp { from: 1_000, until: 2_000, days: 30 };
		let phase = |now| ramp.phase(now).0;
		assert_eq!((phase(0), phase(999)), (0, 0));
		assert_eq!((phase(1_000), phase(1_199)), (200_000, 200_000));
		assert_eq!((phase(1_200), phase(1_599), phase(1_799)), (400_000, 600_000, 800_000));
		assert_eq!(
			(phase(1_800), phase(1_999), phase(2_000), phase(u64::MAX)),
			(1_000_000, 1_000_000, 1_000_000, 1_000_000)
		);
	}

	#[test]
	fn a_ramp_without_length_is_a_wall() {
		let wall = DeliveryRamp { from: 1_000, until: 1_000, days: 1 };
		assert_eq!((wall.phase(999), wall.phase(1_000)), (Ppm::ZERO, Ppm::ONE));
		let endless = DeliveryRamp { from: 0, until: u64::MAX, days: 1 };
		assert!(endless.phase(u64::MAX) == Ppm::ONE && endless.phase(0) == Ppm(200_000));
	}
}
