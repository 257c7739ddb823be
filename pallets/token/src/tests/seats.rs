//! Seats: what the exchange's cost, and how they change hands.

use super::*;

const FIRST: SeatId = SeatId(0);

fn buy(who: AccountId) -> u128 {
	assert_ok!(Token::buy_seat(signed(who), u128::MAX));
	Seats::<Test>::get(who).unwrap().stake
}

fn held(who: AccountId) -> Balance {
	use frame_support::traits::fungible::hold::Inspect;
	Balances::balance_on_hold(&HoldReason::Seat.into(), &who)
}

/// Alice has a seat of 100,000, and the other one is for sale.
fn seated() {
	assert_eq!(buy(ALICE), 100_000);
	System::reset_events();
}

#[test]
fn the_price_of_a_seat_falls_to_the_floor_and_stays() {
	Chain::default().run(|| {
		assert_eq!(Token::seat_price(), Some(100_000));
		pass(DAY);
		assert_eq!(Token::seat_price(), Some(90_000));
		pass(7 * DAY / 2);
		assert_eq!(Token::seat_price(), Some(55_000));
		pass(9 * DAY / 2 - 1);
		assert_eq!(Token::seat_price(), Some(10_001));
		pass(1);
		assert_eq!(Token::seat_price(), Some(10_000));
		pass(100 * DAY);
		assert_eq!(Token::seat_price(), Some(10_000));
	})
}

#[test]
fn a_seats_price_is_held_and_the_next_begins_at_twice_as_much() {
	Chain::default().run(|| {
		pass(9 * DAY / 2);
		let (free, issuance) = (tokens(ALICE), Balances::total_issuance());
		assert_ok!(Token::buy_seat(signed(ALICE), 55_000));
		assert_eq!((free - tokens(ALICE), held(ALICE), Balances::total_issuance()), (55_000, 55_000, issuance));
		assert!(Token::has_seat(&ALICE) && !Token::has_seat(&BOB));
		assert_eq!(Token::seat_price(), Some(110_000));
		let until = now() + 9 * DAY;
		let bought = Event::SeatBought { seat: FIRST, who: ALICE, stake: 55_000 };
		assert_eq!(events(), [bought, Event::SeatSaleBegun { first: 110_000, floor: 10_000, until }]);
	})
}

#[test]
fn the_next_price_begins_at_the_floor_at_least() {
	Chain::default().run(|| {
		set_parameters(|parameters| {
			parameters.seats.rise = Ppm::ONE;
			parameters.seats.floor = 60_000;
		});
		pass(9 * DAY);
		assert_eq!(buy(ALICE), 60_000);
		set_parameters(|parameters| {
			parameters.seats.floor = 80_000;
			parameters.seats.count = 3;
		});
		assert_eq!(Token::seat_price(), Some(80_000));
		assert_eq!((buy(BOB), Token::seat_price()), (80_000, Some(80_000)));
	})
}

#[test]
fn a_seat_is_refused_at_a_higher_price_twice_and_without_the_money() {
	Chain::default().run(|| {
		assert_noop!(Token::buy_seat(signed(ALICE), 99_999), Error::<Test>::PriceTooHigh);
		assert_ok!(Balances::transfer_allow_death(signed(ALICE), CHARLIE, tokens(ALICE) - 100_000 - LEAST + 1));
		assert_noop!(Token::buy_seat(signed(ALICE), 100_000), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(signed(CHARLIE), ALICE, 1));
		assert_ok!(Token::buy_seat(signed(ALICE), 100_000));
		assert_noop!(Token::buy_seat(signed(ALICE), u128::MAX), Error::<Test>::AlreadySeated);
	})
}

#[test]
fn there_are_no_more_seats_than_there_are() {
	Chain::default().run(|| {
		buy(ALICE);
		buy(BOB);
		assert_eq!((Token::seat_price(), Sale::<Test>::get()), (None, None));
		assert_noop!(Token::buy_seat(signed(CHARLIE), u128::MAX), Error::<Test>::NoSeatLeft);
		next_block();
		assert_eq!(Sale::<Test>::get(), None);
	})
}

#[test]
fn more_seats_begin_a_sale_with_the_next_block() {
	Chain::default().run(|| {
		buy(ALICE);
		buy(BOB);
		set_parameters(|parameters| parameters.seats.count = 3);
		assert_eq!(Token::seat_price(), None);
		assert_noop!(Token::buy_seat(signed(CHARLIE), u128::MAX), Error::<Test>::SaleNotBegun);
		pass(DAY / 2);
		next_block();
		assert_eq!(Token::seat_price(), Some(100_000));
		let until = now() + 9 * DAY;
		assert_eq!(events().last(), Some(&Event::SeatSaleBegun { first: 100_000, floor: 10_000, until }));
		assert_eq!(buy(CHARLIE), 100_000);
		assert_eq!(Seats::<Test>::get(CHARLIE), Some(Seat { id: SeatId(2), stake: 100_000 }));
	})
}

