//! Collateral: what it counts for, who may hold how much of it, and how it leaves.

use super::*;

/// Half of the value counts; an account may have 100,000 of it, all together 150,000. The price is of ten.
fn figures() -> CollateralFigures {
	CollateralFigures {
		class: OTHER_CLASS,
		unit: 10,
		haircut: Ppm::percent(50),
		account_cap: 100_000,
		total_cap: 150_000,
	}
}

fn try_admit(figures: CollateralFigures) -> sp_runtime::DispatchResult {
	Clearing::admit_collateral(RuntimeOrigin::root(), TOKEN, TOKENS, figures)
}

/// Tokens are collateral, at a price of 30 for ten: 1.5 count for each.
fn admit() {
	fix(OTHER_CLASS, 30);
	assert_ok!(try_admit(figures()));
	pass(24 * HOUR);
	settle_at(PRICE);
	fix(OTHER_CLASS, 30);
}

fn try_put(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	Clearing::deposit_collateral(RuntimeOrigin::signed(who), SubAccount(0), TOKEN, amount)
}

fn try_take(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	Clearing::withdraw_collateral(RuntimeOrigin::signed(who), SubAccount(0), TOKEN, amount)
}

#[test]
fn an_asset_is_collateral_only_after_the_delay_and_from_a_run_on() {
	Exchange.run(|| {
		open_market();
		fix(OTHER_CLASS, 30);
		assert_noop!(try_put(11, 100), Error::<Test>::UnknownCollateral);
		assert_ok!(try_admit(figures()));
		settle();
		assert_noop!(try_put(11, 100), Error::<Test>::UnknownCollateral);
		pass(24 * HOUR);
		assert_noop!(try_put(11, 100), Error::<Test>::UnknownCollateral);
		settle();
		assert_ok!(try_put(11, 100));
		assert_eq!(tokens(11), ENDOWMENT - 100);
	})
}

#[test]
fn governance_alone_admits_and_within_bounds() {
	Exchange.run(|| {
		let by = |origin| Clearing::admit_collateral(origin, TOKEN, TOKENS, figures());
		assert_noop!(by(RuntimeOrigin::signed(11)), sp_runtime::DispatchError::BadOrigin);
		for broken in [
			CollateralFigures { unit: 0, ..figures() },
			CollateralFigures { haircut: Ppm::ONE, ..figures() },
			CollateralFigures { account_cap: 150_001, ..figures() },
			CollateralFigures { total_cap: u128::MAX, ..figures() },
		] {
			assert_noop!(try_admit(broken), Error::<Test>::InvalidCollateral);
		}
		let unknown = CollateralFigures { class: ClassId(9), ..figures() };
		assert_noop!(try_admit(unknown), Error::<Test>::UnknownClass);
		let admit = |id, asset| Clearing::admit_collateral(RuntimeOrigin::root(), CollateralId(id), asset, figures());
		assert_noop!(admit(0, 77), Error::<Test>::InvalidCollateral);
		assert_ok!(admit(0, TOKENS));
		// One asset has one number, and a number is of one asset.
		assert_noop!(admit(1, TOKENS), Error::<Test>::InvalidCollateral);
		assert_noop!(admit(0, DOLLARS), Error::<Test>::InvalidCollateral);
	})
}

/// It was admitted, and what was deposited of it could be swept to the pool as surplus.
#[test]
fn the_settlement_asset_is_never_collateral() {
	Exchange.run(|| {
		let admitted = Clearing::admit_collateral(RuntimeOrigin::root(), TOKEN, DOLLARS, figures());
		assert_noop!(admitted, Error::<Test>::InvalidCollateral);
	})
}

#[test]
fn collateral_counts_for_the_lower_of_price_and_mean_less_the_haircut_rounded_down() {
	let figures = figures();
	let value = |amount, price, mean| figures.value(amount, Price(price), Price(mean));
	assert_eq!(value(1_000, 30, 40), Ok(Cash(1_500)));
	assert_eq!(value(1_000, 30, 20), Ok(Cash(1_000)));
	assert_eq!(value(7, 30, 30), Ok(Cash(10)));
	assert_eq!(value(1, 1, 1), Ok(Cash(0)));
	assert_eq!(value(1_000, -30, 30), Ok(Cash(0)));
	assert!(value(u128::MAX, i64::MAX, i64::MAX).is_err());
}

