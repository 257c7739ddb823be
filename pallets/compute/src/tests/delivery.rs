//! What comes of delivery: stakes, windows, the capacity of a class, pinned versions.

use super::*;
use frame_support::traits::Imbalance;

/// A window is settled: so many hours were due and so many delivered.
fn window(resource: ResourceId, due: u128, delivered: u128) {
	let earned = Cash(i128::try_from(delivered).unwrap());
	Compute::delivered(&PROVIDER, Some(resource), Capacity(due * HOUR), Capacity(delivered * HOUR), earned);
}

fn sellable() -> Capacity {
	Compute::sellable(&PROVIDER, HPC, &Grade::LOWEST, Day(today()))
}

fn total() -> Option<Capacity> {
	Compute::per_day(HPC)
}

fn part(of: Capacity, per_cent: u128) -> Capacity {
	Capacity(of.0 * per_cent / 100)
}

#[test]
fn stake_is_taken_to_the_unit_and_no_more_than_there_is() {
	run(|| {
		let id = active(1, 1_000);
		let issued = Balances::total_issuance();
		assert_eq!(Compute::stake(&PROVIDER), u128::from(BOND));
		let credit = Compute::take_stake(&PROVIDER, Some(id), 300_001);
		assert_eq!((credit.peek(), provider(PROVIDER).bond), (300_001, 699_999));
		assert_eq!(Balances::total_balance_on_hold(&PROVIDER), 699_999);
		let expected =
			|resource, had, taken| Event::StakeTaken { provider: PROVIDER, resource, had, taken, left: had - taken };
		assert_eq!(events().last(), Some(&expected(Some(id), BOND, 300_001)));
		// Dropped, it is burned.
		drop(credit);
		assert_eq!(Balances::total_issuance(), issued - 300_001);
		assert_eq!(Compute::take_stake(&PROVIDER, None, u128::MAX).peek(), 699_999);
		assert_eq!(events().last(), Some(&expected(None, 699_999, 699_999)));
		assert_eq!((Compute::stake(&PROVIDER), provider(PROVIDER).reputation.slashed), (0, BOND));
		// Nothing is no offence, and not told of.
		let told = events().len();
		assert_eq!(Compute::take_stake(&PROVIDER, None, 5).peek(), 0);
		assert_eq!((events().len(), provider(PROVIDER).reputation.offences), (told, 0));
	})
}

#[test]
fn who_is_no_provider_has_no_stake() {
	run(|| {
		assert_eq!((Compute::stake(&9), Compute::take_stake(&9, None, 5).peek()), (0, 0));
		Compute::delivered(&9, None, Capacity(5), Capacity(5), Cash(5));
		assert!(Delivered::get().is_empty());
		assert_eq!(Providers::<Test>::get(9), None);
	})
}

#[test]
fn a_stake_that_was_taken_covers_no_sales() {
	run(|| {
		active(1, 1_000);
		// 1,100 are for the provider and its resource; 109 cover 10.9 hours at ten each.
		drop(Compute::take_stake(&PROVIDER, None, u128::from(BOND - 1_100 - 109)));
		assert_eq!(sellable(), Capacity(10_900_000));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(0, 0), sellable()));
		assert_eq!(sellable(), Capacity::ZERO);
		let sell = Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(0, 0), Capacity(1));
		assert_eq!(sell, Err(Error::<Test>::BondExhausted.into()));
		// What is sold stays sold when more is taken than was free.
		drop(Compute::take_stake(&PROVIDER, None, 1_000));
		assert_eq!(provider(PROVIDER).position(HPC).map(|position| position.outstanding), Some(Capacity(10_900_000)));
	})
}

#[test]
fn a_provider_that_lost_all_of_its_stake_leaves_with_nothing() {
	run(|| {
		let free = Balances::free_balance(PROVIDER);
		drop(Compute::take_stake(&PROVIDER, None, u128::MAX));
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		later(4);
		assert_ok!(Compute::withdraw(signed(2), PROVIDER));
		assert_eq!((Balances::free_balance(PROVIDER), Compute::stake(&PROVIDER)), (free, 0));
	})
}

#[test]
fn stake_is_taken_of_who_is_leaving() {
	run(|| {
		assert_ok!(Compute::unbond(signed(PROVIDER)));
		assert_eq!(Compute::take_stake(&PROVIDER, None, 7).peek(), 7);
		later(4);
		assert_ok!(Compute::withdraw(signed(2), PROVIDER));
		assert!(events().contains(&Event::BondWithdrawn { provider: PROVIDER, bond: BOND - 7 }));
	})
}

