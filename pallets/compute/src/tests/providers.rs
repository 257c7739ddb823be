//! Providers and their bonds.

use super::*;

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::ProviderBond.into(), &who)
}

#[test]
fn a_provider_registers_with_a_bond() {
	run(|| {
		assert_ok!(Compute::register_provider(signed(2), 1_000));
		assert_eq!((held(2), provider(2).bond, provider(2).since), (1_000, 1_000, Day(FIRST_DAY)));
		assert_noop!(Compute::register_provider(signed(2), 1_000), Error::<Test>::AlreadyProvider);
		assert_noop!(Compute::register_provider(signed(3), 999), Error::<Test>::BondTooSmall);
		assert!(Compute::register_provider(signed(99), 1_000).is_err());
		assert_eq!(events(), [Event::ProviderRegistered { provider: 2, bond: 1_000 }]);
	})
}

#[test]
fn a_bond_is_raised() {
	run(|| {
		assert_ok!(Compute::bond_extra(signed(PROVIDER), 5));
		assert_eq!((held(PROVIDER), provider(PROVIDER).bond), (BOND + 5, BOND + 5));
		assert_eq!(events(), [Event::BondRaised { provider: PROVIDER, extra: 5, bond: BOND + 5 }]);
		assert_noop!(Compute::bond_extra(signed(PROVIDER), 0), Error::<Test>::NoAmount);
		assert_noop!(Compute::bond_extra(signed(2), 1), Error::<Test>::NotProvider);
		assert!(Compute::bond_extra(signed(PROVIDER), 2 * ENDOWMENT).is_err());
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		assert_noop!(Compute::bond_extra(signed(PROVIDER), 1), Error::<Test>::ProviderLeaving);
	})
}

#[test]
fn a_bond_is_given_back_after_the_unbonding_time() {
	run(|| {
		let before = Balances::free_balance(PROVIDER);
		assert_noop!(Compute::withdraw(signed(2), PROVIDER), Error::<Test>::NotLeaving);
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		assert_noop!(Compute::unbond(signed(PROVIDER)), Error::<Test>::ProviderLeaving);
		later(3);
		assert_noop!(Compute::withdraw(signed(2), PROVIDER), Error::<Test>::StillUnbonding);
		later(1);
		assert_ok!(Compute::withdraw(signed(2), PROVIDER));
		assert_eq!((held(PROVIDER), Balances::free_balance(PROVIDER)), (0, before + BOND));
		assert_noop!(Compute::withdraw(signed(2), PROVIDER), Error::<Test>::NotProvider);
		assert_noop!(Compute::unbond(signed(PROVIDER)), Error::<Test>::NotProvider);
	})
}

#[test]
fn a_provider_does_not_leave_while_it_has_resources_or_owes() {
	run(|| {
		let resource = active(1, 1_000);
		assert_noop!(Compute::unbond(signed(PROVIDER)), Error::<Test>::HasResources);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(0, 0), milli_hours(1)));
		// The day passes and the resource goes, the debt stays.
		later(1);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), resource));
		later(3);
		assert_noop!(Compute::remove_resource(signed(2), resource), Error::<Test>::StillUnbonding);
		later(1);
		assert_ok!(Compute::remove_resource(signed(2), resource));
		assert_noop!(Compute::unbond(signed(PROVIDER)), Error::<Test>::StillOwes);
		assert_ok!(Compute::prune(signed(2), 1));
		assert_ok!(Compute::unbond(signed(PROVIDER)));
	})
}

#[test]
fn a_leaving_provider_offers_nothing_new() {
	run(|| {
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		let register = Compute::register_resource(signed(PROVIDER), HPC, Region(276), 1, AGENT, None);
		assert_noop!(register, Error::<Test>::ProviderLeaving);
		let sell = Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(0, 0), Capacity(1));
		assert_eq!(sell, Err(Error::<Test>::ProviderLeaving.into()));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity::ZERO);
	})
}

#[test]
fn a_bond_must_cover_every_resource_and_what_is_sold() {
	run(|| {
		assert_ok!(Compute::register_provider(signed(2), 1_099));
		let register = || Compute::register_resource(signed(2), HPC, Region(276), 1, AGENT, None);
		assert_noop!(register(), Error::<Test>::BondTooSmall);
		assert_ok!(Compute::bond_extra(signed(2), 1));
		let resource = active_of(2, 1, 1_000);
		assert_ok!(Compute::bond_extra(signed(2), 110));
		// A Compute Hour and something: eleven are at risk, rounded up.
		assert_ok!(Compute::sell(&2, HPC, &Grade::LOWEST, days(0, 0), Capacity(HOUR + 1)));
		assert_eq!(Compute::at_risk(&provider(2)), Ok(11));
		assert_noop!(register(), Error::<Test>::BondTooSmall);
		assert_ok!(Compute::unsell(&2, HPC, &Grade::LOWEST, days(0, 0), Capacity(1)));
		assert_ok!(register());
		assert_ok!(Compute::exit_resource(signed(2), ResourceId(resource.0 + 1)));
	})
}
