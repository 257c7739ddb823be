//! Who delivers to whom.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn nominate(who: &AccountId, resource: u32, lots: i64) {
	assert_ok!(Delivery::nominate(signed(who.clone()), SubAccount(0), CONTRACT, ResourceId(resource), Lots(lots)));
}

fn request(who: &AccountId, region: Region) {
	assert_ok!(Delivery::request(signed(who.clone()), SubAccount(0), CONTRACT, region, None, Endpoint::default()));
}

fn stage() -> StageOf<Test> {
	Deliveries::<Test>::get(CONTRACT).expect("it is delivered").stage
}

/// Buyer, seller, lots and backing of all deals, in the order in which they were matched.
fn pairs() -> Vec<(AccountId, AccountId, i64, Backing)> {
	let of = |event| match event {
		Event::Matched { buyer, seller, lots, backing, .. } => Some((buyer.owner, seller.owner, lots.0, backing)),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

/// As long before nominations are closed as a block takes.
fn nearly_closed() {
	block_at(Delivery::start_of(FIRST) - MATCHING - 1_000);
}

fn advance() -> frame_support::dispatch::DispatchResultWithPostInfo {
	Delivery::advance(signed(ANYONE), CONTRACT)
}

#[test]
fn an_offer_is_matched_with_the_oldest_request_of_its_region() {
	Exchange::holding(&[(BUYER, 4), (BUYER_2, 4), (SELLER, -8)]).run(|| {
		deliver();
		nominate(&SELLER, 2, 3);
		nominate(&SELLER, 1, 5);
		request(&BUYER_2, HERE);
		request(&BUYER, HERE);
		assert_eq!(matched().len(), 3);
		let here = Backing::Resource(ResourceId(1));
		let there = Backing::Resource(ResourceId(2));
		let expected = [(BUYER_2, SELLER, 4, here), (BUYER, SELLER, 1, here), (BUYER, SELLER, 3, there)];
		assert_eq!(pairs(), expected);
	})
}

#[test]
fn who_asked_for_nothing_is_matched_all_the_same() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -1), (SELLER, -2)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(2)));
		deliver();
		let deals = matched();
		let mut pairs = pairs();
		pairs.sort_by_key(|(_, _, lots, _)| *lots);
		assert_eq!(pairs, [(BUYER, TRADER, 1, Backing::Deposit), (BUYER, SELLER, 2, Backing::Sold)]);
		assert_eq!(deals.len(), 2);
		let of_trader = Delivery::deals_of(&key(&TRADER));
		let deal = Deals::<Test>::get(of_trader[0]).unwrap();
		assert_eq!((deal.escrow, deal.deposit, deal.key), (Cash(VALUE), Cash(VALUE), None));
	})
}

#[test]
fn what_is_not_nominated_is_matched_after_what_is_and_cover_before_deposit() {
	Exchange::holding(&[(BUYER, 6), (SELLER, -6)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(3)));
		deliver();
		nominate(&SELLER, 1, 1);
		matched();
		let backings: Vec<_> = pairs().into_iter().map(|(_, _, lots, backing)| (lots, backing)).collect();
		let expected = [(1, Backing::Resource(ResourceId(1))), (2, Backing::Sold), (3, Backing::Deposit)];
		assert_eq!(backings, expected);
	})
}

#[test]
fn a_deal_has_the_key_and_the_money_of_its_lots() {
	Exchange::holding(&[(BUYER, 2), (TRADER, -2)]).run(|| {
		deliver();
		let key_of = Some(voucher_key(5));
		let request = (HERE, key_of.clone(), Endpoint::default());
		assert_ok!(Delivery::request(signed(BUYER), SubAccount(0), CONTRACT, request.0, request.1, request.2));
		let deals = matched();
		let deal = Deals::<Test>::get(deals[0]).unwrap();
		assert_eq!((deal.key, deal.lots, deal.from, deal.next), (key_of, Lots(2), FIRST, FIRST));
		assert_eq!((deal.escrow, deal.deposit), (Cash(2 * VALUE), Cash(2 * VALUE)));
		assert_eq!((deal.buyer_segment.guarantor, deal.seller_segment.guarantor), (HOUSE, HOUSE_2));
		let (long, short) = (Longs::<Test>::get(CONTRACT, key(&BUYER)), Shorts::<Test>::get(CONTRACT, key(&TRADER)));
		let (long, short) = (long.unwrap(), short.unwrap());
		assert_eq!((long.left, long.escrow, long.deals), (Lots(0), Cash(0), 1));
		assert_eq!((short.left, short.deposit, short.deals), (Lots(0), Cash(0), 1));
		assert_eq!(Delivery::deals_of(&key(&BUYER)), deals);
	})
}

