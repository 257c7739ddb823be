//! What somebody may try, and what stops it. Nominations that no resource is good for are among the rules of
//! [`nominations`](super::nominations).

use super::{scenes::*, *};
use sp_core::Pair;
use sp_runtime::MultiSignature;

#[test]
fn a_voucher_is_good_for_one_window_of_one_deal() {
	Exchange::holding(&[(BUYER, 2), (SELLER, -1), (SELLER_2, -1)]).run(|| {
		deliver();
		let key = Some(voucher_key(KEY));
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, key, Endpoint::default()));
		let [one, other] = <[DealId; 2]>::try_from(matched()).expect("two deals");
		block_at(Delivery::start_of(day(1)));
		let half = Capacity(LOT_DAY / 2);
		let submit = |deal, day, cumulative, signature| {
			Delivery::submit_voucher(signed(ANYONE), deal, day, cumulative, signature)
		};
		let voucher = sign(KEY, one, day(1), half);
		assert_noop!(submit(other, day(1), half, voucher.clone()), Error::<Test>::BadSignature);
		assert_noop!(submit(one, day(0), half, voucher.clone()), Error::<Test>::BadSignature);
		assert_noop!(submit(one, day(1), Capacity(LOT_DAY), voucher.clone()), Error::<Test>::BadSignature);
		assert_ok!(submit(one, day(1), half, voucher.clone()));
		assert_noop!(submit(one, day(1), half, voucher), Error::<Test>::NotHigher);
	})
}

#[test]
fn a_voucher_of_another_chain_is_refused() {
	with_resource(|id| {
		let payload = (b"gcx/voucher/1", [8u8; 32], id, day(0), QUANTITY);
		let signature: MultiSignature = voucher_pair(KEY).sign(&codec::Encode::encode(&payload)).into();
		let submit = |signature| Delivery::submit_voucher(signed(ANYONE), id, day(0), QUANTITY, signature);
		assert_noop!(submit(signature), Error::<Test>::BadSignature);
		// And so is one that a wallet wrapped.
		let wrapped = [b"<Bytes>", Delivery::voucher_payload(id, day(0), QUANTITY).as_slice(), b"</Bytes>"].concat();
		assert_noop!(submit(voucher_pair(KEY).sign(&wrapped).into()), Error::<Test>::BadSignature);
	})
}

#[test]
fn a_voucher_never_goes_backwards() {
	with_resource(|id| {
		assert_ok!(vouch(id, 0, hundredths(50)));
		for share in [0, 49, 50] {
			assert_noop!(vouch(id, 0, hundredths(share)), Error::<Test>::NotHigher);
		}
		assert_noop!(vouch(id, 1, hundredths(50)), Error::<Test>::OutOfWindow);
		assert_eq!(window(id, 0).expect("it was vouchered").vouchered, hundredths(50));
	});
	with_resource(|id| {
		assert_noop!(vouch(id, 0, Capacity(0)), Error::<Test>::NotHigher);
	})
}

#[test]
fn a_voucher_out_of_its_window_is_refused() {
	with_resource(|id| {
		assert_noop!(vouch(id, 1, QUANTITY), Error::<Test>::OutOfWindow);
		assert_noop!(vouch(DealId(9), 0, QUANTITY), Error::<Test>::UnknownDeal);
		clock_at(Delivery::end_of(day(0)) + SUBMIT - 1);
		assert_ok!(vouch(id, 0, hundredths(10)));
		clock_at(Delivery::end_of(day(0)) + SUBMIT);
		assert_noop!(vouch(id, 0, QUANTITY), Error::<Test>::OutOfWindow);
	})
}

#[test]
fn a_voucher_above_capacity_is_refused() {
	with_resource(|id| {
		for cumulative in [Capacity(hundredths(102).0 + 1), Capacity(u128::MAX)] {
			assert_noop!(vouch(id, 0, cumulative), Error::<Test>::AboveQuantity);
		}
	})
}

#[test]
fn a_voucher_by_another_key_is_refused() {
	with_resource(|id| {
		let signature = sign(KEY + 1, id, day(0), QUANTITY);
		let submitted = Delivery::submit_voucher(signed(BUYER), id, day(0), QUANTITY, signature);
		assert_noop!(submitted, Error::<Test>::BadSignature);
	})
}

