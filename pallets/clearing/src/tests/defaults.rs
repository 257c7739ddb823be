//! A guarantor that fails: what becomes of its customers, of its own positions, and of itself.

use super::*;
use gcx_primitives::{Guarantors as _, InsurancePool as _, Trade};
use pallet_insurance::{Pallet as Pool, SaleId};

pub(super) fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A third guarantor, and its first customer.
pub(super) const THIRD: AccountId = 3;
pub(super) const THIRDS_CUSTOMER: AccountId = 31;

/// Admits a third guarantor, whose house has so much cash.
pub(super) fn admit_third(cash: Balance) {
	assert_ok!(Guarantor::apply(signed(THIRD), BOND));
	deposit(THIRD, cash);
	assert_ok!(Guarantor::admit(RuntimeOrigin::root(), THIRD));
}

/// Somebody becomes a guarantor's customer, or moves there with all it has.
pub(super) fn join(who: AccountId, guarantor: AccountId) {
	assert_ok!(try_join(who, guarantor));
}

pub(super) fn try_join(who: AccountId, guarantor: AccountId) -> sp_runtime::DispatchResult {
	frame_support::storage::with_storage_layer(|| {
		Guarantor::request(signed(who), guarantor)?;
		Guarantor::accept(signed(guarantor), who, limits()).map_err(|it| it.error)?;
		Ok(())
	})
}

/// What of the pool is whose.
pub(super) fn fund(own: Balance, skin: Balance, others: Balance, outside: Balance) {
	for (guarantor, amount) in [(GUARANTOR, own), (OTHER, others)] {
		if amount > 0 {
			assert_ok!(Pool::<Test>::contribute(signed(guarantor), amount));
		}
	}
	if skin > 0 {
		assert_ok!(Pool::<Test>::fund_skin(signed(STRANGER), skin));
	}
	if outside > 0 {
		assert_ok!(Pool::<Test>::deposit(signed(40), outside, 0));
	}
}

/// Buys so many bonded tokens of a sale at the price of now.
pub(super) fn buy(sale: u32, amount: Balance) {
	assert_ok!(Pool::<Test>::buy(signed(39), SaleId(sale), amount, Price(i64::MAX)));
}

/// Times of an hour, trades of a minute, no gate, and no run unless a test says so.
pub(super) fn calm_rules() {
	govern(|parameters| {
		parameters.trade_window = 60_000;
		parameters.margin_call_period = HOUR;
		parameters.default.porting_period = HOUR;
		parameters.default.auction_period = HOUR;
		parameters.cover.multiple = Ppm(u32::MAX);
	});
	hold_runs();
}

pub(super) fn hold_runs() {
	Settled::<Test>::mutate(|settlements| settlements.due = 1_000_000);
}

/// A run at a new fix, and none after it.
pub(super) fn run_at(price: i64) {
	settle_at(price);
	hold_runs();
}

/// What layers took since the last default began, in order: which, what it had, what it took.
pub(super) fn layers(guarantor: AccountId) -> Vec<(Layer, i128, i128)> {
	let all = events();
	let is_begin = |event: &Event<Test>| matches!(event, Event::Defaulted { guarantor: who, .. } if *who == guarantor);
	let begin = all.iter().rposition(is_begin).expect("it is in default");
	let of = |event: &Event<Test>| match event {
		Event::LayerTaken { guarantor: who, layer, had, took, left, .. } if *who == guarantor => {
			assert_eq!(had.0 - took.0, left.0, "{layer:?}");
			Some((*layer, had.0, took.0))
		},
		_ => None,
	};
	all[begin..].iter().filter_map(of).collect()
}

pub(super) fn stage(guarantor: AccountId) -> Option<Stage> {
	Defaults::<Test>::get(guarantor).map(|failure| failure.stage)
}

/// A block a minute, with fresh prices.
pub(super) fn minutes(count: u64) {
	for _ in 0..count {
		pass(57_000);
		for class in [CLASS, OTHER_CLASS] {
			if let Some(price) = last_fix(class) {
				fix(class, price);
			}
		}
		next_block();
	}
}

/// Governance says that a guarantor has failed, and clearing sees it.
pub(super) fn fail(guarantor: AccountId) {
	assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), guarantor, GuarantorState::Defaulted));
	check(guarantor);
	assert!(matches!(stage(guarantor), Some(Stage::Porting { .. })));
}

