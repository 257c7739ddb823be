//! What happens on a delivery day, and what follows from it.

use super::{scenes::*, *};
use codec::Encode;
use gcx_primitives::ChallengeRequest;
use sp_core::{ecdsa, ed25519, Pair};
use sp_runtime::{traits::IdentifyAccount, MultiSignature, MultiSigner};

#[test]
fn a_seller_posts_what_it_has_once_a_window() {
	with_resource(|id| {
		assert_eq!(post(&SELLER, id, 0, hundredths(90)).expect("it is taken").pays_fee, Pays::No);
		assert_eq!(last_event(), Event::Posted { deal: id, day: day(0), available: hundredths(90) });
		assert_noop!(post(&SELLER, id, 0, hundredths(90)), Error::<Test>::AlreadyPosted);
		close(0);
		assert_eq!(settled(), [(id, 0, hundredths(90), DUE * 90 / 100, true)]);
	})
}

#[test]
fn the_agent_of_the_resource_posts_for_the_seller() {
	with_resource(|id| {
		let agent = Machines::get()[&ResourceId(1)].agent.clone();
		assert_ok!(post(&agent, id, 0, QUANTITY));
		let other = Machines::get()[&ResourceId(2)].agent.clone();
		noon(1);
		for who in [other, BUYER, SELLER_2, ANYONE] {
			assert_noop!(post(&who, id, 1, QUANTITY), Error::<Test>::NotSeller);
		}
		assert_noop!(post(&SELLER, DealId(9), 1, QUANTITY), Error::<Test>::UnknownDeal);
	})
}

#[test]
fn what_no_resource_stands_for_is_not_posted() {
	with_deposit(SELLER, |id| {
		assert_noop!(post(&SELLER, id, 0, QUANTITY), Error::<Test>::NoResource);
		// It may deliver all the same: what the buyer's key signs for counts.
		assert_ok!(vouch(id, 0, QUANTITY));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	})
}

#[test]
fn more_than_the_days_quantity_is_not_posted() {
	with_resource(|id| {
		assert_noop!(post(&SELLER, id, 0, Capacity(QUANTITY.0 + 1)), Error::<Test>::AboveQuantity);
		assert_ok!(post(&SELLER, id, 0, Capacity(0)));
	})
}

#[test]
fn a_window_is_open_from_its_days_beginning_until_submissions_end() {
	with_resource(|id| {
		block_at(Delivery::start_of(day(1)) - 1);
		assert_noop!(post(&SELLER, id, 1, QUANTITY), Error::<Test>::OutOfWindow);
		block_at(Delivery::start_of(day(1)));
		assert_ok!(post(&SELLER, id, 1, QUANTITY));
		block_at(Delivery::end_of(day(0)) + SUBMIT - 1);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		clock_at(Delivery::end_of(day(1)) + SUBMIT);
		assert_noop!(vouch(id, 1, QUANTITY), Error::<Test>::OutOfWindow);
		for index in [DAYS, DAYS + 1] {
			clock_at(Delivery::start_of(day(index)));
			assert_noop!(post(&SELLER, id, index, Capacity(0)), Error::<Test>::OutOfWindow);
			assert_noop!(object(&BUYER, id, index), Error::<Test>::OutOfWindow);
		}
	})
}

#[test]
fn a_halt_takes_no_window_from_a_seller() {
	with_resource(|id| {
		// The chain stands still from noon until two days after.
		let back = Delivery::start_of(day(2)) + DAY / 2;
		halt_until(back);
		assert_eq!(settled(), []);
		assert_noop!(settle(id, 0), Error::<Test>::NotDue);
		block_at(back + SUBMIT - 1);
		for index in [0, 1] {
			assert_ok!(post(&SELLER, id, index, QUANTITY));
		}
		block_at(back + SUBMIT);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false), (id, 1, QUANTITY, DUE, false)]);
	})
}

