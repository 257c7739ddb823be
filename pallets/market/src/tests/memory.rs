//! What is remembered of orders, and how it is forgotten.

use super::*;
use sp_core::H256;

/// Remembers so many orders that expire in a block.
fn remember(expires: u64, orders: u64) {
	for index in 0..orders {
		let record = OrderRecord { lots: Lots(1), filled: Lots(1), cancelled: false };
		FilledLots::<Test>::insert(expires, H256(sp_io::hashing::blake2_256(&index.to_le_bytes())), record);
	}
}

fn remembered(expires: u64) -> usize {
	FilledLots::<Test>::iter_prefix(expires).count()
}

#[test]
fn an_order_is_forgotten_strictly_after_it_expired() {
	Exchange::default().run(|| {
		let until = |trader: Trader, side| trader.sign(Order { expires: BLOCK + 2, ..trader.order(side) });
		let orders = [until(ALICE, Side::Buy), until(BOB, Side::Sell)];
		assert_ok!(submit(&orders, &[lots(9)]));
		blocks(2);
		assert_eq!(remembered(BLOCK + 2), 2);
		// It can still be filled in its last block, and no further than before.
		assert_ok!(submit(&orders, &[lots(2)]));
		assert_eq!(refusals().len(), 1);
		blocks(1);
		assert_eq!(remembered(BLOCK + 2), 0);
		assert_eq!(last_event(), Event::Swept { orders: 2 });
		assert_ok!(submit(&orders, &[lots(1)]));
		assert_eq!(refusals()[1], (0, of(Role::Maker, OrderRefusal::Expired { expires: BLOCK + 2 })));
	})
}

#[test]
fn a_block_forgets_no_more_than_it_has_room_for() {
	Exchange::default().run(|| {
		remember(BLOCK + 1, 7);
		remember(BLOCK + 2, 1);
		blocks(1);
		assert_eq!(remembered(BLOCK + 1), 7);
		// Three orders, three more, the last one and a step over the two blocks, and so on.
		for left in [4, 1, 0] {
			blocks(1);
			assert_eq!(remembered(BLOCK + 1), left);
			assert_ok!(Market::do_try_state());
		}
		assert_eq!(remembered(BLOCK + 2), 0);
		blocks(1);
		assert_eq!(Sweeping::<Test>::get(), SweepCursor { block: BLOCK + 5, after: None });
	})
}

#[test]
fn a_backlog_is_worked_off_and_each_step_is_paid_for() {
	Exchange::default().run(|| {
		remember(BLOCK + 1, 5);
		System::set_block_number(BLOCK + 2);
		// The block in which the test began, then two orders.
		assert_eq!(Market::on_initialize(BLOCK + 2), <() as WeightInfo>::sweep(3));
		assert_eq!(remembered(BLOCK + 1), 3);
	})
}

#[test]
fn anyone_sweeps_and_pays_for_the_steps_there_were() {
	Exchange::default().run(|| {
		let sweep = |limit| Market::sweep(signed(OTHER), limit);
		assert_noop!(sweep(10), Error::<Test>::NothingToSweep);
		remember(BLOCK, 4);
		assert_noop!(sweep(10), Error::<Test>::NothingToSweep);
		System::set_block_number(BLOCK + 1);
		assert_noop!(sweep(0), Error::<Test>::NothingToSweep);
		let weight = |steps| Some(<() as WeightInfo>::sweep(steps));
		assert_eq!(sweep(2).expect("there is some").actual_weight, weight(2));
		assert_eq!(last_event(), Event::Swept { orders: 2 });
		assert_eq!(remembered(BLOCK), 2);
		assert_ok!(Market::do_try_state());
		assert_eq!(sweep(u32::MAX).expect("there is some").actual_weight, weight(3));
		assert_eq!(remembered(BLOCK), 0);
		assert_noop!(sweep(10), Error::<Test>::NothingToSweep);
	})
}

#[test]
fn nothing_happened_nothing_is_remembered() {
	Exchange::default().run(|| {
		assert_ok!(submit(&[ALICE.buys(), BOB.sells(), CAROL.sells()], &[lots(11), lots(2)]));
		assert_eq!(FilledLots::<Test>::iter().count(), 2);
		assert_eq!(Market::filled(&CAROL.order(Side::Sell)), None);
	})
}
