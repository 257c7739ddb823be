//! Settlement runs.

use super::*;
use gcx_primitives::{Instruments as _, Trade};

const ONE_STEP: frame_support::weights::Weight = frame_support::weights::Weight::from_parts(1, 1);

fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

/// After a run that paid all, nobody owes anybody anything: each segment's custody is what its accounts have.
fn assert_paid() {
	for (segment, ledger) in Ledgers::<Test>::iter() {
		assert_eq!(net(segment.guarantor, segment.side), Cash(0), "{segment:?}");
		assert_eq!((ledger.owed, ledger.staged), (Cash(0), Cash(0)), "{segment:?}");
	}
}

fn far(buyer: AccountId, seller: AccountId, lots: i64, price: i64) {
	try_trade(&Trade { instrument: FAR, ..a_trade(buyer, seller, lots, price) }).unwrap();
}

#[test]
fn a_run_settles_what_nobody_touched_exactly() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE + 7);
		far(12, GUARANTOR, 30, PRICE - 3);
		trade(OTHER, 13, 50, PRICE);
		let mut price = PRICE;
		for change in [100, -250, 3, 0, -61] {
			price += change;
			settle_at(price);
			assert_paid();
			assert_ok!(Clearing::do_try_state());
		}
		// Nobody was touched, and everybody is exact.
		let moved = i128::from(price - PRICE);
		for (who, had, lots, at) in [
			(11, 1_000_000, 10, 7),
			(OTHERS_CUSTOMER, 1_000_000, -10, 7),
			(12, 1_000_000, 30, -3),
			(GUARANTOR, 2_000_000, -30, -3),
			(OTHER, 2_000_000, 50, 0),
			(13, 1_000_000, -50, 0),
		] {
			assert_eq!(account(who).rolled, RunId(0));
			assert_eq!(view(who).cash, Cash(had + lots * (moved - at)), "{who}");
		}
	})
}

#[test]
fn a_run_says_what_every_segment_paid_and_got() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE - 100);
		let fraction = Ppm::percent(20);
		let priced = |instrument| Event::Priced {
			instrument,
			run: RunId(1),
			before: Price(PRICE),
			price: Price(PRICE - 100),
			has_mark: true,
			fraction,
		};
		let settled = |guarantor, due: i128| Event::SegmentSettled {
			guarantor,
			side: SegmentSide::Customers,
			due: Cash(due),
			moved: Cash(due),
			owed: Cash(0),
			custody: customers(guarantor).custody,
		};
		let events = events();
		for event in [
			Event::RunBegun { run: RunId(1) },
			priced(NEAR),
			priced(FAR),
			settled(GUARANTOR, -1_000),
			settled(OTHER, 1_000),
			Event::RunSettled { run: RunId(1), collected: Cash(1_000) },
		] {
			assert!(events.contains(&event), "{event:?} in {events:?}");
		}
		check(11);
		let moved = Event::VariationMargin {
			owner: 11,
			sub: SubAccount(0),
			run: RunId(1),
			amount: Cash(-1_000),
			cash: Cash(999_000),
		};
		assert_eq!(super::events().last(), Some(&moved));
	})
}

#[test]
fn a_run_begins_when_it_is_due_and_anybody_takes_its_steps() {
	Exchange.run(|| {
		open_market();
		let step = || Clearing::advance_settlement(RuntimeOrigin::signed(STRANGER));
		assert_ok!(step());
		assert_eq!(Settled::<Test>::get().pricing, Some(None));
		for instrument in [NEAR, FAR] {
			assert_eq!(step().unwrap().pays_fee, frame_support::dispatch::Pays::No);
			assert_eq!(Settled::<Test>::get().pricing, Some(Some(instrument)));
		}
		assert_ok!(step());
		// The first was due at genesis.
		let due = PERIOD;
		assert_eq!(Settled::<Test>::get(), Settlements { current: RunId(1), pricing: None, due });
		assert_noop!(step(), Error::<Test>::RunNotDue);
		System::set_block_number(due - 1);
		assert_noop!(step(), Error::<Test>::RunNotDue);
		System::set_block_number(due);
		assert_ok!(step());
		assert_eq!(events().last(), Some(&Event::RunBegun { run: RunId(2) }));
	})
}