#[test]
fn collateral_adds_to_equity_and_covers_initial_margin_but_not_the_share_in_cash() {
	Exchange.run(|| {
		open_market();
		admit();
		// Twelve need 7,200: three quarters of it may be collateral.
		for who in [12, 13] {
			settle_at(PRICE);
			next_hour();
			empty_to(who, 2_000);
		}
		fix(CLASS, PRICE);
		fix(OTHER_CLASS, 30);
		assert_ok!(try_put(12, 4_000));
		assert_eq!(equity(12), 2_000 + 6_000);
		let twelve = |who| try_trade(&a_trade(who, OTHERS_CUSTOMER, 12, PRICE));
		let had = Refusal::InsufficientMargin { had: Cash(2_000), needed: Cash(7_200) };
		assert_eq!(twelve(13), Err(Refused { party: Some(Side::Buy), reason: had }));
		assert!(twelve(12).is_ok());
		// 14 would need 2,100 in cash.
		let more = Refusal::InsufficientCash { had: Cash(2_000), needed: Cash(2_100) };
		let two = try_trade(&a_trade(12, OTHERS_CUSTOMER, 2, PRICE));
		assert_eq!(two, Err(Refused { party: Some(Side::Buy), reason: more }));
	})
}

/// Leaves an account with so much cash. The fuse is not what is tested here.
fn empty_to(who: AccountId, cash: i128) {
	let segment = account(who).segment;
	let taken = account(who).cash.0 - cash;
	Accounts::<Test>::mutate(who, SubAccount(0), |account| account.as_mut().unwrap().cash = Cash(cash));
	Ledgers::<Test>::mutate(segment, |ledger| ledger.as_mut().unwrap().custody.0 -= taken);
	TotalCustody::<Test>::mutate(|total| total.0 -= taken);
	take_away(segment.guarantor, segment.side, taken.unsigned_abs());
}

#[test]
fn caps_bound_what_an_account_and_all_together_have() {
	Exchange.run(|| {
		open_market();
		admit();
		assert_noop!(try_put(11, 100_001), Error::<Test>::CollateralCap);
		assert_ok!(try_put(11, 100_000));
		assert_noop!(try_put(11, 1), Error::<Test>::CollateralCap);
		assert_noop!(try_put(12, 50_001), Error::<Test>::CollateralCap);
		assert_ok!(try_put(12, 50_000));
		assert_noop!(try_put(OTHERS_CUSTOMER, 5), Error::<Test>::CollateralCap);
		assert_noop!(try_put(11, 0), Error::<Test>::NothingToMove);
		assert_noop!(try_put(STRANGER, 5), Error::<Test>::UnknownAccount);
	})
}

#[test]
fn collateral_leaves_through_a_fuse_of_its_own_and_never_below_margin() {
	Exchange.run(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 50_000));
		assert_noop!(try_put(12, 4), Error::<Test>::TooLittleCollateral);
		assert_noop!(try_take(12, 5), Error::<Test>::InsufficientCollateral);
		assert_noop!(try_take(11, 50_001), Error::<Test>::InsufficientCollateral);
		assert_noop!(try_take(11, 49_996), Error::<Test>::TooLittleCollateral);
		next_hour();
		// A tenth is its own. In the hour after the first deposit nothing else leaves: there was nothing the hour before.
		assert_noop!(try_take(11, 5_001), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_take(11, 5_000));
		next_hour();
		// Now a tenth of all as well.
		assert_noop!(try_take(11, 9_001), Error::<Test>::EgressFuseBlown);
		assert_ok!(try_take(11, 9_000));
		assert_noop!(try_take(11, 10), Error::<Test>::EgressFuseBlown);
		next_hour();
		empty_to(11, 2_000);
		fix(CLASS, PRICE);
		fix(OTHER_CLASS, 30);
		assert!(try_trade(&a_trade(11, OTHERS_CUSTOMER, 12, PRICE)).is_ok());
		next_hour();
		// 7,200 needed, 2,000 in cash: 3,467 tokens have to stay.
		for _ in 0..40 {
			next_hour();
			fix(CLASS, PRICE);
			fix(OTHER_CLASS, 30);
			let held = account(11).collateral(TOKEN);
			if try_take(11, (held - 3_467).min(held / 10)).is_err() {
				break;
			}
		}
		assert_eq!(account(11).collateral(TOKEN), 3_467);
		next_hour();
		fix(OTHER_CLASS, 30);
		assert_noop!(try_take(11, 1), Error::<Test>::MarginNeeded);
	})
}

