//! Oracles that went on answering. ORML's oracle returns the last combined value when fewer than the minimum of
//! feeders have reported, for ever (`orml-oracle`, `DefaultCombineData`). A freshness check of Drift's subtracted
//! backwards: an age was always 0, and every price fresh.

use super::*;
use gcx_primitives::{Cash, ClassId, InstrumentId, Price, PriceIndex};
use pallet_clearing::{AccountState, Error as ClearingError, Event as ClearingEvent};
use pallet_index::{Event as IndexEvent, NoPrice};
use pallet_market::Error as MarketError;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

const PRICE: Price = cents(250);

fn at(price: Price) -> [(ClassId, Price); 1] {
	[(AI_INFER, price)]
}

/// Charlie, under Bob, is long 600 lots of 1,000 hours with little more than margin; Dave and Eve, under Alice, have
/// plenty.
fn one_long() -> InstrumentId {
	guarantor(Alice, dollars(1_000_000));
	guarantor(Bob, dollars(200_000));
	customer(Charlie, Bob, dollars(600_000));
	customer(Dave, Alice, dollars(5_000_000));
	customer(Eve, Alice, dollars(5_000_000));
	postpone_settlement();
	publish(&at(PRICE));
	let instrument = list(AI_INFER, 1_000, PRICE);
	assert_ok!(trade(Charlie, Dave, instrument, 600, PRICE));
	settle();
	instrument
}

#[test]
fn below_quorum_there_is_no_price_and_nothing_happens_at_an_old_one() {
	exchange(|| {
		let issued = issuance();
		let instrument = one_long();
		let newest = pallet_index::Latest::<Runtime>::get(AI_INFER).unwrap().0;
		// Two of three report a price that would ruin Charlie, day after day. Two are no quorum.
		let mut unfixed = 0;
		while Index::fresh_fix(AI_INFER, 2 * DAY_MILLISECONDS).is_some() {
			report(&REPORTERS[..2], &at(cents(100)));
			unfixed += 1;
		}
		let below = events().into_iter().filter(|event| {
			let RuntimeEvent::Index(IndexEvent::NotFixed { reason, .. }) = event else { return false };
			matches!(reason, NoPrice::BelowQuorum { reports: 2, reports_needed: 3, .. })
		});
		assert_eq!(below.count(), unfixed);
		assert_eq!(pallet_index::Latest::<Runtime>::get(AI_INFER).unwrap().0, newest);
		block();
		assert_eq!(mark(instrument), None);
		// Nobody opens, everybody may close.
		assert_eq!(trade(Eve, Dave, instrument, 1, PRICE), not_traded(MarketError::NoMark));
		assert_ok!(trade(Dave, Charlie, instrument, 100, PRICE));
		// Nobody withdraws what an unknown price might need, nobody is liquidated.
		assert_eq!(withdraw(Charlie, Cash(1)), refused(ClearingError::NoMark));
		assert!(liquidate(Charlie).is_err());
		assert_eq!(state(Charlie), AccountState::Open);
		// A run is paid, at the price that there was: nothing moves, and the price grows no younger by it.
		let before = (cash(Charlie), cash(Dave), settlement(instrument));
		let made = pallet_clearing::Instruments::<Runtime>::get(instrument).unwrap().settlement.time;
		settle();
		assert_eq!((cash(Charlie), cash(Dave), settlement(instrument)), before);
		let settled = pallet_clearing::Instruments::<Runtime>::get(instrument).unwrap();
		assert_eq!(settled.staged.map_or(settled.settlement.time, |staged| staged.time), made);
		let has_mark = of_clearing().filter_map(|event| match event {
			ClearingEvent::Priced { has_mark, .. } => Some(has_mark),
			_ => None,
		});
		assert_eq!(has_mark.last(), Some(false));
		// The third is back: there is a price, and after the grace trading goes on.
		publish(&at(PRICE));
		// All prices had grown too old: the index alone is not enough at once.
		settle();
		publish(&at(PRICE));
		settle();
		publish(&at(PRICE));
		assert_eq!(mark(instrument), Some(PRICE));
		assert_ok!(trade(Eve, Dave, instrument, 100, PRICE));
		assert_sound(issued);
		tell(
			"ORML oracle (last value for ever)",
			format!(
				"{unfixed} days below quorum: no fix, then no mark: opening refused, closing taken, \
				0 liquidations, a run that moved 0"
			),
		);
	})
}

#[test]
fn a_price_grows_old_as_the_clock_moves_and_never_young() {
	exchange(|| {
		let instrument = one_long();
		let fix = pallet_index::Latest::<Runtime>::get(AI_INFER).unwrap().0;
		let limit = pallet_clearing::Parameters::<Runtime>::get().max_fix_age;
		let (mut last, mut fresh, mut stale) = (0, 0, 0);
		let step = limit / 40;
		while stale < 20 {
			block_after(step);
			let age = now() - fix.time;
			assert!(age > last, "the clock moved");
			last = age;
			let state = Index::state(AI_INFER).unwrap();
			assert_eq!(state.age, Some(age));
			// At every age the answer is what the age says, for the exchange's own limit and for any other.
			for most in [0, 1, age - 1, age, age + 1, limit, u64::MAX] {
				assert_eq!(Index::fresh_fix(AI_INFER, most), (age <= most).then_some(fix), "{age} of {most}");
			}
			let is_fresh = age <= limit;
			assert_eq!(mark(instrument).is_some(), is_fresh, "{age} of {limit}");
			*(if is_fresh { &mut fresh } else { &mut stale }) += 1;
			assert_eq!(withdraw(Eve, Cash(1)), Ok(()), "who holds nothing depends on no price");
			assert_eq!(withdraw(Charlie, Cash(1)).is_ok(), is_fresh);
		}
		assert!(fresh >= 10);
		tell(
			"Drift's freshness check (age always 0)",
			format!(
				"{fresh} blocks fresh, {stale} stale; the last age {} s of {} s allowed",
				last / 1_000,
				limit / 1_000
			),
		);
	})
}
