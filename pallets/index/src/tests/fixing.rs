use super::*;

fn not_fixed(reason: NoPrice) -> Event<Test> {
	Event::NotFixed { class: CLASS, day: Day(FIRST_DAY), reason }
}

fn below_quorum(reports: u32, owners: u32) -> NoPrice {
	NoPrice::BelowQuorum { reports, reports_needed: 3, owners, owners_needed: 3 }
}

#[test]
fn agreed_prices_become_a_fix_after_the_time_for_disputes() {
	Market::default().run(|| {
		report(&[(11, 2_000), (12, 2_010), (13, 2_020), (14, 1_990)]);
		assert_eq!(newest(), None);
		at(COMMIT + REVEAL + DISPUTE - 1);
		assert_eq!(newest(), None);
		at(COMMIT + REVEAL + DISPUTE);
		assert_eq!(newest(), Some((FIRST_DAY, 2_005)));
		// Its age counts from the end of reporting.
		assert_eq!(Index::fresh_fix(CLASS, DISPUTE).unwrap().day, Day(FIRST_DAY));
		assert_eq!(Index::fresh_fix(CLASS, DISPUTE - 1), None);
	})
}

#[test]
fn a_call_that_succeeds_is_free_and_one_that_fails_is_not() {
	Market::default().run(|| {
		let free = Index::commit(RuntimeOrigin::signed(11), CLASS, hash(CLASS, 11, 5)).unwrap();
		assert_eq!(free.pays_fee, frame_support::dispatch::Pays::No);
		let refused = Index::commit(RuntimeOrigin::signed(11), CLASS, hash(CLASS, 11, 5)).unwrap_err();
		assert_eq!(refused.post_info.pays_fee, frame_support::dispatch::Pays::Yes);
		at(COMMIT);
		let free = Index::reveal(RuntimeOrigin::signed(11), CLASS, Price(5), salt(11)).unwrap();
		assert_eq!(free.pays_fee, frame_support::dispatch::Pays::No);
	})
}

#[test]
fn below_the_quorum_of_reports_there_is_no_fix_and_never_the_last_one() {
	Market::default().run(|| {
		day_with_fix(2_000);
		assert_eq!(newest(), Some((FIRST_DAY, 2_000)));
		report(&[(11, 3_000), (12, 3_000)]);
		at(COMMIT + REVEAL + DISPUTE);
		let day = Day(FIRST_DAY + 1);
		let none = Event::NotFixed { class: CLASS, day, reason: below_quorum(2, 2) };
		assert_eq!(events().last(), Some(&none));
		// Yesterday's fix is yesterday's: who asks for one of today gets none.
		assert_eq!(Index::fresh_fix(CLASS, DAY - 1), None);
		assert_eq!(Index::fixes(CLASS, day, day), []);
	})
}

#[test]
fn one_owner_with_many_reporters_is_one_owner() {
	let reporters = [(11, 1, 100), (12, 1, 100), (13, 1, 100), (14, 2, 400)];
	Market::default().reporters(&reporters).run(|| {
		report(&[(11, 2_000), (12, 2_000), (13, 2_000), (14, 2_000)]);
		assert_eq!(events().last(), Some(&not_fixed(below_quorum(4, 2))));
	})
}

#[test]
fn an_owner_counts_by_its_bond_up_to_the_full_one() {
	// Owner 1 has three reporters with the full bond each, owner 4 a quarter of one bond.
	let reporters = [(11, 1, 400), (12, 1, 400), (13, 1, 400), (14, 2, 400), (15, 3, 400), (16, 4, 100)];
	Market::default().reporters(&reporters).run(|| {
		report(&[(11, 1_950), (12, 1_950), (13, 1_950), (14, 2_000), (15, 2_000), (16, 2_050)]);
		at(COMMIT + REVEAL + DISPUTE);
		// Weights 1, 1, 1, ¼; a tenth of 3¼ is cut off at either end: (0.675 · 1,950 + 2 · 2,000) / 2.675
		// and less of the last than its quarter is left: nothing.
		let (low, middle) = (1.0 - 0.325, 2.0 - (0.325 - 0.25));
		let expected = (low * 1_950.0 + middle * 2_000.0) / (low + middle);
		let (_, price) = newest().unwrap();
		assert!((price as f64 - expected).abs() < 1.0, "{price} is not about {expected}");
	})
}

