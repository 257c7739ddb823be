//! How a contract's positions become deliveries.

use super::*;

fn delivery() -> DeliveryOf<Test> {
	Deliveries::<Test>::get(CONTRACT).expect("it is delivered")
}

#[test]
fn a_physical_contract_is_delivered_when_it_ends() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -3)]).run(|| {
		deliver();
		let it = delivery();
		assert_eq!((it.price, it.value, it.open_interest), (PRICE, Cash(VALUE), Lots(3)));
		assert!(it.is_taken_over() && it.stage == Stage::Nominating);
		let nominate_until = Delivery::start_of(FIRST) - MATCHING;
		assert_eq!(it.deadline, nominate_until);
		assert_eq!(Active::<Test>::get().to_vec(), [CONTRACT]);
		assert_eq!(Pinned::get()[&(CLASS, VERSION)], 1);
		let begun = Event::Begun { instrument: CONTRACT, price: PRICE, open_interest: Lots(3), nominate_until };
		assert!(events().contains(&begun));
	})
}

/// Whether the contract would be delivered at that price, at that time.
fn begins(price: i64, time: u64) -> bool {
	set_time(time);
	Delivery::begins(CONTRACT, Price(price), Lots(1))
}

#[test]
fn nothing_is_delivered_at_a_price_that_is_not_positive() {
	for price in [0, -1] {
		Exchange::default().run(|| assert!(!begins(price, EXPIRY)));
	}
	Exchange::default().build().execute_with(|| assert!(begins(1, EXPIRY)));
}

#[test]
fn nothing_is_delivered_without_time_for_nominations() {
	let latest = Delivery::start_of(FIRST) - MATCHING - NOMINATION;
	Exchange::default().build().execute_with(|| assert!(begins(PRICE.0, latest)));
	Exchange::default().run(|| assert!(!begins(PRICE.0, latest + 1)));
	Exchange::default().run(|| assert!(!begins(PRICE.0, u64::MAX)));
}

#[test]
fn nothing_else_is_delivered() {
	Exchange::default().run(|| {
		set_time(EXPIRY);
		assert!(!Delivery::begins(CASH_CONTRACT, PRICE, Lots(1)));
		assert!(!Delivery::begins(InstrumentId(99), PRICE, Lots(1)));
		assert!(!Delivery::begins(CONTRACT, PRICE, Lots(0)));
		assert!(!Delivery::begins(CONTRACT, PRICE, Lots(-1)));
		Contracts::mutate(|contracts| contracts.get_mut(&CONTRACT).expect("listed").delivery.last = Day(FIRST.0 - 1));
		assert!(!Delivery::begins(CONTRACT, PRICE, Lots(1)));
		assert_eq!(events(), []);
	})
}

#[test]
fn nothing_is_delivered_whose_reference_is_not_known() {
	Exchange::default().run(|| {
		let settlement = SettlementKind::Physical { floor: FLOOR, version: ReferenceVersion(99) };
		Contracts::mutate(|contracts| contracts.get_mut(&CONTRACT).expect("listed").settlement = settlement);
		assert!(!begins(PRICE.0, EXPIRY));
	})
}

#[test]
fn no_more_is_delivered_than_there_is_room_for() {
	Exchange::holding(&[(BUYER, 1), (SELLER, -1)]).run(|| {
		MaxDeliveries::set(1);
		let second = InstrumentId(9);
		Contracts::mutate(|contracts| contracts.insert(second, terms()));
		deliver();
		assert!(!Delivery::begins(second, PRICE, Lots(1)));
		assert_eq!(Pinned::get()[&(CLASS, VERSION)], 1);
	})
}

#[test]
fn a_delivery_keeps_to_the_parameters_in_force_when_it_began() {
	Exchange::holding(&[(BUYER, 1), (SELLER, -1)]).run(|| {
		let changed = DeliveryParameters { band: Ppm::percent(50), ..Default::default() };
		assert_ok!(Delivery::set_parameters(root(), changed));
		deliver();
		assert_eq!(delivery().rules, changed);
		assert_ok!(Delivery::set_parameters(root(), DeliveryParameters::default()));
		block_at(EXPIRY + 2 * DAY);
		assert_eq!(delivery().rules, changed);
	})
}

#[test]
fn a_buyer_puts_the_price_into_escrow_and_a_seller_what_is_not_covered() {
	Exchange::holding(&[(BUYER, 5), (SELLER, -3), (TRADER, -2)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(1)));
		deliver();
		assert_eq!(Clearing::cash(&key(&BUYER)), CASH - 5 * VALUE);
		assert_eq!(Clearing::cash(&key(&SELLER)), CASH - 2 * VALUE);
		assert_eq!(Clearing::cash(&key(&TRADER)), CASH - 2 * VALUE);
		let long = Longs::<Test>::get(CONTRACT, key(&BUYER)).unwrap();
		assert_eq!((long.lots, long.left, long.escrow, long.deals), (Lots(5), Lots(5), Cash(5 * VALUE), 0));
		let short = Shorts::<Test>::get(CONTRACT, key(&SELLER)).unwrap();
		assert_eq!((short.lots, short.left, short.nominated), (Lots(3), Lots(3), Lots(0)));
		assert_eq!((short.covered, short.deposit), (Lots(1), Cash(2 * VALUE)));
		assert_eq!(delivery().money, Money { escrowed: Cash(9 * VALUE), ..Money::default() });
		assert!(events().contains(&Event::TakenOver {
			instrument: CONTRACT,
			account: key(&SELLER),
			lots: Lots(-3),
			covered: Lots(1),
			escrowed: Cash(2 * VALUE),
		}));
	})
}

