//! The layers: in order, each before the next, exactly the loss.

use super::{defaults::*, *};
use gcx_primitives::{Guarantors as _, InsurancePool as _, PoolRisk as _};
use pallet_insurance::{Books as PoolBooks, Contributions, Pallet as Pool};
use proptest::prelude::*;

/// What all layers have: 30,000 and a bond that counts for 50,000 of the failed one's, skin of 100,000, 60,000 of the other
/// guarantor, 200,000 of outsiders, and 50,000 that the other can be assessed.
const LAYERS: [(Layer, i128); 6] = [
	(Layer::Contribution, 30_000),
	(Layer::Bond, 50_000),
	// Half of it is advanced on the bond.
	(Layer::Skin, 50_000),
	(Layer::Guarantors, 60_000),
	(Layer::Outside, 200_000),
	(Layer::Assessments, 50_000),
];

/// A house owes `loss` before a pool that has all layers, and its lots are sold at mark.
fn full_pool(loss: i64) {
	BondPrice::set(20);
	fund(30_000, 100_000, 60_000, 200_000);
	house_owes(loss);
	sell_house();
}

/// What layers take of a loss, the first ones all that they have.
fn expected(loss: i128) -> Vec<(Layer, i128, i128)> {
	let mut left = loss;
	let mut taken = vec![(Layer::HouseFunds, 0, 0)];
	for (layer, has) in LAYERS {
		if left == 0 {
			break;
		}
		// What is drawn on a bond comes out of skin in the game.
		let took = left.min(has);
		let had = if layer == Layer::Assessments { took } else { has };
		taken.push((layer, had, took));
		left -= took;
	}
	taken
}

/// A loss that the pool bears is borne by the layers in their order, and by nothing else.
fn is_borne(loss: i64) {
	Exchange.run(|| {
		full_pool(loss);
		let issued = issuance();
		for _ in 0..12 {
			next_block();
		}
		let assessed = i128::from(loss) - 390_000;
		if assessed > 0 {
			// It waits for the sale, whatever else happens.
			assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Assessments)));
			assert!(!Clearing::is_calm());
			let halves = Balance::try_from(assessed).unwrap() / 10;
			buy(1, halves / 2);
			minutes(3);
			assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Assessments)));
			buy(1, Balance::MAX);
			work_out(GUARANTOR, 5);
		}
		assert_settled(GUARANTOR, loss.into());
		assert_eq!(layers(GUARANTOR), expected(loss.into()));
		assert!(Clearing::is_calm());
		assert_whole();
		assert_eq!((cash(GUARANTOR), cash(12)), (0, 80_000));
		assert_eq!(issuance(), issued);
	});
}

#[test]
fn each_layer_is_the_last_one_that_is_needed() {
	for loss in [1_000, 20_000, 30_000, 70_000, 80_000, 90_000, 130_000, 160_000, 190_000, 340_000, 390_000, 410_000] {
		is_borne(loss);
	}
}

/// Two runs later nothing is owed any more; the pool has what is left, to the unit.
#[test]
fn the_pool_has_what_layers_did_not_give() {
	Exchange.run(|| {
		full_pool(160_000);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 160_000);
		let books = PoolBooks::<Test>::get();
		assert_eq!((books.skin, books.contributed, books.outside.value), (Cash(0), Cash(30_000), Cash(200_000)));
		assert_eq!((books.lent, books.recorded), (Cash(0), Cash(230_000)));
		assert_eq!(dollars(INSURANCE), 230_000 + MINIMUM);
		assert_eq!(Contributions::<Test>::get(GUARANTOR).unwrap().amount, Cash(0));
		// 5,000 tokens at 20 repay what was advanced on them. The sale account keeps one.
		assert_eq!(bonded(GUARANTOR), 0);
		buy(0, Balance::MAX);
		assert_eq!(PoolBooks::<Test>::get().skin, Cash(50_000));
		assert_whole();
	})
}

/// All tokens that stand behind a guarantor.
fn bonded(who: AccountId) -> Balance {
	Guarantor::own_resources(&who).map_or(0, |resources| resources.total().expect("they can be added up"))
}