#[test]
fn a_halt_is_known_in_the_block_after_it() {
	with_resource(|id| {
		// The clock of a block's first step is that of the block before.
		set_time(Delivery::start_of(day(2)));
		assert_noop!(settle(id, 0), Error::<Test>::NotDue);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
	})
}

#[test]
fn a_window_that_was_gone_past_stays_closed_after_a_halt() {
	with_resource(|id| {
		assert_ok!(object(&BUYER, id, 0));
		close(0);
		halt_until(Delivery::start_of(day(2)));
		assert_noop!(post(&SELLER, id, 0, QUANTITY), Error::<Test>::OutOfWindow);
		assert_noop!(vouch(id, 0, QUANTITY), Error::<Test>::OutOfWindow);
		assert_ok!(post(&SELLER, id, 1, QUANTITY));
	})
}

#[test]
fn the_buyers_key_signs_for_what_was_delivered() {
	with_resource(|id| {
		assert_ok!(vouch(id, 0, hundredths(40)));
		assert_eq!(last_event(), Event::Vouchered { deal: id, day: day(0), cumulative: hundredths(40) });
		assert_ok!(vouch(id, 0, hundredths(99)));
		close(0);
		// One hundredth is nobody's failure: it is not paid, and owed no more.
		assert_eq!(settled(), [(id, 0, hundredths(99), DUE * 99 / 100, false)]);
		assert_eq!(delivery().tally.released, hundredths(1));
	})
}

#[test]
fn the_payload_of_a_voucher_is_plain() {
	with_resource(|_| {
		let payload = Delivery::voucher_payload(DealId(3), Day(5), Capacity(7));
		let mut expected = b"gcx/voucher/1".to_vec();
		expected.extend(GENESIS);
		expected.extend((3u32, 5u32, 7u128).encode());
		assert_eq!(payload, expected);
	})
}

#[test]
fn every_kind_of_key_signs_vouchers() {
	let ed25519 = ed25519::Pair::from_seed(&[3; 32]);
	let ecdsa = ecdsa::Pair::from_seed(&[4; 32]);
	type Signer = Box<dyn Fn(&[u8]) -> MultiSignature>;
	let signers: [(MultiSigner, Signer); 2] = [
		(ed25519.public().into(), Box::new(move |payload| ed25519.sign(payload).into())),
		(ecdsa.public().into(), Box::new(move |payload| ecdsa.sign(payload).into())),
	];
	for (signer, sign) in signers {
		with_resource_and(Some(signer.into_account()), |id| {
			let signature = sign(&Delivery::voucher_payload(id, day(0), QUANTITY));
			assert_ok!(Delivery::submit_voucher(signed(ANYONE), id, day(0), QUANTITY, signature));
		})
	}
}

#[test]
fn without_a_key_what_is_posted_is_what_is_delivered() {
	with_resource_and(None, |id| {
		assert_noop!(vouch(id, 0, QUANTITY), Error::<Test>::NoKey);
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	})
}

#[test]
fn a_voucher_is_free_if_it_is_the_first_or_raises_by_a_tenth() {
	with_resource(|id| {
		let fee = |share| vouch(id, 0, hundredths(share)).expect("it is taken").pays_fee;
		assert_eq!([1, 10, 20, 29, 39].map(fee), [Pays::No, Pays::Yes, Pays::No, Pays::Yes, Pays::No]);
	})
}

#[test]
fn a_voucher_exceeds_the_quantity_by_the_tolerance_at_most() {
	with_resource(|id| {
		let limit = hundredths(102);
		assert_noop!(vouch(id, 0, Capacity(limit.0 + 1)), Error::<Test>::AboveQuantity);
		assert_ok!(vouch(id, 0, limit));
		close(0);
		// No more than what is due is paid for it.
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
	})
}

