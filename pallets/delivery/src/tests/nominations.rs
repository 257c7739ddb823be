//! What sellers deliver with, and where buyers want it.

use super::*;

fn nominate(who: AccountId, resource: u32, lots: i64) -> DispatchResult {
	Delivery::nominate(signed(who), SubAccount(0), CONTRACT, ResourceId(resource), Lots(lots))
}

fn request_as(who: AccountId, region: Region, key: Option<AccountId>, endpoint: &[u8]) -> DispatchResult {
	let endpoint = endpoint.to_vec().try_into().expect("short");
	Delivery::request(signed(who), SubAccount(0), CONTRACT, region, key, endpoint)
}

fn request(who: AccountId, region: Region) -> DispatchResult {
	request_as(who, region, None, b"")
}

fn short_of(who: &AccountId) -> ShortOf<Test> {
	Shorts::<Test>::get(CONTRACT, key(who)).expect("it sells")
}

fn money() -> Money {
	Deliveries::<Test>::get(CONTRACT).expect("it is delivered").money
}

fn queue(region: Region) -> Vec<AccountId> {
	Requested::<Test>::iter_prefix_values((CONTRACT, region)).map(|key| key.owner).collect()
}

/// A contract of ten lots that is delivered; the first seller has cover for four of its eight.
fn delivered(test: impl FnOnce()) {
	Exchange::holding(&[(BUYER, 6), (BUYER_2, 4), (SELLER, -8), (TRADER, -2)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(4)));
		deliver();
		test();
	})
}

#[test]
fn what_clearing_hands_over_while_it_pays_a_deposit_back_is_not_lost() {
	Exchange::holding(&[(BUYER, 6), (SELLER, -6)]).run(|| {
		block_at(EXPIRY);
		assert!(Clearing::end(CONTRACT, PRICE, &[key(&BUYER)]), "it is delivered");
		let before = money();
		ComeUpon::put(vec![(key(&BUYER), CONTRACT)]);
		assert_ok!(nominate(SELLER, 1, 2));
		let delivery = Deliveries::<Test>::get(CONTRACT).expect("it is delivered");
		assert_eq!((delivery.taken_long, delivery.taken_short), (Lots(6), Lots(6)));
		assert_eq!(delivery.money.escrowed, Cash(before.escrowed.0 + 6 * VALUE));
		assert_eq!((delivery.money.returned, short_of(&SELLER).deposit), (Cash(2 * VALUE), Cash(4 * VALUE)));
	})
}

#[test]
fn a_seller_nominates_a_resource_for_what_is_covered_first() {
	delivered(|| {
		assert_ok!(nominate(SELLER, 1, 3));
		let short = short_of(&SELLER);
		assert_eq!((short.nominated, short.covered, short.deposit), (Lots(3), Lots(1), Cash(4 * VALUE)));
		assert_eq!(Clearing::cash(&key(&SELLER)), CASH - 4 * VALUE);
		assert_eq!(Compute::nominated(ResourceId(1), FIRST), Capacity(3 * LOT_DAY));
		assert_eq!(Compute::sold(&SELLER, FIRST), LOT_DAY);
		assert_eq!(
			last_event(),
			Event::Nominated {
				instrument: CONTRACT,
				account: key(&SELLER),
				resource: ResourceId(1),
				region: HERE,
				lots: Lots(3),
				place: 0,
				returned: Cash(0),
			}
		);
	})
}

#[test]
fn a_deposit_goes_back_for_lots_that_are_nominated_without_cover() {
	delivered(|| {
		assert_ok!(nominate(SELLER, 1, 6));
		let short = short_of(&SELLER);
		assert_eq!((short.nominated, short.covered, short.deposit), (Lots(6), Lots(0), Cash(2 * VALUE)));
		assert_eq!(Clearing::cash(&key(&SELLER)), CASH - 2 * VALUE);
		assert_eq!((Compute::nominated(ResourceId(1), FIRST).0, Compute::sold(&SELLER, FIRST)), (6 * LOT_DAY, 0));
		assert_eq!(money(), Money { escrowed: Cash(16 * VALUE), returned: Cash(2 * VALUE), ..Money::default() });
		assert_ok!(nominate(SELLER, 2, 2));
		assert_eq!(Clearing::cash(&key(&SELLER)), CASH);
		assert_eq!(Offered::<Test>::iter_prefix(CONTRACT).count(), 2);
	})
}

