//! What providers do with their resources.

use super::*;

#[test]
fn a_resource_registers_and_is_on_the_roster() {
	run(|| {
		let id = registered(PROVIDER, HPC, 4);
		let record = resource(id);
		assert_eq!((record.devices, record.version, record.life), (4, ReferenceVersion(1), Life::NEW));
		assert_eq!((Compute::drawable(), Compute::drawable_at(0), Compute::drawable_at(1)), (1, Some(id), None));
		assert_eq!(provider(PROVIDER).resources.to_vec(), [id]);
		let subject = Compute::subject(id).expect("known");
		assert_eq!((subject.provider, subject.agent, subject.class, subject.devices), (PROVIDER, AGENT, HPC, 4));
		assert!(subject.solves);
		assert_eq!(Compute::state(id), Some(ResourceState::Registered));
		let inference = registered(PROVIDER, INFER, 1);
		assert!(!Compute::subject(inference).expect("known").solves);
		assert_eq!((Compute::subject(ResourceId(9)), Compute::state(ResourceId(9))), (None, None));
	})
}

#[test]
fn a_resource_is_refused_that_cannot_be() {
	run(|| {
		let register = |who, class, devices, version| {
			Compute::register_resource(signed(who), class, Region(276), devices, AGENT, version)
		};
		assert_noop!(register(2, HPC, 1, None), Error::<Test>::NotProvider);
		assert_noop!(register(PROVIDER, ClassId(9), 1, None), Error::<Test>::UnknownClass);
		assert_noop!(register(PROVIDER, HPC, 1, Some(ReferenceVersion(2))), Error::<Test>::UnknownVersion);
		assert_noop!(register(PROVIDER, HPC, 0, None), Error::<Test>::InvalidDevices);
		assert_noop!(register(PROVIDER, HPC, MAX_DEVICES + 1, None), Error::<Test>::InvalidDevices);
		(0..4).for_each(|_| {
			assert_ok!(register(PROVIDER, HPC, MAX_DEVICES, None));
		});
		assert_noop!(register(PROVIDER, HPC, 1, None), Error::<Test>::TooManyResources);
	})
}

#[test]
fn an_agent_is_replaced_by_its_provider() {
	run(|| {
		let id = registered(PROVIDER, HPC, 1);
		assert_ok!(Compute::set_agent(signed(PROVIDER), id, 12));
		assert_eq!(Compute::subject(id).expect("known").agent, 12);
		assert!(events().contains(&Event::AgentChanged { resource: id, before: AGENT, agent: 12 }));
		assert_noop!(Compute::set_agent(signed(2), id, 12), Error::<Test>::NotOwner);
		assert_noop!(Compute::set_agent(signed(PROVIDER), ResourceId(9), 12), Error::<Test>::UnknownResource);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		assert_noop!(Compute::set_agent(signed(PROVIDER), id, 13), Error::<Test>::ResourceExiting);
	})
}

#[test]
fn with_more_devices_what_was_found_counts_no_more() {
	run(|| {
		let id = active(2, 1_000);
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 3));
		assert_eq!((Compute::grade(id), Compute::rate(id, Tier::Attested)), (None, None));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity::ZERO);
		pass(id, 1_000);
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity(3 * DEVICE_DAY.0));
	})
}

#[test]
fn with_fewer_devices_evidence_stays_and_capacity_falls() {
	run(|| {
		let id = active(3, 1_000);
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 2));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today())), Capacity(2 * DEVICE_DAY.0));
		assert!(events().contains(&Event::DevicesChanged { resource: id, before: 3, devices: 2 }));
	})
}

#[test]
fn the_number_of_devices_is_refused_that_cannot_be() {
	run(|| {
		let id = registered(PROVIDER, HPC, 3);
		for devices in [0, 3, MAX_DEVICES + 1] {
			assert_noop!(Compute::set_devices(signed(PROVIDER), id, devices), Error::<Test>::InvalidDevices);
		}
		assert_noop!(Compute::set_devices(signed(2), id, 1), Error::<Test>::NotOwner);
		assert_noop!(Compute::set_devices(signed(2), ResourceId(9), 1), Error::<Test>::UnknownResource);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		assert_noop!(Compute::set_devices(signed(PROVIDER), id, 1), Error::<Test>::ResourceExiting);
	})
}