/// Goes on until what a failed house holds is for sale. It can be taken at mark in this very block.
pub(super) fn to_auction(guarantor: AccountId) {
	for _ in 0..200 {
		if matches!(stage(guarantor), Some(Stage::Auction { .. })) {
			return;
		}
		minutes(1);
	}
	panic!("no auction: {:?}", stage(guarantor));
}

pub(super) fn try_take_part(who: AccountId, owner: AccountId, part: Ppm) -> sp_runtime::DispatchResult {
	frame_support::storage::with_storage_layer(|| {
		Clearing::bid(signed(who), SubAccount(0), owner, SubAccount(0), part, Cash(0))
	})
}

pub(super) fn take_part(who: AccountId, owner: AccountId, part: Ppm) {
	assert_ok!(try_take_part(who, owner, part));
}

/// Goes on, three seconds a block, until the default is worked out or so many blocks are over.
pub(super) fn work_out(guarantor: AccountId, blocks: u64) {
	for _ in 0..blocks {
		if stage(guarantor) == Some(Stage::Settled) {
			return;
		}
		next_block();
	}
}

/// The default is worked out: nothing is owed or lent, and layers took exactly the loss.
pub(super) fn assert_settled(guarantor: AccountId, loss: i128) {
	assert_eq!(stage(guarantor), Some(Stage::Settled), "{:?}", Defaults::<Test>::get(guarantor));
	let failure = Defaults::<Test>::get(guarantor).unwrap();
	let took: i128 = layers(guarantor).iter().filter(|(layer, ..)| *layer > Layer::Customer).map(|it| it.2).sum();
	assert_eq!((failure.loss.0, failure.taken.0, took), (loss, loss, loss));
	let settled = Event::DefaultSettled { guarantor, loss: Cash(loss), taken: Cash(loss) };
	assert!(events().contains(&settled), "{:?}", events().last());
	assert!(cash(guarantor) >= 0 && lots(guarantor) == 0);
}

/// After the next run nobody is owed anything: custody has all that is on the accounts, and in escrow.
pub(super) fn assert_whole() {
	settle();
	for who in Accounts::<Test>::iter_keys() {
		assert_ok!(Clearing::check_account(signed(STRANGER), who.0, who.1));
	}
	for (segment, ledger) in Ledgers::<Test>::iter() {
		let accounts = Accounts::<Test>::iter_values().filter(|account| account.segment == segment);
		let sum: i128 = accounts.map(|account| account.cash.0).sum();
		let had = Cash(sum + ledger.escrow.0);
		assert_eq!((ledger.owed, ledger.borrowed, ledger.custody), (Cash(0), Cash(0), had), "{segment:?}");
		assert_eq!(Pool::<Test>::lent(&segment.guarantor), Cash(0));
	}
}

pub(super) fn customers(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::Customers)
}

pub(super) fn house(guarantor: AccountId) -> Ledger {
	ledger(guarantor, SegmentSide::House)
}

/// The house of the first guarantor has 100,000 and is short a hundred lots; another's customer has them.
pub(super) fn house_is_short() {
	calm_rules();
	open_market_with([(OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, 100_000), (12, 80_000)]);
	trade(OTHERS_CUSTOMER, GUARANTOR, 100, PRICE);
}

/// A price at which the house that is short owes `loss` after all that it has.
pub(super) fn price_of(loss: i64) -> i64 {
	PRICE + (100_000 + loss) / 100
}

/// The same house owes `loss` after all it had, and is in default.
pub(super) fn house_owes(loss: i64) {
	house_is_short();
	run_at(price_of(loss));
	check(GUARANTOR);
	assert_eq!(cash(GUARANTOR), -i128::from(loss));
	fail(GUARANTOR);
}

/// The house's lots are taken at mark as soon as they are for sale.
pub(super) fn sell_house() {
	to_auction(GUARANTOR);
	take_part(OTHER, GUARANTOR, Ppm::ONE);
	assert_eq!(lots(GUARANTOR), 0);
}

/// Customer 11 with 700,000 is short a thousand lots behind a house of 100,000. The price rises by 1,100 at once: 400,000 are lost
/// beyond what it has, 300,000 beyond its guarantor's house.
fn bad_day() {
	open_market_with([
		(11, 700_000),
		(12, 80_000),
		(OTHERS_CUSTOMER, 2_000_000),
		(OTHER, 2_000_000),
		(GUARANTOR, 100_000),
	]);
	trade(OTHERS_CUSTOMER, 11, 600, PRICE);
	trade(OTHER, 11, 400, PRICE);
	minutes(11);
	fix(CLASS, PRICE + 1_100);
	refresh(NEAR);
}

