//! Capacity that falls below what is spoken for.

use super::*;

const ANY: Grade = Grade::LOWEST;

fn sold_out(ahead: u32) -> ResourceId {
	let id = active(1, 1_000);
	assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(ahead, ahead), DEVICE_DAY));
	System::reset_events();
	id
}

fn short(ahead: u32) -> Capacity {
	Compute::shortfall(&PROVIDER, HPC, Day(today() + ahead))
}

fn told(ahead: u32) -> Option<Capacity> {
	let day_of = Day(today() + ahead);
	events().into_iter().find_map(|event| match event {
		Event::Shortfall { provider: PROVIDER, class: HPC, day, short } if day == day_of => Some(short),
		_ => None,
	})
}

#[test]
fn a_resource_that_becomes_suspect_leaves_its_sales_short() {
	run(|| {
		let id = sold_out(2);
		assert_eq!(short(2), Capacity::ZERO);
		Compute::missed(id);
		assert_eq!((short(2), told(2)), (DEVICE_DAY, Some(DEVICE_DAY)));
		// Nothing was undone; nothing more is sold.
		assert_eq!(Ledger::<Test>::get((Day(today() + 2), PROVIDER, HPC)).sold.to_vec(), [(ANY, DEVICE_DAY)]);
		let more = Compute::sell(&PROVIDER, HPC, &ANY, days(2, 2), Capacity(1));
		assert_eq!(more, Err(Error::<Test>::CapacityExceeded.into()));
		pass(id, 1_000);
		assert_eq!(short(2), Capacity::ZERO);
	})
}

#[test]
fn a_slower_resource_is_short_by_the_difference() {
	run(|| {
		let id = sold_out(2);
		pass(id, 999);
		let missing = Capacity(DEVICE_DAY.0 / 1_000);
		assert_eq!((short(2), told(2)), (missing, Some(missing)));
	})
}

#[test]
fn a_grade_that_drops_leaves_sales_at_it_short() {
	run(|| {
		let id = active(1, 1_600);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &floor(Performance::A), days(1, 1), Capacity(5)));
		pass(id, 1_400);
		assert_eq!((short(1), told(1)), (Capacity(5), Some(Capacity(5))));
		assert_eq!(Compute::sellable(&PROVIDER, HPC, &ANY, Day(today() + 1)), Capacity::ZERO);
	})
}

#[test]
fn an_offence_leaves_sales_and_nominations_short() {
	run(|| {
		let id = sold_out(1);
		assert_ok!(Compute::nominate(id, &ANY, days(1, 1), Capacity(5)));
		Compute::offended(id, ProviderOffence::FalseSolve, None);
		assert_eq!((short(1), told(1)), (DEVICE_DAY, Some(DEVICE_DAY)));
	})
}

#[test]
fn old_evidence_leaves_sales_short() {
	run(|| {
		sold_out(30);
		go_to(FIRST_DAY + 21, 0);
		assert_eq!(Compute::shortfall(&PROVIDER, HPC, Day(FIRST_DAY + 30)), DEVICE_DAY);
	})
}

#[test]
fn only_the_next_days_are_told_of() {
	run(|| {
		let id = sold_out(SHORTFALL_DAYS);
		assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(SHORTFALL_DAYS - 1, SHORTFALL_DAYS - 1), Capacity(1)));
		Compute::missed(id);
		assert_eq!((told(SHORTFALL_DAYS), told(SHORTFALL_DAYS - 1)), (None, Some(Capacity(1))));
		assert_eq!(short(SHORTFALL_DAYS), DEVICE_DAY);
	})
}

#[test]
fn nobody_is_told_of_a_resource_that_nothing_is_sold_of() {
	run(|| {
		let id = active(1, 1_000);
		Compute::missed(id);
		assert!(!events().iter().any(|event| matches!(event, Event::Shortfall { .. })));
		assert_eq!((short(0), Compute::shortfall(&2, HPC, Day(today()))), (Capacity::ZERO, Capacity::ZERO));
	})
}

#[test]
fn who_is_short_may_still_nominate_what_it_has() {
	run(|| {
		let (lost, left) = (active(1, 1_000), active(1, 1_000));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(1, 1), Capacity(2 * DEVICE_DAY.0)));
		Compute::missed(lost);
		assert_ok!(Compute::nominate(left, &ANY, days(1, 1), DEVICE_DAY));
		assert_eq!(short(1), DEVICE_DAY);
		let pledge = Compute::pledge(signed(PROVIDER), left, days(1, 1), Capacity(1));
		assert_noop!(pledge, Error::<Test>::CapacityExceeded);
	})
}

#[test]
fn who_is_short_may_take_away_what_covers_nothing() {
	run(|| {
		let (lost, left) = (active(1, 1_000), active(2, 1_000));
		assert_ok!(Compute::sell(&PROVIDER, HPC, &ANY, days(1, 1), Capacity(3 * DEVICE_DAY.0)));
		Compute::missed(lost);
		assert_ok!(Compute::exit_resource(signed(PROVIDER), lost));
		assert_noop!(Compute::set_devices(signed(PROVIDER), left, 1), Error::<Test>::CapacitySold);
		assert_noop!(Compute::exit_resource(signed(PROVIDER), left), Error::<Test>::CapacitySold);
	})
}
