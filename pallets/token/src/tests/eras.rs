//! What an era brings, and what happens as it ends.

use super::*;
use frame_support::traits::Hooks;
use Role::Maker;

const VALIDATOR: AccountId = 11;

/// One per cent for everybody, without a discount; of tokens half burns, and the treasury has the rest. Validators get all that is
/// issued.
fn plain() -> Chain {
	let defaults = parameters();
	let rate = Ppm(10_000);
	let parameters = TokenParameters {
		tiers: vec![FeeTier { from: Cash(0), maker: rate, taker: rate }].try_into().unwrap(),
		discount: Ppm::ZERO,
		split: FeeSplit { pool: Ppm::ZERO, rebate: Ppm::ZERO, burn: Ppm::percent(50) },
		rewards: RewardTerms {
			of_fees: Ppm::ZERO,
			validators: Ppm::ONE,
			attestors: Ppm::ZERO,
			operators: Ppm::ZERO,
			traders: Ppm::ZERO,
			operators_cap: Ppm::ZERO,
			..defaults.rewards
		},
		// Else who makes all blocks could get back what it paid.
		issuance: IssuanceTerms { alpha: Ppm::percent(40), ..defaults.issuance },
		buy_back: BuyBackTerms { first: Ppm::ONE, ..defaults.buy_back },
		..defaults
	};
	Chain { parameters: Some(parameters) }
}

/// Alice pays a fee in tokens, worth so much: a quarter as many burn. A validator is there to earn what is issued.
fn pay(fee: i128) {
	if !Token::account_fees(&ALICE).pays_in_tokens {
		pays_in_tokens(ALICE);
	}
	assert_eq!(trade(ALICE, Maker, fee * 100), (0, fee.unsigned_abs() / 2));
	Token::authored(&VALIDATOR);
}

/// An era with fees of so much. Returns what it brought.
fn era_of(fee: i128) -> u128 {
	pay(fee);
	next_era();
	issued()
}

/// What the last era brought.
fn issued() -> u128 {
	let ended = events().into_iter().rev().find_map(|event| match event {
		Event::EraEnded { issued, .. } => Some(issued),
		_ => None,
	});
	ended.expect("an era ended")
}

fn eras_ended() -> usize {
	events().iter().filter(|event| matches!(event, Event::EraEnded { .. })).count()
}

#[test]
fn an_era_without_trades_brings_nothing_and_breaks_nothing() {
	Chain::default().run(|| {
		Token::authored(&VALIDATOR);
		next_era();
		let ended = Event::EraEnded { era: 0, fees: Cash(0), best: Cash(0), burned: 0, issued: 0, of_fees: 0 };
		assert_eq!(events(), [ended]);
		assert_eq!((Era::<Test>::get().index, Eras::<Test>::iter().count()), (1, 0));
		assert_eq!(claim(RewardRole::Validator, VALIDATOR), 0);
	})
}

#[test]
fn an_era_ends_with_the_first_block_after_its_time() {
	Chain::default().run(|| {
		assert_eq!((Era::<Test>::get().began, Token::supply().era_ends), (START, START + DAY));
		pass(DAY - 1);
		next_block();
		assert_eq!(eras_ended(), 0);
		pass(1);
		next_block();
		next_block();
		assert_eq!((eras_ended(), Era::<Test>::get().began), (1, START + DAY));
	})
}

#[test]
fn a_long_halt_makes_one_era() {
	plain().run(|| {
		pay(4_000);
		pass(10 * DAY);
		set_price(PRICE);
		next_block();
		next_block();
		assert_eq!((eras_ended(), issued(), Era::<Test>::get().index), (1, 800, 1));
		assert_eq!(Era::<Test>::get().began, now());
	})
}

#[test]
fn no_era_begins_before_there_is_a_time() {
	Chain::default().build().execute_with(|| {
		pallet_timestamp::Now::<Test>::put(0);
		Era::<Test>::kill();
		Token::on_initialize(1);
		assert_eq!(Era::<Test>::get(), CurrentEra::default());
	})
}

