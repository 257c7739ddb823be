//! The pallet's types.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use gcx_primitives::{ArithmeticError, Cash, Ppm, Segment};
use scale_info::TypeInfo;

/// [`MarginAccount`] of the runtime's types.
pub type MarginAccountOf<T> = MarginAccount<<T as frame_system::Config>::AccountId>;

/// [`Segment`] of the runtime's types.
pub type SegmentOf<T> = Segment<<T as frame_system::Config>::AccountId>;

/// A ledger line: what a customer has under its guarantor, or a guarantor in its house.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct MarginAccount<AccountId> {
	/// The segment whose custody holds the money.
	pub segment: Segment<AccountId>,
	/// Cash in the smallest unit of the settlement asset. Not negative.
	pub cash: Cash,
	/// What left in the account's last hour of withdrawals.
	pub egress: AccountEgress,
}

/// What an account had and withdrew in an hour.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct AccountEgress {
	/// The hour since the Unix epoch. Older than the present one, nothing left in this one yet.
	pub hour: u32,
	/// The account's cash when the hour began.
	pub had: Cash,
	/// What was withdrawn since then.
	pub withdrawn: Cash,
}

impl AccountEgress {
	/// The record in `hour`: this one, or if it is of an earlier hour a new one that begins with `cash`.
	pub fn in_hour(self, hour: u32, cash: Cash) -> Self {
		if self.hour == hour {
			self
		} else {
			Self { hour, had: cash, withdrawn: Cash::ZERO }
		}
	}

	/// How much of the account's reserve for the hour is left: the share `reserved` of what it had, or the floor if that is
	/// more, rounded down.
	pub fn reserve_left(&self, reserved: Ppm, floor: Cash) -> Result<Cash, ArithmeticError> {
		let reserve = reserved.mul_floor(self.had)?.max(floor);
		Ok(reserve.checked_sub(self.withdrawn)?.max(Cash::ZERO))
	}
}

/// What custody held and what left it beyond the accounts' reserves in an hour.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Egress {
	/// The hour since the Unix epoch.
	pub hour: u32,
	/// All custody when the hour began.
	pub had: Cash,
	/// The same of the hour before in which money moved: the smaller of the two counts, so that a deposit just before the
	/// hour does not widen the fuse.
	pub had_before: Cash,
	/// What left beyond the accounts' reserves since then.
	pub shared: Cash,
}

impl Egress {
	/// The record in `hour`: this one, or if it is of an earlier hour a new one that begins with `custody`.
	pub fn in_hour(self, hour: u32, custody: Cash) -> Self {
		if self.hour == hour {
			self
		} else {
			// Before the first hour there was none to compare with.
			let had_before = if self.hour == 0 { custody } else { self.had };
			Self { hour, had: custody, had_before, shared: Cash::ZERO }
		}
	}

	/// How much may still leave in this hour beyond the accounts' reserves: the share `limit − reserved` of what custody had,
	/// rounded down.
	pub fn shared_left(&self, limit: Ppm, reserved: Ppm) -> Result<Cash, ArithmeticError> {
		let share = Ppm(limit.0.saturating_sub(reserved.0));
		let left = share.mul_floor(self.had.min(self.had_before))?.checked_sub(self.shared)?;
		Ok(left.max(Cash::ZERO))
	}
}
