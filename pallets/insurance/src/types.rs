//! The pallet's types.

use crate::{Config, MAX_BUCKETS, MAX_CONTRIBUTORS, MAX_MIN_DISTRIBUTION, MAX_REDEMPTIONS, MAX_SALE_PERIOD};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{fungible::Credit, ConstU32, Get},
	BoundedVec,
};
use gcx_math::pool::SharePool;
use gcx_primitives::{ArithmeticError, Cash, Ppm, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Bonded tokens that were taken and are not yet anybody's.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::NativeBalance>;

/// [`Sale`] with the runtime's accounts.
pub type SaleOf<T> = Sale<<T as frame_system::Config>::AccountId>;

/// What governs the pool.
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
	PartialEq,
	Serialize,
	TypeInfo,
)]
#[serde(rename_all = "camelCase")]
pub struct InsuranceParameters {
	/// Skin in the game is filled up from income to this share of the requirement before anyone else gets any.
	pub skin_share: Ppm,
	/// The smallest contribution of a guarantor, whatever its risk.
	pub min_contribution: Cash,
	/// Milliseconds from the request of a redemption to the first moment at which it can be executed.
	pub cooling_off: u64,
	/// What a bond counts for less than it would cost.
	pub bond_haircut: Ppm,
	/// Milliseconds in which the price of a sale falls to its lowest.
	pub sale_period: u64,
	/// How much the price of a sale falls.
	pub sale_discount: Ppm,
	/// The oldest price, in milliseconds, at which bonds are valued and sales begin.
	pub max_price_age: u64,
	/// Income is recognised by itself as soon as it is this much.
	pub min_distribution: Cash,
}

/// A quarter of the requirement, no smallest contribution, three weeks of cooling off, half of a bond's price, a day to
/// sell it in down to a tenth of the price, prices of two days, income from one dollar: what storage holds before
/// genesis.
impl Default for InsuranceParameters {
	fn default() -> Self {
		Self {
			skin_share: Self::LEAST_SKIN_SHARE,
			min_contribution: Cash::ZERO,
			cooling_off: 21 * 24 * 60 * 60 * 1_000,
			bond_haircut: Ppm::percent(50),
			sale_period: 24 * 60 * 60 * 1_000,
			sale_discount: Ppm::percent(90),
			max_price_age: 2 * 24 * 60 * 60 * 1_000,
			min_distribution: Cash(1_000_000),
		}
	}
}

impl InsuranceParameters {
	/// The smallest share of the requirement that skin in the game is filled up to: a quarter. EMIR article 45 and RTS
	/// 153/2013 article 35 have a quarter of the capital; here it is a quarter of what the pool needs.
	pub const LEAST_SKIN_SHARE: Ppm = Ppm::percent(25);

	/// Whether the parameters are within the bounds of the pallet and the runtime.
	pub fn is_valid<T: Config>(&self) -> bool {
		(Self::LEAST_SKIN_SHARE..=Ppm::ONE).contains(&self.skin_share)
			&& self.min_contribution >= Cash::ZERO
			&& (T::MinCoolingOff::get()..=max_cooling_off::<T>()).contains(&self.cooling_off)
			&& self.bond_haircut < Ppm::ONE
			&& (1..=MAX_SALE_PERIOD).contains(&self.sale_period)
			&& self.sale_discount < Ppm::ONE
			&& self.max_price_age > 0
			&& (Cash(1)..=MAX_MIN_DISTRIBUTION).contains(&self.min_distribution)
	}
}

/// The longest cooling-off that can be set: its buckets are half of those that can be open, the other half is for those
/// that wait.
pub(crate) fn max_cooling_off<T: Config>() -> u64 {
	T::RedemptionPeriod::get().saturating_mul(u64::from(MAX_BUCKETS / 2))
}

/// The pool's books, in the settlement asset:
/// `skin + contributed + undivided + outside + set aside + proceeds = recorded + lent`.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct PoolBooks {
	/// Skin in the game.
	pub skin: Cash,
	/// All guarantors' contributions.
	pub contributed: Cash,
	/// Income that is the guarantors', and not yet divided among them.
	pub undivided: Cash,
	/// What outsiders have shares of, those that are to be redeemed among them.
	pub outside: SharePool,
	/// What was executed of redemptions, or is owed to who contributed once, and is not yet collected.
	pub set_aside: Cash,
	/// What sales of assessments fetched, until it is collected.
	pub proceeds: Cash,
	/// What is lent.
	pub lent: Cash,
	/// Money on the pool's account, its minimum balance apart. What there is beyond it is income not yet recognised.
	pub recorded: Cash,
	/// What running sales are still to repay to outsiders. While there is some nobody joins or leaves.
	pub owed_outside: Cash,
}

impl PoolBooks {
	/// The guarantors' layer: contributions, and income that is theirs.
	pub fn guarantors(&self) -> Result<Cash, ArithmeticError> {
		self.contributed.checked_add(self.undivided)
	}

	/// All layers, lent or not.
	pub fn size(&self) -> Result<Cash, ArithmeticError> {
		self.skin.checked_add(self.guarantors()?)?.checked_add(self.outside.value)
	}