#[test]
fn a_flood_of_vouchers_costs_its_fees() {
	with_resource(|id| {
		let steps = (1..=1_020).map(|step| Capacity(QUANTITY.0 * step / 1_000));
		let free = steps.filter(|cumulative| vouch(id, 0, *cumulative).expect("higher").pays_fee == Pays::No).count();
		assert_eq!(free, 1);
		noon(1);
		let steps = (1..=10).map(|step| hundredths(step * 10 + 2));
		let free = steps.filter(|cumulative| vouch(id, 1, *cumulative).expect("higher").pays_fee == Pays::No).count();
		assert_eq!(free, 10);
	})
}

#[test]
fn a_silent_buyer_pays_all_the_same() {
	// Without a key, with one that never signs, and without even a request.
	with_resource_and(None, |id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	});
	Exchange::holding(&[(BUYER, LOTS), (SELLER, -LOTS)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(LOTS)));
		let id = matched()[0];
		noon(0);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	})
}

#[test]
fn a_dead_endpoint_is_the_buyers_loss() {
	with_resource(|id| {
		// What its key got before it went away is vouchered. The rest was there to be had.
		assert_ok!(vouch(id, 0, hundredths(10)));
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	})
}

#[test]
fn an_objection_without_cause_costs_its_bond() {
	with_resource(|id| {
		let before = cash_of(&BUYER);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Passed { per_day: QUANTITY });
		close(0);
		assert_eq!((cash_of(&BUYER), settled()), (before - BOND, vec![(id, 0, QUANTITY, DUE, false)]));
	})
}

#[test]
fn a_failed_challenge_makes_the_buyer_whole_at_once() {
	with_resource(|id| {
		let before = cash_of(&BUYER);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, unanswered());
		fix(0, moved(10));
		close(0);
		assert_eq!(cash_of(&BUYER), before + DUE + DUE / 10);
		assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
	})
}

#[test]
fn an_undecided_challenge_changes_nothing() {
	with_resource(|id| {
		let before = (cash_of(&BUYER), cash_of(&SELLER));
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Undecided);
		close(0);
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0, before.1 + DUE));
	})
}

#[test]
fn a_seller_that_goes_dark_fails_from_then_on() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		(0..DAYS).for_each(|index| fix(index, moved(10)));
		let before = (cash_of(&BUYER), cash_of(&SELLER));
		(0..DAYS).for_each(close);
		let failed = |index| (id, index, Capacity(0), 0, true);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false), failed(1), failed(2), failed(3)]);
		// Its stake paid for all of it.
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0 + 3 * (DUE + DUE / 10), before.1 + DUE));
	})
}

#[test]
fn a_failure_waits_for_the_days_fix_and_takes_the_one_before() {
	with_resource(|id| {
		Fixes::mutate(|fixes| fixes.insert(Day(FIRST.0 - 1), moved(10)));
		OpenRound::put(day(0));
		close(0);
		close(1);
		assert_eq!((settled(), deal(id).waiting), (vec![], 2));
		// Nothing was fixed of the first day. Of the second the round is still open.
		OpenRound::put(day(1));
		let before = cash_of(&BUYER);
		noon(2);
		assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
		assert_eq!(cash_of(&BUYER), before + DUE + DUE / 10);
	})
}

#[test]
fn who_has_no_resource_cannot_say_that_it_delivered() {
	// Nobody could be challenged for it, and so nobody could object.
	for seller in [SELLER, TRADER] {
		with_deposit(seller.clone(), |id| {
			assert_noop!(post(&seller, id, 0, QUANTITY), Error::<Test>::NoResource);
			close(0);
			assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
		})
	}
}

#[test]
fn a_seller_that_failed_takes_no_alternative_up_that_was_offered_before() {
	with_resource(|id| {
		assert_ok!(agree(&BUYER, id));
		OpenRound::put(day(0));
		close(0);
		// The window failed and waits for its fix; the buyer's word was for what was to come.
		assert_ok!(agree(&SELLER, id));
		assert_eq!(deal(id).agreed, Some(Side::Sell));
	})
}

#[test]
fn a_buyer_that_objects_every_day_pays_for_every_day() {
	with_resource(|id| {
		let before = cash_of(&BUYER);
		for index in 0..DAYS {
			noon(index);
			assert_ok!(post(&SELLER, id, index, QUANTITY));
			assert_ok!(object(&BUYER, id, index));
			decide(id, index, ChallengeVerdict::Passed { per_day: QUANTITY });
		}
		close(DAYS - 1);
		assert_eq!(cash_of(&BUYER), before - BOND * i128::from(DAYS));
	})
}
