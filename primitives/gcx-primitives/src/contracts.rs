//! Contracts: what is agreed about a future when it is listed, and what can be done with it.

use crate::{Day, InstrumentTerms, Price};

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
		Physical,
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
