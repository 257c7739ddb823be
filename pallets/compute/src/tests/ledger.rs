//! Selling, nominating, pledging.

use super::*;

const ANY: Grade = Grade::LOWEST;

fn sellable(floor: Grade, ahead: u32) -> Capacity {
	Compute::sellable(&PROVIDER, HPC, &floor, Day(today() + ahead))
}

fn sell(floor: Grade, first: u32, last: u32, per_day: u128) -> Result<(), DispatchError> {
	Compute::sell(&PROVIDER, HPC, &floor, days(first, last), Capacity(per_day))
}

fn entry(ahead: u32) -> crate::types::LedgerDayOf<Test> {
	Ledger::<Test>::get((Day(today() + ahead), PROVIDER, HPC))
}

#[test]
fn a_provider_sells_exactly_what_its_resources_can_deliver() {
	run(|| {
		active(2, 1_000);
		let all = 2 * DEVICE_DAY.0;
		assert_eq!(sellable(ANY, 5), Capacity(all));
		assert_noop!(sell(ANY, 5, 5, all + 1), Error::<Test>::CapacityExceeded);
		assert_ok!(sell(ANY, 5, 5, all));
		assert_eq!((sellable(ANY, 5), sellable(ANY, 4)), (Capacity::ZERO, Capacity(all)));
		assert_noop!(sell(ANY, 5, 5, 1), Error::<Test>::CapacityExceeded);
		assert_eq!(entry(5).sold.to_vec(), [(ANY, Capacity(all))]);
		let expected = Event::Sold {
			provider: PROVIDER,
			class: HPC,
			floor: ANY,
			days: days(5, 5),
			per_day: Capacity(all),
			at_risk: 480,
			bond: BOND,
		};
		assert!(events().contains(&expected), "{:?}", events());
	})
}

#[test]
fn a_sale_is_made_on_all_of_its_days_or_on_none() {
	run(|| {
		active(1, 1_000);
		assert_ok!(sell(ANY, 6, 6, 1));
		assert_noop!(sell(ANY, 5, 7, DEVICE_DAY.0), Error::<Test>::CapacityExceeded);
		assert_ok!(sell(ANY, 5, 7, DEVICE_DAY.0 - 1));
		assert_eq!([5, 6, 7].map(|day| sellable(ANY, day).0), [1, 0, 1]);
	})
}

#[test]
fn a_better_grade_may_be_sold_at_a_lower_floor_and_not_the_other_way() {
	run(|| {
		active(1, 1_600);
		active(1, 1_000);
		let (a, c) = (floor(Performance::A), floor(Performance::C));
		let (fast, slow) = (16 * DEVICE_DAY.0 / 10, DEVICE_DAY.0);
		assert_eq!((sellable(a, 1), sellable(c, 1)), (Capacity(fast), Capacity(fast + slow)));
		assert_ok!(sell(c, 1, 1, slow + 1));
		assert_eq!((sellable(a, 1), sellable(c, 1)), (Capacity(fast - 1), Capacity(fast - 1)));
		assert_noop!(sell(a, 1, 1, fast), Error::<Test>::CapacityExceeded);
		assert_ok!(sell(a, 1, 1, fast - 1));
		assert_noop!(sell(c, 1, 1, 1), Error::<Test>::CapacityExceeded);
		assert_eq!(sellable(Grade { energy: Energy::X, ..c }, 1), Capacity::ZERO);
	})
}

#[test]
fn a_sale_is_bounded_by_the_free_bond() {
	// The reserve of a resource is 1,100: 250 are free, enough for 25 Compute Hours.
	Market { providers: vec![(PROVIDER, 1_350)], ..Default::default() }.run(|| {
		active(2, 1_000);
		assert_eq!(sellable(ANY, 1), Capacity(25 * HOUR));
		assert_noop!(sell(ANY, 1, 1, 25 * HOUR + 1), Error::<Test>::BondExhausted);
		assert_noop!(sell(ANY, 1, 2, 13 * HOUR), Error::<Test>::BondExhausted);
		assert_ok!(sell(ANY, 1, 2, 12 * HOUR));
		assert_eq!((sellable(ANY, 1), sellable(ANY, 9)), (Capacity(HOUR), Capacity(HOUR)));
		assert_ok!(Compute::unsell(&PROVIDER, HPC, &ANY, days(1, 1), Capacity(12 * HOUR)));
		assert_eq!(sellable(ANY, 9), Capacity(13 * HOUR));
	})
}

