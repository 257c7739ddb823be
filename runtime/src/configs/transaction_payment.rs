//! Fees of the chain itself, in GCX: they follow what a transaction weighs and how full the blocks are.

use crate::{
	configs::system::RuntimeBlockWeights,
	units::{MICROGCX, MILLIGCX},
	AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent,
};
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU8, Get},
	weights::{WeightToFeeCoefficient, WeightToFeeCoefficients, WeightToFeePolynomial},
};
use pallet_token::ChainFees;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perbill, Perquintill};

/// Fee of the weight of an empty transaction, in the smallest unit of GCX.
pub const BASE_FEE: Balance = MILLIGCX;
/// Fee of a byte of a transaction, in the smallest unit of GCX.
pub const BYTE_FEE: Balance = 10 * MICROGCX;

parameter_types! {
	/// A byte costs this much, in the smallest unit of GCX.
	pub const TransactionByteFee: Balance = BYTE_FEE;
	/// Share of the ordinary part of blocks above which fees rise, and below which they fall.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast: full blocks for a day multiply the fee by about 6.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(15, 1_000_000);
	/// Fees never fall under a tenth of what the weights say.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	/// Fees can rise without a bound.
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

/// Weight times a price at which an empty transaction costs [`BASE_FEE`].
pub struct WeightFee;

impl WeightToFeePolynomial for WeightFee {
	type Balance = Balance;

	fn polynomial() -> WeightToFeeCoefficients<Balance> {
		let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic.ref_time().max(1);
		let base = Balance::from(base);
		[WeightToFeeCoefficient {
			degree: 1,
			negative: false,
			coeff_integer: BASE_FEE / base,
			coeff_frac: Perbill::from_rational(BASE_FEE % base, base),
		}]
		.into_iter()
		.collect()
	}
}

/// The author of the block.
pub struct Author;

impl Get<Option<AccountId>> for Author {
	fn get() -> Option<AccountId> {
		Authorship::author()
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate =
		TargetedFeeAdjustment<Self, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
	type LengthToFee = frame_support::weights::ConstantMultiplier<Balance, TransactionByteFee>;
	type OnChargeTransaction = FungibleAdapter<Balances, ChainFees<Self, Author>>;
	/// Urgent transactions weigh in with five times their fee as priority.
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_transaction_payment::WeightInfo<Runtime>;
	type WeightToFee = WeightFee;
}
