//! What a trade costs, in either money, and where its fee goes.

use super::*;
use frame_support::dispatch::Pays;
use Role::{Maker, Taker};

/// Trades at one desk, in turn. Fees in cash do not arrive.
fn at_one_desk(trades: &[(AccountId, Role, i128)]) -> Vec<FeeQuote> {
	let mut desk = FeeDesk::<Test>::open();
	let quotes = trades.iter().map(|(who, role, notional)| {
		let quote = desk.quote(who, *role, Cash(*notional)).expect("it fits");
		desk.charge(who, &quote);
		quote
	});
	let quotes = quotes.collect();
	desk.close();
	quotes
}

/// Gives tokens away, so that `left` are free.
fn keep(who: AccountId, left: Balance) {
	assert_ok!(Balances::transfer_allow_death(signed(who), CHARLIE, tokens(who) - left));
}

fn fell_back(who: AccountId, fee: i128, reason: FallbackReason) -> Event<Test> {
	Event::FeeFellBack { who, fee: Cash(fee), reason }
}

/// Makes `who` a guarantor without customers.
fn admit(who: AccountId) {
	assert_ok!(Guarantor::apply(signed(who), 1_000));
	assert_ok!(Guarantor::admit(RuntimeOrigin::root(), who));
}

/// Lets a guarantor without customers leave, and be forgotten.
fn forget_guarantor(who: AccountId) {
	assert_ok!(Guarantor::exit(signed(who)));
	pass(21 * DAY);
	assert_ok!(Guarantor::withdraw_unbonded(signed(who), who));
	assert_ok!(Guarantor::reap(signed(who), who));
	assert_eq!(Guarantor::state(&who), None);
}

#[test]
fn a_fee_is_the_rate_of_the_party_on_the_notional_rounded_up() {
	Chain::default().run(|| {
		assert_eq!(trade(ALICE, Maker, 100_000), (1_000, 0));
		assert_eq!(trade(ALICE, Taker, 100_000), (2_000, 0));
		assert_eq!(trade(ALICE, Maker, 1), (1, 0));
		assert_eq!(trade(ALICE, Maker, 101), (2, 0));
		assert_eq!(trade(ALICE, Maker, 0), (0, 0));
	})
}

#[test]
fn a_trade_over_an_edge_pays_each_tier_for_its_part() {
	Chain::default().run(|| {
		assert_eq!(trade(ALICE, Maker, 900_000), (9_000, 0));
		// 100,000 at one per cent, 100,000 at a half.
		assert_eq!(trade(ALICE, Maker, 200_000), (1_500, 0));
		assert_eq!(trade(ALICE, Taker, 200_000), (2_000, 0));
		// It is another's volume.
		assert_eq!(trade(BOB, Maker, 200_000), (2_000, 0));
	})
}

#[test]
fn a_trade_counts_after_itself_and_for_thirty_days() {
	Chain::default().run(|| {
		assert_eq!(trade(ALICE, Maker, 1_000_000), (10_000, 0));
		assert_eq!(Token::account_fees(&ALICE).volume, Cash(1_000_000));
		pass(30 * DAY - 1);
		assert_eq!(trade(ALICE, Maker, 100_000), (500, 0));
		assert_eq!(Token::account_fees(&ALICE).volume, Cash(1_100_000));
		pass(1);
		assert_eq!(Token::account_fees(&ALICE).volume, Cash(100_000));
		// 900,000 at one per cent, 100,000 at a half.
		assert_eq!(trade(ALICE, Maker, 1_000_000), (9_500, 0));
	})
}

#[test]
fn an_account_with_a_seat_pays_the_best_tier() {
	Chain::default().run(|| {
		assert_ok!(Token::buy_seat(signed(ALICE), 100_000));
		assert_eq!(trade(ALICE, Maker, 100_000), (500, 0));
		assert_eq!(trade(ALICE, Taker, 100_000), (1_000, 0));
		let fees = Token::account_fees(&ALICE);
		assert_eq!((fees.tier, fees.rates, fees.next), (1, parameters().tiers[1], None));
		assert!(fees.has_seat && !fees.pays_in_tokens);
		assert_eq!(Token::fee(&ALICE, Taker, Cash(100_000)), Ok(Cash(1_000)));
	})
}