#[test]
fn a_gap_ruins_a_customer_and_its_guarantor_and_the_layers_bear_it_in_order() {
	Exchange.run(|| {
		BondPrice::set(20);
		govern(|parameters| parameters.cover.multiple = Ppm(u32::MAX));
		fund(30_000, 100_000, 60_000, 500_000);
		bad_day();
		let issued = issuance();
		next_block();
		assert!(account(11).state.is_liquidating());
		// Nobody takes it at mark: it has no equity that a discount could come out of.
		minutes(31);
		assert_eq!((lots(11), lots(GUARANTOR), cash(11)), (0, -1_000, 0));
		assert_eq!(view(GUARANTOR).margin.equity, Cash(100_000 - 400_000));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		// The run is paid in full: the pool lends what is missing.
		settle();
		assert_eq!(customers(OTHER).owed, Cash(0));
		assert!(house(GUARANTOR).borrowed > Cash(0) || customers(GUARANTOR).borrowed > Cash(0));
		minutes(121);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		assert!(matches!(stage(GUARANTOR), Some(Stage::Porting { .. })), "{:?}", stage(GUARANTOR));
		minutes(24 * 60 + 2);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Auction { .. })), "{:?}", stage(GUARANTOR));
		// The other guarantor's house takes it.
		assert_ok!(Clearing::bid(signed(OTHER), SubAccount(0), GUARANTOR, SubAccount(0), Ppm::ONE, Cash(0)));
		minutes(20);
		let loss = Defaults::<Test>::get(GUARANTOR).unwrap().loss;
		assert_settled(GUARANTOR, loss.0);
		assert_eq!((cash(GUARANTOR), cash(12)), (0, 80_000));
		assert_whole();
		assert_eq!(issuance(), issued);
	})
}

#[test]
fn customers_move_with_all_their_money_while_they_can() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		trade(12, OTHER, 50, PRICE);
		run_at(PRICE + 2_000);
		fail(GUARANTOR);
		join(12, OTHER);
		assert_eq!((lots(12), cash(12)), (50, 180_000));
		assert_eq!(account(12).segment, segment(OTHER, SegmentSide::Customers));
		to_auction(GUARANTOR);
		// Nobody closes it out.
		assert_eq!((lots(12), account(12).state.is_open()), (50, true));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 100_000);
		assert_whole();
		assert_eq!(cash(12), 180_000);
		trade(OTHER, 12, 50, PRICE + 2_000);
		settle();
		open_fuse();
		assert_ok!(try_withdraw(12, 0, 18_000));
	})
}

/// They paid the penalty of who is liquidated for its own fault, to the house that had failed.
#[test]
fn customers_that_stay_are_closed_out_and_keep_their_money_to_the_unit() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		deposit(13, 100_000);
		trade(12, OTHER, 50, PRICE);
		trade(OTHER, 13, 20, PRICE);
		let issued = issuance();
		run_at(PRICE + 2_000);
		fail(GUARANTOR);
		assert_noop!(try_withdraw(12, 0, 200_000), Error::<Test>::InsufficientCash);
		minutes(62);
		assert_eq!(stage(GUARANTOR), Some(Stage::CloseOut));
		assert!(account(12).state.is_liquidating() && account(13).state.is_liquidating());
		// Who is closed out cannot move any more.
		assert_noop!(try_join(12, OTHER), Error::<Test>::OwesCash);
		// The one's lots are taken by the other guarantor's house at once, at mark; the other's by nobody.
		take_part(OTHER, 12, Ppm::ONE);
		to_auction(GUARANTOR);
		assert_eq!((lots(12), lots(13), lots(GUARANTOR)), (0, 0, -120));
		// It is not their fault: both sell at mark, and pay no penalty.
		assert_eq!((cash(12), cash(13)), (180_000, 60_000));
		assert!(account(12).state.is_open() && account(13).state.is_open());
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 100_000);
		assert_whole();
		assert_eq!((cash(12), cash(13)), (180_000, 60_000));
		open_fuse();
		assert_ok!(try_withdraw(12, 0, 17_970));
		assert_ok!(try_withdraw(13, 0, 6_000));
		assert_eq!(issuance(), issued);
	})
}

