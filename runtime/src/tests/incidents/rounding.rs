//! Balancer, 3 November 2025: many tiny swaps in a row, each rounded a little the wrong way, emptied pools of about
//! 128 million dollars.
//!
//! Here two who trade with each other, one unit at a time, at prices and amounts that divide by nothing. More than ten
//! thousand operations in a test; `scripts/fuzz` makes a million and more.

use super::*;
use gcx_primitives::{Cash, CollateralId, InstrumentId, Lots, Price, SegmentSide, Side, SubAccount};
use pallet_market::{Fill, SignedOrder};
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};

/// A cent and a millionth: nothing divides it.
const PRICE: Price = Price(10_007);
/// Rounds of a hundred fills each.
const ROUNDS: u32 = 100;

/// What the two have, in and out of the exchange, at the settlement price.
fn wealth() -> i128 {
	[Charlie, Ferdie].iter().map(|who| wallet(*who).0 + cash(*who).0).sum()
}

/// A hundred fills of one lot between two orders, the makers and the prices in turns.
fn hundred_fills(instrument: InstrumentId, round: u32, price: Price) -> Cash {
	let (buyer, seller) = if round.is_multiple_of(2) { (Charlie, Ferdie) } else { (Ferdie, Charlie) };
	let bid = offer(buyer, SubAccount(0), Side::Buy, instrument, 100, Price(price.0 + 10));
	let ask = offer(seller, SubAccount(0), Side::Sell, instrument, 100, Price(price.0 - 10));
	let orders: Vec<SignedOrder<_, _, _>> = vec![bid, ask];
	let mut fees = Cash::ZERO;
	let fills: Vec<Fill> = (0..100u16)
		.map(|index| {
			let price = Price(price.0 + i64::from(index % 21) - 10);
			fees = Cash(fees.0 + 2 * fee(1, 1, price).0);
			Fill { maker: index % 2, taker: 1 - index % 2, lots: Lots(1), price }
		})
		.collect();
	for fills in fills.chunks(25) {
		let fills_call = pallet_market::Call::submit_fills {
			orders: orders.clone().try_into().expect("two orders"),
			fills: fills.to_vec().try_into().expect("as many as a batch has"),
		};
		assert_ok!(send(Eve, fills_call));
	}
	fees
}

#[test]
fn ten_thousand_tiny_operations_take_no_unit_out() {
	exchange(|| {
		let issued = issuance();
		guarantor(Alice, dollars(1_000_000));
		guarantor(Bob, dollars(1_000_000));
		customer(Charlie, Bob, Cash(dollars(10_000).0 + 1));
		customer(Dave, Alice, Cash(dollars(10_000).0 + 3));
		customer(Ferdie, Alice, Cash(dollars(10_000).0 + 7));
		let_custody_age(Dave);
		postpone_settlement();
		assert_ok!(send(Eve, pallet_market::Call::register_venue { bond: 10_000 * GCX }));
		let prices = |price| [(AI_INFER, price), (GCX_PRICE, Price(1_000_003))];
		publish(&prices(PRICE));
		let instrument = list(AI_INFER, 1, PRICE);
		// A position to trade around: what is opened has to be worth its margin.
		assert_ok!(trade(Charlie, Ferdie, instrument, 29_989, PRICE));
		settle();
		let (start, dave, houses) = (wealth(), cash(Dave), [cash(Alice), cash(Bob)]);
		let native = [Charlie, Ferdie].map(tokens);
		let pool = pool_size();
		let (mut fees, mut operations, mut price) = (Cash::ZERO, 0u32, PRICE);
		for round in 0..ROUNDS {
			fees = Cash(fees.0 + hundred_fills(instrument, round, price).0);
			operations += 100;
			// A unit in, a unit out, and amounts that divide by nothing.
			for (who, amount) in [(Charlie, 1), (Ferdie, 1), (Charlie, 999_983), (Ferdie, 10_007)] {
				pay_in(who, Cash(amount));
				assert_ok!(withdraw(who, Cash(amount)));
				operations += 2;
			}
			let (sub, collateral, amount) = (SubAccount(0), CollateralId(0), GCX / 1_000 + 7);
			assert_ok!(send(Charlie, pallet_clearing::Call::deposit_collateral { sub, collateral, amount }));
			let back = pallet_clearing::Call::withdraw_collateral { sub, collateral, amount: 1 };
			operations += 1 + u32::from(send(Charlie, back).is_ok());
			for who in [Charlie, Ferdie] {
				let owner = who.to_account_id();
				assert_ok!(send(Eve, pallet_clearing::Call::check_account { owner, sub: SubAccount(0) }));
				operations += 1;
			}
			assert_eq!(wealth(), start - fees.0, "round {round}");
			if round % 10 == 9 {
				price = Price(price.0 + if round % 20 == 9 { 13 } else { -11 });
				publish(&prices(price));
				settle();
				operations += 1;
				// What one won the other lost, to the unit; what they paid is fees.
				assert_eq!(wealth(), start - fees.0, "the run after round {round}");
			}
		}
		settle();
		block();
		assert!(operations >= 10_000);
		assert!(fees.0 >= i128::from(ROUNDS) * 100 * 2 * 2, "nobody trades for nothing");
		assert_eq!(wealth(), start - fees.0);
		// Nobody else has a unit less, the pool has its share of the fees, and custody has what the books say.
		assert_eq!((cash(Dave), [cash(Alice), cash(Bob)]), (dave, houses));
		let share = fees.0 * 4 / 10;
		assert!(pool_size().0 >= pool.0 + share - 1_000_000, "all but what waits to be worth a dollar");
		let nets: i128 = [Alice, Bob]
			.iter()
			.flat_map(|who| [SegmentSide::Customers, SegmentSide::House].map(|side| ledger(*who, side).net.0))
			.sum();
		assert_eq!(nets, 0);
		let pledged = Clearing::account_view(Charlie.to_account_id(), SubAccount(0)).unwrap().collateral[0].amount;
		let after = [Charlie, Ferdie].map(tokens);
		assert_eq!((after[0] + pledged, after[1]), (native[0], native[1]));
		assert_sound(issued);
		tell(
			"Balancer, 2025",
			format!(
				"{operations} operations: the two are poorer by {} units, all of it fees; others 0, the books off by 0",
				fees.0
			),
		);
	})
}
