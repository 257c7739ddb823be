//! The pallet's types.

use crate::{pool::SharePool, Config, MAX_CHUNKS, MAX_DELEGATION_RATIO, MAX_UNBONDING};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{
		fungible::{Credit, Inspect},
		ConstU32, Get,
	},
	BoundedBTreeSet, BoundedVec,
};
use gcx_primitives::{ArithmeticError, Cash, GuarantorState, OwnResources, Ppm, ReduceOnlyReason};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{AtLeast32BitUnsigned, Zero};

/// Balance of the bonded token, in its smallest unit.
pub type BalanceOf<T> = <<T as Config>::NativeBalance as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An amount of the bonded token that is not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Guarantor`] of the runtime's balance type.
pub type GuarantorOf<T> = Guarantor<BalanceOf<T>>;

/// [`Delegation`] of the runtime's balance type.
pub type DelegationOf<T> = Delegation<BalanceOf<T>>;

/// [`GuarantorParameters`] of the runtime's balance type.
pub type ParametersOf<T> = GuarantorParameters<BalanceOf<T>>;

/// [`SlashedParts`] of the runtime's balance type.
pub type SlashedPartsOf<T> = SlashedParts<BalanceOf<T>>;

/// Part of a guarantor's own bond that is leaving. It answers until it is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BondChunk<Balance> {
	/// What is left of it. Never zero.
	pub amount: Balance,
	/// It can be withdrawn from this time on, in milliseconds since the Unix epoch.
	pub due: u64,
}

/// A guarantor, what stands behind it, and for how many it stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Guarantor<Balance> {
	/// What it may do.
	pub state: GuarantorState,
	/// Why it is reduce-only. Empty unless it is.
	pub reduced_for: BoundedBTreeSet<ReduceOnlyReason, ConstU32<{ ReduceOnlyReason::COUNT }>>,
	/// Its own bond, held on its account.
	pub bond: Balance,
	/// What is leaving its own bond, still held, the earliest first.
	pub unbonding: BoundedVec<BondChunk<Balance>, ConstU32<MAX_CHUNKS>>,
	/// What others delegated to it.
	pub delegated: SharePool<Balance>,
	/// What is leaving of that. A share of it is never worth more than one unit.
	pub undelegating: SharePool<Balance>,
	/// How many accounts have a [`Delegation`] to it.
	pub delegations: u32,
	/// How many customers it has.
	pub customers: u32,
	/// What it keeps of the rewards of delegated stake.
	pub commission: Ppm,
	/// A higher commission, and the time from which it holds, in milliseconds since the Unix epoch.
	pub next_commission: Option<(u64, Ppm)>,
}

impl<Balance: AtLeast32BitUnsigned + Copy + Default> Guarantor<Balance> {
	/// An active guarantor with nobody but itself behind it.
	pub fn new(bond: Balance, commission: Ppm) -> Self {
		Self {
			state: GuarantorState::Active,
			reduced_for: BoundedBTreeSet::new(),
			bond,
			unbonding: BoundedVec::new(),
			delegated: SharePool::default(),
			undelegating: SharePool::default(),
			delegations: 0,
			customers: 0,
			commission,
			next_commission: None,
		}
	}

	/// What is leaving its own bond, all together.
	pub(crate) fn unbonding_total(&self) -> Result<Balance, ArithmeticError> {
		self.unbonding
			.iter()
			.try_fold(Balance::zero(), |sum, chunk| sum.checked_add(&chunk.amount).ok_or(ArithmeticError::Overflow))
	}

	/// What a slash reaches.
	pub(crate) fn resources(&self) -> Result<OwnResources<Balance>, ArithmeticError> {
		Ok(OwnResources {
			bond: self.bond,
			unbonding: self.unbonding_total()?,
			delegated: self.delegated.stake,
			undelegating: self.undelegating.stake,
		})
	}

	/// The commission in force at a time, within the bounds that govern now.
	pub(crate) fn commission_at(&self, now: u64, parameters: &GuarantorParameters<Balance>) -> Ppm {
		let set = match self.next_commission {
			Some((from, commission)) if from <= now => commission,
			Some(_) | None => self.commission,
		};
		set.max(parameters.min_commission).min(parameters.max_commission)
	}
}

/// Delegated stake on its way out, as shares of [`Guarantor::undelegating`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct LeavingShares<Balance> {
	/// The pool's series that they are of.
	pub series: u32,
	/// How many.
	pub shares: Balance,
	/// They can be withdrawn from this time on, in milliseconds since the Unix epoch.
	pub due: u64,
}

/// What one account delegated to one guarantor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Delegation<Balance> {
	/// The series of [`Guarantor::delegated`] that the shares are of. Those of an earlier one are worth nothing.
	pub series: u32,
	/// How many shares.
	pub shares: Balance,
	/// What is on its way out, the earliest first.
	pub leaving: BoundedVec<LeavingShares<Balance>, ConstU32<MAX_CHUNKS>>,
}

impl<Balance: Copy + Zero> Delegation<Balance> {
	/// Forgets shares of a series that is over.
	pub(crate) fn settle(&mut self, pool: &SharePool<Balance>) {
		if self.series != pool.series {
			self.series = pool.series;
			self.shares = Balance::zero();
		}
	}

	/// Whether nothing is left of it.
	pub(crate) fn is_empty(&self) -> bool {
		self.shares.is_zero() && self.leaving.is_empty()
	}
}

/// One part of what a slash reached, in the token's smallest unit: `had − took = left`.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SlashedPart<Balance> {
	/// Before.
	pub had: Balance,
	/// What the slash took.
	pub took: Balance,
	/// After.
	pub left: Balance,
}

/// What a slash took from whom.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SlashedParts<Balance> {
	/// The guarantor's own bond.
	pub bond: SlashedPart<Balance>,
	/// What was leaving its own bond.
	pub unbonding: SlashedPart<Balance>,
	/// What others delegated.
	pub delegated: SlashedPart<Balance>,
	/// What was leaving of that.
	pub undelegating: SlashedPart<Balance>,
}

/// What governs the guarantors.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct GuarantorParameters<Balance> {
	/// The smallest bond of a guarantor, in the token's smallest unit.
	pub min_bond: Balance,
	/// The smallest house funds with which a guarantor is admitted, in the settlement asset.
	pub min_house: Cash,
	/// The smallest amount that is delegated, or stays delegated, in the token's smallest unit.
	pub min_delegation: Balance,
	/// Delegated stake is at most so many times a guarantor's own bond when it is delegated.
	pub max_delegation_ratio: Ppm,
	/// Milliseconds for which a bond or delegated stake still answers after it began to leave.
	pub unbonding: u64,
	/// The smallest commission. One that was set lower counts as this.
	pub min_commission: Ppm,
	/// The largest commission. One that was set higher counts as this.
	pub max_commission: Ppm,
}

/// No smallest amounts, 21 days to unbond, any commission, stake up to four times the bond: what storage holds before
/// genesis.
impl<Balance: Zero> Default for GuarantorParameters<Balance> {
	fn default() -> Self {
		Self {
			min_bond: Zero::zero(),
			min_house: Cash::ZERO,
			min_delegation: Zero::zero(),
			max_delegation_ratio: Ppm::percent(400),
			unbonding: 21 * 24 * 60 * 60 * 1_000,
			min_commission: Ppm::ZERO,
			max_commission: Ppm::ONE,
		}
	}
}

impl<Balance> GuarantorParameters<Balance> {
	/// Whether the parameters agree with each other and with the runtime's bounds.
	pub fn is_valid<T: Config>(&self) -> bool
	where
		Balance: PartialOrd<BalanceOf<T>>,
	{
		let least = T::NativeBalance::minimum_balance();
		self.min_bond >= least
			&& self.min_delegation >= least
			&& self.min_house >= Cash::ZERO
			&& self.max_delegation_ratio <= MAX_DELEGATION_RATIO
			&& (T::MinUnbonding::get()..=MAX_UNBONDING).contains(&self.unbonding)
			&& self.min_commission <= self.max_commission
			&& self.max_commission <= Ppm::ONE
	}
}
