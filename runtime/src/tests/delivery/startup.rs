//! A start-up knows in spring that it will train a model in autumn. It buys the hours ahead, prices rise, and it takes delivery: it has
//! paid what it agreed on, whatever compute costs by then.

use super::*;

#[test]
fn a_startup_pays_for_its_training_run_what_it_agreed_on() {
	exchange(|| {
		let (agreed, last) = (cents(250), cents(310));
		market(agreed);
		let issued = issuance();
		let resource = provider(Dave, 10);
		let contract = list_physical(agreed);
		assert_ok!(trade(Charlie, Dave, contract, 10, agreed));
		assert_ok!(cover(Dave, contract, 10));
		// All of its capacity is spoken for.
		let first = pallet_market::Contracts::<Runtime>::get(contract).expect("it is listed").terms.delivery.first;
		let left =
			<Compute as CapacityLedger<AccountId>>::sellable(&Dave.to_account_id(), CLASS, &Grade::LOWEST, first);
		assert_eq!(left, Capacity::ZERO);
		let paid = fee(HOURS, 10, agreed);
		for price in [260, 280, 300] {
			day(cents(price));
		}
		expire(contract, last);
		// Variation margin paid the rise; the price of the day is in escrow. Together it is what was agreed.
		let rise = value(10, Price(last.0 - agreed.0));
		assert_eq!(cash(Charlie), sum([CASH, less(paid), rise, less(value(10, last))]));
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(10, agreed))]));
		// The seller has the capacity, and needs no deposit.
		assert_eq!(cash(Dave), sum([CASH, less(paid), less(rise)]));
		assert_eq!((lots(Charlie, contract), lots(Dave, contract)), (0, 0));

		assert_ok!(nominate(Dave, contract, resource, 10));
		assert_ok!(request(Charlie, contract, Charlie, b"https://training.example"));
		let deals = matched(contract, last);
		let [deal] = deals[..] else { panic!("one deal: {deals:?}") };

		for index in 0..DAYS {
			let day = on_delivery_day(contract, index);
			assert_ok!(post(One, deal, day, 10 * LOT_DAY));
			assert_ok!(send(One, voucher(deal, day, 10 * LOT_DAY, Charlie)));
		}
		finish(contract, last);
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(10, agreed))]));
		assert_eq!(cash(Dave), sum([CASH, less(paid), value(10, agreed)]));
		let all = Capacity(10 * LOT_DAY * u128::from(DAYS));
		let (tally, money) = closed(contract);
		assert_eq!(tally, Tally { delivered: all, ..Default::default() });
		assert_eq!((money.escrowed, money.paid), (value(10, last), value(10, last)));
		assert_whole(issued, contract);
	})
}
