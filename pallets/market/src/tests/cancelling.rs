//! Orders that their owners cancel.

use super::*;

fn cancel(
	order: &SignedOrder<AccountId, u64, sp_runtime::MultiSignature>,
) -> frame_support::pallet_prelude::DispatchResult {
	Market::cancel(signed(order.order.account.clone()), order.order.clone())
}

#[test]
fn a_cancelled_order_is_not_filled() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells()];
		assert_ok!(submit(&orders, &[lots(4)]));
		assert_ok!(cancel(&orders[0]));
		let order = Market::order_id(&orders[0].order);
		assert_eq!(
			last_event(),
			Event::Cancelled { order, account: ALICE.key(), instrument: CONTRACT, lots: Lots(10), filled: Lots(4) }
		);
		assert_ok!(submit(&orders, &[lots(1)]));
		assert_eq!(refusals(), [(0, of(Role::Maker, OrderRefusal::Cancelled))]);
		assert_eq!(filled(&orders[0]), 4);
		assert_noop!(cancel(&orders[0]), Error::<Test>::OrderCancelled);
	})
}

#[test]
fn an_order_that_is_not_yet_signed_is_cancelled() {
	Exchange::default().run(|| {
		let order = ALICE.order(Side::Buy);
		assert_ok!(Market::cancel(signed(ALICE.account()), order.clone()));
		let record = OrderRecord { lots: Lots(10), filled: Lots(0), cancelled: true };
		assert_eq!(Market::filled(&order), Some(record));
		assert_ok!(submit(&[ALICE.sign(order), BOB.sells()], &[lots(1)]));
		assert_eq!(refusals(), [(0, of(Role::Maker, OrderRefusal::Cancelled))]);
	})
}

#[test]
fn an_order_is_cancelled_by_its_owner_only() {
	Exchange::default().run(|| {
		assert_noop!(Market::cancel(signed(BOB.account()), ALICE.order(Side::Buy)), Error::<Test>::NotOwner);
		assert_noop!(Market::cancel(signed(VENUE), ALICE.order(Side::Buy)), Error::<Test>::NotOwner);
		assert_noop!(Market::cancel(root(), ALICE.order(Side::Buy)), DispatchError::BadOrigin);
	})
}

#[test]
fn what_cannot_be_filled_cannot_be_cancelled() {
	Exchange::default().run(|| {
		let orders = [ALICE.buys(), BOB.sells()];
		assert_ok!(submit(&orders, &[lots(10)]));
		assert_noop!(cancel(&orders[0]), Error::<Test>::OrderFilled);
		let with = |expires, lots| ALICE.sign(Order { expires, lots: Lots(lots), ..ALICE.order(Side::Buy) });
		assert_noop!(cancel(&with(BLOCK - 1, 1)), Error::<Test>::OrderExpired);
		assert_noop!(cancel(&with(BLOCK + LIFETIME + 1, 1)), Error::<Test>::OrderLivesTooLong);
		assert_noop!(cancel(&with(BLOCK, 0)), Error::<Test>::OrderLotsOutOfRange);
		assert_noop!(cancel(&with(BLOCK, i64::MAX)), Error::<Test>::OrderLotsOutOfRange);
		assert_ok!(cancel(&with(BLOCK, 1)));
		assert_ok!(cancel(&with(BLOCK + LIFETIME, 1)));
	})
}