#[test]
fn what_is_delivered_is_the_larger_of_what_was_posted_and_vouchered() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, hundredths(60)));
		assert_ok!(vouch(id, 0, hundredths(50)));
		close(0);
		noon(1);
		assert_ok!(post(&SELLER, id, 1, hundredths(50)));
		assert_ok!(vouch(id, 1, hundredths(60)));
		close(1);
		let paid = DUE * 60 / 100;
		assert_eq!(settled(), [(id, 0, hundredths(60), paid, true), (id, 1, hundredths(60), paid, true)]);
	})
}

#[test]
fn an_objection_has_its_bond_and_asks_for_a_challenge() {
	with_resource(|id| {
		let before = cash_of(&BUYER);
		assert_ok!(object(&BUYER, id, 0));
		assert_eq!(last_event(), Event::Objected { deal: id, day: day(0), bond: Cash(BOND) });
		assert_eq!(cash_of(&BUYER), before - BOND);
		let request = ChallengeRequest { deal: id, day: day(0), resource: ResourceId(1), tenant: voucher_key(KEY) };
		assert_eq!(Challenged::get(), [request]);
		let objection = window(id, 0).expect("something happened").objection.expect("the buyer objected");
		assert_eq!((objection.least, objection.verdict), (QUANTITY, None));
		assert_eq!((deal(id).open_objections, delivery().money.escrowed), (1, Cash(VALUE * 2 * 2 + BOND)));
	});
	with_resource_and(None, |id| {
		assert_ok!(object(&BUYER, id, 0));
		assert_eq!(Challenged::get()[0].tenant, BUYER);
	})
}

#[test]
fn an_objection_is_the_buyers_and_inside_the_day() {
	with_resource(|id| {
		for who in [SELLER, BUYER_2, voucher_key(KEY)] {
			assert_noop!(object(&who, id, 0), Error::<Test>::NotBuyer);
		}
		assert_noop!(object(&BUYER, DealId(9), 0), Error::<Test>::UnknownDeal);
		assert_noop!(object(&BUYER, id, 1), Error::<Test>::OutOfWindow);
		// Posts and vouchers are still taken, objections are not: what would be challenged is over.
		clock_at(Delivery::end_of(day(0)));
		assert_noop!(object(&BUYER, id, 0), Error::<Test>::OutOfWindow);
		assert_ok!(object(&BUYER, id, 1));
		assert_noop!(object(&BUYER, id, 1), Error::<Test>::AlreadyObjected);
	})
}

#[test]
fn who_signed_for_nearly_all_has_nothing_to_object_to() {
	with_resource(|id| {
		assert_ok!(vouch(id, 0, hundredths(98)));
		assert_noop!(object(&BUYER, id, 0), Error::<Test>::NothingToObject);
		noon(1);
		assert_ok!(vouch(id, 1, Capacity(hundredths(98).0 - 1)));
		assert_ok!(object(&BUYER, id, 1));
	})
}

#[test]
fn without_a_resource_nobody_can_be_challenged() {
	with_deposit(TRADER, |id| {
		assert_noop!(object(&BUYER, id, 0), Error::<Test>::NothingToObject);
	})
}

#[test]
fn an_objection_that_cannot_be_paid_or_taken_up_changes_nothing() {
	with_resource(|id| {
		ChallengesFull::put(true);
		assert_noop!(object(&BUYER, id, 0), refused("too many challenges"));
		ChallengesFull::put(false);
		Margins::mutate(|margins| {
			let [buyer, seller] = [BUYER, SELLER].map(|owner| key(&owner));
			let surplus = margins[&buyer].cash.0 - (BOND - 1);
			margins.get_mut(&buyer).expect("it is open").cash.0 -= surplus;
			margins.get_mut(&seller).expect("it is open").cash.0 += surplus;
		});
		assert_noop!(object(&BUYER, id, 0), refused("insufficient cash"));
	})
}

#[test]
fn a_challenge_that_is_passed_gives_the_bond_to_the_seller() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Passed { per_day: hundredths(98) });
		let [buyer, seller] = [BUYER, SELLER].map(|owner| cash_of(&owner));
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
		assert_eq!((cash_of(&BUYER) - buyer, cash_of(&SELLER) - seller), (0, DUE + BOND));
		assert!(events().contains(&Event::BondPaid { deal: id, day: day(0), to: Side::Sell, amount: Cash(BOND) }));
		assert_eq!(deal(id).open_objections, 0);
	})
}

