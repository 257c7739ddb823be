//! The pallet's types.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{
	fungible::{Credit, Inspect},
	Get,
};
use gcx_math::index::CombinationModel;
use gcx_primitives::{Day, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{UniqueSaturatedInto, Zero};

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount that was taken from a bond and is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Reporter`] of the runtime's types.
pub type ReporterOf<T> = Reporter<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`Round`] of the runtime's types.
pub type RoundOf<T> = Round<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`Report`] of the runtime's types.
pub type ReportOf<T> = Report<<T as frame_system::Config>::AccountId>;

/// [`IndexParameters`] of the runtime's balance type.
pub type ParametersOf<T> = IndexParameters<BalanceOf<T>>;

/// An account that reports prices, for an owner that answers for it with a bond.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reporter<AccountId, Balance> {
	/// Who bonded it. The bond is held on this account.
	pub owner: AccountId,
	/// What is held, in the token's smallest unit.
	pub bond: Balance,
	/// It is leaving: it reports no more, and its bond can be withdrawn after this day.
	pub leaving: Option<Day>,
}

/// A promise to reveal a price.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Commitment<Hash> {
	/// The day it is for.
	pub day: Day,
	/// Hash of the price and a salt.
	pub hash: Hash,
}

/// A revealed price.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Report<AccountId> {
	/// Who reported it.
	pub reporter: AccountId,
	/// What it says.
	pub price: Price,
}

/// What a class's round of a day has come to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage<AccountId, Balance> {
	/// Reporters commit and reveal.
	Reporting,
	/// The reporters agree on a price, which anybody may dispute.
	Proposed {
		/// The price.
		price: Price,
		/// It becomes final at this time, in milliseconds since the Unix epoch.
		until: u64,
	},
	/// Somebody disputes the price. Governance decides before the day's end, or there is no fix.
	Disputed {
		/// The price.
		price: Price,
		/// Who disputes it.
		by: AccountId,
		/// What is held for the dispute.
		bond: Balance,
	},
	/// The day is over for this class: it has a fix or it has none.
	Closed,
}

/// One class and day.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Round<AccountId, Balance> {
	/// The day.
	pub day: Day,
	/// How far it has come.
	pub stage: Stage<AccountId, Balance>,
}

/// What is the same for a class on every day.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct ClassSettings {
	/// The price below which the class's price counts as this in margin and in moves. Positive.
	pub floor: Price,
	/// A floor that is approved, and the day from which it holds.
	pub next_floor: Option<(Day, Price)>,
}

impl ClassSettings {
	/// The floor in force on a day.
	pub fn floor_on(&self, day: Day) -> Price {
		match self.next_floor {
			Some((from, floor)) if from <= day => floor,
			Some(_) | None => self.floor,
		}
	}
}

/// What happens when in a day, in milliseconds.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct Windows {
	/// From the day's start reporters commit for this long.
	pub commit: u64,
	/// Then they reveal for this long.
	pub reveal: u64,
	/// Then anybody may dispute for this long. What is left of the day is for governance to decide a dispute.
	pub dispute: u64,
}

impl Windows {
	/// Whether each window is open at some time, and all are over before the day is, whose length is given.
	pub fn fit(&self, day: u64) -> bool {
		let sum = self.commit.checked_add(self.reveal).and_then(|sum| sum.checked_add(self.dispute));
		self.commit > 0 && self.reveal > 0 && self.dispute > 0 && sum.is_some_and(|sum| sum < day)
	}

	/// When revealing ends, from the day's start.
	pub(crate) fn reported(&self) -> u64 {
		self.commit.saturating_add(self.reveal)
	}
}

/// What governs the index.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct IndexParameters<Balance> {
	/// The smallest bond of a reporter, in the token's smallest unit.
	pub min_bond: Balance,
	/// The bond from which an owner's reports count fully, all of its reporters together. More counts no more.
	pub full_bond: Balance,
	/// What a reporter loses that commits and does not reveal.
	pub silence_penalty: Balance,
	/// What is held of who disputes a price, and lost if governance rejects the dispute.
	pub dispute_bond: Balance,
	/// The fewest reports within the filter that make a fix.
	pub quorum_reports: u32,
	/// The fewest different owners that these reports must come from.
	pub quorum_owners: u32,
	/// When what happens.
	pub windows: Windows,
	/// How reports become a price.
	pub combination: CombinationModel,
	/// What stays of the variance from fix to fix.
	pub decay: Ppm,
}

/// No bonds and no quorum, in three equal parts of most of a day: what storage holds before genesis.
impl<Balance: Zero> Default for IndexParameters<Balance> {
	fn default() -> Self {
		Self {
			min_bond: Zero::zero(),
			full_bond: Zero::zero(),
			silence_penalty: Zero::zero(),
			dispute_bond: Zero::zero(),
			quorum_reports: 3,
			quorum_owners: 3,
			windows: Windows { commit: 1, reveal: 1, dispute: 1 },
			combination: CombinationModel::default(),
			decay: Ppm::percent(97),
		}
	}
}

impl<Balance> IndexParameters<Balance> {
	/// Whether the parameters agree with each other and with the runtime's bounds.
	pub fn is_valid<T: Config>(&self) -> bool
	where
		Balance: PartialOrd<Balance> + PartialOrd<BalanceOf<T>>,
	{
		let bonds = self.min_bond >= T::NativeBalance::minimum_balance()
			&& self.full_bond >= self.min_bond
			&& self.silence_penalty <= self.min_bond
			&& self.dispute_bond >= T::NativeBalance::minimum_balance();
		let quorum = 1 <= self.quorum_owners
			&& self.quorum_owners <= self.quorum_reports
			&& self.quorum_reports <= T::MaxReporters::get();
		bonds && quorum && self.windows.fit(T::DayLength::get()) && self.combination.is_valid() && self.decay < Ppm::ONE
	}

	/// How much an owner's reports count together: its bond as a share of the full one, at most one.
	pub(crate) fn weight_of(&self, bond: Balance) -> Ppm
	where
		Balance: Copy + UniqueSaturatedInto<u128>,
	{
		let (bond, full): (u128, u128) = (bond.unique_saturated_into(), self.full_bond.unique_saturated_into());
		if bond >= full {
			return Ppm::ONE;
		}
		// Smaller than `full`, so the quotient is under one; a token's issuance times a million fits.
		Ppm(u32::try_from(bond.saturating_mul(Ppm::PARTS.into()) / full).unwrap_or(Ppm::PARTS))
	}
}

/// Why a round came to no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum NoPrice {
	/// Too few reports were within the filter, or they came from too few owners.
	BelowQuorum {
		/// Reports within the filter.
		reports: u32,
		/// The quorum of reports.
		reports_needed: u32,
		/// Their owners.
		owners: u32,
		/// The quorum of owners.
		owners_needed: u32,
	},
	/// The chain stood still: when the reports were put together, too little was left of the day for disputes.
	OutOfTime,
	/// Governance upheld a dispute.
	DisputeUpheld,
	/// Governance did not decide a dispute before the day's end.
	DisputeUndecided,
}