#[test]
fn fewer_seats_than_are_held_take_none_away() {
	Chain::default().run(|| {
		buy(ALICE);
		buy(BOB);
		set_parameters(|parameters| parameters.seats.count = 1);
		next_block();
		assert!(Token::has_seat(&ALICE) && Token::has_seat(&BOB));
		assert_noop!(Token::buy_seat(signed(CHARLIE), u128::MAX), Error::<Test>::NoSeatLeft);
		// They change hands as before.
		assert_ok!(Token::offer_seat(signed(BOB), 1, None));
		assert_ok!(Token::take_seat(signed(CHARLIE), BOB, 1));
		assert_ok!(Token::surrender_seat(signed(CHARLIE)));
		next_block();
		assert_noop!(Token::buy_seat(signed(CHARLIE), u128::MAX), Error::<Test>::NoSeatLeft);
		set_parameters(|parameters| parameters.seats.count = 2);
		next_block();
		assert_eq!(Token::seat_price(), Some(100_000));
	})
}

#[test]
fn a_sale_that_fewer_seats_ended_begins_anew() {
	Chain::default().run(|| {
		buy(ALICE);
		set_parameters(|parameters| parameters.seats.count = 1);
		assert_eq!(Token::seat_price(), None);
		pass(9 * DAY);
		next_block();
		set_parameters(|parameters| parameters.seats.count = 2);
		next_block();
		assert_eq!(Token::seat_price(), Some(100_000));
	})
}

#[test]
fn the_stake_of_a_seat_cannot_be_spent() {
	Chain::default().run(|| {
		seated();
		let free = tokens(ALICE);
		assert_noop!(Balances::transfer_allow_death(signed(ALICE), BOB, free + 1), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(signed(ALICE), BOB, free - LEAST));
		assert_eq!((tokens(ALICE), held(ALICE)), (LEAST, 100_000));
	})
}

#[test]
fn only_a_holder_offers_and_withdraws() {
	Chain::default().run(|| {
		assert_noop!(Token::offer_seat(signed(ALICE), 5, None), Error::<Test>::NoSeat);
		assert_noop!(Token::withdraw_offer(signed(ALICE)), Error::<Test>::NotOffered);
		seated();
		assert_noop!(Token::withdraw_offer(signed(ALICE)), Error::<Test>::NotOffered);
		assert_ok!(Token::offer_seat(signed(ALICE), 5, None));
		assert_ok!(Token::offer_seat(signed(ALICE), 6, Some(BOB)));
		assert_ok!(Token::withdraw_offer(signed(ALICE)));
		assert_eq!(
			events(),
			[
				Event::SeatOffered { seat: FIRST, who: ALICE, price: 5, to: None },
				Event::SeatOffered { seat: FIRST, who: ALICE, price: 6, to: Some(BOB) },
				Event::SeatOfferWithdrawn { seat: FIRST, who: ALICE },
			]
		);
		assert_noop!(Token::take_seat(signed(BOB), ALICE, 6), Error::<Test>::NotOffered);
	})
}

#[test]
fn a_seat_changes_hands_and_a_share_of_the_stake_burns() {
	Chain::default().run(|| {
		seated();
		assert_ok!(Token::offer_seat(signed(ALICE), 5_000, None));
		let (alice, bob, issuance) = (tokens(ALICE), tokens(BOB), Balances::total_issuance());
		assert_ok!(Token::take_seat(signed(BOB), ALICE, 5_000));
		// A tenth of the stake burns; the rest is free again.
		assert_eq!((tokens(ALICE) - alice, held(ALICE)), (5_000 + 90_000, 0));
		assert_eq!((bob - tokens(BOB), held(BOB)), (5_000 + 100_000, 100_000));
		assert_eq!((issuance - Balances::total_issuance(), Books::<Test>::get().burned.seats), (10_000, 10_000));
		assert!(Token::has_seat(&BOB) && !Token::has_seat(&ALICE));
		let moved =
			Event::SeatTransferred { seat: FIRST, from: ALICE, to: BOB, price: 5_000, stake: 100_000, burned: 10_000 };
		assert_eq!(events().last(), Some(&moved));
		// It counts as no burning of fees, so that it lets nothing be issued.
		assert_eq!(Era::<Test>::get().burned, 0);
		assert_noop!(Token::take_seat(signed(CHARLIE), ALICE, 5_000), Error::<Test>::NotOffered);
		assert_noop!(Token::take_seat(signed(CHARLIE), BOB, 5_000), Error::<Test>::NotOffered);
	})
}