#[test]
fn a_challenge_that_shows_too_little_is_failed() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Passed { per_day: Capacity(hundredths(98).0 - 1) });
		let buyer = cash_of(&BUYER);
		close(0);
		assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
		assert_eq!(cash_of(&BUYER) - buyer, DUE + BOND);
	})
}

#[test]
fn what_the_buyer_signed_for_counts_whatever_comes_of_a_challenge() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(vouch(id, 0, hundredths(30)));
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, unanswered());
		close(0);
		assert_eq!(settled(), [(id, 0, hundredths(30), DUE * 30 / 100, true)]);
	})
}

#[test]
fn what_was_not_posted_is_not_delivered_though_a_challenge_is_passed() {
	with_resource(|id| {
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Passed { per_day: QUANTITY });
		close(0);
		assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
		assert!(events().contains(&Event::BondPaid { deal: id, day: day(0), to: Side::Sell, amount: Cash(BOND) }));
	})
}

#[test]
fn a_verdict_is_noted_once_and_unknown_ones_are_ignored() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		let before = root();
		for (deal, index) in [(id, 0), (id, 1), (id, 9), (DealId(9), 0)] {
			decide(deal, index, unanswered());
		}
		assert_eq!(root(), before);
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Undecided);
		let verdict = ChallengeVerdict::Undecided;
		assert_eq!(last_event(), Event::Decided { deal: id, day: day(0), verdict });
		decide(id, 0, unanswered());
		close(0);
		assert_eq!(settled(), [(id, 0, QUANTITY, DUE, false)]);
		decide(id, 0, unanswered());
	})
}

#[test]
fn a_window_is_settled_once_and_only_when_it_is_closed() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		clock_at(Delivery::end_of(day(0)) + SUBMIT - 1);
		assert_noop!(settle(id, 0), Error::<Test>::NotDue);
		clock_at(Delivery::end_of(day(0)) + SUBMIT);
		assert_noop!(settle(DealId(9), 0), Error::<Test>::UnknownDeal);
		assert_noop!(settle(id, DAYS), Error::<Test>::OutOfWindow);
		assert_noop!(settle(id, 1), Error::<Test>::NotDue);
		assert_eq!(settle(id, 0).expect("it is due").pays_fee, Pays::No);
		assert_eq!(
			last_event(),
			Event::WindowSettled {
				deal: id,
				day: day(0),
				quantity: QUANTITY,
				delivered: QUANTITY,
				paid: Cash(DUE),
				returned: Cash(0),
				deposit_returned: Cash(0),
				compensated: false,
			}
		);
		assert_noop!(settle(id, 0), Error::<Test>::NotDue);
		let reputation = Reputation { windows: 1, due: QUANTITY, delivered: QUANTITY, earned: Cash(DUE) };
		assert_eq!(Reputations::get()[&SELLER], reputation);
		assert_eq!(
			(Compute::nominated(ResourceId(1), day(0)), Compute::nominated(ResourceId(1), day(1))),
			(Capacity(0), QUANTITY)
		);
	})
}

#[test]
fn a_window_waits_for_its_verdict_and_stops_no_other() {
	with_resource(|id| {
		assert_ok!(post(&SELLER, id, 0, QUANTITY));
		assert_ok!(object(&BUYER, id, 0));
		noon(1);
		assert_ok!(post(&SELLER, id, 1, QUANTITY));
		close(1);
		assert_eq!(settled(), [(id, 1, QUANTITY, DUE, false)]);
		assert_eq!((deal(id).waiting, delivery().waiting, deal(id).next), (1, 1, day(2)));
		assert_noop!(settle(id, 0), Error::<Test>::AwaitsVerdict);
		decide(id, 0, ChallengeVerdict::Undecided);
		// Who waited is looked at in the next block.
		blocks(1);
		assert_eq!(settled()[1..], [(id, 0, QUANTITY, DUE, false)]);
		assert_eq!((deal(id).waiting, delivery().waiting), (0, 0));
	})
}

