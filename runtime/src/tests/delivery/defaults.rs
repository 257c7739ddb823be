//! A guarantor that fails while what its customer sold, or bought, is being delivered.

use super::*;
use gcx_primitives::{DefaultStage, SegmentSide, WaterfallLayer as Layer};
use Sr25519Keyring::{Eve, Ferdie};

/// What an hour of very large devices costs: what is owed for one is worth more than the stake behind it.
const LARGE: Price = cents(40_000);
/// What it costs by the time of delivery: twice that, as much as counts for replacement.
const LARGER: Price = cents(80_000);
/// What the buyer and the seller of those begin with.
const WEALTH: Cash = dollars(5_000_000);
/// What a guarantor has that fails: house funds, and its contribution.
const HOUSE: Cash = dollars(100_000);
const CONTRIBUTION: Cash = dollars(50_000);

/// Money of a guarantor's customers that is in escrow.
fn escrow(guarantor: Sr25519Keyring) -> Cash {
	ledger(guarantor, SegmentSide::Customers).escrow
}

/// Days go by at this price, with a run each, until a guarantor's default is worked out.
fn work_out(guarantor: Sr25519Keyring, price: Price) {
	for _ in 0..12 {
		if stage(guarantor) == Some(DefaultStage::Settled) {
			break;
		}
		day(price);
	}
	settle();
}

/// A guarantor's default is worked out, and its layers bore all that was lost.
fn assert_settled(guarantor: Sr25519Keyring) {
	let failure = pallet_clearing::Defaults::<Runtime>::get(guarantor.to_account_id()).expect("it failed");
	assert_eq!((failure.stage, failure.taken), (DefaultStage::Settled, failure.loss));
	for side in [SegmentSide::Customers, SegmentSide::House] {
		let ledger = ledger(guarantor, side);
		assert_eq!((ledger.owed, ledger.borrowed, ledger.gaps), (Cash::ZERO, Cash::ZERO, Cash::ZERO), "{side:?}");
	}
}

/// An account's cash is there: no run owes it, and all of it can be withdrawn.
fn assert_paid(who: Sr25519Keyring) {
	let view = view(who);
	assert_eq!((view.unpaid, view.withdrawable), (Cash::ZERO, view.cash), "{who}");
}

/// Dave, under Alice, delivers nothing of what Charlie bought, has taken its money out, and owes more than Alice has.
#[test]
fn a_buyer_is_made_whole_though_the_seller_and_its_guarantor_have_nothing_left() {
	exchange(|| {
		for (who, house, part) in [(Alice, HOUSE, CONTRIBUTION), (Bob, dollars(200_000_000), dollars(2_000_000))] {
			guarantor(who, house);
			contribute(who, part);
		}
		customer(Charlie, Bob, WEALTH);
		customer(Dave, Alice, WEALTH);
		customer(Ferdie, Alice, dollars(300_000));
		let_custody_age(Ferdie);
		class(LARGE);
		let (issued, others) = (issuance(), cash(Ferdie));
		let resource = provider(Dave, 10);
		let contract = list_physical(LARGE);
		assert_ok!(trade(Charlie, Dave, contract, 10, LARGE));
		assert_ok!(cover(Dave, contract, 10));
		let paid = fee(HOURS, 10, LARGE);
		expire(contract, LARGE);
		assert_ok!(nominate(Dave, contract, resource, 10));
		// The capacity is all that stands for its lots: it may take its money elsewhere.
		assert_ok!(withdraw(Dave, cash(Dave)));
		assert_eq!(matched(contract, LARGE).len(), 1);
		assert_eq!(escrow(Bob), value(10, LARGE));

		// The seller goes dark. The first day's window fails, and its guarantor with it, while the second's is open.
		day(LARGER);
		let first = today();
		assert_eq!(first, delivery(contract).goods.days.first);
		day(LARGER);
		until(|| stage(Alice).is_some());
		assert_eq!(delivery(contract).deals, 1, "the second window is not settled");
		assert_eq!(escrow(Bob), Cash(value(10, LARGE).0 / 2));
		// Alice's other customer is free to go, with all that it has.
		join(Ferdie, Bob);
		finish(contract, LARGER);
		work_out(Alice, LARGER);

		// Replacement costs as much again as was to be paid. The stake was worth a dollar a GCX: of the first window it paid what it
		// could. Nothing was left of it for the second, and so the seller is fined a twentieth of what it would have been paid.
		let (due, stake) = (value(10, LARGE).0 / 2, dollars(100_000).0);
		let fine = due / 20;
		let debt = 2 * due - stake + fine;
		assert_eq!(
			cash(Charlie).0,
			WEALTH.0 - paid.0 + 2 * due,
			"its price is back, and what it costs elsewhere on top"
		);
		assert_eq!((cash(Dave), cash(Ferdie)), (Cash::ZERO, others));
		// The house had paid all that it had before the default was worked out; the layers bore the rest, in their order.
		let order: Vec<_> = layers(Alice).into_iter().filter(|(_, took)| !took.is_zero()).collect();
		let names: Vec<_> = order.iter().map(|(layer, _)| *layer).collect();
		assert_eq!(names, [Layer::Contribution, Layer::Bond, Layer::Skin, Layer::Guarantors]);
		assert!(took(Alice, Layer::Contribution) >= CONTRIBUTION);
		assert_eq!((contribution(Alice), cash(Alice)), (Cash::ZERO, Cash::ZERO));
		assert_eq!(HOUSE.0 + sum(order.into_iter().map(|(_, took)| took)).0, debt);
		assert_settled(Alice);
		assert_eq!(stage(Bob), None);
		assert_paid(Charlie);
		assert_paid(Ferdie);
		let (tally, _) = closed(contract);
		assert_eq!(tally.compensated, Capacity(10 * LOT_DAY * u128::from(DAYS)));
		assert_whole(issued, contract);
	})
}