/// 11 and its guarantor's house have 60,000 each, and are short a hundred lots each. Both lose a hundred thousand: 40,000 are
/// missing in either segment, and lent.
fn both_owe() {
	fund(0, 500_000, 0, 0);
	calm_rules();
	open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, 60_000)]);
	trade(OTHERS_CUSTOMER, 11, 100, PRICE);
	trade(OTHER, GUARANTOR, 100, PRICE);
	run_at(PRICE + 1_000);
	check(11);
	assert_eq!((customers(GUARANTOR).borrowed, house(GUARANTOR).borrowed), (Cash(40_000), Cash(40_000)));
	assert_eq!((customers(GUARANTOR).gaps, customers(GUARANTOR).received), (Cash(40_000), Cash(0)));
	assert_eq!((customers(OTHER).owed, house(OTHER).owed), (Cash(0), Cash(0)));
}

#[test]
fn what_was_lent_is_repaid_when_the_guarantor_meets_its_call() {
	Exchange.run(|| {
		both_owe();
		// Two debts of 40,000, and the maintenance margin of a hundred lots at 900: 800 in multiples of 300.
		assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(80_000 + 67_500));
		deposit(GUARANTOR, 30_000);
		assert_eq!((customers(GUARANTOR).borrowed, house(GUARANTOR).borrowed), (Cash(40_000), Cash(10_000)));
		deposit(GUARANTOR, 30_000);
		assert_eq!((customers(GUARANTOR).borrowed, house(GUARANTOR).borrowed), (Cash(20_000), Cash(0)));
		assert_eq!((customers(GUARANTOR).received, house(GUARANTOR).given), (Cash(20_000), Cash(20_000)));
		deposit(GUARANTOR, 87_500);
		assert_eq!((customers(GUARANTOR).borrowed, house(GUARANTOR).borrowed), (Cash(0), Cash(0)));
		assert_eq!((Pool::<Test>::lent(&GUARANTOR), MarginCalls::<Test>::get(GUARANTOR)), (Cash(0), None));
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Active));
		assert_eq!(dollars(INSURANCE), 500_000 + MINIMUM);
	})
}

/// Given, received and borrowed are all there at once, and what is lent is forgiven in both segments.
#[test]
fn what_was_lent_to_both_segments_is_forgiven() {
	Exchange.run(|| {
		both_owe();
		// A part of it is an advance of the house.
		deposit(GUARANTOR, 55_000);
		assert_eq!((customers(GUARANTOR).borrowed, house(GUARANTOR).borrowed), (Cash(25_000), Cash(0)));
		assert_eq!((house(GUARANTOR).given, cash(GUARANTOR)), (Cash(15_000), 15_000));
		run_at(PRICE + 1_200);
		check(11);
		assert_eq!((cash(11), cash(GUARANTOR)), (-60_000, -5_000));
		assert!(house(GUARANTOR).given == Cash(15_000) && house(GUARANTOR).borrowed == Cash(20_000));
		assert_eq!((customers(GUARANTOR).borrowed, customers(GUARANTOR).gaps), (Cash(45_000), Cash(60_000)));
		minutes(62);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		to_auction(GUARANTOR);
		assert_eq!((lots(11), cash(11), lots(GUARANTOR), cash(GUARANTOR)), (0, 0, -200, -65_000));
		assert_eq!((house(GUARANTOR).given, house(GUARANTOR).borrowed), (Cash(0), Cash(65_000)));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 65_000);
		// All of it was lent: no money moved any more.
		assert_eq!(dollars(INSURANCE), 435_000 + MINIMUM);
		assert_whole();
	})
}

/// A customer of a guarantor without a house owes 40,000.
fn houseless() {
	calm_rules();
	open_market_with([(11, 60_000), (12, 5_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000)]);
	// What customers lack is gated by a house.
	govern(|parameters| parameters.cover.multiple = Ppm(u32::MAX));
	trade(OTHERS_CUSTOMER, 11, 100, PRICE);
	run_at(PRICE + 1_000);
	check(11);
	assert_eq!(MarginCalls::<Test>::get(GUARANTOR).unwrap().needed, Cash(40_000));
	minutes(62);
	assert!(matches!(stage(GUARANTOR), Some(Stage::Porting { .. })));
}

#[test]
fn a_guarantor_without_a_house_gets_one_to_fail_in() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		houseless();
		to_auction(GUARANTOR);
		// The minimum balance of its custody account is a part of the loss.
		assert_eq!((cash(GUARANTOR), lots(GUARANTOR)), (-40_010, -100));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 40_010);
		assert_eq!((cash(11), cash(12)), (0, 5_000));
		assert_whole();
	})
}