#[test]
fn of_a_bond_no_more_is_taken_than_counts_for_the_loss() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 100_000, 0, 0);
		house_owes(40_100);
		sell_house();
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 40_100);
		let expected = [(Layer::HouseFunds, 0, 0), (Layer::Contribution, 0, 0), (Layer::Bond, 50_000, 40_100)];
		assert_eq!(layers(GUARANTOR), expected);
		// Ten for each token after the haircut.
		assert_eq!(bonded(GUARANTOR), BOND - 4_010);
	})
}

#[test]
fn a_bond_without_a_price_is_sold_and_nothing_advanced_on_it() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 100_000, 0, 0);
		house_owes(40_000);
		sell_house();
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 40_000);
		let expected = [
			(Layer::HouseFunds, 0, 0),
			(Layer::Contribution, 0, 0),
			(Layer::Bond, 0, 0),
			(Layer::Skin, 100_000, 40_000),
		];
		assert_eq!(layers(GUARANTOR), expected);
		assert_eq!(bonded(GUARANTOR), 0);
		// What it fetches later is the pool's income.
		BondPrice::set(20);
		assert_ok!(Pool::<Test>::begin_sale(signed(STRANGER), pallet_insurance::SaleId(0)));
		let before = dollars(INSURANCE);
		buy(0, 1_000);
		assert_eq!(dollars(INSURANCE), before + 20_000);
	})
}

/// What a house had when it failed comes first, whatever it had it in.
#[test]
fn house_funds_come_before_anybody_elses_money() {
	for (moved, took) in [(300, 30_000), (1_000, 100_000), (1_500, 150_000)] {
		Exchange.run(|| {
			BondPrice::set(0);
			fund(0, 100_000, 0, 0);
			house_is_short();
			fail(GUARANTOR);
			assert_eq!(Defaults::<Test>::get(GUARANTOR).unwrap().house_funds, Cash(100_000));
			run_at(PRICE + moved);
			sell_house();
			work_out(GUARANTOR, 20);
			assert_settled(GUARANTOR, took);
			assert_eq!(layers(GUARANTOR)[0], (Layer::HouseFunds, 100_000, took.min(100_000)));
			assert_eq!(cash(GUARANTOR), (100_000 - took).max(0));
			let skin = layers(GUARANTOR).iter().find(|(layer, ..)| *layer == Layer::Skin).map(|it| it.2);
			assert_eq!(skin, (took > 100_000).then_some(50_000));
			assert_whole();
		});
	}
}

#[test]
fn others_bear_pro_rata_to_what_they_have_where_none_is_at_risk() {
	Exchange.run(|| {
		BondPrice::set(0);
		house_is_short();
		admit_third(40_000);
		fund(0, 0, 60_000, 0);
		assert_ok!(Pool::<Test>::contribute(signed(THIRD), 30_000));
		run_at(price_of(30_000));
		fail(GUARANTOR);
		sell_house();
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 30_000);
		let left = |who| Contributions::<Test>::get(who).unwrap().amount;
		assert_eq!((left(OTHER), left(THIRD)), (Cash(40_000), Cash(20_000)));
	})
}

/// Nothing is skipped in silence: a layer that has nothing says so.
#[test]
fn with_nothing_anywhere_it_waits_for_gains_and_says_so() {
	Exchange.run(|| {
		BondPrice::set(0);
		house_owes(40_000);
		sell_house();
		minutes(12);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Gains)));
		let layers: Vec<_> = layers(GUARANTOR).into_iter().map(|(layer, had, took)| (layer, had + took)).collect();
		let expected: Vec<_> = [Layer::HouseFunds, Layer::Contribution, Layer::Bond, Layer::Skin, Layer::Guarantors]
			.into_iter()
			.chain([Layer::Outside, Layer::Assessments])
			.map(|layer| (layer, 0))
			.collect();
		assert_eq!(layers, expected);
		assert_noop!(Clearing::advance_default(signed(STRANGER), GUARANTOR), Error::<Test>::NothingToDo);
		// Waiting says nothing every block.
		let before = events().len();
		minutes(5);
		let more: Vec<_> = events().into_iter().skip(before).collect();
		assert!(more.iter().all(|event| !matches!(event, Event::LayerTaken { .. })), "{more:?}");
	})
}

