//! A fund trades compute as it trades anything else. It has no machines and wants none: it is out before delivery, and near delivery it
//! could not hold much without cash for all of it.

use super::*;

#[test]
fn a_fund_that_trades_never_delivers() {
	exchange(|| {
		let (first, second) = (cents(250), cents(300));
		market(first);
		let issued = issuance();
		let contract = list_physical(first);
		assert_ok!(trade(Charlie, Dave, contract, 20, first));
		let scan = view(Charlie).margin;
		assert_eq!(scan.delivery, Cash::ZERO, "delivery is far away");
		day(second);
		day(second);
		// The ramp has begun: margin rises from day to day.
		let mut before = Cash::ZERO;
		for step in 1..=3 {
			day(second);
			let delivery = view(Dave).margin.delivery;
			assert!(delivery > before, "day {step}: {delivery:?} after {before:?}");
			before = delivery;
		}
		// Without any capacity in the class a new position is held to a lot, and one that is there may only come down.
		let held = trade(Charlie, Dave, contract, 900, second);
		assert!(held.is_err(), "{held:?}");
		assert_ok!(trade(Dave, Charlie, contract, 20, second));
		settle();
		let fees = sum([fee(HOURS, 20, first), fee(HOURS, 20, second)]);
		let rise = value(20, Price(second.0 - first.0));
		assert_eq!(cash(Charlie), sum([CASH, less(fees), rise]));
		assert_eq!(cash(Dave), sum([CASH, less(fees), less(rise)]));
		expire(contract, second);
		until(|| pallet_market::Contracts::<Runtime>::get(contract).is_none());
		assert!(Deliveries::<Runtime>::get(contract).is_none());
		assert_sound(issued);
	})
}
