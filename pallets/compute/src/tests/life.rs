//! The state machine.

use super::*;

#[test]
fn a_resource_warms_up_and_becomes_active() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		pass(id, 1_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Warmup));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity::ZERO);
		pass(id, 1_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), DEVICE_DAY);
		let (from, to) = (ResourceState::Warmup, ResourceState::Active);
		assert!(events().contains(&Event::StateChanged { resource: id, from, to }));
		assert_eq!(provider(PROVIDER).reputation.passed, 2);
	})
}

#[test]
fn a_resource_that_fails_a_round_is_suspect_and_sells_nothing() {
	for fail in [Compute::missed, Compute::refused] {
		run(|| {
			let id = active(1, 1_000);
			fail(id);
			assert_eq!(Compute::state(id), Some(ResourceState::Suspect));
			assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity::ZERO);
			pass(id, 1_000);
			assert_eq!((Compute::state(id), resource(id).life.failures), (Some(ResourceState::Active), 0));
		})
	}
}

#[test]
fn a_resource_that_fails_while_it_warms_up_goes_on_warming_up() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		Compute::missed(id);
		assert_eq!(Compute::state(id), Some(ResourceState::Suspect));
		pass(id, 1_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Warmup));
		Compute::missed(id);
		pass(id, 1_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
	})
}

#[test]
fn a_resource_that_fails_too_often_is_jailed_and_not_slashed() {
	run(|| {
		let id = active(1, 1_000);
		Compute::missed(id);
		Compute::refused(id);
		let failed = Event::RoundFailed { resource: id, failure: Failure::Refused, failures: 2, limit: 3 };
		assert_eq!((Compute::state(id), events().contains(&failed)), (Some(ResourceState::Suspect), true));
		Compute::missed(id);
		assert_eq!((Compute::state(id), Compute::drawable()), (Some(ResourceState::Jailed), 0));
		let reputation = provider(PROVIDER).reputation;
		assert_eq!((reputation.missed, reputation.refused, reputation.offences), (2, 1, 0));
		assert_eq!((provider(PROVIDER).bond, Slashed::get()), (BOND, 10));
	})
}

#[test]
fn failures_count_in_a_row_only() {
	run(|| {
		let id = active(1, 1_000);
		for _ in 0..5 {
			Compute::missed(id);
			Compute::missed(id);
			pass(id, 1_000);
		}
		assert_eq!(Compute::state(id), Some(ResourceState::Active));
	})
}

#[test]
fn a_provider_takes_its_resource_out_of_jail_and_it_begins_anew() {
	run(|| {
		let id = active(1, 1_000);
		assert_noop!(Compute::unjail(signed(PROVIDER), id), Error::<Test>::NotJailed);
		(0..3).for_each(|_| Compute::missed(id));
		later(2);
		assert_noop!(Compute::unjail(signed(PROVIDER), id), Error::<Test>::StillJailed);
		later(1);
		assert_noop!(Compute::unjail(signed(2), id), Error::<Test>::NotOwner);
		assert_noop!(Compute::unjail(signed(2), ResourceId(9)), Error::<Test>::UnknownResource);
		assert_ok!(Compute::unjail(signed(PROVIDER), id));
		assert_eq!((Compute::state(id), Compute::drawable()), (Some(ResourceState::Registered), 1));
		pass(id, 1_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Warmup));
	})
}

#[test]
fn a_round_without_a_quorum_changes_nothing() {
	run(|| {
		let id = active(1, 1_000);
		let (before, known) = (resource(id), standing(id));
		Compute::unattested(id);
		assert_eq!((resource(id), standing(id)), (before, known));
		assert_eq!(events().last(), Some(&Event::RoundUnattested { resource: id }));
	})
}

#[test]
fn what_a_round_finds_of_who_is_jailed_or_leaving_does_not_count() {
	run(|| {
		let (jailed, leaving) = (active(1, 1_000), active(1, 1_000));
		(0..3).for_each(|_| Compute::missed(jailed));
		assert_ok!(Compute::exit_resource(signed(PROVIDER), leaving));
		let before = (resource(jailed), standing(jailed), resource(leaving), standing(leaving), events().len());
		for id in [jailed, leaving, ResourceId(9)] {
			pass(id, 5_000);
			Compute::missed(id);
			Compute::refused(id);
			Compute::unattested(id);
		}
		let after = (resource(jailed), standing(jailed), resource(leaving), standing(leaving), events().len());
		assert_eq!(before, after);
	})
}

#[test]
fn a_round_that_ends_during_maintenance_counts() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::declare_maintenance(signed(PROVIDER), id, Day(today() + 2), Day(today() + 2)));
		later(2);
		Compute::missed(id);
		assert_eq!(Compute::state(id), Some(ResourceState::Maintenance));
		let (from, to) = (ResourceState::Active, ResourceState::Suspect);
		assert!(events().contains(&Event::StateChanged { resource: id, from, to }));
		later(1);
		assert_eq!(Compute::state(id), Some(ResourceState::Suspect));
	})
}

#[test]
fn a_jailed_resource_may_leave() {
	run(|| {
		let id = active(1, 1_000);
		(0..3).for_each(|_| Compute::missed(id));
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		assert_eq!(Compute::state(id), Some(ResourceState::Exiting));
		later(4);
		assert_noop!(Compute::unjail(signed(PROVIDER), id), Error::<Test>::NotJailed);
		assert_ok!(Compute::remove_resource(signed(PROVIDER), id));
	})
}

#[test]
fn a_longer_warm_up_does_not_make_an_active_resource_cold() {
	let active = Life { stage: Stage::Active, passed: 2, failures: 0 };
	assert_eq!(active.pass(10).stage, Stage::Active);
	let suspect = active.fail(3, Day(1));
	assert_eq!((suspect.stage, suspect.pass(10).stage), (Stage::Suspect, Stage::Warmup));
}

#[test]
fn every_stage_shows_as_its_state_and_maintenance_lies_over_those_that_are_drawn() {
	use ResourceState as State;
	let until = Day(1);
	for (stage, state, maintained) in [
		(Stage::Registered, State::Registered, State::Maintenance),
		(Stage::Warmup, State::Warmup, State::Maintenance),
		(Stage::Active, State::Active, State::Maintenance),
		(Stage::Suspect, State::Suspect, State::Maintenance),
		(Stage::Jailed { until }, State::Jailed, State::Jailed),
		(Stage::Exiting { until }, State::Exiting, State::Exiting),
	] {
		let life = Life { stage, passed: 0, failures: 0 };
		assert_eq!((life.state(false), life.state(true)), (state, maintained));
		assert_eq!(stage.is_examined(), state.allows_draws());
		assert_eq!(stage.has_capacity(), state.allows_sales());
	}
}
