//! What a failure costs, and whom.

use super::{scenes::*, *};

/// What is lost for a day of which nothing was delivered, in tokens.
const LOST: u128 = LOSS * QUANTITY.0 / Capacity::PER_HOUR;

/// A provider has only so many tokens at stake.
fn leave_at_stake(provider: AccountId, tokens: u128) {
	assert_ok!(Balances::force_set_balance(root(), provider, LEAST + tokens));
}

/// An owner's cash goes to somebody who has no part in anything.
fn take_all_cash(owner: &AccountId) {
	Margins::mutate(|margins| {
		let cash = std::mem::take(&mut margins.get_mut(&key(owner)).expect("it is open").cash);
		margins.get_mut(&key(&BUYER_2)).expect("it is open").cash.0 += cash.0;
	});
}

/// The price of replacement of the only failure.
fn replaced_at() -> Price {
	only(|event| match event {
		Event::MadeWhole { replacement, .. } => Some(replacement),
		_ => None,
	})
}

fn fines() -> Vec<(i128, i128)> {
	let of = |event| match event {
		Event::Fined { deposit, account, .. } => Some((deposit.0, account.0)),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

#[test]
fn a_provider_pays_for_what_is_missing_with_its_stake() {
	with_resource(|id| {
		fix(0, moved(20));
		let before = (cash_of(&BUYER), cash_of(&SELLER), Balances::total_issuance(), Pool::get().0);
		close(0);
		// 30 dollars at four units of cash for a token; the rest of what is lost is for the pool, but for a fifth.
		let needed = DUE / 5;
		let sold_for_buyer = 7_500_000;
		let burnt = (LOST - sold_for_buyer) / 5;
		assert_eq!(made_whole(), (needed, 0, needed, 0));
		assert_eq!(shared(), (LOST, sold_for_buyer, 0, LOST - sold_for_buyer - burnt, burnt));
		assert_eq!(settled(), [(id, 0, Capacity(0), 0, true)]);
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0 + DUE + needed, before.1));
		assert_eq!((Balances::total_issuance(), Pool::get().0), (before.2 - burnt, before.3 - needed));
		assert_eq!(Balances::free_balance(POOL), LEAST + LOST - burnt);
		assert_eq!(Balances::free_balance(SELLER), LEAST + STAKE - LOST);
		assert_eq!(fines(), []);
		let (tally, money) = (delivery().tally, delivery().money);
		assert_eq!((tally.compensated, tally.delivered), (QUANTITY, Capacity(0)));
		assert_eq!((money.paid, money.forfeited), (Cash(0), Cash(0)));
		assert_eq!(Reputations::get()[&SELLER], Reputation { windows: 1, due: QUANTITY, ..Default::default() });
	})
}

#[test]
fn a_deposit_pays_before_anything_else() {
	with_deposit(SELLER, |_| {
		fix(0, moved(20));
		let before = (cash_of(&BUYER), cash_of(&SELLER));
		close(0);
		let needed = DUE / 5;
		assert_eq!(made_whole(), (needed, needed, 0, 0));
		// Its stake is slashed for what is lost all the same, and nothing of that is the buyer's.
		assert_eq!(shared(), (LOST, 0, 0, LOST * 4 / 5, LOST / 5));
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0 + DUE + needed, before.1 + DUE - needed));
		assert_eq!((delivery().money.paid, fines()), (Cash(needed), vec![]));
	})
}

#[test]
fn a_seller_without_a_stake_is_fined() {
	with_deposit(TRADER, |_| {
		fix(0, moved(20));
		let before = (cash_of(&BUYER), cash_of(&TRADER), Pool::get().0);
		close(0);
		let (needed, fine) = (DUE / 5, DUE / 20);
		assert_eq!(made_whole(), (needed, needed, 0, 0));
		assert_eq!(fines(), [(fine, 0)]);
		assert_eq!(cash_of(&BUYER), before.0 + DUE + needed);
		assert_eq!(cash_of(&TRADER), before.1 + DUE - needed - fine);
		assert_eq!((Pool::get().0, delivery().money.forfeited), (before.2 + fine, Cash(fine)));
	})
}

#[test]
fn a_fine_that_the_deposit_does_not_cover_is_charged_to_the_account() {
	with_deposit(TRADER, |_| {
		fix(0, moved(98));
		close(0);
		let left = DUE / 50;
		assert_eq!(made_whole(), (DUE - left, DUE - left, 0, 0));
		assert_eq!(fines(), [(left, DUE / 20 - left)]);
	});
	with_deposit(TRADER, |_| {
		fix(0, moved(100));
		take_all_cash(&TRADER);
		close(0);
		assert_eq!((made_whole(), fines()), ((DUE, DUE, 0, 0), vec![(0, DUE / 20)]));
		// It owes now, and is called like anybody.
		assert_eq!(cash_of(&TRADER), -DUE / 20);
	})
}