#[test]
fn the_hook_settles_as_far_as_its_weight_goes() {
	Exchange.run(|| {
		RunWeight::set(ONE_STEP);
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		// A block to begin, two instruments, and the payment.
		let mut pricing = Vec::new();
		for _ in 0..5 {
			next_block();
			assert_ok!(Clearing::do_try_state());
			pricing.push(Settled::<Test>::get().pricing);
		}
		assert_eq!(pricing, [Some(None), Some(Some(NEAR)), Some(Some(FAR)), None, None]);
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		// With two steps' weight it takes half as long.
		RunWeight::set(ONE_STEP.saturating_mul(2));
		System::set_block_number(Settled::<Test>::get().due - 1);
		next_block();
		next_block();
		assert_eq!(Settled::<Test>::get().current, RunId(2));
		// And with none nothing happens, but by hand.
		RunWeight::set(Default::default());
		System::set_block_number(Settled::<Test>::get().due);
		next_block();
		assert_eq!(Settled::<Test>::get().pricing, None);
		assert_ok!(Clearing::advance_settlement(RuntimeOrigin::signed(STRANGER)));
	})
}

#[test]
fn the_hook_settles_within_a_block_where_the_weight_allows() {
	Exchange.run(|| {
		open_market();
		next_block();
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		while System::block_number() < PERIOD {
			assert_eq!(Settled::<Test>::get().current, RunId(1));
			next_block();
		}
		assert_eq!(Settled::<Test>::get().current, RunId(2));
	})
}

#[test]
fn runs_do_not_drift_and_are_not_made_up_for_after_a_halt() {
	Exchange.run(|| {
		// Three steps of a run take three blocks.
		RunWeight::set(ONE_STEP);
		open_market();
		for _ in 0..5 {
			next_block();
		}
		assert_eq!((Settled::<Test>::get().current, Settled::<Test>::get().due), (RunId(1), PERIOD));
		System::set_block_number(5 * PERIOD + 3);
		RunWeight::set(ONE_STEP.saturating_mul(100));
		next_block();
		assert_eq!((Settled::<Test>::get().current, Settled::<Test>::get().due), (RunId(2), 6 * PERIOD + 4));
		next_block();
		assert_eq!(Settled::<Test>::get().current, RunId(2));
	})
}

#[test]
fn an_instrument_that_cannot_be_priced_is_quarantined_and_the_run_goes_on() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		// No settlement price is as far off as this: the next one is out of bounds.
		Instruments::<Test>::mutate(FAR, |far| {
			let far = far.as_mut().unwrap();
			far.settlement.price = Price(i64::MIN);
			far.settlement.fix = Some(Price(i64::MAX));
		});
		settle_at(PRICE + 100);
		assert!(instrument(FAR).quarantined);
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		check(11);
		assert_eq!(cash(11), 1_001_000);
	})
}

