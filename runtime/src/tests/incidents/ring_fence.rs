//! JELLY on Hyperliquid, 26 March 2025: a short in a thin market was thrown onto the exchange's backstop, which shared
//! its collateral with all the other vaults, so that the loss of one stood against the money of all and nothing
//! stopped it.
//!
//! The market was settled at 0.0095 dollars by decision of the validators, where the short had been opened
//! (Hyperliquid's announcement). That price is the constant here.

use super::*;
use gcx_primitives::{Cash, DefaultStage, InstrumentId, Ppm, Price, SegmentSide, WaterfallLayer as Layer};
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};

/// What JELLY was settled at: 0.0095 dollars.
const JELLY: Price = Price(9_500);
/// Units of it in a lot: a million.
const UNITS: u64 = 1_000_000;
/// One GCX is a dollar: a bond of 100,000 counts for half of it.
const GCX_DOLLAR: Price = cents(100);

fn at(price: Price) -> [(gcx_primitives::ClassId, Price); 2] {
	[(AI_INFER, price), (GCX_PRICE, GCX_DOLLAR)]
}

/// Three guarantors with a customer each. Charlie under Bob is short 150 lots, Ferdie under Eve `second`, and Dave
/// under Alice is long all of them.
fn three_guarantors(second: i64) -> InstrumentId {
	for (who, house, part) in [(Alice, 5_000_000, 200_000), (Bob, 100_000, 50_000), (Eve, 100_000, 100_000)] {
		guarantor(who, dollars(house));
		contribute(who, dollars(part));
	}
	customer(Charlie, Bob, dollars(360_000));
	customer(Dave, Alice, dollars(5_000_000));
	customer(Ferdie, Eve, dollars(360_000));
	let_custody_age(Dave);
	postpone_settlement();
	publish(&at(JELLY));
	let jelly = list(AI_INFER, UNITS, JELLY);
	assert_ok!(trade(Dave, Charlie, jelly, 150, JELLY));
	if second > 0 {
		assert_ok!(trade(Dave, Ferdie, jelly, second, JELLY));
	}
	settle();
	jelly
}

/// The price jumps, shorts are ruined, nobody takes what they had in time, a run is due.
fn jump(to: Price, ruined: &[Sr25519Keyring]) {
	publish(&at(to));
	days_until(&at(to), || ruined.iter().all(|who| lots(*who, InstrumentId(0)) == 0));
	settle();
}

#[test]
fn one_guarantors_default_draws_on_its_own_layers_and_nobody_elses() {
	exchange(|| {
		let (issued, jelly) = (issuance(), three_guarantors(50));
		let before: Vec<_> = [Alice, Eve].map(contribution).to_vec();
		let dave = cash(Dave);
		// 0.0165: 150 million units lose 1,050,000 dollars, three times what Charlie has.
		let high = Price(16_500);
		pay_in(Ferdie, dollars(1_000_000));
		jump(high, &[Charlie]);
		// The run was paid in full meanwhile: the winner under another guarantor does not wait for the default.
		let gain = Cash(i128::from(high.0 - JELLY.0) * 200 * i128::from(UNITS));
		assert_eq!(cash(Dave).0, dave.0 + gain.0);
		assert_eq!(ledger(Alice, SegmentSide::Customers).owed, Cash::ZERO);
		let lent = lent(Bob);
		days_until(&at(high), || stage(Bob).is_some());
		until(|| matches!(stage(Bob), Some(DefaultStage::Auction { .. })));
		// The others are not touched: Dave trades on and takes money out while Bob's default is worked out.
		assert_ok!(withdraw(Dave, dollars(1_000)));
		assert_ok!(trade(Ferdie, Dave, jelly, 10, high));
		assert_ok!(bid(Alice, Bob, Ppm::ONE));
		until(|| stage(Bob) == Some(DefaultStage::Settled));
		let order: Vec<_> = layers(Bob).into_iter().filter(|(_, took)| !took.is_zero()).collect();
		let names: Vec<_> = order.iter().map(|(layer, _)| *layer).collect();
		assert_eq!(names, [Layer::Customer, Layer::HouseFunds, Layer::Contribution, Layer::Bond, Layer::Skin]);
		let failure = pallet_clearing::Defaults::<Runtime>::get(Bob.to_account_id()).unwrap();
		assert_eq!(failure.loss, failure.taken);
		assert_eq!(contribution(Bob), Cash::ZERO);
		for (who, had) in [Alice, Eve].into_iter().zip(before) {
			assert!(!is_drawn(who) && contribution(who) >= had, "{who}");
			assert_eq!(stage(who), None);
		}
		assert_sound(issued);
		tell(
			"JELLY on Hyperliquid, 2025",
			format!(
				"of a loss of {} Bob's house bore {}, its contribution {}, its bond {}, skin in the game {}; other guarantors 0; \
				the pool had lent {} for the run",
				shown(failure.loss),
				shown(took(Bob, Layer::HouseFunds)),
				shown(took(Bob, Layer::Contribution)),
				shown(took(Bob, Layer::Bond)),
				shown(took(Bob, Layer::Skin)),
				shown(lent),
			),
		);
	})
}

