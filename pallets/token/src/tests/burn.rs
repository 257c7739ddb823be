//! What burns of slashes, of the chain's own fees, and of balances too small to be kept.

use super::*;
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::{Fortitude, Precision, Preservation},
		OnUnbalanced,
	},
};

parameter_types! {
	pub static Author: Option<AccountId> = None;
}

/// Takes tokens of an account.
fn take(amount: Balance) -> Credit<AccountId, Balances> {
	let (exact, keep) = (Precision::Exact, Preservation::Preserve);
	Balances::withdraw(&CHARLIE, amount, exact, keep, Fortitude::Polite).expect("it has so much")
}

fn slash(amount: Balance) {
	Slashed::<Test>::on_unbalanced(take(amount));
}

/// Charges for a transaction, as the chain does.
fn charge(fee: Balance, tip: Balance) {
	ChainFees::<Test, Author>::on_unbalanceds([take(fee), take(tip)].into_iter());
}

fn burned() -> Burned {
	Books::<Test>::get().burned
}

#[test]
fn of_a_slash_the_share_burns_rounded_up_and_the_rest_is_the_treasurys() {
	Chain::default().run(|| {
		let (treasury, issuance) = (tokens(TREASURY), Balances::total_issuance());
		slash(1_001);
		// A fifth is 200.2.
		assert_eq!((burned().performance, tokens(TREASURY) - treasury), (201, 800));
		assert_eq!(issuance - Balances::total_issuance(), 201);
		assert_eq!(events(), [Event::PerformanceBurned { amount: 201 }]);
		// It is no fee: it lets nothing be issued.
		assert_eq!(Era::<Test>::get().burned, 0);
	})
}

#[test]
fn of_a_slash_all_burns_or_nothing_if_that_is_the_share() {
	Chain::default().run(|| {
		let treasury = tokens(TREASURY);
		set_parameters(|parameters| parameters.slash_burn = Ppm::ZERO);
		System::reset_events();
		slash(1_001);
		assert_eq!((burned().performance, tokens(TREASURY) - treasury, events()), (0, 1_001, vec![]));
		set_parameters(|parameters| parameters.slash_burn = Ppm::ONE);
		slash(1_001);
		assert_eq!((burned().performance, tokens(TREASURY) - treasury), (1_001, 1_001));
	})
}

#[test]
fn of_a_slash_all_burns_that_the_treasury_cannot_take() {
	Chain::default().run(|| {
		assert_ok!(Balances::transfer_allow_death(signed(TREASURY), CHARLIE, LEAST));
		// Of 7 two burn, and five are no account.
		slash(7);
		assert_eq!((burned().performance, tokens(TREASURY)), (7, 0));
		slash(0);
		assert_eq!(events(), [Event::PerformanceBurned { amount: 7 }]);
	})
}

#[test]
fn what_burns_for_bad_performance_is_counted() {
	Chain::default().run(|| {
		assert_eq!(<Token as PerformanceBurn<Credit<AccountId, Balances>>>::share(), Ppm::percent(20));
		<Token as PerformanceBurn<_>>::burn(take(77));
		<Token as PerformanceBurn<_>>::burn(take(0));
		assert_eq!((burned().performance, Era::<Test>::get().burned), (77, 0));
		assert_eq!(events(), [Event::PerformanceBurned { amount: 77 }]);
	})
}

#[test]
fn of_the_chains_fees_the_share_burns_and_the_author_has_the_rest_and_the_tip() {
	Chain::default().run(|| {
		Author::set(Some(STRANGER));
		let (had, issuance) = (tokens(STRANGER), Balances::total_issuance());
		charge(101, 10);
		// Half of 101 is 50.5.
		assert_eq!((burned().chain, tokens(STRANGER) - had), (50, 51 + 10));
		assert_eq!((issuance - Balances::total_issuance(), Era::<Test>::get().burned), (50, 50));
		// A tip alone, and a fee alone.
		charge(0, 10);
		ChainFees::<Test, Author>::on_unbalanced(take(100));
		assert_eq!((burned().chain, tokens(STRANGER) - had), (100, 71 + 50));
		ChainFees::<Test, Author>::on_unbalanceds(core::iter::empty());
	})
}

#[test]
fn of_the_chains_fees_all_burns_in_a_block_without_an_author() {
	Chain::default().run(|| {
		Author::set(None);
		charge(101, 10);
		assert_eq!((burned().chain, Era::<Test>::get().burned), (111, 111));
	})
}

#[test]
fn of_the_chains_fees_all_burns_that_the_author_cannot_take() {
	Chain::default().run(|| {
		Author::set(Some(500));
		charge(10, 1);
		assert_eq!((burned().chain, tokens(500)), (11, 0));
		charge(12, 1);
		assert_eq!((burned().chain, tokens(500)), (11 + 6, 7));
	})
}

#[test]
fn what_the_chains_fees_burn_lets_tokens_be_issued() {
	Chain::default().run(|| {
		// Fees in cash, of 4,000 less a tenth: the growth would be 900 tokens, and nothing burned of them.
		trade(ALICE, Role::Maker, 400_000);
		Token::authored(&STRANGER);
		Author::set(None);
		charge(100, 0);
		next_era();
		// Validators have 40 per cent, traders ten.
		assert_eq!(Books::<Test>::get().issued, 50);
	})
}

#[test]
fn a_balance_too_small_to_be_kept_burns_and_is_counted() {
	Chain::default().run(|| {
		let issuance = Balances::total_issuance();
		assert_ok!(Balances::transfer_allow_death(signed(STRANGER), CHARLIE, ENDOWMENT - LEAST + 1));
		assert_eq!((tokens(STRANGER), burned().dust), (0, LEAST - 1));
		assert_eq!((issuance - Balances::total_issuance(), Era::<Test>::get().burned), (LEAST - 1, 0));
	})
}

#[test]
fn what_holders_burn_themselves_is_in_the_sum_alone() {
	Chain::default().build().execute_with(|| {
		assert_ok!(Balances::burn(signed(CHARLIE), 1_000, false));
		let supply = Token::supply();
		assert_eq!((supply.burned.total(), supply.burned_in_all), (0, 1_000));
		assert_eq!(Token::violations(), [""; 0]);
	})
}