#[test]
fn a_hedged_account_is_not_hit_by_one_leg_first() {
	Exchange.run(|| {
		open_market_with([(11, 8_000), (12, 1_000_000), (OTHERS_CUSTOMER, 1_000_000), (GUARANTOR, 10_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		far(12, 11, 10, PRICE);
		fix(CLASS, PRICE - 1_000);
		// 8,000 of cash, 10,000 lost on the one month and gained on the other.
		for _ in 0..3 {
			take_steps(1);
			check(11);
			assert_eq!((cash(11), account(11).state.is_open()), (8_000, true));
			assert_eq!(instrument(NEAR).settlement, instrument(FAR).settlement);
		}
		take_steps(1);
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		check(11);
		assert_eq!((cash(11), account(11).state.is_open()), (8_000, true));
		assert_eq!(ledger(GUARANTOR, SegmentSide::House).given, Cash(0));
	})
}

#[test]
fn prices_are_in_force_with_the_run_not_before() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		fix(CLASS, PRICE + 500);
		take_steps(3);
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE));
		assert_eq!(instrument(NEAR).staged.unwrap().price, Price(PRICE + 500));
		assert_eq!((customers(GUARANTOR).staged, customers(OTHER).staged), (Cash(5_000), Cash(-5_000)));
		assert_eq!(view(11).cash, Cash(1_000_000));
		take_steps(1);
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE + 500));
		assert_eq!(view(11).cash, Cash(1_005_000));
	})
}

#[test]
fn a_fix_that_comes_while_a_run_is_priced_is_of_the_instruments_that_are_left() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		far(11, OTHERS_CUSTOMER, 10, PRICE);
		take_steps(2);
		fix(CLASS, PRICE + 500);
		take_steps(2);
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE));
		assert_eq!(instrument(FAR).settlement.price, Price(PRICE + 500));
		assert_eq!(view(11).cash, Cash(1_005_000));
		assert_paid();
		settle();
		assert_eq!(view(11).cash, Cash(1_010_000));
	})
}

#[test]
fn a_trade_while_a_run_is_priced_is_settled_exactly() {
	// Before its instrument has a price, and after.
	for steps in [1, 2, 3] {
		Exchange.run(|| {
			open_market();
			trade(11, OTHERS_CUSTOMER, 10, PRICE);
			fix(CLASS, PRICE + 100);
			take_steps(steps);
			trade(12, OTHER, 7, PRICE + 30);
			trade(OTHERS_CUSTOMER, 11, 4, PRICE + 60);
			assert_ok!(Clearing::do_try_state());
			take_steps(4 - steps);
			assert_ok!(Clearing::do_try_state());
			let cash = |who| view(who).cash.0;
			assert_eq!((cash(12), cash(OTHER)), (1_000_490, 1_999_510));
			assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (1_000_840, 999_160));
			// What the run moved is what they have.
			assert_paid();
			settle();
			assert_eq!((cash(12), cash(11)), (1_000_490, 1_000_840));
			assert_paid();
		});
	}
}

/// The closed lots' gain was staged, and booked again when they were closed: the run asked the other side for it twice, and its
/// guarantor was called for money that nobody owed.
#[test]
fn a_position_that_is_closed_after_it_was_priced_is_not_paid_twice() {
	Exchange.run(|| {
		open_market_with([(11, 100_000), (OTHERS_CUSTOMER, 6_100), (GUARANTOR, 10_000), (OTHER, 1_000)]);
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		fix(CLASS, PRICE + 600);
		take_steps(2);
		trade(OTHERS_CUSTOMER, 11, 10, PRICE + 600);
		assert_eq!((cash(11), cash(OTHERS_CUSTOMER)), (106_000, 100));
		take_steps(2);
		assert_eq!((customers(GUARANTOR).custody, customers(OTHER).custody), (Cash(106_000), Cash(100)));
		assert_paid();
		assert!(MarginCalls::<Test>::iter().next().is_none());
	})
}

#[test]
fn what_was_traded_while_a_run_was_priced_is_withdrawable_once_it_is_paid() {
	Exchange.run(|| {
		open_market_with([(11, 10_000), (12, 100_000), (OTHERS_CUSTOMER, 100_000), (OTHER, 10_000)]);
		trade(OTHERS_CUSTOMER, 11, 10, PRICE);
		fix(CLASS, PRICE + 100);
		take_steps(2);
		// It lost 1,000 in this run on ten lots, and gains 1,000 on ten others, bought after the price was known.
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		assert_eq!(lots(11), 0);
		take_steps(2);
		// Its segment has all that it can withdraw.
		check(11);
		assert_eq!(view(11).withdrawable, Cash(10_000));
		assert_eq!(customers(GUARANTOR).custody, Cash(110_000));
		assert_paid();
	})
}

