//! Who takes what is for sale, at what price, and what the account pays for it.

use super::*;
use gcx_primitives::CustomerLimits;

/// 11's hundred lots at 2,449: 44,900 of equity, 32 lots for sale, found by a stranger so long ago.
fn for_sale_since(time: u64) {
	a_hundred_lots();
	begin(2_449, time);
}

/// The mark of a hundred lots falls, a stranger finds them, and so much time goes by.
fn begin(price: i64, time: u64) {
	quote(price);
	liquidate(STRANGER, 11);
	pass(time);
}

fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

fn liquidated(taker: AccountId, lots: i64, price: i64) -> Event<Test> {
	let (owner, sub, taker_sub) = (11, SubAccount(0), SubAccount(0));
	Event::Liquidated { owner, sub, taker, taker_sub, instrument: NEAR, lots: Lots(lots), price: Price(price) }
}

fn paid(to_pool: i128, to_caller: i128) -> Event<Test> {
	let (to_pool, to_caller) = (Cash(to_pool), Cash(to_caller));
	Event::PenaltyPaid { owner: 11, sub: SubAccount(0), to_house: Cash(0), to_pool, to_caller }
}

#[test]
fn the_taker_has_the_lots_at_the_discount_and_the_account_pays_a_penalty() {
	Exchange.run(|| {
		for_sale_since(AUCTION / 2);
		let before = dollars(STRANGER);
		bid(12, 11, 100);
		// 2 % of 2,449 are 48; 1 % of 32 lots is 784, a fifth of which is the stranger's.
		assert!(events().contains(&liquidated(12, 32, 2_401)));
		assert!(events().contains(&paid(628, 156)));
		assert_eq!((lots(11), cash(11)), (68, 100_000 - 32 * 599 - 784));
		assert_eq!((lots(12), cash(12)), (32, 1_000_000 + 32 * 599));
		assert_eq!(equity(12), 1_000_000 + 32 * 48);
		assert_eq!(dollars(STRANGER), before + 156);
		assert_eq!((customers(GUARANTOR).penalties, customers(GUARANTOR).custody), (Cash(628), Cash(1_100_000 - 156)));
		check(11);
		assert_eq!((equity(11), view(11).margin.initial_margin), (42_580, Cash(40_800)));
		assert!(account(11).state.is_open());
		// The pool's share waits for the next run.
		let before = dollars(INSURANCE);
		settle();
		assert_eq!((customers(GUARANTOR).penalties, dollars(INSURANCE)), (Cash(0), before + 628));
		let (guarantor, side) = (GUARANTOR, SegmentSide::Customers);
		assert!(events().contains(&Event::PenaltiesCollected { guarantor, side, amount: Cash(628) }));
	})
}

#[test]
fn the_discount_grows_with_time_and_then_stays() {
	// A fifth of the price away after all the time: 4 % of 2,449 are 97.96.
	let widths = [(0, 0), (AUCTION / 4, 24), (AUCTION / 2, 48), (AUCTION - 1, 97), (AUCTION, 97), (3 * AUCTION, 97)];
	for (time, width) in widths {
		Exchange.run(|| {
			for_sale_since(time);
			bid(12, 11, 100);
			assert!(events().contains(&liquidated(12, 32, 2_449 - width)), "{time}");
			assert_eq!(equity(11), 44_900 - 32 * i128::from(width) - 784);
		});
	}
}

#[test]
fn a_short_position_is_bought_back_above_the_mark() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		pass(GRACE);
		begin(3_478, AUCTION / 2);
		bid(12, 11, 100);
		assert!(events().contains(&liquidated(12, -53, 3_478 + 69)));
		// 1 % of 184,334.
		assert_eq!((lots(11), lots(12), equity(11)), (-47, -53, 52_200 - 53 * 69 - 1_844));
	})
}

#[test]
fn the_discount_stops_where_equity_ends_and_then_there_is_no_penalty() {
	Exchange.run(|| {
		a_hundred_lots();
		begin(2_010, 2 * AUCTION);
		assert_eq!(equity(11), 1_000);
		// 80 a lot would be 8,000.
		assert_noop!(try_bid(12, 11, 100, 1_001), Error::<Test>::WorseThanAsked);
		assert_ok!(try_bid(12, 11, 100, 1_000));
		assert!(events().contains(&liquidated(12, 100, 2_000)) && events().contains(&paid(0, 0)));
		assert_eq!((cash(11), lots(11), equity(12)), (0, 0, 1_001_000));
	})
}

#[test]
fn the_penalty_is_at_most_what_the_discount_left() {
	Exchange.run(|| {
		a_hundred_lots();
		// 0.4 % of 2,010 are 8; the penalty would be 2,010.
		begin(2_010, AUCTION / 10);
		bid(12, 11, 100);
		assert!(events().contains(&liquidated(12, 100, 2_002)) && events().contains(&paid(160, 40)));
		assert_eq!(cash(11), 0);
	})
}