#[test]
fn collateral_without_a_fresh_price_counts_for_nothing() {
	Exchange.run(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 10_000));
		let with = equity(11);
		pass(parameters().max_fix_age + 1);
		assert_eq!(equity(11), with - 15_000);
	})
}

#[test]
fn a_houses_collateral_stays_while_its_guarantor_is_restricted() {
	use gcx_primitives::{Guarantors, ReduceOnlyReason::Governance};
	Exchange.run(|| {
		open_market();
		admit();
		assert_ok!(try_put(GUARANTOR, 10_000));
		next_hour();
		assert_ok!(Guarantor::set_reduce_only(&GUARANTOR, Governance));
		assert_noop!(try_take(GUARANTOR, 100), Error::<Test>::HouseFundsLocked);
		assert_ok!(Guarantor::restore(&GUARANTOR, Governance));
		assert_ok!(try_take(GUARANTOR, 100));
	})
}

#[test]
fn collateral_is_ported_with_its_account_and_keeps_it_open() {
	Exchange.run(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 10_000));
		assert_ok!(<Clearing as CustomerPositions<_>>::port(&11, &GUARANTOR, &OTHER));
		// Membership follows in the guarantors' pallet.
		let membership = gcx_primitives::Membership { guarantor: OTHER, limits: limits() };
		pallet_guarantor::Customers::<Test>::insert(11, membership);
		assert_eq!(tokens(Clearing::custody_account(&segment(OTHER, SegmentSide::Customers))), 10_000);
		assert_eq!(tokens(Clearing::custody_account(&segment(GUARANTOR, SegmentSide::Customers))), 0);
		assert_eq!(account(11).collateral(TOKEN), 10_000);
		assert_noop!(try_close(11, 0), Error::<Test>::AccountNotEmpty);
	})
}

#[test]
fn a_lower_cap_lets_stand_what_there_is_and_takes_no_more() {
	Exchange.run(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 10_000));
		assert_ok!(try_admit(CollateralFigures { account_cap: 5_000, ..figures() }));
		pass(24 * HOUR);
		settle_at(PRICE);
		fix(OTHER_CLASS, 30);
		assert_noop!(try_put(11, 1), Error::<Test>::CollateralCap);
		next_hour();
		assert_ok!(try_take(11, 100));
	})
}

#[test]
fn collateral_that_is_noted_and_not_there_is_caught() {
	Exchange.build().execute_with(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 10_000));
		assert_eq!(Clearing::violations(), Vec::<String>::new());
		let custody = Clearing::custody_account(&segment(GUARANTOR, SegmentSide::Customers));
		assert_ok!(Assets::transfer(RuntimeOrigin::signed(custody), TOKENS, STRANGER, 100));
		let violations = Clearing::violations();
		assert!(violations.iter().any(|line| line.contains("recorded is 10000")), "{violations:?}");
	})
}

#[test]
fn collateral_that_does_not_add_up_is_caught() {
	Exchange.build().execute_with(|| {
		open_market();
		admit();
		assert_ok!(try_put(11, 10_000));
		Accounts::<Test>::mutate(11, SubAccount(0), |account| account.as_mut().unwrap().collateral[0].amount += 1);
		let violations = Clearing::violations();
		assert!(violations.iter().any(|line| line.contains("collateral comes to")), "{violations:?}");
		assert!(violations.iter().any(|line| line.contains("accounts hold 10001")), "{violations:?}");
	})
}