#[test]
fn capacity_that_is_sold_is_not_taken_away() {
	run(|| {
		let id = active(2, 1_000);
		let one_device = DEVICE_DAY;
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(3, 3), Capacity(one_device.0 + 1)));
		assert_noop!(Compute::set_devices(signed(PROVIDER), id, 1), Error::<Test>::CapacitySold);
		// More of them must be measured first: until then nothing is covered.
		assert_noop!(Compute::set_devices(signed(PROVIDER), id, 3), Error::<Test>::CapacitySold);
		assert_noop!(Compute::exit_resource(signed(PROVIDER), id), Error::<Test>::CapacitySold);
		assert_ok!(Compute::unsell(&PROVIDER, HPC, &Grade::LOWEST, days(3, 3), Capacity(1)));
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 1));
		// Another resource takes it over.
		active(1, 1_000);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
	})
}

#[test]
fn a_resource_leaves_and_is_removed_after_the_unbonding_time() {
	run(|| {
		let (first, id) = (registered(PROVIDER, HPC, 1), registered(PROVIDER, HPC, 1));
		assert_noop!(Compute::remove_resource(signed(2), first), Error::<Test>::NotLeaving);
		assert_noop!(Compute::exit_resource(signed(2), first), Error::<Test>::NotOwner);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), first));
		assert_noop!(Compute::exit_resource(signed(PROVIDER), first), Error::<Test>::ResourceExiting);
		assert_eq!(Compute::state(first), Some(ResourceState::Exiting));
		assert_eq!((Compute::drawable(), Compute::drawable_at(0)), (1, Some(id)));
		later(3);
		assert_noop!(Compute::remove_resource(signed(2), first), Error::<Test>::StillUnbonding);
		later(1);
		assert_ok!(Compute::remove_resource(signed(2), first));
		assert_eq!((Compute::state(first), provider(PROVIDER).resources.to_vec()), (None, vec![id]));
		assert_noop!(Compute::remove_resource(signed(2), first), Error::<Test>::UnknownResource);
		assert_noop!(Compute::exit_resource(signed(PROVIDER), first), Error::<Test>::UnknownResource);
	})
}

#[test]
fn a_resource_does_not_leave_while_it_is_booked() {
	run(|| {
		let (id, _) = (active(1, 1_000), active(1, 1_000));
		assert_ok!(Compute::pledge(signed(PROVIDER), id, days(2, 2), Capacity(1)));
		assert_noop!(Compute::exit_resource(signed(PROVIDER), id), Error::<Test>::StillBooked);
		assert_ok!(Compute::unpledge(signed(PROVIDER), id, days(2, 2), Capacity(1)));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(2, 2), Capacity(1)));
		assert_ok!(Compute::nominate(id, &Grade::LOWEST, days(2, 2), Capacity(1)));
		assert_noop!(Compute::exit_resource(signed(PROVIDER), id), Error::<Test>::StillBooked);
		assert_ok!(Compute::release(id, days(2, 2), Capacity(1)));
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
	})
}

#[test]
fn the_roster_closes_its_gaps_whoever_leaves() {
	for gone in 0..4u32 {
		run(|| {
			let all: Vec<_> = (0..4).map(|_| registered(PROVIDER, HPC, 1)).collect();
			assert_ok!(Compute::exit_resource(signed(PROVIDER), ResourceId(gone)));
			let mut left: Vec<_> = (0..Compute::drawable()).filter_map(Compute::drawable_at).collect();
			left.sort_unstable();
			let expected: Vec<_> = all.into_iter().filter(|id| id.0 != gone).collect();
			assert_eq!(left, expected);
		})
	}
}