#[test]
fn an_account_is_told_its_tier_and_what_a_trade_would_cost() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		let fees = Token::account_fees(&ALICE);
		let [first, second] = [0, 1].map(|tier| parameters().tiers[tier]);
		let expected = AccountFees {
			tier: 0,
			rates: first,
			next: Some(second),
			volume: Cash(0),
			has_seat: false,
			pays_in_tokens: true,
		};
		assert_eq!(fees, expected);
		trade(BOB, Taker, 1_000_000);
		assert_eq!((Token::account_fees(&BOB).tier, Token::account_fees(&BOB).next), (1, None));
		assert_eq!(Token::fee(&ALICE, Taker, Cash(100_001)), Ok(Cash(2_001)));
		assert_eq!(Token::fee(&BOB, Taker, Cash(100_001)), Ok(Cash(1_001)));
	})
}

#[test]
fn a_quote_changes_nothing() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		assert_storage_noop!({
			let mut desk = FeeDesk::<Test>::open();
			let quote = desk.quote(&ALICE, Taker, Cash(100_000)).unwrap();
			let expected = FeeQuote {
				notional: Cash(100_000),
				full: Cash(2_000),
				cash: Cash(0),
				tokens: Some((800, Cash(1_600))),
			};
			assert_eq!((quote, quote.worth()), (expected, Cash(1_600)));
			assert_eq!(desk.quote(&ALICE, Taker, Cash(100_000)), Ok(expected));
			desk.close();
		});
	})
}

#[test]
fn the_first_trade_at_a_desk_counts_for_the_second() {
	Chain::default().run(|| {
		pays_in_tokens(BOB);
		keep(BOB, 4_007);
		let trades =
			[(ALICE, Maker, 1_000_000), (BOB, Maker, 1_000_000), (ALICE, Maker, 100_000), (BOB, Maker, 100_000)];
		let quotes = at_one_desk(&trades);
		assert_eq!(quotes.iter().map(|quote| quote.full.0).collect::<Vec<_>>(), [10_000, 10_000, 500, 500]);
		// Bob's first fee left it the minimum, so that its second one is in cash.
		assert_eq!((quotes[1].tokens, quotes[3].tokens), (Some((4_000, Cash(8_000))), None));
		assert_eq!(Token::account_fees(&ALICE).volume, Cash(1_100_000));
		// 10,000 and 500 of Alice, 8,000 and 500 of Bob; a tenth of each is the rebate.
		assert_eq!((Era::<Test>::get().points.traders, Era::<Test>::get().fees), (19_000, Cash(17_100)));
	})
}

#[test]
fn a_fee_in_tokens_is_less_by_the_discount_and_shared_to_the_unit() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		let (had, cash, issuance) = (tokens(ALICE), dollars(ALICE), Balances::total_issuance());
		// 1,003; four fifths are 802.4, so 803; half as many tokens are 401.5, so 402.
		assert_eq!(trade(ALICE, Maker, 100_300), (0, 402));
		assert_eq!((had - tokens(ALICE), dollars(ALICE)), (402, cash));
		assert_eq!(issuance - Balances::total_issuance(), 120);
		assert_eq!(tokens(POT), LEAST + 282);
		let shared = Shared { collected: 402, pool: 160, rebates: 40, burn: 120, treasury: 41, rewards: 41 };
		let books = Books::<Test>::get();
		assert_eq!((books.tokens, books.burned.trading), (shared, 120));
		assert_eq!((books.tokens_for_pool, books.token_rebates), (160, 40));
		assert_eq!((books.tokens_for_treasury, books.rewards), (41, 41));
		let era = Era::<Test>::get();
		assert_eq!((era.fees, era.burned, era.of_fees, era.points.traders), (Cash(803 - 80), 120, 41, 803));
		let paid = Event::FeePaidInTokens {
			who: ALICE,
			fee: Cash(1_003),
			worth: Cash(803),
			tokens: 402,
			guarantor: Some(GUARANTOR),
			pool: 160,
			rebate: 40,
			treasury: 41,
			rewards: 41,
			burned: 120,
		};
		assert_eq!(events(), [Event::FeeAssetChosen { who: ALICE, asset: FeeAsset::Token }, paid]);
	})
}