#[test]
fn a_window_whose_verdict_comes_last_is_settled_by_anyone() {
	with_resource(|id| {
		assert_ok!(object(&BUYER, id, 0));
		close(3);
		assert_eq!((deal(id).waiting, deal(id).next, delivery().tally.compensated.0), (1, day(4), QUANTITY.0 * 3));
		decide(id, 0, unanswered());
		assert_ok!(settle(id, 0));
		assert!(Deals::<Test>::get(id).is_none());
	})
}

#[test]
fn a_window_for_which_clearing_cannot_pay_stays_due_and_stops_no_other() {
	Exchange::holding(&[(BUYER, 1), (BUYER_2, 1), (SELLER, -2)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(2)));
		let [one, other] = <[DealId; 2]>::try_from(matched()).expect("two deals");
		Unpayable::put(vec![Deals::<Test>::get(one).expect("it is open").buyer]);
		fix(0, moved(20));
		close(0);
		assert_eq!(settled(), [(other, 0, Capacity(0), 0, true)]);
		let before = cash_of(&SELLER);
		assert_noop!(settle(one, 0), refused("cannot be paid"));
		noon(1);
		assert_eq!((deal(one).waiting, cash_of(&SELLER)), (1, before));
		Unpayable::kill();
		noon(1);
		block_at(Delivery::start_of(day(1)) + DAY / 2 + SUBMIT / 10);
		assert_eq!(settled()[1..], [(one, 0, Capacity(0), 0, true)]);
	})
}

#[test]
fn a_block_takes_as_many_windows_as_fit_and_none_is_missed() {
	Exchange::holding(&[(BUYER, 1), (BUYER_2, 1), (SELLER, -1), (SELLER_2, -1)]).run(|| {
		deliver();
		let deals = matched();
		noon(0);
		// One step a block.
		BlockWeight::set(Delivery::step_weight());
		assert_eq!(deals.len(), 2);
		close(0);
		assert_eq!(settled().len(), 1);
		// The next window closes while the round lasts: the first deal was looked at by then.
		blocks(1);
		close(1);
		blocks(12);
		assert_eq!(settled().len(), 4);
		let Stage::Delivering { after, until } = delivery().stage else { panic!("windows are open") };
		assert_eq!((after, until), (None, Delivery::end_of(day(2)) + SUBMIT));
	})
}

#[test]
fn a_delivery_rests_until_the_next_window_closes_or_looks_again_soon() {
	with_resource(|id| {
		let rests = || match delivery().stage {
			Stage::Delivering { after: None, until } => until,
			stage => panic!("it does not rest: {stage:?}"),
		};
		blocks(1);
		assert_eq!(rests(), Delivery::end_of(day(0)) + SUBMIT);
		assert_ok!(object(&BUYER, id, 0));
		close(0);
		assert_eq!(rests(), Delivery::now() + SUBMIT / 10);
		assert_noop!(Delivery::advance(signed(ANYONE), CONTRACT), Error::<Test>::NothingToAdvance);
		decide(id, 0, unanswered());
		assert_eq!(rests(), 0);
		assert_eq!(Delivery::advance(signed(ANYONE), CONTRACT).expect("a step").pays_fee, Pays::No);
		assert_eq!(settled().len(), 1);
	})
}

#[test]
fn what_the_ledger_forgot_is_no_obstacle() {
	with_resource(|id| {
		assert_ok!(object(&BUYER, id, 0));
		close(1);
		ForgottenBefore::put(day(1));
		decide(id, 0, unanswered());
		assert_ok!(settle(id, 0));
		NominatedOf::mutate(|nominated| nominated.retain(|(_, on), _| *on >= day(1)));
	})
}