/// Who takes it gets no more than it is worth, and the loss is whole.
#[test]
fn without_equity_lots_go_at_mark() {
	Exchange.run(|| {
		a_hundred_lots();
		begin(1_900, AUCTION / 2);
		bid(12, 11, 100);
		assert!(events().contains(&liquidated(12, 100, 1_900)) && events().contains(&paid(0, 0)));
		assert_eq!((cash(11), lots(11), equity(12)), (-10_000, 0, 1_000_000));
		// What it owes was advanced, and is its house's loss in the end.
		assert_eq!(customers(GUARANTOR).received, Cash(10_000));
		pass(AUCTION);
		check(11);
		let loss = Cash(10_000);
		assert!(events().contains(&Event::LossPassedOn {
			owner: 11,
			sub: SubAccount(0),
			guarantor: GUARANTOR,
			own: Cash(0),
			loss
		}));
		assert_eq!((cash(11), cash(GUARANTOR)), (0, 1_990_000));
		assert!(account(11).state.is_open());
	})
}

#[test]
fn a_price_near_zero_has_the_discount_of_the_floor_price() {
	// 4 % of 300, of 30 where the price is less, and of a negative one without its sign.
	for (price, width) in [(300, 12), (30, 1), (0, 1), (-29, 1), (-300, 12)] {
		Exchange.run(|| {
			let had = u128::try_from(20_000 + 100 * (PRICE - price)).unwrap();
			open_market_with([(11, had), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000)]);
			trade(11, OTHERS_CUSTOMER, 100, PRICE);
			pass(GRACE);
			begin(price, AUCTION);
			assert_eq!((equity(11), view(11).margin.maintenance_margin), (20_000, Cash(22_500)));
			assert_ok!(try_bid(12, 11, 50, 0));
			let taken = lots(12);
			assert!(taken > 0 && events().contains(&liquidated(12, taken, price - width)), "{price}");
		});
	}
}

#[test]
fn the_owner_gets_nothing_for_finding_itself() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		liquidate(11, 11);
		let before = dollars(11);
		bid(12, 11, 100);
		assert!(events().contains(&paid(784, 0)));
		assert_eq!(dollars(11), before);
	})
}

#[test]
fn nobody_is_paid_for_what_the_chain_found() {
	Exchange.run(|| {
		a_hundred_lots();
		quote(2_449);
		check(11);
		bid(12, 11, 100);
		assert!(events().contains(&paid(784, 0)));
	})
}

#[test]
fn the_pool_has_it_all_where_custody_has_not_the_callers_share() {
	Exchange.run(|| {
		open_market_with([(11, OPENING), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 2_000_000), (OTHER, 2_000_000)]);
		govern(|parameters| parameters.liquidation.caller_share = Ppm::ONE);
		// What it has is owed to its segment: it bought 700 under the mark.
		trade(11, OTHERS_CUSTOMER, 150, 2_300);
		pass(GRACE);
		begin(2_743, 0);
		assert_eq!((equity(11), customers(GUARANTOR).custody), (67_450, Cash(1_000)));
		let before = dollars(STRANGER);
		bid(OTHER, 11, 100);
		// 1 % of 49 lots.
		assert!(events().contains(&liquidated(OTHER, 49, 2_743)) && events().contains(&paid(1_345, 0)));
		assert_eq!((dollars(STRANGER), customers(GUARANTOR).penalties), (before, Cash(1_345)));
	})
}

#[test]
fn anybody_with_an_account_takes_it_customers_and_houses_of_all_guarantors() {
	for (taker, before) in [(12, 0), (OTHERS_CUSTOMER, -100), (GUARANTOR, 0), (OTHER, 0)] {
		Exchange.run(|| {
			for_sale_since(AUCTION / 2);
			let had = cash(taker);
			bid(taker, 11, 100);
			assert_eq!((lots(taker), cash(taker)), (before + 32, had + 32 * 599));
			assert_eq!(customers(GUARANTOR).custody, Cash(1_100_000 - 156));
		});
	}
}

#[test]
fn it_is_taken_in_parts() {
	Exchange.run(|| {
		for_sale_since(AUCTION / 2);
		// A half of 32, rounded up: 16.5 % are 5.28.
		assert_noop!(try_bid(12, 11, 50, 16 * 48 + 1), Error::<Test>::WorseThanAsked);
		assert_ok!(try_bid(12, 11, 50, 16 * 48));
		assert!(events().contains(&liquidated(12, 16, 2_401)));
		assert_eq!((lots(11), equity(11)), (84, 44_900 - 16 * 48 - 392));
		// 43,740 are left for 84 lots: 600 − 122.45 for each of 14 more.
		bid(OTHER, 11, 17);
		assert!(events().contains(&liquidated(OTHER, 3, 2_401)));
		bid(OTHERS_CUSTOMER, 11, 100);
		assert_eq!(lots(11) + lots(12) + lots(OTHER) + lots(OTHERS_CUSTOMER), 0);
		assert!(equity(11) >= view(11).margin.initial_margin.0);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
		check(11);
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::NotForSale);
	})
}

