//! Governed parameters, and invariants that are broken on purpose.

use super::*;
use crate::{PendingParameters, PARAMETER_DELAY};

#[test]
fn parameters_are_in_force_after_the_delay() {
	Network::default().run(|| {
		let old = Parameters::<Test>::get();
		let new = SelectionParameters { seats: 2, ..old.clone() };
		assert_ok!(Validators::set_parameters(RuntimeOrigin::root(), new.clone()));
		assert_eq!(events(), [Event::ParametersApproved { from: PARAMETER_DELAY, parameters: new.clone() }]);
		skip_sessions(PARAMETER_DELAY - 1);
		assert_eq!(Parameters::<Test>::get(), old);
		next_session();
		assert_eq!(Parameters::<Test>::get(), new);
		assert!(!PendingParameters::<Test>::exists());
		assert!(events().contains(&Event::ParametersChanged { parameters: new }));
		next_session();
		assert_eq!(seated(), [1, 2]);
	})
}

#[test]
fn parameters_are_refused_from_anyone_but_governance() {
	Network::default().run(|| {
		let parameters = Parameters::<Test>::get();
		assert_noop!(Validators::set_parameters(RuntimeOrigin::signed(1), parameters), DispatchError::BadOrigin);
	})
}

#[test]
fn parameters_are_refused_when_they_contradict_each_other() {
	Network::default().run(|| {
		let good = Parameters::<Test>::get();
		for bad in [
			SelectionParameters { floor: 0, ..good.clone() },
			SelectionParameters { floor: 5, ..good.clone() },
			SelectionParameters { seats: 9, ..good.clone() },
			SelectionParameters { min_bond: 0, ..good.clone() },
		] {
			assert_noop!(Validators::set_parameters(RuntimeOrigin::root(), bad), Error::<Test>::InvalidParameters);
		}
	})
}

/// Runs `sabotage` on a sound chain and expects `try_state` to notice.
fn assert_noticed(sabotage: impl FnOnce()) {
	Network::default().build().execute_with(|| {
		assert_ok!(report_in(1, 0, 7, Some(Perbill::from_percent(10))));
		assert_ok!(Validators::do_try_state());
		sabotage();
		assert!(Validators::do_try_state().is_err());
	})
}

#[test]
fn try_state_notices_a_bond_that_is_not_held() {
	assert_noticed(|| Bonds::<Test>::mutate_extant(2, |bond| bond.amount += 1));
}

#[test]
fn try_state_notices_unsorted_candidates() {
	assert_noticed(|| Candidates::<Test>::mutate(|candidates| candidates.as_mut().swap(0, 1)));
}

#[test]
fn try_state_notices_a_candidate_listed_twice() {
	assert_noticed(|| Candidates::<Test>::mutate(|candidates| candidates.try_push((4, 100)).unwrap()));
}

#[test]
fn try_state_notices_a_candidate_that_is_not_listed() {
	assert_noticed(|| Candidates::<Test>::mutate(|candidates| candidates.truncate(1)));
}

#[test]
fn try_state_notices_contradicting_parameters() {
	assert_noticed(|| Parameters::<Test>::mutate(|parameters| parameters.floor = 100));
}

#[test]
fn try_state_notices_a_slash_that_took_too_much() {
	assert_noticed(|| Slashes::<Test>::mutate(0, 1, |record| record.as_mut().unwrap().taken += 1));
}

#[test]
fn try_state_notices_a_slash_that_was_not_pruned() {
	assert_noticed(|| pallet_session::CurrentIndex::<Test>::put(100));
}
