//! Names of things.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A compute class: a kind of work with its own reference system. Compute Hours of two classes are different goods.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
#[serde(transparent)]
pub struct ClassId(pub u32);

/// One of an owner's margin accounts.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
#[serde(transparent)]
pub struct SubAccount(pub u8);

impl SubAccount {
	/// The one account of a guarantor's house.
	pub const HOUSE: Self = Self(0);
}

/// Whose money a guarantor's segment holds.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
pub enum SegmentSide {
	/// The guarantor's customers', all together.
	#[codec(index = 0)]
	Customers,
	/// The guarantor's own.
	#[codec(index = 1)]
	House,
}

/// One custody account and one netting ledger: a guarantor's customers or its house, never both.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Deserialize,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	Serialize,
	TypeInfo,
)]
pub struct Segment<AccountId> {
	/// Whose segment it is.
	pub guarantor: AccountId,
	/// Whose money is in it.
	pub side: SegmentSide,
}
