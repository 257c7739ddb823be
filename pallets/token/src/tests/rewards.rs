//! Who earns what, how it is paid, and what becomes of the rest.

use super::*;
use frame_support::dispatch::Pays;
use RewardRole::{Attestor, Operator, Trader, Validator};

const FIRST: AccountId = 11;
const SECOND: AccountId = 12;
const THIRD: AccountId = 13;

/// Alice pays 8,000 tokens, worth 16,000: 2,400 burn, 800 are rewards. Half of the growth, which is 14,400 without the rebate, is
/// 3,600 tokens; so 2,400 may be issued, as many as burned.
fn alice_pays() {
	pays_in_tokens(ALICE);
	assert_eq!(trade(ALICE, Role::Taker, 1_000_000), (0, 8_000));
}

fn budgets(era: u32) -> [u128; 4] {
	let past = Eras::<Test>::get(era).unwrap_or_default();
	RewardRole::ALL.map(|role| *past.budgets.of(role))
}

fn refused(role: RewardRole, who: AccountId) {
	assert_noop!(Token::claim(signed(STRANGER), role, who), Error::<Test>::NothingToClaim);
}

#[test]
fn each_role_shares_its_budget_by_points() {
	Chain::default().run(|| {
		alice_pays();
		// In cash: 4,000, which is a fifth of all fees.
		assert_eq!(trade(BOB, Role::Maker, 400_000), (4_000, 0));
		for validator in [FIRST, FIRST, SECOND, FIRST] {
			Token::authored(&validator);
		}
		Token::attested(&THIRD);
		Token::delivered(&FIRST, Cash(1_000_000), Ppm::ONE);
		Token::delivered(&SECOND, Cash(1_000_000), Ppm::percent(50));
		assert_eq!(
			Era::<Test>::get().points,
			ByRole { validators: 4, attestors: 1, operators: 1_500_000, traders: 20_000 }
		);
		next_era();
		// Of 800 of fees, and of 2,400 that are issued: 40, 20, 30 and 10 per cent.
		assert_eq!(budgets(0), [320 + 960, 160 + 480, 240 + 720, 80 + 240]);
		assert_eq!(claim(Validator, FIRST), 960);
		assert_eq!(claim(Validator, SECOND), 320);
		assert_eq!(claim(Attestor, THIRD), 640);
		assert_eq!(claim(Operator, FIRST), 640);
		assert_eq!(claim(Operator, SECOND), 320);
		assert_eq!(claim(Trader, ALICE), 256);
		assert_eq!(claim(Trader, BOB), 64);
		assert_eq!((Books::<Test>::get().rewards, Eras::<Test>::get(0).unwrap().left), (0, 0));
		assert_eq!(events().last(), Some(&Event::RewardPaid { who: BOB, role: Trader, amount: 64 }));
		// Nothing is kept of who earns no more; of who trades its volume is.
		assert_eq!((Earners::<Test>::iter().count(), Traders::<Test>::iter().count()), (0, 2));
	})
}

#[test]
fn a_reward_is_paid_when_its_era_is_over_and_once() {
	Chain::default().run(|| {
		alice_pays();
		Token::authored(&FIRST);
		refused(Validator, FIRST);
		refused(Trader, ALICE);
		refused(Attestor, FIRST);
		refused(Trader, STRANGER);
		let had = tokens(FIRST);
		next_era();
		// Nobody is paid unasked.
		assert_eq!((tokens(FIRST), Token::claimable(Validator, &FIRST)), (had, 1_280));
		// Whoever asks, it is paid to who earned it.
		assert_ok!(Token::claim(signed(STRANGER), Validator, FIRST));
		assert_eq!((tokens(FIRST) - had, Token::claimable(Validator, &FIRST)), (1_280, 0));
		refused(Validator, FIRST);
		assert_eq!(claim(Trader, ALICE), 320);
		refused(Trader, ALICE);
	})
}

