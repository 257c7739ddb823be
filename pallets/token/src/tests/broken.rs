//! Each invariant, broken on purpose, is caught.

use super::*;
use frame_support::{
	storage::unhashed,
	traits::{
		fungible::{hold, Mutate},
		tokens::Preservation,
	},
};

/// The token with everything that it can have: fees in both moneys, an era with rewards that are claimed, owed and left, points of
/// this era, rebates, two seats of which one is offered, an offer for tokens. What is broken of that is noticed in these words.
fn caught(words: &str, breakage: impl FnOnce()) {
	Chain::default().build().execute_with(|| {
		pays_in_tokens(ALICE);
		trade(ALICE, Role::Taker, 1_000_000);
		trade(BOB, Role::Taker, 1_000_000);
		for validator in [11, 11, 12] {
			Token::authored(&validator);
		}
		Token::attested(&13);
		assert_ok!(Token::buy_seat(signed(ALICE), u128::MAX));
		assert_ok!(Token::buy_seat(signed(BOB), u128::MAX));
		assert_ok!(Token::offer_seat(signed(ALICE), 5, None));
		next_era();
		assert!(claim(RewardRole::Attestor, 13) > 0);
		Token::authored(&11);
		trade(ALICE, Role::Maker, 1_000_000);
		assert_ok!(Token::sell_tokens(signed(CHARLIE), 1_000, Price(0)));
		assert_eq!(Token::violations(), [""; 0]);
		breakage();
		let violations = Token::violations();
		assert!(violations.iter().any(|violation| violation.contains(words)), "{violations:?}");
	})
}

fn change(change: impl FnOnce(&mut TokenBooks)) {
	Books::<Test>::mutate(change);
}

fn change_trader(change: impl FnOnce(&mut Trader)) {
	Traders::<Test>::mutate(ALICE, |trader| change(trader.as_mut().expect("she trades")));
}

fn change_seat(who: AccountId, change: impl FnOnce(&mut Seat)) {
	Seats::<Test>::mutate(who, |seat| change(seat.as_mut().expect("it has one")));
}

fn change_past(change: impl FnOnce(&mut PastEra)) {
	Eras::<Test>::mutate(0, |past| change(past.as_mut().expect("it brought something")));
}

#[test]
fn the_check_fails_when_an_invariant_is_broken() {
	Chain::default().build().execute_with(|| {
		assert_ok!(Token::do_try_state());
		change(|books| books.rewards += 1);
		assert!(Token::do_try_state().is_err());
	})
}

#[test]
fn parameters_out_of_bounds_are_caught() {
	caught("parameters are out of bounds", || {
		Parameters::<Test>::mutate(|parameters| parameters.discount = Ppm::ONE);
	});
}

#[test]
fn more_burned_than_there_was_is_caught() {
	let words = "were ever there";
	caught(words, || change(|books| books.burned.dust += 1));
	caught(words, || change(|books| books.issued -= 1));
	caught(words, || GenesisIssuance::<Test>::mutate(|issuance| *issuance -= 1));
	caught(words, || GenesisIssuance::<Test>::put(u128::MAX));
	caught(words, || {
		assert_ok!(Balances::mint_into(&BOB, 1));
	});
}

#[test]
fn more_issued_this_year_than_ever_is_caught() {
	caught("more was issued this year than ever", || {
		Year::<Test>::mutate(|year| year.issued = Books::<Test>::get().issued + 1);
	});
}

#[test]
fn fees_that_were_not_shared_to_the_unit_are_caught() {
	let words = "fees in tokens were not shared to the unit";
	caught(words, || change(|books| books.tokens.collected += 1));
	caught(words, || change(|books| books.tokens.treasury -= 1));
	caught(words, || change(|books| books.tokens.rewards = u128::MAX));
	let words = "fees in cash were not shared to the unit";
	caught(words, || change(|books| books.cash.collected.0 += 1));
	caught(words, || change(|books| books.cash.pool.0 -= 1));
}

#[test]
fn fees_that_did_not_burn_are_caught() {
	caught("of fees were to burn", || change(|books| books.burned.trading -= 1));
}

#[test]
fn more_to_buy_tokens_than_was_collected_is_caught() {
	let words = "more is left to buy tokens than was collected";
	caught(words, || change(|books| books.buy_back.0 = books.cash.burn.0 + 1));
}

#[test]
fn negative_amounts_are_caught() {
	let words = "negative amounts";
	caught(words, || change(|books| books.cash_for_pool.0 = -1));
	caught(words, || change(|books| books.cash_for_treasury.0 = -1));
	caught(words, || change(|books| books.cash_rebates.0 = -1));
	caught(words, || change(|books| books.buy_back.0 = -1));
}