#[test]
fn nobody_nominates_more_lots_than_it_sells() {
	delivered(|| {
		assert_noop!(nominate(SELLER, 1, 9), Error::<Test>::TooManyLots);
		assert_ok!(nominate(SELLER, 1, 5));
		assert_noop!(nominate(SELLER, 2, 4), Error::<Test>::TooManyLots);
		assert_noop!(nominate(SELLER, 2, i64::MAX), sp_runtime::ArithmeticError::Overflow);
		for lots in [0, -1] {
			assert_noop!(nominate(SELLER, 2, lots), Error::<Test>::NoLots);
		}
	})
}

#[test]
fn only_who_sells_nominates_and_only_who_buys_requests() {
	delivered(|| {
		assert_noop!(nominate(SELLER_2, 3, 1), Error::<Test>::NotShort);
		assert_noop!(nominate(BUYER, 1, 1), Error::<Test>::NotShort);
		assert_noop!(request(SELLER, HERE), Error::<Test>::NotLong);
		assert_noop!(request(ANYONE, HERE), Error::<Test>::NotLong);
	})
}

#[test]
fn nothing_is_nominated_of_what_is_not_delivered() {
	Exchange::holding(&[(BUYER, 1), (SELLER, -1)]).run(|| {
		assert_noop!(nominate(SELLER, 1, 1), Error::<Test>::UnknownDelivery);
		assert_noop!(request(BUYER, HERE), Error::<Test>::UnknownDelivery);
	})
}

#[test]
fn nobody_nominates_what_is_anothers() {
	delivered(|| {
		assert_noop!(nominate(SELLER, 3, 1), Error::<Test>::NotOwner);
		assert_noop!(nominate(TRADER, 1, 1), Error::<Test>::NotOwner);
		assert_noop!(nominate(SELLER, 99, 1), Error::<Test>::UnknownResource);
	})
}

#[test]
fn a_resource_of_another_class_or_version_is_not_nominated() {
	delivered(|| {
		Compute::change(ResourceId(1), |machine| machine.class = gcx_primitives::ClassId(99));
		assert_noop!(nominate(SELLER, 1, 1), Error::<Test>::WrongClass);
		Compute::change(ResourceId(2), |machine| machine.version = ReferenceVersion(1));
		assert_noop!(nominate(SELLER, 2, 1), Error::<Test>::WrongVersion);
	})
}

#[test]
fn the_ledger_refuses_what_a_resource_cannot_deliver() {
	delivered(|| {
		Compute::change(ResourceId(1), |machine| machine.grade = None);
		assert_noop!(nominate(SELLER, 1, 1), refused("grade too low"));
		Compute::change(ResourceId(1), |machine| machine.grade = Some(gcx_primitives::Grade::LOWEST));
		assert_noop!(nominate(SELLER, 1, 1), refused("grade too low"));
		Compute::change(ResourceId(2), |machine| machine.is_active = false);
		assert_noop!(nominate(SELLER, 2, 1), refused("capacity exceeded"));
	})
}

#[test]
fn the_ledger_refuses_more_than_a_resource_has() {
	Exchange::holding(&[(BUYER, 12), (SELLER, -12)]).run(|| {
		deliver();
		assert_noop!(nominate(SELLER, 1, 11), refused("capacity exceeded"));
		assert_ok!(nominate(SELLER, 1, 7));
		assert_noop!(nominate(SELLER, 1, 4), refused("capacity exceeded"));
		assert_ok!(nominate(SELLER, 1, 3));
	})
}