#[test]
fn a_run_without_a_mark_keeps_the_price() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		let before = instrument(NEAR).settlement;
		pass(parameters().max_fix_age + 1);
		settle();
		let after = instrument(NEAR).settlement;
		assert_eq!(after, Settlement { run: RunId(1), ..before });
		let kept = Event::Priced {
			instrument: NEAR,
			run: RunId(1),
			before: Price(PRICE),
			price: Price(PRICE),
			has_mark: false,
			fraction: Ppm::percent(20),
		};
		assert!(events().contains(&kept));
		assert_eq!(view(11).cash, Cash(1_000_000));
		assert_paid();
	})
}

#[test]
fn new_parameters_bind_when_the_next_run_begins() {
	Exchange.run(|| {
		open_market();
		let mut next = parameters();
		next.margin.maintenance = Ppm::percent(90);
		let set = |parameters| Clearing::set_parameters(RuntimeOrigin::root(), parameters);
		assert_ok!(set(next));
		assert_eq!(events().last(), Some(&Event::ParametersApproved { parameters: next }));
		assert_eq!(Parameters::<Test>::get(), parameters());
		take_steps(1);
		assert_eq!(Parameters::<Test>::get(), next);
		// What is decided while a run is priced is for the one after it.
		assert_ok!(set(parameters()));
		take_steps(3);
		assert_eq!(Parameters::<Test>::get(), next);
		settle();
		assert_eq!((Parameters::<Test>::get(), PendingParameters::<Test>::get()), (parameters(), None));
		let invalid = ClearingParameters { trade_window: 0, ..parameters() };
		assert_noop!(set(invalid), Error::<Test>::InvalidParameters);
		let by_nobody = Clearing::set_parameters(RuntimeOrigin::signed(GUARANTOR), next);
		assert_eq!(by_nobody, Err(sp_runtime::DispatchError::BadOrigin));
	})
}

#[test]
fn fees_are_collected_with_the_run() {
	Exchange.run(|| {
		open_market();
		let mut trade = a_trade(11, OTHER, 10, PRICE);
		(trade.buyer.fee, trade.seller.fee) = (Cash(700), Cash(300));
		try_trade(&trade).unwrap();
		let total = TotalCustody::<Test>::get();
		settle_at(PRICE + 50);
		assert_eq!(dollars(FEES), ENDOWMENT + 1_000);
		assert_eq!(TotalCustody::<Test>::get(), Cash(total.0 - 1_000));
		let collected = |guarantor, side, amount| Event::FeesCollected { guarantor, side, amount: Cash(amount) };
		assert!(events().contains(&collected(GUARANTOR, SegmentSide::Customers, 700)));
		assert!(events().contains(&collected(OTHER, SegmentSide::House, 300)));
		let mut told = Collected::get();
		told.sort_unstable();
		assert_eq!(told, [(GUARANTOR, 700), (OTHER, 300)]);
		assert_eq!((customers(GUARANTOR).fees, customers(GUARANTOR).custody), (Cash(0), Cash(2_999_800)));
		assert_eq!((view(11).cash, view(OTHER).cash), (Cash(999_800), Cash(1_999_200)));
		assert_paid();
	})
}

#[test]
fn fees_wait_where_custody_does_not_have_them() {
	Exchange.run(|| {
		open_market_with([(11, 6_100), (OTHERS_CUSTOMER, 100_000)]);
		let mut trade = a_trade(11, OTHERS_CUSTOMER, 10, PRICE);
		trade.buyer.fee = Cash(100);
		try_trade(&trade).unwrap();
		settle_at(PRICE - 1_000);
		assert_eq!((customers(GUARANTOR).custody, customers(GUARANTOR).fees), (Cash(0), Cash(100)));
		deposit(11, 4_000);
		settle();
		assert_eq!((customers(GUARANTOR).custody, customers(GUARANTOR).fees), (Cash(0), Cash(0)));
		assert_eq!((dollars(FEES), cash(11)), (ENDOWMENT + 100, 0));
	})
}

