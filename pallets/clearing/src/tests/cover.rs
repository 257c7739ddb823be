//! Cover-2: what guarantors would lack under stress, who may rely on whom, and what the pool has to have.

use super::{defaults::*, *};
use crate::Requirement;
use gcx_primitives::{AccountKey, Guarantors as _, PoolRisk as _, Trade};
use proptest::prelude::*;

/// What guarantors would lack, added up anew from all accounts: customers up and down, house up and down.
fn recounted() -> Vec<(AccountId, [i128; 4])> {
	let mut sums = std::collections::BTreeMap::<AccountId, [i128; 4]>::new();
	for (owner, sub) in Accounts::<Test>::iter_keys() {
		let key = AccountKey { owner, sub };
		let mut books = Books::<Test>::new();
		let account = books.account(&key).unwrap().unwrap();
		let record = books.owner(&owner);
		let standing = books.standing(&key, &account, &record).unwrap();
		let lacks = |loss: Cash| (loss.0 - standing.equity.0).max(0);
		let (up, down) = (lacks(standing.stress.up), lacks(standing.stress.down));
		let at = if account.segment.side == SegmentSide::House { 2 } else { 0 };
		let sum = sums.entry(account.segment.guarantor).or_default();
		sum[at] += up;
		sum[at + 1] += down;
	}
	sums.into_iter().collect()
}

/// What is noted is what accounts say once each was looked at.
fn assert_counted() {
	for (owner, sub) in Accounts::<Test>::iter_keys() {
		assert_ok!(Clearing::check_account(signed(STRANGER), owner, sub));
	}
	for (guarantor, counted) in recounted() {
		let GuarantorStress { customers, house, .. } = Stresses::<Test>::get(guarantor);
		let noted = [customers.up.0, customers.down.0, house.up.0, house.down.0];
		assert_eq!(noted, counted, "{guarantor}");
	}
	assert_ok!(Clearing::do_try_state());
}

fn far(buyer: AccountId, seller: AccountId, lots: i64, price: i64) {
	try_trade(&Trade { instrument: FAR, ..a_trade(buyer, seller, lots, price) }).expect("it is taken over");
}

#[test]
fn stress_is_three_ranges_beyond_what_an_account_has() {
	Exchange.run(|| {
		calm_rules();
		open_market_with([(11, 60_000), (12, 70_000), (OTHERS_CUSTOMER, 2_000_000), (GUARANTOR, 100_000)]);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		trade(12, OTHERS_CUSTOMER, 50, PRICE);
		trade(GUARANTOR, OTHERS_CUSTOMER, 100, PRICE);
		// 180,000 and 90,000 less what they have; the house loses 180,000 of 100,000 when prices fall.
		let expected = GuarantorStress {
			customers: gcx_math::stress::Stress { up: Cash(120_000), down: Cash(20_000) },
			house: gcx_math::stress::Stress { up: Cash(0), down: Cash(80_000) },
			free: gcx_math::stress::Stress { up: Cash(40_000), down: Cash(0) },
		};
		assert_eq!(Stresses::<Test>::get(GUARANTOR), expected);
		assert_eq!(Clearing::risk(&GUARANTOR), Cash(120_000));
		assert_counted();
	})
}

#[test]
fn stress_follows_trades_ports_runs_and_prices() {
	Exchange.run(|| {
		calm_rules();
		open_market_with([
			(11, 80_000),
			(12, 90_000),
			(13, 70_000),
			(OTHERS_CUSTOMER, 300_000),
			(GUARANTOR, 300_000),
			(OTHER, 6_000_000),
		]);
		assert_counted();
		trade(11, OTHERS_CUSTOMER, 60, PRICE + 20);
		far(OTHERS_CUSTOMER, 11, 20, PRICE);
		trade(OTHER, 12, 70, PRICE);
		trade(GUARANTOR, 13, 40, PRICE);
		assert_counted();
		fix(CLASS, PRICE + 300);
		refresh(NEAR);
		refresh(FAR);
		assert_counted();
		run_at(PRICE + 300);
		assert_counted();
		join(12, OTHER);
		assert_eq!(Stresses::<Test>::get(GUARANTOR).customers.up, Cash(recounted()[0].1[0]));
		assert_counted();
		run_at(PRICE - 100);
		trade(OTHERS_CUSTOMER, 11, 60, PRICE - 100);
		far(11, OTHERS_CUSTOMER, 20, PRICE - 100);
		trade(13, GUARANTOR, 40, PRICE - 100);
		assert_counted();
		assert_eq!(Stresses::<Test>::get(GUARANTOR).customers, Default::default());
		assert_ok!(Clearing::raise_fraction(RuntimeOrigin::root(), CLASS, Ppm::percent(40)));
		refresh(NEAR);
		assert_counted();
	})
}

