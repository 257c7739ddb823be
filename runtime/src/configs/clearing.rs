//! The clearing house: the money it is in, the fuse on its way out.

use crate::{configs::assets::SETTLEMENT_ASSET, units::DOLLAR, AccountId, Assets, Guarantor, Runtime, Timestamp};
use frame_support::{
	parameter_types,
	traits::{fungible, ConstU128, ConstU32, ConstU8},
	PalletId,
};
use gcx_primitives::Ppm;
use sp_runtime::traits::AccountIdConversion;

/// The keyless account that what belongs to all goes to, until the insurance pool has a pallet of its own.
pub const POOL: PalletId = PalletId(*b"gcx/pool");

parameter_types! {
	/// The pool's account.
	pub PoolAccount: AccountId = POOL.into_account_truncating();
	/// A fifth of all custody may leave in an hour.
	pub const EgressLimit: Ppm = Ppm::percent(20);
	/// Half of that is the accounts' own: each can always withdraw a tenth of what it had.
	pub const EgressReserved: Ppm = Ppm::percent(10);
}

/// The settlement asset alone.
pub type SettlementAsset = fungible::ItemOf<Assets, ConstU32<SETTLEMENT_ASSET>, AccountId>;

impl pallet_clearing::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
	type Clock = Timestamp;
	type EgressFloor = ConstU128<{ 1_000 * DOLLAR }>;
	type EgressLimit = EgressLimit;
	type EgressReserved = EgressReserved;
	type Guarantors = Guarantor;
	type MaxSubAccounts = ConstU8<16>;
	type MinOpening = ConstU128<{ 100 * DOLLAR }>;
	type SettlementAsset = SettlementAsset;
	type SurplusDestination = PoolAccount;
	type WeightInfo = crate::weights::pallet_clearing::WeightInfo<Runtime>;
}

#[cfg(feature = "runtime-benchmarks")]
impl pallet_clearing::BenchmarkHelper<AccountId> for Runtime {
	fn make_customer(customer: &AccountId, guarantor: &AccountId) {
		use crate::{units::GCX, Balances, Clearing, RuntimeOrigin};
		use frame_support::{assert_ok, traits::fungible::Mutate};
		use gcx_primitives::{Cash, CustomerLimits, Lots, SubAccount};

		let parameters = super::guarantor::genesis_parameters();
		let house = parameters.min_house.0.unsigned_abs();
		let limits = CustomerLimits {
			max_initial_margin: Cash::ZERO,
			max_lots: Lots::ZERO,
			margin_multiplier: Ppm::ONE,
			suspended: false,
		};
		let signed = |who: &AccountId| RuntimeOrigin::signed(who.clone());
		<Balances as Mutate<_>>::set_balance(guarantor, 10 * parameters.min_bond);
		<Balances as Mutate<_>>::set_balance(customer, GCX);
		assert_ok!(SettlementAsset::mint_into(guarantor, 2 * house));
		assert_ok!(Guarantor::apply(signed(guarantor), parameters.min_bond));
		assert_ok!(Clearing::deposit(signed(guarantor), SubAccount::HOUSE, house));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), guarantor.clone()));
		assert_ok!(Guarantor::request(signed(customer), guarantor.clone()));
		assert_ok!(Guarantor::accept(signed(guarantor), customer.clone(), limits));
	}
}
