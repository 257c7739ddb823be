//! Each invariant, broken on purpose, is caught.

use super::*;
use frame_support::traits::fungible::MutateHold;

const ID: ResourceId = ResourceId(0);

/// An active resource, another that is registered, and something sold, nominated and pledged. What is broken of that is
/// noticed in these words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Market::default().build().execute_with(|| {
		let id = active(2, 1_000);
		registered(PROVIDER, HPC, 1);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(1, 1), Capacity(6)));
		assert_ok!(Compute::nominate(id, &Grade::LOWEST, days(1, 1), Capacity(2)));
		assert_ok!(Compute::pledge(signed(PROVIDER), id, days(1, 1), Capacity(1)));
		assert_eq!(Compute::violations(), [""; 0]);
		breakage();
		let violations = Compute::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
	})
}

fn change_class(change: impl FnOnce(&mut crate::types::ClassOf<Test>)) {
	Classes::<Test>::mutate(HPC, |class| change(class.as_mut().expect("there")))
}

fn change_reference(change: impl FnOnce(&mut ReferenceRecord)) {
	References::<Test>::mutate(HPC, ReferenceVersion(1), |reference| change(reference.as_mut().expect("there")))
}

fn change_provider(change: impl FnOnce(&mut crate::types::ProviderOf<Test>)) {
	Providers::<Test>::mutate(PROVIDER, |provider| change(provider.as_mut().expect("there")))
}

fn change_resource(change: impl FnOnce(&mut crate::types::ResourceOf<Test>)) {
	Resources::<Test>::mutate(ID, |resource| change(resource.as_mut().expect("there")))
}

fn change_entry(change: impl FnOnce(&mut crate::types::LedgerDayOf<Test>)) {
	Ledger::<Test>::mutate((Day(today() + 1), PROVIDER, HPC), change)
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	run(|| {
		assert_ok!(Compute::do_try_state());
	});
	Market::default().build().execute_with(|| {
		change_provider(|provider| provider.bond += 1);
		assert!(Compute::do_try_state().is_err());
	})
}

#[test]
fn parameters_that_contradict_each_other_are_caught() {
	let contradiction = || ComputeParameters { max_age: 0, ..parameters() };
	caught("parameters contradict", || Parameters::<Test>::put(contradiction()));
	caught("parameters contradict", || PendingParameters::<Test>::put((Day(today()), contradiction())));
}

#[test]
fn a_class_that_contradicts_its_versions_is_caught() {
	caught("is not its current one", || change_class(|class| class.current = ReferenceVersion(2)));
	caught("counts 2 versions", || change_class(|class| class.versions = 2));
	caught("has no name", || change_class(|class| class.name = Name::default()));
	caught("there are 4 classes", || {
		let class = Classes::<Test>::get(HPC).expect("there");
		(7..9).for_each(|other| Classes::<Test>::insert(ClassId(other), class.clone()));
	});
}

#[test]
fn a_version_that_is_wrong_is_caught() {
	caught("which there is none of", || Classes::<Test>::remove(HPC));
	caught("cannot be measured by", || change_reference(|reference| reference.system.milliwatts = 0));
	caught("cannot be measured by", || change_reference(|reference| reference.system.metrics[0].metric = Metric::Hpcg));
	caught("counts 3 of 2 resources", || change_reference(|reference| reference.resources = 3));
	caught("which is retired", || References::<Test>::remove(HPC, ReferenceVersion(1)));
}

#[test]
fn a_bond_that_is_not_held_is_caught() {
	caught("held of", || change_provider(|provider| provider.bond += 1));
	caught("held of", || {
		assert_ok!(Balances::hold(&HoldReason::ProviderBond.into(), &PROVIDER, 1));
	});
}

#[test]
fn a_provider_that_lists_the_wrong_resources_is_caught() {
	caught("lists the resources", || change_provider(|provider| assert!(provider.resources.pop().is_some())));
	caught("lists the resources", || {
		change_provider(|provider| {
			assert_ok!(provider.resources.try_push(ID));
		})
	});
	caught("is leaving, and has", || change_provider(|provider| provider.leaving = Some(Day(1))));
}