/// Ferdie, under Bob, is ruined by a price that Charlie, under Bob too, need not care for: what it bought is paid for.
#[test]
fn a_buyer_has_its_hours_though_its_guarantor_fails_whether_it_leaves_or_stays() {
	for leaves in [true, false] {
		exchange(|| {
			let (price, dear) = (cents(250), cents(500));
			for (who, house) in [(Alice, dollars(5_000_000)), (Bob, HOUSE), (Eve, dollars(5_000_000))] {
				guarantor(who, house);
			}
			contribute(Bob, CONTRIBUTION);
			customer(Charlie, Bob, CASH);
			customer(Dave, Alice, CASH);
			customer(Ferdie, Bob, dollars(150_000));
			let_custody_age(Eve);
			class(price);
			let issued = issuance();
			let resource = provider(Dave, 10);
			let (contract, other) = (list_physical(price), list(CLASS, 1_000, price));
			assert_ok!(trade(Charlie, Dave, contract, 10, price));
			assert_ok!(trade(Eve, Ferdie, other, 150, price));
			assert_ok!(cover(Dave, contract, 10));
			let paid = fee(HOURS, 10, price);
			expire(contract, price);
			assert_ok!(nominate(Dave, contract, resource, 10));
			let deals = matched(contract, price);
			let [deal] = deals[..] else { panic!("one deal: {deals:?}") };
			assert_eq!(escrow(Bob), value(10, price));

			// Twice the price: Ferdie owes 375,000 dollars, and Bob has not what it lacks of that.
			day(dear);
			let first = today();
			assert_eq!(first, delivery(contract).goods.days.first);
			assert_ok!(post(One, deal, first, 10 * LOT_DAY));
			until(|| stage(Bob).is_some());
			if leaves {
				join(Charlie, Eve);
			}
			// What it put in escrow stays where it is, and pays for what it gets.
			assert!(escrow(Bob) > Cash::ZERO);
			if today() == first {
				day(dear);
			}
			assert_eq!(today(), Day(first.0 + 1));
			assert_ok!(post(One, deal, today(), 10 * LOT_DAY));
			until(|| escrow(Bob) == Cash(value(10, price).0 / 2));
			until(|| {
				if matches!(stage(Bob), Some(DefaultStage::Auction { .. })) {
					assert_ok!(bid(Eve, Bob, Ppm::ONE));
				}
				lots(Bob, other) == 0
			});
			finish(contract, dear);
			work_out(Bob, dear);

			assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(10, price))]));
			assert_eq!(cash(Dave), sum([CASH, less(paid), value(10, price)]));
			assert_eq!(cash(Ferdie), Cash::ZERO);
			assert_eq!(view(Charlie).guarantor, if leaves { Eve } else { Bob }.to_account_id());
			assert_settled(Bob);
			[Charlie, Dave].into_iter().for_each(assert_paid);
			let (tally, money) = closed(contract);
			assert_eq!(tally.delivered, Capacity(10 * LOT_DAY * u128::from(DAYS)));
			assert_eq!((money.escrowed, money.paid), (value(10, price), value(10, price)));
			assert_whole(issued, contract);
			assert_ok!(withdraw(Charlie, cash(Charlie)));
		})
	}
}
