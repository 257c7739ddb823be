//! An instrument whose lots or gains do not cancel out.

use super::*;
use gcx_primitives::Trade;

fn change(id: InstrumentId, change: impl FnOnce(&mut Instrument)) {
	Instruments::<Test>::mutate(id, |instrument| change(instrument.as_mut().expect("it is listed")));
}

fn release(id: InstrumentId) -> sp_runtime::DispatchResult {
	Clearing::release(RuntimeOrigin::root(), id)
}

/// Ten lots of each month; one lot too many is noted short of the near one as a run begins.
fn unbalance() {
	open_market();
	trade(11, OTHERS_CUSTOMER, 10, PRICE);
	try_trade(&Trade { instrument: FAR, ..a_trade(12, OTHERS_CUSTOMER, 10, PRICE) }).unwrap();
	change(NEAR, |instrument| instrument.short = Lots(11));
	settle_at(PRICE + 100);
}

fn rebalance() {
	change(NEAR, |instrument| instrument.short = Lots(10));
}

#[test]
fn an_unbalanced_instrument_is_quarantined_and_the_run_goes_on() {
	Exchange.run(|| {
		unbalance();
		let (long, short) = (Lots(10), Lots(11));
		let quarantined = Event::Quarantined { instrument: NEAR, long, short, segments: 0, moved: Cash(0) };
		assert!(events().contains(&quarantined));
		assert_eq!(Settled::<Test>::get().current, RunId(1));
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE));
		assert_eq!(instrument(FAR).settlement.price, Price(PRICE + 100));
		assert_eq!((view(11).cash, view(12).cash), (Cash(1_000_000), Cash(1_001_000)));
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).owed, Cash(0));
		rebalance();
	})
}

#[test]
fn segments_that_do_not_cancel_out_are_noticed_as_well() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE);
		let ours = segment(GUARANTOR, SegmentSide::Customers);
		let held = SegmentPositions::<Test>::get(NEAR, ours).unwrap();
		SegmentPositions::<Test>::insert(NEAR, ours, SegmentPosition { lots: Lots(12), ..held });
		settle_at(PRICE + 100);
		let long = Lots(10);
		let quarantined = Event::Quarantined { instrument: NEAR, long, short: long, segments: 2, moved: Cash(200) };
		assert!(events().contains(&quarantined));
		assert_noop!(release(NEAR), Error::<Test>::Unbalanced);
		SegmentPositions::<Test>::insert(NEAR, ours, held);
		assert_ok!(release(NEAR));
	})
}

#[test]
fn a_quarantined_instrument_is_not_traded_at_all() {
	Exchange.run(|| {
		unbalance();
		check(11);
		check(OTHERS_CUSTOMER);
		for trade in [a_trade(11, 12, 1, PRICE), a_trade(OTHERS_CUSTOMER, 11, 10, PRICE)] {
			assert_eq!(refusal(&trade), (None, Refusal::Quarantined));
		}
		try_trade(&Trade { instrument: FAR, ..a_trade(OTHERS_CUSTOMER, 12, 10, PRICE) }).unwrap();
		rebalance();
	})
}

#[test]
fn a_quarantined_instrument_is_settled_by_no_run_and_margined_all_the_same() {
	Exchange.run(|| {
		unbalance();
		settle_at(PRICE + 300);
		settle_at(PRICE + 200);
		assert_eq!(instrument(NEAR).settlement.price, Price(PRICE));
		assert_eq!((view(11).cash, view(11).margin.equity), (Cash(1_000_000), Cash(1_001_000)));
		refresh(NEAR);
		assert_eq!((view(11).margin.equity, view(11).margin.initial_margin), (Cash(1_002_000), Cash(9_000)));
		assert_noop!(<Clearing as gcx_primitives::Instruments>::delist(NEAR), Error::<Test>::InstrumentHeld);
		rebalance();
	})
}

#[test]
fn governance_releases_what_is_sound_again() {
	Exchange.run(|| {
		unbalance();
		let by_nobody = Clearing::release(RuntimeOrigin::signed(GUARANTOR), NEAR);
		assert_eq!(by_nobody, Err(sp_runtime::DispatchError::BadOrigin));
		assert_noop!(release(InstrumentId(9)), Error::<Test>::UnknownInstrument);
		assert_noop!(release(FAR), Error::<Test>::NotQuarantined);
		assert_noop!(release(NEAR), Error::<Test>::Unbalanced);
		rebalance();
		assert_ok!(release(NEAR));
		assert_eq!(events().last(), Some(&Event::Released { instrument: NEAR }));
		trade(OTHERS_CUSTOMER, 11, 4, PRICE);
		// The next run settles all that it missed.
		settle_at(PRICE + 200);
		assert_eq!(view(11).cash, Cash(1_000_000 + 6 * 200));
		assert_eq!(net(GUARANTOR, SegmentSide::Customers), Cash(0));
	})
}

#[test]
fn what_was_traded_before_the_quarantine_is_paid() {
	Exchange.run(|| {
		open_market();
		trade(11, OTHERS_CUSTOMER, 10, PRICE - 50);
		change(NEAR, |instrument| instrument.short = Lots(11));
		settle_at(PRICE + 100);
		// 500 for the price of the trade.
		assert_eq!(ledger(GUARANTOR, SegmentSide::Customers).custody, Cash(3_000_500));
		rebalance();
		assert_ok!(release(NEAR));
	})
}
