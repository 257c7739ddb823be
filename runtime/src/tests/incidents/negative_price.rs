//! WTI crude oil, 20 April 2020: the May future settled at −37.63 dollars a barrel, from 18.27 on the 17th, and at
//! 10.01 on the 21st (CME settlement prices; `incidents/wti_cl_2020-03_05_daily.csv`). Software that took prices for
//! unsigned margined, marked and liquidated wrongly.

use super::*;
use gcx_primitives::{Cash, Ppm, Price};
use pallet_clearing::AccountState;
use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};

/// Settlement prices of 17, 20 and 21 April 2020.
const CLOSES: [Price; 3] = [cents(1_827), cents(-3_763), cents(1_001)];
/// Barrels a lot.
const BARRELS: u64 = 1_000;

/// What lots gain from one price to another.
fn gain(lots: i64, from: Price, to: Price) -> i128 {
	i128::from(to.0 - from.0) * i128::from(lots) * i128::from(BARRELS)
}

/// Guarantors, and customers with as much cash as is said.
fn oil_traders(cash: [(Sr25519Keyring, Sr25519Keyring, i64); 3]) {
	for who in [Alice, Bob, Eve] {
		guarantor(who, dollars(5_000_000));
	}
	for (who, guarantor, amount) in cash {
		customer(who, guarantor, dollars(amount));
	}
	postpone_settlement();
	publish(&[(AI_INFER, CLOSES[0])]);
}

#[test]
fn a_future_is_traded_marked_margined_and_settled_below_zero() {
	exchange(|| {
		let issued = issuance();
		oil_traders([(Charlie, Bob, 5_000_000), (Dave, Alice, 5_000_000), (Ferdie, Eve, 1_000_000)]);
		let oil = list(AI_INFER, BARRELS, CLOSES[0]);
		assert_ok!(trade(Charlie, Dave, oil, 50, CLOSES[0]));
		let start = (cash(Charlie).0, cash(Dave).0);
		// A day's limit is twice the price: the first run goes to −18.27, the rest comes with the second.
		publish(&[(AI_INFER, CLOSES[1])]);
		assert_eq!(mark(oil), Some(cents(-1_827)));
		settle();
		assert_eq!(settlement(oil), cents(-1_827));
		publish(&[(AI_INFER, CLOSES[1])]);
		settle();
		assert_eq!((mark(oil), settlement(oil)), (Some(CLOSES[1]), CLOSES[1]));
		let lost = gain(50, CLOSES[0], CLOSES[1]);
		assert_eq!((cash(Charlie).0, cash(Dave).0), (start.0 + lost, start.1 - lost));
		// Margin is of the size of the price: no less than a fifth of 37.63 a barrel, long or short.
		let scan = view(Charlie).margin.scan.0;
		assert!(scan >= 37_630_000 / 5 * 50 * i128::from(BARRELS), "{scan}");
		assert_eq!(scan, view(Dave).margin.scan.0);
		// A trade below zero: the buyer is paid for what it takes, by the run and not by the trade; fees are of the
		// size.
		let before = cash(Ferdie).0;
		assert_ok!(trade(Ferdie, Dave, oil, 5, cents(-4_000)));
		let fee = fee(BARRELS, 5, cents(-4_000)).0;
		assert!(fee > 0);
		assert_eq!(cash(Ferdie).0, before - fee + gain(5, cents(-4_000), CLOSES[1]));
		assert_eq!(view(Ferdie).unpaid.0, gain(5, cents(-4_000), CLOSES[1]));
		// And back through zero.
		publish(&[(AI_INFER, CLOSES[2])]);
		settle();
		assert_eq!(settlement(oil), CLOSES[2]);
		assert_eq!(cash(Ferdie).0, before - fee + gain(5, cents(-4_000), CLOSES[2]));
		assert_eq!(cash(Charlie).0, start.0 + gain(50, CLOSES[0], CLOSES[2]));
		assert_sound(issued);
		tell(
			"WTI, 20 April 2020",
			format!(
				"settled 18.27, −18.27 (limit), −37.63, 10.01; 50 lots lost {} to the unit; scan range at −37.63: {} a \
				lot; traded at −40.00",
				shown(Cash(-lost)),
				shown(Cash(scan / 50)),
			),
		);
	})
}