#[test]
fn a_loss_is_rounded_up() {
	run(|| {
		for (missing, loss) in [(0, 0), (1, 1), (HOUR / 10, 1), (HOUR / 10 + 1, 2), (HOUR, 10), (HOUR + 1, 11)] {
			assert_eq!(Compute::loss(HPC, Capacity(missing)), loss, "{missing}");
		}
		assert_eq!(Compute::loss(HPC, Capacity(u128::MAX)), u128::MAX.div_ceil(HOUR / 10));
		assert_eq!(Compute::loss(ClassId(9), Capacity(HOUR)), 0);
		assert_ok!(Compute::set_loss_per_hour(RuntimeOrigin::root(), HPC, u64::MAX));
		assert_eq!(Compute::loss(HPC, Capacity(u128::MAX)), u128::MAX);
	})
}

#[test]
fn a_window_counts_like_a_draw() {
	run(|| {
		let id = active(1, 1_000);
		assert_eq!((standing(id).answered, standing(id).missed), (2, 0));
		window(id, 5, 5);
		window(id, 5, 4);
		Compute::delivered(&PROVIDER, Some(id), Capacity(HOUR), Capacity(HOUR - 1), Cash(1));
		assert_eq!((standing(id).answered, standing(id).missed), (3, 2));
		let reputation = provider(PROVIDER).reputation;
		assert_eq!((reputation.delivered, reputation.undelivered), (Capacity(10 * HOUR - 1), Capacity(HOUR + 1)));
		assert_eq!((reputation.missed, reputation.slashed), (0, 0));
		let (due, delivered) = (Capacity(HOUR), Capacity(HOUR - 1));
		let expected = Event::WindowCounted { provider: PROVIDER, resource: Some(id), due, delivered };
		assert_eq!(events().last(), Some(&expected));
		// Nothing was due: there was no window.
		let before = (standing(id), provider(PROVIDER), events().len());
		window(id, 0, 0);
		assert_eq!((standing(id), provider(PROVIDER), events().len()), before);
	})
}

#[test]
fn without_a_resource_of_the_providers_only_its_reputation_follows() {
	Market { providers: vec![(PROVIDER, BOND), (2, BOND)], ..Default::default() }.run(|| {
		let (own, foreign) = (active(1, 1_000), active_of(2, 1, 1_000));
		let before = (standing(own), standing(foreign));
		for resource in [None, Some(foreign), Some(ResourceId(9))] {
			Compute::delivered(&PROVIDER, resource, Capacity(5), Capacity(3), Cash(1));
		}
		assert_eq!((standing(own), standing(foreign)), before);
		let reputation = provider(PROVIDER).reputation;
		assert_eq!((reputation.delivered, reputation.undelivered), (Capacity(9), Capacity(6)));
		assert_eq!(provider(2).reputation.delivered, Capacity::ZERO);
	})
}

#[test]
fn best_delivery_bounds_what_is_sold() {
	run(|| {
		let id = active(1, 1_000);
		assert_eq!((sellable(), standing(id).best), (DEVICE_DAY, None));
		window(id, 10, 5);
		assert_eq!(standing(id).best.map(|best| best.share), Some(Ppm::percent(50)));
		// 1.05 times a half.
		assert_eq!((sellable(), total()), (Capacity(DEVICE_DAY.0 * 525 / 1_000), Some(sellable())));
		// Less than the best changes nothing.
		window(id, 10, 1);
		assert_eq!(sellable(), Capacity(DEVICE_DAY.0 * 525 / 1_000));
		window(id, 10, 8);
		assert_eq!(sellable(), part(DEVICE_DAY, 84));
		// From 95.24 % on it is not bound.
		Compute::delivered(&PROVIDER, Some(id), Capacity(1_000_000), Capacity(952_380), Cash(1));
		assert_eq!(sellable(), Capacity(DEVICE_DAY.0 - 24));
		Compute::delivered(&PROVIDER, Some(id), Capacity(1_000_000), Capacity(952_381), Cash(1));
		assert_eq!(sellable(), DEVICE_DAY);
		let view = Compute::resource_view(id).expect("there");
		assert_eq!((view.capacity.best_delivery, view.capacity.capacity), (Some(Ppm(952_381)), DEVICE_DAY));
		// More than was due is all that was due, and a faster resource sells what it was attested.
		window(id, 10, 20);
		assert_eq!(standing(id).best.map(|best| best.share), Some(Ppm::ONE));
		pass(id, 2_000);
		assert_eq!(sellable(), Capacity(2 * DEVICE_DAY.0));
	})
}