#[test]
fn tokens_are_issued_only_for_growth_over_the_best_era() {
	plain().run(|| {
		// Four tenths of the growth, at two for one. A quarter of the fee burned, which is more.
		assert_eq!(era_of(4_000), 800);
		assert_eq!(era_of(4_000), 0);
		assert_eq!(era_of(6_000), 400);
		assert_eq!(era_of(5_000), 0);
		assert_eq!((BestEra::<Test>::get(), Books::<Test>::get().issued), (Cash(6_000), 1_200));
		assert_eq!(era_of(6_010), 2);
		// All of it is the only validator's, who claims once.
		assert_eq!(claim(RewardRole::Validator, VALIDATOR), 1_202);
	})
}

#[test]
fn the_end_of_an_era_says_what_it_was() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		trade(ALICE, Role::Taker, 100_000);
		Token::authored(&VALIDATOR);
		System::reset_events();
		next_era();
		// 2,000 less a fifth; less a tenth for the guarantor. 800 tokens: 240 burned, 80 are rewards, of which validators have 40 per
		// cent and traders 10. Of growth 360 tokens could be issued, of burning 240; half of those for the same roles.
		let ended = |era, fees, best, burned, issued, of_fees| Event::EraEnded {
			era,
			fees: Cash(fees),
			best: Cash(best),
			burned,
			issued,
			of_fees,
		};
		assert_eq!(
			events(),
			[ended(0, 1_440, 0, 240, 96 + 24, 32 + 8), Event::TreasuryPaid { cash: Cash(0), tokens: 80 + 40 }]
		);
		next_era();
		assert_eq!(events().last(), Some(&ended(1, 0, 1_440, 0, 0, 0)));
		assert_eq!(Era::<Test>::get(), CurrentEra { index: 2, began: START + 2 * DAY, ..Default::default() });
	})
}

#[test]
fn no_more_is_issued_than_burned_in_the_era() {
	plain().run(|| {
		pay(1_000);
		// Of cash nothing burns in the era: it buys tokens first.
		assert_eq!(trade(BOB, Maker, 900_000), (9_000, 0));
		next_era();
		// The growth of 10,000 would be 2,000 tokens.
		assert_eq!(issued(), 250);
		let ended = events().into_iter().find(|event| matches!(event, Event::EraEnded { .. }));
		assert!(matches!(ended, Some(Event::EraEnded { fees: Cash(10_000), burned: 250, .. })));
	})
}

#[test]
fn no_more_is_issued_in_a_year_than_its_cap() {
	plain().run(|| {
		set_parameters(|parameters| parameters.issuance.cap_per_year = 1_200);
		assert_eq!(era_of(4_000), 800);
		assert_eq!(Token::supply().cap_left, 400);
		assert_eq!(era_of(8_000), 400);
		assert_eq!(era_of(12_000), 0);
		assert_eq!(
			(Year::<Test>::get(), BestEra::<Test>::get()),
			(IssuanceYear { year: 57, issued: 1_200 }, Cash(12_000))
		);
		// An era is of the year in which it ends.
		pass(362 * DAY - 1);
		assert_eq!(Token::supply().cap_left, 0);
		pass(1);
		assert_eq!(Token::supply().cap_left, 1_200);
		set_price(PRICE);
		next_block();
		assert_eq!((issued(), now()), (0, START + 365 * DAY));
		assert_eq!(era_of(16_000), 800);
		assert_eq!((Year::<Test>::get(), Token::supply().cap_left), (IssuanceYear { year: 58, issued: 800 }, 400));
		assert_eq!(Books::<Test>::get().issued, 2_000);
	})
}

#[test]
fn a_cap_below_what_was_issued_leaves_nothing() {
	plain().run(|| {
		assert_eq!(era_of(4_000), 800);
		set_parameters(|parameters| parameters.issuance.cap_per_year = 799);
		assert_eq!((Token::supply().cap_left, era_of(8_000)), (0, 0));
	})
}