#[test]
fn two_defaults_at_a_time_do_not_take_each_others_contributions() {
	exchange(|| {
		let issued = issuance();
		let jelly = three_guarantors(150);
		let alice = contribution(Alice);
		// Both are ruined at once, beyond what skin in the game has: the pool of those who stand bears the rest.
		let high = Price(16_000);
		jump(high, &[Charlie, Ferdie]);
		days_until(&at(high), || [Bob, Eve].iter().all(|who| stage(*who).is_some()));
		let lent: i128 = [Bob, Eve].map(|who| lent(who).0).iter().sum();
		let kept = [contribution(Bob), contribution(Eve)];
		assert_eq!(kept.map(|kept| kept >= dollars(50_000)), [true, true], "lending takes nobody's contribution");
		// Their auctions come one after the other. Alice's house takes what is for sale in each.
		until(|| {
			for who in [Bob, Eve] {
				if matches!(stage(who), Some(DefaultStage::Auction { .. })) && lots(who, jelly) != 0 {
					assert_ok!(bid(Alice, who, Ppm::ONE));
				}
			}
			[Bob, Eve].iter().all(|who| stage(*who) == Some(DefaultStage::Settled))
		});
		// Each one's own contribution went to its own loss, whoever was first.
		for (who, had) in [Bob, Eve].into_iter().zip(kept) {
			assert!(took(who, Layer::Contribution) >= had, "{who} had {had:?}: {:?}", layers(who));
			let failure = pallet_clearing::Defaults::<Runtime>::get(who.to_account_id()).unwrap();
			assert_eq!(failure.loss, failure.taken);
		}
		for event in events() {
			if let RuntimeEvent::Insurance(pallet_insurance::Event::ContributionDrawn {
				contributor, guarantor, ..
			}) = event
			{
				let is_own = contributor == guarantor;
				assert!(is_own || contributor == Alice.to_account_id(), "{contributor:?} paid for {guarantor:?}");
			}
		}
		// Alice's customer has every unit that it won, and can trade.
		assert_eq!(stage(Alice), None);
		assert!(view(Dave).withdrawable > Cash::ZERO);
		assert_sound(issued);
		tell(
			"JELLY on Hyperliquid, 2025 (two at once)",
			format!(
				"the pool lent {}; own contributions bore {} and {}, skin {}, the third guarantor {} of its {}",
				shown(Cash(lent)),
				shown(took(Bob, Layer::Contribution)),
				shown(took(Eve, Layer::Contribution)),
				shown(Cash(took(Bob, Layer::Skin).0 + took(Eve, Layer::Skin).0)),
				shown(Cash(took(Bob, Layer::Guarantors).0 + took(Eve, Layer::Guarantors).0)),
				shown(alice),
			),
		);
	})
}