#[test]
fn what_a_stake_is_not_worth_is_charged_to_the_account() {
	with_resource(|_| {
		leave_at_stake(SELLER, 10_000_000);
		fix(0, moved(50));
		take_all_cash(&SELLER);
		close(0);
		let needed = DUE / 2;
		assert_eq!(shared(), (10_000_000, 10_000_000, 0, 0, 0));
		assert_eq!(made_whole(), (needed, 0, 40_000_000, needed - 40_000_000));
		assert_eq!(cash_of(&SELLER), 40_000_000 - needed);
		assert_eq!(Balances::free_balance(SELLER), LEAST);
	})
}

#[test]
fn as_much_of_a_stake_is_taken_as_makes_the_buyer_whole() {
	Exchange::holding(&[(BUYER, LOTS), (SELLER, -LOTS)]).run(|| {
		block_at(EXPIRY);
		let price = Price(8_000_001);
		assert!(Clearing::end(CONTRACT, price, &[]));
		assert_ok!(Delivery::nominate(signed(SELLER), SubAccount(0), CONTRACT, ResourceId(1), Lots(LOTS)));
		matched();
		fix(0, Price(14_000_000));
		close(0);
		// 5.999999 dollars for each of 50 CH.
		let needed = 299_999_950;
		let worth = 74_999_988;
		assert!(worth > LOST);
		assert_eq!((made_whole(), shared()), ((needed, 0, needed, 0), (worth, worth, 0, 0, 0)));
	})
}

#[test]
fn without_a_price_of_the_token_the_account_pays_and_the_stake_is_taken_all_the_same() {
	with_resource(|_| {
		TokenPriceless::put(true);
		fix(0, moved(20));
		close(0);
		assert_eq!(made_whole(), (DUE / 5, 0, 0, DUE / 5));
		assert_eq!(shared(), (LOST, 0, 0, LOST * 4 / 5, LOST / 5));
		assert_eq!(Balances::free_balance(POOL), LEAST + LOST * 4 / 5);
	})
}

#[test]
fn what_the_pool_cannot_advance_is_charged_to_the_account() {
	with_resource(|_| {
		Margins::mutate(|margins| margins.get_mut(&key(&BUYER_2)).expect("it is open").cash.0 += Pool::get().0 - 5);
		Pool::put(Cash(5));
		fix(0, moved(20));
		close(0);
		assert_eq!(made_whole(), (DUE / 5, 0, 5, DUE / 5 - 5));
	})
}

#[test]
fn who_buys_cheaper_gains_nothing_from_a_failure() {
	with_resource(|_| {
		fix(0, moved(-20));
		let before = cash_of(&BUYER);
		close(0);
		assert_eq!(made_whole(), (0, 0, 0, 0));
		assert_eq!((cash_of(&BUYER), shared()), (before + DUE, (LOST, 0, 0, LOST * 4 / 5, LOST / 5)));
	})
}

#[test]
fn only_what_is_missing_is_compensated() {
	with_resource(|id| {
		fix(0, moved(20));
		assert_ok!(vouch(id, 0, hundredths(75)));
		let before = (cash_of(&BUYER), cash_of(&SELLER));
		close(0);
		assert_eq!(made_whole().0, DUE / 20);
		assert_eq!(shared().0, LOST / 4);
		assert_eq!((cash_of(&BUYER), cash_of(&SELLER)), (before.0 + DUE / 4 + DUE / 20, before.1 + DUE * 3 / 4));
		let tally = delivery().tally;
		assert_eq!((tally.delivered, tally.compensated, tally.released), (hundredths(75), hundredths(25), Capacity(0)));
	})
}

#[test]
fn what_is_within_the_tolerance_needs_no_fix_and_no_compensation() {
	with_resource(|id| {
		OpenRound::put(day(0));
		assert_ok!(vouch(id, 0, hundredths(98)));
		close(0);
		assert_eq!(settled(), [(id, 0, hundredths(98), DUE * 98 / 100, false)]);
		assert_eq!((delivery().tally.released, Balances::free_balance(SELLER)), (hundredths(2), LEAST + STAKE));
		// Nor does it count against the seller.
		let Reputation { due, delivered, .. } = Reputations::get()[&SELLER];
		assert_eq!((due, delivered), (hundredths(98), hundredths(98)));
	})
}