#[test]
fn a_sale_is_refused_that_cannot_be() {
	run(|| {
		active(1, 1_000);
		let other = |provider: &AccountId, class| Compute::sell(provider, class, &ANY, days(1, 1), Capacity(1));
		assert_noop!(other(&2, HPC), Error::<Test>::NotProvider);
		assert_noop!(other(&PROVIDER, ClassId(9)), Error::<Test>::UnknownClass);
		assert_noop!(sell(ANY, 1, 1, 0), Error::<Test>::NoAmount);
		assert_noop!(sell(ANY, 2, 1, 1), Error::<Test>::InvalidDays);
		assert_noop!(sell(ANY, 1, MAX_DELIVERY_DAYS + 1, 1), Error::<Test>::InvalidDays);
		assert_noop!(sell(ANY, 101, 101, 1), Error::<Test>::InvalidDays);
		let past = DeliveryDays { first: Day(today() - 1), last: Day(today()) };
		assert_noop!(Compute::sell(&PROVIDER, HPC, &ANY, past, Capacity(1)), Error::<Test>::InvalidDays);
		assert_noop!(sell(ANY, 0, 91, u128::MAX / 92 + 1), sp_runtime::ArithmeticError::Overflow);
		assert_noop!(sell(ANY, 0, 0, u128::MAX), Error::<Test>::CapacityExceeded);
		assert_eq!((sellable(ANY, 101), Compute::sellable(&PROVIDER, HPC, &ANY, past.first)), Default::default());
		assert_eq!(Compute::sellable(&2, HPC, &ANY, Day(today())), Capacity::ZERO);
		assert_eq!(Compute::sellable(&PROVIDER, ClassId(9), &ANY, Day(today())), Capacity::ZERO);
	})
}

#[test]
fn a_fifth_floor_is_refused() {
	run(|| {
		// Good enough for any grade asked for here.
		let id = registered(PROVIDER, HPC, 1);
		let frugal = Attestation { milliwatts: Some(MILLIWATTS / 10), ..solved(1_600) };
		(0..3).for_each(|_| attest(id, frugal.clone()));
		for performance in Performance::ALL {
			assert_ok!(sell(floor(*performance), 1, 1, 1));
		}
		let fifth = Grade { energy: Energy::X, ..ANY };
		assert_eq!((sellable(fifth, 1), sellable(fifth, 2).is_zero()), (Capacity::ZERO, false));
		assert_noop!(sell(fifth, 1, 1, 1), Error::<Test>::TooManyFloors);
		// A floor at which nothing is sold any more makes room.
		assert_ok!(Compute::unsell(&PROVIDER, HPC, &ANY, days(1, 1), Capacity(1)));
		assert_ok!(sell(fifth, 1, 1, 1));
	})
}

#[test]
fn what_is_sold_is_taken_back_at_its_floor_and_no_more_of_it() {
	run(|| {
		active(1, 1_000);
		assert_ok!(sell(ANY, 1, 2, 5));
		let unsell = |floor, last, amount| Compute::unsell(&PROVIDER, HPC, &floor, days(1, last), Capacity(amount));
		assert_noop!(unsell(ANY, 2, 6), Error::<Test>::NotSold);
		assert_noop!(unsell(ANY, 3, 5), Error::<Test>::NotSold);
		assert_noop!(unsell(floor(Performance::C), 1, 1), Error::<Test>::NotSold);
		assert_noop!(unsell(ANY, 2, 0), Error::<Test>::NoAmount);
		assert_noop!(unsell(ANY, 0, 1), Error::<Test>::InvalidDays);
		let other = Compute::unsell(&2, HPC, &ANY, days(1, 1), Capacity(1));
		assert_eq!(other, Err(Error::<Test>::NotProvider.into()));
		assert_ok!(unsell(ANY, 2, 5));
		assert_eq!((Ledger::<Test>::iter().count(), provider(PROVIDER).owes()), (0, false));
	})
}