/// 11 has 60,000, and a hundred lots short would lack 120,000: three times 40,000.
fn gate(house: Balance, own: Balance) {
	BondPrice::set(0);
	if own > 0 {
		fund(own, 0, 0, 0);
	}
	calm_rules();
	govern(|parameters| parameters.cover.multiple = Ppm::percent(300));
	open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, house)]);
}

#[test]
fn the_gate_lets_through_what_is_covered_to_the_unit() {
	for (house, own) in [(40_000, 0), (30_000, 10_000), (39_999, 1)] {
		Exchange.run(|| {
			gate(house, own);
			trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		});
	}
	for (house, own) in [(39_999, 0), (30_000, 9_999)] {
		Exchange.run(|| {
			gate(house, own);
			let refused = refusal(&a_trade(OTHERS_CUSTOMER, 11, 100, PRICE));
			let limit = Cash(3 * i128::try_from(house + own).unwrap());
			let needed = Cash(120_000);
			assert_eq!(refused, (Some(Side::Sell), Refusal::GuarantorCover { limit, needed }));
			// 99 lots lack 118,200 only.
			if house == 39_999 {
				trade(OTHERS_CUSTOMER, 11, 99, PRICE);
			}
		});
	}
}

#[test]
fn a_bond_counts_after_its_haircut() {
	// 5,000 tokens at half of their price: 5,000 is missing beside a house of 35,000.
	for (price, is_enough) in [(2, true), (1, false)] {
		Exchange.run(|| {
			gate(35_000, 0);
			BondPrice::set(price);
			assert_eq!(try_trade(&a_trade(OTHERS_CUSTOMER, 11, 100, PRICE)).is_ok(), is_enough);
		});
	}
}

#[test]
fn a_house_counts_beyond_what_it_needs_itself() {
	Exchange.run(|| {
		gate(100_000, 0);
		// 60,000 of initial margin when prices rise; 100,000 of a loss of 180,000 when they fall.
		trade(GUARANTOR, OTHER, 100, PRICE);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		let refused = refusal(&a_trade(OTHERS_CUSTOMER, 11, 1, PRICE));
		assert!(matches!(refused.1, Refusal::InsufficientMargin { .. }));
		deposit(12, 60_000);
		let refused = refusal(&a_trade(12, OTHER, 100, PRICE));
		assert_eq!(refused.1, Refusal::GuarantorCover { limit: Cash(0), needed: Cash(120_000) });
		// The house itself opens nothing that its customers rely on.
		let refused = refusal(&a_trade(OTHER, GUARANTOR, 200, PRICE));
		assert!(matches!(
			refused,
			(Some(Side::Sell), Refusal::GuarantorCover { .. } | Refusal::InsufficientMargin { .. })
		));
	})
}

#[test]
fn what_reduces_passes_a_gate_that_is_shut() {
	Exchange.run(|| {
		gate(40_000, 0);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		open_fuse();
		// What stood behind it went: only the smallest house has to stay.
		while cash(GUARANTOR) > 20_000 {
			assert_ok!(try_withdraw(GUARANTOR, 0, 4_000));
			next_hour();
		}
		fix(CLASS, PRICE);
		refresh(NEAR);
		deposit(12, 160_000);
		let opens = refusal(&a_trade(12, OTHER, 250, PRICE));
		assert!(matches!(opens.1, Refusal::GuarantorCover { .. }), "{opens:?}");
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		trade(11, OTHERS_CUSTOMER, 90, PRICE);
		assert_counted();
	})
}

/// One member's position was larger than all that the others had put up (Nasdaq Clearing, 2018).
#[test]
fn no_guarantor_grows_beyond_what_stands_behind_it() {
	Exchange.run(|| {
		gate(100_000, 0);
		fund(0, 100_000, 100_000, 0);
		mint(11, 20_000_000);
		deposit(11, 15_000_000);
		let mut held = 0;
		// It has all the margin that it needs, and the gate stops it all the same.
		while try_trade(&a_trade(OTHER, 11, 100, PRICE)).is_ok() {
			held += 100;
			if held >= 900 {
				break;
			}
		}
		assert_eq!(held, 900);
		assert_eq!(Stresses::<Test>::get(GUARANTOR).customers.up, Cash(0));
		// With its own money only three times over what stands behind it is let through: 1,800 a lot less 600.
		for who in [12, 13] {
			deposit(who, 600_000);
		}
		let limits = gcx_primitives::CustomerLimits { max_lots: Lots(2_000), ..limits() };
		set_limits(12, limits);
		let refused = refusal(&a_trade(OTHER, 12, 600, PRICE));
		assert_eq!(refused.1, Refusal::GuarantorCover { limit: Cash(300_000), needed: Cash(480_000) });
		trade(OTHER, 12, 500, PRICE);
		let refused = refusal(&a_trade(OTHER, 13, 400, PRICE));
		assert_eq!(refused.1, Refusal::GuarantorCover { limit: Cash(300_000), needed: Cash(420_000) });
		assert_counted();
	})
}