#[test]
fn an_outlier_neither_counts_nor_makes_a_quorum() {
	Market::default().run(|| {
		report(&[(11, 2_000), (12, 2_010), (13, 20_000)]);
		let outlier = Event::Outlier { class: CLASS, day: Day(FIRST_DAY), reporter: 13, price: Price(20_000) };
		assert!(events().contains(&outlier));
		assert_eq!(events().last(), Some(&not_fixed(below_quorum(2, 2))));
		// It costs nothing: being an outlier is not wrong.
		assert_eq!(Slashed::get(), 0);
	})
}

#[test]
fn a_price_below_zero_is_a_price() {
	Market::default().run(|| {
		report(&[(11, -37_630), (12, -37_000), (13, -38_000), (14, -37_630)]);
		at(COMMIT + REVEAL + DISPUTE);
		assert_eq!(newest().map(|(_, price)| price < -37_000), Some(true));
	})
}

#[test]
fn who_commits_and_stays_silent_is_slashed() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		at(COMMIT);
		for reporter in 11..=13 {
			reveal(reporter, 2_000);
		}
		at(COMMIT + REVEAL);
		assert!(events().contains(&Event::Silent { class: CLASS, day: Day(FIRST_DAY), reporter: 14 }));
		assert!(events().contains(&Event::Slashed { reporter: 14, amount: 10, left: 390 }));
		assert_eq!(Slashed::get(), 10);
		at(COMMIT + REVEAL + DISPUTE);
		assert_eq!(newest(), Some((FIRST_DAY, 2_000)));
	})
}

#[test]
fn a_commitment_has_its_time_and_its_place() {
	Market::default().run(|| {
		let commit_in = |class, who| Index::commit(RuntimeOrigin::signed(who), class, hash(class, who, 5));
		assert_noop!(commit_in(ClassId(9), 11), Error::<Test>::UnknownClass);
		assert_noop!(commit_in(CLASS, 1), Error::<Test>::NotReporter);
		assert_ok!(commit_in(CLASS, 11));
		assert_noop!(commit_in(CLASS, 11), Error::<Test>::AlreadyCommitted);
		at(COMMIT - 1);
		assert_ok!(commit_in(CLASS, 12));
		at(COMMIT);
		assert_noop!(commit_in(CLASS, 13), Error::<Test>::NotCommitting);
		at(DAY - 1);
		assert_noop!(commit_in(CLASS, 13), Error::<Test>::NotCommitting);
	})
}

#[test]
fn a_reveal_has_its_time_and_its_commitment() {
	Market::default().run(|| {
		let reveal_in = |class, who, price, salt| Index::reveal(RuntimeOrigin::signed(who), class, Price(price), salt);
		for reporter in 11..=13 {
			commit(reporter, 2_000);
		}
		assert_noop!(reveal_in(CLASS, 11, 2_000, salt(11)), Error::<Test>::NotRevealing);
		at(COMMIT);
		assert_noop!(reveal_in(ClassId(9), 11, 2_000, salt(11)), Error::<Test>::UnknownClass);
		assert_noop!(reveal_in(CLASS, 14, 2_000, salt(14)), Error::<Test>::NotCommitted);
		assert_noop!(reveal_in(CLASS, 11, 2_001, salt(11)), Error::<Test>::WrongReveal);
		assert_noop!(reveal_in(CLASS, 11, 2_000, salt(12)), Error::<Test>::WrongReveal);
		assert_ok!(reveal_in(CLASS, 11, 2_000, salt(11)));
		assert_noop!(reveal_in(CLASS, 11, 2_000, salt(11)), Error::<Test>::NotCommitted);
		at(COMMIT + REVEAL - 1);
		assert_ok!(reveal_in(CLASS, 12, 2_000, salt(12)));
		at(COMMIT + REVEAL);
		assert_noop!(reveal_in(CLASS, 13, 2_000, salt(13)), Error::<Test>::NotRevealing);
	})
}

#[test]
fn a_commitment_copied_from_another_reporter_cannot_be_revealed() {
	Market::default().run(|| {
		let copied = hash(CLASS, 11, 2_000);
		assert_ok!(Index::commit(RuntimeOrigin::signed(12), CLASS, copied));
		at(COMMIT);
		assert_noop!(
			Index::reveal(RuntimeOrigin::signed(12), CLASS, Price(2_000), salt(11)),
			Error::<Test>::WrongReveal
		);
	})
}