#[test]
fn a_guarantor_gets_the_rebate_of_its_own_trades() {
	Chain::default().run(|| {
		pays_in_tokens(GUARANTOR);
		assert_eq!(trade(GUARANTOR, Maker, 100_000), (0, 400));
		assert_eq!(Rebates::<Test>::get(GUARANTOR), Some(Rebate { cash: Cash(0), tokens: 40 }));
	})
}

#[test]
fn the_rebate_of_a_trade_that_nobody_is_behind_is_the_treasurys() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		assert_ok!(Guarantor::leave(signed(ALICE)));
		assert_eq!(trade(ALICE, Maker, 100_000), (0, 400));
		// A tenth is the rebate, a fifth the treasury's, and half of both are rewards.
		let shared = Shared { collected: 400, pool: 160, rebates: 0, burn: 120, treasury: 60, rewards: 60 };
		assert_eq!(Books::<Test>::get().tokens, shared);
		assert_eq!(Rebates::<Test>::iter().count(), 0);
		assert!(matches!(events().last(), Some(Event::FeePaidInTokens { guarantor: None, rebate: 0, .. })));
	})
}

#[test]
fn a_fee_falls_back_to_cash_when_the_payer_would_not_keep_the_minimum() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		keep(ALICE, 400 + LEAST - 1);
		assert_eq!(trade(ALICE, Maker, 100_000), (1_000, 0));
		let too_few = fell_back(ALICE, 1_000, FallbackReason::TooFewTokens { needed: 400 });
		assert!(events().contains(&too_few));
		assert_ok!(Balances::transfer_allow_death(signed(BOB), ALICE, 1));
		assert_eq!(trade(ALICE, Maker, 100_000), (0, 400));
		assert_eq!(tokens(ALICE), LEAST);
	})
}

#[test]
fn tokens_on_hold_pay_no_fee() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		keep(ALICE, 100_000 + LEAST);
		assert_ok!(Token::buy_seat(signed(ALICE), 100_000));
		// With the seat a half per cent: 500, less a fifth, half as many tokens.
		assert_eq!(trade(ALICE, Maker, 100_000), (500, 0));
		let too_few = fell_back(ALICE, 500, FallbackReason::TooFewTokens { needed: 200 });
		assert!(events().contains(&too_few));
		assert_eq!(tokens(ALICE), LEAST);
	})
}

#[test]
fn a_fee_falls_back_to_cash_without_a_fresh_price() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		pass(2 * DAY);
		assert_eq!(trade(ALICE, Maker, 100_000), (0, 400));
		pass(1);
		assert_eq!(trade(ALICE, Maker, 100_000), (1_000, 0));
		assert!(events().contains(&fell_back(ALICE, 1_000, FallbackReason::NoPrice)));
		for price in [0, -1] {
			System::reset_events();
			set_price(price);
			assert_eq!(trade(ALICE, Maker, 100_000), (1_000, 0));
			assert!(events().contains(&fell_back(ALICE, 1_000, FallbackReason::NoPrice)));
		}
	})
}

#[test]
fn a_trade_that_costs_nothing_is_no_fallback() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		TokenPrice::set(None);
		System::reset_events();
		assert_eq!(trade(ALICE, Maker, 0), (0, 0));
		assert_eq!(events(), []);
	})
}