#[test]
fn a_long_that_the_fall_ruins_is_liquidated_below_zero_and_a_short_on_the_way_back() {
	exchange(|| {
		let issued = issuance();
		oil_traders([(Charlie, Bob, 200_000), (Dave, Alice, 20_000_000), (Ferdie, Eve, 620_000)]);
		let pool = pool_size();
		let oil = list(AI_INFER, BARRELS, CLOSES[0]);
		assert_ok!(trade(Charlie, Dave, oil, 10, CLOSES[0]));
		publish(&[(AI_INFER, CLOSES[1])]);
		// 365,400 dollars lost at −18.27, of 200,000. Nobody takes at mark what has no equity; the house has to.
		assert!(matches!(state(Charlie), AccountState::Liquidating { .. }));
		days_until(&[(AI_INFER, CLOSES[1])], || lots(Charlie, oil) == 0);
		assert_eq!((cash(Charlie), lots(Bob, oil)), (Cash::ZERO, 10));
		settle();
		publish(&[(AI_INFER, CLOSES[1])]);
		settle();
		assert_eq!(settlement(oil), CLOSES[1]);
		// Ferdie sells short at −37.63, and the price comes back to 10.01: 47.64 a barrel against 620,000 dollars for
		// 16 lots.
		assert_ok!(trade(Dave, Ferdie, oil, 16, CLOSES[1]));
		publish(&[(AI_INFER, cents(1_001 - 1_200))]);
		assert!(matches!(state(Ferdie), AccountState::Liquidating { .. }), "{:?}", view(Ferdie).margin);
		let (mark_now, had, equity) = (mark(oil).expect("a mark"), lots(Dave, oil), view(Ferdie).margin.equity);
		assert!(mark_now < Price::ZERO && equity > Cash::ZERO);
		assert_ok!(bid(Dave, Ferdie, Ppm::ONE));
		let taken = had - lots(Dave, oil);
		assert!(taken > 0, "the taker of a short is short by as much");
		block();
		assert!(!matches!(state(Ferdie), AccountState::Liquidating { .. }), "{:?}", view(Ferdie).margin);
		publish(&[(AI_INFER, CLOSES[2])]);
		settle();
		assert!(pool_size() >= pool);
		assert_sound(issued);
		tell(
			"WTI, 20 April 2020 (liquidations)",
			format!(
				"a long of 10 lots handed over at {}, a short of 16 cut by {taken} at {}",
				shown(Cash(cents(-1_827).0.into())),
				shown(Cash(mark_now.0.into())),
			),
		);
	})
}

/// All closes of March to May 2020, each settled on the real runtime; skipped where the file is not.
#[test]
fn three_months_of_oil_are_settled_to_the_unit() {
	let Some(file) = data("wti_cl_2020-03_05_daily.csv") else { return };
	let days = file.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
	let closes: Vec<(String, Price)> = days.map(|fields| (fields[0].to_string(), parsed(fields[4]))).collect();
	let from = closes.iter().position(|(day, _)| day == "2020-04-17").expect("the file has April");
	assert_eq!([closes[from].1, closes[from + 1].1, closes[from + 2].1], CLOSES);
	exchange(|| {
		let issued = issuance();
		for who in [Alice, Bob] {
			guarantor(who, dollars(5_000_000));
		}
		customer(Charlie, Bob, dollars(20_000_000));
		customer(Dave, Alice, dollars(20_000_000));
		postpone_settlement();
		publish(&[(AI_INFER, closes[0].1)]);
		let oil = list(AI_INFER, BARRELS, closes[0].1);
		assert_ok!(trade(Charlie, Dave, oil, 10, closes[0].1));
		let start = (cash(Charlie).0, cash(Dave).0);
		let mut lowest = closes[0].1;
		for (day, close) in &closes[1..] {
			publish(&[(AI_INFER, *close)]);
			settle();
			if settlement(oil) != *close {
				// The day's limit held it back.
				publish(&[(AI_INFER, *close)]);
				settle();
			}
			assert_eq!(settlement(oil), *close, "{day}");
			lowest = lowest.min(*close);
		}
		let moved = gain(10, closes[0].1, closes[closes.len() - 1].1);
		assert_eq!((cash(Charlie).0, cash(Dave).0), (start.0 + moved, start.1 - moved));
		assert_eq!(lowest, CLOSES[1]);
		assert_sound(issued);
		tell(
			"WTI, March to May 2020",
			format!("{} days settled; the short paid {} to the unit", closes.len(), shown(Cash(-moved))),
		);
	})
}