/// 11 is short a hundred lots and would lack 120,000, of which its house has 20,000: 100,000 of a pool of so much.
fn uses(pool: Balance) {
	BondPrice::set(0);
	calm_rules();
	fund(0, pool, 0, 0);
	open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, 20_000)]);
	trade(OTHERS_CUSTOMER, 11, 100, PRICE);
	assert_eq!(Needs::<Test>::get(GUARANTOR), Need::default());
	assert_ok!(Clearing::refresh_cover(signed(STRANGER), GUARANTOR));
	assert_eq!(Needs::<Test>::get(GUARANTOR).amount, Cash(100_000));
}

#[test]
fn levels_begin_at_their_shares_of_the_pool_to_the_unit() {
	for (pool, level) in [
		(250_001, PoolUse::Normal),
		(250_000, PoolUse::Warned),
		(222_223, PoolUse::Warned),
		(222_222, PoolUse::Called),
		(111_112, PoolUse::Called),
		(111_111, PoolUse::Restricted),
		(0, PoolUse::Restricted),
	] {
		Exchange.run(|| {
			uses(pool);
			assert_eq!(Needs::<Test>::get(GUARANTOR).level, level, "{pool}");
			let changed = Event::PoolUseChanged { guarantor: GUARANTOR, level, need: Cash(100_000) };
			assert_eq!(events().contains(&changed), level != PoolUse::Normal, "{pool}");
			assert_eq!(MarginCalls::<Test>::contains_key(GUARANTOR), level >= PoolUse::Called, "{pool}");
			let is_active = Guarantor::state(&GUARANTOR) == Some(GuarantorState::Active);
			assert_eq!(is_active, level < PoolUse::Called, "{pool}");
			// A second look says nothing again.
			let count = events().len();
			assert_ok!(Clearing::refresh_cover(signed(STRANGER), GUARANTOR));
			assert_eq!(events().len(), count, "{pool}");
		});
	}
}

/// What the house had already counted twice: it was called for less than was missing, or not at all.
#[test]
fn a_supplementary_call_is_for_all_that_is_beyond() {
	Exchange.run(|| {
		uses(200_000);
		// 45 % of 200,000 it may use.
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(10_000));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		deposit(GUARANTOR, 9_999);
		assert_ok!(Clearing::refresh_cover(signed(STRANGER), GUARANTOR));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(1));
		deposit(GUARANTOR, 1);
		// The chain looks at it in its turn.
		minutes(3);
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		assert_eq!(Needs::<Test>::get(GUARANTOR), Need { amount: Cash(90_000), level: PoolUse::Called });
		// One unit less than 45 %, and it is told no more than that.
		deposit(GUARANTOR, 1);
		minutes(3);
		assert_eq!(Needs::<Test>::get(GUARANTOR), Need { amount: Cash(89_999), level: PoolUse::Warned });
	})
}

#[test]
fn a_guarantor_that_uses_most_of_the_pool_only_reduces_until_it_does_not() {
	Exchange.run(|| {
		uses(111_111);
		// 49,999 it may use.
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(50_001));
		deposit(12, 60_000);
		let refused = refusal(&a_trade(12, OTHER, 10, PRICE));
		assert_eq!(refused, (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Guarantor)));
		// Governance lifts it, and the next look does not forget.
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), GUARANTOR, GuarantorState::Active));
		assert_ok!(Clearing::refresh_cover(signed(STRANGER), GUARANTOR));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		deposit(GUARANTOR, 50_001);
		minutes(3);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR), None);
		trade(12, OTHER, 10, PRICE);
	})
}

/// It was lifted by governance, or is back after its default, and uses as much as ever: the call is over, this is not.
#[test]
fn a_restriction_is_repeated_as_long_as_its_reason_is_there() {
	Exchange.run(|| {
		uses(111_111);
		MarginCalls::<Test>::remove(GUARANTOR);
		govern(|parameters| parameters.cover.call = Ppm::percent(90));
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), GUARANTOR, GuarantorState::Active));
		assert_ok!(Clearing::refresh_cover(signed(STRANGER), GUARANTOR));
		let lifted = Guarantor::restore(&GUARANTOR, gcx_primitives::ReduceOnlyReason::MarginCall);
		assert_ok!(lifted);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
	})
}

#[test]
fn a_supplementary_call_that_is_missed_is_a_default() {
	Exchange.run(|| {
		uses(200_000);
		minutes(62);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		assert_eq!(Defaults::<Test>::get(GUARANTOR).unwrap().house_funds, Cash(20_000));
		to_auction(GUARANTOR);
		// The customer had its margin, and is closed out with all of it.
		assert_eq!((lots(11), cash(11), lots(GUARANTOR)), (0, 60_000, -100));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 0);
		assert_eq!(cash(GUARANTOR), 20_000);
		assert_whole();
	})
}