#[test]
fn without_a_fresh_price_nothing_is_issued_and_the_best_era_stays() {
	plain().run(|| {
		pay(4_000);
		pass(2 * DAY + 1);
		next_block();
		assert_eq!((issued(), BestEra::<Test>::get(), Books::<Test>::get().issued), (0, Cash(0), 0));
		set_price(0);
		Token::authored(&VALIDATOR);
		pass(DAY);
		next_block();
		assert_eq!((issued(), BestEra::<Test>::get()), (0, Cash(0)));
		set_price(PRICE);
		assert_eq!(era_of(4_000), 800);
	})
}

#[test]
fn growth_beyond_every_figure_issues_nothing() {
	plain().run(|| {
		pay(4_000);
		Era::<Test>::mutate(|era| era.fees = Cash(i128::MAX));
		pass(DAY);
		set_price(1);
		next_block();
		assert_eq!((issued(), BestEra::<Test>::get()), (0, Cash(i128::MAX)));
	})
}

#[test]
fn the_pools_tokens_are_put_on_sale_when_they_are_as_many_as_a_price_is_of() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		let pool = tokens(POOL);
		// Of 2,497 tokens the pool has 998.
		assert_eq!(trade(ALICE, Role::Taker, 312_100), (0, 2_497));
		next_era();
		assert_eq!((tokens(POOL), Books::<Test>::get().tokens_for_pool), (pool, 998));
		assert_eq!(trade(ALICE, Maker, 1_000), (0, 4));
		next_era();
		assert_eq!((tokens(POOL), Books::<Test>::get().tokens_for_pool), (pool, 999));
		assert_eq!(trade(ALICE, Maker, 1_000), (0, 4));
		next_era();
		assert_eq!((tokens(POOL) - pool, Sold::get(), Books::<Test>::get().tokens_for_pool), (1_000, Some(1_000), 0));
		assert!(events().contains(&Event::PoolTokensForSale { amount: 1_000 }));
	})
}

#[test]
fn the_pools_tokens_wait_while_they_cannot_be_sold() {
	Chain::default().run(|| {
		pays_in_tokens(ALICE);
		assert_eq!(trade(ALICE, Role::Taker, 400_000), (0, 3_200));
		Sold::set(None);
		next_era();
		assert_eq!(Books::<Test>::get().tokens_for_pool, 1_280);
		assert!(!events().iter().any(|event| matches!(event, Event::PoolTokensForSale { .. })));
		assert_sound();
		Sold::set(Some(0));
		next_era();
		assert_eq!((Sold::get(), Books::<Test>::get().tokens_for_pool), (Some(1_280), 0));
	})
}

#[test]
fn what_cannot_be_paid_waits_and_the_era_ends_all_the_same() {
	Chain::default().run(|| {
		let (pool, treasury) = (dollars(POOL), dollars(TREASURY));
		collect(ALICE, 1_000);
		assert_ok!(Assets::freeze(signed(1_000), DOLLARS, POT));
		next_era();
		assert_eq!((eras_ended(), dollars(POOL), dollars(TREASURY)), (1, pool, treasury));
		let books = Books::<Test>::get();
		assert_eq!((books.cash_for_pool, books.cash_for_treasury), (Cash(400), Cash(200)));
		assert_ok!(Assets::thaw(signed(1_000), DOLLARS, POT));
		next_era();
		assert_eq!((dollars(POOL) - pool, dollars(TREASURY) - treasury), (400, 200));
	})
}

#[test]
fn the_whole_of_the_token_is_told() {
	plain().run(|| {
		let genesis = Balances::total_issuance();
		assert_eq!(era_of(4_000), 800);
		pay(400);
		let expected = Supply {
			genesis,
			issued: 800,
			burned: Burned { trading: 1_100, ..Default::default() },
			burned_in_all: 1_100,
			issuance: genesis - 300,
			cap_left: 999_200,
			price: Some(Price(PRICE)),
			era: 1,
			era_ends: START + 2 * DAY,
			fees: Cash(400),
			best: Cash(4_000),
		};
		assert_eq!(Token::supply(), expected);
		pass(3 * DAY);
		assert_eq!(Token::supply().price, None);
	})
}
