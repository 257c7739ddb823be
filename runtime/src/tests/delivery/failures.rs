//! What sellers and buyers try, and what becomes of it.

use super::*;
use gcx_primitives::{ChallengeVerdict as Verdict, OnTenancyChallenged};
use pallet_delivery::Error;

/// Charlie bought lots of Dave, who covered and nominated them with a resource of as many devices; they are matched.
fn deal(price: Price, lots: u32) -> (InstrumentId, DealId) {
	market(price);
	let resource = provider(Dave, lots);
	let contract = list_physical(price);
	assert_ok!(trade(Charlie, Dave, contract, lots.into(), price));
	assert_ok!(cover(Dave, contract, lots.into()));
	expire(contract, price);
	assert_ok!(nominate(Dave, contract, resource, lots.into()));
	let deals = matched(contract, price);
	assert_eq!(deals.len(), 1);
	(contract, deals[0])
}

fn refused(error: Error<Runtime>) -> DispatchResult {
	Err(error.into())
}

#[test]
fn a_seller_that_goes_dark_fails_from_then_on() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal) = deal(price, 4);
		let issued = issuance();
		let day = on_delivery_day(contract, 0);
		assert_ok!(post(One, deal, day, 4 * LOT_DAY));
		finish(contract, price);
		// It has one day's price, and the buyer the other's back. Compute costs what it did: there is nothing to make up for.
		let due = value(4, price).0 / 2;
		let paid = fee(HOURS, 4, price).0;
		assert_eq!(cash(Charlie).0, CASH.0 - paid - due);
		assert_eq!(cash(Dave).0, CASH.0 - paid + due);
		let stake = <Compute as gcx_primitives::ProviderStakes<AccountId>>::stake(&Dave.to_account_id());
		assert_eq!(stake, BOND - 960 * 10 * GCX, "ten GCX for each of 960 hours");
		let (tally, _) = closed(contract);
		assert_eq!((tally.delivered, tally.compensated), (Capacity(4 * LOT_DAY), Capacity(4 * LOT_DAY)));
		assert_whole(issued, contract);
	})
}

#[test]
fn a_seller_that_says_it_delivered_and_cannot_show_it_has_not() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal) = deal(price, 4);
		let issued = issuance();
		let day = on_delivery_day(contract, 0);
		assert_ok!(post(One, deal, day, 4 * LOT_DAY));
		let object = |day| pallet_delivery::Call::object { deal, day };
		assert_eq!(send(Dave, object(day)), refused(Error::NotBuyer));
		let before = cash(Charlie);
		assert_ok!(send(Charlie, object(day)));
		let due = value(4, price).0 / 2;
		assert_eq!(cash(Charlie).0, before.0 - due / 10, "a tenth of the window's value");
		assert_eq!(send(Charlie, object(day)), refused(Error::AlreadyObjected));
		// The challenge opens in a slot that nobody knew, and nobody answers it. A day of this build is shorter than it takes.
		let mut delivered = 0;
		while !events().iter().any(|event| {
			matches!(
				event,
				RuntimeEvent::Delivery(pallet_delivery::Event::Decided { verdict: Verdict::Failed { .. }, .. })
			)
		}) {
			assert!(today() <= Day(day.0 + 20), "nobody decides");
			random_block();
			let second = Day(day.0 + 1);
			if today() == second && post(One, deal, second, 4 * LOT_DAY).is_ok() {
				delivered += 1;
			}
		}
		assert_eq!(delivered, 1, "the second day");
		finish(contract, price);
		let paid = fee(HOURS, 4, price).0;
		assert_eq!(cash(Charlie).0, CASH.0 - paid - due, "the bond is back, and the first day's price");
		assert_eq!(cash(Dave).0, CASH.0 - paid + due);
		assert_whole(issued, contract);
	})
}

#[test]
fn a_buyer_that_objects_without_cause_pays_its_bond() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal) = deal(price, 4);
		let issued = issuance();
		let first = on_delivery_day(contract, 0);
		assert_ok!(post(One, deal, first, 4 * LOT_DAY));
		assert_ok!(send(Charlie, pallet_delivery::Call::object { deal, day: first }));
		// The resource shows inside the tenancy what it was nominated for.
		let verdict = Verdict::Passed { per_day: Capacity(4 * LOT_DAY) };
		<Delivery as OnTenancyChallenged<AccountId>>::decided(deal, first, verdict);
		let second = on_delivery_day(contract, 1);
		assert_ok!(post(One, deal, second, 4 * LOT_DAY));
		finish(contract, price);
		let (paid, bond) = (fee(HOURS, 4, price), Cash(value(4, price).0 / 2 / 10));
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(4, price)), less(bond)]));
		assert_eq!(cash(Dave), sum([CASH, less(paid), value(4, price), bond]));
		assert_whole(issued, contract);
	})
}

#[test]
fn both_parties_agree_on_an_alternative_and_owe_nothing_any_more() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal) = deal(price, 4);
		let issued = issuance();
		let agree = || pallet_delivery::Call::agree_alternative { deal };
		assert_eq!(send(One, agree()), refused(Error::NotParty));
		assert_ok!(send(Dave, agree()));
		assert_eq!(send(Dave, agree()), refused(Error::AlreadyAgreed));
		assert_ok!(send(Charlie, agree()));
		finish(contract, price);
		let paid = fee(HOURS, 4, price);
		assert_eq!((cash(Charlie), cash(Dave)), (sum([CASH, less(paid)]), sum([CASH, less(paid)])));
		let (tally, _) = closed(contract);
		assert_eq!(tally.released, Capacity(4 * LOT_DAY * u128::from(DAYS)));
		assert_whole(issued, contract);
	})
}
