//! What sellers and buyers try, and what becomes of it.

use super::*;
use gcx_primitives::ChallengeVerdict as Verdict;
use pallet_delivery::Error;

/// Charlie bought lots of Dave, who covered and nominated them with a resource of as many devices; they are matched.
fn deal(price: Price, lots: u32) -> (InstrumentId, DealId) {
	market(price);
	let resource = provider(Dave, lots);
	let contract = list_physical(price);
	assert_ok!(trade(Charlie, Dave, contract, lots.into(), price));
	let (sub, lots) = (SubAccount(0), Lots(lots.into()));
	assert_ok!(send(Dave, pallet_delivery::Call::cover { sub, instrument: contract, lots }));
	expire(contract, price);
	assert_ok!(send(Dave, pallet_delivery::Call::nominate { sub, instrument: contract, resource, lots }));
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
fn a_voucher_is_good_for_its_own_window_and_nothing_else() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal) = deal(price, 1);
		let day = on_delivery_day(contract, 0);
		let voucher = |deal, day, amount: u128, signer: Sr25519Keyring| {
			let payload = Delivery::voucher_payload(deal, day, Capacity(amount));
			let signature = signer.sign(&payload).into();
			pallet_delivery::Call::submit_voucher { deal, day, cumulative: Capacity(amount), signature }
		};
		// Nobody named a key.
		assert_eq!(send(One, voucher(deal, day, 5, Charlie)), refused(Error::NoKey));
		assert_eq!(send(One, voucher(DealId(deal.0 + 1), day, 5, Charlie)), refused(Error::UnknownDeal));
		assert_eq!(post(Charlie, deal, day, 5), refused(Error::NotSeller));
		assert_eq!(post(Dave, deal, Day(day.0 + 1), 5), refused(Error::OutOfWindow));
		assert_eq!(post(Dave, deal, day, 2 * LOT_DAY), refused(Error::AboveQuantity));
		assert_ok!(post(Dave, deal, day, LOT_DAY));
		assert_eq!(post(Dave, deal, day, LOT_DAY), refused(Error::AlreadyPosted));
	})
}

#[test]
fn what_cannot_be_delivered_is_not_nominated() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let good = provider(Dave, 4);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 4, price));
		expire(contract, price);
		let nominate = |resource, lots| pallet_delivery::Call::nominate {
			sub: SubAccount(0),
			instrument: contract,
			resource,
			lots: Lots(lots),
		};
		assert_eq!(send(Dave, nominate(ResourceId(99), 1)), refused(Error::UnknownResource));
		assert_eq!(send(Charlie, nominate(good, 1)), refused(Error::NotShort));
		assert_eq!(send(Dave, nominate(good, 5)), refused(Error::TooManyLots));
		// Never examined, and so without a grade.
		let call = pallet_compute::Call::register_resource {
			class: CLASS,
			region: REGION,
			devices: 4 * DEVICES,
			agent: One.to_account_id(),
			version: None,
		};
		assert_ok!(send(Dave, call));
		assert!(send(Dave, nominate(ResourceId(good.0 + 1), 1)).is_err());
		assert_ok!(send(Dave, nominate(good, 4)));
		assert_eq!(send(Dave, nominate(good, 1)), refused(Error::TooManyLots));
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
