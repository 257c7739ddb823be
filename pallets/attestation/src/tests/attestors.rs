//! Owners, attestors and their bonds.

use super::*;

fn bonded(owner: u8) -> Balance {
	held(HoldReason::AttestorBond, &account(owner))
}

fn register(owner: u8, number: u8, bond: Balance) -> sp_runtime::DispatchResult {
	Attestation::register(signed(account(owner)), attestor(number), bond)
}

#[test]
fn an_owner_is_admitted_by_governance_and_bonds_an_attestor() {
	World::default().run(|| {
		assert_noop!(register(15, 5, 400), Error::<Test>::NotAdmitted);
		assert_noop!(Attestation::admit_owner(signed(account(15)), account(15)), DispatchError::BadOrigin);
		assert_ok!(Attestation::admit_owner(RuntimeOrigin::root(), account(15)));
		assert_noop!(Attestation::admit_owner(RuntimeOrigin::root(), account(15)), Error::<Test>::AlreadyAdmitted);
		assert_ok!(register(15, 5, 400));
		assert_eq!(bonded(15), 400);
		let registered = Attestors::<Test>::get(attestor(5)).unwrap();
		assert_eq!((registered.standing, registered.duties), (Ppm::ONE, 0));
		let (owner, attestor) = (account(15), attestor(5));
		let admitted = Event::OwnerAdmitted { owner: owner.clone() };
		assert_eq!(events(), [admitted, Event::Registered { attestor, owner, bond: 400 }]);
	})
}

#[test]
fn an_attestor_needs_a_bond_and_a_place() {
	World::default().run(|| {
		assert_noop!(register(11, 20, 99), Error::<Test>::BondTooSmall);
		assert_noop!(register(11, 2, 100), Error::<Test>::AlreadyAttestor);
		assert!(register(11, 20, ENDOWMENT).is_err());
		// An owner may have three, and there is room for eight.
		assert_ok!(register(11, 20, 100));
		assert_ok!(register(11, 21, 100));
		assert_noop!(register(11, 22, 100), Error::<Test>::TooManyAttestorsOfOwner);
		assert_ok!(register(12, 22, 100));
		assert_ok!(register(13, 23, 100));
		assert_noop!(register(14, 24, 100), Error::<Test>::TooManyAttestors);
		assert_eq!(bonded(11), 600);
	})
}

#[test]
fn a_bond_is_raised_by_its_owner() {
	World::default().run(|| {
		let bond_extra =
			|owner, number, extra| Attestation::bond_extra(signed(account(owner)), attestor(number), extra);
		assert_ok!(bond_extra(11, 1, 50));
		assert_eq!(bonded(11), 450);
		assert_eq!(events(), [Event::BondRaised { attestor: attestor(1), extra: 50, bond: 450 }]);
		assert_noop!(bond_extra(11, 1, 0), Error::<Test>::NothingToAdd);
		assert_noop!(bond_extra(12, 1, 50), Error::<Test>::NotAttestor);
		assert_noop!(bond_extra(11, 30, 50), Error::<Test>::NotAttestor);
		assert!(bond_extra(11, 1, ENDOWMENT).is_err());
		assert_ok!(Attestation::unregister(signed(account(11)), attestor(1)));
		assert_noop!(bond_extra(11, 1, 50), Error::<Test>::AlreadyLeaving);
	})
}

#[test]
fn a_bond_stays_for_the_unbonding_time_and_then_anyone_can_free_the_place() {
	World::default().declared().run(|| {
		Parameters::<Test>::mutate(|parameters| parameters.draws_per_block = 0);
		let withdraw = || Attestation::withdraw(signed(account(60)), attestor(1));
		assert_noop!(withdraw(), Error::<Test>::NotLeaving);
		assert_noop!(Attestation::unregister(signed(account(12)), attestor(1)), Error::<Test>::NotAttestor);
		assert_ok!(Attestation::unregister(signed(account(11)), attestor(1)));
		assert_noop!(Attestation::unregister(signed(account(11)), attestor(1)), Error::<Test>::AlreadyLeaving);
		blocks(30);
		assert_noop!(withdraw(), Error::<Test>::StillUnbonding);
		blocks(1);
		assert_ok!(withdraw());
		assert_eq!((bonded(11), Balances::free_balance(account(11))), (0, ENDOWMENT));
		assert_noop!(withdraw(), Error::<Test>::NotAttestor);
	})
}

