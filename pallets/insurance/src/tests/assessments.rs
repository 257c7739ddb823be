//! Assessments: who answers for how much beyond its contribution.

use super::*;
use frame_support::traits::fungible::Balanced;

/// What is left of a guarantor's bond.
fn bond(guarantor: AccountId) -> Balance {
	Guarantor::own_resources(&guarantor).unwrap().bond
}

/// The guarantors 1, 2 and 3 contribute 1,000, 2,000 and 1,000. A token is worth two, and counts for one.
fn contributed() {
	contribute(1, 1_000);
	contribute(2, 2_000);
	contribute(3, 1_000);
}

fn buy(sale: u32, amount: Balance) {
	assert_ok!(Insurance::buy(signed(ANYONE), SaleId(sale), amount, Price(PRICE)));
}

#[test]
fn bonds_count_at_the_lower_of_fix_and_mean_less_the_haircut() {
	Chain::default().run(|| {
		let values = || (Insurance::bond_value(1_000), Insurance::bond_worth(Cash(1_000)));
		assert_eq!(values(), (Some(Cash(1_000)), Some(1_000)));
		TokenPrice::set(Some((2_000, START, 1_000)));
		assert_eq!(values(), (Some(Cash(500)), Some(2_000)));
		TokenPrice::set(Some((1_000, START, 2_000)));
		assert_eq!(values(), (Some(Cash(500)), Some(2_000)));
		TokenPrice::set(Some((-1_000, START, 1_000)));
		assert_eq!(values(), (Some(Cash(0)), None));
		set_price(PRICE);
		pass(2 * DAY);
		assert_eq!(values(), (Some(Cash(1_000)), Some(1_000)));
		pass(1);
		assert_eq!(values(), (None, None));
	})
}

#[test]
fn the_others_are_assessed_pro_rata_to_what_they_can_be() {
	Chain::default().run(|| {
		contributed();
		contribute(4, 5_000);
		assert_eq!(assess(4, 2_000), taken(4_000, 2_000));
		assert_eq!([1, 2, 3, 4].map(bond), [BOND - 500, BOND - 1_000, BOND - 500, BOND]);
		assert_eq!(OnSale::<Test>::get(), 2_000);
		// No contribution moved; exits are locked.
		assert_eq!(layers(), (0, 9_000, 0));
		assert_noop!(Guarantor::exit(signed(1)), pallet_guarantor::Error::<Test>::ExitLocked);
	})
}

#[test]
fn nobody_is_assessed_more_than_it_had_contributed_before_the_first_draw() {
	Chain::default().run(|| {
		contributed();
		absorb(PoolLayer::Guarantors, 4, 3_000);
		// What comes in later raises no cap, and what was lost lowers none. Who joins later was not there.
		contribute(1, 9_000);
		contribute(4, 9_000);
		assert_eq!(assess(ANYONE, 1_000), taken(4_000, 1_000));
		assert_eq!(assess(ANYONE, 9_000), taken(3_000, 3_000));
		assert_eq!(assess(ANYONE, 1), taken(0, 0));
		assert_eq!([1, 2, 3, 4].map(bond), [BOND - 1_000, BOND - 2_000, BOND - 1_000, BOND]);
		// The draw began it, and each that follows within 20 days goes on with it.
		pass(EXIT_LOCK - 1);
		assert_eq!(absorb(PoolLayer::Own, 1, 1).took, Cash(1));
		pass(EXIT_LOCK - 1);
		set_price(PRICE);
		assert_eq!(assess(ANYONE, 1), taken(0, 0));
		pass(1);
		assert_eq!(assess(4, 1).had, Cash([1, 2, 3].map(contribution).iter().sum()));
	})
}

#[test]
fn what_is_not_in_bonds_counts_as_nothing() {
	Chain::default().run(|| {
		contributed();
		let slashed = Guarantor::slash(&2, BOND - 300);
		Balances::resolve(&40, slashed).unwrap();
		// Delegated stake is reached by the slash, and does not count.
		assert_ok!(Guarantor::delegate(signed(ALICE), 2, 300));
		assert_eq!(assess(4, 9_000), taken(2_300, 2_300));
		assert_eq!(bond(2), 150);
		set_price(1);
		assert_eq!(assess(4, 9_000), taken(0, 0));
	})
}