/// The money of a layer is lent to another guarantor: what is there is taken, and the rest when it comes back.
#[test]
fn a_layer_that_is_lent_to_others_is_waited_for() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 250_000, 0, 0);
		house_is_short();
		govern(|parameters| parameters.margin_call_period = 168 * HOUR);
		admit_third(60_000);
		trade(THIRD, OTHER, 100, PRICE);
		run_at(PRICE - 1_600);
		assert_eq!(house(THIRD).borrowed, Cash(100_000));
		trade(OTHER, THIRD, 100, PRICE - 1_600);
		// The first house had won 160,000. Now it loses 2,800 a lot, the most in a day.
		run_at(PRICE + 1_200);
		check(GUARANTOR);
		assert_eq!(cash(GUARANTOR), -20_000);
		run_at(PRICE + 2_800);
		check(GUARANTOR);
		assert_eq!((cash(GUARANTOR), house(GUARANTOR).borrowed), (-180_000, Cash(150_000)));
		fail(GUARANTOR);
		sell_house();
		for _ in 0..20 {
			next_block();
		}
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Skin)));
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Skin, 250_000, 150_000)));
		let before = events().len();
		minutes(3);
		let more: Vec<_> = events().into_iter().skip(before).collect();
		assert!(more.iter().all(|event| !matches!(event, Event::LayerTaken { .. })), "{more:?}");
		deposit(THIRD, 110_000);
		assert_eq!(Pool::<Test>::lent(&THIRD), Cash(0));
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 180_000);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Skin, 100_000, 30_000)));
		assert_whole();
	})
}

/// What nobody bought fetched nothing: the next layer has the rest.
#[test]
fn assessments_that_nobody_buys_fetch_nothing() {
	Exchange.run(|| {
		BondPrice::set(20);
		house_is_short();
		fund(0, 0, 60_000, 0);
		run_at(price_of(130_000));
		fail(GUARANTOR);
		sell_house();
		minutes(12);
		// 60,000 were contributed, of which 50,000 were advanced on the bond.
		let expected = [
			(Layer::HouseFunds, 0, 0),
			(Layer::Contribution, 0, 0),
			(Layer::Bond, 50_000, 50_000),
			(Layer::Skin, 0, 0),
			(Layer::Guarantors, 10_000, 10_000),
			(Layer::Outside, 0, 0),
		];
		assert_eq!(layers(GUARANTOR), expected);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Assessments)));
		// 2,000 of the other's 5,000 tokens fetch 20 each.
		buy(1, 2_000);
		let bond = bonded(OTHER);
		assert_eq!(bond, 0);
		minutes(24 * 60 + 1);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Gains)));
		let last = *layers(GUARANTOR).last().unwrap();
		assert_eq!((last.0, last.1), (Layer::Assessments, last.2));
		// It was bought some minutes after the sale began, at a price that falls by 18 a day.
		assert!((39_000..=40_000).contains(&last.2), "{last:?}");
		let failure = Defaults::<Test>::get(GUARANTOR).unwrap();
		assert_eq!((failure.loss, failure.taken), (Cash(130_000), Cash(60_000 + last.2)));
	})
}

/// Prices came back after the layers had paid: what was too much stayed with who had failed.
#[test]
fn what_was_taken_in_excess_goes_back_to_the_pool() {
	for (price, back) in [(6_000, 100_000), (4_000, 300_000), (3_500, 300_000)] {
		Exchange.run(|| {
			BondPrice::set(0);
			fund(0, 1_000_000, 0, 0);
			house_owes(300_000);
			to_auction(GUARANTOR);
			minutes(75);
			assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::TearUp)));
			assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Skin, 1_000_000, 300_000)));
			let before = dollars(INSURANCE);
			run_at(price);
			minutes(3);
			assert_settled(GUARANTOR, 300_000);
			assert_eq!(dollars(INSURANCE) - before, back);
			let returned = Cash(i128::try_from(back).unwrap());
			assert!(events().contains(&Event::ExcessReturned { guarantor: GUARANTOR, amount: returned }));
			// What its lots won beyond that is its own.
			assert_eq!(cash(GUARANTOR), i128::from(7_000 - price) * 100 - returned.0);
			assert_whole();
		});
	}
}