#[test]
fn a_seat_may_be_given_away() {
	Chain::default().run(|| {
		seated();
		assert_ok!(Token::offer_seat(signed(ALICE), 0, Some(BOB)));
		assert_ok!(Token::take_seat(signed(BOB), ALICE, 0));
		assert_eq!(held(BOB), 100_000);
	})
}

#[test]
fn what_burns_of_a_stake_is_rounded_up() {
	Chain::default().run(|| {
		seated();
		set_parameters(|parameters| parameters.seats.resale_burn = Ppm(33_333));
		assert_ok!(Token::surrender_seat(signed(ALICE)));
		assert_eq!(Books::<Test>::get().burned.seats, 3_334);
	})
}

#[test]
fn a_share_of_none_or_all_of_the_stake_burns_so_much() {
	Chain::default().run(|| {
		for (share, burned) in [(Ppm::ZERO, 0), (Ppm::ONE, 100_000)] {
			seated();
			set_parameters(|parameters| parameters.seats.resale_burn = share);
			assert_ok!(Token::surrender_seat(signed(ALICE)));
			assert_eq!((Books::<Test>::get().burned.seats, held(ALICE)), (burned, 0));
			Sale::<Test>::kill();
			next_block();
		}
	})
}

#[test]
fn an_offer_to_somebody_is_for_nobody_else() {
	Chain::default().run(|| {
		seated();
		assert_ok!(Token::offer_seat(signed(ALICE), 5_000, Some(CHARLIE)));
		assert_noop!(Token::take_seat(signed(BOB), ALICE, 5_000), Error::<Test>::NotOffered);
		assert_ok!(Token::take_seat(signed(CHARLIE), ALICE, 5_000));
	})
}

#[test]
fn an_offer_is_refused_at_a_higher_price_to_the_seated_and_without_the_money() {
	Chain::default().run(|| {
		seated();
		buy(CHARLIE);
		assert_ok!(Token::offer_seat(signed(ALICE), 5_000, None));
		assert_noop!(Token::take_seat(signed(BOB), ALICE, 4_999), Error::<Test>::PriceTooHigh);
		assert_noop!(Token::take_seat(signed(CHARLIE), ALICE, 5_000), Error::<Test>::AlreadySeated);
		assert_noop!(Token::take_seat(signed(ALICE), ALICE, 5_000), Error::<Test>::AlreadySeated);
		assert_ok!(Balances::transfer_allow_death(signed(BOB), STRANGER, tokens(BOB) - 105_000));
		assert_noop!(Token::take_seat(signed(BOB), ALICE, 5_000), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(signed(STRANGER), BOB, LEAST));
		assert_ok!(Token::take_seat(signed(BOB), ALICE, 5_000));
	})
}

#[test]
fn a_seat_given_back_burns_a_share_and_is_for_sale_again() {
	Chain::default().run(|| {
		seated();
		buy(BOB);
		assert_noop!(Token::surrender_seat(signed(CHARLIE)), Error::<Test>::NoSeat);
		assert_ok!(Token::offer_seat(signed(ALICE), 5_000, None));
		let free = tokens(ALICE);
		assert_ok!(Token::surrender_seat(signed(ALICE)));
		assert_eq!((tokens(ALICE) - free, held(ALICE)), (90_000, 0));
		let given = Event::SeatSurrendered { seat: FIRST, who: ALICE, stake: 100_000, burned: 10_000 };
		assert_eq!(events().last(), Some(&given));
		assert_noop!(Token::take_seat(signed(CHARLIE), ALICE, 5_000), Error::<Test>::NotOffered);
		next_block();
		assert_eq!(buy(CHARLIE), 100_000);
		assert_eq!(Seats::<Test>::get(CHARLIE).unwrap().id, SeatId(2));
	})
}

#[test]
fn a_seat_given_back_during_a_sale_leaves_its_price() {
	Chain::default().run(|| {
		seated();
		pass(DAY);
		// 200,000, less a ninth of 190,000.
		assert_eq!(Token::seat_price(), Some(178_889));
		assert_ok!(Token::surrender_seat(signed(ALICE)));
		next_block();
		assert_eq!(Token::seat_price(), Some(178_889));
	})
}
