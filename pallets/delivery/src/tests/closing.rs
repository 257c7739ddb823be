//! Alternatives to delivery, and how deals and deliveries end.

use super::{scenes::*, *};

#[test]
fn both_parties_agree_and_all_that_is_open_goes_back() {
	with_deposit(SELLER, |id| {
		assert_ok!(vouch(id, 0, QUANTITY));
		close(0);
		assert_ok!(vouch(id, 1, hundredths(50)));
		let before = (cash_of(&BUYER), cash_of(&SELLER));
		assert_ok!(agree(&SELLER, id));
		assert_eq!(last_event(), Event::AlternativeOffered { deal: id, by: Side::Sell });
		assert_eq!(deal(id).agreed, Some(Side::Sell));
		assert_noop!(agree(&SELLER, id), Error::<Test>::AlreadyAgreed);
		assert_ok!(agree(&BUYER, id));
		let rest = Cash(3 * DUE);
		let quantity = Capacity(QUANTITY.0 * 3);
		let agreed = Event::AlternativeAgreed { deal: id, quantity, returned: rest, deposit_returned: rest };
		assert!(events().contains(&agreed));
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0 + rest.0, before.1 + rest.0));
		assert!(Deals::<Test>::get(id).is_none() && window(id, 1).is_none());
		assert_eq!((delivery().tally.released, delivery().stage), (quantity, Stage::Closing));
		assert_noop!(agree(&BUYER, id), Error::<Test>::UnknownDeal);
	})
}

#[test]
fn an_alternative_frees_the_capacity_of_all_open_days() {
	with_resource(|id| {
		OpenRound::put(day(0));
		close(0);
		assert_eq!(deal(id).waiting, 1);
		assert_ok!(agree(&BUYER, id));
		assert_ok!(agree(&SELLER, id));
		// The first day failed, but its fix was still to come: it is agreed upon as well.
		let tally = delivery().tally;
		assert_eq!((tally.released, tally.compensated), (Capacity(QUANTITY.0 * 4), Capacity(0)));
		assert_eq!(NominatedOf::get().len(), 0);
		assert_eq!(delivery().waiting, 0);
	})
}

#[test]
fn nobody_else_agrees_and_no_objection_is_left_open() {
	with_resource(|id| {
		for who in [BUYER_2, SELLER_2, ANYONE, voucher_key(KEY)] {
			assert_noop!(agree(&who, id), Error::<Test>::NotParty);
		}
		assert_noop!(agree(&BUYER, DealId(9)), Error::<Test>::UnknownDeal);
		assert_ok!(object(&BUYER, id, 0));
		for who in [BUYER, SELLER] {
			assert_noop!(agree(&who, id), Error::<Test>::ObjectionOpen);
		}
		decide(id, 0, ChallengeVerdict::Undecided);
		assert_noop!(agree(&BUYER, id), Error::<Test>::ObjectionOpen);
		close(0);
		assert_ok!(agree(&BUYER, id));
	})
}

#[test]
fn an_agreement_of_one_party_lapses_with_the_next_window() {
	with_resource(|id| {
		assert_ok!(agree(&BUYER, id));
		close(0);
		assert_eq!(deal(id).agreed, None);
		// The seller cannot take it up when it has failed.
		assert_ok!(agree(&SELLER, id));
		assert_eq!(deal(id).agreed, Some(Side::Sell));
		assert_ok!(object(&BUYER, id, 1));
		assert_eq!(deal(id).agreed, None);
		close(1);
		assert_eq!((deal(id).waiting, deal(id).agreed), (1, None));
	})
}

#[test]
fn parties_agree_while_others_are_still_matched() {
	Exchange::holding(&[(BUYER, 2), (BUYER_2, 2), (SELLER, -1), (SELLER_2, -1), (TRADER, -2)]).run(|| {
		deliver();
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(1)));
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, HERE, None, Endpoint::default()));
		BlockWeight::set(Delivery::step_weight());
		block_at(Delivery::start_of(FIRST) - MATCHING);
		for _ in 0..40 {
			blocks(1);
			for (id, deal) in Deals::<Test>::iter().collect::<Vec<_>>() {
				assert_ok!(agree(&deal.buyer.owner, id));
				assert_ok!(agree(&deal.seller.owner, id));
			}
			assert_eq!(Delivery::violations(), Vec::<String>::new());
		}
		assert!(matches!(last_event(), Event::DeliveryClosed { .. }));
		assert!([BUYER, BUYER_2, SELLER, SELLER_2, TRADER].iter().all(|owner| cash_of(owner) == CASH));
	})
}

#[test]
fn who_is_both_parties_agrees_twice() {
	Exchange::holding(&[(SELLER, -1)]).run(|| {
		let other = AccountKey { owner: SELLER, sub: SubAccount(1) };
		Clearing::open(&other, HOUSE);
		Margins::mutate(|margins| margins.get_mut(&other).expect("it is open").cash = Cash(0));
		Margins::mutate(|margins| {
			let cash = &mut margins.get_mut(&key(&SELLER)).expect("it is open").cash;
			*cash = Cash(cash.0 - 1_000_000_000);
		});
		Margins::mutate(|margins| margins.get_mut(&other).expect("it is open").cash = Cash(1_000_000_000));
		Clearing::hold(&other, CONTRACT, 1);
		deliver();
		let id = matched()[0];
		assert_ok!(agree(&SELLER, id));
		assert_ok!(agree(&SELLER, id));
		assert!(Deals::<Test>::get(id).is_none());
	})
}