#[test]
fn without_a_fresh_price_nobody_is_assessed() {
	Chain::default().run(|| {
		contributed();
		pass(2 * DAY + 1);
		assert_eq!(assess(4, 9_000), taken(0, 0));
		assert_eq!((Draws::<Test>::get().number, bond(1)), (0, BOND));
		set_price(-5);
		assert_eq!(assess(4, 9_000), taken(0, 0));
		set_price(PRICE);
		assert_eq!((assess(4, 0), assess(4, -1)), (taken(4_000, 0), taken(4_000, 0)));
	})
}

#[test]
fn whoever_leaves_is_assessed_until_its_bond_is_gone_and_whoever_failed_is_not() {
	Chain::default().run(|| {
		contributed();
		assert_ok!(Guarantor::exit(signed(1)));
		assert_ok!(Guarantor::unbond(signed(2), BOND / 2));
		set_state(3, GuarantorState::Defaulted);
		assert_eq!(assess(4, 9_000), taken(3_000, 3_000));
		// The bond of who left is locked with the others'.
		pass(EXIT_LOCK - 1);
		assert!(Guarantor::withdraw_unbonded(signed(1), 1).is_err());
	})
}

#[test]
fn an_assessment_is_collected_when_its_sale_is_over() {
	Chain::default().run(|| {
		contributed();
		assert_eq!(collect_assessment(4, 1_000), Some(0));
		assert_eq!(assess(4, 2_000), taken(4_000, 2_000));
		buy(0, 400);
		assert_eq!(collect_assessment(4, 2_000), None);
		assert_noop!(Insurance::begin_sale(signed(ANYONE), SaleId(0)), Error::<Test>::SaleRunning);
		pass(DAY - 1);
		assert_eq!(collect_assessment(4, 2_000), None);
		pass(1);
		// It fetched 800, which nobody could borrow meanwhile.
		assert_eq!(lend(2, 9_999), 4_000);
		assert_ok!(Insurance::take_back(&2, &CUSTODY, Cash(4_000)));
		assert_noop!(Insurance::begin_sale(signed(ANYONE), SaleId(0)), Error::<Test>::SaleRunning);
		assert_eq!(collect_assessment(4, 2_000), Some(800));
		assert_eq!(dollars(CUSTODY), MINIMUM + 800);
		assert_eq!(collect_assessment(4, 1_200), Some(0));
		// What the rest fetches is income: a tenth of the price.
		buy(0, 9_999);
		assert_eq!(events().last(), Some(&Event::SaleClosed { sale: SaleId(0), unpaid: Cash(0) }));
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(Insurance::size(), Cash(4_000 + 320));
	})
}

#[test]
fn an_assessment_that_is_sold_out_is_collected_at_once_and_forgives_what_was_lent() {
	Chain::default().run(|| {
		contributed();
		assert_eq!(lend(4, 500), 500);
		assess(4, 2_000);
		buy(0, 2_000);
		assert_noop!(Insurance::begin_sale(signed(ANYONE), SaleId(0)), Error::<Test>::SaleRunning);
		assert_eq!(collect_assessment(4, 1_800), Some(1_800));
		assert_eq!((Insurance::lent(&4), dollars(CUSTODY)), (Cash(0), MINIMUM + 500 + 1_300));
		assert!(events().contains(&Event::AssessmentCollected {
			guarantor: 4,
			needed: Cash(1_800),
			took: Cash(1_800),
			forgiven: Cash(500),
			moved: Cash(1_300),
			income: Cash(2_200)
		}));
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(Insurance::size(), Cash(6_200));
		assert_eq!(Sales::<Test>::iter().count(), 0);
	})
}

#[test]
fn a_second_assessment_joins_the_first_ones_sale_which_begins_anew() {
	Chain::default().run(|| {
		contributed();
		assess(4, 1_000);
		pass(DAY);
		set_price(PRICE);
		assess(4, 1_000);
		assert_eq!((Sales::<Test>::iter().count(), OnSale::<Test>::get()), (1, 2_000));
		assert_eq!(collect_assessment(4, 2_000), None);
		buy(0, 2_000);
		assert_eq!(collect_assessment(4, 2_000), Some(2_000));
		// One for another guarantor is another's.
		assess(3, 100);
		assert_eq!(collect_assessment(4, 2_000), Some(0));
		assert_eq!(collect_assessment(3, 2_000), None);
	})
}