#[test]
fn a_commitment_of_another_class_or_day_cannot_be_revealed() {
	Market::default().run(|| {
		let other_class = crate::commitment::<Test>(ClassId(2), Day(FIRST_DAY), &11, Price(2_000), &salt(11));
		let other_day = crate::commitment::<Test>(CLASS, Day(FIRST_DAY - 1), &12, Price(2_000), &salt(12));
		assert_ok!(Index::commit(RuntimeOrigin::signed(11), CLASS, other_class));
		assert_ok!(Index::commit(RuntimeOrigin::signed(12), CLASS, other_day));
		at(COMMIT);
		for who in [11, 12] {
			let refused = Index::reveal(RuntimeOrigin::signed(who), CLASS, Price(2_000), salt(who));
			assert_noop!(refused, Error::<Test>::WrongReveal);
		}
	})
}

#[test]
fn a_price_beyond_the_bounds_cannot_be_revealed() {
	Market::default().run(|| {
		for (who, price) in [(11, i64::MAX), (12, i64::MIN), (13, gcx_primitives::MAX_PRICE + 1)] {
			commit(who, price);
		}
		commit(14, -gcx_primitives::MAX_PRICE);
		at(COMMIT);
		for (who, price) in [(11, i64::MAX), (12, i64::MIN), (13, gcx_primitives::MAX_PRICE + 1)] {
			let refused = Index::reveal(RuntimeOrigin::signed(who), CLASS, Price(price), salt(who));
			assert_noop!(refused, Error::<Test>::PriceOutOfBounds);
		}
		reveal(14, -gcx_primitives::MAX_PRICE);
	})
}

#[test]
fn a_chain_that_stood_still_past_the_day_has_no_fix_of_it() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		at(COMMIT);
		for reporter in 11..=14 {
			reveal(reporter, 2_000);
		}
		// No block until the evening: nobody could have disputed.
		at(DAY - DISPUTE + 1);
		assert_eq!(events().last(), Some(&not_fixed(NoPrice::OutOfTime)));
		next_day();
		assert_eq!(newest(), None);
	})
}

#[test]
fn a_late_block_gives_disputes_their_whole_time() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		at(COMMIT);
		for reporter in 11..=14 {
			reveal(reporter, 2_000);
		}
		at(COMMIT + REVEAL + 5_000);
		at(COMMIT + REVEAL + DISPUTE);
		assert_eq!(newest(), None);
		assert_ok!(Index::dispute(RuntimeOrigin::signed(30), CLASS, Day(FIRST_DAY)));
	})
}

#[test]
fn anyone_brings_a_round_on_without_the_hook() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		go_to(FIRST_DAY, COMMIT);
		for reporter in 11..=14 {
			reveal(reporter, 2_000);
		}
		go_to(FIRST_DAY, COMMIT + REVEAL);
		assert_ok!(Index::advance(RuntimeOrigin::signed(40), CLASS));
		go_to(FIRST_DAY, COMMIT + REVEAL + DISPUTE);
		assert_ok!(Index::advance(RuntimeOrigin::signed(40), CLASS));
		assert_eq!(newest(), Some((FIRST_DAY, 2_000)));
		assert_ok!(Index::advance(RuntimeOrigin::signed(40), CLASS));
		assert_noop!(Index::advance(RuntimeOrigin::signed(40), ClassId(9)), Error::<Test>::UnknownClass);
		assert_noop!(Index::advance(RuntimeOrigin::root(), CLASS), DispatchError::BadOrigin);
	})
}

#[test]
fn tomorrows_first_commitment_closes_a_round_that_nobody_brought_on() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		go_to(FIRST_DAY + 1, 0);
		commit(11, 3_000);
		assert!(events().contains(&not_fixed(below_quorum(0, 0))));
		assert_eq!(Rounds::<Test>::get(CLASS), Some(Round { day: Day(FIRST_DAY + 1), stage: Stage::Reporting }));
	})
}

#[test]
fn every_class_has_its_turn() {
	Market::default().run(|| {
		let other = ClassId(2);
		assert_ok!(Index::set_class(RuntimeOrigin::root(), other, Price(5)));
		for class in [CLASS, other] {
			for who in 11..=14 {
				assert_ok!(Index::commit(RuntimeOrigin::signed(who), class, hash(class, who, 2_000)));
			}
		}
		go_to(FIRST_DAY, COMMIT);
		for class in [CLASS, other] {
			for who in 11..=14 {
				assert_ok!(Index::reveal(RuntimeOrigin::signed(who), class, Price(2_000), salt(who)));
			}
		}
		for time in [COMMIT + REVEAL, COMMIT + REVEAL + DISPUTE] {
			at(time);
			next_block();
		}
		for class in [CLASS, other] {
			assert_eq!(Index::fresh_fix(class, DAY).map(|fix| fix.price), Some(Price(2_000)));
		}
	})
}
