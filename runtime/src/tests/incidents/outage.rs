//! dYdX Chain, October 2025: collateral moved before the insurance payment that it was to come with; the chain stood
//! still for 8 hours, and then liquidated at prices from before.

use super::*;
use gcx_primitives::{Cash, DefaultStage, Price, SegmentSide, SubAccount, WaterfallLayer as Layer};
use pallet_clearing::{AccountState, Error as ClearingError};
use pallet_market::Error as MarketError;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// How long the chain stood still: 8 hours.
const OUTAGE: u64 = 8 * HOUR;
/// Before the fall.
const BEFORE: Price = cents(250);
/// After it: what Charlie has is less than maintenance margin, and more than nothing.
const AFTER: Price = cents(205);

fn at(price: Price) -> [(gcx_primitives::ClassId, Price); 2] {
	[(AI_INFER, price), (GCX_PRICE, cents(100))]
}

/// Charlie, under Bob, is long 600 lots of 1,000 hours; Dave, under Alice, is short.
fn one_long() -> gcx_primitives::InstrumentId {
	guarantor(Alice, dollars(1_000_000));
	guarantor(Bob, dollars(200_000));
	contribute(Bob, dollars(50_000));
	customer(Charlie, Bob, dollars(600_000));
	customer(Dave, Alice, dollars(5_000_000));
	customer(Eve, Alice, dollars(5_000_000));
	postpone_settlement();
	publish(&at(BEFORE));
	let instrument = list(AI_INFER, 1_000, BEFORE);
	assert_ok!(trade(Charlie, Dave, instrument, 600, BEFORE));
	settle();
	instrument
}

fn is_for_sale(who: Sr25519Keyring) -> bool {
	matches!(state(who), AccountState::Liquidating { .. })
}

#[test]
fn nobody_is_liquidated_after_a_halt_before_prices_are_new_and_the_grace_is_over() {
	exchange(|| {
		let instrument = one_long();
		let grace = pallet_clearing::Parameters::<Runtime>::get().liquidation.grace_period;
		// The fall is reported, and the chain stands still while it could be disputed.
		report(&REPORTERS, &at(AFTER));
		assert!(!is_for_sale(Charlie));
		block_after(OUTAGE);
		finalise(&at(AFTER));
		block();
		let back = now();
		assert_eq!(pallet_index::Latest::<Runtime>::get(AI_INFER).unwrap().0.price, AFTER);
		assert_eq!((liquidate(Charlie), is_for_sale(Charlie)), (refused_or_sound(Charlie), false));
		revive(instrument, AFTER);
		let marked = pallet_clearing::Instruments::<Runtime>::get(instrument).unwrap().marked_since;
		let from = marked.max(back - SLOT_MILLISECONDS) + grace;
		let mut spared = 0;
		while now() < from {
			assert!(!is_for_sale(Charlie), "{} ms early", from - now());
			assert_eq!(liquidate(Charlie), refused(ClearingError::InGrace));
			spared += 1;
			block();
		}
		// Then all is as ever: it is sold at the mark of now.
		assert!(is_for_sale(Charlie) || liquidate(Charlie).is_ok());
		assert!(is_for_sale(Charlie));
		assert_ok!(bid(Eve, Charlie, gcx_primitives::Ppm::ONE));
		assert!(lots(Eve, instrument) > 0);
		block();
		assert!(!is_for_sale(Charlie), "{:?}", state(Charlie));
		tell(
			"dYdX, October 2025 (8 h halt)",
			format!(
				"0 liquidations in {spared} blocks of grace ({} s); then {} of 600 lots sold at the new mark",
				grace / 1_000,
				lots(Eve, instrument)
			),
		);
	})
}

#[test]
fn an_owner_has_the_grace_to_pay_in() {
	exchange(|| {
		let instrument = one_long();
		report(&REPORTERS, &at(AFTER));
		block_after(OUTAGE);
		finalise(&at(AFTER));
		block();
		revive(instrument, AFTER);
		assert_eq!(liquidate(Charlie), refused(ClearingError::InGrace));
		pay_in(Charlie, dollars(1_000_000));
		publish(&at(AFTER));
		pass(2 * pallet_clearing::Parameters::<Runtime>::get().liquidation.grace_period);
		assert_eq!((liquidate(Charlie), is_for_sale(Charlie)), (refused(ClearingError::Sound), false));
	})
}