#[test]
fn a_delivery_whose_windows_are_all_settled_is_forgotten() {
	with_resource(|id| {
		for index in 0..DAYS {
			noon(index);
			assert_ok!(post(&SELLER, id, index, QUANTITY));
		}
		close(DAYS - 1);
		let whole = Capacity(QUANTITY.0 * u128::from(DAYS));
		let (value, deposit) = (Cash(LOTS as i128 * VALUE), Cash(LOTS as i128 * VALUE));
		let tally = Tally { delivered: whole, ..Tally::default() };
		let money = Money { escrowed: Cash(value.0 + deposit.0), paid: value, returned: deposit, forfeited: Cash(0) };
		let closed = Event::DealClosed { deal: id, instrument: CONTRACT };
		assert!(events().contains(&closed));
		assert_eq!(last_event(), Event::DeliveryClosed { instrument: CONTRACT, tally, money });
		assert_eq!((Deliveries::<Test>::iter().count(), Active::<Test>::get().len()), (0, 0));
		assert_eq!((Longs::<Test>::iter().count(), Shorts::<Test>::iter().count()), (0, 0));
		assert_eq!((Windows::<Test>::iter().count(), DealsWith::<Test>::iter().count()), (0, 0));
		assert_eq!((Pinned::get()[&(CLASS, VERSION)], NominatedOf::get().len(), Sold::get().len()), (0, 0, 0));
		assert!(Margins::get().values().all(|margin| margin.deliveries == 0));
		assert!(Escrows::get().values().all(|escrow| escrow.is_zero()));
		let (buyer, seller) = (cash_of(&BUYER), cash_of(&SELLER));
		assert_eq!((buyer, seller), (CASH - value.0, CASH + value.0));
		assert_noop!(Delivery::advance(signed(ANYONE), CONTRACT), Error::<Test>::NothingToAdvance);
	})
}

#[test]
fn a_party_stays_until_the_last_of_its_deals_is_closed() {
	Exchange::holding(&[(BUYER, 1), (BUYER_2, 1), (SELLER, -2)]).run(|| {
		deliver();
		let deals = matched();
		noon(0);
		let buyers: Vec<_> = deals.iter().map(|id| deal(*id).buyer.owner).collect();
		let of = |owner: &AccountId| Margins::get()[&key(owner)].deliveries;
		assert_ok!(agree(&SELLER, deals[0]));
		assert_ok!(agree(&buyers[0], deals[0]));
		assert_eq!((of(&buyers[0]), of(&buyers[1]), of(&SELLER)), (0, 1, 1));
		assert_eq!(Shorts::<Test>::get(CONTRACT, key(&SELLER)).expect("it has a deal").deals, 1);
		assert_ok!(agree(&SELLER, deals[1]));
		assert_ok!(agree(&buyers[1], deals[1]));
		assert_eq!((of(&buyers[1]), of(&SELLER)), (0, 0));
	})
}

#[test]
fn cover_that_nobody_took_over_is_given_back_at_the_end() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1), (SELLER, -3)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(3)));
		// It bought its lots back, and forgot its cover.
		Clearing::hold(&key(&SELLER), CONTRACT, 0);
		deliver();
		let id = matched()[0];
		assert_ok!(agree(&TRADER, id));
		assert_ok!(agree(&BUYER, id));
		assert_eq!(Compute::sold(&SELLER, FIRST), 3 * LOT_DAY);
		assert_ok!(Delivery::advance(signed(ANYONE), CONTRACT));
		assert_eq!((Sold::get().len(), Covers::<Test>::iter().count()), (0, 0));
		assert_eq!(Delivery::advance(signed(ANYONE), CONTRACT).expect("a step").pays_fee, Pays::No);
		assert!(matches!(last_event(), Event::DeliveryClosed { .. }));
	})
}

#[test]
fn what_was_matched_too_late_for_all_days_closes_at_once() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).run(|| {
		deliver();
		halt_until(Delivery::end_of(day(DAYS - 1)));
		block_at(Delivery::now() + MATCHING);
		blocks(3);
		assert!(matches!(last_event(), Event::DeliveryClosed { .. }));
		assert_eq!((cash_of(&BUYER), cash_of(&TRADER)), (CASH, CASH));
	})
}

#[test]
#[should_panic(expected = "a delivery that is done adds up")]
fn a_delivery_that_does_not_add_up_is_noticed() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).build().execute_with(|| {
		deliver();
		let id = matched()[0];
		Deliveries::<Test>::mutate_extant(CONTRACT, |it| it.money.paid = Cash(1));
		assert_ok!(agree(&TRADER, id));
		assert_ok!(agree(&BUYER, id));
		let _ = Delivery::advance(signed(ANYONE), CONTRACT);
	})
}
