//! What is slashed.

use super::*;
use gcx_primitives::ProviderOffence::{DoubleSigned, FalseSolve};

#[test]
fn an_offence_slashes_its_share_and_jails_and_the_reporter_gets_a_part() {
	for (offence, taken) in [(DoubleSigned, 500_000), (FalseSolve, 250_000)] {
		run(|| {
			let id = active(1, 1_000);
			let (issued, reporter) = (Balances::total_issuance(), Balances::free_balance(2));
			Compute::offended(id, offence, Some(2));
			assert_eq!(
				(provider(PROVIDER).bond, Balances::total_balance_on_hold(&PROVIDER)),
				(BOND - taken, BOND - taken)
			);
			assert_eq!(Balances::free_balance(2), reporter + taken / 10);
			assert_eq!(Slashed::get(), 10 + taken - taken / 10);
			assert_eq!(Balances::total_issuance(), issued);
			assert_eq!((Compute::state(id), Compute::drawable()), (Some(ResourceState::Jailed), 0));
			assert_eq!((Compute::grade(id), Compute::rate(id, Tier::Attested)), (None, None));
			let reputation = provider(PROVIDER).reputation;
			assert_eq!((reputation.offences, reputation.slashed), (1, taken));
			let expected = Event::Slashed {
				provider: PROVIDER,
				resource: id,
				offence,
				had: BOND,
				taken,
				left: BOND - taken,
				reporter: Some(2),
				reward: taken / 10,
			};
			assert!(events().contains(&expected), "{:?}", events());
		})
	}
}

#[test]
fn without_a_reporter_all_of_a_slash_goes_where_slashes_go() {
	run(|| {
		let id = active(1, 1_000);
		Compute::offended(id, FalseSolve, None);
		assert_eq!(Slashed::get(), 10 + 250_000);
	})
}

#[test]
fn a_provider_that_reports_itself_gets_nothing() {
	run(|| {
		let id = active(1, 1_000);
		let before = Balances::free_balance(PROVIDER);
		Compute::offended(id, FalseSolve, Some(PROVIDER));
		assert_eq!((Balances::free_balance(PROVIDER), Slashed::get()), (before, 10 + 250_000));
	})
}

#[test]
fn a_reward_that_cannot_be_paid_goes_where_slashes_go() {
	// Account 99 does not exist, and a reward below the smallest balance does not open it.
	Market { providers: vec![(PROVIDER, 1_100)], ..Default::default() }.run(|| {
		let id = registered(PROVIDER, HPC, 1);
		Providers::<Test>::mutate(PROVIDER, |provider| provider.as_mut().expect("there").bond = 1_100);
		let mut parameters = parameters();
		parameters.reporter_share = Ppm::percent(1);
		Parameters::<Test>::put(parameters);
		Compute::offended(id, FalseSolve, Some(99));
		assert_eq!((Balances::free_balance(99), Slashed::get()), (0, 10 + 275));
		let rewards: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::Slashed { reward, .. } => Some(reward),
				_ => None,
			})
			.collect();
		assert_eq!(rewards, [0]);
	})
}

#[test]
fn a_slash_is_rounded_up_and_never_more_than_the_bond() {
	Market { providers: vec![(PROVIDER, 1_101)], ..Default::default() }.run(|| {
		let id = registered(PROVIDER, HPC, 1);
		Compute::offended(id, FalseSolve, None);
		assert_eq!(provider(PROVIDER).bond, 1_101 - 276);
		for _ in 0..60 {
			Compute::offended(id, DoubleSigned, None);
		}
		assert_eq!(provider(PROVIDER).bond, 0);
		// What is left of nothing is given back all the same.
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		later(4);
		assert_ok!(Compute::remove_resource(signed(PROVIDER), id));
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		later(4);
		assert_ok!(Compute::withdraw(signed(PROVIDER), PROVIDER));
	})
}

#[test]
fn a_resource_that_is_leaving_can_still_be_slashed() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		Compute::offended(id, FalseSolve, None);
		assert_eq!(provider(PROVIDER).bond, 750_000);
		assert_eq!(Compute::state(id), Some(ResourceState::Exiting));
		later(4);
		assert_ok!(Compute::remove_resource(signed(PROVIDER), id));
		Compute::offended(id, FalseSolve, None);
		assert_eq!(provider(PROVIDER).bond, 750_000);
	})
}

#[test]
fn another_offence_makes_the_time_in_jail_no_shorter() {
	run(|| {
		let id = active(1, 1_000);
		Compute::offended(id, FalseSolve, None);
		later(1);
		Compute::offended(id, FalseSolve, None);
		later(2);
		assert_noop!(Compute::unjail(signed(PROVIDER), id), Error::<Test>::StillJailed);
		later(1);
		assert_ok!(Compute::unjail(signed(PROVIDER), id));
	})
}

#[test]
fn a_bond_that_was_slashed_too_low_is_raised_before_jail_is_left() {
	Market { providers: vec![(PROVIDER, 1_100)], ..Default::default() }.run(|| {
		let id = registered(PROVIDER, HPC, 1);
		Compute::offended(id, FalseSolve, None);
		later(3);
		assert_noop!(Compute::unjail(signed(PROVIDER), id), Error::<Test>::BondTooSmall);
		assert_ok!(Compute::bond_extra(signed(PROVIDER), 275));
		assert_ok!(Compute::unjail(signed(PROVIDER), id));
	})
}
