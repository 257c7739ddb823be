//! What benchmarks need of the other pallets.

use super::{
	fix, limits, mint, AccountId, Balance, Balances, BondPrice, Clearing, Guarantor, Insurance, RuntimeOrigin, Test,
	BOND, CLASS, ENDOWMENT, MIN_HOUSE, OTHER_CLASS, PRICE, STRANGER, TOKENS,
};
use frame_support::{assert_ok, traits::Get};
use gcx_primitives::{Cash, ClassId, CustomerLimits, Guarantors as _, Lots, SubAccount, MAX_LOTS};

/// Sets benchmarks up.
pub struct Helper;

impl crate::BenchmarkHelper<AccountId, u32> for Helper {
	fn class() -> ClassId {
		// Large beside the roundings of scan ranges.
		fix(CLASS, 1_000 * PRICE);
		CLASS
	}

	fn other_class() -> ClassId {
		fix(OTHER_CLASS, 1_000 * PRICE);
		OTHER_CLASS
	}

	fn collateral_asset() -> u32 {
		TOKENS
	}

	fn make_customer(customer: &AccountId, guarantor: &AccountId) {
		if Guarantor::state(guarantor).is_none() {
			<Self as pallet_insurance::BenchmarkHelper<AccountId>>::make_guarantor(guarantor, BOND);
		}
		let (max_initial_margin, max_lots) = (Cash(i128::MAX), Lots(MAX_LOTS));
		let limits = CustomerLimits { max_initial_margin, max_lots, ..limits() };
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(*customer), *guarantor));
		assert_ok!(Guarantor::accept(RuntimeOrigin::signed(*guarantor), *customer, limits));
	}

	fn make_guarantors() -> Vec<AccountId> {
		let most = <Test as pallet_guarantor::Config>::MaxGuarantors::get();
		for index in pallet_guarantor::Guarantors::<Test>::count()..most {
			let who = frame_benchmarking::account("member", index, 0);
			<Self as pallet_insurance::BenchmarkHelper<AccountId>>::make_guarantor(&who, BOND);
		}
		let all: Vec<_> = pallet_guarantor::Guarantors::<Test>::iter_keys().collect();
		// After the haircut a token counts for one.
		BondPrice::set(2);
		for who in &all {
			assert_ok!(Guarantor::delegate(RuntimeOrigin::signed(STRANGER), *who, BOND));
			mint(*who, ENDOWMENT);
			assert_ok!(Insurance::contribute(RuntimeOrigin::signed(*who), BOND / 2));
		}
		all
	}

	fn fund_pool(amount: Cash) {
		let amount = amount.0.unsigned_abs();
		mint(STRANGER, amount + ENDOWMENT);
		assert_ok!(Insurance::fund_skin(RuntimeOrigin::signed(STRANGER), amount));
	}
}

impl pallet_insurance::BenchmarkHelper<AccountId> for Helper {
	fn make_guarantor(who: &AccountId, bond: Balance) {
		Balances::force_set_balance(RuntimeOrigin::root(), *who, 10 * bond + ENDOWMENT).expect("it can be set");
		mint(*who, ENDOWMENT);
		assert_ok!(Guarantor::apply(RuntimeOrigin::signed(*who), bond));
		assert_ok!(Clearing::do_deposit(*who, SubAccount::HOUSE, MIN_HOUSE));
		assert_ok!(Guarantor::admit(RuntimeOrigin::root(), *who));
	}

	fn set_bond_price() {
		BondPrice::set(PRICE);
	}
}
