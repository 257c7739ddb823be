//! What random operations found. A line of story each.

use super::*;

/// 11 buys 400 lots, the price falls, and a run leaves it owing 160,000; nobody has rolled it yet.
fn a_run_leaves_11_owing() {
	open_market();
	trade(11, OTHER, 400, PRICE);
	settle_at(100);
}

/// An account was rolled below zero as it was read, and still traded as if it were in good standing.
#[test]
fn an_account_that_the_last_run_left_owing_opens_nothing() {
	Exchange.run(|| {
		a_run_leaves_11_owing();
		let trade = a_trade(12, 11, 500, 100);
		let reason = Refusal::ReduceOnly(ReduceOnlyCause::Account);
		assert_eq!(try_trade(&trade), Err(Refused { party: Some(Side::Sell), reason }));
	})
}

/// The same when it changed hands: its debt became the new guarantor's, and the old one's books kept it as well.
#[test]
fn an_account_that_the_last_run_left_owing_is_not_ported() {
	Exchange.run(|| {
		a_run_leaves_11_owing();
		assert_ok!(Guarantor::request(RuntimeOrigin::signed(11), OTHER));
		let ported = Guarantor::accept(RuntimeOrigin::signed(OTHER), 11, limits());
		assert_eq!(ported.map(|_| ()).map_err(|error| error.error), Err(Error::<Test>::OwesCash.into()));
	})
}

/// Who was credited by trades had a larger reserve of the fuse, while who was debited kept what it had withdrawn by its own: two
/// friends could pass the same money on and withdraw a tenth of it each time.
#[test]
fn a_reserve_is_no_share_of_what_no_run_has_paid() {
	Exchange.run(|| {
		open_market();
		open_fuse();
		trade(11, OTHERS_CUSTOMER, 100, PRICE / 2);
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (1_150_000, 850_000));
		assert_ok!(try_withdraw(11, 0, 115_000));
		let passed = events().into_iter().find_map(|event| match event {
			Event::Withdrawn { reserved, shared, .. } => Some((reserved, shared)),
			_ => None,
		});
		assert_eq!(passed, Some((Cash(100_000), Cash(15_000))));
		// What it had is what it had before it did anything in the hour.
		assert_ok!(try_withdraw(OTHERS_CUSTOMER, 0, 100_000));
		assert_eq!(account(OTHERS_CUSTOMER).egress.had, Cash(1_000_000));
	})
}

/// A house withdrew down to its own margin, with what it had advanced to its customers counted as if it were still there.
#[test]
fn a_house_cannot_withdraw_its_margin_against_what_it_advanced() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHER, 400, PRICE);
		trade(OTHERS_CUSTOMER, GUARANTOR, 100, PRICE);
		settle_at(100);
		check(11);
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(160_000));
		let house = view(GUARANTOR);
		assert_eq!((house.cash, house.margin.initial_margin), (Cash(2_290_000), Cash(30_000)));
		assert_eq!(house.withdrawable, Cash(2_100_000));
		assert_noop!(try_withdraw(GUARANTOR, 0, 2_100_001), Error::<Test>::MarginNeeded);
	})
}