#[test]
fn what_nobody_claims_burns_after_so_many_eras() {
	Chain::default().run(|| {
		alice_pays();
		for validator in [FIRST, FIRST, FIRST, SECOND] {
			Token::authored(&validator);
		}
		next_era();
		assert_eq!(claim(Validator, FIRST), 960);
		for _ in 0..REWARD_ERAS - 1 {
			next_era();
		}
		assert_eq!((Token::claimable(Validator, &SECOND), Token::claimable(Trader, &ALICE)), (320, 320));
		let issuance = Balances::total_issuance();
		next_era();
		assert_eq!(issuance - Balances::total_issuance(), 640);
		assert_eq!(events().last(), Some(&Event::RewardsExpired { era: 0, amount: 640 }));
		assert_eq!((Books::<Test>::get().burned.unclaimed, Books::<Test>::get().rewards), (640, 0));
		refused(Validator, SECOND);
		refused(Trader, ALICE);
		next_era();
		assert_eq!(Balances::total_issuance(), issuance - 640);
	})
}

#[test]
fn a_reward_is_claimed_in_the_last_era_in_which_it_can_be() {
	Chain::default().run(|| {
		alice_pays();
		Token::authored(&FIRST);
		for _ in 0..REWARD_ERAS {
			next_era();
		}
		assert_eq!(claim(Validator, FIRST), 1_280);
		assert_eq!(claim(Trader, ALICE), 320);
		next_era();
		assert!(!events().iter().any(|event| matches!(event, Event::RewardsExpired { .. })));
	})
}

#[test]
fn who_earns_again_keeps_what_it_earned_before() {
	Chain::default().run(|| {
		alice_pays();
		Token::authored(&FIRST);
		Token::authored(&SECOND);
		next_era();
		Token::authored(&FIRST);
		trade(ALICE, Role::Maker, 0);
		for _ in 0..2 * REWARD_ERAS {
			next_era();
		}
		// Half of 1,280 was the other's, and burned.
		assert!(events().contains(&Event::RewardsExpired { era: 0, amount: 640 }));
		assert_eq!((Token::claimable(Validator, &FIRST), Books::<Test>::get().rewards), (640, 640 + 320));
		assert_eq!(claim(Validator, FIRST), 640);
		assert_eq!(claim(Trader, ALICE), 320);
		refused(Validator, SECOND);
	})
}

#[test]
fn operators_get_no_more_than_their_share_of_what_they_delivered() {
	Chain::default().run(|| {
		alice_pays();
		Token::delivered(&FIRST, Cash(100_000), Ppm::ONE);
		next_era();
		// 3,000 millionths of it are 300, which are 150 tokens. All of them are of fees: what these leave of 240 is the treasury's.
		assert_eq!(budgets(0)[2], 150);
		assert_eq!(claim(Operator, FIRST), 150);
		assert_eq!(Books::<Test>::get().tokens.rewards, 80 + 150);
	})
}

#[test]
fn traders_get_no_more_than_their_share_of_their_fees() {
	Chain::default().run(|| {
		set_parameters(|parameters| {
			parameters.rewards.validators = Ppm::ZERO;
			parameters.rewards.attestors = Ppm::ZERO;
			parameters.rewards.operators = Ppm::ZERO;
			parameters.rewards.traders = Ppm::ONE;
		});
		alice_pays();
		next_era();
		// A quarter of 16,000 are 2,000 tokens: 800 of fees, so that of 2,400 only 1,200 are issued.
		assert_eq!((budgets(0), Books::<Test>::get().issued), ([0, 0, 0, 2_000], 1_200));
		assert_eq!(claim(Trader, ALICE), 2_000);
	})
}

#[test]
fn a_role_in_which_nobody_earned_leaves_its_part_of_fees_to_the_treasury() {
	Chain::default().run(|| {
		let treasury = tokens(TREASURY);
		alice_pays();
		next_era();
		// Only traders earned: a tenth of 800, and of 2,400.
		assert_eq!((budgets(0), Books::<Test>::get().issued), ([0, 0, 0, 320], 240));
		assert_eq!(tokens(TREASURY) - treasury, 800 + 720);
		assert!(events().contains(&Event::TreasuryPaid { cash: Cash(0), tokens: 1_520 }));
		let shared = Shared { collected: 8_000, pool: 3_200, rebates: 800, burn: 2_400, treasury: 1_520, rewards: 80 };
		assert_eq!(Books::<Test>::get().tokens, shared);
	})
}

