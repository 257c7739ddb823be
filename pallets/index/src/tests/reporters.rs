use super::*;

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::ReporterBond.into(), &who)
}

#[test]
fn an_owner_is_admitted_by_governance_and_bonds_a_reporter() {
	Market::default().run(|| {
		assert_noop!(Index::register(RuntimeOrigin::signed(5), 15, 400), Error::<Test>::NotAdmitted);
		assert_noop!(Index::admit_owner(RuntimeOrigin::signed(5), 5), DispatchError::BadOrigin);
		assert_ok!(Index::admit_owner(RuntimeOrigin::root(), 5));
		assert_noop!(Index::admit_owner(RuntimeOrigin::root(), 5), Error::<Test>::AlreadyAdmitted);
		assert_ok!(Index::register(RuntimeOrigin::signed(5), 15, 400));
		assert_eq!(held(5), 400);
		assert_eq!(
			events(),
			[Event::OwnerAdmitted { owner: 5 }, Event::Registered { reporter: 15, owner: 5, bond: 400 }]
		);
	})
}

#[test]
fn a_reporter_needs_a_bond_and_a_place() {
	Market::default().run(|| {
		assert_noop!(Index::register(RuntimeOrigin::signed(1), 20, 99), Error::<Test>::BondTooSmall);
		assert_noop!(Index::register(RuntimeOrigin::signed(1), 12, 100), Error::<Test>::AlreadyReporter);
		assert!(Index::register(RuntimeOrigin::signed(1), 20, ENDOWMENT).is_err());
		// Owner 1 has one reporter, and may have three.
		assert_ok!(Index::register(RuntimeOrigin::signed(1), 20, 100));
		assert_ok!(Index::register(RuntimeOrigin::signed(1), 21, 100));
		assert_noop!(Index::register(RuntimeOrigin::signed(1), 22, 100), Error::<Test>::TooManyReportersOfOwner);
		// Six reporters; there is room for eight.
		assert_ok!(Index::register(RuntimeOrigin::signed(2), 22, 100));
		assert_ok!(Index::register(RuntimeOrigin::signed(3), 23, 100));
		assert_noop!(Index::register(RuntimeOrigin::signed(4), 24, 100), Error::<Test>::TooManyReporters);
		assert_eq!(held(1), 600);
	})
}

#[test]
fn a_bond_is_raised_by_its_owner() {
	Market::default().run(|| {
		assert_ok!(Index::bond_extra(RuntimeOrigin::signed(1), 11, 50));
		assert_eq!(held(1), 450);
		assert_eq!(events(), [Event::BondRaised { reporter: 11, extra: 50, bond: 450 }]);
		assert_noop!(Index::bond_extra(RuntimeOrigin::signed(1), 11, 0), Error::<Test>::NothingToAdd);
		assert_noop!(Index::bond_extra(RuntimeOrigin::signed(2), 11, 50), Error::<Test>::NotReporter);
		assert_noop!(Index::bond_extra(RuntimeOrigin::signed(1), 30, 50), Error::<Test>::NotReporter);
		assert_ok!(Index::unregister(RuntimeOrigin::signed(1), 11));
		assert_noop!(Index::bond_extra(RuntimeOrigin::signed(1), 11, 50), Error::<Test>::AlreadyLeaving);
	})
}

#[test]
fn a_bond_stays_for_the_unbonding_time_and_then_anyone_can_free_the_place() {
	Market::default().run(|| {
		assert_noop!(Index::withdraw(RuntimeOrigin::signed(1), 11), Error::<Test>::NotLeaving);
		assert_noop!(Index::unregister(RuntimeOrigin::signed(2), 11), Error::<Test>::NotReporter);
		assert_ok!(Index::unregister(RuntimeOrigin::signed(1), 11));
		assert_noop!(Index::unregister(RuntimeOrigin::signed(1), 11), Error::<Test>::AlreadyLeaving);
		for _ in 0..4 {
			assert_noop!(Index::withdraw(RuntimeOrigin::signed(1), 11), Error::<Test>::StillUnbonding);
			next_day();
		}
		assert_ok!(Index::withdraw(RuntimeOrigin::signed(40), 11));
		assert_eq!(held(1), 0);
		assert_eq!(Balances::free_balance(1), ENDOWMENT);
		assert_noop!(Index::withdraw(RuntimeOrigin::signed(1), 11), Error::<Test>::NotReporter);
	})
}

#[test]
fn who_is_leaving_reports_no_more() {
	Market::default().run(|| {
		assert_ok!(Index::unregister(RuntimeOrigin::signed(1), 11));
		assert_noop!(
			Index::commit(RuntimeOrigin::signed(11), CLASS, hash(CLASS, 11, 5)),
			Error::<Test>::AlreadyLeaving
		);
	})
}

#[test]
fn an_expelled_owners_reporters_leave_and_its_reports_of_today_do_not_count() {
	Market::default().run(|| {
		for reporter in 11..=14 {
			commit(reporter, 2_000);
		}
		at(COMMIT);
		for reporter in 11..=14 {
			reveal(reporter, 2_000);
		}
		assert_noop!(Index::expel_owner(RuntimeOrigin::signed(1), 1), DispatchError::BadOrigin);
		assert_ok!(Index::expel_owner(RuntimeOrigin::root(), 1));
		assert_noop!(Index::expel_owner(RuntimeOrigin::root(), 1), Error::<Test>::NotAdmitted);
		assert_eq!(Reporters::<Test>::get(11).unwrap().leaving, Some(Day(FIRST_DAY + 3)));
		at(COMMIT + REVEAL);
		let until = u64::from(FIRST_DAY) * DAY + COMMIT + REVEAL + DISPUTE;
		let day = Day(FIRST_DAY);
		let proposed = Event::Proposed { class: CLASS, day, price: Price(2_000), reports: 3, owners: 3, until };
		assert_eq!(events().last(), Some(&proposed));
	})
}

#[test]
fn governance_slashes_up_to_the_whole_bond() {
	Market::default().run(|| {
		assert_noop!(Index::slash(RuntimeOrigin::signed(1), 11, 100), DispatchError::BadOrigin);
		assert_noop!(Index::slash(RuntimeOrigin::root(), 1, 100), Error::<Test>::NotReporter);
		assert_ok!(Index::slash(RuntimeOrigin::root(), 11, 350));
		assert_eq!((held(1), Slashed::get()), (50, 350));
		// Under the minimum it cannot report; raised again it can.
		let again = || Index::commit(RuntimeOrigin::signed(11), CLASS, hash(CLASS, 11, 5));
		assert_noop!(again(), Error::<Test>::BondTooSmall);
		assert_ok!(Index::bond_extra(RuntimeOrigin::signed(1), 11, 50));
		assert_ok!(again());
		assert_ok!(Index::slash(RuntimeOrigin::root(), 11, Balance::MAX));
		assert_eq!((held(1), Slashed::get()), (0, 450));
	})
}