/// A house's own funds are not the pool's.
#[test]
fn only_what_others_gave_goes_back() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 1_000_000, 0, 0);
		house_is_short();
		fail(GUARANTOR);
		run_at(PRICE + 1_500);
		to_auction(GUARANTOR);
		minutes(75);
		let before = dollars(INSURANCE);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Skin, 1_000_000, 50_000)));
		run_at(PRICE + 500);
		minutes(3);
		assert_settled(GUARANTOR, 150_000);
		assert_eq!(dollars(INSURANCE) - before, 50_000);
		assert_eq!(cash(GUARANTOR), 50_000);
	})
}

#[test]
fn a_loss_that_prices_make_good_takes_nothing() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(0, 1_000_000, 0, 0);
		house_owes(300_000);
		run_at(PRICE);
		to_auction(GUARANTOR);
		take_part(OTHER, GUARANTOR, Ppm::ONE);
		work_out(GUARANTOR, 20);
		assert_settled(GUARANTOR, 0);
		assert_eq!(layers(GUARANTOR), [(Layer::HouseFunds, 0, 0)]);
		assert_eq!((cash(GUARANTOR), Pool::<Test>::size()), (100_000, Cash(1_000_000)));
		assert_whole();
	})
}

/// What was lost with the tear-up went to the winners' gains, with the pool's layers full.
#[test]
fn a_loss_that_comes_later_is_borne_in_order_too() {
	Exchange.run(|| {
		BondPrice::set(0);
		fund(20_000, 1_000_000, 0, 0);
		house_owes(300_000);
		to_auction(GUARANTOR);
		minutes(75);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::TearUp)));
		run_at(8_000);
		minutes(12);
		assert_settled(GUARANTOR, 400_000);
		let expected = [
			(Layer::HouseFunds, 0, 0),
			(Layer::Contribution, 20_000, 20_000),
			(Layer::Bond, 0, 0),
			(Layer::Skin, 1_000_000, 280_000),
			(Layer::HouseFunds, 0, 0),
			(Layer::Contribution, 0, 0),
			(Layer::Bond, 0, 0),
			(Layer::Skin, 720_000, 100_000),
		];
		assert_eq!(layers(GUARANTOR), expected);
		assert_eq!(Pool::<Test>::size(), Cash(620_000));
		assert_whole();
		assert_eq!(cash(OTHERS_CUSTOMER), 2_000_000 + 500_000);
	})
}

/// The loss of a price move between two layers is found by the next one.
#[test]
fn a_loss_that_grows_between_layers_is_borne_by_the_next() {
	Exchange.run(|| {
		BondPrice::set(20);
		fund(0, 0, 60_000, 200_000);
		house_owes(300_000);
		to_auction(GUARANTOR);
		minutes(75);
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::Assessments)));
		assert_eq!(Defaults::<Test>::get(GUARANTOR).unwrap().taken, Cash(260_000));
		// Assessed for 40,000, and now it owes 50,000: 4,000 tokens fetch more than enough.
		run_at(7_100);
		buy(1, Balance::MAX);
		minutes(4);
		assert_eq!(layers(GUARANTOR).last(), Some(&(Layer::Assessments, 50_000, 50_000)));
		assert_eq!(stage(GUARANTOR), Some(Stage::Waterfall(Layer::TearUp)));
		run_at(7_100);
		minutes(3);
		assert_settled(GUARANTOR, 310_000);
		assert_whole();
	})
}

/// The same loss, taken step by step by somebody who does not want to wait.
#[test]
fn anybody_takes_the_steps() {
	Exchange.run(|| {
		full_pool(160_000);
		let mut steps = 0;
		while stage(GUARANTOR) != Some(Stage::Settled) {
			let taken = Clearing::advance_default(signed(STRANGER), GUARANTOR).expect("there is a step");
			assert_eq!(taken.pays_fee, frame_support::dispatch::Pays::No);
			steps += 1;
		}
		// Out of the auction, five layers, and the end.
		assert_eq!(steps, 7);
		assert_settled(GUARANTOR, 160_000);
		assert_eq!(layers(GUARANTOR), expected(160_000));
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	/// Whatever the loss is, layers bear exactly that, in order.
	#[test]
	fn any_loss_is_borne_exactly(hundreds in 10i64..4_390) {
		// A token is the least that is assessed.
		is_borne(hundreds * 100);
	}
}
