//! Vouchers: each is good for one window of one deal of one chain, by one key, and only upwards.

use super::*;
use codec::Encode;
use pallet_delivery::Error;
use sp_runtime::MultiSignature;
use Sr25519Keyring::Two;

/// Millionths of a Compute Hour: half of what a lot is for on a day.
const HALF: u128 = LOT_DAY / 2;

/// Charlie bought two lots of Dave, who nominated each by itself: two deals. Charlie names a key that is nobody's account.
fn two_deals(price: Price) -> (InstrumentId, DealId, DealId) {
	market(price);
	let resource = provider(Dave, 2);
	let contract = list_physical(price);
	assert_ok!(trade(Charlie, Dave, contract, 2, price));
	assert_ok!(cover(Dave, contract, 2));
	expire(contract, price);
	for _ in 0..2 {
		assert_ok!(nominate(Dave, contract, resource, 1));
	}
	assert_ok!(request(Charlie, contract, Two, b"https://buyer.example"));
	let deals = matched(contract, price);
	let [one, other] = deals[..] else { panic!("two deals: {deals:?}") };
	(contract, one, other)
}

/// A voucher with any signature.
fn signed_as(
	deal: DealId,
	day: Day,
	cumulative: u128,
	signature: impl Into<MultiSignature>,
) -> pallet_delivery::Call<Runtime> {
	pallet_delivery::Call::submit_voucher { deal, day, cumulative: Capacity(cumulative), signature: signature.into() }
}

#[test]
fn a_voucher_that_is_not_for_this_is_refused_and_what_was_vouchered_is_paid_once() {
	exchange(|| {
		let price = cents(250);
		let (contract, deal, other) = two_deals(price);
		let issued = issuance();
		let first = on_delivery_day(contract, 0);
		let second = Day(first.0 + 1);
		let submit = |call| send(One, call);
		let good = || voucher(deal, first, HALF, Two);

		// By another key: the buyer's own account, who submits it, one of another kind.
		for key in [Charlie, Dave, One] {
			assert_noop!(submit(voucher(deal, first, HALF, key)), Error::<Runtime>::BadSignature);
		}
		let payload = Delivery::voucher_payload(deal, first, Capacity(HALF));
		let of_another_kind = Ed25519Keyring::Two.sign(&payload);
		assert_noop!(submit(signed_as(deal, first, HALF, of_another_kind)), Error::<Runtime>::BadSignature);
		// By the right key, for another amount, day, deal or chain, or for what a wallet wrapped it in.
		let signatures = [
			Two.sign(&Delivery::voucher_payload(deal, first, Capacity(HALF + 1))),
			Two.sign(&Delivery::voucher_payload(deal, second, Capacity(HALF))),
			Two.sign(&Delivery::voucher_payload(other, first, Capacity(HALF))),
			Two.sign(&(b"gcx/voucher/1", [8u8; 32], deal, first, Capacity(HALF)).encode()),
			Two.sign(&[b"<Bytes>", payload.as_slice(), b"</Bytes>"].concat()),
		];
		for signature in signatures {
			assert_noop!(submit(signed_as(deal, first, HALF, signature)), Error::<Runtime>::BadSignature);
		}
		// Out of window: of a day before the first, of one that has not begun, of one after the last.
		for day in [Day(first.0 - 1), second, Day(second.0 + 1)] {
			assert_noop!(submit(voucher(deal, day, HALF, Two)), Error::<Runtime>::OutOfWindow);
		}
		assert_noop!(submit(voucher(DealId(99), first, HALF, Two)), Error::<Runtime>::UnknownDeal);
		// Above capacity, by more than is nobody's failure.
		for amount in [LOT_DAY * 102 / 100 + 1, 2 * LOT_DAY, u128::MAX] {
			assert_noop!(submit(voucher(deal, first, amount, Two)), Error::<Runtime>::AboveQuantity);
		}
		// Nothing of nothing is not more.
		assert_noop!(submit(voucher(deal, first, 0, Two)), Error::<Runtime>::NotHigher);

		assert_ok!(submit(good()));
		// Replayed, by anybody; and backwards.
		for who in [One, Charlie, Dave] {
			assert_noop!(send(who, good()), Error::<Runtime>::NotHigher);
		}
		assert_noop!(submit(voucher(deal, first, HALF - 1, Two)), Error::<Runtime>::NotHigher);
		assert_ok!(post(Dave, other, first, LOT_DAY));

		// The window is closed, and the next is open: what the first was vouchered for is nothing there.
		pass(Delivery::closes(first) - now());
		assert_eq!(today(), second);
		assert_noop!(submit(voucher(deal, first, LOT_DAY, Two)), Error::<Runtime>::OutOfWindow);
		let replayed = Two.sign(&payload);
		assert_noop!(submit(signed_as(deal, second, HALF, replayed)), Error::<Runtime>::BadSignature);
		for deal in [deal, other] {
			assert_ok!(submit(voucher(deal, second, LOT_DAY, Two)));
		}
		finish(contract, price);
		assert_noop!(submit(good()), Error::<Runtime>::UnknownDeal);

		// Of four windows, each worth half a lot, one was half delivered.
		let (paid, missing) = (fee(HOURS, 2, price), Cash(value(1, price).0 / 4));
		assert_eq!(cash(Charlie), sum([CASH, less(paid), less(value(2, price)), missing]));
		assert_eq!(cash(Dave), sum([CASH, less(paid), value(2, price), less(missing)]));
		let expected =
			Tally { delivered: Capacity(4 * LOT_DAY - HALF), compensated: Capacity(HALF), released: Capacity::ZERO };
		assert_eq!(closed(contract).0, expected);
		assert_whole(issued, contract);
	})
}

#[test]
fn without_a_key_only_the_seller_says_what_was_delivered_and_only_once() {
	exchange(|| {
		let price = cents(250);
		market(price);
		let resource = provider(Dave, 1);
		let contract = list_physical(price);
		assert_ok!(trade(Charlie, Dave, contract, 1, price));
		expire(contract, price);
		assert_ok!(nominate(Dave, contract, resource, 1));
		let deal = matched(contract, price)[0];
		let day = on_delivery_day(contract, 0);
		// Nobody named a key.
		assert_noop!(send(One, voucher(deal, day, HALF, Charlie)), Error::<Runtime>::NoKey);
		assert_noop!(post(Charlie, deal, day, HALF), Error::<Runtime>::NotSeller);
		assert_noop!(post(Dave, deal, Day(day.0 + 1), HALF), Error::<Runtime>::OutOfWindow);
		assert_noop!(post(Dave, deal, day, 2 * LOT_DAY), Error::<Runtime>::AboveQuantity);
		assert_ok!(post(Dave, deal, day, LOT_DAY));
		assert_noop!(post(Dave, deal, day, LOT_DAY), Error::<Runtime>::AlreadyPosted);
	})
}