#[test]
fn a_nomination_moves_what_is_sold_to_a_resource_in_one_step() {
	run(|| {
		let (id, other) = (active(1, 1_000), active(1, 1_000));
		assert_ok!(sell(ANY, 1, 2, 2 * DEVICE_DAY.0));
		let at_risk = Compute::at_risk(&provider(PROVIDER));
		assert_ok!(Compute::nominate(id, &ANY, days(1, 2), DEVICE_DAY));
		assert_eq!(entry(1).sold.to_vec(), [(ANY, DEVICE_DAY)]);
		assert_eq!(
			entry(1).booked.to_vec(),
			[Booking { resource: id, nominated: DEVICE_DAY, pledged: Capacity::ZERO }]
		);
		assert_eq!((Compute::at_risk(&provider(PROVIDER)), sellable(ANY, 1)), (at_risk, Capacity::ZERO));
		// It is full.
		assert_noop!(Compute::nominate(id, &ANY, days(1, 1), Capacity(1)), Error::<Test>::CapacityExceeded);
		assert_ok!(Compute::nominate(other, &ANY, days(1, 1), DEVICE_DAY));
		assert_noop!(Compute::nominate(other, &ANY, days(1, 1), Capacity(1)), Error::<Test>::NotSold);
	})
}

#[test]
fn a_nomination_is_refused_that_cannot_be() {
	run(|| {
		let (slow, cold) = (active(1, 500), registered(PROVIDER, HPC, 1));
		active(1, 1_000);
		assert_ok!(sell(floor(Performance::C), 1, 1, 5));
		let nominate = |id, floor, amount| Compute::nominate(id, &floor, days(1, 1), Capacity(amount));
		assert_noop!(nominate(slow, floor(Performance::C), 1), Error::<Test>::GradeTooLow);
		assert_noop!(nominate(cold, floor(Performance::C), 1), Error::<Test>::GradeTooLow);
		assert_noop!(nominate(slow, ANY, 1), Error::<Test>::NotSold);
		assert_noop!(nominate(slow, ANY, 0), Error::<Test>::NoAmount);
		assert_noop!(nominate(ResourceId(9), ANY, 1), Error::<Test>::UnknownResource);
		assert_noop!(Compute::nominate(slow, &ANY, days(1, 0), Capacity(1)), Error::<Test>::InvalidDays);
		Compute::missed(slow);
		assert_ok!(sell(ANY, 1, 1, 5));
		assert_noop!(nominate(slow, ANY, 1), Error::<Test>::CapacityExceeded);
	})
}

#[test]
fn a_good_resource_is_not_nominated_where_it_alone_can_deliver_something_else() {
	run(|| {
		let (fast, slow) = (active(1, 1_600), active(1, 1_000));
		let a = floor(Performance::A);
		let all = 16 * DEVICE_DAY.0 / 10;
		assert_ok!(sell(a, 1, 1, all));
		assert_ok!(sell(ANY, 1, 1, DEVICE_DAY.0));
		assert_noop!(Compute::nominate(fast, &ANY, days(1, 1), Capacity(1)), Error::<Test>::CapacityExceeded);
		assert_ok!(Compute::nominate(slow, &ANY, days(1, 1), DEVICE_DAY));
		assert_ok!(Compute::nominate(fast, &a, days(1, 1), Capacity(all)));
	})
}

#[test]
fn what_is_released_is_free_again() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(sell(ANY, 1, 2, DEVICE_DAY.0));
		assert_ok!(Compute::nominate(id, &ANY, days(1, 2), DEVICE_DAY));
		let release = |last, amount| Compute::release(id, days(1, last), Capacity(amount));
		assert_noop!(release(2, DEVICE_DAY.0 + 1), Error::<Test>::NotNominated);
		assert_noop!(release(3, 1), Error::<Test>::NotNominated);
		assert_noop!(release(1, 0), Error::<Test>::NoAmount);
		assert_noop!(release(0, 1), Error::<Test>::InvalidDays);
		assert_noop!(Compute::release(ResourceId(9), days(1, 1), Capacity(1)), Error::<Test>::UnknownResource);
		assert_ok!(release(2, DEVICE_DAY.0));
		assert_eq!((Compute::at_risk(&provider(PROVIDER)), sellable(ANY, 1)), (Ok(0), DEVICE_DAY));
		assert_eq!(Ledger::<Test>::iter().count(), 0);
	})
}