/// With nothing in the pool its default stood still for ever, and its customers' money with it.
#[test]
fn anybody_can_give_a_failed_house_its_minimum_balance() {
	Exchange.run(|| {
		houseless();
		minutes(70);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Porting { .. })));
		give(GUARANTOR, SegmentSide::House, MINIMUM);
		to_auction(GUARANTOR);
		assert_eq!((cash(GUARANTOR), lots(GUARANTOR)), (-40_000, -100));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		minutes(12);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Gains)));
	})
}

/// A house account without money could be closed, and nothing could be handed over any more.
#[test]
fn a_failed_house_stays_open() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		calm_rules();
		open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000)]);
		deposit(GUARANTOR, 1_000_000);
		trade(OTHERS_CUSTOMER, 11, 20, PRICE);
		open_fuse();
		while cash(GUARANTOR) > 2_000 {
			let most = view(GUARANTOR).withdrawable.0.min(50_000);
			assert_ok!(try_withdraw(GUARANTOR, 0, u128::try_from(most).unwrap()));
			next_hour();
			fix(CLASS, PRICE);
			refresh(NEAR);
		}
		// All it has left goes for its customer, which pays that back and more when its guarantor is in default.
		run_at(PRICE + 3_100);
		check(11);
		assert_eq!((cash(11), house(GUARANTOR).given), (-2_000, Cash(2_000)));
		fail(GUARANTOR);
		to_auction(GUARANTOR);
		assert_eq!((cash(11), cash(GUARANTOR), lots(GUARANTOR)), (0, 0, -20));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		assert_noop!(try_close(GUARANTOR, 0), Error::<Test>::HouseFundsLocked);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 0);
		assert_ok!(try_close(GUARANTOR, 0));
	})
}

#[test]
fn only_governance_brings_a_guarantor_back_and_only_when_all_is_settled() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_owes(100_000);
		let back = |state| Guarantor::set_state(RuntimeOrigin::root(), GUARANTOR, state);
		let refused: sp_runtime::DispatchError = pallet_guarantor::Error::<Test>::DefaultOpen.into();
		assert_noop!(back(GuarantorState::ReduceOnly), refused);
		sell_house();
		assert_noop!(back(GuarantorState::ReduceOnly), refused);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 100_000);
		assert_noop!(Clearing::advance_default(signed(STRANGER), GUARANTOR), Error::<Test>::NothingToDo);
		// Money does not.
		deposit(GUARANTOR, 50_000);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		assert_ok!(back(GuarantorState::ReduceOnly));
		assert_ok!(back(GuarantorState::Active));
		check(GUARANTOR);
		assert_eq!(Defaults::<Test>::get(GUARANTOR), None);
		assert_noop!(Clearing::advance_default(signed(STRANGER), GUARANTOR), Error::<Test>::NotInDefault);
		// It can fail again, with all the time there is.
		let price = price_of(100_000);
		trade(OTHERS_CUSTOMER, GUARANTOR, 10, price);
		minutes(3);
		run_at(price + 6_000);
		fail(GUARANTOR);
		assert_eq!(stage(GUARANTOR), Some(Stage::Porting { until: now() + HOUR }));
		assert_eq!(Defaults::<Test>::get(GUARANTOR).unwrap().taken, Cash(0));
		sell_house();
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 10_000);
		assert_whole();
	})
}

#[test]
fn a_default_begins_in_the_middle_of_a_run() {
	for steps in 1..=3 {
		Exchange.run(|| {
			fund(0, 500_000, 0, 0);
			house_is_short();
			fix(CLASS, price_of(100_000));
			take_steps(steps);
			fail(GUARANTOR);
			assert_eq!(
				Defaults::<Test>::get(GUARANTOR).unwrap().house_funds,
				Cash(if steps < 2 { 100_000 } else { 0 })
			);
			settle();
			hold_runs();
			assert_eq!(customers(OTHER).owed, Cash(0));
			sell_house();
			work_out(GUARANTOR, 20);
			assert_settled(GUARANTOR, if steps < 2 { 200_000 } else { 100_000 });
			assert_whole();
		});
	}
}

