//! Who sits, and what the session is told.

use super::*;
use pallet_session::historical::{HistoricalSessions, StoredRange};

/// Two sessions: one to plan, one to begin.
fn rotate_in() {
	skip_sessions(2);
}

#[test]
fn genesis_seats_the_bonded() {
	Network::default().run(|| assert_eq!(seated(), [1, 2, 3, 4]))
}

#[test]
#[should_panic(expected = "cannot bond")]
fn genesis_is_refused_when_a_bond_is_too_small() {
	let mut network = Network::default();
	network.bonds.push((5, 1));
	network.build();
}

#[test]
#[should_panic(expected = "parameters contradict each other")]
fn genesis_is_refused_when_the_parameters_contradict_each_other() {
	Network::default().floor(5).build();
}

#[test]
fn selection_takes_the_highest_bonds_when_there_are_more_than_seats() {
	Network::default().run(|| {
		join(5, 250);
		rotate_in();
		assert_eq!(seated(), [1, 2, 5, 3]);
		assert_eq!(LastRotation::get(), Some((true, vec![1, 2, 5, 3])));
	})
}

#[test]
fn selection_skips_who_has_no_session_keys() {
	Network::default().run(|| {
		assert_ok!(Validators::bond(RuntimeOrigin::signed(5), 500));
		rotate_in();
		assert_eq!(seated(), [1, 2, 3, 4], "a seat is not wasted on one that cannot sit");
	})
}

#[test]
fn selection_tells_the_session_when_nothing_changed() {
	Network::default().run(|| {
		rotate_in();
		for _ in 0..3 {
			next_session();
			assert_eq!(LastRotation::get(), Some((false, vec![1, 2, 3, 4])));
		}
	})
}

#[test]
fn selection_reports_a_change_when_only_keys_changed() {
	// A session planned as unchanged inherits the historical root: an equivocation by the new key could not be proven.
	Network::default().run(|| {
		rotate_in();
		next_session();
		let root = |session| HistoricalSessions::<Test>::get(session).unwrap();
		let before = root(session_now() + 1);
		set_keys(2, 22);
		next_session();
		assert_ne!(root(session_now() + 1), before);
		next_session();
		assert_eq!(LastRotation::get(), Some((true, vec![1, 2, 3, 4])));
	})
}

#[test]
fn selection_fills_up_to_the_floor_with_the_seated_when_too_few_are_eligible() {
	Network::default().floor(3).run(|| {
		assert_ok!(report(1, 1));
		assert_ok!(report(2, 2));
		next_session();
		assert!(events().contains(&Event::BelowFloor { session: 2, eligible: 2, floor: 3, seated: 3 }));
		next_session();
		assert_eq!(seated(), [3, 4, 1], "the offender with the most bond left sits on");
	})
}

#[test]
fn selection_holds_the_bond_of_a_leaver_for_as_long_as_the_floor_needs_it() {
	Network::default().floor(3).run(|| {
		assert_ok!(Validators::unbond(RuntimeOrigin::signed(4)));
		assert_eq!(Bonds::<Test>::get(4).unwrap().status, BondStatus::Unbonding { until: 5 });
		// Two others lose all they have, so that the leaver is the one with the most to lose.
		for who in [1, 2] {
			assert_ok!(report_in(who, 0, who, Some(Perbill::one())));
		}
		skip_sessions(3);
		assert_eq!(seated().len(), 3);
		assert!(seated().contains(&4), "the floor keeps it");
		let until = session_now() + 1 + UnbondingSessions::get();
		assert_eq!(Bonds::<Test>::get(4).unwrap().status, BondStatus::Unbonding { until });
	})
}

#[test]
fn selection_says_so_when_nobody_at_all_can_be_found() {
	Network::default().run(|| {
		for who in 1..=4 {
			assert_ok!(report(who, who));
			pallet_session::NextKeys::<Test>::remove(who);
		}
		next_session();
		assert!(events().contains(&Event::BelowFloor { session: 2, eligible: 0, floor: 2, seated: 0 }));
	})
}

#[test]
fn selection_drops_who_falls_under_a_raised_minimum() {
	Network::default().run(|| {
		let parameters = SelectionParameters { min_bond: 150, ..Parameters::<Test>::get() };
		assert_ok!(Validators::set_parameters(RuntimeOrigin::root(), parameters));
		skip_sessions(4);
		assert_eq!(seated(), [1, 2, 3]);
		assert_eq!(bond_of(4), 100);
	})
}

#[test]
fn history_is_pruned_when_it_can_no_longer_be_reported() {
	Network::default().run(|| {
		skip_sessions(10);
		let unbonding = UnbondingSessions::get();
		let (first, end) = StoredRange::<Test>::get().unwrap();
		assert_eq!((first, end), (10 - unbonding, 12));
		assert_eq!(HistoricalSessions::<Test>::iter().count(), usize::try_from(end - first).unwrap());
	})
}
