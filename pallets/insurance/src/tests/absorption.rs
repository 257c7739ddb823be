//! What a layer gives to a loss.

use super::*;

#[test]
fn layers_are_ring_fenced() {
	Chain::default().run(|| {
		fund_skin(500);
		contribute(1, 1_000);
		contribute(2, 2_000);
		deposit(ALICE, 4_000);
		assert_eq!(absorb(PoolLayer::Skin, 1, 200), taken(500, 200));
		assert_eq!(layers(), (300, 3_000, 4_000));
		assert_eq!(absorb(PoolLayer::Own, 1, 5_000), taken(1_000, 1_000));
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 1_500), taken(2_000, 1_500));
		assert_eq!(absorb(PoolLayer::Outside, 1, 1), taken(4_000, 1));
		assert_eq!(layers(), (300, 500, 3_999));
		assert_eq!(dollars(CUSTODY), MINIMUM + 2_701);
	})
}

#[test]
fn a_loss_is_forgiven_of_what_was_lent_before_anything_moves() {
	Chain::default().run(|| {
		fund_skin(1_000);
		assert_eq!(lend(1, 300), 300);
		// At most what is said, and at most what was lent.
		let drawn = Insurance::absorb(PoolLayer::Skin, &1, Cash(100), Cash(60), &CUSTODY);
		assert_eq!((drawn, dollars(CUSTODY)), (taken(1_000, 100), MINIMUM + 340));
		assert_eq!(Insurance::lent(&1), Cash(240));
		let drawn = Insurance::absorb(PoolLayer::Skin, &1, Cash(400), Cash(9_999), &CUSTODY);
		assert_eq!((drawn, dollars(CUSTODY)), (taken(900, 400), MINIMUM + 500));
		assert_eq!((Insurance::lent(&1), layers().0), (Cash(0), 500));
		assert_eq!(
			events().last(),
			Some(&Event::Absorbed {
				layer: PoolLayer::Skin,
				guarantor: 1,
				needed: Cash(400),
				had: Cash(900),
				took: Cash(400),
				left: Cash(500),
				forgiven: Cash(240),
				moved: Cash(160)
			})
		);
	})
}

#[test]
fn a_layer_gives_less_than_it_has_where_the_rest_is_lent_to_others() {
	Chain::default().run(|| {
		fund_skin(1_000);
		assert_eq!((lend(1, 300), lend(2, 600)), (300, 600));
		// A hundred are there, and three hundred are with the failed guarantor itself.
		assert_eq!(absorb(PoolLayer::Skin, 1, 1_000), taken(1_000, 400));
		assert_eq!(absorb(PoolLayer::Skin, 1, 1), taken(600, 0));
		assert_eq!(absorb(PoolLayer::Skin, 2, 1_000), taken(600, 600));
	})
}

#[test]
fn nothing_is_taken_for_no_loss_and_no_window_opens() {
	Chain::default().run(|| {
		fund_skin(1_000);
		contribute(1, 1_000);
		for layer in [PoolLayer::Own, PoolLayer::Skin, PoolLayer::Guarantors, PoolLayer::Outside] {
			assert_eq!(absorb(layer, 2, 0).took, Cash(0));
			assert_eq!(absorb(layer, 2, -5).took, Cash(0));
		}
		assert_eq!(Insurance::absorb(PoolLayer::Skin, &1, Cash(5), Cash(-5), &CUSTODY), taken(1_000, 5));
		assert_eq!(Draws::<Test>::get().number, 1);
	})
}

#[test]
fn the_other_guarantors_bear_a_loss_pro_rata_to_their_risk() {
	Chain::default().run(|| {
		for who in GUARANTORS {
			contribute(who, 1_000);
		}
		set_risks(&[(1, 999), (2, 10), (3, 20), (4, 30)]);
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 600), taken(3_000, 600));
		assert_eq!(GUARANTORS.map(contribution), [1_000, 900, 800, 700]);
		// The fourth has 700 left: what it cannot bear is the others' (1,300 of 1,500: 267, 533 and 700 by weight alone
		// 750).
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 1_500), taken(2_400, 1_500));
		assert_eq!(GUARANTORS.map(contribution).iter().sum::<i128>(), 1_900);
		assert_eq!(contribution(4), 0);
		assert_eq!(contribution(1), 1_000);
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 5_000).left, Cash(0));
		assert_eq!(GUARANTORS.map(contribution), [1_000, 0, 0, 0]);
	})
}

#[test]
fn without_risk_the_others_bear_a_loss_pro_rata_to_what_they_have() {
	Chain::default().run(|| {
		contribute(2, 1_000);
		contribute(3, 3_000);
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 400), taken(4_000, 400));
		assert_eq!((contribution(2), contribution(3)), (900, 2_700));
	})
}

#[test]
fn two_defaults_in_a_block_do_not_touch_each_others_contribution() {
	Chain::default().run(|| {
		for who in GUARANTORS {
			contribute(who, 1_000);
		}
		assert_ok!(Guarantor::set_defaulted(&1));
		assert_ok!(Guarantor::set_defaulted(&2));
		assert_eq!(absorb(PoolLayer::Own, 1, 3_000), taken(1_000, 1_000));
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 1_000), taken(2_000, 1_000));
		assert_eq!(GUARANTORS.map(contribution), [0, 1_000, 500, 500]);
		assert_eq!(absorb(PoolLayer::Own, 2, 3_000), taken(1_000, 1_000));
		assert_eq!(absorb(PoolLayer::Guarantors, 2, 2_000), taken(1_000, 1_000));
		assert_eq!(layers(), (0, 0, 0));
		// One window, one lock.
		let locks = events().iter().filter(|event| matches!(event, Event::ExitsLocked { .. })).count();
		assert_eq!((Draws::<Test>::get().number, locks), (1, 1));
	})
}

#[test]
fn income_that_has_arrived_stands_behind_a_loss() {
	Chain::default().run(|| {
		contribute(2, 1_000);
		income(100);
		assert_eq!(absorb(PoolLayer::Guarantors, 1, 2_000), taken(1_100, 1_100));
	})
}

#[test]
fn a_window_of_draws_lasts_until_there_was_none_for_20_days() {
	Chain::default().run(|| {
		fund_skin(1_000);
		contribute(1, 1_000);
		absorb(PoolLayer::Skin, 2, 1);
		assert_eq!(Draws::<Test>::get(), DrawWindow { number: 1, until: START + EXIT_LOCK });
		pass(EXIT_LOCK - 1);
		absorb(PoolLayer::Skin, 2, 1);
		assert_eq!(Draws::<Test>::get(), DrawWindow { number: 1, until: START + 2 * EXIT_LOCK - 1 });
		pass(EXIT_LOCK);
		contribute(1, 500);
		absorb(PoolLayer::Skin, 2, 1);
		let record = Contributions::<Test>::get(1).unwrap();
		assert_eq!((Draws::<Test>::get().number, record.window, record.base), (2, 2, Cash(1_500)));
	})
}