#[test]
fn two_guarantors_fail_in_one_block_and_each_is_worked_out() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		admit_third(100_000);
		trade(OTHER, THIRD, 100, PRICE);
		let issued = issuance();
		run_at(PRICE + 2_000);
		for who in [GUARANTOR, THIRD] {
			fail(who);
		}
		to_auction(THIRD);
		to_auction(GUARANTOR);
		// One that failed takes nothing of another.
		assert_noop!(try_take_part(THIRD, GUARANTOR, Ppm::ONE), Error::<Test>::TakerReduceOnly);
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		take_part(OTHER, THIRD, Ppm::ONE);
		work_out(GUARANTOR, 20);
		work_out(THIRD, 20);
		assert_settled(GUARANTOR, 100_000);
		assert_settled(THIRD, 100_000);
		assert_eq!(Pool::<Test>::size(), Cash(300_000));
		assert_whole();
		assert_eq!(issuance(), issued);
	})
}

/// The chain looked at the first two, and at nobody else as long as those waited.
#[test]
fn who_waits_does_not_hold_up_the_others() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		admit_third(100_000);
		for who in [GUARANTOR, OTHER, THIRD] {
			fail(who);
		}
		let all = [GUARANTOR, OTHER, THIRD];
		let order: Vec<_> = Defaults::<Test>::iter_keys().collect();
		assert_eq!(order.len(), all.len());
		// Two of them have a week.
		for who in &order[..2] {
			Defaults::<Test>::mutate(who, |failure| {
				failure.as_mut().unwrap().stage = Stage::Porting { until: now() + 168 * HOUR };
			});
		}
		minutes(70);
		assert!(!matches!(stage(order[2]), Some(Stage::Porting { .. })), "{:?}", stage(order[2]));
	})
}

#[test]
fn everybody_fails_and_everything_ends() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		trade(OTHER, 12, 20, PRICE);
		let issued = issuance();
		run_at(PRICE + 2_000);
		fail(GUARANTOR);
		fail(OTHER);
		minutes(3 * 60);
		// Nobody is left to take anything.
		assert_eq!(instrument(NEAR).ending, Some(Ending::Settlement));
		run_at(PRICE + 2_100);
		minutes(5);
		// Its customer's twenty lots came to it.
		assert_settled(GUARANTOR, 112_000);
		assert_settled(OTHER, 0);
		assert_whole();
		assert_eq!((cash(OTHERS_CUSTOMER), cash(OTHER)), (2_200_000, 6_052_000));
		assert_eq!((cash(GUARANTOR), cash(12)), (0, 40_000));
		assert_eq!((instrument(NEAR).long, SegmentPositions::<Test>::iter().count()), (Lots(0), 0));
		assert_eq!(issuance(), issued);
	})
}

#[test]
fn nobody_wants_what_a_house_holds() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_owes(100_000);
		to_auction(GUARANTOR);
		minutes(59);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Auction { .. })));
		minutes(12);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::TearUp)));
		assert_eq!((cash(GUARANTOR), lots(GUARANTOR)), (0, -100));
		assert!(events().contains(&Event::TornUp { instrument: NEAR, long: Lots(100), short: Lots(100) }));
		run_at(price_of(100_000));
		minutes(2);
		assert_settled(GUARANTOR, 100_000);
		assert_whole();
		assert_eq!((lots(OTHERS_CUSTOMER), cash(OTHERS_CUSTOMER)), (0, 2_200_000));
	})
}

#[test]
fn houses_take_it_in_parts_with_the_margin_for_them() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		admit_third(40_000);
		join(THIRDS_CUSTOMER, THIRD);
		deposit(THIRDS_CUSTOMER, 500_000);
		run_at(price_of(100_000));
		fail(GUARANTOR);
		assert_noop!(try_take_part(OTHER, GUARANTOR, Ppm::ONE), Error::<Test>::NotForSale);
		to_auction(GUARANTOR);
		// Customers do not bid, nor who has nothing here.
		for who in [THIRDS_CUSTOMER, OTHERS_CUSTOMER, STRANGER] {
			assert!(try_take_part(who, GUARANTOR, Ppm::ONE).is_err());
		}
		assert_noop!(try_take_part(THIRDS_CUSTOMER, GUARANTOR, Ppm::ONE), Error::<Test>::NoHouse);
		assert_noop!(try_take_part(GUARANTOR, GUARANTOR, Ppm::ONE), Error::<Test>::OwnAccount);
		// 40 lots at a range of 1,200 need 48,000: 5,000 come in multiples of 300.
		assert_noop!(try_take_part(THIRD, GUARANTOR, Ppm::percent(40)), Error::<Test>::TakerMargin);
		take_part(THIRD, GUARANTOR, Ppm::percent(30));
		assert_eq!((lots(THIRD), lots(GUARANTOR)), (-30, -70));
		// A quarter of its time later: a quarter of 30 % of 5,000 a lot.
		minutes(15);
		take_part(OTHER, GUARANTOR, Ppm::percent(50));
		assert_eq!((lots(OTHER), lots(GUARANTOR)), (-35, -35));
		assert_eq!((cash(OTHER), cash(GUARANTOR)), (6_000_000 + 35 * 375, -100_000 - 35 * 375));
		// A guarantor that may only reduce takes nothing.
		assert_ok!(Guarantor::set_state(RuntimeOrigin::root(), THIRD, GuarantorState::ReduceOnly));
		assert_noop!(try_take_part(THIRD, GUARANTOR, Ppm::ONE), Error::<Test>::TakerReduceOnly);
		let least = Clearing::bid(signed(OTHER), SubAccount(0), GUARANTOR, SubAccount(0), Ppm::ONE, Cash(13_126));
		assert_eq!(least, Err(Error::<Test>::WorseThanAsked.into()));
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 100_000 + 26_250);
		assert_whole();
	})
}

