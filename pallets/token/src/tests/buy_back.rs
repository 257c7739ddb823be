//! Fees in cash buy tokens, at a price that rises from half of the index to all of it in a day.

use super::*;

/// Fees of 10,000 in cash: 3,000 of them buy tokens from now on.
fn offered() {
	collect(ALICE, 10_000);
	next_block();
	assert_eq!(Offer::<Test>::get().unwrap().offered, Cash(3_000));
	System::reset_events();
}

fn sell(amount: u128, min_price: i64) -> sp_runtime::DispatchResult {
	Token::sell_tokens(signed(BOB), amount, Price(min_price))
}

/// Sells, and returns the tokens that this took and what was paid.
fn sold(amount: u128) -> (u128, u128) {
	let (had, cash) = (tokens(BOB), dollars(BOB));
	assert_ok!(sell(amount, 0));
	(had - tokens(BOB), dollars(BOB) - cash)
}

#[test]
fn an_offer_begins_as_soon_as_there_is_enough() {
	Chain::default().run(|| {
		collect(ALICE, 3_333);
		next_block();
		assert_eq!((Books::<Test>::get().buy_back, Offer::<Test>::get()), (Cash(999), None));
		collect(ALICE, 4);
		next_block();
		let (first, last) = (Price(1_000), Price(2_000));
		assert_eq!(Offer::<Test>::get(), Some(BuyBack { began: START, first, last, offered: Cash(1_000) }));
		let begun = Event::BuyBackBegun { offered: Cash(1_000), first, last, until: START + DAY };
		assert_eq!(events().last(), Some(&begun));
	})
}

#[test]
fn the_price_rises_from_the_first_to_the_last() {
	Chain::default().run(|| {
		offered();
		assert_eq!(sold(100), (100, 100));
		pass(DAY / 2);
		assert_eq!(sold(100), (100, 150));
		pass(DAY / 2 - 1);
		// One for 1.999: the price is rounded down, and so is what is paid.
		assert_eq!(sold(100), (100, 199));
		pass(1);
		assert_noop!(sell(100, 0), Error::<Test>::OfferOver);
	})
}

#[test]
fn tokens_that_are_sold_burn_and_count_in_the_era() {
	Chain::default().run(|| {
		offered();
		let issuance = Balances::total_issuance();
		assert_eq!(sold(1_000), (1_000, 1_000));
		assert_eq!((issuance - Balances::total_issuance(), Era::<Test>::get().burned), (1_000, 1_000));
		let books = Books::<Test>::get();
		assert_eq!((books.burned.bought_back, books.buy_back, books.cash.burn), (1_000, Cash(2_000), Cash(3_000)));
		let (price, paid, left) = (Price(1_000), Cash(1_000), Cash(2_000));
		assert_eq!(events(), [Event::BoughtBack { who: BOB, tokens: 1_000, price, paid, left }]);
	})
}

#[test]
fn a_seller_is_refused_below_its_price_without_an_offer_and_for_nothing() {
	Chain::default().run(|| {
		assert_noop!(sell(1_000, 0), Error::<Test>::NoOffer);
		offered();
		assert_noop!(sell(1_000, 1_001), Error::<Test>::PriceTooLow);
		assert_noop!(sell(0, 0), Error::<Test>::NothingToMove);
		assert_ok!(Balances::transfer_allow_death(signed(BOB), CHARLIE, tokens(BOB) - 999));
		assert_noop!(sell(1_000, 1_000), TokenError::FundsUnavailable);
		assert_ok!(sell(992, 1_000));
	})
}

#[test]
fn tokens_that_are_worth_less_than_a_unit_buy_nothing() {
	Chain::default().run(|| {
		set_price(500);
		offered();
		// One for a quarter.
		assert_noop!(sell(3, 0), Error::<Test>::NothingToMove);
		assert_eq!(sold(7), (7, 1));
	})
}

#[test]
fn no_more_is_sold_than_is_offered() {
	Chain::default().run(|| {
		offered();
		pass(DAY / 2);
		assert_eq!(sold(u128::MAX), (2_000, 3_000));
		assert_eq!(events().last(), Some(&Event::BuyBackEnded { left: Cash(0) }));
		assert_eq!((Offer::<Test>::get(), dollars(POT)), (None, MINIMUM + 3_000));
		assert_noop!(sell(1, 0), Error::<Test>::NoOffer);
	})
}

#[test]
fn a_rest_too_small_to_be_offered_ends_the_offer_and_waits() {
	Chain::default().run(|| {
		offered();
		assert_eq!(sold(2_000), (2_000, 2_000));
		assert_eq!(sold(1), (1, 1));
		assert_eq!(events().last(), Some(&Event::BuyBackEnded { left: Cash(999) }));
		next_block();
		assert_eq!((Offer::<Test>::get(), Books::<Test>::get().buy_back), (None, Cash(999)));
		collect(ALICE, 10);
		next_block();
		assert_eq!(Offer::<Test>::get().unwrap().offered, Cash(1_002));
	})
}

#[test]
fn a_seller_may_sell_its_last_tokens_and_their_dust_burns_too() {
	Chain::default().run(|| {
		offered();
		assert_ok!(Balances::transfer_allow_death(signed(BOB), CHARLIE, tokens(BOB) - 1_005));
		assert_ok!(sell(1_000, 0));
		let burned = Books::<Test>::get().burned;
		assert_eq!((tokens(BOB), burned.bought_back, burned.dust), (0, 1_000, 5));
	})
}

#[test]
fn without_a_fresh_price_nothing_is_offered() {
	Chain::default().run(|| {
		TokenPrice::set(None);
		collect(ALICE, 10_000);
		next_block();
		assert_noop!(sell(1_000, 0), Error::<Test>::NoOffer);
		set_price(PRICE);
		next_block();
		assert_ok!(sell(1_000, 0));
	})
}

#[test]
fn an_offer_that_is_over_begins_anew_with_what_came_meanwhile() {
	Chain::default().run(|| {
		offered();
		assert_eq!(sold(500), (500, 500));
		collect(ALICE, 10_000);
		next_block();
		assert_eq!(Offer::<Test>::get().unwrap().offered, Cash(2_500));
		pass(DAY);
		set_price(3_001);
		System::reset_events();
		next_block();
		let (first, last) = (Price(1_500), Price(3_001));
		assert_eq!(Offer::<Test>::get(), Some(BuyBack { began: now(), first, last, offered: Cash(5_500) }));
		let begun = Event::BuyBackBegun { offered: Cash(5_500), first, last, until: now() + DAY };
		assert_eq!(events()[events().len() - 2..], [Event::BuyBackEnded { left: Cash(2_500) }, begun]);
	})
}

#[test]
fn an_offer_that_is_over_ends_without_another_while_there_is_no_price() {
	Chain::default().run(|| {
		offered();
		pass(3 * DAY);
		next_block();
		assert_eq!(events().last(), Some(&Event::BuyBackEnded { left: Cash(3_000) }));
		assert_eq!(Offer::<Test>::get(), None);
		let before = events().len();
		next_block();
		assert_eq!(events().len(), before);
		set_price(PRICE);
		next_block();
		assert_eq!(Offer::<Test>::get().unwrap().offered, Cash(3_000));
	})
}

#[test]
fn a_price_is_offered_that_is_one_at_least() {
	Chain::default().run(|| {
		set_price(1);
		offered();
		let offer = Offer::<Test>::get().unwrap();
		assert_eq!((offer.first, offer.last), (Price(1), Price(1)));
		assert_eq!(sold(1_999), (1_999, 1));
	})
}
