//! A buyer who does not show up: it says nothing about where, names no key, signs no voucher. It pays all the same.

use super::*;

#[test]
fn a_buyer_who_does_not_show_up_pays_all_the_same() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let issued = issuance();
		let resource = provider(Dave, 4);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 4, price));
		let paid = fee(HOURS, 4, price);
		expire(contract, price);
		// Without capacity set aside the seller's deposit is all that its lots are worth.
		assert_eq!(cash(Dave), sum([CASH, less(paid), less(value(4, price))]));
		assert_ok!(nominate(Dave, contract, resource, 4));
		// The capacity is behind it now.
		assert_eq!(cash(Dave), sum([CASH, less(paid)]));
		let deals = matched(contract, price);
		let [deal] = deals[..] else { panic!("one deal: {deals:?}") };
		for index in 0..DAYS {
			let day = on_delivery_day(contract, index);
			assert_ok!(post(Dave, deal, day, 4 * LOT_DAY));
		}
		finish(contract, price);
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(4, price))]));
		assert_eq!(cash(Dave), sum([CASH, less(paid), value(4, price)]));
		assert_eq!(closed(contract).0.delivered, Capacity(4 * LOT_DAY * u128::from(DAYS)));
		assert_whole(issued, contract);
	})
}

#[test]
fn a_buyer_whose_endpoint_is_dead_pays_for_what_was_there_to_be_had() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let issued = issuance();
		let resource = provider(Dave, 4);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 4, price));
		assert_ok!(cover(Dave, contract, 4));
		expire(contract, price);
		assert_ok!(nominate(Dave, contract, resource, 4));
		assert_ok!(request(Charlie, contract, Charlie, b"https://gone.example"));
		let deal = matched(contract, price)[0];
		for index in 0..DAYS {
			let day = on_delivery_day(contract, index);
			// Its key signs for the first tenth, and then nobody answers there.
			assert_ok!(send(One, voucher(deal, day, 4 * LOT_DAY / 10, Charlie)));
			assert_ok!(post(One, deal, day, 4 * LOT_DAY));
		}
		finish(contract, price);
		let paid = fee(HOURS, 4, price);
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(4, price))]));
		assert_eq!(cash(Dave), sum([CASH, less(paid), value(4, price)]));
		assert_whole(issued, contract);
	})
}