#[test]
fn a_part_is_more_than_nothing_and_no_more_than_all() {
	Exchange.run(|| {
		for_sale_since(0);
		for part in [Ppm::ZERO, Ppm(1_000_001), Ppm(u32::MAX)] {
			let bid = Clearing::bid(RuntimeOrigin::signed(12), SubAccount(0), 11, SubAccount(0), part, Cash(0));
			assert_eq!(bid, Err(Error::<Test>::NothingToMove.into()));
		}
	})
}

#[test]
fn nobody_takes_its_own() {
	Exchange.run(|| {
		for_sale_since(0);
		assert_ok!(try_deposit(11, 1, 1_000_000));
		for sub in [0, 1] {
			let own = Clearing::bid(RuntimeOrigin::signed(11), SubAccount(sub), 11, SubAccount(0), Ppm::ONE, Cash(0));
			assert_eq!(own, Err(Error::<Test>::OwnAccount.into()));
		}
	})
}

#[test]
fn taker_and_account_must_be_known() {
	Exchange.run(|| {
		for_sale_since(0);
		assert_noop!(try_bid(13, 11, 100, 0), Error::<Test>::UnknownAccount);
		assert_noop!(try_bid(12, 13, 100, 0), Error::<Test>::UnknownAccount);
		assert_noop!(try_bid(12, OTHERS_CUSTOMER, 100, 0), Error::<Test>::NotForSale);
	})
}

#[test]
fn a_taker_needs_margin_for_what_it_takes() {
	Exchange.run(|| {
		a_hundred_lots_before([(13, 19_199)]);
		begin(2_449, 0);
		// 32 lots require 19,200.
		assert_noop!(try_bid(13, 11, 100, 0), Error::<Test>::TakerMargin);
		deposit(13, 1);
		bid(13, 11, 100);
		assert_eq!(lots(13), 32);
	})
}

#[test]
fn a_taker_keeps_to_its_limits() {
	Exchange.run(|| {
		for_sale_since(0);
		set_limits(12, CustomerLimits { max_lots: Lots(31), ..limits() });
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::TakerLimit);
		set_limits(12, CustomerLimits { max_initial_margin: Cash(19_199), ..limits() });
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::TakerLimit);
		set_limits(12, CustomerLimits { max_initial_margin: Cash(19_200), max_lots: Lots(32), ..limits() });
		bid(12, 11, 100);
	});
	// No dust: a lot requires 300 there.
	Exchange.run(|| {
		a_hundred_lots();
		begin(1_400, 0);
		assert_noop!(try_bid(12, 11, 1, 0), Error::<Test>::TakerLimit);
		bid(12, 11, 2);
	});
}

#[test]
fn who_may_only_reduce_takes_only_what_reduces() {
	Exchange.run(|| {
		for_sale_since(0);
		set_limits(12, CustomerLimits { suspended: true, ..limits() });
		assert_noop!(try_bid(12, 11, 100, 0), Error::<Test>::TakerReduceOnly);
		set_limits(OTHERS_CUSTOMER, CustomerLimits { suspended: true, ..limits() });
		bid(OTHERS_CUSTOMER, 11, 100);
		assert_eq!(lots(OTHERS_CUSTOMER), -68);
	});
	Exchange.run(|| {
		for_sale_since(0);
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), OTHER, GuarantorState::ReduceOnly));
		assert_noop!(try_bid(OTHER, 11, 100, 0), Error::<Test>::TakerReduceOnly);
	});
}

#[test]
fn two_that_are_for_sale_take_nothing_from_each_other_but_what_reduces() {
	Exchange.run(|| {
		a_hundred_lots_before([(13, 100_000)]);
		trade(13, OTHERS_CUSTOMER, 100, PRICE);
		quote(2_449);
		liquidate(STRANGER, 11);
		liquidate(STRANGER, 13);
		assert_noop!(try_bid(13, 11, 100, 0), Error::<Test>::TakerReduceOnly);
		bid(12, 11, 100);
		bid(12, 13, 100);
		assert_eq!((lots(11), lots(12), lots(13)), (68, 64, 68));
	})
}

#[test]
fn a_bid_while_a_run_is_priced_is_settled_by_it() {
	Exchange.run(|| {
		for_sale_since(0);
		take_steps(3);
		bid(12, 11, 100);
		assert_eq!((lots(11), lots(12)), (68, 32));
		settle();
		// All cash is at 2,449 now: what the bid was booked at.
		assert_eq!((view(11).cash, view(12).cash), (Cash(44_900 - 784), Cash(1_000_000)));
		for who in [GUARANTOR, OTHER] {
			for side in [SegmentSide::Customers, SegmentSide::House] {
				assert_eq!(net(who, side), Cash(0));
			}
		}
	})
}

/// What the taker gained by the discount is owed to it by others until the next run.
#[test]
fn a_discount_is_not_withdrawn_before_a_run_paid_it() {
	Exchange.run(|| {
		for_sale_since(AUCTION);
		bid(OTHERS_CUSTOMER, 11, 100);
		assert_eq!(account(OTHERS_CUSTOMER).unpaid.amount, Cash(32 * (551 + 97)));
		settle();
		assert_eq!(account(OTHERS_CUSTOMER).unpaid.left(Settled::<Test>::get().current), Cash(0));
	})
}