#[test]
fn a_position_that_is_not_what_the_ledger_says_is_caught() {
	caught("owes Position", || change_provider(|provider| provider.positions[0].outstanding = Capacity(5)));
	caught("owes nothing of", || change_provider(|provider| provider.positions = Default::default()));
	caught("after its last day", || change_provider(|provider| provider.positions[0].last = Day(today())));
	caught("a position twice", || {
		change_provider(|provider| {
			assert_ok!(provider.positions.try_push(provider.positions[0]));
		})
	});
	caught("does not fit", || change_entry(|entry| entry.sold[0].1 = Capacity(u128::MAX)));
}

#[test]
fn a_resource_that_cannot_be_is_caught() {
	caught("was never registered", || NextResource::<Test>::put(ID));
	caught("who is no provider", || change_resource(|resource| resource.provider = 9));
	caught("has 0 devices", || change_resource(|resource| resource.devices = 0));
	for (first, last) in [((5, 6), (6, 6)), ((7, 7), (6, 6)), ((5, 4), (6, 6))] {
		caught("maintenance that overlaps", || {
			let window = |(first, last)| DeliveryDays { first: Day(first), last: Day(last) };
			let windows = vec![window(first), window(last)];
			change_resource(|resource| resource.maintenance = windows.try_into().expect("short"));
		});
	}
}

#[test]
fn a_life_that_cannot_be_is_caught() {
	for (stage, passed, failures) in [
		(Stage::Registered, 1, 0),
		(Stage::Warmup, 0, 0),
		(Stage::Active, 1, 1),
		(Stage::Suspect, 1, 0),
		(Stage::Jailed { until: Day(1) }, 1, 0),
		(Stage::Exiting { until: Day(1) }, 0, 1),
	] {
		caught("did not get to where it is", || {
			change_resource(|resource| resource.life = Life { stage, passed, failures })
		});
	}
}

#[test]
fn a_standing_that_follows_from_nothing_is_caught() {
	caught("which there is none of", || Standings::<Test>::insert(ResourceId(9), Standing::default()));
	caught("follows from nothing", || Standings::<Test>::mutate(ID, |standing| standing.attested = None));
	caught("of a time to come", || go_to(today() - 1, 0));
	caught("of a class that cannot be", || {
		change_class(|class| class.attested_by = None);
	});
}

#[test]
fn a_total_that_is_not_that_of_the_resources_is_caught() {
	let change = |change: fn(&mut Standing)| Standings::<Test>::mutate(ID, change);
	caught("their resources have", || ClassCapacity::<Test>::insert(HPC, Capacity(1)));
	caught("their resources have", || ClassCapacity::<Test>::insert(INFER, Capacity(1)));
	caught("their resources have", || change(|standing| standing.counted = Capacity(1)));
	caught("and has no capacity", || change_resource(|resource| resource.life = Life::NEW));
	caught("more than all that was due", || {
		change(|standing| standing.best = Some(BestDelivery { share: Ppm(1_000_001), at: 0 }))
	});
	caught("of a time to come", || {
		change(|standing| standing.best = Some(BestDelivery { share: Ppm::ONE, at: u64::MAX }))
	});
}

#[test]
fn a_roster_that_is_wrong_is_caught() {
	caught("has gaps", || Roster::<Test>::remove(0));
	caught("are not those of the roster", || Seats::<Test>::insert(ID, 1));
	caught("are not those of the roster", || Seats::<Test>::remove(ID));
	caught("examined are", || Compute::unseat(ID));
	caught("examined are", || Compute::seat(ResourceId(9)));
}

#[test]
fn an_entry_that_is_wrong_is_caught() {
	caught("is before the oldest day", OldestDay::<Test>::kill);
	caught("is before the oldest day", || OldestDay::<Test>::put(Day(today() + 2)));
	caught("has nothing in it", || change_entry(|entry| entry.sold[0].1 = Capacity::ZERO));
	caught("has nothing in it", || {
		change_entry(|entry| (entry.booked[0].nominated, entry.booked[0].pledged) = Default::default())
	});
	caught("has nothing in it", || change_entry(|entry| *entry = Default::default()));
	caught("has something twice", || {
		change_entry(|entry| {
			assert_ok!(entry.sold.try_push(entry.sold[0]));
		})
	});
	caught("has something twice", || {
		change_entry(|entry| {
			assert_ok!(entry.booked.try_push(entry.booked[0]));
		})
	});
	caught("books resources of others", || change_entry(|entry| entry.booked[0].resource = ResourceId(9)));
}