#[test]
fn who_has_too_little_cash_is_taken_over_all_the_same() {
	Exchange::holding(&[(BUYER, 500), (TRADER, -500)]).run(|| {
		deliver();
		assert_eq!(Clearing::cash(&key(&BUYER)), CASH - 500 * VALUE);
		assert!(Clearing::cash(&key(&BUYER)) < 0 && delivery().is_taken_over());
	})
}

#[test]
fn cover_beyond_the_position_is_given_back() {
	Exchange::holding(&[(BUYER, 5), (SELLER, -5)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(5)));
		Clearing::hold(&key(&SELLER), CONTRACT, -2);
		Clearing::hold(&key(&BUYER), CONTRACT, 2);
		deliver();
		assert_eq!(Compute::sold(&SELLER, FIRST), 2 * LOT_DAY);
		assert_eq!(Shorts::<Test>::get(CONTRACT, key(&SELLER)).unwrap().covered, Lots(2));
		assert_eq!(Covers::<Test>::iter().count(), 0);
		assert_eq!(Clearing::cash(&key(&SELLER)), CASH);
		let returned =
			Event::Uncovered { instrument: CONTRACT, account: key(&SELLER), lots: Lots(3), covered: Lots(2) };
		assert!(events().contains(&returned));
	})
}

#[test]
fn what_is_asked_of_a_position_is_what_it_is_worth() {
	Exchange::holding(&[(BUYER, 3), (SELLER, -3)]).run(|| {
		let asked = |owner, lots| Delivery::escrow_of(&key(owner), CONTRACT, Lots(lots));
		assert!(asked(&BUYER, 3).is_err(), "nothing is delivered yet");
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(2)));
		assert_eq!(Delivery::covered(&key(&SELLER), CONTRACT), Lots(2));
		assert_eq!(Delivery::covered(&key(&BUYER), CONTRACT), Lots(0));
		set_time(EXPIRY);
		assert!(Delivery::begins(CONTRACT, PRICE, Lots(3)));
		assert_eq!((asked(&BUYER, 3), asked(&BUYER, 0)), (Ok(Cash(3 * VALUE)), Ok(Cash(0))));
		assert_eq!((asked(&SELLER, -3), asked(&SELLER, -1)), (Ok(Cash(VALUE)), Ok(Cash(0))));
		assert_eq!(asked(&TRADER, -3), Ok(Cash(3 * VALUE)));
		assert!(asked(&BUYER, i64::MIN).is_err());
	})
}

#[test]
fn who_is_taken_over_late_has_time_to_nominate() {
	Exchange::holding(&[(BUYER, 1), (BUYER_2, 1), (TRADER, -2)]).run(|| {
		set_time(EXPIRY);
		assert!(Clearing::end(CONTRACT, PRICE, &[key(&BUYER_2)]));
		let deadline = delivery().deadline;
		block_at(deadline);
		blocks(3);
		assert_eq!(delivery().stage, Stage::Nominating, "matching waits for all");
		block_at(deadline + MATCHING);
		Clearing::hand_over(&key(&BUYER_2), CONTRACT);
		assert_eq!(delivery().deadline, deadline + 2 * MATCHING);
		block_at(deadline + 2 * MATCHING - 1);
		assert_eq!(delivery().stage, Stage::Nominating);
		block_at(deadline + 2 * MATCHING);
		assert_ne!(delivery().stage, Stage::Nominating);
	})
}

#[test]
fn several_accounts_of_one_owner_are_taken_over_each() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -3)]).run(|| {
		let second = AccountKey { owner: BUYER, sub: SubAccount(1) };
		Clearing::open(&second, HOUSE_2);
		Clearing::hold(&second, CONTRACT, 2);
		let there = Clearing::money();
		deliver();
		let in_escrow = |guarantor| {
			Longs::<Test>::iter_prefix_values(CONTRACT)
				.filter(|long| long.segment.guarantor == guarantor)
				.map(|long| long.escrow.0)
				.sum::<i128>()
		};
		assert_eq!((in_escrow(HOUSE), in_escrow(HOUSE_2)), (VALUE, 2 * VALUE));
		assert_eq!(Clearing::money(), there);
		Margins::mutate(|margins| margins.get_mut(&second).unwrap().cash.0 -= CASH);
	})
}

#[test]
#[should_panic(expected = "a position is taken over once")]
fn nobody_is_taken_over_twice() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).build().execute_with(|| {
		deliver();
		let segment = Margins::get()[&key(&BUYER)].segment.clone();
		Delivery::take_over(&key(&BUYER), &segment, CONTRACT, Lots(1), Cash(VALUE));
	})
}

#[test]
#[should_panic(expected = "every position of a delivery is taken over once")]
fn nobody_is_taken_over_of_what_is_not_delivered() {
	Exchange::default().build().execute_with(|| {
		let segment = Margins::get()[&key(&BUYER)].segment.clone();
		Delivery::take_over(&key(&BUYER), &segment, CONTRACT, Lots(1), Cash(VALUE));
	})
}

#[test]
#[should_panic(expected = "an instrument ends once")]
fn nothing_begins_twice() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).build().execute_with(|| {
		deliver();
		Delivery::begins(CONTRACT, PRICE, Lots(1));
	})
}

#[test]
fn a_take_over_weighs_what_is_said() {
	assert_eq!(<Delivery as OnDeliverable<AccountId>>::weight(), <() as WeightInfo>::take_over());
}
