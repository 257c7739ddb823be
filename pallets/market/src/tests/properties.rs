//! Whatever venues, takers, owners and time do, in any order, no order is filled beyond its lots, and memory is what was traded.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TRADERS: [Trader; 3] = [ALICE, BOB, CAROL];

#[derive(Clone, Debug)]
enum Step {
	Submit(Vec<u8>, Vec<(u16, u16, i64)>),
	Take(u8, u8, i64),
	Cancel(u8),
	Refuse(u8, bool),
	Sweep(u32),
	Blocks(u64),
}

fn step() -> impl Strategy<Value = Step> {
	let fill = (0u16..9, 0u16..9, 0i64..6);
	prop_oneof![
		8 => (prop::collection::vec(0u8..12, 1..9), prop::collection::vec(fill, 1..12))
			.prop_map(|(orders, fills)| Step::Submit(orders, fills)),
		3 => (0u8..3, 0u8..12, 0i64..6).prop_map(|(taker, order, lots)| Step::Take(taker, order, lots)),
		1 => (0u8..12).prop_map(Step::Cancel),
		1 => (0u8..3, any::<bool>()).prop_map(|(trader, refuse)| Step::Refuse(trader, refuse)),
		1 => (0u32..5).prop_map(Step::Sweep),
		2 => (1u64..4).prop_map(Step::Blocks),
	]
}

/// Twelve orders: of each trader two on each side, the second one short-lived.
fn pool() -> Vec<SignedOrder<AccountId, u64, sp_runtime::MultiSignature>> {
	let of_trader = |trader: Trader| {
		[Side::Buy, Side::Sell].into_iter().flat_map(move |side| {
			[(7, 100), (3, 5)].map(|(lots, lives)| {
				trader.sign(Order { lots: Lots(lots), expires: BLOCK + lives, ..trader.order(side) })
			})
		})
	};
	TRADERS.into_iter().flat_map(of_trader).collect()
}

fn take_step(step: Step, pool: &[SignedOrder<AccountId, u64, sp_runtime::MultiSignature>]) {
	let order = |index: u8| pool[usize::from(index)].clone();
	let trader = |index: u8| TRADERS[usize::from(index)].account();
	match step {
		Step::Submit(orders, fills) => {
			let orders: Vec<_> = orders.into_iter().map(order).collect();
			let fill = |(maker, taker, many)| Fill { maker, taker, ..lots(many) };
			let fills: Vec<_> = fills.into_iter().map(fill).collect();
			submit(&orders, &fills).expect("the venue is registered");
		},
		Step::Take(taker, taken, many) => {
			let max_fee = Cash(10_000_000);
			let _ = Market::take(signed(trader(taker)), order(taken), SubAccount(0), Lots(many), max_fee);
		},
		Step::Cancel(index) => {
			let order = order(index).order;
			let _ = Market::cancel(signed(order.account.clone()), order);
		},
		Step::Refuse(index, true) => RefusedFor::mutate(|all| {
			all.insert(trader(index), Refusal::UnknownAccount);
		}),
		Step::Refuse(index, false) => RefusedFor::mutate(|all| {
			all.remove(&trader(index));
		}),
		Step::Sweep(limit) => {
			let _ = Market::sweep(signed(OTHER), limit);
		},
		Step::Blocks(count) => blocks(count),
	}
}

/// Lots filled of each order, by the events.
fn told() -> BTreeMap<OrderId, i64> {
	let mut filled = BTreeMap::new();
	for event in events() {
		if let Event::Filled { lots, maker, taker, .. } = event {
			for after in [Some(maker), taker].into_iter().flatten() {
				let so_far = filled.entry(after.order).or_default();
				*so_far += lots.0;
				assert_eq!(*so_far, after.filled.0, "an event tells how much is filled by now");
			}
		}
	}
	filled
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	#[test]
	fn no_order_is_filled_beyond_its_lots_and_memory_is_what_was_traded(steps in prop::collection::vec(step(), 1..40)) {
		Exchange::default().build().execute_with(|| {
			let pool = pool();
			for step in steps {
				take_step(step.clone(), &pool);
				prop_assert!(Market::do_try_state().is_ok(), "broken by {:?}", step);
				let told = told();
				let swept = Sweeping::<Test>::get().block;
				for signed in &pool {
					let id = Market::order_id(&signed.order);
					let filled = told.get(&id).copied().unwrap_or(0);
					prop_assert!(filled <= signed.order.lots.0);
					if signed.order.expires > swept {
						let record = Market::filled(&signed.order);
						prop_assert_eq!(record.map_or(0, |record| record.filled.0), filled);
					}
				}
			}
			let by_events = events().into_iter().map(|event| match event {
				Event::Filled { lots, .. } => lots.0,
				_ => 0,
			});
			prop_assert_eq!(by_events.sum::<i64>(), traded());
			let (fills, charged) = (Traded::get(), Charged::get());
			prop_assert_eq!(charged.len(), 2 * fills.len(), "both parties to each fill are charged");
			for (fill, charges) in fills.iter().zip(charged.chunks(2)) {
				let parties = [&fill.buyer, &fill.seller].map(|party| (&party.account.owner, party.fee));
				prop_assert!(charges.iter().all(|charge| parties.contains(&(&charge.payer, charge.full))));
				prop_assert!(charges.iter().all(|charge| charge.notional == Cash(notional(fill.lots.0))));
			}
			blocks(200);
			prop_assert_eq!(FilledLots::<Test>::iter().count(), 0, "all is forgotten in the end");
			Ok(())
		})?;
	}
}