#[test]
fn a_pot_that_has_less_than_is_due_is_caught() {
	caught("in cash", || {
		assert_ok!(Dollars::transfer(&POT, &BOB, 1, Preservation::Preserve));
	});
	caught("in cash", || change(|books| books.cash_for_pool.0 += 1));
	caught("in tokens", || {
		assert_ok!(Balances::transfer_allow_death(signed(POT), BOB, 1));
	});
	caught("in tokens", || change(|books| books.tokens_for_pool += 1));
	caught("in tokens", || change(|books| books.tokens_for_treasury = u128::MAX));
}

#[test]
fn rebates_that_the_books_do_not_know_of_are_caught() {
	let change = |change: fn(&mut Rebate)| {
		caught("rebates are", || Rebates::<Test>::mutate(GUARANTOR, |rebate| change(rebate.as_mut().unwrap())));
	};
	change(|rebate| rebate.cash.0 += 1);
	change(|rebate| rebate.tokens -= 1);
	caught("rebates are", || Rebates::<Test>::remove(GUARANTOR));
}

#[test]
fn an_offer_of_more_than_there_is_is_caught() {
	let offer = |offered: fn(Cash) -> Cash| {
		caught("is offered for tokens", || {
			let left = Books::<Test>::get().buy_back;
			Offer::<Test>::mutate(|offer| offer.as_mut().unwrap().offered = offered(left));
		});
	};
	offer(|left| Cash(left.0 + 1));
	offer(|_| Cash(-1));
}

#[test]
fn rewards_that_are_nobodys_or_twice_are_caught() {
	let words = "rewards are";
	caught(words, || change(|books| books.rewards -= 1));
	caught(words, || Era::<Test>::mutate(|era| era.of_fees += 1));
	caught(words, || change_past(|past| past.left += 1));
	caught(words, || Eras::<Test>::remove(0));
	caught(words, || change_trader(|trader| trader.earning.owed -= 1));
	caught(words, || {
		Earners::<Test>::mutate(RewardRole::Validator, 11, |earning| earning.as_mut().unwrap().owed += 1);
	});
}

#[test]
fn an_era_with_more_left_than_it_had_is_caught() {
	let words = "has more left than it had";
	caught(words, || change_past(|past| past.budgets = Default::default()));
	caught(words, || change_past(|past| past.left = u128::MAX));
}

#[test]
fn an_era_that_is_kept_too_long_or_before_its_end_is_caught() {
	for index in [1, 2] {
		caught("is kept in era 1", || Eras::<Test>::insert(index, PastEra::default()));
	}
	caught("era 0 is kept in era 4", || Era::<Test>::mutate(|era| era.index = REWARD_ERAS + 1));
}

#[test]
fn points_that_nobody_has_are_caught() {
	for role in RewardRole::ALL {
		caught("points are", || Era::<Test>::mutate(|era| *era.points.of_mut(role) += 1));
	}
	caught("Trader points are", || change_trader(|trader| trader.earning.points -= 1));
}

#[test]
fn seats_of_two_holders_or_of_a_number_to_come_are_caught() {
	let words = "seats are not of one holder each";
	caught(words, || change_seat(BOB, |seat| seat.id = SeatId(0)));
	caught(words, || NextSeat::<Test>::put(SeatId(1)));
}

#[test]
fn seats_that_are_counted_wrongly_are_caught() {
	// The map and its count are apart in storage: the entry alone goes.
	caught("2 seats are counted as 1", || {
		let (key, stored) = (Seats::<Test>::hashed_key_for(BOB), Seats::<Test>::get(BOB));
		Seats::<Test>::remove(BOB);
		unhashed::put(&key, &stored.unwrap());
	});
}

#[test]
fn a_stake_that_is_not_held_is_caught() {
	use hold::Mutate as _;
	let reason: RuntimeHoldReason = HoldReason::Seat.into();
	let words = "is held for a seat's stake";
	caught(words, || change_seat(ALICE, |seat| seat.stake += 1));
	caught(words, || {
		assert_ok!(Balances::release(&reason, &BOB, 1, frame_support::traits::tokens::Precision::Exact));
	});
}

#[test]
fn an_offer_of_who_has_no_seat_is_caught() {
	caught("somebody offers a seat", || {
		SeatOffers::<Test>::insert(CHARLIE, crate::SeatOffer { price: 5, to: None });
	});
}