#[test]
fn the_lottery_is_drawn_from_a_block_after_nominations() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).run(|| {
		BlockWeight::set(Default::default());
		deliver();
		nearly_closed();
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		block_at(Delivery::start_of(FIRST) - MATCHING);
		assert_eq!(advance().unwrap().pays_fee, Pays::No);
		assert!(matches!(stage(), Stage::SameRegion { .. }));
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		Silent::put(true);
		blocks(1);
		assert_noop!(advance(), Error::<Test>::NothingToAdvance);
		Silent::put(false);
		blocks(1);
		assert_ok!(advance());
		assert!(matches!(last_event(), Event::Seeded { .. }) && matches!(stage(), Stage::Drawing { .. }));
		for _ in 0..2 {
			assert_ok!(advance());
		}
		assert_eq!(stage(), Stage::Remainder { after: None });
		assert_ok!(advance());
		assert_ok!(advance());
		assert_eq!(last_event(), Event::AllMatched { instrument: CONTRACT, deals: 1 });
	})
}

#[test]
fn the_invariants_hold_at_each_step() {
	Exchange::holding(&[(BUYER, 7), (BUYER_2, 5), (SELLER, -6), (SELLER_2, -3), (TRADER, -3)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER_2), SubAccount(0), CONTRACT, Lots(2)));
		deliver();
		nominate(&SELLER, 2, 2);
		nominate(&SELLER, 1, 3);
		nominate(&SELLER_2, 3, 1);
		request(&BUYER, THERE);
		request(&BUYER_2, HERE);
		BlockWeight::set(Default::default());
		block_at(Delivery::start_of(FIRST) - MATCHING);
		let mut steps = 0;
		while !matches!(stage(), Stage::Delivering { .. }) {
			assert_ok!(advance());
			assert_eq!(Delivery::violations(), Vec::<String>::new(), "after {steps} steps");
			steps += 1;
			blocks(1);
		}
		assert!(steps > 10);
	})
}

#[test]
fn a_block_takes_as_many_steps_as_fit() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -3)]).run(|| {
		deliver();
		let step = <() as WeightInfo>::close_nominations();
		BlockWeight::set(step.saturating_sub(frame_support::weights::Weight::from_parts(1, 0)));
		block_at(Delivery::start_of(FIRST) - MATCHING);
		assert_eq!(stage(), Stage::Nominating);
		BlockWeight::set(step);
		blocks(1);
		assert!(matches!(stage(), Stage::SameRegion { .. }));
		blocks(1);
		assert!(matches!(stage(), Stage::Drawing { after: None, .. }));
		BlockWeight::set(step.saturating_mul(2));
		blocks(1);
		assert_eq!(stage(), Stage::Remainder { after: None });
	})
}

#[test]
fn deliveries_take_turns() {
	Exchange::holding(&[(BUYER, 1), (TRADER, -1)]).run(|| {
		let second = InstrumentId(9);
		Contracts::mutate(|contracts| contracts.insert(second, terms()));
		Clearing::hold(&key(&BUYER), second, 1);
		Clearing::hold(&key(&TRADER), second, -1);
		deliver();
		assert!(Clearing::end(second, PRICE, &[]));
		BlockWeight::set(<() as WeightInfo>::close_nominations());
		block_at(Delivery::start_of(FIRST) - MATCHING);
		blocks(1);
		for instrument in [CONTRACT, second] {
			assert_ne!(Deliveries::<Test>::get(instrument).unwrap().stage, Stage::Nominating);
		}
	})
}