/// A guarantor that may only reduce could take what it was on the other side of itself.
#[test]
fn a_guarantor_that_may_only_reduce_does_not_close_its_own_at_a_discount() {
	Exchange.run(|| {
		house_is_short();
		admit_third(200_000);
		trade(THIRD, OTHER, 50, PRICE);
		fail(GUARANTOR);
		fail(THIRD);
		to_auction(GUARANTOR);
		minutes(30);
		assert_noop!(try_take_part(THIRD, GUARANTOR, Ppm::percent(50)), Error::<Test>::TakerReduceOnly);
	})
}

/// The auction was over while nobody could bid, and all that its counterparties had in the instrument was torn up.
#[test]
fn an_auction_waits_for_prices() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_owes(100_000);
		to_auction(GUARANTOR);
		minutes(30);
		let price = last_fix(CLASS).unwrap();
		no_fix(CLASS);
		refresh(NEAR);
		minutes(10);
		assert_noop!(try_take_part(OTHER, GUARANTOR, Ppm::ONE), Error::<Test>::NoMark);
		minutes(60);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Auction { .. })), "{:?}", stage(GUARANTOR));
		fix(CLASS, price);
		refresh(NEAR);
		assert_noop!(try_take_part(OTHER, GUARANTOR, Ppm::ONE), Error::<Test>::InGrace);
		minutes(10);
		// It begins anew.
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		assert_eq!(cash(OTHER), 6_000_000);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 100_000);
	})
}

#[test]
fn an_auction_does_not_wait_for_prices_for_ever() {
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_owes(100_000);
		to_auction(GUARANTOR);
		no_fix(CLASS);
		refresh(NEAR);
		minutes(59 + 48 * 60);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Auction { .. })), "{:?}", stage(GUARANTOR));
		minutes(10);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::TearUp)));
		settle();
		minutes(2);
		assert_settled(GUARANTOR, 100_000);
	})
}

/// What was pledged stayed with who had failed, and the pool paid in its place.
#[test]
fn a_failed_house_sells_its_collateral() {
	const TOKEN: CollateralId = CollateralId(0);
	Exchange.run(|| {
		fund(0, 500_000, 0, 0);
		house_is_short();
		let (haircut, account_cap, total_cap) = (Ppm::percent(50), 1_000_000, 1_000_000);
		let figures = CollateralFigures { class: OTHER_CLASS, unit: 10, haircut, account_cap, total_cap };
		assert_ok!(Clearing::admit_collateral(RuntimeOrigin::root(), TOKEN, TOKENS, figures));
		fix(OTHER_CLASS, 30);
		pass(24 * HOUR);
		run_at(PRICE);
		fix(OTHER_CLASS, 30);
		assert_ok!(Clearing::deposit_collateral(signed(GUARANTOR), SubAccount(0), TOKEN, 20_000));
		run_at(price_of(50_000));
		fail(GUARANTOR);
		assert_noop!(try_take_part(STRANGER, GUARANTOR, Ppm::ONE), Error::<Test>::NotForSale);
		to_auction(GUARANTOR);
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		minutes(1);
		assert!(matches!(stage(GUARANTOR), Some(Stage::Auction { .. })), "{:?}", stage(GUARANTOR));
		// A thirtieth of the way from 3 to 1.5 each, for a quarter of it.
		take_part(STRANGER, GUARANTOR, Ppm::percent(25));
		assert_eq!((account(GUARANTOR).collateral(TOKEN), cash(GUARANTOR)), (15_000, -50_000 + 14_751));
		assert_eq!(Assets::balance(TOKENS, STRANGER), ENDOWMENT + 5_000);
		minutes(45);
		take_part(STRANGER, GUARANTOR, Ppm::ONE);
		assert_eq!((account(GUARANTOR).collateral(TOKEN), cash(GUARANTOR)), (0, -50_000 + 14_751 + 22_500));
		minutes(20);
		assert_settled(GUARANTOR, 12_749);
		assert_whole();
	})
}