#[test]
fn tokens_are_chosen_only_by_those_whom_a_guarantor_is_behind() {
	Chain::default().run(|| {
		assert_noop!(Token::pay_fees_in(signed(STRANGER), FeeAsset::Token), Error::<Test>::NotMember);
		assert_noop!(Token::pay_fees_in(signed(STRANGER), FeeAsset::Settlement), Error::<Test>::AlreadyChosen);
		assert_noop!(Token::pay_fees_in(signed(ALICE), FeeAsset::Settlement), Error::<Test>::AlreadyChosen);
		pays_in_tokens(ALICE);
		assert_noop!(Token::pay_fees_in(signed(ALICE), FeeAsset::Token), Error::<Test>::AlreadyChosen);
		// Nobody's customer any more, it may take it back.
		assert_ok!(Guarantor::leave(signed(ALICE)));
		assert_ok!(Token::pay_fees_in(signed(ALICE), FeeAsset::Settlement));
		assert_noop!(Token::pay_fees_in(signed(ALICE), FeeAsset::Token), Error::<Test>::NotMember);
		assert_eq!(Traders::<Test>::iter().count(), 0);
		assert_eq!(events().last(), Some(&Event::FeeAssetChosen { who: ALICE, asset: FeeAsset::Settlement }));
	})
}

#[test]
fn fees_in_cash_are_shared_as_they_arrive() {
	Chain::default().run(|| {
		let (pool, treasury, guarantor) = (dollars(POOL), dollars(TREASURY), dollars(GUARANTOR));
		collect(ALICE, 1_003);
		let (amount, rebate, buy_back) = (Cash(1_003), Cash(100), Cash(300));
		let shared =
			Event::FeesShared { guarantor: GUARANTOR, amount, pool: Cash(401), rebate, treasury: Cash(202), buy_back };
		assert_eq!(events(), [shared]);
		assert_eq!(dollars(POT), MINIMUM + 1_003);

		next_block();
		assert_eq!((dollars(POOL) - pool, dollars(TREASURY)), (401, treasury));
		assert_eq!(events().last(), Some(&Event::PoolPaid { amount: Cash(401) }));

		next_era();
		assert_eq!(dollars(TREASURY) - treasury, 202);
		assert!(events().contains(&Event::TreasuryPaid { cash: Cash(202), tokens: 0 }));

		assert_ok!(Token::claim_rebate(signed(STRANGER), GUARANTOR));
		assert_eq!(dollars(GUARANTOR) - guarantor, 100);
		assert_eq!(events().last(), Some(&Event::RebatePaid { guarantor: GUARANTOR, cash: rebate, tokens: 0 }));
		assert_noop!(Token::claim_rebate(signed(STRANGER), GUARANTOR), Error::<Test>::NothingToClaim);
		// What is left buys tokens, as soon as it is a thousand.
		assert_eq!((dollars(POT), Books::<Test>::get().buy_back), (MINIMUM + 300, buy_back));
	})
}

#[test]
fn a_rebate_in_tokens_is_shared_with_those_who_delegated() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		assert_eq!(trade(ALICE, Maker, 100_000), (0, 400));
		let delegated = Guarantor::pool_account(&GUARANTOR);
		let (own, before) = (tokens(GUARANTOR), tokens(delegated));
		assert_ok!(Token::claim_rebate(signed(STRANGER), GUARANTOR));
		// Its bond and the stake are as much.
		assert_eq!((tokens(GUARANTOR) - own, tokens(delegated) - before), (20, 20));
		assert_eq!(events().last(), Some(&Event::RebatePaid { guarantor: GUARANTOR, cash: Cash(0), tokens: 40 }));
	})
}

#[test]
fn who_is_a_guarantor_no_more_has_what_it_earned_while_it_was_one() {
	Chain::default().run(|| {
		admit(3);
		pays_in_tokens(3);
		assert_eq!(trade(3, Maker, 100_000), (0, 400));
		collect_for(3, ALICE, 1_000);
		forget_guarantor(3);
		let (cash, own) = (dollars(3), tokens(3));
		assert_ok!(Token::claim_rebate(signed(STRANGER), 3));
		assert_eq!((dollars(3) - cash, tokens(3) - own), (100, 40));
		assert_eq!(events().last(), Some(&Event::RebatePaid { guarantor: 3, cash: Cash(100), tokens: 40 }));
	})
}

#[test]
fn a_rebate_too_small_for_an_account_without_the_asset_waits() {
	Chain::default().run(|| {
		const NOBODY: AccountId = 500;
		collect_for(NOBODY, ALICE, 90);
		assert_noop!(Token::claim_rebate(signed(STRANGER), NOBODY), TokenError::BelowMinimum);
		collect_for(NOBODY, ALICE, 90);
		assert_ok!(Token::claim_rebate(signed(STRANGER), NOBODY));
		assert_eq!(dollars(NOBODY), 18);
	})
}