#[test]
fn who_was_asked_for_little_and_delivered_it_sells_all_that_it_can() {
	run(|| {
		let id = active(1, 1_000);
		Compute::delivered(&PROVIDER, Some(id), Capacity(1), Capacity(1), Cash(1));
		assert_eq!(sellable(), DEVICE_DAY);
	})
}

#[test]
fn who_delivered_nothing_sells_nothing_until_that_is_long_ago_or_it_delivers() {
	run(|| {
		let (id, other) = (active(1, 1_000), active(1, 1_000));
		window(id, 10, 0);
		window(other, 10, 0);
		assert_eq!((sellable(), total()), (Capacity::ZERO, Some(Capacity::ZERO)));
		// Rounds show what it can do, not that it delivers.
		pass(id, 1_000);
		assert_eq!(sellable(), Capacity::ZERO);
		// What was sold before can still be delivered.
		window(other, 10, 10);
		assert_eq!(sellable(), DEVICE_DAY);
		go_to(FIRST_DAY + 20, 0);
		pass(id, 1_000);
		assert_eq!(sellable(), DEVICE_DAY);
		go_to(FIRST_DAY + 20, 1);
		pass(id, 1_000);
		pass(other, 1_000);
		assert_eq!((sellable(), total()), (Capacity(2 * DEVICE_DAY.0), Some(sellable())));
		// The first window after that is the best again.
		window(id, 10, 2);
		assert_eq!(sellable(), Capacity(DEVICE_DAY.0 + DEVICE_DAY.0 * 21 / 100));
	})
}

#[test]
fn new_devices_and_offences_make_no_delivery_better() {
	run(|| {
		let id = active(1, 1_000);
		window(id, 10, 2);
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 2));
		pass(id, 1_000);
		assert_eq!(sellable(), part(DEVICE_DAY, 42));
		Compute::offended(id, ProviderOffence::FalseSolve, None);
		later(3);
		assert_ok!(Compute::unjail(signed(PROVIDER), id));
		(0..2).for_each(|_| pass(id, 1_000));
		assert_eq!(sellable(), part(DEVICE_DAY, 42));
	})
}

#[test]
fn a_bad_window_tells_what_can_no_longer_be_delivered() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(1, 1), DEVICE_DAY));
		window(id, 10, 0);
		let short = Event::Shortfall { provider: PROVIDER, class: HPC, day: Day(today() + 1), short: DEVICE_DAY };
		assert!(events().contains(&short), "{:?}", events());
	})
}

#[test]
fn the_capacity_of_a_class_is_that_of_its_active_resources() {
	run(|| {
		assert_eq!((total(), Compute::per_day(ClassId(9))), (Some(Capacity::ZERO), None));
		let days = |number: u128| Some(Capacity(DEVICE_DAY.0 * number));
		let id = registered(PROVIDER, HPC, 2);
		pass(id, 1_000);
		// Warming up.
		assert_eq!(total(), days(0));
		pass(id, 1_000);
		assert_eq!((total(), Compute::per_day(INFER)), (days(2), Some(Capacity::ZERO)));
		let other = active(1, 3_000);
		assert_eq!(total(), days(5));
		assert_eq!(Compute::class_view(HPC).map(|view| view.capacity), total());
		Compute::missed(id);
		assert_eq!(total(), days(3));
		pass(id, 1_000);
		assert_eq!(total(), days(5));
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 1));
		assert_eq!(total(), days(4));
		// More devices than were found something of.
		assert_ok!(Compute::set_devices(signed(PROVIDER), id, 3));
		assert_eq!(total(), days(3));
		pass(id, 1_000);
		assert_eq!(total(), days(6));
		// Maintenance is not looked at.
		assert_ok!(Compute::declare_maintenance(signed(PROVIDER), id, Day(today() + 2), Day(today() + 2)));
		later(2);
		assert_eq!(total(), days(6));
		Compute::offended(other, ProviderOffence::DoubleSigned, None);
		assert_eq!(total(), days(3));
		assert_ok!(Compute::exit_resource(signed(PROVIDER), id));
		assert_eq!(total(), days(0));
		later(4);
		assert_ok!(Compute::remove_resource(signed(2), id));
		assert_ok!(Compute::unjail(signed(PROVIDER), other));
		assert_eq!(total(), days(0));
	})
}

#[test]
fn evidence_that_grew_old_is_in_the_total_until_the_resource_is_counted_again() {
	run(|| {
		let id = active(1, 1_000);
		later(21);
		assert_eq!((sellable(), total()), (Capacity::ZERO, Some(DEVICE_DAY)));
		window(id, 1, 1);
		assert_eq!(total(), Some(Capacity::ZERO));
	})
}