#[test]
fn a_guarantor_that_is_about_to_fail_takes_nothing_out() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(30_000, 0, 60_000, 0);
		calm_rules();
		open_market_with([(11, 60_000), (OTHERS_CUSTOMER, 2_000_000), (OTHER, 6_000_000), (GUARANTOR, 60_000)]);
		trade(OTHERS_CUSTOMER, 11, 100, PRICE);
		settle();
		hold_runs();
		open_fuse();
		// With customers the smallest house stays in any case.
		assert_noop!(try_withdraw(GUARANTOR, 0, 58_001), Error::<Test>::HouseFundsLocked);
		run_at(PRICE + 1_300);
		check(11);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::ReduceOnly));
		let stays = || {
			assert!(try_withdraw(GUARANTOR, 0, 1).is_err());
			assert!(Pool::<Test>::withdraw_contribution(signed(GUARANTOR), 1).is_err());
			assert!(Guarantor::unbond(signed(GUARANTOR), 1).is_err());
			assert!(Guarantor::exit(signed(GUARANTOR)).is_err());
			// Nor do the others get away from what may become a loss.
			let other = Pool::<Test>::withdraw_contribution(signed(OTHER), 1).map_err(|it| it.error);
			assert_eq!(other.err(), Some(pallet_insurance::Error::<Test>::LossOpen.into()));
		};
		stays();
		minutes(62);
		assert_eq!(Guarantor::state(&GUARANTOR), Some(GuarantorState::Defaulted));
		stays();
		assert!(Guarantor::withdraw_unbonded(signed(STRANGER), GUARANTOR).is_err());
		to_auction(GUARANTOR);
		stays();
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 10_000);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Contribution, 30_000, 10_000)));
	})
}

/// Who leaves in the time in which customers move still answers with what it contributed and bonded.
#[test]
fn nobody_dodges_an_assessment_by_leaving() {
	Exchange.run(|| {
		BondPrice::set(20);
		house_is_short();
		admit_third(40_000);
		assert_ok!(Pool::<Test>::contribute(signed(THIRD), 30_000));
		run_at(price_of(50_000));
		fail(GUARANTOR);
		// It has no customers, and sends its house's money home.
		open_fuse();
		next_hour();
		while cash(THIRD) > 0 {
			let most = Clearing::account_view(THIRD, SubAccount(0)).unwrap().withdrawable.0.min(4_000);
			assert_ok!(try_withdraw(THIRD, 0, u128::try_from(most).unwrap()));
			next_hour();
		}
		assert_ok!(try_close(THIRD, 0));
		assert_ok!(Guarantor::exit(signed(THIRD)));
		let refused = Pool::<Test>::withdraw_contribution(signed(THIRD), 1).map_err(|it| it.error);
		assert_eq!(refused.err(), Some(pallet_insurance::Error::<Test>::LossOpen.into()));
		fix(CLASS, last_fix(CLASS).unwrap());
		sell_house();
		for _ in 0..20 {
			next_block();
		}
		// 50,000 were advanced on the failed one's bond as far as it goes: 30,000. The rest is assessed.
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Assessments)));
		buy(1, Balance::MAX);
		work_out(GUARANTOR, 5);
		assert_settled(GUARANTOR, 50_000);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Assessments, 20_000, 20_000)));
	})
}

/// Trades of the far month by a failed guarantor's customers are refused; the batch goes on.
#[test]
fn under_a_failed_guarantor_one_only_reduces() {
	Exchange.run(|| {
		house_is_short();
		trade(12, OTHER, 20, PRICE);
		fail(GUARANTOR);
		let opens = Trade { instrument: FAR, ..a_trade(12, OTHER, 10, PRICE) };
		assert_eq!(refusal(&opens), (Some(Side::Buy), Refusal::ReduceOnly(ReduceOnlyCause::Guarantor)));
		trade(OTHER, 12, 5, PRICE);
		trade(GUARANTOR, OTHER, 10, PRICE);
		assert_eq!((lots(12), lots(GUARANTOR)), (15, -90));
	})
}
