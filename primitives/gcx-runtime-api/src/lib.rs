#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attestation;
mod clearing;
mod compute;
mod delivery;
mod estimate;
mod proof;
mod token;

use alloc::vec::Vec;
pub use attestation::*;
pub use clearing::*;
use codec::{Decode, Encode};
pub use compute::*;
pub use delivery::*;
pub use estimate::{Estimate, NoEstimate, Work};
use gcx_primitives::{ClassId, Day, Fix, Price, PriceStatistics};
pub use proof::*;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
pub use token::*;

/// The index of a class as it stands.
#[derive(Clone, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase")]
pub struct IndexState {
	/// The class.
	pub class: ClassId,
	/// Today.
	pub today: Day,
	/// The chain's clock in milliseconds since the Unix epoch.
	pub now: u64,
	/// The price below which the class's price counts as this in margin and in moves.
	pub floor: Price,
	/// How far today's round has come.
	pub round: RoundState,
	/// The newest final fix, whatever its age.
	pub latest: Option<Fix>,
	/// The age of that fix in milliseconds, from the end of its reporting.
	pub age: Option<u64>,
	/// What follows from the series.
	pub statistics: Option<PriceStatistics>,
}

/// How far today's round of a class has come.
#[derive(Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, PartialEq, Serialize, TypeInfo)]
#[serde(rename_all = "camelCase", tag = "stage")]
pub enum RoundState {
	/// Nobody has committed yet.
	NotBegun,
	/// Reporters commit and reveal: so many have committed and not revealed, so many have reported.
	Reporting {
		/// Commitments not yet revealed.
		committed: u32,
		/// Reports.
		reported: u32,
	},
	/// A price is agreed on and becomes final at `until`, in milliseconds since the Unix epoch, if nobody disputes it.
	Proposed {
		/// The price.
		price: Price,
		/// When it becomes final.
		until: u64,
	},
	/// The agreed price is disputed.
	Disputed {
		/// The price.
		price: Price,
	},
	/// The day is over for this class: it has a fix or it has none.
	Closed,
}

sp_api::decl_runtime_apis! {
	/// The price index.
	// An argument is not named `class`: clients generate code from these names, and JavaScript reserves that one.
	pub trait IndexApi {
		/// The classes that have an index.
		fn classes() -> Vec<ClassId>;

		/// The index of a class; none if it has none.
		fn index(class_id: ClassId) -> Option<IndexState>;

		/// The final fixes of a class from one day to another, both included, the oldest first.
		fn fixes(class_id: ClassId, from: Day, to: Day) -> Vec<Fix>;
	}
}
