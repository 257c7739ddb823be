//! Each invariant, broken on purpose, is caught.

use super::*;
use gcx_primitives::Segment;

/// A chain at one of these points of a delivery: positions are taken over, nominations made; all is matched.
#[derive(Clone, Copy, PartialEq)]
enum At {
	Nominating,
	Matched,
}

fn chain(at: At) -> sp_io::TestExternalities {
	let mut ext = Exchange::holding(&[(BUYER, 3), (BUYER_2, 2), (SELLER, -4), (TRADER, -1)]).build();
	ext.execute_with(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(1)));
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(2)));
		let request = Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, None, Endpoint::default());
		assert_ok!(request);
		if at == At::Matched {
			matched();
		}
		assert_ok!(Delivery::do_try_state());
	});
	ext
}

/// That a breakage is noticed, in words that contain these.
fn caught(at: At, words: &str, breakage: impl FnOnce()) {
	chain(at).execute_with(|| {
		breakage();
		assert!(Delivery::do_try_state().is_err(), "not caught: {words}");
		let violations = Delivery::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{words}: {violations:?}");
	})
}

fn change_delivery(change: impl FnOnce(&mut DeliveryOf<Test>)) {
	Deliveries::<Test>::mutate(CONTRACT, |delivery| change(delivery.as_mut().expect("it is delivered")));
}

fn change_long(change: impl FnOnce(&mut LongOf<Test>)) {
	Longs::<Test>::mutate(CONTRACT, key(&BUYER), |long| change(long.as_mut().expect("it buys")));
}

fn change_short(change: impl FnOnce(&mut ShortOf<Test>)) {
	Shorts::<Test>::mutate(CONTRACT, key(&SELLER), |short| change(short.as_mut().expect("it sells")));
}

fn deal_id() -> DealId {
	Deals::<Test>::iter_keys().min().expect("there are deals")
}

fn change_deal(change: impl FnOnce(&mut DealOf<Test>)) {
	Deals::<Test>::mutate(deal_id(), |deal| change(deal.as_mut().expect("it is open")));
}

#[test]
fn parameters_that_are_none_are_caught() {
	let invalid = DeliveryParameters { objection: Ppm::ZERO, ..Default::default() };
	caught(At::Nominating, "parameters", || Parameters::<Test>::put(invalid));
	caught(At::Nominating, "parameters", || PendingParameters::<Test>::put((Day(1), invalid)));
}

#[test]
fn lists_that_are_not_of_what_is_recorded_are_caught() {
	caught(At::Nominating, "are not those recorded", Active::<Test>::kill);
	caught(At::Nominating, "are not those recorded", || Active::<Test>::try_append(CONTRACT).unwrap());
	caught(At::Nominating, "which is not delivered", || {
		Active::<Test>::kill();
		Deliveries::<Test>::remove(CONTRACT);
	});
	caught(At::Matched, "listed of deliveries", || {
		DealsOf::<Test>::remove(CONTRACT, deal_id().0.to_be_bytes());
	});
	caught(At::Matched, "listed of accounts", || DealsWith::<Test>::remove(key(&SELLER), deal_id()));
	caught(At::Matched, "not yet given out", || NextDeal::<Test>::put(DealId(0)));
	caught(At::Matched, "which is closed", || Windows::<Test>::insert(DealId(99), FIRST, WindowOf::<Test>::default()));
}

#[test]
fn cover_that_cannot_be_is_caught() {
	let goods = |ext: &mut sp_io::TestExternalities| {
		ext.execute_with(|| Deliveries::<Test>::get(CONTRACT).expect("it is delivered").goods)
	};
	let goods = goods(&mut chain(At::Nominating));
	caught(At::Nominating, "such cover", || {
		Covers::<Test>::insert(CASH_CONTRACT, key(&SELLER_2), Cover { lots: Lots(0), goods });
	});
	caught(At::Nominating, "such cover", || {
		Covers::<Test>::insert(CONTRACT, key(&SELLER), Cover { lots: Lots(1), goods });
	});
}

#[test]
fn buyers_that_cannot_be_are_caught() {
	caught(At::Nominating, "cannot buy so", || change_long(|long| long.escrow.0 += 1));
	caught(At::Nominating, "cannot buy so", || change_long(|long| long.left.0 = 4));
	caught(At::Nominating, "cannot buy so", || change_long(|long| long.deals = 1));
	caught(At::Nominating, "cannot buy so", || {
		change_long(|long| (long.left, long.escrow) = (Lots(0), Cash(0)));
	});
	caught(At::Matched, "cannot buy so", || change_long(|long| long.deals += 1));
}

#[test]
fn sellers_that_cannot_be_are_caught() {
	caught(At::Nominating, "cannot sell so", || change_short(|short| short.deposit.0 -= 1));
	caught(At::Nominating, "cannot sell so", || change_short(|short| short.covered = Lots(3)));
	caught(At::Nominating, "cannot sell so", || change_short(|short| short.nominated = Lots(-1)));
	caught(At::Nominating, "cannot sell so", || change_short(|short| short.covered = Lots(-1)));
	caught(At::Nominating, "cannot sell so", || change_short(|short| short.lots = Lots(3)));
	caught(At::Matched, "cannot sell so", || change_short(|short| short.deals += 1));
}

