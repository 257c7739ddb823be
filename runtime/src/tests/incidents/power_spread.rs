//! Nasdaq Clearing, 10 and 11 September 2018: one member, an individual trading for himself, held a spread between
//! Nordic and German power that was larger than the fund behind all members. The spread moved by 17 times a usual day;
//! the loss beyond his margin was 114 million euros, of which the default fund of 166 million bore the most. Few
//! members were asked to bid for his positions.
//!
//! Here a hundredth of it, in dollars: a pool of 1.66 million, and a trader who wants a spread whose loss could be
//! 1.14 million beyond what he has. The two markets are two classes, and nothing of one offsets the other.

use super::*;
use gcx_primitives::{Cash, InstrumentId, Ppm, Price};
use pallet_clearing::AccountState;
use pallet_market::Error as MarketError;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};

/// Both markets before: 50 dollars.
const PRICE: Price = cents(5_000);
/// What the pool has: a hundredth of 166 million.
const POOL: Cash = dollars(1_660_000);
/// What the member lost beyond its margin: a hundredth of 114 million.
const LOSS: Cash = dollars(1_140_000);

fn at(nordic: Price, german: Price) -> [(gcx_primitives::ClassId, Price); 3] {
	[(HPC_FP64, nordic), (AI_INFER, german), (GCX_PRICE, cents(100))]
}

/// Charlie, under Bob, with whom he will trade; Dave under Alice and Ferdie under Eve.
fn members() -> [InstrumentId; 2] {
	for (who, house, part) in [(Alice, 2_000_000, 500_000), (Bob, 100_000, 60_000), (Eve, 2_000_000, 100_000)] {
		guarantor(who, dollars(house));
		contribute(who, dollars(part));
	}
	customer(Charlie, Bob, dollars(5_000_000));
	customer(Dave, Alice, dollars(50_000_000));
	customer(Ferdie, Eve, dollars(10_000_000));
	postpone_settlement();
	publish(&at(PRICE, PRICE));
	[list(HPC_FP64, 100, PRICE), list(AI_INFER, 100, PRICE)]
}

/// Bob pays what it is called for, if it is. Says how much that was.
fn meet_call() -> Cash {
	assert_ok!(send(Dave, pallet_clearing::Call::refresh_cover { guarantor: Bob.to_account_id() }));
	let called = Clearing::guarantor_view(Bob.to_account_id()).and_then(|bob| bob.margin_call).unwrap_or_default();
	if !called.is_zero() {
		pay_in(Bob, called);
	}
	called
}

/// Charlie opens the spread in steps of 50 lots, with no more cash than margin asks for, until it is refused. Says how
/// many lots there are then and why there are not more.
fn open_spread([nordic, german]: [InstrumentId; 2]) -> (i64, frame_support::pallet_prelude::DispatchError) {
	for step in 1.. {
		let first = trade(Charlie, Dave, nordic, 50, PRICE);
		let second = first.and_then(|()| trade(Dave, Charlie, german, 50, PRICE));
		if let Err(error) = second {
			return ((step - 1) * 50, error);
		}
	}
	unreachable!("there is a limit")
}

#[test]
fn a_member_cannot_hold_what_its_guarantor_and_the_pool_could_not_bear() {
	exchange(|| {
		let spread = members();
		assert_eq!(pool_size(), POOL);
		// It has all the cash that margin asks for: it is the guarantor that cannot stand behind more.
		let (lots, error) = open_spread(spread);
		let margin = view(Charlie).margin;
		let name = why(error);
		assert_eq!(error, MarketError::<Runtime>::GuarantorCover.into(), "{name} at {lots} lots: {margin:?}");
		block();
		let (stress, need) = Clearing::stress_view(&Bob.to_account_id());
		let behind = 3 * (100_000 + 50_000 + 60_000);
		assert!(stress <= dollars(behind), "{stress:?}");
		assert!(stress < LOSS && need.amount < POOL);
		assert!(margin.concentration > Cash::ZERO);
		// What it would lack with the legs three scan ranges apart, which stress by direction does not see.
		let legs =
			Clearing::instrument_views().into_iter().map(|leg| i128::from(leg.scan_range) * 3 * i128::from(lots) * 100);
		let apart = Cash(legs.sum::<i128>() + margin.concentration.0 - margin.equity.0);
		tell(
			"Nasdaq, 2018 (a hundredth: fund 1,660,000 $, loss 1,140,000 $)",
			format!(
				"refused for cover at {lots} lots a leg; three scan ranges up or down it would lack {}, with the legs \
				apart {}; margin {} of which {} for size",
				shown(stress),
				shown(apart),
				shown(margin.initial_margin),
				shown(margin.concentration),
			),
		);
	})
}

#[test]
fn the_move_that_broke_the_fund_is_borne_by_margin_and_everyone_may_bid() {
	exchange(|| {
		let issued = issuance();
		let spread = members();
		let (held, _) = open_spread(spread);
		settle();
		let pool = pool_size();
		// All cash beyond margin goes: he is as lean as he may be.
		let spare = view(Charlie).withdrawable;
		let _ = withdraw(Charlie, spare);
		let margin = view(Charlie).margin;
		// His guarantor leans on the pool by more than it is let have: it is called at once, and pays.
		let called = meet_call();
		// Seventeen times a usual day of one per cent, on each leg, apart.
		let apart = PRICE.0 / 100 * 17;
		let (nordic, german) = (Price(PRICE.0 - apart), Price(PRICE.0 + apart));
		publish(&at(nordic, german));
		let lost = Cash(i128::from(apart) * 2 * i128::from(held) * 100);
		assert!(
			matches!(state(Charlie), AccountState::Liquidating { .. }),
			"{:?} {:?}",
			state(Charlie),
			view(Charlie).margin
		);
		// A customer of one guarantor, a customer of another, and the house of a third: nobody is asked, everybody
		// may.
		let before = [Dave, Ferdie, Alice].map(|who| spread.map(|leg| lots(who, leg)));
		for taker in [Ferdie, Dave, Alice].into_iter().cycle().take(30) {
			if matches!(state(Charlie), AccountState::Liquidating { .. }) {
				assert_ok!(bid(taker, Charlie, Ppm::percent(30)));
			}
		}
		let after = [Dave, Ferdie, Alice].map(|who| spread.map(|leg| lots(who, leg)));
		for (before, after) in before.iter().zip(&after) {
			assert_ne!(before, after, "everyone took a part");
		}
		days_until(&at(nordic, german), || !matches!(state(Charlie), AccountState::Liquidating { .. }));
		let called_again = meet_call();
		settle();
		assert!(pool_size() >= pool, "the pool paid nothing");
		assert_eq!([Alice, Bob, Eve].map(stage), [None; 3]);
		assert_sound(issued);
		tell(
			"Nasdaq, 2018 (the move)",
			format!(
				"17 % against each leg of {held} lots lost {}, his margin was {}; his guarantor was called for {} before and {} \
				after; members of three guarantors took what was for sale; pool 0",
				shown(lost),
				shown(margin.initial_margin),
				shown(called),
				shown(called_again),
			),
		);
	})
}