#[test]
fn who_would_be_liquidated_at_a_stale_price_keeps_all_if_the_next_is_better() {
	exchange(|| {
		let instrument = one_long();
		// Its guarantor has enough for what is added to margin.
		pay_in(Bob, dollars(1_000_000));
		// The fall is reported and becomes final only after it is stale: nothing happens at it.
		report(&REPORTERS, &at(AFTER));
		block_after(3 * DAY_MILLISECONDS);
		finalise(&at(AFTER));
		block();
		assert_eq!(mark(instrument), None);
		for _ in 0..20 {
			block();
			assert_eq!((liquidate(Charlie), is_for_sale(Charlie)), (refused_or_sound(Charlie), false));
		}
		assert_eq!(trade(Eve, Dave, instrument, 1, AFTER), not_traded(MarketError::NoMark));
		// The price is back where it was.
		revive(instrument, BEFORE);
		assert_eq!(mark(instrument), Some(BEFORE));
		// The fall was a move all the same: margin rises by a quarter a day, and its owner has the grace to pay that in.
		let margin = view(Charlie).margin;
		assert!(margin.equity < margin.maintenance_margin, "{margin:?}");
		assert_eq!(liquidate(Charlie), refused(ClearingError::InGrace));
		pay_in(Charlie, dollars(1_000_000));
		publish(&at(BEFORE));
		pass(2 * pallet_clearing::Parameters::<Runtime>::get().liquidation.grace_period);
		assert_eq!(liquidate(Charlie), refused(ClearingError::Sound));
		assert_eq!((lots(Charlie, instrument), is_for_sale(Charlie)), (600, false));
	})
}

/// Where a day of the exchange is shorter than the halt, all prices are stale: it takes new ones, and runs that find
/// them.
fn revive(instrument: gcx_primitives::InstrumentId, price: Price) {
	for _ in 0..4 {
		if mark(instrument).is_none() {
			publish(&at(price));
			settle();
		}
	}
}

/// What `liquidate` says of an account whose instrument has no mark: it has margin at the last mark, or it is spared.
fn refused_or_sound(who: Sr25519Keyring) -> frame_support::pallet_prelude::DispatchResult {
	let margin = view(who).margin;
	refused(if margin.equity < margin.maintenance_margin { ClearingError::InGrace } else { ClearingError::Sound })
}

#[test]
fn a_step_of_the_waterfall_that_fails_at_its_end_moved_nothing() {
	exchange(|| {
		let (issued, instrument) = (issuance(), one_long());
		// Down by 2.10 an hour at once: Charlie loses 1,260,000, and nobody takes what it held.
		let low = cents(40);
		publish(&at(low));
		days_until(&at(low), || lots(Charlie, instrument) == 0 || !is_for_sale(Charlie));
		settle();
		days_until(&at(low), || stage(Bob).is_some());
		until(|| matches!(stage(Bob), Some(DefaultStage::Waterfall(_))));
		// Bob's house still holds what it had to take. The steps of its default come block by block.
		while !matches!(stage(Bob), Some(DefaultStage::Waterfall(Layer::Contribution))) {
			assert_ok!(send(Dave, pallet_clearing::Call::advance_default { guarantor: Bob.to_account_id() }));
		}
		assert!(lots(Bob, instrument) != 0);
		let had = contribution(Bob);
		let paid_in = || (contribution(Bob), ledger(Bob, SegmentSide::House).custody, pool_size());
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		// What the step needs last, to close the books, is not there: by then the pool has paid. Nothing before needs it, as
		// the house is settled up to the last run.
		let house = pallet_clearing::Accounts::<Runtime>::get(Bob.to_account_id(), SubAccount::HOUSE).unwrap();
		assert_eq!(house.rolled, pallet_clearing::Settled::<Runtime>::get().current);
		without_instrument(instrument, || {
			let (before, was_paid_in) = (root(), paid_in());
			let step = send(Dave, pallet_clearing::Call::advance_default { guarantor: Bob.to_account_id() });
			let error = step.expect_err("the books cannot be closed");
			assert_eq!(error, ClearingError::<Runtime>::UnknownInstrument.into(), "{}", why(error));
			assert_eq!(root(), before);
			assert_eq!(paid_in(), was_paid_in);
		});
		assert_eq!(stage(Bob), Some(DefaultStage::Waterfall(Layer::Contribution)));
		// With it the same step is taken, wholly.
		assert_ok!(send(Dave, pallet_clearing::Call::advance_default { guarantor: Bob.to_account_id() }));
		// With its part of what the pool earned meanwhile.
		assert!(took(Bob, Layer::Contribution) >= had);
		assert_eq!(contribution(Bob), Cash::ZERO);
		for _ in 0..6 {
			publish(&at(low));
			settle();
		}
		assert_eq!(stage(Bob), Some(DefaultStage::Settled));
		let failure = pallet_clearing::Defaults::<Runtime>::get(Bob.to_account_id()).unwrap();
		assert_eq!(failure.loss, failure.taken);
		assert_sound(issued);
		tell(
			"dYdX, October 2025 (backstop)",
			format!(
				"the step that failed left the state root as it was; taken again it took {} of {}, all layers {}",
				shown(had),
				shown(had),
				shown(failure.taken),
			),
		);
	})
}
