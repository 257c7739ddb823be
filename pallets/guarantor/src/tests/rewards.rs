//! Rewards and commission.

use super::*;

/// Account 40 delegated 1,000 to guarantor 1, as much as its bond.
fn delegated() {
	delegate(40, 1, BOND);
}

#[test]
fn a_reward_is_shared_by_bond_and_stake_and_the_guarantor_takes_its_commission() {
	Market::default().run(|| {
		delegated();
		assert_eq!(reward(1, 1_000), 1_000);
		// Half is the bond's; of the other half 5 % is commission.
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 500, commission: 25, delegated: 475 });
		assert_eq!(gained(1), 525 - i128::from(LEAST));
		assert_eq!(record(1).delegated, SharePool { series: 0, stake: 1_475, shares: 1_000 });
		assert_eq!(record(1).bond, BOND);
	})
}

#[test]
fn who_delegates_after_a_reward_has_no_part_in_it() {
	Market::default().run(|| {
		delegated();
		assert_eq!(reward(1, 1_000), 1_000);
		delegate(41, 1, 1_475);
		assert_eq!(delegation(1, 41).unwrap().shares, 1_000);
		assert_ok!(Guarantor::undelegate(signed(40), 1, 1_000));
		assert_ok!(Guarantor::undelegate(signed(41), 1, 1_000));
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(40), 1, 40));
		assert_ok!(Guarantor::withdraw_undelegated(signed(41), 1, 41));
		assert_eq!((gained(40), gained(41)), (475, 0));
	})
}

#[test]
fn leaving_stake_earns_nothing() {
	Market::default().run(|| {
		delegated();
		assert_ok!(Guarantor::undelegate(signed(40), 1, BOND));
		assert_ok!(Guarantor::unbond(signed(1), 500));
		assert_eq!(reward(1, 1_000), 1_000);
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 1_000, commission: 0, delegated: 0 });
	})
}

#[test]
fn the_roundings_of_a_reward_go_to_delegated_stake() {
	Market::default().run(|| {
		delegate(40, 1, 500);
		// A third of 7, rounded up, without a commission of less than one.
		assert_eq!(reward(1, 7), 7);
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 4, commission: 0, delegated: 3 });
	})
}

#[test]
fn a_reward_for_nobody_comes_back() {
	Market::default().run(|| {
		assert_eq!(reward(3, 1_000), 0);
		assert_eq!(gained(50), 0);
	})
}

#[test]
fn a_lower_commission_holds_at_once_and_a_higher_one_after_the_unbonding_time() {
	Market::default().run(|| {
		delegated();
		assert_ok!(Guarantor::set_commission(signed(1), Ppm::percent(20)));
		let from = START + UNBONDING;
		assert_eq!(last_event(), Event::CommissionSet { guarantor: 1, commission: Ppm::percent(20), from });
		pass(UNBONDING - 1);
		assert_eq!(reward(1, 200), 200);
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 100, commission: 5, delegated: 95 });
		pass(1);
		// 100 of 2,095, and a fifth of the rest.
		assert_eq!(reward(1, 2_095), 2_095);
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 1_000, commission: 219, delegated: 876 });
		assert_ok!(Guarantor::set_commission(signed(1), Ppm::percent(10)));
		let now = Guarantor::now();
		assert_eq!(last_event(), Event::CommissionSet { guarantor: 1, commission: Ppm::percent(10), from: now });
		assert_eq!((record(1).commission, record(1).next_commission), (Ppm::percent(10), None));
	})
}

#[test]
fn a_rise_that_is_announced_anew_waits_anew() {
	Market::default().run(|| {
		assert_ok!(Guarantor::set_commission(signed(1), Ppm::percent(6)));
		pass(UNBONDING - 1);
		assert_ok!(Guarantor::set_commission(signed(1), Ppm::percent(40)));
		assert_eq!(record(1).next_commission, Some((Guarantor::now() + UNBONDING, Ppm::percent(40))));
		assert_eq!(record(1).commission, Ppm::percent(5));
	})
}

#[test]
fn a_commission_is_within_its_bounds_even_when_they_move() {
	Market::default().run(|| {
		delegated();
		assert_noop!(Guarantor::set_commission(signed(1), Ppm(49_999)), Error::<Test>::CommissionOutOfBounds);
		assert_noop!(Guarantor::set_commission(signed(1), Ppm(400_001)), Error::<Test>::CommissionOutOfBounds);
		assert_noop!(Guarantor::set_commission(signed(3), Ppm(400_000)), Error::<Test>::NotGuarantor);
		let params = GuarantorParameters { min_commission: Ppm::percent(30), ..parameters() };
		assert_ok!(Guarantor::set_parameters(RuntimeOrigin::root(), params));
		pass(DELAY);
		assert_eq!(reward(1, 200), 200);
		assert_eq!(last_event(), Event::Rewarded { guarantor: 1, own: 100, commission: 30, delegated: 70 });
	})
}