#[test]
fn a_delivery_whose_step_fails_stops_no_other() {
	Exchange::holding(&[(BUYER, 1), (SELLER, -1)]).build().execute_with(|| {
		let second = InstrumentId(9);
		Contracts::mutate(|contracts| contracts.insert(second, terms()));
		Clearing::hold(&key(&BUYER_2), second, 1);
		Clearing::hold(&key(&TRADER), second, -1);
		deliver();
		assert!(Clearing::end(second, PRICE, &[]));
		nominate(&SELLER, 1, 1);
		// An offer of nobody: what cannot be.
		Shorts::<Test>::remove(CONTRACT, key(&SELLER));
		block_at(Delivery::start_of(FIRST) - MATCHING);
		blocks(4);
		assert!(matches!(stage(), Stage::Remainder { .. }));
		let other = Deliveries::<Test>::get(second).unwrap();
		assert!(matches!(other.stage, Stage::Delivering { .. } | Stage::Closing));
	})
}

/// All positions are taken over so late that matching is done at that time, and no halt is to blame.
fn matched_at(time: u64) {
	set_time(EXPIRY);
	assert!(Clearing::end(CONTRACT, PRICE, &[key(&BUYER)]));
	block_at(time - MATCHING);
	Clearing::hand_over(&key(&BUYER), CONTRACT);
	block_at(time);
	for _ in 0..3 {
		block_at(time);
	}
}

#[test]
fn days_before_the_first_whole_one_after_matching_are_released() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -3)]).run(|| {
		matched_at(Delivery::start_of(day(1)) + 1);
		let deal = Deals::<Test>::iter_values().next().unwrap();
		assert_eq!(
			(deal.from, deal.next, deal.escrow.0, deal.deposit.0),
			(day(2), day(2), 3 * VALUE / 2, 3 * VALUE / 2)
		);
		assert_eq!(Clearing::cash(&key(&BUYER)), CASH - 3 * VALUE / 2);
		assert_eq!(Clearing::cash(&key(&TRADER)), CASH - 3 * VALUE / 2);
		let delivery = Deliveries::<Test>::get(CONTRACT).unwrap();
		assert_eq!(delivery.tally.released, Capacity(3 * 2 * LOT_DAY));
		assert_eq!(delivery.money.returned, Cash(3 * VALUE));
		assert!(events().contains(&Event::Late {
			instrument: CONTRACT,
			buyer: key(&BUYER),
			seller: key(&TRADER),
			lots: Lots(3),
			days: DeliveryDays { first: FIRST, last: day(1) },
			quantity: Capacity(3 * 2 * LOT_DAY),
			price: Cash(3 * VALUE / 2),
			deposit: Cash(3 * VALUE / 2),
		}));
	})
}

#[test]
fn what_is_matched_as_a_day_begins_is_delivered_on_it() {
	Exchange::holding(&[(BUYER, 3), (TRADER, -3)]).run(|| {
		matched_at(Delivery::start_of(day(1)));
		assert_eq!(Deals::<Test>::iter_values().next().unwrap().from, day(1));
	})
}

#[test]
fn capacity_of_days_that_are_released_is_free_again() {
	Exchange::holding(&[(BUYER, 5), (SELLER, -5)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(5)));
		set_time(EXPIRY);
		assert!(Clearing::end(CONTRACT, PRICE, &[key(&BUYER)]));
		nominate(&SELLER, 1, 2);
		let back = Delivery::start_of(day(2));
		block_at(back - MATCHING);
		Clearing::hand_over(&key(&BUYER), CONTRACT);
		(0..4).for_each(|_| block_at(back));
		let booked = |index| (Compute::nominated(ResourceId(1), day(index)).0, Compute::sold(&SELLER, day(index)));
		assert_eq!((booked(0), booked(1)), ((0, 0), (0, 0)));
		assert_eq!((booked(2), booked(3)), ((2 * LOT_DAY, 3 * LOT_DAY), (2 * LOT_DAY, 3 * LOT_DAY)));
	})
}

#[test]
fn what_is_matched_after_the_last_day_goes_back_whole() {
	Exchange::holding(&[(BUYER, 3), (SELLER, -2), (TRADER, -1)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(2)));
		matched_at(Delivery::end_of(day(DAYS - 1)));
		assert_eq!(Deals::<Test>::iter().count(), 0);
		for owner in [BUYER, SELLER, TRADER] {
			assert_eq!(Clearing::cash(&key(&owner)), CASH);
		}
		assert_eq!((Longs::<Test>::iter().count(), Shorts::<Test>::iter().count()), (0, 0));
		assert_eq!(Sold::get(), BTreeMap::new());
	})
}

