//! What a failure costs those who stand behind a guarantor.

use super::*;

fn part(had: Balance, took: Balance) -> SlashedPart<Balance> {
	SlashedPart { had, took, left: had - took }
}

/// Behind guarantor 1 stand 800 of its own, 200 leaving that, 300 delegated and 100 leaving that.
fn four_parts() {
	delegate(40, 1, 300);
	delegate(41, 1, 100);
	assert_ok!(Guarantor::unbond(signed(1), 200));
	assert_ok!(Guarantor::undelegate(signed(41), 1, 100));
}

#[test]
fn a_slash_takes_from_all_parts_pro_rata() {
	Market::default().run(|| {
		four_parts();
		let before = OwnResources { bond: 800, unbonding: 200, delegated: 300, undelegating: 100 };
		assert_eq!(Guarantor::own_resources(&1), Some(before));
		assert_eq!(slash(1, 700), 700);
		let parts = SlashedParts {
			bond: part(800, 400),
			unbonding: part(200, 100),
			delegated: part(300, 150),
			undelegating: part(100, 50),
		};
		assert_eq!(last_event(), Event::Slashed { guarantor: 1, needed: 700, took: 700, parts });
		assert_eq!((held(1), Slashed::get()), (500, 700));
		assert_eq!(Balances::free_balance(Guarantor::pool_account(&1)), LEAST + 200);
	})
}

#[test]
fn the_roundings_of_a_slash_are_the_guarantors_and_the_sum_is_exact() {
	Market::default().run(|| {
		four_parts();
		assert_eq!(slash(1, 1), 1);
		assert_eq!(record(1).bond, 799);
		assert_eq!(slash(1, 5), 5);
		let left = OwnResources { bond: 796, unbonding: 199, delegated: 299, undelegating: 100 };
		assert_eq!(Guarantor::own_resources(&1), Some(left));
	})
}

#[test]
fn a_slash_takes_no_more_than_there_is() {
	Market::default().run(|| {
		four_parts();
		assert_eq!(slash(1, Balance::MAX), 1_400);
		assert_eq!(Guarantor::own_resources(&1), Some(OwnResources::default()));
		assert!(record(1).unbonding.is_empty());
		assert_eq!(Balances::free_balance(Guarantor::pool_account(&1)), LEAST);
		assert_eq!(slash(1, 1), 0);
		let nothing = Event::Slashed { guarantor: 1, needed: 1, took: 0, parts: SlashedParts::default() };
		assert_eq!(last_event(), nothing);
	})
}

#[test]
fn a_slash_of_nothing_or_nobody_takes_nothing() {
	Market::default().run(|| {
		assert_eq!(slash(1, 0), 0);
		assert_eq!(slash(3, 100), 0);
		assert_eq!(events(), []);
	})
}

#[test]
fn one_guarantors_slash_does_not_touch_another() {
	Market::default().run(|| {
		delegate(40, 2, 300);
		assert_eq!(slash(1, Balance::MAX), BOND);
		assert_eq!((held(2), record(2).delegated.stake), (BOND, 300));
	})
}

#[test]
fn who_left_answers_until_its_bond_is_withdrawn() {
	Market::default().run(|| {
		assert_ok!(Guarantor::exit(signed(2)));
		pass(UNBONDING);
		assert_eq!(slash(2, 400), 400);
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_eq!(slash(2, 400), 0);
		assert_eq!(gained(2), -400 - i128::from(LEAST));
	})
}

#[test]
fn an_application_does_not_answer() {
	Market::default().run(|| {
		assert_ok!(Guarantor::exit(signed(2)));
		assert_ok!(Guarantor::apply(signed(2), 500));
		assert_eq!(slash(2, Balance::MAX), BOND);
		assert_eq!(held(2), 500);
	})
}

#[test]
fn a_slash_down_to_less_than_the_minimum_balance_leaves_the_rest_there() {
	Market::default().run(|| {
		delegate(40, 1, 1_000);
		assert_eq!(slash(1, 1_996), 1_996);
		assert_eq!((record(1).bond, record(1).delegated.stake), (2, 2));
		assert_ok!(Guarantor::undelegate(signed(40), 1, 1_000));
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(40), 1, 40));
		assert_eq!(gained(40), -998);
	})
}

#[test]
fn stake_delegated_after_a_slash_does_not_bear_it() {
	Market::default().run(|| {
		delegate(40, 1, 300);
		assert_eq!(slash(1, 650), 650);
		delegate(41, 1, 150);
		assert_eq!(delegation(1, 41).unwrap().shares, 300);
		assert_ok!(Guarantor::undelegate(signed(41), 1, 300));
		pass(UNBONDING);
		assert_ok!(Guarantor::withdraw_undelegated(signed(41), 1, 41));
		assert_eq!(gained(41), 0);
	})
}