#[test]
fn a_resource_delivers_on_the_days_that_it_is_nominated_for() {
	run(|| {
		let (id, other) = (active(1, 1_000), active(1, 1_000));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &Grade::LOWEST, days(1, 2), Capacity(8)));
		assert_ok!(Compute::nominate(id, &Grade::LOWEST, days(1, 2), Capacity(5)));
		assert_ok!(Compute::pledge(signed(PROVIDER), other, days(0, 0), Capacity(5)));
		let nominated = |resource, ahead| Compute::nominated(resource, Day(today() + ahead));
		assert_eq!([nominated(id, 0), nominated(id, 1), nominated(other, 0)], [Capacity(0), Capacity(5), Capacity(0)]);
		assert_eq!(nominated(ResourceId(9), 1), Capacity::ZERO);
		for (ahead, delivers) in [(0, false), (1, true), (2, true), (3, false)] {
			go_to(FIRST_DAY + ahead, 0);
			assert_eq!(Compute::is_delivering(id), delivers, "{ahead}");
			assert!(!Compute::is_delivering(other));
		}
		assert!(!Compute::is_delivering(ResourceId(9)));
	})
}

#[test]
fn a_solve_shows_capacity_and_a_resource_its_region() {
	run(|| {
		let (id, declared) = (registered(PROVIDER, HPC, 5), registered(PROVIDER, INFER, 1));
		assert_eq!(Compute::capacity_shown(id, 2, 1_500), Capacity(3 * DEVICE_DAY.0));
		// A thousandth of an hour an hour, rounded down to millionths.
		assert_eq!(Compute::capacity_shown(id, 1, 1), Capacity(24_000));
		for (resource, devices, solved) in [(id, 0, 1_500), (id, 2, 0), (declared, 2, 1_500), (ResourceId(9), 2, 1_500)]
		{
			assert_eq!(Compute::capacity_shown(resource, devices, solved), Capacity::ZERO);
		}
		assert_eq!((Compute::region(id), Compute::region(ResourceId(9))), (Some(Region(276)), None));
	})
}

#[test]
fn a_version_is_pinned_and_unpinned() {
	run(|| {
		let pins = || References::<Test>::get(HPC, ReferenceVersion(1)).map(|reference| reference.pins);
		assert_ok!(<Compute as ReferencePins>::pin(HPC, ReferenceVersion(1)));
		assert_eq!(pins(), Some(1));
		<Compute as ReferencePins>::unpin(HPC, ReferenceVersion(1));
		assert_eq!(pins(), Some(0));
		let unknown = <Compute as ReferencePins>::pin(HPC, ReferenceVersion(2));
		assert_eq!(unknown, Err(Error::<Test>::UnknownVersion.into()));
	})
}

#[test]
fn a_provider_shows_what_it_delivered() {
	run(|| {
		let id = active(1, 1_000);
		window(id, 10, 7);
		drop(Compute::take_stake(&PROVIDER, Some(id), 11));
		let reputation = Compute::resource_view(id).expect("there").reputation;
		assert_eq!((reputation.delivered, reputation.undelivered), (Capacity(7 * HOUR), Capacity(3 * HOUR)));
		assert_eq!((reputation.slashed.0, reputation.bond.0), (11, u128::from(BOND) - 11));
	})
}

proptest::proptest! {
	#[test]
	fn who_delivers_less_never_sells_more(
		rate in 0..u128::from(u64::MAX), due in 1..u128::from(u64::MAX), less in 0..1u64 << 40, more in 0..1u64 << 40,
	) {
		let bound = |missing: u64| {
			let delivered = Capacity(due.saturating_sub(missing.into()));
			crate::delivery::bounded_floor(Capacity(rate), crate::delivery::share_floor(delivered, Capacity(due)))
		};
		let (less, more) = (less.min(more), less.max(more));
		assert!(bound(more) <= bound(less) && bound(less) <= Capacity(rate));
		assert_eq!(bound(0), Capacity(rate));
	}
}

#[test]
fn what_is_delivered_is_told_with_the_factor_of_the_grade() {
	run(|| {
		let id = active(1, 1_000);
		let (grade, _) = Compute::grade(id).expect("it is graded");
		window(id, 5, 4);
		assert_eq!(Delivered::get(), [(PROVIDER, 4, grade.factor())]);
		assert!(grade.factor() > Ppm::ZERO && grade.factor() <= Ppm::ONE);
		// Without a resource there is no grade, and without one nothing counts.
		Compute::delivered(&PROVIDER, None, Capacity(5), Capacity(5), Cash(5));
		assert_eq!(Delivered::get().len(), 1);
	})
}