#[test]
fn what_is_delivered_is_released_after_its_day() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(sell(ANY, 0, 0, 5));
		assert_ok!(Compute::nominate(id, &ANY, days(0, 0), Capacity(5)));
		let past = days(0, 0);
		later(2);
		assert_ok!(Compute::release(id, past, Capacity(5)));
	})
}

#[test]
fn what_is_pledged_is_not_sold() {
	run(|| {
		let id = active(1, 1_000);
		assert_ok!(Compute::pledge(signed(PROVIDER), id, days(1, 2), Capacity(5)));
		assert_eq!((sellable(ANY, 1), sellable(ANY, 3)), (Capacity(DEVICE_DAY.0 - 5), DEVICE_DAY));
		assert_noop!(sell(ANY, 1, 1, DEVICE_DAY.0 - 4), Error::<Test>::CapacityExceeded);
		assert_ok!(sell(ANY, 1, 1, DEVICE_DAY.0 - 5));
		let pledge = |amount| Compute::pledge(signed(PROVIDER), id, days(1, 1), Capacity(amount));
		assert_noop!(pledge(1), Error::<Test>::CapacityExceeded);
		assert_ok!(Compute::unpledge(signed(PROVIDER), id, days(1, 2), Capacity(5)));
		assert_eq!(sellable(ANY, 1), Capacity(5));
		assert_ok!(pledge(5));
		assert!(events().contains(&Event::Pledged { resource: id, days: days(1, 1), per_day: Capacity(5) }));
	})
}

#[test]
fn a_pledge_is_refused_that_cannot_be() {
	run(|| {
		let (id, _) = (active(1, 1_000), active(1, 1_000));
		let pledge = |who, id, days, amount| Compute::pledge(signed(who), id, days, Capacity(amount));
		let unpledge = |who, id, days, amount| Compute::unpledge(signed(who), id, days, Capacity(amount));
		assert_noop!(pledge(2, id, days(1, 1), 1), Error::<Test>::NotOwner);
		assert_noop!(pledge(PROVIDER, ResourceId(9), days(1, 1), 1), Error::<Test>::UnknownResource);
		assert_noop!(pledge(PROVIDER, id, days(1, 0), 1), Error::<Test>::InvalidDays);
		assert_noop!(pledge(PROVIDER, id, days(101, 101), 1), Error::<Test>::InvalidDays);
		assert_noop!(pledge(PROVIDER, id, days(1, 1), 0), Error::<Test>::NoAmount);
		// The other's capacity is not this one's.
		assert_noop!(pledge(PROVIDER, id, days(1, 1), DEVICE_DAY.0 + 1), Error::<Test>::CapacityExceeded);
		assert_ok!(pledge(PROVIDER, id, days(1, 1), 5));
		assert_noop!(unpledge(2, id, days(1, 1), 1), Error::<Test>::NotOwner);
		assert_noop!(unpledge(PROVIDER, ResourceId(9), days(1, 1), 1), Error::<Test>::UnknownResource);
		assert_noop!(unpledge(PROVIDER, id, days(1, 0), 1), Error::<Test>::InvalidDays);
		assert_noop!(unpledge(PROVIDER, id, days(1, 1), 0), Error::<Test>::NoAmount);
		assert_noop!(unpledge(PROVIDER, id, days(1, 1), 6), Error::<Test>::NotPledged);
		assert_noop!(unpledge(PROVIDER, id, days(1, 2), 5), Error::<Test>::NotPledged);
	})
}

#[test]
fn no_bond_is_needed_where_nothing_is_lost() {
	Market { providers: vec![(PROVIDER, 1_100)], ..Default::default() }.run(|| {
		active(1, 1_000);
		assert_eq!(sellable(ANY, 1), Capacity::ZERO);
		assert_ok!(Compute::set_loss_per_hour(RuntimeOrigin::root(), HPC, 0));
		assert_eq!(sellable(ANY, 1), DEVICE_DAY);
		assert_ok!(sell(ANY, 1, 1, DEVICE_DAY.0));
	})
}