#[test]
fn a_failure_waits_until_nothing_more_is_fixed_of_its_day() {
	with_resource(|id| {
		OpenRound::put(day(0));
		close(0);
		assert_eq!((settled(), deal(id).waiting), (vec![], 1));
		assert_noop!(settle(id, 0), Error::<Test>::AwaitsFix);
		fix(0, moved(20));
		OpenRound::kill();
		block_at(Delivery::now() + SUBMIT / 10);
		assert_eq!((settled(), replaced_at()), (vec![(id, 0, Capacity(0), 0, true)], moved(20)));
	})
}

#[test]
fn a_day_without_a_fix_has_that_of_the_newest_day_before() {
	let last_week = |days: u32, price| Fixes::mutate(|fixes| fixes.insert(Day(FIRST.0 - days), price));
	with_resource(|_| {
		last_week(2, moved(30));
		last_week(3, moved(40));
		fix(1, moved(50));
		close(0);
		assert_eq!(replaced_at(), moved(30));
	});
	with_resource(|_| {
		last_week(7, moved(30));
		close(0);
		assert_eq!(replaced_at(), moved(30));
	});
	// Older ones say nothing of the day: the buyer has its price back.
	with_resource(|_| {
		last_week(8, moved(30));
		close(0);
		assert_eq!(replaced_at(), PRICE);
	})
}

#[test]
fn the_price_of_replacement_is_within_the_band() {
	for (fixed, expected) in [(moved(300), moved(100)), (Price(-5), Price(0))] {
		with_resource(|_| {
			fix(0, fixed);
			close(0);
			assert_eq!(replaced_at(), expected);
		})
	}
}

#[test]
fn a_slash_is_shared_in_the_written_order() {
	with_resource(|id| {
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Failed { challenger: Some(ANYONE) });
		fix(0, moved(20));
		close(0);
		assert_eq!(made_whole(), (DUE / 5, 0, DUE / 5, 0));
		// 50 million: 7.5 for the buyer, half of the rest for the challenger, a fifth of the rest of that burnt.
		assert_eq!(shared(), (50_000_000, 7_500_000, 21_250_000, 17_000_000, 4_250_000));
		assert_eq!(Balances::free_balance(ANYONE), 21_250_000);
		assert_eq!(Balances::free_balance(POOL), LEAST + 24_500_000);
	})
}

#[test]
fn nobody_on_a_side_of_the_deal_gets_a_part_of_the_slash() {
	let agent = AccountId::new([101; 32]);
	for party in [BUYER, SELLER, agent, voucher_key(KEY)] {
		with_resource(|id| {
			assert_ok!(object(&BUYER, id, 0));
			decide(id, 0, ChallengeVerdict::Failed { challenger: Some(party) });
			fix(0, moved(20));
			close(0);
			assert_eq!(shared(), (50_000_000, 7_500_000, 0, 34_000_000, 8_500_000));
		})
	}
}

#[test]
fn a_challenger_that_cannot_be_paid_so_little_leaves_it_to_the_pool() {
	with_resource(|id| {
		leave_at_stake(SELLER, 10);
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, ChallengeVerdict::Failed { challenger: Some(ANYONE) });
		close(0);
		// Its half of ten is less than an account has to have.
		assert_eq!(shared(), (10, 0, 0, 9, 1));
		assert_eq!((Balances::free_balance(ANYONE), Balances::free_balance(POOL)), (0, LEAST + 9));
	})
}

#[test]
fn a_provider_that_lost_all_of_its_stake_is_fined_from_then_on() {
	with_resource(|_| {
		leave_at_stake(SELLER, 3);
		close(0);
		assert_eq!(fines(), []);
		close(1);
		assert_eq!(fines(), [(0, DUE / 20)]);
	})
}

#[test]
fn a_failure_that_cannot_be_charged_changes_nothing() {
	with_resource(|id| {
		fix(0, moved(20));
		Unpayable::put(vec![key(&BUYER)]);
		assert_ok!(object(&BUYER, id, 0));
		decide(id, 0, unanswered());
		close(0);
		let window = window(id, 0).expect("it waits");
		assert!(window.objection.is_some());
		assert_eq!((Balances::free_balance(SELLER), Reputations::get().len()), (LEAST + STAKE, 0));
		assert_eq!(Balances::total_issuance(), 2 * (LEAST + STAKE) + LEAST);
		assert_noop!(settle(id, 0), refused("cannot be paid"));
		Unpayable::kill();
		assert_ok!(settle(id, 0));
		assert_eq!(made_whole(), (DUE / 5, 0, DUE / 5, 0));
	})
}
