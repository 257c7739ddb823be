//! Sales of bonds: what is advanced on them, what they fetch, whom that repays.

use super::*;

const SALE: SaleId = SaleId(0);

fn buy(amount: Balance) -> u128 {
	let before = Balances::free_balance(ANYONE);
	assert_ok!(Insurance::buy(signed(ANYONE), SALE, amount, Price(PRICE)));
	Balances::free_balance(ANYONE) - before
}

fn try_buy(amount: Balance, max_price: i64) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Insurance::buy(signed(ANYONE), SALE, amount, Price(max_price))
}

/// Skin in the game of 300; 1,000 each of the guarantors 2 and 3; 2,000 of outsiders. On 2,000 tokens of guarantor 1
/// the pool advances 3,000.
fn advanced() {
	fund_skin(300);
	contribute(2, 1_000);
	contribute(3, 1_000);
	deposit(ALICE, 2_000);
	assert_eq!(sell_bond(1, 2_000, 3_000), 3_000);
	assert_eq!(layers(), (0, 0, 1_300));
	assert_eq!(dollars(CUSTODY), MINIMUM + 3_000);
}

#[test]
fn a_sale_repays_in_the_reverse_order_of_the_advance() {
	Chain::default().run(|| {
		advanced();
		// At two for one: outsiders' 700 first, then the guarantors' 2,000, both alike.
		assert_eq!(buy(500), 500);
		assert_eq!((gained(ANYONE), layers()), (-1_300, (0, 300, 2_000)));
		assert_eq!((contribution(2), contribution(3)), (150, 150));
		pass(DAY / 2);
		// At 1.1 for one: 1,650 to the guarantors, who lack 1,700.
		assert_eq!(buy(9_999), 1_500);
		assert_eq!((layers(), gained(ANYONE)), ((0, 1_950, 2_000), -2_950));
		assert_eq!(events().last(), Some(&Event::SaleClosed { sale: SALE, unpaid: Cash(350) }));
		assert_noop!(try_buy(1, PRICE), Error::<Test>::UnknownSale);
	})
}

#[test]
fn what_a_sale_fetches_beyond_the_advance_is_income() {
	Chain::default().run(|| {
		fund_skin(300);
		assert_eq!(sell_bond(1, 2_000, 100), 100);
		assert_eq!(buy(2_000), 2_000);
		assert_eq!(layers(), (300, 0, 0));
		assert!(events().contains(&Event::Repaid {
			sale: SALE,
			outside: Cash(0),
			guarantors: Cash(0),
			skin: Cash(100),
			income: Cash(3_900)
		}));
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(layers(), (4_200, 0, 0));
	})
}

#[test]
fn a_fifth_of_a_bond_burns_that_is_left_when_all_who_advanced_are_repaid() {
	Chain::default().run(|| {
		fund_skin(300);
		assert_eq!(sell_bond(1, 2_000, 100), 100);
		// Forty-nine fetch 98: nothing burns yet.
		assert_eq!((buy(49), Burnt::get()), (49, 0));
		assert_eq!(buy(51), 51);
		let (had, burned, left) = (1_900, 380, 1_520);
		assert_eq!(events().last(), Some(&Event::BondBurned { sale: SALE, guarantor: 1, had, burned, left }));
		assert_eq!(Burnt::get(), 380);
		// It burns once; the rest is the pool's.
		assert_eq!((buy(9_999), Burnt::get()), (1_520, 380));
		assert_eq!(events().last(), Some(&Event::SaleClosed { sale: SALE, unpaid: Cash(0) }));
	})
}

#[test]
fn nothing_of_a_bond_burns_where_less_was_advanced_than_was_lost() {
	Chain::default().run(|| {
		fund_skin(300);
		assert_eq!(sell_bond(1, 2_000, 500), 300);
		assert_eq!((buy(1_000), Burnt::get()), (1_000, 0));
	})
}

#[test]
fn tokens_of_fees_are_sold_as_income() {
	use frame_support::traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
	};
	use gcx_primitives::TokenIncome;
	Chain::default().run(|| {
		let (exact, keep, polite) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
		let tokens = <Balances as Balanced<AccountId>>::withdraw(&40, 700, exact, keep, polite).unwrap();
		assert!(Insurance::sell_income(tokens).is_ok());
		let opened = Event::SaleOpened { sale: SALE, guarantor: POOL, amount: 700, is_assessment: false };
		assert!(events().contains(&opened));
		assert_eq!(buy(9_999), 700);
		assert_ok!(Insurance::distribute(signed(ANYONE)));
		assert_eq!(layers(), (1_400, 0, 0));
	})
}

