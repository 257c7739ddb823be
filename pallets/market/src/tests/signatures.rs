//! Who signed an order, what exactly, and for which chain.

use super::*;
use codec::Encode;
use sp_core::H256;

/// What becomes of an order to buy, taken by the venue for Bob.
fn outcome(order: SignedOrder<AccountId, u64, sp_runtime::MultiSignature>) -> Option<FillRefusal<u64>> {
	System::reset_events();
	assert_ok!(submit(&[order, BOB.sells()], &[lots(1)]));
	refusals().pop().map(|(_, reason)| reason)
}

fn forged() -> Option<FillRefusal<u64>> {
	Some(of(Role::Maker, OrderRefusal::BadSignature))
}

#[test]
fn an_order_is_filled_whichever_scheme_signs_it() {
	for trader in [ALICE, Trader::Ed(4), CAROL] {
		Exchange::default().run(|| assert_eq!(outcome(trader.buys()), None));
	}
}

#[test]
fn a_payload_is_domain_genesis_hash_and_order() {
	Exchange::default().run(|| {
		let order = ALICE.order(Side::Sell);
		let payload = Market::order_payload(&order);
		assert_eq!(payload[..11], *b"gcx/order/1");
		assert_eq!(payload[11..43], GENESIS.0);
		assert_eq!(payload[43..], order.encode());
		assert_eq!(Market::order_id(&order), H256(sp_io::hashing::blake2_256(&payload)));
	})
}

#[test]
fn a_forged_order_is_refused() {
	for (owner, forger) in
		[(ALICE, Trader::Sr(9)), (Trader::Ed(4), Trader::Ed(9)), (CAROL, Trader::Ec(9)), (ALICE, CAROL)]
	{
		Exchange::default().run(|| assert_eq!(outcome(forger.sign(owner.order(Side::Buy))), forged()));
	}
}

#[test]
fn an_order_that_was_tampered_with_is_refused() {
	let tamper: [fn(&mut Order<AccountId, u64>); 9] = [
		|order| order.account = CAROL.account(),
		|order| order.sub = SubAccount(1),
		|order| order.lots = Lots(11),
		|order| order.limit = Price(PRICE + 1),
		|order| order.max_fee_per_lot = Cash(1_000_001),
		|order| order.venue = Some(VENUE),
		|order| order.expires += 1,
		|order| order.salt += 1,
		|order| order.reduce_only = true,
	];
	for tamper in tamper {
		Exchange::default().run(|| {
			let mut order = ALICE.buys();
			tamper(&mut order.order);
			assert_eq!(outcome(order), forged());
		});
	}
}

#[test]
fn an_order_of_another_chain_is_refused() {
	Exchange::default().run(|| {
		frame_system::BlockHash::<Test>::insert(0, H256([8; 32]));
		let elsewhere = ALICE.buys();
		frame_system::BlockHash::<Test>::insert(0, GENESIS);
		assert_eq!(outcome(elsewhere), forged());
		assert_eq!(outcome(ALICE.buys()), None);
	})
}

#[test]
fn an_order_that_a_browser_wallet_wrapped_is_filled() {
	for trader in [ALICE, Trader::Ed(4), CAROL] {
		Exchange::default().run(|| {
			let order = trader.order(Side::Buy);
			let payload = Market::order_payload(&order);
			let signature = trader.sign_bytes(&[b"<Bytes>", &payload[..], b"</Bytes>"].concat());
			assert_eq!(outcome(SignedOrder { order, signature }), None);
		});
	}
}

#[test]
fn an_order_in_any_other_wrapping_is_refused() {
	for (before, after) in [
		("<Bytes>", ""),
		("", "</Bytes>"),
		("<bytes>", "</bytes>"),
		("<Text>", "</Text>"),
		("<Bytes><Bytes>", "</Bytes></Bytes>"),
		("</Bytes>", "<Bytes>"),
		(" ", ""),
	] {
		Exchange::default().run(|| {
			let order = ALICE.order(Side::Buy);
			let payload = Market::order_payload(&order);
			let signature = ALICE.sign_bytes(&[before.as_bytes(), &payload, after.as_bytes()].concat());
			assert_eq!(outcome(SignedOrder { order, signature }), forged(), "{before}{after}");
		});
	}
}

#[test]
fn an_order_under_another_domain_is_refused() {
	Exchange::default().run(|| {
		let order = ALICE.order(Side::Buy);
		for domain in [*b"gcx/order/2", *b"GCX/order/1"] {
			let signature = ALICE.sign_bytes(&(domain, GENESIS, &order).encode());
			assert_eq!(outcome(SignedOrder { order: order.clone(), signature }), forged());
		}
		let signature = ALICE.sign_bytes(&order.encode());
		assert_eq!(outcome(SignedOrder { order, signature }), forged());
	})
}

#[test]
fn only_orders_that_a_fill_refers_to_are_verified_and_each_once() {
	Exchange::default().run(|| {
		let unused = Trader::Sr(9).sign(CAROL.order(Side::Buy));
		let orders = [ALICE.buys(), BOB.sells(), unused];
		let paid = submit(&orders, &[lots(1), lots(1), lots(1)]).expect("the venue is registered");
		assert_eq!(paid.actual_weight, Some(<() as WeightInfo>::submit_fills(2, 3)));
		assert_eq!((refusals(), traded()), (vec![], 3));
	})
}