#[test]
fn deals_that_cannot_be_are_caught() {
	let broken: [fn(&mut DealOf<Test>); 13] = [
		|deal| deal.lots = Lots(0),
		|deal| deal.escrow.0 += 1,
		|deal| deal.deposit.0 += 1,
		|deal| deal.from = Day(FIRST.0 - 1),
		|deal| deal.from = day(1),
		|deal| deal.next = day(1),
		|deal| deal.next = Day(FIRST.0 - 1),
		|deal| deal.next = day(DAYS + 1),
		|deal| deal.open_objections = 1,
		|deal| deal.waiting = 1,
		|deal| deal.buyer_segment.guarantor = HOUSE_2,
		|deal| deal.seller_segment.guarantor = HOUSE,
		|deal| deal.backing = Backing::Deposit,
	];
	for change in broken {
		caught(At::Matched, "cannot be so", || change_deal(change));
	}
	caught(At::Matched, "is no day of", || {
		Windows::<Test>::insert(deal_id(), day(DAYS), WindowOf::<Test>::default());
	});
	caught(At::Matched, "are counted as", || change_delivery(|delivery| delivery.deals += 1));
	caught(At::Matched, "that wait are counted as", || change_delivery(|delivery| delivery.waiting += 1));
}

#[test]
fn totals_that_do_not_add_up_are_caught() {
	for at in [At::Nominating, At::Matched] {
		caught(at, "does not add up", || change_delivery(|delivery| delivery.tally.delivered.0 += 1));
		caught(at, "does not add up", || change_delivery(|delivery| delivery.tally.compensated.0 += 1));
		caught(at, "does not add up", || change_delivery(|delivery| delivery.tally.released.0 += 1));
		caught(at, "escrow does not add up", || change_delivery(|delivery| delivery.money.escrowed.0 += 1));
		caught(at, "escrow does not add up", || change_delivery(|delivery| delivery.money.paid.0 += 1));
		caught(at, "escrow does not add up", || change_delivery(|delivery| delivery.money.forfeited.0 -= 1));
		caught(at, "lots were taken over", || change_delivery(|delivery| delivery.taken_long.0 += 1));
		caught(at, "on the short side", || change_delivery(|delivery| delivery.taken_short.0 -= 1));
		caught(at, "out of bounds", || change_delivery(|delivery| delivery.taken_short = Lots(i64::MIN)));
	}
}

#[test]
fn escrow_that_is_not_there_is_caught() {
	for at in [At::Nominating, At::Matched] {
		caught(at, "is in escrow of", || {
			Escrows::mutate(|escrows| escrows.values_mut().for_each(|escrow| escrow.0 -= 1));
		});
	}
	caught(At::Nominating, "is in escrow of", || {
		change_long(|long| long.segment = Segment { guarantor: HOUSE_2, ..long.segment.clone() })
	});
}

#[test]
fn capacity_that_is_not_booked_is_caught() {
	for at in [At::Nominating, At::Matched] {
		caught(at, "is nominated for", || {
			NominatedOf::mutate(|nominated| nominated.remove(&(ResourceId(1), day(2))));
		});
	}
}

#[test]
fn offers_that_are_not_what_was_nominated_are_caught() {
	let place = 0u32.to_be_bytes();
	caught(At::Nominating, "offers are not", || Offered::<Test>::remove(CONTRACT, place));
	caught(At::Nominating, "nothing is left of an offer", || {
		Offered::<Test>::mutate(CONTRACT, place, |offer| offer.as_mut().unwrap().left = Lots(0));
	});
	caught(At::Matched, "offers are not", || {
		let offer = Offer { seller: key(&SELLER), resource: ResourceId(1), region: HERE, left: Lots(1) };
		Offered::<Test>::insert(CONTRACT, place, offer);
	});
}

#[test]
fn queues_with_others_than_those_who_are_open_are_caught() {
	let words = "queues are not as";
	let [first, second, other] = [1u32, 9, 10].map(u32::to_be_bytes);
	caught(At::Nominating, words, || Requested::<Test>::remove((CONTRACT, HERE, first)));
	caught(At::Nominating, words, || Requested::<Test>::insert((CONTRACT, THERE, second), key(&BUYER_2)));
	caught(At::Nominating, words, || Lottery::<Test>::insert(CONTRACT, [0; 32], key(&BUYER)));
	let drawing = Stage::Drawing { seed: [0; 32], after: None };
	caught(At::Nominating, words, || {
		change_delivery(|delivery| delivery.stage = drawing.clone());
		Lottery::<Test>::insert(CONTRACT, [0; 32], key(&BUYER));
	});
	caught(At::Nominating, words, || change_delivery(|delivery| delivery.stage = Stage::Remainder { after: None }));
	let delivering = Stage::Delivering { after: None, until: 0 };
	caught(At::Nominating, words, || change_delivery(|delivery| delivery.stage = delivering));
	caught(At::Matched, words, || Requested::<Test>::insert((CONTRACT, HERE, other), key(&BUYER)));
	caught(At::Matched, "it is closing with", || change_delivery(|delivery| delivery.stage = Stage::Closing));
}