#[test]
fn an_advance_is_forgiven_of_what_was_lent_and_no_larger_than_asked() {
	Chain::default().run(|| {
		fund_skin(300);
		contribute(2, 1_000);
		lend(1, 500);
		// The skin's 300 and 200 of the guarantor are forgiven, 100 move.
		assert_eq!(sell_bond(1, 2_000, 600), 600);
		assert_eq!((Insurance::lent(&1), dollars(CUSTODY)), (Cash(0), MINIMUM + 600));
		assert_eq!(layers(), (0, 700, 0));
		assert!(events().contains(&Event::Advanced {
			sale: SALE,
			skin: Cash(300),
			guarantors: Cash(300),
			outside: Cash(0)
		}));
	})
}

#[test]
fn without_tokens_there_is_no_sale_and_no_advance() {
	Chain::default().run(|| {
		fund_skin(300);
		assert_eq!(sell_bond(ANYONE, 2_000, 100), 0);
		assert_eq!(sell_bond(1, 0, 100), 0);
		assert_eq!((layers().0, Sales::<Test>::iter().count()), (300, 0));
		// Tokens are sold even if there is nothing to advance.
		assert_eq!(sell_bond(1, 10, -7), 0);
		assert_eq!(buy(10), 10);
	})
}

#[test]
fn a_sale_account_that_nobody_endowed_keeps_its_minimum_out_of_the_first_tokens() {
	Chain { is_unendowed: true }.run(|| {
		fund_skin(300);
		assert_eq!(sell_bond(1, LEAST, 100), 0);
		assert_eq!(sell_bond(1, 2_000, 100), 100);
		assert_eq!(OnSale::<Test>::get(), 2_000);
		assert_eq!(buy(2_000), 2_000);
		assert_eq!(Balances::free_balance(Insurance::sale_account()), LEAST);
	})
}

#[test]
fn tokens_too_few_to_be_kept_are_burnt() {
	Chain { is_unendowed: true }.build().execute_with(|| {
		let issued = Balances::total_issuance();
		assert_eq!(sell_bond(1, LEAST - 1, 100), 0);
		assert_eq!(events(), [Event::TokensBurnt { guarantor: 1, amount: LEAST - 1 }]);
		assert_eq!(Balances::total_issuance(), issued - (LEAST - 1));
		assert_ok!(Insurance::do_try_state());
	})
}

#[test]
fn the_price_falls_from_the_index_to_the_discount_and_stays() {
	Chain::default().run(|| {
		sell_bond(1, 1_000, 0);
		assert_noop!(try_buy(1, PRICE - 1), Error::<Test>::PriceTooHigh);
		assert_noop!(try_buy(0, PRICE), Error::<Test>::NothingToMove);
		pass(DAY / 2);
		assert_noop!(try_buy(1, 1_099), Error::<Test>::PriceTooHigh);
		// However few, they cost something: 1.1, rounded up.
		assert_ok!(try_buy(1, 1_100));
		assert_eq!(gained(ANYONE), -2);
		pass(10 * DAY);
		assert_noop!(try_buy(1, 199), Error::<Test>::PriceTooHigh);
		assert_ok!(try_buy(999, 200));
		assert_eq!(gained(ANYONE), -2 - 200);
	})
}

#[test]
fn a_sale_without_a_fresh_price_waits_for_one() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		for price in [None, Some((PRICE, START - 2 * DAY - 1, PRICE)), Some((-3, START, 3)), Some((0, START, 3))] {
			TokenPrice::set(price);
			let sale = NextSale::<Test>::get();
			sell_bond(1, 1_000, 10);
			let bought = Insurance::buy(signed(ANYONE), sale, 1, Price(PRICE));
			assert_noop!(bought, Error::<Test>::SaleNotBegun);
			assert_noop!(Insurance::begin_sale(signed(ANYONE), sale), Error::<Test>::NoPrice);
		}
		next_block();
		assert_eq!(WaitingSales::<Test>::iter().count(), 4);
		pass(DAY);
		set_price(1_000);
		assert_ok!(Insurance::begin_sale(signed(ANYONE), SALE));
		for _ in 0..3 {
			next_block();
		}
		assert_eq!(WaitingSales::<Test>::iter().count(), 0);
		for sale in 0..4 {
			assert_noop!(Insurance::begin_sale(signed(ANYONE), SaleId(sale)), Error::<Test>::SaleRunning);
			assert_ok!(Insurance::buy(signed(ANYONE), SaleId(sale), 1_000, Price(1_000)));
		}
		assert_noop!(Insurance::begin_sale(signed(ANYONE), SALE), Error::<Test>::UnknownSale);
	})
}