	/// The money that is there and nobody's claim: it can be lent, drawn or paid out.
	pub fn liquid(&self) -> Result<Cash, ArithmeticError> {
		self.recorded.checked_sub(self.set_aside)?.checked_sub(self.proceeds)
	}
}

/// What the pool has, layer by layer, in the order of the waterfall. In the settlement asset.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Layers {
	/// Skin in the game.
	pub skin: Cash,
	/// All guarantors' contributions, and income that is theirs.
	pub guarantors: Cash,
	/// What outsiders have shares of.
	pub outside: Cash,
}

/// What a guarantor contributed.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Contribution {
	/// How much, with income and after losses.
	pub amount: Cash,
	/// The window of draws that the rest is of. In another one the guarantor cannot be assessed.
	pub window: u32,
	/// What it was before the first draw of that window.
	pub base: Cash,
	/// What the guarantor was assessed in that window: at most the base.
	pub assessed: Cash,
}

/// A time in which the pool was drawn on. It ends when there was no draw for `ExitLock`.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct DrawWindow {
	/// Windows so far.
	pub number: u32,
	/// Its end, in milliseconds since the Unix epoch. Until then no contribution leaves.
	pub until: u64,
}

/// A bucket of redemptions that mature together: buckets since genesis.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub struct BucketId(pub u64);

/// Redemptions that mature together. All of them are executed together, pro rata.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Bucket {
	/// When it matures, in milliseconds since the Unix epoch.
	pub due: u64,
	/// The shares that were to be redeemed.
	pub shares: u128,
	/// What is not executed of them. They bear losses.
	pub left: u128,
	/// What the executed ones were worth. It is divided pro rata to the shares that were to be redeemed.
	pub paid: Cash,
	/// What of it is set aside and not yet collected.
	pub uncollected: Cash,
	/// The accounts with a [`Redemption`] in it.
	pub members: u32,
}

impl Bucket {
	/// Whether nothing is left to execute.
	pub const fn is_finished(&self) -> bool {
		self.left == 0
	}
}

/// An open bucket, in the list of them.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct OpenBucket {
	/// Which.
	pub id: BucketId,
	/// When it matures, in milliseconds since the Unix epoch.
	pub due: u64,
}

/// What one account redeems in a bucket.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Redemption {
	/// Its part of [`Bucket::shares`].
	pub shares: u128,
	/// What it collected of its part of [`Bucket::paid`].
	pub collected: Cash,
}

/// What an outsider has in the pool.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Holder {
	/// The series that the shares are of. Those of an earlier one are worth nothing.
	pub series: u32,
	/// Shares that are not to be redeemed.
	pub shares: u128,
	/// The buckets that it redeems in.
	pub redeeming: BoundedVec<BucketId, ConstU32<MAX_REDEMPTIONS>>,
}

impl Holder {
	/// Forgets shares of a series that is over.
	pub(crate) fn settle(&mut self, series: u32) {
		if self.series != series {
			self.series = series;
			self.shares = 0;
		}
	}

	/// Whether nothing is left of it.
	pub(crate) fn is_empty(&self) -> bool {
		self.shares == 0 && self.redeeming.is_empty()
	}
}

/// A sale of bonded tokens: sales since genesis.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub struct SaleId(pub u32);

/// What the layers advanced on a bond, and is to be repaid, in the settlement asset.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Advance<AccountId> {
	/// Of skin in the game.
	pub skin: Cash,
	/// Of each guarantor that contributed.
	pub guarantors: BoundedVec<(AccountId, Cash), ConstU32<MAX_CONTRIBUTORS>>,
	/// Of outsiders.
	pub outside: Cash,
	/// It was all that was needed: once it is repaid, a share of the tokens that are left burns.
	pub burns: bool,
}

impl<AccountId> Advance<AccountId> {
	/// Whether all is repaid.
	pub(crate) fn is_repaid(&self) -> bool {
		self.skin.is_zero() && self.guarantors.is_empty() && self.outside.is_zero()
	}
}

impl<AccountId> Default for Advance<AccountId> {
	fn default() -> Self {
		Self { skin: Cash::ZERO, guarantors: BoundedVec::new(), outside: Cash::ZERO, burns: false }
	}
}

/// What a sale is for.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum SalePurpose<AccountId> {
	/// It repays what the layers advanced, the last of the waterfall first; the rest is income.
	#[codec(index = 0)]
	Repay(Advance<AccountId>),
	/// It pays an assessment: so much was fetched and is not collected.
	#[codec(index = 1)]
	Assessment {
		/// In the settlement asset.
		fetched: Cash,
	},
	/// What it fetches is income: all is repaid, its assessment was collected, or they are fees.
	#[codec(index = 2)]
	Income,
}

/// The course of a sale's price.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct SaleCourse {
	/// When it began to fall, in milliseconds since the Unix epoch.
	pub began: u64,
	/// From what price, in the settlement asset's smallest unit per priced unit of the token.
	pub first: Price,
}

/// Bonded tokens for sale.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Sale<AccountId> {
	/// For whose failure; the pool's account if they are fees.
	pub guarantor: AccountId,
	/// What for.
	pub purpose: SalePurpose<AccountId>,
	/// Tokens left, in their smallest unit.
	pub amount: u128,
	/// None while there is no fresh price to begin at.
	pub course: Option<SaleCourse>,
}