#[test]
fn an_instrument_listed_while_a_run_is_priced_is_in_it_if_its_turn_comes() {
	Exchange.run(|| {
		open_market();
		take_steps(3);
		let (before, after) = (InstrumentId(0), InstrumentId(9));
		for id in [before, after] {
			assert_ok!(Clearing::list(id, terms(), Price(PRICE)));
			try_trade(&Trade { instrument: id, ..a_trade(11, OTHERS_CUSTOMER, 10, PRICE) }).unwrap();
		}
		fix(CLASS, PRICE + 100);
		take_steps(2);
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		let prices = [before, after].map(|id| instrument(id).settlement.price.0);
		assert_eq!(prices, [PRICE, PRICE + 100]);
		assert_paid();
		settle();
		assert_eq!(view(11).cash, Cash(1_002_000));
	})
}

#[test]
fn an_instrument_delisted_while_a_run_is_priced_leaves_nothing_behind() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		fix(CLASS, PRICE + 100);
		take_steps(2);
		trade(OTHERS_CUSTOMER, 11, 10, PRICE + 50);
		assert_ok!(Clearing::delist(NEAR));
		take_steps(2);
		assert_paid();
		assert_eq!((view(11).cash, view(OTHERS_CUSTOMER).cash), (Cash(1_000_500), Cash(999_500)));
	})
}

#[test]
fn a_run_of_an_empty_exchange_is_a_run() {
	Exchange.run(|| {
		settle();
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		assert_eq!(events().last(), Some(&Event::RunSettled { run: RunId(1), collected: Cash(0) }));
	})
}

#[test]
fn every_account_is_checked_in_its_turn() {
	Exchange.run(|| {
		open_market();
		assert_ok!(try_deposit(11, 1, 10_000));
		// From one account to seven, two a block: after a whole round from any point, all were looked at.
		for extra in [0, 1] {
			if extra == 1 {
				assert_ok!(try_deposit(11, 2, 10_000));
			}
			let count = u64::try_from(Accounts::<Test>::iter().count()).unwrap();
			for offset in 0..5 {
				(0..offset).for_each(|_| next_block());
				settle();
				assert_ok!(Clearing::do_try_state());
				(0..count.div_ceil(2)).for_each(|_| next_block());
				let run = Settled::<Test>::get().current;
				let rolled: Vec<_> = Accounts::<Test>::iter_values().map(|account| account.rolled.0).collect();
				assert!(rolled.iter().all(|rolled| *rolled == run.0), "{count}, {offset}: {rolled:?} of {run:?}");
			}
		}
	})
}

#[test]
fn an_account_that_cannot_be_checked_does_not_stop_the_next() {
	Exchange.build().execute_with(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		settle_at(PRICE + 100);
		// The first in the order of storage holds what is not listed.
		let (owner, sub) = Accounts::<Test>::iter_keys().next().unwrap();
		let unlisted = Position { instrument: InstrumentId(77), lots: Lots(1), basis: Price(0) };
		Accounts::<Test>::mutate(owner, sub, |account| {
			account.as_mut().unwrap().positions.try_push(unlisted).unwrap();
		});
		let check = Clearing::check_account(RuntimeOrigin::signed(STRANGER), owner, sub);
		assert_eq!(check.unwrap_err(), Error::<Test>::UnknownInstrument.into());
		(0..3).for_each(|_| next_block());
		let behind = Accounts::<Test>::iter().filter(|(.., account)| account.rolled == RunId(0));
		assert_eq!(behind.map(|(owner, ..)| owner).collect::<Vec<_>>(), [owner]);
	})
}