#[test]
fn a_sale_that_nobody_bought_can_begin_anew_at_the_price_of_then() {
	Chain::default().run(|| {
		fund_skin(1_000);
		sell_bond(1, 1_000, 500);
		pass(DAY - 1);
		assert_noop!(Insurance::begin_sale(signed(ANYONE), SALE), Error::<Test>::SaleRunning);
		pass(1);
		set_price(100);
		assert_noop!(try_buy(1, 199), Error::<Test>::PriceTooHigh);
		assert_ok!(Insurance::begin_sale(signed(ANYONE), SALE));
		assert_ok!(try_buy(1_000, 100));
		assert_eq!((gained(ANYONE), layers().0), (-1_100, 600));
	})
}

#[test]
fn outsiders_that_lost_all_keep_their_shares_while_a_sale_is_to_repay_them() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		deposit(BOB, 1_000);
		redeem_all(BOB);
		assert_eq!(sell_bond(1, 2_000, 2_000), 2_000);
		assert_eq!((layers().2, Insurance::shares_of(&ALICE)), (0, 1_000_000_000));
		pass(COOLING_OFF + DAY);
		next_block();
		set_price(PRICE);
		assert_ok!(Insurance::begin_sale(signed(ANYONE), SALE));
		buy(900);
		assert_eq!(layers().2, 1_800);
		assert_eq!(gained(BOB), -1_000);
		buy(100);
		next_block();
		assert_eq!((layers().2, gained(BOB)), (1_000, 0));
	})
}

#[test]
fn outsiders_that_lost_all_are_gone_when_no_sale_is_to_repay_them_any_more() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		sell_bond(1, 2_000, 1_000);
		pass(DAY);
		buy(1_999);
		// At a tenth of the price. It is lost as well, and the series goes on for what the last token brings.
		assert_eq!(absorb(PoolLayer::Outside, 1, 5_000), taken(400, 400));
		assert!(!events().contains(&Event::SeriesEnded { series: 0 }));
		buy(1);
		assert_eq!((layers().2, Insurance::shares_of(&ALICE)), (1, 1_000_000_000));
		assert_eq!(events().last(), Some(&Event::SaleClosed { sale: SALE, unpaid: Cash(599) }));
		absorb(PoolLayer::Outside, 1, 1);
		assert!(events().contains(&Event::SeriesEnded { series: 0 }));
		assert_eq!(Insurance::shares_of(&ALICE), 0);
	})
}

#[test]
fn each_sale_repays_what_was_advanced_on_it_and_to_whom() {
	Chain::default().run(|| {
		deposit(ALICE, 1_000);
		sell_bond(1, 2_000, 1_000);
		contribute(2, 1_000);
		sell_bond(1, 500, 1_000);
		assert_ok!(Insurance::buy(signed(ANYONE), SaleId(1), 500, Price(PRICE)));
		assert_eq!(layers(), (0, 1_000, 0));
		buy(500);
		assert_eq!(layers(), (0, 1_000, 1_000));
	})
}

#[test]
fn a_guarantor_that_took_its_contribution_back_is_owed_what_it_is_repaid() {
	Chain::default().run(|| {
		contribute(2, 1_000);
		contribute(3, 1_000);
		sell_bond(1, 2_000, 1_000);
		assert_ok!(Guarantor::set_defaulted(&3));
		pass(EXIT_LOCK);
		assert_ok!(Guarantor::exit(signed(2)));
		pass(22 * DAY);
		assert_ok!(Guarantor::withdraw_unbonded(signed(2), 2));
		assert_ok!(Insurance::withdraw_contribution(signed(2), 500));
		set_price(PRICE);
		assert_ok!(Insurance::begin_sale(signed(ANYONE), SALE));
		buy(400);
		assert_eq!((contribution(2), contribution(3)), (0, 900));
		assert!(events().contains(&Event::ContributionRepaid { guarantor: 2, amount: Cash(400), is_owed: true }));
		assert_ok!(Insurance::collect(signed(ANYONE), 2));
		assert_eq!(gained(2), -100);
	})
}

#[test]
fn a_buyer_pays_or_gets_nothing() {
	Chain::default().run(|| {
		sell_bond(1, 1_000, 0);
		let poor = 500;
		assert_noop!(Insurance::buy(signed(poor), SALE, 10, Price(PRICE)), TokenError::FundsUnavailable);
		assert_noop!(Insurance::buy(signed(1), SaleId(7), 10, Price(PRICE)), Error::<Test>::UnknownSale);
	})
}
