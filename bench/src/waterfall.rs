//! A step of the default waterfall with a hundred guarantors: the node's own code, without a database.

use crate::{exchange, exchange::Exchange, figures::Samples, Result};
use frame_support::{assert_ok, traits::fungible::Mutate};
use gcx_primitives::{Cash, GuarantorState, Guarantors, InsurancePool, SubAccount, WaterfallLayer};
use gcx_runtime::{
	configs::clearing::SettlementAsset, units::DOLLAR, AccountId, Clearing, Guarantor, Insurance, Runtime,
	RuntimeOrigin,
};
use pallet_clearing::{Accounts, Defaults, Failure, Ledgers, Stage};
use sp_state_machine::BasicExternalities;
use std::time::Instant;

/// Steps of which the lower quartile counts.
const STEPS: usize = 51;
/// What the failed house owes.
const LOSS: i128 = 1_000_000_000;

/// Seconds of the step that takes other guarantors' contributions, pro rata to their risk.
pub fn step() -> Result<f64> {
	let size = exchange::Size { accounts: 400, guarantors: 100, instruments: 4 };
	let mut storage = Exchange::prepare(size).storage;
	let failed = exchange::guarantor(0);
	BasicExternalities::execute_with_storage(&mut storage, || {
		for index in 0..size.guarantors {
			let who = exchange::guarantor(index);
			assert_ok!(SettlementAsset::mint_into(&who, 10_000 * DOLLAR));
			assert_ok!(Insurance::contribute(RuntimeOrigin::signed(who), 9_000 * DOLLAR));
		}
		assert_ok!(Guarantor::set_defaulted(&failed));
		owe(&failed);
	});
	let mut times = Samples::default();
	for _ in 0..STEPS {
		// Each time from the same state.
		let mut state = storage.clone();
		BasicExternalities::execute_with_storage(&mut state, || {
			let before = Insurance::size();
			let began = Instant::now();
			assert_ok!(Clearing::advance_default(RuntimeOrigin::signed(failed.clone()), failed.clone()));
			times.add(began.elapsed());
			assert!(Insurance::size() < before, "the guarantors bore something");
		});
	}
	Ok(times.typical())
}

/// The failed house owes something, and holds nothing; the layers before the other guarantors' have nothing left.
fn owe(failed: &AccountId) {
	let stage = Stage::Waterfall(WaterfallLayer::Guarantors);
	let failure =
		Failure { stage, house_funds: Cash::ZERO, house_took: Cash::ZERO, loss: Cash(LOSS), taken: Cash::ZERO };
	Defaults::<Runtime>::insert(failed, failure);
	let mut account = Accounts::<Runtime>::get(failed, SubAccount::HOUSE).expect("it has a house");
	let owed = account.cash.0 + LOSS;
	account.cash = Cash(-LOSS);
	let segment = account.segment.clone();
	Accounts::<Runtime>::insert(failed, SubAccount::HOUSE, account);
	Ledgers::<Runtime>::mutate(&segment, |ledger| {
		if let Some(ledger) = ledger {
			ledger.net.0 -= owed;
			ledger.gaps = Cash(LOSS);
		}
	});
	assert_eq!(Guarantor::state(failed), Some(GuarantorState::Defaulted));
}