#[test]
fn nothing_is_sold_for_a_nomination_beyond_the_capacity_left() {
	Exchange::holding(&[(BUYER, 5), (SELLER, -5)]).run(|| {
		deliver();
		Compute::change(ResourceId(1), |machine| machine.per_day = Capacity(2 * LOT_DAY));
		Compute::change(ResourceId(2), |machine| machine.is_active = false);
		assert_noop!(nominate(SELLER, 1, 3), refused("capacity exceeded"));
	})
}

#[test]
fn a_nomination_whose_deposit_cannot_be_paid_back_changes_nothing() {
	delivered(|| {
		ClearingBroken::put(true);
		assert_noop!(nominate(SELLER, 1, 5), refused("clearing is broken"));
		assert_ok!(nominate(SELLER, 1, 4));
	})
}

#[test]
fn a_buyer_says_where_it_wants_its_lots() {
	delivered(|| {
		assert_ok!(request_as(BUYER, HERE, Some(voucher_key(1)), b"https://here"));
		let long = Longs::<Test>::get(CONTRACT, key(&BUYER)).unwrap();
		let endpoint: Endpoint = b"https://here".to_vec().try_into().unwrap();
		let asked = Request { region: HERE, key: Some(voucher_key(1)), endpoint: endpoint.clone(), place: 0 };
		assert_eq!(long.request, Some(asked));
		assert_eq!(queue(HERE), [BUYER]);
		assert_eq!(
			last_event(),
			Event::Requested {
				instrument: CONTRACT,
				account: key(&BUYER),
				region: HERE,
				key: Some(voucher_key(1)),
				endpoint,
				place: 0,
			}
		);
	})
}

#[test]
fn a_buyer_keeps_its_place_in_the_queue_if_it_stays_in_the_region() {
	delivered(|| {
		assert_ok!(request(BUYER, HERE));
		assert_ok!(request(BUYER_2, HERE));
		assert_ok!(request_as(BUYER, HERE, Some(voucher_key(1)), b"elsewhere"));
		assert_eq!(queue(HERE), [BUYER, BUYER_2]);
		assert_ok!(request(BUYER, THERE));
		assert_eq!((queue(HERE), queue(THERE)), (vec![BUYER_2], vec![BUYER]));
		assert_ok!(request(BUYER, HERE));
		assert_eq!((queue(HERE), queue(THERE)), (vec![BUYER_2, BUYER], vec![]));
		assert_eq!(Requested::<Test>::iter().count(), 2);
	})
}

#[test]
fn nominations_are_closed_at_the_deadline() {
	delivered(|| {
		let deadline = Delivery::start_of(FIRST) - MATCHING;
		block_at(deadline - 1);
		assert_ok!(nominate(SELLER, 1, 1));
		assert_ok!(request(BUYER, HERE));
		set_time(deadline);
		// Nobody took the step yet: it is the clock that counts.
		assert_noop!(nominate(SELLER, 1, 1), Error::<Test>::NotNominating);
		assert_noop!(request(BUYER, HERE), Error::<Test>::NotNominating);
		blocks(1);
		assert_noop!(nominate(SELLER, 1, 1), Error::<Test>::NotNominating);
	})
}

#[test]
fn a_halt_takes_no_time_from_nominations() {
	delivered(|| {
		let back = Delivery::start_of(FIRST) + DAY;
		set_time(back);
		assert_ok!(request(BUYER, HERE));
		halt_until(back);
		block_at(back + MATCHING - 1_000);
		assert_ok!(request(BUYER_2, HERE));
		block_at(back + MATCHING);
		assert_noop!(request(BUYER, HERE), Error::<Test>::NotNominating);
	})
}

#[test]
fn a_resource_that_could_not_deliver_from_the_first_day_on_is_not_nominated_any_more() {
	delivered(|| {
		halt_until(Delivery::start_of(day(1)));
		assert_noop!(nominate(SELLER, 1, 1), refused("invalid days"));
	})
}
