//! Contracts: what is agreed about a future when it is listed, and what can be done with it.

use crate::{Day, InstrumentTerms};

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
