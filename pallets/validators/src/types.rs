//! The pallet's types.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{
	fungible::{Credit, Inspect},
	Get,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Perbill;
use sp_staking::SessionIndex;

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount that was taken from a bond and is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Bond`] of the runtime's balance type.
pub type BondOf<T> = Bond<BalanceOf<T>>;

/// [`SelectionParameters`] of the runtime's balance type.
pub type ParametersOf<T> = SelectionParameters<BalanceOf<T>>;

/// What a bonded account is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum BondStatus {
	/// Takes part in the selection.
	Candidate,
	/// Keeps its bond but takes no part in the selection.
	Chilled,
	/// Is leaving.
	Unbonding {
		/// The bond can still be slashed in this session; it can be withdrawn in any later one.
		until: SessionIndex,
	},
}

/// A bond and its state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Bond<Balance> {
	/// What is held, in the token's smallest unit. All of it can be slashed, in every status.
	pub amount: Balance,
	/// What the owner is doing.
	pub status: BondStatus,
	/// The owner equivocated and may not be a candidate before this session. Zero if it never did.
	pub jailed_until: SessionIndex,
}

impl<Balance> Bond<Balance> {
	/// Whether an equivocation keeps the owner from the selection, and disabled while seated, in session `now`.
	pub fn is_jailed(&self, now: SessionIndex) -> bool {
		now < self.jailed_until
	}
}

/// What governs selection and slashing.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct SelectionParameters<Balance> {
	/// The most validators in a session.
	pub seats: u32,
	/// The fewest validators in a session.
	pub floor: u32,
	/// The smallest bond of a candidate, in the token's smallest unit.
	pub min_bond: Balance,
	/// The most that the offences of one session cost, as a share of the bond. It caps the offence's own fraction,
	/// it does not replace it: an isolated mistake among many validators stays cheap, an attack by a third costs all
	/// that the cap allows.
	pub slash_cap: Perbill,
}

/// One validator, no minimum, no cap: what storage holds before genesis.
impl<Balance: Default> Default for SelectionParameters<Balance> {
	fn default() -> Self {
		Self { seats: 1, floor: 1, min_bond: Balance::default(), slash_cap: Perbill::one() }
	}
}

impl<Balance> SelectionParameters<Balance> {
	/// Whether the parameters agree with each other and with the runtime's bounds.
	pub fn is_valid<T: Config>(&self) -> bool
	where
		Balance: PartialOrd<BalanceOf<T>>,
	{
		1 <= self.floor
			&& self.floor <= self.seats
			&& self.seats <= T::MaxValidators::get()
			&& self.min_bond >= T::NativeBalance::minimum_balance()
	}
}

/// What the offences of one validator in one session have cost so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SlashRecord<Balance> {
	/// The bond when the first offence of the session was reported: what fractions are of.
	pub base: Balance,
	/// The largest fraction reported so far, after the cap.
	pub fraction: Perbill,
	/// What has been taken so far; at most `ceil(fraction · base)`.
	pub taken: Balance,
}