#[test]
fn without_a_price_only_those_whose_points_are_no_cash_are_paid_of_fees() {
	Chain::default().run(|| {
		alice_pays();
		Token::authored(&FIRST);
		Token::attested(&SECOND);
		Token::delivered(&THIRD, Cash(1_000_000), Ppm::ONE);
		TokenPrice::set(None);
		pass(DAY);
		next_block();
		assert_eq!((budgets(0), Books::<Test>::get().issued), ([320, 160, 0, 0], 0));
		assert_eq!((claim(Validator, FIRST), claim(Attestor, SECOND)), (320, 160));
		refused(Operator, THIRD);
		refused(Trader, ALICE);
	})
}

#[test]
fn rounding_never_pays_more_than_there_is() {
	Chain::default().run(|| {
		alice_pays();
		for validator in [FIRST, SECOND, THIRD] {
			Token::authored(&validator);
		}
		next_era();
		// A third of 1,280 each; two are left, and burn with what Alice does not claim.
		assert_eq!([FIRST, SECOND, THIRD].map(|who| claim(Validator, who)), [426; 3]);
		assert_eq!(claim(Trader, ALICE), 320);
		assert_eq!((Books::<Test>::get().rewards, Eras::<Test>::get(0).unwrap().left), (2, 2));
		for _ in 0..REWARD_ERAS {
			next_era();
		}
		assert_eq!(Books::<Test>::get().burned.unclaimed, 2);
	})
}

#[test]
fn a_grade_counts_as_at_most_the_whole_and_nothing_leaves_no_trace() {
	Chain::default().run(|| {
		Token::delivered(&FIRST, Cash(1_000), Ppm::percent(400));
		Token::delivered(&SECOND, Cash(1_000), Ppm::ZERO);
		Token::delivered(&THIRD, Cash(3), Ppm::percent(30));
		assert_eq!(Era::<Test>::get().points.operators, 1_000);
		assert_eq!(Earners::<Test>::iter().count(), 1);
	})
}

#[test]
fn a_reward_too_small_for_an_account_that_is_not_there_waits() {
	Chain::default().run(|| {
		const NOBODY: AccountId = 500;
		alice_pays();
		Token::authored(&NOBODY);
		for _ in 0..319 {
			Token::authored(&FIRST);
		}
		next_era();
		// Four of 1,280.
		assert_noop!(Token::claim(signed(STRANGER), Validator, NOBODY), TokenError::BelowMinimum);
		assert_eq!(Token::claimable(Validator, &NOBODY), 4);
		assert_ok!(Balances::transfer_allow_death(signed(ALICE), NOBODY, LEAST));
		assert_eq!(claim(Validator, NOBODY), 4);
	})
}

#[test]
fn what_is_delivered_beyond_every_figure_neither_panics_nor_wraps() {
	Chain::default().run(|| {
		alice_pays();
		for _ in 0..4 {
			Token::delivered(&FIRST, Cash(i128::MAX), Ppm::ONE);
		}
		next_era();
		assert_eq!(Eras::<Test>::get(0).unwrap().points.operators, u128::MAX);
		assert_eq!(claim(Operator, FIRST), 960);
	})
}

#[test]
fn who_earned_is_forgotten_when_it_can_claim_no_more() {
	Chain::default().run(|| {
		let forget = |role| Token::forget(signed(STRANGER), role, FIRST);
		assert_noop!(forget(Validator), Error::<Test>::NothingToForget);
		alice_pays();
		Token::authored(&FIRST);
		// Its era is not over; then it has a reward.
		assert_noop!(forget(Validator), Error::<Test>::StillNeeded);
		next_era();
		assert_noop!(forget(Validator), Error::<Test>::StillNeeded);
		assert_noop!(forget(Attestor), Error::<Test>::NothingToForget);
		for _ in 0..REWARD_ERAS {
			next_era();
		}
		// Which burned: there is nothing to claim, and nothing to keep.
		refused(Validator, FIRST);
		assert_eq!(forget(Validator).unwrap().pays_fee, Pays::No);
		assert_eq!(events().last(), Some(&Event::Forgotten { who: FIRST, role: Validator }));
		assert_eq!(Earners::<Test>::iter().count(), 0);
	})
}
