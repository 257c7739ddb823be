//! What the runtime API answers.

use super::*;
use gcx_runtime_api::{BackingView, DeliveryStage};

#[test]
fn a_delivery_is_seen_as_it_goes_on() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -3)]).run(|| {
		assert_eq!(Delivery::delivery_view(CONTRACT), None);
		deliver();
		let view = Delivery::delivery_view(CONTRACT).unwrap();
		let until = Delivery::start_of(FIRST) - MATCHING;
		assert_eq!((view.instrument, view.stage), (CONTRACT, DeliveryStage::Nominating { until }));
		assert_eq!((view.price, view.value, view.days, view.floor), (PRICE, Cash(VALUE), days(), FLOOR));
		assert_eq!((view.taken_long, view.taken_short, view.open_interest), (Lots(3), Lots(3), Lots(3)));
		assert_eq!((view.escrowed, view.paid), (Cash(6 * VALUE), Cash(0)));
		matched();
		let view = Delivery::delivery_view(CONTRACT).unwrap();
		assert_eq!((view.stage, view.deals), (DeliveryStage::Delivering, 1));
		assert_eq!(Delivery::deliveries(), [CONTRACT]);
	})
}

#[test]
fn a_position_is_seen_before_and_after_it_is_taken_over() {
	Exchange::holding(&[(BUYER, 3), (SELLER, -3)]).run(|| {
		let view = |owner| Delivery::position_view(&key(owner), CONTRACT);
		assert_eq!((view(&BUYER), view(&SELLER)), (None, None));
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(2)));
		let covered = view(&SELLER).unwrap();
		assert_eq!((covered.lots, covered.covered, covered.escrow), (Lots(0), Lots(2), Cash(0)));
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(1)));
		let endpoint = b"https://here".to_vec().try_into().unwrap();
		let asked = (HERE, Some(voucher_key(1)), endpoint);
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, asked.0, asked.1, asked.2));
		let short = view(&SELLER).unwrap();
		assert_eq!((short.lots, short.left, short.escrow), (Lots(-3), Lots(3), Cash(VALUE)));
		assert_eq!((short.covered, short.nominated, short.region), (Lots(1), Lots(1), None));
		let long = view(&BUYER).unwrap();
		assert_eq!((long.lots, long.left, long.escrow, long.deals), (Lots(3), Lots(3), Cash(3 * VALUE), 0));
		assert_eq!((long.region, long.key), (Some(HERE), Some(voucher_key(1))));
		assert_eq!(long.endpoint.as_deref(), Some("https://here"));
	})
}

#[test]
fn a_deal_is_seen_with_the_windows_that_are_open() {
	Exchange::holding(&[(BUYER, 2), (SELLER, -2)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(2)));
		let endpoint = vec![0xff].try_into().unwrap();
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, None, endpoint));
		let id = matched()[0];
		assert_eq!((Delivery::deals_of(&key(&BUYER)), Delivery::deals_of(&key(&SELLER))), (vec![id], vec![id]));
		let view = Delivery::deal_view(id).unwrap();
		assert_eq!((view.deal, view.buyer.owner, view.seller.owner, view.lots), (id, BUYER, SELLER, Lots(2)));
		assert_eq!((view.backing, view.days), (BackingView::Resource(ResourceId(1)), days()));
		assert_eq!((view.escrow, view.deposit, view.agreed), (Cash(2 * VALUE), Cash(0), None));
		assert_eq!(view.endpoint.as_deref(), Some("\u{fffd}"));
		assert_eq!(view.windows, []);
		block_at(Delivery::start_of(day(1)));
		let seen: Vec<_> = Delivery::deal_view(id).unwrap().windows;
		assert_eq!(seen.iter().map(|window| window.day).collect::<Vec<_>>(), [day(0), day(1)]);
		let first = &seen[0];
		assert_eq!((first.opens, first.closes), (Delivery::start_of(FIRST), Delivery::end_of(FIRST) + SUBMIT));
		assert_eq!((first.quantity, first.due), (Capacity(2 * LOT_DAY), Cash(VALUE / 2)));
		assert_eq!((first.available, first.vouchered, first.objection.is_none()), (None, Capacity(0), true));
		assert_eq!(Delivery::deal_view(DealId(99)), None);
	})
}

#[test]
fn an_objection_is_seen() {
	Exchange::holding(&[(BUYER, 2), (SELLER, -2)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(2)));
		let id = matched()[0];
		block_at(Delivery::start_of(FIRST));
		assert_ok!(Delivery::object(signed(BUYER), id, FIRST));
		let objection = Delivery::deal_view(id).unwrap().windows[0].objection.clone().unwrap();
		assert_eq!((objection.bond, objection.least), (Cash(VALUE / 20), Capacity(2 * LOT_DAY)));
		assert_eq!(objection.verdict, None);
	})
}