#[test]
fn who_is_on_a_panel_does_not_withdraw() {
	World::default().run(|| {
		drawn();
		assert_ok!(Attestation::unregister(signed(account(11)), attestor(1)));
		// A long halt: the unbonding time is over, the round is not.
		block_after(40);
		let withdraw = || Attestation::withdraw(signed(account(60)), attestor(1));
		assert_noop!(withdraw(), Error::<Test>::OnDuty);
		until(Stage::Closed);
		assert_ok!(withdraw());
	})
}

#[test]
fn who_is_leaving_or_bonded_too_little_is_not_drawn() {
	World::default().attestors(&[(1, 11), (2, 12), (3, 13), (4, 14), (5, 15), (6, 16)]).run(|| {
		assert_ok!(Attestation::unregister(signed(account(11)), attestor(1)));
		Parameters::<Test>::mutate(|parameters| parameters.min_bond = 401);
		for number in [3, 4, 5, 6] {
			assert_ok!(Attestation::bond_extra(signed(account(10 + number)), attestor(number), 1));
		}
		drawn();
		let panel = round().draw.unwrap().panel;
		assert!(!panel.contains(&attestor(1)) && !panel.contains(&attestor(2)), "{panel:?}");
		assert_eq!(panel.len(), 4);
	})
}

#[test]
fn an_expelled_owners_attestors_leave_and_what_they_found_does_not_count() {
	World::default().run(|| {
		drawn();
		(1..=4).for_each(|number| commit(number, &attested(5)));
		until(Stage::Reveal);
		(1..=4).for_each(|number| reveal(number, &attested(5)));
		assert_noop!(Attestation::expel_owner(signed(account(11)), account(11)), DispatchError::BadOrigin);
		assert_ok!(Attestation::expel_owner(RuntimeOrigin::root(), account(11)));
		assert_noop!(Attestation::expel_owner(RuntimeOrigin::root(), account(11)), Error::<Test>::NotAdmitted);
		assert_eq!(Attestors::<Test>::get(attestor(1)).unwrap().leaving, Some(slot() + 30));
		until(Stage::Closed);
		assert!(matches!(round().outcome, Some(Outcome::Attested { agreed: 3, outliers: 0, .. })));
		assert_eq!(Balances::free_balance(account(11)), ENDOWMENT - 400);
	})
}

#[test]
fn nobody_examines_its_own() {
	// Owner 41 is the provider; the agent's key is an attestor's as well.
	World::default().attestors(&[(1, 41), (2, 12), (3, 13), (4, 14)]).run(|| {
		assert_ok!(Attestation::register(signed(account(12)), agent(), 400));
		assert_ok!(Attestation::register(signed(account(12)), provider(), 400));
		drawn();
		let mut panel = round().draw.unwrap().panel.to_vec();
		panel.sort();
		let mut expected = vec![attestor(2), attestor(3), attestor(4)];
		expected.sort();
		assert_eq!(panel, expected);
	})
}

#[test]
fn no_owner_has_two_on_a_panel_while_another_has_none() {
	for luck in 0..20 {
		World::default().attestors(&[(1, 11), (2, 11), (3, 11), (4, 12), (5, 12), (6, 13), (7, 14)]).run(|| {
			Luck::set(luck);
			drawn();
			let panel = round().draw.unwrap().panel;
			let owners: std::collections::BTreeSet<_> =
				panel.iter().map(|member| Attestors::<Test>::get(member).unwrap().owner).collect();
			assert_eq!((panel.len(), owners.len()), (4, 4));
		});
	}
}

#[test]
fn every_attestor_is_drawn_about_as_often() {
	let mut drawn_often = [0; 8];
	for luck in 0..300 {
		let attestors: Vec<_> = (1..=8).map(|number| (number, 10 + number)).collect();
		World::default().attestors(&attestors).build().execute_with(|| {
			Luck::set(luck);
			drawn();
			let panel = round().draw.unwrap().panel;
			for (number, often) in (1..=8).zip(&mut drawn_often) {
				*often += i32::from(panel.contains(&attestor(number)));
			}
		});
	}
	// 150 each, with a standard deviation of 8.7.
	assert!(drawn_often.iter().all(|often| (110..=190).contains(often)), "{drawn_often:?}");
}