#[test]
fn days_that_the_ledger_forgot_stop_no_matching() {
	Exchange::holding(&[(BUYER, 3), (SELLER, -3)]).run(|| {
		assert_ok!(Delivery::cover(signed(SELLER), SubAccount(0), CONTRACT, Lots(3)));
		set_time(EXPIRY);
		assert!(Clearing::end(CONTRACT, PRICE, &[key(&BUYER)]));
		let back = Delivery::start_of(day(3));
		ForgottenBefore::put(day(1));
		block_at(back - MATCHING);
		Clearing::hand_over(&key(&BUYER), CONTRACT);
		(0..4).for_each(|_| block_at(back));
		let sold: Vec<_> = (0..DAYS).map(|index| Compute::sold(&SELLER, day(index)) / LOT_DAY).collect();
		assert_eq!(sold, [3, 0, 0, 3]);
	})
}

const OWNERS: [AccountId; 3] = [SELLER, SELLER_2, TRADER];

/// Positions of up to five buyers and three sellers, what sellers cover, and who nominates and requests what.
#[derive(Clone, Debug)]
struct Plan {
	longs: Vec<i64>,
	shorts: Vec<i64>,
	covers: Vec<i64>,
	nominations: Vec<(usize, u32, i64)>,
	requests: Vec<(usize, u16)>,
	luck: u64,
	/// Days after the first on which matching is done.
	late: u32,
}

fn plan() -> impl Strategy<Value = Plan> {
	let shorts = prop::collection::vec(0i64..9, 3);
	let cuts = prop::collection::vec(0i64..27, 4);
	let covers = prop::collection::vec(0i64..9, 3);
	let nominations = prop::collection::vec((0usize..3, 1u32..4, 1i64..6), 0..8);
	let requests = prop::collection::vec((0usize..5, 0u16..3), 0..9);
	let late = prop_oneof![3 => Just(0u32), 1 => 1u32..6];
	(shorts, cuts, covers, nominations, requests, 0u64..1_000, late)
		.prop_filter("somebody sells", |(shorts, ..)| shorts.iter().sum::<i64>() > 0)
		.prop_map(|(shorts, cuts, covers, nominations, requests, luck, late)| {
			let all: i64 = shorts.iter().sum();
			let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut % (all + 1)).chain([0, all]).collect();
			cuts.sort_unstable();
			let longs = cuts.windows(2).map(|pair| pair[1] - pair[0]).collect();
			Plan { longs, shorts, covers, nominations, requests, luck, late }
		})
}

fn buyer(index: usize) -> AccountId {
	AccountId::new([1 + u8::try_from(index).expect("few"); 32])
}

const REGIONS: [Region; 3] = [HERE, THERE, Region(1)];

/// Lots of each buyer, and of each seller by what stands behind them.
type Sides = (BTreeMap<AccountId, i64>, BTreeMap<(AccountId, Option<ResourceId>), i64>);

/// Plays a plan. Returns the pairs in their order, and how many lots were nominated of each seller's resource.
fn play(plan: &Plan) -> (Vec<(AccountId, AccountId, i64, Backing)>, Sides) {
	Exchange::default().build().execute_with(|| {
		Luck::put(plan.luck);
		let before = Clearing::money() + 3 * CASH;
		for (index, lots) in plan.longs.iter().enumerate() {
			if index > 1 {
				Clearing::open(&key(&buyer(index)), HOUSE);
			}
			Clearing::hold(&key(&buyer(index)), CONTRACT, *lots);
		}
		for ((owner, lots), cover) in OWNERS.iter().zip(&plan.shorts).zip(&plan.covers) {
			Clearing::hold(&key(owner), CONTRACT, -lots);
			let _ = Delivery::cover(signed(owner.clone()), SubAccount(0), CONTRACT, Lots(*cover));
		}
		deliver();
		let mut offered = BTreeMap::new();
		for (seller, resource, lots) in &plan.nominations {
			let (owner, resource) = (OWNERS[*seller].clone(), ResourceId(*resource));
			let call = Delivery::nominate(signed(owner.clone()), SubAccount(0), CONTRACT, resource, Lots(*lots));
			if call.is_ok() {
				*offered.entry((owner, Some(resource))).or_default() += lots;
			}
		}
		for (index, region) in &plan.requests {
			let origin = signed(buyer(*index));
			let region = REGIONS[usize::from(*region)];
			let _ = Delivery::request(origin, SubAccount(0), CONTRACT, region, None, Endpoint::default());
		}
		let requested = (0..5).map(|index| Longs::<Test>::get(CONTRACT, key(&buyer(index)))?.request);
		let requested: Vec<_> = requested.map(|request| request.map(|request| request.region)).collect();
		if plan.late == 0 {
			matched();
		} else {
			// The chain was so busy: no step was taken meanwhile.
			BlockWeight::set(Default::default());
			block_at(Delivery::start_of(day(plan.late)) - MAX_BLOCK_TIME);
			BlockWeight::set(frame_support::weights::Weight::MAX);
			(0..4).for_each(|_| block_at(Delivery::start_of(day(plan.late))));
		}
		assert_eq!(Delivery::violations(), Vec::<String>::new());
		Clearing::assert_counts();
		assert_eq!(Clearing::money(), before);
		let over = plan.late >= DAYS;
		assert_eq!(over, Deals::<Test>::iter().count() == 0);
		assert_same_region_is_preferred(&requested);
		let longs = plan.longs.iter().enumerate().map(|(index, lots)| (buyer(index), *lots));
		(all_pairs(), (longs.filter(|(_, lots)| *lots > 0).collect(), offered))
	})
}