#[test]
fn the_requirement_is_what_the_two_largest_lack() {
	Exchange.run(|| {
		BondPrice::set(0);
		calm_rules();
		fund(0, 5_000_000, 0, 0);
		open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 30_000), (OTHER, 10_000), (GUARANTOR, 20_000)]);
		admit_third(4_000);
		join(THIRDS_CUSTOMER, THIRD);
		deposit(THIRDS_CUSTOMER, 30_000);
		// Somebody without stress takes the other side.
		mint(STRANGER, 20_000_000);
		join(STRANGER, OTHER);
		deposit(STRANGER, 20_000_000);
		let bought = |who, lots| trade(STRANGER, who, lots, PRICE);
		bought(11, 100);
		bought(OTHERS_CUSTOMER, 50);
		bought(THIRDS_CUSTOMER, 20);
		let expect = |who, amount: i128, requirement: i128| {
			assert_ok!(Clearing::refresh_cover(signed(STRANGER), who));
			assert_eq!((Needs::<Test>::get(who).amount, Requirement::<Test>::get()), (Cash(amount), Cash(requirement)));
		};
		expect(GUARANTOR, 100_000, 100_000);
		expect(THIRD, 2_000, 102_000);
		expect(OTHER, 50_000, 150_000);
		assert_eq!(Clearing::requirement(), Cash(150_000));
		assert_eq!(Clearing::total_risk(), Cash(120_000 + 60_000 + 6_000));
		// The third one grows beyond the second.
		bought(THIRDS_CUSTOMER, 30);
		expect(THIRD, 56_000, 156_000);
		trade(11, STRANGER, 100, PRICE);
		// Nobody asks for it: it is looked at in its turn.
		minutes(3);
		assert_eq!(Clearing::requirement(), Cash(106_000));
		assert_noop!(Clearing::refresh_cover(signed(STRANGER), 12), Error::<Test>::NoGuarantor);
	})
}

#[test]
fn it_is_calm_only_without_calls_sales_and_defaults() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 500_000, 0, 0);
		calm_rules();
		open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, 20_000)]);
		assert!(Clearing::is_calm());
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		minutes(11);
		assert!(Clearing::is_calm());
		// An account is for sale.
		fix(CLASS, PRICE + 200);
		refresh(NEAR);
		minutes(1);
		assert!(account(11).state.is_liquidating() && !Clearing::is_calm());
		deposit(11, 60_000);
		minutes(1);
		assert!(account(11).state.is_open() && Clearing::is_calm());
		// A guarantor is called.
		run_at(PRICE + 1_500);
		check(11);
		assert!(MarginCalls::<Test>::contains_key(GUARANTOR) && !Clearing::is_calm());
		minutes(62);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Porting { .. })));
		assert!(!MarginCalls::<Test>::contains_key(GUARANTOR) && !Clearing::is_calm());
		to_auction(GUARANTOR);
		assert!(!Clearing::is_calm());
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		assert!(!Clearing::is_calm());
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 10_000);
		assert!(Clearing::is_calm());
	})
}

#[test]
fn who_left_is_forgotten_in_its_turn() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		calm_rules();
		open_market_with([(OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000)]);
		Stresses::<Test>::insert(77, GuarantorStress::default());
		Needs::<Test>::insert(77, Need { amount: Cash(5), level: PoolUse::Normal });
		minutes(5);
		assert!(!Stresses::<Test>::contains_key(77) && !Needs::<Test>::contains_key(77));
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	/// Whatever is done, the sums are what accounts say.
	#[test]
	fn sums_are_what_accounts_say(
		steps in prop::collection::vec((0u8..6, 0usize..6, 0usize..6, 1i64..80), 1..24),
	) {
		Exchange.run(|| {
			calm_rules();
			let all = [11, 12, 13, OTHERS_CUSTOMER, OTHER, GUARANTOR];
			open_market_with(all.map(|who| (who, 150_000)));
			let mut price = PRICE;
			for (kind, first, second, amount) in steps {
				let trade = a_trade(all[first], all[second], amount, price);
				match kind {
					0 | 1 => drop(try_trade(&trade)),
					2 => drop(try_trade(&Trade { instrument: FAR, ..trade })),
					3 => {
						price = price + amount * 3 - 120;
						run_at(price);
					},
					4 => {
						let to = if amount % 2 == 0 { OTHER } else { GUARANTOR };
						let _ = try_join(all[first], to);
					},
					_ => deposit(all[first], amount.unsigned_abs().into()),
				}
			}
			assert_counted();
		});
	}
}