#[test]
fn an_account_is_forgotten_when_nothing_of_it_counts_any_more() {
	Chain::default().run(|| {
		assert_noop!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE), Error::<Test>::NothingToForget);
		trade(ALICE, Maker, 100_000);
		pass(30 * DAY - 1);
		next_block();
		assert_noop!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE), Error::<Test>::StillNeeded);
		pass(1);
		let forgotten = Token::forget(signed(STRANGER), RewardRole::Trader, ALICE).unwrap();
		assert_eq!(forgotten.pays_fee, Pays::No);
		assert_eq!(events().last(), Some(&Event::Forgotten { who: ALICE, role: RewardRole::Trader }));
		assert_eq!(Traders::<Test>::iter().count(), 0);
	})
}

#[test]
fn an_account_that_pays_in_tokens_is_forgotten_only_as_nobodys_customer() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		assert_noop!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE), Error::<Test>::StillNeeded);
		assert_ok!(Guarantor::leave(signed(ALICE)));
		assert_ok!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE));
	})
}

#[test]
fn an_account_that_earned_something_is_forgotten_after_its_claim() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		trade(ALICE, Taker, 100_000);
		assert_ok!(Token::pay_fees_in(signed(ALICE), FeeAsset::Settlement));
		pass(30 * DAY);
		// Its era is not over: its points may be worth something.
		assert_noop!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE), Error::<Test>::StillNeeded);
		set_price(PRICE);
		next_block();
		assert_noop!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE), Error::<Test>::StillNeeded);
		// 800 tokens of fees: of 80 that are rewards, and 240 that burned and are issued, traders have a tenth.
		assert_eq!(claim(RewardRole::Trader, ALICE), 8 + 24);
		assert_ok!(Token::forget(signed(STRANGER), RewardRole::Trader, ALICE));
	})
}

#[test]
fn ten_years_of_the_largest_notional_neither_panic_nor_wrap() {
	Chain::default().run(|| {
		const LARGEST: i128 = 1_000_000_000_000_000_000_000_000_000_000;
		pays_in_tokens(BOB);
		for _ in 0..3_650 {
			let quotes = at_one_desk(&[(ALICE, Taker, LARGEST), (BOB, Maker, LARGEST)]);
			assert!((quotes[0].cash.0 - LARGEST / 100).abs() <= 10_000);
			assert!((quotes[1].cash.0 - LARGEST / 200).abs() <= 5_000);
			next_era();
			System::reset_events();
		}
		assert_eq!(Token::account_fees(&ALICE).volume, Cash(29 * LARGEST));
		assert_eq!((Era::<Test>::get().index, Books::<Test>::get().issued), (3_650, 0));
		assert_eq!(BestEra::<Test>::get().0 / LARGEST, 0);
	})
}

#[test]
fn volumes_and_fees_beyond_every_figure_are_the_largest_one() {
	Chain::default().run(|| {
		pays_in_tokens(BOB);
		set_price(1);
		let largest = Cash(i128::MAX);
		for _ in 0..2 {
			at_one_desk(&[(ALICE, Maker, largest.0), (BOB, Maker, largest.0)]);
		}
		assert_eq!(Token::account_fees(&ALICE).volume, largest);
		let more = Token::fee(&ALICE, Maker, largest);
		assert_eq!(more, Ok(Cash(i128::MAX / 200 + 1)));
		// It is more tokens than can be counted.
		let reason = FallbackReason::TooFewTokens { needed: u128::MAX };
		assert_eq!(events().last(), Some(&fell_back(BOB, i128::MAX / 200 + 1, reason)));
		set_price(1);
		for _ in 0..300 {
			at_one_desk(&[(ALICE, Maker, largest.0)]);
		}
		assert_eq!(Era::<Test>::get().fees, largest);
		next_era();
		assert_eq!(BestEra::<Test>::get(), largest);
	})
}