/// All that was matched, on time or too late, in its order.
fn all_pairs() -> Vec<(AccountId, AccountId, i64, Backing)> {
	let late = |event| match event {
		Event::Late { buyer, seller, lots, .. } => Some((buyer.owner, seller.owner, lots.0, Backing::Sold)),
		_ => None,
	};
	let pairs = pairs();
	if pairs.is_empty() {
		events().into_iter().filter_map(late).collect()
	} else {
		pairs
	}
}

/// Nobody who asked for a region has lots from another one, or none, while another buyer that did not ask for it has lots from there.
fn assert_same_region_is_preferred(requested: &[Option<Region>]) {
	let region_of = |resource| Machines::get()[&resource].region;
	let deals: Vec<_> = Deals::<Test>::iter_values().collect();
	let has_asked_for =
		|owner: &AccountId, region| (0..5).any(|index| buyer(index) == *owner && requested[index] == Some(region));
	for deal in &deals {
		let Some(region) = deal.backing.resource().map(region_of) else { continue };
		if has_asked_for(&deal.buyer.owner, region) {
			continue;
		}
		for other in deals.iter().filter(|other| has_asked_for(&other.buyer.owner, region)) {
			let got = other.backing.resource().map(region_of);
			assert_eq!(got, Some(region), "{other:?} should have had what {deal:?} has");
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn every_lot_is_matched_once_on_both_sides(plan in plan()) {
		let (pairs, (longs, offered)) = play(&plan);
		let mut bought = BTreeMap::new();
		let mut sold = BTreeMap::new();
		let mut from_resource = BTreeMap::new();
		for (buyer, seller, lots, backing) in pairs {
			prop_assert!(lots > 0);
			*bought.entry(buyer).or_insert(0) += lots;
			*sold.entry(seller.clone()).or_insert(0) += lots;
			if let Some(resource) = backing.resource() {
				*from_resource.entry((seller, Some(resource))).or_insert(0) += lots;
			}
		}
		prop_assert_eq!(bought, longs);
		for (owner, lots) in OWNERS.iter().zip(&plan.shorts) {
			prop_assert_eq!(sold.get(owner).copied().unwrap_or(0), *lots);
		}
		if plan.late < DAYS {
			prop_assert_eq!(from_resource, offered, "what was nominated is delivered with what was nominated");
		}
	}

	#[test]
	fn matching_follows_from_nominations_and_the_seed_alone(plan in plan()) {
		prop_assert_eq!(play(&plan), play(&plan));
	}
}

#[test]
fn another_seed_draws_another_order() {
	let plan = |luck| Plan {
		longs: vec![1; 5],
		shorts: vec![0, 0, 5],
		covers: vec![0; 3],
		nominations: vec![],
		requests: vec![],
		luck,
		late: 0,
	};
	let orders: std::collections::BTreeSet<Vec<AccountId>> =
		(0..20).map(|luck| play(&plan(luck)).0.into_iter().map(|(buyer, ..)| buyer).collect()).collect();
	assert!(orders.len() > 10, "of 120 orders only {} were drawn in 20 draws", orders.len());
}
